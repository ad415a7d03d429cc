/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/compiler_types.h> for unit tests. */
#ifndef UNIT_LINUX_COMPILER_TYPES_H
#define UNIT_LINUX_COMPILER_TYPES_H

#define __user
#define __rcu
#define __percpu
#define __force
#define __acquires(x)
#define __releases(x)
#define __must_hold(x)
#undef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))
#define noinline		__attribute__((__noinline__))
#define __packed		__attribute__((__packed__))
#define __aligned(x)		__attribute__((__aligned__(x)))
#define __maybe_unused		__attribute__((__unused__))
#define fallthrough		__attribute__((__fallthrough__))

#endif
