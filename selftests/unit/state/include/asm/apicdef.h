/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <asm/apicdef.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_APICDEF_H
#define UNIT_STATE_APICDEF_H

#include <linux/bits.h>

#define APIC_BASE_MSR	0x800
#define X2APIC_ENABLE	BIT(10)

#endif
