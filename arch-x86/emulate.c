// SPDX-License-Identifier: GPL-2.0
/*
 * The executor's dispatch, and all instructions but the string ones. Who
 * calls it and what it may not know is in emulate.h.
 *
 * Each handler first finds its addresses and reads (which may stop it, for
 * userspace to answer), then writes, then changes registers; so it can be
 * run again from its start as often as needed.
 */
#include <linux/bitops.h>
#include <linux/minmax.h>

#include "emulate-internal.h"

/* Rounds of a locked operation that loses against other CPUs. */
#define LOCKED_ROUNDS	16

static u64 operand_reg(const struct lhv_emul *em, const struct lhv_insn *insn)
{
	return lhv_emul_reg(em, insn->reg, insn->opsize, insn->reg_high);
}

static void set_operand_reg(struct lhv_emul *em, const struct lhv_insn *insn, u64 value)
{
	lhv_emul_set_reg(em, insn->reg, insn->opsize, insn->reg_high, value);
}

/*
 * First half: the address, and what is there if @access reads. The probe comes
 * before, because a read from a device cannot be taken back when the write
 * faults.
 */
static int load_operand(struct lhv_emul *em, const struct lhv_insn *insn, u64 bias,
			u8 access, u64 *linear, u64 *value)
{
	int err = lhv_emul_operand(em, insn, bias, access & LHV_INSN_WRITE, linear);

	*value = 0;
	if (!err && access == (LHV_INSN_READ | LHV_INSN_WRITE))
		err = em->ops->access(em, LHV_EMUL_PROBE, *linear, NULL, insn->memsize);
	if (!err && access & LHV_INSN_READ)
		err = lhv_emul_load(em, *linear, insn->memsize, value);
	return err;
}

/* Second half; XCHG is locked by itself. */
static int store_operand(struct lhv_emul *em, const struct lhv_insn *insn, u64 linear,
			 u64 old, u64 value)
{
	if (insn->lock || insn->op == LHV_OP_XCHG)
		return em->ops->compare_exchange(em, linear, old,
						 value & lhv_size_mask(insn->memsize),
						 insn->memsize);
	return lhv_emul_store(em, linear, insn->memsize, value);
}

/*
 * A bit number in a register is signed and reaches beyond the operand: the
 * access goes to the operand-sized unit that holds the bit.
 */
static u64 bit_bias(const struct lhv_emul *em, const struct lhv_insn *insn)
{
	unsigned int bits = insn->opsize * 8;

	if (insn->op < LHV_OP_BT || insn->op > LHV_OP_BTC || insn->form != LHV_FORM_M_R)
		return 0;
	return (sign_extend64(operand_reg(em, insn), bits - 1) & ~(s64)(bits - 1)) / 8;
}

/*
 * What most instructions are: destination and source go through one function,
 * and the result to the destination. XCHG and XADD hand the old one out.
 */
static int exec_general(struct lhv_emul *em, const struct lhv_insn *insn)
{
	bool to_reg = insn->form == LHV_FORM_R_M;
	u64 reg = insn->form == LHV_FORM_M_I ? (u64)insn->imm : operand_reg(em, insn);
	u64 linear, mem, dst, src, flags = em->rflags;
	int err = load_operand(em, insn, bit_bias(em, insn), insn->access, &linear, &mem);

	if (err)
		return err;
	dst = to_reg ? reg : mem;
	src = to_reg ? mem : reg;
	dst = lhv_alu(insn->op, dst, src, insn->memsize, &flags);
	if (insn->access & LHV_INSN_WRITE)
		err = store_operand(em, insn, linear, mem, dst);
	if (err)
		return err;
	if (insn->op == LHV_OP_XCHG || insn->op == LHV_OP_XADD)
		set_operand_reg(em, insn, mem);
	else if (to_reg && insn->op != LHV_OP_CMP)
		set_operand_reg(em, insn, dst);
	em->rflags = flags;
	return LHV_EMUL_DONE;
}

/* Memory is written in either case: SDM, CMPXCHG. */
static int exec_cmpxchg(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 linear, old, flags = em->rflags;
	bool equal;
	int err = load_operand(em, insn, 0, insn->access, &linear, &old);

	if (err)
		return err;
	lhv_alu(LHV_OP_CMP, em->gpr[LHV_RAX], old, insn->opsize, &flags);
	equal = flags & LHV_FLAG_ZF;
	err = store_operand(em, insn, linear, old, equal ? operand_reg(em, insn) : old);
	if (err)
		return err;
	if (!equal)
		lhv_emul_set_reg(em, LHV_RAX, insn->opsize, false, old);
	em->rflags = flags;
	return LHV_EMUL_DONE;
}

/* SDM, Address-Size Attribute for Stack. */
static unsigned int stack_address_size(struct lhv_emul *em)
{
	struct lhv_emul_segment ss = { 0 };

	if (em->mode == LHV_MODE_64)
		return 8;
	em->ops->segment(em, LHV_INSN_SS, &ss);
	return ss.ar & LHV_AR_DB ? 4 : 2;
}

