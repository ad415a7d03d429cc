// SPDX-License-Identifier: GPL-2.0
/*
 * Access to guest memory from the kernel: across pages and slots, where there
 * is none, where it may only be read, where it is not at hand and sleeping is
 * not allowed; dirty bits; compare and exchange; and a walk of tables there.
 */
#include <errno.h>
#include <string.h>
#include <linux/kernel.h>

#include "test.h"
#include "world.h"

#define LOG	KVM_MEM_LOG_DIRTY_PAGES
#define PAGE	4096UL

/*
 * Guest frames 16 to 19 are pages 0 to 3, and 20 and 21 are pages 6 and 7;
 * frame 30 is page 4, read-only.
 */
static char user[8 * PAGE] __attribute__((aligned(4096)));

static void region(u32 slot, u32 flags, u64 gfn, u64 npages, u64 page)
{
	struct kvm_userspace_memory_region mem = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = gfn * PAGE,
		.memory_size = npages * PAGE,
		.userspace_addr = (unsigned long)user + page * PAGE,
	};

	EXPECT_EQ(lhv_mmu_set_region(&world.mmu, &mem), 0);
}

static void start(u32 flags)
{
	unsigned int i;

	world_start(EPT_AD);
	region(0, flags, 16, 4, 0);
	region(1, flags, 20, 2, 6);
	region(2, KVM_MEM_READONLY, 30, 1, 4);
	for (i = 0; i < sizeof(user); i++)
		user[i] = i * 7 + i / PAGE;
}

static int rd(u64 gpa, void *data, unsigned int len, bool can_sleep)
{
	return lhv_mmu_read_gpa(&world.mmu, gpa, data, len, can_sleep);
}

static int wr(u64 gpa, const void *data, unsigned int len, bool can_sleep)
{
	return lhv_mmu_write_gpa(&world.mmu, gpa, data, len, can_sleep);
}

/* Where a guest-physical address of the first two slots is. */
static char *at(u64 gpa)
{
	return user + gpa - 16 * PAGE + (gpa >= 20 * PAGE ? 2 * PAGE : 0);
}

static void reads_and_writes_of_any_size(void)
{
	char data[32], want[32];
	unsigned int i, k;

	rnd_start(500);
	start(0);
	for (i = 0; i < 20000; i++) {
		unsigned int len = rnd_below(sizeof(data) + 1);
		u64 gpa = 16 * PAGE + rnd_below(6 * PAGE - len + 1);
		bool can_sleep = rnd_one_in(2);

		if (rnd_one_in(4))
			gpa = (17 + rnd_below(4)) * PAGE - rnd_below(len + 1);
		for (k = 0; k < len; k++)
			want[k] = *at(gpa + k);
		EXPECT_EQ(rd(gpa, data, len, can_sleep), 0);
		EXPECT(!memcmp(data, want, len));
		for (k = 0; k < len; k++)
			want[k] = rnd();
		EXPECT_EQ(wr(gpa, want, len, can_sleep), 0);
		for (k = 0; k < len; k++)
			EXPECT_EQ(*at(gpa + k), want[k]);
	}
	world_end();
}

static void where_there_is_no_memory(void)
{
	u64 v = 0;

	start(0);
	EXPECT_EQ(rd(15 * PAGE, &v, 8, true), -EFAULT);
	EXPECT_EQ(rd(16 * PAGE - 4, &v, 8, false), -EFAULT);
	EXPECT_EQ(rd(22 * PAGE - 4, &v, 8, true), -EFAULT);
	EXPECT_EQ(wr(22 * PAGE - 4, &v, 8, true), -EFAULT);
	EXPECT_EQ(wr(~0ULL - 3, &v, 8, true), -EFAULT);
	EXPECT_EQ(rd(22 * PAGE - 8, &v, 8, true), 0);
	world_end();
}

static void readonly_slots_are_read(void)
{
	u64 v = 0, old = 0;

	start(0);
	EXPECT_EQ(rd(30 * PAGE, &v, 8, true), 0);
	EXPECT(!memcmp(&v, user + 4 * PAGE, 8));
	EXPECT_EQ(wr(30 * PAGE, &old, 8, true), -EFAULT);
	EXPECT_EQ(lhv_mmu_cmpxchg_gpa(&world.mmu, 30 * PAGE, &v, 1, 8, true), -EFAULT);
	EXPECT_EQ(user[4 * PAGE], (char)v);
	world_end();
}

static void what_is_not_at_hand(void)
{
	u64 v = 0, old;
	unsigned int len;

	start(0);
	world.absent_user = user + PAGE;
	for (len = 1; len <= 8; len++) {
		EXPECT_EQ(rd(17 * PAGE, &v, len, false), -EAGAIN);
		EXPECT_EQ(wr(17 * PAGE, &v, len, false), -EAGAIN);
		EXPECT_EQ(rd(17 * PAGE, &v, len, true), 0);
	}
	EXPECT_EQ(rd(17 * PAGE - 4, &v, 8, false), -EAGAIN);
	memcpy(&old, user + PAGE, 8);
	EXPECT_EQ(lhv_mmu_cmpxchg_gpa(&world.mmu, 17 * PAGE, &old, 5, 8, false), -EAGAIN);
	EXPECT_EQ(lhv_mmu_cmpxchg_gpa(&world.mmu, 17 * PAGE, &old, 5, 8, true), 0);
	world.absent_user = NULL;
	world.bad_user = user + 2 * PAGE;
	EXPECT_EQ(rd(18 * PAGE, &v, 8, true), -EFAULT);
	EXPECT_EQ(rd(18 * PAGE - 4, &v, 8, true), -EFAULT);
	EXPECT_EQ(rd(18 * PAGE, &v, 8, false), -EAGAIN);	/* who cannot sleep cannot know */
	world_end();
}

