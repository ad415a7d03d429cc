/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the unit tests of mmu/ share: their groups, and random numbers that are
 * the same on every run (TEST_SEED chooses others).
 */
#ifndef UNIT_MMU_TEST_H
#define UNIT_MMU_TEST_H

#include <linux/types.h>

#include "tap.h"

extern const struct tap_case walk_cases[], npt_cases[], slots_cases[];
extern const struct tap_case fault_cases[], dirty_cases[], access_cases[];

/* So many allocations succeed, then one fails; -1: none does. */
extern int unit_alloc_budget;
/* Allocations that must not sleep fail. */
extern bool unit_nowait_fails;
extern bool unit_irqs_off;		/* irqs_disabled() says so */

u64 rnd(void);
/* 0 to n - 1 */
u64 rnd_below(u64 n);
/* true once in n */
bool rnd_one_in(unsigned int n);
/* Seeds rnd() for a case, so that cases do not depend on each other. */
void rnd_start(u64 salt);

#endif /* UNIT_MMU_TEST_H */
