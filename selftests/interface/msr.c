// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the MSR calls: the lists, get and set, what is refused.
 */
#include <stdlib.h>
#include <string.h>

#include "interface.h"
#include "vm.h"
#include "../../uapi/lhv.h"

#define MSR_TSC			0x10
#define MSR_APIC_BASE		0x1b
#define MSR_TSC_ADJUST		0x3b
#define MSR_MTRR_CAP		0xfe
#define MSR_SYSENTER_CS		0x174
#define MSR_SYSENTER_ESP	0x175
#define MSR_SYSENTER_EIP	0x176
#define MSR_MCG_CAP		0x179
#define MSR_MCG_STATUS		0x17a
#define MSR_MISC_ENABLE		0x1a0
#define MSR_MTRR_BASE_0		0x200
#define MSR_MTRR_MASK_0		0x201
#define MSR_MTRR_FIX_64K	0x250
#define MSR_PAT			0x277
#define MSR_MTRR_DEF_TYPE	0x2ff
#define MSR_MC0_CTL		0x400
#define MSR_TSC_DEADLINE	0x6e0
#define MSR_EFER		0xc0000080
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_CSTAR		0xc0000083
#define MSR_SFMASK		0xc0000084
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS_BASE	0xc0000102
#define MSR_TSC_AUX		0xc0000103
#define MSR_KVM_WALL_CLOCK	0x4b564d00
#define MSR_KVM_SYSTEM_TIME	0x4b564d01

/* No processor and no hypervisor is known to have it. */
#define MSR_NONE		0x5eadbeef
/* KVM takes fewer than this many at a time. */
#define MAX_MSRS		256

static struct vcpu new_vcpu(void)
{
	struct vcpu v;

	vcpu_create(vm_create(), 0, &v);
	return v;
}

static struct kvm_msr_list *list_alloc(u32 n)
{
	struct kvm_msr_list *list;

	list = calloc(1, sizeof(*list) + n * sizeof(list->indices[0]));
	EXPECT(list);
	list->nmsrs = n;
	return list;
}

static struct kvm_msr_list *list_of(unsigned long request)
{
	struct kvm_msr_list *list = list_alloc(1000);

	EXPECT_OK(ioctl(sys_open(), request, list));
	return list;
}

static bool list_has(const struct kvm_msr_list *list, u32 index)
{
	u32 i;

	for (i = 0; i < list->nmsrs; i++)
		if (list->indices[i] == index)
			return true;
	return false;
}

static struct kvm_msrs *msrs_alloc(u32 n)
{
	struct kvm_msrs *msrs;

	msrs = calloc(1, sizeof(*msrs) + n * sizeof(msrs->entries[0]));
	EXPECT(msrs);
	msrs->nmsrs = n;
	return msrs;
}

static void list_has_the_usual(void)
{
	static const u32 usual[] = {
		MSR_TSC, MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP,
		MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SFMASK,
		MSR_KERNEL_GS_BASE, MSR_PAT, MSR_MISC_ENABLE,
	};
	struct kvm_msr_list *list = list_of(KVM_GET_MSR_INDEX_LIST);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(usual); i++) {
		if (!list_has(list, usual[i]))
			tap_note("MSR %#x", usual[i]);
		EXPECT(list_has(list, usual[i]));
	}
}

static void list_has_none_twice(void)
{
	struct kvm_msr_list *list = list_of(KVM_GET_MSR_INDEX_LIST);
	u32 i, j;

	for (i = 0; i < list->nmsrs; i++)
		for (j = i + 1; j < list->nmsrs; j++)
			EXPECT(list->indices[i] != list->indices[j]);
}

static void list_too_small_tells_size(void)
{
	u32 want = list_of(KVM_GET_MSR_INDEX_LIST)->nmsrs;
	struct kvm_msr_list *list = list_alloc(want);
	int sys = sys_open();

	list->nmsrs = 0;
	EXPECT_ERRNO(ioctl(sys, KVM_GET_MSR_INDEX_LIST, list), E2BIG);
	EXPECT_EQ(list->nmsrs, want);
	list->nmsrs = want - 1;
	EXPECT_ERRNO(ioctl(sys, KVM_GET_MSR_INDEX_LIST, list), E2BIG);
	list->nmsrs = want;
	EXPECT_OK(ioctl(sys, KVM_GET_MSR_INDEX_LIST, list));
}

static void list_bad_pointer(void)
{
	EXPECT_ERRNO(ioctl(sys_open(), KVM_GET_MSR_INDEX_LIST, 8UL), EFAULT);
}

