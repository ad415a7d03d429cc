/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What arch-x86/ offers: the processor. One struct lhv_vm and one struct
 * lhv_vcpu for both vendors, the run loop, and the acts behind the vCPU's state
 * ioctls. Called by module/, which owns the file descriptors and has checked
 * and copied what came from userspace. What a vendor does differently is behind
 * struct lhv_vendor_ops (vendor.h); what arch-x86/ needs of the rest is in
 * upcalls.h.
 *
 * Who guards a member is the letter behind it:
 *   [I] set before the object is published, never changed
 *   [m] lhv_vm.lock (mutex)
 *   [v] lhv_vcpu.mutex, i.e. the thread inside a vCPU ioctl
 *   [r] written only inside the ring (or a load/put section) by the vCPU's thread
 *   [a] atomic operations, by anybody
 *   [c] lhv_vm.clock_lock (raw spinlock)
 *   [p] lhv_vm.clock_pages_lock (raw spinlock)
 */
#ifndef LHV_ARCH_H
#define LHV_ARCH_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/kvm.h>
#include <linux/kvm_para.h>
#include <linux/mutex.h>
#include <linux/rcuwait.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "../irqchip/irqchip.h"
#include "../mmu/mmu.h"

#define LHV_MAX_CPUID_ENTRIES	256
#define LHV_MAX_VCPU_ID		254
#define LHV_MCE_BANKS		32	/* KVM_CAP_MCE */

struct lhv_vcpu;
struct lhv_iobuses;			/* module/'s */
struct lhv_eventfds;			/* module/'s */

struct lhv_vm {
	refcount_t users;		/* [a] VM fd, vCPU fds, devices */
	struct mm_struct *mm;		/* [I] */
	struct mutex lock;
	struct lhv_mmu mmu;
	struct lhv_irqchip irqchip;
	bool dead;			/* [a] an internal surprise: every vCPU ends */
	bool has_irqchip;		/* [m] set once, with release; then [I] */
	u32 bsp_id;			/* [m] until the first vCPU */
	unsigned int nr_vcpus;		/* [m]; published by release after the slot */
	struct lhv_vcpu *vcpus[LHV_MAX_VCPUS];	/* by index, dense */

	raw_spinlock_t clock_lock;
	raw_spinlock_t clock_pages_lock;
	unsigned int clock_gen;		/* [c] moves when the pages become untrue */
	s64 clock_offset;		/* [c] guest kvmclock = boottime ns + this */
	u64 tsc_sync_offset;		/* [c] of the last host write of a TSC */
	bool tsc_sync_valid;		/* [c] some TSC has been given its offset */
	bool tsc_sync_chosen;		/* [c] and userspace has chosen one */
	u64 clock_tsc, clock_ns;	/* [c] kvmclock was clock_ns at host TSC clock_tsc */
	u32 clock_mul;			/* [I] host TSC ticks to ns, as pvclock has it */
	s8 clock_shift;			/* [I] */
	u64 wall_clock_msr;		/* [c] one page for the whole VM */

	struct lhv_iobuses *buses;	/* [I] module/ */
	struct lhv_eventfds *eventfds;	/* [I] module/ */
	void *vendor;			/* [I] vendor's */
#ifdef LHV_DEBUG
	atomic64_t tlb_gen;		/* [a] debug.h */
#endif
};

/* Registers by number as instructions encode them, then those the control
 * block holds. Read and write with lhv_reg_read() and lhv_reg_write().
 */
enum lhv_reg {
	LHV_RAX, LHV_RCX, LHV_RDX, LHV_RBX, LHV_RSP, LHV_RBP, LHV_RSI, LHV_RDI,
	LHV_R8, LHV_R9, LHV_R10, LHV_R11, LHV_R12, LHV_R13, LHV_R14, LHV_R15,
	LHV_RIP, LHV_RFLAGS, LHV_CR0, LHV_CR3, LHV_CR4,
	LHV_NR_REGS
};

enum lhv_seg {				/* as instructions encode them */
	LHV_SEG_ES, LHV_SEG_CS, LHV_SEG_SS, LHV_SEG_DS, LHV_SEG_FS, LHV_SEG_GS,
	LHV_SEG_LDTR, LHV_SEG_TR,
	LHV_NR_SEGS
};

