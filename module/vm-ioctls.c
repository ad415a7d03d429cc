// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls of a VM's file descriptor. Reached through lhv_ioctl_dispatch();
 * rows with LHV_IOCTL_LOCKED run under lhv_vm.lock, the others have locks of
 * their own behind them. The caller's mm is the VM's.
 */
#include <linux/compat.h>
#include <linux/kvm.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "ioctl.h"
#include "module.h"

/* Real mode without unrestricted guest wants three pages below 4 GiB. */
#define LHV_TSS_PAGES		3

static bool lhv_has_irqchip(struct lhv_vm *vm)
{
	/* pairs with the release in lhv_create_irqchip() */
	return smp_load_acquire(&vm->has_irqchip);
}

LHV_ACT(vm, needs_irqchip, lhv_has_irqchip(vm) ? 0 : -ENXIO)
LHV_ACT(vm, needs_pit, vm->irqchip.pit ? 0 : -ENXIO)

/*
 * KVM_CREATE_VCPU: the argument is the APIC ID. -EINVAL beyond the largest ID
 * or the largest number of vCPUs, -EEXIST where the ID is taken, -ENOMEM,
 * -EMFILE.
 */
static long lhv_create_vcpu(void *obj, void *arg)
{
	unsigned long id = (unsigned long)arg;
	struct lhv_vm *vm = obj;
	unsigned int i;

	if (id > LHV_MAX_VCPU_ID || vm->nr_vcpus >= LHV_MAX_VCPUS)
		return -EINVAL;
	for (i = 0; i < vm->nr_vcpus; i++)
		if (vm->vcpus[i]->id == id)
			return -EEXIST;
	return lhv_vcpu_create(vm, id);
}

/* KVM_SET_USER_MEMORY_REGION: rules and errnos are mmu/'s. */
LHV_ACT(vm, set_region, lhv_mmu_set_region(&vm->mmu, arg))

/*
 * KVM_SET_TSS_ADDR: the three pages must end below 4 GiB, else -EINVAL. Never
 * used: the hardware floor has unrestricted guest.
 */
static long lhv_set_tss_addr(void *obj, void *arg)
{
	return (unsigned long)arg > (u32)-(LHV_TSS_PAGES * PAGE_SIZE) ? -EINVAL : 0;
}

/* KVM_SET_IDENTITY_MAP_ADDR: -EINVAL once there is a vCPU. Not used either. */
LHV_ACT(vm, set_identity_map_addr, vm->nr_vcpus ? -EINVAL : 0)

/* KVM_SET_BOOT_CPU_ID: -EBUSY once there is a vCPU. */
LHV_ACT(vm, set_boot_cpu_check, vm->nr_vcpus ? -EBUSY : 0)

static long lhv_set_boot_cpu(void *obj, void *arg)
{
	struct lhv_vm *vm = obj;

	vm->bsp_id = (unsigned long)arg;
	return 0;
}

/* ---- dirty log ---- */

/* KVM_GET_DIRTY_LOG: rules and errnos are mmu/'s. */
static long lhv_get_dirty_log(void *obj, void *arg)
{
	struct kvm_dirty_log *log = arg;
	struct lhv_vm *vm = obj;

	/* a 32-bit client has set no more than half of the pointer */
	if (in_compat_syscall())
		log->dirty_bitmap = compat_ptr((u32)log->padding2);
	return lhv_mmu_get_dirty_log(&vm->mmu, log);
}

/* KVM_CLEAR_DIRTY_LOG: the same. */
static long lhv_clear_dirty_log(void *obj, void *arg)
{
	struct kvm_clear_dirty_log *log = arg;
	struct lhv_vm *vm = obj;

	if (in_compat_syscall())
		log->dirty_bitmap = compat_ptr((u32)log->padding2);
	return lhv_mmu_clear_dirty_log(&vm->mmu, log);
}

/* ---- interrupt controllers ---- */

/*
 * KVM_CREATE_IRQCHIP: local APICs come with their vCPUs, so it must be there
 * before the first of them: -EINVAL after, -EEXIST the second time.
 */
LHV_ACT(vm, create_irqchip_check, vm->has_irqchip ? -EEXIST : vm->nr_vcpus ? -EINVAL : 0)

static long lhv_create_irqchip(void *obj, void *arg)
{
	struct lhv_vm *vm = obj;
	int ret = lhv_irqchip_create(&vm->irqchip);

	if (ret)
		return ret;
	/* whoever sees it must see the chips: bus, irqfds, IRQ lines */
	smp_store_release(&vm->has_irqchip, true);
	return 0;
}

/*
 * KVM_CREATE_PIT2, KVM_CREATE_PIT: -EEXIST the second time, -ENOENT without the
 * interrupt controllers that it is wired to.
 */
