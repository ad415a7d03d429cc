// SPDX-License-Identifier: GPL-2.0
/*
 * The decoder's walk through prefixes, opcode maps, ModR/M, SIB,
 * displacement and immediate (SDM, Instruction Format). What an opcode means
 * is in decode-tables.c; decode.h says who calls this and what it answers.
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "decode-tables.h"

#define REX_B	0x1
#define REX_X	0x2
#define REX_R	0x4
#define REX_W	0x8

struct decoder {
	struct lhv_insn *insn;
	const u8 *bytes;
	unsigned int n;		/* at most LHV_INSN_MAX */
	unsigned int pos;
	const struct lhv_opcode *opcode;
	u8 rex;			/* 0, or 0x40..0x4f */
	u8 opsize;		/* effective operand size: 2, 4, 8 */
	u8 mod, reg, rm;	/* of ModR/M, without REX */
	u8 rep;			/* last of F2 and F3 */
	bool opsize_prefix;
	bool addrsize_prefix;
	bool has_seg;
	u8 seg;
};

/* Why there are no more bytes. */
static int out_of_bytes(const struct decoder *d)
{
	return d->n >= LHV_INSN_MAX ? -E2BIG : -ENODATA;
}

static int fetch(struct decoder *d, u8 *byte)
{
	if (d->pos >= d->n)
		return out_of_bytes(d);
	*byte = d->bytes[d->pos++];
	return 0;
}

/* Fetch @size bytes (0..8), little endian, sign-extended to 64 bits. */
static int fetch_signed(struct decoder *d, unsigned int size, s64 *value)
{
	const u8 *bytes = d->bytes + d->pos;
	u64 v = 0;
	unsigned int i;

	if (size > d->n - d->pos)
		return out_of_bytes(d);
	/* Each byte goes in at the top, and pushes the ones before it down. */
	for (i = 0; i < size; i++)
		v = v >> 8 | (u64)bytes[i] << 56;
	*value = size ? (s64)v >> (64 - size * 8) : 0;
	d->pos += size;
	return 0;
}

/*
 * In 64-bit mode the four old segments have no base, and overriding with
 * them changes nothing, not even an earlier override with FS or GS.
 */
static void take_segment(struct decoder *d, u8 seg)
{
	if (d->insn->mode == LHV_MODE_64 && seg < LHV_INSN_FS)
		return;
	d->has_seg = true;
	d->seg = seg;
}

static void take_prefix(struct decoder *d, const struct lhv_opcode *row)
{
	switch (row->prefix) {
	case LHV_PREFIX_SEG:
		take_segment(d, row->prefix_seg);
		break;
	case LHV_PREFIX_OPSIZE:
		d->opsize_prefix = true;
		break;
	case LHV_PREFIX_ADDRSIZE:
		d->addrsize_prefix = true;
		break;
	case LHV_PREFIX_LOCK:
		d->insn->lock = true;
		break;
	case LHV_PREFIX_REPNE:
		d->rep = LHV_REP_NE;
		break;
	case LHV_PREFIX_REP:
		d->rep = LHV_REP_E;
		break;
	}
}

/*
 * Take all prefixes and hand out the first opcode byte. REX counts only
 * where the opcode follows it at once.
 */
static int parse_prefixes(struct decoder *d, u8 *byte)
{
	const struct lhv_opcode *row;
	int err;

	for (;;) {
		err = fetch(d, byte);
		if (err)
			return err;
		if (d->insn->mode == LHV_MODE_64 && (*byte & 0xf0) == 0x40) {
			d->rex = *byte;
			continue;
		}
		row = &lhv_opcode_map1[*byte];
		if (row->prefix == LHV_PREFIX_NONE)
			return 0;
		take_prefix(d, row);
		d->rex = 0;
	}
}

static void compute_sizes(struct decoder *d)
{
	switch (d->insn->mode) {
	case LHV_MODE_16:
		d->opsize = d->opsize_prefix ? 4 : 2;
		d->insn->addrsize = d->addrsize_prefix ? 4 : 2;
		break;
	case LHV_MODE_32:
		d->opsize = d->opsize_prefix ? 2 : 4;
		d->insn->addrsize = d->addrsize_prefix ? 2 : 4;
		break;
	default:
		d->opsize = d->rex & REX_W ? 8 : d->opsize_prefix ? 2 : 4;
		d->insn->addrsize = d->addrsize_prefix ? 4 : 8;
	}
}

