// SPDX-License-Identifier: GPL-2.0
/*
 * The VMCS of a vCPU: its memory, which CPU it is active on, and its constant
 * fields. Called through lhv_vendor_ops by module/'s lifetimes and the ring.
 *
 * A VMCS is active on at most one CPU; lhv_vmx_cpu.loaded lists those active
 * there, so that a CPU that goes off can clear them (SDM, "Software Use of
 * Virtual-Machine Control Structures").
 */
#include <linux/bitmap.h>
#include <linux/irqflags.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <asm/cpu_entry_area.h>
#include <asm/desc.h>
#include <asm/msr.h>

#include "../hostregs.h"
#include "vmx.h"

#define NR_VPIDS 65536

static DECLARE_BITMAP(vpids, NR_VPIDS);
static DEFINE_SPINLOCK(vpid_lock);

/* 0 is the host's own tag: never handed out. -ENOSPC is a 0 here. */
static u16 alloc_vpid(void)
{
	unsigned long vpid;

	spin_lock(&vpid_lock);
	vpid = find_next_zero_bit(vpids, NR_VPIDS, 1);
	if (vpid < NR_VPIDS)
		__set_bit(vpid, vpids);
	else
		vpid = 0;
	spin_unlock(&vpid_lock);
	return vpid;
}

static void free_vpid(u16 vpid)
{
	spin_lock(&vpid_lock);
	__clear_bit(vpid, vpids);
	spin_unlock(&vpid_lock);
}

/**
 * lhv_vmx_alloc_region() - a zeroed page that carries the VMCS revision
 *
 * May sleep. Return: the region, or NULL.
 */
struct vmx_region *lhv_vmx_alloc_region(void)
{
	struct vmx_region *r = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);

	if (r)
		r->revision = lhv_vmx_caps.basic & 0x7fffffff;
	return r;
}

void lhv_vmx_vmwrite_failed(unsigned long field, u64 value)
{
	pr_err_ratelimited("lhv: VMWRITE of field %#lx refused (value %#llx, error %llu)\n",
			   field, value, __vmread(VMCS_INSN_ERROR));
}

/* On the CPU where the VMCS is active; interrupts off. */
static void clear_here(void *arg)
{
	struct lhv_vmx *vmx = arg;
	struct lhv_vmx_cpu *c = this_cpu_ptr(&lhv_vmx_cpu);

	if (vmx->vcpu->cpu != smp_processor_id())
		return;
	vmx_vmclear(vmx->vmcs_pa);
	vmx->launched = false;
	vmx->host_rsp = 0;
	list_del_init(&vmx->on_cpu);
	if (c->current_vmx == vmx)
		c->current_vmx = NULL;
	/* After the clear: who sees -1 may load it elsewhere. */
	smp_wmb();
	vmx->vcpu->cpu = -1;
}

static void clear_vmcs(struct lhv_vmx *vmx)
{
	int cpu = READ_ONCE(vmx->vcpu->cpu);

	if (cpu >= 0)
		smp_call_function_single(cpu, clear_here, vmx, 1);
	/* pairs with clear_here(): the region is in memory before it is loaded */
	smp_rmb();
}

/**
 * lhv_vmx_clear_loaded() - this CPU leaves VMX operation: clear what is active
 *
 * Preemption off.
 */
void lhv_vmx_clear_loaded(void)
{
	struct lhv_vmx_cpu *c = this_cpu_ptr(&lhv_vmx_cpu);
	struct lhv_vmx *vmx, *next;
	unsigned long flags;

	local_irq_save(flags);
	list_for_each_entry_safe(vmx, next, &c->loaded, on_cpu)
		clear_here(vmx);
	local_irq_restore(flags);
}

static u64 idt_base(void)
{
	struct desc_ptr dt;

	store_idt(&dt);
	return dt.address;
}

/* Host state that belongs to the CPU, not to the task or the moment. */
static void write_host_cpu_state(struct lhv_vmx *vmx)
{
	int cpu = smp_processor_id();

	vmcs_writel(VMCS_HOST_TR_BASE,
		    (unsigned long)&get_cpu_entry_area(cpu)->tss.x86_tss);
	vmcs_writel(VMCS_HOST_GDTR_BASE, (unsigned long)get_cpu_gdt_ro(cpu));
	vmcs_writel(VMCS_HOST_SYSENTER_ESP, lhv_host_rdmsr(MSR_IA32_SYSENTER_ESP));
	vmcs_writel(VMCS_HOST_GS_BASE, lhv_host_rdmsr(MSR_GS_BASE));
	/* The ring compares before it writes: nothing of the old CPU matches. */
	vmx->host.cr3 = 0;
	vmx->host.cr4 = 0;
}

