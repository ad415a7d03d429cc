// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty tracking: which pages of a slot were written to. Called by module/ for
 * the dirty-log ioctls, by arch-x86/ for what hardware logged, by slots.c when
 * a slot begins or ceases to log. It knows no vendor's log.
 *
 * A page's bit is set before, or together with, the mapping through which a
 * write goes unnoticed, under the read side of lhv_mmu.lock. It is taken under
 * the write side, together with that mapping's silence. So a write is in the
 * bits that userspace gets, or will set one again.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "dirty.h"
#include "host.h"

/* Words of a bitmap handled at a time, in one page. */
#define DIRTY_CHUNK	(PAGE_SIZE / sizeof(long))

/**
 * lhv_dirty_alloc() - bits for a slot that begins to log
 * @mmu: the VM's memory, slots_lock held
 * @npages: pages of the slot
 *
 * Return: the bits, all set where the VM is so configured; NULL without memory.
 */
unsigned long *lhv_dirty_alloc(struct lhv_mmu *mmu, u64 npages)
{
	unsigned long *bits = kvcalloc(BITS_TO_LONGS(npages), sizeof(long), GFP_KERNEL_ACCOUNT);

	if (bits && mmu->dirty_manual && mmu->dirty_init_set)
		bitmap_set(bits, 0, npages);
	return bits;
}

/* Small pages below a large one of the host's give way to one large leaf. */
static void collapse(struct lhv_npt_gather *g, const struct lhv_slot *slot)
{
	u64 frames = lhv_npt_frames(2), host;
	lhv_gfn_t gfn = round_up(slot->base_gfn, frames);
	lhv_gfn_t end = slot->base_gfn + slot->npages;

	if (g->mmu->fmt->max_level < 2 ||
	    (slot->base_gfn ^ (slot->hva.start >> LHV_PAGE_SHIFT)) & (frames - 1))
		return;
	for (; gfn + frames <= end; gfn += frames) {
		if (lhv_host_read(g->mmu->mm, lhv_slot_hva(slot, gfn), 1, &host) > 1)
			lhv_npt_zap_table(g, gfn, 2);
		lhv_npt_gather_yield(g);
	}
}

/**
 * lhv_dirty_switched() - a slot has just begun or ceased to log
 * @g: a started gather; its owner flushes
 * @slot: as it is now
 *
 * Where all bits are set to begin with, pages are protected when userspace
 * clears them, and the start costs nothing.
 */
void lhv_dirty_switched(struct lhv_npt_gather *g, const struct lhv_slot *slot)
{
	struct lhv_mmu *mmu = g->mmu;

	if (!lhv_slot_logs(slot))
		collapse(g, slot);
	else if (!(mmu->dirty_manual && mmu->dirty_init_set))
		lhv_npt_protect(g, slot->base_gfn, slot->base_gfn + slot->npages);
}

/**
 * lhv_mmu_mark_dirty() - the guest, or the kernel for it, has written to a page
 * @mmu: the VM's memory
 * @gfn: guest frame; one without a slot that logs is ignored
 *
 * Context: process, interrupts on or off.
 */
void lhv_mmu_mark_dirty(struct lhv_mmu *mmu, lhv_gfn_t gfn)
{
	int idx = srcu_read_lock(&mmu->srcu);

	lhv_slots_mark_dirty(mmu, gfn);
	srcu_read_unlock(&mmu->srcu, idx);
}

/**
 * lhv_mmu_dirty_logging() - does any slot log?
 * @mmu: the VM's memory
 *
 * Context: any. lhv_mmu_logging_changed() is called when the answer changes.
 */
bool lhv_mmu_dirty_logging(struct lhv_mmu *mmu)
{
	return READ_ONCE(mmu->nr_logging);
}

/**
 * lhv_mmu_set_dirty_manual() - KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 was enabled
 * @mmu: the VM's memory
 * @flags: KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE and KVM_DIRTY_LOG_INITIALLY_SET
 *
 * Context: process; takes slots_lock.
 */
void lhv_mmu_set_dirty_manual(struct lhv_mmu *mmu, u64 flags)
{
	mutex_lock(&mmu->slots_lock);
	mmu->dirty_manual = flags & KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE;
	mmu->dirty_init_set = flags & KVM_DIRTY_LOG_INITIALLY_SET;
	mutex_unlock(&mmu->slots_lock);
}

/* --- the ioctls ---------------------------------------------------------- */

/*
 * Take bits of a slot, and see to it that the next write to their pages sets
 * them: those that buf selects, or all. buf gets what was taken.
 */
