// SPDX-License-Identifier: GPL-2.0
/*
 * The only place that prints messages of the launcher's own. Called from
 * everywhere, knows nothing of anyone. Lines end in CR LF where the terminal
 * is raw, which costs nothing where it is not.
 */
#include <stdarg.h>
#include <unistd.h>
#include "report.h"

FILE *report_stream;

static void report(const char *format, va_list args)
{
	FILE *out = report_stream ? report_stream : stderr;
	char line[1024];

	vsnprintf(line, sizeof(line), format, args);
	fprintf(out, "lhv run: %s%s\n", line, isatty(fileno(out)) ? "\r" : "");
	fflush(out);
}

int usage_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(format, args);
	va_end(args);
	return STATUS_USAGE;
}

int host_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(format, args);
	va_end(args);
	return STATUS_HOST;
}

void report_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(format, args);
	va_end(args);
}
