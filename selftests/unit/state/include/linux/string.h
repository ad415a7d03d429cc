/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/string.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_STRING_H
#define UNIT_STATE_STRING_H

#include_next <linux/string.h>
#include <stddef.h>

static inline void *memchr_inv(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	for (; n--; p++)
		if (*p != (unsigned char)c)
			return (void *)p;
	return NULL;
}

#endif
