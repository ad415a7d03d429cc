// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the in-kernel interrupt chips: 8259, IOAPIC, 8254, LAPIC state,
 * lines and messages.
 */
#include <string.h>
#include <sys/eventfd.h>

#include "interface.h"
#include "vm.h"

/* LAPIC register offsets; Intel SDM, "Local APIC Register Address Map". */
#define APIC_ID		0x20
#define APIC_LVR	0x30
#define APIC_TPR	0x80
#define APIC_DFR	0xe0
#define APIC_SPIV	0xf0
#define APIC_ISR	0x100
#define APIC_IRR	0x200
#define APIC_LVTT	0x320
#define APIC_LVT0	0x350
#define APIC_LVT1	0x360
#define APIC_TMICT	0x380
#define APIC_TDCR	0x3e0

static void create(void)
{
	vm_create_with_irqchip();
}

static void create_twice(void)
{
	EXPECT_ERRNO(ioctl(vm_create_with_irqchip(), KVM_CREATE_IRQCHIP, 0),
		     EEXIST);
}

static void create_after_vcpu(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_IRQCHIP);
	EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 0));
	EXPECT_ERRNO(ioctl(vm, KVM_CREATE_IRQCHIP, 0), EINVAL);
}

static int get_chip(int vm, u32 id, struct kvm_irqchip *chip)
{
	memset(chip, 0, sizeof(*chip));
	chip->chip_id = id;
	return ioctl(vm, KVM_GET_IRQCHIP, chip);
}

static void state_without_irqchip(void)
{
	struct kvm_irqchip chip;
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_IRQCHIP);
	EXPECT_ERRNO(get_chip(vm, KVM_IRQCHIP_IOAPIC, &chip), ENXIO);
	EXPECT_ERRNO(ioctl(vm, KVM_SET_IRQCHIP, &chip), ENXIO);
}

static void state_of_unknown_chip(void)
{
	struct kvm_irqchip chip;
	int vm = vm_create_with_irqchip();

	EXPECT_ERRNO(get_chip(vm, 3, &chip), EINVAL);
	chip.chip_id = 0xffffffff;
	EXPECT_ERRNO(ioctl(vm, KVM_SET_IRQCHIP, &chip), EINVAL);
}

static void state_bad_pointer(void)
{
	int vm = vm_create_with_irqchip();

	EXPECT_ERRNO(ioctl(vm, KVM_GET_IRQCHIP, 8UL), EFAULT);
	EXPECT_ERRNO(ioctl(vm, KVM_SET_IRQCHIP, 8UL), EFAULT);
}

static void ioapic_reset_state(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_irqchip chip;
	unsigned int i;

	EXPECT_OK(get_chip(vm, KVM_IRQCHIP_IOAPIC, &chip));
	EXPECT_EQ(chip.chip.ioapic.base_address, 0xfec00000);
	for (i = 0; i < KVM_IOAPIC_NUM_PINS; i++)
		EXPECT_EQ(chip.chip.ioapic.redirtbl[i].fields.mask, 1);
}

static void ioapic_round_trip(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_irqchip set, get;
	unsigned int i;

	EXPECT_OK(get_chip(vm, KVM_IRQCHIP_IOAPIC, &set));
	for (i = 0; i < KVM_IOAPIC_NUM_PINS; i++) {
		set.chip.ioapic.redirtbl[i].fields.vector = 0x30 + i;
		set.chip.ioapic.redirtbl[i].fields.trig_mode = i & 1;
		set.chip.ioapic.redirtbl[i].fields.dest_id = i & 3;
		set.chip.ioapic.redirtbl[i].fields.mask = i != 5;
	}
	set.chip.ioapic.ioregsel = 0x12;
	set.chip.ioapic.id = 2;
	EXPECT_OK(ioctl(vm, KVM_SET_IRQCHIP, &set));
	EXPECT_OK(get_chip(vm, KVM_IRQCHIP_IOAPIC, &get));
	EXPECT(!memcmp(&set.chip.ioapic, &get.chip.ioapic,
		       sizeof(set.chip.ioapic)));
}

