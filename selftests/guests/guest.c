// SPDX-License-Identifier: GPL-2.0
/*
 * Makes test guests: RAM, descriptor and page tables, start states.
 *
 * See guest.h.  All modes map the first 4 GiB one to one.
 */
#include <string.h>

#include "guest.h"

#define PTE_P	BIT(0)
#define PTE_W	BIT(1)
#define PTE_U	BIT(2)
#define PTE_PS	BIT(7)

DECLARE_GUEST(guest_lib64);
DECLARE_GUEST(guest_lib32);

/* In the order of the SEL_ constants; the last two make the 64-bit TSS. */
static const u64 gdt[] = {
	0,
	0x00209b0000000000,	/* 64-bit code */
	0x00cf93000000ffff,	/* data */
	0x00cf9b000000ffff,	/* 32-bit code */
	0x00009b000000ffff | (u64)GUEST_CODE << 16,	/* 16-bit code */
	0x00cff3000000ffff,	/* user data */
	0x0020fb0000000000,	/* 64-bit user code */
	0x0000890000000067 | (u64)GUEST_TSS << 16,
	0,
};

static void write_tables(struct guest *g)
{
	u64 *pml4 = (u64 *)(g->ram + GUEST_TOP);
	u64 *pdpt = (u64 *)(g->ram + GUEST_PDPT);
	u64 *pae = (u64 *)(g->ram + GUEST_PAE);
	u64 *pd = (u64 *)(g->ram + GUEST_PD);
	unsigned int i;

	pml4[0] = GUEST_PDPT | PTE_P | PTE_W | PTE_U;
	for (i = 0; i < 4; i++) {
		pdpt[i] = (GUEST_PD + i * PAGE_SIZE) | PTE_P | PTE_W | PTE_U;
		pae[i] = (GUEST_PD + i * PAGE_SIZE) | PTE_P;
	}
	for (i = 0; i < 4 * 512; i++)
		pd[i] = (u64)i << 21 | PTE_P | PTE_W | PTE_U | PTE_PS;
}

static void write_tables_32(struct guest *g)
{
	u32 *pd = (u32 *)(g->ram + GUEST_TOP);
	unsigned int i;

	for (i = 0; i < 1024; i++)
		pd[i] = i << 22 | PTE_P | PTE_W | PTE_U | PTE_PS;
}

static void write_idt_64(struct guest *g, unsigned int vector, u64 rip)
{
	u64 *gate = (u64 *)(g->ram + GUEST_IDT) + 2 * vector;

	gate[0] = (rip & 0xffff) | SEL_CODE64 << 16 | 0x8e00UL << 32 |
		  (rip >> 16 & 0xffff) << 48;
	gate[1] = rip >> 32;
}

static void write_idt_32(struct guest *g, unsigned int vector, u32 eip)
{
	u64 *gate = (u64 *)(g->ram + GUEST_IDT) + vector;

	*gate = (eip & 0xffff) | SEL_CODE32 << 16 | 0x8e00UL << 32 |
		(u64)(eip >> 16) << 48;
}

/* A 64-bit handler of the test's own instead of the library's. */
void guest_handler(struct guest *g, unsigned int vector, u64 rip)
{
	write_idt_64(g, vector, rip);
}

static void write_idt(struct guest *g, bool is_long)
{
	unsigned int i;

	memset(g->ram + GUEST_IDT, 0, PAGE_SIZE);
	for (i = 0; i < 256; i++) {
		if (is_long)
			write_idt_64(g, i, GUEST_LIB + i * 16);
		else
			write_idt_32(g, i, GUEST_LIB + i * 16);
	}
	if (is_long)
		guest_load_bytes(g, GUEST_LIB, guest_lib64, guest_lib64_end);
	else
		guest_load_bytes(g, GUEST_LIB, guest_lib32, guest_lib32_end);
}

/* Gives a VM its RAM. */
void guest_memory(struct guest *g)
{
	g->ram = slot_add(g->vm, 0, 0, 0, GUEST_RAM);
	g->trap = (struct trap *)(g->ram + GUEST_TRAP);
	g->counts = (u32 *)(g->ram + GUEST_COUNTS);
	last_trap = g->trap;
}

struct guest guest_new(void)
{
	struct guest g = { .vm = vm_create() };

	guest_memory(&g);
	vcpu_create(g.vm, 0, &g.v[0]);
	return g;
}

struct guest guest_new_irqchip(void)
{
	struct guest g = { .vm = vm_create_with_irqchip() };

