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

#define GROUP(_group)		{ .group = LHV_GROUP_##_group }
#define MANDATORY(_row)		{ .mandatory = LHV_M_##_row }
#define PREFIX(_prefix)		{ .prefix = LHV_PREFIX_##_prefix }
#define PREFIX_SEG(_seg)	{ .prefix = LHV_PREFIX_SEG,		\
				  .prefix_seg = LHV_INSN_##_seg }

const struct lhv_opcode lhv_opcode_map1[256] = {
	[0x00] = MR(ADD, B, RWL),
	[0x01] = MR(ADD, V, RWL),
	[0x02] = RM(ADD, B, RD),
	[0x03] = RM(ADD, V, RD),
	[0x08] = MR(OR, B, RWL),
	[0x09] = MR(OR, V, RWL),
	[0x0a] = RM(OR, B, RD),
	[0x0b] = RM(OR, V, RD),
	[0x10] = MR(ADC, B, RWL),
	[0x11] = MR(ADC, V, RWL),
	[0x12] = RM(ADC, B, RD),
	[0x13] = RM(ADC, V, RD),
	[0x18] = MR(SBB, B, RWL),
	[0x19] = MR(SBB, V, RWL),
	[0x1a] = RM(SBB, B, RD),
	[0x1b] = RM(SBB, V, RD),
	[0x20] = MR(AND, B, RWL),
	[0x21] = MR(AND, V, RWL),
	[0x22] = RM(AND, B, RD),
	[0x23] = RM(AND, V, RD),
	[0x28] = MR(SUB, B, RWL),
	[0x29] = MR(SUB, V, RWL),
	[0x2a] = RM(SUB, B, RD),
	[0x2b] = RM(SUB, V, RD),
	[0x30] = MR(XOR, B, RWL),
	[0x31] = MR(XOR, V, RWL),
	[0x32] = RM(XOR, B, RD),
	[0x33] = RM(XOR, V, RD),
	[0x38] = MR(CMP, B, RD),
	[0x39] = MR(CMP, V, RD),
	[0x3a] = RM(CMP, B, RD),
	[0x3b] = RM(CMP, V, RD),

	[0x26] = PREFIX_SEG(ES),
	[0x2e] = PREFIX_SEG(CS),
	[0x36] = PREFIX_SEG(SS),
	[0x3e] = PREFIX_SEG(DS),
	[0x64] = PREFIX_SEG(FS),
	[0x65] = PREFIX_SEG(GS),
	[0x66] = PREFIX(OPSIZE),
	[0x67] = PREFIX(ADDRSIZE),
	[0xf0] = PREFIX(LOCK),
	[0xf2] = PREFIX(REPNE),
	[0xf3] = PREFIX(REP),

	/* How much MOVSXD reads for a 16-bit register is told differently. */
	[0x63] = ROW(MOVSX, R_M, D, V, NONE,
		     RD | LHV_OPF_ONLY64 | LHV_OPF_NO16),
	[0x6c] = STR(INS, B, WR),
	[0x6d] = STR(INS, Z, WR),
	[0x6e] = STR(OUTS, B, RD),
	[0x6f] = STR(OUTS, Z, RD),

	[0x80] = GROUP(1_B),
	[0x81] = GROUP(1_Z),
	[0x82] = { .group = LHV_GROUP_1_B, .flags = LHV_OPF_NO64 },
	[0x83] = GROUP(1_SB),
	[0x84] = MR(TEST, B, RD),
	[0x85] = MR(TEST, V, RD),
	[0x86] = MR(XCHG, B, RWL),
	[0x87] = MR(XCHG, V, RWL),
	[0x88] = MR(MOV, B, WR),
	[0x89] = MR(MOV, V, WR),
	[0x8a] = RM(MOV, B, RD),
	[0x8b] = RM(MOV, V, RD),
	[0x8f] = GROUP(1A),

	[0xa0] = ROW(MOV, R_M, B, NONE, MOFFS, RD),
	[0xa1] = ROW(MOV, R_M, V, NONE, MOFFS, RD),
	[0xa2] = ROW(MOV, M_R, B, NONE, MOFFS, WR),
	[0xa3] = ROW(MOV, M_R, V, NONE, MOFFS, WR),
	[0xa4] = STR(MOVS, B, RW),
	[0xa5] = STR(MOVS, V, RW),
	[0xa6] = STR(CMPS, B, RD),
	[0xa7] = STR(CMPS, V, RD),
	[0xaa] = STR(STOS, B, WR),
	[0xab] = STR(STOS, V, WR),
	[0xac] = STR(LODS, B, RD),
	[0xad] = STR(LODS, V, RD),
	[0xae] = STR(SCAS, B, RD),
	[0xaf] = STR(SCAS, V, RD),

	[0xc6] = GROUP(11_B),
	[0xc7] = GROUP(11_Z),
	[0xf6] = GROUP(3_B),
	[0xf7] = GROUP(3_V),
	[0xfe] = GROUP(4),
	[0xff] = GROUP(5),
};

