// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of FPU and vector state: kept over exits, apart between vCPUs and
 * from the host's, the same by KVM_GET_XSAVE as in the registers.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "guests.h"

DECLARE_GUEST(fpu_sse);
DECLARE_GUEST(fpu_avx);
DECLARE_GUEST(fpu_avx512);
DECLARE_GUEST(fpu_loop);
DECLARE_GUEST(fpu_xsave);
DECLARE_GUEST(fpu_reset);
DECLARE_GUEST(fpu_nm);

#define XSAVE_XMM	160
#define XSAVE_BV	512

static void set_xcr0(struct vcpu *v, u64 value)
{
	struct kvm_xcrs xcrs = { .nr_xcrs = 1, .xcrs[0].value = value };
	struct kvm_sregs s = vcpu_sregs(v);

	s.cr4 |= CR4_OSXSAVE;
	vcpu_set_sregs(v, &s);
	EXPECT_OK(ioctl(v->fd, KVM_SET_XCRS, &xcrs));
}

static u64 xcr0_offered(void)
{
	struct kvm_cpuid_entry2 *leaf = cpuid_find(cpuid_supported(), 0xd, 0);

	return leaf ? (u64)leaf->edx << 32 | leaf->eax : 0;
}

static void require_xcr0(u64 bits, const char *name)
{
	if ((xcr0_offered() & bits) != bits)
		tap_skip("no %s", name);
}

static void fill(u8 *p, size_t n, u8 seed)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = i * 11 + seed;
}

/* Spoils the host's own vector registers, as any program between runs does. */
static void spoil_host_registers(void)
{
	u64 ones[2] = { ~0UL, ~0UL };

	__asm__ volatile("movups %0, %%xmm0\n\tmovups %0, %%xmm7\n\t"
			 "movups %0, %%xmm15\n\tfninit\n\tfld1"
			 : : "m"(ones) : "xmm0", "xmm7", "xmm15", "st");
}

static void sse_over_exits(void)
{
	struct guest g = guest_new();
	u8 *data = g.ram + GUEST_DATA;

	guest_begin(&g, fpu_sse, MODE_LONG);
	fill(data, 256, 1);
	*(u32 *)(data + 0x400) = 0x1fa0;
	run_to_step(&g.v[0]);
	spoil_host_registers();
	run_to_done(&g.v[0]);
	EXPECT(!memcmp(data, data + 0x1000, 256));
	EXPECT_EQ(*(u32 *)(data + 0x1120), 0x1fa0);
	/* ln 2, then pi, as 80-bit numbers. */
	EXPECT_EQ(*(u64 *)(data + 0x1100), 0xb17217f7d1cf79ac);
	EXPECT_EQ(*(u64 *)(data + 0x1110), 0xc90fdaa22168c235);
}

static void avx_over_exits(void)
{
	struct guest g = guest_new();
	u8 *data = g.ram + GUEST_DATA;

	require_xcr0(7, "AVX");
	guest_begin(&g, fpu_avx, MODE_LONG);
	set_xcr0(&g.v[0], 7);
	fill(data, 512, 2);
	run_to_step(&g.v[0]);
	spoil_host_registers();
	run_to_done(&g.v[0]);
	EXPECT(!memcmp(data, data + 0x1000, 512));
}

static void avx512_over_exits(void)
{
	static const unsigned int used[] = { 0, 1, 2, 15, 16, 17, 30, 31 };
	struct guest g = guest_new();
	u8 *data = g.ram + GUEST_DATA;
	unsigned int i;

	require_xcr0(0xe7, "AVX-512");
	guest_begin(&g, fpu_avx512, MODE_LONG);
	set_xcr0(&g.v[0], 0xe7);
	fill(data, 2048, 3);
	run_to_step(&g.v[0]);
	spoil_host_registers();
	run_to_done(&g.v[0]);
	for (i = 0; i < ARRAY_SIZE(used); i++)
		EXPECT(!memcmp(data + 64 * used[i], data + 0x1000 + 64 * used[i], 64));
	EXPECT_EQ(vcpu_regs(&g.v[0]).r8, 0x5a5a);
	EXPECT_EQ(vcpu_regs(&g.v[0]).r9, 0x1234);
}

