// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of device memory: address, length, data and effect of each form of
 * instruction that drivers, firmware and boot loaders use there.
 */
#include <string.h>

#include "guest.h"
#include "guests.h"

DECLARE_GUEST(mmio_stores);
DECLARE_GUEST(mmio_loads);
DECLARE_GUEST(mmio_extensions);
DECLARE_GUEST(mmio_strings);
DECLARE_GUEST(mmio_alu);
DECLARE_GUEST(mmio_compares);
DECLARE_GUEST(mmio_exchanges);
DECLARE_GUEST(mmio_two_pages);
DECLARE_GUEST(mmio_wide);
DECLARE_GUEST(mmio_segment64);
DECLARE_GUEST(mmio_forms32);
DECLARE_GUEST(mmio_forms16);

/**
 * struct access - one access that must come
 * @offset: from GUEST_MMIO
 * @len: bytes
 * @write: direction
 * @value: what is written, or what to answer
 */
struct access {
	s64 offset;
	u32 len;
	bool write;
	u64 value;
};

static void one_access(const struct vcpu *v, const struct access *a)
{
	u64 value = 0;

	run_to_mmio(v, GUEST_MMIO + a->offset, a->write, a->len);
	if (!a->write) {
		memcpy(v->run->mmio.data, &a->value, 8);
		return;
	}
	memcpy(&value, v->run->mmio.data, a->len);
	EXPECT_EQ(value, a->value);
}

static void accesses(const struct vcpu *v, const struct access *a, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (a[i].len)
			one_access(v, &a[i]);
		else
			tap_fail(__FILE__, __LINE__, "access %zu has no length", i);
	}
}

#define ACCESSES(v, table) accesses((v), (table), ARRAY_SIZE(table))

static void stores(void)
{
	static const struct access want[] = {
		{ 0, 1, true, 0x88 },
		{ 0, 1, true, 0x77 },
		{ 0, 2, true, 0x7788 },
		{ 0, 4, true, 0x55667788 },
		{ 0, 8, true, 0x1122334455667788 },
		{ 0x10, 1, true, 0x88 },
		{ 0x10, 2, true, 0x7788 },
		{ 0x1000, 4, true, 0x55667788 },
		{ -8, 8, true, 0x1122334455667788 },
		{ 0x123, 1, true, 0x12 },
		{ 0, 2, true, 0x1234 },
		{ 0, 4, true, 0x12345678 },
		{ 0, 8, true, -2UL },
		{ 0x40, 4, true, 0x55667788 },
		{ 0x40, 1, true, 0x88 },
		{ 0x30, 4, true, 0x55667788 },
		{ 4, 4, true, 0x55667788 },
		{ 0, 4, true, 0x55667788 },
		{ 0, 4, true, 0x55667788 },
		{ 8, 4, true, 0x55667788 },
		{ 0, 1, true, 0 },
	};
	struct guest g = guest_new();

	guest_begin(&g, mmio_stores, MODE_LONG);
	ACCESSES(&g.v[0], want);
	run_to_done(&g.v[0]);
}

static void loads(void)
{
	static const struct access want[] = {
		{ 0, 1, false, 0x21 },
		{ 0, 1, false, 0x22 },
		{ 0, 2, false, 0x2323 },
		{ 0, 4, false, 0x24242424 },
		{ 0, 8, false, 0x2525252525252525 },
		{ 0, 1, false, 0x26 },
		{ 0, 2, false, 0x2727 },
		{ 0, 4, false, 0x28282828 },
		{ 0, 8, false, 0x2929292929292929 },
	};
	struct guest g = guest_new();
	struct kvm_regs regs;

	guest_begin(&g, mmio_loads, MODE_LONG);
	ACCESSES(&g.v[0], want);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.rax, 0xffffffffffffff21);
	EXPECT_EQ(regs.rbx, 0xffffffffffff22ff);
	EXPECT_EQ(regs.rcx, 0xffffffffffff2323);
	EXPECT_EQ(regs.rdx, 0x24242424);
	EXPECT_EQ(regs.rbp, 0x2525252525252525);
	EXPECT_EQ(regs.r8, 0xffffffffffffff26);
	EXPECT_EQ(regs.r9, 0xffffffffffff2727);
	EXPECT_EQ(regs.r10, 0x28282828);
	EXPECT_EQ(regs.r11, 0x2929292929292929);
}

