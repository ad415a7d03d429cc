// SPDX-License-Identifier: GPL-2.0
/*
 * Control registers: which moves the processor refuses, what they change
 * besides, and what power-up and INIT leave behind.
 */
#include <string.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "world.h"

#define CR0_REAL	(X86_CR0_ET | X86_CR0_NE)
#define CR0_PROT	(CR0_REAL | X86_CR0_PE)
#define CR0_PAGED	(CR0_PROT | X86_CR0_PG)
#define AR_CODE32	0xc09b
#define AR_CODE64	0xa09b

/* A vCPU whose control registers hold these. */
static struct lhv_vcpu *vcpu_with(u64 cr0, u64 cr3, u64 cr4, u64 efer)
{
	struct lhv_vcpu *vcpu = world_init();

	give_all_cpuid(vcpu);
	lhv_put_cregs(vcpu, cr0, cr3, cr4, efer);
	world.seg[LHV_SEG_CS].ar = efer & EFER_LMA ? AR_CODE64 : AR_CODE32;
	vcpu->requests = 0;
	return vcpu;
}

static struct lhv_vcpu *real_vcpu(void)
{
	return vcpu_with(CR0_REAL, 0, 0, 0);
}

static struct lhv_vcpu *long_vcpu(void)
{
	return vcpu_with(CR0_PAGED, 0x1000, X86_CR4_PAE, EFER_LME | EFER_LMA);
}

static bool flushes(struct lhv_vcpu *vcpu)
{
	return test_and_clear_bit(LHV_REQ_TLB_FLUSH, &vcpu->requests);
}

static void cr0_illegal_values(void)
{
	struct lhv_vcpu *vcpu = real_vcpu();

	EXPECT_EQ(lhv_guest_set_cr0(vcpu, BIT_ULL(32) | CR0_PROT), 1);
	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_REAL | X86_CR0_PG), 1);
	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_REAL | X86_CR0_NW), 1);
	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_REAL | X86_CR0_NW | X86_CR0_CD), 0);
	EXPECT_EQ(world.cr0, CR0_REAL | X86_CR0_NW | X86_CR0_CD);
}

static void cr0_other_bits_are_ignored(void)
{
	struct lhv_vcpu *vcpu = real_vcpu();

	EXPECT_EQ(lhv_guest_set_cr0(vcpu, 0x1ffaffc0 | X86_CR0_PE), 0);
	EXPECT_EQ(lhv_reg_read(vcpu, LHV_CR0), X86_CR0_PE | X86_CR0_ET);
}

static void paging_on_makes_lma(void)
{
	struct lhv_vcpu *vcpu = vcpu_with(CR0_PROT, 0x1000, X86_CR4_PAE, EFER_LME);

	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_PAGED), 0);
	EXPECT_EQ(vcpu->efer, EFER_LME | EFER_LMA);
	EXPECT_EQ(world.efer, EFER_LME | EFER_LMA);
	EXPECT(flushes(vcpu));
	/* compatibility mode may leave */
	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_PROT), 0);
	EXPECT_EQ(vcpu->efer, EFER_LME);
}

static void paging_on_with_lme_needs_pae_and_no_long_segment(void)
{
	struct lhv_vcpu *vcpu = vcpu_with(CR0_PROT, 0x1000, 0, EFER_LME);

	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_PAGED), 1);
	EXPECT_EQ(lhv_guest_set_cr4(vcpu, X86_CR4_PAE), 0);
	world.seg[LHV_SEG_CS].ar = AR_CODE64;
	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_PAGED), 1);
	EXPECT_EQ(vcpu->efer, EFER_LME);
	world.seg[LHV_SEG_CS].ar = AR_CODE32;
	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_PAGED), 0);
}

static void paging_off_not_in_64_bit_code_nor_with_pcid(void)
{
	struct lhv_vcpu *vcpu = long_vcpu();

	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_PROT), 1);
	EXPECT_EQ(lhv_guest_set_cr4(vcpu, X86_CR4_PAE | X86_CR4_PCIDE), 0);
	world.seg[LHV_SEG_CS].ar = AR_CODE32;
	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_PROT), 1);
	EXPECT_EQ(lhv_guest_set_cr4(vcpu, X86_CR4_PAE), 0);
	EXPECT(flushes(vcpu));
	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_PROT), 0);
}

