// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of GSI routing, messages, and the chips as a whole.
 */
#include <string.h>

#include "cases.h"
#include "world.h"

/* slab.h's shim counts this down */
int unit_alloc_budget = -1;

static struct kvm_irq_routing_entry to_chip(u32 gsi, u32 chip, u32 pin)
{
	struct kvm_irq_routing_entry e = {
		.gsi = gsi, .type = KVM_IRQ_ROUTING_IRQCHIP,
	};

	e.u.irqchip.irqchip = chip;
	e.u.irqchip.pin = pin;
	return e;
}

static struct kvm_irq_routing_entry to_msi(u32 gsi, u32 address, u32 data)
{
	struct kvm_irq_routing_entry e = {
		.gsi = gsi, .type = KVM_IRQ_ROUTING_MSI,
	};

	e.u.msi.address_lo = address;
	e.u.msi.data = data;
	return e;
}

static int set(const struct kvm_irq_routing_entry *entries, u32 nr)
{
	return lhv_irq_set_routing(&world.chip, entries, nr, 0);
}

static bool on_pin(u32 gsi, u32 chip, u32 pin)
{
	return lhv_irq_gsi_on_pin(&world.chip, gsi, chip, pin);
}

static void defaults(void)
{
	u32 gsi, pin;

	world_init(1);
	for (gsi = 0; gsi < 30; gsi++) {
		for (pin = 0; pin < 24; pin++)
			EXPECT_EQ(on_pin(gsi, KVM_IRQCHIP_IOAPIC, pin),
				  gsi == pin);
		for (pin = 0; pin < 8; pin++) {
			EXPECT_EQ(on_pin(gsi, KVM_IRQCHIP_PIC_MASTER, pin),
				  gsi == pin);
			EXPECT_EQ(on_pin(gsi, KVM_IRQCHIP_PIC_SLAVE, pin),
				  gsi == pin + 8);
		}
	}
	/* both see the line */
	ioapic_pin(5, 0x51);
	EXPECT_EQ(lhv_irq_set(&world.chip, 5, 1, 0), 2);
	EXPECT_EQ(cpu_take(0), 0x51);
	EXPECT(lhv_pic_output(&world.chip));
	EXPECT_EQ(lhv_irq_set(&world.chip, 5, 0, 0), 2);
	/* one of them masked counts not */
	out8(0x21, 0xff);
	EXPECT_EQ(lhv_irq_set(&world.chip, 5, 1, 0), 1);
	EXPECT_EQ(lhv_irq_set(&world.chip, 24, 1, 0), -1);
	EXPECT_EQ(lhv_irq_set(&world.chip, ~0U, 1, 0), -1);
	world_end();
}

static void replacement(void)
{
	struct kvm_irq_routing_entry e[] = {
		to_chip(0, KVM_IRQCHIP_PIC_MASTER, 0),
		to_chip(0, KVM_IRQCHIP_IOAPIC, 2),
		to_chip(4095, KVM_IRQCHIP_IOAPIC, 23),
		to_msi(77, 0xfee00000, 0x99),
		to_chip(0, KVM_IRQCHIP_PIC_SLAVE, 7),
	};

	world_init(1);
	EXPECT_EQ(set(e, ARRAY_SIZE(e)), 0);
	EXPECT(on_pin(0, KVM_IRQCHIP_IOAPIC, 2));
	EXPECT(!on_pin(0, KVM_IRQCHIP_IOAPIC, 0));
	EXPECT(!on_pin(5, KVM_IRQCHIP_IOAPIC, 5));
	EXPECT(on_pin(0, KVM_IRQCHIP_PIC_SLAVE, 7));
	EXPECT_EQ(lhv_irq_set(&world.chip, 5, 1, 0), -1);
	EXPECT_EQ(lhv_irq_set(&world.chip, 77, 1, 0), 1);
	EXPECT_EQ(lhv_irq_set(&world.chip, 77, 0, 0), -1);
	EXPECT_EQ(cpu_take(0), 0x99);
	ioapic_pin(23, 0xa5);
	EXPECT_EQ(lhv_irq_set(&world.chip, 4095, 1, 0), 1);
	EXPECT_EQ(cpu_take(0), 0xa5);
	/* none at all */
	EXPECT_EQ(set(NULL, 0), 0);
	EXPECT_EQ(lhv_irq_set(&world.chip, 0, 1, 0), -1);
	world_end();
}

