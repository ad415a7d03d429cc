// SPDX-License-Identifier: GPL-2.0
/*
 * The nested page table by itself: reaching, installing, splitting, taking
 * away, ageing; lost races; and random operations against an array.
 */
#include <errno.h>
#include <string.h>
#include <linux/mm.h>

#include "test.h"
#include "world.h"

static u64 *plain_table(void *ctx)
{
	(void)ctx;
	return lhv_npt_table_alloc(GFP_KERNEL);
}

static u64 *no_table(void *ctx)
{
	(void)ctx;
	return NULL;
}

/* Install as a fault does; the level it was done at, or an errno. */
static int install(lhv_gfn_t gfn, unsigned int level, u64 hpa, unsigned int flags)
{
	struct lhv_mmu *mmu = &world.mmu;
	u64 *entry;
	int ret;

	read_lock(&mmu->lock);
	entry = lhv_npt_reach(mmu, gfn, &level, plain_table, NULL);
	EXPECT(entry);
	ret = lhv_npt_install(mmu, entry, lhv_npt_leaf(mmu->fmt, hpa, level, flags));
	read_unlock(&mmu->lock);
	return ret ? ret : (int)level;
}

/* Run one statement with a gather, which is flushed after it. */
#define gathered(statement) do {					\
	struct lhv_npt_gather gather, *g = &gather;			\
									\
	write_lock(&world.mmu.lock);					\
	lhv_npt_gather_start(g, &world.mmu, world.resched);		\
	statement;							\
	lhv_npt_gather_finish(g);					\
	write_unlock(&world.mmu.lock);					\
} while (0)

#define W	LHV_LEAF_WRITE

static void install_at_each_level(void)
{
	unsigned int format, level;

	for (format = 0; format < WORLD_FORMATS; format++) {
		world_start(format);
		EXPECT_EQ(install(5, 1, 0x5000, 0), 1);
		EXPECT_EQ(install(0x200, 2, 0x200000, W), 2);
		EXPECT_EQ(install(0x40000, 3, 0x40000000, W), 3);
		EXPECT_EQ(world_leaf(5, &level),
			  0x5000 | world.mmu.fmt->leaf | world.mmu.fmt->read |
			  world.mmu.fmt->exec);
		EXPECT_EQ(level, 1);
		EXPECT_EQ(world_leaf(0x3ff, &level),
			  0x200000 | world.mmu.fmt->leaf | world.mmu.fmt->read | 0x82 |
			  world.mmu.fmt->exec);
		EXPECT_EQ(level, 2);
		EXPECT(world_leaf(0x7ffff, &level) && level == 3);
		EXPECT(!world_leaf(6, &level) && !world_leaf(0x400, &level));
		EXPECT_EQ(atomic_long_read(&world.mmu.tables),
			  world.mmu.fmt->levels);
		EXPECT_EQ(world.flushes, 0);
		world_end();
	}
}

static void install_keeps_what_is_there(void)
{
	u64 was;
	unsigned int level;

	world_start(EPT_AD);
	EXPECT_EQ(install(5, 1, 0x5000, W | LHV_LEAF_DIRTY), 1);
	was = world_leaf(5, &level);
	EXPECT_EQ(install(5, 1, 0x5000, 0), 1);
	EXPECT_EQ(world_leaf(5, &level), was);
	EXPECT_EQ(install(5, 1, 0x6000, 0), -EBUSY);
	EXPECT_EQ(install(5, 1, 0x5000, LHV_LEAF_IO), -EBUSY);
	EXPECT_EQ(world_leaf(5, &level), was);
	EXPECT_EQ(install(0, 2, 0x200000, 0), 1);	/* a table is there */
	EXPECT_EQ(install(0x200, 2, 0x200000, 0), 2);
	EXPECT_EQ(install(0x207, 1, 0x207000, 0), -EBUSY);	/* a leaf is */
	EXPECT_EQ(world.flushes, 0);
	world_end();
}

