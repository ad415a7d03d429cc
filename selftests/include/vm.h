/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The least of a VMM: open the node, make VMs, memory and vCPUs, run them.
 *
 * Used by the interface tests, the guest tests and the benchmark, on top of
 * tap.h: what must not fail here ends the test case if it does.  It knows
 * nothing of processor modes; the guest tests have their own file for that.
 */
#ifndef SELFTESTS_VM_H
#define SELFTESTS_VM_H

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include "tap.h"

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;

#define PAGE_SIZE	4096UL
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BIT(n)		(1UL << (n))

#define CPUID_ENTRIES	256

/**
 * struct vcpu - a vCPU and its shared page
 * @fd: its file descriptor
 * @run: the mapped struct kvm_run
 * @run_size: size of that mapping in bytes
 */
struct vcpu {
	int fd;
	struct kvm_run *run;
	size_t run_size;
};

int sys_open(void);
int vm_create(void);
int vm_create_with_irqchip(void);

int cap_of(int fd, int cap);
void require_cap(int fd, int cap, const char *name);
#define REQUIRE_CAP(fd, cap) require_cap((fd), (cap), #cap)

void *anon_memory(size_t size);
int slot_set(int vm, u32 slot, u32 flags, u64 gpa, u64 size, const void *mem);
void *slot_add(int vm, u32 slot, u32 flags, u64 gpa, u64 size);

struct kvm_cpuid2 *cpuid_alloc(unsigned int nent);
struct kvm_cpuid2 *cpuid_supported(void);
struct kvm_cpuid_entry2 *cpuid_find(struct kvm_cpuid2 *cpuid, u32 function,
				    u32 index);

void vcpu_create(int vm, unsigned int id, struct vcpu *v);
void vcpu_create_bare(int vm, unsigned int id, struct vcpu *v);
int vcpu_run(const struct vcpu *v);
void vcpu_run_to(const struct vcpu *v, u32 reason);
const char *exit_name(u32 reason);

struct kvm_msrs *msr_index_list(void);
u64 vcpu_get_msr(const struct vcpu *v, u32 index);
int vcpu_set_msr(const struct vcpu *v, u32 index, u64 value);
void vcpu_set_rip(const struct vcpu *v, u64 rip);
bool host_is_intel(void);

#endif
