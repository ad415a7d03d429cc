// SPDX-License-Identifier: GPL-2.0
/*
 * Exceptions, NMIs and interrupts: what is due next and when the guest can take
 * it. Called by run.c before an entry whenever LHV_REQ_EVENT is set, and by exit
 * handlers that raise exceptions. How an event reaches the hardware is the
 * vendor's.
 */
#include <linux/bitops.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <asm/debugreg.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "guest-debug.h"
#include "trace.h"
#include "vendor.h"

/* SDM, "Conditions for Generating a Double Fault" */
enum exc_class { BENIGN, CONTRIBUTORY, PAGE_FAULT };

static enum exc_class classify(u8 vector)
{
	if (vector == X86_TRAP_PF)
		return PAGE_FAULT;
	if (vector == X86_TRAP_DE || (vector >= X86_TRAP_TS && vector <= X86_TRAP_GP))
		return CONTRIBUTORY;
	return BENIGN;
}

static void queue(struct lhv_vcpu *vcpu, u8 vector, bool has_error, u32 error)
{
	struct lhv_exception *exc = &vcpu->exc;

	lhv_self_request(vcpu, LHV_REQ_EVENT);
	if (exc->pending || exc->injected) {
		enum exc_class first = classify(exc->vector), second = classify(vector);

		if (exc->vector == X86_TRAP_DF) {
			exc->pending = false;
			exc->injected = false;
			lhv_self_request(vcpu, LHV_REQ_TRIPLE_FAULT);
			return;
		}
		if ((first == CONTRIBUTORY && second == CONTRIBUTORY) ||
		    (first == PAGE_FAULT && second != BENIGN)) {
			vector = X86_TRAP_DF;
			has_error = true;
			error = 0;
		}
	}
	exc->pending = true;
	exc->injected = false;
	exc->has_payload = false;
	exc->vector = vector;
	/* Real-address mode pushes no error codes. */
	exc->has_error = has_error && (lhv_reg_read(vcpu, LHV_CR0) & X86_CR0_PE);
	exc->error = error;
}

/**
 * lhv_queue_exception() - the guest is to take an exception without error code
 * @vcpu: in the ring
 * @vector: 0..31
 *
 * Together with one that is already due it becomes #DF, or the triple fault.
 */
void lhv_queue_exception(struct lhv_vcpu *vcpu, u8 vector)
{
	queue(vcpu, vector, false, 0);
}

/* The same with an error code. */
void lhv_queue_exception_e(struct lhv_vcpu *vcpu, u8 vector, u32 error)
{
	queue(vcpu, vector, true, error);
}

/* #PF: CR2 is written when it is delivered. */
void lhv_queue_page_fault(struct lhv_vcpu *vcpu, u64 addr, u32 error)
{
	queue(vcpu, X86_TRAP_PF, true, error);
	if (vcpu->exc.vector == X86_TRAP_PF) {
		vcpu->exc.has_payload = true;
		vcpu->exc.payload = addr;
	}
}

/**
 * lhv_queue_debug() - #DB with what goes to DR6
 * @vcpu: in the ring
 * @dr6: bits to set: B0-B3, BD, BS
 */
void lhv_queue_debug(struct lhv_vcpu *vcpu, u64 dr6)
{
	queue(vcpu, X86_TRAP_DB, false, 0);
	if (vcpu->exc.vector == X86_TRAP_DB) {
		vcpu->exc.has_payload = true;
		vcpu->exc.payload = dr6 & (DR_TRAP_BITS | DR_STEP | LHV_DR6_BD);
	}
}

/**
 * lhv_deliver_payload() - side effects of delivery itself: CR2, DR6, DR7.GD
 * @vcpu: loaded
 *
 * Also for who shows the exception to userspace, which knows of no payload.
 */
