// SPDX-License-Identifier: GPL-2.0
/*
 * An AML assembler. A package's length comes before its contents and counts
 * itself, in one to four bytes: contents are written first and moved up when
 * the package is closed. Used by acpi.c only.
 */
#include <string.h>
#include "aml.h"

#define OP_ZERO		0x00
#define OP_ONE		0x01
#define OP_NAME		0x08
#define OP_BYTE		0x0a
#define OP_WORD		0x0b
#define OP_DWORD	0x0c
#define OP_QWORD	0x0e
#define OP_SCOPE	0x10
#define OP_BUFFER	0x11
#define OP_PACKAGE	0x12
#define OP_EXTENDED	0x5b
#define OP_EXT_DEVICE	0x82

void aml_bytes(struct aml *aml, const void *bytes, size_t size)
{
	if (size > aml->room - aml->size) {
		aml->full = true;
		return;
	}
	memcpy(aml->bytes + aml->size, bytes, size);
	aml->size += size;
}

void aml_byte(struct aml *aml, u8 byte)
{
	aml_bytes(aml, &byte, 1);
}

void aml_path(struct aml *aml, const char *path)
{
	aml_bytes(aml, path, strlen(path));
}

static const struct {
	u64 max;
	u8 op;
	u8 size;
} integer_forms[] = {
	{ 0xff, OP_BYTE, 1 },
	{ 0xffff, OP_WORD, 2 },
	{ 0xffffffff, OP_DWORD, 4 },
	{ ~0ULL, OP_QWORD, 8 },
};

void aml_integer(struct aml *aml, u64 value)
{
	size_t i = 0;

	if (value <= 1) {
		aml_byte(aml, value ? OP_ONE : OP_ZERO);
		return;
	}
	while (value > integer_forms[i].max)
		i++;
	aml_byte(aml, integer_forms[i].op);
	aml_bytes(aml, &value, integer_forms[i].size);
}

void aml_name(struct aml *aml, const char *path)
{
	aml_byte(aml, OP_NAME);
	aml_path(aml, path);
}

static void open_package(struct aml *aml)
{
	if (aml->depth == AML_MAX_DEPTH) {
		aml->full = true;
		return;
	}
	aml->open[aml->depth++] = aml->size;
}

void aml_scope(struct aml *aml, const char *path)
{
	aml_byte(aml, OP_SCOPE);
	open_package(aml);
	aml_path(aml, path);
}

void aml_device(struct aml *aml, const char *path)
{
	aml_byte(aml, OP_EXTENDED);
	aml_byte(aml, OP_EXT_DEVICE);
	open_package(aml);
	aml_path(aml, path);
}

void aml_package(struct aml *aml, u8 elements)
{
	aml_byte(aml, OP_PACKAGE);
	open_package(aml);
	aml_byte(aml, elements);
}

/* One byte holds 6 bits of length; more bytes hold 4 and then 8 each. */
static size_t encode_length(u8 length[4], size_t contents)
{
	static const size_t limits[] = { 1 << 6, 1 << 12, 1 << 20, 1 << 28 };
	size_t extra = 0, total;

	while (contents + 1 + extra >= limits[extra])
		extra++;
	total = contents + 1 + extra;
	length[0] = extra ? extra << 6 | (total & 0xf) : total;
	length[1] = total >> 4;
	length[2] = total >> 12;
	length[3] = total >> 20;
	return extra + 1;
}

void aml_end(struct aml *aml)
{
	size_t start, size, length_size;
	u8 length[4];

	if (aml->full || !aml->depth) {
		aml->full = true;
		return;
	}
	start = aml->open[--aml->depth];
	size = aml->size - start;
	length_size = encode_length(length, size);
	aml_bytes(aml, length, length_size);
	if (aml->full)
		return;
	memmove(aml->bytes + start + length_size, aml->bytes + start, size);
	memcpy(aml->bytes + start, length, length_size);
}

void aml_buffer(struct aml *aml, const void *bytes, size_t size)
{
	aml_byte(aml, OP_BUFFER);
	open_package(aml);
	aml_integer(aml, size);
	aml_bytes(aml, bytes, size);
	aml_end(aml);
}

static u32 hex_digit(char c)
{
	return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* Three letters of 5 bits, four hexadecimal digits, most significant first. */
void aml_eisa_id(struct aml *aml, const char *path, const char *id)
{
	u32 value = (u32)(id[0] - '@') << 26 | (u32)(id[1] - '@') << 21 |
		    (u32)(id[2] - '@') << 16 | hex_digit(id[3]) << 12 |
		    hex_digit(id[4]) << 8 | hex_digit(id[5]) << 4 |
		    hex_digit(id[6]);

	aml_name(aml, path);
	aml_integer(aml, __builtin_bswap32(value));
}
