// SPDX-License-Identifier: GPL-2.0
/*
 * Sorted table of device ranges. The exit handlers look up here; PCI moves its
 * BARs here. Handlers run under the read side of the lock, so that a range
 * that was removed is quiet.
 */
#include <errno.h>
#include <string.h>
#include "bus.h"

void bus_init(struct bus *bus)
{
	pthread_rwlock_init(&bus->lock, NULL);
	bus->nr_ranges = 0;
}

/* The number of ranges that start at or below @address. */
static unsigned int ranges_up_to(const struct bus *bus, u64 address)
{
	unsigned int low = 0, high = bus->nr_ranges, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (bus->ranges[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct bus_range *find(const struct bus *bus, u64 address)
{
	unsigned int n = ranges_up_to(bus, address);
	const struct bus_range *range;

	if (!n)
		return NULL;
	range = &bus->ranges[n - 1];
	return address - range->start < range->size ? range : NULL;
}

static int insert(struct bus *bus, const struct bus_range *new)
{
	unsigned int n = ranges_up_to(bus, new->start);
	struct bus_range *at = &bus->ranges[n];

	if (bus->nr_ranges == BUS_MAX_RANGES)
		return -ENOSPC;
	if (n && new->start - at[-1].start < at[-1].size)
		return -EEXIST;
	if (n < bus->nr_ranges && at->start - new->start < new->size)
		return -EEXIST;
	memmove(at + 1, at, (bus->nr_ranges - n) * sizeof(*at));
	*at = *new;
	bus->nr_ranges++;
	return 0;
}

int bus_add(struct bus *bus, u64 start, u64 size, const struct bus_ops *ops,
	    void *device)
{
	const struct bus_range new = { start, size, ops, device };
	int ret;

	if (!size || start + size - 1 < start)
		return -EINVAL;
	pthread_rwlock_wrlock(&bus->lock);
	ret = insert(bus, &new);
	pthread_rwlock_unlock(&bus->lock);
	return ret;
}

void bus_remove(struct bus *bus, u64 start)
{
	struct bus_range *range;
	unsigned int n;

	pthread_rwlock_wrlock(&bus->lock);
	n = ranges_up_to(bus, start);
	if (n && bus->ranges[n - 1].start == start) {
		range = &bus->ranges[n - 1];
		memmove(range, range + 1, (bus->nr_ranges - n) * sizeof(*range));
		bus->nr_ranges--;
	}
	pthread_rwlock_unlock(&bus->lock);
}

u64 bus_read(struct bus *bus, u64 address, unsigned int size)
{
	const struct bus_range *range;
	u64 value = ~0ULL;

	pthread_rwlock_rdlock(&bus->lock);
	range = find(bus, address);
	if (range)
		value = range->ops->read(range->device, address - range->start,
					 size);
	pthread_rwlock_unlock(&bus->lock);
	return value & size_mask(size);
}

void bus_write(struct bus *bus, u64 address, unsigned int size, u64 value)
{
	const struct bus_range *range;

	pthread_rwlock_rdlock(&bus->lock);
	range = find(bus, address);
	if (range)
		range->ops->write(range->device, address - range->start, size,
				  value & size_mask(size));
	pthread_rwlock_unlock(&bus->lock);
}
