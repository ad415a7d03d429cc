/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dirty tracking: what slots.c asks of dirty.c when slots begin or cease to
 * log. What the rest of the module may ask is in mmu.h.
 */
#ifndef LHV_MMU_DIRTY_H
#define LHV_MMU_DIRTY_H

#include "npt.h"
#include "slots.h"

unsigned long *lhv_dirty_alloc(struct lhv_mmu *mmu, u64 npages);
void lhv_dirty_switched(struct lhv_npt_gather *g, const struct lhv_slot *slot);

#endif /* LHV_MMU_DIRTY_H */
