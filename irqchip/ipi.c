// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt messages: whom one addresses, and its arrival at a local APIC.
 *
 * Called by the local APIC for the ICR, by the I/O APIC and by MSI routing, in
 * any context. It may not know what is behind a source. Intel SDM, chapter
 * "Advanced Programmable Interrupt Controller", sections on the interrupt
 * destination and on the x2APIC's.
 *
 * The map gives the APIC for a physical ID, and for a bit of the logical ID in
 * the flat model, in one load. It changes under a lock and is read without: a
 * reader meanwhile asks every APIC. Its entries live as long as the VM.
 */
#include "internal.h"
#include "lapic-regs.h"

enum shorthand { TO_DEST, TO_SELF, TO_ALL, TO_OTHERS };

#define XAPIC_BROADCAST		0xffU
#define X2APIC_BROADCAST	0xffffffffU

/* ---- the map ---- */

/* What holds of the map: lhv_irqchip.map. */
#define MAP_PHYS_UNIQUE		BIT(0)
#define MAP_FLAT_VALID		BIT(1)
#define MAP_ALL_X2APIC		BIT(2)

struct map_build {
	DECLARE_BITMAP(seen, LHV_APIC_IDS);
	struct lhv_lapic *flat[8];
	u32 map;
};

static void map_add(struct lhv_irqchip *chip, struct map_build *build, struct lhv_lapic *apic)
{
	bool x2apic = apic->mode == LHV_APIC_X2APIC;
	u32 id = lapic_physical_id(apic);
	u32 ldr = lapic_get(apic, LAPIC_LDR);
	u32 bits = ldr >> 24;	/* of a logical destination that mean this APIC */

	if (apic->mode == LHV_APIC_DISABLED || id >= LHV_APIC_IDS)
		return;
	if (__test_and_set_bit(id, build->seen))
		build->map &= ~MAP_PHYS_UNIQUE;
	else
		WRITE_ONCE(chip->phys[id], apic);

	/* an x2APIC takes a destination of 8 bits for its cluster 0 */
	if (x2apic)
		bits = ldr >> 16 ? 0 : ldr & 0xff;
	else
		build->map &= ~MAP_ALL_X2APIC;
	if ((!x2apic && lapic_get(apic, LAPIC_DFR) >> 28 != 0xf) || bits & (bits - 1) ||
	    (bits && build->flat[__ffs(bits)]))
		build->map &= ~MAP_FLAT_VALID;
	else if (bits)
		build->flat[__ffs(bits)] = apic;
}

static unsigned int nr_apics(struct lhv_irqchip *chip)
{
	/* pairs with lhv_irqchip_add_lapic(): the entry before the number */
	return smp_load_acquire(&chip->nr_apics);
}

void lapic_map_update(struct lhv_irqchip *chip)
{
	struct map_build build = { .map = MAP_PHYS_UNIQUE | MAP_FLAT_VALID | MAP_ALL_X2APIC };
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&chip->map_lock, flags);
	WRITE_ONCE(chip->map, 0);
	smp_wmb(); /* readers do not take half of a new map for one */
	for (i = 0; i < nr_apics(chip); i++)
		map_add(chip, &build, READ_ONCE(chip->apics[i]));
	for_each_clear_bit(i, build.seen, LHV_APIC_IDS)
		WRITE_ONCE(chip->phys[i], NULL);
	for (i = 0; i < ARRAY_SIZE(build.flat); i++)
		WRITE_ONCE(chip->flat[i], build.flat[i]);
	smp_wmb(); /* the entries before the word that they are good */
	WRITE_ONCE(chip->map, build.map);
	raw_spin_unlock_irqrestore(&chip->map_lock, flags);
}

/**
 * lhv_irqchip_add_lapic - let a local APIC receive messages
 * @chip: the VM's chips
 * @apic: the APIC, lhv_lapic_init() done; it stays until lhv_irqchip_destroy()
 *
 * Calls for one VM are serialized by the caller, who has made sure that no more
 * than LHV_MAX_VCPUS come.
 */
void lhv_irqchip_add_lapic(struct lhv_irqchip *chip, struct lhv_lapic *apic)
{
	if (chip->nr_apics >= LHV_MAX_VCPUS)
		return;
	chip->apics[chip->nr_apics] = apic;
	/* pairs with nr_apics() */
	smp_store_release(&chip->nr_apics, chip->nr_apics + 1);
	lapic_map_update(chip);
}

/* ---- who is addressed ---- */

static bool matches_logical(const struct lhv_lapic *apic, const struct lhv_irq_msg *msg)
{
	u32 ldr = lapic_get(apic, LAPIC_LDR);

	if (apic->mode == LHV_APIC_X2APIC)
		return ldr >> 16 == msg->dest >> 16 && ldr & msg->dest & 0xffff;
	if (msg->dest > 0xff)
		return false;
	ldr >>= 24;
	if (lapic_get(apic, LAPIC_DFR) >> 28 == 0xf)
		return ldr & msg->dest;
	return ldr >> 4 == msg->dest >> 4 && ldr & msg->dest & 0xf;
}

