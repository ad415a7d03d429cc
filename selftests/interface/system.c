// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the system file descriptor: version, extensions, lists, VMs made.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interface.h"
#include "vm.h"
#include "../../uapi/lhv.h"

/* No KVM header has defined an ioctl with this number. */
#define UNKNOWN_IOCTL	_IO(KVMIO, 0xfe)

static void api_version_is_12(void)
{
	EXPECT_EQ(ioctl(sys_open(), KVM_GET_API_VERSION, 0), 12);
}

static void api_version_refuses_argument(void)
{
	EXPECT_ERRNO(ioctl(sys_open(), KVM_GET_API_VERSION, 1UL), EINVAL);
}

static void vcpu_mmap_size_is_pages(void)
{
	long size = EXPECT_OK(ioctl(sys_open(), KVM_GET_VCPU_MMAP_SIZE, 0));

	EXPECT(size >= (long)sizeof(struct kvm_run));
	EXPECT_EQ(size % PAGE_SIZE, 0);
}

static void vcpu_mmap_size_holds_pio_page(void)
{
	long size = EXPECT_OK(ioctl(sys_open(), KVM_GET_VCPU_MMAP_SIZE, 0));

	EXPECT(size >= (long)((KVM_PIO_PAGE_OFFSET + 1) * PAGE_SIZE));
}

static void vcpu_mmap_size_holds_coalesced_page(void)
{
	int sys = sys_open();
	long size = EXPECT_OK(ioctl(sys, KVM_GET_VCPU_MMAP_SIZE, 0));

	REQUIRE_CAP(sys, KVM_CAP_COALESCED_MMIO);
	EXPECT_EQ(cap_of(sys, KVM_CAP_COALESCED_MMIO),
		  KVM_COALESCED_MMIO_PAGE_OFFSET);
	EXPECT(size >= (long)((KVM_COALESCED_MMIO_PAGE_OFFSET + 1) * PAGE_SIZE));
}

static void vcpu_mmap_size_refuses_argument(void)
{
	EXPECT_ERRNO(ioctl(sys_open(), KVM_GET_VCPU_MMAP_SIZE, 4096UL), EINVAL);
}

static void unknown_extension_is_0(void)
{
	int sys = sys_open();

	EXPECT_EQ(cap_of(sys, 0x7fffffff), 0);
	EXPECT_EQ(cap_of(sys, 100000), 0);
	EXPECT_EQ(cap_of(sys, 5), 0);
	/* two VMMs take this number for different things */
	if (cap_of(sys, LHV_CAP_VERSION))
		EXPECT_EQ(cap_of(sys, 236), 0);
}

static void negative_extension_is_0(void)
{
	EXPECT_EQ(ioctl(sys_open(), KVM_CHECK_EXTENSION, -1L), 0);
}

/* What every VMM that we know asks for before anything else. */
static void core_extensions_are_there(void)
{
	static const int caps[] = {
		KVM_CAP_USER_MEMORY, KVM_CAP_DESTROY_MEMORY_REGION_WORKS,
		KVM_CAP_JOIN_MEMORY_REGIONS_WORKS, KVM_CAP_SET_TSS_ADDR,
		KVM_CAP_EXT_CPUID, KVM_CAP_MP_STATE, KVM_CAP_HLT,
		KVM_CAP_IMMEDIATE_EXIT, KVM_CAP_SYNC_MMU,
	};
	int sys = sys_open();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		if (cap_of(sys, caps[i]) <= 0)
			tap_note("capability %d", caps[i]);
		EXPECT(cap_of(sys, caps[i]) > 0);
	}
}

static void extensions_of_other_processors_are_0(void)
{
	static const int caps[] = {
		KVM_CAP_PPC_SEGSTATE, KVM_CAP_S390_PSW, KVM_CAP_PPC_OSI,
		KVM_CAP_SPAPR_TCE, KVM_CAP_S390_UCONTROL, KVM_CAP_ARM_PSCI,
		KVM_CAP_MIPS_FPU, KVM_CAP_MSI_DEVID,
	};
	int sys = sys_open();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caps); i++)
		EXPECT_EQ(cap_of(sys, caps[i]), 0);
}

static void vcpu_limits_are_in_order(void)
{
	int sys = sys_open();
	int usual = cap_of(sys, KVM_CAP_NR_VCPUS);
	int max = cap_of(sys, KVM_CAP_MAX_VCPUS);

	EXPECT(usual >= 1);
	EXPECT(max >= usual);
	EXPECT(cap_of(sys, KVM_CAP_MAX_VCPU_ID) >= max);
}

static void memslot_limit_is_enough(void)
{
	EXPECT(cap_of(sys_open(), KVM_CAP_NR_MEMSLOTS) >= 32);
}

static void vm_and_system_agree_on_extensions(void)
{
	static const int caps[] = {
		KVM_CAP_USER_MEMORY, KVM_CAP_IRQCHIP, KVM_CAP_NR_MEMSLOTS,
		KVM_CAP_MP_STATE, KVM_CAP_IRQ_ROUTING, KVM_CAP_IOEVENTFD,
		KVM_CAP_VCPU_EVENTS, KVM_CAP_XCRS, KVM_CAP_XSAVE,
	};
	int sys = sys_open(), vm = vm_create();
	unsigned int i;

	EXPECT(cap_of(sys, KVM_CAP_CHECK_EXTENSION_VM) > 0);
	for (i = 0; i < ARRAY_SIZE(caps); i++)
		EXPECT_EQ(cap_of(sys, caps[i]), cap_of(vm, caps[i]));
}

