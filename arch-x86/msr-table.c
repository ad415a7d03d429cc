// SPDX-License-Identifier: GPL-2.0
/*
 * The MSRs a guest has, as one table in ascending order, and the few that are
 * more than a value. Used by msr.c alone. An MSR that is not here raises #GP.
 */
#include <linux/cache.h>
#include <linux/kernel.h>
#include <linux/kvm_para.h>
#include <linux/stddef.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>

#include "hostregs.h"
#include "msr.h"

#define PAT_RESET	0x0007040600070406ULL	/* SDM, "IA32_PAT MSR" */
#define UCODE_REV_RESET	0x100000000ULL
#define SPEC_CTRL_BITS	(SPEC_CTRL_IBRS | SPEC_CTRL_STIBP | SPEC_CTRL_SSBD)
#define MISC_ENABLE_RO	(MSR_IA32_MISC_ENABLE_EMON | MSR_IA32_MISC_ENABLE_BTS_UNAVAIL | \
			 MSR_IA32_MISC_ENABLE_PEBS_UNAVAIL)
#define MISC_ENABLE_RESET \
	(MSR_IA32_MISC_ENABLE_BTS_UNAVAIL | MSR_IA32_MISC_ENABLE_PEBS_UNAVAIL)

static int get_tsc(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	*data = lhv_guest_tsc(vcpu);
	return 0;
}

static int set_apic_base(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	return lhv_set_apic_base(vcpu, data, host);
}

static int set_efer(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	return lhv_set_efer(vcpu, data, host);
}

static int set_spec_ctrl(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	return !host && (data & ~vcpu->caps.spec_ctrl_allowed);
}

/* PRED_CMD and FLUSH_CMD: bit 0 acts on this processor at once. */
static int set_command(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	if (data && !host)
		lhv_host_wrmsr(index, data);
	return 0;
}

static int set_misc_enable(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	return !host && ((data ^ vcpu->msr_misc_enable) & MISC_ENABLE_RO);
}

/* Without an APIC in the kernel there is no timer, and never a deadline. */
static int get_deadline(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	*data = vcpu->vm->has_irqchip ? lhv_lapic_get_tsc_deadline(&vcpu->lapic) : 0;
	return 0;
}

static int set_deadline(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	if (vcpu->vm->has_irqchip)
		lhv_lapic_set_tsc_deadline(&vcpu->lapic, data);
	return 0;
}

/* In another mode, or without an APIC in the kernel, they are not there. */
static int get_x2apic(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	return !!lhv_lapic_x2_read(&vcpu->lapic, index, data);
}

static int set_x2apic(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	return !!lhv_lapic_x2_write(&vcpu->lapic, index, data);
}

static int get_wall_clock(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	*data = READ_ONCE(vcpu->vm->wall_clock_msr);
	return 0;
}

#define ONE(_index)		.first = _index, .count = 1
#define RANGE(_first, _count)	.first = _first, .count = _count
#define FIELD(_member)		.field = offsetof(struct lhv_vcpu, _member)
#define CPU(_name)		.feature = X86_FEATURE_##_name
#define OR_CPU(_name)		.or_feature = X86_FEATURE_##_name
#define CAP(_member)		.cap = offsetof(struct lhv_guest_caps, _member)
#define UPPER_HALF		GENMASK_ULL(63, 32)

#define SAVED	LHV_MSR_SAVED
#define HW	LHV_MSR_HW
#define CANON	LHV_MSR_CANON
#define RO	LHV_MSR_RO

/* Reads zero, takes zero: what systems look at before they know their host. */
#define ZERO(_first, _count) \
	{ RANGE(_first, _count), .reserved = ~0ULL }
#define MTRR(_first, _count, _place) \
	{ RANGE(_first, _count), .flags = SAVED, FIELD(msr_mtrr[_place]), .set = lhv_mtrr_set }
#define WALL_CLOCK(_index) \
	{ ONE(_index), .flags = SAVED, .get = get_wall_clock, .set = lhv_set_wall_clock }
#define SYSTEM_TIME(_index) \
	{ ONE(_index), .flags = SAVED, FIELD(pvclock.system_time_msr), .set = lhv_set_system_time }