LHV_ACT(vm, create_pit_check, vm->irqchip.pit ? -EEXIST :
	lhv_irqchip_has_chips(&vm->irqchip) ? 0 : -ENOENT)
LHV_ACT(vm, create_pit2, lhv_pit_create(&vm->irqchip, ((struct kvm_pit_config *)arg)->flags))
LHV_ACT(vm, create_pit, lhv_pit_create(&vm->irqchip, KVM_PIT_SPEAKER_DUMMY))

/*
 * KVM_SET_GSI_ROUTING: replaces the whole table. -EINVAL without irqchip, for
 * flags, for more than KVM_CAP_IRQ_ROUTING entries, and for what an entry may
 * not say.
 */
static long lhv_set_gsi_routing(void *obj, void *arg)
{
	struct kvm_irq_routing __user *user = lhv_ioctl_user(arg);
	struct kvm_irq_routing_entry *entries;
	struct kvm_irq_routing head;
	struct lhv_vm *vm = obj;
	int ret;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (!lhv_has_irqchip(vm) || head.nr > LHV_MAX_GSI || head.flags)
		return -EINVAL;
	entries = vmemdup_user(user->entries, head.nr * sizeof(*entries));
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	ret = lhv_irq_set_routing(&vm->irqchip, entries, head.nr, head.flags);
	kvfree(entries);
	return ret;
}

/* KVM_IRQ_LINE: -ENXIO without irqchip; a GSI without a route is no error. */
static long lhv_irq_line(void *obj, void *arg)
{
	struct kvm_irq_level *line = arg;
	struct lhv_vm *vm = obj;

	lhv_irq_set(&vm->irqchip, line->irq, !!line->level, LHV_IRQ_SOURCE_USER);
	return 0;
}

/* KVM_IRQ_LINE_STATUS: also tells: > 0 delivered, 0 coalesced, < 0 masked. */
static long lhv_irq_line_and_status(void *obj, void *arg)
{
	struct kvm_irq_level *line = arg;
	struct lhv_vm *vm = obj;

	line->status = lhv_irq_line_status(&vm->irqchip, line->irq, !!line->level);
	return 0;
}

/*
 * KVM_SIGNAL_MSI: > 0 delivered, 0 coalesced, negative where nobody took it.
 * -EINVAL without irqchip or with flags: there are no device IDs.
 */
static long lhv_signal_msi(void *obj, void *arg)
{
	const struct kvm_msi *msi = arg;
	struct lhv_vm *vm = obj;

	if (!lhv_has_irqchip(vm) || msi->flags)
		return -EINVAL;
	return lhv_irq_msi(&vm->irqchip, (u64)msi->address_hi << 32 | msi->address_lo, msi->data);
}

/* KVM_GET_IRQCHIP: -ENXIO without irqchip, -EINVAL for an unknown chip. */
LHV_ACT(vm, get_irqchip, lhv_irqchip_get(&vm->irqchip, arg))
/* KVM_SET_IRQCHIP: the same. Its number says "read", but it goes in. */
LHV_ACT(vm, set_irqchip, lhv_irqchip_set(&vm->irqchip, arg))

/*
 * KVM_GET_PIT2, KVM_GET_PIT: -ENXIO without a PIT. The old form is the head of
 * the new one, and the dispatcher copies no more of it.
 */
LHV_ACT(vm, get_pit, lhv_pit_get(&vm->irqchip, arg))
static_assert(sizeof(struct kvm_pit_state) == offsetof(struct kvm_pit_state2, flags));

/* KVM_SET_PIT2, KVM_SET_PIT: -ENXIO without a PIT; the old form keeps flags. */
LHV_ACT(vm, set_pit2, lhv_pit_set(&vm->irqchip, arg))

static long lhv_set_pit(void *obj, void *arg)
{
	struct lhv_vm *vm = obj;
	struct kvm_pit_state2 full;
	int ret = lhv_pit_get(&vm->irqchip, &full);

	if (ret)
		return ret;
	memcpy(&full, arg, sizeof(struct kvm_pit_state));
	return lhv_pit_set(&vm->irqchip, &full);
}

/* KVM_REINJECT_CONTROL: -ENXIO without a PIT. */
LHV_ACT(vm, reinject_control,
	lhv_pit_reinject(&vm->irqchip, ((struct kvm_reinject_control *)arg)->pit_reinject))

/* ---- what other files of the folder do: their errors stand there ---- */

LHV_ACT(vm, coalesced_add, lhv_coalesced_change(vm, arg, true))
LHV_ACT(vm, coalesced_remove, lhv_coalesced_change(vm, arg, false))

LHV_ACT(vm, irqfd, lhv_irqfd(vm, arg))
LHV_ACT(vm, ioeventfd, lhv_ioeventfd(vm, arg))
LHV_ACT(vm, enable_cap, lhv_enable_cap(vm, arg))

