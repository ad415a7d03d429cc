// SPDX-License-Identifier: GPL-2.0
/*
 * Nested faults and the MMU notifier: what is mapped, at which level, with
 * which rights; every answer; and a host that maps and unmaps at random under a
 * processor that uses what it has cached.
 */
#include <errno.h>
#include <linux/kernel.h>

#include "test.h"
#include "world.h"

#define RO	KVM_MEM_READONLY
#define LOG	KVM_MEM_LOG_DIRTY_PAGES
#define WR	(LHV_HOST_WRITE | LHV_HOST_DIRTY)

static enum lhv_fault fault(lhv_gfn_t gfn, u32 access, bool can_sleep)
{
	return lhv_mmu_fault(&world.mmu, gfn << LHV_PAGE_SHIFT, access, can_sleep);
}

static bool writable(lhv_gfn_t gfn)
{
	unsigned int level;

	return world_leaf(gfn, &level) & world.mmu.fmt->write;
}

static bool mapped(lhv_gfn_t gfn)
{
	unsigned int level;

	return world_leaf(gfn, &level);
}

/* --- answers ---------------------------------------------------------------------- */

static void no_slot_is_mmio(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(fault(5, LHV_ACC_READ, true), LHV_FAULT_MMIO);
	EXPECT_EQ(world_slot(0, 0, 10, 5, 0), 0);
	EXPECT_EQ(fault(9, LHV_ACC_READ, true), LHV_FAULT_MMIO);
	EXPECT_EQ(fault(15, LHV_ACC_EXEC, false), LHV_FAULT_MMIO);
	EXPECT_EQ(fault(1ULL << 51, LHV_ACC_WRITE, true), LHV_FAULT_MMIO);
	EXPECT_EQ(atomic_long_read(&world.mmu.tables), 1);
	EXPECT_EQ(atomic_long_read(&world.mmu.stat_faults), 0);
	world_end();
}

static void readonly_slots(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, RO, 10, 5, 0), 0);
	world_host_map(0, 5, WR);
	EXPECT_EQ(fault(10, LHV_ACC_WRITE, true), LHV_FAULT_MMIO);
	world_touch(10, LHV_ACC_READ);
	world_touch(14, LHV_ACC_EXEC);
	EXPECT(!writable(10) && !writable(14));
	EXPECT_EQ(fault(10, LHV_ACC_WRITE, true), LHV_FAULT_MMIO);
	world_end();
}

static void absent_pages_need_sleep(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, 0, 10, 5, 0), 0);
	EXPECT_EQ(fault(10, LHV_ACC_READ, false), LHV_FAULT_SLEEP);
	EXPECT_EQ(world.faults_in, 0);
	EXPECT_EQ(fault(10, LHV_ACC_READ, true), LHV_FAULT_FIXED);
	EXPECT_EQ(world.faults_in, 1);
	EXPECT(!writable(10));
	/* copy on write is the host's: it must be asked */
	EXPECT_EQ(fault(10, LHV_ACC_WRITE, false), LHV_FAULT_SLEEP);
	EXPECT_EQ(fault(10, LHV_ACC_WRITE, true), LHV_FAULT_FIXED);
	EXPECT_EQ(world.faults_in, 2);
	EXPECT(writable(10));
	world_end();
}

static void errors_of_the_host(void)
{
	static const struct {
		int error;
		enum lhv_fault answer;
	} rows[] = {
		{ -EFAULT, LHV_FAULT_ERROR }, { -ENOMEM, LHV_FAULT_ERROR },
		{ -EHWPOISON, LHV_FAULT_HWPOISON }, { -EINTR, LHV_FAULT_RETRY },
	};
	unsigned int i;

	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, 0, 10, 5, 0), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		world.fault_in_error = rows[i].error;
		EXPECT_EQ(fault(10, LHV_ACC_READ, true), rows[i].answer);
		EXPECT(!mapped(10));
	}
	world_end();
}

static void tables_without_memory(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, 0, 10, 5, 0), 0);
	world_host_map(0, 5, WR);
	unit_nowait_fails = true;
	EXPECT_EQ(fault(10, LHV_ACC_READ, false), LHV_FAULT_SLEEP);
	EXPECT_EQ(fault(10, LHV_ACC_READ, true), LHV_FAULT_FIXED);
	EXPECT_EQ(world.faults_in, 0);
	EXPECT(mapped(10));
	world_end();
}

/* Who holds the lock may be waiting for this CPU's interrupts. */
static void nobody_waits_with_interrupts_off(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, 0, 10, 5, 0), 0);
	world_host_map(0, 5, WR);
	unit_irqs_off = true;
	write_lock(&world.mmu.lock);
	EXPECT_EQ(fault(10, LHV_ACC_READ, false), LHV_FAULT_SLEEP);
	write_unlock(&world.mmu.lock);
	EXPECT_EQ(fault(10, LHV_ACC_READ, false), LHV_FAULT_FIXED);
	unit_irqs_off = false;
	EXPECT(mapped(10));
	world_end();
}

