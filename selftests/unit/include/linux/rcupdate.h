/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/rcupdate.h> for unit tests. */
#ifndef UNIT_LINUX_RCUPDATE_H
#define UNIT_LINUX_RCUPDATE_H

/* For tests whose readers have gone when something is freed. */
#include <linux/atomic.h>
#include <linux/slab.h>

struct rcu_head {
	void *unused;
};

#define rcu_read_lock()				do { } while (0)
#define rcu_read_unlock()			do { } while (0)
#define synchronize_rcu()			do { } while (0)
#define RCU_LOCKDEP_WARN(c, s)			do { } while (0 && (c))
#define RCU_INITIALIZER(p)			(p)
#define unrcu_pointer(p)			(p)
#define rcu_access_pointer(p)			READ_ONCE(p)
#define rcu_dereference(p)			smp_load_acquire(&(p))
#define rcu_dereference_protected(p, c)		(p)
#define rcu_assign_pointer(p, v)		smp_store_release(&(p), v)
#define RCU_INIT_POINTER(p, v)			WRITE_ONCE(p, v)
#define kfree_rcu(p, member)			kfree(p)
#define kvfree_rcu(p, member)			kvfree(p)

#endif
