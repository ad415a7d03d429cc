/* SPDX-License-Identifier: GPL-2.0 */
/* The subcommand `lhv run`. */
#ifndef LHV_RUN_RUN_H
#define LHV_RUN_RUN_H

/**
 * run_main() - Boot a guest and stay with it to its end.
 * @argc: number of @argv
 * @argv: argv[0] is "run"
 *
 * Return: the exit status, as `lhv run --help` lists them.
 */
int run_main(int argc, char **argv);

#endif
