// SPDX-License-Identifier: GPL-2.0
/*
 * ELF kernels with a PVH note: an uncompressed vmlinux, or any kernel that
 * speaks Xen's "x86/HVM direct boot ABI". The note of owner "Xen" and type
 * XEN_ELFNOTE_PHYS32_ENTRY (18) holds the entry's physical address.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>
#include "kernel.h"
#include "start.h"
#include "../run/layout.h"
#include "../run/memory.h"
#include "../run/report.h"

#define NOTE_OWNER		"Xen"
#define NOTE_PHYS32_ENTRY	18
#define NOTES_MAX		(64 * KIB)
#define COMMAND_LINE_MAX	2047	/* Linux x86; the ABI names no bound */
#define INITRD_MAX		0xffffffffULL	/* PVH guests start in 32 bits */

#define START_MAGIC		0x336ec578
#define START_VERSION		1	/* with a memory map */

struct start_info {
	u32 magic;
	u32 version;
	u32 flags;
	u32 nr_modules;
	u64 modules;
	u64 command_line;
	u64 rsdp;
	u64 memory_map;
	u32 nr_memory_map;
	u32 reserved;
};

struct start_module {
	u64 address;
	u64 size;
	u64 command_line;
	u64 reserved;
};

struct start_memory {
	u64 address;
	u64 size;
	u32 type;
	u32 reserved;
};

/* How the three lie together in guest memory. */
struct start_page {
	struct start_info info;
	struct start_module initrd;
	struct start_memory map[E820_MAX_RANGES];
};

static int damaged(const struct kernel *kernel, const char *what)
{
	return usage_error("%s: the ELF kernel's %s is damaged: build or fetch it again",
			   kernel->image.path, what);
}

static int add_segment(struct kernel *kernel, const Elf64_Phdr *phdr)
{
	struct kernel_segment *segment = &kernel->segments[kernel->nr_segments];
	u64 end;

	if (!phdr->p_memsz)
		return 0;
	if (phdr->p_filesz > phdr->p_memsz ||
	    phdr->p_offset > kernel->image.size ||
	    phdr->p_filesz > kernel->image.size - phdr->p_offset)
		return usage_error("%s: the ELF kernel is truncated: build or fetch it again",
				   kernel->image.path);
	if (__builtin_add_overflow(phdr->p_paddr, phdr->p_memsz, &end) ||
	    phdr->p_paddr < GUEST_HIGH_RAM || end > GUEST_PCI_WINDOW)
		return usage_error("%s: the ELF kernel wants to be at %#llx, where no memory is: link it between 1M and 3G",
				   kernel->image.path, (u64)phdr->p_paddr);
	segment->address = phdr->p_paddr;
	segment->file_offset = phdr->p_offset;
	segment->file_size = phdr->p_filesz;
	segment->memory_size = phdr->p_memsz;
	kernel->nr_segments++;
	if (end > kernel->end)
		kernel->end = end;
	return 0;
}

/* Steps through one note segment; -ENOENT if the entry is not there. */
static int find_entry(const u8 *notes, u64 size, u32 *entry)
{
	Elf64_Nhdr note;
	u64 at = 0, name, desc;

	while (size - at >= sizeof(note)) {
		memcpy(&note, notes + at, sizeof(note));
		name = at + sizeof(note);
		desc = name + align_up(note.n_namesz, 4);
		if (desc > size || note.n_descsz > size - desc)
			return -EINVAL;
		if (note.n_type == NOTE_PHYS32_ENTRY && note.n_descsz >= 4 &&
		    note.n_namesz == sizeof(NOTE_OWNER) &&
		    !memcmp(notes + name, NOTE_OWNER, sizeof(NOTE_OWNER))) {
			memcpy(entry, notes + desc, sizeof(*entry));
			return 0;
		}
		at = desc + align_up(note.n_descsz, 4);
		if (at > size)
			break;
	}
	return -ENOENT;
}

