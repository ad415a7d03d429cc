/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shape of the opcode tables. Between decode.c, which walks them, and
 * decode-tables.c, which holds them; nobody else may look.
 */
#ifndef LHV_ARCH_X86_DECODE_TABLES_H
#define LHV_ARCH_X86_DECODE_TABLES_H

#include <linux/types.h>

#include "decode.h"

/* Operand sizes, named after the letters of the SDM's opcode maps. */
enum lhv_size {
	LHV_SIZE_NONE,
	LHV_SIZE_B,	/* 1 */
	LHV_SIZE_W,	/* 2 */
	LHV_SIZE_D,	/* 4 */
	LHV_SIZE_Q,	/* 8 */
	LHV_SIZE_DQ,	/* 16 */
	LHV_SIZE_V,	/* effective operand size: 2, 4, 8 */
	LHV_SIZE_Y,	/* 4, or 8 with REX.W; 66 is not looked at */
	LHV_SIZE_Z,	/* 2 or 4: REX.W gives 4 */
	LHV_SIZE_S,	/* like V, but 64-bit mode starts from 8 (stack) */
};

enum lhv_imm {
	LHV_IMM_NONE,
	LHV_IMM_B,	/* one byte, sign-extended */
	LHV_IMM_UB,	/* one byte, zero-extended */
	LHV_IMM_Z,	/* 2 bytes, or 4 sign-extended, as the operand size */
	LHV_IMM_MOFFS,	/* an address, as the address size: memory operand */
};

enum lhv_prefix {
	LHV_PREFIX_NONE,
	LHV_PREFIX_SEG,		/* value: 1 + enum lhv_insn_seg */
	LHV_PREFIX_OPSIZE,
	LHV_PREFIX_ADDRSIZE,
	LHV_PREFIX_LOCK,
	LHV_PREFIX_REP,		/* value: enum lhv_insn_rep */
	LHV_PREFIX_COUNT
};

/* Which of the rows that a mandatory prefix chooses from. */
enum lhv_mandatory {
	LHV_MANDATORY_NONE,
	LHV_MANDATORY_66,
	LHV_MANDATORY_F3,
	LHV_MANDATORY_F2,
	LHV_MANDATORY_COUNT
};

#define LHV_OPF_READ	0x01	/* reads memory */
#define LHV_OPF_WRITE	0x02	/* writes memory */
#define LHV_OPF_LOCK	0x04	/* LOCK allowed */
#define LHV_OPF_ONLY64	0x08	/* something else outside 64-bit mode */
#define LHV_OPF_NO64	0x10	/* #UD in 64-bit mode */
#define LHV_OPF_ALIGNED	0x20	/* must be aligned to 16 bytes */
#define LHV_OPF_NO16	0x40	/* refused with 16-bit operands */
#define LHV_OPF_GROUP	0x80	/* .next is indexed by ModR/M.reg */

/*
 * One row of an opcode map. All zero: not known. A row with .next says where
 * to look on: by ModR/M.reg in a group, else by mandatory prefix. .regsize is
 * only given where it differs from .memsize.
 */
struct lhv_opcode {
	const struct lhv_opcode *next;
	u8 op;
	u8 form;
	u8 memsize;
	u8 regsize;
	u8 imm;
	u8 flags;
	u8 prefix;
	u8 prefix_value;
};

extern const struct lhv_opcode lhv_opcode_map1[256];
extern const struct lhv_opcode lhv_opcode_map0f[256];
extern const struct lhv_opcode lhv_opcode_map0f38[256];

#endif /* LHV_ARCH_X86_DECODE_TABLES_H */