/* The host's registers are the host's again after KVM_RUN. */
static void host_registers_are_kept(void)
{
	u64 mine[2] = { 0x1111222233334444, 0x5555666677778888 }, after[2];
	struct guest g = guest_new();
	u32 mxcsr = 0x1fa0, mxcsr_after;
	long ret;

	guest_begin(&g, fpu_sse, MODE_LONG);
	*(u32 *)(g.ram + GUEST_DATA + 0x400) = 0x7f80;
	fill(g.ram + GUEST_DATA, 256, 9);
	__asm__ volatile("movups %[mine], %%xmm9\n\tldmxcsr %[mx]\n\t"
			 "syscall\n\t"
			 "movups %%xmm9, %[after]\n\tstmxcsr %[mxa]\n\t"
			 : "=a"(ret), [after] "=m"(after), [mxa] "=m"(mxcsr_after)
			 : [mine] "m"(mine), [mx] "m"(mxcsr), "a"(16),
			   "D"((long)g.v[0].fd), "S"((long)KVM_RUN), "d"(0L)
			 : "rcx", "r11", "memory", "xmm9");
	EXPECT_EQ(ret, 0);
	EXPECT_EQ(after[0], mine[0]);
	EXPECT_EQ(after[1], mine[1]);
	EXPECT_EQ(mxcsr_after, mxcsr);
}

static void *run_loop(void *arg)
{
	run_to_done(arg);
	return NULL;
}

/* Two vCPUs that share the host's CPUs each keep their own registers. */
static void two_vcpus(void)
{
	struct guest g = guest_new();
	struct kvm_regs regs;
	pthread_t thread;
	unsigned int i;

	vcpu_create(g.vm, 1, &g.v[1]);
	guest_load(&g, fpu_loop);
	*(u64 *)(g.ram + GUEST_DATA) = 0x0123456789abcdef;
	for (i = 0; i < 2; i++) {
		guest_start(&g, &g.v[i], MODE_LONG, GUEST_CODE);
		regs = vcpu_regs(&g.v[i]);
		regs.r8 = 3000000 + i;
		vcpu_set_regs(&g.v[i], &regs);
	}
	EXPECT_EQ(pthread_create(&thread, NULL, run_loop, &g.v[1]), 0);
	run_to_done(&g.v[0]);
	pthread_join(thread, NULL);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rbx, 0);
	EXPECT_EQ(vcpu_regs(&g.v[1]).rbx, 0);
}

static u8 *get_xsave(const struct vcpu *v)
{
	u8 *area = calloc(1, sizeof(struct kvm_xsave));

	EXPECT(area);
	EXPECT_OK(ioctl(v->fd, KVM_GET_XSAVE, area));
	return area;
}

static void xsave_ioctl_sees_registers(void)
{
	struct guest g = guest_new();
	u8 *area;

	REQUIRE_CAP(g.vm, KVM_CAP_XSAVE);
	guest_begin(&g, fpu_sse, MODE_LONG);
	fill(g.ram + GUEST_DATA, 256, 5);
	*(u32 *)(g.ram + GUEST_DATA + 0x400) = 0x1f80;
	run_to_step(&g.v[0]);
	area = get_xsave(&g.v[0]);
	EXPECT(!memcmp(area + XSAVE_XMM, g.ram + GUEST_DATA, 256));
	EXPECT_EQ(*(u64 *)(area + XSAVE_BV) & 2, 2);
}

