// SPDX-License-Identifier: GPL-2.0
/*
 * Guest page walks, held against the model of walk-model.c: all combinations
 * of rights, and random tables in every mode; and against numbers worked out by
 * hand, which share nothing with either.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>

#include "test.h"
#include "walk-model.h"
#include "walk.h"

/* Guest memory that can fail and change under the walk. */
struct memory {
	struct model_memory m;
	int read_error;
	int exchange_error;
	unsigned int changes;		/* entries to change under the walk */
};

static int memory_read(void *ctx, lhv_gpa_t gpa, u64 *value, unsigned int len)
{
	struct memory *mem = ctx;

	if (mem->read_error)
		return mem->read_error;
	if (gpa + len > sizeof(mem->m.word))
		return -EFAULT;
	EXPECT(!(gpa % len) && (len == 4 || len == 8));
	*value = 0;
	memcpy(value, (char *)mem->m.word + gpa, len);
	return 0;
}

static int memory_exchange(void *ctx, lhv_gpa_t gpa, u64 old, u64 new, unsigned int len)
{
	struct memory *mem = ctx;
	char *p = (char *)mem->m.word + gpa;

	if (mem->exchange_error)
		return mem->exchange_error;
	if (mem->changes) {
		mem->changes--;
		p[1] ^= 2;		/* a bit that software may use */
	}
	if (memcmp(p, &old, len))
		return 1;
	memcpy(p, &new, len);
	return 0;
}

static const struct lhv_walk_ops ops = {
	.read = memory_read,
	.exchange = memory_exchange,
};

static int walk(struct memory *mem, struct lhv_walk *w, u64 gva, u32 access)
{
	return lhv_walk(w, &ops, mem, gva, access);
}

#define CR0_PG_WP	0x80010000ULL
#define CR4_PAE_ONLY	0x20ULL
#define EFER_LMA_NXE	0xc00ULL

static const struct lhv_walk long_mode = {
	.cr0 = CR0_PG_WP, .cr4 = CR4_PAE_ONLY, .efer = EFER_LMA_NXE,
	.cr3 = 0x1000, .maxphyaddr = 40,
};

static void expect_fault(int ret, const struct lhv_walk *w, u32 error_code)
{
	EXPECT_EQ(ret, 1);
	EXPECT_EQ(w->error_code, error_code);
}

/* --- numbers by hand -------------------------------------------------------- */

static void no_paging(void)
{
	struct lhv_walk w = { .cr0 = 0x60000011 };
	struct memory mem = { .read_error = -EIO };

	EXPECT_EQ(walk(&mem, &w, 0xfffffffff, LHV_ACC_WRITE), 0);
	EXPECT_EQ(w.gpa, 0xffffffff);
}

static void four_levels_by_hand(void)
{
	struct memory mem = { };
	struct lhv_walk w = long_mode;

	/* 0x00007f8012345678: 255, 0, 145, 325, 0x678 */
	mem.m.word[0x1000 / 8 + 255] = 0x2007;
	mem.m.word[0x2000 / 8 + 0] = 0x3007;
	mem.m.word[0x3000 / 8 + 145] = 0x4007;
	mem.m.word[0x4000 / 8 + 325] = 0x123456b005;
	EXPECT_EQ(walk(&mem, &w, 0x7f8012345678, LHV_ACC_READ | LHV_ACC_USER), 0);
	EXPECT_EQ(w.gpa, 0x123456b678);
	EXPECT_EQ(w.level, 1);
	EXPECT_EQ(mem.m.word[0x1000 / 8 + 255], 0x2027);
	EXPECT_EQ(mem.m.word[0x4000 / 8 + 325], 0x123456b025);
	/* the page is read-only: present, write, user */
	expect_fault(walk(&mem, &w, 0x7f8012345678, LHV_ACC_WRITE | LHV_ACC_USER),
		     &w, 7);
	mem.m.word[0x4000 / 8 + 325] |= 2;
	EXPECT_EQ(walk(&mem, &w, 0x7f8012345678, LHV_ACC_WRITE), 0);
	EXPECT_EQ(mem.m.word[0x4000 / 8 + 325], 0x123456b067);
}

