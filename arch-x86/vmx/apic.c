// SPDX-License-Identifier: GPL-2.0
/*
 * What VMX does for the local APIC: the TPR shadow, by which MOV to CR8 exits
 * only when it uncovers an interrupt. Called through lhv_vendor_ops by events.c.
 */
#include "vmx.h"

u32 lhv_vmx_apic_controls(struct lhv_vcpu *vcpu)
{
	return 0;
}

void lhv_vmx_apic_open_msrs(struct lhv_vcpu *vcpu, unsigned long *bitmap)
{
}

/*
 * The threshold is the class of the highest interrupt that the TPR masks, 0
 * where it masks none (SDM, "TPR Virtualization").
 */
static void apic_sync(struct lhv_vcpu *vcpu)
{
	int irr, tpr;

	if (!(to_vmx(vcpu)->cpu_controls & CPU_TPR_SHADOW))
		return;
	irr = lhv_lapic_highest_irr(&vcpu->lapic);
	tpr = lhv_lapic_get_cr8(&vcpu->lapic);
	irr = irr < 0 ? 0 : irr >> 4;
	vmcs_write32(VMCS_TPR_THRESHOLD, irr > tpr ? 0 : irr);
}

enum lhv_next lhv_vmx_exit_tpr_threshold(struct lhv_vcpu *vcpu)
{
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	return LHV_RESUME;
}

static void update_eoi_map(struct lhv_vcpu *vcpu)
{
}

void lhv_vmx_fill_apic_ops(struct lhv_vendor_ops *ops)
{
	ops->apic_sync = apic_sync;
	ops->update_eoi_map = update_eoi_map;
}
