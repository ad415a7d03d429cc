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

struct lhv_stat {
	const char *name;
	size_t offset;			/* in struct lhv_vcpu */
};

#define STAT(field) { #field, offsetof(struct lhv_vcpu, stat.field) }

static const struct lhv_stat lhv_vcpu_stats[] = {
	STAT(enters),
	STAT(irq_exits),
	STAT(io_user),
	STAT(mmio_user),
	STAT(halts),
	STAT(faults),
	STAT(injections),
	STAT(steps_out),
};

struct lhv_totals {
	u64 vms, vcpus, page_tables;
	u64 vcpu[ARRAY_SIZE(lhv_vcpu_stats)];
};

static void lhv_stats_add_vm(struct lhv_totals *totals, struct lhv_vm *vm)
{
	/* pairs with lhv_vcpu_publish() */
	unsigned int n = smp_load_acquire(&vm->nr_vcpus);
	unsigned int i, k;

	totals->vms++;
	totals->vcpus += n;
	totals->page_tables += atomic_long_read(&vm->mmu.tables);
	for (i = 0; i < n; i++)
		for (k = 0; k < ARRAY_SIZE(lhv_vcpu_stats); k++)
			totals->vcpu[k] += READ_ONCE(*(u64 *)
				((char *)vm->vcpus[i] + lhv_vcpu_stats[k].offset));
}

static int lhv_stats_show(struct seq_file *m, void *unused)
{
	struct lhv_totals totals = {};
	struct lhv_machine *machine;
	unsigned int k;

	mutex_lock(&lhv_vms_lock);
	list_for_each_entry(machine, &lhv_vms, list)
		lhv_stats_add_vm(&totals, &machine->vm);
	mutex_unlock(&lhv_vms_lock);

	seq_printf(m, "vms %llu\nvcpus %llu\npage_tables %llu\n",
		   totals.vms, totals.vcpus, totals.page_tables);
	for (k = 0; k < ARRAY_SIZE(lhv_vcpu_stats); k++)
		seq_printf(m, "%s %llu\n", lhv_vcpu_stats[k].name, totals.vcpu[k]);
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
