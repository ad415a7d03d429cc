/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between msr.c, its table, and the files that have MSRs of their own (mtrr.c,
 * mce.c, clock.c); nobody else includes it.
 *
 * Accessors are called with the vCPU loaded and may not sleep. They answer 0,
 * or 1 where the guest takes #GP(0) and userspace's list ends. Host accesses
 * are userspace's: what the guest's CPUID hides is open to them.
 */
#ifndef LHV_MSR_H
#define LHV_MSR_H

#include "regs.h"

#define LHV_MSR_SAVED	BIT(0)	/* in KVM_GET_MSR_INDEX_LIST */
#define LHV_MSR_HW	BIT(1)	/* the vendor's hardware may hold it */
#define LHV_MSR_CANON	BIT(2)	/* an address: #GP where it is not canonical */
#define LHV_MSR_RO	BIT(3)	/* the guest cannot write it */
#define LHV_MSR_WO	BIT(4)	/* nobody can read it */
#define LHV_MSR_WI	BIT(5)	/* the guest's writes change nothing */
#define LHV_MSR_OWN	BIT(6)	/* its setter stores it; reset is elsewhere */
#define LHV_MSR_FIXED	BIT(7)	/* userspace cannot write it either */
#define LHV_MSR_ABSENT	BIT(8)	/* lhv cannot give its feature here; at load */

#define LHV_MSR_NO_FIELD	0

struct lhv_msr_row {
	u32 first, count;
	u16 flags;
	u16 field;		/* offset of count u64s in struct lhv_vcpu, or NO_FIELD */
	u16 feature, or_feature; /* X86_FEATURE numbers: lhv must support one; 0: none */
	u16 cap;		/* offset of a bool in lhv_guest_caps; 0: none */
	u64 reserved;		/* bits a write may not set */
	u64 reset;
	int (*get)(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host);
	/* checks; what the row has a field for is stored afterwards */
	int (*set)(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host);
};

extern struct lhv_msr_row lhv_msr_rows[];	/* ascending, no overlaps */
extern const unsigned int lhv_msr_nr_rows;

/* mtrr.c */
#define LHV_MTRR_VARIABLE	8
#define LHV_MTRR_CAP_MSR	0x0fe
#define LHV_MTRR_PHYSBASE0	0x200	/* then PHYSMASK0, PHYSBASE1, ... */
#define LHV_MTRR_FIX64K		0x250
#define LHV_MTRR_FIX16K		0x258
#define LHV_MTRR_FIX4K		0x268
#define LHV_MTRR_DEF_TYPE	0x2ff
#define LHV_MTRR_CAP		0x508	/* write-combining, fixed ranges, 8 variable */

int lhv_pat_set(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host);
int lhv_mtrr_set(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host);

/* mce.c */
int lhv_mcg_ctl_get(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host);
int lhv_mcg_ctl_set(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host);
int lhv_mce_bank_get(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host);
int lhv_mce_bank_set(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host);

/* clock.c */
int lhv_set_tsc(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host);
int lhv_set_tsc_adjust(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host);
int lhv_set_system_time(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host);
int lhv_set_wall_clock(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host);

#endif /* LHV_MSR_H */
