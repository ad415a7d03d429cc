// SPDX-License-Identifier: GPL-2.0
/*
 * The decoder's walk through prefixes, opcode maps, ModR/M, SIB,
 * displacement and immediate (SDM, Instruction Format). What an opcode means
 * is in decode-tables.c; decode.h says who calls this and what it answers.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "decode-tables.h"

#define REX_B	0x1
#define REX_X	0x2
#define REX_R	0x4
#define REX_W	0x8

/* The most that is fetched after the last byte: SIB, displacement, immediate. */
#define OVERRUN	(1 + 4 + 4)

/*
 * Running out of bytes shows in @pos, and what is fetched after the last one is
 * zero: it is asked after where something is decided, not after each byte.
 */
struct decoder {
	struct lhv_insn *insn;
	u8 bytes[LHV_INSN_MAX + OVERRUN + sizeof(u64)];
	unsigned int n;		/* at most LHV_INSN_MAX */
	unsigned int pos;
	const struct lhv_opcode *opcode;
	u8 prefix[LHV_PREFIX_COUNT];	/* 0, or the last one's value */
	u8 rex;			/* 0, or 0x40..0x4f */
	u8 opsize;		/* effective operand size: 2, 4, 8 */
	u8 mod, reg, rm;	/* of ModR/M, without REX */
};

/* Fetch @size bytes (0..8), little endian, sign-extended to 64 bits. */
static s64 fetch(struct decoder *d, unsigned int size)
{
	unsigned int shift = 64 - size * 8;
	u64 v;

	memcpy(&v, d->bytes + d->pos, sizeof(v));
	d->pos += size;
	return size ? (s64)(v << shift) >> shift : 0;
}

/* 0, or what lhv_decode() answers where the bytes have not sufficed. */
static int check_length(const struct decoder *d)
{
	if (d->pos <= d->n)
		return 0;
	return d->n == LHV_INSN_MAX ? -E2BIG : -ENODATA;
}

/*
 * Take all prefixes and answer the first opcode byte. REX counts only where
 * the opcode follows it at once.
 */
static u8 parse_prefixes(struct decoder *d)
{
	bool mode64 = d->insn->mode == LHV_MODE_64;
	const struct lhv_opcode *row;
	u8 byte;

	for (;;) {
		byte = fetch(d, 1);
		if (mode64 && (byte & 0xf0) == 0x40) {
			d->rex = byte;
			continue;
		}
		row = &lhv_opcode_map1[byte];
		if (row->prefix == LHV_PREFIX_NONE)
			return byte;
		d->rex = 0;
		/*
		 * In 64-bit mode the four old segments have no base, and overriding
		 * with them changes nothing, not even an earlier override with FS or
		 * GS.
		 */
		if (!mode64 || row->prefix != LHV_PREFIX_SEG ||
		    row->prefix_value >= 1 + LHV_INSN_FS)
			d->prefix[row->prefix] = row->prefix_value;
	}
}

/* The operand-size and address-size prefixes choose what the mode does not. */
static void compute_sizes(struct decoder *d)
{
	bool mode16 = d->insn->mode == LHV_MODE_16;

	d->opsize = d->rex & REX_W ? 8 : d->prefix[LHV_PREFIX_OPSIZE] == mode16 ? 4 : 2;
	d->insn->addrsize = d->prefix[LHV_PREFIX_ADDRSIZE] == mode16 ? 4 : 2;
	if (d->insn->mode == LHV_MODE_64)
		d->insn->addrsize = d->prefix[LHV_PREFIX_ADDRSIZE] ? 4 : 8;
}

/* F2 and F3 go before 66 where more than one is there. */
static unsigned int mandatory_column(const struct decoder *d)
{
	if (d->prefix[LHV_PREFIX_REP])
		return d->prefix[LHV_PREFIX_REP] == LHV_REP_E ? LHV_MANDATORY_F3 : LHV_MANDATORY_F2;
	return d->prefix[LHV_PREFIX_OPSIZE] ? LHV_MANDATORY_66 : LHV_MANDATORY_NONE;
}

