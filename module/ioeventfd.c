// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_IOEVENTFD: eventfds that a guest's write to a port or address signals
 * without an exit to userspace. Called by the VM's ioctl; changes the tables of
 * iobus.c, which do the signalling.
 */
#include <linux/eventfd.h>
#include <linux/kvm.h>
#include <linux/rcupdate.h>

#include "module.h"

/* Besides DEASSIGN, which is looked at first. */
#define LHV_IOEVENTFD_FLAGS	(KVM_IOEVENTFD_FLAG_DATAMATCH | KVM_IOEVENTFD_FLAG_PIO)

/* Two entries collide where one write could be both's. */
static bool lhv_ioeventfd_collides(const struct lhv_bus_entry *e, const struct lhv_bus_entry *new)
{
	if (e->addr != new->addr)
		return false;
	if (!e->len || !new->len)
		return true;
	return e->len == new->len &&
	       (e->any_data || new->any_data || e->datamatch == new->datamatch);
}

static bool lhv_ioeventfd_same(const struct lhv_bus_entry *e, const struct lhv_bus_entry *like)
{
	return e->addr == like->addr && e->ctx == like->ctx && e->len == like->len &&
	       e->any_data == like->any_data && (e->any_data || e->datamatch == like->datamatch);
}

/* A length that some instruction writes, a range that does not wrap. */
static bool lhv_ioeventfd_valid(const struct kvm_ioeventfd *args)
{
	if (args->flags & ~LHV_IOEVENTFD_FLAGS || args->len > 8 || (args->len & (args->len - 1)))
		return false;
	return args->addr + args->len >= args->addr &&
	       (args->len || !(args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH));
}

/**
 * lhv_ioeventfd() - KVM_IOEVENTFD
 * @vm: the VM
 * @args: copied
 *
 * Context: process, no lock held, may sleep.
 * Return: 0; -EINVAL for unknown flags, a length that no instruction writes, a
 * range that wraps, or data to match where the length is any; -EBADF or -EINVAL
 * where fd is no eventfd, -EEXIST where an ioeventfd for the same write is there,
 * -ENOENT where the one to remove is not, -ENOSPC, -ENOMEM.
 */
int lhv_ioeventfd(struct lhv_vm *vm, const struct kvm_ioeventfd *args)
{
	bool assign = !(args->flags & KVM_IOEVENTFD_FLAG_DEASSIGN);
	enum lhv_bus bus = args->flags & KVM_IOEVENTFD_FLAG_PIO ? LHV_BUS_PIO : LHV_BUS_MMIO;
	struct lhv_bus_entry entry = {
		.addr = args->addr,
		.len = args->len,
		.any_data = !(args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH),
		.datamatch = args->datamatch,
	};
	int ret;

	/* to remove what does not match anything is -ENOENT, however odd it is */
	if (assign && !lhv_ioeventfd_valid(args))
		return -EINVAL;
	entry.ctx = eventfd_ctx_fdget(args->fd);
	if (IS_ERR(entry.ctx))
		return PTR_ERR(entry.ctx);

	ret = lhv_bus_change(vm->buses, bus, &entry, assign,
			     assign ? lhv_ioeventfd_collides : lhv_ioeventfd_same);
	if (!ret && !assign) {
		/*
		 * A client that reads the eventfd for the last time now must
		 * find every write that did not exit.
		 */
		synchronize_rcu_expedited();
		eventfd_ctx_put(entry.ctx);	/* the table's */
	}
	/* the table keeps a reference */
	if (!assign || ret)
		eventfd_ctx_put(entry.ctx);
	return ret;
}
