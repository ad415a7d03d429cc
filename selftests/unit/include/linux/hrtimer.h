/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/hrtimer.h> for unit tests. */
#ifndef UNIT_LINUX_HRTIMER_H
#define UNIT_LINUX_HRTIMER_H

/* Only a place for one: tests have their own clock. */
struct hrtimer {
	char unused;
};

enum hrtimer_mode { HRTIMER_MODE_ABS_HARD, HRTIMER_MODE_ABS_PINNED_HARD };

#endif
