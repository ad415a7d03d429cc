// SPDX-License-Identifier: GPL-2.0
/*
 * Segmentation in the executor: limits, types and canonical addresses, held
 * against a table written from the SDM (Limit Checking, Type Checking,
 * 64-bit mode's canonical addresses). Cases of executor.c.
 */
#include <string.h>

#include <linux/kernel.h>

#include "check.h"
#include "executor.h"
#include "machine.h"

#define VM		0x20000ULL
#define SS		12
#define GP		13

/* Access rights of present segments. */
#define DATA_RW		0x0093
#define DATA_RO		0x0091
#define DOWN_RW		0x0097
#define CODE_XO		0x0099
#define CODE_RX		0x009b
#define NOT_PRESENT	0x0013
#define SYSTEM		0x0082
#define BIG		0x4000
#define UNUSABLE	0x10000

#define MAX		0xffffffffU

static struct machine machine;

enum how { PROTECTED, REAL, V86 };

/* One access at offset rBX or rBP of one segment. */
struct seg_case {
	const char *name;
	u8 how;
	u8 mode;
	u8 seg;
	u32 ar;
	u32 limit;
	u32 offset;
	u8 bytes[4];
	u8 vector;	/* 0: allowed */
};

/* Forms; 16-bit code reaches BX and BP, 32-bit code EBX and EBP. */
#define LOADB_DS	{ 0x8a, 0x07 }		/* mov al, [bx] */
#define LOADW_DS	{ 0x8b, 0x07 }		/* mov ax, [bx] */
#define LOADW_BP	{ 0x8b, 0x46, 0x00 }	/* mov ax, [bp + 0] */
#define STOREW_CS16	{ 0x2e, 0x89, 0x07 }	/* mov cs:[bx], ax */
#define LOADD		{ 0x8b, 0x03 }		/* mov eax, [ebx] */
#define LOADB		{ 0x8a, 0x03 }		/* mov al, [ebx] */
#define LOADD_BP	{ 0x8b, 0x45, 0x00 }	/* mov eax, [ebp + 0] */
#define STORED		{ 0x89, 0x03 }		/* mov [ebx], eax */
#define LOADD_CS	{ 0x2e, 0x8b, 0x03 }
#define STORED_CS	{ 0x2e, 0x89, 0x03 }
#define LOADD_SS	{ 0x36, 0x8b, 0x03 }
#define LOADW		{ 0x66, 0x8b, 0x03 }	/* mov ax, [ebx] */
#define ADDD		{ 0x01, 0x03 }		/* add [ebx], eax */

#define DS_		LHV_INSN_DS
#define SS_		LHV_INSN_SS
#define CS_		LHV_INSN_CS