static void pic_round_trip(u32 id)
{
	int vm = vm_create_with_irqchip();
	struct kvm_irqchip set, get;

	EXPECT_OK(get_chip(vm, id, &set));
	set.chip.pic.imr = 0xa5;
	set.chip.pic.irq_base = id == KVM_IRQCHIP_PIC_MASTER ? 0x20 : 0x28;
	set.chip.pic.elcr = id == KVM_IRQCHIP_PIC_MASTER ? 0x20 : 0x08;
	set.chip.pic.isr = 2;
	set.chip.pic.auto_eoi = 1;
	EXPECT_OK(ioctl(vm, KVM_SET_IRQCHIP, &set));
	EXPECT_OK(get_chip(vm, id, &get));
	EXPECT(!memcmp(&set.chip.pic, &get.chip.pic, sizeof(set.chip.pic)));
}

static void pic_master_round_trip(void)
{
	pic_round_trip(KVM_IRQCHIP_PIC_MASTER);
}

static void pic_slave_round_trip(void)
{
	pic_round_trip(KVM_IRQCHIP_PIC_SLAVE);
}

static void pic_elcr_masks(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_irqchip chip;

	EXPECT_OK(get_chip(vm, KVM_IRQCHIP_PIC_MASTER, &chip));
	EXPECT_EQ(chip.chip.pic.elcr_mask, 0xf8);
	EXPECT_OK(get_chip(vm, KVM_IRQCHIP_PIC_SLAVE, &chip));
	EXPECT_EQ(chip.chip.pic.elcr_mask, 0xde);
}

static int irq_line(int vm, u32 irq, u32 level)
{
	struct kvm_irq_level line = { .irq = irq, .level = level };

	return ioctl(vm, KVM_IRQ_LINE, &line);
}

static void line_without_irqchip(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_IRQCHIP);
	EXPECT_ERRNO(irq_line(vm, 4, 1), ENXIO);
}

static void line_sets_pic_irr(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_irqchip chip;

	EXPECT_OK(irq_line(vm, 4, 1));
	EXPECT_OK(get_chip(vm, KVM_IRQCHIP_PIC_MASTER, &chip));
	EXPECT_EQ(chip.chip.pic.irr & BIT(4), BIT(4));
	EXPECT_OK(irq_line(vm, 4, 0));
	EXPECT_OK(irq_line(vm, 12, 1));
	EXPECT_OK(get_chip(vm, KVM_IRQCHIP_PIC_SLAVE, &chip));
	EXPECT_EQ(chip.chip.pic.irr & BIT(4), BIT(4));
}

static void line_sets_ioapic_irr(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_irqchip chip;

	EXPECT_OK(get_chip(vm, KVM_IRQCHIP_IOAPIC, &chip));
	chip.chip.ioapic.redirtbl[20].fields.trig_mode = 1;
	chip.chip.ioapic.redirtbl[20].fields.mask = 1;
	EXPECT_OK(ioctl(vm, KVM_SET_IRQCHIP, &chip));
	EXPECT_OK(irq_line(vm, 20, 1));
	EXPECT_OK(get_chip(vm, KVM_IRQCHIP_IOAPIC, &chip));
	EXPECT_EQ(chip.chip.ioapic.irr & BIT(20), BIT(20));
	EXPECT_OK(irq_line(vm, 20, 0));
	EXPECT_OK(get_chip(vm, KVM_IRQCHIP_IOAPIC, &chip));
	EXPECT_EQ(chip.chip.ioapic.irr & BIT(20), 0);
}

/* A GSI that nothing is routed to is no error of the call. */
static void line_without_route(void)
{
	EXPECT_OK(irq_line(vm_create_with_irqchip(), 4000, 1));
}

static void line_bad_pointer(void)
{
	EXPECT_ERRNO(ioctl(vm_create_with_irqchip(), KVM_IRQ_LINE, 8UL), EFAULT);
}

