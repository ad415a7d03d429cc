// SPDX-License-Identifier: GPL-2.0
/*
 * Guest time: the time-stamp counter of each vCPU, and kvmclock, the VM's clock
 * in nanoseconds that guests read through a page of theirs. Called by the MSR
 * table, the run loop and module/. The hardware adds the TSC offset by itself;
 * this file decides what it is. It knows neither vendor.
 *
 * Where the host's TSC is stable, kvmclock is a straight line over it, the same
 * for all vCPUs, and moves only by KVM_SET_CLOCK and where the host slept: guests
 * may then compare it across CPUs. Where it is not, each update pairs the TSC with boot time anew.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/printk.h>
#include <linux/timekeeping.h>
#include <asm/msr.h>
#include <asm/pvclock.h>
#include <asm/tsc.h>

#include "msr.h"

#define CLOCK_FLAGS	(KVM_CLOCK_TSC_STABLE | KVM_CLOCK_REALTIME | KVM_CLOCK_HOST_TSC)
#define TSC_TOLERANCE_PPM	250
#define NSEC_PER_MSEC_KHZ	1000000		/* ns in a ms, ticks in a ms are kHz */

/**
 * lhv_pvclock_factor() - how ticks become nanoseconds, in pvclock's terms
 * @khz: frequency of the counter, not 0
 * @mul: multiplier, a fraction of 2^32 between one half and one
 * @shift: left shift of the ticks before it; negative: right
 */
void lhv_pvclock_factor(u32 khz, u32 *mul, s8 *shift)
{
	u64 ns = NSEC_PER_MSEC_KHZ, ticks = khz;

	for (*shift = 0; ns >= ticks; (*shift)++)
		ticks <<= 1;
	for (; ns * 2 < ticks; (*shift)--)
		ns <<= 1;
	*mul = div64_u64(ns << 32, ticks);
}

/* ---- the VM's clock ---- */

/* clock_lock held. */
static u64 clock_at(const struct lhv_vm *vm, u64 host_tsc)
{
	if (check_tsc_unstable())
		return ktime_get_boottime_ns() + vm->clock_offset;
	return vm->clock_ns + pvclock_scale_delta(host_tsc - vm->clock_tsc,
						  vm->clock_mul, vm->clock_shift);
}

/* clock_lock held. */
static void start_clock(struct lhv_vm *vm, u64 ns)
{
	vm->clock_tsc = rdtsc_ordered();
	vm->clock_ns = ns;
	vm->clock_offset = ns - ktime_get_boottime_ns();
	vm->clock_gen++;
}

/**
 * lhv_clock_global_init() - is there a TSC to keep guests' time by? At load
 *
 * Return: 0, or -EOPNOTSUPP where the host runs without one (printed).
 */
int lhv_clock_global_init(void)
{
	if (tsc_khz)
		return 0;
	pr_err("lhv: the host does not use its time-stamp counter (tsc_khz is 0)\n");
	return -EOPNOTSUPP;
}

/**
 * lhv_clock_vm_init() - the clock of a new VM starts at 0
 * @vm: the VM
 */
void lhv_clock_vm_init(struct lhv_vm *vm)
{
	raw_spin_lock_init(&vm->clock_lock);
	raw_spin_lock_init(&vm->clock_pages_lock);
	lhv_pvclock_factor(tsc_khz, &vm->clock_mul, &vm->clock_shift);
	start_clock(vm, 0);
}

/**
 * lhv_clock_pause() - the host is about to stop all that runs
 * @vm: one of its VMs
 *
 * Guests are told that they were stopped: to their watchdogs, the time that is
 * missing then is no lock-up.
 *
 * Process context.
 */
void lhv_clock_pause(struct lhv_vm *vm)
{
	unsigned int i, n = lhv_nr_vcpus(vm);

	raw_spin_lock(&vm->clock_pages_lock);
	for (i = 0; i < n; i++)
		if (READ_ONCE(vm->vcpus[i]->pvclock.system_time_msr) & KVM_MSR_ENABLED)
			vm->vcpus[i]->pvclock.guest_stopped = true;
	raw_spin_unlock(&vm->clock_pages_lock);
	lhv_vm_request_all(vm, LHV_REQ_CLOCK);
}

static u64 tsc_at_suspend;

/**
 * lhv_clock_suspend() - the host goes to sleep
 *
 * On the last CPU, interrupts off.
 */
void lhv_clock_suspend(void)
{
	tsc_at_suspend = rdtsc_ordered();
}

