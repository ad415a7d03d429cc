// SPDX-License-Identifier: GPL-2.0
/* What all unit tests of the launcher share: caught messages, files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "run/report.h"
#include "unit.h"

static char *caught;
static size_t caught_size;

void catch_messages(void)
{
	report_stream = open_memstream(&caught, &caught_size);
	EXPECT(report_stream);
}

void expect_message(const char *text)
{
	fflush(report_stream);
	if (!strstr(caught, text))
		tap_fail(__FILE__, __LINE__, "no \"%s\" in \"%s\"", text, caught);
	EXPECT(!strncmp(caught, "lhv run: ", 9));
	EXPECT(strchr(caught, '\n') == caught + caught_size - 1);
	fclose(report_stream);
	free(caught);
	catch_messages();
}

void expect_no_message(void)
{
	fflush(report_stream);
	if (caught_size)
		tap_fail(__FILE__, __LINE__, "unexpected \"%s\"", caught);
}

const char *file_with(const void *bytes, size_t size)
{
	static char path[64];
	int fd = EXPECT_OK(memfd_create("unit", MFD_CLOEXEC));

	EXPECT_EQ(write(fd, bytes, size), size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}
