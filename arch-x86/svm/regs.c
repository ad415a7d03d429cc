// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's registers in the VMCB: general ones come with every exit and are
 * written back before entry if they changed. Called through lhv_vendor_ops,
 * loaded.
 */
#include <linux/nospec.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/special_insns.h>

#include "../regs.h"
#include "svm.h"

/* Of CR0 what the guest believes to be there, and the processor ignores. */
#define CR0_SHADOWED	(X86_CR0_CD | X86_CR0_NW)

static void cache_reg(struct lhv_vcpu *vcpu, enum lhv_reg reg)
{
	struct lhv_svm *svm = to_svm(vcpu);
	struct vmcb_save *save = svm_save(vcpu);
	u64 val;

	switch (reg) {
	case LHV_RSP:
		val = save->rsp;
		break;
	case LHV_RIP:
		val = save->rip;
		break;
	case LHV_RFLAGS:
		val = save->rflags;
		break;
	case LHV_CR0:
		val = save->cr0 | (svm->cr0 & CR0_SHADOWED);
		break;
	case LHV_CR3:
		val = save->cr3;
		break;
	case LHV_CR4:
		val = svm->cr4;
		break;
	default:
		return;
	}
	vcpu->regs[reg] = val;
	vcpu->regs_avail |= BIT(reg);
}

/**
 * lhv_svm_write_back() - registers that changed go into the VMCB
 * @vcpu: loaded
 *
 * No group of the clean bits has these three: the processor always loads them.
 */
void lhv_svm_write_back(struct lhv_vcpu *vcpu)
{
	struct vmcb_save *save = svm_save(vcpu);
	u32 dirty = vcpu->regs_dirty;

	if (dirty & BIT(LHV_RIP))
		save->rip = vcpu->regs[LHV_RIP];
	if (dirty & BIT(LHV_RSP))
		save->rsp = vcpu->regs[LHV_RSP];
	if (dirty & BIT(LHV_RFLAGS))
		save->rflags = vcpu->regs[LHV_RFLAGS];
	vcpu->regs_dirty = 0;
}

static struct vmcb_segment *vmcb_seg(struct lhv_vcpu *vcpu, enum lhv_seg seg)
{
	static const u16 offsets[LHV_NR_SEGS] = {
		[LHV_SEG_ES] = offsetof(struct vmcb_save, es),
		[LHV_SEG_CS] = offsetof(struct vmcb_save, cs),
		[LHV_SEG_SS] = offsetof(struct vmcb_save, ss),
		[LHV_SEG_DS] = offsetof(struct vmcb_save, ds),
		[LHV_SEG_FS] = offsetof(struct vmcb_save, fs),
		[LHV_SEG_GS] = offsetof(struct vmcb_save, gs),
		[LHV_SEG_LDTR] = offsetof(struct vmcb_save, ldtr),
		[LHV_SEG_TR] = offsetof(struct vmcb_save, tr),
	};

	return (void *)svm_save(vcpu) + offsets[array_index_nospec(seg, LHV_NR_SEGS)];
}

#define SEG_AR_UNUSABLE	BIT(16)		/* of struct lhv_segment */
#define SEG_AR_BUSY		BIT(1)
#define SEG_AR_G		BIT(15)
#define SEG_AR_DPL		GENMASK(6, 5)
#define SEG_AR_DPL_SHIFT	5

/* Access rights leave four bits free where the VMCB's attributes do not. */
static void get_seg(struct lhv_vcpu *vcpu, enum lhv_seg seg, struct lhv_segment *s)
{
	const struct vmcb_segment *v = vmcb_seg(vcpu, seg);
	u32 ar = (v->attributes & 0xff) | (v->attributes & 0xf00) << 4;

	s->selector = v->selector;
	s->base = v->base;
	s->limit = v->limit;
	if (!(ar & SEG_ATTR_P))
		ar |= SEG_AR_UNUSABLE;
	/* What the processor does not keep, and a VMM expects as VMX has it. */
	ar = s->limit > 0xfffff ? ar | SEG_AR_G : ar & ~(u32)SEG_AR_G;
	if (seg == LHV_SEG_TR)
		ar |= SEG_AR_BUSY;
	/* The CPL is in a field of its own (APM, "VMRUN", and its DPL of SS). */
	if (seg == LHV_SEG_SS)
		ar = (ar & ~(u32)SEG_AR_DPL) | svm_save(vcpu)->cpl << SEG_AR_DPL_SHIFT;
	s->ar = ar;
}

