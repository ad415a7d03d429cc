// SPDX-License-Identifier: GPL-2.0
/*
 * vCPUs: their state before the first instruction and the threads that run
 * them. A vCPU is stopped by immediate_exit and a signal: whichever side of
 * KVM_RUN the thread is on, one of the two reaches it. Without immediate_exit
 * the signal stays blocked outside KVM_RUN, which does the same.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "report.h"
#include "vm.h"
#include "../boot/kernel.h"
#include "../boot/start.h"

#define KICK_SIGNAL SIGUSR1
/* KVM's own signal sets have the kernel's size, not the C library's. */
#define KERNEL_SIGSET_SIZE 8

#define MSR_IA32_MISC_ENABLE	0x1a0
#define MISC_ENABLE_FAST_STRING	1
#define MSR_MTRR_DEF_TYPE	0x2ff
#define MTRR_ENABLE_WRITE_BACK	0x806

#define LAPIC_LVT_LINT0		0x350
#define LAPIC_LVT_LINT1		0x360
#define LVT_MODE_EXTINT		0x700
#define LVT_MODE_NMI		0x400

/* What firmware leaves behind; a hypervisor may well not have all of it. */
static const struct {
	u32 index;
	u64 value;
} firmware_msrs[] = {
	{ MSR_IA32_MISC_ENABLE, MISC_ENABLE_FAST_STRING },
	{ MSR_MTRR_DEF_TYPE, MTRR_ENABLE_WRITE_BACK },
};

static void set_firmware_msrs(struct vcpu *vcpu)
{
	struct {
		struct kvm_msrs header;
		struct kvm_msr_entry entry;
	} msr;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(firmware_msrs); i++) {
		memset(&msr, 0, sizeof(msr));
		msr.header.nmsrs = 1;
		msr.entry.index = firmware_msrs[i].index;
		msr.entry.data = firmware_msrs[i].value;
		ioctl(vcpu->fd, KVM_SET_MSRS, &msr);
	}
}

/*
 * The virtual wire mode that firmware leaves: the boot processor takes the
 * PIC's interrupts, every one takes NMIs, as the MADT says.
 */
static int set_lapic(struct vcpu *vcpu)
{
	struct kvm_lapic_state lapic;
	u32 lint0 = LVT_MODE_EXTINT, lint1 = LVT_MODE_NMI;

	if (ioctl(vcpu->fd, KVM_GET_LAPIC, &lapic))
		return -errno;
	if (!vcpu->id)
		memcpy(lapic.regs + LAPIC_LVT_LINT0, &lint0, sizeof(lint0));
	memcpy(lapic.regs + LAPIC_LVT_LINT1, &lint1, sizeof(lint1));
	return ioctl(vcpu->fd, KVM_SET_LAPIC, &lapic) ? -errno : 0;
}

static int create(struct vcpu *vcpu, unsigned int count)
{
	struct vm *vm = vcpu->vm;
	int ret;

	vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, (unsigned long)vcpu->id);
	if (vcpu->fd < 0)
		return host_error("%s: cannot create vCPU %u: %s", vm->device,
				  vcpu->id, strerror(errno));
	vcpu->run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			 vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		return host_error("%s: cannot map vCPU %u: %s", vm->device,
				  vcpu->id, strerror(errno));
	ret = vcpu_set_cpuid(vcpu, count);
	if (ret)
		return ret;
	set_firmware_msrs(vcpu);
	ret = set_lapic(vcpu);
	if (ret)
		return host_error("%s: cannot set up the local APIC of vCPU %u: %s",
				  vm->device, vcpu->id, strerror(-ret));
	return 0;
}

int vcpus_create(struct vm *vm, unsigned int count)
{
	unsigned int i;
	int ret;

	vm->vcpus = calloc(count, sizeof(*vm->vcpus));
	if (!vm->vcpus)
		return host_error("no memory for %u vCPUs", count);
	for (i = 0; i < count; i++) {
		vm->vcpus[i].vm = vm;
		vm->vcpus[i].id = i;
		ret = create(&vm->vcpus[i], count);
		if (ret)
			return ret;
		vm->nr_vcpus++;
	}
	return 0;
}

