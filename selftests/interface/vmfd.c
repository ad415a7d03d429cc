// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the VM file descriptor: vCPUs made, fd lifetimes, other processes,
 * the addresses and switches that belong to a whole VM.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interface.h"
#include "vm.h"

#define UNKNOWN_IOCTL	_IO(KVMIO, 0xfe)

static void create_vcpu(void)
{
	EXPECT_OK(ioctl(vm_create(), KVM_CREATE_VCPU, 0));
}

static void create_vcpu_twice(void)
{
	int vm = vm_create();

	EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 3));
	EXPECT_ERRNO(ioctl(vm, KVM_CREATE_VCPU, 3), EEXIST);
}

static void create_vcpu_ids_in_any_order(void)
{
	int vm = vm_create();

	EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 5));
	EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 1));
	EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 0));
}

static void create_vcpu_id_at_limit(void)
{
	int vm = vm_create();
	unsigned long max = cap_of(vm, KVM_CAP_MAX_VCPU_ID);

	EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, max - 1));
	EXPECT_ERRNO(ioctl(vm, KVM_CREATE_VCPU, max), EINVAL);
	EXPECT_ERRNO(ioctl(vm, KVM_CREATE_VCPU, 0xffffffffUL), EINVAL);
}

static void create_vcpu_is_close_on_exec(void)
{
	int fd = EXPECT_OK(ioctl(vm_create(), KVM_CREATE_VCPU, 0));

	EXPECT(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void close_vm_before_vcpu(void)
{
	struct kvm_regs regs;
	struct vcpu v;
	int vm = vm_create();

	vcpu_create(vm, 0, &v);
	EXPECT_OK(close(vm));
	EXPECT_OK(ioctl(v.fd, KVM_GET_REGS, &regs));
	EXPECT_OK(close(v.fd));
}

static void close_vcpu_before_vm(void)
{
	struct vcpu v;
	int vm = vm_create();

	vcpu_create(vm, 0, &v);
	EXPECT_OK(munmap(v.run, v.run_size));
	EXPECT_OK(close(v.fd));
	EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 1));
	EXPECT_OK(close(vm));
}

static void closed_vcpu_keeps_its_id(void)
{
	int vm = vm_create();

	EXPECT_OK(close(EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 0))));
	EXPECT_ERRNO(ioctl(vm, KVM_CREATE_VCPU, 0), EEXIST);
}

static void mapping_outlives_descriptors(void)
{
	struct vcpu v;
	int vm = vm_create();

	vcpu_create(vm, 0, &v);
	EXPECT_OK(close(vm));
	EXPECT_OK(close(v.fd));
	v.run->request_interrupt_window = 1;
	EXPECT_EQ(v.run->request_interrupt_window, 1);
	EXPECT_OK(munmap(v.run, v.run_size));
}

static void close_system_before_vm(void)
{
	int sys = sys_open();
	int vm = EXPECT_OK(ioctl(sys, KVM_CREATE_VM, 0));

	EXPECT_OK(close(sys));
	EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 0));
}

static void dup_keeps_vm_alive(void)
{
	int vm = vm_create();
	int copy = EXPECT_OK(dup(vm));

	EXPECT_OK(close(vm));
	EXPECT_OK(ioctl(copy, KVM_CREATE_VCPU, 0));
}

/* In a child process: every ioctl of a VM that belongs to another mm fails. */
static void other_process_child(int vm, int vcpu)
{
	struct kvm_regs regs;

	EXPECT_ERRNO(ioctl(vm, KVM_CREATE_VCPU, 1), EIO);
	EXPECT_ERRNO(ioctl(vm, KVM_CHECK_EXTENSION, 0), EIO);
	EXPECT_ERRNO(ioctl(vcpu, KVM_GET_REGS, &regs), EIO);
	EXPECT_ERRNO(ioctl(vcpu, KVM_RUN, 0), EIO);
	_exit(0);
}

static void other_process_is_refused(void)
{
	int vm = vm_create();
	int vcpu = EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 0));
	int status;
	pid_t pid = EXPECT_OK(fork());

	if (!pid)
		other_process_child(vm, vcpu);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 1));
}

