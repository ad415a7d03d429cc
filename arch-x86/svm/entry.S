/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Into the guest and back. Called by ring.c with interrupts off; knows nothing
 * but the array of sixteen general registers and two physical addresses.
 *
 *	void lhv_svm_enter_asm(u64 *regs, u64 vmcb_pa, u64 host_pa)
 *
 * GIF is clear from before VMLOAD until the host's state is back: between, GS,
 * TR and the rest of what VMLOAD switches are the guest's, and no NMI and no
 * machine check may come. Interrupts are open meanwhile as far as IF goes, or
 * none would end the guest (APM, "Virtualizing INTR Interrupts").
 *
 * RAX and RSP of the guest are in the VMCB.
 */
#include <linux/linkage.h>
#include <asm/alternative.h>
#include <asm/asm.h>
#include <asm/msr-index.h>
#include <asm/nospec-branch.h>
#include <asm/segment.h>

#include "../guest-regs.inc"

	.section .rodata
	.align 2
lhv_svm_verw_selector:
	.word __KERNEL_DS
	.previous

/* The kernel's macros for these two reach symbols that some kernels keep. */
.macro LHV_UNTRAIN_RET
#if defined(CONFIG_CPU_UNRET_ENTRY) || defined(CONFIG_MITIGATION_UNRET_ENTRY) || \
	defined(CONFIG_CPU_SRSO) || defined(CONFIG_MITIGATION_SRSO)
#ifdef X86_FEATURE_SRSO_ALIAS
	ALTERNATIVE_2 "", "call entry_untrain_ret", X86_FEATURE_UNRET, \
		      "call srso_alias_untrain_ret", X86_FEATURE_SRSO_ALIAS
#else
	ALTERNATIVE "", "call entry_untrain_ret", X86_FEATURE_UNRET
#endif
#endif
.endm

.macro LHV_IBPB_AFTER_EXIT
#ifdef X86_FEATURE_IBPB_ON_VMEXIT
	ALTERNATIVE "jmp .Lno_ibpb\@", "", X86_FEATURE_IBPB_ON_VMEXIT
	mov	$MSR_IA32_PRED_CMD, %ecx
	mov	$PRED_CMD_IBPB, %eax
	xor	%edx, %edx
	wrmsr
#ifdef X86_BUG_IBPB_NO_RET
	FILL_RETURN_BUFFER %rax, RSB_CLEAR_LOOPS, X86_BUG_IBPB_NO_RET
#endif
.Lno_ibpb\@:
#endif
.endm

	.text
SYM_FUNC_START(lhv_svm_enter_asm)
	push	%rbp
	push	%r15
	push	%r14
	push	%r13
	push	%r12
	push	%rbx
	push	%rdx
	push	%rdi

	clgi
	sti
	mov	%rsi, %rax
	vmload	%rax

	/* Clear what the host left in the processor's buffers. */
	ALTERNATIVE "jmp 1f", "", LHV_CLEAR_BUFFERS
	verw	lhv_svm_verw_selector(%rip)
1:
	LHV_LOAD_GUEST_REGS
	vmrun	%rax
	/* RAX is the VMCB's address again, RSP is the host's. */
	cli
	vmsave	%rax
	mov	(%rsp), %rax
	LHV_SAVE_GUEST_REGS
	mov	8(%rsp), %rax
	vmload	%rax
	LHV_CLEAR_GUEST_REGS
	/* The guest has trained the predictors of returns: no RET before this. */
	FILL_RETURN_BUFFER %rax, RSB_CLEAR_LOOPS, X86_FEATURE_RSB_VMEXIT
	LHV_UNTRAIN_RET
	LHV_IBPB_AFTER_EXIT
	stgi
	add	$16, %rsp
	pop	%rbx
	pop	%r12
	pop	%r13
	pop	%r14
	pop	%r15
	pop	%rbp
	RET
SYM_FUNC_END(lhv_svm_enter_asm)