static void extensions(void)
{
	static const struct access want[] = {
		{ 0, 1, false, 0x81 },
		{ 0, 1, false, 0x82 },
		{ 0, 2, false, 0x8383 },
		{ 0, 1, false, 0x84 },
		{ 0, 1, false, 0x85 },
		{ 0, 2, false, 0x8686 },
		{ 0, 2, false, 0x8787 },
		{ 0, 4, false, 0x88888888 },
		{ 0, 1, false, 0x89 },
	};
	struct guest g = guest_new();
	struct kvm_regs regs;

	guest_begin(&g, mmio_extensions, MODE_LONG);
	ACCESSES(&g.v[0], want);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.rax, 0x81);
	EXPECT_EQ(regs.rbx, 0xffffffffffff0082);
	EXPECT_EQ(regs.rcx, 0x8383);
	EXPECT_EQ(regs.rdx, 0xffffff84);
	EXPECT_EQ(regs.rbp, 0xffffffffffffff85);
	EXPECT_EQ(regs.r8, 0xffff8686);
	EXPECT_EQ(regs.r9, 0xffffffffffff8787);
	EXPECT_EQ(regs.r10, 0xffffffff88888888);
	EXPECT_EQ(regs.r11, 0x89);
}

static void strings(void)
{
	static const struct access want[] = {
		{ 0, 1, true, 0x5a },
		{ 1, 4, true, 0x5a5a5a5a },
		{ 5, 4, true, 0x5a5a5a5a },
		{ 9, 4, true, 0x5a5a5a5a },
		{ 13, 4, true, 0x5a5a5a5a },
		{ 0x100, 4, true, 0x11111111 },
		{ 0x104, 4, true, 0x22222222 },
		{ 0x108, 4, true, 0x33333333 },
		{ 0x200, 4, false, 0x44444444 },
		{ 0x204, 4, false, 0x55555555 },
		{ 0x300, 4, false, 0x66666666 },
	};
	struct guest g = guest_new();
	u32 *data = (u32 *)(g.ram + GUEST_DATA);

	data[0] = 0x11111111;
	data[1] = 0x22222222;
	data[2] = 0x33333333;
	guest_begin(&g, mmio_strings, MODE_LONG);
	ACCESSES(&g.v[0], want);
	run_to_done(&g.v[0]);
	EXPECT_EQ(data[0x40], 0x44444444);
	EXPECT_EQ(data[0x41], 0x55555555);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rax, 0x66666666);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rsi, GUEST_MMIO + 0x304);
}

static void alu(void)
{
	static const struct access want[] = {
		{ 0, 4, false, 0xf0 }, { 0, 4, true, 0xff },
		{ 0, 4, false, 0xf1 }, { 0, 4, true, 0x01 },
		{ 0, 4, false, 0xf2 }, { 0, 4, true, 0xfd },
		{ 0, 4, false, 0xf3 }, { 0, 4, true, 0x102 },
		{ 0, 4, false, 0xf4 }, { 0, 4, true, 0xe5 },
		{ 0, 4, false, 0xf5 }, { 0, 4, true, 0x1f5 },
		{ 0, 1, false, 0xf6 }, { 0, 1, true, 0xf0 },
		{ 0, 4, false, 0xf7 }, { 0, 4, true, 0xf8 },
		{ 0, 4, false, 0xf8 }, { 0, 4, true, 0xffffff07 },
	};
	struct guest g = guest_new();

	guest_begin(&g, mmio_alu, MODE_LONG);
	ACCESSES(&g.v[0], want);
	run_to_done(&g.v[0]);
}

static void compares(void)
{
	static const struct access want[] = {
		{ 0, 4, false, 0x1234 },
		{ 0, 4, false, 4 },
		{ 0, 1, false, 0x80 },
		{ 0, 4, false, 0xa },
		{ 0, 4, false, 0xf0 },
	};
	struct guest g = guest_new();
	struct kvm_regs regs;

	guest_begin(&g, mmio_compares, MODE_LONG);
	ACCESSES(&g.v[0], want);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.rbx & 0xffff, 0x0101);
	EXPECT_EQ(regs.rcx & 0xffff, 0x0101);
	EXPECT_EQ(regs.rax, 0xf5);
}

static void exchanges(void)
{
	static const struct access want[] = {
		{ 0, 4, false, 0x99999999 }, { 0, 4, true, 0x11111111 },
		{ 0, 1, false, 0x88 }, { 0, 1, true, 0x22 },
	};
	struct guest g = guest_new();

	guest_begin(&g, mmio_exchanges, MODE_LONG);
	ACCESSES(&g.v[0], want);
	run_to_done(&g.v[0]);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rax, 0x99999999);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rbx, 0x88);
}

static void two_pages(void)
{
	static const struct access want[] = {
		{ 0xffe, 2, true, 0x2211 },
		{ 0x1000, 2, true, 0x4433 },
		{ 0xffe, 2, false, 0x6655 },
		{ 0x1000, 2, false, 0x8877 },
	};
	struct guest g = guest_new();

	guest_begin(&g, mmio_two_pages, MODE_LONG);
	ACCESSES(&g.v[0], want);
	run_to_done(&g.v[0]);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rax, 0x88776655);
}