static void other_process_may_close_last(void)
{
	int vm = vm_create();
	int vcpu = EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 0));
	int status, ready[2];
	char c = 0;
	pid_t pid;

	EXPECT_OK(pipe(ready));
	pid = EXPECT_OK(fork());
	if (!pid) {
		close(ready[1]);
		EXPECT_EQ(read(ready[0], &c, 1), 0);
		_exit(0);
	}
	EXPECT_OK(close(vcpu));
	EXPECT_OK(close(vm));
	EXPECT_OK(close(ready[1]));
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

static void unknown_ioctl_on_vm(void)
{
	EXPECT_ERRNO(ioctl(vm_create(), UNKNOWN_IOCTL, 0), ENOTTY);
}

static void vcpu_ioctl_on_vm(void)
{
	struct kvm_regs regs;

	EXPECT_ERRNO(ioctl(vm_create(), KVM_GET_REGS, &regs), ENOTTY);
	EXPECT_ERRNO(ioctl(vm_create(), KVM_RUN, 0), ENOTTY);
}

/* KVM: EINVAL; see the system fd's case of the same kind. */
static void unknown_ioctl_on_vcpu(void)
{
	int fd = EXPECT_OK(ioctl(vm_create(), KVM_CREATE_VCPU, 0));

	EXPECT_EQ(ioctl(fd, UNKNOWN_IOCTL, 0), -1);
	EXPECT(errno == ENOTTY || errno == EINVAL);
}

static void vm_ioctl_on_vcpu(void)
{
	int fd = EXPECT_OK(ioctl(vm_create(), KVM_CREATE_VCPU, 0));

	EXPECT_EQ(ioctl(fd, KVM_CREATE_IRQCHIP, 0), -1);
	EXPECT(errno == ENOTTY || errno == EINVAL);
}

/* A number that is not of our group is refused before anything is tried. */
static void foreign_ioctl_on_vcpu(void)
{
	int fd = EXPECT_OK(ioctl(vm_create(), KVM_CREATE_VCPU, 0));

	EXPECT_ERRNO(ioctl(fd, _IO('T', 1), 0), EINVAL);
}

static void set_tss_addr(void)
{
	EXPECT_OK(ioctl(vm_create(), KVM_SET_TSS_ADDR, 0xfffbd000UL));
}

static void set_tss_addr_at_limit(void)
{
	EXPECT_OK(ioctl(vm_create(), KVM_SET_TSS_ADDR, 0xffffd000UL));
	EXPECT_ERRNO(ioctl(vm_create(), KVM_SET_TSS_ADDR, 0xffffd001UL), EINVAL);
	EXPECT_ERRNO(ioctl(vm_create(), KVM_SET_TSS_ADDR, 1UL << 33), EINVAL);
}

static void set_identity_map_addr(void)
{
	u64 addr = 0xfeffc000;
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_SET_IDENTITY_MAP_ADDR);
	EXPECT_OK(ioctl(vm, KVM_SET_IDENTITY_MAP_ADDR, &addr));
	addr = 0;
	EXPECT_OK(ioctl(vm, KVM_SET_IDENTITY_MAP_ADDR, &addr));
}

static void set_identity_map_addr_after_vcpu(void)
{
	u64 addr = 0xfeffc000;
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_SET_IDENTITY_MAP_ADDR);
	EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 0));
	EXPECT_ERRNO(ioctl(vm, KVM_SET_IDENTITY_MAP_ADDR, &addr), EINVAL);
}

static void set_identity_map_addr_bad_pointer(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_SET_IDENTITY_MAP_ADDR);
	EXPECT_ERRNO(ioctl(vm, KVM_SET_IDENTITY_MAP_ADDR, 8UL), EFAULT);
}

static void set_boot_cpu_id(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_SET_BOOT_CPU_ID);
	EXPECT_OK(ioctl(vm, KVM_SET_BOOT_CPU_ID, 1));
	EXPECT_OK(ioctl(vm, KVM_SET_BOOT_CPU_ID, 0));
}

