/* SPDX-License-Identifier: GPL-2.0 */
/* Guests of the split irqchip: see split.c. */
#include "apic_asm.h"

#define LINT0		0x350
#define MASKED_EXTINT	0x10700
#define EXTINT		0x700

	GUEST	split_xapic, 64
	XAPIC_ON
	sti
	STEP
	WAIT_COUNT 0x41, 1
	STEP
	WAIT_COUNT 0x42, 1
	DONE
	GUEST_END split_xapic

	GUEST	split_x2apic, 64
	X2APIC_ON
	sti
	STEP
	WAIT_COUNT 0x41, 1
	STEP
	WAIT_COUNT 0x42, 1
	DONE
	GUEST_END split_x2apic

/* Interrupts off, then on with LINT0 masked, then with LINT0 open. */
	GUEST	split_pic, 64
	mov	$APIC, %ebp
	movl	$0x1ff, 0xf0(%rbp)
	movl	$MASKED_EXTINT, LINT0(%rbp)
	STEP
	sti
	nop
	STEP
	movl	$EXTINT, LINT0(%rbp)
	nop
	STEP
	cli
	DONE
	GUEST_END split_pic

	GUEST	split_hlt, 64
	mov	$APIC, %ebp
	movl	$0x1ff, 0xf0(%rbp)
	movl	$EXTINT, LINT0(%rbp)
	STEP
	sti
	hlt
	DONE
	GUEST_END split_hlt
