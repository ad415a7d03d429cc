// SPDX-License-Identifier: GPL-2.0
/*
 * The nested page table: entries, walks, and taking mappings away. Called by
 * the rest of mmu/, see npt.h for who holds what. It knows neither slots nor
 * host memory nor vendors: bits come from struct lhv_npt_format.
 *
 * Entries are empty (0), leaves, or point to tables. Under the read side of
 * lhv_mmu.lock entries only come into being or gain permissions, by
 * compare-and-exchange, while hardware sets accessed and dirty bits by itself.
 * All else happens under the write side, so a walk under either side never
 * loses the table it stands on. Tables go back when no vCPU can be walking them
 * any more, which is after the flush and before the lock is dropped.
 */
#include <linux/build_bug.h>
#include <linux/io.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "npt.h"

/* Where both vendors keep the address in an entry. */
#define NPT_ADDRESS	GENMASK_ULL(51, LHV_PAGE_SHIFT)

static_assert(LHV_PAGE_SHIFT == PAGE_SHIFT);
static_assert(LHV_NPT_ENTRIES * sizeof(u64) == PAGE_SIZE);
static_assert(LHV_PAGE_SHIFT + LHV_NPT_BITS * LHV_NPT_LEVELS_MAX <= 64);
static_assert(ilog2(NPT_ADDRESS) < 52 && !(NPT_ADDRESS & ~PAGE_MASK));

static unsigned int npt_index(lhv_gfn_t gfn, unsigned int level)
{
	return (gfn >> ((level - 1) * LHV_NPT_BITS)) & (LHV_NPT_ENTRIES - 1);
}

static bool npt_is_table(const struct lhv_mmu *mmu, u64 value, unsigned int level)
{
	return level > 1 && value && !(value & mmu->fmt->large);
}

static bool npt_is_leaf(const struct lhv_mmu *mmu, u64 value, unsigned int level)
{
	return value && !npt_is_table(mmu, value, level);
}

/* Bits of .table may lie within the address: memory encryption's. */
static u64 *npt_table(const struct lhv_mmu *mmu, u64 value)
{
	return phys_to_virt(value & NPT_ADDRESS & ~mmu->fmt->table);
}

/**
 * lhv_npt_leaf() - the value of a leaf
 * @fmt: the vendor's format
 * @hpa: host-physical address, aligned to the level
 * @level: 1 (4 KiB) to 3 (1 GiB)
 * @flags: LHV_LEAF_*; reading and executing are always allowed
 */
u64 lhv_npt_leaf(const struct lhv_npt_format *fmt, u64 hpa, unsigned int level,
		 unsigned int flags)
{
	return hpa | fmt->read | fmt->exec |
	       (flags & LHV_LEAF_IO ? fmt->leaf_io : fmt->leaf) |
	       (level > 1 ? fmt->large : 0) |
	       (flags & LHV_LEAF_WRITE ? fmt->write : 0) |
	       (flags & LHV_LEAF_ACCESSED ? fmt->accessed : 0) |
	       (flags & LHV_LEAF_DIRTY ? fmt->dirty : 0);
}

/* What two leaves that map the same may differ in. */
static u64 soft_bits(const struct lhv_npt_format *fmt)
{
	return fmt->write | fmt->accessed | fmt->dirty;
}

/* Clear bits in an entry; true if any of them was set. */
static bool entry_clear(u64 *entry, u64 bits)
{
	u64 old = READ_ONCE(*entry);

	while (old & bits)
		if (try_cmpxchg64(entry, &old, old & ~bits))
			return true;
	return false;
}

/* --- tables ------------------------------------------------------------ */

/**
 * lhv_npt_table_alloc() - an empty table
 * @gfp: GFP_KERNEL, or GFP_NOWAIT with a lock held
 *
 * Return: the table, or NULL.
 */
u64 *lhv_npt_table_alloc(gfp_t gfp)
{
	return (u64 *)get_zeroed_page(gfp | __GFP_ACCOUNT | __GFP_NOWARN);
}

static void free_subtree(struct lhv_mmu *mmu, u64 *table, unsigned int level)
{
	unsigned int i;

	for (i = 0; level > 1 && i < LHV_NPT_ENTRIES; i++)
		if (npt_is_table(mmu, table[i], level))
			free_subtree(mmu, npt_table(mmu, table[i]), level - 1);
	free_page((unsigned long)table);
	atomic_long_dec(&mmu->tables);
}

