// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_SET_GUEST_DEBUG: userspace debugs the guest with breakpoints in its code, with
 * the debug registers, or step by step. Called by module/ for the ioctl, and in the
 * ring by whoever sees a #DB, a #BP, or the end of an instruction that lhv carried
 * out. How breakpoints reach the hardware is dr.c's and the vendor's.
 *
 * Stepping sets RFLAGS.TF, which userspace does not see; the guest does, in what
 * PUSHF and interrupts store (SDM, "Single-Step Exception Condition").
 */
#include <linux/percpu.h>
#include <linux/sched.h>
#include <asm/debugreg.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "guest-debug.h"
#include "regs.h"

#define INJECT	(KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP)

static u64 linear_rip(struct lhv_vcpu *vcpu)
{
	u64 rip = lhv_reg_read(vcpu, LHV_RIP);
	struct lhv_segment cs;

	if (lhv_is_64bit_code(vcpu))
		return rip;
	lhv_vendor.get_seg(vcpu, LHV_SEG_CS, &cs);
	return (u32)(cs.base + rip);
}

static enum lhv_next exit_debug(struct lhv_vcpu *vcpu, u8 vector, u64 dr6)
{
	struct kvm_debug_exit_arch *arch = &vcpu->run->debug.arch;

	clear_bit(LHV_REQ_STEPPED, &vcpu->requests);
	vcpu->run->exit_reason = KVM_EXIT_DEBUG;
	arch->exception = vector;
	arch->pc = linear_rip(vcpu);
	arch->dr6 = dr6;
	arch->dr7 = lhv_vendor.get_dr7(vcpu);
	return lhv_leave_with(vcpu, 0);
}

/**
 * lhv_exit_db() - a #DB that the processor raised
 * @vcpu: in the ring
 * @dr6: the bits for DR6: B0-B3, BD, BS
 *
 * While userspace steps or has breakpoints all are its own: it knows which it asked
 * for, and hands the guest the others (KVM_GUESTDBG_INJECT_DB).
 */
enum lhv_next lhv_exit_db(struct lhv_vcpu *vcpu, u64 dr6)
{
	if (lhv_user_takes_db(vcpu))
		return exit_debug(vcpu, X86_TRAP_DB, dr6 | LHV_DR6_RESET);
	lhv_queue_debug(vcpu, dr6);
	return LHV_RESUME;
}

/* The INT3 that userspace put there, or the guest's own; RIP is still at it. */
enum lhv_next lhv_exit_bp(struct lhv_vcpu *vcpu)
{
	return exit_debug(vcpu, X86_TRAP_BP, 0);
}

/**
 * lhv_stepped() - an instruction is done, and TF is set
 * @vcpu: in the ring, RIP behind it
 */
void lhv_stepped(struct lhv_vcpu *vcpu)
{
	if (vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP)
		lhv_self_request(vcpu, LHV_REQ_STEPPED);
	else
		lhv_queue_debug(vcpu, DR_STEP);
}

/* LHV_REQ_STEPPED, before the next entry. */
enum lhv_next lhv_exit_stepped(struct lhv_vcpu *vcpu)
{
	return exit_debug(vcpu, X86_TRAP_DB, DR_STEP | LHV_DR6_RESET);
}

/**
 * lhv_set_guest_debug() - KVM_SET_GUEST_DEBUG
 * @vcpu: the vCPU
 * @dbg: without KVM_GUESTDBG_ENABLE, debugging ends
 *
 * Return: 0; -EINVAL for unknown flags; -EBUSY where an exception is to be injected
 * and another waits.
 */
int lhv_set_guest_debug(struct lhv_vcpu *vcpu, const struct kvm_guest_debug *dbg)
{
	u32 control = dbg->control, before = vcpu->guest_debug;
	u64 rflags;

	if (control & ~(u32)LHV_GUEST_DEBUG_FLAGS)
		return -EINVAL;
	if ((control & INJECT) && vcpu->exc.pending)
		return -EBUSY;
	lhv_vcpu_load(vcpu);
	if (control & INJECT)
		lhv_queue_exception(vcpu, control & KVM_GUESTDBG_INJECT_DB ? X86_TRAP_DB :
									     X86_TRAP_BP);
	rflags = lhv_visible_rflags(vcpu);
	vcpu->guest_debug = control & KVM_GUESTDBG_ENABLE ? control & ~INJECT : 0;
	memcpy(vcpu->debug_dr, dbg->arch.debugreg, sizeof(vcpu->debug_dr));
	vcpu->debug_dr7 = lhv_valid_dr7(dbg->arch.debugreg[7]);
	lhv_vendor.set_dr7(vcpu, lhv_effective_dr7(vcpu));
	lhv_write_visible_rflags(vcpu, rflags);
	/* In a shadow, what is pending would have to agree with TF. */
	if ((vcpu->guest_debug | before) & KVM_GUESTDBG_SINGLESTEP)
		lhv_vendor.set_shadow(vcpu, 0);
	clear_bit(LHV_REQ_STEPPED, &vcpu->requests);
	lhv_vendor.update_controls(vcpu);
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	lhv_vcpu_put(vcpu);
	return 0;
}
