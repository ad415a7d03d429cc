// SPDX-License-Identifier: GPL-2.0
/* See walk-model.h. */
#include <errno.h>

#include "walk-model.h"

/* CR0, CR4, EFER, RFLAGS and PKRU, bit by bit. */
static bool bit(u64 value, unsigned int n)
{
	return value >> n & 1;
}

static bool any(u64 value, unsigned int high, unsigned int low)
{
	for (; low <= high; low++)
		if (bit(value, low))
			return true;
	return false;
}

static u64 field(u64 value, unsigned int high, unsigned int low)
{
	u64 out = 0;
	unsigned int i;

	for (i = low; i <= high; i++)
		out |= (u64)bit(value, i) << i;
	return out;
}

#define cr0_wp(w)	bit((w)->cr0, 16)
#define cr0_pg(w)	bit((w)->cr0, 31)
#define cr4_pse(w)	bit((w)->cr4, 4)
#define cr4_pae(w)	bit((w)->cr4, 5)
#define cr4_la57(w)	bit((w)->cr4, 12)
#define cr4_smep(w)	bit((w)->cr4, 20)
#define cr4_smap(w)	bit((w)->cr4, 21)
#define cr4_pke(w)	bit((w)->cr4, 22)
#define efer_lma(w)	bit((w)->efer, 10)
#define efer_nxe(w)	bit((w)->efer, 11)
#define rflags_ac(w)	bit((w)->rflags, 18)

/* The error code's bits that the access alone decides. */
static u32 error_base(const struct lhv_walk *w, u32 access)
{
	u32 err = 0;

	if (access & LHV_ACC_WRITE)
		err += 2;
	if ((access & LHV_ACC_USER) && !(access & LHV_ACC_IMPLICIT))
		err += 4;
	if ((access & LHV_ACC_EXEC) &&
	    (cr4_smep(w) || (cr4_pae(w) && efer_nxe(w))))
		err += 16;
	return err;
}

/* "Determination of Access Rights", supervisor mode first, then user mode. */
static bool allowed(const struct lhv_walk *w, u32 access, bool user, bool writable,
		    bool noexec)
{
	bool explicit = !(access & LHV_ACC_IMPLICIT);
	bool cpl3 = (access & LHV_ACC_USER) && explicit;
	bool smap_ok = !cr4_smap(w) || (rflags_ac(w) && explicit);

	if (access & LHV_ACC_EXEC) {
		if (cpl3)
			return user && !noexec;
		return user ? !cr4_smep(w) && !noexec : !noexec;
	}
	if (access & LHV_ACC_WRITE) {
		if (cpl3)
			return user && writable;
		if (user)
			return cr0_wp(w) ? writable && smap_ok : smap_ok;
		return cr0_wp(w) ? writable : true;
	}
	if (cpl3)
		return user;
	return user ? smap_ok : true;
}

static bool key_allows(const struct lhv_walk *w, u32 access, unsigned int key)
{
	bool ad = bit(w->pkru, 2 * key), wd = bit(w->pkru, 2 * key + 1);
	bool cpl3 = (access & LHV_ACC_USER) && !(access & LHV_ACC_IMPLICIT);

	if (access & LHV_ACC_EXEC)
		return true;
	if (access & LHV_ACC_WRITE)
		return !ad && !(wd && (cpl3 || cr0_wp(w)));
	return !ad;
}

u32 model_rights(const struct lhv_walk *w, u32 access, bool long_mode, bool user,
		 bool writable, bool noexec, unsigned int key)
{
	u32 err = 0;

	if (!allowed(w, access, user, writable, noexec))
		err = 1;
	if (long_mode && cr4_pke(w) && user && !key_allows(w, access, key))
		err = 1 + 32;
	return err ? err | error_base(w, access) : 0;
}

/* --- memory ---------------------------------------------------------------- */

static int load(struct model_memory *mem, u64 gpa, unsigned int size, u64 *value)
{
	if (gpa >= sizeof(mem->word))
		return -EFAULT;
	*value = mem->word[gpa / 8];
	if (size == 4)
		*value = gpa & 4 ? *value >> 32 : *value & 0xffffffff;
	return 0;
}

static void set_bits(struct model_memory *mem, u64 gpa, unsigned int bits)
{
	mem->word[gpa / 8] |= (u64)bits << (gpa & 4 ? 32 : 0);
}

/* --- modes ------------------------------------------------------------------ */

struct found {
	u64 e[6], at[6];
	bool paged[6];		/* has an accessed bit in memory */
	bool user, writable, noexec;
};

static int fault(struct lhv_walk *w, u32 access, u32 why)
{
	w->error_code = why | error_base(w, access);
	return 1;
}

static void use_rights(struct found *f, u64 e)
{
	f->user = f->user && bit(e, 2);
	f->writable = f->writable && bit(e, 1);
}