static void other_processes_are_refused(void)
{
	struct mm_struct *mm, *other = (struct mm_struct *)&world;

	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, 0, 10, 5, 0), 0);
	mm = world.mmu.mm;
	world.mmu.mm = other;
	EXPECT_EQ(fault(10, LHV_ACC_READ, true), LHV_FAULT_ERROR);
	world.mmu.mm = mm;
	world_end();
}

/* --- what is mapped ---------------------------------------------------------------- */

static void neighbours_come_along(void)
{
	u64 gfn;

	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, 0, 3, 100, 5), 0);
	world_host_map(0, 200, WR);
	world.host[5 + 37] = 0;
	world.host[5 + 38] &= ~(u64)LHV_HOST_WRITE;
	world.host[5 + 39] &= ~(u64)LHV_HOST_DIRTY;
	EXPECT_EQ(fault(43, LHV_ACC_READ, false), LHV_FAULT_FIXED);
	for (gfn = 0; gfn < 128; gfn++)
		EXPECT_EQ(mapped(gfn), gfn >= 32 && gfn < 48 && gfn != 40);
	EXPECT(!writable(41) && !writable(42) && writable(43) && writable(33));
	for (gfn = 32; gfn < 48; gfn++)
		if (gfn != 40)
			world_touch(gfn, LHV_ACC_READ);
	/* the slot's edges */
	EXPECT_EQ(fault(5, LHV_ACC_READ, false), LHV_FAULT_FIXED);
	EXPECT(!mapped(2) && mapped(3) && mapped(15) && !mapped(16));
	EXPECT_EQ(fault(102, LHV_ACC_READ, false), LHV_FAULT_FIXED);
	EXPECT(mapped(102) && mapped(96) && !mapped(103));
	EXPECT_EQ(world.flushes, 0);
	world_end();
}

/* Neighbours in the guest may lie in different tables of the host. */
static void neighbours_across_a_table(void)
{
	u64 gfn;

	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, 0, 0, 100, 507), 0);
	world_host_map(500, 200, WR);
	EXPECT_EQ(fault(2, LHV_ACC_READ, false), LHV_FAULT_FIXED);
	for (gfn = 0; gfn < 16; gfn++)
		EXPECT_EQ(mapped(gfn), gfn < 5);
	EXPECT_EQ(fault(7, LHV_ACC_READ, false), LHV_FAULT_FIXED);
	for (gfn = 0; gfn < 16; gfn++)
		world_touch(gfn, LHV_ACC_READ);
	world_end();
}

static void accessed_says_who_was_touched(void)
{
	unsigned int level;

	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, 0, 0, 100, 0), 0);
	world_host_map(0, 100, WR);
	EXPECT_EQ(fault(2, LHV_ACC_READ, false), LHV_FAULT_FIXED);
	EXPECT(world_leaf(2, &level) & world.mmu.fmt->accessed);
	EXPECT(!(world_leaf(3, &level) & world.mmu.fmt->accessed));
	world_end();
}

static unsigned int level_of(lhv_gfn_t gfn)
{
	unsigned int level = 0;

	return world_leaf(gfn, &level) ? level : 0;
}

static void large_pages(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, 0, 512, 1024, 512), 0);	/* congruent */
	EXPECT_EQ(world_slot(1, 0, 4096, 1000, 1536), 0);	/* too short for two */
	EXPECT_EQ(world_slot(2, 0, 2049, 512, 512), 0);	/* shifted */
	EXPECT_EQ(world_slot(3, LOG, 3072, 512, 512), 0);	/* logs */
	EXPECT_EQ(world_slot(4, 0, 3584 + 9, 512 - 9, 512 + 9), 0);	/* starts late */
	world_host_map_large(512, WR);
	world_host_map_large(1024, WR);
	world_host_map_large(1536, WR);
	world_host_map_large(2048, WR);
	world_touch(700, LHV_ACC_WRITE);
	EXPECT_EQ(level_of(512), 2);
	EXPECT_EQ(level_of(1024), 0);
	world_touch(4096 + 3, LHV_ACC_READ);
	EXPECT_EQ(level_of(4096), 2);
	world_touch(4096 + 999, LHV_ACC_READ);
	EXPECT_EQ(level_of(4096 + 999), 1);
	world_touch(2100, LHV_ACC_WRITE);
	EXPECT_EQ(level_of(2100), 1);
	EXPECT_EQ(level_of(2101), 1);
	world_touch(3100, LHV_ACC_WRITE);
	EXPECT_EQ(level_of(3100), 1);
	world_touch(3600, LHV_ACC_WRITE);
	EXPECT_EQ(level_of(3600), 1);
	EXPECT(!mapped(3584));
	EXPECT_EQ(world.faults_in, 0);
	world_end();
}

