// SPDX-License-Identifier: GPL-2.0
/*
 * The VMCB of a vCPU: its memory, its constant fields, its intercepts; and the
 * permission maps for ports and MSRs, which all VMs share. Called through
 * lhv_vendor_ops by lifetimes and the run loop.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/debugreg.h>
#include <asm/msr-index.h>
#include <asm/trapnr.h>

#include "../host.h"
#include "svm.h"

/*
 * APM, "I/O Permissions Map" and "MSR Intercepts": a bit for each port and a few
 * beyond, two bits for each of 8192 MSRs in three ranges.
 */
#define IOPM_ORDER		2		/* 12 KiB are used */
#define MSRPM_ORDER		1
#define MSRPM_RANGE_BITS	(2 * 8192)

static void *iopm;
static unsigned long *msrpm[2];			/* [1]: SPEC_CTRL is the guest's */

/* MSRs that VMLOAD, VMSAVE and VMRUN switch, so that the guest may own them. */
static const u32 always_open[] = {
	MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SYSCALL_MASK, MSR_KERNEL_GS_BASE,
	MSR_FS_BASE, MSR_GS_BASE, MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP,
	MSR_IA32_SYSENTER_EIP,
};

static void open_msr(unsigned long *map, u32 msr)
{
	unsigned int range = msr >= 0xc0010000 ? 2 : msr >= 0xc0000000;

	bitmap_clear(map, range * MSRPM_RANGE_BITS + 2 * (msr & 0x1fff), 2);
}

/* The one place that says which MSRs guests reach: from "intercept all" up. */
static unsigned long *make_msrpm(bool spec_ctrl)
{
	unsigned long *map = (void *)__get_free_pages(GFP_KERNEL, MSRPM_ORDER);
	unsigned int i;

	if (!map)
		return NULL;
	memset(map, 0xff, PAGE_SIZE << MSRPM_ORDER);
	for (i = 0; i < ARRAY_SIZE(always_open); i++)
		open_msr(map, always_open[i]);
	if (spec_ctrl)
		open_msr(map, MSR_IA32_SPEC_CTRL);
	return map;
}

void lhv_svm_maps_exit(void)
{
	free_pages((unsigned long)iopm, IOPM_ORDER);
	free_pages((unsigned long)msrpm[0], MSRPM_ORDER);
	free_pages((unsigned long)msrpm[1], MSRPM_ORDER);
	iopm = NULL;
	msrpm[0] = NULL;
	msrpm[1] = NULL;
}

/**
 * lhv_svm_maps_init() - the permission maps
 *
 * Process context at load. Return: 0 or -ENOMEM.
 */
int lhv_svm_maps_init(void)
{
	iopm = (void *)__get_free_pages(GFP_KERNEL, IOPM_ORDER);
	msrpm[0] = make_msrpm(false);
	msrpm[1] = make_msrpm(true);
	if (!iopm || !msrpm[0] || !msrpm[1]) {
		lhv_svm_maps_exit();
		return -ENOMEM;
	}
	memset(iopm, 0xff, PAGE_SIZE << IOPM_ORDER);
	return 0;
}

/**
 * lhv_svm_intercept() - switch intercepts on or off
 * @vcpu: loaded
 * @word: which word of them
 * @bits: in that word
 * @on: exit on these
 */
void lhv_svm_intercept(struct lhv_vcpu *vcpu, enum vmcb_intercept_word word, u32 bits, bool on)
{
	u32 *have = &svm_control(vcpu)->intercepts[word];
	u32 want = on ? *have | bits : *have & ~bits;

	if (want == *have)
		return;
	*have = want;
	svm_dirty(vcpu, CLEAN_INTERCEPTS);
}

/*
 * Exceptions that always exit: #DB and #AC could be taken for ever without an
 * interrupt window, #MC is the host's, #UD may be Intel's VMCALL.
 */
#define EXCEPTIONS	(BIT(X86_TRAP_DB) | BIT(X86_TRAP_AC) | BIT(X86_TRAP_MC) | BIT(X86_TRAP_UD))