static u64 dirty_pages(u32 slot)
{
	u64 bits = 0;
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = &bits };

	EXPECT_EQ(lhv_mmu_get_dirty_log(&world.mmu, &log), 0);
	return bits;
}

static void writes_are_logged(void)
{
	u64 v = 0;

	start(LOG);
	EXPECT_EQ(rd(16 * PAGE, &v, 8, true), 0);
	EXPECT_EQ(dirty_pages(0) | dirty_pages(1), 0);
	EXPECT_EQ(wr(18 * PAGE - 1, &v, 2, true), 0);
	EXPECT_EQ(wr(20 * PAGE - 1, &v, 8, false), 0);
	EXPECT_EQ(dirty_pages(0), 0xe);
	EXPECT_EQ(dirty_pages(1), 1);
	memcpy(&v, at(21 * PAGE), 8);
	EXPECT_EQ(lhv_mmu_cmpxchg_gpa(&world.mmu, 21 * PAGE, &v, v + 1, 8, true), 0);
	EXPECT_EQ(dirty_pages(1), 2);
	EXPECT_EQ(lhv_mmu_cmpxchg_gpa(&world.mmu, 21 * PAGE, &v, 7, 8, true), 1);
	EXPECT_EQ(dirty_pages(1), 0);
	world_end();
}

/* The bytes of an access of len at gpa, little endian. */
static u64 value_at(u64 gpa, unsigned int len)
{
	u64 v = 0;

	memcpy(&v, at(gpa), len);
	return v;
}

static void compare_and_exchange(void)
{
	static const unsigned int sizes[] = { 1, 2, 4, 8 };
	unsigned int i;
	u64 len;

	start(0);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 gpa = 17 * PAGE + 64, old = value_at(gpa, sizes[i]), was = old;
		u64 after = value_at(gpa + sizes[i], 8);

		EXPECT_EQ(lhv_mmu_cmpxchg_gpa(&world.mmu, gpa, &old, ~was, sizes[i],
					      true), 0);
		EXPECT_EQ(value_at(gpa, sizes[i]), ~was << (64 - 8 * sizes[i]) >>
			  (64 - 8 * sizes[i]));
		EXPECT_EQ(value_at(gpa + sizes[i], 8), after);
		old = was;
		EXPECT_EQ(lhv_mmu_cmpxchg_gpa(&world.mmu, gpa, &old, 0, sizes[i],
					      false), 1);
		EXPECT_EQ(old, value_at(gpa, sizes[i]));
	}
	for (len = 0; len < 17; len++) {
		u64 old = 0;
		bool good = len == 1 || len == 2 || len == 4 || len == 8;

		EXPECT_EQ(lhv_mmu_cmpxchg_gpa(&world.mmu, 17 * PAGE, &old, 0, len,
					      true) == -EFAULT, !good);
		if (good && len > 1)
			EXPECT_EQ(lhv_mmu_cmpxchg_gpa(&world.mmu, 17 * PAGE + len / 2,
						      &old, 0, len, true), -EFAULT);
	}
	world_end();
}

/* Tables in frames 16 to 19; the page is frame 20. */
static void walk_in_guest_memory(void)
{
	struct lhv_walk w = {
		.cr0 = 0x80010000, .cr4 = 0x20, .efer = 0xc00, .cr3 = 16 * PAGE,
		.maxphyaddr = 40, .can_sleep = true,
	};
	unsigned int i;

	start(LOG);
	memset(user, 0, 4 * PAGE);
	for (i = 0; i < 4; i++)
		((u64 *)user)[i * 512] = (17 + i) * PAGE | 7;
	EXPECT_EQ(lhv_mmu_walk(&world.mmu, &w, 0x123, LHV_ACC_WRITE), 0);
	EXPECT_EQ(w.gpa, 20 * PAGE + 0x123);
	EXPECT_EQ(dirty_pages(0), 0xf);		/* accessed and dirty bits */
	EXPECT_EQ(lhv_mmu_walk(&world.mmu, &w, 0x1000, LHV_ACC_READ), 1);
	EXPECT_EQ(w.error_code, 0);
	w.can_sleep = false;
	world.absent_user = user + 2 * PAGE;
	EXPECT_EQ(lhv_mmu_walk(&world.mmu, &w, 0x123, LHV_ACC_READ), -EAGAIN);
	EXPECT_EQ(w.gpa, 18 * PAGE);
	w.cr3 = 99 * PAGE;
	EXPECT_EQ(lhv_mmu_walk(&world.mmu, &w, 0x123, LHV_ACC_READ), -EFAULT);
	EXPECT_EQ(w.gpa, 99 * PAGE);
	world_end();
}

const struct tap_case access_cases[] = {
	{ "reads_and_writes_of_any_size", reads_and_writes_of_any_size },
	{ "where_there_is_no_memory", where_there_is_no_memory },
	{ "readonly_slots_are_read", readonly_slots_are_read },
	{ "what_is_not_at_hand", what_is_not_at_hand },
	{ "writes_are_logged", writes_are_logged },
	{ "compare_and_exchange", compare_and_exchange },
	{ "walk_in_guest_memory", walk_in_guest_memory },
	{ }
};
