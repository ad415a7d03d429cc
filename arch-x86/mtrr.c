// SPDX-License-Identifier: GPL-2.0
/*
 * MTRRs and PAT: what a guest may write there. They are kept and read back, no
 * more: guest memory is write-back in the nested table whatever they say, since
 * no device is assigned. Called through the rows of msr-table.c.
 */
#include <linux/kernel.h>
#include <linux/nospec.h>

#include "msr.h"

#define MTRR_MASK_VALID		BIT_ULL(11)
#define MTRR_DEF_RESERVED	(~0xcffULL)	/* type, FE, E */
#define MTRR_TYPES		(BIT(0) | BIT(1) | BIT(4) | BIT(5) | BIT(6))
#define PAT_TYPES		(MTRR_TYPES | BIT(7))

/* Places in lhv_vcpu.msr_mtrr. */
#define PLACE_FIXED		(2 * LHV_MTRR_VARIABLE)
#define PLACE_DEFAULT		(PLACE_FIXED + 11)

/* Where the MTRRs are, and where they go. */
static const struct {
	u16 msr, count, place;
} places[] = {
	{ LHV_MTRR_PHYSBASE0,	2 * LHV_MTRR_VARIABLE,	0 },
	{ LHV_MTRR_FIX64K,	1,	PLACE_FIXED },
	{ LHV_MTRR_FIX16K,	2,	PLACE_FIXED + 1 },
	{ LHV_MTRR_FIX4K,	8,	PLACE_FIXED + 3 },
	{ LHV_MTRR_DEF_TYPE,	1,	PLACE_DEFAULT },
};

static_assert(PLACE_DEFAULT + 1 == ARRAY_SIZE(((struct lhv_vcpu *)0)->msr_mtrr));

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

static bool variable_is_valid(u32 index, u64 data, u8 maxphyaddr)
{
	u64 reserved = GENMASK_ULL(63, maxphyaddr);

	if (index & 1)		/* a mask */
		return !(data & (reserved | (MTRR_MASK_VALID - 1)));
	return !(data & (reserved | 0xf00)) && type_is_valid(data & 0xff);
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
	if (index == LHV_MTRR_DEF_TYPE)
		return !(data & MTRR_DEF_RESERVED) && type_is_valid(data & 0xff);
	if (index - LHV_MTRR_PHYSBASE0 < 2 * LHV_MTRR_VARIABLE)
		return variable_is_valid(index, data, maxphyaddr);
	return types_are_valid(data, MTRR_TYPES);
}

static u64 *place_of(struct lhv_vcpu *vcpu, u32 index)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		u32 n = index - places[i].msr;

		if (n < places[i].count)
			return &vcpu->msr_mtrr[places[i].place +
					       array_index_nospec(n, places[i].count)];
	}
	return NULL;
}

int lhv_mtrr_get(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	const u64 *place = place_of(vcpu, index);

	if (!place)
		return 1;
	*data = *place;
	return 0;
}

int lhv_mtrr_set(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	u64 *place = place_of(vcpu, index);

	if (!place || !lhv_mtrr_is_valid(index, data, vcpu->caps.maxphyaddr))
		return 1;
	*place = data;
	return 0;
}
