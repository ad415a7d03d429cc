// SPDX-License-Identifier: GPL-2.0
/*
 * Nested page faults, and accesses where there is no memory: the local APIC's
 * page, the in-kernel bus, userspace. Called by the vendors' exit handlers and
 * by insn.c, in the ring.
 */
#include <linux/string.h>

#include "insn.h"
#include "trace.h"
#include "upcalls.h"

static bool is_lapic_page(struct lhv_vcpu *vcpu, u64 gpa)
{
	return vcpu->vm->has_irqchip && vcpu->lapic.mode == LHV_APIC_XAPIC &&
	       (gpa & PAGE_MASK) == (vcpu->lapic.base & PAGE_MASK);
}

/*
 * SDM, "The Local APIC Block Diagram": registers are 32 bits on 16-byte
 * boundaries. Other reads get the bytes there, other writes go nowhere.
 */
static void lapic_access(struct lhv_vcpu *vcpu, u64 gpa, void *data, unsigned int len,
			 bool write)
{
	u32 offset = gpa & ~PAGE_MASK, val = 0;

	if (write) {
		if (len != 4 || (offset & 0xf))
			return;
		memcpy(&val, data, 4);
		lhv_lapic_write(&vcpu->lapic, offset, val);
		lhv_self_request(vcpu, LHV_REQ_EVENT);
		return;
	}
	memset(data, 0, len);
	if ((offset & 0xf) + len > 4)
		return;
	lhv_lapic_read(&vcpu->lapic, offset & ~0xfU, &val);
	memcpy(data, (u8 *)&val + (offset & 3), len);
}

static void trace_mmio(bool write, unsigned int len, u64 gpa, const void *data)
{
	u64 val = 0;

	if (!trace_kvm_mmio_enabled())
		return;
	memcpy(&val, data, len);
	trace_kvm_mmio(write ? LHV_TRACE_MMIO_WRITE : LHV_TRACE_MMIO_READ, len, gpa, val);
}

/* An enum lhv_emul_result: DONE when the kernel has it, else PENDING. */
static int device_access(struct lhv_emul_ctx *ctx, u64 gpa, void *data,
			 unsigned int len, bool write)
{
	struct lhv_vcpu *vcpu = ctx->vcpu;
	struct kvm_run *run = vcpu->run;

	if (ctx->user_answered) {
		ctx->user_answered = false;
		if (!write)
			memcpy(data, run->mmio.data, len);
		trace_mmio(write, len, gpa, data);
		return LHV_EMUL_DONE;
	}
	if (is_lapic_page(vcpu, gpa)) {
		lapic_access(vcpu, gpa, data, len, write);
		return LHV_EMUL_DONE;
	}
	if (!lhv_bus_mmio(vcpu, gpa, len, data, write)) {
		trace_mmio(write, len, gpa, data);
		return LHV_EMUL_DONE;
	}
	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.phys_addr = gpa;
	run->mmio.len = len;
	run->mmio.is_write = write;
	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	if (write)
		memcpy(run->mmio.data, data, len);
	vcpu->stat.mmio_user++;
	ctx->user_answered = true;
	return LHV_EMUL_PENDING;
}

/**
 * lhv_access_part() - one access inside one page, memory or device
 * @ctx: the instruction
 * @part: at most 8 bytes
 * @data: to or from
 * @access: LHV_ACC_READ or LHV_ACC_WRITE
 *
 * Return: an enum lhv_emul_result.
 */
int lhv_access_part(struct lhv_emul_ctx *ctx, const struct lhv_access_part *part,
		    void *data, u32 access)
{
	struct lhv_mmu *mmu = &ctx->vcpu->vm->mmu;
	bool write = access == LHV_ACC_WRITE;
	u64 gpa = part->gpa;
	int ret = -EFAULT;

	/* Else the nested table had no memory for this access a moment ago. */
	if (access != ctx->exit.access || (gpa ^ ctx->exit.gpa) & PAGE_MASK)
		ret = write ? lhv_mmu_write_gpa(mmu, gpa, data, part->len, false) :
			      lhv_mmu_read_gpa(mmu, gpa, data, part->len, false);
	if (ret == -EAGAIN)
		return lhv_emul_want_page(ctx, gpa, access);
	return ret ? device_access(ctx, gpa, data, part->len, write) : LHV_EMUL_DONE;
}

