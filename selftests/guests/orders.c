// SPDX-License-Identifier: GPL-2.0
/*
 * Cases that play the VMMs which Debian does not package: the capabilities they
 * insist on, their calls in their order to start, pause, save and restore, and the
 * returns that they bear. The guest sleeps in HLT and wakes by its timer all along.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"
#include "guests.h"

DECLARE_GUEST(orders_ticks);
DECLARE_GUEST(orders_bios);

#define DOORBELL	GUEST_MMIO
#define TICK_VECTOR	0x41
#define PINS		24

/* Intel SDM, "Model-Specific Registers". */
#define MSR_TSC			0x10
#define MSR_SYSENTER_CS		0x174
#define MSR_MISC_ENABLE		0x1a0
#define MSR_MTRR_DEF_TYPE	0x2ff
#define MSR_STAR		0xc0000081
#define MSR_KERNEL_GS_BASE	0xc0000102

/* ---- the parts of a vCPU's state, each with its two calls ---- */

enum part {
	MP_STATE, REGS, SREGS, XSAVE, XCRS, DEBUGREGS, LAPIC, FPU, TSC_KHZ, MSRS, EVENTS,
	CLOCK_CTRL, PARTS
};

struct machine {
	struct guest g;
	struct kvm_cpuid2 *cpuid;
	int doorbell;			/* an ioeventfd's */
	bool split;
};

struct saved {
	struct kvm_mp_state mp;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_xsave xsave;
	struct kvm_xcrs xcrs;
	struct kvm_debugregs debug;
	struct kvm_lapic_state lapic;
	struct kvm_fpu fpu;
	int tsc_khz;
	struct kvm_msrs *msrs;
	struct kvm_vcpu_events events;
	struct kvm_pit_state2 pit;
	struct kvm_clock_data clock;
	struct kvm_irqchip chips[KVM_NR_IRQCHIPS];
};

