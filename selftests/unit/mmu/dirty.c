// SPDX-License-Identifier: GPL-2.0
/*
 * The dirty log: its ioctls' rules, and that what it gives is what was written,
 * page for page, whatever is mapped how, with write protection and with a log
 * in hardware.
 */
#include <errno.h>
#include <string.h>
#include <linux/kernel.h>

#include "test.h"
#include "world.h"

#define LOG	KVM_MEM_LOG_DIRTY_PAGES
#define MANUAL	KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE
#define INITSET	KVM_DIRTY_LOG_INITIALLY_SET
#define WR	(LHV_HOST_WRITE | LHV_HOST_DIRTY)

/* The slot most cases use: an odd base, not a multiple of 64 pages. */
#define BASE	517UL
#define PAGES	1100UL
#define WORDS	18UL

static u64 bits[LHV_NPT_ENTRIES * 16];

static int get(u32 slot)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = bits };

	memset(bits, 0xa5, sizeof(bits));
	return lhv_mmu_get_dirty_log(&world.mmu, &log);
}

static int clear(u32 slot, u64 first, u32 n, void *bitmap)
{
	struct kvm_clear_dirty_log log = {
		.slot = slot, .num_pages = n, .first_page = first,
		.dirty_bitmap = bitmap,
	};

	return lhv_mmu_clear_dirty_log(&world.mmu, &log);
}

static bool is_set(u64 page)
{
	return bits[page / 64] >> page % 64 & 1;
}

static void start(enum world_format format, u64 manual)
{
	world_start(format);
	lhv_mmu_set_dirty_manual(&world.mmu, manual);
	world_host_map(0, WORLD_PAGES, WR);
}

/* --- rules -------------------------------------------------------------------------- */

static void which_slots(void)
{
	start(EPT_AD, 0);
	EXPECT_EQ(world_slot(0, 0, BASE, PAGES, 0), 0);
	EXPECT_EQ(get(0), -ENOENT);
	EXPECT_EQ(get(1), -ENOENT);
	EXPECT_EQ(get(LHV_MAX_SLOTS - 1), -ENOENT);
	EXPECT_EQ(get(LHV_MAX_SLOTS), -EINVAL);
	EXPECT_EQ(get(0x10000), -EINVAL);
	EXPECT_EQ(clear(0, 0, 64, bits), -ENOENT);
	EXPECT_EQ(clear(0x10000, 0, 64, bits), -EINVAL);
	EXPECT_EQ(world_slot(0, LOG, BASE, PAGES, 0), 0);
	EXPECT_EQ(get(0), 0);
	EXPECT_EQ(bits[WORDS - 1], 0);
	EXPECT_EQ(bits[WORDS], 0xa5a5a5a5a5a5a5a5);	/* and not a byte more */
	EXPECT_EQ(world_slot(0, 0, BASE, PAGES, 0), 0);
	EXPECT_EQ(get(0), -ENOENT);
	world_end();
}

static void which_ranges(void)
{
	static const struct {
		u64 first;
		u32 n;
		int ret;
	} rows[] = {
		{ 0, 64, 0 }, { 64, 128, 0 }, { 0, 0, 0 }, { 1088, 12, 0 },
		{ 0, PAGES, 0 }, { 1024, PAGES - 1024, 0 },
		{ 1, 64, -EINVAL }, { 32, 64, -EINVAL }, { 0, 63, -EINVAL },
		{ 0, PAGES - 1, -EINVAL }, { 1088, 64, -EINVAL }, { 0, PAGES + 1, -EINVAL },
		{ 1152, 0, -EINVAL }, { 1ULL << 40, 64, -EINVAL }, { 64, ~0U, -EINVAL },
	};
	unsigned int i;

	start(EPT_AD, MANUAL);
	EXPECT_EQ(world_slot(0, LOG, BASE, PAGES, 0), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int ret = clear(0, rows[i].first, rows[i].n, bits);

		if (ret != rows[i].ret)
			tap_fail(__FILE__, __LINE__, "row %u: %d", i, ret);
	}
	EXPECT_EQ(clear(0, 0, 64, NULL), -EFAULT);
	world_end();
}