/* VMMs give up where a listed MSR cannot be read or written back. */
static void each_listed_can_be_read_and_written_back(void)
{
	struct kvm_msr_list *list = list_of(KVM_GET_MSR_INDEX_LIST);
	struct kvm_msrs *msr = msrs_alloc(1);
	unsigned int bad = 0;
	struct vcpu v;
	u32 i;

	vcpu_create(vm_create_with_irqchip(), 0, &v);
	for (i = 0; i < list->nmsrs; i++) {
		msr->entries[0].index = list->indices[i];
		msr->entries[0].data = 0;
		if (ioctl(v.fd, KVM_GET_MSRS, msr) == 1 &&
		    ioctl(v.fd, KVM_SET_MSRS, msr) == 1)
			continue;
		tap_note("MSR %#x", list->indices[i]);
		bad++;
	}
	EXPECT_EQ(bad, 0);
}

static void feature_list(void)
{
	struct kvm_msr_list *list;
	struct kvm_msrs *msr = msrs_alloc(1);
	int sys = sys_open();
	u32 i;

	REQUIRE_CAP(sys, KVM_CAP_GET_MSR_FEATURES);
	list = list_of(KVM_GET_MSR_FEATURE_INDEX_LIST);
	for (i = 0; i < list->nmsrs; i++) {
		msr->entries[0].index = list->indices[i];
		EXPECT_EQ(ioctl(sys, KVM_GET_MSRS, msr), 1);
	}
}

static void feature_list_too_small(void)
{
	struct kvm_msr_list *list = list_alloc(1);
	int sys = sys_open();
	u32 want;

	REQUIRE_CAP(sys, KVM_CAP_GET_MSR_FEATURES);
	want = list_of(KVM_GET_MSR_FEATURE_INDEX_LIST)->nmsrs;
	if (!want)
		tap_skip("no feature MSRs");
	list->nmsrs = 0;
	EXPECT_ERRNO(ioctl(sys, KVM_GET_MSR_FEATURE_INDEX_LIST, list), E2BIG);
	EXPECT_EQ(list->nmsrs, want);
}

static void feature_msr_unknown(void)
{
	struct kvm_msrs *msr = msrs_alloc(1);
	int sys = sys_open();

	REQUIRE_CAP(sys, KVM_CAP_GET_MSR_FEATURES);
	msr->entries[0].index = MSR_STAR;
	EXPECT_EQ(ioctl(sys, KVM_GET_MSRS, msr), 0);
}

static void get_none(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_msrs *msrs = msrs_alloc(0);

	EXPECT_EQ(ioctl(v.fd, KVM_GET_MSRS, msrs), 0);
	EXPECT_EQ(ioctl(v.fd, KVM_SET_MSRS, msrs), 0);
}

static void get_counts_up_to_first_unknown(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_msrs *msrs = msrs_alloc(4);

	msrs->entries[0].index = MSR_STAR;
	msrs->entries[1].index = MSR_LSTAR;
	msrs->entries[2].index = MSR_NONE;
	msrs->entries[3].index = MSR_CSTAR;
	EXPECT_EQ(ioctl(v.fd, KVM_GET_MSRS, msrs), 2);
	EXPECT_EQ(ioctl(v.fd, KVM_SET_MSRS, msrs), 2);
	msrs->entries[0].index = MSR_NONE;
	EXPECT_EQ(ioctl(v.fd, KVM_GET_MSRS, msrs), 0);
	EXPECT_EQ(ioctl(v.fd, KVM_SET_MSRS, msrs), 0);
}

static void get_many(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_msrs *msrs = msrs_alloc(MAX_MSRS);
	unsigned int i;

	for (i = 0; i < MAX_MSRS; i++)
		msrs->entries[i].index = MSR_STAR;
	msrs->nmsrs = MAX_MSRS - 1;
	EXPECT_EQ(ioctl(v.fd, KVM_GET_MSRS, msrs), MAX_MSRS - 1);
	EXPECT_EQ(ioctl(v.fd, KVM_SET_MSRS, msrs), MAX_MSRS - 1);
}

static void get_too_many(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_msrs *msrs = msrs_alloc(MAX_MSRS);

	EXPECT_ERRNO(ioctl(v.fd, KVM_GET_MSRS, msrs), E2BIG);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_MSRS, msrs), E2BIG);
	msrs->nmsrs = 0xffffffff;
	EXPECT_ERRNO(ioctl(v.fd, KVM_GET_MSRS, msrs), E2BIG);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_MSRS, msrs), E2BIG);
}

