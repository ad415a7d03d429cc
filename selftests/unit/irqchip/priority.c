// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of IRR, ISR, TPR, PPR and EOI, held against a model that looks at every
 * vector each time; and with senders in threads of their own.
 */
#include <pthread.h>
#include <string.h>

#include "cases.h"
#include "world.h"

struct model {
	bool irr[256], isr[256];
	u8 tpr;
};

static int model_highest(const bool *set)
{
	int v;

	for (v = 255; v >= 0 && !set[v]; v--)
		;
	return v;
}

static u8 model_ppr(const struct model *m)
{
	int isr = model_highest(m->isr);
	u8 class = isr < 0 ? 0 : isr / 16;

	return m->tpr / 16 >= class ? m->tpr : class * 16;
}

static int model_take(struct model *m)
{
	int v = model_highest(m->irr);

	if (v < 0 || v / 16 <= model_ppr(m) / 16)
		return -1;
	m->irr[v] = false;
	m->isr[v] = true;
	return v;
}

static void model_compare(const struct model *m)
{
	unsigned int v;

	for (v = 0; v < 256; v++) {
		EXPECT_EQ(lapic_test(world.cpus[0], LAPIC_IRR, v), m->irr[v]);
		EXPECT_EQ(lapic_test(world.cpus[0], LAPIC_ISR, v), m->isr[v]);
	}
	EXPECT_EQ(lhv_lapic_highest_irr(world.cpus[0]), model_highest(m->irr));
	EXPECT_EQ(lhv_lapic_highest_isr(world.cpus[0]), model_highest(m->isr));
	EXPECT_EQ(cpu_read(0, LAPIC_PPR), model_ppr(m));
}

static void model_step(struct model *m)
{
	struct lhv_irq_msg msg = { .assert = true };
	u32 what = random32() % 16;
	u8 v = random32() % 240 + 16;
	int isr;

	if (what < 6) {
		if (what & 1) {
			cpu_icr(0, 0, 0x40000 | v);
		} else {
			msg.vector = v;
			EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg),
				  !m->irr[v]);
		}
		m->irr[v] = true;
	} else if (what < 11) {
		EXPECT_EQ(cpu_take(0), model_take(m));
	} else if (what < 14) {
		isr = model_highest(m->isr);
		cpu_eoi(0);
		if (isr >= 0)
			m->isr[isr] = false;
	} else {
		m->tpr = random32() % 4 ? random32() % 64 : random32();
		cpu_write(0, LAPIC_TPR, m->tpr);
	}
}

static void against_model(void)
{
	unsigned int round, step;
	struct model m;

	for (round = 0; round < 200; round++) {
		memset(&m, 0, sizeof(m));
		world_init(1);
		for (step = 0; step < 500; step++) {
			model_step(&m);
			if (step % 8 == 0)
				model_compare(&m);
		}
		world_end();
	}
}

/* Every pair of a vector in service and one requested. */
static void every_pair(void)
{
	unsigned int a, b;

	world_init(1);
	for (a = 16; a < 256; a++) {
		for (b = 16; b < 256; b++) {
			cpu_icr(0, 0, 0x40000 | a);
			EXPECT_EQ(cpu_take(0), a);
			cpu_icr(0, 0, 0x40000 | b);
			EXPECT_EQ(cpu_take(0), b / 16 > a / 16 ? (int)b : -1);
			cpu_eoi(0);
			if (b / 16 <= a / 16)
				EXPECT_EQ(cpu_take(0), b);
			cpu_eoi(0);
			EXPECT_EQ(cpu_take(0), -1);
		}
	}
	world_end();
}

static void every_tpr(void)
{
	unsigned int tpr, v;

	world_init(1);
	for (tpr = 0; tpr < 256; tpr++) {
		cpu_write(0, LAPIC_TPR, tpr);
		EXPECT_EQ(cpu_read(0, LAPIC_PPR), tpr);
		for (v = 16; v < 256; v += 7) {
			cpu_icr(0, 0, 0x40000 | v);
			EXPECT_EQ(lhv_lapic_pending(world.cpus[0]),
				  v / 16 > tpr / 16 ? (int)v : -1);
			cpu_write(0, LAPIC_TPR, 0);
			EXPECT_EQ(cpu_take(0), v);
			cpu_eoi(0);
			cpu_write(0, LAPIC_TPR, tpr);
		}
	}
	world_end();
}

static void eoi_of_nothing(void)
{
	world_init(1);
	cpu_eoi(0);
	cpu_icr(0, 0, 0x40041);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(0), 0x41);
	world_end();
}

