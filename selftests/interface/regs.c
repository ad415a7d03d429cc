// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the general and system registers: set, read back, refusals.
 */
#include <string.h>

#include "interface.h"
#include "vm.h"

#define CR0_PE		BIT(0)
#define CR0_NE		BIT(5)
#define CR0_NW		BIT(29)
#define CR0_CD		BIT(30)
#define CR0_PG		BIT(31)
#define CR4_PAE		BIT(5)
#define EFER_LME	BIT(8)
#define EFER_LMA	BIT(10)

static struct vcpu new_vcpu(void)
{
	struct vcpu v;

	vcpu_create(vm_create(), 0, &v);
	return v;
}

static struct kvm_sregs sregs_of(const struct vcpu *v)
{
	struct kvm_sregs sregs;

	EXPECT_OK(ioctl(v->fd, KVM_GET_SREGS, &sregs));
	return sregs;
}

/* Intel SDM, "Processor State After Reset". */
static void reset_state(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs sregs = sregs_of(&v);
	struct kvm_regs regs;

	EXPECT_OK(ioctl(v.fd, KVM_GET_REGS, &regs));
	EXPECT_EQ(regs.rip, 0xfff0);
	EXPECT_EQ(regs.rflags, 2);
	EXPECT_EQ(sregs.cs.selector, 0xf000);
	EXPECT_EQ(sregs.cs.base, 0xffff0000);
	EXPECT_EQ(sregs.cs.limit, 0xffff);
	EXPECT_EQ(sregs.ds.base, 0);
	EXPECT_EQ(sregs.cr0, 0x60000010);
	EXPECT_EQ(sregs.cr4, 0);
	EXPECT_EQ(sregs.efer, 0);
	EXPECT_EQ(sregs.gdt.limit, 0xffff);
	EXPECT_EQ(sregs.idt.limit, 0xffff);
	EXPECT_EQ(sregs.apic_base & ~0xfffUL, 0xfee00000);
}

static void regs_round_trip(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_regs set, get;
	unsigned int i;

	for (i = 0; i < sizeof(set) / 8; i++)
		((u64 *)&set)[i] = 0x0101010101010101UL * (i + 1);
	set.rflags = 0x246;
	EXPECT_OK(ioctl(v.fd, KVM_SET_REGS, &set));
	EXPECT_OK(ioctl(v.fd, KVM_GET_REGS, &get));
	EXPECT(!memcmp(&set, &get, sizeof(set)));
}

static void regs_rflags_bit_1_is_fixed(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_regs regs;

	memset(&regs, 0, sizeof(regs));
	EXPECT_OK(ioctl(v.fd, KVM_SET_REGS, &regs));
	EXPECT_OK(ioctl(v.fd, KVM_GET_REGS, &regs));
	EXPECT_EQ(regs.rflags, 2);
}

static void regs_bad_pointer(void)
{
	struct vcpu v = new_vcpu();

	EXPECT_ERRNO(ioctl(v.fd, KVM_GET_REGS, 8UL), EFAULT);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_REGS, 8UL), EFAULT);
}

static void sregs_round_trip(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs set = sregs_of(&v), get;

	set.cs.base = 0x12340;
	set.cs.selector = 0x1234;
	set.ds.base = 0x56780;
	set.fs.limit = 0x7fff;
	set.gdt.base = 0x1000;
	set.gdt.limit = 0x27;
	set.idt.base = 0x2000;
	set.idt.limit = 0x3ff;
	set.cr2 = 0xdeadbeef;
	set.cr3 = 0x5000;
	EXPECT_OK(ioctl(v.fd, KVM_SET_SREGS, &set));
	get = sregs_of(&v);
	EXPECT(!memcmp(&set, &get, sizeof(set)));
}

