/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instruction decoder: turns the bytes of one x86 instruction into a
 * struct lhv_insn, for those forms that reach memory-mapped devices, and for
 * string moves and string I/O.
 *
 * Called by the handlers of exits that say "this access failed" without
 * saying what it was (a nested page fault without a memory slot, a write to
 * read-only memory, string I/O); emulate.h executes the result. Decoding is
 * a pure function of its arguments: it knows no vCPU, takes no lock, never
 * sleeps. Instructions without a memory operand are refused, because none of
 * them can be the cause of such an exit.
 */
#ifndef LHV_ARCH_X86_DECODE_H
#define LHV_ARCH_X86_DECODE_H

#include <linux/types.h>

/* Longest legal instruction; a longer one raises #GP(0). */
#define LHV_INSN_MAX	15

/**
 * enum lhv_cpu_mode - default operand and address size of the code segment
 * @LHV_MODE_16: real mode, virtual-8086 mode, or protected mode with CS.D = 0
 * @LHV_MODE_32: protected or compatibility mode with CS.D = 1
 * @LHV_MODE_64: 64-bit mode (EFER.LMA and CS.L set)
 */
enum lhv_cpu_mode {
	LHV_MODE_16 = 16,
	LHV_MODE_32 = 32,
	LHV_MODE_64 = 64,
};

/* Numbered as the processor numbers them (ModR/M.reg of MOV Sreg). */
enum lhv_insn_seg {
	LHV_INSN_ES,
	LHV_INSN_CS,
	LHV_INSN_SS,
	LHV_INSN_DS,
	LHV_INSN_FS,
	LHV_INSN_GS,
};

/*
 * Every operation the decoder can answer. The order of ADD to CMP is that of
 * the opcode maps, and must stay.
 *
 * MOVSX is MOVSXD too. The XMM names stand for families of moves that differ
 * only in their hint: XMM_LOAD fills the register and clears what is above
 * the memory operand, XMM_LOAD_LO and XMM_LOAD_HI replace one half and keep
 * the other, XMM_STORE stores from the low end, XMM_STORE_HI the high half.
 */
enum lhv_op {
	LHV_OP_NONE,
	LHV_OP_ADD, LHV_OP_OR, LHV_OP_ADC, LHV_OP_SBB,
	LHV_OP_AND, LHV_OP_SUB, LHV_OP_XOR, LHV_OP_CMP,
	LHV_OP_TEST, LHV_OP_NOT, LHV_OP_NEG, LHV_OP_INC, LHV_OP_DEC,
	LHV_OP_MOV, LHV_OP_MOVZX, LHV_OP_MOVSX, LHV_OP_MOVBE, LHV_OP_MOVNTI,
	LHV_OP_XCHG, LHV_OP_XADD, LHV_OP_CMPXCHG,
	LHV_OP_BT, LHV_OP_BTS, LHV_OP_BTR, LHV_OP_BTC,
	LHV_OP_PUSH, LHV_OP_POP,
	LHV_OP_MOVS, LHV_OP_CMPS, LHV_OP_STOS, LHV_OP_LODS, LHV_OP_SCAS,
	LHV_OP_INS, LHV_OP_OUTS,
	LHV_OP_XMM_LOAD, LHV_OP_XMM_LOAD_LO, LHV_OP_XMM_LOAD_HI,
	LHV_OP_XMM_STORE, LHV_OP_XMM_STORE_HI,
	LHV_OP_COUNT
};

/**
 * enum lhv_insn_form - which operands there are, destination first
 * @LHV_FORM_M:      one memory operand (NOT, INC, PUSH, ...)
 * @LHV_FORM_M_R:    memory, register
 * @LHV_FORM_R_M:    register, memory
 * @LHV_FORM_M_I:    memory, immediate
 * @LHV_FORM_STRING: implicit operands, see the operation; @mem holds only
 *                   the segment of the rSI side
 *
 * For the XMM operations "register" is an XMM register. TEST and CMP write
 * no destination; XCHG, XADD and a failed CMPXCHG write both.
 */
enum lhv_insn_form {
	LHV_FORM_NONE,
	LHV_FORM_M,
	LHV_FORM_M_R,
	LHV_FORM_R_M,
	LHV_FORM_M_I,
	LHV_FORM_STRING,
};

