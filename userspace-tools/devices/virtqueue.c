// SPDX-License-Identifier: GPL-2.0
/*
 * Split virtqueues. Used by devices that have been given the queue's lock;
 * knows guest memory and nothing of what the requests mean.
 */
#include <errno.h>
#include <linux/virtio_ring.h>
#include <string.h>
#include "virtqueue.h"

#define DESCRIPTOR_ALIGN	16
#define AVAILABLE_ALIGN		2
#define USED_ALIGN		4

/* A field that the guest may be writing right now: read exactly once. */
#define ring_load(field)	__atomic_load_n(&(field), __ATOMIC_ACQUIRE)
#define ring_store(field, value) \
	__atomic_store_n(&(field), value, __ATOMIC_RELEASE)

void virtqueue_init(struct virtqueue *queue, struct guest_memory *memory)
{
	memset(queue, 0, sizeof(*queue));
	pthread_mutex_init(&queue->lock, NULL);
	queue->memory = memory;
	queue->size = VIRTQUEUE_SIZE;
}

void virtqueue_reset(struct virtqueue *queue)
{
	queue->size = VIRTQUEUE_SIZE;
	queue->enabled = false;
	queue->broken = false;
	queue->event_index = false;
	queue->indirect = false;
	queue->descriptors = 0;
	queue->available = 0;
	queue->used = 0;
	queue->next_available = 0;
	queue->next_used = 0;
	queue->announced_used = 0;
}

static int broken(struct virtqueue *queue)
{
	queue->broken = true;
	return -EINVAL;
}

/* Both rings end in the index of the other side's event. */
int virtqueue_enable(struct virtqueue *queue)
{
	u64 size = queue->size;

	queue->descriptor_ring = guest_ptr(queue->memory, queue->descriptors,
					   size * sizeof(struct vring_desc));
	queue->available_ring = guest_ptr(queue->memory, queue->available,
					  sizeof(struct vring_avail) +
					  (size + 1) * sizeof(u16));
	queue->used_ring = guest_ptr(queue->memory, queue->used,
				     sizeof(struct vring_used) + sizeof(u16) +
				     size * sizeof(struct vring_used_elem));
	if (!queue->descriptor_ring || !queue->available_ring ||
	    !queue->used_ring || queue->descriptors % DESCRIPTOR_ALIGN ||
	    queue->available % AVAILABLE_ALIGN || queue->used % USED_ALIGN)
		return broken(queue);
	queue->enabled = true;
	return 0;
}

static u16 *used_event(struct virtqueue *queue)
{
	return &queue->available_ring->ring[queue->size];
}

static u16 *available_event(struct virtqueue *queue)
{
	return (u16 *)&queue->used_ring->ring[queue->size];
}

static int add_buffer(struct virtqueue *queue, struct virtqueue_chain *chain,
		      const struct vring_desc *descriptor)
{
	void *host = guest_ptr(queue->memory, descriptor->addr, descriptor->len);
	bool write = descriptor->flags & VRING_DESC_F_WRITE;
	struct iovec *iov;

	if (!host || !descriptor->len)
		return -EINVAL;
	if (chain->nr_readable + chain->nr_writable == VIRTQUEUE_SIZE)
		return -EINVAL;
	if (!write && chain->nr_writable)	/* readable ones come first */
		return -EINVAL;
	iov = write ? &chain->writable[chain->nr_writable++] :
		      &chain->readable[chain->nr_readable++];
	iov->iov_base = host;
	iov->iov_len = descriptor->len;
	return 0;
}

/* A table of descriptors: the ring's own, or an indirect one. */
struct table {
	const struct vring_desc *descriptors;
	u32 size;
};

static int open_indirect(struct virtqueue *queue, struct table *table,
			 const struct vring_desc *descriptor)
{
	u32 size = descriptor->len / sizeof(*descriptor);

	if (!queue->indirect || !size ||
	    descriptor->len % sizeof(*descriptor) ||
	    (descriptor->flags & VRING_DESC_F_NEXT))
		return -EINVAL;
	table->descriptors = guest_ptr(queue->memory, descriptor->addr,
				       descriptor->len);
	table->size = size;
	return table->descriptors ? 0 : -EINVAL;
}

/* Every step adds a buffer or goes down once, so that a loop comes to an end. */
static int walk(struct virtqueue *queue, struct virtqueue_chain *chain)
{
	struct table table = { queue->descriptor_ring, queue->size };
	struct vring_desc descriptor;
	bool inside = false;
	u32 next = chain->head;
	int ret;

	for (;;) {
		if (next >= table.size)
			return -EINVAL;
		memcpy(&descriptor, &table.descriptors[next], sizeof(descriptor));
		/* The compiler must not look into the guest's copy again. */
		__asm__ volatile("" : : : "memory");
		if (descriptor.flags & VRING_DESC_F_INDIRECT) {
			if (inside || open_indirect(queue, &table, &descriptor))
				return -EINVAL;
			inside = true;
			next = 0;
			continue;
		}
		ret = add_buffer(queue, chain, &descriptor);
		if (ret || !(descriptor.flags & VRING_DESC_F_NEXT))
			return ret;
		next = descriptor.next;
	}
}

int virtqueue_pop(struct virtqueue *queue, struct virtqueue_chain *chain)
{
	u16 waiting;

	if (!queue->enabled || queue->broken)
		return 0;
	waiting = ring_load(queue->available_ring->idx) - queue->next_available;
	if (!waiting)
		return 0;
	if (waiting > queue->size)
		return broken(queue);
	chain->head = ring_load(queue->available_ring->ring[queue->next_available %
							    queue->size]);
	chain->nr_readable = 0;
	chain->nr_writable = 0;
	if (walk(queue, chain))
		return broken(queue);
	queue->next_available++;
	return 1;
}

void virtqueue_push(struct virtqueue *queue, u16 head, u32 written)
{
	struct vring_used_elem *element;

	element = &queue->used_ring->ring[queue->next_used % queue->size];
	element->id = head;
	element->len = written;
	queue->next_used++;
	ring_store(queue->used_ring->idx, queue->next_used);
}

bool virtqueue_announce(struct virtqueue *queue)
{
	u16 old = queue->announced_used;
	u16 new = queue->next_used;

	if (old == new)
		return false;
	queue->announced_used = new;
	/* The used index must be out before the guest's wish is read. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!queue->event_index)
		return !(ring_load(queue->available_ring->flags) &
			 VRING_AVAIL_F_NO_INTERRUPT);
	return vring_need_event(ring_load(*used_event(queue)), new, old);
}

bool virtqueue_rearm(struct virtqueue *queue)
{
	if (!queue->enabled || queue->broken)
		return false;
	if (queue->event_index)
		ring_store(*available_event(queue), queue->next_available);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return ring_load(queue->available_ring->idx) != queue->next_available;
}