static const u32 always_intercepted[INTERCEPT_WORDS] = {
	[INTERCEPT_CR] = INTERCEPT_CR_WRITE(4) | INTERCEPT_CR_WRITE(8),
	[INTERCEPT_DR] = ~0U,
	[INTERCEPT_EXCEPTION] = EXCEPTIONS,
	[INTERCEPT_MISC1] = INTERCEPT_INTR | INTERCEPT_NMI | INTERCEPT_SMI | INTERCEPT_INIT |
			    INTERCEPT_CR0_SEL | INTERCEPT_RDPMC | INTERCEPT_CPUID | INTERCEPT_RSM |
			    INTERCEPT_INVD | INTERCEPT_HLT | INTERCEPT_INVLPGA | INTERCEPT_IOIO |
			    INTERCEPT_MSR | INTERCEPT_TASK_SWITCH | INTERCEPT_SHUTDOWN,
	[INTERCEPT_MISC2] = INTERCEPT_VMRUN | INTERCEPT_VMMCALL | INTERCEPT_VMLOAD |
			    INTERCEPT_VMSAVE | INTERCEPT_STGI | INTERCEPT_CLGI | INTERCEPT_SKINIT |
			    INTERCEPT_WBINVD | INTERCEPT_MONITOR | INTERCEPT_MWAIT |
			    INTERCEPT_XSETBV | INTERCEPT_RDPRU,
	[INTERCEPT_MISC3] = INTERCEPT_INVLPGB | INTERCEPT_INVLPGB_BAD | INTERCEPT_MCOMMIT |
			    INTERCEPT_TLBSYNC,
};

static void write_constants(struct lhv_vcpu *vcpu)
{
	struct vmcb_control *control = svm_control(vcpu);

	memcpy(control->intercepts, always_intercepted, sizeof(always_intercepted));
	control->iopm_pa = __pa(iopm);
	control->int_ctl = V_INTR_MASKING;
	control->nested_ctl = NESTED_CTL_NP;
	control->nested_cr3 = vcpu->vm->mmu.root_hpa;
	svm_save(vcpu)->dr6 = DR6_RESERVED;
}

/* CPUID, the APIC's mode or dirty logging changed. */
static void update_controls(struct lhv_vcpu *vcpu)
{
	bool spec_ctrl = vcpu->caps.spec_ctrl && boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL);

	svm_control(vcpu)->msrpm_pa = __pa(msrpm[spec_ctrl]);
	svm_dirty(vcpu, CLEAN_PERM_MAPS);
	lhv_svm_intercept(vcpu, INTERCEPT_MISC2, INTERCEPT_RDTSCP, !vcpu->caps.rdtscp);
	lhv_svm_intercept(vcpu, INTERCEPT_MISC3, INTERCEPT_INVPCID, !vcpu->caps.invpcid);
	lhv_svm_intercept(vcpu, INTERCEPT_EXCEPTION, BIT(X86_TRAP_BP),
			  vcpu->guest_debug & KVM_GUESTDBG_USE_SW_BP);
}

static void vcpu_free(struct lhv_vcpu *vcpu)
{
	struct lhv_svm *svm = to_svm(vcpu);

	free_page((unsigned long)svm->vmcb);
	vcpu->vendor = NULL;
	kfree(svm);
}

static int vcpu_init(struct lhv_vcpu *vcpu)
{
	struct lhv_svm *svm = kzalloc(sizeof(*svm), GFP_KERNEL_ACCOUNT);

	if (!svm)
		return -ENOMEM;
	vcpu->vendor = svm;
	svm->vmcb = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!svm->vmcb) {
		vcpu_free(vcpu);
		return -ENOMEM;
	}
	svm->vmcb_pa = __pa(svm->vmcb);
	svm->retry_rip = ~0ULL;
	write_constants(vcpu);
	update_controls(vcpu);
	return 0;
}

/* Registers that both vendors have come through the register operations. */
static void vcpu_reset(struct lhv_vcpu *vcpu, bool init_event)
{
	struct vmcb_save *save = svm_save(vcpu);

	svm_control(vcpu)->event_inj = 0;
	to_svm(vcpu)->event_armed = false;
	if (to_svm(vcpu)->irq_armed)
		lhv_svm_take_v_irq(vcpu);
	if (!init_event) {
		save->sysenter_cs = 0;
		save->sysenter_esp = 0;
		save->sysenter_eip = 0;
	}
}

static int vm_init(struct lhv_vm *vm)
{
	return 0;
}

static void vm_destroy(struct lhv_vm *vm)
{
}

static void load(struct lhv_vcpu *vcpu)
{
	int cpu = smp_processor_id();

	if (likely(vcpu->cpu == cpu))
		return;
	vcpu->cpu = cpu;
	/* Another CPU's ASIDs, and another CPU's copy of the VMCB. */
	to_svm(vcpu)->asid_gen = 0;
	svm_control(vcpu)->clean = 0;
	lhv_self_request(vcpu, LHV_REQ_TLB_FLUSH);
}

static void put(struct lhv_vcpu *vcpu)
{
}

void lhv_svm_fill_vmcb_ops(struct lhv_vendor_ops *ops)
{
	ops->vm_init = vm_init;
	ops->vm_destroy = vm_destroy;
	ops->vcpu_init = vcpu_init;
	ops->vcpu_free = vcpu_free;
	ops->vcpu_reset = vcpu_reset;
	ops->load = load;
	ops->put = put;
	ops->update_controls = update_controls;
}
