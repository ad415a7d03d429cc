// SPDX-License-Identifier: GPL-2.0
/*
 * The I/O APIC: 24 pins, each with a redirection entry.
 *
 * Called by routing.c for its pins, by irqchip.c for its registers and state,
 * and by the local APIC at the end of an interrupt. It sends messages and may
 * not know who receives them. Written from Intel's datasheet of the 82093AA.
 * Polarity is ignored: a line's level is said as asserted or not. There is no
 * EOI register, as the version says: a guest that wants to end an interrupt by
 * hand makes the pin edge-triggered, which clears its remote IRR.
 */
#include "internal.h"
#include "lapic-regs.h"

#define PINS			LHV_IOAPIC_PINS
#define PIN_RTC			8

#define REG_SELECT		0x00
#define REG_WINDOW		0x10
#define WINDOW_BYTES		0x100

#define INDEX_ID		0x00
#define INDEX_VERSION		0x01
#define INDEX_ARBITRATION	0x02
#define INDEX_REDIRECTION	0x10
#define VERSION			(((PINS - 1) << 16) | 0x11)

#define RTE_MODE(rte)		(((rte) >> 8) & 7)
#define RTE_STATUS		BIT_ULL(12)
#define RTE_REMOTE_IRR		BIT_ULL(14)
#define RTE_LEVEL		BIT_ULL(15)
#define RTE_MASKED		BIT_ULL(16)
#define RTE_READ_ONLY		(RTE_STATUS | RTE_REMOTE_IRR)
#define RTE_IMPLEMENTED		(0xff0000000001ffffULL)

/*
 * A level line that nobody lowers is raised anew at each EOI. After so many in
 * a row the guest gets a pause, that it may get to do something else.
 */
#define STORM_EOIS		10000
#define STORM_PAUSE_NS		10000000ULL

static_assert(KVM_IOAPIC_NUM_PINS == PINS);

struct lhv_ioapic {
	struct lhv_irqchip *chip;
	raw_spinlock_t lock;		/* guards all below; the base is also read without */
	struct kvm_ioapic_state state;	/* irr: only in what userspace gets */
	unsigned long sources[PINS];
	/* from here on all begins anew when userspace sets the state */
	u32 asserted;			/* pins whose line is asserted */
	u32 delivered;			/* edges of them that have been sent */
	u32 paused;			/* level pins waiting for the pause's end */
	u16 eois[PINS];			/* in a row, line still asserted */
	struct lhv_irq_msg rtc_tick;	/* the last one sent */
};

static bool is_level(u64 rte)
{
	return rte & RTE_LEVEL && RTE_MODE(rte) <= LAPIC_DM_LOWEST;
}

/* ---- which EOIs concern anybody ---- */

/* Lock held. Masked pins too: one may be masked while it is in service. */
static bool refresh_eoi_map(struct lhv_ioapic *ioapic)
{
	struct lhv_irqchip *chip = ioapic->chip;
	bool resamplers = lhv_irq_hook_has_resamplers(chip);
	DECLARE_BITMAP(vectors, 256) = { };
	unsigned int pin;
	u64 rte;

	for (pin = 0; pin < PINS; pin++) {
		rte = ioapic->state.redirtbl[pin].bits;
		if (RTE_MODE(rte) <= LAPIC_DM_LOWEST &&
		    (resamplers || is_level(rte) ||
		     (chip_pit(chip) && lhv_irq_gsi_on_pin(chip, 0, KVM_IRQCHIP_IOAPIC, pin))))
			__set_bit(rte & 0xff, vectors);
	}
	return irqchip_set_eoi_vectors(chip, vectors);
}

/**
 * lhv_irqchip_update_eoi_map - who waits for EOIs has changed
 * @chip: the VM's chips
 *
 * Any context.
 */
void lhv_irqchip_update_eoi_map(struct lhv_irqchip *chip)
{
	struct lhv_ioapic *ioapic = chip->ioapic;
	unsigned long flags;
	bool changed;

	if (!ioapic) {
		changed = split_refresh_eoi_map(chip);
	} else {
		raw_spin_lock_irqsave(&ioapic->lock, flags);
		changed = refresh_eoi_map(ioapic);
		raw_spin_unlock_irqrestore(&ioapic->lock, flags);
	}
	if (changed)
		lhv_irq_hook_eoi_map_changed(chip);
}

/* ---- pins ---- */

/*
 * Lock held. Sends what the pin asks for. A level pin sends once until its EOI.
 * Where no APIC took it remote IRR stays clear: no EOI would come.
 */
