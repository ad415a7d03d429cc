// SPDX-License-Identifier: GPL-2.0
/*
 * Slots: KVM's rules and errnos one by one, look-ups held against a plain list
 * under random changes, every allocation failing once, and what is kept until
 * readers have gone.
 */
#include <errno.h>
#include <string.h>
#include <sanitizer/lsan_interface.h>

#include "test.h"
#include "world.h"

#define RO	KVM_MEM_READONLY
#define LOG	KVM_MEM_LOG_DIRTY_PAGES

static struct lhv_slot *find(u64 gfn)
{
	return lhv_slots_find(&world.mmu, gfn);
}

/* --- rules --------------------------------------------------------------------- */

static void create_and_find(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(world_slot(3, 0, 100, 10, 0), 0);
	EXPECT(!find(99) && !find(110) && !find(0) && !find(~0ULL));
	EXPECT(find(100) && find(100)->id == 3 && find(109) == find(100));
	EXPECT_EQ(lhv_slot_hva(find(105), 105), WORLD_HVA + 0x5000);
	EXPECT(lhv_mmu_gpa_backed(&world.mmu, 0x64000));
	EXPECT(!lhv_mmu_gpa_backed(&world.mmu, 0x6e000));
	EXPECT_EQ(world_slot(3, 0, 100, 10, 0), 0);		/* nothing changes */
	world_end();
}

static const struct {
	u32 slot, flags;
	u64 gpa, size, hva;
} invalid[] = {
	{ 0, 4, 0, 0x1000, WORLD_HVA },			/* an unknown flag */
	{ 0, 0, 0x800, 0x1000, WORLD_HVA },		/* parts of a page */
	{ 0, 0, 0, 0x800, WORLD_HVA },
	{ 0, 0, 0, 0x1000, WORLD_HVA + 8 },
	{ LHV_MAX_SLOTS, 0, 0, 0x1000, WORLD_HVA },
	{ 0x10000, 0, 0, 0x1000, WORLD_HVA },		/* a second address space */
	{ 0, 0, 0, 0x1000, 0x800000000000 },		/* not userspace's */
	{ 0, 0, 0, 0x1000, 0xffff888000000000 },
	{ 0, 0, 0, 0x2000, 0x7fffffffe000 },		/* the end of it is not */
	{ 0, 0, 0, 0x2000, 0xfffffffffffff000 },	/* it wraps */
	{ 0, 0, 0xfffffffffffff000, 0x2000, WORLD_HVA },
	{ 0, 0, 0x400000000000, 0x1000, WORLD_HVA },	/* beyond 46 bits */
	{ 0, 0, 0x3ffffffff000, 0x2000, WORLD_HVA },
	{ 0, 0, 0, 0x80000000000, 0x1000 },		/* more pages than KVM's limit */
	{ 0, 0, 0, 0, WORLD_HVA },			/* nothing to delete */
};

static void invalid_regions(void)
{
	unsigned int i;

	world_start(EPT_AD);
	for (i = 0; i < ARRAY_SIZE(invalid); i++) {
		struct kvm_userspace_memory_region mem = {
			.slot = invalid[i].slot,
			.flags = invalid[i].flags,
			.guest_phys_addr = invalid[i].gpa,
			.memory_size = invalid[i].size,
			.userspace_addr = invalid[i].hva,
		};
		int ret = lhv_mmu_set_region(&world.mmu, &mem);

		if (ret != -EINVAL)
			tap_fail(__FILE__, __LINE__, "row %u: %d", i, ret);
	}
	EXPECT(!find(0));
	EXPECT_EQ(world_slot(LHV_MAX_SLOTS - 1, 0, 0, 1, 0), 0);
	EXPECT_EQ(world_slot(0, 0, (1ULL << 34) - 1, 1, 0), 0);
	world_end();
}

static void changes_that_kvm_refuses(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(world_slot(1, 0, 100, 10, 0), 0);
	EXPECT_EQ(world_slot(1, 0, 100, 11, 0), -EINVAL);	/* resized */
	EXPECT_EQ(world_slot(1, 0, 100, 10, 1), -EINVAL);	/* other memory */
	EXPECT_EQ(world_slot(1, RO, 100, 10, 0), -EINVAL);	/* read-only now */
	EXPECT_EQ(world_slot(2, RO, 200, 10, 0), 0);		/* an alias may */
	EXPECT_EQ(world_slot(2, 0, 200, 10, 0), -EINVAL);
	EXPECT_EQ(world_slot(2, RO | LOG, 200, 10, 0), 0);
	EXPECT_EQ(world_slot(1, 0, 195, 10, 0), -EEXIST);	/* moved onto 2 */
	EXPECT(find(100)->id == 1 && find(209)->id == 2);
	world_end();
}

