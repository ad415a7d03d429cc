// SPDX-License-Identifier: GPL-2.0
/*
 * CPUID: what is given on hosts that have everything, nothing, or a part; what
 * the guest reads; what follows from it for the rest of the processor.
 */
#include <string.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>

#include "world.h"

static struct kvm_cpuid_entry2 *given(u32 leaf, u32 index)
{
	static struct kvm_cpuid_entry2 none;
	u32 n;
	struct kvm_cpuid_entry2 *e = all_cpuid(&n);

	e = entry_of(e, n, leaf, index);
	return e ?: &none;
}

/* Features whose state or exits nobody takes care of. */
static void gives_nothing_unsupported(void)
{
	world_init();
	EXPECT_EQ(given(1, 0)->ecx & (BIT(3) | BIT(5) | BIT(6) | BIT(7) | BIT(15) |
				      BIT(24) | BIT(27)), 0);
	EXPECT_EQ(given(1, 0)->edx & (BIT(21) | BIT(22) | BIT(28) | BIT(29)), 0);
	EXPECT_EQ(given(7, 0)->ebx & (BIT(2) | BIT(12) | BIT(14) | BIT(15) | BIT(25)), 0);
	EXPECT_EQ(given(7, 0)->ecx & (BIT(4) | BIT(5) | BIT(7) | BIT(16) | BIT(24)), 0);
	EXPECT_EQ(given(7, 0)->edx & (BIT(20) | BIT(22) | BIT(24) | BIT(25)), 0);
	EXPECT_EQ(given(0x80000001, 0)->ecx & BIT(2), 0);
	EXPECT_EQ(given(0xd, 1)->eax & BIT(4), 0);
}

static void gives_no_performance_monitoring_and_no_frequencies(void)
{
	static const u32 leaves[] = { 5, 9, 0xa, 0x12, 0x14, 0x15, 0x16 };
	unsigned int i;

	world_init();
	for (i = 0; i < ARRAY_SIZE(leaves); i++) {
		struct kvm_cpuid_entry2 *e = given(leaves[i], 0);

		EXPECT_EQ(e->eax | e->ebx | e->ecx | e->edx, 0);
	}
}

static void gives_only_its_own_on_a_bare_host(void)
{
	world.cpuid_fill = 0;
	world_start();
	EXPECT_EQ(given(1, 0)->ecx, BIT(21) | BIT(31));
	EXPECT_EQ(given(1, 0)->edx, BIT(7) | BIT(9) | BIT(12) | BIT(14) | BIT(16));
	EXPECT_EQ(given(7, 0)->ebx, BIT(1));
	EXPECT_EQ(given(0xd, 0)->eax, 0);
	EXPECT_EQ(given(0x80000001, 0)->edx, 0);
}

static void gives_what_vendor_and_host_kernel_have(void)
{
	struct lhv_vcpu *vcpu;

	world.withheld = X86_FEATURE_INVPCID;
	vcpu = world_init();
	EXPECT_EQ(given(7, 0)->ebx & BIT(10), 0);
	EXPECT(given(1, 0)->ecx & BIT(17));
	give_all_cpuid(vcpu);
	EXPECT(!vcpu->caps.invpcid);
	EXPECT(vcpu->caps.pcid);
}

static void announces_kvm(void)
{
	world_init();
	EXPECT(!memcmp(&given(0x40000000, 0)->ebx, "KVMK", 4));
	EXPECT(!memcmp(&given(0x40000000, 0)->ecx, "VMKV", 4));
	EXPECT(!memcmp(&given(0x40000000, 0)->edx, "M\0\0\0", 4));
	EXPECT_EQ(given(0x40000001, 0)->eax, BIT(0) | BIT(1) | BIT(3) | BIT(24));
}

static void sizes_of_xsave_areas(void)
{
	world_init();
	EXPECT_EQ(given(0xd, 0)->eax, 0x2e7);
	EXPECT_EQ(given(0xd, 0)->edx, 0);
	EXPECT_EQ(given(0xd, 0)->ecx, 2696);
	EXPECT_EQ(given(0xd, 2)->ebx, 576);
	EXPECT_EQ(given(0xd, 1)->ebx, 576 + 256 + 64 + 512 + 1024 + 8);
}

static void avx512_whole_or_not_at_all(void)
{
	world_init();
	world.xcr0 = 0x67;
	world_start();
	EXPECT_EQ(given(0xd, 0)->eax, 7);
	EXPECT_EQ(given(0xd, 0)->ecx, 832);
}

static void addresses_fit_the_nested_table(void)
{
	world_init();
	EXPECT_EQ(given(0x80000008, 0)->eax, 46 | 48 << 8);
	boot_cpu_data.x86_phys_bits = 52;
	EXPECT_EQ(lhv_cpuid_init(), 0);
	EXPECT_EQ(given(0x80000008, 0)->eax, 48 | 48 << 8);
}

