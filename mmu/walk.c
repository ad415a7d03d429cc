// SPDX-License-Identifier: GPL-2.0
/*
 * Walks of the guest's page tables, as the SDM's chapter "Paging" has them:
 * 32-bit paging (with PSE-36), PAE, 4-level and 5-level paging. Called by
 * access.c for arch-x86/. Pure: memory comes through struct lhv_walk_ops, so
 * the unit tests run it on tables of their own.
 *
 * A mode is a row of a table: how an entry looks and how the linear address is
 * cut. One loop walks them all.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "walk.h"

#define CR0_WP		BIT_ULL(16)
#define CR0_PG		BIT_ULL(31)
#define CR4_PSE		BIT_ULL(4)
#define CR4_PAE		BIT_ULL(5)
#define CR4_LA57	BIT_ULL(12)
#define CR4_SMEP	BIT_ULL(20)
#define CR4_SMAP	BIT_ULL(21)
#define CR4_PKE		BIT_ULL(22)
#define EFER_LMA_BIT	BIT_ULL(10)
#define EFER_NX_BIT	BIT_ULL(11)
#define RFLAGS_AC	BIT_ULL(18)

#define PTE_P		BIT_ULL(0)
#define PTE_W		BIT_ULL(1)
#define PTE_U		BIT_ULL(2)
#define PTE_A		BIT_ULL(5)
#define PTE_D		BIT_ULL(6)
#define PTE_PS		BIT_ULL(7)
#define PTE_XD		BIT_ULL(63)
#define PTE_PKEY(e)	(((e) >> 59) & 15)

/* Error code of a page fault, SDM chapter "Interrupt and Exception Handling". */
#define PF_P		BIT(0)
#define PF_W		BIT(1)
#define PF_U		BIT(2)
#define PF_RSVD		BIT(3)
#define PF_I		BIT(4)
#define PF_PK		BIT(5)

#define WALK_LEVELS	5
#define WALK_TRIES	8
#define PDPTE_RSVD	(GENMASK_ULL(8, 5) | GENMASK_ULL(2, 1))

enum walk_mode { MODE_32, MODE_PAE, MODE_4LEVEL, MODE_5LEVEL };

static const struct {
	u8 levels;
	u8 bits;		/* of the linear address, per level */
	u8 entry;		/* bytes */
	u8 addr_top;		/* reserved are maxphyaddr to here */
	u8 large;		/* bit per level where PS may make a leaf */
} modes[] = {
	[MODE_32]     = { 2, 10, 4, 0, BIT(2) },
	[MODE_PAE]    = { 3,  9, 8, 62, BIT(2) },
	[MODE_4LEVEL] = { 4,  9, 8, 51, BIT(2) | BIT(3) },
	[MODE_5LEVEL] = { 5,  9, 8, 51, BIT(2) | BIT(3) },
};

/* A walk on its way. Rights are those of all entries so far. */
struct walk_state {
	struct lhv_walk *w;
	const struct lhv_walk_ops *ops;
	void *ctx;
	u64 gva;
	u32 access;
	enum walk_mode mode;
	unsigned int level;	/* of the entry last read */
	bool writable, user, noexec;
	u64 entry[WALK_LEVELS + 1];
	lhv_gpa_t at[WALK_LEVELS + 1];
};

static enum walk_mode walk_mode(const struct lhv_walk *w)
{
	if (!(w->cr4 & CR4_PAE))
		return MODE_32;
	if (!(w->efer & EFER_LMA_BIT))
		return MODE_PAE;
	return w->cr4 & CR4_LA57 ? MODE_5LEVEL : MODE_4LEVEL;
}

/* --- faults ------------------------------------------------------------ */

static bool is_user(const struct walk_state *s)
{
	return s->access & LHV_ACC_USER && !(s->access & LHV_ACC_IMPLICIT);
}

static int page_fault(struct walk_state *s, u32 why)
{
	const struct lhv_walk *w = s->w;
	bool nx = w->efer & EFER_NX_BIT && w->cr4 & CR4_PAE;

	if (s->access & LHV_ACC_WRITE)
		why |= PF_W;
	if (is_user(s))
		why |= PF_U;
	if (s->access & LHV_ACC_EXEC && (nx || w->cr4 & CR4_SMEP))
		why |= PF_I;
	s->w->error_code = why;
	return 1;
}

/* --- entries ----------------------------------------------------------- */

static bool is_large(const struct walk_state *s)
{
	if (!(modes[s->mode].large & BIT(s->level)))
		return false;
	if (s->mode == MODE_32 && !(s->w->cr4 & CR4_PSE))
		return false;
	if (s->level == 3 && s->w->no_1g)
		return false;
	return s->entry[s->level] & PTE_PS;
}

static bool is_pdpte(const struct walk_state *s)
{
	return s->mode == MODE_PAE && s->level == 3;
}

