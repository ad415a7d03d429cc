// SPDX-License-Identifier: GPL-2.0
/* What goes through the serial port, on pipes: nothing lost, nothing hung. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

GUEST(digits);
GUEST(echo);
GUEST(print_for_ever);
GUEST(devices);

#define NR_DIGITS 20000

static struct session session;

static void all_output(void)
{
	size_t i;

	session_start(&session, &digits, false, "1");
	EXPECT_EQ(session_wait(&session), 0);
	EXPECT_EQ(session.size, NR_DIGITS + 1);
	for (i = 0; i < NR_DIGITS; i++)
		EXPECT_EQ(session.output[i], '0' + i % 10);
}

/* More than the port, the launcher and the pipe's first page hold. */
static void all_input(void)
{
	char text[6000];
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = 'a' + i % 26;
	text[sizeof(text) - 1] = 'Q';
	session_start(&session, &echo, false, "1");
	session_type(&session, text, sizeof(text));
	session_end_input(&session);
	EXPECT_EQ(session_wait(&session), 0);
	EXPECT_EQ(session.size, sizeof(text) + 2);
	EXPECT(!memcmp(session.output + 2, text, sizeof(text)));
}

/* The escape key is for terminals: here it is a byte like others. */
static void escape_in_pipe(void)
{
	session_start(&session, &echo, false, "1");
	session_type(&session, "\1xQ", 3);
	EXPECT_EQ(session_wait(&session), 0);
	EXPECT(!strcmp(session.output, "R\n\1xQ"));
}

static void reader_gone(void)
{
	int status;

	session_start(&session, &print_for_ever, false, "1");
	session_expect(&session, "xxx");
	close(session.out);
	usleep(50000);
	EXPECT_OK(kill(session.pid, SIGTERM));
	EXPECT_OK(waitpid(session.pid, &status, 0));
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

/* The vCPU waits for room in the pipe; the launcher must still end. */
static void reader_asleep(void)
{
	int status;

	session_start(&session, &print_for_ever, false, "1");
	session_expect(&session, "xxx");
	usleep(300000);
	EXPECT_OK(kill(session.pid, SIGTERM));
	EXPECT_OK(waitpid(session.pid, &status, 0));
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static void registers_read_back(void)
{
	session_start(&session, &devices, false, "1");
	EXPECT_EQ(session_wait(&session), 0);
	EXPECT(!strcmp(session.output, "Y\n"));
}

const struct tap_case console_cases[] = {
	{ "all_output_arrives", all_output },
	{ "all_input_arrives", all_input },
	{ "escape_key_in_a_pipe", escape_in_pipe },
	{ "reader_gone", reader_gone },
	{ "reader_asleep", reader_asleep },
	{ "loopback_and_clock", registers_read_back },
	{ }
};
