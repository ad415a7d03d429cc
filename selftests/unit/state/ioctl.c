// SPDX-License-Identifier: GPL-2.0
/*
 * The acts behind the state ioctls: what is set is read back, what is refused
 * changes nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "world.h"

static struct lhv_vcpu *new_vcpu(void)
{
	struct lhv_vcpu *vcpu = world_init();

	give_all_cpuid(vcpu);
	return vcpu;
}

static struct kvm_sregs sregs_of(struct lhv_vcpu *vcpu)
{
	struct kvm_sregs s;

	EXPECT_EQ(lhv_get_sregs(vcpu, &s), 0);
	return s;
}

static void regs_round_trip(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_regs set, get;
	unsigned int i;

	for (i = 0; i < sizeof(set) / 8; i++)
		((u64 *)&set)[i] = i * 0x1111;
	set.rflags = 0x246;
	EXPECT_EQ(lhv_set_regs(vcpu, &set), 0);
	EXPECT_EQ(lhv_get_regs(vcpu, &get), 0);
	EXPECT(!memcmp(&set, &get, sizeof(set)));
	EXPECT_EQ(vcpu->regs[LHV_RBX], set.rbx);
	EXPECT_EQ(vcpu->regs[LHV_RSP], set.rsp);
	EXPECT_EQ(vcpu->regs[LHV_R9], set.r9);
	EXPECT_EQ(vcpu->regs[LHV_RIP], set.rip);
}

static void regs_forget_a_pending_exception(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_regs regs = {};

	vcpu->exc.pending = true;
	EXPECT_EQ(lhv_set_regs(vcpu, &regs), 0);
	EXPECT(!vcpu->exc.pending);
	EXPECT_EQ(vcpu->regs[LHV_RFLAGS], 2);
}

/* Every combination of a segment's fields. */
static void segments_round_trip(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_sregs set = sregs_of(vcpu), get;
	struct kvm_segment *s = &set.ds;
	unsigned int i;

	for (i = 0; i < 1 << 12; i++) {
		*s = (struct kvm_segment){
			.base = i * 16, .limit = i, .selector = i,
			.type = i & 15, .s = i >> 4, .dpl = i >> 5 & 3,
			.present = 1, .avl = i >> 8 & 1, .l = 0,
			.db = i >> 9 & 1, .g = i >> 10 & 1,
		};
		s->s &= 1;
		EXPECT_EQ(lhv_set_sregs(vcpu, &set), 0);
		get = sregs_of(vcpu);
		EXPECT(!memcmp(&set, &get, sizeof(set)));
	}
	s->present = 0;
	EXPECT_EQ(lhv_set_sregs(vcpu, &set), 0);
	EXPECT_EQ(world.seg[LHV_SEG_DS].ar >> 16, 1);
	EXPECT_EQ(sregs_of(vcpu).ds.unusable, 1);
}

static void each_segment_goes_to_its_place(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_sregs set = sregs_of(vcpu);

	set.cs.base = 0x10;
	set.ds.base = 0x20;
	set.es.base = 0x30;
	set.fs.base = 0x40;
	set.gs.base = 0x50;
	set.ss.base = 0x60;
	set.tr.base = 0x70;
	set.ldt.base = 0x80;
	set.gdt = (struct kvm_dtable){ .base = 0x90, .limit = 1 };
	set.idt = (struct kvm_dtable){ .base = 0xa0, .limit = 2 };
	EXPECT_EQ(lhv_set_sregs(vcpu, &set), 0);
	EXPECT_EQ(world.seg[LHV_SEG_CS].base, 0x10);
	EXPECT_EQ(world.seg[LHV_SEG_DS].base, 0x20);
	EXPECT_EQ(world.seg[LHV_SEG_ES].base, 0x30);
	EXPECT_EQ(world.seg[LHV_SEG_FS].base, 0x40);
	EXPECT_EQ(world.seg[LHV_SEG_GS].base, 0x50);
	EXPECT_EQ(world.seg[LHV_SEG_SS].base, 0x60);
	EXPECT_EQ(world.seg[LHV_SEG_TR].base, 0x70);
	EXPECT_EQ(world.seg[LHV_SEG_LDTR].base, 0x80);
	EXPECT_EQ(world.gdt.base, 0x90);
	EXPECT_EQ(world.idt.limit, 2);
}

