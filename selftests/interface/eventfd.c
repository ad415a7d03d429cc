// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of GSI routing, irqfd, ioeventfd and coalesced zones: what may be
 * registered, what conflicts, what is refused.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "interface.h"
#include "vm.h"

static int event(void)
{
	return EXPECT_OK(eventfd(0, EFD_CLOEXEC));
}

static struct kvm_irq_routing *routing_alloc(u32 nr)
{
	struct kvm_irq_routing *r;

	r = calloc(1, sizeof(*r) + nr * sizeof(r->entries[0]));
	EXPECT(r);
	r->nr = nr;
	return r;
}

static struct kvm_irq_routing_entry route_irqchip(u32 gsi, u32 chip, u32 pin)
{
	return (struct kvm_irq_routing_entry){
		.gsi = gsi,
		.type = KVM_IRQ_ROUTING_IRQCHIP,
		.u.irqchip = { .irqchip = chip, .pin = pin },
	};
}

static struct kvm_irq_routing_entry route_msi(u32 gsi)
{
	return (struct kvm_irq_routing_entry){
		.gsi = gsi,
		.type = KVM_IRQ_ROUTING_MSI,
		.u.msi = { .address_lo = 0xfee00000, .data = 0x41 },
	};
}

/* Sets a table of one entry. */
static int set_one_route(int vm, struct kvm_irq_routing_entry entry)
{
	struct kvm_irq_routing *r = routing_alloc(1);

	r->entries[0] = entry;
	return ioctl(vm, KVM_SET_GSI_ROUTING, r);
}

static void routing_of_each_chip(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_irq_routing *r = routing_alloc(4);

	r->entries[0] = route_irqchip(4, KVM_IRQCHIP_PIC_MASTER, 4);
	r->entries[1] = route_irqchip(4, KVM_IRQCHIP_IOAPIC, 4);
	r->entries[2] = route_irqchip(12, KVM_IRQCHIP_PIC_SLAVE, 4);
	r->entries[3] = route_msi(24);
	EXPECT_OK(ioctl(vm, KVM_SET_GSI_ROUTING, r));
	EXPECT_OK(ioctl(vm, KVM_SET_GSI_ROUTING, r));
}

static void routing_empty(void)
{
	EXPECT_OK(ioctl(vm_create_with_irqchip(), KVM_SET_GSI_ROUTING,
			routing_alloc(0)));
}

static void routing_without_irqchip(void)
{
	EXPECT_ERRNO(set_one_route(vm_create(), route_msi(24)), EINVAL);
}

static void routing_flags(void)
{
	struct kvm_irq_routing *r = routing_alloc(0);

	r->flags = 1;
	EXPECT_ERRNO(ioctl(vm_create_with_irqchip(), KVM_SET_GSI_ROUTING, r),
		     EINVAL);
}

static void routing_entry_flags(void)
{
	struct kvm_irq_routing_entry e = route_irqchip(4, KVM_IRQCHIP_IOAPIC, 4);

	e.flags = 1;
	EXPECT_ERRNO(set_one_route(vm_create_with_irqchip(), e), EINVAL);
	e = route_msi(24);
	e.flags = 2;
	EXPECT_ERRNO(set_one_route(vm_create_with_irqchip(), e), EINVAL);
}

static void routing_bad_chip(void)
{
	int vm = vm_create_with_irqchip();

	EXPECT_ERRNO(set_one_route(vm, route_irqchip(4, 3, 0)), EINVAL);
	EXPECT_ERRNO(set_one_route(vm, route_irqchip(4, 0xffffffff, 0)), EINVAL);
}

static void routing_bad_pin(void)
{
	int vm = vm_create_with_irqchip();

	EXPECT_ERRNO(set_one_route(vm, route_irqchip(4, KVM_IRQCHIP_IOAPIC, 24)),
		     EINVAL);
	EXPECT_ERRNO(set_one_route(vm, route_irqchip(4, KVM_IRQCHIP_PIC_MASTER, 8)),
		     EINVAL);
	EXPECT_ERRNO(set_one_route(vm, route_irqchip(4, KVM_IRQCHIP_PIC_SLAVE, 8)),
		     EINVAL);
}

