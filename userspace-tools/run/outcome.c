// SPDX-License-Identifier: GPL-2.0
/*
 * How the guest ended, as a line, an exit status and JSON: one table. Devices
 * and exit handlers call outcome_end(); run.c tells the user.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "outcome.h"
#include "report.h"

static const struct {
	const char *name;	/* for scripts */
	const char *text;	/* for people; NULL: nothing to say */
	int status;
} endings[] = {
	[ENDING_NONE] = { "running", "the guest has not ended", 1 },
	[ENDING_POWER_OFF] = { "power-off", NULL, 0 },
	[ENDING_RESET] = { "reset", "the guest asked for a reset", 3 },
	[ENDING_TRIPLE_FAULT] = { "triple-fault", "the guest triple-faulted", 4 },
	[ENDING_INTERNAL_ERROR] = { "internal-error",
				    "the hypervisor could not go on", 5 },
	[ENDING_ESCAPE] = { "escape", "ended by Ctrl-A x", 6 },
	[ENDING_CRASH] = { "crash", "the guest reported a crash", 7 },
	[ENDING_SIGNAL] = { "signal", "ended by a signal", 128 },
	[ENDING_HOST_ERROR] = { "host-error", "the host failed", 1 },
};

int outcome_init(struct outcome *outcome)
{
	memset(outcome, 0, sizeof(*outcome));
	pthread_mutex_init(&outcome->lock, NULL);
	outcome->event_fd = eventfd(0, EFD_CLOEXEC);
	if (outcome->event_fd < 0)
		return host_error("cannot create an eventfd: %s", strerror(errno));
	return 0;
}

void outcome_end(struct outcome *outcome, enum ending ending,
		 const char *detail, ...)
{
	va_list args;

	pthread_mutex_lock(&outcome->lock);
	if (outcome->ending == ENDING_NONE) {
		va_start(args, detail);
		vsnprintf(outcome->detail, sizeof(outcome->detail), detail, args);
		va_end(args);
		__atomic_store_n(&outcome->ending, ending, __ATOMIC_RELEASE);
		eventfd_write(outcome->event_fd, 1);
	}
	pthread_mutex_unlock(&outcome->lock);
}

void outcome_end_by_signal(struct outcome *outcome, int signal)
{
	outcome_end(outcome, ENDING_SIGNAL, "%s", strsignal(signal));
	pthread_mutex_lock(&outcome->lock);
	if (outcome->ending == ENDING_SIGNAL && !outcome->signal)
		outcome->signal = signal;
	pthread_mutex_unlock(&outcome->lock);
}

bool outcome_ended(struct outcome *outcome)
{
	return __atomic_load_n(&outcome->ending, __ATOMIC_ACQUIRE) != ENDING_NONE;
}

int outcome_status(const struct outcome *outcome)
{
	return endings[outcome->ending].status + outcome->signal;
}

void outcome_report(const struct outcome *outcome)
{
	const char *text = endings[outcome->ending].text;

	if (text)
		report_note("%s%s%s", text, *outcome->detail ? ": " : "",
			    outcome->detail);
}

static void write_string(FILE *file, const char *name, const char *text)
{
	const unsigned char *p;

	fprintf(file, "  \"%s\": \"", name);
	for (p = (const unsigned char *)text; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(file, "\\%c", *p);
		else if (*p < ' ')
			fprintf(file, "\\u%04x", *p);
		else
			fputc(*p, file);
	}
	fputs("\",\n", file);
}

int outcome_write_json(const struct outcome *outcome,
		       const struct outcome_facts *facts, const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return host_error("%s: cannot write the status: %s", path,
				  strerror(errno));
	fputs("{\n", file);
	write_string(file, "ending", endings[outcome->ending].name);
	write_string(file, "detail", outcome->detail);
	write_string(file, "device", facts->device);
	write_string(file, "kernel", facts->kernel);
	fprintf(file, "  \"exit_status\": %d,\n", outcome_status(outcome));
	fprintf(file, "  \"signal\": %d,\n", outcome->signal);
	fprintf(file, "  \"cpus\": %u,\n", facts->cpus);
	fprintf(file, "  \"memory_bytes\": %llu,\n", facts->memory);
	fprintf(file, "  \"run_microseconds\": %llu,\n", facts->run_microseconds);
	fprintf(file, "  \"user_exits\": %llu\n}\n", facts->user_exits);
	if (fclose(file))
		return host_error("%s: cannot write the status: %s", path,
				  strerror(errno));
	return 0;
}
