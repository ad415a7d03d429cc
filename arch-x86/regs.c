// SPDX-License-Identifier: GPL-2.0
/*
 * The rules for a processor's control registers: what MOV to CRn, EFER and
 * IA32_APIC_BASE refuse and what they change besides, and what INIT and reset
 * leave behind. Called by the exit handlers of both vendors and by the acts
 * behind ioctls. It knows no VMCS and no VMCB: checked values go to the vendor's
 * operations. The vCPU is loaded in every function here.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <asm/apicdef.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "guest-debug.h"
#include "regs.h"

/* Bits of CR0 that exist; MOV to CR0 ignores the others below bit 32. */
#define CR0_DEFINED	(X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | \
			 X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | \
			 X86_CR0_NW | X86_CR0_CD | X86_CR0_PG)

/* A change of these loads the PDPTEs anew (SDM, "PDPTE Registers"). */
#define CR0_PDPTE_BITS	(X86_CR0_CD | X86_CR0_NW | X86_CR0_PG)
#define CR4_PDPTE_BITS	(X86_CR4_PAE | X86_CR4_PGE | X86_CR4_PSE | X86_CR4_SMEP)

/* A present PDPTE has these clear, and those above the physical address width. */
#define PDPTE_RESERVED	(GENMASK_ULL(8, 5) | GENMASK_ULL(2, 1))
#define PDPTE_PRESENT	BIT_ULL(0)

#define CR3_NO_FLUSH	BIT_ULL(63)
#define CR3_PAE_MASK	0xffffffe0ULL

/* Access rights in the VMX format, as reset leaves them. */
#define SEG_CODE_RESET	0x9b
#define SEG_DATA_RESET	0x93
#define SEG_LDTR_RESET	0x82
#define SEG_TSS_RESET	0x8b
#define SEG_L		BIT(13)

static bool code_segment_is_long(struct lhv_vcpu *vcpu)
{
	struct lhv_segment cs;

	lhv_vendor.get_seg(vcpu, LHV_SEG_CS, &cs);
	return cs.ar & SEG_L;
}

/**
 * lhv_is_64bit_code() - does the guest run 64-bit code now?
 * @vcpu: the vCPU, loaded
 *
 * Return: true with EFER.LMA and CS.L set.
 */
bool lhv_is_64bit_code(struct lhv_vcpu *vcpu)
{
	return (vcpu->efer & EFER_LMA) && code_segment_is_long(vcpu);
}

/**
 * lhv_uses_pdptrs() - do these register values select PAE paging?
 * @cr0: CR0
 * @cr4: CR4
 * @efer: EFER
 *
 * Return: true where the processor translates through its four PDPTEs.
 */
bool lhv_uses_pdptrs(u64 cr0, u64 cr4, u64 efer)
{
	return (cr0 & X86_CR0_PG) && (cr4 & X86_CR4_PAE) && !(efer & EFER_LMA);
}

/**
 * lhv_read_pdptrs() - fetch the four PDPTEs of PAE paging from guest memory
 * @vcpu: the vCPU; need not be loaded
 * @cr3: the CR3 they hang from
 * @pdptr: where they go; untouched unless the answer is 0
 * @can_sleep: false inside the ring
 *
 * Return: 0; 1 where loading them raises #GP; -EAGAIN where @can_sleep is false
 * and the page is not at hand.
 */
int lhv_read_pdptrs(struct lhv_vcpu *vcpu, u64 cr3, u64 pdptr[4], bool can_sleep)
{
	u64 reserved = PDPTE_RESERVED | GENMASK_ULL(63, vcpu->caps.maxphyaddr);
	u64 e[4];
	int i, ret;

	ret = lhv_mmu_read_gpa(&vcpu->vm->mmu, cr3 & CR3_PAE_MASK, e, sizeof(e), can_sleep);
	if (ret)
		return ret == -EAGAIN ? ret : 1;
	for (i = 0; i < 4; i++)
		if ((e[i] & PDPTE_PRESENT) && (e[i] & reserved))
			return 1;
	memcpy(pdptr, e, sizeof(e));
	return 0;
}