static void routing_bad_type(void)
{
	struct kvm_irq_routing_entry e = route_msi(24);

	e.type = 0;
	EXPECT_ERRNO(set_one_route(vm_create_with_irqchip(), e), EINVAL);
	e.type = 99;
	EXPECT_ERRNO(set_one_route(vm_create_with_irqchip(), e), EINVAL);
}

static void routing_gsi_at_limit(void)
{
	int vm = vm_create_with_irqchip();
	u32 max = cap_of(vm, KVM_CAP_IRQ_ROUTING);

	EXPECT(max >= 24);
	EXPECT_OK(set_one_route(vm, route_msi(max - 1)));
	EXPECT_ERRNO(set_one_route(vm, route_msi(max)), EINVAL);
	EXPECT_ERRNO(set_one_route(vm, route_msi(0xffffffff)), EINVAL);
}

static void routing_too_many(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_irq_routing *r = routing_alloc(0);

	r->nr = cap_of(vm, KVM_CAP_IRQ_ROUTING) + 1;
	EXPECT_ERRNO(ioctl(vm, KVM_SET_GSI_ROUTING, r), EINVAL);
	r->nr = 0xffffffff;
	EXPECT_ERRNO(ioctl(vm, KVM_SET_GSI_ROUTING, r), EINVAL);
}

static void routing_full_table(void)
{
	int vm = vm_create_with_irqchip();
	u32 i, max = cap_of(vm, KVM_CAP_IRQ_ROUTING);
	struct kvm_irq_routing *r = routing_alloc(max);

	for (i = 0; i < max; i++)
		r->entries[i] = route_msi(i);
	EXPECT_OK(ioctl(vm, KVM_SET_GSI_ROUTING, r));
}

static void routing_gsi_twice_to_one_chip(void)
{
	struct kvm_irq_routing *r = routing_alloc(2);

	r->entries[0] = route_irqchip(4, KVM_IRQCHIP_IOAPIC, 4);
	r->entries[1] = route_irqchip(4, KVM_IRQCHIP_IOAPIC, 5);
	EXPECT_ERRNO(ioctl(vm_create_with_irqchip(), KVM_SET_GSI_ROUTING, r),
		     EINVAL);
}

static void routing_gsi_to_chip_and_msi(void)
{
	struct kvm_irq_routing *r = routing_alloc(2);

	r->entries[0] = route_msi(4);
	r->entries[1] = route_irqchip(4, KVM_IRQCHIP_IOAPIC, 4);
	EXPECT_ERRNO(ioctl(vm_create_with_irqchip(), KVM_SET_GSI_ROUTING, r),
		     EINVAL);
}

static void routing_bad_pointer(void)
{
	struct kvm_irq_routing *r = routing_alloc(0);

	EXPECT_ERRNO(ioctl(vm_create_with_irqchip(), KVM_SET_GSI_ROUTING, 8UL),
		     EFAULT);
	free(r);
}

/* The table that is replaced is gone as a whole. */
static void routing_replaces(void)
{
	struct kvm_irq_level line = { .irq = 4, .level = 1 };
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_PIC_MASTER };
	int vm = vm_create_with_irqchip();

	EXPECT_OK(set_one_route(vm, route_irqchip(3, KVM_IRQCHIP_PIC_MASTER, 6)));
	EXPECT_OK(ioctl(vm, KVM_IRQ_LINE, &line));
	EXPECT_OK(ioctl(vm, KVM_GET_IRQCHIP, &chip));
	EXPECT_EQ(chip.chip.pic.irr, 0);
	line.irq = 3;
	EXPECT_OK(ioctl(vm, KVM_IRQ_LINE, &line));
	EXPECT_OK(ioctl(vm, KVM_GET_IRQCHIP, &chip));
	EXPECT_EQ(chip.chip.pic.irr, BIT(6));
}

