// SPDX-License-Identifier: GPL-2.0
/*
 * Where a GSI leads: to pins of the 8259s and the I/O APIC, or to a message.
 *
 * Called by module/ (ioctls, irqfd) and by the PIT, in any context; it may not
 * know what a source is. The table is never changed, only replaced as a whole;
 * readers are under RCU. One in flight may still use the old one when the ioctl
 * has returned, as an interrupt on its way would on hardware.
 */
#include <linux/errno.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "internal.h"

#define PIC_INPUTS	8

/* MSI address and data (Intel SDM, "Message Signalled Interrupts"). */
#define MSI_ADDRESS_DEST(a)	(((a) >> 12) & 0xff)
#define MSI_ADDRESS_REDIRECT	BIT(3)
#define MSI_ADDRESS_LOGICAL	BIT(2)
#define MSI_DATA_MODE(d)	(((d) >> 8) & 7)
#define MSI_DATA_LEVEL		BIT(15)
#define DM_LOWEST		1

enum target { TO_PIC, TO_IOAPIC, TO_MSI, TARGETS };

struct route {
	u32 gsi;
	u8 target;
	u8 pin;			/* of both 8259s: 0 to 15 */
	u64 address;
	u32 data;
};

struct lhv_routing {
	struct rcu_head rcu;
	u32 nr_gsis;
	u32 nr_routes;
	/* routes of GSI n: from first[n] to first[n + 1]; first has nr_gsis + 1 */
	u32 *first;
	struct route routes[];
};

/* ---- messages ---- */

static int send_message(struct lhv_irqchip *chip, u64 address, u32 data)
{
	struct lhv_irq_msg msg = {
		.dest = MSI_ADDRESS_DEST(address),
		.logical = address & MSI_ADDRESS_LOGICAL,
		.vector = data,
		.mode = MSI_DATA_MODE(data),
		.level = data & MSI_DATA_LEVEL,
		.assert = true,
	};

	if (address & MSI_ADDRESS_REDIRECT && !msg.mode)
		msg.mode = DM_LOWEST;
	return lhv_irq_deliver(chip, NULL, &msg);
}

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
	if (!chip_present(chip))
		return -EINVAL;
	return send_message(chip, address, data);
}

/* ---- use ---- */

static int set_route(struct lhv_irqchip *chip, const struct route *route,
		     int level, int source, bool line_status)
{
	switch (route->target) {
	case TO_PIC:
		return pic_set(chip->pic, route->pin, level, source);
	case TO_IOAPIC:
		return ioapic_set(chip->ioapic, route->pin, level, source, line_status);
	}
	return level ? send_message(chip, route->address, route->data) : -1;
}

static int set_gsi(struct lhv_irqchip *chip, u32 gsi, int level, int source, bool line_status)
{
	const struct lhv_routing *routing;
	int ret = -1, one;
	u32 i;

	if (!chip_present(chip) || source < 0 || source >= BITS_PER_LONG)
		return -1;
	rcu_read_lock();
	routing = rcu_dereference(chip->routing);
	if (routing && gsi < routing->nr_gsis) {
		gsi = array_index_nospec(gsi, routing->nr_gsis);
		for (i = routing->first[gsi]; i < routing->first[gsi + 1]; i++) {
			one = set_route(chip, &routing->routes[i], level, source, line_status);
			if (one >= 0)
				ret = max(ret, 0) + one;
		}
	}
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
	u8 target = irqchip == KVM_IRQCHIP_IOAPIC ? TO_IOAPIC : TO_PIC;
	const struct lhv_routing *routing;
	const struct route *route;
	bool found = false;
	u32 i;

	if (irqchip == KVM_IRQCHIP_PIC_SLAVE)
		pin += PIC_INPUTS;
	rcu_read_lock();
	routing = rcu_dereference(chip->routing);
	if (routing && gsi < routing->nr_gsis) {
		gsi = array_index_nospec(gsi, routing->nr_gsis);
		for (i = routing->first[gsi]; i < routing->first[gsi + 1]; i++) {
			route = &routing->routes[i];
			found |= route->target == target && route->pin == pin;
		}
	}
	rcu_read_unlock();
	return found;
}

/* ---- replacement ---- */

static int parse_pin(const struct kvm_irq_routing_irqchip *pin, struct route *route)
{
	static const struct {
		u8 target, pins, offset;
	} chips[] = {
		[KVM_IRQCHIP_PIC_MASTER] = { TO_PIC, PIC_INPUTS, 0 },
		[KVM_IRQCHIP_PIC_SLAVE] = { TO_PIC, PIC_INPUTS, PIC_INPUTS },
		[KVM_IRQCHIP_IOAPIC] = { TO_IOAPIC, LHV_IOAPIC_PINS, 0 },
	};
	u32 chip = pin->irqchip;

	if (chip >= ARRAY_SIZE(chips))
		return -EINVAL;
	chip = array_index_nospec(chip, ARRAY_SIZE(chips));
	if (pin->pin >= chips[chip].pins)
		return -EINVAL;
	route->target = chips[chip].target;
	route->pin = chips[chip].offset + pin->pin;
	return 0;
}

static int parse(const struct kvm_irq_routing_entry *entry, struct route *route)
{
	*route = (struct route) { .gsi = entry->gsi };
	if (entry->gsi >= LHV_MAX_GSI)
		return -EINVAL;
	switch (entry->type) {
	case KVM_IRQ_ROUTING_IRQCHIP:
		return entry->flags ? -EINVAL : parse_pin(&entry->u.irqchip, route);
	case KVM_IRQ_ROUTING_MSI:
		/* a device ID is allowed and means nothing here */
		if (entry->flags & ~KVM_MSI_VALID_DEVID)
			return -EINVAL;
		route->target = TO_MSI;
		route->address = entry->u.msi.address_lo | (u64)entry->u.msi.address_hi << 32;
		route->data = entry->u.msi.data;
		return 0;
	}
	return -EINVAL;
}

