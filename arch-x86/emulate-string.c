// SPDX-License-Identifier: GPL-2.0
/*
 * String instructions of the executor: MOVS, CMPS, STOS, LODS, SCAS, INS and
 * OUTS, plain and repeated. Called by emulate.c.
 *
 * A repeated instruction can be left between any two iterations with rCX,
 * rSI and rDI saying how far it came (SDM, REP/REPE/REPZ/REPNE/REPNZ), so
 * each iteration is committed by itself, and a batch of them ends early
 * enough that interrupts are not held up.
 */
#include "emulate-internal.h"

static u64 get_address(const struct lhv_emul *em, const struct lhv_insn *insn,
		       unsigned int reg)
{
	return lhv_emul_reg(em, reg, insn->addrsize, false);
}

static void advance(struct lhv_emul *em, const struct lhv_insn *insn,
		    unsigned int reg, unsigned int elements)
{
	u64 bytes = (u64)elements * insn->memsize;

	if (em->rflags & LHV_FLAG_DF)
		bytes = -bytes;
	lhv_emul_set_reg(em, reg, insn->addrsize, false,
			 get_address(em, insn, reg) + bytes);
}

/* Linear address of element @n from now on, at rSI or rDI. */
static int element(struct lhv_emul *em, const struct lhv_insn *insn,
		   unsigned int reg, unsigned int n, u64 *linear)
{
	bool dest = reg == LHV_RDI;
	bool write = dest && insn->access & LHV_INSN_WRITE;
	u64 bytes = (u64)n * insn->memsize;
	u64 offset = get_address(em, insn, reg);

	offset += em->rflags & LHV_FLAG_DF ? -bytes : bytes;
	return lhv_emul_linear(em, dest ? LHV_INSN_ES : insn->mem.seg,
			       offset & lhv_size_mask(insn->addrsize),
			       insn->memsize,
			       write ? LHV_ACCESS_WRITE : LHV_ACCESS_READ,
			       linear);
}

static int load_element(struct lhv_emul *em, const struct lhv_insn *insn,
			unsigned int reg, u64 *value)
{
	u64 linear;
	int err = element(em, insn, reg, 0, &linear);

	return err ? err : lhv_emul_load(em, linear, insn->memsize, value);
}

static int one_movs(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 src, dst, value;
	int err = element(em, insn, LHV_RSI, 0, &src);

	if (!err)
		err = element(em, insn, LHV_RDI, 0, &dst);
	if (!err)
		err = lhv_emul_probe(em, dst, insn->memsize);
	if (!err)
		err = lhv_emul_load(em, src, insn->memsize, &value);
	if (!err)
		err = lhv_emul_store(em, dst, insn->memsize, value);
	if (err)
		return err;
	advance(em, insn, LHV_RSI, 1);
	advance(em, insn, LHV_RDI, 1);
	return LHV_EMUL_DONE;
}

static int one_stos(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 dst;
	int err = element(em, insn, LHV_RDI, 0, &dst);

	if (!err)
		err = lhv_emul_store(em, dst, insn->memsize,
				     em->gpr[LHV_RAX] &
				     lhv_size_mask(insn->memsize));
	if (err)
		return err;
	advance(em, insn, LHV_RDI, 1);
	return LHV_EMUL_DONE;
}

static int one_lods(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 value;
	int err = load_element(em, insn, LHV_RSI, &value);

	if (err)
		return err;
	lhv_emul_set_reg(em, LHV_RAX, insn->memsize, false, value);
	advance(em, insn, LHV_RSI, 1);
	return LHV_EMUL_DONE;
}

static int one_cmps(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 src, dst;
	int err = load_element(em, insn, LHV_RSI, &src);

	if (!err)
		err = load_element(em, insn, LHV_RDI, &dst);
	if (err)
		return err;
	lhv_alu_sub(src, dst, insn->memsize, &em->rflags);
	advance(em, insn, LHV_RSI, 1);
	advance(em, insn, LHV_RDI, 1);
	return LHV_EMUL_DONE;
}

static int one_scas(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 value;
	int err = load_element(em, insn, LHV_RDI, &value);

	if (err)
		return err;
	lhv_alu_sub(em->gpr[LHV_RAX], value, insn->memsize, &em->rflags);
	advance(em, insn, LHV_RDI, 1);
	return LHV_EMUL_DONE;
}

struct string_op {
	int (*one)(struct lhv_emul *em, const struct lhv_insn *insn);
	bool compares;		/* REPE and REPNE look at ZF */
};

static const struct string_op string_ops[LHV_OP_COUNT] = {
	[LHV_OP_MOVS] = { one_movs, false },
	[LHV_OP_STOS] = { one_stos, false },
	[LHV_OP_LODS] = { one_lods, false },
	[LHV_OP_CMPS] = { one_cmps, true },
	[LHV_OP_SCAS] = { one_scas, true },
};

/* rCX after @n iterations; true when there is nothing left to do. */
static bool count_down(struct lhv_emul *em, const struct lhv_insn *insn,
		       unsigned int n)
{
	u64 left = get_address(em, insn, LHV_RCX) - n;

	lhv_emul_set_reg(em, LHV_RCX, insn->addrsize, false, left);
	return !left;
}

static bool zf_ends(const struct lhv_emul *em, const struct lhv_insn *insn)
{
	bool zf = em->rflags & LHV_FLAG_ZF;

	return insn->rep == LHV_REP_E ? !zf : zf;
}

