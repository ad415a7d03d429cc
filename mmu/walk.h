/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walks of the guest's page tables: what walk.c asks of its memory. Used by
 * access.c, which gives it guest memory, and by the unit tests, which give it
 * theirs.
 */
#ifndef LHV_MMU_WALK_H
#define LHV_MMU_WALK_H

#include "mmu.h"

/*
 * Entries are 4 or 8 bytes and aligned. Both return 0 or a negative errno;
 * exchange returns 1 where the entry has changed. Where an entry cannot be
 * written because it lies in read-only memory, it returns -EFAULT.
 */
struct lhv_walk_ops {
	int (*read)(void *ctx, lhv_gpa_t gpa, u64 *value, unsigned int len);
	int (*exchange)(void *ctx, lhv_gpa_t gpa, u64 old, u64 new, unsigned int len);
};

int lhv_walk(struct lhv_walk *w, const struct lhv_walk_ops *ops, void *ctx,
	     u64 gva, u32 access);

#endif /* LHV_MMU_WALK_H */
