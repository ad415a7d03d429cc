// SPDX-License-Identifier: GPL-2.0
/*
 * launcher-tests: `lhv run` as a user sees it, on the device that is there.
 */
#include "launcher.h"

static const struct tap_group groups[] = {
	{ "ending", ending_cases },
	{ "console", console_cases },
	{ "terminal", terminal_cases },
	{ }
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, groups);
}