static const struct seg_case seg_cases[] = {
	{ "real: last byte", REAL, 16, DS_, DATA_RW, 0xffff, 0xffff, LOADB_DS, 0 },
	{ "real: word over the end", REAL, 16, DS_, DATA_RW, 0xffff, 0xffff, LOADW_DS, GP },
	{ "real: over the stack", REAL, 16, SS_, DATA_RW, 0xffff, 0xffff, LOADW_BP, SS },
	{ "real: write through CS", REAL, 16, CS_, DATA_RW, 0xffff, 0x10, STOREW_CS16, 0 },
	{ "real: any type", REAL, 16, CS_, CODE_RX, 0xffff, 0x10, STOREW_CS16, 0 },
	{ "v86: any type", V86, 16, CS_, CODE_RX, 0xffff, 0x10, STOREW_CS16, 0 },
	{ "v86: limit", V86, 16, DS_, DATA_RW, 0xffff, 0xffff, LOADW_DS, GP },
	{ "16-bit: write through CS", PROTECTED, 16, CS_, CODE_RX, 0xffff, 0x10, STOREW_CS16, GP },
	{ "flat: first", PROTECTED, 32, DS_, DATA_RW | BIG, MAX, 0, LOADD, 0 },
	{ "flat: last", PROTECTED, 32, DS_, DATA_RW | BIG, MAX, 0xfffffffc, LOADD, 0 },
	{ "flat: over the end", PROTECTED, 32, DS_, DATA_RW | BIG, MAX, 0xfffffffd, LOADD, GP },
	{ "limit: last that fits", PROTECTED, 32, DS_, DATA_RW | BIG, 0x1fff, 0x1ffc, LOADD, 0 },
	{ "limit: one too far", PROTECTED, 32, DS_, DATA_RW | BIG, 0x1fff, 0x1ffd, LOADD, GP },
	{ "limit: byte at the limit", PROTECTED, 32, DS_, DATA_RW | BIG, 0x1fff, 0x1fff, LOADB, 0 },
	{ "limit: byte behind it", PROTECTED, 32, DS_, DATA_RW | BIG, 0x1fff, 0x2000, LOADB, GP },
	{ "limit: stack", PROTECTED, 32, SS_, DATA_RW | BIG, 0x1fff, 0x1ffd, LOADD_BP, SS },
	{ "limit: SS override", PROTECTED, 32, SS_, DATA_RW | BIG, 0x1fff, 0x1ffd, LOADD_SS, SS },
	{ "type: read read-only", PROTECTED, 32, DS_, DATA_RO | BIG, MAX, 16, LOADD, 0 },
	{ "type: write read-only", PROTECTED, 32, DS_, DATA_RO | BIG, MAX, 16, STORED, GP },
	{ "type: add to read-only", PROTECTED, 32, DS_, DATA_RO | BIG, MAX, 16, ADDD, GP },
	{ "type: read code", PROTECTED, 32, CS_, CODE_RX | BIG, MAX, 16, LOADD_CS, 0 },
	{ "type: execute-only code", PROTECTED, 32, CS_, CODE_XO | BIG, MAX, 16, LOADD_CS, GP },
	{ "type: write code", PROTECTED, 32, CS_, CODE_RX | BIG, MAX, 16, STORED_CS, GP },
	{ "type: not present", PROTECTED, 32, DS_, NOT_PRESENT | BIG, MAX, 16, LOADD, GP },
	{ "type: system segment", PROTECTED, 32, DS_, SYSTEM | BIG, MAX, 16, LOADD, GP },
	{ "null selector", PROTECTED, 32, DS_, DATA_RW | BIG | UNUSABLE, MAX, 16, LOADD, GP },
	{ "null stack", PROTECTED, 32, SS_, DATA_RW | BIG | UNUSABLE, MAX, 16, LOADD_BP, SS },
	{ "down: at the limit", PROTECTED, 32, DS_, DOWN_RW | BIG, 0xfff, 0xfff, LOADB, GP },
	{ "down: above it", PROTECTED, 32, DS_, DOWN_RW | BIG, 0xfff, 0x1000, LOADB, 0 },
	{ "down: across it", PROTECTED, 32, DS_, DOWN_RW | BIG, 0xfff, 0xffe, LOADD, GP },
	{ "down: last of 4 GiB", PROTECTED, 32, DS_, DOWN_RW | BIG, 0xfff, 0xfffffffc, LOADD, 0 },
	{ "down: over 4 GiB", PROTECTED, 32, DS_, DOWN_RW | BIG, 0xfff, 0xfffffffd, LOADD, GP },
	{ "down: last of 64 KiB", PROTECTED, 32, DS_, DOWN_RW, 0xfff, 0xfffe, LOADW, 0 },
	{ "down: over 64 KiB", PROTECTED, 32, DS_, DOWN_RW, 0xfff, 0xffff, LOADW, GP },
	{ "down: stack", PROTECTED, 32, SS_, DOWN_RW | BIG, 0xfff, 0xfff, LOADD_BP, SS },
};

static void run_seg_case(const struct seg_case *c)
{
	struct machine *m = &machine;
	int res;

	machine_init(m, c->mode);
	m->em.real = c->how == REAL;
	if (c->how == V86) {
		m->em.rflags |= VM;
		m->em.cpl = 3;
	}
	/* Put the buffer where the access should land. */
	m->seg[c->seg].base = 0x300;
	m->seg[c->seg].limit = c->limit;
	m->seg[c->seg].ar = c->ar;
	m->base = (u32)(0x300 + c->offset);
	m->gpr[RBX] = 0xabcd00000000ULL | c->offset;
	m->gpr[RBP] = m->gpr[RBX];
	m->gpr[RSI] = 0;
	res = machine_exec(m, c->bytes, sizeof(c->bytes));
	if (res != (c->vector ? LHV_EMUL_FAULT : LHV_EMUL_DONE)) {
		check_fail("%s: result %d", c->name, res);
		return;
	}
	if (!c->vector)
		return;
	if (m->em.fault.vector != c->vector || m->em.fault.error ||
	    m->em.fault.has_error == m->em.real)
		check_fail("%s: vector %u, error code %s %#x", c->name,
			   m->em.fault.vector,
			   m->em.fault.has_error ? "given" : "none",
			   m->em.fault.error);
	if (m->nr_log)
		check_fail("%s: memory was touched", c->name);
}

