// SPDX-License-Identifier: GPL-2.0
/* Random runnable instructions: see vector.h. */
#include <string.h>

#include "check.h"
#include "corpus.h"
#include "vector.h"

/* Accesses start this far from the buffer's ends, for what runs off them. */
#define MARGIN		384
#define RFLAGS_RANDOM	0xcd5ULL	/* arithmetic flags and DF */
#define RFLAGS_FIXED	0x202ULL	/* IF, and the bit that is always set */

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };

static bool one_in(u64 *state, unsigned int n)
{
	return check_random(state) % n == 0;
}

static bool string_opcode(unsigned int map, u8 opcode)
{
	return !map && ((opcode >= 0xa4 && opcode <= 0xaf) ||
			(opcode >= 0x6c && opcode <= 0x6f));
}

/* F2 and F3 only where they are repeats or choose an SSE move. */
static u8 random_rep(u64 *state, unsigned int map, u8 opcode)
{
	bool sse = map == 1 && (opcode < 0x80 || opcode >= 0xd0);

	if (!string_opcode(map, opcode) && !sse)
		return one_in(state, 3) ? 0xf0 : 0;
	if (one_in(state, 3))
		return 0;
	return one_in(state, 2) ? 0xf2 : 0xf3;
}

static void random_bytes(struct vector *v, u64 *state)
{
	static const u8 segments[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
	u64 r[2] = { check_random(state), check_random(state) };
	unsigned int n = 0, map;
	u8 opcode, rep;

	memcpy(v->bytes, r, sizeof(v->bytes));
	while (!corpus_device_opcode(check_random(state) % 128, &map, &opcode))
		;
	if (one_in(state, 8))
		v->bytes[n++] = segments[check_random(state) % 6];
	if (one_in(state, 4))
		v->bytes[n++] = 0x66;
	if (one_in(state, 8))
		v->bytes[n++] = 0x67;
	rep = random_rep(state, map, opcode);
	if (rep)
		v->bytes[n++] = rep;
	if (one_in(state, 2))
		v->bytes[n++] = 0x40 | (check_random(state) & 15);
	if (map)
		v->bytes[n++] = 0x0f;
	if (map == 2)
		v->bytes[n++] = 0x38;
	v->bytes[n] = opcode;
}

static bool patch_disp_size(struct vector *v, s64 disp, unsigned int size)
{
	struct lhv_insn insn, want = v->insn;
	unsigned int pos;
	u8 saved[16];

	want.mem.disp = disp;
	memcpy(saved, v->bytes, sizeof(saved));
	for (pos = 1; pos + size <= v->insn.length; pos++) {
		memcpy(v->bytes + pos, &disp, size);
		if (!lhv_decode(&insn, v->bytes, 15, LHV_MODE_64) &&
		    !memcmp(&insn, &want, sizeof(insn))) {
			v->insn = insn;
			return true;
		}
		memcpy(v->bytes, saved, sizeof(saved));
	}
	return false;
}

/*
 * Put another displacement into the instruction. Where it stands is found by
 * trying: the place at which it changes the displacement and nothing else.
 */
static bool patch_disp(struct vector *v, s64 disp)
{
	return patch_disp_size(v, disp, 8) || patch_disp_size(v, disp, 4);
}

/* x with a * x == b modulo 2^64, for odd a. */
static u64 divide_odd(u64 a, u64 b)
{
	u64 inverse = a;
	int i;

	for (i = 0; i < 6; i++)
		inverse *= 2 - a * inverse;
	return b * inverse;
}

static u64 segment_base(const struct vector *v)
{
	if (v->insn.mem.seg == LHV_INSN_FS)
		return v->fs_base;
	return v->insn.mem.seg == LHV_INSN_GS ? v->gs_base : 0;
}

/* Choose registers or displacement so that the operand lies at @target. */
static bool aim(struct vector *v, u64 *state, u64 target)
{
	struct lhv_insn_mem *mem = &v->insn.mem;
	u64 want = target - segment_base(v), index = 0, rest;

	if (v->insn.addrsize == 4 && want >> 32)
		return false;
	if (mem->rip_relative)
		return patch_disp(v, want - v->rip - v->insn.length);
	if (mem->index != LHV_REG_NONE && mem->index != mem->base) {
		if (mem->base == LHV_REG_NONE)
			v->gpr[mem->index] = check_random(state) % 65536;
		index = v->gpr[mem->index] * mem->scale;
	}
	if (mem->base == LHV_REG_NONE)
		return patch_disp(v, want - index);
	rest = want - mem->disp - index;
	if (mem->base == mem->index && mem->scale == 1) {
		if (rest & 1)
			return false;
		v->gpr[mem->base] = rest / 2;
	} else if (mem->base == mem->index) {
		v->gpr[mem->base] = divide_odd(1 + mem->scale, rest);
	} else {
		v->gpr[mem->base] = rest;
	}
	return true;
}

static u64 random_target(const struct vector *v, u64 *state)
{
	u64 target = VECTOR_DATA + MARGIN +
		     check_random(state) % (VECTOR_BYTES - 2 * MARGIN);

	/* Locked accesses that cross a cache line are a sin of their own. */
	if (v->insn.aligned || v->insn.lock || v->insn.op == LHV_OP_XCHG)
		target &= ~(u64)(v->insn.memsize - 1);
	return target;
}

static bool used_in_address(const struct vector *v, int reg)
{
	return v->insn.mem.base == reg || v->insn.mem.index == reg;
}

/* BT mem, reg: keep the bit near. */
static bool near_bit(struct vector *v, u64 *state)
{
	unsigned int size = v->insn.opsize;
	s64 bit = (s64)(check_random(state) % 2048) - 1024;

	if (used_in_address(v, v->insn.reg))
		return false;
	v->gpr[v->insn.reg] = (u64)bit;
	if (size < 8)
		v->gpr[v->insn.reg] ^= check_random(state) << (size * 8);
	return true;
}

static void aim_stack(struct vector *v, u64 *state, u64 *target)
{
	if (v->insn.mem.base != RSP)
		v->gpr[RSP] = random_target(v, state);
	else if (v->insn.op == LHV_OP_POP)
		*target -= v->insn.opsize;
}

/* Where rSP forms the address, it may have ended up anywhere. */
static bool stack_in_reach(const struct vector *v)
{
	if (v->insn.op != LHV_OP_PUSH && v->insn.op != LHV_OP_POP)
		return true;
	return v->gpr[RSP] >= VECTOR_DATA + 8 &&
	       v->gpr[RSP] <= VECTOR_DATA + VECTOR_BYTES - 8;
}

static void aim_string(struct vector *v, u64 *state)
{
	u64 high = v->insn.addrsize == 4 ? check_random(state) << 32 : 0;

	/*
	 * With a count of zero and 32-bit addresses, processors disagree on
	 * whether upper halves are cleared. No access is made, so no exit
	 * leads to such a case: it is left out.
	 */
	v->gpr[RCX] = check_random(state) % (MARGIN / 8) + !!high;
	v->gpr[RSI] = random_target(v, state) - segment_base(v);
	v->gpr[RDI] = random_target(v, state);
	if (high) {
		v->gpr[RCX] |= high;
		v->gpr[RSI] = (u32)v->gpr[RSI] | high;
		v->gpr[RDI] |= high;
	}
	/* Let comparisons go on for a while. */
	if (one_in(state, 2)) {
		memset(v->data, 0x5a, sizeof(v->data));
		v->data[check_random(state) % VECTOR_BYTES] = 0;
		if (one_in(state, 2))
			v->gpr[RAX] = 0x5a5a5a5a5a5a5a5aULL;
	}
}

static bool aim_all(struct vector *v, u64 *state)
{
	u64 target = random_target(v, state);

	if (v->insn.form == LHV_FORM_STRING) {
		aim_string(v, state);
		return v->insn.addrsize == 8 || !segment_base(v);
	}
	if (v->insn.op >= LHV_OP_BT && v->insn.op <= LHV_OP_BTC &&
	    v->insn.form == LHV_FORM_M_R && !near_bit(v, state))
		return false;
	if (v->insn.op == LHV_OP_PUSH || v->insn.op == LHV_OP_POP)
		aim_stack(v, state, &target);
	if (!aim(v, state, target) || !stack_in_reach(v))
		return false;
	if (v->insn.op == LHV_OP_CMPXCHG && one_in(state, 2) &&
	    !used_in_address(v, RAX))
		memcpy(&v->gpr[RAX], v->data + (target - VECTOR_DATA),
		       v->insn.memsize);
	return true;
}

/* Small and extreme values meet more flags than random ones. */
static u64 random_value(u64 *state)
{
	u64 r = check_random(state);

	switch (r >> 60) {
	case 0:
		return 0;
	case 1:
		return ~0ULL;
	case 2:
		return 1ULL << (r & 63);
	case 3:
		return (1ULL << (r & 63)) - 1;
	case 4:
		return r & 0xff;
	default:
		return check_random(state);
	}
}

static void random_state(struct vector *v, u64 *state)
{
	u64 value;
	unsigned int i;

	for (i = 0; i < 16; i++)
		v->gpr[i] = random_value(state);
	for (i = 0; i < 32; i++)
		v->xmm[i / 2][i % 2] = check_random(state);
	for (i = 0; i < VECTOR_BYTES; i += 8) {
		value = random_value(state);
		memcpy(v->data + i, &value, 8);
	}
	v->rflags = (check_random(state) & RFLAGS_RANDOM) | RFLAGS_FIXED;
}

void vector_make(struct vector *v, u64 *state)
{
	do {
		random_bytes(v, state);
		random_state(v, state);
	} while (lhv_decode(&v->insn, v->bytes, 15, LHV_MODE_64) ||
		 !aim_all(v, state));
}
