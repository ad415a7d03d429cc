// SPDX-License-Identifier: GPL-2.0
/*
 * MSRs: the table itself, what guests and userspace may write, and random
 * accesses. MTRRs, PAT and the machine-check banks with them.
 */
#include <stdlib.h>
#include <asm/cpufeature.h>
#include <asm/mce.h>
#include <asm/msr-index.h>

#include "world.h"

static struct lhv_vcpu *new_vcpu(void)
{
	struct lhv_vcpu *vcpu = world_init();

	give_all_cpuid(vcpu);
	return vcpu;
}

static u64 get(struct lhv_vcpu *vcpu, u32 index)
{
	u64 data = 0xdead;

	EXPECT_EQ(lhv_get_msr(vcpu, index, &data, true), 0);
	return data;
}

static int guest(struct lhv_vcpu *vcpu, u32 index, u64 data)
{
	return lhv_set_msr(vcpu, index, data, false);
}

static int host(struct lhv_vcpu *vcpu, u32 index, u64 data)
{
	return lhv_set_msr(vcpu, index, data, true);
}

static void table_is_sorted(void)
{
	unsigned int i;

	for (i = 0; i < lhv_msr_nr_rows; i++) {
		EXPECT(lhv_msr_rows[i].count > 0);
		if (i)
			EXPECT(lhv_msr_rows[i].first >= lhv_msr_rows[i - 1].first +
							lhv_msr_rows[i - 1].count);
	}
}

static void table_is_coherent(void)
{
	unsigned int i;

	for (i = 0; i < lhv_msr_nr_rows; i++) {
		const struct lhv_msr_row *row = &lhv_msr_rows[i];

		if (row->field != LHV_MSR_NO_FIELD)
			EXPECT(row->field + row->count * sizeof(u64) <=
			       sizeof(struct lhv_vcpu));
		EXPECT(row->cap < sizeof(struct lhv_guest_caps));
		EXPECT_EQ(row->reset & row->reserved &&
			  row->reset != LHV_MTRR_CAP, 0);
	}
}

static void list_is_read_and_written_back(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	const u32 *list;
	u32 i, n;

	list = lhv_msr_index_list(&n);
	EXPECT(n > 40 && n < 100);
	for (i = 0; i < n; i++)
		EXPECT_EQ(host(vcpu, list[i], get(vcpu, list[i])), 0);
}

static void list_has_no_more_than_the_host(void)
{
	const u32 *list;
	u32 i, n;

	world.cpuid_fill = 0;
	world_start();
	list = lhv_msr_index_list(&n);
	for (i = 0; i < n; i++) {
		EXPECT(list[i] != MSR_IA32_SPEC_CTRL);
		EXPECT(list[i] != MSR_IA32_XSS);
		EXPECT(list[i] != MSR_TSC_AUX);
	}
	EXPECT_EQ(host(&world.vcpu[0], MSR_IA32_SPEC_CTRL, 0), 1);
}

static void feature_msrs(void)
{
	const u32 *list;
	u64 data;
	u32 i, n;

	new_vcpu();
	list = lhv_msr_feature_list(&n);
	EXPECT_EQ(n, 2);
	for (i = 0; i < n; i++)
		EXPECT_EQ(lhv_get_feature_msr(list[i], &data), 0);
	EXPECT_EQ(lhv_get_feature_msr(MSR_STAR, &data), -EINVAL);
	EXPECT_EQ(lhv_get_feature_msr(MSR_IA32_ARCH_CAPABILITIES, &data), 0);
	/* the tests' host has MDS, and no other of the bugs */
	EXPECT_EQ(data & ARCH_CAP_MDS_NO, 0);
	EXPECT(data & ARCH_CAP_RDCL_NO);
	EXPECT(data & ARCH_CAP_IBRS_ALL);
}

static void unknown_ones(void)
{
	static const u32 unknown[] = { 0x2, 0x3c, 0x173, 0x177, 0x210, 0x251, 0x270,
				       0x480, 0x500, 0x5eadbeef, 0xc0000080 - 1,
				       0xc0010008, 0xffffffff };
	struct lhv_vcpu *vcpu = new_vcpu();
	unsigned int i;
	u64 data;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		EXPECT_EQ(lhv_get_msr(vcpu, unknown[i], &data, false), 1);
		EXPECT_EQ(lhv_get_msr(vcpu, unknown[i], &data, true), 1);
		EXPECT_EQ(guest(vcpu, unknown[i], 0), 1);
		EXPECT_EQ(host(vcpu, unknown[i], 0), 1);
	}
}

