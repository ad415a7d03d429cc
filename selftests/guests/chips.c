// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the in-kernel IOAPIC, 8259 pair and 8254, from the guest's side.
 */
#include <pthread.h>
#include <unistd.h>

#include "guest.h"
#include "guests.h"

DECLARE_GUEST(chips_ioapic_regs);
DECLARE_GUEST(chips_ioapic_edge);
DECLARE_GUEST(chips_ioapic_level);
DECLARE_GUEST(chips_ioapic_mask);
DECLARE_GUEST(chips_pic);
DECLARE_GUEST(chips_pic_hlt);
DECLARE_GUEST(chips_pit_counter);
DECLARE_GUEST(chips_pit_interrupts);
DECLARE_GUEST(chips_speaker);
extern const u8 chips_level_handler[], chips_mask_handler[];

#define REMOTE_IRR	BIT(14)

static void line(const struct guest *g, u32 gsi, u32 level)
{
	struct kvm_irq_level irq = { .irq = gsi, .level = level };

	EXPECT_OK(ioctl(g->vm, KVM_IRQ_LINE, &irq));
}

static void ioapic_registers(void)
{
	struct guest g = guest_new_irqchip();
	struct kvm_regs regs;

	guest_begin(&g, chips_ioapic_regs, MODE_LONG);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.r8 >> 16, 23);
	EXPECT_EQ(regs.r9, 0);
	EXPECT_EQ(regs.r10, 0x03000000);
	EXPECT_EQ(regs.r11, 0xa941);
	EXPECT_EQ(regs.r12, 0x55000000);
	EXPECT_EQ(regs.r13 & BIT(16), BIT(16));
	EXPECT_EQ(regs.r14, 0x21);
}

static void ioapic_edge(void)
{
	struct guest g = guest_new_irqchip();

	guest_begin(&g, chips_ioapic_edge, MODE_LONG);
	run_to_step(&g.v[0]);
	line(&g, 10, 1);
	line(&g, 10, 1);
	run_to_step(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 1);
	line(&g, 10, 0);
	line(&g, 10, 1);
	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 2);
}

static void ioapic_level(void)
{
	struct guest g = guest_new_irqchip();
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };

	guest_begin(&g, chips_ioapic_level, MODE_LONG);
	guest_handler(&g, 0x41,
		      GUEST_CODE + (chips_level_handler - chips_ioapic_level));
	run_to_step(&g.v[0]);
	line(&g, 10, 1);
	run_to_step(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 3);
	EXPECT_EQ(*(u32 *)(g.ram + GUEST_DATA) & REMOTE_IRR, REMOTE_IRR);
	line(&g, 10, 0);
	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 3);
	EXPECT_EQ(*(u32 *)(g.ram + GUEST_DATA + 4) & REMOTE_IRR, 0);
	EXPECT_OK(ioctl(g.vm, KVM_GET_IRQCHIP, &chip));
	EXPECT_EQ(chip.chip.ioapic.redirtbl[10].fields.remote_irr, 0);
}

static void ioapic_mask(void)
{
	struct guest g = guest_new_irqchip();

	guest_begin(&g, chips_ioapic_mask, MODE_LONG);
	guest_handler(&g, 0x41,
		      GUEST_CODE + (chips_mask_handler - chips_ioapic_mask));
	run_to_step(&g.v[0]);
	line(&g, 10, 1);
	run_to_step(&g.v[0]);
	EXPECT_EQ(vcpu_regs(&g.v[0]).r8, 0);
	line(&g, 10, 0);
	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 1);
}

static void pic(void)
{
	struct guest g = guest_new_irqchip();
	struct kvm_regs regs;

	guest_begin(&g, chips_pic, MODE_LONG);
	run_to_step(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.r8, 0xeb);
	EXPECT_EQ(regs.r9, 0xef);
	line(&g, 4, 1);
	run_to_step(&g.v[0]);
	EXPECT_EQ(g.counts[0x54], 1);
	line(&g, 4, 0);
	line(&g, 12, 1);
	run_to_step(&g.v[0]);
	EXPECT_EQ(g.counts[0x5c], 1);
	line(&g, 12, 0);
	line(&g, 4, 1);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.r10 & 0x10, 0x10);
	EXPECT_EQ(regs.r11, 1);
	EXPECT_EQ(g.counts[0x54], 2);
}

static void *raise_line_4_later(void *arg)
{
	usleep(20000);
	line(arg, 4, 1);
	return NULL;
}

static void pic_wakes_hlt(void)
{
	struct guest g = guest_new_irqchip();
	pthread_t thread;

	guest_begin(&g, chips_pic_hlt, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT_EQ(pthread_create(&thread, NULL, raise_line_4_later, &g), 0);
	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[0x54], 1);
	pthread_join(thread, NULL);
}

static void create_pit(const struct guest *g)
{
	struct kvm_pit_config config = { .flags = KVM_PIT_SPEAKER_DUMMY };

	REQUIRE_CAP(g->vm, KVM_CAP_PIT2);
	EXPECT_OK(ioctl(g->vm, KVM_CREATE_PIT2, &config));
}

static void pit_counter(void)
{
	struct guest g = guest_new_irqchip();
	struct kvm_regs regs;
	u32 first, second;

	create_pit(&g);
	guest_begin(&g, chips_pit_counter, MODE_LONG);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	first = (regs.r9 & 0xff) << 8 | (regs.r8 & 0xff);
	second = (regs.r11 & 0xff) << 8 | (regs.r10 & 0xff);
	/* It counts down, and round. */
	EXPECT(first != second);
	EXPECT_EQ(regs.r12 & 0x3f, 0x34);
}

static void pit_interrupts(void)
{
	struct guest g = guest_new_irqchip();

	create_pit(&g);
	guest_begin(&g, chips_pit_interrupts, MODE_LONG);
	run_to_done(&g.v[0]);
	EXPECT(g.counts[0x50] >= 3);
}

static void speaker(void)
{
	struct guest g = guest_new_irqchip();
	struct kvm_regs regs;

	create_pit(&g);
	guest_begin(&g, chips_speaker, MODE_LONG);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.r8 & 3, 1);
	EXPECT_EQ(regs.r9 & 0x20, 0);
	EXPECT_EQ(regs.r10 & 0x20, 0x20);
}

const struct tap_case chips_cases[] = {
	{ "ioapic_registers", ioapic_registers },
	{ "ioapic_edge", ioapic_edge },
	{ "ioapic_level", ioapic_level },
	{ "ioapic_mask", ioapic_mask },
	{ "pic", pic },
	{ "pic_wakes_hlt", pic_wakes_hlt },
	{ "pit_counter", pit_counter },
	{ "pit_interrupts", pit_interrupts },
	{ "speaker", speaker },
	{ }
};
