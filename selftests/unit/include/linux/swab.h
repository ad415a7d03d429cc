/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/swab.h> for unit tests. */
#ifndef UNIT_LINUX_SWAB_H
#define UNIT_LINUX_SWAB_H

#define swab64(x)	__builtin_bswap64(x)

#endif