static void reach_without_memory(void)
{
	unsigned int level = 1;

	world_start(NPT_5LEVEL);
	read_lock(&world.mmu.lock);
	EXPECT(!lhv_npt_reach(&world.mmu, 7, &level, no_table, NULL));
	read_unlock(&world.mmu.lock);
	world_end();
}

/* While one vCPU gets a table, another installs the whole way. */
static u64 *beaten_table(void *ctx)
{
	unsigned int level = 1;
	u64 *entry = lhv_npt_reach(&world.mmu, 7, &level, plain_table, NULL);

	(void)ctx;
	EXPECT_EQ(lhv_npt_install(&world.mmu, entry,
				  lhv_npt_leaf(world.mmu.fmt, 0x7000, 1, 0)), 0);
	return lhv_npt_table_alloc(GFP_KERNEL);
}

static void loser_of_a_race_uses_the_winners_table(void)
{
	unsigned int level = 1;
	u64 *entry;

	world_start(EPT_AD);
	read_lock(&world.mmu.lock);
	entry = lhv_npt_reach(&world.mmu, 7, &level, beaten_table, NULL);
	EXPECT_EQ(level, 1);
	EXPECT_EQ(*entry & PAGE_MASK, 0x7000);
	read_unlock(&world.mmu.lock);
	EXPECT_EQ(atomic_long_read(&world.mmu.tables), 4);
	world_end();
}

static void zap_frees_covered_tables(void)
{
	unsigned int level;
	u64 gfn;

	world_start(EPT_AD);
	for (gfn = 0; gfn < 2048; gfn += 16)
		EXPECT_EQ(install(gfn, 1, gfn << 12, W), 1);
	EXPECT_EQ(atomic_long_read(&world.mmu.tables), 3 + 4);
	gathered(lhv_npt_zap(g, 500, 1537));	/* tables 1 and 2 as a whole */
	EXPECT_EQ(world.flushes, 1);
	EXPECT_EQ(atomic_long_read(&world.mmu.tables), 3 + 2);
	for (gfn = 0; gfn < 2048; gfn += 16)
		EXPECT_EQ(!world_leaf(gfn, &level), gfn >= 500 && gfn < 1537);
	gathered(lhv_npt_zap(g, 500, 1537));
	EXPECT_EQ(world.flushes, 1);		/* nothing was left to flush */
	gathered(lhv_npt_zap(g, 0, ~0ULL));
	EXPECT_EQ(atomic_long_read(&world.mmu.tables), 2);
	world_end();
}

static void zap_takes_large_leaves_it_touches(void)
{
	unsigned int level;

	world_start(NPT_5LEVEL);
	EXPECT_EQ(install(0x200, 2, 0x200000, W), 2);
	EXPECT_EQ(install(0x400, 2, 0x400000, W), 2);
	gathered(lhv_npt_zap(g, 0x3ff, 0x400));
	EXPECT(!world_leaf(0x200, &level));
	EXPECT(world_leaf(0x400, &level));
	/* but of tables only those in the range */
	EXPECT_EQ(install(0x600, 1, 0x600000, W), 1);
	EXPECT_EQ(install(0x7ff, 1, 0x7ff000, W), 1);
	gathered(lhv_npt_zap(g, 0x601, 0x900));
	EXPECT(world_leaf(0x600, &level) && !world_leaf(0x7ff, &level));
	world_end();
}

/* More subtrees than a gather holds. */
static void zap_of_many_tables(void)
{
	u64 i;

	world_start(EPT_AD);
	for (i = 0; i < 300; i++)
		EXPECT_EQ(install(i * 512 + i, 1, i << 12, 0), 1);
	gathered(lhv_npt_zap(g, 0, 300 * 512));
	EXPECT_EQ(world.flushes, 300 / LHV_NPT_GATHER + 1);
	EXPECT_EQ(atomic_long_read(&world.mmu.tables), 3);
	world_end();
}

