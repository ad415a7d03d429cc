/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <asm/asm.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_ASM_H
#define UNIT_STATE_ASM_H

#define _ASM_EXTABLE(from, to)	""

#endif
