/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests of the launcher that need a hypervisor: `lhv run` is started as a user
 * would, on a pipe or on a terminal, with guests of a few instructions.
 */
#ifndef SELFTESTS_LAUNCHER_H
#define SELFTESTS_LAUNCHER_H

#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

#include "tap.h"

/* 32-bit code that is started as a PVH kernel; assembled in guests.S. */
struct guest {
	const char *code;
	const char *end;
};

#define GUEST(name) \
	extern const char guest_##name[], guest_##name##_end[]; \
	static const struct guest name = { guest_##name, guest_##name##_end }

/* A running launcher. */
struct session {
	pid_t pid;
	int in;			/* write end of its stdin, or the terminal */
	int out;		/* read end of its stdout and stderr, or the same */
	int tty;		/* the terminal's other side, or -1 */
	struct termios before;	/* the terminal's settings when it started */
	char output[65536];	/* all that came so far, ends in zero */
	size_t size;
	char json[64];		/* where --status-json goes */
};

/* Start it with pipes (@terminal false) or on a terminal of its own. */
void session_start(struct session *session, const struct guest *guest,
		   bool terminal, const char *cpus);

/* Send bytes to the guest, as if typed. */
void session_type(struct session *session, const void *bytes, size_t size);

/* Read until @text was seen; fails the case if the output ends before. */
void session_expect(struct session *session, const char *text);

/* No more input. */
void session_end_input(struct session *session);

/* Read all that is left and wait for the end; a status as waitpid() gives. */
int session_wait(struct session *session);

/* What the launcher has written about its end contains @text. */
void session_expect_json(struct session *session, const char *text);

/* The terminal's settings are what they were / are raw now. */
void session_expect_restored(struct session *session);
void session_expect_raw(struct session *session);

extern const struct tap_case ending_cases[];
extern const struct tap_case console_cases[];
extern const struct tap_case terminal_cases[];

#endif
