// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of KVM_SET_GUEST_DEBUG: steps, breakpoints in code and in registers, and
 * what of it the guest may not notice.
 */
#include "guest.h"
#include "guests.h"
#include "../../uapi/lhv.h"

DECLARE_GUEST(debug_step);
DECLARE_GUEST(debug_int3);
DECLARE_GUEST(debug_hw);
DECLARE_GUEST(debug_halts);
DECLARE_GUEST(debug_gd);
DECLARE_GUEST(debug_blocked);
DECLARE_GUEST(debug_blocked_x2apic);
extern const u8 debug_step_1[], debug_step_2[], debug_step_3[], debug_step_4[], debug_step_5[];
extern const u8 debug_int3_at[], debug_int3_next[];
extern const u8 debug_hw_exec[], debug_hw_written[];
extern const u8 debug_halts_1[], debug_halts_2[], debug_halts_3[], debug_halts_4[];
extern const u8 debug_gd_at[];

#define BP_VECTOR	3
#define DB_VECTOR	1
#define DR6_BS		BIT(14)
#define RFLAGS_TF	BIT(8)
#define IRQ_VECTOR	0x41

/* The guest address of a label. */
#define AT(label, guest)	((u64)(GUEST_CODE + ((label) - (guest))))

static int debug(const struct vcpu *v, u32 control, const u64 *dr, u64 dr7)
{
	struct kvm_guest_debug dbg = { .control = control };
	unsigned int i;

	for (i = 0; dr && i < 4; i++)
		dbg.arch.debugreg[i] = dr[i];
	dbg.arch.debugreg[7] = dr7;
	return ioctl(v->fd, KVM_SET_GUEST_DEBUG, &dbg);
}

static struct guest debugged(const u8 *from, const u8 *to)
{
	struct guest g = guest_new_irqchip();

	REQUIRE_CAP(g.vm, KVM_CAP_SET_GUEST_DEBUG);
	guest_begin_bytes(&g, from, to, MODE_LONG);
	return g;
}

static void run_to_debug(const struct vcpu *v, u32 vector, u64 pc)
{
	vcpu_run_to(v, KVM_EXIT_DEBUG);
	EXPECT_EQ(v->run->debug.arch.exception, vector);
	EXPECT_EQ(v->run->debug.arch.pc, pc);
	EXPECT_EQ(vcpu_regs(v).rip, pc);
}

static void step_to(const struct vcpu *v, u64 pc)
{
	run_to_debug(v, DB_VECTOR, pc);
	EXPECT_EQ(v->run->debug.arch.dr6 & DR6_BS, DR6_BS);
	EXPECT_EQ(vcpu_regs(v).rflags & RFLAGS_TF, 0);
}

/* Over what the processor executes, what KVM does, and what userspace does. */
static void single_step(void)
{
	struct guest g = debugged(debug_step, debug_step_end);
	struct vcpu *v = &g.v[0];

	EXPECT_OK(debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL, 0));
	step_to(v, AT(debug_step_1, debug_step));
	step_to(v, AT(debug_step_2, debug_step));
	step_to(v, AT(debug_step_3, debug_step));
	run_to_port(v, 0x10);
	step_to(v, AT(debug_step_4, debug_step));
	step_to(v, AT(debug_step_5, debug_step));
	EXPECT_OK(debug(v, 0, NULL, 0));
	run_to_done(v);
}

static void step_from_where_userspace_went(void)
{
	struct guest g = debugged(debug_step, debug_step_end);
	struct vcpu *v = &g.v[0];
	struct kvm_regs regs = vcpu_regs(v);

	EXPECT_OK(debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL, 0));
	regs.rip = AT(debug_step_4, debug_step);
	vcpu_set_regs(v, &regs);
	EXPECT_OK(debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL, 0));
	step_to(v, AT(debug_step_5, debug_step));
}

/* QEMU's TCG does not let INT3 exit, whatever the VMCB says. */
static void require_int3_exits(void)
{
	if (!host_is_intel())
		tap_skip("QEMU's TCG takes INT3 inside the guest");
}

