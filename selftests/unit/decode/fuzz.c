// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target of decoder and executor: the input is a vCPU's state, an
 * instruction, and what every callback answers, sense or nonsense. Looks for
 * what the sanitizers see, and for broken promises of decode.h and emulate.h.
 *
 * Built with -fsanitize=fuzzer by clang; with FUZZ_RANDOM it has a main of
 * its own that tries random inputs, and speaks TAP.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "corpus.h"
#include "emulate.h"

#define MAX_CALLS	24
#define HEADER		(4 + 8 + LHV_INSN_MAX)

#define REQUIRE(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "%s:%d: broken: %s\n",		\
				__FILE__, __LINE__, #cond);		\
			abort();					\
		}							\
	} while (0)

struct fuzz {
	struct lhv_emul em;	/* first: the callbacks get back from it */
	u64 gpr[16];
	u64 random;
	const u8 *answers;
	size_t nr_answers;
};

static struct fuzz *of(struct lhv_emul *em)
{
	return (struct fuzz *)em;
}

/* The next answer: the input's while there is some, then always DONE. */
static int answer(struct fuzz *f)
{
	u8 a;

	if (!f->nr_answers)
		return LHV_EMUL_DONE;
	a = *f->answers++;
	f->nr_answers--;
	if (a < 128)
		return LHV_EMUL_DONE;
	if (a >= 250)
		return (int)(a - 253) * 1000;
	return a % (LHV_EMUL_FAIL + 1);
}

static void check_linear(const struct lhv_emul *em, u64 linear,
			 unsigned int len)
{
	unsigned int unused = 64 - em->va_bits;

	if (em->mode == LHV_MODE_64)
		REQUIRE((u64)((s64)(linear << unused) >> unused) == linear);
	else
		REQUIRE(linear >> 32 == 0);
	REQUIRE(len == 1 || len == 2 || len == 4 || len == 8);
}

static void op_segment(struct lhv_emul *em, unsigned int seg,
		       struct lhv_emul_segment *out)
{
	struct fuzz *f = of(em);

	REQUIRE(seg <= LHV_INSN_GS);
	/* Mostly flat, or nothing ever gets anywhere. */
	out->base = check_random(&f->random) & 7 ? 0 : check_random(&f->random);
	out->limit = check_random(&f->random) & 7 ? 0xffffffff :
		     (u32)check_random(&f->random);
	out->ar = check_random(&f->random) & 7 ? 0xc093 :
		  (u32)check_random(&f->random);
}

static int op_probe(struct lhv_emul *em, u64 linear, unsigned int len)
{
	REQUIRE(len >= 1 && len <= 16);
	check_linear(em, linear, 1);
	return answer(of(em));
}

static int op_read(struct lhv_emul *em, u64 linear, void *data,
		   unsigned int len)
{
	u64 value = check_random(&of(em)->random);

	check_linear(em, linear, len);
	memcpy(data, &value, len);
	return answer(of(em));
}

static int op_write(struct lhv_emul *em, u64 linear, const void *data,
		    unsigned int len)
{
	u64 value;

	check_linear(em, linear, len);
	memcpy(&value, data, len);
	return answer(of(em));
}

static int op_access(struct lhv_emul *em, enum lhv_emul_access what,
		     u64 linear, void *data, unsigned int len)
{
	if (what == LHV_EMUL_PROBE)
		return op_probe(em, linear, len);
	if (what == LHV_EMUL_READ)
		return op_read(em, linear, data, len);
	return op_write(em, linear, data, len);
}

static int op_cmpxchg(struct lhv_emul *em, u64 linear, u64 old, u64 new,
		      unsigned int len)
{
	check_linear(em, linear, len);
	REQUIRE(len == 8 || (old >> (len * 8) == 0 && new >> (len * 8) == 0));
	return answer(of(em));
}

static int op_pio_check(struct lhv_emul *em, u16 port, unsigned int size)
{
	(void)port;
	REQUIRE(size == 1 || size == 2 || size == 4);
	return answer(of(em));
}

static int op_pio_in(struct lhv_emul *em, u16 port, void *data,
		     unsigned int size, unsigned int count)
{
	(void)port;
	REQUIRE(count && size * count <= LHV_EMUL_IO_BYTES);
	memset(data, 0xa5, size * count);
	return answer(of(em));
}

static int op_pio_out(struct lhv_emul *em, u16 port, const void *data,
		      unsigned int size, unsigned int count)
{
	static u8 sink[LHV_EMUL_IO_BYTES];

	(void)port;
	REQUIRE(count && size * count <= LHV_EMUL_IO_BYTES);
	memcpy(sink, data, size * count);
	return answer(of(em));
}

static int op_pio(struct lhv_emul *em, u16 port, void *data,
		  unsigned int size, unsigned int count, bool in)
{
	return in ? op_pio_in(em, port, data, size, count) :
		    op_pio_out(em, port, data, size, count);
}

static void op_xmm_get(struct lhv_emul *em, unsigned int reg, u64 val[2])
{
	REQUIRE(reg < 16);
	val[0] = 0;
	val[1] = 0;
}

static void op_xmm_set(struct lhv_emul *em, unsigned int reg,
		       const u64 val[2])
{
	(void)val;
	REQUIRE(reg < 16);
}

