// SPDX-License-Identifier: GPL-2.0
/*
 * The first process of an emulated host (L1). It brings the machine up, runs
 * the commands of /host/plan one after another, and powers off. Started by
 * the host's kernel, heard by selftests/host/run over two serial lines: ttyS0
 * carries what this file says, ttyS1 is the kernel's console.
 *
 * A line on ttyS0 starts with '>' where a test printed it, and with '@' where
 * this process speaks, so that no test can forge a result. Time limits are in
 * cycles of the time-stamp counter, because an emulated second may last any
 * time. It knows nothing of what a test is.
 *
 * The plan, a line each:
 *	module PATH [PARAM...]	load a kernel module
 *	data DEVICE[,DEVICE] FSTYPE	mount DEVICE, or else the other, on /data
 *	test LIMIT COMMAND	run COMMAND for at most LIMIT million cycles
 *	interactive COMMAND	run COMMAND with ttyS0 as its terminal
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

/* Cycles that a killed test gets to leave the kernel. */
#define REAP_CYCLES	3000000000ULL
#define LINE_MAX_LEN	4000

static int out = 1;		/* ttyS0 */
static int kmsg = -1;

static void put(const char *buf, size_t len)
{
	while (len) {
		ssize_t n = write(out, buf, len);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (n > 0) {
			buf += n;
			len -= n;
		}
	}
}

__attribute__((format(printf, 1, 2)))
static void say(const char *fmt, ...)
{
	char line[512];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	put(line, n);
}

/* The same word on the kernel's line shows which test a splat belongs to. */
static void mark_kernel_log(const char *what, int test)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "<1>@lhv %s %d\n", what, test);

	/* Not dprintf(): it asks for the position, which this file refuses. */
	if (kmsg >= 0 && write(kmsg, line, n) != n)
		say("@ note /dev/kmsg: %s\n", strerror(errno));
}

static long read_number(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return strtol(text, NULL, 0);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		say("@ note %s: %s\n", path, strerror(errno));
	close(fd);
}

static const struct {
	const char *type;
	const char *where;
} filesystems[] = {
	{ "proc",	"/proc" },
	{ "sysfs",	"/sys" },
	{ "devtmpfs",	"/dev" },
	{ "devpts",	"/dev/pts" },
	{ "tmpfs",	"/dev/shm" },
	{ "tmpfs",	"/tmp" },
	{ "tmpfs",	"/run" },
	{ "debugfs",	"/sys/kernel/debug" },
	{ "tracefs",	"/sys/kernel/tracing" },
};

static void mount_all(void)
{
	size_t i;

	for (i = 0; i < sizeof(filesystems) / sizeof(filesystems[0]); i++) {
		mkdir(filesystems[i].where, 0755);
		mount(filesystems[i].type, filesystems[i].where,
		      filesystems[i].type, 0, NULL);
	}
}

static void open_line(void)
{
	struct termios t;
	int fd = open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (!tcgetattr(fd, &t)) {
		cfmakeraw(&t);
		t.c_cflag |= CLOCAL;
		tcsetattr(fd, TCSANOW, &t);
	}
	out = fd;
}

static void load_module(char *line)
{
	char *params = strchr(line, ' ');
	int fd;

	if (params)
		*params++ = 0;
	fd = open(line, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, params ? params : "", 0))
		say("@ module-failed %s: %s\n", line, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void mount_data(char *line)
{
	char *type = strchr(line, ' ');
	char *other = strchr(line, ',');
	int tries;

	if (!type)
		return;
	*type++ = 0;
	if (other)
		*other++ = 0;
	mkdir("/data", 0755);
	/* Disks are probed in the background, and named as they are found. */
	for (tries = 0; tries < 100; tries++) {
		struct timespec tick = { .tv_nsec = 50000000 };

		if (!mount(line, "/data", type, MS_RDONLY, NULL) ||
		    (other && !mount(other, "/data", type, MS_RDONLY, NULL)))
			return;
		nanosleep(&tick, NULL);
	}
	say("@ data-failed %s: %s\n", line, strerror(errno));
}

/* What a test printed, forwarded by whole lines. */
struct lines {
	char text[LINE_MAX_LEN + 2];
	size_t len;
};

static void flush_line(struct lines *l)
{
	l->text[l->len++] = '\n';
	put(">", 1);
	put(l->text, l->len);
	l->len = 0;
}

static void forward(struct lines *l, const char *buf, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (buf[i] == '\n' || l->len == LINE_MAX_LEN)
			flush_line(l);
		if (buf[i] != '\n')
			l->text[l->len++] = buf[i];
	}
}

/* Returns false at the end of the test's output. */
static int read_output(int fd, struct lines *l)
{
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n > 0)
		forward(l, buf, n);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static pid_t spawn(const char *command, int *output)
{
	int pipes[2];
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return -1;
	pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_RDONLY);

		setsid();
		dup2(null, 0);
		dup2(pipes[1], 1);
		dup2(pipes[1], 2);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(pipes[1]);
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	*output = pipes[0];
	return pid;
}

