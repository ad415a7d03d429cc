// SPDX-License-Identifier: GPL-2.0
/*
 * VMX exits: one list (reason, name, handler). Called by run.c through
 * lhv_vendor_ops, in the ring, interrupts on. A handler turns what the VMCS says
 * into a neutral call of arch-x86/ and keeps nothing else.
 */
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "../guest-debug.h"
#include "../trace.h"
#include "vmx.h"

static enum lhv_next skip(struct lhv_vcpu *vcpu)
{
	lhv_advance_rip(vcpu, vmcs_read32(VMCS_EXIT_INSN_LEN));
	return LHV_RESUME;
}

/* The host took its interrupt when the run loop opened interrupts. */
static enum lhv_next exit_extint(struct lhv_vcpu *vcpu)
{
	vcpu->stat.irq_exits++;
	lhv_vmx_let_irqs_in(vcpu);
	return LHV_RESUME;
}

/*
 * An IRET that had unblocked NMIs did not complete, and they are blocked again
 * (SDM, "Resuming Guest Software after Handling an Exception"). Where the exit
 * came in the middle of a delivery, the bit says nothing.
 */
static void undo_iret(struct lhv_vcpu *vcpu, bool unblocked)
{
	if (unlikely(unblocked) && !(to_vmx(vcpu)->idt_info & INTR_VALID))
		lhv_vendor.set_nmi_mask(vcpu, true);
}

/*
 * SDM, "Checks on Guest Non-Register State": in the shadow of STI or MOV SS a
 * single step must be pending while TF is set, and the exit took it.
 */
static void keep_step_pending(struct lhv_vcpu *vcpu)
{
	if (!(lhv_reg_read(vcpu, LHV_RFLAGS) & X86_EFLAGS_TF) ||
	    !lhv_vendor_call(get_shadow)(vcpu) ||
	    (vmcs_read64(VMCS_GUEST_DEBUGCTL) & DEBUGCTLMSR_BTF))
		return;
	vmcs_writel(VMCS_GUEST_PENDING_DEBUG,
		    vmcs_readl(VMCS_GUEST_PENDING_DEBUG) | PENDING_DEBUG_BS);
}

/* SDM, "Debug Exceptions": the qualification has DR6's bits, DR6 itself not. */
static enum lhv_next exit_db(struct lhv_vcpu *vcpu, u32 info)
{
	u64 qual = vmx_exit_qual(to_vmx(vcpu));

	if ((info & INTR_TYPE_MASK) == INTR_TYPE_PRIV_SOFT_EXCEPTION)
		lhv_advance_rip(vcpu, vmcs_read32(VMCS_EXIT_INSN_LEN));
	else if (unlikely(vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP))
		lhv_vendor.set_shadow(vcpu, 0);
	else
		keep_step_pending(vcpu);
	return lhv_exit_db(vcpu, qual);
}

static enum lhv_next exit_exception(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	u32 info = vmx->exit_intr_info;

	if ((info & INTR_TYPE_MASK) == INTR_TYPE_NMI)
		return LHV_RESUME;
	undo_iret(vcpu, info & INTR_NMI_UNBLOCKING);
	switch (info & INTR_VECTOR) {
	case X86_TRAP_DB:
		return exit_db(vcpu, info);
	case X86_TRAP_BP:
		/* where it is the guest's own, it is injected with its length */
		vcpu->soft_len = vmcs_read32(VMCS_EXIT_INSN_LEN);
		return lhv_exit_bp(vcpu);
	case X86_TRAP_AC:
		lhv_queue_exception_e(vcpu, X86_TRAP_AC,
				      vmcs_read32(VMCS_EXIT_INTR_ERROR));
		return LHV_RESUME;
	case X86_TRAP_MC:
		return LHV_RESUME;
	default: {
		u64 data[] = { info, vmcs_read32(VMCS_EXIT_INTR_ERROR) };

		return lhv_exit_internal_error(vcpu, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON,
					       data, ARRAY_SIZE(data));
	}
	}
}

/* SDM, "Exit Qualification for Control-Register Accesses" */
static enum lhv_next exit_cr(struct lhv_vcpu *vcpu)
{
	u64 qual = vmx_exit_qual(to_vmx(vcpu));
	struct lhv_cr_access access = {
		.kind = (qual >> 4) & 3,
		.cr = qual & 0xf,
		.reg = (qual >> 8) & 0xf,
		.source = (qual >> 16) & 0xffff,
	};

