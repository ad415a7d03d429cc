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

/* Those whose argument is one structure that arch-x86/ takes as it is. */
#define LHV_VCPU_ACT(name)						\
static long lhv_act_##name(void *obj, void *arg)			\
{									\
	return lhv_##name(obj, arg);					\
}

LHV_VCPU_ACT(get_regs)
LHV_VCPU_ACT(set_regs)
LHV_VCPU_ACT(get_sregs)
LHV_VCPU_ACT(set_sregs)
LHV_VCPU_ACT(get_sregs2)
LHV_VCPU_ACT(set_sregs2)
LHV_VCPU_ACT(get_debugregs)
LHV_VCPU_ACT(set_debugregs)
LHV_VCPU_ACT(get_vcpu_events)
LHV_VCPU_ACT(set_vcpu_events)
LHV_VCPU_ACT(get_mp_state)
LHV_VCPU_ACT(set_mp_state)
LHV_VCPU_ACT(get_lapic)
LHV_VCPU_ACT(set_lapic)
LHV_VCPU_ACT(get_fpu)
LHV_VCPU_ACT(set_fpu)
LHV_VCPU_ACT(get_xcrs)
LHV_VCPU_ACT(set_xcrs)
LHV_VCPU_ACT(interrupt)
LHV_VCPU_ACT(translate)
LHV_VCPU_ACT(set_tpr_access)
LHV_VCPU_ACT(set_vapic_addr)
LHV_VCPU_ACT(set_mce)

/* KVM_NMI: any number of them before the guest takes one is one more. */
static long lhv_act_nmi(void *obj, void *arg)
{
	return lhv_nmi(obj);
}

/* KVM_KVMCLOCK_CTRL: -EINVAL where the guest has no kvmclock page. */
static long lhv_act_kvmclock_ctrl(void *obj, void *arg)
{
	return lhv_kvmclock_ctrl(obj);
}

/* KVM_X86_SETUP_MCE: -EINVAL for bits or banks that are not offered. */
static long lhv_act_setup_mce(void *obj, void *arg)
{
	return lhv_setup_mce(obj, *(u64 *)arg);
}

/* KVM_GET_TSC_KHZ: the frequency is the ioctl's result. */
static long lhv_act_get_tsc_khz(void *obj, void *arg)
{
	struct lhv_vcpu *vcpu = obj;

	return vcpu->tsc_khz;
}

/* KVM_SET_TSC_KHZ: the host's frequency, or -EINVAL where nothing scales. */
static int lhv_set_tsc_khz_check(void *obj, const void *arg)
{
	return (unsigned long)arg > U32_MAX ? -EINVAL : 0;
}

static long lhv_act_set_tsc_khz(void *obj, void *arg)
{
	return lhv_set_tsc_khz(obj, (unsigned long)arg);
}

/* KVM_ENABLE_CAP: no capability is a vCPU's to switch on. */
static long lhv_act_enable_cap(void *obj, void *arg)
{
	return -EINVAL;
}

/* ---- CPUID ---- */

/*
 * KVM_SET_CPUID2: -E2BIG for more than 256 entries, -EINVAL for what the vCPU
 * cannot be once it has run.
 */
static long lhv_act_set_cpuid2(void *obj, void *arg)
{
	struct kvm_cpuid2 __user *user = lhv_ioctl_user(arg);
	struct kvm_cpuid_entry2 *list = NULL;
	struct kvm_cpuid2 head;
	int ret;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.nent > LHV_MAX_CPUID_ENTRIES)
		return -E2BIG;
	if (head.nent) {
		list = lhv_ioctl_list(user->entries, head.nent, sizeof(*list));
		if (IS_ERR(list))
			return PTR_ERR(list);
	}
	ret = lhv_set_cpuid(obj, list, head.nent);
	kvfree(list);
	return ret;
}

static void lhv_cpuid_widen(struct kvm_cpuid_entry2 *to,
			    const struct kvm_cpuid_entry *from, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		to[i].function = from[i].function;
		to[i].eax = from[i].eax;
		to[i].ebx = from[i].ebx;
		to[i].ecx = from[i].ecx;
		to[i].edx = from[i].edx;
	}
}