/* Bits of the physical address that PSE-36 keeps in a 4 MiB entry. */
static unsigned int pse36_bits(const struct lhv_walk *w)
{
	return clamp_t(unsigned int, w->maxphyaddr, 32, 40) - 32;
}

static u64 reserved_32(const struct walk_state *s)
{
	unsigned int high = pse36_bits(s->w);

	return is_large(s) ? GENMASK_ULL(21, 13 + high) : 0;
}

static u64 reserved_large(const struct walk_state *s)
{
	u64 size = 1ULL << (LHV_PAGE_SHIFT + (s->level - 1) * modes[s->mode].bits);

	return (size - 1) & ~GENMASK_ULL(LHV_PAGE_SHIFT, 0);	/* bit 12: PAT */
}

/* What must be 0 in the entry last read. */
static u64 reserved_bits(const struct walk_state *s)
{
	const struct lhv_walk *w = s->w;
	unsigned int top = modes[s->mode].addr_top;
	u64 rsvd = 0;

	if (s->mode == MODE_32)
		return reserved_32(s);
	if (w->maxphyaddr <= top)
		rsvd |= GENMASK_ULL(top, w->maxphyaddr);
	if (is_pdpte(s))
		return rsvd | PTE_XD | PDPTE_RSVD;
	if (!(w->efer & EFER_NX_BIT))
		rsvd |= PTE_XD;
	if (is_large(s))
		return rsvd | reserved_large(s);
	return s->level >= 3 ? rsvd | PTE_PS : rsvd;
}

/* The address that an entry of this level holds, without the offset. */
static lhv_gpa_t entry_address(const struct walk_state *s)
{
	u64 e = s->entry[s->level];
	u64 address = e & GENMASK_ULL(51, LHV_PAGE_SHIFT);

	if (!is_large(s))
		return s->mode == MODE_32 ? (u32)address : address;
	if (s->mode == MODE_32)
		return (e & GENMASK(31, 22)) |
		       (((e >> 13) & (BIT(pse36_bits(s->w)) - 1)) << 32);
	return address & ~reserved_large(s) & ~BIT_ULL(LHV_PAGE_SHIFT);
}

/* --- rights ------------------------------------------------------------ */

static void add_rights(struct walk_state *s)
{
	u64 e = s->entry[s->level];

	if (is_pdpte(s))
		return;
	s->writable &= !!(e & PTE_W);
	s->user &= !!(e & PTE_U);
	s->noexec |= modes[s->mode].entry == 8 && e & PTE_XD;
}

/* Protection keys are for data in user pages, and supervisors heed them too. */
static bool key_denies(const struct walk_state *s)
{
	const struct lhv_walk *w = s->w;
	unsigned int rights;

	if (s->mode < MODE_4LEVEL || !(w->cr4 & CR4_PKE) || !s->user ||
	    s->access & LHV_ACC_EXEC)
		return false;
	rights = w->pkru >> (2 * PTE_PKEY(s->entry[s->level]));
	if (rights & 1)
		return true;
	return rights & 2 && s->access & LHV_ACC_WRITE &&
	       (is_user(s) || w->cr0 & CR0_WP);
}

/* A supervisor's access to a user page. */
static bool supervisor_denied(const struct walk_state *s)
{
	const struct lhv_walk *w = s->w;

	if (s->access & LHV_ACC_EXEC)
		return w->cr4 & CR4_SMEP;
	return w->cr4 & CR4_SMAP &&
	       (s->access & LHV_ACC_IMPLICIT || !(w->rflags & RFLAGS_AC));
}

static bool rights_deny(const struct walk_state *s)
{
	bool user = is_user(s);

	if (user && !s->user)
		return true;
	if (!user && s->user && supervisor_denied(s))
		return true;
	if (s->access & LHV_ACC_EXEC && s->noexec)
		return true;
	return s->access & LHV_ACC_WRITE && !s->writable &&
	       (user || s->w->cr0 & CR0_WP);
}

/* --- the walk ---------------------------------------------------------- */

static int read_entry(struct walk_state *s, lhv_gpa_t table)
{
	unsigned int bits = modes[s->mode].bits, size = modes[s->mode].entry;
	unsigned int shift = LHV_PAGE_SHIFT + (s->level - 1) * bits;
	u64 index = (s->gva >> shift) & (BIT(bits) - 1);

	if (is_pdpte(s)) {
		s->entry[s->level] = s->w->pdptr[index & 3];
		return 0;
	}
	s->at[s->level] = table + index * size;
	s->w->gpa = s->at[s->level];
	return s->ops->read(s->ctx, s->at[s->level], &s->entry[s->level], size);
}

static lhv_gpa_t root_address(const struct walk_state *s)
{
	return s->w->cr3 & (s->mode == MODE_32 ? GENMASK_ULL(31, LHV_PAGE_SHIFT) :
			    GENMASK_ULL(51, LHV_PAGE_SHIFT));
}

