// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the CPUID tables: what is supported, what userspace sets.
 */
#include <stdlib.h>
#include <string.h>

#include "interface.h"
#include "vm.h"

/* The most entries that KVM takes. */
#define MAX_ENTRIES	256

static void supported_has_basic_leaves(void)
{
	struct kvm_cpuid2 *cpuid = cpuid_supported();

	EXPECT(cpuid->nent > 2 && cpuid->nent < CPUID_ENTRIES);
	EXPECT(cpuid_find(cpuid, 0, 0));
	EXPECT(cpuid_find(cpuid, 1, 0));
	EXPECT(cpuid_find(cpuid, 0x80000000, 0));
	EXPECT(cpuid_find(cpuid, 0x80000001, 0));
}

static void supported_has_long_mode_and_nx(void)
{
	struct kvm_cpuid_entry2 *leaf;

	leaf = cpuid_find(cpuid_supported(), 0x80000001, 0);
	EXPECT(leaf);
	EXPECT(leaf->edx & BIT(29));
	EXPECT(leaf->edx & BIT(20));
}

static void supported_has_no_nested_hypervisor_unasked(void)
{
	struct kvm_cpuid_entry2 *leaf = cpuid_find(cpuid_supported(), 1, 0);
	int sys = sys_open();

	if (cap_of(sys, KVM_CAP_NESTED_STATE) > 0)
		tap_skip("nested guests are offered");
	EXPECT_EQ(leaf->ecx & BIT(5), 0);
	leaf = cpuid_find(cpuid_supported(), 0x80000001, 0);
	EXPECT_EQ(leaf->ecx & BIT(2), 0);
}

static void supported_has_kvm_signature(void)
{
	struct kvm_cpuid_entry2 *leaf;
	char text[13] = "";

	leaf = cpuid_find(cpuid_supported(), 0x40000000, 0);
	EXPECT(leaf);
	memcpy(text, &leaf->ebx, 4);
	memcpy(text + 4, &leaf->ecx, 4);
	memcpy(text + 8, &leaf->edx, 4);
	EXPECT(!strcmp(text, "KVMKVMKVM"));
	EXPECT(leaf->eax >= 0x40000001);
	EXPECT(cpuid_find(cpuid_supported(), 0x40000001, 0));
}

static void supported_leaf_numbers_are_within_limits(void)
{
	struct kvm_cpuid2 *cpuid = cpuid_supported();
	u32 basic = cpuid_find(cpuid, 0, 0)->eax;
	u32 extended = cpuid_find(cpuid, 0x80000000, 0)->eax;
	unsigned int i;

	for (i = 0; i < cpuid->nent; i++) {
		u32 function = cpuid->entries[i].function;

		if (function < 0x40000000)
			EXPECT(function <= basic);
		if (function >= 0x80000000 && function < 0xc0000000)
			EXPECT(function <= extended);
	}
}

static void supported_has_no_leaf_twice(void)
{
	struct kvm_cpuid2 *cpuid = cpuid_supported();
	unsigned int i, j;

	for (i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *a = &cpuid->entries[i];

		for (j = i + 1; j < cpuid->nent; j++) {
			struct kvm_cpuid_entry2 *b = &cpuid->entries[j];

			EXPECT(a->function != b->function ||
			       a->index != b->index);
		}
	}
}

static void supported_too_small(void)
{
	struct kvm_cpuid2 *cpuid = cpuid_alloc(MAX_ENTRIES);
	int sys = sys_open();

	cpuid->nent = 0;
	EXPECT_ERRNO(ioctl(sys, KVM_GET_SUPPORTED_CPUID, cpuid), E2BIG);
	cpuid->nent = 1;
	EXPECT_ERRNO(ioctl(sys, KVM_GET_SUPPORTED_CPUID, cpuid), E2BIG);
}

/* The way QEMU finds the size: it doubles until it fits. */
static void supported_by_doubling(void)
{
	struct kvm_cpuid2 *cpuid = cpuid_alloc(4 * MAX_ENTRIES);
	u32 want = cpuid_supported()->nent, size = 1;
	int sys = sys_open();

	for (cpuid->nent = size; ioctl(sys, KVM_GET_SUPPORTED_CPUID, cpuid);
	     cpuid->nent = size) {
		EXPECT_EQ(errno, E2BIG);
		size *= 2;
		EXPECT(size <= 4 * MAX_ENTRIES);
	}
	EXPECT_EQ(cpuid->nent, want);
}

static void supported_exact_size(void)
{
	u32 nent = cpuid_supported()->nent;
	struct kvm_cpuid2 *cpuid = cpuid_alloc(nent);

	EXPECT_OK(ioctl(sys_open(), KVM_GET_SUPPORTED_CPUID, cpuid));
	EXPECT_EQ(cpuid->nent, nent);
	cpuid->nent = nent - 1;
	EXPECT_ERRNO(ioctl(sys_open(), KVM_GET_SUPPORTED_CPUID, cpuid), E2BIG);
}

