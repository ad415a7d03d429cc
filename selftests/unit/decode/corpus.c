// SPDX-License-Identifier: GPL-2.0
/* Generators of byte strings for the decoder's tests: see corpus.h. */
#include <string.h>

#include <linux/kernel.h>

#include "check.h"
#include "corpus.h"

const enum lhv_cpu_mode corpus_modes[3] = {
	LHV_MODE_16, LHV_MODE_32, LHV_MODE_64,
};

/*
 * Opcodes of instructions that a driver may aim at a device, by map. Written
 * down from the manual, not from the decoder's tables, which are under test.
 */
static const u8 device_map1[] = {
	0x00, 0x01, 0x02, 0x03, 0x08, 0x09, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x13,
	0x18, 0x19, 0x1a, 0x1b, 0x20, 0x21, 0x22, 0x23, 0x28, 0x29, 0x2a, 0x2b,
	0x30, 0x31, 0x32, 0x33, 0x38, 0x39, 0x3a, 0x3b, 0x63, 0x6c, 0x6d, 0x6e,
	0x6f, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a,
	0x8b, 0x8f, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab,
	0xac, 0xad, 0xae, 0xaf, 0xc6, 0xc7, 0xf6, 0xf7, 0xfe, 0xff,
};

static const u8 device_map0f[] = {
	0x10, 0x11, 0x12, 0x13, 0x16, 0x17, 0x28, 0x29, 0x2b, 0x6e, 0x6f, 0x7e,
	0x7f, 0xa3, 0xab, 0xb0, 0xb1, 0xb3, 0xb6, 0xb7, 0xba, 0xbb, 0xbe, 0xbf,
	0xc0, 0xc1, 0xc3, 0xd6, 0xe7, 0xf0,
};

static const u8 device_map0f38[] = { 0x2a, 0xf0, 0xf1 };

static const u8 prefix_bytes[] = {
	0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3,
};

