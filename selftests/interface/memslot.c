// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of KVM_SET_USER_MEMORY_REGION: create, move, delete, change flags.
 */
#include <string.h>
#include <sys/mman.h>

#include "interface.h"
#include "vm.h"

#define MB	(1UL << 20)

static void create(void)
{
	slot_add(vm_create(), 0, 0, 0, 2 * MB);
}

static void create_and_delete(void)
{
	int vm = vm_create();
	void *mem = slot_add(vm, 0, 0, 0, 2 * MB);

	EXPECT_OK(slot_set(vm, 0, 0, 0, 0, mem));
}

static void delete_and_create_larger(void)
{
	int vm = vm_create();
	void *mem = slot_add(vm, 0, 0, 0, MB);

	EXPECT_OK(slot_set(vm, 0, 0, 0, 0, mem));
	slot_add(vm, 0, 0, 0, 2 * MB);
}

static void delete_absent(void)
{
	EXPECT_ERRNO(slot_set(vm_create(), 3, 0, 0, 0, NULL), EINVAL);
}

static void delete_twice(void)
{
	int vm = vm_create();
	void *mem = slot_add(vm, 0, 0, 0, MB);

	EXPECT_OK(slot_set(vm, 0, 0, 0, 0, mem));
	EXPECT_ERRNO(slot_set(vm, 0, 0, 0, 0, mem), EINVAL);
}

static void same_again_changes_nothing(void)
{
	int vm = vm_create();
	void *mem = slot_add(vm, 0, 0, 0, MB);

	EXPECT_OK(slot_set(vm, 0, 0, 0, MB, mem));
}

static void unaligned_size(void)
{
	void *mem = anon_memory(MB);

	EXPECT_ERRNO(slot_set(vm_create(), 0, 0, 0, 100, mem), EINVAL);
	EXPECT_ERRNO(slot_set(vm_create(), 0, 0, 0, MB - 1, mem), EINVAL);
}

static void unaligned_guest_address(void)
{
	void *mem = anon_memory(MB);

	EXPECT_ERRNO(slot_set(vm_create(), 0, 0, 0x800, MB, mem), EINVAL);
}

static void unaligned_user_address(void)
{
	char *mem = anon_memory(2 * MB);

	EXPECT_ERRNO(slot_set(vm_create(), 0, 0, 0, MB, mem + 1), EINVAL);
}

static void guest_address_wraps(void)
{
	void *mem = anon_memory(MB);

	EXPECT_ERRNO(slot_set(vm_create(), 0, 0, 0UL - MB, 2 * MB, mem), EINVAL);
}

/* No processor has 63 bits of physical address. */
static void guest_address_too_high(void)
{
	void *mem = anon_memory(MB);

	EXPECT_ERRNO(slot_set(vm_create(), 0, 0, 1UL << 62, MB, mem), EINVAL);
}

static void kernel_user_address(void)
{
	EXPECT_ERRNO(slot_set(vm_create(), 0, 0, 0, MB,
			      (void *)0xffff800000000000UL), EINVAL);
}

static void user_address_wraps(void)
{
	EXPECT_ERRNO(slot_set(vm_create(), 0, 0, 0, MB,
			      (void *)(0UL - PAGE_SIZE)), EINVAL);
}

/* Nothing need be mapped until it is touched. */
static void user_address_not_mapped(void)
{
	void *mem = anon_memory(MB);

	EXPECT_OK(munmap(mem, MB));
	EXPECT_OK(slot_set(vm_create(), 0, 0, 0, MB, mem));
}

static void too_many_pages(void)
{
	EXPECT_ERRNO(slot_set(vm_create(), 0, 0, 0, (1UL << 31) * PAGE_SIZE,
			      (void *)PAGE_SIZE), EINVAL);
}

static void unknown_flag(void)
{
	void *mem = anon_memory(MB);

	EXPECT_ERRNO(slot_set(vm_create(), 0, 1U << 31, 0, MB, mem), EINVAL);
	EXPECT_ERRNO(slot_set(vm_create(), 0, 1U << 8, 0, MB, mem), EINVAL);
}

static void bad_pointer(void)
{
	EXPECT_ERRNO(ioctl(vm_create(), KVM_SET_USER_MEMORY_REGION, 8UL), EFAULT);
}

static void last_slot(void)
{
	int vm = vm_create();
	u32 nr = cap_of(vm, KVM_CAP_NR_MEMSLOTS);

	slot_add(vm, nr - 1, 0, 0, MB);
}

static void slot_beyond_last(void)
{
	int vm = vm_create();
	u32 nr = cap_of(vm, KVM_CAP_NR_MEMSLOTS);

	EXPECT_ERRNO(slot_set(vm, nr, 0, 0, MB, anon_memory(MB)), EINVAL);
	EXPECT_ERRNO(slot_set(vm, 0xffff, 0, 0, MB, anon_memory(MB)), EINVAL);
}

