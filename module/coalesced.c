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
#include <linux/slab.h>

#include "module.h"

/* As many as KVM's bus has devices. */
#define LHV_MAX_ZONES		1000

#define LHV_RING_ENTRIES						\
	((PAGE_SIZE - sizeof(struct kvm_coalesced_mmio_ring)) /		\
	 sizeof(struct kvm_coalesced_mmio))

struct lhv_zone {
	u64 addr;
	u64 size;
};

/* Immutable; replaced whole, read under RCU. */
struct lhv_zone_table {
	struct rcu_head rcu;
	unsigned int n;
	struct lhv_zone z[];
};

static bool lhv_zone_contains(const struct lhv_zone *zone, u64 addr, u64 size)
{
	return addr >= zone->addr && size <= zone->size && addr - zone->addr <= zone->size - size;
}

static bool lhv_zones_contain(const struct lhv_zone_table *table, u64 addr, u64 size)
{
	unsigned int i;

	for (i = 0; i < table->n; i++)
		if (lhv_zone_contains(&table->z[i], addr, size))
			return true;
	return false;
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
	const struct lhv_zone_table *table = rcu_dereference_sched(buses->zones[pio]);
	bool done;

	if (!table || !lhv_zones_contain(table, addr, size))
		return false;
	spin_lock(&buses->ring_lock);
	done = lhv_ring_put(page_address(buses->ring), pio, addr, size, data);
	spin_unlock(&buses->ring_lock);
	return done;
}

/* Replace a table by one with a zone more, or without those that contain it. */
static int lhv_zones_change(struct lhv_iobuses *buses, const struct kvm_coalesced_mmio_zone *zone,
			    bool add)
{
	struct lhv_zone_table *was, *now;
	unsigned int i, n;

	was = rcu_dereference_protected(buses->zones[zone->pio], lockdep_is_held(&buses->lock));
	n = was ? was->n : 0;
	if (add && n >= LHV_MAX_ZONES)
		return -ENOSPC;
	if (!add && (!was || !lhv_zones_contain(was, zone->addr, zone->size)))
		return 0;
	now = kvmalloc(struct_size(now, z, n + add), GFP_KERNEL_ACCOUNT);
	if (!now)
		return -ENOMEM;
	now->n = 0;
	for (i = 0; i < n; i++)
		if (add || !lhv_zone_contains(&was->z[i], zone->addr, zone->size))
			now->z[now->n++] = was->z[i];
	if (add)
		now->z[now->n++] = (struct lhv_zone){ zone->addr, zone->size };
	rcu_assign_pointer(buses->zones[zone->pio], now);
	if (was)
		kvfree_rcu(was, rcu);
	return 0;
}

/**
 * lhv_coalesced_change() - KVM_REGISTER_COALESCED_MMIO, KVM_UNREGISTER_COALESCED_MMIO
 * @vm: the VM
 * @zone: copied; pio is 0 or 1
 * @add: register. Else every zone that contains it goes, and none is no error:
 * what is in the ring stays there until userspace takes it.
 *
 * Context: process, no lock held, may sleep.
 * Return: 0, -ENOSPC beyond 1000 zones of a kind, -ENOMEM.
 */
int lhv_coalesced_change(struct lhv_vm *vm, const struct kvm_coalesced_mmio_zone *zone, bool add)
{
	struct lhv_iobuses *buses = vm->buses;
	int ret;

	mutex_lock(&buses->lock);
	ret = lhv_zones_change(buses, zone, add);
	mutex_unlock(&buses->lock);
	return ret;
}

/**
 * lhv_coalesced_free() - free zones and ring of a VM that nobody can reach
 * @buses: the VM's
 */
void lhv_coalesced_free(struct lhv_iobuses *buses)
{
	kvfree(rcu_dereference_protected(buses->zones[0], true));
	kvfree(rcu_dereference_protected(buses->zones[1], true));
	if (buses->ring)
		__free_page(buses->ring);
}