static void line_status(void)
{
	struct kvm_irq_level line = { .irq = 4000, .level = 1 };
	int vm = vm_create_with_irqchip();

	REQUIRE_CAP(vm, KVM_CAP_IRQ_INJECT_STATUS);
	EXPECT_OK(ioctl(vm, KVM_IRQ_LINE_STATUS, &line));
	EXPECT(line.status < 0);
	line = (struct kvm_irq_level){ .irq = 4, .level = 1 };
	EXPECT_OK(ioctl(vm, KVM_IRQ_LINE_STATUS, &line));
	EXPECT(line.status != 4);
}

static int create_pit(int vm, u32 flags)
{
	struct kvm_pit_config config = { .flags = flags };

	return ioctl(vm, KVM_CREATE_PIT2, &config);
}

static int vm_with_pit(void)
{
	int vm = vm_create_with_irqchip();

	REQUIRE_CAP(vm, KVM_CAP_PIT2);
	EXPECT_OK(create_pit(vm, KVM_PIT_SPEAKER_DUMMY));
	return vm;
}

static void pit_create_twice(void)
{
	EXPECT_ERRNO(create_pit(vm_with_pit(), 0), EEXIST);
}

static void pit_old_create(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_pit_state2 state;

	REQUIRE_CAP(vm, KVM_CAP_PIT2);
	EXPECT_OK(ioctl(vm, KVM_CREATE_PIT, 0));
	EXPECT_ERRNO(ioctl(vm, KVM_CREATE_PIT, 0), EEXIST);
	EXPECT_OK(ioctl(vm, KVM_GET_PIT2, &state));
}

static void pit_absent(void)
{
	struct kvm_reinject_control control = { };
	int vm = vm_create_with_irqchip();
	struct kvm_pit_state2 two = { };
	struct kvm_pit_state one = { };

	REQUIRE_CAP(vm, KVM_CAP_PIT2);
	EXPECT_ERRNO(ioctl(vm, KVM_GET_PIT2, &two), ENXIO);
	EXPECT_ERRNO(ioctl(vm, KVM_SET_PIT2, &two), ENXIO);
	EXPECT_ERRNO(ioctl(vm, KVM_GET_PIT, &one), ENXIO);
	EXPECT_ERRNO(ioctl(vm, KVM_SET_PIT, &one), ENXIO);
	EXPECT_ERRNO(ioctl(vm, KVM_REINJECT_CONTROL, &control), ENXIO);
}

static void pit_bad_pointer(void)
{
	int vm = vm_with_pit();

	EXPECT_ERRNO(ioctl(vm, KVM_GET_PIT2, 8UL), EFAULT);
	EXPECT_ERRNO(ioctl(vm, KVM_SET_PIT2, 8UL), EFAULT);
	EXPECT_ERRNO(ioctl(vm_create_with_irqchip(), KVM_CREATE_PIT2, 8UL),
		     EFAULT);
}

static void pit_state_round_trip(void)
{
	struct kvm_pit_state2 set, get;
	int vm = vm_with_pit();

	EXPECT_OK(ioctl(vm, KVM_GET_PIT2, &set));
	set.channels[0].count = 11932;
	set.channels[0].mode = 2;
	set.channels[0].rw_mode = 3;
	set.channels[0].gate = 1;
	set.channels[2].count = 0x1000;
	set.channels[2].mode = 3;
	set.channels[2].gate = 0;
	EXPECT_OK(ioctl(vm, KVM_SET_PIT2, &set));
	EXPECT_OK(ioctl(vm, KVM_GET_PIT2, &get));
	EXPECT_EQ(get.channels[0].count, 11932);
	EXPECT_EQ(get.channels[0].mode, 2);
	EXPECT_EQ(get.channels[0].rw_mode, 3);
	EXPECT_EQ(get.channels[2].count, 0x1000);
	EXPECT_EQ(get.channels[2].gate, 0);
}

static void pit_hpet_legacy_flag(void)
{
	struct kvm_pit_state2 state;
	int vm = vm_with_pit();

	EXPECT_OK(ioctl(vm, KVM_GET_PIT2, &state));
	EXPECT_EQ(state.flags & KVM_PIT_FLAGS_HPET_LEGACY, 0);
	state.flags |= KVM_PIT_FLAGS_HPET_LEGACY;
	EXPECT_OK(ioctl(vm, KVM_SET_PIT2, &state));
	EXPECT_OK(ioctl(vm, KVM_GET_PIT2, &state));
	EXPECT_EQ(state.flags & KVM_PIT_FLAGS_HPET_LEGACY,
		  KVM_PIT_FLAGS_HPET_LEGACY);
}