/* Down to the leaf: 0, or 1 with the fault's error code, or an errno. */
static int descend(struct walk_state *s)
{
	lhv_gpa_t table = root_address(s);
	int ret;

	s->writable = true;
	s->user = true;
	s->noexec = false;
	for (s->level = modes[s->mode].levels; ; s->level--) {
		ret = read_entry(s, table);
		if (ret)
			return ret;
		if (!(s->entry[s->level] & PTE_P))
			return page_fault(s, 0);
		if (s->entry[s->level] & reserved_bits(s))
			return page_fault(s, PF_P | PF_RSVD);
		add_rights(s);
		if (s->level == 1 || is_large(s))
			return 0;
		table = entry_address(s);
	}
}

/* As the processor would: accessed in all entries used, dirty in the leaf. */
static int set_accessed_dirty(const struct walk_state *s)
{
	unsigned int level, size = modes[s->mode].entry;
	int ret;

	for (level = modes[s->mode].levels; level >= s->level; level--) {
		u64 e = s->entry[level], set = PTE_A;

		if (level == s->level && s->access & LHV_ACC_WRITE)
			set |= PTE_D;
		if ((e & set) == set || (s->mode == MODE_PAE && level == 3))
			continue;
		s->w->gpa = s->at[level];
		ret = s->ops->exchange(s->ctx, s->at[level], e, e | set, size);
		if (ret && ret != -EFAULT)	/* they may lie in ROM */
			return ret;
	}
	return 0;
}

/* One walk: as descend(); -ESTALE where an entry changed under it. */
static int walk_once(struct walk_state *s)
{
	int ret = descend(s);
	u32 why = 0;

	if (ret)
		return ret;
	if (rights_deny(s))
		why = PF_P;
	if (key_denies(s))
		why = PF_P | PF_PK;
	if (why)
		return page_fault(s, why);
	ret = set_accessed_dirty(s);
	return ret > 0 ? -ESTALE : ret;
}

/*
 * The walk that nearly all are: 64-bit mode, every entry present, accessed and
 * without a reserved bit, small or 2 MiB pages, all rights there. Whatever is
 * otherwise is left to the walk above, which answers the same for these.
 */
static bool walk_common(struct walk_state *s)
{
	u64 odd = s->w->efer & EFER_NX_BIT ? 0 : PTE_XD;
	u64 set = PTE_P | PTE_A, e, table = root_address(s);

	odd |= GENMASK_ULL(51, s->w->maxphyaddr);
	s->writable = true;
	s->user = true;
	s->noexec = false;
	for (s->level = modes[s->mode].levels; ; s->level--) {
		if (read_entry(s, table))
			return false;
		e = s->entry[s->level];
		s->writable &= !!(e & PTE_W);
		s->user &= !!(e & PTE_U);
		s->noexec |= !!(e & PTE_XD);
		if ((e & (set | odd)) != set || (s->level > 2 && e & PTE_PS))
			return false;
		if (s->level == 1 || e & PTE_PS)
			break;
		table = e & GENMASK_ULL(51, LHV_PAGE_SHIFT);
	}
	if (s->level == 2 && e & reserved_large(s))
		return false;
	if (s->access & LHV_ACC_WRITE && !(e & PTE_D))
		return false;
	return !rights_deny(s) && !key_denies(s);
}

/**
 * lhv_walk() - translate a guest-linear address
 * @w: the processor's state; gets .gpa and .level, or .error_code
 * @ops: access to the tables
 * @ctx: its argument
 * @gva: linear address; whether it is canonical is the caller's business
 * @access: LHV_ACC_*
 *
 * Context: as @ops.
 * Return: 0, 1 for a page fault, or what @ops returned; -EAGAIN where entries
 * kept changing. With an errno, @w->gpa is the entry that could not be had.
 */
int lhv_walk(struct lhv_walk *w, const struct lhv_walk_ops *ops, void *ctx,
	     u64 gva, u32 access)
{
	struct walk_state s = {
		.w = w, .ops = ops, .ctx = ctx, .gva = gva, .access = access,
	};
	unsigned int try, shift;
	int ret = -ESTALE;

	if (!(w->cr0 & CR0_PG)) {
		w->gpa = (u32)gva;
		w->level = 1;
		return 0;
	}
	s.mode = walk_mode(w);
	if (s.mode >= MODE_4LEVEL && w->maxphyaddr < 52 && walk_common(&s))
		ret = 0;
	for (try = 0; try < WALK_TRIES && ret == -ESTALE; try++)
		ret = walk_once(&s);
	if (ret)
		return ret == -ESTALE ? -EAGAIN : ret;
	shift = LHV_PAGE_SHIFT + (s.level - 1) * modes[s.mode].bits;
	w->gpa = entry_address(&s) | (gva & (BIT_ULL(shift) - 1));
	w->level = s.level;
	return 0;
}