	BUILD_BUG_ON(LHV_CR_TO != 0 || LHV_CR_FROM != 1 || LHV_CR_CLTS != 2 || LHV_CR_LMSW != 3);
	return lhv_exit_cr(vcpu, &access);
}

/* SDM, "Exit Qualification for MOV DR" */
static enum lhv_next exit_dr(struct lhv_vcpu *vcpu)
{
	u64 qual = vmx_exit_qual(to_vmx(vcpu));
	enum lhv_reg reg = (qual >> 8) & 0xf;
	unsigned int dr = qual & 7;
	u64 val;

	if (lhv_user_detects_dr(vcpu))
		return lhv_exit_db(vcpu, LHV_DR6_BD);
	if (qual & BIT(4)) {
		if (lhv_guest_get_dr(vcpu, dr, &val))
			return LHV_RESUME;
		lhv_reg_write(vcpu, reg, val);
	} else if (lhv_guest_set_dr(vcpu, dr, lhv_reg_read(vcpu, reg))) {
		return LHV_RESUME;
	}
	return skip(vcpu);
}

static enum lhv_next exit_io(struct lhv_vcpu *vcpu)
{
	u64 qual = vmx_exit_qual(to_vmx(vcpu));
	struct lhv_pio pio = {
		.port = qual >> 16,
		.size = (qual & 7) + 1,
		.in = qual & BIT(3),
		.string = qual & BIT(4),
	};

	return lhv_exit_pio(vcpu, &pio);
}

static enum lhv_next exit_ept_violation(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	u64 qual = vmx_exit_qual(vmx), gpa = vmcs_read64(VMCS_GUEST_PHYS);
	u64 gva = LHV_GPA_NONE;
	u32 access = qual & EPT_QUAL_WRITE ? LHV_ACC_WRITE :
		     qual & EPT_QUAL_FETCH ? LHV_ACC_EXEC : LHV_ACC_READ;

	undo_iret(vcpu, qual & EPT_QUAL_NMI_UNBLOCKING);
	if (trace_kvm_page_fault_enabled())
		trace_kvm_page_fault(vcpu->id, lhv_reg_read(vcpu, LHV_RIP), gpa, qual);
	/* SDM: bit 8 tells an access to the page itself from a page walk's. */
	if ((qual & EPT_QUAL_GVA_FINAL) == EPT_QUAL_GVA_FINAL)
		gva = vmcs_readl(VMCS_GUEST_LINEAR);
	return lhv_exit_nested_fault(vcpu, gva, gpa, access);
}

static enum lhv_next exit_ept_misconfig(struct lhv_vcpu *vcpu)
{
	u64 data[] = { vmcs_read64(VMCS_GUEST_PHYS) };

	lhv_vm_kill(vcpu->vm, "EPT misconfiguration");
	return lhv_exit_internal_error(vcpu, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON,
				       data, ARRAY_SIZE(data));
}

static enum lhv_next exit_pml_full(struct lhv_vcpu *vcpu)
{
	undo_iret(vcpu, vmx_exit_qual(to_vmx(vcpu)) & EPT_QUAL_NMI_UNBLOCKING);
	lhv_vmx_pml_drain(vcpu);
	return LHV_RESUME;
}

static enum lhv_next exit_unexpected(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	u64 data[] = { vmx->exit_reason, vcpu->cpu };

	return lhv_exit_internal_error(vcpu, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON,
				       data, ARRAY_SIZE(data));
}

/* Bit 31 is set or the instruction failed: no guest code ran. */
static enum lhv_next exit_failed_entry(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	u64 reason = vmx->exit_reason;

	if (vmx->failed)
		reason = vmcs_read32(VMCS_INSN_ERROR);
	lhv_vmx_explain(vcpu);
	/* What was to be injected is still in the VMCS: nothing was consumed. */
	vmcs_write32(VMCS_ENTRY_INTR_INFO, 0);
	return lhv_exit_fail_entry(vcpu, reason);
}

