// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the local APIC as the guest uses it: registers by MMIO and MSR,
 * priorities, its timer, IPIs, INIT and SIPI.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"
#include "guests.h"

DECLARE_GUEST(apic_xapic_regs);
DECLARE_GUEST(apic_x2apic_regs);
DECLARE_GUEST(apic_self_ipi_xapic);
DECLARE_GUEST(apic_self_ipi_x2apic);
DECLARE_GUEST(apic_priority);
DECLARE_GUEST(apic_timer_oneshot);
DECLARE_GUEST(apic_timer_periodic);
DECLARE_GUEST(apic_timer_deadline);
DECLARE_GUEST(apic_timer_hlt);
DECLARE_GUEST(apic_wait);
DECLARE_GUEST(apic_wait_hlt);
DECLARE_GUEST(apic_boot);
DECLARE_GUEST(apic_boot_ap);
DECLARE_GUEST(apic_cr8_while_waiting);

static void xapic_registers(void)
{
	struct guest g = guest_new_irqchip();
	struct kvm_regs regs;

	guest_begin(&g, apic_xapic_regs, MODE_LONG);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.r8, 0);
	EXPECT_EQ(regs.r9 & 0xff, 0x14);
	EXPECT_EQ(regs.r10, 0x1ff);
	EXPECT_EQ(regs.r11, 0x30);
	EXPECT_EQ(regs.r12, 3);
	EXPECT_EQ(regs.r13, 0x30);
	EXPECT_EQ(regs.r14, 0x02000000);
	EXPECT_EQ(regs.r15, 0x10040);
	EXPECT_EQ(regs.rsi & 0x1000, 0);
}

static void x2apic_registers(void)
{
	struct guest g = guest_new_irqchip();
	struct vcpu *v = &g.v[0];
	struct kvm_regs regs;
	unsigned int i;

	guest_begin(&g, apic_x2apic_regs, MODE_LONG);
	run_to_step(v);
	regs = vcpu_regs(v);
	EXPECT_EQ(regs.r8, 0);
	EXPECT_EQ(regs.r9 & 0xff, 0x14);
	EXPECT_EQ(regs.r10, 1);
	EXPECT_EQ(regs.r11, 3);
	EXPECT_EQ(regs.r12, 0x50);
	for (i = 0; i < 3; i++) {
		run_to_trap(&g, v, GP_VECTOR, 0);
		skip_trap(&g, 2);
	}
	run_to_done(v);
}

static void check_self_ipi(const u8 *from, const u8 *to)
{
	struct guest g = guest_new_irqchip();

	guest_load_bytes(&g, GUEST_CODE, from, to);
	guest_start(&g, &g.v[0], MODE_LONG, GUEST_CODE);
	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 1);
	EXPECT_EQ(g.counts[0x42], 1);
}

static void self_ipi_xapic(void)
{
	check_self_ipi(apic_self_ipi_xapic, apic_self_ipi_xapic_end);
}

static void self_ipi_x2apic(void)
{
	check_self_ipi(apic_self_ipi_x2apic, apic_self_ipi_x2apic_end);
}

static void task_priority(void)
{
	struct guest g = guest_new_irqchip();

	guest_begin(&g, apic_priority, MODE_LONG);
	run_to_done(&g.v[0]);
	EXPECT_EQ(vcpu_regs(&g.v[0]).r8, 0);
	EXPECT_EQ(vcpu_regs(&g.v[0]).r9, BIT(1));
	EXPECT_EQ(g.counts[0x81], 1);
	EXPECT_EQ(g.counts[0x41], 1);
}

static void timer_one_shot(void)
{
	struct guest g = guest_new_irqchip();

	guest_begin(&g, apic_timer_oneshot, MODE_LONG);
	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 1);
	EXPECT_EQ(vcpu_regs(&g.v[0]).r8, 0);
}

static void timer_periodic(void)
{
	struct guest g = guest_new_irqchip();
	u32 stopped;

	guest_begin(&g, apic_timer_periodic, MODE_LONG);
	run_to_done(&g.v[0]);
	stopped = vcpu_regs(&g.v[0]).r8;
	EXPECT(stopped >= 5);
	/* One may have been on its way when the timer was masked. */
	EXPECT(g.counts[0x41] <= stopped + 1);
}

