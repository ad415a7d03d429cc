// SPDX-License-Identifier: GPL-2.0
/*
 * The MSR bitmap of a vCPU: the one place that decides which MSRs its guest
 * reaches without an exit. It starts from "intercept all" and opens what is in
 * the table below. Called by vmcs.c whenever CPUID or the APIC's mode changed.
 */
#include <linux/bitops.h>
#include <linux/string.h>
#include <asm/msr-index.h>

#include "vmx.h"

/* SDM, "MSR-Bitmap Address": four bitmaps of 1024 bytes each. */
#define READ_LOW	(0x000 * 8)
#define READ_HIGH	(0x400 * 8)
#define WRITE_LOW	(0x800 * 8)
#define WRITE_HIGH	(0xc00 * 8)

/**
 * lhv_vmx_open_msr() - let the guest reach an MSR without an exit
 * @bitmap: the vCPU's
 * @msr: which
 * @what: OPEN_READ, OPEN_WRITE
 */
void lhv_vmx_open_msr(unsigned long *bitmap, u32 msr, int what)
{
	u32 index = msr & 0x1fff;
	bool high = msr >= 0xc0000000;

	if (what & OPEN_READ)
		__clear_bit((high ? READ_HIGH : READ_LOW) + index, bitmap);
	if (what & OPEN_WRITE)
		__clear_bit((high ? WRITE_HIGH : WRITE_LOW) + index, bitmap);
}

/* MSRs that the VMCS or the ring switches, so that the guest may own them. */
static const struct {
	u32 msr;
	int what;
} always_open[] = {
	{ MSR_FS_BASE, OPEN_READ | OPEN_WRITE },
	{ MSR_GS_BASE, OPEN_READ | OPEN_WRITE },
	{ MSR_KERNEL_GS_BASE, OPEN_READ | OPEN_WRITE },
	{ MSR_IA32_SYSENTER_CS, OPEN_READ | OPEN_WRITE },
	{ MSR_IA32_SYSENTER_ESP, OPEN_READ | OPEN_WRITE },
	{ MSR_IA32_SYSENTER_EIP, OPEN_READ | OPEN_WRITE },
	{ MSR_IA32_TSC, OPEN_READ },
};

void lhv_vmx_msr_bitmap_update(struct lhv_vcpu *vcpu)
{
	unsigned long *bitmap = to_vmx(vcpu)->msr_bitmap;
	unsigned int i;

	memset(bitmap, 0xff, PAGE_SIZE);
	for (i = 0; i < ARRAY_SIZE(always_open); i++)
		lhv_vmx_open_msr(bitmap, always_open[i].msr, always_open[i].what);
	if (vcpu->caps.spec_ctrl && boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL))
		lhv_vmx_open_msr(bitmap, MSR_IA32_SPEC_CTRL, OPEN_READ | OPEN_WRITE);
	lhv_vmx_apic_open_msrs(vcpu, bitmap);
}
