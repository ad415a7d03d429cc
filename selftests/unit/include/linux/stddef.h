/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/stddef.h> for unit tests. */
#ifndef UNIT_LINUX_STDDEF_H
#define UNIT_LINUX_STDDEF_H

#include_next <linux/stddef.h>
#include <stddef.h>

#ifndef sizeof_field
#define sizeof_field(type, member)	sizeof(((type *)0)->member)
#endif

#endif
