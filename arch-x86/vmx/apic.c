// SPDX-License-Identifier: GPL-2.0
/*
 * What VMX does for the local APIC. The TPR shadow, by which MOV to CR8 exits
 * only when it uncovers an interrupt; and, while the guest's APIC is in x2APIC
 * mode, virtual-interrupt delivery: interrupts, EOI and self-IPIs without an
 * exit (SDM, "APIC Virtualization and Virtual Interrupts"). In xAPIC mode the
 * registers are memory, which insn.c serves. Called by vmcs.c and, through
 * lhv_vendor_ops, by events.c.
 */
#include <asm/apicdef.h>

#include "vmx.h"

#define VID_CONTROLS (CPU2_X2APIC | CPU2_APIC_REGISTERS | CPU2_VID)

#define X2APIC_MSR(reg) (APIC_BASE_MSR + ((reg) >> 4))

static bool wants_vid(struct lhv_vcpu *vcpu)
{
	return lhv_vmx_caps.has_vid && vcpu->vm->has_irqchip &&
	       vcpu->lapic.mode == LHV_APIC_X2APIC &&
	       !(vcpu->guest_debug & KVM_GUESTDBG_BLOCKIRQ);
}

u32 lhv_vmx_apic_controls(struct lhv_vcpu *vcpu)
{
	return wants_vid(vcpu) ? VID_CONTROLS : 0;
}

/*
 * Reads that are right as the page has them. Not the current count, which is a
 * matter of time, and not ID, LDR and ICR, whose layout differs by mode.
 */
static const struct {
	u16 first, last;
} page_reads[] = {
	{ APIC_TASKPRI, APIC_TASKPRI },
	{ APIC_PROCPRI, APIC_PROCPRI },
	{ APIC_SPIV, APIC_IRR + 0x70 },
	{ APIC_LVTT, APIC_LVTERR },
	{ APIC_TMICT, APIC_TMICT },
	{ APIC_TDCR, APIC_TDCR },
};

/**
 * lhv_vmx_apic_open_msrs() - x2APIC registers that need no exit
 * @vcpu: loaded
 * @bitmap: its MSR bitmap, all intercepted
 */
void lhv_vmx_apic_open_msrs(struct lhv_vcpu *vcpu, unsigned long *bitmap)
{
	unsigned int i;
	u32 reg;

	if (!wants_vid(vcpu))
		return;
	for (i = 0; i < ARRAY_SIZE(page_reads); i++)
		for (reg = page_reads[i].first; reg <= page_reads[i].last; reg += 0x10)
			lhv_vmx_open_msr(bitmap, X2APIC_MSR(reg), OPEN_READ);
	lhv_vmx_open_msr(bitmap, X2APIC_MSR(APIC_TASKPRI), OPEN_READ | OPEN_WRITE);
	lhv_vmx_open_msr(bitmap, X2APIC_MSR(APIC_EOI), OPEN_WRITE);
	lhv_vmx_open_msr(bitmap, X2APIC_MSR(APIC_SELF_IPI), OPEN_WRITE);
}

static void update_eoi_map(struct lhv_vcpu *vcpu)
{
	unsigned int i;
	u64 map[4];

	if (!vcpu->lapic.hw_vid)
		return;
	lhv_lapic_eoi_exit_bitmap(&vcpu->lapic, map);
	for (i = 0; i < ARRAY_SIZE(map); i++)
		__vmwrite(VMCS_EOI_EXIT_0 + 2 * i, map[i]);
}

/**
 * lhv_vmx_apic_update() - the APIC's mode or its registers were set
 * @vcpu: loaded; the controls in the VMCS are as lhv_vmx_apic_controls() said
 */
void lhv_vmx_apic_update(struct lhv_vcpu *vcpu)
{
	struct lhv_lapic *apic = &vcpu->lapic;
	int svi;

	if (!vcpu->vm->has_irqchip)
		return;
	lhv_lapic_set_hw_vid(apic, wants_vid(vcpu));
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	if (!apic->hw_vid)
		return;
	svi = lhv_lapic_highest_isr(apic);
	vmcs_write16(VMCS_GUEST_INTR_STATUS, svi < 0 ? 0 : svi << 8);
	update_eoi_map(vcpu);
}

/* RVI is the low byte; the hardware keeps SVI, the other. */
static void sync_rvi(struct lhv_vcpu *vcpu)
{
	int irr = lhv_lapic_highest_irr(&vcpu->lapic);
	u16 status = vmcs_read16(VMCS_GUEST_INTR_STATUS);
	u16 want = (status & 0xff00) | (irr < 0 ? 0 : irr);

	if (status != want)
		vmcs_write16(VMCS_GUEST_INTR_STATUS, want);
}

/*
 * Without delivery by hardware, the threshold is the class of the highest
 * interrupt that the TPR masks, 0 where it masks none (SDM, "TPR
 * Virtualization").
 */
static void apic_sync(struct lhv_vcpu *vcpu)
{
	int irr, tpr;

	if (vcpu->lapic.hw_vid) {
		sync_rvi(vcpu);
		return;
	}
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

/* A level-triggered vector: the IOAPIC must hear of it. */
enum lhv_next lhv_vmx_exit_eoi(struct lhv_vcpu *vcpu)
{
	lhv_lapic_eoi_induced(&vcpu->lapic, vmx_exit_qual(to_vmx(vcpu)) & 0xff);
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	return LHV_RESUME;
}

/* The page already holds what the guest wrote. */
enum lhv_next lhv_vmx_exit_apic_write(struct lhv_vcpu *vcpu)
{
	lhv_lapic_write_trapped(&vcpu->lapic, vmx_exit_qual(to_vmx(vcpu)) & 0xff0);
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	return LHV_RESUME;
}

void lhv_vmx_fill_apic_ops(struct lhv_vendor_ops *ops)
{
	ops->apic_sync = apic_sync;
	ops->update_eoi_map = update_eoi_map;
}
