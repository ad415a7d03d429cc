/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/nospec.h> for unit tests. */
#ifndef UNIT_LINUX_NOSPEC_H
#define UNIT_LINUX_NOSPEC_H

/* An index that is out of bounds becomes 0, as in the kernel. */
#define array_index_nospec(index, size)					\
	((__typeof__(index))((index) < (size) ? (index) : 0))

#endif
