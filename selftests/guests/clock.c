// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of kvmclock: the page the guest reads its time from.
 *
 * Its layout is that of Documentation/virt/kvm/x86/msr.rst in the kernel.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"
#include "guests.h"

DECLARE_GUEST(clock_page);
DECLARE_GUEST(clock_off);

#define SECOND	1000000000UL
#define MSR_WALL_CLOCK	0x4b564d00
#define MSR_SYSTEM_TIME	0x4b564d01

/* Two pages of a slot of their own, which the host does not have present. */
#define FRESH		0x400000
#define FRESH_SIZE	0x2000

struct system_time {
	u32 version;
	u32 pad;
	u64 tsc;
	u64 nanoseconds;
	u32 mul;
	signed char shift;
	u8 flags;
	u8 pad2[2];
};

struct wall_clock {
	u32 version;
	u32 seconds;
	u32 nanoseconds;
};

static struct guest new_guest(void)
{
	struct guest g = guest_new_irqchip();
	struct kvm_cpuid_entry2 *leaf;

	leaf = cpuid_find(cpuid_supported(), 0x40000001, 0);
	if (!leaf || !(leaf->eax & BIT(3)))
		tap_skip("no kvmclock");
	return g;
}

static u64 scaled(const struct system_time *t, u64 tsc)
{
	u64 delta = tsc - t->tsc;

	delta = t->shift < 0 ? delta >> -t->shift : delta << t->shift;
	/* delta * mul / 2^32 without a product of more than 64 bits. */
	return t->nanoseconds + (delta >> 32) * t->mul +
	       ((delta & 0xffffffff) * t->mul >> 32);
}

static const struct system_time *page_of(const struct guest *g)
{
	return (const struct system_time *)(g->ram + GUEST_DATA);
}

static u64 guest_time(const struct guest *g)
{
	return scaled(page_of(g), vcpu_regs(&g->v[0]).r8);
}

static u64 vm_clock(const struct guest *g)
{
	struct kvm_clock_data data = { };

	EXPECT_OK(ioctl(g->vm, KVM_GET_CLOCK, &data));
	return data.clock;
}

