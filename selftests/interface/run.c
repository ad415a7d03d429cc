// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of KVM_RUN itself: who may call it, what stops it, its signal mask.
 *
 * The guests are a few bytes of real-mode code at 0x1000.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "interface.h"
#include "vm.h"

#define CODE	0x1000
#define MEM	(64 * 1024UL)

/* jmp . */
static const u8 code_spin[] = { 0xeb, 0xfe };
/* hlt; hlt */
static const u8 code_hlt[] = { 0xf4, 0xf4 };
/* mov ecx, 30000000; 1: dec ecx; jnz 1b; hlt */
static const u8 code_long[] = {
	0x66, 0xb9, 0x80, 0xc3, 0xc9, 0x01, 0x66, 0x49, 0x75, 0xfc, 0xf4
};

/* mov al, 0x5a; out 0x10, al; in al, 0x11; out 0x12, al; hlt */
static const u8 code_io[] = { 0xb0, 0x5a, 0xe6, 0x10, 0xe4, 0x11, 0xe6, 0x12, 0xf4 };

struct machine {
	int vm;
	u8 *mem;
	struct vcpu v;
};

static void load(struct machine *m, const u8 *code, size_t size)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs = { .rip = CODE, .rflags = 2 };

	memcpy(m->mem + CODE, code, size);
	EXPECT_OK(ioctl(m->v.fd, KVM_GET_SREGS, &sregs));
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	EXPECT_OK(ioctl(m->v.fd, KVM_SET_SREGS, &sregs));
	EXPECT_OK(ioctl(m->v.fd, KVM_SET_REGS, &regs));
}

static struct machine machine(const u8 *code, size_t size)
{
	struct machine m;

	m.vm = vm_create();
	m.mem = slot_add(m.vm, 0, 0, 0, MEM);
	vcpu_create(m.vm, 0, &m.v);
	load(&m, code, size);
	return m;
}

static void nothing(int sig)
{
	(void)sig;
}

/* A handler without SA_RESTART, so that system calls end with EINTR. */
static void catch(int sig)
{
	struct sigaction act = { .sa_handler = nothing };

	EXPECT_OK(sigaction(sig, &act, NULL));
}

/* Sends @sig to the process every few milliseconds of @clock from now on. */
static void start_timer_by(clockid_t clock, int sig)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = sig };
	struct itimerspec every = {
		.it_interval.tv_nsec = 3000000,
		.it_value.tv_nsec = 3000000,
	};
	timer_t timer;

	EXPECT_OK(timer_create(clock, &ev, &timer));
	EXPECT_OK(timer_settime(timer, 0, &every, NULL));
}

static void start_timer(int sig)
{
	start_timer_by(CLOCK_MONOTONIC, sig);
}

static u64 rip_of(const struct vcpu *v)
{
	struct kvm_regs regs;

	EXPECT_OK(ioctl(v->fd, KVM_GET_REGS, &regs));
	return regs.rip;
}

static void argument_is_refused(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));

	EXPECT_ERRNO(ioctl(m.v.fd, KVM_RUN, 1UL), EINVAL);
	EXPECT_EQ(rip_of(&m.v), CODE);
}

static void hlt_exits_without_irqchip(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));

	vcpu_run_to(&m.v, KVM_EXIT_HLT);
	EXPECT_EQ(rip_of(&m.v), CODE + 1);
	vcpu_run_to(&m.v, KVM_EXIT_HLT);
	EXPECT_EQ(rip_of(&m.v), CODE + 2);
}

static void port_out_and_in(void)
{
	struct machine m = machine(code_io, sizeof(code_io));
	u8 *data;

	vcpu_run_to(&m.v, KVM_EXIT_IO);
	data = (u8 *)m.v.run + m.v.run->io.data_offset;
	EXPECT_EQ(m.v.run->io.direction, KVM_EXIT_IO_OUT);
	EXPECT_EQ(m.v.run->io.port, 0x10);
	EXPECT_EQ(m.v.run->io.size, 1);
	EXPECT_EQ(m.v.run->io.count, 1);
	EXPECT_EQ(*data, 0x5a);

	vcpu_run_to(&m.v, KVM_EXIT_IO);
	data = (u8 *)m.v.run + m.v.run->io.data_offset;
	EXPECT_EQ(m.v.run->io.direction, KVM_EXIT_IO_IN);
	EXPECT_EQ(m.v.run->io.port, 0x11);
	*data = 0xa7;

	vcpu_run_to(&m.v, KVM_EXIT_IO);
	data = (u8 *)m.v.run + m.v.run->io.data_offset;
	EXPECT_EQ(m.v.run->io.port, 0x12);
	EXPECT_EQ(*data, 0xa7);
	vcpu_run_to(&m.v, KVM_EXIT_HLT);
}

