// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel files: good ones of both formats, and each way of being wrong. The
 * files are made here, field by field.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "boot/kernel.h"
#include "run/layout.h"
#include "run/memory.h"
#include "run/report.h"
#include "unit.h"

#define LOW_RAM		(128 * MIB)
#define SETUP_SECTORS	4
#define PAYLOAD_OFFSET	((SETUP_SECTORS + 1) * 512)
#define PAYLOAD_SIZE	4096

static struct kernel kernel;

static struct bz {
	u8 bytes[PAYLOAD_OFFSET + PAYLOAD_SIZE];
} bz;

static struct setup_header *bz_header(void)
{
	return (struct setup_header *)(bz.bytes + 0x1f1);
}

static void make_bz(void)
{
	struct setup_header *header = bz_header();

	memset(&bz, 0x5a, sizeof(bz));
	memset(header, 0, sizeof(*header));
	header->setup_sects = SETUP_SECTORS;
	header->syssize = PAYLOAD_SIZE / 16;
	header->boot_flag = 0xaa55;
	header->jump = 0x6aeb;
	header->header = 0x53726448;
	header->version = 0x020f;
	header->loadflags = LOADED_HIGH;
	header->xloadflags = XLF_KERNEL_64;
	header->initrd_addr_max = 0x7fffffff;
	header->cmdline_size = 2047;
	header->pref_address = 16 * MIB;
	header->init_size = 8 * MIB;
}

static int open_bz(size_t size)
{
	return kernel_open(&kernel, file_with(&bz, size));
}

static void bz_good(void)
{
	make_bz();
	EXPECT_EQ(open_bz(sizeof(bz)), 0);
	EXPECT(!strcmp(kernel.format->name, "bzImage"));
	EXPECT_EQ(kernel.entry, 16 * MIB + 0x200);
	EXPECT_EQ(kernel.end, 24 * MIB);
	EXPECT_EQ(kernel.nr_segments, 1);
	EXPECT_EQ(kernel.segments[0].file_offset, PAYLOAD_OFFSET);
	EXPECT_EQ(kernel.segments[0].file_size, PAYLOAD_SIZE);
	EXPECT_EQ(kernel.command_line_max, 2047);
	expect_no_message();
}

/* An old kernel's 0 stands for 4 setup sectors. */
static void bz_default_sectors(void)
{
	make_bz();
	bz_header()->setup_sects = 0;
	EXPECT_EQ(open_bz(sizeof(bz)), 0);
	EXPECT_EQ(kernel.segments[0].file_offset, 5 * 512);
}

static void bz_truncated(void)
{
	static const size_t sizes[] = {
		0x206, 0x210, 0x250, 1024, PAYLOAD_OFFSET, PAYLOAD_OFFSET + 1,
		PAYLOAD_OFFSET + PAYLOAD_SIZE - 16,
	};
	size_t i;

	make_bz();
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(open_bz(sizes[i]), STATUS_USAGE);
		expect_message("the kernel is truncated");
	}
}

static void not_a_kernel(void)
{
	static const size_t sizes[] = { 1, 4, 511, 0x1f1, 0x1fe, 0x205, 4096 };
	static u8 zeroes[4096];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(kernel_open(&kernel, file_with(zeroes, sizes[i])),
			  STATUS_USAGE);
		expect_message("not a kernel");
	}
	make_bz();
	bz_header()->header ^= 1;
	EXPECT_EQ(open_bz(sizeof(bz)), STATUS_USAGE);
	expect_message("not a kernel");
	make_bz();
	bz_header()->boot_flag = 0;
	EXPECT_EQ(open_bz(sizeof(bz)), STATUS_USAGE);
	expect_message("not a kernel");
}

static void bz_unusable(void)
{
	make_bz();
	bz_header()->version = 0x020b;
	EXPECT_EQ(open_bz(sizeof(bz)), STATUS_USAGE);
	expect_message("no 64-bit entry");
	make_bz();
	bz_header()->xloadflags = 0;
	EXPECT_EQ(open_bz(sizeof(bz)), STATUS_USAGE);
	expect_message("no 64-bit entry");
	make_bz();
	bz_header()->loadflags = 0;
	EXPECT_EQ(open_bz(sizeof(bz)), STATUS_USAGE);
	expect_message("zImage");
	make_bz();
	bz_header()->pref_address = 0x1000;
	EXPECT_EQ(open_bz(sizeof(bz)), STATUS_USAGE);
	expect_message("where no memory is");
	make_bz();
	bz_header()->pref_address = ~0ULL;
	EXPECT_EQ(open_bz(sizeof(bz)), STATUS_USAGE);
	expect_message("where no memory is");
	make_bz();
	bz_header()->syssize = 0;
	EXPECT_EQ(open_bz(sizeof(bz)), STATUS_USAGE);
	expect_message("truncated");
	make_bz();
	bz_header()->syssize = 0xffffffff;
	EXPECT_EQ(open_bz(sizeof(bz)), STATUS_USAGE);
	expect_message("truncated");
}

