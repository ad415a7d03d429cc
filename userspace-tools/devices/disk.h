/* SPDX-License-Identifier: GPL-2.0 */
/* Disks: the file behind one, and the virtio device in front of it. */
#ifndef LHV_DEVICES_DISK_H
#define LHV_DEVICES_DISK_H

#include "../run/options.h"

#define SECTOR_SIZE 512U

struct vm;
struct pci_host;

struct disk {
	const char *path;
	int fd;
	u64 sectors;
	bool read_only;
	bool can_punch;		/* a regular file: holes can be made in it */
};

/**
 * disk_open() - Open, check and lock a disk's file.
 * @disk: filled in
 * @option: from the command line
 *
 * The lock keeps two launchers from writing one disk; it goes with the process.
 *
 * Return: 0, or the exit status after one line was printed.
 */
int disk_open(struct disk *disk, const struct disk_option *option);

/**
 * virtio_blk_create() - Give the guest a disk.
 * @vm: the VM
 * @host: host bridge
 * @slot: PCI slot, 1 to 31
 * @disk: stays referenced
 *
 * Return: 0, or the exit status after one line was printed.
 */
int virtio_blk_create(struct vm *vm, struct pci_host *host, unsigned int slot,
		      const struct disk *disk);

/**
 * virtio_blk_finish() - Stop all disks; requests that run are finished first.
 */
void virtio_blk_finish(void);

#endif
