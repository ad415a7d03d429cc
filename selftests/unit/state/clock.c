// SPDX-License-Identifier: GPL-2.0
/*
 * Time: pvclock's arithmetic, the clock pages, KVM_GET/SET_CLOCK, TSCs and what
 * keeps them together.
 */
#include <string.h>
#include <asm/msr-index.h>
#include <asm/pvclock.h>
#include <asm/tsc.h>

#include "world.h"

#define PAGE		0x3000
#define SECOND		1000000000ULL

static struct lhv_vcpu *new_vcpu(void)
{
	struct lhv_vcpu *vcpu = world_init();

	give_all_cpuid(vcpu);
	return vcpu;
}

static u64 distance(u64 a, u64 b)
{
	return a > b ? a - b : b - a;
}

/* For every frequency a processor might have: within one part in 2^30. */
static void factor_is_precise(void)
{
	u32 khz, mul;
	s8 shift;

	for (khz = 1000; khz < 8000000; khz += 997) {
		u64 ticks = (u64)khz * 1000, ns;

		lhv_pvclock_factor(khz, &mul, &shift);
		EXPECT(mul >= 1U << 31);
		ns = pvclock_scale_delta(ticks, mul, shift);
		EXPECT(distance(ns, SECOND) <= 2);
		/* ten days */
		ns = pvclock_scale_delta(ticks * 864000, mul, shift);
		EXPECT(distance(ns, SECOND * 864000) < 864000);
	}
}

static struct pvclock_vcpu_time_info page(void)
{
	struct pvclock_vcpu_time_info t;

	memcpy(&t, world.memory + PAGE, sizeof(t));
	return t;
}

/* What the guest computes from its page now. */
static u64 guest_clock(struct lhv_vcpu *vcpu)
{
	struct pvclock_vcpu_time_info t = page();

	EXPECT_EQ(t.version & 1, 0);
	return t.system_time + pvclock_scale_delta(lhv_guest_tsc(vcpu) - t.tsc_timestamp,
						   t.tsc_to_system_mul, t.tsc_shift);
}

static u64 host_clock(void)
{
	struct kvm_clock_data d;

	EXPECT_EQ(lhv_get_clock(&world.vm, &d), 0);
	return d.clock;
}

static void switch_clock_on(struct lhv_vcpu *vcpu)
{
	EXPECT_EQ(lhv_set_msr(vcpu, MSR_KVM_SYSTEM_TIME_NEW, PAGE | 1, false), 0);
	EXPECT(lhv_has_request(vcpu, LHV_REQ_CLOCK));
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
}

static void page_agrees_with_the_ioctl(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	int i;

	switch_clock_on(vcpu);
	EXPECT(page().flags & PVCLOCK_TSC_STABLE_BIT);
	for (i = 0; i < 10; i++) {
		world_tick(123456789);
		EXPECT_EQ(guest_clock(vcpu), host_clock());
		EXPECT(distance(host_clock(), (i + 1) * 49382715) < 100);
	}
}

static void version_is_odd_while_it_changes(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	u32 before;

	switch_clock_on(vcpu);
	before = page().version;
	EXPECT(before && !(before & 1));
	world.writes = 0;
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	EXPECT_EQ(world.versions[0], before + 1);
	EXPECT_EQ(world.versions[1], before + 1);
	EXPECT_EQ(world.versions[2], before + 2);
}

/* Linux's vDSO reads the first vCPU's page on all of them. */
static void no_vcpu_sees_an_old_page_of_another(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_clock_data d = { .clock = 1000 };

	switch_clock_on(vcpu);
	vcpu->pvclock.guest_stopped = true;
	world_tick(123456789);
	EXPECT_EQ(lhv_set_clock(&world.vm, &d), 0);
	world.away = 1;
	EXPECT_EQ(lhv_clock_update(&world.vcpu[1]), -EAGAIN);
	EXPECT_EQ(world.vcpu[1].fault_gpa, PAGE);
	EXPECT_EQ(lhv_clock_update(&world.vcpu[1]), 0);
	EXPECT_EQ(guest_clock(vcpu), 1000);
	/* what is for its owner's next page is still to come */
	EXPECT(vcpu->pvclock.guest_stopped);
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	EXPECT(page().flags & PVCLOCK_GUEST_STOPPED);
	/* once */
	world.writes = 0;
	EXPECT_EQ(lhv_clock_update(&world.vcpu[1]), 0);
	EXPECT_EQ(world.writes, 0);
	lhv_set_tsc(&world.vcpu[1], MSR_IA32_TSC, 1ULL << 50, false);
	EXPECT_EQ(lhv_clock_update(&world.vcpu[1]), 0);
	EXPECT_EQ(page().flags & PVCLOCK_TSC_STABLE_BIT, 0);
}