/**
 * lhv_load_walk() - the processor's state for a walk of the guest's page tables
 * @vcpu: the vCPU
 * @w: gets all of it; that may not sleep
 */
void lhv_load_walk(struct lhv_vcpu *vcpu, struct lhv_walk *w)
{
	w->cr0 = lhv_reg_read(vcpu, LHV_CR0);
	w->cr3 = lhv_reg_read(vcpu, LHV_CR3);
	w->cr4 = lhv_reg_read(vcpu, LHV_CR4);
	w->efer = vcpu->efer;
	w->rflags = lhv_reg_read(vcpu, LHV_RFLAGS);
	w->pkru = vcpu->pkru;
	w->maxphyaddr = vcpu->caps.maxphyaddr;
	w->can_sleep = false;
	if (unlikely(lhv_uses_pdptrs(w->cr0, w->cr4, w->efer))) {
		lhv_vendor.save_pdptrs(vcpu);
		memcpy(w->pdptr, vcpu->pdptr, sizeof(w->pdptr));
	}
}

/*
 * What these register values translate through, where that is PDPTEs. Inside
 * the ring; 0, 1 or -EAGAIN, and nothing changed unless 0.
 */
static int load_pdptrs(struct lhv_vcpu *vcpu, u64 cr0, u64 cr3, u64 cr4, u64 efer)
{
	int ret;

	if (!lhv_uses_pdptrs(cr0, cr4, efer))
		return 0;
	ret = lhv_read_pdptrs(vcpu, cr3, vcpu->pdptr, false);
	if (!ret)
		lhv_vendor.load_pdptrs(vcpu);
	vcpu->fault_gpa = cr3 & CR3_PAE_MASK;
	vcpu->fault_access = LHV_ACC_READ;
	return ret;
}

/* Not inside 64-bit code; on to long mode with PAE, off without PCIDs. */
static bool paging_change_allowed(struct lhv_vcpu *vcpu, bool on)
{
	u64 cr4 = lhv_reg_read(vcpu, LHV_CR4);

	if (!on)
		return !(cr4 & X86_CR4_PCIDE) && !lhv_is_64bit_code(vcpu);
	return !(vcpu->efer & EFER_LME) || ((cr4 & X86_CR4_PAE) && !code_segment_is_long(vcpu));
}

/**
 * lhv_guest_set_cr0() - the guest moves to CR0
 * @vcpu: the vCPU, inside the ring
 * @cr0: the new value
 *
 * Return: 0; 1: the guest takes #GP(0); -EAGAIN: nothing changed, step out to
 * lhv_outer_fault() and execute the instruction again.
 */
int lhv_guest_set_cr0(struct lhv_vcpu *vcpu, u64 cr0)
{
	u64 changed, efer = vcpu->efer & ~(u64)EFER_LMA;
	int ret = 0;

	if (!lhv_cr0_is_valid(cr0))
		return 1;
	/* EFER.LMA as it will be once CR0.PG has its new value */
	if ((cr0 & X86_CR0_PG) && (efer & EFER_LME))
		efer |= EFER_LMA;
	cr0 = (cr0 & CR0_DEFINED) | X86_CR0_ET;
	changed = cr0 ^ lhv_reg_read(vcpu, LHV_CR0);
	if ((changed & X86_CR0_PG) && !paging_change_allowed(vcpu, cr0 & X86_CR0_PG))
		return 1;
	if (changed & CR0_PDPTE_BITS)
		ret = load_pdptrs(vcpu, cr0, lhv_reg_read(vcpu, LHV_CR3),
				  lhv_reg_read(vcpu, LHV_CR4), efer);
	if (ret)
		return ret;
	lhv_vendor.set_cr0(vcpu, cr0);
	if (efer != vcpu->efer)
		lhv_vendor.set_efer(vcpu, efer);
	if (changed & X86_CR0_PG)
		lhv_self_request(vcpu, LHV_REQ_TLB_FLUSH);
	return 0;
}

