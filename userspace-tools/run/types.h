/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fixed-width integers in the kernel's spelling, and the few helpers that
 * every file of the launcher wants.
 */
#ifndef LHV_RUN_TYPES_H
#define LHV_RUN_TYPES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define BIT(n) (1U << (n))
#define BIT_ULL(n) (1ULL << (n))

#ifndef __packed
#define __packed __attribute__((packed))
#endif
#define __printf(format, first) \
	__attribute__((__format__(printf, format, first)))

#define KIB BIT_ULL(10)
#define MIB BIT_ULL(20)
#define GIB BIT_ULL(30)

/* @align is a power of two; no overflow check: callers bound @value. */
static inline u64 align_up(u64 value, u64 align)
{
	return (value + align - 1) & ~(align - 1);
}

static inline u64 align_down(u64 value, u64 align)
{
	return value & ~(align - 1);
}

/* The bits that an access of @size bytes (1 to 8) carries. */
static inline u64 size_mask(unsigned int size)
{
	return size >= 8 ? ~0ULL : (1ULL << (size * 8)) - 1;
}

#endif
