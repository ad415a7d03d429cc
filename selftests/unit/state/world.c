// SPDX-License-Identifier: GPL-2.0
/*
 * See world.h.
 */
#include <string.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/tsc.h>

#include "hostregs-shim.h"
#include "world.h"

struct world world;
struct cpuinfo_x86 boot_cpu_data;
unsigned int tsc_khz = 2500000;
bool unit_nowait_fails;
struct lhv_vendor_ops lhv_vendor;

/* ---- the host ---- */

/* Sizes and offsets of XSAVE components as every processor has them. */
static const struct { u32 size, offset; } parts[] = {
	[2] = { 256, 576 }, [5] = { 64, 1088 }, [6] = { 512, 1152 },
	[7] = { 1024, 1664 }, [9] = { 8, 2688 },
};

static void set4(u32 *r[4], u32 a, u32 b, u32 c, u32 d)
{
	*r[0] = a;
	*r[1] = b;
	*r[2] = c;
	*r[3] = d;
}

static void name_leaf(u32 *r[4], u32 max)
{
	const char *name = world.amd ? "AuthenticAMD" : "GenuineIntel";

	*r[0] = max;
	memcpy(r[1], name, 4);
	memcpy(r[3], name + 4, 4);
	memcpy(r[2], name + 8, 4);
}

void lhv_host_cpuid(u32 leaf, u32 index, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	u32 *r[4] = { eax, ebx, ecx, edx }, fill = world.cpuid_fill;

	set4(r, fill, fill, fill, fill);
	if (leaf == 0 || leaf == 0x80000000)
		name_leaf(r, leaf ? 0x80000021 : 0x20);
	else if (leaf == 4)
		set4(r, index < 4 ? 0x1c000121 : 0, 0x01c0003f, 0x3f, 0);
	else if (leaf == 0xd && index >= 2 && index < ARRAY_SIZE(parts))
		set4(r, parts[index].size, parts[index].offset, 0, 0);
}

bool boot_cpu_has_bug(unsigned int bug)
{
	return bug == X86_BUG_MDS;
}

u64 rdtsc_ordered(void)
{
	return world.tsc;
}

u64 ktime_get_boottime_ns(void)
{
	return world.boot_ns;
}

u64 ktime_get_real_ns(void)
{
	return world.real_ns;
}

int check_tsc_unstable(void)
{
	return world.tsc_unstable;
}

/* Time passes on every clock of the host. */
void world_tick(u64 tsc)
{
	u64 ns = tsc * 1000000 / tsc_khz;

	world.tsc += tsc;
	world.boot_ns += ns;
	world.real_ns += ns;
}

void lhv_host_wrmsr(u32 index, u64 value)
{
	world.wrmsr_index = index;
	world.wrmsr_value = value;
}

int lhv_host_rdmsr_safe(u32 index, u64 *value)
{
	*value = index == MSR_IA32_ARCH_CAPABILITIES ? ARCH_CAP_IBRS_ALL : 0x7700000000;
	return 0;
}

u64 lhv_host_xgetbv(void)
{
	return world.xcr0;
}

void lhv_host_xsetbv(u64 value)
{
}

u32 lhv_host_rdpkru(void)
{
	return 0;
}

void lhv_host_wrpkru(u32 pkru)
{
}

/* ---- the vendor ---- */

static void cache_reg(struct lhv_vcpu *vcpu, enum lhv_reg reg)
{
	vcpu->regs_avail |= BIT(reg);
}

static void get_seg(struct lhv_vcpu *vcpu, enum lhv_seg seg, struct lhv_segment *s)
{
	*s = world.seg[seg];
}

static void set_seg(struct lhv_vcpu *vcpu, enum lhv_seg seg, const struct lhv_segment *s)
{
	world.seg[seg] = *s;
}

static void get_table(struct lhv_vcpu *vcpu, enum lhv_table table, struct kvm_dtable *dt)
{
	*dt = table == LHV_IDT ? world.idt : world.gdt;
}

