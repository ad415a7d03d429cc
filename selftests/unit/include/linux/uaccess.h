/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Userspace shim of <linux/uaccess.h> for unit tests: user memory is memory,
 * and a test says which of it faults.
 */
#ifndef UNIT_LINUX_UACCESS_H
#define UNIT_LINUX_UACCESS_H

#include <stdlib.h>
#include <string.h>
#include <linux/compiler.h>

/* A test that uses it defines them: does this byte fault, with faults off? */
bool unit_user_faults(const void *user, bool off);
extern int unit_pagefaults_off;

static inline void pagefault_disable(void)
{
	unit_pagefaults_off++;
}

static inline void pagefault_enable(void)
{
	if (!unit_pagefaults_off--)
		abort();
}

static inline void might_fault(void)
{
	if (unit_pagefaults_off)
		abort();
}

static inline bool unit_user_bad(const void *user)
{
	return unit_user_faults(user, unit_pagefaults_off);
}

#define user_access_begin(user, n)	((void)(user), (void)(n), true)
#define user_access_end()		do { } while (0)

#define unsafe_get_user(x, user, label) do {				\
	if (unit_user_bad(user))					\
		goto label;						\
	memcpy(&(x), user, sizeof(*(user)));				\
} while (0)

#define unsafe_put_user(x, user, label) do {				\
	if (unit_user_bad(user))					\
		goto label;						\
	memcpy(user, &(x), sizeof(*(user)));				\
} while (0)

#define unsafe_try_cmpxchg_user(user, old, new, label) ({		\
	if (unit_user_bad(user))					\
		goto label;						\
	__atomic_compare_exchange_n(user, old, new, false,		\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);	\
})

/* What could not be copied. */
static inline unsigned long __copy_from_user_inatomic(void *to, const void *user,
						      unsigned long n)
{
	const char *from = user;
	char *p = to;

	for (; n && !unit_user_bad(from); n--)
		*p++ = *from++;
	return n;
}

static inline unsigned long __copy_to_user_inatomic(void *user, const void *from,
						    unsigned long n)
{
	const char *p = from;
	char *to = user;

	for (; n && !unit_user_bad(to); n--)
		*to++ = *p++;
	return n;
}

#define copy_to_user(user, from, n)	__copy_to_user_inatomic(user, from, n)
#define copy_from_user(to, user, n)	__copy_from_user_inatomic(to, user, n)

#endif
