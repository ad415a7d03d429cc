// SPDX-License-Identifier: GPL-2.0
/*
 * The host's page tables: reading what the VMM has mapped, and having it mapped
 * in. Called by fault.c and dirty.c. The only file that looks at the kernel's
 * page-table types; it knows nothing of guests.
 *
 * Reading takes no reference and no lock of the kernel's. With interrupts off
 * the tables cannot be freed. What they say stays true until an MMU notifier's
 * invalidation begins for it, and that cannot begin while the caller holds
 * lhv_mmu.lock and has found none under way: whatever removes or narrows a
 * mapping announces it so first.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include "host.h"

#define HOST_KEPT	(LHV_HOST_PRESENT | LHV_HOST_WRITE | LHV_HOST_IO |	\
			 LHV_HOST_DIRTY | LHV_HOST_SPECIAL)

static_assert(LHV_HOST_PRESENT == (_PAGE_PRESENT | _PAGE_USER));
static_assert(LHV_HOST_WRITE == _PAGE_RW);
static_assert(LHV_HOST_IO == (_PAGE_PWT | _PAGE_PCD));
static_assert(LHV_HOST_DIRTY == _PAGE_DIRTY);
static_assert(LHV_HOST_SPECIAL == _PAGE_SPECIAL);
static_assert(LHV_HOST_FLAGS == ~PAGE_MASK);

/* An entry that hardware would not follow for a user maps nothing. */
static u64 host_page(u64 value)
{
	if ((value & LHV_HOST_PRESENT) != LHV_HOST_PRESENT)
		return 0;
	return value & (PTE_PFN_MASK | HOST_KEPT);
}

/* n pages from the one at hva on, out of a large leaf; mask: its address. */
static void host_large(u64 value, u64 mask, unsigned long hva, unsigned int n,
		       u64 *page)
{
	u64 leaf = host_page(value & (mask | LHV_HOST_FLAGS));
	unsigned int i;

	for (i = 0; i < n; i++)
		page[i] = leaf ? leaf + (hva & ~mask & PAGE_MASK) + i * PAGE_SIZE : 0;
}

/**
 * lhv_host_read() - what the host has at hand
 * @mm: the VMM's
 * @hva: page-aligned user address
 * @n: pages; all below one entry of level 2
 * @page: for each its physical address and LHV_HOST_*, 0 where nothing is
 *
 * Context: any with interrupts on or off; see above for how long it is true.
 * Return: the level (1 to 3) of the host's mapping; 0: none, page[] unset.
 */
unsigned int lhv_host_read(struct mm_struct *mm, unsigned long hva,
			   unsigned int n, u64 *page)
{
	pgd_t pgd;
	p4d_t p4d;
	pud_t pud;
	pmd_t pmd;
	pte_t *pte;
	unsigned int i;

	guard(irqsave)();
	pgd = READ_ONCE(*pgd_offset(mm, hva));
	if (!pgd_present(pgd))
		return 0;
	p4d = READ_ONCE(*p4d_offset(&pgd, hva));
	if (!p4d_present(p4d))
		return 0;
	pud = READ_ONCE(*pud_offset(&p4d, hva));
	if (!pud_present(pud))
		return 0;
	if (pud_leaf(pud)) {
		host_large(pud_val(pud), PUD_MASK, hva, n, page);
		return 3;
	}
	pmd = READ_ONCE(*pmd_offset(&pud, hva));
	if (!pmd_present(pmd))
		return 0;
	if (pmd_leaf(pmd)) {
		host_large(pmd_val(pmd), PMD_MASK, hva, n, page);
		return 2;
	}
	pte = pte_offset_kernel(&pmd, hva);
	for (i = 0; i < n; i++)
		page[i] = host_page(native_pte_val(READ_ONCE(pte[i])));
	return 1;
}

static bool host_poisoned(unsigned long hva)
{
	struct page *page;
	long n = get_user_pages_unlocked(hva, 1, &page, FOLL_HWPOISON);

	if (n == 1)
		put_page(page);
	return n == -EHWPOISON;
}

/**
 * lhv_host_fault_in() - have the host map a page
 * @mm: current's
 * @hva: page-aligned user address
 * @write: writable, and marked as written to
 *
 * Context: process, no locks; sleeps, for as long as a userfaultfd likes.
 * Return: 0; -EINTR when the thread is being killed; -EHWPOISON; -EFAULT or
 * -ENOMEM where it cannot be.
 */
int lhv_host_fault_in(struct mm_struct *mm, unsigned long hva, bool write)
{
	bool unlocked;
	int ret;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	ret = fixup_user_fault(mm, hva, write ? FAULT_FLAG_WRITE : 0, &unlocked);
	mmap_read_unlock(mm);
	if (ret == -EFAULT && host_poisoned(hva))
		return -EHWPOISON;
	return ret;
}

/**
 * lhv_host_set_dirty() - the guest may write to a page from now on
 * @page: as lhv_host_read() gave it, and still true
 *
 * Where the host's own entry says that the page is written to, the host will
 * find that by itself.
 *
 * Context: any with interrupts on.
 */
void lhv_host_set_dirty(u64 page)
{
	unsigned long pfn = page >> PAGE_SHIFT;

	if (page & (LHV_HOST_DIRTY | LHV_HOST_SPECIAL) || !pfn_valid(pfn))
		return;
	if (!PageReserved(pfn_to_page(pfn)))
		set_page_dirty(pfn_to_page(pfn));
}
