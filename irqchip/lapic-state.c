// SPDX-License-Identifier: GPL-2.0
/*
 * Local APIC, its state as a whole: creation, reset and INIT, the modes that
 * IA32_APIC_BASE selects, and the image that userspace reads and sets.
 *
 * Called by arch-x86/ on the vCPU's own thread or under the vCPU's mutex. What
 * single registers do it leaves to lapic.c.
 */
#include "internal.h"
#include "lapic-regs.h"

#define BASE_FLAGS	(LAPIC_BASE_BSP | LAPIC_BASE_EXTD | LAPIC_BASE_EN)
#define PAGE_BYTES	4096

static enum lhv_apic_mode base_mode(u64 base)
{
	if (!(base & LAPIC_BASE_EN))
		return LHV_APIC_DISABLED;
	return base & LAPIC_BASE_EXTD ? LHV_APIC_X2APIC : LHV_APIC_XAPIC;
}

static void set_identity(struct lhv_lapic *apic)
{
	bool x2apic = apic->mode == LHV_APIC_X2APIC;

	lapic_put(apic, LAPIC_ID, x2apic ? apic->id : apic->id << 24);
	lapic_put(apic, LAPIC_LDR, x2apic ? lapic_x2_ldr(apic->id) : 0);
}

/* What is derived from the page, after the page was written as a whole. */
static void refresh(struct lhv_lapic *apic)
{
	memset(&apic->posted, 0, sizeof(apic->posted));
	lapic_priority_rebuild(apic);
	lapic_timer_restore(apic);
}

/* In x2APIC mode the ICR has 64 bits; else its upper half is a register of its own. */
static void place_icr(struct lhv_lapic *apic)
{
	bool x2apic = apic->mode == LHV_APIC_X2APIC;

	lapic_put(apic, LAPIC_ICR + 4, x2apic ? lapic_get(apic, LAPIC_ICR2) : 0);
	if (x2apic)
		lapic_put(apic, LAPIC_ICR2, 0);
}

/*
 * Registers as reset and INIT leave them. LINT0 of the boot processor is set
 * up for the 8259, as firmware does and as KVM starts its guests.
 */
static void reset_registers(struct lhv_lapic *apic, bool bsp)
{
	memset(apic->regs, 0, PAGE_BYTES);
	lapic_put(apic, LAPIC_LVR, LAPIC_VERSION);
	lapic_put(apic, LAPIC_DFR, LAPIC_DFR_FLAT);
	lapic_set_svr(apic, LAPIC_SVR_RESET);
	if (bsp)
		lapic_put(apic, LAPIC_LVT_LINT0, LAPIC_DM_EXTINT << 8);
	apic->esr_pending = 0;
	refresh(apic);
}

void lapic_announce(struct lhv_lapic *apic)
{
	lapic_map_update(apic->chip);
	lhv_irq_hook_apic_mode(apic);
}

/**
 * lhv_lapic_init - make a local APIC, in the state after power-on
 * @apic: zeroed memory
 * @chip: the VM's chips, lhv_irqchip_init() done
 * @page: 4096 bytes for its registers, page-aligned where hardware is to use it
 * @id: initial APIC ID, below LHV_MAX_VCPUS
 * @bsp: this is the boot processor
 *
 * Nobody can send to it before lhv_irqchip_add_lapic().
 */
void lhv_lapic_init(struct lhv_lapic *apic, struct lhv_irqchip *chip, void *page, u32 id, bool bsp)
{
	apic->chip = chip;
	apic->regs = page;
	apic->id = id;
	apic->has_tsc_deadline = true;
	/*
	 * Pinned to the CPU whose vCPU arms it: there the expiry itself ends the
	 * guest's turn, without another interrupt to tell.
	 */
	lhv_irq_hook_timer_init(&apic->timer, HRTIMER_MODE_ABS_PINNED_HARD, lapic_timer_expired);
	lhv_lapic_reset(apic, true, bsp);
}

/**
 * lhv_lapic_destroy - stop the timer for good
 * @apic: a local APIC whose vCPU runs no more
 *
 * May sleep. The page and the structure are the caller's to free, after
 * lhv_irqchip_destroy() if the APIC was published.
 */
void lhv_lapic_destroy(struct lhv_lapic *apic)
{
	lhv_irq_hook_timer_destroy(&apic->timer);
	apic->timer_expiry = 0;
}

/**
 * lhv_lapic_reset - INIT or power-on reset
 * @apic: a local APIC
 * @power_on: IA32_APIC_BASE and the APIC ID are reset too
 * @bsp: this is the boot processor
 *
 * Events that wait are the caller's to drop.
 */
void lhv_lapic_reset(struct lhv_lapic *apic, bool power_on, bool bsp)
{
	u32 id = power_on ? 0 : lapic_get(apic, LAPIC_ID);

	if (power_on) {
		apic->base = LHV_APIC_DEFAULT_BASE | LAPIC_BASE_EN | (bsp ? LAPIC_BASE_BSP : 0);
		apic->mode = LHV_APIC_XAPIC;
	}
	reset_registers(apic, bsp);
	set_identity(apic);
	if (!power_on && apic->mode != LHV_APIC_X2APIC)
		lapic_put(apic, LAPIC_ID, id);
	lapic_announce(apic);
}

/*
 * A guest that disables its APIC loses what was in it. From outside the mode is
 * only one part of a state whose others come in any order.
 */
