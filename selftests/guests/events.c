// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of ioeventfd, irqfd and coalesced writes with a running guest.
 */
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "guest.h"
#include "guests.h"

DECLARE_GUEST(events_writes);
DECLARE_GUEST(events_ports);
DECLARE_GUEST(events_wait);
DECLARE_GUEST(events_coalesced);
DECLARE_GUEST(events_coalesced_many);

#define MATCH	KVM_IOEVENTFD_FLAG_DATAMATCH
#define PIO	KVM_IOEVENTFD_FLAG_PIO

static int event(void)
{
	return EXPECT_OK(eventfd(0, EFD_NONBLOCK));
}

static void ioeventfd(const struct guest *g, u64 addr, u32 len, u64 match,
		      int fd, u32 flags)
{
	struct kvm_ioeventfd args = {
		.addr = addr, .len = len, .datamatch = match, .fd = fd,
		.flags = flags,
	};

	REQUIRE_CAP(g->vm, KVM_CAP_IOEVENTFD);
	EXPECT_OK(ioctl(g->vm, KVM_IOEVENTFD, &args));
}

static u64 count_of(int fd)
{
	u64 n = 0;

	if (read(fd, &n, 8) != 8)
		return 0;
	return n;
}

/* Both words of 4 bytes are taken, that of 2 is not. */
static void mmio_by_length(void)
{
	struct guest g = guest_new();
	int fd = event();

	guest_begin(&g, events_writes, MODE_LONG);
	ioeventfd(&g, GUEST_MMIO, 4, 0, fd, 0);
	run_to_mmio(&g.v[0], GUEST_MMIO, true, 2);
	run_to_done(&g.v[0]);
	EXPECT_EQ(count_of(fd), 2);
}

static void mmio_any_length(void)
{
	struct guest g = guest_new();
	int fd = event();

	REQUIRE_CAP(g.vm, KVM_CAP_IOEVENTFD_ANY_LENGTH);
	guest_begin(&g, events_writes, MODE_LONG);
	ioeventfd(&g, GUEST_MMIO, 0, 0, fd, 0);
	run_to_done(&g.v[0]);
	EXPECT_EQ(count_of(fd), 3);
}

static void mmio_by_data(void)
{
	struct guest g = guest_new();
	int seven = event(), eight = event();

	guest_begin(&g, events_writes, MODE_LONG);
	ioeventfd(&g, GUEST_MMIO, 4, 7, seven, MATCH);
	ioeventfd(&g, GUEST_MMIO, 4, 8, eight, MATCH);
	run_to_mmio(&g.v[0], GUEST_MMIO, true, 2);
	run_to_done(&g.v[0]);
	EXPECT_EQ(count_of(seven), 1);
	EXPECT_EQ(count_of(eight), 1);
}

static void mmio_other_data_exits(void)
{
	struct guest g = guest_new();
	int fd = event();

	guest_begin(&g, events_writes, MODE_LONG);
	ioeventfd(&g, GUEST_MMIO, 4, 8, fd, MATCH);
	run_to_mmio(&g.v[0], GUEST_MMIO, true, 4);
	run_to_mmio(&g.v[0], GUEST_MMIO, true, 2);
	run_to_done(&g.v[0]);
	EXPECT_EQ(count_of(fd), 1);
}

static void port_by_data(void)
{
	struct guest g = guest_new();
	int fd = event();

	guest_begin(&g, events_ports, MODE_LONG);
	ioeventfd(&g, 0x510, 4, 7, fd, MATCH | PIO);
	expect_io(&g.v[0], 0x510, true, 2);
	expect_io(&g.v[0], 0x510, true, 4);
	EXPECT_EQ(*(u32 *)io_data(&g.v[0]), 8);
	run_to_done(&g.v[0]);
	EXPECT_EQ(count_of(fd), 1);
}

static void port_by_length(void)
{
	struct guest g = guest_new();
	int fd = event();

	guest_begin(&g, events_ports, MODE_LONG);
	ioeventfd(&g, 0x510, 4, 0, fd, PIO);
	expect_io(&g.v[0], 0x510, true, 2);
	run_to_done(&g.v[0]);
	EXPECT_EQ(count_of(fd), 2);
}

