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

/* Enough for any machine; bounds how long a look-up takes with preemption off. */
#define LHV_BUS_MAX		16384

/* Besides DEASSIGN, which is looked at first. */
#define LHV_IOEVENTFD_FLAGS	(KVM_IOEVENTFD_FLAG_DATAMATCH | KVM_IOEVENTFD_FLAG_PIO)

/**
 * lhv_ioeventfd_check() - KVM_IOEVENTFD: may it?
 * @obj: the VM
 * @arg: struct kvm_ioeventfd, copied
 *
 * Return: 0; -EINVAL for unknown flags, a length that no instruction writes, a
 * range that wraps, or data to match where the length is any.
 */
int lhv_ioeventfd_check(void *obj, const void *arg)
{
	const struct kvm_ioeventfd *args = arg;

	/* what does not match anything is -ENOENT below, however odd */
	if (args->flags & KVM_IOEVENTFD_FLAG_DEASSIGN)
		return 0;
	if (args->flags & ~LHV_IOEVENTFD_FLAGS || args->len > 8 || (args->len & (args->len - 1)))
		return -EINVAL;
	if (args->addr + args->len < args->addr)
		return -EINVAL;
	if (!args->len && (args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH))
		return -EINVAL;
	return 0;
}

/* Two entries collide where one write could be both's. */
static bool lhv_ioeventfd_collides(const struct lhv_bus_entry *e, const struct lhv_bus_entry *new)
{
	if (!e->len || !new->len)
		return true;
	return e->len == new->len &&
	       (e->any_data || new->any_data || e->datamatch == new->datamatch);
}

static bool lhv_ioeventfd_same(const struct lhv_bus_entry *e, const struct lhv_bus_entry *like)
{
	return e->ctx == like->ctx && e->len == like->len && e->any_data == like->any_data &&
	       (e->any_data || e->datamatch == like->datamatch);
}

/* Which entry at its address is it? */
static int lhv_ioeventfd_find(const struct lhv_bus_table *table, const struct lhv_bus_entry *entry,
			      bool (*is)(const struct lhv_bus_entry *e,
					 const struct lhv_bus_entry *entry))
{
	unsigned int i = table ? lhv_bus_find(table, entry->addr) : 0;

	for (; table && i < table->n && table->e[i].addr == entry->addr; i++)
		if (is(&table->e[i], entry))
			return i;
	return -ENOENT;
}

static int lhv_ioeventfd_assign(struct lhv_bus_table __rcu **place, struct lhv_bus_table *was,
				const struct lhv_bus_entry *new)
{
	unsigned int n = was ? was->n : 0, at = 0;
	struct lhv_bus_table *now;

	if (lhv_ioeventfd_find(was, new, lhv_ioeventfd_collides) >= 0)
		return -EEXIST;
	if (n >= LHV_BUS_MAX)
		return -ENOSPC;
	now = kvmalloc(struct_size(now, e, n + 1), GFP_KERNEL_ACCOUNT);
	if (!now)
		return -ENOMEM;
	now->n = n + 1;
	now->wildcards = !new->len;
	if (was) {
		now->wildcards += was->wildcards;
		at = lhv_bus_find(was, new->addr);
		memcpy(now->e, was->e, at * sizeof(*new));
		memcpy(now->e + at + 1, was->e + at, (n - at) * sizeof(*new));
	}
	now->e[at] = *new;
	rcu_assign_pointer(*place, now);
	if (was)
		kvfree_rcu(was, rcu);
	return 0;
}

static int lhv_ioeventfd_deassign(struct lhv_bus_table __rcu **place, struct lhv_bus_table *was,
				  const struct lhv_bus_entry *like)
{
	struct lhv_bus_table *now;
	int i = lhv_ioeventfd_find(was, like, lhv_ioeventfd_same);

	if (i < 0)
		return i;
	now = kvmalloc(struct_size(now, e, was->n - 1), GFP_KERNEL_ACCOUNT);
	if (!now)
		return -ENOMEM;
	now->n = was->n - 1;
	now->wildcards = was->wildcards - !like->len;
	memcpy(now->e, was->e, i * sizeof(*like));
	memcpy(now->e + i, was->e + i + 1, (now->n - i) * sizeof(*like));
	rcu_assign_pointer(*place, now);

	/*
	 * A client that reads the eventfd for the last time now must find every
	 * write that did not exit.
	 */
	synchronize_rcu_expedited();
	kvfree(was);
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
	bool assign = !(args->flags & KVM_IOEVENTFD_FLAG_DEASSIGN);
	enum lhv_bus bus = args->flags & KVM_IOEVENTFD_FLAG_PIO ? LHV_BUS_PIO : LHV_BUS_MMIO;
	struct lhv_iobuses *buses = vm->buses;
	struct lhv_bus_table *was;
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
	was = rcu_dereference_protected(buses->io[bus], lockdep_is_held(&buses->lock));
	if (assign)
		ret = lhv_ioeventfd_assign(&buses->io[bus], was, &entry);
	else
		ret = lhv_ioeventfd_deassign(&buses->io[bus], was, &entry);
	mutex_unlock(&buses->lock);
	/* the table keeps a reference */
	if (!assign || ret)
		eventfd_ctx_put(entry.ctx);
	return ret;
}