/**
 * lhv_cr0_is_valid() - may CR0 hold this value at all?
 * @cr0: the value
 *
 * Return: false for the combinations that raise #GP whatever the mode.
 */
bool lhv_cr0_is_valid(u64 cr0)
{
	if (cr0 >> 32 || ((cr0 & X86_CR0_NW) && !(cr0 & X86_CR0_CD)))
		return false;
	return !(cr0 & X86_CR0_PG) || (cr0 & X86_CR0_PE);
}

/**
 * lhv_guest_set_cr3() - the guest moves to CR3
 * @vcpu: the vCPU, inside the ring
 * @cr3: the new value
 *
 * Return: as lhv_guest_set_cr0().
 */
int lhv_guest_set_cr3(struct lhv_vcpu *vcpu, u64 cr3)
{
	u64 cr4 = lhv_reg_read(vcpu, LHV_CR4);
	bool keep = false;
	int ret;

	if (cr4 & X86_CR4_PCIDE) {
		keep = cr3 & CR3_NO_FLUSH;
		cr3 &= ~CR3_NO_FLUSH;
	}
	if ((vcpu->efer & EFER_LMA) && (cr3 >> vcpu->caps.maxphyaddr))
		return 1;
	ret = load_pdptrs(vcpu, lhv_reg_read(vcpu, LHV_CR0), cr3, cr4, vcpu->efer);
	if (ret)
		return ret;
	lhv_vendor.set_cr3(vcpu, cr3);
	if (!keep)
		lhv_self_request(vcpu, LHV_REQ_TLB_FLUSH);
	return 0;
}

static bool cr4_change_allowed(struct lhv_vcpu *vcpu, u64 old, u64 new)
{
	bool lma = vcpu->efer & EFER_LMA;

	if ((new & ~vcpu->caps.cr4_allowed) || (lma && !(new & X86_CR4_PAE)))
		return false;
	if ((new & ~old) & X86_CR4_PCIDE)
		return lma && !(lhv_reg_read(vcpu, LHV_CR3) & CR3_PCID_MASK);
	return true;
}

/**
 * lhv_guest_set_cr4() - the guest moves to CR4
 * @vcpu: the vCPU, inside the ring
 * @cr4: the new value
 *
 * Return: as lhv_guest_set_cr0().
 */
int lhv_guest_set_cr4(struct lhv_vcpu *vcpu, u64 cr4)
{
	u64 old = lhv_reg_read(vcpu, LHV_CR4), changed = old ^ cr4;
	int ret = 0;

	if (!cr4_change_allowed(vcpu, old, cr4))
		return 1;
	if (changed & CR4_PDPTE_BITS)
		ret = load_pdptrs(vcpu, lhv_reg_read(vcpu, LHV_CR0),
				  lhv_reg_read(vcpu, LHV_CR3), cr4, vcpu->efer);
	if (ret)
		return ret;
	lhv_vendor.set_cr4(vcpu, cr4);
	/* SDM, "Operations that Invalidate TLBs and Paging-Structure Caches" */
	if ((changed & (X86_CR4_PGE | X86_CR4_PAE | X86_CR4_PSE)) ||
	    (changed & old & X86_CR4_PCIDE) || (changed & cr4 & X86_CR4_SMEP))
		lhv_self_request(vcpu, LHV_REQ_TLB_FLUSH);
	return 0;
}

/**
 * lhv_guest_set_cr8() - the task priority changes
 * @vcpu: the vCPU
 * @cr8: the new value
 *
 * Return: 0, or 1: the guest takes #GP(0).
 */