static void protect_makes_writes_noticed(void)
{
	unsigned int level;

	world_start(EPT_AD);
	EXPECT_EQ(install(1, 1, 0x1000, W), 1);
	EXPECT_EQ(install(2, 1, 0x2000, W), 1);
	EXPECT_EQ(install(0x200, 2, 0x200000, W), 2);
	gathered(lhv_npt_protect(g, 2, 0x400));
	EXPECT_EQ(world_leaf(1, &level) & 2, 2);
	EXPECT_EQ(world_leaf(2, &level) & 2, 0);
	EXPECT_EQ(world_leaf(0x200, &level) & 2, 0);
	EXPECT_EQ(level, 2);
	EXPECT_EQ(world.flushes, 1);
	gathered(lhv_npt_protect(g, 2, 0x400));
	EXPECT_EQ(world.flushes, 1);
	world_end();
}

static void protect_with_a_log_in_hardware(void)
{
	const u64 both = 0x200 | 2;
	unsigned int level;

	world_start(EPT_PML);
	EXPECT_EQ(install(1, 1, 0x1000, W | LHV_LEAF_DIRTY), 1);
	EXPECT_EQ(install(0x200, 2, 0x200000, W | LHV_LEAF_DIRTY), 2);
	gathered(lhv_npt_protect(g, 0, 0x400));
	EXPECT_EQ(world_leaf(1, &level) & both, 2);
	EXPECT_EQ(world_leaf(0x200, &level) & both, 0);
	EXPECT_EQ(world.flushes, 1);
	world_end();
}

static void protect_mask_splits_large_leaves(void)
{
	unsigned int level;
	u64 gfn;

	world_start(NPT_5LEVEL);
	EXPECT_EQ(install(0, 3, 0x40000000, W), 3);
	gathered(lhv_npt_protect_mask(g, 0x3c0, 1ULL << 63 | 1));
	EXPECT_EQ(world.flushes, 1);
	for (gfn = 0x200; gfn < 0x400; gfn++) {
		u64 leaf = world_leaf(gfn, &level);

		EXPECT_EQ(level, 1);
		EXPECT_EQ(leaf & PAGE_MASK, 0x40000000 + (gfn << 12));
		EXPECT_EQ(!(leaf & 2), gfn == 0x3c0 || gfn == 0x3ff);
		EXPECT(!(leaf & 0x80));
	}
	EXPECT_EQ(world_leaf(0x1ff, &level) & 2, 2);
	EXPECT_EQ(level, 2);
	EXPECT_EQ(world_leaf(0x3ffff, &level) & ~0xfffULL, 0x7fe00000);
	EXPECT_EQ(level, 2);
	EXPECT_EQ(install(0x40000, 2, 0x200000, 0), 2);
	gathered(lhv_npt_protect_mask(g, 0x40000, 1));	/* no write to notice */
	EXPECT(world_leaf(0x40000, &level) && level == 2);
	world_end();
}

static void split_without_memory_unmaps(void)
{
	unsigned int level;

	world_start(EPT_AD);
	EXPECT_EQ(install(0x200, 2, 0x200000, W), 2);
	unit_nowait_fails = true;
	gathered(lhv_npt_protect_mask(g, 0x200, 2));
	EXPECT(!world_leaf(0x200, &level));
	EXPECT_EQ(world.flushes, 1);
	world_end();
}