static void address_space_beyond_last(void)
{
	int vm = vm_create();
	u32 spaces = cap_of(vm, KVM_CAP_MULTI_ADDRESS_SPACE) ?: 1;

	EXPECT_ERRNO(slot_set(vm, spaces << 16, 0, 0, MB, anon_memory(MB)),
		     EINVAL);
}

static void overlap_same_start(void)
{
	int vm = vm_create();
	void *mem = slot_add(vm, 0, 0, MB, MB);

	EXPECT_ERRNO(slot_set(vm, 1, 0, MB, MB, mem), EEXIST);
}

static void overlap_by_a_page(void)
{
	int vm = vm_create();
	void *mem = slot_add(vm, 0, 0, MB, MB);

	EXPECT_ERRNO(slot_set(vm, 1, 0, 2 * MB - PAGE_SIZE, MB, mem), EEXIST);
	EXPECT_ERRNO(slot_set(vm, 1, 0, PAGE_SIZE, MB, mem), EEXIST);
}

static void overlap_inside(void)
{
	int vm = vm_create();
	void *mem = slot_add(vm, 0, 0, MB, MB);

	EXPECT_ERRNO(slot_set(vm, 1, 0, MB + PAGE_SIZE, PAGE_SIZE, mem), EEXIST);
}

static void overlap_around(void)
{
	int vm = vm_create();
	void *mem = anon_memory(4 * MB);

	slot_add(vm, 0, 0, MB, MB);
	EXPECT_ERRNO(slot_set(vm, 1, 0, 0, 4 * MB, mem), EEXIST);
}

static void neighbours_do_not_overlap(void)
{
	int vm = vm_create();

	slot_add(vm, 1, 0, MB, MB);
	slot_add(vm, 0, 0, 0, MB);
	slot_add(vm, 2, 0, 2 * MB, MB);
}

static void one_user_range_in_two_slots(void)
{
	int vm = vm_create();
	void *mem = slot_add(vm, 0, 0, 0, MB);

	EXPECT_OK(slot_set(vm, 1, 0, 16 * MB, MB, mem));
}

static void move(void)
{
	int vm = vm_create();
	void *mem = slot_add(vm, 0, 0, 0, MB);

	EXPECT_OK(slot_set(vm, 0, 0, 8 * MB, MB, mem));
	slot_add(vm, 1, 0, 0, MB);
	EXPECT_ERRNO(slot_set(vm, 2, 0, 8 * MB, MB, mem), EEXIST);
}

static void move_onto_another(void)
{
	int vm = vm_create();
	void *mem = slot_add(vm, 0, 0, 0, MB);

	slot_add(vm, 1, 0, MB, MB);
	EXPECT_ERRNO(slot_set(vm, 0, 0, MB, MB, mem), EEXIST);
	EXPECT_ERRNO(slot_set(vm, 0, 0, 2 * MB - PAGE_SIZE, MB, mem), EEXIST);
}

static void move_over_itself(void)
{
	int vm = vm_create();
	void *mem = slot_add(vm, 0, 0, 0, MB);

	EXPECT_OK(slot_set(vm, 0, 0, PAGE_SIZE, MB, mem));
}

static void resize_is_refused(void)
{
	int vm = vm_create();
	void *mem = anon_memory(4 * MB);

	EXPECT_OK(slot_set(vm, 0, 0, 0, 2 * MB, mem));
	EXPECT_ERRNO(slot_set(vm, 0, 0, 0, MB, mem), EINVAL);
	EXPECT_ERRNO(slot_set(vm, 0, 0, 0, 4 * MB, mem), EINVAL);
}

static void other_user_address_is_refused(void)
{
	int vm = vm_create();
	char *mem = anon_memory(4 * MB);

	EXPECT_OK(slot_set(vm, 0, 0, 0, MB, mem));
	EXPECT_ERRNO(slot_set(vm, 0, 0, 0, MB, mem + MB), EINVAL);
}

static void dirty_flag_on_and_off(void)
{
	int vm = vm_create();
	void *mem = slot_add(vm, 0, 0, 0, MB);

	EXPECT_OK(slot_set(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, MB, mem));
	EXPECT_OK(slot_set(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, MB, mem));
	EXPECT_OK(slot_set(vm, 0, 0, 0, MB, mem));
}

static void read_only(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_READONLY_MEM);
	slot_add(vm, 0, KVM_MEM_READONLY, 0, MB);
}

