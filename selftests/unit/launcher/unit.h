/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Unit tests of the launcher's parts that need no hypervisor. What a part
 * reports is caught in a buffer and looked at.
 */
#ifndef UNIT_LAUNCHER_H
#define UNIT_LAUNCHER_H

#include "tap.h"
#include "run/types.h"

extern const struct tap_case size_cases[];
extern const struct tap_case option_cases[];
extern const struct tap_case kernel_cases[];
extern const struct tap_case bus_cases[];
extern const struct tap_case virtqueue_cases[];
extern const struct tap_case disk_cases[];
extern const struct tap_case acpi_cases[];

/* From now on messages are caught. */
void catch_messages(void);

/* What was caught is exactly one line and contains @text; forgets it. */
void expect_message(const char *text);

/* Nothing was reported. */
void expect_no_message(void);

/* A file with these bytes, gone with the process; its path. */
const char *file_with(const void *bytes, size_t size);

#endif
