/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/ktime.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_KTIME_H
#define UNIT_STATE_KTIME_H

#include <linux/timekeeping.h>

#endif
