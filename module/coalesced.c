// SPDX-License-Identifier: GPL-2.0
/*
 * Coalesced writes: writes to registered zones are put into a ring that
 * userspace drains at its next exit, whatever that is for. Called by the VM's
 * ioctls, and by iobus.c, which owns the ring's page; a vCPU's mapping shows it.
 *
 * The ring's page is userspace's to scribble on: both indexes are read once and
 * checked, and a ring that makes no sense counts as full, which means a plain
 * exit.
 */
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/nospec.h>

#include "module.h"

#define LHV_RING_ENTRIES						\
	((PAGE_SIZE - sizeof(struct kvm_coalesced_mmio_ring)) /		\
	 sizeof(struct kvm_coalesced_mmio))

static bool lhv_zone_contains(const struct lhv_bus_entry *zone, u64 addr, u64 size)
{
	return addr >= zone->addr && size <= zone->len && addr - zone->addr <= zone->len - size;
}

/* Does a zone go with what is unregistered? */
static bool lhv_zone_goes(const struct lhv_bus_entry *zone, const struct lhv_bus_entry *entry)
{
	return lhv_zone_contains(zone, entry->addr, entry->len);
}

static bool lhv_ring_put(struct kvm_coalesced_mmio_ring *ring, bool pio, u64 addr,
			 unsigned int size, const void *data)
{
	struct kvm_coalesced_mmio *entry;
	u32 last = READ_ONCE(ring->last);
	u32 next;

	if (last >= LHV_RING_ENTRIES)
		return false;
	last = array_index_nospec(last, LHV_RING_ENTRIES);
	next = (last + 1) % LHV_RING_ENTRIES;
	if (next == READ_ONCE(ring->first))
		return false;

	entry = &ring->coalesced_mmio[last];
	entry->phys_addr = addr;
	entry->len = size;
	entry->pio = pio;
	memcpy(entry->data, data, size);
	/* userspace reads the entry once it has seen the index */
	smp_store_release(&ring->last, next);
	return true;
}

/**
 * lhv_coalesced_write() - put a write into the ring
 * @buses: the VM's
 * @pio: a port rather than an address
 * @addr: where
 * @size: 1 to 8
 * @data: what
 *
 * Context: inside the ring, preemption off.
 * Return: true when it is in the ring; false where no zone covers it or the
 * ring is full: it is an ordinary exit then.
 */
bool lhv_coalesced_write(struct lhv_iobuses *buses, bool pio, u64 addr, unsigned int size,
			 const void *data)
{
	const struct lhv_bus_table *table =
		rcu_dereference_sched(buses->tables[LHV_BUS_MMIO_ZONES + pio]);
	unsigned int i;
	bool done;

	for (i = 0; table && i < table->n; i++)
		if (lhv_zone_contains(&table->e[i], addr, size))
			break;
	if (!table || i == table->n)
		return false;
	spin_lock(&buses->ring_lock);
	done = lhv_ring_put(page_address(buses->ring), pio, addr, size, data);
	spin_unlock(&buses->ring_lock);
	return done;
}

/**
 * lhv_coalesced_change() - KVM_REGISTER_COALESCED_MMIO, KVM_UNREGISTER_COALESCED_MMIO
 * @vm: the VM
 * @zone: copied
 * @add: register. Else every zone that contains it goes, and none is no error:
 * what is in the ring stays there until userspace takes it.
 *
 * Context: process, no lock held, may sleep.
 * Return: 0, -EINVAL unless pio is 0 or 1, -ENOSPC beyond 1000 zones of a kind, -ENOMEM.
 */
int lhv_coalesced_change(struct lhv_vm *vm, const struct kvm_coalesced_mmio_zone *zone, bool add)
{
	struct lhv_bus_entry entry = { .addr = zone->addr, .len = zone->size };
	int ret;

	if (zone->pio > 1)
		return -EINVAL;
	ret = lhv_bus_change(vm->buses, zone->pio ? LHV_BUS_PIO_ZONES : LHV_BUS_MMIO_ZONES, &entry,
			     add, add ? NULL : lhv_zone_goes);
	return ret == -ENOENT ? 0 : ret;
}