	guest_memory(&g);
	vcpu_create(g.vm, 0, &g.v[0]);
	return g;
}

void guest_load_bytes(struct guest *g, u64 gpa, const u8 *from, const u8 *to)
{
	EXPECT(gpa + (to - from) <= GUEST_RAM);
	memcpy(g->ram + gpa, from, to - from);
}

static struct kvm_segment flat(u16 selector, u8 type, bool is_32, bool is_64)
{
	return (struct kvm_segment){
		.selector = selector, .limit = 0xffffffff, .type = type,
		.present = 1, .s = 1, .g = 1, .db = is_32, .l = is_64,
	};
}

static void real_segments(struct kvm_sregs *s)
{
	struct kvm_segment *seg[] = { &s->cs, &s->ds, &s->es, &s->fs, &s->gs, &s->ss };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(seg); i++) {
		seg[i]->base = 0;
		seg[i]->selector = 0;
		seg[i]->limit = 0xffff;
	}
	s->cs.base = GUEST_CODE;
	s->cs.selector = GUEST_CODE >> 4;
}

static void flat_segments(struct kvm_sregs *s, bool is_long)
{
	s->cs = flat(is_long ? SEL_CODE64 : SEL_CODE32, 11, !is_long, is_long);
	s->ds = flat(SEL_DATA, 3, true, false);
	s->es = s->ds;
	s->fs = s->ds;
	s->gs = s->ds;
	s->ss = s->ds;
	s->tr = (struct kvm_segment){
		.base = GUEST_TSS, .limit = 0x67, .selector = SEL_TSS,
		.type = 11, .present = 1,
	};
	s->gdt.base = GUEST_GDT;
	s->gdt.limit = sizeof(gdt) - 1;
	s->idt.base = GUEST_IDT;
	s->idt.limit = is_long ? 0xfff : 0x7ff;
}

static const struct {
	u64 cr0, cr3, cr4, efer;
} mode_regs[MODE_COUNT] = {
	[MODE_REAL] = { CR0_ET | CR0_CD | CR0_NW, 0, 0, 0 },
	[MODE_PROT] = { CR0_PE | CR0_ET | CR0_NE, 0, 0, 0 },
	[MODE_PAGED] = { CR0_PE | CR0_ET | CR0_NE | CR0_PG | CR0_WP, GUEST_TOP,
			 CR4_PSE, 0 },
	[MODE_PAE] = { CR0_PE | CR0_ET | CR0_NE | CR0_PG | CR0_WP, GUEST_PAE,
		       CR4_PAE, 0 },
	[MODE_LONG] = { CR0_PE | CR0_ET | CR0_NE | CR0_PG | CR0_WP, GUEST_TOP,
			CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT,
			EFER_LME | EFER_LMA | EFER_NX | EFER_SCE },
};

/* Writes the tables of @mode and gives @v the registers that go with them. */
void guest_mode(struct guest *g, struct vcpu *v, enum mode mode)
{
	struct kvm_sregs s = vcpu_sregs(v);

	memcpy(g->ram + GUEST_GDT, gdt, sizeof(gdt));
	if (mode == MODE_REAL)
		real_segments(&s);
	else
		flat_segments(&s, mode == MODE_LONG);
	if (mode != MODE_REAL)
		write_idt(g, mode == MODE_LONG);
	if (mode == MODE_PAGED)
		write_tables_32(g);
	else
		write_tables(g);
	s.cr0 = mode_regs[mode].cr0;
	s.cr3 = mode_regs[mode].cr3;
	s.cr4 = mode_regs[mode].cr4;
	s.efer = mode_regs[mode].efer;
	vcpu_set_sregs(v, &s);
}

/* Makes @v ready to run at @rip in @mode, interrupts off, with a stack. */
void guest_start(struct guest *g, struct vcpu *v, enum mode mode, u64 rip)
{
	unsigned int nr = v - g->v;
	struct kvm_regs regs = {
		.rip = mode == MODE_REAL ? rip - GUEST_CODE : rip,
		.rflags = RFLAGS_FIXED,
		.rsp = mode == MODE_REAL ? 0x1000 : GUEST_STACK - nr * 0x10000,
	};

	guest_mode(g, v, mode);
	vcpu_set_regs(v, &regs);
}

/* See guest_begin(). */
void guest_begin_bytes(struct guest *g, const u8 *from, const u8 *to,
		       enum mode mode)
{
	guest_load_bytes(g, GUEST_CODE, from, to);
	guest_start(g, &g->v[0], mode, GUEST_CODE);
}