int lhv_emul_string(struct lhv_emul *em, const struct lhv_insn *insn)
{
	const struct string_op *op = &string_ops[insn->op];
	unsigned int i;
	int err;

	if (insn->rep == LHV_REP_NONE)
		return op->one(em, insn);
	if (!get_address(em, insn, LHV_RCX))
		return LHV_EMUL_DONE;
	for (i = 0; i < LHV_EMUL_BATCH; i++) {
		err = op->one(em, insn);
		if (err)
			return err;
		lhv_emul_next_iteration(em);
		if (count_down(em, insn, 1))
			return LHV_EMUL_DONE;
		if (op->compares && zf_ends(em, insn))
			return LHV_EMUL_DONE;
	}
	return LHV_EMUL_AGAIN;
}

/* How many elements one access to the port may move; 0: nothing to do. */
static unsigned int io_elements(const struct lhv_emul *em,
				const struct lhv_insn *insn)
{
	u64 count, max = LHV_EMUL_IO_BYTES / insn->memsize;

	if (insn->rep == LHV_REP_NONE)
		return 1;
	count = get_address(em, insn, LHV_RCX);
	return count < max ? count : max;
}

/* SDM, Input/Output: I/O privilege level, then the bitmap in the TSS. */
static int check_port(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 iopl = (em->rflags & LHV_FLAG_IOPL) >> LHV_FLAG_IOPL_SHIFT;

	if (em->real)
		return LHV_EMUL_DONE;
	if (em->cpl <= iopl && !(em->rflags & LHV_FLAG_VM))
		return LHV_EMUL_DONE;
	if (!em->ops->pio_check)
		return lhv_emul_set_fault(em, LHV_VECTOR_GP, 0, 0);
	return em->ops->pio_check(em, em->gpr[LHV_RDX], insn->memsize);
}

/* Commit @n elements moved at @reg. */
static int io_commit(struct lhv_emul *em, const struct lhv_insn *insn,
		     unsigned int reg, unsigned int n)
{
	advance(em, insn, reg, n);
	if (insn->rep == LHV_REP_NONE || count_down(em, insn, n))
		return LHV_EMUL_DONE;
	return LHV_EMUL_AGAIN;
}

/*
 * Read elements for the port. A fault after the first element ends the batch
 * before it, and comes back as the first of the next one.
 */
static int gather(struct lhv_emul *em, const struct lhv_insn *insn,
		  unsigned int n)
{
	unsigned int size = insn->memsize;
	u64 linear;
	int err;

	for (; em->io_done < n; em->io_done++) {
		err = element(em, insn, LHV_RSI, em->io_done, &linear);
		if (!err)
			err = em->ops->read(em, linear,
					    em->io + em->io_done * size, size);
		if (err == LHV_EMUL_PENDING || (err && !em->io_done))
			return err;
		if (err)
			break;
	}
	em->io_count = em->io_done;
	return LHV_EMUL_DONE;
}

int lhv_emul_outs(struct lhv_emul *em, const struct lhv_insn *insn)
{
	unsigned int n = io_elements(em, insn);
	int err;

	if (!n)
		return LHV_EMUL_DONE;
	err = check_port(em, insn);
	if (!err && !em->io_count)
		err = gather(em, insn, n);
	if (!err)
		err = em->ops->pio_out(em, em->gpr[LHV_RDX], em->io,
				       insn->memsize, em->io_count);
	if (err)
		return err;
	return io_commit(em, insn, LHV_RSI, em->io_count);
}

/*
 * Reading a port cannot be undone, so find out first how many elements
 * memory will take.
 */
static int probe_elements(struct lhv_emul *em, const struct lhv_insn *insn,
			  unsigned int n)
{
	unsigned int i;
	u64 linear;
	int err;

	for (i = 0; i < n; i++) {
		err = element(em, insn, LHV_RDI, i, &linear);
		if (!err)
			err = lhv_emul_probe(em, linear, insn->memsize);
		if (err && !i)
			return err;
		if (err)
			break;
	}
	em->io_count = i;
	return LHV_EMUL_DONE;
}

static int scatter(struct lhv_emul *em, const struct lhv_insn *insn)
{
	unsigned int size = insn->memsize;
	u64 linear;
	int err;

	for (; em->io_done < em->io_count; em->io_done++) {
		err = element(em, insn, LHV_RDI, em->io_done, &linear);
		if (!err)
			err = em->ops->write(em, linear,
					     em->io + em->io_done * size, size);
		if (err)
			return err;
	}
	return LHV_EMUL_DONE;
}

int lhv_emul_ins(struct lhv_emul *em, const struct lhv_insn *insn)
{
	unsigned int n = io_elements(em, insn);
	int err;

	if (!n)
		return LHV_EMUL_DONE;
	err = check_port(em, insn);
	if (!err && !em->io_count)
		err = probe_elements(em, insn, n);
	if (!err && !em->io_in) {
		err = em->ops->pio_in(em, em->gpr[LHV_RDX], em->io,
				      insn->memsize, em->io_count);
		em->io_in = !err;
	}
	if (err)
		return err;
	err = scatter(em, insn);
	if (err && (err == LHV_EMUL_PENDING || !em->io_done))
		return err;
	n = io_commit(em, insn, LHV_RDI, em->io_done);
	return err ? err : (int)n;
}