static void sregs_every_segment_field(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs set = sregs_of(&v), get;
	struct kvm_segment seg = {
		.base = 0x10000, .limit = 0xffffffff, .selector = 0x10,
		.type = 3, .present = 1, .dpl = 3, .db = 1, .s = 1, .g = 1,
		.avl = 1,
	};

	set.es = seg;
	seg.selector = 0x18;
	seg.type = 7;
	set.fs = seg;
	seg.unusable = 1;
	seg.present = 0;
	set.gs = seg;
	EXPECT_OK(ioctl(v.fd, KVM_SET_SREGS, &set));
	get = sregs_of(&v);
	EXPECT(!memcmp(&set.es, &get.es, sizeof(seg)));
	EXPECT(!memcmp(&set.fs, &get.fs, sizeof(seg)));
	EXPECT_EQ(get.gs.unusable, 1);
}

/* Makes the system registers those of 64-bit mode. */
static void make_long_mode(struct kvm_sregs *sregs)
{
	sregs->cr0 = CR0_PE | CR0_NE | CR0_PG | BIT(4);
	sregs->cr3 = 0x1000;
	sregs->cr4 = CR4_PAE;
	sregs->efer = EFER_LME | EFER_LMA;
	sregs->cs.l = 1;
	sregs->cs.db = 0;
}

static void sregs_long_mode_round_trip(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs set = sregs_of(&v), get;

	make_long_mode(&set);
	set.fs.base = 0x00007fff12345678;
	set.gs.base = 0xffff888012345678;
	EXPECT_OK(ioctl(v.fd, KVM_SET_SREGS, &set));
	get = sregs_of(&v);
	EXPECT_EQ(get.cr0, set.cr0);
	EXPECT_EQ(get.cr4, set.cr4);
	EXPECT_EQ(get.efer, set.efer);
	EXPECT_EQ(get.cs.l, 1);
	EXPECT_EQ(get.fs.base, set.fs.base);
	EXPECT_EQ(get.gs.base, set.gs.base);
}

static void sregs_long_mode_without_pae(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs sregs = sregs_of(&v);

	make_long_mode(&sregs);
	sregs.cr4 = 0;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, &sregs), EINVAL);
}

static void sregs_long_mode_without_lma(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs sregs = sregs_of(&v);

	make_long_mode(&sregs);
	sregs.efer = EFER_LME;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, &sregs), EINVAL);
}

static void sregs_lma_without_paging(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs sregs = sregs_of(&v);

	sregs.efer = EFER_LME | EFER_LMA;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, &sregs), EINVAL);
}

static void sregs_long_segment_without_long_mode(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs sregs = sregs_of(&v);

	sregs.cs.l = 1;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, &sregs), EINVAL);
}

static void sregs_cr3_above_physical_width(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs sregs = sregs_of(&v);

	make_long_mode(&sregs);
	sregs.cr3 |= BIT(62);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, &sregs), EINVAL);
}

static void sregs_cr4_reserved_bit(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs sregs = sregs_of(&v);

	sregs.cr4 = BIT(31);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, &sregs), EINVAL);
	sregs.cr4 = BIT(15);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, &sregs), EINVAL);
}

/* A CR4 bit whose feature the vCPU's CPUID does not have. */
static void sregs_cr4_bit_without_its_feature(void)
{
	struct kvm_cpuid2 *cpuid = cpuid_supported();
	struct kvm_sregs sregs;
	struct vcpu v;

	vcpu_create_bare(vm_create(), 0, &v);
	cpuid_find(cpuid, 1, 0)->ecx &= ~BIT(26);
	EXPECT_OK(ioctl(v.fd, KVM_SET_CPUID2, cpuid));
	sregs = sregs_of(&v);
	sregs.cr4 = BIT(18);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, &sregs), EINVAL);
}

static void sregs_cr0_upper_half(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs sregs = sregs_of(&v);

	sregs.cr0 |= BIT(40);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, &sregs), EINVAL);
}

static void sregs_cr0_paging_without_protection(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs sregs = sregs_of(&v);

	sregs.cr0 |= CR0_PG;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, &sregs), EINVAL);
}

static void sregs_cr0_nw_without_cd(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs sregs = sregs_of(&v);

	sregs.cr0 = (sregs.cr0 | CR0_NW) & ~CR0_CD;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, &sregs), EINVAL);
}

