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

	.section .rodata
	.align 2
lhv_svm_verw_selector:
	.word __KERNEL_DS
	.previous

/* The kernel's macros for these two reach symbols that some kernels keep. */
.macro LHV_UNTRAIN_RET
#if defined(CONFIG_CPU_UNRET_ENTRY) || defined(CONFIG_MITIGATION_UNRET_ENTRY)
	ALTERNATIVE "", "call entry_untrain_ret", X86_FEATURE_UNRET
#endif
.endm

.macro LHV_IBPB_AFTER_EXIT
#ifdef X86_FEATURE_IBPB_ON_VMEXIT
	ALTERNATIVE "jmp .Lno_ibpb\@", "", X86_FEATURE_IBPB_ON_VMEXIT
	mov	$MSR_IA32_PRED_CMD, %ecx
	mov	$PRED_CMD_IBPB, %eax
	xor	%edx, %edx
	wrmsr
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
	ALTERNATIVE "jmp 1f", "", X86_FEATURE_CLEAR_CPU_BUF
	verw	lhv_svm_verw_selector(%rip)
1:
	mov	0x08(%rdi), %rcx
	mov	0x10(%rdi), %rdx
	mov	0x18(%rdi), %rbx
	mov	0x28(%rdi), %rbp
	mov	0x30(%rdi), %rsi
	mov	0x40(%rdi), %r8
	mov	0x48(%rdi), %r9
	mov	0x50(%rdi), %r10
	mov	0x58(%rdi), %r11
	mov	0x60(%rdi), %r12
	mov	0x68(%rdi), %r13
	mov	0x70(%rdi), %r14
	mov	0x78(%rdi), %r15
	mov	0x38(%rdi), %rdi
	vmrun	%rax
	/* RAX is the VMCB's address again, RSP is the host's. */
	cli
	vmsave	%rax
	mov	(%rsp), %rax
	mov	%rcx, 0x08(%rax)
	mov	%rdx, 0x10(%rax)
	mov	%rbx, 0x18(%rax)
	mov	%rbp, 0x28(%rax)
	mov	%rsi, 0x30(%rax)
	mov	%rdi, 0x38(%rax)
	mov	%r8,  0x40(%rax)
	mov	%r9,  0x48(%rax)
	mov	%r10, 0x50(%rax)
	mov	%r11, 0x58(%rax)
	mov	%r12, 0x60(%rax)
	mov	%r13, 0x68(%rax)
	mov	%r14, 0x70(%rax)
	mov	%r15, 0x78(%rax)
	mov	8(%rsp), %rax
	vmload	%rax
	/* No value of the guest's stays for speculation to use. */
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%ebx, %ebx
	xor	%ebp, %ebp
	xor	%esi, %esi
	xor	%edi, %edi
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d
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
