/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Byte strings to decode: random ones, and enumerations of prefixes, opcodes,
 * ModR/M and SIB. Used by the comparison with Zydis and by the fuzzer's seeds.
 * And names for what comes out.
 */
#ifndef UNIT_DECODE_CORPUS_H
#define UNIT_DECODE_CORPUS_H

#include "decode.h"

/* Bytes in every string handed out: room for one too many. */
#define CORPUS_BYTES	16

typedef void (*corpus_fn)(const u8 *bytes, enum lhv_cpu_mode mode);

extern const enum lhv_cpu_mode corpus_modes[3];

/* @count strings, in all three modes each; half of them look like code. */
void corpus_random(u64 seed, unsigned long count, corpus_fn fn);

/* All prefix combinations x all opcodes that reach memory x all ModR/M. */
void corpus_prefixes(u64 seed, corpus_fn fn);

/* Those opcodes x all ModR/M x all SIB x all REX. */
void corpus_addressing(u64 seed, corpus_fn fn);

/*
 * The n-th opcode that reaches memory: its map (0: one byte, 1: 0F, 2: 0F38)
 * and byte; false after the last.
 */
bool corpus_device_opcode(unsigned int n, unsigned int *map, u8 *opcode);

/* Every opcode of every map x all ModR/M, with few prefixes. */
void corpus_opcodes(u64 seed, corpus_fn fn);

/* Mnemonic of an enum lhv_op, "none" for values out of range. */
const char *op_name(unsigned int op);

#endif /* UNIT_DECODE_CORPUS_H */
