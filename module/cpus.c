// SPDX-License-Identifier: GPL-2.0
/*
 * Follows the host's CPUs: hotplug, suspend and resume, reboot. Whatever
 * happens, no CPU is left in virtualization operation. It knows when; what has
 * to be done on a CPU is arch-x86/'s.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/reboot.h>
#include <linux/smp.h>
#include <linux/suspend.h>

#include "compat.h"
#include "module.h"

static enum cpuhp_state lhv_cpuhp;

static int lhv_cpu_online(unsigned int cpu)
{
	guard(preempt)();
	return lhv_arch_cpu_online();
}

static int lhv_cpu_offline(unsigned int cpu)
{
	guard(preempt)();
	lhv_arch_cpu_offline();
	return 0;
}

/* The last CPU, interrupts off; the others went by hotplug, tasks are frozen. */
static int lhv_suspend(void)
{
	lhv_clock_suspend();
	lhv_arch_cpu_offline();
	return 0;
}

static void lhv_resume(void)
{
	int ret = lhv_arch_cpu_online();
	struct lhv_machine *machine;

	if (ret)
		pr_warn("lhv: no virtualization after resume: %d\n", ret);
	/* tasks are frozen, so the list stands still */
	list_for_each_entry(machine, &lhv_vms, list) {
		lhv_clock_resume(&machine->vm);
		if (ret)
			lhv_vm_kill(&machine->vm, "its hardware did not come back from suspend");
	}
}

LHV_SYSCORE(lhv_syscore, lhv_suspend, lhv_resume);

/* Before a sleep of any kind: not all of them come to lhv_suspend(). */
static int lhv_pm(struct notifier_block *block, unsigned long event, void *data)
{
	struct lhv_machine *machine;

	if (event == PM_SUSPEND_PREPARE || event == PM_HIBERNATION_PREPARE) {
		guard(mutex)(&lhv_vms_lock);
		list_for_each_entry(machine, &lhv_vms, list)
			lhv_clock_pause(&machine->vm);
	}
	return NOTIFY_DONE;
}

static struct notifier_block lhv_pm_block = {
	.notifier_call = lhv_pm,
};

static void lhv_cpu_stop(void *unused)
{
	lhv_arch_cpu_offline();
}

/* Firmware, and a kernel started by kexec, want plain processors. */
static int lhv_reboot(struct notifier_block *block, unsigned long event, void *data)
{
	lhv_vms_stop();
	on_each_cpu(lhv_cpu_stop, NULL, 1);
	return NOTIFY_OK;
}

static struct notifier_block lhv_reboot_block = {
	.notifier_call = lhv_reboot,
};

/**
 * lhv_cpus_init() - from now on CPUs are followed
 *
 * Context: module load.
 * Return: 0, or what a CPU answered.
 */
int __init lhv_cpus_init(void)
{
	int ret;

	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "lhv:online", lhv_cpu_online, lhv_cpu_offline);
	if (ret < 0)
		return ret;
	lhv_cpuhp = ret;
	lhv_syscore_register(&lhv_syscore);
	ret = register_reboot_notifier(&lhv_reboot_block);
	if (ret)
		goto unfollow;
	ret = register_pm_notifier(&lhv_pm_block);
	if (ret)
		goto reboot;
	return 0;

reboot:
	unregister_reboot_notifier(&lhv_reboot_block);
unfollow:
	lhv_syscore_unregister(&lhv_syscore);
	cpuhp_remove_state(lhv_cpuhp);
	return ret;
}

/**
 * lhv_cpus_exit() - stop following; every CPU is told that it goes
 *
 * Context: module unload.
 */
void lhv_cpus_exit(void)
{
	unregister_pm_notifier(&lhv_pm_block);
	unregister_reboot_notifier(&lhv_reboot_block);
	lhv_syscore_unregister(&lhv_syscore);
	cpuhp_remove_state(lhv_cpuhp);
}