static void clear_way(void)
{
	unsigned int level;
	u64 leaf;

	world_start(EPT_AD);
	leaf = lhv_npt_leaf(world.mmu.fmt, 0x205000, 1, 0);
	EXPECT_EQ(install(0x200, 2, 0x200000, 0), 2);
	gathered(lhv_npt_clear_way(g, 0x205, 1, leaf));		/* fits: split */
	EXPECT_EQ(world_leaf(0x205, &level) & PAGE_MASK, 0x205000);
	EXPECT_EQ(level, 1);
	gathered(lhv_npt_clear_way(g, 0x206, 1, leaf));		/* another page */
	EXPECT(!world_leaf(0x206, &level));
	EXPECT(world_leaf(0x205, &level));
	gathered(lhv_npt_clear_way(g, 0x500, 1, leaf));		/* nothing there */
	EXPECT_EQ(world.flushes, 2);
	gathered(lhv_npt_zap_table(g, 0x3ff, 2));
	EXPECT(!world_leaf(0x205, &level));
	EXPECT_EQ(install(0x200, 2, 0x200000, 0), 2);
	gathered(lhv_npt_zap_table(g, 0x3ff, 2));		/* a leaf stays */
	EXPECT(world_leaf(0x205, &level));
	world_end();
}

static bool ageing(bool clear, u64 start, u64 end)
{
	bool young;

	read_lock(&world.mmu.lock);
	young = lhv_npt_young(&world.mmu, start, end, clear);
	read_unlock(&world.mmu.lock);
	return young;
}

#define TEST	false
#define CLEAR	true

static void young(void)
{
	world_start(NPT_5LEVEL);
	EXPECT_EQ(install(5, 1, 0x5000, LHV_LEAF_ACCESSED), 1);
	EXPECT_EQ(install(6, 1, 0x6000, 0), 1);
	EXPECT(ageing(TEST, 0, 100));
	EXPECT(!ageing(TEST, 6, 100));
	EXPECT(!ageing(CLEAR, 6, 100));
	EXPECT(ageing(CLEAR, 5, 6));
	EXPECT(!ageing(TEST, 0, 100));
	EXPECT_EQ(world.flushes, 0);
	world_end();
	world_start(EPT_NO_AD);
	EXPECT_EQ(install(5, 1, 0x5000, LHV_LEAF_ACCESSED), 1);
	EXPECT(ageing(TEST, 0, 100));
	EXPECT(!ageing(TEST, 6, 100));
	world_end();
}

static void lost_zaps_are_seen(void)
{
	struct lhv_npt_gather g;

	world_start(EPT_AD);
	EXPECT_EQ(install(5, 1, 0x5000, 0), 1);
	write_lock(&world.mmu.lock);
	lhv_npt_gather_start(&g, &world.mmu, false);
	lhv_npt_zap(&g, 0, 10);
	EXPECT(!lhv_mmu_zap_lost(&world.mmu));	/* who holds the lock may flush yet */
	write_unlock(&world.mmu.lock);
	EXPECT(lhv_mmu_zap_lost(&world.mmu));
	write_lock(&world.mmu.lock);
	lhv_npt_gather_finish(&g);
	write_unlock(&world.mmu.lock);
	EXPECT(!lhv_mmu_zap_lost(&world.mmu));
	world_end();
}

static void impossible_formats_are_refused(void)
{
	struct lhv_npt_format fmt = world_formats[EPT_AD];
	struct lhv_mmu mmu = { .fmt = &fmt };

	fmt.dirty = 1ULL << 12;
	EXPECT_EQ(lhv_npt_init(&mmu), -EINVAL);
	fmt.dirty = fmt.write;
	EXPECT_EQ(lhv_npt_init(&mmu), -EINVAL);
	fmt.dirty = 0;
	fmt.pml = true;
	EXPECT_EQ(lhv_npt_init(&mmu), -EINVAL);
	fmt.pml = false;
	fmt.levels = 3;
	EXPECT_EQ(lhv_npt_init(&mmu), -EINVAL);
}

/* --- random operations ---------------------------------------------------------- */

/* What each frame is mapped to: 0 nothing, else page number * 2 + writable. */
static u64 model[WORLD_GFNS];

