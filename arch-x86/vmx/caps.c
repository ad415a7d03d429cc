// SPDX-License-Identifier: GPL-2.0
/*
 * What this processor's VMX can do: reads the capability MSRs, refuses what is
 * below the floor by name, and computes the default control words. Called once
 * at load; the rest of arch-x86/vmx/ reads lhv_vmx_caps.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <asm/cpufeature.h>

#include "../hostregs.h"
#include "vmx.h"

static bool enable_tpr_shadow = true;
module_param_named(tpr_shadow, enable_tpr_shadow, bool, 0444);
MODULE_PARM_DESC(tpr_shadow, "VMX: use the TPR shadow where there is one");

static bool enable_vid = true;
module_param_named(apicv, enable_vid, bool, 0444);
MODULE_PARM_DESC(apicv, "VMX: virtual-interrupt delivery where there is one");

static bool enable_pml = true;
module_param_named(pml, enable_pml, bool, 0444);
MODULE_PARM_DESC(pml, "VMX: page-modification logging where there is one");

struct lhv_vmx_caps lhv_vmx_caps __ro_after_init;

/* One control word: its capability MSRs, what must be there, what is welcome. */
static const struct control_plan {
	const char *name;
	u32 msr, true_msr;
	u32 required, wanted;
	size_t word;			/* offset in struct lhv_vmx_caps */
} plans[] = {
	{
		"pin-based", VMX_MSR_PIN, VMX_MSR_TRUE_PIN,
		.required = PIN_EXTINT_EXITING | PIN_NMI_EXITING | PIN_VIRTUAL_NMIS,
		.word = offsetof(struct lhv_vmx_caps, pin),
	}, {
		"processor-based", VMX_MSR_CPU, VMX_MSR_TRUE_CPU,
		.required = CPU_TSC_OFFSETTING | CPU_HLT_EXITING | CPU_MWAIT_EXITING |
			    CPU_MONITOR_EXITING | CPU_RDPMC_EXITING | CPU_CR8_LOAD_EXITING |
			    CPU_CR8_STORE_EXITING | CPU_MOV_DR_EXITING |
			    CPU_UNCOND_IO_EXITING | CPU_USE_MSR_BITMAPS | CPU_SECONDARY,
		.wanted = CPU_TPR_SHADOW,
		.word = offsetof(struct lhv_vmx_caps, cpu),
	}, {
		"secondary processor-based", VMX_MSR_CPU2, VMX_MSR_CPU2,
		.required = CPU2_EPT | CPU2_VPID | CPU2_UNRESTRICTED,
		.wanted = CPU2_RDTSCP | CPU2_INVPCID | CPU2_WBINVD_EXITING | CPU2_X2APIC |
			  CPU2_APIC_REGISTERS | CPU2_VID | CPU2_PML | CPU2_XSAVES |
			  CPU2_PLE,
		.word = offsetof(struct lhv_vmx_caps, cpu2),
	}, {
		"VM-exit", VMX_MSR_EXIT, VMX_MSR_TRUE_EXIT,
		.required = EXIT_SAVE_DEBUG | EXIT_HOST_64BIT | EXIT_LOAD_PAT | EXIT_SAVE_PAT |
			    EXIT_LOAD_EFER,
		.word = offsetof(struct lhv_vmx_caps, exit),
	}, {
		"VM-entry", VMX_MSR_ENTRY, VMX_MSR_TRUE_ENTRY,
		.required = ENTRY_LOAD_DEBUG | ENTRY_LOAD_PAT | ENTRY_LOAD_EFER,
		.word = offsetof(struct lhv_vmx_caps, entry),
	},
};

/*
 * SDM, "Reserved Controls and Default Settings": a bit may be 0 where the low
 * half of the MSR has 0 and may be 1 where the high half has 1.
 */
static int compute_controls(struct lhv_vmx_caps *c)
{
	bool use_true = c->basic & BASIC_TRUE_CONTROLS;
	const struct control_plan *p;

	for (p = plans; p < plans + ARRAY_SIZE(plans); p++) {
		u64 msr = lhv_host_rdmsr(use_true ? p->true_msr : p->msr);
		u32 must = (u32)msr, may = msr >> 32, missing = p->required & ~may;

		if (missing) {
			pr_err("lhv: this processor lacks VMX %s control bit %lu\n", p->name,
			       __ffs(missing));
			return -EOPNOTSUPP;
		}
		*(u32 *)((void *)c + p->word) = must | p->required | (p->wanted & may);
	}
	return 0;
}

