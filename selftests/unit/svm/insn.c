// SPDX-License-Identifier: GPL-2.0
/*
 * Which instruction exited, from its bytes: prefixes, pages that end in the
 * middle of it, bytes that have changed.
 */
#include <string.h>

#include "host.h"
#include "../../../arch-x86/insn.h"

/* The guest's bytes; the page ends after .first of them, as a fetch sees it. */
static struct {
	u8 bytes[16];
	unsigned int first;
	bool is64, away;
	unsigned int fetches, failures;
} code;

static struct lhv_svm svm;
static struct lhv_vcpu vcpu;

int lhv_fetch_at_rip(struct lhv_vcpu *v, unsigned int want, const u8 **bytes, bool *is64,
		     enum lhv_next *next)
{
	code.fetches++;
	*next = LHV_STEP_OUT;
	if (code.away)
		return -1;
	*bytes = code.bytes;
	*is64 = code.is64;
	return want <= code.first ? code.first : LHV_INSN_MAX;
}

enum lhv_next lhv_emulation_failed(struct lhv_vcpu *v)
{
	code.failures++;
	return LHV_USER;
}

/* All registers are at hand, so nobody asks for one. */
void (*lhv_vendor_cache_reg_call)(struct lhv_vcpu *vcpu, enum lhv_reg reg);

static void put(bool is64, unsigned int first, const char *bytes, unsigned int n)
{
	memset(&code, 0, sizeof(code));
	memset(code.bytes, 0xcc, sizeof(code.bytes));
	memcpy(code.bytes, bytes, n);
	code.is64 = is64;
	code.first = first;
	svm = (struct lhv_svm){ .retry_rip = ~0ULL };
	vcpu.vendor = &svm;
	vcpu.regs_avail = ~0U;
	vcpu.regs[LHV_RIP] = 0x1000;
}

#define PUT(is64, first, bytes) put(is64, first, bytes, sizeof(bytes) - 1)

static const struct lhv_svm_insn one[] = { { .opcode = { 0x0f, 0xa2 }, .len = 2 }, {} };
static const struct lhv_svm_insn some[] = {
	{ .opcode = { 0x0f, 0x20 }, .len = 2, .last_mask = 2, .modrm = true },
	{ .opcode = { 0x0f, 0x06 }, .len = 2 },
	{}
};

static int find(const struct lhv_svm_insn *insns, struct lhv_svm_found *found,
		enum lhv_next *next)
{
	return lhv_svm_find_insn(&vcpu, insns, found, next);
}

static void plain(void)
{
	struct lhv_svm_found found;
	enum lhv_next next;

	PUT(true, 15, "\x0f\xa2");
	EXPECT_EQ(find(one, &found, &next), 0);
	EXPECT_EQ(found.len, 2);
	EXPECT_EQ(svm.insn_len, 2);
	EXPECT_EQ(code.fetches, 1);
}

static void prefixes(void)
{
	struct lhv_svm_found found;
	enum lhv_next next;

	PUT(true, 15, "\x66\xf2\x2e\x48\x0f\xa2");
	EXPECT_EQ(find(one, &found, &next), 0);
	EXPECT_EQ(found.len, 6);
	EXPECT_EQ(found.rex, 0x48);
	/* the longest there is, and one too many */
	PUT(true, 15, "\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x0f\xa2");
	EXPECT_EQ(find(one, &found, &next), 0);
	EXPECT_EQ(found.len, 15);
	PUT(true, 15, "\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x0f\xa2");
	EXPECT_EQ(find(one, &found, &next), -1);
	PUT(true, 15, "\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66");
	EXPECT_EQ(find(one, &found, &next), -1);
}

/* Outside 64-bit mode 0x48 is DEC, not a prefix. */
static void rex_only_in_64_bit_mode(void)
{
	struct lhv_svm_found found;
	enum lhv_next next;

	PUT(false, 15, "\x48\x0f\xa2");
	EXPECT_EQ(find(one, &found, &next), -1);
}

static void registers(void)
{
	struct lhv_svm_found found;
	enum lhv_next next;

	PUT(true, 15, "\x45\x0f\x22\xc1");	/* MOV R9 to CR8 */
	EXPECT_EQ(find(some, &found, &next), 0);
	EXPECT_EQ(found.modrm, 0xc1);
	EXPECT_EQ(found.last, 0x22);
	EXPECT_EQ(found.rex, 0x45);
	EXPECT(!found.lock);
	PUT(false, 15, "\xf0\x0f\x20\xc0");	/* AMD's other name for CR8 */
	EXPECT_EQ(find(some, &found, &next), 0);
	EXPECT(found.lock);
	PUT(true, 15, "\x0f\x06");
	EXPECT_EQ(find(some, &found, &next), 1);
	EXPECT_EQ(found.modrm, 0);
}

static void page_ends_within(void)
{
	struct lhv_svm_found found;
	enum lhv_next next;
	unsigned int first;

	for (first = 1; first <= 4; first++) {
		PUT(true, first, "\x44\x0f\x22\xc0");
		EXPECT_EQ(find(some, &found, &next), 0);
		EXPECT_EQ(found.len, 4);
		EXPECT(code.fetches <= first + 1);
	}
}

static void page_away(void)
{
	struct lhv_svm_found found;
	enum lhv_next next;

	PUT(true, 15, "\x0f\xa2");
	code.away = true;
	EXPECT_EQ(find(one, &found, &next), -1);
	EXPECT_EQ(next, LHV_STEP_OUT);
}

/* Other bytes get a second go; if they exit again, they are not known. */
static void changed_bytes(void)
{
	struct lhv_svm_found found;
	enum lhv_next next;

	PUT(true, 15, "\x90\x90");
	EXPECT_EQ(find(one, &found, &next), -1);
	EXPECT_EQ(next, LHV_RESUME);
	EXPECT_EQ(find(one, &found, &next), -1);
	EXPECT_EQ(next, LHV_USER);
	EXPECT_EQ(code.failures, 1);
	/* one that is found in between starts over */
	memcpy(code.bytes, "\x0f\xa2", 2);
	EXPECT_EQ(find(one, &found, &next), 0);
	memcpy(code.bytes, "\x90\x90", 2);
	EXPECT_EQ(find(one, &found, &next), -1);
	EXPECT_EQ(next, LHV_RESUME);
}

#define CASE(fn) { #fn, fn }

const struct tap_case insn_cases[] = {
	CASE(plain), CASE(prefixes), CASE(rex_only_in_64_bit_mode), CASE(registers),
	CASE(page_ends_within), CASE(page_away), CASE(changed_bytes),
	{ }
};
