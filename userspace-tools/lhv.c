// SPDX-License-Identifier: GPL-2.0
/*
 * The `lhv` program: a table of subcommands. Each lives in a folder of its own
 * and gets its arguments; its return value is the exit status.
 */
#include <stdio.h>
#include <string.h>
#include "run/report.h"
#include "run/run.h"
#include "run/types.h"

#ifndef LHV_VERSION
#define LHV_VERSION "unknown"
#endif

static int help_main(int argc, char **argv);
static int version_main(int argc, char **argv);

static const struct {
	const char *name;
	const char *text;	/* NULL: another spelling */
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "run", "boot a Linux kernel as a guest", run_main },
	{ "help", "print this", help_main },
	{ "version", "print the version", version_main },
	{ "--help", NULL, help_main },
	{ "-h", NULL, help_main },
	{ "--version", NULL, version_main },
};

static void print_help(FILE *out)
{
	size_t i;

	fputs("Usage: lhv COMMAND [options]\n\nCommands:\n", out);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (commands[i].text)
			fprintf(out, "  %-10s%s\n", commands[i].name,
				commands[i].text);
	}
	fputs("\n`lhv COMMAND --help` tells more.\n\nExample:\n"
	      "  lhv run --kernel /boot/vmlinuz --initrd initrd.img \\\n"
	      "          --append \"console=ttyS0\" --disk disk.img\n", out);
}

static int help_main(int argc, char **argv)
{
	print_help(stdout);
	return 0;
}

static int version_main(int argc, char **argv)
{
	puts("lhv " LHV_VERSION);
	return 0;
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		print_help(stderr);
		return STATUS_USAGE;
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].main(argc - 1, argv + 1);
	}
	fprintf(stderr, "lhv: %s: no such command: see lhv help\n", argv[1]);
	return STATUS_USAGE;
}
