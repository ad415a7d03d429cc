/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/xarray.h> for unit tests: a plain array. */
#ifndef UNIT_LINUX_XARRAY_H
#define UNIT_LINUX_XARRAY_H

#include <errno.h>
#include <linux/slab.h>

#define UNIT_XA_SIZE	65536

struct xarray {
	void **entry;
};

static inline void xa_init(struct xarray *xa)
{
	xa->entry = NULL;
}

static inline void xa_destroy(struct xarray *xa)
{
	free(xa->entry);
	xa->entry = NULL;
}

static inline void *xa_load(struct xarray *xa, unsigned long index)
{
	return xa->entry && index < UNIT_XA_SIZE ? xa->entry[index] : NULL;
}

/* As the kernel's, an entry that is there is replaced without an allocation. */
static inline void *xa_store(struct xarray *xa, unsigned long index, void *entry,
			     int gfp)
{
	void *old = xa_load(xa, index), *probe;

	(void)gfp;
	if (!old && entry) {
		probe = unit_alloc(1, 1);
		if (!probe)
			return (void *)-1L;
		free(probe);
	}
	if (!xa->entry)
		xa->entry = calloc(UNIT_XA_SIZE, sizeof(void *));
	if (!xa->entry || index >= UNIT_XA_SIZE)
		abort();
	xa->entry[index] = entry;
	return old;
}

#define xa_err(p)		((p) == (void *)-1L ? -ENOMEM : 0)
#define xa_erase(xa, index)	xa_store(xa, index, NULL, 0)

/* The first entry from *index on. */
static inline void *xa_find_from(struct xarray *xa, unsigned long *index)
{
	while (*index < UNIT_XA_SIZE && !xa_load(xa, *index))
		++*index;
	return xa_load(xa, *index);
}

#define xa_for_each(xa, index, p)					\
	for ((index) = 0; ((p) = xa_find_from(xa, &(index))); (index)++)

#endif
