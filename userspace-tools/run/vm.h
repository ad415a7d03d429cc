/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The virtual machine as the launcher sees it: the hypervisor's descriptors,
 * guest memory, the two buses and the vCPUs. Devices get the parts they need,
 * not the whole.
 */
#ifndef LHV_RUN_VM_H
#define LHV_RUN_VM_H

#include <pthread.h>
#include "bus.h"
#include "interrupts.h"
#include "memory.h"
#include "outcome.h"

struct kvm_run;
struct boot_state;
struct vm;

struct vcpu {
	struct vm *vm;
	unsigned int id;	/* also its APIC identifier */
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	bool started;		/* @thread is valid; main thread only */
	u64 user_exits;		/* own thread only, until it was joined */
};

/* Answers of KVM_CHECK_EXTENSION; 0 means not there. */
struct vm_caps {
	int irqchip;
	int user_memory;
	int pit2;
	int ext_cpuid;
	int set_tss_addr;
	int identity_map_addr;
	int irq_routing;
	int irqfd;
	int ioeventfd;
	int ioeventfd_any_length;
	int immediate_exit;
	int tsc_deadline;
	int nr_vcpus;
	int max_vcpus;
};

struct vm {
	const char *device;	/* the node that was opened */
	int device_fd;
	int fd;
	size_t run_size;	/* bytes to map for each vCPU */
	struct vm_caps caps;
	struct guest_memory memory;
	struct bus ports;
	struct bus mmio;
	struct interrupts interrupts;
	struct outcome outcome;
	struct vcpu *vcpus;
	unsigned int nr_vcpus;
};

/**
 * vm_open_device() - Open the hypervisor's node and see what it can do.
 * @vm: zeroed
 * @device: node to open, or NULL for the default
 * @cpus: vCPUs wanted
 *
 * Return: 0, or the exit status after one line was printed.
 */
int vm_open_device(struct vm *vm, const char *device, unsigned int cpus);

/**
 * vm_create() - Make the VM with its memory, interrupt chips and timer.
 * @vm: from vm_open_device()
 * @memory_size: bytes
 *
 * Return: 0, or the exit status after one line was printed.
 */
int vm_create(struct vm *vm, u64 memory_size);

/**
 * vm_doorbell() - Have guest writes to an address signal an eventfd.
 * @vm: the VM
 * @address: MMIO address
 * @event_fd: eventfd
 * @assign: set up or take back
 *
 * Return: 0, or a negative errno; then writes come as exits, to the bus.
 */
int vm_doorbell(struct vm *vm, u64 address, int event_fd, bool assign);

/**
 * vcpus_create() - Make all vCPUs with CPUID, MSRs and local APIC.
 * @vm: from vm_create()
 * @count: number of vCPUs
 *
 * Return: 0, or the exit status after one line was printed.
 */
int vcpus_create(struct vm *vm, unsigned int count);

/**
 * vcpus_start() - Let the guest run, one thread a vCPU.
 * @vm: with all devices in place
 * @state: how the boot processor starts; the others wait for its start-up IPI
 *
 * Return: 0, or the exit status after one line was printed.
 */
int vcpus_start(struct vm *vm, const struct boot_state *state);

/**
 * vcpus_stop() - Have every vCPU leave the guest, and join the threads.
 * @vm: outcome_ended() is true
 */
void vcpus_stop(struct vm *vm);

/**
 * handle_exit() - Act on what KVM_RUN came back with.
 * @vcpu: the vCPU, in its own thread
 *
 * Ends the guest by outcome_end() where the exit says so.
 */
void handle_exit(struct vcpu *vcpu);

/**
 * vcpu_set_cpuid() - Give a vCPU what the hypervisor supports, as CPU @id.
 * @vcpu: the vCPU, not run yet
 * @count: number of vCPUs
 *
 * Return: 0, or the exit status after one line was printed.
 */
int vcpu_set_cpuid(struct vcpu *vcpu, unsigned int count);

#endif
