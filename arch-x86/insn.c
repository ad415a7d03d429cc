// SPDX-License-Identifier: GPL-2.0
/*
 * One instruction of the guest, fetched, decoded and executed in its place:
 * what decode.h and emulate.h need of a vCPU. Called by mmio.c and pio.c in the
 * ring. Where a page or an answer of userspace is missing, the instruction stays
 * in flight and lhv_vcpu.complete takes it up again.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "insn.h"
#include "regs.h"

static struct lhv_emul_ctx *to_ctx(struct lhv_emul *em)
{
	return container_of(em, struct lhv_emul_ctx, em);
}

/**
 * lhv_emul_want_page() - the callback cannot go on without this page
 * @ctx: the instruction
 * @gpa: the page's address
 * @access: LHV_ACC_READ or LHV_ACC_WRITE
 *
 * Return: LHV_EMUL_PENDING.
 */
int lhv_emul_want_page(struct lhv_emul_ctx *ctx, u64 gpa, u32 access)
{
	ctx->page_wanted = true;
	ctx->vcpu->fault_gpa = gpa;
	ctx->vcpu->fault_access = access;
	return LHV_EMUL_PENDING;
}

/* 0 with *gpa, or an enum lhv_emul_result. */
static int translate(struct lhv_emul_ctx *ctx, u64 gva, u32 access, u64 *gpa)
{
	int ret;

	/* The hardware has translated it, for this kind of access only. */
	if (access == ctx->exit.access && ctx->exit.gva != LHV_GPA_NONE &&
	    !((gva ^ ctx->exit.gva) >> LHV_PAGE_SHIFT)) {
		*gpa = (ctx->exit.gpa & PAGE_MASK) | (gva & ~PAGE_MASK);
		return 0;
	}
	if (ctx->em.cpl == 3)
		access |= LHV_ACC_USER;
	ret = lhv_mmu_walk(&ctx->vcpu->vm->mmu, &ctx->walk, gva, access);
	*gpa = ctx->walk.gpa;
	if (!ret)
		return 0;
	if (ret == -EAGAIN)
		return lhv_emul_want_page(ctx, ctx->walk.gpa, LHV_ACC_WRITE);
	if (ret == 1)
		return lhv_emul_set_fault(&ctx->em, X86_TRAP_PF, ctx->walk.error_code, gva);
	return LHV_EMUL_FAIL;
}

/* Split at the page boundary; addresses wrap at 4 GiB outside 64-bit mode. */
static int split(struct lhv_emul_ctx *ctx, u64 gva, unsigned int len, u32 access,
		 struct lhv_access_part part[2])
{
	int ret = translate(ctx, gva, access, &part[0].gpa);

	part[0].len = min_t(u64, len, PAGE_SIZE - (gva & ~PAGE_MASK));
	part[1].len = len - part[0].len;
	if (ret || likely(!part[1].len))
		return ret;
	gva += part[0].len;
	return translate(ctx, ctx->em.mode == LHV_MODE_64 ? gva : (u32)gva, access, &part[1].gpa);
}

static int em_access(struct lhv_emul *em, enum lhv_emul_access what, u64 gva, void *buf,
		     unsigned int len)
{
	u32 access = what == LHV_EMUL_READ ? LHV_ACC_READ : LHV_ACC_WRITE;
	struct lhv_emul_ctx *ctx = to_ctx(em);
	u8 *data = what == LHV_EMUL_READ ? ctx->data : buf;
	struct lhv_access_part part[2];
	unsigned int i;
	int ret = split(ctx, gva, len, access, part);

	if (ret || what == LHV_EMUL_PROBE)
		return ret;
	for (i = ctx->parts_done; i < 2 && part[i].len; i++) {
		ret = lhv_access_part(ctx, &part[i], data + (i ? part[0].len : 0), access);
		if (ret)
			return ret;
		ctx->parts_done++;
	}
	ctx->parts_done = 0;
	if (what == LHV_EMUL_READ)
		memcpy(buf, data, len);
	return LHV_EMUL_DONE;
}

/*
 * Atomic in memory; a device, or an access that no processor would lock in one
 * piece here, is written.
 */
static int em_cmpxchg(struct lhv_emul *em, u64 gva, u64 old, u64 new, unsigned int len)
{
	struct lhv_emul_ctx *ctx = to_ctx(em);
	struct lhv_access_part part[2];
	int ret = split(ctx, gva, len, LHV_ACC_WRITE, part);

	if (ret)
		return ret;
	if (part[1].len || (gva & (len - 1)) || ctx->parts_done)
		return em_access(em, LHV_EMUL_WRITE, gva, &new, len);
	ret = lhv_mmu_cmpxchg_gpa(&ctx->vcpu->vm->mmu, part[0].gpa, &old, new, len, false);
	if (ret == -EAGAIN)
		return lhv_emul_want_page(ctx, part[0].gpa, LHV_ACC_WRITE);
	if (ret < 0)
		return em_access(em, LHV_EMUL_WRITE, gva, &new, len);
	return ret ? LHV_EMUL_RETRY : LHV_EMUL_DONE;
}