static void port_data_is_on_the_pio_page(void)
{
	struct machine m = machine(code_io, sizeof(code_io));

	vcpu_run_to(&m.v, KVM_EXIT_IO);
	EXPECT_EQ(m.v.run->io.data_offset, KVM_PIO_PAGE_OFFSET * PAGE_SIZE);
}

/* The instruction is finished by the next KVM_RUN, not before the exit. */
static void port_instruction_completes_on_reentry(void)
{
	struct machine m = machine(code_io, sizeof(code_io));

	vcpu_run_to(&m.v, KVM_EXIT_IO);
	EXPECT_EQ(rip_of(&m.v), CODE + 2);
	m.v.run->immediate_exit = 1;
	EXPECT_ERRNO(vcpu_run(&m.v), EINTR);
	EXPECT_EQ(rip_of(&m.v), CODE + 4);
}

static void immediate_exit_runs_nothing(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));

	m.v.run->immediate_exit = 1;
	EXPECT_ERRNO(vcpu_run(&m.v), EINTR);
	EXPECT_EQ(rip_of(&m.v), CODE);
	EXPECT_EQ(m.v.run->immediate_exit, 1);
	m.v.run->immediate_exit = 0;
	vcpu_run_to(&m.v, KVM_EXIT_HLT);
}

static void immediate_exit_finishes_input(void)
{
	struct machine m = machine(code_io, sizeof(code_io));
	struct kvm_regs regs;

	vcpu_run_to(&m.v, KVM_EXIT_IO);
	vcpu_run_to(&m.v, KVM_EXIT_IO);
	((u8 *)m.v.run)[m.v.run->io.data_offset] = 0x99;
	m.v.run->immediate_exit = 1;
	EXPECT_ERRNO(vcpu_run(&m.v), EINTR);
	EXPECT_OK(ioctl(m.v.fd, KVM_GET_REGS, &regs));
	EXPECT_EQ(regs.rax & 0xff, 0x99);
	EXPECT_EQ(regs.rip, CODE + 6);
}

/* A reset in the middle of an exit: what userspace set is not overrun. */
static void moved_rip_survives_completion(void)
{
	struct machine m = machine(code_io, sizeof(code_io));

	vcpu_run_to(&m.v, KVM_EXIT_IO);
	vcpu_set_rip(&m.v, CODE + 8);
	vcpu_run_to(&m.v, KVM_EXIT_HLT);
	EXPECT_EQ(rip_of(&m.v), CODE + 9);
}

static void signal_interrupts_running_guest(void)
{
	struct machine m = machine(code_spin, sizeof(code_spin));

	catch(SIGUSR1);
	m.v.run->exit_reason = KVM_EXIT_IO;
	start_timer(SIGUSR1);
	EXPECT_ERRNO(vcpu_run(&m.v), EINTR);
	EXPECT_EQ(m.v.run->exit_reason, KVM_EXIT_INTR);
	EXPECT_EQ(rip_of(&m.v), CODE);
}

static void pending_signal_interrupts_at_once(void)
{
	struct machine m = machine(code_spin, sizeof(code_spin));
	u64 empty = 0;
	struct {
		struct kvm_signal_mask head;
		u64 set;
	} __attribute__((packed)) mask = { .head.len = 8, .set = empty };
	sigset_t usr1;

	catch(SIGUSR1);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	EXPECT_OK(sigprocmask(SIG_BLOCK, &usr1, NULL));
	EXPECT_OK(raise(SIGUSR1));
	EXPECT_OK(ioctl(m.v.fd, KVM_SET_SIGNAL_MASK, &mask));
	EXPECT_ERRNO(vcpu_run(&m.v), EINTR);
	EXPECT_EQ(m.v.run->exit_reason, KVM_EXIT_INTR);
}

