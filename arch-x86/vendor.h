/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The boundary between what a processor is and what one vendor's hardware wants
 * for it. Inside arch-x86/ only. Every operation is called with the vCPU loaded
 * (lhv_vcpu_load(), or inside the ring) unless it says otherwise.
 */
#ifndef LHV_VENDOR_H
#define LHV_VENDOR_H

#include <linux/jump_label.h>
#include <linux/static_call.h>
#include "arch.h"

/*
 * Where VMX operation lasts for a window only (vmx/owner.c), interrupts are off
 * from lhv_vcpu_load() to lhv_vcpu_put(): an exit for a host interrupt closes
 * the window for as long as the interrupt takes. Decided at load.
 */
DECLARE_STATIC_KEY_FALSE(lhv_irqs_off_key);

static __always_inline bool lhv_irqs_off_in_ring(void)
{
	return static_branch_unlikely(&lhv_irqs_off_key);
}

enum lhv_table { LHV_GDT, LHV_IDT };

struct lhv_vendor_ops {
	const char *name;
	const char *kvm_module;			/* the stock kernel's own for it */
	const struct lhv_npt_format *npt;

	void (*remove)(void);			/* at unload */
	int (*cpu_on)(void);			/* this CPU, preemption off; -EBUSY */
	void (*cpu_off)(void);
	void (*emergency_off)(void);		/* this CPU, in a crash */
	int (*vm_init)(struct lhv_vm *vm);
	void (*vm_destroy)(struct lhv_vm *vm);
	int (*vcpu_init)(struct lhv_vcpu *vcpu);	/* not loaded */
	void (*vcpu_free)(struct lhv_vcpu *vcpu);	/* not loaded */
	void (*vcpu_reset)(struct lhv_vcpu *vcpu, bool init_event);

	/* Preemption off, interrupts on; between the two see lhv_irqs_off_in_ring() */
	void (*load)(struct lhv_vcpu *vcpu);
	void (*put)(struct lhv_vcpu *vcpu);
	void (*ring_enter)(struct lhv_vcpu *vcpu);	/* host state into the block */
	void (*ring_leave)(struct lhv_vcpu *vcpu);
	/* Interrupts off: write back what changed, enter, come back. */
	void (*enter)(struct lhv_vcpu *vcpu);
	/* Look the exit up and handle it. */
	enum lhv_next (*handle_exit)(struct lhv_vcpu *vcpu);

	void (*cache_reg)(struct lhv_vcpu *vcpu, enum lhv_reg reg);
	void (*get_seg)(struct lhv_vcpu *vcpu, enum lhv_seg seg, struct lhv_segment *s);
	void (*set_seg)(struct lhv_vcpu *vcpu, enum lhv_seg seg, const struct lhv_segment *s);
	void (*get_table)(struct lhv_vcpu *vcpu, enum lhv_table table, struct kvm_dtable *dt);
	void (*set_table)(struct lhv_vcpu *vcpu, enum lhv_table table,
			  const struct kvm_dtable *dt);
	int (*get_cpl)(struct lhv_vcpu *vcpu);
	/* Values already checked: hardware is made to hold them, regs[] and efer
	 * of the vCPU too.
	 */
	void (*set_cr0)(struct lhv_vcpu *vcpu, u64 cr0);
	void (*set_cr3)(struct lhv_vcpu *vcpu, u64 cr3);
	void (*set_cr4)(struct lhv_vcpu *vcpu, u64 cr4);
	void (*set_efer)(struct lhv_vcpu *vcpu, u64 efer);
	/* PAE: the PDPTEs in vcpu->pdptr go to / come from the block */
	void (*load_pdptrs)(struct lhv_vcpu *vcpu);
	void (*save_pdptrs)(struct lhv_vcpu *vcpu);
	void (*set_dr7)(struct lhv_vcpu *vcpu, u64 dr7);
	u64 (*get_dr7)(struct lhv_vcpu *vcpu);

	u32 (*get_shadow)(struct lhv_vcpu *vcpu);	/* KVM_X86_SHADOW_INT_* */
	void (*set_shadow)(struct lhv_vcpu *vcpu, u32 shadow);
	bool (*get_nmi_mask)(struct lhv_vcpu *vcpu);
	void (*set_nmi_mask)(struct lhv_vcpu *vcpu, bool masked);
	bool (*irq_allowed)(struct lhv_vcpu *vcpu);	/* IF, shadow */
	bool (*nmi_allowed)(struct lhv_vcpu *vcpu);
	void (*inject_exception)(struct lhv_vcpu *vcpu);	/* vcpu->exc */
	void (*inject_irq)(struct lhv_vcpu *vcpu);	/* vcpu->irq_vector */
	void (*inject_nmi)(struct lhv_vcpu *vcpu);
	void (*irq_window)(struct lhv_vcpu *vcpu, bool on);
	void (*nmi_window)(struct lhv_vcpu *vcpu, bool on);
	/* take back what was handed to hardware and not delivered */
	void (*cancel_injection)(struct lhv_vcpu *vcpu);

