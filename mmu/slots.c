// SPDX-License-Identifier: GPL-2.0
/*
 * The slot table: which guest frames are backed by which host addresses, under
 * KVM_SET_USER_MEMORY_REGION's rules. Called by module/ for changes and by the
 * rest of mmu/ for look-ups. It changes the nested page table only through
 * npt.h and dirty.h, and knows nothing of vCPUs.
 *
 * A change is checked and built aside; then, under lhv_mmu.lock for write, the
 * new generation is published and the translations it ends are taken away. So a
 * vCPU sees all of the old layout or all of the new one.
 *
 * What a change leaves over is retired, and freed once a grace period of
 * lhv_mmu.srcu has passed. Changes that must wait for one anyway (after them no
 * access through the old slot may be under way) free all that has gathered;
 * others leave theirs behind, which spares them the wait.
 */
#include <linux/build_bug.h>
#include <linux/err.h>
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

/* The place of the last element of a sorted array whose .first is <= key. */
#define last_not_above(array, n, key) ({				\
	unsigned int lo_ = 0, hi_ = (n);				\
									\
	while (hi_ - lo_ > 1) {						\
		unsigned int mid_ = lo_ + (hi_ - lo_) / 2;		\
									\
		if ((array)[mid_].first <= (key))			\
			lo_ = mid_;					\
		else							\
			hi_ = mid_;					\
	}								\
	lo_;								\
})

static struct lhv_slot *slots_last_hit(struct lhv_slots *slots, lhv_gfn_t gfn)
{
	unsigned int last = READ_ONCE(slots->last);
	unsigned int c = last / LHV_SLOT_CHUNK, r = last % LHV_SLOT_CHUNK;
	struct lhv_slot *slot;

	if (c >= slots->nr || r >= slots->chunk[c].chunk->nr)
		return NULL;
	slot = slots->chunk[c].chunk->ref[r].slot;
	return lhv_slot_covers(slot, gfn) ? slot : NULL;
}

/**
 * lhv_slots_find() - the slot that covers a guest frame
 * @slots: a generation, kept alive by the caller
 * @gfn: guest frame number
 *
 * Context: any.
 * Return: the slot, or NULL.
 */
struct lhv_slot *lhv_slots_find(struct lhv_slots *slots, lhv_gfn_t gfn)
{
	struct lhv_slot *slot = slots_last_hit(slots, gfn);
	struct lhv_slot_chunk *chunk;
	unsigned int c, r;

	if (slot || !slots->nr)
		return slot;
	c = last_not_above(slots->chunk, slots->nr, gfn);
	chunk = slots->chunk[c].chunk;
	r = last_not_above(chunk->ref, chunk->nr, gfn);
	slot = chunk->ref[r].slot;
	if (!lhv_slot_covers(slot, gfn))
		return NULL;
	WRITE_ONCE(slots->last, c * LHV_SLOT_CHUNK + r);
	return slot;
}

/**
 * lhv_slots_by_id() - the slot of a number
 * @mmu: the VM's memory
 * @slot: number as userspace gives it, address space in the upper half
 *
 * Context: process, with slots_lock held.
 * Return: the slot; NULL where there is none; ERR_PTR(-EINVAL) where there
 * cannot be one.
 */
struct lhv_slot *lhv_slots_by_id(struct lhv_mmu *mmu, u32 slot)
{
	lockdep_assert_held(&mmu->slots_lock);
	if (slot >= LHV_MAX_SLOTS)
		return ERR_PTR(-EINVAL);
	return xa_load(&mmu->ids, slot);
}

static bool slots_overlap(struct lhv_slots *slots, const struct lhv_slot *new)
{
	lhv_gfn_t last = new->base_gfn + new->npages - 1;
	struct lhv_slot_chunk *chunk;
	struct lhv_slot *slot;

	if (!slots->nr)
		return false;
	chunk = slots->chunk[last_not_above(slots->chunk, slots->nr, last)].chunk;
	slot = chunk->ref[last_not_above(chunk->ref, chunk->nr, last)].slot;
	return slot->base_gfn <= last &&
	       slot->base_gfn + slot->npages > new->base_gfn;
}

