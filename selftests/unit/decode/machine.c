// SPDX-License-Identifier: GPL-2.0
/* A pretended vCPU around the executor: see machine.h. */
#include <string.h>

#include "check.h"
#include "corpus.h"
#include "machine.h"

#define MAX_CALLS	4000

static struct machine *of(struct lhv_emul *em)
{
	return (struct machine *)em;
}

static bool in_memory(const struct machine *m, u64 linear, unsigned int len)
{
	return linear - m->base <= VECTOR_BYTES - len;
}

static void log_access(struct machine *m, const struct machine_access *a)
{
	if (m->nr_log < MACHINE_LOG)
		m->log[m->nr_log++] = *a;
}

/* The same access has to be asked for again, and no other. */
static int stay_pending(struct machine *m, const struct machine_access *a)
{
	if (!m->pended) {
		m->pended = true;
		m->pending = *a;
		return LHV_EMUL_PENDING;
	}
	m->pended = false;
	CHECK_EQ(a->kind, m->pending.kind);
	CHECK_EQ(a->address, m->pending.address);
	CHECK_EQ(a->len, m->pending.len);
	CHECK_EQ(a->value, m->pending.value);
	return LHV_EMUL_DONE;
}

static int access(struct machine *m, enum machine_kind kind, u64 address,
		  unsigned int len, u64 value)
{
	struct machine_access a = { kind, len, address, value };
	int err;

	if (m->fault_at && !--m->fault_at)
		return lhv_emul_set_fault(&m->em, 14, 2, address);
	if (m->pend && kind != MACHINE_PROBE) {
		err = stay_pending(m, &a);
		if (err)
			return err;
	}
	if (kind < MACHINE_IN && !in_memory(m, address, len)) {
		check_fail("%#llx is outside memory", address);
		return LHV_EMUL_FAIL;
	}
	log_access(m, &a);
	return LHV_EMUL_DONE;
}

static void check_len(unsigned int len)
{
	if (len != 1 && len != 2 && len != 4 && len != 8)
		check_fail("access of %u bytes", len);
}

static void op_segment(struct lhv_emul *em, unsigned int seg,
		       struct lhv_emul_segment *out)
{
	if (em->mode == LHV_MODE_64 && seg < LHV_INSN_FS)
		check_fail("segment %u asked for in 64-bit mode", seg);
	*out = of(em)->seg[seg];
}

static int op_probe(struct lhv_emul *em, u64 linear, unsigned int len)
{
	return access(of(em), MACHINE_PROBE, linear, len, 0);
}

static int op_read(struct lhv_emul *em, u64 linear, void *data,
		   unsigned int len)
{
	struct machine *m = of(em);
	int err = access(m, MACHINE_READ, linear, len, 0);

	check_len(len);
	if (err)
		return err;
	memcpy(data, m->data + (linear - m->base), len);
	memcpy(&m->log[m->nr_log - 1].value, data, len);
	return err;
}

static int op_write(struct lhv_emul *em, u64 linear, const void *data,
		    unsigned int len)
{
	struct machine *m = of(em);
	u64 value = 0;
	int err;

	check_len(len);
	memcpy(&value, data, len);
	err = access(m, MACHINE_WRITE, linear, len, value);
	if (!err)
		memcpy(m->data + (linear - m->base), data, len);
	return err;
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
	struct machine *m = of(em);
	u64 now = 0;
	int err;

	check_len(len);
	if (m->retry) {
		/* Another CPU was here. */
		m->retry--;
		m->data[linear - m->base]++;
		return LHV_EMUL_RETRY;
	}
	err = access(m, MACHINE_CMPXCHG, linear, len, new);
	if (err)
		return err;
	memcpy(&now, m->data + (linear - m->base), len);
	CHECK_EQ(old, now);
	memcpy(m->data + (linear - m->base), &new, len);
	return err;
}

static int op_pio_check(struct lhv_emul *em, u16 port, unsigned int size)
{
	(void)size;
	if (of(em)->port_allowed)
		return LHV_EMUL_DONE;
	return lhv_emul_set_fault(em, 13, 0, port);
}

static int op_pio_in(struct lhv_emul *em, u16 port, void *data,
		     unsigned int size, unsigned int count)
{
	struct machine *m = of(em);
	unsigned int i;
	int err = access(m, MACHINE_IN, port, size * count, 0);

	CHECK_EQ(size * count > LHV_EMUL_IO_BYTES, 0);
	if (err)
		return err;
	for (i = 0; i < size * count; i++)
		((u8 *)data)[i] = ++m->next_in;
	return err;
}

