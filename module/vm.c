// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a VM and its file descriptor. Called by the device's
 * KVM_CREATE_VM; everything else comes through the file operations here.
 *
 * A VM lives as long as its file or one of its vCPUs' files is open, whichever
 * goes last. It is built in private and published by installing the descriptor,
 * the step that cannot fail. When it goes nobody is left who could look at it,
 * so it is freed without waiting for a grace period.
 */
#include <linux/anon_inodes.h>
#include <linux/compat.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "ioctl.h"
#include "module.h"

LIST_HEAD(lhv_vms);
DEFINE_MUTEX(lhv_vms_lock);		/* the list, and lhv_stopping */
static bool lhv_stopping;		/* lhv_vms_lock */

static void lhv_vm_free(struct lhv_vm *vm)
{
	struct lhv_machine *machine = lhv_machine(vm);

	lhv_iobus_free(&machine->buses);
	mmdrop(vm->mm);
	kvfree(machine);
}

static void lhv_vm_destroy(struct lhv_vm *vm)
{
	unsigned int i;

	scoped_guard(mutex, &lhv_vms_lock)
		list_del(&lhv_machine(vm)->list);

	/* the chips' timers reach the local APICs, so the chips go first */
	if (vm->has_irqchip)
		lhv_irqchip_destroy(&vm->irqchip);
	/* an MMU notifier may still be asking the vCPUs to flush */
	lhv_arch_vm_quiesce(vm);
	for (i = 0; i < vm->nr_vcpus; i++)
		lhv_vcpu_destroy(vm->vcpus[i]);
	lhv_arch_vm_destroy(vm);
	lhv_vm_free(vm);
}

/**
 * lhv_vm_put() - drop one user of a VM
 * @vm: the VM; gone when this was the last one
 *
 * Context: process, no lock held, may sleep.
 */
void lhv_vm_put(struct lhv_vm *vm)
{
	if (refcount_dec_and_test(&vm->users))
		lhv_vm_destroy(vm);
}

static int lhv_vm_release(struct inode *inode, struct file *file)
{
	struct lhv_vm *vm = file->private_data;

	lhv_irqfd_release(vm);
	lhv_vm_put(vm);
	return 0;
}

static long lhv_vm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct lhv_vm *vm = file->private_data;

	if (vm->mm != current->mm || READ_ONCE(vm->dead))
		return -EIO;
	return lhv_ioctl_dispatch(&lhv_vm_ioctls, vm, &vm->lock, &vm->dead, cmd, arg);
}

static const struct file_operations lhv_vm_fops = {
	.owner = THIS_MODULE,
	.release = lhv_vm_release,
	.unlocked_ioctl = lhv_vm_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct lhv_vm *lhv_vm_alloc(void)
{
	struct lhv_machine *machine = kvzalloc(sizeof(*machine), GFP_KERNEL_ACCOUNT);
	struct lhv_vm *vm;
	int ret;

	if (!machine)
		return ERR_PTR(-ENOMEM);

	vm = &machine->vm;
	INIT_LIST_HEAD(&machine->list);
	refcount_set(&vm->users, 1);
	mutex_init(&vm->lock);
	lhv_eventfds_init(&machine->eventfds);
	vm->buses = &machine->buses;
	vm->eventfds = &machine->eventfds;
	vm->mm = current->mm;
	mmgrab(vm->mm);

	lhv_irqchip_init(&vm->irqchip, vm);
	ret = lhv_iobus_init(&machine->buses) ?: lhv_arch_vm_init(vm);
	if (ret) {
		lhv_vm_free(vm);
		return ERR_PTR(ret);
	}
	return vm;
}

/**
 * lhv_vm_create() - KVM_CREATE_VM
 * @obj: NULL, the device
 * @arg: the type, checked by the caller: one kind of VM only, 0
 *
 * Context: process, may sleep. Any process that may open the node.
 * Return: a file descriptor; -ENOMEM, -EMFILE, -EBUSY where another hypervisor
 * holds the processor, -ESHUTDOWN when the machine is going down.
 */
long lhv_vm_create(void *obj, void *arg)
{
	struct lhv_vm *vm = lhv_vm_alloc();
	int ret = 0;

	if (IS_ERR(vm))
		return PTR_ERR(vm);
	mutex_lock(&lhv_vms_lock);
	if (lhv_stopping)
		ret = -ESHUTDOWN;
	else
		list_add_tail(&lhv_machine(vm)->list, &lhv_vms);
	mutex_unlock(&lhv_vms_lock);
	if (!ret)
		ret = anon_inode_getfd("kvm-vm", &lhv_vm_fops, vm, O_RDWR | O_CLOEXEC);
	if (ret < 0)
		lhv_vm_put(vm);
	return ret;
}

/* Its vCPU has left the guest for good once its mutex was free. */
static bool lhv_vm_quiet(struct lhv_vm *vm)
{
	unsigned int i, n = lhv_nr_vcpus(vm);

	for (i = 0; i < n; i++) {
		if (!mutex_trylock(&vm->vcpus[i]->mutex))
			return false;
		mutex_unlock(&vm->vcpus[i]->mutex);
	}
	return true;
}

/* A vCPU's thread may be stuck in a page fault that only userspace can serve. */
#define LHV_STOP_PATIENCE_MS	1000

/**
 * lhv_vms_stop() - end every VM, allow no new one
 *
 * For reboot: the processor is about to be taken out of virtualization. Waits
 * until no vCPU uses it, but not for ever.
 *
 * Context: process, may sleep.
 */
void lhv_vms_stop(void)
{
	struct lhv_machine *machine;
	int ms;

	guard(mutex)(&lhv_vms_lock);
	lhv_stopping = true;
	list_for_each_entry(machine, &lhv_vms, list)
		lhv_vm_kill(&machine->vm, "the machine goes down");
	list_for_each_entry(machine, &lhv_vms, list)
		for (ms = 0; ms < LHV_STOP_PATIENCE_MS; ms++) {
			if (lhv_vm_quiet(&machine->vm))
				break;
			usleep_range(1000, 2000);
		}
}
