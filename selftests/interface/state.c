// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the vCPU's remaining state: FPU, XSAVE, XCR0, debug registers,
 * pending events, MP state.
 */
#include <stdlib.h>
#include <string.h>

#include "interface.h"
#include "vm.h"

/* Offsets in the XSAVE image; Intel SDM, "XSAVE Area". */
#define XSAVE_FCW	0
#define XSAVE_MXCSR	24
#define XSAVE_XMM	160
#define XSAVE_XSTATE_BV	512
#define XSAVE_XCOMP_BV	520

static struct vcpu new_vcpu(void)
{
	struct vcpu v;

	vcpu_create(vm_create(), 0, &v);
	return v;
}

static struct vcpu new_vcpu_with(int cap, const char *name)
{
	int vm = vm_create();
	struct vcpu v;

	require_cap(vm, cap, name);
	vcpu_create(vm, 0, &v);
	return v;
}

static void fpu_reset_state(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_fpu fpu;

	EXPECT_OK(ioctl(v.fd, KVM_GET_FPU, &fpu));
	EXPECT_EQ(fpu.fcw, 0x37f);
	EXPECT_EQ(fpu.fsw, 0);
}

static void fpu_round_trip(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_fpu set, get;

	EXPECT_OK(ioctl(v.fd, KVM_GET_FPU, &set));
	memset(set.fpr, 0x3c, sizeof(set.fpr));
	memset(set.xmm, 0xa5, sizeof(set.xmm));
	set.fcw = 0x27f;
	set.fsw = 0x3800;
	set.ftwx = 0xff;
	set.mxcsr = 0x1fa0;
	EXPECT_OK(ioctl(v.fd, KVM_SET_FPU, &set));
	EXPECT_OK(ioctl(v.fd, KVM_GET_FPU, &get));
	EXPECT_EQ(get.fcw, set.fcw);
	EXPECT_EQ(get.fsw, set.fsw);
	EXPECT_EQ(get.ftwx, set.ftwx);
	EXPECT(!memcmp(get.xmm, set.xmm, sizeof(set.xmm)));
	EXPECT(!memcmp(get.fpr[3], set.fpr[3], 10));
}

/* KVM passes MXCSR by in this call, so that no bad value can get in. */
static void fpu_mxcsr_is_not_taken(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_XSAVE, "KVM_CAP_XSAVE");
	u8 *xsave = calloc(1, sizeof(struct kvm_xsave));
	struct kvm_fpu fpu;

	EXPECT_OK(ioctl(v.fd, KVM_GET_FPU, &fpu));
	fpu.mxcsr = 0xffffffff;
	EXPECT_OK(ioctl(v.fd, KVM_SET_FPU, &fpu));
	EXPECT_OK(ioctl(v.fd, KVM_GET_XSAVE, xsave));
	EXPECT_EQ(*(u32 *)(xsave + XSAVE_MXCSR), 0x1f80);
}

static void fpu_bad_pointer(void)
{
	struct vcpu v = new_vcpu();

	EXPECT_ERRNO(ioctl(v.fd, KVM_GET_FPU, 8UL), EFAULT);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_FPU, 8UL), EFAULT);
}

static void xsave_round_trip(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_XSAVE, "KVM_CAP_XSAVE");
	u8 *set = calloc(1, sizeof(struct kvm_xsave));
	u8 *get = calloc(1, sizeof(struct kvm_xsave));
	u64 bv = 3;

	EXPECT_OK(ioctl(v.fd, KVM_GET_XSAVE, set));
	memset(set + XSAVE_XMM, 0x5a, 256);
	memcpy(set + XSAVE_XSTATE_BV, &bv, 8);
	EXPECT_OK(ioctl(v.fd, KVM_SET_XSAVE, set));
	EXPECT_OK(ioctl(v.fd, KVM_GET_XSAVE, get));
	EXPECT(!memcmp(set + XSAVE_XMM, get + XSAVE_XMM, 256));
	EXPECT_EQ(*(u64 *)(get + XSAVE_XSTATE_BV) & 2, 2);
}

