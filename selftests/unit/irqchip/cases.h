/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tables of cases, one in each file.
 */
#ifndef UNIT_IRQCHIP_CASES_H
#define UNIT_IRQCHIP_CASES_H

#include <linux/errno.h>
#include <linux/kernel.h>

#include "../../include/tap.h"

#define CASE(fn)	{ #fn, fn }

extern const struct tap_case lapic_cases[];
extern const struct tap_case priority_cases[];
extern const struct tap_case timer_cases[];
extern const struct tap_case ipi_cases[];
extern const struct tap_case ioapic_cases[];
extern const struct tap_case pic_cases[];
extern const struct tap_case pit_cases[];
extern const struct tap_case routing_cases[];
extern const struct tap_case split_cases[];

#endif