/*
 * The kernel looks after timers of processor time in task work, before a thread
 * returns to userspace. With the signal blocked, nothing of it is userspace's.
 */
static void task_work_is_not_seen(void)
{
	struct machine m = machine(code_long, sizeof(code_long));
	sigset_t usr1, pending;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	EXPECT_OK(sigprocmask(SIG_BLOCK, &usr1, NULL));
	start_timer_by(CLOCK_THREAD_CPUTIME_ID, SIGUSR1);
	vcpu_run_to(&m.v, KVM_EXIT_HLT);
	EXPECT_EQ(rip_of(&m.v), CODE + sizeof(code_long));
	EXPECT_OK(sigpending(&pending));
	EXPECT(sigismember(&pending, SIGUSR1));
}

/* The mask is the thread's own again once KVM_RUN has returned. */
static void signal_mask_is_only_for_the_run(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));
	struct {
		struct kvm_signal_mask head;
		u64 set;
	} __attribute__((packed)) mask = { .head.len = 8, .set = 0 };
	sigset_t before, after;

	sigemptyset(&before);
	sigaddset(&before, SIGUSR2);
	EXPECT_OK(sigprocmask(SIG_SETMASK, &before, NULL));
	EXPECT_OK(ioctl(m.v.fd, KVM_SET_SIGNAL_MASK, &mask));
	vcpu_run_to(&m.v, KVM_EXIT_HLT);
	EXPECT_OK(sigprocmask(SIG_BLOCK, NULL, &after));
	EXPECT(sigismember(&after, SIGUSR2));
	EXPECT(!sigismember(&after, SIGUSR1));
}

static void signal_mask_wrong_length(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));
	struct {
		struct kvm_signal_mask head;
		u64 set[4];
	} __attribute__((packed)) mask = { .head.len = 4 };

	EXPECT_ERRNO(ioctl(m.v.fd, KVM_SET_SIGNAL_MASK, &mask), EINVAL);
	mask.head.len = 16;
	EXPECT_ERRNO(ioctl(m.v.fd, KVM_SET_SIGNAL_MASK, &mask), EINVAL);
	mask.head.len = 0;
	EXPECT_ERRNO(ioctl(m.v.fd, KVM_SET_SIGNAL_MASK, &mask), EINVAL);
}

static void signal_mask_none(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));

	EXPECT_OK(ioctl(m.v.fd, KVM_SET_SIGNAL_MASK, NULL));
	vcpu_run_to(&m.v, KVM_EXIT_HLT);
}

static void signal_mask_bad_pointer(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));

	EXPECT_ERRNO(ioctl(m.v.fd, KVM_SET_SIGNAL_MASK, 8UL), EFAULT);
}

static void *set_immediate_exit(void *arg)
{
	struct vcpu *v = arg;

	usleep(2000);
	v->run->immediate_exit = 1;
	return NULL;
}

/* Another thread's flag alone does not stop the guest; its signal does. */
static void immediate_exit_from_another_thread(void)
{
	struct machine m = machine(code_spin, sizeof(code_spin));
	pthread_t thread;

	catch(SIGUSR1);
	EXPECT_EQ(pthread_create(&thread, NULL, set_immediate_exit, &m.v), 0);
	start_timer(SIGUSR1);
	while (!m.v.run->immediate_exit)
		EXPECT_ERRNO(vcpu_run(&m.v), EINTR);
	EXPECT_ERRNO(vcpu_run(&m.v), EINTR);
	pthread_join(thread, NULL);
}

struct runner {
	struct vcpu v;
	int err;
};

static void *run_thread(void *arg)
{
	struct runner *r = arg;

	r->err = vcpu_run(&r->v) ? errno : 0;
	return NULL;
}

static void run_from_another_thread(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));
	struct runner r = { .v = m.v, .err = -1 };
	pthread_t thread;

	EXPECT_EQ(pthread_create(&thread, NULL, run_thread, &r), 0);
	pthread_join(thread, NULL);
	EXPECT_EQ(r.err, 0);
	EXPECT_EQ(m.v.run->exit_reason, KVM_EXIT_HLT);
	vcpu_run_to(&m.v, KVM_EXIT_HLT);
}

