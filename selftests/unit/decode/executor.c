// SPDX-License-Identifier: GPL-2.0
/*
 * What the executor promises about being stopped and started again, about
 * faults and about locked operations: see emulate.h. Random instructions
 * where a promise is about all of them, a few chosen ones elsewhere.
 */
#include <string.h>

#include "check.h"
#include "corpus.h"
#include "executor.h"
#include "machine.h"
#include "vector.h"

#define VECTORS		60000
#define FAULTS		20000
#define RF		0x10000ULL

#define EXEC(m, ...)							\
	machine_exec(m, (const u8 []){ __VA_ARGS__ },			\
		     sizeof((const u8 []){ __VA_ARGS__ }))

static struct machine one, two;

static void differ(const struct vector *v, const char *what)
{
	check_fail("%s: %s: %s differs", check_hex(v->bytes, v->insn.length),
		   op_name(v->insn.op), what);
}

static void compare_state(const struct vector *v, const struct machine *a,
			  const struct machine *b)
{
	if (memcmp(a->gpr, b->gpr, sizeof(a->gpr)))
		differ(v, "a register");
	if (memcmp(a->xmm, b->xmm, sizeof(a->xmm)))
		differ(v, "an XMM register");
	if (memcmp(a->data, b->data, sizeof(a->data)))
		differ(v, "memory");
	if (a->em.rip != b->em.rip)
		differ(v, "RIP");
	if (a->em.rflags != b->em.rflags)
		differ(v, "RFLAGS");
}

/* The n-th logged access that a device would have seen. */
static const struct machine_access *device_access(const struct machine *m,
						  unsigned int *pos)
{
	while (*pos < m->nr_log && m->log[*pos].kind == MACHINE_PROBE)
		++*pos;
	return *pos < m->nr_log ? &m->log[(*pos)++] : NULL;
}

static void compare_logs(const struct vector *v)
{
	const struct machine_access *a, *b;
	unsigned int i = 0, j = 0;

	do {
		a = device_access(&one, &i);
		b = device_access(&two, &j);
		if (!a != !b || (a && (a->kind != b->kind || a->len != b->len ||
				       a->address != b->address ||
				       a->value != b->value))) {
			differ(v, "what a device sees");
			return;
		}
	} while (a);
}

static void load(struct machine *m, const struct vector *v)
{
	machine_init(m, LHV_MODE_64);
	machine_load(m, v);
}

static void start(struct vector *v, u64 *state)
{
	v->rip = VECTOR_CODE;
	v->fs_base = 0x5000;
	v->gs_base = 0xffff800000001000ULL;
	vector_make(v, state);
}

/*
 * Userspace answers every access. The device must see the same accesses, each
 * once and in the same order, as when they are answered at once.
 */
static void test_pending(void)
{
	u64 state = check_seed() + 1;
	struct vector v;
	unsigned int i;

	for (i = 0; i < VECTORS; i++) {
		start(&v, &state);
		load(&one, &v);
		CHECK_EQ(machine_run(&one, &v.insn), LHV_EMUL_DONE);
		load(&two, &v);
		two.pend = true;
		CHECK_EQ(machine_run(&two, &v.insn), LHV_EMUL_DONE);
		CHECK_EQ(two.pended, false);
		compare_state(&v, &one, &two);
		compare_logs(&v);
	}
}

static unsigned int writes(const struct machine *m)
{
	unsigned int i, n = 0;

	for (i = 0; i < m->nr_log; i++)
		n += m->log[i].kind == MACHINE_WRITE ||
		     m->log[i].kind == MACHINE_CMPXCHG;
	return n;
}

/* After the fault is mended, the rest must come to the same end. */
static void resume(struct vector *v)
{
	bool lost = v->insn.op == LHV_OP_INS && two.next_in;

	two.fault_at = 0;
	CHECK_EQ(two.em.fault.vector, 14);
	CHECK_EQ(two.em.fault.error, 2);
	if (v->insn.rep == LHV_REP_NONE && v->insn.memsize <= 8)
		CHECK_EQ(writes(&two), 0);
	if (lost)
		return;
	CHECK_EQ(machine_run(&two, &v->insn), LHV_EMUL_DONE);
	compare_state(v, &one, &two);
}