/* What a handler asks of the run loop. */
enum lhv_next {
	LHV_RESUME,			/* enter the guest again */
	LHV_STEP_OUT,			/* vcpu->outer must run outside the ring */
	LHV_USER,			/* to userspace: kvm_run and run_ret are set */
};

/* Where the vCPU's thread is, for kicks. */
enum lhv_vcpu_mode { LHV_OUTSIDE, LHV_IN_GUEST, LHV_EXITING };

/* Requests: bits of lhv_vcpu.requests, set by anybody, taken by its thread. */
enum lhv_request {
	LHV_REQ_EVENT,			/* look at pending events again */
	LHV_REQ_TLB_FLUSH,
	LHV_REQ_CLOCK,			/* write the kvmclock page */
	LHV_REQ_TRIPLE_FAULT,
	LHV_REQ_EOI_MAP,		/* recompute the EOI-exit bitmap */
	LHV_REQ_APIC_MODE,		/* the APIC's mode changed: intercepts */
	LHV_REQ_CPUID,			/* CPUID was set: intercepts, owned bits */
	LHV_REQ_LOGGING,		/* dirty logging switched on or off */
	LHV_REQ_USER_EOI,		/* userspace's I/O APIC hears of user_eoi */
	LHV_REQ_STEPPED,		/* userspace steps: an instruction is done */
	LHV_REQ_NMI,			/* KVM_NMI or a message */
	LHV_REQ_TSC,			/* TSC offset changed */
	LHV_REQ_DEAD,
};

struct lhv_exception {
	bool pending;			/* to be delivered, not yet in hardware */
	bool injected;			/* handed to hardware, delivery not finished */
	bool has_error;
	bool has_payload;		/* CR2 or DR6 not yet written */
	u8 vector;
	u32 error;
	u64 payload;
};

struct lhv_segment {			/* as kvm_segment, packed access rights */
	u64 base;
	u32 limit;
	u16 selector;
	u32 ar;				/* VMX format; bit 16: unusable */
};

struct lhv_cpuid {
	u32 n;
	/* Position + 1 in e[] of the first entry of a leaf, 0 where there is
	 * none: the first 32 leaves of each range that bits 31:30 tell apart.
	 */
	u16 index[4][32];
	struct kvm_cpuid_entry2 e[];
};

/* What guest CPUID decides on hot paths, computed by lhv_cpuid_update(). */
struct lhv_guest_caps {
	u64 cr4_allowed;		/* CR4 bits the guest may set */
	u64 efer_allowed;
	u64 xcr0_allowed;
	u64 spec_ctrl_allowed;
	u8 maxphyaddr;
	bool rdtscp, x2apic, tsc_deadline, invpcid, tsc_adjust;
	bool xsave, xsaves, pcid, spec_ctrl, pred_cmd, flush_cmd;
	bool arch_capabilities, pku, rdpid;
	bool is_intel;
};

struct lhv_pvclock {
	u64 system_time_msr;		/* with its enable bit */
	unsigned int gen;		/* [p] lhv_vm.clock_gen as its page tells it */
	u64 lost_msr;			/* [p] this page cannot be had: leave it out, once */
	bool wall_clock_due;		/* lhv_clock_update() is to write it */
	bool guest_stopped;		/* told with the next update of its vCPU's own */
};

/* PIO and MMIO that wait for userspace. */
struct lhv_io {
	u8 size;
	u8 insn_len;
	u16 port;
	u64 rip;			/* of the instruction, to see a moved RIP */
};

struct lhv_emul_ctx;			/* insn.h */

struct lhv_vcpu {
	/* the hot part: touched on every exit */
	u64 regs[LHV_NR_REGS];		/* [v] */
	u32 regs_avail, regs_dirty;	/* [v] bits of enum lhv_reg */
	unsigned long requests;		/* [a] */
	int mode;			/* [a] enum lhv_vcpu_mode */
	int cpu;			/* [r] last CPU whose hardware held it */
	struct lhv_vm *vm;		/* [I] */
	struct kvm_run *run;		/* [I] shared with userspace: copy once */
	int run_ret;			/* [r] what KVM_RUN returns with LHV_USER */
	enum lhv_next (*outer)(struct lhv_vcpu *vcpu);	/* [r] with LHV_STEP_OUT */
	/* first thing at the next KVM_RUN, in the ring: finish the I/O */
	enum lhv_next (*complete)(struct lhv_vcpu *vcpu);	/* [v] */
	u64 cr2;			/* [r] */
	u64 efer;			/* [r] */
	u64 apic_base;			/* mirrors lapic.base; used without irqchip */
	u8 cr8;				/* without an in-kernel irqchip */
	struct lhv_exception exc;	/* [v] */
	bool nmi_pending, nmi_injected;	/* [r] */
	bool nmi_blocked;		/* [r] at the last HLT */
	u8 nmi_queued;			/* [a] through LHV_REQ_NMI */
	bool irq_injected, irq_soft;	/* [r] handed to hardware */
	u8 irq_vector;
	s16 irq_user;			/* [v] KVM_INTERRUPT or SET_SREGS: this vector
					 * as soon as the guest takes one; -1 none
					 */
	u8 user_eoi;			/* [r] with LHV_REQ_USER_EOI */
	u8 soft_len;			/* [r] of the INT n, INT3 to be repeated */

