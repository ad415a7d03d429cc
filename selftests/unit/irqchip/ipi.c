// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of interrupt messages: whom they address, held against a model that
 * asks every APIC, and what they do there.
 */
#include <pthread.h>
#include <string.h>

#include "cases.h"
#include "world.h"

#define CPUS	24

static void set_logical(unsigned int cpu, u8 ldr, bool cluster)
{
	cpu_write(cpu, LAPIC_LDR, (u32)ldr << 24);
	cpu_write(cpu, LAPIC_DFR, cluster ? 0x0fffffff : 0xffffffff);
}

/* ---- the model ---- */

static bool model_logical(unsigned int cpu, u32 dest, bool wide)
{
	struct lhv_lapic *apic = world.cpus[cpu];
	u32 ldr = cpu_read(cpu, LAPIC_LDR);
	u8 id = ldr >> 24;

	if (apic->mode == LHV_APIC_X2APIC)
		return ldr / 0x10000 == dest / 0x10000 &&
		       (ldr & dest & 0xffff);
	if (wide && dest > 0xff)
		return false;
	if (cpu_read(cpu, LAPIC_DFR) == 0xffffffff)
		return id & dest;
	return id / 16 == dest / 16 && (id & dest & 15);
}

static bool model_match(unsigned int cpu, int src, const struct lhv_irq_msg *m)
{
	struct lhv_lapic *apic = world.cpus[cpu];
	u32 id;

	if (apic->mode == LHV_APIC_DISABLED)
		return false;
	if (m->shorthand == 1)
		return (int)cpu == src;
	if (m->shorthand)
		return m->shorthand == 2 || (int)cpu != src;
	if (m->dest == (m->x2apic_dest ? 0xffffffff : 0xff))
		return true;
	if (m->logical)
		return model_logical(cpu, m->dest, m->x2apic_dest);
	id = cpu_read(cpu, LAPIC_ID);
	return m->dest == (apic->mode == LHV_APIC_X2APIC ? id : id >> 24);
}

static void check(int src, const struct lhv_irq_msg *msg)
{
	int got, want = -1;
	unsigned int cpu;
	bool match;

	got = lhv_irq_deliver(&world.chip, src < 0 ? NULL : world.cpus[src],
			      msg);
	for (cpu = 0; cpu < world.nr_cpus; cpu++) {
		match = model_match(cpu, src, msg);
		if (match)
			want = (want < 0 ? 0 : want) +
			       world.cpus[cpu]->sw_enabled;
		EXPECT_EQ(lapic_test(world.cpus[cpu], LAPIC_IRR, msg->vector),
			  match && world.cpus[cpu]->sw_enabled);
		if (match && world.cpus[cpu]->sw_enabled) {
			EXPECT_EQ(cpu_take(cpu), msg->vector);
			cpu_eoi(cpu);
		}
	}
	EXPECT_EQ(got, want);
}

/* Modes, IDs and logical IDs by chance; mostly such as guests would choose. */
static void shuffle(unsigned int style)
{
	unsigned int cpu;

	for (cpu = 0; cpu < CPUS; cpu++) {
		if (style == 0) {
			set_logical(cpu, cpu < 8 ? 1 << cpu : 0, false);
		} else if (style == 1) {
			set_logical(cpu, cpu / 4 << 4 | 1 << cpu % 4, true);
		} else if (style == 2) {
			cpu_set_mode(cpu, LHV_APIC_X2APIC);
		} else {
			set_logical(cpu, random32(), random32() & 1);
			if (random32() % 4 == 0)
				cpu_write(cpu, LAPIC_ID, random32());
			if (random32() % 4 == 0)
				cpu_set_mode(cpu, LHV_APIC_X2APIC);
			else if (random32() % 8 == 0)
				cpu_set_mode(cpu, LHV_APIC_DISABLED);
			else if (random32() % 8 == 0)
				cpu_write(cpu, LAPIC_SVR, 0xff);
		}
	}
}

static u32 random_dest(bool wide)
{
	switch (random32() % 4) {
	case 0:
		return random32() % (CPUS + 2);
	case 1:
		return wide ? 0xffffffff : 0xff;
	case 2:
		return wide ? random32() % 3 << 16 | (random32() & 0xffff) :
			      random32() & 0xff;
	}
	return wide ? random32() : 1U << random32() % 8;
}

static void destinations(void)
{
	unsigned int round, i;
	struct lhv_irq_msg msg;
	int src;

	for (round = 0; round < 60; round++) {
		world_init(CPUS);
		shuffle(round % 6);
		for (i = 0; i < 300; i++) {
			memset(&msg, 0, sizeof(msg));
			msg.vector = 0x30 + random32() % 0xc0;
			msg.assert = true;
			msg.x2apic_dest = random32() % 3 == 0;
			msg.dest = random_dest(msg.x2apic_dest);
			msg.logical = random32() & 1;
			msg.shorthand = random32() % 4 ? 0 : random32() % 4;
			src = random32() % CPUS;
			/* a disabled APIC has no ICR to send with */
			if (world.cpus[src]->mode == LHV_APIC_DISABLED)
				continue;
			check(msg.shorthand == 1 || random32() & 1 ? src : -1,
			      &msg);
		}
		world_end();
	}
}

