/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/string.h> for unit tests. */
#ifndef UNIT_LINUX_STRING_H
#define UNIT_LINUX_STRING_H

#include <stddef.h>
#include <string.h>
#include <linux/types.h>

/* All of an object from one of its members to its end. */
#define memset_startat(obj, v, member)					\
	memset(&(obj)->member, v,					\
	       sizeof(*(obj)) - offsetof(__typeof__(*(obj)), member))

static inline void *memset64(__u64 *p, __u64 val, size_t n)
{
	while (n--)
		p[n] = val;
	return p;
}

#endif
