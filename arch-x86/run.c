// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_RUN: the two rings. The inner one runs with preemption off and the
 * guest's FPU loaded: enter, exit, handle, enter again. The outer one does what
 * must sleep and decides about going back to userspace. Called by module/ with
 * the vCPU's mutex held; how an entry is made is the vendor's, what an exit
 * means is exits.c's, pio.c's and mmio.c's.
 */
#include <linux/bitops.h>
#include <linux/irqflags.h>
#include <linux/sched/signal.h>

#include "../module/compat.h"
#include "debug.h"
#include "guest-debug.h"
#include "host.h"
#include "trace.h"
#include "vendor.h"

DEFINE_STATIC_KEY_FALSE(lhv_irqs_off_key);

/**
 * lhv_vcpu_load() - make the vendor's control block current on this CPU
 * @vcpu: its mutex held
 *
 * Interrupts on. Preemption is off until lhv_vcpu_put(), and interrupts are
 * where lhv_irqs_off_in_ring(): no lock may be waited for in between whose
 * holder may wait for this CPU.
 */
void lhv_vcpu_load(struct lhv_vcpu *vcpu)
{
	preempt_disable();
	lhv_vendor_call(load)(vcpu);
}

void lhv_vcpu_put(struct lhv_vcpu *vcpu)
{
	lhv_vendor_call(put)(vcpu);
	preempt_enable();
}

/**
 * lhv_vcpu_cache_regs() - have registers in vcpu->regs[], outside the ring
 * @vcpu: its mutex held, not loaded
 * @regs: bits of enum lhv_reg
 *
 * The control block is made current only for what is not there yet: on VMX that
 * may cost a window (vmx/owner.c).
 */
void lhv_vcpu_cache_regs(struct lhv_vcpu *vcpu, u32 regs)
{
	unsigned long missing = regs & ~vcpu->regs_avail;
	unsigned int reg;

	if (!missing)
		return;
	lhv_vcpu_load(vcpu);
	for_each_set_bit(reg, &missing, 32)
		lhv_vendor_call(cache_reg)(vcpu, reg);
	lhv_vcpu_put(vcpu);
}

/* ---- the inner ring ---- */

/**
 * lhv_leave_with() - KVM_RUN ends
 * @vcpu: its kvm_run is filled in
 * @ret: what it answers
 */
enum lhv_next lhv_leave_with(struct lhv_vcpu *vcpu, int ret)
{
	vcpu->run_ret = ret;
	return LHV_USER;
}

static enum lhv_next step_out(struct lhv_vcpu *vcpu,
			      enum lhv_next (*outer)(struct lhv_vcpu *vcpu))
{
	vcpu->outer = outer;
	return LHV_STEP_OUT;
}

/* vcpu->fault_gpa, where it can be had. May sleep. */
static enum lhv_fault bring_in(struct lhv_vcpu *vcpu)
{
	struct lhv_mmu *mmu = &vcpu->vm->mmu;
	enum lhv_fault ret = lhv_mmu_fault(mmu, vcpu->fault_gpa, vcpu->fault_access, true);

	/* Page tables are wanted writable, for A and D bits; ROM is fine too. */
	if (ret == LHV_FAULT_MMIO && vcpu->fault_access == LHV_ACC_WRITE)
		ret = lhv_mmu_fault(mmu, vcpu->fault_gpa, LHV_ACC_READ, true);
	return ret;
}

/* It may come to nothing, and does so without the guest: others have their turn. */
static enum lhv_next try_again(struct lhv_vcpu *vcpu)
{
	cond_resched();
	return signal_pending(current) ? lhv_interrupted(vcpu) : LHV_RESUME;
}

static enum lhv_next outer_clock(struct lhv_vcpu *vcpu)
{
	enum lhv_fault ret = bring_in(vcpu);

	if (ret == LHV_FAULT_ERROR || ret == LHV_FAULT_HWPOISON)
		lhv_clock_leave_out(vcpu);
	return try_again(vcpu);
}

/* The clock pages must be at hand; the outer ring brings in what is not. */
static enum lhv_next update_clock(struct lhv_vcpu *vcpu)
{
	if (lhv_clock_update(vcpu) != -EAGAIN)
		return LHV_RESUME;
	lhv_self_request(vcpu, LHV_REQ_CLOCK);
	return step_out(vcpu, outer_clock);
}

