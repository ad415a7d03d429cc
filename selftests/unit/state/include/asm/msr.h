/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <asm/msr.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_MSR_H
#define UNIT_STATE_MSR_H

#include <asm/tsc.h>

#endif