/* A vector is requested once more while it is in service. */
static void again_in_service(void)
{
	struct lhv_irq_msg msg = { .vector = 0x41, .assert = true };

	world_init(1);
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
	EXPECT_EQ(cpu_take(0), 0x41);
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 0);
	EXPECT_EQ(cpu_take(0), -1);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(0), 0x41);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

/* Taken out of order, the highest one in service is still the highest. */
static void lower_one_in_service(void)
{
	world_init(1);
	cpu_icr(0, 0, 0x40091);
	EXPECT_EQ(cpu_take(0), 0x91);
	cpu_icr(0, 0, 0x40031);
	lhv_lapic_ack(world.cpus[0], 0x31);
	EXPECT_EQ(cpu_read(0, LAPIC_PPR), 0x90);
	lhv_lapic_ack(world.cpus[0], 256);
	lhv_lapic_ack(world.cpus[0], -1);
	cpu_eoi(0);
	EXPECT_EQ(cpu_read(0, LAPIC_PPR), 0x30);
	cpu_eoi(0);
	EXPECT_EQ(cpu_read(0, LAPIC_PPR), 0);
	world_end();
}

static void trigger_mode_register(void)
{
	struct lhv_irq_msg msg = { .vector = 0x41, .assert = true,
				   .level = true };

	world_init(1);
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
	EXPECT_EQ(cpu_read(0, LAPIC_TMR + 0x20), BIT(1));
	EXPECT_EQ(cpu_take(0), 0x41);
	cpu_eoi(0);
	msg.level = false;
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
	EXPECT_EQ(cpu_read(0, LAPIC_TMR + 0x20), 0);
	world_end();
}

/* ---- threads ---- */

#define SENDERS		3
#define SENDS		100000

static unsigned int sent[SENDERS];

/* Each has vectors of its own, all in the same words of IRR. */
static void *sender(void *arg)
{
	unsigned int self = (unsigned long)arg, i;
	struct lhv_irq_msg msg = { .assert = true };

	for (i = 0; i < SENDS; i++) {
		msg.vector = 0x40 + self + i % 8 * SENDERS;
		if (lhv_irq_deliver(&world.chip, NULL, &msg) > 0)
			sent[self]++;
	}
	return NULL;
}

static void concurrent_senders(void)
{
	pthread_t threads[SENDERS];
	unsigned int taken = 0, total = 0, live = SENDERS, empty = 0;
	unsigned long i;

	world_init(1);
	for (i = 0; i < SENDERS; i++)
		EXPECT(!pthread_create(&threads[i], NULL, sender, (void *)i));
	while (live || empty < 2) {
		if (cpu_take(0) >= 0) {
			taken++;
			cpu_eoi(0);
			continue;
		}
		if (live)
			EXPECT(!pthread_join(threads[--live], NULL));
		else
			empty++;
	}
	for (i = 0; i < SENDERS; i++)
		total += sent[i];
	/* each that was not told as coalesced was taken, once */
	EXPECT_EQ(taken, total);
	EXPECT_EQ(world.kicks[0], total);
	world_end();
}

/* The same where the hardware has the page and senders post. */
static void concurrent_posting(void)
{
	pthread_t threads[SENDERS];
	struct lhv_lapic *apic;
	unsigned long i;
	int irr;

	world_init(1);
	apic = world.cpus[0];
	apic->hw_vid = true;
	for (i = 0; i < SENDERS; i++)
		EXPECT(!pthread_create(&threads[i], NULL, sender, (void *)i));
	for (i = 0; i < 100000; i++) {
		irr = lhv_lapic_highest_irr(apic);
		if (irr >= 0)
			lhv_lapic_ack(apic, irr);
	}
	for (i = 0; i < SENDERS; i++)
		EXPECT(!pthread_join(threads[i], NULL));
	/* all that was posted last is there to be seen */
	while ((irr = lhv_lapic_highest_irr(apic)) >= 0)
		lhv_lapic_ack(apic, irr);
	for (i = 0; i < 8 * SENDERS; i++)
		EXPECT(lapic_test(apic, LAPIC_ISR, 0x40 + i));
	EXPECT_EQ(apic->posted.pir[1], 0);
	world_end();
}

const struct tap_case priority_cases[] = {
	CASE(against_model),
	CASE(every_pair),
	CASE(every_tpr),
	CASE(eoi_of_nothing),
	CASE(again_in_service),
	CASE(lower_one_in_service),
	CASE(trigger_mode_register),
	CASE(concurrent_senders),
	CASE(concurrent_posting),
	{ }
};
