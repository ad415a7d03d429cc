// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of guest memory: dirty log, read-only slots, slots and mappings that
 * change while the guest runs, the end of memory.
 */
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"
#include "guests.h"

DECLARE_GUEST(memory_touch);
DECLARE_GUEST(memory_touch_again);
DECLARE_GUEST(memory_read_only);
DECLARE_GUEST(memory_read_write);
DECLARE_GUEST(memory_loop);
DECLARE_GUEST(memory_watch);
DECLARE_GUEST(memory_runs_off);
DECLARE_GUEST(memory_jumps_into_mmio);
DECLARE_GUEST(memory_code_on_edge);
DECLARE_GUEST(memory_sum);
DECLARE_GUEST(memory_ad_bits);

#define EXTRA	0x10000000UL
#define PAGES	600UL
#define SIZE	(PAGES * PAGE_SIZE)
#define WORDS	((PAGES + 63) / 64)

static void get_log(const struct guest *g, u32 slot, u64 *bitmap)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = bitmap };

	EXPECT_OK(ioctl(g->vm, KVM_GET_DIRTY_LOG, &log));
}

static unsigned int bits_of(const u64 *bitmap)
{
	unsigned int i, n = 0;

	for (i = 0; i < WORDS; i++)
		n += __builtin_popcountll(bitmap[i]);
	return n;
}

/* The guest of memory_touch_again, with @pages pages at @gpa. */
static void start_touching(struct guest *g, u64 gpa, u64 pages)
{
	struct kvm_regs regs;

	guest_begin(g, memory_touch_again, MODE_LONG);
	regs = vcpu_regs(&g->v[0]);
	regs.r10 = pages;
	regs.r11 = gpa;
	vcpu_set_regs(&g->v[0], &regs);
}

static void dirty_log_holds_what_was_written(void)
{
	struct guest g = guest_new();
	u64 bitmap[WORDS];

	slot_add(g.vm, 1, KVM_MEM_LOG_DIRTY_PAGES, EXTRA, SIZE);
	start_touching(&g, EXTRA + 70 * PAGE_SIZE, 100);
	run_to_step(&g.v[0]);
	get_log(&g, 1, bitmap);
	EXPECT_EQ(bits_of(bitmap), 100);
	EXPECT_EQ(bitmap[0], 0);
	EXPECT_EQ(bitmap[1], ~0UL << 6);
	EXPECT_EQ(bitmap[2], BIT(170 - 128) - 1);
}

/* Reading takes the bits away; a page written again is there again. */
static void dirty_log_starts_over(void)
{
	struct guest g = guest_new();
	u64 bitmap[WORDS];
	unsigned int i;

	slot_add(g.vm, 1, KVM_MEM_LOG_DIRTY_PAGES, EXTRA, SIZE);
	start_touching(&g, EXTRA, PAGES);
	for (i = 0; i < 3; i++) {
		run_to_step(&g.v[0]);
		get_log(&g, 1, bitmap);
		EXPECT_EQ(bits_of(bitmap), PAGES);
		get_log(&g, 1, bitmap);
		EXPECT_EQ(bits_of(bitmap), 0);
	}
}

/* Switched on when the guest's pages are mapped already, maybe as huge ones. */
static void dirty_log_switched_on_later(void)
{
	struct guest g = guest_new();
	u64 bitmap[WORDS];
	void *mem;

	mem = slot_add(g.vm, 1, 0, EXTRA, SIZE);
	start_touching(&g, EXTRA, PAGES);
	run_to_step(&g.v[0]);
	EXPECT_OK(slot_set(g.vm, 1, KVM_MEM_LOG_DIRTY_PAGES, EXTRA, SIZE, mem));
	get_log(&g, 1, bitmap);
	EXPECT_EQ(bits_of(bitmap), 0);
	run_to_step(&g.v[0]);
	get_log(&g, 1, bitmap);
	EXPECT_EQ(bits_of(bitmap), PAGES);
	EXPECT_EQ(*(u32 *)mem, 2);
	EXPECT_OK(slot_set(g.vm, 1, 0, EXTRA, SIZE, mem));
	run_to_step(&g.v[0]);
	EXPECT_EQ(*(u32 *)mem, 3);
}

