/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Macros for guests that take interrupts by their local APIC, which is turned on
 * by MMIO or by MSR; lib.S then ends each interrupt in the same way.
 */
#ifndef SELFTESTS_GUESTS_APIC_ASM_H
#define SELFTESTS_GUESTS_APIC_ASM_H

#include "guest_asm.h"

#define APIC	0xfee00000

/* Leaves the address of the registers in rbp. */
.macro	XAPIC_ON
	mov	$APIC, %ebp
	movl	$EOI_XAPIC, GUEST_TRAP + TRAP_EOI
	movl	$0x1ff, 0xf0(%rbp)
.endm

.macro	X2APIC_WRITE msr, value
	mov	$\msr, %ecx
	mov	$\value, %eax
	xor	%edx, %edx
	wrmsr
.endm

.macro	X2APIC_ON
	mov	$0x1b, %ecx
	rdmsr
	or	$0xc00, %eax
	wrmsr
	movl	$EOI_X2APIC, GUEST_TRAP + TRAP_EOI
	X2APIC_WRITE 0x80f, 0x1ff
.endm

/* Waits, for a while only, until the count of a vector is this or more. */
.macro	WAIT_COUNT vector, n
	mov	$20000000, %ecx
98:	cmpl	$\n, GUEST_COUNTS + 4 * \vector
	jae	99f
	pause
	loop	98b
99:
.endm

#endif