static void supported_huge_count_is_fine(void)
{
	struct kvm_cpuid2 *cpuid = cpuid_alloc(MAX_ENTRIES);

	cpuid->nent = 0xffffffff;
	EXPECT_OK(ioctl(sys_open(), KVM_GET_SUPPORTED_CPUID, cpuid));
	EXPECT(cpuid->nent <= MAX_ENTRIES);
}

static void supported_bad_pointer(void)
{
	EXPECT_ERRNO(ioctl(sys_open(), KVM_GET_SUPPORTED_CPUID, 8UL), EFAULT);
}

static void supported_is_stable(void)
{
	struct kvm_cpuid2 *a = cpuid_supported(), *b = cpuid_supported();
	unsigned int i;

	EXPECT_EQ(a->nent, b->nent);
	/* Some leaves hold the APIC id of the CPU that asks. */
	for (i = 0; i < a->nent; i++) {
		EXPECT_EQ(a->entries[i].function, b->entries[i].function);
		EXPECT_EQ(a->entries[i].eax, b->entries[i].eax);
		EXPECT_EQ(a->entries[i].ecx | 0xff, b->entries[i].ecx | 0xff);
	}
}

/*
 * The vCPU's table.  Linux 6.1 leaves the count alone on success, so it is
 * found here by what was not written.
 */
static struct kvm_cpuid2 *table_of(const struct vcpu *v)
{
	struct kvm_cpuid2 *get = cpuid_alloc(MAX_ENTRIES);
	u32 nent = 0;

	memset(get->entries, 0xff, MAX_ENTRIES * sizeof(get->entries[0]));
	EXPECT_OK(ioctl(v->fd, KVM_GET_CPUID2, get));
	while (nent < MAX_ENTRIES && get->entries[nent].function != 0xffffffff)
		nent++;
	EXPECT(get->nent == nent || get->nent == MAX_ENTRIES);
	get->nent = nent;
	return get;
}

static void set_and_get(void)
{
	struct kvm_cpuid2 *set = cpuid_supported(), *get;
	unsigned int i;
	struct vcpu v;

	vcpu_create_bare(vm_create(), 0, &v);
	EXPECT_OK(ioctl(v.fd, KVM_SET_CPUID2, set));
	get = table_of(&v);
	EXPECT_EQ(get->nent, set->nent);
	for (i = 0; i < set->nent; i++) {
		EXPECT_EQ(get->entries[i].function, set->entries[i].function);
		EXPECT_EQ(get->entries[i].index, set->entries[i].index);
		EXPECT_EQ(get->entries[i].eax, set->entries[i].eax);
	}
}

static void get_before_set_is_empty(void)
{
	struct vcpu v;

	vcpu_create_bare(vm_create(), 0, &v);
	EXPECT_EQ(table_of(&v)->nent, 0);
}

static void get_too_small(void)
{
	struct kvm_cpuid2 *get = cpuid_alloc(MAX_ENTRIES);
	struct vcpu v;

	vcpu_create(vm_create(), 0, &v);
	get->nent = 1;
	EXPECT_ERRNO(ioctl(v.fd, KVM_GET_CPUID2, get), E2BIG);
}

static void get_bad_pointer(void)
{
	struct vcpu v;

	vcpu_create(vm_create(), 0, &v);
	EXPECT_ERRNO(ioctl(v.fd, KVM_GET_CPUID2, 8UL), EFAULT);
}

static void set_too_many(void)
{
	struct kvm_cpuid2 *set = cpuid_alloc(MAX_ENTRIES + 1);
	struct vcpu v;

	vcpu_create_bare(vm_create(), 0, &v);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_CPUID2, set), E2BIG);
	set->nent = 0xffffffff;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_CPUID2, set), E2BIG);
}

static void set_bad_pointer(void)
{
	struct vcpu v;

	vcpu_create_bare(vm_create(), 0, &v);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_CPUID2, 8UL), EFAULT);
}

static void set_empty(void)
{
	struct kvm_cpuid2 *set = cpuid_alloc(0);
	struct vcpu v;

	vcpu_create_bare(vm_create(), 0, &v);
	EXPECT_OK(ioctl(v.fd, KVM_SET_CPUID2, set));
}

static void set_replaces(void)
{
	struct kvm_cpuid2 *set = cpuid_alloc(1), *get;
	struct vcpu v;

	vcpu_create(vm_create(), 0, &v);
	set->entries[0].function = 0x40000000;
	set->entries[0].ebx = 0x12345678;
	EXPECT_OK(ioctl(v.fd, KVM_SET_CPUID2, set));
	get = table_of(&v);
	EXPECT_EQ(get->nent, 1);
	EXPECT_EQ(get->entries[0].ebx, 0x12345678);
}

