/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/sched.h> for unit tests: the test is current. */
#ifndef UNIT_LINUX_SCHED_H
#define UNIT_LINUX_SCHED_H

#include <linux/types.h>

struct task_struct {
	struct mm_struct *mm;
};

/* A test that uses either defines them. */
extern struct task_struct *current;
bool need_resched(void);

#define cond_resched()	do { } while (0)

#endif
