// SPDX-License-Identifier: GPL-2.0
/*
 * CPUID: what lhv can give (KVM_GET_SUPPORTED_CPUID), what userspace chose for
 * a vCPU, what the guest reads, and what the choice means for the rest of the
 * processor (struct lhv_guest_caps). Called by module/ and by the CPUID exit.
 * The feature bits are in cpuid-table.c; this file knows neither vendor.
 *
 * Bits that follow the processor's state (OSXSAVE, OSPKE, APIC, the sizes of
 * leaf 0xd) are never stored: they are worked out when somebody reads them.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/processor.h>
#include <asm/tsc.h>

#include "cpuid.h"
#include "regs.h"

#define BASIC_MAX	0x1f
#define EXT_MAX		0x80000008
#define SUPPORTED_MAX	96

#define LEAF6_ARAT	BIT(2)			/* EAX: the APIC timer never stops */
#define EXT7_INVARIANT	BIT(8)			/* EDX: invariant TSC */
#define LEAF1_CLFLUSH	GENMASK(15, 8)		/* EBX: line size */
#define CPUID_BIT(f)	BIT((f) & 31)

#define CR4_BASE	(X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE | \
			 X86_CR4_PSE | X86_CR4_PAE | X86_CR4_MCE | X86_CR4_PGE | \
			 X86_CR4_PCE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT)

/* What lhv gives on this host; made once at load. */
static struct kvm_cpuid_entry2 supported[SUPPORTED_MAX] __ro_after_init;
static u32 nr_supported __ro_after_init;

static u32 *reg_of(struct kvm_cpuid_entry2 *e, u8 reg)
{
	u32 *regs[] = { &e->eax, &e->ebx, &e->ecx, &e->edx };

	return regs[reg & 3];
}

static bool entry_matches(const struct kvm_cpuid_entry2 *e, u32 leaf, u32 index)
{
	if (e->function != leaf)
		return false;
	return !(e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX) || e->index == index;
}

/* ---- what lhv gives ---- */

static struct kvm_cpuid_entry2 *supported_find(u32 leaf, u32 index)
{
	u32 i;

	for (i = 0; i < nr_supported; i++)
		if (entry_matches(&supported[i], leaf, index))
			return &supported[i];
	return NULL;
}

static struct kvm_cpuid_entry2 *supported_add(u32 leaf, u32 index, u32 flags)
{
	static struct kvm_cpuid_entry2 spill;
	struct kvm_cpuid_entry2 *e = &spill;

	if (!WARN_ON_ONCE(nr_supported >= SUPPORTED_MAX))
		e = &supported[nr_supported++];
	*e = (struct kvm_cpuid_entry2){
		.function = leaf, .index = index, .flags = flags,
	};
	return e;
}

static void host_cpuid(struct kvm_cpuid_entry2 *e)
{
	cpuid_count(e->function, e->index, &e->eax, &e->ebx, &e->ecx, &e->edx);
}

static u32 vendor_bits(u32 bits, u8 word)
{
	u32 given = bits;
	int i;

	if (word == LHV_CPUID_NO_WORD)
		return bits;
	for (i = 0; i < 32; i++)
		if ((bits & BIT(i)) && !lhv_vendor.has(word * 32 + i))
			given &= ~BIT(i);
	return given;
}

static u32 row_value(const struct lhv_cpuid_row *row)
{
	struct kvm_cpuid_entry2 raw = { .function = row->leaf, .index = row->index };
	u32 bits = 0;

	if (row->give) {
		host_cpuid(&raw);
		bits = row->give & *reg_of(&raw, row->reg);
		if (row->word != LHV_CPUID_NO_WORD)
			bits &= boot_cpu_data.x86_capability[row->word];
	}
	return vendor_bits(bits, row->word) | row->always;
}