static void set_odd_linear_address_width(void)
{
	struct kvm_cpuid2 *set = cpuid_supported();
	struct kvm_cpuid_entry2 *leaf = cpuid_find(set, 0x80000008, 0);
	struct vcpu v;

	vcpu_create_bare(vm_create(), 0, &v);
	EXPECT(leaf);
	leaf->eax = (leaf->eax & ~0xff00) | 49 << 8;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_CPUID2, set), EINVAL);
}

/* The bits that follow the vCPU's own state are not userspace's to set. */
static void osxsave_follows_cr4(void)
{
	struct kvm_sregs sregs;
	struct vcpu v;

	vcpu_create(vm_create(), 0, &v);
	if (!(cpuid_find(cpuid_supported(), 1, 0)->ecx & BIT(26)))
		tap_skip("no XSAVE");
	EXPECT_EQ(cpuid_find(table_of(&v), 1, 0)->ecx & BIT(27), 0);

	EXPECT_OK(ioctl(v.fd, KVM_GET_SREGS, &sregs));
	sregs.cr4 |= BIT(18);
	EXPECT_OK(ioctl(v.fd, KVM_SET_SREGS, &sregs));
	EXPECT_EQ(cpuid_find(table_of(&v), 1, 0)->ecx & BIT(27), BIT(27));
}

static void apic_bit_follows_apic_base(void)
{
	struct kvm_sregs sregs;
	struct vcpu v;

	vcpu_create(vm_create_with_irqchip(), 0, &v);
	EXPECT_EQ(cpuid_find(table_of(&v), 1, 0)->edx & BIT(9), BIT(9));

	EXPECT_OK(ioctl(v.fd, KVM_GET_SREGS, &sregs));
	sregs.apic_base &= ~BIT(11);
	EXPECT_OK(ioctl(v.fd, KVM_SET_SREGS, &sregs));
	EXPECT_EQ(cpuid_find(table_of(&v), 1, 0)->edx & BIT(9), 0);
}

static void old_set_cpuid(void)
{
	struct kvm_cpuid2 *get;
	struct kvm_cpuid *set;
	struct vcpu v;

	vcpu_create_bare(vm_create(), 0, &v);
	set = calloc(1, sizeof(*set) + 2 * sizeof(set->entries[0]));
	EXPECT(set);
	set->nent = 2;
	set->entries[0].eax = 1;
	set->entries[1].function = 1;
	set->entries[1].ebx = 0x5678;
	EXPECT_OK(ioctl(v.fd, KVM_SET_CPUID, set));
	get = table_of(&v);
	EXPECT_EQ(get->nent, 2);
	EXPECT_EQ(get->entries[1].ebx, 0x5678);
}

static void emulated(void)
{
	struct kvm_cpuid2 *cpuid = cpuid_alloc(MAX_ENTRIES);
	int sys = sys_open();

	REQUIRE_CAP(sys, KVM_CAP_EXT_EMUL_CPUID);
	EXPECT_OK(ioctl(sys, KVM_GET_EMULATED_CPUID, cpuid));
	EXPECT(cpuid->nent < MAX_ENTRIES);
}

const struct tap_case cpuid_cases[] = {
	{ "supported_has_basic_leaves", supported_has_basic_leaves },
	{ "supported_has_long_mode_and_nx", supported_has_long_mode_and_nx },
	{ "supported_has_no_nested_hypervisor_unasked",
	  supported_has_no_nested_hypervisor_unasked },
	{ "supported_has_kvm_signature", supported_has_kvm_signature },
	{ "supported_leaf_numbers_are_within_limits",
	  supported_leaf_numbers_are_within_limits },
	{ "supported_has_no_leaf_twice", supported_has_no_leaf_twice },
	{ "supported_too_small", supported_too_small },
	{ "supported_by_doubling", supported_by_doubling },
	{ "supported_exact_size", supported_exact_size },
	{ "supported_huge_count_is_fine", supported_huge_count_is_fine },
	{ "supported_bad_pointer", supported_bad_pointer },
	{ "supported_is_stable", supported_is_stable },
	{ "set_and_get", set_and_get },
	{ "get_before_set_is_empty", get_before_set_is_empty },
	{ "get_too_small", get_too_small },
	{ "get_bad_pointer", get_bad_pointer },
	{ "set_too_many", set_too_many },
	{ "set_bad_pointer", set_bad_pointer },
	{ "set_empty", set_empty },
	{ "set_replaces", set_replaces },
	{ "set_odd_linear_address_width", set_odd_linear_address_width },
	{ "osxsave_follows_cr4", osxsave_follows_cr4 },
	{ "apic_bit_follows_apic_base", apic_bit_follows_apic_base },
	{ "old_set_cpuid", old_set_cpuid },
	{ "emulated", emulated },
	{ }
};
