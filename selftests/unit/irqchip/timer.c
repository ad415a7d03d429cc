// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the local APIC's timer.
 */
#include <string.h>

#include "cases.h"
#include "world.h"

#define ONESHOT		0x00000
#define PERIODIC	0x20000
#define DEADLINE	0x40000
#define MASKED		0x10000
#define VECTOR		0x71

static const struct {
	u32 tdcr, divide;
} divides[] = {
	{ 0x0, 2 }, { 0x1, 4 }, { 0x2, 8 }, { 0x3, 16 },
	{ 0x8, 32 }, { 0x9, 64 }, { 0xa, 128 }, { 0xb, 1 },
};

static void start(u32 mode, u32 tdcr, u32 count)
{
	cpu_write(0, LAPIC_LVTT, mode | VECTOR);
	cpu_write(0, LAPIC_TDCR, tdcr);
	cpu_write(0, LAPIC_TMICT, count);
}

/* The interrupt comes at this moment and not 1 ns before. */
static void expect_after(u64 ns)
{
	world_advance(ns - 1);
	EXPECT_EQ(cpu_take(0), -1);
	world_advance(1);
	EXPECT_EQ(cpu_take(0), VECTOR);
	cpu_eoi(0);
}

static void oneshot(void)
{
	unsigned int i;

	world_init(1);
	for (i = 0; i < ARRAY_SIZE(divides); i++) {
		start(ONESHOT, divides[i].tdcr, 5000);
		EXPECT_EQ(cpu_read(0, LAPIC_TMICT), 5000);
		EXPECT_EQ(cpu_read(0, LAPIC_TMCCT), 5000);
		world_advance(1000 * divides[i].divide);
		EXPECT_EQ(cpu_read(0, LAPIC_TMCCT), 4000);
		expect_after(4000 * divides[i].divide);
		EXPECT_EQ(cpu_read(0, LAPIC_TMCCT), 0);
		/* once */
		world_advance(1000000000);
		EXPECT_EQ(cpu_take(0), -1);
	}
	world_end();
}

/* Not even the shortest one-shot is lengthened. */
static void oneshot_shortest(void)
{
	world_init(1);
	start(ONESHOT, 0xb, 1);
	expect_after(1);
	start(ONESHOT, 0xa, ~0U);
	expect_after((u64)~0U * 128);
	world_end();
}

static void periodic(void)
{
	unsigned int i, n;

	world_init(1);
	for (i = 0; i < ARRAY_SIZE(divides); i++) {
		start(PERIODIC, divides[i].tdcr, 1000000);
		for (n = 0; n < 10; n++) {
			world_advance(250000 * divides[i].divide);
			EXPECT_EQ(cpu_read(0, LAPIC_TMCCT), 750000);
			expect_after(750000 * divides[i].divide);
			EXPECT_EQ(cpu_read(0, LAPIC_TMCCT), 1000000);
		}
		cpu_write(0, LAPIC_TMICT, 0);
		world_advance(1000000000);
		EXPECT_EQ(cpu_take(0), -1);
	}
	world_end();
}

/* The guest gets no more than 5000 interrupts a second. */
static void periodic_is_clamped(void)
{
	unsigned int n;

	world_init(1);
	start(PERIODIC, 0xb, 10);
	for (n = 0; n < 10; n++)
		expect_after(200000);
	EXPECT(cpu_read(0, LAPIC_TMCCT) <= 10);
	EXPECT_EQ(cpu_read(0, LAPIC_TMICT), 10);
	start(PERIODIC, 0xb, 200001);
	expect_after(200001);
	expect_after(200001);
	/* into periodic mode by the LVT, too */
	start(ONESHOT, 0xb, 10);
	cpu_write(0, LAPIC_LVTT, PERIODIC | VECTOR);
	expect_after(10);
	expect_after(200000);
	world_end();
}

