// SPDX-License-Identifier: GPL-2.0
/*
 * The world around the interrupt controllers; see world.h.
 */
#include <stdlib.h>
#include <string.h>

#include "world.h"

struct world world;

/* ---- hooks ---- */

void lhv_irq_hook_kick(struct lhv_lapic *apic)
{
	__atomic_add_fetch(&world.kicks[apic->id], 1, __ATOMIC_RELAXED);
}

void lhv_irq_hook_pic(struct lhv_irqchip *chip)
{
	EXPECT(chip == &world.chip);
	world.pic_rises++;
}

void lhv_irq_hook_eoi(struct lhv_irqchip *chip, u32 irqchip, u32 pin)
{
	EXPECT(chip == &world.chip);
	EXPECT(irqchip < 3 && pin < LHV_IOAPIC_PINS);
	world.eois[irqchip][pin]++;
	if (world.on_eoi)
		world.on_eoi(irqchip, pin);
}

void lhv_irq_hook_user_eoi(struct lhv_lapic *apic, u8 vector)
{
	world.user_eois[apic->id]++;
	world.user_eoi = vector;
}

bool lhv_irq_hook_has_resamplers(struct lhv_irqchip *chip)
{
	return world.resamplers;
}

void lhv_irq_hook_eoi_map_changed(struct lhv_irqchip *chip)
{
	world.map_changes++;
}

u64 lhv_irq_hook_now(void)
{
	return world.now;
}

u64 lhv_irq_hook_tsc_to_ns(struct lhv_lapic *apic, u64 tsc)
{
	u64 now = world.now * TSC_PER_NS;

	return tsc <= now ? 0 : (tsc - now + TSC_PER_NS - 1) / TSC_PER_NS;
}

static bool is_chip_timer(const struct lhv_irq_timer *timer)
{
	return timer >= world.chip.timers &&
	       timer < world.chip.timers + LHV_CHIP_TIMERS;
}

static u64 *expiry_of(struct lhv_irq_timer *timer)
{
	if (is_chip_timer(timer))
		return &world.chip_timer[timer - world.chip.timers];
	return &world.cpu_timer[container_of(timer, struct lhv_lapic,
					     timer)->id];
}

void lhv_irq_hook_timer_init(struct lhv_irq_timer *timer,
			     enum hrtimer_mode mode,
			     void (*expired)(struct lhv_irq_timer *timer))
{
	timer->expired = expired;
	*expiry_of(timer) = 0;
}

void lhv_irq_hook_timer_arm(struct lhv_irq_timer *timer, u64 expiry)
{
	*expiry_of(timer) = expiry;
	if (is_chip_timer(timer))
		world.arms[timer - world.chip.timers]++;
}

void lhv_irq_hook_timer_cancel(struct lhv_irq_timer *timer)
{
	*expiry_of(timer) = 0;
}

void lhv_irq_hook_timer_destroy(struct lhv_irq_timer *timer)
{
	*expiry_of(timer) = 0;
}

void lhv_irq_hook_apic_mode(struct lhv_lapic *apic)
{
	world.mode_changes++;
}

/* ---- the VM ---- */

static void add_cpu(unsigned int id)
{
	struct lhv_lapic *apic = calloc(1, sizeof(*apic));
	void *page = aligned_alloc(4096, 4096);

	/* what lies in the page before must not matter */
	memset(page, 0xa5, 4096);
	lhv_lapic_init(apic, &world.chip, page, id, !id);
	lhv_irqchip_add_lapic(&world.chip, apic);
	world.cpus[id] = apic;
}

void world_init_reset(unsigned int nr_cpus)
{
	unsigned int cpu;

	memset(&world, 0, sizeof(world));
	world.now = 1000000000;
	world.nr_cpus = nr_cpus;
	lhv_irqchip_init(&world.chip, &world);
	EXPECT_EQ(lhv_irqchip_create(&world.chip), 0);
	for (cpu = 0; cpu < nr_cpus; cpu++)
		add_cpu(cpu);
}

void world_init(unsigned int nr_cpus)
{
	unsigned int cpu;

	world_init_reset(nr_cpus);
	for (cpu = 0; cpu < nr_cpus; cpu++)
		cpu_write(cpu, LAPIC_SVR, LAPIC_SVR_ENABLE | 0xff);
	memset(world.kicks, 0, sizeof(world.kicks));
}

void world_end(void)
{
	unsigned int cpu;

	for (cpu = 0; cpu < world.nr_cpus; cpu++)
		lhv_lapic_destroy(world.cpus[cpu]);
	lhv_irqchip_destroy(&world.chip);
	for (cpu = 0; cpu < world.nr_cpus; cpu++) {
		free(world.cpus[cpu]->regs);
		free(world.cpus[cpu]);
	}
	memset(&world, 0, sizeof(world));
}

/* The timer that expires first, up to a moment. */
static u64 *next_timer(u64 until)
{
	u64 *first = NULL;
	unsigned int i;

	for (i = 0; i < world.nr_cpus; i++)
		if (world.cpu_timer[i] && world.cpu_timer[i] <= until &&
		    (!first || world.cpu_timer[i] < *first))
			first = &world.cpu_timer[i];
	for (i = 0; i < LHV_CHIP_TIMERS; i++)
		if (world.chip_timer[i] && world.chip_timer[i] <= until &&
		    (!first || world.chip_timer[i] < *first))
			first = &world.chip_timer[i];
	return first;
}