	/* identity and lifetime */
	int id, index;			/* [I] APIC id; position in vm->vcpus */
	u64 serial;			/* [I] unlike that of every other ever made */
	struct mutex mutex;
	struct rcuwait wait;
	u32 mp_state;			/* [v] KVM_MP_STATE_* */
	sigset_t sigset;		/* [v] */
	bool sigset_active;
	struct page *run_page, *pio_page;	/* [I] */
	struct lhv_lapic lapic;
	void *vendor;			/* [I] vendor's: struct lhv_vmx */

	/* CPUID and MSRs */
	struct lhv_cpuid *cpuid;	/* [v] */
	struct lhv_guest_caps caps;	/* [v] */
	u64 msr_pat, msr_misc_enable, msr_tsc_aux, msr_spec_ctrl, msr_xss;
	u64 msr_star, msr_lstar, msr_cstar, msr_syscall_mask;
	u64 msr_kernel_gs_base;		/* live in hardware inside the ring */
	u64 msr_mtrr[2 * 8 + 11 + 1];	/* variable pairs, fixed, default type */
	u64 msr_arch_capabilities, msr_platform_info, msr_feature_control;
	u64 msr_ucode_rev;
	u64 mcg_cap, mcg_status, mcg_ctl, mce_banks[LHV_MCE_BANKS * 4];

	/* time */
	u64 tsc_offset;			/* guest TSC - host TSC */
	u64 tsc_adjust;
	u32 tsc_khz;
	struct lhv_pvclock pvclock;

	/* FPU: the guest's XSAVE area and extended control registers */
	struct xregs_state *fpu;	/* [r] 64-byte aligned, standard format */
	u32 fpu_size;
	u64 xcr0;			/* [r] */
	u32 pkru, host_pkru;		/* [r] */
	bool fpu_loaded;		/* [r] the registers are the guest's */
	bool pkru_live;			/* [v] the guest can have a PKRU of its own */

	/* debug registers */
	u64 dr[4], dr6, dr7;		/* [r] the guest's own */
	u32 guest_debug;		/* [v] KVM_GUESTDBG_* */
	u64 debug_dr[4], debug_dr7;	/* [v] userspace's breakpoints */
	unsigned long host_dr[4];	/* [r] set aside while dr_loaded */
	bool dr_loaded;

	/* what the last exit was about */
	u64 fault_gpa;			/* [r] for outer and MMIO */
	u32 fault_access;
	struct lhv_io io;
	struct lhv_emul_ctx *emul;	/* [r] */
	u64 pdptr[4];			/* [r] PAE */

	/* KVM_SET_VAPIC_ADDR */
	u64 vapic_addr;			/* [v] 0: none */

#ifdef LHV_DEBUG
	s64 tlb_gen;			/* [r] debug.h */
	int tlb_cpu;
#endif

	struct {
		u64 enters, irq_exits, io_user, mmio_user, halts,
		    faults, injections, steps_out;
	} stat;
};

/* KVM_CAP_SET_GUEST_DEBUG2 */
#define LHV_GUEST_DEBUG_FLAGS						\
	(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP | KVM_GUESTDBG_USE_SW_BP |	\
	 KVM_GUESTDBG_USE_HW_BP | KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP |	\
	 KVM_GUESTDBG_BLOCKIRQ)

/* ---- run.c, kick.c: the run loop ---- */
/* Are the 8259s userspace's: no irqchip, or a split one? */
static inline bool lhv_user_irqs(const struct lhv_vcpu *vcpu)
{
	return !lhv_irqchip_has_chips(&vcpu->vm->irqchip);
}

