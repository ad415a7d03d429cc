/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What mmu/ offers: the memory of one VM. Memory slots, the nested page table
 * that maps them, dirty tracking, the MMU notifier that keeps both true, access
 * to guest memory from the kernel, and walks of the guest's own page tables.
 *
 * Called by arch-x86/ (faults, guest accesses, walks) and by module/ (slots,
 * dirty log, VM creation and destruction). It knows neither vCPUs nor vendors:
 * what it needs of them it asks through the two functions at the end of this
 * file, which arch-x86/ provides.
 *
 * Locks, outermost first: lhv_mmu.slots_lock (mutex) serialises changes of
 * slots and calls on the dirty log, whose bitmaps are user memory; mmap_lock is
 * taken for those, and by faults that sleep, with nothing held; lhv_mmu.lock
 * (rwlock) has faults on its read side and everything that removes or narrows a
 * mapping on its write side. Slots are published under lhv_mmu.lock for write,
 * so who holds it in either way may read them; lhv_mmu.srcu keeps them for all
 * other readers, and lhv_mmu.slots_seq tells these of a change meanwhile.
 * Interrupts are on wherever lhv_mmu.lock is taken.
 *
 * Translations: whatever removes or narrows one does so with lhv_mmu.lock held
 * for write and calls lhv_mmu_flush_remote() before it drops the lock; page
 * tables and host pages are given back after that.
 */
#ifndef LHV_MMU_H
#define LHV_MMU_H

#include <linux/types.h>
#include <linux/atomic.h>
#include <linux/kvm.h>
#include <linux/llist.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/xarray.h>

typedef u64 lhv_gpa_t;
typedef u64 lhv_gfn_t;

#define LHV_PAGE_SHIFT		12
#define LHV_MAX_SLOTS		32764
#define LHV_GPA_NONE		(~0ULL)

/* Access bits, shared by nested faults and guest page walks. */
#define LHV_ACC_READ		1
#define LHV_ACC_WRITE		2
#define LHV_ACC_EXEC		4
#define LHV_ACC_USER		8	/* guest walks only: CPL 3 */
#define LHV_ACC_IMPLICIT	16	/* guest walks only: supervisor by nature */

/*
 * How one vendor writes a nested page-table entry. The table is arrays of 512
 * u64 at every level on all of them; what differs is the meaning of bits.
 * .leaf and .leaf_io hold none of the bits named one by one below.
 */
struct lhv_npt_format {
	u64 leaf;		/* bits of every leaf: memory type etc. */
	u64 leaf_io;		/* instead of .leaf where the host maps uncached */
	u64 large;		/* added to a leaf above 4 KiB */
	u64 table;		/* bits of an entry that points to a table */
	u64 read;		/* permission bits of a leaf; EPT R, NPT P|U */
	u64 write;
	u64 exec;		/* set when executable */
	u64 noexec;		/* set when not executable (NPT NX) */
	u64 accessed;		/* 0: hardware keeps no accessed bit */
	u64 dirty;		/* 0: hardware keeps no dirty bit */
	u8 levels;		/* 4 or 5 */
	u8 max_level;		/* 1: 4 KiB only, 2: 2 MiB, 3: 1 GiB */
	/*
	 * Hardware logs each page whose dirty bit it sets (PML) while
	 * lhv_mmu_dirty_logging(), and arch-x86/ hands its log to
	 * lhv_mmu_mark_dirty() at every exit. Needs .dirty.
	 */
	bool pml;
};

enum lhv_fault {
	LHV_FAULT_FIXED,	/* mapped: enter again */
	LHV_FAULT_RETRY,	/* lost a race: enter again */
	LHV_FAULT_MMIO,		/* no slot there, or a write to a read-only one */
	LHV_FAULT_SLEEP,	/* must be asked again where sleeping is allowed */
	LHV_FAULT_ERROR,	/* the VMM's mapping cannot back it: -EFAULT */
	LHV_FAULT_HWPOISON,	/* the host page is poisoned: -EHWPOISON */
};

/*
 * The memory of one VM. Letters say what guards a member: i set at init and
 * constant, m slots_lock, w lock held for write, r lock held in either way,
 * s as w to change and srcu with slots_seq, or r, to read, a atomic.
 */
struct lhv_mmu {
	struct mm_struct *mm;			/* i: pinned by mmgrab */
	const struct lhv_npt_format *fmt;	/* i */
	lhv_gfn_t max_gfn;			/* i: exclusive */
	struct mutex slots_lock;
	struct srcu_struct srcu;
	struct rb_root by_gfn;			/* s: slots by guest frame */
	seqcount_rwlock_t slots_seq;		/* w: changes of it */
	struct xarray ids;			/* m: slots by number */
	struct llist_head retired;		/* m: slots that readers may have */
	unsigned int nr_retired;		/* m */
	unsigned int nr_logging;		/* m: slots that log */
	bool dirty_manual;			/* m: MANUAL_DIRTY_LOG_PROTECT2 */
	bool dirty_init_set;			/* m: ... with INITIALLY_SET */
	rwlock_t lock;
	struct rb_root_cached by_hva;		/* r: slots by host address */
	u64 *root;				/* i: the top table; entries r */
	u64 root_hpa;				/* i */
	struct mmu_notifier notifier;		/* i */
	long notifier_count;			/* w: invalidations under way */
	unsigned long notifier_start;		/* w: they lie in this range ... */
	unsigned long notifier_end;		/* w: ... end exclusive */
	atomic_long_t tables;			/* a: table pages there are */
	atomic_long_t stat_faults;		/* a: faults that mapped */
#ifdef LHV_DEBUG
	atomic_long_t zaps_unflushed;		/* w: see lhv_mmu_zap_lost() */
#endif
};