static void set_table(struct lhv_vcpu *vcpu, enum lhv_table table, const struct kvm_dtable *dt)
{
	*(table == LHV_IDT ? &world.idt : &world.gdt) = *dt;
}

static void set_cr0(struct lhv_vcpu *vcpu, u64 cr0)
{
	world.cr0 = cr0;
	vcpu->regs[LHV_CR0] = cr0;
	vcpu->regs_avail |= BIT(LHV_CR0);
}

static void set_cr3(struct lhv_vcpu *vcpu, u64 cr3)
{
	world.cr3 = cr3;
	vcpu->regs[LHV_CR3] = cr3;
	vcpu->regs_avail |= BIT(LHV_CR3);
}

static void set_cr4(struct lhv_vcpu *vcpu, u64 cr4)
{
	world.cr4 = cr4;
	vcpu->regs[LHV_CR4] = cr4;
	vcpu->regs_avail |= BIT(LHV_CR4);
}

static void set_efer(struct lhv_vcpu *vcpu, u64 efer)
{
	world.efer = efer;
	vcpu->efer = efer;
}

static void load_pdptrs(struct lhv_vcpu *vcpu)
{
	memcpy(world.pdptr, vcpu->pdptr, sizeof(world.pdptr));
}

static void save_pdptrs(struct lhv_vcpu *vcpu)
{
	memcpy(vcpu->pdptr, world.pdptr, sizeof(world.pdptr));
}

static void set_dr7(struct lhv_vcpu *vcpu, u64 dr7)
{
	world.dr7 = dr7;
}

static u64 get_dr7(struct lhv_vcpu *vcpu)
{
	return world.dr7;
}

static u32 get_shadow(struct lhv_vcpu *vcpu)
{
	return world.shadow;
}

static void set_shadow(struct lhv_vcpu *vcpu, u32 shadow)
{
	world.shadow = shadow;
}

static bool get_nmi_mask(struct lhv_vcpu *vcpu)
{
	return world.nmi_mask;
}

static void set_nmi_mask(struct lhv_vcpu *vcpu, bool masked)
{
	world.nmi_mask = masked;
}

static void vendor_reset(struct lhv_vcpu *vcpu, bool init_event)
{
}

/* Those that VMX keeps in the VMCS. */
static const u32 hw_msrs[] = {
	MSR_FS_BASE, MSR_GS_BASE, MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP,
	MSR_IA32_SYSENTER_EIP, MSR_IA32_CR_PAT, MSR_IA32_DEBUGCTLMSR,
};

static int hw_msr(u32 index)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hw_msrs); i++)
		if (hw_msrs[i] == index)
			return i;
	return -ENOENT;
}

static int get_msr(struct lhv_vcpu *vcpu, u32 index, u64 *data)
{
	int i = hw_msr(index);

	if (i < 0)
		return i;
	*data = world.msr[i].data;
	return 0;
}

static int set_msr(struct lhv_vcpu *vcpu, u32 index, u64 data)
{
	int i = hw_msr(index);

	if (i < 0)
		return i;
	world.msr[i].data = data;
	return 0;
}

static bool has(u32 feature)
{
	return feature != world.withheld;
}

static const struct lhv_npt_format npt = { .levels = 4, .max_level = 3 };

void (*lhv_vendor_cache_reg_call)(struct lhv_vcpu *vcpu, enum lhv_reg reg) = cache_reg;

static void fill_vendor(void)
{
	lhv_vendor = (struct lhv_vendor_ops){
		.npt = &npt, .get_seg = get_seg, .set_seg = set_seg,
		.get_table = get_table, .set_table = set_table,
		.set_cr0 = set_cr0, .set_cr3 = set_cr3, .set_cr4 = set_cr4,
		.set_efer = set_efer, .load_pdptrs = load_pdptrs,
		.save_pdptrs = save_pdptrs, .set_dr7 = set_dr7, .get_dr7 = get_dr7,
		.set_shadow = set_shadow,
		.get_nmi_mask = get_nmi_mask, .set_nmi_mask = set_nmi_mask,
		.vcpu_reset = vendor_reset, .get_msr = get_msr, .set_msr = set_msr,
		.has = has,
	};
	lhv_vendor.get_shadow = get_shadow;
}

