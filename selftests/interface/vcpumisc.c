// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of what is left of the vCPU's calls: interrupts and NMIs by hand, TPR
 * reporting, the virtual APIC page, machine checks, capabilities.
 */
#include <string.h>

#include "interface.h"
#include "vm.h"
#include "../../uapi/lhv.h"

static struct vcpu new_vcpu(void)
{
	struct vcpu v;

	vcpu_create(vm_create(), 0, &v);
	return v;
}

static struct vcpu new_vcpu_irqchip(void)
{
	struct vcpu v;

	vcpu_create(vm_create_with_irqchip(), 0, &v);
	return v;
}

static int interrupt(const struct vcpu *v, u32 vector)
{
	struct kvm_interrupt irq = { .irq = vector };

	return ioctl(v->fd, KVM_INTERRUPT, &irq);
}

static void interrupt_is_pending(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_sregs sregs;

	EXPECT_OK(interrupt(&v, 0x41));
	EXPECT_OK(ioctl(v.fd, KVM_GET_SREGS, &sregs));
	EXPECT_EQ(sregs.interrupt_bitmap[1], BIT(1));
}

static void interrupt_vector_too_high(void)
{
	struct vcpu v = new_vcpu();

	EXPECT_OK(interrupt(&v, 255));
	EXPECT_ERRNO(interrupt(&v, 256), EINVAL);
	EXPECT_ERRNO(interrupt(&v, 0xffffffff), EINVAL);
}

static void interrupt_with_irqchip(void)
{
	struct vcpu v = new_vcpu_irqchip();

	EXPECT_ERRNO(interrupt(&v, 0x41), ENXIO);
}

static void interrupt_bad_pointer(void)
{
	struct vcpu v = new_vcpu();

	EXPECT_ERRNO(ioctl(v.fd, KVM_INTERRUPT, 8UL), EFAULT);
}

static void nmi_is_pending(void)
{
	int vm = vm_create();
	struct kvm_vcpu_events events;
	struct vcpu v;

	REQUIRE_CAP(vm, KVM_CAP_USER_NMI);
	vcpu_create(vm, 0, &v);
	EXPECT_OK(ioctl(v.fd, KVM_NMI, 0));
	EXPECT_OK(ioctl(v.fd, KVM_GET_VCPU_EVENTS, &events));
	EXPECT_EQ(events.nmi.pending, 1);
}

static void tpr_access_reporting(void)
{
	struct vcpu v = new_vcpu_irqchip();
	struct kvm_tpr_access_ctl ctl = { .enabled = 1 };

	EXPECT_OK(ioctl(v.fd, KVM_TPR_ACCESS_REPORTING, &ctl));
	ctl.enabled = 0;
	EXPECT_OK(ioctl(v.fd, KVM_TPR_ACCESS_REPORTING, &ctl));
}

static void tpr_access_reporting_flags(void)
{
	struct vcpu v = new_vcpu_irqchip();
	struct kvm_tpr_access_ctl ctl = { .enabled = 1, .flags = 1 };

	EXPECT_ERRNO(ioctl(v.fd, KVM_TPR_ACCESS_REPORTING, &ctl), EINVAL);
}

static void tpr_access_reporting_bad_pointer(void)
{
	struct vcpu v = new_vcpu_irqchip();

	EXPECT_ERRNO(ioctl(v.fd, KVM_TPR_ACCESS_REPORTING, 8UL), EFAULT);
}

static void vapic_addr(void)
{
	int vm = vm_create_with_irqchip();
	struct kvm_vapic_addr va = { .vapic_addr = 0x1000 };
	struct vcpu v;

	slot_add(vm, 0, 0, 0, 1UL << 20);
	vcpu_create(vm, 0, &v);
	EXPECT_OK(ioctl(v.fd, KVM_SET_VAPIC_ADDR, &va));
	va.vapic_addr = 0;
	EXPECT_OK(ioctl(v.fd, KVM_SET_VAPIC_ADDR, &va));
}

static void vapic_addr_without_irqchip(void)
{
	struct vcpu v = new_vcpu();
	struct kvm_vapic_addr va = { .vapic_addr = 0x1000 };

	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_VAPIC_ADDR, &va), EINVAL);
}

static void vapic_addr_without_memory(void)
{
	struct vcpu v = new_vcpu_irqchip();
	struct kvm_vapic_addr va = { .vapic_addr = 0xd0000000 };

	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_VAPIC_ADDR, &va), EINVAL);
}

static struct vcpu new_vcpu_mce(void)
{
	int vm = vm_create();
	struct vcpu v;

	REQUIRE_CAP(vm, KVM_CAP_MCE);
	vcpu_create(vm, 0, &v);
	return v;
}

static int setup_mce(const struct vcpu *v, u64 mcg_cap)
{
	return ioctl(v->fd, KVM_X86_SETUP_MCE, &mcg_cap);
}

static void mce_setup(void)
{
	struct vcpu v = new_vcpu_mce();
	u64 supported = 0;

	EXPECT_OK(ioctl(sys_open(), KVM_X86_GET_MCE_CAP_SUPPORTED, &supported));
	EXPECT_OK(setup_mce(&v, (supported & ~0xffUL) | 10));
}

static void mce_setup_bad_bank_count(void)
{
	struct vcpu v = new_vcpu_mce();

	EXPECT_ERRNO(setup_mce(&v, 0), EINVAL);
	EXPECT_ERRNO(setup_mce(&v, 33), EINVAL);
	EXPECT_ERRNO(setup_mce(&v, 255), EINVAL);
}

