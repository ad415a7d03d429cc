// SPDX-License-Identifier: GPL-2.0
/*
 * How long is the instruction that exited, and which registers does it name?
 * For processors whose exits do not tell (no next-RIP save, no decode assists).
 * What exited is known, so this is no decoder: it skips prefixes and compares
 * the opcode. Called by exits.c, in the ring.
 */
#include <linux/kernel.h>

#include "../insn.h"
#include "svm.h"

static bool is_prefix(u8 byte)
{
	switch (byte) {
	case 0x26: case 0x2e: case 0x36: case 0x3e:	/* segments */
	case 0x64 ... 0x67:				/* FS, GS, sizes */
	case 0xf0: case 0xf2: case 0xf3:		/* LOCK, REPNE, REP */
		return true;
	default:
		return false;
	}
}

/* Length of the instruction; 0: another one; more than n: so many bytes wanted. */
static unsigned int match(const u8 *bytes, unsigned int n, bool is64,
			  const struct lhv_svm_insn *insn, struct lhv_svm_found *found)
{
	unsigned int i = 0, k, len;

	found->lock = false;
	found->rex = 0;
	for (; i < n && is_prefix(bytes[i]); i++)
		found->lock |= bytes[i] == 0xf0;
	if (i == n)
		return n + 1;
	if (is64 && (bytes[i] & 0xf0) == 0x40)
		found->rex = bytes[i++];
	len = i + insn->len + insn->modrm;
	if (len > n)
		return len;
	for (k = 0; k < insn->len; k++) {
		u8 differ = bytes[i + k] ^ insn->opcode[k];

		if (k == insn->len - 1)
			differ &= ~insn->last_mask;
		if (differ)
			return 0;
	}
	found->last = bytes[i + insn->len - 1];
	found->modrm = insn->modrm ? bytes[len - 1] : 0;
	found->len = len;
	return len;
}

/* The guest gets a second go at bytes that have changed since it executed them. */
static enum lhv_next changed(struct lhv_vcpu *vcpu)
{
	struct lhv_svm *svm = to_svm(vcpu);
	u64 rip = lhv_reg_read(vcpu, LHV_RIP);

	if (svm->retry_rip == rip)
		return lhv_emulation_failed(vcpu);
	svm->retry_rip = rip;
	return LHV_RESUME;
}

/* Index of the one that it is; -1: none; -2: the answer wants *want bytes. */
static int match_any(const u8 *bytes, unsigned int n, bool is64, const struct lhv_svm_insn *insns,
		     struct lhv_svm_found *found, unsigned int *want)
{
	unsigned int i, len;
	int ret = -1;

	for (i = 0; insns[i].len; i++) {
		len = match(bytes, n, is64, &insns[i], found);
		if (len && len <= n)
			return i;
		if (len) {
			*want = len;
			ret = -2;
		}
	}
	return ret;
}

/**
 * lhv_svm_find_insn() - look at the instruction that exited
 * @vcpu: in the ring
 * @insns: what it can be, up to one of length 0
 * @found: its length and registers
 * @next: what to do where it cannot be found: a page is missing, or the bytes
 *	are others by now
 *
 * Return: which one it is, with @found and the exit's insn_len; -1 with @next.
 */
int lhv_svm_find_insn(struct lhv_vcpu *vcpu, const struct lhv_svm_insn *insns,
		      struct lhv_svm_found *found, enum lhv_next *next)
{
	unsigned int want = 1;
	const u8 *bytes;
	bool is64;
	int n, i;

	do {
		n = lhv_fetch_at_rip(vcpu, want, &bytes, &is64, next);
		if (n < 0)
			return -1;
		i = match_any(bytes, n, is64, insns, found, &want);
	} while (i == -2 && want <= LHV_INSN_MAX);
	if (i < 0) {
		*next = changed(vcpu);
		return -1;
	}
	to_svm(vcpu)->retry_rip = ~0ULL;
	to_svm(vcpu)->insn_len = found->len;
	return i;
}
