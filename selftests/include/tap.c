// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a table of test cases and reports it as TAP with kselftest's exit codes.
 *
 * Called by the main() of each test program.  Each case has a process (and a
 * process group) of its own, with a time limit.  It knows nothing of what the
 * cases do.
 */
#include <fnmatch.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "tap.h"

/*
 * A case is hung only if it used up both limits: an emulated host may count
 * anything between a tenth and several times 10^9 TSC cycles as one second,
 * and a real one may be loaded.
 */
#define LIMIT_CYCLES	3000000000ULL
#define LIMIT_SECONDS	6
#define POLL_MS		100

enum verdict { V_PASS, V_FAIL, V_SKIP, V_COUNT };

/* What a case's process tells its parent besides the exit code. */
struct shared {
	char skip[160];
};

const char *tap_device;

static struct shared *shared;
static unsigned int totals[V_COUNT];

void tap_note(const char *fmt, ...)
{
	char buf[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	printf("# %s\n", buf);
	fflush(stdout);
}

void tap_fail(const char *file, int line, const char *fmt, ...)
{
	const char *base = strrchr(file, '/');
	char buf[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	tap_note("%s:%d: %s", base ? base + 1 : file, line, buf);
	_exit(TAP_EXIT_FAIL);
}

void tap_skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(shared->skip, sizeof(shared->skip), fmt, ap);
	va_end(ap);
	_exit(TAP_EXIT_SKIP);
}

void tap_expect_eq(unsigned long long got, unsigned long long want,
		   const char *what, const char *file, int line)
{
	if (got != want)
		tap_fail(file, line, "%s: got %#llx, want %#llx", what, got, want);
}

long tap_expect_ok(long ret, const char *what, const char *file, int line)
{
	int err = errno;

	if (ret < 0)
		tap_fail(file, line, "%s: %s", what, strerrorname_np(err));
	return ret;
}

void tap_expect_errno(long ret, int want, const char *what,
		      const char *file, int line)
{
	int err = errno;

	if (ret != -1)
		tap_fail(file, line, "%s: returned %ld, want %s", what, ret,
			 strerrorname_np(want));
	if (err != want)
		tap_fail(file, line, "%s: %s, want %s", what,
			 strerrorname_np(err) ?: "?", strerrorname_np(want));
}

static double now_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Waits for @pid within the limits; false if they ran out. */
static bool wait_limited(pid_t pid, const sigset_t *chld, int *status)
{
	const struct timespec step = { .tv_nsec = POLL_MS * 1000000L };
	unsigned long long t0 = __rdtsc();
	double s0 = now_seconds();

	while (waitpid(pid, status, WNOHANG) != pid) {
		if (__rdtsc() - t0 > LIMIT_CYCLES &&
		    now_seconds() - s0 > LIMIT_SECONDS)
			return false;
		sigtimedwait(chld, NULL, &step);
	}
	return true;
}

static enum verdict judge(int status)
{
	if (WIFSIGNALED(status)) {
		tap_note("killed by SIG%s", sigabbrev_np(WTERMSIG(status)));
		return V_FAIL;
	}
	switch (WEXITSTATUS(status)) {
	case TAP_EXIT_PASS:
		return V_PASS;
	case TAP_EXIT_SKIP:
		return V_SKIP;
	}
	return V_FAIL;
}

static void __attribute__((noreturn))
case_child(void (*fn)(void), const sigset_t *mask)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	fn();
	fflush(stdout);
	_exit(TAP_EXIT_PASS);
}

static enum verdict run_case(void (*fn)(void))
{
	enum verdict verdict;
	sigset_t chld, old;
	int status;
	pid_t pid;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &old);
	fflush(stdout);
	shared->skip[0] = '\0';

	pid = fork();
	if (!pid)
		case_child(fn, &old);
	if (pid < 0) {
		tap_note("fork: %s", strerror(errno));
		return V_FAIL;
	}
	setpgid(pid, pid);
	if (wait_limited(pid, &chld, &status)) {
		verdict = judge(status);
		kill(-pid, SIGKILL);
	} else {
		tap_note("timed out");
		verdict = V_FAIL;
		kill(-pid, SIGKILL);
		if (!wait_limited(pid, &chld, &status))
			tap_note("and cannot be killed");
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return verdict;
}

