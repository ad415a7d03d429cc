// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of exceptions that the guest takes through its own tables.
 */
#include "guest.h"
#include "guests.h"

DECLARE_GUEST(except_plain64);
DECLARE_GUEST(except_page64);
DECLARE_GUEST(except_page32);
DECLARE_GUEST(except_single_step);
DECLARE_GUEST(except_user64);
DECLARE_GUEST(except_real);
DECLARE_GUEST(except_double_fault);
extern const u8 except_page64_back[];
extern const u8 except_user64_cpuid[];

/* Error code bits of a page fault; Intel SDM, "Page-Fault Exceptions". */
#define PF_P	1
#define PF_W	2
#define PF_U	4
#define PF_RSVD	8
#define PF_I	16

/**
 * struct expected - one exception of a sequence
 * @vector: which
 * @error: its error code, or 0
 * @length: bytes to skip before the guest goes on
 * @cr2: for page faults
 */
struct expected {
	u32 vector;
	u32 error;
	u32 length;
	u64 cr2;
};

static void sequence(struct guest *g, const struct expected *want, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		run_to_port(&g->v[0], PORT_TRAP);
		if (g->trap->vector != want[i].vector ||
		    g->trap->error != want[i].error)
			tap_fail(__FILE__, __LINE__,
				 "exception %zu: vector %llu error %#llx at %#llx",
				 i, g->trap->vector, g->trap->error,
				 g->trap->rip);
		if (want[i].vector == PF_VECTOR)
			EXPECT_EQ(g->trap->cr2, want[i].cr2);
		skip_trap(g, want[i].length);
	}
}

#define SEQUENCE(g, table) sequence((g), (table), ARRAY_SIZE(table))

static void plain_long(void)
{
	static const struct expected want[] = {
		{ DE_VECTOR, 0, 2, 0 },
		{ UD_VECTOR, 0, 2, 0 },
		{ GP_VECTOR, 0, 3, 0 },
		{ GP_VECTOR, 0, 3, 0 },
		{ BP_VECTOR, 0, 0, 0 },
		{ GP_VECTOR, 0x50, 2, 0 },
		{ GP_VECTOR, SEL_TSS + 8, 2, 0 },
		{ NM_VECTOR, 0, 3, 0 },
	};
	struct guest g = guest_new();

	guest_begin(&g, except_plain64, MODE_LONG);
	SEQUENCE(&g, want);
	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[0x21], 1);
}

/* Entries of the page directory that covers the second GiB. */
static void make_holes(struct guest *g)
{
	u64 *pd = (u64 *)(g->ram + GUEST_PD) + 512;

	pd[0] = 0;
	pd[1] = 0x81;
	pd[2] = 0x83 | BIT(51);
	pd[3] = 0x83 | BIT(63);
}

/*
 * Bit 51 of a table entry is reserved where physical addresses are shorter;
 * on a processor with 52 bits there is no such bit to try.
 */
static bool bit_51_is_reserved(void)
{
	struct kvm_cpuid_entry2 *leaf;

	leaf = cpuid_find(cpuid_supported(), 0x80000008, 0);
	return leaf && (leaf->eax & 0xff) < 52;
}

static void page_faults_long(void)
{
	static const struct expected first[] = {
		{ PF_VECTOR, 0, 2, 0x40000000 },
		{ PF_VECTOR, PF_W, 6, 0x40000123 },
		{ PF_VECTOR, PF_P | PF_W, 2, 0x40200000 },
	};
	struct guest g = guest_new();

	guest_begin(&g, except_page64, MODE_LONG);
	make_holes(&g);
	if (!bit_51_is_reserved())
		((u64 *)(g.ram + GUEST_PD))[514] = 0;
	SEQUENCE(&g, first);
	run_to_port(&g.v[0], PORT_TRAP);
	EXPECT_EQ(g.trap->vector, PF_VECTOR);
	/* QEMU's TCG leaves out the present bit here. */
	EXPECT_EQ(g.trap->error & ~PF_P, bit_51_is_reserved() ? PF_RSVD : 0);
	skip_trap(&g, 2);
	run_to_trap(&g, &g.v[0], PF_VECTOR, PF_P | PF_I);
	EXPECT_EQ(g.trap->cr2, 0x40600000);
	EXPECT_EQ(g.trap->rip, 0x40600000);
	g.trap->rip = GUEST_CODE + (except_page64_back - except_page64);
	run_to_done(&g.v[0]);
}

static void check_faults_32(enum mode mode)
{
	static const struct expected want[] = {
		{ PF_VECTOR, 0, 2, 0x40000000 },
		{ PF_VECTOR, PF_W, 6, 0x40000123 },
		{ DE_VECTOR, 0, 2, 0 },
		{ UD_VECTOR, 0, 2, 0 },
		{ GP_VECTOR, 0x50, 2, 0 },
	};
	struct guest g = guest_new();

	guest_begin(&g, except_page32, mode);
	if (mode == MODE_PAGED)
		((u32 *)(g.ram + GUEST_TOP))[0x40000000 >> 22] = 0;
	else
		make_holes(&g);
	SEQUENCE(&g, want);
	run_to_done(&g.v[0]);
}

static void page_faults_paged(void)
{
	check_faults_32(MODE_PAGED);
}

static void page_faults_pae(void)
{
	check_faults_32(MODE_PAE);
}

