// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a vCPU, its file descriptor and its mapping. Called by the VM's
 * KVM_CREATE_VCPU; everything else comes through the file operations here.
 *
 * KVM_RUN is the hot one: it is tested for before any table is looked at. A
 * vCPU's file keeps its VM; the vCPU itself lives until the VM goes, because
 * other vCPUs may send it interrupts.
 */
#include <linux/anon_inodes.h>
#include <linux/compat.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "ioctl.h"
#include "module.h"

/* ---- KVM_RUN ---- */

/*
 * KVM_SET_SIGNAL_MASK's mask holds while the guest runs. real_blocked tells
 * the sender of a signal that the mask is borrowed: a deadly signal that the
 * thread blocks interrupts the guest, it does not kill.
 */
static noinline int lhv_run_with_sigmask(struct lhv_vcpu *vcpu)
{
	sigset_t before = current->blocked;
	int ret;

	current->real_blocked = before;
	sigprocmask(SIG_SETMASK, &vcpu->sigset, NULL);
	ret = lhv_vcpu_run(vcpu);
	sigprocmask(SIG_SETMASK, &before, NULL);
	sigemptyset(&current->real_blocked);
	return ret;
}

/*
 * KVM_RUN, argument 0. -EINTR for a signal or immediate_exit, -EAGAIN where a
 * vCPU that waits for its start-up IPI was woken, -EFAULT where the VMM's
 * mapping cannot back the guest, -EIO when the VM is dead.
 */
static long lhv_run(struct lhv_vcpu *vcpu, unsigned long arg)
{
	long ret;

	if (mutex_lock_killable(&vcpu->mutex))
		return -EINTR;
	if (unlikely(arg))
		ret = -EINVAL;
	else if (unlikely(READ_ONCE(vcpu->vm->dead)))
		ret = -EIO;
	else if (unlikely(vcpu->sigset_active))
		ret = lhv_run_with_sigmask(vcpu);
	else
		ret = lhv_vcpu_run(vcpu);
	mutex_unlock(&vcpu->mutex);
	return ret;
}

static long lhv_vcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct lhv_vcpu *vcpu = file->private_data;

	if (unlikely(vcpu->vm->mm != current->mm))
		return -EIO;
	if (likely(cmd == KVM_RUN))
		return lhv_run(vcpu, arg);
	if (unlikely(READ_ONCE(vcpu->vm->dead)))
		return -EIO;
	/* what terminals are asked (isatty) KVM's vCPUs refuse in this way */
	if (unlikely(_IOC_TYPE(cmd) != KVMIO))
		return -EINVAL;
	return lhv_ioctl_dispatch(&lhv_vcpu_ioctls, vcpu, &vcpu->mutex, &vcpu->vm->dead, cmd, arg);
}

/* ---- the mapping ---- */

static vm_fault_t lhv_vcpu_fault(struct vm_fault *vmf)
{
	struct lhv_vcpu *vcpu = vmf->vma->vm_file->private_data;
	struct page *pages[LHV_MAP_PAGES] = {
		[LHV_MAP_RUN] = vcpu->run_page,
		[LHV_MAP_PIO] = vcpu->pio_page,
		[LHV_MAP_RING] = vcpu->vm->buses->ring,
	};

	if (vmf->pgoff >= LHV_MAP_PAGES)
		return VM_FAULT_SIGBUS;
	vmf->page = pages[array_index_nospec(vmf->pgoff, LHV_MAP_PAGES)];
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct lhv_vcpu_vm_ops = {
	.fault = lhv_vcpu_fault,
};

static int lhv_vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &lhv_vcpu_vm_ops;
	return 0;
}

/* ---- its life ---- */

static int lhv_vcpu_release(struct inode *inode, struct file *file)
{
	struct lhv_vcpu *vcpu = file->private_data;

	lhv_vm_put(vcpu->vm);
	return 0;
}

static const struct file_operations lhv_vcpu_fops = {
	.owner = THIS_MODULE,
	.release = lhv_vcpu_release,
	.unlocked_ioctl = lhv_vcpu_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = lhv_vcpu_mmap,
	.llseek = noop_llseek,
};

static void lhv_vcpu_free(struct lhv_vcpu *vcpu)
{
	if (vcpu->run_page)
		__free_page(vcpu->run_page);
	if (vcpu->pio_page)
		__free_page(vcpu->pio_page);
	kfree(vcpu);
}

/**
 * lhv_vcpu_destroy() - free a vCPU
 * @vcpu: one that was published, or whose arch-x86 part is complete
 *
 * Context: process, may sleep; nobody can reach the vCPU any more.
 */
void lhv_vcpu_destroy(struct lhv_vcpu *vcpu)
{
	lhv_arch_vcpu_destroy(vcpu);
	lhv_vcpu_free(vcpu);
}

static struct lhv_vcpu *lhv_vcpu_alloc(struct lhv_vm *vm, u32 id)
{
	struct lhv_vcpu *vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);
	int ret = -ENOMEM;

	if (!vcpu)
		return ERR_PTR(-ENOMEM);
	mutex_init(&vcpu->mutex);
	rcuwait_init(&vcpu->wait);
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->index = vm->nr_vcpus;
	vcpu->run_page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	vcpu->pio_page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!vcpu->run_page || !vcpu->pio_page)
		goto free;
	vcpu->run = page_address(vcpu->run_page);

	ret = lhv_arch_vcpu_init(vcpu);
	if (ret)
		goto free;
	return vcpu;

free:
	lhv_vcpu_free(vcpu);
	return ERR_PTR(ret);
}

/* From here on others find it: interrupts, requests to all, statistics. */
static void lhv_vcpu_publish(struct lhv_vm *vm, struct lhv_vcpu *vcpu)
{
	refcount_inc(&vm->users);
	vm->vcpus[vcpu->index] = vcpu;
	/* who sees the number sees the vCPU */
	smp_store_release(&vm->nr_vcpus, vcpu->index + 1);
	if (vm->has_irqchip)
		lhv_irqchip_add_lapic(&vm->irqchip, &vcpu->lapic);
	lhv_clock_vcpu_joins(vcpu);
}

/**
 * lhv_vcpu_create() - KVM_CREATE_VCPU
 * @vm: its VM
 * @id: APIC ID, checked by the caller: in range and free
 *
 * Context: process, lhv_vm.lock held, may sleep.
 * Return: a file descriptor; -ENOMEM, -EMFILE.
 */
int lhv_vcpu_create(struct lhv_vm *vm, u32 id)
{
	char name[8 + 1 + 10 + 1];
	struct lhv_vcpu *vcpu;
	struct file *file;
	int fd;

	vcpu = lhv_vcpu_alloc(vm, id);
	if (IS_ERR(vcpu))
		return PTR_ERR(vcpu);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		goto destroy;
	snprintf(name, sizeof(name), "kvm-vcpu:%u", id);
	file = anon_inode_getfile(name, &lhv_vcpu_fops, vcpu, O_RDWR);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		fd = PTR_ERR(file);
		goto destroy;
	}
	lhv_vcpu_publish(vm, vcpu);
	fd_install(fd, file);
	return fd;

destroy:
	lhv_vcpu_destroy(vcpu);
	return fd;
}
