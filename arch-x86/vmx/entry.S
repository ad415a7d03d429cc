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
	ALTERNATIVE "jmp 2f", "", X86_FEATURE_CLEAR_CPU_BUF
	verw	lhv_verw_selector(%rip)
2:
	testb	%sil, %sil
	mov	0x00(%rdi), %rax
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
	pop	0x00(%rax)
	xor	%eax, %eax
.Lout:
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
