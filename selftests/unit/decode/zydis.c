// SPDX-License-Identifier: GPL-2.0
/*
 * The decoder held against Zydis. Three rules: what the decoder accepts,
 * Zydis must read in the same way, down to each field; what the decoder calls
 * illegal, too long or cut off must not be good for Zydis; and what Zydis
 * finds to be a form from the list below must not be refused.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <linux/kernel.h>
#include <Zydis/Zydis.h>

#include "check.h"
#include "corpus.h"
#include "decode.h"

#define RANDOM_STRINGS	1500000UL

/* Operation and Zydis's names for it, by mandatory alignment and size. */
struct name {
	u8 op;
	u8 memsize;		/* 0: any */
	s8 aligned;		/* -1: any */
	ZydisMnemonic zydis;
};

#define NAME(op)		{ LHV_OP_##op, 0, 0, ZYDIS_MNEMONIC_##op }
#define STR(op, size, letter)						\
	{ LHV_OP_##op, size, 0, ZYDIS_MNEMONIC_##op##letter }
#define XMM(op, size, al, z)						\
	{ LHV_OP_XMM_##op, size, al, ZYDIS_MNEMONIC_##z }

static const struct name names[] = {
	NAME(ADD), NAME(OR), NAME(ADC), NAME(SBB), NAME(AND), NAME(SUB),
	NAME(XOR), NAME(CMP), NAME(TEST), NAME(NOT), NAME(NEG), NAME(INC),
	NAME(DEC), NAME(MOV), NAME(MOVZX), NAME(MOVSX), NAME(MOVBE),
	NAME(MOVNTI), NAME(XCHG), NAME(XADD), NAME(CMPXCHG), NAME(BT),
	NAME(BTS), NAME(BTR), NAME(BTC), NAME(PUSH), NAME(POP),
	{ LHV_OP_MOVSX, 4, 0, ZYDIS_MNEMONIC_MOVSXD },
	STR(MOVS, 1, B), STR(MOVS, 2, W),
	STR(MOVS, 4, D), STR(MOVS, 8, Q),
	STR(CMPS, 1, B), STR(CMPS, 2, W),
	STR(CMPS, 4, D), STR(CMPS, 8, Q),
	STR(STOS, 1, B), STR(STOS, 2, W),
	STR(STOS, 4, D), STR(STOS, 8, Q),
	STR(LODS, 1, B), STR(LODS, 2, W),
	STR(LODS, 4, D), STR(LODS, 8, Q),
	STR(SCAS, 1, B), STR(SCAS, 2, W),
	STR(SCAS, 4, D), STR(SCAS, 8, Q),
	STR(INS, 1, B), STR(INS, 2, W),
	STR(INS, 4, D),
	STR(OUTS, 1, B), STR(OUTS, 2, W),
	STR(OUTS, 4, D),
	XMM(LOAD, 16, 0, MOVUPS), XMM(LOAD, 16, 0, MOVUPD),
	XMM(LOAD, 4, 0, MOVSS), XMM(LOAD, 8, 0, MOVSD),
	XMM(LOAD, 16, 1, MOVAPS), XMM(LOAD, 16, 1, MOVAPD),
	XMM(LOAD, 16, 1, MOVDQA), XMM(LOAD, 16, 0, MOVDQU),
	XMM(LOAD, 16, 0, LDDQU), XMM(LOAD, 16, 1, MOVNTDQA),
	XMM(LOAD, 4, 0, MOVD), XMM(LOAD, 8, 0, MOVQ),
	XMM(LOAD_LO, 8, 0, MOVLPS), XMM(LOAD_LO, 8, 0, MOVLPD),
	XMM(LOAD_HI, 8, 0, MOVHPS), XMM(LOAD_HI, 8, 0, MOVHPD),
	XMM(STORE, 16, 0, MOVUPS), XMM(STORE, 16, 0, MOVUPD),
	XMM(STORE, 4, 0, MOVSS), XMM(STORE, 8, 0, MOVSD),
	XMM(STORE, 16, 1, MOVAPS), XMM(STORE, 16, 1, MOVAPD),
	XMM(STORE, 16, 1, MOVDQA), XMM(STORE, 16, 0, MOVDQU),
	XMM(STORE, 16, 1, MOVNTPS), XMM(STORE, 16, 1, MOVNTPD),
	XMM(STORE, 16, 1, MOVNTDQ),
	XMM(STORE, 4, 0, MOVD), XMM(STORE, 8, 0, MOVQ),
	XMM(STORE, 8, 0, MOVLPS), XMM(STORE, 8, 0, MOVLPD),
	XMM(STORE_HI, 8, 0, MOVHPS), XMM(STORE_HI, 8, 0, MOVHPD),
};

#define NR_NAMES	ARRAY_SIZE(names)

static ZydisDecoder decoders[3];
static bool listed_mnemonic[ZYDIS_MNEMONIC_MAX_VALUE + 1];
static unsigned long compared, refused, accepted_per_op[LHV_OP_COUNT];

/* One comparison under way. */
struct pair {
	const u8 *bytes;
	unsigned int n;
	enum lhv_cpu_mode mode;
	struct lhv_insn insn;
	ZydisDecodedInstruction z;
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
};

static void differ(const struct pair *p, const char *what, long long ours,
		   long long theirs)
{
	check_fail("%u-bit %s: %s: %s is %#llx, Zydis: %#llx", p->mode,
		   check_hex(p->bytes, p->n), op_name(p->insn.op), what,
		   ours, theirs);
}

static void same(const struct pair *p, const char *what, long long ours,
		 long long theirs)
{
	if (ours != theirs)
		differ(p, what, ours, theirs);
}

static bool is_string(const struct pair *p)
{
	return p->insn.form == LHV_FORM_STRING;
}

static bool name_agrees(const struct pair *p)
{
	unsigned int i;

	for (i = 0; i < NR_NAMES; i++)
		if (names[i].op == p->insn.op &&
		    names[i].zydis == p->z.mnemonic &&
		    (!names[i].memsize || names[i].memsize == p->insn.memsize) &&
		    names[i].aligned == p->insn.aligned)
			return is_string(p) == (names[i].op >= LHV_OP_MOVS &&
						names[i].op <= LHV_OP_OUTS);
	return false;
}

/* A Zydis register as number, with AH..BH as 0..3 and *high. */
static int register_number(ZydisRegister reg, bool *high)
{
	*high = false;
	if (reg == ZYDIS_REGISTER_NONE)
		return LHV_REG_NONE;
	if (reg >= ZYDIS_REGISTER_AL && reg <= ZYDIS_REGISTER_BL)
		return reg - ZYDIS_REGISTER_AL;
	if (reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH) {
		*high = true;
		return reg - ZYDIS_REGISTER_AH;
	}
	if (reg >= ZYDIS_REGISTER_SPL && reg <= ZYDIS_REGISTER_R15B)
		return reg - ZYDIS_REGISTER_SPL + 4;
	if (reg >= ZYDIS_REGISTER_AX && reg <= ZYDIS_REGISTER_R15W)
		return reg - ZYDIS_REGISTER_AX;
	if (reg >= ZYDIS_REGISTER_EAX && reg <= ZYDIS_REGISTER_R15D)
		return reg - ZYDIS_REGISTER_EAX;
	if (reg >= ZYDIS_REGISTER_RAX && reg <= ZYDIS_REGISTER_R15)
		return reg - ZYDIS_REGISTER_RAX;
	if (reg >= ZYDIS_REGISTER_XMM0 && reg <= ZYDIS_REGISTER_XMM15)
		return reg - ZYDIS_REGISTER_XMM0;
	return -100;
}

/*
 * SIB without base (mod 0, base 5) under 67 and REX.B: Zydis 4.0 names R13D
 * and forgets the displacement. Processors ignore REX.B there with every
 * address size, as native.c proves on the one it runs on.
 */
static bool zydis_sib_bug(const struct pair *p)
{
	return p->mode == LHV_MODE_64 && p->insn.addrsize == 4 &&
	       p->insn.mem.base == LHV_REG_NONE && !p->insn.mem.rip_relative &&
	       p->z.attributes & ZYDIS_ATTRIB_HAS_SIB && p->z.raw.rex.B;
}

static void compare_memory(const struct pair *p, const ZydisDecodedOperand *op)
{
	const struct lhv_insn_mem *mem = &p->insn.mem;
	bool high, rip = op->mem.base == ZYDIS_REGISTER_RIP ||
			 op->mem.base == ZYDIS_REGISTER_EIP;
	s64 disp = op->mem.disp.value;

	/* An absolute address is unsigned here, sign-extended there. */
	if (p->insn.addrsize < 8 && mem->base == LHV_REG_NONE &&
	    mem->index == LHV_REG_NONE)
		disp = (mem->disp & ~0xffffffffLL) ? disp :
		       (s64)((u64)disp & (~0ULL >> (64 - p->insn.addrsize * 8)));
	same(p, "memory size", p->insn.memsize * 8, op->size);
	same(p, "rip-relative", mem->rip_relative, rip);
	if (!zydis_sib_bug(p)) {
		same(p, "base", mem->base, rip ? LHV_REG_NONE :
		     register_number(op->mem.base, &high));
		same(p, "displacement", mem->disp, disp);
	}
	same(p, "index", mem->index, register_number(op->mem.index, &high));
	same(p, "scale", mem->scale,
	     op->mem.index ? op->mem.scale : 1);
	same(p, "segment", mem->seg,
	     op->mem.segment - ZYDIS_REGISTER_ES);
	same(p, "reads", !!(p->insn.access & LHV_INSN_READ) ||
	     p->insn.op == LHV_OP_POP,
	     !!(op->actions & ZYDIS_OPERAND_ACTION_MASK_READ) ||
	     p->insn.op == LHV_OP_POP);
	same(p, "writes", !!(p->insn.access & LHV_INSN_WRITE) ||
	     p->insn.op == LHV_OP_PUSH,
	     !!(op->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) ||
	     p->insn.op == LHV_OP_PUSH);
}

static void compare_register(const struct pair *p,
			     const ZydisDecodedOperand *op)
{
	bool high;

	same(p, "register", p->insn.reg, register_number(op->reg.value, &high));
	same(p, "high byte", p->insn.reg_high, high);
	/* For XMM registers Zydis tells the part that is used. */
	if (p->insn.opsize < 16)
		same(p, "register size", p->insn.opsize * 8, op->size);
	else
		same(p, "XMM register", true,
		     ZydisRegisterGetClass(op->reg.value) ==
		     ZYDIS_REGCLASS_XMM);
}

static void compare_immediate(const struct pair *p,
			      const ZydisDecodedOperand *op)
{
	u64 mask = ~0ULL >> (64 - p->insn.opsize * 8);

	same(p, "immediate", p->insn.imm & mask, op->imm.value.u & mask);
}

/* Explicit operands, and whether they stand in the order of the form. */
static void compare_operands(const struct pair *p)
{
	static const ZydisOperandType forms[][2] = {
		[LHV_FORM_M] = { ZYDIS_OPERAND_TYPE_MEMORY },
		[LHV_FORM_M_R] = { ZYDIS_OPERAND_TYPE_MEMORY,
				   ZYDIS_OPERAND_TYPE_REGISTER },
		[LHV_FORM_R_M] = { ZYDIS_OPERAND_TYPE_REGISTER,
				   ZYDIS_OPERAND_TYPE_MEMORY },
		[LHV_FORM_M_I] = { ZYDIS_OPERAND_TYPE_MEMORY,
				   ZYDIS_OPERAND_TYPE_IMMEDIATE },
	};
	unsigned int i, n = p->insn.form == LHV_FORM_M ? 1 : 2;

	same(p, "operand count", n, p->z.operand_count_visible);
	for (i = 0; i < n; i++) {
		same(p, "operand type", forms[p->insn.form][i],
		     p->ops[i].type);
		if (p->ops[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
			compare_memory(p, &p->ops[i]);
		else if (p->ops[i].type == ZYDIS_OPERAND_TYPE_REGISTER)
			compare_register(p, &p->ops[i]);
		else
			compare_immediate(p, &p->ops[i]);
	}
}

static void compare_string_operand(const struct pair *p,
				   const ZydisDecodedOperand *op)
{
	bool high;
	int base = register_number(op->mem.base, &high);

	same(p, "memory size", p->insn.memsize * 8, op->size);
	if (base == 6)
		same(p, "segment", p->insn.mem.seg,
		     op->mem.segment - ZYDIS_REGISTER_ES);
	if (op->actions & ZYDIS_OPERAND_ACTION_MASK_READ &&
	    !(p->insn.access & LHV_INSN_READ))
		differ(p, "read", 0, 1);
	if (op->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE &&
	    !(p->insn.access & LHV_INSN_WRITE))
		differ(p, "write", 0, 1);
}

static void compare_string(const struct pair *p)
{
	u64 reps = ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE |
		   ZYDIS_ATTRIB_HAS_REPNE;
	unsigned int i;

	for (i = 0; i < p->z.operand_count; i++)
		if (p->ops[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
			compare_string_operand(p, &p->ops[i]);
	/*
	 * Zydis, with the manual, gives REPNE no meaning where ZF has none;
	 * processors take it for REP there.
	 */
	if (p->insn.op == LHV_OP_CMPS || p->insn.op == LHV_OP_SCAS) {
		same(p, "REPNE", p->insn.rep == LHV_REP_NE,
		     !!(p->z.attributes & ZYDIS_ATTRIB_HAS_REPNE));
		same(p, "REPE", p->insn.rep == LHV_REP_E,
		     !!(p->z.attributes & ZYDIS_ATTRIB_HAS_REPE));
	} else if (p->insn.rep != LHV_REP_NE) {
		same(p, "REP", p->insn.rep != LHV_REP_NONE,
		     !!(p->z.attributes & reps));
	}
}

static void compare_accepted(const struct pair *p)
{
	compared++;
	accepted_per_op[p->insn.op]++;
	same(p, "length", p->insn.length, p->z.length);
	if (!name_agrees(p)) {
		check_fail("%u-bit %s: %s, Zydis: %s", p->mode,
			   check_hex(p->bytes, p->n), op_name(p->insn.op),
			   ZydisMnemonicGetString(p->z.mnemonic));
		return;
	}
	same(p, "address size", p->insn.addrsize * 8, p->z.address_width);
	same(p, "LOCK", p->insn.lock,
	     !!(p->z.attributes & ZYDIS_ATTRIB_HAS_LOCK));
	same(p, "mode", p->insn.mode, p->mode);
	if (is_string(p))
		compare_string(p);
	else
		compare_operands(p);
}

static bool register_class_listed(const ZydisDecodedOperand *op)
{
	ZydisRegisterClass c = ZydisRegisterGetClass(op->reg.value);

	return c == ZYDIS_REGCLASS_GPR8 || c == ZYDIS_REGCLASS_GPR16 ||
	       c == ZYDIS_REGCLASS_GPR32 || c == ZYDIS_REGCLASS_GPR64 ||
	       c == ZYDIS_REGCLASS_XMM;
}

/* Does the decoder promise this one, going by what Zydis says it is? */
static bool promised(const struct pair *p)
{
	bool memory = false;
	unsigned int i;

	if (!listed_mnemonic[p->z.mnemonic] ||
	    p->z.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY)
		return false;
	/* Manuals disagree about what this one reads. */
	if (p->z.mnemonic == ZYDIS_MNEMONIC_MOVSXD && p->ops[0].size == 16)
		return false;
	for (i = 0; i < p->z.operand_count_visible; i++) {
		if (p->ops[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
			memory = true;
		if (p->ops[i].type == ZYDIS_OPERAND_TYPE_REGISTER &&
		    !register_class_listed(&p->ops[i]))
			return false;
	}
	/* String operands are hidden; CMPSD and MOVSD are SSE's names too. */
	if (p->z.opcode_map == ZYDIS_OPCODE_MAP_DEFAULT &&
	    p->z.opcode >= 0xa4 && p->z.opcode <= 0xaf)
		return p->z.opcode != 0xa8 && p->z.opcode != 0xa9;
	if (p->z.mnemonic == ZYDIS_MNEMONIC_CMPSD)
		return false;
	return memory || (p->z.opcode >= 0x6c && p->z.opcode <= 0x6f &&
			  p->z.opcode_map == ZYDIS_OPCODE_MAP_DEFAULT);
}

static void compare_refused(const struct pair *p, int err)
{
	refused++;
	if (err == -EOPNOTSUPP && !promised(p))
		return;
	check_fail("%u-bit %s: refused with %d, Zydis: %s of %u bytes",
		   p->mode, check_hex(p->bytes, p->n), err,
		   ZydisMnemonicGetString(p->z.mnemonic), p->z.length);
}

static void compare(const u8 *bytes, unsigned int n, enum lhv_cpu_mode mode)
{
	struct pair p = { .bytes = bytes, .n = n, .mode = mode };
	int err = lhv_decode(&p.insn, bytes, n, mode);
	ZyanStatus status =
		ZydisDecoderDecodeFull(&decoders[mode >> 5], bytes, n, &p.z,
				       p.ops);

	if (err && ZYAN_SUCCESS(status))
		compare_refused(&p, err);
	else if (!err && ZYAN_SUCCESS(status))
		compare_accepted(&p);
	else if (!err)
		check_fail("%u-bit %s: taken for %s, Zydis fails with %#x",
			   mode, check_hex(bytes, n),
			   op_name(p.insn.op), status);
	else if (err == -E2BIG &&
		 status == ZYDIS_STATUS_NO_MORE_DATA)
		check_fail("%u-bit %s: too long, Zydis wants more", mode,
			   check_hex(bytes, n));
}

/*
 * Every way of cutting an instruction off must ask for more bytes. The heap
 * copies let the address sanitizer see a read past the end.
 */
static void compare_cut_off(const u8 *bytes, enum lhv_cpu_mode mode)
{
	struct lhv_insn whole, insn;
	unsigned int n;
	int err;
	u8 *copy;

	if (lhv_decode(&whole, bytes, LHV_INSN_MAX, mode))
		return;
	for (n = 0; n <= whole.length; n++) {
		copy = malloc(n ? n : 1);
		memcpy(copy, bytes, n);
		err = lhv_decode(&insn, n ? copy : copy + 1, n, mode);
		if (n < whole.length && err != -ENODATA)
			check_fail("%u-bit %s: %d after %u of %u bytes", mode,
				   check_hex(bytes, 16), err, n, whole.length);
		if (n == whole.length && (err || insn.length != n))
			check_fail("%u-bit %s: %d when given exactly", mode,
				   check_hex(bytes, 16), err);
		free(copy);
	}
}

static void compare_all(const u8 *bytes, enum lhv_cpu_mode mode)
{
	compare(bytes, CORPUS_BYTES, mode);
}

static u64 cut_state;

static void compare_random(const u8 *bytes, enum lhv_cpu_mode mode)
{
	compare(bytes, CORPUS_BYTES, mode);
	compare(bytes, check_random(&cut_state) % (CORPUS_BYTES + 1), mode);
}

static void report(void)
{
	check_note("%lu compared field by field, %lu rightly refused",
		   compared, refused);
	compared = 0;
	refused = 0;
}

static void test_random(void)
{
	cut_state = check_seed();
	check_note("seed %#llx (TEST_SEED chooses another)", check_seed());
	corpus_random(check_seed(), RANDOM_STRINGS, compare_random);
	report();
}

static void test_prefixes(void)
{
	corpus_prefixes(check_seed(), compare_all);
	report();
}

static void test_addressing(void)
{
	corpus_addressing(check_seed(), compare_all);
	report();
}

static void test_opcodes(void)
{
	corpus_opcodes(check_seed(), compare_all);
	report();
}

static void test_cut_off(void)
{
	corpus_random(check_seed() + 1, RANDOM_STRINGS / 10, compare_cut_off);
}

/* A table row that no string reaches would not have been tested at all. */
static void test_all_seen(void)
{
	unsigned int op;

	for (op = 1; op < LHV_OP_COUNT; op++)
		if (!accepted_per_op[op])
			check_fail("%s never came up", op_name(op));
}

/* The names in reports are the manual's. */
static void test_names(void)
{
	unsigned int i;
	const char *ours, *theirs;

	for (i = 0; i < NR_NAMES; i++) {
		ours = op_name(names[i].op);
		theirs = ZydisMnemonicGetString(names[i].zydis);
		if (names[i].op >= LHV_OP_XMM_LOAD)
			ours = strncmp(ours, "XMM_", 4) ? ours : theirs;
		if (strncasecmp(ours, theirs, strlen(ours)))
			check_fail("%s is called %s", theirs, ours);
	}
	CHECK_EQ(strcmp(op_name(LHV_OP_NONE), "none"), 0);
	CHECK_EQ(strcmp(op_name(LHV_OP_COUNT), "none"), 0);
}

static void init(void)
{
	unsigned int i;

	ZydisDecoderInit(&decoders[0], ZYDIS_MACHINE_MODE_LEGACY_16,
			 ZYDIS_STACK_WIDTH_16);
	ZydisDecoderInit(&decoders[1], ZYDIS_MACHINE_MODE_LEGACY_32,
			 ZYDIS_STACK_WIDTH_32);
	ZydisDecoderInit(&decoders[2], ZYDIS_MACHINE_MODE_LONG_64,
			 ZYDIS_STACK_WIDTH_64);
	for (i = 0; i < NR_NAMES; i++)
		listed_mnemonic[names[i].zydis] = true;
}

int main(void)
{
	static const struct check_case cases[] = {
		{ "zydis: every opcode of every map", test_opcodes },
		{ "zydis: all prefixes on all memory forms", test_prefixes },
		{ "zydis: all ModR/M, SIB and REX on all memory forms",
		  test_addressing },
		{ "zydis: random strings in three modes, whole and cut off",
		  test_random },
		{ "every prefix of an instruction asks for more",
		  test_cut_off },
		{ "every operation was seen", test_all_seen },
		{ "names of operations", test_names },
		{ }
	};

	init();
	return check_main(cases);
}
