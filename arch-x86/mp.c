// SPDX-License-Identifier: GPL-2.0
/*
 * Multiprocessor states: HLT, INIT, SIPI, and the sleep of a vCPU that has
 * nothing to do. Called by run.c in the outer ring and by state.c.
 */
#include <linux/rcuwait.h>
#include <linux/sched/signal.h>

#include "vendor.h"

/* SDM, "Multiple-Processor Initialization": CS is vector << 8, IP 0. */
static void start_at(struct lhv_vcpu *vcpu, u8 vector)
{
	struct lhv_segment cs;

	lhv_vendor.get_seg(vcpu, LHV_SEG_CS, &cs);
	cs.selector = vector << 8;
	cs.base = vector << 12;
	lhv_vendor.set_seg(vcpu, LHV_SEG_CS, &cs);
	lhv_reg_write(vcpu, LHV_RIP, 0);
	vcpu->mp_state = KVM_MP_STATE_RUNNABLE;
}

static void take_init(struct lhv_vcpu *vcpu)
{
	bool bsp = vcpu->lapic.base & MSR_IA32_APICBASE_BSP;

	lhv_vcpu_reset(vcpu, true);
	vcpu->nmi_blocked = false;
	vcpu->mp_state = bsp ? KVM_MP_STATE_RUNNABLE : KVM_MP_STATE_INIT_RECEIVED;
}

/**
 * lhv_accept_apic_events() - INIT and SIPI that have arrived take effect
 * @vcpu: own thread or the mutex held; not inside the ring
 */
void lhv_accept_apic_events(struct lhv_vcpu *vcpu)
{
	unsigned long *events = &vcpu->lapic.events;

	if (!vcpu->vm->has_irqchip || !READ_ONCE(*events))
		return;
	lhv_vcpu_load(vcpu);
	if (test_and_clear_bit(LHV_APIC_EVENT_INIT, events))
		take_init(vcpu);
	if (test_and_clear_bit(LHV_APIC_EVENT_SIPI, events) &&
	    vcpu->mp_state == KVM_MP_STATE_INIT_RECEIVED)
		start_at(vcpu, READ_ONCE(vcpu->lapic.sipi_vector));
	lhv_vcpu_put(vcpu);
}

/* Timer and NMI become what lhv_vcpu_has_events() can see. */
static void fold_events(struct lhv_vcpu *vcpu)
{
	unsigned long *events = &vcpu->lapic.events;

	if (test_and_clear_bit(LHV_APIC_EVENT_TIMER, events))
		lhv_lapic_timer_fired(&vcpu->lapic);
	if (test_and_clear_bit(LHV_APIC_EVENT_NMI, events))
		set_bit(LHV_REQ_NMI, &vcpu->requests);
}

static bool must_wake(struct lhv_vcpu *vcpu)
{
	if (READ_ONCE(vcpu->vm->dead) || READ_ONCE(vcpu->lapic.events))
		return true;
	if (vcpu->mp_state == KVM_MP_STATE_HALTED)
		return lhv_vcpu_has_events(vcpu);
	return vcpu->mp_state == KVM_MP_STATE_RUNNABLE;
}

static void sleep_until_event(struct lhv_vcpu *vcpu)
{
	prepare_to_rcuwait(&vcpu->wait);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (must_wake(vcpu) || signal_pending(current))
			break;
		schedule();
	}
	finish_rcuwait(&vcpu->wait);
}

/**
 * lhv_outer_block() - sleep until there is something to run for
 * @vcpu: outside the ring; HALTED, INIT_RECEIVED or UNINITIALIZED, or RUNNABLE
 *	with INIT or SIPI to take
 *
 * Return: LHV_RESUME when runnable (or, for one that was UNINITIALIZED, when
 * anything arrived), LHV_USER after a signal or when the VM was killed.
 */
enum lhv_next lhv_outer_block(struct lhv_vcpu *vcpu)
{
	u32 was = vcpu->mp_state;

	lhv_vcpu_cache_regs(vcpu, BIT(LHV_RFLAGS));
	for (;;) {
		sleep_until_event(vcpu);
		if (READ_ONCE(vcpu->vm->dead))
			return lhv_leave_with(vcpu, -EIO);
		lhv_accept_apic_events(vcpu);
		fold_events(vcpu);
		if (vcpu->mp_state == KVM_MP_STATE_HALTED && lhv_vcpu_has_events(vcpu))
			vcpu->mp_state = KVM_MP_STATE_RUNNABLE;
		if (vcpu->mp_state == KVM_MP_STATE_RUNNABLE ||
		    (was == KVM_MP_STATE_UNINITIALIZED && vcpu->mp_state != was))
			break;
		if (signal_pending(current))
			return lhv_interrupted(vcpu);
	}
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	return LHV_RESUME;
}
