// SPDX-License-Identifier: GPL-2.0
/*
 * The slot table: which guest frames are backed by which host addresses, under
 * KVM_SET_USER_MEMORY_REGION's rules. Called by module/ for changes and by the
 * rest of mmu/ for look-ups. It changes the nested page table only through
 * npt.h and dirty.h, and knows nothing of vCPUs.
 *
 * A change is checked, and what it needs is allocated; then, under lhv_mmu.lock
 * for write, the table is changed and the translations that end are taken away.
 * So a vCPU sees all of the old layout or all of the new one. Slots themselves
 * do not change: another one takes the place of the old.
 *
 * A slot that left the table is retired, and freed once a grace period of
 * lhv_mmu.srcu has passed. Changes that must wait for one anyway (after them no
 * access through the old slot may be under way) free all that has gathered;
 * others leave theirs behind, which spares them the wait.
 */
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "dirty.h"
#include "npt.h"
#include "slots.h"

#define REGION_FLAGS	(KVM_MEM_LOG_DIRTY_PAGES | KVM_MEM_READONLY)
#define SLOT_PAGES_MAX	((1ULL << 31) - 1)
#define RETIRED_MAX	64

/* --- look-up ------------------------------------------------------------- */

/*
 * The last slot that begins at gfn or before. While the tree is being changed
 * it may come out wrong, but it comes out.
 */
static struct lhv_slot *slots_last(struct lhv_mmu *mmu, lhv_gfn_t gfn)
{
	struct rb_node *node = READ_ONCE(mmu->by_gfn.rb_node);
	struct lhv_slot *slot, *last = NULL;

	while (node) {
		slot = rb_entry(node, struct lhv_slot, gfn);
		if (lhv_slot_covers(slot, gfn))
			return slot;
		if (slot->base_gfn < gfn)
			last = slot;
		node = READ_ONCE(*(slot->base_gfn < gfn ? &node->rb_right : &node->rb_left));
	}
	return last;
}

/**
 * lhv_slots_find() - the slot that covers a guest frame
 * @mmu: the VM's memory; its srcu, lock or slots_lock held
 * @gfn: guest frame number
 *
 * Context: process, interrupts on or off.
 * Return: the slot, or NULL.
 */
struct lhv_slot *lhv_slots_find(struct lhv_mmu *mmu, lhv_gfn_t gfn)
{
	struct lhv_slot *slot;
	unsigned int seq;

	RCU_LOCKDEP_WARN(!srcu_read_lock_held(&mmu->srcu) && !lockdep_is_held(&mmu->lock) &&
			 !lockdep_is_held(&mmu->slots_lock), "slots may go");
	do {
		seq = read_seqcount_begin(&mmu->slots_seq);
		slot = slots_last(mmu, gfn);
	} while (read_seqcount_retry(&mmu->slots_seq, seq));
	return slot && lhv_slot_covers(slot, gfn) ? slot : NULL;
}

/* Do the frames overlap a slot other than the one they replace? */
static bool slots_overlap(struct lhv_mmu *mmu, const struct lhv_slot *old,
			  lhv_gfn_t base, u64 npages)
{
	struct lhv_slot *slot = slots_last(mmu, base + npages - 1);

	if (slot && slot == old)
		slot = rb_entry_safe(rb_prev(&old->gfn), struct lhv_slot, gfn);
	return slot && slot->base_gfn + slot->npages > base;
}

/* Readers without the lock find it whole: the count began after it was made. */
static void slots_insert(struct lhv_mmu *mmu, struct lhv_slot *new)
{
	struct rb_node **link = &mmu->by_gfn.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = rb_entry(parent, struct lhv_slot, gfn)->base_gfn < new->base_gfn ?
		       &parent->rb_right : &parent->rb_left;
	}
	rb_link_node(&new->gfn, parent, link);
	rb_insert_color(&new->gfn, &mmu->by_gfn);
}

/* --- slots ------------------------------------------------------------- */