static void bad_address(void)
{
	struct kvm_dirty_log log = { .slot = 0 };

	start(EPT_AD, 0);
	EXPECT_EQ(world_slot(0, LOG, BASE, PAGES, 0), 0);
	EXPECT_EQ(lhv_mmu_get_dirty_log(&world.mmu, &log), -EFAULT);
	lhv_mmu_set_dirty_manual(&world.mmu, MANUAL);
	EXPECT_EQ(lhv_mmu_get_dirty_log(&world.mmu, &log), -EFAULT);
	world_end();
}

static void initially_set(void)
{
	start(EPT_AD, MANUAL | INITSET);
	EXPECT_EQ(world_slot(0, 0, BASE, PAGES, 0), 0);
	world_touch(BASE + 3, LHV_ACC_WRITE);
	EXPECT_EQ(world_slot(0, LOG, BASE, PAGES, 0), 0);
	EXPECT_EQ(world.flushes, 0);			/* the start costs nothing */
	EXPECT_EQ(get(0), 0);
	EXPECT_EQ(bits[0], ~0ULL);
	EXPECT_EQ(bits[WORDS - 1], (1ULL << PAGES % 64) - 1);
	bits[0] = 1 << 3;
	EXPECT_EQ(clear(0, 0, 64, bits), 0);
	EXPECT_EQ(world.flushes, 1);
	EXPECT_EQ(get(0), 0);
	EXPECT_EQ(bits[0], ~0ULL ^ 1 << 3);
	world_touch(BASE + 3, LHV_ACC_WRITE);
	EXPECT_EQ(get(0), 0);
	EXPECT_EQ(bits[0], ~0ULL);
	world_end();
}

static void the_kernels_own_writes(void)
{
	start(EPT_AD, 0);
	EXPECT_EQ(world_slot(0, LOG, BASE, PAGES, 0), 0);
	EXPECT_EQ(world_slot(1, 0, 5000, 10, 0), 0);
	lhv_mmu_mark_dirty(&world.mmu, BASE);
	lhv_mmu_mark_dirty(&world.mmu, BASE + PAGES - 1);
	lhv_mmu_mark_dirty(&world.mmu, BASE + PAGES);	/* no slot */
	lhv_mmu_mark_dirty(&world.mmu, 5000);		/* one that does not log */
	EXPECT_EQ(get(0), 0);
	EXPECT_EQ(bits[0], 1);
	EXPECT_EQ(bits[WORDS - 1], 1ULL << (PAGES - 1) % 64);
	EXPECT_EQ(get(0), 0);
	EXPECT_EQ(bits[0] | bits[WORDS - 1], 0);
	world_end();
}

static void nothing_written_costs_no_flush(void)
{
	start(EPT_AD, 0);
	EXPECT_EQ(world_slot(0, LOG, BASE, PAGES, 0), 0);
	world_touch(BASE, LHV_ACC_READ);
	EXPECT_EQ(get(0), 0);
	EXPECT_EQ(world.flushes, 0);
	world_end();
}

/* Bits of a slot that logs on go with it when it moves. */
static void moved_slots_keep_their_bits(void)
{
	start(EPT_AD, 0);
	EXPECT_EQ(world_slot(0, LOG, BASE, PAGES, 0), 0);
	world_touch(BASE + 70, LHV_ACC_WRITE);
	EXPECT_EQ(world_slot(0, LOG, BASE + 1000, PAGES, 0), 0);
	world_touch(BASE + 1005, LHV_ACC_WRITE);
	EXPECT_EQ(get(0), 0);
	EXPECT_EQ(bits[0], 1 << 5);
	EXPECT_EQ(bits[1], 1 << 6);
	world_end();
}

/* --- huge pages ------------------------------------------------------------------------ */

static unsigned int level_of(lhv_gfn_t gfn)
{
	unsigned int level = 0;

	return world_leaf(gfn, &level) ? level : 0;
}

