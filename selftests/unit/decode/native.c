// SPDX-License-Identifier: GPL-2.0
/*
 * The executor held against the processor it runs on: random instructions
 * run natively, out of a page of code in low memory with all registers
 * loaded, and in the executor; registers, flags, XMM registers and memory
 * must be the same afterwards. Only on x86-64, only 64-bit mode, no ports.
 */
#include <cpuid.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/build_bug.h>

#include "check.h"
#include "corpus.h"
#include "machine.h"
#include "stub.h"
#include "vector.h"

#define VECTORS		400000
#define MIN_SEEN	100

/* What the stub loads and stores, at STUB_STATE. */
struct state {
	u64 gpr[16];
	u64 rflags;
	u64 host_rsp;
	u64 pad[2];
	u64 xmm[16][2];
};

static_assert(offsetof(struct state, rflags) == STUB_RFLAGS);
static_assert(offsetof(struct state, host_rsp) == STUB_HOST_RSP);
static_assert(offsetof(struct state, xmm) == STUB_XMM);

#define CF	0x001ULL
#define PF	0x004ULL
#define AF	0x010ULL
#define SF	0x080ULL
#define DF	0x400ULL
#define OF	0x800ULL
#define COMPARED	(0x8d5ULL | DF)

/* Flags that the SDM leaves undefined, by operation. */
static const u64 undefined[LHV_OP_COUNT] = {
	[LHV_OP_AND] = AF, [LHV_OP_OR] = AF, [LHV_OP_XOR] = AF,
	[LHV_OP_TEST] = AF,
	[LHV_OP_BT] = OF | SF | AF | PF, [LHV_OP_BTS] = OF | SF | AF | PF,
	[LHV_OP_BTR] = OF | SF | AF | PF, [LHV_OP_BTC] = OF | SF | AF | PF,
};

static struct state *const state = (struct state *)STUB_STATE;
static u8 *const data = (u8 *)VECTOR_DATA;
static u8 *code;
static sigjmp_buf trapped;
static unsigned long seen[LHV_OP_COUNT];

static void on_signal(int sig)
{
	siglongjmp(trapped, sig);
}

static bool map_low(u64 address, size_t size, int prot)
{
	void *p = mmap((void *)address, size, prot, MAP_PRIVATE | MAP_ANONYMOUS |
		       MAP_FIXED_NOREPLACE, -1, 0);

	return p == (void *)address;
}

