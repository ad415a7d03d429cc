// SPDX-License-Identifier: GPL-2.0
/*
 * The executor's dispatch, and all instructions but the string ones. Who
 * calls it and what it may not know is in emulate.h.
 *
 * Each handler first finds its addresses and reads (which may stop it, for
 * userspace to answer), then writes, then changes registers; so it can be
 * run again from its start as often as needed.
 */
#include <linux/build_bug.h>
#include <linux/string.h>

#include "emulate-internal.h"

/* Rounds of a locked operation that loses against other CPUs. */
#define LOCKED_ROUNDS	16

static u64 operand_reg(const struct lhv_emul *em, const struct lhv_insn *insn)
{
	return lhv_emul_reg(em, insn->reg, insn->opsize, insn->reg_high);
}

static void set_operand_reg(struct lhv_emul *em, const struct lhv_insn *insn,
			    u64 value)
{
	lhv_emul_set_reg(em, insn->reg, insn->opsize, insn->reg_high, value);
}

/* The operand that is not the destination in memory. */
static u64 source(const struct lhv_emul *em, const struct lhv_insn *insn)
{
	switch (insn->form) {
	case LHV_FORM_M_R:
		return operand_reg(em, insn);
	case LHV_FORM_M_I:
		return (u64)insn->imm;
	default:
		return 0;
	}
}

/*
 * First half of a read-modify-write. The probe comes first, because a read
 * from a device cannot be taken back when the write faults.
 */
static int rmw_load(struct lhv_emul *em, const struct lhv_insn *insn,
		    u64 *linear, u64 *old)
{
	int err = lhv_emul_operand(em, insn, LHV_ACCESS_WRITE, linear);

	if (!err)
		err = lhv_emul_probe(em, *linear, insn->memsize);
	if (!err)
		err = lhv_emul_load(em, *linear, insn->memsize, old);
	return err;
}

static int rmw_store(struct lhv_emul *em, const struct lhv_insn *insn,
		     u64 linear, u64 old, u64 value)
{
	if (insn->lock || insn->op == LHV_OP_XCHG)
		return lhv_emul_store_locked(em, linear, insn->memsize, old,
					     value);
	return lhv_emul_store(em, linear, insn->memsize, value);
}

static int load_operand(struct lhv_emul *em, const struct lhv_insn *insn,
			u64 *value)
{
	u64 linear;
	int err = lhv_emul_operand(em, insn, LHV_ACCESS_READ, &linear);

	return err ? err : lhv_emul_load(em, linear, insn->memsize, value);
}

static int store_operand(struct lhv_emul *em, const struct lhv_insn *insn,
			 u64 value)
{
	u64 linear;
	int err = lhv_emul_operand(em, insn, LHV_ACCESS_WRITE, &linear);

	return err ? err : lhv_emul_store(em, linear, insn->memsize, value);
}

/* Arithmetic with the memory operand as source, or not written at all. */
static int exec_alu_load(struct lhv_emul *em, const struct lhv_insn *insn,
			 const struct lhv_alu_op *alu)
{
	u64 mem, r, flags = em->rflags;
	int err = load_operand(em, insn, &mem);

	if (err)
		return err;
	if (insn->form == LHV_FORM_R_M)
		r = alu->fn(operand_reg(em, insn), mem, insn->opsize, &flags);
	else
		r = alu->fn(mem, source(em, insn), insn->opsize, &flags);
	if (alu->writes)
		set_operand_reg(em, insn, r);
	em->rflags = flags;
	return LHV_EMUL_DONE;
}

static int exec_alu(struct lhv_emul *em, const struct lhv_insn *insn)
{
	const struct lhv_alu_op *alu = &lhv_alu_ops[insn->op];
	u64 linear, old, r, flags = em->rflags;
	int err;

	if (insn->form == LHV_FORM_R_M || !alu->writes)
		return exec_alu_load(em, insn, alu);
	err = rmw_load(em, insn, &linear, &old);
	if (err)
		return err;
	r = alu->fn(old, source(em, insn), insn->opsize, &flags);
	err = rmw_store(em, insn, linear, old, r);
	if (!err)
		em->rflags = flags;
	return err;
}

static int exec_mov(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 value;
	int err;

	if (insn->form != LHV_FORM_R_M)
		return store_operand(em, insn, source(em, insn));
	err = load_operand(em, insn, &value);
	if (!err)
		set_operand_reg(em, insn, value);
	return err;
}

static int exec_movsx(struct lhv_emul *em, const struct lhv_insn *insn)
{
	unsigned int unused = 64 - insn->memsize * 8;
	u64 value;
	int err = load_operand(em, insn, &value);

	if (!err)
		set_operand_reg(em, insn, (s64)(value << unused) >> unused);
	return err;
}