/* --- building a generation ------------------------------------------------ */

/* One change of one chunk: at pos, delta 1 inserts, 0 replaces, -1 removes. */
struct chunk_edit {
	const struct lhv_slot_chunk *chunk;	/* NULL: an empty one */
	unsigned int pos;
	int delta;
	struct lhv_slot *slot;
};

static struct lhv_slot_ref edit_nth(const struct chunk_edit *e, unsigned int i)
{
	if (e->delta >= 0 && i == e->pos)
		return (struct lhv_slot_ref){ e->slot->base_gfn, e->slot };
	return e->chunk->ref[i < e->pos ? i : i - e->delta];
}

static struct lhv_slot_chunk *edit_part(const struct chunk_edit *e, u64 generation,
					unsigned int from, unsigned int to)
{
	struct lhv_slot_chunk *chunk;
	unsigned int i;

	chunk = kmalloc(struct_size(chunk, ref, to - from), GFP_KERNEL_ACCOUNT);
	if (!chunk)
		return NULL;
	chunk->generation = generation;
	chunk->nr = to - from;
	for (i = from; i < to; i++)
		chunk->ref[i - from] = edit_nth(e, i);
	return chunk;
}

/* The edited chunk: none where nothing is left, two where it grew too large. */
static int edit_parts(const struct chunk_edit *e, u64 generation,
		      struct lhv_slot_chunk *part[2])
{
	unsigned int n = (e->chunk ? e->chunk->nr : 0) + e->delta;
	unsigned int parts = DIV_ROUND_UP(n, LHV_SLOT_CHUNK), i, from = 0;

	for (i = 0; i < parts; i++) {
		unsigned int to = from + (n - from) / (parts - i);

		part[i] = edit_part(e, generation, from, to);
		if (!part[i]) {
			while (i)
				kfree(part[--i]);
			return -ENOMEM;
		}
		from = to;
	}
	return parts;
}

static struct lhv_slots *slots_alloc(unsigned int nr, u64 generation)
{
	struct lhv_slots *slots;

	slots = kvmalloc(struct_size(slots, chunk, nr), GFP_KERNEL_ACCOUNT);
	if (!slots)
		return NULL;
	slots->generation = generation;
	slots->last = 0;
	slots->nr = nr;
	return slots;
}

/* A copy of cur in which part[] stands for the chunk at c (if it has one). */
static struct lhv_slots *slots_splice(const struct lhv_slots *cur, u64 generation,
				      unsigned int c, unsigned int drop,
				      struct lhv_slot_chunk **part, unsigned int parts)
{
	struct lhv_slots *next = slots_alloc(cur->nr - drop + parts, generation);
	unsigned int i;

	if (!next)
		return NULL;
	memcpy(next->chunk, cur->chunk, flex_array_size(cur, chunk, c));
	for (i = 0; i < parts; i++)
		next->chunk[c + i] = (struct lhv_chunk_ref){ part[i]->ref[0].first,
							     part[i] };
	memcpy(&next->chunk[c + parts], &cur->chunk[c + drop],
	       flex_array_size(cur, chunk, cur->nr - c - drop));
	return next;
}

/* Set aside what a change makes superfluous; at once if nobody has seen it. */
static void drop_part(void *part, struct llist_node *node, bool unseen,
		      struct llist_head *dead)
{
	if (unseen)
		kvfree(part);
	else
		__llist_add(node, dead);
}

/*
 * Apply one edit at the place of gfn. cur is consumed if it was made for this
 * generation, else put on dead like the chunk that was replaced.
 */
