/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <asm/fpu/types.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_FPU_TYPES_H
#define UNIT_STATE_FPU_TYPES_H

#include <linux/types.h>

struct fxregs_state {
	u16 cwd, swd, twd, fop;
	u64 rip, rdp;
	u32 mxcsr, mxcsr_mask;
	u32 st_space[32];
	u32 xmm_space[64];
	u32 padding[12];
	u32 sw_reserved[12];
} __aligned(16);

struct xstate_header {
	u64 xfeatures;
	u64 xcomp_bv;
	u64 reserved[6];
} __packed;

struct xregs_state {
	struct fxregs_state i387;
	struct xstate_header header;
	u8 extended_state_area[];
} __packed __aligned(64);

#endif
