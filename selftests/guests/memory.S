/* SPDX-License-Identifier: GPL-2.0 */
/* Guests that use memory while it changes under them: see memory.c. */
#include "guest_asm.h"

#define EXTRA	0x10000000	/* where memory.c puts slots of its own */

/* Writes one word to each of R8 pages from R9 on. */
	GUEST	memory_touch, 64
1:	movl	$0x1234, (%r9)
	add	$0x1000, %r9
	dec	%r8
	jnz	1b
	DONE
	GUEST_END memory_touch

/* The same, after each STEP, over and over; R10 pages at R11. */
	GUEST	memory_touch_again, 64
2:	mov	%r10, %r8
	mov	%r11, %r9
1:	incl	(%r9)
	add	$0x1000, %r9
	dec	%r8
	jnz	1b
	STEP
	jmp	2b
	GUEST_END memory_touch_again

	GUEST	memory_read_only, 64
	mov	$EXTRA, %esi
	mov	(%rsi), %eax
	movl	$0x55, 8(%rsi)
	mov	8(%rsi), %ebx
	DONE
	GUEST_END memory_read_only

	GUEST	memory_read_write, 64
	mov	$EXTRA, %esi
1:	mov	(%rsi), %eax
	mov	%eax, 4(%rsi)
	STEP
	jmp	1b
	GUEST_END memory_read_write

/* Counts in memory for ever, until the word beside it is not 0. */
	GUEST	memory_loop, 64
	mov	$EXTRA, %esi
1:	incq	8(%rsi)
	cmpl	$0, GUEST_DATA
	je	1b
	DONE
	GUEST_END memory_loop

/* Says what it reads, and how often it has, until the word at its data is not 0. */
	GUEST	memory_watch, 64
	mov	$EXTRA, %esi
1:	mov	(%rsi), %rax
	mov	%rax, GUEST_DATA + 8
	incq	GUEST_DATA + 16
	cmpl	$0, GUEST_DATA
	je	1b
	DONE
	GUEST_END memory_watch

	GUEST	memory_runs_off, 64
	mov	$GUEST_RAM - 4, %eax
	jmp	*%rax
	GUEST_END memory_runs_off

	GUEST	memory_jumps_into_mmio, 64
	mov	$GUEST_MMIO, %eax
	jmp	*%rax
	GUEST_END memory_jumps_into_mmio

/* An instruction whose bytes lie in two pages. */
	GUEST	memory_code_on_edge, 64
	mov	$GUEST_DATA + 0x0ffc, %eax
	jmp	*%rax
	GUEST_END memory_code_on_edge

/* Walks all of a large slot, 4 KiB apart, and sums up what is there. */
	GUEST	memory_sum, 64
	mov	$EXTRA, %esi
	xor	%eax, %eax
1:	add	(%rsi), %rax
	add	$0x1000, %rsi
	dec	%r8
	jnz	1b
	DONE
	GUEST_END memory_sum

/* A page table entry's accessed and dirty bits. */
	GUEST	memory_ad_bits, 64
	mov	$0x40000000, %esi
	mov	(%rsi), %eax
	STEP
	mov	%eax, (%rsi)
	STEP
	DONE
	GUEST_END memory_ad_bits
