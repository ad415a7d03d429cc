// SPDX-License-Identifier: GPL-2.0
/*
 * ACPI tables: every checksum, every pointer, the processors in the MADT, and
 * AML lengths at the sizes where their encoding changes.
 */
#include <string.h>

#include "boot/acpi.h"
#include "boot/aml.h"
#include "run/layout.h"
#include "run/memory.h"
#include "unit.h"

static struct guest_memory memory;

static u8 sum(const u8 *bytes, size_t size)
{
	u8 total = 0;

	while (size--)
		total += *bytes++;
	return total;
}

static u64 load(u64 address, size_t size)
{
	u64 value = 0;

	memcpy(&value, memory.host + address, size);
	return value;
}

/* Checks a table's header; returns its length. */
static u32 check_table(u64 address, const char *signature)
{
	u32 length = load(address + 4, 4);

	EXPECT(address >= GUEST_ACPI && address + length <= GUEST_ACPI_END);
	EXPECT(!memcmp(memory.host + address, signature, 4));
	EXPECT_EQ(sum(memory.host + address, length), 0);
	return length;
}

static void check_tables(unsigned int cpus)
{
	u64 xsdt, fadt, madt;

	memset(memory.host, 0, MIB);
	EXPECT_EQ(acpi_write(&memory, cpus), 0);
	EXPECT(!memcmp(memory.host + GUEST_ACPI, "RSD PTR ", 8));
	EXPECT_EQ(sum(memory.host + GUEST_ACPI, 20), 0);
	EXPECT_EQ(sum(memory.host + GUEST_ACPI, 36), 0);
	xsdt = load(GUEST_ACPI + 24, 8);
	EXPECT_EQ(check_table(xsdt, "XSDT"), 36 + 2 * 8);
	fadt = load(xsdt + 36, 8);
	madt = load(xsdt + 44, 8);
	EXPECT_EQ(check_table(fadt, "FACP"), 276);
	check_table(load(fadt + 140, 8), "DSDT");
	EXPECT_EQ(load(fadt + 40, 4), load(fadt + 140, 8));
	EXPECT_EQ(load(load(fadt + 36, 4), 4), 0x53434146);
	EXPECT_EQ(load(fadt + 64, 4), PORT_PM1_CONTROL);
	EXPECT_EQ(load(fadt + 120, 8), PORT_RESET);
	EXPECT_EQ(check_table(madt, "APIC"), 44 + cpus * 8 + 12 + 6);
	EXPECT_EQ(load(madt + 44 + (cpus - 1) * 8 + 3, 1), cpus - 1);
}

static void tables(void)
{
	EXPECT_EQ(guest_memory_create(&memory, MIB), 0);
	check_tables(1);
	check_tables(2);
	check_tables(255);
}

/* The length of a package with @contents bytes, decoded from its encoding. */
static void check_length(size_t contents)
{
	static u8 bytes[1 << 21], filler[1 << 21];
	struct aml aml = { .bytes = bytes, .room = sizeof(bytes) };
	size_t extra, length;

	aml_scope(&aml, "");
	aml_bytes(&aml, filler, contents);
	aml_end(&aml);
	EXPECT(!aml.full);
	extra = bytes[1] >> 6;
	length = extra ? bytes[1] & 0xf : bytes[1] & 0x3f;
	if (extra > 0)
		length |= bytes[2] << 4;
	if (extra > 1)
		length |= bytes[3] << 12;
	if (extra > 2)
		length |= bytes[4] << 20;
	EXPECT_EQ(length, contents + 1 + extra);
	EXPECT_EQ(aml.size, 1 + length);
}

static void package_lengths(void)
{
	static const size_t edges[] = { 0, 61, 62, 63, 64, 4092, 4093, 4094,
					4095, 4096, 1048571, 1048572, 1048573 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(edges); i++)
		check_length(edges[i]);
}

static void aml_overflow(void)
{
	u8 bytes[16];
	struct aml aml = { .bytes = bytes, .room = sizeof(bytes) };
	int i;

	for (i = 0; i < 10; i++)
		aml_package(&aml, 1);
	for (i = 0; i < 12; i++)
		aml_end(&aml);
	EXPECT(aml.full);
	EXPECT(aml.size <= sizeof(bytes));
}

static void eisa_id(void)
{
	static const u8 want[] = { 0x08, '_', 'H', 'I', 'D', 0x0c, 0x41, 0xd0,
				   0x0a, 0x03 };
	u8 bytes[16];
	struct aml aml = { .bytes = bytes, .room = sizeof(bytes) };

	aml_eisa_id(&aml, "_HID", "PNP0A03");
	EXPECT_EQ(aml.size, sizeof(want));
	EXPECT(!memcmp(bytes, want, sizeof(want)));
}

const struct tap_case acpi_cases[] = {
	{ "tables", tables },
	{ "package_lengths", package_lengths },
	{ "aml_overflow", aml_overflow },
	{ "eisa_id", eisa_id },
	{ }
};
