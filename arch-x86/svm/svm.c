// SPDX-License-Identifier: GPL-2.0
/*
 * The SVM backend as a whole: is it there, and the table of operations that
 * arch-x86/ calls it by. Called by arch-x86/arch.c at load and unload.
 */
#include <linux/cc_platform.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/pgtable_types.h>
#include <asm/special_insns.h>

#include "../hostregs.h"
#include "svm.h"

struct lhv_svm_caps lhv_svm_caps __ro_after_init;

/*
 * How an entry is written: as in the host's own page tables, and as accesses of
 * user mode (APM, "Nested Paging").
 */
static struct lhv_npt_format npt_format __ro_after_init = {
	.leaf_io = _PAGE_PCD | _PAGE_PWT,
	.large = _PAGE_PSE,
	.table = _PAGE_PRESENT | _PAGE_RW | _PAGE_USER,
	.read = _PAGE_PRESENT | _PAGE_USER,
	.write = _PAGE_RW,
	.accessed = _PAGE_ACCESSED,
	.dirty = _PAGE_DIRTY,
	.levels = 4,
	.max_level = 2,
};

static int check_firmware(void)
{
	u64 vm_cr = lhv_host_rdmsr(SVM_MSR_VM_CR);

	if (vm_cr & VM_CR_SVMDIS) {
		pr_err("lhv: the firmware has SVM off (VM_CR is %#llx): enable it in the firmware's setup\n",
		       vm_cr);
		return -EOPNOTSUPP;
	}
	if (lhv_host_rdmsr(MSR_EFER) & EFER_SVME) {
		pr_err("lhv: another hypervisor has SVM in use: unload it first (rmmod kvm_amd)\n");
		return -EBUSY;
	}
	if (cc_platform_has(CC_ATTR_HOST_MEM_ENCRYPT)) {
		pr_err("lhv: the host encrypts its memory, which lhv does not support: boot with mem_encrypt=off\n");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int read_caps(struct lhv_svm_caps *caps)
{
	u32 eax, ebx, ecx, edx;

	lhv_host_cpuid(0x80000000, 0, &eax, &ebx, &ecx, &edx);
	edx = 0;
	if (eax >= SVM_CPUID_LEAF)
		lhv_host_cpuid(SVM_CPUID_LEAF, 0, &eax, &ebx, &ecx, &edx);
	if (!(edx & SVM_CPUID_NPT)) {
		pr_err("lhv: this processor lacks nested paging (SVM's NPT)\n");
		return -EOPNOTSUPP;
	}
	if (ebx < 2) {
		pr_err("lhv: this processor has no ASID for a guest\n");
		return -EOPNOTSUPP;
	}
	caps->nr_asids = ebx;
	caps->lbr = edx & SVM_CPUID_LBR;
	caps->nrips = edx & SVM_CPUID_NRIPS;
	caps->v_spec_ctrl = edx & SVM_CPUID_V_SPEC_CTRL;
	caps->flush_asid = edx & SVM_CPUID_FLUSH_ASID;
	/* Alone they would tell a register and no length. */
	caps->assists = (edx & SVM_CPUID_ASSISTS) && caps->nrips;
	/* The nested table is walked as the host's own page tables are. */
	if (__read_cr4() & X86_CR4_LA57)
		npt_format.levels = 5;
	if (boot_cpu_has(X86_FEATURE_GBPAGES))
		npt_format.max_level = 3;
	return 0;
}

/* No instruction needs a control here, but those that wait in user mode. */
static bool has(u32 feature)
{
	return feature != X86_FEATURE_WAITPKG;
}

/* How many bytes of the instruction the processor has fetched already. */
static u32 insn_bytes(struct lhv_vcpu *vcpu, u8 *bytes)
{
	struct vmcb_control *control = svm_control(vcpu);
	u32 n = min_t(u32, control->insn_len & 0xf, sizeof(control->insn_bytes));

	if (!lhv_svm_caps.assists)
		return 0;
	memcpy(bytes, control->insn_bytes, n);
	return n;
}

static void remove(void)
{
	lhv_svm_maps_exit();
	lhv_svm_cpu_exit();
}

/**
 * lhv_svm_probe() - is SVM usable here? Fill in its operations if so
 * @ops: the table to fill
 *
 * Return: 0, -ENODEV where the processor has no SVM, -EOPNOTSUPP below the
 * floor (printed by name), -EBUSY where another hypervisor has it, -ENOMEM.
 */
int lhv_svm_probe(struct lhv_vendor_ops *ops)
{
	u32 eax, ebx, ecx, edx;
	int ret;

	/* Not boot_cpu_has(): the kernel clears its bit where firmware has it off. */
	lhv_host_cpuid(0x80000000, 0, &eax, &ebx, &ecx, &edx);
	if (eax < 0x80000001)
		return -ENODEV;
	lhv_host_cpuid(0x80000001, 0, &eax, &ebx, &ecx, &edx);
	if (!(ecx & BIT(X86_FEATURE_SVM & 31)))
		return -ENODEV;
	ret = check_firmware();
	if (!ret)
		ret = read_caps(&lhv_svm_caps);
	if (!ret)
		ret = lhv_svm_cpu_init();
	if (ret)
		return ret;
	ret = lhv_svm_maps_init();
	if (ret) {
		lhv_svm_cpu_exit();
		return ret;
	}
	ops->name = "SVM";
	ops->kvm_module = "kvm_amd";
	ops->npt = &npt_format;
	ops->remove = remove;
	ops->cpu_on = lhv_svm_cpu_on;
	ops->cpu_off = lhv_svm_cpu_off;
	ops->emergency_off = lhv_svm_emergency_off;
	ops->handle_exit = lhv_svm_handle_exit;
	ops->has = has;
	ops->insn_bytes = insn_bytes;
	lhv_svm_fill_vmcb_ops(ops);
	lhv_svm_fill_ring_ops(ops);
	lhv_svm_fill_reg_ops(ops);
	lhv_svm_fill_inject_ops(ops);
	return 0;
}