	void (*flush_tlb)(struct lhv_vcpu *vcpu);
	/* on the CPU that holds the control block, any context; arg: the vCPU */
	void (*drain_log)(void *vcpu);
	void (*write_tsc_offset)(struct lhv_vcpu *vcpu);	/* vcpu->tsc_offset */
	/* caps, APIC mode or dirty logging changed: recompute controls, bitmaps */
	void (*update_controls)(struct lhv_vcpu *vcpu);
	void (*apic_sync)(struct lhv_vcpu *vcpu);	/* TPR threshold, RVI */
	void (*update_eoi_map)(struct lhv_vcpu *vcpu);
	/* MSRs that live in the block or in hardware; 0, or -ENOENT */
	int (*get_msr)(struct lhv_vcpu *vcpu, u32 index, u64 *data);
	int (*set_msr)(struct lhv_vcpu *vcpu, u32 index, u64 data);
	u32 (*insn_len)(struct lhv_vcpu *vcpu);		/* of the exit, 0: unknown */
	u32 (*fault_len)(struct lhv_vcpu *vcpu);	/* a hint, of a nested fault */
	/* bytes of it that the processor hands over with a nested fault; NULL: never */
	u32 (*insn_bytes)(struct lhv_vcpu *vcpu, u8 *bytes);
	/* CPUID bits the hardware lets a guest use; not loaded */
	bool (*has)(u32 cpuid_feature);	/* X86_FEATURE_*: needs a control? is it there */
};

extern struct lhv_vendor_ops lhv_vendor;	/* filled at load, read-only after */

#define LHV_VENDOR_OPS(X)						\
	X(load) X(put) X(ring_enter) X(ring_leave) X(enter) X(handle_exit) \
	X(cache_reg) X(irq_allowed) X(inject_irq) X(irq_window) X(flush_tlb) \
	X(insn_len) X(apic_sync) X(get_shadow) \
	X(cancel_injection)

