// SPDX-License-Identifier: GPL-2.0
/*
 * SVM on a CPU: switched on around the life of the VMs, and the address space
 * identifiers (ASIDs) that tag a guest's translations there. Called through
 * lhv_vendor_ops by arch.c, and by ring.c.
 *
 * Unlike VMX, SVM cannot be shared: ASIDs are given out by every hypervisor for
 * itself, and two would use the same.
 */
#include <linux/percpu.h>
#include <linux/slab.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>

#include "../hostregs.h"
#include "svm.h"

DEFINE_PER_CPU(struct lhv_svm_cpu, lhv_svm_cpu);

#define FIRST_ASID	1		/* 0 is the host's */

/* All ASIDs of this CPU are free again; the next VMRUN flushes what they tag. */
static void next_generation(struct lhv_svm_cpu *c)
{
	c->asid_gen++;
	c->next_asid = FIRST_ASID;
#ifdef LHV_DEBUG
	memset(c->asid_users, 0, lhv_svm_caps.nr_asids * sizeof(*c->asid_users));
#endif
}

/* SRSO on Zen 5: the kernel leaves this to who runs guests, while they run. */
static void reduce_speculation(bool on)
{
#ifdef X86_FEATURE_SRSO_BP_SPEC_REDUCE
	u64 cfg;

	if (!boot_cpu_has(X86_FEATURE_SRSO_BP_SPEC_REDUCE))
		return;
	cfg = lhv_host_rdmsr(SVM_MSR_BP_CFG) & ~BP_CFG_SPEC_REDUCE;
	lhv_host_wrmsr(SVM_MSR_BP_CFG, on ? cfg | BP_CFG_SPEC_REDUCE : cfg);
#endif
}

/**
 * lhv_svm_cpu_on() - switch SVM on, on this CPU
 *
 * Preemption off. Return: 0, or -EBUSY where another hypervisor has it.
 */
int lhv_svm_cpu_on(void)
{
	struct lhv_svm_cpu *c = this_cpu_ptr(&lhv_svm_cpu);
	u64 efer = lhv_host_rdmsr(MSR_EFER);

	if (c->on)
		return 0;
	if (efer & EFER_SVME)
		return -EBUSY;
	lhv_host_wrmsr(MSR_EFER, efer | EFER_SVME);
	lhv_host_wrmsr(SVM_MSR_HSAVE_PA, __pa(c->hsave));
	reduce_speculation(true);
	c->tsc_aux = lhv_host_rdmsr(MSR_TSC_AUX);
	/* What an earlier owner left in the TLB may carry our tags: begin anew. */
	c->next_asid = lhv_svm_caps.nr_asids;
	c->asid_gen++;
	c->on = true;
	return 0;
}

/**
 * lhv_svm_cpu_off() - give SVM on this CPU back
 *
 * Preemption off, or a CPU that crashes.
 */
void lhv_svm_cpu_off(void)
{
	struct lhv_svm_cpu *c = this_cpu_ptr(&lhv_svm_cpu);

	if (!c->on)
		return;
	c->on = false;
	reduce_speculation(false);
	lhv_host_wrmsr(SVM_MSR_HSAVE_PA, 0);
	lhv_host_wrmsr(MSR_EFER, lhv_host_rdmsr(MSR_EFER) & ~(u64)EFER_SVME);
}

/* A crash with GIF clear: NMI and INIT would stay blocked. */
void lhv_svm_emergency_off(void)
{
	if (this_cpu_read(lhv_svm_cpu.on))
		asm volatile("stgi" : : : "memory");
	lhv_svm_cpu_off();
}

/**
 * lhv_svm_new_asid() - a tag that nothing in this CPU's TLB carries
 * @vcpu: in the ring, about to enter
 *
 * When all have been given out, the next VMRUN flushes the whole TLB and they
 * begin again from the first (APM, "TLB Management").
 */
void lhv_svm_new_asid(struct lhv_vcpu *vcpu)
{
	struct lhv_svm_cpu *c = this_cpu_ptr(&lhv_svm_cpu);
	struct vmcb_control *control = svm_control(vcpu);

	if (c->next_asid >= lhv_svm_caps.nr_asids) {
		next_generation(c);
		control->tlb_control = TLB_CONTROL_ALL;
	}
	control->asid = c->next_asid++;
	to_svm(vcpu)->asid_gen = c->asid_gen;
	svm_dirty(vcpu, CLEAN_ASID);
}

/**
 * lhv_svm_flush_tlb() - drop every translation of this vCPU on this CPU
 * @vcpu: loaded
 *
 * Where one ASID cannot be flushed alone, the vCPU takes a new one.
 */
void lhv_svm_flush_tlb(struct lhv_vcpu *vcpu)
{
	if (lhv_svm_caps.flush_asid)
		svm_control(vcpu)->tlb_control = TLB_CONTROL_ASID;
	else
		to_svm(vcpu)->asid_gen = 0;
}

#ifdef LHV_DEBUG
/**
 * lhv_svm_check_asid() - the debug build: does another vCPU's tag get in?
 * @vcpu: the next instruction is the guest's
 *
 * No emulator shows a stale translation; so this CPU keeps account of who used
 * each ASID since it was flushed.
 */
void lhv_svm_check_asid(struct lhv_vcpu *vcpu)
{
	struct lhv_svm_cpu *c = this_cpu_ptr(&lhv_svm_cpu);
	u32 asid = svm_control(vcpu)->asid;

	if (WARN_ONCE(!asid || asid >= lhv_svm_caps.nr_asids, "lhv: entry with ASID %u\n", asid))
		return;
	WARN_ONCE(c->asid_users[asid] && c->asid_users[asid] != vcpu->serial,
		  "lhv: entry with an ASID that another vCPU's translations carry\n");
	c->asid_users[asid] = vcpu->serial;
}
#endif

void lhv_svm_cpu_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct lhv_svm_cpu *c = &per_cpu(lhv_svm_cpu, cpu);

		free_page((unsigned long)c->hsave);
		free_page((unsigned long)c->host);
#ifdef LHV_DEBUG
		kvfree(c->asid_users);
#endif
		*c = (struct lhv_svm_cpu){};
	}
}

/**
 * lhv_svm_cpu_init() - what SVM needs on every CPU that may come
 *
 * Process context at load, when lhv_svm_caps is known. Return: 0 or -ENOMEM.
 */
int lhv_svm_cpu_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct lhv_svm_cpu *c = &per_cpu(lhv_svm_cpu, cpu);
		bool complete;

		c->hsave = (void *)get_zeroed_page(GFP_KERNEL);
		c->host = (void *)get_zeroed_page(GFP_KERNEL);
		complete = c->hsave && c->host;
#ifdef LHV_DEBUG
		c->asid_users = kvcalloc(lhv_svm_caps.nr_asids, sizeof(*c->asid_users), GFP_KERNEL);
		complete = complete && c->asid_users;
#endif
		if (!complete) {
			lhv_svm_cpu_exit();
			return -ENOMEM;
		}
	}
	return 0;
}
