/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tables of guest test cases, one per subject and file.
 */
#ifndef SELFTESTS_GUESTS_GUESTS_H
#define SELFTESTS_GUESTS_GUESTS_H

#include "tap.h"

extern const struct tap_case basic_cases[];
extern const struct tap_case strio_cases[];
extern const struct tap_case mmio_cases[];
extern const struct tap_case except_cases[];
extern const struct tap_case control_cases[];
extern const struct tap_case inject_cases[];
extern const struct tap_case apic_cases[];
extern const struct tap_case ipi_cases[];
extern const struct tap_case chips_cases[];
extern const struct tap_case split_cases[];
extern const struct tap_case debug_cases[];
extern const struct tap_case orders_cases[];
extern const struct tap_case user_cases[];
extern const struct tap_case events_cases[];
extern const struct tap_case memory_cases[];
extern const struct tap_case fpu_cases[];
extern const struct tap_case clock_cases[];
extern const struct tap_case restore_cases[];
extern const struct tap_case bad_cases[];

#endif
