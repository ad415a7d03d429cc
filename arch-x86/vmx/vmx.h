/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of arch-x86/vmx/ share with each other, and nobody else.
 * "Loaded" below: the VMCS is current on this CPU and preemption is off.
 */
#ifndef LHV_VMX_H
#define LHV_VMX_H

#include <asm/trapnr.h>

#include "../vendor.h"
#include "vmcs.h"
#include "vmx-ops.h"

#define LHV_PML_ENTRIES	512

/* The control words in force, computed once at load by caps.c. */
struct lhv_vmx_caps {
	u64 basic, ept_vpid, misc;
	u64 cr0_fixed0, cr0_fixed1, cr4_fixed0, cr4_fixed1;
	u32 pin, cpu, cpu2, exit, entry;	/* wanted and allowed, by default */
	bool has_pml, has_tpr_shadow, has_vid, has_xsaves, has_ad;
	bool invept_context, invvpid_context;
};

extern struct lhv_vmx_caps lhv_vmx_caps;
extern struct lhv_npt_format lhv_ept_format;

/* One VMX region as the hardware wants it: revision, abort indicator, data. */
struct vmx_region {
	u32 revision;
	u32 abort;
	u8 data[PAGE_SIZE - 8];
};

static_assert(sizeof(struct vmx_region) == PAGE_SIZE);

/* MSRs that the ring switches: no VMCS field holds them. */
enum lhv_ring_msr {
	RING_STAR, RING_LSTAR, RING_SYSCALL_MASK, RING_TSC_AUX,
	LHV_RING_MSRS
};

/* Host state that this vCPU's VMCS holds or that the ring sets aside. */
struct lhv_vmx_host {
	u64 cr3, cr4;
	u64 fs_base;
	u64 kernel_gs_base;
	u16 ds, es, fs, gs;
	u64 debugctl;
	u64 found[LHV_RING_MSRS], live[LHV_RING_MSRS];
	bool in_ring;
};

/* Per VM */
struct lhv_vmx_vm {
	u64 eptp;
};

/* Per vCPU */
struct lhv_vmx {
	struct lhv_vcpu *vcpu;
	struct vmx_region *vmcs;
	u64 vmcs_pa;
	bool launched;
	bool cleared;
	u16 vpid;
	u32 exit_reason;		/* of the last exit, whole */
	u64 exit_qual;			/* valid after vmx_exit_qual() */
	u32 exit_intr_info;
	u32 idt_info;
	bool qual_valid;
	bool failed;			/* VMLAUNCH or VMRESUME itself failed */
	/* shadows of controls in the VMCS, so that a change costs one VMWRITE */
	u32 cpu_controls, cpu2_controls, entry_controls, exception_bitmap;
	u64 cr0_mask, cr4_mask;
	u32 interruptibility;		/* of the last exit, when valid */
	bool interruptibility_valid;
	bool entry_info_armed;		/* VMCS_ENTRY_INTR_INFO is valid */
	u64 host_rsp;			/* last written to VMCS_HOST_RSP */
	int host_cpu;			/* whose host state the VMCS holds, -1: nobody's */
	unsigned long *msr_bitmap;
	u64 *pml;			/* [r] LHV_PML_ENTRIES guest frames */
	struct lhv_vmx_host host;
	struct list_head on_cpu;	/* in lhv_vmx_cpu.loaded of vcpu->cpu */
};

/* What a window found, and so what its end has to put back; see owner.c. */
enum lhv_vmx_window {
	WINDOW_CLOSED,
	WINDOW_OWNER,			/* no VMX operation */
	WINDOW_HALF_WAY,		/* CR4.VMXE, but no VMX operation */
	WINDOW_TENANT,			/* another hypervisor's VMX operation */
};

/* Per CPU */
struct lhv_vmx_cpu {
	struct vmx_region *vmxon;
	struct lhv_vmx *current_vmx;	/* whose VMCS is current */
	struct list_head loaded;	/* VMCSs active on this CPU */
	u64 ring_msrs[LHV_RING_MSRS];	/* the host's values, since cpu_on */
	bool on;
	enum lhv_vmx_window window;
	u64 others_vmcs;		/* WINDOW_TENANT: it was current, ~0: none */
};

DECLARE_PER_CPU(struct lhv_vmx_cpu, lhv_vmx_cpu);

static inline struct lhv_vmx *to_vmx(struct lhv_vcpu *vcpu)
{
	return vcpu->vendor;
}

/* entry.S: 0, or 1 when the instruction failed (VMfail). Interrupts off. */
int lhv_vmx_enter_asm(u64 *regs, bool launched, u64 *host_rsp_seen);
extern char lhv_vmx_exit_point[];

