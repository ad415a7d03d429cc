/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/bitmap.h> for unit tests. */
#ifndef UNIT_LINUX_BITMAP_H
#define UNIT_LINUX_BITMAP_H

#include <linux/bitops.h>
#include <linux/string.h>

#define BITS_TO_LONGS(n)	(((n) + 63) / 64)
#define DECLARE_BITMAP(name, n)	unsigned long name[BITS_TO_LONGS(n)]

static inline unsigned long find_next_equal(const unsigned long *map,
					    unsigned long size,
					    unsigned long from, bool set)
{
	while (from < size && test_bit(from, map) != set)
		from++;
	return from;
}

static inline unsigned long find_first_bit(const unsigned long *map,
					   unsigned long size)
{
	return find_next_equal(map, size, 0, true);
}

static inline unsigned long find_next_bit(const unsigned long *map,
					  unsigned long size, unsigned long from)
{
	return find_next_equal(map, size, from, true);
}

static inline unsigned long find_next_zero_bit(const unsigned long *map,
					       unsigned long size,
					       unsigned long from)
{
	return find_next_equal(map, size, from, false);
}

#define for_each_set_bit(bit, map, size)				\
	for ((bit) = find_next_bit(map, size, 0); (bit) < (size);	\
	     (bit) = find_next_bit(map, size, (bit) + 1))

#define for_each_clear_bit(bit, map, size)				\
	for ((bit) = find_next_zero_bit(map, size, 0); (bit) < (size);	\
	     (bit) = find_next_zero_bit(map, size, (bit) + 1))

static inline bool bitmap_empty(const unsigned long *map, unsigned long size)
{
	return find_first_bit(map, size) == size;
}

static inline void bitmap_zero(unsigned long *map, unsigned long size)
{
	memset(map, 0, BITS_TO_LONGS(size) * sizeof(*map));
}

static inline void bitmap_set(unsigned long *map, unsigned long from,
			      unsigned long n)
{
	while (n--)
		__set_bit(from++, map);
}

#endif