static void huge(enum world_format format, u64 manual)
{
	u64 gfn;

	start(format, manual);
	world_host_map_large(512, WR);
	EXPECT_EQ(world_slot(0, 0, 512, 512, 512), 0);
	world_touch(600, LHV_ACC_WRITE);
	EXPECT_EQ(level_of(600), 2);
	EXPECT_EQ(world_slot(0, LOG, 512, 512, 512), 0);
	EXPECT_EQ(level_of(600), 2);		/* split when it must be */
	if (manual) {
		EXPECT_EQ(get(0), 0);
		EXPECT_EQ(clear(0, 0, 512, bits), 0);
		EXPECT_EQ(level_of(600), 1);
	}
	world_touch(601, LHV_ACC_READ);
	world_touch(600, LHV_ACC_WRITE);
	EXPECT_EQ(level_of(600), 1);
	EXPECT_EQ(get(0), 0);
	for (gfn = 512; gfn < 1024; gfn++)
		EXPECT_EQ(is_set(gfn - 512), gfn == 600);
	for (gfn = 512; gfn < 1024; gfn++)
		world_touch(gfn, LHV_ACC_WRITE);
	EXPECT_EQ(get(0), 0);
	EXPECT_EQ(bits[0] & bits[7], ~0ULL);
	EXPECT_EQ(world_slot(0, 0, 512, 512, 512), 0);
	world_touch(600, LHV_ACC_WRITE);
	EXPECT_EQ(level_of(600), 2);		/* and whole again after */
	EXPECT_EQ(world.faults_in, 0);
	world_end();
}

static void huge_pages(void)
{
	unsigned int format;

	for (format = 0; format < WORLD_FORMATS; format++) {
		huge(format, 0);
		huge(format, MANUAL | INITSET);
	}
}

static void small_pages_stay_mapped_after_logging(void)
{
	start(EPT_AD, 0);
	EXPECT_EQ(world_slot(0, LOG, 512, 512, 512), 0);
	world_touch(600, LHV_ACC_WRITE);
	EXPECT_EQ(world_slot(0, 0, 512, 512, 512), 0);
	EXPECT_EQ(level_of(600), 1);
	EXPECT_EQ(world.flushes, 0);
	world_end();
}

/* Logged by hardware, a first write after the log was read needs no fault. */
static void hardware_log_spares_faults(void)
{
	long faults;

	start(EPT_PML, 0);
	EXPECT_EQ(world_slot(0, LOG, BASE, PAGES, 0), 0);
	world_touch(BASE + 7, LHV_ACC_WRITE);
	EXPECT_EQ(get(0), 0);
	EXPECT_EQ(bits[0], 1 << 7);
	faults = atomic_long_read(&world.mmu.stat_faults);
	world_touch(BASE + 7, LHV_ACC_WRITE);
	world_touch(BASE + 8, LHV_ACC_WRITE);		/* came along */
	EXPECT_EQ(atomic_long_read(&world.mmu.stat_faults), faults);
	EXPECT_EQ(get(0), 0);
	EXPECT_EQ(bits[0], 3 << 7);
	world_end();
}

/* --- page for page ------------------------------------------------------------------------ */

/*
 * A page written to while a call is at work may be in the log that it gives or
 * begins, or not: userspace looks at the page after the call.
 */
static void harvest_and_compare(u64 gfn, u64 npages, bool manual)
{
	static bool maybe[WORLD_GFNS];
	u64 page;

	memcpy(maybe, world.maybe, sizeof(maybe));
	if (!manual)
		memset(world.maybe, 0, sizeof(world.maybe));
	EXPECT_EQ(get(0), 0);
	for (page = 0; page < npages; page++) {
		u64 f = gfn + page;

		if (is_set(page) ? !(world.written[f] || maybe[f] || world.maybe[f]) :
		    world.written[f])
			tap_fail(__FILE__, __LINE__, "page %llu: log %d, written %d", page,
				 is_set(page), world.written[f]);
	}
	if (!manual) {
		memset(world.written, 0, sizeof(world.written));
		return;
	}
	/* clear some: the rest must still be there the next time */
	for (page = 0; page < npages; page++) {
		if (rnd_one_in(2)) {
			bits[page / 64] &= ~(1ULL << page % 64);
			continue;
		}
		bits[page / 64] |= 1ULL << page % 64;
		world.written[gfn + page] = false;
	}
	EXPECT_EQ(clear(0, 0, npages, bits), 0);
}