static bool is_broadcast(const struct lhv_irq_msg *msg)
{
	return msg->dest == (msg->x2apic_dest ? X2APIC_BROADCAST : XAPIC_BROADCAST);
}

static bool matches(const struct lhv_lapic *apic, const struct lhv_lapic *src,
		    const struct lhv_irq_msg *msg)
{
	if (apic->mode == LHV_APIC_DISABLED)
		return false;
	if (msg->shorthand)
		return msg->shorthand == TO_ALL || apic != src;
	if (is_broadcast(msg))
		return true;
	return msg->logical ? matches_logical(apic, msg) : lapic_physical_id(apic) == msg->dest;
}

/* The APIC of a physical ID, NULL if none; false where only asking all will do. */
static bool find_physical(struct lhv_irqchip *chip, u32 id, struct lhv_lapic **apic)
{
	if (id >= XAPIC_BROADCAST || !(READ_ONCE(chip->map) & MAP_PHYS_UNIQUE))
		return false;
	smp_rmb(); /* pairs with the map's writer */
	*apic = READ_ONCE(chip->phys[array_index_nospec(id, LHV_APIC_IDS)]);
	return true;
}

/* Walks the APICs a message addresses: slots of the map, or all that match. */
struct walk {
	struct lhv_irqchip *chip;
	struct lhv_lapic *src;
	const struct lhv_irq_msg *msg;
	struct lhv_lapic **slots;	/* NULL: ask every APIC */
	unsigned long bits;		/* slots still to visit */
	unsigned int index;
};

static void walk_start(struct walk *walk, struct lhv_irqchip *chip,
		       struct lhv_lapic *src, const struct lhv_irq_msg *msg)
{
	u32 map = READ_ONCE(chip->map), cluster = msg->dest >> 16;

	smp_rmb(); /* pairs with the map's writer */
	*walk = (struct walk) { .chip = chip, .src = src, .msg = msg };
	if (msg->shorthand || !msg->logical || is_broadcast(msg))
		return;
	if (!msg->x2apic_dest && map & MAP_FLAT_VALID) {
		walk->slots = chip->flat;
		walk->bits = msg->dest & 0xff;
	} else if (msg->x2apic_dest && map & MAP_ALL_X2APIC && cluster < LHV_APIC_IDS / 16) {
		walk->slots = chip->phys + array_index_nospec(cluster, LHV_APIC_IDS / 16) * 16;
		walk->bits = msg->dest & 0xffff;
	}
}

static struct lhv_lapic *walk_next(struct walk *walk)
{
	struct lhv_lapic *apic;

	while (walk->slots ? walk->bits : walk->index < nr_apics(walk->chip)) {
		if (walk->slots) {
			apic = READ_ONCE(walk->slots[__ffs(walk->bits)]);
			walk->bits &= walk->bits - 1;
		} else {
			apic = READ_ONCE(walk->chip->apics[walk->index++]);
		}
		if (apic && matches(apic, walk->src, walk->msg))
			return apic;
	}
	return NULL;
}

/* ---- what it says ---- */

#define MSG_LOGICAL	BIT(11)
#define MSG_ASSERT	BIT(14)
#define MSG_LEVEL	BIT(15)

void irq_message(struct lhv_irq_msg *msg, u32 low, u32 dest)
{
	*msg = (struct lhv_irq_msg) {
		.dest = dest,
		.vector = low,
		.mode = LAPIC_LVT_MODE(low),
		.logical = low & MSG_LOGICAL,
		.level = low & MSG_LEVEL,
		.assert = true,
	};
}

/* ---- arrival ---- */

static int accept_event(struct lhv_lapic *apic, const struct lhv_irq_msg *msg)
{
	/* 1 + event; without effect: SMI, as there is no SMM, and ExtINT, which is LINT0's */
	static const u8 events[8] = {
		[LAPIC_DM_NMI] = 1 + LHV_APIC_EVENT_NMI,
		[LAPIC_DM_INIT] = 1 + LHV_APIC_EVENT_INIT,
		[LAPIC_DM_SIPI] = 1 + LHV_APIC_EVENT_SIPI,
	};
	int event = events[msg->mode & 7] - 1;

	if (event < 0 || (event == LHV_APIC_EVENT_INIT && msg->level && !msg->assert))
		return 0;
	if (event == LHV_APIC_EVENT_SIPI) {
		WRITE_ONCE(apic->sipi_vector, msg->vector);
		smp_wmb(); /* pairs with the test of the event's bit */
	}
	set_bit(event, &apic->events);
	lhv_irq_hook_kick(apic);
	return 1;
}

