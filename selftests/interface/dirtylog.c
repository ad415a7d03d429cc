// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of KVM_GET_DIRTY_LOG and KVM_CLEAR_DIRTY_LOG without a running guest.
 */
#include <string.h>

#include "interface.h"
#include "vm.h"

#define PAGES	200UL
#define SIZE	(PAGES * PAGE_SIZE)
#define WORDS	((PAGES + 63) / 64)

static int get_log(int vm, u32 slot, void *bitmap)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = bitmap };

	return ioctl(vm, KVM_GET_DIRTY_LOG, &log);
}

static int clear_log(int vm, u32 slot, u64 first, u32 num, void *bitmap)
{
	struct kvm_clear_dirty_log log = {
		.slot = slot, .first_page = first, .num_pages = num,
		.dirty_bitmap = bitmap,
	};

	return ioctl(vm, KVM_CLEAR_DIRTY_LOG, &log);
}

static void get_is_zero_at_first(void)
{
	u64 bitmap[WORDS];
	unsigned int i;
	int vm = vm_create();

	slot_add(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, SIZE);
	memset(bitmap, 0xff, sizeof(bitmap));
	EXPECT_OK(get_log(vm, 0, bitmap));
	for (i = 0; i < WORDS; i++)
		EXPECT_EQ(bitmap[i], 0);
}

/* Nothing behind the bitmap's last whole word of 64 pages is written. */
static void get_writes_only_the_bitmap(void)
{
	u64 bitmap[WORDS + 1];
	int vm = vm_create();

	slot_add(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, SIZE);
	memset(bitmap, 0xff, sizeof(bitmap));
	EXPECT_OK(get_log(vm, 0, bitmap));
	EXPECT_EQ(bitmap[WORDS], ~0UL);
}

static void get_absent_slot(void)
{
	u64 bitmap[WORDS];

	EXPECT_ERRNO(get_log(vm_create(), 3, bitmap), ENOENT);
}

static void get_slot_without_log(void)
{
	u64 bitmap[WORDS];
	int vm = vm_create();

	slot_add(vm, 0, 0, 0, SIZE);
	EXPECT_ERRNO(get_log(vm, 0, bitmap), ENOENT);
}

static void get_after_log_is_switched_off(void)
{
	u64 bitmap[WORDS];
	int vm = vm_create();
	void *mem = slot_add(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, SIZE);

	EXPECT_OK(slot_set(vm, 0, 0, 0, SIZE, mem));
	EXPECT_ERRNO(get_log(vm, 0, bitmap), ENOENT);
	EXPECT_OK(slot_set(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, SIZE, mem));
	EXPECT_OK(get_log(vm, 0, bitmap));
}

static void get_slot_beyond_last(void)
{
	u64 bitmap[WORDS];
	int vm = vm_create();

	EXPECT_ERRNO(get_log(vm, cap_of(vm, KVM_CAP_NR_MEMSLOTS), bitmap), EINVAL);
	EXPECT_ERRNO(get_log(vm, 2U << 16, bitmap), EINVAL);
}

static void get_bad_bitmap(void)
{
	int vm = vm_create();

	slot_add(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, SIZE);
	EXPECT_ERRNO(get_log(vm, 0, (void *)8UL), EFAULT);
}

static void get_bad_pointer(void)
{
	EXPECT_ERRNO(ioctl(vm_create(), KVM_GET_DIRTY_LOG, 8UL), EFAULT);
}

static int vm_clearing(void)
{
	int vm = vm_create();

	REQUIRE_CAP(vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);
	return vm;
}

static void clear_whole_slot(void)
{
	u64 bitmap[WORDS] = { };
	int vm = vm_clearing();

	slot_add(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, SIZE);
	EXPECT_OK(clear_log(vm, 0, 0, PAGES, bitmap));
	memset(bitmap, 0xff, sizeof(bitmap));
	EXPECT_OK(clear_log(vm, 0, 0, PAGES, bitmap));
}

static void clear_part(void)
{
	u64 bitmap[WORDS] = { };
	int vm = vm_clearing();

	slot_add(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, SIZE);
	EXPECT_OK(clear_log(vm, 0, 64, 64, bitmap));
	EXPECT_OK(clear_log(vm, 0, 192, PAGES - 192, bitmap));
}

static void clear_first_page_not_multiple_of_64(void)
{
	u64 bitmap[WORDS] = { };
	int vm = vm_clearing();

	slot_add(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, SIZE);
	EXPECT_ERRNO(clear_log(vm, 0, 1, 64, bitmap), EINVAL);
	EXPECT_ERRNO(clear_log(vm, 0, 63, 64, bitmap), EINVAL);
}