/* ---- the rest of the module ---- */

void lhv_vcpu_load(struct lhv_vcpu *vcpu)
{
	EXPECT_EQ(world.loads++, 0);
}

void lhv_vcpu_put(struct lhv_vcpu *vcpu)
{
	EXPECT_EQ(--world.loads, 0);
}

void lhv_vcpu_cache_regs(struct lhv_vcpu *vcpu, u32 regs)
{
	unsigned int reg;

	for (reg = 0; reg < LHV_NR_REGS; reg++)
		if (regs & ~vcpu->regs_avail & BIT(reg))
			cache_reg(vcpu, reg);
}

void lhv_vcpu_request(struct lhv_vcpu *vcpu, enum lhv_request req)
{
	lhv_self_request(vcpu, req);
}

void lhv_vm_request_all(struct lhv_vm *vm, enum lhv_request req)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		lhv_self_request(vm->vcpus[i], req);
}

void lhv_vm_kill(struct lhv_vm *vm, const char *why)
{
	tap_fail(__FILE__, __LINE__, "the VM was killed: %s", why);
}

void lhv_queue_exception(struct lhv_vcpu *vcpu, u8 vector)
{
	vcpu->exc.pending = true;
	vcpu->exc.vector = vector;
	world.exceptions++;
}

void lhv_deliver_payload(struct lhv_vcpu *vcpu)
{
	if (vcpu->exc.has_payload)
		vcpu->cr2 = vcpu->exc.payload;
	vcpu->exc.has_payload = false;
}

void lhv_accept_apic_events(struct lhv_vcpu *vcpu)
{
}

static bool in_memory(u64 gpa, unsigned int len)
{
	return gpa < GUEST_BYTES && len <= GUEST_BYTES - gpa;
}

static int page_at_hand(u64 gpa, unsigned int len, bool can_sleep)
{
	if (!in_memory(gpa, len))
		return -EFAULT;
	if (world.away > 0 && !can_sleep) {
		world.away--;
		return -EAGAIN;
	}
	return 0;
}

int lhv_mmu_read_gpa(struct lhv_mmu *mmu, lhv_gpa_t gpa, void *data, unsigned int len,
		     bool can_sleep)
{
	int ret = page_at_hand(gpa, len, can_sleep);

	if (!ret)
		memcpy(data, world.memory + gpa, len);
	return ret;
}

int lhv_mmu_write_gpa(struct lhv_mmu *mmu, lhv_gpa_t gpa, const void *data,
		      unsigned int len, bool can_sleep)
{
	int ret = page_at_hand(gpa, len, can_sleep);

	if (ret)
		return ret;
	memcpy(world.memory + gpa, data, len);
	if (world.writes < ARRAY_SIZE(world.versions))
		memcpy(&world.versions[world.writes], world.memory + (gpa & ~63ULL), 4);
	world.writes++;
	return 0;
}

bool lhv_mmu_gpa_backed(struct lhv_mmu *mmu, lhv_gpa_t gpa)
{
	return in_memory(gpa, 1);
}

int lhv_mmu_walk(struct lhv_mmu *mmu, struct lhv_walk *w, u64 gva, u32 access)
{
	w->gpa = gva;
	return gva >= GUEST_BYTES;
}

/* The local APIC has tests of its own; here it only keeps values. */
void lhv_lapic_reset(struct lhv_lapic *apic, bool power_on, bool bsp)
{
}

int lhv_lapic_set_base(struct lhv_lapic *apic, u64 base, bool host, u8 maxphyaddr,
		       bool x2apic_allowed)
{
	apic->base = base;
	apic->mode = base & BIT(10) ? LHV_APIC_X2APIC : LHV_APIC_XAPIC;
	return 0;
}

