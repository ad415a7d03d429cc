// SPDX-License-Identifier: GPL-2.0
/*
 * The opcode maps of the decoder, as the SDM's opcode maps print them: one
 * row per opcode byte, per ModR/M.reg of a group, per mandatory prefix. Only
 * forms with a memory operand are in them. Read by decode.c alone.
 */
#include <linux/build_bug.h>
#include <linux/kernel.h>

#include "decode-tables.h"

#define RD	LHV_OPF_READ
#define WR	LHV_OPF_WRITE
#define RW	(LHV_OPF_READ | LHV_OPF_WRITE)
#define RWL	(LHV_OPF_READ | LHV_OPF_WRITE | LHV_OPF_LOCK)
#define AL	LHV_OPF_ALIGNED

#define ROW(_op, _form, _mem, _reg, _imm, _flags)			\
	{ .op = LHV_OP_##_op, .form = LHV_FORM_##_form,			\
	  .memsize = LHV_SIZE_##_mem, .regsize = LHV_SIZE_##_reg,	\
	  .imm = LHV_IMM_##_imm, .flags = (_flags) }

#define M(op, size, flags)	ROW(op, M, size, NONE, NONE, flags)
#define MR(op, size, flags)	ROW(op, M_R, size, NONE, NONE, flags)
#define RM(op, size, flags)	ROW(op, R_M, size, NONE, NONE, flags)
#define MI(op, size, imm, flags) ROW(op, M_I, size, NONE, imm, flags)
#define STR(op, size, flags)	ROW(op, STRING, size, NONE, NONE, flags)
#define XM(op, size, flags)	ROW(op, R_M, size, DQ, NONE, RD | (flags))
#define MX(op, size, flags)	ROW(op, M_R, size, DQ, NONE, WR | (flags))

/* Bit 0 of most opcodes is w: clear for bytes, set for the operand size. */
#define PAIR(code, row, op, flags)					\
	[code] = row(op, B, flags), [(code) + 1] = row(op, V, flags)
#define ARITHMETIC(code, op, flags)					\
	PAIR(code, MR, op, flags), PAIR((code) + 2, RM, op, RD)

#define PREFIX(_prefix, _value)						\
	{ .prefix = LHV_PREFIX_##_prefix, .prefix_value = (_value) }
#define PREFIX_SEG(seg)		PREFIX(SEG, 1 + LHV_INSN_##seg)
#define GROUP(_flags, ...)						\
	{ .next = (const struct lhv_opcode[8]) { __VA_ARGS__ },		\
	  .flags = LHV_OPF_GROUP | (_flags) }
#define MANDATORY(...)							\
	{ .next = (const struct lhv_opcode[LHV_MANDATORY_COUNT]) { __VA_ARGS__ } }
#define NP_66(...)		MANDATORY(__VA_ARGS__, __VA_ARGS__)
#define FROM_66(...)		MANDATORY([LHV_MANDATORY_66] = __VA_ARGS__)

#define GROUP_1(size, imm, flags)					\
	GROUP(flags,							\
	      MI(ADD, size, imm, RWL), MI(OR, size, imm, RWL),		\
	      MI(ADC, size, imm, RWL), MI(SBB, size, imm, RWL),		\
	      MI(AND, size, imm, RWL), MI(SUB, size, imm, RWL),		\
	      MI(XOR, size, imm, RWL), MI(CMP, size, imm, RD))
/* Processors take /1 for TEST as they do /0. */
#define GROUP_3(size, imm)						\
	GROUP(0, MI(TEST, size, imm, RD), MI(TEST, size, imm, RD),		\
	      M(NOT, size, RWL), M(NEG, size, RWL))

const struct lhv_opcode lhv_opcode_map1[256] = {
	ARITHMETIC(0x00, ADD, RWL),
	ARITHMETIC(0x08, OR, RWL),
	ARITHMETIC(0x10, ADC, RWL),
	ARITHMETIC(0x18, SBB, RWL),
	ARITHMETIC(0x20, AND, RWL),
	ARITHMETIC(0x28, SUB, RWL),
	ARITHMETIC(0x30, XOR, RWL),
	ARITHMETIC(0x38, CMP, RD),

	[0x26] = PREFIX_SEG(ES),
	[0x2e] = PREFIX_SEG(CS),
	[0x36] = PREFIX_SEG(SS),
	[0x3e] = PREFIX_SEG(DS),
	[0x64] = PREFIX_SEG(FS),
	[0x65] = PREFIX_SEG(GS),
	[0x66] = PREFIX(OPSIZE, true),
	[0x67] = PREFIX(ADDRSIZE, true),
	[0xf0] = PREFIX(LOCK, true),
	[0xf2] = PREFIX(REP, LHV_REP_NE),
	[0xf3] = PREFIX(REP, LHV_REP_E),

	/* How much MOVSXD reads for a 16-bit register is told differently. */
	[0x63] = ROW(MOVSX, R_M, D, V, NONE, RD | LHV_OPF_ONLY64 | LHV_OPF_NO16),
	[0x6c] = STR(INS, B, WR),
	[0x6d] = STR(INS, Z, WR),
	[0x6e] = STR(OUTS, B, RD),
	[0x6f] = STR(OUTS, Z, RD),

	[0x80] = GROUP_1(B, B, 0),
	[0x81] = GROUP_1(V, Z, 0),
	[0x82] = GROUP_1(B, B, LHV_OPF_NO64),
	[0x83] = GROUP_1(V, B, 0),
	PAIR(0x84, MR, TEST, RD),
	PAIR(0x86, MR, XCHG, RWL),
	PAIR(0x88, MR, MOV, WR),
	PAIR(0x8a, RM, MOV, RD),
	[0x8f] = GROUP(0, M(POP, S, RW)),

	[0xa0] = ROW(MOV, R_M, B, NONE, MOFFS, RD),
	[0xa1] = ROW(MOV, R_M, V, NONE, MOFFS, RD),
	[0xa2] = ROW(MOV, M_R, B, NONE, MOFFS, WR),
	[0xa3] = ROW(MOV, M_R, V, NONE, MOFFS, WR),
	PAIR(0xa4, STR, MOVS, RW),
	PAIR(0xa6, STR, CMPS, RD),
	PAIR(0xaa, STR, STOS, WR),
	PAIR(0xac, STR, LODS, RD),
	PAIR(0xae, STR, SCAS, RD),

	[0xc6] = GROUP(0, MI(MOV, B, B, WR)),
	[0xc7] = GROUP(0, MI(MOV, V, Z, WR)),
	[0xf6] = GROUP_3(B, B),
	[0xf7] = GROUP_3(V, Z),
	[0xfe] = GROUP(0, M(INC, B, RWL), M(DEC, B, RWL)),
	[0xff] = GROUP(0, M(INC, V, RWL), M(DEC, V, RWL), [6] = M(PUSH, S, RW)),
};

/* Columns of the SSE moves: no prefix, 66, F3, F2; NP_66 is the first two alike. */
const struct lhv_opcode lhv_opcode_map0f[256] = {
	[0x10] = MANDATORY(XM(XMM_LOAD, DQ, 0), XM(XMM_LOAD, DQ, 0),
			   XM(XMM_LOAD, D, 0), XM(XMM_LOAD, Q, 0)),
	[0x11] = MANDATORY(MX(XMM_STORE, DQ, 0), MX(XMM_STORE, DQ, 0),
			   MX(XMM_STORE, D, 0), MX(XMM_STORE, Q, 0)),
	[0x12] = NP_66(XM(XMM_LOAD_LO, Q, 0)),
	[0x13] = NP_66(MX(XMM_STORE, Q, 0)),
	[0x16] = NP_66(XM(XMM_LOAD_HI, Q, 0)),
	[0x17] = NP_66(MX(XMM_STORE_HI, Q, 0)),
	[0x28] = NP_66(XM(XMM_LOAD, DQ, AL)),
	[0x29] = NP_66(MX(XMM_STORE, DQ, AL)),
	[0x2b] = NP_66(MX(XMM_STORE, DQ, AL)),
	[0x6e] = FROM_66(XM(XMM_LOAD, Y, 0)),
	[0x6f] = FROM_66(XM(XMM_LOAD, DQ, AL), XM(XMM_LOAD, DQ, 0)),
	[0x7e] = FROM_66(MX(XMM_STORE, Y, 0), XM(XMM_LOAD, Q, 0)),
	[0x7f] = FROM_66(MX(XMM_STORE, DQ, AL), MX(XMM_STORE, DQ, 0)),
	[0xc3] = MANDATORY(MR(MOVNTI, Y, WR)),
	[0xd6] = FROM_66(MX(XMM_STORE, Q, 0)),
	[0xe7] = FROM_66(MX(XMM_STORE, DQ, AL)),
	[0xf0] = MANDATORY([LHV_MANDATORY_F2] = XM(XMM_LOAD, DQ, 0)),

	[0xa3] = MR(BT, V, RD),
	[0xab] = MR(BTS, V, RWL),
	PAIR(0xb0, MR, CMPXCHG, RWL),
	[0xb3] = MR(BTR, V, RWL),
	[0xb6] = ROW(MOVZX, R_M, B, V, NONE, RD),
	[0xb7] = ROW(MOVZX, R_M, W, V, NONE, RD),
	[0xba] = GROUP(0, [4] = MI(BT, V, UB, RD), MI(BTS, V, UB, RWL),
		       MI(BTR, V, UB, RWL), MI(BTC, V, UB, RWL)),
	[0xbb] = MR(BTC, V, RWL),
	[0xbe] = ROW(MOVSX, R_M, B, V, NONE, RD),
	[0xbf] = ROW(MOVSX, R_M, W, V, NONE, RD),
	PAIR(0xc0, MR, XADD, RWL),
};

const struct lhv_opcode lhv_opcode_map0f38[256] = {
	[0x2a] = FROM_66(XM(XMM_LOAD, DQ, AL)),
	[0xf0] = NP_66(RM(MOVBE, V, RD)),
	[0xf1] = NP_66(MR(MOVBE, V, WR)),
};

/* A byte indexes these without a check. */
static_assert(ARRAY_SIZE(lhv_opcode_map1) == 256);
static_assert(ARRAY_SIZE(lhv_opcode_map0f) == 256);
static_assert(ARRAY_SIZE(lhv_opcode_map0f38) == 256);
