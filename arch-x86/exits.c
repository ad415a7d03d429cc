// SPDX-License-Identifier: GPL-2.0
/*
 * The exits that mean the same on both vendors: instructions that the processor
 * hands over, and the ways a guest ends. Called by the vendors' exit tables, in
 * the ring. Besides it only pio.c, mmio.c and run.c fill in kvm_run.
 */
#include <linux/kernel.h>
#include <linux/kvm_para.h>
#include <asm/apicdef.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "guest-debug.h"
#include "trace.h"
#include "vendor.h"

/**
 * lhv_advance_rip() - the instruction is done: go to the next one
 * @vcpu: in the ring
 * @len: its length in bytes
 *
 * The one place that ends the interrupt shadow and honours TF (SDM,
 * "Single-Step Exception Condition").
 */
void lhv_advance_rip(struct lhv_vcpu *vcpu, u32 len)
{
	u64 rip = lhv_reg_read(vcpu, LHV_RIP), next = rip + len;
	u32 shadow = lhv_vendor_call(get_shadow)(vcpu);

	/* Below 4 GiB a carry out of bit 31 is a wrap, but in 64-bit mode. */
	if (unlikely((rip ^ next) >> 32) && !lhv_is_64bit_code(vcpu))
		next = (u32)next;
	lhv_reg_write(vcpu, LHV_RIP, next);
	if (unlikely(shadow))
		lhv_vendor.set_shadow(vcpu, 0);
	if (unlikely(lhv_reg_read(vcpu, LHV_RFLAGS) & X86_EFLAGS_TF))
		lhv_stepped(vcpu);
}

static void skip(struct lhv_vcpu *vcpu)
{
	lhv_advance_rip(vcpu, lhv_vendor_call(insn_len)(vcpu));
}

/* The instruction does not exist in this processor. */
enum lhv_next lhv_exit_ud(struct lhv_vcpu *vcpu)
{
	lhv_queue_exception(vcpu, X86_TRAP_UD);
	return LHV_RESUME;
}

enum lhv_next lhv_exit_gp(struct lhv_vcpu *vcpu)
{
	lhv_queue_exception_e(vcpu, X86_TRAP_GP, 0);
	return LHV_RESUME;
}

enum lhv_next lhv_exit_irq_window(struct lhv_vcpu *vcpu)
{
	lhv_vendor.irq_window(vcpu, false);
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	return LHV_RESUME;
}

enum lhv_next lhv_exit_nmi_window(struct lhv_vcpu *vcpu)
{
	lhv_vendor.nmi_window(vcpu, false);
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	return LHV_RESUME;
}

enum lhv_next lhv_exit_cpuid(struct lhv_vcpu *vcpu)
{
	u32 eax = vcpu->regs[LHV_RAX], ecx = vcpu->regs[LHV_RCX], ebx, edx;

	lhv_cpuid_query(vcpu, &eax, &ebx, &ecx, &edx);
	vcpu->regs[LHV_RAX] = eax;
	vcpu->regs[LHV_RBX] = ebx;
	vcpu->regs[LHV_RCX] = ecx;
	vcpu->regs[LHV_RDX] = edx;
	skip(vcpu);
	return LHV_RESUME;
}

/* With an in-kernel APIC the thread sleeps; without, HLT is userspace's. */
enum lhv_next lhv_exit_hlt(struct lhv_vcpu *vcpu)
{
	skip(vcpu);
	vcpu->stat.halts++;
	if (!vcpu->vm->has_irqchip) {
		vcpu->run->exit_reason = KVM_EXIT_HLT;
		return lhv_leave_with(vcpu, 0);
	}
	lhv_reg_read(vcpu, LHV_RFLAGS);
	vcpu->nmi_blocked = lhv_vendor.get_nmi_mask(vcpu);
	/* A debug exception ends HLT (SDM, "HLT"); the step's is such a one. */
	if (lhv_has_request(vcpu, LHV_REQ_STEPPED) || lhv_vcpu_has_events(vcpu)) {
		lhv_self_request(vcpu, LHV_REQ_EVENT);
		return LHV_RESUME;
	}
	vcpu->mp_state = KVM_MP_STATE_HALTED;
	vcpu->outer = lhv_outer_block;
	return LHV_STEP_OUT;
}

