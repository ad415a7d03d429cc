// SPDX-License-Identifier: GPL-2.0
/*
 * The in-kernel I/O bus of one VM: who takes a port or MMIO access before it
 * goes to userspace. ioeventfds come first, then the interrupt controllers,
 * then coalesced zones. arch-x86/ asks inside the ring (arch-x86/upcalls.h);
 * ioeventfd.c and coalesced.c say what the tables hold.
 *
 * The tables are immutable: a change builds a new one. Readers run with
 * preemption off and so are RCU read sides without another word.
 */
#include <linux/eventfd.h>
#include <linux/slab.h>

#include "compat.h"
#include "module.h"

/* Enough for any machine; bounds how long a look-up takes with preemption off. */
#define LHV_MAX_IOEVENTFDS	16384
/* As many as KVM's bus has devices. */
#define LHV_MAX_ZONES		1000

/**
 * lhv_iobus_init() - an empty bus
 * @buses: zeroed memory
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM; the bus is to be freed in both cases.
 */
int lhv_iobus_init(struct lhv_iobuses *buses)
{
	mutex_init(&buses->lock);
	spin_lock_init(&buses->ring_lock);
	buses->ring = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	return buses->ring ? 0 : -ENOMEM;
}

/**
 * lhv_iobus_free() - free a bus that nobody can reach any more
 * @buses: the bus
 *
 * Context: process.
 */
void lhv_iobus_free(struct lhv_iobuses *buses)
{
	unsigned int bus, i;

	for (bus = 0; bus < LHV_NR_BUSES; bus++) {
		struct lhv_bus_table *table = rcu_dereference_protected(buses->tables[bus], true);

		for (i = 0; table && i < table->n; i++)
			if (table->e[i].ctx)
				eventfd_ctx_put(table->e[i].ctx);
		kvfree(table);
	}
	if (buses->ring)
		__free_page(buses->ring);
}

