// SPDX-License-Identifier: GPL-2.0
/*
 * Where a GSI leads: to pins of the 8259s and the I/O APIC, or to a message.
 *
 * Called by module/ (ioctls, irqfd) and by the PIT, in any context; it may not
 * know what a source is. The table is never changed, only replaced as a whole;
 * readers are under RCU. One in flight may still use the old one when the ioctl
 * has returned, as an interrupt on its way would on hardware.
 */
#include <linux/overflow.h>

#include "internal.h"
#include "lapic-regs.h"

#define PIC_INPUTS	8

/* MSI address; the data is the low half of an ICR (Intel SDM, "Message Signalled Interrupts"). */
#define MSI_ADDRESS_DEST(a)	(((a) >> 12) & 0xff)
#define MSI_ADDRESS_REDIRECT	BIT(3)
#define MSI_ADDRESS_LOGICAL	BIT(2)
#define MSI_DATA_LEVEL		BIT(15)

/* Where one GSI leads: to pins of several chips, each at most once, or to one message. */
struct route {
	u64 address;
	u32 data;
	u8 type;			/* KVM_IRQ_ROUTING_*, 0: nowhere */
	u8 pins[KVM_NR_IRQCHIPS];	/* 1 + pin, 0: none */
};

struct lhv_routing {
	struct rcu_head rcu;
	u32 nr_gsis;
	struct route routes[];
};

/* ---- messages ---- */

/**
 * lhv_irq_msi - a device writes a message
 * @chip: the VM's chips, present
 * @address: only destination and modes in bits 19:2 are looked at
 * @data: vector and modes
 *
 * Any context.
 *
 * Return: >0 delivered, 0 coalesced, -1 nobody is addressed (as KVM_SIGNAL_MSI
 * returns it), -EINVAL without an irqchip.
 */
int lhv_irq_msi(struct lhv_irqchip *chip, u64 address, u32 data)
{
	struct lhv_irq_msg msg;

	if (!chip_present(chip))
		return -EINVAL;
	irq_message(&msg, data, MSI_ADDRESS_DEST(address));
	msg.logical = address & MSI_ADDRESS_LOGICAL;
	if (address & MSI_ADDRESS_REDIRECT && !msg.mode)
		msg.mode = LAPIC_DM_LOWEST;
	return lhv_irq_deliver(chip, NULL, &msg);
}

/* ---- use ---- */

/* Under RCU. */
static const struct route *find_route(struct lhv_irqchip *chip, u32 gsi)
{
	const struct lhv_routing *routing = rcu_dereference(chip->routing);
	static const struct route nowhere;

	if (!routing || gsi >= routing->nr_gsis)
		return &nowhere;
	return &routing->routes[array_index_nospec(gsi, routing->nr_gsis)];
}

static int set_pins(struct lhv_irqchip *chip, const struct route *route,
		    int level, int source, bool line_status)
{
	int ret = -1, one;
	u32 i, pin;

	for (i = 0; i < KVM_NR_IRQCHIPS; i++) {
		if (!route->pins[i])
			continue;
		pin = route->pins[i] - 1;
		if (i == KVM_IRQCHIP_IOAPIC)
			one = ioapic_set(chip->ioapic, pin, level, source, line_status);
		else
			one = pic_set(chip->pic, i * PIC_INPUTS + pin, level, source);
		if (one >= 0)
			ret = max(ret, 0) + one;
	}
	return ret;
}

static int set_gsi(struct lhv_irqchip *chip, u32 gsi, int level, int source, bool line_status)
{
	const struct route *route;
	int ret = -1;

	if (!chip_present(chip) || source < 0 || source >= BITS_PER_LONG)
		return -1;
	rcu_read_lock();
	route = find_route(chip, gsi);
	if (route->type == KVM_IRQ_ROUTING_IRQCHIP)
		ret = set_pins(chip, route, level, source, line_status);
	else if (route->type == KVM_IRQ_ROUTING_MSI && level)
		ret = lhv_irq_msi(chip, route->address, route->data);
	rcu_read_unlock();
	return ret;
}

/**
 * lhv_irq_set - set one source's level on a GSI
 * @chip: the VM's chips
 * @gsi: any number; those that lead nowhere are ignored
 * @level: asserted or not
 * @source: LHV_IRQ_SOURCE_*, below BITS_PER_LONG; a pin is their OR
 *
 * Any context.
 *
 * Return: >0 delivered, 0 coalesced, <0 masked or nobody there.
 */
int lhv_irq_set(struct lhv_irqchip *chip, u32 gsi, int level, int source)
{
	return set_gsi(chip, gsi, level, source, false);
}

/**
 * lhv_irq_line_status - KVM_IRQ_LINE_STATUS
 * @chip: the VM's chips
 * @gsi: any number
 * @level: asserted or not
 *
 * As lhv_irq_set() for userspace; but a tick of the RTC is told as coalesced as
 * long as a processor has not ended the last one, so that its device can send
 * it later.
 *
 * Return: >0 delivered, 0 coalesced, <0 masked or nobody there.
 */
int lhv_irq_line_status(struct lhv_irqchip *chip, u32 gsi, int level)
{
	return set_gsi(chip, gsi, level, LHV_IRQ_SOURCE_USER, true);
}

/**
 * lhv_irq_gsi_on_pin - does a GSI lead to a pin?
 * @chip: the VM's chips
 * @gsi: any number
 * @irqchip: KVM_IRQCHIP_*
 * @pin: within that chip
 *
 * Any context.
 *
 * Return: whether it does.
 */
