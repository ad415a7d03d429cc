// SPDX-License-Identifier: GPL-2.0
/*
 * The VM's chips as a whole: creation and end, which port or address is whose,
 * state ioctls, and who is told of an EOI.
 *
 * Called by module/ and arch-x86/. What a chip does with an access it may not
 * know.
 */
#include "internal.h"

/**
 * lhv_irqchip_init - make the structure usable, without any chip
 * @chip: zeroed memory
 * @owner: the hooks' cookie
 */
void lhv_irqchip_init(struct lhv_irqchip *chip, void *owner)
{
	chip->owner = owner;
	raw_spin_lock_init(&chip->map_lock);
	lhv_irq_hook_timer_init(&chip->timers[LHV_CHIP_TIMER_PIT], HRTIMER_MODE_ABS_HARD,
				pit_timer_expired);
	lhv_irq_hook_timer_init(&chip->timers[LHV_CHIP_TIMER_IOAPIC], HRTIMER_MODE_ABS_HARD,
				ioapic_timer_expired);
}

static void free_chips(struct lhv_irqchip *chip)
{
	kfree(chip->pit);
	kfree(chip->ioapic);
	kfree(chip->pic);
	chip->pit = NULL;
	chip->ioapic = NULL;
	chip->pic = NULL;
}

/**
 * lhv_irqchip_create - KVM_CREATE_IRQCHIP: 8259s, I/O APIC, default routes
 * @chip: lhv_irqchip_init() done
 *
 * The caller serializes creations.
 *
 * Return: 0, -EEXIST or -ENOMEM.
 */
int lhv_irqchip_create(struct lhv_irqchip *chip)
{
	int err;

	if (chip->present)
		return -EEXIST;
	chip->pic = pic_create(chip);
	chip->ioapic = ioapic_create(chip);
	err = chip->pic && chip->ioapic ? routing_set_default(chip) : -ENOMEM;
	if (err)
		free_chips(chip);
	else
		smp_store_release(&chip->present, true); /* pairs with chip_present() */
	return err;
}

/**
 * lhv_irqchip_destroy - end all chips of a VM
 * @chip: nothing uses them any more: no vCPU, no irqfd
 *
 * May sleep. Also right where lhv_irqchip_create() was never called.
 */
void lhv_irqchip_destroy(struct lhv_irqchip *chip)
{
	lhv_irq_hook_timer_destroy(&chip->timers[LHV_CHIP_TIMER_PIT]);
	lhv_irq_hook_timer_destroy(&chip->timers[LHV_CHIP_TIMER_IOAPIC]);
	chip->present = false;
	chip->nr_apics = 0;
	routing_destroy(chip);
	free_chips(chip);
}

bool irqchip_set_eoi_vectors(struct lhv_irqchip *chip, const unsigned long *vectors)
{
	bool changed = false;
	unsigned int word;

	for (word = 0; word < BITS_TO_LONGS(256); word++) {
		changed |= chip->eoi_vectors[word] != vectors[word];
		WRITE_ONCE(chip->eoi_vectors[word], vectors[word]);
	}
	return changed;
}

void irqchip_pin_eoi(struct lhv_irqchip *chip, u32 irqchip, u32 pin)
{
	struct lhv_pit *pit = chip_pit(chip);

	if (pit && lhv_irq_gsi_on_pin(chip, 0, irqchip, pin))
		pit_acked(pit);
	if (lhv_irq_hook_has_resamplers(chip))
		lhv_irq_hook_eoi(chip, irqchip, pin);
}

/* ---- ports ---- */

/* False if the port is no chip's. */
static bool access_port(struct lhv_irqchip *chip, u16 port, u8 *val, bool write)
{
	switch (port) {
	case 0x20 ... 0x21:
	case 0xa0 ... 0xa1:
	case 0x4d0 ... 0x4d1:
		pic_access(chip->pic, port, val, write);
		return true;
	case 0x40 ... 0x43:
	case 0x61:
		return pit_access(chip_pit(chip), port, val, write);
	}
	return false;
}

/**
 * lhv_irqchip_pio - an access to a port, if it is the chips'
 * @chip: the VM's chips
 * @port: the first port
 * @size: 1, 2 or 4; a wide access is one byte each to consecutive ports
 * @data: written, or receives what is read
 * @write: the direction
 *
 * Own thread of a vCPU.
 *
 * Return: false if the first port is no chip's; nothing was done then.
 */
bool lhv_irqchip_pio(struct lhv_irqchip *chip, u16 port, unsigned int size, void *data, bool write)
{
	u8 *bytes = data;
	unsigned int i;

	if (!chip_present(chip) || !chip->pic || !access_port(chip, port, bytes, write))
		return false;
	for (i = 1; i < size; i++)
		if (!access_port(chip, port + i, &bytes[i], write) && !write)
			bytes[i] = 0xff;
	return true;
}

/**
 * lhv_irqchip_mmio - an access to the I/O APIC's window, if it is one
 * @chip: the VM's chips
 * @gpa: guest physical address
 * @size: 1 to 8 bytes, not across a page
 * @data: written, or receives what is read
 * @write: the direction
 *
 * Registers have 32 bits: what is wider reads 0 above, and is not written.
 *
 * Own thread of a vCPU.
 *
 * Return: false if the address is not the window's; nothing was done then.
 */
bool lhv_irqchip_mmio(struct lhv_irqchip *chip, u64 gpa, unsigned int size, void *data, bool write)
{
	u32 val = 0, n = min_t(u32, size, sizeof(val));

	if (write)
		memcpy(&val, data, n);
	if (!chip_present(chip) || !chip->ioapic || !ioapic_access(chip->ioapic, gpa, &val, write))
		return false;
	if (write)
		return true;
	memset(data, 0, size);
	memcpy(data, &val, n);
	return true;
}

/* ---- state ---- */

/**
 * lhv_irqchip_get - KVM_GET_IRQCHIP
 * @chip: the VM's chips
 * @state: its chip_id says which; the rest is filled in
 *
 * Return: 0, -EINVAL for a chip that is not there, -ENXIO where all of them are
 * userspace's.
 */
int lhv_irqchip_get(struct lhv_irqchip *chip, struct kvm_irqchip *state)
{
	if (!chip_present(chip) || !chip->pic)
		return -ENXIO;
	if (state->chip_id > KVM_IRQCHIP_IOAPIC)
		return -EINVAL;
	if (state->chip_id == KVM_IRQCHIP_IOAPIC)
		ioapic_get_state(chip->ioapic, &state->chip.ioapic);
	else
		pic_get_state(chip->pic, state->chip_id == KVM_IRQCHIP_PIC_SLAVE, &state->chip.pic);
	return 0;
}

/**
 * lhv_irqchip_set - KVM_SET_IRQCHIP
 * @chip: the VM's chips
 * @state: its chip_id says which; not trusted
 *
 * Return: 0, -EINVAL for a chip that is not there, -ENXIO where all of them are
 * userspace's.
 */
int lhv_irqchip_set(struct lhv_irqchip *chip, const struct kvm_irqchip *state)
{
	if (!chip_present(chip) || !chip->pic)
		return -ENXIO;
	if (state->chip_id > KVM_IRQCHIP_IOAPIC)
		return -EINVAL;
	if (state->chip_id == KVM_IRQCHIP_IOAPIC)
		ioapic_set_state(chip->ioapic, &state->chip.ioapic);
	else
		pic_set_state(chip->pic, state->chip_id == KVM_IRQCHIP_PIC_SLAVE, &state->chip.pic);
	return 0;
}