static void write_protect_flushes_nothing(void)
{
	struct lhv_vcpu *vcpu = long_vcpu();

	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_PAGED | X86_CR0_WP), 0);
	EXPECT(!flushes(vcpu));
}

static void put_pdptrs(u64 gpa, u64 a, u64 b, u64 c, u64 d)
{
	u64 e[4] = { a, b, c, d };

	memcpy(world.memory + gpa, e, sizeof(e));
}

static void pae_loads_pdptes(void)
{
	struct lhv_vcpu *vcpu = vcpu_with(CR0_PROT, 0x2020, X86_CR4_PAE, 0);

	put_pdptrs(0x2020, 0x3001, 0, 0x1e6, 0x5001);
	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_PAGED), 0);
	EXPECT_EQ(world.pdptr[0], 0x3001);
	EXPECT_EQ(world.pdptr[3], 0x5001);
	/* a present one with a reserved bit, below and above */
	put_pdptrs(0x4000, 0x3001, 0x3003, 0, 0);
	EXPECT_EQ(lhv_guest_set_cr3(vcpu, 0x4000), 1);
	put_pdptrs(0x4000, 0x3001, 0, 0, 1 | BIT_ULL(46));
	EXPECT_EQ(lhv_guest_set_cr3(vcpu, 0x4000), 1);
	EXPECT_EQ(world.cr3, 0x2020);
	EXPECT_EQ(world.pdptr[0], 0x3001);
	/* no memory */
	EXPECT_EQ(lhv_guest_set_cr3(vcpu, 0x10000000), 1);
	put_pdptrs(0x4000, 0x7001, 0, 0, 0);
	EXPECT_EQ(lhv_guest_set_cr3(vcpu, 0x4000), 0);
	EXPECT_EQ(world.pdptr[0], 0x7001);
	/* a change of PGE loads them again */
	put_pdptrs(0x4000, 0x8001, 0, 0, 0);
	EXPECT_EQ(lhv_guest_set_cr4(vcpu, X86_CR4_PAE | X86_CR4_PGE), 0);
	EXPECT_EQ(world.pdptr[0], 0x8001);
}

static void a_page_away_changes_nothing(void)
{
	struct lhv_vcpu *vcpu = vcpu_with(CR0_PROT, 0x2000, X86_CR4_PAE, 0);

	put_pdptrs(0x2000, 0x3001, 0, 0, 0);
	world.away = 1;
	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_PAGED), -EAGAIN);
	EXPECT_EQ(world.cr0, CR0_PROT);
	EXPECT_EQ(vcpu->fault_gpa, 0x2000);
	EXPECT_EQ(vcpu->fault_access, LHV_ACC_READ);
	EXPECT_EQ(lhv_guest_set_cr0(vcpu, CR0_PAGED), 0);
	EXPECT_EQ(world.cr0, CR0_PAGED);
}

static void cr3_in_long_mode(void)
{
	struct lhv_vcpu *vcpu = long_vcpu();

	EXPECT_EQ(lhv_guest_set_cr3(vcpu, BIT_ULL(46)), 1);
	EXPECT_EQ(lhv_guest_set_cr3(vcpu, BIT_ULL(63) | 0x2000), 1);
	EXPECT_EQ(lhv_guest_set_cr3(vcpu, 0x2000), 0);
	EXPECT(flushes(vcpu));
	EXPECT_EQ(lhv_guest_set_cr3(vcpu, 0x3000), 0);
	EXPECT_EQ(lhv_guest_set_cr4(vcpu, X86_CR4_PAE | X86_CR4_PCIDE), 0);
	flushes(vcpu);
	EXPECT_EQ(lhv_guest_set_cr3(vcpu, BIT_ULL(63) | 0x4005), 0);
	EXPECT_EQ(world.cr3, 0x4005);
	EXPECT(!flushes(vcpu));
}

