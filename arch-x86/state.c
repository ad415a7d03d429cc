// SPDX-License-Identifier: GPL-2.0
/*
 * The acts behind the ioctls that read and write a vCPU's state, for VMMs that
 * set a guest up, save it, and move it. Called by module/ with the vCPU's mutex
 * held and the arguments copied; each setter checks first and changes nothing
 * when it refuses. It knows neither vendor; the FPU, CPUID, MSRs and time have
 * files of their own.
 */
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "guest-debug.h"
#include "regs.h"

#define NR_VECTORS	256

#define SEG_UNUSABLE	BIT(16)		/* in the access rights, VMX format */

/* ---- general registers ---- */

/* struct kvm_regs in the order of its members */
static const u8 kvm_regs_order[] = {
	LHV_RAX, LHV_RBX, LHV_RCX, LHV_RDX, LHV_RSI, LHV_RDI, LHV_RSP, LHV_RBP,
	LHV_R8, LHV_R9, LHV_R10, LHV_R11, LHV_R12, LHV_R13, LHV_R14, LHV_R15,
	LHV_RIP, LHV_RFLAGS,
};

static_assert(sizeof(struct kvm_regs) == ARRAY_SIZE(kvm_regs_order) * sizeof(u64));

/**
 * lhv_get_regs() - KVM_GET_REGS
 * @vcpu: the vCPU
 * @regs: the answer
 *
 * Return: 0.
 */
int lhv_get_regs(struct lhv_vcpu *vcpu, struct kvm_regs *regs)
{
	u64 *out = (u64 *)regs;
	unsigned int i;

	lhv_vcpu_cache_regs(vcpu, BIT(LHV_RSP) | BIT(LHV_RIP) | BIT(LHV_RFLAGS));
	for (i = 0; i < ARRAY_SIZE(kvm_regs_order); i++)
		out[i] = vcpu->regs[kvm_regs_order[i]];
	regs->rflags = lhv_visible_rflags(vcpu);
	return 0;
}

/**
 * lhv_set_regs() - KVM_SET_REGS
 * @vcpu: the vCPU
 * @regs: the registers; an exception that waits for delivery is forgotten
 *
 * Return: 0.
 */
int lhv_set_regs(struct lhv_vcpu *vcpu, const struct kvm_regs *regs)
{
	const u64 *in = (const u64 *)regs;
	unsigned int i;

	/* they go into the control block before the next entry */
	for (i = 0; i < ARRAY_SIZE(kvm_regs_order); i++)
		lhv_reg_write(vcpu, kvm_regs_order[i], in[i]);
	lhv_write_visible_rflags(vcpu, regs->rflags | X86_EFLAGS_FIXED);
	vcpu->exc.pending = false;
	clear_bit(LHV_REQ_STEPPED, &vcpu->requests);
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	return 0;
}

/* ---- segments and system registers ---- */

/* Access rights are in the VMX format (SDM, "Guest Register State"). */
static void segment_to_kvm(const struct lhv_segment *s, struct kvm_segment *k)
{
	k->base = s->base;
	k->limit = s->limit;
	k->selector = s->selector;
	k->type = s->ar & 0xf;
	k->s = s->ar >> 4 & 1;
	k->dpl = s->ar >> 5 & 3;
	k->avl = s->ar >> 12 & 1;
	k->l = s->ar >> 13 & 1;
	k->db = s->ar >> 14 & 1;
	k->g = s->ar >> 15 & 1;
	k->unusable = s->ar >> 16 & 1;
	k->present = (s->ar >> 7 & 1) && !k->unusable;
}

static void segment_from_kvm(const struct kvm_segment *k, struct lhv_segment *s)
{
	u32 ar = (k->type & 0xf) | (k->s & 1) << 4 | (k->dpl & 3) << 5 |
		 (k->present & 1) << 7 | (k->avl & 1) << 12 | (k->l & 1) << 13 |
		 (k->db & 1) << 14 | (k->g & 1) << 15;

	/* VMX knows no segment that is usable and not present */
	if (k->unusable || !k->present)
		ar |= SEG_UNUSABLE;
	*s = (struct lhv_segment){
		.base = k->base, .limit = k->limit, .selector = k->selector, .ar = ar,
	};
}

