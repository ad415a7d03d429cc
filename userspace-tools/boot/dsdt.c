// SPDX-License-Identifier: GPL-2.0
/*
 * The DSDT's contents: the sleep state that powers off, the PCI host bridge
 * with its windows and interrupt lines, and the ISA devices. Resource
 * descriptors are from the ACPI specification, "Resource Data Types for ACPI".
 */
#include <string.h>
#include "aml.h"
#include "dsdt.h"
#include "../run/layout.h"
#include "../run/options.h"

#define PORTS_END	0x10000U
#define ISA_PORTS_END	PORT_PCI_ADDRESS
#define PCI_PORTS	0x0d00U

struct fixed_io {	/* small item: I/O port descriptor */
	u8 tag;
	u8 decodes16;
	u16 min;
	u16 max;
	u8 align;
	u8 length;
} __packed;

struct irq {		/* small item: IRQ, edge-triggered, exclusive */
	u8 tag;
	u16 mask;
} __packed;

struct word_space {	/* large item: word address space */
	u8 tag;
	u16 length;
	u8 type;
	u8 general;
	u8 specific;
	u16 granularity;
	u16 min;
	u16 max;
	u16 translation;
	u16 size;
} __packed;

struct dword_space {	/* large item: double word address space */
	u8 tag;
	u16 length;
	u8 type;
	u8 general;
	u8 specific;
	u32 granularity;
	u32 min;
	u32 max;
	u32 translation;
	u32 size;
} __packed;

struct end_tag {
	u8 tag;
	u8 checksum;	/* 0: treat as good */
} __packed;

#define TAG_IO		0x47
#define TAG_IRQ		0x22
#define TAG_WORD	0x88
#define TAG_DWORD	0x87
#define TAG_END		0x79

#define SPACE_MEMORY	0
#define SPACE_IO	1
#define SPACE_BUS	2
#define FIXED_PRODUCER	0x0c	/* minimum and maximum fixed, bridge window */
#define IO_ENTIRE_RANGE	3
#define MEMORY_WRITABLE	1	/* not cacheable */

static struct fixed_io io(u16 port, u8 length)
{
	return (struct fixed_io){ TAG_IO, 1, port, port, 1, length };
}

static struct word_space word_window(u8 type, u8 specific, u16 min, u16 max,
				     u16 size)
{
	return (struct word_space){
		.tag = TAG_WORD,
		.length = sizeof(struct word_space) - 3,
		.type = type,
		.general = FIXED_PRODUCER,
		.specific = specific,
		.min = min,
		.max = max,
		.size = size,
	};
}

static const struct end_tag end_tag = { TAG_END, 0 };

static void add_pci_resources(struct aml *aml)
{
	const struct {
		struct word_space bus;
		struct fixed_io config;
		struct word_space low_ports;
		struct word_space high_ports;
		struct dword_space memory;
		struct end_tag end;
	} __packed resources = {
		.bus = word_window(SPACE_BUS, 0, 0, 0, 1),
		.config = io(PORT_PCI_ADDRESS, 8),
		.low_ports = word_window(SPACE_IO, IO_ENTIRE_RANGE, 0,
					 ISA_PORTS_END - 1, ISA_PORTS_END),
		.high_ports = word_window(SPACE_IO, IO_ENTIRE_RANGE, PCI_PORTS,
					  PORTS_END - 1, PORTS_END - PCI_PORTS),
		.memory = {
			.tag = TAG_DWORD,
			.length = sizeof(struct dword_space) - 3,
			.type = SPACE_MEMORY,
			.general = FIXED_PRODUCER,
			.specific = MEMORY_WRITABLE,
			.min = GUEST_PCI_WINDOW,
			.max = GUEST_PCI_WINDOW_END - 1,
			.size = GUEST_PCI_WINDOW_END - GUEST_PCI_WINDOW,
		},
		.end = end_tag,
	};

	aml_name(aml, "_CRS");
	aml_buffer(aml, &resources, sizeof(resources));
}

/* Each slot's INTA goes to one IOAPIC pin, with no link device between. */
static void add_interrupt_routes(struct aml *aml)
{
	unsigned int slot;

	aml_name(aml, "_PRT");
	aml_package(aml, MAX_DISKS);
	for (slot = 1; slot <= MAX_DISKS; slot++) {
		aml_package(aml, 4);
		aml_integer(aml, slot << 16 | 0xffff);
		aml_integer(aml, 0);	/* INTA */
		aml_integer(aml, 0);	/* no link: the next is a GSI */
		aml_integer(aml, GSI_PCI_BASE + (slot - 1) % GSI_PCI_COUNT);
		aml_end(aml);
	}
	aml_end(aml);
}

static void add_pci(struct aml *aml)
{
	aml_device(aml, "PCI0");
	aml_eisa_id(aml, "_HID", "PNP0A03");
	aml_name(aml, "_UID");
	aml_integer(aml, 0);
	aml_name(aml, "_BBN");
	aml_integer(aml, 0);
	add_pci_resources(aml);
	add_interrupt_routes(aml);
	aml_end(aml);
}

static void add_isa_device(struct aml *aml, const char *name, const char *id,
			   u16 port, u8 length, unsigned int gsi)
{
	const struct {
		struct fixed_io io;
		struct irq irq;
		struct end_tag end;
	} __packed resources = {
		.io = io(port, length),
		.irq = { TAG_IRQ, 1U << gsi },
		.end = end_tag,
	};

	aml_device(aml, name);
	aml_eisa_id(aml, "_HID", id);
	aml_name(aml, "_UID");
	aml_integer(aml, 1);
	aml_name(aml, "_CRS");
	aml_buffer(aml, &resources, sizeof(resources));
	aml_end(aml);
}

static void add_power_off(struct aml *aml)
{
	unsigned int i;

	aml_name(aml, "\\_S5_");
	aml_package(aml, 4);
	for (i = 0; i < 4; i++)
		aml_integer(aml, i < 2 ? ACPI_SLEEP_TYPE_OFF : 0);
	aml_end(aml);
}

bool dsdt_fill(u8 *bytes, size_t room, size_t *size)
{
	struct aml aml = { .bytes = bytes, .room = room };

	add_power_off(&aml);
	aml_scope(&aml, "\\_SB_");
	add_pci(&aml);
	add_isa_device(&aml, "COM1", "PNP0501", PORT_COM1, 8, GSI_COM1);
	add_isa_device(&aml, "RTC0", "PNP0B00", PORT_RTC, 2, GSI_RTC);
	aml_end(&aml);
	*size = aml.size;
	return !aml.full;
}