static void large_pages_by_hand(void)
{
	struct memory mem = { };
	struct lhv_walk w = long_mode;

	mem.m.word[0x1000 / 8] = 0x2003;
	mem.m.word[0x2000 / 8 + 1] = 0x80c0000083;		/* 1 GiB */
	mem.m.word[0x2000 / 8 + 2] = 0x3003;
	mem.m.word[0x3000 / 8 + 3] = 0x8000008000a00083;	/* 2 MiB, XD */
	EXPECT_EQ(walk(&mem, &w, 0x41234567, LHV_ACC_WRITE), 0);
	EXPECT_EQ(w.gpa, 0x80c1234567);
	EXPECT_EQ(w.level, 3);
	EXPECT_EQ(mem.m.word[0x2000 / 8 + 1], 0x80c00000e3);
	EXPECT_EQ(walk(&mem, &w, 0x80712345, LHV_ACC_READ), 0);
	EXPECT_EQ(w.gpa, 0x8000b12345);
	EXPECT_EQ(w.level, 2);
	expect_fault(walk(&mem, &w, 0x80712345, LHV_ACC_EXEC), &w, 0x11);
	w.no_1g = true;
	expect_fault(walk(&mem, &w, 0x41234567, LHV_ACC_READ), &w, 9);
}

static void pse36_by_hand(void)
{
	struct lhv_walk w = {
		.cr0 = CR0_PG_WP, .cr4 = 0x10, .cr3 = 0x1000, .maxphyaddr = 40,
	};
	struct memory mem = { };

	/* directory entry 3: address 0xa5_12c0_0000, 4 MiB */
	mem.m.word[0x1000 / 8 + 1] = (0x12c00000ULL | 0xa5 << 13 | 0x83) << 32;
	EXPECT_EQ(walk(&mem, &w, 0xd23456, LHV_ACC_READ), 0);
	EXPECT_EQ(w.gpa, 0xa512d23456);
	EXPECT_EQ(w.level, 2);
	w.maxphyaddr = 36;		/* bits 39:36 are reserved then */
	expect_fault(walk(&mem, &w, 0xd23456, LHV_ACC_READ), &w, 9);
	w.cr4 = 0;			/* without PSE it points to a table */
	EXPECT_EQ(walk(&mem, &w, 0xd23456, LHV_ACC_READ), -EFAULT);
}

static void pae_by_hand(void)
{
	struct lhv_walk w = {
		.cr0 = CR0_PG_WP, .cr4 = CR4_PAE_ONLY, .maxphyaddr = 36,
		.pdptr = { 0, 0, 0x2001, 0x3021 },
	};
	struct memory mem = { };

	mem.m.word[0x2000 / 8 + 5] = 0x5003;
	mem.m.word[0x5000 / 8 + 6] = 0xf00000003;
	EXPECT_EQ(walk(&mem, &w, 0x80a06abc, LHV_ACC_WRITE), 0);
	EXPECT_EQ(w.gpa, 0xf00000abc);
	EXPECT_EQ(w.pdptr[2], 0x2001);		/* no accessed bit there */
	expect_fault(walk(&mem, &w, 0x1000, LHV_ACC_READ), &w, 0);
	expect_fault(walk(&mem, &w, 0xc0000000, LHV_ACC_READ), &w, 9);
	mem.m.word[0x5000 / 8 + 6] |= 1ULL << 63;	/* reserved without NXE */
	expect_fault(walk(&mem, &w, 0x80a06abc, LHV_ACC_READ), &w, 9);
}

/* --- rights ------------------------------------------------------------------ */

static const u32 accesses[] = {
	LHV_ACC_READ, LHV_ACC_WRITE, LHV_ACC_EXEC,
	LHV_ACC_READ | LHV_ACC_USER, LHV_ACC_WRITE | LHV_ACC_USER,
	LHV_ACC_EXEC | LHV_ACC_USER,
	LHV_ACC_READ | LHV_ACC_IMPLICIT, LHV_ACC_WRITE | LHV_ACC_IMPLICIT,
	LHV_ACC_READ | LHV_ACC_IMPLICIT | LHV_ACC_USER,
	LHV_ACC_WRITE | LHV_ACC_IMPLICIT | LHV_ACC_USER,
};

#define ACCESSES	ARRAY_SIZE(accesses)

/* One bit of an index each. */
struct rights {
	bool upper_user, upper_write, upper_xd, leaf_user, leaf_write, leaf_xd;
	bool wp, smep, smap, ac, pke, ad, wd;
};

#define RIGHTS_BITS	13

static struct rights rights_of(unsigned int i)
{
	return (struct rights){
		i & 1, i >> 1 & 1, i >> 2 & 1, i >> 3 & 1, i >> 4 & 1, i >> 5 & 1,
		i >> 6 & 1, i >> 7 & 1, i >> 8 & 1, i >> 9 & 1, i >> 10 & 1,
		i >> 11 & 1, i >> 12 & 1,
	};
}

static u64 rights_entry(u64 address, bool user, bool write, bool xd)
{
	return address | 1 | (u64)write << 1 | (u64)user << 2 | (u64)xd << 63;
}