static void removed_again(void)
{
	struct guest g = guest_new();
	int fd = event();

	guest_begin(&g, events_ports, MODE_LONG);
	ioeventfd(&g, 0x510, 4, 0, fd, PIO);
	ioeventfd(&g, 0x510, 4, 0, fd, PIO | KVM_IOEVENTFD_FLAG_DEASSIGN);
	expect_io(&g.v[0], 0x510, true, 4);
	EXPECT_EQ(count_of(fd), 0);
}

/* A slot put over the address takes the writes; the event is silent. */
static void memory_goes_first(void)
{
	struct guest g = guest_new();
	int fd = event();

	guest_begin(&g, events_writes, MODE_LONG);
	ioeventfd(&g, GUEST_MMIO, 4, 0, fd, 0);
	slot_add(g.vm, 1, 0, GUEST_MMIO, PAGE_SIZE);
	run_to_done(&g.v[0]);
	EXPECT_EQ(count_of(fd), 0);
}

static void assign_irqfd(const struct guest *g, int fd, u32 gsi, int resample)
{
	struct kvm_irqfd args = {
		.fd = fd, .gsi = gsi,
		.flags = resample < 0 ? 0 : KVM_IRQFD_FLAG_RESAMPLE,
		.resamplefd = resample < 0 ? 0 : resample,
	};

	REQUIRE_CAP(g->vm, KVM_CAP_IRQFD);
	EXPECT_OK(ioctl(g->vm, KVM_IRQFD, &args));
}

static void signal_event(int fd)
{
	u64 one = 1;

	EXPECT_EQ(write(fd, &one, 8), 8);
}

static void irqfd_wakes_guest(void)
{
	struct guest g = guest_new_irqchip();
	int fd = event();

	assign_irqfd(&g, fd, 10, -1);
	guest_begin(&g, events_wait, MODE_LONG);
	*(u32 *)(g.ram + GUEST_DATA) = 0x41;
	run_to_step(&g.v[0]);
	signal_event(fd);
	run_to_step(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 1);
	signal_event(fd);
	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 2);
}

static void route_msi(const struct guest *g, u32 gsi, u32 data)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry;
	} table = {
		.head.nr = 1,
		.entry = {
			.gsi = gsi, .type = KVM_IRQ_ROUTING_MSI,
			.u.msi = { .address_lo = 0xfee00000, .data = data },
		},
	};

	EXPECT_OK(ioctl(g->vm, KVM_SET_GSI_ROUTING, &table));
}

/* The route is looked up anew when it changes under the irqfd. */
static void irqfd_follows_route(void)
{
	struct guest g = guest_new_irqchip();
	int fd = event();

	route_msi(&g, 50, 0x41);
	assign_irqfd(&g, fd, 50, -1);
	guest_begin(&g, events_wait, MODE_LONG);
	run_to_step(&g.v[0]);
	signal_event(fd);
	run_to_step(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 1);
	route_msi(&g, 50, 0x42);
	signal_event(fd);
	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 1);
	EXPECT_EQ(g.counts[0x42], 1);
}

/* A level line is lowered at the guest's EOI, and userspace is told. */
static void irqfd_resample(void)
{
	struct guest g = guest_new_irqchip();
	struct pollfd pfd = { .events = POLLIN };
	int fd = event();

	REQUIRE_CAP(g.vm, KVM_CAP_IRQFD_RESAMPLE);
	pfd.fd = event();
	assign_irqfd(&g, fd, 10, pfd.fd);
	guest_begin(&g, events_wait, MODE_LONG);
	*(u32 *)(g.ram + GUEST_DATA) = 0x8041;
	run_to_step(&g.v[0]);
	signal_event(fd);
	run_to_step(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 1);
	EXPECT_EQ(poll(&pfd, 1, 1000), 1);
	EXPECT_EQ(count_of(pfd.fd), 1);
	signal_event(fd);
	run_to_done(&g.v[0]);
	EXPECT_EQ(g.counts[0x41], 2);
	EXPECT_EQ(count_of(pfd.fd), 1);
}

static struct kvm_coalesced_mmio_ring *ring_of(const struct guest *g)
{
	int offset = cap_of(g->vm, KVM_CAP_COALESCED_MMIO);

	if (offset <= 0)
		tap_skip("no KVM_CAP_COALESCED_MMIO");
	return (void *)((u8 *)g->v[0].run + offset * PAGE_SIZE);
}

static void zone(const struct guest *g, unsigned long request)
{
	struct kvm_coalesced_mmio_zone z = {
		.addr = GUEST_MMIO + 0x10, .size = 8,
	};

	EXPECT_OK(ioctl(g->vm, request, &z));
}