/**
 * lhv_clock_resume() - the host woke up
 * @vm: one of its VMs, whose tasks are frozen
 *
 * Where the host's TSC went back in its sleep, the guest's goes on where it was:
 * no guest is made for a TSC that goes back. Its kvmclock, like the host's boot
 * time, has seen the sleep. Where the TSC kept counting, there is nothing to do;
 * one that began anew and is ahead again by now cannot be told from it.
 *
 * On the only CPU, interrupts off, timekeeping awake.
 */
void lhv_clock_resume(struct lhv_vm *vm)
{
	unsigned int i, n = lhv_nr_vcpus(vm);
	u64 now = rdtsc_ordered(), lost = tsc_at_suspend - now;
	unsigned long flags;

	if (now >= tsc_at_suspend)
		return;
	raw_spin_lock_irqsave(&vm->clock_lock, flags);
	start_clock(vm, max(clock_at(vm, tsc_at_suspend),
			    ktime_get_boottime_ns() + vm->clock_offset));
	vm->tsc_sync_offset += lost;
	for (i = 0; i < n; i++)
		WRITE_ONCE(vm->vcpus[i]->tsc_offset, vm->vcpus[i]->tsc_offset + lost);
	raw_spin_unlock_irqrestore(&vm->clock_lock, flags);
	lhv_vm_request_all(vm, LHV_REQ_TSC);
	lhv_vm_request_all(vm, LHV_REQ_CLOCK);
}

/**
 * lhv_clock_flags() - KVM_CAP_ADJUST_CLOCK
 *
 * Return: the flags that KVM_GET_CLOCK and KVM_SET_CLOCK know.
 */
u32 lhv_clock_flags(void)
{
	return CLOCK_FLAGS;
}

/*
 * Guests may compare it across CPUs: the host's TSC is stable and every vCPU
 * sees the same. Racy: whoever changes one asks for updates.
 */
static bool clock_is_stable(struct lhv_vm *vm)
{
	unsigned int i, n = lhv_nr_vcpus(vm);

	for (i = 1; i < n; i++)
		if (READ_ONCE(vm->vcpus[i]->tsc_offset) != READ_ONCE(vm->vcpus[0]->tsc_offset))
			return false;
	return !check_tsc_unstable();
}

/**
 * lhv_get_clock() - KVM_GET_CLOCK
 * @vm: the VM
 * @d: the answer
 *
 * Return: 0.
 */
int lhv_get_clock(struct lhv_vm *vm, struct kvm_clock_data *d)
{
	unsigned long flags;

	memset(d, 0, sizeof(*d));
	raw_spin_lock_irqsave(&vm->clock_lock, flags);
	d->host_tsc = rdtsc_ordered();
	d->realtime = ktime_get_real_ns();
	d->clock = clock_at(vm, d->host_tsc);
	raw_spin_unlock_irqrestore(&vm->clock_lock, flags);
	if (clock_is_stable(vm))
		d->flags = CLOCK_FLAGS;
	else
		*d = (struct kvm_clock_data){ .clock = d->clock };
	return 0;
}

/**
 * lhv_set_clock() - KVM_SET_CLOCK
 * @vm: the VM
 * @d: the clock; with KVM_CLOCK_REALTIME it goes on from then to now
 *
 * Return: 0, or -EINVAL for flags that are not there.
 */
int lhv_set_clock(struct lhv_vm *vm, const struct kvm_clock_data *d)
{
	unsigned long flags;
	u64 ns = d->clock, now;

	if (d->flags & ~CLOCK_FLAGS)
		return -EINVAL;
	raw_spin_lock_irqsave(&vm->clock_lock, flags);
	now = ktime_get_real_ns();
	if ((d->flags & KVM_CLOCK_REALTIME) && now > d->realtime)
		ns += now - d->realtime;
	start_clock(vm, ns);
	raw_spin_unlock_irqrestore(&vm->clock_lock, flags);
	lhv_vm_request_all(vm, LHV_REQ_CLOCK);
	return 0;
}

/* ---- the guest's pages ---- */

/*
 * The version is odd while the rest changes: guests read again then. It is at
 * the beginning of both structures.
 */
static int write_versioned(struct lhv_vcpu *vcpu, u64 gpa, const void *s, unsigned int len)
{
	struct lhv_mmu *mmu = &vcpu->vm->mmu;
	u32 version = 0;
	int ret;

	ret = lhv_mmu_read_gpa(mmu, gpa, &version, sizeof(version), false);
	version = (version + 1) | 1;
	if (!ret)
		ret = lhv_mmu_write_gpa(mmu, gpa, &version, sizeof(version), false);
	smp_wmb();	/* odd before anything changes */
	if (!ret)
		ret = lhv_mmu_write_gpa(mmu, gpa + sizeof(version), s + sizeof(version),
					len - sizeof(version), false);
	smp_wmb();	/* everything before it is even again */
	version++;
	if (!ret)
		ret = lhv_mmu_write_gpa(mmu, gpa, &version, sizeof(version), false);
	return ret;
}

