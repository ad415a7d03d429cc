/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/gfp.h> for unit tests: pages from aligned_alloc. */
#ifndef UNIT_LINUX_GFP_H
#define UNIT_LINUX_GFP_H

#include <stdlib.h>
#include <string.h>
#include <linux/slab.h>

typedef unsigned int gfp_t;

#ifndef GFP_NOWAIT
#define GFP_NOWAIT	1
#endif
#define __GFP_ACCOUNT	0
#define __GFP_NOWARN	0

/* A test that uses it defines it: allocations that must not sleep fail. */
extern bool unit_nowait_fails;
/* And how many pages are out. */
extern long unit_pages;

static inline unsigned long get_zeroed_page(gfp_t gfp)
{
	void *page;

	if ((gfp & GFP_NOWAIT) && unit_nowait_fails)
		return 0;
	page = aligned_alloc(4096, 4096);
	if (!page)
		return 0;
	unit_pages++;
	return (unsigned long)memset(page, 0, 4096);
}

static inline void free_page(unsigned long page)
{
	unit_pages -= !!page;
	free((void *)page);
}

#define __get_free_page(gfp)	get_zeroed_page(gfp)

#endif
