/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Userspace shim of <linux/mmu_notifier.h> for unit tests: tests call the
 * operations themselves.
 */
#ifndef UNIT_LINUX_MMU_NOTIFIER_H
#define UNIT_LINUX_MMU_NOTIFIER_H

#include <linux/types.h>

struct mm_struct;
struct mmu_notifier;

struct mmu_notifier_range {
	unsigned long start, end;
};

struct mmu_notifier_ops {
	void (*release)(struct mmu_notifier *mn, struct mm_struct *mm);
	bool (*clear_flush_young)(struct mmu_notifier *mn, struct mm_struct *mm,
				  unsigned long start, unsigned long end);
	bool (*clear_young)(struct mmu_notifier *mn, struct mm_struct *mm,
			    unsigned long start, unsigned long end);
	bool (*test_young)(struct mmu_notifier *mn, struct mm_struct *mm,
			   unsigned long address);
	int (*invalidate_range_start)(struct mmu_notifier *mn,
				      const struct mmu_notifier_range *range);
	void (*invalidate_range_end)(struct mmu_notifier *mn,
				     const struct mmu_notifier_range *range);
};

struct mmu_notifier {
	const struct mmu_notifier_ops *ops;
};

static inline int mmu_notifier_register(struct mmu_notifier *mn,
					struct mm_struct *mm)
{
	(void)mn;
	(void)mm;
	return 0;
}

static inline void mmu_notifier_unregister(struct mmu_notifier *mn,
					   struct mm_struct *mm)
{
	mn->ops->release(mn, mm);
}

#endif
