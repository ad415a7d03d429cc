/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/static_call.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_STATIC_CALL_H
#define UNIT_STATE_STATIC_CALL_H

#include <linux/types.h>

/* A pointer to the function, which the tests set. */
#define DECLARE_STATIC_CALL(name, fn)	extern __typeof__(fn)(*name##_call)
#define static_call(name)		(*name##_call)

#endif
