// SPDX-License-Identifier: GPL-2.0
/*
 * Access to guest memory from the kernel, through the VMM's own mapping of it.
 * Called by arch-x86/ for what it emulates or shares with the guest, and by
 * walk.c's glue below for the guest's page tables. It knows no vCPU.
 *
 * The caller is a thread of the VMM, so guest memory is user memory: the host
 * faults it in, copies on write and marks it as written to by itself. Where the
 * caller cannot sleep, page faults are off and what is not at hand is refused.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/processor.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "slots.h"
#include "walk.h"

/* What a failed user access means to the caller. */
static int fault_errno(bool can_sleep)
{
	return can_sleep ? -EFAULT : -EAGAIN;
}

/* Where gpa is in the VMM; NULL where no slot lets it be read (written). */
static void __user *gpa_to_user(struct lhv_mmu *mmu, lhv_gpa_t gpa, bool write)
{
	lhv_gfn_t gfn = gpa >> LHV_PAGE_SHIFT;
	struct lhv_slot *slot = lhv_slots_find(mmu, gfn);

	if (!slot || (write && lhv_slot_readonly(slot)))
		return NULL;
	return (void __user *)(lhv_slot_hva(slot, gfn) + offset_in_page(gpa));
}

/*
 * After the write: logging may have been switched on meanwhile, and then the
 * slot of the table as it is now wants the bit.
 */
static void wrote(struct lhv_mmu *mmu, lhv_gpa_t gpa)
{
	struct lhv_slot *slot;

	smp_mb();	/* the write before the look; pairs with publication */
	slot = lhv_slots_find(mmu, gpa >> LHV_PAGE_SHIFT);
	if (slot)
		lhv_slot_mark_dirty(slot, gpa >> LHV_PAGE_SHIFT);
}

/* Bytes of an access that lie in its first page. */
static unsigned int in_page(lhv_gpa_t gpa, unsigned int len)
{
	return min_t(unsigned int, len, PAGE_SIZE - offset_in_page(gpa));
}

/* Most accesses are one register's worth: one load or store, no copy. */
#define DEFINE_USER(type)							\
static int load_##type(void *data, const void __user *from)			\
{										\
	const type __user *ptr = from;						\
										\
	if (!user_access_begin(ptr, sizeof(*ptr)))				\
		return -EFAULT;							\
	unsafe_get_user(*(type *)data, ptr, fault);				\
	user_access_end();							\
	return 0;								\
fault:										\
	user_access_end();							\
	return -EFAULT;								\
}										\
										\
static int store_##type(void __user *to, const void *data)			\
{										\
	type __user *ptr = to;							\
										\
	if (!user_access_begin(ptr, sizeof(*ptr)))				\
		return -EFAULT;							\
	unsafe_put_user(*(const type *)data, ptr, fault);			\
	user_access_end();							\
	return 0;								\
fault:										\
	user_access_end();							\
	return -EFAULT;								\
}

DEFINE_USER(u8)
DEFINE_USER(u16)
DEFINE_USER(u32)
DEFINE_USER(u64)

/* 0, or anything else where not all could be read. */
static unsigned long read_user(void *data, const void __user *from, unsigned int len)
{
	switch (len) {
	case 1: return load_u8(data, from);
	case 2: return load_u16(data, from);
	case 4: return load_u32(data, from);
	case 8: return load_u64(data, from);
	}
	return __copy_from_user_inatomic(data, from, len);
}

static unsigned long write_user(void __user *to, const void *data, unsigned int len)
{
	switch (len) {
	case 1: return store_u8(to, data);
	case 2: return store_u16(to, data);
	case 4: return store_u32(to, data);
	case 8: return store_u64(to, data);
	}
	return __copy_to_user_inatomic(to, data, len);
}

static int read_page(struct lhv_mmu *mmu, lhv_gpa_t gpa, void *data,
		     unsigned int len, bool can_sleep)
{
	const void __user *from = gpa_to_user(mmu, gpa, false);

	if (!from)
		return -EFAULT;
	return read_user(data, from, len) ? fault_errno(can_sleep) : 0;
}

