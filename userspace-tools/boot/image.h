/* SPDX-License-Identifier: GPL-2.0 */
/* A file that goes into guest memory: opened and checked once, then read. */
#ifndef LHV_BOOT_IMAGE_H
#define LHV_BOOT_IMAGE_H

#include "../run/types.h"

struct image {
	const char *path;
	int fd;
	u64 size;	/* bytes, not 0 */
};

/**
 * image_open() - Open a kernel or an initrd.
 * @image: filled in
 * @path: file name
 * @what: what it is, for the message ("kernel", "initrd")
 *
 * Return: 0, or the exit status after one line was printed.
 */
int image_open(struct image *image, const char *path, const char *what);

/**
 * image_read() - Read a part of the file.
 * @image: an open image
 * @offset: bytes from the file's start
 * @to: buffer
 * @size: bytes wanted
 *
 * Return: 0, or -EIO unless every byte could be read.
 */
int image_read(const struct image *image, u64 offset, void *to, u64 size);

/**
 * image_close() - Close the file; harmless on an image that is not open.
 * @image: its path stays
 */
void image_close(struct image *image);

#endif
