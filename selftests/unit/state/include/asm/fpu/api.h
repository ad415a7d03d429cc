/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <asm/fpu/api.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_FPU_API_H
#define UNIT_STATE_FPU_API_H

static inline void kernel_fpu_begin_mask(unsigned int mask)
{
	(void)mask;
}

static inline void kernel_fpu_end(void)
{
}

#endif