/* A read-only huge page becomes writable, as a whole, when it is written to. */
static void large_page_gains_the_right(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, 0, 0, 512, 0), 0);
	world_host_map_large(0, 0);
	world_touch(5, LHV_ACC_READ);
	EXPECT_EQ(level_of(5), 2);
	EXPECT(!writable(5));
	world_touch(6, LHV_ACC_WRITE);
	EXPECT_EQ(world.faults_in, 1);
	EXPECT_EQ(level_of(5), 2);
	EXPECT(writable(5));
	EXPECT_EQ(world.flushes, 0);
	world_end();
}

static void uncached_memory_stays_so(void)
{
	unsigned int level, format;

	for (format = 0; format < WORLD_FORMATS; format++) {
		world_start(format);
		EXPECT_EQ(world_slot(0, 0, 0, 16, 0), 0);
		world_host_map(0, 16, WR | LHV_HOST_IO | LHV_HOST_SPECIAL);
		world_touch(3, LHV_ACC_WRITE);
		world_touch(4, LHV_ACC_WRITE);
		EXPECT_EQ(world_leaf(4, &level) & world.mmu.fmt->leaf & ~0x18,
			  world.mmu.fmt->leaf_io & world.mmu.fmt->leaf);
		world_end();
	}
}

/* --- the notifier ------------------------------------------------------------------ */

static void invalidation_unmaps_and_holds_off(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, 0, 100, 100, 0), 0);
	world_host_map(0, 100, WR);
	world_touch(105, LHV_ACC_WRITE);
	world_touch(120, LHV_ACC_WRITE);
	world_invalidate_start(3, 4);
	EXPECT(!mapped(105) && mapped(107) && mapped(120));
	EXPECT_EQ(fault(105, LHV_ACC_READ, true), LHV_FAULT_RETRY);
	EXPECT_EQ(fault(106, LHV_ACC_READ, true), LHV_FAULT_RETRY);
	EXPECT_EQ(fault(150, LHV_ACC_READ, false), LHV_FAULT_FIXED);
	EXPECT(mapped(150) && !mapped(151));	/* not while one is under way */
	world_invalidate_start(60, 4);		/* both: one range over them */
	EXPECT_EQ(fault(130, LHV_ACC_READ, false), LHV_FAULT_RETRY);
	world_invalidate_start(30, 1);
	EXPECT_EQ(fault(162, LHV_ACC_READ, false), LHV_FAULT_RETRY);
	world_invalidate_end(30, 1);
	world_invalidate_end(60, 4);
	world_invalidate_end(3, 4);
	EXPECT_EQ(fault(105, LHV_ACC_READ, false), LHV_FAULT_FIXED);
	EXPECT(mapped(106));
	world_end();
}

static void large_pages_wait_for_invalidations(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, 0, 0, 512, 0), 0);
	world_host_map_large(0, WR);
	world_invalidate_start(100, 1);
	EXPECT_EQ(fault(5, LHV_ACC_READ, false), LHV_FAULT_FIXED);
	EXPECT_EQ(level_of(5), 1);
	world_invalidate_end(100, 1);
	world_end();
}

static void aliases_are_all_unmapped(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, 0, 0, 20, 10), 0);
	EXPECT_EQ(world_slot(1, RO, 100, 20, 20), 0);
	EXPECT_EQ(world_slot(2, 0, 200, 20, 50), 0);
	world_host_map(0, 100, WR);
	world_touch(15, LHV_ACC_WRITE);
	world_touch(105, LHV_ACC_READ);
	world_touch(200, LHV_ACC_WRITE);
	world_host_unmap(25, 1);
	EXPECT(!mapped(15) && !mapped(105) && mapped(200));
	EXPECT_EQ(world.flushes, 1);
	world_host_unmap(90, 5);		/* no slot there */
	EXPECT_EQ(world.flushes, 1);
	world_end();
}

static bool clear_young(u64 page, u64 n)
{
	unsigned long start = WORLD_HVA + (page << LHV_PAGE_SHIFT);

	return world.mmu.notifier.ops->clear_young(&world.mmu.notifier, world.mmu.mm,
						   start, start + (n << LHV_PAGE_SHIFT));
}

static bool test_young(u64 page)
{
	return world.mmu.notifier.ops->test_young(&world.mmu.notifier, world.mmu.mm,
						  WORLD_HVA + (page << LHV_PAGE_SHIFT));
}

