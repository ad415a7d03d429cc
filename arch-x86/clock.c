// SPDX-License-Identifier: GPL-2.0
/*
 * Guest time: the time-stamp counter of each vCPU, and kvmclock, the VM's clock
 * in nanoseconds that guests read through a page of theirs. Called by the MSR
 * table, the run loop and module/. The hardware adds the TSC offset by itself;
 * this file decides what it is. It knows neither vendor.
 *
 * Where the host's TSC is stable, kvmclock is a straight line over it, the same
 * for all vCPUs, and moves only by KVM_SET_CLOCK: guests may then compare it
 * across CPUs. Where it is not, each update pairs the TSC with boot time anew.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/printk.h>
#include <linux/timekeeping.h>
#include <asm/msr.h>
#include <asm/pvclock-abi.h>
#include <asm/tsc.h>

#include "regs.h"

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

	*shift = 0;
	while (ns >= ticks) {
		ticks <<= 1;
		(*shift)++;
	}
	while (ns * 2 < ticks) {
		ns <<= 1;
		(*shift)--;
	}
	*mul = div64_u64(ns << 32, ticks);
}

/**
 * lhv_pvclock_scale() - ticks to nanoseconds, as a guest computes it
 * @ticks: since the timestamp
 * @mul: see lhv_pvclock_factor()
 * @shift: see there
 *
 * Return: nanoseconds.
 */
u64 lhv_pvclock_scale(u64 ticks, u32 mul, s8 shift)
{
	ticks = shift < 0 ? ticks >> -shift : ticks << shift;
	return mul_u64_u32_shr(ticks, mul, 32);
}

static bool tsc_is_stable(void)
{
	return !check_tsc_unstable();
}

/* ---- the VM's clock ---- */

/* clock_lock held. */
static u64 clock_at(const struct lhv_vm *vm, u64 host_tsc)
{
	if (!tsc_is_stable())
		return ktime_get_boottime_ns() + vm->clock_offset;
	return vm->clock_ns + lhv_pvclock_scale(host_tsc - vm->clock_tsc,
						vm->clock_mul, vm->clock_shift);
}

