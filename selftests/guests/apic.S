/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests that use the local APIC by MMIO and by MSR: see apic.c.
 */
#include "apic_asm.h"

	GUEST	apic_xapic_regs, 64
	XAPIC_ON
	mov	0x20(%rbp), %r8d
	mov	0x30(%rbp), %r9d
	mov	0xf0(%rbp), %r10d
	movl	$0x30, 0x80(%rbp)
	mov	0x80(%rbp), %r11d
	mov	%cr8, %r12
	mov	0xa0(%rbp), %r13d
	movl	$0, 0x80(%rbp)
	movl	$0x02000000, 0xd0(%rbp)
	mov	0xd0(%rbp), %r14d
	movl	$0x10040, 0x320(%rbp)
	mov	0x320(%rbp), %r15d
	mov	0x300(%rbp), %esi
	DONE
	GUEST_END apic_xapic_regs

	GUEST	apic_x2apic_regs, 64
	X2APIC_ON
	mov	$0x802, %ecx
	rdmsr
	mov	%eax, %r8d
	mov	$0x803, %ecx
	rdmsr
	mov	%eax, %r9d
	mov	$0x80d, %ecx
	rdmsr
	mov	%eax, %r10d
	X2APIC_WRITE 0x808, 0x30
	mov	%cr8, %r11
	mov	$5, %eax
	mov	%rax, %cr8
	mov	$0x808, %ecx
	rdmsr
	mov	%eax, %r12d
	xor	%eax, %eax
	mov	%rax, %cr8
	STEP
	/* Each of these is #GP(0). */
	mov	$0x802, %ecx
	wrmsr
	mov	$0x80e, %ecx
	rdmsr
	mov	$0x80b, %ecx
	rdmsr
	DONE
	GUEST_END apic_x2apic_regs

	GUEST	apic_self_ipi_xapic, 64
	XAPIC_ON
	sti
	movl	$0, 0x310(%rbp)
	movl	$0x40041, 0x300(%rbp)
	WAIT_COUNT 0x41, 1
	/* By physical address, edge, to id 0. */
	movl	$0x00042, 0x300(%rbp)
	WAIT_COUNT 0x42, 1
	DONE
	GUEST_END apic_self_ipi_xapic

	GUEST	apic_self_ipi_x2apic, 64
	X2APIC_ON
	sti
	X2APIC_WRITE 0x83f, 0x41
	WAIT_COUNT 0x41, 1
	X2APIC_WRITE 0x830, 0x40042
	WAIT_COUNT 0x42, 1
	DONE
	GUEST_END apic_self_ipi_x2apic

/* Priorities: the TPR holds 0x41 off, not 0x81; PPR follows the ISR. */
	GUEST	apic_priority, 64
	X2APIC_ON
	X2APIC_WRITE 0x808, 0x50
	sti
	X2APIC_WRITE 0x83f, 0x41
	nop
	mov	GUEST_COUNTS + 4 * 0x41, %r8d
	X2APIC_WRITE 0x83f, 0x81
	WAIT_COUNT 0x81, 1
	mov	$0x822, %ecx
	rdmsr
	mov	%eax, %r9d
	xor	%eax, %eax
	mov	%rax, %cr8
	WAIT_COUNT 0x41, 1
	DONE
	GUEST_END apic_priority

	GUEST	apic_timer_oneshot, 64
	X2APIC_ON
	X2APIC_WRITE 0x83e, 0xb
	X2APIC_WRITE 0x832, 0x41
	X2APIC_WRITE 0x838, 20000
	sti
	WAIT_COUNT 0x41, 1
	mov	$0x839, %ecx
	rdmsr
	mov	%eax, %r8d
	mov	$200000, %ecx
1:	pause
	loop	1b
	DONE
	GUEST_END apic_timer_oneshot

	GUEST	apic_timer_periodic, 64
	X2APIC_ON
	X2APIC_WRITE 0x83e, 0xb
	X2APIC_WRITE 0x832, 0x20041
	X2APIC_WRITE 0x838, 300000
	sti
	WAIT_COUNT 0x41, 5
	/* Masked, it stops. */
	X2APIC_WRITE 0x832, 0x30041
	mov	GUEST_COUNTS + 4 * 0x41, %r8d
	mov	$200000, %ecx