static int write_time_info(struct lhv_vcpu *vcpu, u64 gpa)
{
	struct pvclock_vcpu_time_info t = {}, old;
	struct lhv_vm *vm = vcpu->vm;
	unsigned long flags;
	int ret;

	if (vcpu->pvclock.lost_msr == (gpa | KVM_MSR_ENABLED)) {
		vcpu->pvclock.lost_msr = 0;
		return -EFAULT;
	}
	ret = lhv_mmu_read_gpa(&vm->mmu, gpa, &old, sizeof(old), false);
	if (ret)
		return ret;
	/* the guest takes it back itself when it has seen it */
	if (READ_ONCE(vcpu->pvclock.guest_stopped) || (old.flags & PVCLOCK_GUEST_STOPPED))
		t.flags = PVCLOCK_GUEST_STOPPED;
	raw_spin_lock_irqsave(&vm->clock_lock, flags);
	t.tsc_timestamp = vm->clock_tsc;
	t.system_time = vm->clock_ns;
	if (check_tsc_unstable()) {
		t.tsc_timestamp = rdtsc_ordered();
		t.system_time = clock_at(vm, t.tsc_timestamp);
	}
	raw_spin_unlock_irqrestore(&vm->clock_lock, flags);
	if (clock_is_stable(vm))
		t.flags |= PVCLOCK_TSC_STABLE_BIT;
	t.tsc_timestamp += READ_ONCE(vcpu->tsc_offset);
	t.tsc_to_system_mul = vm->clock_mul;
	t.tsc_shift = vm->clock_shift;
	return write_versioned(vcpu, gpa, &t, sizeof(t));
}

/*
 * Pages of others that have become untrue: guests read another vCPU's page where
 * the clock is stable, as Linux's vDSO does, and its owner may not run for long.
 * Where the host's TSC is not stable they may not, and this CPU's TSC is none of
 * its owner's. clock_pages_lock held. 0, or -EAGAIN for @gpa.
 */
static int write_others(struct lhv_vcpu *vcpu, unsigned int gen, u64 *gpa)
{
	struct lhv_vm *vm = vcpu->vm;
	unsigned int i, n = lhv_nr_vcpus(vm);

	if (check_tsc_unstable())
		return 0;
	for (i = 0; i < n; i++) {
		struct lhv_vcpu *other = vm->vcpus[i];
		u64 msr = READ_ONCE(other->pvclock.system_time_msr);

		if (other == vcpu || other->pvclock.gen == gen || !(msr & KVM_MSR_ENABLED))
			continue;
		*gpa = msr & ~(u64)KVM_MSR_ENABLED;
		if (write_time_info(other, *gpa) == -EAGAIN)
			return -EAGAIN;
		other->pvclock.gen = gen;
	}
	return 0;
}

/* Its own page, and those of others. 0, or -EAGAIN for @gpa. */
static int write_pages(struct lhv_vcpu *vcpu, u64 *gpa)
{
	struct lhv_pvclock *pv = &vcpu->pvclock;
	struct lhv_vm *vm = vcpu->vm;
	unsigned long flags;
	unsigned int gen;
	int ret = 0;

	raw_spin_lock(&vm->clock_pages_lock);
	/* before what the pages are made of: what changes later is written again */
	raw_spin_lock_irqsave(&vm->clock_lock, flags);
	gen = vm->clock_gen;
	raw_spin_unlock_irqrestore(&vm->clock_lock, flags);
	*gpa = pv->system_time_msr & ~(u64)KVM_MSR_ENABLED;
	if (pv->system_time_msr & KVM_MSR_ENABLED) {
		ret = write_time_info(vcpu, *gpa);
		if (!ret)
			pv->guest_stopped = false;
		if (ret != -EAGAIN)
			pv->gen = gen;
	}
	if (ret != -EAGAIN)
		ret = write_others(vcpu, gen, gpa);
	raw_spin_unlock(&vm->clock_pages_lock);
	return ret;
}