/*
 * It spins: what it waits for may be another vCPU's to do, which has no processor
 * as long as this one spins on it.
 */
enum lhv_next lhv_exit_pause(struct lhv_vcpu *vcpu)
{
	skip(vcpu);
	vcpu->outer = lhv_outer_yield;
	return LHV_STEP_OUT;
}

enum lhv_next lhv_exit_rdmsr(struct lhv_vcpu *vcpu)
{
	u32 index = vcpu->regs[LHV_RCX];
	u64 data = 0;
	int ret = lhv_get_msr(vcpu, index, &data, false);

	trace_kvm_msr(0, index, data, ret);
	if (ret)
		return lhv_exit_gp(vcpu);
	vcpu->regs[LHV_RAX] = (u32)data;
	vcpu->regs[LHV_RDX] = data >> 32;
	skip(vcpu);
	return LHV_RESUME;
}

enum lhv_next lhv_exit_wrmsr(struct lhv_vcpu *vcpu)
{
	u32 index = vcpu->regs[LHV_RCX];
	u64 data = (u32)vcpu->regs[LHV_RAX] | vcpu->regs[LHV_RDX] << 32;
	int ret = lhv_set_msr(vcpu, index, data, false);

	trace_kvm_msr(1, index, data, ret);
	/* What a vCPU does to its own APIC tells nobody: look for what is due. */
	if (index - APIC_BASE_MSR < 0x100 || index == MSR_IA32_TSC_DEADLINE)
		lhv_self_request(vcpu, LHV_REQ_EVENT);
	if (ret)
		return lhv_exit_gp(vcpu);
	skip(vcpu);
	return LHV_RESUME;
}

/*
 * KVM's hypercalls: number in RAX, answer in RAX. Those that some CPUID bit
 * announces are not offered; any number but the harmless one is unknown.
 */
enum lhv_next lhv_exit_hypercall(struct lhv_vcpu *vcpu)
{
	bool is64 = lhv_is_64bit_code(vcpu);
	u64 nr = vcpu->regs[LHV_RAX], ret = -KVM_ENOSYS;

	if (!is64)
		nr = (u32)nr;
	if (lhv_vendor.get_cpl(vcpu))
		ret = -KVM_EPERM;
	else if (nr == KVM_HC_VAPIC_POLL_IRQ)
		ret = 0;
	vcpu->regs[LHV_RAX] = is64 ? ret : (u32)ret;
	skip(vcpu);
	return LHV_RESUME;
}

enum lhv_next lhv_exit_xsetbv(struct lhv_vcpu *vcpu)
{
	u64 val = (u32)vcpu->regs[LHV_RAX] | vcpu->regs[LHV_RDX] << 32;

	/* Processors look before they exit; QEMU's emulation of SVM does not. */
	if (!(lhv_reg_read(vcpu, LHV_CR4) & X86_CR4_OSXSAVE))
		return lhv_exit_ud(vcpu);
	if (lhv_vendor.get_cpl(vcpu) || lhv_set_xcr(vcpu, vcpu->regs[LHV_RCX], val))
		return lhv_exit_gp(vcpu);
	skip(vcpu);
	return LHV_RESUME;
}

static int mov_to_cr(struct lhv_vcpu *vcpu, unsigned int cr, u64 val)
{
	if (!lhv_is_64bit_code(vcpu))
		val = (u32)val;
	switch (cr) {
	case 0:
		return lhv_guest_set_cr0(vcpu, val);
	case 3:
		return lhv_guest_set_cr3(vcpu, val);
	case 4:
		return lhv_guest_set_cr4(vcpu, val);
	case 8:
		return lhv_guest_set_cr8(vcpu, val);
	default:
		return 1;
	}
}

static u64 mov_from_cr(struct lhv_vcpu *vcpu, unsigned int cr)
{
	switch (cr) {
	case 0:
		return lhv_reg_read(vcpu, LHV_CR0);
	case 2:
		return vcpu->cr2;
	case 3:
		return lhv_reg_read(vcpu, LHV_CR3);
	case 4:
		return lhv_reg_read(vcpu, LHV_CR4);
	default:
		return lhv_guest_get_cr8(vcpu);
	}
}

