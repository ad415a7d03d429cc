/* SPDX-License-Identifier: GPL-2.0 */
/* Guests of the IOAPIC, the 8259 pair and the 8254: see chips.c. */
#include "apic_asm.h"

#define IOAPIC	0xfec00000

.macro	IOAPIC_WRITE reg, value
	movl	$\reg, (%rbx)
	movl	$\value, 0x10(%rbx)
.endm

.macro	IOAPIC_READ reg, to
	movl	$\reg, (%rbx)
	mov	0x10(%rbx), \to
.endm

.macro	OUTB port, value
	mov	$\value, %al
	out	%al, $\port
.endm

	GUEST	chips_ioapic_regs, 64
	mov	$IOAPIC, %ebx
	IOAPIC_READ 1, %r8d
	IOAPIC_READ 0, %r9d
	IOAPIC_WRITE 0, 0x03000000
	IOAPIC_READ 0, %r10d
	IOAPIC_WRITE 0x20, 0x0000a941
	IOAPIC_WRITE 0x21, 0x55000000
	IOAPIC_READ 0x20, %r11d
	IOAPIC_READ 0x21, %r12d
	IOAPIC_READ 0x3e, %r13d
	movl	$0x21, (%rbx)
	mov	(%rbx), %r14d
	DONE
	GUEST_END chips_ioapic_regs

/* Pin 10, edge. */
	GUEST	chips_ioapic_edge, 64
	XAPIC_ON
	mov	$IOAPIC, %ebx
	IOAPIC_WRITE 0x25, 0
	IOAPIC_WRITE 0x24, 0x41
	sti
	STEP
	WAIT_COUNT 0x41, 1
	STEP
	WAIT_COUNT 0x41, 2
	DONE
	GUEST_END chips_ioapic_edge

/*
 * Pin 10, level: comes again after each EOI while the line is high.  The
 * handler lowers the line by a port write when it has come three times.
 */
	GUEST	chips_ioapic_level, 64
	XAPIC_ON
	mov	$IOAPIC, %ebx
	IOAPIC_WRITE 0x25, 0
	IOAPIC_WRITE 0x24, 0x8041
	sti
	STEP
	WAIT_COUNT 0x41, 3
	DONE
	.globl	chips_level_handler
chips_level_handler:
	push	%rax
	lock incl GUEST_COUNTS + 4 * 0x41
	/* Remote IRR is set until the EOI. */
	movl	$0x24, (%rbx)
	mov	0x10(%rbx), %eax
	mov	%eax, GUEST_DATA
	cmpl	$3, GUEST_COUNTS + 4 * 0x41
	jne	1f
	STEP
1:	movl	$0, 0xb0(%rbp)
	movl	$0x24, (%rbx)
	mov	0x10(%rbx), %eax
	mov	%eax, GUEST_DATA + 4
	pop	%rax
	iretq
	GUEST_END chips_ioapic_level

/* Masked while the line rises; an unmasked level pin then delivers. */
	GUEST	chips_ioapic_mask, 64
	XAPIC_ON
	mov	$IOAPIC, %ebx
	IOAPIC_WRITE 0x25, 0
	IOAPIC_WRITE 0x24, 0x18041
	sti
	STEP
	mov	$1000, %ecx
1:	loop	1b
	mov	GUEST_COUNTS + 4 * 0x41, %r8d
	guest_unmask = 0x8041
	IOAPIC_WRITE 0x24, guest_unmask
	WAIT_COUNT 0x41, 1
	DONE
	.globl	chips_mask_handler
chips_mask_handler:
	lock incl GUEST_COUNTS + 4 * 0x41
	STEP
	movl	$0, 0xb0(%rbp)
	iretq
	GUEST_END chips_ioapic_mask

.macro	PIC_INIT
	OUTB	0x20, 0x11
	OUTB	0xa0, 0x11
	OUTB	0x21, 0x50
	OUTB	0xa1, 0x58
	OUTB	0x21, 0x04
	OUTB	0xa1, 0x02
	OUTB	0x21, 0x01
	OUTB	0xa1, 0x01
.endm

/* IRQ 4 of the first and 12 of the second chip, by ExtINT. */
	GUEST	chips_pic, 64
	movl	$EOI_PIC, GUEST_TRAP + TRAP_EOI
	PIC_INIT
	OUTB	0x21, 0xeb
	OUTB	0xa1, 0xef
	in	$0x21, %al
	movzbl	%al, %r8d
	in	$0xa1, %al
	movzbl	%al, %r9d
	sti
	STEP
	WAIT_COUNT 0x54, 1
	STEP
	WAIT_COUNT 0x5c, 1
	/* Masked, it stays in the IRR. */
	OUTB	0x21, 0xff
	STEP
	OUTB	0x20, 0x0a
	in	$0x20, %al
	movzbl	%al, %r10d
	mov	GUEST_COUNTS + 4 * 0x54, %r11d
	OUTB	0x21, 0xeb
	WAIT_COUNT 0x54, 2
	DONE
	GUEST_END chips_pic

/* The chip is programmed, HLT wakes by its interrupt. */
	GUEST	chips_pic_hlt, 64
	movl	$EOI_PIC, GUEST_TRAP + TRAP_EOI
	PIC_INIT
	OUTB	0x21, 0xef
	OUTB	0xa1, 0xff
	STEP
	sti
	hlt
	DONE
	GUEST_END chips_pic_hlt

	GUEST	chips_pit_counter, 64
	OUTB	0x43, 0x34
	OUTB	0x40, 0xff
	OUTB	0x40, 0xff
	/* Latch, read both halves; twice. */
	OUTB	0x43, 0x00
	in	$0x40, %al
	mov	%al, %r8b
	in	$0x40, %al
	mov	%al, %r9b
	mov	$100000, %ecx
1:	pause
	loop	1b
	OUTB	0x43, 0x00
	in	$0x40, %al
	mov	%al, %r10b
	in	$0x40, %al
	mov	%al, %r11b
	/* Read-back of the status of channel 0. */
	OUTB	0x43, 0xe2
	in	$0x40, %al
	mov	%al, %r12b
	DONE
	GUEST_END chips_pit_counter

/* Channel 0, mode 2, at some 1000 Hz, through the 8259. */
	GUEST	chips_pit_interrupts, 64
	movl	$EOI_PIC, GUEST_TRAP + TRAP_EOI
	PIC_INIT
	OUTB	0x21, 0xfe
	OUTB	0xa1, 0xff
	OUTB	0x43, 0x34
	OUTB	0x40, 0xa9
	OUTB	0x40, 0x04
	sti
	WAIT_COUNT 0x50, 3
	DONE
	GUEST_END chips_pit_interrupts

/* Channel 2 and port 61: gate, output, the speaker's bits. */
	GUEST	chips_speaker, 64
	in	$0x61, %al
	and	$0xfc, %al
	or	$1, %al
	out	%al, $0x61
	in	$0x61, %al
	mov	%al, %r8b
	OUTB	0x43, 0xb0
	OUTB	0x42, 0x00
	OUTB	0x42, 0x02
	in	$0x61, %al
	mov	%al, %r9b
	mov	$2000000, %ecx
1:	in	$0x61, %al
	test	$0x20, %al
	jnz	2f
	pause
	loop	1b
2:	mov	%al, %r10b
	DONE
	GUEST_END chips_speaker
