// SPDX-License-Identifier: GPL-2.0
/*
 * Events into the guest: handing them to the hardware, taking back what was not
 * delivered, and the windows that tell when more can be. Called through
 * lhv_vendor_ops by events.c and by ring.c; knows no priorities, those are
 * events.c's.
 *
 * The processor knows no mask of NMIs and no window for them, so both are made
 * here: an NMI in its handler is known by the intercept of IRET, and the one
 * instruction that must still go by (that IRET, or one in an interrupt shadow) by
 * a single step.
 */
#include <linux/bitops.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <asm/debugreg.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "svm.h"

/* SVM has one kind of shadow for what the interface has two of. */
static u32 get_shadow(struct lhv_vcpu *vcpu)
{
	return svm_control(vcpu)->int_state & INT_STATE_SHADOW ?
	       KVM_X86_SHADOW_INT_STI | KVM_X86_SHADOW_INT_MOV_SS : 0;
}

static void set_shadow(struct lhv_vcpu *vcpu, u32 shadow)
{
	struct vmcb_control *control = svm_control(vcpu);

	if (shadow)
		control->int_state |= INT_STATE_SHADOW;
	else
		control->int_state &= ~INT_STATE_SHADOW;
}

static bool get_nmi_mask(struct lhv_vcpu *vcpu)
{
	return to_svm(vcpu)->nmi_masked;
}

static void set_nmi_mask(struct lhv_vcpu *vcpu, bool masked)
{
	struct lhv_svm *svm = to_svm(vcpu);

	svm->nmi_masked = masked;
	svm->iret_pending = false;
	lhv_svm_intercept(vcpu, INTERCEPT_MISC1, INTERCEPT_IRET, masked);
}

static bool irq_allowed(struct lhv_vcpu *vcpu)
{
	return (lhv_reg_read(vcpu, LHV_RFLAGS) & X86_EFLAGS_IF) && !get_shadow(vcpu);
}

static bool nmi_allowed(struct lhv_vcpu *vcpu)
{
	return !to_svm(vcpu)->nmi_masked && !get_shadow(vcpu);
}

/**
 * lhv_svm_stop_stepping() - no single step: the NMI asks for its window again
 * @vcpu: in the ring
 */
void lhv_svm_stop_stepping(struct lhv_vcpu *vcpu)
{
	to_svm(vcpu)->stepping = false;
	lhv_self_request(vcpu, LHV_REQ_EVENT);
}

#define V_IRQ_BITS	(V_IRQ | V_INTR_PRIO_MAX | V_IGN_TPR)

static void clear_v_irq(struct lhv_vcpu *vcpu)
{
	svm_control(vcpu)->int_ctl &= ~V_IRQ_BITS;
	svm_dirty(vcpu, CLEAN_INTR);
}

/* What is armed and has not been entered with is armed anew, one way or the other. */
static void disarm(struct lhv_vcpu *vcpu)
{
	struct lhv_svm *svm = to_svm(vcpu);

	svm_control(vcpu)->event_inj = 0;
	if (svm->irq_armed)
		clear_v_irq(vcpu);
	svm->irq_armed = false;
	svm->event_armed = false;
}

/* A step would push its TF with the event: the NMI looks again after it. */
static void arm(struct lhv_vcpu *vcpu, u64 event)
{
	struct lhv_svm *svm = to_svm(vcpu);

	disarm(vcpu);
	svm_control(vcpu)->event_inj = event | SVM_EVENT_VALID;
	svm->event_armed = true;
	svm->exit_soon |= svm->stepping;
	svm->stepping = false;
}

static bool is_soft(u8 vector)
{
	return vector == X86_TRAP_BP || vector == X86_TRAP_OF;
}

static bool debugger_has_bp(const struct lhv_vcpu *vcpu)
{
	return vcpu->guest_debug & KVM_GUESTDBG_USE_SW_BP;
}