static struct lhv_slots *slots_edit(struct lhv_slots *cur, u64 generation,
				    lhv_gfn_t gfn, int delta, struct lhv_slot *slot,
				    struct llist_head *dead)
{
	struct lhv_slot_chunk *part[2], *old = NULL;
	struct chunk_edit e = { .delta = delta, .slot = slot };
	struct lhv_slots *next;
	unsigned int c = 0;
	int parts;

	if (cur->nr) {
		c = last_not_above(cur->chunk, cur->nr, gfn);
		old = cur->chunk[c].chunk;
		e.chunk = old;
		e.pos = last_not_above(old->ref, old->nr, gfn);
		if (delta > 0 && old->ref[e.pos].first < gfn)
			e.pos++;
	}
	parts = edit_parts(&e, generation, part);
	if (parts < 0)
		return NULL;
	next = slots_splice(cur, generation, c, !!old, part, parts);
	if (!next) {
		while (parts)
			kfree(part[--parts]);
		return NULL;
	}
	if (old)
		drop_part(old, &old->retired, old->generation == generation, dead);
	drop_part(cur, &cur->retired, cur->generation == generation, dead);
	return next;
}

/* Undo slots_edit(): free what was made for this generation only. */
static void slots_abandon(struct lhv_slots *slots, u64 generation)
{
	unsigned int c;

	if (slots->generation != generation)
		return;
	for (c = 0; c < slots->nr; c++)
		if (slots->chunk[c].chunk->generation == generation)
			kfree(slots->chunk[c].chunk);
	kvfree(slots);
}

/**
 * slots_build() - the generation that follows the current one
 * @mmu: the VM's memory, slots_lock held
 * @old: slot to take out, or NULL
 * @new: slot to put in, or NULL
 * @dead: gets the parts of the current generation that the next has not
 *
 * Return: the generation; ERR_PTR(-EEXIST) where @new overlaps, -ENOMEM.
 */
static struct lhv_slots *slots_build(struct lhv_mmu *mmu, struct lhv_slot *old,
				     struct lhv_slot *new, struct llist_head *dead)
{
	struct lhv_slots *cur = lhv_slots_current(mmu), *next;
	u64 generation = cur->generation + 1;

	if (old && new && old->base_gfn == new->base_gfn) {
		next = slots_edit(cur, generation, old->base_gfn, 0, new, dead);
		return next ?: ERR_PTR(-ENOMEM);
	}
	if (old) {
		next = slots_edit(cur, generation, old->base_gfn, -1, NULL, dead);
		if (!next)
			return ERR_PTR(-ENOMEM);
		cur = next;
	}
	if (new) {
		next = ERR_PTR(-EEXIST);
		if (!slots_overlap(cur, new))
			next = slots_edit(cur, generation, new->base_gfn, 1, new, dead) ?:
			       ERR_PTR(-ENOMEM);
		if (IS_ERR(next))
			slots_abandon(cur, generation);
		cur = next;
	}
	return cur;
}

/* --- retiring ---------------------------------------------------------- */

static void free_parts(struct llist_node *list)
{
	struct llist_node *node, *next;

	llist_for_each_safe(node, next, list)
		kvfree(node);		/* the link is each part's first member */
}

static_assert(!offsetof(struct lhv_dirty, retired));
static_assert(!offsetof(struct lhv_slot, retired));
static_assert(!offsetof(struct lhv_slot_chunk, retired));
static_assert(!offsetof(struct lhv_slots, retired));

static void retire(struct lhv_mmu *mmu, struct llist_head *dead)
{
	struct llist_node *node, *next;

	llist_for_each_safe(node, next, __llist_del_all(dead)) {
		__llist_add(node, &mmu->retired);
		mmu->nr_retired++;
	}
}

/* After a grace period nobody can see what had been retired before it. */
static void wait_for_readers(struct lhv_mmu *mmu)
{
	synchronize_srcu_expedited(&mmu->srcu);
	free_parts(__llist_del_all(&mmu->retired));
	mmu->nr_retired = 0;
}

/* --- changes ----------------------------------------------------------- */

