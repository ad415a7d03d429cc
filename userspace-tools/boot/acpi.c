// SPDX-License-Identifier: GPL-2.0
/*
 * ACPI tables: RSDP, XSDT, FADT with FACS and DSDT, MADT. Layouts from the
 * ACPI specification, "ACPI Software Programming Model". The machine is a
 * plain PC in ACPI mode, not a hardware-reduced one: a guest that finds PIC,
 * PIT and RTC described uses them, and those are in the hypervisor.
 */
#include <string.h>
#include "acpi.h"
#include "dsdt.h"
#include "../devices/rtc.h"
#include "../run/layout.h"
#include "../run/memory.h"
#include "../run/report.h"

struct table_header {
	char signature[4];
	u32 length;
	u8 revision;
	u8 checksum;
	char oem_id[6];
	char oem_table_id[8];
	u32 oem_revision;
	char creator_id[4];
	u32 creator_revision;
} __packed;

struct rsdp {
	char signature[8];
	u8 checksum;		/* of the first 20 bytes */
	char oem_id[6];
	u8 revision;
	u32 rsdt;
	u32 length;
	u64 xsdt;
	u8 extended_checksum;
	u8 reserved[3];
} __packed;

struct xsdt {
	struct table_header header;
	u64 tables[2];
} __packed;

struct facs {
	char signature[4];
	u32 length;
	u8 rest[56];
} __packed;

struct address {	/* generic address structure */
	u8 space;
	u8 width;	/* bits */
	u8 offset;
	u8 access_size;	/* 1 byte, 2 word, 3 double word */
	u64 address;
} __packed;

#define ADDRESS_IO	1

struct fadt {
	struct table_header header;
	u32 facs;
	u32 dsdt;
	u8 reserved0;
	u8 profile;
	u16 sci;
	u32 smi_command;
	u8 acpi_enable, acpi_disable, s4bios_request, pstate_control;
	u32 pm1a_event, pm1b_event;
	u32 pm1a_control, pm1b_control;
	u32 pm2_control, pm_timer;
	u32 gpe0, gpe1;
	u8 pm1_event_length, pm1_control_length;
	u8 pm2_control_length, pm_timer_length;
	u8 gpe0_length, gpe1_length, gpe1_base, cst_control;
	u16 c2_latency, c3_latency;
	u16 flush_size, flush_stride;
	u8 duty_offset, duty_width;
	u8 day_alarm, month_alarm, century;
	u16 boot_flags;
	u8 reserved1;
	u32 flags;
	struct address reset_register;
	u8 reset_value;
	u16 arm_boot_flags;
	u8 minor_revision;
	u64 x_facs, x_dsdt;
	struct address x_pm1a_event, x_pm1b_event;
	struct address x_pm1a_control, x_pm1b_control;
	struct address x_pm2_control, x_pm_timer;
	struct address x_gpe0, x_gpe1;
	struct address sleep_control, sleep_status;
	u64 hypervisor;
} __packed;

_Static_assert(sizeof(struct fadt) == 276, "FADT of ACPI 6");

#define FADT_REVISION		6
#define PROFILE_UNSPECIFIED	0
#define C2_UNSUPPORTED		101	/* microseconds: more than 100 */
#define C3_UNSUPPORTED		1001	/* more than 1000 */

#define FLAG_WBINVD		BIT(0)
#define FLAG_PROC_C1		BIT(2)
#define FLAG_NO_POWER_BUTTON	BIT(4)
#define FLAG_NO_SLEEP_BUTTON	BIT(5)
#define FLAG_NO_RTC_WAKE	BIT(6)
#define FLAG_RESET_REGISTER	BIT(10)

#define BOOT_LEGACY_DEVICES	BIT(0)
#define BOOT_NO_VGA		BIT(2)

struct madt {
	struct table_header header;
	u32 lapic;
	u32 flags;
} __packed;

#define MADT_PC_COMPATIBLE	1	/* there are 8259s, too */
#define MADT_REVISION		5

struct madt_lapic {
	u8 type;
	u8 length;
	u8 processor;
	u8 id;
	u32 flags;
} __packed;

struct madt_ioapic {
	u8 type;
	u8 length;
	u8 id;
	u8 reserved;
	u32 address;
	u32 gsi_base;
} __packed;

struct madt_lapic_nmi {
	u8 type;
	u8 length;
	u8 processor;
	u16 flags;
	u8 lint;
} __packed;

#define MADT_LAPIC		0
#define MADT_IOAPIC		1
#define MADT_LAPIC_NMI		4
#define LAPIC_ENABLED		1
#define ALL_PROCESSORS		0xff

/* The area that the tables go into, one behind the other. */
struct area {
	struct guest_memory *memory;
	u64 next;	/* guest address */
	bool full;
};

static void *reserve(struct area *area, size_t size, u64 *address)
{
	area->next = align_up(area->next, 64);
	if (size > GUEST_ACPI_END - area->next) {
		area->full = true;
		return NULL;
	}
	*address = area->next;
	area->next += size;
	return guest_ptr(area->memory, *address, size);
}

static u8 checksum(const void *bytes, size_t size)
{
	const u8 *p = bytes;
	u8 sum = 0;

	while (size--)
		sum += *p++;
	return -sum;
}

static void seal(struct table_header *header, const char *signature,
		 u8 revision, u32 length)
{
	memcpy(header->signature, signature, 4);
	header->length = length;
	header->revision = revision;
	memcpy(header->oem_id, "LHV   ", 6);
	memcpy(header->oem_table_id, "LHVGUEST", 8);
	header->oem_revision = 1;
	memcpy(header->creator_id, "LHV ", 4);
	header->creator_revision = 1;
	header->checksum = 0;
	header->checksum = checksum(header, length);
}

