/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/io.h> for unit tests: physical is virtual. */
#ifndef UNIT_LINUX_IO_H
#define UNIT_LINUX_IO_H

#include <linux/types.h>

static inline u64 virt_to_phys(const void *virt)
{
	return (unsigned long)virt;
}

static inline void *phys_to_virt(u64 phys)
{
	return (void *)(unsigned long)phys;
}

#endif
