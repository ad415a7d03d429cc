// SPDX-License-Identifier: GPL-2.0
/*
 * Page-modification logging: the hardware writes down which guest frames it
 * made dirty, this file hands them to mmu/. Called on a full log, at every step
 * out of the ring while slots are logged, and, by interrupt, before a dirty log
 * is read. The guest does not run meanwhile, so a second drain on the same CPU
 * finds the same entries and loses none.
 */
#include "vmx.h"

/**
 * lhv_vmx_pml_drain() - empty the log into the slots' dirty bitmaps
 * @vcpu: loaded
 *
 * SDM, "Page-Modification Logging": the index counts down and points at the
 * next free entry; above 511 it has passed the end.
 */
void lhv_vmx_pml_drain(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	unsigned int i;
	u16 index;

	if (!vmx->pml)
		return;
	index = vmcs_read16(VMCS_GUEST_PML_INDEX);
	if (index == LHV_PML_ENTRIES - 1)
		return;
	i = index >= LHV_PML_ENTRIES ? 0 : index + 1;
	for (; i < LHV_PML_ENTRIES; i++)
		lhv_mmu_mark_dirty(&vcpu->vm->mmu, vmx->pml[i] >> LHV_PAGE_SHIFT);
	vmcs_write16(VMCS_GUEST_PML_INDEX, LHV_PML_ENTRIES - 1);
}

/* For lhv_vendor_ops: the vCPU may have gone elsewhere, then it has drained. */
void lhv_vmx_drain_log(void *arg)
{
	struct lhv_vmx *vmx = to_vmx(arg);

	if (vmx->pml && this_cpu_read(lhv_vmx_cpu.current_vmx) == vmx)
		lhv_vmx_pml_drain(arg);
}
