// SPDX-License-Identifier: GPL-2.0
/*
 * Virtqueues against a driver that makes every mistake: a chain is taken whole
 * or the queue is broken, and nothing outside of guest memory is touched.
 */
#include <linux/virtio_ring.h>
#include <stdlib.h>
#include <string.h>

#include "devices/virtqueue.h"
#include "unit.h"

#define MEMORY		(512 * KIB)
#define DESCRIPTORS	0x10000ULL
#define AVAILABLE	0x20000ULL
#define USED		0x30000ULL
#define BUFFERS		0x40000ULL

static struct guest_memory memory;
static struct virtqueue queue;
static struct virtqueue_chain chain;
static struct vring_desc *descriptors;
static struct vring_avail *available;
static struct vring_used *used;

static void start(u16 size)
{
	if (!memory.host)
		EXPECT_EQ(guest_memory_create(&memory, MEMORY), 0);
	memset(memory.host, 0, MEMORY);
	virtqueue_init(&queue, &memory);
	queue.size = size;
	queue.descriptors = DESCRIPTORS;
	queue.available = AVAILABLE;
	queue.used = USED;
	queue.indirect = true;
	descriptors = (struct vring_desc *)(memory.host + DESCRIPTORS);
	available = (struct vring_avail *)(memory.host + AVAILABLE);
	used = (struct vring_used *)(memory.host + USED);
	EXPECT_EQ(virtqueue_enable(&queue), 0);
}

static void describe(u16 number, u64 address, u32 size, u16 flags, u16 next)
{
	descriptors[number] = (struct vring_desc){ address, size, flags, next };
}

static void offer(u16 head)
{
	available->ring[available->idx % queue.size] = head;
	available->idx++;
}

static void good_chain(void)
{
	start(8);
	EXPECT_EQ(virtqueue_pop(&queue, &chain), 0);
	describe(3, BUFFERS, 16, VRING_DESC_F_NEXT, 5);
	describe(5, BUFFERS + 64, 512, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 1);
	describe(1, BUFFERS + 1024, 1, VRING_DESC_F_WRITE, 0);
	offer(3);
	EXPECT_EQ(virtqueue_pop(&queue, &chain), 1);
	EXPECT_EQ(chain.head, 3);
	EXPECT_EQ(chain.nr_readable, 1);
	EXPECT_EQ(chain.nr_writable, 2);
	EXPECT_EQ(chain.writable[0].iov_len, 512);
	EXPECT(chain.writable[1].iov_base == memory.host + BUFFERS + 1024);
	virtqueue_push(&queue, 3, 513);
	EXPECT_EQ(used->idx, 1);
	EXPECT_EQ(used->ring[0].id, 3);
	EXPECT_EQ(used->ring[0].len, 513);
	EXPECT_EQ(virtqueue_pop(&queue, &chain), 0);
}

static void indirect_chain(void)
{
	struct vring_desc *table;

	start(8);
	table = (struct vring_desc *)(memory.host + BUFFERS);
	table[0] = (struct vring_desc){ BUFFERS + 4096, 16, VRING_DESC_F_NEXT, 1 };
	table[1] = (struct vring_desc){ BUFFERS + 8192, 1, VRING_DESC_F_WRITE, 0 };
	describe(0, BUFFERS, 32, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	EXPECT_EQ(virtqueue_pop(&queue, &chain), 1);
	EXPECT_EQ(chain.nr_readable, 1);
	EXPECT_EQ(chain.nr_writable, 1);
}

/* Each is a bad descriptor 0, beside a good 1. */
static const struct {
	struct vring_desc bad;
	const char *why;
} mistakes[] = {
	{ { MEMORY, 1, 0, 0 }, "outside memory" },
	{ { MEMORY - 1, 2, 0, 0 }, "over the end" },
	{ { ~0ULL, 2, 0, 0 }, "wraps" },
	{ { BUFFERS, 0, 0, 0 }, "empty" },
	{ { BUFFERS, 16, VRING_DESC_F_NEXT, 8 }, "next outside the table" },
	{ { BUFFERS, 16, VRING_DESC_F_NEXT, 0 }, "loops on itself" },
	{ { BUFFERS, 16, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1 },
	  "readable behind writable" },
	{ { BUFFERS, 24, VRING_DESC_F_INDIRECT, 0 }, "odd indirect table" },
	{ { BUFFERS, 0, VRING_DESC_F_INDIRECT, 0 }, "empty indirect table" },
	{ { MEMORY, 16, VRING_DESC_F_INDIRECT, 0 }, "indirect table outside" },
	{ { DESCRIPTORS, 128, VRING_DESC_F_INDIRECT, 0 }, "indirect in indirect" },
	{ { BUFFERS, 32, VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT, 1 },
	  "indirect goes on" },
};

static void bad_chains(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		start(8);
		descriptors[0] = mistakes[i].bad;
		describe(1, BUFFERS, 16, 0, 0);
		offer(0);
		if (virtqueue_pop(&queue, &chain) != -EINVAL || !queue.broken)
			tap_fail(__FILE__, __LINE__, "taken: %s",
				 mistakes[i].why);
		EXPECT_EQ(virtqueue_pop(&queue, &chain), 0);
	}
}