static void breakpoint_in_code(void)
{
	struct guest g = debugged(debug_int3, debug_int3_end);
	struct vcpu *v = &g.v[0];

	require_int3_exits();
	EXPECT_OK(debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP, NULL, 0));
	run_to_debug(v, BP_VECTOR, AT(debug_int3_at, debug_int3));
}

/* Userspace does not know this INT3: it is the guest's. */
static void breakpoint_is_given_back(void)
{
	struct guest g = debugged(debug_int3, debug_int3_end);
	struct vcpu *v = &g.v[0];
	u32 on = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP;

	require_int3_exits();
	EXPECT_OK(debug(v, on, NULL, 0));
	run_to_debug(v, BP_VECTOR, AT(debug_int3_at, debug_int3));
	EXPECT_OK(debug(v, on | KVM_GUESTDBG_INJECT_BP, NULL, 0));
	EXPECT_ERRNO(debug(v, on | KVM_GUESTDBG_INJECT_DB, NULL, 0), EBUSY);
	run_to_trap(&g, v, BP_VECTOR, 0);
	EXPECT_EQ(g.trap->rip, AT(debug_int3_next, debug_int3));
}

static void int3_is_the_guests_own(void)
{
	struct guest g = debugged(debug_int3, debug_int3_end);
	struct vcpu *v = &g.v[0];

	EXPECT_OK(debug(v, KVM_GUESTDBG_ENABLE, NULL, 0));
	run_to_trap(&g, v, BP_VECTOR, 0);
	EXPECT_EQ(g.trap->rip, AT(debug_int3_next, debug_int3));
}

/* DR0 on code, DR1 on a write of four bytes; the guest sees registers of its own. */
static void breakpoints_in_registers(void)
{
	struct guest g = debugged(debug_hw, debug_hw_end);
	u64 dr[4] = { AT(debug_hw_exec, debug_hw), GUEST_DATA };
	struct vcpu *v = &g.v[0];
	u32 on = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP;
	struct kvm_debugregs own;

	/* L0 or G0 with R/W 0; G1 with R/W 1 and LEN 3 */
	EXPECT_OK(debug(v, on, dr, 0x600 | 0xd << 20 | 0xa));
	run_to_debug(v, DB_VECTOR, AT(debug_hw_exec, debug_hw));
	EXPECT_EQ(v->run->debug.arch.dr6 & 0xf, 1);
	EXPECT_EQ(vcpu_regs(v).r8, 0x400);
	EXPECT_EQ(vcpu_regs(v).r9, 0x1234);
	EXPECT_OK(debug(v, on, dr, 0x600 | 0xd << 20 | 0x8));
	run_to_debug(v, DB_VECTOR, AT(debug_hw_written, debug_hw));
	EXPECT_EQ(v->run->debug.arch.dr6 & 0xf, 2);
	EXPECT_OK(ioctl(v->fd, KVM_GET_DEBUGREGS, &own));
	EXPECT_EQ(own.db[0], 0x1234);
	EXPECT_EQ(own.dr7, 0x400);
	EXPECT_OK(debug(v, 0, NULL, 0));
	run_to_done(v);
}

/* Over HLT, though nothing wakes it (KVM sleeps), and past the shadow of MOV SS. */
static void step_over_hlt_and_shadows(void)
{
	struct guest g = debugged(debug_halts, debug_halts_end);
	struct vcpu *v = &g.v[0];
	struct kvm_regs regs;
	int i;

	REQUIRE_CAP(g.vm, LHV_CAP_VERSION);
	EXPECT_OK(debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL, 0));
	step_to(v, AT(debug_halts_1, debug_halts));
	regs = vcpu_regs(v);
	regs.rip = AT(debug_halts_2, debug_halts);
	vcpu_set_regs(v, &regs);
	for (i = 0; i < 3 && regs.rip != AT(debug_halts_3, debug_halts); i++) {
		vcpu_run_to(v, KVM_EXIT_DEBUG);
		regs = vcpu_regs(v);
	}
	EXPECT_EQ(regs.rip, AT(debug_halts_3, debug_halts));
	for (i = 0; i < 2 && regs.rip != AT(debug_halts_4, debug_halts); i++) {
		vcpu_run_to(v, KVM_EXIT_DEBUG);
		regs = vcpu_regs(v);
	}
	EXPECT_EQ(regs.rip, AT(debug_halts_4, debug_halts));
	EXPECT_OK(debug(v, 0, NULL, 0));
	run_to_done(v);
}

