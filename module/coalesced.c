// SPDX-License-Identifier: GPL-2.0
/*
 * Coalesced writes: writes to registered zones are put into a ring that
 * userspace drains at its next exit, whatever that is for. Called by the VM's
 * ioctls, by iobus.c inside the ring, and by the vCPU's mapping for the page.
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
	return addr >= zone->addr && size <= zone->size &&
	       addr - zone->addr <= zone->size - size;
}

static bool lhv_zones_contain(const struct lhv_zone_table *table, u64 addr,
			      u64 size)
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
bool lhv_coalesced_write(struct lhv_iobuses *buses, bool pio, u64 addr,
			 unsigned int size, const void *data)
{
	const struct lhv_zone_table *table =
		rcu_dereference_sched(buses->zones[pio]);
	struct page *page;
	bool done;

	if (!table || !lhv_zones_contain(table, addr, size))
		return false;
	/* set before the first zone was */
	page = READ_ONCE(buses->ring);
	spin_lock(&buses->ring_lock);
	done = lhv_ring_put(page_address(page), pio, addr, size, data);
	spin_unlock(&buses->ring_lock);
	return done;
}

/**
 * lhv_coalesced_ring() - the ring's page, made when somebody first wants it
 * @vm: the VM
 *
 * Context: process, may sleep.
 * Return: the page, which lives as long as the VM, or NULL without memory.
 */
struct page *lhv_coalesced_ring(struct lhv_vm *vm)
{
	struct lhv_iobuses *buses = vm->buses;
	struct page *page = READ_ONCE(buses->ring), *other;

	if (page)
		return page;
	page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!page)
		return NULL;
	other = cmpxchg(&buses->ring, NULL, page);
	if (!other)
		return page;
	__free_page(page);
	return other;
}

static struct lhv_zone_table *lhv_zones(struct lhv_iobuses *buses, bool pio)
{
	return rcu_dereference_protected(buses->zones[pio],
					 lockdep_is_held(&buses->lock));
}

static struct lhv_zone_table *lhv_zones_alloc(unsigned int n)
{
	struct lhv_zone_table *table;

	table = kvmalloc(struct_size(table, z, n), GFP_KERNEL_ACCOUNT);
	if (table)
		table->n = 0;
	return table;
}

static void lhv_zones_replace(struct lhv_iobuses *buses, bool pio,
			      struct lhv_zone_table *now)
{
	struct lhv_zone_table *was = lhv_zones(buses, pio);

	rcu_assign_pointer(buses->zones[pio], now);
	if (was)
		kvfree_rcu(was, rcu);
}

static int lhv_zone_add(struct lhv_iobuses *buses,
			const struct kvm_coalesced_mmio_zone *zone)
{
	struct lhv_zone_table *was = lhv_zones(buses, zone->pio), *now;
	unsigned int n = was ? was->n : 0;

	if (n >= LHV_MAX_ZONES)
		return -ENOSPC;
	now = lhv_zones_alloc(n + 1);
	if (!now)
		return -ENOMEM;
	if (was)
		memcpy(now->z, was->z, n * sizeof(*now->z));
	now->z[n].addr = zone->addr;
	now->z[n].size = zone->size;
	now->n = n + 1;
	lhv_zones_replace(buses, zone->pio, now);
	return 0;
}

/**
 * lhv_coalesced_register() - KVM_REGISTER_COALESCED_MMIO
 * @vm: the VM
 * @zone: copied; pio is 0 or 1
 *
 * Context: process, no lock held, may sleep.
 * Return: 0, -ENOSPC beyond 1000 zones of a kind, -ENOMEM.
 */
int lhv_coalesced_register(struct lhv_vm *vm,
			   const struct kvm_coalesced_mmio_zone *zone)
{
	struct lhv_iobuses *buses = vm->buses;
	int ret;

	if (!lhv_coalesced_ring(vm))
		return -ENOMEM;
	mutex_lock(&buses->lock);
	ret = lhv_zone_add(buses, zone);
	mutex_unlock(&buses->lock);
	return ret;
}

static int lhv_zones_remove(struct lhv_iobuses *buses,
			    const struct kvm_coalesced_mmio_zone *zone)
{
	struct lhv_zone_table *was = lhv_zones(buses, zone->pio), *now;
	unsigned int i;

	if (!was || !lhv_zones_contain(was, zone->addr, zone->size))
		return 0;
	now = lhv_zones_alloc(was->n);
	if (!now)
		return -ENOMEM;
	for (i = 0; i < was->n; i++)
		if (!lhv_zone_contains(&was->z[i], zone->addr, zone->size))
			now->z[now->n++] = was->z[i];
	if (!now->n) {
		kvfree(now);
		now = NULL;
	}
	lhv_zones_replace(buses, zone->pio, now);
	return 0;
}

/**
 * lhv_coalesced_unregister() - KVM_UNREGISTER_COALESCED_MMIO
 * @vm: the VM
 * @zone: copied; every zone that contains it goes. None is no error.
 *
 * What is in the ring stays there until userspace takes it.
 *
 * Context: process, no lock held, may sleep.
 * Return: 0 or -ENOMEM.
 */
int lhv_coalesced_unregister(struct lhv_vm *vm,
			     const struct kvm_coalesced_mmio_zone *zone)
{
	struct lhv_iobuses *buses = vm->buses;
	int ret;

	mutex_lock(&buses->lock);
	ret = lhv_zones_remove(buses, zone);
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
