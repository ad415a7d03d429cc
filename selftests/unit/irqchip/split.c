// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the split irqchip: whose EOI userspace hears of.
 */
#include "cases.h"
#include "world.h"

#define LEVEL	BIT(15)

/* A VM of two processors whose I/O APIC of 8 pins is userspace's. */
static void split_init(void)
{
	unsigned int cpu;

	world_init(2);
	lhv_irqchip_destroy(&world.chip);
	EXPECT_EQ(lhv_irqchip_create_split(&world.chip, 8), 0);
	for (cpu = 0; cpu < 2; cpu++)
		lhv_irqchip_add_lapic(&world.chip, world.cpus[cpu]);
	EXPECT(!lhv_irqchip_has_chips(&world.chip));
	world.map_changes = 0;
}

static void route(u32 gsi, u32 data)
{
	struct kvm_irq_routing_entry e = { .gsi = gsi, .type = KVM_IRQ_ROUTING_MSI };

	e.u.msi.address_lo = 0xfee00000;
	e.u.msi.data = data;
	EXPECT_EQ(lhv_irq_set_routing(&world.chip, &e, 1, 0), 0);
}

static void message(unsigned int cpu, u32 data)
{
	EXPECT_EQ(lhv_irq_msi(&world.chip, 0xfee00000 | cpu << 12, data), 1);
	EXPECT_EQ(cpu_take(cpu), data & 0xff);
	cpu_eoi(cpu);
}

static void create(void)
{
	world_init(1);
	EXPECT_EQ(lhv_irqchip_create_split(&world.chip, 24), -EEXIST);
	EXPECT_EQ(lhv_irqchip_create_split(&world.chip, LHV_MAX_GSI + 1), -EINVAL);
	split_init();
	EXPECT_EQ(lhv_irqchip_create(&world.chip), -EEXIST);
}

static void level_is_told(void)
{
	split_init();
	route(7, LEVEL | 0x41);
	EXPECT_EQ(world.map_changes, 1);
	EXPECT_EQ(lhv_irq_set(&world.chip, 7, 1, 0), 1);
	EXPECT_EQ(cpu_take(0), 0x41);
	EXPECT_EQ(world.user_eois[0], 0);
	cpu_eoi(0);
	EXPECT_EQ(world.user_eois[0], 1);
	EXPECT_EQ(world.user_eoi, 0x41);
	/* the same table again is no change */
	route(7, LEVEL | 0x41);
	EXPECT_EQ(world.map_changes, 1);
}

static void edge_is_not(void)
{
	split_init();
	route(7, 0x41);
	message(0, 0x41);
	EXPECT_EQ(world.user_eois[0], 0);
	EXPECT_EQ(world.map_changes, 0);
}

/* Vectors are each processor's own: another's edge is nobody's EOI. */
static void edge_of_another_processor(void)
{
	split_init();
	route(7, LEVEL | 0x41);
	message(1, 0x41);
	EXPECT_EQ(world.user_eois[1], 0);
	message(1, LEVEL | 0x41);
	EXPECT_EQ(world.user_eois[1], 1);
}

static void beyond_the_pins(void)
{
	split_init();
	route(8, LEVEL | 0x41);
	message(0, LEVEL | 0x41);
	EXPECT_EQ(world.user_eois[0], 0);
}

/* A guest masks the pin while it is in service, and the VMM takes the route away. */
static void route_goes_while_in_service(void)
{
	split_init();
	route(7, LEVEL | 0x41);
	EXPECT_EQ(lhv_irq_set(&world.chip, 7, 1, 0), 1);
	EXPECT_EQ(cpu_take(0), 0x41);
	EXPECT_EQ(lhv_irq_set_routing(&world.chip, NULL, 0, 0), 0);
	cpu_eoi(0);
	EXPECT_EQ(world.user_eois[0], 1);
	/* the next table finds it finished */
	EXPECT_EQ(lhv_irq_set_routing(&world.chip, NULL, 0, 0), 0);
	message(0, LEVEL | 0x41);
	EXPECT_EQ(world.user_eois[0], 1);
}

static void no_chips(void)
{
	struct kvm_irq_routing_entry e = { .gsi = 1, .type = KVM_IRQ_ROUTING_IRQCHIP };
	struct kvm_irqchip state = { .chip_id = KVM_IRQCHIP_IOAPIC };
	u32 word = 0;

	split_init();
	EXPECT_EQ(lhv_irq_set(&world.chip, 1, 1, 0), -1);
	EXPECT_EQ(lhv_irq_set_routing(&world.chip, &e, 1, 0), -EINVAL);
	EXPECT_EQ(lhv_irqchip_get(&world.chip, &state), -ENXIO);
	EXPECT_EQ(lhv_irqchip_set(&world.chip, &state), -ENXIO);
	EXPECT(!lhv_irqchip_pio(&world.chip, 0x20, 1, &word, false));
	EXPECT(!lhv_irqchip_pio(&world.chip, 0x40, 1, &word, true));
	EXPECT(!lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE, 4, &word, false));
}

const struct tap_case split_cases[] = {
	CASE(create),
	CASE(level_is_told),
	CASE(edge_is_not),
	CASE(edge_of_another_processor),
	CASE(beyond_the_pins),
	CASE(route_goes_while_in_service),
	CASE(no_chips),
	{ }
};
