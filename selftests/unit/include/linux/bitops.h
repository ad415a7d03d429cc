/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/bitops.h> for unit tests. */
#ifndef UNIT_LINUX_BITOPS_H
#define UNIT_LINUX_BITOPS_H

#include <linux/atomic.h>
#include <linux/bits.h>

static inline bool test_bit(unsigned long nr, const unsigned long *map)
{
	return __atomic_load_n(&map[nr / 64], __ATOMIC_RELAXED) >> nr % 64 & 1;
}

static inline bool test_and_set_bit(unsigned long nr, unsigned long *map)
{
	return __atomic_fetch_or(&map[nr / 64], 1UL << nr % 64,
				 __ATOMIC_SEQ_CST) >> nr % 64 & 1;
}

static inline bool test_and_clear_bit(unsigned long nr, unsigned long *map)
{
	return __atomic_fetch_and(&map[nr / 64], ~(1UL << nr % 64),
				  __ATOMIC_SEQ_CST) >> nr % 64 & 1;
}

static inline void set_bit(unsigned long nr, unsigned long *map)
{
	test_and_set_bit(nr, map);
}

static inline void clear_bit(unsigned long nr, unsigned long *map)
{
	test_and_clear_bit(nr, map);
}

static inline void assign_bit(unsigned long nr, unsigned long *map, bool set)
{
	if (set)
		set_bit(nr, map);
	else
		clear_bit(nr, map);
}

static inline void __set_bit(unsigned long nr, unsigned long *map)
{
	map[nr / 64] |= 1UL << nr % 64;
}

static inline void __clear_bit(unsigned long nr, unsigned long *map)
{
	map[nr / 64] &= ~(1UL << nr % 64);
}

static inline bool __test_and_set_bit(unsigned long nr, unsigned long *map)
{
	bool old = map[nr / 64] >> nr % 64 & 1;

	__set_bit(nr, map);
	return old;
}

static inline unsigned long __ffs(unsigned long word)
{
	return __builtin_ctzl(word);
}

static inline unsigned long __fls(unsigned long word)
{
	return 63 - __builtin_clzl(word);
}

static inline int fls(unsigned int word)
{
	return word ? 32 - __builtin_clz(word) : 0;
}

static inline int fls64(__u64 word)
{
	return word ? 64 - __builtin_clzll(word) : 0;
}

static inline unsigned int hweight_long(unsigned long word)
{
	return __builtin_popcountl(word);
}

static inline unsigned int hweight8(unsigned int word)
{
	return __builtin_popcount(word & 0xff);
}

static inline __s64 sign_extend64(__u64 value, int index)
{
	int unused = 63 - index;

	return (__s64)(value << unused) >> unused;
}

#endif
