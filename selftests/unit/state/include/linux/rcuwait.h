/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/rcuwait.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_RCUWAIT_H
#define UNIT_STATE_RCUWAIT_H

#include <signal.h>

struct rcuwait {
	void *task;
};

#endif