/* kvm_sregs and kvm_sregs2 begin with the same members, and these with the segments. */
#define SREGS_COMMON	offsetof(struct kvm_sregs, interrupt_bitmap)
static_assert(offsetof(struct kvm_sregs, apic_base) == offsetof(struct kvm_sregs2, apic_base));
static_assert(offsetof(struct kvm_sregs2, flags) == SREGS_COMMON);

static const u8 kvm_segs_order[] = {
	LHV_SEG_CS, LHV_SEG_DS, LHV_SEG_ES, LHV_SEG_FS, LHV_SEG_GS, LHV_SEG_SS,
	LHV_SEG_TR, LHV_SEG_LDTR,
};

static_assert(offsetof(struct kvm_sregs, gdt) ==
	      ARRAY_SIZE(kvm_segs_order) * sizeof(struct kvm_segment));

/* The part that both structures have; loaded. */
static void get_common(struct lhv_vcpu *vcpu, struct kvm_sregs *s)
{
	struct kvm_segment *segs = (struct kvm_segment *)s;
	struct lhv_segment seg;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kvm_segs_order); i++) {
		lhv_vendor.get_seg(vcpu, kvm_segs_order[i], &seg);
		segment_to_kvm(&seg, &segs[i]);
	}
	lhv_vendor.get_table(vcpu, LHV_GDT, &s->gdt);
	lhv_vendor.get_table(vcpu, LHV_IDT, &s->idt);
	s->cr0 = lhv_reg_read(vcpu, LHV_CR0);
	s->cr2 = vcpu->cr2;
	s->cr3 = lhv_reg_read(vcpu, LHV_CR3);
	s->cr4 = lhv_reg_read(vcpu, LHV_CR4);
	s->cr8 = lhv_guest_get_cr8(vcpu);
	s->efer = vcpu->efer;
	s->apic_base = vcpu->apic_base;
}

/*
 * Without a local APIC, what KVM_INTERRUPT gave is as good as delivered. With a split
 * irqchip it waits for IF and LINT0, and is in no state that is saved.
 */
static int visible_user_irq(const struct lhv_vcpu *vcpu)
{
	return vcpu->vm->has_irqchip ? -1 : vcpu->irq_user;
}

/**
 * lhv_get_sregs() - KVM_GET_SREGS
 * @vcpu: the vCPU
 * @s: the answer
 *
 * Return: 0.
 */
int lhv_get_sregs(struct lhv_vcpu *vcpu, struct kvm_sregs *s)
{
	int vector = visible_user_irq(vcpu);

	memset(s, 0, sizeof(*s));
	lhv_vcpu_load(vcpu);
	get_common(vcpu, s);
	lhv_vcpu_put(vcpu);
	if (vcpu->irq_injected && !vcpu->irq_soft)
		vector = vcpu->irq_vector;
	if (vector >= 0)
		s->interrupt_bitmap[vector / 64] = BIT_ULL(vector % 64);
	return 0;
}

/**
 * lhv_get_sregs2() - KVM_GET_SREGS2
 * @vcpu: the vCPU
 * @s: the answer, with the PDPTEs under PAE paging
 *
 * Return: 0.
 */
int lhv_get_sregs2(struct lhv_vcpu *vcpu, struct kvm_sregs2 *s)
{
	struct kvm_sregs common = {};

	memset(s, 0, sizeof(*s));
	lhv_vcpu_load(vcpu);
	get_common(vcpu, &common);
	memcpy(s, &common, SREGS_COMMON);
	if (lhv_uses_pdptrs(s->cr0, s->cr4, s->efer)) {
		lhv_vendor.save_pdptrs(vcpu);
		memcpy(s->pdptrs, vcpu->pdptr, sizeof(s->pdptrs));
		s->flags = KVM_SREGS2_FLAGS_PDPTRS_VALID;
	}
	lhv_vcpu_put(vcpu);
	return 0;
}