/* The index of the first entry with this address or a higher one. */
static unsigned int lhv_bus_find(const struct lhv_bus_table *table, u64 addr)
{
	unsigned int first = 0, end = table->n;

	while (first < end) {
		unsigned int middle = (first + end) / 2;

		if (table->e[middle].addr < addr)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

static void lhv_bus_append(struct lhv_bus_table *table, const struct lhv_bus_entry *entry)
{
	table->e[table->n++] = *entry;
	table->wildcards += !entry->len;
}

/**
 * lhv_bus_change() - replace a table by one with an entry more, or with less
 * @buses: the VM's
 * @bus: which table
 * @entry: the entry to add, or what those to remove are found by
 * @add: add it. Else all that match go; readers may see them for a grace period
 * @match: says whether @entry collides with one that is there, or removes it;
 * NULL where nothing collides
 *
 * Context: process, may sleep. Takes the lock.
 * Return: 0; -EEXIST where it collides, -ENOENT where nothing is to be removed,
 * -ENOSPC, -ENOMEM.
 */
int lhv_bus_change(struct lhv_iobuses *buses, enum lhv_bus bus, const struct lhv_bus_entry *entry,
		   bool add, bool (*match)(const struct lhv_bus_entry *e,
					   const struct lhv_bus_entry *entry))
{
	unsigned int i, at, n, matches = 0;
	struct lhv_bus_table *was, *now;

	guard(mutex)(&buses->lock);
	was = rcu_dereference_protected(buses->tables[bus], lockdep_is_held(&buses->lock));
	n = was ? was->n : 0;
	at = was ? lhv_bus_find(was, entry->addr) : 0;
	for (i = 0; match && i < n; i++)
		matches += match(&was->e[i], entry);
	if (add && matches)
		return -EEXIST;
	if (!add && !matches)
		return -ENOENT;
	if (add && n >= (bus < LHV_BUS_MMIO_ZONES ? LHV_MAX_IOEVENTFDS : LHV_MAX_ZONES))
		return -ENOSPC;
	now = kvmalloc(struct_size(now, e, n + add - matches), GFP_KERNEL_ACCOUNT);
	if (!now)
		return -ENOMEM;
	now->n = 0;
	now->wildcards = 0;
	for (i = 0; i <= n; i++) {
		if (add && i == at)
			lhv_bus_append(now, entry);
		if (i < n && (add || !match(&was->e[i], entry)))
			lhv_bus_append(now, &was->e[i]);
	}
	rcu_assign_pointer(buses->tables[bus], now);
	if (was)
		kvfree_rcu(was, rcu);
	return 0;
}

static bool lhv_bus_signal_in(const struct lhv_bus_table *table, u64 addr, unsigned int size,
			      const void *data)
{
	unsigned int i = lhv_bus_find(table, addr);
	u64 value = 0;

	if (i >= table->n || table->e[i].addr != addr)
		return false;
	memcpy(&value, data, min_t(unsigned int, size, sizeof(value)));
	for (; i < table->n && table->e[i].addr == addr; i++) {
		const struct lhv_bus_entry *e = &table->e[i];

		if ((!e->len || e->len == size) && (e->any_data || e->datamatch == value)) {
			lhv_eventfd_signal(e->ctx);
			return true;
		}
	}
	return false;
}

static __always_inline bool lhv_bus_signal(struct lhv_iobuses *buses, enum lhv_bus bus, u64 addr,
					   unsigned int size, const void *data)
{
	const struct lhv_bus_table *table = rcu_dereference_sched(buses->tables[bus]);

	return table && lhv_bus_signal_in(table, addr, size, data);
}

/**
 * lhv_bus_pio() - a port access that may be the kernel's
 * @vcpu: who accesses
 * @port: the port
 * @size: 1, 2 or 4
 * @data: what is written, or where what is read goes
 * @write: OUT
 *
 * Context: inside the ring, preemption off; does not sleep.
 * Return: 0 when somebody took it, -EOPNOTSUPP when it is userspace's.
 */
int lhv_bus_pio(struct lhv_vcpu *vcpu, u16 port, unsigned int size, void *data, bool write)
{
	struct lhv_vm *vm = vcpu->vm;

	if (write && lhv_bus_signal(vm->buses, LHV_BUS_PIO, port, size, data))
		return 0;
	/* set before the first vCPU was made: no ordering needed */
	if (vm->has_irqchip && lhv_irqchip_pio(&vm->irqchip, port, size, data, write))
		return 0;
	if (write && lhv_coalesced_write(vm->buses, true, port, size, data))
		return 0;
	return -EOPNOTSUPP;
}

/**
 * lhv_bus_mmio() - an MMIO access that may be the kernel's
 * @vcpu: who accesses
 * @gpa: guest-physical address
 * @size: 1 to 8
 * @data: what is written, or where what is read goes
 * @write: a store
 *
 * Context: inside the ring, preemption off; does not sleep.
 * Return: 0 when somebody took it, -EOPNOTSUPP when it is userspace's.
 */
int lhv_bus_mmio(struct lhv_vcpu *vcpu, u64 gpa, unsigned int size, void *data, bool write)
{
	struct lhv_vm *vm = vcpu->vm;

	if (write && lhv_bus_signal(vm->buses, LHV_BUS_MMIO, gpa, size, data))
		return 0;
	if (vm->has_irqchip && lhv_irqchip_mmio(&vm->irqchip, gpa, size, data, write))
		return 0;
	if (write && lhv_coalesced_write(vm->buses, false, gpa, size, data))
		return 0;
	return -EOPNOTSUPP;
}

/**
 * lhv_bus_mmio_wildcard() - signal an ioeventfd that wants no data
 * @vcpu: who writes
 * @gpa: where
 *
 * Context: inside the ring, preemption off; does not sleep.
 * Return: true when signalled: the instruction needs no decoding.
 */
bool lhv_bus_mmio_wildcard(struct lhv_vcpu *vcpu, u64 gpa)
{
	const struct lhv_bus_table *table =
		rcu_dereference_sched(vcpu->vm->buses->tables[LHV_BUS_MMIO]);
	unsigned int i;

	if (!table || !table->wildcards)
		return false;
	/* nothing else stands at a wildcard's address */
	i = lhv_bus_find(table, gpa);
	if (i >= table->n || table->e[i].addr != gpa || table->e[i].len)
		return false;
	lhv_eventfd_signal(table->e[i].ctx);
	return true;
}
