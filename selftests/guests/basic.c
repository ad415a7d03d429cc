// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the plain exits, in every mode: ports, MMIO, CPUID, HLT, shutdown.
 */
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "guests.h"

DECLARE_GUEST(basic_ports16);
DECLARE_GUEST(basic_ports32);
DECLARE_GUEST(basic_ports64);
DECLARE_GUEST(basic_mmio16);
DECLARE_GUEST(basic_mmio32);
DECLARE_GUEST(basic_mmio64);
DECLARE_GUEST(basic_cpuid);
DECLARE_GUEST(basic_triple_fault);
DECLARE_GUEST(basic_ud);
DECLARE_GUEST(basic_stack_pointer);

/* The three guests of the same accesses; returns RAX at the end. */
static u64 check_ports(const u8 *from, const u8 *to, enum mode mode)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];
	struct kvm_regs regs;

	guest_load_bytes(&g, GUEST_CODE, from, to);
	guest_start(&g, v, mode, GUEST_CODE);
	expect_io(v, 0x20, true, 1);
	EXPECT_EQ(*(u8 *)io_data(v), 0x11);
	expect_io(v, 0x3f8, true, 2);
	EXPECT_EQ(*(u16 *)io_data(v), 0x2222);
	expect_io(v, 0x3f8, true, 4);
	EXPECT_EQ(*(u32 *)io_data(v), 0x44444444);
	expect_io(v, 0x21, false, 1);
	*(u8 *)io_data(v) = 0x55;
	expect_io(v, 0x3f8, false, 2);
	*(u16 *)io_data(v) = 0x6666;
	expect_io(v, 0x3f8, false, 4);
	*(u32 *)io_data(v) = 0x87654321;
	vcpu_run_to(v, KVM_EXIT_HLT);
	regs = vcpu_regs(v);
	EXPECT_EQ(regs.rbx & 0xff, 0x55);
	EXPECT_EQ(regs.rcx & 0xffff, 0x6666);
	return regs.rax;
}

static void ports_real(void)
{
	EXPECT_EQ((u32)check_ports(basic_ports16, basic_ports16_end, MODE_REAL),
		  0x87654321);
}

static void ports_protected(void)
{
	EXPECT_EQ((u32)check_ports(basic_ports32, basic_ports32_end, MODE_PROT),
		  0x87654321);
}

static void ports_paged(void)
{
	EXPECT_EQ((u32)check_ports(basic_ports32, basic_ports32_end, MODE_PAGED),
		  0x87654321);
}

static void ports_pae(void)
{
	EXPECT_EQ((u32)check_ports(basic_ports32, basic_ports32_end, MODE_PAE),
		  0x87654321);
}

/* A 32-bit IN clears the upper half of RAX. */
static void ports_long(void)
{
	EXPECT_EQ(check_ports(basic_ports64, basic_ports64_end, MODE_LONG),
		  0x87654321);
}

static void mmio_real(void)
{
	struct guest g = guest_new();
	struct kvm_sregs sregs;

	guest_load_bytes(&g, GUEST_CODE, basic_mmio16, basic_mmio16_end);
	guest_start(&g, &g.v[0], MODE_REAL, GUEST_CODE);
	sregs = vcpu_sregs(&g.v[0]);
	sregs.ds.limit = 0xffffffff;
	sregs.ds.g = 1;
	vcpu_set_sregs(&g.v[0], &sregs);
	run_to_mmio(&g.v[0], GUEST_MMIO, true, 1);
	EXPECT_EQ(g.v[0].run->mmio.data[0], 0x11);
	vcpu_run_to(&g.v[0], KVM_EXIT_HLT);
}

static void answer_mmio(const struct vcpu *v, u64 value)
{
	memcpy(v->run->mmio.data, &value, 8);
}

static u64 mmio_value(const struct vcpu *v)
{
	u64 value = 0;

	memcpy(&value, v->run->mmio.data, v->run->mmio.len);
	return value;
}

/* The accesses that the 32-bit and 64-bit guests share. */
static void check_mmio_writes(const struct vcpu *v)
{
	run_to_mmio(v, GUEST_MMIO + 1, true, 1);
	EXPECT_EQ(mmio_value(v), 0x11);
	run_to_mmio(v, GUEST_MMIO + 2, true, 2);
	EXPECT_EQ(mmio_value(v), 0x2222);
	run_to_mmio(v, GUEST_MMIO + 4, true, 4);
	EXPECT_EQ(mmio_value(v), 0x44444444);
}

static void check_mmio_reads(const struct vcpu *v)
{
	run_to_mmio(v, GUEST_MMIO, false, 1);
	answer_mmio(v, 0xffffffffffffff91);
	run_to_mmio(v, GUEST_MMIO + 2, false, 2);
	answer_mmio(v, 0xffffffffffff9292);
	run_to_mmio(v, GUEST_MMIO + 4, false, 4);
	answer_mmio(v, 0xffffffff94949494);
}

