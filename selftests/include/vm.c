// SPDX-License-Identifier: GPL-2.0
/*
 * The least of a VMM, for tests: see vm.h.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vm.h"

static const char *const exit_names[] = {
	[KVM_EXIT_UNKNOWN] = "UNKNOWN",
	[KVM_EXIT_EXCEPTION] = "EXCEPTION",
	[KVM_EXIT_IO] = "IO",
	[KVM_EXIT_HYPERCALL] = "HYPERCALL",
	[KVM_EXIT_DEBUG] = "DEBUG",
	[KVM_EXIT_HLT] = "HLT",
	[KVM_EXIT_MMIO] = "MMIO",
	[KVM_EXIT_IRQ_WINDOW_OPEN] = "IRQ_WINDOW_OPEN",
	[KVM_EXIT_SHUTDOWN] = "SHUTDOWN",
	[KVM_EXIT_FAIL_ENTRY] = "FAIL_ENTRY",
	[KVM_EXIT_INTR] = "INTR",
	[KVM_EXIT_SET_TPR] = "SET_TPR",
	[KVM_EXIT_TPR_ACCESS] = "TPR_ACCESS",
	[KVM_EXIT_NMI] = "NMI",
	[KVM_EXIT_INTERNAL_ERROR] = "INTERNAL_ERROR",
	[KVM_EXIT_SYSTEM_EVENT] = "SYSTEM_EVENT",
	[KVM_EXIT_IOAPIC_EOI] = "IOAPIC_EOI",
};

const char *exit_name(u32 reason)
{
	if (reason < ARRAY_SIZE(exit_names) && exit_names[reason])
		return exit_names[reason];
	return "?";
}

int sys_open(void)
{
	return EXPECT_OK(open(tap_device, O_RDWR | O_CLOEXEC));
}

int vm_create(void)
{
	static int sys = -1;

	if (sys < 0)
		sys = sys_open();
	return EXPECT_OK(ioctl(sys, KVM_CREATE_VM, 0UL));
}

int vm_create_with_irqchip(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_IRQCHIP);
	EXPECT_OK(ioctl(vm, KVM_CREATE_IRQCHIP, 0));
	return vm;
}

int cap_of(int fd, int cap)
{
	return EXPECT_OK(ioctl(fd, KVM_CHECK_EXTENSION, (unsigned long)cap));
}

void require_cap(int fd, int cap, const char *name)
{
	if (cap_of(fd, cap) <= 0)
		tap_skip("no %s", name);
}

void *anon_memory(size_t size)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	EXPECT(mem != MAP_FAILED);
	return mem;
}

int slot_set(int vm, u32 slot, u32 flags, u64 gpa, u64 size, const void *mem)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)mem,
	};

	return ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region);
}

void *slot_add(int vm, u32 slot, u32 flags, u64 gpa, u64 size)
{
	void *mem = anon_memory(size);

	EXPECT_OK(slot_set(vm, slot, flags, gpa, size, mem));
	return mem;
}

struct kvm_cpuid2 *cpuid_alloc(unsigned int nent)
{
	struct kvm_cpuid2 *cpuid;

	cpuid = calloc(1, sizeof(*cpuid) + nent * sizeof(cpuid->entries[0]));
	EXPECT(cpuid);
	cpuid->nent = nent;
	return cpuid;
}

struct kvm_cpuid2 *cpuid_supported(void)
{
	struct kvm_cpuid2 *cpuid = cpuid_alloc(CPUID_ENTRIES);
	static int sys = -1;

	if (sys < 0)
		sys = sys_open();
	EXPECT_OK(ioctl(sys, KVM_GET_SUPPORTED_CPUID, cpuid));
	return cpuid;
}

struct kvm_cpuid_entry2 *cpuid_find(struct kvm_cpuid2 *cpuid, u32 function,
				    u32 index)
{
	unsigned int i;

	for (i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == function &&
		    cpuid->entries[i].index == index)
			return &cpuid->entries[i];
	return NULL;
}

/* A vCPU with its page mapped, and no CPUID table. */
void vcpu_create_bare(int vm, unsigned int id, struct vcpu *v)
{
	static int sys = -1;

	if (sys < 0)
		sys = sys_open();
	v->fd = EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, (unsigned long)id));
	v->run_size = EXPECT_OK(ioctl(sys, KVM_GET_VCPU_MMAP_SIZE, 0));
	v->run = mmap(NULL, v->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      v->fd, 0);
	EXPECT(v->run != MAP_FAILED);
}