static bool native_init(void)
{
	static u8 stack[65536];
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction sa = { .sa_handler = on_signal,
				.sa_flags = SA_ONSTACK };

	if (!map_low(VECTOR_CODE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) ||
	    !map_low(STUB_STATE, 4096, PROT_READ | PROT_WRITE) ||
	    !map_low(VECTOR_DATA, 4096, PROT_READ | PROT_WRITE))
		return false;
	code = (u8 *)VECTOR_CODE;
	memcpy(code, stub_start, stub_end - stub_start);
	sigaltstack(&ss, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	sigaction(SIGILL, &sa, NULL);
	sigaction(SIGFPE, &sa, NULL);
	return true;
}

/* Answers the signal that ended it, 0 for none. */
static int native_run(const struct vector *v)
{
	u8 *insn = code + (stub_insn - stub_start);
	int sig;

	memset(insn, 0x90, 16);
	memcpy(insn, v->bytes, v->insn.length);
	memcpy(state->gpr, v->gpr, sizeof(v->gpr));
	memcpy(state->xmm, v->xmm, sizeof(v->xmm));
	state->rflags = v->rflags;
	memcpy(data, v->data, VECTOR_BYTES);
	sig = sigsetjmp(trapped, 1);
	if (!sig)
		((void (*)(void))code)();
	else
		asm volatile("cld");
	return sig;
}

static bool cpu_has(const struct vector *v)
{
	unsigned int a, b, c, d;

	if (v->insn.op != LHV_OP_MOVBE)
		return true;
	return __get_cpuid(1, &a, &b, &c, &d) && c & bit_MOVBE;
}

static void differ(const struct vector *v, const char *what, unsigned int i,
		   u64 ours, u64 native)
{
	check_fail("%s: %s: %s %u is %#llx, natively %#llx",
		   check_hex(v->bytes, v->insn.length),
		   op_name(v->insn.op), what, i, ours, native);
}

static void compare(const struct machine *m, const struct vector *v)
{
	u64 flags = COMPARED & ~undefined[v->insn.op];
	unsigned int i;

	for (i = 0; i < 16; i++)
		if (m->gpr[i] != state->gpr[i])
			differ(v, "register", i, m->gpr[i], state->gpr[i]);
	for (i = 0; i < 32; i++)
		if (m->xmm[i / 2][i % 2] != state->xmm[i / 2][i % 2])
			differ(v, "XMM half", i, m->xmm[i / 2][i % 2],
			       state->xmm[i / 2][i % 2]);
	if ((m->em.rflags ^ state->rflags) & flags)
		differ(v, "flags", 0, m->em.rflags & COMPARED,
		       state->rflags & COMPARED);
	for (i = 0; i < VECTOR_BYTES; i++)
		if (m->data[i] != data[i])
			differ(v, "byte", i, m->data[i], data[i]);
}

static void run_both(const struct vector *v)
{
	static struct machine m;
	int sig = native_run(v), res;

	machine_init(&m, LHV_MODE_64);
	machine_load(&m, v);
	res = machine_run(&m, &v->insn);
	if (sig || res != LHV_EMUL_DONE) {
		check_fail("%s: %s: result %d, natively signal %d",
			   check_hex(v->bytes, v->insn.length),
			   op_name(v->insn.op), res, sig);
		return;
	}
	seen[v->insn.op]++;
	compare(&m, v);
}

static void set_bases(struct vector *v)
{
	/* FS is the C library's; GS is free. */
	syscall(SYS_arch_prctl, 0x1003, &v->fs_base);
	v->gs_base = 0x1234560;
	syscall(SYS_arch_prctl, 0x1001, v->gs_base);
	v->rip = VECTOR_CODE + (stub_insn - stub_start);
}

static bool ports(const struct vector *v)
{
	return v->insn.op == LHV_OP_INS || v->insn.op == LHV_OP_OUTS;
}

static void test_native(void)
{
	u64 random = check_seed();
	struct vector v;
	unsigned int i, op;

	if (!native_init()) {
		check_skip("low memory is not to be had");
		return;
	}
	check_note("seed %#llx (TEST_SEED chooses another)", random);
	set_bases(&v);
	for (i = 0; i < VECTORS; i++) {
		vector_make(&v, &random);
		if (!ports(&v) && cpu_has(&v))
			run_both(&v);
	}
	for (op = 1; op < LHV_OP_COUNT; op++)
		if (seen[op] < MIN_SEEN && op != LHV_OP_INS &&
		    op != LHV_OP_OUTS && op != LHV_OP_MOVBE)
			check_fail("%s came up %lu times only",
				   op_name(op), seen[op]);
}

/* SIB without base: REX.B plays no part, with 32-bit addresses either. */
static void test_sib_no_base(void)
{
	static const u8 bytes[] = { 0x67, 0x41, 0x8b, 0x0c, 0x25,
				    0x00, 0x02, 0x01, 0x20 };
	u64 random = check_seed();
	struct vector v;

	if (!code) {
		check_skip("low memory is not to be had");
		return;
	}
	set_bases(&v);
	vector_make(&v, &random);
	memcpy(v.bytes, bytes, sizeof(bytes));
	CHECK_EQ(lhv_decode(&v.insn, v.bytes, sizeof(bytes), LHV_MODE_64), 0);
	v.gpr[13] = 0x10;
	run_both(&v);
}

int main(void)
{
	static const struct check_case cases[] = {
		{ "native: registers, flags and memory as the processor's",
		  test_native },
		{ "native: SIB without base ignores REX.B",
		  test_sib_no_base },
		{ }
	};

	return check_main(cases);
}
