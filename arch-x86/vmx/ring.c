// SPDX-License-Identifier: GPL-2.0
/*
 * The hot half of the VMX backend: what is switched when a vCPU's thread steps
 * into the inner ring and out of it, and the entry itself. Called by run.c
 * through lhv_vendor_ops.
 *
 * Per ring: the host's selectors, FS base, KERNEL_GS_BASE, SYSCALL MSRs and
 * debug registers. Per entry: only what differs from the last one.
 */
#include <linux/irqflags.h>
#include <linux/sched.h>
#include <asm/desc.h>
#include <asm/mmu.h>
#include <asm/msr.h>
#include <asm/nospec-branch.h>
#include <asm/segment.h>
#include <asm/special_insns.h>

#include "../guest-debug.h"
#include "../host.h"
#include "../hostregs.h"
#include "vmx.h"

/* The general registers, but RSP, are in vcpu->regs after every exit. */
#define REGS_AFTER_EXIT	(GENMASK(LHV_R15, 0) & ~BIT(LHV_RSP))

/*
 * MSRs without a VMCS field, by their place in lhv_vmx_host: only the guest uses
 * their values while it runs, so they are switched once a ring, and only where
 * the two values differ. h->live is what the hardware holds, h->found what it
 * held when the guest's were loaded.
 */
static const struct {
	u32 index;
	u16 field;			/* in struct lhv_vcpu */
} ring_msrs[LHV_RING_MSRS] = {
	[RING_STAR] = { MSR_STAR, offsetof(struct lhv_vcpu, msr_star) },
	[RING_LSTAR] = { MSR_LSTAR, offsetof(struct lhv_vcpu, msr_lstar) },
	[RING_SYSCALL_MASK] = { MSR_SYSCALL_MASK, offsetof(struct lhv_vcpu, msr_syscall_mask) },
	[RING_TSC_AUX] = { MSR_TSC_AUX, offsetof(struct lhv_vcpu, msr_tsc_aux) },
};

static u64 *guest_ring_msr(struct lhv_vcpu *vcpu, unsigned int i)
{
	return (void *)vcpu + ring_msrs[i].field;
}

/* The host's values: the kernel sets them when a CPU comes up, never again. */
void lhv_vmx_read_host(struct lhv_vmx_cpu *c)
{
	unsigned int i;

	for (i = 0; i < LHV_RING_MSRS; i++)
		c->ring_msrs[i] = lhv_host_rdmsr(ring_msrs[i].index);
}

static void put_ring_msr(struct lhv_vmx_host *h, enum lhv_ring_msr i, u64 val)
{
	if (h->live[i] == val)
		return;
	h->live[i] = val;
	lhv_host_wrmsr(ring_msrs[i].index, val);
}

/*
 * KVM leaves its guest's values in place until the thread returns to userspace,
 * so beside it the hardware is asked.
 */
static void find_ring_msrs(struct lhv_vmx_host *h)
{
	unsigned int i;

	h->debugctl = lhv_host_rdmsr(MSR_IA32_DEBUGCTLMSR);
	if (lhv_irqs_off_in_ring()) {
		for (i = 0; i < LHV_RING_MSRS; i++)
			h->found[i] = lhv_host_rdmsr(ring_msrs[i].index);
	} else {
		memcpy(h->found, this_cpu_ptr(&lhv_vmx_cpu)->ring_msrs, sizeof(h->found));
	}
	memcpy(h->live, h->found, sizeof(h->live));
}

/* TSC_AUX is the last, and stays the host's where the guest cannot read it. */
static void load_ring_msrs(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx_host *h = &to_vmx(vcpu)->host;
	bool tsc_aux = to_vmx(vcpu)->cpu2_controls & CPU2_RDTSCP;
	unsigned int i, n = tsc_aux ? LHV_RING_MSRS : RING_TSC_AUX;

	find_ring_msrs(h);
	for (i = 0; i < n; i++)
		put_ring_msr(h, i, *guest_ring_msr(vcpu, i));
	h->in_ring = true;
}

static void restore_ring_msrs(struct lhv_vmx_host *h)
{
	unsigned int i;

	h->in_ring = false;
	for (i = 0; i < LHV_RING_MSRS; i++)
		put_ring_msr(h, i, h->found[i]);
}

/**
 * lhv_vmx_set_ring_msr() - an MSR that the ring switches was written
 * @vcpu: loaded
 * @index: any MSR
 * @data: checked
 *
 * Return: false where it is another MSR.
 */
bool lhv_vmx_set_ring_msr(struct lhv_vcpu *vcpu, u32 index, u64 data)
{
	struct lhv_vmx_host *h = &to_vmx(vcpu)->host;
	unsigned int i;

	for (i = 0; i < LHV_RING_MSRS; i++) {
		if (ring_msrs[i].index != index)
			continue;
		*guest_ring_msr(vcpu, i) = data;
		if (h->in_ring)
			put_ring_msr(h, i, data);
		return true;
	}
	return false;
}