static void mce_setup_unsupported_capability(void)
{
	struct vcpu v = new_vcpu_mce();

	EXPECT_ERRNO(setup_mce(&v, 1UL << 60 | 10), EINVAL);
}

static void mce_set_bad_bank(void)
{
	struct vcpu v = new_vcpu_mce();
	struct kvm_x86_mce mce = { .status = BIT(63), .bank = 10 };

	EXPECT_OK(setup_mce(&v, 10));
	EXPECT_ERRNO(ioctl(v.fd, KVM_X86_SET_MCE, &mce), EINVAL);
	mce.bank = 255;
	EXPECT_ERRNO(ioctl(v.fd, KVM_X86_SET_MCE, &mce), EINVAL);
}

static void mce_set_not_valid(void)
{
	struct vcpu v = new_vcpu_mce();
	struct kvm_x86_mce mce = { .status = 0, .bank = 1 };

	EXPECT_OK(setup_mce(&v, 10));
	EXPECT_ERRNO(ioctl(v.fd, KVM_X86_SET_MCE, &mce), EINVAL);
}

/* A corrected error is written to its bank and raises nothing. */
static void mce_set_corrected(void)
{
	struct vcpu v = new_vcpu_mce();
	struct kvm_x86_mce mce = {
		.status = BIT(63) | BIT(58) | 0x134, .addr = 0x5000, .bank = 2,
	};

	EXPECT_OK(setup_mce(&v, 10));
	EXPECT_OK(ioctl(v.fd, KVM_X86_SET_MCE, &mce));
	EXPECT_EQ(vcpu_get_msr(&v, 0x400 + 4 * 2 + 1), mce.status);
	EXPECT_EQ(vcpu_get_msr(&v, 0x400 + 4 * 2 + 2), mce.addr);
}

static void enable_cap_unknown(void)
{
	struct kvm_enable_cap cap = { .cap = 0x7fffffff };
	struct vcpu v = new_vcpu();

	REQUIRE_CAP(sys_open(), KVM_CAP_ENABLE_CAP);
	EXPECT_ERRNO(ioctl(v.fd, KVM_ENABLE_CAP, &cap), EINVAL);
}

static void guest_debug_off(void)
{
	struct kvm_guest_debug debug = { .control = 0 };
	struct vcpu v = new_vcpu();

	REQUIRE_CAP(sys_open(), KVM_CAP_SET_GUEST_DEBUG);
	EXPECT_OK(ioctl(v.fd, KVM_SET_GUEST_DEBUG, &debug));
}

/* KVM takes flags that mean nothing and ignores them. */
static void guest_debug_unknown_flags(void)
{
	struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE | 1U << 30 };
	struct vcpu v = new_vcpu();

	REQUIRE_CAP(sys_open(), KVM_CAP_SET_GUEST_DEBUG);
	REQUIRE_CAP(sys_open(), LHV_CAP_VERSION);
	EXPECT_ERRNO(ioctl(v.fd, KVM_SET_GUEST_DEBUG, &debug), EINVAL);
}

static void translate_without_paging(void)
{
	struct kvm_translation tr = { .linear_address = 0x1234 };
	int vm = vm_create(), ret;
	struct vcpu v;

	slot_add(vm, 0, 0, 0, 1UL << 20);
	vcpu_create(vm, 0, &v);
	ret = ioctl(v.fd, KVM_TRANSLATE, &tr);
	if (ret < 0 && errno == ENOTTY)
		tap_skip("no KVM_TRANSLATE");
	EXPECT_OK(ret);
	EXPECT_EQ(tr.valid, 1);
	EXPECT_EQ(tr.physical_address, 0x1234);
}

static void stats_fd(void)
{
	int vm = vm_create();
	struct vcpu v;

	REQUIRE_CAP(vm, KVM_CAP_BINARY_STATS_FD);
	vcpu_create(vm, 0, &v);
	EXPECT_OK(ioctl(vm, KVM_GET_STATS_FD, NULL));
	EXPECT_OK(ioctl(v.fd, KVM_GET_STATS_FD, NULL));
}

const struct tap_case vcpumisc_cases[] = {
	{ "interrupt_is_pending", interrupt_is_pending },
	{ "interrupt_vector_too_high", interrupt_vector_too_high },
	{ "interrupt_with_irqchip", interrupt_with_irqchip },
	{ "interrupt_bad_pointer", interrupt_bad_pointer },
	{ "nmi_is_pending", nmi_is_pending },
	{ "tpr_access_reporting", tpr_access_reporting },
	{ "tpr_access_reporting_flags", tpr_access_reporting_flags },
	{ "tpr_access_reporting_bad_pointer",
	  tpr_access_reporting_bad_pointer },
	{ "vapic_addr", vapic_addr },
	{ "vapic_addr_without_irqchip", vapic_addr_without_irqchip },
	{ "vapic_addr_without_memory", vapic_addr_without_memory },
	{ "mce_setup", mce_setup },
	{ "mce_setup_bad_bank_count", mce_setup_bad_bank_count },
	{ "mce_setup_unsupported_capability",
	  mce_setup_unsupported_capability },
	{ "mce_set_bad_bank", mce_set_bad_bank },
	{ "mce_set_not_valid", mce_set_not_valid },
	{ "mce_set_corrected", mce_set_corrected },
	{ "enable_cap_unknown", enable_cap_unknown },
	{ "guest_debug_off", guest_debug_off },
	{ "guest_debug_unknown_flags", guest_debug_unknown_flags },
	{ "translate_without_paging", translate_without_paging },
	{ "stats_fd", stats_fd },
	{ }
};
