/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/refcount.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_REFCOUNT_H
#define UNIT_STATE_REFCOUNT_H

#include <linux/types.h>

#define refcount_t	int

#endif
