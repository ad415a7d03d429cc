// SPDX-License-Identifier: GPL-2.0
/*
 * The processor's lifetimes: the choice of the vendor at load, virtualization
 * on and off on each CPU, and what arch-x86/ keeps per VM and per vCPU. Called
 * by module/.
 */
#include <linux/cpu.h>
#include <linux/module.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "../module/compat.h"
#include "vendor.h"

struct lhv_vendor_ops lhv_vendor __ro_after_init;

#define DEFINE_CALL(op)							\
	DEFINE_STATIC_CALL_NULL(lhv_vendor_##op, *(((struct lhv_vendor_ops *)0)->op));
LHV_VENDOR_OPS(DEFINE_CALL)

/* VMs that need the hardware; CPUs are switched at the first and last one. */
static DEFINE_MUTEX(users_lock);
static unsigned int users;		/* users_lock; read on CPUs that come */
static atomic_t cpu_error;

static void cpu_on(void *unused)
{
	int ret = lhv_vendor.cpu_on();

	if (ret)
		atomic_set(&cpu_error, ret);
}

static void cpu_off(void *unused)
{
	lhv_vendor.cpu_off();
}

/*
 * The kernel calls one emergency callback, and KVM's module takes that place for
 * as long as it is loaded. lhv then relies on KVM's to switch the hardware off
 * wherever it finds it on.
 */
static bool kvm_loaded;				/* users_lock */
static bool emergency_registered;		/* users_lock */

/* users_lock held: the place is lhv's while it has VMs and KVM is not there. */
static void settle_emergency(void)
{
	bool want = users && !kvm_loaded;

	if (want && !emergency_registered)
		lhv_emergency_register(lhv_vendor.emergency_off);
	if (!want && emergency_registered)
		lhv_emergency_unregister(lhv_vendor.emergency_off);
	emergency_registered = want;
}

static int module_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct module *module = data;

	if (!strcmp(module->name, lhv_vendor.kvm_module) && event != MODULE_STATE_LIVE) {
		guard(mutex)(&users_lock);
		kvm_loaded = event == MODULE_STATE_COMING;
		settle_emergency();
	}
	return NOTIFY_OK;
}

static struct notifier_block module_block = { .notifier_call = module_event };

/* At load, by who may load modules: no user's mounts are in this path. */
static void __init look_for_kvm(void)
{
	struct path path;
	char name[32];

	snprintf(name, sizeof(name), "/sys/module/%s", lhv_vendor.kvm_module);
	kvm_loaded = !kern_path(name, 0, &path);
	if (kvm_loaded)
		path_put(&path);
}

static void hardware_off(void)
{
	on_each_cpu(cpu_off, NULL, 1);
	settle_emergency();
}

static int hardware_get(void)
{
	int ret = 0;

	cpus_read_lock();
	mutex_lock(&users_lock);
	if (!users++) {
		atomic_set(&cpu_error, 0);
		settle_emergency();
		on_each_cpu(cpu_on, NULL, 1);
		ret = atomic_read(&cpu_error);
	}
	if (ret && !--users)
		hardware_off();
	mutex_unlock(&users_lock);
	cpus_read_unlock();
	if (ret == -EBUSY)
		pr_err_ratelimited("lhv: another hypervisor has %s in use: stop its guests or unload it\n",
				   lhv_vendor.name);
	return ret;
}

static void hardware_put(void)
{
	cpus_read_lock();
	mutex_lock(&users_lock);
	if (!--users)
		hardware_off();
	mutex_unlock(&users_lock);
	cpus_read_unlock();
}

/**
 * lhv_arch_cpu_online() - this CPU came up, or resumes
 *
 * Preemption off. Return: 0, or what keeps the CPU from coming up: -EBUSY.
 */
int lhv_arch_cpu_online(void)
{
	return READ_ONCE(users) ? lhv_vendor.cpu_on() : 0;
}

/**
 * lhv_arch_cpu_offline() - this CPU goes down: it leaves VMX or SVM operation
 *
 * Preemption off.
 */
void lhv_arch_cpu_offline(void)
{
	lhv_vendor.cpu_off();
}

#define UPDATE_CALL(op) static_call_update(lhv_vendor_##op, lhv_vendor.op);

/**
 * lhv_arch_init() - find the vendor whose virtualization this processor has
 * @beside_kvm: share VMX with another hypervisor, where that costs something
 *
 * Process context at load. Prints one line where lhv cannot work.
 * Return: 0, -ENODEV with neither VMX nor SVM, -EOPNOTSUPP below the floor or switched off
 * by the firmware, -EBUSY where another hypervisor is at work, -ENOMEM.
 */