/*
 * The length of an instruction that faulted in the nested table is not among
 * what the SDM promises ("Information for VM Exits Due to Instruction
 * Execution"), yet processors give it. It is believed once it has agreed with
 * the decoder so many times, and never after it has been wrong.
 */
#define HINTS_TO_BELIEVE	32

static int hints_right;		/* -1: wrong once; races only delay belief */

void lhv_check_len_hint(struct lhv_vcpu *vcpu, u32 decoded)
{
	int right = READ_ONCE(hints_right);

	if (right < 0 || right >= HINTS_TO_BELIEVE)
		return;
	WRITE_ONCE(hints_right, lhv_vendor.fault_len(vcpu) == decoded ? right + 1 : -1);
}

/* A write whose value nobody wants needs no decoding, only its length. */
static bool signal_wildcard(struct lhv_vcpu *vcpu, u64 gpa)
{
	u32 len;

	if (READ_ONCE(hints_right) < HINTS_TO_BELIEVE)
		return false;
	len = lhv_vendor.fault_len(vcpu);
	if (!len || len > LHV_INSN_MAX || !lhv_bus_mmio_wildcard(vcpu, gpa))
		return false;
	lhv_advance_rip(vcpu, len);
	return true;
}

/* What no instruction can be emulated for: @data is all that userspace gets. */
static noinline enum lhv_next fault_failed(struct lhv_vcpu *vcpu, u32 suberror, u64 data)
{
	return lhv_exit_internal_error(vcpu, suberror, &data, 1);
}

/**
 * lhv_exit_nested_fault() - the guest touched what the nested table has not
 * @vcpu: in the ring
 * @gva: linear address where the hardware tells it, else LHV_GPA_NONE
 * @gpa: guest-physical address
 * @access: LHV_ACC_READ, _WRITE or _EXEC
 */
enum lhv_next lhv_exit_nested_fault(struct lhv_vcpu *vcpu, u64 gva, u64 gpa, u32 access)
{
	vcpu->stat.faults++;
	switch (lhv_mmu_fault(&vcpu->vm->mmu, gpa, access, false)) {
	case LHV_FAULT_FIXED:
	case LHV_FAULT_RETRY:
		return LHV_RESUME;
	case LHV_FAULT_SLEEP:
		vcpu->fault_gpa = gpa;
		vcpu->fault_access = access;
		return lhv_step_out_fault(vcpu);
	case LHV_FAULT_ERROR:
		vcpu->run_ret = -EFAULT;
		return LHV_USER;
	case LHV_FAULT_HWPOISON:
		vcpu->run_ret = -EHWPOISON;
		return LHV_USER;
	case LHV_FAULT_MMIO:
		break;
	}
	/*
	 * The access was the processor's own, to deliver an event: the instruction
	 * at RIP has nothing to do with it.
	 */
	if (unlikely(vcpu->exc.injected || vcpu->nmi_injected || vcpu->irq_injected))
		return fault_failed(vcpu, KVM_INTERNAL_ERROR_DELIVERY_EV, gpa);
	/* Code cannot be fetched from a device: there are no bytes to show. */
	if (access == LHV_ACC_EXEC)
		return fault_failed(vcpu, KVM_INTERNAL_ERROR_EMULATION, 0);
	if (access == LHV_ACC_WRITE && signal_wildcard(vcpu, gpa))
		return LHV_RESUME;
	return lhv_emulate_at_rip(vcpu, &(struct lhv_emul_exit){
		.gva = gva, .gpa = gpa, .access = access,
	});
}