static bool take(struct lhv_vcpu *vcpu, enum lhv_request req)
{
	return lhv_has_request(vcpu, req) && test_and_clear_bit(req, &vcpu->requests);
}

/* Requests that only make hardware follow what has changed. */
static void take_hardware_requests(struct lhv_vcpu *vcpu)
{
	if (take(vcpu, LHV_REQ_CPUID)) {
		lhv_vendor.set_cr4(vcpu, lhv_reg_read(vcpu, LHV_CR4));
		lhv_vendor.update_controls(vcpu);
	}
	if (take(vcpu, LHV_REQ_LOGGING) | take(vcpu, LHV_REQ_APIC_MODE))
		lhv_vendor.update_controls(vcpu);
	if (take(vcpu, LHV_REQ_TSC))
		lhv_vendor.write_tsc_offset(vcpu);
	if (take(vcpu, LHV_REQ_EOI_MAP))
		lhv_vendor.update_eoi_map(vcpu);
}

/* SDM, "Nonmaskable Interrupt": one in delivery, one more latched. */
static void take_nmi(struct lhv_vcpu *vcpu)
{
	if (!vcpu->nmi_pending)
		vcpu->nmi_pending = true;
	else
		vcpu->nmi_queued = 1;
	lhv_self_request(vcpu, LHV_REQ_EVENT);
}

static enum lhv_next take_events(struct lhv_vcpu *vcpu)
{
	unsigned long *events = &vcpu->lapic.events;

	if (unlikely(READ_ONCE(*events))) {
		if (test_and_clear_bit(LHV_APIC_EVENT_TIMER, events))
			lhv_lapic_timer_fired(&vcpu->lapic);
		if (test_and_clear_bit(LHV_APIC_EVENT_NMI, events))
			take_nmi(vcpu);
		if (READ_ONCE(*events)) {
			lhv_self_request(vcpu, LHV_REQ_EVENT);
			return step_out(vcpu, lhv_outer_block);
		}
	}
	lhv_process_events(vcpu);
	return LHV_RESUME;
}

static enum lhv_next user_eoi(struct lhv_vcpu *vcpu)
{
	vcpu->run->exit_reason = KVM_EXIT_IOAPIC_EOI;
	vcpu->run->eoi.vector = vcpu->user_eoi;
	return lhv_leave_with(vcpu, 0);
}

static enum lhv_next take_requests(struct lhv_vcpu *vcpu)
{
	enum lhv_next next;

	if (unlikely(READ_ONCE(vcpu->vm->dead)))
		return lhv_leave_with(vcpu, -EIO);
	if (take(vcpu, LHV_REQ_TRIPLE_FAULT))
		return lhv_exit_triple_fault(vcpu);
	if (take(vcpu, LHV_REQ_USER_EOI))
		return user_eoi(vcpu);
	if (take(vcpu, LHV_REQ_STEPPED))
		return lhv_exit_stepped(vcpu);
	if (take(vcpu, LHV_REQ_TLB_FLUSH)) {
		lhv_debug_flush_made(vcpu);
		lhv_vendor_call(flush_tlb)(vcpu);
	}
	if (take(vcpu, LHV_REQ_NMI))
		take_nmi(vcpu);
	if (vcpu->requests & ~BIT(LHV_REQ_EVENT))
		take_hardware_requests(vcpu);
	if (take(vcpu, LHV_REQ_CLOCK)) {
		next = update_clock(vcpu);
		if (next != LHV_RESUME)
			return next;
	}
	if (take(vcpu, LHV_REQ_EVENT))
		return take_events(vcpu);
	return LHV_RESUME;
}

static enum lhv_next irq_window_open(struct lhv_vcpu *vcpu)
{
	vcpu->run->exit_reason = KVM_EXIT_IRQ_WINDOW_OPEN;
	return lhv_leave_with(vcpu, 0);
}

static void trace_entry(struct lhv_vcpu *vcpu)
{
	if (trace_kvm_entry_enabled())
		trace_kvm_entry(vcpu->id, lhv_reg_read(vcpu, LHV_RIP));
}

static __always_inline void irqs_on_in_ring(void)
{
	if (!lhv_irqs_off_in_ring())
		local_irq_enable();
}

/* Enter once and handle the exit. */
static enum lhv_next enter_once(struct lhv_vcpu *vcpu)
{
	enum lhv_next next;

