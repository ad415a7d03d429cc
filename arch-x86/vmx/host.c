// SPDX-License-Identifier: GPL-2.0
/*
 * What of the host's state a VM entry or exit disturbs and nobody restores by
 * itself: the SYSCALL MSRs, speculation control, and the NMI or machine check
 * that ended the guest. Used by ring.c only.
 */
#include <linux/export.h>
#include <linux/percpu.h>
#include <asm/mce.h>
#include <asm/msr.h>
#include <asm/nospec-branch.h>
#include <asm/ptrace.h>

#include "../hostregs.h"
#include "vmx.h"

/* The kernel sets these when a CPU comes up and never again. */
void lhv_vmx_read_host(struct lhv_vmx_cpu *c)
{
	lhv_host_rdmsr_safe(MSR_STAR, &c->ring_msrs[RING_STAR]);
	lhv_host_rdmsr_safe(MSR_LSTAR, &c->ring_msrs[RING_LSTAR]);
	lhv_host_rdmsr_safe(MSR_SYSCALL_MASK, &c->ring_msrs[RING_SYSCALL_MASK]);
	lhv_host_rdmsr_safe(MSR_TSC_AUX, &c->ring_msrs[RING_TSC_AUX]);
}

/**
 * lhv_deliver_host_nmi() - run the host's NMI handler for the NMI that exited
 *
 * Interrupts off. NMIs are blocked since the exit; the handler's IRET ends
 * that. Where exceptions arrive by the IDT, INT 2 is the way to it.
 */
void lhv_deliver_host_nmi(void)
{
	asm volatile("int $2" : : : "memory");
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