static void xsave_agrees_with_fpu(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_XSAVE, "KVM_CAP_XSAVE");
	u8 *xsave = calloc(1, sizeof(struct kvm_xsave));
	struct kvm_fpu fpu;

	/* x87 and SSE in use, for KVM to show what the next call sets. */
	EXPECT_OK(ioctl(v.fd, KVM_GET_XSAVE, xsave));
	*(u64 *)(xsave + XSAVE_XSTATE_BV) = 3;
	EXPECT_OK(ioctl(v.fd, KVM_SET_XSAVE, xsave));
	EXPECT_OK(ioctl(v.fd, KVM_GET_FPU, &fpu));
	memset(fpu.xmm, 0x77, sizeof(fpu.xmm));
	fpu.fcw = 0x27f;
	EXPECT_OK(ioctl(v.fd, KVM_SET_FPU, &fpu));
	EXPECT_OK(ioctl(v.fd, KVM_GET_XSAVE, xsave));
	EXPECT_EQ(*(u16 *)(xsave + XSAVE_FCW), 0x27f);
	EXPECT(!memcmp(xsave + XSAVE_XMM, fpu.xmm, sizeof(fpu.xmm)));
}

static void xsave_unknown_component(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_XSAVE, "KVM_CAP_XSAVE");
	u8 *xsave = calloc(1, sizeof(struct kvm_xsave));

	EXPECT_OK(ioctl(v.fd, KVM_GET_XSAVE, xsave));
	*(u64 *)(xsave + XSAVE_XSTATE_BV) = BIT(62);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_XSAVE, xsave), EINVAL);
}

static void xsave_compacted_form(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_XSAVE, "KVM_CAP_XSAVE");
	u8 *xsave = calloc(1, sizeof(struct kvm_xsave));

	EXPECT_OK(ioctl(v.fd, KVM_GET_XSAVE, xsave));
	*(u64 *)(xsave + XSAVE_XSTATE_BV) = 3;
	*(u64 *)(xsave + XSAVE_XCOMP_BV) = BIT(63) | 3;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_XSAVE, xsave), EINVAL);
}

static void xsave_reserved_mxcsr(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_XSAVE, "KVM_CAP_XSAVE");
	u8 *xsave = calloc(1, sizeof(struct kvm_xsave));

	EXPECT_OK(ioctl(v.fd, KVM_GET_XSAVE, xsave));
	*(u64 *)(xsave + XSAVE_XSTATE_BV) = 3;
	*(u32 *)(xsave + XSAVE_MXCSR) = 0xffff0000;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_XSAVE, xsave), EINVAL);
}

static void xsave_bad_pointer(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_XSAVE, "KVM_CAP_XSAVE");

	EXPECT_ERRNO(ioctl(v.fd, KVM_GET_XSAVE, 8UL), EFAULT);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_XSAVE, 8UL), EFAULT);
}

static void xsave2_size_is_enough(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_XSAVE2);
	EXPECT(cap_of(vm, KVM_CAP_XSAVE2) >= 4096);
	EXPECT(cap_of(sys_open(), KVM_CAP_XSAVE2) >= 4096);
}

static void xsave2_agrees_with_xsave(void)
{
	int vm = vm_create();
	struct vcpu v;
	u8 *one, *two;

	REQUIRE_CAP(vm, KVM_CAP_XSAVE2);
	one = calloc(1, sizeof(struct kvm_xsave));
	two = calloc(1, cap_of(vm, KVM_CAP_XSAVE2));
	vcpu_create(vm, 0, &v);
	EXPECT_OK(ioctl(v.fd, KVM_GET_XSAVE, one));
	EXPECT_OK(ioctl(v.fd, KVM_GET_XSAVE2, two));
	EXPECT(!memcmp(one, two, sizeof(struct kvm_xsave)));
	EXPECT_OK(ioctl(v.fd, KVM_SET_XSAVE, two));
}

