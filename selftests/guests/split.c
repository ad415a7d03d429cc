// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the split irqchip: local APICs in the kernel, I/O APIC and 8259s here.
 */
#include "guest.h"
#include "guests.h"

DECLARE_GUEST(split_xapic);
DECLARE_GUEST(split_x2apic);
DECLARE_GUEST(split_pic);
DECLARE_GUEST(split_hlt);

#define PINS		24
#define PIC_VECTOR	0x50
#define LEVEL		BIT(15)

static struct guest guest_split(void)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_SPLIT_IRQCHIP, .args[0] = PINS };
	struct guest g = { .vm = vm_create() };

	REQUIRE_CAP(g.vm, KVM_CAP_SPLIT_IRQCHIP);
	EXPECT_OK(ioctl(g.vm, KVM_ENABLE_CAP, &cap));
	guest_memory(&g);
	vcpu_create(g.vm, 0, &g.v[0]);
	return g;
}

/* GSIs 10 and PINS: a level-triggered message each; 11: an edge. */
static void route(const struct guest *g)
{
	static const struct {
		u32 gsi, data;
	} routes[] = { { 10, LEVEL | 0x41 }, { 11, 0x42 }, { PINS, LEVEL | 0x42 } };
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entries[ARRAY_SIZE(routes)];
	} table = { .head.nr = ARRAY_SIZE(routes) };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(routes); i++) {
		table.entries[i].gsi = routes[i].gsi;
		table.entries[i].type = KVM_IRQ_ROUTING_MSI;
		table.entries[i].u.msi.address_lo = 0xfee00000;
		table.entries[i].u.msi.data = routes[i].data;
	}
	EXPECT_OK(ioctl(g->vm, KVM_SET_GSI_ROUTING, &table));
}

static void raise_gsi(const struct guest *g, u32 gsi)
{
	struct kvm_irq_level irq = { .irq = gsi, .level = 1 };

	EXPECT_OK(ioctl(g->vm, KVM_IRQ_LINE_STATUS, &irq));
	EXPECT(irq.status > 0);
}

/* The EOI of a pin's level-triggered message comes to userspace, no other does. */
static void eoi_of_a_level_message(struct guest *g, u32 other)
{
	struct vcpu *v = &g->v[0];

	route(g);
	run_to_step(v);
	raise_gsi(g, 10);
	vcpu_run_to(v, KVM_EXIT_IOAPIC_EOI);
	EXPECT_EQ(v->run->eoi.vector, 0x41);
	EXPECT_EQ(g->counts[0x41], 1);
	run_to_step(v);
	raise_gsi(g, other);
	run_to_done(v);
	EXPECT_EQ(g->counts[0x41], 1);
	EXPECT_EQ(g->counts[0x42], 1);
}

static void eoi_exits_xapic(void)
{
	struct guest g = guest_split();

	guest_begin(&g, split_xapic, MODE_LONG);
	eoi_of_a_level_message(&g, 11);
}

static void eoi_exits_x2apic(void)
{
	struct guest g = guest_split();

	guest_begin(&g, split_x2apic, MODE_LONG);
	eoi_of_a_level_message(&g, 11);
}

static void eoi_beyond_the_pins(void)
{
	struct guest g = guest_split();

	guest_begin(&g, split_x2apic, MODE_LONG);
	eoi_of_a_level_message(&g, PINS);
}

static int interrupt(const struct vcpu *v)
{
	struct kvm_interrupt irq = { .irq = PIC_VECTOR };

	return ioctl(v->fd, KVM_INTERRUPT, &irq);
}

/* The window opens where a real 8259's output would get through LINT0. */
static void pic_goes_through_lint0(void)
{
	struct guest g = guest_split();
	struct vcpu *v = &g.v[0];

	guest_begin(&g, split_pic, MODE_LONG);
	v->run->request_interrupt_window = 1;
	run_to_step(v);
	EXPECT_EQ(v->run->if_flag, 0);
	EXPECT_EQ(v->run->ready_for_interrupt_injection, 0);
	run_to_step(v);
	EXPECT_EQ(v->run->if_flag, 1);
	EXPECT_EQ(v->run->ready_for_interrupt_injection, 0);
	/* an exit by EINTR has them, too */
	v->run->if_flag = 0;
	v->run->immediate_exit = 1;
	EXPECT_ERRNO(vcpu_run(v), EINTR);
	v->run->immediate_exit = 0;
	EXPECT_EQ(v->run->if_flag, 1);
	vcpu_run_to(v, KVM_EXIT_IRQ_WINDOW_OPEN);
	EXPECT_EQ(v->run->ready_for_interrupt_injection, 1);
	v->run->request_interrupt_window = 0;
	EXPECT_OK(interrupt(v));
	EXPECT_EQ(g.counts[PIC_VECTOR], 0);
	run_to_step(v);
	EXPECT_EQ(g.counts[PIC_VECTOR], 1);
	run_to_done(v);
	EXPECT_EQ(g.counts[PIC_VECTOR], 1);
}

/* A guest in HLT that an interrupt was handed to, and that has not gone on yet. */
static struct guest guest_interrupted_in_hlt(void)
{
	struct guest g = guest_split();
	struct vcpu *v = &g.v[0];

	guest_begin(&g, split_hlt, MODE_LONG);
	run_to_step(v);
	v->run->request_interrupt_window = 1;
	vcpu_run_to(v, KVM_EXIT_IRQ_WINDOW_OPEN);
	v->run->request_interrupt_window = 0;
	EXPECT_OK(interrupt(v));
	return g;
}

/*
 * A kick between KVM_INTERRUPT and the entry: nothing has been taken yet, and the
 * next one would find no room.
 */
static void not_ready_until_taken(void)
{
	struct guest g = guest_interrupted_in_hlt();
	struct vcpu *v = &g.v[0];

	v->run->immediate_exit = 1;
	EXPECT_ERRNO(vcpu_run(v), EINTR);
	v->run->immediate_exit = 0;
	EXPECT_EQ(v->run->ready_for_interrupt_injection, 0);
	EXPECT_ERRNO(interrupt(v), EEXIST);
	run_to_done(v);
	EXPECT_EQ(g.counts[PIC_VECTOR], 1);
}

static void window_opens_in_hlt(void)
{
	struct guest g = guest_interrupted_in_hlt();

	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[PIC_VECTOR], 1);
}

const struct tap_case split_cases[] = {
	{ "eoi_exits_xapic", eoi_exits_xapic },
	{ "eoi_exits_x2apic", eoi_exits_x2apic },
	{ "eoi_beyond_the_pins", eoi_beyond_the_pins },
	{ "pic_goes_through_lint0", pic_goes_through_lint0 },
	{ "not_ready_until_taken", not_ready_until_taken },
	{ "window_opens_in_hlt", window_opens_in_hlt },
	{ }
};
