// SPDX-License-Identifier: GPL-2.0
/*
 * The machine-check banks of a vCPU: their MSRs, and errors that userspace puts
 * in. Called by module/ (KVM_X86_SETUP_MCE, KVM_X86_SET_MCE) and through the rows
 * of msr-table.c. The host's own machine checks are not its business.
 */
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <asm/mce.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "msr.h"

#define MCG_SUPPORTED	(MCG_CTL_P | MCG_SER_P)
#define MCG_COUNT	0xffULL		/* MCG_CAP: banks */
#define MCG_EXT_COUNT	0xff0000ULL	/* MCG_CAP: extended state registers */

/* The four MSRs of a bank, in this order. */
enum { BANK_CTL, BANK_STATUS, BANK_ADDR, BANK_MISC, BANK_MSRS };

static_assert(LHV_MCE_BANKS * BANK_MSRS == ARRAY_SIZE(((struct lhv_vcpu *)0)->mce_banks));

static unsigned int nr_banks(const struct lhv_vcpu *vcpu)
{
	return vcpu->mcg_cap & MCG_COUNT;
}

/**
 * lhv_mce_reset() - no bank is set up, no error recorded
 * @vcpu: the vCPU
 */
void lhv_mce_reset(struct lhv_vcpu *vcpu)
{
	vcpu->mcg_cap = LHV_MCE_BANKS;
	vcpu->mcg_status = 0;
	vcpu->mcg_ctl = 0;
	memset(vcpu->mce_banks, 0, sizeof(vcpu->mce_banks));
}

/**
 * lhv_supported_mce_cap() - KVM_X86_GET_MCE_CAP_SUPPORTED
 *
 * Return: the bits of IA32_MCG_CAP that userspace may choose, without the count.
 */
u64 lhv_supported_mce_cap(void)
{
	return MCG_SUPPORTED;
}

/**
 * lhv_setup_mce() - KVM_X86_SETUP_MCE
 * @vcpu: the vCPU
 * @mcg_cap: its IA32_MCG_CAP
 *
 * Return: 0, or -EINVAL for no banks, too many, or bits that are not there.
 */
int lhv_setup_mce(struct lhv_vcpu *vcpu, u64 mcg_cap)
{
	unsigned int i, banks = mcg_cap & MCG_COUNT;

	if (!banks || banks > LHV_MCE_BANKS)
		return -EINVAL;
	if (mcg_cap & ~(MCG_SUPPORTED | MCG_COUNT | MCG_EXT_COUNT))
		return -EINVAL;
	vcpu->mcg_cap = mcg_cap;
	if (mcg_cap & MCG_CTL_P)
		vcpu->mcg_ctl = ~0ULL;
	for (i = 0; i < banks; i++)
		vcpu->mce_banks[i * BANK_MSRS + BANK_CTL] = ~0ULL;
	return 0;
}

static void record(u64 *bank, const struct kvm_x86_mce *mce, u64 status)
{
	bank[BANK_STATUS] = status;
	bank[BANK_ADDR] = mce->addr;
	bank[BANK_MISC] = mce->misc;
}

/* What was there is lost, and the status says so. */
static u64 with_overflow(const u64 *bank, u64 status)
{
	return bank[BANK_STATUS] & MCI_STATUS_VAL ? status | MCI_STATUS_OVER : status;
}

static int uncorrected_error(struct lhv_vcpu *vcpu, u64 *bank,
			     const struct kvm_x86_mce *mce)
{
	u64 cr4;

	/* switched off by the guest (SDM, "Machine-Check Global Control MSRs") */
	if ((vcpu->mcg_cap & MCG_CTL_P) && vcpu->mcg_ctl != ~0ULL)
		return 0;
	if (bank[BANK_CTL] != ~0ULL)
		return 0;
	lhv_vcpu_load(vcpu);
	cr4 = lhv_reg_read(vcpu, LHV_CR4);
	if ((vcpu->mcg_status & MCG_STATUS_MCIP) || !(cr4 & X86_CR4_MCE)) {
		lhv_self_request(vcpu, LHV_REQ_TRIPLE_FAULT);
	} else {
		record(bank, mce, with_overflow(bank, mce->status));
		vcpu->mcg_status = mce->mcg_status;
		lhv_queue_exception(vcpu, X86_TRAP_MC);
	}
	lhv_vcpu_put(vcpu);
	return 0;
}

/**
 * lhv_set_mce() - KVM_X86_SET_MCE: an error happens
 * @vcpu: the vCPU
 * @mce: the bank and what it records
 *
 * An uncorrected one raises #MC; a corrected one gives way to an uncorrected one
 * that the bank holds (SDM, "Overwrite Rules").
 *
 * Return: 0, or -EINVAL for a bank that is not there or an invalid status.
 */
int lhv_set_mce(struct lhv_vcpu *vcpu, const struct kvm_x86_mce *mce)
{
	unsigned int banks = nr_banks(vcpu);
	u64 *bank;

	if (mce->bank >= banks || !(mce->status & MCI_STATUS_VAL))
		return -EINVAL;
	bank = &vcpu->mce_banks[array_index_nospec(mce->bank, LHV_MCE_BANKS) * BANK_MSRS];
	if (mce->status & MCI_STATUS_UC)
		return uncorrected_error(vcpu, bank, mce);
	if ((bank[BANK_STATUS] & MCI_STATUS_VAL) && (bank[BANK_STATUS] & MCI_STATUS_UC))
		bank[BANK_STATUS] |= MCI_STATUS_OVER;
	else
		record(bank, mce, with_overflow(bank, mce->status));
	return 0;
}

int lhv_mcg_get(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	if (index == MSR_IA32_MCG_CAP)
		*data = vcpu->mcg_cap;
	else if (index == MSR_IA32_MCG_STATUS)
		*data = vcpu->mcg_status;
	else if (host || (vcpu->mcg_cap & MCG_CTL_P))
		*data = vcpu->mcg_ctl;
	else
		return 1;
	return 0;
}

int lhv_mcg_set(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	if (index == MSR_IA32_MCG_CAP)
		return 1;
	if (index == MSR_IA32_MCG_STATUS) {
		vcpu->mcg_status = data;
		return 0;
	}
	if (!(vcpu->mcg_cap & MCG_CTL_P) && (data || !host))
		return 1;
	if (data && data != ~0ULL)
		return 1;
	vcpu->mcg_ctl = data;
	return 0;
}

/* NULL for a bank that is not there. */
static u64 *bank_msr(struct lhv_vcpu *vcpu, u32 index)
{
	unsigned int i = index - MSR_IA32_MC0_CTL;

	if (i >= nr_banks(vcpu) * BANK_MSRS)
		return NULL;
	return &vcpu->mce_banks[array_index_nospec(i, ARRAY_SIZE(vcpu->mce_banks))];
}

int lhv_mce_bank_get(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	const u64 *msr = bank_msr(vcpu, index);

	if (!msr)
		return 1;
	*data = *msr;
	return 0;
}

/*
 * CTL takes all ones or nothing, but for bit 0 and bit 10, which operating
 * systems are known to leave clear on processors of old; STATUS is cleared only.
 */
int lhv_mce_bank_set(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	u64 *msr = bank_msr(vcpu, index);

	if (!msr)
		return 1;
	switch ((index - MSR_IA32_MC0_CTL) % BANK_MSRS) {
	case BANK_CTL:
		if (data && (data | BIT(10) | BIT(0)) != ~0ULL)
			return 1;
		break;
	case BANK_STATUS:
		if (data && !host)
			return 1;
		break;
	}
	*msr = data;
	return 0;
}
