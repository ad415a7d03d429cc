// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory as one memfd. Shared memory can be handed to other processes
 * and looked at from outside; the guest's two pieces are neighbours in the
 * file, so the file's size is the guest's.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "layout.h"
#include "memory.h"
#include "report.h"

u64 guest_memory_low_size(u64 size)
{
	return size < GUEST_PCI_WINDOW ? size : GUEST_PCI_WINDOW;
}

int guest_memory_check(u64 size)
{
	u64 host = (u64)sysconf(_SC_PHYS_PAGES) * (u64)sysconf(_SC_PAGE_SIZE);

	if (size > host)
		return usage_error("--memory: %lluM is more than the host's %lluM: give less",
				   size / MIB, host / MIB);
	return 0;
}

int guest_memory_create(struct guest_memory *memory, u64 size)
{
	memory->size = size;
	memory->low_size = guest_memory_low_size(size);
	memory->fd = memfd_create("lhv-guest", MFD_CLOEXEC);
	if (memory->fd < 0)
		return host_error("cannot create guest memory: %s", strerror(errno));
	if (ftruncate(memory->fd, size)) {
		close(memory->fd);
		return host_error("cannot reserve %lluM of guest memory: %s",
				  size / MIB, strerror(errno));
	}
	memory->host = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_NORESERVE, memory->fd, 0);
	if (memory->host == MAP_FAILED) {
		close(memory->fd);
		return host_error("cannot map %lluM of guest memory: %s",
				  size / MIB, strerror(errno));
	}
	/* Both are wishes: a core file without the guest, and large pages. */
	madvise(memory->host, size, MADV_DONTDUMP);
	madvise(memory->host, size, MADV_HUGEPAGE);
	return 0;
}

void guest_memory_destroy(struct guest_memory *memory)
{
	munmap(memory->host, memory->size);
	close(memory->fd);
}

void *guest_ptr(const struct guest_memory *memory, u64 address, u64 size)
{
	u64 high_size = memory->size - memory->low_size;
	u64 offset;

	if (address < memory->low_size && size <= memory->low_size - address)
		return memory->host + address;
	if (address < GUEST_RAM_ABOVE_4G)
		return NULL;
	offset = address - GUEST_RAM_ABOVE_4G;
	if (offset >= high_size || size > high_size - offset)
		return NULL;
	return memory->host + memory->low_size + offset;
}

unsigned int guest_memory_map(const struct guest_memory *memory,
			      struct e820_range ranges[E820_MAX_RANGES])
{
	const struct e820_range all[] = {
		{ 0, GUEST_LOW_RAM_END, E820_RAM },
		{ GUEST_LOW_RAM_END, 0xa0000 - GUEST_LOW_RAM_END, E820_RESERVED },
		{ GUEST_ACPI, GUEST_ACPI_END - GUEST_ACPI, E820_RESERVED },
		{ GUEST_HIGH_RAM, memory->low_size - GUEST_HIGH_RAM, E820_RAM },
		{ GUEST_IDENTITY_MAP, GUEST_KVM_END - GUEST_IDENTITY_MAP,
		  E820_RESERVED },
		{ GUEST_RAM_ABOVE_4G, memory->size - memory->low_size, E820_RAM },
	};
	unsigned int i, n = 0;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		if (all[i].size)
			ranges[n++] = all[i];
	}
	return n;
}
