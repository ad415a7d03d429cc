/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entry stubs for every vector, 64-bit and 32-bit, which guests load at
 * GUEST_LIB.  Exceptions are recorded and reported by PORT_TRAP, and return to
 * the recorded RIP when the test lets them; NMI and interrupts are counted.
 */
#include "guest_asm.h"

/* Vectors that push an error code: 8, 10 to 14, 17, 21, 29, 30. */
#define HAS_ERROR_CODE	0x60227d00

	GUEST	guest_lib64, 64
	.set	vec, 0
	.rept	256
	.balign	16
	.if	vec < 32 && vec != 2
	.if	!((HAS_ERROR_CODE >> vec) & 1)
	push	$0
	.endif
	push	$vec
	jmp	exception64
	.else
	push	$vec
	jmp	interrupt64
	.endif
	.set	vec, vec + 1
	.endr

/* Stack: vector, error, rip, cs, rflags, rsp, ss; above them, here, rax. */
exception64:
	push	%rax
	mov	8(%rsp), %rax
	mov	%rax, GUEST_TRAP + TRAP_VECTOR
	mov	16(%rsp), %rax
	mov	%rax, GUEST_TRAP + TRAP_ERROR
	mov	24(%rsp), %rax
	mov	%rax, GUEST_TRAP + TRAP_RIP
	mov	32(%rsp), %rax
	mov	%rax, GUEST_TRAP + TRAP_CS
	mov	40(%rsp), %rax
	mov	%rax, GUEST_TRAP + TRAP_RFLAGS
	mov	%cr2, %rax
	mov	%rax, GUEST_TRAP + TRAP_CR2
	out	%al, $PORT_TRAP
	mov	GUEST_TRAP + TRAP_RIP, %rax
	mov	%rax, 24(%rsp)
	pop	%rax
	add	$16, %rsp
	iretq

interrupt64:
	push	%rax
	push	%rcx
	push	%rdx
	mov	24(%rsp), %rax
	lock incl GUEST_COUNTS(, %rax, 4)
	cmp	$32, %eax
	jb	2f
	mov	GUEST_TRAP + TRAP_EOI, %ecx
	cmp	$EOI_XAPIC, %ecx
	jne	1f
	mov	$0xfee000b0, %ecx
	movl	$0, (%rcx)
	jmp	2f
1:	cmp	$EOI_X2APIC, %ecx
	jne	1f
	mov	$0x80b, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
	jmp	2f
1:	cmp	$EOI_PIC, %ecx
	jne	2f
	mov	$0x20, %al
	out	%al, $0xa0
	out	%al, $0x20
2:	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$8, %rsp
	iretq
	GUEST_END guest_lib64

	GUEST	guest_lib32, 32
	.set	vec, 0
	.rept	256
	.balign	16
	.if	vec < 32 && vec != 2
	.if	!((HAS_ERROR_CODE >> vec) & 1)
	push	$0
	.endif
	push	$vec
	jmp	exception32
	.else
	push	$vec
	jmp	interrupt32
	.endif
	.set	vec, vec + 1
	.endr

/* Stack: vector, error, eip, cs, eflags; above them, here, eax. */
exception32:
	push	%eax
	mov	4(%esp), %eax
	mov	%eax, GUEST_TRAP + TRAP_VECTOR
	mov	8(%esp), %eax
	mov	%eax, GUEST_TRAP + TRAP_ERROR
	mov	12(%esp), %eax
	mov	%eax, GUEST_TRAP + TRAP_RIP
	mov	16(%esp), %eax
	mov	%eax, GUEST_TRAP + TRAP_CS
	mov	20(%esp), %eax
	mov	%eax, GUEST_TRAP + TRAP_RFLAGS
	mov	%cr2, %eax
	mov	%eax, GUEST_TRAP + TRAP_CR2
	out	%al, $PORT_TRAP
	mov	GUEST_TRAP + TRAP_RIP, %eax
	mov	%eax, 12(%esp)
	pop	%eax
	add	$8, %esp
	iret

interrupt32:
	push	%eax
	mov	4(%esp), %eax
	lock incl GUEST_COUNTS(, %eax, 4)
	pop	%eax
	add	$4, %esp
	iret
	GUEST_END guest_lib32
