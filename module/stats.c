// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics: one file in debugfs, lhv/stats, a name and a number in each line,
 * summed over all VMs that live. The counters themselves are arch-x86/'s and
 * mmu/'s, counted anyway; reading costs nobody else anything.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/stddef.h>

#include "module.h"

#define STAT(field) { #field, offsetof(struct lhv_vcpu, stat.field) }

static const struct {
	const char *name;
	size_t offset;			/* in struct lhv_vcpu */
} lhv_vcpu_stats[] = {
	STAT(enters),
	STAT(irq_exits),
	STAT(io_user),
	STAT(mmio_user),
	STAT(halts),
	STAT(faults),
	STAT(injections),
	STAT(steps_out),
};

/* lhv_vms_lock held. */
static u64 lhv_stats_sum(size_t offset)
{
	struct lhv_machine *machine;
	unsigned int i, n;
	u64 sum = 0;

	list_for_each_entry(machine, &lhv_vms, list) {
		n = lhv_nr_vcpus(&machine->vm);
		for (i = 0; i < n; i++)
			sum += READ_ONCE(*(u64 *)((char *)machine->vm.vcpus[i] + offset));
	}
	return sum;
}

static int lhv_stats_show(struct seq_file *m, void *unused)
{
	u64 vms = 0, vcpus = 0, page_tables = 0;
	struct lhv_machine *machine;
	unsigned int k;

	guard(mutex)(&lhv_vms_lock);
	list_for_each_entry(machine, &lhv_vms, list) {
		vms++;
		vcpus += READ_ONCE(machine->vm.nr_vcpus);
		page_tables += atomic_long_read(&machine->vm.mmu.tables);
	}
	seq_printf(m, "vms %llu\nvcpus %llu\npage_tables %llu\n", vms, vcpus, page_tables);
	for (k = 0; k < ARRAY_SIZE(lhv_vcpu_stats); k++)
		seq_printf(m, "%s %llu\n", lhv_vcpu_stats[k].name,
			   lhv_stats_sum(lhv_vcpu_stats[k].offset));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(lhv_stats);

static struct dentry *lhv_debugfs;

/**
 * lhv_stats_init() - at load; without debugfs there are no statistics
 */
void __init lhv_stats_init(void)
{
	lhv_debugfs = debugfs_create_dir("lhv", NULL);
	debugfs_create_file("stats", 0444, lhv_debugfs, NULL, &lhv_stats_fops);
}

/**
 * lhv_stats_exit() - at unload
 */
void lhv_stats_exit(void)
{
	debugfs_remove_recursive(lhv_debugfs);
}