static int irqfd(int vm, int fd, u32 gsi, u32 flags)
{
	struct kvm_irqfd args = { .fd = fd, .gsi = gsi, .flags = flags };

	return ioctl(vm, KVM_IRQFD, &args);
}

static void irqfd_assign_and_deassign(void)
{
	int vm = vm_create_with_irqchip(), fd = event();

	REQUIRE_CAP(vm, KVM_CAP_IRQFD);
	EXPECT_OK(irqfd(vm, fd, 5, 0));
	EXPECT_OK(irqfd(vm, fd, 5, KVM_IRQFD_FLAG_DEASSIGN));
	EXPECT_OK(irqfd(vm, fd, 5, 0));
}

static void irqfd_twice(void)
{
	int vm = vm_create_with_irqchip(), fd = event();

	REQUIRE_CAP(vm, KVM_CAP_IRQFD);
	EXPECT_OK(irqfd(vm, fd, 5, 0));
	EXPECT_ERRNO(irqfd(vm, fd, 5, 0), EBUSY);
	EXPECT_ERRNO(irqfd(vm, fd, 6, 0), EBUSY);
	EXPECT_OK(irqfd(vm, event(), 5, 0));
}

static void irqfd_deassign_absent(void)
{
	int vm = vm_create_with_irqchip();

	REQUIRE_CAP(vm, KVM_CAP_IRQFD);
	EXPECT_OK(irqfd(vm, event(), 5, KVM_IRQFD_FLAG_DEASSIGN));
}

static void irqfd_bad_descriptor(void)
{
	int vm = vm_create_with_irqchip();

	REQUIRE_CAP(vm, KVM_CAP_IRQFD);
	EXPECT_ERRNO(irqfd(vm, -1, 5, 0), EBADF);
	EXPECT_ERRNO(irqfd(vm, -1, 5, KVM_IRQFD_FLAG_DEASSIGN), EBADF);
	EXPECT_ERRNO(irqfd(vm, sys_open(), 5, 0), EINVAL);
}

static void irqfd_bad_flags(void)
{
	int vm = vm_create_with_irqchip();

	REQUIRE_CAP(vm, KVM_CAP_IRQFD);
	EXPECT_ERRNO(irqfd(vm, event(), 5, 1U << 31), EINVAL);
}

static void irqfd_without_irqchip(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_IRQFD);
	EXPECT_ERRNO(irqfd(vm, event(), 5, 0), EINVAL);
}

static void irqfd_resample(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_irqfd args = {
		.fd = event(), .gsi = 5, .flags = KVM_IRQFD_FLAG_RESAMPLE,
		.resamplefd = event(),
	};

	REQUIRE_CAP(vm, KVM_CAP_IRQFD_RESAMPLE);
	EXPECT_OK(ioctl(vm, KVM_IRQFD, &args));
	args.flags = KVM_IRQFD_FLAG_DEASSIGN;
	EXPECT_OK(ioctl(vm, KVM_IRQFD, &args));
}

static void irqfd_resample_bad_descriptor(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_irqfd args = {
		.fd = event(), .gsi = 5, .flags = KVM_IRQFD_FLAG_RESAMPLE,
		.resamplefd = -1,
	};

	REQUIRE_CAP(vm, KVM_CAP_IRQFD_RESAMPLE);
	EXPECT_ERRNO(ioctl(vm, KVM_IRQFD, &args), EBADF);
}

