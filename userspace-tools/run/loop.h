/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The main thread's event loop: what must not keep a vCPU waiting (terminal,
 * signals, timers) is served here.
 */
#ifndef LHV_RUN_LOOP_H
#define LHV_RUN_LOOP_H

#include <poll.h>
#include "types.h"

#define LOOP_MAX_SOURCES 8

struct loop_source {
	int fd;
	short events;	/* poll's; may be changed by handlers, 0 turns it off */
	/* @events is what poll() returned for the source. */
	void (*handle)(void *opaque, short events);
	void *opaque;
};

struct loop {
	struct loop_source *sources[LOOP_MAX_SOURCES];
	unsigned int nr_sources;
	bool stop;	/* main thread only */
};

/**
 * loop_add() - Have a source served.
 * @loop: the loop, not running yet
 * @source: stays referenced
 */
void loop_add(struct loop *loop, struct loop_source *source);

/**
 * loop_run() - Serve sources until loop->stop.
 * @loop: the loop
 *
 * Return: 0, or a negative errno from poll().
 */
int loop_run(struct loop *loop);

#endif
