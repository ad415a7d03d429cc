// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the I/O APIC.
 */
#include <pthread.h>
#include <string.h>

#include "cases.h"
#include "world.h"

#define LEVEL		0x8000
#define REMOTE_IRR	0x4000
#define MASKED		0x10000
#define PIN		19	/* no 8259 beside it */

static int line(unsigned int pin, int level)
{
	return lhv_irq_set(&world.chip, pin, level, LHV_IRQ_SOURCE_USER);
}

static bool remote_irr(unsigned int pin)
{
	return ioapic_rte(pin) & REMOTE_IRR;
}

static void registers(void)
{
	u64 wide = ~0ULL;
	unsigned int i;
	u8 byte = 1;
	u32 val;

	world_init(1);
	EXPECT_EQ(ioapic_get(0), 0);
	EXPECT_EQ(ioapic_get(1), 0x170011);
	ioapic_put(0, ~0U);
	EXPECT_EQ(ioapic_get(0), 0x0f000000);
	EXPECT_EQ(ioapic_get(2), 0x0f000000);
	ioapic_put(1, 0);
	EXPECT_EQ(ioapic_get(1), 0x170011);
	for (i = 0; i < 24; i++) {
		EXPECT_EQ(ioapic_rte(i), MASKED);
		ioapic_pin(i, ~0ULL);
		EXPECT_EQ(ioapic_rte(i), 0xff0000000001afffULL);
		ioapic_pin(i, 0);
		EXPECT_EQ(ioapic_rte(i), 0);
	}
	/* beyond the last one there is nothing */
	for (i = 0x40; i < 0x100; i++) {
		ioapic_put(i, 0x12345678);
		EXPECT_EQ(ioapic_get(i), 0xffffffff);
	}
	/* other widths, other offsets, other addresses */
	EXPECT(lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE, 1, &byte, true));
	EXPECT(lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE + 0x10, 8, &wide,
				false));
	EXPECT_EQ(wide, 0x170011);
	EXPECT(lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE + 0x40, 4, &val,
				false));
	EXPECT_EQ(val, 0);
	EXPECT(lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE + 0x40, 4, &val,
				true));
	EXPECT(!lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE + 0x100, 4, &val,
				 false));
	EXPECT(!lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE - 1, 1, &byte,
				 false));
	world_end();
}

static void edge(void)
{
	world_init(1);
	ioapic_pin(PIN, 0x51);
	EXPECT_EQ(line(PIN, 1), 1);
	EXPECT_EQ(cpu_take(0), 0x51);
	/* high, but no new edge */
	EXPECT_EQ(line(PIN, 1), 0);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(0), -1);
	EXPECT_EQ(line(PIN, 0), 1);
	EXPECT_EQ(line(PIN, 1), 1);
	line(PIN, 0);
	/* not taken yet: coalesces */
	EXPECT_EQ(line(PIN, 1), 0);
	EXPECT_EQ(cpu_take(0), 0x51);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(0), -1);
	EXPECT(!remote_irr(PIN));
	EXPECT_EQ(cpu_read(0, LAPIC_TMR + 0x20), 0);
	world_end();
}

static void edge_while_masked_is_lost(void)
{
	world_init(1);
	ioapic_pin(PIN, MASKED | 0x51);
	EXPECT_EQ(line(PIN, 1), -1);
	ioapic_pin(PIN, 0x51);
	EXPECT_EQ(cpu_take(0), -1);
	line(PIN, 0);
	EXPECT_EQ(line(PIN, 1), 1);
	EXPECT_EQ(cpu_take(0), 0x51);
	world_end();
}

static void level(void)
{
	world_init(1);
	ioapic_pin(PIN, LEVEL | 0x51);
	EXPECT_EQ(line(PIN, 1), 1);
	EXPECT(remote_irr(PIN));
	EXPECT_EQ(line(PIN, 1), -1);
	EXPECT_EQ(cpu_take(0), 0x51);
	EXPECT_EQ(cpu_read(0, LAPIC_TMR + 0x20), BIT(0x11));
	/* still asserted at its EOI: again */
	cpu_eoi(0);
	EXPECT(remote_irr(PIN));
	EXPECT_EQ(cpu_take(0), 0x51);
	EXPECT_EQ(line(PIN, 0), 1);
	EXPECT(remote_irr(PIN));
	cpu_eoi(0);
	EXPECT(!remote_irr(PIN));
	EXPECT_EQ(cpu_take(0), -1);
	/* one that came and went while in service is gone */
	line(PIN, 1);
	EXPECT_EQ(cpu_take(0), 0x51);
	line(PIN, 0);
	line(PIN, 1);
	line(PIN, 0);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(0), -1);
	EXPECT(!remote_irr(PIN));
	world_end();
}

