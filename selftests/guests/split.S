/* SPDX-License-Identifier: GPL-2.0 */
/* Guests of the split irqchip: see split.c. */
#include "guest_asm.h"

#define APIC		0xfee00000
#define APIC_EOI_MSR	0x80b
#define APIC_SPIV_MSR	0x80f
#define APIC_BASE_MSR	0x1b
#define LINT0		0x350
#define MASKED_EXTINT	0x10700
#define EXTINT		0x700

.macro	WAIT_COUNT vector, n
	mov	$20000000, %ecx
98:	cmpl	$\n, GUEST_COUNTS + 4 * \vector
	jae	99f
	pause
	loop	98b
99:
.endm

	GUEST	split_xapic, 64
	mov	$APIC, %ebp
	movl	$EOI_XAPIC, GUEST_TRAP + TRAP_EOI
	movl	$0x1ff, 0xf0(%rbp)
	sti
	STEP
	WAIT_COUNT 0x41, 1
	STEP
	WAIT_COUNT 0x42, 1
	DONE
	GUEST_END split_xapic

	GUEST	split_x2apic, 64
	mov	$APIC_BASE_MSR, %ecx
	rdmsr
	or	$0xc00, %eax
	wrmsr
	mov	$APIC_SPIV_MSR, %ecx
	mov	$0x1ff, %eax
	xor	%edx, %edx
	wrmsr
	movl	$EOI_X2APIC, GUEST_TRAP + TRAP_EOI
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
