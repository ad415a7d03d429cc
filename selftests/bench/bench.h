/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the benchmark's guests and its C half agree on.
 */
#ifndef SELFTESTS_BENCH_H
#define SELFTESTS_BENCH_H

#define BENCH_SAMPLES		0x20000		/* u64 for each sample */
#define BENCH_COUNT		256
#define BENCH_PORT		0xf0
#define BENCH_EVENT_PORT	0x510
#define BENCH_PAGES		0x400000	/* guest address of pages to fault */

#endif