static void clear_number_not_multiple_of_64(void)
{
	u64 bitmap[WORDS] = { };
	int vm = vm_clearing();

	slot_add(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, SIZE);
	EXPECT_ERRNO(clear_log(vm, 0, 0, 63, bitmap), EINVAL);
	EXPECT_ERRNO(clear_log(vm, 0, 64, 65, bitmap), EINVAL);
}

static void clear_beyond_slot(void)
{
	u64 bitmap[2 * WORDS] = { };
	int vm = vm_clearing();

	slot_add(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, SIZE);
	EXPECT_ERRNO(clear_log(vm, 0, 0, 256, bitmap), EINVAL);
	EXPECT_ERRNO(clear_log(vm, 0, 256, 64, bitmap), EINVAL);
	EXPECT_ERRNO(clear_log(vm, 0, ~63UL, 64, bitmap), EINVAL);
}

static void clear_without_log(void)
{
	u64 bitmap[WORDS] = { };
	int vm = vm_clearing();

	slot_add(vm, 0, 0, 0, SIZE);
	EXPECT_ERRNO(clear_log(vm, 0, 0, 64, bitmap), ENOENT);
	EXPECT_ERRNO(clear_log(vm, 1, 0, 64, bitmap), ENOENT);
}

static void clear_slot_beyond_last(void)
{
	u64 bitmap[WORDS] = { };
	int vm = vm_clearing();

	EXPECT_ERRNO(clear_log(vm, cap_of(vm, KVM_CAP_NR_MEMSLOTS), 0, 64, bitmap),
		     EINVAL);
}

static void clear_bad_bitmap(void)
{
	int vm = vm_clearing();

	slot_add(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, SIZE);
	EXPECT_ERRNO(clear_log(vm, 0, 0, 64, (void *)8UL), EFAULT);
}

static int enable_manual(int vm, u64 flags)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
		.args[0] = flags,
	};

	return ioctl(vm, KVM_ENABLE_CAP, &cap);
}

static void manual_protect_on_and_off(void)
{
	int vm = vm_clearing();

	EXPECT_OK(enable_manual(vm, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE));
	EXPECT_OK(enable_manual(vm, 0));
}

static void manual_protect_unknown_flag(void)
{
	EXPECT_ERRNO(enable_manual(vm_clearing(), 1UL << 30), EINVAL);
}

static void manual_protect_initially_set(void)
{
	u64 flags = KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE |
		    KVM_DIRTY_LOG_INITIALLY_SET;
	u64 bitmap[WORDS] = { };
	int vm = vm_clearing();

	if ((cap_of(vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2) & flags) != flags)
		tap_skip("no KVM_DIRTY_LOG_INITIALLY_SET");
	EXPECT_OK(enable_manual(vm, flags));
	slot_add(vm, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, SIZE);
	EXPECT_OK(get_log(vm, 0, bitmap));
	EXPECT_EQ(bitmap[0], ~0UL);
	EXPECT_EQ(bitmap[3] & 0xff, 0xff);
	/* Reading does not clear in this mode; clearing does. */
	EXPECT_OK(clear_log(vm, 0, 0, 64, bitmap));
	EXPECT_OK(get_log(vm, 0, bitmap));
	EXPECT_EQ(bitmap[0], 0);
	EXPECT_EQ(bitmap[1], ~0UL);
}

static void initially_set_needs_manual(void)
{
	EXPECT_ERRNO(enable_manual(vm_clearing(), KVM_DIRTY_LOG_INITIALLY_SET),
		     EINVAL);
}

const struct tap_case dirtylog_cases[] = {
	{ "get_is_zero_at_first", get_is_zero_at_first },
	{ "get_writes_only_the_bitmap", get_writes_only_the_bitmap },
	{ "get_absent_slot", get_absent_slot },
	{ "get_slot_without_log", get_slot_without_log },
	{ "get_after_log_is_switched_off", get_after_log_is_switched_off },
	{ "get_slot_beyond_last", get_slot_beyond_last },
	{ "get_bad_bitmap", get_bad_bitmap },
	{ "get_bad_pointer", get_bad_pointer },
	{ "clear_whole_slot", clear_whole_slot },
	{ "clear_part", clear_part },
	{ "clear_first_page_not_multiple_of_64",
	  clear_first_page_not_multiple_of_64 },
	{ "clear_number_not_multiple_of_64", clear_number_not_multiple_of_64 },
	{ "clear_beyond_slot", clear_beyond_slot },
	{ "clear_without_log", clear_without_log },
	{ "clear_slot_beyond_last", clear_slot_beyond_last },
	{ "clear_bad_bitmap", clear_bad_bitmap },
	{ "manual_protect_on_and_off", manual_protect_on_and_off },
	{ "manual_protect_unknown_flag", manual_protect_unknown_flag },
	{ "manual_protect_initially_set", manual_protect_initially_set },
	{ "initially_set_needs_manual", initially_set_needs_manual },
	{ }
};
