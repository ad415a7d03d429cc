// SPDX-License-Identifier: GPL-2.0
/*
 * Who owns VMX operation on a CPU. The rest of arch-x86/vmx/ asks three things:
 * cpu_on/cpu_off, around the life of the VMs, and window_begin/window_end,
 * around every stretch that touches a VMCS or enters a guest (preemption off).
 *
 * This is the permanent form, for kernels that let a module keep CR4.VMXE: VMX
 * operation lasts from cpu_on to cpu_off and a window costs nothing. A kernel
 * that keeps VMX for itself wants VMXON and VMXOFF in the window; its form has
 * these same functions.
 */
#include <linux/percpu.h>
#include <linux/slab.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/tlbflush.h>
#include <asm/special_insns.h>

#include "vmx.h"

DEFINE_PER_CPU(struct lhv_vmx_cpu, lhv_vmx_cpu);

/**
 * lhv_vmx_cpu_on() - take VMX operation on this CPU
 *
 * Preemption off. Return: 0, -EBUSY where another hypervisor has it, -EIO or
 * -EFAULT where VMXON fails.
 */
int lhv_vmx_cpu_on(void)
{
	struct lhv_vmx_cpu *c = this_cpu_ptr(&lhv_vmx_cpu);
	int ret;

	if (c->on)
		return 0;
	if (__read_cr4() & X86_CR4_VMXE)
		return -EBUSY;
	cr4_set_bits(X86_CR4_VMXE);
	ret = vmx_vmxon(__pa(c->vmxon));
	if (ret) {
		cr4_clear_bits(X86_CR4_VMXE);
		return ret;
	}
	c->on = true;
	lhv_vmx_read_host(c);
	/* What an earlier owner left in the TLB may carry our tags. */
	vmx_invept(INVEPT_ALL, 0);
	vmx_invvpid(INVVPID_ALL, 0);
	return 0;
}

/**
 * lhv_vmx_cpu_off() - give VMX operation on this CPU back
 *
 * Preemption off. Every VMCS that was active here is cleared first.
 */
void lhv_vmx_cpu_off(void)
{
	struct lhv_vmx_cpu *c = this_cpu_ptr(&lhv_vmx_cpu);

	if (!c->on)
		return;
	lhv_vmx_clear_loaded();
	vmx_vmxoff();
	c->on = false;
	cr4_clear_bits(X86_CR4_VMXE);
}

/* Crash and emergency reboot: other CPUs may wait for INIT, which VMX blocks. */
void lhv_vmx_emergency_off(void)
{
	struct lhv_vmx_cpu *c = this_cpu_ptr(&lhv_vmx_cpu);

	if (c->on) {
		/* A crash dump wants in memory what the processor has cached. */
		lhv_vmx_clear_loaded();
		c->on = false;
		vmx_vmxoff();
	}
}

void lhv_vmx_owner_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		free_page((unsigned long)per_cpu(lhv_vmx_cpu.vmxon, cpu));
		per_cpu(lhv_vmx_cpu.vmxon, cpu) = NULL;
	}
}

/**
 * lhv_vmx_owner_init() - what VMXON needs on every CPU that may come
 *
 * Process context at load, after lhv_vmx_read_caps(). Return: 0 or -ENOMEM.
 */
int lhv_vmx_owner_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct lhv_vmx_cpu *c = &per_cpu(lhv_vmx_cpu, cpu);

		INIT_LIST_HEAD(&c->loaded);
		c->vmxon = lhv_vmx_alloc_region();
		if (!c->vmxon) {
			lhv_vmx_owner_exit();
			return -ENOMEM;
		}
	}
	return 0;
}
