// SPDX-License-Identifier: GPL-2.0
/*
 * Repeated string instructions and string I/O in the executor: batches,
 * counts and pointers, port rights, faults on the way. Cases of executor.c.
 */
#include <string.h>

#include <linux/kernel.h>

#include "check.h"
#include "executor.h"
#include "machine.h"

#define DF		0x400ULL
#define ZF		0x40ULL
#define CF		0x1ULL
#define RF		0x10000ULL
#define VM		0x20000ULL
#define IOPL3		0x3000ULL

static struct machine machine;

static void decode(struct machine *m, struct lhv_insn *insn, const u8 *bytes,
		   unsigned int n)
{
	CHECK_EQ(lhv_decode(insn, bytes, n, m->em.mode), 0);
}

#define DECODE(m, insn, ...)						\
	decode(m, insn, (const u8 []){ __VA_ARGS__ },			\
	       sizeof((const u8 []){ __VA_ARGS__ }))
#define EXEC(m, ...)							\
	machine_exec(m, (const u8 []){ __VA_ARGS__ },			\
		     sizeof((const u8 []){ __VA_ARGS__ }))

void test_repeat_batches(void)
{
	struct machine *m = &machine;
	struct lhv_insn insn;
	unsigned int i;

	machine_init(m, LHV_MODE_64);
	for (i = 0; i < 300; i++)
		m->data[i] = i * 7;
	m->gpr[RCX] = 300;
	m->gpr[RSI] = VECTOR_DATA;
	m->gpr[RDI] = VECTOR_DATA + 512;
	DECODE(m, &insn, 0xf3, 0xa4);
	CHECK_EQ(lhv_emulate(&m->em, &insn), LHV_EMUL_AGAIN);
	CHECK_EQ(m->gpr[RCX], 300 - LHV_EMUL_BATCH);
	CHECK_EQ(m->gpr[RSI], VECTOR_DATA + LHV_EMUL_BATCH);
	CHECK_EQ(m->gpr[RDI], VECTOR_DATA + 512 + LHV_EMUL_BATCH);
	CHECK_EQ(m->em.rip, 0x1000);
	CHECK_EQ(m->em.rflags & RF, RF);
	CHECK_EQ(lhv_emulate(&m->em, &insn), LHV_EMUL_AGAIN);
	CHECK_EQ(lhv_emulate(&m->em, &insn), LHV_EMUL_DONE);
	CHECK_EQ(m->gpr[RCX], 0);
	CHECK_EQ(m->em.rip, 0x1002);
	CHECK_EQ(m->em.rflags & RF, 0);
	CHECK_EQ(memcmp(m->data, m->data + 512, 300), 0);

	/* A fault in the middle leaves the state of the iterations before. */
	machine_init(m, LHV_MODE_64);
	m->gpr[RCX] = 50;
	m->gpr[RDI] = VECTOR_DATA;
	m->gpr[RAX] = 0xee;
	m->fault_at = 11;
	CHECK_EQ(EXEC(m, 0xf3, 0xaa), LHV_EMUL_FAULT);
	CHECK_EQ(m->gpr[RCX], 40);
	CHECK_EQ(m->gpr[RDI], VECTOR_DATA + 10);
	CHECK_EQ(m->data[9], 0xee);
	CHECK_EQ(m->data[10], 0);
	CHECK_EQ(m->em.fault.address, VECTOR_DATA + 10);

	/* REPNE where ZF plays no part repeats as REP does. */
	machine_init(m, LHV_MODE_64);
	m->gpr[RCX] = 3;
	m->gpr[RDI] = VECTOR_DATA;
	m->gpr[RAX] = 1;
	CHECK_EQ(EXEC(m, 0xf2, 0xaa), LHV_EMUL_DONE);
	CHECK_EQ(m->gpr[RDI], VECTOR_DATA + 3);
}