/*
 * Executed again, an INT3 would exit to the debugger again, who has just said that it
 * is the guest's. With next-RIP save what is injected returns to nRIP (APM, "Event
 * Injection"); without, it returns to RIP, which is moved for so long.
 */
static void step_behind_int3(struct lhv_vcpu *vcpu)
{
	struct lhv_svm *svm = to_svm(vcpu);
	u64 rip = lhv_reg_read(vcpu, LHV_RIP);

	if (lhv_svm_caps.nrips) {
		svm_control(vcpu)->next_rip = rip + 1;
	} else if (rip != svm->bp_next) {
		svm->bp_next = rip + 1;
		lhv_reg_write(vcpu, LHV_RIP, svm->bp_next);
	}
}

/* It was not delivered, and userspace may look, and change its mind. */
static void step_back_to_int3(struct lhv_vcpu *vcpu)
{
	struct lhv_svm *svm = to_svm(vcpu);

	if (likely(!svm->bp_next))
		return;
	if (vcpu->exc.injected && lhv_reg_read(vcpu, LHV_RIP) == svm->bp_next)
		lhv_reg_write(vcpu, LHV_RIP, svm->bp_next - 1);
	svm->bp_next = 0;
}

static void inject_exception(struct lhv_vcpu *vcpu)
{
	u64 event = vcpu->exc.vector | SVM_EVENT_TYPE_EXCEPTION;

	/* RIP is still at the instruction that raises it. */
	if (is_soft(vcpu->exc.vector) && !debugger_has_bp(vcpu)) {
		vcpu->exc.injected = false;
		return;
	}
	if (is_soft(vcpu->exc.vector))
		step_behind_int3(vcpu);
	if (vcpu->exc.has_error)
		event |= SVM_EVENT_HAS_ERROR | (u64)vcpu->exc.error << 32;
	arm(vcpu, event);
}

/* A virtual interrupt, to be delivered or to exit as soon as it would be. */
static void set_v_irq(struct lhv_vcpu *vcpu, u8 vector, bool exits)
{
	struct vmcb_control *control = svm_control(vcpu);

	control->int_ctl |= V_IRQ_BITS;
	control->int_vector = vector;
	svm_dirty(vcpu, CLEAN_INTR);
	lhv_svm_intercept(vcpu, INTERCEPT_MISC1, INTERCEPT_VINTR, exits);
}

/*
 * An interrupt that the guest can take at once goes in as a virtual one, which
 * the processor delivers by itself; QEMU's emulation may deliver one in
 * EVENTINJ twice, the second time with interrupts off. An NMI that waits for its
 * turn behind it wants an exit after the delivery, and so EVENTINJ.
 */
static void inject_irq(struct lhv_vcpu *vcpu)
{
	struct lhv_svm *svm = to_svm(vcpu);

	/* INT n executes again, as INT3 and INTO do. */
	if (vcpu->irq_soft) {
		vcpu->irq_injected = false;
	} else if (vcpu->nmi_pending || svm->stepping || !irq_allowed(vcpu)) {
		arm(vcpu, vcpu->irq_vector | SVM_EVENT_TYPE_INTR);
	} else {
		disarm(vcpu);
		set_v_irq(vcpu, vcpu->irq_vector, false);
		svm->event_armed = true;
		svm->irq_armed = true;
	}
}

/**
 * lhv_svm_take_v_irq() - the virtual interrupt that was to be delivered, was it?
 * @vcpu: in the ring, just after an exit
 *
 * A host interrupt comes before it.
 */
bool lhv_svm_take_v_irq(struct lhv_vcpu *vcpu)
{
	bool delivered = !(svm_control(vcpu)->int_ctl & V_IRQ);

	to_svm(vcpu)->irq_armed = false;
	clear_v_irq(vcpu);
	if (!delivered)
		lhv_self_request(vcpu, LHV_REQ_EVENT);
	return delivered;
}

static void inject_nmi(struct lhv_vcpu *vcpu)
{
	set_nmi_mask(vcpu, true);
	arm(vcpu, X86_TRAP_NMI | SVM_EVENT_TYPE_NMI);
}

