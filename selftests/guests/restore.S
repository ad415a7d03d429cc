/* SPDX-License-Identifier: GPL-2.0 */
/* A guest that uses a little of everything, to be moved: see restore.c. */
#include "apic_asm.h"

	GUEST	restore_busy, 64
	X2APIC_ON
	/* The timer, periodic. */
	mov	$0x83e, %ecx
	mov	$0xb, %eax
	wrmsr
	mov	$0x832, %ecx
	mov	$0x20041, %eax
	wrmsr
	mov	$0x838, %ecx
	mov	$400000, %eax
	wrmsr
	mov	$0xc0000102, %ecx
	mov	$0x12345678, %eax
	mov	$0x00000055, %edx
	wrmsr
	mov	$0x1111, %eax
	mov	%rax, %db1
	mov	$0x0badcafe12345678, %rax
	movq	%rax, %xmm3
	mov	$3, %eax
	mov	%rax, %cr8
	sti
	xor	%ebx, %ebx
1:	inc	%rbx
	mov	$0xc0000102, %ecx
	rdmsr
	cmp	$0x12345678, %eax
	jne	9f
	cmp	$0x55, %edx
	jne	9f
	mov	%db1, %rax
	cmp	$0x1111, %eax
	jne	9f
	mov	$0x0badcafe12345678, %rax
	movq	%xmm3, %rdx
	cmp	%rax, %rdx
	jne	9f
	mov	%cr8, %rax
	cmp	$3, %eax
	jne	9f
	STEP
	jmp	1b
9:	DONE
	GUEST_END restore_busy

/* A counter in RAM and one in a register stay equal over moves. */
	GUEST	restore_pic, 64
	xor	%ebx, %ebx
1:	inc	%ebx
	mov	%bl, %al
	out	%al, $0x21
	in	$0x21, %al
	cmp	%bl, %al
	jne	9f
	STEP
	jmp	1b
9:	DONE
	GUEST_END restore_pic
