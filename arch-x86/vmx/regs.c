// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's registers in the VMCS: read when somebody asks, written back
 * before entry if they changed. Called through lhv_vendor_ops, loaded.
 */
#include <linux/bitops.h>
#include <linux/nospec.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "vmx.h"

/*
 * CR0 bits the guest may flip without an exit: those that change nothing that
 * lhv keeps track of. CR4 likewise, as far as the guest's CPUID has them.
 */
#define CR0_GUEST_OWNED	(X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | X86_CR0_WP | X86_CR0_AM)
#define CR4_GUEST_OWNED	(X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE | \
			 X86_CR4_PGE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT | \
			 X86_CR4_FSGSBASE | X86_CR4_UMIP | X86_CR4_OSXSAVE | \
			 X86_CR4_PKE | X86_CR4_SMEP | X86_CR4_SMAP | X86_CR4_PSE)

/* What CR0 must have for VMX, with unrestricted guest: not PE and PG. */
static u64 cr0_required(void)
{
	return lhv_vmx_caps.cr0_fixed0 & ~(u64)(X86_CR0_PE | X86_CR0_PG);
}

static void cache_reg(struct lhv_vcpu *vcpu, enum lhv_reg reg)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	u64 val;

	switch (reg) {
	case LHV_RSP:
		val = vmcs_readl(VMCS_GUEST_RSP);
		break;
	case LHV_RIP:
		val = vmcs_readl(VMCS_GUEST_RIP);
		break;
	case LHV_RFLAGS:
		val = vmcs_readl(VMCS_GUEST_RFLAGS);
		break;
	case LHV_CR0:
		val = (vmcs_readl(VMCS_GUEST_CR0) & ~vmx->cr0_mask) |
		      (vmcs_readl(VMCS_CR0_SHADOW) & vmx->cr0_mask);
		break;
	case LHV_CR3:
		val = vmcs_readl(VMCS_GUEST_CR3);
		break;
	case LHV_CR4:
		val = (vmcs_readl(VMCS_GUEST_CR4) & ~vmx->cr4_mask) |
		      (vmcs_readl(VMCS_CR4_SHADOW) & vmx->cr4_mask);
		break;
	default:
		return;
	}
	vcpu->regs[reg] = val;
	vcpu->regs_avail |= BIT(reg);
}

/**
 * lhv_vmx_write_back() - registers that changed go into the VMCS
 * @vcpu: loaded
 *
 * CR0, CR3 and CR4 are written by their setters at once: they never are dirty.
 */
void lhv_vmx_write_back(struct lhv_vcpu *vcpu)
{
	u32 dirty = vcpu->regs_dirty;

	if (dirty & BIT(LHV_RIP))
		vmcs_writel(VMCS_GUEST_RIP, vcpu->regs[LHV_RIP]);
	if (dirty & BIT(LHV_RSP))
		vmcs_writel(VMCS_GUEST_RSP, vcpu->regs[LHV_RSP]);
	if (dirty & BIT(LHV_RFLAGS))
		vmcs_writel(VMCS_GUEST_RFLAGS, vcpu->regs[LHV_RFLAGS]);
	vcpu->regs_dirty = 0;
}

/* Encodings of the four fields of a segment lie side by side, two apart. */
static unsigned long seg_field(unsigned long es_field, enum lhv_seg seg)
{
	return es_field + 2 * array_index_nospec(seg, LHV_NR_SEGS);
}

static void get_seg(struct lhv_vcpu *vcpu, enum lhv_seg seg, struct lhv_segment *s)
{
	s->selector = __vmread(seg_field(VMCS_GUEST_ES_SEL, seg));
	s->base = __vmread(seg_field(VMCS_GUEST_ES_BASE, seg));
	s->limit = __vmread(seg_field(VMCS_GUEST_ES_LIMIT, seg));
	s->ar = __vmread(seg_field(VMCS_GUEST_ES_AR, seg));
}

static void set_seg(struct lhv_vcpu *vcpu, enum lhv_seg seg, const struct lhv_segment *s)
{
	u32 ar = s->ar;

	/*
	 * SDM, "Checks on Guest Segment Registers": with unrestricted guest a
	 * usable segment must be marked accessed, TR must be busy; a data or
	 * code segment that userspace loads by value may lack the bit.
	 */
	if (!(ar & VMX_AR_UNUSABLE) && seg != LHV_SEG_LDTR && (ar & VMX_AR_S))
		ar |= 1;
	__vmwrite(seg_field(VMCS_GUEST_ES_SEL, seg), s->selector);
	__vmwrite(seg_field(VMCS_GUEST_ES_BASE, seg), s->base);
	__vmwrite(seg_field(VMCS_GUEST_ES_LIMIT, seg), s->limit);
	__vmwrite(seg_field(VMCS_GUEST_ES_AR, seg), ar);
}

/* So do those of the two descriptor tables. */
static void get_table(struct lhv_vcpu *vcpu, enum lhv_table table, struct kvm_dtable *dt)
{
	dt->base = __vmread(VMCS_GUEST_GDTR_BASE + 2 * table);
	dt->limit = __vmread(VMCS_GUEST_GDTR_LIMIT + 2 * table);
}

static void set_table(struct lhv_vcpu *vcpu, enum lhv_table table, const struct kvm_dtable *dt)
{
	__vmwrite(VMCS_GUEST_GDTR_BASE + 2 * table, dt->base);
	__vmwrite(VMCS_GUEST_GDTR_LIMIT + 2 * table, dt->limit);
}