/* All physical IDs there can be, with as many vCPUs as there can be. */
static void every_physical_id(void)
{
	struct lhv_irq_msg msg = { .vector = 0x55, .assert = true };
	unsigned int dest;

	world_init(MAX_CPUS);
	for (dest = 0; dest < 255; dest++) {
		msg.dest = dest;
		EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
		EXPECT_EQ(cpu_take(dest), 0x55);
		EXPECT_EQ(world.kicks[dest], 1);
	}
	msg.vector = 0x66;
	msg.dest = 255;
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 255);
	world_end();
}

static void duplicate_ids(void)
{
	struct lhv_irq_msg msg = { .dest = 1, .vector = 0x55, .assert = true };

	world_init(3);
	cpu_write(2, LAPIC_ID, 1 << 24);
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 2);
	EXPECT_EQ(cpu_take(1), 0x55);
	EXPECT_EQ(cpu_take(2), 0x55);
	cpu_write(2, LAPIC_ID, 9 << 24);
	msg.vector = 0x66;
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
	EXPECT_EQ(cpu_take(2), -1);
	msg.dest = 9;
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
	EXPECT_EQ(cpu_take(2), 0x66);
	msg.dest = 2;
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), -1);
	world_end();
}

/* ---- the ICR ---- */

static void icr_modes(void)
{
	struct lhv_lapic *apic;

	world_init(2);
	apic = world.cpus[1];
	cpu_icr(0, 1, 0x44);
	EXPECT_EQ(cpu_take(1), 0x44);
	EXPECT_EQ(cpu_read(0, LAPIC_ICR), 0x44);
	cpu_icr(0, 1, 0x400);
	EXPECT_EQ(apic->events, BIT(LHV_APIC_EVENT_NMI));
	apic->events = 0;
	/* INIT assert, level de-assert is nothing, SIPI with its vector */
	cpu_icr(0, 1, 0xc500);
	EXPECT_EQ(apic->events, BIT(LHV_APIC_EVENT_INIT));
	apic->events = 0;
	cpu_icr(0, 1, 0x8500);
	EXPECT_EQ(apic->events, 0);
	cpu_icr(0, 1, 0x500);
	EXPECT_EQ(apic->events, BIT(LHV_APIC_EVENT_INIT));
	apic->events = 0;
	cpu_icr(0, 1, 0x69f);
	EXPECT_EQ(apic->events, BIT(LHV_APIC_EVENT_SIPI));
	EXPECT_EQ(apic->sipi_vector, 0x9f);
	apic->events = 0;
	/* SMI, reserved, ExtINT: nothing */
	cpu_icr(0, 1, 0x200);
	cpu_icr(0, 1, 0x344);
	cpu_icr(0, 1, 0x744);
	EXPECT_EQ(apic->events, 0);
	/* a fixed IPI is an edge whatever the level bits say */
	cpu_icr(0, 1, 0x8045);
	EXPECT(lapic_test(apic, LAPIC_IRR, 0x45));
	EXPECT(!lapic_test(apic, LAPIC_TMR, 0x45));
	/* the delivery status bit reads 0 */
	cpu_icr(0, 1, 0x1046);
	EXPECT_EQ(cpu_read(0, LAPIC_ICR), 0x46);
	world_end();
}

static void icr_shorthands(void)
{
	unsigned int cpu;

	world_init(4);
	cpu_icr(1, 3, 0x40041);
	cpu_icr(1, 3, 0x80042);
	cpu_icr(1, 3, 0xc0043);
	for (cpu = 0; cpu < 4; cpu++) {
		EXPECT_EQ(lapic_test(world.cpus[cpu], LAPIC_IRR, 0x41),
			  cpu == 1);
		EXPECT_EQ(lapic_test(world.cpus[cpu], LAPIC_IRR, 0x42), true);
		EXPECT_EQ(lapic_test(world.cpus[cpu], LAPIC_IRR, 0x43),
			  cpu != 1);
		EXPECT_EQ(world.kicks[cpu], cpu == 1 ? 0 : 2);
	}
	world_end();
}

