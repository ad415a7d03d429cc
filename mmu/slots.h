/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The slot table: what the files of mmu/ know about slots. Used by slots.c,
 * which changes it, and by fault.c, access.c, dirty.c and notifier.c, which
 * read it. It knows neither vCPUs nor the nested page table.
 *
 * It is a tree by guest frame. Those who change it hold lhv_mmu.lock for write,
 * and count that in lhv_mmu.slots_seq, so that others may look things up with
 * no lock and find out whether they must again.
 */
#ifndef LHV_MMU_SLOTS_H
#define LHV_MMU_SLOTS_H

#include <linux/interval_tree.h>
#include <linux/llist.h>
#include <linux/nospec.h>
#include <linux/rbtree.h>

#include "mmu.h"

/*
 * One slot. Constant once published; a change of flags or place makes another,
 * which may have its dirty bits from the old one. What a look-up needs of it
 * comes first, to be in one cache line.
 */
struct lhv_slot {
	struct rb_node gfn;
	lhv_gfn_t base_gfn;
	u64 npages;
	unsigned long *dirty;		/* there while it logs; bit 0: first page */
	u32 flags;			/* KVM_MEM_* */
	u16 id;
	bool dirty_borrowed;		/* m: another slot frees the bits */
	struct interval_tree_node hva;	/* .last inclusive; linked: lock */
	struct llist_node retired;	/* m */
};

static inline bool lhv_slot_covers(const struct lhv_slot *slot, lhv_gfn_t gfn)
{
	return gfn - slot->base_gfn < slot->npages;
}

static inline bool lhv_slot_logs(const struct lhv_slot *slot)
{
	return slot->dirty;
}

static inline bool lhv_slot_readonly(const struct lhv_slot *slot)
{
	return slot->flags & KVM_MEM_READONLY;
}

/* The host address of gfn, which the slot covers; the guest chose gfn. */
static inline unsigned long lhv_slot_hva(const struct lhv_slot *slot,
					 lhv_gfn_t gfn)
{
	u64 page = array_index_nospec(gfn - slot->base_gfn, slot->npages);

	return slot->hva.start + (page << LHV_PAGE_SHIFT);
}

/* Any context; the caller keeps the slot as bitmaps are kept, see mmu.h. */
static inline void lhv_slot_mark_dirty(const struct lhv_slot *slot,
				       lhv_gfn_t gfn)
{
	u64 page = gfn - slot->base_gfn;

	if (slot->dirty && !test_bit(page, slot->dirty))
		set_bit(page, slot->dirty);
}

struct lhv_slot *lhv_slots_find(struct lhv_mmu *mmu, lhv_gfn_t gfn);
/* The slot of a frame, if it has one, as lhv_slots_find() finds it. */
static inline void lhv_slots_mark_dirty(struct lhv_mmu *mmu, lhv_gfn_t gfn)
{
	struct lhv_slot *slot = lhv_slots_find(mmu, gfn);

	if (slot)
		lhv_slot_mark_dirty(slot, gfn);
}

void lhv_slots_init(struct lhv_mmu *mmu);
void lhv_slots_destroy(struct lhv_mmu *mmu);

#endif /* LHV_MMU_SLOTS_H */