static void expire(u64 *expiry)
{
	struct lhv_irq_timer *timer;

	*expiry = 0;
	if (expiry >= world.chip_timer &&
	    expiry < world.chip_timer + LHV_CHIP_TIMERS)
		timer = &world.chip.timers[expiry - world.chip_timer];
	else
		timer = &world.cpus[expiry - world.cpu_timer]->timer;
	timer->expired(timer);
}

void world_advance(u64 ns)
{
	u64 until = world.now + ns;
	u64 *timer;

	while ((timer = next_timer(until))) {
		if (*timer > world.now)
			world.now = *timer;
		expire(timer);
	}
	world.now = until;
}

/* ---- a processor and its guest ---- */

void cpu_events(unsigned int cpu)
{
	struct lhv_lapic *apic = world.cpus[cpu];

	if (test_and_clear_bit(LHV_APIC_EVENT_TIMER, &apic->events))
		lhv_lapic_timer_fired(apic);
}

int cpu_take(unsigned int cpu)
{
	struct lhv_lapic *apic = world.cpus[cpu];
	int vector;

	cpu_events(cpu);
	vector = lhv_lapic_pending(apic);
	if (vector >= 0)
		lhv_lapic_ack(apic, vector);
	return vector;
}

u32 cpu_read(unsigned int cpu, u32 offset)
{
	struct lhv_lapic *apic = world.cpus[cpu];
	u64 wide;
	u32 val;

	if (apic->mode == LHV_APIC_X2APIC) {
		EXPECT_EQ(lhv_lapic_x2_read(apic, 0x800 + (offset >> 4), &wide),
			  0);
		return wide;
	}
	EXPECT_EQ(lhv_lapic_read(apic, offset, &val), 0);
	return val;
}

void cpu_write(unsigned int cpu, u32 offset, u32 val)
{
	struct lhv_lapic *apic = world.cpus[cpu];

	if (apic->mode == LHV_APIC_X2APIC)
		EXPECT_EQ(lhv_lapic_x2_write(apic, 0x800 + (offset >> 4), val),
			  0);
	else
		EXPECT_EQ(lhv_lapic_write(apic, offset, val), 0);
}

void cpu_icr(unsigned int cpu, u32 dest, u32 low)
{
	struct lhv_lapic *apic = world.cpus[cpu];

	if (apic->mode == LHV_APIC_X2APIC) {
		EXPECT_EQ(lhv_lapic_x2_write(apic, 0x830,
					     (u64)dest << 32 | low), 0);
		return;
	}
	cpu_write(cpu, LAPIC_ICR2, dest << 24);
	cpu_write(cpu, LAPIC_ICR, low);
}

void cpu_eoi(unsigned int cpu)
{
	cpu_write(cpu, LAPIC_EOI, 0);
}

int cpu_set_mode(unsigned int cpu, enum lhv_apic_mode mode)
{
	static const u64 bits[] = {
		[LHV_APIC_DISABLED] = 0,
		[LHV_APIC_XAPIC] = LAPIC_BASE_EN,
		[LHV_APIC_X2APIC] = LAPIC_BASE_EN | LAPIC_BASE_EXTD,
	};

	return lhv_lapic_set_base(world.cpus[cpu],
				  LHV_APIC_DEFAULT_BASE | bits[mode], false,
				  36, true);
}

/* ---- chips ---- */

u8 in8(u16 port)
{
	u8 val = 0x5a;

	EXPECT(lhv_irqchip_pio(&world.chip, port, 1, &val, false));
	return val;
}

void out8(u16 port, u8 val)
{
	EXPECT(lhv_irqchip_pio(&world.chip, port, 1, &val, true));
}

u32 ioapic_get(u32 index)
{
	u32 val;

	EXPECT(lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE, 4, &index, true));
	EXPECT(lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE + 0x10, 4, &val,
				false));
	return val;
}

void ioapic_put(u32 index, u32 val)
{
	EXPECT(lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE, 4, &index, true));
	EXPECT(lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE + 0x10, 4, &val,
				true));
}

void ioapic_pin(unsigned int pin, u64 rte)
{
	ioapic_put(0x11 + 2 * pin, rte >> 32);
	ioapic_put(0x10 + 2 * pin, rte);
}

u64 ioapic_rte(unsigned int pin)
{
	return ioapic_get(0x10 + 2 * pin) |
	       (u64)ioapic_get(0x11 + 2 * pin) << 32;
}

void pic_init(u8 master_base, u8 slave_base)
{
	out8(0x20, 0x11);
	out8(0x21, master_base);
	out8(0x21, 4);
	out8(0x21, 1);
	out8(0xa0, 0x11);
	out8(0xa1, slave_base);
	out8(0xa1, 2);
	out8(0xa1, 1);
}

/* ---- chance ---- */

static u32 seed = 0x2545f491;

void random_seed(u32 s)
{
	seed = s ?: 1;
}

u32 random32(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}
