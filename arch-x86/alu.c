// SPDX-License-Identifier: GPL-2.0
/*
 * Integer operations with exact flags, for the executor (emulate.c and
 * emulate-string.c). Pure functions; where the SDM leaves a flag undefined
 * (AF after logic) the value is that of the processors we know: zero.
 */
#include <linux/bitops.h>
#include <linux/swab.h>

#include "emulate-internal.h"

/* ZF, SF and PF say the same about the result of every operation. */
static u64 finish(u64 result, unsigned int size, u64 carries, u64 *flags)
{
	*flags = (*flags & ~LHV_FLAGS_ARITH) | carries;
	if (!result)
		*flags |= LHV_FLAG_ZF;
	if (result & BIT_ULL(size * 8 - 1))
		*flags |= LHV_FLAG_SF;
	if (!(hweight8(result) & 1))
		*flags |= LHV_FLAG_PF;
	return result;
}

static u64 add_carry(u64 a, u64 b, bool carry, unsigned int size, u64 *flags)
{
	u64 mask = lhv_size_mask(size), top = BIT_ULL(size * 8 - 1), r, f;

	a &= mask;
	b &= mask;
	r = (a + b + carry) & mask;
	f = (a ^ b ^ r) & LHV_FLAG_AF;
	if (((a & b) | ((a | b) & ~r)) & top)
		f |= LHV_FLAG_CF;
	if ((a ^ r) & (b ^ r) & top)
		f |= LHV_FLAG_OF;
	return finish(r, size, f, flags);
}

/* a - b is a + ~b + 1, whose carries are the borrows upside down. */
static u64 sub_borrow(u64 a, u64 b, bool borrow, unsigned int size, u64 *flags)
{
	u64 r = add_carry(a, ~b, !borrow, size, flags);

	*flags ^= LHV_FLAG_CF | LHV_FLAG_AF;
	return r;
}

static u64 alu_add(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return add_carry(dst, src, false, size, flags);
}

u64 lhv_alu_sub(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return sub_borrow(dst, src, false, size, flags);
}

static u64 alu_adc(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return add_carry(dst, src, *flags & LHV_FLAG_CF, size, flags);
}

static u64 alu_sbb(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return sub_borrow(dst, src, *flags & LHV_FLAG_CF, size, flags);
}

static u64 alu_or(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return finish((dst | src) & lhv_size_mask(size), size, 0, flags);
}

static u64 alu_and(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return finish(dst & src & lhv_size_mask(size), size, 0, flags);
}

static u64 alu_xor(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return finish((dst ^ src) & lhv_size_mask(size), size, 0, flags);
}

static u64 alu_not(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return ~dst & lhv_size_mask(size);
}

static u64 alu_neg(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return sub_borrow(0, dst, false, size, flags);
}

/* Counting leaves CF alone. */
static u64 alu_inc(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	u64 carry = *flags & LHV_FLAG_CF;
	u64 r = add_carry(dst, 1, false, size, flags);

	*flags = (*flags & ~LHV_FLAG_CF) | carry;
	return r;
}

static u64 alu_dec(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	u64 carry = *flags & LHV_FLAG_CF;
	u64 r = sub_borrow(dst, 1, false, size, flags);

	*flags = (*flags & ~LHV_FLAG_CF) | carry;
	return r;
}

static u64 alu_movsx(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return sign_extend64(src, size * 8 - 1);
}

static u64 alu_movbe(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return swab64(src) >> (64 - size * 8);
}

/* The bit that @src numbers, by itself; CF is what it was in @dst. */
static u64 alu_bt(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	u64 bit = BIT_ULL(src & (size * 8 - 1));

	*flags &= ~LHV_FLAG_CF;
	if (dst & bit)
		*flags |= LHV_FLAG_CF;
	return bit;
}

static u64 alu_bts(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return dst | alu_bt(dst, src, size, flags);
}

static u64 alu_btr(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return dst & ~alu_bt(dst, src, size, flags);
}

static u64 alu_btc(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return dst ^ alu_bt(dst, src, size, flags);
}

const lhv_alu_fn lhv_alu_ops[LHV_OP_COUNT] = {
	[LHV_OP_ADD] = alu_add,
	[LHV_OP_OR] = alu_or,
	[LHV_OP_ADC] = alu_adc,
	[LHV_OP_SBB] = alu_sbb,
	[LHV_OP_AND] = alu_and,
	[LHV_OP_SUB] = lhv_alu_sub,
	[LHV_OP_XOR] = alu_xor,
	[LHV_OP_CMP] = lhv_alu_sub,
	[LHV_OP_TEST] = alu_and,
	[LHV_OP_NOT] = alu_not,
	[LHV_OP_NEG] = alu_neg,
	[LHV_OP_INC] = alu_inc,
	[LHV_OP_DEC] = alu_dec,
	[LHV_OP_MOVSX] = alu_movsx,
	[LHV_OP_MOVBE] = alu_movbe,
	[LHV_OP_XADD] = alu_add,
	[LHV_OP_BT] = alu_bt,
	[LHV_OP_BTS] = alu_bts,
	[LHV_OP_BTR] = alu_btr,
	[LHV_OP_BTC] = alu_btc,
};