/* A copy that fails half way has written, too. */
static int write_page(struct lhv_mmu *mmu, lhv_gpa_t gpa, const void *data,
		      unsigned int len, bool can_sleep)
{
	void __user *to = gpa_to_user(mmu, gpa, true);
	unsigned long left;

	if (!to)
		return -EFAULT;
	left = write_user(to, data, len);
	wrote(mmu, gpa);
	return left ? fault_errno(can_sleep) : 0;
}

/* Where the caller cannot sleep, what is not at hand is refused. */
static void begin(bool can_sleep)
{
	if (can_sleep)
		might_fault();
	else
		pagefault_disable();
}

static void end(bool can_sleep)
{
	if (!can_sleep)
		pagefault_enable();
}

/**
 * lhv_mmu_read_gpa() - read guest memory
 * @mmu: the VM's memory
 * @gpa: guest-physical address
 * @data: gets the bytes; undefined on failure
 * @len: bytes; may cross pages and slots
 * @can_sleep: false in the inner ring
 *
 * Context: a thread of the VMM, interrupts on.
 * Return: 0; -EFAULT where no slot covers all of it or the VMM's mapping does
 * not; -EAGAIN where it must be asked again where sleeping is allowed.
 */
int lhv_mmu_read_gpa(struct lhv_mmu *mmu, lhv_gpa_t gpa, void *data,
		     unsigned int len, bool can_sleep)
{
	int idx = srcu_read_lock(&mmu->srcu), ret = 0;

	begin(can_sleep);
	while (len && !ret) {
		unsigned int n = in_page(gpa, len);

		ret = read_page(mmu, gpa, data, n, can_sleep);
		gpa += n;
		data += n;
		len -= n;
	}
	end(can_sleep);
	srcu_read_unlock(&mmu->srcu, idx);
	return ret;
}

/**
 * lhv_mmu_write_gpa() - write guest memory
 * @mmu: the VM's memory
 * @gpa: guest-physical address
 * @data: the bytes
 * @len: how many; may cross pages and slots
 * @can_sleep: false in the inner ring
 *
 * Pages before the one that fails are written.
 *
 * Context: a thread of the VMM, interrupts on.
 * Return: as lhv_mmu_read_gpa(); -EFAULT where a slot is read-only, too.
 */
int lhv_mmu_write_gpa(struct lhv_mmu *mmu, lhv_gpa_t gpa, const void *data,
		      unsigned int len, bool can_sleep)
{
	int idx = srcu_read_lock(&mmu->srcu), ret = 0;

	begin(can_sleep);
	while (len && !ret) {
		unsigned int n = in_page(gpa, len);

		ret = write_page(mmu, gpa, data, n, can_sleep);
		gpa += n;
		data += n;
		len -= n;
	}
	end(can_sleep);
	srcu_read_unlock(&mmu->srcu, idx);
	return ret;
}

/* --- compare and exchange -------------------------------------------------- */

/* 0 exchanged, 1 differed and *old is what is there, -EFAULT */
#define DEFINE_CMPXCHG_USER(type)						\
static int cmpxchg_user_##type(void __user *to, u64 *old, u64 new)		\
{										\
	type __user *ptr = to;							\
	type expected = *old;							\
	bool done;								\
										\
	if (!user_access_begin(ptr, sizeof(*ptr)))				\
		return -EFAULT;							\
	done = unsafe_try_cmpxchg_user(ptr, &expected, (type)new, fault);	\
	user_access_end();							\
	*old = expected;							\
	return !done;								\
fault:										\
	user_access_end();							\
	return -EFAULT;								\
}

DEFINE_CMPXCHG_USER(u8)
DEFINE_CMPXCHG_USER(u16)
DEFINE_CMPXCHG_USER(u32)
DEFINE_CMPXCHG_USER(u64)

