// SPDX-License-Identifier: GPL-2.0
/*
 * Load and unload, and the device nodes. The kernel calls it; it calls every
 * other part of the folder once.
 *
 * The node that is always there is /dev/lhv. KVM's own, /dev/kvm, is taken too
 * where it is free, because most VMMs open that literal name.
 */
#define pr_fmt(fmt) "lhv: " fmt

#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

#include "ioctl.h"
#include "module.h"

static bool kvm_alias = true;
module_param(kvm_alias, bool, 0444);
MODULE_PARM_DESC(kvm_alias, "Be /dev/kvm too, where no other module is (default: on); off: on Intel, run beside kvm_intel");

static bool lhv_has_kvm_alias;

static long lhv_system_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	/* Clients and benchmarks ask it first and often; it needs no table. */
	if (cmd == KVM_GET_API_VERSION)
		return arg ? -EINVAL : KVM_API_VERSION;
	return lhv_ioctl_dispatch(&lhv_system_ioctls, NULL, NULL, NULL, cmd, arg);
}

static const struct file_operations lhv_system_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = lhv_system_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice lhv_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lhv",
	.fops = &lhv_system_fops,
};

static struct miscdevice lhv_kvm_device = {
	.minor = KVM_MINOR,
	.name = "kvm",
	.fops = &lhv_system_fops,
};

static int __init lhv_devices_init(void)
{
	int ret = misc_register(&lhv_device);

	if (ret)
		return ret;
	lhv_has_kvm_alias = kvm_alias && !misc_register(&lhv_kvm_device);
	if (kvm_alias && !lhv_has_kvm_alias)
		pr_info("/dev/kvm is another module's, use /dev/lhv\n");
	return 0;
}

static int __init lhv_init(void)
{
	int ret;

	ret = lhv_ioctl_table_init(&lhv_system_ioctls) ?: lhv_ioctl_table_init(&lhv_vm_ioctls) ?:
	      lhv_ioctl_table_init(&lhv_vcpu_ioctls);
	if (ret)
		return ret;
	/* says itself what is missing */
	ret = lhv_arch_init(!kvm_alias);
	if (ret)
		return ret;
	ret = lhv_cpus_init();
	if (ret)
		goto arch;
	lhv_stats_init();
	ret = lhv_devices_init();
	if (!ret)
		return 0;

	lhv_stats_exit();
	lhv_cpus_exit();
arch:
	lhv_arch_exit();
	return ret;
}

static void __exit lhv_exit(void)
{
	if (lhv_has_kvm_alias)
		misc_deregister(&lhv_kvm_device);
	misc_deregister(&lhv_device);
	lhv_stats_exit();
	lhv_cpus_exit();
	lhv_arch_exit();
}

module_init(lhv_init);
module_exit(lhv_exit);

MODULE_DESCRIPTION("A loadable hypervisor with KVM's interface");
MODULE_AUTHOR("The lhv authors");
MODULE_LICENSE("GPL");
MODULE_ALIAS_MISCDEV(KVM_MINOR);
MODULE_ALIAS("devname:kvm");
