// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of the processor's state in userspace: the same files that go into
 * the module, over a host and a vendor that the tests make.
 */
#include "world.h"

static const struct tap_group groups[] = {
	{ "cpuid", cpuid_cases },
	{ "msr", msr_cases },
	{ "regs", regs_cases },
	{ "clock", clock_cases },
	{ "fpu", fpu_cases },
	{ "ioctl", ioctl_cases },
	{ }
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, groups);
}
