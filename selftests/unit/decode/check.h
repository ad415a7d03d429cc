/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TAP for the decoder's tests: cases that are millions of comparisons in one
 * process. A case is a function that calls check_fail() for each difference
 * it sees; only the first few are printed. Used by every test program here.
 */
#ifndef UNIT_DECODE_CHECK_H
#define UNIT_DECODE_CHECK_H

#include <linux/types.h>

struct check_case {
	const char *name;
	void (*fn)(void);
};

/* Run all of a table that ends with an empty entry; answers an exit code. */
int check_main(const struct check_case *cases);

void check_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void check_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The running case cannot be tried here. */
void check_skip(const char *why);

/* One comparison; expressions of any integer type. */
#define CHECK_EQ(got, want)						\
	check_eq((unsigned long long)(got), (unsigned long long)(want),	\
		 #got, __FILE__, __LINE__)

void check_eq(unsigned long long got, unsigned long long want,
	      const char *what, const char *file, int line);

/*
 * Deterministic random numbers: the same seed gives the same tests on every
 * machine. TEST_SEED in the environment chooses another one.
 */
u64 check_seed(void);
u64 check_random(u64 *state);

/* "xx xx xx" of n bytes, in one of a few static buffers. */
const char *check_hex(const u8 *bytes, unsigned int n);

#endif /* UNIT_DECODE_CHECK_H */