static void em_segment(struct lhv_emul *em, unsigned int seg, struct lhv_emul_segment *out)
{
	struct lhv_segment s;

	lhv_vendor.get_seg(to_ctx(em)->vcpu, (enum lhv_seg)seg, &s);
	*out = (struct lhv_emul_segment) { .base = s.base, .limit = s.limit, .ar = s.ar };
}

/* An exit for a port says that the processor has looked at the bitmap. */
static int em_pio_check(struct lhv_emul *em, u16 port, unsigned int size)
{
	return to_ctx(em)->exit.access ? lhv_emul_set_fault(em, X86_TRAP_GP, 0, 0) : LHV_EMUL_DONE;
}

/*
 * The guest's vector registers are in the hardware as long as the ring lasts.
 * The decoder answers no register but these.
 */
#define XMM_CASE(n, op)	case n: op(n); break
#define XMM_CASES(op)							\
	XMM_CASE(0, op); XMM_CASE(1, op); XMM_CASE(2, op); XMM_CASE(3, op); \
	XMM_CASE(4, op); XMM_CASE(5, op); XMM_CASE(6, op); XMM_CASE(7, op); \
	XMM_CASE(8, op); XMM_CASE(9, op); XMM_CASE(10, op); XMM_CASE(11, op); \
	XMM_CASE(12, op); XMM_CASE(13, op); XMM_CASE(14, op); XMM_CASE(15, op)
#define XMM_GET(n) asm volatile("movups %%xmm" #n ", %0" : "=m" (*(u64 (*)[2])val))
#define XMM_SET(n) asm volatile("movups %0, %%xmm" #n : : "m" (*(const u64 (*)[2])val))

static void em_xmm_get(struct lhv_emul *em, unsigned int reg, u64 val[2])
{
	switch (reg) {
	XMM_CASES(XMM_GET);
	}
}

static void em_xmm_set(struct lhv_emul *em, unsigned int reg, const u64 val[2])
{
	switch (reg) {
	XMM_CASES(XMM_SET);
	}
}

static const struct lhv_emul_ops emul_ops = {
	.segment = em_segment,
	.access = em_access,
	.compare_exchange = em_cmpxchg,
	.pio_check = em_pio_check,
	.pio = lhv_emul_pio,
	.xmm_get = em_xmm_get,
	.xmm_set = em_xmm_set,
};

static u64 load_state(struct lhv_emul_ctx *ctx)
{
	struct lhv_vcpu *vcpu = ctx->vcpu;
	struct lhv_emul *em = &ctx->em;
	struct lhv_segment cs;

	lhv_load_walk(vcpu, &ctx->walk);
	lhv_vendor.get_seg(vcpu, LHV_SEG_CS, &cs);
	lhv_reg_read(vcpu, LHV_RSP);
	em->gpr = vcpu->regs;
	em->rip = lhv_reg_read(vcpu, LHV_RIP);
	em->rflags = ctx->walk.rflags;
	em->real = !(ctx->walk.cr0 & X86_CR0_PE);
	em->cpl = em->real ? 0 : lhv_vendor.get_cpl(vcpu);
	em->va_bits = ctx->walk.cr4 & X86_CR4_LA57 ? 57 : 48;
	if ((ctx->walk.efer & EFER_LMA) && (cs.ar & BIT(13)))
		em->mode = LHV_MODE_64;
	else if (!em->real && !(em->rflags & X86_EFLAGS_VM) && (cs.ar & BIT(14)))
		em->mode = LHV_MODE_32;
	else
		em->mode = LHV_MODE_16;
	return em->mode == LHV_MODE_64 ? em->rip : (u32)(cs.base + em->rip);
}

/* 0 or an enum lhv_emul_result; bytes up to the end of the page of gva. */
static int fetch(struct lhv_emul_ctx *ctx, u64 gva)
{
	unsigned int len = min_t(u64, LHV_INSN_MAX - ctx->nbytes, PAGE_SIZE - (gva & ~PAGE_MASK));
	u64 gpa;
	int ret = translate(ctx, gva, LHV_ACC_EXEC, &gpa);

	if (ret)
		return ret;
	ret = lhv_mmu_read_gpa(&ctx->vcpu->vm->mmu, gpa, ctx->bytes + ctx->nbytes, len, false);
	if (ret == -EAGAIN)
		return lhv_emul_want_page(ctx, gpa, LHV_ACC_READ);
	if (ret)
		return LHV_EMUL_FAIL;
	ctx->nbytes += len;
	return 0;
}