void test_repeat_address_sizes(void)
{
	struct machine *m = &machine;

	/* 16 bits: upper parts stay, and DI wraps at 64 KiB. */
	machine_init(m, LHV_MODE_16);
	m->em.real = true;
	m->seg[LHV_INSN_ES].base = VECTOR_DATA;
	m->gpr[RCX] = 0x12340002;
	m->gpr[RDI] = 0x5678fffe;
	m->base = VECTOR_DATA + 0xfffe;
	m->gpr[RAX] = 0x99;
	m->seg[LHV_INSN_ES].limit = 0xffff;
	CHECK_EQ(EXEC(m, 0xf3, 0xaa), LHV_EMUL_DONE);
	CHECK_EQ(m->gpr[RCX], 0x12340000);
	CHECK_EQ(m->gpr[RDI], 0x56780000);
	CHECK_EQ(m->data[1], 0x99);

	/* 32 bits in 64-bit code: upper halves are cleared. */
	machine_init(m, LHV_MODE_64);
	m->gpr[RCX] = 0xffffffff00000002ULL;
	m->gpr[RDI] = 0xffffffff00000000ULL + VECTOR_DATA;
	CHECK_EQ(EXEC(m, 0x67, 0xf3, 0x48, 0xab), LHV_EMUL_DONE);
	CHECK_EQ(m->gpr[RCX], 0);
	CHECK_EQ(m->gpr[RDI], VECTOR_DATA + 16);

	/* A count of zero touches nothing. */
	machine_init(m, LHV_MODE_32);
	m->gpr[RDI] = 0x123;
	m->gpr[RCX] = 0xffffffff00000000ULL;
	CHECK_EQ(EXEC(m, 0xf3, 0xab), LHV_EMUL_DONE);
	CHECK_EQ(m->nr_log, 0);
	CHECK_EQ(m->gpr[RDI], 0x123);
	CHECK_EQ(m->em.rip, 0x1002);

	/* Downwards, the source by its override, the destination in ES. */
	machine_init(m, LHV_MODE_32);
	m->seg[LHV_INSN_FS].base = VECTOR_DATA;
	m->seg[LHV_INSN_ES].base = VECTOR_DATA + 256;
	m->gpr[RSI] = 8;
	m->gpr[RDI] = 16;
	m->gpr[RCX] = 2;
	m->em.rflags |= DF;
	m->data[8] = 1;
	m->data[4] = 2;
	CHECK_EQ(EXEC(m, 0x64, 0xf3, 0xa5), LHV_EMUL_DONE);
	CHECK_EQ(m->data[256 + 16], 1);
	CHECK_EQ(m->data[256 + 12], 2);
	CHECK_EQ(m->gpr[RSI], 0);
	CHECK_EQ(m->gpr[RDI], 8);
}

void test_repeat_compare(void)
{
	struct machine *m = &machine;

	machine_init(m, LHV_MODE_64);
	memset(m->data, 5, 64);
	m->data[20] = 4;
	m->gpr[RCX] = 40;
	m->gpr[RSI] = VECTOR_DATA;
	m->gpr[RDI] = VECTOR_DATA + 40;
	memset(m->data + 40, 5, 40);
	CHECK_EQ(EXEC(m, 0xf3, 0xa6), LHV_EMUL_DONE);	/* repe cmpsb */
	CHECK_EQ(m->gpr[RCX], 40 - 21);
	CHECK_EQ(m->gpr[RSI], VECTOR_DATA + 21);
	CHECK_EQ(m->em.rflags & (ZF | CF), CF);

	m->gpr[RCX] = 40;
	m->gpr[RDI] = VECTOR_DATA;
	m->gpr[RAX] = 4;
	CHECK_EQ(EXEC(m, 0xf2, 0xae), LHV_EMUL_DONE);	/* repne scasb */
	CHECK_EQ(m->gpr[RCX], 40 - 21);
	CHECK_EQ(m->em.rflags & (ZF | CF), ZF);

	m->gpr[RCX] = 7;
	m->gpr[RDI] = VECTOR_DATA;
	m->gpr[RAX] = 9;
	CHECK_EQ(EXEC(m, 0xf2, 0xae), LHV_EMUL_DONE);	/* not found */
	CHECK_EQ(m->gpr[RCX], 0);
	CHECK_EQ(m->em.rflags & ZF, 0);
}

void test_port_batches(void)
{
	struct machine *m = &machine;
	struct lhv_insn insn;
	unsigned int i;

	/* rep outsb: one access to the port per batch, nothing lost. */
	machine_init(m, LHV_MODE_64);
	for (i = 0; i < VECTOR_BYTES; i++)
		m->data[i] = i;
	m->gpr[RCX] = 1000;
	m->gpr[RSI] = VECTOR_DATA;
	m->gpr[RDX] = 0xffff0000000003f8ULL;
	CHECK_EQ(EXEC(m, 0xf3, 0x6e), LHV_EMUL_DONE);
	CHECK_EQ(m->gpr[RCX], 0);
	CHECK_EQ(m->gpr[RSI], VECTOR_DATA + 1000);
	CHECK_EQ(m->log[m->nr_log - 1].kind, MACHINE_OUT);
	CHECK_EQ(m->log[m->nr_log - 1].address, 0x3f8);
	CHECK_EQ(m->log[m->nr_log - 1].len, 1000);

	/* More than one access may carry: AGAIN in between. */
	machine_init(m, LHV_MODE_64);
	m->gpr[RCX] = LHV_EMUL_IO_BYTES / 4 + 1;
	m->gpr[RDI] = VECTOR_DATA;
	m->gpr[RDX] = 0x1f0;
	DECODE(m, &insn, 0xf3, 0x6d);			/* rep insd */
	CHECK_EQ(lhv_emulate(&m->em, &insn), LHV_EMUL_AGAIN);
	CHECK_EQ(m->gpr[RCX], 1);
	CHECK_EQ(m->data[LHV_EMUL_IO_BYTES - 1], 0);
	CHECK_EQ(m->data[LHV_EMUL_IO_BYTES - 2], 0xff);
	CHECK_EQ(m->em.rip, 0x1000);

	/* Single, 16-bit, downwards. */
	machine_init(m, LHV_MODE_64);
	m->gpr[RDI] = VECTOR_DATA + 8;
	m->gpr[RCX] = 77;
	m->em.rflags |= DF;
	CHECK_EQ(EXEC(m, 0x66, 0x6d), LHV_EMUL_DONE);	/* insw */
	CHECK_EQ(m->gpr[RDI], VECTOR_DATA + 6);
	CHECK_EQ(m->gpr[RCX], 77);
	CHECK_EQ(m->data[8], 1);
	CHECK_EQ(m->data[9], 2);
}