static void check_rights(const struct rights *r, u32 access)
{
	struct lhv_walk w = long_mode;
	struct memory mem = { };
	u32 want;
	int ret;

	w.cr0 = 1ULL << 31 | (u64)r->wp << 16;
	w.cr4 |= (u64)r->smep << 20 | (u64)r->smap << 21 | (u64)r->pke << 22;
	w.rflags = (u64)r->ac << 18;
	w.pkru = (u32)(r->ad | r->wd << 1) << (2 * 11);
	mem.m.word[0x1000 / 8] = 0x2007;
	mem.m.word[0x2000 / 8] = rights_entry(0x3000, r->upper_user, r->upper_write,
					      r->upper_xd);
	mem.m.word[0x3000 / 8] = 0x4007;
	mem.m.word[0x4000 / 8] = rights_entry(0x5000, r->leaf_user, r->leaf_write,
					      r->leaf_xd) | 11ULL << 59;
	want = model_rights(&w, access, true, r->upper_user && r->leaf_user,
			    r->upper_write && r->leaf_write,
			    r->upper_xd || r->leaf_xd, 11);
	ret = walk(&mem, &w, 0x123, access);
	if (want)
		expect_fault(ret, &w, want);
	else
		EXPECT_EQ(ret, 0);
}

/* Every combination of rights, controls and accesses in 4-level paging. */
static void all_rights(void)
{
	unsigned int i, a;

	for (i = 0; i < 1U << RIGHTS_BITS; i++) {
		struct rights r = rights_of(i);

		for (a = 0; a < ACCESSES; a++)
			check_rights(&r, accesses[a]);
	}
}

/* --- random tables ------------------------------------------------------------ */

static const u8 widths[] = { 32, 36, 39, 40, 46, 48, 51, 52 };

static struct lhv_walk random_state(void)
{
	struct lhv_walk w = {
		.cr0 = 1ULL << 31 | (rnd() & 1 << 16),
		.cr4 = rnd() & (1 << 4 | 1 << 5 | 1 << 12 | 7 << 20),
		.efer = rnd() & 0xc00,
		.rflags = rnd() & 1 << 18,
		.pkru = rnd(),
		.maxphyaddr = widths[rnd_below(ARRAY_SIZE(widths))],
		.no_1g = rnd_one_in(4),
	};
	int i;

	if (!(w.cr4 & CR4_PAE_ONLY))
		w.efer &= ~0x400ULL;		/* long mode needs PAE */
	w.cr3 = rnd_below(MODEL_PAGES) << 12 | (rnd() & 0x18);
	for (i = 0; i < 4; i++)
		w.pdptr[i] = rnd_below(MODEL_PAGES) << 12 | !rnd_one_in(8) |
			     (rnd_one_in(16) ? rnd() : 0);
	return w;
}

/* Mostly something that leads on; sometimes anything. */
static u64 random_entry(void)
{
	u64 e = rnd_below(MODEL_PAGES) << 12 | (rnd() & 0xf7f) | 1;

	if (!rnd_one_in(8))
		e |= 6;
	if (rnd_one_in(3))
		e |= 1 << 7;
	if (rnd_one_in(4))
		e |= rnd() & 0xfff0000000000000;
	if (rnd_one_in(4))
		e = (e & 0xfff0000000000fff) | (rnd() & rnd() & 0xfffffffff0000) |
		    (rnd() & 0xf000);
	if (rnd_one_in(16))
		e &= ~1ULL;
	return rnd_one_in(64) ? rnd() : e;
}

static void random_memory(struct model_memory *mem, bool wide)
{
	unsigned int i;

	for (i = 0; i < MODEL_PAGES * 512; i++)
		mem->word[i] = wide ? random_entry() :
			       (random_entry() & 0xffffffff) | random_entry() << 32;
}

static void compare(struct memory *mem, struct model_memory *model, u64 gva, u32 access)
{
	struct lhv_walk w = random_state(), want = w;
	int ret = model_walk(model, &want, gva, access);

	EXPECT_EQ(walk(mem, &w, gva, access), ret);
	if (ret > 0)
		EXPECT_EQ(w.error_code, want.error_code);
	if (!ret) {
		EXPECT_EQ(w.gpa, want.gpa);
		EXPECT_EQ(w.level, want.level);
	}
	EXPECT(!memcmp(mem->m.word, model->word, sizeof(model->word)));
}

static void random_tables(void)
{
	static struct model_memory model;
	static struct memory mem;
	unsigned int round, i, hits = 0;

	rnd_start(1);
	for (round = 0; round < 150; round++) {
		random_memory(&mem.m, round & 1);
		model = mem.m;
		for (i = 0; i < 2000; i++)
			compare(&mem, &model, rnd(), accesses[rnd_below(ACCESSES)]);
		for (i = 0; i < MODEL_PAGES * 512; i++)
			hits += (mem.m.word[i] & 0x60) == 0x60;
	}
	EXPECT(hits);
}

