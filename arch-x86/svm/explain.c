// SPDX-License-Identifier: GPL-2.0
/*
 * Why did the processor refuse to enter? Checks the VMCB against the rules of
 * the APM ("VMRUN", "Canonicalization and Consistency Checks") and names those
 * it breaks, one line each, at a limited rate. Called by exits.c after a failed
 * entry only; it changes nothing.
 */
#include <linux/kernel.h>
#include <linux/ratelimit.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "svm.h"

#define CR4_KNOWN	(GENMASK_ULL(24, 20) | GENMASK_ULL(18, 16) | GENMASK_ULL(11, 0))

struct rule {
	bool broken;
	const char *text;
};

static u32 attributes(const struct vmcb_segment *s)
{
	return (s->attributes & 0xff) | (s->attributes & 0xf00) << 4;
}

/**
 * lhv_svm_explain() - name the rules that the VMCB breaks
 * @vcpu: loaded; its last entry failed
 */
void lhv_svm_explain(struct lhv_vcpu *vcpu)
{
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL, 3);
	const struct vmcb_control *c = svm_control(vcpu);
	const struct vmcb_save *s = svm_save(vcpu);
	bool longmode = (s->efer & EFER_LME) && (s->cr0 & X86_CR0_PG);
	u64 wide = ~(BIT_ULL(boot_cpu_data.x86_phys_bits) - 1);
	const struct rule rules[] = {
		{ !(s->efer & EFER_SVME), "EFER.SVME must be set" },
		{ !(s->cr0 & X86_CR0_CD) && (s->cr0 & X86_CR0_NW), "CR0.NW is set without CR0.CD" },
		{ s->cr0 >> 32, "CR0's upper half must be clear" },
		{ longmode && (s->cr3 & wide), "CR3 is wider than a physical address" },
		{ s->cr4 & ~CR4_KNOWN, "CR4 has a reserved bit set" },
		{ s->dr6 >> 32, "DR6's upper half must be clear" },
		{ s->dr7 >> 32, "DR7's upper half must be clear" },
		{ longmode && !(s->cr4 & X86_CR4_PAE), "long mode needs CR4.PAE" },
		{ longmode && !(s->cr0 & X86_CR0_PE), "long mode needs CR0.PE" },
		{ longmode && (s->cr4 & X86_CR4_PAE) && (attributes(&s->cs) & BIT(13)) &&
		  (attributes(&s->cs) & BIT(14)), "CS.L and CS.D are both set" },
		{ !(c->intercepts[INTERCEPT_MISC2] & INTERCEPT_VMRUN), "VMRUN is not intercepted" },
		{ !c->asid, "the ASID is 0" },
		{ (c->event_inj & SVM_EVENT_VALID) && (c->event_inj & SVM_EVENT_TYPE_MASK) ==
		  SVM_EVENT_TYPE_EXCEPTION && (c->event_inj & SVM_EVENT_VECTOR) > 31,
		  "an exception's vector is above 31" },
	};
	unsigned int i, found = 0;

	if (!__ratelimit(&limit))
		return;
	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		if (!rules[i].broken)
			continue;
		pr_err("lhv: vcpu %d: entry refused: %s\n", vcpu->id, rules[i].text);
		found++;
	}
	if (!found)
		pr_err("lhv: vcpu %d: entry refused, by no rule that lhv knows\n", vcpu->id);
	pr_err("lhv: cr0 %#llx cr3 %#llx cr4 %#llx efer %#llx rip %#llx rflags %#llx cs %#x/%#x event %#llx\n",
	       s->cr0, s->cr3, s->cr4, s->efer, s->rip, s->rflags, s->cs.selector,
	       s->cs.attributes, c->event_inj);
}