/* Remote IRR holds a line back that rises again before the EOI. */
static void remote_irr_holds_back(void)
{
	world_init(2);
	ioapic_pin(PIN, LEVEL | 0x51);
	line(PIN, 1);
	line(PIN, 0);
	/* to another processor, which the held back one must not reach */
	ioapic_pin(PIN, 1ULL << 56 | LEVEL | 0x51);
	EXPECT(remote_irr(PIN));
	EXPECT_EQ(line(PIN, 1), -1);
	EXPECT_EQ(cpu_take(1), -1);
	EXPECT_EQ(cpu_take(0), 0x51);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(1), 0x51);
	EXPECT(remote_irr(PIN));
	line(PIN, 0);
	cpu_eoi(1);
	EXPECT(!remote_irr(PIN));
	world_end();
}

static void level_waits_for_unmask(void)
{
	world_init(1);
	ioapic_pin(PIN, LEVEL | MASKED | 0x51);
	EXPECT_EQ(line(PIN, 1), -1);
	EXPECT_EQ(cpu_take(0), -1);
	ioapic_pin(PIN, LEVEL | 0x51);
	EXPECT_EQ(cpu_take(0), 0x51);
	/* masked in service: the EOI ends it, unmasking sends again */
	ioapic_pin(PIN, LEVEL | MASKED | 0x51);
	cpu_eoi(0);
	EXPECT(!remote_irr(PIN));
	EXPECT_EQ(cpu_take(0), -1);
	ioapic_pin(PIN, LEVEL | 0x51);
	EXPECT_EQ(cpu_take(0), 0x51);
	/* unmasking while it is in service does not */
	ioapic_pin(PIN, LEVEL | MASKED | 0x51);
	ioapic_pin(PIN, LEVEL | 0x51);
	EXPECT_EQ(lhv_lapic_highest_irr(world.cpus[0]), -1);
	line(PIN, 0);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

/* How guests end an interrupt by hand, there being no EOI register. */
static void edge_clears_remote_irr(void)
{
	world_init(1);
	ioapic_pin(PIN, LEVEL | 0x51);
	line(PIN, 1);
	line(PIN, 0);
	EXPECT(remote_irr(PIN));
	/* the bit itself cannot be written */
	ioapic_put(0x10 + 2 * PIN, LEVEL | 0x51);
	EXPECT(remote_irr(PIN));
	ioapic_put(0x10 + 2 * PIN, MASKED | 0x51);
	ioapic_put(0x10 + 2 * PIN, LEVEL | 0x51);
	EXPECT(!remote_irr(PIN));
	EXPECT_EQ(line(PIN, 1), 0);
	EXPECT_EQ(cpu_take(0), 0x51);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(0), 0x51);
	world_end();
}

static void shared_vector(void)
{
	world_init(1);
	ioapic_pin(PIN, LEVEL | 0x51);
	ioapic_pin(PIN + 1, LEVEL | 0x51);
	EXPECT_EQ(line(PIN, 1), 1);
	EXPECT_EQ(line(PIN + 1, 1), 0);
	EXPECT_EQ(cpu_take(0), 0x51);
	line(PIN, 0);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(0), 0x51);
	line(PIN + 1, 0);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

static void sources_are_ored(void)
{
	int a = LHV_IRQ_SOURCE_USER, b = LHV_IRQ_SOURCE_RESAMPLE;

	world_init(1);
	ioapic_pin(PIN, LEVEL | 0x51);
	EXPECT_EQ(lhv_irq_set(&world.chip, PIN, 1, a), 1);
	EXPECT_EQ(lhv_irq_set(&world.chip, PIN, 1, b), -1);
	EXPECT_EQ(cpu_take(0), 0x51);
	lhv_irq_set(&world.chip, PIN, 0, a);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(0), 0x51);
	lhv_irq_set(&world.chip, PIN, 0, b);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(0), -1);
	/* sources that cannot be */
	EXPECT_EQ(lhv_irq_set(&world.chip, PIN, 1, 64), -1);
	EXPECT_EQ(lhv_irq_set(&world.chip, PIN, 1, -1), -1);
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

