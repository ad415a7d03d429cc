// SPDX-License-Identifier: GPL-2.0
/*
 * guest-tests: small guests for each exit reason and each behaviour, in real,
 * protected and long mode, on KVM's node or on ours.
 */
#include "guests.h"

static const struct tap_group groups[] = {
	{ "basic", basic_cases },
	{ "strio", strio_cases },
	{ "mmio", mmio_cases },
	{ "except", except_cases },
	{ "control", control_cases },
	{ "inject", inject_cases },
	{ "apic", apic_cases },
	{ "ipi", ipi_cases },
	{ "chips", chips_cases },
	{ "split", split_cases },
	{ "debug", debug_cases },
	{ "orders", orders_cases },
	{ "events", events_cases },
	{ "memory", memory_cases },
	{ "fpu", fpu_cases },
	{ "user", user_cases },
	{ "clock", clock_cases },
	{ "restore", restore_cases },
	{ "bad", bad_cases },
	{ }
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, groups);
}