/* I/O privilege level, virtual-8086 mode, the bitmap's answer. */
void test_port_rights(void)
{
	static const struct {
		u8 cpl;
		u64 flags;
		bool real, bitmap, ok;
	} t[] = {
		{ 0, 0, false, false, true },
		{ 3, 0, false, false, false },
		{ 3, 0, false, true, true },
		{ 3, IOPL3, false, false, true },
		{ 1, 0, false, false, false },
		{ 3, IOPL3 | VM, false, false, false },
		{ 3, IOPL3 | VM, false, true, true },
		{ 0, 0, true, false, true },
	};
	struct machine *m = &machine;
	unsigned int i;
	int res;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		machine_init(m, LHV_MODE_16);
		m->em.cpl = t[i].cpl;
		m->em.rflags |= t[i].flags;
		m->em.real = t[i].real;
		m->port_allowed = t[i].bitmap;
		m->seg[LHV_INSN_DS].base = VECTOR_DATA;
		res = EXEC(m, 0x6e);
		if (res != (t[i].ok ? LHV_EMUL_DONE : LHV_EMUL_FAULT))
			check_fail("rights %u: result %d", i, res);
		if (!t[i].ok) {
			CHECK_EQ(m->em.fault.vector, 13);
			CHECK_EQ(m->nr_log, 0);
		}
	}
}

void test_port_faults(void)
{
	struct machine *m = &machine;
	struct lhv_insn insn;

	/* A port is not read when memory will not take the first element. */
	machine_init(m, LHV_MODE_64);
	m->gpr[RDI] = VECTOR_DATA;
	m->gpr[RCX] = 4;
	m->fault_at = 1;
	CHECK_EQ(EXEC(m, 0xf3, 0x6c), LHV_EMUL_FAULT);
	CHECK_EQ(m->next_in, 0);
	CHECK_EQ(m->gpr[RCX], 4);

	/* Nor are more elements read than memory will take. */
	machine_init(m, LHV_MODE_32);
	m->seg[LHV_INSN_ES].base = VECTOR_DATA;
	m->seg[LHV_INSN_ES].limit = 9;
	m->gpr[RCX] = 100;
	DECODE(m, &insn, 0xf3, 0x66, 0x6d);
	CHECK_EQ(lhv_emulate(&m->em, &insn), LHV_EMUL_AGAIN);
	CHECK_EQ(m->next_in, 10);
	CHECK_EQ(m->gpr[RCX], 95);
	CHECK_EQ(m->gpr[RDI], 10);
	CHECK_EQ(lhv_emulate(&m->em, &insn), LHV_EMUL_FAULT);
	CHECK_EQ(m->em.fault.vector, 13);
	CHECK_EQ(m->next_in, 10);

	/* What could be read before the fault goes out, then the fault. */
	machine_init(m, LHV_MODE_32);
	m->seg[LHV_INSN_DS].base = VECTOR_DATA;
	m->seg[LHV_INSN_DS].limit = 11;
	m->gpr[RCX] = 10;
	DECODE(m, &insn, 0xf3, 0x6f);
	CHECK_EQ(lhv_emulate(&m->em, &insn), LHV_EMUL_AGAIN);
	CHECK_EQ(m->log[m->nr_log - 1].kind, MACHINE_OUT);
	CHECK_EQ(m->log[m->nr_log - 1].len, 12);
	CHECK_EQ(m->gpr[RCX], 7);
	CHECK_EQ(m->gpr[RSI], 12);
	CHECK_EQ(lhv_emulate(&m->em, &insn), LHV_EMUL_FAULT);
	CHECK_EQ(m->gpr[RCX], 7);
}
