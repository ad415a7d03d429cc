/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random instructions that can be run: 64-bit code whose memory operands lie
 * in one small buffer, with registers, flags and memory to start from. Used
 * by the comparison with the processor and by the executor's tests.
 */
#ifndef UNIT_DECODE_VECTOR_H
#define UNIT_DECODE_VECTOR_H

#include "decode.h"

/* Low enough for every form of address, at or above what mmap allows. */
#define VECTOR_CODE	0x20000000ULL
#define VECTOR_DATA	0x20010000ULL
#define VECTOR_BYTES	1024

struct vector {
	u8 bytes[16];
	struct lhv_insn insn;
	u64 rip;
	u64 rflags;
	u64 fs_base;
	u64 gs_base;
	u64 gpr[16];
	u64 xmm[16][2];
	u8 data[VECTOR_BYTES];
};

/* Fill everything but rip, fs_base and gs_base, which are the caller's. */
void vector_make(struct vector *v, u64 *state);

#endif /* UNIT_DECODE_VECTOR_H */
