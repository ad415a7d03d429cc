// SPDX-License-Identifier: GPL-2.0
/*
 * Raw mode and its undoing. Ways out: return from main() and exit() by
 * atexit(); SIGTERM and its like end the main loop, which calls
 * terminal_restore(); faults of the launcher itself are caught here.
 */
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>
#include "terminal.h"
#include "types.h"

static struct termios saved;
static volatile sig_atomic_t is_raw;

static const int own_faults[] = {
	SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGXCPU, SIGXFSZ,
};

void terminal_restore(void)
{
	if (!is_raw)
		return;
	is_raw = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

/* SA_RESETHAND has put the default action back: raising it again is fatal. */
static void restore_and_die(int signal)
{
	terminal_restore();
	raise(signal);
}

static void catch_own_faults(void)
{
	struct sigaction action = {
		.sa_handler = restore_and_die,
		.sa_flags = SA_RESETHAND | SA_NODEFER,
	};
	size_t i;

	sigemptyset(&action.sa_mask);
	for (i = 0; i < ARRAY_SIZE(own_faults); i++)
		sigaction(own_faults[i], &action, NULL);
}

bool terminal_raw(void)
{
	static bool prepared;
	struct termios raw;

	if (is_raw)
		return true;
	if (!isatty(STDIN_FILENO) || tcgetpgrp(STDIN_FILENO) != getpgrp() ||
	    tcgetattr(STDIN_FILENO, &saved))
		return false;
	if (!prepared) {
		prepared = true;
		atexit(terminal_restore);
		catch_own_faults();
	}
	raw = saved;
	cfmakeraw(&raw);
	is_raw = 1;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw))
		terminal_restore();
	return is_raw;
}
