// SPDX-License-Identifier: GPL-2.0
/*
 * What CPUID lhv can give on this host (KVM_GET_SUPPORTED_CPUID), made once at
 * load from the tables in cpuid-table.c. Called by arch.c and module/, and by
 * whoever asks whether a feature is there. What userspace chose of it for a
 * vCPU is cpuid.c's.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/processor.h>
#include <asm/tsc.h>

#include "cpuid.h"
#include "hostregs.h"
#include "regs.h"

#define BASIC_MAX	0x1f
#define EXT_MAX		0x80000008
#define SUPPORTED_MAX	96
#define BY_INDEX	KVM_CPUID_FLAG_SIGNIFCANT_INDEX

/* One more than are given: what does not fit ends there. */
static struct kvm_cpuid_entry2 supported[SUPPORTED_MAX + 1] __ro_after_init;
static u32 nr_supported __ro_after_init;

static void host_cpuid(struct kvm_cpuid_entry2 *e)
{
	lhv_host_cpuid(e->function, e->index, &e->eax, &e->ebx, &e->ecx, &e->edx);
}

static u32 row_value(const struct lhv_cpuid_row *row)
{
	struct kvm_cpuid_entry2 raw = { .function = row->leaf, .index = row->index };
	u32 i, bits;

	if (!row->give)
		return row->always;
	host_cpuid(&raw);
	bits = row->give & *lhv_cpuid_reg(&raw, row->reg);
	if (row->word == LHV_CPUID_NO_WORD)
		return bits | row->always;
	bits &= boot_cpu_data.x86_capability[row->word];
	for (i = 0; i < 32; i++)
		if ((bits & BIT(i)) && !lhv_vendor.has(row->word * 32 + i))
			bits &= ~BIT(i);
	return bits | row->always;
}

/* A new entry with what the table has for it: nothing, for most leaves. */
static struct kvm_cpuid_entry2 *add(u32 leaf, u32 index, u32 flags)
{
	struct kvm_cpuid_entry2 *e = &supported[nr_supported];
	unsigned int i;

	if (!WARN_ON_ONCE(nr_supported == SUPPORTED_MAX))
		nr_supported++;
	*e = (struct kvm_cpuid_entry2){ .function = leaf, .index = index, .flags = flags };
	for (i = 0; i < lhv_cpuid_nr_rows; i++) {
		const struct lhv_cpuid_row *row = &lhv_cpuid_rows[i];

		if (row->leaf == leaf && row->index == index)
			*lhv_cpuid_reg(e, row->reg) = row_value(row);
	}
	return e;
}

static void add_copy(u32 leaf)
{
	host_cpuid(add(leaf, 0, 0));
}

/* One entry for each cache; the type field 0 ends the list. */
static void add_caches(u32 leaf)
{
	struct kvm_cpuid_entry2 *e;
	u32 index = 0;

	do {
		e = add(leaf, index++, BY_INDEX);
		host_cpuid(e);
	} while ((e->eax & 0x1f) && index < 8);
}

static void add_leaf7(u32 leaf)
{
	struct kvm_cpuid_entry2 *e = add(leaf, 0, BY_INDEX);
	struct kvm_cpuid_entry2 real = { .function = leaf };

	if (!(lhv_supported_xcr0() & LHV_XCR0_PKRU))
		e->ecx &= ~LHV_CPUID_BIT(X86_FEATURE_PKU);
	host_cpuid(&real);
	e->eax = min(real.eax, 1U);
	if (e->eax)
		add(leaf, 1, BY_INDEX);
}

/* A place for the topology, which only userspace knows. */
static void add_topology(u32 leaf)
{
	add(leaf, 0, BY_INDEX);
}

static void add_xsave(u32 leaf)
{
	u64 xcr0 = lhv_supported_xcr0();
	struct kvm_cpuid_entry2 *e = add(leaf, 0, BY_INDEX);
	int i;

	if (!xcr0)
		return;
	e->eax = xcr0;
	e->edx = xcr0 >> 32;
	e->ebx = lhv_xsave_size_for(xcr0, false);
	e->ecx = e->ebx;

	e = add(leaf, 1, BY_INDEX);
	if (e->eax & LHV_CPUID_COMPACTS)
		e->ebx = lhv_xsave_size_for(xcr0, true);
	for (i = 2; i < 63; i++) {
		if (!(xcr0 & BIT_ULL(i)))
			continue;
		e = add(leaf, i, BY_INDEX);
		host_cpuid(e);
		e->ecx &= BIT(1);	/* aligned; no XFD, not supervisor state */
		e->edx = 0;
	}
}

static void add_invariant_tsc(u32 leaf)
{
	add(leaf, 0, 0)->edx &= check_tsc_unstable() ? 0 : ~0U;
}

