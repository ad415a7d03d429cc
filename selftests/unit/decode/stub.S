/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Load all registers, run one instruction, store all registers. native.c
 * copies this to low memory and puts an instruction in place of the NOPs; so
 * nothing here may depend on where it runs, and the state is reached by
 * absolute 32-bit addresses.
 */
#define __ASSEMBLY__
#include "stub.h"

.macro load_gprs
	.set offset, 0
	.irp reg, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, \
		  r8, r9, r10, r11, r12, r13, r14, r15
	mov	STUB_STATE + offset, %\reg
	.set offset, offset + 8
	.endr
.endm

.macro store_gprs
	.set offset, 0
	.irp reg, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, \
		  r8, r9, r10, r11, r12, r13, r14, r15
	mov	%\reg, STUB_STATE + offset
	.set offset, offset + 8
	.endr
.endm

.macro load_xmms
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movups	STUB_STATE + STUB_XMM + 16 * \n, %xmm\n
	.endr
.endm

.macro store_xmms
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movups	%xmm\n, STUB_STATE + STUB_XMM + 16 * \n
	.endr
.endm

	.section .rodata
	.globl	stub_start, stub_insn, stub_end
stub_start:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, STUB_STATE + STUB_HOST_RSP
	load_xmms
	push	STUB_STATE + STUB_RFLAGS
	popfq
	load_gprs
stub_insn:
	.fill	16, 1, 0x90
	store_gprs
	store_xmms
	/* MOV and MOVUPS leave the flags alone until here. */
	mov	STUB_STATE + STUB_HOST_RSP, %rsp
	pushfq
	pop	STUB_STATE + STUB_RFLAGS
	cld
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
stub_end:

	.section .note.GNU-stack, "", @progbits
