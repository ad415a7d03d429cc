/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of the kernel's processor data for unit tests. */
#ifndef UNIT_LINUX_PROCESSOR_H
#define UNIT_LINUX_PROCESSOR_H

#include <linux/types.h>

struct cpuinfo_x86 {
	u8 x86_phys_bits;
};

/* A test that needs it defines it. */
extern struct cpuinfo_x86 boot_cpu_data;

#define X86_FEATURE_GBPAGES	0
#define boot_cpu_has(feature)	((void)(feature), true)

#endif