static const struct {
	u64 bit;
	const char *name;
} ept_floor[] = {
	{ EPT_CAP_WALK_4, "EPT page walks of length 4" },
	{ EPT_CAP_WB, "write-back EPT structures" },
	{ EPT_CAP_INVEPT | EPT_CAP_INVEPT_ALL, "INVEPT" },
	{ EPT_CAP_INVVPID | EPT_CAP_INVVPID_ALL, "INVVPID" },
};

static int check_ept(u64 cap)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ept_floor); i++) {
		if ((cap & ept_floor[i].bit) != ept_floor[i].bit) {
			pr_err("lhv: this processor lacks %s\n", ept_floor[i].name);
			return -EOPNOTSUPP;
		}
	}
	return 0;
}

/* The parameters and the bits that go together decide what is used. */
static void settle_optional(struct lhv_vmx_caps *c)
{
	const u32 vid = CPU2_APIC_REGISTERS | CPU2_VID | CPU2_X2APIC;

	c->has_tpr_shadow = enable_tpr_shadow && (c->cpu & CPU_TPR_SHADOW);
	if (!c->has_tpr_shadow)
		c->cpu &= ~CPU_TPR_SHADOW;
	else
		c->cpu &= ~(CPU_CR8_LOAD_EXITING | CPU_CR8_STORE_EXITING);
	c->has_vid = enable_vid && c->has_tpr_shadow && (c->cpu2 & vid) == vid;
	c->has_ad = c->ept_vpid & EPT_CAP_AD;
	c->has_pml = enable_pml && (c->cpu2 & CPU2_PML) && c->has_ad;
	c->has_xsaves = c->cpu2 & CPU2_XSAVES;
	/* Switched on per vCPU when there is something to use them for. */
	c->cpu2 &= ~(vid | CPU2_PML);
	c->invept_context = c->ept_vpid & EPT_CAP_INVEPT_CONTEXT;
	c->invvpid_context = c->ept_vpid & EPT_CAP_INVVPID_CONTEXT;
}

/**
 * lhv_vmx_read_caps() - read the capability MSRs and compute control words
 * @c: filled in
 *
 * Process context at load. Prints, by name, what is missing.
 * Return: 0 or -EOPNOTSUPP.
 */
int lhv_vmx_read_caps(struct lhv_vmx_caps *c)
{
	int ret;

	c->basic = lhv_host_rdmsr(VMX_MSR_BASIC);
	if (BASIC_MEM_TYPE(c->basic) != 6) {
		pr_err("lhv: this processor wants VMCS regions that are not write-back\n");
		return -EOPNOTSUPP;
	}
	ret = compute_controls(c);
	if (ret)
		return ret;
	/* With true controls these are not forced; without, EPT forbids them. */
	c->cpu &= ~(CPU_CR3_LOAD_EXITING | CPU_CR3_STORE_EXITING);
	c->ept_vpid = lhv_host_rdmsr(VMX_MSR_EPT_VPID);
	ret = check_ept(c->ept_vpid);
	if (ret)
		return ret;
	c->misc = lhv_host_rdmsr(VMX_MSR_MISC);
	c->cr0_fixed0 = lhv_host_rdmsr(VMX_MSR_CR0_FIXED0);
	c->cr0_fixed1 = lhv_host_rdmsr(VMX_MSR_CR0_FIXED1);
	c->cr4_fixed0 = lhv_host_rdmsr(VMX_MSR_CR4_FIXED0);
	c->cr4_fixed1 = lhv_host_rdmsr(VMX_MSR_CR4_FIXED1);
	settle_optional(c);
	return 0;
}

/**
 * lhv_vmx_has() - can a guest be given a feature that needs a control?
 * @feature: an X86_FEATURE_* number
 *
 * Return: false where the instruction would be #UD for want of its control.
 */
bool lhv_vmx_has(u32 feature)
{
	switch (feature) {
	case X86_FEATURE_RDTSCP:
	case X86_FEATURE_RDPID:
		return lhv_vmx_caps.cpu2 & CPU2_RDTSCP;
	case X86_FEATURE_INVPCID:
		return lhv_vmx_caps.cpu2 & CPU2_INVPCID;
	case X86_FEATURE_XSAVES:
		return lhv_vmx_caps.has_xsaves;
	case X86_FEATURE_WAITPKG:
		return false;
	default:
		return true;
	}
}
