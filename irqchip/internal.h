/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of irqchip/ know of each other, and the kernel's headers that
 * most of them need; nobody outside includes this.
 */
#ifndef LHV_IRQCHIP_INTERNAL_H
#define LHV_IRQCHIP_INTERNAL_H

#include <linux/bitmap.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "irqchip.h"

/*
 * Shortest period of timers that go on by themselves. A guest that asks for
 * less gets this, as on KVM, whose default is the same: expiries in hard
 * interrupt context must not eat the host's CPU.
 */
#define LHV_MIN_TIMER_PERIOD_NS		200000ULL

/* ---- lapic-priority.c ---- */
/*
 * Set the vector's IRR bit; false if it was set. Any context; own: by the vCPU's
 * own thread, which needs no telling.
 */
bool lapic_request(struct lhv_lapic *apic, u8 vector, bool level, bool own);
/* Is the vector requested or in service? Any context, a snapshot. */
bool lapic_unfinished(struct lhv_lapic *apic, u8 vector);
/* What is derived from the page, after the page was written as a whole. */
void lapic_priority_rebuild(struct lhv_lapic *apic);

/* ---- lapic.c ---- */
void lapic_error(struct lhv_lapic *apic, unsigned int error, bool own);
/* The interrupt of an LVT entry in fixed mode, by its offset. */
void lapic_raise_lvt(struct lhv_lapic *apic, u32 offset, bool own);
/* Writable bits of a register, by its number (offset / 16, below 64). */
u32 lapic_writable(struct lhv_lapic *apic, unsigned int reg);
void lapic_set_svr(struct lhv_lapic *apic, u32 val);

/* ---- lapic-state.c ---- */
/* To all who keep what follows from the APIC's mode, ID, LDR or DFR. */
void lapic_announce(struct lhv_lapic *apic);

/* ---- lapic-timer.c ---- */
void lapic_timer_expired(struct lhv_irq_timer *timer);
void lapic_timer_set_mode(struct lhv_lapic *apic, u8 mode);
void lapic_timer_set_divide(struct lhv_lapic *apic, u32 tdcr);
/* Counts down from TMICT, the first time from count. */
void lapic_timer_start(struct lhv_lapic *apic, u32 count);
/* After the page was written as a whole; goes on from TMCCT. */
void lapic_timer_restore(struct lhv_lapic *apic);
u32 lapic_timer_count(struct lhv_lapic *apic);

/* ---- ipi.c ---- */
/* Fills in what the ICR, an I/O APIC's entry and MSI data have in the same places. */
void irq_message(struct lhv_irq_msg *msg, u32 low, u32 dest);
void lapic_map_update(struct lhv_irqchip *chip);
void lapic_send_icr(struct lhv_lapic *apic, u32 low);
void lapic_self_ipi(struct lhv_lapic *apic, u8 vector);
/* Any APIC the message addresses that has not finished its vector? */
bool lapic_any_unfinished(struct lhv_irqchip *chip,
			  const struct lhv_irq_msg *msg);

/* ---- i8259.c ---- */
struct lhv_pic *pic_create(struct lhv_irqchip *chip);
int pic_set(struct lhv_pic *pic, unsigned int pin, int level, int source);
void pic_access(struct lhv_pic *pic, u16 port, u8 *val, bool write);
void pic_get_state(struct lhv_pic *pic, bool slave, struct kvm_pic_state *s);
void pic_set_state(struct lhv_pic *pic, bool slave,
		   const struct kvm_pic_state *s);

/* ---- ioapic.c ---- */
struct lhv_ioapic *ioapic_create(struct lhv_irqchip *chip);
int ioapic_set(struct lhv_ioapic *ioapic, unsigned int pin, int level,
	       int source, bool line_status);
bool ioapic_access(struct lhv_ioapic *ioapic, u64 gpa, u32 *val, bool write);
void ioapic_eoi(struct lhv_ioapic *ioapic, u8 vector);
void ioapic_timer_expired(struct lhv_irq_timer *timer);
void ioapic_get_state(struct lhv_ioapic *ioapic, struct kvm_ioapic_state *s);
void ioapic_set_state(struct lhv_ioapic *ioapic,
		      const struct kvm_ioapic_state *s);

/* ---- i8254.c ---- */
bool pit_access(struct lhv_pit *pit, u16 port, u8 *val, bool write);
void pit_timer_expired(struct lhv_irq_timer *timer);
/* GSI 0 got its EOI. No lock held. */
void pit_acked(struct lhv_pit *pit);

/* ---- routing.c ---- */
int routing_set_default(struct lhv_irqchip *chip);
void routing_destroy(struct lhv_irqchip *chip);
/* Sets the bits of level-triggered messages among the first GSIs' routes. */
void routing_level_vectors(struct lhv_irqchip *chip, u32 gsis, unsigned long *vectors);

/* ---- split.c ---- */
bool split_refresh_eoi_map(struct lhv_irqchip *chip);
void split_eoi(struct lhv_lapic *apic, u8 vector);

/* ---- irqchip.c ---- */
/* There are local APICs and routing; lhv_irqchip_has_chips() tells of the rest. */
static inline bool chip_present(struct lhv_irqchip *chip)
{
	/* pairs with the two that create: the pointers before the word */
	return smp_load_acquire(&chip->present);
}

/* The PIT, NULL before KVM_CREATE_PIT2. */
static inline struct lhv_pit *chip_pit(struct lhv_irqchip *chip)
{
	/* pairs with lhv_pit_create(): what is in it before the pointer */
	return smp_load_acquire(&chip->pit);
}

/* Sources wired to one pin: the pin's level is the OR of theirs. */
static inline bool irq_source_level(unsigned long *sources, int source,
				    bool level)
{
	if (level)
		*sources |= 1UL << source;
	else
		*sources &= ~(1UL << source);
	return *sources;
}

/*
 * The new map of vectors whose EOI somebody waits for; true if it differs. The lock
 * of whoever makes the map held.
 */
bool irqchip_set_eoi_vectors(struct lhv_irqchip *chip, const unsigned long *vectors);

/* A pin got its EOI: tell the PIT and the resamplers. No lock held. */
void irqchip_pin_eoi(struct lhv_irqchip *chip, u32 irqchip, u32 pin);

#endif /* LHV_IRQCHIP_INTERNAL_H */
