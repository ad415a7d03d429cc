// SPDX-License-Identifier: GPL-2.0
/*
 * Events into the guest: handing them to the hardware, taking back what was not
 * delivered, and the windows that tell when more can be. Called through
 * lhv_vendor_ops by events.c; knows no priorities, those are events.c's.
 */
#include <linux/bitops.h>
#include <asm/processor-flags.h>

#include "vmx.h"

/**
 * lhv_vmx_interruptibility() - what blocks events in the guest
 * @vmx: loaded
 */
u32 lhv_vmx_interruptibility(struct lhv_vmx *vmx)
{
	if (!vmx->interruptibility_valid) {
		vmx->interruptibility = vmcs_read32(VMCS_GUEST_INTERRUPTIBILITY);
		vmx->interruptibility_valid = true;
	}
	return vmx->interruptibility;
}

static void write_interruptibility(struct lhv_vmx *vmx, u32 val)
{
	if (val == lhv_vmx_interruptibility(vmx))
		return;
	vmx->interruptibility = val;
	vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY, val);
}

static u32 get_shadow(struct lhv_vcpu *vcpu)
{
	u32 val = lhv_vmx_interruptibility(to_vmx(vcpu));

	return (val & INTERRUPTIBILITY_STI ? KVM_X86_SHADOW_INT_STI : 0) |
	       (val & INTERRUPTIBILITY_MOV_SS ? KVM_X86_SHADOW_INT_MOV_SS : 0);
}

static void set_shadow(struct lhv_vcpu *vcpu, u32 shadow)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	u32 val = lhv_vmx_interruptibility(vmx);

	val &= ~(u32)(INTERRUPTIBILITY_STI | INTERRUPTIBILITY_MOV_SS);
	/* The manual allows one of them at a time; MOV SS blocks more. */
	if (shadow & KVM_X86_SHADOW_INT_MOV_SS)
		val |= INTERRUPTIBILITY_MOV_SS;
	else if (shadow & KVM_X86_SHADOW_INT_STI)
		val |= INTERRUPTIBILITY_STI;
	write_interruptibility(vmx, val);
}

static bool get_nmi_mask(struct lhv_vcpu *vcpu)
{
	return lhv_vmx_interruptibility(to_vmx(vcpu)) & INTERRUPTIBILITY_NMI;
}

static void set_nmi_mask(struct lhv_vcpu *vcpu, bool masked)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	u32 val = lhv_vmx_interruptibility(vmx) & ~(u32)INTERRUPTIBILITY_NMI;

	write_interruptibility(vmx, masked ? val | INTERRUPTIBILITY_NMI : val);
}

static bool irq_allowed(struct lhv_vcpu *vcpu)
{
	if (!(lhv_reg_read(vcpu, LHV_RFLAGS) & X86_EFLAGS_IF))
		return false;
	return !(lhv_vmx_interruptibility(to_vmx(vcpu)) &
		 (INTERRUPTIBILITY_STI | INTERRUPTIBILITY_MOV_SS));
}

static bool nmi_allowed(struct lhv_vcpu *vcpu)
{
	return !(lhv_vmx_interruptibility(to_vmx(vcpu)) &
		 (INTERRUPTIBILITY_STI | INTERRUPTIBILITY_MOV_SS |
		  INTERRUPTIBILITY_NMI));
}

static void arm(struct lhv_vmx *vmx, u32 info)
{
	vmcs_write32(VMCS_ENTRY_INTR_INFO, info | INTR_VALID);
	vmx->entry_info_armed = true;
}

/* #BP and #OF come from instructions: their length goes with them. */
static bool is_soft_exception(u8 vector)
{
	return vector == X86_TRAP_BP || vector == X86_TRAP_OF;
}

static void inject_exception(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	u32 info = vcpu->exc.vector;

	if (vcpu->exc.has_error) {
		/* SDM: bits 31:15 of the error code must be clear. */
		vmcs_write32(VMCS_ENTRY_ERROR_CODE, vcpu->exc.error & 0x7fff);
		info |= INTR_HAS_ERROR;
	}
	if (is_soft_exception(vcpu->exc.vector)) {
		info |= INTR_TYPE_SOFT_EXCEPTION;
		vmcs_write32(VMCS_ENTRY_INSN_LEN, vcpu->soft_len ?: 1);
	} else {
		info |= INTR_TYPE_HARD_EXCEPTION;
	}
	arm(vmx, info);
}

