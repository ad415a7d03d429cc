// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of control, debug and model-specific registers as the guest sees them.
 */
#include <string.h>

#include "guest.h"
#include "guests.h"

DECLARE_GUEST(control_cr);
DECLARE_GUEST(control_cd);
DECLARE_GUEST(control_reserved);
DECLARE_GUEST(control_mode_walk);
DECLARE_GUEST(control_from_real);
DECLARE_GUEST(control_xsetbv_off);
DECLARE_GUEST(control_xsetbv);
DECLARE_GUEST(control_dr);
DECLARE_GUEST(control_breakpoint);
DECLARE_GUEST(control_msr_unknown);
DECLARE_GUEST(control_msr_known);
DECLARE_GUEST(control_msr_storm);
DECLARE_GUEST(control_plain);
DECLARE_GUEST(control_tsc);
DECLARE_GUEST(control_vmx);
DECLARE_GUEST(control_vmmcall);
DECLARE_GUEST(control_no_nesting);
extern const u8 control_breakpoint_here[];
extern const u8 control_msr_storm_write[];

/* Lets @n faulting instructions of these lengths pass, each #GP(0). */
static void general_protections(struct guest *g, const u8 *lengths, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		run_to_trap(g, &g->v[0], GP_VECTOR, 0);
		skip_trap(g, lengths[i]);
	}
}

static void control_registers(void)
{
	static const u8 lengths[] = { 3, 3, 3, 3 };
	struct guest g = guest_new_irqchip();
	struct kvm_regs regs;

	guest_begin(&g, control_cr, MODE_LONG);
	run_to_step(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.r8 & CR0_WP, 0);
	EXPECT_EQ(regs.r9 & BIT(7), BIT(7));
	EXPECT_EQ(regs.r10, GUEST_TOP);
	EXPECT_EQ(regs.r11, 7);
	EXPECT_EQ(regs.r12 & 8, 8);
	EXPECT_EQ(regs.r13 & 8, 0);
	EXPECT_EQ(regs.r14 & 0xf, 0xb);
	EXPECT_EQ(regs.r15, 0x12345);
	general_protections(&g, lengths, ARRAY_SIZE(lengths));
	run_to_done(&g.v[0]);
	EXPECT_EQ(vcpu_sregs(&g.v[0]).cr8, 0);
	EXPECT_EQ(vcpu_sregs(&g.v[0]).cr4 & BIT(5), BIT(5));
}

static void caching_off_and_on(void)
{
	struct guest g = guest_new();
	struct kvm_regs regs;

	guest_begin(&g, control_cd, MODE_LONG);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.rbx & CR0_CD, 0);
	EXPECT_EQ(regs.r8, regs.rbx | CR0_CD);
	EXPECT_EQ(regs.r9, (regs.rbx | CR0_CD) & ~CR0_TS);
	EXPECT_EQ(regs.r10, regs.rbx);
	EXPECT_EQ(vcpu_sregs(&g.v[0]).cr0, regs.rbx);
}

static void reserved_bits_of_cr0_cr3_cr8(void)
{
	static const u8 lengths[] = { 3, 3, 4 };
	struct guest g = guest_new_irqchip();

	if (!host_is_intel())
		tap_skip("QEMU's TCG checks none of them in a guest");
	guest_begin(&g, control_reserved, MODE_LONG);
	general_protections(&g, lengths, ARRAY_SIZE(lengths));
	run_to_done(&g.v[0]);
}

static void modes_and_back(void)
{
	struct guest g = guest_new();
	struct kvm_sregs s;

	guest_begin(&g, control_mode_walk, MODE_LONG);
	run_to_step(&g.v[0]);
	s = vcpu_sregs(&g.v[0]);
	EXPECT_EQ(s.cs.l, 0);
	EXPECT_EQ(s.efer & EFER_LMA, EFER_LMA);
	run_to_step(&g.v[0]);
	s = vcpu_sregs(&g.v[0]);
	EXPECT_EQ(s.efer & (EFER_LMA | EFER_LME), 0);
	EXPECT_EQ(s.cr0 & CR0_PG, CR0_PG);
	EXPECT_EQ(s.cr3, GUEST_PAE);
	run_to_done(&g.v[0]);
	s = vcpu_sregs(&g.v[0]);
	EXPECT_EQ(s.cs.l, 1);
	EXPECT_EQ(s.efer & EFER_LMA, EFER_LMA);
}

