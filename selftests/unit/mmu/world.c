// SPDX-License-Identifier: GPL-2.0
/* See world.h. */
#include <errno.h>
#include <string.h>
#include <linux/mm.h>
#include <linux/processor.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "test.h"
#include "world.h"

struct world world;

static struct mm_struct world_mm;
static struct task_struct world_task = { .mm = &world_mm };
struct task_struct *current = &world_task;
struct cpuinfo_x86 boot_cpu_data = { .x86_phys_bits = 46 };
int unit_alloc_budget = -1;
bool unit_nowait_fails;
bool unit_irqs_off;
long unit_pages;
int unit_pagefaults_off;

#define EPT		.leaf = 0x70, .leaf_io = 0, .large = 0x80, .table = 7,	\
			.read = 1, .write = 2, .exec = 4, .levels = 4, .max_level = 3

const struct lhv_npt_format world_formats[WORLD_FORMATS] = {
	[EPT_AD] = { EPT, .accessed = 0x100, .dirty = 0x200 },
	[EPT_PML] = { EPT, .accessed = 0x100, .dirty = 0x200, .pml = true },
	[EPT_NO_AD] = { EPT },
	[NPT_5LEVEL] = {
		.leaf_io = 0x18, .large = 0x80, .table = 7, .read = 5, .write = 2,
		.noexec = 1ULL << 63, .accessed = 0x20, .dirty = 0x40,
		.levels = 5, .max_level = 3,
	},
};

/* --- what mmu/ asks of others ------------------------------------------------ */

static bool hardware_access(lhv_gfn_t gfn, u32 access);

/* What goes on in the guest meanwhile: no more than its mappings allow. */
static void others_run(void)
{
	unsigned int i;

	for (i = 0; world.busy && i < 16; i++) {
		lhv_gfn_t gfn = world.busy + rnd_below(2048);

		if (hardware_access(gfn, LHV_ACC_WRITE))
			world.maybe[gfn] = true;
	}
}

bool need_resched(void)
{
	others_run();
	return world.resched && rnd_one_in(world.resched);
}

void lhv_mmu_flush_remote(struct lhv_mmu *mmu)
{
	EXPECT(mmu == &world.mmu);
	EXPECT(!mmu->lock.readers);
	others_run();
	world.pml_on = world.pml_wanted;
	memset(world.tlb, 0, sizeof(world.tlb));
	world.flushes++;
}

void lhv_mmu_logging_changed(struct lhv_mmu *mmu)
{
	world.logging_changes++;
	world.pml_wanted = lhv_mmu_dirty_logging(mmu);
}

static bool same_page(const void *a, const void *b)
{
	return !(((unsigned long)a ^ (unsigned long)b) & PAGE_MASK);
}

/* Address 0 is never user memory; bad_user and absent_user stand for a page. */
bool unit_user_faults(const void *user, bool off)
{
	if (!user)
		return true;
	return (world.bad_user && same_page(user, world.bad_user)) ||
	       (off && world.absent_user && same_page(user, world.absent_user));
}

/* The processor of this world hands over each write as it logs it. */
void lhv_mmu_collect_dirty(struct lhv_mmu *mmu)
{
	EXPECT(mmu->slots_lock.held);
}

unsigned int lhv_host_read(struct mm_struct *mm, unsigned long hva, unsigned int n,
			   u64 *page)
{
	u64 first = (hva - WORLD_HVA) >> LHV_PAGE_SHIFT;
	unsigned int i;

	EXPECT(mm == &world_mm && !(hva & ~PAGE_MASK));
	EXPECT(n && first + n <= WORLD_PAGES && first / 512 == (first + n - 1) / 512);
	for (i = 0; i < n; i++)
		page[i] = world.host[first + i];
	return world.host_large[first / 512] ? 2 : 1;
}

/* A huge page gains its rights as a whole. */
static void host_upgrade(u64 page)
{
	bool large = world.host_large[page / 512];
	u64 first = large ? page & ~511ULL : page, i;

	for (i = 0; i < (large ? 512 : 1); i++)
		world.host[first + i] |= LHV_HOST_WRITE | LHV_HOST_DIRTY;
}