static void page_away_is_asked_for(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	int away;

	vcpu->pvclock.system_time_msr = PAGE | 1;
	for (away = 1; away <= 3; away++) {
		world.away = 1;
		EXPECT_EQ(lhv_clock_update(vcpu), -EAGAIN);
		EXPECT_EQ(vcpu->fault_gpa & ~0xfffULL, PAGE);
		EXPECT_EQ(vcpu->fault_access, LHV_ACC_WRITE);
	}
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	EXPECT_EQ(page().version & 1, 0);
}

/* Both of them are brought in. */
static void clock_across_two_pages(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	u64 gpa = PAGE + 0xff0;

	vcpu->pvclock.system_time_msr = gpa | 1;
	world.away = 3;
	EXPECT_EQ(lhv_clock_update(vcpu), -EAGAIN);
	EXPECT_EQ(vcpu->fault_gpa, gpa);
	EXPECT_EQ(lhv_clock_update(vcpu), -EAGAIN);
	EXPECT_EQ(vcpu->fault_gpa, gpa + 31);
	EXPECT_EQ(lhv_clock_update(vcpu), -EAGAIN);
	EXPECT_EQ(vcpu->fault_gpa, gpa);
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	vcpu->pvclock.system_time_msr = 0;
	EXPECT_EQ(lhv_set_msr(vcpu, MSR_KVM_WALL_CLOCK_NEW, gpa + 8, false), 0);
	world.away = 2;
	EXPECT_EQ(lhv_clock_update(vcpu), -EAGAIN);
	EXPECT_EQ(vcpu->fault_gpa, gpa + 8);
	EXPECT_EQ(lhv_clock_update(vcpu), -EAGAIN);
	EXPECT_EQ(vcpu->fault_gpa, gpa + 8 + 11);
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
}

/* Another vCPU's page, or its own, that no host can bring in. */
static void page_that_cannot_be_had_is_left_out(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_clock_data d = { .clock = 1000 };

	switch_clock_on(vcpu);
	EXPECT_EQ(lhv_set_clock(&world.vm, &d), 0);
	world.away = 1;
	EXPECT_EQ(lhv_clock_update(&world.vcpu[1]), -EAGAIN);
	lhv_clock_leave_out(&world.vcpu[1]);
	world.away = 1;		/* as it will be for ever */
	EXPECT_EQ(lhv_clock_update(&world.vcpu[1]), 0);
	EXPECT_EQ(lhv_clock_update(vcpu), -EAGAIN);
	lhv_clock_leave_out(vcpu);
	world.away = 1;
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	/* and looked for again with what comes next */
	world.away = 0;
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	EXPECT_EQ(guest_clock(vcpu), 1000);
	vcpu->pvclock.system_time_msr = 0;
	EXPECT_EQ(lhv_set_msr(vcpu, MSR_KVM_WALL_CLOCK_NEW, 0x4000, false), 0);
	world.away = 1;
	EXPECT_EQ(lhv_clock_update(vcpu), -EAGAIN);
	lhv_clock_leave_out(vcpu);
	world.away = 1;
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
}

/* Its owner has put its clock elsewhere before anybody tried again. */
static void page_left_out_is_not_the_next_one(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();

	vcpu->pvclock.system_time_msr = 0x8000 | 1;
	world.away = 1;
	EXPECT_EQ(lhv_clock_update(&world.vcpu[1]), -EAGAIN);
	lhv_clock_leave_out(&world.vcpu[1]);
	switch_clock_on(vcpu);
	EXPECT_EQ(page().version, 2);
}

static void page_without_memory_is_the_guests_loss(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();

	vcpu->pvclock.system_time_msr = 0xffffffffffff000 | 1;
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	vcpu->pvclock.system_time_msr = (GUEST_BYTES - 8) | 1;
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
}

static void stopped_is_told_until_the_guest_has_seen_it(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	const u8 seen = PVCLOCK_TSC_STABLE_BIT;

	EXPECT_EQ(lhv_kvmclock_ctrl(vcpu), -EINVAL);
	switch_clock_on(vcpu);
	EXPECT_EQ(page().flags & PVCLOCK_GUEST_STOPPED, 0);
	EXPECT_EQ(lhv_kvmclock_ctrl(vcpu), 0);
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	EXPECT(page().flags & PVCLOCK_GUEST_STOPPED);
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	EXPECT(page().flags & PVCLOCK_GUEST_STOPPED);
	memcpy(world.memory + PAGE + offsetof(struct pvclock_vcpu_time_info, flags),
	       &seen, 1);
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	EXPECT_EQ(page().flags & PVCLOCK_GUEST_STOPPED, 0);
}