/* Nobody there: no remote IRR that no EOI would clear. */
static void nobody_accepts(void)
{
	world_init(2);
	ioapic_pin(PIN, 0x77ULL << 56 | LEVEL | 0x51);
	EXPECT_EQ(line(PIN, 1), -1);
	EXPECT(!remote_irr(PIN));
	ioapic_pin(PIN, 1ULL << 56 | LEVEL | 0x51);
	EXPECT_EQ(cpu_take(1), 0x51);
	world_end();
}

static void delivery_modes(void)
{
	struct lhv_lapic *apic;

	world_init(2);
	apic = world.cpus[1];
	/* level-triggered NMI is an edge */
	ioapic_pin(PIN, 1ULL << 56 | LEVEL | 0x400);
	EXPECT_EQ(line(PIN, 1), 1);
	EXPECT_EQ(apic->events, BIT(LHV_APIC_EVENT_NMI));
	EXPECT(!remote_irr(PIN));
	apic->events = 0;
	EXPECT_EQ(line(PIN, 1), 0);
	EXPECT_EQ(apic->events, 0);
	line(PIN, 0);
	ioapic_pin(PIN, 1ULL << 56 | 0x500);
	EXPECT_EQ(line(PIN, 1), 1);
	EXPECT_EQ(apic->events, BIT(LHV_APIC_EVENT_INIT));
	/* logical, lowest priority */
	cpu_write(0, LAPIC_LDR, 1 << 24);
	cpu_write(1, LAPIC_LDR, 2 << 24);
	ioapic_pin(PIN + 1, 3ULL << 56 | 0x900 | 0x61);
	cpu_write(0, LAPIC_TPR, 0x20);
	EXPECT_EQ(line(PIN + 1, 1), 1);
	EXPECT_EQ(cpu_take(1), 0x61);
	EXPECT_EQ(cpu_take(0), -1);
	ioapic_pin(PIN + 2, 3ULL << 56 | 0x800 | 0x71);
	EXPECT_EQ(line(PIN + 2, 1), 2);
	world_end();
}

/* A line that nobody lowers: a pause after so many, then on. */
static void storm(void)
{
	unsigned int n, pause;

	world_init(1);
	ioapic_pin(PIN, LEVEL | 0x51);
	line(PIN, 1);
	for (pause = 0; pause < 3; pause++) {
		for (n = 0; cpu_take(0) == 0x51; n++)
			cpu_eoi(0);
		EXPECT_EQ(n, 10000);
		EXPECT(!remote_irr(PIN));
		world_advance(9999999);
		EXPECT_EQ(cpu_take(0), -1);
		world_advance(1);
	}
	/* lowered during the pause there is nothing to send */
	for (n = 0; cpu_take(0) == 0x51; n++)
		cpu_eoi(0);
	EXPECT_EQ(line(PIN, 1), 0);
	line(PIN, 0);
	world_advance(10000000);
	EXPECT_EQ(cpu_take(0), -1);
	EXPECT_EQ(line(PIN, 1), 1);
	/* and a line that is lowered now and then never pauses */
	for (n = 0; n < 25000; n++) {
		if (n % 5000 == 4999) {
			line(PIN, 0);
			line(PIN, 1);
		}
		EXPECT_EQ(cpu_take(0), 0x51);
		cpu_eoi(0);
	}
	world_end();
}

static void lower_at_eoi(u32 irqchip, u32 pin)
{
	if (irqchip == KVM_IRQCHIP_IOAPIC)
		lhv_irq_set(&world.chip, pin, 0, LHV_IRQ_SOURCE_RESAMPLE);
}

/* The resampler is told before the pin looks at its line. */
static void resample(void)
{
	world_init(1);
	world.resamplers = true;
	world.on_eoi = lower_at_eoi;
	lhv_irqchip_update_eoi_map(&world.chip);
	ioapic_pin(PIN, LEVEL | 0x51);
	lhv_irq_set(&world.chip, PIN, 1, LHV_IRQ_SOURCE_RESAMPLE);
	EXPECT_EQ(cpu_take(0), 0x51);
	cpu_eoi(0);
	EXPECT_EQ(world.eois[KVM_IRQCHIP_IOAPIC][PIN], 1);
	EXPECT_EQ(cpu_take(0), -1);
	EXPECT(!remote_irr(PIN));
	/* of an edge pin too */
	ioapic_pin(PIN, 0x52);
	lhv_irq_set(&world.chip, PIN, 1, LHV_IRQ_SOURCE_RESAMPLE);
	EXPECT_EQ(cpu_take(0), 0x52);
	cpu_eoi(0);
	EXPECT_EQ(world.eois[KVM_IRQCHIP_IOAPIC][PIN], 2);
	EXPECT_EQ(lhv_irq_set(&world.chip, PIN, 1, LHV_IRQ_SOURCE_RESAMPLE), 1);
	/* a vector that is no pin's: nobody is told */
	cpu_eoi(0);
	cpu_icr(0, 0, 0x40060);
	EXPECT_EQ(cpu_take(0), 0x60);
	cpu_eoi(0);
	EXPECT_EQ(world.eois[KVM_IRQCHIP_IOAPIC][PIN], 2);
	EXPECT_EQ(cpu_take(0), 0x52);
	cpu_eoi(0);
	EXPECT_EQ(world.eois[KVM_IRQCHIP_IOAPIC][PIN], 3);
	world_end();
}

