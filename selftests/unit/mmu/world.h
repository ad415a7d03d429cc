/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A world around mmu/: a host that maps and unmaps the VMM's memory, and a
 * processor that walks the nested page table by itself, caches what it found,
 * and sets accessed and dirty bits. Every access of that processor is checked
 * against what the host has at that moment, so a mapping that outlived its
 * page, or a flush that was forgotten, fails the test that runs.
 */
#ifndef UNIT_MMU_WORLD_H
#define UNIT_MMU_WORLD_H

#include "mmu.h"
#include "host.h"
#include "npt.h"
#include "slots.h"

#define WORLD_HVA	0x7f0000000000UL
#define WORLD_PAGES	4096UL		/* host pages from there on */
#define WORLD_GFNS	8192UL		/* frames the processor may use */
#define WORLD_SIZE	(WORLD_PAGES << LHV_PAGE_SHIFT)

enum world_format { EPT_AD, EPT_PML, EPT_NO_AD, NPT_5LEVEL, WORLD_FORMATS };

/* What the processor has cached of one guest frame; leaf 0: nothing. */
struct world_tlb {
	u64 leaf;
	unsigned int level;
};

struct world {
	struct lhv_mmu mmu;
	u64 host[WORLD_PAGES];		/* as lhv_host_read() gives them */
	bool host_large[WORLD_PAGES / 512];
	u64 next_hpa;
	struct world_tlb tlb[WORLD_GFNS];
	bool written[WORLD_GFNS];	/* by the processor, for tests to clear */
	/*
	 * Where set, another processor writes to this frame and the 2047 after
	 * it while mmu/ is at work; those writes are in maybe[].
	 */
	lhv_gfn_t busy;
	bool maybe[WORLD_GFNS];
	/* what happened, and what shall happen */
	unsigned int flushes, faults_in, logging_changes, slept;
	int fault_in_error;
	bool pml_on, pml_wanted;	/* takes effect when the guest is left */
	unsigned int resched;	/* once in so many times; 0: never */
	/* user memory: faults always, faults where faults are off */
	const void *bad_user, *absent_user;
};

extern struct world world;
extern const struct lhv_npt_format world_formats[WORLD_FORMATS];

void world_start(enum world_format format);
void world_end(void);

/* The host: map n pages from page on, or unmap them through the notifier. */
void world_host_map(u64 page, u64 n, u64 flags);
void world_host_map_large(u64 page, u64 flags);
void world_host_unmap(u64 page, u64 n);
void world_invalidate_start(u64 page, u64 n);
void world_invalidate_end(u64 page, u64 n);

/* KVM_SET_USER_MEMORY_REGION, in pages. */
int world_slot(u32 slot, u32 flags, u64 gfn, u64 npages, u64 page);

/*
 * One access by the processor. True where it reached memory, after as many
 * faults as it took; *why the last fault's answer otherwise.
 */
bool world_access(lhv_gfn_t gfn, u32 access, bool can_sleep, enum lhv_fault *why);
/* The same where it must work. */
void world_touch(lhv_gfn_t gfn, u32 access);
/* What the nested table says of a frame: the leaf, 0 for none. */
u64 world_leaf(lhv_gfn_t gfn, unsigned int *level);

#endif /* UNIT_MMU_WORLD_H */
