/* SPDX-License-Identifier: GPL-2.0 */
/* Guests that end in each of the plain exits, in every mode: see basic.c. */
#include "guest_asm.h"

	GUEST	basic_ports16, 16
	mov	$0x11, %al
	out	%al, $0x20
	mov	$0x2222, %ax
	mov	$0x3f8, %dx
	out	%ax, %dx
	mov	$0x44444444, %eax
	out	%eax, %dx
	in	$0x21, %al
	mov	%al, %bl
	in	%dx, %ax
	mov	%ax, %cx
	in	%dx, %eax
	hlt
	GUEST_END basic_ports16

	GUEST	basic_ports32, 32
	mov	$0x11, %al
	out	%al, $0x20
	mov	$0x2222, %ax
	mov	$0x3f8, %edx
	out	%ax, %dx
	mov	$0x44444444, %eax
	out	%eax, %dx
	in	$0x21, %al
	mov	%al, %bl
	in	%dx, %ax
	mov	%ax, %cx
	in	%dx, %eax
	hlt
	GUEST_END basic_ports32

	GUEST	basic_ports64, 64
	mov	$0x11, %al
	out	%al, $0x20
	mov	$0x2222, %ax
	mov	$0x3f8, %edx
	out	%ax, %dx
	mov	$0x44444444, %eax
	out	%eax, %dx
	in	$0x21, %al
	mov	%al, %bl
	in	%dx, %ax
	mov	%ax, %cx
	mov	$-1, %rax
	in	%dx, %eax
	hlt
	GUEST_END basic_ports64

	GUEST	basic_mmio16, 16
	addr32 movb $0x11, GUEST_MMIO
	hlt
	GUEST_END basic_mmio16

	GUEST	basic_mmio32, 32
	movb	$0x11, GUEST_MMIO + 1
	movw	$0x2222, GUEST_MMIO + 2
	movl	$0x44444444, GUEST_MMIO + 4
	movzbl	GUEST_MMIO, %ebx
	mov	GUEST_MMIO + 2, %cx
	mov	GUEST_MMIO + 4, %edx
	hlt
	GUEST_END basic_mmio32

	GUEST	basic_mmio64, 64
	mov	$GUEST_MMIO, %esi
	movb	$0x11, 1(%rsi)
	movw	$0x2222, 2(%rsi)
	movl	$0x44444444, 4(%rsi)
	mov	$0x8888888877777777, %rax
	mov	%rax, 8(%rsi)
	movzbl	(%rsi), %ebx
	mov	2(%rsi), %cx
	mov	$-1, %rdx
	mov	4(%rsi), %edx
	mov	8(%rsi), %rdi
	hlt
	GUEST_END basic_mmio64

	GUEST	basic_cpuid, 64
	mov	$0x40000000, %eax
	xor	%ecx, %ecx
	cpuid
	hlt
	GUEST_END basic_cpuid

	GUEST	basic_triple_fault, 64
	push	$0
	push	$0
	lidt	(%rsp)
	ud2
	GUEST_END basic_triple_fault

	GUEST	basic_ud, 64
	ud2
	mov	$0x1234, %eax
	DONE
	GUEST_END basic_ud

	GUEST	basic_stack_pointer, 64
	mov	$0x12345670, %esp
	stc
	STEP
	mov	%rsp, %r8
	DONE
	GUEST_END basic_stack_pointer