static bool sregs_are_valid(const struct lhv_vcpu *vcpu, const struct kvm_sregs *s)
{
	if (!lhv_cr0_is_valid(s->cr0) || (s->cr4 & ~vcpu->caps.cr4_allowed) ||
	    (s->efer & ~(lhv_supported_efer() | EFER_LMA)))
		return false;
	if (!(s->efer & EFER_LME) || !(s->cr0 & X86_CR0_PG))
		return !(s->efer & EFER_LMA) && !s->cs.l;
	return (s->cr4 & X86_CR4_PAE) && (s->efer & EFER_LMA) && !(s->cr3 >> vcpu->caps.maxphyaddr);
}

/* Loaded; everything is checked. No PDPTEs: those that were there stay. */
static void put_sregs(struct lhv_vcpu *vcpu, const struct kvm_sregs *s, const u64 *pdptr)
{
	const struct kvm_segment *segs = (const struct kvm_segment *)s;
	struct lhv_segment seg;
	unsigned int i;

	lhv_vendor.set_table(vcpu, LHV_GDT, &s->gdt);
	lhv_vendor.set_table(vcpu, LHV_IDT, &s->idt);
	vcpu->cr2 = s->cr2;
	lhv_guest_set_cr8(vcpu, s->cr8);
	lhv_put_cregs(vcpu, s->cr0, s->cr3, s->cr4, s->efer);
	for (i = 0; i < ARRAY_SIZE(kvm_segs_order); i++) {
		segment_from_kvm(&segs[i], &seg);
		lhv_vendor.set_seg(vcpu, kvm_segs_order[i], &seg);
	}
	if (pdptr) {
		memcpy(vcpu->pdptr, pdptr, sizeof(vcpu->pdptr));
		lhv_vendor.load_pdptrs(vcpu);
	}
	/*
	 * A processor put back to its reset vector starts, even if it had halted:
	 * clients that know no KVM_SET_MP_STATE reset the boot processor so.
	 */
	if (vcpu->id == vcpu->vm->bsp_id && s->cs.selector == 0xf000 &&
	    s->cs.base == 0xffff0000 && !(s->cr0 & X86_CR0_PE) &&
	    lhv_reg_read(vcpu, LHV_RIP) == 0xfff0)
		vcpu->mp_state = KVM_MP_STATE_RUNNABLE;
	lhv_self_request(vcpu, LHV_REQ_EVENT);
}

/* The PDPTEs of PAE paging are given or fetched. -EINVAL: nothing changed. Sleeps. */
static int set_sregs(struct lhv_vcpu *vcpu, const struct kvm_sregs *s, const u64 *pdptr)
{
	u64 fetched[4];
	int ret;

	if (!sregs_are_valid(vcpu, s))
		return -EINVAL;
	if (!pdptr && lhv_uses_pdptrs(s->cr0, s->cr4, s->efer) &&
	    !lhv_read_pdptrs(vcpu, s->cr3, fetched, true))
		pdptr = fetched;
	lhv_vcpu_load(vcpu);
	ret = lhv_set_apic_base(vcpu, s->apic_base, true) ? -EINVAL : 0;
	if (!ret)
		put_sregs(vcpu, s, pdptr);
	lhv_vcpu_put(vcpu);
	return ret;
}

/**
 * lhv_set_sregs() - KVM_SET_SREGS
 * @vcpu: the vCPU
 * @s: the registers. Under PAE paging the PDPTEs come from guest memory; the
 *	lowest vector in the bitmap is delivered next
 *
 * Return: 0 or -EINVAL. Sleeps.
 */
int lhv_set_sregs(struct lhv_vcpu *vcpu, const struct kvm_sregs *s)
{
	unsigned int vector;
	int ret = set_sregs(vcpu, s, NULL);

	if (ret)
		return ret;
	vector = find_first_bit((const unsigned long *)s->interrupt_bitmap, NR_VECTORS);
	if (vector < NR_VECTORS && !vcpu->vm->has_irqchip) {
		vcpu->irq_user = vector;
	} else if (vector < NR_VECTORS) {
		/* the controller had given it out already: its delivery goes on */
		vcpu->irq_injected = true;
		vcpu->irq_soft = false;
		vcpu->irq_vector = vector;
	}
	return 0;
}

