/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Assertions of the debug build (FLAVOUR=debug) on stale translations, which no
 * emulator shows because all of them flush at every entry: what must have been
 * flushed has a generation, and an entry with an older one is a bug. Used by
 * run.c and kick.c; empty otherwise.
 */
#ifndef LHV_DEBUG_H
#define LHV_DEBUG_H

#include "vendor.h"

#ifdef LHV_DEBUG
/* After the requests are set: who sees the new generation sees its request. */
static inline void lhv_debug_flush_asked(struct lhv_vm *vm)
{
	/* pairs with lhv_debug_check_entry() */
	smp_wmb();
	atomic64_inc(&vm->tlb_gen);
}

/* Just before the flush itself, on the CPU that makes it. */
static inline void lhv_debug_flush_made(struct lhv_vcpu *vcpu)
{
	vcpu->tlb_gen = atomic64_read(&vcpu->vm->tlb_gen);
	vcpu->tlb_cpu = smp_processor_id();
}

/* Interrupts off, requests found empty: the next instruction is the guest's. */
static inline void lhv_debug_check_entry(struct lhv_vcpu *vcpu)
{
	bool stale = vcpu->tlb_gen != atomic64_read(&vcpu->vm->tlb_gen);

	/* pairs with lhv_debug_flush_asked(): the generation, then the request */
	smp_rmb();
	WARN_ONCE(stale && !lhv_has_request(vcpu, LHV_REQ_TLB_FLUSH),
		  "lhv: entry with the translations of an older generation\n");
	WARN_ONCE(vcpu->tlb_cpu != smp_processor_id(),
		  "lhv: entry on a CPU whose translations were not flushed\n");
	WARN_ONCE(lhv_mmu_zap_lost(&vcpu->vm->mmu),
		  "lhv: entry after a zap that raised no flush\n");
}
#else
static inline void lhv_debug_flush_asked(struct lhv_vm *vm) { }
static inline void lhv_debug_flush_made(struct lhv_vcpu *vcpu) { }
static inline void lhv_debug_check_entry(struct lhv_vcpu *vcpu) { }
#endif

#endif /* LHV_DEBUG_H */
