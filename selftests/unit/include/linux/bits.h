/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/bits.h> for unit tests. */
#ifndef UNIT_LINUX_BITS_H
#define UNIT_LINUX_BITS_H

#include <linux/types.h>

#ifndef BITS_PER_LONG
#define BITS_PER_LONG		64
#endif
#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK(h, l)		((~0UL << (l)) & (~0UL >> (63 - (h))))
#define GENMASK_ULL(h, l)	((~0ULL << (l)) & (~0ULL >> (63 - (h))))

#endif
