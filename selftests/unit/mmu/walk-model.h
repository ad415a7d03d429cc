/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A second opinion on guest page walks, for the tests of mmu/walk.c: written
 * mode by mode from the SDM's tables, without sharing a line or a constant with
 * what it judges.
 */
#ifndef UNIT_MMU_WALK_MODEL_H
#define UNIT_MMU_WALK_MODEL_H

#include "mmu.h"

#define MODEL_PAGES	16

/* Guest memory from 0 on; what lies above cannot be read. */
struct model_memory {
	u64 word[MODEL_PAGES * 512];
};

/* As lhv_walk(); tables above the memory end the walk with -EFAULT. */
int model_walk(struct model_memory *mem, struct lhv_walk *w, u64 gva, u32 access);

/* Whether a page with these rights may be accessed; else the error code. */
u32 model_rights(const struct lhv_walk *w, u32 access, bool long_mode, bool user,
		 bool writable, bool noexec, unsigned int key);

#endif /* UNIT_MMU_WALK_MODEL_H */