static u64 swap_bytes(u64 value, unsigned int size)
{
	u64 r = 0;

	while (size--) {
		r = r << 8 | (value & 0xff);
		value >>= 8;
	}
	return r;
}

static int exec_movbe(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 value;
	int err;

	if (insn->form == LHV_FORM_M_R)
		return store_operand(em, insn,
				     swap_bytes(operand_reg(em, insn),
						insn->opsize));
	err = load_operand(em, insn, &value);
	if (!err)
		set_operand_reg(em, insn, swap_bytes(value, insn->opsize));
	return err;
}

static int exec_xchg(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 linear, old;
	int err = rmw_load(em, insn, &linear, &old);

	if (!err)
		err = rmw_store(em, insn, linear, old, operand_reg(em, insn));
	if (!err)
		set_operand_reg(em, insn, old);
	return err;
}

static int exec_xadd(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 linear, old, sum, flags = em->rflags;
	int err = rmw_load(em, insn, &linear, &old);

	if (err)
		return err;
	sum = lhv_alu_add(old, operand_reg(em, insn), insn->opsize, &flags);
	err = rmw_store(em, insn, linear, old, sum);
	if (err)
		return err;
	set_operand_reg(em, insn, old);
	em->rflags = flags;
	return LHV_EMUL_DONE;
}

/* Memory is written in either case: SDM, CMPXCHG. */
static int exec_cmpxchg(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 linear, old, flags = em->rflags;
	bool equal;
	int err = rmw_load(em, insn, &linear, &old);

	if (err)
		return err;
	lhv_alu_sub(em->gpr[LHV_RAX], old, insn->opsize, &flags);
	equal = flags & LHV_FLAG_ZF;
	err = rmw_store(em, insn, linear, old,
			equal ? operand_reg(em, insn) : old);
	if (err)
		return err;
	if (!equal)
		lhv_emul_set_reg(em, LHV_RAX, insn->opsize, false, old);
	em->rflags = flags;
	return LHV_EMUL_DONE;
}

static u64 bit_result(u8 op, u64 value, u64 bit)
{
	switch (op) {
	case LHV_OP_BTS:
		return value | bit;
	case LHV_OP_BTR:
		return value & ~bit;
	default:
		return value ^ bit;
	}
}

/*
 * A bit number in a register is signed and reaches beyond the operand: the
 * access goes to the operand-sized unit that holds the bit.
 */
static int exec_bit(struct lhv_emul *em, const struct lhv_insn *insn)
{
	unsigned int bits = insn->opsize * 8, unused = 64 - bits;
	bool write = insn->op != LHV_OP_BT;
	s64 number = (s64)(source(em, insn) << unused) >> unused;
	u64 bias = 0, linear, old, bit = 1ULL << (number & (bits - 1));
	int err;

	if (insn->form == LHV_FORM_M_R)
		bias = (u64)((number & ~(s64)(bits - 1)) / 8);
	err = lhv_emul_linear(em, insn->mem.seg,
			      lhv_emul_offset(em, insn, bias), insn->memsize,
			      write ? LHV_ACCESS_WRITE : LHV_ACCESS_READ,
			      &linear);
	if (!err && write)
		err = lhv_emul_probe(em, linear, insn->memsize);
	if (!err)
		err = lhv_emul_load(em, linear, insn->memsize, &old);
	if (!err && write)
		err = rmw_store(em, insn, linear, old,
				bit_result(insn->op, old, bit));
	if (err)
		return err;
	em->rflags &= ~LHV_FLAG_CF;
	if (old & bit)
		em->rflags |= LHV_FLAG_CF;
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
	u64 sp, linear, value;
	int err = load_operand(em, insn, &value);

	if (err)
		return err;
	sp = (em->gpr[LHV_RSP] - insn->opsize) & lhv_size_mask(size);
	err = lhv_emul_linear(em, LHV_INSN_SS, sp, insn->opsize,
			      LHV_ACCESS_WRITE, &linear);
	if (!err)
		err = lhv_emul_store(em, linear, insn->opsize, value);
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
	int err = lhv_emul_linear(em, LHV_INSN_SS, old & mask, insn->opsize,
				  LHV_ACCESS_READ, &from);

	if (!err)
		err = lhv_emul_linear(em, insn->mem.seg,
				      lhv_emul_offset(em, insn, bias),
				      insn->memsize, LHV_ACCESS_WRITE, &to);
	if (!err)
		err = lhv_emul_probe(em, to, insn->memsize);
	if (!err)
		err = lhv_emul_load(em, from, insn->opsize, &value);
	if (!err)
		err = lhv_emul_store(em, to, insn->memsize, value);
	if (!err)
		lhv_emul_set_reg(em, LHV_RSP, size, false, sp);
	return err;
}

