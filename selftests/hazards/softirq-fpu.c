// SPDX-License-Identifier: GPL-2.0
/*
 * A softirq that uses the FPU, a thousand times a second on every CPU, as the
 * kernel's own cryptography does under a network load: it fills each vector
 * register between kernel_fpu_begin() and kernel_fpu_end() wherever
 * irq_fpu_usable() lets it. Loaded by selftests/host/hazards; used and refused
 * are parameters that count. It knows nothing of lhv but compat.h.
 */
#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>

#include "compat.h"

#define PERIOD	ms_to_ktime(1)

static DEFINE_PER_CPU(struct hrtimer, timers);

static uint used;
module_param(used, uint, 0444);
MODULE_PARM_DESC(used, "How often a softirq had the FPU (a count, not set)");

static uint refused;
module_param(refused, uint, 0444);
MODULE_PARM_DESC(refused, "How often somebody else in the kernel had it (a count, not set)");

#define EACH(op)								\
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10)	\
	op(11) op(12) op(13) op(14) op(15)

#define SPOIL_XMM(n)	"pcmpeqd %%xmm" #n ", %%xmm" #n "\n\t"
#define SPOIL_YMM(n)	"vbroadcastss %0, %%ymm" #n "\n\t"

static void spoil(void)
{
	static const u32 junk = 0xdeadbeef;

	kernel_fpu_begin();
	asm volatile(EACH(SPOIL_XMM) : : : "memory");
	if (boot_cpu_has(X86_FEATURE_AVX))
		asm volatile(EACH(SPOIL_YMM) : : "m" (junk) : "memory");
	kernel_fpu_end();
}

static enum hrtimer_restart expired(struct hrtimer *timer)
{
	if (irq_fpu_usable()) {
		spoil();
		used++;
	} else {
		refused++;
	}
	hrtimer_forward_now(timer, PERIOD);
	return HRTIMER_RESTART;
}

static void begin(void *unused)
{
	hrtimer_start(this_cpu_ptr(&timers), PERIOD, HRTIMER_MODE_REL_PINNED_SOFT);
}

static int __init softirq_fpu_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		lhv_hrtimer_setup(per_cpu_ptr(&timers, cpu), expired, CLOCK_MONOTONIC,
				  HRTIMER_MODE_REL_PINNED_SOFT);
	on_each_cpu(begin, NULL, 1);
	return 0;
}

static void __exit softirq_fpu_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		hrtimer_cancel(per_cpu_ptr(&timers, cpu));
}

module_init(softirq_fpu_init);
module_exit(softirq_fpu_exit);
MODULE_DESCRIPTION("A softirq that uses the FPU, for lhv's tests");
MODULE_LICENSE("GPL");
