// SPDX-License-Identifier: GPL-2.0
/*
 * Time-stamp counters that begin anew while the host sleeps, as those of most
 * processors do in S3, for hosts whose emulator lets them run on. Loaded by
 * selftests/host/hazards before lhv, so that lhv is the first to fall asleep and
 * the last to wake up; "resets" is a parameter that counts. It knows nothing of
 * lhv but compat.h.
 */
#include <linux/bitops.h>
#include <linux/module.h>
#include <linux/nmi.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/tsc.h>
#include <asm/x86_init.h>

#include "compat.h"

static uint resets;
module_param(resets, uint, 0444);
MODULE_PARM_DESC(resets, "How often the TSC went back (a count, not set)");

static int asleep(void)
{
	u64 before;

	/* The scheduler's clock is the kernel's own business, in S3 too. */
	x86_platform.save_sched_clock_state();
	before = rdtsc_ordered();
	asm volatile("wrmsr" : : "c" (MSR_IA32_TSC), "a" (0), "d" (0) : "memory");
	resets += rdtsc_ordered() < before;
	return 0;
}

static void awake(void)
{
	x86_platform.restore_sched_clock_state();
	/* that jumped, and timekeeping, awake before us, has told the watchdog the time */
	touch_softlockup_watchdog();
}

LHV_SYSCORE(tsc_reset, asleep, awake);

/*
 * A kernel that knows IA32_TSC_ADJUST puts back, when idle, what a write to the TSC
 * did to it. This one forgets it, for good: put back later, the TSC would jump.
 */
static int __init tsc_reset_init(void)
{
	clear_bit(X86_FEATURE_TSC_ADJUST, (unsigned long *)boot_cpu_data.x86_capability);
	lhv_syscore_register(&tsc_reset);
	return 0;
}
module_init(tsc_reset_init);

static void __exit tsc_reset_exit(void)
{
	lhv_syscore_unregister(&tsc_reset);
}
module_exit(tsc_reset_exit);

MODULE_DESCRIPTION("Host TSC that begins anew in a suspend, for tests");
MODULE_LICENSE("GPL");
