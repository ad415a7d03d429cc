// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls of the device nodes. Reached through lhv_ioctl_dispatch() with no
 * object; they need no lock and change nothing but what they create.
 */
#include <linux/kvm.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "ioctl.h"
#include "module.h"

/* KVM_GET_VCPU_MMAP_SIZE, argument 0. */
static long lhv_get_vcpu_mmap_size(void *obj, void *arg)
{
	return LHV_MAP_PAGES * PAGE_SIZE;
}

/*
 * Both lists of MSR numbers: nmsrs goes back in any case, and -E2BIG where it
 * was too small for the list.
 */
static long lhv_get_msr_list(void *arg, const u32 *(*list_of)(u32 *n))
{
	struct kvm_msr_list __user *user = lhv_ioctl_user(arg);
	u32 n, room;
	const u32 *list = list_of(&n);

	if (get_user(room, &user->nmsrs) || put_user(n, &user->nmsrs))
		return -EFAULT;
	if (room < n)
		return -E2BIG;
	return copy_to_user(user->indices, list, n * sizeof(*list)) ? -EFAULT : 0;
}

/* KVM_GET_MSR_INDEX_LIST: the MSRs that make a vCPU's state. */
static long lhv_get_msr_index_list(void *obj, void *arg)
{
	return lhv_get_msr_list(arg, lhv_msr_index_list);
}

/* KVM_GET_MSR_FEATURE_INDEX_LIST: what KVM_GET_MSRS answers on the device. */
static long lhv_get_msr_feature_index_list(void *obj, void *arg)
{
	return lhv_get_msr_list(arg, lhv_msr_feature_list);
}

/* KVM_X86_GET_MCE_CAP_SUPPORTED: MCG_CAP bits that KVM_X86_SETUP_MCE takes. */
static long lhv_get_mce_cap(void *obj, void *arg)
{
	*(u64 *)arg = lhv_supported_mce_cap();
	return 0;
}

static struct lhv_ioctl lhv_system_rows[] __ro_after_init = {
	LHV_IOCTL_RAW(KVM_CREATE_VM, 0, lhv_ioctl_no_arg, lhv_vm_create),
	LHV_IOCTL_RAW(KVM_CHECK_EXTENSION, 0, NULL, lhv_check_extension),
	LHV_IOCTL_RAW(KVM_GET_VCPU_MMAP_SIZE, 0, lhv_ioctl_no_arg, lhv_get_vcpu_mmap_size),
	LHV_IOCTL_RAW(KVM_GET_SUPPORTED_CPUID, 0, NULL, lhv_ioctl_get_cpuid),
	LHV_IOCTL_RAW(KVM_GET_MSR_INDEX_LIST, 0, NULL, lhv_get_msr_index_list),
	LHV_IOCTL_RAW(KVM_GET_MSR_FEATURE_INDEX_LIST, 0, NULL, lhv_get_msr_feature_index_list),
	LHV_IOCTL_RAW(KVM_GET_MSRS, 0, NULL, lhv_ioctl_get_msrs),
	LHV_IOCTL(KVM_X86_GET_MCE_CAP_SUPPORTED, 0, NULL, lhv_get_mce_cap),
};

struct lhv_ioctl_table lhv_system_ioctls __ro_after_init = {
	.rows = lhv_system_rows,
	.n = ARRAY_SIZE(lhv_system_rows),
};