/* SS.DPL is the CPL in every mode (SDM, "Guest Segment Registers"). */
static int get_cpl(struct lhv_vcpu *vcpu)
{
	return (vmcs_read32(VMCS_GUEST_SS_AR) >> VMX_AR_DPL_SHIFT) & 3;
}

static void set_cr0(struct lhv_vcpu *vcpu, u64 cr0)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);

	/* NE is forced; caching modes are ignored, as memory is write-back. */
	vmx->cr0_mask = ~(u64)CR0_GUEST_OWNED;
	vmcs_writel(VMCS_CR0_MASK, vmx->cr0_mask);
	vmcs_writel(VMCS_CR0_SHADOW, cr0);
	vmcs_writel(VMCS_GUEST_CR0, ((cr0 & ~(u64)(X86_CR0_CD | X86_CR0_NW)) |
				     cr0_required()) & lhv_vmx_caps.cr0_fixed1);
	vcpu->regs[LHV_CR0] = cr0;
	vcpu->regs_avail |= BIT(LHV_CR0);
}

static void set_cr3(struct lhv_vcpu *vcpu, u64 cr3)
{
	vmcs_writel(VMCS_GUEST_CR3, cr3);
	vcpu->regs[LHV_CR3] = cr3;
	vcpu->regs_avail |= BIT(LHV_CR3);
}

static void set_cr4(struct lhv_vcpu *vcpu, u64 cr4)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);

	vmx->cr4_mask = ~(CR4_GUEST_OWNED & vcpu->caps.cr4_allowed &
			  lhv_vmx_caps.cr4_fixed1);
	vmcs_writel(VMCS_CR4_MASK, vmx->cr4_mask);
	vmcs_writel(VMCS_CR4_SHADOW, cr4);
	vmcs_writel(VMCS_GUEST_CR4, cr4 | lhv_vmx_caps.cr4_fixed0);
	vcpu->regs[LHV_CR4] = cr4;
	vcpu->regs_avail |= BIT(LHV_CR4);
}

/* EFER's LMA and the entry control must agree (SDM, VM-entry checks). */
static void set_efer(struct lhv_vcpu *vcpu, u64 efer)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	u32 entry = vmx->entry_controls & ~ENTRY_IA32E;

	if (efer & EFER_LMA) {
		entry |= ENTRY_IA32E;
		/* A 16-bit TSS that was busy counts as a 64-bit one from here. */
		if ((vmcs_read32(VMCS_GUEST_TR_AR) & VMX_AR_TYPE_MASK) == 3)
			vmcs_write32(VMCS_GUEST_TR_AR, vmcs_read32(VMCS_GUEST_TR_AR) | 11);
	}
	if (entry != vmx->entry_controls) {
		vmx->entry_controls = entry;
		vmcs_write32(VMCS_ENTRY_CONTROLS, entry);
	}
	vmcs_write64(VMCS_GUEST_EFER, efer);
	vcpu->efer = efer;
}

static void load_pdptrs(struct lhv_vcpu *vcpu)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vcpu->pdptr); i++)
		__vmwrite(VMCS_GUEST_PDPTE0 + 2 * i, vcpu->pdptr[i]);
}

static void save_pdptrs(struct lhv_vcpu *vcpu)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vcpu->pdptr); i++)
		vcpu->pdptr[i] = __vmread(VMCS_GUEST_PDPTE0 + 2 * i);
}

static void set_dr7(struct lhv_vcpu *vcpu, u64 dr7)
{
	vmcs_writel(VMCS_GUEST_DR7, dr7);
}

static u64 get_dr7(struct lhv_vcpu *vcpu)
{
	return vmcs_readl(VMCS_GUEST_DR7);
}

/* MSRs that live in the VMCS: index and field; SYSENTER_CS has 32 bits. */
static const struct {
	u32 index;
	u32 field;
} vmcs_msrs[] = {
	{ MSR_FS_BASE, VMCS_GUEST_FS_BASE },
	{ MSR_GS_BASE, VMCS_GUEST_GS_BASE },
	{ MSR_IA32_SYSENTER_CS, VMCS_GUEST_SYSENTER_CS },
	{ MSR_IA32_SYSENTER_ESP, VMCS_GUEST_SYSENTER_ESP },
	{ MSR_IA32_SYSENTER_EIP, VMCS_GUEST_SYSENTER_EIP },
	{ MSR_IA32_CR_PAT, VMCS_GUEST_PAT },
	{ MSR_IA32_DEBUGCTLMSR, VMCS_GUEST_DEBUGCTL },
};

static int find_msr(u32 index)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vmcs_msrs); i++)
		if (vmcs_msrs[i].index == index)
			return i;
	return -ENOENT;
}

static int get_msr(struct lhv_vcpu *vcpu, u32 index, u64 *data)
{
	int i = find_msr(index);

	if (i < 0)
		return i;
	*data = __vmread(vmcs_msrs[i].field);
	return 0;
}

static int set_msr(struct lhv_vcpu *vcpu, u32 index, u64 data)
{
	int i = find_msr(index);

	if (lhv_vmx_set_ring_msr(vcpu, index, data))
		return 0;
	if (i < 0)
		return i;
	__vmwrite(vmcs_msrs[i].field, data);
	return 0;
}

static u32 insn_len(struct lhv_vcpu *vcpu)
{
	return vmcs_read32(VMCS_EXIT_INSN_LEN);
}

void lhv_vmx_fill_reg_ops(struct lhv_vendor_ops *ops)
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
	ops->fault_len = insn_len;
}
