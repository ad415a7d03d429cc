// SPDX-License-Identifier: GPL-2.0
/*
 * Local APIC, its registers: what reading and writing each one does, in xAPIC
 * and in x2APIC mode.
 *
 * Called by arch-x86/ for the guest's accesses, on the vCPU's own thread. How
 * the guest got here (MMIO, MSR, or the hardware's trap behind a write) it may
 * not know. Written from the Intel SDM, chapter "Advanced Programmable Interrupt
 * Controller".
 */
#include "internal.h"
#include "lapic-regs.h"

#define REG(offset)	((offset) >> 4)
#define R(offset)	BIT_ULL(REG(offset))
#define R8(offset)	(0xffULL << REG(offset))
#define NR_REGS		64

static_assert(NR_REGS * 16 == sizeof_field(struct kvm_lapic_state, regs));

#define LVT_REGS (R(LAPIC_LVTT) | R(LAPIC_LVT_THERMAL) | R(LAPIC_LVT_PERF) | \
		  R(LAPIC_LVT_LINT0) | R(LAPIC_LVT_LINT1) | R(LAPIC_LVT_ERROR))

static const u64 x2_readable = R(LAPIC_ID) | R(LAPIC_LVR) | R(LAPIC_TPR) | R(LAPIC_PPR) |
	R(LAPIC_LDR) | R(LAPIC_SVR) | R8(LAPIC_ISR) | R8(LAPIC_TMR) |
	R8(LAPIC_IRR) | R(LAPIC_ESR) | R(LAPIC_ICR) | LVT_REGS |
	R(LAPIC_TMICT) | R(LAPIC_TMCCT) | R(LAPIC_TDCR);

static const u64 x2_writable = R(LAPIC_TPR) | R(LAPIC_EOI) | R(LAPIC_SVR) | R(LAPIC_ESR) |
	R(LAPIC_ICR) | LVT_REGS | R(LAPIC_TMICT) | R(LAPIC_TDCR) | R(LAPIC_SELF_IPI);

static const u64 xapic_only = R(LAPIC_DFR) | R(LAPIC_ICR2);

/* Others go by what these say. */
static const u64 announced = R(LAPIC_ID) | R(LAPIC_LDR) | R(LAPIC_DFR);

/* What a register reads is not what lies in the page. */
static const u64 computed = R(LAPIC_PPR) | R(LAPIC_TMCCT);

#define LVT_BASIC	(LAPIC_LVT_VECTOR | LAPIC_LVT_MASKED)
#define LVT_MODED	(LVT_BASIC | 7 << 8)
#define LVT_PIN		(LVT_MODED | BIT(13) | BIT(15))

/* Writable bits; xAPIC mode drops the others, x2APIC mode refuses them. */
static const u32 writable_bits[NR_REGS] = {
	[REG(LAPIC_ID)] = 0xff000000,
	[REG(LAPIC_TPR)] = 0xff,
	[REG(LAPIC_LDR)] = 0xff000000,
	[REG(LAPIC_DFR)] = 0xf0000000,
	[REG(LAPIC_SVR)] = 0x3ff,
	[REG(LAPIC_ICR)] = 0x000cdfff,
	[REG(LAPIC_ICR2)] = 0xff000000,
	[REG(LAPIC_LVTT)] = LVT_BASIC | 3 << 17,
	[REG(LAPIC_LVT_THERMAL) ... REG(LAPIC_LVT_PERF)] = LVT_MODED,
	[REG(LAPIC_LVT_LINT0) ... REG(LAPIC_LVT_LINT1)] = LVT_PIN,
	[REG(LAPIC_LVT_ERROR)] = LVT_BASIC,
	[REG(LAPIC_TMICT)] = ~0U,
	[REG(LAPIC_TDCR)] = 0xb,
	[REG(LAPIC_SELF_IPI)] = 0xff,
};

u32 lapic_writable(struct lhv_lapic *apic, unsigned int reg)
{
	u32 bits = writable_bits[reg];

	if (reg == REG(LAPIC_LVTT) && !apic->has_tsc_deadline)
		bits &= ~BIT(18);
	return bits;
}

void lapic_raise_lvt(struct lhv_lapic *apic, u32 offset, bool own)
{
	u32 lvt = lapic_get(apic, offset);
	u8 vector = lvt & LAPIC_LVT_VECTOR;

	/* userspace may have unmasked it while the APIC is disabled by software */
	if (lvt & LAPIC_LVT_MASKED || !apic->sw_enabled)
		return;
	if (vector < LAPIC_FIRST_VECTOR)
		lapic_error(apic, LAPIC_ERR_RECEIVE_VECTOR, own);
	else
		lapic_request(apic, vector, false, own);
}