int lhv_host_fault_in(struct mm_struct *mm, unsigned long hva, bool write)
{
	u64 page = (hva - WORLD_HVA) >> LHV_PAGE_SHIFT;

	EXPECT(mm == &world_mm && page < WORLD_PAGES);
	EXPECT(!world.mmu.lock.readers && !world.mmu.lock.writer);
	world.faults_in++;
	if (world.fault_in_error)
		return world.fault_in_error;
	if (!(world.host[page] & LHV_HOST_PRESENT))
		world_host_map(page, 1, 0);
	if (write)
		host_upgrade(page);
	return 0;
}

void lhv_host_set_dirty(u64 page)
{
	EXPECT(page & LHV_HOST_PRESENT && page & LHV_HOST_WRITE);
}

/* --- the host ------------------------------------------------------------------ */

void world_host_map(u64 page, u64 n, u64 flags)
{
	for (; n; n--, page++) {
		world.next_hpa += PAGE_SIZE;
		world.host[page] = world.next_hpa | LHV_HOST_PRESENT | flags;
	}
}

void world_host_map_large(u64 page, u64 flags)
{
	EXPECT(!(page % 512));
	world.next_hpa = (world.next_hpa | ~PMD_MASK) + 1 - PAGE_SIZE;
	world_host_map(page, 512, flags);
	world.host_large[page / 512] = true;
}

static struct mmu_notifier_range range_of(u64 page, u64 n)
{
	unsigned long start = WORLD_HVA + (page << LHV_PAGE_SHIFT);

	return (struct mmu_notifier_range){ start, start + (n << LHV_PAGE_SHIFT) };
}

void world_invalidate_start(u64 page, u64 n)
{
	struct mmu_notifier_range range = range_of(page, n);
	struct mmu_notifier *mn = &world.mmu.notifier;

	EXPECT_EQ(mn->ops->invalidate_range_start(mn, &range), 0);
}

void world_invalidate_end(u64 page, u64 n)
{
	struct mmu_notifier_range range = range_of(page, n);
	struct mmu_notifier *mn = &world.mmu.notifier;

	mn->ops->invalidate_range_end(mn, &range);
}

/* As Linux does it: a huge page that is hit in part is announced as a whole. */
void world_host_unmap(u64 page, u64 n)
{
	u64 end = page + n, p;

	for (p = page & ~511ULL; p < end; p += 512) {
		if (!world.host_large[p / 512])
			continue;
		world_invalidate_start(p, 512);
		world.host_large[p / 512] = false;
		world_invalidate_end(p, 512);
	}
	world_invalidate_start(page, n);
	memset(&world.host[page], 0, n * sizeof(world.host[0]));
	world_invalidate_end(page, n);
}

int world_slot(u32 slot, u32 flags, u64 gfn, u64 npages, u64 page)
{
	struct kvm_userspace_memory_region mem = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = gfn << LHV_PAGE_SHIFT,
		.memory_size = npages << LHV_PAGE_SHIFT,
		.userspace_addr = WORLD_HVA + (page << LHV_PAGE_SHIFT),
	};

	return lhv_mmu_set_region(&world.mmu, &mem);
}

/* --- the processor ---------------------------------------------------------------- */

static u64 *hardware_walk(lhv_gfn_t gfn, unsigned int *level)
{
	const struct lhv_npt_format *fmt = world.mmu.fmt;
	u64 *table = world.mmu.root, *entry;
	unsigned int l;

	for (l = fmt->levels; ; l--) {
		entry = &table[gfn >> 9 * (l - 1) & 511];
		if (!*entry)
			return NULL;
		if (l == 1 || *entry & fmt->large)
			break;
		EXPECT_EQ(*entry & 7, 7);
		table = (u64 *)(*entry & 0xffffffffff000);
	}
	EXPECT(l <= fmt->max_level);
	*level = l;
	return entry;
}

u64 world_leaf(lhv_gfn_t gfn, unsigned int *level)
{
	u64 *entry = hardware_walk(gfn, level);

	return entry ? *entry : 0;
}

static u64 needed(u32 access)
{
	const struct lhv_npt_format *fmt = world.mmu.fmt;

	return fmt->read | (access & LHV_ACC_WRITE ? fmt->write : 0);
}

