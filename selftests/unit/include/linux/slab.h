/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/slab.h> for unit tests. */
#ifndef UNIT_LINUX_SLAB_H
#define UNIT_LINUX_SLAB_H

#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/types.h>

#define GFP_KERNEL		0
#define GFP_KERNEL_ACCOUNT	0
#define GFP_NOWAIT		1
#define GFP_ATOMIC		0

/* A test may set it: so many allocations succeed, then one fails. */
extern int unit_alloc_budget __attribute__((__weak__));

static inline void *unit_alloc(size_t n, size_t size)
{
	if (&unit_alloc_budget && unit_alloc_budget >= 0 &&
	    !unit_alloc_budget--)
		return NULL;
	return calloc(n, size);
}

#define kzalloc(size, gfp)	unit_alloc(1, size)
#define kmalloc(size, gfp)	unit_alloc(1, size)
#define kvzalloc(size, gfp)	unit_alloc(1, size)
#define kvmalloc(size, gfp)	unit_alloc(1, size)
#define kcalloc(n, size, gfp)	unit_alloc(n, size)
#define kvcalloc(n, size, gfp)	unit_alloc(n, size)
#define kfree(p)		free(p)
#define kvfree(p)		free(p)

#endif