static void require_deadline(void)
{
	REQUIRE_CAP(sys_open(), KVM_CAP_TSC_DEADLINE_TIMER);
}

/* CPUID does not list the timer; VMMs add it where the capability is. */
static void offer_deadline(struct vcpu *v)
{
	struct kvm_cpuid2 *cpuid = cpuid_supported();

	cpuid_find(cpuid, 1, 0)->ecx |= BIT(24);
	EXPECT_OK(ioctl(v->fd, KVM_SET_CPUID2, cpuid));
}

static void timer_deadline(void)
{
	struct guest g = guest_new_irqchip();
	struct kvm_regs regs;

	require_deadline();
	offer_deadline(&g.v[0]);
	guest_begin(&g, apic_timer_deadline, MODE_LONG);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT(regs.r10 >= regs.r9);
	EXPECT_EQ(regs.r11, 0);
	EXPECT_EQ(g.counts[0x41], 2);
}

static void timer_wakes_hlt(void)
{
	struct guest g = guest_new_irqchip();

	guest_begin(&g, apic_timer_hlt, MODE_LONG);
	run_to_done(&g.v[0]);
	EXPECT_EQ((u32)vcpu_regs(&g.v[0]).rax, 1);
}

static int send_msi(const struct guest *g, u32 address, u32 data)
{
	struct kvm_msi msi = { .address_lo = address, .data = data };

	return EXPECT_OK(ioctl(g->vm, KVM_SIGNAL_MSI, &msi));
}

static void msi_to_running_guest(void)
{
	struct guest g = guest_new_irqchip();

	REQUIRE_CAP(g.vm, KVM_CAP_SIGNAL_MSI);
	guest_begin(&g, apic_wait, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT(send_msi(&g, 0xfee00000, 0x41) > 0);
	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 1);
}

static void *send_msi_later(void *arg)
{
	const struct guest *g = arg;

	usleep(20000);
	send_msi(g, 0xfee00000, 0x41);
	return NULL;
}

static void msi_wakes_hlt(void)
{
	struct guest g = guest_new_irqchip();
	pthread_t thread;

	REQUIRE_CAP(g.vm, KVM_CAP_SIGNAL_MSI);
	guest_begin(&g, apic_wait_hlt, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT_EQ(pthread_create(&thread, NULL, send_msi_later, &g), 0);
	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 1);
	pthread_join(thread, NULL);
}

static void nothing(int sig)
{
	(void)sig;
}

/*
 * A second thread cannot send an NMI while the vCPU's own thread is inside
 * KVM_RUN (the vCPU is locked), so the guest is stopped first.
 */
static void nmi_wakes_hlt(void)
{
	struct guest g = guest_new_irqchip();
	struct sigaction act = { .sa_handler = nothing };

	REQUIRE_CAP(g.vm, KVM_CAP_USER_NMI);
	guest_begin(&g, apic_wait_hlt, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT_OK(sigaction(SIGALRM, &act, NULL));
	ualarm(20000, 20000);
	EXPECT_ERRNO(vcpu_run(&g.v[0]), EINTR);
	ualarm(0, 0);
	EXPECT_OK(ioctl(g.v[0].fd, KVM_NMI, 0));
	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[2], 1);
}

