// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_IRQFD: eventfds that raise an interrupt in the guest when somebody signals
 * them. Called by the VM's ioctl and by whoever signals: the interrupt is
 * injected right in the wake-up, which may be a hard interrupt, so everything on
 * that way is irq-safe and does not sleep.
 *
 * A resampling irqfd holds a level up until the guest's EOI, which takes it
 * down and tells the device through a second eventfd; all that share a GSI share
 * one struct lhv_resampler. arch-x86/ reports EOIs through upcalls.h.
 *
 * An irqfd ends by KVM_IRQFD's DEASSIGN, when the VM's file closes, or when the
 * eventfd does. In the last case its wait queue's lock is held, so it goes to
 * another list, and the rest is a work item's. Who takes it off its list frees
 * it: that happens once.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/kvm.h>
#include <linux/list.h>
#include <linux/poll.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "compat.h"
#include "module.h"

struct lhv_resampler {
	struct rcu_head rcu;
	u32 gsi;
	struct list_head link;		/* eventfds.mutex, RCU */
	struct list_head irqfds;	/* eventfds.mutex, RCU */
};

struct lhv_irqfd {
	struct lhv_vm *vm;
	u32 gsi;
	struct eventfd_ctx *eventfd;
	struct eventfd_ctx *resamplefd;	/* NULL: an edge */
	struct lhv_resampler *resampler;
	struct list_head link;		/* eventfds.lock */
	struct list_head resampler_link;	/* eventfds.mutex, RCU */
	struct wait_queue_entry wait;
	poll_table poll;
	int poll_error;
};

/* ---- injection ---- */

static void lhv_irqfd_inject(struct lhv_irqfd *irqfd)
{
	int source = irqfd->resamplefd ? LHV_IRQ_SOURCE_RESAMPLE : LHV_IRQ_SOURCE_USER;
	struct lhv_irqchip *chip = &irqfd->vm->irqchip;

	lhv_irq_set(chip, irqfd->gsi, 1, source);
	if (!irqfd->resamplefd)
		lhv_irq_set(chip, irqfd->gsi, 0, source);
}

/* The eventfd's other end is closed. Its wait queue's lock is held. */
static void lhv_irqfd_hang_up(struct lhv_irqfd *irqfd)
{
	struct lhv_eventfds *fds = irqfd->vm->eventfds;
	unsigned long flags;

	spin_lock_irqsave(&fds->lock, flags);
	if (!list_empty(&irqfd->link)) {
		list_move(&irqfd->link, &fds->hung_up);
		schedule_work(&fds->close);
	}
	spin_unlock_irqrestore(&fds->lock, flags);
}

static int lhv_irqfd_wake(struct wait_queue_entry *wait, unsigned int mode, int sync, void *key)
{
	struct lhv_irqfd *irqfd = container_of(wait, struct lhv_irqfd, wait);
	__poll_t events = key_to_poll(key);
	int taken = 0;

	if (events & EPOLLIN) {
		u64 count;

		eventfd_ctx_do_read(irqfd->eventfd, &count);
		lhv_irqfd_inject(irqfd);
		taken = 1;
	}
	if (events & EPOLLHUP)
		lhv_irqfd_hang_up(irqfd);
	return taken;
}

static void lhv_irqfd_queue(struct file *file, struct wait_queue_head *head, poll_table *poll)
{
	struct lhv_irqfd *irqfd = container_of(poll, struct lhv_irqfd, poll);

	irqfd->poll_error = lhv_add_wait_queue_first(head, &irqfd->wait);
}

/* ---- resampling ---- */

/**
 * lhv_eventfds_eoi() - the guest ended a level-triggered interrupt
 * @vm: the VM
 * @irqchip: KVM_IRQCHIP_*
 * @pin: the chip's pin
 *
 * Context: any; no lock of the irqchip held.
 */
void lhv_eventfds_eoi(struct lhv_vm *vm, u32 irqchip, u32 pin)
{
	struct lhv_eventfds *fds = vm->eventfds;
	struct lhv_resampler *resampler;
	struct lhv_irqfd *irqfd;

	rcu_read_lock();
	list_for_each_entry_rcu(resampler, &fds->resamplers, link) {
		if (!lhv_irq_gsi_on_pin(&vm->irqchip, resampler->gsi, irqchip, pin))
			continue;
		lhv_irq_set(&vm->irqchip, resampler->gsi, 0, LHV_IRQ_SOURCE_RESAMPLE);
		list_for_each_entry_rcu(irqfd, &resampler->irqfds, resampler_link)
			lhv_eventfd_signal(irqfd->resamplefd);
	}
	rcu_read_unlock();
}