static void set_seg(struct lhv_vcpu *vcpu, enum lhv_seg seg, const struct lhv_segment *s)
{
	struct vmcb_segment *v = vmcb_seg(vcpu, seg);

	v->selector = s->selector;
	v->base = s->base;
	v->limit = s->limit;
	v->attributes = (s->ar & 0xff) | (s->ar >> 4 & 0xf00);
	if (s->ar & SEG_AR_UNUSABLE)
		v->attributes &= ~SEG_ATTR_P;
	if (seg == LHV_SEG_SS)
		svm_save(vcpu)->cpl = (s->ar & SEG_AR_DPL) >> SEG_AR_DPL_SHIFT;
	svm_dirty(vcpu, CLEAN_SEG);
}

static struct vmcb_segment *vmcb_table(struct lhv_vcpu *vcpu, enum lhv_table table)
{
	return table == LHV_IDT ? &svm_save(vcpu)->idtr : &svm_save(vcpu)->gdtr;
}

static void get_table(struct lhv_vcpu *vcpu, enum lhv_table table, struct kvm_dtable *dt)
{
	dt->base = vmcb_table(vcpu, table)->base;
	dt->limit = vmcb_table(vcpu, table)->limit;
}

static void set_table(struct lhv_vcpu *vcpu, enum lhv_table table, const struct kvm_dtable *dt)
{
	vmcb_table(vcpu, table)->base = dt->base;
	vmcb_table(vcpu, table)->limit = dt->limit;
	svm_dirty(vcpu, CLEAN_DT);
}

static int get_cpl(struct lhv_vcpu *vcpu)
{
	return svm_save(vcpu)->cpl;
}

/*
 * Memory is write-back whatever CR0.CD says. While the guest believes in other
 * than the processor has, all its accesses exit; else only changes of more than
 * TS and MP do.
 */
static void set_cr0(struct lhv_vcpu *vcpu, u64 cr0)
{
	to_svm(vcpu)->cr0 = cr0;
	svm_save(vcpu)->cr0 = cr0 & ~(u64)CR0_SHADOWED;
	svm_dirty(vcpu, CLEAN_CR);
	lhv_svm_intercept(vcpu, INTERCEPT_CR, INTERCEPT_CR_READ(0) | INTERCEPT_CR_WRITE(0),
			  cr0 & CR0_SHADOWED);
	vcpu->regs[LHV_CR0] = cr0;
	vcpu->regs_avail |= BIT(LHV_CR0);
}

static void set_cr3(struct lhv_vcpu *vcpu, u64 cr3)
{
	svm_save(vcpu)->cr3 = cr3;
	svm_dirty(vcpu, CLEAN_CR);
	vcpu->regs[LHV_CR3] = cr3;
	vcpu->regs_avail |= BIT(LHV_CR3);
}

/* A machine check that meets CR4.MCE clear shuts the processor down: the host's
 * bit stays, and a guest that has not set it must not see it.
 */
static void set_cr4(struct lhv_vcpu *vcpu, u64 cr4)
{
	u64 real = cr4 | (__read_cr4() & X86_CR4_MCE);

	to_svm(vcpu)->cr4 = cr4;
	svm_save(vcpu)->cr4 = real;
	svm_dirty(vcpu, CLEAN_CR);
	lhv_svm_intercept(vcpu, INTERCEPT_CR, INTERCEPT_CR_READ(4), cr4 != real);
	vcpu->regs[LHV_CR4] = cr4;
	vcpu->regs_avail |= BIT(LHV_CR4);
}

/* VMRUN wants SVME set; the guest's reads and writes of EFER exit. */
static void set_efer(struct lhv_vcpu *vcpu, u64 efer)
{
	svm_save(vcpu)->efer = efer | EFER_SVME;
	svm_dirty(vcpu, CLEAN_CR);
	vcpu->efer = efer;
}

/* With nested paging the processor reads PDPTEs from memory, as it needs them. */
static void load_pdptrs(struct lhv_vcpu *vcpu)
{
}

/* Where the page is not at hand, what was read last stays. */
static void save_pdptrs(struct lhv_vcpu *vcpu)
{
	(void)lhv_read_pdptrs(vcpu, lhv_reg_read(vcpu, LHV_CR3), vcpu->pdptr, false);
}

