// SPDX-License-Identifier: GPL-2.0
/*
 * MSR accesses of guests and of userspace, and the lists of MSRs that userspace
 * saves. Called by the RDMSR and WRMSR exits (in the ring) and by module/. What
 * there is stands in msr-table.c; this file looks it up and applies what all
 * rows have in common.
 */
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>

#include "hostregs.h"
#include "msr.h"

/* Made once at load from the rows whose feature is there. */
#define MAX_LIST	128

static u32 saved_list[MAX_LIST] __ro_after_init;
static u32 nr_saved __ro_after_init;

static const u32 feature_list[] = { MSR_IA32_UCODE_REV, MSR_IA32_ARCH_CAPABILITIES };
static u64 host_ucode_rev __ro_after_init;
static u64 arch_capabilities __ro_after_init;

/*
 * What a guest may be told about the processor's weaknesses: that one is not
 * there, when the host has not got it either, and that lhv flushes the L1 cache
 * where that matters (SDM, "IA32_ARCH_CAPABILITIES").
 */
static const struct {
	u64 bit;
	u16 bug;		/* X86_BUG number */
} absent_bugs[] = {
	{ ARCH_CAP_RDCL_NO,	X86_BUG_CPU_MELTDOWN },
	{ ARCH_CAP_SSB_NO,	X86_BUG_SPEC_STORE_BYPASS },
	{ ARCH_CAP_MDS_NO,	X86_BUG_MDS },
	{ ARCH_CAP_TAA_NO,	X86_BUG_TAA },
};

/* These the guest can use as the host's own microcode gives them. */
#define ARCH_CAP_FROM_HOST						\
	(ARCH_CAP_IBRS_ALL | ARCH_CAP_RSBA | ARCH_CAP_SBDR_SSDP_NO |	\
	 ARCH_CAP_FBSDP_NO | ARCH_CAP_PSDP_NO | ARCH_CAP_FB_CLEAR |	\
	 ARCH_CAP_RRSBA | ARCH_CAP_PBRSB_NO | ARCH_CAP_GDS_NO |		\
	 ARCH_CAP_RFDS_NO | ARCH_CAP_RFDS_CLEAR)

static u64 find_arch_capabilities(void)
{
	u64 host = 0, caps;
	unsigned int i;

	if (boot_cpu_has(X86_FEATURE_ARCH_CAPABILITIES))
		lhv_host_rdmsr_safe(MSR_IA32_ARCH_CAPABILITIES, &host);
	caps = host & ARCH_CAP_FROM_HOST;
	caps |= ARCH_CAP_SKIP_VMENTRY_L1DFLUSH | ARCH_CAP_PSCHANGE_MC_NO;
	for (i = 0; i < ARRAY_SIZE(absent_bugs); i++)
		if (!boot_cpu_has_bug(absent_bugs[i].bug))
			caps |= absent_bugs[i].bit;
	return caps;
}

/* At load, from lhv_cpuid_init(), when it is known what lhv gives. */
void lhv_msr_init(void)
{
	struct lhv_msr_row *row;
	u32 i;

	nr_saved = 0;
	arch_capabilities = find_arch_capabilities();
	lhv_host_rdmsr_safe(MSR_IA32_UCODE_REV, &host_ucode_rev);
	for (row = lhv_msr_rows; row < lhv_msr_rows + lhv_msr_nr_rows; row++) {
		row->flags |= LHV_MSR_ABSENT;
		if (row->feature && !lhv_cpuid_supported(row->feature) &&
		    !(row->or_feature && lhv_cpuid_supported(row->or_feature)))
			continue;
		row->flags &= ~LHV_MSR_ABSENT;
		/* what userspace may put there is what the host can keep */
		if (row->first == MSR_IA32_ARCH_CAPABILITIES) {
			row->reset = arch_capabilities;
			row->reserved = ~arch_capabilities;
		}
		for (i = 0; i < row->count && (row->flags & LHV_MSR_SAVED); i++)
			if (!WARN_ON_ONCE(nr_saved >= MAX_LIST))
				saved_list[nr_saved++] = row->first + i;
	}
}

/**
 * lhv_msr_index_list() - KVM_GET_MSR_INDEX_LIST
 * @n: how many there are
 *
 * Return: the MSRs that userspace saves and restores.
 */
const u32 *lhv_msr_index_list(u32 *n)
{
	*n = nr_saved;
	return saved_list;
}