/* Reaps orphans too; returns true when the awaited process has ended. */
static int reap(pid_t pid, int *status)
{
	pid_t ended;
	int s;

	while ((ended = waitpid(-1, &s, WNOHANG)) > 0) {
		if (ended == pid) {
			*status = s;
			return 1;
		}
	}
	return 0;
}

static int exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/* What a test has taken; a suspend may begin the counter anew in between. */
struct meter {
	uint64_t seen, spent;
};

static uint64_t spent(struct meter *m)
{
	uint64_t now = __rdtsc();

	if (now > m->seen)
		m->spent += now - m->seen;
	m->seen = now;
	return m->spent;
}

/*
 * Wait for the test, forward its output, enforce its limit. Returns its exit
 * code, or -1 where it cannot even be killed.
 */
static int supervise(pid_t pid, int output, uint64_t limit, int test,
		     struct meter *m)
{
	struct lines l = { .len = 0 };
	int status = 0, killed = 0, open_output = 1, ended = 0;
	time_t last_beat = 0;

	while (!ended) {
		struct pollfd p = { .fd = open_output ? output : -1,
				    .events = POLLIN };
		struct timespec now;

		/*
		 * The end of the output usually comes first, the end of the
		 * process shortly after.
		 */
		poll(&p, 1, open_output ? 250 : 10);
		if (p.revents)
			open_output = read_output(output, &l);
		ended = reap(pid, &status);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec != last_beat) {
			last_beat = now.tv_sec;
			say("@ alive\n");
		}
		if (spent(m) > limit && !killed) {
			say("@ timeout %d\n", test);
			mark_kernel_log("timeout", test);
			write_file("/proc/sysrq-trigger", "w");
			kill(-pid, SIGKILL);
			killed = 1;
		}
		if (killed && spent(m) > limit + REAP_CYCLES)
			return -1;
	}
	/* What has been printed up to here; a daemon may keep the pipe. */
	while (open_output && poll(&(struct pollfd){ .fd = output,
				   .events = POLLIN }, 1, 0) > 0)
		open_output = read_output(output, &l);
	if (l.len)
		flush_line(&l);
	kill(-pid, SIGKILL);
	return exit_code(status);
}

static int run_test(int test, char *line)
{
	struct meter m = { .spent = 0 };
	uint64_t limit;
	char *command;
	int output, rc;
	pid_t pid;

	limit = strtoull(line, &command, 0) * 1000000;
	command += strspn(command, " ");
	say("@ start %d\n", test);
	mark_kernel_log("start", test);
	m.seen = __rdtsc();
	pid = spawn(command, &output);
	if (pid < 0) {
		say("@ note cannot start a process: %s\n", strerror(errno));
		return 0;
	}
	rc = supervise(pid, output, limit, test, &m);
	close(output);
	if (rc < 0) {
		write_file("/proc/sysrq-trigger", "l");
		write_file("/proc/sysrq-trigger", "t");
		say("@ stuck %d\n", test);
		return -1;
	}
	mark_kernel_log("end", test);
	say("@ end %d %d %ld %llu\n", test, rc,
	    read_number("/proc/sys/kernel/tainted"),
	    (unsigned long long)spent(&m));
	return 0;
}

/*
 * Give the line to a command as its terminal. Between the two marks on the
 * line everything belongs to the command.
 */
static void interact(const char *command)
{
	pid_t pid;
	int status = 0;

	say("@ interactive\n");
	tcdrain(out);
	pid = fork();
	if (!pid) {
		int tty;

		setsid();
		tty = open("/dev/ttyS0", O_RDWR);
		ioctl(tty, TIOCSCTTY, 1);
		dup2(tty, 0);
		dup2(tty, 1);
		dup2(tty, 2);
		execl("/bin/sh", "sh", "-c", "stty sane 115200; exec \"$@\"", "sh",
		      "sh", "-c", command, NULL);
		_exit(127);
	}
	while (pid > 0 && !reap(pid, &status))
		usleep(100000);
	close(out);
	open_line();
	say("\n@ left %d\n", exit_code(status));
}

static void follow_plan(void)
{
	FILE *plan = fopen("/host/plan", "re");
	char *line = NULL;
	size_t size = 0;
	int test = 0;

	if (!plan) {
		say("@ note no plan\n");
		return;
	}
	say("@ ready %ld\n", read_number("/proc/sys/kernel/tainted"));
	while (getline(&line, &size, plan) > 0) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, "module ", 7))
			load_module(line + 7);
		else if (!strncmp(line, "data ", 5))
			mount_data(line + 5);
		else if (!strncmp(line, "interactive ", 12))
			interact(line + 12);
		else if (!strncmp(line, "test ", 5) && run_test(test++, line + 5))
			break;
	}
	say("@ done\n");
}

int main(void)
{
	mount_all();
	open_line();
	kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	setenv("PATH", "/bin:/sbin:/tests", 1);
	setenv("HOME", "/", 1);
	setenv("TERM", "linux", 0);
	follow_plan();
	tcdrain(out);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