void lhv_deliver_payload(struct lhv_vcpu *vcpu)
{
	struct lhv_exception *exc = &vcpu->exc;
	u64 dr7;

	if (!exc->has_payload)
		return;
	exc->has_payload = false;
	if (exc->vector == X86_TRAP_PF) {
		vcpu->cr2 = exc->payload;
		return;
	}
	vcpu->dr6 = (vcpu->dr6 & ~(u64)DR_TRAP_BITS) | exc->payload;
	dr7 = lhv_guest_dr7(vcpu);
	if (dr7 & LHV_DR7_GD)
		lhv_put_guest_dr7(vcpu, dr7 & ~LHV_DR7_GD);
}

/* Faults are pushed with RF set, so that the handler's IRET may go on. */
static bool is_fault(u8 vector)
{
	return vector != X86_TRAP_DB && vector != X86_TRAP_BP &&
	       vector != X86_TRAP_OF && vector != X86_TRAP_DF &&
	       vector != X86_TRAP_MC;
}

static void inject_pending_exception(struct lhv_vcpu *vcpu)
{
	struct lhv_exception *exc = &vcpu->exc;

	lhv_deliver_payload(vcpu);
	if (is_fault(exc->vector))
		lhv_reg_write(vcpu, LHV_RFLAGS,
			      lhv_reg_read(vcpu, LHV_RFLAGS) | X86_EFLAGS_RF);
	exc->pending = false;
	exc->injected = true;
	trace_kvm_inj_exception(exc->vector, exc->has_error, exc->error, false);
	lhv_vendor.inject_exception(vcpu);
}

/* An event whose delivery an exit cut short comes before anything new. */
static bool inject_again(struct lhv_vcpu *vcpu)
{
	if (vcpu->exc.injected)
		lhv_vendor.inject_exception(vcpu);
	else if (vcpu->nmi_injected)
		lhv_vendor.inject_nmi(vcpu);
	else if (vcpu->irq_injected)
		lhv_vendor_call(inject_irq)(vcpu);
	/* What an instruction raises is dropped: it will be executed again. */
	return vcpu->exc.injected || vcpu->nmi_injected || vcpu->irq_injected;
}

/* An 8259's interrupt, the kernel's or userspace's (KVM_INTERRUPT). */
static bool has_extint(struct lhv_vcpu *vcpu)
{
	struct lhv_irqchip *chip = &vcpu->vm->irqchip;

	return lhv_lapic_accepts_extint(&vcpu->lapic) &&
	       (lhv_irqchip_has_chips(chip) ? lhv_pic_output(chip) : vcpu->irq_user >= 0);
}

/**
 * lhv_wants_user_window() - does userspace wait for a moment to interrupt?
 * @vcpu: in the ring; lhv_user_irqs()
 *
 * Not where LINT0 is closed: that moment would come again and again, for nothing.
 */
bool lhv_wants_user_window(struct lhv_vcpu *vcpu)
{
	return READ_ONCE(vcpu->run->request_interrupt_window) &&
	       (!vcpu->vm->has_irqchip || lhv_lapic_accepts_extint(&vcpu->lapic));
}

/**
 * lhv_ready_for_user_irq() - would an interrupt of userspace's 8259 be taken now?
 * @vcpu: in the ring; lhv_user_irqs()
 */
bool lhv_ready_for_user_irq(struct lhv_vcpu *vcpu)
{
	if (vcpu->vm->has_irqchip && !lhv_lapic_accepts_extint(&vcpu->lapic))
		return false;
	return vcpu->irq_user < 0 && !vcpu->irq_injected && !vcpu->exc.pending &&
	       !vcpu->exc.injected && !vcpu->nmi_injected &&
	       lhv_vendor_call(irq_allowed)(vcpu);
}

/*
 * Is there an interrupt to inject that only IF and the shadow can hold back?
 * With virtual-interrupt delivery the hardware injects the local APIC's.
 */
static bool irq_due(struct lhv_vcpu *vcpu)
{
	if (!vcpu->vm->has_irqchip)
		return vcpu->irq_user >= 0;
	if (vcpu->lapic.hw_vid)
		return has_extint(vcpu);
	return lhv_lapic_pending(&vcpu->lapic) >= 0 || has_extint(vcpu);
}

