// SPDX-License-Identifier: GPL-2.0
/*
 * Nested page faults: from a guest-physical address to an entry of the nested
 * page table. Called by arch-x86/ on the fault's exit. It knows nothing of
 * exits or vCPUs.
 *
 * A fault reads what the host has mapped and installs the same, under the read
 * side of lhv_mmu.lock: as long as no invalidation is under way for it, the
 * host's page tables are the truth, and the notifier that would end it must
 * wait for the lock. No page is pinned, and none needs a reference. Where the
 * host has nothing at hand, or not writable, it is asked to fault it in, with
 * no lock held, and the fault starts over.
 */
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "host.h"
#include "npt.h"
#include "slots.h"

/* A fault maps what the host has at hand in its aligned group of so many. */
#define FAULT_AROUND	16
/* Rounds after which the guest should rather find out by itself. */
#define FAULT_ROUNDS	8

struct fault {
	struct lhv_mmu *mmu;
	lhv_gfn_t gfn;
	bool write;
	/* what the look-up found */
	struct lhv_slot *slot;
	unsigned long hva;
	u64 page;			/* the host's, see host.h */
	unsigned int level;		/* to map at */
	u64 *table;			/* got where sleeping was allowed */
	bool want_table;
	u64 blocked;			/* leaf that found its place taken */
};

static u64 *fault_table(void *ctx)
{
	struct fault *f = ctx;
	u64 *table = f->table;

	f->table = NULL;
	if (!table)
		table = lhv_npt_table_alloc(GFP_NOWAIT);
	f->want_table = !table;
	return table;
}

static bool invalidating(const struct lhv_mmu *mmu, unsigned long start,
			 unsigned long end)
{
	return mmu->notifier_count && start < mmu->notifier_end &&
	       end > mmu->notifier_start;
}

/* The largest level at which the slot lets the host's mapping be mirrored. */
static unsigned int fault_level(const struct fault *f, unsigned int host)
{
	const struct lhv_slot *slot = f->slot;
	unsigned int level = min_t(unsigned int, host, f->mmu->fmt->max_level);

	if (lhv_slot_logs(slot))
		return 1;
	for (; level > 1; level--) {
		u64 frames = lhv_npt_frames(level);
		lhv_gfn_t first = f->gfn & ~(frames - 1);
		unsigned long size = frames << LHV_PAGE_SHIFT;
		unsigned long start = f->hva & ~(size - 1);

		if ((f->gfn ^ (f->hva >> LHV_PAGE_SHIFT)) & (frames - 1) ||
		    first < slot->base_gfn ||
		    first + frames > slot->base_gfn + slot->npages)
			continue;
		if (!invalidating(f->mmu, start, start + size))
			break;
	}
	return level;
}

/*
 * Writable only where the host's page is, and where a write need not be seen:
 * hardware that logs writes sees them by the dirty bit.
 */
static unsigned int leaf_flags(const struct fault *f, u64 page, bool write)
{
	bool logs = lhv_slot_logs(f->slot), pml = f->mmu->fmt->pml;
	unsigned int flags = page & LHV_HOST_IO ? LHV_LEAF_IO : 0;

	if (lhv_slot_readonly(f->slot) || !(page & LHV_HOST_WRITE))
		return flags;
	if (write)
		return flags | LHV_LEAF_WRITE | LHV_LEAF_DIRTY;
	if (!(page & (LHV_HOST_DIRTY | LHV_HOST_SPECIAL)) || (logs && !pml))
		return flags;
	return flags | LHV_LEAF_WRITE | (logs ? 0 : LHV_LEAF_DIRTY);
}

static enum lhv_fault fault_install(struct fault *f, u64 *entry)
{
	u64 size = lhv_npt_frames(f->level) << LHV_PAGE_SHIFT;
	unsigned int flags = leaf_flags(f, f->page, f->write) | LHV_LEAF_ACCESSED;
	u64 hpa = f->page & ~(u64)LHV_HOST_FLAGS & ~(size - 1);
	u64 leaf = lhv_npt_leaf(f->mmu->fmt, hpa, f->level, flags);

