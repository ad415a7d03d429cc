/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What userspace's debugging of the guest (KVM_SET_GUEST_DEBUG) means for those who
 * load debug registers, read RFLAGS or see #DB: guest-debug.c and dr.c. Included by
 * files of arch-x86/.
 */
#ifndef LHV_GUEST_DEBUG_H
#define LHV_GUEST_DEBUG_H

#include <asm/processor-flags.h>

#include "vendor.h"

static inline bool lhv_has_user_breakpoints(const struct lhv_vcpu *vcpu)
{
	return unlikely(vcpu->guest_debug & KVM_GUESTDBG_USE_HW_BP);
}

/* Does userspace take each #DB, so that the guest cannot have the registers to itself? */
static inline bool lhv_user_takes_db(const struct lhv_vcpu *vcpu)
{
	return unlikely(vcpu->guest_debug & (KVM_GUESTDBG_SINGLESTEP | KVM_GUESTDBG_USE_HW_BP));
}

/* MOV DR exits before the hardware would look at the DR7.GD that userspace has set. */
static inline bool lhv_user_detects_dr(const struct lhv_vcpu *vcpu)
{
	return lhv_has_user_breakpoints(vcpu) && (vcpu->debug_dr7 & LHV_DR7_GD);
}

/* What the hardware is to have: userspace's breakpoints take the guest's place. */
static inline u64 lhv_effective_dr7(const struct lhv_vcpu *vcpu)
{
	return lhv_has_user_breakpoints(vcpu) ? vcpu->debug_dr7 : vcpu->dr7;
}

/* The guest's own; loaded. */
static inline u64 lhv_guest_dr7(struct lhv_vcpu *vcpu)
{
	return lhv_has_user_breakpoints(vcpu) ? vcpu->dr7 : lhv_vendor.get_dr7(vcpu);
}

static inline void lhv_put_guest_dr7(struct lhv_vcpu *vcpu, u64 dr7)
{
	vcpu->dr7 = dr7;
	lhv_vendor.set_dr7(vcpu, lhv_effective_dr7(vcpu));
}

/* RFLAGS without the TF by which userspace steps. */
static inline u64 lhv_visible_rflags(struct lhv_vcpu *vcpu)
{
	u64 rflags = lhv_reg_read(vcpu, LHV_RFLAGS);

	if (unlikely(vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP))
		rflags &= ~(u64)X86_EFLAGS_TF;
	return rflags;
}

static inline void lhv_write_visible_rflags(struct lhv_vcpu *vcpu, u64 rflags)
{
	if (unlikely(vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP))
		rflags |= X86_EFLAGS_TF;
	lhv_reg_write(vcpu, LHV_RFLAGS, rflags);
}

/* dr.c */
u64 lhv_valid_dr7(u64 dr7);

/* guest-debug.c */
enum lhv_next lhv_exit_db(struct lhv_vcpu *vcpu, u64 dr6);
enum lhv_next lhv_exit_bp(struct lhv_vcpu *vcpu);
void lhv_stepped(struct lhv_vcpu *vcpu);
enum lhv_next lhv_exit_stepped(struct lhv_vcpu *vcpu);

#endif /* LHV_GUEST_DEBUG_H */
