/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <asm/pgtable_types.h>: bits of a page table entry. */
#ifndef UNIT_SVM_PGTABLE_TYPES_H
#define UNIT_SVM_PGTABLE_TYPES_H

#define _PAGE_PRESENT	0x001
#define _PAGE_RW	0x002
#define _PAGE_USER	0x004
#define _PAGE_PWT	0x008
#define _PAGE_PCD	0x010
#define _PAGE_ACCESSED	0x020
#define _PAGE_DIRTY	0x040
#define _PAGE_PSE	0x080

#endif
