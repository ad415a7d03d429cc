/* SPDX-License-Identifier: GPL-2.0 */
/* The contents of the DSDT, without its header. */
#ifndef LHV_BOOT_DSDT_H
#define LHV_BOOT_DSDT_H

#include "../run/types.h"

/**
 * dsdt_fill() - Write the machine's description in AML.
 * @bytes: buffer
 * @room: its size
 * @size: bytes written
 *
 * Return: whether it fitted.
 */
bool dsdt_fill(u8 *bytes, size_t room, size_t *size);

#endif
