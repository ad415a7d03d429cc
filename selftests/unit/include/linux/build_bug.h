/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/build_bug.h> for unit tests. */
#ifndef UNIT_LINUX_BUILD_BUG_H
#define UNIT_LINUX_BUILD_BUG_H

#undef static_assert
#define static_assert(expr, ...)	_Static_assert(expr, #expr)
#define BUILD_BUG_ON(cond)		_Static_assert(!(cond), "!(" #cond ")")

#endif