static unsigned int mode_of(const struct lhv_walk *w)
{
	if (!(w->cr4 & CR4_PAE_ONLY))
		return 0;
	if (!(w->efer & 0x400))
		return 1;
	return w->cr4 & 1 << 12 ? 3 : 2;
}

/* Of each mode some walks must end in each way, or the test shows nothing. */
static void random_reaches_all(void)
{
	static struct memory mem;
	unsigned int seen[4][3] = { }, i, mode, end;

	rnd_start(2);
	for (i = 0; i < 200000; i++) {
		struct lhv_walk w = random_state();
		int ret;

		if (!(i % 1000))
			random_memory(&mem.m, i % 2000);
		ret = walk(&mem, &w, rnd(), LHV_ACC_READ);
		end = ret ? 0 : w.level;
		if (ret >= 0 && end < 3)
			seen[mode_of(&w)][end]++;
	}
	for (mode = 0; mode < 4; mode++)
		for (end = 0; end < 3; end++)
			EXPECT(seen[mode][end]);
}

/* --- memory that fails or changes ---------------------------------------------- */

static void simple_tables(struct memory *mem)
{
	memset(mem, 0, sizeof(*mem));
	mem->m.word[0x1000 / 8] = 0x2007;
	mem->m.word[0x2000 / 8] = 0x3007;
	mem->m.word[0x3000 / 8] = 0x4007;
	mem->m.word[0x4000 / 8] = 0x9007;
}

static void read_errors_are_passed_on(void)
{
	struct lhv_walk w = long_mode;
	struct memory mem;

	simple_tables(&mem);
	mem.read_error = -EAGAIN;
	EXPECT_EQ(walk(&mem, &w, 0, LHV_ACC_READ), -EAGAIN);
	EXPECT_EQ(w.gpa, 0x1000);	/* the entry that is missing */
	mem.read_error = -EFAULT;
	EXPECT_EQ(walk(&mem, &w, 0, LHV_ACC_READ), -EFAULT);
}

static void tables_in_rom_are_used(void)
{
	struct lhv_walk w = long_mode;
	struct memory mem;

	simple_tables(&mem);
	mem.exchange_error = -EFAULT;
	EXPECT_EQ(walk(&mem, &w, 0, LHV_ACC_WRITE), 0);
	EXPECT_EQ(w.gpa, 0x9000);
	mem.exchange_error = -EAGAIN;
	mem.m.word[0x1000 / 8] |= 0x20;
	EXPECT_EQ(walk(&mem, &w, 0, LHV_ACC_WRITE), -EAGAIN);
	EXPECT_EQ(w.gpa, 0x2000);
}

static void changed_entries_are_read_again(void)
{
	struct lhv_walk w = long_mode;
	struct memory mem;

	simple_tables(&mem);
	mem.changes = 3;
	EXPECT_EQ(walk(&mem, &w, 0, LHV_ACC_WRITE), 0);
	EXPECT_EQ(mem.changes, 0);
	EXPECT_EQ(mem.m.word[0x1000 / 8], 0x2227);
	EXPECT_EQ(mem.m.word[0x4000 / 8], 0x9067);
	simple_tables(&mem);
	mem.changes = ~0;
	EXPECT_EQ(walk(&mem, &w, 0, LHV_ACC_WRITE), -EAGAIN);
}

/* A walk that faults leaves the tables as they were. */
static void faults_set_nothing(void)
{
	struct lhv_walk w = long_mode;
	struct memory mem, before;

	simple_tables(&mem);
	mem.m.word[0x4000 / 8] = 0x9005;
	before = mem;
	expect_fault(walk(&mem, &w, 0, LHV_ACC_WRITE), &w, 3);
	EXPECT(!memcmp(&mem, &before, sizeof(mem)));
}

const struct tap_case walk_cases[] = {
	{ "no_paging", no_paging },
	{ "four_levels_by_hand", four_levels_by_hand },
	{ "large_pages_by_hand", large_pages_by_hand },
	{ "pse36_by_hand", pse36_by_hand },
	{ "pae_by_hand", pae_by_hand },
	{ "all_rights", all_rights },
	{ "random_tables", random_tables },
	{ "random_reaches_all", random_reaches_all },
	{ "read_errors_are_passed_on", read_errors_are_passed_on },
	{ "tables_in_rom_are_used", tables_in_rom_are_used },
	{ "changed_entries_are_read_again", changed_entries_are_read_again },
	{ "faults_set_nothing", faults_set_nothing },
	{ }
};