static void add_features(struct kvm_cpuid_entry2 *e)
{
	unsigned int i;

	for (i = 0; i < lhv_cpuid_nr_rows; i++) {
		const struct lhv_cpuid_row *row = &lhv_cpuid_rows[i];

		if (row->leaf == e->function && row->index == e->index)
			*reg_of(e, row->reg) = row_value(row);
	}
}

/* The first leaf of a range: its name, and the last leaf that lhv shows. */
static u32 start_range(u32 first, u32 limit)
{
	struct kvm_cpuid_entry2 *e = supported_add(first, 0, 0);

	host_cpuid(e);
	e->eax = min(e->eax, limit);
	return e->eax;
}

/* There, and all zero. */
static void add_empty(u32 leaf)
{
	supported_add(leaf, 0, 0);
}

static void add_leaf1(u32 leaf)
{
	struct kvm_cpuid_entry2 *e = supported_add(leaf, 0, 0);

	host_cpuid(e);
	e->ebx &= LEAF1_CLFLUSH;
	e->ecx = 0;
	e->edx = 0;
	add_features(e);
}

static void add_copy(u32 leaf)
{
	host_cpuid(supported_add(leaf, 0, 0));
}

/* One entry for each cache; the type field 0 ends the list. */
static void add_leaf4(u32 leaf)
{
	struct kvm_cpuid_entry2 *e;
	u32 index = 0;

	do {
		e = supported_add(leaf, index++, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
		host_cpuid(e);
	} while ((e->eax & 0x1f) && index < 8);
}

static void add_leaf6(u32 leaf)
{
	supported_add(leaf, 0, 0)->eax = LEAF6_ARAT;
}

static void add_leaf7(u32 leaf)
{
	u32 eax, ebx, ecx, edx;
	struct kvm_cpuid_entry2 *e;

	cpuid_count(leaf, 0, &eax, &ebx, &ecx, &edx);
	e = supported_add(leaf, 0, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
	add_features(e);
	if (!lhv_supported_xcr0() || !boot_cpu_has(X86_FEATURE_OSPKE))
		e->ecx &= ~CPUID_BIT(X86_FEATURE_PKU);
	if (!eax)
		return;
	e->eax = 1;
	add_features(supported_add(leaf, 1, KVM_CPUID_FLAG_SIGNIFCANT_INDEX));
}

/* A place for the topology, which only userspace knows. */
static void add_topology(u32 leaf)
{
	supported_add(leaf, 0, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
}

static void add_leafd(u32 leaf)
{
	u64 xcr0 = lhv_supported_xcr0();
	struct kvm_cpuid_entry2 *e;
	int i;

	e = supported_add(leaf, 0, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
	if (!xcr0)
		return;
	e->eax = xcr0;
	e->edx = xcr0 >> 32;
	e->ebx = lhv_xsave_size_for(xcr0, false);
	e->ecx = e->ebx;

	e = supported_add(leaf, 1, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
	add_features(e);
	if (e->eax & (CPUID_BIT(X86_FEATURE_XSAVES) | CPUID_BIT(X86_FEATURE_XSAVEC)))
		e->ebx = lhv_xsave_size_for(xcr0, true);
	if (e->eax & CPUID_BIT(X86_FEATURE_XSAVES)) {
		e->ecx = lhv_vendor.supported_xss();
		e->edx = lhv_vendor.supported_xss() >> 32;
	}
	for (i = 2; i < 63; i++) {
		if (!(xcr0 & BIT_ULL(i)))
			continue;
		e = supported_add(leaf, i, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
		host_cpuid(e);
		e->ecx &= BIT(1);	/* aligned; no XFD, not supervisor state */
		e->edx = 0;
	}
}

static void add_hypervisor(void)
{
	struct kvm_cpuid_entry2 *e = supported_add(KVM_CPUID_SIGNATURE, 0, 0);

	e->eax = KVM_CPUID_FEATURES;
	memcpy(&e->ebx, KVM_SIGNATURE, 4);
	memcpy(&e->ecx, KVM_SIGNATURE + 4, 4);
	memcpy(&e->edx, KVM_SIGNATURE + 8, 4);
	add_features(supported_add(KVM_CPUID_FEATURES, 0, 0));
}

static void add_ext1(u32 leaf)
{
	struct kvm_cpuid_entry2 *e = supported_add(leaf, 0, 0);

	host_cpuid(e);
	e->ebx = 0;
	e->ecx = 0;
	e->edx = 0;
	add_features(e);
}

static void add_ext7(u32 leaf)
{
	u32 eax, ebx, ecx, edx;

	cpuid(leaf, &eax, &ebx, &ecx, &edx);
	if (check_tsc_unstable())
		edx = 0;
	supported_add(leaf, 0, 0)->edx = edx & EXT7_INVARIANT;
}

/* Four levels of nested tables reach 48 bits, however wide the host's bus. */
static void add_ext8(u32 leaf)
{
	struct kvm_cpuid_entry2 *e = supported_add(leaf, 0, 0);
	u32 phys = boot_cpu_data.x86_phys_bits;

	if (lhv_vendor.npt->levels < 5)
		phys = min(phys, 48U);
	e->eax = phys | 48 << 8;
	add_features(e);
}

/* How each leaf is made; one that is not here is empty. */
static const struct {
	u32 leaf;
	void (*add)(u32 leaf);
} makers[] = {
	{ 0x00000001, add_leaf1 },
	{ 0x00000002, add_copy },
	{ 0x00000004, add_leaf4 },
	{ 0x00000006, add_leaf6 },
	{ 0x00000007, add_leaf7 },
	{ 0x0000000b, add_topology },
	{ 0x0000000d, add_leafd },
	{ 0x0000001f, add_topology },
	{ 0x80000001, add_ext1 },
	{ 0x80000002, add_copy },	/* the name, in three leaves */
	{ 0x80000003, add_copy },
	{ 0x80000004, add_copy },
	{ 0x80000005, add_copy },	/* caches and TLBs */
	{ 0x80000006, add_copy },
	{ 0x80000007, add_ext7 },
	{ 0x80000008, add_ext8 },
};

static void add_leaf(u32 leaf)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(makers); i++)
		if (makers[i].leaf == leaf)
			return makers[i].add(leaf);
	add_empty(leaf);
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
	u32 leaf, max;

	nr_supported = 0;
	max = start_range(0, BASIC_MAX);
	for (leaf = 1; leaf <= max; leaf++)
		add_leaf(leaf);
	add_hypervisor();
	max = start_range(0x80000000, EXT_MAX);
	for (leaf = 0x80000001; leaf <= max; leaf++)
		add_leaf(leaf);
	lhv_msr_init();
	return 0;
}

static const struct lhv_cpuid_row *row_of(u32 feature)
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
	const struct lhv_cpuid_row *row = row_of(feature);
	struct kvm_cpuid_entry2 *e;

	if (!row)
		return false;
	if (row->quiet & CPUID_BIT(feature))
		return true;
	e = supported_find(row->leaf, row->index);
	return e && (*reg_of(e, row->reg) & CPUID_BIT(feature));
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
	u64 efer = EFER_SCE | EFER_LME;

	if (lhv_cpuid_supported(X86_FEATURE_NX))
		efer |= EFER_NX;
	if (lhv_cpuid_supported(X86_FEATURE_FXSR_OPT))
		efer |= EFER_FFXSR;
	return efer;
}

/* ---- what userspace chose ---- */

static u32 find_from(const struct lhv_cpuid *c, u32 first, u32 leaf, u32 index)
{
	u32 i;

	for (i = first; i < c->n; i++)
		if (entry_matches(&c->e[i], leaf, index))
			break;
	return i;
}

/* Position of the leaf's first entry, or c->n. */
static u32 first_of(const struct lhv_cpuid *c, u32 leaf, u32 index)
{
	u32 i;

	if (leaf < LHV_CPUID_BASIC_INDEX)
		i = c->basic[array_index_nospec(leaf, LHV_CPUID_BASIC_INDEX)];
	else if (leaf - 0x80000000 < LHV_CPUID_EXT_INDEX)
		i = c->ext[array_index_nospec(leaf - 0x80000000, LHV_CPUID_EXT_INDEX)];
	else if (leaf - KVM_CPUID_SIGNATURE < LHV_CPUID_HV_INDEX)
		i = c->hv[array_index_nospec(leaf - KVM_CPUID_SIGNATURE,
					     LHV_CPUID_HV_INDEX)];
	else
		return find_from(c, 0, leaf, index);
	return i ? i - 1 : c->n;
}

static struct kvm_cpuid_entry2 *find(struct lhv_cpuid *c, u32 leaf, u32 index)
{
	u32 i = first_of(c, leaf, index);

	if (i < c->n && !entry_matches(&c->e[i], leaf, index))
		i = find_from(c, i, leaf, index);
	return i < c->n ? &c->e[i] : NULL;
}

/**
 * lhv_cpuid_find() - the entry that userspace set for a leaf
 * @vcpu: the vCPU
 * @leaf: EAX
 * @subleaf: ECX, where it matters
 *
 * Return: the entry, without the bits that follow the processor's state, or
 * NULL.
 */
struct kvm_cpuid_entry2 *lhv_cpuid_find(struct lhv_vcpu *vcpu, u32 leaf, u32 subleaf)
{
	return vcpu->cpuid ? find(vcpu->cpuid, leaf, subleaf) : NULL;
}

static bool guest_has(struct lhv_vcpu *vcpu, u32 feature)
{
	const struct lhv_cpuid_row *row = row_of(feature);
	struct kvm_cpuid_entry2 *e;

	if (!row || !lhv_cpuid_supported(feature))
		return false;
	e = lhv_cpuid_find(vcpu, row->leaf, row->index);
	return e && (*reg_of(e, row->reg) & CPUID_BIT(feature));
}

static u8 guest_maxphyaddr(struct lhv_vcpu *vcpu)
{
	struct kvm_cpuid_entry2 *e = lhv_cpuid_find(vcpu, 0x80000008, 0);
	u8 width = e ? e->eax & 0xff : 0;

	/* SDM, "MAXPHYADDR": 36 where the leaf is not there */
	return width ? clamp_t(u8, width, 32, 52) : 36;
}

static bool guest_is_intel(struct lhv_vcpu *vcpu)
{
	struct kvm_cpuid_entry2 *e = lhv_cpuid_find(vcpu, 0, 0);

	if (!e)
		return boot_cpu_data.x86_vendor == X86_VENDOR_INTEL;
	/* ECX is the end of AuthenticAMD and of HygonGenuine */
	return memcmp(&e->ecx, "cAMD", 4) && memcmp(&e->ecx, "uine", 4);
}

static u64 guest_xcr0(struct lhv_vcpu *vcpu)
{
	struct kvm_cpuid_entry2 *e = lhv_cpuid_find(vcpu, 0xd, 0);

	if (!e || !vcpu->caps.xsave)
		return 0;
	return (e->eax | (u64)e->edx << 32) & lhv_supported_xcr0();
}

static u64 guest_cr4(struct lhv_vcpu *vcpu)
{
	u64 cr4 = CR4_BASE;
	unsigned int i;

	for (i = 0; i < lhv_nr_cr4_features; i++)
		if (guest_has(vcpu, lhv_cr4_features[i].feature))
			cr4 |= lhv_cr4_features[i].cr4;
	return cr4;
}

static u64 guest_efer(struct lhv_vcpu *vcpu)
{
	u64 efer = EFER_SCE;

	if (vcpu->caps.long_mode)
		efer |= EFER_LME;
	if (vcpu->caps.nx)
		efer |= EFER_NX;
	if (guest_has(vcpu, X86_FEATURE_FXSR_OPT))
		efer |= EFER_FFXSR;
	return efer;
}

static u64 guest_spec_ctrl(struct lhv_vcpu *vcpu)
{
	u64 bits = 0;

	if (guest_has(vcpu, X86_FEATURE_SPEC_CTRL))
		bits |= SPEC_CTRL_IBRS;
	if (guest_has(vcpu, X86_FEATURE_INTEL_STIBP))
		bits |= SPEC_CTRL_STIBP;
	if (guest_has(vcpu, X86_FEATURE_SPEC_CTRL_SSBD))
		bits |= SPEC_CTRL_SSBD;
	return bits;
}

static bool guest_has_kvm(struct lhv_vcpu *vcpu, unsigned int bit)
{
	struct kvm_cpuid_entry2 *e = lhv_cpuid_find(vcpu, KVM_CPUID_FEATURES, 0);

	return e && (e->eax & BIT(bit));
}

/**
 * lhv_cpuid_update() - work out what the vCPU's CPUID lets the guest do
 * @vcpu: the vCPU; its thread, or nobody knows it yet
 */
void lhv_cpuid_update(struct lhv_vcpu *vcpu)
{
	struct lhv_guest_caps *caps = &vcpu->caps;
	unsigned int i;

	for (i = 0; i < lhv_nr_cap_features; i++)
		*((bool *)((void *)caps + lhv_cap_features[i].offset)) =
			guest_has(vcpu, lhv_cap_features[i].feature);
	caps->kvmclock = guest_has_kvm(vcpu, KVM_FEATURE_CLOCKSOURCE);
	caps->kvmclock2 = guest_has_kvm(vcpu, KVM_FEATURE_CLOCKSOURCE2);
	caps->is_intel = guest_is_intel(vcpu);
	caps->maxphyaddr = guest_maxphyaddr(vcpu);
	vcpu->lapic.has_tsc_deadline = caps->tsc_deadline;
	caps->cr4_allowed = guest_cr4(vcpu);
	caps->efer_allowed = guest_efer(vcpu);
	caps->xcr0_allowed = guest_xcr0(vcpu);
	caps->xss_allowed = caps->xsaves ? lhv_vendor.supported_xss() : 0;
	caps->spec_ctrl_allowed = guest_spec_ctrl(vcpu);
	lhv_fpu_update(vcpu);
	lhv_self_request(vcpu, LHV_REQ_CPUID);
}

static void set_bit_if(u32 *reg, u32 bit, bool on)
{
	*reg = on ? *reg | bit : *reg & ~bit;
}

/* The bits that follow the processor's state. */
static void apply_state(struct lhv_vcpu *vcpu, struct kvm_cpuid_entry2 *e, u64 cr4)
{
	if (e->function == 1) {
		set_bit_if(&e->ecx, CPUID_BIT(X86_FEATURE_OSXSAVE), cr4 & X86_CR4_OSXSAVE);
		set_bit_if(&e->edx, CPUID_BIT(X86_FEATURE_APIC),
			   vcpu->apic_base & MSR_IA32_APICBASE_ENABLE);
	} else if (e->function == 7 && !e->index) {
		set_bit_if(&e->ecx, CPUID_BIT(X86_FEATURE_OSPKE), cr4 & X86_CR4_PKE);
	} else if (e->function == 0xd && !e->index) {
		e->ebx = lhv_xsave_size_for(vcpu->xcr0, false);
	} else if (e->function == 0xd && e->index == 1 &&
		   (e->eax & (CPUID_BIT(X86_FEATURE_XSAVES) |
			      CPUID_BIT(X86_FEATURE_XSAVEC)))) {
		e->ebx = lhv_xsave_size_for(vcpu->xcr0 | vcpu->msr_xss, true);
	}
}

static u64 read_cr4(struct lhv_vcpu *vcpu)
{
	u64 cr4;

	lhv_vcpu_load(vcpu);
	cr4 = lhv_reg_read(vcpu, LHV_CR4);
	lhv_vcpu_put(vcpu);
	return cr4;
}

static void index_entry(struct lhv_cpuid *c, u32 i)
{
	u32 leaf = c->e[i].function;
	u16 *slot = NULL;

	if (leaf < LHV_CPUID_BASIC_INDEX)
		slot = &c->basic[leaf];
	else if (leaf - KVM_CPUID_SIGNATURE < LHV_CPUID_HV_INDEX)
		slot = &c->hv[leaf - KVM_CPUID_SIGNATURE];
	else if (leaf - 0x80000000 < LHV_CPUID_EXT_INDEX)
		slot = &c->ext[leaf - 0x80000000];
	if (slot && !*slot)
		*slot = i + 1;
}

static struct lhv_cpuid *make_cpuid(const struct kvm_cpuid_entry2 *e, u32 n)
{
	struct lhv_cpuid *c = kvzalloc(struct_size(c, e, n), GFP_KERNEL_ACCOUNT);
	u32 i;

	if (!c)
		return NULL;
	c->n = n;
	for (i = 0; i < n; i++) {
		c->e[i] = e[i];
		index_entry(c, i);
	}
	return c;
}

/* Linear addresses have 48 bits, or 57, or userspace does not say. */
static bool cpuid_is_valid(struct lhv_cpuid *c)
{
	struct kvm_cpuid_entry2 *e = find(c, 0x80000008, 0);
	u8 width = e ? e->eax >> 8 & 0xff : 0;

	return !width || width == 48 || width == 57;
}

static bool same_cpuid(struct lhv_vcpu *vcpu, struct lhv_cpuid *c)
{
	struct lhv_cpuid *old = vcpu->cpuid;
	u64 cr4 = read_cr4(vcpu);
	u32 i;

	if (!old || old->n != c->n)
		return false;
	for (i = 0; i < c->n; i++) {
		struct kvm_cpuid_entry2 a = old->e[i], b = c->e[i];

		apply_state(vcpu, &a, cr4);
		apply_state(vcpu, &b, cr4);
		if (memcmp(&a, &b, offsetof(struct kvm_cpuid_entry2, padding)))
			return false;
	}
	return true;
}

/**
 * lhv_set_cpuid() - KVM_SET_CPUID2
 * @vcpu: the vCPU
 * @e: the entries
 * @n: how many
 *
 * Once the vCPU has run, only the same list again is taken. Sleeps.
 *
 * Return: 0, -E2BIG, -EINVAL, -ENOMEM.
 */
int lhv_set_cpuid(struct lhv_vcpu *vcpu, const struct kvm_cpuid_entry2 *e, u32 n)
{
	struct lhv_cpuid *c;
	int ret = 0;

	if (n > LHV_MAX_CPUID_ENTRIES)
		return -E2BIG;
	c = make_cpuid(e, n);
	if (!c)
		return -ENOMEM;
	if (vcpu->stat.enters)
		ret = same_cpuid(vcpu, c) ? 0 : -EINVAL;
	else if (!cpuid_is_valid(c))
		ret = -EINVAL;
	if (ret || vcpu->stat.enters) {
		kvfree(c);
		return ret;
	}
	kvfree(vcpu->cpuid);
	vcpu->cpuid = c;
	lhv_cpuid_update(vcpu);
	return 0;
}

/**
 * lhv_get_cpuid() - KVM_GET_CPUID2
 * @vcpu: the vCPU
 * @e: room for @n entries
 * @n: in: the room; out: how many were written
 *
 * Return: 0, or -E2BIG where the room is too small.
 */
int lhv_get_cpuid(struct lhv_vcpu *vcpu, struct kvm_cpuid_entry2 *e, u32 *n)
{
	u32 i, have = vcpu->cpuid ? vcpu->cpuid->n : 0;
	u64 cr4 = read_cr4(vcpu);

	if (*n < have)
		return -E2BIG;
	for (i = 0; i < have; i++) {
		e[i] = vcpu->cpuid->e[i];
		apply_state(vcpu, &e[i], cr4);
	}
	*n = have;
	return 0;
}

/**
 * lhv_cpuid_free() - the vCPU goes
 * @vcpu: the vCPU
 */
void lhv_cpuid_free(struct lhv_vcpu *vcpu)
{
	kvfree(vcpu->cpuid);
	vcpu->cpuid = NULL;
}

/* ---- what the guest reads ---- */

/*
 * A leaf beyond its range's last one: Intel's processors answer with the last
 * basic leaf, AMD's with zero (SDM, "CPUID-CPU Identification").
 */
static struct kvm_cpuid_entry2 *out_of_range(struct lhv_vcpu *vcpu, u32 leaf, u32 index)
{
	struct lhv_cpuid *c = vcpu->cpuid;
	struct kvm_cpuid_entry2 *basic = find(c, 0, 0), *range = basic;

	if (!basic || !vcpu->caps.is_intel)
		return NULL;
	if (leaf >= 0x80000000)
		range = find(c, leaf & 0xffff0000, 0);
	else if (leaf >= KVM_CPUID_SIGNATURE)
		range = find(c, leaf & 0xffffff00, 0);
	if (range && leaf <= range->eax)
		return NULL;	/* in range, and zero */
	return find(c, basic->eax, index);
}

/* Beyond the last level of the topology, ECX and the APIC id still answer. */
static void topology_end(struct lhv_vcpu *vcpu, u32 leaf, struct kvm_cpuid_entry2 *e,
			 u32 index)
{
	const struct kvm_cpuid_entry2 *first = find(vcpu->cpuid, leaf, 1);

	if (!first)
		return;
	e->ecx = index & 0xff;
	e->edx = first->edx;
}

static void query_missing(struct lhv_vcpu *vcpu, u32 leaf, u32 index,
			  struct kvm_cpuid_entry2 *answer)
{
	const struct kvm_cpuid_entry2 *e = NULL;

	/* of no leaf, so that no state shows in it */
	*answer = (struct kvm_cpuid_entry2){ .function = U32_MAX };
	if (!vcpu->cpuid)
		return;
	if (leaf == 0xb || leaf == 0x1f)
		topology_end(vcpu, leaf, answer, index);
	else
		e = out_of_range(vcpu, leaf, index);
	if (e)
		*answer = *e;
}

/* Leaves with bits that follow the state; the others are read as they stand. */
#define LEAVES_WITH_STATE	(BIT(1) | BIT(7) | BIT(0xd))

static bool has_state(const struct kvm_cpuid_entry2 *e)
{
	return e->function < 32 && (LEAVES_WITH_STATE & BIT(e->function));
}

/* Apart from the rest, which needs no room on the stack. */
static noinline void query_slowly(struct lhv_vcpu *vcpu, const struct kvm_cpuid_entry2 *e,
				  u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	struct kvm_cpuid_entry2 copy;

	if (e)
		copy = *e;
	else
		query_missing(vcpu, *eax, *ecx, &copy);
	if (has_state(&copy))
		apply_state(vcpu, &copy, lhv_reg_read(vcpu, LHV_CR4));
	*eax = copy.eax;
	*ebx = copy.ebx;
	*ecx = copy.ecx;
	*edx = copy.edx;
}

/**
 * lhv_cpuid_query() - the guest executes CPUID
 * @vcpu: the vCPU, in the ring
 * @eax: in: the leaf
 * @ebx: out only
 * @ecx: in: the subleaf
 * @edx: out only
 */
void lhv_cpuid_query(struct lhv_vcpu *vcpu, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	const struct kvm_cpuid_entry2 *e = lhv_cpuid_find(vcpu, *eax, *ecx);

	if (unlikely(!e) || has_state(e)) {
		query_slowly(vcpu, e, eax, ebx, ecx, edx);
		return;
	}
	*eax = e->eax;
	*ebx = e->ebx;
	*ecx = e->ecx;
	*edx = e->edx;
}