/* KVM_RUN. 0 or -EINTR, -EAGAIN, -EFAULT, … with vcpu->run filled. [v] held. */
int lhv_vcpu_run(struct lhv_vcpu *vcpu);
/* Kick: if inside the guest, it leaves; if it sleeps, it wakes. Any context. */
void lhv_vcpu_kick(struct lhv_vcpu *vcpu);
void lhv_vcpu_request(struct lhv_vcpu *vcpu, enum lhv_request req);	/* set + kick */
void lhv_vm_request_all(struct lhv_vm *vm, enum lhv_request req);
/* An internal surprise: the VM ends with -EIO, the host goes on. Any context. */
void lhv_vm_kill(struct lhv_vm *vm, const char *why);

static inline unsigned int lhv_nr_vcpus(const struct lhv_vm *vm)
{
	/* pairs with the publication in module/: who sees n sees n pointers */
	return smp_load_acquire(&vm->nr_vcpus);
}

/* The vendor's control block is current between these; preemption is off. */
void lhv_vcpu_load(struct lhv_vcpu *vcpu);
void lhv_vcpu_put(struct lhv_vcpu *vcpu);
void lhv_vcpu_cache_regs(struct lhv_vcpu *vcpu, u32 regs);

/* ---- lifetimes, called by module/ ---- */
int lhv_arch_init(bool beside_kvm);	/* choose the vendor; prints why not */
void lhv_arch_exit(void);
int lhv_arch_vm_init(struct lhv_vm *vm);	/* turns the hardware on: -EBUSY */
void lhv_arch_vm_quiesce(struct lhv_vm *vm);
void lhv_arch_vm_destroy(struct lhv_vm *vm);
/* vcpu->id, vm, run, pages are set; has_irqchip decides about the LAPIC */
int lhv_arch_vcpu_init(struct lhv_vcpu *vcpu);
void lhv_arch_vcpu_destroy(struct lhv_vcpu *vcpu);
/* CPU hotplug, suspend, reboot: this CPU, preemption off */
int lhv_arch_cpu_online(void);
void lhv_arch_cpu_offline(void);

