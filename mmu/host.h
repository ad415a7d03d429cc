/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host's page tables: how the VMM maps what backs its guest. Used by
 * fault.c and dirty.c; knows nothing of slots or the nested page table.
 */
#ifndef LHV_MMU_HOST_H
#define LHV_MMU_HOST_H

#include <linux/mm_types.h>
#include <linux/types.h>

/*
 * What the host has at one page: its physical address and these, which are the
 * processor's own bits, so that reading an entry is no more than a mask. 0 where
 * it has nothing at hand.
 */
#define LHV_HOST_PRESENT	0x005	/* and the user's */
#define LHV_HOST_WRITE		0x002
#define LHV_HOST_IO		0x018	/* either: mapped uncached */
#define LHV_HOST_DIRTY		0x040	/* the host knows that it is written to */
#define LHV_HOST_SPECIAL	0x200	/* has no struct page that is ours to mark */
#define LHV_HOST_FLAGS		0xfff

unsigned int lhv_host_read(struct mm_struct *mm, unsigned long hva,
			   unsigned int n, u64 *page);
int lhv_host_fault_in(struct mm_struct *mm, unsigned long hva, bool write);
void lhv_host_set_dirty(u64 page);

#endif /* LHV_MMU_HOST_H */
