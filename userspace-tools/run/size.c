// SPDX-License-Identifier: GPL-2.0
/*
 * Reads sizes and counts strictly: strtoull() would take signs, blanks and
 * other bases. Called by the option parser only.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include "size.h"

static const struct {
	char letter;
	unsigned int shift;
} suffixes[] = {
	{ 'K', 10 }, { 'M', 20 }, { 'G', 30 }, { 'T', 40 },
};

/* Consumes digits at *@text; at least one must be there. */
static int parse_digits(const char **text, u64 *number)
{
	const char *p = *text;
	u64 value = 0;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *p - '0', &value))
			return -ERANGE;
	}
	*text = p;
	*number = value;
	return 0;
}

static int suffix_shift(const char *text, unsigned int *shift)
{
	size_t i;

	*shift = 0;
	if (!*text)
		return 0;
	for (i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if ((*text & ~0x20) != suffixes[i].letter)
			continue;
		*shift = suffixes[i].shift;
		text++;
		if (!*text || !strcasecmp(text, "B") || !strcasecmp(text, "iB"))
			return 0;
		return -EINVAL;
	}
	return -EINVAL;
}

int parse_size(const char *text, u64 *bytes)
{
	unsigned int shift;
	u64 number;
	int ret;

	ret = parse_digits(&text, &number);
	if (ret)
		return ret;
	ret = suffix_shift(text, &shift);
	if (ret)
		return ret;
	if (number > ULLONG_MAX >> shift)
		return -ERANGE;
	*bytes = number << shift;
	return 0;
}

int parse_count(const char *text, unsigned int *count)
{
	u64 number;
	int ret;

	ret = parse_digits(&text, &number);
	if (ret)
		return ret;
	if (*text)
		return -EINVAL;
	if (number > UINT_MAX)
		return -ERANGE;
	*count = number;
	return 0;
}