/* 0 or an enum lhv_emul_result. The bytes lie in one page, or in two. */
static int fetch_and_decode(struct lhv_emul_ctx *ctx, u64 gva)
{
	int ret = -ENODATA;

	ctx->nbytes = 0;
	if (ctx->exit.access && lhv_vendor.insn_bytes)
		ctx->nbytes = lhv_vendor.insn_bytes(ctx->vcpu, ctx->bytes);
	if (ctx->nbytes)
		ret = lhv_decode(&ctx->insn, ctx->bytes, ctx->nbytes, ctx->em.mode);
	while (ret == -ENODATA && ctx->nbytes < LHV_INSN_MAX) {
		ret = fetch(ctx, gva + ctx->nbytes);
		if (ret)
			return ret;
		ret = lhv_decode(&ctx->insn, ctx->bytes, ctx->nbytes, ctx->em.mode);
	}
	if (ret == -E2BIG)
		return lhv_emul_set_fault(&ctx->em, X86_TRAP_GP, 0, 0);
	if (ret != -EILSEQ)
		return ret ? LHV_EMUL_FAIL : 0;
	ctx->em.fault.vector = X86_TRAP_UD;
	ctx->em.fault.has_error = false;
	return LHV_EMUL_FAULT;
}

/* Userspace gets the bytes: it may know an instruction that lhv does not. */
enum lhv_next lhv_emulation_failed(struct lhv_vcpu *vcpu)
{
	const struct lhv_emul_ctx *ctx = vcpu->emul;
	u64 data[3] = { ctx->nbytes ? KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES : 0 };
	u8 *insn = (u8 *)&data[1];

	BUILD_BUG_ON(sizeof(data) - sizeof(u64) != 1 + LHV_INSN_MAX);
	insn[0] = ctx->nbytes;
	memcpy(insn + 1, ctx->bytes, ctx->nbytes);
	return lhv_exit_internal_error(vcpu, KVM_INTERNAL_ERROR_EMULATION, data,
				       ctx->nbytes ? ARRAY_SIZE(data) : 1);
}

/* What an enum lhv_emul_result means to run.c. */
static enum lhv_next finish(struct lhv_emul_ctx *ctx, int result)
{
	const struct lhv_emul_fault *fault = &ctx->em.fault;
	struct lhv_vcpu *vcpu = ctx->vcpu;

	switch (result) {
	case LHV_EMUL_DONE:
	case LHV_EMUL_AGAIN:
		return LHV_RESUME;
	case LHV_EMUL_FAULT:
		if (fault->vector == X86_TRAP_PF)
			lhv_queue_page_fault(vcpu, fault->address, fault->error);
		else if (fault->has_error)
			lhv_queue_exception_e(vcpu, fault->vector, fault->error);
		else
			lhv_queue_exception(vcpu, fault->vector);
		return LHV_RESUME;
	case LHV_EMUL_PENDING:
		if (ctx->page_wanted) {
			ctx->page_wanted = false;
			return lhv_step_out_fault(vcpu);
		}
		return lhv_leave_with(vcpu, 0);
	default:
		return lhv_emulation_failed(ctx->vcpu);
	}
}

static enum lhv_next go_on(struct lhv_vcpu *vcpu);

static enum lhv_next execute(struct lhv_emul_ctx *ctx)
{
	struct lhv_vcpu *vcpu = ctx->vcpu;
	int result = lhv_emulate(&ctx->em, &ctx->insn);

	/* The executor writes general registers in place, RSP among them. */
	vcpu->regs_dirty |= BIT(LHV_RSP);
	lhv_reg_write(vcpu, LHV_RFLAGS, ctx->em.rflags);
	if (result == LHV_EMUL_DONE) {
		lhv_reg_write(vcpu, LHV_RIP, ctx->em.rip);
		lhv_advance_rip(vcpu, 0);
	} else if (result == LHV_EMUL_PENDING) {
		vcpu->complete = go_on;
	}
	return finish(ctx, result);
}

/*
 * The page is there, or userspace has answered. If it moved RIP meanwhile, as a
 * reset does, the instruction is not in flight any more.
 */
static enum lhv_next go_on(struct lhv_vcpu *vcpu)
{
	struct lhv_emul_ctx *ctx = vcpu->emul;

