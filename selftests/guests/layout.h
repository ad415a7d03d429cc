/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where things lie in a test guest's memory, for C and for the guests' code.
 */
#ifndef SELFTESTS_GUESTS_LAYOUT_H
#define SELFTESTS_GUESTS_LAYOUT_H

#define GUEST_RAM	0x200000	/* bytes of RAM at 0 */

#define GUEST_TOP	0x1000		/* PML4, or a 32-bit page directory */
#define GUEST_PDPT	0x2000		/* of long mode */
#define GUEST_PAE	0x3000		/* the four entries of PAE paging */
#define GUEST_PD	0x4000		/* four, 2 MiB pages, 4 GiB in all */
#define GUEST_GDT	0x8000
#define GUEST_TSS	0x8800
#define GUEST_IDT	0x9000
#define GUEST_TRAP	0xa000		/* struct trap */
#define GUEST_COUNTS	0xa400		/* u32 for each vector */
#define GUEST_LIB	0xc000		/* entry stubs, one per vector, 16 bytes */
#define GUEST_CODE	0x10000
#define GUEST_DATA	0x20000		/* the guest's own, up to the stacks */
#define GUEST_STACK	0x80000		/* top; the next vCPU's is 64 KiB lower */
#define GUEST_AP_BOOT	0x90000		/* where a SIPI with vector 0x90 starts */

#define GUEST_MMIO	0xd0000000	/* mapped by the tables, not by a slot */

/* Selectors. */
#define SEL_CODE64	0x08
#define SEL_DATA	0x10
#define SEL_CODE32	0x18
#define SEL_CODE16	0x20
#define SEL_USER_DATA	0x2b
#define SEL_USER_CODE	0x33
#define SEL_TSS		0x38

/* Offsets in struct trap. */
#define TRAP_VECTOR	0
#define TRAP_ERROR	8
#define TRAP_RIP	16
#define TRAP_CS		24
#define TRAP_RFLAGS	32
#define TRAP_CR2	40
#define TRAP_EOI	48		/* how interrupt handlers say EOI */

#define EOI_NONE	0
#define EOI_XAPIC	1
#define EOI_X2APIC	2
#define EOI_PIC		3

/* Ports by which a guest speaks to its test. */
#define PORT_DONE	0xf4
#define PORT_TRAP	0xf5
#define PORT_STEP	0xf6

#endif