static int cmpxchg_user(void __user *to, u64 *old, u64 new, unsigned int len)
{
	switch (len) {
	case 1: return cmpxchg_user_u8(to, old, new);
	case 2: return cmpxchg_user_u16(to, old, new);
	case 4: return cmpxchg_user_u32(to, old, new);
	case 8: return cmpxchg_user_u64(to, old, new);
	}
	return -EFAULT;
}

static int cmpxchg_gpa(struct lhv_mmu *mmu, lhv_gpa_t gpa, u64 *old, u64 new,
		       unsigned int len, bool can_sleep)
{
	void __user *to = gpa_to_user(mmu, gpa, true);
	int ret;

	if (!to || gpa & (len - 1))
		return -EFAULT;
	ret = cmpxchg_user(to, old, new, len);
	if (!ret)
		wrote(mmu, gpa);
	return ret < 0 ? fault_errno(can_sleep) : ret;
}

/**
 * lhv_mmu_cmpxchg_gpa() - compare and exchange guest memory, atomically
 * @mmu: the VM's memory
 * @gpa: guest-physical address, aligned to @len
 * @old: the value expected; on 1, gets the value found
 * @new: the value to put there
 * @len: 1, 2, 4 or 8 bytes
 * @can_sleep: false in the inner ring
 *
 * Context: a thread of the VMM, interrupts on.
 * Return: 0 exchanged; 1 differed; -EFAULT, -EAGAIN as lhv_mmu_write_gpa().
 */
int lhv_mmu_cmpxchg_gpa(struct lhv_mmu *mmu, lhv_gpa_t gpa, u64 *old, u64 new,
			unsigned int len, bool can_sleep)
{
	int idx = srcu_read_lock(&mmu->srcu), ret;

	begin(can_sleep);
	ret = cmpxchg_gpa(mmu, gpa, old, new, len, can_sleep);
	end(can_sleep);
	srcu_read_unlock(&mmu->srcu, idx);
	return ret;
}

/* --- walks of the guest's page tables ---------------------------------------- */

struct walk_gpa {
	struct lhv_mmu *mmu;
	bool can_sleep;
};

static int walk_read(void *ctx, lhv_gpa_t gpa, u64 *value, unsigned int len)
{
	struct walk_gpa *w = ctx;
	const void __user *from = gpa_to_user(w->mmu, gpa, false);

	if (!from)
		return -EFAULT;
	*value = 0;
	return read_user(value, from, len) ? fault_errno(w->can_sleep) : 0;
}

static int walk_exchange(void *ctx, lhv_gpa_t gpa, u64 old, u64 new, unsigned int len)
{
	struct walk_gpa *w = ctx;

	return cmpxchg_gpa(w->mmu, gpa, &old, new, len, w->can_sleep);
}

static const struct lhv_walk_ops walk_ops = {
	.read = walk_read,
	.exchange = walk_exchange,
};

/**
 * lhv_mmu_walk() - translate a guest-linear address
 * @mmu: the VM's memory
 * @w: the processor's state; gets the answers
 * @gva: linear address, canonical
 * @access: LHV_ACC_*
 *
 * Context: a thread of the VMM, interrupts on.
 * Return: 0: @w->gpa is the answer. 1: the guest takes #PF with @w->error_code.
 * -EFAULT where its tables are not in memory, -EAGAIN where they are not at
 * hand and @w->can_sleep is false.
 */
int lhv_mmu_walk(struct lhv_mmu *mmu, struct lhv_walk *w, u64 gva, u32 access)
{
	struct walk_gpa ctx = { .mmu = mmu, .can_sleep = w->can_sleep };
	int idx = srcu_read_lock(&mmu->srcu), ret;

	begin(w->can_sleep);
	w->no_1g = !boot_cpu_has(X86_FEATURE_GBPAGES);
	ret = lhv_walk(w, &walk_ops, &ctx, gva, access);
	end(w->can_sleep);
	srcu_read_unlock(&mmu->srcu, idx);
	return ret;
}