static void xcrs_reset_state(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_XCRS, "KVM_CAP_XCRS");
	struct kvm_xcrs xcrs;

	EXPECT_OK(ioctl(v.fd, KVM_GET_XCRS, &xcrs));
	EXPECT_EQ(xcrs.nr_xcrs, 1);
	EXPECT_EQ(xcrs.flags, 0);
	EXPECT_EQ(xcrs.xcrs[0].xcr, 0);
	EXPECT_EQ(xcrs.xcrs[0].value, 1);
}

static struct kvm_xcrs xcr0(u64 value)
{
	return (struct kvm_xcrs){ .nr_xcrs = 1, .xcrs[0].value = value };
}

static void xcrs_round_trip(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_XCRS, "KVM_CAP_XCRS");
	struct kvm_xcrs set = xcr0(3), get;

	EXPECT_OK(ioctl(v.fd, KVM_SET_XCRS, &set));
	EXPECT_OK(ioctl(v.fd, KVM_GET_XCRS, &get));
	EXPECT_EQ(get.xcrs[0].value, 3);
}

static void xcrs_all_that_cpuid_offers(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_XCRS, "KVM_CAP_XCRS");
	struct kvm_cpuid_entry2 *leaf = cpuid_find(cpuid_supported(), 0xd, 0);
	struct kvm_xcrs set, get;
	u64 all;

	if (!leaf)
		tap_skip("no XSAVE");
	all = (u64)leaf->edx << 32 | leaf->eax;
	EXPECT_EQ(all & 3, 3);
	/* AMX needs arch_prctl() first. */
	all &= ~(BIT(17) | BIT(18));
	set = xcr0(all);
	EXPECT_OK(ioctl(v.fd, KVM_SET_XCRS, &set));
	EXPECT_OK(ioctl(v.fd, KVM_GET_XCRS, &get));
	EXPECT_EQ(get.xcrs[0].value, all);
}

/* Intel SDM, "XSETBV - Set Extended Control Register". */
static void xcrs_bad_values(void)
{
	static const u64 bad[] = { 0, 2, 5, 1UL << 63 | 3, 1UL << 62 | 3 };
	struct vcpu v = new_vcpu_with(KVM_CAP_XCRS, "KVM_CAP_XCRS");
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct kvm_xcrs set = xcr0(bad[i]);

		EXPECT_ERRNO(ioctl(v.fd, KVM_SET_XCRS, &set), EINVAL);
	}
}

static void xcrs_too_many(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_XCRS, "KVM_CAP_XCRS");
	struct kvm_xcrs set = xcr0(1);

	set.nr_xcrs = KVM_MAX_XCRS + 1;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_XCRS, &set), EINVAL);
}

static void xcrs_flags(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_XCRS, "KVM_CAP_XCRS");
	struct kvm_xcrs set = xcr0(1);

	set.flags = 1;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_XCRS, &set), EINVAL);
}

static void debugregs_reset_state(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_DEBUGREGS, "KVM_CAP_DEBUGREGS");
	struct kvm_debugregs regs;

	EXPECT_OK(ioctl(v.fd, KVM_GET_DEBUGREGS, &regs));
	EXPECT_EQ(regs.dr6, 0xffff0ff0);
	EXPECT_EQ(regs.dr7, 0x400);
	EXPECT_EQ(regs.flags, 0);
	EXPECT_EQ(regs.db[0] | regs.db[1] | regs.db[2] | regs.db[3], 0);
}

static void debugregs_round_trip(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_DEBUGREGS, "KVM_CAP_DEBUGREGS");
	struct kvm_debugregs set, get;
	unsigned int i;

	EXPECT_OK(ioctl(v.fd, KVM_GET_DEBUGREGS, &set));
	for (i = 0; i < 4; i++)
		set.db[i] = 0x1111111111 * (i + 1);
	set.dr6 = 0xffff0ff1;
	set.dr7 = 0x401;
	EXPECT_OK(ioctl(v.fd, KVM_SET_DEBUGREGS, &set));
	EXPECT_OK(ioctl(v.fd, KVM_GET_DEBUGREGS, &get));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(get.db[i], set.db[i]);
	EXPECT_EQ(get.dr6, set.dr6);
	EXPECT_EQ(get.dr7, set.dr7);
}

