// SPDX-License-Identifier: GPL-2.0
/*
 * The hot half of the SVM backend: what is switched when a vCPU's thread steps
 * into the inner ring and out of it, and the entry itself. Called by run.c
 * through lhv_vendor_ops.
 *
 * Per ring: TSC_AUX and the debug registers; VMSAVE sets aside, once, what each
 * exit's VMLOAD brings back. Per entry: only what differs from the last one.
 */
#include <linux/percpu.h>
#include <linux/sched.h>
#include <asm/cpufeature.h>
#include <asm/debugreg.h>
#include <asm/msr-index.h>
#include <asm/trapnr.h>

#include "../../module/compat.h"
#include "../debug.h"
#include "../guest-debug.h"
#include "../host.h"
#include "../hostregs.h"
#include "svm.h"

/* Every register is in vcpu->regs after an exit but the three CRs. */
#define REGS_AFTER_EXIT	(GENMASK(LHV_R15, 0) | BIT(LHV_RIP) | BIT(LHV_RFLAGS))

static void put_tsc_aux(struct lhv_svm *svm, u64 val)
{
	if (svm->live_tsc_aux == val)
		return;
	svm->live_tsc_aux = val;
	lhv_host_wrmsr(MSR_TSC_AUX, val);
}

/**
 * lhv_svm_set_tsc_aux() - the guest, or userspace, wrote TSC_AUX
 * @vcpu: loaded
 * @data: checked
 */
void lhv_svm_set_tsc_aux(struct lhv_vcpu *vcpu, u64 data)
{
	vcpu->msr_tsc_aux = data;
	if (to_svm(vcpu)->in_ring)
		put_tsc_aux(to_svm(vcpu), data);
}

/**
 * lhv_svm_open_dr() - the debug registers are the guest's, all of them
 * @vcpu: in the ring
 *
 * VMRUN switches DR6 and DR7; DR0-DR3 stay loaded until the ring ends.
 */
void lhv_svm_open_dr(struct lhv_vcpu *vcpu)
{
	lhv_load_guest_dr(vcpu);
	to_svm(vcpu)->dr_open = true;
	lhv_svm_intercept(vcpu, INTERCEPT_DR, ~0U, false);
}

static void close_dr(struct lhv_vcpu *vcpu)
{
	struct vmcb_save *save = svm_save(vcpu);

	get_debugreg(vcpu->dr[0], 0);
	get_debugreg(vcpu->dr[1], 1);
	get_debugreg(vcpu->dr[2], 2);
	get_debugreg(vcpu->dr[3], 3);
	vcpu->dr7 = save->dr7;
	save->dr6 = DR6_RESERVED;
	svm_dirty(vcpu, CLEAN_DR);
	set_debugreg(DR6_RESERVED, 6);
	to_svm(vcpu)->dr_open = false;
	lhv_svm_intercept(vcpu, INTERCEPT_DR, ~0U, true);
}

static void save_host(struct lhv_svm_cpu *c)
{
	asm volatile("vmsave %%rax" : : "a" (__pa(c->host)) : "memory");
}

/*
 * Of what VMSAVE sets aside only the LDT can change within a ring: by an
 * interrupt, when another thread of the VMM calls modify_ldt().
 */
static void save_host_ldt(struct lhv_svm_cpu *c)
{
	u16 ldt;

	asm volatile("sldt %0" : "=m" (ldt));
	if (unlikely(ldt | c->host->save.ldtr.selector))
		save_host(c);
}

/* Preemption off, interrupts on; the guest's FPU is loaded. */
static void ring_enter(struct lhv_vcpu *vcpu)
{
	struct lhv_svm_cpu *c = this_cpu_ptr(&lhv_svm_cpu);
	struct lhv_svm *svm = to_svm(vcpu);

	save_host(c);
	/* RDPID cannot be made to exit: no guest reads the host's. */
	if (boot_cpu_has(X86_FEATURE_RDTSCP)) {
		svm->live_tsc_aux = c->tsc_aux;
		put_tsc_aux(svm, vcpu->msr_tsc_aux);
		svm->in_ring = true;
	}
	if (likely(!(lhv_effective_dr7(vcpu) & 0xff)))
		return;
	if (lhv_user_takes_db(vcpu))
		lhv_load_guest_dr(vcpu);
	else
		lhv_svm_open_dr(vcpu);
}

static void ring_leave(struct lhv_vcpu *vcpu)
{
	struct lhv_svm *svm = to_svm(vcpu);

	if (svm->in_ring)
		put_tsc_aux(svm, this_cpu_read(lhv_svm_cpu.tsc_aux));
	svm->in_ring = false;
	if (unlikely(svm->stepping))
		lhv_svm_stop_stepping(vcpu);
	if (unlikely(svm->dr_open))
		close_dr(vcpu);
	lhv_restore_host_dr(vcpu);
}