static void take_chunk(struct lhv_mmu *mmu, const struct lhv_slot *slot, u64 word,
		       unsigned int n, unsigned long *buf, bool selected)
{
	lhv_gfn_t gfn = slot->base_gfn + word * BITS_PER_LONG;
	unsigned long *bits = &slot->dirty[word];
	struct lhv_npt_gather gather;
	unsigned int i;

	/* Nothing is written, and no lock taken, where no bit is set. */
	if (bitmap_empty(bits, n * BITS_PER_LONG)) {
		memset(buf, 0, n * sizeof(long));
		return;
	}
	write_lock(&mmu->lock);
	lhv_npt_gather_start(&gather, mmu, false);
	for (i = 0; i < n; i++, gfn += BITS_PER_LONG) {
		buf[i] = READ_ONCE(bits[i]) & (selected ? buf[i] : ~0UL);
		if (!buf[i])
			continue;
		buf[i] &= atomic_long_fetch_andnot(buf[i], (atomic_long_t *)&bits[i]);
		lhv_npt_protect_mask(&gather, gfn, buf[i]);
	}
	lhv_npt_gather_finish(&gather);
	write_unlock(&mmu->lock);
}

/*
 * Take words [first, end) through a page-sized buffer. Userspace's bitmap either
 * selects the bits to clear, or gets those that were set, all of which are
 * cleared.
 */
static int harvest(struct lhv_mmu *mmu, const struct lhv_slot *slot, u64 first, u64 end,
		   void __user *user, bool selected)
{
	unsigned long *buf = (unsigned long *)__get_free_page(GFP_KERNEL);
	int ret = 0;

	if (!buf)
		return -ENOMEM;
	while (!ret && first < end) {
		unsigned int n = min_t(u64, DIRTY_CHUNK, end - first);

		if (selected && copy_from_user(buf, user, n * sizeof(long))) {
			ret = -EFAULT;
			break;
		}
		take_chunk(mmu, slot, first, n, buf, selected);
		if (!selected && copy_to_user(user, buf, n * sizeof(long)))
			ret = -EFAULT;
		first += n;
		user += n * sizeof(long);
		cond_resched();
	}
	free_page((unsigned long)buf);
	return ret;
}

/* Whole words, except at the end of the slot; the caller looked at the start. */
static bool clear_range_valid(const struct kvm_clear_dirty_log *log, u64 npages)
{
	return log->first_page <= npages &&
	       log->num_pages <= npages - log->first_page &&
	       (!(log->num_pages % 64) ||
		log->num_pages == npages - log->first_page);
}

/* clear: the range to clear, or NULL to get all of the log. */
static int dirty_log_locked(struct lhv_mmu *mmu, u32 id, void __user *user,
			    const struct kvm_clear_dirty_log *clear)
{
	struct lhv_slot *slot = xa_load(&mmu->ids, id);
	u64 first = 0, words;

	if (!slot || !lhv_slot_logs(slot))
		return -ENOENT;
	words = BITS_TO_LONGS(slot->npages);
	if (clear) {
		if (!clear_range_valid(clear, slot->npages))
			return -EINVAL;
		first = clear->first_page / BITS_PER_LONG;
		words = BITS_TO_LONGS(clear->num_pages);
	} else if (mmu->dirty_manual) {
		return copy_to_user(user, slot->dirty, words * sizeof(long)) ? -EFAULT : 0;
	}
	return harvest(mmu, slot, first, first + words, user, clear);
}

static int dirty_log(struct lhv_mmu *mmu, u32 id, void __user *user,
		     const struct kvm_clear_dirty_log *clear)
{
	int ret;

	if (id >= LHV_MAX_SLOTS)
		return -EINVAL;
	mutex_lock(&mmu->slots_lock);
	if (mmu->fmt->pml)
		lhv_mmu_collect_dirty(mmu);
	ret = dirty_log_locked(mmu, id, user, clear);
	mutex_unlock(&mmu->slots_lock);
	return ret;
}

/**
 * lhv_mmu_get_dirty_log() - KVM_GET_DIRTY_LOG
 * @mmu: the VM's memory
 * @log: the call's argument, unchecked; its bitmap is in current's memory
 *
 * Clears what it gives, unless userspace does that by KVM_CLEAR_DIRTY_LOG.
 *
 * Context: process; sleeps. Takes slots_lock and lock.
 * Return: 0; -EINVAL for an impossible slot number; -ENOENT where the slot is
 * not there or does not log; -EFAULT; -ENOMEM.
 */
int lhv_mmu_get_dirty_log(struct lhv_mmu *mmu, struct kvm_dirty_log *log)
{
	return dirty_log(mmu, log->slot, log->dirty_bitmap, NULL);
}

/**
 * lhv_mmu_clear_dirty_log() - KVM_CLEAR_DIRTY_LOG
 * @mmu: the VM's memory
 * @log: the call's argument, unchecked; its bitmap is in current's memory
 *
 * Context: process; sleeps. Takes slots_lock and lock.
 * Return: as lhv_mmu_get_dirty_log(); -EINVAL for a range that is not whole
 * words of the slot's bits, too.
 */
int lhv_mmu_clear_dirty_log(struct lhv_mmu *mmu, struct kvm_clear_dirty_log *log)
{
	if (log->first_page % 64)
		return -EINVAL;
	return dirty_log(mmu, log->slot, log->dirty_bitmap, log);
}
