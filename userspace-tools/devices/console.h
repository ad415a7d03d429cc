/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bytes between the serial port and the user: output is collected so that
 * a vCPU does not wait for the terminal, input is searched for the escape key.
 */
#ifndef LHV_DEVICES_CONSOLE_H
#define LHV_DEVICES_CONSOLE_H

#include <pthread.h>
#include "../run/loop.h"
#include "../run/outcome.h"

#define CONSOLE_OUTPUT_SIZE 16384
#define CONSOLE_INPUT_SIZE 4096

struct console {
	struct outcome *outcome;
	/* Input for the serial port: how much it takes, and here it is. */
	size_t (*room)(void *opaque);
	void (*receive)(void *opaque, const u8 *bytes, size_t count);
	void *opaque;

	pthread_mutex_t lock;	/* guards output_* */
	pthread_cond_t drained;
	u8 output[CONSOLE_OUTPUT_SIZE];
	size_t output_count;
	bool output_closed;	/* nobody reads any more: throw it away */

	/* Main thread only. */
	struct loop_source wake;
	struct loop_source input;
	struct loop_source flush_timer;
	u8 pending[CONSOLE_INPUT_SIZE];	/* read, but no room in the port yet */
	size_t pending_count;
	bool terminal;
	bool escape_seen;
};

/**
 * console_create() - Connect stdin and stdout to the main loop.
 * @console: room, receive, opaque and outcome filled in by the caller
 * @loop: the main loop
 *
 * Return: 0, or the exit status after one line was printed.
 */
int console_create(struct console *console, struct loop *loop);

/**
 * console_put() - Send a byte to the user.
 * @console: the console
 * @byte: what the guest wrote
 *
 * Any thread; waits while the buffer is full, so not under a lock that
 * room() or receive() take.
 */
void console_put(struct console *console, u8 byte);

/**
 * console_want_input() - Tell the main loop that there is room for input again.
 * @console: the console
 *
 * Any thread.
 */
void console_want_input(struct console *console);

/**
 * console_release() - Let go whoever waits in console_put().
 * @console: the console; outcome_ended() is true
 */
void console_release(struct console *console);

/**
 * console_finish() - Write out what is left; the vCPUs have stopped.
 * @console: the console
 */
void console_finish(struct console *console);

#endif
