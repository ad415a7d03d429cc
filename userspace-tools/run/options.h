/* SPDX-License-Identifier: GPL-2.0 */
/* The command line of `lhv run`. */
#ifndef LHV_RUN_OPTIONS_H
#define LHV_RUN_OPTIONS_H

#include "types.h"

#define MAX_DISKS 8	/* one interrupt line (GSI 16 to 23) for each */
#define MAX_CPUS 255	/* APIC identifiers 0 to 254; 255 is broadcast */

struct disk_option {
	const char *path;	/* points into argv, ",ro" cut off */
	bool read_only;
};

struct run_options {
	const char *kernel;
	const char *initrd;	/* NULL: none */
	const char *append;
	const char *device;	/* NULL: the first of the default nodes */
	const char *status_json;	/* NULL: none */
	struct disk_option disks[MAX_DISKS];
	unsigned int nr_disks;
	unsigned int cpus;
	u64 memory;		/* bytes, a multiple of 4 KiB, not 0 */
	bool help;		/* print the help and nothing else */
};

/**
 * run_options_parse() - Read the command line of `lhv run`.
 * @options: filled in, with defaults where nothing was given
 * @argc: number of @argv
 * @argv: argv[0] is the subcommand's name; strings stay referenced, and the
 *	",ro" of a disk is cut off in place
 *
 * Checks what can be checked without opening anything.
 *
 * Return: 0, or the exit status after one line was printed.
 */
int run_options_parse(struct run_options *options, int argc, char **argv);

/**
 * run_options_help() - Print the help with examples on stdout.
 */
void run_options_help(void);

#endif