static void sregs_apic_base_reserved_bits(void)
{
	struct kvm_sregs sregs;
	struct vcpu v;

	vcpu_create(vm_create_with_irqchip(), 0, &v);
	sregs = sregs_of(&v);
	sregs.apic_base |= BIT(1);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, &sregs), EINVAL);
	sregs.apic_base ^= BIT(1) | BIT(62);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, &sregs), EINVAL);
}

/* Intel SDM, "x2APIC State Transitions": EXTD without EN is invalid. */
static void sregs_apic_base_x2apic_while_off(void)
{
	struct kvm_sregs sregs;
	struct vcpu v;

	vcpu_create(vm_create_with_irqchip(), 0, &v);
	sregs = sregs_of(&v);
	sregs.apic_base = (sregs.apic_base & ~BIT(11)) | BIT(10);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, &sregs), EINVAL);
}

static void sregs_apic_base_x2apic(void)
{
	struct kvm_sregs sregs;
	struct vcpu v;

	vcpu_create(vm_create_with_irqchip(), 0, &v);
	sregs = sregs_of(&v);
	sregs.apic_base |= BIT(10);
	EXPECT_OK(ioctl(v.fd, KVM_SET_SREGS, &sregs));
	EXPECT_EQ(sregs_of(&v).apic_base, sregs.apic_base);
}

static void sregs_cr8_round_trip(void)
{
	struct kvm_sregs sregs;
	struct vcpu v;

	vcpu_create(vm_create_with_irqchip(), 0, &v);
	sregs = sregs_of(&v);
	sregs.cr8 = 9;
	EXPECT_OK(ioctl(v.fd, KVM_SET_SREGS, &sregs));
	EXPECT_EQ(sregs_of(&v).cr8, 9);
}

static void sregs_pending_interrupt_round_trip(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs sregs = sregs_of(&v);

	sregs.interrupt_bitmap[1] = BIT(5);
	EXPECT_OK(ioctl(v.fd, KVM_SET_SREGS, &sregs));
	sregs = sregs_of(&v);
	EXPECT_EQ(sregs.interrupt_bitmap[0], 0);
	EXPECT_EQ(sregs.interrupt_bitmap[1], BIT(5));
}

static void sregs_bad_pointer(void)
{
	struct vcpu v = new_vcpu();

	EXPECT_ERRNO(ioctl(v.fd, KVM_GET_SREGS, 8UL), EFAULT);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS, 8UL), EFAULT);
}

static void sregs2_agrees_with_sregs(void)
{
	int vm = vm_create();
	struct kvm_sregs2 two;
	struct kvm_sregs one;
	struct vcpu v;

	REQUIRE_CAP(vm, KVM_CAP_SREGS2);
	vcpu_create(vm, 0, &v);
	one = sregs_of(&v);
	EXPECT_OK(ioctl(v.fd, KVM_GET_SREGS2, &two));
	EXPECT(!memcmp(&one, &two, offsetof(struct kvm_sregs2, flags)));
	EXPECT_EQ(two.flags, 0);
}

static void sregs2_round_trip(void)
{
	int vm = vm_create();
	struct kvm_sregs2 set, get;
	struct vcpu v;

	REQUIRE_CAP(vm, KVM_CAP_SREGS2);
	vcpu_create(vm, 0, &v);
	EXPECT_OK(ioctl(v.fd, KVM_GET_SREGS2, &set));
	set.cs.base = 0x40000;
	set.cr2 = 0x1234;
	EXPECT_OK(ioctl(v.fd, KVM_SET_SREGS2, &set));
	EXPECT_OK(ioctl(v.fd, KVM_GET_SREGS2, &get));
	EXPECT(!memcmp(&set, &get, sizeof(set)));
}