static void too_small_a_list(void)
{
	struct kvm_cpuid_entry2 e[4];
	u32 n = 4;

	world_init();
	EXPECT_EQ(lhv_supported_cpuid(e, &n), -E2BIG);
}

static void query(struct lhv_vcpu *vcpu, u32 leaf, u32 index, u32 r[4])
{
	r[0] = leaf;
	r[2] = index;
	lhv_cpuid_query(vcpu, &r[0], &r[1], &r[2], &r[3]);
}

static void guest_reads_every_entry(void)
{
	struct lhv_vcpu *vcpu = world_init();
	u32 n, i, r[4];
	struct kvm_cpuid_entry2 *e = all_cpuid(&n);

	give_all_cpuid(vcpu);
	for (i = 0; i < n; i++) {
		query(vcpu, e[i].function, e[i].index, r);
		EXPECT_EQ(r[0], e[i].eax);
		if (e[i].function != 0xd)
			EXPECT_EQ(r[1], e[i].ebx);
		EXPECT_EQ(r[2], e[i].ecx);
		EXPECT_EQ(r[3], e[i].edx);
	}
}

/* Entries in any order, subleaves apart from each other. */
static void order_does_not_matter(void)
{
	struct lhv_vcpu *vcpu = world_init();
	u32 n, i, r[4];
	struct kvm_cpuid_entry2 *e = all_cpuid(&n), swap;

	for (i = 0; i < n / 2; i++) {
		swap = e[i];
		e[i] = e[n - 1 - i];
		e[n - 1 - i] = swap;
	}
	EXPECT_EQ(lhv_set_cpuid(vcpu, e, n), 0);
	for (i = 0; i < 4; i++) {
		query(vcpu, 4, i, r);
		EXPECT_EQ(r[0], entry_of(e, n, 4, i)->eax);
	}
	query(vcpu, 0x40000000, 5, r);
	EXPECT_EQ(r[0], 0x40000001);
}

static void beyond_the_last_leaf(void)
{
	struct lhv_vcpu *vcpu = world_init();
	u32 n, r[4];
	struct kvm_cpuid_entry2 *e = all_cpuid(&n);

	entry_of(e, n, 0, 0)->eax = 6;
	EXPECT_EQ(lhv_set_cpuid(vcpu, e, n), 0);
	query(vcpu, 0x2000, 0, r);
	EXPECT_EQ(r[0], 4);			/* leaf 6 */
	query(vcpu, 0x80000123, 0, r);
	EXPECT_EQ(r[0], 4);
	query(vcpu, 0xffffffff, 0, r);
	EXPECT_EQ(r[0], 4);
	query(vcpu, 0x40000055, 0, r);
	EXPECT_EQ(r[0], 4);
}

static void beyond_the_last_leaf_on_amd(void)
{
	struct lhv_vcpu *vcpu;
	u32 r[4];

	world.amd = true;
	vcpu = world_init();
	give_all_cpuid(vcpu);
	query(vcpu, 0x2000, 0, r);
	EXPECT_EQ(r[0] | r[1] | r[2] | r[3], 0);
}

static void beyond_the_last_topology_level(void)
{
	struct lhv_vcpu *vcpu = world_init();
	struct kvm_cpuid_entry2 e[3] = {
		{ .function = 0, .eax = 0xb },
		{ .function = 0xb, .index = 0, .flags = 1, .ebx = 1, .ecx = 0x100, .edx = 7 },
		{ .function = 0xb, .index = 1, .flags = 1, .ebx = 4, .ecx = 0x201, .edx = 7 },
	};
	u32 r[4];

	EXPECT_EQ(lhv_set_cpuid(vcpu, e, 3), 0);
	query(vcpu, 0xb, 9, r);
	EXPECT_EQ(r[0] | r[1], 0);
	EXPECT_EQ(r[2], 9);
	EXPECT_EQ(r[3], 7);
}

static void without_cpuid_everything_is_zero(void)
{
	struct lhv_vcpu *vcpu = world_init();
	u32 r[4];

	query(vcpu, 1, 0, r);
	EXPECT_EQ(r[0] | r[1] | r[2] | r[3], 0);
	EXPECT_EQ(vcpu->caps.maxphyaddr, 36);
	EXPECT_EQ(vcpu->caps.xcr0_allowed, 0);
}

static void bits_that_follow_the_state(void)
{
	struct lhv_vcpu *vcpu = world_init();
	u32 r[4];

	give_all_cpuid(vcpu);
	lhv_reg_write(vcpu, LHV_CR4, X86_CR4_OSXSAVE | X86_CR4_PKE);
	query(vcpu, 1, 0, r);
	EXPECT(r[2] & BIT(27));
	EXPECT(r[3] & BIT(9));
	query(vcpu, 7, 0, r);
	EXPECT(r[2] & BIT(4));
	vcpu->apic_base &= ~(u64)MSR_IA32_APICBASE_ENABLE;
	query(vcpu, 1, 0, r);
	EXPECT_EQ(r[3] & BIT(9), 0);

	query(vcpu, 0xd, 0, r);
	EXPECT_EQ(r[1], 576);
	EXPECT_EQ(lhv_set_xcr(vcpu, 0, 7), 0);
	query(vcpu, 0xd, 0, r);
	EXPECT_EQ(r[1], 832);
	EXPECT_EQ(lhv_set_xcr(vcpu, 0, 0x207), 0);
	query(vcpu, 0xd, 0, r);
	EXPECT_EQ(r[1], 2696);
	query(vcpu, 0xd, 1, r);
	EXPECT_EQ(r[1], 576 + 256 + 8);
}

