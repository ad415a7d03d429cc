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
#include <linux/errno.h>
#include <linux/kernel.h>
#include <asm/processor-flags.h>

#include "walk.h"

#define EFER_LMA_BIT	BIT_ULL(10)
#define EFER_NX_BIT	BIT_ULL(11)

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

/*
 * A walk on its way. Rights are those of all entries so far: PTE_W and PTE_U
 * where all have it, PTE_XD where none has it, and PTE_A where all have it.
 */
struct walk_state {
	struct lhv_walk *w;
	const struct lhv_walk_ops *ops;
	void *ctx;
	u64 gva;
	u32 access;
	enum walk_mode mode;
	unsigned int level;	/* of the entry last read */
	u64 rights;
	u64 reserved;		/* what is 0 in every entry */
	u64 entry[WALK_LEVELS + 1];
	lhv_gpa_t at[WALK_LEVELS + 1];
};

static enum walk_mode walk_mode(const struct lhv_walk *w)
{
	if (!(w->cr4 & X86_CR4_PAE))
		return MODE_32;
	if (!(w->efer & EFER_LMA_BIT))
		return MODE_PAE;
	return w->cr4 & X86_CR4_LA57 ? MODE_5LEVEL : MODE_4LEVEL;
}

/* --- faults ------------------------------------------------------------ */

static bool is_user(const struct walk_state *s)
{
	return s->access & LHV_ACC_USER && !(s->access & LHV_ACC_IMPLICIT);
}

static int page_fault(struct walk_state *s, u32 why)
{
	const struct lhv_walk *w = s->w;
	bool nx = w->efer & EFER_NX_BIT && w->cr4 & X86_CR4_PAE;

	if (s->access & LHV_ACC_WRITE)
		why |= PF_W;
	if (is_user(s))
		why |= PF_U;
	if (s->access & LHV_ACC_EXEC && (nx || w->cr4 & X86_CR4_SMEP))
		why |= PF_I;
	s->w->error_code = why;
	return 1;
}

/* --- entries ----------------------------------------------------------- */

static bool is_pdpte(const struct walk_state *s)
{
	return s->mode == MODE_PAE && s->level == 3;
}

static bool is_large(const struct walk_state *s)
{
	if (!(s->entry[s->level] & PTE_PS) || !(modes[s->mode].large & BIT(s->level)))
		return false;
	return s->mode == MODE_32 ? s->w->cr4 & X86_CR4_PSE : s->level == 2 || !s->w->no_1g;
}

/* Bits of the physical address that PSE-36 keeps in a 4 MiB entry. */
static unsigned int pse36_bits(const struct lhv_walk *w)
{
	return clamp_t(unsigned int, w->maxphyaddr, 32, 40) - 32;
}

static unsigned int level_shift(const struct walk_state *s)
{
	return LHV_PAGE_SHIFT + (s->level - 1) * modes[s->mode].bits;
}

/* Below the address of a large page; bit 12 is PAT. */
static u64 reserved_large(const struct walk_state *s)
{
	if (s->mode == MODE_32)
		return GENMASK_ULL(21, 13 + pse36_bits(s->w));
	return GENMASK_ULL(level_shift(s) - 1, LHV_PAGE_SHIFT + 1);
}

static u64 reserved_always(const struct walk_state *s)
{
	unsigned int top = modes[s->mode].addr_top, width = s->w->maxphyaddr;
	u64 rsvd = width <= top ? GENMASK_ULL(top, width) : 0;

	if (s->mode == MODE_32)
		return 0;
	return s->w->efer & EFER_NX_BIT ? rsvd : rsvd | PTE_XD;
}