/* A vCPU that has all of the CPUID table that the node supports. */
void vcpu_create(int vm, unsigned int id, struct vcpu *v)
{
	struct kvm_cpuid2 *cpuid = cpuid_supported();
	struct kvm_cpuid_entry2 *leaf = cpuid_find(cpuid, 1, 0);

	vcpu_create_bare(vm, id, v);
	EXPECT(leaf);
	leaf->ebx = (leaf->ebx & 0x00ffffff) | id << 24;
	EXPECT_OK(ioctl(v->fd, KVM_SET_CPUID2, cpuid));
	free(cpuid);
}

int vcpu_run(const struct vcpu *v)
{
	return ioctl(v->fd, KVM_RUN, 0);
}

static void note_rip(const struct vcpu *v)
{
	struct kvm_regs regs;

	if (!ioctl(v->fd, KVM_GET_REGS, &regs))
		tap_note("rip %#llx rflags %#llx rax %#llx rsp %#llx", regs.rip,
			 regs.rflags, regs.rax, regs.rsp);
	if (v->run->exit_reason == KVM_EXIT_INTERNAL_ERROR)
		tap_note("suberror %u", v->run->internal.suberror);
	if (v->run->exit_reason == KVM_EXIT_FAIL_ENTRY)
		tap_note("hardware entry failure reason %#llx",
			 v->run->fail_entry.hardware_entry_failure_reason);
	if (v->run->exit_reason == KVM_EXIT_IO)
		tap_note("port %#x size %u count %u out %u", v->run->io.port,
			 v->run->io.size, v->run->io.count,
			 v->run->io.direction);
	if (v->run->exit_reason == KVM_EXIT_MMIO)
		tap_note("address %#llx length %u write %u",
			 v->run->mmio.phys_addr, v->run->mmio.len,
			 v->run->mmio.is_write);
}

/* Runs until the next exit to userspace, which must have this reason. */
void vcpu_run_to(const struct vcpu *v, u32 reason)
{
	EXPECT_OK(vcpu_run(v));
	if (v->run->exit_reason == reason)
		return;
	note_rip(v);
	tap_fail(__FILE__, __LINE__, "exit %s (%u), want %s (%u)",
		 exit_name(v->run->exit_reason), v->run->exit_reason,
		 exit_name(reason), reason);
}

#define MSR_LIST_MAX	1000

/* All that KVM_GET_MSR_INDEX_LIST names, to be read by KVM_GET_MSRS. */
struct kvm_msrs *msr_index_list(void)
{
	struct kvm_msr_list *list = calloc(1, sizeof(*list) + MSR_LIST_MAX * sizeof(u32));
	struct kvm_msrs *msrs;
	u32 i;

	/* E2BIG says how many there are, as clients ask. */
	EXPECT_ERRNO(ioctl(sys_open(), KVM_GET_MSR_INDEX_LIST, list), E2BIG);
	EXPECT(list->nmsrs > 0 && list->nmsrs < 256);
	EXPECT_OK(ioctl(sys_open(), KVM_GET_MSR_INDEX_LIST, list));
	msrs = calloc(1, sizeof(*msrs) + list->nmsrs * sizeof(msrs->entries[0]));
	msrs->nmsrs = list->nmsrs;
	for (i = 0; i < list->nmsrs; i++)
		msrs->entries[i].index = list->indices[i];
	free(list);
	return msrs;
}

struct one_msr {
	struct kvm_msrs head;
	struct kvm_msr_entry entry;
};

u64 vcpu_get_msr(const struct vcpu *v, u32 index)
{
	struct one_msr msr = { .head.nmsrs = 1, .entry.index = index };
	int ret = ioctl(v->fd, KVM_GET_MSRS, &msr);

	if (ret != 1)
		tap_fail(__FILE__, __LINE__, "KVM_GET_MSRS %#x: %d", index, ret);
	return msr.entry.data;
}

/* Return: what KVM_SET_MSRS answers: 1 if the MSR was set, 0 if refused. */
int vcpu_set_msr(const struct vcpu *v, u32 index, u64 value)
{
	struct one_msr msr = {
		.head.nmsrs = 1,
		.entry = { .index = index, .data = value },
	};

	return EXPECT_OK(ioctl(v->fd, KVM_SET_MSRS, &msr));
}

void vcpu_set_rip(const struct vcpu *v, u64 rip)
{
	struct kvm_regs regs;

	EXPECT_OK(ioctl(v->fd, KVM_GET_REGS, &regs));
	regs.rip = rip;
	EXPECT_OK(ioctl(v->fd, KVM_SET_REGS, &regs));
}

bool host_is_intel(void)
{
	u32 eax = 0, ebx, ecx = 0, edx;

	__asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return ebx == 0x756e6547;
}