static void dirty_log_cleared_in_part(void)
{
	struct guest g = guest_new();
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
		.args[0] = KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE,
	};
	u64 bitmap[WORDS] = { 0xff };
	struct kvm_clear_dirty_log clear = {
		.slot = 1, .first_page = 64, .num_pages = 64,
		.dirty_bitmap = bitmap,
	};

	REQUIRE_CAP(g.vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);
	EXPECT_OK(ioctl(g.vm, KVM_ENABLE_CAP, &cap));
	slot_add(g.vm, 1, KVM_MEM_LOG_DIRTY_PAGES, EXTRA, SIZE);
	start_touching(&g, EXTRA, PAGES);
	run_to_step(&g.v[0]);
	EXPECT_OK(ioctl(g.vm, KVM_CLEAR_DIRTY_LOG, &clear));
	get_log(&g, 1, bitmap);
	EXPECT_EQ(bitmap[0], ~0UL);
	EXPECT_EQ(bitmap[1], ~0xffUL);
	EXPECT_EQ(bitmap[2], ~0UL);
	run_to_step(&g.v[0]);
	get_log(&g, 1, bitmap);
	EXPECT_EQ(bitmap[1], ~0UL);
}

/* A write by an instruction that is emulated is a write of the guest too. */
static void dirty_log_of_port_input(void)
{
	/* insb; hlt */
	static const u8 code[] = { 0x6c, 0xf4 };
	struct guest g = guest_new();
	struct kvm_regs regs;
	u64 bitmap[WORDS];

	slot_add(g.vm, 1, KVM_MEM_LOG_DIRTY_PAGES, EXTRA, SIZE);
	guest_load_bytes(&g, GUEST_CODE, code, code + sizeof(code));
	guest_start(&g, &g.v[0], MODE_LONG, GUEST_CODE);
	regs = vcpu_regs(&g.v[0]);
	regs.rdi = EXTRA + 3 * PAGE_SIZE;
	regs.rdx = 0x1f0;
	vcpu_set_regs(&g.v[0], &regs);
	expect_io(&g.v[0], 0x1f0, false, 1);
	vcpu_run_to(&g.v[0], KVM_EXIT_HLT);
	get_log(&g, 1, bitmap);
	EXPECT_EQ(bitmap[0], BIT(3));
}

static void read_only_slot(void)
{
	struct guest g = guest_new();
	u32 *mem;

	REQUIRE_CAP(g.vm, KVM_CAP_READONLY_MEM);
	mem = slot_add(g.vm, 1, KVM_MEM_READONLY, EXTRA, SIZE);
	mem[0] = 0x77;
	mem[2] = 0x88;
	guest_begin(&g, memory_read_only, MODE_LONG);
	run_to_mmio(&g.v[0], EXTRA + 8, true, 4);
	EXPECT_EQ(g.v[0].run->mmio.data[0], 0x55);
	run_to_done(&g.v[0]);
	EXPECT_EQ(mem[2], 0x88);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rax, 0x77);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rbx, 0x88);
}