/* ---- acts behind ioctls; [v] held, arguments copied; 0 or -errno ---- */
/* state.c */
int lhv_get_regs(struct lhv_vcpu *vcpu, struct kvm_regs *regs);
int lhv_set_regs(struct lhv_vcpu *vcpu, const struct kvm_regs *regs);
int lhv_get_sregs(struct lhv_vcpu *vcpu, struct kvm_sregs *s);
int lhv_set_sregs(struct lhv_vcpu *vcpu, const struct kvm_sregs *s);
int lhv_get_sregs2(struct lhv_vcpu *vcpu, struct kvm_sregs2 *s);
int lhv_set_sregs2(struct lhv_vcpu *vcpu, const struct kvm_sregs2 *s);
int lhv_get_debugregs(struct lhv_vcpu *vcpu, struct kvm_debugregs *d);
int lhv_set_guest_debug(struct lhv_vcpu *vcpu, const struct kvm_guest_debug *dbg);
int lhv_set_debugregs(struct lhv_vcpu *vcpu, const struct kvm_debugregs *d);
int lhv_get_vcpu_events(struct lhv_vcpu *vcpu, struct kvm_vcpu_events *e);
int lhv_set_vcpu_events(struct lhv_vcpu *vcpu, const struct kvm_vcpu_events *e);
int lhv_get_mp_state(struct lhv_vcpu *vcpu, struct kvm_mp_state *s);
int lhv_set_mp_state(struct lhv_vcpu *vcpu, const struct kvm_mp_state *s);
int lhv_get_lapic(struct lhv_vcpu *vcpu, struct kvm_lapic_state *s);
int lhv_set_lapic(struct lhv_vcpu *vcpu, const struct kvm_lapic_state *s);
int lhv_interrupt(struct lhv_vcpu *vcpu, const struct kvm_interrupt *i);
int lhv_nmi(struct lhv_vcpu *vcpu);
int lhv_translate(struct lhv_vcpu *vcpu, struct kvm_translation *tr);
int lhv_kvmclock_ctrl(struct lhv_vcpu *vcpu);
int lhv_set_tpr_access(struct lhv_vcpu *vcpu, struct kvm_tpr_access_ctl *c);
int lhv_set_vapic_addr(struct lhv_vcpu *vcpu, const struct kvm_vapic_addr *a);
int lhv_setup_mce(struct lhv_vcpu *vcpu, u64 mcg_cap);
int lhv_set_mce(struct lhv_vcpu *vcpu, const struct kvm_x86_mce *mce);
u64 lhv_supported_mce_cap(void);
/* cpuid.c */
int lhv_supported_cpuid(struct kvm_cpuid_entry2 *e, u32 *nent);	/* -E2BIG */
int lhv_set_cpuid(struct lhv_vcpu *vcpu, const struct kvm_cpuid_entry2 *e, u32 n);
int lhv_get_cpuid(struct lhv_vcpu *vcpu, struct kvm_cpuid_entry2 *e, u32 *n);
/* the guest executed CPUID: eax/ecx in, all four out; runtime bits applied */
void lhv_cpuid_query(struct lhv_vcpu *vcpu, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);
/* msr.c; answers of lists are arrays owned by msr.c */
const u32 *lhv_msr_index_list(u32 *n);
const u32 *lhv_msr_feature_list(u32 *n);
int lhv_get_feature_msr(u32 index, u64 *data);		/* 0 or -EINVAL */
/* 0; 1: the guest takes #GP (host: stop counting) */
int lhv_get_msr(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host);
int lhv_set_msr(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host);
/* fpu.c */
int lhv_fpu_global_init(void);
int lhv_fpu_init(struct lhv_vcpu *vcpu);
void lhv_fpu_free(struct lhv_vcpu *vcpu);
void lhv_fpu_reset(struct lhv_vcpu *vcpu);
u32 lhv_xsave_size(void);			/* KVM_CAP_XSAVE2 */
u64 lhv_supported_xcr0(void);
int lhv_get_fpu(struct lhv_vcpu *vcpu, struct kvm_fpu *f);
int lhv_set_fpu(struct lhv_vcpu *vcpu, const struct kvm_fpu *f);
int lhv_get_xsave(struct lhv_vcpu *vcpu, void *buf, u32 size);
int lhv_set_xsave(struct lhv_vcpu *vcpu, const void *buf);
int lhv_get_xcrs(struct lhv_vcpu *vcpu, struct kvm_xcrs *x);
int lhv_set_xcrs(struct lhv_vcpu *vcpu, const struct kvm_xcrs *x);
int lhv_set_xcr(struct lhv_vcpu *vcpu, u32 index, u64 value);	/* 0 or 1: #GP */
/* ring enter/leave: between them the registers are the guest's */
void lhv_fpu_load_guest(struct lhv_vcpu *vcpu);	/* kernel_fpu_begin + restore */
void lhv_fpu_save_guest(struct lhv_vcpu *vcpu);	/* save + kernel_fpu_end */
void lhv_pkru_enter(struct lhv_vcpu *vcpu);
void lhv_pkru_exit(struct lhv_vcpu *vcpu);

/* just around VM entry, interrupts off; XCR0 and XSS are the guest's already */
static inline void lhv_fpu_enter(struct lhv_vcpu *vcpu)
{
	if (unlikely(vcpu->pkru_live))
		lhv_pkru_enter(vcpu);
}

static inline void lhv_fpu_exit(struct lhv_vcpu *vcpu)
{
	if (unlikely(vcpu->pkru_live))
		lhv_pkru_exit(vcpu);
}

/* clock.c */
u64 lhv_guest_tsc(struct lhv_vcpu *vcpu);
int lhv_set_tsc_khz(struct lhv_vcpu *vcpu, u32 khz);
int lhv_get_clock(struct lhv_vm *vm, struct kvm_clock_data *d);
int lhv_set_clock(struct lhv_vm *vm, const struct kvm_clock_data *d);
u32 lhv_clock_flags(void);			/* KVM_CAP_ADJUST_CLOCK */
void lhv_clock_vm_init(struct lhv_vm *vm);
void lhv_clock_pause(struct lhv_vm *vm);
void lhv_clock_suspend(void);
void lhv_clock_resume(struct lhv_vm *vm);
void lhv_clock_vcpu_init(struct lhv_vcpu *vcpu);
void lhv_clock_vcpu_joins(struct lhv_vcpu *vcpu);
/* LHV_REQ_CLOCK, in the ring: -EAGAIN where the page is not at hand */
int lhv_clock_update(struct lhv_vcpu *vcpu);
void lhv_clock_leave_out(struct lhv_vcpu *vcpu);

#endif /* LHV_ARCH_H */
