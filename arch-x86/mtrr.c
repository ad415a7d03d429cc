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

/* Eight memory types, one in each byte. */
static bool types_are_valid(u64 types, u32 allowed)
{
	int i;

	for (i = 0; i < 8; i++, types >>= 8)
		if ((types & 0xff) > 7 || !(allowed & BIT(types & 7)))
			return false;
	return true;
}

/**
 * lhv_pat_is_valid() - may IA32_PAT hold this?
 * @pat: the value
 *
 * Return: false where one of its eight bytes is no memory type.
 */
bool lhv_pat_is_valid(u64 pat)
{
	return types_are_valid(pat, PAT_TYPES);
}

static bool type_is_valid(u64 type)
{
	return type < 8 && (MTRR_TYPES & BIT(type));
}

/**
 * lhv_mtrr_is_valid() - may this MTRR hold this?
 * @index: IA32_MTRR_PHYSBASE0..PHYSMASK7, a fixed one, or IA32_MTRR_DEF_TYPE
 * @data: the value
 * @maxphyaddr: width of physical addresses
 *
 * Return: false where a write would raise #GP (SDM, "Memory Type Range
 * Registers").
 */
bool lhv_mtrr_is_valid(u32 index, u64 data, u8 maxphyaddr)
{
	u64 reserved = MTRR_DEF_RESERVED;

	if (index - LHV_MTRR_PHYSBASE0 < 2 * LHV_MTRR_VARIABLE) {
		reserved = GENMASK_ULL(63, maxphyaddr);
		if (index & 1)		/* a mask */
			return !(data & (reserved | (MTRR_MASK_VALID - 1)));
		reserved |= MTRR_BASE_RESERVED;
	} else if (index != LHV_MTRR_DEF_TYPE) {
		return types_are_valid(data, MTRR_TYPES);
	}
	return !(data & reserved) && type_is_valid(data & 0xff);
}

int lhv_mtrr_set(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	return !lhv_mtrr_is_valid(index, data, vcpu->caps.maxphyaddr);
}