static u64 npt_table_value(struct lhv_mmu *mmu, u64 *table)
{
	atomic_long_inc(&mmu->tables);
	return virt_to_phys(table) | mmu->fmt->table;
}

/* --- gathering what was taken away --------------------------------------- */

/**
 * lhv_npt_gather_start() - begin to take mappings away
 * @g: the gather, the caller's
 * @mmu: the VM's memory, locked for write
 * @may_yield: the lock may be dropped now and then, and the caller may sleep
 */
void lhv_npt_gather_start(struct lhv_npt_gather *g, struct lhv_mmu *mmu,
			  bool may_yield)
{
	lockdep_assert_held_write(&mmu->lock);
	g->mmu = mmu;
	g->may_yield = may_yield;
	g->flush = false;
	g->nr = 0;
}

/**
 * lhv_npt_gather_finish() - flush what was taken away, then free its tables
 * @g: the gather; may be used again
 */
void lhv_npt_gather_finish(struct lhv_npt_gather *g)
{
	struct lhv_mmu *mmu = g->mmu;

	lockdep_assert_held_write(&mmu->lock);
	if (!g->flush)
		return;
	lhv_mmu_flush_remote(mmu);
#ifdef LHV_DEBUG
	atomic_long_set(&mmu->zaps_unflushed, 0);
#endif
	g->flush = false;
	while (g->nr) {
		g->nr--;
		free_subtree(mmu, g->dead[g->nr].table, g->dead[g->nr].level);
	}
}

/* A mapping was removed or narrowed: translations of it must not survive. */
static void gather_flush(struct lhv_npt_gather *g)
{
	g->flush = true;
#ifdef LHV_DEBUG
	atomic_long_inc(&g->mmu->zaps_unflushed);
#endif
}

static void gather_removed(struct lhv_npt_gather *g, u64 value, unsigned int level)
{
	gather_flush(g);
	if (!npt_is_table(g->mmu, value, level))
		return;
	g->dead[g->nr].table = npt_table(g->mmu, value);
	g->dead[g->nr].level = level - 1;
	if (++g->nr == LHV_NPT_GATHER)
		lhv_npt_gather_finish(g);
}

/**
 * lhv_npt_gather_yield() - let others have the lock or the processor
 * @g: a started gather
 *
 * Flushes and drops the lock for a moment, if it may and somebody waits.
 *
 * Return: true: the lock was dropped, and the tables may have changed.
 */
bool lhv_npt_gather_yield(struct lhv_npt_gather *g)
{
	if (!g->may_yield || !(need_resched() || rwlock_is_contended(&g->mmu->lock)))
		return false;
	lhv_npt_gather_finish(g);
	write_unlock(&g->mmu->lock);
	cond_resched();
	write_lock(&g->mmu->lock);
	return true;
}

#ifdef LHV_DEBUG
/**
 * lhv_mmu_zap_lost() - was a mapping taken away without a flush?
 * @mmu: the VM's memory
 *
 * Whoever takes mappings away holds the lock until they are flushed, so nobody
 * who gets the lock may find some that are not.
 *
 * Context: any but NMI; does not wait.
 */
bool lhv_mmu_zap_lost(struct lhv_mmu *mmu)
{
	bool lost;

	if (!atomic_long_read(&mmu->zaps_unflushed) || !read_trylock(&mmu->lock))
		return false;
	lost = atomic_long_read(&mmu->zaps_unflushed);
	read_unlock(&mmu->lock);
	return lost;
}
#endif

/* --- walking ----------------------------------------------------------- */

/*
 * Visits what is in [gfn, end), tables before what is below them. Where the
 * loop's body takes a table away, it clears .value, and what was below is passed.
 */
struct npt_iter {
	const struct lhv_mmu *mmu;
	lhv_gfn_t gfn, end;
	unsigned int level;
	u64 *entry, value;
	u64 *table[LHV_NPT_LEVELS_MAX + 1];
};

/* Past this entry, in this table or in one above at the end of it. */
static bool iter_skip(struct npt_iter *it)
{
	it->gfn = (it->gfn | (lhv_npt_frames(it->level) - 1)) + 1;
	while (!npt_index(it->gfn, it->level) && it->level < it->mmu->fmt->levels)
		it->level++;
	return it->gfn < it->end;
}