static void pit_old_state_agrees(void)
{
	struct kvm_pit_state2 two;
	struct kvm_pit_state one;
	int vm = vm_with_pit();

	EXPECT_OK(ioctl(vm, KVM_GET_PIT, &one));
	one.channels[1].count = 0x222;
	EXPECT_OK(ioctl(vm, KVM_SET_PIT, &one));
	EXPECT_OK(ioctl(vm, KVM_GET_PIT2, &two));
	EXPECT_EQ(two.channels[1].count, 0x222);
}

static void pit_reinject_control(void)
{
	struct kvm_reinject_control control = { .pit_reinject = 0 };
	int vm = vm_with_pit();

	EXPECT_OK(ioctl(vm, KVM_REINJECT_CONTROL, &control));
	control.pit_reinject = 1;
	EXPECT_OK(ioctl(vm, KVM_REINJECT_CONTROL, &control));
	EXPECT_ERRNO(ioctl(vm, KVM_REINJECT_CONTROL, 8UL), EFAULT);
}

static u32 apic_reg(const struct kvm_lapic_state *s, unsigned int reg)
{
	u32 value;

	memcpy(&value, s->regs + reg, 4);
	return value;
}

static void set_apic_reg(struct kvm_lapic_state *s, unsigned int reg, u32 value)
{
	memcpy(s->regs + reg, &value, 4);
}

static struct kvm_lapic_state lapic_of(const struct vcpu *v)
{
	struct kvm_lapic_state state;

	EXPECT_OK(ioctl(v->fd, KVM_GET_LAPIC, &state));
	return state;
}

static void lapic_without_irqchip(void)
{
	struct kvm_lapic_state state = { };
	struct vcpu v;

	vcpu_create(vm_create(), 0, &v);
	EXPECT_ERRNO(ioctl(v.fd, KVM_GET_LAPIC, &state), EINVAL);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_LAPIC, &state), EINVAL);
}

/* Intel SDM, "Local APIC State After Power-Up or Reset". */
static void lapic_reset_state(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_lapic_state state;
	struct vcpu v;

	vcpu_create(vm, 3, &v);
	state = lapic_of(&v);
	EXPECT_EQ(apic_reg(&state, APIC_ID), 3U << 24);
	EXPECT_EQ(apic_reg(&state, APIC_LVR) & 0xff, 0x14);
	EXPECT_EQ(apic_reg(&state, APIC_SPIV), 0xff);
	EXPECT_EQ(apic_reg(&state, APIC_DFR), 0xffffffff);
	EXPECT_EQ(apic_reg(&state, APIC_LVTT), 0x10000);
	EXPECT_EQ(apic_reg(&state, APIC_LVT1), 0x10000);
	EXPECT_EQ(apic_reg(&state, APIC_TPR), 0);
}

/* KVM lets the boot processor take the 8259's interrupts from the start. */
static void lapic_boot_cpu_takes_extint(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_lapic_state state;
	struct vcpu v[2];

	vcpu_create(vm, 0, &v[0]);
	vcpu_create(vm, 1, &v[1]);
	state = lapic_of(&v[0]);
	EXPECT_EQ(apic_reg(&state, APIC_LVT0), 0x700);
	state = lapic_of(&v[1]);
	EXPECT_EQ(apic_reg(&state, APIC_LVT0), 0x10000);
}

