/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/atomic.h> for unit tests. */
#ifndef UNIT_LINUX_ATOMIC_H
#define UNIT_LINUX_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>

#define smp_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_mb__before_atomic()	smp_mb()
#define smp_mb__after_atomic()	smp_mb()
#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)						\
	__atomic_store_n(p, (__typeof__(*(p)))(v), __ATOMIC_RELEASE)

#define xchg(p, v)							\
	__atomic_exchange_n(p, (__typeof__(*(p)))(v), __ATOMIC_SEQ_CST)
#define cmpxchg(p, old, new) ({						\
	__typeof__(*(p)) cmpxchg_old = (old);				\
	__atomic_compare_exchange_n(p, &cmpxchg_old, new, false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);	\
	cmpxchg_old; })

#define try_cmpxchg64(p, old, new)					\
	__atomic_compare_exchange_n(p, old, new, false,			\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

typedef struct {
	long counter;
} atomic_long_t;

#define atomic_long_read(a)	READ_ONCE((a)->counter)
#define atomic_long_set(a, v)	WRITE_ONCE((a)->counter, v)
#define atomic_long_inc(a)						\
	((void)__atomic_add_fetch(&(a)->counter, 1, __ATOMIC_SEQ_CST))
#define atomic_long_dec(a)						\
	((void)__atomic_sub_fetch(&(a)->counter, 1, __ATOMIC_SEQ_CST))
#define atomic_long_fetch_andnot(i, a)					\
	__atomic_fetch_and(&(a)->counter, ~(long)(i), __ATOMIC_SEQ_CST)

#endif
