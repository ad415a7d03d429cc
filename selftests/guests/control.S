/* SPDX-License-Identifier: GPL-2.0 */
/* Guests that touch control, debug and model-specific registers: control.c. */
#include "guest_asm.h"

	GUEST	control_cr, 64
	/* Valid. */
	mov	%cr0, %rbx
	mov	%rbx, %rax
	xor	$0x10000, %eax
	mov	%rax, %cr0
	mov	%cr0, %r8
	mov	%rbx, %cr0
	mov	%cr4, %rbx
	mov	%rbx, %rax
	or	$0x80, %eax
	mov	%rax, %cr4
	mov	%cr4, %r9
	mov	%rbx, %cr4
	mov	%cr3, %r10
	mov	%r10, %cr3
	mov	$7, %eax
	mov	%rax, %cr8
	mov	%cr8, %r11
	xor	%eax, %eax
	mov	%rax, %cr8
	mov	%cr0, %rax
	or	$8, %eax
	mov	%rax, %cr0
	smsw	%r12d
	clts
	smsw	%r13d
	mov	$0xb, %eax
	lmsw	%ax
	smsw	%r14d
	clts
	mov	$0x12345, %eax
	mov	%rax, %cr2
	mov	%cr2, %r15
	STEP
	/* Each of these is #GP(0). */
	mov	%cr0, %rax
	btr	$31, %rax
	mov	%rax, %cr0
	mov	%cr0, %rax
	bts	$29, %rax
	btr	$30, %rax
	mov	%rax, %cr0
	mov	%cr4, %rax
	btr	$5, %rax
	mov	%rax, %cr4
	mov	%cr4, %rax
	bts	$31, %rax
	mov	%rax, %cr4
	DONE
	GUEST_END control_cr

/* Caching off and on again, as systems do that set their MTRRs up. */
	GUEST	control_cd, 64
	mov	%cr0, %rbx
	mov	%rbx, %rax
	bts	$30, %rax
	mov	%rax, %cr0
	mov	%cr0, %r8
	clts
	mov	%cr0, %r9
	mov	%rbx, %cr0
	mov	%cr0, %r10
	DONE
	GUEST_END control_cd

	GUEST	control_reserved, 64
	mov	%cr3, %rax
	bts	$60, %rax
	mov	%rax, %cr3
	mov	%cr0, %rax
	bts	$32, %rax
	mov	%rax, %cr0
	mov	$16, %eax
	mov	%rax, %cr8
	DONE
	GUEST_END control_reserved

	GUEST	control_mode_walk, 64
	/* Out of long mode and back, by way of 32-bit protected mode. */
	pushq	$SEL_CODE32
	pushq	$control_mode_32 - control_mode_walk + GUEST_CODE
	lretq
	.code32
control_mode_32:
	STEP
	mov	%cr0, %eax
	btr	$31, %eax
	mov	%eax, %cr0
	mov	$0xc0000080, %ecx
	rdmsr
	btr	$8, %eax
	wrmsr
	rdmsr
	mov	%eax, %ebx
	/* PAE paging without long mode. */
	mov	$GUEST_PAE, %eax
	mov	%eax, %cr3
	mov	%cr0, %eax
	bts	$31, %eax
	mov	%eax, %cr0
	STEP
	mov	%cr0, %eax
	btr	$31, %eax
	mov	%eax, %cr0
	mov	$GUEST_TOP, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx
	rdmsr
	bts	$8, %eax
	wrmsr
	mov	%cr0, %eax
	bts	$31, %eax
	mov	%eax, %cr0
	rdmsr
	ljmp	$SEL_CODE64, $control_mode_64 - control_mode_walk + GUEST_CODE
	.code64
control_mode_64:
	DONE
	GUEST_END control_mode_walk

/* Real mode to 64-bit mode as a boot loader does it, and back to real. */
	GUEST	control_from_real, 16
	xor	%ax, %ax
	mov	%ax, %ds
	lgdtl	%cs:(control_gdtr - control_from_real)
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	$SEL_CODE32, $control_real_32 - control_from_real + GUEST_CODE
	.code32
control_real_32:
	mov	$SEL_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$GUEST_STACK, %esp
	STEP
	mov	%cr4, %eax
	or	$0x20, %eax
	mov	%eax, %cr4
	mov	$GUEST_TOP, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx
	rdmsr
	bts	$8, %eax
	wrmsr
	mov	%cr0, %eax
	bts	$31, %eax
	mov	%eax, %cr0
	ljmp	$SEL_CODE64, $control_real_64 - control_from_real + GUEST_CODE
	.code64
control_real_64:
	mov	$0x123456789abcdef0, %rax
	STEP
	pushq	$SEL_CODE16
	pushq	$control_real_16 - control_from_real
	lretq
	.code16
control_real_16:
	mov	%cr0, %eax
	btr	$31, %eax
	btr	$0, %eax
	mov	%eax, %cr0
	ljmp	$GUEST_CODE >> 4, $control_real_back - control_from_real
control_real_back:
	xor	%ax, %ax
	mov	%ax, %ss
	mov	$0x1000, %sp
	mov	%cs, %bx
	DONE
	.balign 8