/* A signal of the eventfd is an edge: the line goes up and down again. */
static void irqfd_raises_line(void)
{
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_PIC_MASTER };
	int vm = vm_create_with_irqchip(), fd = event(), tries;
	u64 one = 1;

	REQUIRE_CAP(vm, KVM_CAP_IRQFD);
	EXPECT_OK(irqfd(vm, fd, 5, 0));
	EXPECT_EQ(write(fd, &one, 8), 8);
	for (tries = 0; tries < 100 && !chip.chip.pic.irr; tries++) {
		usleep(1000);
		EXPECT_OK(ioctl(vm, KVM_GET_IRQCHIP, &chip));
	}
	EXPECT_EQ(chip.chip.pic.irr, BIT(5));
	EXPECT_EQ(chip.chip.pic.last_irr & BIT(5), 0);
}

static void irqfd_event_closed_first(void)
{
	int vm = vm_create_with_irqchip(), fd = event();

	REQUIRE_CAP(vm, KVM_CAP_IRQFD);
	EXPECT_OK(irqfd(vm, fd, 5, 0));
	EXPECT_OK(close(fd));
	usleep(2000);
	EXPECT_OK(close(vm));
}

static void irqfd_vm_closed_first(void)
{
	int vm = vm_create_with_irqchip(), fd = event();
	u64 one = 1;

	REQUIRE_CAP(vm, KVM_CAP_IRQFD);
	EXPECT_OK(irqfd(vm, fd, 5, 0));
	EXPECT_OK(close(vm));
	EXPECT_EQ(write(fd, &one, 8), 8);
	EXPECT_OK(close(fd));
}

static int ioeventfd(int vm, u64 addr, u32 len, u64 match, int fd, u32 flags)
{
	struct kvm_ioeventfd args = {
		.addr = addr, .len = len, .datamatch = match, .fd = fd,
		.flags = flags,
	};

	return ioctl(vm, KVM_IOEVENTFD, &args);
}

#define MATCH	KVM_IOEVENTFD_FLAG_DATAMATCH
#define PIO	KVM_IOEVENTFD_FLAG_PIO
#define REMOVE	KVM_IOEVENTFD_FLAG_DEASSIGN

static int vm_ioeventfd(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_IOEVENTFD);
	return vm;
}

static void ioeventfd_every_length(void)
{
	int vm = vm_ioeventfd();
	u32 len;

	for (len = 1; len <= 8; len *= 2)
		EXPECT_OK(ioeventfd(vm, 0xd0000000 + 16 * len, len, 0, event(), 0));
	EXPECT_OK(ioeventfd(vm, 0x510, 4, 0, event(), PIO));
}

static void ioeventfd_any_length(void)
{
	int vm = vm_ioeventfd();

	REQUIRE_CAP(vm, KVM_CAP_IOEVENTFD_ANY_LENGTH);
	EXPECT_OK(ioeventfd(vm, 0xd0000000, 0, 0, event(), 0));
	EXPECT_ERRNO(ioeventfd(vm, 0xd0001000, 0, 1, event(), MATCH), EINVAL);
}

static void ioeventfd_bad_length(void)
{
	int vm = vm_ioeventfd();

	EXPECT_ERRNO(ioeventfd(vm, 0xd0000000, 3, 0, event(), 0), EINVAL);
	EXPECT_ERRNO(ioeventfd(vm, 0xd0000000, 16, 0, event(), 0), EINVAL);
	EXPECT_ERRNO(ioeventfd(vm, 0xd0000000, ~0U, 0, event(), 0), EINVAL);
}

static void ioeventfd_address_wraps(void)
{
	EXPECT_ERRNO(ioeventfd(vm_ioeventfd(), ~0UL, 4, 0, event(), 0), EINVAL);
}

static void ioeventfd_bad_flags(void)
{
	EXPECT_ERRNO(ioeventfd(vm_ioeventfd(), 0xd0000000, 4, 0, event(),
			       1U << 31), EINVAL);
}

static void ioeventfd_bad_descriptor(void)
{
	int vm = vm_ioeventfd();

	EXPECT_ERRNO(ioeventfd(vm, 0xd0000000, 4, 0, -1, 0), EBADF);
	EXPECT_ERRNO(ioeventfd(vm, 0xd0000000, 4, 0, sys_open(), 0), EINVAL);
}