static void new_vector_at_eoi(u32 irqchip, u32 pin)
{
	ioapic_put(0x10 + 2 * pin, LEVEL | 0x62);
}

/* Reprogrammed on another processor while the EOI is on its way. */
static void reprogrammed_at_eoi(void)
{
	world_init(1);
	world.resamplers = true;
	ioapic_pin(PIN, LEVEL | 0x51);
	line(PIN, 1);
	EXPECT_EQ(cpu_take(0), 0x51);
	world.on_eoi = new_vector_at_eoi;
	cpu_eoi(0);
	EXPECT(remote_irr(PIN));
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

static void rtc_ticks_coalesce(void)
{
	world_init(2);
	out8(0x21, 0xff);
	out8(0xa1, 0xff);
	ioapic_pin(8, 1ULL << 56 | 0x51);
	EXPECT_EQ(lhv_irq_line_status(&world.chip, 8, 1), 1);
	lhv_irq_line_status(&world.chip, 8, 0);
	EXPECT_EQ(lhv_irq_line_status(&world.chip, 8, 1), 0);
	lhv_irq_line_status(&world.chip, 8, 0);
	EXPECT_EQ(cpu_take(1), 0x51);
	/* in service still counts, for who asks for the status */
	EXPECT_EQ(lhv_irq_line_status(&world.chip, 8, 1), 0);
	lhv_irq_line_status(&world.chip, 8, 0);
	EXPECT_EQ(cpu_take(1), -1);
	cpu_eoi(1);
	EXPECT_EQ(cpu_take(1), -1);
	EXPECT_EQ(lhv_irq_line_status(&world.chip, 8, 1), 1);
	EXPECT_EQ(cpu_take(1), 0x51);
	lhv_irq_line_status(&world.chip, 8, 0);
	/* an edge without it is an edge */
	EXPECT_EQ(lhv_irq_set(&world.chip, 8, 1, 0), 1);
	lhv_irq_set(&world.chip, 8, 0, 0);
	/* a reset of the processor loses nothing for good */
	lhv_lapic_reset(world.cpus[1], false, false);
	cpu_write(1, LAPIC_SVR, 0x1ff);
	EXPECT_EQ(lhv_irq_line_status(&world.chip, 8, 1), 1);
	/* other pins have no such rule */
	ioapic_pin(9, 1ULL << 56 | 0x61);
	EXPECT_EQ(lhv_irq_line_status(&world.chip, 9, 1), 1);
	EXPECT_EQ(cpu_take(1), 0x61);
	lhv_irq_line_status(&world.chip, 9, 0);
	EXPECT_EQ(lhv_irq_line_status(&world.chip, 9, 1), 1);
	world_end();
}

static void get(struct kvm_ioapic_state *s)
{
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };

	EXPECT_EQ(lhv_irqchip_get(&world.chip, &chip), 0);
	*s = chip.chip.ioapic;
}

static void set(const struct kvm_ioapic_state *s)
{
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };

	chip.chip.ioapic = *s;
	EXPECT_EQ(lhv_irqchip_set(&world.chip, &chip), 0);
}

