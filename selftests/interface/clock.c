// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of time: the VM's clock, the vCPU's TSC frequency, kvmclock's flag.
 */
#include <string.h>
#include <unistd.h>

#include "interface.h"
#include "vm.h"

#define SECOND	1000000000UL

static int vm_with_clock(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_ADJUST_CLOCK);
	return vm;
}

static struct kvm_clock_data clock_of(int vm)
{
	struct kvm_clock_data data;

	memset(&data, 0xff, sizeof(data));
	EXPECT_OK(ioctl(vm, KVM_GET_CLOCK, &data));
	return data;
}

static void clock_advances(void)
{
	int vm = vm_with_clock();
	u64 before = clock_of(vm).clock;

	usleep(2000);
	EXPECT(clock_of(vm).clock > before);
}

static void clock_starts_near_zero(void)
{
	EXPECT(clock_of(vm_with_clock()).clock < 60 * SECOND);
}

static void clock_flags_are_those_of_the_capability(void)
{
	int vm = vm_with_clock();
	u32 offered = cap_of(vm, KVM_CAP_ADJUST_CLOCK);
	struct kvm_clock_data data = clock_of(vm);

	EXPECT_EQ(data.flags & ~offered, 0);
	if (data.flags & KVM_CLOCK_REALTIME)
		EXPECT(data.realtime > SECOND);
	if (data.flags & KVM_CLOCK_HOST_TSC)
		EXPECT(data.host_tsc > 0);
}

static void clock_set(void)
{
	struct kvm_clock_data data = { .clock = 1000 * SECOND };
	int vm = vm_with_clock();
	u64 now;

	EXPECT_OK(ioctl(vm, KVM_SET_CLOCK, &data));
	now = clock_of(vm).clock;
	EXPECT(now >= 1000 * SECOND);
	EXPECT(now < 1060 * SECOND);
	data.clock = 5 * SECOND;
	EXPECT_OK(ioctl(vm, KVM_SET_CLOCK, &data));
	EXPECT(clock_of(vm).clock < 65 * SECOND);
}

static void clock_set_unknown_flag(void)
{
	struct kvm_clock_data data = { .flags = 1U << 31 };

	EXPECT_ERRNO(ioctl(vm_with_clock(), KVM_SET_CLOCK, &data), EINVAL);
	data.flags = 1;
	EXPECT_ERRNO(ioctl(vm_with_clock(), KVM_SET_CLOCK, &data), EINVAL);
}

/* What KVM_GET_CLOCK said may be handed back as it is. */
static void clock_set_what_was_read(void)
{
	int vm = vm_with_clock();
	struct kvm_clock_data data = clock_of(vm);

	memset(data.pad, 0, sizeof(data.pad));
	data.flags &= KVM_CLOCK_TSC_STABLE;
	EXPECT_OK(ioctl(vm, KVM_SET_CLOCK, &data));
}

/* With the real time of the reading, the time since then is added. */
static void clock_set_realtime_advances(void)
{
	int vm = vm_with_clock();
	struct kvm_clock_data data;

	if (!(cap_of(vm, KVM_CAP_ADJUST_CLOCK) & KVM_CLOCK_REALTIME))
		tap_skip("no KVM_CLOCK_REALTIME");
	data = clock_of(vm);
	if (!(data.flags & KVM_CLOCK_REALTIME))
		tap_skip("this host's clock does not give it");
	data.flags = KVM_CLOCK_REALTIME;
	data.clock = 10 * SECOND;
	data.realtime -= 100 * SECOND;
	EXPECT_OK(ioctl(vm, KVM_SET_CLOCK, &data));
	EXPECT(clock_of(vm).clock >= 110 * SECOND);
}

static void clock_bad_pointer(void)
{
	int vm = vm_with_clock();

	EXPECT_ERRNO(ioctl(vm, KVM_GET_CLOCK, 8UL), EFAULT);
	EXPECT_ERRNO(ioctl(vm, KVM_SET_CLOCK, 8UL), EFAULT);
}

static struct vcpu vcpu_with_khz(void)
{
	int vm = vm_create();
	struct vcpu v;

	REQUIRE_CAP(vm, KVM_CAP_GET_TSC_KHZ);
	vcpu_create(vm, 0, &v);
	return v;
}

static void tsc_khz(void)
{
	struct vcpu v = vcpu_with_khz();
	long khz = EXPECT_OK(ioctl(v.fd, KVM_GET_TSC_KHZ, 0));

	EXPECT(khz > 1000);
}

/* The host's own frequency needs no scaling and is always taken. */
static void tsc_khz_set_the_same(void)
{
	struct vcpu v = vcpu_with_khz();
	long khz = EXPECT_OK(ioctl(v.fd, KVM_GET_TSC_KHZ, 0));

	EXPECT_OK(ioctl(v.fd, KVM_SET_TSC_KHZ, khz));
	EXPECT_EQ(ioctl(v.fd, KVM_GET_TSC_KHZ, 0), khz);
	EXPECT_OK(ioctl(v.fd, KVM_SET_TSC_KHZ, 0));
	EXPECT_EQ(ioctl(v.fd, KVM_GET_TSC_KHZ, 0), khz);
}

static void tsc_khz_scaled(void)
{
	struct vcpu v = vcpu_with_khz();
	long khz = EXPECT_OK(ioctl(v.fd, KVM_GET_TSC_KHZ, 0));

	if (cap_of(sys_open(), KVM_CAP_TSC_CONTROL) <= 0)
		tap_skip("no KVM_CAP_TSC_CONTROL");
	EXPECT_OK(ioctl(v.fd, KVM_SET_TSC_KHZ, khz / 2));
	EXPECT_EQ(ioctl(v.fd, KVM_GET_TSC_KHZ, 0), khz / 2);
}

static void tsc_khz_slower_without_scaling(void)
{
	struct vcpu v = vcpu_with_khz();
	long khz = EXPECT_OK(ioctl(v.fd, KVM_GET_TSC_KHZ, 0));

	if (cap_of(sys_open(), KVM_CAP_TSC_CONTROL) > 0)
		tap_skip("the TSC can be scaled");
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_TSC_KHZ, khz / 2), EINVAL);
}

/* There is no page yet in which to tell the guest that it was stopped. */
static void kvmclock_ctrl_without_page(void)
{
	int vm = vm_create();
	struct vcpu v;

	REQUIRE_CAP(vm, KVM_CAP_KVMCLOCK_CTRL);
	vcpu_create(vm, 0, &v);
	EXPECT_ERRNO(ioctl(v.fd, KVM_KVMCLOCK_CTRL, 0), EINVAL);
}

const struct tap_case clock_cases[] = {
	{ "clock_advances", clock_advances },
	{ "clock_starts_near_zero", clock_starts_near_zero },
	{ "clock_flags_are_those_of_the_capability",
	  clock_flags_are_those_of_the_capability },
	{ "clock_set", clock_set },
	{ "clock_set_unknown_flag", clock_set_unknown_flag },
	{ "clock_set_what_was_read", clock_set_what_was_read },
	{ "clock_set_realtime_advances", clock_set_realtime_advances },
	{ "clock_bad_pointer", clock_bad_pointer },
	{ "tsc_khz", tsc_khz },
	{ "tsc_khz_set_the_same", tsc_khz_set_the_same },
	{ "tsc_khz_scaled", tsc_khz_scaled },
	{ "tsc_khz_slower_without_scaling", tsc_khz_slower_without_scaling },
	{ "kvmclock_ctrl_without_page", kvmclock_ctrl_without_page },
	{ }
};
