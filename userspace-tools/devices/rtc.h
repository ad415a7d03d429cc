/* SPDX-License-Identifier: GPL-2.0 */
/* What the ACPI tables and tests must know of the real-time clock. */
#ifndef LHV_DEVICES_RTC_H
#define LHV_DEVICES_RTC_H

#include "../run/types.h"

#define RTC_CENTURY 0x32

/* A value of 0 to 99 as the clock holds it, in binary or in BCD. */
static inline u8 rtc_encode(int value, bool binary)
{
	return binary ? value : value / 10 << 4 | value % 10;
}

static inline int rtc_decode(u8 value, bool binary)
{
	return binary ? value : (value >> 4) * 10 + (value & 15);
}

#endif
