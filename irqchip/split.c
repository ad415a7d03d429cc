// SPDX-License-Identifier: GPL-2.0
/*
 * The split irqchip (KVM_CAP_SPLIT_IRQCHIP): local APICs in the kernel, I/O APIC
 * and 8259s in userspace. The I/O APIC's pins are then GSIs with messages for
 * routes, the first of them by agreement, and userspace must hear of the EOIs of
 * those that are level-triggered.
 *
 * Called by module/ when it is switched on, by routing.c when routes change, and
 * by the local APIC at the end of an interrupt. What userspace does with an EOI
 * it may not know.
 */
#include "internal.h"
#include "lapic-regs.h"

/**
 * lhv_irqchip_create_split - KVM_CAP_SPLIT_IRQCHIP is enabled
 * @chip: lhv_irqchip_init() done
 * @pins: GSIs below this are pins of userspace's I/O APIC
 *
 * The caller serializes creations. No route is there until userspace gives some.
 *
 * Return: 0, -EINVAL for more pins than GSIs, -EEXIST.
 */
int lhv_irqchip_create_split(struct lhv_irqchip *chip, u64 pins)
{
	if (pins > LHV_MAX_GSI)
		return -EINVAL;
	if (chip->present)
		return -EEXIST;
	chip->user_pins = pins;
	smp_store_release(&chip->present, true); /* pairs with chip_present() */
	return 0;
}

/* Some processor has not ended a level-triggered interrupt of this vector. */
static bool is_unfinished(struct lhv_irqchip *chip, unsigned int vector)
{
	/* pairs with lhv_irqchip_add_lapic() */
	unsigned int i, n = smp_load_acquire(&chip->nr_apics);

	for (i = 0; i < n; i++)
		if (lapic_test(chip->apics[i], LAPIC_TMR, vector) &&
		    lapic_unfinished(chip->apics[i], vector))
			return true;
	return false;
}

/*
 * True if the map of vectors changed. Any context. Two that replace routes at a
 * time: the one that looks last sees the last table. A vector whose route has gone
 * stays while it is in service: a guest that masks the pin first ends it all the same.
 */
bool split_refresh_eoi_map(struct lhv_irqchip *chip)
{
	DECLARE_BITMAP(vectors, 256) = { };
	unsigned long flags;
	unsigned int vector;
	bool changed;

	raw_spin_lock_irqsave(&chip->map_lock, flags);
	routing_level_vectors(chip, chip->user_pins, vectors);
	for_each_set_bit(vector, chip->eoi_vectors, 256)
		if (is_unfinished(chip, vector))
			__set_bit(vector, vectors);
	changed = irqchip_set_eoi_vectors(chip, vectors);
	raw_spin_unlock_irqrestore(&chip->map_lock, flags);
	return changed;
}

/*
 * The map is the VM's, a vector one processor's: another's interrupt with the
 * same number may be an edge, which no I/O APIC hears of (SDM, "Signaling
 * Interrupt Servicing Completion").
 */
void split_eoi(struct lhv_lapic *apic, u8 vector)
{
	if (lapic_test(apic, LAPIC_TMR, vector))
		lhv_irq_hook_user_eoi(apic, vector);
}