int lhv_guest_set_cr8(struct lhv_vcpu *vcpu, u64 cr8)
{
	if (cr8 & ~0xfULL)
		return 1;
	if (vcpu->vm->has_irqchip)
		lhv_lapic_set_cr8(&vcpu->lapic, cr8);
	else
		vcpu->cr8 = cr8;
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	return 0;
}

/**
 * lhv_guest_get_cr8() - the task priority
 * @vcpu: the vCPU
 *
 * Return: CR8, 0..15.
 */
u64 lhv_guest_get_cr8(struct lhv_vcpu *vcpu)
{
	if (vcpu->vm->has_irqchip)
		return lhv_lapic_get_cr8(&vcpu->lapic);
	return vcpu->cr8;
}

/**
 * lhv_set_efer() - WRMSR to IA32_EFER
 * @vcpu: the vCPU
 * @efer: the new value; LMA in it is ignored, the processor owns it
 * @host: userspace's write, which the guest's CPUID and mode do not bind
 *
 * Return: 0, or 1: the guest takes #GP(0).
 */
int lhv_set_efer(struct lhv_vcpu *vcpu, u64 efer, bool host)
{
	u64 allowed = host ? lhv_supported_efer() : vcpu->caps.efer_allowed;
	u64 changed;

	efer &= ~(u64)EFER_LMA;
	if (efer & ~allowed)
		return 1;
	efer |= vcpu->efer & EFER_LMA;
	changed = efer ^ vcpu->efer;
	if (!host && (changed & EFER_LME) && (lhv_reg_read(vcpu, LHV_CR0) & X86_CR0_PG))
		return 1;
	if (changed)
		lhv_vendor.set_efer(vcpu, efer);
	return 0;
}

/**
 * lhv_set_apic_base() - WRMSR to IA32_APIC_BASE
 * @vcpu: the vCPU
 * @base: the new value
 * @host: userspace's write: any transition between modes is allowed
 *
 * Return: 0, or 1: the guest takes #GP(0).
 */
int lhv_set_apic_base(struct lhv_vcpu *vcpu, u64 base, bool host)
{
	u64 reserved = 0xff | BIT_ULL(9) | GENMASK_ULL(63, vcpu->caps.maxphyaddr);

	if (base & (reserved | (vcpu->caps.x2apic ? 0 : X2APIC_ENABLE)))
		return 1;
	if ((base & X2APIC_ENABLE) && !(base & MSR_IA32_APICBASE_ENABLE))
		return 1;
	if (vcpu->vm->has_irqchip) {
		if (lhv_lapic_set_base(&vcpu->lapic, base, host,
				       vcpu->caps.maxphyaddr, vcpu->caps.x2apic))
			return 1;
		base = vcpu->lapic.base;
	}
	if (base != vcpu->apic_base)
		lhv_self_request(vcpu, LHV_REQ_APIC_MODE);
	vcpu->apic_base = base;
	return 0;
}

/**
 * lhv_put_cregs() - make the control registers hold values already checked
 * @vcpu: the vCPU, loaded
 * @cr0: CR0
 * @cr3: CR3
 * @cr4: CR4
 * @efer: EFER, LMA included
 *
 * For acts that set the whole state at once: no rule about transitions.
 */
void lhv_put_cregs(struct lhv_vcpu *vcpu, u64 cr0, u64 cr3, u64 cr4, u64 efer)
{
	lhv_vendor.set_efer(vcpu, efer);
	lhv_vendor.set_cr0(vcpu, cr0);
	lhv_vendor.set_cr4(vcpu, cr4);
	lhv_vendor.set_cr3(vcpu, cr3);
	lhv_self_request(vcpu, LHV_REQ_TLB_FLUSH);
}