enum slot_change { SLOT_CREATE, SLOT_DELETE, SLOT_MOVE, SLOT_FLAGS, SLOT_SAME };

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
	if (check_add_overflow(mem->guest_phys_addr, mem->memory_size, &end))
		return false;
	return mem->memory_size >> LHV_PAGE_SHIFT <= SLOT_PAGES_MAX;
}

/* Which change of the slot of this number is asked for; -EINVAL if none is. */
static int region_change(struct lhv_mmu *mmu, const struct lhv_slot *old,
			 const struct kvm_userspace_memory_region *mem)
{
	lhv_gfn_t base = mem->guest_phys_addr >> LHV_PAGE_SHIFT;
	u64 npages = mem->memory_size >> LHV_PAGE_SHIFT;
	int change = SLOT_SAME;

	if (!npages)
		return old ? SLOT_DELETE : -EINVAL;
	if (!old)
		change = SLOT_CREATE;
	else if (mem->userspace_addr != old->hva.start || npages != old->npages ||
		 (mem->flags ^ old->flags) & KVM_MEM_READONLY)
		return -EINVAL;
	else if (base != old->base_gfn)
		change = SLOT_MOVE;
	else if (mem->flags != old->flags)
		change = SLOT_FLAGS;
	if (base + npages > mmu->max_gfn)
		return -EINVAL;
	return change;
}

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
	slot->dirty = old && old->dirty ? old->dirty : lhv_dirty_alloc(mmu, slot->npages);
	if (slot->dirty)
		return slot;
	kfree(slot);
	return NULL;
}

static void slot_free_unseen(struct lhv_slot *slot, const struct lhv_slot *old)
{
	if (slot && slot->dirty && !(old && old->dirty == slot->dirty))
		kvfree(slot->dirty);
	kfree(slot);
}

/* Make next the current generation and end the translations it has not. */
static void slots_publish(struct lhv_mmu *mmu, struct lhv_slots *next,
			  struct lhv_slot *old, struct lhv_slot *new,
			  enum slot_change change)
{
	struct lhv_npt_gather gather;

	write_lock(&mmu->lock);
	rcu_assign_pointer(mmu->slots, next);
	if (old)
		interval_tree_remove(&old->hva, &mmu->by_hva);
	if (new)
		interval_tree_insert(&new->hva, &mmu->by_hva);
	lhv_npt_gather_start(&gather, mmu, true);
	if (change == SLOT_DELETE || change == SLOT_MOVE)
		lhv_npt_zap(&gather, old->base_gfn, old->base_gfn + old->npages);
	else if (change == SLOT_FLAGS)
		lhv_dirty_switched(&gather, new);
	lhv_npt_gather_finish(&gather);
	write_unlock(&mmu->lock);
}

/* Account for what left the table; wait where userspace may rely on it. */
static void slots_retire(struct lhv_mmu *mmu, struct lhv_slot *old,
			 const struct lhv_slot *new, enum slot_change change,
			 struct llist_head *dead)
{
	if (old) {
		if (old->dirty && !(new && new->dirty == old->dirty))
			__llist_add(&old->dirty->retired, dead);
		__llist_add(&old->retired, dead);
	}
	retire(mmu, dead);
	if (change == SLOT_DELETE || change == SLOT_MOVE ||
	    mmu->nr_retired >= RETIRED_MAX)
		wait_for_readers(mmu);
}

static void slots_count(struct lhv_mmu *mmu, const struct lhv_slot *old,
			const struct lhv_slot *new)
{
	unsigned int was = mmu->nr_logging;
	unsigned int now = was - (old && old->dirty) + (new && new->dirty);

	WRITE_ONCE(mmu->nr_logging, now);
	if (!was != !now)
		lhv_mmu_logging_changed(mmu);
}

/*
 * Hardware must log before a mapping relies on it: a vCPU that is still inside
 * without its log on would set dirty bits that were just cleared, and nobody
 * would hear of writes to these pages any more. All have left after a flush,
 * and switch it on as they come back.
 */
