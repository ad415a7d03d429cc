/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Into the guest and back. Called by ring.c with interrupts off and the VMCS
 * current; knows nothing but the array of sixteen general registers.
 *
 *	int lhv_vmx_enter_asm(u64 *regs, bool launched, u64 *host_rsp_seen)
 *
 * Answers 0 after a VM exit, 1 when VMLAUNCH or VMRESUME itself failed.
 */
#include <linux/linkage.h>
#include <asm/alternative.h>
#include <asm/asm.h>
#include <asm/nospec-branch.h>
#include <asm/segment.h>
#include <asm/unwind_hints.h>

#include "../guest-regs.inc"

#define VMCS_HOST_RSP	0x6c14

	.section .rodata
	.align 2
lhv_verw_selector:
	.word __KERNEL_DS
	.previous

	.text
SYM_FUNC_START(lhv_vmx_enter_asm)
	push	%rbp
	push	%r15
	push	%r14
	push	%r13
	push	%r12
	push	%rbx
	push	%rdi

	/* The stack is the same from entry to entry: one VMWRITE seldom. */
	cmp	%rsp, (%rdx)
	je	1f
	mov	%rsp, (%rdx)
	mov	$VMCS_HOST_RSP, %eax
	vmwrite	%rsp, %rax
1:
	/* Clear what the host left in the processor's buffers. */
	ALTERNATIVE "jmp 2f", "", LHV_CLEAR_BUFFERS
	verw	lhv_verw_selector(%rip)
2:
	testb	%sil, %sil
	mov	0x00(%rdi), %rax
	LHV_LOAD_GUEST_REGS
	UNWIND_HINT_SAVE
	jz	3f
	vmresume
	jmp	4f
3:
	vmlaunch
4:
	/* Still here: VMfail. The registers hold the guest's values. */
	mov	$1, %eax
	jmp	.Lout

SYM_INNER_LABEL_ALIGN(lhv_vmx_exit_point, SYM_L_GLOBAL)
	UNWIND_HINT_RESTORE
	ENDBR
	push	%rax
	mov	8(%rsp), %rax
	LHV_SAVE_GUEST_REGS
	pop	0x00(%rax)
	xor	%eax, %eax
.Lout:
	LHV_CLEAR_GUEST_REGS
	/* The return stack buffer holds the guest's calls: no RET before this. */
	FILL_RETURN_BUFFER %rcx, RSB_CLEAR_LOOPS, X86_FEATURE_RSB_VMEXIT,\
			   X86_FEATURE_RSB_VMEXIT_LITE
	add	$8, %rsp
	pop	%rbx
	pop	%r12
	pop	%r13
	pop	%r14
	pop	%r15
	pop	%rbp
	RET
SYM_FUNC_END(lhv_vmx_enter_asm)
