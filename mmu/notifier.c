// SPDX-License-Identifier: GPL-2.0
/*
 * The MMU notifier, and the lifetime of a VM's memory, which is that of the
 * notifier. Called by the host's memory management when it is about to change
 * what backs the guest, and by module/ to create and destroy. It knows slots by
 * their host addresses only.
 *
 * While an invalidation is under way, faults in its range are refused; see
 * fault.c for why that is all it takes.
 */
#include <linux/interval_tree.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/processor.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "../module/compat.h"
#include "npt.h"
#include "slots.h"

static struct lhv_mmu *from_notifier(struct mmu_notifier *mn)
{
	return container_of(mn, struct lhv_mmu, notifier);
}

/* The guest frames of a slot that a range of host addresses backs. */
static lhv_gfn_t range_start(const struct lhv_slot *slot, unsigned long start)
{
	return slot->base_gfn +
	       ((max(start, slot->hva.start) - slot->hva.start) >> LHV_PAGE_SHIFT);
}

static lhv_gfn_t range_end(const struct lhv_slot *slot, unsigned long end)
{
	return slot->base_gfn +
	       ((min(end - 1, slot->hva.last) - slot->hva.start) >> LHV_PAGE_SHIFT) + 1;
}

/* The slots that lie in [start, end) of host addresses. */
#define for_each_slot(slot, node, mmu, start, end)				\
	for ((node) = interval_tree_iter_first(&(mmu)->by_hva, start, (end) - 1); \
	     (node) && ((slot) = container_of(node, struct lhv_slot, hva));	\
	     (node) = interval_tree_iter_next(node, start, (end) - 1))

/* Slots may go while a gather yields; here it may not, so the tree stands. */
static void zap_range(struct lhv_mmu *mmu, unsigned long start, unsigned long end)
{
	struct lhv_npt_gather gather;
	struct interval_tree_node *node;
	struct lhv_slot *slot;

	lhv_npt_gather_start(&gather, mmu, false);
	for_each_slot(slot, node, mmu, start, end)
		lhv_npt_zap(&gather, range_start(slot, start), range_end(slot, end));
	lhv_npt_gather_finish(&gather);
}

static int invalidate_range_start(struct mmu_notifier *mn,
				  const struct mmu_notifier_range *range)
{
	struct lhv_mmu *mmu = from_notifier(mn);

	write_lock(&mmu->lock);
	if (!mmu->notifier_count++) {
		mmu->notifier_start = ~0UL;
		mmu->notifier_end = 0;
	}
	mmu->notifier_start = min(mmu->notifier_start, range->start);
	mmu->notifier_end = max(mmu->notifier_end, range->end);
	zap_range(mmu, range->start, range->end);
	write_unlock(&mmu->lock);
	return 0;
}

static void invalidate_range_end(struct mmu_notifier *mn,
				 const struct mmu_notifier_range *range)
{
	struct lhv_mmu *mmu = from_notifier(mn);

	write_lock(&mmu->lock);
	WARN_ON_ONCE(--mmu->notifier_count < 0);
	write_unlock(&mmu->lock);
}

static bool young(struct lhv_mmu *mmu, unsigned long start, unsigned long end, bool clear)
{
	struct interval_tree_node *node;
	struct lhv_slot *slot;
	bool ret = false;

	read_lock(&mmu->lock);
	for_each_slot(slot, node, mmu, start, end)
		ret |= lhv_npt_young(mmu, range_start(slot, start), range_end(slot, end), clear);
	read_unlock(&mmu->lock);
	return ret;
}

/* Without accessed bits, a page that is mapped again was used in between. */
static lhv_mn_young_t clear_young(struct mmu_notifier *mn, struct mm_struct *mm,
				  unsigned long start, unsigned long end)
{
	struct lhv_mmu *mmu = from_notifier(mn);
	bool was = young(mmu, start, end, true);

	if (was && !mmu->fmt->accessed) {
		write_lock(&mmu->lock);
		zap_range(mmu, start, end);
		write_unlock(&mmu->lock);
	}
	return was;
}

static lhv_mn_young_t test_young(struct mmu_notifier *mn, struct mm_struct *mm,
				 unsigned long address)
{
	return young(from_notifier(mn), address, address + 1, false);
}

/* The VMM's address space goes; no fault can come, all of them are its own. */
static void release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct lhv_mmu *mmu = from_notifier(mn);
	struct lhv_npt_gather gather;

	write_lock(&mmu->lock);
	lhv_npt_gather_start(&gather, mmu, true);
	lhv_npt_zap(&gather, 0, ~0ULL);
	lhv_npt_gather_finish(&gather);
	write_unlock(&mmu->lock);
}

static const struct mmu_notifier_ops notifier_ops = {
	.release = release,
	.invalidate_range_start = invalidate_range_start,
	.invalidate_range_end = invalidate_range_end,
	.clear_flush_young = clear_young,
	.clear_young = clear_young,
	.test_young = test_young,
};

/* --- lifetime ---------------------------------------------------------- */

/**
 * lhv_mmu_init() - memory for a VM, empty
 * @mmu: zeroed
 * @fmt: the vendor's format, which outlives it
 *
 * From here on lhv_mmu_flush_remote() may be called for it.
 *
 * Context: process; the VMM is current.
 * Return: 0, -ENOMEM, -EINTR, -EINVAL for a format that cannot be.
 */
int lhv_mmu_init(struct lhv_mmu *mmu, const struct lhv_npt_format *fmt)
{
	int ret;

	mmu->mm = current->mm;
	mmu->fmt = fmt;
	mmu->max_gfn = 1ULL << min_t(unsigned int, LHV_NPT_BITS * fmt->levels,
				     boot_cpu_data.x86_phys_bits - LHV_PAGE_SHIFT);
	rwlock_init(&mmu->lock);
	lhv_slots_init(mmu);
	ret = init_srcu_struct(&mmu->srcu);
	if (ret)
		return ret;
	ret = lhv_npt_init(mmu);
	if (ret)
		goto err_srcu;
	mmu->notifier.ops = &notifier_ops;
	ret = mmu_notifier_register(&mmu->notifier, mmu->mm);
	if (ret)
		goto err_npt;
	mmgrab(mmu->mm);
	return 0;

err_npt:
	lhv_npt_destroy(mmu);
err_srcu:
	cleanup_srcu_struct(&mmu->srcu);
	return ret;
}

/**
 * lhv_mmu_destroy() - free a VM's memory
 * @mmu: initialised; no vCPU is left, and nobody uses it
 *
 * Waits for one grace period, the notifier's; that is the only one.
 *
 * Context: process, of the VMM or not; sleeps.
 */
void lhv_mmu_destroy(struct lhv_mmu *mmu)
{
	mmu_notifier_unregister(&mmu->notifier, mmu->mm);
	lhv_npt_destroy(mmu);
	lhv_slots_destroy(mmu);
	cleanup_srcu_struct(&mmu->srcu);
	mmdrop(mmu->mm);
}
