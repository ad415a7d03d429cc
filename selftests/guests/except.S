/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests whose instructions fault, one after the other; the test knows each
 * exception and the length to skip: see except.c.
 */
#include "guest_asm.h"

	GUEST	except_plain64, 64
	xor	%ecx, %ecx
	div	%ecx
	ud2
	mov	$0x8000000000000000, %rax
	mov	(%rax), %rbx
	mov	%rbx, (%rax)
	int3
	mov	$0x50, %eax
	mov	%eax, %ds
	mov	$SEL_TSS + 8, %eax
	mov	%eax, %es
	mov	%cr0, %rax
	or	$8, %eax
	mov	%rax, %cr0
	movaps	%xmm0, %xmm1
	clts
	movaps	%xmm0, %xmm1
	int	$0x21
	DONE
	GUEST_END except_plain64

	GUEST	except_page64, 64
	mov	$0x40000000, %eax
	mov	(%rax), %ebx
	mov	%ebx, 0x123(%rax)
	mov	$0x40200000, %edx
	mov	(%rdx), %ebx
	mov	%ebx, (%rdx)
	mov	$0x40400000, %esi
	mov	(%rsi), %ebx
	mov	$except_page64_back - except_page64 + GUEST_CODE, %ebp
	mov	$0x40600000, %edi
	jmp	*%rdi
	.globl	except_page64_back
except_page64_back:
	DONE
	GUEST_END except_page64

	GUEST	except_page32, 32
	mov	$0x40000000, %eax
	mov	(%eax), %ebx
	mov	%ebx, 0x123(%eax)
	xor	%ecx, %ecx
	div	%ecx
	ud2
	mov	$0x50, %eax
	mov	%eax, %ds
	DONE
	GUEST_END except_page32

	GUEST	except_single_step, 64
	pushf
	orl	$0x100, (%rsp)
	popf
	nop
	nop
	pushf
	andl	$~0x100, (%rsp)
	popf
	nop
	DONE
	GUEST_END except_single_step

	GUEST	except_user64, 64
	push	$SEL_USER_DATA
	push	$GUEST_STACK - 0x8000
	push	$2
	push	$SEL_USER_CODE
	push	$except_user64_entry - except_user64 + GUEST_CODE
	iretq
except_user64_entry:
	hlt
	mov	%cr0, %rax
	mov	$0x40000000, %eax
	mov	(%rax), %ebx
	mov	%ebx, (%rax)
	ud2
	mov	$0x40200000, %eax
	mov	(%rax), %ebx
	cli
	mov	$0xc0000080, %ecx
	rdmsr
	.byte	0xcd, 3		/* not the short form, int3 */
	.globl	except_user64_cpuid
except_user64_cpuid:
	xor	%eax, %eax
	cpuid
	int3
	GUEST_END except_user64

	GUEST	except_real, 16
	/* Vectors 0 and 6 of the table at 0. */
	movw	$(except_real_de - except_real), 0
	movw	%cs, 2
	movw	$(except_real_ud - except_real), 24
	movw	%cs, 26
	movw	$(except_real_int - except_real), 0x80
	movw	%cs, 0x82
	mov	$0x1000, %sp
	xor	%cx, %cx
	xor	%ax, %ax
	xor	%dx, %dx
	div	%cx
	ud2
	int	$0x20
	DONE
except_real_de:
	mov	$1, %bl
	STEP
	mov	%sp, %bp
	addw	$2, (%bp)
	iret
except_real_ud:
	mov	$2, %bl
	STEP
	mov	%sp, %bp
	addw	$2, (%bp)
	iret
except_real_int:
	mov	$3, %bl
	STEP
	iret
	GUEST_END except_real

/* The #DF handler's stack is good; the stack of the #PF is not. */
	GUEST	except_double_fault, 64
	mov	$0x40001000, %esp
	ud2
	DONE
	GUEST_END except_double_fault
