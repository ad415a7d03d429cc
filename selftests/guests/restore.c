// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of saving a VM in mid-run and going on in another, as a snapshot or a
 * migration does: every part of the state is read here and set there.
 */
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "guests.h"

DECLARE_GUEST(restore_busy);
DECLARE_GUEST(restore_pic);

#define MSR_APIC_BASE	0x1b

/* The state of a vCPU, in the order in which it is read. */
struct saved {
	struct kvm_mp_state mp;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_xsave *xsave;
	struct kvm_xcrs xcrs;
	struct kvm_debugregs debug;
	struct kvm_lapic_state lapic;
	struct kvm_msrs *msrs;
	struct kvm_vcpu_events events;
};

static void save(const struct vcpu *v, struct saved *s)
{
	memset(s, 0, sizeof(*s));
	s->xsave = calloc(1, sizeof(*s->xsave));
	s->msrs = msr_index_list();
	EXPECT_OK(ioctl(v->fd, KVM_GET_MP_STATE, &s->mp));
	EXPECT_OK(ioctl(v->fd, KVM_GET_REGS, &s->regs));
	EXPECT_OK(ioctl(v->fd, KVM_GET_SREGS, &s->sregs));
	EXPECT_OK(ioctl(v->fd, KVM_GET_XSAVE, s->xsave));
	EXPECT_OK(ioctl(v->fd, KVM_GET_XCRS, &s->xcrs));
	EXPECT_OK(ioctl(v->fd, KVM_GET_DEBUGREGS, &s->debug));
	EXPECT_OK(ioctl(v->fd, KVM_GET_LAPIC, &s->lapic));
	EXPECT_EQ(ioctl(v->fd, KVM_GET_MSRS, s->msrs), s->msrs->nmsrs);
	EXPECT_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &s->events));
}

/* In the order that Firecracker uses. */
static void restore_events_last(const struct vcpu *v, const struct saved *s)
{
	EXPECT_OK(ioctl(v->fd, KVM_SET_MP_STATE, &s->mp));
	EXPECT_OK(ioctl(v->fd, KVM_SET_REGS, &s->regs));
	EXPECT_OK(ioctl(v->fd, KVM_SET_SREGS, &s->sregs));
	EXPECT_OK(ioctl(v->fd, KVM_SET_XSAVE, s->xsave));
	EXPECT_OK(ioctl(v->fd, KVM_SET_XCRS, &s->xcrs));
	EXPECT_OK(ioctl(v->fd, KVM_SET_DEBUGREGS, &s->debug));
	EXPECT_OK(ioctl(v->fd, KVM_SET_LAPIC, &s->lapic));
	EXPECT_EQ(ioctl(v->fd, KVM_SET_MSRS, s->msrs), s->msrs->nmsrs);
	EXPECT_OK(ioctl(v->fd, KVM_SET_VCPU_EVENTS, &s->events));
}

/* In the order that QEMU uses. */
static void restore_debug_last(const struct vcpu *v, const struct saved *s)
{
	EXPECT_EQ(vcpu_set_msr(v, MSR_APIC_BASE, s->sregs.apic_base), 1);
	EXPECT_OK(ioctl(v->fd, KVM_SET_LAPIC, &s->lapic));
	EXPECT_OK(ioctl(v->fd, KVM_SET_SREGS, &s->sregs));
	EXPECT_OK(ioctl(v->fd, KVM_SET_REGS, &s->regs));
	EXPECT_OK(ioctl(v->fd, KVM_SET_XSAVE, s->xsave));
	EXPECT_OK(ioctl(v->fd, KVM_SET_XCRS, &s->xcrs));
	EXPECT_EQ(ioctl(v->fd, KVM_SET_MSRS, s->msrs), s->msrs->nmsrs);
	EXPECT_OK(ioctl(v->fd, KVM_SET_VCPU_EVENTS, &s->events));
	EXPECT_OK(ioctl(v->fd, KVM_SET_MP_STATE, &s->mp));
	EXPECT_OK(ioctl(v->fd, KVM_SET_DEBUGREGS, &s->debug));
}

/* Ends the port instruction under way, as VMMs do before they save. */
static void settle(const struct vcpu *v)
{
	v->run->immediate_exit = 1;
	EXPECT_ERRNO(vcpu_run(v), EINTR);
	v->run->immediate_exit = 0;
}