static void debugregs_refusals(void)
{
	struct vcpu v = new_vcpu_with(KVM_CAP_DEBUGREGS, "KVM_CAP_DEBUGREGS");
	struct kvm_debugregs good, bad;

	EXPECT_OK(ioctl(v.fd, KVM_GET_DEBUGREGS, &good));
	bad = good;
	bad.flags = 1;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_DEBUGREGS, &bad), EINVAL);
	bad = good;
	bad.dr6 |= BIT(32);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_DEBUGREGS, &bad), EINVAL);
	bad = good;
	bad.dr7 |= BIT(32);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_DEBUGREGS, &bad), EINVAL);
}

static struct kvm_vcpu_events events_of(const struct vcpu *v)
{
	struct kvm_vcpu_events events;

	EXPECT_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &events));
	return events;
}

static struct vcpu new_vcpu_events(void)
{
	return new_vcpu_with(KVM_CAP_VCPU_EVENTS, "KVM_CAP_VCPU_EVENTS");
}

static void events_reset_state(void)
{
	struct vcpu v = new_vcpu_events();
	struct kvm_vcpu_events events = events_of(&v);

	EXPECT_EQ(events.exception.injected, 0);
	EXPECT_EQ(events.interrupt.injected, 0);
	EXPECT_EQ(events.nmi.injected, 0);
	EXPECT_EQ(events.nmi.pending, 0);
	EXPECT_EQ(events.nmi.masked, 0);
	EXPECT(events.flags & KVM_VCPUEVENT_VALID_NMI_PENDING);
	EXPECT(events.flags & KVM_VCPUEVENT_VALID_SHADOW);
}

static void events_set_what_was_read(void)
{
	struct vcpu v = new_vcpu_events();
	struct kvm_vcpu_events set = events_of(&v), get;

	EXPECT_OK(ioctl(v.fd, KVM_SET_VCPU_EVENTS, &set));
	get = events_of(&v);
	EXPECT(!memcmp(&set, &get, sizeof(set)));
}

static void events_exception_round_trip(void)
{
	struct vcpu v = new_vcpu_events();
	struct kvm_vcpu_events events = events_of(&v);

	events.exception.injected = 1;
	events.exception.nr = GP_VECTOR;
	events.exception.has_error_code = 1;
	events.exception.error_code = 0x18;
	EXPECT_OK(ioctl(v.fd, KVM_SET_VCPU_EVENTS, &events));
	events = events_of(&v);
	EXPECT_EQ(events.exception.injected, 1);
	EXPECT_EQ(events.exception.nr, GP_VECTOR);
	EXPECT_EQ(events.exception.has_error_code, 1);
	EXPECT_EQ(events.exception.error_code, 0x18);
}

static void events_interrupt_round_trip(void)
{
	struct vcpu v = new_vcpu_events();
	struct kvm_vcpu_events events = events_of(&v);

	events.interrupt.injected = 1;
	events.interrupt.nr = 0x31;
	EXPECT_OK(ioctl(v.fd, KVM_SET_VCPU_EVENTS, &events));
	events = events_of(&v);
	EXPECT_EQ(events.interrupt.injected, 1);
	EXPECT_EQ(events.interrupt.nr, 0x31);
}

static void events_nmi_round_trip(void)
{
	struct vcpu v = new_vcpu_events();
	struct kvm_vcpu_events events = events_of(&v);

	events.nmi.masked = 1;
	events.nmi.pending = 1;
	EXPECT_OK(ioctl(v.fd, KVM_SET_VCPU_EVENTS, &events));
	events = events_of(&v);
	EXPECT_EQ(events.nmi.masked, 1);
	EXPECT_EQ(events.nmi.pending, 1);
}