/**
 * lhv_set_sregs2() - KVM_SET_SREGS2
 * @vcpu: the vCPU
 * @s: the registers, with the PDPTEs or without
 *
 * Return: 0 or -EINVAL. Sleeps.
 */
int lhv_set_sregs2(struct lhv_vcpu *vcpu, const struct kvm_sregs2 *s)
{
	bool given = s->flags & KVM_SREGS2_FLAGS_PDPTRS_VALID;
	struct kvm_sregs common = {};

	if ((s->flags & ~(u64)KVM_SREGS2_FLAGS_PDPTRS_VALID) ||
	    (given && !lhv_uses_pdptrs(s->cr0, s->cr4, s->efer)))
		return -EINVAL;
	memcpy(&common, s, SREGS_COMMON);
	return set_sregs(vcpu, &common, given ? s->pdptrs : NULL);
}

/* ---- debug registers ---- */

/**
 * lhv_get_debugregs() - KVM_GET_DEBUGREGS
 * @vcpu: the vCPU
 * @d: the answer
 *
 * Return: 0.
 */
int lhv_get_debugregs(struct lhv_vcpu *vcpu, struct kvm_debugregs *d)
{
	memset(d, 0, sizeof(*d));
	memcpy(d->db, vcpu->dr, sizeof(d->db));
	d->dr6 = vcpu->dr6;
	lhv_vcpu_load(vcpu);
	d->dr7 = lhv_guest_dr7(vcpu);
	lhv_vcpu_put(vcpu);
	return 0;
}

/**
 * lhv_set_debugregs() - KVM_SET_DEBUGREGS
 * @vcpu: the vCPU
 * @d: the registers
 *
 * Return: 0, or -EINVAL for flags or for bits above 31 of DR6 or DR7.
 */
int lhv_set_debugregs(struct lhv_vcpu *vcpu, const struct kvm_debugregs *d)
{
	if (d->flags || d->dr6 >> 32 || d->dr7 >> 32)
		return -EINVAL;
	memcpy(vcpu->dr, d->db, sizeof(vcpu->dr));
	vcpu->dr6 = d->dr6;
	lhv_vcpu_load(vcpu);
	lhv_put_guest_dr7(vcpu, d->dr7);
	lhv_vcpu_put(vcpu);
	return 0;
}

/* ---- events ---- */

/**
 * lhv_get_vcpu_events() - KVM_GET_VCPU_EVENTS
 * @vcpu: the vCPU
 * @e: the answer
 *
 * Return: 0.
 */
int lhv_get_vcpu_events(struct lhv_vcpu *vcpu, struct kvm_vcpu_events *e)
{
	const struct lhv_exception *exc = &vcpu->exc;

	memset(e, 0, sizeof(*e));
	lhv_vcpu_load(vcpu);
	lhv_deliver_payload(vcpu);
	/* #BP and #OF are the instruction's own: it is executed again instead */
	if (exc->vector != X86_TRAP_BP && exc->vector != X86_TRAP_OF)
		e->exception.injected = exc->injected || exc->pending;
	e->exception.nr = exc->vector;
	e->exception.has_error_code = exc->has_error;
	e->exception.error_code = exc->error;
	e->interrupt.injected = vcpu->irq_injected && !vcpu->irq_soft;
	e->interrupt.nr = vcpu->irq_vector;
	if (!vcpu->irq_injected && visible_user_irq(vcpu) >= 0) {
		e->interrupt.injected = 1;
		e->interrupt.nr = vcpu->irq_user;
	}
	e->interrupt.shadow = lhv_vendor.get_shadow(vcpu);
	e->nmi.injected = vcpu->nmi_injected;
	e->nmi.pending = vcpu->nmi_pending || lhv_has_request(vcpu, LHV_REQ_NMI);
	e->nmi.masked = lhv_vendor.get_nmi_mask(vcpu);
	lhv_vcpu_put(vcpu);
	e->flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW;
	return 0;
}

#define EVENTS_FLAGS	(KVM_VCPUEVENT_VALID_NMI_PENDING |	\
			 KVM_VCPUEVENT_VALID_SIPI_VECTOR |	\
			 KVM_VCPUEVENT_VALID_SHADOW | KVM_VCPUEVENT_VALID_SMM)

