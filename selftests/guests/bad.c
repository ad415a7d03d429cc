// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of guests that go wrong: each ends as KVM lets it end, and the next
 * VM is none the worse for it.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"
#include "guests.h"

/* hlt */
static const u8 code_hlt[] = { 0xf4 };

static void load_hlt(struct guest *g, enum mode mode)
{
	guest_load_bytes(g, GUEST_CODE, code_hlt, code_hlt + sizeof(code_hlt));
	guest_start(g, &g->v[0], mode, GUEST_CODE);
}

/* Whatever came before, a new VM runs. */
static void a_new_vm_runs(void)
{
	struct guest g = guest_new();

	load_hlt(&g, MODE_LONG);
	vcpu_run_to(&g.v[0], KVM_EXIT_HLT);
}

/*
 * A state that the processor refuses at entry: KVM on VMX says FAIL_ENTRY
 * with the reason, or finds it out itself and says INTERNAL_ERROR; SVM is
 * less strict, and the guest may as well run or shut down.
 */
static void expect_bad_end(struct guest *g)
{
	struct vcpu *v = &g->v[0];
	u32 reason;

	EXPECT_OK(vcpu_run(v));
	reason = v->run->exit_reason;
	EXPECT(reason == KVM_EXIT_FAIL_ENTRY ||
	       reason == KVM_EXIT_INTERNAL_ERROR ||
	       (!host_is_intel() && (reason == KVM_EXIT_HLT ||
				     reason == KVM_EXIT_SHUTDOWN)));
	a_new_vm_runs();
}

static void unusable_code_segment(void)
{
	struct guest g = guest_new();
	struct kvm_sregs s;

	load_hlt(&g, MODE_PROT);
	s = vcpu_sregs(&g.v[0]);
	s.cs.type = 3;
	s.cs.s = 0;
	vcpu_set_sregs(&g.v[0], &s);
	expect_bad_end(&g);
}

static void task_register_not_busy(void)
{
	struct guest g = guest_new();
	struct kvm_sregs s;

	load_hlt(&g, MODE_LONG);
	s = vcpu_sregs(&g.v[0]);
	s.tr.present = 0;
	s.tr.unusable = 0;
	vcpu_set_sregs(&g.v[0], &s);
	expect_bad_end(&g);
}

static void stack_segment_without_rights(void)
{
	struct guest g = guest_new();
	struct kvm_sregs s;

	if (!host_is_intel())
		tap_skip("SVM's CPL is this field, and QEMU's TCG dies of it");
	load_hlt(&g, MODE_PROT);
	s = vcpu_sregs(&g.v[0]);
	s.ss.dpl = 2;
	s.ss.selector |= 1;
	s.cs.dpl = 0;
	vcpu_set_sregs(&g.v[0], &s);
	expect_bad_end(&g);
}

static void rip_not_canonical(void)
{
	struct guest g = guest_new();

	load_hlt(&g, MODE_LONG);
	vcpu_set_rip(&g.v[0], 0x8000000000000000);
	EXPECT_OK(vcpu_run(&g.v[0]));
	EXPECT(g.v[0].run->exit_reason == KVM_EXIT_FAIL_ENTRY ||
	       g.v[0].run->exit_reason == KVM_EXIT_IO ||
	       g.v[0].run->exit_reason == KVM_EXIT_SHUTDOWN ||
	       g.v[0].run->exit_reason == KVM_EXIT_INTERNAL_ERROR);
	a_new_vm_runs();
}

/* Once it has failed, the same vCPU can be put right and run. */
static void failed_vcpu_can_be_repaired(void)
{
	struct guest g = guest_new();
	struct kvm_sregs s;

	if (!host_is_intel())
		tap_skip("SVM enters with this state");
	load_hlt(&g, MODE_LONG);
	s = vcpu_sregs(&g.v[0]);
	s.tr.present = 0;
	vcpu_set_sregs(&g.v[0], &s);
	EXPECT_OK(vcpu_run(&g.v[0]));
	EXPECT(g.v[0].run->exit_reason != KVM_EXIT_HLT);
	s.tr.present = 1;
	vcpu_set_sregs(&g.v[0], &s);
	vcpu_run_to(&g.v[0], KVM_EXIT_HLT);
}

