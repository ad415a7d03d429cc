// SPDX-License-Identifier: GPL-2.0
/* Sizes and counts as people write them. */
#include "run/size.h"
#include "unit.h"

static const struct {
	const char *text;
	int ret;
	u64 bytes;
} sizes[] = {
	{ "0", 0, 0 },
	{ "1", 0, 1 },
	{ "4096", 0, 4096 },
	{ "512M", 0, 512ULL << 20 },
	{ "512m", 0, 512ULL << 20 },
	{ "512MB", 0, 512ULL << 20 },
	{ "512MiB", 0, 512ULL << 20 },
	{ "1k", 0, 1024 },
	{ "2G", 0, 2ULL << 30 },
	{ "1T", 0, 1ULL << 40 },
	{ "007M", 0, 7ULL << 20 },
	{ "18446744073709551615", 0, ~0ULL },
	{ "18446744073709551616", -ERANGE, 0 },
	{ "99999999999999999999999", -ERANGE, 0 },
	{ "16777215T", 0, 16777215ULL << 40 },
	{ "16777216T", -ERANGE, 0 },
	{ "18446744073709551615K", -ERANGE, 0 },
	{ "", -EINVAL, 0 },
	{ "M", -EINVAL, 0 },
	{ "-1", -EINVAL, 0 },
	{ "+1", -EINVAL, 0 },
	{ " 1", -EINVAL, 0 },
	{ "1 ", -EINVAL, 0 },
	{ "1 M", -EINVAL, 0 },
	{ "0x10", -EINVAL, 0 },
	{ "1.5G", -EINVAL, 0 },
	{ "1X", -EINVAL, 0 },
	{ "1B", -EINVAL, 0 },
	{ "1MM", -EINVAL, 0 },
	{ "1MiBx", -EINVAL, 0 },
	{ "512M,ro", -EINVAL, 0 },
};

static void all_sizes(void)
{
	u64 bytes;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		bytes = 0;
		if (parse_size(sizes[i].text, &bytes) != sizes[i].ret ||
		    bytes != sizes[i].bytes)
			tap_fail(__FILE__, __LINE__, "\"%s\" gave %llu",
				 sizes[i].text, bytes);
	}
}

static const struct {
	const char *text;
	int ret;
	unsigned int count;
} counts[] = {
	{ "0", 0, 0 },
	{ "1", 0, 1 },
	{ "4294967295", 0, 4294967295U },
	{ "4294967296", -ERANGE, 0 },
	{ "99999999999999999999999", -ERANGE, 0 },
	{ "", -EINVAL, 0 },
	{ "1k", -EINVAL, 0 },
	{ "-1", -EINVAL, 0 },
	{ "two", -EINVAL, 0 },
	{ "1.0", -EINVAL, 0 },
};

static void all_counts(void)
{
	unsigned int count;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		count = 0;
		if (parse_count(counts[i].text, &count) != counts[i].ret ||
		    count != counts[i].count)
			tap_fail(__FILE__, __LINE__, "\"%s\" gave %u",
				 counts[i].text, count);
	}
}

const struct tap_case size_cases[] = {
	{ "sizes", all_sizes },
	{ "counts", all_counts },
	{ }
};