void test_segments(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(seg_cases); i++)
		run_seg_case(&seg_cases[i]);
}

struct canonical_case {
	const char *name;
	u64 address;
	u8 va_bits;
	u8 bytes[3];
	u8 vector;
};

#define LOADQ_RBX	{ 0x48, 0x8b, 0x03 }
#define LOADQ_RSP	{ 0x48, 0x8b, 0x24 }	/* + SIB 24, see below */
#define LOADQ_RBP	{ 0x48, 0x8b, 0x45 }	/* + disp8 0 */

static const struct canonical_case canonical_cases[] = {
	{ "top of the lower half", 0x00007ffffffffff8, 48, LOADQ_RBX, 0 },
	{ "across its end", 0x00007ffffffffff9, 48, LOADQ_RBX, GP },
	{ "the hole", 0x0000800000000000, 48, LOADQ_RBX, GP },
	{ "end of the hole", 0xffff7ffffffffff8, 48, LOADQ_RBX, GP },
	{ "into the upper half", 0xffff7ffffffffffc, 48, LOADQ_RBX, GP },
	{ "bottom of the upper half", 0xffff800000000000, 48, LOADQ_RBX, 0 },
	{ "last address", 0xfffffffffffffff8, 48, LOADQ_RBX, 0 },
	{ "across the last address", 0xfffffffffffffff9, 48, LOADQ_RBX, GP },
	{ "57 bits: upper half", 0xff00000000000000, 57, LOADQ_RBX, 0 },
	{ "57 bits: lower half", 0x00fffffffffffff8, 57, LOADQ_RBX, 0 },
	{ "57 bits: the hole", 0x0100000000000000, 57, LOADQ_RBX, GP },
	{ "57-bit address with 48", 0x00fffffffffffff8, 48, LOADQ_RBX, GP },
	{ "hole by the frame pointer", 0x0000800000000000, 48, LOADQ_RBP, SS },
	{ "hole by the stack pointer", 0x0000800000000000, 48, LOADQ_RSP, SS },
};

static void run_canonical_case(const struct canonical_case *c)
{
	struct machine *m = &machine;
	u8 bytes[4] = { 0 };
	int res;

	machine_init(m, LHV_MODE_64);
	m->em.va_bits = c->va_bits;
	/* The buffer may end with the last address, but not wrap. */
	m->base = c->address & ~7ULL;
	if (m->base > -(u64)VECTOR_BYTES)
		m->base = -(u64)VECTOR_BYTES;
	m->gpr[RBX] = c->address;
	m->gpr[RBP] = c->address;
	m->gpr[RSP] = c->address;
	memcpy(bytes, c->bytes, 3);
	if (bytes[2] == 0x24)
		bytes[3] = 0x24;
	res = machine_exec(m, bytes, sizeof(bytes));
	if (res != (c->vector ? LHV_EMUL_FAULT : LHV_EMUL_DONE))
		check_fail("%s: result %d", c->name, res);
	else if (c->vector && m->em.fault.vector != c->vector)
		check_fail("%s: vector %u", c->name, m->em.fault.vector);
}

void test_canonical(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(canonical_cases); i++)
		run_canonical_case(&canonical_cases[i]);
}