static void real_to_long_and_back(void)
{
	struct guest g = guest_new();
	struct kvm_sregs s;

	guest_begin(&g, control_from_real, MODE_REAL);
	run_to_step(&g.v[0]);
	s = vcpu_sregs(&g.v[0]);
	EXPECT_EQ(s.cs.db, 1);
	EXPECT_EQ(s.cr0 & CR0_PE, CR0_PE);
	run_to_step(&g.v[0]);
	s = vcpu_sregs(&g.v[0]);
	EXPECT_EQ(s.cs.l, 1);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rax, 0x123456789abcdef0);
	run_to_done(&g.v[0]);
	s = vcpu_sregs(&g.v[0]);
	EXPECT_EQ(s.cr0 & (CR0_PE | CR0_PG), 0);
	EXPECT_EQ(s.cs.base, GUEST_CODE);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rbx & 0xffff, GUEST_CODE >> 4);
}

static void require_xsave(void)
{
	if (!(cpuid_find(cpuid_supported(), 1, 0)->ecx & BIT(26)))
		tap_skip("no XSAVE");
}

static void xsetbv_without_osxsave(void)
{
	struct guest g = guest_new();

	require_xsave();
	if (!host_is_intel() && strstr(tap_device, "kvm"))
		tap_skip("QEMU's TCG exits before it looks at CR4, and KVM does not look");
	guest_begin(&g, control_xsetbv_off, MODE_LONG);
	run_to_trap(&g, &g.v[0], UD_VECTOR, 0);
	skip_trap(&g, 3);
	run_to_trap(&g, &g.v[0], UD_VECTOR, 0);
	skip_trap(&g, 3);
	run_to_done(&g.v[0]);
}

static void set_osxsave(struct vcpu *v)
{
	struct kvm_sregs s = vcpu_sregs(v);

	s.cr4 |= CR4_OSXSAVE;
	vcpu_set_sregs(v, &s);
}

static void xsetbv(void)
{
	static const u8 lengths[] = { 3, 3, 3, 3, 3 };
	struct guest g = guest_new();
	struct kvm_xcrs xcrs;

	require_xsave();
	guest_begin(&g, control_xsetbv, MODE_LONG);
	set_osxsave(&g.v[0]);
	run_to_step(&g.v[0]);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rbx, 3);
	EXPECT_OK(ioctl(g.v[0].fd, KVM_GET_XCRS, &xcrs));
	EXPECT_EQ(xcrs.xcrs[0].value, 1);
	general_protections(&g, lengths, ARRAY_SIZE(lengths));
	run_to_done(&g.v[0]);
	EXPECT_EQ((u32)vcpu_regs(&g.v[0]).rax, 1);
}

static void debug_registers(void)
{
	static const u8 lengths[] = { 3, 3 };
	struct kvm_debugregs dr;
	struct guest g = guest_new();
	struct kvm_regs regs;

	guest_begin(&g, control_dr, MODE_LONG);
	run_to_step(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.r8, 0x1111);
	EXPECT_EQ(regs.r9, 0x2222);
	EXPECT_EQ(regs.r10, 0x3333);
	EXPECT_EQ(regs.r11, 0x4444);
	EXPECT_EQ(regs.r12, 0xffff0ff0);
	EXPECT_EQ(regs.r13, 0x400);
	EXPECT_EQ(regs.r14, 0x700);
	EXPECT_OK(ioctl(g.v[0].fd, KVM_GET_DEBUGREGS, &dr));
	EXPECT_EQ(dr.db[2], 0x3333);
	general_protections(&g, lengths, ARRAY_SIZE(lengths));
	run_to_trap(&g, &g.v[0], UD_VECTOR, 0);
	skip_trap(&g, 3);
	run_to_done(&g.v[0]);
}

static void breakpoints(void)
{
	struct guest g = guest_new();

	guest_begin(&g, control_breakpoint, MODE_LONG);
	run_to_trap(&g, &g.v[0], DB_VECTOR, 0);
	run_to_trap(&g, &g.v[0], DB_VECTOR, 0);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rbx & 0xf, 1);
	EXPECT_EQ(g.trap->rip, GUEST_CODE +
		  (control_breakpoint_here - control_breakpoint));
	skip_trap(&g, 1);
	run_to_done(&g.v[0]);
}

static void msr_refused(void)
{
	static const u8 lengths[] = { 2, 2, 2, 2 };
	struct guest g = guest_new();

	guest_begin(&g, control_msr_unknown, MODE_LONG);
	general_protections(&g, lengths, ARRAY_SIZE(lengths));
	run_to_done(&g.v[0]);
}

static void msr_known(void)
{
	struct guest g = guest_new();
	struct kvm_regs regs;

	guest_begin(&g, control_msr_known, MODE_LONG);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.rsi, 0x00070406);
	EXPECT_EQ(regs.rdi, 0x00070406);
	EXPECT_EQ(regs.rbx, EFER_LME | EFER_LMA | EFER_NX | EFER_SCE);
	EXPECT_EQ(vcpu_get_msr(&g.v[0], 0xc0000081), 0x2222222211111111);
	EXPECT_EQ(vcpu_get_msr(&g.v[0], 0xc0000102), 0x0000744433333333);
	EXPECT_EQ(vcpu_get_msr(&g.v[0], 0x174), 0x10);
}

