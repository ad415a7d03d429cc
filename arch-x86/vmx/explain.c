// SPDX-License-Identifier: GPL-2.0
/*
 * Why did the hardware refuse to enter? Checks the guest state against the
 * rules of the SDM ("Checks on the Guest State Area") and names those it
 * breaks, one line each, at a limited rate. Called by exits.c after a failed
 * entry only; it changes nothing.
 */
#include <linux/kernel.h>
#include <linux/ratelimit.h>
#include <asm/processor-flags.h>

#include "vmx.h"

struct guest_state {
	u64 cr0, cr3, cr4, efer, dr7, rip, rflags, link, gdt_base, idt_base;
	u32 entry, activity, interruptibility, info, gdt_limit, idt_limit;
	struct lhv_segment seg[LHV_NR_SEGS];
};

static void read_state(struct lhv_vcpu *vcpu, struct guest_state *s)
{
	int i;

	s->cr0 = vmcs_readl(VMCS_GUEST_CR0);
	s->cr3 = vmcs_readl(VMCS_GUEST_CR3);
	s->cr4 = vmcs_readl(VMCS_GUEST_CR4);
	s->efer = vmcs_read64(VMCS_GUEST_EFER);
	s->dr7 = vmcs_readl(VMCS_GUEST_DR7);
	s->rip = vmcs_readl(VMCS_GUEST_RIP);
	s->rflags = vmcs_readl(VMCS_GUEST_RFLAGS);
	s->link = vmcs_read64(VMCS_LINK_POINTER);
	s->gdt_base = vmcs_readl(VMCS_GUEST_GDTR_BASE);
	s->idt_base = vmcs_readl(VMCS_GUEST_IDTR_BASE);
	s->gdt_limit = vmcs_read32(VMCS_GUEST_GDTR_LIMIT);
	s->idt_limit = vmcs_read32(VMCS_GUEST_IDTR_LIMIT);
	s->entry = vmcs_read32(VMCS_ENTRY_CONTROLS);
	s->activity = vmcs_read32(VMCS_GUEST_ACTIVITY);
	s->interruptibility = vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY);
	s->info = vmcs_read32(VMCS_ENTRY_INTR_INFO);
	for (i = 0; i < LHV_NR_SEGS; i++)
		lhv_vendor.get_seg(vcpu, i, &s->seg[i]);
}

static bool canonical(u64 addr)
{
	return (s64)(addr << 16) >> 16 == (s64)addr;
}

static bool usable(const struct lhv_segment *s)
{
	return !(s->ar & VMX_AR_UNUSABLE);
}

static unsigned int type(const struct lhv_segment *s)
{
	return s->ar & VMX_AR_TYPE_MASK;
}

static unsigned int dpl(const struct lhv_segment *s)
{
	return (s->ar >> VMX_AR_DPL_SHIFT) & 3;
}

static bool bad_fixed(u64 val, u64 fixed0, u64 fixed1)
{
	return (val & fixed0) != fixed0 || (val & ~fixed1);
}

/* Granularity and limit must agree. */
static bool bad_limit(const struct lhv_segment *s)
{
	if (s->ar & VMX_AR_G)
		return (s->limit & 0xfff) != 0xfff;
	return s->limit & 0xfff00000;
}

static bool bad_code_or_data(const struct lhv_segment *s)
{
	return !(s->ar & VMX_AR_S) || !(s->ar & VMX_AR_P) || (s->ar & 0xfffe0f00) ||
	       bad_limit(s);
}

static bool bad_v86_segment(const struct lhv_segment *s)
{
	return s->base != (u64)s->selector << 4 || s->limit != 0xffff || s->ar != 0xf3;
}

#define RULE(broken, text)						\
	do {								\
		if (broken)						\
			pr_info("lhv: invalid guest state: %s\n", text);	\
	} while (0)

static void explain_control_registers(const struct guest_state *s)
{
	const struct lhv_vmx_caps *c = &lhv_vmx_caps;
	bool ia32e = s->entry & ENTRY_IA32E;
	bool paging = s->cr0 & X86_CR0_PG;

	RULE(bad_fixed(s->cr0, c->cr0_fixed0 & ~(u64)(X86_CR0_PE | X86_CR0_PG), c->cr0_fixed1),
	     "CR0 has a bit that VMX operation fixes the other way");
	RULE(bad_fixed(s->cr4, c->cr4_fixed0, c->cr4_fixed1),
	     "CR4 has a bit that VMX operation fixes the other way");
	RULE(paging && !(s->cr0 & X86_CR0_PE), "CR0.PG is set and CR0.PE is clear");
	RULE(ia32e && !(paging && (s->cr4 & X86_CR4_PAE)),
	     "IA-32e mode without CR0.PG or CR4.PAE");
	RULE(!ia32e && (s->cr4 & X86_CR4_PCIDE), "CR4.PCIDE outside IA-32e mode");
	RULE(s->cr3 >> 52, "CR3 has bits beyond the physical-address width");
	RULE(s->dr7 >> 32, "DR7 has a bit above 31");
	RULE(!!(s->efer & EFER_LMA) != ia32e, "EFER.LMA and the entry control differ");
	RULE(paging && !(s->efer & EFER_LMA) != !(s->efer & EFER_LME),
	     "EFER.LMA and EFER.LME differ with paging on");
	RULE(s->link != ~0ULL, "the VMCS link pointer is not all ones");
}