#define LHV_DECLARE_VENDOR_CALL(op)					\
	DECLARE_STATIC_CALL(lhv_vendor_##op, *(((struct lhv_vendor_ops *)0)->op));
LHV_VENDOR_OPS(LHV_DECLARE_VENDOR_CALL)
#define lhv_vendor_call(op) static_call(lhv_vendor_##op)

/* 0, -ENODEV, -EOPNOTSUPP, -EBUSY */
int lhv_vmx_probe(struct lhv_vendor_ops *ops, bool beside_kvm);
int lhv_svm_probe(struct lhv_vendor_ops *ops);

/* ---- registers ---- */
static inline u64 lhv_reg_read(struct lhv_vcpu *vcpu, enum lhv_reg reg)
{
	if (unlikely(!(vcpu->regs_avail & BIT(reg))))
		lhv_vendor_call(cache_reg)(vcpu, reg);
	return vcpu->regs[reg];
}

static inline void lhv_reg_write(struct lhv_vcpu *vcpu, enum lhv_reg reg, u64 val)
{
	vcpu->regs[reg] = val;
	vcpu->regs_avail |= BIT(reg);
	vcpu->regs_dirty |= BIT(reg);
}

static inline bool lhv_has_request(struct lhv_vcpu *vcpu, enum lhv_request req)
{
	return test_bit(req, &vcpu->requests);
}

/* own thread: no kick needed */
static inline void lhv_self_request(struct lhv_vcpu *vcpu, enum lhv_request req)
{
	set_bit(req, &vcpu->requests);
}

/* ---- regs.c (state of the processor, shared by exits and ioctls) ---- */
bool lhv_is_64bit_code(struct lhv_vcpu *vcpu);
/* MOV to CRn by the guest: 0, or 1: #GP. CR0/CR4/EFER rules of the SDM.
 * CR0, CR3, CR4 may answer -EAGAIN: nothing changed, the PDPTEs' page is not at
 * hand: lhv_step_out_fault(), RIP stays.
 */
int lhv_guest_set_cr0(struct lhv_vcpu *vcpu, u64 cr0);
int lhv_guest_set_cr3(struct lhv_vcpu *vcpu, u64 cr3);
int lhv_guest_set_cr4(struct lhv_vcpu *vcpu, u64 cr4);
int lhv_guest_set_cr8(struct lhv_vcpu *vcpu, u64 cr8);
u64 lhv_guest_get_cr8(struct lhv_vcpu *vcpu);
int lhv_set_efer(struct lhv_vcpu *vcpu, u64 efer, bool host);
/* IA32_APIC_BASE with and without an in-kernel APIC; 0 or 1 */
int lhv_set_apic_base(struct lhv_vcpu *vcpu, u64 base, bool host);
void lhv_vcpu_reset(struct lhv_vcpu *vcpu, bool init_event);

/* ---- clock.c ---- */
int lhv_clock_global_init(void);	/* at load */

/* ---- cpuid.c ---- */
struct kvm_cpuid_entry2 *lhv_cpuid_find(struct lhv_vcpu *vcpu, u32 leaf, u32 subleaf);
void lhv_cpuid_update(struct lhv_vcpu *vcpu);	/* caps from CPUID; reset calls it */
void lhv_cpuid_free(struct lhv_vcpu *vcpu);
int lhv_cpuid_init(void);		/* at load, after the vendor is chosen */

/* ---- events.c ---- */
void lhv_queue_exception(struct lhv_vcpu *vcpu, u8 vector);
void lhv_queue_exception_e(struct lhv_vcpu *vcpu, u8 vector, u32 error);
void lhv_queue_page_fault(struct lhv_vcpu *vcpu, u64 addr, u32 error);
void lhv_queue_debug(struct lhv_vcpu *vcpu, u64 dr6);
void lhv_deliver_payload(struct lhv_vcpu *vcpu);
/* Inside the ring, before an entry. */
void lhv_process_events(struct lhv_vcpu *vcpu);
bool lhv_vcpu_has_events(struct lhv_vcpu *vcpu);	/* worth leaving HLT for */
bool lhv_wants_user_window(struct lhv_vcpu *vcpu);
bool lhv_ready_for_user_irq(struct lhv_vcpu *vcpu);

/* ---- exits.c: what both vendors' exit tables end in ---- */
/* RIP goes on by len, the interrupt shadow ends, TF raises #DB. */
void lhv_advance_rip(struct lhv_vcpu *vcpu, u32 len);
enum lhv_next lhv_exit_cpuid(struct lhv_vcpu *vcpu);
enum lhv_next lhv_exit_hlt(struct lhv_vcpu *vcpu);
enum lhv_next lhv_exit_rdmsr(struct lhv_vcpu *vcpu);
enum lhv_next lhv_exit_wrmsr(struct lhv_vcpu *vcpu);
enum lhv_next lhv_exit_hypercall(struct lhv_vcpu *vcpu);
enum lhv_next lhv_exit_xsetbv(struct lhv_vcpu *vcpu);
enum lhv_next lhv_exit_triple_fault(struct lhv_vcpu *vcpu);
enum lhv_next lhv_exit_internal_error(struct lhv_vcpu *vcpu, u32 suberror,
				      const u64 *data, u32 ndata);

enum lhv_next lhv_exit_ud(struct lhv_vcpu *vcpu);
enum lhv_next lhv_exit_pause(struct lhv_vcpu *vcpu);
enum lhv_next lhv_exit_gp(struct lhv_vcpu *vcpu);
enum lhv_next lhv_exit_irq_window(struct lhv_vcpu *vcpu);
enum lhv_next lhv_exit_nmi_window(struct lhv_vcpu *vcpu);
enum lhv_next lhv_exit_task_switch(struct lhv_vcpu *vcpu);

/* An access to a control register, as an instruction makes it. */
enum lhv_cr_kind { LHV_CR_TO, LHV_CR_FROM, LHV_CR_CLTS, LHV_CR_LMSW };

struct lhv_cr_access {
	enum lhv_cr_kind kind;
	u8 cr;			/* 0, 3, 4, 8 */
	enum lhv_reg reg;	/* MOV: the general register */
	u16 source;		/* LMSW: its operand */
};

enum lhv_next lhv_exit_cr(struct lhv_vcpu *vcpu, const struct lhv_cr_access *access);
enum lhv_next lhv_exit_fail_entry(struct lhv_vcpu *vcpu, u64 reason);
/* leave the ring to bring vcpu->fault_gpa in, then enter again */
enum lhv_next lhv_step_out_fault(struct lhv_vcpu *vcpu);
enum lhv_next lhv_outer_fault(struct lhv_vcpu *vcpu);
enum lhv_next lhv_outer_work(struct lhv_vcpu *vcpu);
enum lhv_next lhv_leave_with(struct lhv_vcpu *vcpu, int ret);
enum lhv_next lhv_interrupted(struct lhv_vcpu *vcpu);
enum lhv_next lhv_outer_yield(struct lhv_vcpu *vcpu);

/* ---- mp.c ---- */
void lhv_accept_apic_events(struct lhv_vcpu *vcpu);
enum lhv_next lhv_outer_block(struct lhv_vcpu *vcpu);

/* ---- dr.c: MOV DR. 0, or 1 when an exception is queued. ---- */
#define LHV_DR7_GD	BIT_ULL(13)
#define LHV_DR6_BD	BIT_ULL(13)
int lhv_guest_get_dr(struct lhv_vcpu *vcpu, unsigned int dr, u64 *val);
int lhv_guest_set_dr(struct lhv_vcpu *vcpu, unsigned int dr, u64 val);

/* ---- pio.c, mmio.c: port and memory-mapped I/O ---- */
struct lhv_pio {
	u16 port;
	u8 size;		/* 1, 2, 4 */
	bool in, string;
};

enum lhv_next lhv_exit_pio(struct lhv_vcpu *vcpu, const struct lhv_pio *pio);
enum lhv_next lhv_exit_nested_fault(struct lhv_vcpu *vcpu, u64 gva, u64 gpa, u32 access);
int lhv_emul_ctx_init(struct lhv_vcpu *vcpu);
void lhv_emul_ctx_free(struct lhv_vcpu *vcpu);

#endif /* LHV_VENDOR_H */