#define PART(name, member)							\
	{ KVM_GET_##name, KVM_SET_##name, offsetof(struct saved, member) }

/* Those that are a structure and no more. */
static const struct {
	unsigned long get, set;
	size_t at;
} parts[PARTS] = {
	[MP_STATE] = PART(MP_STATE, mp),
	[REGS] = PART(REGS, regs),
	[SREGS] = PART(SREGS, sregs),
	[XSAVE] = PART(XSAVE, xsave),
	[XCRS] = PART(XCRS, xcrs),
	[DEBUGREGS] = PART(DEBUGREGS, debug),
	[LAPIC] = PART(LAPIC, lapic),
	[FPU] = PART(FPU, fpu),
	[EVENTS] = PART(VCPU_EVENTS, events),
};

static void get_part(int fd, struct saved *s, enum part part)
{
	if (parts[part].get) {
		EXPECT_OK(ioctl(fd, parts[part].get, (u8 *)s + parts[part].at));
	} else if (part == TSC_KHZ) {
		s->tsc_khz = EXPECT_OK(ioctl(fd, KVM_GET_TSC_KHZ, 0));
		EXPECT(s->tsc_khz > 0);
	} else if (part == MSRS) {
		s->msrs = msr_index_list();
		EXPECT_EQ(ioctl(fd, KVM_GET_MSRS, s->msrs), s->msrs->nmsrs);
	}
}

static void set_part(int fd, const struct saved *s, enum part part)
{
	if (parts[part].set)
		EXPECT_OK(ioctl(fd, parts[part].set, (u8 *)s + parts[part].at));
	else if (part == TSC_KHZ)
		EXPECT_OK(ioctl(fd, KVM_SET_TSC_KHZ, s->tsc_khz));
	else if (part == MSRS)
		EXPECT_EQ(ioctl(fd, KVM_SET_MSRS, s->msrs), s->msrs->nmsrs);
	else	/* all bear the one error: there is no kvmclock page */
		EXPECT_ERRNO(ioctl(fd, KVM_KVMCLOCK_CTRL, 0), EINVAL);
}

/* ---- the VMMs ---- */

/*
 * struct vmm - what one VMM calls
 * @caps: it refuses to start where one of them is not there; ends with -1
 * @split: the I/O APIC and the 8259s are its own
 * @pit: it creates the in-kernel 8254
 * @tss: KVM_SET_TSS_ADDR; @identity: KVM_SET_IDENTITY_MAP_ADDR, where not 0
 * @def_type: it sets MTRRdefType besides the ten usual MSRs
 * @save: parts in the order in which it reads them; ends with PARTS
 * @restore: and writes them
 */
struct vmm {
	const int *caps;
	bool split, pit, def_type;
	u32 tss;
	u64 identity;
	const enum part *save, *restore;
};

static const int firecracker_caps[] = {
	KVM_CAP_IRQCHIP, KVM_CAP_IOEVENTFD, KVM_CAP_IRQFD, KVM_CAP_USER_MEMORY,
	KVM_CAP_SET_TSS_ADDR, KVM_CAP_PIT2, KVM_CAP_PIT_STATE2, KVM_CAP_ADJUST_CLOCK,
	KVM_CAP_DEBUGREGS, KVM_CAP_MP_STATE, KVM_CAP_VCPU_EVENTS, KVM_CAP_XCRS,
	KVM_CAP_XSAVE, KVM_CAP_EXT_CPUID, -1
};

static const int cloud_hypervisor_caps[] = {
	KVM_CAP_ADJUST_CLOCK, KVM_CAP_EXT_CPUID, KVM_CAP_GET_TSC_KHZ,
	KVM_CAP_IMMEDIATE_EXIT, KVM_CAP_IOEVENTFD, KVM_CAP_IRQCHIP, KVM_CAP_IRQFD,
	KVM_CAP_IRQ_ROUTING, KVM_CAP_MP_STATE, KVM_CAP_SET_IDENTITY_MAP_ADDR,
	KVM_CAP_SET_TSS_ADDR, KVM_CAP_SPLIT_IRQCHIP, KVM_CAP_TSC_DEADLINE_TIMER,
	KVM_CAP_USER_MEMORY, KVM_CAP_USER_NMI, KVM_CAP_VCPU_EVENTS, KVM_CAP_XSAVE, -1
};

static const int kvmtool_caps[] = {
	KVM_CAP_COALESCED_MMIO, KVM_CAP_SET_TSS_ADDR, KVM_CAP_PIT2, KVM_CAP_USER_MEMORY,
	KVM_CAP_IRQ_ROUTING, KVM_CAP_IRQCHIP, KVM_CAP_HLT, KVM_CAP_IRQ_INJECT_STATUS,
	KVM_CAP_EXT_CPUID, -1
};

/* It asks for nothing and finds out by the calls. */
static const int crosvm_caps[] = { -1 };

static const enum part firecracker_save[] = {
	MP_STATE, REGS, SREGS, XSAVE, XCRS, DEBUGREGS, LAPIC, TSC_KHZ, MSRS, EVENTS, PARTS
};

static const enum part firecracker_restore[] = {
	MP_STATE, REGS, SREGS, XSAVE, XCRS, DEBUGREGS, LAPIC, MSRS, EVENTS, CLOCK_CTRL, PARTS
};

static const enum part cloud_hypervisor_save[] = {
	EVENTS, REGS, SREGS, LAPIC, FPU, MSRS, XSAVE, XCRS, MP_STATE, TSC_KHZ, PARTS
};

static const enum part cloud_hypervisor_restore[] = {
	MP_STATE, REGS, SREGS, XSAVE, XCRS, LAPIC, FPU, TSC_KHZ, MSRS, EVENTS, CLOCK_CTRL, PARTS
};

static const enum part crosvm_save[] = {
	REGS, SREGS, DEBUGREGS, XCRS, MSRS, LAPIC, XSAVE, MP_STATE, EVENTS, PARTS
};

static const enum part crosvm_restore[] = {
	REGS, SREGS, DEBUGREGS, XCRS, MSRS, XSAVE, LAPIC, MP_STATE, EVENTS, PARTS
};

static const struct vmm firecracker = {
	.caps = firecracker_caps, .pit = true, .def_type = true, .tss = 0xfffbd000,
	.save = firecracker_save, .restore = firecracker_restore,
};

static const struct vmm cloud_hypervisor = {
	.caps = cloud_hypervisor_caps, .split = true, .def_type = true,
	.tss = 0xf8001000, .identity = 0xf8000000,
	.save = cloud_hypervisor_save, .restore = cloud_hypervisor_restore,
};

static const struct vmm crosvm = {
	.caps = crosvm_caps, .pit = true, .def_type = true,
	.tss = 0xfeffd000, .identity = 0xfeffc000,
	.save = crosvm_save, .restore = crosvm_restore,
};

static const struct vmm kvmtool = {
	.caps = kvmtool_caps, .pit = true, .tss = 0xfffbd000,
};

/* ---- start ---- */

static void check_caps(const struct vmm *vmm)
{
	unsigned int i;

	EXPECT_EQ(ioctl(sys_open(), KVM_GET_API_VERSION, 0), 12);
	for (i = 0; vmm->caps[i] >= 0; i++)
		if (cap_of(sys_open(), vmm->caps[i]) <= 0)
			tap_fail(__FILE__, __LINE__, "no capability %d", vmm->caps[i]);
}

static void create_chips(const struct vmm *vmm, int vm)
{
	struct kvm_enable_cap split = { .cap = KVM_CAP_SPLIT_IRQCHIP, .args[0] = PINS };
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };

	if (vmm->split)
		EXPECT_OK(ioctl(vm, KVM_ENABLE_CAP, &split));
	else
		EXPECT_OK(ioctl(vm, KVM_CREATE_IRQCHIP, 0));
	if (vmm->pit)
		EXPECT_OK(ioctl(vm, KVM_CREATE_PIT2, &pit));
}

