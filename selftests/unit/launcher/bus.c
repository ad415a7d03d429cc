// SPDX-License-Identifier: GPL-2.0
/* The bus: sorted ranges, edges, overlaps, held against a plain array. */
#include <stdlib.h>
#include <string.h>

#include "run/bus.h"
#include "unit.h"

static struct bus bus;

/* Answers with its own number and the offset. */
static u64 tell(void *device, u64 offset, unsigned int size)
{
	(void)size;
	return (u64)(unsigned long)device << 32 | offset;
}

static u64 last_written;

static void remember(void *device, u64 offset, unsigned int size, u64 value)
{
	(void)device;
	(void)offset;
	(void)size;
	last_written = value;
}

static const struct bus_ops ops = { tell, remember };

static int add(u64 start, u64 size, unsigned long number)
{
	return bus_add(&bus, start, size, &ops, (void *)number);
}

static void edges(void)
{
	bus_init(&bus);
	EXPECT_EQ(bus_read(&bus, 0, 1), 0xff);
	EXPECT_EQ(add(0x10, 0x10, 1), 0);
	EXPECT_EQ(add(0x30, 0x10, 3), 0);
	EXPECT_EQ(add(0x20, 0x10, 2), 0);
	EXPECT_EQ(bus_read(&bus, 0x0f, 8), ~0ULL);
	EXPECT_EQ(bus_read(&bus, 0x10, 8), 1ULL << 32);
	EXPECT_EQ(bus_read(&bus, 0x1f, 8), 1ULL << 32 | 0xf);
	EXPECT_EQ(bus_read(&bus, 0x20, 8), 2ULL << 32);
	EXPECT_EQ(bus_read(&bus, 0x3f, 8), 3ULL << 32 | 0xf);
	EXPECT_EQ(bus_read(&bus, 0x40, 8), ~0ULL);
	EXPECT_EQ(bus_read(&bus, 0x40, 2), 0xffff);
	bus_write(&bus, 0x10, 1, 0x1234);
	EXPECT_EQ(last_written, 0x34);
	bus_write(&bus, 0x100, 1, 0x99);
	EXPECT_EQ(last_written, 0x34);
}

static void refusals(void)
{
	bus_init(&bus);
	EXPECT_EQ(add(0x100, 0x10, 1), 0);
	EXPECT_EQ(add(0x100, 0x10, 2), -EEXIST);
	EXPECT_EQ(add(0x10f, 1, 2), -EEXIST);
	EXPECT_EQ(add(0xf0, 0x11, 2), -EEXIST);
	EXPECT_EQ(add(0, 0x1000, 2), -EEXIST);
	EXPECT_EQ(add(0xf0, 0x10, 2), 0);
	EXPECT_EQ(add(0x110, 1, 3), 0);
	EXPECT_EQ(add(0x200, 0, 4), -EINVAL);
	EXPECT_EQ(add(~0ULL, 2, 4), -EINVAL);
	EXPECT_EQ(add(~0ULL, 1, 4), 0);
	bus_remove(&bus, 0x101);
	EXPECT_EQ(bus_read(&bus, 0x100, 8), 1ULL << 32);
	bus_remove(&bus, 0x100);
	EXPECT_EQ(bus_read(&bus, 0x100, 8), ~0ULL);
	EXPECT_EQ(bus_read(&bus, 0xff, 8), 2ULL << 32 | 0xf);
}

static void full(void)
{
	unsigned long i;

	bus_init(&bus);
	for (i = 0; i < BUS_MAX_RANGES; i++)
		EXPECT_EQ(add(1000 - i, 1, i), 0);
	EXPECT_EQ(add(2000, 1, 1), -ENOSPC);
	bus_remove(&bus, 1000);
	EXPECT_EQ(add(2000, 1, 1), 0);
}

#define SPACE 256

static void random_ranges(void)
{
	unsigned long owner[SPACE] = { 0 };
	unsigned int round, i, start, size;
	bool taken;

	srandom(2);
	bus_init(&bus);
	for (round = 1; round < 20000; round++) {
		start = random() % SPACE;
		size = 1 + random() % 8;
		if (random() % 2) {
			taken = start + size > SPACE;
			for (i = start; i < start + size && i < SPACE; i++)
				taken |= owner[i] != 0;
			if (taken || bus.nr_ranges == BUS_MAX_RANGES)
				continue;
			EXPECT_EQ(add(start, size, round), 0);
			for (i = start; i < start + size; i++)
				owner[i] = round;
		} else if (owner[start] && (!start ||
					    owner[start - 1] != owner[start])) {
			bus_remove(&bus, start);
			for (i = start + 1; i < SPACE &&
			     owner[i] == owner[start]; i++)
				owner[i] = 0;
			owner[start] = 0;
		}
		i = random() % SPACE;
		EXPECT_EQ(bus_read(&bus, i, 8) >> 32,
			  owner[i] ? owner[i] : 0xffffffff);
	}
}

const struct tap_case bus_cases[] = {
	{ "edges", edges },
	{ "refusals", refusals },
	{ "full", full },
	{ "random_ranges", random_ranges },
	{ }
};