static void same_list_again_once_it_has_run(void)
{
	struct lhv_vcpu *vcpu = world_init();
	u32 n;
	struct kvm_cpuid_entry2 *e = all_cpuid(&n);

	give_all_cpuid(vcpu);
	vcpu->stat.enters = 1;
	/* what was read back carries the state's bits: it is the same list */
	lhv_reg_write(vcpu, LHV_CR4, X86_CR4_OSXSAVE);
	EXPECT_EQ(lhv_get_cpuid(vcpu, e, &n), 0);
	EXPECT_EQ(lhv_set_cpuid(vcpu, e, n), 0);
	entry_of(e, n, 1, 0)->eax ^= 1;
	EXPECT_EQ(lhv_set_cpuid(vcpu, e, n), -EINVAL);
	EXPECT_EQ(lhv_set_cpuid(vcpu, e, n - 1), -EINVAL);
}

static void refuses_odd_widths_and_too_many(void)
{
	struct lhv_vcpu *vcpu = world_init();
	struct kvm_cpuid_entry2 e = { .function = 0x80000008, .eax = 46 | 50 << 8 };

	EXPECT_EQ(lhv_set_cpuid(vcpu, &e, 1), -EINVAL);
	e.eax = 46 | 57 << 8;
	EXPECT_EQ(lhv_set_cpuid(vcpu, &e, 1), 0);
	EXPECT_EQ(lhv_set_cpuid(vcpu, &e, LHV_MAX_CPUID_ENTRIES + 1), -E2BIG);
}

static void announced_but_not_there(void)
{
	struct lhv_vcpu *vcpu;
	struct kvm_cpuid_entry2 *e;
	u32 n;

	world.withheld = X86_FEATURE_SMAP;
	vcpu = world_init();
	e = all_cpuid(&n);
	entry_of(e, n, 7, 0)->ebx = ~0U;
	EXPECT_EQ(lhv_set_cpuid(vcpu, e, n), 0);
	EXPECT_EQ(vcpu->caps.cr4_allowed & X86_CR4_SMAP, 0);
	EXPECT(vcpu->caps.cr4_allowed & X86_CR4_SMEP);
}

static void userspace_announces_the_deadline_timer(void)
{
	struct lhv_vcpu *vcpu = world_init();
	u32 n;
	struct kvm_cpuid_entry2 *e = all_cpuid(&n);

	EXPECT(!vcpu->caps.tsc_deadline);
	entry_of(e, n, 1, 0)->ecx |= BIT(24);
	EXPECT_EQ(lhv_set_cpuid(vcpu, e, n), 0);
	EXPECT(vcpu->caps.tsc_deadline);
}

static void strange_address_widths_are_clamped(void)
{
	static const struct { u8 said, used; } width[] = {
		{ 0, 36 }, { 1, 32 }, { 39, 39 }, { 52, 52 }, { 64, 52 }, { 255, 52 },
	};
	struct lhv_vcpu *vcpu = world_init();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(width); i++) {
		struct kvm_cpuid_entry2 e = { .function = 0x80000008 };

		e.eax = width[i].said;
		EXPECT_EQ(lhv_set_cpuid(vcpu, &e, 1), 0);
		EXPECT_EQ(vcpu->caps.maxphyaddr, width[i].used);
	}
}

const struct tap_case cpuid_cases[] = {
	CASE(gives_nothing_unsupported),
	CASE(gives_no_performance_monitoring_and_no_frequencies),
	CASE(gives_only_its_own_on_a_bare_host),
	CASE(gives_what_vendor_and_host_kernel_have),
	CASE(announces_kvm),
	CASE(sizes_of_xsave_areas),
	CASE(avx512_whole_or_not_at_all),
	CASE(addresses_fit_the_nested_table),
	CASE(too_small_a_list),
	CASE(guest_reads_every_entry),
	CASE(order_does_not_matter),
	CASE(beyond_the_last_leaf),
	CASE(beyond_the_last_leaf_on_amd),
	CASE(beyond_the_last_topology_level),
	CASE(without_cpuid_everything_is_zero),
	CASE(bits_that_follow_the_state),
	CASE(same_list_again_once_it_has_run),
	CASE(refuses_odd_widths_and_too_many),
	CASE(announced_but_not_there),
	CASE(userspace_announces_the_deadline_timer),
	CASE(strange_address_widths_are_clamped),
	{ }
};