/* Closing the last descriptors while a thread runs must not end it badly. */
static void close_while_running(void)
{
	struct machine m = machine(code_spin, sizeof(code_spin));
	struct runner r = { .v = m.v, .err = -1 };
	pthread_t thread;

	catch(SIGUSR1);
	EXPECT_EQ(pthread_create(&thread, NULL, run_thread, &r), 0);
	usleep(5000);
	EXPECT_OK(close(m.vm));
	EXPECT_OK(close(m.v.fd));
	usleep(5000);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	EXPECT_EQ(r.err, EINTR);
}

static void fetch_from_nowhere(void)
{
	int vm = vm_create();
	struct vcpu v;

	/* KVM sizes its page tables by what memory there is: have some. */
	slot_add(vm, 0, 0, 0, MEM);
	vcpu_create(vm, 0, &v);
	vcpu_run_to(&v, KVM_EXIT_INTERNAL_ERROR);
	EXPECT_EQ(v.run->internal.suberror, KVM_INTERNAL_ERROR_EMULATION);
}

static void run_page_reports_interrupt_flag(void)
{
	/* cli; hlt; sti; nop; hlt */
	static const u8 code[] = { 0xfa, 0xf4, 0xfb, 0x90, 0xf4 };
	struct machine m = machine(code, sizeof(code));

	vcpu_run_to(&m.v, KVM_EXIT_HLT);
	EXPECT_EQ(m.v.run->if_flag, 0);
	EXPECT_EQ(m.v.run->ready_for_interrupt_injection, 0);
	vcpu_run_to(&m.v, KVM_EXIT_HLT);
	EXPECT_EQ(m.v.run->if_flag, 1);
	EXPECT_EQ(m.v.run->ready_for_interrupt_injection, 1);
}

static void run_page_reports_apic_base(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));
	struct kvm_sregs sregs;

	vcpu_run_to(&m.v, KVM_EXIT_HLT);
	EXPECT_OK(ioctl(m.v.fd, KVM_GET_SREGS, &sregs));
	EXPECT_EQ(m.v.run->apic_base, sregs.apic_base);
	EXPECT_EQ(m.v.run->cr8, sregs.cr8);
}

/* Without an in-kernel LAPIC, CR8 is taken from the page at each entry. */
static void run_page_sets_cr8(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));
	struct kvm_sregs sregs;

	m.v.run->cr8 = 5;
	vcpu_run_to(&m.v, KVM_EXIT_HLT);
	EXPECT_OK(ioctl(m.v.fd, KVM_GET_SREGS, &sregs));
	EXPECT_EQ(sregs.cr8, 5);
}

static void run_page_bad_cr8(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));

	m.v.run->cr8 = 0x10;
	EXPECT_ERRNO(vcpu_run(&m.v), EINVAL);
}

static void run_page_is_shared_by_mappings(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));
	struct kvm_run *other;

	other = mmap(NULL, PAGE_SIZE, PROT_READ, MAP_SHARED, m.v.fd, 0);
	EXPECT(other != MAP_FAILED);
	vcpu_run_to(&m.v, KVM_EXIT_HLT);
	EXPECT_EQ(other->exit_reason, KVM_EXIT_HLT);
}

static void pass_on_bus_error(int sig)
{
	(void)sig;
	_exit(TAP_EXIT_PASS);
}

static void page_beyond_mapping_is_bus_error(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));
	volatile char *page;

	page = mmap(NULL, PAGE_SIZE, PROT_READ, MAP_SHARED, m.v.fd, 32 * PAGE_SIZE);
	if (page == MAP_FAILED)
		return;
	signal(SIGBUS, pass_on_bus_error);
	tap_fail(__FILE__, __LINE__, "page 32 of a vCPU holds %d", *page);
}

/* Once it has run, a vCPU's CPUID is settled; the same again is no change. */
static void cpuid_is_settled_by_running(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));
	struct kvm_cpuid2 *cpuid = cpuid_supported();
	struct kvm_cpuid_entry2 *leaf = cpuid_find(cpuid, 1, 0);

	/* As vcpu_create() made it. */
	leaf->ebx &= 0x00ffffff;
	vcpu_run_to(&m.v, KVM_EXIT_HLT);
	EXPECT_OK(ioctl(m.v.fd, KVM_SET_CPUID2, cpuid));
	leaf->ecx ^= BIT(0);
	EXPECT_ERRNO(ioctl(m.v.fd, KVM_SET_CPUID2, cpuid), EINVAL);
	cpuid->nent--;
	EXPECT_ERRNO(ioctl(m.v.fd, KVM_SET_CPUID2, cpuid), EINVAL);
}

