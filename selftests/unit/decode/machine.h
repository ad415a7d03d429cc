/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A pretended vCPU around the executor: registers, one buffer of memory,
 * segments, ports. Every access is logged, and can be made to stay pending
 * or to fault. Used by the tests of the executor.
 */
#ifndef UNIT_DECODE_MACHINE_H
#define UNIT_DECODE_MACHINE_H

#include "emulate.h"
#include "vector.h"

#define MACHINE_LOG	1200

enum machine_kind {
	MACHINE_READ,
	MACHINE_WRITE,
	MACHINE_CMPXCHG,
	MACHINE_PROBE,
	MACHINE_IN,
	MACHINE_OUT,
};

/* One access the executor made (a completed one). */
struct machine_access {
	enum machine_kind kind;
	unsigned int len;	/* ports: bytes in all */
	u64 address;		/* ports: the port */
	u64 value;		/* ports: of the first element */
};

struct machine {
	struct lhv_emul em;	/* first: the callbacks get back from it */
	u64 gpr[16];
	u64 xmm[16][2];
	struct lhv_emul_segment seg[6];
	u64 base;		/* linear address of data[0] */
	u8 data[VECTOR_BYTES];

	/* What is to go wrong. */
	bool pend;		/* every access but probes stays pending once */
	unsigned int fault_at;	/* the n-th access from now faults; 0: none */
	unsigned int retry;	/* so many cmpxchg see another value */
	bool port_allowed;

	bool pended;		/* the access under way has been pending */
	struct machine_access pending;
	struct machine_access log[MACHINE_LOG];
	unsigned int nr_log;
	u8 next_in;		/* ports deliver 1, 2, 3, ... */
};

/* Flat segments, CPL 0, nothing wrong, memory all zero at VECTOR_DATA. */
void machine_init(struct machine *m, enum lhv_cpu_mode mode);
void machine_load(struct machine *m, const struct vector *v);

/*
 * Run to the end: call again after AGAIN and PENDING. Checks on the way what
 * holds for every instruction. Answers the last result.
 */
int machine_run(struct machine *m, const struct lhv_insn *insn);

/* Decode and run @n bytes. */
int machine_exec(struct machine *m, const u8 *bytes, unsigned int n);

#endif /* UNIT_DECODE_MACHINE_H */
