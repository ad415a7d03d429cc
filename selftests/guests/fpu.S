/* SPDX-License-Identifier: GPL-2.0 */
/* Guests that keep values in FPU and vector registers: see fpu.c. */
#include "guest_asm.h"

/* Loads XMM0-15, stops, and stores them for the test to compare. */
	GUEST	fpu_sse, 64
	mov	$GUEST_DATA, %esi
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movups	16 * \n(%rsi), %xmm\n
	.endr
	fninit
	fldpi
	fldln2
	ldmxcsr	0x400(%rsi)
	STEP
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movups	%xmm\n, 0x1000 + 16 * \n(%rsi)
	.endr
	fstpt	0x1100(%rsi)
	fstpt	0x1110(%rsi)
	stmxcsr	0x1120(%rsi)
	DONE
	GUEST_END fpu_sse

/* The same with YMM0-15. */
	GUEST	fpu_avx, 64
	mov	$GUEST_DATA, %esi
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vmovups	32 * \n(%rsi), %ymm\n
	.endr
	STEP
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vmovups	%ymm\n, 0x1000 + 32 * \n(%rsi)
	.endr
	DONE
	GUEST_END fpu_avx

/* And ZMM0-31 with the masks. */
	GUEST	fpu_avx512, 64
	mov	$GUEST_DATA, %esi
	.irp	n, 0, 1, 2, 15, 16, 17, 30, 31
	vmovups	64 * \n(%rsi), %zmm\n
	.endr
	mov	$0x5a5a, %eax
	kmovw	%eax, %k1
	mov	$0x1234, %eax
	kmovw	%eax, %k7
	STEP
	.irp	n, 0, 1, 2, 15, 16, 17, 30, 31
	vmovups	%zmm\n, 0x1000 + 64 * \n(%rsi)
	.endr
	kmovw	%k1, %r8d
	kmovw	%k7, %r9d
	DONE
	GUEST_END fpu_avx512

/* Adds in an XMM register and checks it against a GPR, for a while. */
	GUEST	fpu_loop, 64
	mov	$GUEST_DATA, %esi
	xor	%ebx, %ebx
	movq	(%rsi), %xmm5
	mov	(%rsi), %rax
	movq	%rax, %xmm6
1:	paddq	%xmm5, %xmm6
	add	(%rsi), %rax
	movq	%xmm6, %rdx
	cmp	%rax, %rdx
	jne	2f
	dec	%r8
	jnz	1b
	DONE
2:	mov	$1, %ebx
	DONE
	GUEST_END fpu_loop

	GUEST	fpu_xsave, 64
	mov	$GUEST_DATA, %esi
	mov	$-1, %eax
	mov	$-1, %edx
	xrstor	(%rsi)
	STEP
	mov	$-1, %eax
	mov	$-1, %edx
	xsave	0x1000(%rsi)
	DONE
	GUEST_END fpu_xsave

/* What the guest has for XCR0 and MXCSR before it sets anything. */
	GUEST	fpu_reset, 64
	stmxcsr	GUEST_DATA
	fnstcw	GUEST_DATA + 4
	xor	%ecx, %ecx
	xgetbv
	DONE
	GUEST_END fpu_reset

	GUEST	fpu_nm, 64
	mov	%cr0, %rax
	or	$8, %eax
	mov	%rax, %cr0
	fninit
	clts
	fninit
	mov	%cr4, %rax
	btr	$9, %rax
	mov	%rax, %cr4
	movaps	%xmm0, %xmm1
	DONE
	GUEST_END fpu_nm