static int send(struct lhv_ioapic *ioapic, unsigned int pin)
{
	u64 rte = ioapic->state.redirtbl[pin].bits;
	struct lhv_irq_msg msg;
	bool level = is_level(rte);
	int ret;

	if (rte & RTE_MASKED || (level && rte & RTE_REMOTE_IRR))
		return -1;
	irq_message(&msg, rte, rte >> 56);
	ret = lhv_irq_deliver(ioapic->chip, NULL, &msg);
	if (level && ret > 0)
		ioapic->state.redirtbl[pin].bits |= RTE_REMOTE_IRR;
	if (level)
		return ret;
	ioapic->delivered |= BIT(pin);
	if (pin == PIN_RTC)
		ioapic->rtc_tick = msg;
	return ret;
}

/* Lock held. The line's new level. */
static int set_line(struct lhv_ioapic *ioapic, unsigned int pin, bool asserted, bool line_status)
{
	u32 bit = BIT(pin);
	bool rose = asserted && !(ioapic->asserted & bit);

	if (!asserted) {
		ioapic->asserted &= ~bit;
		ioapic->delivered &= ~bit;
		ioapic->eois[pin] = 0;
		return 1;
	}
	if (pin == PIN_RTC && line_status && ioapic->rtc_tick.vector &&
	    lapic_any_unfinished(ioapic->chip, &ioapic->rtc_tick))
		return 0;
	ioapic->asserted |= bit;
	if (is_level(ioapic->state.redirtbl[pin].bits))
		return ioapic->paused & bit ? 0 : send(ioapic, pin);
	return rose ? send(ioapic, pin) : 0;
}

/* >0 sent, 0 coalesced, <0 masked or nobody there. Any context. */
int ioapic_set(struct lhv_ioapic *ioapic, unsigned int pin, int level, int source, bool line_status)
{
	unsigned long flags;
	int ret;

	raw_spin_lock_irqsave(&ioapic->lock, flags);
	ret = set_line(ioapic, pin, irq_source_level(&ioapic->sources[pin], source, level),
		       line_status);
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
	return ret;
}

/* ---- end of interrupt ---- */

void ioapic_timer_expired(struct lhv_irq_timer *timer)
{
	struct lhv_ioapic *ioapic = container_of(timer, struct lhv_irqchip,
						 timers[LHV_CHIP_TIMER_IOAPIC])->ioapic;
	unsigned long flags, pins;
	unsigned int pin;

	raw_spin_lock_irqsave(&ioapic->lock, flags);
	pins = ioapic->paused & ioapic->asserted;
	ioapic->paused = 0;
	for_each_set_bit(pin, &pins, PINS)
		if (is_level(ioapic->state.redirtbl[pin].bits))
			send(ioapic, pin);
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
}

/* Lock held. A line that is still asserted is sent again. */
static void end_level(struct lhv_ioapic *ioapic, unsigned int pin, u8 vector)
{
	u64 *rte = &ioapic->state.redirtbl[pin].bits;
	u32 bit = BIT(pin);

	if (!is_level(*rte) || (*rte & 0xff) != vector)
		return;
	*rte &= ~RTE_REMOTE_IRR;
	if (!(ioapic->asserted & bit) || ioapic->paused & bit || *rte & RTE_MASKED)
		return;
	if (++ioapic->eois[pin] < STORM_EOIS) {
		send(ioapic, pin);
		return;
	}
	ioapic->eois[pin] = 0;
	ioapic->paused |= bit;
	lhv_irq_hook_timer_arm(&ioapic->chip->timers[LHV_CHIP_TIMER_IOAPIC],
			       lhv_irq_hook_now() + STORM_PAUSE_NS);
}

/*
 * Who waits for the EOI is told first, with the lock open, and may lower the
 * line: then the pin has nothing to send again.
 */
void ioapic_eoi(struct lhv_ioapic *ioapic, u8 vector)
{
	unsigned long flags, pins = 0;
	unsigned int pin;
	u64 rte;

	raw_spin_lock_irqsave(&ioapic->lock, flags);
	for (pin = 0; pin < PINS; pin++) {
		rte = ioapic->state.redirtbl[pin].bits;
		if ((rte & 0xff) == vector && RTE_MODE(rte) <= LAPIC_DM_LOWEST)
			pins |= BIT(pin);
	}
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
	if (!pins)
		return;
	for_each_set_bit(pin, &pins, PINS)
		irqchip_pin_eoi(ioapic->chip, KVM_IRQCHIP_IOAPIC, pin);
	raw_spin_lock_irqsave(&ioapic->lock, flags);
	for_each_set_bit(pin, &pins, PINS)
		end_level(ioapic, pin, vector);
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
}