#define LHV_VMX_EXITS(X)						\
	X(0, EXCEPTION_NMI, exit_exception)				\
	X(1, EXTERNAL_INTERRUPT, exit_extint)				\
	X(2, TRIPLE_FAULT, lhv_exit_triple_fault)			\
	X(7, INTERRUPT_WINDOW, lhv_exit_irq_window)			\
	X(8, NMI_WINDOW, lhv_exit_nmi_window)				\
	X(9, TASK_SWITCH, lhv_exit_task_switch)				\
	X(10, CPUID, lhv_exit_cpuid)					\
	X(11, GETSEC, lhv_exit_ud)					\
	X(12, HLT, lhv_exit_hlt)					\
	X(13, INVD, skip)						\
	X(15, RDPMC, lhv_exit_gp)					\
	X(17, RSM, lhv_exit_ud)						\
	X(18, VMCALL, lhv_exit_hypercall)				\
	X(19, VMCLEAR, lhv_exit_ud)					\
	X(20, VMLAUNCH, lhv_exit_ud)					\
	X(21, VMPTRLD, lhv_exit_ud)					\
	X(22, VMPTRST, lhv_exit_ud)					\
	X(23, VMREAD, lhv_exit_ud)					\
	X(24, VMRESUME, lhv_exit_ud)					\
	X(25, VMWRITE, lhv_exit_ud)					\
	X(26, VMOFF, lhv_exit_ud)					\
	X(27, VMON, lhv_exit_ud)					\
	X(28, CR_ACCESS, exit_cr)					\
	X(29, DR_ACCESS, exit_dr)					\
	X(30, IO_INSTRUCTION, exit_io)					\
	X(31, MSR_READ, lhv_exit_rdmsr)					\
	X(32, MSR_WRITE, lhv_exit_wrmsr)				\
	X(36, MWAIT_INSTRUCTION, skip)					\
	X(39, MONITOR_INSTRUCTION, skip)				\
	X(40, PAUSE_INSTRUCTION, lhv_exit_pause)			\
	X(43, TPR_BELOW_THRESHOLD, lhv_vmx_exit_tpr_threshold)		\
	X(45, EOI_INDUCED, lhv_vmx_exit_eoi)				\
	X(48, EPT_VIOLATION, exit_ept_violation)			\
	X(49, EPT_MISCONFIG, exit_ept_misconfig)			\
	X(50, INVEPT, lhv_exit_ud)					\
	X(53, INVVPID, lhv_exit_ud)					\
	X(54, WBINVD, skip)						\
	X(55, XSETBV, lhv_exit_xsetbv)					\
	X(56, APIC_WRITE, lhv_vmx_exit_apic_write)			\
	X(59, VMFUNC, lhv_exit_ud)					\
	X(62, PML_FULL, exit_pml_full)

#define NR_EXITS 80

typedef enum lhv_next (*exit_handler)(struct lhv_vcpu *vcpu);

#define HANDLER(nr, name, fn) [nr] = fn,
static const exit_handler handlers[NR_EXITS] = { LHV_VMX_EXITS(HANDLER) };

static void trace_exit(struct lhv_vcpu *vcpu, u32 reason)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);

	trace_kvm_exit(vcpu->id, LHV_TRACE_VMX, reason, lhv_reg_read(vcpu, LHV_RIP),
		       vmx_exit_qual(vmx), vmx->idt_info,
		       vmcs_read32(VMCS_EXIT_INTR_INFO),
		       vmcs_read32(VMCS_EXIT_INTR_ERROR));
}

/**
 * lhv_vmx_handle_exit() - look the last exit up and handle it
 * @vcpu: in the ring
 *
 * The reasons that make up nearly all exits are called by name: a direct call
 * costs less than one through the table where indirect branches are fenced.
 */
enum lhv_next lhv_vmx_handle_exit(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	u32 reason = vmx->exit_reason;
	exit_handler fn;

	if (trace_kvm_exit_enabled())
		trace_exit(vcpu, reason);
	switch (reason) {
	case 30:
		return exit_io(vcpu);
	case 48:
		return exit_ept_violation(vcpu);
	case 32:
		return lhv_exit_wrmsr(vcpu);
	case 10:
		return lhv_exit_cpuid(vcpu);
	case 1:
		return exit_extint(vcpu);
	case 12:
		return lhv_exit_hlt(vcpu);
	}
	if (unlikely(reason & EXIT_REASON_FAILED_ENTRY))
		return exit_failed_entry(vcpu);
	if (unlikely(reason >= NR_EXITS))
		return exit_unexpected(vcpu);
	fn = handlers[array_index_nospec(reason, NR_EXITS)];
	return fn ? fn(vcpu) : exit_unexpected(vcpu);
}
