/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/kernel.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_KERNEL_H
#define UNIT_STATE_KERNEL_H

#include_next <linux/kernel.h>
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#ifndef U32_MAX
#define U32_MAX			(~0U)
#endif
#define ALIGN(x, a)		round_up(x, a)
#define NSEC_PER_SEC		1000000000L

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	return n < 2 ? 1 : 1UL << (64 - __builtin_clzl(n - 1));
}

#endif
