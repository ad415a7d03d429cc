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

	if (!banks || banks > LHV_MCE_BANKS ||
	    (mcg_cap & ~(MCG_SUPPORTED | MCG_COUNT | MCG_EXT_COUNT)))
		return -EINVAL;
	vcpu->mcg_cap = mcg_cap;
	if (mcg_cap & MCG_CTL_P)
		vcpu->mcg_ctl = ~0ULL;
	for (i = 0; i < banks; i++)
		vcpu->mce_banks[i * BANK_MSRS + BANK_CTL] = ~0ULL;
	return 0;
}

/* What was there is lost, and the status says so. */
static void record(u64 *bank, const struct kvm_x86_mce *mce)
{
	bank[BANK_STATUS] = mce->status |
			    (bank[BANK_STATUS] & MCI_STATUS_VAL ? MCI_STATUS_OVER : 0);
	bank[BANK_ADDR] = mce->addr;
	bank[BANK_MISC] = mce->misc;
}

static void uncorrected_error(struct lhv_vcpu *vcpu, u64 *bank, const struct kvm_x86_mce *mce)
{
	/* switched off by the guest (SDM, "Machine-Check Global Control MSRs") */
	if (bank[BANK_CTL] != ~0ULL || ((vcpu->mcg_cap & MCG_CTL_P) && vcpu->mcg_ctl != ~0ULL))
		return;
	lhv_vcpu_load(vcpu);
	if ((vcpu->mcg_status & MCG_STATUS_MCIP) ||
	    !(lhv_reg_read(vcpu, LHV_CR4) & X86_CR4_MCE)) {
		lhv_self_request(vcpu, LHV_REQ_TRIPLE_FAULT);
	} else {
		record(bank, mce);
		vcpu->mcg_status = mce->mcg_status;
		lhv_queue_exception(vcpu, X86_TRAP_MC);
	}
	lhv_vcpu_put(vcpu);
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
	u64 *bank;

	if (mce->bank >= (vcpu->mcg_cap & MCG_COUNT) || !(mce->status & MCI_STATUS_VAL))
		return -EINVAL;
	bank = &vcpu->mce_banks[array_index_nospec(mce->bank, LHV_MCE_BANKS) * BANK_MSRS];
	if (mce->status & MCI_STATUS_UC)
		uncorrected_error(vcpu, bank, mce);
	else if ((bank[BANK_STATUS] & MCI_STATUS_VAL) && (bank[BANK_STATUS] & MCI_STATUS_UC))
		bank[BANK_STATUS] |= MCI_STATUS_OVER;
	else
		record(bank, mce);
	return 0;
}

int lhv_mcg_ctl_get(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	*data = vcpu->mcg_ctl;
	return !host && !(vcpu->mcg_cap & MCG_CTL_P);
}

int lhv_mcg_ctl_set(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	if (!(vcpu->mcg_cap & MCG_CTL_P) && (data || !host))
		return 1;
	return data && data != ~0ULL;
}

static bool bank_is_there(const struct lhv_vcpu *vcpu, unsigned int i)
{
	return i < (vcpu->mcg_cap & MCG_COUNT) * BANK_MSRS;
}

int lhv_mce_bank_get(struct lhv_vcpu *vcpu, u32 index, u64 *data, bool host)
{
	unsigned int i = index - MSR_IA32_MC0_CTL;

	*data = vcpu->mce_banks[array_index_nospec(i, ARRAY_SIZE(vcpu->mce_banks))];
	return !bank_is_there(vcpu, i);
}

/*
 * CTL takes all ones or nothing, but for bit 0 and bit 10, which operating
 * systems are known to leave clear on processors of old; STATUS is cleared only.
 */
int lhv_mce_bank_set(struct lhv_vcpu *vcpu, u32 index, u64 data, bool host)
{
	unsigned int i = index - MSR_IA32_MC0_CTL;

	if (!bank_is_there(vcpu, i))
		return 1;
	if (i % BANK_MSRS == BANK_CTL)
		return data && (data | BIT(10) | BIT(0)) != ~0ULL;
	return i % BANK_MSRS == BANK_STATUS && data && !host;
}