static void cr4_needs_its_features(void)
{
	struct lhv_vcpu *vcpu = real_vcpu();
	u64 all = vcpu->caps.cr4_allowed;

	EXPECT(all & X86_CR4_OSXSAVE);
	EXPECT(all & X86_CR4_PKE);
	EXPECT_EQ(all & (X86_CR4_VMXE | X86_CR4_SMXE | X86_CR4_LA57 | X86_CR4_CET), 0);
	EXPECT_EQ(lhv_guest_set_cr4(vcpu, X86_CR4_VMXE), 1);
	EXPECT_EQ(lhv_guest_set_cr4(vcpu, BIT_ULL(40)), 1);
	EXPECT_EQ(lhv_guest_set_cr4(vcpu, all & ~(u64)X86_CR4_PCIDE), 0);
	EXPECT_EQ(lhv_set_cpuid(vcpu, NULL, 0), 0);
	EXPECT_EQ(lhv_guest_set_cr4(vcpu, X86_CR4_OSXSAVE), 1);
	EXPECT_EQ(lhv_guest_set_cr4(vcpu, X86_CR4_PAE), 0);
}

static void cr4_in_long_mode(void)
{
	struct lhv_vcpu *vcpu = long_vcpu();

	EXPECT_EQ(lhv_guest_set_cr4(vcpu, 0), 1);
	EXPECT_EQ(lhv_guest_set_cr3(vcpu, 0x1007), 0);
	EXPECT_EQ(lhv_guest_set_cr4(vcpu, X86_CR4_PAE | X86_CR4_PCIDE), 1);
	vcpu = real_vcpu();
	EXPECT_EQ(lhv_guest_set_cr4(vcpu, X86_CR4_PAE | X86_CR4_PCIDE), 1);
}

