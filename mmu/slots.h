/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The slot table: what the files of mmu/ know about slots. Used by slots.c,
 * which changes it, and by fault.c, access.c, dirty.c and notifier.c, which
 * read it. It knows neither vCPUs nor the nested page table.
 *
 * A generation is immutable: references to slots sorted by guest frame, in
 * chunks, below one array of chunks. A change builds a new generation, which
 * shares all chunks but the ones it touches, so a change costs about the square
 * root of the number of slots, and a look-up two binary searches.
 */
#ifndef LHV_MMU_SLOTS_H
#define LHV_MMU_SLOTS_H

#include <linux/interval_tree.h>
#include <linux/llist.h>
#include <linux/lockdep.h>
#include <linux/nospec.h>
#include <linux/rcupdate.h>

#include "mmu.h"

#define LHV_SLOT_CHUNK	64

/* Dirty bits of a slot: bit 0 is its first page. */
struct lhv_dirty {
	struct llist_node retired;
	unsigned long bits[];
};

/*
 * One slot. Constant once published; a change of flags or place makes another.
 * This and the next two begin with their link in lhv_mmu.retired.
 */
struct lhv_slot {
	struct llist_node retired;
	struct interval_tree_node hva;	/* .last inclusive; linked: lock */
	lhv_gfn_t base_gfn;
	u64 npages;
	u32 flags;			/* KVM_MEM_* */
	u16 id;
	struct lhv_dirty *dirty;	/* there while it logs */
};

struct lhv_slot_ref {
	lhv_gfn_t first;
	struct lhv_slot *slot;
};

struct lhv_slot_chunk {
	struct llist_node retired;
	u64 generation;			/* the one it was made for */
	unsigned int nr;
	struct lhv_slot_ref ref[];
};

struct lhv_chunk_ref {
	lhv_gfn_t first;
	struct lhv_slot_chunk *chunk;
};

struct lhv_slots {
	struct llist_node retired;
	u64 generation;
	unsigned int last;		/* hint: place of the last hit */
	unsigned int nr;
	struct lhv_chunk_ref chunk[];
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

	if (slot->dirty && !test_bit(page, slot->dirty->bits))
		set_bit(page, slot->dirty->bits);
}

/* The current generation, for holders of lhv_mmu.srcu, .lock or .slots_lock. */
static inline struct lhv_slots *lhv_slots_current(struct lhv_mmu *mmu)
{
	return srcu_dereference_check(mmu->slots, &mmu->srcu,
				      lockdep_is_held(&mmu->lock) ||
				      lockdep_is_held(&mmu->slots_lock));
}

struct lhv_slot *lhv_slots_find(struct lhv_slots *slots, lhv_gfn_t gfn);
struct lhv_slot *lhv_slots_by_id(struct lhv_mmu *mmu, u32 slot);
int lhv_slots_init(struct lhv_mmu *mmu);
void lhv_slots_destroy(struct lhv_mmu *mmu);

#endif /* LHV_MMU_SLOTS_H */
