// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of irqchip/, in userspace: the same files that go into the module.
 */
#include "cases.h"

static const struct tap_group groups[] = {
	{ "lapic", lapic_cases },
	{ "priority", priority_cases },
	{ "timer", timer_cases },
	{ "ipi", ipi_cases },
	{ "ioapic", ioapic_cases },
	{ "pic", pic_cases },
	{ "pit", pit_cases },
	{ "routing", routing_cases },
	{ "split", split_cases },
	{ }
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, groups);
}
