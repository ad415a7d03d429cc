/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The world around the processor's state, as the tests make it: a host with any
 * CPUID, a vendor that remembers what it is told, a little guest memory, clocks
 * that stand still unless told. Used by every test in this folder; each case
 * has a process and so a world of its own. Knows nothing of what the state
 * should do.
 */
#ifndef UNIT_STATE_WORLD_H
#define UNIT_STATE_WORLD_H

#include <linux/kernel.h>

#include "../../../arch-x86/cpuid.h"
#include "../../../arch-x86/msr.h"
#include "../../include/tap.h"

#define CASE(fn)	{ #fn, fn }
#define GUEST_BYTES	0x10000		/* from guest-physical 0 */
#define MAX_HW_MSRS	16

struct world {
	struct lhv_vm vm;
	struct lhv_vcpu vcpu[2];
	struct kvm_run run[2];
	/* the host */
	u32 cpuid_fill;			/* what CPUID answers in feature leaves */
	bool amd, tsc_unstable;
	u64 tsc, boot_ns, real_ns, xcr0;
	u32 withheld;			/* a feature that the vendor has not; 0: none */
	u32 wrmsr_index;		/* last write of a host MSR */
	u64 wrmsr_value;
	/* the vendor */
	struct lhv_segment seg[LHV_NR_SEGS];
	struct kvm_dtable gdt, idt;
	u64 cr0, cr3, cr4, efer, dr7, pdptr[4];
	u32 shadow;
	bool nmi_mask;
	unsigned int loads, exceptions;
	struct { u32 index; u64 data; } msr[MAX_HW_MSRS];
	/* guest memory: accesses that find the page away before they succeed */
	u8 memory[GUEST_BYTES];
	int away;
	unsigned int writes;
	/* versions of the clock page, as a guest that looks at each write sees them */
	u32 versions[8];
};

extern struct world world;

/* A host that has everything, a VM, two vCPUs after power-up, CPUID not set. */
struct lhv_vcpu *world_init(void);
/* The same on the host that world already describes. */
struct lhv_vcpu *world_start(void);
/* The vCPU gets the CPUID that lhv gives, as a VMM would set it. */
void give_all_cpuid(struct lhv_vcpu *vcpu);
/* One of the entries lhv gives, to be changed by the test before it is set. */
struct kvm_cpuid_entry2 *all_cpuid(u32 *n);
struct kvm_cpuid_entry2 *entry_of(struct kvm_cpuid_entry2 *e, u32 n, u32 leaf, u32 index);
void world_tick(u64 tsc);

extern const struct tap_case cpuid_cases[];
extern const struct tap_case msr_cases[];
extern const struct tap_case regs_cases[];
extern const struct tap_case clock_cases[];
extern const struct tap_case fpu_cases[];
extern const struct tap_case ioctl_cases[];

#endif
