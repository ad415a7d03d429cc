/* SPDX-License-Identifier: GPL-2.0 */
/* The guest that a VMM's calls start, pause, save and restore: see orders.c. */
#include "guest_asm.h"

#define APIC		0xfee00000
#define VECTOR		0x41
#define PERIODIC	0x20000
#define TSC_LAST	GUEST_DATA
#define TSC_WRONG	(GUEST_DATA + 8)
#define XMM_SEEN	(GUEST_DATA + 16)

/*
 * Sleeps in HLT until its timer's interrupt, tells a doorbell each time, and keeps a
 * count in a vector register. The TSC may not go back.
 */
	GUEST	orders_ticks, 64
	mov	$APIC, %ebp
	movl	$EOI_XAPIC, GUEST_TRAP + TRAP_EOI
	movl	$0x1ff, 0xf0(%rbp)
	movl	$PERIODIC | VECTOR, 0x320(%rbp)
	movl	$0xb, 0x3e0(%rbp)
	movl	$2000000, 0x380(%rbp)
	pxor	%xmm7, %xmm7
	mov	$1, %eax
	movq	%rax, %xmm6
	mov	$GUEST_MMIO, %edi
1:	sti
	hlt
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	cmp	TSC_LAST, %rax
	ja	2f
	incl	TSC_WRONG
2:	mov	%rax, TSC_LAST
	paddq	%xmm6, %xmm7
	movq	%xmm7, XMM_SEEN
	movl	$1, (%rdi)
	jmp	1b
	GUEST_END orders_ticks

/* A real-mode guest with the 8254's interrupts, as a BIOS has them. */
	GUEST	orders_bios, 16
	xor	%ax, %ax
	mov	%ax, %ds
	movw	$(orders_bios_tick - orders_bios), 0x50 * 4
	mov	%cs, 0x50 * 4 + 2
	.irp	pair, 0x2011, 0x2150, 0x2104, 0x2101, 0x21fe, 0x4334, 0x4000, 0x4010
	mov	$(\pair & 0xff), %al
	out	%al, $(\pair >> 8)
	.endr
1:	sti
	hlt
	cmpw	$5, 0x600
	jb	1b
	mov	$0xfe, %al
	out	%al, $0x64
	hlt
orders_bios_tick:
	push	%ax
	incw	0x600
	mov	$0x20, %al
	out	%al, $0x20
	pop	%ax
	iret
	GUEST_END orders_bios