/* The n-th access faults; false when there are not so many. */
static bool fault_at(struct vector *v, unsigned int n)
{
	int res;

	load(&two, v);
	two.fault_at = n;
	res = machine_run(&two, &v->insn);
	if (two.fault_at)
		return false;
	/* A fault that ends an OUTS batch early is silent. */
	if (res == LHV_EMUL_DONE)
		compare_state(v, &one, &two);
	else
		resume(v);
	return true;
}

/* Each access in turn faults. */
static void test_faults(void)
{
	u64 state = check_seed() + 2;
	unsigned int i, n;
	struct vector v;

	for (i = 0; i < FAULTS; i++) {
		start(&v, &state);
		load(&one, &v);
		machine_run(&one, &v.insn);
		for (n = 1; fault_at(&v, n); n++)
			;
	}
}

/* Given up while pending, the instruction starts from nothing next time. */
static void test_reset(void)
{
	u64 state = check_seed() + 3;
	struct vector v;
	unsigned int i;

	for (i = 0; i < FAULTS; i++) {
		start(&v, &state);
		load(&one, &v);
		machine_run(&one, &v.insn);
		load(&two, &v);
		two.pend = true;
		if (lhv_emulate(&two.em, &v.insn) != LHV_EMUL_PENDING)
			continue;
		lhv_emul_reset(&two.em);
		two.pend = false;
		two.pended = false;
		CHECK_EQ(machine_run(&two, &v.insn), LHV_EMUL_DONE);
		compare_state(&v, &one, &two);
	}
}

/* Userspace that changes registers under a pending instruction is told. */
static void test_changed_registers(void)
{
	static const u8 bytes[] = { 0x01, 0x03 };	/* add %eax, (%rbx) */
	struct machine *m = &one;
	struct lhv_insn insn;

	machine_init(m, LHV_MODE_64);
	m->gpr[RBX] = VECTOR_DATA;
	m->gpr[RAX] = 5;
	lhv_decode(&insn, bytes, sizeof(bytes), LHV_MODE_64);
	m->pend = true;
	CHECK_EQ(lhv_emulate(&m->em, &insn), LHV_EMUL_PENDING);
	CHECK_EQ(lhv_emulate(&m->em, &insn), LHV_EMUL_PENDING);
	m->gpr[RBX] += 8;
	CHECK_EQ(lhv_emulate(&m->em, &insn), LHV_EMUL_FAIL);
	CHECK_EQ(writes(m), 0);
	/* The mode of the vCPU is not the one the bytes were decoded for. */
	m->em.mode = LHV_MODE_32;
	CHECK_EQ(lhv_emulate(&m->em, &insn), LHV_EMUL_FAIL);
}

static void check_kinds(const struct machine *m, unsigned int n,
			const enum machine_kind *kinds)
{
	unsigned int i;

	CHECK_EQ(m->nr_log, n);
	for (i = 0; i < n && i < m->nr_log; i++)
		CHECK_EQ(m->log[i].kind, kinds[i]);
}

/* A write is tried before a read with side effects, and locked where asked. */
static void test_order(void)
{
	static const enum machine_kind plain[] = {
		MACHINE_PROBE, MACHINE_READ, MACHINE_WRITE };
	static const enum machine_kind locked[] = {
		MACHINE_PROBE, MACHINE_READ, MACHINE_CMPXCHG };
	static const enum machine_kind read[] = { MACHINE_READ };
	struct machine *m = &one;

	machine_init(m, LHV_MODE_64);
	m->gpr[RBX] = VECTOR_DATA;
	m->gpr[RAX] = 7;
	EXEC(m, 0x01, 0x03);			/* add */
	check_kinds(m, 3, plain);
	m->nr_log = 0;
	EXEC(m, 0xf0, 0x01, 0x03);		/* lock add */
	check_kinds(m, 3, locked);
	CHECK_EQ(m->data[0], 14);
	m->nr_log = 0;
	EXEC(m, 0x87, 0x03);			/* xchg */
	check_kinds(m, 3, locked);
	CHECK_EQ(m->gpr[RAX], 14);
	m->nr_log = 0;
	EXEC(m, 0x39, 0x03);			/* cmp */
	check_kinds(m, 1, read);
	m->nr_log = 0;
	EXEC(m, 0x0f, 0xb1, 0x0b);		/* cmpxchg, not equal */
	check_kinds(m, 3, plain);
	CHECK_EQ(m->log[2].value, 7);
}