/**
 * lhv_eventfds_have_resamplers() - does anybody want EOIs?
 * @vm: the VM
 *
 * Context: any.
 */
bool lhv_eventfds_have_resamplers(struct lhv_vm *vm)
{
	return !list_empty(&vm->eventfds->resamplers);
}

static int lhv_resampler_join(struct lhv_irqfd *irqfd)
{
	struct lhv_eventfds *fds = irqfd->vm->eventfds;
	struct lhv_resampler *resampler;

	list_for_each_entry(resampler, &fds->resamplers, link)
		if (resampler->gsi == irqfd->gsi)
			goto join;
	resampler = kzalloc(sizeof(*resampler), GFP_KERNEL_ACCOUNT);
	if (!resampler)
		return -ENOMEM;
	resampler->gsi = irqfd->gsi;
	INIT_LIST_HEAD(&resampler->irqfds);
	list_add_rcu(&resampler->link, &fds->resamplers);
join:
	irqfd->resampler = resampler;
	list_add_rcu(&irqfd->resampler_link, &resampler->irqfds);
	lhv_irqchip_update_eoi_map(&irqfd->vm->irqchip);
	return 0;
}

/* On return no EOI looks at it any more. */
static void lhv_resampler_leave(struct lhv_irqfd *irqfd)
{
	struct lhv_resampler *resampler = irqfd->resampler;
	struct lhv_irqchip *chip = &irqfd->vm->irqchip;

	list_del_rcu(&irqfd->resampler_link);
	if (list_empty(&resampler->irqfds)) {
		list_del_rcu(&resampler->link);
		/* nobody is left who would take the line down */
		lhv_irq_set(chip, resampler->gsi, 0, LHV_IRQ_SOURCE_RESAMPLE);
		lhv_irqchip_update_eoi_map(chip);
		kfree_rcu(resampler, rcu);
	}
	synchronize_rcu();
}

/* ---- its end ---- */

/* eventfds.mutex held. */
static void lhv_irqfd_free(struct lhv_irqfd *irqfd)
{
	if (irqfd->resampler)
		lhv_resampler_leave(irqfd);
	if (!IS_ERR_OR_NULL(irqfd->resamplefd))
		eventfd_ctx_put(irqfd->resamplefd);
	if (!IS_ERR_OR_NULL(irqfd->eventfd))
		eventfd_ctx_put(irqfd->eventfd);
	kfree(irqfd);
}

/* Off a list comes any, or where eventfd is not NULL the one from it to gsi. */
static struct lhv_irqfd *lhv_irqfd_take(struct lhv_eventfds *fds, struct list_head *list,
					struct eventfd_ctx *eventfd, u32 gsi)
{
	struct lhv_irqfd *irqfd;

	scoped_guard(spinlock_irq, &fds->lock)
		list_for_each_entry(irqfd, list, link)
			if (!eventfd || (irqfd->eventfd == eventfd && irqfd->gsi == gsi)) {
				list_del_init(&irqfd->link);
				return irqfd;
			}
	return NULL;
}

static void lhv_irqfd_close_all(struct lhv_eventfds *fds, struct list_head *list,
				struct eventfd_ctx *eventfd, u32 gsi)
{
	struct lhv_irqfd *irqfd;
	u64 count;

	guard(mutex)(&fds->mutex);
	while ((irqfd = lhv_irqfd_take(fds, list, eventfd, gsi))) {
		/* no wake-up is running or will run after this */
		eventfd_ctx_remove_wait_queue(irqfd->eventfd, &irqfd->wait, &count);
		lhv_irqfd_free(irqfd);
	}
}

static void lhv_irqfd_close_work(struct work_struct *work)
{
	struct lhv_eventfds *fds = container_of(work, struct lhv_eventfds, close);

	lhv_irqfd_close_all(fds, &fds->hung_up, NULL, 0);
}

/**
 * lhv_irqfd_release() - end all irqfds of a VM whose file is closed
 * @vm: the VM
 *
 * Context: process, no lock held, may sleep.
 */
void lhv_irqfd_release(struct lhv_vm *vm)
{
	struct lhv_eventfds *fds = vm->eventfds;

	lhv_irqfd_close_all(fds, &fds->irqfds, NULL, 0);
	/* those whose eventfd was closed before look at the VM until then */
	flush_work(&fds->close);
}

/* ---- its beginning ---- */

/*
 * The caller's reference on the file keeps it from hanging up, and eventfds.mutex
 * keeps others from closing, until this is done. What is half done on error
 * lhv_irqfd_free() undoes.
 */