/*
 * An error is recorded until ESR is written, and is an interrupt when it is
 * new. That interrupt's own vector being illegal is an error too, which ends
 * here: it is not new a second time.
 */
void lapic_error(struct lhv_lapic *apic, unsigned int error, bool own)
{
	if (!test_and_set_bit(error, &apic->esr_pending))
		lapic_raise_lvt(apic, LAPIC_LVT_ERROR, own);
}

static u32 compute(struct lhv_lapic *apic, unsigned int reg)
{
	return reg == REG(LAPIC_PPR) ? lhv_lapic_ppr(apic) : lapic_timer_count(apic);
}

/**
 * lhv_lapic_read - read a register
 * @apic: a local APIC that is enabled
 * @offset: in its page; in x2APIC mode the MSR's number less 0x800, times 16
 * @val: receives the value; of the x2APIC's ICR the lower half
 *
 * Own thread. What xAPIC mode does not have reads as 0 and is an illegal
 * register address in ESR.
 *
 * Return: 0, or -EINVAL where x2APIC mode raises #GP.
 */
int lhv_lapic_read(struct lhv_lapic *apic, u32 offset, u32 *val)
{
	u64 readable = x2_readable;
	unsigned int reg = array_index_nospec(REG(offset) & (NR_REGS - 1), NR_REGS);

	*val = 0;
	if (apic->mode != LHV_APIC_X2APIC)
		readable |= xapic_only;
	if (likely(offset < NR_REGS * 16 && !(offset & 15) && readable & BIT_ULL(reg))) {
		*val = computed & BIT_ULL(reg) ? compute(apic, reg) : lapic_get(apic, reg * 16);
		return 0;
	}
	if (apic->mode == LHV_APIC_X2APIC)
		return -EINVAL;
	if (!(offset & 15))
		lapic_error(apic, LAPIC_ERR_REGISTER, true);
	return 0;
}

/**
 * lhv_lapic_x2_read - RDMSR of an x2APIC register
 * @apic: a local APIC
 * @msr: 0x800 to 0x8ff
 * @val: receives the value
 *
 * Own thread.
 *
 * Return: 0, or -EINVAL for #GP.
 */
int lhv_lapic_x2_read(struct lhv_lapic *apic, u32 msr, u64 *val)
{
	u32 low;
	int err;

	if (apic->mode != LHV_APIC_X2APIC)
		return -EINVAL;
	err = lhv_lapic_read(apic, (msr - 0x800) << 4, &low);
	*val = low;
	if (msr == 0x800 + REG(LAPIC_ICR))
		*val |= (u64)lapic_get(apic, LAPIC_ICR + 4) << 32;
	return err;
}

/* Disabled by software, all of the LVT is masked and stays so. */
void lapic_set_svr(struct lhv_lapic *apic, u32 val)
{
	u32 lvt;

	lapic_put(apic, LAPIC_SVR, val & LAPIC_SVR_BITS);
	apic->sw_enabled = val & LAPIC_SVR_ENABLE;
	for (lvt = LAPIC_LVTT; !apic->sw_enabled && lvt <= LAPIC_LVT_ERROR; lvt += 16)
		lapic_or(apic, lvt, LAPIC_LVT_MASKED);
}

/* A register that holds what is written. */
static void write_plain(struct lhv_lapic *apic, unsigned int reg, u32 val)
{
	val &= lapic_writable(apic, reg);
	if (LVT_REGS & BIT_ULL(reg) && !apic->sw_enabled)
		val |= LAPIC_LVT_MASKED;
	if (reg == REG(LAPIC_DFR))
		val |= LAPIC_DFR_CLUSTER;
	lapic_put(apic, reg * 16, val);
	if (reg == REG(LAPIC_LVTT))
		lapic_timer_set_mode(apic, LAPIC_LVTT_MODE(val));
	else if (reg == REG(LAPIC_TDCR))
		lapic_timer_set_divide(apic, val);
	else if (announced & BIT_ULL(reg))
		lapic_announce(apic);
}