static void check_mmio_32(enum mode mode)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];
	struct kvm_regs regs;

	guest_load(&g, basic_mmio32);
	guest_start(&g, v, mode, GUEST_CODE);
	check_mmio_writes(v);
	check_mmio_reads(v);
	vcpu_run_to(v, KVM_EXIT_HLT);
	regs = vcpu_regs(v);
	EXPECT_EQ(regs.rbx, 0x91);
	EXPECT_EQ(regs.rcx & 0xffff, 0x9292);
	EXPECT_EQ(regs.rdx, 0x94949494);
}

static void mmio_protected(void)
{
	check_mmio_32(MODE_PROT);
}

static void mmio_paged(void)
{
	check_mmio_32(MODE_PAGED);
}

static void mmio_pae(void)
{
	check_mmio_32(MODE_PAE);
}

static void mmio_long(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];
	struct kvm_regs regs;

	guest_begin(&g, basic_mmio64, MODE_LONG);
	check_mmio_writes(v);
	run_to_mmio(v, GUEST_MMIO + 8, true, 8);
	EXPECT_EQ(mmio_value(v), 0x8888888877777777);
	check_mmio_reads(v);
	run_to_mmio(v, GUEST_MMIO + 8, false, 8);
	answer_mmio(v, 0x1234567890abcdef);
	vcpu_run_to(v, KVM_EXIT_HLT);
	regs = vcpu_regs(v);
	EXPECT_EQ(regs.rbx, 0x91);
	EXPECT_EQ(regs.rcx & 0xffff, 0x9292);
	EXPECT_EQ(regs.rdx, 0x94949494);
	EXPECT_EQ(regs.rdi, 0x1234567890abcdef);
}

static void cpuid_as_set(void)
{
	struct kvm_cpuid2 *cpuid = cpuid_alloc(1);
	struct guest g = guest_new();
	struct kvm_regs regs;

	cpuid->entries[0] = (struct kvm_cpuid_entry2){
		.function = 0x40000000,
		.eax = 0x40000001,
		.ebx = 0x11111111,
		.ecx = 0x22222222,
		.edx = 0x33333333,
	};
	guest_begin(&g, basic_cpuid, MODE_LONG);
	EXPECT_OK(ioctl(g.v[0].fd, KVM_SET_CPUID2, cpuid));
	vcpu_run_to(&g.v[0], KVM_EXIT_HLT);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.rax, 0x40000001);
	EXPECT_EQ(regs.rbx, 0x11111111);
	EXPECT_EQ(regs.rcx, 0x22222222);
	EXPECT_EQ(regs.rdx, 0x33333333);
}

static void triple_fault_is_shutdown(void)
{
	struct guest g = guest_new();

	guest_begin(&g, basic_triple_fault, MODE_LONG);
	vcpu_run_to(&g.v[0], KVM_EXIT_SHUTDOWN);
}

/* After a shutdown, userspace may set the vCPU up again and go on. */
static void revived_after_shutdown(void)
{
	struct guest g = guest_new();

	guest_begin(&g, basic_triple_fault, MODE_LONG);
	vcpu_run_to(&g.v[0], KVM_EXIT_SHUTDOWN);
	guest_begin(&g, basic_cpuid, MODE_LONG);
	vcpu_run_to(&g.v[0], KVM_EXIT_HLT);
}

static void undefined_opcode(void)
{
	struct guest g = guest_new();

	guest_begin(&g, basic_ud, MODE_LONG);
	run_to_trap(&g, &g.v[0], UD_VECTOR, 0);
	EXPECT_EQ(g.trap->rip, GUEST_CODE);
	skip_trap(&g, 2);
	run_to_done(&g.v[0]);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rax, 0x1234);
}

/* An exit leaves it in the VMCS, where nothing but KVM_GET_REGS asks for it. */
static void stack_pointer_after_exit(void)
{
	struct guest g = guest_new();
	struct kvm_regs regs;

	guest_begin(&g, basic_stack_pointer, MODE_LONG);
	run_to_step(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.rsp, 0x12345670);
	EXPECT_EQ(regs.rflags & 1, 1);
	regs.rsp = 0x7654321;
	vcpu_set_regs(&g.v[0], &regs);
	run_to_done(&g.v[0]);
	EXPECT_EQ(vcpu_regs(&g.v[0]).r8, 0x7654321);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rsp, 0x7654321);
}

const struct tap_case basic_cases[] = {
	{ "ports_real", ports_real },
	{ "ports_protected", ports_protected },
	{ "ports_paged", ports_paged },
	{ "ports_pae", ports_pae },
	{ "ports_long", ports_long },
	{ "mmio_real", mmio_real },
	{ "mmio_protected", mmio_protected },
	{ "mmio_paged", mmio_paged },
	{ "mmio_pae", mmio_pae },
	{ "mmio_long", mmio_long },
	{ "cpuid_as_set", cpuid_as_set },
	{ "triple_fault_is_shutdown", triple_fault_is_shutdown },
	{ "revived_after_shutdown", revived_after_shutdown },
	{ "undefined_opcode", undefined_opcode },
	{ "stack_pointer_after_exit", stack_pointer_after_exit },
	{ }
};