/* CPUID as all of them edit it: the APIC's ID, the hypervisor bit, a TSC deadline. */
static struct kvm_cpuid2 *edited_cpuid(void)
{
	struct kvm_cpuid2 *cpuid = cpuid_supported();
	struct kvm_cpuid_entry2 *leaf = cpuid_find(cpuid, 1, 0);

	EXPECT(leaf);
	leaf->ebx = (leaf->ebx & 0x0000ffff) | 1 << 16;
	leaf->ecx |= BIT(31) | BIT(24);
	return cpuid;
}

static void set_boot_msrs(const struct vmm *vmm, const struct vcpu *v)
{
	static const u32 indices[] = {
		MSR_SYSENTER_CS, MSR_SYSENTER_CS + 1, MSR_SYSENTER_CS + 2,
		MSR_STAR, MSR_STAR + 1, MSR_STAR + 2, MSR_STAR + 3, MSR_KERNEL_GS_BASE,
		MSR_TSC, MSR_MISC_ENABLE, MSR_MTRR_DEF_TYPE,
	};
	struct kvm_msrs *msrs = calloc(1, sizeof(*msrs) + sizeof(indices) * 4);
	unsigned int i;

	msrs->nmsrs = ARRAY_SIZE(indices) - !vmm->def_type;
	for (i = 0; i < msrs->nmsrs; i++) {
		msrs->entries[i].index = indices[i];
		/*
		 * They set 0; but KVM before 6.7 takes the TSC of a guest that is
		 * younger than a second, when it is restored, for the new VM's.
		 */
		if (indices[i] == MSR_TSC)
			msrs->entries[i].data = 1ULL << 40;
		if (indices[i] == MSR_MISC_ENABLE)
			msrs->entries[i].data = 1;	/* fast strings */
		if (indices[i] == MSR_MTRR_DEF_TYPE)
			msrs->entries[i].data = 0x806;	/* on, write-back */
	}
	EXPECT_EQ(ioctl(v->fd, KVM_SET_MSRS, msrs), msrs->nmsrs);
}

/* LINT0 is the 8259's, LINT1 is NMI. */
static void set_lints(const struct vcpu *v)
{
	struct kvm_lapic_state lapic;

	EXPECT_OK(ioctl(v->fd, KVM_GET_LAPIC, &lapic));
	*(u32 *)(lapic.regs + 0x350) = 7 << 8;
	*(u32 *)(lapic.regs + 0x360) = 4 << 8;
	EXPECT_OK(ioctl(v->fd, KVM_SET_LAPIC, &lapic));
}