static void read_only_toggle_is_refused(void)
{
	int vm = vm_create();
	void *mem = anon_memory(MB);

	REQUIRE_CAP(vm, KVM_CAP_READONLY_MEM);
	EXPECT_OK(slot_set(vm, 0, KVM_MEM_READONLY, 0, MB, mem));
	EXPECT_ERRNO(slot_set(vm, 0, 0, 0, MB, mem), EINVAL);
	EXPECT_OK(slot_set(vm, 1, 0, MB, MB, mem));
	EXPECT_ERRNO(slot_set(vm, 1, KVM_MEM_READONLY, MB, MB, mem), EINVAL);
}

static void read_only_with_dirty_log(void)
{
	int vm = vm_create();
	void *mem = anon_memory(MB);

	REQUIRE_CAP(vm, KVM_CAP_READONLY_MEM);
	EXPECT_OK(slot_set(vm, 0, KVM_MEM_READONLY, 0, MB, mem));
	EXPECT_OK(slot_set(vm, 0, KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES, 0,
			   MB, mem));
}

/* A refused change leaves the slot as it was. */
static void refusal_changes_nothing(void)
{
	int vm = vm_create();
	void *mem = slot_add(vm, 0, 0, 0, MB);

	EXPECT_ERRNO(slot_set(vm, 0, 0, 0, 2 * MB, mem), EINVAL);
	EXPECT_ERRNO(slot_set(vm, 1, 0, 0, MB, mem), EEXIST);
	EXPECT_OK(slot_set(vm, 1, 0, MB, MB, mem));
	EXPECT_OK(slot_set(vm, 0, 0, 0, 0, mem));
}

static void many_slots(void)
{
	int vm = vm_create();
	char *mem = anon_memory(512 * PAGE_SIZE);
	u32 i;

	for (i = 0; i < 500; i++)
		EXPECT_OK(slot_set(vm, i, 0, (u64)(i * 37 % 500) * 2 * PAGE_SIZE,
				   PAGE_SIZE, mem + i * PAGE_SIZE));
	EXPECT_ERRNO(slot_set(vm, 500, 0, 998 * PAGE_SIZE, PAGE_SIZE, mem),
		     EEXIST);
	EXPECT_OK(slot_set(vm, 500, 0, 999 * PAGE_SIZE, PAGE_SIZE, mem));
	for (i = 0; i < 500; i += 2)
		EXPECT_OK(slot_set(vm, i, 0, 0, 0, mem));
}

/* The first two bytes of a page, for a vCPU that will not be run. */
static void slots_while_vcpu_exists(void)
{
	int vm = vm_create();
	struct vcpu v;
	void *mem;

	vcpu_create(vm, 0, &v);
	mem = slot_add(vm, 0, 0, 0, MB);
	EXPECT_OK(slot_set(vm, 0, 0, 0, 0, mem));
}

const struct tap_case memslot_cases[] = {
	{ "create", create },
	{ "create_and_delete", create_and_delete },
	{ "delete_and_create_larger", delete_and_create_larger },
	{ "delete_absent", delete_absent },
	{ "delete_twice", delete_twice },
	{ "same_again_changes_nothing", same_again_changes_nothing },
	{ "unaligned_size", unaligned_size },
	{ "unaligned_guest_address", unaligned_guest_address },
	{ "unaligned_user_address", unaligned_user_address },
	{ "guest_address_wraps", guest_address_wraps },
	{ "guest_address_too_high", guest_address_too_high },
	{ "kernel_user_address", kernel_user_address },
	{ "user_address_wraps", user_address_wraps },
	{ "user_address_not_mapped", user_address_not_mapped },
	{ "too_many_pages", too_many_pages },
	{ "unknown_flag", unknown_flag },
	{ "bad_pointer", bad_pointer },
	{ "last_slot", last_slot },
	{ "slot_beyond_last", slot_beyond_last },
	{ "address_space_beyond_last", address_space_beyond_last },
	{ "overlap_same_start", overlap_same_start },
	{ "overlap_by_a_page", overlap_by_a_page },
	{ "overlap_inside", overlap_inside },
	{ "overlap_around", overlap_around },
	{ "neighbours_do_not_overlap", neighbours_do_not_overlap },
	{ "one_user_range_in_two_slots", one_user_range_in_two_slots },
	{ "move", move },
	{ "move_onto_another", move_onto_another },
	{ "move_over_itself", move_over_itself },
	{ "resize_is_refused", resize_is_refused },
	{ "other_user_address_is_refused", other_user_address_is_refused },
	{ "dirty_flag_on_and_off", dirty_flag_on_and_off },
	{ "read_only", read_only },
	{ "read_only_toggle_is_refused", read_only_toggle_is_refused },
	{ "read_only_with_dirty_log", read_only_with_dirty_log },
	{ "refusal_changes_nothing", refusal_changes_nothing },
	{ "many_slots", many_slots },
	{ "slots_while_vcpu_exists", slots_while_vcpu_exists },
	{ }
};
