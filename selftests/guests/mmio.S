/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests that touch device memory by every form that drivers use: see mmio.c.
 * RSI holds GUEST_MMIO throughout, RDI the guest's own data.
 */
#include "guest_asm.h"

.macro	SETUP
	mov	$GUEST_MMIO, %esi
	mov	$GUEST_DATA, %edi
.endm

	GUEST	mmio_stores, 64
	SETUP
	mov	$0x1122334455667788, %rax
	mov	%al, (%rsi)
	mov	%ah, (%rsi)
	mov	%ax, (%rsi)
	mov	%eax, (%rsi)
	mov	%rax, (%rsi)
	mov	%rax, %r8
	mov	%rax, %r15
	mov	%r8b, 0x10(%rsi)
	mov	%r15w, 0x10(%rsi)
	mov	%r8d, 0x1000(%rsi)
	mov	%r15, -8(%rsi)
	movb	$0x12, 0x123(%rsi)
	movw	$0x1234, (%rsi)
	movl	$0x12345678, (%rsi)
	movq	$-2, (%rsi)
	movabs	%eax, GUEST_MMIO + 0x40
	movabs	%al, GUEST_MMIO + 0x40
	mov	$2, %ecx
	mov	%eax, 0x20(%rsi, %rcx, 8)
	mov	%esi, %ebp
	mov	%eax, 4(%rbp)
	mov	%rsi, %r12
	mov	%eax, (%r12)
	mov	%rsi, %r13
	mov	%eax, (%r13)
	mov	%eax, (%r13, %rcx, 4)
	mov	%sil, (%rsi)
	DONE
	GUEST_END mmio_stores

	GUEST	mmio_loads, 64
	SETUP
	mov	$-1, %rax
	mov	$-1, %rbx
	mov	$-1, %rcx
	mov	$-1, %rdx
	mov	(%rsi), %al
	mov	(%rsi), %bh
	mov	(%rsi), %cx
	mov	(%rsi), %edx
	mov	(%rsi), %rbp
	mov	$-1, %r8
	mov	$-1, %r9
	mov	$-1, %r10
	mov	(%rsi), %r8b
	mov	(%rsi), %r9w
	mov	(%rsi), %r10d
	mov	(%rsi), %r11
	DONE
	GUEST_END mmio_loads

	GUEST	mmio_extensions, 64
	SETUP
	mov	$-1, %rax
	mov	$-1, %rcx
	movzbl	(%rsi), %eax
	mov	$-1, %rbx
	movzbw	(%rsi), %bx
	movzwl	(%rsi), %ecx
	movsbl	(%rsi), %edx
	movsbq	(%rsi), %rbp
	movswl	(%rsi), %r8d
	movswq	(%rsi), %r9
	movslq	(%rsi), %r10
	movzbl	(%rsi), %r11d
	DONE
	GUEST_END mmio_extensions

	GUEST	mmio_strings, 64
	SETUP
	mov	$GUEST_MMIO, %edi
	mov	$0x5a5a5a5a, %eax
	stosb
	stosl
	mov	$3, %ecx
	rep stosl
	/* RAM to device. */
	mov	$GUEST_DATA, %esi
	mov	$GUEST_MMIO + 0x100, %edi
	movsl
	mov	$2, %ecx
	rep movsl
	/* Device to RAM. */
	mov	$GUEST_MMIO + 0x200, %esi
	mov	$GUEST_DATA + 0x100, %edi
	mov	$2, %ecx
	rep movsl
	mov	$GUEST_MMIO + 0x300, %esi
	lodsl
	DONE
	GUEST_END mmio_strings

	GUEST	mmio_alu, 64
	SETUP
	mov	$0x0f, %eax
	or	%eax, (%rsi)
	and	%eax, (%rsi)
	xor	%eax, (%rsi)
	add	%eax, (%rsi)
	sub	%eax, (%rsi)
	orl	$0x100, (%rsi)
	andb	$0xf0, (%rsi)
	incl	(%rsi)
	notl	(%rsi)
	DONE
	GUEST_END mmio_alu

	GUEST	mmio_compares, 64
	SETUP
	xor	%ebx, %ebx
	cmpl	$0x1234, (%rsi)
	sete	%bl
	mov	$5, %eax
	cmp	%eax, (%rsi)
	setb	%bh
	testb	$0x80, (%rsi)
	setnz	%cl
	test	%eax, (%rsi)
	setz	%ch
	or	(%rsi), %eax
	DONE
	GUEST_END mmio_compares

	GUEST	mmio_exchanges, 64
	SETUP
	mov	$0x11111111, %eax
	xchg	%eax, (%rsi)
	mov	$0x22, %ebx
	xchg	%bl, (%rsi)
	DONE
	GUEST_END mmio_exchanges

/* The four bytes lie in two pages of device memory. */
	GUEST	mmio_two_pages, 64
	SETUP
	movl	$0x44332211, 0xffe(%rsi)
	mov	0xffe(%rsi), %eax
	DONE
	GUEST_END mmio_two_pages

	GUEST	mmio_wide, 64
	SETUP
	movdqa	(%rdi), %xmm0
	movdqu	%xmm0, (%rsi)
	movdqu	(%rsi), %xmm1
	movdqa	%xmm1, 0x10(%rdi)
	DONE
	GUEST_END mmio_wide

	GUEST	mmio_segment64, 64
	SETUP
	movl	$0x77, %gs:8
	mov	%fs:0xc, %eax
	DONE
	GUEST_END mmio_segment64

	GUEST	mmio_forms32, 32
	mov	$GUEST_MMIO, %esi
	mov	$0x11223344, %eax
	mov	%eax, GUEST_MMIO + 4
	mov	%al, GUEST_MMIO + 4
	mov	GUEST_MMIO + 4, %ax
	movw	$0x5678, 2(%esi)
	mov	$4, %ecx
	mov	%ah, (%esi, %ecx, 2)
	movzwl	(%esi), %ebx
	mov	%esi, %edi
	mov	$2, %ecx
	rep stosw
	DONE
	GUEST_END mmio_forms32

	GUEST	mmio_forms16, 16
	mov	$0x1234, %ax
	mov	%ax, 0x10
	mov	%al, 0x12
	mov	$0x20, %bx
	movb	$0x55, 1(%bx)
	mov	%cx, 2(%bx, %si)
	mov	0x30, %dx
	mov	0x34, %ecx
	DONE
	GUEST_END mmio_forms16
