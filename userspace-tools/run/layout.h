/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where things are in the guest's physical address space, its port space and
 * among its interrupt lines. Everything that needs an address takes it from
 * here, so that two things cannot be put into one place by accident.
 */
#ifndef LHV_RUN_LAYOUT_H
#define LHV_RUN_LAYOUT_H

#include "types.h"

/* Below 640 KiB: what the boot processor finds at its first instruction. */
#define GUEST_GDT		0x500ULL
#define GUEST_TSS		0x600ULL	/* 104 bytes, never used by Linux */
#define GUEST_PVH_INFO		0x6000ULL
#define GUEST_BOOT_PARAMS	0x7000ULL
#define GUEST_PAGE_TABLES	0x9000ULL	/* PML4, PDPT, 4 page directories */
#define GUEST_COMMAND_LINE	0x20000ULL
#define GUEST_COMMAND_LINE_END	0x30000ULL
#define GUEST_LOW_RAM_END	0x9fc00ULL

/* The area that a system without UEFI is searched for ACPI's root pointer. */
#define GUEST_ACPI		0xe0000ULL
#define GUEST_ACPI_END		0x100000ULL
#define GUEST_HIGH_RAM		0x100000ULL

/* Memory grows up to the PCI window and goes on above 4 GiB. */
#define GUEST_PCI_WINDOW	0xc0000000ULL
#define GUEST_PCI_WINDOW_END	0xfec00000ULL
#define GUEST_IOAPIC		0xfec00000ULL
#define GUEST_LAPIC		0xfee00000ULL
/* Pages that KVM may keep for itself on old Intel processors. */
#define GUEST_IDENTITY_MAP	0xfeffc000ULL
#define GUEST_KVM_TSS		0xfeffd000ULL	/* three pages */
#define GUEST_KVM_END		0xff000000ULL
#define GUEST_RAM_ABOVE_4G	0x100000000ULL

#define PORT_I8042_DATA		0x60
#define PORT_I8042_COMMAND	0x64
#define PORT_RTC		0x70
#define PORT_COM1		0x3f8
#define PORT_PM1_EVENT		0x600
#define PORT_PM1_CONTROL	0x604
#define PORT_PCI_ADDRESS	0xcf8
#define PORT_RESET		0xcf9
#define PORT_PCI_DATA		0xcfc

#define GSI_COM1		4
#define GSI_RTC			8
#define GSI_ACPI_SCI		9
#define GSI_PCI_BASE		16	/* GSI 16 + (slot - 1) % 8 */
#define GSI_PCI_COUNT		8
#define GSI_IOAPIC_PINS		24	/* MSI routes start behind them */

#define RESET_FULL		0x06	/* what to write to PORT_RESET */
#define ACPI_SLEEP_TYPE_OFF	5	/* the sleep type that _S5 names */

#endif
