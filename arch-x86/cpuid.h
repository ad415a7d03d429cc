/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between cpuid.c, cpuid-supported.c and their table, cpuid-table.c; nobody
 * else includes it.
 */
#ifndef LHV_CPUID_H
#define LHV_CPUID_H

#include <linux/kvm.h>
#include <linux/types.h>

enum lhv_cpuid_reg { LHV_CPUID_EAX, LHV_CPUID_EBX, LHV_CPUID_ECX, LHV_CPUID_EDX };

/* One register of a leaf whose bits are features. */
struct lhv_cpuid_row {
	u32 leaf;
	u8 index;
	u8 reg;			/* enum lhv_cpuid_reg */
	u8 word;		/* of the kernel's X86_FEATURE numbers */
	u32 give;		/* where host, its kernel and the vendor have it */
	u32 always;		/* lhv makes it up itself */
	u32 quiet;		/* works, but only userspace may announce it */
};

#define LHV_CPUID_NO_WORD	0xff

extern const struct lhv_cpuid_row lhv_cpuid_rows[];
extern const unsigned int lhv_cpuid_nr_rows;

/* What a feature of the guest's means for its struct lhv_guest_caps. */
struct lhv_cap_feature {
	u16 feature;		/* X86_FEATURE number */
	u16 offset;		/* of a bool, or of the u64 that gets the bits */
	u64 bits;
};

extern const struct lhv_cap_feature lhv_cap_features[];
extern const unsigned int lhv_nr_cap_features;

/* The bit of a feature in its register. */
#define LHV_CPUID_BIT(feature)	BIT((feature) & 31)

/* Leaf 0xd.1 EAX: there are instructions that know the compacted format. */
#define LHV_CPUID_COMPACTS	(LHV_CPUID_BIT(X86_FEATURE_XSAVES) |	\
				 LHV_CPUID_BIT(X86_FEATURE_XSAVEC))

static inline u32 *lhv_cpuid_reg(struct kvm_cpuid_entry2 *e, u8 reg)
{
	u32 *regs[] = { &e->eax, &e->ebx, &e->ecx, &e->edx };

	return regs[reg & 3];
}

static inline bool lhv_cpuid_matches(const struct kvm_cpuid_entry2 *e, u32 leaf,
				     u32 index)
{
	if (e->function != leaf)
		return false;
	return !(e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX) || e->index == index;
}

/* cpuid-supported.c */
const struct lhv_cpuid_row *lhv_cpuid_row_of(u32 feature);

#endif /* LHV_CPUID_H */
