/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of arch-x86/svm/ share with each other, and nobody else.
 * "Loaded" below: the vCPU belongs to this CPU and preemption is off.
 */
#ifndef LHV_SVM_H
#define LHV_SVM_H

#include <linux/percpu.h>

#include "../vendor.h"
#include "vmcb.h"

/* What of this processor's SVM is used, found once at load. */
struct lhv_svm_caps {
	u32 nr_asids;
	bool nrips, assists, flush_asid, lbr, v_spec_ctrl;
};

extern struct lhv_svm_caps lhv_svm_caps;

/* Per CPU */
struct lhv_svm_cpu {
	void *hsave;			/* the page behind VM_HSAVE_PA */
	struct vmcb *host;		/* VMSAVE and VMLOAD of the host */
	u64 asid_gen;			/* ASIDs given out before are void */
	u32 next_asid;
	u64 tsc_aux;			/* the host's, since cpu_on */
	bool on;
#ifdef LHV_DEBUG
	u64 *asid_users;		/* by ASID: serial of the vCPU, 0 when flushed */
#endif
};

DECLARE_PER_CPU(struct lhv_svm_cpu, lhv_svm_cpu);

/* Per vCPU */
struct lhv_svm {
	struct vmcb *vmcb;
	u64 vmcb_pa;
	u64 exit_code;			/* of the last exit */
	u64 asid_gen;			/* [r] of vcpu->cpu; 0: none */
	u64 cr0, cr4;			/* as the guest sees them */
	u32 insn_len;			/* of the instruction that exited */
	u64 retry_rip;			/* bytes there were not what exited */
	u8 v_tpr;			/* as it was written last */
	bool event_armed;		/* event_inj is valid, or ... */
	bool irq_armed;			/* V_IRQ is the interrupt itself */
	bool in_ring;			/* TSC_AUX is the guest's */
	bool dr_open;			/* and so are the debug registers */
	u64 bp_next;			/* RIP behind an INT3 that is injected, or 0 */
	u64 live_tsc_aux;
	/* NMIs by hand: the processor does not keep their mask */
	bool nmi_masked;
	bool iret_pending;		/* an IRET that will unmask, at ... */
	u64 iret_rip;
	bool exit_soon;			/* leave right after the event, for an NMI */
	bool stepping;			/* over one instruction, for an NMI */
	bool step_guest_tf;		/* TF was the guest's own */
	u64 step_rip;
};

static inline struct lhv_svm *to_svm(struct lhv_vcpu *vcpu)
{
	return vcpu->vendor;
}

static inline struct vmcb_control *svm_control(struct lhv_vcpu *vcpu)
{
	return &to_svm(vcpu)->vmcb->control;
}

static inline struct vmcb_save *svm_save(struct lhv_vcpu *vcpu)
{
	return &to_svm(vcpu)->vmcb->save;
}

/* What follows was written: the processor must not use its copy. */
static inline void svm_dirty(struct lhv_vcpu *vcpu, u32 clean_bit)
{
	svm_control(vcpu)->clean &= ~clean_bit;
}

/* entry.S: GIF is set and interrupts are off again when it returns */
void lhv_svm_enter_asm(u64 *regs, u64 vmcb_pa, u64 host_pa);

/* cpu.c: SVM on every CPU, ASIDs */
int lhv_svm_cpu_init(void);
void lhv_svm_cpu_exit(void);
int lhv_svm_cpu_on(void);
void lhv_svm_emergency_off(void);
void lhv_svm_cpu_off(void);
void lhv_svm_new_asid(struct lhv_vcpu *vcpu);
void lhv_svm_flush_tlb(struct lhv_vcpu *vcpu);
void lhv_svm_check_asid(struct lhv_vcpu *vcpu);

/* vmcb.c: allocation, set-up, intercepts, permission maps */
int lhv_svm_maps_init(void);
void lhv_svm_maps_exit(void);
void lhv_svm_intercept(struct lhv_vcpu *vcpu, enum vmcb_intercept_word word, u32 bits, bool on);
void lhv_svm_fill_vmcb_ops(struct lhv_vendor_ops *ops);

/* ring.c */
void lhv_svm_open_dr(struct lhv_vcpu *vcpu);
void lhv_svm_set_tsc_aux(struct lhv_vcpu *vcpu, u64 data);
void lhv_svm_fill_ring_ops(struct lhv_vendor_ops *ops);

/* regs.c, inject.c */
void lhv_svm_write_back(struct lhv_vcpu *vcpu);
void lhv_svm_fill_reg_ops(struct lhv_vendor_ops *ops);
void lhv_svm_recover_vectoring(struct lhv_vcpu *vcpu, u32 info, u32 error, bool v_irq);
void lhv_svm_nmi_after_exit(struct lhv_vcpu *vcpu);
bool lhv_svm_take_v_irq(struct lhv_vcpu *vcpu);
void lhv_svm_stop_stepping(struct lhv_vcpu *vcpu);
bool lhv_svm_step_done(struct lhv_vcpu *vcpu);
void lhv_svm_fill_inject_ops(struct lhv_vendor_ops *ops);

/* exits.c, insn.c, explain.c */
enum lhv_next lhv_svm_handle_exit(struct lhv_vcpu *vcpu);

/* An instruction that exits, as its encoding tells it, without prefixes. */
struct lhv_svm_insn {
	u8 opcode[3];
	u8 len;				/* of .opcode; 0 ends a list of them */
	u8 last_mask;			/* bits of its last byte that may differ */
	bool modrm;			/* and of one byte more */
};

struct lhv_svm_found {
	u8 len, last, modrm, rex;	/* .last: byte of the opcode */
	bool lock;
};

int lhv_svm_find_insn(struct lhv_vcpu *vcpu, const struct lhv_svm_insn *insns,
		      struct lhv_svm_found *found, enum lhv_next *next);
void lhv_svm_explain(struct lhv_vcpu *vcpu);

#endif /* LHV_SVM_H */
