// SPDX-License-Identifier: GPL-2.0
/*
 * The fuzz target without a fuzzer: random bytes, the same on each run.
 *
 * usage: fuzz-irqchip [rounds [seed]]
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "world.h"

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 1 ? atoi(argv[1]) : 1000, round;
	u32 seed = argc > 2 ? atoi(argv[2]) : 1;
	static u8 data[2048];
	size_t i;

	printf("TAP version 13\n1..1\n");
	fflush(stdout);
	for (round = 0; round < rounds; round++) {
		random_seed(seed + round * 2654435761U);
		for (i = 0; i < sizeof(data); i++)
			data[i] = random32() >> 8;
		fuzz_one_input(data, sizeof(data));
	}
	printf("ok 1 fuzz.random_bytes\n# %u rounds of %zu bytes\n", rounds,
	       sizeof(data));
	return 0;
}