static void make_long(struct kvm_sregs *s)
{
	s->cr0 = X86_CR0_PE | X86_CR0_PG | X86_CR0_ET | X86_CR0_NE;
	s->cr4 = X86_CR4_PAE;
	s->efer = EFER_LME | EFER_LMA;
	s->cr3 = 0x1000;
	s->cs.l = 1;
}

static void sregs_refusals(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_sregs good = sregs_of(vcpu), bad;
	struct world before;

#define REFUSED(change)	do {						\
		bad = good;						\
		change;							\
		memcpy(&before, &world, sizeof(before));		\
		EXPECT_EQ(lhv_set_sregs(vcpu, &bad), -EINVAL);		\
		EXPECT(!memcmp(before.seg, world.seg, sizeof(world.seg)) && \
		       before.cr0 == world.cr0 && before.cr4 == world.cr4 && \
		       before.efer == world.efer);			\
	} while (0)

	REFUSED(bad.cr0 |= BIT_ULL(32));
	REFUSED(bad.cr0 |= X86_CR0_PG);
	REFUSED(bad.cr0 = X86_CR0_NW);
	REFUSED(bad.cr4 = X86_CR4_VMXE);
	REFUSED(bad.cr4 = BIT_ULL(50));
	REFUSED(bad.efer = EFER_LMA);
	REFUSED(bad.efer = BIT_ULL(12));
	REFUSED(bad.cs.l = 1);
	REFUSED(bad.apic_base |= 1);
	make_long(&good);
	EXPECT_EQ(lhv_set_sregs(vcpu, &good), 0);
	REFUSED(bad.cr4 = 0);
	REFUSED(bad.efer = EFER_LME);
	REFUSED(bad.cr3 |= BIT_ULL(46));
	REFUSED(bad.cr3 |= BIT_ULL(63));
#undef REFUSED
}

static void pdptes_come_from_memory(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_sregs s = sregs_of(vcpu);
	u64 e[4] = { 0x3001, 0, 0, 0x4001 };

	memcpy(world.memory + 0x1000, e, sizeof(e));
	s.cr0 = X86_CR0_PE | X86_CR0_PG | X86_CR0_ET;
	s.cr4 = X86_CR4_PAE;
	s.cr3 = 0x1000;
	world.away = 1;				/* an ioctl may wait for it */
	EXPECT_EQ(lhv_set_sregs(vcpu, &s), 0);
	EXPECT(!memcmp(world.pdptr, e, sizeof(e)));
}

static void sregs2(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_sregs2 s, get;

	EXPECT_EQ(lhv_get_sregs2(vcpu, &s), 0);
	EXPECT_EQ(s.flags, 0);
	s.flags = KVM_SREGS2_FLAGS_PDPTRS_VALID;
	EXPECT_EQ(lhv_set_sregs2(vcpu, &s), -EINVAL);
	s.cr0 = X86_CR0_PE | X86_CR0_PG | X86_CR0_ET;
	s.cr4 = X86_CR4_PAE;
	s.pdptrs[2] = 0x5001;
	EXPECT_EQ(lhv_set_sregs2(vcpu, &s), 0);
	EXPECT_EQ(world.pdptr[2], 0x5001);
	EXPECT_EQ(lhv_get_sregs2(vcpu, &get), 0);
	EXPECT(!memcmp(&s, &get, sizeof(s)));
	s.flags |= 2;
	EXPECT_EQ(lhv_set_sregs2(vcpu, &s), -EINVAL);
}

static void interrupt_bitmap(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_sregs s = sregs_of(vcpu), get;

	s.interrupt_bitmap[3] = BIT_ULL(63);
	EXPECT_EQ(lhv_set_sregs(vcpu, &s), 0);
	EXPECT_EQ(vcpu->irq_user, 255);
	get = sregs_of(vcpu);
	EXPECT(!memcmp(&s, &get, sizeof(s)));
	/* with controllers in the kernel it is being delivered already */
	world.vm.has_irqchip = true;
	vcpu->irq_user = -1;
	s.interrupt_bitmap[3] = 0;
	s.interrupt_bitmap[0] = BIT_ULL(49);
	EXPECT_EQ(lhv_set_sregs(vcpu, &s), 0);
	EXPECT(vcpu->irq_injected);
	EXPECT_EQ(vcpu->irq_vector, 49);
	EXPECT_EQ(sregs_of(vcpu).interrupt_bitmap[0], BIT_ULL(49));
}