int __init lhv_arch_init(bool beside_kvm)
{
	int ret = lhv_vmx_probe(&lhv_vendor, beside_kvm);

	if (ret == -ENODEV)
		ret = lhv_svm_probe(&lhv_vendor);
	if (ret == -ENODEV)
		pr_err("lhv: this processor has neither VMX nor SVM\n");
	if (ret)
		return ret;
	LHV_VENDOR_OPS(UPDATE_CALL)
	look_for_kvm();
	ret = lhv_fpu_global_init();
	if (!ret)
		ret = lhv_clock_global_init();
	if (!ret)
		ret = lhv_cpuid_init();
	if (!ret)
		ret = register_module_notifier(&module_block);
	if (ret)
		lhv_vendor.remove();
	return ret;
}

void lhv_arch_exit(void)
{
	unregister_module_notifier(&module_block);
	lhv_vendor.remove();
}

/**
 * lhv_arch_vm_init() - memory, clock and hardware of a new VM
 * @vm: zeroed but for what module/ set
 *
 * May sleep. Return: 0, -EBUSY where another hypervisor has the hardware,
 * -ENOMEM.
 */
int lhv_arch_vm_init(struct lhv_vm *vm)
{
	int ret = hardware_get();

	if (ret)
		return ret;
	lhv_clock_vm_init(vm);
	ret = lhv_mmu_init(&vm->mmu, lhv_vendor.npt);
	if (ret)
		goto hardware;
	ret = lhv_vendor.vm_init(vm);
	if (!ret)
		return 0;
	lhv_mmu_destroy(&vm->mmu);
hardware:
	hardware_put();
	return ret;
}

/**
 * lhv_arch_vm_quiesce() - the VM's memory goes away; no vCPU runs any more
 * @vm: its vCPUs still exist, since the MMU notifier may be asking them to flush
 */
void lhv_arch_vm_quiesce(struct lhv_vm *vm)
{
	lhv_mmu_destroy(&vm->mmu);
}

/* After the vCPUs. May sleep. */
void lhv_arch_vm_destroy(struct lhv_vm *vm)
{
	lhv_vendor.vm_destroy(vm);
	hardware_put();
}

static int init_lapic(struct lhv_vcpu *vcpu)
{
	struct lhv_vm *vm = vcpu->vm;
	void *page;

	if (!vm->has_irqchip)
		return 0;
	page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!page)
		return -ENOMEM;
	lhv_lapic_init(&vcpu->lapic, &vm->irqchip, page, vcpu->id,
		       vcpu->id == vm->bsp_id);
	return 0;
}

static void free_lapic(struct lhv_vcpu *vcpu)
{
	if (!vcpu->lapic.regs)
		return;
	lhv_lapic_destroy(&vcpu->lapic);
	free_page((unsigned long)vcpu->lapic.regs);
}

static void power_on(struct lhv_vcpu *vcpu)
{
	bool bsp = vcpu->id == vcpu->vm->bsp_id;

	lhv_vcpu_load(vcpu);
	lhv_vcpu_reset(vcpu, false);
	lhv_vcpu_put(vcpu);
	vcpu->mp_state = bsp || !vcpu->vm->has_irqchip ? KVM_MP_STATE_RUNNABLE :
							 KVM_MP_STATE_UNINITIALIZED;
}

/**
 * lhv_arch_vcpu_init() - a processor, powered on
 * @vcpu: zeroed but for what module/ set; not published
 *
 * May sleep. Return: 0, -ENOMEM, -ENOSPC.
 */
int lhv_arch_vcpu_init(struct lhv_vcpu *vcpu)
{
	static atomic64_t serials = ATOMIC64_INIT(0);
	int ret;

	vcpu->cpu = -1;
	vcpu->serial = atomic64_inc_return(&serials);
	ret = init_lapic(vcpu);
	if (!ret)
		ret = lhv_fpu_init(vcpu);
	if (!ret)
		ret = lhv_emul_ctx_init(vcpu);
	if (!ret)
		ret = lhv_vendor.vcpu_init(vcpu);
	if (ret) {
		lhv_arch_vcpu_destroy(vcpu);
		return ret;
	}
	lhv_clock_vcpu_init(vcpu);
	power_on(vcpu);
	return 0;
}

/* Also for one that was never complete. May sleep. */
void lhv_arch_vcpu_destroy(struct lhv_vcpu *vcpu)
{
	if (vcpu->vendor)
		lhv_vendor.vcpu_free(vcpu);
	lhv_emul_ctx_free(vcpu);
	lhv_fpu_free(vcpu);
	free_lapic(vcpu);
	lhv_cpuid_free(vcpu);
}