/* PUSH and POP of memory: operand size, stack width, order. */
void test_stack(void)
{
	struct machine *m = &machine;

	/* push dword [ebx], 16-bit stack: only SP moves. */
	machine_init(m, LHV_MODE_32);
	m->seg[SS_].ar = DATA_RW;
	m->seg[SS_].base = VECTOR_DATA;
	m->gpr[RSP] = 0x55550100;
	m->gpr[RBX] = VECTOR_DATA + 8;
	m->data[8] = 0x77;
	CHECK_EQ(machine_exec(m, (const u8 []){ 0xff, 0x33 }, 2),
		 LHV_EMUL_DONE);
	CHECK_EQ(m->gpr[RSP], 0x555500fc);
	CHECK_EQ(m->data[0xfc], 0x77);

	/* pop word [esp + 4]: the address counts from the new ESP. */
	machine_init(m, LHV_MODE_32);
	m->gpr[RSP] = VECTOR_DATA + 0x10;
	m->data[0x10] = 0x34;
	m->data[0x11] = 0x12;
	CHECK_EQ(machine_exec(m, (const u8 []){ 0x66, 0x8f, 0x44, 0x24, 4 }, 5),
		 LHV_EMUL_DONE);
	CHECK_EQ(m->gpr[RSP], VECTOR_DATA + 0x12);
	CHECK_EQ(m->data[0x16], 0x34);
	CHECK_EQ(m->data[0x17], 0x12);

	/* Stack limit: #SS with nothing moved. */
	machine_init(m, LHV_MODE_32);
	m->seg[SS_].limit = 0xff;
	m->gpr[RSP] = 0x104;
	m->gpr[RBX] = VECTOR_DATA;
	CHECK_EQ(machine_exec(m, (const u8 []){ 0xff, 0x33 }, 2),
		 LHV_EMUL_FAULT);
	CHECK_EQ(m->em.fault.vector, SS);
	CHECK_EQ(m->gpr[RSP], 0x104);
}

void test_wrapping(void)
{
	struct machine *m = &machine;

	/* mov al, [bx + si] at 64 KiB */
	machine_init(m, LHV_MODE_16);
	m->seg[DS_].base = VECTOR_DATA;
	m->gpr[RBX] = 0xfff0;
	m->gpr[RSI] = 0x0020;
	m->data[0x10] = 0x42;
	CHECK_EQ(machine_exec(m, (const u8 []){ 0x8a, 0x00 }, 2), 0);
	CHECK_EQ(m->gpr[RAX], 0x42);

	/* mov al, [ebx]: base and offset wrap at 4 GiB */
	machine_init(m, LHV_MODE_32);
	m->seg[DS_].base = 0xfffff000;
	m->gpr[RBX] = VECTOR_DATA + 0x1000 + 3;
	m->data[3] = 0x43;
	CHECK_EQ(machine_exec(m, (const u8 []){ 0x8a, 0x03 }, 2), 0);
	CHECK_EQ(m->gpr[RAX], 0x43);

	/* mov al, [ebx] in 64-bit code: 32-bit offset, then FS's base */
	machine_init(m, LHV_MODE_64);
	m->seg[LHV_INSN_FS].base = 0x100000000ULL;
	m->base = 0x100000000ULL + VECTOR_DATA;
	m->gpr[RBX] = 0xdead000000000000ULL + VECTOR_DATA + 4;
	m->data[4] = 0x44;
	CHECK_EQ(machine_exec(m, (const u8 []){ 0x64, 0x67, 0x8a, 0x03 }, 4),
		 0);
	CHECK_EQ(m->gpr[RAX], 0x44);

	/* mov al, [rip + 5]: from the end of the instruction */
	machine_init(m, LHV_MODE_64);
	m->em.rip = VECTOR_DATA - 6;
	m->data[5] = 0x45;
	CHECK_EQ(machine_exec(m, (const u8 []){ 0x8a, 5, 5, 0, 0, 0 }, 6), 0);
	CHECK_EQ(m->gpr[RAX], 0x45);

	/* The same with an immediate behind the displacement. */
	machine_init(m, LHV_MODE_64);
	m->em.rip = VECTOR_DATA - 7;
	CHECK_EQ(machine_exec(m, (const u8 []){ 0xc6, 5, 5, 0, 0, 0, 9 }, 7),
		 0);
	CHECK_EQ(m->data[5], 9);

	/* EIP wraps at 4 GiB outside 64-bit mode. */
	machine_init(m, LHV_MODE_32);
	m->em.rip = 0xfffffffe;
	m->gpr[RBX] = VECTOR_DATA;
	CHECK_EQ(machine_exec(m, (const u8 []){ 0x8a, 0x03 }, 2), 0);
	CHECK_EQ(m->em.rip, 0);
}
