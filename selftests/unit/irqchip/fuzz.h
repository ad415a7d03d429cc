/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fuzz target, under the name its callers know it by.
 */
#ifndef UNIT_IRQCHIP_FUZZ_H
#define UNIT_IRQCHIP_FUZZ_H

#include <linux/types.h>

/* libFuzzer looks for its own name. */
int fuzz_one_input(const u8 *data, size_t size)
	__asm__("LLVMFuzzerTestOneInput");

#endif