const struct lhv_opcode lhv_opcode_map0f[256] = {
	[0x10] = MANDATORY(0F10),
	[0x11] = MANDATORY(0F11),
	[0x12] = MANDATORY(0F12),
	[0x13] = MANDATORY(0F13),
	[0x16] = MANDATORY(0F16),
	[0x17] = MANDATORY(0F17),
	[0x28] = MANDATORY(0F28),
	[0x29] = MANDATORY(0F29),
	[0x2b] = MANDATORY(0F2B),
	[0x6e] = MANDATORY(0F6E),
	[0x6f] = MANDATORY(0F6F),
	[0x7e] = MANDATORY(0F7E),
	[0x7f] = MANDATORY(0F7F),
	[0xc3] = MANDATORY(0FC3),
	[0xd6] = MANDATORY(0FD6),
	[0xe7] = MANDATORY(0FE7),
	[0xf0] = MANDATORY(0FF0),

	[0xa3] = MR(BT, V, RD),
	[0xab] = MR(BTS, V, RWL),
	[0xb0] = MR(CMPXCHG, B, RWL),
	[0xb1] = MR(CMPXCHG, V, RWL),
	[0xb3] = MR(BTR, V, RWL),
	[0xb6] = ROW(MOVZX, R_M, B, V, NONE, RD),
	[0xb7] = ROW(MOVZX, R_M, W, V, NONE, RD),
	[0xba] = GROUP(8),
	[0xbb] = MR(BTC, V, RWL),
	[0xbe] = ROW(MOVSX, R_M, B, V, NONE, RD),
	[0xbf] = ROW(MOVSX, R_M, W, V, NONE, RD),
	[0xc0] = MR(XADD, B, RWL),
	[0xc1] = MR(XADD, V, RWL),
};

const struct lhv_opcode lhv_opcode_map0f38[256] = {
	[0x2a] = MANDATORY(0F382A),
	[0xf0] = MANDATORY(0F38F0),
	[0xf1] = MANDATORY(0F38F1),
};

/* Processors take /1 of group 3 for TEST as they do /0. */
const struct lhv_opcode lhv_opcode_groups[LHV_GROUP_COUNT][8] = {
	[LHV_GROUP_1_B] = {
		MI(ADD, B, B, RWL), MI(OR, B, B, RWL),
		MI(ADC, B, B, RWL), MI(SBB, B, B, RWL),
		MI(AND, B, B, RWL), MI(SUB, B, B, RWL),
		MI(XOR, B, B, RWL), MI(CMP, B, B, RD),
	},
	[LHV_GROUP_1_Z] = {
		MI(ADD, V, Z, RWL), MI(OR, V, Z, RWL),
		MI(ADC, V, Z, RWL), MI(SBB, V, Z, RWL),
		MI(AND, V, Z, RWL), MI(SUB, V, Z, RWL),
		MI(XOR, V, Z, RWL), MI(CMP, V, Z, RD),
	},
	[LHV_GROUP_1_SB] = {
		MI(ADD, V, B, RWL), MI(OR, V, B, RWL),
		MI(ADC, V, B, RWL), MI(SBB, V, B, RWL),
		MI(AND, V, B, RWL), MI(SUB, V, B, RWL),
		MI(XOR, V, B, RWL), MI(CMP, V, B, RD),
	},
	[LHV_GROUP_1A] = { M(POP, S, RW) },
	[LHV_GROUP_3_B] = {
		MI(TEST, B, B, RD), MI(TEST, B, B, RD),
		M(NOT, B, RWL), M(NEG, B, RWL),
	},
	[LHV_GROUP_3_V] = {
		MI(TEST, V, Z, RD), MI(TEST, V, Z, RD),
		M(NOT, V, RWL), M(NEG, V, RWL),
	},
	[LHV_GROUP_4] = { M(INC, B, RWL), M(DEC, B, RWL) },
	[LHV_GROUP_5] = { M(INC, V, RWL), M(DEC, V, RWL),
			  [6] = M(PUSH, S, RW) },
	[LHV_GROUP_8] = { [4] = MI(BT, V, UB, RD), MI(BTS, V, UB, RWL),
			  MI(BTR, V, UB, RWL), MI(BTC, V, UB, RWL) },
	[LHV_GROUP_11_B] = { MI(MOV, B, B, WR) },
	[LHV_GROUP_11_Z] = { MI(MOV, V, Z, WR) },
};

