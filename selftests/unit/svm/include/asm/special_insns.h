/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <asm/special_insns.h> for the unit tests of this folder. */
#ifndef UNIT_SVM_SPECIAL_INSNS_H
#define UNIT_SVM_SPECIAL_INSNS_H

unsigned long __read_cr4(void);			/* the tests' host */

#endif