static void lapic_round_trip(void)
{
	struct kvm_lapic_state set, get;
	struct vcpu v;

	vcpu_create(vm_create_with_irqchip(), 0, &v);
	set = lapic_of(&v);
	set_apic_reg(&set, APIC_SPIV, 0x1ff);
	set_apic_reg(&set, APIC_TPR, 0x20);
	set_apic_reg(&set, APIC_LVTT, 0x10031);
	set_apic_reg(&set, APIC_LVT0, 0x8700);
	set_apic_reg(&set, APIC_LVT1, 0x400);
	set_apic_reg(&set, APIC_TDCR, 0xb);
	EXPECT_OK(ioctl(v.fd, KVM_SET_LAPIC, &set));
	get = lapic_of(&v);
	EXPECT_EQ(apic_reg(&get, APIC_SPIV), 0x1ff);
	EXPECT_EQ(apic_reg(&get, APIC_TPR), 0x20);
	EXPECT_EQ(apic_reg(&get, APIC_LVTT), 0x10031);
	EXPECT_EQ(apic_reg(&get, APIC_LVT0), 0x8700);
	EXPECT_EQ(apic_reg(&get, APIC_LVT1), 0x400);
	EXPECT_EQ(apic_reg(&get, APIC_TDCR), 0xb);
}

static void lapic_pending_round_trip(void)
{
	struct kvm_lapic_state set, get;
	struct vcpu v;

	vcpu_create(vm_create_with_irqchip(), 0, &v);
	set = lapic_of(&v);
	set_apic_reg(&set, APIC_SPIV, 0x1ff);
	set_apic_reg(&set, APIC_IRR + 0x10, BIT(17));
	set_apic_reg(&set, APIC_ISR + 0x20, BIT(3));
	EXPECT_OK(ioctl(v.fd, KVM_SET_LAPIC, &set));
	get = lapic_of(&v);
	EXPECT_EQ(apic_reg(&get, APIC_IRR + 0x10), BIT(17));
	EXPECT_EQ(apic_reg(&get, APIC_ISR + 0x20), BIT(3));
}

static void lapic_tpr_is_cr8(void)
{
	struct kvm_lapic_state state;
	struct kvm_sregs sregs;
	struct vcpu v;

	vcpu_create(vm_create_with_irqchip(), 0, &v);
	state = lapic_of(&v);
	set_apic_reg(&state, APIC_TPR, 0x70);
	EXPECT_OK(ioctl(v.fd, KVM_SET_LAPIC, &state));
	EXPECT_OK(ioctl(v.fd, KVM_GET_SREGS, &sregs));
	EXPECT_EQ(sregs.cr8, 7);
	sregs.cr8 = 3;
	EXPECT_OK(ioctl(v.fd, KVM_SET_SREGS, &sregs));
	state = lapic_of(&v);
	EXPECT_EQ(apic_reg(&state, APIC_TPR) >> 4, 3);
}

/* In x2APIC mode the state holds the 32-bit id as xAPIC mode would show it. */
static void lapic_id_in_x2apic_mode(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_lapic_state state;
	struct vcpu v;

	vcpu_create(vm, 2, &v);
	EXPECT_EQ(vcpu_set_msr(&v, 0x1b, 0xfee00c00), 1);
	state = lapic_of(&v);
	EXPECT_EQ(apic_reg(&state, APIC_ID), 2U << 24);
}

static void lapic_bad_pointer(void)
{
	struct vcpu v;

	vcpu_create(vm_create_with_irqchip(), 0, &v);
	EXPECT_ERRNO(ioctl(v.fd, KVM_GET_LAPIC, 8UL), EFAULT);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_LAPIC, 8UL), EFAULT);
}

static int signal_msi(int vm, u32 address, u32 data, u32 flags)
{
	struct kvm_msi msi = {
		.address_lo = address, .data = data, .flags = flags,
	};

	return ioctl(vm, KVM_SIGNAL_MSI, &msi);
}

static void enable_lapic(const struct vcpu *v)
{
	struct kvm_lapic_state state = lapic_of(v);

	set_apic_reg(&state, APIC_SPIV, 0x1ff);
	EXPECT_OK(ioctl(v->fd, KVM_SET_LAPIC, &state));
}

static void msi_without_irqchip(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_SIGNAL_MSI);
	EXPECT_ERRNO(signal_msi(vm, 0xfee00000, 0x41, 0), EINVAL);
}

static void msi_flags(void)
{
	int vm = vm_create_with_irqchip();

	REQUIRE_CAP(vm, KVM_CAP_SIGNAL_MSI);
	EXPECT_ERRNO(signal_msi(vm, 0xfee00000, 0x41, 2), EINVAL);
}