/* Columns: no prefix, 66, F3, F2. */
const struct lhv_opcode
lhv_opcode_mandatory[LHV_M_COUNT][LHV_MANDATORY_COUNT] = {
	[LHV_M_0F10] = { XM(XMM_LOAD, DQ, 0), XM(XMM_LOAD, DQ, 0),
			 XM(XMM_LOAD, D, 0), XM(XMM_LOAD, Q, 0) },
	[LHV_M_0F11] = { MX(XMM_STORE, DQ, 0), MX(XMM_STORE, DQ, 0),
			 MX(XMM_STORE, D, 0), MX(XMM_STORE, Q, 0) },
	[LHV_M_0F12] = { XM(XMM_LOAD_LO, Q, 0), XM(XMM_LOAD_LO, Q, 0) },
	[LHV_M_0F13] = { MX(XMM_STORE, Q, 0), MX(XMM_STORE, Q, 0) },
	[LHV_M_0F16] = { XM(XMM_LOAD_HI, Q, 0), XM(XMM_LOAD_HI, Q, 0) },
	[LHV_M_0F17] = { MX(XMM_STORE_HI, Q, 0), MX(XMM_STORE_HI, Q, 0) },
	[LHV_M_0F28] = { XM(XMM_LOAD, DQ, AL), XM(XMM_LOAD, DQ, AL) },
	[LHV_M_0F29] = { MX(XMM_STORE, DQ, AL), MX(XMM_STORE, DQ, AL) },
	[LHV_M_0F2B] = { MX(XMM_STORE, DQ, AL), MX(XMM_STORE, DQ, AL) },
	[LHV_M_0F6E] = { [LHV_MANDATORY_66] = XM(XMM_LOAD, Y, 0) },
	[LHV_M_0F6F] = { [LHV_MANDATORY_66] = XM(XMM_LOAD, DQ, AL),
			 [LHV_MANDATORY_F3] = XM(XMM_LOAD, DQ, 0) },
	[LHV_M_0F7E] = { [LHV_MANDATORY_66] = MX(XMM_STORE, Y, 0),
			 [LHV_MANDATORY_F3] = XM(XMM_LOAD, Q, 0) },
	[LHV_M_0F7F] = { [LHV_MANDATORY_66] = MX(XMM_STORE, DQ, AL),
			 [LHV_MANDATORY_F3] = MX(XMM_STORE, DQ, 0) },
	[LHV_M_0FC3] = { MR(MOVNTI, Y, WR) },
	[LHV_M_0FD6] = { [LHV_MANDATORY_66] = MX(XMM_STORE, Q, 0) },
	[LHV_M_0FE7] = { [LHV_MANDATORY_66] = MX(XMM_STORE, DQ, AL) },
	[LHV_M_0FF0] = { [LHV_MANDATORY_F2] = XM(XMM_LOAD, DQ, 0) },
	[LHV_M_0F382A] = { [LHV_MANDATORY_66] = XM(XMM_LOAD, DQ, AL) },
	[LHV_M_0F38F0] = { RM(MOVBE, V, RD), RM(MOVBE, V, RD) },
	[LHV_M_0F38F1] = { MR(MOVBE, V, WR), MR(MOVBE, V, WR) },
};

const char * const lhv_opcode_names[LHV_OP_COUNT] = {
	[LHV_OP_NONE] = "none",
	[LHV_OP_ADD] = "ADD",
	[LHV_OP_OR] = "OR",
	[LHV_OP_ADC] = "ADC",
	[LHV_OP_SBB] = "SBB",
	[LHV_OP_AND] = "AND",
	[LHV_OP_SUB] = "SUB",
	[LHV_OP_XOR] = "XOR",
	[LHV_OP_CMP] = "CMP",
	[LHV_OP_TEST] = "TEST",
	[LHV_OP_NOT] = "NOT",
	[LHV_OP_NEG] = "NEG",
	[LHV_OP_INC] = "INC",
	[LHV_OP_DEC] = "DEC",
	[LHV_OP_MOV] = "MOV",
	[LHV_OP_MOVZX] = "MOVZX",
	[LHV_OP_MOVSX] = "MOVSX",
	[LHV_OP_MOVBE] = "MOVBE",
	[LHV_OP_MOVNTI] = "MOVNTI",
	[LHV_OP_XCHG] = "XCHG",
	[LHV_OP_XADD] = "XADD",
	[LHV_OP_CMPXCHG] = "CMPXCHG",
	[LHV_OP_BT] = "BT",
	[LHV_OP_BTS] = "BTS",
	[LHV_OP_BTR] = "BTR",
	[LHV_OP_BTC] = "BTC",
	[LHV_OP_PUSH] = "PUSH",
	[LHV_OP_POP] = "POP",
	[LHV_OP_MOVS] = "MOVS",
	[LHV_OP_CMPS] = "CMPS",
	[LHV_OP_STOS] = "STOS",
	[LHV_OP_LODS] = "LODS",
	[LHV_OP_SCAS] = "SCAS",
	[LHV_OP_INS] = "INS",
	[LHV_OP_OUTS] = "OUTS",
	[LHV_OP_XMM_LOAD] = "XMM_LOAD",
	[LHV_OP_XMM_LOAD_LO] = "XMM_LOAD_LO",
	[LHV_OP_XMM_LOAD_HI] = "XMM_LOAD_HI",
	[LHV_OP_XMM_STORE] = "XMM_STORE",
	[LHV_OP_XMM_STORE_HI] = "XMM_STORE_HI",
};

/* A byte, and three bits of ModR/M, index these without a check. */
static_assert(ARRAY_SIZE(lhv_opcode_map1) == 256);
static_assert(ARRAY_SIZE(lhv_opcode_map0f) == 256);
static_assert(ARRAY_SIZE(lhv_opcode_map0f38) == 256);
static_assert(ARRAY_SIZE(lhv_opcode_groups[0]) == 8);