	if (flags & LHV_LEAF_WRITE)
		lhv_host_set_dirty(f->page);
	if (f->write)
		lhv_slot_mark_dirty(f->slot, f->gfn);
	if (!lhv_npt_install(f->mmu, entry, leaf))
		return LHV_FAULT_FIXED;
	f->blocked = leaf;
	return LHV_FAULT_RETRY;
}

/*
 * The pages to look at: those in the fault's aligned group that the slot has,
 * and that lie below the same entry of level 2 in the host's table. Returns how
 * many, and in *before, how many of them come before the faulting page.
 */
static unsigned int fault_group(const struct fault *f, unsigned int *before)
{
	const struct lhv_slot *slot = f->slot;
	u64 page = f->gfn - slot->base_gfn;
	unsigned long in_group = f->gfn % FAULT_AROUND;
	unsigned long in_table = (f->hva & ~PMD_MASK) >> PAGE_SHIFT;
	unsigned long after = min(FAULT_AROUND - 1 - in_group, PTRS_PER_PTE - 1 - in_table);

	*before = min_t(u64, min(in_group, in_table), page);
	return *before + 1 + min_t(u64, after, slot->npages - 1 - page);
}

/* entry is the faulting page's; its group lies in the same table. */
static void fault_around(struct fault *f, u64 *entry)
{
	const struct lhv_npt_format *fmt = f->mmu->fmt;
	const u64 writable = LHV_HOST_PRESENT | LHV_HOST_WRITE | LHV_HOST_DIRTY;
	u64 leaf = lhv_npt_leaf(fmt, 0, 1, leaf_flags(f, LHV_HOST_PRESENT, false));
	u64 leaf_w = lhv_npt_leaf(fmt, 0, 1, leaf_flags(f, writable, false));
	unsigned int before, n = fault_group(f, &before), i;
	u64 page[FAULT_AROUND], old;

	if (!lhv_host_read(f->mmu->mm, f->hva - before * PAGE_SIZE, n, page))
		return;
	entry -= before;
	for (i = 0; i < n; i++) {
		if (!page[i] || page[i] & LHV_HOST_IO || READ_ONCE(entry[i]))
			continue;
		old = 0;
		try_cmpxchg64(&entry[i], &old, (page[i] & ~(u64)LHV_HOST_FLAGS) |
			      ((page[i] & writable) == writable ? leaf_w : leaf));
	}
}

/* A leaf larger than what we want: another vCPU's, or from before logging. */
static enum lhv_fault fault_covered(struct fault *f, u64 value)
{
	u64 want = f->mmu->fmt->read | (f->write ? f->mmu->fmt->write : 0);

	if ((value & want) == want)
		return LHV_FAULT_FIXED;
	f->blocked = lhv_npt_leaf(f->mmu->fmt, f->page & ~(u64)LHV_HOST_FLAGS, 1, 0);
	return LHV_FAULT_RETRY;
}

/* The fault as far as it goes without sleeping, with lock held for read. */
static enum lhv_fault fault_locked(struct fault *f)
{
	struct lhv_mmu *mmu = f->mmu;
	unsigned int host, level;
	enum lhv_fault ret;
	bool first;
	u64 *entry;

	f->slot = lhv_slots_find(mmu, f->gfn);
	if (!f->slot || (f->write && lhv_slot_readonly(f->slot)))
		return LHV_FAULT_MMIO;
	f->hva = lhv_slot_hva(f->slot, f->gfn);
	if (invalidating(mmu, f->hva, f->hva + PAGE_SIZE))
		return LHV_FAULT_RETRY;
	host = lhv_host_read(mmu->mm, f->hva, 1, &f->page);
	if (!host || !f->page || (f->write && !(f->page & LHV_HOST_WRITE)))
		return LHV_FAULT_SLEEP;
	/* A file system that hears of it may switch interrupts on again. */
	if (f->write && irqs_disabled() && !(f->page & (LHV_HOST_DIRTY | LHV_HOST_SPECIAL)))
		return LHV_FAULT_SLEEP;

