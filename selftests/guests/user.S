/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests that change rings by SYSCALL and SYSENTER, and use what the processor
 * keeps in MSRs for it: see user.c.
 */
#include "guest_asm.h"

.macro	SET_MSR index, high, low
	mov	$\index, %ecx
	mov	$\low, %eax
	mov	$\high, %edx
	wrmsr
.endm

/* STAR: kernel code 0x08; user code is 0x20 + 16, user stack 0x20 + 8. */
	GUEST	user_syscall, 64
	SET_MSR	0xc0000081, 0x00230008, 0
	SET_MSR	0xc0000082, 0, (user_entry - user_syscall + GUEST_CODE)
	SET_MSR	0xc0000084, 0, 0x200
	mov	$user_ring3 - user_syscall + GUEST_CODE, %ecx
	mov	$0x202, %r11d
	sysretq
user_ring3:
	mov	%cs, %r8d
	mov	%ss, %r9d
	mov	$0x1234, %ebx
	syscall
user_after:
	ud2
user_entry:
	/* In ring 0 again; RCX is the return address, R11 the flags. */
	mov	%cs, %r12d
	mov	%ss, %r13d
	pushf
	pop	%r14
	DONE
	.globl	user_syscall_after
	.set	user_syscall_after, user_after
	GUEST_END user_syscall

	GUEST	user_sysenter, 64
	SET_MSR	0x174, 0, SEL_CODE64
	SET_MSR	0x175, 0, (GUEST_STACK - 0x2000)
	SET_MSR	0x176, 0, (user_sysenter_entry - user_sysenter + GUEST_CODE)
	mov	$0x77, %ebx
	sysenter
	ud2
user_sysenter_entry:
	mov	%cs, %r12d
	mov	%rsp, %r13
	DONE
	GUEST_END user_sysenter

	GUEST	user_swapgs, 64
	SET_MSR	0xc0000101, 0x11, 0x1000
	SET_MSR	0xc0000102, 0x22, 0x2000
	STEP
	swapgs
	STEP
	mov	$0xc0000101, %ecx
	rdmsr
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, %r8
	mov	$0xc0000102, %ecx
	rdmsr
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, %r9
	swapgs
	DONE
	GUEST_END user_swapgs

	GUEST	user_fsgsbase, 64
	mov	%cr4, %rax
	bts	$16, %rax
	mov	%rax, %cr4
	mov	$0x123456789000, %rax
	wrfsbase %rax
	mov	$0x223456789000, %rax
	wrgsbase %rax
	STEP
	rdfsbase %r8
	rdgsbase %r9
	DONE
	GUEST_END user_fsgsbase

	GUEST	user_pkru, 64
	mov	%cr4, %rax
	bts	$22, %rax
	mov	%rax, %cr4
	xor	%ecx, %ecx
	xor	%edx, %edx
	mov	$0x55555554, %eax
	wrpkru
	STEP
	xor	%ecx, %ecx
	rdpkru
	mov	%eax, %r8d
	DONE
	GUEST_END user_pkru

	GUEST	user_host_state, 64
	SET_MSR	0xc0000103, 0, 0x5a5a
	SET_MSR	0xc0000082, 0, 0x1000
	SET_MSR	0xc0000081, 0x00230008, 0
	SET_MSR	0x176, 0, 0x2000
	SET_MSR	0xc0000102, 0, 0x3000
	mov	$0x4444, %eax
	mov	%rax, %db0
	std
	DONE
	GUEST_END user_host_state
