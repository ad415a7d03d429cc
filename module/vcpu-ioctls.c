// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls of a vCPU's file descriptor, KVM_RUN apart (vcpu.c). Reached
 * through lhv_ioctl_dispatch(), all of them under lhv_vcpu.mutex: while KVM_RUN
 * runs they wait. The acts themselves are arch-x86/'s and say there what they
 * refuse; here are their arguments.
 */
#include <linux/kvm.h>
#include <linux/module.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "ioctl.h"
#include "module.h"

/* The largest list KVM_GET_MSRS and KVM_SET_MSRS take. */
#define LHV_MAX_MSRS	256
/* Lists up to this size need no allocation. */
#define LHV_SMALL_MSRS	32

/* KVM_NMI: any number of them before the guest takes one is one more. */
LHV_ACT(vcpu, nmi, lhv_nmi(vcpu))
/* KVM_KVMCLOCK_CTRL: -EINVAL where the guest has no kvmclock page. */
LHV_ACT(vcpu, kvmclock_ctrl, lhv_kvmclock_ctrl(vcpu))
/* KVM_X86_SETUP_MCE: -EINVAL for bits or banks that are not offered. */
LHV_ACT(vcpu, setup_mce, lhv_setup_mce(vcpu, *(u64 *)arg))
/* KVM_GET_TSC_KHZ: the frequency is the ioctl's result. */
LHV_ACT(vcpu, get_tsc_khz, vcpu->tsc_khz)
/* KVM_SET_TSC_KHZ: the host's frequency, or -EINVAL where nothing scales. */
LHV_ACT(vcpu, set_tsc_khz, (unsigned long)arg > U32_MAX ? -EINVAL :
	     lhv_set_tsc_khz(vcpu, (unsigned long)arg))

/* KVM_ENABLE_CAP: no capability is a vCPU's to switch on. */
static long lhv_vcpu_enable_cap(void *obj, void *arg)
{
	return -EINVAL;
}

/* ---- CPUID ---- */

/* Subleaves and flags of the old form are 0: it has none. */
static int lhv_cpuid_widen(struct kvm_cpuid_entry2 *to, const struct kvm_cpuid_entry __user *user)
{
	struct kvm_cpuid_entry from;

	if (copy_from_user(&from, user, sizeof(from)))
		return -EFAULT;
	*to = (struct kvm_cpuid_entry2) {
		.function = from.function,
		.eax = from.eax, .ebx = from.ebx, .ecx = from.ecx, .edx = from.edx,
	};
	return 0;
}

/* The head of both forms is the same: struct kvm_cpuid, struct kvm_cpuid2. */
static long lhv_cpuid_in(struct lhv_vcpu *vcpu, struct kvm_cpuid2 __user *user, bool old)
{
	struct kvm_cpuid __user *old_user = (void __user *)user;
	struct kvm_cpuid_entry2 *list __free(kfree) = NULL;
	struct kvm_cpuid2 head;
	u32 i;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.nent > LHV_MAX_CPUID_ENTRIES)
		return -E2BIG;
	list = kcalloc(head.nent, sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return -ENOMEM;
	BUILD_BUG_ON(sizeof(head) != sizeof(*old_user));
	if (!old && copy_from_user(list, user->entries, head.nent * sizeof(*list)))
		return -EFAULT;
	for (i = 0; old && i < head.nent; i++)
		if (lhv_cpuid_widen(&list[i], &old_user->entries[i]))
			return -EFAULT;
	return lhv_set_cpuid(vcpu, list, head.nent);
}

/*
 * KVM_SET_CPUID2, and KVM_SET_CPUID, the old form without subleaves: -E2BIG for
 * more than 256 entries, -EINVAL for what the vCPU cannot be once it has run.
 */
LHV_ACT(vcpu, set_cpuid2, lhv_cpuid_in(vcpu, lhv_ioctl_user(arg), false))
LHV_ACT(vcpu, set_cpuid, lhv_cpuid_in(vcpu, lhv_ioctl_user(arg), true))

/**
 * lhv_ioctl_get_cpuid() - KVM_GET_CPUID2, and on the device KVM_GET_SUPPORTED_CPUID
 * @obj: the vCPU, or NULL
 * @arg: struct kvm_cpuid2 of userspace
 *
 * More room than needed is fine, and nent tells how much was used.
 *
 * Context: process, may sleep; the vCPU's lock held.
 * Return: 0; -E2BIG where the list has no room, which is how clients find the
 * room it wants; -EFAULT, -ENOMEM.
 */