#define INVALID(call)	EXPECT_EQ((unsigned int)(call), (unsigned int)-EINVAL)

static void refusals(void)
{
	struct kvm_irq_routing_entry good = to_chip(3, KVM_IRQCHIP_IOAPIC, 3);
	struct kvm_irq_routing_entry e[2];
	u32 type;

	world_init(1);
	EXPECT_EQ(set(&good, 1), 0);
	e[0] = to_chip(4096, KVM_IRQCHIP_IOAPIC, 0);
	INVALID(set(e, 1));
	e[0] = to_chip(0, KVM_IRQCHIP_IOAPIC, 24);
	INVALID(set(e, 1));
	e[0] = to_chip(0, KVM_IRQCHIP_PIC_MASTER, 8);
	INVALID(set(e, 1));
	e[0] = to_chip(0, KVM_IRQCHIP_PIC_SLAVE, 8);
	INVALID(set(e, 1));
	e[0] = to_chip(0, 3, 0);
	INVALID(set(e, 1));
	e[0] = to_chip(0, ~0U, 0);
	INVALID(set(e, 1));
	e[0] = to_chip(0, KVM_IRQCHIP_IOAPIC, 0);
	e[0].flags = 1;
	INVALID(set(e, 1));
	e[0] = to_msi(0, 0, 0);
	e[0].flags = 2;
	INVALID(set(e, 1));
	e[0].flags = KVM_MSI_VALID_DEVID;
	EXPECT_EQ(set(e, 1), 0);
	for (type = 0; type < 10; type++) {
		e[0] = good;
		e[0].type = type;
		if (type != KVM_IRQ_ROUTING_IRQCHIP &&
		    type != KVM_IRQ_ROUTING_MSI)
			INVALID(set(e, 1));
	}
	/* a GSI twice on one chip, or beside a message */
	e[0] = to_chip(9, KVM_IRQCHIP_IOAPIC, 1);
	e[1] = to_chip(9, KVM_IRQCHIP_IOAPIC, 2);
	INVALID(set(e, 2));
	e[1] = to_msi(9, 0, 0);
	INVALID(set(e, 2));
	e[0] = to_msi(9, 0, 0);
	INVALID(set(e, 2));
	e[0] = to_chip(9, KVM_IRQCHIP_PIC_SLAVE, 1);
	INVALID(set(e, 2));
	INVALID(lhv_irq_set_routing(&world.chip, &good, 1, 1));
	INVALID(lhv_irq_set_routing(&world.chip, &good, 4097, 0));
	/* what was refused changed nothing */
	EXPECT_EQ(set(&good, 1), 0);
	e[0] = to_chip(4096, KVM_IRQCHIP_IOAPIC, 0);
	INVALID(set(e, 1));
	EXPECT(on_pin(3, KVM_IRQCHIP_IOAPIC, 3));
	world_end();
}

static void full_table(void)
{
	static struct kvm_irq_routing_entry e[4096];
	unsigned int i;

	world_init(1);
	for (i = 0; i < 4096; i++)
		e[i] = to_msi(4095 - i, 0xfee00000, 0x20 + i % 0xc0);
	EXPECT_EQ(set(e, 4096), 0);
	for (i = 0; i < 4096; i++) {
		EXPECT_EQ(lhv_irq_set(&world.chip, 4095 - i, 1, 0), 1);
		EXPECT_EQ(cpu_take(0), 0x20 + i % 0xc0);
		cpu_eoi(0);
	}
	for (i = 0; i < 4096; i++)
		e[i] = to_chip(i / 3, i % 3, i / 3 % 8);
	EXPECT_EQ(set(e, 4096), 0);
	/* all on one GSI: must be refused soon */
	for (i = 0; i < 4096; i++)
		e[i].gsi = 7;
	INVALID(set(e, 4096));
	world_end();
}

