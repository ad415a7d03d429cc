// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls of the device nodes. Reached through lhv_ioctl_dispatch() with no
 * object; they need no lock and change nothing but what they create.
 */
#include <linux/kvm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "ioctl.h"
#include "module.h"

/* KVM_CREATE_VM: one kind of VM only, type 0; -EINVAL for others. */
static int lhv_create_vm_check(void *obj, const void *arg)
{
	return arg ? -EINVAL : 0;
}

/* -ENOMEM, -EMFILE, or -EBUSY where another hypervisor has the processor. */
static long lhv_create_vm(void *obj, void *arg)
{
	return lhv_vm_create();
}

/* KVM_CHECK_EXTENSION: 0 for what is not there, however odd the number. */
static long lhv_system_check_extension(void *obj, void *arg)
{
	return lhv_check_extension(NULL, (unsigned long)arg);
}

/* KVM_GET_VCPU_MMAP_SIZE, argument 0. */
static long lhv_get_vcpu_mmap_size(void *obj, void *arg)
{
	return LHV_MAP_PAGES * PAGE_SIZE;
}

/*
 * KVM_GET_SUPPORTED_CPUID: -E2BIG where the list has no room, which is how
 * clients find the room it wants; more room than needed is fine, and nent tells
 * how much was used.
 */
static long lhv_get_supported_cpuid(void *obj, void *arg)
{
	struct kvm_cpuid2 __user *user = lhv_ioctl_user(arg);
	struct kvm_cpuid_entry2 *list;
	struct kvm_cpuid2 head;
	long ret;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (!head.nent)
		return -E2BIG;
	head.nent = min_t(u32, head.nent, LHV_MAX_CPUID_ENTRIES);

	list = kvcalloc(head.nent, sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return -ENOMEM;
	ret = lhv_supported_cpuid(list, &head.nent);
	if (!ret && (copy_to_user(user, &head, sizeof(head)) ||
		     copy_to_user(user->entries, list,
				  head.nent * sizeof(*list))))
		ret = -EFAULT;
	kvfree(list);
	return ret;
}

/*
 * Both lists of MSR numbers: nmsrs goes back in any case, and -E2BIG where it
 * was too small for the list.
 */
static long lhv_get_msr_list(void __user *arg, const u32 *list, u32 n)
{
	struct kvm_msr_list __user *user = arg;
	struct kvm_msr_list head;
	u32 room;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	room = head.nmsrs;
	head.nmsrs = n;
	if (copy_to_user(user, &head, sizeof(head)))
		return -EFAULT;
	if (room < n)
		return -E2BIG;
	return copy_to_user(user->indices, list, n * sizeof(*list)) ? -EFAULT : 0;
}

/* KVM_GET_MSR_INDEX_LIST: the MSRs that make a vCPU's state. */
static long lhv_get_msr_index_list(void *obj, void *arg)
{
	u32 n;
	const u32 *list = lhv_msr_index_list(&n);

	return lhv_get_msr_list(lhv_ioctl_user(arg), list, n);
}

/* KVM_GET_MSR_FEATURE_INDEX_LIST: what KVM_GET_MSRS answers on the device. */
static long lhv_get_msr_feature_index_list(void *obj, void *arg)
{
	u32 n;
	const u32 *list = lhv_msr_feature_list(&n);

	return lhv_get_msr_list(lhv_ioctl_user(arg), list, n);
}

static u32 lhv_read_feature_msrs(void *obj, struct kvm_msr_entry *e, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		u64 data;

		if (lhv_get_feature_msr(e[i].index, &data))
			break;
		e[i].data = data;
	}
	return i;
}

/*
 * KVM_GET_MSRS on the device: the feature MSRs. Returns how many were read: the
 * first one that is not a feature MSR ends it.
 */
static long lhv_system_get_msrs(void *obj, void *arg)
{
	return lhv_ioctl_msrs(lhv_ioctl_user(arg), obj, true,
			      lhv_read_feature_msrs);
}

/* KVM_X86_GET_MCE_CAP_SUPPORTED: MCG_CAP bits that KVM_X86_SETUP_MCE takes. */
static long lhv_get_mce_cap(void *obj, void *arg)
{
	*(u64 *)arg = lhv_supported_mce_cap();
	return 0;
}

static struct lhv_ioctl lhv_system_rows[] __ro_after_init = {
	LHV_IOCTL_RAW(KVM_CREATE_VM, 0, lhv_create_vm_check, lhv_create_vm),
	LHV_IOCTL_RAW(KVM_CHECK_EXTENSION, 0, NULL, lhv_system_check_extension),
	LHV_IOCTL_RAW(KVM_GET_VCPU_MMAP_SIZE, 0, lhv_ioctl_no_arg,
		      lhv_get_vcpu_mmap_size),
	LHV_IOCTL_RAW(KVM_GET_SUPPORTED_CPUID, 0, NULL, lhv_get_supported_cpuid),
	LHV_IOCTL_RAW(KVM_GET_MSR_INDEX_LIST, 0, NULL, lhv_get_msr_index_list),
	LHV_IOCTL_RAW(KVM_GET_MSR_FEATURE_INDEX_LIST, 0, NULL,
		      lhv_get_msr_feature_index_list),
	LHV_IOCTL_RAW(KVM_GET_MSRS, 0, NULL, lhv_system_get_msrs),
	LHV_IOCTL(KVM_X86_GET_MCE_CAP_SUPPORTED, 0, NULL, lhv_get_mce_cap),
};

struct lhv_ioctl_table lhv_system_ioctls __ro_after_init = {
	.rows = lhv_system_rows,
	.n = ARRAY_SIZE(lhv_system_rows),
};
