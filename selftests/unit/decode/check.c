// SPDX-License-Identifier: GPL-2.0
/* The test programs' TAP output and random numbers: see check.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define SHOWN	12
#define SEED	0x6c68762064656364ULL

static unsigned long failures;
static const char *skipped;

void check_fail(const char *fmt, ...)
{
	va_list ap;

	if (failures++ >= SHOWN)
		return;
	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

void check_note(const char *fmt, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

void check_skip(const char *why)
{
	skipped = why;
}

void check_eq(unsigned long long got, unsigned long long want,
	      const char *what, const char *file, int line)
{
	const char *base = strrchr(file, '/');

	if (got != want)
		check_fail("%s:%d: %s is %#llx, expected %#llx",
			   base ? base + 1 : file, line, what, got, want);
}

u64 check_seed(void)
{
	const char *s = getenv("TEST_SEED");

	return s ? strtoull(s, NULL, 0) : SEED;
}

/* splitmix64: any state is a good one. */
u64 check_random(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

const char *check_hex(const u8 *bytes, unsigned int n)
{
	static char buf[4][16 * 3 + 1];
	static unsigned int next;
	char *s = buf[next++ % 4];
	unsigned int i;

	s[0] = 0;
	for (i = 0; i < n && i < 16; i++)
		sprintf(s + i * 3, "%02x ", bytes[i]);
	return s;
}

int check_main(const struct check_case *cases)
{
	unsigned int i, n = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (cases[n].name)
		n++;
	printf("TAP version 13\n1..%u\n", n);
	for (i = 0; i < n; i++) {
		failures = 0;
		skipped = NULL;
		cases[i].fn();
		if (failures)
			printf("# %lu differences\n", failures);
		failed += failures != 0;
		printf("%sok %u %s", failures ? "not " : "", i + 1,
		       cases[i].name);
		if (skipped)
			printf(" # SKIP %s", skipped);
		printf("\n");
	}
	return failed ? 1 : 0;
}