static struct elf {
	Elf64_Ehdr ehdr;
	Elf64_Phdr load;
	Elf64_Phdr note;
	Elf64_Nhdr note_header;
	char owner[4];
	u32 entry;
	u8 code[64];
} elf;

static void make_elf(void)
{
	memset(&elf, 0, sizeof(elf));
	memcpy(elf.ehdr.e_ident, ELFMAG, SELFMAG);
	elf.ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	elf.ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	elf.ehdr.e_machine = EM_X86_64;
	elf.ehdr.e_phoff = offsetof(struct elf, load);
	elf.ehdr.e_phentsize = sizeof(Elf64_Phdr);
	elf.ehdr.e_phnum = 2;
	elf.load.p_type = PT_LOAD;
	elf.load.p_offset = offsetof(struct elf, code);
	elf.load.p_paddr = 2 * MIB;
	elf.load.p_filesz = sizeof(elf.code);
	elf.load.p_memsz = 8192;
	elf.note.p_type = PT_NOTE;
	elf.note.p_offset = offsetof(struct elf, note_header);
	elf.note.p_filesz = sizeof(Elf64_Nhdr) + 8;
	elf.note_header.n_namesz = 4;
	elf.note_header.n_descsz = 4;
	elf.note_header.n_type = 18;
	memcpy(elf.owner, "Xen", 4);
	elf.entry = 2 * MIB;
}

static int open_elf(size_t size)
{
	return kernel_open(&kernel, file_with(&elf, size));
}

static void elf_good(void)
{
	make_elf();
	EXPECT_EQ(open_elf(sizeof(elf)), 0);
	EXPECT(!strcmp(kernel.format->name, "ELF/PVH"));
	EXPECT_EQ(kernel.entry, 2 * MIB);
	EXPECT_EQ(kernel.end, 2 * MIB + 8192);
}

/* Each changes one field of a good file, and names the line it must give. */
static void foreign(void)
{
	elf.ehdr.e_machine = EM_AARCH64;
}

static void class32(void)
{
	elf.ehdr.e_ident[EI_CLASS] = ELFCLASS32;
}

static void no_headers(void)
{
	elf.ehdr.e_phnum = 0;
}

static void many_headers(void)
{
	elf.ehdr.e_phnum = 0xfffe;
}

static void headers_outside(void)
{
	elf.ehdr.e_phoff = ~0ULL - 32;
}

static void segment_outside(void)
{
	elf.load.p_offset = ~0ULL;
}

static void segment_too_long(void)
{
	elf.load.p_filesz = 128;
}

static void segment_wraps(void)
{
	elf.load.p_memsz = ~0ULL;
}

static void segment_low(void)
{
	elf.load.p_paddr = 0;
}

static void segment_high(void)
{
	elf.load.p_paddr = GUEST_PCI_WINDOW;
}

static void note_outside(void)
{
	elf.note.p_offset = ~0ULL - 4;
}

static void note_long_name(void)
{
	elf.note_header.n_namesz = 0xffffffff;
}

static void note_long_value(void)
{
	elf.note_header.n_descsz = 0xfffffff0;
}

static void note_of_others(void)
{
	memcpy(elf.owner, "GNU", 4);
}

static void entry_outside(void)
{
	elf.entry = 64 * MIB;
}

static const struct {
	void (*spoil)(void);
	const char *message;
} spoilt[] = {
	{ foreign, "not an x86-64 ELF kernel" },
	{ class32, "not an x86-64 ELF kernel" },
	{ no_headers, "program header table is damaged" },
	{ many_headers, "program header table is damaged" },
	{ headers_outside, "program header table is damaged" },
	{ segment_outside, "truncated" },
	{ segment_too_long, "truncated" },
	{ segment_wraps, "where no memory is" },
	{ segment_low, "where no memory is" },
	{ segment_high, "where no memory is" },
	{ note_outside, "note segment is damaged" },
	{ note_long_name, "note segment is damaged" },
	{ note_long_value, "note segment is damaged" },
	{ note_of_others, "no PVH note" },
	{ entry_outside, "PVH note is damaged" },
};

static void elf_unusable(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(spoilt); i++) {
		make_elf();
		spoilt[i].spoil();
		EXPECT_EQ(open_elf(sizeof(elf)), STATUS_USAGE);
		expect_message(spoilt[i].message);
	}
	make_elf();
	EXPECT_EQ(open_elf(20), STATUS_USAGE);
	expect_message("header is damaged");
	EXPECT_EQ(open_elf(offsetof(struct elf, code) + 63), STATUS_USAGE);
	expect_message("truncated");
}

/* Random bytes behind both magics must never do worse than be refused. */
static void random_files(void)
{
	unsigned int round, i;
	u8 *bytes;

	srandom(1);
	for (round = 0; round < 4000; round++) {
		make_bz();
		make_elf();
		bytes = round % 2 ? bz.bytes + 0x1f1 : (u8 *)&elf;
		for (i = 0; i < 8; i++)
			bytes[random() % 120] = random();
		if (round % 2 ? open_bz(sizeof(bz)) : open_elf(sizeof(elf)))
			catch_messages();
		else
			image_close(&kernel.image);
	}
}

