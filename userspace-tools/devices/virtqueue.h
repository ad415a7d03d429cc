/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Split virtqueues, as in the OASIS "Virtual I/O Device (VIRTIO)" specification
 * 1.1. Everything in a ring is the guest's to write at any time: it is read
 * once, checked, and then used.
 */
#ifndef LHV_DEVICES_VIRTQUEUE_H
#define LHV_DEVICES_VIRTQUEUE_H

#include <pthread.h>
#include <sys/uio.h>
#include "../run/memory.h"

#define VIRTQUEUE_SIZE 128	/* buffers a chain may have, too */

struct virtqueue {
	pthread_mutex_t lock;	/* guards the rest; held while requests run */
	struct guest_memory *memory;
	u16 size;		/* power of two, at most VIRTQUEUE_SIZE */
	bool enabled;
	bool broken;		/* the ring made no sense: wait for a reset */
	bool event_index;	/* VIRTIO_RING_F_EVENT_IDX was negotiated */
	bool indirect;		/* VIRTIO_RING_F_INDIRECT_DESC was negotiated */
	u64 descriptors;	/* guest addresses of the three parts */
	u64 available;
	u64 used;
	/* The same in this process; valid while enabled. */
	struct vring_desc *descriptor_ring;
	struct vring_avail *available_ring;
	struct vring_used *used_ring;
	u16 next_available;
	u16 next_used;
	u16 announced_used;	/* next_used when the guest was last interrupted */
};

/* One request: buffers that the device reads, then those that it writes. */
struct virtqueue_chain {
	u16 head;
	struct iovec readable[VIRTQUEUE_SIZE];
	struct iovec writable[VIRTQUEUE_SIZE];
	unsigned int nr_readable;
	unsigned int nr_writable;
};

void virtqueue_init(struct virtqueue *queue, struct guest_memory *memory);

/**
 * virtqueue_reset() - Forget everything the guest has said. Lock held.
 * @queue: the queue
 */
void virtqueue_reset(struct virtqueue *queue);

/**
 * virtqueue_enable() - Start using the ring. Lock held.
 * @queue: size and addresses set
 *
 * Return: 0, or -EINVAL if the ring is not in RAM or not aligned; the queue is
 * broken then.
 */
int virtqueue_enable(struct virtqueue *queue);

/**
 * virtqueue_pop() - Take the next request. Lock held.
 * @queue: an enabled queue
 * @chain: filled in
 *
 * Return: 1 if there was one, 0 if not, -EINVAL if the ring makes no sense; the
 * queue is broken then.
 */
int virtqueue_pop(struct virtqueue *queue, struct virtqueue_chain *chain);

/**
 * virtqueue_push() - Give a request back. Lock held.
 * @queue: the queue
 * @head: from the chain
 * @written: bytes that the device has written
 */
void virtqueue_push(struct virtqueue *queue, u16 head, u32 written);

/**
 * virtqueue_announce() - Whether the guest wants an interrupt now. Lock held.
 * @queue: the queue; call once after a batch of virtqueue_push()
 */
bool virtqueue_announce(struct virtqueue *queue);

/**
 * virtqueue_rearm() - Ask for a notification of the next request. Lock held.
 * @queue: the queue
 *
 * Return: true if a request came meanwhile and must be served first.
 */
bool virtqueue_rearm(struct virtqueue *queue);

#endif