static void set_boot_cpu_id_after_vcpu(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_SET_BOOT_CPU_ID);
	EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 0));
	EXPECT_ERRNO(ioctl(vm, KVM_SET_BOOT_CPU_ID, 1), EBUSY);
}

static void boot_cpu_has_the_bsp_flag(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_sregs sregs;
	struct vcpu v[2];

	REQUIRE_CAP(vm, KVM_CAP_SET_BOOT_CPU_ID);
	EXPECT_OK(ioctl(vm, KVM_SET_BOOT_CPU_ID, 1));
	vcpu_create(vm, 0, &v[0]);
	vcpu_create(vm, 1, &v[1]);
	EXPECT_OK(ioctl(v[0].fd, KVM_GET_SREGS, &sregs));
	EXPECT_EQ(sregs.apic_base & BIT(8), 0);
	EXPECT_OK(ioctl(v[1].fd, KVM_GET_SREGS, &sregs));
	EXPECT_EQ(sregs.apic_base & BIT(8), BIT(8));
}

static void enable_cap_unknown(void)
{
	struct kvm_enable_cap cap = { .cap = 0x7fffffff };
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_ENABLE_CAP_VM);
	EXPECT_ERRNO(ioctl(vm, KVM_ENABLE_CAP, &cap), EINVAL);
}

static void enable_cap_flags(void)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
		.flags = 1,
	};
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_ENABLE_CAP_VM);
	EXPECT_ERRNO(ioctl(vm, KVM_ENABLE_CAP, &cap), EINVAL);
}

static void enable_cap_bad_pointer(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_ENABLE_CAP_VM);
	EXPECT_ERRNO(ioctl(vm, KVM_ENABLE_CAP, 8UL), EFAULT);
}

const struct tap_case vmfd_cases[] = {
	{ "create_vcpu", create_vcpu },
	{ "create_vcpu_twice", create_vcpu_twice },
	{ "create_vcpu_ids_in_any_order", create_vcpu_ids_in_any_order },
	{ "create_vcpu_id_at_limit", create_vcpu_id_at_limit },
	{ "create_vcpu_is_close_on_exec", create_vcpu_is_close_on_exec },
	{ "close_vm_before_vcpu", close_vm_before_vcpu },
	{ "close_vcpu_before_vm", close_vcpu_before_vm },
	{ "closed_vcpu_keeps_its_id", closed_vcpu_keeps_its_id },
	{ "mapping_outlives_descriptors", mapping_outlives_descriptors },
	{ "close_system_before_vm", close_system_before_vm },
	{ "dup_keeps_vm_alive", dup_keeps_vm_alive },
	{ "other_process_is_refused", other_process_is_refused },
	{ "other_process_may_close_last", other_process_may_close_last },
	{ "unknown_ioctl_on_vm", unknown_ioctl_on_vm },
	{ "vcpu_ioctl_on_vm", vcpu_ioctl_on_vm },
	{ "unknown_ioctl_on_vcpu", unknown_ioctl_on_vcpu },
	{ "vm_ioctl_on_vcpu", vm_ioctl_on_vcpu },
	{ "foreign_ioctl_on_vcpu", foreign_ioctl_on_vcpu },
	{ "set_tss_addr", set_tss_addr },
	{ "set_tss_addr_at_limit", set_tss_addr_at_limit },
	{ "set_identity_map_addr", set_identity_map_addr },
	{ "set_identity_map_addr_after_vcpu",
	  set_identity_map_addr_after_vcpu },
	{ "set_identity_map_addr_bad_pointer",
	  set_identity_map_addr_bad_pointer },
	{ "set_boot_cpu_id", set_boot_cpu_id },
	{ "set_boot_cpu_id_after_vcpu", set_boot_cpu_id_after_vcpu },
	{ "boot_cpu_has_the_bsp_flag", boot_cpu_has_the_bsp_flag },
	{ "enable_cap_unknown", enable_cap_unknown },
	{ "enable_cap_flags", enable_cap_flags },
	{ "enable_cap_bad_pointer", enable_cap_bad_pointer },
	{ }
};