static int finish(struct model_memory *mem, struct lhv_walk *w, u32 access,
		  struct found *f, unsigned int leaf, u64 gpa)
{
	u32 err = model_rights(w, access, efer_lma(w) && cr4_pae(w), f->user,
			       f->writable, f->noexec,
			       leaf && efer_lma(w) ? f->e[leaf] >> 59 & 15 : 0);
	unsigned int i;

	if (err) {
		w->error_code = err;
		return 1;
	}
	for (i = leaf; i < 6; i++)
		if (f->paged[i])
			set_bits(mem, f->at[i],
				 i == leaf && (access & LHV_ACC_WRITE) ? 0x60 : 0x20);
	w->gpa = gpa;
	w->level = leaf;
	return 0;
}

static int walk_32(struct model_memory *mem, struct lhv_walk *w, u64 gva, u32 access)
{
	struct found f = { .user = true, .writable = true };
	unsigned int m = w->maxphyaddr < 40 ? w->maxphyaddr : 40;
	u64 pde, pte;
	int ret;

	f.at[2] = field(w->cr3, 31, 12) + (gva >> 22 & 1023) * 4;
	f.paged[2] = true;
	ret = load(mem, f.at[2], 4, &pde);
	if (ret)
		return ret;
	f.e[2] = pde;
	if (!bit(pde, 0))
		return fault(w, access, 0);
	if (bit(pde, 7) && cr4_pse(w)) {
		if (any(pde, 21, m - 19))
			return fault(w, access, 9);
		use_rights(&f, pde);
		return finish(mem, w, access, &f, 2,
			      field(pde, 31, 22) |
			      (m > 32 ? field(pde, m - 20, 13) << 19 : 0) |
			      field(gva, 21, 0));
	}
	use_rights(&f, pde);
	f.at[1] = field(pde, 31, 12) + (gva >> 12 & 1023) * 4;
	f.paged[1] = true;
	ret = load(mem, f.at[1], 4, &pte);
	if (ret)
		return ret;
	f.e[1] = pte;
	if (!bit(pte, 0))
		return fault(w, access, 0);
	use_rights(&f, pte);
	return finish(mem, w, access, &f, 1, field(pte, 31, 12) | field(gva, 11, 0));
}

/* Entries of 8 bytes. top: highest bit that is reserved above maxphyaddr. */
static bool wide_reserved(const struct lhv_walk *w, u64 e, unsigned int top)
{
	if (w->maxphyaddr <= top && any(e, top, w->maxphyaddr))
		return true;
	return !efer_nxe(w) && bit(e, 63);
}

/* The levels that PAE, 4-level and 5-level paging have in common. */
static int walk_wide(struct model_memory *mem, struct lhv_walk *w, u64 gva,
		     u32 access, struct found *f, unsigned int level, u64 table,
		     unsigned int top)
{
	static const unsigned int low[] = { 0, 12, 21, 30, 39, 48 };
	bool large;
	u64 e;
	int ret;

	f->at[level] = table + (gva >> low[level] & 511) * 8;
	f->paged[level] = true;
	ret = load(mem, f->at[level], 8, &e);
	if (ret)
		return ret;
	f->e[level] = e;
	if (!bit(e, 0))
		return fault(w, access, 0);
	large = bit(e, 7) && (level == 2 || (level == 3 && !w->no_1g));
	if (wide_reserved(w, e, top) || (level > 2 && bit(e, 7) && !large) ||
	    (large && any(e, low[level] - 1, 13)))
		return fault(w, access, 9);
	use_rights(f, e);
	f->noexec = f->noexec || bit(e, 63);
	if (large || level == 1)
		return finish(mem, w, access, f, level, field(e, 51, low[level]) |
			      field(gva, low[level] - 1, 0));
	return walk_wide(mem, w, gva, access, f, level - 1, field(e, 51, 12), top);
}

static int walk_pae(struct model_memory *mem, struct lhv_walk *w, u64 gva, u32 access)
{
	struct found f = { .user = true, .writable = true };
	u64 pdpte = w->pdptr[gva >> 30 & 3];

	if (!bit(pdpte, 0))
		return fault(w, access, 0);
	if (any(pdpte, 2, 1) || any(pdpte, 8, 5) || any(pdpte, 63, w->maxphyaddr))
		return fault(w, access, 9);
	return walk_wide(mem, w, gva, access, &f, 2, field(pdpte, 51, 12), 62);
}

int model_walk(struct model_memory *mem, struct lhv_walk *w, u64 gva, u32 access)
{
	struct found f = { .user = true, .writable = true };

	if (!cr0_pg(w)) {
		w->gpa = field(gva, 31, 0);
		return 0;
	}
	if (!cr4_pae(w))
		return walk_32(mem, w, gva, access);
	if (!efer_lma(w))
		return walk_pae(mem, w, gva, access);
	return walk_wide(mem, w, gva, access, &f, cr4_la57(w) ? 5 : 4,
			 field(w->cr3, 51, 12), 51);
}