/**
 * lhv_vmx_load() - make this vCPU's VMCS current on this CPU
 * @vcpu: the vCPU; vcpu->mutex held
 *
 * Preemption off, interrupts on (another CPU may have to clear the VMCS).
 */
void lhv_vmx_load(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	struct lhv_vmx_cpu *c = this_cpu_ptr(&lhv_vmx_cpu);
	int cpu = smp_processor_id();
	unsigned long flags;

	lhv_vmx_window_begin();
	if (likely(c->current_vmx == vmx))
		return;
	if (vcpu->cpu != cpu)
		clear_vmcs(vmx);
	local_irq_save(flags);
	if (vcpu->cpu != cpu) {
		vcpu->cpu = cpu;
		list_add(&vmx->on_cpu, &c->loaded);
		/* A new region must be cleared once before it is loaded. */
		if (!vmx->cleared) {
			vmx_vmclear(vmx->vmcs_pa);
			vmx->cleared = true;
		}
	}
	if (vmx_vmptrld(vmx->vmcs_pa))
		lhv_vm_kill(vcpu->vm, "VMPTRLD failed");
	c->current_vmx = vmx;
	local_irq_restore(flags);
	if (vmx->host_cpu != cpu) {
		vmx->host_cpu = cpu;
		write_host_cpu_state(vmx);
		/* This CPU may hold translations from an earlier stay. */
		lhv_self_request(vcpu, LHV_REQ_TLB_FLUSH);
	}
}

void lhv_vmx_put(struct lhv_vcpu *vcpu)
{
	if (lhv_irqs_off_in_ring())
		lhv_vmx_clear_loaded();
	lhv_vmx_window_end();
}

static void write_host_constants(void)
{
	vmcs_writel(VMCS_HOST_CR0, read_cr0());
	vmcs_write16(VMCS_HOST_CS_SEL, __KERNEL_CS);
	vmcs_write16(VMCS_HOST_SS_SEL, __KERNEL_DS);
	/* Other selectors may not carry an RPL: the ring restores them. */
	vmcs_write16(VMCS_HOST_DS_SEL, 0);
	vmcs_write16(VMCS_HOST_ES_SEL, 0);
	vmcs_write16(VMCS_HOST_FS_SEL, 0);
	vmcs_write16(VMCS_HOST_GS_SEL, 0);
	vmcs_write16(VMCS_HOST_TR_SEL, GDT_ENTRY_TSS * 8);
	vmcs_writel(VMCS_HOST_IDTR_BASE, idt_base());
	vmcs_write32(VMCS_HOST_SYSENTER_CS, lhv_host_rdmsr(MSR_IA32_SYSENTER_CS));
	vmcs_writel(VMCS_HOST_SYSENTER_EIP, lhv_host_rdmsr(MSR_IA32_SYSENTER_EIP));
	vmcs_write64(VMCS_HOST_PAT, lhv_host_rdmsr(MSR_IA32_CR_PAT));
	vmcs_write64(VMCS_HOST_EFER, lhv_host_rdmsr(MSR_EFER));
	vmcs_writel(VMCS_HOST_RIP, (unsigned long)lhv_vmx_exit_point);
}

/*
 * SDM, "PAUSE-Loop Exiting": PAUSEs less than so many TSC ticks apart are one loop,
 * and one that lasts this long exits. Locks are held for less.
 */
#define PLE_GAP		128
#define PLE_WINDOW	4096