static void bad_ring(void)
{
	start(8);
	describe(0, BUFFERS, 16, 0, 0);
	available->idx = 9;
	EXPECT_EQ(virtqueue_pop(&queue, &chain), -EINVAL);
	start(8);
	offer(8);
	EXPECT_EQ(virtqueue_pop(&queue, &chain), -EINVAL);
	start(8);
	queue.indirect = false;
	describe(0, BUFFERS, 32, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	EXPECT_EQ(virtqueue_pop(&queue, &chain), -EINVAL);
}

static void bad_addresses(void)
{
	start(128);
	virtqueue_reset(&queue);
	EXPECT_EQ(virtqueue_enable(&queue), 0);	/* at 0, where memory is */
	queue.descriptors = MEMORY - 128 * 16 + 16;
	EXPECT_EQ(virtqueue_enable(&queue), -EINVAL);
	virtqueue_reset(&queue);
	queue.descriptors = 8;
	EXPECT_EQ(virtqueue_enable(&queue), -EINVAL);
	virtqueue_reset(&queue);
	queue.available = 1;
	EXPECT_EQ(virtqueue_enable(&queue), -EINVAL);
	virtqueue_reset(&queue);
	queue.used = MEMORY - 1024;
	EXPECT_EQ(virtqueue_enable(&queue), -EINVAL);
	virtqueue_reset(&queue);
	queue.used = ~0ULL - 3;
	EXPECT_EQ(virtqueue_enable(&queue), -EINVAL);
}

static void wrap_around(void)
{
	unsigned int i;

	start(4);
	for (i = 0; i < 70000; i++) {
		describe(i % 4, BUFFERS, 16, 0, 0);
		offer(i % 4);
		EXPECT_EQ(virtqueue_pop(&queue, &chain), 1);
		EXPECT_EQ(chain.head, i % 4);
		virtqueue_push(&queue, chain.head, i);
		EXPECT_EQ(used->ring[i % 4].len, i);
	}
	EXPECT_EQ(used->idx, (u16)70000);
}

static void announcements(void)
{
	u16 *used_event;

	start(8);
	EXPECT(!virtqueue_announce(&queue));
	virtqueue_push(&queue, 0, 0);
	EXPECT(virtqueue_announce(&queue));
	EXPECT(!virtqueue_announce(&queue));
	available->flags = VRING_AVAIL_F_NO_INTERRUPT;
	virtqueue_push(&queue, 0, 0);
	EXPECT(!virtqueue_announce(&queue));

	start(8);
	queue.event_index = true;
	used_event = &available->ring[8];
	*used_event = 2;
	virtqueue_push(&queue, 0, 0);
	virtqueue_push(&queue, 0, 0);
	EXPECT(!virtqueue_announce(&queue));
	virtqueue_push(&queue, 0, 0);
	EXPECT(virtqueue_announce(&queue));
}

static void rearm(void)
{
	start(8);
	queue.event_index = true;
	describe(0, BUFFERS, 16, 0, 0);
	EXPECT(!virtqueue_rearm(&queue));
	offer(0);
	EXPECT(virtqueue_rearm(&queue));
	EXPECT_EQ(virtqueue_pop(&queue, &chain), 1);
	EXPECT(!virtqueue_rearm(&queue));
	EXPECT_EQ(*(u16 *)&used->ring[8], 1);
}

/* Whatever the ring holds: no access outside, no endless loop. */
static void random_rings(void)
{
	unsigned int round, i;
	u8 *bytes;

	srandom(3);
	for (round = 0; round < 4000; round++) {
		start(8);
		bytes = (u8 *)descriptors;
		for (i = 0; i < 8; i++)
			describe(i, random() % MEMORY, random() % 4096,
				 random() % 8, random() % 9);
		for (i = 0; i < 6; i++)
			bytes[random() % 128] = random();
		for (i = 0; i < 3; i++)
			offer(random() % 8);
		while (virtqueue_pop(&queue, &chain) > 0)
			virtqueue_push(&queue, chain.head, 0);
	}
}

const struct tap_case virtqueue_cases[] = {
	{ "good_chain", good_chain },
	{ "indirect_chain", indirect_chain },
	{ "bad_chains", bad_chains },
	{ "bad_ring", bad_ring },
	{ "bad_addresses", bad_addresses },
	{ "wrap_around", wrap_around },
	{ "announcements", announcements },
	{ "rearm", rearm },
	{ "random_rings", random_rings },
	{ }
};