static void addresses_must_be_canonical(void)
{
	static const u32 addresses[] = {
		MSR_LSTAR, MSR_CSTAR, MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE,
		MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP,
	};
	struct lhv_vcpu *vcpu = new_vcpu();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		EXPECT_EQ(guest(vcpu, addresses[i], 0x7fffffffffff), 0);
		EXPECT_EQ(guest(vcpu, addresses[i], 0xffff800000000000), 0);
		EXPECT_EQ(guest(vcpu, addresses[i], 0x800000000000), 1);
		EXPECT_EQ(guest(vcpu, addresses[i], 0xfffeffffffffffff), 1);
		EXPECT_EQ(get(vcpu, addresses[i]), 0xffff800000000000);
	}
}

static void guest_needs_its_cpuid(void)
{
	struct lhv_vcpu *vcpu = world_init();
	u64 data;

	EXPECT_EQ(lhv_get_msr(vcpu, MSR_IA32_TSC_ADJUST, &data, false), 1);
	EXPECT_EQ(lhv_get_msr(vcpu, MSR_IA32_TSC_ADJUST, &data, true), 0);
	EXPECT_EQ(guest(vcpu, MSR_IA32_SPEC_CTRL, 0), 1);
	EXPECT_EQ(guest(vcpu, MSR_IA32_PRED_CMD, 1), 1);
	EXPECT_EQ(guest(vcpu, MSR_TSC_AUX, 1), 1);
	EXPECT_EQ(host(vcpu, MSR_TSC_AUX, 1), 0);
	give_all_cpuid(vcpu);
	EXPECT_EQ(guest(vcpu, MSR_TSC_AUX, 1), 0);
	EXPECT_EQ(guest(vcpu, MSR_TSC_AUX, 1ULL << 32), 1);
}

static void speculation(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	u64 data;

	EXPECT_EQ(guest(vcpu, MSR_IA32_SPEC_CTRL, 7), 0);
	EXPECT_EQ(guest(vcpu, MSR_IA32_SPEC_CTRL, 8), 1);
	vcpu->caps.spec_ctrl_allowed = 1;
	EXPECT_EQ(guest(vcpu, MSR_IA32_SPEC_CTRL, 2), 1);

	EXPECT_EQ(lhv_get_msr(vcpu, MSR_IA32_PRED_CMD, &data, false), 1);
	EXPECT_EQ(guest(vcpu, MSR_IA32_PRED_CMD, 2), 1);
	EXPECT_EQ(guest(vcpu, MSR_IA32_PRED_CMD, 0), 0);
	EXPECT_EQ(world.wrmsr_index, 0);
	EXPECT_EQ(guest(vcpu, MSR_IA32_PRED_CMD, 1), 0);
	EXPECT_EQ(world.wrmsr_index, MSR_IA32_PRED_CMD);
	EXPECT_EQ(guest(vcpu, MSR_IA32_FLUSH_CMD, 1), 0);
	EXPECT_EQ(world.wrmsr_index, MSR_IA32_FLUSH_CMD);
}

static void guests_cannot_write_what_is_given(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	u64 caps = get(vcpu, MSR_IA32_ARCH_CAPABILITIES);

	EXPECT_EQ(guest(vcpu, MSR_IA32_ARCH_CAPABILITIES, 0), 1);
	EXPECT_EQ(host(vcpu, MSR_IA32_ARCH_CAPABILITIES, 0), 0);
	EXPECT_EQ(host(vcpu, MSR_IA32_ARCH_CAPABILITIES, caps), 0);
	EXPECT_EQ(host(vcpu, MSR_IA32_ARCH_CAPABILITIES, ~0ULL), 1);
	EXPECT_EQ(guest(vcpu, LHV_MTRR_CAP_MSR, 0), 1);
	EXPECT_EQ(get(vcpu, LHV_MTRR_CAP_MSR), 0x508);
	EXPECT_EQ(guest(vcpu, MSR_IA32_FEAT_CTL, 1), 1);
	EXPECT_EQ(get(vcpu, MSR_IA32_FEAT_CTL), 1);
	/* a microcode loader writes 0, executes CPUID, reads */
	EXPECT_EQ(guest(vcpu, MSR_IA32_UCODE_REV, 0), 0);
	EXPECT_EQ(get(vcpu, MSR_IA32_UCODE_REV), 0x100000000);
}

static void misc_enable_keeps_what_says_there_is_no_pmu(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	u64 value = get(vcpu, MSR_IA32_MISC_ENABLE);

	EXPECT_EQ(value, BIT(11) | BIT(12));
	EXPECT_EQ(guest(vcpu, MSR_IA32_MISC_ENABLE, value | 1), 0);
	EXPECT_EQ(guest(vcpu, MSR_IA32_MISC_ENABLE, 1), 1);
	EXPECT_EQ(host(vcpu, MSR_IA32_MISC_ENABLE, 1), 0);
}