/*
 * A virtual interrupt of the highest priority that never arrives: its intercept
 * comes first, as soon as the guest would take it.
 */
static void irq_window(struct lhv_vcpu *vcpu, bool on)
{
	struct lhv_svm *svm = to_svm(vcpu);
	u32 set = svm_control(vcpu)->int_ctl & V_IRQ_BITS;

	if (on && svm->irq_armed) {
		arm(vcpu, vcpu->irq_vector | SVM_EVENT_TYPE_INTR);
		set_v_irq(vcpu, 0, true);
	} else if (on && set != V_IRQ_BITS) {
		set_v_irq(vcpu, 0, true);
	} else if (!on && set && !svm->irq_armed) {
		clear_v_irq(vcpu);
	}
}

/* While the handler of the last NMI has not come to its IRET, that is the window. */
static void nmi_window(struct lhv_vcpu *vcpu, bool on)
{
	struct lhv_svm *svm = to_svm(vcpu);

	if (!on || svm->stepping || (svm->nmi_masked && !svm->iret_pending))
		return;
	if (svm->event_armed) {
		svm->exit_soon = true;
		return;
	}
	svm->stepping = true;
	svm->step_rip = lhv_reg_read(vcpu, LHV_RIP);
	svm->step_guest_tf = lhv_reg_read(vcpu, LHV_RFLAGS) & X86_EFLAGS_TF;
}

/**
 * lhv_svm_nmi_after_exit() - has the instruction gone by that an NMI waits for?
 * @vcpu: in the ring, just after an exit
 */
void lhv_svm_nmi_after_exit(struct lhv_vcpu *vcpu)
{
	struct lhv_svm *svm = to_svm(vcpu);
	u64 rip = vcpu->regs[LHV_RIP];

	/* TF was ours; after an IRET it is what the guest's stack had. */
	if (svm->stepping && !svm->step_guest_tf && !(svm->iret_pending && rip != svm->step_rip)) {
		svm_save(vcpu)->rflags &= ~(u64)X86_EFLAGS_TF;
		vcpu->regs[LHV_RFLAGS] &= ~(u64)X86_EFLAGS_TF;
	}
	if (svm->iret_pending && rip != svm->iret_rip) {
		set_nmi_mask(vcpu, false);
		lhv_self_request(vcpu, LHV_REQ_EVENT);
	}
	if (svm->stepping && rip != svm->step_rip &&
	    svm->exit_code != EXIT_EXCEPTION + X86_TRAP_DB) {
		svm->stepping = false;
		lhv_self_request(vcpu, LHV_REQ_EVENT);
	}
}

/**
 * lhv_svm_step_done() - was this #DB the step that lhv asked for?
 * @vcpu: in the ring; #DB exited
 *
 * Return: true where it was, and is not the guest's.
 */
bool lhv_svm_step_done(struct lhv_vcpu *vcpu)
{
	struct lhv_svm *svm = to_svm(vcpu);

	if (!svm->stepping || !(svm_save(vcpu)->dr6 & DR_STEP))
		return false;
	svm->stepping = false;
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	return !svm->step_guest_tf;
}

static void cancel_injection(struct lhv_vcpu *vcpu)
{
	struct lhv_svm *svm = to_svm(vcpu);

	step_back_to_int3(vcpu);
	if (!svm->event_armed)
		return;
	disarm(vcpu);
	/* An NMI that was not delivered masks no other. */
	if (vcpu->nmi_injected)
		set_nmi_mask(vcpu, false);
	/* exc, nmi and irq still say "injected": the next entry arms them. */
	lhv_self_request(vcpu, LHV_REQ_EVENT);
}

/**
 * lhv_svm_recover_vectoring() - an exit came in the middle of a delivery
 * @vcpu: in the ring
 * @info: EXITINTINFO, valid
 * @error: its error code
 * @v_irq: a virtual interrupt was to be delivered
 *
 * APM, "#VMEXIT": the event is handed in again at the next entry. What comes
 * from an instruction (INT n, INT3, INTO) does not: RIP is still at it, and it
 * will execute again.
 */