static void overlaps(void)
{
	static const struct {
		u64 gfn, npages;
		int ret;
	} rows[] = {
		{ 99, 1, 0 }, { 110, 5, 0 }, { 0, 99, 0 },
		{ 100, 10, -EEXIST }, { 99, 2, -EEXIST }, { 109, 1, -EEXIST },
		{ 104, 2, -EEXIST }, { 50, 100, -EEXIST }, { 109, 100, -EEXIST },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		world_start(EPT_AD);
		EXPECT_EQ(world_slot(1, 0, 100, 10, 0), 0);
		EXPECT_EQ(world_slot(2, 0, rows[i].gfn, rows[i].npages, 0), rows[i].ret);
		EXPECT_EQ(find(100)->id, 1);
		world_end();
	}
}

static void move_and_delete(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(world_slot(1, 0, 100, 10, 0), 0);
	world_touch(105, LHV_ACC_WRITE);
	EXPECT_EQ(world_slot(1, 0, 104, 10, 0), 0);		/* onto itself */
	EXPECT(!find(103) && find(104) && find(113));
	world_touch(105, LHV_ACC_WRITE);		/* checks that it is page 1 */
	EXPECT_EQ(world_slot(1, 0, 0, 0, 0), 0);
	EXPECT(!find(104));
	EXPECT_EQ(world_slot(1, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(world_slot(1, 0, 7, 20, 5), 0);	/* the number is free again */
	world_end();
}

/* Only what ends an access through the old slot waits for its readers. */
static void who_waits(void)
{
	unsigned long waits;
	int i;

	world_start(EPT_AD);
	for (i = 0; i < 10; i++)
		EXPECT_EQ(world_slot(i, 0, i * 10, 5, 0), 0);
	EXPECT_EQ(world_slot(0, LOG, 0, 5, 0), 0);
	EXPECT_EQ(world_slot(0, 0, 0, 5, 0), 0);
	EXPECT_EQ(world.mmu.srcu.waits, 0);
	EXPECT_EQ(world_slot(1, 0, 1000, 5, 0), 0);
	EXPECT_EQ(world.mmu.srcu.waits, 1);
	EXPECT_EQ(world_slot(1, 0, 0, 0, 0), 0);
	EXPECT_EQ(world.mmu.srcu.waits, 2);
	EXPECT_EQ(world.mmu.nr_retired, 0);
	waits = world.mmu.srcu.waits;
	for (i = 0; i < 1000; i++)
		EXPECT_EQ(world_slot(0, i & 1 ? 0 : LOG, 0, 5, 0), 0);
	EXPECT(world.mmu.srcu.waits > waits && world.mmu.srcu.waits < waits + 200);
	world_end();
}

static void logging_is_counted(void)
{
	world_start(EPT_AD);
	EXPECT_EQ(world_slot(0, LOG, 0, 5, 0), 0);
	EXPECT(lhv_mmu_dirty_logging(&world.mmu));
	EXPECT_EQ(world_slot(1, LOG, 10, 5, 0), 0);
	EXPECT_EQ(world.logging_changes, 1);
	EXPECT_EQ(world_slot(0, LOG, 20, 5, 0), 0);	/* moved, logs on */
	EXPECT_EQ(world_slot(0, 0, 0, 0, 0), 0);
	EXPECT_EQ(world.logging_changes, 1);
	EXPECT_EQ(world_slot(1, 0, 10, 5, 0), 0);
	EXPECT_EQ(world.logging_changes, 2);
	EXPECT(!lhv_mmu_dirty_logging(&world.mmu));
	world_end();
}

/* --- many ----------------------------------------------------------------------- */

/* All there can be. */
static void as_many_as_there_can_be(void)
{
	u64 i;

	world_start(EPT_AD);
	for (i = 0; i < LHV_MAX_SLOTS; i++)
		EXPECT_EQ(world_slot(i, 0, (i * 7919 % LHV_MAX_SLOTS) * 4, 3, 0), 0);
	for (i = 0; i < LHV_MAX_SLOTS; i++) {
		EXPECT(find(i * 4) && find(i * 4)->id * 7919ULL % LHV_MAX_SLOTS == i);
		EXPECT(find(i * 4 + 2) && !find(i * 4 + 3));
	}
	for (i = 0; i < LHV_MAX_SLOTS; i += 2)
		EXPECT_EQ(world_slot(i, 0, 0, 0, 0), 0);
	for (i = 0; i < LHV_MAX_SLOTS; i++)
		EXPECT_EQ(!!find(i * 7919 % LHV_MAX_SLOTS * 4), i & 1);
	world_end();
}

#define MODEL_SLOTS	400
#define MODEL_GFNS	40000

struct model_slot {
	u64 gfn, npages, page;
	u32 flags;
};

static struct model_slot model[MODEL_SLOTS];

static bool model_overlaps(unsigned int id, u64 gfn, u64 npages)
{
	unsigned int i;

	for (i = 0; i < MODEL_SLOTS; i++)
		if (i != id && model[i].npages && gfn < model[i].gfn + model[i].npages &&
		    model[i].gfn < gfn + npages)
			return true;
	return false;
}

static int model_set(unsigned int id, const struct model_slot *new)
{
	struct model_slot *old = &model[id];

	if (!new->npages && !old->npages)
		return -EINVAL;
	if (new->npages && old->npages &&
	    (new->npages != old->npages || new->page != old->page ||
	     (new->flags ^ old->flags) & RO))
		return -EINVAL;
	if (new->npages && model_overlaps(id, new->gfn, new->npages))
		return -EEXIST;
	*old = *new;
	return 0;
}

static struct model_slot random_slot(unsigned int id)
{
	struct model_slot new = model[id];

	switch (rnd_below(model[id].npages ? 6 : 2)) {
	case 0:
	case 1:
		new.gfn = rnd_below(MODEL_GFNS);
		new.npages = 1 + rnd_below(150);
		new.page = rnd_below(WORLD_PAGES - 150);
		new.flags = rnd_one_in(4) ? RO : 0;
		break;
	case 2:
		new.npages = 0;
		break;
	case 3:
		new.gfn += rnd_below(20);
		break;
	default:
		new.flags ^= LOG;
	}
	return new;
}

static void model_compare(void)
{
	unsigned int i, id;

	for (i = 0; i < 200; i++) {
		u64 gfn = rnd_below(MODEL_GFNS + 200);
		struct lhv_slot *slot = find(gfn);

		for (id = 0; id < MODEL_SLOTS; id++)
			if (gfn - model[id].gfn < model[id].npages)
				break;
		EXPECT_EQ(slot ? slot->id : MODEL_SLOTS, id);
		if (!slot)
			continue;
		EXPECT_EQ(slot->flags, model[id].flags);
		EXPECT_EQ(!!slot->dirty, !!(slot->flags & LOG));
		EXPECT_EQ(lhv_slot_hva(slot, gfn),
			  WORLD_HVA + ((model[id].page + gfn - model[id].gfn) << 12));
	}
}

static void random_against_a_list(void)
{
	unsigned int i;

	rnd_start(200);
	world_start(EPT_AD);
	for (i = 0; i < 20000; i++) {
		unsigned int id = rnd_below(MODEL_SLOTS);
		struct model_slot new = random_slot(id);
		int ret = world_slot(id, new.flags, new.gfn, new.npages, new.page);

		EXPECT_EQ(ret, model_set(id, &new));
		if (!(i % 50))
			model_compare();
	}
	world_end();
	EXPECT(!__lsan_do_recoverable_leak_check());
}

/* --- without memory --------------------------------------------------------------- */

/*
 * Repeat a change with the first, the second, ... allocation failing, of which
 * it needs so many. Before the last has succeeded, nothing changes.
 */
static void starve(u32 slot, u32 flags, u64 gfn, u64 npages, u64 page, int needs)
{
	struct lhv_slot *before = xa_load(&world.mmu.ids, slot);
	unsigned int logging = world.mmu.nr_logging;
	int budget, ret = -ENOMEM;

	for (budget = 0; ret; budget++) {
		EXPECT(budget < 20);
		unit_alloc_budget = budget;
		ret = world_slot(slot, flags, gfn, npages, page);
		unit_alloc_budget = -1;
		if (!ret)
			break;
		EXPECT_EQ(ret, -ENOMEM);
		EXPECT(xa_load(&world.mmu.ids, slot) == before);
		EXPECT(before ? find(before->base_gfn) == before : !find(gfn));
		EXPECT_EQ(world.mmu.nr_logging, logging);
		EXPECT_EQ(world.mmu.nr_retired, 0);
	}
	EXPECT_EQ(budget, needs);
	EXPECT_EQ(world_slot(9999, 0, 100000, 1, 0), 0);
	EXPECT_EQ(world_slot(9999, 0, 0, 0, 0), 0);	/* frees what was retired */
}

static void every_allocation_fails_once(void)
{
	unsigned int i;

	world_start(EPT_AD);
	for (i = 0; i < 64; i++)
		EXPECT_EQ(world_slot(i, 0, i * 10, 5, 0), 0);
	EXPECT_EQ(world_slot(9999, 0, 100000, 1, 0), 0);
	EXPECT_EQ(world_slot(9999, 0, 0, 0, 0), 0);
	starve(100, 0, 5, 5, 0, 2);		/* the slot, and its number */
	starve(101, LOG, 805, 5, 0, 3);		/* and bits */
	starve(100, LOG, 5, 5, 0, 2);		/* flags */
	starve(100, LOG, 705, 5, 0, 1);		/* moved, keeps its bits */
	starve(100, 0, 1705, 5, 0, 1);		/* moved, logs no more */
	starve(3, 0, 0, 0, 0, 0);		/* a deletion needs no memory */
	EXPECT(find(1705)->id == 100 && !find(705) && !find(30) && find(40)->id == 4);
	world_end();
	EXPECT(!__lsan_do_recoverable_leak_check());
}

const struct tap_case slots_cases[] = {
	{ "create_and_find", create_and_find },
	{ "invalid_regions", invalid_regions },
	{ "changes_that_kvm_refuses", changes_that_kvm_refuses },
	{ "overlaps", overlaps },
	{ "move_and_delete", move_and_delete },
	{ "who_waits", who_waits },
	{ "logging_is_counted", logging_is_counted },
	{ "as_many_as_there_can_be", as_many_as_there_can_be },
	{ "random_against_a_list", random_against_a_list },
	{ "every_allocation_fails_once", every_allocation_fails_once },
	{ }
};