bool lhv_irq_gsi_on_pin(struct lhv_irqchip *chip, u32 gsi, u32 irqchip, u32 pin)
{
	bool found;

	rcu_read_lock();
	found = irqchip < KVM_NR_IRQCHIPS && find_route(chip, gsi)->pins[irqchip] == pin + 1;
	rcu_read_unlock();
	return found;
}

void routing_level_vectors(struct lhv_irqchip *chip, u32 gsis, unsigned long *vectors)
{
	const struct lhv_routing *routing;
	const struct route *route;
	u32 gsi;

	rcu_read_lock();
	routing = rcu_dereference(chip->routing);
	for (gsi = 0; routing && gsi < min(gsis, routing->nr_gsis); gsi++) {
		route = &routing->routes[gsi];
		if (route->type == KVM_IRQ_ROUTING_MSI && route->data & MSI_DATA_LEVEL)
			__set_bit(route->data & 0xff, vectors);
	}
	rcu_read_unlock();
}

/* ---- replacement ---- */

static int add_route(struct lhv_irqchip *irqchip, struct route *route,
		     const struct kvm_irq_routing_entry *entry)
{
	u32 chip = entry->u.irqchip.irqchip, pin = entry->u.irqchip.pin;

	if (route->type == KVM_IRQ_ROUTING_MSI ||
	    (route->type && entry->type == KVM_IRQ_ROUTING_MSI))
		return -EINVAL;
	route->type = entry->type;
	switch (entry->type) {
	case KVM_IRQ_ROUTING_IRQCHIP:
		if (!irqchip->pic || entry->flags || chip >= KVM_NR_IRQCHIPS ||
		    pin >= (chip == KVM_IRQCHIP_IOAPIC ? LHV_IOAPIC_PINS : PIC_INPUTS))
			return -EINVAL;
		chip = array_index_nospec(chip, KVM_NR_IRQCHIPS);
		if (route->pins[chip])
			return -EINVAL;
		route->pins[chip] = pin + 1;
		return 0;
	case KVM_IRQ_ROUTING_MSI:
		route->address = entry->u.msi.address_lo | (u64)entry->u.msi.address_hi << 32;
		route->data = entry->u.msi.data;
		/* a device ID is allowed and means nothing here */
		return entry->flags & ~KVM_MSI_VALID_DEVID ? -EINVAL : 0;
	}
	return -EINVAL;
}

static struct lhv_routing *alloc_routing(u32 nr_gsis)
{
	struct lhv_routing *routing;

	routing = kvzalloc(struct_size(routing, routes, nr_gsis), GFP_KERNEL_ACCOUNT);
	if (routing)
		routing->nr_gsis = nr_gsis;
	return routing;
}

static void publish(struct lhv_irqchip *chip, struct lhv_routing *routing)
{
	struct lhv_routing *old;

	old = unrcu_pointer(xchg(&chip->routing, RCU_INITIALIZER(routing)));
	if (old)
		kvfree_rcu(old, rcu);
	lhv_irqchip_update_eoi_map(chip);
}

/**
 * lhv_irq_set_routing - KVM_SET_GSI_ROUTING
 * @chip: the VM's chips, present
 * @entries: the new table, copied from userspace
 * @nr: how many, up to LHV_MAX_GSI
 * @flags: none is known
 *
 * Replaces all routes, or none on error. May sleep.
 *
 * Return: 0, -ENOMEM, or -EINVAL for unknown types and flags, GSIs, chips and pins
 * that are not there, and two routes of a GSI to one chip.
 */
int lhv_irq_set_routing(struct lhv_irqchip *chip,
			const struct kvm_irq_routing_entry *entries, u32 nr, u32 flags)
{
	struct lhv_routing *routing;
	u32 i, gsi, nr_gsis = 0;
	int err = 0;

	if (flags || nr > LHV_MAX_GSI)
		return -EINVAL;
	for (i = 0; i < nr; i++) {
		if (entries[i].gsi >= LHV_MAX_GSI)
			return -EINVAL;
		nr_gsis = max(nr_gsis, entries[i].gsi + 1);
	}
	routing = alloc_routing(nr_gsis);
	if (!routing)
		return -ENOMEM;
	for (i = 0; i < nr && !err; i++) {
		gsi = array_index_nospec(entries[i].gsi, nr_gsis);
		err = add_route(chip, &routing->routes[gsi], &entries[i]);
	}
	if (err)
		kvfree(routing);
	else
		publish(chip, routing);
	return err;
}

/* GSIs 0 to 23 are the I/O APIC's pins, 0 to 15 also the 8259s' inputs. */
int routing_set_default(struct lhv_irqchip *chip)
{
	struct lhv_routing *routing = alloc_routing(LHV_IOAPIC_PINS);
	u32 gsi;

	if (!routing)
		return -ENOMEM;
	for (gsi = 0; gsi < LHV_IOAPIC_PINS; gsi++) {
		routing->routes[gsi].type = KVM_IRQ_ROUTING_IRQCHIP;
		routing->routes[gsi].pins[KVM_IRQCHIP_IOAPIC] = gsi + 1;
		if (gsi < 2 * PIC_INPUTS)
			routing->routes[gsi].pins[gsi / PIC_INPUTS] = gsi % PIC_INPUTS + 1;
	}
	publish(chip, routing);
	return 0;
}

/* Nobody uses it any more. */
void routing_destroy(struct lhv_irqchip *chip)
{
	kvfree(rcu_dereference_protected(chip->routing, 1));
	RCU_INIT_POINTER(chip->routing, NULL);
}