static void cr4_flushes(void)
{
	static const struct { u64 from, to; bool flush; } t[] = {
		{ 0, X86_CR4_PGE, true }, { X86_CR4_PGE, 0, true },
		{ 0, X86_CR4_PSE, true }, { 0, X86_CR4_SMEP, true },
		{ X86_CR4_SMEP, 0, false }, { 0, X86_CR4_SMAP, false },
		{ 0, X86_CR4_OSFXSR, false }, { X86_CR4_OSXSAVE, 0, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		struct lhv_vcpu *vcpu = long_vcpu();

		EXPECT_EQ(lhv_guest_set_cr4(vcpu, X86_CR4_PAE | t[i].from), 0);
		flushes(vcpu);
		EXPECT_EQ(lhv_guest_set_cr4(vcpu, X86_CR4_PAE | t[i].to), 0);
		EXPECT_EQ(flushes(vcpu), t[i].flush);
	}
}

static void efer_rules(void)
{
	struct lhv_vcpu *vcpu = long_vcpu();

	EXPECT_EQ(lhv_set_efer(vcpu, EFER_LME | EFER_NX | EFER_SCE, false), 0);
	EXPECT_EQ(vcpu->efer, EFER_LME | EFER_LMA | EFER_NX | EFER_SCE);
	EXPECT_EQ(lhv_set_efer(vcpu, EFER_NX, false), 1);
	EXPECT_EQ(lhv_set_efer(vcpu, EFER_LME | BIT_ULL(12), false), 1);
	EXPECT_EQ(lhv_set_efer(vcpu, EFER_LME | BIT_ULL(12), true), 1);
	EXPECT_EQ(lhv_set_efer(vcpu, EFER_LME | BIT_ULL(1), true), 1);
	/* LMA is the processor's */
	vcpu = real_vcpu();
	EXPECT_EQ(lhv_set_efer(vcpu, EFER_LMA, false), 0);
	EXPECT_EQ(vcpu->efer, 0);
	/* userspace may set what CPUID, not set yet, does not have */
	EXPECT_EQ(lhv_set_cpuid(vcpu, NULL, 0), 0);
	EXPECT_EQ(lhv_set_efer(vcpu, EFER_LME, false), 1);
	EXPECT_EQ(lhv_set_efer(vcpu, EFER_LME, true), 0);
}

static void cr8_and_apic_base(void)
{
	struct lhv_vcpu *vcpu = real_vcpu();

	EXPECT_EQ(lhv_guest_set_cr8(vcpu, 16), 1);
	EXPECT_EQ(lhv_guest_set_cr8(vcpu, 15), 0);
	EXPECT_EQ(lhv_guest_get_cr8(vcpu), 15);
	EXPECT_EQ(vcpu->apic_base, 0xfee00900);
	EXPECT_EQ(world.vcpu[1].apic_base, 0xfee00800);
	EXPECT_EQ(lhv_set_apic_base(vcpu, 0xfee00901, true), 1);
	EXPECT_EQ(lhv_set_apic_base(vcpu, 0xfee00b00, true), 1);
	EXPECT_EQ(lhv_set_apic_base(vcpu, 0xfee00400, true), 1);
	EXPECT_EQ(lhv_set_apic_base(vcpu, BIT_ULL(46) | 0x900, true), 1);
	EXPECT_EQ(lhv_set_apic_base(vcpu, 0xfee00d00, false), 0);
	vcpu->caps.x2apic = false;
	EXPECT_EQ(lhv_set_apic_base(vcpu, 0xfee00d00, false), 1);
}

static void after_power_up(void)
{
	struct lhv_vcpu *vcpu = world_init();

	EXPECT_EQ(world.cr0, 0x60000010);
	EXPECT_EQ(world.seg[LHV_SEG_CS].selector, 0xf000);
	EXPECT_EQ(world.seg[LHV_SEG_CS].base, 0xffff0000);
	EXPECT_EQ(world.seg[LHV_SEG_TR].ar, 0x8b);
	EXPECT_EQ(world.gdt.limit, 0xffff);
	EXPECT_EQ(vcpu->regs[LHV_RIP], 0xfff0);
	EXPECT_EQ(vcpu->regs[LHV_RFLAGS], 2);
	EXPECT_EQ(vcpu->regs[LHV_RDX], 0x600);
	EXPECT_EQ(vcpu->dr6, 0xffff0ff0);
	EXPECT_EQ(world.dr7, 0x400);
	EXPECT_EQ(vcpu->xcr0, 1);
	EXPECT_EQ(vcpu->irq_user, -1);
}

static void after_init(void)
{
	struct lhv_vcpu *vcpu = long_vcpu();
	u64 lstar = 0xffffffff81000000;

	vcpu->msr_lstar = lstar;
	EXPECT_EQ(lhv_set_xcr(vcpu, 0, 7), 0);
	vcpu->exc.pending = true;
	vcpu->cr2 = 5;
	lhv_vcpu_reset(vcpu, true);
	/* CD and NW stay as they were: clear */
	EXPECT_EQ(world.cr0, X86_CR0_ET);
	EXPECT_EQ(world.cr4, 0);
	EXPECT_EQ(world.efer, 0);
	EXPECT_EQ(vcpu->cr2, 0);
	EXPECT_EQ(vcpu->msr_lstar, lstar);
	EXPECT_EQ(vcpu->xcr0, 7);
	EXPECT(!vcpu->exc.pending);
	EXPECT_EQ(vcpu->regs[LHV_RDX], ~0U);	/* the signature that CPUID has */
}

const struct tap_case regs_cases[] = {
	CASE(cr0_illegal_values),
	CASE(cr0_other_bits_are_ignored),
	CASE(paging_on_makes_lma),
	CASE(paging_on_with_lme_needs_pae_and_no_long_segment),
	CASE(paging_off_not_in_64_bit_code_nor_with_pcid),
	CASE(write_protect_flushes_nothing),
	CASE(pae_loads_pdptes),
	CASE(a_page_away_changes_nothing),
	CASE(cr3_in_long_mode),
	CASE(cr4_needs_its_features),
	CASE(cr4_in_long_mode),
	CASE(cr4_flushes),
	CASE(efer_rules),
	CASE(cr8_and_apic_base),
	CASE(after_power_up),
	CASE(after_init),
	{ }
};