static void write_guest_constants(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	struct lhv_vmx_vm *vm = vcpu->vm->vendor;

	vmcs_write32(VMCS_PIN_CONTROLS, lhv_vmx_caps.pin);
	vmcs_write32(VMCS_EXIT_CONTROLS, lhv_vmx_caps.exit);
	vmx->entry_controls = lhv_vmx_caps.entry & ~ENTRY_IA32E;
	vmcs_write32(VMCS_ENTRY_CONTROLS, vmx->entry_controls);
	vmcs_write32(VMCS_PF_ERROR_MASK, 0);
	vmcs_write32(VMCS_PF_ERROR_MATCH, 0);
	vmcs_write32(VMCS_CR3_TARGETS, 0);
	vmcs_write32(VMCS_EXIT_MSR_STORE_COUNT, 0);
	vmcs_write32(VMCS_EXIT_MSR_LOAD_COUNT, 0);
	vmcs_write32(VMCS_ENTRY_MSR_LOAD_COUNT, 0);
	vmcs_write32(VMCS_ENTRY_INTR_INFO, 0);
	vmcs_write64(VMCS_LINK_POINTER, ~0ULL);
	vmcs_write64(VMCS_EPTP, vm->eptp);
	vmcs_write16(VMCS_VPID, vmx->vpid);
	vmcs_write64(VMCS_MSR_BITMAP, __pa(vmx->msr_bitmap));
	vmcs_write64(VMCS_GUEST_DEBUGCTL, 0);
	vmcs_writel(VMCS_GUEST_PENDING_DEBUG, 0);
	vmcs_write64(VMCS_GUEST_PAT, vcpu->msr_pat);
	if (lhv_vmx_caps.has_xsaves)
		vmcs_write64(VMCS_XSS_EXIT_BITMAP, ~0ULL);
	if (lhv_vmx_caps.cpu2 & CPU2_PLE) {
		vmcs_write32(VMCS_PLE_GAP, PLE_GAP);
		vmcs_write32(VMCS_PLE_WINDOW, PLE_WINDOW);
	}
	if (vmx->pml) {
		vmcs_write64(VMCS_PML_ADDRESS, __pa(vmx->pml));
		vmcs_write16(VMCS_GUEST_PML_INDEX, LHV_PML_ENTRIES - 1);
	}
	if (vcpu->vm->has_irqchip && lhv_vmx_caps.has_tpr_shadow) {
		vmcs_write64(VMCS_VIRTUAL_APIC, __pa(vcpu->lapic.regs));
		vmcs_write32(VMCS_TPR_THRESHOLD, 0);
	}
}

/* Exceptions that always exit: #DB and #AC could be taken for ever without an
 * interrupt window, #MC is the host's.
 */
#define ALWAYS_INTERCEPTED (BIT(X86_TRAP_DB) | BIT(X86_TRAP_AC) | BIT(X86_TRAP_MC))

/*
 * Userspace begins to step, or steps no more, and the shadow is gone: what waited
 * behind it belongs to neither.
 */
static void drop_pending_step(struct lhv_vcpu *vcpu)
{
	u64 pending = vmcs_readl(VMCS_GUEST_PENDING_DEBUG);

	if (likely(!(pending & PENDING_DEBUG_BS)) || lhv_vendor_call(get_shadow)(vcpu))
		return;
	if ((vcpu->guest_debug & KVM_GUESTDBG_SINGLESTEP) ||
	    !(lhv_reg_read(vcpu, LHV_RFLAGS) & X86_EFLAGS_TF))
		vmcs_writel(VMCS_GUEST_PENDING_DEBUG, pending & ~PENDING_DEBUG_BS);
}

/**
 * lhv_vmx_update_controls() - recompute what depends on CPUID, APIC, logging, debugging
 * @vcpu: loaded
 */
void lhv_vmx_update_controls(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);
	u32 cpu = lhv_vmx_caps.cpu, cpu2 = lhv_vmx_caps.cpu2;
	u32 exceptions = ALWAYS_INTERCEPTED;

	/* Windows are asked for by events.c and stay as they are. */
	cpu |= vmx->cpu_controls & (CPU_IRQ_WINDOW | CPU_NMI_WINDOW);
	if (!vcpu->vm->has_irqchip && lhv_vmx_caps.has_tpr_shadow) {
		cpu &= ~CPU_TPR_SHADOW;
		cpu |= CPU_CR8_LOAD_EXITING | CPU_CR8_STORE_EXITING;
	}
	if (!vcpu->caps.rdtscp && !vcpu->caps.rdpid)
		cpu2 &= ~CPU2_RDTSCP;
	if (!vcpu->caps.invpcid)
		cpu2 &= ~CPU2_INVPCID;
	if (!vcpu->caps.xsaves)
		cpu2 &= ~CPU2_XSAVES;
	if (vmx->pml && lhv_mmu_dirty_logging(&vcpu->vm->mmu))
		cpu2 |= CPU2_PML;
	cpu2 |= lhv_vmx_apic_controls(vcpu);
	if (cpu != vmx->cpu_controls) {
		vmx->cpu_controls = cpu;
		vmcs_write32(VMCS_CPU_CONTROLS, cpu);
	}
	if (cpu2 != vmx->cpu2_controls) {
		vmx->cpu2_controls = cpu2;
		vmcs_write32(VMCS_CPU_CONTROLS2, cpu2);
	}
	if (vcpu->guest_debug & KVM_GUESTDBG_USE_SW_BP)
		exceptions |= BIT(X86_TRAP_BP);
	if (vmx->exception_bitmap != exceptions) {
		vmx->exception_bitmap = exceptions;
		vmcs_write32(VMCS_EXCEPTION_BITMAP, exceptions);
	}
	drop_pending_step(vcpu);
	lhv_vmx_msr_bitmap_update(vcpu);
	lhv_vmx_apic_update(vcpu);
}