/* Wall-clock time at which kvmclock was 0. */
static int write_wall_clock(struct lhv_vcpu *vcpu, u64 gpa)
{
	struct lhv_vm *vm = vcpu->vm;
	struct pvclock_wall_clock w = {};
	unsigned long flags;
	u64 ns;
	int ret;

	raw_spin_lock_irqsave(&vm->clock_lock, flags);
	ns = ktime_get_real_ns() - clock_at(vm, rdtsc_ordered());
	raw_spin_unlock_irqrestore(&vm->clock_lock, flags);
	w.sec = div_u64(ns, NSEC_PER_SEC);
	w.nsec = ns - (u64)w.sec * NSEC_PER_SEC;
	ret = write_versioned(vcpu, gpa, &w, sizeof(w));
	if (ret != -EAGAIN)
		vcpu->pvclock.wall_clock_due = false;
	return ret;
}

/**
 * lhv_clock_update() - LHV_REQ_CLOCK: write the guest's clock pages
 * @vcpu: in the ring, before an entry
 *
 * Its own, and those of other vCPUs that no longer tell the truth and that nobody
 * has written yet: no vCPU enters the guest with a page of before.
 *
 * Return: 0; -EAGAIN where a page is not at hand: vcpu->fault_gpa and
 * fault_access say which, bring it in, or lhv_clock_leave_out(), and call again.
 */
int lhv_clock_update(struct lhv_vcpu *vcpu)
{
	u64 gpa, last;
	int ret;

	ret = write_pages(vcpu, &gpa);
	last = gpa + sizeof(struct pvclock_vcpu_time_info) - 1;
	if (ret != -EAGAIN && vcpu->pvclock.wall_clock_due) {
		gpa = READ_ONCE(vcpu->vm->wall_clock_msr);
		last = gpa + sizeof(struct pvclock_wall_clock) - 1;
		ret = write_wall_clock(vcpu, gpa);
	}
	if (ret != -EAGAIN)
		return 0;	/* no memory there: the guest's own loss */
	/* it may lie across two pages: one of them, and then the other */
	vcpu->fault_gpa = vcpu->fault_gpa == gpa ? last : gpa;
	vcpu->fault_access = LHV_ACC_WRITE;
	return -EAGAIN;
}

/**
 * lhv_clock_leave_out() - the page at vcpu->fault_gpa cannot be had
 * @vcpu: outside the ring
 *
 * The clocks that are there are left out of the next update: the page may be that
 * of another vCPU, and this one has to go on.
 */
void lhv_clock_leave_out(struct lhv_vcpu *vcpu)
{
	struct lhv_vm *vm = vcpu->vm;
	unsigned int i, n = lhv_nr_vcpus(vm);

	if (vcpu->fault_gpa - READ_ONCE(vm->wall_clock_msr) < sizeof(struct pvclock_wall_clock))
		vcpu->pvclock.wall_clock_due = false;
	raw_spin_lock(&vm->clock_pages_lock);
	for (i = 0; i < n; i++) {
		struct lhv_pvclock *pv = &vm->vcpus[i]->pvclock;
		u64 msr = READ_ONCE(pv->system_time_msr);

		if (vcpu->fault_gpa - (msr & ~(u64)KVM_MSR_ENABLED) <
		    sizeof(struct pvclock_vcpu_time_info))
			pv->lost_msr = msr;
	}
	raw_spin_unlock(&vm->clock_pages_lock);
}

/* The guest's page for its clock; the row of the table keeps where it is. */
int lhv_set_system_time(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	lhv_self_request(vcpu, LHV_REQ_CLOCK);
	return 0;
}

/* The guest wants to know the wall-clock time there; 0 for nowhere. */
int lhv_set_wall_clock(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	WRITE_ONCE(vcpu->vm->wall_clock_msr, data);
	vcpu->pvclock.wall_clock_due = data;
	lhv_self_request(vcpu, LHV_REQ_CLOCK);
	return 0;
}

/**
 * lhv_kvmclock_ctrl() - KVM_KVMCLOCK_CTRL: the guest was stopped by userspace
 * @vcpu: the vCPU
 *
 * Return: 0, or -EINVAL where the guest has no clock page.
 */
int lhv_kvmclock_ctrl(struct lhv_vcpu *vcpu)
{
	if (!(vcpu->pvclock.system_time_msr & KVM_MSR_ENABLED))
		return -EINVAL;
	vcpu->pvclock.guest_stopped = true;
	lhv_self_request(vcpu, LHV_REQ_CLOCK);
	return 0;
}

/* ---- the time-stamp counter ---- */

/**
 * lhv_guest_tsc() - the guest's TSC now
 * @vcpu: the vCPU
 *
 * Return: ticks.
 */
u64 lhv_guest_tsc(struct lhv_vcpu *vcpu)
{
	return rdtsc_ordered() + vcpu->tsc_offset;
}