/* KVM_SET_CPUID, the old form without subleaves: the same errors. */
static long lhv_act_set_cpuid(void *obj, void *arg)
{
	struct kvm_cpuid __user *user = lhv_ioctl_user(arg);
	struct kvm_cpuid_entry2 *list;
	struct kvm_cpuid_entry *old;
	struct kvm_cpuid head;
	int ret = -ENOMEM;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.nent > LHV_MAX_CPUID_ENTRIES)
		return -E2BIG;
	if (!head.nent)
		return lhv_set_cpuid(obj, NULL, 0);

	old = lhv_ioctl_list(user->entries, head.nent, sizeof(*old));
	if (IS_ERR(old))
		return PTR_ERR(old);
	list = kvcalloc(head.nent, sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (list) {
		lhv_cpuid_widen(list, old, head.nent);
		ret = lhv_set_cpuid(obj, list, head.nent);
	}
	kvfree(list);
	kvfree(old);
	return ret;
}

/* KVM_GET_CPUID2: -E2BIG where the list has no room; nent goes back. */
static long lhv_act_get_cpuid2(void *obj, void *arg)
{
	struct kvm_cpuid2 __user *user = lhv_ioctl_user(arg);
	struct kvm_cpuid_entry2 *list;
	struct kvm_cpuid2 head;
	long ret;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	head.nent = min_t(u32, head.nent, LHV_MAX_CPUID_ENTRIES);
	list = kvcalloc(max(head.nent, 1u), sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return -ENOMEM;
	ret = lhv_get_cpuid(obj, list, &head.nent);
	if (!ret && (copy_to_user(user, &head, sizeof(head)) ||
		     copy_to_user(user->entries, list,
				  head.nent * sizeof(*list))))
		ret = -EFAULT;
	kvfree(list);
	return ret;
}

/* ---- MSRs ---- */

static u32 lhv_read_msrs(void *obj, struct kvm_msr_entry *e, u32 n)
{
	struct lhv_vcpu *vcpu = obj;
	u32 i;

	lhv_vcpu_load(vcpu);
	for (i = 0; i < n; i++) {
		u64 data;

		if (lhv_get_msr(vcpu, e[i].index, &data, true))
			break;
		e[i].data = data;
	}
	lhv_vcpu_put(vcpu);
	return i;
}

/* KVM_GET_MSRS: how many were read; the first that is unknown ends it. */
static long lhv_act_get_msrs(void *obj, void *arg)
{
	return lhv_ioctl_msrs(lhv_ioctl_user(arg), obj, true, lhv_read_msrs);
}

static u32 lhv_write_msrs(void *obj, struct kvm_msr_entry *e, u32 n)
{
	struct lhv_vcpu *vcpu = obj;
	u32 i;

	lhv_vcpu_load(vcpu);
	for (i = 0; i < n; i++)
		if (lhv_set_msr(vcpu, e[i].index, e[i].data, true))
			break;
	lhv_vcpu_put(vcpu);
	return i;
}

/* KVM_SET_MSRS: how many were written; the first that is refused ends it. */
static long lhv_act_set_msrs(void *obj, void *arg)
{
	return lhv_ioctl_msrs(lhv_ioctl_user(arg), obj, false, lhv_write_msrs);
}

/* ---- XSAVE ---- */

/* KVM_GET_XSAVE: -EINVAL where the state does not fit KVM's fixed 4 KiB. */
static int lhv_get_xsave_check(void *obj, const void *arg)
{
	return lhv_xsave_size() > sizeof(struct kvm_xsave) ? -EINVAL : 0;
}

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

static long lhv_act_get_xsave(void *obj, void *arg)
{
	return lhv_xsave_out(obj, lhv_ioctl_user(arg), sizeof(struct kvm_xsave));
}

/* KVM_GET_XSAVE2: as much as KVM_CAP_XSAVE2 says. */
static long lhv_act_get_xsave2(void *obj, void *arg)
{
	return lhv_xsave_out(obj, lhv_ioctl_user(arg), lhv_xsave_size());
}

/* KVM_SET_XSAVE: as much too; -EINVAL for state that the vCPU may not have. */
static long lhv_act_set_xsave(void *obj, void *arg)
{
	struct lhv_vcpu *vcpu = obj;
	void *area = memdup_user(lhv_ioctl_user(arg), vcpu->fpu_size);
	long ret;

	if (IS_ERR(area))
		return PTR_ERR(area);
	ret = lhv_set_xsave(vcpu, area);
	kfree(area);
	return ret;
}

/* ---- signals ---- */

/*
 * KVM_SET_SIGNAL_MASK: the mask that replaces the thread's inside KVM_RUN; NULL
 * ends that. -EINVAL unless the set has the kernel's size.
 */
static long lhv_act_set_signal_mask(void *obj, void *arg)
{
	struct kvm_signal_mask __user *user = lhv_ioctl_user(arg);
	struct lhv_vcpu *vcpu = obj;
	struct kvm_signal_mask head;
	sigset_t set;

	if (!arg) {
		vcpu->sigset_active = false;
		return 0;
	}
	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.len != sizeof(set))
		return -EINVAL;
	if (copy_from_user(&set, user->sigset, sizeof(set)))
		return -EFAULT;
	sigdelsetmask(&set, sigmask(SIGKILL) | sigmask(SIGSTOP));
	vcpu->sigset = set;
	vcpu->sigset_active = true;
	return 0;
}