static void page_tables_of_rubbish(void)
{
	struct guest g = guest_new();
	u64 *top;
	int i;

	if (!host_is_intel())
		tap_skip("QEMU's TCG never comes back from it");
	load_hlt(&g, MODE_LONG);
	top = (u64 *)(g.ram + GUEST_TOP);
	for (i = 0; i < 512; i++)
		top[i] = 0xfffffffffffff067 | (u64)i << 40;
	vcpu_run_to(&g.v[0], KVM_EXIT_SHUTDOWN);
	a_new_vm_runs();
}

/* Page tables outside of memory read as what a device would say: nothing. */
static void page_tables_in_mmio(void)
{
	struct guest g = guest_new();
	struct kvm_sregs s;

	if (!host_is_intel())
		tap_skip("QEMU's TCG never comes back from it");
	load_hlt(&g, MODE_LONG);
	s = vcpu_sregs(&g.v[0]);
	s.cr3 = GUEST_MMIO;
	vcpu_set_sregs(&g.v[0], &s);
	EXPECT_OK(vcpu_run(&g.v[0]));
	EXPECT(g.v[0].run->exit_reason != KVM_EXIT_HLT);
	a_new_vm_runs();
}

static void nothing(int sig)
{
	(void)sig;
}

/* A signal every few milliseconds, but only inside run_interruptible(). */
static void start_timer(void)
{
	struct sigaction act = { .sa_handler = nothing };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	EXPECT_OK(sigprocmask(SIG_BLOCK, &set, NULL));
	EXPECT_OK(sigaction(SIGALRM, &act, NULL));
	ualarm(5000, 5000);
}

static int run_interruptible(const struct vcpu *v)
{
	sigset_t set;
	int ret;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	EXPECT_OK(sigprocmask(SIG_UNBLOCK, &set, NULL));
	ret = vcpu_run(v);
	EXPECT_OK(sigprocmask(SIG_BLOCK, &set, NULL));
	return ret;
}

/* One page of random bytes as code, for a few exits or one time slice. */
static void random_page(enum mode mode, unsigned int seed)
{
	struct guest g = guest_new();
	struct kvm_regs regs;
	unsigned int i;

	srandom(seed);
	for (i = 0; i < PAGE_SIZE; i++)
		g.ram[GUEST_CODE + i] = random();
	guest_start(&g, &g.v[0], mode, GUEST_CODE);
	regs = vcpu_regs(&g.v[0]);
	regs.rsi = GUEST_MMIO;
	regs.rdi = GUEST_DATA;
	regs.rcx = 3;
	vcpu_set_regs(&g.v[0], &regs);
	for (i = 0; i < 20; i++) {
		if (run_interruptible(&g.v[0]))
			break;
		if (g.v[0].run->exit_reason != KVM_EXIT_IO &&
		    g.v[0].run->exit_reason != KVM_EXIT_MMIO)
			break;
	}
	close(g.v[0].fd);
	close(g.vm);
}

/*
 * Nothing is asked of such a guest; the host must get the CPU back, and the
 * next VM must run.
 */
static void random_code(enum mode mode)
{
	unsigned int seed;

	start_timer();
	for (seed = 1; seed <= 12; seed++)
		random_page(mode, seed);
	ualarm(0, 0);
	a_new_vm_runs();
}

static void random_code_real(void)
{
	random_code(MODE_REAL);
}

static void random_code_protected(void)
{
	random_code(MODE_PROT);
}

static void random_code_long(void)
{
	random_code(MODE_LONG);
}

const struct tap_case bad_cases[] = {
	{ "unusable_code_segment", unusable_code_segment },
	{ "task_register_not_busy", task_register_not_busy },
	{ "stack_segment_without_rights", stack_segment_without_rights },
	{ "rip_not_canonical", rip_not_canonical },
	{ "failed_vcpu_can_be_repaired", failed_vcpu_can_be_repaired },
	{ "page_tables_of_rubbish", page_tables_of_rubbish },
	{ "page_tables_in_mmio", page_tables_in_mmio },
	{ "random_code_real", random_code_real },
	{ "random_code_protected", random_code_protected },
	{ "random_code_long", random_code_long },
	{ }
};