/* 16 bytes come as two exits of 8. */
static void wide(void)
{
	static const struct access want[] = {
		{ 0, 8, true, 0x0101010101010101 },
		{ 8, 8, true, 0x0202020202020202 },
		{ 0, 8, false, 0x0303030303030303 },
		{ 8, 8, false, 0x0404040404040404 },
	};
	struct guest g = guest_new();
	u64 *data = (u64 *)(g.ram + GUEST_DATA);

	data[0] = want[0].value;
	data[1] = want[1].value;
	guest_begin(&g, mmio_wide, MODE_LONG);
	ACCESSES(&g.v[0], want);
	run_to_done(&g.v[0]);
	EXPECT_EQ(data[2], want[2].value);
	EXPECT_EQ(data[3], want[3].value);
}

static void segment_bases(void)
{
	static const struct access want[] = {
		{ 0x108, 4, true, 0x77 },
		{ 0x20c, 4, false, 0x12345678 },
	};
	struct guest g = guest_new();
	struct kvm_sregs sregs;

	guest_begin(&g, mmio_segment64, MODE_LONG);
	sregs = vcpu_sregs(&g.v[0]);
	sregs.gs.base = GUEST_MMIO + 0x100;
	sregs.fs.base = GUEST_MMIO + 0x200;
	vcpu_set_sregs(&g.v[0], &sregs);
	ACCESSES(&g.v[0], want);
	run_to_done(&g.v[0]);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rax, 0x12345678);
}

static void check_forms_32(enum mode mode)
{
	static const struct access want[] = {
		{ 4, 4, true, 0x11223344 },
		{ 4, 1, true, 0x44 },
		{ 4, 2, false, 0x9999 },
		{ 2, 2, true, 0x5678 },
		{ 8, 1, true, 0x99 },
		{ 0, 2, false, 0x7777 },
		{ 0, 2, true, 0x9999 },
		{ 2, 2, true, 0x9999 },
	};
	struct guest g = guest_new();

	guest_begin(&g, mmio_forms32, mode);
	ACCESSES(&g.v[0], want);
	run_to_done(&g.v[0]);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rax, 0x11229999);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rbx, 0x7777);
}

static void forms_protected(void)
{
	check_forms_32(MODE_PROT);
}

static void forms_paged(void)
{
	check_forms_32(MODE_PAGED);
}

static void forms_pae(void)
{
	check_forms_32(MODE_PAE);
}

/* Real mode, with the data segment's base in device memory. */
static void forms_real(void)
{
	static const struct access want[] = {
		{ 0x10, 2, true, 0x1234 },
		{ 0x12, 1, true, 0x34 },
		{ 0x21, 1, true, 0x55 },
		{ 0x22, 2, true, 0 },
		{ 0x30, 2, false, 0xabcd },
		{ 0x34, 4, false, 0x89abcdef },
	};
	struct guest g = guest_new();
	struct kvm_sregs sregs;

	guest_begin(&g, mmio_forms16, MODE_REAL);
	sregs = vcpu_sregs(&g.v[0]);
	sregs.ds.base = GUEST_MMIO;
	vcpu_set_sregs(&g.v[0], &sregs);
	ACCESSES(&g.v[0], want);
	run_to_done(&g.v[0]);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rdx, 0xabcd);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rcx, 0x89abcdef);
}

/* A write to the device is done once, before the exit; a reset may follow. */
static void write_is_not_repeated(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];

	guest_begin(&g, mmio_stores, MODE_LONG);
	run_to_mmio(v, GUEST_MMIO, true, 1);
	v->run->immediate_exit = 1;
	EXPECT_ERRNO(vcpu_run(v), EINTR);
	v->run->immediate_exit = 0;
	run_to_mmio(v, GUEST_MMIO, true, 1);
	EXPECT_EQ(v->run->mmio.data[0], 0x77);
}

static void read_is_finished_by_immediate_exit(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];

	guest_begin(&g, mmio_loads, MODE_LONG);
	run_to_mmio(v, GUEST_MMIO, false, 1);
	v->run->mmio.data[0] = 0x42;
	v->run->immediate_exit = 1;
	EXPECT_ERRNO(vcpu_run(v), EINTR);
	EXPECT_EQ(vcpu_regs(v).rax, 0xffffffffffffff42);
}

const struct tap_case mmio_cases[] = {
	{ "stores", stores },
	{ "loads", loads },
	{ "extensions", extensions },
	{ "strings", strings },
	{ "alu", alu },
	{ "compares", compares },
	{ "exchanges", exchanges },
	{ "two_pages", two_pages },
	{ "wide", wide },
	{ "segment_bases", segment_bases },
	{ "forms_protected", forms_protected },
	{ "forms_paged", forms_paged },
	{ "forms_pae", forms_pae },
	{ "forms_real", forms_real },
	{ "write_is_not_repeated", write_is_not_repeated },
	{ "read_is_finished_by_immediate_exit",
	  read_is_finished_by_immediate_exit },
	{ }
};