static void coalesced_writes_wait_in_ring(void)
{
	struct guest g = guest_new();
	struct kvm_coalesced_mmio_ring *ring = ring_of(&g);

	guest_begin(&g, events_coalesced, MODE_LONG);
	zone(&g, KVM_REGISTER_COALESCED_MMIO);
	/* The third write lies behind the zone. */
	run_to_mmio(&g.v[0], GUEST_MMIO + 0x18, true, 1);
	EXPECT_EQ(ring->first, 0);
	EXPECT_EQ(ring->last, 2);
	EXPECT_EQ(ring->coalesced_mmio[0].phys_addr, GUEST_MMIO + 0x10);
	EXPECT_EQ(ring->coalesced_mmio[0].len, 4);
	EXPECT_EQ(ring->coalesced_mmio[0].pio, 0);
	EXPECT_EQ(ring->coalesced_mmio[0].data[0], 0x11);
	EXPECT_EQ(ring->coalesced_mmio[1].phys_addr, GUEST_MMIO + 0x14);
	EXPECT_EQ(ring->coalesced_mmio[1].data[0], 0x22);
	run_to_done(&g.v[0]);
}

static void coalesced_zone_removed(void)
{
	struct guest g = guest_new();
	struct kvm_coalesced_mmio_ring *ring = ring_of(&g);

	guest_begin(&g, events_coalesced, MODE_LONG);
	zone(&g, KVM_REGISTER_COALESCED_MMIO);
	zone(&g, KVM_UNREGISTER_COALESCED_MMIO);
	run_to_mmio(&g.v[0], GUEST_MMIO + 0x10, true, 4);
	EXPECT_EQ(ring->last, 0);
}

/* A full ring ends in a normal exit, and nothing is lost. */
static void coalesced_ring_full(void)
{
	struct guest g = guest_new();
	struct kvm_coalesced_mmio_ring *ring = ring_of(&g);
	u32 want = 400, max = KVM_COALESCED_MMIO_MAX, value;

	guest_begin(&g, events_coalesced_many, MODE_LONG);
	zone(&g, KVM_REGISTER_COALESCED_MMIO);
	for (;;) {
		EXPECT_OK(vcpu_run(&g.v[0]));
		while (ring->first != ring->last) {
			memcpy(&value, ring->coalesced_mmio[ring->first].data, 4);
			EXPECT_EQ(value, want);
			want--;
			ring->first = (ring->first + 1) % max;
		}
		if (g.v[0].run->exit_reason != KVM_EXIT_MMIO)
			break;
		memcpy(&value, g.v[0].run->mmio.data, 4);
		EXPECT_EQ(value, want);
		want--;
	}
	EXPECT_EQ(g.v[0].run->io.port, PORT_DONE);
	EXPECT_EQ(want, 0);
}

/* Rubbish in the shared ring is userspace's own loss, nobody else's. */
static void coalesced_ring_with_rubbish(void)
{
	struct guest g = guest_new();
	struct kvm_coalesced_mmio_ring *ring = ring_of(&g);

	guest_begin(&g, events_coalesced, MODE_LONG);
	zone(&g, KVM_REGISTER_COALESCED_MMIO);
	ring->first = 0x7fffffff;
	ring->last = 0xfffffff0;
	run_to_mmio(&g.v[0], GUEST_MMIO + 0x10, true, 4);
}

const struct tap_case events_cases[] = {
	{ "mmio_by_length", mmio_by_length },
	{ "mmio_any_length", mmio_any_length },
	{ "mmio_by_data", mmio_by_data },
	{ "mmio_other_data_exits", mmio_other_data_exits },
	{ "port_by_data", port_by_data },
	{ "port_by_length", port_by_length },
	{ "removed_again", removed_again },
	{ "memory_goes_first", memory_goes_first },
	{ "irqfd_wakes_guest", irqfd_wakes_guest },
	{ "irqfd_follows_route", irqfd_follows_route },
	{ "irqfd_resample", irqfd_resample },
	{ "coalesced_writes_wait_in_ring", coalesced_writes_wait_in_ring },
	{ "coalesced_zone_removed", coalesced_zone_removed },
	{ "coalesced_ring_full", coalesced_ring_full },
	{ "coalesced_ring_with_rubbish", coalesced_ring_with_rubbish },
	{ }
};