/* Four levels of nested tables reach 48 bits, however wide the host's bus. */
static void add_addresses(u32 leaf)
{
	u32 phys = boot_cpu_data.x86_phys_bits;

	if (lhv_vendor.npt->levels < 5)
		phys = min(phys, 48U);
	add(leaf, 0, 0)->eax = phys | 48 << 8;
}

/* Leaves that the table of features does not make alone. */
static const struct {
	u32 first, last;
	void (*add)(u32 leaf);
} makers[] = {
	{ 0x00000002, 0x00000002, add_copy },
	{ 0x00000004, 0x00000004, add_caches },
	{ 0x00000007, 0x00000007, add_leaf7 },
	{ 0x0000000b, 0x0000000b, add_topology },
	{ 0x0000000d, 0x0000000d, add_xsave },
	{ 0x0000001f, 0x0000001f, add_topology },
	{ 0x80000002, 0x80000006, add_copy },	/* the name, in three leaves; caches and TLBs */
	{ 0x80000007, 0x80000007, add_invariant_tsc },
	{ 0x80000008, 0x80000008, add_addresses },
};

static void add_leaf(u32 leaf)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(makers); i++)
		if (leaf >= makers[i].first && leaf <= makers[i].last)
			return makers[i].add(leaf);
	add(leaf, 0, 0);
}

/* All of a range that host and lhv both have. */
static void add_range_of(u32 first, u32 limit)
{
	struct kvm_cpuid_entry2 *e = add(first, 0, 0);
	u32 leaf;

	host_cpuid(e);
	e->eax = min(e->eax, limit);
	for (leaf = first + 1; leaf <= e->eax; leaf++)
		add_leaf(leaf);
}

/**
 * lhv_cpuid_init() - make the list of what lhv gives
 *
 * At load, after lhv_fpu_global_init() and the choice of the vendor.
 *
 * Return: 0.
 */
int lhv_cpuid_init(void)
{
	struct kvm_cpuid_entry2 *e;

	nr_supported = 0;
	add_range_of(0, BASIC_MAX);
	e = add(KVM_CPUID_SIGNATURE, 0, 0);
	e->eax = KVM_CPUID_FEATURES;
	memcpy(&e->ebx, KVM_SIGNATURE, 4);
	memcpy(&e->ecx, KVM_SIGNATURE + 4, 4);
	memcpy(&e->edx, KVM_SIGNATURE + 8, 4);
	add(KVM_CPUID_FEATURES, 0, 0);
	add_range_of(0x80000000, EXT_MAX);
	lhv_msr_init();
	return 0;
}

/**
 * lhv_cpuid_row_of() - where a feature's bit is
 * @feature: an X86_FEATURE number
 *
 * Return: the row of the table with its register, or NULL.
 */
const struct lhv_cpuid_row *lhv_cpuid_row_of(u32 feature)
{
	unsigned int i;

	for (i = 0; i < lhv_cpuid_nr_rows; i++)
		if (lhv_cpuid_rows[i].word == feature / 32)
			return &lhv_cpuid_rows[i];
	return NULL;
}

/**
 * lhv_cpuid_supported() - can lhv give this feature here?
 * @feature: an X86_FEATURE number
 *
 * Return: true for what KVM_GET_SUPPORTED_CPUID shows, and for what works but
 * only userspace may announce.
 */
bool lhv_cpuid_supported(u32 feature)
{
	const struct lhv_cpuid_row *row = lhv_cpuid_row_of(feature);
	u32 i, bit = LHV_CPUID_BIT(feature);

	if (!row)
		return false;
	if (row->quiet & bit)
		return true;
	for (i = 0; i < nr_supported; i++)
		if (lhv_cpuid_matches(&supported[i], row->leaf, row->index))
			return *lhv_cpuid_reg(&supported[i], row->reg) & bit;
	return false;
}

/**
 * lhv_supported_cpuid() - KVM_GET_SUPPORTED_CPUID
 * @e: room for @nent entries
 * @nent: in: the room; out: how many were written
 *
 * Return: 0, or -E2BIG where the room is too small.
 */
int lhv_supported_cpuid(struct kvm_cpuid_entry2 *e, u32 *nent)
{
	if (*nent < nr_supported)
		return -E2BIG;
	memcpy(e, supported, nr_supported * sizeof(*e));
	*nent = nr_supported;
	return 0;
}

/**
 * lhv_supported_efer() - the EFER bits that can be set on this host
 *
 * Return: the mask; LMA is not in it, the processor owns that.
 */
u64 lhv_supported_efer(void)
{
	return EFER_SCE | EFER_LME |
	       (lhv_cpuid_supported(X86_FEATURE_NX) ? EFER_NX : 0) |
	       (lhv_cpuid_supported(X86_FEATURE_FXSR_OPT) ? EFER_FFXSR : 0);
}
