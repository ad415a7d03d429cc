/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the executor's files share: emulate.c (dispatch and operands), alu.c
 * (operations and flags), emulate-access.c (registers, segmentation, memory),
 * emulate-string.c (repeated moves and I/O). Nobody else may include it.
 *
 * Every int below is an enum lhv_emul_result; zero goes on.
 */
#ifndef LHV_ARCH_X86_EMULATE_INTERNAL_H
#define LHV_ARCH_X86_EMULATE_INTERNAL_H

#include <linux/bits.h>
#include <linux/types.h>

#include "emulate.h"

#define LHV_FLAG_CF	BIT_ULL(0)
#define LHV_FLAG_PF	BIT_ULL(2)
#define LHV_FLAG_AF	BIT_ULL(4)
#define LHV_FLAG_ZF	BIT_ULL(6)
#define LHV_FLAG_SF	BIT_ULL(7)
#define LHV_FLAG_DF	BIT_ULL(10)
#define LHV_FLAG_OF	BIT_ULL(11)
#define LHV_FLAG_IOPL_SHIFT	12
#define LHV_FLAG_IOPL	(3ULL << LHV_FLAG_IOPL_SHIFT)
#define LHV_FLAG_RF	BIT_ULL(16)
#define LHV_FLAG_VM	BIT_ULL(17)
#define LHV_FLAGS_ARITH	(LHV_FLAG_CF | LHV_FLAG_PF | LHV_FLAG_AF |	\
			 LHV_FLAG_ZF | LHV_FLAG_SF | LHV_FLAG_OF)

#define LHV_VECTOR_SS		12
#define LHV_VECTOR_GP		13

/* Of struct lhv_emul_segment.ar: big stack, or 4 GiB of expand-down. */
#define LHV_AR_DB		BIT(14)

enum lhv_gpr {
	LHV_RAX, LHV_RCX, LHV_RDX, LHV_RBX, LHV_RSP, LHV_RBP, LHV_RSI, LHV_RDI,
};

/* All ones in the low @size (1, 2, 4, 8) bytes. */
static inline u64 lhv_size_mask(unsigned int size)
{
	return ~0ULL >> (64 - size * 8);
}

/*
 * One operation on @size bytes: takes what of @dst and @src lies in them,
 * answers the result, replaces the arithmetic flags in *@flags (ADC, SBB, INC
 * and DEC look at CF first). MOVSX takes the size of its source. The result of
 * TEST and CMP is that of AND and SUB, that of BT nobody's. Other operations
 * answer @src as it is.
 */
u64 lhv_alu(unsigned int op, u64 dst, u64 src, unsigned int size, u64 *flags);

/*
 * General registers: the low @size bytes, or bits 15:8 for @high. Writing
 * follows the rule of 64-bit mode: 4 bytes clear the upper half, 1 and 2
 * keep the rest. That serves the other modes too.
 */
u64 lhv_emul_reg(const struct lhv_emul *em, unsigned int reg,
		 unsigned int size, bool high);
void lhv_emul_set_reg(struct lhv_emul *em, unsigned int reg,
		      unsigned int size, bool high, u64 value);

/*
 * Segment checks for @len bytes at @offset, and the linear address. Answers
 * FAULT with #GP(0) or #SS(0) recorded. @write: or read and write.
 */
int lhv_emul_linear(struct lhv_emul *em, unsigned int seg, u64 offset,
		    unsigned int len, bool write, u64 *linear);

/* The same for the memory operand, @bias added to it before wrapping. */
int lhv_emul_operand(struct lhv_emul *em, const struct lhv_insn *insn, u64 bias,
		     bool write, u64 *linear);

/* Memory, with what earlier goes completed taken into account; len 1..8. */
int lhv_emul_load(struct lhv_emul *em, u64 linear, unsigned int len,
		  u64 *value);
int lhv_emul_store(struct lhv_emul *em, u64 linear, unsigned int len,
		   u64 value);

/* A linear address, or RIP, @n bytes on, wrapped as the mode wraps it. */
u64 lhv_emul_add(const struct lhv_emul *em, u64 address, u64 n);

/* The accesses of an iteration are complete: the next one starts afresh. */
void lhv_emul_next_iteration(struct lhv_emul *em);

int lhv_emul_string(struct lhv_emul *em, const struct lhv_insn *insn);
int lhv_emul_string_io(struct lhv_emul *em, const struct lhv_insn *insn);

#endif /* LHV_ARCH_X86_EMULATE_INTERNAL_H */
