// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_IOEVENTFD: eventfds that a guest's write to a port or address signals
 * without an exit to userspace. Called by the VM's ioctl; changes the tables of
 * iobus.c, which do the signalling.
 */
#include <linux/eventfd.h>
#include <linux/kvm.h>
#include <linux/slab.h>

#include "module.h"

#define LHV_IOEVENTFD_FLAGS	\
	(KVM_IOEVENTFD_FLAG_DATAMATCH | KVM_IOEVENTFD_FLAG_PIO | \
	 KVM_IOEVENTFD_FLAG_DEASSIGN)

/**
 * lhv_ioeventfd_check() - may it?
 * @args: the argument, copied
 *
 * Return: 0; -EINVAL for unknown flags, a length that no instruction writes, a
 * range that wraps, or data to match where the length is any.
 */
int lhv_ioeventfd_check(const struct kvm_ioeventfd *args)
{
	/* what does not match anything is -ENOENT below, however odd */
	if (args->flags & KVM_IOEVENTFD_FLAG_DEASSIGN)
		return 0;
	if (args->flags & ~LHV_IOEVENTFD_FLAGS)
		return -EINVAL;
	if (args->len > 8 || (args->len & (args->len - 1)))
		return -EINVAL;
	if (args->addr + args->len < args->addr)
		return -EINVAL;
	if (!args->len && (args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH))
		return -EINVAL;
	return 0;
}

static struct lhv_bus_table *lhv_ioeventfd_table(struct lhv_iobuses *buses,
						 enum lhv_bus bus)
{
	return rcu_dereference_protected(buses->io[bus],
					 lockdep_is_held(&buses->lock));
}

/* Two entries collide where one write could be both's. */
static bool lhv_ioeventfd_collides(const struct lhv_bus_table *table,
				   const struct lhv_bus_entry *new)
{
	unsigned int i;

	if (!table)
		return false;
	for (i = lhv_bus_find(table, new->addr);
	     i < table->n && table->e[i].addr == new->addr; i++) {
		const struct lhv_bus_entry *e = &table->e[i];

		if (!e->len || !new->len)
			return true;
		if (e->len == new->len && (e->any_data || new->any_data ||
					   e->datamatch == new->datamatch))
			return true;
	}
	return false;
}

static int lhv_ioeventfd_find(const struct lhv_bus_table *table,
			      const struct lhv_bus_entry *like)
{
	unsigned int i;

	if (!table)
		return -ENOENT;
	for (i = lhv_bus_find(table, like->addr);
	     i < table->n && table->e[i].addr == like->addr; i++) {
		const struct lhv_bus_entry *e = &table->e[i];

		if (e->ctx == like->ctx && e->len == like->len &&
		    e->any_data == like->any_data &&
		    (e->any_data || e->datamatch == like->datamatch))
			return i;
	}
	return -ENOENT;
}

static void lhv_ioeventfd_retire(struct lhv_bus_table *table)
{
	if (table)
		kvfree_rcu(table, rcu);
}

static int lhv_ioeventfd_assign(struct lhv_iobuses *buses, enum lhv_bus bus,
				const struct lhv_bus_entry *new)
{
	struct lhv_bus_table *old, *undo;
	int ret;

	if (lhv_ioeventfd_collides(lhv_ioeventfd_table(buses, bus), new))
		return -EEXIST;
	ret = lhv_bus_insert(buses, bus, new, &old);
	if (ret)
		return ret;
	if (bus == LHV_BUS_MMIO && !new->len) {
		struct lhv_bus_table *fast;

		ret = lhv_bus_insert(buses, LHV_BUS_WILDCARD, new, &fast);
		if (!ret)
			lhv_ioeventfd_retire(fast);
	}
	if (!ret) {
		lhv_ioeventfd_retire(old);
		return 0;
	}

	/* the table of before is still whole */
	undo = lhv_ioeventfd_table(buses, bus);
	rcu_assign_pointer(buses->io[bus], old);
	synchronize_rcu();
	kvfree(undo);
	return ret;
}

static int lhv_ioeventfd_deassign(struct lhv_iobuses *buses, enum lhv_bus bus,
				  const struct lhv_bus_entry *like)
{
	struct lhv_bus_table *old, *fast = NULL;
	int i, at = -ENOENT, ret;

	i = lhv_ioeventfd_find(lhv_ioeventfd_table(buses, bus), like);
	if (i < 0)
		return i;
	if (bus == LHV_BUS_MMIO && !like->len)
		at = lhv_ioeventfd_find(lhv_ioeventfd_table(buses, LHV_BUS_WILDCARD),
					like);
	if (at >= 0) {
		ret = lhv_bus_remove(buses, LHV_BUS_WILDCARD, at, &fast);
		if (ret)
			return ret;
	}
	ret = lhv_bus_remove(buses, bus, i, &old);
	if (ret) {
		/* the write takes the slow way now: still right */
		lhv_ioeventfd_retire(fast);
		return ret;
	}

	/*
	 * A client that reads the eventfd for the last time now must find every
	 * write that did not exit.
	 */
	synchronize_rcu_expedited();
	kvfree(fast);
	kvfree(old);
	eventfd_ctx_put(like->ctx);
	return 0;
}

/**
 * lhv_ioeventfd() - KVM_IOEVENTFD
 * @vm: the VM
 * @args: passed by lhv_ioeventfd_check()
 *
 * Context: process, no lock held, may sleep.
 * Return: 0; -EBADF or -EINVAL where fd is no eventfd, -EEXIST where an
 * ioeventfd for the same write is there, -ENOENT where the one to remove is not,
 * -ENOSPC, -ENOMEM.
 */
int lhv_ioeventfd(struct lhv_vm *vm, const struct kvm_ioeventfd *args)
{
	bool pio = args->flags & KVM_IOEVENTFD_FLAG_PIO;
	enum lhv_bus bus = pio ? LHV_BUS_PIO : LHV_BUS_MMIO;
	struct lhv_iobuses *buses = vm->buses;
	struct lhv_bus_entry entry = {
		.addr = args->addr,
		.len = args->len,
		.any_data = !(args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH),
		.datamatch = args->datamatch,
	};
	int ret;

	entry.ctx = eventfd_ctx_fdget(args->fd);
	if (IS_ERR(entry.ctx))
		return PTR_ERR(entry.ctx);

	mutex_lock(&buses->lock);
	if (args->flags & KVM_IOEVENTFD_FLAG_DEASSIGN) {
		ret = lhv_ioeventfd_deassign(buses, bus, &entry);
		eventfd_ctx_put(entry.ctx);
	} else {
		ret = lhv_ioeventfd_assign(buses, bus, &entry);
		if (ret)
			eventfd_ctx_put(entry.ctx);
	}
	mutex_unlock(&buses->lock);
	return ret;
}
