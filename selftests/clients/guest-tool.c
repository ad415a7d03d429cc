// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest of a client does beyond busybox: work whose every byte and clock is
 * checked while the VMM stops, saves and moves it, and a vsock that answers. A static
 * program; guest-init starts it in the guest, a case in the emulated host.
 *
 * usage: guest-tool work MIB THREADS	until a line comes in
 *        guest-tool listen PORT	answers one vsock connection
 *        guest-tool call CID PORT	calls it and compares the answer
 */
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <linux/vm_sockets.h>

#define PAGE		4096
#define MAX_THREADS	64
#define LATEST_MS	20000	/* a sleep of 10 ms that lasts longer lost its interrupt */

static atomic_bool over, wrong;
static atomic_ullong latest[2];	/* ns, of the clocks below, by any thread */
static const clockid_t clocks[2] = { CLOCK_MONOTONIC, CLOCK_REALTIME };

static void fail(const char *what, uint64_t a, uint64_t b)
{
	if (!atomic_exchange(&wrong, true))
		printf("work: WRONG: %s: %" PRIu64 ", %" PRIu64 "\n", what, a, b);
}

static uint64_t now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* No thread may see a clock before what another has seen. */
static void look_at_clocks(void)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		unsigned long long before = atomic_load(&latest[i]), t = now(clocks[i]);

		if (t < before)
			fail(i ? "the date went back" : "the clock went back", before, t);
		while (before < t && !atomic_compare_exchange_weak(&latest[i], &before, t))
			;
	}
}

static void nap(void)
{
	struct timespec ten_ms = { .tv_nsec = 10000000 };
	uint64_t start = now(CLOCK_MONOTONIC), slept;

	nanosleep(&ten_ms, NULL);
	slept = (now(CLOCK_MONOTONIC) - start) / 1000000;
	if (slept < 10 || slept > LATEST_MS)
		fail("a sleep of 10 ms lasted ms", slept, 0);
}

struct worker {
	pthread_t thread;
	uint64_t *mem;
	size_t pages;
	uint64_t seed;
	atomic_ullong rounds;
};

/* Each word of a page tells the page, the round and the thread. */
static uint64_t word(const struct worker *w, size_t page, uint64_t round, unsigned int i)
{
	return (w->seed + page * 0x9e3779b97f4a7c15ULL + round) * (2 * i + 1);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	uint64_t round = 0;
	unsigned int i;
	size_t page;

	while (!over && !wrong) {
		for (page = 0; page < w->pages && !wrong; page++) {
			volatile uint64_t *p = w->mem + page * (PAGE / 8);

			for (i = 0; i < PAGE / 8; i += 16) {
				if (round && p[i] != word(w, page, round - 1, i))
					fail("a page lost what was written", page, round);
				p[i] = word(w, page, round, i);
			}
		}
		look_at_clocks();
		nap();
		look_at_clocks();
		w->rounds = ++round;
	}
	return NULL;
}

static bool line_came(int ms)
{
	struct pollfd in = { .fd = 0, .events = POLLIN };
	char line[80];

	return poll(&in, 1, ms) > 0 && read(0, line, sizeof(line)) > 0;
}

static int run_work(size_t mib, unsigned int threads)
{
	static struct worker workers[MAX_THREADS];
	uint64_t least = 0;
	unsigned int i;

	for (i = 0; i < threads; i++) {
		struct worker *w = &workers[i];

		w->pages = (mib << 20) / PAGE / threads;
		w->seed = i * 0x123456789abcdefULL;
		w->mem = mmap(NULL, w->pages * PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (w->mem == MAP_FAILED || pthread_create(&w->thread, NULL, work, w))
			return perror("work"), 1;
	}
	while (!line_came(1000) && !wrong) {
		least = workers[0].rounds;
		for (i = 1; i < threads; i++)
			if (workers[i].rounds < least)
				least = workers[i].rounds;
		printf("work: %" PRIu64 " rounds\n", least);
		fflush(stdout);
	}
	over = true;
	for (i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	if (!wrong)
		printf("work: right\n");
	return wrong;
}

/* ---- vsock ---- */

#define TALK	65536

static int all(int fd, uint8_t *buf, ssize_t (*act)(int, void *, size_t))
{
	size_t done = 0;
	ssize_t n;

	while (done < TALK) {
		n = act(fd, buf + done, TALK - done);
		if (n <= 0)
			return 1;
		done += n;
	}
	return 0;
}

static ssize_t put(int fd, void *buf, size_t n)
{
	return write(fd, buf, n);
}

static int run_listen(unsigned int port)
{
	struct sockaddr_vm a = {
		.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = port,
	};
	int fd = socket(AF_VSOCK, SOCK_STREAM, 0), call;
	static uint8_t buf[TALK];
	size_t i;

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 1))
		return perror("listen"), 1;
	printf("vsock: listening\n");
	fflush(stdout);
	call = accept(fd, NULL, NULL);
	if (call < 0 || all(call, buf, read))
		return perror("read"), 1;
	for (i = 0; i < TALK; i++)
		buf[i] ^= 0xff;
	return all(call, buf, put);
}

static int run_call(unsigned int cid, unsigned int port)
{
	struct sockaddr_vm a = {
		.svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = port,
	};
	int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
	static uint8_t buf[TALK];
	size_t i;

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)))
		return perror("connect"), 1;
	for (i = 0; i < TALK; i++)
		buf[i] = i * 7;
	if (all(fd, buf, put) || all(fd, buf, read))
		return perror("talk"), 1;
	for (i = 0; i < TALK; i++)
		if (buf[i] != (uint8_t)~(i * 7))
			return fprintf(stderr, "byte %zu is wrong\n", i), 1;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "work") && atoi(argv[3]) > 0 &&
	    atoi(argv[3]) <= MAX_THREADS)
		return run_work(atoi(argv[2]), atoi(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "listen"))
		return run_listen(atoi(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "call"))
		return run_call(atoi(argv[2]), atoi(argv[3]));
	fprintf(stderr, "usage: guest-tool work MIB THREADS | listen PORT | call CID PORT\n");
	return 2;
}