	if (vcpu->requests) {
		next = take_requests(vcpu);
		if (next != LHV_RESUME)
			return next;
	}
	local_irq_disable();
	/* Pairs with lhv_vcpu_kick(): requests and work are looked at after. */
	smp_store_mb(vcpu->mode, LHV_IN_GUEST);
	if (unlikely(vcpu->requests || lhv_host_work_pending())) {
		WRITE_ONCE(vcpu->mode, LHV_OUTSIDE);
		irqs_on_in_ring();
		return vcpu->requests && !lhv_host_work_pending() ? LHV_RESUME :
		       step_out(vcpu, lhv_outer_work);
	}
	trace_entry(vcpu);
	lhv_debug_check_entry(vcpu);
	lhv_vendor_call(enter)(vcpu);
	WRITE_ONCE(vcpu->mode, LHV_OUTSIDE);
	vcpu->stat.enters++;
	irqs_on_in_ring();
	return lhv_vendor_call(handle_exit)(vcpu);
}

/* The one place that fills in what userspace sees at every exit. */
static void fill_run(struct lhv_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	run->if_flag = !!(lhv_reg_read(vcpu, LHV_RFLAGS) & X86_EFLAGS_IF);
	run->flags = 0;
	run->cr8 = lhv_guest_get_cr8(vcpu);
	run->apic_base = vcpu->vm->has_irqchip ? vcpu->lapic.base : vcpu->apic_base;
	run->ready_for_interrupt_injection = !lhv_user_irqs(vcpu) ||
					     lhv_ready_for_user_irq(vcpu);
}

static enum lhv_next run_guest(struct lhv_vcpu *vcpu)
{
	bool user_irqs = lhv_user_irqs(vcpu);
	enum lhv_next next;

	do {
		next = enter_once(vcpu);
		if (unlikely(user_irqs) && lhv_wants_user_window(vcpu) &&
		    (next == LHV_RESUME || vcpu->mp_state == KVM_MP_STATE_HALTED)) {
			if (lhv_ready_for_user_irq(vcpu))
				return irq_window_open(vcpu);
			lhv_self_request(vcpu, LHV_REQ_EVENT);
		}
	} while (next == LHV_RESUME);
	return next;
}

/* One stay in the inner ring: finish the I/O that waited, then run. */
static enum lhv_next inner_ring(struct lhv_vcpu *vcpu, bool enter)
{
	enum lhv_next (*complete)(struct lhv_vcpu *vcpu) = vcpu->complete;
	enum lhv_next next = LHV_RESUME;

	/* Who slept through a reboot's patience finds no VMX operation any more. */
	if (unlikely(READ_ONCE(vcpu->vm->dead)))
		return lhv_leave_with(vcpu, -EIO);
	/* The kernel's FPU section begins and ends with interrupts on. */
	lhv_fpu_load_guest(vcpu);
	lhv_vcpu_load(vcpu);
	lhv_part_from_last_guest(vcpu);
	lhv_vendor_call(ring_enter)(vcpu);
	if (complete) {
		vcpu->complete = NULL;
		next = complete(vcpu);
	}
	if (enter && next == LHV_RESUME)
		next = run_guest(vcpu);
	else if (next == LHV_RESUME && take(vcpu, LHV_REQ_STEPPED))
		next = lhv_exit_stepped(vcpu);
	/* What was armed and not consumed must be visible to userspace. */
	lhv_vendor_call(cancel_injection)(vcpu);
	fill_run(vcpu);
	lhv_vendor_call(ring_leave)(vcpu);
	lhv_barrier_before_user();
	lhv_vcpu_put(vcpu);
	lhv_fpu_save_guest(vcpu);
	return next;
}

/* ---- the outer ring ---- */

/**
 * lhv_interrupted() - KVM_RUN ends for a signal or for task work
 * @vcpu: outside the ring
 *
 * Task work is the kernel's own and comes with every tick on some versions (the
 * scheduler's, for restartable sequences). Userspace should not see it: the kernel
 * restarts the system call once it is done, unless a signal's handler ran, after
 * which it is EINTR. It looks for restarts where it looks for signals only.
 */
