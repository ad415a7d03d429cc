// SPDX-License-Identifier: GPL-2.0
/*
 * Messages to a vCPU: request bits, and the kick that makes its thread look at
 * them. Called from anywhere, hard interrupts included. Also the hooks by which
 * mmu/ and irqchip/ reach vCPUs.
 *
 * The protocol: the sender sets a bit, then looks at the mode; the vCPU's thread
 * sets the mode to LHV_IN_GUEST with interrupts off, then looks at the bits.
 * With a full barrier on both sides one of them sees the other.
 */
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/smp.h>

#include "../module/compat.h"
#include "debug.h"
#include "upcalls.h"
#include "vendor.h"

/**
 * lhv_vcpu_kick() - make the vCPU's thread look at its requests
 * @vcpu: any vCPU of a live VM
 *
 * Any context. If it is inside the guest it leaves, if it sleeps it wakes.
 */
void lhv_vcpu_kick(struct lhv_vcpu *vcpu)
{
	int cpu;

	/* Orders what the caller published before the looks below. */
	smp_mb();
	if (rcuwait_wake_up(&vcpu->wait))
		return;
	if (READ_ONCE(vcpu->mode) != LHV_IN_GUEST ||
	    cmpxchg(&vcpu->mode, LHV_IN_GUEST, LHV_EXITING) != LHV_IN_GUEST)
		return;
	cpu = READ_ONCE(vcpu->cpu);
	if (cpu >= 0 && cpu != raw_smp_processor_id())
		lhv_send_reschedule(cpu);
}

/**
 * lhv_vcpu_request() - set a request and kick
 * @vcpu: any vCPU of a live VM
 * @req: what it is asked for
 *
 * Any context.
 */
void lhv_vcpu_request(struct lhv_vcpu *vcpu, enum lhv_request req)
{
	set_bit(req, &vcpu->requests);
	lhv_vcpu_kick(vcpu);
}

/**
 * lhv_vm_request_all() - the same for every vCPU of a VM
 * @vm: may still be without vCPUs
 * @req: what they are asked for
 */
void lhv_vm_request_all(struct lhv_vm *vm, enum lhv_request req)
{
	unsigned int i, n = lhv_nr_vcpus(vm);

	for (i = 0; i < n; i++)
		lhv_vcpu_request(vm->vcpus[i], req);
}

/**
 * lhv_vm_kill() - an internal surprise ends the VM, not the host
 * @vm: every KVM_RUN and later ioctl on it answers -EIO
 * @why: for the log
 *
 * Any context.
 */
void lhv_vm_kill(struct lhv_vm *vm, const char *why)
{
	if (xchg(&vm->dead, true))
		return;
	pr_err_ratelimited("lhv: VM killed: %s\n", why);
	lhv_vm_request_all(vm, LHV_REQ_DEAD);
}

/*
 * A vCPU outside the guest has handed in what its hardware logged when it left
 * the ring; one inside does so in the interrupt that makes it leave.
 */
void lhv_mmu_collect_dirty(struct lhv_mmu *mmu)
{
	struct lhv_vm *vm = container_of(mmu, struct lhv_vm, mmu);
	unsigned int i, n = lhv_nr_vcpus(vm);
	int cpu;

	for (i = 0; i < n; i++) {
		cpu = READ_ONCE(vm->vcpus[i]->cpu);
		if (cpu >= 0)
			smp_call_function_single(cpu, lhv_vendor.drain_log, vm->vcpus[i], 1);
	}
}

static void acknowledge(void *unused)
{
}

/*
 * Only a vCPU that was inside the guest can still use what the caller has just
 * taken away; everyone else flushes before the next entry. An interrupt that is
 * waited for is the proof that it has left.
 */
void lhv_mmu_flush_remote(struct lhv_mmu *mmu)
{
	struct lhv_vm *vm = container_of(mmu, struct lhv_vm, mmu);
	unsigned int i, n = lhv_nr_vcpus(vm);
	int cpu;

	for (i = 0; i < n; i++)
		set_bit(LHV_REQ_TLB_FLUSH, &vm->vcpus[i]->requests);
	lhv_debug_flush_asked(vm);
	/* Pairs with the one between mode and requests before an entry. */
	smp_mb();
	for (i = 0; i < n; i++) {
		struct lhv_vcpu *vcpu = vm->vcpus[i];

		if (READ_ONCE(vcpu->mode) == LHV_OUTSIDE)
			continue;
		preempt_disable();
		cpu = READ_ONCE(vcpu->cpu);
		if (cpu >= 0 && cpu != smp_processor_id())
			smp_call_function_single(cpu, acknowledge, NULL, 1);
		preempt_enable();
	}
}

void lhv_mmu_logging_changed(struct lhv_mmu *mmu)
{
	lhv_vm_request_all(container_of(mmu, struct lhv_vm, mmu), LHV_REQ_LOGGING);
}

void lhv_irq_hook_kick(struct lhv_lapic *apic)
{
	lhv_vcpu_request(container_of(apic, struct lhv_vcpu, lapic), LHV_REQ_EVENT);
}

/* LINT0 of every APIC is wired to the 8259; who listens decides by its LVT. */
void lhv_irq_hook_pic(struct lhv_irqchip *chip)
{
	struct lhv_vm *vm = chip->owner;
	unsigned int i, n = lhv_nr_vcpus(vm);

	for (i = 0; i < n; i++)
		if (lhv_lapic_accepts_extint(&vm->vcpus[i]->lapic))
			lhv_vcpu_request(vm->vcpus[i], LHV_REQ_EVENT);
}

void lhv_irq_hook_eoi(struct lhv_irqchip *chip, u32 irqchip, u32 pin)
{
	lhv_eventfds_eoi(chip->owner, irqchip, pin);
}

void lhv_irq_hook_user_eoi(struct lhv_lapic *apic, u8 vector)
{
	struct lhv_vcpu *vcpu = container_of(apic, struct lhv_vcpu, lapic);

	vcpu->user_eoi = vector;
	lhv_self_request(vcpu, LHV_REQ_USER_EOI);
}

bool lhv_irq_hook_has_resamplers(struct lhv_irqchip *chip)
{
	return lhv_eventfds_have_resamplers(chip->owner);
}

void lhv_irq_hook_eoi_map_changed(struct lhv_irqchip *chip)
{
	lhv_vm_request_all(chip->owner, LHV_REQ_EOI_MAP);
}

void lhv_irq_hook_apic_mode(struct lhv_lapic *apic)
{
	lhv_self_request(container_of(apic, struct lhv_vcpu, lapic), LHV_REQ_APIC_MODE);
}

/* A day: the guest may ask for all of 64 bits of TSC. */
#define MAX_DEADLINE_MS		(24ULL * 3600 * MSEC_PER_SEC)

u64 lhv_irq_hook_tsc_to_ns(struct lhv_lapic *apic, u64 tsc)
{
	struct lhv_vcpu *vcpu = container_of(apic, struct lhv_vcpu, lapic);
	u64 now = lhv_guest_tsc(vcpu), left;

	if (tsc <= now)
		return 0;
	/* A timer that comes early looks again, a quotient too large is fatal. */
	left = min(tsc - now, vcpu->tsc_khz * MAX_DEADLINE_MS);
	return mul_u64_u64_div_u64(left, NSEC_PER_MSEC, vcpu->tsc_khz);
}