static void ageing(void)
{
	unsigned int format;

	for (format = 0; format < WORLD_FORMATS; format++) {
		world_start(format);
		EXPECT_EQ(world_slot(0, 0, 100, 20, 0), 0);
		world_host_map(0, 20, WR);
		EXPECT(!test_young(3) && !clear_young(0, 20));
		world_touch(103, LHV_ACC_READ);
		EXPECT(test_young(3));
		EXPECT(clear_young(0, 20));
		EXPECT(!test_young(3) && !clear_young(0, 20));
		world_touch(103, LHV_ACC_READ);		/* from the TLB, maybe */
		world_touch(103, LHV_ACC_WRITE);
		world_end();
	}
}

static void release_unmaps_all(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, 0, 100, 20, 0), 0);
	world_host_map(0, 20, WR);
	world_touch(103, LHV_ACC_READ);
	world.mmu.notifier.ops->release(&world.mmu.notifier, world.mmu.mm);
	EXPECT(!mapped(103));
	EXPECT_EQ(world.flushes, 1);
	world_end();
}

/* --- everything at once ------------------------------------------------------------- */

static void host_changes(void)
{
	u64 page = rnd_below(WORLD_PAGES - 64), n = 1 + rnd_below(64);

	switch (rnd_below(4)) {
	case 0:
		world_host_unmap(page & ~511ULL, 512);
		world_host_map_large(page & ~511ULL, rnd_one_in(2) ? WR : 0);
		break;
	case 1:
		world_host_unmap(page, n);
		world_host_map(page, n, rnd_one_in(2) ? WR : LHV_HOST_WRITE);
		break;
	case 2:
		world_host_unmap(page, n);
		break;
	default:
		clear_young(page, n);
	}
}

static void slot_changes(void)
{
	u32 id = rnd_below(6), flags = rnd_one_in(2) ? LOG : 0;
	u64 gfn = id * 1200 + (rnd_one_in(2) ? 0 : rnd_below(100));

	if (rnd_one_in(3))
		world_slot(id, 0, 0, 0, 0);
	world_slot(id, flags | (id == 5 ? RO : 0), gfn, 1000, id * 512);
}

/*
 * The checks are world_access()'s: each access that reaches memory must reach
 * what the host has there, and each that must be possible must be.
 */
static void random_accesses(enum world_format format)
{
	enum lhv_fault why;
	unsigned int i, reached = 0;

	rnd_start(300 + format);
	world_start(format);
	world.resched = 3;
	for (i = 0; i < 60000; i++) {
		u32 access = rnd_one_in(2) ? LHV_ACC_READ : LHV_ACC_WRITE;
		lhv_gfn_t gfn = rnd_below(WORLD_GFNS);

		if (rnd_one_in(200))
			slot_changes();
		if (rnd_one_in(20))
			host_changes();
		unit_nowait_fails = rnd_one_in(10);
		if (world_access(gfn, access, true, &why))
			reached++;
		else
			EXPECT(why == LHV_FAULT_MMIO);
	}
	EXPECT(reached > 30000);
	unit_nowait_fails = false;
	world_end();
}

static void random_ept(void)
{
	random_accesses(EPT_AD);
}

static void random_ept_pml(void)
{
	random_accesses(EPT_PML);
}

static void random_ept_without_ad(void)
{
	random_accesses(EPT_NO_AD);
}

static void random_npt(void)
{
	random_accesses(NPT_5LEVEL);
}

const struct tap_case fault_cases[] = {
	{ "no_slot_is_mmio", no_slot_is_mmio },
	{ "readonly_slots", readonly_slots },
	{ "absent_pages_need_sleep", absent_pages_need_sleep },
	{ "errors_of_the_host", errors_of_the_host },
	{ "tables_without_memory", tables_without_memory },
	{ "nobody_waits_with_interrupts_off", nobody_waits_with_interrupts_off },
	{ "other_processes_are_refused", other_processes_are_refused },
	{ "neighbours_come_along", neighbours_come_along },
	{ "neighbours_across_a_table", neighbours_across_a_table },
	{ "accessed_says_who_was_touched", accessed_says_who_was_touched },
	{ "large_pages", large_pages },
	{ "large_page_gains_the_right", large_page_gains_the_right },
	{ "uncached_memory_stays_so", uncached_memory_stays_so },
	{ "invalidation_unmaps_and_holds_off", invalidation_unmaps_and_holds_off },
	{ "large_pages_wait_for_invalidations", large_pages_wait_for_invalidations },
	{ "aliases_are_all_unmapped", aliases_are_all_unmapped },
	{ "ageing", ageing },
	{ "release_unmaps_all", release_unmaps_all },
	{ "random_ept", random_ept },
	{ "random_ept_pml", random_ept_pml },
	{ "random_ept_without_ad", random_ept_without_ad },
	{ "random_npt", random_npt },
	{ }
};
