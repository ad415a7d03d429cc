/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/timekeeping.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_TIMEKEEPING_H
#define UNIT_STATE_TIMEKEEPING_H

#include <linux/types.h>

/* The tests' clocks. */
u64 ktime_get_boottime_ns(void);
u64 ktime_get_real_ns(void);

#endif