long lhv_ioctl_get_cpuid(void *obj, void *arg)
{
	struct kvm_cpuid2 __user *user = lhv_ioctl_user(arg);
	struct kvm_cpuid_entry2 *list __free(kfree) = NULL;
	struct kvm_cpuid2 head;
	long ret;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	head.nent = min_t(u32, head.nent, LHV_MAX_CPUID_ENTRIES);
	list = kcalloc(head.nent, sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return -ENOMEM;
	ret = obj ? lhv_get_cpuid(obj, list, &head.nent) : lhv_supported_cpuid(list, &head.nent);
	if (!ret && (copy_to_user(user, &head, sizeof(head)) ||
		     copy_to_user(user->entries, list, head.nent * sizeof(*list))))
		ret = -EFAULT;
	return ret;
}

/* ---- MSRs ---- */

static int lhv_access_msr(struct lhv_vcpu *vcpu, struct kvm_msr_entry *e, bool write)
{
	if (!vcpu)
		return lhv_get_feature_msr(e->index, &e->data);
	return write ? lhv_set_msr(vcpu, e->index, e->data, true) :
		       lhv_get_msr(vcpu, e->index, &e->data, true);
}

/* How many it took: the first that is unknown or refused ends it. */
static u32 lhv_access_msrs(struct lhv_vcpu *vcpu, struct kvm_msr_entry *e, u32 n, bool write)
{
	u32 i;

	if (vcpu)
		lhv_vcpu_load(vcpu);
	for (i = 0; i < n && !lhv_access_msr(vcpu, &e[i], write); i++)
		;
	if (vcpu)
		lhv_vcpu_put(vcpu);
	return i;
}

static long lhv_msrs(struct lhv_vcpu *vcpu, struct kvm_msrs __user *user, bool write)
{
	struct kvm_msr_entry small[LHV_SMALL_MSRS] __uninitialized, *list;
	struct kvm_msr_entry *large __free(kfree) = NULL;
	struct kvm_msrs head;
	long done;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.nmsrs >= LHV_MAX_MSRS)
		return -E2BIG;
	if (head.nmsrs > LHV_SMALL_MSRS)
		large = kmalloc_array(head.nmsrs, sizeof(*large), GFP_KERNEL_ACCOUNT);
	list = head.nmsrs > LHV_SMALL_MSRS ? large : small;
	if (!list)
		return -ENOMEM;
	if (copy_from_user(list, user->entries, head.nmsrs * sizeof(*list)))
		return -EFAULT;
	done = lhv_access_msrs(vcpu, list, head.nmsrs, write);
	if (!write && copy_to_user(user->entries, list, done * sizeof(*list)))
		return -EFAULT;
	return done;
}

/**
 * lhv_ioctl_get_msrs() - KVM_GET_MSRS: a vCPU's, or on the device feature MSRs
 * @obj: the vCPU, or NULL
 * @arg: struct kvm_msrs of userspace
 *
 * Context: process, may sleep; the vCPU's lock held.
 * Return: how many were read; -E2BIG for KVM's limit of 256 or more, -EFAULT,
 * -ENOMEM.
 */
long lhv_ioctl_get_msrs(void *obj, void *arg)
{
	return lhv_msrs(obj, lhv_ioctl_user(arg), false);
}

/* KVM_SET_MSRS: how many were written; the rest as above. */
LHV_ACT(vcpu, set_msrs, lhv_msrs(vcpu, lhv_ioctl_user(arg), true))

/* ---- XSAVE ---- */

/*
 * Only what the area has is copied, the rest is zeros: the interface's 4 KiB
 * are mostly that.
 */
static long lhv_xsave_out(struct lhv_vcpu *vcpu, void __user *user, u32 size)
{
	void *area = kmalloc(vcpu->fpu_size, GFP_KERNEL_ACCOUNT);
	long ret;

	if (!area)
		return -ENOMEM;
	/* fills all of it */
	ret = lhv_get_xsave(vcpu, area, vcpu->fpu_size);
	if (!ret && (copy_to_user(user, area, vcpu->fpu_size) ||
		     clear_user(user + vcpu->fpu_size, size - vcpu->fpu_size)))
		ret = -EFAULT;
	kfree(area);
	return ret;
}

/* KVM_GET_XSAVE: -EINVAL where the state does not fit KVM's fixed 4 KiB. */
LHV_ACT(vcpu, get_xsave, lhv_xsave_size() > sizeof(struct kvm_xsave) ? -EINVAL :
	     lhv_xsave_out(vcpu, lhv_ioctl_user(arg), sizeof(struct kvm_xsave)))
/* KVM_GET_XSAVE2: as much as KVM_CAP_XSAVE2 says. */
LHV_ACT(vcpu, get_xsave2, lhv_xsave_out(vcpu, lhv_ioctl_user(arg), lhv_xsave_size()))

/* KVM_SET_XSAVE: as much too; -EINVAL for state that the vCPU may not have. */
static long lhv_vcpu_set_xsave(void *obj, void *arg)
{
	void *area __free(kfree) = NULL;
	struct lhv_vcpu *vcpu = obj;

	area = memdup_user(lhv_ioctl_user(arg), vcpu->fpu_size);
	return IS_ERR(area) ? PTR_ERR(area) : lhv_set_xsave(vcpu, area);
}