static void self_ipi(void)
{
	world_init(2);
	/* by its own ID: no kick, its thread is here */
	cpu_icr(1, 1, 0x41);
	EXPECT_EQ(cpu_take(1), 0x41);
	EXPECT_EQ(world.kicks[1], 0);
	EXPECT_EQ(cpu_set_mode(1, LHV_APIC_X2APIC), 0);
	cpu_write(1, LAPIC_SELF_IPI, 0x51);
	EXPECT_EQ(cpu_take(1), 0x51);
	cpu_icr(1, 1, 0x61);
	EXPECT_EQ(cpu_take(1), 0x61);
	cpu_write(1, LAPIC_SELF_IPI, 3);
	cpu_write(1, LAPIC_ESR, 0);
	EXPECT_EQ(cpu_read(1, LAPIC_ESR), BIT(5));
	EXPECT_EQ(world.kicks[1], 0);
	EXPECT_EQ(world.kicks[0], 0);
	world_end();
}

static void x2_cluster(void)
{
	unsigned int cpu;

	world_init(40);
	for (cpu = 0; cpu < 40; cpu++)
		EXPECT_EQ(cpu_set_mode(cpu, LHV_APIC_X2APIC), 0);
	cpu_icr(0, 0x00020081, 0x844);
	for (cpu = 0; cpu < 40; cpu++)
		EXPECT_EQ(lapic_test(world.cpus[cpu], LAPIC_IRR, 0x44),
			  cpu == 32 || cpu == 39);
	cpu_icr(0, 0xffffffff, 0x845);
	for (cpu = 0; cpu < 40; cpu++)
		EXPECT(lapic_test(world.cpus[cpu], LAPIC_IRR, 0x45));
	/* far away clusters and IDs */
	cpu_icr(0, 0x0fff0001, 0x846);
	cpu_icr(0, 0x00010000, 0x46);
	for (cpu = 0; cpu < 40; cpu++)
		EXPECT(!lapic_test(world.cpus[cpu], LAPIC_IRR, 0x46));
	world_end();
}

/* ---- lowest priority ---- */

static void lowest_priority(void)
{
	struct lhv_irq_msg msg = { .dest = 0x0f, .logical = true,
		.mode = LAPIC_DM_LOWEST, .vector = 0x99, .assert = true };
	unsigned int cpu, i, got[4] = { };

	world_init(4);
	for (cpu = 0; cpu < 4; cpu++)
		set_logical(cpu, 1 << cpu, false);
	/* equal ones take turns */
	for (i = 0; i < 40; i++) {
		EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
		for (cpu = 0; cpu < 4; cpu++) {
			if (cpu_take(cpu) == 0x99) {
				got[cpu]++;
				cpu_eoi(cpu);
			}
		}
	}
	for (cpu = 0; cpu < 4; cpu++)
		EXPECT_EQ(got[cpu], 10);
	/* task priority decides before that */
	for (cpu = 0; cpu < 4; cpu++)
		cpu_write(cpu, LAPIC_TPR, cpu == 2 ? 0x10 : 0x20);
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
		EXPECT_EQ(cpu_take(2), 0x99);
		cpu_eoi(2);
	}
	/* one that is disabled by software only if there is no other */
	cpu_write(2, LAPIC_SVR, 0xff);
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
	EXPECT_EQ(cpu_take(2), -1);
	msg.dest = 4;
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 0);
	msg.dest = 0x10;
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), -1);
	world_end();
}

static void no_source_no_self(void)
{
	struct lhv_irq_msg msg = { .vector = 0x44, .shorthand = 1,
				   .assert = true };

	world_init(1);
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), -1);
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

static bool stop;

static void *identity_changer(void *arg)
{
	unsigned int i = 0;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		cpu_write(1, LAPIC_LDR, (i % 3 ? 2 : 5) << 24);
		cpu_write(1, LAPIC_ID, (i % 5 ? 1 : 7) << 24);
		i++;
	}
	return NULL;
}

/* While the map is made anew, those who did not change stay in reach. */
static void map_changes_under_way(void)
{
	struct lhv_irq_msg physical = { .dest = 2, .vector = 0x51,
					.assert = true };
	struct lhv_irq_msg logical = { .dest = 8, .vector = 0x61,
				       .logical = true, .assert = true };
	pthread_t thread;
	unsigned int i;

	world_init(4);
	for (i = 0; i < 4; i++)
		set_logical(i, 1 << i, false);
	EXPECT(!pthread_create(&thread, NULL, identity_changer, NULL));
	for (i = 0; i < 100000; i++) {
		EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &physical), 1);
		EXPECT_EQ(cpu_take(2), 0x51);
		cpu_eoi(2);
		EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &logical), 1);
		EXPECT_EQ(cpu_take(3), 0x61);
		cpu_eoi(3);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	EXPECT(!pthread_join(thread, NULL));
	world_end();
}

const struct tap_case ipi_cases[] = {
	CASE(destinations),
	CASE(every_physical_id),
	CASE(duplicate_ids),
	CASE(icr_modes),
	CASE(icr_shorthands),
	CASE(self_ipi),
	CASE(x2_cluster),
	CASE(lowest_priority),
	CASE(no_source_no_self),
	CASE(map_changes_under_way),
	{ }
};