/* Other CPUs change the value between read and write. */
static void test_lost_races(void)
{
	struct lhv_insn insn;
	struct machine *m = &one;

	machine_init(m, LHV_MODE_64);
	m->gpr[RBX] = VECTOR_DATA;
	m->data[0] = 10;
	m->retry = 3;
	CHECK_EQ(EXEC(m, 0xf0, 0xff, 0x03), LHV_EMUL_DONE);	/* lock inc */
	CHECK_EQ(m->data[0], 14);
	/* Without end: the guest gets its turn, nothing is lost. */
	m->retry = 100;
	lhv_decode(&insn, (const u8 []){ 0xf0, 0xff, 0x03 }, 3, LHV_MODE_64);
	m->em.rip = 0x1000;
	CHECK_EQ(lhv_emulate(&m->em, &insn), LHV_EMUL_AGAIN);
	CHECK_EQ(m->em.rip, 0x1000);
	CHECK_EQ(m->em.rflags & RF, RF);
}

/* 16 bytes go in two pieces; what must be aligned faults untouched. */
static void test_wide(void)
{
	struct machine *m = &one;

	machine_init(m, LHV_MODE_64);
	m->gpr[RBX] = VECTOR_DATA + 4;
	m->xmm[0][0] = 0x1111;
	m->xmm[0][1] = 0x2222;
	CHECK_EQ(EXEC(m, 0x0f, 0x29, 0x03), LHV_EMUL_FAULT);	/* movaps */
	CHECK_EQ(m->em.fault.vector, 13);
	CHECK_EQ(m->em.fault.has_error, true);
	CHECK_EQ(m->nr_log, 0);
	CHECK_EQ(EXEC(m, 0x0f, 0x11, 0x03), LHV_EMUL_DONE);	/* movups */
	CHECK_EQ(m->nr_log, 3);
	CHECK_EQ(m->log[0].len, 16);
	CHECK_EQ(m->log[1].value, 0x1111);
	CHECK_EQ(m->log[2].value, 0x2222);
	CHECK_EQ(m->log[2].address, VECTOR_DATA + 12);
	CHECK_EQ(EXEC(m, 0xf3, 0x0f, 0x10, 0x0b), LHV_EMUL_DONE); /* movss */
	CHECK_EQ(m->xmm[1][0], 0x1111);
	CHECK_EQ(m->xmm[1][1], 0);
}

/* Completion clears RF; a fault does not touch it. */
static void test_resume_flag(void)
{
	struct machine *m = &one;

	machine_init(m, LHV_MODE_64);
	m->gpr[RBX] = VECTOR_DATA;
	m->em.rflags |= RF;
	m->fault_at = 1;
	CHECK_EQ(EXEC(m, 0x8b, 0x03), LHV_EMUL_FAULT);
	CHECK_EQ(m->em.rflags & RF, RF);
	CHECK_EQ(EXEC(m, 0x8b, 0x03), LHV_EMUL_DONE);
	CHECK_EQ(m->em.rflags & RF, 0);
}

int main(void)
{
	static const struct check_case cases[] = {
		{ "executor: pending accesses are made once, in order",
		  test_pending },
		{ "executor: faults change nothing and can be resumed",
		  test_faults },
		{ "executor: an instruction given up leaves nothing",
		  test_reset },
		{ "executor: registers changed while pending are noticed",
		  test_changed_registers },
		{ "executor: writes are tried before devices are read",
		  test_order },
		{ "executor: locked operations start over when they lose",
		  test_lost_races },
		{ "executor: 16-byte moves", test_wide },
		{ "executor: resume flag", test_resume_flag },
		{ "executor: segment limits and types", test_segments },
		{ "executor: canonical addresses", test_canonical },
		{ "executor: stack operands", test_stack },
		{ "executor: addresses wrap", test_wrapping },
		{ "executor: repeated moves in batches", test_repeat_batches },
		{ "executor: counts and pointers by address size",
		  test_repeat_address_sizes },
		{ "executor: REPE and REPNE", test_repeat_compare },
		{ "executor: string I/O in batches", test_port_batches },
		{ "executor: I/O privilege", test_port_rights },
		{ "executor: string I/O and faults", test_port_faults },
		{ }
	};

	return check_main(cases);
}