/* LMSW sets PE but never clears it, and knows the three bits above. */
static int lmsw(struct lhv_vcpu *vcpu, u16 source)
{
	return lhv_guest_set_cr0(vcpu, (lhv_reg_read(vcpu, LHV_CR0) & ~0xeULL) | (source & 0xf));
}

/* Userspace keeps the interrupt controller: a lower TPR may let one through. */
static bool cr8_wants_userspace(struct lhv_vcpu *vcpu, u64 before)
{
	if (vcpu->vm->has_irqchip || lhv_guest_get_cr8(vcpu) >= before)
		return false;
	vcpu->run->exit_reason = KVM_EXIT_SET_TPR;
	vcpu->run_ret = 0;
	return true;
}

/**
 * lhv_exit_cr() - MOV to and from CRn, CLTS, LMSW
 * @vcpu: in the ring
 * @access: what the instruction does
 */
enum lhv_next lhv_exit_cr(struct lhv_vcpu *vcpu, const struct lhv_cr_access *access)
{
	u64 tpr = lhv_guest_get_cr8(vcpu);
	int ret = 0;

	switch (access->kind) {
	case LHV_CR_TO:
		ret = mov_to_cr(vcpu, access->cr, lhv_reg_read(vcpu, access->reg));
		break;
	case LHV_CR_FROM:
		lhv_reg_write(vcpu, access->reg, mov_from_cr(vcpu, access->cr));
		break;
	case LHV_CR_CLTS:
		ret = lhv_guest_set_cr0(vcpu, lhv_reg_read(vcpu, LHV_CR0) & ~X86_CR0_TS);
		break;
	case LHV_CR_LMSW:
		ret = lmsw(vcpu, access->source);
		break;
	}
	if (ret < 0)
		return lhv_step_out_fault(vcpu);
	if (ret)
		return lhv_exit_gp(vcpu);
	skip(vcpu);
	return cr8_wants_userspace(vcpu, tpr) ? LHV_USER : LHV_RESUME;
}

enum lhv_next lhv_exit_triple_fault(struct lhv_vcpu *vcpu)
{
	vcpu->exc.pending = false;
	vcpu->exc.injected = false;
	vcpu->run->exit_reason = KVM_EXIT_SHUTDOWN;
	return lhv_leave_with(vcpu, 0);
}

/**
 * lhv_exit_internal_error() - lhv cannot go on with this guest
 * @vcpu: in the ring
 * @suberror: KVM_INTERNAL_ERROR_*
 * @data: what userspace is told besides
 * @ndata: at most 16
 */
enum lhv_next lhv_exit_internal_error(struct lhv_vcpu *vcpu, u32 suberror,
				      const u64 *data, u32 ndata)
{
	struct kvm_run *run = vcpu->run;
	u32 i, n = min_t(u32, ndata, ARRAY_SIZE(run->internal.data));

	run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	run->internal.suberror = suberror;
	run->internal.ndata = n;
	for (i = 0; i < n; i++)
		run->internal.data[i] = data[i];
	return lhv_leave_with(vcpu, 0);
}

/* Hardware task switches are not emulated: userspace is told. */
enum lhv_next lhv_exit_task_switch(struct lhv_vcpu *vcpu)
{
	return lhv_exit_internal_error(vcpu, KVM_INTERNAL_ERROR_EMULATION, NULL, 0);
}

/**
 * lhv_exit_fail_entry() - the hardware refused the guest's state
 * @vcpu: in the ring
 * @reason: the hardware's own code
 */
enum lhv_next lhv_exit_fail_entry(struct lhv_vcpu *vcpu, u64 reason)
{
	vcpu->run->exit_reason = KVM_EXIT_FAIL_ENTRY;
	vcpu->run->fail_entry.hardware_entry_failure_reason = reason;
	vcpu->run->fail_entry.cpu = vcpu->cpu;
	return lhv_leave_with(vcpu, 0);
}
