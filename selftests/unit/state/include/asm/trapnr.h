/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <asm/trapnr.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_TRAPNR_H
#define UNIT_STATE_TRAPNR_H

#define X86_TRAP_DB	1
#define X86_TRAP_NMI	2
#define X86_TRAP_BP	3
#define X86_TRAP_OF	4
#define X86_TRAP_GP	13
#define X86_TRAP_PF	14
#define X86_TRAP_MC	18

#endif
