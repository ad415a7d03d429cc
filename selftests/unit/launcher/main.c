// SPDX-License-Identifier: GPL-2.0
/* launcher-unit: the launcher's parts that need no hypervisor. */
#include "unit.h"

static const struct tap_group groups[] = {
	{ "size", size_cases },
	{ "options", option_cases },
	{ "kernel", kernel_cases },
	{ "bus", bus_cases },
	{ "virtqueue", virtqueue_cases },
	{ "disk", disk_cases },
	{ "acpi", acpi_cases },
	{ }
};

int main(int argc, char **argv)
{
	catch_messages();
	return tap_main(argc, argv, groups);
}