static void not_stable_where_tscs_differ(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_clock_data d;

	switch_clock_on(vcpu);
	lhv_set_tsc(&world.vcpu[1], MSR_IA32_TSC, 1ULL << 50, false);
	EXPECT(lhv_has_request(vcpu, LHV_REQ_CLOCK));
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	EXPECT_EQ(page().flags & PVCLOCK_TSC_STABLE_BIT, 0);
	EXPECT_EQ(lhv_get_clock(&world.vm, &d), 0);
	EXPECT_EQ(d.flags, 0);
	EXPECT_EQ(guest_clock(vcpu), host_clock());
}

static void not_stable_where_the_hosts_is_not(void)
{
	struct lhv_vcpu *vcpu;

	world.tsc_unstable = true;
	vcpu = new_vcpu();
	switch_clock_on(vcpu);
	EXPECT_EQ(page().flags, 0);
	world.boot_ns += 5 * SECOND;	/* the TSC stood still */
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	EXPECT_EQ(guest_clock(vcpu), 5 * SECOND);
	EXPECT_EQ(host_clock(), 5 * SECOND);
}

static void wall_clock(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct pvclock_wall_clock w;
	u64 began = world.real_ns;

	world_tick((u64)tsc_khz * 1000 * 3);
	EXPECT_EQ(lhv_set_msr(vcpu, MSR_KVM_WALL_CLOCK_NEW, 0x4000, false), 0);
	world.away = 1;
	EXPECT_EQ(lhv_clock_update(vcpu), -EAGAIN);
	EXPECT_EQ(vcpu->fault_gpa, 0x4000);
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	memcpy(&w, world.memory + 0x4000, sizeof(w));
	EXPECT_EQ(w.version, 2);
	EXPECT(distance(w.sec * SECOND + w.nsec, began) < 10);
	/* once */
	memset(world.memory + 0x4000, 0, sizeof(w));
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	EXPECT_EQ(world.memory[0x4000], 0);
}

static void set_clock(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_clock_data d = { .clock = 1000 * SECOND };

	switch_clock_on(vcpu);
	clear_bit(LHV_REQ_CLOCK, &vcpu->requests);
	EXPECT_EQ(lhv_set_clock(&world.vm, &d), 0);
	EXPECT(lhv_has_request(vcpu, LHV_REQ_CLOCK));
	EXPECT_EQ(host_clock(), 1000 * SECOND);
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	EXPECT_EQ(guest_clock(vcpu), 1000 * SECOND);

	d.flags = KVM_CLOCK_REALTIME;
	d.realtime = world.real_ns - 7 * SECOND;
	EXPECT_EQ(lhv_set_clock(&world.vm, &d), 0);
	EXPECT_EQ(host_clock(), 1007 * SECOND);
	d.realtime = world.real_ns + 7 * SECOND;	/* the future adds nothing */
	EXPECT_EQ(lhv_set_clock(&world.vm, &d), 0);
	EXPECT_EQ(host_clock(), 1000 * SECOND);
	d.flags = 1;
	EXPECT_EQ(lhv_set_clock(&world.vm, &d), -EINVAL);
}

static void get_clock_pairs_its_times(void)
{
	struct kvm_clock_data d;

	new_vcpu();
	EXPECT_EQ(lhv_get_clock(&world.vm, &d), 0);
	EXPECT_EQ(d.flags, lhv_clock_flags());
	EXPECT_EQ(d.host_tsc, world.tsc);
	EXPECT_EQ(d.realtime, world.real_ns);
}

static void new_vcpus_agree(void)
{
	new_vcpu();
	EXPECT_EQ(lhv_guest_tsc(&world.vcpu[0]), 0);
	EXPECT_EQ(world.vcpu[0].tsc_offset, world.vcpu[1].tsc_offset);
}

static void written_one_after_the_other_they_agree(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();

	lhv_set_tsc(vcpu, MSR_IA32_TSC, 77777777777777, true);
	EXPECT_EQ(lhv_guest_tsc(vcpu), 77777777777777);
	world_tick(tsc_khz * 300ULL);		/* 300 ms later */
	lhv_set_tsc(&world.vcpu[1], MSR_IA32_TSC, 77777777777777, true);
	EXPECT_EQ(world.vcpu[0].tsc_offset, world.vcpu[1].tsc_offset);
	world_tick(tsc_khz * 2000ULL);
	lhv_set_tsc(&world.vcpu[1], MSR_IA32_TSC, 77777777777777, true);
	EXPECT(world.vcpu[0].tsc_offset != world.vcpu[1].tsc_offset);
	EXPECT_EQ(lhv_guest_tsc(&world.vcpu[1]), 77777777777777);
}

