/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/mm.h> for unit tests: sizes, as on x86-64. */
#ifndef UNIT_LINUX_MM_H
#define UNIT_LINUX_MM_H

#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm_types.h>

#define PAGE_SHIFT		12
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define PMD_MASK		(~((1UL << 21) - 1))
#define PTRS_PER_PTE		512
#define TASK_SIZE_MAX		((1UL << 47) - PAGE_SIZE)
#define offset_in_page(p)	((unsigned long)(p) & ~PAGE_MASK)

#endif