static int set_boot_state(struct vcpu *vcpu, const struct boot_state *state)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		return -errno;
	start_registers(state, &sregs, &regs);
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) ||
	    ioctl(vcpu->fd, KVM_SET_REGS, &regs))
		return -errno;
	return 0;
}

/* Nothing to do: that the signal comes is what ends KVM_RUN. */
static void on_kick(int signal)
{
}

static int unblock_kick_while_running(struct vcpu *vcpu)
{
	struct {
		struct kvm_signal_mask header;
		u8 set[KERNEL_SIGSET_SIZE];
	} mask = { .header.len = KERNEL_SIGSET_SIZE };
	sigset_t set;

	pthread_sigmask(SIG_SETMASK, NULL, &set);
	sigdelset(&set, KICK_SIGNAL);
	memcpy(mask.header.sigset, &set, KERNEL_SIGSET_SIZE);
	return ioctl(vcpu->fd, KVM_SET_SIGNAL_MASK, &mask);
}

/* A vCPU thread takes no signal but the kick; the main thread has the rest. */
static int prepare_thread(struct vcpu *vcpu)
{
	sigset_t set;

	sigfillset(&set);
	if (vcpu->vm->caps.immediate_exit)
		sigdelset(&set, KICK_SIGNAL);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	if (vcpu->vm->caps.immediate_exit)
		return 0;
	return unblock_kick_while_running(vcpu);
}

static void *run_vcpu(void *opaque)
{
	struct vcpu *vcpu = opaque;
	struct outcome *outcome = &vcpu->vm->outcome;

	if (prepare_thread(vcpu))
		outcome_end(outcome, ENDING_HOST_ERROR, "vCPU %u: signal mask: %s",
			    vcpu->id, strerror(errno));
	while (!outcome_ended(outcome)) {
		if (!ioctl(vcpu->fd, KVM_RUN, 0)) {
			vcpu->user_exits++;
			handle_exit(vcpu);
		} else if (errno != EINTR && errno != EAGAIN) {
			outcome_end(outcome, ENDING_INTERNAL_ERROR,
				    "vCPU %u: KVM_RUN: %s", vcpu->id,
				    strerror(errno));
		}
	}
	return NULL;
}

int vcpus_start(struct vm *vm, const struct boot_state *state)
{
	struct sigaction action = { .sa_handler = on_kick };
	unsigned int i;
	int ret;

	sigemptyset(&action.sa_mask);
	sigaction(KICK_SIGNAL, &action, NULL);
	ret = set_boot_state(&vm->vcpus[0], state);
	if (ret)
		return host_error("%s: cannot set the boot processor's state: %s",
				  vm->device, strerror(-ret));
	for (i = 0; i < vm->nr_vcpus; i++) {
		ret = pthread_create(&vm->vcpus[i].thread, NULL, run_vcpu,
				     &vm->vcpus[i]);
		if (ret) {
			outcome_end(&vm->outcome, ENDING_HOST_ERROR,
				    "cannot start a thread for vCPU %u: %s", i,
				    strerror(ret));
			break;
		}
		vm->vcpus[i].started = true;
	}
	return 0;
}

void vcpus_stop(struct vm *vm)
{
	struct vcpu *vcpu;

	for (vcpu = vm->vcpus; vcpu < vm->vcpus + vm->nr_vcpus; vcpu++) {
		if (!vcpu->started)
			continue;
		__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
		pthread_kill(vcpu->thread, KICK_SIGNAL);
	}
	for (vcpu = vm->vcpus; vcpu < vm->vcpus + vm->nr_vcpus; vcpu++) {
		if (vcpu->started)
			pthread_join(vcpu->thread, NULL);
		vcpu->started = false;
	}
}
