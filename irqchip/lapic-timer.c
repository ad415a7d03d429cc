// SPDX-License-Identifier: GPL-2.0
/*
 * Local APIC, its timer: one-shot, periodic and TSC-deadline.
 *
 * Called by lapic.c for the registers and by arch-x86/ for the deadline MSR and
 * on expiry. Time comes from the hooks; which clock drives them this file may
 * not know. The bus clock the counter divides runs at 1 GHz, so a count is a
 * nanosecond times the divide value. All of it runs on the vCPU's own thread;
 * the expiry of the hrtimer only leaves an event.
 */
#include "internal.h"
#include "lapic-regs.h"

/* 0: it does not run. */
static void set_expiry(struct lhv_lapic *apic, u64 expiry)
{
	if (expiry)
		lhv_irq_hook_timer_arm(&apic->timer, expiry);
	else if (apic->timer_expiry)
		lhv_irq_hook_timer_cancel(&apic->timer);
	apic->timer_expiry = expiry;
}

void lapic_timer_expired(struct lhv_irq_timer *timer)
{
	struct lhv_lapic *apic = container_of(timer, struct lhv_lapic, timer);

	set_bit(LHV_APIC_EVENT_TIMER, &apic->events);
	lhv_irq_hook_kick(apic);
}

static void raise(struct lhv_lapic *apic)
{
	if (apic->mode != LHV_APIC_DISABLED)
		lapic_raise_lvt(apic, LAPIC_LVTT, true);
}

/* Length of one run-down of the initial count, in ns. */
static u64 count_ns(struct lhv_lapic *apic, u32 count)
{
	return (u64)count << apic->divide_shift;
}

static u64 period_ns(struct lhv_lapic *apic)
{
	u64 ns = count_ns(apic, lapic_get(apic, LAPIC_TMICT));

	return apic->timer_mode == LAPIC_TIMER_PERIODIC ? max(ns, LHV_MIN_TIMER_PERIOD_NS) : ns;
}

/*
 * A state that is set goes on where it was read. A count of 0 there has expired,
 * and whether its interrupt was still to come cannot be seen; it is raised rather
 * than lost.
 */
void lapic_timer_start(struct lhv_lapic *apic, u32 count)
{
	u32 initial = lapic_get(apic, LAPIC_TMICT);
	u64 now = lhv_irq_hook_now();

	set_expiry(apic, 0);
	if (apic->timer_mode >= LAPIC_TIMER_DEADLINE || !initial)
		return;
	if (!count && apic->timer_mode == LAPIC_TIMER_PERIODIC)
		count = initial;
	set_expiry(apic, now + (count >= initial ? period_ns(apic) : count_ns(apic, count)));
}

/* Current count register. */
u32 lapic_timer_count(struct lhv_lapic *apic)
{
	u64 now, left, period = period_ns(apic);

	if (!apic->timer_expiry || apic->timer_mode >= LAPIC_TIMER_DEADLINE)
		return 0;
	now = lhv_irq_hook_now();
	if (now < apic->timer_expiry)
		left = apic->timer_expiry - now;
	else if (apic->timer_mode == LAPIC_TIMER_PERIODIC)
		left = period - 1 - (now - apic->timer_expiry) % period;
	else
		return 0;
	return min_t(u64, left >> apic->divide_shift, lapic_get(apic, LAPIC_TMICT));
}

/* Bits 3, 1, 0 count 2, 4, .. 128, then 1. */
static u32 divide_shift(u32 tdcr)
{
	return (((tdcr & 8) >> 1 | (tdcr & 3)) + 1) & 7;
}

/* A count that is running goes on at the new rate. */
void lapic_timer_set_divide(struct lhv_lapic *apic, u32 tdcr)
{
	u32 shift = divide_shift(tdcr);
	u32 count;

	if (shift == apic->divide_shift)
		return;
	count = lapic_timer_count(apic);
	apic->divide_shift = shift;
	if (apic->timer_expiry && apic->timer_mode < LAPIC_TIMER_DEADLINE)
		lapic_timer_start(apic, max_t(u32, count, 1));
}

/* Into and out of TSC-deadline mode the timer is disarmed (SDM). */
void lapic_timer_set_mode(struct lhv_lapic *apic, u8 mode)
{
	u8 old = apic->timer_mode;

	apic->timer_mode = mode;
	if (mode == old || (mode < LAPIC_TIMER_DEADLINE && old < LAPIC_TIMER_DEADLINE))
		return;
	set_expiry(apic, 0);
	apic->tsc_deadline = 0;
	lapic_put(apic, LAPIC_TMICT, 0);
}

/* What the registers of a state that was set say. */
void lapic_timer_restore(struct lhv_lapic *apic)
{
	apic->tsc_deadline = 0;
	apic->timer_mode = LAPIC_LVTT_MODE(lapic_get(apic, LAPIC_LVTT));
	apic->divide_shift = divide_shift(lapic_get(apic, LAPIC_TDCR));
	lapic_timer_start(apic, lapic_get(apic, LAPIC_TMCCT));
}

/* One that has passed is raised at once, without a way through a hrtimer. */
static void start_deadline(struct lhv_lapic *apic)
{
	u64 ns = lhv_irq_hook_tsc_to_ns(apic, apic->tsc_deadline);

	set_expiry(apic, ns ? lhv_irq_hook_now() + ns : 0);
	if (ns)
		return;
	apic->tsc_deadline = 0;
	raise(apic);
}

/**
 * lhv_lapic_get_tsc_deadline - IA32_TSC_DEADLINE
 * @apic: a local APIC
 *
 * Own thread, or under the vCPU's mutex.
 *
 * Return: the deadline in the guest's TSC; 0 when not armed.
 */
u64 lhv_lapic_get_tsc_deadline(struct lhv_lapic *apic)
{
	return apic->tsc_deadline;
}

/**
 * lhv_lapic_set_tsc_deadline - write IA32_TSC_DEADLINE
 * @apic: a local APIC
 * @deadline: in the guest's TSC; 0 disarms
 *
 * Without effect unless the LVT timer register selects the mode. Own thread,
 * or under the vCPU's mutex.
 */
void lhv_lapic_set_tsc_deadline(struct lhv_lapic *apic, u64 deadline)
{
	if (apic->timer_mode != LAPIC_TIMER_DEADLINE || apic->mode == LHV_APIC_DISABLED)
		return;
	apic->tsc_deadline = deadline;
	if (deadline)
		start_deadline(apic);
	else
		set_expiry(apic, 0);
}

/**
 * lhv_lapic_timer_fired - act on LHV_APIC_EVENT_TIMER
 * @apic: a local APIC
 *
 * Own thread, or under the vCPU's mutex. The event is a hint: one that comes
 * late, after the guest has set another time, does nothing. Periods that were
 * missed are one interrupt, as IRR has one bit.
 */
void lhv_lapic_timer_fired(struct lhv_lapic *apic)
{
	u64 now = lhv_irq_hook_now(), period = period_ns(apic);

	if (!apic->timer_expiry || now < apic->timer_expiry)
		return;
	if (apic->timer_mode == LAPIC_TIMER_PERIODIC)
		set_expiry(apic, now + period - (now - apic->timer_expiry) % period);
	else
		apic->timer_expiry = 0;
	if (apic->timer_mode == LAPIC_TIMER_DEADLINE)
		start_deadline(apic);
	else
		raise(apic);
}
