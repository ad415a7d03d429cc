// SPDX-License-Identifier: GPL-2.0
/*
 * CPUID of a vCPU: what userspace chose for it, what the guest reads, and what
 * the choice means for the rest of the processor (struct lhv_guest_caps). Called
 * by module/ and by the CPUID exit. It knows neither vendor.
 *
 * Bits that follow the processor's state (OSXSAVE, OSPKE, APIC, the sizes of
 * leaf 0xd) are never stored: they are worked out when somebody reads them.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/processor.h>

#include "cpuid.h"
#include "regs.h"

#define CR4_BASE	(X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE | \
			 X86_CR4_PSE | X86_CR4_PAE | X86_CR4_MCE | X86_CR4_PGE | \
			 X86_CR4_PCE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT)

/* Leaves that struct lhv_cpuid.index has no place for. */
#define NOT_INDEXED	0x3fffffe0

static struct kvm_cpuid_entry2 *find(struct lhv_cpuid *c, u32 leaf, u32 index)
{
	u32 i = 0;

	if (!(leaf & NOT_INDEXED)) {
		i = c->index[leaf >> 30][leaf & 31];
		if (!i--)
			return NULL;
	}
	for (; i < c->n; i++)
		if (lhv_cpuid_matches(&c->e[i], leaf, index))
			return &c->e[i];
	return NULL;
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

/* One register of a leaf as userspace set it, 0 where there is no such leaf. */
static u32 guest_reg(struct lhv_vcpu *vcpu, u32 leaf, u32 index, enum lhv_cpuid_reg reg)
{
	struct kvm_cpuid_entry2 *e = lhv_cpuid_find(vcpu, leaf, index);

	return e ? *lhv_cpuid_reg(e, reg) : 0;
}

static bool guest_has(struct lhv_vcpu *vcpu, u32 feature)
{
	const struct lhv_cpuid_row *row = lhv_cpuid_row_of(feature);

	return row && lhv_cpuid_supported(feature) &&
	       (guest_reg(vcpu, row->leaf, row->index, row->reg) & LHV_CPUID_BIT(feature));
}

static u8 guest_maxphyaddr(struct lhv_vcpu *vcpu)
{
	u8 width = guest_reg(vcpu, 0x80000008, 0, LHV_CPUID_EAX) & 0xff;

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

/**
 * lhv_cpuid_update() - work out what the vCPU's CPUID lets the guest do
 * @vcpu: the vCPU; its thread, or nobody knows it yet
 */
void lhv_cpuid_update(struct lhv_vcpu *vcpu)
{
	u64 xcr0 = guest_reg(vcpu, 0xd, 0, LHV_CPUID_EAX) |
		   (u64)guest_reg(vcpu, 0xd, 0, LHV_CPUID_EDX) << 32;
	struct lhv_guest_caps *caps = &vcpu->caps;
	unsigned int i;

	*caps = (struct lhv_guest_caps){ .cr4_allowed = CR4_BASE, .efer_allowed = EFER_SCE };
	for (i = 0; i < lhv_nr_cap_features; i++) {
		const struct lhv_cap_feature *f = &lhv_cap_features[i];
		void *place = (void *)caps + f->offset;

		if (!guest_has(vcpu, f->feature))
			continue;
		if (f->bits)
			*(u64 *)place |= f->bits;
		else
			*(bool *)place = true;
	}
	caps->is_intel = guest_is_intel(vcpu);
	caps->maxphyaddr = guest_maxphyaddr(vcpu);
	vcpu->lapic.has_tsc_deadline = caps->tsc_deadline;
	caps->xcr0_allowed = caps->xsave ? lhv_supported_xcr0() & xcr0 : 0;
	vcpu->pkru_live = caps->pku;
	lhv_self_request(vcpu, LHV_REQ_CPUID);
}

static void set_bit_if(u32 *reg, u32 bit, bool on)
{
	*reg = on ? *reg | bit : *reg & ~bit;
}

/* The bits that follow the processor's state; loaded. */
static void apply_state(struct lhv_vcpu *vcpu, struct kvm_cpuid_entry2 *e)
{
	if (e->function == 1) {
		set_bit_if(&e->ecx, LHV_CPUID_BIT(X86_FEATURE_OSXSAVE),
			   lhv_reg_read(vcpu, LHV_CR4) & X86_CR4_OSXSAVE);
		set_bit_if(&e->edx, LHV_CPUID_BIT(X86_FEATURE_APIC),
			   vcpu->apic_base & MSR_IA32_APICBASE_ENABLE);
	} else if (e->function == 7 && !e->index) {
		set_bit_if(&e->ecx, LHV_CPUID_BIT(X86_FEATURE_OSPKE),
			   lhv_reg_read(vcpu, LHV_CR4) & X86_CR4_PKE);
	} else if (e->function == 0xd && !e->index) {
		e->ebx = lhv_xsave_size_for(vcpu->xcr0, false);
	} else if (e->function == 0xd && e->index == 1 && (e->eax & LHV_CPUID_COMPACTS)) {
		e->ebx = lhv_xsave_size_for(vcpu->xcr0 | vcpu->msr_xss, true);
	}
}

static struct lhv_cpuid *make_cpuid(const struct kvm_cpuid_entry2 *e, u32 n)
{
	struct lhv_cpuid *c = kvzalloc(struct_size(c, e, n), GFP_KERNEL_ACCOUNT);
	u32 i;

	if (!c)
		return NULL;
	c->n = n;
	for (i = 0; i < n; i++) {
		u32 leaf = e[i].function;
		u16 *place = &c->index[leaf >> 30][leaf & 31];

		c->e[i] = e[i];
		if (!(leaf & NOT_INDEXED) && !*place)
			*place = i + 1;
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
	bool same = old && old->n == c->n;
	u32 i;

	lhv_vcpu_load(vcpu);
	for (i = 0; same && i < c->n; i++) {
		struct kvm_cpuid_entry2 a = old->e[i], b = c->e[i];

		apply_state(vcpu, &a);
		apply_state(vcpu, &b);
		same = !memcmp(&a, &b, offsetof(struct kvm_cpuid_entry2, padding));
	}
	lhv_vcpu_put(vcpu);
	return same;
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
	bool has_run = vcpu->stat.enters, ok;
	struct lhv_cpuid *c;

	if (n > LHV_MAX_CPUID_ENTRIES)
		return -E2BIG;
	c = make_cpuid(e, n);
	if (!c)
		return -ENOMEM;
	ok = has_run ? same_cpuid(vcpu, c) : cpuid_is_valid(c);
	if (!ok || has_run) {
		kvfree(c);
		return ok ? 0 : -EINVAL;
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

	if (*n < have)
		return -E2BIG;
	lhv_vcpu_load(vcpu);
	for (i = 0; i < have; i++) {
		e[i] = vcpu->cpuid->e[i];
		apply_state(vcpu, &e[i]);
	}
	lhv_vcpu_put(vcpu);
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
	struct kvm_cpuid_entry2 *basic = lhv_cpuid_find(vcpu, 0, 0), *range = basic;

	if (!basic || !vcpu->caps.is_intel)
		return NULL;
	if (leaf >= 0x80000000)
		range = lhv_cpuid_find(vcpu, leaf & 0xffff0000, 0);
	else if (leaf >= KVM_CPUID_SIGNATURE)
		range = lhv_cpuid_find(vcpu, leaf & 0xffffff00, 0);
	if (range && leaf <= range->eax)
		return NULL;	/* in range, and zero */
	return lhv_cpuid_find(vcpu, basic->eax, index);
}

static void query_missing(struct lhv_vcpu *vcpu, u32 leaf, u32 index,
			  struct kvm_cpuid_entry2 *answer)
{
	bool topology = leaf == 0xb || leaf == 0x1f;
	const struct kvm_cpuid_entry2 *e = topology ? lhv_cpuid_find(vcpu, leaf, 1) :
						      out_of_range(vcpu, leaf, index);

	/* of no leaf, so that no state shows in it */
	*answer = (struct kvm_cpuid_entry2){ .function = U32_MAX };
	if (e && topology) {
		/* beyond the last level, ECX and the APIC id still answer */
		answer->ecx = index & 0xff;
		answer->edx = e->edx;
	} else if (e) {
		*answer = *e;
	}
}

/* Leaves with bits that follow the state; the others are read as they stand. */
#define LEAVES_WITH_STATE	(BIT(1) | BIT(7) | BIT(0xd))

/* Apart from the rest, which needs no room on the stack. */
static noinline void query_slowly(struct lhv_vcpu *vcpu, const struct kvm_cpuid_entry2 *e,
				  u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	struct kvm_cpuid_entry2 copy;

	if (e)
		copy = *e;
	else
		query_missing(vcpu, *eax, *ecx, &copy);
	apply_state(vcpu, &copy);
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

	if (unlikely(!e) || (e->function < 32 && (LEAVES_WITH_STATE & BIT(e->function)))) {
		query_slowly(vcpu, e, eax, ebx, ecx, edx);
		return;
	}
	*eax = e->eax;
	*ebx = e->ebx;
	*ecx = e->ecx;
	*edx = e->edx;
}