static const u8 segment_bytes[] = { 0, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
static const u8 rep_bytes[] = { 0, 0xf0, 0xf2, 0xf3 };
static const u8 few_rex[] = { 0, 0x40, 0x41, 0x42, 0x44, 0x48, 0x4f };

/* A string under construction; what is not given is random. */
struct string {
	u8 bytes[CORPUS_BYTES];
	unsigned int n;
};

static void string_start(struct string *s, u64 *state)
{
	u64 r[2] = { check_random(state), check_random(state) };

	memcpy(s->bytes, r, sizeof(s->bytes));
	s->n = 0;
}

static void add(struct string *s, u8 byte)
{
	if (s->n < CORPUS_BYTES)
		s->bytes[s->n++] = byte;
}

static void add_if(struct string *s, u8 byte)
{
	if (byte)
		add(s, byte);
}

static void add_opcode(struct string *s, unsigned int map, u8 opcode)
{
	if (map)
		add(s, 0x0f);
	if (map == 2)
		add(s, 0x38);
	add(s, opcode);
}

bool corpus_device_opcode(unsigned int n, unsigned int *map, u8 *opcode)
{
	static const struct {
		const u8 *list;
		unsigned int n;
	} maps[] = {
		{ device_map1, ARRAY_SIZE(device_map1) },
		{ device_map0f, ARRAY_SIZE(device_map0f) },
		{ device_map0f38, ARRAY_SIZE(device_map0f38) },
	};

	for (*map = 0; *map < ARRAY_SIZE(maps); ++*map) {
		if (n < maps[*map].n) {
			*opcode = maps[*map].list[n];
			return true;
		}
		n -= maps[*map].n;
	}
	return false;
}

/* Prefixes in any number and order, often an opcode of ours behind them. */
static void random_code(struct string *s, u64 *state)
{
	unsigned int n = check_random(state) % 8, map;
	u8 opcode;

	if (check_random(state) % 64 == 0)
		n = 8 + check_random(state) % 8;
	while (n--)
		add(s, prefix_bytes[check_random(state) %
				    ARRAY_SIZE(prefix_bytes)]);
	if (check_random(state) & 1)
		add(s, 0x40 | (check_random(state) & 15));
	if (check_random(state) % 8 == 0)
		add(s, prefix_bytes[check_random(state) %
				    ARRAY_SIZE(prefix_bytes)]);
	if (corpus_device_opcode(check_random(state) % 128, &map, &opcode))
		add_opcode(s, map, opcode);
}

void corpus_random(u64 seed, unsigned long count, corpus_fn fn)
{
	struct string s;
	unsigned int m;

	while (count--) {
		string_start(&s, &seed);
		if (count & 1)
			random_code(&s, &seed);
		for (m = 0; m < 3; m++)
			fn(s.bytes, corpus_modes[m]);
	}
}

/* One prefix combination, chosen by number; false after the last. */
static bool add_prefixes(struct string *s, unsigned int n)
{
	add_if(s, segment_bytes[n % ARRAY_SIZE(segment_bytes)]);
	n /= ARRAY_SIZE(segment_bytes);
	add_if(s, rep_bytes[n % ARRAY_SIZE(rep_bytes)]);
	n /= ARRAY_SIZE(rep_bytes);
	add_if(s, n & 1 ? 0x66 : 0);
	add_if(s, n & 2 ? 0x67 : 0);
	return n < 4;
}

static void one_prefixes(u64 *state, unsigned int prefixes, u8 rex,
			 unsigned int opcode, unsigned int modrm, corpus_fn fn)
{
	struct string s;
	unsigned int map;
	u8 byte = 0;

	string_start(&s, state);
	add_prefixes(&s, prefixes);
	add_if(&s, rex);
	corpus_device_opcode(opcode, &map, &byte);
	add_opcode(&s, map, byte);
	add(&s, modrm);
	if (rex) {
		fn(s.bytes, LHV_MODE_64);
		return;
	}
	fn(s.bytes, LHV_MODE_16);
	fn(s.bytes, LHV_MODE_32);
	fn(s.bytes, LHV_MODE_64);
}

static void opcode_prefixes(u64 *state, unsigned int opcode, corpus_fn fn)
{
	unsigned int prefixes, rex, modrm;
	struct string probe = { .n = 0 };

	for (prefixes = 0; add_prefixes(&probe, prefixes); prefixes++) {
		probe.n = 0;
		for (rex = 0; rex < ARRAY_SIZE(few_rex); rex++)
			for (modrm = 0; modrm < 256; modrm++)
				one_prefixes(state, prefixes, few_rex[rex],
					     opcode, modrm, fn);
	}
}

void corpus_prefixes(u64 seed, corpus_fn fn)
{
	unsigned int opcode, map;
	u8 byte;

	for (opcode = 0; corpus_device_opcode(opcode, &map, &byte); opcode++)
		opcode_prefixes(&seed, opcode, fn);
}

static void one_addressing(u64 *state, unsigned int opcode, u8 rex, u8 modrm,
			   unsigned int sib, corpus_fn fn)
{
	struct string s;
	unsigned int map, m;
	u8 byte = 0;

	string_start(&s, state);
	add_if(&s, (check_random(state) & 7) == 0 ? 0x67 : 0);
	add_if(&s, (check_random(state) & 7) == 0 ? 0x66 : 0);
	add_if(&s, rex);
	corpus_device_opcode(opcode, &map, &byte);
	add_opcode(&s, map, byte);
	add(&s, modrm);
	add(&s, sib);
	for (m = rex ? 2 : 0; m < 3; m++)
		fn(s.bytes, corpus_modes[m]);
}

static void opcode_addressing(u64 *state, unsigned int opcode, corpus_fn fn)
{
	unsigned int rex, modrm, sib, sibs;

	for (rex = 0x3f; rex < 0x50; rex++)
		for (modrm = 0; modrm < 0xc0; modrm++) {
			sibs = (modrm & 7) == 4 ? 256 : 1;
			for (sib = 0; sib < sibs; sib++)
				one_addressing(state, opcode,
					       rex == 0x3f ? 0 : rex, modrm,
					       sib, fn);
		}
}

void corpus_addressing(u64 seed, corpus_fn fn)
{
	unsigned int opcode, map;
	u8 byte;

	for (opcode = 0; corpus_device_opcode(opcode, &map, &byte); opcode++)
		opcode_addressing(&seed, opcode, fn);
}

static void one_opcode(u64 *state, unsigned int prefix, unsigned int map,
		       unsigned int opcode, unsigned int modrm, corpus_fn fn)
{
	struct string s;
	unsigned int m;

	string_start(&s, state);
	if (prefix < ARRAY_SIZE(prefix_bytes))
		add(&s, prefix_bytes[prefix]);
	else if (prefix > ARRAY_SIZE(prefix_bytes))
		add(&s, 0x48);
	add_opcode(&s, map, opcode);
	add(&s, modrm);
	for (m = 0; m < 3; m++)
		fn(s.bytes, corpus_modes[m]);
}

void corpus_opcodes(u64 seed, corpus_fn fn)
{
	unsigned int prefix, map, opcode, modrm;

	for (prefix = 0; prefix < ARRAY_SIZE(prefix_bytes) + 2; prefix++)
		for (map = 0; map < 3; map++)
			for (opcode = 0; opcode < 256; opcode++)
				for (modrm = 0; modrm < 256; modrm++)
					one_opcode(&seed, prefix, map, opcode,
						   modrm, fn);
}

#define NAME(op)	[LHV_OP_##op] = #op

static const char * const op_names[LHV_OP_COUNT] = {
	[LHV_OP_NONE] = "none",
	NAME(ADD), NAME(OR), NAME(ADC), NAME(SBB),
	NAME(AND), NAME(SUB), NAME(XOR), NAME(CMP),
	NAME(TEST), NAME(NOT), NAME(NEG), NAME(INC), NAME(DEC),
	NAME(MOV), NAME(MOVZX), NAME(MOVSX), NAME(MOVBE), NAME(MOVNTI),
	NAME(XCHG), NAME(XADD), NAME(CMPXCHG),
	NAME(BT), NAME(BTS), NAME(BTR), NAME(BTC),
	NAME(PUSH), NAME(POP),
	NAME(MOVS), NAME(CMPS), NAME(STOS), NAME(LODS), NAME(SCAS),
	NAME(INS), NAME(OUTS),
	NAME(XMM_LOAD), NAME(XMM_LOAD_LO), NAME(XMM_LOAD_HI),
	NAME(XMM_STORE), NAME(XMM_STORE_HI),
};

const char *op_name(unsigned int op)
{
	return op_names[op < LHV_OP_COUNT ? op : LHV_OP_NONE];
}