/*
 * A VM exit leaves no LDT. The VMM may have one, which another thread of its may
 * have changed meanwhile, by interrupt: its descriptor is right at all times.
 */
static void restore_ldt(void)
{
#ifdef CONFIG_MODIFY_LDT_SYSCALL
	static const u16 selector = GDT_ENTRY_LDT * 8;
	unsigned long flags;

	local_irq_save(flags);
	if (unlikely(READ_ONCE(current->mm->context.ldt)))
		asm volatile("lldt %0" : : "m" (selector));
	local_irq_restore(flags);
#endif
}

/**
 * lhv_vmx_ring_enter() - the processor becomes the guest's as far as it can
 * @vcpu: loaded; the guest's FPU is loaded
 *
 * Preemption off, interrupts on.
 */
void lhv_vmx_ring_enter(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	struct lhv_vmx_host *h = &vmx->host;
	u64 fs_base;

	savesegment(ds, h->ds);
	savesegment(es, h->es);
	savesegment(fs, h->fs);
	savesegment(gs, h->gs);
	fs_base = lhv_host_rdmsr(MSR_FS_BASE);
	if (fs_base != h->fs_base) {
		h->fs_base = fs_base;
		vmcs_writel(VMCS_HOST_FS_BASE, fs_base);
	}
	h->kernel_gs_base = lhv_host_rdmsr(MSR_KERNEL_GS_BASE);
	lhv_host_wrmsr(MSR_KERNEL_GS_BASE, vcpu->msr_kernel_gs_base);
	load_ring_msrs(vcpu);
	if (unlikely(lhv_effective_dr7(vcpu) & 0xff))
		lhv_load_guest_dr(vcpu);
	/* KVM parts its own guests from each other, not from these. */
	if (unlikely(this_cpu_read(lhv_vmx_cpu.window) == WINDOW_TENANT))
		lhv_branch_barrier();
	/* L1TF: what the host has in the L1 data cache, a guest could read. */
	if (boot_cpu_has_bug(X86_BUG_L1TF) && boot_cpu_has(X86_FEATURE_FLUSH_L1D))
		lhv_host_wrmsr(MSR_IA32_FLUSH_CMD, L1D_FLUSH);
}

/**
 * lhv_vmx_ring_leave() - the processor is the host's again
 * @vcpu: loaded
 *
 * Preemption off, interrupts on.
 */
void lhv_vmx_ring_leave(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx_host *h = &to_vmx(vcpu)->host;

	if (unlikely(to_vmx(vcpu)->cpu2_controls & CPU2_PML))
		lhv_vmx_pml_drain(vcpu);
	vcpu->msr_kernel_gs_base = lhv_host_rdmsr(MSR_KERNEL_GS_BASE);
	restore_ring_msrs(h);
	restore_ldt();
	if (unlikely(h->ds | h->es)) {
		loadsegment(ds, h->ds);
		loadsegment(es, h->es);
	}
	/* Loading a selector clobbers the base: write that afterwards. */
	if (unlikely(h->fs)) {
		loadsegment(fs, h->fs);
		lhv_host_wrmsr(MSR_FS_BASE, h->fs_base);
	}
	if (unlikely(h->gs))
		load_gs_index(h->gs);
	lhv_host_wrmsr(MSR_KERNEL_GS_BASE, h->kernel_gs_base);
	lhv_restore_host_dr(vcpu);
	if (unlikely(this_cpu_read(lhv_vmx_cpu.window) == WINDOW_TENANT))
		lhv_branch_barrier();
	/* A VM exit sets the limits of GDTR and TR to their maximum. */
	load_fixmap_gdt(smp_processor_id());
	invalidate_tss_limit();
}

/**
 * lhv_vmx_let_irqs_in() - the host's interrupts wait: take them
 * @vcpu: in the ring, with interrupts on or off as they are there
 *
 * What the hardware has logged is handed in first: the interrupt may be the one
 * that asks for it, and finds the VMCS no more. KVM may change the ring's MSRs
 * by interrupt, when its last VM ends.
 */
void lhv_vmx_let_irqs_in(struct lhv_vcpu *vcpu)
{
	if (!lhv_irqs_off_in_ring())
		return;
	if (to_vmx(vcpu)->cpu2_controls & CPU2_PML)
		lhv_vmx_pml_drain(vcpu);
	restore_ring_msrs(&to_vmx(vcpu)->host);
	lhv_vmx_put(vcpu);
	lhv_vmx_load(vcpu);
	load_ring_msrs(vcpu);
}

