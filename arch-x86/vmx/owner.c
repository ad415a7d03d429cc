// SPDX-License-Identifier: GPL-2.0
/*
 * Who owns VMX operation on a CPU. The rest of arch-x86/vmx/ asks three things:
 * cpu_on/cpu_off, around the life of the VMs, and window_begin/window_end,
 * around every stretch that touches a VMCS or enters a guest (preemption off).
 *
 * There are two forms. In the permanent one VMX operation lasts from cpu_on to
 * cpu_off, and a window costs nothing. It takes a kernel that lets a module set
 * CR4.VMXE, and nobody else who wants VMX.
 *
 * In the other form VMX operation lasts for a window, and interrupts are off
 * from its begin to its end. So nobody writes CR4 meanwhile from the kernel's
 * copy of it, which does not know of our VMXE; another hypervisor can neither
 * switch VMX on or off under us nor move the VMCS that we have set aside; and a
 * window that ends leaves the CPU as it was found. Nothing of another
 * hypervisor's is held from one window to the next, so it may come and go.
 */
#include <linux/percpu.h>
#include <linux/slab.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/special_insns.h>

#include "../../module/compat.h"
#include "../hostregs.h"
#include "vmx.h"

DEFINE_PER_CPU(struct lhv_vmx_cpu, lhv_vmx_cpu);

/*
 * CR4.VMXE may be set without VMX operation, where a window cuts in between the
 * two steps of another hypervisor's switching on or off: VMPTRST tells.
 */
static int open_window(struct lhv_vmx_cpu *c)
{
	unsigned long cr4 = __read_cr4();
	int ret;

	if ((cr4 & X86_CR4_VMXE) && !vmx_vmptrst(&c->others_vmcs)) {
		c->window = WINDOW_TENANT;
		return 0;
	}
	if (!(cr4 & X86_CR4_VMXE))
		lhv_host_write_cr4(cr4 | X86_CR4_VMXE);
	ret = vmx_vmxon(__pa(c->vmxon));
	if (!ret)
		c->window = cr4 & X86_CR4_VMXE ? WINDOW_HALF_WAY : WINDOW_OWNER;
	else
		lhv_host_write_cr4(cr4);
	return ret;
}

static void close_window(struct lhv_vmx_cpu *c)
{
	if (c->window == WINDOW_TENANT) {
		if (c->others_vmcs != ~0ULL)
			vmx_vmptrld(c->others_vmcs);
	} else {
		vmx_vmxoff();
		if (c->window == WINDOW_OWNER)
			lhv_host_write_cr4(__read_cr4() & ~X86_CR4_VMXE);
	}
	c->window = WINDOW_CLOSED;
}

/**
 * lhv_vmx_open_window() - VMX operation is ours until lhv_vmx_close_window()
 *
 * Preemption off, interrupts on; they are off afterwards. cpu_on has seen that
 * VMXON succeeds on this CPU: what keeps it from that later is a broken machine.
 */
void lhv_vmx_open_window(void)
{
	local_irq_disable();
	WARN_ON_ONCE(open_window(this_cpu_ptr(&lhv_vmx_cpu)));
}

/**
 * lhv_vmx_close_window() - the CPU is as the window found it
 *
 * No VMCS of ours is active here any more. Interrupts are on afterwards, and
 * those that waited have been taken: they are blocked for one instruction.
 */
void lhv_vmx_close_window(void)
{
	close_window(this_cpu_ptr(&lhv_vmx_cpu));
	local_irq_enable();
	asm volatile("nop");
}

static int switch_on(struct lhv_vmx_cpu *c)
{
	int ret;

	if (lhv_irqs_off_in_ring())
		return open_window(c);
	if (__read_cr4() & X86_CR4_VMXE)
		return -EBUSY;
	lhv_set_vmxe(true);
	ret = vmx_vmxon(__pa(c->vmxon));
	if (ret)
		lhv_set_vmxe(false);
	return ret;
}

/**
 * lhv_vmx_cpu_on() - take VMX operation on this CPU
 *
 * Preemption off. Where it is taken for windows, one is opened to see that it
 * can be. Return: 0, -EBUSY where another hypervisor has it, -EIO or -EFAULT
 * where VMXON fails.
 */
int lhv_vmx_cpu_on(void)
{
	struct lhv_vmx_cpu *c = this_cpu_ptr(&lhv_vmx_cpu);
	unsigned long flags;
	int ret;

	if (c->on)
		return 0;
	local_irq_save(flags);
	ret = switch_on(c);
	if (!ret) {
		c->on = true;
		lhv_vmx_read_host(c);
		/* What an earlier owner left in the TLB may carry our tags. */
		vmx_invept(INVEPT_ALL, 0);
		vmx_invvpid(INVVPID_ALL, 0);
		if (lhv_irqs_off_in_ring())
			close_window(c);
	}
	local_irq_restore(flags);
	return ret;
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
	c->on = false;
	if (lhv_irqs_off_in_ring())
		return;
	lhv_vmx_clear_loaded();
	vmx_vmxoff();
	lhv_set_vmxe(false);
}

/*
 * Crash and emergency reboot: other CPUs may wait for INIT, which VMX blocks.
 * Another hypervisor's operation is for itself to end.
 */
void lhv_vmx_emergency_off(void)
{
	struct lhv_vmx_cpu *c = this_cpu_ptr(&lhv_vmx_cpu);
	u64 current_vmcs;

	/* By NMI, so between any two instructions: the hardware knows. */
	if (c->on && c->window != WINDOW_TENANT && (__read_cr4() & X86_CR4_VMXE) &&
	    !vmx_vmptrst(&current_vmcs)) {
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