control_gdtr:
	.word	0x4f
	.long	GUEST_GDT
	GUEST_END control_from_real

	GUEST	control_xsetbv_off, 64
	xor	%ecx, %ecx
	mov	$1, %eax
	xor	%edx, %edx
	xsetbv
	xgetbv
	DONE
	GUEST_END control_xsetbv_off

	GUEST	control_xsetbv, 64
	xor	%ecx, %ecx
	xor	%edx, %edx
	mov	$3, %eax
	xsetbv
	xgetbv
	mov	%eax, %ebx
	mov	$1, %eax
	xsetbv
	STEP
	xor	%eax, %eax
	xsetbv
	mov	$2, %eax
	xsetbv
	mov	$5, %eax
	xsetbv
	mov	$3, %eax
	mov	$0x40000000, %edx
	xsetbv
	xor	%edx, %edx
	mov	$1, %ecx
	mov	$3, %eax
	xsetbv
	xor	%ecx, %ecx
	xgetbv
	DONE
	GUEST_END control_xsetbv

	GUEST	control_dr, 64
	mov	$0x1111, %eax
	mov	%rax, %db0
	mov	$0x2222, %eax
	mov	%rax, %db1
	mov	$0x3333, %eax
	mov	%rax, %db2
	mov	$0x4444, %eax
	mov	%rax, %db3
	mov	%db0, %r8
	mov	%db1, %r9
	mov	%db2, %r10
	mov	%db3, %r11
	mov	%db6, %r12
	mov	%db7, %r13
	mov	$0x700, %eax
	mov	%rax, %db7
	mov	%db7, %r14
	mov	$0x400, %eax
	mov	%rax, %db7
	STEP
	/* Upper halves of DR6 and DR7: #GP(0); DR4 with CR4.DE: #UD. */
	mov	$0x100000000, %rax
	mov	%rax, %db6
	mov	%rax, %db7
	mov	%cr4, %rax
	or	$8, %eax
	mov	%rax, %cr4
	mov	%db4, %rax
	DONE
	GUEST_END control_dr

/* A data breakpoint, and one on an instruction. */
	GUEST	control_breakpoint, 64
	mov	$GUEST_DATA, %eax
	mov	%rax, %db0
	mov	$0x000d0402, %eax
	mov	%rax, %db7
	movl	$1, GUEST_DATA
	nop
	mov	%db6, %rbx
	xor	%eax, %eax
	mov	%rax, %db6
	mov	$control_breakpoint_here - control_breakpoint + GUEST_CODE, %eax
	mov	%rax, %db0
	mov	$0x00000402, %eax
	mov	%rax, %db7
	.globl	control_breakpoint_here
control_breakpoint_here:
	nop
	/* Not left on: an emulated host may keep it for the next guest. */
	mov	$0x400, %eax
	mov	%rax, %db7
	DONE
	GUEST_END control_breakpoint

	GUEST	control_msr_unknown, 64
	mov	$0x5eadbeef, %ecx
	rdmsr
	wrmsr
	mov	$0x277, %ecx
	mov	$2, %eax
	xor	%edx, %edx
	wrmsr
	mov	$0x1b, %ecx
	mov	$1, %eax
	xor	%edx, %edx
	wrmsr
	DONE
	GUEST_END control_msr_unknown

	GUEST	control_msr_known, 64
	mov	$0xc0000081, %ecx
	mov	$0x11111111, %eax
	mov	$0x22222222, %edx
	wrmsr
	mov	$0xc0000102, %ecx
	mov	$0x33333333, %eax
	mov	$0x00007444, %edx
	wrmsr
	mov	$0x174, %ecx
	mov	$0x10, %eax
	xor	%edx, %edx
	wrmsr
	mov	$0x277, %ecx
	rdmsr
	mov	%eax, %esi
	mov	%edx, %edi
	mov	$0xc0000080, %ecx
	rdmsr
	mov	%eax, %ebx
	DONE
	GUEST_END control_msr_known

	GUEST	control_msr_storm, 64
	/* R8: state of a multiply-and-add generator; R9: how many. */
1:	imul	%r10, %r8
	add	$0x3039, %r8
	mov	%r8, %rax
	shr	$32, %rax
	mov	%eax, %ecx
	and	$0x1fff, %ecx
	test	$0x10000, %eax
	jz	2f
	or	$0xc0000000, %ecx
2:	test	$0x20000, %eax
	jz	2f
	and	$0xff, %ecx
	or	$0x4b564d00, %ecx
2:	mov	%r8, %rax
	mov	%r8, %rdx
	shr	$17, %rdx
	/* Not EFER.LME, which would end the guest at once. */
	cmp	$0xc0000080, %ecx
	je	3f
	.globl	control_msr_storm_write
control_msr_storm_write:
	wrmsr
3:	dec	%r9
	jnz	1b
	DONE
	GUEST_END control_msr_storm

	GUEST	control_plain, 64
	mov	$GUEST_DATA, %eax
	mov	(%rax), %ebx
	invlpg	(%rax)
	wbinvd
	pause
	mov	$0x1234, %eax
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, %r8
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, %r9
	DONE
	GUEST_END control_plain

	GUEST	control_tsc, 64
	mov	$0xc0000103, %ecx
	mov	$0x77, %eax
	xor	%edx, %edx
	wrmsr
	rdtscp
	mov	%ecx, %r8d
	/* TSC_ADJUST written by the guest moves its TSC by as much. */
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, %r9
	mov	$0x3b, %ecx
	xor	%eax, %eax
	mov	$0x100, %edx
	wrmsr
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, %r10
	mov	$0x10, %ecx
	xor	%eax, %eax
	mov	$0x4000, %edx
	wrmsr
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, %r11
	mov	$0x3b, %ecx
	rdmsr
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, %r12
	DONE
	GUEST_END control_tsc

	GUEST	control_vmx, 64
	vmcall
	mov	%rax, %rbx
	DONE
	GUEST_END control_vmx

	GUEST	control_vmmcall, 64
	vmmcall
	mov	%rax, %rbx
	DONE
	GUEST_END control_vmmcall

	GUEST	control_no_nesting, 64
	vmxoff
	vmload
	DONE
	GUEST_END control_no_nesting