static int exec_push(struct lhv_emul *em, const struct lhv_insn *insn)
{
	unsigned int size = stack_address_size(em);
	u64 sp = (em->gpr[LHV_RSP] - insn->opsize) & lhv_size_mask(size);
	u64 linear, value;
	int err = load_operand(em, insn, 0, LHV_INSN_READ, &linear, &value) ?:
		  lhv_emul_linear(em, LHV_INSN_SS, sp, insn->opsize, true, &linear) ?:
		  lhv_emul_store(em, linear, insn->opsize, value);

	if (!err)
		lhv_emul_set_reg(em, LHV_RSP, size, false, sp);
	return err;
}

/* An address formed with rSP sees it after the increment: SDM, POP. */
static int exec_pop(struct lhv_emul *em, const struct lhv_insn *insn)
{
	unsigned int size = stack_address_size(em);
	u64 mask = lhv_size_mask(size), old = em->gpr[LHV_RSP];
	u64 sp = (old & ~mask) | ((old + insn->opsize) & mask);
	u64 bias = insn->mem.base == LHV_RSP ? sp - old : 0;
	u64 from, to, value;
	int err = lhv_emul_linear(em, LHV_INSN_SS, old & mask, insn->opsize, false, &from) ?:
		  lhv_emul_operand(em, insn, bias, true, &to) ?:
		  em->ops->access(em, LHV_EMUL_PROBE, to, NULL, insn->memsize) ?:
		  lhv_emul_load(em, from, insn->opsize, &value) ?:
		  lhv_emul_store(em, to, insn->memsize, value);

	if (!err)
		lhv_emul_set_reg(em, LHV_RSP, size, false, sp);
	return err;
}

/* 4, 8 or 16 bytes, at most 8 at a time; XMM_LOAD clears what is above them. */
static int exec_xmm(struct lhv_emul *em, const struct lhv_insn *insn)
{
	bool load = insn->access & LHV_INSN_READ;
	bool high = insn->op == LHV_OP_XMM_LOAD_HI || insn->op == LHV_OP_XMM_STORE_HI;
	unsigned int len = min_t(u8, insn->memsize, 8), done;
	u64 val[2] = { 0 }, *half = &val[high], linear;
	int err = lhv_emul_operand(em, insn, 0, !load, &linear);

	if (insn->op != LHV_OP_XMM_LOAD)
		em->ops->xmm_get(em, insn->reg, val);
	if (!err && !load && insn->memsize == 16)
		err = em->ops->access(em, LHV_EMUL_PROBE, linear, NULL, 16);
	for (done = 0; !err && done < insn->memsize; done += len, half++) {
		u64 at = lhv_emul_add(em, linear, done);

		err = load ? lhv_emul_load(em, at, len, half) :
			     lhv_emul_store(em, at, len, *half);
	}
	if (!err && load)
		em->ops->xmm_set(em, insn->reg, val);
	return err;
}

typedef int (*exec_fn)(struct lhv_emul *em, const struct lhv_insn *insn);

static const exec_fn exec_table[LHV_OP_COUNT] = {
	[LHV_OP_ADD ... LHV_OP_XADD]	= exec_general,
	[LHV_OP_CMPXCHG]		= exec_cmpxchg,
	[LHV_OP_BT ... LHV_OP_BTC]	= exec_general,
	[LHV_OP_PUSH]			= exec_push,
	[LHV_OP_POP]			= exec_pop,
	[LHV_OP_MOVS ... LHV_OP_SCAS]	= lhv_emul_string,
	[LHV_OP_INS ... LHV_OP_OUTS]	= lhv_emul_string_io,
	[LHV_OP_XMM_LOAD ... LHV_OP_XMM_STORE_HI]	= exec_xmm,
};

void lhv_emul_next_iteration(struct lhv_emul *em)
{
	em->nr_reads = 0;
	em->read_pos = 0;
	em->nr_writes = 0;
	em->write_pos = 0;
}

void lhv_emul_reset(struct lhv_emul *em)
{
	lhv_emul_next_iteration(em);
	em->io_count = 0;
	em->io_done = 0;
	em->io_ported = false;
}

static int run(struct lhv_emul *em, const struct lhv_insn *insn)
{
	unsigned int round;
	int err;

	for (round = 0; round < LOCKED_ROUNDS; round++) {
		em->read_pos = 0;
		em->write_pos = 0;
		err = exec_table[insn->op](em, insn);
		if (err != LHV_EMUL_RETRY)
			return err;
		lhv_emul_next_iteration(em);
	}
	return LHV_EMUL_AGAIN;
}

int lhv_emulate(struct lhv_emul *em, const struct lhv_insn *insn)
{
	int err = LHV_EMUL_FAIL;

	if (insn->op < LHV_OP_COUNT && exec_table[insn->op] && insn->mode == em->mode)
		err = run(em, insn);
	switch (err) {
	case LHV_EMUL_PENDING:
		return err;
	case LHV_EMUL_DONE:
		em->rip = lhv_emul_add(em, em->rip, insn->length);
		em->rflags &= ~LHV_FLAG_RF;
		break;
	case LHV_EMUL_AGAIN:
		em->rflags |= LHV_FLAG_RF;
		break;
	case LHV_EMUL_FAULT:
		break;
	default:
		err = LHV_EMUL_FAIL;
	}
	lhv_emul_reset(em);
	return err;
}