static const struct lhv_emul_ops fuzz_ops = {
	.segment = op_segment,
	.access = op_access,
	.compare_exchange = op_cmpxchg,
	.pio_check = op_pio_check,
	.pio = op_pio,
	.xmm_get = op_xmm_get,
	.xmm_set = op_xmm_set,
};

static bool power_of_two(unsigned int n, unsigned int max)
{
	return n && n <= max && !(n & (n - 1));
}

static void check_insn(const struct lhv_insn *insn, unsigned int n)
{
	REQUIRE(insn->length >= 1 && insn->length <= LHV_INSN_MAX);
	REQUIRE(insn->length <= n);
	REQUIRE(insn->op > LHV_OP_NONE && insn->op < LHV_OP_COUNT);
	REQUIRE(insn->form > LHV_FORM_NONE && insn->form <= LHV_FORM_STRING);
	REQUIRE(power_of_two(insn->opsize, 16));
	REQUIRE(power_of_two(insn->memsize, 16));
	REQUIRE(power_of_two(insn->addrsize, 8) && insn->addrsize > 1);
	REQUIRE(insn->access && insn->access <= 3);
	REQUIRE(insn->reg < 16 && (!insn->reg_high || insn->reg < 4));
	REQUIRE(insn->mem.base >= -1 && insn->mem.base < 16);
	REQUIRE(insn->mem.index >= -1 && insn->mem.index < 16);
	REQUIRE(power_of_two(insn->mem.scale, 8));
	REQUIRE(insn->mem.seg <= LHV_INSN_GS);
	REQUIRE(!insn->rep || insn->form == LHV_FORM_STRING);
}

static int decode(struct lhv_insn *insn, const u8 *bytes, unsigned int n,
		  enum lhv_cpu_mode mode)
{
	int err = lhv_decode(insn, bytes, n, mode);

	REQUIRE(!err || err == -ENODATA || err == -E2BIG || err == -EILSEQ ||
		err == -EOPNOTSUPP);
	REQUIRE(err != -ENODATA || n < LHV_INSN_MAX);
	if (!err)
		check_insn(insn, n);
	return err;
}

static void execute(struct fuzz *f, const struct lhv_insn *insn)
{
	u64 gpr[16], rip = f->em.rip;
	unsigned int calls;
	int res;

	memcpy(gpr, f->gpr, sizeof(gpr));
	for (calls = 0; calls < MAX_CALLS; calls++) {
		res = lhv_emulate(&f->em, insn);
		REQUIRE(res == LHV_EMUL_DONE || res == LHV_EMUL_AGAIN ||
			res == LHV_EMUL_PENDING || res == LHV_EMUL_FAULT ||
			res == LHV_EMUL_FAIL);
		REQUIRE((f->em.rip == rip) == (res != LHV_EMUL_DONE));
		if (res != LHV_EMUL_DONE && !insn->rep)
			REQUIRE(!memcmp(gpr, f->gpr, sizeof(gpr)));
		if (res != LHV_EMUL_AGAIN && res != LHV_EMUL_PENDING)
			return;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct fuzz f;
	struct lhv_insn insn;
	unsigned int i;
	u8 *bytes;
	int err;

	if (size < HEADER)
		return 0;
	memset(&f, 0, sizeof(f));
	f.em.ops = &fuzz_ops;
	f.em.gpr = f.gpr;
	f.em.mode = corpus_modes[data[0] % 3];
	f.em.real = f.em.mode == LHV_MODE_16 && data[0] & 64;
	f.em.cpl = data[1] & 3;
	f.em.va_bits = data[1] & 4 ? 57 : 48;
	f.em.rip = data[1] & 8 ? 0xfffffff8 : 0x1000;
	memcpy(&f.random, data + 4, 8);
	f.em.rflags = check_random(&f.random) & 0x3fffff;
	for (i = 0; i < 16; i++)
		f.gpr[i] = check_random(&f.random) >>
			   (check_random(&f.random) & 63);
	f.answers = data + HEADER;
	f.nr_answers = size - HEADER;
	lhv_emul_reset(&f.em);

	/* As many bytes as the input says, in a block of just that size. */
	i = data[2] % (LHV_INSN_MAX + 1);
	bytes = malloc(LHV_INSN_MAX);
	memcpy(bytes + LHV_INSN_MAX - i, data + 12, i);
	err = decode(&insn, bytes + LHV_INSN_MAX - i, i, f.em.mode);
	if (!err)
		execute(&f, &insn);
	free(bytes);
	return 0;
}

#ifdef FUZZ_RANDOM
#define INPUTS	1500000

static u64 state;

static void one(const u8 *insn, enum lhv_cpu_mode mode)
{
	u8 data[HEADER + 64];
	unsigned int i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = check_random(&state);
	data[0] = (data[0] & 0xc0) | (mode >> 5);
	data[2] |= 15;
	memcpy(data + 12, insn, LHV_INSN_MAX);
	LLVMFuzzerTestOneInput(data, HEADER + data[3] % 64);
}

static void test_random(void)
{
	state = check_seed();
	check_note("seed %#llx (TEST_SEED chooses another)", state);
	corpus_random(check_seed() + 5, INPUTS / 3, one);
}

int main(void)
{
	static const struct check_case cases[] = {
		{ "fuzz: random states, instructions and answers",
		  test_random },
		{ }
	};

	return check_main(cases);
}
#endif
