// SPDX-License-Identifier: GPL-2.0
/*
 * Takes bytes for what guests and userspace do to the chips, and does it: what
 * is to be seen is that no sanitizer complains, that timers come to an end, and
 * that a state that is read can be set and reads the same.
 *
 * Called by libFuzzer, or by fuzz-main.c with bytes from a random generator.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "world.h"

#define CPUS	3

struct input {
	const u8 *data;
	size_t size;
};

static u32 take_bytes(struct input *in, unsigned int n)
{
	u32 val = 0;

	while (n-- && in->size) {
		val = val << 8 | *in->data++;
		in->size--;
	}
	return val;
}

/* Interesting ports more often than others. */
static u16 take_port(struct input *in)
{
	static const u16 ports[] = { 0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1,
		0x40, 0x41, 0x42, 0x43, 0x61, 0x3f, 0x62, 0x1f, 0xffff, 0x4cf };

	return ports[take_bytes(in, 1) % ARRAY_SIZE(ports)];
}

static void op_lapic(struct input *in)
{
	struct lhv_lapic *apic = world.cpus[take_bytes(in, 1) % CPUS];
	u32 offset = take_bytes(in, 2) & 0xffc, val;

	if (offset & 0x800)
		offset &= 0x3f0;
	if (offset & 4)
		lhv_lapic_write_trapped(apic, offset);
	else
		lhv_lapic_write(apic, offset, take_bytes(in, 4));
	lhv_lapic_read(apic, offset, &val);
}

static void op_x2apic(struct input *in)
{
	struct lhv_lapic *apic = world.cpus[take_bytes(in, 1) % CPUS];
	u32 msr = 0x800 + take_bytes(in, 1);
	u64 val = take_bytes(in, 4);

	val |= (u64)take_bytes(in, 1) << 32;
	lhv_lapic_x2_write(apic, msr, val);
	lhv_lapic_x2_read(apic, msr, &val);
}

static void op_base(struct input *in)
{
	struct lhv_lapic *apic = world.cpus[take_bytes(in, 1) % CPUS];
	u32 val = take_bytes(in, 2);

	lhv_lapic_set_base(apic, LHV_APIC_DEFAULT_BASE | (val & 0xfff),
			   val & 0x1000, 36, val & 0x2000);
	if (val & 0x4000)
		lhv_lapic_reset(apic, val & 0x8000, val & 1);
}

static void op_cpu(struct input *in)
{
	unsigned int cpu = take_bytes(in, 1) % CPUS;
	struct lhv_lapic *apic = world.cpus[cpu];
	int vector = cpu_take(cpu);

	if (vector >= 0 && vector < LAPIC_FIRST_VECTOR)
		abort();
	if (lhv_lapic_accepts_extint(apic) && lhv_pic_output(&world.chip))
		lhv_pic_ack(&world.chip);
	if (take_bytes(in, 1) & 1)
		lhv_lapic_eoi(apic);
	lhv_lapic_timer_fired(apic);
}

static void op_pio(struct input *in)
{
	u16 port = take_port(in);
	u8 how = take_bytes(in, 1);
	u32 val = take_bytes(in, 4);

	lhv_irqchip_pio(&world.chip, port, 1 << how % 3, &val, how & 0x80);
}

static void op_mmio(struct input *in)
{
	u8 how = take_bytes(in, 1);
	u64 val = take_bytes(in, 4);

	lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE + (how & 0x1f),
			 1 << (how >> 5) % 4, &val, how & 0x80);
}

static void op_rte(struct input *in)
{
	u32 index = take_bytes(in, 1);

	lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE, 4, &index, true);
	index = take_bytes(in, 4);
	lhv_irqchip_mmio(&world.chip, LHV_IOAPIC_BASE + 0x10, 4, &index, true);
}

static void op_line(struct input *in)
{
	u32 gsi = take_bytes(in, 1) % 40, how = take_bytes(in, 1);

	if (how & 2)
		lhv_irq_line_status(&world.chip, gsi, how & 1);
	else
		lhv_irq_set(&world.chip, gsi, how & 1, how >> 2);
}

static void op_msi(struct input *in)
{
	u32 address = take_bytes(in, 4);

	lhv_irq_msi(&world.chip, address, take_bytes(in, 4));
}

static void op_time(struct input *in)
{
	world_advance((u64)take_bytes(in, 3) << take_bytes(in, 1) % 8);
}

static void op_deadline(struct input *in)
{
	struct lhv_lapic *apic = world.cpus[take_bytes(in, 1) % CPUS];

	lhv_lapic_set_tsc_deadline(apic, take_bytes(in, 1) & 1 ?
				   world.now * TSC_PER_NS + take_bytes(in, 4) :
				   take_bytes(in, 4));
}