/* What must be 0 in the entry last read. */
static u64 reserved_bits(const struct walk_state *s)
{
	if (is_pdpte(s))
		return s->reserved | PTE_XD | PDPTE_RSVD;
	if (is_large(s))
		return s->reserved | reserved_large(s);
	return s->level >= 3 ? s->reserved | PTE_PS : s->reserved;
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

/* Protection keys are for data in user pages, and supervisors heed them too. */
static bool key_denies(const struct walk_state *s)
{
	const struct lhv_walk *w = s->w;
	unsigned int rights;

	if (s->mode < MODE_4LEVEL || !(w->cr4 & X86_CR4_PKE) || !(s->rights & PTE_U) ||
	    s->access & LHV_ACC_EXEC)
		return false;
	rights = w->pkru >> (2 * PTE_PKEY(s->entry[s->level]));
	if (rights & 1)
		return true;
	return rights & 2 && s->access & LHV_ACC_WRITE &&
	       (is_user(s) || w->cr0 & X86_CR0_WP);
}

/* A supervisor's access to a user page. */
static bool supervisor_denied(const struct walk_state *s)
{
	const struct lhv_walk *w = s->w;

	if (s->access & LHV_ACC_EXEC)
		return w->cr4 & X86_CR4_SMEP;
	return w->cr4 & X86_CR4_SMAP &&
	       (s->access & LHV_ACC_IMPLICIT || !(w->rflags & X86_EFLAGS_AC));
}

static bool rights_deny(const struct walk_state *s)
{
	bool user = is_user(s);

	if (user ? !(s->rights & PTE_U) : s->rights & PTE_U && supervisor_denied(s))
		return true;
	if (s->access & LHV_ACC_EXEC && !(s->rights & PTE_XD))
		return true;
	return s->access & LHV_ACC_WRITE && !(s->rights & PTE_W) &&
	       (user || s->w->cr0 & X86_CR0_WP);
}

/* --- the walk ---------------------------------------------------------- */

static int read_entry(struct walk_state *s, lhv_gpa_t table)
{
	unsigned int size = modes[s->mode].entry;
	u64 index = (s->gva >> level_shift(s)) & (BIT(modes[s->mode].bits) - 1);

	if (is_pdpte(s)) {
		s->entry[s->level] = s->w->pdptr[index & 3];
		return 0;
	}
	s->at[s->level] = table + index * size;
	s->w->gpa = s->at[s->level];
	return s->ops->read(s->ctx, s->at[s->level], &s->entry[s->level], size);
}

/* Down to the leaf: 0, or 1 with the fault's error code, or an errno. */
static int descend(struct walk_state *s)
{
	lhv_gpa_t table = s->w->cr3 & GENMASK_ULL(s->mode == MODE_32 ? 31 : 51, LHV_PAGE_SHIFT);
	u64 e;
	int ret;

	s->rights = ~0ULL;
	for (s->level = modes[s->mode].levels; ; s->level--) {
		ret = read_entry(s, table);
		if (ret)
			return ret;
		e = s->entry[s->level];
		if (!(e & PTE_P))
			return page_fault(s, 0);
		if (e & reserved_bits(s))
			return page_fault(s, PF_P | PF_RSVD);
		if (!is_pdpte(s))
			s->rights &= e ^ PTE_XD;
		if (s->level == 1 || is_large(s))
			return 0;
		table = entry_address(s);
	}
}

/* As the processor would: accessed in all entries used, dirty in the leaf. */
static int set_accessed_dirty(const struct walk_state *s)
{
	u64 dirty = s->access & LHV_ACC_WRITE ? PTE_D : 0;
	unsigned int level;
	int ret;

	if (s->rights & PTE_A && (s->entry[s->level] & dirty) == dirty)
		return 0;
	for (level = modes[s->mode].levels; level >= s->level; level--) {
		u64 e = s->entry[level], set = level == s->level ? PTE_A | dirty : PTE_A;

		if ((e & set) == set || (s->mode == MODE_PAE && level == 3))
			continue;
		s->w->gpa = s->at[level];
		ret = s->ops->exchange(s->ctx, s->at[level], e, e | set, modes[s->mode].entry);
		if (ret && ret != -EFAULT)	/* they may lie in ROM */
			return ret;
	}
	return 0;
}

/* One walk: as descend(); -ESTALE where an entry changed under it. */
static int walk_once(struct walk_state *s)
{
	int ret = descend(s);

	if (ret)
		return ret;
	if (key_denies(s))
		return page_fault(s, PF_P | PF_PK);
	if (rights_deny(s))
		return page_fault(s, PF_P);
	ret = set_accessed_dirty(s);
	return ret > 0 ? -ESTALE : ret;
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
	unsigned int try;
	int ret = -ESTALE;

	if (!(w->cr0 & X86_CR0_PG)) {
		w->gpa = (u32)gva;
		w->level = 1;
		return 0;
	}
	s.mode = walk_mode(w);
	s.reserved = reserved_always(&s);
	for (try = 0; try < WALK_TRIES && ret == -ESTALE; try++)
		ret = walk_once(&s);
	if (ret)
		return ret == -ESTALE ? -EAGAIN : ret;
	w->gpa = entry_address(&s) | (gva & (BIT_ULL(level_shift(&s)) - 1));
	w->level = s.level;
	return 0;
}