static void model_install(void)
{
	unsigned int level = rnd_one_in(16) ? 2 : 1;
	u64 frames = level == 2 ? 512 : 1, i, at;
	lhv_gfn_t gfn = rnd_below(WORLD_GFNS) & ~(frames - 1);
	u64 page = (gfn + 0x100000) & ~(frames - 1);
	unsigned int flags = rnd_one_in(2) ? W : 0, was;
	bool large = world_leaf(gfn, &was) && was == 2;
	int done = install(gfn, level, page << 12, flags);

	if (done < 0) {
		EXPECT(done == -EBUSY && large && level == 1);
		return;
	}
	at = done == 2 ? gfn & ~511ULL : gfn;
	for (i = 0; i < (done == 2 ? 512 : 1); i++)
		model[at + i] = ((at + i + 0x100000) * 2) |
				(flags ? 1 : model[at + i] & 1);
}

static void model_zap(lhv_gfn_t start, lhv_gfn_t end)
{
	lhv_gfn_t from = start, to = end;
	unsigned int level;

	if (world_leaf(start, &level) && level == 2)
		from = start & ~511ULL;
	if (world_leaf(end - 1, &level) && level == 2)
		to = ((end - 1) | 511) + 1;
	gathered(lhv_npt_zap(g, start, end));
	memset(&model[from], 0, (to - from) * sizeof(model[0]));
}

static void model_protect(lhv_gfn_t gfn, u64 mask)
{
	unsigned int i;

	gathered(lhv_npt_protect_mask(g, gfn, mask));
	for (i = 0; i < 64; i++)
		if (mask >> i & 1)
			model[gfn + i] &= ~1ULL;
}

static void model_step(void)
{
	lhv_gfn_t gfn = rnd_below(WORLD_GFNS - 1024);

	switch (rnd_below(100)) {
	case 0 ... 3:
		model_zap(gfn, gfn + 1 + rnd_below(1000));
		break;
	case 4 ... 15:
		model_protect(gfn, rnd() & rnd());
		break;
	default:
		model_install();
	}
}

static void model_check(void)
{
	unsigned int level;
	lhv_gfn_t gfn;

	for (gfn = 0; gfn < WORLD_GFNS; gfn++) {
		u64 leaf = world_leaf(gfn, &level), in = level == 2 ? gfn & 511 : 0;
		u64 page = ((leaf & 0xffffffffff000) >> 12) + in;

		EXPECT_EQ(leaf ? page * 2 + !!(leaf & 2) : 0, model[gfn]);
	}
}

static void random_against_an_array(void)
{
	unsigned int format, i;

	for (format = 0; format < WORLD_FORMATS; format++) {
		if (world_formats[format].pml)
			continue;
		rnd_start(100 + format);
		memset(model, 0, sizeof(model));
		world_start(format);
		world.resched = 3;
		for (i = 0; i < 6000; i++) {
			model_step();
			if (!(i % 100))
				model_check();
		}
		world_end();
	}
}

const struct tap_case npt_cases[] = {
	{ "install_at_each_level", install_at_each_level },
	{ "install_keeps_what_is_there", install_keeps_what_is_there },
	{ "reach_without_memory", reach_without_memory },
	{ "loser_of_a_race_uses_the_winners_table",
	  loser_of_a_race_uses_the_winners_table },
	{ "zap_frees_covered_tables", zap_frees_covered_tables },
	{ "zap_takes_large_leaves_it_touches", zap_takes_large_leaves_it_touches },
	{ "zap_of_many_tables", zap_of_many_tables },
	{ "protect_makes_writes_noticed", protect_makes_writes_noticed },
	{ "protect_with_a_log_in_hardware", protect_with_a_log_in_hardware },
	{ "protect_mask_splits_large_leaves", protect_mask_splits_large_leaves },
	{ "split_without_memory_unmaps", split_without_memory_unmaps },
	{ "clear_way", clear_way },
	{ "young", young },
	{ "lost_zaps_are_seen", lost_zaps_are_seen },
	{ "impossible_formats_are_refused", impossible_formats_are_refused },
	{ "random_against_an_array", random_against_an_array },
	{ }
};
