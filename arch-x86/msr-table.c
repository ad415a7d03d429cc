// SPDX-License-Identifier: GPL-2.0
/*
 * The MSRs a guest has, as one table in ascending order, and the few that are
 * more than a value. Used by msr.c alone. An MSR that is not here raises #GP.
 */
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

static int set_tsc(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	lhv_write_tsc(vcpu, data, host);
	return 0;
}

static int set_tsc_adjust(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	lhv_write_tsc_adjust(vcpu, data, host);
	return 0;
}

static int get_apic_base(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	*data = vcpu->apic_base;
	return 0;
}

static int set_apic_base(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	return lhv_set_apic_base(vcpu, data, host);
}

static int get_efer(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	*data = vcpu->efer;
	return 0;
}

static int set_efer(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	return lhv_set_efer(vcpu, data, host);
}

static int set_pat(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	return !lhv_pat_is_valid(data);
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

static int set_xss(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	return !!(data & ~vcpu->caps.xss_allowed);
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

static int get_x2apic(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	if (!vcpu->vm->has_irqchip || vcpu->lapic.mode != LHV_APIC_X2APIC)
		return 1;
	return lhv_lapic_x2_read(&vcpu->lapic, index, data) ? 1 : 0;
}

static int set_x2apic(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	if (!vcpu->vm->has_irqchip || vcpu->lapic.mode != LHV_APIC_X2APIC)
		return 1;
	return lhv_lapic_x2_write(&vcpu->lapic, index, data) ? 1 : 0;
}

static int get_system_time(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	*data = vcpu->pvclock.system_time_msr;
	return 0;
}

static int set_system_time(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	return lhv_set_kvmclock_msr(vcpu, data);
}

static int get_wall_clock(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	*data = READ_ONCE(vcpu->vm->wall_clock_msr);
	return 0;
}

static int set_wall_clock(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	return lhv_set_wall_clock_msr(vcpu, data);
}

/* What userspace may put there is what the host can keep. */
static int set_arch_capabilities(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	return !!(data & ~lhv_supported_arch_capabilities());
}

#define ONE(_index)		.first = _index, .count = 1
#define RANGE(_first, _count)	.first = _first, .count = _count
#define FIELD(_member)		.field = offsetof(struct lhv_vcpu, _member)
#define NO_FIELD		.field = LHV_MSR_NO_FIELD
#define CPU(_name)		.feature = X86_FEATURE_##_name
#define CAP(_member)		.cap = offsetof(struct lhv_guest_caps, _member)

#define SAVED	LHV_MSR_SAVED
#define HW	LHV_MSR_HW
#define CANON	LHV_MSR_CANON

/* Reads zero, takes zero: what systems look at before they know their host. */
#define ZERO(_first, _count) \
	{ RANGE(_first, _count), NO_FIELD, .reserved = ~0ULL }
#define MTRR(_first, _count) \
	{ RANGE(_first, _count), SAVED_FLAG, NO_FIELD, .get = lhv_mtrr_get, .set = lhv_mtrr_set }
#define SAVED_FLAG .flags = SAVED

const struct lhv_msr_row lhv_msr_rows[] = {
	ZERO(MSR_IA32_P5_MC_ADDR, 2),
	{ ONE(MSR_IA32_TSC), SAVED_FLAG, NO_FIELD, .get = get_tsc, .set = set_tsc },
	{ ONE(MSR_KVM_WALL_CLOCK), SAVED_FLAG, NO_FIELD,
	  .get = get_wall_clock, .set = set_wall_clock },
	{ ONE(MSR_KVM_SYSTEM_TIME), SAVED_FLAG, NO_FIELD,
	  .get = get_system_time, .set = set_system_time },
	ZERO(MSR_IA32_PLATFORM_ID, 1),
	{ ONE(MSR_IA32_APICBASE), NO_FIELD, .get = get_apic_base, .set = set_apic_base },
	ZERO(MSR_IA32_EBL_CR_POWERON, 1),
	ZERO(MSR_SMI_COUNT, 1),
	{ ONE(MSR_IA32_FEAT_CTL), .flags = LHV_MSR_RO, FIELD(msr_feature_control),
	  .reserved = ~(u64)FEAT_CTL_LOCKED, .reset = FEAT_CTL_LOCKED },
	{ ONE(MSR_IA32_TSC_ADJUST), SAVED_FLAG, FIELD(tsc_adjust), CAP(tsc_adjust),
	  .set = set_tsc_adjust },
	{ ONE(MSR_IA32_SPEC_CTRL), .flags = SAVED | HW, FIELD(msr_spec_ctrl),
	  CPU(SPEC_CTRL), CAP(spec_ctrl), .reserved = ~(u64)SPEC_CTRL_BITS,
	  .set = set_spec_ctrl },
	{ ONE(MSR_IA32_PRED_CMD), .flags = LHV_MSR_WO, NO_FIELD, CPU(SPEC_CTRL),
	  CAP(pred_cmd), .reserved = ~(u64)PRED_CMD_IBPB, .set = set_command },
	{ ONE(MSR_IA32_UCODE_WRITE), .flags = LHV_MSR_WI, NO_FIELD },
	{ ONE(MSR_IA32_UCODE_REV), .flags = SAVED | LHV_MSR_FEATURE | LHV_MSR_WI,
	  FIELD(msr_ucode_rev), .reset = UCODE_REV_RESET },
	{ ONE(MSR_PLATFORM_INFO), .flags = SAVED | LHV_MSR_RO, FIELD(msr_platform_info),
	  .reserved = ~0ULL },
	{ ONE(LHV_MTRR_CAP_MSR), .flags = LHV_MSR_RO, NO_FIELD, .reset = LHV_MTRR_CAP,
	  .reserved = ~0ULL },
	{ ONE(MSR_IA32_ARCH_CAPABILITIES), .flags = SAVED | LHV_MSR_FEATURE | LHV_MSR_RO,
	  FIELD(msr_arch_capabilities), CAP(arch_capabilities),
	  .set = set_arch_capabilities },
	{ ONE(MSR_IA32_FLUSH_CMD), .flags = LHV_MSR_WO, NO_FIELD, CPU(FLUSH_L1D),
	  CAP(flush_cmd), .reserved = ~(u64)L1D_FLUSH, .set = set_command },
	{ ONE(MSR_MISC_FEATURES_ENABLES), SAVED_FLAG, NO_FIELD, .reserved = ~0ULL },
	{ ONE(MSR_IA32_SYSENTER_CS), .flags = SAVED | HW, NO_FIELD },
	{ ONE(MSR_IA32_SYSENTER_ESP), .flags = SAVED | HW | CANON, NO_FIELD },
	{ ONE(MSR_IA32_SYSENTER_EIP), .flags = SAVED | HW | CANON, NO_FIELD },
	{ ONE(MSR_IA32_MCG_CAP), .flags = LHV_MSR_RO, NO_FIELD,
	  .get = lhv_mcg_get, .set = lhv_mcg_set },
	{ RANGE(MSR_IA32_MCG_STATUS, 2), SAVED_FLAG, NO_FIELD,
	  .get = lhv_mcg_get, .set = lhv_mcg_set },
	ZERO(MSR_IA32_PERF_STATUS, 2),
	{ ONE(MSR_IA32_MISC_ENABLE), SAVED_FLAG, FIELD(msr_misc_enable),
	  .set = set_misc_enable, .reset = MISC_ENABLE_RESET },
	{ ONE(MSR_IA32_DEBUGCTLMSR), .flags = HW, NO_FIELD, .reserved = ~(u64)DEBUGCTLMSR_BTF },
	ZERO(MSR_IA32_LASTBRANCHFROMIP, 4),
	MTRR(LHV_MTRR_PHYSBASE0, 2 * LHV_MTRR_VARIABLE),
	MTRR(LHV_MTRR_FIX64K, 1),
	MTRR(LHV_MTRR_FIX16K, 2),
	MTRR(LHV_MTRR_FIX4K, 8),
	{ ONE(MSR_IA32_CR_PAT), .flags = SAVED | HW, FIELD(msr_pat), .set = set_pat,
	  .reset = PAT_RESET },
	MTRR(LHV_MTRR_DEF_TYPE, 1),
	{ RANGE(MSR_IA32_MC0_CTL, LHV_MCE_BANKS * 4), NO_FIELD,
	  .get = lhv_mce_bank_get, .set = lhv_mce_bank_set },
	{ ONE(MSR_IA32_TSC_DEADLINE), SAVED_FLAG, NO_FIELD, .get = get_deadline,
	  .set = set_deadline },
	{ RANGE(APIC_BASE_MSR, 0x100), NO_FIELD, .get = get_x2apic, .set = set_x2apic },
	{ ONE(MSR_IA32_XSS), SAVED_FLAG, FIELD(msr_xss), CPU(XSAVES), CAP(xsaves),
	  .set = set_xss },
	{ ONE(MSR_KVM_WALL_CLOCK_NEW), SAVED_FLAG, NO_FIELD,
	  .get = get_wall_clock, .set = set_wall_clock },
	{ ONE(MSR_KVM_SYSTEM_TIME_NEW), SAVED_FLAG, NO_FIELD,
	  .get = get_system_time, .set = set_system_time },
	{ ONE(MSR_EFER), NO_FIELD, .get = get_efer, .set = set_efer },
	{ ONE(MSR_STAR), .flags = SAVED | HW, FIELD(msr_star) },
	{ ONE(MSR_LSTAR), .flags = SAVED | HW | CANON, FIELD(msr_lstar) },
	{ ONE(MSR_CSTAR), .flags = SAVED | HW | CANON, FIELD(msr_cstar) },
	{ ONE(MSR_SYSCALL_MASK), .flags = SAVED | HW, FIELD(msr_syscall_mask),
	  .reserved = GENMASK_ULL(63, 32) },
	{ ONE(MSR_FS_BASE), .flags = HW | CANON, NO_FIELD },
	{ ONE(MSR_GS_BASE), .flags = HW | CANON, NO_FIELD },
	{ ONE(MSR_KERNEL_GS_BASE), .flags = SAVED | HW | CANON, FIELD(msr_kernel_gs_base) },
	{ ONE(MSR_TSC_AUX), .flags = SAVED | HW, FIELD(msr_tsc_aux), CPU(RDTSCP),
	  CAP(rdtscp),
	  .reserved = GENMASK_ULL(63, 32) },
};

const unsigned int lhv_msr_nr_rows = ARRAY_SIZE(lhv_msr_rows);