/**
 * lhv_vmx_vcpu_reset() - fields of the VMCS that a reset or INIT decides
 * @vcpu: loaded
 * @init_event: INIT rather than power-on
 *
 * Registers that both vendors have come through the register operations.
 */
void lhv_vmx_vcpu_reset(struct lhv_vcpu *vcpu, bool init_event)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);

	vmcs_write32(VMCS_GUEST_ACTIVITY, 0);
	vmcs_write32(VMCS_GUEST_INTERRUPTIBILITY, 0);
	vmx->interruptibility_valid = false;
	vmcs_writel(VMCS_GUEST_PENDING_DEBUG, 0);
	vmcs_write32(VMCS_ENTRY_INTR_INFO, 0);
	vmx->entry_info_armed = false;
	if (!init_event) {
		vmcs_write32(VMCS_GUEST_SYSENTER_CS, 0);
		vmcs_writel(VMCS_GUEST_SYSENTER_ESP, 0);
		vmcs_writel(VMCS_GUEST_SYSENTER_EIP, 0);
	}
}

static void setup_vmcs(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);

	lhv_vcpu_load(vcpu);
	write_host_constants();
	write_guest_constants(vcpu);
	/* Poison, so that all is written; the windows' bits would survive. */
	vmx->cpu_controls = ~(u32)(CPU_IRQ_WINDOW | CPU_NMI_WINDOW);
	vmx->cpu2_controls = ~0;
	vmx->exception_bitmap = ~0;
	lhv_vmx_update_controls(vcpu);
	lhv_vcpu_put(vcpu);
}

/**
 * lhv_vmx_vcpu_init() - allocate and set up the VMCS of a new vCPU
 * @vcpu: not yet published, not loaded
 *
 * May sleep. Return: 0, -ENOMEM, -ENOSPC (no VPID is left).
 */
int lhv_vmx_vcpu_init(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = kzalloc(sizeof(*vmx), GFP_KERNEL_ACCOUNT);

	if (!vmx)
		return -ENOMEM;
	vcpu->vendor = vmx;
	vmx->vcpu = vcpu;
	vmx->host_cpu = -1;
	INIT_LIST_HEAD(&vmx->on_cpu);
	vmx->vmcs = lhv_vmx_alloc_region();
	vmx->msr_bitmap = (void *)__get_free_page(GFP_KERNEL_ACCOUNT);
	if (lhv_vmx_caps.has_pml)
		vmx->pml = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!vmx->vmcs || !vmx->msr_bitmap || (lhv_vmx_caps.has_pml && !vmx->pml)) {
		lhv_vmx_vcpu_free(vcpu);
		return -ENOMEM;
	}
	memset(vmx->msr_bitmap, 0xff, PAGE_SIZE);
	vmx->vpid = alloc_vpid();
	if (!vmx->vpid) {
		lhv_vmx_vcpu_free(vcpu);
		return -ENOSPC;
	}
	vmx->vmcs_pa = __pa(vmx->vmcs);
	setup_vmcs(vcpu);
	return 0;
}

void lhv_vmx_vcpu_free(struct lhv_vcpu *vcpu)
{
	struct lhv_vmx *vmx = to_vmx(vcpu);

	if (!vmx)
		return;
	if (vmx->vmcs_pa)
		clear_vmcs(vmx);
	if (vmx->vpid)
		free_vpid(vmx->vpid);
	free_page((unsigned long)vmx->vmcs);
	free_page((unsigned long)vmx->msr_bitmap);
	free_page((unsigned long)vmx->pml);
	vcpu->vendor = NULL;
	kfree(vmx);
}

/**
 * lhv_vmx_vm_init() - what VMX keeps per VM
 * @vm: its mmu is initialised
 *
 * Return: 0 or -ENOMEM.
 */
int lhv_vmx_vm_init(struct lhv_vm *vm)
{
	struct lhv_vmx_vm *v = kzalloc(sizeof(*v), GFP_KERNEL_ACCOUNT);

	if (!v)
		return -ENOMEM;
	v->eptp = vm->mmu.root_hpa | EPTP_WB | EPTP_WALK_4;
	if (lhv_vmx_caps.has_ad)
		v->eptp |= EPTP_AD;
	vm->vendor = v;
	return 0;
}

void lhv_vmx_vm_destroy(struct lhv_vm *vm)
{
	kfree(vm->vendor);
	vm->vendor = NULL;
}