static void set_dr7(struct lhv_vcpu *vcpu, u64 dr7)
{
	svm_save(vcpu)->dr7 = dr7;
	svm_dirty(vcpu, CLEAN_DR);
}

static u64 get_dr7(struct lhv_vcpu *vcpu)
{
	return svm_save(vcpu)->dr7;
}

/* MSRs that live in the VMCB. */
static const struct {
	u32 index;
	u16 offset;
} vmcb_msrs[] = {
	{ MSR_IA32_SYSENTER_CS, offsetof(struct vmcb_save, sysenter_cs) },
	{ MSR_IA32_SYSENTER_ESP, offsetof(struct vmcb_save, sysenter_esp) },
	{ MSR_IA32_SYSENTER_EIP, offsetof(struct vmcb_save, sysenter_eip) },
	{ MSR_IA32_CR_PAT, offsetof(struct vmcb_save, g_pat) },
	{ MSR_STAR, offsetof(struct vmcb_save, star) },
	{ MSR_LSTAR, offsetof(struct vmcb_save, lstar) },
	{ MSR_CSTAR, offsetof(struct vmcb_save, cstar) },
	{ MSR_SYSCALL_MASK, offsetof(struct vmcb_save, sfmask) },
	{ MSR_FS_BASE, offsetof(struct vmcb_save, fs.base) },
	{ MSR_GS_BASE, offsetof(struct vmcb_save, gs.base) },
	{ MSR_KERNEL_GS_BASE, offsetof(struct vmcb_save, kernel_gs_base) },
};

static u64 *vmcb_msr(struct lhv_vcpu *vcpu, u32 index)
{
	unsigned int i;

	/* VMRUN switches DEBUGCTL together with what it counts as branch records. */
	if (index == MSR_IA32_DEBUGCTLMSR && lhv_svm_caps.lbr)
		return &svm_save(vcpu)->debugctl;
	if (index == MSR_IA32_SPEC_CTRL && lhv_svm_caps.v_spec_ctrl)
		return &svm_save(vcpu)->spec_ctrl;
	for (i = 0; i < ARRAY_SIZE(vmcb_msrs); i++)
		if (vmcb_msrs[i].index == index)
			return (void *)svm_save(vcpu) + vmcb_msrs[i].offset;
	return NULL;
}

static int get_msr(struct lhv_vcpu *vcpu, u32 index, u64 *data)
{
	const u64 *field = vmcb_msr(vcpu, index);

	if (!field)
		return -ENOENT;
	*data = *field;
	return 0;
}

static int set_msr(struct lhv_vcpu *vcpu, u32 index, u64 data)
{
	u64 *field = vmcb_msr(vcpu, index);

	if (index == MSR_TSC_AUX) {
		lhv_svm_set_tsc_aux(vcpu, data);
		return 0;
	}
	if (!field)
		return -ENOENT;
	if (index == MSR_IA32_DEBUGCTLMSR)
		svm_control(vcpu)->virt_ext = data ? VIRT_EXT_LBR : 0;
	*field = data;
	svm_dirty(vcpu, CLEAN_NPT | CLEAN_LBR);
	return 0;
}

static u32 insn_len(struct lhv_vcpu *vcpu)
{
	return to_svm(vcpu)->insn_len;
}

/* What faulted has no length here. */
static u32 fault_len(struct lhv_vcpu *vcpu)
{
	return 0;
}

void lhv_svm_fill_reg_ops(struct lhv_vendor_ops *ops)
{
	ops->cache_reg = cache_reg;
	ops->get_seg = get_seg;
	ops->set_seg = set_seg;
	ops->get_table = get_table;
	ops->set_table = set_table;
	ops->get_cpl = get_cpl;
	ops->set_cr0 = set_cr0;
	ops->set_cr3 = set_cr3;
	ops->set_cr4 = set_cr4;
	ops->set_efer = set_efer;
	ops->load_pdptrs = load_pdptrs;
	ops->save_pdptrs = save_pdptrs;
	ops->set_dr7 = set_dr7;
	ops->get_dr7 = get_dr7;
	ops->get_msr = get_msr;
	ops->set_msr = set_msr;
	ops->insn_len = insn_len;
	ops->fault_len = fault_len;
}