static void parse_opcode(struct decoder *d, u8 byte)
{
	d->opcode = &lhv_opcode_map1[byte];
	if (byte == 0x0f) {
		byte = fetch(d, 1);
		d->opcode = &lhv_opcode_map0f[byte];
		if (byte == 0x38)
			d->opcode = &lhv_opcode_map0f38[(u8)fetch(d, 1)];
	}
	if (d->opcode->next && !(d->opcode->flags & LHV_OPF_GROUP))
		d->opcode = &d->opcode->next[mandatory_column(d)];
}

static bool has_modrm(const struct lhv_opcode *row)
{
	return row->flags & LHV_OPF_GROUP ||
	       (row->form >= LHV_FORM_M && row->form <= LHV_FORM_M_I && row->imm != LHV_IMM_MOFFS);
}

static void parse_modrm(struct decoder *d)
{
	u8 byte = fetch(d, 1);

	d->mod = byte >> 6;
	d->reg = (byte >> 3) & 7;
	d->rm = byte & 7;
	if (d->opcode->flags & LHV_OPF_GROUP)
		d->opcode = &d->opcode->next[d->reg];
}

/* SDM, 16-Bit Addressing Forms with the ModR/M Byte. */
static void parse_mem16(struct decoder *d)
{
	static const s8 base[8] = { 3, 3, 5, 5, 6, 7, 5, 3 };
	static const s8 index[8] = { 6, 7, 6, 7, LHV_REG_NONE, LHV_REG_NONE,
				     LHV_REG_NONE, LHV_REG_NONE };
	struct lhv_insn_mem *mem = &d->insn->mem;
	unsigned int size = d->mod;	/* 0, 1 or 2 */

	mem->base = base[d->rm];
	mem->index = index[d->rm];
	if (d->mod == 0 && d->rm == 6) {
		mem->base = LHV_REG_NONE;
		size = 2;
	}
	mem->disp = fetch(d, size);
}

static void parse_sib(struct decoder *d)
{
	struct lhv_insn_mem *mem = &d->insn->mem;
	u8 byte = fetch(d, 1);
	u8 index = ((byte >> 3) & 7) | (d->rex & REX_X ? 8 : 0);

	if (index != 4) {
		mem->index = index;
		mem->scale = 1 << (byte >> 6);
	}
	if (d->mod != 0 || (byte & 7) != 5)
		mem->base = (byte & 7) | (d->rex & REX_B ? 8 : 0);
}

/* SDM, 32-Bit Addressing Forms with the ModR/M Byte, and RIP-Relative. */
static void parse_mem32(struct decoder *d)
{
	struct lhv_insn_mem *mem = &d->insn->mem;

	if (d->rm == 4)
		parse_sib(d);
	else if (d->mod == 0 && d->rm == 5)
		mem->rip_relative = d->insn->mode == LHV_MODE_64;
	else
		mem->base = d->rm | (d->rex & REX_B ? 8 : 0);
	if (d->mod == 1)
		mem->disp = fetch(d, 1);
	else if (d->mod == 2 || mem->base == LHV_REG_NONE)
		mem->disp = fetch(d, 4);
}

static u8 size_bytes(const struct decoder *d, u8 size)
{
	switch (size) {
	case LHV_SIZE_B ... LHV_SIZE_DQ:
		return 1 << (size - LHV_SIZE_B);
	case LHV_SIZE_Y:
		return d->rex & REX_W ? 8 : 4;
	case LHV_SIZE_Z:
		return d->opsize == 2 ? 2 : 4;
	case LHV_SIZE_S:
		return d->insn->mode == LHV_MODE_64 && d->opsize == 4 ? 8 : d->opsize;
	default:
		return d->opsize;
	}
}

