/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <asm/processor.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_PROCESSOR_H
#define UNIT_STATE_PROCESSOR_H

#include <linux/types.h>
#include <asm/processor-flags.h>

#define X86_VENDOR_INTEL	0
#define X86_VENDOR_AMD		2

struct cpuinfo_x86 {
	u8 x86_vendor, x86_phys_bits;
	u32 x86_capability[32];
};

extern struct cpuinfo_x86 boot_cpu_data;

#endif
