// SPDX-License-Identifier: GPL-2.0
/*
 * bench: what operations of a hypervisor cost, in ticks of the time-stamp
 * counter, which in the emulated hosts counts instructions. Prints one line an
 * operation, "ROW<tab>COST"; compare.py joins the runs on two devices.
 *
 * Used by `make bench`. It is one program for every device that speaks KVM's
 * interface, and knows nothing about who is behind it.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../guests/guest.h"
#include "bench.h"

#define VMS_FIRST	100
#define VMS_ALIVE	50
#define MSR_APIC_BASE	0x1b

static inline u64 ticks(void)
{
	u32 low, high;

	asm volatile("lfence; rdtsc" : "=a" (low), "=d" (high));
	return (u64)high << 32 | low;
}

static int by_value(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static u64 median(u64 *samples, unsigned int n)
{
	qsort(samples, n, sizeof(*samples), by_value);
	return samples[n / 2];
}

static void row(const char *name, u64 cost)
{
	printf("%s\t%llu\n", name, (unsigned long long)cost);
	fflush(stdout);
}

/* Serve what the loops ask of userspace until they are done. */
static void serve(const struct vcpu *v)
{
	for (;;) {
		EXPECT_OK(vcpu_run(v));
		if (v->run->exit_reason == KVM_EXIT_MMIO)
			continue;
		EXPECT_EQ(v->run->exit_reason, KVM_EXIT_IO);
		if (v->run->io.port == PORT_DONE)
			return;
	}
}

/**
 * struct bench_row - one loop of rows.S
 * @name: as it is printed
 * @code: the loop
 * @end: its end
 * @setup: what it needs besides a guest in long mode, or NULL
 * @irqchip: needs an in-kernel interrupt controller
 */
struct bench_row {
	const char *name;
	const u8 *code, *end;
	void (*setup)(struct guest *g);
	bool irqchip;
};

#define LOOP(n) DECLARE_GUEST(bench_##n);
LOOP(empty) LOOP(cpuid) LOOP(vmcall) LOOP(vmmcall) LOOP(rdmsr) LOOP(tsc_adjust)
LOOP(write_protect) LOOP(port_out) LOOP(mmio_read) LOOP(mmio_write) LOOP(pic_read)
LOOP(pic_write) LOOP(event_port) LOOP(event_mmio) LOOP(lapic_read) LOOP(self_ipi)
LOOP(fault) LOOP(done)

static void add_event(struct guest *g, u64 addr, u32 len, u32 flags)
{
	struct kvm_ioeventfd e = {
		.addr = addr, .len = len, .flags = flags,
		.fd = EXPECT_OK(eventfd(0, EFD_NONBLOCK)),
	};

	EXPECT_OK(ioctl(g->vm, KVM_IOEVENTFD, &e));
}

static void setup_event_port(struct guest *g)
{
	add_event(g, BENCH_EVENT_PORT, 1, KVM_IOEVENTFD_FLAG_PIO);
}

static void setup_event_mmio(struct guest *g)
{
	add_event(g, GUEST_MMIO + 0x1000, 0, 0);
}

static void setup_x2apic(struct guest *g)
{
	u64 base = vcpu_get_msr(&g->v[0], MSR_APIC_BASE);

	/* software enable in the SVR, then x2APIC mode */
	struct kvm_lapic_state s;

	EXPECT_EQ(vcpu_set_msr(&g->v[0], MSR_APIC_BASE, base | BIT(10)), 1);
	EXPECT_OK(ioctl(g->v[0].fd, KVM_GET_LAPIC, &s));
	*(u32 *)(s.regs + 0xf0) = 0x1ff;
	EXPECT_OK(ioctl(g->v[0].fd, KVM_SET_LAPIC, &s));
	g->trap->eoi = EOI_X2APIC;
}

/* Pages that the host has present, 4 KiB each. */
static void setup_pages(struct guest *g)
{
	size_t size = (BENCH_COUNT + 1) * PAGE_SIZE;
	u8 *mem = anon_memory(size);

	madvise(mem, size, MADV_NOHUGEPAGE);
	memset(mem, 1, size);
	EXPECT_OK(slot_set(g->vm, 5, 0, BENCH_PAGES, size, mem));
}