enum lhv_insn_rep {
	LHV_REP_NONE,
	LHV_REP_E,	/* F3: REP, REPE */
	LHV_REP_NE,	/* F2: REPNE; plain REP where ZF plays no part */
};

/* struct lhv_insn.access: what is done to device-visible memory. */
#define LHV_INSN_READ	1	/* reads memory */
#define LHV_INSN_WRITE	2	/* writes memory */

#define LHV_REG_NONE	(-1)	/* no base or no index */

/**
 * struct lhv_insn_mem - memory operand
 * @base:  0..15 (RAX..R15, BX is 3 and BP is 5 in 16-bit forms too), or
 *         LHV_REG_NONE
 * @index: 0..15, or LHV_REG_NONE
 * @scale: 1, 2, 4 or 8 (1 without an index)
 * @seg:   enum lhv_insn_seg after overrides and defaults; in 64-bit mode the
 *         bases of ES, CS, SS and DS are not used, but SS still chooses
 *         between #SS and #GP
 * @rip_relative: @disp counts from the next instruction; no base, no index
 * @disp:  displacement, sign-extended; the whole offset for MOV moffs
 */
struct lhv_insn_mem {
	s8 base;
	s8 index;
	u8 scale;
	u8 seg;
	bool rip_relative;
	s64 disp;
};

/**
 * struct lhv_insn - one decoded instruction
 * @length:   bytes, 1..15
 * @op:       enum lhv_op
 * @form:     enum lhv_insn_form
 * @mode:     enum lhv_cpu_mode it was decoded for
 * @opsize:   bytes of the register operand, and of arithmetic: 1, 2, 4, 8;
 *            16 for XMM operations
 * @memsize:  bytes of the memory operand: 1, 2, 4, 8, 16. Differs from
 *            @opsize for MOVZX, MOVSX and partial XMM moves
 * @addrsize: bytes of an address, and of rSI, rDI and rCX: 2, 4, 8
 * @access:   LHV_INSN_READ, LHV_INSN_WRITE or both: to be compared with what
 *            the exit says was tried
 * @rep:      enum lhv_insn_rep; only ever set on string operations
 * @lock:     LOCK prefix present (XCHG is atomic without it)
 * @aligned:  a 16-byte operand that raises #GP(0) when not aligned
 * @reg:      register operand 0..15; for byte registers without REX, AH, CH,
 *            DH and BH are 0..3 with @reg_high set
 * @reg_high: the register operand is bits 15:8 of @reg
 * @mem:      memory operand
 * @imm:      immediate, sign-extended; for BT and its kin the bit number
 */
struct lhv_insn {
	u8 length;
	u8 op;
	u8 form;
	u8 mode;
	u8 opsize;
	u8 memsize;
	u8 addrsize;
	u8 access;
	u8 rep;
	bool lock;
	bool aligned;
	u8 reg;
	bool reg_high;
	struct lhv_insn_mem mem;
	s64 imm;
};

/**
 * lhv_decode() - decode one instruction
 * @insn:  filled in on success, undefined otherwise
 * @bytes: instruction bytes from the guest; read once each, but the caller
 *         must pass a copy of its own, not memory that the guest can write
 * @n:     how many bytes there are; more than the instruction needs are
 *         ignored
 * @mode:  of the code segment the bytes were fetched from
 *
 * Context: any; no locks, no side effects.
 * Return: 0, or
 *   -ENODATA     the instruction goes on after the @n bytes given (never
 *                with @n >= LHV_INSN_MAX); fetch more, or raise the fault
 *                that fetching raises;
 *   -E2BIG       longer than 15 bytes: the processor raises #GP(0);
 *   -EILSEQ      the processor raises #UD (LOCK on a form that may not take
 *                it, an encoding that does not exist in this mode);
 *   -EOPNOTSUPP  anything that this decoder does not know, including forms
 *                without a memory operand. Says nothing about legality;
 *   -EINVAL      @mode is none of the three.
 */
int lhv_decode(struct lhv_insn *insn, const u8 *bytes, unsigned int n,
	       enum lhv_cpu_mode mode);

#endif /* LHV_ARCH_X86_DECODE_H */
