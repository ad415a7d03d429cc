/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/mm_types.h> for unit tests. */
#ifndef UNIT_LINUX_MM_TYPES_H
#define UNIT_LINUX_MM_TYPES_H

struct mm_struct {
	int count;
};

#endif