static int op_pio_out(struct lhv_emul *em, u16 port, const void *data,
		      unsigned int size, unsigned int count)
{
	u64 value = 0;

	CHECK_EQ(size * count > LHV_EMUL_IO_BYTES, 0);
	memcpy(&value, data, size);
	return access(of(em), MACHINE_OUT, port, size * count, value);
}

static int op_pio(struct lhv_emul *em, u16 port, void *data,
		  unsigned int size, unsigned int count, bool in)
{
	return in ? op_pio_in(em, port, data, size, count) :
		    op_pio_out(em, port, data, size, count);
}

static void op_xmm_get(struct lhv_emul *em, unsigned int reg, u64 val[2])
{
	memcpy(val, of(em)->xmm[reg], 16);
}

static void op_xmm_set(struct lhv_emul *em, unsigned int reg,
		       const u64 val[2])
{
	memcpy(of(em)->xmm[reg], val, 16);
}

static const struct lhv_emul_ops machine_ops = {
	.segment = op_segment,
	.access = op_access,
	.compare_exchange = op_cmpxchg,
	.pio_check = op_pio_check,
	.pio = op_pio,
	.xmm_get = op_xmm_get,
	.xmm_set = op_xmm_set,
};

void machine_init(struct machine *m, enum lhv_cpu_mode mode)
{
	unsigned int i;

	memset(m, 0, sizeof(*m));
	m->em.ops = &machine_ops;
	m->em.gpr = m->gpr;
	m->em.mode = mode;
	m->em.va_bits = 48;
	m->em.rip = 0x1000;
	m->em.rflags = 0x202;
	m->base = VECTOR_DATA;
	for (i = 0; i < 6; i++) {
		m->seg[i].limit = 0xffffffff;
		m->seg[i].ar = i == LHV_INSN_CS ? 0xc09b : 0xc093;
	}
	lhv_emul_reset(&m->em);
}

void machine_load(struct machine *m, const struct vector *v)
{
	m->em.rip = v->rip;
	m->em.rflags = v->rflags;
	m->seg[LHV_INSN_FS].base = v->fs_base;
	m->seg[LHV_INSN_GS].base = v->gs_base;
	memcpy(m->gpr, v->gpr, sizeof(m->gpr));
	memcpy(m->xmm, v->xmm, sizeof(m->xmm));
	memcpy(m->data, v->data, sizeof(m->data));
}

/* What PENDING, FAULT and FAIL promise about an unrepeated instruction. */
static void check_unchanged(const struct machine *m, const u64 *gpr,
			    u64 rflags, const u64 (*xmm)[2])
{
	CHECK_EQ(memcmp(m->gpr, gpr, sizeof(m->gpr)), 0);
	CHECK_EQ(memcmp(m->xmm, xmm, sizeof(m->xmm)), 0);
	CHECK_EQ(m->em.rflags, rflags);
}

int machine_run(struct machine *m, const struct lhv_insn *insn)
{
	u64 gpr[16], xmm[16][2], rip = m->em.rip, rflags = m->em.rflags;
	unsigned int calls;
	int res;

	memcpy(gpr, m->gpr, sizeof(gpr));
	memcpy(xmm, m->xmm, sizeof(xmm));
	for (calls = 0; calls < MAX_CALLS; calls++) {
		res = lhv_emulate(&m->em, insn);
		if (res == LHV_EMUL_DONE) {
			CHECK_EQ(m->em.rip, m->em.mode == LHV_MODE_64 ?
				 rip + insn->length :
				 (u32)(rip + insn->length));
			return res;
		}
		CHECK_EQ(m->em.rip, rip);
		if (insn->rep == LHV_REP_NONE && res != LHV_EMUL_AGAIN)
			check_unchanged(m, gpr, rflags, xmm);
		if (res != LHV_EMUL_PENDING && res != LHV_EMUL_AGAIN)
			return res;
	}
	check_fail("%s does not end", op_name(insn->op));
	return LHV_EMUL_FAIL;
}

int machine_exec(struct machine *m, const u8 *bytes, unsigned int n)
{
	struct lhv_insn insn;
	int err = lhv_decode(&insn, bytes, n, m->em.mode);

	if (err) {
		check_fail("%u-bit %s: not decoded: %d", m->em.mode,
			   check_hex(bytes, n), err);
		return LHV_EMUL_FAIL;
	}
	return machine_run(m, &insn);
}