static struct lhv_slot *slot_alloc(struct lhv_mmu *mmu, const struct lhv_slot *old,
				   const struct kvm_userspace_memory_region *mem)
{
	struct lhv_slot *slot = kzalloc(sizeof(*slot), GFP_KERNEL_ACCOUNT);

	if (!slot)
		return NULL;
	slot->id = mem->slot;
	slot->flags = mem->flags;
	slot->base_gfn = mem->guest_phys_addr >> LHV_PAGE_SHIFT;
	slot->npages = mem->memory_size >> LHV_PAGE_SHIFT;
	slot->hva.start = mem->userspace_addr;
	slot->hva.last = mem->userspace_addr + mem->memory_size - 1;
	if (!(mem->flags & KVM_MEM_LOG_DIRTY_PAGES))
		return slot;
	slot->dirty_borrowed = old && old->dirty;
	slot->dirty = slot->dirty_borrowed ? old->dirty : lhv_dirty_alloc(mmu, slot->npages);
	if (slot->dirty)
		return slot;
	kfree(slot);
	return NULL;
}

static void slot_free(struct lhv_slot *slot)
{
	if (!slot->dirty_borrowed)
		kvfree(slot->dirty);
	kfree(slot);
}

static void free_retired(struct lhv_mmu *mmu)
{
	struct lhv_slot *slot, *next;

	llist_for_each_entry_safe(slot, next, __llist_del_all(&mmu->retired), retired)
		slot_free(slot);
	mmu->nr_retired = 0;
}

/* --- changes ----------------------------------------------------------- */

/* What needs no look at the slots that are there. All of it is -EINVAL. */
static bool region_valid(const struct kvm_userspace_memory_region *mem)
{
	u64 in_page = mem->memory_size | mem->guest_phys_addr | mem->userspace_addr;
	u64 end;

	if (mem->flags & ~REGION_FLAGS || mem->slot >= LHV_MAX_SLOTS)
		return false;
	if (in_page & ~PAGE_MASK)
		return false;
	/* Not access_ok(): the notifier reports addresses without a tag. */
	if (check_add_overflow(mem->userspace_addr, mem->memory_size, &end) ||
	    end > TASK_SIZE_MAX)
		return false;
	return !check_add_overflow(mem->guest_phys_addr, mem->memory_size, &end) &&
	       mem->memory_size >> LHV_PAGE_SHIFT <= SLOT_PAGES_MAX;
}

/*
 * Hardware must log before a mapping relies on it: a vCPU that is still inside
 * without its log on would set dirty bits that were just cleared, and nobody
 * would hear of writes to these pages any more. All have left after a flush,
 * and switch it on as they come back.
 */
static void slots_count(struct lhv_mmu *mmu, const struct lhv_slot *old,
			const struct lhv_slot *new)
{
	unsigned int was = mmu->nr_logging;
	unsigned int now = was - (old && old->dirty) + (new && new->dirty);

	WRITE_ONCE(mmu->nr_logging, now);
	if (!was != !now)
		lhv_mmu_logging_changed(mmu);
	if (!was && now && mmu->fmt->pml)
		lhv_mmu_flush_remote(mmu);
}

/* Change the table and end the translations that it has no more. */
static void slots_publish(struct lhv_mmu *mmu, struct lhv_slot *old,
			  struct lhv_slot *new, bool gone)
{
	struct lhv_npt_gather gather;

	write_lock(&mmu->lock);
	write_seqcount_begin(&mmu->slots_seq);
	if (old) {
		rb_erase(&old->gfn, &mmu->by_gfn);
		interval_tree_remove(&old->hva, &mmu->by_hva);
	}
	if (new) {
		slots_insert(mmu, new);
		interval_tree_insert(&new->hva, &mmu->by_hva);
	}
	write_seqcount_end(&mmu->slots_seq);
	lhv_npt_gather_start(&gather, mmu, true);
	if (gone)
		lhv_npt_zap(&gather, old->base_gfn, old->base_gfn + old->npages);
	else if (old)
		lhv_dirty_switched(&gather, new);
	lhv_npt_gather_finish(&gather);
	write_unlock(&mmu->lock);
}

/*
 * Counting comes before publishing where logging starts, after where it ends.
 * Where frames lose their slot, userspace may rely on nobody using it any more.
 */
static void slots_replace(struct lhv_mmu *mmu, struct lhv_slot *old,
			  struct lhv_slot *new)
{
	bool gone = old && (!new || new->base_gfn != old->base_gfn);
	bool starts = new && new->dirty;

