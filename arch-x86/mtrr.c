// SPDX-License-Identifier: GPL-2.0
/*
 * MTRRs and PAT: what a guest may write there. They are kept and read back, no
 * more: guest memory is write-back in the nested table whatever they say, since
 * no device is assigned. Called through the rows of msr-table.c.
 */
#include <linux/kernel.h>

#include "msr.h"

#define MTRR_MASK_VALID		BIT_ULL(11)
#define MTRR_BASE_RESERVED	0xf00
#define MTRR_DEF_RESERVED	(~0xcffULL)	/* type, FE, E */
#define MTRR_TYPES		(BIT(0) | BIT(1) | BIT(4) | BIT(5) | BIT(6))
#define PAT_TYPES		(MTRR_TYPES | BIT(7))

static bool type_is_valid(u64 type, u32 allowed)
{
	return type < 8 && (allowed & BIT(type));
}

/* Eight memory types, one in each byte. */
static bool types_are_valid(u64 types, u32 allowed)
{
	int i;

	for (i = 0; i < 8; i++, types >>= 8)
		if (!type_is_valid(types & 0xff, allowed))
			return false;
	return true;
}

int lhv_pat_set(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	return !types_are_valid(data, PAT_TYPES);
}

/* SDM, "Memory Type Range Registers": PHYSBASE0..PHYSMASK7, fixed, DEF_TYPE */
int lhv_mtrr_set(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	u64 reserved = MTRR_DEF_RESERVED;

	if (index - LHV_MTRR_PHYSBASE0 < 2 * LHV_MTRR_VARIABLE) {
		reserved = GENMASK_ULL(63, vcpu->caps.maxphyaddr);
		if (index & 1)		/* a mask */
			return !!(data & (reserved | (MTRR_MASK_VALID - 1)));
		reserved |= MTRR_BASE_RESERVED;
	} else if (index != LHV_MTRR_DEF_TYPE) {
		return !types_are_valid(data, MTRR_TYPES);
	}
	return (data & reserved) || !type_is_valid(data & 0xff, MTRR_TYPES);
}
