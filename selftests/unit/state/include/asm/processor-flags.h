/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <asm/processor-flags.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_PROCESSOR_FLAGS_H
#define UNIT_STATE_PROCESSOR_FLAGS_H

#include_next <asm/processor-flags.h>

#define CR3_PCID_MASK	0xfffULL

#endif