static void reset_vector_wakes(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_sregs s = sregs_of(vcpu);

	vcpu->mp_state = KVM_MP_STATE_HALTED;
	EXPECT_EQ(lhv_set_sregs(vcpu, &s), 0);
	EXPECT_EQ(vcpu->mp_state, KVM_MP_STATE_RUNNABLE);
	vcpu->mp_state = KVM_MP_STATE_HALTED;
	s.cs.base = 0;
	EXPECT_EQ(lhv_set_sregs(vcpu, &s), 0);
	EXPECT_EQ(vcpu->mp_state, KVM_MP_STATE_HALTED);
}

static void debugregs(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_debugregs set = {
		.db = { 1, 2, 3, 1ULL << 40 }, .dr6 = 0xffff0ff1, .dr7 = 0x455,
	}, get;

	EXPECT_EQ(lhv_set_debugregs(vcpu, &set), 0);
	EXPECT_EQ(lhv_get_debugregs(vcpu, &get), 0);
	EXPECT(!memcmp(&set, &get, sizeof(set)));
	EXPECT_EQ(world.dr7, 0x455);
	set.flags = 1;
	EXPECT_EQ(lhv_set_debugregs(vcpu, &set), -EINVAL);
	set.flags = 0;
	set.dr7 = BIT_ULL(32);
	EXPECT_EQ(lhv_set_debugregs(vcpu, &set), -EINVAL);
	set.dr7 = 0;
	set.dr6 = BIT_ULL(40);
	EXPECT_EQ(lhv_set_debugregs(vcpu, &set), -EINVAL);
}

static void events_round_trip(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_vcpu_events set = {
		.exception = { .injected = 1, .nr = 14, .has_error_code = 1, .error_code = 7 },
		.interrupt = { .shadow = KVM_X86_SHADOW_INT_MOV_SS },
		.nmi = { .pending = 1, .masked = 1 },
		.flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW,
	}, get;

	EXPECT_EQ(lhv_set_vcpu_events(vcpu, &set), 0);
	EXPECT_EQ(lhv_get_vcpu_events(vcpu, &get), 0);
	EXPECT(!memcmp(&set, &get, sizeof(set)));
	EXPECT(vcpu->exc.injected);
	EXPECT(lhv_has_request(vcpu, LHV_REQ_EVENT));
}

static void events_refusals(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_vcpu_events e = { .flags = KVM_VCPUEVENT_VALID_SMM };
	unsigned int i;

	EXPECT_EQ(lhv_set_vcpu_events(vcpu, &e), 0);
	e.smi.smm = 1;
	EXPECT_EQ(lhv_set_vcpu_events(vcpu, &e), -EINVAL);
	memset(&e, 0, sizeof(e));
	for (i = 4; i < 32; i++) {
		e.flags = BIT(i);
		EXPECT_EQ(lhv_set_vcpu_events(vcpu, &e), -EINVAL);
	}
	e.flags = 0;
	e.exception.injected = 1;
	for (i = 0; i < 256; i++) {
		e.exception.nr = i;
		EXPECT_EQ(lhv_set_vcpu_events(vcpu, &e),
			  i < 32 && i != 2 ? 0 : -EINVAL);
	}
}

static void pending_exception_shows_with_its_side_effects(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_vcpu_events e;

	vcpu->exc = (struct lhv_exception){
		.pending = true, .vector = 14, .has_payload = true, .payload = 0x1234,
	};
	EXPECT_EQ(lhv_get_vcpu_events(vcpu, &e), 0);
	EXPECT_EQ(e.exception.injected, 1);
	EXPECT_EQ(vcpu->cr2, 0x1234);
	/* INT3 is executed again instead */
	vcpu->exc.vector = 3;
	EXPECT_EQ(lhv_get_vcpu_events(vcpu, &e), 0);
	EXPECT_EQ(e.exception.injected, 0);
}

static void nmi(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_vcpu_events e;

	EXPECT_EQ(lhv_nmi(vcpu), 0);
	EXPECT_EQ(lhv_get_vcpu_events(vcpu, &e), 0);
	EXPECT_EQ(e.nmi.pending, 1);
	/* userspace takes it back */
	e.nmi.pending = 0;
	EXPECT_EQ(lhv_set_vcpu_events(vcpu, &e), 0);
	EXPECT(!lhv_has_request(vcpu, LHV_REQ_NMI));
}