void lhv_svm_recover_vectoring(struct lhv_vcpu *vcpu, u32 info, u32 error, bool v_irq)
{
	u32 type = info & SVM_EVENT_TYPE_MASK;
	u8 vector = info & SVM_EVENT_VECTOR;

	/* QEMU's emulation takes every event that it was not told for an exception. */
	if (v_irq && vector == vcpu->irq_vector && type == SVM_EVENT_TYPE_EXCEPTION &&
	    !(info & SVM_EVENT_HAS_ERROR))
		type = SVM_EVENT_TYPE_INTR;
	switch (type) {
	case SVM_EVENT_TYPE_NMI:
		vcpu->nmi_injected = true;
		set_nmi_mask(vcpu, false);
		break;
	case SVM_EVENT_TYPE_EXCEPTION:
		if (is_soft(vector) && !to_svm(vcpu)->bp_next)
			break;
		vcpu->exc.injected = true;
		vcpu->exc.pending = false;
		vcpu->exc.vector = vector;
		vcpu->exc.has_error = info & SVM_EVENT_HAS_ERROR;
		vcpu->exc.has_payload = false;
		vcpu->exc.error = error;
		break;
	case SVM_EVENT_TYPE_INTR:
		vcpu->irq_injected = true;
		vcpu->irq_soft = false;
		vcpu->irq_vector = vector;
		break;
	case SVM_EVENT_TYPE_SOFT_INT:
		break;
	default:
		lhv_vm_kill(vcpu->vm, "unknown type of event in EXITINTINFO");
		break;
	}
	lhv_self_request(vcpu, LHV_REQ_EVENT);
}

/*
 * The task priority goes to the VMCB; MOV to CR8 exits only where it could
 * uncover an interrupt, where the controller is userspace's, and while a window is
 * awaited: QEMU's emulation falls over a MOV to CR8 with V_IRQ set, such as UEFI
 * firmware ends its interrupt handlers with. (V_IRQ of an armed interrupt is gone
 * before the guest's next instruction.)
 */
static void apic_sync(struct lhv_vcpu *vcpu)
{
	struct vmcb_control *control = svm_control(vcpu);
	struct lhv_svm *svm = to_svm(vcpu);
	u8 tpr = lhv_guest_get_cr8(vcpu);
	bool wait = true;
	int irr;

	if (vcpu->vm->has_irqchip) {
		irr = lhv_lapic_highest_irr(&vcpu->lapic);
		wait = irr >= 0 && irr >> 4 <= tpr;
	}
	wait |= (control->int_ctl & V_IRQ) && !svm->irq_armed;
	lhv_svm_intercept(vcpu, INTERCEPT_CR, INTERCEPT_CR_WRITE(8), wait);
	if (tpr == svm->v_tpr)
		return;
	svm->v_tpr = tpr;
	control->int_ctl = (control->int_ctl & ~V_TPR_MASK) | tpr;
	svm_dirty(vcpu, CLEAN_INTR);
}

/* No delivery by hardware, so no EOI that it would have to tell of. */
static void update_eoi_map(struct lhv_vcpu *vcpu)
{
}

void lhv_svm_fill_inject_ops(struct lhv_vendor_ops *ops)
{
	ops->get_shadow = get_shadow;
	ops->set_shadow = set_shadow;
	ops->get_nmi_mask = get_nmi_mask;
	ops->set_nmi_mask = set_nmi_mask;
	ops->irq_allowed = irq_allowed;
	ops->nmi_allowed = nmi_allowed;
	ops->inject_exception = inject_exception;
	ops->inject_irq = inject_irq;
	ops->inject_nmi = inject_nmi;
	ops->irq_window = irq_window;
	ops->nmi_window = nmi_window;
	ops->cancel_injection = cancel_injection;
	ops->apic_sync = apic_sync;
	ops->update_eoi_map = update_eoi_map;
}