/* KVM_GET_CLOCK, KVM_SET_CLOCK: -EINVAL for unknown flags. */
LHV_ACT(vm, get_clock, lhv_get_clock(vm, arg))
LHV_ACT(vm, set_clock, lhv_set_clock(vm, arg))

#define LOCKED	LHV_IOCTL_LOCKED

static struct lhv_ioctl lhv_vm_rows[] __ro_after_init = {
	LHV_IOCTL_RAW(KVM_CHECK_EXTENSION, 0, NULL, lhv_check_extension),
	LHV_IOCTL_RAW(KVM_CREATE_VCPU, LOCKED, NULL, lhv_create_vcpu),
	LHV_IOCTL(KVM_SET_USER_MEMORY_REGION, 0, NULL, lhv_vm_set_region),
	LHV_IOCTL_RAW(KVM_SET_TSS_ADDR, LOCKED, NULL, lhv_set_tss_addr),
	LHV_IOCTL(KVM_SET_IDENTITY_MAP_ADDR, LOCKED, NULL, lhv_vm_set_identity_map_addr),
	LHV_IOCTL_RAW(KVM_SET_BOOT_CPU_ID, LOCKED, lhv_vm_set_boot_cpu_check, lhv_set_boot_cpu),
	LHV_IOCTL(KVM_ENABLE_CAP, LOCKED, NULL, lhv_vm_enable_cap),
	LHV_IOCTL(KVM_GET_DIRTY_LOG, 0, NULL, lhv_get_dirty_log),
	LHV_IOCTL(KVM_CLEAR_DIRTY_LOG, 0, NULL, lhv_clear_dirty_log),
	LHV_IOCTL_RAW(KVM_CREATE_IRQCHIP, LOCKED, lhv_vm_create_irqchip_check, lhv_create_irqchip),
	LHV_IOCTL_RAW(KVM_CREATE_PIT, LOCKED, lhv_vm_create_pit_check, lhv_vm_create_pit),
	LHV_IOCTL(KVM_CREATE_PIT2, LOCKED, lhv_vm_create_pit_check, lhv_vm_create_pit2),
	LHV_IOCTL_RAW(KVM_SET_GSI_ROUTING, 0, NULL, lhv_set_gsi_routing),
	LHV_IOCTL(KVM_IRQ_LINE, 0, lhv_vm_needs_irqchip, lhv_irq_line),
	LHV_IOCTL(KVM_IRQ_LINE_STATUS, 0, lhv_vm_needs_irqchip, lhv_irq_line_and_status),
	LHV_IOCTL(KVM_SIGNAL_MSI, 0, NULL, lhv_signal_msi),
	LHV_IOCTL(KVM_GET_IRQCHIP, LOCKED, lhv_vm_needs_irqchip, lhv_vm_get_irqchip),
	LHV_IOCTL_IN(KVM_SET_IRQCHIP, struct kvm_irqchip, LOCKED, lhv_vm_needs_irqchip,
		     lhv_vm_set_irqchip),
	LHV_IOCTL(KVM_GET_PIT, LOCKED, lhv_vm_needs_pit, lhv_vm_get_pit),
	LHV_IOCTL_IN(KVM_SET_PIT, struct kvm_pit_state, LOCKED, lhv_vm_needs_pit, lhv_set_pit),
	LHV_IOCTL(KVM_GET_PIT2, LOCKED, lhv_vm_needs_pit, lhv_vm_get_pit),
	LHV_IOCTL(KVM_SET_PIT2, LOCKED, lhv_vm_needs_pit, lhv_vm_set_pit2),
	LHV_IOCTL_IN(KVM_REINJECT_CONTROL, struct kvm_reinject_control, LOCKED, lhv_vm_needs_pit,
		     lhv_vm_reinject_control),
	LHV_IOCTL(KVM_IRQFD, 0, NULL, lhv_vm_irqfd),
	LHV_IOCTL(KVM_IOEVENTFD, 0, NULL, lhv_vm_ioeventfd),
	LHV_IOCTL(KVM_REGISTER_COALESCED_MMIO, 0, NULL, lhv_vm_coalesced_add),
	LHV_IOCTL(KVM_UNREGISTER_COALESCED_MMIO, 0, NULL, lhv_vm_coalesced_remove),
	LHV_IOCTL(KVM_GET_CLOCK, 0, NULL, lhv_vm_get_clock),
	LHV_IOCTL(KVM_SET_CLOCK, 0, NULL, lhv_vm_set_clock),
};

struct lhv_ioctl_table lhv_vm_ioctls __ro_after_init = {
	.rows = lhv_vm_rows,
	.n = ARRAY_SIZE(lhv_vm_rows),
};