static void inject_irq(struct lhv_vcpu *vcpu)
{
	u32 info = vcpu->irq_vector;

	if (vcpu->irq_soft) {
		info |= INTR_TYPE_SOFT_INT;
		vmcs_write32(VMCS_ENTRY_INSN_LEN, vcpu->soft_len ?: 2);
	} else {
		info |= INTR_TYPE_EXTINT;
	}
	arm(to_vmx(vcpu), info);
}

static void inject_nmi(struct lhv_vcpu *vcpu)
{
	/* The entry itself sets blocking by NMI; it may not be set before. */
	set_nmi_mask(vcpu, false);
	arm(to_vmx(vcpu), X86_TRAP_NMI | INTR_TYPE_NMI);
}

static void set_window(struct lhv_vcpu *vcpu, u32 bit, bool on)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	u32 val = on ? vmx->cpu_controls | bit : vmx->cpu_controls & ~bit;

	if (val != vmx->cpu_controls) {
		vmx->cpu_controls = val;
		vmcs_write32(VMCS_CPU_CONTROLS, val);
	}
}

static void irq_window(struct lhv_vcpu *vcpu, bool on)
{
	set_window(vcpu, CPU_IRQ_WINDOW, on);
}

static void nmi_window(struct lhv_vcpu *vcpu, bool on)
{
	set_window(vcpu, CPU_NMI_WINDOW, on);
}

static void cancel_injection(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);

	if (!vmx->entry_info_armed)
		return;
	vmcs_write32(VMCS_ENTRY_INTR_INFO, 0);
	vmx->entry_info_armed = false;
	/* exc, nmi and irq still say "injected": the next entry arms them. */
	lhv_self_request(vcpu, LHV_REQ_EVENT);
}

/**
 * lhv_vmx_recover_vectoring() - an exit came in the middle of a delivery
 * @vcpu: loaded; vmx->idt_info is valid
 *
 * SDM, "Information for VM Exits During Event Delivery": the event is handed
 * in again at the next entry.
 */
void lhv_vmx_recover_vectoring(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	u32 info = vmx->idt_info;

	vcpu->soft_len = 0;
	switch (info & INTR_TYPE_MASK) {
	case INTR_TYPE_NMI:
		vcpu->nmi_injected = true;
		set_nmi_mask(vcpu, false);
		break;
	case INTR_TYPE_SOFT_EXCEPTION:
	case INTR_TYPE_PRIV_SOFT_EXCEPTION:
		vcpu->soft_len = vmcs_read32(VMCS_EXIT_INSN_LEN);
		fallthrough;
	case INTR_TYPE_HARD_EXCEPTION:
		vcpu->exc.injected = true;
		vcpu->exc.pending = false;
		vcpu->exc.vector = info & INTR_VECTOR;
		vcpu->exc.has_error = info & INTR_HAS_ERROR;
		vcpu->exc.has_payload = false;
		if (vcpu->exc.has_error)
			vcpu->exc.error = vmcs_read32(VMCS_IDT_ERROR);
		break;
	case INTR_TYPE_SOFT_INT:
		vcpu->soft_len = vmcs_read32(VMCS_EXIT_INSN_LEN);
		fallthrough;
	case INTR_TYPE_EXTINT:
		vcpu->irq_injected = true;
		vcpu->irq_soft = (info & INTR_TYPE_MASK) == INTR_TYPE_SOFT_INT;
		vcpu->irq_vector = info & INTR_VECTOR;
		break;
	default:
		lhv_vm_kill(vcpu->vm, "unknown type of event in IDT-vectoring information");
		break;
	}
	lhv_self_request(vcpu, LHV_REQ_EVENT);
}

void lhv_vmx_fill_inject_ops(struct lhv_vendor_ops *ops)
{
	ops->get_shadow = get_shadow;
	ops->set_shadow = set_shadow;
	ops->get_nmi_mask = get_nmi_mask;
	ops->set_nmi_mask = set_nmi_mask;
	ops->irq_allowed = irq_allowed;
	ops->nmi_allowed = nmi_allowed;
	ops->inject_exception = inject_exception;
	ops->inject_irq = inject_irq;
	ops->inject_nmi = inject_nmi;
	ops->irq_window = irq_window;
	ops->nmi_window = nmi_window;
	ops->cancel_injection = cancel_injection;
}