/* F2 and F3 go before 66 where more than one is there. */
static unsigned int mandatory_column(const struct decoder *d)
{
	if (d->rep == LHV_REP_E)
		return LHV_MANDATORY_F3;
	if (d->rep == LHV_REP_NE)
		return LHV_MANDATORY_F2;
	return d->opsize_prefix ? LHV_MANDATORY_66 : LHV_MANDATORY_NONE;
}

static int parse_opcode(struct decoder *d, u8 byte)
{
	int err;

	d->opcode = &lhv_opcode_map1[byte];
	if (byte == 0x0f) {
		err = fetch(d, &byte);
		if (err)
			return err;
		d->opcode = &lhv_opcode_map0f[byte];
		if (byte == 0x38) {
			err = fetch(d, &byte);
			if (err)
				return err;
			d->opcode = &lhv_opcode_map0f38[byte];
		}
	}
	if (d->opcode->flags & LHV_OPF_NO64 && d->insn->mode == LHV_MODE_64)
		return -EILSEQ;
	if (d->opcode->mandatory)
		d->opcode = &lhv_opcode_mandatory[d->opcode->mandatory]
						 [mandatory_column(d)];
	return 0;
}

static bool has_modrm(const struct lhv_opcode *row)
{
	if (row->group)
		return true;
	return row->form != LHV_FORM_NONE && row->form != LHV_FORM_STRING &&
	       row->imm != LHV_IMM_MOFFS;
}

static int parse_modrm(struct decoder *d)
{
	u8 byte;
	int err = fetch(d, &byte);

	if (err)
		return err;
	d->mod = byte >> 6;
	d->reg = (byte >> 3) & 7;
	d->rm = byte & 7;
	if (d->opcode->group)
		d->opcode = &lhv_opcode_groups[d->opcode->group][d->reg];
	return 0;
}

/* SDM, 16-Bit Addressing Forms with the ModR/M Byte. */
static int parse_mem16(struct decoder *d)
{
	static const s8 base[8] = { 3, 3, 5, 5, 6, 7, 5, 3 };
	static const s8 index[8] = { 6, 7, 6, 7, LHV_REG_NONE, LHV_REG_NONE,
				     LHV_REG_NONE, LHV_REG_NONE };
	struct lhv_insn_mem *mem = &d->insn->mem;
	unsigned int size = d->mod == 1 ? 1 : d->mod == 2 ? 2 : 0;

	mem->base = base[d->rm];
	mem->index = index[d->rm];
	if (d->mod == 0 && d->rm == 6) {
		mem->base = LHV_REG_NONE;
		size = 2;
	}
	if (mem->base == 5)
		mem->seg = LHV_INSN_SS;
	return fetch_signed(d, size, &mem->disp);
}

static int parse_sib(struct decoder *d)
{
	struct lhv_insn_mem *mem = &d->insn->mem;
	u8 byte, index;
	int err = fetch(d, &byte);

	if (err)
		return err;
	index = ((byte >> 3) & 7) | (d->rex & REX_X ? 8 : 0);
	if (index != 4) {
		mem->index = index;
		mem->scale = 1 << (byte >> 6);
	}
	if (d->mod == 0 && (byte & 7) == 5)
		return 0;
	mem->base = (byte & 7) | (d->rex & REX_B ? 8 : 0);
	return 0;
}

/* SDM, 32-Bit Addressing Forms with the ModR/M Byte, and RIP-Relative. */
static int parse_mem32(struct decoder *d)
{
	struct lhv_insn_mem *mem = &d->insn->mem;
	unsigned int size = d->mod == 1 ? 1 : d->mod == 2 ? 4 : 0;
	int err;

	if (d->rm == 4) {
		err = parse_sib(d);
		if (err)
			return err;
		if (mem->base == LHV_REG_NONE)
			size = 4;
	} else if (d->mod == 0 && d->rm == 5) {
		mem->rip_relative = d->insn->mode == LHV_MODE_64;
		size = 4;
	} else {
		mem->base = d->rm | (d->rex & REX_B ? 8 : 0);
	}
	if (mem->base == 4 || mem->base == 5)
		mem->seg = LHV_INSN_SS;
	return fetch_signed(d, size, &mem->disp);
}

static int parse_mem(struct decoder *d)
{
	if (d->insn->addrsize == 2)
		return parse_mem16(d);
	return parse_mem32(d);
}