static void messages(void)
{
	unsigned int cpu;

	world_init(3);
	for (cpu = 0; cpu < 3; cpu++)
		cpu_write(cpu, LAPIC_LDR, 1 << (24 + cpu));
	EXPECT_EQ(lhv_irq_msi(&world.chip, 0xfee02000, 0x4051), 1);
	EXPECT_EQ(cpu_take(2), 0x51);
	EXPECT_EQ(lhv_irq_msi(&world.chip, 0xfee02000, 0x4052), 1);
	EXPECT_EQ(lhv_irq_msi(&world.chip, 0xfee02000, 0x4052), 0);
	/* logical, and logical with redirection */
	EXPECT_EQ(lhv_irq_msi(&world.chip, 0xfee03004, 0x61), 2);
	EXPECT_EQ(cpu_take(0), 0x61);
	EXPECT_EQ(cpu_take(1), 0x61);
	EXPECT_EQ(lhv_irq_msi(&world.chip, 0xfee0300c, 0x71), 1);
	/* broadcast */
	EXPECT_EQ(lhv_irq_msi(&world.chip, 0xfeeff000, 0x81), 3);
	/* NMI; nobody; upper half without meaning */
	EXPECT_EQ(lhv_irq_msi(&world.chip, 0xfee01000, 0x400), 1);
	EXPECT_EQ(world.cpus[1]->events, BIT(LHV_APIC_EVENT_NMI));
	EXPECT_EQ(lhv_irq_msi(&world.chip, 0xfee77000, 0x91), -1);
	EXPECT_EQ(lhv_irq_msi(&world.chip, 0x100fee01000ULL, 0xa1), 1);
	EXPECT_EQ(cpu_take(1), 0xa1);
	/* level-triggered ones set TMR */
	EXPECT_EQ(lhv_irq_msi(&world.chip, 0xfee01000, 0xc0b1), 1);
	EXPECT(lapic_test(world.cpus[1], LAPIC_TMR, 0xb1));
	world_end();
}

/* Before KVM_CREATE_IRQCHIP there is nothing that can be reached. */
static void absent(void)
{
	struct lhv_irqchip *chip = &world.chip;
	struct kvm_irqchip state = { };
	u32 val;

	memset(&world, 0, sizeof(world));
	lhv_irqchip_init(chip, &world);
	EXPECT_EQ(lhv_irq_set(chip, 0, 1, 0), -1);
	INVALID(lhv_irq_msi(chip, 0xfee00000, 0x51));
	EXPECT(!lhv_irqchip_pio(chip, 0x20, 1, &val, false));
	EXPECT(!lhv_irqchip_mmio(chip, LHV_IOAPIC_BASE, 4, &val, false));
	EXPECT(!lhv_irq_gsi_on_pin(chip, 0, 0, 0));
	EXPECT_EQ(lhv_irqchip_get(chip, &state), -ENXIO);
	EXPECT_EQ(lhv_irqchip_set(chip, &state), -ENXIO);
	EXPECT_EQ(lhv_pit_create(chip, 0), -ENOENT);
	lhv_irqchip_update_eoi_map(chip);
	lhv_irqchip_destroy(chip);
	/* twice is an error */
	lhv_irqchip_init(chip, &world);
	EXPECT_EQ(lhv_irqchip_create(chip), 0);
	EXPECT_EQ(lhv_irqchip_create(chip), -EEXIST);
	lhv_irqchip_destroy(chip);
}

/* Each allocation fails once: an error, nothing left behind (ASan looks). */
static void out_of_memory(void)
{
	int budget, err;

	for (budget = 0; ; budget++) {
		memset(&world, 0, sizeof(world));
		lhv_irqchip_init(&world.chip, &world);
		unit_alloc_budget = budget;
		err = lhv_irqchip_create(&world.chip);
		if (!err)
			err = lhv_pit_create(&world.chip, 0);
		unit_alloc_budget = -1;
		EXPECT(!err || err == -ENOMEM);
		lhv_irqchip_destroy(&world.chip);
		if (!err)
			break;
	}
	/* both 8259s, the I/O APIC, routes, the PIT */
	EXPECT_EQ(budget, 4);
}

const struct tap_case routing_cases[] = {
	CASE(defaults),
	CASE(replacement),
	CASE(refusals),
	CASE(full_table),
	CASE(messages),
	CASE(absent),
	CASE(out_of_memory),
	{ }
};
