/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernel versions, all of it, and nothing else. Any file
 * of the module may include it; it knows none of them.
 */
#ifndef LHV_COMPAT_H
#define LHV_COMPAT_H

#include <linux/eventfd.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/kvm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <linux/syscore_ops.h>
#include <linux/task_work.h>
#include <linux/version.h>
#include <linux/wait.h>
#include <asm/cpufeature.h>
#include <asm/nospec-branch.h>
#include <asm/reboot.h>
#include <asm/tlbflush.h>

#define LHV_KERNEL(major, minor)					\
	((LINUX_VERSION_MAJOR << 8 | LINUX_VERSION_PATCHLEVEL) >=	\
	 ((major) << 8 | (minor)))

static inline void lhv_hrtimer_setup(struct hrtimer *timer,
				     enum hrtimer_restart (*fn)(struct hrtimer *),
				     clockid_t clock, enum hrtimer_mode mode)
{
#if LHV_KERNEL(6, 13)
	hrtimer_setup(timer, fn, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
#endif
}

static inline void lhv_eventfd_signal(struct eventfd_ctx *ctx)
{
#if LHV_KERNEL(6, 8)
	eventfd_signal(ctx);
#else
	eventfd_signal(ctx, 1);
#endif
}

/* The only reader of an eventfd: others are not woken when it has taken it. */
static inline int lhv_add_wait_queue_first(struct wait_queue_head *head,
					   struct wait_queue_entry *entry)
{
#if LHV_KERNEL(6, 17)
	return add_wait_queue_priority_exclusive(head, entry);
#else
	add_wait_queue_priority(head, entry);
	return 0;
#endif
}

/*
 * Suspend and resume on the last CPU, interrupts off. LHV_SYSCORE(name, suspend,
 * resume) defines the object, lhv_syscore_register() takes its name.
 */
#ifdef LHV_SYSCORE_DATA		/* Kbuild looked: stable kernels took it over */
#define LHV_SYSCORE(name, suspend_fn, resume_fn)			\
static int name##_suspend(void *data)					\
{									\
	return suspend_fn();						\
}									\
									\
static void name##_resume(void *data)					\
{									\
	resume_fn();							\
}									\
									\
static const struct syscore_ops name##_ops = {				\
	.suspend = name##_suspend,					\
	.resume = name##_resume,					\
};									\
									\
static struct syscore name = { .ops = &name##_ops }

#define lhv_syscore_register(name)	register_syscore(name)
#define lhv_syscore_unregister(name)	unregister_syscore(name)
#else
#define LHV_SYSCORE(name, suspend_fn, resume_fn)			\
static struct syscore_ops name = {					\
	.suspend = suspend_fn,						\
	.resume = resume_fn,						\
}

#define lhv_syscore_register(name)	register_syscore_ops(name)
#define lhv_syscore_unregister(name)	unregister_syscore_ops(name)
#endif

/* Later headers hide from the kernel what userspace may change at any time. */
static inline bool lhv_immediate_exit(const struct kvm_run *run)
{
#ifdef HINT_UNSAFE_IN_KVM
	return READ_ONCE(run->HINT_UNSAFE_IN_KVM(immediate_exit));
#else
	return READ_ONCE(run->immediate_exit);
#endif
}

/* What the ageing callbacks of an MMU notifier return: int, or bool. */
#define lhv_mn_young_t	\
	typeof(((const struct mmu_notifier_ops *)NULL)->test_young(NULL, NULL, 0))

/* Another CPU leaves its guest and comes back through the scheduler's door. */
static inline void lhv_send_reschedule(int cpu)
{
#if LHV_KERNEL(6, 4)
	arch_smp_send_reschedule(cpu);
#else
	smp_send_reschedule(cpu);
#endif
}

/*
 * Crash and emergency reboot call fn on every CPU. Kernels that own
 * virtualization look at the hardware instead and offer modules nothing.
 */
#if LHV_KERNEL(7, 0)
static inline void lhv_emergency_register(void (*fn)(void))
{
}

static inline void lhv_emergency_unregister(void (*fn)(void))
{
}
#else
#define lhv_emergency_register(fn)	cpu_emergency_register_virt_callback(fn)
#define lhv_emergency_unregister(fn)	cpu_emergency_unregister_virt_callback(fn)
#endif

#ifdef _TIF_NEED_RESCHED_LAZY
#define LHV_TIF_RESCHED		(_TIF_NEED_RESCHED | _TIF_NEED_RESCHED_LAZY)
#else
#define LHV_TIF_RESCHED		_TIF_NEED_RESCHED
#endif

/*
 * Does the host want something of this thread before it enters a guest again?
 * The kernel's own helper wants KVM's vCPU on most versions. Of what waits for
 * the return to userspace only task work does not bear waiting: restartable
 * sequences, for one, ask at every preemption and mean userspace alone.
 *
 * Inside the ring; soft interrupts cannot run there and count too.
 */
static inline bool lhv_host_work_pending(void)
{
	unsigned long flags = read_thread_flags();

	if (flags & (LHV_TIF_RESCHED | _TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL))
		return true;
	if ((flags & _TIF_NOTIFY_RESUME) && task_work_pending(current))
		return true;
	return local_softirq_pending();
}

/* The same, done, outside the ring. Is there any that takes a return to user? */
static inline bool lhv_handle_host_work(void)
{
	unsigned long flags;

	if (read_thread_flags() & LHV_TIF_RESCHED)
		schedule();
	flags = read_thread_flags();
	if (flags & (_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL))
		return true;
	return (flags & _TIF_NOTIFY_RESUME) && task_work_pending(current);
}

/* A barrier between guests' branches: is there one, and does the host want it? */
#ifdef X86_FEATURE_USE_IBPB
#define LHV_USE_IBPB	X86_FEATURE_USE_IBPB
#else
#define LHV_USE_IBPB	X86_FEATURE_IBPB
#endif

/* The VMM's own branches after a guest's (VMSCAPE): the kernel's exit sees to it. */
static inline void lhv_barrier_before_user(void)
{
#ifdef X86_FEATURE_IBPB_EXIT_TO_USER
	if (boot_cpu_has(X86_FEATURE_IBPB_EXIT_TO_USER))
		this_cpu_write(x86_ibpb_exit_to_user, true);
#endif
}

/*
 * CR4.VMXE for longer than interrupts are off, so in the kernel's copy of CR4
 * too. Kernels that own VMX operation keep that copy for themselves: there VMX is
 * to be had for a window at most.
 */
#ifdef LHV_KERNEL_OWNS_VMX	/* Kbuild looked */
#define lhv_kernel_owns_vmx()	true

static inline void lhv_set_vmxe(bool on)
{
}
#else
#define lhv_kernel_owns_vmx()	false

static inline void lhv_set_vmxe(bool on)
{
	if (on)
		cr4_set_bits(X86_CR4_VMXE);
	else
		cr4_clear_bits(X86_CR4_VMXE);
}
#endif

/* Exceptions arrive by FRED, not through the IDT. */
static inline bool lhv_host_has_fred(void)
{
#ifdef X86_FEATURE_FRED
	return boot_cpu_has(X86_FEATURE_FRED);
#else
	return false;
#endif
}

#endif /* LHV_COMPAT_H */