/* The first entry from here on that is not empty. */
static bool iter_find(struct npt_iter *it)
{
	do {
		it->entry = &it->table[it->level][npt_index(it->gfn, it->level)];
		it->value = READ_ONCE(*it->entry);
	} while (!it->value && iter_skip(it));
	return it->value;
}

static bool iter_start(struct npt_iter *it, const struct lhv_mmu *mmu,
		       lhv_gfn_t start, lhv_gfn_t end)
{
	it->mmu = mmu;
	it->gfn = start;
	it->end = min(end, lhv_npt_frames(mmu->fmt->levels + 1));
	it->level = mmu->fmt->levels;
	it->table[it->level] = mmu->root;
	return start < it->end && iter_find(it);
}

/* With a gather, which may be NULL, the lock may be dropped in between. */
static bool iter_next(struct npt_iter *it, struct lhv_npt_gather *g)
{
	if (npt_is_table(it->mmu, it->value, it->level)) {
		it->level--;
		it->table[it->level] = npt_table(it->mmu, it->value);
		return iter_find(it);
	}
	if (!iter_skip(it))
		return false;
	if (g && lhv_npt_gather_yield(g))
		return iter_start(it, it->mmu, it->gfn, it->end);
	return iter_find(it);
}

/* --- faults ------------------------------------------------------------ */

/* The table below an entry that was found empty, ours or the winner's. */
static u64 link_table(struct lhv_mmu *mmu, u64 *entry, u64 *table)
{
	u64 old = 0, value = npt_table_value(mmu, table);

	if (try_cmpxchg64(entry, &old, value))
		return value;
	atomic_long_dec(&mmu->tables);
	free_page((unsigned long)table);
	return old;
}

/**
 * lhv_npt_reach() - the entry for a guest frame at a level
 * @mmu: the VM's memory, locked
 * @gfn: guest frame
 * @level: wanted level; on return the entry's, which is lower where a table
 * stands at the wanted level, and higher where a leaf covers it already
 * @alloc: gives an empty table, or NULL; must not sleep
 * @ctx: its argument
 *
 * Return: the entry, or NULL where @alloc had no table.
 */
u64 *lhv_npt_reach(struct lhv_mmu *mmu, lhv_gfn_t gfn, unsigned int *level,
		   u64 *(*alloc)(void *ctx), void *ctx)
{
	unsigned int l = mmu->fmt->levels;
	u64 *entry = &mmu->root[npt_index(gfn, l)], *table, value;

	lockdep_assert_held(&mmu->lock);
	for (;;) {
		value = READ_ONCE(*entry);
		if (!value && l > *level) {
			table = alloc(ctx);
			if (!table)
				return NULL;
			value = link_table(mmu, entry, table);
		}
		if (!npt_is_table(mmu, value, l))
			break;
		l--;
		entry = &npt_table(mmu, value)[npt_index(gfn, l)];
	}
	*level = l;
	return entry;
}

/**
 * lhv_npt_install() - put a leaf into an entry
 * @mmu: the VM's memory, locked
 * @entry: from lhv_npt_reach(), at the leaf's level
 * @leaf: the value
 *
 * A leaf that is there and maps the same keeps the permissions it has.
 *
 * Return: 0; -EBUSY where the entry holds something else, which must be taken
 * away under the write side first.
 */
int lhv_npt_install(struct lhv_mmu *mmu, u64 *entry, u64 leaf)
{
	u64 old = READ_ONCE(*entry);

	lockdep_assert_held(&mmu->lock);
	do {
		if (old && (old ^ leaf) & ~soft_bits(mmu->fmt))
			return -EBUSY;
		if ((old | leaf) == old)
			return 0;
	} while (!try_cmpxchg64(entry, &old, old | leaf));
	return 0;
}

/* --- taking away --------------------------------------------------------- */

/**
 * lhv_npt_zap() - unmap a range
 * @g: a started gather; its owner flushes
 * @start: first guest frame
 * @end: the frame after the last
 *
 * Large leaves that only overlap the range go too, and tables that lie in it.
 */
