/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests of a few instructions, each as position-independent 32-bit code with
 * flat segments, no stack and no paging: the state of a PVH kernel's start.
 */

#define COM1	0x3f8

.macro guest name
	.section .rodata
	.globl guest_\name, guest_\name\()_end
	.balign 16
guest_\name:
	.code32
.endm

.macro end name
guest_\name\()_end:
	.code64
.endm

.macro put char
	movw	$COM1, %dx
	movb	$\char, %al
	outb	%al, %dx
.endm

/* For tests that wait until the guest runs. */
.macro ready
	put	'R'
	put	'\n'
.endm

.macro power_off
	movw	$0x604, %dx
	movw	$(5 << 10 | 1 << 13), %ax
	outw	%ax, %dx
.endm

guest off
	ready
	power_off
	hlt
end off

guest reset_keyboard
	ready
	movb	$0xfe, %al
	outb	%al, $0x64
	hlt
end reset_keyboard

guest reset_cf9
	ready
	movw	$0xcf9, %dx
	movb	$0x06, %al
	outb	%al, %dx
	hlt
end reset_cf9

/* An IDT of zero size: #UD, then #GP, then #DF cannot be delivered. */
guest triple_fault
	ready
	movl	$0, 0x1000
	movl	$0, 0x1004
	lidt	0x1000
	ud2
end triple_fault

/* Nothing is there to be executed. */
guest jump_to_mmio
	ready
	movl	$0xd0000000, %eax
	jmp	*%eax
end jump_to_mmio

guest spin
	ready
	cli
1:	jmp	1b
end spin

/* Waits for ever, with interrupts on and none to come. */
guest halt
	ready
	cli
1:	hlt
	jmp	1b
end halt

/* 20,000 digits, then power-off. */
guest digits
	movw	$COM1, %dx
	movl	$2000, %ecx
1:	movb	$'0', %al
2:	outb	%al, %dx
	incb	%al
	cmpb	$'9' + 1, %al
	jne	2b
	loop	1b
	put	'\n'
	power_off
	hlt
end digits

guest print_for_ever
	movw	$COM1, %dx
	movb	$'x', %al
1:	outb	%al, %dx
	jmp	1b
end print_for_ever

/* Sends back what it gets; ends at a 'Q'. */
guest echo
	ready
	movw	$(COM1 + 1), %dx
	movb	$1, %al
	outb	%al, %dx		/* IER: say that we listen */
1:	movw	$(COM1 + 5), %dx
	inb	%dx, %al
	testb	$1, %al
	jz	1b
	movw	$COM1, %dx
	inb	%dx, %al
	outb	%al, %dx
	cmpb	$'Q', %al
	jne	1b
	power_off
	hlt
end echo

/*
 * Loops a byte through the serial port's loopback and reads it back, then sets
 * the clock's year and reads it back; 'Y' if both came back.
 */
guest devices
	movw	$(COM1 + 4), %dx
	movb	$0x10, %al
	outb	%al, %dx		/* MCR: loopback */
	movw	$COM1, %dx
	movb	$0x5a, %al
	outb	%al, %dx
	inb	%dx, %al
	movb	%al, %bl
	movw	$(COM1 + 4), %dx
	xorb	%al, %al
	outb	%al, %dx
	cmpb	$0x5a, %bl
	jne	1f
	movb	$0x09, %al
	outb	%al, $0x70
	movb	$0x42, %al
	outb	%al, $0x71
	inb	$0x71, %al
	cmpb	$0x42, %al
	jne	1f
	put	'Y'
	jmp	2f
1:	put	'N'
2:	put	'\n'
	power_off
	hlt
end devices

	.section .note.GNU-stack, "", @progbits
