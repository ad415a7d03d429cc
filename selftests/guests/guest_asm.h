/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Macros for the guests' code: each guest is a run of bytes between its name
 * and name_end, which its test copies to GUEST_CODE.  Only relative jumps, or
 * AT(label, name) for an address.
 */
#ifndef SELFTESTS_GUESTS_GUEST_ASM_H
#define SELFTESTS_GUESTS_GUEST_ASM_H

#include "layout.h"

.macro GUEST name, bits
	.section .rodata.guests, "a"
	.balign 16
	.globl	\name
	.code\bits
\name:
.endm

.macro GUEST_END name
	.globl	\name\()_end
\name\()_end:
	.code64
	.section .note.GNU-stack, "", @progbits
.endm

/* The address that label has in the guest. */
#define AT(label, name)	((label) - (name) + GUEST_CODE)

/* Leave the guest; the test reads its registers and memory. */
.macro DONE
	out	%al, $PORT_DONE
.endm

/* The same, to be resumed. */
.macro STEP
	out	%al, $PORT_STEP
.endm

#endif
