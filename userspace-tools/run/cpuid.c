// SPDX-License-Identifier: GPL-2.0
/*
 * CPUID of a vCPU: what the hypervisor supports, with those leaves edited that
 * describe which processor of how many this is: one package, each core with
 * one thread, APIC identifiers counting up from 0. Leaf formats from the SDM's
 * "CPUID" instruction and the APM's "CPUID specification".
 */
#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include "report.h"
#include "vm.h"

#define FIRST_TRY	64
#define LAST_TRY	4096

#define LEAF1_ECX_TSC_DEADLINE	BIT(24)
#define LEAF1_ECX_HYPERVISOR	BIT(31)
#define LEAF1_EDX_HTT		BIT(28)
#define EXT1_ECX_CMP_LEGACY	BIT(1)
#define LEVEL_SMT		1
#define LEVEL_CORE		2

/* What an edit may look at. */
struct topology {
	unsigned int id;
	unsigned int count;
	unsigned int shift;	/* bits of the APIC identifier in a package */
	bool tsc_deadline;
};

static void replace_bits(u32 *reg, unsigned int low, unsigned int width, u32 value)
{
	u32 mask = (u32)((1ULL << width) - 1) << low;

	*reg = (*reg & ~mask) | ((value << low) & mask);
}

static void edit_features(struct kvm_cpuid_entry2 *e, const struct topology *t)
{
	replace_bits(&e->ebx, 24, 8, t->id);
	replace_bits(&e->ebx, 16, 8, t->count);
	e->edx &= ~LEAF1_EDX_HTT;
	if (t->count > 1)
		e->edx |= LEAF1_EDX_HTT;
	e->ecx |= LEAF1_ECX_HYPERVISOR;
	if (t->tsc_deadline)
		e->ecx |= LEAF1_ECX_TSC_DEADLINE;
}

/* Every cache belongs to one core but the last level, which all share. */
static void edit_caches(struct kvm_cpuid_entry2 *e, const struct topology *t)
{
	unsigned int level = (e->eax >> 5) & 7;
	u32 all = (1U << t->shift) - 1;

	if (!(e->eax & 0x1f))
		return;
	replace_bits(&e->eax, 14, 12, level >= 3 ? all : 0);
	if (e->function == 4)
		replace_bits(&e->eax, 26, 6, all < 63 ? all : 63);
}

static void edit_levels(struct kvm_cpuid_entry2 *e, const struct topology *t)
{
	e->eax = 0;
	e->ebx = 0;
	e->ecx = e->index & 0xff;
	e->edx = t->id;
	if (e->index == 0) {
		e->ebx = 1;
		e->ecx |= LEVEL_SMT << 8;
	} else if (e->index == 1) {
		e->eax = t->shift;
		e->ebx = t->count;
		e->ecx |= LEVEL_CORE << 8;
	}
}

static void edit_extended_features(struct kvm_cpuid_entry2 *e,
				   const struct topology *t)
{
	e->ecx &= ~EXT1_ECX_CMP_LEGACY;
	if (t->count > 1)
		e->ecx |= EXT1_ECX_CMP_LEGACY;
}

static void edit_core_count(struct kvm_cpuid_entry2 *e, const struct topology *t)
{
	replace_bits(&e->ecx, 0, 8, t->count - 1);
	replace_bits(&e->ecx, 12, 4, t->shift);
}

static void edit_amd_identifiers(struct kvm_cpuid_entry2 *e,
				 const struct topology *t)
{
	e->eax = t->id;
	e->ebx = t->id & 0xff;	/* core; one thread each */
	e->ecx = 0;		/* one node */
	e->edx = 0;
}

/*
 * Intel keeps the extended leaves that AMD uses for its core count reserved,
 * and AMD keeps Intel's leaf 4 so.
 */
enum vendor { ANY, INTEL, AMD };

static const struct {
	u32 function;
	enum vendor vendor;
	void (*edit)(struct kvm_cpuid_entry2 *e, const struct topology *t);
} edits[] = {
	{ 0x00000001, ANY, edit_features },
	{ 0x00000004, INTEL, edit_caches },
	{ 0x0000000b, ANY, edit_levels },
	{ 0x0000001f, INTEL, edit_levels },
	{ 0x80000001, AMD, edit_extended_features },
	{ 0x80000008, AMD, edit_core_count },
	{ 0x8000001d, AMD, edit_caches },
	{ 0x8000001e, AMD, edit_amd_identifiers },
};

static struct kvm_cpuid2 *supported(struct vm *vm)
{
	struct kvm_cpuid2 *cpuid;
	unsigned int n;

	for (n = FIRST_TRY; n <= LAST_TRY; n *= 2) {
		cpuid = calloc(1, sizeof(*cpuid) + n * sizeof(cpuid->entries[0]));
		if (!cpuid)
			return NULL;
		cpuid->nent = n;
		if (!ioctl(vm->device_fd, KVM_GET_SUPPORTED_CPUID, cpuid))
			return cpuid;
		free(cpuid);
		if (errno != E2BIG)
			return NULL;
	}
	return NULL;
}

static enum vendor vendor_of(const struct kvm_cpuid2 *cpuid)
{
	unsigned int i;

	for (i = 0; i < cpuid->nent; i++) {
		if (cpuid->entries[i].function == 0)
			return cpuid->entries[i].ebx == 0x756e6547 ? INTEL : AMD;
	}
	return ANY;
}

static void edit_all(struct kvm_cpuid2 *cpuid, const struct topology *topology)
{
	enum vendor vendor = vendor_of(cpuid);
	unsigned int i;
	size_t j;

	for (i = 0; i < cpuid->nent; i++) {
		for (j = 0; j < ARRAY_SIZE(edits); j++) {
			if (edits[j].function == cpuid->entries[i].function &&
			    (edits[j].vendor == ANY || edits[j].vendor == vendor))
				edits[j].edit(&cpuid->entries[i], topology);
		}
	}
}

int vcpu_set_cpuid(struct vcpu *vcpu, unsigned int count)
{
	struct kvm_cpuid2 *cpuid = supported(vcpu->vm);
	struct topology topology = {
		.id = vcpu->id,
		.count = count,
		.tsc_deadline = vcpu->vm->caps.tsc_deadline,
	};
	int ret;

	if (!cpuid)
		return host_error("%s: cannot read the supported CPUID: %s",
				  vcpu->vm->device, strerror(errno));
	while (1U << topology.shift < count)
		topology.shift++;
	edit_all(cpuid, &topology);
	ret = ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid);
	free(cpuid);
	if (ret)
		return host_error("%s: cannot set CPUID of vCPU %u: %s",
				  vcpu->vm->device, vcpu->id, strerror(errno));
	return 0;
}
