// SPDX-License-Identifier: GPL-2.0
/* Files behind disks: what is taken, and each refusal with its line. */
#include <string.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/disk.h"
#include "run/report.h"
#include "unit.h"

static char path[sizeof("/tmp/lhv-unit-disk.XXXXXX")];

static void make_disk(off_t size, mode_t mode)
{
	int fd;

	strcpy(path, "/tmp/lhv-unit-disk.XXXXXX");
	fd = EXPECT_OK(mkstemp(path));
	EXPECT_OK(ftruncate(fd, size));
	EXPECT_OK(fchmod(fd, mode));
	close(fd);
}

static int open_disk(struct disk *disk, const char *name, bool read_only)
{
	const struct disk_option option = { name, read_only };

	return disk_open(disk, &option);
}

static void good(void)
{
	struct disk disk;

	make_disk(1 << 20, 0600);
	EXPECT_EQ(open_disk(&disk, path, false), 0);
	unlink(path);
	EXPECT_EQ(disk.sectors, 2048);
	EXPECT(disk.can_punch);
	expect_no_message();
}

static void read_only(void)
{
	struct disk disk;

	make_disk(512, 0400);
	EXPECT_EQ(open_disk(&disk, path, false), STATUS_USAGE);
	expect_message("the disk is read-only");
	EXPECT_EQ(open_disk(&disk, path, true), 0);
	unlink(path);
	EXPECT(disk.read_only);
	EXPECT(!disk.can_punch);
	EXPECT_EQ(disk.sectors, 1);
}

static void odd_size(void)
{
	struct disk disk;

	make_disk(513, 0600);
	EXPECT_EQ(open_disk(&disk, path, false), STATUS_USAGE);
	unlink(path);
	expect_message("513 bytes are not a multiple of 512");
}

static void empty(void)
{
	struct disk disk;

	make_disk(0, 0600);
	EXPECT_EQ(open_disk(&disk, path, false), STATUS_USAGE);
	unlink(path);
	expect_message("the disk is empty");
}

static void not_files(void)
{
	struct disk disk;

	EXPECT_EQ(open_disk(&disk, "/nowhere/disk", false), STATUS_USAGE);
	expect_message("/nowhere/disk: cannot open the disk: No such file");
	EXPECT_EQ(open_disk(&disk, "/tmp", true), STATUS_USAGE);
	expect_message("/tmp: the disk is neither a file nor a block device");
	EXPECT_EQ(open_disk(&disk, "/dev/null", false), STATUS_USAGE);
	expect_message("/dev/null: the disk is neither a file nor");
}

static void locked(void)
{
	struct disk first, second;

	make_disk(512, 0600);
	EXPECT_EQ(open_disk(&first, path, false), 0);
	EXPECT_EQ(open_disk(&second, path, false), STATUS_USAGE);
	expect_message("in use by another guest");
	EXPECT_EQ(open_disk(&second, path, true), STATUS_USAGE);
	expect_message("in use by another guest");
	close(first.fd);
	EXPECT_EQ(open_disk(&first, path, true), 0);
	EXPECT_EQ(open_disk(&second, path, true), 0);
	unlink(path);
}

const struct tap_case disk_cases[] = {
	{ "good", good },
	{ "read_only", read_only },
	{ "odd_size", odd_size },
	{ "empty", empty },
	{ "not_files", not_files },
	{ "locked", locked },
	{ }
};
