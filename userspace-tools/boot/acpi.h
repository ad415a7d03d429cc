/* SPDX-License-Identifier: GPL-2.0 */
/* The ACPI tables that describe the machine to the guest. */
#ifndef LHV_BOOT_ACPI_H
#define LHV_BOOT_ACPI_H

struct guest_memory;

/**
 * acpi_write() - Write all tables into guest memory.
 * @memory: guest memory, at least 1 MiB
 * @cpus: number of processors
 *
 * The root pointer is at GUEST_ACPI, where a scan and a boot loader find it.
 *
 * Return: 0, or the exit status after one line was printed.
 */
int acpi_write(struct guest_memory *memory, unsigned int cpus);

#endif