static void interrupts_by_hand(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_interrupt i = { .irq = 256 };
	struct kvm_vcpu_events e;

	EXPECT_EQ(lhv_interrupt(vcpu, &i), -EINVAL);
	i.irq = 0x41;
	EXPECT_EQ(lhv_interrupt(vcpu, &i), 0);
	EXPECT_EQ(sregs_of(vcpu).interrupt_bitmap[1], 2);
	EXPECT_EQ(lhv_get_vcpu_events(vcpu, &e), 0);
	EXPECT_EQ(e.interrupt.injected, 1);
	EXPECT_EQ(e.interrupt.nr, 0x41);
	/* a split irqchip has one at a time, a whole one an 8259 of its own */
	world.vm.has_irqchip = true;
	EXPECT_EQ(lhv_interrupt(vcpu, &i), -EEXIST);
	world.vm.irqchip.pic = (struct lhv_pic *)&world;
	EXPECT_EQ(lhv_interrupt(vcpu, &i), -ENXIO);
}

static void mp_states(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_mp_state s;
	u32 i;

	for (i = 0; i < 16; i++) {
		s.mp_state = i;
		EXPECT_EQ(lhv_set_mp_state(vcpu, &s), i ? -EINVAL : 0);
	}
	world.vm.has_irqchip = true;
	for (i = 0; i < 16; i++) {
		s.mp_state = i;
		EXPECT_EQ(lhv_set_mp_state(vcpu, &s),
			  i <= KVM_MP_STATE_SIPI_RECEIVED ? 0 : -EINVAL);
	}
	EXPECT_EQ(vcpu->mp_state, KVM_MP_STATE_INIT_RECEIVED);
	EXPECT(test_bit(LHV_APIC_EVENT_SIPI, &vcpu->lapic.events));
}

static void translation(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_translation tr = { .linear_address = 0x1234 };

	EXPECT_EQ(lhv_translate(vcpu, &tr), 0);
	EXPECT_EQ(tr.valid, 1);
	EXPECT_EQ(tr.physical_address, 0x1234);
	tr.linear_address = 0x100000;
	EXPECT_EQ(lhv_translate(vcpu, &tr), 0);
	EXPECT_EQ(tr.valid, 0);
}

static void lapic_and_vapic_need_an_irqchip(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_vapic_addr va = { .vapic_addr = 0x1000 };
	struct kvm_tpr_access_ctl ctl = { .enabled = 1, .flags = 1 };
	struct kvm_lapic_state *lapic = calloc(1, sizeof(*lapic));

	EXPECT_EQ(lhv_get_lapic(vcpu, lapic), -EINVAL);
	EXPECT_EQ(lhv_set_lapic(vcpu, lapic), -EINVAL);
	EXPECT_EQ(lhv_set_vapic_addr(vcpu, &va), -EINVAL);
	world.vm.has_irqchip = true;
	EXPECT_EQ(lhv_set_lapic(vcpu, lapic), 0);
	EXPECT_EQ(lhv_set_vapic_addr(vcpu, &va), 0);
	va.vapic_addr = GUEST_BYTES;
	EXPECT_EQ(lhv_set_vapic_addr(vcpu, &va), -EINVAL);
	EXPECT_EQ(vcpu->vapic_addr, 0x1000);
	EXPECT_EQ(lhv_set_tpr_access(vcpu, &ctl), -EINVAL);
	ctl.flags = 0;
	EXPECT_EQ(lhv_set_tpr_access(vcpu, &ctl), 0);
	free(lapic);
}

const struct tap_case ioctl_cases[] = {
	CASE(regs_round_trip),
	CASE(regs_forget_a_pending_exception),
	CASE(segments_round_trip),
	CASE(each_segment_goes_to_its_place),
	CASE(sregs_refusals),
	CASE(pdptes_come_from_memory),
	CASE(sregs2),
	CASE(interrupt_bitmap),
	CASE(reset_vector_wakes),
	CASE(debugregs),
	CASE(events_round_trip),
	CASE(events_refusals),
	CASE(pending_exception_shows_with_its_side_effects),
	CASE(nmi),
	CASE(interrupts_by_hand),
	CASE(mp_states),
	CASE(translation),
	CASE(lapic_and_vapic_need_an_irqchip),
	{ }
};