	if (lhv_reg_read(vcpu, LHV_RIP) != ctx->em.rip) {
		lhv_emul_reset(&ctx->em);
		return LHV_RESUME;
	}
	lhv_reg_read(vcpu, LHV_RSP);
	lhv_load_walk(vcpu, &ctx->walk);
	return execute(ctx);
}

/**
 * lhv_fetch_at_rip() - the bytes of the instruction at RIP
 * @vcpu: in the ring, after an exit
 * @want: how many are needed at least; more than the last answer: go on from there
 * @bytes: where they are, until the next call
 * @is64: the processor runs 64-bit code
 * @next: what to do where they cannot be had: LHV_RESUME where the guest itself
 *	will find out why, a step out of the ring for a page, or an exit
 *
 * Return: how many there are, or -1 with @next.
 */
int lhv_fetch_at_rip(struct lhv_vcpu *vcpu, unsigned int want, const u8 **bytes, bool *is64,
		     enum lhv_next *next)
{
	struct lhv_emul_ctx *ctx = vcpu->emul;
	u64 gva;
	int ret;

	lhv_emul_reset(&ctx->em);
	ctx->exit = (struct lhv_emul_exit){ .gva = LHV_GPA_NONE, .gpa = LHV_GPA_NONE };
	ctx->page_wanted = false;
	gva = load_state(ctx);
	ctx->nbytes = 0;
	while (ctx->nbytes < want) {
		ret = fetch(ctx, gva + ctx->nbytes);
		if (!ret)
			continue;
		*next = ret == LHV_EMUL_FAULT ? LHV_RESUME : finish(ctx, ret);
		return -1;
	}
	*bytes = ctx->bytes;
	*is64 = ctx->em.mode == LHV_MODE_64;
	return ctx->nbytes;
}

/* Is what was decoded what exited? If not, the bytes have changed since. */
static bool is_what_exited(const struct lhv_emul_ctx *ctx)
{
	const struct lhv_insn *insn = &ctx->insn;

	BUILD_BUG_ON(LHV_ACC_READ != LHV_INSN_READ || LHV_ACC_WRITE != LHV_INSN_WRITE);
	if (ctx->exit.access)
		return insn->access & ctx->exit.access;
	return insn->op == (ctx->exit.io_in ? LHV_OP_INS : LHV_OP_OUTS) &&
	       insn->memsize == ctx->exit.io_size;
}

/*
 * The processor gets a second go at what it finds there now. If the same access
 * exits again, it is one that the instruction makes on the side, of a descriptor
 * or a page table, and those are not emulated.
 */
static enum lhv_next try_again_once(struct lhv_emul_ctx *ctx)
{
	if (ctx->again_rip == ctx->em.rip && ctx->again_gpa == ctx->exit.gpa)
		return lhv_emulation_failed(ctx->vcpu);
	ctx->again_rip = ctx->em.rip;
	ctx->again_gpa = ctx->exit.gpa;
	return LHV_RESUME;
}

/**
 * lhv_emulate_at_rip() - execute the guest's instruction in its place
 * @vcpu: in the ring
 * @exit: what the exit says about it
 *
 * Return: LHV_RESUME when it is done or has faulted, or is not what exited any
 * more; else what run.c must do.
 */
enum lhv_next lhv_emulate_at_rip(struct lhv_vcpu *vcpu, const struct lhv_emul_exit *exit)
{
	struct lhv_emul_ctx *ctx = vcpu->emul;
	int ret;

	ctx->exit = *exit;
	ctx->parts_done = 0;
	ctx->page_wanted = false;
	ctx->user_answered = false;
	lhv_emul_reset(&ctx->em);
	/* Until it executes, nothing is in flight: the guest starts it again. */
	ret = fetch_and_decode(ctx, load_state(ctx));
	if (ret)
		return finish(ctx, ret);
	if (!is_what_exited(ctx))
		return try_again_once(ctx);
	ctx->again_gpa = LHV_GPA_NONE;
	if (exit->access)
		lhv_check_len_hint(vcpu, ctx->insn.length);
	return execute(ctx);
}

int lhv_emul_ctx_init(struct lhv_vcpu *vcpu)
{
	vcpu->emul = kzalloc(sizeof(*vcpu->emul), GFP_KERNEL_ACCOUNT);
	if (!vcpu->emul)
		return -ENOMEM;
	vcpu->emul->vcpu = vcpu;
	vcpu->emul->em.ops = &emul_ops;
	return 0;
}

void lhv_emul_ctx_free(struct lhv_vcpu *vcpu)
{
	kfree(vcpu->emul);
	vcpu->emul = NULL;
}
