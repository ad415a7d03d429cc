// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of INS and OUTS: data, order, direction, repeat counts, page edges.
 *
 * How many elements one exit carries is the hypervisor's choice; what they
 * are, and where they go, is not.
 */
#include <string.h>

#include "guest.h"
#include "guests.h"

DECLARE_GUEST(strio_out64);
DECLARE_GUEST(strio_in64);
DECLARE_GUEST(strio_in_pages64);
DECLARE_GUEST(strio_backwards64);
DECLARE_GUEST(strio_none64);
DECLARE_GUEST(strio_addr32);
DECLARE_GUEST(strio_real);
DECLARE_GUEST(strio_segment32);
DECLARE_GUEST(strio_fault64);

/* Takes @count elements from the guest into @buf. */
static void take(const struct vcpu *v, u16 port, u8 size, u32 count, u8 *buf)
{
	while (count) {
		u32 n;

		expect_io(v, port, true, size);
		n = v->run->io.count;
		EXPECT(n >= 1 && n <= count);
		EXPECT(n * size <= PAGE_SIZE);
		memcpy(buf, io_data(v), n * size);
		buf += n * size;
		count -= n;
	}
}

/* Gives @count elements from @buf to the guest. */
static void give(const struct vcpu *v, u16 port, u8 size, u32 count,
		 const u8 *buf)
{
	while (count) {
		u32 n;

		expect_io(v, port, false, size);
		n = v->run->io.count;
		EXPECT(n >= 1 && n <= count);
		EXPECT(n * size <= PAGE_SIZE);
		memcpy(io_data(v), buf, n * size);
		buf += n * size;
		count -= n;
	}
}

static void fill(u8 *buf, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		buf[i] = i * 7 + (i >> 8) + 3;
}

static void out_long(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];
	u8 got[301];

	guest_begin(&g, strio_out64, MODE_LONG);
	fill(g.ram + GUEST_DATA, sizeof(got));
	take(v, 0x3f8, 1, 100, got);
	take(v, 0x3f8, 2, 50, got + 100);
	take(v, 0x3f8, 4, 25, got + 200);
	take(v, 0x3f8, 1, 1, got + 300);
	run_to_done(v);
	EXPECT(!memcmp(got, g.ram + GUEST_DATA, sizeof(got)));
	EXPECT_EQ(vcpu_regs(v).rcx, 0);
	EXPECT_EQ(vcpu_regs(v).rsi, GUEST_DATA + sizeof(got));
}

static void in_long(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];
	u8 put[301];

	guest_begin(&g, strio_in64, MODE_LONG);
	fill(put, sizeof(put));
	give(v, 0x1f0, 1, 100, put);
	give(v, 0x1f0, 2, 50, put + 100);
	give(v, 0x1f0, 4, 25, put + 200);
	give(v, 0x1f0, 1, 1, put + 300);
	run_to_done(v);
	EXPECT(!memcmp(put, g.ram + GUEST_DATA, sizeof(put)));
	EXPECT_EQ(g.ram[GUEST_DATA + sizeof(put)], 0);
	EXPECT_EQ(vcpu_regs(v).rcx, 0);
	EXPECT_EQ(vcpu_regs(v).rdi, GUEST_DATA + sizeof(put));
}

static void in_across_pages(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];
	static u8 put[10000];

	guest_begin(&g, strio_in_pages64, MODE_LONG);
	fill(put, sizeof(put));
	give(v, 0x1f0, 4, 2500, put);
	run_to_done(v);
	EXPECT(!memcmp(put, g.ram + GUEST_DATA + 0xffe, sizeof(put)));
	EXPECT_EQ(vcpu_regs(v).rcx, 0);
}

