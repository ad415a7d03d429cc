/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/minmax.h> for unit tests. */
#ifndef UNIT_LINUX_MINMAX_H
#define UNIT_LINUX_MINMAX_H

#define min(a, b)		({ __typeof__(a) min_a = (a);		\
	__typeof__(b) min_b = (b); min_a < min_b ? min_a : min_b; })
#define max(a, b)		({ __typeof__(a) max_a = (a);		\
	__typeof__(b) max_b = (b); max_a > max_b ? max_a : max_b; })
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp(val, low, high)	min(max(val, low), high)

#define clamp_t(type, val, low, high)					\
	clamp((type)(val), (type)(low), (type)(high))
#define swap(a, b)							\
	do { __typeof__(a) swap_ = (a); (a) = (b); (b) = swap_; } while (0)

#endif
