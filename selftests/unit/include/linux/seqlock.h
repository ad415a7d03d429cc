/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/seqlock.h> for unit tests, for one thread. */
#ifndef UNIT_LINUX_SEQLOCK_H
#define UNIT_LINUX_SEQLOCK_H

#include <stdlib.h>
#include <linux/spinlock.h>

typedef struct {
	unsigned int sequence;
	rwlock_t *lock;
} seqcount_rwlock_t;

static inline void seqcount_rwlock_init(seqcount_rwlock_t *s, rwlock_t *lock)
{
	s->sequence = 0;
	s->lock = lock;
}

static inline void write_seqcount_begin(seqcount_rwlock_t *s)
{
	rwlock_assert_write(s->lock);
	if (s->sequence++ & 1)
		abort();
}

static inline void write_seqcount_end(seqcount_rwlock_t *s)
{
	if (!(s->sequence++ & 1))
		abort();
}

/* One thread that waits for itself would wait for ever. */
static inline unsigned int read_seqcount_begin(const seqcount_rwlock_t *s)
{
	if (s->sequence & 1)
		abort();
	return s->sequence;
}

static inline bool read_seqcount_retry(const seqcount_rwlock_t *s, unsigned int begun)
{
	return s->sequence != begun;
}

#endif