void lhv_npt_zap(struct lhv_npt_gather *g, lhv_gfn_t start, lhv_gfn_t end)
{
	struct npt_iter it;
	bool more;

	for (more = iter_start(&it, g->mmu, start, end); more; more = iter_next(&it, g)) {
		u64 frames = lhv_npt_frames(it.level);
		lhv_gfn_t first = it.gfn & ~(frames - 1);

		/* Above 1 GiB freeing a subtree in one go would take too long. */
		if (npt_is_table(g->mmu, it.value, it.level) &&
		    (it.level > 3 || first < start || first + frames > end))
			continue;
		gather_removed(g, xchg(it.entry, 0), it.level);
		it.value = 0;
	}
}

/* Which bits make a write to this leaf go unnoticed by the dirty log. */
static u64 silent_bits(const struct lhv_mmu *mmu, unsigned int level)
{
	if (!mmu->fmt->pml)
		return mmu->fmt->write;
	/* Hardware would log one address for the whole of a large page. */
	return mmu->fmt->dirty | (level > 1 ? mmu->fmt->write : 0);
}

/**
 * lhv_npt_protect() - make the first write to each mapping in a range noticed
 * @g: a started gather; its owner flushes
 * @start: first guest frame
 * @end: the frame after the last
 */
void lhv_npt_protect(struct lhv_npt_gather *g, lhv_gfn_t start, lhv_gfn_t end)
{
	struct npt_iter it;
	bool more;

	for (more = iter_start(&it, g->mmu, start, end); more; more = iter_next(&it, g))
		if (npt_is_leaf(g->mmu, it.value, it.level) &&
		    entry_clear(it.entry, silent_bits(g->mmu, it.level)))
			gather_flush(g);
}

/* Replace a large leaf by a table that maps the same; 0 if it was unmapped. */
static u64 split_leaf(struct lhv_npt_gather *g, u64 *entry, unsigned int level)
{
	struct lhv_mmu *mmu = g->mmu;
	u64 step = lhv_npt_frames(level - 1) << LHV_PAGE_SHIFT;
	u64 *table = lhv_npt_table_alloc(GFP_NOWAIT);
	u64 old = READ_ONCE(*entry), leaf, value;
	unsigned int i;

	if (!table) {
		gather_removed(g, xchg(entry, 0), level);
		return 0;
	}
	value = npt_table_value(mmu, table);
	do {
		leaf = level > 2 ? old : old & ~mmu->fmt->large;
		for (i = 0; i < LHV_NPT_ENTRIES; i++)
			table[i] = leaf + i * step;
	} while (!try_cmpxchg64(entry, &old, value));
	gather_flush(g);
	return value;
}

/*
 * The entry of a level for a frame; NULL where there is no table of that level.
 * Leaves above it that have any of these bits are split.
 */
static u64 *entry_at(struct lhv_npt_gather *g, lhv_gfn_t gfn, unsigned int level, u64 bits)
{
	struct lhv_mmu *mmu = g->mmu;
	unsigned int l = mmu->fmt->levels;
	u64 *entry = &mmu->root[npt_index(gfn, l)];

	for (; l > level; l--) {
		u64 value = READ_ONCE(*entry);

		if (npt_is_leaf(mmu, value, l))
			value = value & bits ? split_leaf(g, entry, l) : 0;
		if (!value)
			return NULL;
		entry = &npt_table(mmu, value)[npt_index(gfn, l - 1)];
	}
	return entry;
}

/**
 * lhv_npt_protect_mask() - as lhv_npt_protect(), for single pages
 * @g: a started gather; its owner flushes
 * @gfn: guest frame of bit 0
 * @mask: which of the 64 frames from @gfn on
 *
 * Large leaves are split, so that the pages beside keep their permissions.
 */
void lhv_npt_protect_mask(struct lhv_npt_gather *g, lhv_gfn_t gfn,
			  unsigned long mask)
{
	u64 bits = silent_bits(g->mmu, 1);

	for (; mask; mask &= mask - 1) {
		u64 *entry = entry_at(g, gfn + __ffs(mask), 1, g->mmu->fmt->write);

		if (entry && entry_clear(entry, bits))
			gather_flush(g);
	}
}