/* Without its flag, a field is not taken. */
static void events_nmi_pending_needs_flag(void)
{
	struct vcpu v = new_vcpu_events();
	struct kvm_vcpu_events events = events_of(&v);

	events.nmi.pending = 1;
	events.flags &= ~KVM_VCPUEVENT_VALID_NMI_PENDING;
	EXPECT_OK(ioctl(v.fd, KVM_SET_VCPU_EVENTS, &events));
	EXPECT_EQ(events_of(&v).nmi.pending, 0);
}

static void events_shadow_round_trip(void)
{
	struct vcpu v = new_vcpu_events();
	struct kvm_vcpu_events events = events_of(&v);

	events.interrupt.shadow = KVM_X86_SHADOW_INT_STI;
	EXPECT_OK(ioctl(v.fd, KVM_SET_VCPU_EVENTS, &events));
	/* AMD's VMCB does not tell STI from MOV SS. */
	EXPECT(events_of(&v).interrupt.shadow & KVM_X86_SHADOW_INT_STI);
	events.interrupt.shadow = 0;
	EXPECT_OK(ioctl(v.fd, KVM_SET_VCPU_EVENTS, &events));
	EXPECT_EQ(events_of(&v).interrupt.shadow, 0);
}

static void events_unknown_flag(void)
{
	struct vcpu v = new_vcpu_events();
	struct kvm_vcpu_events events = events_of(&v);

	events.flags |= 1U << 31;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_VCPU_EVENTS, &events), EINVAL);
}

static void events_bad_exception(void)
{
	struct vcpu v = new_vcpu_events();
	struct kvm_vcpu_events events = events_of(&v);

	events.exception.injected = 1;
	events.exception.nr = 32;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_VCPU_EVENTS, &events), EINVAL);
	events.exception.nr = 2;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_VCPU_EVENTS, &events), EINVAL);
}

static void events_payload_needs_its_capability(void)
{
	struct vcpu v = new_vcpu_events();
	struct kvm_vcpu_events events = events_of(&v);

	events.flags |= KVM_VCPUEVENT_VALID_PAYLOAD;
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_VCPU_EVENTS, &events), EINVAL);
}

static void set_regs_drops_pending_exception(void)
{
	struct vcpu v = new_vcpu_events();
	struct kvm_vcpu_events events = events_of(&v);
	struct kvm_regs regs;

	events.exception.pending = 1;
	events.exception.nr = UD_VECTOR;
	EXPECT_OK(ioctl(v.fd, KVM_SET_VCPU_EVENTS, &events));
	EXPECT_OK(ioctl(v.fd, KVM_GET_REGS, &regs));
	EXPECT_OK(ioctl(v.fd, KVM_SET_REGS, &regs));
	EXPECT_EQ(events_of(&v).exception.pending, 0);
}

static u32 mp_state_of(const struct vcpu *v)
{
	struct kvm_mp_state mp;

	EXPECT_OK(ioctl(v->fd, KVM_GET_MP_STATE, &mp));
	return mp.mp_state;
}

static int set_mp_state(const struct vcpu *v, u32 state)
{
	struct kvm_mp_state mp = { .mp_state = state };

	return ioctl(v->fd, KVM_SET_MP_STATE, &mp);
}

static void mp_state_without_irqchip(void)
{
	struct vcpu v = new_vcpu();

	EXPECT_EQ(mp_state_of(&v), KVM_MP_STATE_RUNNABLE);
	EXPECT_OK(set_mp_state(&v, KVM_MP_STATE_RUNNABLE));
	EXPECT_ERRNO(set_mp_state(&v, KVM_MP_STATE_INIT_RECEIVED), EINVAL);
	EXPECT_ERRNO(set_mp_state(&v, KVM_MP_STATE_UNINITIALIZED), EINVAL);
}