/* Another thread's call waits until KVM_RUN is over. */
static void *get_regs_thread(void *arg)
{
	struct runner *r = arg;
	struct kvm_regs regs;

	r->err = ioctl(r->v.fd, KVM_GET_REGS, &regs) ? errno : 0;
	return NULL;
}

static void calls_wait_for_the_run(void)
{
	struct machine m = machine(code_spin, sizeof(code_spin));
	struct runner run = { .v = m.v, .err = -1 };
	struct runner get = { .v = m.v, .err = -1 };
	pthread_t runner, getter;

	catch(SIGUSR1);
	EXPECT_EQ(pthread_create(&runner, NULL, run_thread, &run), 0);
	usleep(10000);
	EXPECT_EQ(pthread_create(&getter, NULL, get_regs_thread, &get), 0);
	usleep(10000);
	EXPECT_EQ(__atomic_load_n(&get.err, __ATOMIC_SEQ_CST), -1);
	pthread_kill(runner, SIGUSR1);
	pthread_join(runner, NULL);
	pthread_join(getter, NULL);
	EXPECT_EQ(run.err, EINTR);
	EXPECT_EQ(get.err, 0);
}

static void waiting_vcpu_with_immediate_exit(void)
{
	int vm = vm_create_with_irqchip();
	struct vcpu v[2];

	vcpu_create(vm, 0, &v[0]);
	vcpu_create(vm, 1, &v[1]);
	v[1].run->immediate_exit = 1;
	EXPECT_ERRNO(vcpu_run(&v[1]), EINTR);
}

/*
 * A VM of two.  KVM addresses the second one's LAPIC only once something of
 * its state was set, as every VMM does.
 */
static int vm_of_two(struct vcpu *v)
{
	struct kvm_lapic_state lapic;
	int vm = vm_create_with_irqchip();

	REQUIRE_CAP(vm, KVM_CAP_SIGNAL_MSI);
	vcpu_create(vm, 0, &v[0]);
	vcpu_create(vm, 1, &v[1]);
	EXPECT_OK(ioctl(v[1].fd, KVM_GET_LAPIC, &lapic));
	EXPECT_OK(ioctl(v[1].fd, KVM_SET_LAPIC, &lapic));
	return vm;
}

static void send_msi(int vm, u32 data)
{
	struct kvm_msi msi = { .address_lo = 0xfee01000, .data = data };

	EXPECT(ioctl(vm, KVM_SIGNAL_MSI, &msi) > 0);
}

/* INIT and SIPI to a waiting vCPU: its first KVM_RUN only says that. */
static void started_vcpu_returns_eagain_first(void)
{
	struct kvm_sregs sregs;
	struct kvm_mp_state mp;
	struct vcpu v[2];
	int vm = vm_of_two(v);

	send_msi(vm, 0x4500);
	send_msi(vm, 0x4608);
	EXPECT_ERRNO(vcpu_run(&v[1]), EAGAIN);
	EXPECT_OK(ioctl(v[1].fd, KVM_GET_MP_STATE, &mp));
	EXPECT_EQ(mp.mp_state, KVM_MP_STATE_RUNNABLE);
	EXPECT_OK(ioctl(v[1].fd, KVM_GET_SREGS, &sregs));
	EXPECT_EQ(sregs.cs.base, 0x8000);
	EXPECT_EQ(sregs.cs.selector, 0x800);
	EXPECT_EQ(rip_of(&v[1]), 0);
}

/* KVM_GET_MP_STATE takes what INIT and SIPI did into the state too. */
static void get_mp_state_takes_init_and_sipi(void)
{
	struct kvm_sregs sregs;
	struct kvm_mp_state mp;
	struct vcpu v[2];
	int vm = vm_of_two(v);

	send_msi(vm, 0x4500);
	EXPECT_OK(ioctl(v[1].fd, KVM_GET_MP_STATE, &mp));
	EXPECT_EQ(mp.mp_state, KVM_MP_STATE_INIT_RECEIVED);
	send_msi(vm, 0x460a);
	EXPECT_OK(ioctl(v[1].fd, KVM_GET_MP_STATE, &mp));
	EXPECT_EQ(mp.mp_state, KVM_MP_STATE_RUNNABLE);
	EXPECT_OK(ioctl(v[1].fd, KVM_GET_SREGS, &sregs));
	EXPECT_EQ(sregs.cs.base, 0xa000);
}