/* Takes it from its controller: it will be delivered. -1 when it went away. */
static int take_irq(struct lhv_vcpu *vcpu)
{
	int vector;

	if (!vcpu->vm->has_irqchip || has_extint(vcpu)) {
		if (!lhv_user_irqs(vcpu))
			return lhv_pic_ack(&vcpu->vm->irqchip);
		vector = vcpu->irq_user;
		vcpu->irq_user = -1;
		return vector;
	}
	vector = lhv_lapic_pending(&vcpu->lapic);
	if (vector >= 0)
		lhv_lapic_ack(&vcpu->lapic, vector);
	return vector;
}

static bool inject_irq(struct lhv_vcpu *vcpu)
{
	int vector;

	if (!irq_due(vcpu) || !lhv_vendor_call(irq_allowed)(vcpu))
		return false;
	vector = take_irq(vcpu);
	if (vector < 0)
		return false;
	vcpu->irq_injected = true;
	vcpu->irq_soft = false;
	vcpu->irq_vector = vector;
	vcpu->stat.injections++;
	trace_kvm_inj_virq(vector, false, false);
	lhv_vendor_call(inject_irq)(vcpu);
	return true;
}

static bool inject_nmi(struct lhv_vcpu *vcpu)
{
	if (!vcpu->nmi_pending || !lhv_vendor.nmi_allowed(vcpu))
		return false;
	vcpu->nmi_pending = vcpu->nmi_queued;
	vcpu->nmi_queued = 0;
	vcpu->nmi_injected = true;
	lhv_vendor.inject_nmi(vcpu);
	return true;
}

/**
 * lhv_process_events() - hand the hardware the event that is due, if any
 * @vcpu: in the ring, before an entry
 *
 * SDM, "Priority Among Concurrent Events". One event goes with an entry; what
 * must wait gets a window, which ends in LHV_REQ_EVENT again.
 */
void lhv_process_events(struct lhv_vcpu *vcpu)
{
	bool busy = inject_again(vcpu);

	if (!busy && vcpu->exc.pending) {
		inject_pending_exception(vcpu);
		busy = true;
	}
	/* Nothing comes between userspace and what it steps through. */
	if (unlikely(vcpu->guest_debug & KVM_GUESTDBG_BLOCKIRQ)) {
		lhv_vendor_call(irq_window)(vcpu, false);
		lhv_vendor_call(apic_sync)(vcpu);
		return;
	}
	if (vcpu->nmi_pending) {
		if (!busy)
			busy = inject_nmi(vcpu);
		if (vcpu->nmi_pending)
			lhv_vendor.nmi_window(vcpu, true);
	}
	if (!busy)
		inject_irq(vcpu);
	lhv_vendor_call(irq_window)(vcpu, irq_due(vcpu) ||
				    (lhv_user_irqs(vcpu) && lhv_wants_user_window(vcpu)));
	lhv_vendor_call(apic_sync)(vcpu);
}

/**
 * lhv_vcpu_has_events() - is there something that ends a HLT?
 * @vcpu: own thread
 */
bool lhv_vcpu_has_events(struct lhv_vcpu *vcpu)
{
	if (vcpu->exc.pending || vcpu->exc.injected || vcpu->nmi_injected ||
	    vcpu->irq_injected || READ_ONCE(vcpu->lapic.events))
		return true;
	if (!vcpu->nmi_blocked &&
	    (vcpu->nmi_pending || lhv_has_request(vcpu, LHV_REQ_NMI)))
		return true;
	/* HLT's exit left RFLAGS in the cache, and nothing has run since. */
	if (!(vcpu->regs[LHV_RFLAGS] & X86_EFLAGS_IF))
		return false;
	return irq_due(vcpu) ||
	       (vcpu->lapic.hw_vid && lhv_lapic_pending(&vcpu->lapic) >= 0);
}