static void sregs2_pdptrs(void)
{
	int vm = vm_create();
	struct kvm_sregs2 set, get;
	struct vcpu v;

	REQUIRE_CAP(vm, KVM_CAP_SREGS2);
	slot_add(vm, 0, 0, 0, 1UL << 20);
	vcpu_create(vm, 0, &v);
	EXPECT_OK(ioctl(v.fd, KVM_GET_SREGS2, &set));
	set.cr0 = CR0_PE | CR0_NE | CR0_PG | BIT(4);
	set.cr3 = 0x1000;
	set.cr4 = CR4_PAE;
	set.flags = KVM_SREGS2_FLAGS_PDPTRS_VALID;
	set.pdptrs[0] = 0x2001;
	set.pdptrs[1] = 0;
	set.pdptrs[2] = 0;
	set.pdptrs[3] = 0x3001;
	EXPECT_OK(ioctl(v.fd, KVM_SET_SREGS2, &set));
	EXPECT_OK(ioctl(v.fd, KVM_GET_SREGS2, &get));
	EXPECT_EQ(get.flags, KVM_SREGS2_FLAGS_PDPTRS_VALID);
	EXPECT_EQ(get.pdptrs[0], 0x2001);
	EXPECT_EQ(get.pdptrs[3], 0x3001);
}

static void sregs2_pdptrs_without_pae(void)
{
	int vm = vm_create();
	struct kvm_sregs2 set;
	struct vcpu v;

	REQUIRE_CAP(vm, KVM_CAP_SREGS2);
	vcpu_create(vm, 0, &v);
	EXPECT_OK(ioctl(v.fd, KVM_GET_SREGS2, &set));
	set.flags = KVM_SREGS2_FLAGS_PDPTRS_VALID;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS2, &set), EINVAL);
}

static void sregs2_unknown_flag(void)
{
	int vm = vm_create();
	struct kvm_sregs2 set;
	struct vcpu v;

	REQUIRE_CAP(vm, KVM_CAP_SREGS2);
	vcpu_create(vm, 0, &v);
	EXPECT_OK(ioctl(v.fd, KVM_GET_SREGS2, &set));
	set.flags = 2;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_SREGS2, &set), EINVAL);
}

const struct tap_case regs_cases[] = {
	{ "reset_state", reset_state },
	{ "regs_round_trip", regs_round_trip },
	{ "regs_rflags_bit_1_is_fixed", regs_rflags_bit_1_is_fixed },
	{ "regs_bad_pointer", regs_bad_pointer },
	{ "sregs_round_trip", sregs_round_trip },
	{ "sregs_every_segment_field", sregs_every_segment_field },
	{ "sregs_long_mode_round_trip", sregs_long_mode_round_trip },
	{ "sregs_long_mode_without_pae", sregs_long_mode_without_pae },
	{ "sregs_long_mode_without_lma", sregs_long_mode_without_lma },
	{ "sregs_lma_without_paging", sregs_lma_without_paging },
	{ "sregs_long_segment_without_long_mode",
	  sregs_long_segment_without_long_mode },
	{ "sregs_cr3_above_physical_width", sregs_cr3_above_physical_width },
	{ "sregs_cr4_reserved_bit", sregs_cr4_reserved_bit },
	{ "sregs_cr4_bit_without_its_feature",
	  sregs_cr4_bit_without_its_feature },
	{ "sregs_cr0_upper_half", sregs_cr0_upper_half },
	{ "sregs_cr0_paging_without_protection",
	  sregs_cr0_paging_without_protection },
	{ "sregs_cr0_nw_without_cd", sregs_cr0_nw_without_cd },
	{ "sregs_apic_base_reserved_bits", sregs_apic_base_reserved_bits },
	{ "sregs_apic_base_x2apic_while_off",
	  sregs_apic_base_x2apic_while_off },
	{ "sregs_apic_base_x2apic", sregs_apic_base_x2apic },
	{ "sregs_cr8_round_trip", sregs_cr8_round_trip },
	{ "sregs_pending_interrupt_round_trip",
	  sregs_pending_interrupt_round_trip },
	{ "sregs_bad_pointer", sregs_bad_pointer },
	{ "sregs2_agrees_with_sregs", sregs2_agrees_with_sregs },
	{ "sregs2_round_trip", sregs2_round_trip },
	{ "sregs2_pdptrs", sregs2_pdptrs },
	{ "sregs2_pdptrs_without_pae", sregs2_pdptrs_without_pae },
	{ "sregs2_unknown_flag", sregs2_unknown_flag },
	{ }
};