static void msi_is_delivered(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_lapic_state state;
	struct vcpu v;

	REQUIRE_CAP(vm, KVM_CAP_SIGNAL_MSI);
	vcpu_create(vm, 0, &v);
	enable_lapic(&v);
	EXPECT(signal_msi(vm, 0xfee00000, 0x41, 0) > 0);
	state = lapic_of(&v);
	EXPECT_EQ(apic_reg(&state, APIC_IRR + 0x20), BIT(1));
}

static void msi_to_disabled_lapic(void)
{
	int vm = vm_create_with_irqchip();
	struct vcpu v;

	REQUIRE_CAP(vm, KVM_CAP_SIGNAL_MSI);
	vcpu_create(vm, 0, &v);
	EXPECT(signal_msi(vm, 0xfee00000, 0x41, 0) <= 0);
}

static void msi_to_nobody(void)
{
	int vm = vm_create_with_irqchip();
	struct vcpu v;

	REQUIRE_CAP(vm, KVM_CAP_SIGNAL_MSI);
	vcpu_create(vm, 0, &v);
	enable_lapic(&v);
	EXPECT(signal_msi(vm, 0xfee07000, 0x41, 0) <= 0);
}

/* ---- the split irqchip ---- */

static int enable_split(int vm, u64 pins, u32 flags)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_SPLIT_IRQCHIP, .flags = flags, .args[0] = pins,
	};

	return ioctl(vm, KVM_ENABLE_CAP, &cap);
}

static int vm_create_split(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_SPLIT_IRQCHIP);
	EXPECT_OK(enable_split(vm, 24, 0));
	return vm;
}

static void split_refused(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_SPLIT_IRQCHIP);
	EXPECT_ERRNO(enable_split(vm, 24, 1), EINVAL);
	EXPECT_ERRNO(enable_split(vm, 4097, 0), EINVAL);
	EXPECT_ERRNO(enable_split(vm, ~0ULL, 0), EINVAL);
	EXPECT_OK(enable_split(vm, 4096, 0));
	EXPECT_ERRNO(enable_split(vm, 24, 0), EEXIST);
	EXPECT_ERRNO(ioctl(vm, KVM_CREATE_IRQCHIP, 0), EEXIST);
}

static void split_comes_too_late(void)
{
	int vm = vm_create(), other = vm_create_with_irqchip();

	REQUIRE_CAP(vm, KVM_CAP_SPLIT_IRQCHIP);
	EXPECT_ERRNO(enable_split(other, 24, 0), EEXIST);
	EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 0));
	EXPECT_ERRNO(enable_split(vm, 24, 0), EEXIST);
	EXPECT_ERRNO(enable_split(vm, 4097, 0), EINVAL);
}

static void split_has_local_apics_only(void)
{
	struct kvm_pit_state2 pit = { };
	struct kvm_lapic_state lapic;
	struct kvm_irqchip chip;
	int vm = vm_create_split();
	struct vcpu v;

	EXPECT_ERRNO(get_chip(vm, KVM_IRQCHIP_IOAPIC, &chip), ENXIO);
	EXPECT_ERRNO(ioctl(vm, KVM_SET_IRQCHIP, &chip), ENXIO);
	EXPECT_ERRNO(ioctl(vm, KVM_GET_PIT2, &pit), ENXIO);
	vcpu_create(vm, 0, &v);
	EXPECT_OK(ioctl(v.fd, KVM_GET_LAPIC, &lapic));
}

static int set_route(int vm, u32 gsi, u32 type)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry;
	} table = { .head.nr = 1, .entry = { .gsi = gsi, .type = type } };

	if (type == KVM_IRQ_ROUTING_MSI)
		table.entry.u.msi.address_lo = 0xfee00000;
	return ioctl(vm, KVM_SET_GSI_ROUTING, &table);
}

static void split_routes_are_messages(void)
{
	struct kvm_irq_level line = { .irq = 4, .level = 1 };
	int vm = vm_create_split();

	EXPECT_OK(ioctl(vm, KVM_IRQ_LINE_STATUS, &line));
	EXPECT_EQ(line.status, -1);
	EXPECT_ERRNO(set_route(vm, 4, KVM_IRQ_ROUTING_IRQCHIP), EINVAL);
	EXPECT_OK(set_route(vm, 4, KVM_IRQ_ROUTING_MSI));
}

