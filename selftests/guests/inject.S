/* SPDX-License-Identifier: GPL-2.0 */
/* Guests that wait for interrupts and NMIs from userspace: see inject.c. */
#include "guest_asm.h"

	GUEST	inject_spin, 64
	sti
1:	pause
	jmp	1b
	GUEST_END inject_spin

/* Interrupts off; the STEPs tell the test where it is. */
	GUEST	inject_windows, 64
	cli
	STEP
	nop
	STEP
	sti
	.globl	inject_windows_shadow
inject_windows_shadow:
	nop
	.globl	inject_windows_open
inject_windows_open:
	nop
	DONE
	GUEST_END inject_windows

	GUEST	inject_mov_ss, 64
	mov	%ss, %eax
	sti
	nop
	STEP
	mov	%eax, %ss
	.globl	inject_mov_ss_shadow
inject_mov_ss_shadow:
	nop
	DONE
	GUEST_END inject_mov_ss

	GUEST	inject_hlt, 64
	sti
	hlt
	mov	GUEST_COUNTS + 4 * 0x41, %eax
	DONE
	GUEST_END inject_hlt

	GUEST	inject_nmi, 64
	nop
	STEP
	nop
	STEP
	DONE
	.globl	inject_nmi_handler
inject_nmi_handler:
	lock incl GUEST_COUNTS + 8
	STEP
	nop
	STEP
	iretq
	GUEST_END inject_nmi

	GUEST	inject_tpr, 64
	mov	$9, %eax
	mov	%rax, %cr8
	mov	$3, %eax
	mov	%rax, %cr8
	mov	%cr8, %rbx
	DONE
	GUEST_END inject_tpr

	GUEST	inject_many, 64
	sti
1:	cmpl	$100, GUEST_COUNTS + 4 * 0x41
	jne	1b
	DONE
	GUEST_END inject_many