static void bad_pointer(void)
{
	struct vcpu v = new_vcpu();

	EXPECT_ERRNO(ioctl(v.fd, KVM_GET_MSRS, 8UL), EFAULT);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_MSRS, 8UL), EFAULT);
}

static void round_trip(u32 index, u64 value)
{
	struct vcpu v = new_vcpu();

	EXPECT_EQ(vcpu_set_msr(&v, index, value), 1);
	EXPECT_EQ(vcpu_get_msr(&v, index), value);
}

static void refused(u32 index, u64 value)
{
	struct vcpu v = new_vcpu();
	u64 before = vcpu_get_msr(&v, index);

	EXPECT_EQ(vcpu_set_msr(&v, index, value), 0);
	EXPECT_EQ(vcpu_get_msr(&v, index), before);
}

static void syscall_msrs(void)
{
	round_trip(MSR_STAR, 0x0023001000000000);
	round_trip(MSR_LSTAR, 0xffffffff81000000);
	round_trip(MSR_CSTAR, 0xffffffff81000080);
	round_trip(MSR_SFMASK, 0x47700);
}

static void syscall_msrs_not_canonical(void)
{
	refused(MSR_LSTAR, 0x8000000000000000);
	refused(MSR_CSTAR, 0x0100000000000000);
}

static void sysenter_msrs(void)
{
	round_trip(MSR_SYSENTER_CS, 0x10);
	round_trip(MSR_SYSENTER_ESP, 0x81000000);
	round_trip(MSR_SYSENTER_EIP, 0x81001000);
}

/* On AMD only the lower half exists; there SYSENTER is for 32-bit code. */
static void sysenter_msrs_upper_half(void)
{
	if (!host_is_intel())
		tap_skip("not an Intel host");
	round_trip(MSR_SYSENTER_ESP, 0xffff888000001000);
	round_trip(MSR_SYSENTER_EIP, 0xffffffff81001000);
}

static void base_msrs(void)
{
	round_trip(MSR_FS_BASE, 0x00007fff12345000);
	round_trip(MSR_GS_BASE, 0xffff888012345000);
	round_trip(MSR_KERNEL_GS_BASE, 0x00007f0012345000);
}

static void base_msrs_not_canonical(void)
{
	refused(MSR_FS_BASE, 0x8000000000000000);
	refused(MSR_GS_BASE, 0x8000000000000000);
	refused(MSR_KERNEL_GS_BASE, 0x8000000000000000);
}

static void fs_base_is_the_segment_base(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs sregs;

	EXPECT_EQ(vcpu_set_msr(&v, MSR_FS_BASE, 0x123456000), 1);
	EXPECT_OK(ioctl(v.fd, KVM_GET_SREGS, &sregs));
	EXPECT_EQ(sregs.fs.base, 0x123456000);
}

static void pat(void)
{
	struct vcpu v = new_vcpu();

	EXPECT_EQ(vcpu_get_msr(&v, MSR_PAT), 0x0007040600070406);
	round_trip(MSR_PAT, 0x0007010600070106);
}

static void pat_bad_type(void)
{
	refused(MSR_PAT, 0x0007040600070402);
	refused(MSR_PAT, 0x0807040600070406);
}

static void efer(void)
{
	round_trip(MSR_EFER, BIT(0) | BIT(11));
	refused(MSR_EFER, BIT(1));
	refused(MSR_EFER, BIT(40));
}

static void apic_base(void)
{
	struct kvm_sregs sregs;
	struct vcpu v;

	vcpu_create(vm_create_with_irqchip(), 0, &v);
	EXPECT_EQ(vcpu_get_msr(&v, MSR_APIC_BASE), 0xfee00900);
	EXPECT_EQ(vcpu_set_msr(&v, MSR_APIC_BASE, 0xfee00d00), 1);
	EXPECT_OK(ioctl(v.fd, KVM_GET_SREGS, &sregs));
	EXPECT_EQ(sregs.apic_base, 0xfee00d00);
	EXPECT_EQ(vcpu_set_msr(&v, MSR_APIC_BASE, 0xfee00901), 0);
	EXPECT_EQ(vcpu_set_msr(&v, MSR_APIC_BASE, 0xfee00400), 0);
}