	if (starts)
		slots_count(mmu, old, new);
	slots_publish(mmu, old, new, gone);
	if (!starts)
		slots_count(mmu, old, new);
	if (old && new)
		swap(old->dirty_borrowed, new->dirty_borrowed);
	if (old) {
		__llist_add(&old->retired, &mmu->retired);
		mmu->nr_retired++;
	}
	if (gone || mmu->nr_retired >= RETIRED_MAX) {
		synchronize_srcu_expedited(&mmu->srcu);
		free_retired(mmu);
	}
}

static int set_region(struct lhv_mmu *mmu,
		      const struct kvm_userspace_memory_region *mem)
{
	struct lhv_slot *old = xa_load(&mmu->ids, mem->slot), *new;
	lhv_gfn_t base = mem->guest_phys_addr >> LHV_PAGE_SHIFT;
	u64 npages = mem->memory_size >> LHV_PAGE_SHIFT;
	int ret;

	if (!npages) {
		if (!old)
			return -EINVAL;
		xa_erase(&mmu->ids, mem->slot);
		slots_replace(mmu, old, NULL);
		return 0;
	}
	if (old && (mem->userspace_addr != old->hva.start || npages != old->npages ||
		    (mem->flags ^ old->flags) & KVM_MEM_READONLY))
		return -EINVAL;
	if (base + npages > mmu->max_gfn)
		return -EINVAL;
	if (old && base == old->base_gfn && mem->flags == old->flags)
		return 0;
	if (slots_overlap(mmu, old, base, npages))
		return -EEXIST;
	new = slot_alloc(mmu, old, mem);
	if (!new)
		return -ENOMEM;
	ret = xa_err(xa_store(&mmu->ids, mem->slot, new, GFP_KERNEL_ACCOUNT));
	if (ret)
		slot_free(new);
	else
		slots_replace(mmu, old, new);
	return ret;
}

/**
 * lhv_mmu_set_region() - create, move, delete a slot or change its flags
 * @mmu: the VM's memory
 * @mem: KVM_SET_USER_MEMORY_REGION's argument, copied from userspace, unchecked
 *
 * vCPUs see the change at once and as a whole. After a deletion or a move
 * nothing in the kernel accesses memory through the old slot any more.
 *
 * Context: process; sleeps. Takes slots_lock and lock.
 * Return: 0; -EINVAL for what KVM refuses so; -EEXIST where slots would
 * overlap; -ENOMEM.
 */
int lhv_mmu_set_region(struct lhv_mmu *mmu,
		       const struct kvm_userspace_memory_region *mem)
{
	int ret;

	if (!region_valid(mem))
		return -EINVAL;
	mutex_lock(&mmu->slots_lock);
	ret = set_region(mmu, mem);
	mutex_unlock(&mmu->slots_lock);
	return ret;
}

/**
 * lhv_mmu_gpa_backed() - is there memory at a guest-physical address?
 * @mmu: the VM's memory
 * @gpa: guest-physical address
 *
 * Context: process, interrupts on or off.
 * Return: true where a slot, writable or not, covers it.
 */
bool lhv_mmu_gpa_backed(struct lhv_mmu *mmu, lhv_gpa_t gpa)
{
	int idx = srcu_read_lock(&mmu->srcu);
	bool backed = lhv_slots_find(mmu, gpa >> LHV_PAGE_SHIFT);

	srcu_read_unlock(&mmu->srcu, idx);
	return backed;
}

/* --- lifetime ---------------------------------------------------------- */

/**
 * lhv_slots_init() - an empty table
 * @mmu: the VM's memory, zeroed, which empty trees and lists are; nobody else
 * has seen it
 */
void lhv_slots_init(struct lhv_mmu *mmu)
{
	mutex_init(&mmu->slots_lock);
	seqcount_rwlock_init(&mmu->slots_seq, &mmu->lock);
	xa_init(&mmu->ids);
}

/**
 * lhv_slots_destroy() - free all slots
 * @mmu: the VM's memory; no reader is left and none can come
 */
void lhv_slots_destroy(struct lhv_mmu *mmu)
{
	struct lhv_slot *slot;
	unsigned long id;

	xa_for_each(&mmu->ids, id, slot)
		slot_free(slot);
	xa_destroy(&mmu->ids);
	free_retired(mmu);
}
