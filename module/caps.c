// SPDX-License-Identifier: GPL-2.0
/*
 * What KVM_CHECK_EXTENSION answers, as a table, and KVM_ENABLE_CAP switches on.
 * Called by the device's and the VM's ioctls. A capability stands here when
 * everything that clients conclude from it works, and not before.
 */
#include <linux/cpumask.h>
#include <linux/kvm.h>
#include <linux/module.h>
#include <asm/cpufeature.h>

#include "module.h"
#include "../uapi/lhv.h"

#define LHV_DIRTY_LOG_OPTIONS	\
	(KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE | KVM_DIRTY_LOG_INITIALLY_SET)

static u32 lhv_cap_nr_vcpus(void)
{
	return min_t(u32, num_online_cpus(), LHV_MAX_VCPUS);
}

static u32 lhv_cap_xcrs(void)
{
	return boot_cpu_has(X86_FEATURE_XSAVE);
}

#define YES(cap)		{ KVM_CAP_##cap, 1, NULL }
#define NUMBER(cap, answer)	{ KVM_CAP_##cap, answer, NULL }
#define COMPUTED(cap, fn)	{ KVM_CAP_##cap, 0, fn }

static const struct {
	unsigned int nr;
	int answer;
	u32 (*compute)(void);		/* where the answer depends on the host */
} lhv_caps[] = {
	/* processors */
	YES(EXT_CPUID),
	YES(HLT),
	YES(MP_STATE),
	YES(VCPU_EVENTS),
	YES(INTR_SHADOW),
	YES(DEBUGREGS),
	YES(SET_GUEST_DEBUG),
	NUMBER(SET_GUEST_DEBUG2, LHV_GUEST_DEBUG_FLAGS),
	YES(X86_ROBUST_SINGLESTEP),
	YES(XSAVE),
	COMPUTED(XCRS, lhv_cap_xcrs),
	COMPUTED(XSAVE2, lhv_xsave_size),
	YES(SREGS2),
	YES(USER_NMI),
	YES(GET_MSR_FEATURES),
	YES(IMMEDIATE_EXIT),
	YES(INTERNAL_ERROR_DATA),
	NUMBER(MCE, LHV_MCE_BANKS),
	COMPUTED(NR_VCPUS, lhv_cap_nr_vcpus),
	NUMBER(MAX_VCPUS, LHV_MAX_VCPUS),
	NUMBER(MAX_VCPU_ID, LHV_MAX_VCPU_ID + 1),
	YES(SET_BOOT_CPU_ID),
	/* accepted; hardware with unrestricted guest has no use for them */
	YES(SET_TSS_ADDR),
	YES(SET_IDENTITY_MAP_ADDR),
	/* time */
	YES(CLOCKSOURCE),
	COMPUTED(ADJUST_CLOCK, lhv_clock_flags),
	YES(KVMCLOCK_CTRL),
	YES(GET_TSC_KHZ),
	YES(TSC_DEADLINE_TIMER),
	/* memory */
	YES(USER_MEMORY),
	YES(DESTROY_MEMORY_REGION_WORKS),
	YES(JOIN_MEMORY_REGIONS_WORKS),
	NUMBER(NR_MEMSLOTS, LHV_MAX_SLOTS),
	YES(SYNC_MMU),
	YES(READONLY_MEM),
	NUMBER(MANUAL_DIRTY_LOG_PROTECT2, LHV_DIRTY_LOG_OPTIONS),
	/* interrupts */
	YES(IRQCHIP),
	YES(PIT),
	YES(PIT2),
	YES(PIT_STATE2),
	YES(REINJECT_CONTROL),
	YES(IRQ_INJECT_STATUS),
	NUMBER(IRQ_ROUTING, LHV_MAX_GSI),
	YES(SPLIT_IRQCHIP),
	YES(SIGNAL_MSI),
	YES(IRQFD),
	YES(IRQFD_RESAMPLE),
	/* the I/O bus */
	YES(IOEVENTFD),
	YES(IOEVENTFD_NO_LENGTH),
	YES(IOEVENTFD_ANY_LENGTH),
	NUMBER(COALESCED_MMIO, LHV_MAP_RING),
	YES(COALESCED_PIO),
	/* the interface itself */
	YES(CHECK_EXTENSION_VM),
	YES(ENABLE_CAP_VM),
	{ LHV_CAP_VERSION, LHV_VERSION, NULL },
};

/**
 * lhv_check_extension() - KVM_CHECK_EXTENSION
 * @obj: the VM, or NULL on the device; no answer depends on it so far
 * @arg: the capability, any number
 *
 * Context: any process.
 * Return: 0 for what is not there, else what KVM's documentation gives for it.
 */
long lhv_check_extension(void *obj, void *arg)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lhv_caps); i++)
		if (lhv_caps[i].nr == (unsigned long)arg)
			return lhv_caps[i].compute ? lhv_caps[i].compute() : lhv_caps[i].answer;
	return 0;
}

/* ---- KVM_ENABLE_CAP ---- */

static int lhv_enable_dirty_manual(struct lhv_vm *vm, const struct kvm_enable_cap *cap)
{
	u64 allowed = KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE;

	/* INITIALLY_SET means something only together with ENABLE */
	if (cap->args[0] & KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE)
		allowed = LHV_DIRTY_LOG_OPTIONS;
	if (cap->args[0] & ~allowed)
		return -EINVAL;
	lhv_mmu_set_dirty_manual(&vm->mmu, cap->args[0]);
	return 0;
}

/* Local APICs come with their vCPUs, so before the first of them. */
static int lhv_enable_split_irqchip(struct lhv_vm *vm, const struct kvm_enable_cap *cap)
{
	int ret;

	if (vm->nr_vcpus && cap->args[0] <= LHV_MAX_GSI)
		return -EEXIST;
	ret = lhv_irqchip_create_split(&vm->irqchip, cap->args[0]);
	if (!ret)
		/* as in lhv_create_irqchip() */
		smp_store_release(&vm->has_irqchip, true);
	return ret;
}

/**
 * lhv_enable_cap() - KVM_ENABLE_CAP on a VM
 * @vm: the VM
 * @cap: the argument, copied
 *
 * Context: process, lhv_vm.lock held.
 * Return: 0; -EINVAL for a capability that cannot be switched on, for flags, for
 * arguments that it does not know; what the capability itself answers.
 */
int lhv_enable_cap(struct lhv_vm *vm, const struct kvm_enable_cap *cap)
{
	if (cap->flags)
		return -EINVAL;
	switch (cap->cap) {
	case KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2:
		return lhv_enable_dirty_manual(vm, cap);
	case KVM_CAP_SPLIT_IRQCHIP:
		return lhv_enable_split_irqchip(vm, cap);
	default:
		return -EINVAL;
	}
}
