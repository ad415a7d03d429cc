// SPDX-License-Identifier: GPL-2.0
/*
 * The VMX backend as a whole: is it there, and the table of operations that
 * arch-x86/ calls it by. Called by arch-x86/arch.c at load and unload.
 */
#include <linux/cpu.h>
#include <linux/kernel.h>
#include <asm/cpufeature.h>
#include <asm/special_insns.h>

#include "../../module/compat.h"
#include "../hostregs.h"
#include "vmx.h"

/* How an EPT entry is written (SDM, "The Extended Page Table Mechanism"). */
struct lhv_npt_format lhv_ept_format __ro_after_init = {
	.leaf = EPT_MT_WB | EPT_IGNORE_PAT,
	.large = EPT_LARGE,
	.table = EPT_READ | EPT_WRITE | EPT_EXEC,
	.read = EPT_READ,
	.write = EPT_WRITE,
	.exec = EPT_EXEC,
	.levels = 4,
	.max_level = 1,
};

/* What this backend cannot do right is refused or said, not hoped for. */
static int check_host(void)
{
	if (lhv_host_has_fred()) {
		pr_err("lhv: with FRED host NMIs cannot be delivered after an exit: boot with fred=off\n");
		return -EOPNOTSUPP;
	}
	if (boot_cpu_has_bug(X86_BUG_L1TF) && !cpu_mitigations_off() &&
	    !boot_cpu_has(X86_FEATURE_FLUSH_L1D))
		pr_warn("lhv: L1TF: no L1D flush without newer microcode; guests may read host memory\n");
	return 0;
}

static int check_firmware(void)
{
	u64 fc = lhv_host_rdmsr(VMX_MSR_FEATURE_CONTROL);

	if (!(fc & FEATURE_CONTROL_LOCKED) ||
	    !(fc & FEATURE_CONTROL_VMX_OUTSIDE_SMX)) {
		pr_err("lhv: the firmware has VMX off (IA32_FEATURE_CONTROL is %#llx): enable it in the firmware's setup\n",
		       fc);
		return -EOPNOTSUPP;
	}
	if (!lhv_irqs_off_in_ring() && (__read_cr4() & X86_CR4_VMXE)) {
		pr_err("lhv: another hypervisor has VMX in use: unload it first (rmmod kvm_intel), or load lhv with kvm_alias=0 to run beside it\n");
		return -EBUSY;
	}
	return 0;
}

static void set_ept_format(void)
{
	u64 cap = lhv_vmx_caps.ept_vpid;

	/* A large executable leaf lets a guest raise a machine check there. */
	if (boot_cpu_has_bug(X86_BUG_ITLB_MULTIHIT) && !cpu_mitigations_off())
		pr_info("lhv: iTLB multihit: guests get small pages only\n");
	else if (cap & EPT_CAP_1G)
		lhv_ept_format.max_level = 3;
	else if (cap & EPT_CAP_2M)
		lhv_ept_format.max_level = 2;
	if (lhv_vmx_caps.has_ad) {
		lhv_ept_format.accessed = EPT_ACCESSED;
		lhv_ept_format.dirty = EPT_DIRTY;
	}
	lhv_ept_format.pml = lhv_vmx_caps.has_pml;
}

/**
 * lhv_vmx_probe() - is VMX usable here? Fill in its operations if so
 * @ops: the table to fill
 * @beside_kvm: another hypervisor may use VMX meanwhile
 *
 * Return: 0, -ENODEV where the processor has no VMX, -EOPNOTSUPP below the
 * floor (printed by name), -EBUSY where another hypervisor has it, -ENOMEM.
 */
int __init lhv_vmx_probe(struct lhv_vendor_ops *ops, bool beside_kvm)
{
	int ret;

	if (!boot_cpu_has(X86_FEATURE_VMX))
		return -ENODEV;
	if (beside_kvm || lhv_kernel_owns_vmx())
		static_branch_enable(&lhv_irqs_off_key);
	ret = check_host();
	if (!ret)
		ret = check_firmware();
	if (!ret)
		ret = lhv_vmx_read_caps(&lhv_vmx_caps);
	if (!ret)
		ret = lhv_vmx_owner_init();
	if (ret)
		return ret;
	set_ept_format();
	ops->name = "VMX";
	ops->kvm_module = "kvm_intel";
	ops->npt = &lhv_ept_format;
	ops->cpu_on = lhv_vmx_cpu_on;
	ops->cpu_off = lhv_vmx_cpu_off;
	ops->emergency_off = lhv_vmx_emergency_off;
	ops->remove = lhv_vmx_owner_exit;
	ops->vm_init = lhv_vmx_vm_init;
	ops->vm_destroy = lhv_vmx_vm_destroy;
	ops->vcpu_init = lhv_vmx_vcpu_init;
	ops->vcpu_free = lhv_vmx_vcpu_free;
	ops->vcpu_reset = lhv_vmx_vcpu_reset;
	ops->load = lhv_vmx_load;
	ops->put = lhv_vmx_put;
	ops->ring_enter = lhv_vmx_ring_enter;
	ops->ring_leave = lhv_vmx_ring_leave;
	ops->enter = lhv_vmx_enter;
	ops->handle_exit = lhv_vmx_handle_exit;
	ops->flush_tlb = lhv_vmx_flush_tlb;
	ops->drain_log = lhv_vmx_drain_log;
	ops->write_tsc_offset = lhv_vmx_write_tsc_offset;
	ops->update_controls = lhv_vmx_update_controls;
	ops->has = lhv_vmx_has;
	lhv_vmx_fill_reg_ops(ops);
	lhv_vmx_fill_inject_ops(ops);
	lhv_vmx_fill_apic_ops(ops);
	if (lhv_irqs_off_in_ring())
		pr_info("lhv: KVM can run beside it: VMX operation lasts for windows only\n");
	return 0;
}