static void backwards(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];
	u16 put[10], got[10];
	unsigned int i;

	guest_begin(&g, strio_backwards64, MODE_LONG);
	fill((u8 *)put, sizeof(put));
	give(v, 0x1f0, 2, 10, (u8 *)put);
	take(v, 0x1f0, 2, 10, (u8 *)got);
	run_to_done(v);
	EXPECT(!memcmp(put, got, sizeof(put)));
	for (i = 0; i < 10; i++)
		EXPECT(!memcmp(g.ram + GUEST_DATA + 20 - 2 * i, &put[i], 2));
	EXPECT_EQ(vcpu_regs(v).rdi, GUEST_DATA);
	EXPECT_EQ(vcpu_regs(v).rsi, GUEST_DATA);
}

static void count_of_zero(void)
{
	struct guest g = guest_new();
	struct kvm_regs regs;

	guest_begin(&g, strio_none64, MODE_LONG);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.rsi, 0x1234);
	EXPECT_EQ(regs.rdi, 0x5678);
}

/* Intel SDM, "OUTS": with 32-bit addresses the count is ECX. */
static void address_size_prefix(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];
	u8 got[3];

	guest_begin(&g, strio_addr32, MODE_LONG);
	memcpy(g.ram + GUEST_DATA, "abc", 3);
	take(v, 0x3f8, 1, 3, got);
	run_to_done(v);
	EXPECT(!memcmp(got, "abc", 3));
	EXPECT_EQ((u32)vcpu_regs(v).rcx, 0);
	EXPECT_EQ((u32)vcpu_regs(v).rsi, GUEST_DATA + 3);
}

static void real_mode(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];
	u8 put[12], got[5];

	guest_begin(&g, strio_real, MODE_REAL);
	memcpy(g.ram + 0x20000, "hello", 5);
	fill(put, sizeof(put));
	take(v, 0x3f8, 1, 5, got);
	give(v, 0x3f8, 2, 5, put);
	give(v, 0x3f8, 1, 2, put + 10);
	run_to_done(v);
	EXPECT(!memcmp(got, "hello", 5));
	EXPECT(!memcmp(put, g.ram + 0x20800, 10));
	EXPECT_EQ(g.ram[0x2ffff], put[10]);
	EXPECT_EQ(g.ram[0x20000], put[11]);
}

static void segment_override(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];
	struct kvm_sregs sregs;
	u8 got[4];

	guest_begin(&g, strio_segment32, MODE_PROT);
	sregs = vcpu_sregs(v);
	sregs.fs.base = GUEST_DATA + 0x123;
	vcpu_set_sregs(v, &sregs);
	memcpy(g.ram + GUEST_DATA + 0x123, "wxyz", 4);
	take(v, 0x3f8, 1, 4, got);
	run_to_done(v);
	EXPECT(!memcmp(got, "wxyz", 4));
}

static void page_fault_of_destination(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];
	struct kvm_regs regs;

	guest_begin(&g, strio_fault64, MODE_LONG);
	((u64 *)(g.ram + GUEST_PD))[512] = 0;
	EXPECT_OK(vcpu_run(v));
	EXPECT_EQ(v->run->exit_reason, KVM_EXIT_IO);
	/* KVM finds the fault only when it stores what the port gave. */
	if (v->run->io.port == 0x1f0)
		run_to_port(v, PORT_TRAP);
	EXPECT_EQ(v->run->io.port, PORT_TRAP);
	EXPECT_EQ(g.trap->vector, PF_VECTOR);
	EXPECT_EQ(g.trap->error, 2);
	EXPECT_EQ(g.trap->cr2, 0x40000000);
	regs = vcpu_regs(v);
	EXPECT_EQ(regs.rcx, 4);
	EXPECT_EQ(regs.rdi, 0x40000000);
}

const struct tap_case strio_cases[] = {
	{ "out_long", out_long },
	{ "in_long", in_long },
	{ "in_across_pages", in_across_pages },
	{ "backwards", backwards },
	{ "count_of_zero", count_of_zero },
	{ "address_size_prefix", address_size_prefix },
	{ "real_mode", real_mode },
	{ "segment_override", segment_override },
	{ "page_fault_of_destination", page_fault_of_destination },
	{ }
};
