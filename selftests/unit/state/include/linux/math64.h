/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/math64.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_MATH64_H
#define UNIT_STATE_MATH64_H

#include_next <linux/math64.h>

static inline u64 mul_u64_u32_shr(u64 a, u32 mul, unsigned int shift)
{
	return (__uint128_t)a * mul >> shift;
}

#endif