	f->level = fault_level(f, host);
	level = f->level;
	entry = lhv_npt_reach(mmu, f->gfn, &level, fault_table, f);
	if (!entry)
		return LHV_FAULT_SLEEP;
	if (level > f->level)
		return fault_covered(f, READ_ONCE(*entry));
	f->level = level;
	first = !READ_ONCE(*entry);
	ret = fault_install(f, entry);
	/* No neighbours while an invalidation is under way: it may be theirs. */
	if (first && level == 1 && !mmu->notifier_count)
		fault_around(f, entry);
	return ret;
}

/* Something else stands where the leaf belongs. Cannot sleep. */
static noinline void fault_unblock(struct fault *f)
{
	struct lhv_npt_gather gather;

	write_lock(&f->mmu->lock);
	lhv_npt_gather_start(&gather, f->mmu, false);
	lhv_npt_clear_way(&gather, f->gfn, f->level, f->blocked);
	lhv_npt_gather_finish(&gather);
	write_unlock(&f->mmu->lock);
}

/*
 * With interrupts off nothing is waited for: the lock's holder may be waiting
 * until this CPU has taken an interrupt.
 */
static enum lhv_fault fault_once(struct fault *f)
{
	bool may_wait = !irqs_disabled();
	enum lhv_fault ret;

	f->blocked = 0;
	f->want_table = false;
	if (may_wait)
		read_lock(&f->mmu->lock);
	else if (!read_trylock(&f->mmu->lock))
		return LHV_FAULT_SLEEP;
	ret = fault_locked(f);
	read_unlock(&f->mmu->lock);
	if (f->blocked && !may_wait)
		return LHV_FAULT_SLEEP;
	if (f->blocked)
		fault_unblock(f);
	return ret;
}

/* What the last round lacked. SLEEP: it is there now. */
static enum lhv_fault fault_provide(struct fault *f)
{
	if (f->want_table) {
		f->table = lhv_npt_table_alloc(GFP_KERNEL);
		return f->table ? LHV_FAULT_SLEEP : LHV_FAULT_ERROR;
	}
	switch (lhv_host_fault_in(f->mmu->mm, f->hva, f->write)) {
	case 0:
		return LHV_FAULT_SLEEP;
	case -EINTR:
		return LHV_FAULT_RETRY;
	case -EHWPOISON:
		return LHV_FAULT_HWPOISON;
	default:
		return LHV_FAULT_ERROR;
	}
}

/* Rounds until it is mapped. Losing a race many times is the guest's to repeat. */
static enum lhv_fault fault_sleeping(struct fault *f)
{
	enum lhv_fault ret = LHV_FAULT_SLEEP;
	unsigned int round;

	for (round = 0; ret == LHV_FAULT_SLEEP && round < FAULT_ROUNDS; round++) {
		ret = fault_once(f);
		if (ret == LHV_FAULT_SLEEP)
			ret = fault_provide(f);
	}
	free_page((unsigned long)f->table);
	return ret == LHV_FAULT_SLEEP ? LHV_FAULT_RETRY : ret;
}

/**
 * lhv_mmu_fault() - map what the guest touched
 * @mmu: the VM's memory
 * @gpa: guest-physical address of the access
 * @access: LHV_ACC_READ, LHV_ACC_WRITE or LHV_ACC_EXEC, or several
 * @can_sleep: false in the inner ring
 *
 * Context: a thread of the VMM; interrupts on where it may sleep. Takes lock,
 * and mmap_lock where it sleeps. With interrupts off it answers LHV_FAULT_SLEEP
 * where it would have to wait for lock.
 * Return: see enum lhv_fault.
 */
enum lhv_fault lhv_mmu_fault(struct lhv_mmu *mmu, lhv_gpa_t gpa, u32 access,
			     bool can_sleep)
{
	struct fault f;
	enum lhv_fault ret;

	if (current->mm != mmu->mm)
		return LHV_FAULT_ERROR;
	f.mmu = mmu;
	f.gfn = gpa >> LHV_PAGE_SHIFT;
	f.write = access & LHV_ACC_WRITE;
	f.table = NULL;
	ret = can_sleep ? fault_sleeping(&f) : fault_once(&f);
	if (ret == LHV_FAULT_FIXED)
		atomic_long_inc(&mmu->stat_faults);
	return ret;
}