static void set_devices(struct machine *m)
{
	struct kvm_ioeventfd bell = { .addr = DOORBELL, .len = 4 };
	struct kvm_irqfd irqfd = { .gsi = 5 };
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry;
	} routes = { .head.nr = 1 };

	m->doorbell = eventfd(0, EFD_NONBLOCK);
	bell.fd = m->doorbell;
	EXPECT_OK(ioctl(m->g.vm, KVM_IOEVENTFD, &bell));
	routes.entry.gsi = m->split ? PINS : 32;
	routes.entry.type = KVM_IRQ_ROUTING_MSI;
	routes.entry.u.msi.address_lo = 0xfee00000;
	routes.entry.u.msi.data = 0x51;
	EXPECT_OK(ioctl(m->g.vm, KVM_SET_GSI_ROUTING, &routes));
	irqfd.gsi = routes.entry.gsi;
	irqfd.fd = eventfd(0, 0);
	EXPECT_OK(ioctl(m->g.vm, KVM_IRQFD, &irqfd));
}

/* A VM with one vCPU, up to but not including its registers. */
static struct machine begin(const struct vmm *vmm)
{
	struct machine m = { .split = vmm->split };
	u64 identity = vmm->identity;

	check_caps(vmm);
	m.g.vm = EXPECT_OK(ioctl(sys_open(), KVM_CREATE_VM, 0));
	if (identity)
		EXPECT_OK(ioctl(m.g.vm, KVM_SET_IDENTITY_MAP_ADDR, &identity));
	EXPECT_OK(ioctl(m.g.vm, KVM_SET_TSS_ADDR, (unsigned long)vmm->tss));
	create_chips(vmm, m.g.vm);
	guest_memory(&m.g);
	vcpu_create_bare(m.g.vm, 0, &m.g.v[0]);
	m.cpuid = edited_cpuid();
	EXPECT_OK(ioctl(m.g.v[0].fd, KVM_SET_CPUID2, m.cpuid));
	return m;
}

static struct machine boot(const struct vmm *vmm)
{
	struct kvm_fpu fpu = { .fcw = 0x37f, .mxcsr = 0x1f80 };
	struct machine m = begin(vmm);
	struct vcpu *v = &m.g.v[0];

	set_boot_msrs(vmm, v);
	guest_load(&m.g, orders_ticks);
	guest_start(&m.g, v, MODE_LONG, GUEST_CODE);
	EXPECT_OK(ioctl(v->fd, KVM_SET_FPU, &fpu));
	set_lints(v);
	set_devices(&m);
	return m;
}

/* ---- run and pause ---- */

static void kicked(int sig)
{
	(void)sig;
}

/* A signal every 20 ms, by which the VMM takes its vCPU threads out of KVM_RUN. */
static void start_kicks(void)
{
	struct sigaction act = { .sa_handler = kicked };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec every = {
		.it_interval.tv_nsec = 20000000, .it_value.tv_nsec = 20000000,
	};
	timer_t timer;

	EXPECT_OK(sigaction(SIGUSR1, &act, NULL));
	EXPECT_OK(timer_create(CLOCK_MONOTONIC, &ev, &timer));
	EXPECT_OK(timer_settime(timer, 0, &every, NULL));
}

/*
 * Until the guest has rung so often. HLT does not exit, its ticks and its doorbell are
 * the kernel's: nothing but EINTR may come out, and says why in exit_reason.
 */
static void run_rings(struct machine *m, u64 rings)
{
	struct vcpu *v = &m->g.v[0];
	u64 n, seen = 0;

	while (seen < rings) {
		EXPECT_ERRNO(vcpu_run(v), EINTR);
		EXPECT_EQ(v->run->exit_reason, KVM_EXIT_INTR);
		if (read(m->doorbell, &n, sizeof(n)) == sizeof(n))
			seen += n;
	}
	EXPECT_EQ(*(u32 *)(m->g.ram + GUEST_DATA + 8), 0);
}

/* What a pause finishes first. */
static void pause_vcpu(const struct vcpu *v)
{
	v->run->immediate_exit = 1;
	EXPECT_ERRNO(vcpu_run(v), EINTR);
	v->run->immediate_exit = 0;
}

/* ---- save and restore ---- */

