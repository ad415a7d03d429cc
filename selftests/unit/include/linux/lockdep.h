/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/lockdep.h> for unit tests. */
#ifndef UNIT_LINUX_LOCKDEP_H
#define UNIT_LINUX_LOCKDEP_H

#include <linux/spinlock.h>

#define lockdep_is_held(lock)			((void)(lock), true)
#define lockdep_assert_held_write(lock)		rwlock_assert_write(lock)

#endif