static void fit(void)
{
	struct image initrd = { .path = "initrd", .fd = -1 };
	static char long_line[3000];

	make_bz();
	EXPECT_EQ(open_bz(sizeof(bz)), 0);
	EXPECT_EQ(kernel_check_fit(&kernel, NULL, "", 24 * MIB), 0);
	EXPECT_EQ(kernel_check_fit(&kernel, NULL, "", 24 * MIB - 4096),
		  STATUS_USAGE);
	expect_message("too little for /proc");
	initrd.size = 4 * MIB + 1;
	EXPECT_EQ(kernel_check_fit(&kernel, &initrd, "", 28 * MIB), STATUS_USAGE);
	expect_message("too little for initrd");
	initrd.size = 4 * MIB;
	EXPECT_EQ(kernel_check_fit(&kernel, &initrd, "", 28 * MIB), 0);
	EXPECT_EQ(kernel.initrd_address, 24 * MIB);
	initrd.size = ~0ULL;
	EXPECT_EQ(kernel_check_fit(&kernel, &initrd, "", LOW_RAM), STATUS_USAGE);
	expect_message("too little for initrd");
	memset(long_line, 'x', 2048);
	EXPECT_EQ(kernel_check_fit(&kernel, NULL, long_line, LOW_RAM),
		  STATUS_USAGE);
	expect_message("--append: 2048 characters are more than the 2047");
	long_line[2047] = '\0';
	EXPECT_EQ(kernel_check_fit(&kernel, NULL, long_line, LOW_RAM), 0);
}

static void load(void)
{
	struct guest_memory memory;
	struct boot_state state;
	struct boot_params *params;

	make_bz();
	EXPECT_EQ(open_bz(sizeof(bz)), 0);
	EXPECT_EQ(guest_memory_create(&memory, 64 * MIB), 0);
	EXPECT_EQ(kernel_check_fit(&kernel, NULL, "hello", 64 * MIB), 0);
	EXPECT_EQ(kernel_load(&kernel, NULL, "hello", &memory, &state), 0);
	EXPECT(state.long_mode);
	EXPECT_EQ(state.entry, 16 * MIB + 0x200);
	EXPECT_EQ(memory.host[16 * MIB + PAYLOAD_SIZE - 1], 0x5a);
	EXPECT(!strcmp((char *)memory.host + GUEST_COMMAND_LINE, "hello"));
	params = (struct boot_params *)(memory.host + state.argument);
	EXPECT_EQ(params->hdr.cmd_line_ptr, GUEST_COMMAND_LINE);
	EXPECT_EQ(params->sentinel, 0);
	EXPECT_EQ(params->e820_entries, 5);
	EXPECT_EQ(params->e820_table[3].addr, MIB);
	EXPECT_EQ(params->e820_table[3].size, 63 * MIB);
	guest_memory_destroy(&memory);
}

static void memory_holes(void)
{
	struct guest_memory memory;

	EXPECT_EQ(guest_memory_create(&memory, GUEST_PCI_WINDOW + MIB), 0);
	EXPECT_EQ(memory.low_size, GUEST_PCI_WINDOW);
	EXPECT(guest_ptr(&memory, 0, 1) == memory.host);
	EXPECT(guest_ptr(&memory, GUEST_PCI_WINDOW - 1, 1));
	EXPECT(!guest_ptr(&memory, GUEST_PCI_WINDOW - 1, 2));
	EXPECT(!guest_ptr(&memory, GUEST_PCI_WINDOW, 1));
	EXPECT(!guest_ptr(&memory, GUEST_RAM_ABOVE_4G - 1, 1));
	EXPECT(guest_ptr(&memory, GUEST_RAM_ABOVE_4G, MIB));
	EXPECT(!guest_ptr(&memory, GUEST_RAM_ABOVE_4G, MIB + 1));
	EXPECT(!guest_ptr(&memory, GUEST_RAM_ABOVE_4G + MIB, 0));
	EXPECT(!guest_ptr(&memory, 0, ~0ULL));
	EXPECT(!guest_ptr(&memory, ~0ULL, 1));
	EXPECT(!guest_ptr(&memory, ~0ULL, ~0ULL));
	guest_memory_destroy(&memory);
}

const struct tap_case kernel_cases[] = {
	{ "bzimage_good", bz_good },
	{ "bzimage_default_setup_sectors", bz_default_sectors },
	{ "bzimage_truncated", bz_truncated },
	{ "bzimage_unusable", bz_unusable },
	{ "not_a_kernel", not_a_kernel },
	{ "elf_good", elf_good },
	{ "elf_unusable", elf_unusable },
	{ "random_files", random_files },
	{ "fit", fit },
	{ "load", load },
	{ "memory_holes", memory_holes },
	{ }
};