static void before_entry(struct lhv_vcpu *vcpu, struct lhv_svm_cpu *c)
{
	struct lhv_svm *svm = to_svm(vcpu);
	struct vmcb_save *save = &svm->vmcb->save;

	if (vcpu->regs_dirty)
		lhv_svm_write_back(vcpu);
	save->rax = vcpu->regs[LHV_RAX];
	if (save->cr2 != vcpu->cr2) {
		save->cr2 = vcpu->cr2;
		svm_dirty(vcpu, CLEAN_CR2);
	}
	if (unlikely(svm->asid_gen != c->asid_gen))
		lhv_svm_new_asid(vcpu);
#ifdef LHV_DEBUG
	lhv_svm_check_asid(vcpu);
#endif
	save_host_ldt(c);
	if (unlikely(svm->stepping))
		save->rflags |= X86_EFLAGS_TF;
	/* Interrupts are off: this one ends the guest as soon as it is inside. */
	if (unlikely(svm->exit_soon)) {
		svm->exit_soon = false;
		lhv_self_request(vcpu, LHV_REQ_EVENT);
		lhv_send_reschedule(smp_processor_id());
	}
	if (unlikely(svm->dr_open) && save->dr6 != vcpu->dr6) {
		save->dr6 = vcpu->dr6;
		svm_dirty(vcpu, CLEAN_DR);
	}
}

static void after_exit(struct lhv_vcpu *vcpu)
{
	struct lhv_svm *svm = to_svm(vcpu);
	struct vmcb_control *control = &svm->vmcb->control;
	bool v_irq = svm->irq_armed;
	u32 event = control->exit_int_info;

	if (unlikely(svm->exit_code == EXIT_EXCEPTION + X86_TRAP_MC))
		lhv_deliver_host_mce();
	control->tlb_control = TLB_CONTROL_NONE;
	control->clean = CLEAN_ALL;
	if (svm->event_armed) {
		svm->event_armed = false;
		svm->bp_next = event & SVM_EVENT_VALID ? svm->bp_next : 0;
		control->event_inj = 0;
		vcpu->exc.injected = false;
		vcpu->nmi_injected = false;
		vcpu->irq_injected = v_irq && !lhv_svm_take_v_irq(vcpu);
	}
	if (unlikely((event & SVM_EVENT_VALID) && svm->exit_code != EXIT_SHUTDOWN))
		lhv_svm_recover_vectoring(vcpu, event, control->exit_int_info >> 32, v_irq);
	if (unlikely(svm->nmi_masked || svm->stepping))
		lhv_svm_nmi_after_exit(vcpu);
	/* The guest moves to CR8 without an exit where no interrupt waits for it. */
	if (unlikely((control->int_ctl & V_TPR_MASK) != svm->v_tpr)) {
		svm->v_tpr = control->int_ctl & V_TPR_MASK;
		lhv_guest_set_cr8(vcpu, svm->v_tpr);
	}
}

/*
 * The processor refused the VMCB: nothing was delivered, what was to be flushed
 * may be there still, and of its copies of the VMCB nothing is known.
 */
static void after_refusal(struct lhv_vcpu *vcpu, struct lhv_svm_cpu *c)
{
	struct lhv_svm *svm = to_svm(vcpu);

	if (svm->stepping && !svm->step_guest_tf) {
		svm_save(vcpu)->rflags &= ~(u64)X86_EFLAGS_TF;
		vcpu->regs[LHV_RFLAGS] &= ~(u64)X86_EFLAGS_TF;
	}
	svm_control(vcpu)->clean = 0;
	svm->asid_gen = 0;
	c->next_asid = lhv_svm_caps.nr_asids;
}

/* Interrupts off. Afterwards svm->exit_code and the VMCB tell what happened. */
static void enter(struct lhv_vcpu *vcpu)
{
	struct lhv_svm_cpu *c = this_cpu_ptr(&lhv_svm_cpu);
	struct lhv_svm *svm = to_svm(vcpu);
	struct vmcb_save *save = &svm->vmcb->save;
	bool spec_ctrl = vcpu->caps.spec_ctrl && !lhv_svm_caps.v_spec_ctrl;
	u64 host_spec_ctrl = 0;

	before_entry(vcpu, c);
	lhv_fpu_enter(vcpu);
	if (spec_ctrl)
		host_spec_ctrl = lhv_spec_ctrl_enter(vcpu);

	lhv_svm_enter_asm(vcpu->regs, svm->vmcb_pa, __pa(c->host));

	if (spec_ctrl)
		lhv_spec_ctrl_exit(vcpu, host_spec_ctrl);
	lhv_fpu_exit(vcpu);
	if (unlikely(svm->dr_open))
		vcpu->dr6 = save->dr6;
	vcpu->cr2 = save->cr2;
	vcpu->regs[LHV_RAX] = save->rax;
	vcpu->regs[LHV_RSP] = save->rsp;
	vcpu->regs[LHV_RIP] = save->rip;
	vcpu->regs[LHV_RFLAGS] = save->rflags;
	vcpu->regs_avail = REGS_AFTER_EXIT;
	/* QEMU's emulation tells the failed entry in 32 bits. */
	svm->exit_code = svm->vmcb->control.exit_code;
	if (unlikely((u32)svm->exit_code == (u32)EXIT_INVALID))
		svm->exit_code = EXIT_INVALID;
	if (likely(svm->exit_code != EXIT_INVALID))
		after_exit(vcpu);
	else
		after_refusal(vcpu, c);
}

static void write_tsc_offset(struct lhv_vcpu *vcpu)
{
	svm_control(vcpu)->tsc_offset = vcpu->tsc_offset;
	svm_dirty(vcpu, CLEAN_INTERCEPTS);
}

/* No log but the nested page table's own write protection. */
static void drain_log(void *vcpu)
{
}

void lhv_svm_fill_ring_ops(struct lhv_vendor_ops *ops)
{
	ops->ring_enter = ring_enter;
	ops->ring_leave = ring_leave;
	ops->enter = enter;
	ops->drain_log = drain_log;
	ops->flush_tlb = lhv_svm_flush_tlb;
	ops->write_tsc_offset = write_tsc_offset;
}