static void save(const struct vmm *vmm, struct machine *m, struct saved *s)
{
	unsigned int i;

	memset(s, 0, sizeof(*s));
	pause_vcpu(&m->g.v[0]);
	for (i = 0; vmm->save[i] != PARTS; i++)
		get_part(m->g.v[0].fd, s, vmm->save[i]);
	if (vmm->pit)
		EXPECT_OK(ioctl(m->g.vm, KVM_GET_PIT2, &s->pit));
	EXPECT_OK(ioctl(m->g.vm, KVM_GET_CLOCK, &s->clock));
	for (i = 0; i < KVM_NR_IRQCHIPS && !m->split; i++) {
		s->chips[i].chip_id = i;
		EXPECT_OK(ioctl(m->g.vm, KVM_GET_IRQCHIP, &s->chips[i]));
	}
}

static struct machine restore(const struct vmm *vmm, struct machine *from, struct saved *s)
{
	struct machine m = begin(vmm);
	unsigned int i;

	memcpy(m.g.ram, from->g.ram, GUEST_RAM);
	set_devices(&m);
	for (i = 0; vmm->restore[i] != PARTS; i++)
		set_part(m.g.v[0].fd, s, vmm->restore[i]);
	if (vmm->pit)
		EXPECT_OK(ioctl(m.g.vm, KVM_SET_PIT2, &s->pit));
	s->clock.flags &= KVM_CLOCK_REALTIME;
	EXPECT_OK(ioctl(m.g.vm, KVM_SET_CLOCK, &s->clock));
	for (i = 0; i < KVM_NR_IRQCHIPS && !m.split; i++)
		EXPECT_OK(ioctl(m.g.vm, KVM_SET_IRQCHIP, &s->chips[i]));
	EXPECT(m.g.counts[TICK_VECTOR] > 0);
	return m;
}

static u64 xmm_count(const struct machine *m)
{
	return *(u64 *)(m->g.ram + GUEST_DATA + 16);
}

static void play(const struct vmm *vmm)
{
	struct machine m = boot(vmm), next;
	struct saved s;
	u64 before;
	int i;

	start_kicks();
	run_rings(&m, 3);
	for (i = 0; i < 3; i++) {
		save(vmm, &m, &s);
		before = xmm_count(&m);
		next = restore(vmm, &m, &s);
		run_rings(&next, 3);
		EXPECT(xmm_count(&next) >= before + 3);
		m = next;
	}
}

static void firecracker_orders(void)
{
	play(&firecracker);
}

static void cloud_hypervisor_orders(void)
{
	REQUIRE_CAP(sys_open(), KVM_CAP_SPLIT_IRQCHIP);
	play(&cloud_hypervisor);
}

static void crosvm_orders(void)
{
	play(&crosvm);
}

/*
 * kvmtool starts in real mode, lets the 8254 tick through the 8259, looks at
 * exit_reason whatever KVM_RUN returned, and cannot save.
 */
static void kvmtool_orders(void)
{
	struct machine m = begin(&kvmtool);
	struct kvm_fpu fpu = { .fcw = 0x37f, .mxcsr = 0x1f80 };
	struct vcpu *v = &m.g.v[0];

	set_boot_msrs(&kvmtool, v);
	guest_load(&m.g, orders_bios);
	guest_start(&m.g, v, MODE_REAL, GUEST_CODE);
	EXPECT_OK(ioctl(v->fd, KVM_SET_FPU, &fpu));
	set_lints(v);
	/* given on the wrong descriptor; it does not mind */
	EXPECT(ioctl(m.g.vm, KVM_KVMCLOCK_CTRL, 0) < 0);
	start_kicks();
	do {
		if (ioctl(v->fd, KVM_RUN, 0) < 0)
			EXPECT_EQ(errno, EINTR);
	} while (v->run->exit_reason == KVM_EXIT_INTR);
	EXPECT_EQ(v->run->exit_reason, KVM_EXIT_IO);
	EXPECT_EQ(v->run->io.port, 0x64);
	EXPECT(*(u16 *)(m.g.ram + 0x600) >= 5);
}

const struct tap_case orders_cases[] = {
	{ "firecracker", firecracker_orders },
	{ "cloud_hypervisor", cloud_hypervisor_orders },
	{ "crosvm", crosvm_orders },
	{ "kvmtool", kvmtool_orders },
	{ }
};