1:	pause
	loop	1b
	DONE
	GUEST_END apic_timer_periodic

	GUEST	apic_timer_deadline, 64
	X2APIC_ON
	X2APIC_WRITE 0x832, 0x40041
	mfence
	sti
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, %r8
	add	$2000000, %rax
	mov	%rax, %r9
	mov	%rax, %rdx
	shr	$32, %rdx
	mov	$0x6e0, %ecx
	wrmsr
	WAIT_COUNT 0x41, 1
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, %r10
	mov	$0x6e0, %ecx
	rdmsr
	mov	%eax, %r11d
	/* One that has passed fires at once. */
	mov	%r8, %rax
	mov	%r8, %rdx
	shr	$32, %rdx
	wrmsr
	WAIT_COUNT 0x41, 2
	DONE
	GUEST_END apic_timer_deadline

	GUEST	apic_timer_hlt, 64
	X2APIC_ON
	X2APIC_WRITE 0x83e, 0xb
	X2APIC_WRITE 0x832, 0x41
	X2APIC_WRITE 0x838, 100000
	sti
	hlt
	mov	GUEST_COUNTS + 4 * 0x41, %eax
	DONE
	GUEST_END apic_timer_hlt

	GUEST	apic_wait, 64
	X2APIC_ON
	sti
	STEP
	WAIT_COUNT 0x41, 1
	DONE
	GUEST_END apic_wait

	GUEST	apic_wait_hlt, 64
	X2APIC_ON
	STEP
	sti
	hlt
	DONE
	GUEST_END apic_wait_hlt

/* The first vCPU starts the second by INIT and SIPI, then they talk. */
	GUEST	apic_boot, 64
	X2APIC_ON
	mov	$0x830, %ecx
	mov	$1, %edx
	mov	$0x4500, %eax
	wrmsr
	mov	$0x4690, %eax
	wrmsr
	wrmsr
	mov	$100000000, %ecx
1:	cmpl	$1, GUEST_DATA
	je	2f
	pause
	loop	1b
2:	sti
	movl	$2, GUEST_DATA
	WAIT_COUNT 0x55, 1
	DONE
	GUEST_END apic_boot

/* Copied to GUEST_AP_BOOT: real mode, CS:IP 9000:0. */
	GUEST	apic_boot_ap, 16
	mov	%cs, %cx
	lgdtl	%cs:(apic_ap_gdtr - apic_boot_ap)
	mov	%cr0, %eax
	and	$0x9fffffff, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	$SEL_CODE32, $apic_ap_32 - apic_boot_ap + GUEST_AP_BOOT
	.code32
apic_ap_32:
	mov	$SEL_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %ss
	mov	%cr4, %eax
	or	$0x20, %eax
	mov	%eax, %cr4
	mov	$GUEST_TOP, %eax
	mov	%eax, %cr3
	movzwl	%cx, %ebx
	mov	$0xc0000080, %ecx
	rdmsr
	bts	$8, %eax
	wrmsr
	mov	%cr0, %eax
	bts	$31, %eax
	mov	%eax, %cr0
	ljmp	$SEL_CODE64, $apic_ap_64 - apic_boot_ap + GUEST_AP_BOOT
	.code64
apic_ap_64:
	mov	$GUEST_STACK - 0x10000, %esp
	mov	$0x1b, %ecx
	rdmsr
	mov	%eax, GUEST_DATA + 8
	or	$0xc00, %eax
	wrmsr
	X2APIC_WRITE 0x80f, 0x1ff
	mov	%ebx, GUEST_DATA + 4
	movl	$1, GUEST_DATA
1:	pause
	cmpl	$2, GUEST_DATA
	jne	1b
	mov	$0x830, %ecx
	xor	%edx, %edx
	mov	$0x55, %eax
	wrmsr
2:	hlt
	jmp	2b
	.balign 8
apic_ap_gdtr:
	.word	0x4f
	.long	GUEST_GDT
	GUEST_END apic_boot_ap

/* An interrupt that waits for STI, and a task priority written meanwhile. */
	GUEST	apic_cr8_while_waiting, 64
	XAPIC_ON
	cli
	movl	$0x40041, 0x300(%rbp)
	mov	%cr8, %rax
	mov	%rax, %cr8
	mov	$5, %eax
	mov	%rax, %cr8
	sti
	nop
	cli
	mov	GUEST_COUNTS + 4 * 0x41, %r8d
	xor	%eax, %eax
	mov	%rax, %cr8
	mov	GUEST_COUNTS + 4 * 0x41, %r9d
	sti
	WAIT_COUNT 0x41, 1
	DONE
	GUEST_END apic_cr8_while_waiting
