// SPDX-License-Identifier: GPL-2.0
/*
 * Port I/O: the in-kernel bus first, then userspace through the page behind
 * kvm_run. Called by the vendors' exit handlers; string forms go through insn.c,
 * which calls back here for the ports.
 */
#include <linux/mm.h>
#include <linux/string.h>

#include "insn.h"
#include "trace.h"
#include "upcalls.h"

/* SDM, "IN": 8 and 16 bits merge into RAX, 32 bits clear its upper half. */
static void put_rax(struct lhv_vcpu *vcpu, unsigned int size, u32 val)
{
	u64 mask = size == 4 ? ~0ULL : (1ULL << (8 * size)) - 1;

	vcpu->regs[LHV_RAX] = (vcpu->regs[LHV_RAX] & ~mask) | (val & mask);
}

static void *pio_data(struct lhv_vcpu *vcpu)
{
	return page_address(vcpu->pio_page);
}

static void to_userspace(struct lhv_vcpu *vcpu, bool in, u16 port, unsigned int size,
			 unsigned int count)
{
	struct kvm_run *run = vcpu->run;

	run->exit_reason = KVM_EXIT_IO;
	run->io.direction = in ? KVM_EXIT_IO_IN : KVM_EXIT_IO_OUT;
	run->io.size = size;
	run->io.port = port;
	run->io.count = count;
	run->io.data_offset = PAGE_SIZE;
	vcpu->stat.io_user++;
	vcpu->run_ret = 0;
}

/* If userspace moved RIP, as a reset does, the instruction is not ours. */
static enum lhv_next complete_out(struct lhv_vcpu *vcpu)
{
	if (lhv_reg_read(vcpu, LHV_RIP) == vcpu->io.rip)
		lhv_advance_rip(vcpu, vcpu->io.insn_len);
	return LHV_RESUME;
}

static enum lhv_next complete_in(struct lhv_vcpu *vcpu)
{
	u32 val = 0;

	if (lhv_reg_read(vcpu, LHV_RIP) != vcpu->io.rip)
		return LHV_RESUME;
	memcpy(&val, pio_data(vcpu), vcpu->io.size);
	trace_kvm_pio(0, vcpu->io.port, vcpu->io.size, 1, val);
	put_rax(vcpu, vcpu->io.size, val);
	lhv_advance_rip(vcpu, vcpu->io.insn_len);
	return LHV_RESUME;
}

/**
 * lhv_exit_pio() - IN, OUT, INS, OUTS
 * @vcpu: in the ring
 * @pio: what the exit says; ports and size as the instruction has them
 */
enum lhv_next lhv_exit_pio(struct lhv_vcpu *vcpu, const struct lhv_pio *pio)
{
	u32 val = pio->in ? 0 : vcpu->regs[LHV_RAX];

	if (unlikely(pio->string))
		return lhv_emulate_at_rip(vcpu, &(struct lhv_emul_exit){
			.gva = LHV_GPA_NONE, .gpa = LHV_GPA_NONE,
			.io_size = pio->size, .io_in = pio->in,
		});
	if (!pio->in)
		trace_kvm_pio(1, pio->port, pio->size, 1, val);
	if (!lhv_bus_pio(vcpu, pio->port, pio->size, &val, !pio->in)) {
		if (pio->in)
			put_rax(vcpu, pio->size, val);
		lhv_advance_rip(vcpu, lhv_vendor_call(insn_len)(vcpu));
		return LHV_RESUME;
	}
	vcpu->io.size = pio->size;
	vcpu->io.port = pio->port;
	vcpu->io.rip = lhv_reg_read(vcpu, LHV_RIP);
	vcpu->io.insn_len = lhv_vendor_call(insn_len)(vcpu);
	memcpy(pio_data(vcpu), &val, sizeof(val));
	to_userspace(vcpu, pio->in, pio->port, pio->size, 1);
	vcpu->complete = pio->in ? complete_in : complete_out;
	return LHV_USER;
}

int lhv_emul_pio(struct lhv_emul *em, u16 port, void *data, unsigned int size,
		 unsigned int count, bool in)
{
	struct lhv_emul_ctx *ctx = container_of(em, struct lhv_emul_ctx, em);
	struct lhv_vcpu *vcpu = ctx->vcpu;
	unsigned int i;

	if (ctx->user_answered) {
		ctx->user_answered = false;
		if (in)
			memcpy(data, pio_data(vcpu), size * count);
		return LHV_EMUL_DONE;
	}
	/* Whose the first element is decides, as on KVM: what is left is lost or 0. */
	for (i = 0; i < count; i++)
		if (lhv_bus_pio(vcpu, port, size, data + i * size, !in))
			break;
	if (in && i)
		memset(data + i * size, 0, (count - i) * size);
	if (i)
		return LHV_EMUL_DONE;
	if (!in)
		memcpy(pio_data(vcpu), data, size * count);
	to_userspace(vcpu, in, port, size, count);
	ctx->user_answered = true;
	return LHV_EMUL_PENDING;
}