static void reset_segments(struct lhv_vcpu *vcpu)
{
	static const u8 rights[LHV_NR_SEGS] = {		/* in the order of enum lhv_seg */
		SEG_DATA_RESET, SEG_CODE_RESET, SEG_DATA_RESET, SEG_DATA_RESET,
		SEG_DATA_RESET, SEG_DATA_RESET, SEG_LDTR_RESET, SEG_TSS_RESET,
	};
	struct kvm_dtable dt = { .limit = 0xffff };
	enum lhv_seg seg;

	for (seg = 0; seg < LHV_NR_SEGS; seg++) {
		struct lhv_segment s = { .limit = 0xffff, .ar = rights[seg] };

		if (seg == LHV_SEG_CS) {
			s.selector = 0xf000;
			s.base = 0xffff0000;
		}
		lhv_vendor.set_seg(vcpu, seg, &s);
	}
	lhv_vendor.set_table(vcpu, LHV_GDT, &dt);
	lhv_vendor.set_table(vcpu, LHV_IDT, &dt);
}

static void reset_events(struct lhv_vcpu *vcpu)
{
	vcpu->exc = (struct lhv_exception){};
	vcpu->nmi_pending = false;
	vcpu->nmi_injected = false;
	vcpu->nmi_queued = 0;
	vcpu->irq_injected = false;
	vcpu->irq_soft = false;
	vcpu->irq_user = -1;
	lhv_vendor.set_nmi_mask(vcpu, false);
	lhv_vendor.set_shadow(vcpu, 0);
	lhv_self_request(vcpu, LHV_REQ_EVENT);
}

static void reset_registers(struct lhv_vcpu *vcpu)
{
	const struct kvm_cpuid_entry2 *e = lhv_cpuid_find(vcpu, 1, 0);
	enum lhv_reg r;

	for (r = LHV_RAX; r <= LHV_R15; r++)
		lhv_reg_write(vcpu, r, 0);
	/* the processor's signature; 6 is every family since the P6 */
	lhv_reg_write(vcpu, LHV_RDX, e ? e->eax : 0x600);
	lhv_reg_write(vcpu, LHV_RIP, 0xfff0);
	lhv_reg_write(vcpu, LHV_RFLAGS, X86_EFLAGS_FIXED);
	vcpu->cr8 = 0;
	vcpu->cr2 = 0;
	memset(vcpu->dr, 0, sizeof(vcpu->dr));
	vcpu->dr6 = LHV_DR6_RESET;
	lhv_put_guest_dr7(vcpu, LHV_DR7_RESET);
}

/**
 * lhv_vcpu_reset() - put the vCPU into its state after power-up or INIT
 * @vcpu: the vCPU, loaded
 * @init_event: INIT, which leaves the FPU, the MTRRs and most MSRs alone
 *
 * SDM, "Processor State After Reset". mp_state is the caller's business.
 */
void lhv_vcpu_reset(struct lhv_vcpu *vcpu, bool init_event)
{
	u64 cr0 = X86_CR0_ET | X86_CR0_NW | X86_CR0_CD;
	bool bsp = vcpu->id == vcpu->vm->bsp_id;

	if (init_event)
		cr0 &= lhv_reg_read(vcpu, LHV_CR0) | X86_CR0_ET;
	else
		lhv_cpuid_update(vcpu);

	lhv_vendor.vcpu_reset(vcpu, init_event);
	if (vcpu->vm->has_irqchip) {
		lhv_lapic_reset(&vcpu->lapic, !init_event, bsp);
		vcpu->apic_base = vcpu->lapic.base;
	} else if (!init_event) {
		vcpu->apic_base = LHV_APIC_DEFAULT_BASE | MSR_IA32_APICBASE_ENABLE |
				  (bsp ? MSR_IA32_APICBASE_BSP : 0);
	}
	clear_bit(LHV_REQ_STEPPED, &vcpu->requests);
	reset_registers(vcpu);
	reset_segments(vcpu);
	lhv_put_cregs(vcpu, cr0, 0, 0, 0);
	if (!init_event) {
		lhv_fpu_reset(vcpu);
		lhv_msr_reset(vcpu);
	}
	reset_events(vcpu);
}