/* clock_lock held. */
static void start_clock(struct lhv_vm *vm, u64 ns)
{
	vm->clock_tsc = rdtsc_ordered();
	vm->clock_ns = ns;
	vm->clock_offset = ns - ktime_get_boottime_ns();
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
	lhv_pvclock_factor(tsc_khz, &vm->clock_mul, &vm->clock_shift);
	start_clock(vm, 0);
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

/* Do all vCPUs see the same TSC? Racy: whoever changes one asks for updates. */
static bool offsets_agree(struct lhv_vm *vm)
{
	/* pairs with the release that publishes a vCPU */
	unsigned int i, n = smp_load_acquire(&vm->nr_vcpus);

	for (i = 1; i < n; i++)
		if (READ_ONCE(vm->vcpus[i]->tsc_offset) !=
		    READ_ONCE(vm->vcpus[0]->tsc_offset))
			return false;
	return true;
}

static bool clock_is_stable(struct lhv_vm *vm)
{
	return tsc_is_stable() && offsets_agree(vm);
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
	if (clock_is_stable(vm)) {
		d->flags = CLOCK_FLAGS;
		return 0;
	}
	d->host_tsc = 0;
	d->realtime = 0;
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

static int write_page(struct lhv_vcpu *vcpu, u64 gpa, const void *data, unsigned int len)
{
	return lhv_mmu_write_gpa(&vcpu->vm->mmu, gpa, data, len, false);
}

/*
 * The version is odd while the rest changes: guests read again then. It is at
 * the beginning of both structures.
 */
static int write_versioned(struct lhv_vcpu *vcpu, u64 gpa, const void *s, unsigned int len)
{
	u32 version;
	int ret;

	ret = lhv_mmu_read_gpa(&vcpu->vm->mmu, gpa, &version, sizeof(version), false);
	if (ret)
		return ret;
	version = (version + 1) | 1;
	ret = write_page(vcpu, gpa, &version, sizeof(version));
	if (ret)
		return ret;
	smp_wmb();	/* odd before anything changes */
	ret = write_page(vcpu, gpa + sizeof(version), s + sizeof(version),
			 len - sizeof(version));
	if (ret)
		return ret;
	smp_wmb();	/* everything before it is even again */
	version++;
	return write_page(vcpu, gpa, &version, sizeof(version));
}

static int ask_for(struct lhv_vcpu *vcpu, u64 gpa, int ret)
{
	if (ret != -EAGAIN)
		return 0;	/* no memory there: the guest's own loss */
	vcpu->fault_gpa = gpa;
	vcpu->fault_access = LHV_ACC_WRITE;
	return -EAGAIN;
}

static void fill_time_info(struct lhv_vcpu *vcpu, struct pvclock_vcpu_time_info *t)
{
	struct lhv_vm *vm = vcpu->vm;
	unsigned long flags;
	u64 tsc;

	raw_spin_lock_irqsave(&vm->clock_lock, flags);
	tsc = vm->clock_tsc;
	t->system_time = vm->clock_ns;
	if (!tsc_is_stable()) {
		tsc = rdtsc_ordered();
		t->system_time = clock_at(vm, tsc);
	}
	raw_spin_unlock_irqrestore(&vm->clock_lock, flags);
	t->tsc_timestamp = tsc + vcpu->tsc_offset;
	t->tsc_to_system_mul = vm->clock_mul;
	t->tsc_shift = vm->clock_shift;
	if (clock_is_stable(vm))
		t->flags |= PVCLOCK_TSC_STABLE_BIT;
}

static int write_time_info(struct lhv_vcpu *vcpu)
{
	u64 gpa = vcpu->pvclock.system_time_msr & ~(u64)KVM_MSR_ENABLED;
	struct pvclock_vcpu_time_info t, old;
	int ret;

	ret = lhv_mmu_read_gpa(&vcpu->vm->mmu, gpa, &old, sizeof(old), false);
	if (ret)
		return ask_for(vcpu, gpa, ret);
	memset(&t, 0, sizeof(t));
	/* the guest takes it back itself when it has seen it */
	t.flags = old.flags & PVCLOCK_GUEST_STOPPED;
	if (vcpu->pvclock.guest_stopped)
		t.flags |= PVCLOCK_GUEST_STOPPED;
	fill_time_info(vcpu, &t);
	ret = write_versioned(vcpu, gpa, &t, sizeof(t));
	if (!ret)
		vcpu->pvclock.guest_stopped = false;
	return ask_for(vcpu, gpa, ret);
}

/* Wall-clock time at which kvmclock was 0. */
static int write_wall_clock(struct lhv_vcpu *vcpu)
{
	struct lhv_vm *vm = vcpu->vm;
	struct pvclock_wall_clock w = {};
	u64 gpa = READ_ONCE(vm->wall_clock_msr), ns;
	unsigned long flags;
	int ret;

	raw_spin_lock_irqsave(&vm->clock_lock, flags);
	ns = ktime_get_real_ns() - clock_at(vm, rdtsc_ordered());
	raw_spin_unlock_irqrestore(&vm->clock_lock, flags);
	w.sec = div_u64(ns, NSEC_PER_SEC);
	w.nsec = ns - (u64)w.sec * NSEC_PER_SEC;
	ret = write_versioned(vcpu, gpa, &w, sizeof(w));
	if (ret != -EAGAIN)
		vcpu->pvclock.wall_clock_due = false;
	return ask_for(vcpu, gpa, ret);
}

/**
 * lhv_clock_update() - LHV_REQ_CLOCK: write the guest's clock pages
 * @vcpu: in the ring, before an entry
 *
 * Return: 0; -EAGAIN where a page is not at hand: vcpu->fault_gpa and
 * fault_access say which, bring it in and call again.
 */
int lhv_clock_update(struct lhv_vcpu *vcpu)
{
	int ret = 0;

	if (vcpu->pvclock.system_time_msr & KVM_MSR_ENABLED)
		ret = write_time_info(vcpu);
	if (!ret && vcpu->pvclock.wall_clock_due)
		ret = write_wall_clock(vcpu);
	return ret;
}

/**
 * lhv_set_kvmclock_msr() - the guest's page for its clock
 * @vcpu: the vCPU
 * @data: its address, and whether it is to be kept up to date
 *
 * Return: 0.
 */
int lhv_set_kvmclock_msr(struct lhv_vcpu *vcpu, u64 data)
{
	vcpu->pvclock.system_time_msr = data;
	lhv_self_request(vcpu, LHV_REQ_CLOCK);
	return 0;
}

/**
 * lhv_set_wall_clock_msr() - the guest wants to know the wall-clock time
 * @vcpu: the vCPU
 * @data: where to write it, 0 for nowhere
 *
 * Return: 0.
 */
int lhv_set_wall_clock_msr(struct lhv_vcpu *vcpu, u64 data)
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

	if (offset == vcpu->tsc_offset)
		return;
	WRITE_ONCE(vcpu->tsc_offset, offset);
	lhv_self_request(vcpu, LHV_REQ_TSC);
	/* the deadline is a time of the guest's TSC, which has just moved */
	if (vcpu->vm->has_irqchip && apic->tsc_deadline)
		lhv_lapic_set_tsc_deadline(apic, apic->tsc_deadline);
	/* every page tells whether all the TSCs agree */
	lhv_self_request(vcpu, LHV_REQ_CLOCK);
	lhv_vm_request_all(vcpu->vm, LHV_REQ_CLOCK);
}

/* Does value continue a TSC whose offset is given, to within a second? */
static bool continues(u64 value, u64 host_tsc, u64 offset)
{
	u64 second = (u64)tsc_khz * 1000;

	return value - (host_tsc + offset) + second < 2 * second;
}

/*
 * Userspace sets the TSCs of a VM one after the other and means them to agree:
 * a value that one already set would have reached by now gets the same offset.
 * Zero is what a vCPU begins with.
 */
static u64 synchronised_offset(struct lhv_vm *vm, u64 value)
{
	unsigned long flags;
	u64 now, offset;

	raw_spin_lock_irqsave(&vm->clock_lock, flags);
	now = rdtsc_ordered();
	offset = value - now;
	if (tsc_is_stable() && vm->tsc_sync_valid &&
	    (!value || continues(value, now, vm->tsc_sync_offset)))
		offset = vm->tsc_sync_offset;
	vm->tsc_sync_offset = offset;
	vm->tsc_sync_valid = true;
	raw_spin_unlock_irqrestore(&vm->clock_lock, flags);
	return offset;
}

/**
 * lhv_write_tsc() - WRMSR to IA32_TIME_STAMP_COUNTER
 * @vcpu: the vCPU
 * @value: what the TSC is to be
 * @host: userspace's write, which leaves TSC_ADJUST alone and is synchronised
 *	with what it wrote to the other vCPUs
 */
void lhv_write_tsc(struct lhv_vcpu *vcpu, u64 value, bool host)
{
	u64 moved;

	if (host) {
		set_offset(vcpu, synchronised_offset(vcpu->vm, value));
		return;
	}
	moved = value - lhv_guest_tsc(vcpu);
	vcpu->tsc_adjust += moved;
	set_offset(vcpu, vcpu->tsc_offset + moved);
}

/**
 * lhv_write_tsc_adjust() - WRMSR to IA32_TSC_ADJUST
 * @vcpu: the vCPU
 * @value: the adjustment
 * @host: userspace's write, which does not move the TSC
 */
void lhv_write_tsc_adjust(struct lhv_vcpu *vcpu, u64 value, bool host)
{
	u64 moved = value - vcpu->tsc_adjust;

	vcpu->tsc_adjust = value;
	if (!host)
		set_offset(vcpu, vcpu->tsc_offset + moved);
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
