// SPDX-License-Identifier: GPL-2.0
/*
 * Integer arithmetic with exact flags, for the executor (emulate.c and
 * emulate-string.c). Pure functions; where the SDM leaves a flag undefined
 * (AF after logic) the value is that of the processors we know: zero.
 */
#include "emulate-internal.h"

static u64 sign_bit(unsigned int size)
{
	return 1ULL << (size * 8 - 1);
}

static bool parity_even(u8 v)
{
	v ^= v >> 4;
	v ^= v >> 2;
	v ^= v >> 1;
	return !(v & 1);
}

/* ZF, SF and PF say the same about the result of every operation. */
static u64 result_flags(u64 result, unsigned int size)
{
	u64 flags = 0;

	if (!result)
		flags |= LHV_FLAG_ZF;
	if (result & sign_bit(size))
		flags |= LHV_FLAG_SF;
	if (parity_even(result))
		flags |= LHV_FLAG_PF;
	return flags;
}

static void set_flags(u64 *flags, u64 value)
{
	*flags = (*flags & ~LHV_FLAGS_ARITH) | value;
}

static u64 add_carry(u64 a, u64 b, bool carry, unsigned int size, u64 *flags)
{
	u64 mask = lhv_size_mask(size), top = sign_bit(size), r, f;

	a &= mask;
	b &= mask;
	r = (a + b + carry) & mask;
	f = result_flags(r, size);
	if (((a & b) | ((a | b) & ~r)) & top)
		f |= LHV_FLAG_CF;
	if ((a ^ r) & (b ^ r) & top)
		f |= LHV_FLAG_OF;
	f |= (a ^ b ^ r) & LHV_FLAG_AF;
	set_flags(flags, f);
	return r;
}

static u64 sub_borrow(u64 a, u64 b, bool borrow, unsigned int size, u64 *flags)
{
	u64 mask = lhv_size_mask(size), top = sign_bit(size), r, f;

	a &= mask;
	b &= mask;
	r = (a - b - borrow) & mask;
	f = result_flags(r, size);
	if (((~a & b) | ((~a | b) & r)) & top)
		f |= LHV_FLAG_CF;
	if ((a ^ b) & (a ^ r) & top)
		f |= LHV_FLAG_OF;
	f |= (a ^ b ^ r) & LHV_FLAG_AF;
	set_flags(flags, f);
	return r;
}

static u64 logic(u64 result, unsigned int size, u64 *flags)
{
	result &= lhv_size_mask(size);
	set_flags(flags, result_flags(result, size));
	return result;
}

u64 lhv_alu_add(u64 dst, u64 src, unsigned int size, u64 *flags)
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
	return logic(dst | src, size, flags);
}

static u64 alu_and(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return logic(dst & src, size, flags);
}

static u64 alu_xor(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return logic(dst ^ src, size, flags);
}

static u64 alu_not(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return ~dst & lhv_size_mask(size);
}

static u64 alu_neg(u64 dst, u64 src, unsigned int size, u64 *flags)
{
	return sub_borrow(0, dst, false, size, flags);
}

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

const struct lhv_alu_op lhv_alu_ops[LHV_OP_COUNT] = {
	[LHV_OP_ADD]	= { lhv_alu_add, true },
	[LHV_OP_OR]	= { alu_or, true },
	[LHV_OP_ADC]	= { alu_adc, true },
	[LHV_OP_SBB]	= { alu_sbb, true },
	[LHV_OP_AND]	= { alu_and, true },
	[LHV_OP_SUB]	= { lhv_alu_sub, true },
	[LHV_OP_XOR]	= { alu_xor, true },
	[LHV_OP_CMP]	= { lhv_alu_sub, false },
	[LHV_OP_TEST]	= { alu_and, false },
	[LHV_OP_NOT]	= { alu_not, true },
	[LHV_OP_NEG]	= { alu_neg, true },
	[LHV_OP_INC]	= { alu_inc, true },
	[LHV_OP_DEC]	= { alu_dec, true },
};
