// SPDX-License-Identifier: GPL-2.0
/* The user's terminal: raw while the guest runs, as before on every way out. */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

GUEST(off);
GUEST(echo);
GUEST(spin);
GUEST(triple_fault);

static struct session session;

static void escape(void)
{
	int status;

	session_start(&session, &spin, true, "2");
	session_expect(&session, "R\n");
	session_expect_raw(&session);
	session_type(&session, "\1x", 2);
	status = session_wait(&session);
	EXPECT(WIFEXITED(status));
	EXPECT_EQ(WEXITSTATUS(status), 6);
	session_expect_restored(&session);
	session_expect_json(&session, "\"ending\": \"escape\"");
}

static void escape_twice(void)
{
	session_start(&session, &echo, true, "1");
	session_expect(&session, "R\n");
	session_type(&session, "a\1\1b\1c\3Q", 8);
	session_expect(&session, "a\1bc\3Q");
	EXPECT_EQ(session_wait(&session), 0);
	session_expect_restored(&session);
}

static void powered_off(void)
{
	session_start(&session, &off, true, "1");
	EXPECT_EQ(session_wait(&session), 0);
	session_expect_restored(&session);
}

static void fault(void)
{
	session_start(&session, &triple_fault, true, "1");
	EXPECT_EQ(WEXITSTATUS(session_wait(&session)), 4);
	session_expect_restored(&session);
}

static void expect_killed(int number)
{
	int status;

	session_start(&session, &spin, true, "1");
	session_expect(&session, "R\n");
	session_expect_raw(&session);
	EXPECT_OK(kill(session.pid, number));
	status = session_wait(&session);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == number);
	session_expect_restored(&session);
}

static void terminated(void)
{
	expect_killed(SIGTERM);
}

static void crashed(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	expect_killed(SIGSEGV);
}

static void suspended(void)
{
	int status;

	session_start(&session, &echo, true, "1");
	session_expect(&session, "R\n");
	EXPECT_OK(kill(session.pid, SIGTSTP));
	EXPECT_EQ(waitpid(session.pid, &status, WUNTRACED), session.pid);
	EXPECT(WIFSTOPPED(status));
	session_expect_restored(&session);
	EXPECT_OK(kill(session.pid, SIGCONT));
	session_type(&session, "z", 1);
	session_expect(&session, "z");
	session_expect_raw(&session);
	session_type(&session, "Q", 1);
	EXPECT_EQ(session_wait(&session), 0);
	session_expect_restored(&session);
}

const struct tap_case terminal_cases[] = {
	{ "escape_key", escape },
	{ "escape_key_twice", escape_twice },
	{ "power_off", powered_off },
	{ "triple_fault", fault },
	{ "sigterm", terminated },
	{ "sigsegv", crashed },
	{ "suspend_and_continue", suspended },
	{ }
};