static void single_step(void)
{
	static const struct expected want[] = {
		{ DB_VECTOR, 0, 0, 0 },	/* after the first nop */
		{ DB_VECTOR, 0, 0, 0 },
		{ DB_VECTOR, 0, 0, 0 },	/* pushf */
		{ DB_VECTOR, 0, 0, 0 },	/* andl */
		{ DB_VECTOR, 0, 0, 0 },	/* popf */
	};
	struct guest g = guest_new();

	guest_begin(&g, except_single_step, MODE_LONG);
	SEQUENCE(&g, want);
	run_to_done(&g.v[0]);
}

/* #GP for a gate; QEMU's TCG counts its index in the error code double. */
static void user_mode_gate(struct guest *g, u32 offset)
{
	u64 at = GUEST_CODE + (except_user64_cpuid - except_user64);

	run_to_port(&g->v[0], PORT_TRAP);
	EXPECT_EQ(g->trap->vector, GP_VECTOR);
	EXPECT(g->trap->error == (3 << 3 | 2) || g->trap->error == (3 << 4 | 2));
	EXPECT_EQ(g->trap->rip, offset ? at + offset : at - 2);
}

/* Ring 3 and back: the TSS gives the stack for the way in. */
static void user_mode(void)
{
	static const struct expected want[] = {
		{ GP_VECTOR, 0, 1, 0 },
		{ GP_VECTOR, 0, 3, 0 },
		{ PF_VECTOR, PF_U, 2, 0x40000000 },
		{ PF_VECTOR, PF_U | PF_W, 2, 0x40000000 },
		{ UD_VECTOR, 0, 2, 0 },
		{ PF_VECTOR, PF_U | PF_P, 2, 0x40200000 },
		{ GP_VECTOR, 0, 1, 0 },
		{ GP_VECTOR, 0, 2, 0 },
	};
	struct guest g = guest_new();
	struct kvm_regs regs;

	guest_begin(&g, except_user64, MODE_LONG);
	make_holes(&g);
	*(u64 *)(g.ram + GUEST_TSS + 4) = GUEST_STACK - 0x4000;
	SEQUENCE(&g, want);
	EXPECT_EQ(g.trap->cs, SEL_USER_CODE);
	/* INT 3, whose gate is ring 0's alone; then CPUID, which is allowed. */
	user_mode_gate(&g, 0);
	skip_trap(&g, 2);
	user_mode_gate(&g, 4);
	regs = vcpu_regs(&g.v[0]);
	EXPECT(regs.rdx);
}

static void real_mode(void)
{
	struct guest g = guest_new();
	unsigned int i;

	guest_begin(&g, except_real, MODE_REAL);
	for (i = 1; i <= 3; i++) {
		run_to_step(&g.v[0]);
		EXPECT_EQ(vcpu_regs(&g.v[0]).rbx & 0xff, i);
	}
	run_to_done(&g.v[0]);
}

static void use_ist(struct guest *g, unsigned int vector, u64 stack)
{
	((u64 *)(g->ram + GUEST_IDT))[2 * vector] |= 1UL << 32;
	*(u64 *)(g->ram + GUEST_TSS + 36) = stack;
}

/* #UD cannot be pushed, which is #PF, which cannot be pushed: #DF. */
static void double_fault(void)
{
	struct guest g = guest_new();

	guest_begin(&g, except_double_fault, MODE_LONG);
	make_holes(&g);
	use_ist(&g, DF_VECTOR, GUEST_STACK - 0x4000);
	run_to_trap(&g, &g.v[0], DF_VECTOR, 0);
}

static void double_fault_without_stack(void)
{
	struct guest g = guest_new();

	guest_begin(&g, except_double_fault, MODE_LONG);
	make_holes(&g);
	vcpu_run_to(&g.v[0], KVM_EXIT_SHUTDOWN);
}

/* An exception that userspace injects, with and without an error code. */
static void injected(void)
{
	struct kvm_vcpu_events events;
	struct guest g = guest_new();

	guest_begin(&g, except_plain64, MODE_LONG);
	EXPECT_OK(ioctl(g.v[0].fd, KVM_GET_VCPU_EVENTS, &events));
	events.exception.injected = 1;
	events.exception.nr = GP_VECTOR;
	events.exception.has_error_code = 1;
	events.exception.error_code = 0x1234;
	EXPECT_OK(ioctl(g.v[0].fd, KVM_SET_VCPU_EVENTS, &events));
	run_to_trap(&g, &g.v[0], GP_VECTOR, 0x1234);
	EXPECT_EQ(g.trap->rip, GUEST_CODE);
	events.exception.nr = UD_VECTOR;
	events.exception.has_error_code = 0;
	EXPECT_OK(ioctl(g.v[0].fd, KVM_SET_VCPU_EVENTS, &events));
	run_to_trap(&g, &g.v[0], UD_VECTOR, 0);
	EXPECT(g.trap->rip >= GUEST_LIB);
}

const struct tap_case except_cases[] = {
	{ "plain_long", plain_long },
	{ "page_faults_long", page_faults_long },
	{ "page_faults_paged", page_faults_paged },
	{ "page_faults_pae", page_faults_pae },
	{ "single_step", single_step },
	{ "user_mode", user_mode },
	{ "real_mode", real_mode },
	{ "double_fault", double_fault },
	{ "double_fault_without_stack", double_fault_without_stack },
	{ "injected", injected },
	{ }
};