static void logging_starts(struct lhv_mmu *mmu, const struct lhv_slot *old,
			   const struct lhv_slot *new)
{
	bool first = !mmu->nr_logging;

	slots_count(mmu, old, new);
	if (first && mmu->fmt->pml)
		lhv_mmu_flush_remote(mmu);
}

/* Counting comes before publishing where logging starts, after where it ends. */
static int slot_replace(struct lhv_mmu *mmu, struct lhv_slot *old,
			struct lhv_slot *new, enum slot_change change)
{
	bool starts = new && new->dirty;
	struct lhv_slots *next;
	LLIST_HEAD(dead);
	int ret;

	if (new) {
		ret = xa_err(xa_store(&mmu->ids, new->id, new, GFP_KERNEL_ACCOUNT));
		if (ret)
			return ret;
	}
	next = slots_build(mmu, old, new, &dead);
	if (IS_ERR(next)) {
		if (new)
			xa_store(&mmu->ids, new->id, old, GFP_KERNEL_ACCOUNT);
		return PTR_ERR(next);
	}
	if (!new)
		xa_erase(&mmu->ids, old->id);
	if (starts)
		logging_starts(mmu, old, new);
	slots_publish(mmu, next, old, new, change);
	if (!starts)
		slots_count(mmu, old, new);
	slots_retire(mmu, old, new, change, &dead);
	return 0;
}

static int set_region(struct lhv_mmu *mmu,
		      const struct kvm_userspace_memory_region *mem)
{
	struct lhv_slot *old = xa_load(&mmu->ids, mem->slot), *new = NULL;
	int change = region_change(mmu, old, mem), ret;

	if (change < 0)
		return change;
	if (change == SLOT_SAME)
		return 0;
	if (change != SLOT_DELETE) {
		new = slot_alloc(mmu, old, mem);
		if (!new)
			return -ENOMEM;
	}
	ret = slot_replace(mmu, old, new, change);
	if (ret)
		slot_free_unseen(new, old);
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
 * Context: any but NMI.
 * Return: true where a slot, writable or not, covers it.
 */
bool lhv_mmu_gpa_backed(struct lhv_mmu *mmu, lhv_gpa_t gpa)
{
	int idx = srcu_read_lock(&mmu->srcu);
	bool backed = lhv_slots_find(lhv_slots_current(mmu), gpa >> LHV_PAGE_SHIFT);

	srcu_read_unlock(&mmu->srcu, idx);
	return backed;
}

/* --- lifetime ---------------------------------------------------------- */

/**
 * lhv_slots_init() - an empty table
 * @mmu: the VM's memory; nobody else has seen it
 *
 * Return: 0 or -ENOMEM.
 */
int lhv_slots_init(struct lhv_mmu *mmu)
{
	struct lhv_slots *slots = slots_alloc(0, 0);

	if (!slots)
		return -ENOMEM;
	mutex_init(&mmu->slots_lock);
	xa_init(&mmu->ids);
	init_llist_head(&mmu->retired);
	mmu->by_hva = RB_ROOT_CACHED;
	RCU_INIT_POINTER(mmu->slots, slots);
	return 0;
}

/**
 * lhv_slots_destroy() - free all slots
 * @mmu: the VM's memory; no reader is left and none can come
 */
void lhv_slots_destroy(struct lhv_mmu *mmu)
{
	struct lhv_slots *slots = rcu_dereference_protected(mmu->slots, true);
	struct lhv_slot *slot;
	unsigned long id;
	unsigned int c;

	xa_for_each(&mmu->ids, id, slot) {
		kvfree(slot->dirty);
		kfree(slot);
	}
	xa_destroy(&mmu->ids);
	for (c = 0; c < slots->nr; c++)
		kfree(slots->chunk[c].chunk);
	kvfree(slots);
	free_parts(__llist_del_all(&mmu->retired));
}