static void set_offset(struct lhv_vcpu *vcpu, u64 offset)
{
	struct lhv_lapic *apic = &vcpu->lapic;
	struct lhv_vm *vm = vcpu->vm;
	unsigned long flags;

	if (offset == vcpu->tsc_offset)
		return;
	raw_spin_lock_irqsave(&vm->clock_lock, flags);
	WRITE_ONCE(vcpu->tsc_offset, offset);
	vm->clock_gen++;
	raw_spin_unlock_irqrestore(&vm->clock_lock, flags);
	lhv_self_request(vcpu, LHV_REQ_TSC);
	/* the deadline is a time of the guest's TSC, which has just moved */
	if (vm->has_irqchip && apic->tsc_deadline)
		lhv_lapic_set_tsc_deadline(apic, apic->tsc_deadline);
	/* every page tells whether all the TSCs agree */
	lhv_self_request(vcpu, LHV_REQ_CLOCK);
	lhv_vm_request_all(vm, LHV_REQ_CLOCK);
}

/*
 * Userspace sets the TSCs of a VM one after the other and means them to agree:
 * a value that one already set would have reached by now, to within a second,
 * gets the same offset. Zero is what a vCPU begins with, and no value that
 * userspace chose: a VM that is restored while it is young keeps its TSC.
 */
static u64 synchronised_offset(struct lhv_vm *vm, u64 value)
{
	u64 offset, second = (u64)tsc_khz * 1000;
	unsigned long flags;

	raw_spin_lock_irqsave(&vm->clock_lock, flags);
	offset = value - rdtsc_ordered();
	if (!check_tsc_unstable() && vm->tsc_sync_valid &&
	    (!value || (vm->tsc_sync_chosen &&
			offset - vm->tsc_sync_offset + second < 2 * second)))
		offset = vm->tsc_sync_offset;
	vm->tsc_sync_offset = offset;
	vm->tsc_sync_valid = true;
	vm->tsc_sync_chosen |= value;
	raw_spin_unlock_irqrestore(&vm->clock_lock, flags);
	return offset;
}

/*
 * Userspace's write leaves TSC_ADJUST alone and is synchronised with what it
 * wrote to the other vCPUs.
 */
int lhv_set_tsc(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	u64 offset = data - rdtsc_ordered();

	if (host)
		offset = synchronised_offset(vcpu->vm, data);
	else
		vcpu->tsc_adjust += offset - vcpu->tsc_offset;
	set_offset(vcpu, offset);
	return 0;
}

/* Userspace's write does not move the TSC. */
int lhv_set_tsc_adjust(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	if (!host)
		set_offset(vcpu, vcpu->tsc_offset + data - vcpu->tsc_adjust);
	return 0;
}

/**
 * lhv_set_tsc_khz() - KVM_SET_TSC_KHZ
 * @vcpu: the vCPU
 * @khz: the frequency, 0 for the host's
 *
 * Return: 0, or -EINVAL for one that is not the host's, to within what clients
 * put up with: there is no scaling.
 */
int lhv_set_tsc_khz(struct lhv_vcpu *vcpu, u32 khz)
{
	u64 slack = div_u64((u64)tsc_khz * TSC_TOLERANCE_PPM, 1000000);

	if (!khz)
		khz = tsc_khz;
	if (khz < tsc_khz - slack || khz > tsc_khz + slack)
		return -EINVAL;
	vcpu->tsc_khz = khz;
	return 0;
}

/**
 * lhv_clock_vcpu_init() - a new vCPU's TSC goes with its VM's
 * @vcpu: the vCPU, not published yet
 */
void lhv_clock_vcpu_init(struct lhv_vcpu *vcpu)
{
	vcpu->tsc_khz = tsc_khz;
	vcpu->tsc_offset = synchronised_offset(vcpu->vm, 0);
	lhv_self_request(vcpu, LHV_REQ_TSC);
}

/**
 * lhv_clock_vcpu_joins() - there is one more TSC that may agree with the others
 * @vcpu: just published, and nobody runs it yet
 *
 * Before it enters the guest it writes the pages that say so.
 */
void lhv_clock_vcpu_joins(struct lhv_vcpu *vcpu)
{
	struct lhv_vm *vm = vcpu->vm;
	unsigned long flags;

	raw_spin_lock_irqsave(&vm->clock_lock, flags);
	vm->clock_gen++;
	raw_spin_unlock_irqrestore(&vm->clock_lock, flags);
	lhv_self_request(vcpu, LHV_REQ_CLOCK);
}
