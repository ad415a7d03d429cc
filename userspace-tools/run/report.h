/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One-line error messages. Every check of the launcher ends in one of these,
 * and the value they return is the process's exit status, so that a caller
 * only has to hand it on.
 */
#ifndef LHV_RUN_REPORT_H
#define LHV_RUN_REPORT_H

#include <stdio.h>
#include "types.h"

enum {
	STATUS_OK = 0,
	STATUS_HOST = 1,	/* the host could not do what was asked */
	STATUS_USAGE = 2,	/* what was asked makes no sense */
};

/* Where messages go: stderr, or what a unit test listens on. */
extern FILE *report_stream;

/**
 * usage_error() - Say what is wrong with an argument or with a file it names.
 * @format: one line without a newline: the file or option, then what to do
 *
 * Return: STATUS_USAGE.
 */
int usage_error(const char *format, ...) __printf(1, 2);

/**
 * host_error() - Say what the host refused.
 * @format: one line without a newline
 *
 * Return: STATUS_HOST.
 */
int host_error(const char *format, ...) __printf(1, 2);

/**
 * report_note() - Tell the user something that is not an error.
 * @format: one line without a newline
 */
void report_note(const char *format, ...) __printf(1, 2);

#endif