/* What userspace reads in a shadow and writes back does not bring the shadow back. */
static void events_written_back_in_a_step(void)
{
	struct guest g = debugged(debug_halts, debug_halts_end);
	u64 dr[4] = { AT(debug_halts_3, debug_halts) + 1 };
	struct vcpu *v = &g.v[0];
	struct kvm_vcpu_events e;
	struct kvm_regs regs = vcpu_regs(v);

	regs.rip = AT(debug_halts_3, debug_halts);
	vcpu_set_regs(v, &regs);
	EXPECT_OK(debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, dr, 0x402));
	vcpu_run_to(v, KVM_EXIT_DEBUG);
	EXPECT_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &e));
	EXPECT_OK(debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL, 0));
	EXPECT_OK(ioctl(v->fd, KVM_SET_VCPU_EVENTS, &e));
	step_to(v, AT(debug_halts_4, debug_halts));
}

/* General detect is userspace's while the registers are. */
static void general_detect(void)
{
	struct guest g = debugged(debug_gd, debug_gd_end);
	struct vcpu *v = &g.v[0];

	if (!host_is_intel())
		REQUIRE_CAP(g.vm, LHV_CAP_VERSION);	/* nor does QEMU's TCG look */
	EXPECT_OK(debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, NULL, 0x2400));
	run_to_debug(v, DB_VECTOR, AT(debug_gd_at, debug_gd));
	EXPECT_EQ(v->run->debug.arch.dr6 & BIT(13), BIT(13));
}

static void check_blocked(struct guest g)
{
	struct kvm_msi msi = { .address_lo = 0xfee00000, .data = IRQ_VECTOR };
	struct vcpu *v = &g.v[0];
	u32 on = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP | KVM_GUESTDBG_BLOCKIRQ;
	unsigned int i;

	if (!(cap_of(g.vm, KVM_CAP_SET_GUEST_DEBUG2) & KVM_GUESTDBG_BLOCKIRQ))
		tap_skip("interrupts cannot be blocked");
	run_to_step(v);
	EXPECT(ioctl(g.vm, KVM_SIGNAL_MSI, &msi) > 0);
	EXPECT_OK(debug(v, on, NULL, 0));
	for (i = 0; i < 4; i++)
		vcpu_run_to(v, KVM_EXIT_DEBUG);
	EXPECT_EQ(g.counts[IRQ_VECTOR], 0);
	EXPECT_OK(debug(v, 0, NULL, 0));
	run_to_done(v);
	EXPECT_EQ(g.counts[IRQ_VECTOR], 1);
}

static void interrupts_are_blocked(void)
{
	check_blocked(debugged(debug_blocked, debug_blocked_end));
}

/* Where the hardware would deliver by itself. */
static void interrupts_are_blocked_x2apic(void)
{
	check_blocked(debugged(debug_blocked_x2apic, debug_blocked_x2apic_end));
}

const struct tap_case debug_cases[] = {
	{ "single_step", single_step },
	{ "step_from_where_userspace_went", step_from_where_userspace_went },
	{ "breakpoint_in_code", breakpoint_in_code },
	{ "breakpoint_is_given_back", breakpoint_is_given_back },
	{ "int3_is_the_guests_own", int3_is_the_guests_own },
	{ "breakpoints_in_registers", breakpoints_in_registers },
	{ "step_over_hlt_and_shadows", step_over_hlt_and_shadows },
	{ "events_written_back_in_a_step", events_written_back_in_a_step },
	{ "general_detect", general_detect },
	{ "interrupts_are_blocked", interrupts_are_blocked },
	{ "interrupts_are_blocked_x2apic", interrupts_are_blocked_x2apic },
	{ }
};
