// SPDX-License-Identifier: GPL-2.0
/*
 * MOV to and from debug registers by the guest. Called by the vendors' exit
 * handlers; the ring loads DR0-DR3 while DR7 arms one of them, DR7 itself is in
 * the control block.
 */
#include <linux/nospec.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "guest-debug.h"
#include "host.h"

#define DR6_FIXED_1	0xffff0ff0ULL
#define DR6_WRITABLE	0x0000e00fULL
#define DR7_FIXED_1	0x00000400ULL
#define DR7_WRITABLE	0xffff2bffULL

/* As MOV to DR7 leaves it. */
u64 lhv_valid_dr7(u64 dr7)
{
	return (dr7 & DR7_WRITABLE) | DR7_FIXED_1;
}

/*
 * 0, or 1 when an exception is queued: privilege, aliases, general detect. VMX
 * exits before it looks at the first two (SDM, "Instructions That Cause VM Exits
 * Conditionally").
 */
static int check_access(struct lhv_vcpu *vcpu, unsigned int *dr)
{
	if (lhv_vendor.get_cpl(vcpu)) {
		lhv_queue_exception_e(vcpu, X86_TRAP_GP, 0);
		return 1;
	}
	if (*dr == 4 || *dr == 5) {
		if (lhv_reg_read(vcpu, LHV_CR4) & X86_CR4_DE) {
			lhv_queue_exception(vcpu, X86_TRAP_UD);
			return 1;
		}
		*dr += 2;
	}
	if (lhv_guest_dr7(vcpu) & LHV_DR7_GD) {
		lhv_queue_debug(vcpu, LHV_DR6_BD);
		return 1;
	}
	return 0;
}

/**
 * lhv_guest_get_dr() - MOV from DRn
 * @vcpu: in the ring
 * @dr: 0..7
 * @val: its value
 *
 * Return: 0, or 1 when an exception is queued.
 */
int lhv_guest_get_dr(struct lhv_vcpu *vcpu, unsigned int dr, u64 *val)
{
	if (check_access(vcpu, &dr))
		return 1;
	if (dr == 6)
		*val = vcpu->dr6;
	else if (dr == 7)
		*val = lhv_guest_dr7(vcpu);
	else
		*val = vcpu->dr[array_index_nospec(dr, 4)];
	return 0;
}

/**
 * lhv_guest_set_dr() - MOV to DRn
 * @vcpu: in the ring
 * @dr: 0..7
 * @val: as the guest wrote it
 *
 * Return: 0, or 1 when an exception is queued (upper halves of DR6 and DR7
 * must be clear).
 */
int lhv_guest_set_dr(struct lhv_vcpu *vcpu, unsigned int dr, u64 val)
{
	if (check_access(vcpu, &dr))
		return 1;
	if (!lhv_is_64bit_code(vcpu))
		val = (u32)val;
	if (dr >= 6 && val >> 32) {
		lhv_queue_exception_e(vcpu, X86_TRAP_GP, 0);
		return 1;
	}
	if (dr == 6)
		vcpu->dr6 = (val & DR6_WRITABLE) | DR6_FIXED_1;
	else if (dr == 7)
		lhv_put_guest_dr7(vcpu, lhv_valid_dr7(val));
	else
		vcpu->dr[array_index_nospec(dr, 4)] = val;
	/* What the ring loaded at its start may be old now. */
	if (lhv_effective_dr7(vcpu) & 0xff)
		lhv_load_guest_dr(vcpu);
	return 0;
}