static void registers_see_xsave_ioctl(void)
{
	struct guest g = guest_new();
	u8 *data = g.ram + GUEST_DATA, *area;

	REQUIRE_CAP(g.vm, KVM_CAP_XSAVE);
	guest_begin(&g, fpu_sse, MODE_LONG);
	*(u32 *)(data + 0x400) = 0x1f80;
	run_to_step(&g.v[0]);
	area = get_xsave(&g.v[0]);
	fill(area + XSAVE_XMM, 256, 77);
	*(u64 *)(area + XSAVE_BV) |= 3;
	EXPECT_OK(ioctl(g.v[0].fd, KVM_SET_XSAVE, area));
	run_to_done(&g.v[0]);
	EXPECT(!memcmp(area + XSAVE_XMM, data + 0x1000, 256));
}

static void registers_see_set_fpu(void)
{
	struct guest g = guest_new();
	u8 *data = g.ram + GUEST_DATA;
	struct kvm_fpu fpu;

	guest_begin(&g, fpu_sse, MODE_LONG);
	fill(data, 256, 6);
	*(u32 *)(data + 0x400) = 0x1f80;
	run_to_step(&g.v[0]);
	EXPECT_OK(ioctl(g.v[0].fd, KVM_GET_FPU, &fpu));
	EXPECT(!memcmp(fpu.xmm, data, 256));
	fill((u8 *)fpu.xmm, 256, 99);
	EXPECT_OK(ioctl(g.v[0].fd, KVM_SET_FPU, &fpu));
	run_to_done(&g.v[0]);
	EXPECT(!memcmp(fpu.xmm, data + 0x1000, 256));
}

static void xsave_in_the_guest(void)
{
	struct guest g = guest_new();
	u8 *data = g.ram + GUEST_DATA;

	require_xcr0(3, "XSAVE");
	guest_begin(&g, fpu_xsave, MODE_LONG);
	set_xcr0(&g.v[0], 3);
	*(u16 *)data = 0x37f;
	*(u32 *)(data + 24) = 0x1f80;
	fill(data + XSAVE_XMM, 256, 8);
	*(u64 *)(data + XSAVE_BV) = 3;
	run_to_step(&g.v[0]);
	run_to_done(&g.v[0]);
	EXPECT(!memcmp(data + XSAVE_XMM, data + 0x1000 + XSAVE_XMM, 256));
	/* XCR0 is the guest's: no component beyond it is stored. */
	EXPECT_EQ(*(u64 *)(data + 0x1000 + XSAVE_BV) & ~3UL, 0);
}

static void reset_state(void)
{
	struct guest g = guest_new();

	require_xcr0(3, "XSAVE");
	guest_begin(&g, fpu_reset, MODE_LONG);
	set_xcr0(&g.v[0], 1);
	run_to_done(&g.v[0]);
	/* Bochs keeps the sticky flags below when it restores initial state. */
	EXPECT_EQ(*(u32 *)(g.ram + GUEST_DATA) & ~0x3f, 0x1f80);
	EXPECT_EQ(*(u16 *)(g.ram + GUEST_DATA + 4), 0x37f);
	EXPECT_EQ((u32)vcpu_regs(&g.v[0]).rax, 1);
}

static void not_available(void)
{
	struct guest g = guest_new();

	guest_begin(&g, fpu_nm, MODE_LONG);
	run_to_trap(&g, &g.v[0], NM_VECTOR, 0);
	skip_trap(&g, 2);
	run_to_trap(&g, &g.v[0], UD_VECTOR, 0);
	skip_trap(&g, 3);
	run_to_done(&g.v[0]);
}

const struct tap_case fpu_cases[] = {
	{ "reset_state", reset_state },
	{ "not_available", not_available },
	{ "sse_over_exits", sse_over_exits },
	{ "avx_over_exits", avx_over_exits },
	{ "avx512_over_exits", avx512_over_exits },
	{ "host_registers_are_kept", host_registers_are_kept },
	{ "two_vcpus", two_vcpus },
	{ "xsave_ioctl_sees_registers", xsave_ioctl_sees_registers },
	{ "registers_see_xsave_ioctl", registers_see_xsave_ioctl },
	{ "registers_see_set_fpu", registers_see_set_fpu },
	{ "xsave_in_the_guest", xsave_in_the_guest },
	{ }
};