static u8 size_bytes(const struct decoder *d, u8 size)
{
	switch (size) {
	case LHV_SIZE_B:
		return 1;
	case LHV_SIZE_W:
		return 2;
	case LHV_SIZE_D:
		return 4;
	case LHV_SIZE_Q:
		return 8;
	case LHV_SIZE_DQ:
		return 16;
	case LHV_SIZE_Y:
		return d->rex & REX_W ? 8 : 4;
	case LHV_SIZE_Z:
		return d->opsize == 2 ? 2 : 4;
	case LHV_SIZE_S:
		if (d->insn->mode == LHV_MODE_64)
			return d->opsize == 2 ? 2 : 8;
		return d->opsize;
	default:
		return d->opsize;
	}
}

static void set_register(struct decoder *d)
{
	struct lhv_insn *insn = d->insn;

	if (d->opcode->imm == LHV_IMM_MOFFS)
		return;
	insn->reg = d->reg | (d->rex & REX_R ? 8 : 0);
	if (insn->opsize == 1 && !d->rex && d->reg >= 4) {
		insn->reg = d->reg - 4;
		insn->reg_high = true;
	}
}

static int parse_immediate(struct decoder *d)
{
	struct lhv_insn *insn = d->insn;
	int err;

	switch (d->opcode->imm) {
	case LHV_IMM_B:
		return fetch_signed(d, 1, &insn->imm);
	case LHV_IMM_UB:
		err = fetch_signed(d, 1, &insn->imm);
		insn->imm &= 0xff;
		return err;
	case LHV_IMM_Z:
		return fetch_signed(d, insn->opsize == 2 ? 2 : 4, &insn->imm);
	case LHV_IMM_MOFFS:
		err = fetch_signed(d, insn->addrsize, &insn->mem.disp);
		/* An address, not a displacement: below 64 bits it is unsigned. */
		if (insn->addrsize < 8)
			insn->mem.disp &= (1ULL << (insn->addrsize * 8)) - 1;
		return err;
	}
	return 0;
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
	insn->opsize = insn->memsize;
	if (row->regsize)
		insn->opsize = size_bytes(d, row->regsize);
	insn->access = row->flags & (LHV_INSN_READ | LHV_INSN_WRITE);
	insn->aligned = row->flags & LHV_OPF_ALIGNED;
	if (row->form == LHV_FORM_M_R || row->form == LHV_FORM_R_M)
		set_register(d);
	if (row->form == LHV_FORM_STRING)
		insn->rep = d->rep;
}

/* Everything after the opcode bytes. */
static int parse_operands(struct decoder *d)
{
	struct lhv_insn *insn = d->insn;
	bool modrm = has_modrm(d->opcode);
	int err;

	if (modrm) {
		err = parse_modrm(d);
		if (err)
			return err;
	}
	if (d->opcode->op == LHV_OP_NONE)
		return -EOPNOTSUPP;
	if (d->opcode->flags & LHV_OPF_ONLY64 && insn->mode != LHV_MODE_64)
		return -EOPNOTSUPP;
	if (d->opcode->flags & LHV_OPF_NO16 && d->opsize == 2)
		return -EOPNOTSUPP;
	if (modrm && d->mod == 3)
		return insn->lock ? -EILSEQ : -EOPNOTSUPP;
	fill_operands(d);
	if (modrm) {
		err = parse_mem(d);
		if (err)
			return err;
	}
	err = parse_immediate(d);
	if (err)
		return err;
	if (insn->lock && !(d->opcode->flags & LHV_OPF_LOCK))
		return -EILSEQ;
	if (d->has_seg)
		insn->mem.seg = d->seg;
	return 0;
}

int lhv_decode(struct lhv_insn *insn, const u8 *bytes, unsigned int n,
	       enum lhv_cpu_mode mode)
{
	struct decoder d = {
		.insn = insn,
		.bytes = bytes,
		.n = n < LHV_INSN_MAX ? n : LHV_INSN_MAX,
	};
	u8 byte;
	int err;

	if (mode != LHV_MODE_16 && mode != LHV_MODE_32 && mode != LHV_MODE_64)
		return -EINVAL;
	memset(insn, 0, sizeof(*insn));
	insn->mode = mode;
	insn->mem.base = LHV_REG_NONE;
	insn->mem.index = LHV_REG_NONE;
	insn->mem.scale = 1;
	insn->mem.seg = LHV_INSN_DS;

	err = parse_prefixes(&d, &byte);
	if (err)
		return err;
	compute_sizes(&d);
	err = parse_opcode(&d, byte);
	if (err)
		return err;
	err = parse_operands(&d);
	if (err)
		return err;
	insn->length = d.pos;
	return 0;
}

const char *lhv_op_name(unsigned int op)
{
	return lhv_opcode_names[op < LHV_OP_COUNT ? op : LHV_OP_NONE];
}