#define ROW(text, loop, ...) \
	{ .name = text, .code = bench_##loop, .end = bench_##loop##_end, __VA_ARGS__ }

static const struct bench_row rows[] = {
	ROW("CPUID", cpuid),
	ROW("RDMSR APIC_BASE", rdmsr, .irqchip = true),
	ROW("WRMSR TSC_ADJUST", tsc_adjust),
	ROW("toggle CR0.WP", write_protect),
	ROW("port write to userspace", port_out),
	ROW("MMIO read to userspace", mmio_read),
	ROW("MMIO write to userspace", mmio_write),
	ROW("in-kernel port read", pic_read, .irqchip = true),
	ROW("in-kernel port write", pic_write, .irqchip = true),
	ROW("ioeventfd by port", event_port, .setup = setup_event_port),
	ROW("ioeventfd by MMIO, wildcard", event_mmio, .setup = setup_event_mmio),
	ROW("LAPIC read, xAPIC", lapic_read, .irqchip = true),
	ROW("self-IPI and EOI, x2APIC", self_ipi, .setup = setup_x2apic, .irqchip = true),
	ROW("nested fault, page at hand", fault, .setup = setup_pages),
};

/* The mean where one fault may map its neighbours, else the median. */
static u64 run_loop(const struct bench_row *r)
{
	struct guest g = r->irqchip ? guest_new_irqchip() : guest_new();
	u64 *samples = (u64 *)(g.ram + BENCH_SAMPLES), sum = 0;
	unsigned int i;

	guest_load_bytes(&g, GUEST_CODE, r->code, r->end);
	guest_start(&g, &g.v[0], MODE_LONG, GUEST_CODE);
	if (r->setup)
		r->setup(&g);
	serve(&g.v[0]);
	for (i = 0; i < BENCH_COUNT; i++)
		sum += samples[i];
	if (r->setup == setup_pages)
		return sum / BENCH_COUNT;
	return median(samples, BENCH_COUNT);
}

static void bench_loops(u64 empty)
{
	const struct bench_row call = ROW("unknown hypercall", vmcall);
	const struct bench_row mcall = ROW("unknown hypercall", vmmcall);
	unsigned int i;

	row(call.name, run_loop(host_is_intel() ? &call : &mcall) - empty);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		row(rows[i].name, run_loop(&rows[i]) - empty);
}

/* From KVM_CREATE_VM to the last close, with an irqchip and one exit. */
static void one_life(void)
{
	struct guest g = guest_new_irqchip();

	guest_load_bytes(&g, GUEST_CODE, bench_done, bench_done_end);
	guest_start(&g, &g.v[0], MODE_LONG, GUEST_CODE);
	run_to_done(&g.v[0]);
	munmap(g.v[0].run, g.v[0].run_size);
	close(g.v[0].fd);
	close(g.vm);
	munmap(g.ram, GUEST_RAM);
}

static void bench_life(void)
{
	u64 samples[16], before, after;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(samples); i++) {
		before = ticks();
		one_life();
		after = ticks();
		samples[i] = after - before;
	}
	row("life of a small VM", median(samples, ARRAY_SIZE(samples)));
}

static u64 free_memory(void)
{
	char line[128];
	unsigned long long kib = 0;
	FILE *f = fopen("/proc/meminfo", "r");

	EXPECT(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "MemFree: %llu kB", &kib) == 1)
			break;
	fclose(f);
	return kib;
}

/* What earlier VMs had comes back in its own time. */
static u64 free_memory_at_rest(void)
{
	u64 now = free_memory(), before;

	do {
		before = now;
		usleep(200000);
		now = free_memory();
	} while (now > before);
	return now;
}

static void start_vm(struct guest *g)
{
	g->vm = vm_create_with_irqchip();
	EXPECT_OK(slot_set(g->vm, 0, 0, 0, GUEST_RAM, g->ram));
	vcpu_create(g->vm, 0, &g->v[0]);
	guest_load_bytes(g, GUEST_CODE, bench_done, bench_done_end);
	guest_start(g, &g->v[0], MODE_REAL, GUEST_CODE);
	run_to_done(&g->v[0]);
}

/*
 * Kernel memory alone: the guests' RAM is touched before the first reading. The
 * first VMs use up what the kernel keeps at hand and does not count as free.
 */
static void bench_memory(void)
{
	static struct guest guests[VMS_FIRST + VMS_ALIVE];
	u64 before = 0, after;
	unsigned int i;

	for (i = 0; i < VMS_FIRST + VMS_ALIVE; i++) {
		guests[i].ram = anon_memory(GUEST_RAM);
		memset(guests[i].ram, 0, GUEST_RAM);
	}
	for (i = 0; i < VMS_FIRST + VMS_ALIVE; i++) {
		if (i == VMS_FIRST)
			before = free_memory_at_rest();
		start_vm(&guests[i]);
	}
	after = free_memory_at_rest();
	row("memory per VM that ran, KiB", (before - after) / VMS_ALIVE);
}

struct call {
	const char *name;
	void (*make)(const struct vcpu *v);
};

static void call_version(const struct vcpu *v)
{
	static int sys = -1;

	if (sys < 0)
		sys = sys_open();
	ioctl(sys, KVM_GET_API_VERSION, 0);
	(void)v;
}

static void call_immediate(const struct vcpu *v)
{
	v->run->immediate_exit = 1;
	ioctl(v->fd, KVM_RUN, 0);
}

static void call_get_regs(const struct vcpu *v)
{
	struct kvm_regs regs;

	ioctl(v->fd, KVM_GET_REGS, &regs);
}

static void call_get_sregs(const struct vcpu *v)
{
	struct kvm_sregs s;

	ioctl(v->fd, KVM_GET_SREGS, &s);
}

static void call_set_regs(const struct vcpu *v)
{
	struct kvm_regs regs = { .rflags = 2 };

	ioctl(v->fd, KVM_SET_REGS, &regs);
}

static const struct call calls[] = {
	{ "bare ioctl", call_version },
	{ "KVM_RUN, immediate_exit", call_immediate },
	{ "KVM_GET_REGS", call_get_regs },
	{ "KVM_SET_REGS", call_set_regs },
	{ "KVM_GET_SREGS", call_get_sregs },
};

static void bench_calls(void)
{
	struct guest g = guest_new_irqchip();
	u64 samples[BENCH_COUNT], before;
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		for (j = 0; j < BENCH_COUNT; j++) {
			before = ticks();
			calls[i].make(&g.v[0]);
			samples[j] = ticks() - before;
		}
		row(calls[i].name, median(samples, BENCH_COUNT));
	}
}

static void usage(FILE *to)
{
	fputs("usage: bench [--device /dev/lhv]\n"
	      "\n"
	      "Time operations of a hypervisor that speaks KVM's interface, in ticks of\n"
	      "the time-stamp counter. Prints ROW<tab>COST.\n", to);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "device", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	const struct bench_row empty = ROW("empty", empty);
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h') {
			usage(stdout);
			return 0;
		}
		if (c != 'd') {
			usage(stderr);
			return 2;
		}
		tap_device = optarg;
	}
	bench_loops(run_loop(&empty));
	bench_calls();
	bench_life();
	bench_memory();
	return 0;
}
