// SPDX-License-Identifier: GPL-2.0
/*
 * The file or block device behind a disk: everything that can be wrong with it
 * is found here, before there is a guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "disk.h"
#include "../run/report.h"

/* A mode without write permission is meant even where root could ignore it. */
static int open_file(struct disk *disk, struct stat *st)
{
	int flags = disk->read_only ? O_RDONLY : O_RDWR;

	disk->fd = open(disk->path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (disk->fd < 0 && (errno == EACCES || errno == EROFS || errno == EPERM) &&
	    !disk->read_only && !access(disk->path, R_OK))
		return usage_error("%s: the disk is read-only: make it writable, or add \",ro\"",
				   disk->path);
	if (disk->fd < 0)
		return usage_error("%s: cannot open the disk: %s: check the name",
				   disk->path, strerror(errno));
	if (fstat(disk->fd, st))
		return host_error("%s: %s", disk->path, strerror(errno));
	if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode))
		return usage_error("%s: the disk is neither a file nor a block device: name one",
				   disk->path);
	if (!disk->read_only && !(st->st_mode & 0222))
		return usage_error("%s: the disk is read-only: make it writable, or add \",ro\"",
				   disk->path);
	return 0;
}

static int read_size(struct disk *disk, const struct stat *st)
{
	u64 bytes = st->st_size;

	if (S_ISBLK(st->st_mode) && ioctl(disk->fd, BLKGETSIZE64, &bytes))
		return host_error("%s: cannot read the disk's size: %s", disk->path,
				  strerror(errno));
	if (!bytes)
		return usage_error("%s: the disk is empty: make it bigger, e.g. truncate -s 1G",
				   disk->path);
	if (bytes % SECTOR_SIZE)
		return usage_error("%s: the disk's %llu bytes are not a multiple of %u: round its size, e.g. truncate -s %%%u",
				   disk->path, bytes, SECTOR_SIZE, SECTOR_SIZE);
	disk->sectors = bytes / SECTOR_SIZE;
	disk->can_punch = S_ISREG(st->st_mode) && !disk->read_only;
	return 0;
}

static int lock(struct disk *disk)
{
	struct flock lock = {
		.l_type = disk->read_only ? F_RDLCK : F_WRLCK,
		.l_whence = SEEK_SET,
	};

	if (!fcntl(disk->fd, F_OFD_SETLK, &lock))
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return usage_error("%s: the disk is in use by another guest: end that one, or copy the disk",
				   disk->path);
	return 0;	/* a file system without locks */
}

int disk_open(struct disk *disk, const struct disk_option *option)
{
	struct stat st;
	int ret;

	disk->path = option->path;
	disk->read_only = option->read_only;
	ret = open_file(disk, &st);
	if (!ret)
		ret = read_size(disk, &st);
	if (!ret)
		ret = lock(disk);
	if (ret && disk->fd >= 0) {
		close(disk->fd);
		disk->fd = -1;
	}
	return ret;
}