static void page_is_filled(void)
{
	struct guest g = new_guest();

	guest_begin(&g, clock_page, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT(page_of(&g)->version);
	EXPECT_EQ(page_of(&g)->version & 1, 0);
	EXPECT(page_of(&g)->mul);
	EXPECT(page_of(&g)->tsc);
}

static void time_agrees_with_get_clock(void)
{
	struct guest g = new_guest();
	u64 before, after, then;

	guest_begin(&g, clock_page, MODE_LONG);
	run_to_step(&g.v[0]);
	before = vm_clock(&g);
	run_to_step(&g.v[0]);
	after = vm_clock(&g);
	then = guest_time(&g);
	/* A little slack for the rounding of the scale. */
	EXPECT(then + 100000 >= before);
	EXPECT(then <= after + 100000);
}

static void time_advances(void)
{
	struct guest g = new_guest();
	u64 before;

	guest_begin(&g, clock_page, MODE_LONG);
	run_to_step(&g.v[0]);
	before = guest_time(&g);
	usleep(5000);
	run_to_step(&g.v[0]);
	EXPECT(guest_time(&g) >= before + 4000000);
	EXPECT(guest_time(&g) < before + 60 * SECOND);
}

/* Setting the VM's clock reaches the page before the guest runs again. */
static void set_clock_reaches_page(void)
{
	struct kvm_clock_data data = { .clock = 5000 * SECOND };
	struct guest g = new_guest();

	guest_begin(&g, clock_page, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT(guest_time(&g) < 1000 * SECOND);
	EXPECT_OK(ioctl(g.vm, KVM_SET_CLOCK, &data));
	run_to_step(&g.v[0]);
	EXPECT(guest_time(&g) >= 5000 * SECOND);
	EXPECT(guest_time(&g) < 5060 * SECOND);
}

static void wall_clock(void)
{
	const struct wall_clock *wall;
	struct guest g = new_guest();
	u64 now, host;

	guest_begin(&g, clock_page, MODE_LONG);
	run_to_step(&g.v[0]);
	wall = (const struct wall_clock *)(g.ram + GUEST_DATA + 0x100);
	EXPECT(wall->version && !(wall->version & 1));
	now = (u64)wall->seconds + guest_time(&g) / SECOND;
	host = time(NULL);
	EXPECT(now + 3 >= host && now <= host + 3);
}

static void stopped_flag(void)
{
	struct guest g = new_guest();

	REQUIRE_CAP(g.vm, KVM_CAP_KVMCLOCK_CTRL);
	guest_begin(&g, clock_page, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT_EQ(page_of(&g)->flags & 2, 0);
	EXPECT_OK(ioctl(g.v[0].fd, KVM_KVMCLOCK_CTRL, 0));
	run_to_step(&g.v[0]);
	EXPECT_EQ(page_of(&g)->flags & 2, 2);
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	EXPECT(f && fputs(text, f) >= 0 && !fclose(f));
}

/* The whole way into a suspend and back, for who says that it may be gone. */
static void stopped_by_the_hosts_sleep(void)
{
	struct guest g = new_guest();

	if (!getenv("MAY_SUSPEND"))
		tap_skip("the host is not suspended without MAY_SUSPEND");
	guest_begin(&g, clock_page, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT_EQ(page_of(&g)->flags & 2, 0);
	write_text("/sys/module/suspend/parameters/pm_test_delay", "0");
	write_text("/sys/power/pm_test", "core");
	write_text("/sys/power/state", "mem");
	write_text("/sys/power/pm_test", "none");
	run_to_step(&g.v[0]);
	EXPECT_EQ(page_of(&g)->flags & 2, 2);
}

static void switched_off(void)
{
	struct guest g = new_guest();

	guest_begin(&g, clock_off, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT(page_of(&g)->version);
	run_to_step(&g.v[0]);
	memset(g.ram + GUEST_DATA, 0, sizeof(struct system_time));
	run_to_done(&g.v[0]);
	EXPECT_EQ(page_of(&g)->version, 0);
	EXPECT_ERRNO(ioctl(g.v[0].fd, KVM_KVMCLOCK_CTRL, 0), EINVAL);
}

static u8 *add_fresh_pages(struct guest *g)
{
	u8 *mem = anon_memory(FRESH_SIZE);

	EXPECT_OK(slot_set(g->vm, 5, 0, FRESH, FRESH_SIZE, mem));
	return mem;
}

/* Linux's is aligned to four bytes: it may end in the next page. */
static void wall_clock_across_two_pages(void)
{
	struct guest g = new_guest();
	u8 *mem = add_fresh_pages(&g);
	struct wall_clock wall;

	guest_begin(&g, clock_page, MODE_LONG);
	EXPECT_EQ(vcpu_set_msr(&g.v[0], MSR_WALL_CLOCK, FRESH + 0xff8), 1);
	run_to_step(&g.v[0]);
	memcpy(&wall, mem + 0xff8, sizeof(wall));
	EXPECT(wall.version && !(wall.version & 1));
	EXPECT(wall.seconds);
}

/* KVM leaves such a page alone; the guest goes on in any case. */
static void page_across_two_pages(void)
{
	struct guest g = new_guest();

	add_fresh_pages(&g);
	vcpu_create(g.vm, 1, &g.v[1]);
	guest_begin(&g, clock_page, MODE_LONG);
	EXPECT_EQ(vcpu_set_msr(&g.v[1], MSR_SYSTEM_TIME, (FRESH + 0xff0) | 1), 1);
	run_to_step(&g.v[0]);
	EXPECT_EQ(vcpu_set_msr(&g.v[0], MSR_SYSTEM_TIME, (FRESH + 0xff0) | 1), 1);
	run_to_step(&g.v[0]);
}

/* A vCPU does not end because the page, its own or another's, cannot be had. */
static void page_out_of_reach(void)
{
	struct kvm_clock_data data = { .clock = SECOND };
	struct guest g = new_guest();
	u8 *mem = add_fresh_pages(&g);

	EXPECT_OK(mprotect(mem, FRESH_SIZE, PROT_NONE));
	vcpu_create(g.vm, 1, &g.v[1]);
	guest_begin(&g, clock_page, MODE_LONG);
	EXPECT_EQ(vcpu_set_msr(&g.v[1], MSR_SYSTEM_TIME, FRESH | 1), 1);
	run_to_step(&g.v[0]);
	EXPECT_OK(ioctl(g.vm, KVM_SET_CLOCK, &data));
	run_to_step(&g.v[0]);
	EXPECT_EQ(vcpu_set_msr(&g.v[0], MSR_SYSTEM_TIME, FRESH | 1), 1);
	run_to_step(&g.v[0]);
}

const struct tap_case clock_cases[] = {
	{ "page_is_filled", page_is_filled },
	{ "time_agrees_with_get_clock", time_agrees_with_get_clock },
	{ "time_advances", time_advances },
	{ "set_clock_reaches_page", set_clock_reaches_page },
	{ "wall_clock", wall_clock },
	{ "wall_clock_across_two_pages", wall_clock_across_two_pages },
	{ "page_across_two_pages", page_across_two_pages },
	{ "page_out_of_reach", page_out_of_reach },
	{ "stopped_flag", stopped_flag },
	{ "stopped_by_the_hosts_sleep", stopped_by_the_hosts_sleep },
	{ "switched_off", switched_off },
	{ }
};
