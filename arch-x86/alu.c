// SPDX-License-Identifier: GPL-2.0
/*
 * Integer operations with exact flags, for the executor (emulate.c and
 * emulate-string.c). A pure function; where the SDM leaves a flag undefined
 * (AF after logic) the value is that of the processors we know: zero.
 */
#include <linux/bitops.h>
#include <linux/swab.h>

#include "emulate-internal.h"

/* ZF, SF and PF say the same about the result of every operation. */
static u64 finish(u64 result, unsigned int size, u64 carries, u64 *flags)
{
	*flags = (*flags & ~LHV_FLAGS_ARITH) | carries |
		 (result ? 0 : LHV_FLAG_ZF) |
		 (result & BIT_ULL(size * 8 - 1) ? LHV_FLAG_SF : 0) |
		 (hweight8(result) & 1 ? 0 : LHV_FLAG_PF);
	return result;
}

static u64 add_carry(u64 a, u64 b, bool carry, unsigned int size, u64 *flags)
{
	u64 mask = lhv_size_mask(size), top = BIT_ULL(size * 8 - 1), r;

	a &= mask;
	b &= mask;
	r = (a + b + carry) & mask;
	return finish(r, size, ((a ^ b ^ r) & LHV_FLAG_AF) |
		      (((a & b) | ((a | b) & ~r)) & top ? LHV_FLAG_CF : 0) |
		      ((a ^ r) & (b ^ r) & top ? LHV_FLAG_OF : 0), flags);
}

/* a - b is a + ~b + 1, whose carries are the borrows upside down. */
static u64 sub_borrow(u64 a, u64 b, bool borrow, unsigned int size, u64 *flags)
{
	u64 r = add_carry(a, ~b, !borrow, size, flags);

	*flags ^= LHV_FLAG_CF | LHV_FLAG_AF;
	return r;
}

u64 lhv_alu(unsigned int op, u64 dst, u64 src, unsigned int size, u64 *flags)
{
	u64 mask = lhv_size_mask(size), bit = BIT_ULL(src & (size * 8 - 1)), r;
	u64 carry = *flags & LHV_FLAG_CF;

	/* Most accesses to devices: before anything is made ready. */
	if (op == LHV_OP_MOV || op == LHV_OP_MOVZX)
		return src;
	switch (op) {
	case LHV_OP_ADD:
	case LHV_OP_XADD:
		return add_carry(dst, src, false, size, flags);
	case LHV_OP_ADC:
		return add_carry(dst, src, carry, size, flags);
	case LHV_OP_SUB:
	case LHV_OP_CMP:
		return sub_borrow(dst, src, false, size, flags);
	case LHV_OP_SBB:
		return sub_borrow(dst, src, carry, size, flags);
	case LHV_OP_NEG:
		return sub_borrow(0, dst, false, size, flags);
	case LHV_OP_INC:
	case LHV_OP_DEC:
		r = op == LHV_OP_INC ? add_carry(dst, 1, false, size, flags) :
				       sub_borrow(dst, 1, false, size, flags);
		/* Counting leaves CF alone. */
		*flags = (*flags & ~LHV_FLAG_CF) | carry;
		return r;
	case LHV_OP_OR:
		return finish((dst | src) & mask, size, 0, flags);
	case LHV_OP_AND:
	case LHV_OP_TEST:
		return finish(dst & src & mask, size, 0, flags);
	case LHV_OP_XOR:
		return finish((dst ^ src) & mask, size, 0, flags);
	case LHV_OP_NOT:
		return ~dst & mask;
	case LHV_OP_MOVSX:
		return sign_extend64(src, size * 8 - 1);
	case LHV_OP_MOVBE:
		return swab64(src) >> (64 - size * 8);
	case LHV_OP_BT ... LHV_OP_BTC:
		*flags = (*flags & ~LHV_FLAG_CF) | (dst & bit ? LHV_FLAG_CF : 0);
		if (op == LHV_OP_BTC)
			return dst ^ bit;
		return op == LHV_OP_BTS ? dst | bit : dst & ~bit;
	default:
		return src;
	}
}