/* ---- signals ---- */

/*
 * KVM_SET_SIGNAL_MASK: the mask that replaces the thread's inside KVM_RUN; NULL
 * ends that. -EINVAL unless the set has the kernel's size.
 */
static long lhv_vcpu_set_signal_mask(void *obj, void *arg)
{
	struct kvm_signal_mask __user *user = lhv_ioctl_user(arg);
	struct lhv_vcpu *vcpu = obj;
	sigset_t set;
	u32 len;

	if (!arg) {
		vcpu->sigset_active = false;
		return 0;
	}
	if (get_user(len, &user->len))
		return -EFAULT;
	if (len != sizeof(set))
		return -EINVAL;
	if (copy_from_user(&set, user->sigset, sizeof(set)))
		return -EFAULT;
	sigdelsetmask(&set, sigmask(SIGKILL) | sigmask(SIGSTOP));
	vcpu->sigset = set;
	vcpu->sigset_active = true;
	return 0;
}

/* Those whose argument is one structure that arch-x86/ takes as it is. */
#define LHV_VCPU_PLAIN(X)						\
	X(KVM_GET_REGS, get_regs)					\
	X(KVM_SET_REGS, set_regs)					\
	X(KVM_GET_SREGS, get_sregs)					\
	X(KVM_SET_SREGS, set_sregs)					\
	X(KVM_GET_SREGS2, get_sregs2)					\
	X(KVM_SET_SREGS2, set_sregs2)					\
	X(KVM_GET_DEBUGREGS, get_debugregs)				\
	X(KVM_SET_DEBUGREGS, set_debugregs)				\
	X(KVM_SET_GUEST_DEBUG, set_guest_debug)				\
	X(KVM_GET_VCPU_EVENTS, get_vcpu_events)				\
	X(KVM_SET_VCPU_EVENTS, set_vcpu_events)				\
	X(KVM_GET_MP_STATE, get_mp_state)				\
	X(KVM_SET_MP_STATE, set_mp_state)				\
	X(KVM_GET_LAPIC, get_lapic)					\
	X(KVM_SET_LAPIC, set_lapic)					\
	X(KVM_GET_FPU, get_fpu)						\
	X(KVM_SET_FPU, set_fpu)						\
	X(KVM_GET_XCRS, get_xcrs)					\
	X(KVM_SET_XCRS, set_xcrs)					\
	X(KVM_INTERRUPT, interrupt)					\
	X(KVM_TRANSLATE, translate)					\
	X(KVM_TPR_ACCESS_REPORTING, set_tpr_access)			\
	X(KVM_SET_VAPIC_ADDR, set_vapic_addr)				\
	X(KVM_X86_SET_MCE, set_mce)

#define LHV_PLAIN_ACT(number, name)	LHV_ACT(vcpu, name, lhv_##name(vcpu, arg))
LHV_VCPU_PLAIN(LHV_PLAIN_ACT)

#define LOCKED	LHV_IOCTL_LOCKED
#define FIXED(number, name)	LHV_IOCTL(number, LOCKED, NULL, lhv_vcpu_##name)
#define RAW(number, name)	LHV_IOCTL_RAW(number, LOCKED, NULL, lhv_vcpu_##name)
#define PLAIN(number, name)	FIXED(number, name),

static struct lhv_ioctl lhv_vcpu_rows[] __ro_after_init = {
	LHV_VCPU_PLAIN(PLAIN)
	FIXED(KVM_X86_SETUP_MCE, setup_mce),
	FIXED(KVM_ENABLE_CAP, enable_cap),
	RAW(KVM_GET_XSAVE, get_xsave),
	RAW(KVM_GET_XSAVE2, get_xsave2),
	RAW(KVM_SET_XSAVE, set_xsave),
	RAW(KVM_SET_CPUID, set_cpuid),
	RAW(KVM_SET_CPUID2, set_cpuid2),
	LHV_IOCTL_RAW(KVM_GET_CPUID2, LOCKED, NULL, lhv_ioctl_get_cpuid),
	LHV_IOCTL_RAW(KVM_GET_MSRS, LOCKED, NULL, lhv_ioctl_get_msrs),
	RAW(KVM_SET_MSRS, set_msrs),
	RAW(KVM_SET_SIGNAL_MASK, set_signal_mask),
	RAW(KVM_NMI, nmi),
	RAW(KVM_GET_TSC_KHZ, get_tsc_khz),
	RAW(KVM_SET_TSC_KHZ, set_tsc_khz),
	RAW(KVM_KVMCLOCK_CTRL, kvmclock_ctrl),
};

struct lhv_ioctl_table lhv_vcpu_ioctls __ro_after_init = {
	.rows = lhv_vcpu_rows,
	.n = ARRAY_SIZE(lhv_vcpu_rows),
};
