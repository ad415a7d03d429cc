/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/spinlock.h> for unit tests. */
#ifndef UNIT_LINUX_SPINLOCK_H
#define UNIT_LINUX_SPINLOCK_H

#include <stdlib.h>
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/types.h>

typedef struct {
	bool held;
} spinlock_t;

#define DEFINE_SPINLOCK(name)	spinlock_t name

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->held = false;
}

/* One that is never let go is a bug of the tested code: better not to hang. */
static inline void spin_lock(spinlock_t *lock)
{
	unsigned long spins = 0;

	while (__atomic_exchange_n(&lock->held, true, __ATOMIC_ACQUIRE))
		if (++spins > 2000000000UL)
			abort();
}

static inline void spin_unlock(spinlock_t *lock)
{
	if (!__atomic_exchange_n(&lock->held, false, __ATOMIC_RELEASE))
		abort();
}

#define spin_lock_irqsave(lock, flags)					\
	do { (flags) = 0; spin_lock(lock); } while (0)
#define spin_unlock_irqrestore(lock, flags)				\
	do { (void)(flags); spin_unlock(lock); } while (0)
#define spin_lock_irq(lock)	spin_lock(lock)
#define spin_unlock_irq(lock)	spin_unlock(lock)
#define spin_lock_bh(lock)	spin_lock(lock)
#define spin_unlock_bh(lock)	spin_unlock(lock)

typedef spinlock_t raw_spinlock_t;
#define raw_spin_lock_init	spin_lock_init
#define raw_spin_lock		spin_lock
#define raw_spin_unlock		spin_unlock
#define raw_spin_lock_irqsave	spin_lock_irqsave
#define raw_spin_unlock_irqrestore	spin_unlock_irqrestore
#define lockdep_assert_held(lock)	do { } while (0)

/* For one thread: who would wait for itself aborts. */
typedef struct {
	int readers;
	bool writer;
} rwlock_t;

static inline void rwlock_init(rwlock_t *lock)
{
	lock->readers = 0;
	lock->writer = false;
}

static inline void read_lock(rwlock_t *lock)
{
	if (lock->writer)
		abort();
	lock->readers++;
}

static inline bool read_trylock(rwlock_t *lock)
{
	if (lock->writer)
		return false;
	lock->readers++;
	return true;
}

static inline void read_unlock(rwlock_t *lock)
{
	if (lock->readers-- <= 0)
		abort();
}

static inline void write_lock(rwlock_t *lock)
{
	if (lock->writer || lock->readers)
		abort();
	lock->writer = true;
}

static inline void write_unlock(rwlock_t *lock)
{
	if (!lock->writer)
		abort();
	lock->writer = false;
}

static inline void rwlock_assert_write(rwlock_t *lock)
{
	if (!lock->writer)
		abort();
}

#define rwlock_is_contended(lock)	((void)(lock), false)

#endif
