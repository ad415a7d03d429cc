/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/mutex.h> for unit tests, for one thread. */
#ifndef UNIT_LINUX_MUTEX_H
#define UNIT_LINUX_MUTEX_H

#include <stdlib.h>
#include <linux/types.h>

struct mutex {
	bool held;
};

static inline void mutex_init(struct mutex *lock)
{
	lock->held = false;
}

static inline void mutex_lock(struct mutex *lock)
{
	if (lock->held)
		abort();
	lock->held = true;
}

static inline void mutex_unlock(struct mutex *lock)
{
	if (!lock->held)
		abort();
	lock->held = false;
}

#endif