static void random_host(void)
{
	u64 page = rnd_below(4) * 512, n = 1 + rnd_below(100);

	if (rnd_one_in(2)) {
		world_host_unmap(page, 512);
		world_host_map_large(page, rnd_one_in(2) ? WR : 0);
		return;
	}
	page += rnd_below(400);
	world_host_unmap(page, n);
	if (rnd_one_in(2))
		world_host_map(page, n, rnd_one_in(2) ? WR : 0);
}

/* Off, some writes, on again. */
static void restart_logging(u64 gfn, bool init_set)
{
	unsigned int i;

	EXPECT_EQ(world_slot(0, 0, gfn, 2048, 0), 0);
	for (i = 0; i < 300; i++)
		world_touch(gfn + rnd_below(2048), rnd_one_in(2) ? LHV_ACC_WRITE :
			    LHV_ACC_READ);
	memset(world.maybe, 0, sizeof(world.maybe));
	EXPECT_EQ(world_slot(0, LOG, gfn, 2048, 0), 0);
	memset(world.written, init_set, sizeof(world.written));
}

static void random_log(enum world_format format, u64 manual, u64 gfn)
{
	unsigned int i;

	rnd_start(400 + format * 4 + manual);
	start(format, manual);
	world.resched = 500;
	world.busy = gfn;
	restart_logging(gfn, manual & INITSET);
	for (i = 0; i < 12000; i++) {
		if (rnd_one_in(500))
			restart_logging(gfn, manual & INITSET);
		if (rnd_one_in(300))
			harvest_and_compare(gfn, 2048, manual);
		if (rnd_one_in(100))
			random_host();
		unit_nowait_fails = rnd_one_in(20);
		world_touch(gfn + rnd_below(2048), rnd_one_in(2) ? LHV_ACC_WRITE :
			    LHV_ACC_READ);
		unit_nowait_fails = false;
	}
	world_end();
}

static void random_each(u64 manual)
{
	unsigned int format;

	for (format = 0; format < WORLD_FORMATS; format++) {
		random_log(format, manual, 1024);
		random_log(format, manual, 1029);
	}
}

static void random_get(void)
{
	random_each(0);
}

static void random_clear(void)
{
	random_each(MANUAL);
}

static void random_initially_set(void)
{
	random_each(MANUAL | INITSET);
}

/* More pages than one go of a harvest takes. */
static void a_long_bitmap(void)
{
	const u64 npages = 40000;
	u64 i, set = 0;

	start(EPT_AD, 0);
	EXPECT_EQ(world_slot(0, LOG, BASE, npages, 0), 0);
	for (i = 0; i < npages; i += 997)
		lhv_mmu_mark_dirty(&world.mmu, BASE + i);
	EXPECT_EQ(get(0), 0);
	for (i = 0; i < npages; i++) {
		EXPECT_EQ(is_set(i), !(i % 997));
		set += is_set(i);
	}
	EXPECT_EQ(set, 41);
	world_end();
}

const struct tap_case dirty_cases[] = {
	{ "which_slots", which_slots },
	{ "which_ranges", which_ranges },
	{ "bad_address", bad_address },
	{ "initially_set", initially_set },
	{ "the_kernels_own_writes", the_kernels_own_writes },
	{ "nothing_written_costs_no_flush", nothing_written_costs_no_flush },
	{ "moved_slots_keep_their_bits", moved_slots_keep_their_bits },
	{ "huge_pages", huge_pages },
	{ "small_pages_stay_mapped_after_logging", small_pages_stay_mapped_after_logging },
	{ "hardware_log_spares_faults", hardware_log_spares_faults },
	{ "random_get", random_get },
	{ "random_clear", random_clear },
	{ "random_initially_set", random_initially_set },
	{ "a_long_bitmap", a_long_bitmap },
	{ }
};
