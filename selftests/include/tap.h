/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A table of test cases, run one by one in child processes, reported as TAP.
 *
 * Used by every test program that drives the device node.  A case is a plain
 * function: it returns when it passes, and one of the EXPECT macros or
 * tap_skip() ends its process otherwise.  A case that crashes or hangs is one
 * failed case; the rest still run.  Nothing here knows what is tested.
 */
#ifndef SELFTESTS_TAP_H
#define SELFTESTS_TAP_H

#include <errno.h>
#include <stdbool.h>

/* Exit codes of the kernel's selftests. */
#define TAP_EXIT_PASS	0
#define TAP_EXIT_FAIL	1
#define TAP_EXIT_SKIP	4

/**
 * struct tap_case - one test case
 * @name: what it checks, in words joined by underscores
 * @fn: the case; returns if it passed
 */
struct tap_case {
	const char *name;
	void (*fn)(void);
};

/**
 * struct tap_group - the cases of one subject
 * @name: the subject; the case is reported as "subject.name"
 * @cases: table ended by an entry without a name
 */
struct tap_group {
	const char *name;
	const struct tap_case *cases;
};

/* The device node under test: --device, else /dev/lhv, else /dev/kvm. */
extern const char *tap_device;

int tap_main(int argc, char **argv, const struct tap_group *groups);

void tap_skip(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
void tap_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
void tap_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void tap_expect_eq(unsigned long long got, unsigned long long want,
		   const char *what, const char *file, int line);
long tap_expect_ok(long ret, const char *what, const char *file, int line);
void tap_expect_errno(long ret, int want, const char *what,
		      const char *file, int line);

/* The condition holds. */
#define EXPECT(cond) \
	((cond) ? (void)0 : tap_fail(__FILE__, __LINE__, "%s", #cond))

/* Two integers are equal; both are printed where they are not. */
#define EXPECT_EQ(got, want) \
	tap_expect_eq((unsigned long long)(got), (unsigned long long)(want), \
		      #got " == " #want, __FILE__, __LINE__)

/* The system call succeeds; its result is the value of the expression. */
#define EXPECT_OK(call) \
	tap_expect_ok((call), #call, __FILE__, __LINE__)

/* The system call fails with exactly this errno. */
#define EXPECT_ERRNO(call, err) \
	tap_expect_errno((call), (err), #call, __FILE__, __LINE__)

#endif