enum lhv_next lhv_interrupted(struct lhv_vcpu *vcpu)
{
	vcpu->run->exit_reason = KVM_EXIT_INTR;
	if (task_sigpending(current))
		return lhv_leave_with(vcpu, -EINTR);
	set_thread_flag(TIF_NOTIFY_SIGNAL);
	return lhv_leave_with(vcpu, -ERESTARTNOHAND);
}

/**
 * lhv_outer_work() - what the scheduler or a signal wants of this thread
 * @vcpu: outside the ring
 */
enum lhv_next lhv_outer_work(struct lhv_vcpu *vcpu)
{
	if (signal_pending(current) || lhv_handle_host_work())
		return lhv_interrupted(vcpu);
	return LHV_RESUME;
}

/* A loop of PAUSEs: whoever else wants this processor has it first. */
enum lhv_next lhv_outer_yield(struct lhv_vcpu *vcpu)
{
	yield();
	return lhv_outer_work(vcpu);
}

/**
 * lhv_outer_fault() - bring vcpu->fault_gpa in, which may sleep
 * @vcpu: outside the ring
 *
 * The guest (or the completion that stepped out) then tries again.
 */
enum lhv_next lhv_outer_fault(struct lhv_vcpu *vcpu)
{
	switch (bring_in(vcpu)) {
	case LHV_FAULT_ERROR:
		return lhv_leave_with(vcpu, -EFAULT);
	case LHV_FAULT_HWPOISON:
		return lhv_leave_with(vcpu, -EHWPOISON);
	default:
		return try_again(vcpu);
	}
}

enum lhv_next lhv_step_out_fault(struct lhv_vcpu *vcpu)
{
	return step_out(vcpu, lhv_outer_fault);
}

static int run_loop(struct lhv_vcpu *vcpu)
{
	enum lhv_next next;

	if (unlikely(vcpu->mp_state != KVM_MP_STATE_RUNNABLE)) {
		vcpu->outer = lhv_outer_block;
		next = LHV_STEP_OUT;
	} else {
		next = inner_ring(vcpu, true);
	}
	while (next != LHV_USER) {
		if (next == LHV_STEP_OUT) {
			vcpu->stat.steps_out++;
			next = vcpu->outer(vcpu);
		}
		if (next == LHV_RESUME)
			next = inner_ring(vcpu, true);
	}
	return vcpu->run_ret;
}

/*
 * immediate_exit: the I/O that userspace has answered is finished, no more. What
 * kvm_run says of interrupts is true all the same: who injects them looks there.
 */
static int finish_io_only(struct lhv_vcpu *vcpu)
{
	enum lhv_next next = LHV_RESUME;

	if (!vcpu->complete) {
		lhv_vcpu_load(vcpu);
		fill_run(vcpu);
		lhv_vcpu_put(vcpu);
	}
	while (vcpu->complete) {
		next = inner_ring(vcpu, false);
		if (next == LHV_STEP_OUT)
			next = vcpu->outer(vcpu);
		if (next == LHV_USER)
			return vcpu->run_ret;
	}
	return -EINTR;
}

/* An application processor that nobody has started yet. */
static int wait_for_start(struct lhv_vcpu *vcpu)
{
	if (lhv_immediate_exit(vcpu->run))
		return -EINTR;
	if (lhv_outer_block(vcpu) == LHV_USER)
		return vcpu->run_ret;
	vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
	return -EAGAIN;
}

/**
 * lhv_vcpu_run() - KVM_RUN
 * @vcpu: its mutex held; current->mm is the VM's
 *
 * May sleep. Return: 0 with vcpu->run filled in; -EINTR after a signal (with
 * KVM_EXIT_INTR) or with immediate_exit; -ERESTARTNOHAND, which userspace does not
 * see, for task work; -EAGAIN for a processor that was not started; -EFAULT where
 * the VMM's mapping does not back guest memory; -EIO for a VM that was killed.
 */
int lhv_vcpu_run(struct lhv_vcpu *vcpu)
{
	int ret;

	if (!vcpu->vm->has_irqchip &&
	    lhv_guest_set_cr8(vcpu, READ_ONCE(vcpu->run->cr8)))
		ret = -EINVAL;
	else if (unlikely(vcpu->mp_state == KVM_MP_STATE_UNINITIALIZED))
		ret = wait_for_start(vcpu);
	else if (unlikely(lhv_immediate_exit(vcpu->run)))
		ret = finish_io_only(vcpu);
	else
		ret = run_loop(vcpu);
	return ret;
}
