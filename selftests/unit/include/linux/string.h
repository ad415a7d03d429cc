/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/string.h> for unit tests. */
#ifndef UNIT_LINUX_STRING_H
#define UNIT_LINUX_STRING_H

#include <string.h>

#endif