static void unknown_extension_on_vm_is_0(void)
{
	EXPECT_EQ(cap_of(vm_create(), 0x7fffffff), 0);
}

/*
 * KVM itself answers EINVAL here and for a vCPU, ENOTTY for a VM; newer
 * nodes should say ENOTTY, as ioctl(2) has it.
 */
static void unknown_ioctl_is_refused(void)
{
	EXPECT_EQ(ioctl(sys_open(), UNKNOWN_IOCTL, 0), -1);
	EXPECT(errno == ENOTTY || errno == EINVAL);
}

static void vm_ioctl_on_system_is_refused(void)
{
	EXPECT_EQ(ioctl(sys_open(), KVM_CREATE_VCPU, 0), -1);
	EXPECT(errno == ENOTTY || errno == EINVAL);
}

static void foreign_ioctl_is_refused(void)
{
	EXPECT_EQ(ioctl(sys_open(), _IO('T', 1), 0), -1);
	EXPECT(errno == ENOTTY || errno == EINVAL);
}

static void create_vm_refuses_type(void)
{
	EXPECT_ERRNO(ioctl(sys_open(), KVM_CREATE_VM, 0x7fffffffUL), EINVAL);
	EXPECT_ERRNO(ioctl(sys_open(), KVM_CREATE_VM, 1UL << 40), EINVAL);
}

static void create_vm_is_close_on_exec(void)
{
	EXPECT(fcntl(vm_create(), F_GETFD) & FD_CLOEXEC);
}

static void create_vm_on_read_only_descriptor(void)
{
	int sys = EXPECT_OK(open(tap_device, O_RDONLY));
	int vm = EXPECT_OK(ioctl(sys, KVM_CREATE_VM, 0));

	EXPECT_OK(ioctl(vm, KVM_CREATE_VCPU, 0));
}

static void many_vms_at_once(void)
{
	int vms[32];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vms); i++)
		vms[i] = vm_create();
	for (i = 0; i < ARRAY_SIZE(vms); i++)
		EXPECT_OK(close(vms[i]));
}

static void read_and_write_are_refused(void)
{
	char c = 0;

	EXPECT_EQ(read(sys_open(), &c, 1), -1);
	EXPECT_EQ(write(sys_open(), &c, 1), -1);
}

static void mce_capabilities(void)
{
	int sys = sys_open();
	u64 mcg_cap = 0;

	REQUIRE_CAP(sys, KVM_CAP_MCE);
	EXPECT_OK(ioctl(sys, KVM_X86_GET_MCE_CAP_SUPPORTED, &mcg_cap));
	EXPECT(cap_of(sys, KVM_CAP_MCE) <= 32);
}

static void mce_capabilities_bad_pointer(void)
{
	int sys = sys_open();

	REQUIRE_CAP(sys, KVM_CAP_MCE);
	EXPECT_ERRNO(ioctl(sys, KVM_X86_GET_MCE_CAP_SUPPORTED, 8UL), EFAULT);
}

const struct tap_case system_cases[] = {
	{ "api_version_is_12", api_version_is_12 },
	{ "api_version_refuses_argument", api_version_refuses_argument },
	{ "vcpu_mmap_size_is_pages", vcpu_mmap_size_is_pages },
	{ "vcpu_mmap_size_holds_pio_page", vcpu_mmap_size_holds_pio_page },
	{ "vcpu_mmap_size_holds_coalesced_page",
	  vcpu_mmap_size_holds_coalesced_page },
	{ "vcpu_mmap_size_refuses_argument", vcpu_mmap_size_refuses_argument },
	{ "unknown_extension_is_0", unknown_extension_is_0 },
	{ "negative_extension_is_0", negative_extension_is_0 },
	{ "core_extensions_are_there", core_extensions_are_there },
	{ "extensions_of_other_processors_are_0",
	  extensions_of_other_processors_are_0 },
	{ "vcpu_limits_are_in_order", vcpu_limits_are_in_order },
	{ "memslot_limit_is_enough", memslot_limit_is_enough },
	{ "vm_and_system_agree_on_extensions",
	  vm_and_system_agree_on_extensions },
	{ "unknown_extension_on_vm_is_0", unknown_extension_on_vm_is_0 },
	{ "unknown_ioctl_is_refused", unknown_ioctl_is_refused },
	{ "vm_ioctl_on_system_is_refused", vm_ioctl_on_system_is_refused },
	{ "foreign_ioctl_is_refused", foreign_ioctl_is_refused },
	{ "create_vm_refuses_type", create_vm_refuses_type },
	{ "create_vm_is_close_on_exec", create_vm_is_close_on_exec },
	{ "create_vm_on_read_only_descriptor",
	  create_vm_on_read_only_descriptor },
	{ "many_vms_at_once", many_vms_at_once },
	{ "read_and_write_are_refused", read_and_write_are_refused },
	{ "mce_capabilities", mce_capabilities },
	{ "mce_capabilities_bad_pointer", mce_capabilities_bad_pointer },
	{ }
};