static void signal_interrupts_hlt(void)
{
	struct guest g = guest_new_irqchip();
	struct sigaction act = { .sa_handler = nothing };
	struct kvm_mp_state mp;

	guest_begin(&g, apic_wait_hlt, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT_OK(sigaction(SIGALRM, &act, NULL));
	ualarm(20000, 20000);
	EXPECT_ERRNO(vcpu_run(&g.v[0]), EINTR);
	EXPECT_EQ(g.v[0].run->exit_reason, KVM_EXIT_INTR);
	EXPECT_ERRNO(vcpu_run(&g.v[0]), EINTR);
	ualarm(0, 0);
	EXPECT_OK(ioctl(g.v[0].fd, KVM_GET_MP_STATE, &mp));
	EXPECT_EQ(mp.mp_state, KVM_MP_STATE_HALTED);
}

static void waiting_processor_is_interrupted(void)
{
	struct guest g = guest_new_irqchip();
	struct sigaction act = { .sa_handler = nothing };

	vcpu_create(g.vm, 1, &g.v[1]);
	EXPECT_OK(sigaction(SIGALRM, &act, NULL));
	ualarm(20000, 20000);
	EXPECT_ERRNO(vcpu_run(&g.v[1]), EINTR);
}

/* Runs a vCPU until it is told to stop by a signal. */
static void *run_until_signal(void *arg)
{
	struct vcpu *v = arg;

	while (!v->run->immediate_exit) {
		if (!vcpu_run(v))
			return (void *)"the second vCPU left to userspace";
		if (errno != EINTR && errno != EAGAIN)
			return (void *)"KVM_RUN of the second vCPU failed";
	}
	return NULL;
}

/* Both sides of a start by INIT and SIPI, and an IPI back. */
static void second_processor(void)
{
	struct guest g = guest_new_irqchip();
	struct sigaction act = { .sa_handler = nothing };
	struct kvm_mp_state mp;
	pthread_t thread;
	void *problem;

	EXPECT_OK(sigaction(SIGUSR1, &act, NULL));
	vcpu_create(g.vm, 1, &g.v[1]);
	guest_begin(&g, apic_boot, MODE_LONG);
	guest_load_bytes(&g, GUEST_AP_BOOT, apic_boot_ap, apic_boot_ap_end);
	EXPECT_EQ(pthread_create(&thread, NULL, run_until_signal, &g.v[1]), 0);
	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[0x55], 1);
	EXPECT_EQ(*(u32 *)(g.ram + GUEST_DATA + 4), GUEST_AP_BOOT >> 4);
	/* The flag of the boot processor is not on this one. */
	EXPECT_EQ(*(u32 *)(g.ram + GUEST_DATA + 8), 0xfee00800);
	usleep(10000);
	g.v[1].run->immediate_exit = 1;
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, &problem);
	if (problem)
		tap_fail(__FILE__, __LINE__, "%s", (const char *)problem);
	EXPECT_OK(ioctl(g.v[1].fd, KVM_GET_MP_STATE, &mp));
	EXPECT_EQ(mp.mp_state, KVM_MP_STATE_HALTED);
}

static void task_priority_while_one_waits(void)
{
	struct guest g = guest_new_irqchip();
	struct kvm_regs regs;

	if (!host_is_intel() && strstr(tap_device, "kvm"))
		tap_skip("QEMU's TCG fails an assertion at MOV to CR8 with V_IRQ set");
	guest_begin(&g, apic_cr8_while_waiting, MODE_LONG);
	run_to_done(&g.v[0]);
	regs = vcpu_regs(&g.v[0]);
	EXPECT_EQ(regs.r8, 0);
	EXPECT_EQ(regs.r9, 0);
	EXPECT_EQ(g.counts[0x41], 1);
}

const struct tap_case apic_cases[] = {
	{ "xapic_registers", xapic_registers },
	{ "x2apic_registers", x2apic_registers },
	{ "self_ipi_xapic", self_ipi_xapic },
	{ "self_ipi_x2apic", self_ipi_x2apic },
	{ "task_priority", task_priority },
	{ "task_priority_while_one_waits", task_priority_while_one_waits },
	{ "timer_one_shot", timer_one_shot },
	{ "timer_periodic", timer_periodic },
	{ "timer_deadline", timer_deadline },
	{ "timer_wakes_hlt", timer_wakes_hlt },
	{ "msi_to_running_guest", msi_to_running_guest },
	{ "msi_wakes_hlt", msi_wakes_hlt },
	{ "nmi_wakes_hlt", nmi_wakes_hlt },
	{ "signal_interrupts_hlt", signal_interrupts_hlt },
	{ "waiting_processor_is_interrupted",
	  waiting_processor_is_interrupted },
	{ "second_processor", second_processor },
	{ }
};
