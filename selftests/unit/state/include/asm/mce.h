/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <asm/mce.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_MCE_H
#define UNIT_STATE_MCE_H

#include <linux/bits.h>

#define MCG_CTL_P		BIT_ULL(8)
#define MCG_SER_P		BIT_ULL(24)
#define MCG_STATUS_MCIP		BIT_ULL(2)
#define MCI_STATUS_VAL		BIT_ULL(63)
#define MCI_STATUS_OVER		BIT_ULL(62)
#define MCI_STATUS_UC		BIT_ULL(61)

#endif