static void ioeventfd_twice(void)
{
	int vm = vm_ioeventfd();

	EXPECT_OK(ioeventfd(vm, 0xd0000000, 4, 0, event(), 0));
	EXPECT_ERRNO(ioeventfd(vm, 0xd0000000, 4, 0, event(), 0), EEXIST);
}

static void ioeventfd_wildcard_conflicts_with_match(void)
{
	int vm = vm_ioeventfd();

	EXPECT_OK(ioeventfd(vm, 0xd0000000, 4, 0, event(), 0));
	EXPECT_ERRNO(ioeventfd(vm, 0xd0000000, 4, 7, event(), MATCH), EEXIST);
}

static void ioeventfd_different_matches_coexist(void)
{
	int vm = vm_ioeventfd();
	u64 i;

	for (i = 0; i < 8; i++)
		EXPECT_OK(ioeventfd(vm, 0xd0000000, 4, i, event(), MATCH));
	EXPECT_ERRNO(ioeventfd(vm, 0xd0000000, 4, 7, event(), MATCH), EEXIST);
}

static void ioeventfd_port_and_memory_are_apart(void)
{
	int vm = vm_ioeventfd();

	EXPECT_OK(ioeventfd(vm, 0x510, 4, 0, event(), PIO));
	EXPECT_OK(ioeventfd(vm, 0x510, 4, 0, event(), 0));
}

static void ioeventfd_deassign(void)
{
	int vm = vm_ioeventfd(), fd = event();

	EXPECT_OK(ioeventfd(vm, 0xd0000000, 4, 0, fd, 0));
	EXPECT_OK(ioeventfd(vm, 0xd0000000, 4, 0, fd, REMOVE));
	EXPECT_ERRNO(ioeventfd(vm, 0xd0000000, 4, 0, fd, REMOVE), ENOENT);
	EXPECT_OK(ioeventfd(vm, 0xd0000000, 4, 0, event(), 0));
}

static void ioeventfd_deassign_another(void)
{
	int vm = vm_ioeventfd(), fd = event();

	EXPECT_OK(ioeventfd(vm, 0xd0000000, 4, 5, fd, MATCH));
	EXPECT_ERRNO(ioeventfd(vm, 0xd0000000, 4, 5, event(), MATCH | REMOVE),
		     ENOENT);
	EXPECT_ERRNO(ioeventfd(vm, 0xd0000000, 4, 6, fd, MATCH | REMOVE), ENOENT);
	EXPECT_ERRNO(ioeventfd(vm, 0xd0000000, 4, 5, fd, REMOVE), ENOENT);
	EXPECT_OK(ioeventfd(vm, 0xd0000000, 4, 5, fd, MATCH | REMOVE));
}

static void ioeventfd_bad_pointer(void)
{
	EXPECT_ERRNO(ioctl(vm_ioeventfd(), KVM_IOEVENTFD, 8UL), EFAULT);
}

static int zone(int vm, unsigned long request, u64 addr, u32 size, u32 pio)
{
	struct kvm_coalesced_mmio_zone z = {
		.addr = addr, .size = size, .pio = pio,
	};

	return ioctl(vm, request, &z);
}

static int vm_coalesced(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_COALESCED_MMIO);
	return vm;
}

static void coalesced_register_and_unregister(void)
{
	int vm = vm_coalesced();

	EXPECT_OK(zone(vm, KVM_REGISTER_COALESCED_MMIO, 0xd0000000, 0x1000, 0));
	EXPECT_OK(zone(vm, KVM_UNREGISTER_COALESCED_MMIO, 0xd0000000, 0x1000, 0));
}

static void coalesced_unregister_absent(void)
{
	EXPECT_OK(zone(vm_coalesced(), KVM_UNREGISTER_COALESCED_MMIO, 0xd0000000,
		       0x1000, 0));
}