/**
 * lhv_npt_clear_way() - take away what keeps a leaf from being installed
 * @g: a started gather; its owner flushes
 * @gfn: guest frame
 * @level: the leaf's level
 * @leaf: the leaf; only what it maps matters
 *
 * A larger leaf is split, anything else that differs is unmapped.
 */
void lhv_npt_clear_way(struct lhv_npt_gather *g, lhv_gfn_t gfn,
		       unsigned int level, u64 leaf)
{
	u64 *entry = entry_at(g, gfn, level, ~0ULL);
	u64 value = entry ? READ_ONCE(*entry) : 0;

	if (npt_is_leaf(g->mmu, value, level) && (value ^ leaf) & ~soft_bits(g->mmu->fmt))
		gather_removed(g, xchg(entry, 0), level);
}

/**
 * lhv_npt_zap_table() - unmap what small pages map below one entry
 * @g: a started gather; its owner flushes
 * @gfn: a guest frame below the entry
 * @level: the entry's level, above 1
 *
 * Return: so that a later fault can map it by one leaf. A leaf stays.
 */
void lhv_npt_zap_table(struct lhv_npt_gather *g, lhv_gfn_t gfn, unsigned int level)
{
	u64 *entry = entry_at(g, gfn, level, 0);

	if (entry && npt_is_table(g->mmu, READ_ONCE(*entry), level))
		gather_removed(g, xchg(entry, 0), level);
}

/* --- ageing ------------------------------------------------------------ */

/**
 * lhv_npt_young() - was a range used?
 * @mmu: the VM's memory, locked
 * @start: first guest frame
 * @end: the frame after the last
 * @clear: clear the accessed bits, if the format has them
 *
 * As the host does with its own, they are cleared without a flush: a page that
 * stays in a TLB may count as unused for a while, which costs nothing but
 * accuracy.
 *
 * Return: true where something in the range is mapped and was accessed since
 * its accessed bit was cleared, or cannot be told apart from that.
 */
bool lhv_npt_young(struct lhv_mmu *mmu, lhv_gfn_t start, lhv_gfn_t end, bool clear)
{
	u64 accessed = mmu->fmt->accessed;
	bool more, young = false;
	struct npt_iter it;

	lockdep_assert_held(&mmu->lock);
	for (more = iter_start(&it, mmu, start, end); more && (clear || !young);
	     more = iter_next(&it, NULL)) {
		if (npt_is_table(mmu, it.value, it.level))
			continue;
		young |= !accessed || it.value & accessed;
		if (clear)
			entry_clear(it.entry, accessed);
	}
	return young;
}

/* --- lifetime ---------------------------------------------------------- */

/* Permissions and kinds of an entry must be told apart by their bits. */
static bool format_valid(const struct lhv_npt_format *fmt)
{
	const u64 distinct[] = { fmt->large, fmt->write, fmt->accessed, fmt->dirty };
	u64 seen = fmt->leaf | fmt->leaf_io | fmt->read | fmt->exec;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(distinct); i++) {
		if (distinct[i] & (seen | NPT_ADDRESS))
			return false;
		seen |= distinct[i];
	}
	return fmt->read && fmt->write && fmt->large && fmt->table &&
	       !(fmt->table & fmt->large) && (!fmt->pml || fmt->dirty) &&
	       (fmt->levels == 4 || fmt->levels == LHV_NPT_LEVELS_MAX) &&
	       fmt->max_level >= 1 && fmt->max_level <= 3;
}

/**
 * lhv_npt_init() - an empty nested page table
 * @mmu: the VM's memory, with .fmt set
 *
 * Return: 0, -ENOMEM, -EINVAL for a format that cannot be.
 */
int lhv_npt_init(struct lhv_mmu *mmu)
{
	if (WARN_ON_ONCE(!format_valid(mmu->fmt)))
		return -EINVAL;
	mmu->root = lhv_npt_table_alloc(GFP_KERNEL);
	if (!mmu->root)
		return -ENOMEM;
	mmu->root_hpa = virt_to_phys(mmu->root);
	atomic_long_set(&mmu->tables, 1);
	return 0;
}

/**
 * lhv_npt_destroy() - free the nested page table
 * @mmu: the VM's memory; no vCPU is left
 */
void lhv_npt_destroy(struct lhv_mmu *mmu)
{
	free_subtree(mmu, mmu->root, mmu->fmt->levels);
}
