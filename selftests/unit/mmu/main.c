// SPDX-License-Identifier: GPL-2.0
/* The unit tests of mmu/ as one program; each file beside holds one group. */
#include "test.h"

int main(int argc, char **argv)
{
	static const struct tap_group groups[] = {
		{ "walk", walk_cases },
		{ "npt", npt_cases },
		{ "slots", slots_cases },
		{ "fault", fault_cases },
		{ "dirty", dirty_cases },
		{ "access", access_cases },
		{ }
	};

	return tap_main(argc, argv, groups);
}