u8 lhv_lapic_get_cr8(struct lhv_lapic *apic)
{
	return apic->id;
}

void lhv_lapic_set_cr8(struct lhv_lapic *apic, u8 cr8)
{
	apic->id = cr8;
}

u64 lhv_lapic_get_tsc_deadline(struct lhv_lapic *apic)
{
	return apic->tsc_deadline;
}

void lhv_lapic_set_tsc_deadline(struct lhv_lapic *apic, u64 deadline)
{
	apic->tsc_deadline = deadline;
}

int lhv_lapic_x2_read(struct lhv_lapic *apic, u32 msr, u64 *val)
{
	*val = msr;
	return apic->mode == LHV_APIC_X2APIC && msr == 0x802 ? 0 : -EINVAL;
}

int lhv_lapic_x2_write(struct lhv_lapic *apic, u32 msr, u64 val)
{
	return apic->mode == LHV_APIC_X2APIC && msr == 0x808 ? 0 : -EINVAL;
}

void lhv_lapic_get_state(struct lhv_lapic *apic, struct kvm_lapic_state *s)
{
	memset(s, 0, sizeof(*s));
}

int lhv_lapic_set_state(struct lhv_lapic *apic, const struct kvm_lapic_state *s)
{
	return 0;
}

/* ---- set-up ---- */

static void init_vcpu(unsigned int i)
{
	struct lhv_vcpu *vcpu = &world.vcpu[i];

	vcpu->vm = &world.vm;
	vcpu->id = i;
	vcpu->run = &world.run[i];
	vcpu->index = i;
	world.vm.vcpus[i] = vcpu;
	EXPECT_EQ(lhv_fpu_init(vcpu), 0);
	lhv_clock_vcpu_init(vcpu);
	lhv_vcpu_load(vcpu);
	lhv_vcpu_reset(vcpu, false);
	lhv_vcpu_put(vcpu);
}

struct lhv_vcpu *world_start(void)
{
	fill_vendor();
	boot_cpu_data.x86_vendor = world.amd ? X86_VENDOR_AMD : X86_VENDOR_INTEL;
	boot_cpu_data.x86_phys_bits = 46;
	memset(boot_cpu_data.x86_capability, world.cpuid_fill & 0xff,
	       sizeof(boot_cpu_data.x86_capability));
	EXPECT_EQ(lhv_fpu_global_init(), 0);
	EXPECT_EQ(lhv_cpuid_init(), 0);
	lhv_clock_vm_init(&world.vm);
	init_vcpu(0);
	init_vcpu(1);
	world.vm.nr_vcpus = 2;
	return &world.vcpu[0];
}

struct lhv_vcpu *world_init(void)
{
	world.cpuid_fill = ~0U;
	world.xcr0 = 0x600ff;		/* AMX and MPX as well */
	world.xcr0 |= BIT(9);
	world.tsc = 5000000000;
	world.boot_ns = 2000000000;
	world.real_ns = 1700000000000000000;
	return world_start();
}

struct kvm_cpuid_entry2 *all_cpuid(u32 *n)
{
	static struct kvm_cpuid_entry2 e[LHV_MAX_CPUID_ENTRIES];

	*n = ARRAY_SIZE(e);
	EXPECT_EQ(lhv_supported_cpuid(e, n), 0);
	return e;
}

struct kvm_cpuid_entry2 *entry_of(struct kvm_cpuid_entry2 *e, u32 n, u32 leaf, u32 index)
{
	for (; n--; e++)
		if (e->function == leaf && e->index == index)
			return e;
	return NULL;
}

void give_all_cpuid(struct lhv_vcpu *vcpu)
{
	u32 n;
	struct kvm_cpuid_entry2 *e = all_cpuid(&n);

	EXPECT_EQ(lhv_set_cpuid(vcpu, e, n), 0);
}
