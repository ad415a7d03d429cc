// SPDX-License-Identifier: GPL-2.0
/*
 * Starts the launcher and talks to it. The program is $LHV, or `lhv` beside
 * this one, or the one in PATH. What it prints on stderr comes with its stdout.
 */
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel-file.h"

static const char *launcher(void)
{
	static char beside[4096];
	const char *chosen = getenv("LHV");
	ssize_t n;

	if (chosen)
		return chosen;
	n = readlink("/proc/self/exe", beside, sizeof(beside) - 8);
	if (n > 0) {
		beside[n] = '\0';
		strcpy(strrchr(beside, '/') + 1, "lhv");
		if (!access(beside, X_OK))
			return beside;
	}
	return "lhv";
}

static void run_child(struct session *session, int kernel, const char *cpus)
{
	char kernel_path[64];
	sigset_t none;

	snprintf(kernel_path, sizeof(kernel_path), "/proc/self/fd/%d", kernel);
	/* The test runner's signal mask is not the user's. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execlp(launcher(), "lhv", "run", "--kernel", kernel_path, "--memory",
	       "16M", "--cpus", cpus, "--device", tap_device, "--status-json",
	       session->json, NULL);
	perror(launcher());
	_exit(127);
}

static void open_terminal(struct session *session)
{
	EXPECT_OK(openpty(&session->in, &session->tty, NULL, NULL, NULL));
	session->out = session->in;
	fcntl(session->in, F_SETFD, FD_CLOEXEC);
	tcgetattr(session->tty, &session->before);
}

void session_start(struct session *session, const struct guest *guest,
		   bool terminal, const char *cpus)
{
	int kernel = kernel_file(guest);
	int in[2], out[2];

	EXPECT(kernel >= 0);
	memset(session, 0, sizeof(*session));
	session->tty = -1;
	snprintf(session->json, sizeof(session->json), "/tmp/lhv-test.%d",
		 getpid());
	if (terminal) {
		open_terminal(session);
	} else {
		EXPECT_OK(pipe2(in, O_CLOEXEC));
		EXPECT_OK(pipe2(out, O_CLOEXEC));
		session->in = in[1];
		session->out = out[0];
	}
	session->pid = EXPECT_OK(fork());
	if (!session->pid) {
		if (terminal) {
			setsid();
			ioctl(session->tty, TIOCSCTTY, 0);
		}
		dup2(terminal ? session->tty : in[0], STDIN_FILENO);
		dup2(terminal ? session->tty : out[1], STDOUT_FILENO);
		dup2(terminal ? session->tty : out[1], STDERR_FILENO);
		run_child(session, kernel, cpus);
	}
	if (!terminal) {
		close(in[0]);
		close(out[1]);
	}
	close(kernel);
}

void session_type(struct session *session, const void *bytes, size_t size)
{
	EXPECT_EQ(write(session->in, bytes, size), size);
}

void session_end_input(struct session *session)
{
	close(session->in);
}

/* False at the end; a terminal's end shows as an error. */
static bool read_more(struct session *session)
{
	ssize_t n = read(session->out, session->output + session->size,
			 sizeof(session->output) - session->size - 1);

	if (n <= 0)
		return false;
	session->size += n;
	session->output[session->size] = '\0';
	return true;
}

void session_expect(struct session *session, const char *text)
{
	while (!strstr(session->output, text)) {
		if (!read_more(session))
			tap_fail(__FILE__, __LINE__, "no \"%s\" in \"%.300s\"",
				 text, session->output);
	}
}

int session_wait(struct session *session)
{
	int status;

	if (session->tty < 0) {
		while (read_more(session))
			;
	}
	EXPECT_OK(waitpid(session->pid, &status, 0));
	return status;
}

void session_expect_json(struct session *session, const char *text)
{
	char json[2048] = "";
	FILE *file = fopen(session->json, "r");

	EXPECT(file);
	json[fread(json, 1, sizeof(json) - 1, file)] = '\0';
	fclose(file);
	unlink(session->json);
	if (!strstr(json, text))
		tap_fail(__FILE__, __LINE__, "no %s in %s", text, json);
}

void session_expect_restored(struct session *session)
{
	struct termios now;

	memset(&now, 0, sizeof(now));	/* it has padding, as has "before" */
	EXPECT_OK(tcgetattr(session->tty, &now));
	EXPECT(!memcmp(&now, &session->before, sizeof(now)));
}

/* A launcher that was continued needs a moment; the case's limit bounds it. */
void session_expect_raw(struct session *session)
{
	struct termios now;

	do {
		usleep(1000);
		EXPECT_OK(tcgetattr(session->tty, &now));
	} while (now.c_lflag & (ICANON | ECHO | ISIG));
	EXPECT(!(now.c_oflag & OPOST));
}
