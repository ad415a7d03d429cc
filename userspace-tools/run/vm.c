// SPDX-License-Identifier: GPL-2.0
/*
 * Opening the hypervisor and making a VM. Everything is KVM's documented
 * interface, so any node that speaks it will do. What the launcher cannot do
 * without is marked required; for the rest there is another way.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "layout.h"
#include "report.h"
#include "vm.h"

static const char *const default_devices[] = { "/dev/lhv", "/dev/kvm" };

static const struct {
	int number;
	bool required;
	size_t field;
	const char *name;
} caps[] = {
#define CAP(name, required, field) \
	{ KVM_CAP_##name, required, offsetof(struct vm_caps, field), #name }
	CAP(IRQCHIP, true, irqchip),
	CAP(USER_MEMORY, true, user_memory),
	CAP(PIT2, true, pit2),
	CAP(EXT_CPUID, true, ext_cpuid),
	CAP(SET_TSS_ADDR, false, set_tss_addr),
	CAP(SET_IDENTITY_MAP_ADDR, false, identity_map_addr),
	CAP(IRQ_ROUTING, false, irq_routing),
	CAP(IRQFD, false, irqfd),
	CAP(IOEVENTFD, false, ioeventfd),
	CAP(IOEVENTFD_ANY_LENGTH, false, ioeventfd_any_length),
	CAP(IMMEDIATE_EXIT, false, immediate_exit),
	CAP(TSC_DEADLINE_TIMER, false, tsc_deadline),
	CAP(NR_VCPUS, false, nr_vcpus),
	CAP(MAX_VCPUS, false, max_vcpus),
#undef CAP
};

static int open_node(struct vm *vm, const char *device)
{
	size_t i;

	if (device) {
		vm->device = device;
		vm->device_fd = open(device, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (vm->device_fd < 0)
			return usage_error("%s: cannot open the hypervisor: %s: check --device",
					   device, strerror(errno));
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(default_devices); i++) {
		vm->device = default_devices[i];
		vm->device_fd = open(vm->device, O_RDWR | O_CLOEXEC);
		if (vm->device_fd >= 0)
			return 0;
		if (errno != ENOENT)
			return host_error("%s: cannot open the hypervisor: %s: check its permissions",
					  vm->device, strerror(errno));
	}
	return host_error("%s: no hypervisor: load lhv (modprobe lhv) or name one with --device",
			  default_devices[0]);
}

static int read_caps(struct vm *vm)
{
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		ret = ioctl(vm->device_fd, KVM_CHECK_EXTENSION, caps[i].number);
		if (ret <= 0 && caps[i].required)
			return host_error("%s: the hypervisor lacks KVM_CAP_%s: update it",
					  vm->device, caps[i].name);
		*(int *)((char *)&vm->caps + caps[i].field) = ret > 0 ? ret : 0;
	}
	return 0;
}

static int check_cpus(const struct vm *vm, unsigned int cpus)
{
	/* The interface's own answer to a hypervisor that names no number. */
	unsigned int max = 4;

	if (vm->caps.max_vcpus)
		max = vm->caps.max_vcpus;
	else if (vm->caps.nr_vcpus)
		max = vm->caps.nr_vcpus;
	if (cpus > max)
		return usage_error("--cpus %u: %s allows at most %u", cpus,
				   vm->device, max);
	return 0;
}

int vm_open_device(struct vm *vm, const char *device, unsigned int cpus)
{
	int ret = open_node(vm, device);

	if (ret)
		return ret;
	if (ioctl(vm->device_fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		return usage_error("%s: does not speak the KVM interface: check --device",
				   vm->device);
	ret = read_caps(vm);
	if (ret)
		return ret;
	ret = ioctl(vm->device_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (ret < (int)sizeof(struct kvm_run))
		return host_error("%s: no size for vCPU state: %s", vm->device,
				  strerror(errno));
	vm->run_size = ret;
	return check_cpus(vm, cpus);
}

static int create_vm_fd(struct vm *vm)
{
	do {
		vm->fd = ioctl(vm->device_fd, KVM_CREATE_VM, 0);
	} while (vm->fd < 0 && errno == EINTR);
	if (vm->fd < 0)
		return host_error("%s: cannot create a VM: %s", vm->device,
				  strerror(errno));
	return 0;
}

static int set_region(struct vm *vm, u32 slot, u64 address, u64 size, u8 *host)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = address,
		.memory_size = size,
		.userspace_addr = (u64)(unsigned long)host,
	};

	if (size && ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region))
		return host_error("%s: cannot give the guest memory at %#llx: %s",
				  vm->device, address, strerror(errno));
	return 0;
}

static int set_memory(struct vm *vm, u64 size)
{
	int ret = guest_memory_create(&vm->memory, size);

	if (!ret)
		ret = set_region(vm, 0, 0, vm->memory.low_size, vm->memory.host);
	if (!ret)
		ret = set_region(vm, 1, GUEST_RAM_ABOVE_4G,
				 size - vm->memory.low_size,
				 vm->memory.host + vm->memory.low_size);
	return ret;
}

static int create_chips(struct vm *vm)
{
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };
	u64 identity_map = GUEST_IDENTITY_MAP;

	if (vm->caps.identity_map_addr &&
	    ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map))
		return host_error("%s: cannot place the identity map: %s",
				  vm->device, strerror(errno));
	if (vm->caps.set_tss_addr &&
	    ioctl(vm->fd, KVM_SET_TSS_ADDR, GUEST_KVM_TSS))
		return host_error("%s: cannot place the TSS: %s", vm->device,
				  strerror(errno));
	if (ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0))
		return host_error("%s: cannot create interrupt controllers: %s",
				  vm->device, strerror(errno));
	if (ioctl(vm->fd, KVM_CREATE_PIT2, &pit))
		return host_error("%s: cannot create the timer: %s", vm->device,
				  strerror(errno));
	return 0;
}

int vm_create(struct vm *vm, u64 memory_size)
{
	int ret = create_vm_fd(vm);

	if (!ret)
		ret = create_chips(vm);
	if (!ret)
		ret = set_memory(vm, memory_size);
	if (ret)
		return ret;
	bus_init(&vm->ports);
	bus_init(&vm->mmio);
	vm->interrupts.have_routing = vm->caps.irq_routing;
	vm->interrupts.have_irqfd = vm->caps.irqfd;
	vm->interrupts.outcome = &vm->outcome;
	return interrupts_init(&vm->interrupts, vm->fd);
}

int vm_doorbell(struct vm *vm, u64 address, int event_fd, bool assign)
{
	struct kvm_ioeventfd doorbell = {
		.addr = address,
		/* Length 0 spares the hypervisor decoding the instruction. */
		.len = vm->caps.ioeventfd_any_length ? 0 : 2,
		.fd = event_fd,
		.flags = assign ? 0 : KVM_IOEVENTFD_FLAG_DEASSIGN,
	};

	if (!vm->caps.ioeventfd)
		return -EOPNOTSUPP;
	return ioctl(vm->fd, KVM_IOEVENTFD, &doorbell) ? -errno : 0;
}
