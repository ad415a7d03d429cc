/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The nested page table: what fault.c, slots.c, dirty.c and notifier.c ask of
 * npt.c. It knows entries and guest frames, and neither slots nor host memory.
 *
 * All of it needs lhv_mmu.lock: "shared" below says that either side serves,
 * else the write side must be held.
 */
#ifndef LHV_MMU_NPT_H
#define LHV_MMU_NPT_H

#include <linux/bits.h>
#include <linux/gfp.h>

#include "mmu.h"

#define LHV_NPT_BITS		9
#define LHV_NPT_ENTRIES		BIT(LHV_NPT_BITS)
#define LHV_NPT_LEVELS_MAX	5

/* Guest frames below one entry of a level; level 1 is 4 KiB. */
static inline u64 lhv_npt_frames(unsigned int level)
{
	return 1ULL << ((level - 1) * LHV_NPT_BITS);
}

/*
 * Mappings taken away and not yet flushed, with the tables that hang on them.
 * A gather lives within one write side of the lock, or drops the lock where it
 * may yield, after a flush.
 */
#define LHV_NPT_GATHER	16

struct lhv_npt_gather {
	struct lhv_mmu *mmu;
	bool may_yield;
	bool flush;
	unsigned int nr;
	struct {
		u64 *table;
		u8 level;
	} dead[LHV_NPT_GATHER];
};

void lhv_npt_gather_start(struct lhv_npt_gather *g, struct lhv_mmu *mmu,
			  bool may_yield);
void lhv_npt_gather_finish(struct lhv_npt_gather *g);
bool lhv_npt_gather_yield(struct lhv_npt_gather *g);

int lhv_npt_init(struct lhv_mmu *mmu);
void lhv_npt_destroy(struct lhv_mmu *mmu);

#define LHV_LEAF_WRITE		1
#define LHV_LEAF_IO		2	/* as the host maps it: uncached */
#define LHV_LEAF_ACCESSED	4
#define LHV_LEAF_DIRTY		8
u64 lhv_npt_leaf(const struct lhv_npt_format *fmt, u64 hpa, unsigned int level,
		 unsigned int flags);

/* Shared: faults. */
u64 *lhv_npt_reach(struct lhv_mmu *mmu, lhv_gfn_t gfn, unsigned int *level,
		   u64 *(*alloc)(void *ctx), void *ctx);
int lhv_npt_install(struct lhv_mmu *mmu, u64 *entry, u64 leaf);
u64 *lhv_npt_table_alloc(gfp_t gfp);

/* Shared: ageing. */
bool lhv_npt_young(struct lhv_mmu *mmu, lhv_gfn_t start, lhv_gfn_t end, bool clear);

/* Exclusive: taking away. Ranges are [start, end). */
void lhv_npt_zap(struct lhv_npt_gather *g, lhv_gfn_t start, lhv_gfn_t end);
void lhv_npt_zap_table(struct lhv_npt_gather *g, lhv_gfn_t gfn, unsigned int level);
void lhv_npt_protect(struct lhv_npt_gather *g, lhv_gfn_t start, lhv_gfn_t end);
void lhv_npt_protect_mask(struct lhv_npt_gather *g, lhv_gfn_t gfn,
			  unsigned long mask);
void lhv_npt_clear_way(struct lhv_npt_gather *g, lhv_gfn_t gfn,
		       unsigned int level, u64 leaf);

#endif /* LHV_MMU_NPT_H */
