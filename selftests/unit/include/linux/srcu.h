/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/srcu.h> for unit tests: readers are counted. */
#ifndef UNIT_LINUX_SRCU_H
#define UNIT_LINUX_SRCU_H

#include <stdlib.h>
#include <linux/rcupdate.h>

struct srcu_struct {
	int readers;
	unsigned long waits;
};

static inline int init_srcu_struct(struct srcu_struct *srcu)
{
	srcu->readers = 0;
	srcu->waits = 0;
	return 0;
}

static inline void cleanup_srcu_struct(struct srcu_struct *srcu)
{
	if (srcu->readers)
		abort();
}

static inline int srcu_read_lock(struct srcu_struct *srcu)
{
	return ++srcu->readers;
}

static inline void srcu_read_unlock(struct srcu_struct *srcu, int idx)
{
	if (srcu->readers-- != idx)
		abort();
}

/* One thread that waits for itself would wait for ever. */
static inline void synchronize_srcu_expedited(struct srcu_struct *srcu)
{
	if (srcu->readers)
		abort();
	srcu->waits++;
}

#define srcu_read_lock_held(srcu)	((srcu)->readers > 0)

#endif
