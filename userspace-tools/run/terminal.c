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
static bool is_raw;	/* atomic: a signal handler looks at it */

static const int own_faults[] = {
	SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGXCPU, SIGXFSZ,
};

void terminal_restore(void)
{
	if (__atomic_exchange_n(&is_raw, false, __ATOMIC_SEQ_CST))
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

	if (__atomic_load_n(&is_raw, __ATOMIC_SEQ_CST))
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
	__atomic_store_n(&is_raw, true, __ATOMIC_SEQ_CST);
	if (!tcsetattr(STDIN_FILENO, TCSANOW, &raw))
		return true;
	terminal_restore();
	return false;
}
