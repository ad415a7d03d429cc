/* SPDX-License-Identifier: GPL-2.0 */
/* How a guest ended: said once, by whoever sees it first. */
#ifndef LHV_RUN_OUTCOME_H
#define LHV_RUN_OUTCOME_H

#include <pthread.h>
#include "types.h"

enum ending {
	ENDING_NONE,		/* still running */
	ENDING_POWER_OFF,
	ENDING_RESET,
	ENDING_TRIPLE_FAULT,
	ENDING_INTERNAL_ERROR,
	ENDING_ESCAPE,
	ENDING_CRASH,
	ENDING_SIGNAL,		/* the launcher was told to stop */
	ENDING_HOST_ERROR,
};

struct outcome {
	pthread_mutex_t lock;	/* guards the rest until the guest has ended */
	enum ending ending;
	int signal;		/* 0 unless @ending is ENDING_SIGNAL */
	char detail[400];	/* one line for people; may be empty */
	int event_fd;		/* readable once the guest has ended */
};

/* What `--status-json` tells beside the ending. */
struct outcome_facts {
	const char *device;
	const char *kernel;
	unsigned int cpus;
	u64 memory;		/* bytes */
	u64 run_microseconds;	/* wall time from first entry to end */
	u64 user_exits;		/* returns of KVM_RUN, all vCPUs */
};

/**
 * outcome_init() - Make an outcome that is not decided yet.
 * @outcome: filled in
 *
 * Return: 0, or the exit status after one line was printed.
 */
int outcome_init(struct outcome *outcome);

/**
 * outcome_end() - Say that the guest has ended; only the first call counts.
 * @outcome: the guest's
 * @ending: how, not ENDING_NONE
 * @detail: printf format of one line for people, "" for none
 *
 * Any thread. Wakes the main thread, which stops the vCPUs.
 */
void outcome_end(struct outcome *outcome, enum ending ending,
		 const char *detail, ...) __printf(3, 4);

/**
 * outcome_end_by_signal() - Say that the launcher was told to stop.
 * @outcome: the guest's
 * @signal: by which signal
 */
void outcome_end_by_signal(struct outcome *outcome, int signal);

/**
 * outcome_ended() - Whether somebody has called outcome_end(). Any thread.
 * @outcome: the guest's
 */
bool outcome_ended(struct outcome *outcome);

/**
 * outcome_status() - The exit status that stands for an ending.
 * @outcome: a guest that has ended
 */
int outcome_status(const struct outcome *outcome);

/**
 * outcome_report() - Tell the user on stderr, unless it is the normal end.
 * @outcome: a guest that has ended
 */
void outcome_report(const struct outcome *outcome);

/**
 * outcome_write_json() - Write the ending to a file, as one JSON object.
 * @outcome: a guest that has ended
 * @facts: what else to write
 * @path: file, replaced
 *
 * Return: 0, or the exit status after one line was printed.
 */
int outcome_write_json(const struct outcome *outcome,
		       const struct outcome_facts *facts, const char *path);

#endif