static void mtrrs(void)
{
	struct vcpu v = new_vcpu();

	EXPECT_EQ(vcpu_get_msr(&v, MSR_MTRR_CAP) & 0xff, 8);
	round_trip(MSR_MTRR_DEF_TYPE, 0xc06);
	round_trip(MSR_MTRR_BASE_0, 0x80000006);
	round_trip(MSR_MTRR_MASK_0, 0xf80000800);
	round_trip(MSR_MTRR_FIX_64K, 0x0606060606060606);
}

static void mtrrs_bad_type(void)
{
	refused(MSR_MTRR_DEF_TYPE, 0xc02);
	refused(MSR_MTRR_DEF_TYPE, 0x1006);
	refused(MSR_MTRR_BASE_0, 0x80000003);
	refused(MSR_MTRR_FIX_64K, 0x0606060606060602);
}

/* AMD's oldest counters, which no CPUID bit announces: clients reset them unasked. */
static void oldest_counters_take_zero(void)
{
	struct vcpu v = new_vcpu();
	u32 i;

	for (i = 0; i < 8; i++) {
		EXPECT_EQ(vcpu_set_msr(&v, 0xc0010000 + i, 0), 1);
		EXPECT_EQ(vcpu_get_msr(&v, 0xc0010000 + i), 0);
	}
}

static void tsc_is_what_was_set(void)
{
	struct vcpu v = new_vcpu();
	u64 before = 1UL << 50, after;

	EXPECT_EQ(vcpu_set_msr(&v, MSR_TSC, before), 1);
	after = vcpu_get_msr(&v, MSR_TSC);
	EXPECT(after >= before);
	EXPECT(after < before + (1UL << 40));
	EXPECT(vcpu_get_msr(&v, MSR_TSC) >= after);
}

/*
 * A snapshot of a VM that ran for half a second, restored at once: the value is near
 * the new VM's own. KVM takes it for that before 6.7.
 */
static void tsc_of_a_young_vm(void)
{
	struct vcpu v = new_vcpu();
	u64 half = EXPECT_OK(ioctl(v.fd, KVM_GET_TSC_KHZ, 0)) * 500ULL;

	REQUIRE_CAP(sys_open(), LHV_CAP_VERSION);
	EXPECT_EQ(vcpu_set_msr(&v, MSR_TSC, half), 1);
	EXPECT(vcpu_get_msr(&v, MSR_TSC) >= half);
}

static void tsc_starts_near_zero(void)
{
	struct vcpu v = new_vcpu();

	EXPECT(vcpu_get_msr(&v, MSR_TSC) < 1UL << 36);
}

static void tsc_adjust(void)
{
	struct vcpu v = new_vcpu();
	u64 before;

	if (!list_has(list_of(KVM_GET_MSR_INDEX_LIST), MSR_TSC_ADJUST))
		tap_skip("no TSC_ADJUST");
	EXPECT_EQ(vcpu_get_msr(&v, MSR_TSC_ADJUST), 0);
	before = vcpu_get_msr(&v, MSR_TSC);
	EXPECT_EQ(vcpu_set_msr(&v, MSR_TSC_ADJUST, 1UL << 45), 1);
	EXPECT_EQ(vcpu_get_msr(&v, MSR_TSC_ADJUST), 1UL << 45);
	/* A value set by userspace is restored state: the TSC stays. */
	EXPECT(vcpu_get_msr(&v, MSR_TSC) - before < 1UL << 44);
}

static void tsc_aux(void)
{
	if (!list_has(list_of(KVM_GET_MSR_INDEX_LIST), MSR_TSC_AUX))
		tap_skip("no TSC_AUX");
	round_trip(MSR_TSC_AUX, 0x1234);
}

static void tsc_deadline_needs_lapic_timer(void)
{
	struct vcpu v;

	if (!list_has(list_of(KVM_GET_MSR_INDEX_LIST), MSR_TSC_DEADLINE))
		tap_skip("no TSC_DEADLINE");
	vcpu_create(vm_create_with_irqchip(), 0, &v);
	/* The timer is not in deadline mode: the write is ignored. */
	EXPECT_EQ(vcpu_set_msr(&v, MSR_TSC_DEADLINE, 12345), 1);
	EXPECT_EQ(vcpu_get_msr(&v, MSR_TSC_DEADLINE), 0);
}

static void misc_enable(void)
{
	struct vcpu v = new_vcpu();
	u64 value = vcpu_get_msr(&v, MSR_MISC_ENABLE);

	EXPECT_EQ(vcpu_set_msr(&v, MSR_MISC_ENABLE, value | BIT(0)), 1);
	EXPECT_EQ(vcpu_get_msr(&v, MSR_MISC_ENABLE), value | BIT(0));
}