/* ---- registers ---- */

/*
 * Lock held. An asserted level pin sends as soon as it may; an edge that came
 * while the pin was masked is lost (82093AA).
 */
static void write_rte(struct lhv_ioapic *ioapic, unsigned int pin, bool high, u32 val)
{
	u64 old = ioapic->state.redirtbl[pin].bits, rte;

	rte = high ? (u32)old | (u64)val << 32 : (old & ~0xffffffffULL) | val;
	rte = (rte & RTE_IMPLEMENTED & ~RTE_READ_ONLY) | (old & RTE_READ_ONLY);
	if (!(rte & RTE_LEVEL))
		rte &= ~RTE_REMOTE_IRR;
	ioapic->state.redirtbl[pin].bits = rte;
	if (is_level(rte) && ioapic->asserted & ~ioapic->paused & BIT(pin))
		send(ioapic, pin);
}

/* Lock held. The register that is selected; true if an entry was written. */
static bool access_window(struct lhv_ioapic *ioapic, u32 *val, bool write)
{
	u32 index = ioapic->state.ioregsel, half = index - INDEX_REDIRECTION;
	unsigned int pin = array_index_nospec(half / 2, PINS);

	if (half < 2 * PINS && write)
		write_rte(ioapic, pin, half & 1, *val);
	else if (half < 2 * PINS)
		*val = ioapic->state.redirtbl[pin].bits >> (half & 1 ? 32 : 0);
	else if (write && index == INDEX_ID)
		ioapic->state.id = (*val >> 24) & 15;
	else if (!write && (index == INDEX_ID || index == INDEX_ARBITRATION))
		*val = (ioapic->state.id & 15) << 24;
	else if (!write)
		*val = index == INDEX_VERSION ? VERSION : ~0U;
	return write && half < 2 * PINS;
}

/* False if the address is not the chip's. */
bool ioapic_access(struct lhv_ioapic *ioapic, u64 gpa, u32 *val, bool write)
{
	u32 offset = gpa % WINDOW_BYTES;
	unsigned long flags;
	bool changed = false;

	if (gpa - READ_ONCE(ioapic->state.base_address) >= WINDOW_BYTES)
		return false;
	raw_spin_lock_irqsave(&ioapic->lock, flags);
	if (offset == REG_SELECT && write)
		ioapic->state.ioregsel = *val & 0xff;
	else if (offset == REG_SELECT)
		*val = ioapic->state.ioregsel;
	else if (offset == REG_WINDOW)
		changed = access_window(ioapic, val, write) && refresh_eoi_map(ioapic);
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
	if (changed)
		lhv_irq_hook_eoi_map_changed(ioapic->chip);
	return true;
}

/* ---- state ---- */

void ioapic_get_state(struct lhv_ioapic *ioapic, struct kvm_ioapic_state *s)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ioapic->lock, flags);
	*s = ioapic->state;
	s->irr = ioapic->asserted & ~ioapic->delivered;
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
}

/* What the image says is asserted is sent again, as on a line that rises. */
void ioapic_set_state(struct lhv_ioapic *ioapic, const struct kvm_ioapic_state *s)
{
	unsigned long flags, irr = s->irr & GENMASK(PINS - 1, 0);
	unsigned int pin;

	raw_spin_lock_irqsave(&ioapic->lock, flags);
	ioapic->state = *s;
	ioapic->state.pad = 0;
	memset_startat(ioapic, 0, asserted);
	refresh_eoi_map(ioapic);
	for_each_set_bit(pin, &irr, PINS)
		set_line(ioapic, pin, true, true);
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
	lhv_irq_hook_eoi_map_changed(ioapic->chip);
}

struct lhv_ioapic *ioapic_create(struct lhv_irqchip *chip)
{
	struct lhv_ioapic *ioapic = kzalloc(sizeof(*ioapic), GFP_KERNEL_ACCOUNT);
	unsigned int pin;

	if (!ioapic)
		return NULL;
	raw_spin_lock_init(&ioapic->lock);
	ioapic->chip = chip;
	ioapic->state.base_address = LHV_IOAPIC_BASE;
	for (pin = 0; pin < PINS; pin++)
		ioapic->state.redirtbl[pin].bits = RTE_MASKED;
	return ioapic;
}