static int lhv_irqfd_start(struct lhv_irqfd *irqfd, struct file *file,
			   const struct kvm_irqfd *args)
{
	struct lhv_eventfds *fds = irqfd->vm->eventfds;
	struct lhv_irqfd *other;
	__poll_t events;
	int ret;

	irqfd->eventfd = eventfd_ctx_fileget(file);
	if (IS_ERR(irqfd->eventfd))
		return PTR_ERR(irqfd->eventfd);
	if (args->flags & KVM_IRQFD_FLAG_RESAMPLE) {
		irqfd->resamplefd = eventfd_ctx_fdget(args->resamplefd);
		if (IS_ERR(irqfd->resamplefd))
			return PTR_ERR(irqfd->resamplefd);
	}
	scoped_guard(spinlock_irq, &fds->lock)
		list_for_each_entry(other, &fds->irqfds, link)
			if (other->eventfd == irqfd->eventfd)
				return -EBUSY;
	ret = irqfd->resamplefd ? lhv_resampler_join(irqfd) : 0;
	if (ret)
		return ret;

	init_waitqueue_func_entry(&irqfd->wait, lhv_irqfd_wake);
	init_poll_funcptr(&irqfd->poll, lhv_irqfd_queue);
	events = vfs_poll(file, &irqfd->poll);
	if (irqfd->poll_error)
		return irqfd->poll_error;
	scoped_guard(spinlock_irq, &fds->lock)
		list_add_tail(&irqfd->link, &fds->irqfds);
	/* what was signalled before counts */
	if (events & EPOLLIN)
		lhv_irqfd_inject(irqfd);
	return 0;
}

static int lhv_irqfd_assign(struct lhv_vm *vm, const struct kvm_irqfd *args)
{
	struct file *file __free(fput) = NULL;
	struct lhv_irqfd *irqfd;
	int ret;

	/* pairs with the release that publishes the chips */
	if (!smp_load_acquire(&vm->has_irqchip))
		return -EINVAL;
	/* pins, and so their EOIs, are userspace's */
	if ((args->flags & KVM_IRQFD_FLAG_RESAMPLE) && !lhv_irqchip_has_chips(&vm->irqchip))
		return -EINVAL;
	file = eventfd_fget(args->fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	irqfd = kzalloc(sizeof(*irqfd), GFP_KERNEL_ACCOUNT);
	if (!irqfd)
		return -ENOMEM;
	irqfd->vm = vm;
	irqfd->gsi = args->gsi;
	INIT_LIST_HEAD(&irqfd->link);

	guard(mutex)(&vm->eventfds->mutex);
	ret = lhv_irqfd_start(irqfd, file, args);
	if (ret)
		lhv_irqfd_free(irqfd);
	return ret;
}

/**
 * lhv_irqfd() - KVM_IRQFD
 * @vm: the VM
 * @args: copied
 *
 * A GSI without a route is no error: it may get one. To remove what is not
 * there is none either.
 *
 * Context: process, no lock held, may sleep.
 * Return: 0; -EINVAL for unknown flags, to assign without an irqchip, or to assign
 * a resampler where it is split; -EBADF or -EINVAL where a descriptor is no eventfd,
 * -EBUSY where the eventfd raises an interrupt of this VM already, -ENOMEM.
 */
int lhv_irqfd(struct lhv_vm *vm, const struct kvm_irqfd *args)
{
	struct eventfd_ctx *eventfd;

	if (args->flags & ~(KVM_IRQFD_FLAG_DEASSIGN | KVM_IRQFD_FLAG_RESAMPLE))
		return -EINVAL;
	if (!(args->flags & KVM_IRQFD_FLAG_DEASSIGN))
		return lhv_irqfd_assign(vm, args);
	eventfd = eventfd_ctx_fdget(args->fd);
	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);
	lhv_irqfd_close_all(vm->eventfds, &vm->eventfds->irqfds, eventfd, args->gsi);
	eventfd_ctx_put(eventfd);
	return 0;
}

/**
 * lhv_eventfds_init() - a VM without irqfds
 * @fds: zeroed memory
 */
void lhv_eventfds_init(struct lhv_eventfds *fds)
{
	mutex_init(&fds->mutex);
	spin_lock_init(&fds->lock);
	INIT_LIST_HEAD(&fds->irqfds);
	INIT_LIST_HEAD(&fds->hung_up);
	INIT_WORK(&fds->close, lhv_irqfd_close_work);
	INIT_LIST_HEAD(&fds->resamplers);
}