static void parse_immediate(struct decoder *d)
{
	struct lhv_insn *insn = d->insn;

	switch (d->opcode->imm) {
	case LHV_IMM_B:
		insn->imm = fetch(d, 1);
		break;
	case LHV_IMM_UB:
		insn->imm = (u8)fetch(d, 1);
		break;
	case LHV_IMM_Z:
		insn->imm = fetch(d, insn->opsize == 2 ? 2 : 4);
		break;
	case LHV_IMM_MOFFS:
		/* An address, not a displacement: below 64 bits it is unsigned. */
		insn->mem.disp = fetch(d, insn->addrsize) & GENMASK_ULL(insn->addrsize * 8 - 1, 0);
		break;
	}
}

static void fill_operands(struct decoder *d)
{
	struct lhv_insn *insn = d->insn;
	const struct lhv_opcode *row = d->opcode;

	static_assert(LHV_OPF_READ == LHV_INSN_READ);
	static_assert(LHV_OPF_WRITE == LHV_INSN_WRITE);
	insn->op = row->op;
	insn->form = row->form;
	insn->memsize = size_bytes(d, row->memsize);
	insn->opsize = row->regsize ? size_bytes(d, row->regsize) : insn->memsize;
	insn->access = row->flags & (LHV_INSN_READ | LHV_INSN_WRITE);
	insn->aligned = row->flags & LHV_OPF_ALIGNED;
	if (row->form == LHV_FORM_STRING)
		insn->rep = d->prefix[LHV_PREFIX_REP];
	if ((row->form != LHV_FORM_M_R && row->form != LHV_FORM_R_M) || row->imm == LHV_IMM_MOFFS)
		return;
	insn->reg_high = insn->opsize == 1 && !d->rex && d->reg >= 4;
	insn->reg = insn->reg_high ? d->reg - 4 : d->reg | (d->rex & REX_R ? 8 : 0);
}

/* Everything after the opcode bytes. */
static int parse_operands(struct decoder *d)
{
	struct lhv_insn *insn = d->insn;
	bool modrm = has_modrm(d->opcode);
	int err;

	if (d->opcode->flags & LHV_OPF_NO64 && insn->mode == LHV_MODE_64)
		return -EILSEQ;
	if (modrm)
		parse_modrm(d);
	err = check_length(d);
	if (err)
		return err;
	if (d->opcode->op == LHV_OP_NONE ||
	    (d->opcode->flags & LHV_OPF_ONLY64 && insn->mode != LHV_MODE_64) ||
	    (d->opcode->flags & LHV_OPF_NO16 && d->opsize == 2))
		return -EOPNOTSUPP;
	if (modrm && d->mod == 3)
		return insn->lock ? -EILSEQ : -EOPNOTSUPP;
	fill_operands(d);
	if (modrm && insn->addrsize == 2)
		parse_mem16(d);
	else if (modrm)
		parse_mem32(d);
	parse_immediate(d);
	err = check_length(d);
	if (err)
		return err;
	if (insn->lock && !(d->opcode->flags & LHV_OPF_LOCK))
		return -EILSEQ;
	if (d->prefix[LHV_PREFIX_SEG])
		insn->mem.seg = d->prefix[LHV_PREFIX_SEG] - 1;
	else if (insn->mem.base == 4 || insn->mem.base == 5)
		insn->mem.seg = LHV_INSN_SS;
	insn->length = d->pos;
	return 0;
}

int lhv_decode(struct lhv_insn *insn, const u8 *bytes, unsigned int n,
	       enum lhv_cpu_mode mode)
{
	struct decoder d = {
		.insn = insn,
		.n = min_t(unsigned int, n, LHV_INSN_MAX),
	};

	if (mode != LHV_MODE_16 && mode != LHV_MODE_32 && mode != LHV_MODE_64)
		return -EINVAL;
	memcpy(d.bytes, bytes, d.n);
	*insn = (struct lhv_insn){
		.mode = mode,
		.mem = { .base = LHV_REG_NONE, .index = LHV_REG_NONE, .scale = 1,
			 .seg = LHV_INSN_DS },
	};
	parse_opcode(&d, parse_prefixes(&d));
	compute_sizes(&d);
	insn->lock = d.prefix[LHV_PREFIX_LOCK];
	return parse_operands(&d);
}