/**
 * lhv_set_vcpu_events() - KVM_SET_VCPU_EVENTS
 * @vcpu: the vCPU
 * @e: the events
 *
 * Return: 0 or -EINVAL.
 */
int lhv_set_vcpu_events(struct lhv_vcpu *vcpu, const struct kvm_vcpu_events *e)
{
	if (e->flags & ~EVENTS_FLAGS)
		return -EINVAL;
	/* there is no SMM: a state saved elsewhere may say so, no more */
	if ((e->flags & KVM_VCPUEVENT_VALID_SMM) && memchr_inv(&e->smi, 0, sizeof(e->smi)))
		return -EINVAL;
	if (e->exception.injected && (e->exception.nr >= 32 || e->exception.nr == X86_TRAP_NMI))
		return -EINVAL;

	lhv_vcpu_load(vcpu);
	vcpu->exc = (struct lhv_exception){
		.injected = e->exception.injected, .vector = e->exception.nr,
		.has_error = e->exception.has_error_code, .error = e->exception.error_code,
	};
	if (!vcpu->vm->has_irqchip)
		vcpu->irq_user = -1;
	vcpu->irq_injected = e->interrupt.injected;
	vcpu->irq_vector = e->interrupt.nr;
	vcpu->irq_soft = e->interrupt.soft;
	/* a step would have to be pending in it: see lhv_set_guest_debug() */
	if ((e->flags & KVM_VCPUEVENT_VALID_SHADOW) &&
	    !(vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP))
		lhv_vendor.set_shadow(vcpu, e->interrupt.shadow);
	vcpu->nmi_injected = e->nmi.injected;
	if (e->flags & KVM_VCPUEVENT_VALID_NMI_PENDING) {
		clear_bit(LHV_REQ_NMI, &vcpu->requests);
		vcpu->nmi_queued = 0;
		vcpu->nmi_pending = e->nmi.pending;
	}
	lhv_vendor.set_nmi_mask(vcpu, e->nmi.masked);
	if ((e->flags & KVM_VCPUEVENT_VALID_SIPI_VECTOR) && vcpu->vm->has_irqchip)
		vcpu->lapic.sipi_vector = e->sipi_vector;
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	lhv_vcpu_put(vcpu);
	return 0;
}

/**
 * lhv_get_mp_state() - KVM_GET_MP_STATE
 * @vcpu: the vCPU
 * @s: the answer, after INIT and SIPI that had come in are taken
 *
 * Return: 0.
 */
int lhv_get_mp_state(struct lhv_vcpu *vcpu, struct kvm_mp_state *s)
{
	lhv_accept_apic_events(vcpu);
	s->mp_state = vcpu->mp_state;
	return 0;
}

/**
 * lhv_set_mp_state() - KVM_SET_MP_STATE
 * @vcpu: the vCPU
 * @s: the state
 *
 * Return: 0, or -EINVAL for a state that x86 has not, or that only an in-kernel
 * local APIC can lead out of.
 */
int lhv_set_mp_state(struct lhv_vcpu *vcpu, const struct kvm_mp_state *s)
{
	/* the states from KVM_MP_STATE_UNINITIALIZED on: INIT, SIPI, HALTED */
	if (s->mp_state > KVM_MP_STATE_SIPI_RECEIVED ||
	    (s->mp_state != KVM_MP_STATE_RUNNABLE && !vcpu->vm->has_irqchip))
		return -EINVAL;
	if (s->mp_state == KVM_MP_STATE_SIPI_RECEIVED) {
		vcpu->mp_state = KVM_MP_STATE_INIT_RECEIVED;
		set_bit(LHV_APIC_EVENT_SIPI, &vcpu->lapic.events);
	} else {
		vcpu->mp_state = s->mp_state;
	}
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	return 0;
}

/* ---- interrupts ---- */

/**
 * lhv_get_lapic() - KVM_GET_LAPIC
 * @vcpu: the vCPU
 * @s: the answer
 *
 * Return: 0, or -EINVAL without an in-kernel local APIC.
 */
