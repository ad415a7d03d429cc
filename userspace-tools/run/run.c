// SPDX-License-Identifier: GPL-2.0
/*
 * `lhv run`: everything the user handed in is checked, then the VM is built,
 * then the main thread serves terminal, timers and signals until the guest has
 * ended, then the user is told how.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include "loop.h"
#include "options.h"
#include "report.h"
#include "run.h"
#include "terminal.h"
#include "vm.h"
#include "../boot/acpi.h"
#include "../boot/kernel.h"
#include "../devices/devices.h"
#include "../devices/disk.h"
#include "../devices/pci.h"

struct session {
	struct run_options options;
	struct kernel kernel;
	struct image initrd;
	struct disk disks[MAX_DISKS];
	struct vm vm;
	struct pci_host pci;
	struct boot_state boot;
	struct loop loop;
	struct loop_source signals;
	struct loop_source end;
};

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

/* Everything that needs no hypervisor, so that a mistake shows at once. */
static int check_input(struct session *session)
{
	const struct run_options *options = &session->options;
	unsigned int i;
	int ret;

	ret = kernel_open(&session->kernel, options->kernel);
	if (!ret && options->initrd)
		ret = image_open(&session->initrd, options->initrd, "initrd");
	for (i = 0; i < options->nr_disks && !ret; i++)
		ret = disk_open(&session->disks[i], &options->disks[i]);
	if (!ret)
		ret = guest_memory_check(options->memory);
	if (!ret)
		ret = kernel_check_fit(&session->kernel,
				       options->initrd ? &session->initrd : NULL,
				       options->append,
				       guest_memory_low_size(options->memory));
	return ret;
}

static int create_devices(struct session *session)
{
	struct vm *vm = &session->vm;
	unsigned int i;
	int ret;

	ret = serial_create(vm, &session->loop);
	if (!ret)
		ret = rtc_create(vm, &session->loop);
	if (!ret)
		ret = i8042_create(vm);
	if (!ret)
		ret = reset_create(vm);
	if (!ret)
		ret = acpi_pm_create(vm);
	if (!ret)
		ret = pci_host_create(&session->pci, vm);
	for (i = 0; i < session->options.nr_disks && !ret; i++)
		ret = virtio_blk_create(vm, &session->pci, 1 + i,
					&session->disks[i]);
	return ret;
}

static int load_guest(struct session *session)
{
	const struct run_options *options = &session->options;
	struct guest_memory *memory = &session->vm.memory;
	int ret;

	ret = acpi_write(memory, options->cpus);
	if (!ret)
		ret = kernel_load(&session->kernel,
				  options->initrd ? &session->initrd : NULL,
				  options->append, memory, &session->boot);
	image_close(&session->kernel.image);
	if (options->initrd)
		image_close(&session->initrd);
	return ret;
}

/* Suspended from outside: the shell gets its terminal, and gives it back. */
static void suspend(void)
{
	terminal_restore();
	raise(SIGSTOP);
	terminal_raw();
}

static void on_signal(void *opaque, short events)
{
	struct session *session = opaque;
	struct signalfd_siginfo info;

	if (read(session->signals.fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGTSTP)
		suspend();
	else if (info.ssi_signo == SIGCONT)
		terminal_raw();
	else
		outcome_end_by_signal(&session->vm.outcome, info.ssi_signo);
}

static void on_end(void *opaque, short events)
{
	struct session *session = opaque;

	session->loop.stop = true;
}

/* Before any thread exists, so that all of them leave signals to this one. */
static int watch_signals(struct session *session)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < ARRAY_SIZE(ending_signals); i++)
		sigaddset(&set, ending_signals[i]);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGCONT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	session->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (session->signals.fd < 0)
		return host_error("cannot watch signals: %s", strerror(errno));
	session->signals.events = POLLIN;
	session->signals.handle = on_signal;
	session->signals.opaque = session;
	loop_add(&session->loop, &session->signals);
	session->end.fd = session->vm.outcome.event_fd;
	session->end.events = POLLIN;
	session->end.handle = on_end;
	session->end.opaque = session;
	loop_add(&session->loop, &session->end);
	return 0;
}

static int build(struct session *session)
{
	const struct run_options *options = &session->options;
	struct vm *vm = &session->vm;
	int ret;

	ret = vm_open_device(vm, options->device, options->cpus);
	if (!ret)
		ret = outcome_init(&vm->outcome);
	if (!ret)
		ret = watch_signals(session);
	if (!ret)
		ret = vm_create(vm, options->memory);
	if (!ret)
		ret = vcpus_create(vm, options->cpus);
	if (!ret)
		ret = create_devices(session);
	if (!ret)
		ret = load_guest(session);
	return ret;
}

static u64 microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

static int tell(struct session *session, u64 run_time)
{
	struct outcome_facts facts = {
		.device = session->vm.device,
		.kernel = session->options.kernel,
		.cpus = session->options.cpus,
		.memory = session->options.memory,
		.run_microseconds = run_time,
	};
	int status = outcome_status(&session->vm.outcome);
	unsigned int i;
	int ret = 0;

	for (i = 0; i < session->vm.nr_vcpus; i++)
		facts.user_exits += session->vm.vcpus[i].user_exits;
	outcome_report(&session->vm.outcome);
	if (session->options.status_json)
		ret = outcome_write_json(&session->vm.outcome, &facts,
					 session->options.status_json);
	return status ? status : ret;
}

static int run(struct session *session)
{
	struct vm *vm = &session->vm;
	u64 start;
	int ret;

	terminal_raw();
	start = microseconds();
	ret = vcpus_start(vm, &session->boot);
	if (ret)
		return ret;
	ret = loop_run(&session->loop);
	if (ret)
		outcome_end(&vm->outcome, ENDING_HOST_ERROR, "poll: %s",
			    strerror(-ret));
	serial_release();
	vcpus_stop(vm);
	virtio_blk_finish();
	serial_finish();
	terminal_restore();
	return tell(session, microseconds() - start);
}

/* Whoever started us sees the signal, as if nothing had caught it. */
static void die_by(int number)
{
	sigset_t all;

	signal(number, SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	raise(number);
}

int run_main(int argc, char **argv)
{
	static struct session session;	/* large, and the process has one */
	int ret;

	ret = run_options_parse(&session.options, argc, argv);
	if (ret)
		return ret;
	if (session.options.help) {
		run_options_help();
		return 0;
	}
	ret = check_input(&session);
	if (!ret)
		ret = build(&session);
	if (!ret)
		ret = run(&session);
	if (session.vm.outcome.ending == ENDING_SIGNAL)
		die_by(session.vm.outcome.signal);
	return ret;
}