static void zero_goes_with_the_others(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();

	world_tick((u64)tsc_khz * 60000);
	lhv_set_tsc(vcpu, MSR_IA32_TSC, 0, true);
	EXPECT_EQ(world.vcpu[0].tsc_offset, world.vcpu[1].tsc_offset);
}

static void adjust_and_tsc_move_together(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	u64 data;

	world_tick(1000);
	EXPECT_EQ(lhv_set_msr(vcpu, MSR_IA32_TSC, 501000, false), 0);
	EXPECT_EQ(lhv_guest_tsc(vcpu), 501000);
	EXPECT_EQ(vcpu->tsc_adjust, 500000);
	EXPECT(lhv_has_request(vcpu, LHV_REQ_TSC));
	EXPECT_EQ(lhv_set_msr(vcpu, MSR_IA32_TSC_ADJUST, 300000, false), 0);
	EXPECT_EQ(lhv_guest_tsc(vcpu), 301000);
	/* userspace restores one without moving the other */
	EXPECT_EQ(lhv_set_msr(vcpu, MSR_IA32_TSC_ADJUST, 123, true), 0);
	EXPECT_EQ(lhv_guest_tsc(vcpu), 301000);
	EXPECT_EQ(lhv_set_msr(vcpu, MSR_IA32_TSC, 1ULL << 50, true), 0);
	EXPECT_EQ(lhv_get_msr(vcpu, MSR_IA32_TSC_ADJUST, &data, false), 0);
	EXPECT_EQ(data, 123);
}

/* Whoever has a page is told, with its own next update, once. */
static void guests_are_told_of_a_sleep(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();

	switch_clock_on(vcpu);
	vcpu->requests = 0;
	lhv_clock_pause(&world.vm);
	EXPECT(lhv_has_request(vcpu, LHV_REQ_CLOCK));
	EXPECT(!world.vcpu[1].pvclock.guest_stopped);
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	EXPECT(page().flags & PVCLOCK_GUEST_STOPPED);
	EXPECT(!vcpu->pvclock.guest_stopped);
}

/* Its TSC may differ from one that the guest has moved. */
static void vcpu_that_joins_makes_pages_untrue(void)
{
	struct lhv_vcpu *vcpu, *late = &world.vcpu[1];

	vcpu = new_vcpu();
	world.vm.nr_vcpus = 1;
	switch_clock_on(vcpu);
	lhv_set_tsc(vcpu, MSR_IA32_TSC, 1ULL << 50, false);
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	EXPECT(page().flags & PVCLOCK_TSC_STABLE_BIT);
	late->requests = 0;
	world.vm.nr_vcpus = 2;
	lhv_clock_vcpu_joins(late);
	EXPECT(lhv_has_request(late, LHV_REQ_CLOCK));
	EXPECT_EQ(lhv_clock_update(late), 0);
	EXPECT_EQ(page().flags & PVCLOCK_TSC_STABLE_BIT, 0);
}

/* The host slept for @ns and its TSC began anew, or went on. */
static void sleep_of_the_host(u64 ns, bool anew)
{
	lhv_clock_suspend();
	world.boot_ns += ns;
	world.real_ns += ns;
	world.tsc = anew ? 12345 : world.tsc + ns / 1000000 * tsc_khz;
	lhv_clock_resume(&world.vm);
}

static void tsc_that_began_anew_in_a_sleep(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	u64 guest, clock;

	switch_clock_on(vcpu);
	lhv_set_tsc(&world.vcpu[1], MSR_IA32_TSC, 1ULL << 50, false);
	world_tick(123456789);
	vcpu->requests = 0;
	guest = lhv_guest_tsc(vcpu);
	clock = host_clock();
	sleep_of_the_host(3600 * SECOND, true);
	EXPECT_EQ(lhv_guest_tsc(vcpu), guest);
	EXPECT_EQ(lhv_guest_tsc(&world.vcpu[1]), (1ULL << 50) + 123456789);
	EXPECT(lhv_has_request(vcpu, LHV_REQ_TSC));
	EXPECT(lhv_has_request(vcpu, LHV_REQ_CLOCK));
	/* kvmclock has seen the hour, and goes on from there */
	EXPECT(distance(host_clock(), clock + 3600 * SECOND) < 100);
	EXPECT_EQ(lhv_clock_update(vcpu), 0);
	EXPECT_EQ(guest_clock(vcpu), host_clock());
	world_tick(tsc_khz * 1000ULL);
	EXPECT(distance(host_clock(), clock + 3601 * SECOND) < 100);
}

