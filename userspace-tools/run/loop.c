// SPDX-License-Identifier: GPL-2.0
/*
 * A poll() loop over a handful of sources. Run by run.c in the main thread;
 * knows nothing of what it serves.
 */
#include <assert.h>
#include <errno.h>
#include "loop.h"

void loop_add(struct loop *loop, struct loop_source *source)
{
	assert(loop->nr_sources < LOOP_MAX_SOURCES);
	loop->sources[loop->nr_sources++] = source;
}

int loop_run(struct loop *loop)
{
	struct pollfd fds[LOOP_MAX_SOURCES];
	unsigned int i;

	while (!loop->stop) {
		for (i = 0; i < loop->nr_sources; i++) {
			/* poll() skips negative descriptors, even for errors. */
			fds[i].fd = loop->sources[i]->events ?
				    loop->sources[i]->fd : -1;
			fds[i].events = loop->sources[i]->events;
			fds[i].revents = 0;
		}
		if (poll(fds, loop->nr_sources, -1) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		for (i = 0; i < loop->nr_sources && !loop->stop; i++) {
			if (fds[i].revents)
				loop->sources[i]->handle(loop->sources[i]->opaque,
							 fds[i].revents);
		}
	}
	return 0;
}
