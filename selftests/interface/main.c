// SPDX-License-Identifier: GPL-2.0
/*
 * interface-tests: every ioctl of the system, VM and vCPU file descriptors,
 * its good input and its refusals, on KVM's node or on ours.
 */
#include "interface.h"

static const struct tap_group groups[] = {
	{ "system", system_cases },
	{ "vm", vmfd_cases },
	{ "memslot", memslot_cases },
	{ "cpuid", cpuid_cases },
	{ "regs", regs_cases },
	{ "msr", msr_cases },
	{ "state", state_cases },
	{ "irqchip", irqchip_cases },
	{ "eventfd", eventfd_cases },
	{ "dirtylog", dirtylog_cases },
	{ "clock", clock_cases },
	{ "vcpu", vcpumisc_cases },
	{ "run", run_cases },
	{ }
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, groups);
}