/* One that userspace restores now goes with those that slept. */
static void tscs_agree_after_a_sleep(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();

	lhv_set_tsc(vcpu, MSR_IA32_TSC, 77777777777777, true);
	sleep_of_the_host(5 * SECOND, true);
	lhv_set_tsc(&world.vcpu[1], MSR_IA32_TSC, 77777777777777, true);
	EXPECT_EQ(world.vcpu[0].tsc_offset, world.vcpu[1].tsc_offset);
}

/* The host's boot time is a little behind the line: the clock waits for nothing. */
static void clock_does_not_go_back_in_a_sleep(void)
{
	u64 clock;

	new_vcpu();
	world_tick(tsc_khz * 1000ULL);
	world.boot_ns -= SECOND / 10;
	clock = host_clock();
	sleep_of_the_host(SECOND / 20, true);
	EXPECT_EQ(host_clock(), clock);
}

static void tsc_that_went_on_in_a_sleep(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	u64 offset = vcpu->tsc_offset, clock;

	world_tick(1000);
	clock = host_clock();
	vcpu->requests = 0;
	sleep_of_the_host(60 * SECOND, false);
	EXPECT_EQ(vcpu->tsc_offset, offset);
	EXPECT_EQ(vcpu->requests, 0);
	EXPECT(distance(host_clock(), clock + 60 * SECOND) < 100);
}

static void sleep_where_the_hosts_tsc_is_not_stable(void)
{
	struct lhv_vcpu *vcpu;
	u64 guest;

	world.tsc_unstable = true;
	vcpu = new_vcpu();
	world_tick(1000000);
	guest = lhv_guest_tsc(vcpu);
	sleep_of_the_host(7 * SECOND, true);
	EXPECT_EQ(lhv_guest_tsc(vcpu), guest);
	EXPECT(distance(host_clock(), 7 * SECOND + 400000) < 100);
}

static void frequency(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();

	EXPECT_EQ(vcpu->tsc_khz, 2500000);
	EXPECT_EQ(lhv_set_tsc_khz(vcpu, 2500100), 0);
	EXPECT_EQ(vcpu->tsc_khz, 2500100);
	EXPECT_EQ(lhv_set_tsc_khz(vcpu, 2501000), -EINVAL);
	EXPECT_EQ(lhv_set_tsc_khz(vcpu, 1), -EINVAL);
	EXPECT_EQ(lhv_set_tsc_khz(vcpu, 0), 0);
	EXPECT_EQ(vcpu->tsc_khz, 2500000);
}

static void a_host_without_tsc_is_refused(void)
{
	EXPECT_EQ(lhv_clock_global_init(), 0);
	tsc_khz = 0;
	EXPECT_EQ(lhv_clock_global_init(), -EOPNOTSUPP);
}

const struct tap_case clock_cases[] = {
	CASE(factor_is_precise),
	CASE(page_agrees_with_the_ioctl),
	CASE(version_is_odd_while_it_changes),
	CASE(no_vcpu_sees_an_old_page_of_another),
	CASE(page_away_is_asked_for),
	CASE(clock_across_two_pages),
	CASE(page_that_cannot_be_had_is_left_out),
	CASE(page_left_out_is_not_the_next_one),
	CASE(page_without_memory_is_the_guests_loss),
	CASE(stopped_is_told_until_the_guest_has_seen_it),
	CASE(not_stable_where_tscs_differ),
	CASE(not_stable_where_the_hosts_is_not),
	CASE(wall_clock),
	CASE(set_clock),
	CASE(get_clock_pairs_its_times),
	CASE(new_vcpus_agree),
	CASE(written_one_after_the_other_they_agree),
	CASE(zero_goes_with_the_others),
	CASE(adjust_and_tsc_move_together),
	CASE(guests_are_told_of_a_sleep),
	CASE(vcpu_that_joins_makes_pages_untrue),
	CASE(tsc_that_began_anew_in_a_sleep),
	CASE(tscs_agree_after_a_sleep),
	CASE(clock_does_not_go_back_in_a_sleep),
	CASE(tsc_that_went_on_in_a_sleep),
	CASE(sleep_where_the_hosts_tsc_is_not_stable),
	CASE(frequency),
	CASE(a_host_without_tsc_is_refused),
	{ }
};
