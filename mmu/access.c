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
#include <linux/mm.h>
#include <linux/processor.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "slots.h"
#include "walk.h"

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
	smp_mb();	/* the write before the look; pairs with publication */
	lhv_slots_mark_dirty(mmu, gpa >> LHV_PAGE_SHIFT);
}

/* Run op(type) for the integer that is len bytes wide; is_width(len). */
#define FOR_WIDTH(len, op) do {							\
	if ((len) == 8)								\
		op(u64);							\
	else if ((len) == 4)							\
		op(u32);							\
	else if ((len) == 2)							\
		op(u16);							\
	else									\
		op(u8);								\
} while (0)

static bool is_width(unsigned int len)
{
	return len == 1 || len == 2 || len == 4 || len == 8;
}

#define LOAD(type)								\
	unsafe_get_user(*(type *)data, (const type __user *)user, fault)
#define STORE(type)								\
	unsafe_put_user(*(const type *)data, (type __user *)user, fault)

/*
 * 0, or anything else where not all could be copied. Most accesses are one
 * register's worth: one load or store, no copy.
 */
static __always_inline unsigned long copy_user(void __user *user, void *data,
					       unsigned int len, bool write)
{
	if (!is_width(len))
		return write ? __copy_to_user_inatomic(user, data, len) :
			       __copy_from_user_inatomic(data, user, len);
	if (!user_access_begin(user, len))
		return len;
	if (write)
		FOR_WIDTH(len, STORE);
	else
		FOR_WIDTH(len, LOAD);
	user_access_end();
	return 0;
fault:
	user_access_end();
	return len;
}

/* Where the caller cannot sleep, what is not at hand is refused. */
static int begin(struct lhv_mmu *mmu, bool can_sleep) __acquires(&mmu->srcu)
{
	if (can_sleep)
		might_fault();
	else
		pagefault_disable();
	return srcu_read_lock(&mmu->srcu);
}

static void end(struct lhv_mmu *mmu, bool can_sleep, int idx) __releases(&mmu->srcu)
{
	srcu_read_unlock(&mmu->srcu, idx);
	if (!can_sleep)
		pagefault_enable();
}

/* Within one page. A copy to the guest that fails half way has written, too. */
static __always_inline int access_page(struct lhv_mmu *mmu, lhv_gpa_t gpa, void *data,
				       unsigned int len, bool write, bool can_sleep)
{
	void __user *user = gpa_to_user(mmu, gpa, write);
	unsigned long left;

	if (!user)
		return -EFAULT;
	left = copy_user(user, data, len, write);
	if (write)
		wrote(mmu, gpa);
	if (!left)
		return 0;
	return can_sleep ? -EFAULT : -EAGAIN;
}

static __always_inline int access_gpa(struct lhv_mmu *mmu, lhv_gpa_t gpa, void *data,
				      unsigned int len, bool write, bool can_sleep)
{
	int idx = begin(mmu, can_sleep), ret = 0;

	while (len && !ret) {
		unsigned int n = min_t(unsigned int, len, PAGE_SIZE - offset_in_page(gpa));

		ret = access_page(mmu, gpa, data, n, write, can_sleep);
		gpa += n;
		data += n;
		len -= n;
	}
	end(mmu, can_sleep, idx);
	return ret;
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
	return access_gpa(mmu, gpa, data, len, false, can_sleep);
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
	return access_gpa(mmu, gpa, (void *)data, len, true, can_sleep);
}

/* --- compare and exchange -------------------------------------------------- */

#define CMPXCHG(type)								\
do {										\
	type expected = *old;							\
										\
	done = unsafe_try_cmpxchg_user((type __user *)user, &expected, (type)new, fault); \
	*old = expected;							\
} while (0)

/* 0 exchanged, 1 differed and *old is what is there, or an errno */
static int cmpxchg_gpa(struct lhv_mmu *mmu, lhv_gpa_t gpa, u64 *old, u64 new,
		       unsigned int len, bool can_sleep)
{
	void __user *user = gpa_to_user(mmu, gpa, true);
	bool done;

	if (!user || !is_width(len) || gpa & (len - 1) || !user_access_begin(user, len))
		return -EFAULT;
	FOR_WIDTH(len, CMPXCHG);
	user_access_end();
	if (done)
		wrote(mmu, gpa);
	return !done;
fault:
	user_access_end();
	return can_sleep ? -EFAULT : -EAGAIN;
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
	int idx = begin(mmu, can_sleep);
	int ret = cmpxchg_gpa(mmu, gpa, old, new, len, can_sleep);

	end(mmu, can_sleep, idx);
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

	*value = 0;
	return access_page(w->mmu, gpa, value, len, false, w->can_sleep);
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
	int idx = begin(mmu, w->can_sleep), ret;

	w->no_1g = !boot_cpu_has(X86_FEATURE_GBPAGES);
	ret = lhv_walk(w, &walk_ops, &ctx, gva, access);
	end(mmu, w->can_sleep, idx);
	return ret;
}
