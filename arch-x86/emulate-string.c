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
#include <linux/bits.h>
#include <linux/minmax.h>

#include "emulate-internal.h"

static u64 get_address(const struct lhv_emul *em, const struct lhv_insn *insn, unsigned int reg)
{
	return lhv_emul_reg(em, reg, insn->addrsize, false);
}

static void advance(struct lhv_emul *em, const struct lhv_insn *insn,
		    unsigned int reg, unsigned int elements)
{
	u64 bytes = (u64)elements * insn->memsize;

	if (em->rflags & LHV_FLAG_DF)
		bytes = -bytes;
	lhv_emul_set_reg(em, reg, insn->addrsize, false, get_address(em, insn, reg) + bytes);
}

/* Linear address of element @n from now on, at rSI or rDI. */
static int element(struct lhv_emul *em, const struct lhv_insn *insn,
		   unsigned int reg, unsigned int n, u64 *linear)
{
	bool dest = reg == LHV_RDI;
	u64 bytes = (u64)n * insn->memsize;
	u64 offset = get_address(em, insn, reg);

	offset += em->rflags & LHV_FLAG_DF ? -bytes : bytes;
	return lhv_emul_linear(em, dest ? LHV_INSN_ES : insn->mem.seg,
			       offset & lhv_size_mask(insn->addrsize), insn->memsize,
			       dest && insn->access & LHV_INSN_WRITE, linear);
}

#define READS_SI	BIT(0)	/* else the source is rAX */
#define WRITES_DI	BIT(1)
#define COMPARES_DI	BIT(2)	/* REPE and REPNE look at ZF */

static const u8 string_parts[LHV_OP_COUNT] = {
	[LHV_OP_MOVS] = READS_SI | WRITES_DI,
	[LHV_OP_CMPS] = READS_SI | COMPARES_DI,
	[LHV_OP_STOS] = WRITES_DI,
	[LHV_OP_LODS] = READS_SI,
	[LHV_OP_SCAS] = COMPARES_DI,
};

/* What is read may be a device: all that can refuse a write comes before. */
static int iterate(struct lhv_emul *em, const struct lhv_insn *insn, u8 parts)
{
	unsigned int size = insn->memsize;
	u64 from, to, src = lhv_emul_reg(em, LHV_RAX, size, false), dst;
	int err = LHV_EMUL_DONE;

	if (parts & READS_SI)
		err = element(em, insn, LHV_RSI, 0, &from);
	if (!err && parts & WRITES_DI)
		err = element(em, insn, LHV_RDI, 0, &to);
	if (!err && parts == (READS_SI | WRITES_DI))
		err = em->ops->access(em, LHV_EMUL_PROBE, to, NULL, size);
	if (!err && parts & READS_SI)
		err = lhv_emul_load(em, from, size, &src);
	if (!err && parts & WRITES_DI)
		err = lhv_emul_store(em, to, size, src);
	if (!err && parts & COMPARES_DI)
		err = element(em, insn, LHV_RDI, 0, &to) ?: lhv_emul_load(em, to, size, &dst);
	if (err)
		return err;
	if (parts & COMPARES_DI)
		lhv_alu(LHV_OP_CMP, src, dst, size, &em->rflags);
	if (parts == READS_SI)
		lhv_emul_set_reg(em, LHV_RAX, size, false, src);
	if (parts & READS_SI)
		advance(em, insn, LHV_RSI, 1);
	if (parts & (WRITES_DI | COMPARES_DI))
		advance(em, insn, LHV_RDI, 1);
	return LHV_EMUL_DONE;
}

/* rCX after @n iterations; true when there is nothing left to do. */
static bool count_down(struct lhv_emul *em, const struct lhv_insn *insn, unsigned int n)
{
	u64 left = get_address(em, insn, LHV_RCX) - n;

	lhv_emul_set_reg(em, LHV_RCX, insn->addrsize, false, left);
	return !left;
}