static void write_register(struct lhv_lapic *apic, unsigned int reg, u32 val)
{
	switch (reg) {
	case REG(LAPIC_EOI):
		lapic_put(apic, LAPIC_EOI, 0);
		lhv_lapic_eoi(apic);
		break;
	case REG(LAPIC_ICR):
		lapic_put(apic, LAPIC_ICR, val & ~LAPIC_LVT_STATUS);
		lapic_send_icr(apic, val);
		break;
	case REG(LAPIC_TMICT):
		lapic_put(apic, LAPIC_TMICT, apic->timer_mode >= LAPIC_TIMER_DEADLINE ? 0 : val);
		lapic_timer_start(apic, val);
		break;
	case REG(LAPIC_SELF_IPI):
		lapic_self_ipi(apic, val);
		break;
	case REG(LAPIC_ESR):
		lapic_put(apic, LAPIC_ESR, xchg(&apic->esr_pending, 0));
		break;
	case REG(LAPIC_SVR):
		lapic_set_svr(apic, val);
		break;
	default:
		write_plain(apic, reg, val);
	}
}

/**
 * lhv_lapic_x2_write - WRMSR of an x2APIC register
 * @apic: a local APIC
 * @msr: 0x800 to 0x8ff
 * @val: the value
 *
 * Own thread.
 *
 * Return: 0, or -EINVAL for #GP.
 */
int lhv_lapic_x2_write(struct lhv_lapic *apic, u32 msr, u64 val)
{
	u32 reg = msr - 0x800, reserved;

	if (apic->mode != LHV_APIC_X2APIC || reg >= NR_REGS)
		return -EINVAL;
	reg = array_index_nospec(reg, NR_REGS);
	reserved = ~lapic_writable(apic, reg);
	if (LVT_REGS & BIT_ULL(reg))
		reserved &= ~(LAPIC_LVT_STATUS | LAPIC_LVT_REMOTE_IRR);
	if (!(x2_writable & BIT_ULL(reg)) || (u32)val & reserved)
		return -EINVAL;
	if (reg == REG(LAPIC_ICR))
		lapic_put(apic, LAPIC_ICR + 4, val >> 32);
	else if (val >> 32)
		return -EINVAL;
	write_register(apic, reg, val);
	return 0;
}

/**
 * lhv_lapic_write - write a register
 * @apic: a local APIC that is enabled
 * @offset: in its page; in x2APIC mode the MSR's number less 0x800, times 16
 * @val: the value; of the x2APIC's ICR the lower half, the upper one is as it is
 *
 * Own thread. May send interrupts.
 *
 * Return: 0, or -EINVAL where x2APIC mode raises #GP.
 */
int lhv_lapic_write(struct lhv_lapic *apic, u32 offset, u32 val)
{
	u64 writable = (x2_writable | xapic_only | R(LAPIC_ID) | R(LAPIC_LDR)) & ~R(LAPIC_SELF_IPI);
	unsigned int reg = array_index_nospec(REG(offset) & (NR_REGS - 1), NR_REGS);
	u64 high = 0;

	if (apic->mode == LHV_APIC_X2APIC) {
		if (offset == LAPIC_ICR)
			high = lapic_get(apic, LAPIC_ICR + 4);
		return lhv_lapic_x2_write(apic, 0x800 + REG(offset), high << 32 | val);
	}
	if (offset & 15)
		return 0;
	if (likely(offset < NR_REGS * 16 && writable & BIT_ULL(reg)))
		write_register(apic, reg, val);
	else if (offset >= NR_REGS * 16 || !(x2_readable & BIT_ULL(reg))) /* not read-only */
		lapic_error(apic, LAPIC_ERR_REGISTER, true);
	return 0;
}

/**
 * lhv_lapic_write_trapped - act on a value the hardware has put into the page
 * @apic: a local APIC
 * @offset: of the register
 *
 * Own thread, behind an APIC-write exit. There is no fault to raise any more:
 * what x2APIC mode would refuse has no effect.
 */
void lhv_lapic_write_trapped(struct lhv_lapic *apic, u32 offset)
{
	offset &= 0xff0;
	lhv_lapic_write(apic, offset, lapic_get(apic, offset));
}

/**
 * lhv_lapic_accepts_extint - is the 8259's interrupt let through?
 * @apic: a local APIC
 *
 * Any context, a snapshot.
 *
 * Return: true when LINT0 is unmasked in ExtINT mode or the APIC is disabled,
 * so that the pin is the processor's INTR.
 */
bool lhv_lapic_accepts_extint(struct lhv_lapic *apic)
{
	u32 lvt = lapic_get(apic, LAPIC_LVT_LINT0);

	return apic->mode == LHV_APIC_DISABLED ||
	       (!(lvt & LAPIC_LVT_MASKED) && LAPIC_LVT_MODE(lvt) == LAPIC_DM_EXTINT);
}