static void report(unsigned int nr, const char *name, enum verdict verdict)
{
	totals[verdict]++;
	printf("%sok %u %s", verdict == V_FAIL ? "not " : "", nr, name);
	if (verdict == V_SKIP)
		printf(" # SKIP %s", shared->skip);
	putchar('\n');
	fflush(stdout);
}

struct options {
	const char *only;
	const char *skip;
	bool list;
};

static bool selected(const char *name, const struct options *opt)
{
	if (opt->skip && !fnmatch(opt->skip, name, 0))
		return false;
	return !opt->only || strstr(name, opt->only) ||
	       !fnmatch(opt->only, name, 0);
}

/* Walks the selected cases; with @run runs them, else counts or lists them. */
static unsigned int walk(const struct tap_group *g, const struct options *opt,
			 bool run)
{
	const struct tap_case *c;
	unsigned int nr = 0;
	char name[200];

	for (; g->name; g++) {
		for (c = g->cases; c->name; c++) {
			snprintf(name, sizeof(name), "%s.%s", g->name, c->name);
			if (!selected(name, opt))
				continue;
			nr++;
			if (run)
				report(nr, name, run_case(c->fn));
			else if (opt->list)
				puts(name);
		}
	}
	return nr;
}

static void __attribute__((noreturn)) usage(const char *prog, int code)
{
	fprintf(code ? stderr : stdout,
		"usage: %s [--device NODE] [--list] [--only PATTERN] [--skip PATTERN]\n"
		"PATTERN is part of a case's name, or a glob of the whole of it.\n",
		prog);
	exit(code);
}

static void parse(int argc, char **argv, struct options *opt)
{
	static const struct option longs[] = {
		{ "device", required_argument, NULL, 'd' },
		{ "list", no_argument, NULL, 'l' },
		{ "only", required_argument, NULL, 'o' },
		{ "skip", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (c == 'd')
			tap_device = optarg;
		else if (c == 'l')
			opt->list = true;
		else if (c == 'o')
			opt->only = optarg;
		else if (c == 's')
			opt->skip = optarg;
		else
			usage(argv[0], c == 'h' ? 0 : 2);
	}
	if (optind != argc)
		usage(argv[0], 2);
	if (!tap_device)
		tap_device = access("/dev/lhv", F_OK) ? "/dev/kvm" : "/dev/lhv";
}

static void print_totals(const char *prog)
{
	const char *base = strrchr(prog, '/');

	printf("# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:%u error:0\n",
	       totals[V_PASS], totals[V_FAIL], totals[V_SKIP]);
	printf("# %s on %s: %u passed, %u failed, %u skipped\n",
	       base ? base + 1 : prog, tap_device, totals[V_PASS],
	       totals[V_FAIL], totals[V_SKIP]);
}

/**
 * tap_main - parse the command line, run the selected cases, report
 * @argc: of main()
 * @argv: of main()
 * @groups: table ended by an entry without a name
 *
 * Return: the exit code: 0 all passed, 1 some failed, 4 nothing could run.
 */
int tap_main(int argc, char **argv, const struct tap_group *groups)
{
	struct options opt = { };
	unsigned int nr;

	parse(argc, argv, &opt);
	nr = walk(groups, &opt, false);
	if (opt.list)
		return TAP_EXIT_PASS;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		perror("mmap");
		return TAP_EXIT_FAIL;
	}
	printf("TAP version 13\n");
	if (access(tap_device, R_OK | W_OK)) {
		printf("1..0 # SKIP %s: %s\n", tap_device, strerror(errno));
		return TAP_EXIT_SKIP;
	}
	printf("1..%u\n", nr);
	walk(groups, &opt, true);
	print_totals(argv[0]);
	if (totals[V_FAIL] || !nr)
		return TAP_EXIT_FAIL;
	return totals[V_PASS] ? TAP_EXIT_PASS : TAP_EXIT_SKIP;
}
