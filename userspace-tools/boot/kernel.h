/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernels: what a file says about itself, checked before any guest exists, and
 * how it gets into guest memory. This folder knows guest memory (../run) and
 * no device; who calls it is ../run/run.c.
 */
#ifndef LHV_BOOT_KERNEL_H
#define LHV_BOOT_KERNEL_H

#include <asm/bootparam.h>
#include "image.h"

struct guest_memory;
struct kernel;

/* ELF program headers that a kernel may have; real ones have five or so. */
#define KERNEL_MAX_SEGMENTS 32

struct kernel_segment {
	u64 address;	/* guest physical */
	u64 file_offset;
	u64 file_size;
	u64 memory_size;	/* the rest is zero */
};

/* What the boot processor is to find when it starts. */
struct boot_state {
	u64 entry;	/* guest physical address of the first instruction */
	u64 argument;	/* boot_params in RSI, or PVH start info in EBX */
	bool long_mode;	/* else 32-bit protected mode without paging */
};

struct kernel_format {
	const char *name;
	/* Fill in the boot processor's state; all else is in memory already. */
	int (*prepare)(const struct kernel *kernel, struct guest_memory *memory,
		       struct boot_state *state);
};

struct kernel {
	struct image image;
	const struct kernel_format *format;
	struct kernel_segment segments[KERNEL_MAX_SEGMENTS];
	unsigned int nr_segments;
	u64 entry;
	u64 end;		/* behind all that the kernel needs while booting */
	u64 initrd_max;		/* highest address that an initrd may occupy */
	u32 command_line_max;	/* bytes without the final zero */
	struct setup_header header;	/* bzImage only */
	/* Filled in while loading. */
	u64 initrd_address;
	u64 initrd_size;
	u64 command_line_size;
};

/**
 * kernel_open() - Open a kernel file and find out what it is.
 * @kernel: filled in; @kernel->image is open on success
 * @path: bzImage or ELF file
 *
 * Return: 0, or the exit status after one line was printed.
 */
int kernel_open(struct kernel *kernel, const char *path);

/**
 * kernel_check_fit() - Check that kernel, initrd and command line fit.
 * @kernel: from kernel_open()
 * @initrd: open image, or NULL
 * @command_line: for the guest
 * @low_ram_end: end of the RAM that starts at address 0
 *
 * Return: 0, or the exit status after one line was printed.
 */
int kernel_check_fit(struct kernel *kernel, const struct image *initrd,
		     const char *command_line, u64 low_ram_end);

/**
 * kernel_load() - Put kernel, initrd and command line into guest memory.
 * @kernel: checked by kernel_check_fit() with the same arguments
 * @initrd: open image, or NULL
 * @command_line: for the guest
 * @memory: guest memory, zeroed
 * @state: how the boot processor starts
 *
 * Return: 0, or the exit status after one line was printed.
 */
int kernel_load(struct kernel *kernel, const struct image *initrd,
		const char *command_line, struct guest_memory *memory,
		struct boot_state *state);

/*
 * The formats: each reads what it needs from @kernel->image and answers 0 with
 * @kernel filled in, -ENOEXEC if the file is something else, or an exit status
 * after one line was printed.
 */
int bzimage_probe(struct kernel *kernel);
int pvh_probe(struct kernel *kernel);

#endif