/* A vCPU that does not run misses periods: one interrupt, and the old beat. */
static void periodic_missed(void)
{
	world_init(1);
	start(PERIODIC, 0xb, 1000000);
	world_advance(5300000);
	EXPECT_EQ(cpu_take(0), VECTOR);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(0), -1);
	EXPECT_EQ(cpu_read(0, LAPIC_TMCCT), 700000);
	expect_after(700000);
	expect_after(1000000);
	/* the count goes round even before anybody has looked */
	world_advance(2250000);
	EXPECT_EQ(cpu_read(0, LAPIC_TMCCT), 749999);
	world_end();
}

static void masked(void)
{
	world_init(1);
	start(PERIODIC | MASKED, 0xb, 1000000);
	world_advance(2500000);
	EXPECT_EQ(cpu_take(0), -1);
	cpu_write(0, LAPIC_LVTT, PERIODIC | VECTOR);
	expect_after(500000);
	start(ONESHOT | MASKED, 0xb, 1000000);
	world_advance(1500000);
	EXPECT_EQ(cpu_take(0), -1);
	cpu_write(0, LAPIC_LVTT, ONESHOT | VECTOR);
	world_advance(1500000);
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

static void illegal_vector(void)
{
	world_init(1);
	cpu_write(0, LAPIC_LVT_ERROR, 0xe0);
	cpu_write(0, LAPIC_TDCR, 0xb);
	cpu_write(0, LAPIC_LVTT, 0x0f);
	cpu_write(0, LAPIC_TMICT, 1000);
	world_advance(1000);
	EXPECT_EQ(cpu_take(0), 0xe0);
	cpu_write(0, LAPIC_ESR, 0);
	EXPECT_EQ(cpu_read(0, LAPIC_ESR), BIT(6));
	world_end();
}

/* Restarted, stopped: the expiry of before is none any more. */
static void stale_expiry(void)
{
	world_init(1);
	start(ONESHOT, 0xb, 1000);
	world_advance(1000);
	EXPECT(test_bit(LHV_APIC_EVENT_TIMER, &world.cpus[0]->events));
	cpu_write(0, LAPIC_TMICT, 5000);
	EXPECT_EQ(cpu_take(0), -1);
	world_advance(4999);
	EXPECT_EQ(cpu_take(0), -1);
	world_advance(1);
	cpu_write(0, LAPIC_TMICT, 0);
	EXPECT_EQ(cpu_take(0), -1);
	lhv_lapic_timer_fired(world.cpus[0]);
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

static void divide_while_running(void)
{
	world_init(1);
	start(ONESHOT, 0xb, 10000);
	world_advance(4000);
	cpu_write(0, LAPIC_TDCR, 0x1);
	EXPECT_EQ(cpu_read(0, LAPIC_TMCCT), 6000);
	expect_after(24000);
	start(PERIODIC, 0x3, 100000);
	world_advance(16 * 30000);
	cpu_write(0, LAPIC_TDCR, 0x0);
	EXPECT_EQ(cpu_read(0, LAPIC_TMCCT), 70000);
	expect_after(140000);
	expect_after(200000);
	world_end();
}

static void mode_while_running(void)
{
	world_init(1);
	start(ONESHOT, 0xb, 1000000);
	world_advance(400000);
	cpu_write(0, LAPIC_LVTT, PERIODIC | VECTOR);
	expect_after(600000);
	expect_after(1000000);
	world_advance(100000);
	cpu_write(0, LAPIC_LVTT, ONESHOT | VECTOR);
	expect_after(900000);
	world_advance(3000000);
	EXPECT_EQ(cpu_take(0), -1);
	/* into deadline mode: disarmed, and no count */
	start(PERIODIC, 0xb, 1000000);
	cpu_write(0, LAPIC_LVTT, DEADLINE | VECTOR);
	EXPECT_EQ(cpu_read(0, LAPIC_TMICT), 0);
	EXPECT_EQ(cpu_read(0, LAPIC_TMCCT), 0);
	world_advance(3000000);
	EXPECT_EQ(cpu_take(0), -1);
	cpu_write(0, LAPIC_TMICT, 1000000);
	EXPECT_EQ(cpu_read(0, LAPIC_TMICT), 0);
	world_advance(3000000);
	EXPECT_EQ(cpu_take(0), -1);
	/* and out of it */
	lhv_lapic_set_tsc_deadline(world.cpus[0],
				   (world.now + 1000) * TSC_PER_NS);
	cpu_write(0, LAPIC_LVTT, ONESHOT | VECTOR);
	EXPECT_EQ(lhv_lapic_get_tsc_deadline(world.cpus[0]), 0);
	world_advance(3000000);
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

static void deadline(void)
{
	struct lhv_lapic *apic;
	u64 when;

	world_init(1);
	apic = world.cpus[0];
	/* without effect in another mode */
	lhv_lapic_set_tsc_deadline(apic, 1);
	EXPECT_EQ(lhv_lapic_get_tsc_deadline(apic), 0);
	EXPECT_EQ(cpu_take(0), -1);

	cpu_write(0, LAPIC_LVTT, DEADLINE | VECTOR);
	when = (world.now + 7777) * TSC_PER_NS;
	lhv_lapic_set_tsc_deadline(apic, when);
	EXPECT_EQ(lhv_lapic_get_tsc_deadline(apic), when);
	expect_after(7777);
	EXPECT_EQ(lhv_lapic_get_tsc_deadline(apic), 0);
	world_advance(1000000);
	EXPECT_EQ(cpu_take(0), -1);
	/* moved, stopped */
	lhv_lapic_set_tsc_deadline(apic, (world.now + 1000) * TSC_PER_NS);
	lhv_lapic_set_tsc_deadline(apic, (world.now + 5000) * TSC_PER_NS);
	expect_after(5000);
	lhv_lapic_set_tsc_deadline(apic, (world.now + 1000) * TSC_PER_NS);
	lhv_lapic_set_tsc_deadline(apic, 0);
	world_advance(1000000);
	EXPECT_EQ(cpu_take(0), -1);
	/* masked it expires all the same */
	cpu_write(0, LAPIC_LVTT, DEADLINE | MASKED | VECTOR);
	lhv_lapic_set_tsc_deadline(apic, (world.now + 1000) * TSC_PER_NS);
	world_advance(1000);
	EXPECT_EQ(cpu_take(0), -1);
	EXPECT_EQ(lhv_lapic_get_tsc_deadline(apic), 0);
	world_end();
}

/* One that has passed is there before the guest's next instruction. */
static void deadline_in_the_past(void)
{
	struct lhv_lapic *apic;

	world_init(1);
	apic = world.cpus[0];
	cpu_write(0, LAPIC_LVTT, DEADLINE | VECTOR);
	lhv_lapic_set_tsc_deadline(apic, world.now * TSC_PER_NS);
	EXPECT_EQ(world.cpu_timer[0], 0);
	EXPECT_EQ(cpu_take(0), VECTOR);
	cpu_eoi(0);
	lhv_lapic_set_tsc_deadline(apic, 1);
	EXPECT_EQ(cpu_take(0), VECTOR);
	EXPECT_EQ(world.kicks[0], 0);
	world_end();
}

/* The hrtimer's clock and the TSC differ a little: not before the deadline. */
static void deadline_fires_early(void)
{
	struct lhv_lapic *apic;

	world_init(1);
	apic = world.cpus[0];
	cpu_write(0, LAPIC_LVTT, DEADLINE | VECTOR);
	lhv_lapic_set_tsc_deadline(apic, (world.now + 1000) * TSC_PER_NS);
	apic->timer_expiry -= 10;
	world.cpu_timer[0] -= 10;
	world_advance(990);
	EXPECT_EQ(cpu_take(0), -1);
	expect_after(10);
	world_end();
}

static void deadline_tsc_changed(void)
{
	struct lhv_lapic *apic;

	world_init(1);
	apic = world.cpus[0];
	cpu_write(0, LAPIC_LVTT, DEADLINE | VECTOR);
	lhv_lapic_set_tsc_deadline(apic, (world.now + 1000) * TSC_PER_NS);
	apic->tsc_deadline += 5000 * TSC_PER_NS;
	lhv_lapic_set_tsc_deadline(apic, lhv_lapic_get_tsc_deadline(apic));
	world_advance(1000);
	EXPECT_EQ(cpu_take(0), -1);
	expect_after(5000);
	lhv_lapic_set_tsc_deadline(apic, lhv_lapic_get_tsc_deadline(apic));
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

/* Nobody needs to wait for the hrtimer: the thread may look at any time. */
static void expired_is_seen(void)
{
	struct lhv_lapic *apic;

	world_init(1);
	apic = world.cpus[0];
	lhv_lapic_timer_fired(apic);
	start(ONESHOT, 0xb, 1000);
	world.now += 999;
	lhv_lapic_timer_fired(apic);
	EXPECT_EQ(cpu_take(0), -1);
	world.now += 1;
	lhv_lapic_timer_fired(apic);
	EXPECT_EQ(cpu_take(0), VECTOR);
	lhv_lapic_timer_fired(apic);
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

static void move(struct kvm_lapic_state *s)
{
	lhv_lapic_get_state(world.cpus[0], s);
	lhv_lapic_reset(world.cpus[0], true, true);
	EXPECT_EQ(world.cpu_timer[0], 0);
	EXPECT_EQ(lhv_lapic_set_state(world.cpus[0], s), 0);
}

static void state_goes_on(void)
{
	struct kvm_lapic_state s;

	world_init(1);
	start(PERIODIC, 0x1, 1000000);
	world_advance(4 * 600000);
	move(&s);
	EXPECT_EQ(cpu_read(0, LAPIC_TMCCT), 400000);
	expect_after(4 * 400000);
	expect_after(4 * 1000000);
	start(ONESHOT, 0x0, 1000000);
	world_advance(2 * 999000);
	move(&s);
	expect_after(2000);
	world_advance(10000000);
	EXPECT_EQ(cpu_take(0), -1);
	/* counts larger than the initial one are as large as that */
	start(ONESHOT, 0xb, 1000);
	lhv_lapic_get_state(world.cpus[0], &s);
	*(u32 *)(s.regs + LAPIC_TMCCT) = ~0U;
	EXPECT_EQ(lhv_lapic_set_state(world.cpus[0], &s), 0);
	expect_after(1000);
	/* a deadline comes by its MSR, after */
	cpu_write(0, LAPIC_LVTT, DEADLINE | VECTOR);
	move(&s);
	lhv_lapic_set_tsc_deadline(world.cpus[0],
				   (world.now + 123) * TSC_PER_NS);
	expect_after(123);
	world_end();
}

/* Expired, but not yet seen by the vCPU's thread, when it was read. */
static void state_expired(void)
{
	struct kvm_lapic_state s;

	world_init(1);
	start(ONESHOT, 0xb, 1000);
	world_advance(1000);
	move(&s);
	clear_bit(LHV_APIC_EVENT_TIMER, &world.cpus[0]->events);
	world_advance(1);
	EXPECT_EQ(cpu_take(0), VECTOR);
	world_end();
}

static void reset_stops(void)
{
	world_init(1);
	start(PERIODIC, 0x1, 1000000);
	lhv_lapic_reset(world.cpus[0], false, false);
	EXPECT_EQ(world.cpu_timer[0], 0);
	cpu_write(0, LAPIC_SVR, 0x1ff);
	world_advance(100000000);
	EXPECT_EQ(cpu_take(0), -1);
	/* and the divide value is the reset one */
	cpu_write(0, LAPIC_LVTT, VECTOR);
	cpu_write(0, LAPIC_TMICT, 1000);
	expect_after(2000);
	world_end();
}

const struct tap_case timer_cases[] = {
	CASE(oneshot),
	CASE(oneshot_shortest),
	CASE(periodic),
	CASE(periodic_is_clamped),
	CASE(periodic_missed),
	CASE(masked),
	CASE(illegal_vector),
	CASE(stale_expiry),
	CASE(divide_while_running),
	CASE(mode_while_running),
	CASE(deadline),
	CASE(deadline_in_the_past),
	CASE(deadline_fires_early),
	CASE(deadline_tsc_changed),
	CASE(expired_is_seen),
	CASE(state_goes_on),
	CASE(state_expired),
	CASE(reset_stops),
	{ }
};