static void x2apic_registers_need_its_mode(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	u64 data;

	EXPECT_EQ(lhv_get_msr(vcpu, 0x802, &data, false), 1);
	world.vm.has_irqchip = true;
	EXPECT_EQ(lhv_get_msr(vcpu, 0x802, &data, false), 1);
	EXPECT_EQ(guest(vcpu, MSR_IA32_APICBASE, 0xfee00d00), 0);
	EXPECT_EQ(lhv_get_msr(vcpu, 0x802, &data, false), 0);
	EXPECT_EQ(lhv_get_msr(vcpu, 0x8ff, &data, false), 1);
	EXPECT_EQ(guest(vcpu, 0x808, 0), 0);
}

static bool pat_is_valid(u64 pat)
{
	return !lhv_pat_set(&world.vcpu[0], MSR_IA32_CR_PAT, pat, false);
}

static bool mtrr_is_valid(u32 index, u64 data, u8 maxphyaddr)
{
	world.vcpu[0].caps.maxphyaddr = maxphyaddr;
	return !lhv_mtrr_set(&world.vcpu[0], index, data, false);
}

static void pat_types(void)
{
	unsigned int byte, type;

	for (byte = 0; byte < 8; byte++)
		for (type = 0; type < 256; type++)
			EXPECT_EQ(pat_is_valid((u64)type << 8 * byte),
				  type < 8 && type != 2 && type != 3);
}

static void mtrr_values(void)
{
	EXPECT(mtrr_is_valid(LHV_MTRR_DEF_TYPE, 0xc06, 40));
	EXPECT(!mtrr_is_valid(LHV_MTRR_DEF_TYPE, 0xc07, 40));
	EXPECT(!mtrr_is_valid(LHV_MTRR_DEF_TYPE, 0x106, 40));
	EXPECT(!mtrr_is_valid(LHV_MTRR_DEF_TYPE, 1ULL << 40, 40));
	EXPECT(mtrr_is_valid(0x200, 0xfffffff006, 40));
	EXPECT(!mtrr_is_valid(0x200, 0x10000000006, 40));
	EXPECT(!mtrr_is_valid(0x200, 0x106, 40));
	EXPECT(mtrr_is_valid(0x20f, 0xff00000800, 40));
	EXPECT(!mtrr_is_valid(0x20f, 0xff00000801, 40));
	EXPECT(!mtrr_is_valid(0x20f, 0x1ff00000800, 40));
	EXPECT(mtrr_is_valid(0x20f, 0xfffffff00000800, 60));
	EXPECT(mtrr_is_valid(LHV_MTRR_FIX4K, 0x0506040100060504, 40));
	EXPECT(!mtrr_is_valid(LHV_MTRR_FIX4K, 0x0506040100060503, 40));
}

/* Each has a place of its own. */
static void mtrr_places(void)
{
	static const struct { u32 first, n; } range[] = {
		{ 0x200, 16 }, { 0x250, 1 }, { 0x258, 2 }, { 0x268, 8 }, { 0x2ff, 1 },
	};
	struct lhv_vcpu *vcpu = new_vcpu();
	unsigned int i, j, k;

	for (k = 0; k < 2; k++)
		for (i = 0; i < ARRAY_SIZE(range); i++)
			for (j = 0; j < range[i].n; j++) {
				u32 index = range[i].first + j;
				u64 value = index < 0x210 ? (u64)(j + 1) << 20 : j % 2;

				if (!k)
					EXPECT_EQ(guest(vcpu, index, value), 0);
				EXPECT_EQ(get(vcpu, index), value);
			}
}

static void mce_setup(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	u64 data;

	EXPECT_EQ(get(vcpu, MSR_IA32_MCG_CAP), 32);
	EXPECT_EQ(lhv_setup_mce(vcpu, 0), -EINVAL);
	EXPECT_EQ(lhv_setup_mce(vcpu, 33), -EINVAL);
	EXPECT_EQ(lhv_setup_mce(vcpu, BIT(10) | 4), -EINVAL);
	EXPECT_EQ(lhv_setup_mce(vcpu, MCG_CTL_P | 4), 0);
	EXPECT_EQ(get(vcpu, MSR_IA32_MC0_CTL + 12), ~0ULL);
	EXPECT_EQ(lhv_get_msr(vcpu, MSR_IA32_MC0_CTL + 16, &data, true), 1);
	EXPECT_EQ(guest(vcpu, MSR_IA32_MCG_CAP, 4), 1);
	EXPECT_EQ(guest(vcpu, MSR_IA32_MC0_CTL + 1, 5), 1);
	EXPECT_EQ(host(vcpu, MSR_IA32_MC0_CTL + 1, 5), 0);
	EXPECT_EQ(guest(vcpu, MSR_IA32_MC0_CTL + 1, 0), 0);
	EXPECT_EQ(guest(vcpu, MSR_IA32_MC0_CTL, 5), 1);
	EXPECT_EQ(guest(vcpu, MSR_IA32_MC0_CTL, ~(u64)BIT(10)), 0);
	EXPECT_EQ(guest(vcpu, MSR_IA32_MCG_STATUS + 1, 1), 1);
}