static void explain_segments(const struct guest_state *s)
{
	const struct lhv_segment *cs = &s->seg[LHV_SEG_CS], *ss = &s->seg[LHV_SEG_SS];
	const struct lhv_segment *tr = &s->seg[LHV_SEG_TR], *ldtr = &s->seg[LHV_SEG_LDTR];
	int i;

	if (s->rflags & X86_EFLAGS_VM) {
		for (i = LHV_SEG_ES; i <= LHV_SEG_GS; i++)
			RULE(bad_v86_segment(&s->seg[i]),
			     "virtual-8086 mode with a segment that is not its kind");
	} else {
		RULE(bad_code_or_data(cs), "CS: S, P, reserved bits or limit");
		RULE(type(cs) != 3 && !(type(cs) & 8), "CS is not a code segment");
		RULE((s->entry & ENTRY_IA32E) && (cs->ar & VMX_AR_L) && (cs->ar & VMX_AR_DB),
		     "CS has both L and D/B");
		RULE(usable(ss) && bad_code_or_data(ss), "SS: S, P, reserved bits or limit");
		RULE(usable(ss) && type(ss) != 3 && type(ss) != 7,
		     "SS is not a writable data segment");
		RULE(dpl(cs) != dpl(ss) && type(cs) >= 8 && type(cs) < 12,
		     "CS.DPL and SS.DPL differ");
		for (i = LHV_SEG_DS; i <= LHV_SEG_GS; i++)
			RULE(usable(&s->seg[i]) && bad_code_or_data(&s->seg[i]),
			     "a data segment: S, P, reserved bits or limit");
	}
	RULE(!usable(tr) || (tr->ar & VMX_AR_S) || !(tr->ar & VMX_AR_P) || bad_limit(tr) ||
	     (type(tr) != 11 && type(tr) != 3), "TR is not a busy TSS");
	RULE(usable(ldtr) && ((ldtr->ar & VMX_AR_S) || type(ldtr) != 2 || bad_limit(ldtr)),
	     "LDTR is not an LDT");
	RULE(!canonical(tr->base) || !canonical(s->seg[LHV_SEG_FS].base) ||
	     !canonical(s->seg[LHV_SEG_GS].base), "a segment base is not canonical");
}

static void explain_rest(const struct guest_state *s)
{
	bool long_code = (s->entry & ENTRY_IA32E) && (s->seg[LHV_SEG_CS].ar & VMX_AR_L);
	u32 blocked = s->interruptibility & (INTERRUPTIBILITY_STI | INTERRUPTIBILITY_MOV_SS);
	bool extint = (s->info & INTR_VALID) && !(s->info & INTR_TYPE_MASK);

	RULE(!canonical(s->gdt_base) || !canonical(s->idt_base),
	     "GDTR or IDTR base is not canonical");
	RULE((s->gdt_limit | s->idt_limit) >> 16, "GDTR or IDTR limit above 16 bits");
	RULE(!long_code && s->rip >> 32, "RIP has bits above 31 outside 64-bit mode");
	RULE(long_code && !canonical(s->rip), "RIP is not canonical");
	RULE(!(s->rflags & X86_EFLAGS_FIXED) || (s->rflags & 0xffffffffffc08028ULL),
	     "RFLAGS has a reserved bit the wrong way");
	RULE((s->rflags & X86_EFLAGS_VM) &&
	     ((s->entry & ENTRY_IA32E) || !(s->cr0 & X86_CR0_PE)),
	     "RFLAGS.VM in IA-32e mode or without protection");
	RULE(extint && !(s->rflags & X86_EFLAGS_IF), "an interrupt is injected with RFLAGS.IF clear");
	RULE(extint && blocked, "an interrupt is injected into an interrupt shadow");
	RULE(blocked == (INTERRUPTIBILITY_STI | INTERRUPTIBILITY_MOV_SS),
	     "blocking by STI and by MOV SS together");
	RULE((blocked & INTERRUPTIBILITY_STI) && !(s->rflags & X86_EFLAGS_IF),
	     "blocking by STI with RFLAGS.IF clear");
	RULE(s->activity, "activity state is not active");
}

/**
 * lhv_vmx_explain() - name the rules that the guest state breaks
 * @vcpu: loaded, after a failed entry
 */
void lhv_vmx_explain(struct lhv_vcpu *vcpu)
{
	static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 2);
	struct lhv_vmx *vmx = to_vmx(vcpu);
	struct guest_state s;

	if (!__ratelimit(&limit))
		return;
	if (vmx->failed)
		pr_info("lhv: VM entry failed: VM-instruction error %u\n",
			vmcs_read32(VMCS_INSN_ERROR));
	else
		pr_info("lhv: VM entry failed: exit reason %#x, qualification %#llx\n",
			vmx->exit_reason, vmx_exit_qual(vmx));
	read_state(vcpu, &s);
	explain_control_registers(&s);
	explain_segments(&s);
	explain_rest(&s);
}
