// SPDX-License-Identifier: GPL-2.0
/* Random numbers for the tests of mmu/: splitmix64, see test.h. */
#include <stdlib.h>

#include "test.h"

static u64 state;

void rnd_start(u64 salt)
{
	const char *seed = getenv("TEST_SEED");

	state = (seed ? strtoull(seed, NULL, 0) : 1) * 0x9e3779b97f4a7c15ULL ^ salt;
}

u64 rnd(void)
{
	u64 z = state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

u64 rnd_below(u64 n)
{
	return rnd() % n;
}

bool rnd_one_in(unsigned int n)
{
	return !rnd_below(n);
}