static void state(void)
{
	struct kvm_ioapic_state a, b;
	unsigned int i;

	world_init(1);
	get(&a);
	EXPECT_EQ(a.base_address, LHV_IOAPIC_BASE);
	EXPECT_EQ(a.irr, 0);
	ioapic_put(0, 5 << 24);
	ioapic_pin(PIN, LEVEL | 0x51);
	ioapic_pin(PIN + 1, 0x61);
	ioapic_pin(PIN + 2, LEVEL | MASKED | 0x71);
	line(PIN, 1);
	line(PIN + 1, 1);
	line(PIN + 2, 1);
	get(&a);
	EXPECT_EQ(a.id, 5);
	/* the edge has been sent, the levels stand */
	EXPECT_EQ(a.irr, BIT(PIN) | BIT(PIN + 2));
	EXPECT_EQ(a.redirtbl[PIN].bits, LEVEL | REMOTE_IRR | 0x51);
	world_end();

	world_init(1);
	set(&a);
	get(&b);
	EXPECT(!memcmp(&a, &b, sizeof(a)));
	/* its LAPIC's state would hold the request; here there is none */
	EXPECT_EQ(cpu_take(0), -1);
	/* what has been asserted is sent as it can be */
	ioapic_put(0x10 + 2 * (PIN + 2), LEVEL | 0x71);
	EXPECT_EQ(cpu_take(0), 0x71);
	a.redirtbl[PIN].bits &= ~REMOTE_IRR;
	set(&a);
	cpu_eoi(0);
	EXPECT_EQ(cpu_take(0), 0x51);
	/* garbage is kept, and does no harm */
	for (i = 0; i < 24; i++)
		a.redirtbl[i].bits = (u64)random32() << 32 | random32();
	a.ioregsel = ~0U;
	a.id = ~0U;
	a.irr = 0;
	set(&a);
	get(&b);
	EXPECT(!memcmp(&a, &b, sizeof(a)));
	a.irr = ~0U;
	set(&a);
	EXPECT_EQ(ioapic_get(1), 0x170011);
	/* the window follows the base */
	a.base_address = 0xfed00000;
	set(&a);
	EXPECT(!lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE, 4, &i, false));
	EXPECT(lhv_irqchip_mmio(&world.chip, 0xfed00000, 4, &i, false));
	world_end();
}

static void eoi_map_changes_are_told(void)
{
	unsigned int before;

	world_init(1);
	before = world.map_changes;
	ioapic_pin(PIN, LEVEL | 0x51);
	EXPECT(world.map_changes > before);
	EXPECT(test_bit(0x51, world.chip.eoi_vectors));
	before = world.map_changes;
	ioapic_put(0x10 + 2 * PIN, LEVEL | MASKED | 0x51);
	EXPECT_EQ(world.map_changes, before);
	ioapic_pin(PIN, 0x51);
	EXPECT(world.map_changes > before);
	EXPECT(!test_bit(0x51, world.chip.eoi_vectors));
	world_end();
}

static void *toggler(void *arg)
{
	int source = (long)arg, i;

	for (i = 0; i < 30000; i++) {
		lhv_irq_set(&world.chip, PIN, 1, source);
		lhv_irq_set(&world.chip, PIN + 1, i & 1, source);
		lhv_irq_set(&world.chip, PIN, 0, source);
	}
	return NULL;
}

/* Devices on one line and its EOIs at the same time: nothing gets stuck. */
static void concurrent_lines(void)
{
	pthread_t threads[3];
	unsigned long i;

	world_init(1);
	ioapic_pin(PIN, LEVEL | 0x51);
	ioapic_pin(PIN + 1, 0x61);
	for (i = 0; i < 3; i++)
		EXPECT(!pthread_create(&threads[i], NULL, toggler, (void *)i));
	for (i = 0; i < 100000; i++) {
		if (cpu_take(0) >= 0)
			cpu_eoi(0);
	}
	for (i = 0; i < 3; i++)
		EXPECT(!pthread_join(threads[i], NULL));
	world_advance(20000000);
	while (cpu_take(0) >= 0)
		cpu_eoi(0);
	EXPECT(!remote_irr(PIN));
	lhv_irq_set(&world.chip, PIN + 1, 0, 0);
	lhv_irq_set(&world.chip, PIN + 1, 0, 1);
	lhv_irq_set(&world.chip, PIN + 1, 0, 2);
	EXPECT_EQ(line(PIN, 1), 1);
	EXPECT_EQ(line(PIN + 1, 1), 1);
	world_end();
}

const struct tap_case ioapic_cases[] = {
	CASE(registers),
	CASE(edge),
	CASE(edge_while_masked_is_lost),
	CASE(level),
	CASE(remote_irr_holds_back),
	CASE(level_waits_for_unmask),
	CASE(edge_clears_remote_irr),
	CASE(shared_vector),
	CASE(sources_are_ored),
	CASE(nobody_accepts),
	CASE(delivery_modes),
	CASE(storm),
	CASE(resample),
	CASE(reprogrammed_at_eoi),
	CASE(rtc_ticks_coalesce),
	CASE(state),
	CASE(eoi_map_changes_are_told),
	CASE(concurrent_lines),
	{ }
};