static u64 write_dsdt(struct area *area)
{
	static u8 contents[4096];
	struct table_header *header;
	u64 address = 0;
	size_t size;

	if (!dsdt_fill(contents, sizeof(contents), &size)) {
		area->full = true;
		return 0;
	}
	header = reserve(area, sizeof(*header) + size, &address);
	if (!header)
		return 0;
	memcpy(header + 1, contents, size);
	seal(header, "DSDT", 2, sizeof(*header) + size);
	return address;
}

static u64 write_facs(struct area *area)
{
	struct facs *facs;
	u64 address = 0;

	facs = reserve(area, sizeof(*facs), &address);
	if (!facs)
		return 0;
	memcpy(facs->signature, "FACS", 4);
	facs->length = sizeof(*facs);
	return address;
}

static struct address io_register(u64 port, u8 bytes)
{
	return (struct address){
		.space = ADDRESS_IO,
		.width = bytes * 8,
		.access_size = bytes > 2 ? 3 : bytes,
		.address = port,
	};
}

static void fill_fadt(struct fadt *fadt)
{
	fadt->profile = PROFILE_UNSPECIFIED;
	fadt->sci = GSI_ACPI_SCI;
	fadt->pm1a_event = PORT_PM1_EVENT;
	fadt->pm1_event_length = 4;
	fadt->x_pm1a_event = io_register(PORT_PM1_EVENT, 4);
	fadt->pm1a_control = PORT_PM1_CONTROL;
	fadt->pm1_control_length = 2;
	fadt->x_pm1a_control = io_register(PORT_PM1_CONTROL, 2);
	fadt->c2_latency = C2_UNSUPPORTED;
	fadt->c3_latency = C3_UNSUPPORTED;
	fadt->century = RTC_CENTURY;
	fadt->boot_flags = BOOT_LEGACY_DEVICES | BOOT_NO_VGA;
	fadt->flags = FLAG_WBINVD | FLAG_PROC_C1 | FLAG_NO_POWER_BUTTON |
		      FLAG_NO_SLEEP_BUTTON | FLAG_NO_RTC_WAKE |
		      FLAG_RESET_REGISTER;
	fadt->reset_register = io_register(PORT_RESET, 1);
	fadt->reset_value = RESET_FULL;
	memcpy(&fadt->hypervisor, "lhv", 3);
}

static u64 write_fadt(struct area *area)
{
	u64 address = 0, facs = write_facs(area), dsdt = write_dsdt(area);
	struct fadt *fadt;

	fadt = reserve(area, sizeof(*fadt), &address);
	if (!fadt)
		return 0;
	fill_fadt(fadt);
	fadt->facs = facs;
	fadt->dsdt = dsdt;
	fadt->x_dsdt = dsdt;
	seal(&fadt->header, "FACP", FADT_REVISION, sizeof(*fadt));
	return address;
}

static u64 write_madt(struct area *area, unsigned int cpus)
{
	size_t size = sizeof(struct madt) + cpus * sizeof(struct madt_lapic) +
		      sizeof(struct madt_ioapic) + sizeof(struct madt_lapic_nmi);
	struct madt_lapic_nmi *nmi;
	struct madt_ioapic *ioapic;
	struct madt_lapic *lapic;
	struct madt *madt;
	u64 address = 0;
	unsigned int i;

	madt = reserve(area, size, &address);
	if (!madt)
		return 0;
	madt->lapic = GUEST_LAPIC;
	madt->flags = MADT_PC_COMPATIBLE;
	lapic = (struct madt_lapic *)(madt + 1);
	for (i = 0; i < cpus; i++, lapic++)
		*lapic = (struct madt_lapic){ MADT_LAPIC, sizeof(*lapic), i, i,
					      LAPIC_ENABLED };
	ioapic = (struct madt_ioapic *)lapic;
	*ioapic = (struct madt_ioapic){ MADT_IOAPIC, sizeof(*ioapic), 0, 0,
					GUEST_IOAPIC, 0 };
	nmi = (struct madt_lapic_nmi *)(ioapic + 1);
	*nmi = (struct madt_lapic_nmi){ MADT_LAPIC_NMI, sizeof(*nmi),
					ALL_PROCESSORS, 0, 1 };
	seal(&madt->header, "APIC", MADT_REVISION, size);
	return address;
}

static void write_rsdp(struct rsdp *rsdp, u64 xsdt)
{
	memcpy(rsdp->signature, "RSD PTR ", 8);
	memcpy(rsdp->oem_id, "LHV   ", 6);
	rsdp->revision = 2;
	rsdp->length = sizeof(*rsdp);
	rsdp->xsdt = xsdt;
	rsdp->checksum = checksum(rsdp, offsetof(struct rsdp, length));
	rsdp->extended_checksum = checksum(rsdp, sizeof(*rsdp));
}

int acpi_write(struct guest_memory *memory, unsigned int cpus)
{
	struct area area = { .memory = memory, .next = GUEST_ACPI };
	struct rsdp *rsdp;
	struct xsdt *xsdt;
	u64 address = 0;

	rsdp = reserve(&area, sizeof(*rsdp), &address);
	xsdt = reserve(&area, sizeof(*xsdt), &address);
	xsdt->tables[0] = write_fadt(&area);
	xsdt->tables[1] = write_madt(&area, cpus);
	if (area.full)
		return host_error("the ACPI tables do not fit: use fewer CPUs");
	seal(&xsdt->header, "XSDT", 1, sizeof(*xsdt));
	write_rsdp(rsdp, address);
	return 0;
}
