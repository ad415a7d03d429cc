/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An address space of devices: one for ports, one for MMIO. Ranges are kept
 * sorted and never overlap, so that a look-up is a binary search.
 */
#ifndef LHV_RUN_BUS_H
#define LHV_RUN_BUS_H

#include <pthread.h>
#include "types.h"

#define BUS_MAX_RANGES 64

/*
 * A device's two handlers. @offset is that of the access's first byte in the
 * range; @size (1, 2, 4 or 8) may reach past the range's end, and a device
 * answers a width it does not know like hardware does: all ones, or nothing.
 * Called from any vCPU's thread, several at once: devices lock for themselves.
 */
struct bus_ops {
	u64 (*read)(void *device, u64 offset, unsigned int size);
	void (*write)(void *device, u64 offset, unsigned int size, u64 value);
};

struct bus_range {
	u64 start;
	u64 size;
	const struct bus_ops *ops;
	void *device;
};

struct bus {
	pthread_rwlock_t lock;	/* guards the table, held during handlers */
	unsigned int nr_ranges;
	struct bus_range ranges[BUS_MAX_RANGES];
};

void bus_init(struct bus *bus);

/**
 * bus_add() - Put a device on the bus.
 * @bus: the bus; not from within one of its own handlers
 * @start: first address
 * @size: bytes, not 0
 * @ops: the device's handlers
 * @device: what they get
 *
 * Return: 0, -EEXIST if the range overlaps another, -ENOSPC if the table is
 * full, -EINVAL if the range is empty or wraps.
 */
int bus_add(struct bus *bus, u64 start, u64 size, const struct bus_ops *ops,
	    void *device);

/**
 * bus_remove() - Take a device off the bus.
 * @bus: the bus; not from within one of its own handlers
 * @start: first address as given to bus_add()
 *
 * When it returns, no handler of the range is running any more.
 */
void bus_remove(struct bus *bus, u64 start);

/**
 * bus_read() - Carry out a read.
 * @bus: the bus
 * @address: first byte
 * @size: 1, 2, 4 or 8
 *
 * Return: the value; all ones where no device is.
 */
u64 bus_read(struct bus *bus, u64 address, unsigned int size);

/**
 * bus_write() - Carry out a write; nothing happens where no device is.
 * @bus: the bus
 * @address: first byte
 * @size: 1, 2, 4 or 8
 * @value: bits above @size are ignored
 */
void bus_write(struct bus *bus, u64 address, unsigned int size, u64 value);

#endif
