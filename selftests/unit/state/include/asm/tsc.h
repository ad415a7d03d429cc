/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <asm/tsc.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_TSC_H
#define UNIT_STATE_TSC_H

#include <linux/types.h>

/* The tests' host. */
extern unsigned int tsc_khz;
int check_tsc_unstable(void);
u64 rdtsc_ordered(void);

#endif