static u8 irqchip_of(const struct route *route)
{
	if (route->target == TO_PIC)
		return route->pin >= PIC_INPUTS;
	return 2;
}

/*
 * One GSI may lead to several chips, each at most once, or to one message.
 * Routes lie sorted by GSI.
 */
static int check_gsi(const struct lhv_routing *routing, u32 from, u32 to)
{
	const struct route *a = &routing->routes[from];
	const struct route *b = &routing->routes[to];

	if (a->target == TO_MSI || b->target == TO_MSI || irqchip_of(a) == irqchip_of(b))
		return -EINVAL;
	return 0;
}

static struct lhv_routing *alloc_routing(u32 nr_routes, u32 nr_gsis)
{
	struct lhv_routing *routing;
	size_t routes = struct_size(routing, routes, nr_routes);

	/* first[] lies behind the routes: one allocation, one free */
	routing = kvzalloc(routes + (nr_gsis + 1) * sizeof(u32), GFP_KERNEL_ACCOUNT);
	if (!routing)
		return NULL;
	routing->nr_gsis = nr_gsis;
	routing->nr_routes = nr_routes;
	routing->first = (void *)routing + routes;
	return routing;
}

/* Counting sort: on return first[] is as the structure says. */
static int fill(struct lhv_routing *routing, const struct kvm_irq_routing_entry *entries)
{
	u32 i, place, other;
	struct route route;
	int err;

	for (i = 0; i < routing->nr_routes; i++) {
		if (entries[i].gsi >= routing->nr_gsis)
			return -EINVAL;
		routing->first[entries[i].gsi]++;
	}
	for (i = 1; i <= routing->nr_gsis; i++)
		routing->first[i] += routing->first[i - 1];
	for (i = routing->nr_routes; i-- > 0; ) {
		err = parse(&entries[i], &route);
		if (err)
			return err;
		place = --routing->first[route.gsi];
		routing->routes[place] = route;
	}
	for (i = 0; i < routing->nr_gsis; i++)
		for (place = routing->first[i]; place < routing->first[i + 1]; place++)
			for (other = routing->first[i]; other < place; other++)
				if (check_gsi(routing, other, place))
					return -EINVAL;
	return 0;
}

static void publish(struct lhv_irqchip *chip, struct lhv_routing *routing)
{
	struct lhv_routing *old;

	old = unrcu_pointer(xchg(&chip->routing, RCU_INITIALIZER(routing)));
	if (old)
		kvfree_rcu(old, rcu);
	lhv_irqchip_update_eoi_map(chip);
}

static u32 highest_gsi(const struct kvm_irq_routing_entry *entries, u32 nr)
{
	u32 i, highest = 0;

	for (i = 0; i < nr; i++)
		highest = max(highest, entries[i].gsi);
	return highest;
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
 * Return: 0, -ENOMEM, or -EINVAL for unknown types and flags, GSIs and pins
 * that are not there, and two routes of a GSI to one chip.
 */
int lhv_irq_set_routing(struct lhv_irqchip *chip,
			const struct kvm_irq_routing_entry *entries, u32 nr, u32 flags)
{
	struct lhv_routing *routing;
	u32 highest;
	int err;

	if (flags || nr > LHV_MAX_GSI)
		return -EINVAL;
	highest = highest_gsi(entries, nr);
	if (highest >= LHV_MAX_GSI)
		return -EINVAL;
	routing = alloc_routing(nr, nr ? highest + 1 : 0);
	if (!routing)
		return -ENOMEM;
	err = fill(routing, entries);
	if (err) {
		kvfree(routing);
		return err;
	}
	publish(chip, routing);
	return 0;
}

/* GSIs 0 to 23 are the I/O APIC's pins, 0 to 15 also the 8259s' inputs. */
int routing_set_default(struct lhv_irqchip *chip)
{
	struct kvm_irq_routing_entry *entries, *e;
	u32 gsi, nr = LHV_IOAPIC_PINS + 2 * PIC_INPUTS;
	int err;

	entries = kcalloc(nr, sizeof(*entries), GFP_KERNEL);
	if (!entries)
		return -ENOMEM;
	e = entries;
	for (gsi = 0; gsi < LHV_IOAPIC_PINS; gsi++, e++) {
		e->gsi = gsi;
		e->type = KVM_IRQ_ROUTING_IRQCHIP;
		e->u.irqchip.irqchip = KVM_IRQCHIP_IOAPIC;
		e->u.irqchip.pin = gsi;
	}
	for (gsi = 0; gsi < 2 * PIC_INPUTS; gsi++, e++) {
		e->gsi = gsi;
		e->type = KVM_IRQ_ROUTING_IRQCHIP;
		e->u.irqchip.irqchip = gsi < PIC_INPUTS ?
			KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE;
		e->u.irqchip.pin = gsi % PIC_INPUTS;
	}
	err = lhv_irq_set_routing(chip, entries, nr, 0);
	kfree(entries);
	return err;
}

/* Nobody uses it any more. */
void routing_destroy(struct lhv_irqchip *chip)
{
	kvfree(rcu_dereference_protected(chip->routing, 1));
	RCU_INIT_POINTER(chip->routing, NULL);
}