static __always_inline void write_host_moment(struct lhv_vmx *vmx)
{
	unsigned long cr3 = __read_cr3(), cr4 = __read_cr4();

	if (unlikely(cr3 != vmx->host.cr3)) {
		vmx->host.cr3 = cr3;
		vmcs_writel(VMCS_HOST_CR3, cr3);
	}
	if (unlikely(cr4 != vmx->host.cr4)) {
		vmx->host.cr4 = cr4;
		vmcs_writel(VMCS_HOST_CR4, cr4);
	}
}

/*
 * An NMI or machine check ended the guest: it is the host's, and due now. NMIs
 * are blocked since the exit, until the IRET of their handler. Where exceptions
 * arrive by the IDT, INT 2 is the way to it.
 */
static void handle_host_exception(struct lhv_vcpu *vcpu, u32 info)
{
	if ((info & INTR_TYPE_MASK) == INTR_TYPE_NMI)
		asm volatile("int $2" : : : "memory");
	else if ((info & (INTR_TYPE_MASK | INTR_VECTOR)) ==
		 (INTR_TYPE_HARD_EXCEPTION | X86_TRAP_MC))
		lhv_deliver_host_mce();
}

/* Exits during which an event may have been on its way through the IDT. */
#define MAY_INTERRUPT_DELIVERY						\
	(BIT_ULL(0) | BIT_ULL(9) | BIT_ULL(44) | BIT_ULL(45) |		\
	 BIT_ULL(48) | BIT_ULL(49) | BIT_ULL(56) | BIT_ULL(62))

static void after_exit(struct lhv_vcpu *vcpu, struct lhv_vmx *vmx)
{
	u32 reason = vmx->exit_reason;

	if (vmx->entry_info_armed) {
		vmx->entry_info_armed = false;
		vcpu->exc.injected = false;
		vcpu->nmi_injected = false;
		vcpu->irq_injected = false;
	}
	if (likely(reason > 63 || !(BIT_ULL(reason) & MAY_INTERRUPT_DELIVERY)))
		return;
	vmx->idt_info = vmcs_read32(VMCS_IDT_INFO);
	if (vmx->idt_info & INTR_VALID)
		lhv_vmx_recover_vectoring(vcpu);
	if (reason == 0) {
		vmx->exit_intr_info = vmcs_read32(VMCS_EXIT_INTR_INFO);
		handle_host_exception(vcpu, vmx->exit_intr_info);
	}
}

/**
 * lhv_vmx_enter() - write back, enter the guest, come back
 * @vcpu: in the ring
 *
 * Interrupts off. Afterwards vmx->exit_reason tells what happened; all else
 * about the exit is read from the VMCS by who needs it.
 */
void lhv_vmx_enter(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	u64 host_spec_ctrl = 0;

	if (vcpu->regs_dirty)
		lhv_vmx_write_back(vcpu);
	write_host_moment(vmx);
	if (vcpu->cr2 != native_read_cr2())
		native_write_cr2(vcpu->cr2);
	lhv_fpu_enter(vcpu);
	if (vcpu->caps.spec_ctrl)
		host_spec_ctrl = lhv_spec_ctrl_enter(vcpu);

	vmx->failed = lhv_vmx_enter_asm(vcpu->regs, vmx->launched, &vmx->host_rsp);

	if (vcpu->caps.spec_ctrl)
		lhv_spec_ctrl_exit(vcpu, host_spec_ctrl);
	lhv_fpu_exit(vcpu);
	vcpu->cr2 = native_read_cr2();
	if (unlikely(vmx->host.debugctl))
		lhv_host_wrmsr(MSR_IA32_DEBUGCTLMSR, vmx->host.debugctl);
	vcpu->regs_avail = REGS_AFTER_EXIT;
	vmx->qual_valid = false;
	vmx->interruptibility_valid = false;
	vmx->idt_info = 0;
	if (unlikely(vmx->failed)) {
		vmx->exit_reason = EXIT_REASON_FAILED_ENTRY | 0xffff;
		return;
	}
	vmx->exit_reason = vmcs_read32(VMCS_EXIT_REASON);
	/* A failed VMLAUNCH leaves the launch state clear. */
	if (unlikely(vmx->exit_reason & EXIT_REASON_FAILED_ENTRY)) {
		if ((u16)vmx->exit_reason == EXIT_REASON_MCE_AT_ENTRY)
			lhv_deliver_host_mce();
		return;
	}
	vmx->launched = true;
	after_exit(vcpu, vmx);
}

/**
 * lhv_vmx_flush_tlb() - drop every translation of this VM that this CPU holds
 * @vcpu: loaded
 */
void lhv_vmx_flush_tlb(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx_vm *vm = vcpu->vm->vendor;

	if (lhv_vmx_caps.invept_context)
		vmx_invept(INVEPT_CONTEXT, vm->eptp);
	else
		vmx_invept(INVEPT_ALL, 0);
}

void lhv_vmx_write_tsc_offset(struct lhv_vcpu *vcpu)
{
	vmcs_write64(VMCS_TSC_OFFSET, vcpu->tsc_offset);
}