/* QEMU's libc hands the number over as an int: the kernel sees 32 bits of it. */
static void sign_extended_number(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));
	struct kvm_regs regs;

	EXPECT_OK(syscall(SYS_ioctl, m.v.fd, (long)(int)KVM_GET_REGS, &regs));
	EXPECT_EQ(regs.rip, CODE);
	EXPECT_OK(syscall(SYS_ioctl, m.v.fd, (long)(int)KVM_RUN, 0));
	EXPECT_EQ(m.v.run->exit_reason, KVM_EXIT_HLT);
}

/* Without KVM_CAP_SYNC_REGS what userspace writes there is nobody's. */
static void sync_regs_without_the_capability(void)
{
	struct machine m = machine(code_hlt, sizeof(code_hlt));

	if (cap_of(m.vm, KVM_CAP_SYNC_REGS))
		tap_skip("registers can be synchronised");
	m.v.run->kvm_valid_regs = KVM_SYNC_X86_REGS;
	m.v.run->kvm_dirty_regs = KVM_SYNC_X86_REGS;
	m.v.run->s.regs.regs.rip = CODE + 1;
	vcpu_run_to(&m.v, KVM_EXIT_HLT);
	EXPECT_EQ(rip_of(&m.v), CODE + 1);
	EXPECT_EQ(m.v.run->s.regs.regs.rip, CODE + 1);
}

const struct tap_case run_cases[] = {
	{ "sign_extended_number", sign_extended_number },
	{ "sync_regs_without_the_capability", sync_regs_without_the_capability },
	{ "argument_is_refused", argument_is_refused },
	{ "hlt_exits_without_irqchip", hlt_exits_without_irqchip },
	{ "port_out_and_in", port_out_and_in },
	{ "port_data_is_on_the_pio_page", port_data_is_on_the_pio_page },
	{ "port_instruction_completes_on_reentry",
	  port_instruction_completes_on_reentry },
	{ "immediate_exit_runs_nothing", immediate_exit_runs_nothing },
	{ "immediate_exit_finishes_input", immediate_exit_finishes_input },
	{ "moved_rip_survives_completion", moved_rip_survives_completion },
	{ "signal_interrupts_running_guest", signal_interrupts_running_guest },
	{ "pending_signal_interrupts_at_once",
	  pending_signal_interrupts_at_once },
	{ "task_work_is_not_seen", task_work_is_not_seen },
	{ "signal_mask_is_only_for_the_run", signal_mask_is_only_for_the_run },
	{ "signal_mask_wrong_length", signal_mask_wrong_length },
	{ "signal_mask_none", signal_mask_none },
	{ "signal_mask_bad_pointer", signal_mask_bad_pointer },
	{ "immediate_exit_from_another_thread",
	  immediate_exit_from_another_thread },
	{ "run_from_another_thread", run_from_another_thread },
	{ "close_while_running", close_while_running },
	{ "fetch_from_nowhere", fetch_from_nowhere },
	{ "run_page_reports_interrupt_flag", run_page_reports_interrupt_flag },
	{ "run_page_reports_apic_base", run_page_reports_apic_base },
	{ "run_page_sets_cr8", run_page_sets_cr8 },
	{ "run_page_bad_cr8", run_page_bad_cr8 },
	{ "run_page_is_shared_by_mappings", run_page_is_shared_by_mappings },
	{ "page_beyond_mapping_is_bus_error", page_beyond_mapping_is_bus_error },
	{ "cpuid_is_settled_by_running", cpuid_is_settled_by_running },
	{ "calls_wait_for_the_run", calls_wait_for_the_run },
	{ "waiting_vcpu_with_immediate_exit", waiting_vcpu_with_immediate_exit },
	{ "started_vcpu_returns_eagain_first",
	  started_vcpu_returns_eagain_first },
	{ "get_mp_state_takes_init_and_sipi",
	  get_mp_state_takes_init_and_sipi },
	{ }
};