static void split_has_no_resamplers(void)
{
	struct kvm_irqfd irqfd = { .gsi = 4, .flags = KVM_IRQFD_FLAG_RESAMPLE };
	int vm = vm_create_split();

	irqfd.fd = eventfd(0, 0);
	irqfd.resamplefd = eventfd(0, 0);
	EXPECT_ERRNO(ioctl(vm, KVM_IRQFD, &irqfd), EINVAL);
	irqfd.flags = 0;
	EXPECT_OK(ioctl(vm, KVM_IRQFD, &irqfd));
}

static void split_interrupt(void)
{
	struct kvm_interrupt irq = { .irq = 256 };
	int vm = vm_create_split();
	struct vcpu v;

	vcpu_create(vm, 0, &v);
	EXPECT_ERRNO(ioctl(v.fd, KVM_INTERRUPT, &irq), EINVAL);
	irq.irq = 255;
	EXPECT_OK(ioctl(v.fd, KVM_INTERRUPT, &irq));
	EXPECT_ERRNO(ioctl(v.fd, KVM_INTERRUPT, &irq), EEXIST);
}

const struct tap_case irqchip_cases[] = {
	{ "split_refused", split_refused },
	{ "split_comes_too_late", split_comes_too_late },
	{ "split_has_local_apics_only", split_has_local_apics_only },
	{ "split_routes_are_messages", split_routes_are_messages },
	{ "split_has_no_resamplers", split_has_no_resamplers },
	{ "split_interrupt", split_interrupt },
	{ "create", create },
	{ "create_twice", create_twice },
	{ "create_after_vcpu", create_after_vcpu },
	{ "state_without_irqchip", state_without_irqchip },
	{ "state_of_unknown_chip", state_of_unknown_chip },
	{ "state_bad_pointer", state_bad_pointer },
	{ "ioapic_reset_state", ioapic_reset_state },
	{ "ioapic_round_trip", ioapic_round_trip },
	{ "pic_master_round_trip", pic_master_round_trip },
	{ "pic_slave_round_trip", pic_slave_round_trip },
	{ "pic_elcr_masks", pic_elcr_masks },
	{ "line_without_irqchip", line_without_irqchip },
	{ "line_sets_pic_irr", line_sets_pic_irr },
	{ "line_sets_ioapic_irr", line_sets_ioapic_irr },
	{ "line_without_route", line_without_route },
	{ "line_bad_pointer", line_bad_pointer },
	{ "line_status", line_status },
	{ "pit_create_twice", pit_create_twice },
	{ "pit_old_create", pit_old_create },
	{ "pit_absent", pit_absent },
	{ "pit_bad_pointer", pit_bad_pointer },
	{ "pit_state_round_trip", pit_state_round_trip },
	{ "pit_hpet_legacy_flag", pit_hpet_legacy_flag },
	{ "pit_old_state_agrees", pit_old_state_agrees },
	{ "pit_reinject_control", pit_reinject_control },
	{ "lapic_without_irqchip", lapic_without_irqchip },
	{ "lapic_reset_state", lapic_reset_state },
	{ "lapic_boot_cpu_takes_extint", lapic_boot_cpu_takes_extint },
	{ "lapic_round_trip", lapic_round_trip },
	{ "lapic_pending_round_trip", lapic_pending_round_trip },
	{ "lapic_tpr_is_cr8", lapic_tpr_is_cr8 },
	{ "lapic_id_in_x2apic_mode", lapic_id_in_x2apic_mode },
	{ "lapic_bad_pointer", lapic_bad_pointer },
	{ "msi_without_irqchip", msi_without_irqchip },
	{ "msi_flags", msi_flags },
	{ "msi_is_delivered", msi_is_delivered },
	{ "msi_to_disabled_lapic", msi_to_disabled_lapic },
	{ "msi_to_nobody", msi_to_nobody },
	{ }
};