static int read_notes(struct kernel *kernel, const Elf64_Phdr *phdr)
{
	static u8 notes[NOTES_MAX];
	u32 entry;
	int ret;

	if (kernel->entry || phdr->p_filesz > sizeof(notes))
		return 0;
	if (image_read(&kernel->image, phdr->p_offset, notes, phdr->p_filesz))
		return damaged(kernel, "note segment");
	ret = find_entry(notes, phdr->p_filesz, &entry);
	if (ret == -EINVAL)
		return damaged(kernel, "note segment");
	if (!ret)
		kernel->entry = entry;
	return 0;
}

static int read_segments(struct kernel *kernel, const Elf64_Ehdr *ehdr)
{
	Elf64_Phdr phdr;
	unsigned int i;
	int ret = 0;

	if (ehdr->e_phentsize != sizeof(phdr) || !ehdr->e_phnum ||
	    ehdr->e_phnum > KERNEL_MAX_SEGMENTS)
		return damaged(kernel, "program header table");
	for (i = 0; i < ehdr->e_phnum && !ret; i++) {
		if (image_read(&kernel->image,
			       ehdr->e_phoff + i * sizeof(phdr), &phdr,
			       sizeof(phdr)))
			return damaged(kernel, "program header table");
		if (phdr.p_type == PT_LOAD)
			ret = add_segment(kernel, &phdr);
		else if (phdr.p_type == PT_NOTE)
			ret = read_notes(kernel, &phdr);
	}
	return ret;
}

static int prepare(const struct kernel *kernel, struct guest_memory *memory,
		   struct boot_state *state)
{
	struct start_page *page = guest_ptr(memory, GUEST_PVH_INFO, sizeof(*page));
	struct e820_range ranges[E820_MAX_RANGES];
	unsigned int i, n = guest_memory_map(memory, ranges);

	memset(page, 0, sizeof(*page));
	page->info.magic = START_MAGIC;
	page->info.version = START_VERSION;
	page->info.command_line = GUEST_COMMAND_LINE;
	page->info.rsdp = GUEST_ACPI;
	page->info.memory_map = GUEST_PVH_INFO + offsetof(struct start_page, map);
	page->info.nr_memory_map = n;
	if (kernel->initrd_size) {
		page->info.nr_modules = 1;
		page->info.modules = GUEST_PVH_INFO +
				     offsetof(struct start_page, initrd);
		page->initrd.address = kernel->initrd_address;
		page->initrd.size = kernel->initrd_size;
	}
	for (i = 0; i < n; i++) {
		page->map[i].address = ranges[i].start;
		page->map[i].size = ranges[i].size;
		page->map[i].type = ranges[i].type;
	}
	state->entry = kernel->entry;
	state->argument = GUEST_PVH_INFO;
	state->long_mode = false;
	return 0;
}

static const struct kernel_format pvh_format = {
	.name = "ELF/PVH",
	.prepare = prepare,
};

int pvh_probe(struct kernel *kernel)
{
	Elf64_Ehdr ehdr;
	int ret;

	if (image_read(&kernel->image, 0, &ehdr, SELFMAG) ||
	    memcmp(&ehdr, ELFMAG, SELFMAG))
		return -ENOEXEC;
	if (image_read(&kernel->image, 0, &ehdr, sizeof(ehdr)))
		return damaged(kernel, "header");
	if (ehdr.e_ident[EI_CLASS] != ELFCLASS64 ||
	    ehdr.e_ident[EI_DATA] != ELFDATA2LSB ||
	    ehdr.e_machine != EM_X86_64)
		return usage_error("%s: not an x86-64 ELF kernel: use a bzImage or vmlinux of that architecture",
				   kernel->image.path);
	ret = read_segments(kernel, &ehdr);
	if (ret)
		return ret;
	if (!kernel->nr_segments || !kernel->entry)
		return usage_error("%s: the ELF file has no PVH note: use the bzImage, or build with CONFIG_PVH",
				   kernel->image.path);
	if (!(kernel->entry >= GUEST_HIGH_RAM && kernel->entry < kernel->end))
		return damaged(kernel, "PVH note");
	kernel->format = &pvh_format;
	kernel->command_line_max = COMMAND_LINE_MAX;
	kernel->initrd_max = INITRD_MAX;
	return 0;
}