static void kvmclock_msrs(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_msr_list *list = list_of(KVM_GET_MSR_INDEX_LIST);

	if (!list_has(list, MSR_KVM_SYSTEM_TIME))
		tap_skip("no kvmclock");
	EXPECT_EQ(vcpu_get_msr(&v, MSR_KVM_SYSTEM_TIME), 0);
	EXPECT_EQ(vcpu_set_msr(&v, MSR_KVM_SYSTEM_TIME, 0), 1);
	EXPECT(list_has(list, MSR_KVM_WALL_CLOCK));
}

static void mce_msrs(void)
{
	u64 mcg_cap = 4 | BIT(8);
	struct vcpu v = new_vcpu();

	if (cap_of(sys_open(), KVM_CAP_MCE) <= 0)
		tap_skip("no KVM_CAP_MCE");
	EXPECT_OK(ioctl(v.fd, KVM_X86_SETUP_MCE, &mcg_cap));
	EXPECT_EQ(vcpu_get_msr(&v, MSR_MCG_CAP), mcg_cap);
	EXPECT_EQ(vcpu_get_msr(&v, MSR_MCG_STATUS), 0);
	EXPECT_EQ(vcpu_set_msr(&v, MSR_MCG_STATUS, 4), 1);
	EXPECT_EQ(vcpu_get_msr(&v, MSR_MCG_STATUS), 4);
	EXPECT_EQ(vcpu_set_msr(&v, MSR_MC0_CTL, ~0UL), 1);
	EXPECT_EQ(vcpu_get_msr(&v, MSR_MC0_CTL), ~0UL);
	EXPECT_EQ(vcpu_set_msr(&v, MSR_MC0_CTL + 4 * 4, 0), 0);
}

static void unknown(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_msrs *msr = msrs_alloc(1);

	msr->entries[0].index = MSR_NONE;
	EXPECT_EQ(ioctl(v.fd, KVM_GET_MSRS, msr), 0);
	EXPECT_EQ(ioctl(v.fd, KVM_SET_MSRS, msr), 0);
}

const struct tap_case msr_cases[] = {
	{ "list_has_the_usual", list_has_the_usual },
	{ "list_has_none_twice", list_has_none_twice },
	{ "list_too_small_tells_size", list_too_small_tells_size },
	{ "list_bad_pointer", list_bad_pointer },
	{ "each_listed_can_be_read_and_written_back",
	  each_listed_can_be_read_and_written_back },
	{ "feature_list", feature_list },
	{ "feature_list_too_small", feature_list_too_small },
	{ "feature_msr_unknown", feature_msr_unknown },
	{ "get_none", get_none },
	{ "get_counts_up_to_first_unknown", get_counts_up_to_first_unknown },
	{ "get_many", get_many },
	{ "get_too_many", get_too_many },
	{ "bad_pointer", bad_pointer },
	{ "syscall_msrs", syscall_msrs },
	{ "syscall_msrs_not_canonical", syscall_msrs_not_canonical },
	{ "sysenter_msrs", sysenter_msrs },
	{ "sysenter_msrs_upper_half", sysenter_msrs_upper_half },
	{ "base_msrs", base_msrs },
	{ "base_msrs_not_canonical", base_msrs_not_canonical },
	{ "fs_base_is_the_segment_base", fs_base_is_the_segment_base },
	{ "pat", pat },
	{ "pat_bad_type", pat_bad_type },
	{ "efer", efer },
	{ "apic_base", apic_base },
	{ "mtrrs", mtrrs },
	{ "mtrrs_bad_type", mtrrs_bad_type },
	{ "oldest_counters_take_zero", oldest_counters_take_zero },
	{ "tsc_is_what_was_set", tsc_is_what_was_set },
	{ "tsc_of_a_young_vm", tsc_of_a_young_vm },
	{ "tsc_starts_near_zero", tsc_starts_near_zero },
	{ "tsc_adjust", tsc_adjust },
	{ "tsc_aux", tsc_aux },
	{ "tsc_deadline_needs_lapic_timer", tsc_deadline_needs_lapic_timer },
	{ "misc_enable", misc_enable },
	{ "kvmclock_msrs", kvmclock_msrs },
	{ "mce_msrs", mce_msrs },
	{ "unknown", unknown },
	{ }
};
