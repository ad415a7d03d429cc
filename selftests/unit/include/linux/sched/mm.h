/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/sched/mm.h> for unit tests. */
#ifndef UNIT_LINUX_SCHED_MM_H
#define UNIT_LINUX_SCHED_MM_H

#include <linux/mm_types.h>

static inline void mmgrab(struct mm_struct *mm)
{
	mm->count++;
}

static inline void mmdrop(struct mm_struct *mm)
{
	mm->count--;
}

#endif
