/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/string.h> for unit tests. */
#ifndef UNIT_LINUX_STRING_H
#define UNIT_LINUX_STRING_H

#include <stddef.h>
#include <string.h>

/* All of an object from one of its members to its end. */
#define memset_startat(obj, v, member)					\
	memset(&(obj)->member, v,					\
	       sizeof(*(obj)) - offsetof(__typeof__(*(obj)), member))

#endif