/* Read a 4, 8 or 16-byte operand; what is above it is zero. */
static int load_wide(struct lhv_emul *em, const struct lhv_insn *insn,
		     u64 val[2])
{
	unsigned int len = insn->memsize;
	u64 linear;
	int err = lhv_emul_operand(em, insn, LHV_ACCESS_READ, &linear);

	val[1] = 0;
	if (err)
		return err;
	if (len < 16)
		return lhv_emul_load(em, linear, len, &val[0]);
	err = lhv_emul_load(em, linear, 8, &val[0]);
	if (!err)
		err = lhv_emul_load(em, lhv_emul_linear_add(em, linear, 8), 8,
				    &val[1]);
	return err;
}

static int exec_xmm_load(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 mem[2], val[2];
	int err = load_wide(em, insn, mem);

	if (err || insn->op == LHV_OP_XMM_LOAD)
		return err ? err : em->ops->xmm_set(em, insn->reg, mem);
	err = em->ops->xmm_get(em, insn->reg, val);
	if (err)
		return err;
	val[insn->op == LHV_OP_XMM_LOAD_HI] = mem[0];
	return em->ops->xmm_set(em, insn->reg, val);
}

static int exec_xmm_store(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 val[2], linear;
	int err = em->ops->xmm_get(em, insn->reg, val);

	if (!err)
		err = lhv_emul_operand(em, insn, LHV_ACCESS_WRITE, &linear);
	if (err)
		return err;
	if (insn->memsize < 16)
		return lhv_emul_store(em, linear, insn->memsize,
				      val[insn->op == LHV_OP_XMM_STORE_HI]);
	err = lhv_emul_probe(em, linear, 16);
	if (!err)
		err = lhv_emul_store(em, linear, 8, val[0]);
	if (!err)
		err = lhv_emul_store(em, lhv_emul_linear_add(em, linear, 8), 8,
				     val[1]);
	return err;
}

typedef int (*exec_fn)(struct lhv_emul *em, const struct lhv_insn *insn);

static const exec_fn exec_table[LHV_OP_COUNT] = {
	[LHV_OP_ADD ... LHV_OP_DEC]	= exec_alu,
	[LHV_OP_MOV]			= exec_mov,
	[LHV_OP_MOVZX]			= exec_mov,
	[LHV_OP_MOVSX]			= exec_movsx,
	[LHV_OP_MOVBE]			= exec_movbe,
	[LHV_OP_MOVNTI]			= exec_mov,
	[LHV_OP_XCHG]			= exec_xchg,
	[LHV_OP_XADD]			= exec_xadd,
	[LHV_OP_CMPXCHG]		= exec_cmpxchg,
	[LHV_OP_BT ... LHV_OP_BTC]	= exec_bit,
	[LHV_OP_PUSH]			= exec_push,
	[LHV_OP_POP]			= exec_pop,
	[LHV_OP_MOVS ... LHV_OP_SCAS]	= lhv_emul_string,
	[LHV_OP_INS]			= lhv_emul_ins,
	[LHV_OP_OUTS]			= lhv_emul_outs,
	[LHV_OP_XMM_LOAD ... LHV_OP_XMM_LOAD_HI]	= exec_xmm_load,
	[LHV_OP_XMM_STORE ... LHV_OP_XMM_STORE_HI]	= exec_xmm_store,
};

void lhv_emul_reset(struct lhv_emul *em)
{
	lhv_emul_next_iteration(em);
	em->io_count = 0;
	em->io_done = 0;
	em->io_in = false;
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

static void complete(struct lhv_emul *em, const struct lhv_insn *insn)
{
	em->rip += insn->length;
	if (em->mode != LHV_MODE_64)
		em->rip = (u32)em->rip;
	em->rflags &= ~LHV_FLAG_RF;
}

int lhv_emulate(struct lhv_emul *em, const struct lhv_insn *insn)
{
	int err;

	if (insn->op >= LHV_OP_COUNT || !exec_table[insn->op] ||
	    insn->mode != em->mode) {
		lhv_emul_reset(em);
		return LHV_EMUL_FAIL;
	}
	err = run(em, insn);
	switch (err) {
	case LHV_EMUL_PENDING:
		return err;
	case LHV_EMUL_DONE:
		complete(em, insn);
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
