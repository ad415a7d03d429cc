// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of ring changes and of registers that processor and hypervisor share:
 * SYSCALL's MSRs, GS bases, protection keys; each side keeps its own.
 */
#include "guest.h"
#include "guests.h"

DECLARE_GUEST(user_syscall);
DECLARE_GUEST(user_sysenter);
DECLARE_GUEST(user_swapgs);
DECLARE_GUEST(user_fsgsbase);
DECLARE_GUEST(user_pkru);
DECLARE_GUEST(user_host_state);
extern const u8 user_syscall_after[];

static void syscall_and_sysret(void)
{
	struct guest g = guest_new();
	struct kvm_regs regs;

	guest_begin(&g, user_syscall, MODE_LONG);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.r8, SEL_USER_CODE);
	EXPECT_EQ(regs.r9, SEL_USER_DATA);
	EXPECT_EQ(regs.rbx, 0x1234);
	EXPECT_EQ(regs.rcx, GUEST_CODE + (user_syscall_after - user_syscall));
	EXPECT_EQ(regs.r11 & RFLAGS_IF, RFLAGS_IF);
	EXPECT_EQ(regs.r12, SEL_CODE64);
	EXPECT_EQ(regs.r14 & RFLAGS_IF, 0);
}

static void sysenter(void)
{
	struct guest g = guest_new();
	struct kvm_regs regs;

	if (!host_is_intel())
		tap_skip("no SYSENTER in AMD's 64-bit mode");
	guest_begin(&g, user_sysenter, MODE_LONG);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.rbx, 0x77);
	EXPECT_EQ(regs.r12, SEL_CODE64);
	EXPECT_EQ(regs.r13, GUEST_STACK - 0x2000);
}

static void swapgs(void)
{
	struct guest g = guest_new();
	struct vcpu *v = &g.v[0];

	guest_begin(&g, user_swapgs, MODE_LONG);
	run_to_step(v);
	EXPECT_EQ(vcpu_sregs(v).gs.base, 0x1100001000);
	EXPECT_EQ(vcpu_get_msr(v, 0xc0000102), 0x2200002000);
	run_to_step(v);
	EXPECT_EQ(vcpu_sregs(v).gs.base, 0x2200002000);
	EXPECT_EQ(vcpu_get_msr(v, 0xc0000102), 0x1100001000);
	run_to_done(v);
	EXPECT_EQ(vcpu_regs(v).r8, 0x2200002000);
	EXPECT_EQ(vcpu_regs(v).r9, 0x1100001000);
	EXPECT_EQ(vcpu_sregs(v).gs.base, 0x1100001000);
}

static bool has_leaf_7(unsigned int bit, bool in_ecx)
{
	struct kvm_cpuid_entry2 *leaf = cpuid_find(cpuid_supported(), 7, 0);

	return leaf && ((in_ecx ? leaf->ecx : leaf->ebx) & BIT(bit));
}

static void fsgsbase(void)
{
	struct guest g = guest_new();

	if (!has_leaf_7(0, false))
		tap_skip("no FSGSBASE");
	guest_begin(&g, user_fsgsbase, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT_EQ(vcpu_sregs(&g.v[0]).fs.base, 0x123456789000);
	EXPECT_EQ(vcpu_sregs(&g.v[0]).gs.base, 0x223456789000);
	run_to_done(&g.v[0]);
	EXPECT_EQ(vcpu_regs(&g.v[0]).r8, 0x123456789000);
	EXPECT_EQ(vcpu_regs(&g.v[0]).r9, 0x223456789000);
}

static void protection_keys(void)
{
	struct guest g = guest_new();

	if (!has_leaf_7(3, true))
		tap_skip("no PKU");
	guest_begin(&g, user_pkru, MODE_LONG);
	run_to_step(&g.v[0]);
	run_to_done(&g.v[0]);
	EXPECT_EQ(vcpu_regs(&g.v[0]).r8, 0x55555554);
}

/* Reads what this host CPU has, where the guest has set its own. */
static u32 host_tsc_aux(void)
{
	u32 lo, hi, aux;

	__asm__ volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(aux));
	return aux;
}

static bool host_has_rdtscp(void)
{
	u32 eax = 0x80000001, ebx, ecx = 0, edx;

	__asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return edx & BIT(27);
}

static void host_keeps_its_own(void)
{
	struct guest g = guest_new();
	unsigned long flags;
	u32 aux;

	if (!host_has_rdtscp())
		tap_skip("no RDTSCP");
	aux = host_tsc_aux();
	guest_begin(&g, user_host_state, MODE_LONG);
	run_to_done(&g.v[0]);
	EXPECT_EQ(host_tsc_aux(), aux);
	__asm__ volatile("pushf\n\tpop %0" : "=r"(flags));
	EXPECT_EQ(flags & BIT(10), 0);
	EXPECT_EQ(vcpu_get_msr(&g.v[0], 0xc0000103), 0x5a5a);
	EXPECT_EQ(vcpu_get_msr(&g.v[0], 0xc0000082), 0x1000);
	EXPECT_EQ(vcpu_get_msr(&g.v[0], 0xc0000102), 0x3000);
}

const struct tap_case user_cases[] = {
	{ "syscall_and_sysret", syscall_and_sysret },
	{ "sysenter", sysenter },
	{ "swapgs", swapgs },
	{ "fsgsbase", fsgsbase },
	{ "protection_keys", protection_keys },
	{ "host_keeps_its_own", host_keeps_its_own },
	{ }
};