static void enter_mode(struct lhv_lapic *apic, enum lhv_apic_mode mode, bool host_initiated)
{
	enum lhv_apic_mode old = apic->mode;

	apic->mode = mode;
	if (mode == LHV_APIC_DISABLED && !host_initiated)
		reset_registers(apic, false);
	place_icr(apic);
	if (mode == LHV_APIC_X2APIC || old == LHV_APIC_X2APIC || !host_initiated)
		set_identity(apic);
	lapic_announce(apic);
}

/**
 * lhv_lapic_set_base - write IA32_APIC_BASE
 * @apic: a local APIC
 * @base: the value
 * @host_initiated: set by userspace, which may go from any mode to any other
 * @maxphyaddr: the guest's physical address width
 * @x2apic_allowed: the guest's CPUID has x2APIC
 *
 * Return: 0, or -EINVAL for reserved bits and for transitions that the SDM
 * ("Local APIC State Transitions") makes a #GP.
 */
int lhv_lapic_set_base(struct lhv_lapic *apic, u64 base, bool host_initiated,
		       u8 maxphyaddr, bool x2apic_allowed)
{
	u64 flags = x2apic_allowed ? BASE_FLAGS : BASE_FLAGS & ~LAPIC_BASE_EXTD;
	u64 address = maxphyaddr < 64 ? BIT_ULL(maxphyaddr) - 1 : ~0ULL;
	enum lhv_apic_mode mode = base_mode(base);

	if (base & ~(flags | (address & ~0xfffULL)) ||
	    (base & (LAPIC_BASE_EXTD | LAPIC_BASE_EN)) == LAPIC_BASE_EXTD)
		return -EINVAL;
	if (!host_initiated &&
	    ((mode == LHV_APIC_X2APIC && apic->mode == LHV_APIC_DISABLED) ||
	     (mode == LHV_APIC_XAPIC && apic->mode == LHV_APIC_X2APIC)))
		return -EINVAL;
	apic->base = base;
	if (mode != apic->mode)
		enter_mode(apic, mode, host_initiated);
	return 0;
}

/**
 * lhv_lapic_get_state - KVM_GET_LAPIC
 * @apic: a local APIC
 * @s: filled in; the ID is in bits 31:24 of its register in every mode, and
 *     the destination of the x2APIC's ICR is in ICR2
 *
 * Under the vCPU's mutex.
 */
void lhv_lapic_get_state(struct lhv_lapic *apic, struct kvm_lapic_state *s)
{
	u32 *regs = (u32 *)s->regs;

	lhv_lapic_highest_irr(apic);
	memcpy(regs, apic->regs, sizeof(s->regs));
	regs[LAPIC_PPR / 4] = lhv_lapic_ppr(apic);
	regs[LAPIC_TMCCT / 4] = lapic_timer_count(apic);
	if (apic->mode != LHV_APIC_X2APIC)
		return;
	regs[LAPIC_ID / 4] <<= 24;
	regs[LAPIC_ICR2 / 4] = regs[LAPIC_ICR / 4 + 1];
	regs[LAPIC_ICR / 4 + 1] = 0;
}

/*
 * Registers whose value follows from something else, or has illegal ones. Disabled by
 * software, no guest could unmask an LVT; but a VMM that starts without a BIOS opens
 * LINT0 for the 8259 then, and the reset state has it so.
 */
static void clean_registers(struct lhv_lapic *apic)
{
	u32 reg, svr = lapic_get(apic, LAPIC_SVR) & LAPIC_SVR_BITS;

	lapic_put(apic, LAPIC_LVR, LAPIC_VERSION);
	lapic_put(apic, LAPIC_TPR, lapic_get(apic, LAPIC_TPR) & 0xff);
	lapic_put(apic, LAPIC_EOI, 0);
	for (reg = LAPIC_LVTT; reg <= LAPIC_LVT_ERROR; reg += 16)
		lapic_put(apic, reg, lapic_get(apic, reg) & lapic_writable(apic, reg >> 4));
	lapic_put(apic, LAPIC_SVR, svr);
	apic->sw_enabled = svr & LAPIC_SVR_ENABLE;
	for (reg = LAPIC_ISR; reg < LAPIC_ESR; reg += 16)
		memset(apic->regs + reg + 4, 0, 12);
	lapic_or(apic, LAPIC_DFR, LAPIC_DFR_CLUSTER);
	lapic_put(apic, LAPIC_TDCR, lapic_get(apic, LAPIC_TDCR) & 0xb);
}

/**
 * lhv_lapic_set_state - KVM_SET_LAPIC
 * @apic: a local APIC, already in the mode the image is for
 * @s: the image, in the form lhv_lapic_get_state() gives
 *
 * Under the vCPU's mutex. Bits that no guest could have set are dropped; in
 * x2APIC mode the ID and LDR are what the vCPU's ID makes them. The timer goes
 * on from its current count.
 *
 * Return: 0.
 */
int lhv_lapic_set_state(struct lhv_lapic *apic, const struct kvm_lapic_state *s)
{
	memcpy(apic->regs, s->regs, sizeof(s->regs));
	clean_registers(apic);
	place_icr(apic);
	if (apic->mode == LHV_APIC_X2APIC)
		set_identity(apic);
	refresh(apic);
	lapic_announce(apic);
	return 0;
}
