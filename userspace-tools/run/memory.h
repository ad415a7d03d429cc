/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest memory: one memfd, mapped once, that the guest sees in two pieces, up
 * to the PCI window and from 4 GiB on.
 */
#ifndef LHV_RUN_MEMORY_H
#define LHV_RUN_MEMORY_H

#include "types.h"

struct guest_memory {
	int fd;
	u8 *host;	/* @size bytes; offset 0 is guest address 0 */
	u64 size;
	u64 low_size;	/* bytes below the PCI window */
};

enum e820_type {
	E820_RAM = 1,
	E820_RESERVED = 2,
};

struct e820_range {
	u64 start;
	u64 size;
	enum e820_type type;
};

#define E820_MAX_RANGES 8

/**
 * guest_memory_low_size() - How much of @size lies below the PCI window.
 * @size: bytes of guest memory
 */
u64 guest_memory_low_size(u64 size);

/**
 * guest_memory_check() - Check an amount against what the host has.
 * @size: bytes
 *
 * Return: 0, or the exit status after one line was printed.
 */
int guest_memory_check(u64 size);

/**
 * guest_memory_create() - Make zeroed guest memory.
 * @memory: filled in
 * @size: bytes, a multiple of 4 KiB
 *
 * Return: 0, or the exit status after one line was printed.
 */
int guest_memory_create(struct guest_memory *memory, u64 size);

void guest_memory_destroy(struct guest_memory *memory);

/**
 * guest_ptr() - Translate a range of guest physical addresses.
 * @memory: guest memory
 * @address: guest physical, not trusted
 * @size: bytes, not trusted
 *
 * Return: where the range is in this process, or NULL unless every byte of it
 * is RAM of one piece. Stays good as long as @memory.
 */
void *guest_ptr(const struct guest_memory *memory, u64 address, u64 size);

/**
 * guest_memory_map() - The memory map that a PC's firmware would hand over.
 * @memory: guest memory
 * @ranges: filled in, sorted by address
 *
 * Return: the number of ranges.
 */
unsigned int guest_memory_map(const struct guest_memory *memory,
			      struct e820_range ranges[E820_MAX_RANGES]);

#endif
