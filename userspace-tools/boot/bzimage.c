// SPDX-License-Identifier: GPL-2.0
/*
 * The Linux x86 boot protocol, by its 64-bit entry. Facts from the kernel's
 * "The Linux/x86 Boot Protocol". The guest starts in long mode with an
 * identity mapping of the first 4 GiB, behind what real firmware and a boot
 * loader would have done; nothing of the kernel's 16-bit part runs.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "kernel.h"
#include "start.h"
#include "../run/layout.h"
#include "../run/memory.h"
#include "../run/report.h"

#define HEADER_OFFSET		offsetof(struct boot_params, hdr)
#define HEADER_MAGIC		0x53726448	/* "HdrS" */
#define BOOT_FLAG		0xaa55
#define VERSION_64BIT_ENTRY	0x020c		/* first with xloadflags */
#define ENTRY_64		0x200
#define SECTOR			512
#define LOADER_UNDEFINED	0xff
#define MIN_INITRD_MAX		0x37ffffff	/* what old kernels took */

static int check_header(const struct kernel *kernel)
{
	const struct setup_header *header = &kernel->header;
	const char *path = kernel->image.path;

	if (header->version < VERSION_64BIT_ENTRY ||
	    !(header->xloadflags & XLF_KERNEL_64))
		return usage_error("%s: the kernel has no 64-bit entry: use a 64-bit kernel, 3.8 or newer",
				   path);
	if (!(header->loadflags & LOADED_HIGH))
		return usage_error("%s: the kernel is a zImage: build a bzImage", path);
	if (header->pref_address < GUEST_HIGH_RAM ||
	    header->pref_address >= GUEST_PCI_WINDOW)
		return usage_error("%s: the kernel wants to be at %#llx, where no memory is: the file is damaged",
				   path, header->pref_address);
	return 0;
}

/* The protected-mode part is all that is loaded, at the preferred address. */
static int place_payload(struct kernel *kernel)
{
	const struct setup_header *header = &kernel->header;
	u64 sectors = header->setup_sects ? header->setup_sects : 4;
	u64 start = (sectors + 1) * SECTOR;
	u64 size = (u64)header->syssize * 16;
	struct kernel_segment *segment = &kernel->segments[0];

	if (!size || start >= kernel->image.size)
		return usage_error("%s: the kernel is truncated: build or fetch it again",
				   kernel->image.path);
	/* syssize counts in paragraphs: the last one may be cut short. */
	if (size > kernel->image.size - start &&
	    size - (kernel->image.size - start) >= 16)
		return usage_error("%s: the kernel is truncated, %llu of %llu bytes: build or fetch it again",
				   kernel->image.path, kernel->image.size,
				   start + size);
	if (size > kernel->image.size - start)
		size = kernel->image.size - start;
	segment->address = header->pref_address;
	segment->file_offset = start;
	segment->file_size = size;
	segment->memory_size = size > header->init_size ? size : header->init_size;
	kernel->nr_segments = 1;
	kernel->entry = segment->address + ENTRY_64;
	kernel->end = segment->address + segment->memory_size;
	return 0;
}

/*
 * The header's own length is in its jump: behind it is code, which must not
 * be taken for fields that an older kernel does not have.
 */
static void cut_header(struct setup_header *header)
{
	size_t end = 0x202 + (header->jump >> 8) - HEADER_OFFSET;

	if (end < sizeof(*header))
		memset((u8 *)header + end, 0, sizeof(*header) - end);
}

static int prepare(const struct kernel *kernel, struct guest_memory *memory,
		   struct boot_state *state)
{
	struct boot_params *params = guest_ptr(memory, GUEST_BOOT_PARAMS,
					       sizeof(*params));
	struct e820_range ranges[E820_MAX_RANGES];
	unsigned int i, n = guest_memory_map(memory, ranges);

	memset(params, 0, sizeof(*params));
	params->hdr = kernel->header;
	params->hdr.type_of_loader = LOADER_UNDEFINED;
	params->hdr.loadflags &= ~(QUIET_FLAG | CAN_USE_HEAP);
	params->hdr.cmd_line_ptr = GUEST_COMMAND_LINE;
	params->hdr.ramdisk_image = kernel->initrd_address;
	params->hdr.ramdisk_size = kernel->initrd_size;
	params->hdr.vid_mode = 0xffff;	/* "normal": there is no screen */
	params->acpi_rsdp_addr = GUEST_ACPI;
	for (i = 0; i < n; i++) {
		params->e820_table[i].addr = ranges[i].start;
		params->e820_table[i].size = ranges[i].size;
		params->e820_table[i].type = ranges[i].type;
	}
	params->e820_entries = n;
	start_write_long_mode(memory);
	state->entry = kernel->entry;
	state->argument = GUEST_BOOT_PARAMS;
	state->long_mode = true;
	return 0;
}

static const struct kernel_format bzimage_format = {
	.name = "bzImage",
	.prepare = prepare,
};

int bzimage_probe(struct kernel *kernel)
{
	struct setup_header *header = &kernel->header;
	int ret;

	if (image_read(&kernel->image, HEADER_OFFSET, header,
		       offsetof(struct setup_header, version)))
		return -ENOEXEC;
	if (header->header != HEADER_MAGIC || header->boot_flag != BOOT_FLAG)
		return -ENOEXEC;
	if (image_read(&kernel->image, HEADER_OFFSET, header, sizeof(*header)))
		return usage_error("%s: the kernel is truncated: build or fetch it again",
				   kernel->image.path);
	cut_header(header);
	ret = check_header(kernel);
	if (!ret)
		ret = place_payload(kernel);
	if (ret)
		return ret;
	kernel->format = &bzimage_format;
	kernel->command_line_max = header->cmdline_size;
	kernel->initrd_max = header->initrd_addr_max ? header->initrd_addr_max :
						       MIN_INITRD_MAX;
	return 0;
}