#define LOCKED	LHV_IOCTL_LOCKED
#define FIXED(number, act)	LHV_IOCTL(number, LOCKED, NULL, lhv_act_##act)
#define RAW(number, act)	LHV_IOCTL_RAW(number, LOCKED, NULL, lhv_act_##act)

static struct lhv_ioctl lhv_vcpu_rows[] __ro_after_init = {
	FIXED(KVM_GET_REGS, get_regs),
	FIXED(KVM_SET_REGS, set_regs),
	FIXED(KVM_GET_SREGS, get_sregs),
	FIXED(KVM_SET_SREGS, set_sregs),
	FIXED(KVM_GET_SREGS2, get_sregs2),
	FIXED(KVM_SET_SREGS2, set_sregs2),
	FIXED(KVM_GET_DEBUGREGS, get_debugregs),
	FIXED(KVM_SET_DEBUGREGS, set_debugregs),
	FIXED(KVM_GET_VCPU_EVENTS, get_vcpu_events),
	FIXED(KVM_SET_VCPU_EVENTS, set_vcpu_events),
	FIXED(KVM_GET_MP_STATE, get_mp_state),
	FIXED(KVM_SET_MP_STATE, set_mp_state),
	FIXED(KVM_GET_LAPIC, get_lapic),
	FIXED(KVM_SET_LAPIC, set_lapic),
	FIXED(KVM_GET_FPU, get_fpu),
	FIXED(KVM_SET_FPU, set_fpu),
	FIXED(KVM_GET_XCRS, get_xcrs),
	FIXED(KVM_SET_XCRS, set_xcrs),
	LHV_IOCTL_RAW(KVM_GET_XSAVE, LOCKED, lhv_get_xsave_check, lhv_act_get_xsave),
	RAW(KVM_GET_XSAVE2, get_xsave2),
	RAW(KVM_SET_XSAVE, set_xsave),
	RAW(KVM_SET_CPUID, set_cpuid),
	RAW(KVM_SET_CPUID2, set_cpuid2),
	RAW(KVM_GET_CPUID2, get_cpuid2),
	RAW(KVM_GET_MSRS, get_msrs),
	RAW(KVM_SET_MSRS, set_msrs),
	RAW(KVM_SET_SIGNAL_MASK, set_signal_mask),
	RAW(KVM_NMI, nmi),
	FIXED(KVM_INTERRUPT, interrupt),
	FIXED(KVM_TRANSLATE, translate),
	FIXED(KVM_TPR_ACCESS_REPORTING, set_tpr_access),
	FIXED(KVM_SET_VAPIC_ADDR, set_vapic_addr),
	FIXED(KVM_X86_SETUP_MCE, setup_mce),
	FIXED(KVM_X86_SET_MCE, set_mce),
	RAW(KVM_GET_TSC_KHZ, get_tsc_khz),
	LHV_IOCTL_RAW(KVM_SET_TSC_KHZ, LOCKED, lhv_set_tsc_khz_check,
		      lhv_act_set_tsc_khz),
	RAW(KVM_KVMCLOCK_CTRL, kvmclock_ctrl),
	FIXED(KVM_ENABLE_CAP, enable_cap),
};

struct lhv_ioctl_table lhv_vcpu_ioctls __ro_after_init = {
	.rows = lhv_vcpu_rows,
	.n = ARRAY_SIZE(lhv_vcpu_rows),
};
