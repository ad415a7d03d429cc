// SPDX-License-Identifier: GPL-2.0
/*
 * What of the host's state an entry or an exit disturbs on either vendor's
 * processor and nobody restores by itself: speculation control, debug registers,
 * and the machine check that ended the guest. Used by the vendors' ring.c.
 */
#include <linux/percpu.h>
#include <asm/debugreg.h>
#include <asm/mce.h>
#include <asm/nospec-branch.h>
#include <asm/ptrace.h>

#include "../module/compat.h"
#include "arch.h"
#include "guest-debug.h"
#include "host.h"
#include "hostregs.h"
#include "regs.h"

static DEFINE_PER_CPU(u64, last_guest);		/* serial of who ran here last */

/* What ran before steers no indirect branch that comes (Spectre v2). */
void lhv_branch_barrier(void)
{
	if (boot_cpu_has(LHV_USE_IBPB))
		lhv_host_wrmsr(MSR_IA32_PRED_CMD, PRED_CMD_IBPB);
}

/**
 * lhv_part_from_last_guest() - another guest's branches must not steer this one's
 * @vcpu: about to enter the ring on this CPU (Spectre v2)
 */
void lhv_part_from_last_guest(struct lhv_vcpu *vcpu)
{
	if (this_cpu_read(last_guest) == vcpu->serial)
		return;
	this_cpu_write(last_guest, vcpu->serial);
	lhv_branch_barrier();
}

/* The handler wants to see where the fault was: in a guest, as if in user mode. */
void lhv_deliver_host_mce(void)
{
#ifdef CONFIG_X86_MCE
	struct pt_regs regs = {
		.cs = 3,
		.flags = X86_EFLAGS_IF,
	};

	do_machine_check(&regs);
#endif
}

/**
 * lhv_spec_ctrl_enter() - load the guest's SPEC_CTRL
 * @vcpu: its CPUID has SPEC_CTRL
 *
 * Interrupts off. Return: the host's value, for lhv_spec_ctrl_exit().
 */
u64 lhv_spec_ctrl_enter(struct lhv_vcpu *vcpu)
{
	u64 host = this_cpu_read(x86_spec_ctrl_current);

	if (vcpu->msr_spec_ctrl != host)
		lhv_host_wrmsr(MSR_IA32_SPEC_CTRL, vcpu->msr_spec_ctrl);
	return host;
}

/**
 * lhv_spec_ctrl_exit() - save the guest's SPEC_CTRL, load the host's
 * @vcpu: as above
 * @host: what lhv_spec_ctrl_enter() answered
 */
void lhv_spec_ctrl_exit(struct lhv_vcpu *vcpu, u64 host)
{
	lhv_host_rdmsr_safe(MSR_IA32_SPEC_CTRL, &vcpu->msr_spec_ctrl);
	if (vcpu->msr_spec_ctrl != host)
		lhv_host_wrmsr(MSR_IA32_SPEC_CTRL, host);
}

/**
 * lhv_load_guest_dr() - breakpoints are armed, the guest's or userspace's: load DR0-DR3
 * @vcpu: in the ring
 *
 * DR7 is in the control block, DR0-DR3 are in none.
 */
void lhv_load_guest_dr(struct lhv_vcpu *vcpu)
{
	const u64 *dr = lhv_has_user_breakpoints(vcpu) ? vcpu->debug_dr : vcpu->dr;
	unsigned long *host = vcpu->host_dr;

	/* Armed by the host, they would be the guest's to place. */
	if (this_cpu_read(cpu_dr7))
		set_debugreg(LHV_DR7_RESET, 7);
	if (!vcpu->dr_loaded) {
		get_debugreg(host[0], 0);
		get_debugreg(host[1], 1);
		get_debugreg(host[2], 2);
		get_debugreg(host[3], 3);
	}
	set_debugreg(dr[0], 0);
	set_debugreg(dr[1], 1);
	set_debugreg(dr[2], 2);
	set_debugreg(dr[3], 3);
	vcpu->dr_loaded = true;
}

/**
 * lhv_restore_host_dr() - the debug registers are the host's again
 * @vcpu: leaving the ring
 *
 * An exit leaves DR7 with nothing armed; the host's breakpoints are per task.
 */
void lhv_restore_host_dr(struct lhv_vcpu *vcpu)
{
	unsigned long *host = vcpu->host_dr;
	unsigned long dr7 = this_cpu_read(cpu_dr7);

	if (vcpu->dr_loaded) {
		set_debugreg(host[0], 0);
		set_debugreg(host[1], 1);
		set_debugreg(host[2], 2);
		set_debugreg(host[3], 3);
		vcpu->dr_loaded = false;
	}
	if (dr7)
		set_debugreg(dr7, 7);
}
