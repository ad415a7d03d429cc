// SPDX-License-Identifier: GPL-2.0
/*
 * Makes an ELF kernel with a PVH note out of a guest's code, in memory. Called
 * by session.c; knows the ELF format and nothing of the launcher.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel-file.h"

#define LOAD_ADDRESS	0x200000
#define PHYS32_ENTRY	18

struct kernel_file {
	Elf64_Ehdr ehdr;
	Elf64_Phdr load;
	Elf64_Phdr note;
	Elf64_Nhdr note_header;
	char owner[4];
	Elf64_Word entry;
};

int kernel_file(const struct guest *guest)
{
	size_t size = guest->end - guest->code;
	struct kernel_file file = {
		.ehdr = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
				     ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_phoff = offsetof(struct kernel_file, load),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 2,
		},
		.load = {
			.p_type = PT_LOAD,
			.p_offset = sizeof(file),
			.p_paddr = LOAD_ADDRESS,
			.p_filesz = size,
			.p_memsz = size,
		},
		.note = {
			.p_type = PT_NOTE,
			.p_offset = offsetof(struct kernel_file, note_header),
			.p_filesz = sizeof(Elf64_Nhdr) + 8,
		},
		.note_header = { 4, 4, PHYS32_ENTRY },
		.owner = "Xen",
		.entry = LOAD_ADDRESS,
	};
	int fd = memfd_create("kernel", 0);

	if (fd < 0 || write(fd, &file, sizeof(file)) != sizeof(file) ||
	    write(fd, guest->code, size) != (ssize_t)size)
		return -1;
	return fd;
}