/* Sets what hardware sets, and logs what it logs. */
static void hardware_mark(lhv_gfn_t gfn, u64 *entry, u32 access)
{
	const struct lhv_npt_format *fmt = world.mmu.fmt;

	*entry |= fmt->accessed;
	if (!(access & LHV_ACC_WRITE) || !fmt->dirty || *entry & fmt->dirty)
		return;
	*entry |= fmt->dirty;
	if (fmt->pml && world.pml_on)
		lhv_mmu_mark_dirty(&world.mmu, gfn);
}

static bool tlb_hit(lhv_gfn_t gfn, u32 access)
{
	const struct lhv_npt_format *fmt = world.mmu.fmt;
	u64 leaf = world.tlb[gfn].leaf;

	if (access & LHV_ACC_WRITE && !(leaf & fmt->dirty) && fmt->dirty)
		return false;
	return leaf && (leaf & needed(access)) == needed(access);
}

static bool hardware_access(lhv_gfn_t gfn, u32 access)
{
	unsigned int level;
	u64 *entry;

	if (tlb_hit(gfn, access))
		return true;
	entry = hardware_walk(gfn, &level);
	if (!entry || (*entry & needed(access)) != needed(access)) {
		world.tlb[gfn].leaf = 0;	/* a fault drops what caused it */
		return false;
	}
	hardware_mark(gfn, entry, access);
	world.tlb[gfn] = (struct world_tlb){ *entry, level };
	return true;
}

/* The access went to the page that the host has there now, as it allows. */
static void check_access(lhv_gfn_t gfn, u32 access)
{
	const struct world_tlb *t = &world.tlb[gfn];
	u64 frames = 1ULL << 9 * (t->level - 1), host;
	u64 hpa = (t->leaf & 0xffffffffff000 & ~((frames << 12) - 1)) |
		  (gfn & (frames - 1)) << 12;
	struct lhv_slot *slot;

	slot = lhv_slots_find(&world.mmu, gfn);
	EXPECT(slot);
	host = world.host[(slot->hva.start - WORLD_HVA) / PAGE_SIZE + gfn - slot->base_gfn];
	EXPECT(host & LHV_HOST_PRESENT);
	EXPECT_EQ(hpa, host & PAGE_MASK);
	EXPECT_EQ(t->leaf & 0x38 & ~world.mmu.fmt->accessed,
		  (host & LHV_HOST_IO ? world.mmu.fmt->leaf_io : world.mmu.fmt->leaf) &
		  0x38 & ~world.mmu.fmt->accessed);
	if (access & LHV_ACC_WRITE) {
		EXPECT(host & LHV_HOST_WRITE && !(slot->flags & KVM_MEM_READONLY));
		world.written[gfn] = true;
	}
}

bool world_access(lhv_gfn_t gfn, u32 access, bool can_sleep, enum lhv_fault *why)
{
	unsigned int tries;

	for (tries = 0; tries < 10; tries++) {
		EXPECT(!lhv_mmu_zap_lost(&world.mmu));
		if (hardware_access(gfn, access)) {
			check_access(gfn, access);
			return true;
		}
		*why = lhv_mmu_fault(&world.mmu, gfn << LHV_PAGE_SHIFT, access, can_sleep);
		if (*why != LHV_FAULT_FIXED && *why != LHV_FAULT_RETRY)
			return false;
	}
	return false;
}

void world_touch(lhv_gfn_t gfn, u32 access)
{
	enum lhv_fault why = LHV_FAULT_FIXED;

	if (!world_access(gfn, access, true, &why))
		tap_fail(__FILE__, __LINE__, "gfn %#llx access %u: answer %d", gfn,
			 access, why);
}

/* --- lifetime ------------------------------------------------------------------- */

void world_start(enum world_format format)
{
	memset(&world, 0, sizeof(world));
	world.next_hpa = 0x100000;
	EXPECT_EQ(lhv_mmu_init(&world.mmu, &world_formats[format]), 0);
}

void world_end(void)
{
	lhv_mmu_destroy(&world.mmu);
	EXPECT_EQ(atomic_long_read(&world.mmu.tables), 0);
	EXPECT_EQ(world_mm.count, 0);
	EXPECT_EQ(unit_pages, 0);
	EXPECT_EQ(unit_pagefaults_off, 0);
}
