/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/cc_platform.h> for the unit tests of this folder. */
#ifndef UNIT_SVM_CC_PLATFORM_H
#define UNIT_SVM_CC_PLATFORM_H

#include <linux/types.h>

enum cc_attr { CC_ATTR_HOST_MEM_ENCRYPT };

bool cc_platform_has(enum cc_attr attr);	/* the tests' host */

#endif