static void op_routing(struct input *in)
{
	struct kvm_irq_routing_entry e[8];
	u32 nr = take_bytes(in, 1) % 9, i;

	for (i = 0; i < nr; i++) {
		memset(&e[i], 0, sizeof(e[i]));
		e[i].gsi = take_bytes(in, 1) % 30;
		e[i].type = take_bytes(in, 1) % 4;
		e[i].u.irqchip.irqchip = take_bytes(in, 1) % 5;
		e[i].u.irqchip.pin = take_bytes(in, 1) % 26;
		e[i].u.msi.data = take_bytes(in, 2);
	}
	lhv_irq_set_routing(&world.chip, e, nr, 0);
}

static void op_lapic_state(struct input *in)
{
	struct lhv_lapic *apic = world.cpus[take_bytes(in, 1) % CPUS];
	struct kvm_lapic_state s, once, twice;
	u32 n = take_bytes(in, 1) % 16, offset;

	lhv_lapic_get_state(apic, &s);
	while (n--) {
		offset = take_bytes(in, 1) % 64 * 16;
		*(u32 *)(s.regs + offset) = take_bytes(in, 4);
	}
	lhv_lapic_set_state(apic, &s);
	lhv_lapic_get_state(apic, &once);
	lhv_lapic_set_state(apic, &once);
	lhv_lapic_get_state(apic, &twice);
	if (memcmp(&once, &twice, sizeof(once)))
		abort();
}

static void op_chip_state(struct input *in)
{
	struct kvm_irqchip s = { .chip_id = take_bytes(in, 1) % 4 };
	u8 *image = (u8 *)&s.chip;
	u32 n = take_bytes(in, 1) % 32, at;

	if (lhv_irqchip_get(&world.chip, &s))
		return;
	while (n--) {
		at = take_bytes(in, 1) % sizeof(struct kvm_ioapic_state);
		image[at] = take_bytes(in, 1);
	}
	if (s.chip_id == KVM_IRQCHIP_IOAPIC)
		s.chip.ioapic.base_address = LHV_IOAPIC_BASE;
	lhv_irqchip_set(&world.chip, &s);
}

static void op_pit_state(struct input *in)
{
	struct kvm_pit_state2 s;
	u32 n = take_bytes(in, 1) % 32, at;

	lhv_pit_get(&world.chip, &s);
	while (n--) {
		at = take_bytes(in, 1) % sizeof(s);
		((u8 *)&s)[at] = take_bytes(in, 1);
	}
	lhv_pit_set(&world.chip, &s);
	lhv_pit_reinject(&world.chip, n & 1);
}

static void op_hardware(struct input *in)
{
	struct lhv_lapic *apic = world.cpus[take_bytes(in, 1) % CPUS];
	u8 how = take_bytes(in, 1);
	u64 bitmap[4];

	lhv_lapic_set_cr8(apic, how & 15);
	lhv_lapic_get_cr8(apic);
	lhv_lapic_eoi_exit_bitmap(apic, bitmap);
	lhv_lapic_eoi_induced(apic, how);
	world.resamplers = how & 1;
	lhv_irqchip_update_eoi_map(&world.chip);
}

static void (*const ops[])(struct input *in) = {
	op_lapic, op_lapic, op_lapic, op_x2apic, op_base, op_cpu, op_cpu,
	op_cpu, op_pio, op_pio, op_pio, op_mmio, op_rte, op_rte, op_line,
	op_line, op_line, op_msi, op_time, op_time, op_deadline, op_routing,
	op_lapic_state, op_chip_state, op_pit_state, op_hardware,
};

/* What is kept beside the page must be what the page says. */
static void check_lapics(void)
{
	struct lhv_lapic *apic;
	unsigned int cpu;

	for (cpu = 0; cpu < CPUS; cpu++) {
		apic = world.cpus[cpu];
		if (lhv_lapic_highest_irr(apic) != lapic_scan(apic, LAPIC_IRR) ||
		    lhv_lapic_highest_isr(apic) != lapic_scan(apic, LAPIC_ISR))
			abort();
	}
}

int fuzz_one_input(const u8 *data, size_t size)
{
	struct input in = { data, size };

	world_init(CPUS);
	if (lhv_pit_create(&world.chip, KVM_PIT_SPEAKER_DUMMY))
		abort();
	world.cpus[2]->hw_vid = take_bytes(&in, 1) & 1;
	while (in.size) {
		ops[take_bytes(&in, 1) % ARRAY_SIZE(ops)](&in);
		check_lapics();
	}
	world_end();
	return 0;
}