int lhv_get_lapic(struct lhv_vcpu *vcpu, struct kvm_lapic_state *s)
{
	if (!vcpu->vm->has_irqchip)
		return -EINVAL;
	lhv_lapic_get_state(&vcpu->lapic, s);
	return 0;
}

/**
 * lhv_set_lapic() - KVM_SET_LAPIC
 * @vcpu: the vCPU
 * @s: the registers
 *
 * Return: 0 or -EINVAL.
 */
int lhv_set_lapic(struct lhv_vcpu *vcpu, const struct kvm_lapic_state *s)
{
	int ret = vcpu->vm->has_irqchip ? lhv_lapic_set_state(&vcpu->lapic, s) : -EINVAL;

	if (ret)
		return ret;
	lhv_self_request(vcpu, LHV_REQ_APIC_MODE);
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	return 0;
}

/**
 * lhv_interrupt() - KVM_INTERRUPT
 * @vcpu: the vCPU
 * @i: the vector, taken as soon as the guest takes interrupts
 *
 * Return: 0; -EINVAL; -ENXIO where the in-kernel 8259 is the one who interrupts;
 * with a split irqchip -EEXIST as long as the last one waits.
 */
int lhv_interrupt(struct lhv_vcpu *vcpu, const struct kvm_interrupt *i)
{
	if (i->irq >= NR_VECTORS)
		return -EINVAL;
	if (!lhv_user_irqs(vcpu))
		return -ENXIO;
	if (vcpu->vm->has_irqchip && vcpu->irq_user >= 0)
		return -EEXIST;
	vcpu->irq_user = i->irq;
	vcpu->run->ready_for_interrupt_injection = 0;
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	return 0;
}

/**
 * lhv_nmi() - KVM_NMI
 * @vcpu: the vCPU
 *
 * Return: 0.
 */
int lhv_nmi(struct lhv_vcpu *vcpu)
{
	lhv_vcpu_request(vcpu, LHV_REQ_NMI);
	return 0;
}

/**
 * lhv_set_tpr_access() - KVM_TPR_ACCESS_REPORTING
 * @vcpu: the vCPU
 * @c: on or off: no access to the task priority needs help from userspace
 *
 * Return: 0 or -EINVAL.
 */
int lhv_set_tpr_access(struct lhv_vcpu *vcpu, struct kvm_tpr_access_ctl *c)
{
	return c->flags ? -EINVAL : 0;
}

/**
 * lhv_set_vapic_addr() - KVM_SET_VAPIC_ADDR
 * @vcpu: the vCPU
 * @a: guest-physical address of the task priority's copy, 0 for none
 *
 * Return: 0, or -EINVAL without an in-kernel local APIC or where no memory is.
 */
int lhv_set_vapic_addr(struct lhv_vcpu *vcpu, const struct kvm_vapic_addr *a)
{
	if (!vcpu->vm->has_irqchip ||
	    (a->vapic_addr && !lhv_mmu_gpa_backed(&vcpu->vm->mmu, a->vapic_addr)))
		return -EINVAL;
	vcpu->vapic_addr = a->vapic_addr;
	return 0;
}

/* ---- translation ---- */

/**
 * lhv_translate() - KVM_TRANSLATE
 * @vcpu: the vCPU
 * @tr: in: the linear address; out: what it maps to for the supervisor
 *
 * Return: 0; tr->valid says whether there is a mapping. Sleeps.
 */
int lhv_translate(struct lhv_vcpu *vcpu, struct kvm_translation *tr)
{
	struct lhv_walk w = {};
	int ret;

	lhv_vcpu_load(vcpu);
	lhv_load_walk(vcpu, &w);
	lhv_vcpu_put(vcpu);
	/* SMAP and protection keys are about accesses; this only asks where */
	w.rflags |= X86_EFLAGS_AC;
	w.pkru = 0;
	w.can_sleep = true;
	ret = lhv_mmu_walk(&vcpu->vm->mmu, &w, tr->linear_address, LHV_ACC_READ);
	tr->physical_address = ret ? LHV_GPA_NONE : w.gpa;
	tr->valid = !ret;
	tr->writeable = 1;
	tr->usermode = 0;
	return 0;
}