/**
 * lhv_msr_feature_list() - KVM_GET_MSR_FEATURE_INDEX_LIST
 * @n: how many there are
 *
 * Return: the MSRs whose value on this host userspace may ask for.
 */
const u32 *lhv_msr_feature_list(u32 *n)
{
	*n = ARRAY_SIZE(feature_list);
	return feature_list;
}

/**
 * lhv_get_feature_msr() - what this host would give a guest
 * @index: one of lhv_msr_feature_list()
 * @data: the answer
 *
 * Return: 0 or -EINVAL.
 */
int lhv_get_feature_msr(u32 index, u64 *data)
{
	if (index == MSR_IA32_ARCH_CAPABILITIES)
		*data = arch_capabilities;
	else if (index == MSR_IA32_UCODE_REV)
		*data = host_ucode_rev;
	else
		return -EINVAL;
	return 0;
}

/* NULL where there is none for who asks. */
static const struct lhv_msr_row *find_row(const struct lhv_vcpu *vcpu, u32 index, bool host)
{
	unsigned int low = 0, high = lhv_msr_nr_rows, mid;
	const struct lhv_msr_row *row;

	while (low < high) {
		mid = (low + high) / 2;
		if (lhv_msr_rows[mid].first <= index)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return NULL;
	row = &lhv_msr_rows[low - 1];
	if (index - row->first >= row->count || (row->flags & LHV_MSR_ABSENT))
		return NULL;
	if (!host && row->cap && !*(const bool *)((const void *)&vcpu->caps + row->cap))
		return NULL;
	return row;
}

static u64 *field_of(struct lhv_vcpu *vcpu, const struct lhv_msr_row *row, u32 index)
{
	u64 *first = (void *)vcpu + row->field;

	return &first[array_index_nospec(index - row->first, row->count)];
}

/**
 * lhv_get_msr() - RDMSR, or one entry of KVM_GET_MSRS
 * @vcpu: loaded
 * @index: which
 * @data: the answer
 * @host: userspace asks
 *
 * Return: 0, or 1 where there is none: the guest takes #GP(0).
 */
int lhv_get_msr(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	const struct lhv_msr_row *row = find_row(vcpu, index, host);

	if (!row || (row->flags & LHV_MSR_WO))
		return 1;
	if (row->get)
		return row->get(vcpu, index, data, host);
	if ((row->flags & LHV_MSR_HW) && !lhv_vendor.get_msr(vcpu, index, data))
		return 0;
	*data = row->field ? *field_of(vcpu, row, index) : row->reset;
	return 0;
}

/* A row without a setter, or whose setter only checks, ends in its place. */
static void store(struct lhv_vcpu *vcpu, const struct lhv_msr_row *row, u32 index, u64 data)
{
	if ((row->flags & LHV_MSR_HW) && !lhv_vendor.set_msr(vcpu, index, data))
		return;
	if (row->field && !(row->flags & LHV_MSR_OWN))
		*field_of(vcpu, row, index) = data;
}

/**
 * lhv_set_msr() - WRMSR, or one entry of KVM_SET_MSRS
 * @vcpu: loaded
 * @index: which
 * @data: its new value
 * @host: userspace asks
 *
 * Return: 0, or 1 where there is none or it cannot hold @data: the guest takes
 * #GP(0).
 */
int lhv_set_msr(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	const struct lhv_msr_row *row = find_row(vcpu, index, host);

	if (!row || (row->flags & (host ? LHV_MSR_FIXED : LHV_MSR_RO)))
		return 1;
	if (!host && (row->flags & LHV_MSR_WI))
		return 0;
	if ((data & row->reserved) ||
	    ((row->flags & LHV_MSR_CANON) && !lhv_is_canonical(data)) ||
	    (row->set && row->set(vcpu, index, data, host)))
		return 1;
	store(vcpu, row, index, data);
	return 0;
}

/**
 * lhv_msr_reset() - every MSR after power-up
 * @vcpu: loaded
 */
void lhv_msr_reset(struct lhv_vcpu *vcpu)
{
	const struct lhv_msr_row *row;
	u32 i;

	for (row = lhv_msr_rows; row < lhv_msr_rows + lhv_msr_nr_rows; row++)
		if (row->field || (row->flags & LHV_MSR_HW))
			for (i = 0; i < row->count; i++)
				store(vcpu, row, row->first + i, row->reset);
}
