/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers as people write them on a command line. */
#ifndef LHV_RUN_SIZE_H
#define LHV_RUN_SIZE_H

#include "types.h"

/**
 * parse_size() - Read an amount of memory.
 * @text: decimal digits and at most one of the suffixes K, M, G, T (either
 *	case, optionally followed by "iB" or "B"); no sign, no space, no fraction
 * @bytes: the amount
 *
 * Return: 0, -EINVAL for anything else, -ERANGE if it does not fit 64 bits.
 */
int parse_size(const char *text, u64 *bytes);

/**
 * parse_count() - Read a plain decimal number.
 * @text: decimal digits only
 * @count: the number
 *
 * Return: 0, -EINVAL, or -ERANGE if it does not fit an unsigned int.
 */
int parse_count(const char *text, unsigned int *count);

#endif
