// SPDX-License-Identifier: GPL-2.0
/*
 * What all kernel formats have in common: which one a file is, whether it and
 * its initrd fit, and copying them into guest memory.
 */
#include <errno.h>
#include <string.h>
#include "kernel.h"
#include "../run/layout.h"
#include "../run/memory.h"
#include "../run/report.h"

static int (*const probes[])(struct kernel *kernel) = {
	bzimage_probe,
	pvh_probe,
};

int kernel_open(struct kernel *kernel, const char *path)
{
	size_t i;
	int ret;

	memset(kernel, 0, sizeof(*kernel));
	ret = image_open(&kernel->image, path, "kernel");
	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		ret = probes[i](kernel);
		if (ret != -ENOEXEC)
			break;
	}
	if (ret == -ENOEXEC)
		ret = usage_error("%s: not a kernel: give a bzImage or an ELF vmlinux",
				  path);
	if (ret)
		image_close(&kernel->image);
	return ret;
}

static u64 smaller(u64 a, u64 b)
{
	return a < b ? a : b;
}

int kernel_check_fit(struct kernel *kernel, const struct image *initrd,
		     const char *command_line, u64 low_ram_end)
{
	u64 size = strlen(command_line);
	u64 top, end;

	if (size > kernel->command_line_max ||
	    size >= GUEST_COMMAND_LINE_END - GUEST_COMMAND_LINE)
		return usage_error("--append: %llu characters are more than the %u that %s takes: shorten it",
				   size, kernel->command_line_max,
				   kernel->image.path);
	kernel->command_line_size = size;
	if (kernel->end > low_ram_end)
		return usage_error("--memory: %lluM is too little for %s: give at least %lluM",
				   low_ram_end / MIB, kernel->image.path,
				   align_up(kernel->end, MIB) / MIB + 1);
	if (!initrd)
		return 0;
	top = align_down(smaller(low_ram_end, kernel->initrd_max + 1), 4 * KIB);
	end = align_up(kernel->end, 4 * KIB);
	if (initrd->size > (top > end ? top - end : 0))
		return usage_error("--memory: %lluM is too little for %s beside the kernel: give at least %lluM",
				   low_ram_end / MIB, initrd->path,
				   (kernel->end + initrd->size) / MIB + 1);
	kernel->initrd_size = initrd->size;
	kernel->initrd_address = align_down(top - initrd->size, 4 * KIB);
	return 0;
}

static int load_part(const struct image *image, u64 offset, u64 address,
		     u64 size, struct guest_memory *memory)
{
	void *to = guest_ptr(memory, address, size);

	if (!to || image_read(image, offset, to, size))
		return usage_error("%s: cannot be read to its end: check the disk it is on",
				   image->path);
	return 0;
}

int kernel_load(struct kernel *kernel, const struct image *initrd,
		const char *command_line, struct guest_memory *memory,
		struct boot_state *state)
{
	const struct kernel_segment *segment;
	unsigned int i;
	int ret;

	for (i = 0; i < kernel->nr_segments; i++) {
		segment = &kernel->segments[i];
		ret = load_part(&kernel->image, segment->file_offset,
				segment->address, segment->file_size, memory);
		if (ret)
			return ret;
	}
	if (initrd) {
		ret = load_part(initrd, 0, kernel->initrd_address,
				kernel->initrd_size, memory);
		if (ret)
			return ret;
	}
	memcpy(guest_ptr(memory, GUEST_COMMAND_LINE,
			 kernel->command_line_size + 1),
	       command_line, kernel->command_line_size + 1);
	return kernel->format->prepare(kernel, memory, state);
}
