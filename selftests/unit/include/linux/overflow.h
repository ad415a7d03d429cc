/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/overflow.h> for unit tests. */
#ifndef UNIT_LINUX_OVERFLOW_H
#define UNIT_LINUX_OVERFLOW_H

#define struct_size(p, member, n)					\
	(sizeof(*(p)) + (n) * sizeof(*(p)->member))

#define check_add_overflow(a, b, d)	__builtin_add_overflow(a, b, d)

#endif