static void mce_corrected(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_x86_mce mce = { .status = MCI_STATUS_VAL | 1, .addr = 0x5000, .bank = 2 };
	u32 status = MSR_IA32_MC0_CTL + 9;

	EXPECT_EQ(lhv_setup_mce(vcpu, 4), 0);
	EXPECT_EQ(lhv_set_mce(vcpu, &mce), 0);
	EXPECT_EQ(get(vcpu, status), mce.status);
	mce.status++;
	EXPECT_EQ(lhv_set_mce(vcpu, &mce), 0);
	EXPECT_EQ(get(vcpu, status), mce.status | MCI_STATUS_OVER);
	EXPECT_EQ(world.exceptions, 0);
	/* one that is uncorrected stays */
	EXPECT_EQ(host(vcpu, status, MCI_STATUS_VAL | MCI_STATUS_UC), 0);
	EXPECT_EQ(lhv_set_mce(vcpu, &mce), 0);
	EXPECT_EQ(get(vcpu, status), MCI_STATUS_VAL | MCI_STATUS_UC | MCI_STATUS_OVER);
	mce.bank = 4;
	EXPECT_EQ(lhv_set_mce(vcpu, &mce), -EINVAL);
}

static void mce_uncorrected(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_x86_mce mce = {
		.status = MCI_STATUS_VAL | MCI_STATUS_UC, .mcg_status = MCG_STATUS_MCIP,
	};

	EXPECT_EQ(lhv_setup_mce(vcpu, MCG_CTL_P | 4), 0);
	lhv_reg_write(vcpu, LHV_CR4, X86_CR4_MCE);
	vcpu->mcg_ctl = 0;
	EXPECT_EQ(lhv_set_mce(vcpu, &mce), 0);
	EXPECT_EQ(world.exceptions, 0);
	vcpu->mcg_ctl = ~0ULL;
	EXPECT_EQ(lhv_set_mce(vcpu, &mce), 0);
	EXPECT_EQ(world.exceptions, 1);
	EXPECT_EQ(vcpu->exc.vector, 18);
	/* a second one while the first is being handled */
	EXPECT(!lhv_has_request(vcpu, LHV_REQ_TRIPLE_FAULT));
	EXPECT_EQ(lhv_set_mce(vcpu, &mce), 0);
	EXPECT(lhv_has_request(vcpu, LHV_REQ_TRIPLE_FAULT));
}

/* A guest that writes anything anywhere. */
static void random_accesses(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	unsigned int i;
	u64 data;

	world.vm.has_irqchip = true;
	srandom(1);
	for (i = 0; i < 300000; i++) {
		const struct lhv_msr_row *row = &lhv_msr_rows[random() % lhv_msr_nr_rows];
		u32 index = row->first + random() % (row->count + 1);

		data = (u64)random() << 33 ^ random();
		if (random() & 1)
			data &= random();
		guest(vcpu, index, data);
		lhv_get_msr(vcpu, index, &data, false);
		EXPECT(pat_is_valid(get(vcpu, MSR_IA32_CR_PAT)));
		EXPECT_EQ(vcpu->efer & ~lhv_supported_efer(), 0);
		EXPECT(lhv_is_canonical(vcpu->msr_lstar));
	}
}

const struct tap_case msr_cases[] = {
	CASE(table_is_sorted),
	CASE(table_is_coherent),
	CASE(list_is_read_and_written_back),
	CASE(list_has_no_more_than_the_host),
	CASE(feature_msrs),
	CASE(unknown_ones),
	CASE(addresses_must_be_canonical),
	CASE(guest_needs_its_cpuid),
	CASE(speculation),
	CASE(guests_cannot_write_what_is_given),
	CASE(misc_enable_keeps_what_says_there_is_no_pmu),
	CASE(x2apic_registers_need_its_mode),
	CASE(pat_types),
	CASE(mtrr_values),
	CASE(mtrr_places),
	CASE(mce_setup),
	CASE(mce_corrected),
	CASE(mce_uncorrected),
	CASE(random_accesses),
	{ }
};
