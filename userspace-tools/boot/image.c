// SPDX-License-Identifier: GPL-2.0
/*
 * Files that are loaded into guest memory. They are read, not mapped: a file
 * that somebody truncates meanwhile is then an error, not a signal.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "image.h"
#include "../run/report.h"

int image_open(struct image *image, const char *path, const char *what)
{
	struct stat st;

	image->path = path;
	/* O_NONBLOCK: a FIFO named by mistake must not hang us. */
	image->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (image->fd < 0)
		return usage_error("%s: cannot open the %s: %s: check the name",
				   path, what, strerror(errno));
	if (fstat(image->fd, &st) || !S_ISREG(st.st_mode)) {
		image_close(image);
		return usage_error("%s: the %s is not a regular file: name a file",
				   path, what);
	}
	image->size = st.st_size;
	if (!image->size) {
		image_close(image);
		return usage_error("%s: the %s is empty: build or fetch it again",
				   path, what);
	}
	return 0;
}

int image_read(const struct image *image, u64 offset, void *to, u64 size)
{
	u64 done = 0;
	ssize_t n;

	if (offset > image->size || size > image->size - offset)
		return -EIO;
	while (done < size) {
		n = pread(image->fd, (char *)to + done, size - done, offset + done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -EIO;
		done += n;
	}
	return 0;
}

void image_close(struct image *image)
{
	if (image->fd >= 0)
		close(image->fd);
	image->fd = -1;
}
