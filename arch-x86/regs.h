/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What regs.c, cpuid.c, msr.c, fpu.c, clock.c, state.c and insn.c share among
 * themselves beyond vendor.h. Nobody else includes it.
 */
#ifndef LHV_REGS_H
#define LHV_REGS_H

#include "vendor.h"

#define LHV_DR6_RESET	0xffff0ff0UL
#define LHV_DR7_RESET	0x400UL

/* regs.c */
bool lhv_cr0_is_valid(u64 cr0);
bool lhv_uses_pdptrs(u64 cr0, u64 cr4, u64 efer);
int lhv_read_pdptrs(struct lhv_vcpu *vcpu, u64 cr3, u64 pdptr[4], bool can_sleep);
void lhv_load_walk(struct lhv_vcpu *vcpu, struct lhv_walk *w);
void lhv_put_cregs(struct lhv_vcpu *vcpu, u64 cr0, u64 cr3, u64 cr4, u64 efer);

/* cpuid.c: what lhv gives, whatever the guest was told */
bool lhv_cpuid_supported(u32 feature);
u64 lhv_supported_efer(void);

/* msr.c */
void lhv_msr_init(void);
void lhv_msr_reset(struct lhv_vcpu *vcpu);

/* clock.c */
void lhv_pvclock_factor(u32 khz, u32 *mul, s8 *shift);

/* fpu.c */
#define LHV_XCR0_PKRU	BIT_ULL(9)

u32 lhv_xsave_size_for(u64 xfeatures, bool compacted);

/* An address that 48-bit paging can reach. */
static inline bool lhv_is_canonical(u64 la)
{
	return (s64)(la << 16) >> 16 == (s64)la;
}

#endif /* LHV_REGS_H */