/* Writes to MSRs at random: each is taken or #GP, and the guest lives on. */
static void msr_storm(void)
{
	u64 at = GUEST_CODE + (control_msr_storm_write - control_msr_storm);
	struct guest g = guest_new();
	struct kvm_regs regs;

	guest_begin(&g, control_msr_storm, MODE_LONG);
	regs = vcpu_regs(&g.v[0]);
	regs.r8 = 0x9e3779b97f4a7c15;
	regs.r9 = 4000;
	regs.r10 = 0x5851f42d4c957f2d;
	vcpu_set_regs(&g.v[0], &regs);
	for (;;) {
		EXPECT_OK(vcpu_run(&g.v[0]));
		EXPECT_EQ(g.v[0].run->exit_reason, KVM_EXIT_IO);
		if (g.v[0].run->io.port == PORT_DONE)
			return;
		EXPECT_EQ(g.v[0].run->io.port, PORT_TRAP);
		EXPECT_EQ(g.trap->vector, GP_VECTOR);
		EXPECT_EQ(g.trap->rip, at);
		skip_trap(&g, 2);
	}
}

static void plain_instructions(void)
{
	struct guest g = guest_new();
	struct kvm_regs regs;

	guest_begin(&g, control_plain, MODE_LONG);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT(regs.r9 > regs.r8);
}

static void time_stamps(void)
{
	struct kvm_cpuid2 *cpuid = cpuid_supported();
	struct guest g = guest_new();
	struct kvm_regs regs;

	if (!(cpuid_find(cpuid, 0x80000001, 0)->edx & BIT(27)) ||
	    !(cpuid_find(cpuid, 7, 0)->ebx & BIT(1)))
		tap_skip("no RDTSCP or no TSC_ADJUST");
	guest_begin(&g, control_tsc, MODE_LONG);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.r8, 0x77);
	EXPECT(regs.r10 - regs.r9 >= 0x10000000000);
	EXPECT(regs.r10 - regs.r9 < 0x20000000000);
	EXPECT(regs.r11 >= 0x400000000000 && regs.r11 < 0x410000000000);
	/* A write of the TSC moves TSC_ADJUST by the same amount. */
	EXPECT(0x410000000000 - regs.r12 - regs.r10 < 0x10000000000);
}

/* An unknown hypercall returns -ENOSYS as KVM defines it: -1000. */
static void hypercall_unknown(void)
{
	struct guest g = guest_new();
	struct kvm_regs regs;

	if (host_is_intel())
		guest_begin(&g, control_vmx, MODE_LONG);
	else
		guest_begin(&g, control_vmmcall, MODE_LONG);
	regs = vcpu_regs(&g.v[0]);
	regs.rax = 0x4242;
	vcpu_set_regs(&g.v[0], &regs);
	run_to_done(&g.v[0]);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rbx, -1000L);
}

/* What starts guests of a guest is #UD while no nesting is offered. */
static void no_nesting(void)
{
	struct kvm_cpuid2 *cpuid = cpuid_supported();
	struct guest g = guest_new();
	unsigned int i;

	cpuid_find(cpuid, 1, 0)->ecx &= ~BIT(5);
	cpuid_find(cpuid, 0x80000001, 0)->ecx &= ~BIT(2);
	guest_begin(&g, control_no_nesting, MODE_LONG);
	EXPECT_OK(ioctl(g.v[0].fd, KVM_SET_CPUID2, cpuid));
	for (i = 0; i < 2; i++) {
		run_to_trap(&g, &g.v[0], UD_VECTOR, 0);
		skip_trap(&g, 3);
	}
	run_to_done(&g.v[0]);
}

const struct tap_case control_cases[] = {
	{ "control_registers", control_registers },
	{ "caching_off_and_on", caching_off_and_on },
	{ "reserved_bits_of_cr0_cr3_cr8", reserved_bits_of_cr0_cr3_cr8 },
	{ "modes_and_back", modes_and_back },
	{ "real_to_long_and_back", real_to_long_and_back },
	{ "xsetbv_without_osxsave", xsetbv_without_osxsave },
	{ "xsetbv", xsetbv },
	{ "debug_registers", debug_registers },
	{ "breakpoints", breakpoints },
	{ "msr_refused", msr_refused },
	{ "msr_known", msr_known },
	{ "msr_storm", msr_storm },
	{ "plain_instructions", plain_instructions },
	{ "time_stamps", time_stamps },
	{ "hypercall_unknown", hypercall_unknown },
	{ "no_nesting", no_nesting },
	{ }
};