int lhv_emul_string(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 goes_on = insn->rep == LHV_REP_E ? LHV_FLAG_ZF : 0;
	u8 parts = string_parts[insn->op];
	unsigned int i;
	int err;

	if (insn->rep == LHV_REP_NONE)
		return iterate(em, insn, parts);
	if (!get_address(em, insn, LHV_RCX))
		return LHV_EMUL_DONE;
	for (i = 0; i < LHV_EMUL_BATCH; i++) {
		err = iterate(em, insn, parts);
		if (err)
			return err;
		lhv_emul_next_iteration(em);
		if (count_down(em, insn, 1) ||
		    (parts & COMPARES_DI && (em->rflags & LHV_FLAG_ZF) != goes_on))
			return LHV_EMUL_DONE;
	}
	return LHV_EMUL_AGAIN;
}

/* SDM, Input/Output: I/O privilege level, then the bitmap in the TSS. */
static int check_port(struct lhv_emul *em, const struct lhv_insn *insn)
{
	u64 iopl = (em->rflags & LHV_FLAG_IOPL) >> LHV_FLAG_IOPL_SHIFT;

	if (em->real || (em->cpl <= iopl && !(em->rflags & LHV_FLAG_VM)))
		return LHV_EMUL_DONE;
	return em->ops->pio_check(em, em->gpr[LHV_RDX], insn->memsize);
}

/* Memory's side of the elements from @io_done up to @n; @io_done says how far. */
static int io_elements(struct lhv_emul *em, const struct lhv_insn *insn,
		       enum lhv_emul_access what, unsigned int n)
{
	unsigned int reg = what == LHV_EMUL_READ ? LHV_RSI : LHV_RDI;
	unsigned int size = insn->memsize;
	u64 linear;
	int err;

	for (; em->io_done < n; em->io_done++) {
		u8 *data = em->io + em->io_done * size;

		err = element(em, insn, reg, em->io_done, &linear) ?:
		      em->ops->access(em, what, linear, data, size);
		if (err)
			return err;
	}
	return LHV_EMUL_DONE;
}

/*
 * Find out how many elements there are, and for OUTS what they are: reading a
 * port cannot be undone, so memory has to agree before. A fault after the first
 * element ends the batch before it, and comes back as the first of the next one.
 */
static int io_prepare(struct lhv_emul *em, const struct lhv_insn *insn, unsigned int n)
{
	bool in = insn->op == LHV_OP_INS;
	int err = io_elements(em, insn, in ? LHV_EMUL_PROBE : LHV_EMUL_READ, n);

	if (err == LHV_EMUL_PENDING || (err && !em->io_done))
		return err;
	em->io_count = em->io_done;
	if (in)
		em->io_done = 0;
	return LHV_EMUL_DONE;
}

int lhv_emul_string_io(struct lhv_emul *em, const struct lhv_insn *insn)
{
	bool in = insn->op == LHV_OP_INS, rep = insn->rep != LHV_REP_NONE;
	u64 n = rep ? get_address(em, insn, LHV_RCX) : 1;
	int err;

	if (!n)
		return LHV_EMUL_DONE;
	err = check_port(em, insn);
	if (!err && !em->io_count)
		err = io_prepare(em, insn, min_t(u64, n, LHV_EMUL_IO_BYTES / insn->memsize));
	if (!err && !em->io_ported) {
		err = em->ops->pio(em, em->gpr[LHV_RDX], em->io, insn->memsize, em->io_count, in);
		em->io_ported = !err;
	}
	if (err)
		return err;
	if (in)
		err = io_elements(em, insn, LHV_EMUL_WRITE, em->io_count);
	if (err && (err == LHV_EMUL_PENDING || !em->io_done))
		return err;
	/* What has moved counts, even where the rest faults. */
	advance(em, insn, in ? LHV_RDI : LHV_RSI, em->io_done);
	if (rep && !count_down(em, insn, em->io_done) && !err)
		return LHV_EMUL_AGAIN;
	return err;
}
