// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of interrupts that userspace injects itself, without an in-kernel
 * irqchip: KVM_INTERRUPT and its window, KVM_NMI and its mask, shadows.
 */
#include "guest.h"
#include "guests.h"

DECLARE_GUEST(inject_spin);
DECLARE_GUEST(inject_windows);
DECLARE_GUEST(inject_mov_ss);
DECLARE_GUEST(inject_hlt);
DECLARE_GUEST(inject_nmi);
DECLARE_GUEST(inject_tpr);
DECLARE_GUEST(inject_many);
extern const u8 inject_windows_shadow[], inject_windows_open[];
extern const u8 inject_mov_ss_shadow[];
extern const u8 inject_nmi_handler[];

#define VECTOR	0x41

static void interrupt(const struct vcpu *v, u32 vector)
{
	struct kvm_interrupt irq = { .irq = vector };

	EXPECT_OK(ioctl(v->fd, KVM_INTERRUPT, &irq));
}

static void run_to_window(const struct vcpu *v)
{
	v->run->request_interrupt_window = 1;
	vcpu_run_to(v, KVM_EXIT_IRQ_WINDOW_OPEN);
	EXPECT_EQ(v->run->ready_for_interrupt_injection, 1);
	EXPECT_EQ(v->run->if_flag, 1);
	v->run->request_interrupt_window = 0;
}

static void interrupt_into_running_guest(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];

	guest_begin(&g, inject_spin, MODE_LONG);
	run_to_window(v);
	EXPECT_EQ(g.counts[VECTOR], 0);
	interrupt(v, VECTOR);
	/* The next window opens when the handler has returned. */
	run_to_window(v);
	EXPECT_EQ(g.counts[VECTOR], 1);
}

static void window_waits_for_sti(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];

	guest_begin(&g, inject_windows, MODE_LONG);
	v->run->request_interrupt_window = 1;
	run_to_step(v);
	EXPECT_EQ(v->run->if_flag, 0);
	EXPECT_EQ(v->run->ready_for_interrupt_injection, 0);
	run_to_step(v);
	run_to_window(v);
	/* Not behind STI itself: one instruction runs in its shadow. */
	EXPECT_EQ(vcpu_regs(v).rip,
		  GUEST_CODE + (inject_windows_open - inject_windows));
	run_to_done(v);
}

/* Once asked for, the window is not there while the last one is pending. */
static void pending_interrupt_is_delivered_first(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];

	guest_begin(&g, inject_many, MODE_LONG);
	while (g.counts[VECTOR] < 99) {
		u32 before = g.counts[VECTOR];

		run_to_window(v);
		EXPECT_EQ(g.counts[VECTOR], before);
		interrupt(v, VECTOR);
		run_to_window(v);
		EXPECT_EQ(g.counts[VECTOR], before + 1);
	}
	interrupt(v, VECTOR);
	run_to_done(v);
	EXPECT_EQ(g.counts[VECTOR], 100);
}

/* The MOV SS shadow too holds an interrupt off for one instruction. */
static void mov_ss_shadow(void)
{
	struct guest g = guest_new();
	struct kvm_vcpu_events events;
	struct vcpu *v = &g.v[0];

	if (!host_is_intel())
		tap_skip("QEMU's TCG enters a guest without its shadow");
	guest_begin(&g, inject_mov_ss, MODE_LONG);
	run_to_step(v);
	/* The state of a vCPU stopped behind MOV SS, as if restored. */
	vcpu_set_rip(v, GUEST_CODE + (inject_mov_ss_shadow - inject_mov_ss));
	EXPECT_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &events));
	events.interrupt.shadow = KVM_X86_SHADOW_INT_MOV_SS;
	EXPECT_OK(ioctl(v->fd, KVM_SET_VCPU_EVENTS, &events));
	run_to_window(v);
	EXPECT_EQ(vcpu_regs(v).rip,
		  GUEST_CODE + (inject_mov_ss_shadow - inject_mov_ss) + 1);
	run_to_done(v);
}

static void hlt_exits_and_interrupt_goes_on(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];

	guest_begin(&g, inject_hlt, MODE_LONG);
	vcpu_run_to(v, KVM_EXIT_HLT);
	EXPECT_EQ(v->run->ready_for_interrupt_injection, 1);
	interrupt(v, VECTOR);
	run_to_done(v);
	EXPECT_EQ(vcpu_regs(v).rax, 1);
}

static void nmi(const struct vcpu *v)
{
	EXPECT_OK(ioctl(v->fd, KVM_NMI, 0));
}

static void start_nmi_guest(struct guest *g)
{
	guest_begin(g, inject_nmi, MODE_LONG);
	guest_handler(g, 2, GUEST_CODE + (inject_nmi_handler - inject_nmi));
}

/* An NMI needs no IF; a second waits for the first one's IRET. */
static void nmi_is_taken_and_blocks(void)
{
	struct guest g = guest_new();
	struct kvm_vcpu_events events;
	struct vcpu *v = &g.v[0];

	REQUIRE_CAP(g.vm, KVM_CAP_USER_NMI);
	start_nmi_guest(&g);
	run_to_step(v);
	EXPECT_EQ(g.counts[2], 0);
	nmi(v);
	run_to_step(v);			/* in the handler */
	EXPECT_EQ(g.counts[2], 1);
	EXPECT_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &events));
	EXPECT_EQ(events.nmi.masked, 1);
	nmi(v);
	run_to_step(v);			/* still in the first handler */
	EXPECT_EQ(g.counts[2], 1);
	run_to_step(v);			/* in the second */
	EXPECT_EQ(g.counts[2], 2);
	run_to_step(v);
	run_to_step(v);			/* back in the guest's own code */
	EXPECT_EQ(g.counts[2], 2);
	EXPECT_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &events));
	EXPECT_EQ(events.nmi.masked, 0);
	run_to_done(v);
}

/* Masked NMIs collapse into one that is pending. */
static void nmis_collapse(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];
	unsigned int i;

	REQUIRE_CAP(g.vm, KVM_CAP_USER_NMI);
	start_nmi_guest(&g);
	run_to_step(v);
	nmi(v);
	run_to_step(v);
	for (i = 0; i < 5; i++)
		nmi(v);
	for (i = 0; i < 6 && v->run->io.port != PORT_DONE; i++)
		EXPECT_OK(vcpu_run(v));
	EXPECT_EQ(v->run->io.port, PORT_DONE);
	EXPECT_EQ(g.counts[2], 2);
}

/* Without a LAPIC here, userspace's is told when the guest lowers CR8. */
static void lowering_cr8_exits(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];

	guest_begin(&g, inject_tpr, MODE_LONG);
	vcpu_run_to(v, KVM_EXIT_SET_TPR);
	EXPECT_EQ(v->run->cr8, 3);
	run_to_done(v);
	EXPECT_EQ(vcpu_regs(v).rbx, 3);
}

const struct tap_case inject_cases[] = {
	{ "interrupt_into_running_guest", interrupt_into_running_guest },
	{ "window_waits_for_sti", window_waits_for_sti },
	{ "pending_interrupt_is_delivered_first",
	  pending_interrupt_is_delivered_first },
	{ "mov_ss_shadow", mov_ss_shadow },
	{ "hlt_exits_and_interrupt_goes_on", hlt_exits_and_interrupt_goes_on },
	{ "nmi_is_taken_and_blocks", nmi_is_taken_and_blocks },
	{ "nmis_collapse", nmis_collapse },
	{ "lowering_cr8_exits", lowering_cr8_exits },
	{ }
};
