/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <asm/pvclock.h>: how a guest makes ticks nanoseconds. */
#ifndef UNIT_STATE_PVCLOCK_SCALE_H
#define UNIT_STATE_PVCLOCK_SCALE_H

#include <asm/pvclock-abi.h>

static inline u64 pvclock_scale_delta(u64 delta, u32 mul_frac, int shift)
{
	delta = shift < 0 ? delta >> -shift : delta << shift;
	return (__uint128_t)delta * mul_frac >> 32;
}

#endif