/* caps.c */
int lhv_vmx_read_caps(struct lhv_vmx_caps *caps);
bool lhv_vmx_has(u32 feature);

/* owner.c: VMX ownership. See its first comment. */
int lhv_vmx_owner_init(void);
void lhv_vmx_owner_exit(void);
int lhv_vmx_cpu_on(void);
void lhv_vmx_cpu_off(void);
void lhv_vmx_emergency_off(void);
void lhv_vmx_open_window(void);
void lhv_vmx_close_window(void);

/* Where VMX operation lasts there is nothing to do. */
static inline void lhv_vmx_window_begin(void)
{
	if (lhv_irqs_off_in_ring())
		lhv_vmx_open_window();
}

static inline void lhv_vmx_window_end(void)
{
	if (lhv_irqs_off_in_ring())
		lhv_vmx_close_window();
}

/* vmcs.c: allocation, current VMCS per CPU, set-up */
int lhv_vmx_vcpu_init(struct lhv_vcpu *vcpu);
void lhv_vmx_vcpu_free(struct lhv_vcpu *vcpu);
void lhv_vmx_vcpu_reset(struct lhv_vcpu *vcpu, bool init_event);
void lhv_vmx_load(struct lhv_vcpu *vcpu);
void lhv_vmx_put(struct lhv_vcpu *vcpu);
void lhv_vmx_clear_loaded(void);	/* this CPU leaves VMX operation */
void lhv_vmx_update_controls(struct lhv_vcpu *vcpu);
struct vmx_region *lhv_vmx_alloc_region(void);
int lhv_vmx_vm_init(struct lhv_vm *vm);
void lhv_vmx_vm_destroy(struct lhv_vm *vm);

/* msr-bitmap.c */
#define OPEN_READ	1
#define OPEN_WRITE	2
void lhv_vmx_open_msr(unsigned long *bitmap, u32 msr, int what);
void lhv_vmx_msr_bitmap_update(struct lhv_vcpu *vcpu);

/* ring.c */
void lhv_vmx_read_host(struct lhv_vmx_cpu *c);
bool lhv_vmx_set_ring_msr(struct lhv_vcpu *vcpu, u32 index, u64 data);
void lhv_vmx_let_irqs_in(struct lhv_vcpu *vcpu);
void lhv_vmx_ring_enter(struct lhv_vcpu *vcpu);
void lhv_vmx_ring_leave(struct lhv_vcpu *vcpu);
void lhv_vmx_enter(struct lhv_vcpu *vcpu);
void lhv_vmx_flush_tlb(struct lhv_vcpu *vcpu);
void lhv_vmx_write_tsc_offset(struct lhv_vcpu *vcpu);

/* regs.c */
void lhv_vmx_write_back(struct lhv_vcpu *vcpu);
void lhv_vmx_fill_reg_ops(struct lhv_vendor_ops *ops);

/* inject.c */
void lhv_vmx_recover_vectoring(struct lhv_vcpu *vcpu);
void lhv_vmx_fill_inject_ops(struct lhv_vendor_ops *ops);
u32 lhv_vmx_interruptibility(struct lhv_vmx *vmx);

/* exits.c */
enum lhv_next lhv_vmx_handle_exit(struct lhv_vcpu *vcpu);

/* apic.c: TPR shadow and APIC virtualization */
u32 lhv_vmx_apic_controls(struct lhv_vcpu *vcpu);
void lhv_vmx_apic_update(struct lhv_vcpu *vcpu);
void lhv_vmx_apic_open_msrs(struct lhv_vcpu *vcpu, unsigned long *bitmap);
void lhv_vmx_fill_apic_ops(struct lhv_vendor_ops *ops);
enum lhv_next lhv_vmx_exit_tpr_threshold(struct lhv_vcpu *vcpu);
enum lhv_next lhv_vmx_exit_apic_write(struct lhv_vcpu *vcpu);
enum lhv_next lhv_vmx_exit_eoi(struct lhv_vcpu *vcpu);

/* explain.c */
void lhv_vmx_explain(struct lhv_vcpu *vcpu);

/* pml.c */
void lhv_vmx_pml_drain(struct lhv_vcpu *vcpu);
void lhv_vmx_drain_log(void *vcpu);

static inline u64 vmx_exit_qual(struct lhv_vmx *vmx)
{
	if (!vmx->qual_valid) {
		vmx->exit_qual = vmcs_readl(VMCS_EXIT_QUALIFICATION);
		vmx->qual_valid = true;
	}
	return vmx->exit_qual;
}

#endif /* LHV_VMX_H */