static struct guest move(struct guest *from,
			 void (*restore)(const struct vcpu *,
					 const struct saved *))
{
	struct guest to = guest_new_irqchip();
	struct kvm_irqchip chip;
	struct saved s;
	u32 i;

	settle(&from->v[0]);
	save(&from->v[0], &s);
	memcpy(to.ram, from->ram, GUEST_RAM);
	for (i = 0; i < KVM_NR_IRQCHIPS; i++) {
		memset(&chip, 0, sizeof(chip));
		chip.chip_id = i;
		EXPECT_OK(ioctl(from->vm, KVM_GET_IRQCHIP, &chip));
		EXPECT_OK(ioctl(to.vm, KVM_SET_IRQCHIP, &chip));
	}
	restore(&to.v[0], &s);
	return to;
}

static void check_move(void (*restore)(const struct vcpu *,
				       const struct saved *))
{
	struct guest g = guest_new_irqchip();
	u32 ticks = 0;
	u64 i;

	REQUIRE_CAP(g.vm, KVM_CAP_XSAVE);
	REQUIRE_CAP(g.vm, KVM_CAP_VCPU_EVENTS);
	guest_begin(&g, restore_busy, MODE_LONG);
	for (i = 1; i <= 5; i++) {
		run_to_step(&g.v[0]);
		EXPECT_EQ(vcpu_regs(&g.v[0]).rbx, i);
		g = move(&g, restore);
	}
	/* The timer goes on in the last of them. */
	ticks = g.counts[0x41];
	for (i = 0; i < 20000 && g.counts[0x41] < ticks + 2; i++)
		run_to_step(&g.v[0]);
	EXPECT(g.counts[0x41] >= ticks + 2);
}

static void moved_events_last(void)
{
	check_move(restore_events_last);
}

static void moved_debug_last(void)
{
	check_move(restore_debug_last);
}

static void saved_state_reads_back(void)
{
	struct guest g = guest_new_irqchip(), to;
	struct saved one, two;

	guest_begin(&g, restore_busy, MODE_LONG);
	run_to_step(&g.v[0]);
	to = move(&g, restore_events_last);
	save(&g.v[0], &one);
	save(&to.v[0], &two);
	EXPECT(!memcmp(&one.regs, &two.regs, sizeof(one.regs)));
	EXPECT(!memcmp(&one.sregs, &two.sregs, sizeof(one.sregs)));
	EXPECT(!memcmp(one.xsave, two.xsave, sizeof(*one.xsave)));
	EXPECT(!memcmp(&one.xcrs, &two.xcrs, sizeof(one.xcrs)));
	EXPECT(!memcmp(&one.debug, &two.debug, sizeof(one.debug)));
	EXPECT(!memcmp(&one.events, &two.events, sizeof(one.events)));
}

static void irqchips_moved(void)
{
	struct guest g = guest_new_irqchip();
	u64 i;

	guest_begin(&g, restore_pic, MODE_LONG);
	for (i = 1; i <= 3; i++) {
		run_to_step(&g.v[0]);
		EXPECT_EQ(vcpu_regs(&g.v[0]).rbx, i);
		g = move(&g, restore_events_last);
	}
}

/* An interrupt that was on its way is not lost, nor taken twice. */
static void pending_interrupt_moved(void)
{
	struct kvm_msi msi = { .address_lo = 0xfee00000, .data = 0x77 };
	struct guest g = guest_new_irqchip();

	REQUIRE_CAP(g.vm, KVM_CAP_SIGNAL_MSI);
	guest_begin(&g, restore_busy, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT(ioctl(g.vm, KVM_SIGNAL_MSI, &msi) > 0);
	EXPECT_EQ(g.counts[0x77], 0);
	g = move(&g, restore_events_last);
	run_to_step(&g.v[0]);
	run_to_step(&g.v[0]);
	EXPECT_EQ(g.counts[0x77], 1);
}

const struct tap_case restore_cases[] = {
	{ "saved_state_reads_back", saved_state_reads_back },
	{ "moved_events_last", moved_events_last },
	{ "moved_debug_last", moved_debug_last },
	{ "irqchips_moved", irqchips_moved },
	{ "pending_interrupt_moved", pending_interrupt_moved },
	{ }
};
