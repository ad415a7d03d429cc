/* SPDX-License-Identifier: GPL-2.0 */
/* Guests of two vCPUs that interrupt each other in every way: see ipi.c. */
#include "apic_asm.h"

.macro	ICR high, low
	mov	$0x830, %ecx
	mov	$\high, %edx
	mov	$\low, %eax
	wrmsr
.endm

/* The receiver: says that it is ready, then takes what comes. */
	GUEST	ipi_receiver, 64
	X2APIC_ON
	sti
	lock incl GUEST_DATA
1:	pause
	cmpl	$0, GUEST_DATA + 4
	je	1b
	WAIT_COUNT 0x48, 1
	DONE
	.globl	ipi_receiver_halting
ipi_receiver_halting:
	X2APIC_ON
	lock incl GUEST_DATA
2:	sti
	hlt
	cli
	cmpl	$0, GUEST_DATA + 4
	je	2b
	DONE
/* The sender, x2APIC: to the id, to the logical id, to others, to all. */
	.globl	ipi_sender_x2apic
ipi_sender_x2apic:
	X2APIC_ON
	sti
1:	pause
	cmpl	$1, GUEST_DATA
	jne	1b
	ICR	1, 0x41
	WAIT_COUNT 0x41, 1
	ICR	2, 0x842
	WAIT_COUNT 0x42, 1
	ICR	0, 0xc0043
	WAIT_COUNT 0x43, 1
	ICR	0, 0x80044
	WAIT_COUNT 0x44, 2
	ICR	3, 0x845
	WAIT_COUNT 0x45, 2
	ICR	-1, 0x46
	WAIT_COUNT 0x46, 2
	/* Lowest priority: one of the two. */
	ICR	3, 0x947
	WAIT_COUNT 0x47, 1
	/* NMI. */
	ICR	1, 0x400
	WAIT_COUNT 2, 1
	mov	$20000, %ecx
1:	pause
	loop	1b
	movl	$1, GUEST_DATA + 4
	ICR	1, 0x48
	WAIT_COUNT 0x48, 1
	DONE
	GUEST_END ipi_receiver