/* 1 if it is taken, 0 if it coalesces with one that waits or has no effect. */
static int accept(struct lhv_lapic *apic, const struct lhv_irq_msg *msg, bool own)
{
	if (msg->mode > LAPIC_DM_LOWEST)
		return accept_event(apic, msg);
	if (!apic->sw_enabled)
		return 0;
	if (msg->vector < LAPIC_FIRST_VECTOR) {
		lapic_error(apic, LAPIC_ERR_RECEIVE_VECTOR, own);
		return 0;
	}
	return lapic_request(apic, msg->vector, msg->level, own);
}

/* Less is better: task priority class, then who has won less often. */
static u64 arbitration_key(const struct lhv_lapic *apic)
{
	return (u64)(!apic->sw_enabled) << 40 |
	       (u64)((lapic_get(apic, LAPIC_TPR) >> 4) & 15) << 32 | READ_ONCE(apic->arbitrations);
}

/**
 * lhv_irq_deliver - send a message to those it addresses
 * @chip: the VM's chips
 * @src: the sending APIC, on its own vCPU's thread; NULL for devices
 * @msg: the message
 *
 * Any context.
 *
 * Return: by how many it was taken; 0 if it coalesced with what waits at all of
 * them; -1 if nobody is addressed.
 */
int lhv_irq_deliver(struct lhv_irqchip *chip, struct lhv_lapic *src, const struct lhv_irq_msg *msg)
{
	struct lhv_lapic *apic, *best = NULL;
	struct walk walk;
	int ret = -1;

	/* one physical destination, as most messages have */
	if (!msg->shorthand && !msg->logical && find_physical(chip, msg->dest, &apic))
		return apic ? accept(apic, msg, apic == src) : -1;
	if (msg->shorthand == TO_SELF)
		return src ? accept(src, msg, true) : -1;
	walk_start(&walk, chip, src, msg);
	while ((apic = walk_next(&walk))) {
		if (msg->mode != LAPIC_DM_LOWEST)
			ret = max(ret, 0) + accept(apic, msg, apic == src);
		else if (!best || arbitration_key(apic) < arbitration_key(best))
			best = apic;
	}
	if (!best)
		return ret;
	WRITE_ONCE(best->arbitrations, best->arbitrations + 1);
	return accept(best, msg, best == src);
}

bool lapic_any_unfinished(struct lhv_irqchip *chip, const struct lhv_irq_msg *msg)
{
	struct lhv_lapic *apic;
	struct walk walk;

	walk_start(&walk, chip, NULL, msg);
	while ((apic = walk_next(&walk)))
		if (lapic_unfinished(apic, msg->vector))
			return true;
	return false;
}

/* ---- the ICR ---- */

void lapic_self_ipi(struct lhv_lapic *apic, u8 vector)
{
	if (vector < LAPIC_FIRST_VECTOR)
		lapic_error(apic, LAPIC_ERR_SEND_VECTOR, true);
	else if (apic->sw_enabled)
		lapic_request(apic, vector, false, true);
}

#define ICR_SHORTHAND(low)	(((low) >> 18) & 3)

/*
 * A fixed interrupt to one physical ID, nearly all there are, without a message
 * being made of it. False if it is not one.
 */
static bool send_simple(struct lhv_lapic *apic, u32 low, u32 dest)
{
	struct lhv_lapic *to;
	u8 vector = low;

	if (low & (MSG_LOGICAL | 7 << 8 | 3 << 18) || vector < LAPIC_FIRST_VECTOR ||
	    !find_physical(apic->chip, dest, &to))
		return false;
	if (to && to->sw_enabled)
		lapic_request(to, vector, false, to == apic);
	return true;
}

/* Only INIT heeds the level bits; all else is sent as an edge (SDM, ICR). */
void lapic_send_icr(struct lhv_lapic *apic, u32 low)
{
	bool x2apic = apic->mode == LHV_APIC_X2APIC;
	u32 dest = x2apic ? lapic_get(apic, LAPIC_ICR + 4) : lapic_get(apic, LAPIC_ICR2) >> 24;
	struct lhv_irq_msg msg;

	if (send_simple(apic, low, dest))
		return;
	irq_message(&msg, low, dest);
	msg.assert = low & MSG_ASSERT;
	msg.level &= msg.mode == LAPIC_DM_INIT;
	msg.shorthand = ICR_SHORTHAND(low);
	msg.x2apic_dest = x2apic;
	if (msg.mode <= LAPIC_DM_LOWEST && msg.vector < LAPIC_FIRST_VECTOR)
		lapic_error(apic, LAPIC_ERR_SEND_VECTOR, true);
	else
		lhv_irq_deliver(apic->chip, apic, &msg);
}