static void slot_deleted_is_mmio(void)
{
	struct guest g = guest_new();
	u32 *mem;

	mem = slot_add(g.vm, 1, 0, EXTRA, SIZE);
	mem[0] = 0x11;
	guest_begin(&g, memory_read_write, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT_EQ(mem[1], 0x11);
	EXPECT_OK(slot_set(g.vm, 1, 0, EXTRA, 0, mem));
	run_to_mmio(&g.v[0], EXTRA, false, 4);
	memcpy(g.v[0].run->mmio.data, "\x22\0\0\0", 4);
	run_to_mmio(&g.v[0], EXTRA + 4, true, 4);
	EXPECT_EQ(g.v[0].run->mmio.data[0], 0x22);
	EXPECT_OK(slot_set(g.vm, 1, 0, EXTRA, SIZE, mem));
	mem[0] = 0x33;
	run_to_step(&g.v[0]);
	run_to_step(&g.v[0]);
	EXPECT_EQ(mem[1], 0x33);
}

static void slot_moved(void)
{
	struct guest g = guest_new();
	u32 *mem, *other;

	mem = slot_add(g.vm, 1, 0, EXTRA, SIZE);
	guest_begin(&g, memory_read_write, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT_OK(slot_set(g.vm, 1, 0, 2 * EXTRA, SIZE, mem));
	other = slot_add(g.vm, 2, 0, EXTRA, SIZE);
	other[0] = 0x44;
	run_to_step(&g.v[0]);
	EXPECT_EQ(other[1], 0x44);
	EXPECT_EQ(mem[1], 0);
}

struct changer {
	struct guest *g;
	void *mem;
	unsigned int rounds;
};

static void end_loop(struct guest *g)
{
	*(volatile u32 *)(g->ram + GUEST_DATA) = 1;
}

/* Other slots come and go; the one in use is never seen missing. */
static void *change_slots(void *arg)
{
	struct changer *c = arg;
	void *mem = anon_memory(SIZE);
	unsigned int i;

	for (i = 0; i < c->rounds; i++) {
		EXPECT_OK(slot_set(c->g->vm, 9, 0, 4 * EXTRA, SIZE, mem));
		EXPECT_OK(slot_set(c->g->vm, 9, 0, 5 * EXTRA, SIZE, mem));
		EXPECT_OK(slot_set(c->g->vm, 9, 0, 5 * EXTRA, 0, mem));
	}
	end_loop(c->g);
	return NULL;
}

static void *toggle_dirty_log(void *arg)
{
	struct changer *c = arg;
	u64 bitmap[WORDS];
	unsigned int i;

	for (i = 0; i < c->rounds; i++) {
		EXPECT_OK(slot_set(c->g->vm, 1, KVM_MEM_LOG_DIRTY_PAGES, EXTRA,
				   SIZE, c->mem));
		get_log(c->g, 1, bitmap);
		EXPECT_OK(slot_set(c->g->vm, 1, 0, EXTRA, SIZE, c->mem));
	}
	end_loop(c->g);
	return NULL;
}

/* The pages vanish and come back as zero; the count starts over. */
static void *discard_pages(void *arg)
{
	struct changer *c = arg;
	unsigned int i;

	for (i = 0; i < c->rounds; i++) {
		EXPECT_OK(madvise(c->mem, SIZE, MADV_DONTNEED));
		usleep(200);
	}
	end_loop(c->g);
	return NULL;
}

/* A guest that counts in slot 1, and a thread that changes things under it. */
static void change_while_running(void *(*fn)(void *), unsigned int rounds)
{
	struct guest g = guest_new();
	struct changer c = { .g = &g, .rounds = rounds };
	pthread_t thread;

	c.mem = slot_add(g.vm, 1, 0, EXTRA, SIZE);
	guest_begin(&g, memory_loop, MODE_LONG);
	EXPECT_EQ(pthread_create(&thread, NULL, fn, &c), 0);
	run_to_done(&g.v[0]);
	pthread_join(thread, NULL);
}

static void slots_change_while_running(void)
{
	change_while_running(change_slots, 30);
}

static void dirty_log_toggled_while_running(void)
{
	change_while_running(toggle_dirty_log, 30);
}

static void pages_discarded_while_running(void)
{
	change_while_running(discard_pages, 50);
}

/*
 * The guest's writes meet a mapping without write permission: KVM_RUN may
 * fail with EFAULT, and works again when the permission is back.
 */
static void pages_protected(void)
{
	struct guest g = guest_new();
	u32 *mem;

	mem = slot_add(g.vm, 1, 0, EXTRA, SIZE);
	guest_begin(&g, memory_read_write, MODE_LONG);
	run_to_step(&g.v[0]);
	mem[0] = 5;
	EXPECT_OK(mprotect(mem, SIZE, PROT_READ));
	EXPECT_ERRNO(vcpu_run(&g.v[0]), EFAULT);
	EXPECT_OK(mprotect(mem, SIZE, PROT_READ | PROT_WRITE));
	run_to_step(&g.v[0]);
	EXPECT_EQ(mem[1], 5);
}

/* What userspace maps anew at the same address is what the guest sees. */
static void mapping_replaced(void)
{
	struct guest g = guest_new();
	u32 *mem;

	mem = slot_add(g.vm, 1, 0, EXTRA, SIZE);
	mem[0] = 1;
	guest_begin(&g, memory_read_write, MODE_LONG);
	run_to_step(&g.v[0]);
	EXPECT(mmap(mem, SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == mem);
	mem[0] = 2;
	run_to_step(&g.v[0]);
	EXPECT_EQ(mem[1], 2);
	EXPECT_OK(madvise(mem, SIZE, MADV_DONTNEED));
	run_to_step(&g.v[0]);
	EXPECT_EQ(mem[1], 0);
	EXPECT_EQ((u32)vcpu_regs(&g.v[0]).rax, 0);
}

static void mapping_missing(void)
{
	struct guest g = guest_new();
	void *mem;

	mem = slot_add(g.vm, 1, 0, EXTRA, SIZE);
	EXPECT_OK(munmap(mem, SIZE));
	guest_begin(&g, memory_read_write, MODE_LONG);
	EXPECT_ERRNO(vcpu_run(&g.v[0]), EFAULT);
}

/* A copy-on-write page: the guest reads the old one, writes its own. */
static void page_broken_off_by_fork(void)
{
	struct guest g = guest_new();
	u32 *mem;

	mem = slot_add(g.vm, 1, 0, EXTRA, SIZE);
	mem[0] = 1;
	guest_begin(&g, memory_read_write, MODE_LONG);
	run_to_step(&g.v[0]);
	if (!EXPECT_OK(fork())) {
		pause();
		_exit(0);
	}
	mem[0] = 2;
	run_to_step(&g.v[0]);
	EXPECT_EQ(mem[1], 2);
}

static void runs_off_the_end(void)
{
	struct guest g = guest_new();

	memset(g.ram + GUEST_RAM - 4, 0x90, 4);
	guest_begin(&g, memory_runs_off, MODE_LONG);
	vcpu_run_to(&g.v[0], KVM_EXIT_INTERNAL_ERROR);
	EXPECT_EQ(g.v[0].run->internal.suberror, KVM_INTERNAL_ERROR_EMULATION);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rip, GUEST_RAM);
}

static void jumps_into_mmio(void)
{
	struct guest g = guest_new();

	guest_begin(&g, memory_jumps_into_mmio, MODE_LONG);
	vcpu_run_to(&g.v[0], KVM_EXIT_INTERNAL_ERROR);
	EXPECT_EQ(g.v[0].run->internal.suberror, KVM_INTERNAL_ERROR_EMULATION);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rip, GUEST_MMIO);
}

/* nop; mov dword [0x40000010], 0x11223344, most of it on the next page; hlt */
static void code_crosses_a_page(void)
{
	static const u8 code[] = {
		0x90, 0xc7, 0x04, 0x25, 0x10, 0x00, 0x00, 0x40,
		0x44, 0x33, 0x22, 0x11, 0xf4,
	};
	struct guest g = guest_new();
	u32 value;

	guest_begin(&g, memory_code_on_edge, MODE_LONG);
	memcpy(g.ram + GUEST_DATA + 0xffc, code, sizeof(code));
	run_to_mmio(&g.v[0], 0x40000010, true, 4);
	memcpy(&value, g.v[0].run->mmio.data, 4);
	EXPECT_EQ(value, 0x11223344);
	vcpu_run_to(&g.v[0], KVM_EXIT_HLT);
}

static void large_slot_is_all_there(void)
{
	u64 pages = 3 * 512 + 7, i, sum = 0;
	struct guest g = guest_new();
	struct kvm_regs regs;
	u64 *mem;

	mem = slot_add(g.vm, 1, 0, EXTRA, pages * PAGE_SIZE);
	for (i = 0; i < pages; i++) {
		mem[i * 512] = i * i + 1;
		sum += i * i + 1;
	}
	guest_begin(&g, memory_sum, MODE_LONG);
	regs = vcpu_regs(&g.v[0]);
	regs.r8 = pages;
	vcpu_set_regs(&g.v[0], &regs);
	run_to_done(&g.v[0]);
	EXPECT_EQ(vcpu_regs(&g.v[0]).rax, sum);
}

/* Two views of one piece of memory. */
static void one_page_at_two_addresses(void)
{
	struct guest g = guest_new();
	u32 *mem;

	mem = slot_add(g.vm, 1, 0, EXTRA, SIZE);
	EXPECT_OK(slot_set(g.vm, 2, 0, 2 * EXTRA, SIZE, mem));
	start_touching(&g, 2 * EXTRA, 4);
	run_to_step(&g.v[0]);
	start_touching(&g, EXTRA, 4);
	run_to_step(&g.v[0]);
	EXPECT_EQ(mem[0], 2);
	EXPECT_EQ(mem[3 * PAGE_SIZE / 4], 2);
}

static void accessed_and_dirty_bits(void)
{
	struct guest g = guest_new();
	u64 *entry;

	guest_begin(&g, memory_ad_bits, MODE_LONG);
	entry = (u64 *)(g.ram + GUEST_PD) + 512;
	*entry = 0x87;
	run_to_step(&g.v[0]);
	EXPECT_EQ(*entry & 0x60, 0x20);
	run_to_step(&g.v[0]);
	EXPECT_EQ(*entry & 0x60, 0x60);
	run_to_done(&g.v[0]);
}

static void touched_pages_are_in_memory(void)
{
	struct guest g = guest_new();
	struct kvm_regs regs;
	unsigned int i;
	u8 *mem;

	mem = slot_add(g.vm, 1, 0, EXTRA, SIZE);
	guest_begin(&g, memory_touch, MODE_LONG);
	regs = vcpu_regs(&g.v[0]);
	regs.r8 = PAGES;
	regs.r9 = EXTRA;
	vcpu_set_regs(&g.v[0], &regs);
	run_to_done(&g.v[0]);
	for (i = 0; i < PAGES; i++)
		EXPECT_EQ(*(u32 *)(mem + i * PAGE_SIZE), 0x1234);
}

static void on_processor(unsigned int n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(n, &set);
	EXPECT_OK(sched_setaffinity(0, sizeof(set), &set));
}

static void *watch(void *arg)
{
	on_processor(1);
	run_to_done(arg);
	return NULL;
}

/*
 * A guest that spins on another processor and never exits by itself must not
 * read a page once the host has taken it away: the flush must make it leave.
 */
static void discarded_page_is_gone_at_once(void)
{
	struct guest g = guest_new();
	volatile u64 *said = (u64 *)(g.ram + GUEST_DATA);
	volatile u64 *mem;
	pthread_t thread;
	u64 i, rounds;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		tap_skip("the host has one processor");
	mem = slot_add(g.vm, 1, 0, EXTRA, SIZE);
	on_processor(0);
	guest_begin(&g, memory_watch, MODE_LONG);
	EXPECT_EQ(pthread_create(&thread, NULL, watch, &g.v[0]), 0);
	for (i = 1; i < 400; i += 2) {
		*mem = i;
		while (said[1] != i)
			;
		EXPECT_OK(madvise((void *)mem, PAGE_SIZE, MADV_DONTNEED));
		*mem = i + 1;
		for (rounds = said[2]; said[2] < rounds + 2; )
			;
		EXPECT_EQ(said[1], i + 1);
	}
	said[0] = 1;
	pthread_join(thread, NULL);
}

/*
 * The same of a dirty log: what that guest writes after one was taken is in the
 * next. Here no flush of the host's own page tables makes it leave.
 */
static void write_is_in_the_next_log(void)
{
	struct guest g = guest_new();
	volatile u64 *said = (u64 *)(g.ram + GUEST_DATA);
	u64 bitmap[GUEST_RAM / PAGE_SIZE / 64];
	pthread_t thread;
	u64 i, rounds;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		tap_skip("the host has one processor");
	slot_add(g.vm, 1, 0, EXTRA, SIZE);
	EXPECT_OK(slot_set(g.vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, GUEST_RAM, g.ram));
	on_processor(0);
	guest_begin(&g, memory_watch, MODE_LONG);
	EXPECT_EQ(pthread_create(&thread, NULL, watch, &g.v[0]), 0);
	for (i = 0; i < 200; i++) {
		get_log(&g, 0, bitmap);
		for (rounds = said[2]; said[2] == rounds; )
			;
		get_log(&g, 0, bitmap);
		EXPECT((bitmap[0] >> GUEST_DATA / PAGE_SIZE) & 1);
	}
	said[0] = 1;
	pthread_join(thread, NULL);
}

/* More guests than a processor may have tags for: none sees another's memory. */
static void many_guests_take_turns(void)
{
	static struct guest g[40];
	u32 *mem[ARRAY_SIZE(g)];
	unsigned int i, round;

	for (i = 0; i < ARRAY_SIZE(g); i++) {
		g[i] = guest_new();
		mem[i] = slot_add(g[i].vm, 1, 0, EXTRA, PAGE_SIZE);
		guest_begin(&g[i], memory_read_write, MODE_LONG);
	}
	for (round = 0; round < 3; round++)
		for (i = 0; i < ARRAY_SIZE(g); i++) {
			mem[i][0] = round << 16 | i;
			run_to_step(&g[i].v[0]);
			EXPECT_EQ(mem[i][1], round << 16 | i);
		}
}

const struct tap_case memory_cases[] = {
	{ "touched_pages_are_in_memory", touched_pages_are_in_memory },
	{ "dirty_log_holds_what_was_written",
	  dirty_log_holds_what_was_written },
	{ "dirty_log_starts_over", dirty_log_starts_over },
	{ "dirty_log_switched_on_later", dirty_log_switched_on_later },
	{ "dirty_log_cleared_in_part", dirty_log_cleared_in_part },
	{ "dirty_log_of_port_input", dirty_log_of_port_input },
	{ "read_only_slot", read_only_slot },
	{ "slot_deleted_is_mmio", slot_deleted_is_mmio },
	{ "slot_moved", slot_moved },
	{ "slots_change_while_running", slots_change_while_running },
	{ "dirty_log_toggled_while_running", dirty_log_toggled_while_running },
	{ "pages_discarded_while_running", pages_discarded_while_running },
	{ "pages_protected", pages_protected },
	{ "mapping_replaced", mapping_replaced },
	{ "mapping_missing", mapping_missing },
	{ "page_broken_off_by_fork", page_broken_off_by_fork },
	{ "runs_off_the_end", runs_off_the_end },
	{ "jumps_into_mmio", jumps_into_mmio },
	{ "code_crosses_a_page", code_crosses_a_page },
	{ "large_slot_is_all_there", large_slot_is_all_there },
	{ "one_page_at_two_addresses", one_page_at_two_addresses },
	{ "accessed_and_dirty_bits", accessed_and_dirty_bits },
	{ "discarded_page_is_gone_at_once", discarded_page_is_gone_at_once },
	{ "write_is_in_the_next_log", write_is_in_the_next_log },
	{ "many_guests_take_turns", many_guests_take_turns },
	{ }
};