/* Lifetime. mm is current->mm at init. destroy() after the last vCPU is gone. */
int lhv_mmu_init(struct lhv_mmu *mmu, const struct lhv_npt_format *fmt);
void lhv_mmu_destroy(struct lhv_mmu *mmu);

/* Slots: KVM_SET_USER_MEMORY_REGION with KVM's rules and errnos. Sleeps. */
int lhv_mmu_set_region(struct lhv_mmu *mmu,
		       const struct kvm_userspace_memory_region *mem);
/* true where a slot covers gpa */
bool lhv_mmu_gpa_backed(struct lhv_mmu *mmu, lhv_gpa_t gpa);

/*
 * A nested page fault at gpa. access is LHV_ACC_READ/WRITE/EXEC. With
 * can_sleep false it runs with preemption off and answers LHV_FAULT_SLEEP
 * where the host has the page not at hand; it maps the neighbours that the host
 * has at hand too. Interrupts are on in both cases.
 */
enum lhv_fault lhv_mmu_fault(struct lhv_mmu *mmu, lhv_gpa_t gpa, u32 access,
			     bool can_sleep);

/*
 * Guest-physical access from the kernel. 0, or -EFAULT where no slot (or, for
 * writes, only a read-only one) covers all of it, or -EAGAIN where can_sleep
 * is false and the host has the page not at hand. Writes set dirty bits.
 */
int lhv_mmu_read_gpa(struct lhv_mmu *mmu, lhv_gpa_t gpa, void *data,
		     unsigned int len, bool can_sleep);
int lhv_mmu_write_gpa(struct lhv_mmu *mmu, lhv_gpa_t gpa, const void *data,
		      unsigned int len, bool can_sleep);
/* Atomic compare-and-exchange of 1, 2, 4 or 8 bytes, naturally aligned.
 * 0 done, 1 old value differed (*old updated), else as above.
 */
int lhv_mmu_cmpxchg_gpa(struct lhv_mmu *mmu, lhv_gpa_t gpa, u64 *old, u64 new,
			unsigned int len, bool can_sleep);

/* Dirty tracking. The bitmaps in log are addresses of the caller's process. */
int lhv_mmu_get_dirty_log(struct lhv_mmu *mmu, struct kvm_dirty_log *log);
int lhv_mmu_clear_dirty_log(struct lhv_mmu *mmu, struct kvm_clear_dirty_log *log);
/* KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2; args[0] has been checked */
void lhv_mmu_set_dirty_manual(struct lhv_mmu *mmu, u64 flags);
/* For PML and for writes the kernel makes itself. Interrupts on or off. */
void lhv_mmu_mark_dirty(struct lhv_mmu *mmu, lhv_gfn_t gfn);
/* true while any slot logs (arch switches PML on by it) */
bool lhv_mmu_dirty_logging(struct lhv_mmu *mmu);

/*
 * A walk of the guest's page tables, in every paging mode, as the SDM's
 * "Paging" chapter has it. The caller fills in the processor's state.
 */
struct lhv_walk {
	u64 cr0, cr3, cr4, efer;
	u64 pdptr[4];		/* PAE: the four loaded PDPTEs */
	u64 rflags;		/* for AC, with SMAP */
	u32 pkru;
	u8 maxphyaddr;
	bool can_sleep;
	bool no_1g;		/* the processor has no 1 GiB pages */
	/* answers */
	lhv_gpa_t gpa;
	u8 level;		/* of the leaf: 1..3 */
	u32 error_code;		/* page-fault error code when a fault is due */
};

/* 0: w->gpa is set; 1: the guest takes #PF with w->error_code;
 * -EFAULT / -EAGAIN: its tables cannot be read (now).
 * Sets the accessed and dirty bits that the processor would set.
 */
int lhv_mmu_walk(struct lhv_mmu *mmu, struct lhv_walk *w, u64 gva, u32 access);

#ifdef LHV_DEBUG
/*
 * true: a mapping was taken away and no flush asked for. Exact, since both are
 * done within one write side of lhv_mmu.lock. For the assertion at VM entry;
 * does not spin, interrupts on or off.
 */
bool lhv_mmu_zap_lost(struct lhv_mmu *mmu);
#endif

/*
 * Provided by arch-x86/: every vCPU leaves the guest and flushes before it
 * enters again; returns when none is inside with the old translations. Called
 * with lhv_mmu.lock held for write or with no lock, interrupts on, from threads
 * of any process; also while there is no vCPU, during lhv_mmu_init() and
 * lhv_mmu_destroy().
 */
void lhv_mmu_flush_remote(struct lhv_mmu *mmu);
/*
 * Provided by arch-x86/: lhv_mmu_dirty_logging() has another answer now. Every
 * vCPU heeds it when it enters the guest next; mmu/ sees to it that all have
 * left where it matters. Process context, slots_lock held.
 */
void lhv_mmu_logging_changed(struct lhv_mmu *mmu);

/*
 * Provided by arch-x86/: what hardware has logged so far goes through
 * lhv_mmu_mark_dirty(). Process context, interrupts on, slots_lock held.
 */
void lhv_mmu_collect_dirty(struct lhv_mmu *mmu);

#endif /* LHV_MMU_H */
