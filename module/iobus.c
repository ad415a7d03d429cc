// SPDX-License-Identifier: GPL-2.0
/*
 * The in-kernel I/O bus of one VM: who takes a port or MMIO access before it
 * goes to userspace. ioeventfds come first, then the interrupt controllers,
 * then coalesced zones. arch-x86/ asks inside the ring (arch-x86/upcalls.h);
 * ioeventfd.c changes the tables.
 *
 * The tables are immutable: a change builds a new one. Readers run with
 * preemption off and so are RCU read sides without another word.
 */
#include <linux/eventfd.h>
#include <linux/slab.h>

#include "compat.h"
#include "module.h"

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
		struct lhv_bus_table *table = rcu_dereference_protected(buses->io[bus], true);

		for (i = 0; table && i < table->n; i++)
			eventfd_ctx_put(table->e[i].ctx);
		kvfree(table);
	}
	lhv_coalesced_free(buses);
}

/**
 * lhv_bus_find() - where an address is, or would be, in a table
 * @table: sorted by address
 * @addr: the address
 *
 * Return: the index of the first entry with this address or a higher one.
 */
unsigned int lhv_bus_find(const struct lhv_bus_table *table, u64 addr)
{
	unsigned int first = 0, n = table->n;

	while (n) {
		unsigned int half = n / 2;

		if (table->e[first + half].addr < addr) {
			first += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return first;
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
	const struct lhv_bus_table *table = rcu_dereference_sched(buses->io[bus]);

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
		rcu_dereference_sched(vcpu->vm->buses->io[LHV_BUS_MMIO]);
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