static void mp_state_of_first_and_second_vcpu(void)
{
	int vm = vm_create_with_irqchip();
	struct vcpu v[2];

	vcpu_create(vm, 0, &v[0]);
	vcpu_create(vm, 1, &v[1]);
	EXPECT_EQ(mp_state_of(&v[0]), KVM_MP_STATE_RUNNABLE);
	EXPECT_EQ(mp_state_of(&v[1]), KVM_MP_STATE_UNINITIALIZED);
}

static void mp_state_round_trip(void)
{
	static const u32 states[] = {
		KVM_MP_STATE_HALTED, KVM_MP_STATE_INIT_RECEIVED,
		KVM_MP_STATE_UNINITIALIZED, KVM_MP_STATE_RUNNABLE,
	};
	struct vcpu v;
	unsigned int i;

	vcpu_create(vm_create_with_irqchip(), 0, &v);
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		EXPECT_OK(set_mp_state(&v, states[i]));
		EXPECT_EQ(mp_state_of(&v), states[i]);
	}
}

static void mp_state_bad_values(void)
{
	struct vcpu v;

	vcpu_create(vm_create_with_irqchip(), 0, &v);
	EXPECT_ERRNO(set_mp_state(&v, KVM_MP_STATE_STOPPED), EINVAL);
	EXPECT_ERRNO(set_mp_state(&v, KVM_MP_STATE_OPERATING), EINVAL);
	EXPECT_ERRNO(set_mp_state(&v, 0xffffffff), EINVAL);
}

const struct tap_case state_cases[] = {
	{ "fpu_reset_state", fpu_reset_state },
	{ "fpu_round_trip", fpu_round_trip },
	{ "fpu_mxcsr_is_not_taken", fpu_mxcsr_is_not_taken },
	{ "fpu_bad_pointer", fpu_bad_pointer },
	{ "xsave_round_trip", xsave_round_trip },
	{ "xsave_agrees_with_fpu", xsave_agrees_with_fpu },
	{ "xsave_unknown_component", xsave_unknown_component },
	{ "xsave_compacted_form", xsave_compacted_form },
	{ "xsave_reserved_mxcsr", xsave_reserved_mxcsr },
	{ "xsave_bad_pointer", xsave_bad_pointer },
	{ "xsave2_size_is_enough", xsave2_size_is_enough },
	{ "xsave2_agrees_with_xsave", xsave2_agrees_with_xsave },
	{ "xcrs_reset_state", xcrs_reset_state },
	{ "xcrs_round_trip", xcrs_round_trip },
	{ "xcrs_all_that_cpuid_offers", xcrs_all_that_cpuid_offers },
	{ "xcrs_bad_values", xcrs_bad_values },
	{ "xcrs_too_many", xcrs_too_many },
	{ "xcrs_flags", xcrs_flags },
	{ "debugregs_reset_state", debugregs_reset_state },
	{ "debugregs_round_trip", debugregs_round_trip },
	{ "debugregs_refusals", debugregs_refusals },
	{ "events_reset_state", events_reset_state },
	{ "events_set_what_was_read", events_set_what_was_read },
	{ "events_exception_round_trip", events_exception_round_trip },
	{ "events_interrupt_round_trip", events_interrupt_round_trip },
	{ "events_nmi_round_trip", events_nmi_round_trip },
	{ "events_nmi_pending_needs_flag", events_nmi_pending_needs_flag },
	{ "events_shadow_round_trip", events_shadow_round_trip },
	{ "events_unknown_flag", events_unknown_flag },
	{ "events_bad_exception", events_bad_exception },
	{ "events_payload_needs_its_capability",
	  events_payload_needs_its_capability },
	{ "set_regs_drops_pending_exception",
	  set_regs_drops_pending_exception },
	{ "mp_state_without_irqchip", mp_state_without_irqchip },
	{ "mp_state_of_first_and_second_vcpu",
	  mp_state_of_first_and_second_vcpu },
	{ "mp_state_round_trip", mp_state_round_trip },
	{ "mp_state_bad_values", mp_state_bad_values },
	{ }
};
