/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tables of interface test cases, one per subject and file.
 *
 * main.c runs them; the files know nothing of each other.
 */
#ifndef SELFTESTS_INTERFACE_H
#define SELFTESTS_INTERFACE_H

#include "tap.h"

extern const struct tap_case system_cases[];
extern const struct tap_case vmfd_cases[];
extern const struct tap_case memslot_cases[];
extern const struct tap_case cpuid_cases[];
extern const struct tap_case regs_cases[];
extern const struct tap_case msr_cases[];
extern const struct tap_case state_cases[];
extern const struct tap_case irqchip_cases[];
extern const struct tap_case eventfd_cases[];
extern const struct tap_case dirtylog_cases[];
extern const struct tap_case clock_cases[];
extern const struct tap_case vcpumisc_cases[];
extern const struct tap_case run_cases[];

#endif
