// SPDX-License-Identifier: GPL-2.0
/*
 * The boot processor's state at the kernel's first instruction: long mode for
 * a bzImage's 64-bit entry ("The Linux/x86 Boot Protocol"), 32-bit protected
 * mode without paging for a PVH kernel (Xen's "x86/HVM direct boot ABI").
 * Knows registers and tables, not how they reach a vCPU.
 */
#include <linux/kvm.h>
#include <string.h>
#include "kernel.h"
#include "start.h"
#include "../run/layout.h"
#include "../run/memory.h"

#define SELECTOR_CODE	0x10
#define SELECTOR_DATA	0x18
#define SELECTOR_TSS	0x20

#define CR0_PE		BIT_ULL(0)
#define CR0_MP		BIT_ULL(1)
#define CR0_ET		BIT_ULL(4)
#define CR0_NE		BIT_ULL(5)
#define CR0_WP		BIT_ULL(16)
#define CR0_PG		BIT_ULL(31)
#define CR4_PAE		BIT_ULL(5)
#define EFER_LME	BIT_ULL(8)
#define EFER_LMA	BIT_ULL(10)
#define RFLAGS_FIXED	BIT_ULL(1)

#define PTE_PRESENT	BIT_ULL(0)
#define PTE_WRITE	BIT_ULL(1)
#define PTE_LARGE	BIT_ULL(7)
#define PAGE		4096ULL
#define LARGE_PAGE	(2 * MIB)
#define NR_DIRECTORIES	4	/* of 1 GiB each */
#define ENTRIES		512

#define TYPE_CODE	0xb	/* execute, read, accessed */
#define TYPE_DATA	0x3	/* read, write, accessed */
#define TYPE_TSS	0xb	/* 32- or 64-bit TSS, busy */

/* Segment descriptors of the GDT, in the bit order of the SDM. */
#define GDT_CODE64	0x00af9b000000ffffULL
#define GDT_DATA	0x00cf93000000ffffULL

static void write_gdt(struct guest_memory *memory)
{
	u64 *gdt = guest_ptr(memory, GUEST_GDT, 4 * sizeof(u64));

	gdt[0] = 0;
	gdt[1] = 0;
	gdt[SELECTOR_CODE / 8] = GDT_CODE64;
	gdt[SELECTOR_DATA / 8] = GDT_DATA;
}

void start_write_long_mode(struct guest_memory *memory)
{
	u64 tables = (2 + NR_DIRECTORIES) * PAGE;
	u64 *table = guest_ptr(memory, GUEST_PAGE_TABLES, tables);
	u64 *pdpt = table + ENTRIES;
	u64 *directory = pdpt + ENTRIES;
	u64 i;

	memset(table, 0, tables);
	table[0] = (GUEST_PAGE_TABLES + PAGE) | PTE_PRESENT | PTE_WRITE;
	for (i = 0; i < NR_DIRECTORIES; i++)
		pdpt[i] = (GUEST_PAGE_TABLES + (2 + i) * PAGE) | PTE_PRESENT |
			  PTE_WRITE;
	for (i = 0; i < NR_DIRECTORIES * ENTRIES; i++)
		directory[i] = i * LARGE_PAGE | PTE_PRESENT | PTE_WRITE | PTE_LARGE;
	write_gdt(memory);
}

static struct kvm_segment flat_segment(u16 selector, u8 type, bool code,
				       bool long_mode)
{
	return (struct kvm_segment){
		.limit = 0xffffffff,
		.selector = selector,
		.type = type,
		.present = 1,
		.s = 1,
		.g = 1,
		.l = code && long_mode,
		.db = !(code && long_mode),
	};
}

static void set_segments(struct kvm_sregs *sregs, bool long_mode)
{
	struct kvm_segment data = flat_segment(SELECTOR_DATA, TYPE_DATA, false,
					       long_mode);

	sregs->cs = flat_segment(SELECTOR_CODE, TYPE_CODE, true, long_mode);
	sregs->ds = data;
	sregs->es = data;
	sregs->fs = data;
	sregs->gs = data;
	sregs->ss = data;
	sregs->tr = (struct kvm_segment){
		.base = GUEST_TSS,
		.limit = 0x67,
		.selector = SELECTOR_TSS,
		.type = TYPE_TSS,
		.present = 1,
	};
}

void start_registers(const struct boot_state *state, struct kvm_sregs *sregs,
		     struct kvm_regs *regs)
{
	set_segments(sregs, state->long_mode);
	memset(regs, 0, sizeof(*regs));
	regs->rflags = RFLAGS_FIXED;
	regs->rip = state->entry;
	sregs->cr4 = 0;
	sregs->efer = 0;
	sregs->cr0 = CR0_PE | CR0_ET;
	if (!state->long_mode) {
		regs->rbx = state->argument;
		return;
	}
	regs->rsi = state->argument;
	sregs->gdt.base = GUEST_GDT;
	sregs->gdt.limit = 4 * sizeof(u64) - 1;
	sregs->cr3 = GUEST_PAGE_TABLES;
	sregs->cr4 = CR4_PAE;
	sregs->cr0 |= CR0_MP | CR0_NE | CR0_WP | CR0_PG;
	sregs->efer = EFER_LME | EFER_LMA;
}