static void coalesced_ports(void)
{
	int vm = vm_coalesced();

	REQUIRE_CAP(vm, KVM_CAP_COALESCED_PIO);
	EXPECT_OK(zone(vm, KVM_REGISTER_COALESCED_MMIO, 0x70, 1, 1));
	EXPECT_OK(zone(vm, KVM_UNREGISTER_COALESCED_MMIO, 0x70, 1, 1));
}

static void coalesced_bad_kind(void)
{
	EXPECT_ERRNO(zone(vm_coalesced(), KVM_REGISTER_COALESCED_MMIO,
			  0xd0000000, 0x1000, 2), EINVAL);
}

static void coalesced_bad_pointer(void)
{
	EXPECT_ERRNO(ioctl(vm_coalesced(), KVM_REGISTER_COALESCED_MMIO, 8UL),
		     EFAULT);
}

const struct tap_case eventfd_cases[] = {
	{ "routing_of_each_chip", routing_of_each_chip },
	{ "routing_empty", routing_empty },
	{ "routing_without_irqchip", routing_without_irqchip },
	{ "routing_flags", routing_flags },
	{ "routing_entry_flags", routing_entry_flags },
	{ "routing_bad_chip", routing_bad_chip },
	{ "routing_bad_pin", routing_bad_pin },
	{ "routing_bad_type", routing_bad_type },
	{ "routing_gsi_at_limit", routing_gsi_at_limit },
	{ "routing_too_many", routing_too_many },
	{ "routing_full_table", routing_full_table },
	{ "routing_gsi_twice_to_one_chip", routing_gsi_twice_to_one_chip },
	{ "routing_gsi_to_chip_and_msi", routing_gsi_to_chip_and_msi },
	{ "routing_bad_pointer", routing_bad_pointer },
	{ "routing_replaces", routing_replaces },
	{ "irqfd_assign_and_deassign", irqfd_assign_and_deassign },
	{ "irqfd_twice", irqfd_twice },
	{ "irqfd_deassign_absent", irqfd_deassign_absent },
	{ "irqfd_bad_descriptor", irqfd_bad_descriptor },
	{ "irqfd_bad_flags", irqfd_bad_flags },
	{ "irqfd_without_irqchip", irqfd_without_irqchip },
	{ "irqfd_resample", irqfd_resample },
	{ "irqfd_resample_bad_descriptor", irqfd_resample_bad_descriptor },
	{ "irqfd_raises_line", irqfd_raises_line },
	{ "irqfd_event_closed_first", irqfd_event_closed_first },
	{ "irqfd_vm_closed_first", irqfd_vm_closed_first },
	{ "ioeventfd_every_length", ioeventfd_every_length },
	{ "ioeventfd_any_length", ioeventfd_any_length },
	{ "ioeventfd_bad_length", ioeventfd_bad_length },
	{ "ioeventfd_address_wraps", ioeventfd_address_wraps },
	{ "ioeventfd_bad_flags", ioeventfd_bad_flags },
	{ "ioeventfd_bad_descriptor", ioeventfd_bad_descriptor },
	{ "ioeventfd_twice", ioeventfd_twice },
	{ "ioeventfd_wildcard_conflicts_with_match",
	  ioeventfd_wildcard_conflicts_with_match },
	{ "ioeventfd_different_matches_coexist",
	  ioeventfd_different_matches_coexist },
	{ "ioeventfd_port_and_memory_are_apart",
	  ioeventfd_port_and_memory_are_apart },
	{ "ioeventfd_deassign", ioeventfd_deassign },
	{ "ioeventfd_deassign_another", ioeventfd_deassign_another },
	{ "ioeventfd_bad_pointer", ioeventfd_bad_pointer },
	{ "coalesced_register_and_unregister",
	  coalesced_register_and_unregister },
	{ "coalesced_unregister_absent", coalesced_unregister_absent },
	{ "coalesced_ports", coalesced_ports },
	{ "coalesced_bad_kind", coalesced_bad_kind },
	{ "coalesced_bad_pointer", coalesced_bad_pointer },
	{ }
};