#define FIXED_MTRR	(2 * LHV_MTRR_VARIABLE)		/* after the variable ones */

static_assert(FIXED_MTRR + 12 == ARRAY_SIZE(((struct lhv_vcpu *)0)->msr_mtrr));
static_assert(LHV_MCE_BANKS * 4 == ARRAY_SIZE(((struct lhv_vcpu *)0)->mce_banks));

struct lhv_msr_row lhv_msr_rows[] __ro_after_init = {
	ZERO(MSR_IA32_P5_MC_ADDR, 2),
	{ ONE(MSR_IA32_TSC), .flags = SAVED, .get = get_tsc, .set = lhv_set_tsc },
	WALL_CLOCK(MSR_KVM_WALL_CLOCK),
	SYSTEM_TIME(MSR_KVM_SYSTEM_TIME),
	ZERO(MSR_IA32_PLATFORM_ID, 1),
	{ ONE(MSR_IA32_APICBASE), .flags = LHV_MSR_OWN, FIELD(apic_base), .set = set_apic_base },
	ZERO(MSR_IA32_EBL_CR_POWERON, 1),
	ZERO(MSR_SMI_COUNT, 1),
	{ ONE(MSR_IA32_FEAT_CTL), .flags = RO, FIELD(msr_feature_control),
	  .reserved = ~(u64)FEAT_CTL_LOCKED, .reset = FEAT_CTL_LOCKED },
	{ ONE(MSR_IA32_TSC_ADJUST), .flags = SAVED, FIELD(tsc_adjust), CAP(tsc_adjust),
	  .set = lhv_set_tsc_adjust },
	{ ONE(MSR_IA32_SPEC_CTRL), .flags = SAVED | HW, FIELD(msr_spec_ctrl), CAP(spec_ctrl),
	  CPU(SPEC_CTRL), OR_CPU(AMD_STIBP), .reserved = ~(u64)SPEC_CTRL_BITS,
	  .set = set_spec_ctrl },
	{ ONE(MSR_IA32_PRED_CMD), .flags = LHV_MSR_WO, CPU(SPEC_CTRL), OR_CPU(AMD_IBPB),
	  CAP(pred_cmd), .reserved = ~(u64)PRED_CMD_IBPB, .set = set_command },
	{ ONE(MSR_IA32_UCODE_WRITE), .flags = LHV_MSR_WI },
	{ ONE(MSR_IA32_UCODE_REV), .flags = SAVED | LHV_MSR_WI, FIELD(msr_ucode_rev),
	  .reset = UCODE_REV_RESET },
	{ ONE(MSR_PLATFORM_INFO), .flags = SAVED | RO, FIELD(msr_platform_info),
	  .reserved = ~0ULL },
	{ ONE(LHV_MTRR_CAP_MSR), .flags = RO, .reset = LHV_MTRR_CAP, .reserved = ~0ULL },
	/* at load .reset and .reserved become what the host can keep */
	{ ONE(MSR_IA32_ARCH_CAPABILITIES), .flags = SAVED | RO, FIELD(msr_arch_capabilities),
	  CAP(arch_capabilities) },
	{ ONE(MSR_IA32_FLUSH_CMD), .flags = LHV_MSR_WO, CPU(FLUSH_L1D), CAP(flush_cmd),
	  .reserved = ~(u64)L1D_FLUSH, .set = set_command },
	{ ONE(MSR_MISC_FEATURES_ENABLES), .flags = SAVED, .reserved = ~0ULL },
	{ ONE(MSR_IA32_SYSENTER_CS), .flags = SAVED | HW },
	{ ONE(MSR_IA32_SYSENTER_ESP), .flags = SAVED | HW | CANON },
	{ ONE(MSR_IA32_SYSENTER_EIP), .flags = SAVED | HW | CANON },
	{ ONE(MSR_IA32_MCG_CAP), .flags = RO | LHV_MSR_FIXED, FIELD(mcg_cap),
	  .reset = LHV_MCE_BANKS },
	{ ONE(MSR_IA32_MCG_STATUS), .flags = SAVED, FIELD(mcg_status) },
	{ ONE(MSR_IA32_MCG_CTL), .flags = SAVED, FIELD(mcg_ctl), .get = lhv_mcg_ctl_get,
	  .set = lhv_mcg_ctl_set },
	ZERO(MSR_IA32_PERF_STATUS, 2),
	{ ONE(MSR_IA32_MISC_ENABLE), .flags = SAVED, FIELD(msr_misc_enable),
	  .set = set_misc_enable, .reset = MISC_ENABLE_RESET },
	{ ONE(MSR_IA32_DEBUGCTLMSR), .flags = HW, .reserved = ~(u64)DEBUGCTLMSR_BTF },
	ZERO(MSR_IA32_LASTBRANCHFROMIP, 4),
	MTRR(LHV_MTRR_PHYSBASE0, 2 * LHV_MTRR_VARIABLE, 0),
	MTRR(LHV_MTRR_FIX64K, 1, FIXED_MTRR),
	MTRR(LHV_MTRR_FIX16K, 2, FIXED_MTRR + 1),
	MTRR(LHV_MTRR_FIX4K, 8, FIXED_MTRR + 3),
	{ ONE(MSR_IA32_CR_PAT), .flags = SAVED | HW, FIELD(msr_pat), .set = lhv_pat_set,
	  .reset = PAT_RESET },
	MTRR(LHV_MTRR_DEF_TYPE, 1, FIXED_MTRR + 11),
	{ RANGE(MSR_IA32_MC0_CTL, LHV_MCE_BANKS * 4), FIELD(mce_banks),
	  .get = lhv_mce_bank_get, .set = lhv_mce_bank_set },
	{ ONE(MSR_IA32_TSC_DEADLINE), .flags = SAVED, .get = get_deadline, .set = set_deadline },
	{ RANGE(APIC_BASE_MSR, 0x100), .get = get_x2apic, .set = set_x2apic },
	{ ONE(MSR_IA32_XSS), .flags = SAVED, FIELD(msr_xss), CPU(XSAVES), CAP(xsaves),
	  .reserved = ~0ULL },
	WALL_CLOCK(MSR_KVM_WALL_CLOCK_NEW),
	SYSTEM_TIME(MSR_KVM_SYSTEM_TIME_NEW),
	{ ONE(MSR_EFER), .flags = LHV_MSR_OWN, FIELD(efer), .set = set_efer },
	{ ONE(MSR_STAR), .flags = SAVED | HW, FIELD(msr_star) },
	{ ONE(MSR_LSTAR), .flags = SAVED | HW | CANON, FIELD(msr_lstar) },
	{ ONE(MSR_CSTAR), .flags = SAVED | HW | CANON, FIELD(msr_cstar) },
	{ ONE(MSR_SYSCALL_MASK), .flags = SAVED | HW, FIELD(msr_syscall_mask),
	  .reserved = UPPER_HALF },
	{ ONE(MSR_FS_BASE), .flags = HW | CANON },
	{ ONE(MSR_GS_BASE), .flags = HW | CANON },
	{ ONE(MSR_KERNEL_GS_BASE), .flags = SAVED | HW | CANON, FIELD(msr_kernel_gs_base) },
	{ ONE(MSR_TSC_AUX), .flags = SAVED | HW, FIELD(msr_tsc_aux), CPU(RDTSCP), CAP(rdtscp),
	  .reserved = UPPER_HALF },
	/* AMD's systems look at these unasked: a TSC of constant rate, LFENCE waits */
	/* AMD's four oldest counters have no CPUID bit; QEMU 11 resets them unasked */
	ZERO(MSR_K7_EVNTSEL0, 8),
	ZERO(MSR_AMD64_SYSCFG, 1),
	{ ONE(MSR_K7_HWCR), .flags = LHV_MSR_WI, .reset = BIT(24), .reserved = ~BIT_ULL(24) },
	ZERO(MSR_AMD64_NB_CFG, 1),
	{ ONE(MSR_AMD64_PATCH_LOADER), .flags = LHV_MSR_WI },
	{ ONE(MSR_AMD64_DE_CFG), .flags = LHV_MSR_WI, .reset = BIT(1), .reserved = ~BIT_ULL(1) },
	ZERO(MSR_AMD64_BU_CFG2, 1),
};

const unsigned int lhv_msr_nr_rows = ARRAY_SIZE(lhv_msr_rows);
