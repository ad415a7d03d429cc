// SPDX-License-Identifier: GPL-2.0
/*
 * Console of the serial port. Output: vCPU threads append to a buffer, the
 * main thread writes it out a few milliseconds later, or at once when there is
 * much of it: a write a byte would cost more than the guest's own exit.
 * Input: kept until the port has room, so that nothing piped is lost; on a
 * terminal it is read in any case, for the escape key must work when the guest
 * does not.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "console.h"
#include "../run/report.h"
#include "../run/terminal.h"

#define ESCAPE_KEY	('A' & 0x1f)
#define QUIT_KEY	'x'
#define CHUNK		512		/* a pipe that polls writable takes it */
#define FLUSH_DELAY	2000000		/* nanoseconds */

/* Writes what a single write() takes; false if nothing can be written now. */
static bool write_some(struct console *console, int timeout)
{
	struct pollfd fd = { .fd = STDOUT_FILENO, .events = POLLOUT };
	u8 chunk[CHUNK];
	size_t size;
	ssize_t n;

	pthread_mutex_lock(&console->lock);
	size = console->output_count < CHUNK ? console->output_count : CHUNK;
	memcpy(chunk, console->output, size);
	pthread_mutex_unlock(&console->lock);
	if (!size || poll(&fd, 1, timeout) <= 0)
		return false;
	n = write(STDOUT_FILENO, chunk, size);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;

	pthread_mutex_lock(&console->lock);
	if (n < 0) {
		console->output_closed = true;
		n = console->output_count;
	}
	console->output_count -= n;
	memmove(console->output, console->output + n, console->output_count);
	pthread_cond_broadcast(&console->drained);
	pthread_mutex_unlock(&console->lock);
	return true;
}

static void set_flush_timer(struct console *console, bool on)
{
	struct itimerspec when = { .it_value.tv_nsec = on ? FLUSH_DELAY : 0 };

	timerfd_settime(console->flush_timer.fd, 0, &when, NULL);
}

/* Somebody who does not read must not keep the main loop from signals. */
static void on_flush(void *opaque, short events)
{
	struct console *console = opaque;
	u64 expirations;
	bool left;

	if (read(console->flush_timer.fd, &expirations, sizeof(expirations)) < 0)
		return;
	while (write_some(console, 0))
		;
	pthread_mutex_lock(&console->lock);
	left = console->output_count;
	pthread_mutex_unlock(&console->lock);
	if (left)
		set_flush_timer(console, true);
}

/* Hands the port what it has room for. */
static void feed(struct console *console)
{
	size_t n = console->room(console->opaque);

	if (n > console->pending_count)
		n = console->pending_count;
	if (n) {
		console->receive(console->opaque, console->pending, n);
		console->pending_count -= n;
		memmove(console->pending, console->pending + n,
			console->pending_count);
	}
	if (console->input.fd >= 0)
		console->input.events = console->terminal ||
			console->pending_count < CONSOLE_INPUT_SIZE ? POLLIN : 0;
}

static void on_wake(void *opaque, short events)
{
	struct console *console = opaque;
	eventfd_t count;

	eventfd_read(console->wake.fd, &count);
	feed(console);
}

void console_put(struct console *console, u8 byte)
{
	bool first;

	pthread_mutex_lock(&console->lock);
	while (console->output_count == CONSOLE_OUTPUT_SIZE &&
	       !outcome_ended(console->outcome))
		pthread_cond_wait(&console->drained, &console->lock);
	first = !console->output_count;
	if (!console->output_closed &&
	    console->output_count < CONSOLE_OUTPUT_SIZE)
		console->output[console->output_count++] = byte;
	pthread_mutex_unlock(&console->lock);
	if (first)
		set_flush_timer(console, true);
}

void console_want_input(struct console *console)
{
	eventfd_write(console->wake.fd, 1);
}

/* Passes input on; returns how many bytes are left for the guest. */
static size_t take_escapes(struct console *console, u8 *bytes, size_t count)
{
	size_t i, kept = 0;

	for (i = 0; i < count; i++) {
		if (!console->escape_seen) {
			console->escape_seen = bytes[i] == ESCAPE_KEY;
			if (!console->escape_seen)
				bytes[kept++] = bytes[i];
			continue;
		}
		console->escape_seen = false;
		if (bytes[i] == QUIT_KEY) {
			outcome_end(console->outcome, ENDING_ESCAPE, "%s", "");
			return 0;
		}
		/* Escape twice is the key itself; before others it is nothing. */
		bytes[kept++] = bytes[i];
	}
	return kept;
}

/* What a full buffer does not take is lost, as on a real serial line. */
static void keep(struct console *console, const u8 *bytes, size_t count)
{
	size_t space = CONSOLE_INPUT_SIZE - console->pending_count;

	if (count > space)
		count = space;
	memcpy(console->pending + console->pending_count, bytes, count);
	console->pending_count += count;
}

static void on_input(void *opaque, short events)
{
	struct console *console = opaque;
	size_t space = CONSOLE_INPUT_SIZE - console->pending_count;
	u8 bytes[64];
	ssize_t n;

	if (console->terminal || space > sizeof(bytes))
		space = sizeof(bytes);
	n = read(STDIN_FILENO, bytes, space);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {	/* end of input: the guest goes on without */
		console->input.fd = -1;
		console->input.events = 0;
		return;
	}
	if (console->terminal)
		n = take_escapes(console, bytes, n);
	keep(console, bytes, n);
	feed(console);
}

int console_create(struct console *console, struct loop *loop)
{
	pthread_mutex_init(&console->lock, NULL);
	pthread_cond_init(&console->drained, NULL);
	console->terminal = isatty(STDIN_FILENO);
	console->wake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	console->flush_timer.fd = timerfd_create(CLOCK_MONOTONIC,
						 TFD_CLOEXEC | TFD_NONBLOCK);
	if (console->wake.fd < 0 || console->flush_timer.fd < 0)
		return host_error("cannot create the console's events: %s",
				  strerror(errno));
	console->wake.events = POLLIN;
	console->wake.handle = on_wake;
	console->wake.opaque = console;
	console->flush_timer.events = POLLIN;
	console->flush_timer.handle = on_flush;
	console->flush_timer.opaque = console;
	console->input.fd = STDIN_FILENO;
	console->input.events = POLLIN;
	console->input.handle = on_input;
	console->input.opaque = console;
	loop_add(loop, &console->wake);
	loop_add(loop, &console->flush_timer);
	loop_add(loop, &console->input);
	return 0;
}

void console_release(struct console *console)
{
	pthread_mutex_lock(&console->lock);
	pthread_cond_broadcast(&console->drained);
	pthread_mutex_unlock(&console->lock);
}

/* Whoever has not read for a second will not see the rest. */
void console_finish(struct console *console)
{
	while (write_some(console, 1000))
		;
}
