// SPDX-License-Identifier: GPL-2.0
/*
 * A virtio block device (VIRTIO 1.1, "Block Device"), one queue, one worker
 * thread a disk. The worker reads and writes with preadv() and pwritev()
 * straight from guest memory: that needs no library, works on every kernel and
 * in every container, where io_uring is often not allowed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>
#include "devices.h"
#include "disk.h"
#include "virtio-pci.h"
#include "../run/report.h"

#define CLASS_STORAGE_OTHER	0x018000
#define HEADER_SIZE		sizeof(struct virtio_blk_outhdr)
#define STATUS_SIZE		1
#define MAX_SEGMENTS		(VIRTQUEUE_SIZE - 2)	/* header and status */
#define MAX_DISCARD_SECTORS	0x400000
#define MAX_DISCARD_RANGES	16
#define BATCH			8	/* requests between two interrupts */

struct virtio_blk {
	const struct disk *disk;
	struct virtio_blk_config config;
	struct virtio_device device;
	struct virtqueue_chain chain;	/* worker only, like the next two */
	struct iovec data[VIRTQUEUE_SIZE];
	unsigned int nr_data;
	pthread_t worker;
	bool stop;		/* atomic */
	char serial[VIRTIO_BLK_ID_BYTES + 1];
};

/* A request after its chain was taken apart. */
struct request {
	struct virtio_blk_outhdr header;	/* copied: the guest may change its own */
	u64 size;		/* bytes of data */
	u8 *status;		/* in guest memory */
};

static u64 iov_size(const struct iovec *iov, unsigned int count)
{
	u64 size = 0;

	while (count--)
		size += iov++->iov_len;
	return size;
}

/* Takes @size bytes off the front; the guest may cut buffers anywhere. */
static bool take_front(struct iovec *iov, unsigned int count, void *to,
		       size_t size)
{
	size_t n;

	for (; size && count; iov++, count--) {
		n = iov->iov_len < size ? iov->iov_len : size;
		memcpy(to, iov->iov_base, n);
		to = (u8 *)to + n;
		iov->iov_base = (u8 *)iov->iov_base + n;
		iov->iov_len -= n;
		size -= n;
	}
	return !size;
}

static void use_data(struct virtio_blk *blk, const struct iovec *iov,
		     unsigned int count)
{
	unsigned int i;

	blk->nr_data = 0;
	for (i = 0; i < count; i++) {
		if (iov[i].iov_len)
			blk->data[blk->nr_data++] = iov[i];
	}
}

/* False if the chain has no room for a header or a status. */
static bool take_apart(struct virtio_blk *blk, struct request *request)
{
	struct virtqueue_chain *chain = &blk->chain;
	struct iovec *last;

	if (!take_front(chain->readable, chain->nr_readable, &request->header,
			HEADER_SIZE) || !chain->nr_writable)
		return false;
	last = &chain->writable[chain->nr_writable - 1];
	last->iov_len -= STATUS_SIZE;
	request->status = (u8 *)last->iov_base + last->iov_len;
	if (request->header.type == VIRTIO_BLK_T_IN ||
	    request->header.type == VIRTIO_BLK_T_GET_ID)
		use_data(blk, chain->writable, chain->nr_writable);
	else
		use_data(blk, chain->readable, chain->nr_readable);
	request->size = iov_size(blk->data, blk->nr_data);
	return true;
}

static bool in_range(const struct virtio_blk *blk, u64 sector, u64 sectors)
{
	return sector <= blk->disk->sectors &&
	       sectors <= blk->disk->sectors - sector;
}

static bool data_in_range(const struct virtio_blk *blk,
			  const struct request *request)
{
	return request->size % SECTOR_SIZE == 0 &&
	       in_range(blk, request->header.sector, request->size / SECTOR_SIZE);
}

/* Drops what was transferred from the front of the data. */
static void advance(struct virtio_blk *blk, size_t done)
{
	struct iovec *iov = blk->data;
	unsigned int skip = 0;

	while (skip < blk->nr_data && done >= iov[skip].iov_len)
		done -= iov[skip++].iov_len;
	blk->nr_data -= skip;
	memmove(iov, iov + skip, blk->nr_data * sizeof(*iov));
	if (blk->nr_data) {
		iov->iov_base = (u8 *)iov->iov_base + done;
		iov->iov_len -= done;
	}
}

typedef ssize_t (*transfer_fn)(int fd, const struct iovec *iov, int count,
			       off_t offset);

static u8 transfer(struct virtio_blk *blk, const struct request *request,
		   transfer_fn move)
{
	off_t offset = request->header.sector * SECTOR_SIZE;
	ssize_t n;

	while (blk->nr_data) {
		n = move(blk->disk->fd, blk->data, blk->nr_data, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return VIRTIO_BLK_S_IOERR;
		offset += n;
		advance(blk, n);
	}
	return VIRTIO_BLK_S_OK;
}

static u8 do_read(struct virtio_blk *blk, struct request *request)
{
	if (!data_in_range(blk, request))
		return VIRTIO_BLK_S_IOERR;
	return transfer(blk, request, preadv);
}

static u8 do_write(struct virtio_blk *blk, struct request *request)
{
	if (blk->disk->read_only || !data_in_range(blk, request))
		return VIRTIO_BLK_S_IOERR;
	return transfer(blk, request, pwritev);
}

static u8 do_flush(struct virtio_blk *blk, struct request *request)
{
	return fdatasync(blk->disk->fd) ? VIRTIO_BLK_S_IOERR : VIRTIO_BLK_S_OK;
}

static u8 do_get_id(struct virtio_blk *blk, struct request *request)
{
	size_t left = VIRTIO_BLK_ID_BYTES, n;
	const char *from = blk->serial;
	unsigned int i;

	if (request->size < VIRTIO_BLK_ID_BYTES)
		return VIRTIO_BLK_S_IOERR;
	for (i = 0; left; i++) {
		n = blk->data[i].iov_len < left ? blk->data[i].iov_len : left;
		memcpy(blk->data[i].iov_base, from, n);
		from += n;
		left -= n;
	}
	return VIRTIO_BLK_S_OK;
}

static u8 deallocate(struct virtio_blk *blk, int mode)
{
	struct virtio_blk_discard_write_zeroes range;
	u64 left = iov_size(blk->data, blk->nr_data);

	if (!blk->disk->can_punch)
		return VIRTIO_BLK_S_UNSUPP;
	if (left % sizeof(range) || left > MAX_DISCARD_RANGES * sizeof(range))
		return VIRTIO_BLK_S_IOERR;
	for (; left; left -= sizeof(range)) {
		take_front(blk->data, blk->nr_data, &range, sizeof(range));
		if (range.flags & ~VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP)
			return VIRTIO_BLK_S_UNSUPP;
		if (!in_range(blk, range.sector, range.num_sectors) ||
		    range.num_sectors > MAX_DISCARD_SECTORS)
			return VIRTIO_BLK_S_IOERR;
		if (range.num_sectors &&
		    fallocate(blk->disk->fd, mode | FALLOC_FL_KEEP_SIZE,
			      range.sector * SECTOR_SIZE,
			      (u64)range.num_sectors * SECTOR_SIZE))
			return errno == EOPNOTSUPP ? VIRTIO_BLK_S_UNSUPP :
						     VIRTIO_BLK_S_IOERR;
	}
	return VIRTIO_BLK_S_OK;
}

static u8 do_discard(struct virtio_blk *blk, struct request *request)
{
	return deallocate(blk, FALLOC_FL_PUNCH_HOLE);
}

static u8 do_write_zeroes(struct virtio_blk *blk, struct request *request)
{
	return deallocate(blk, FALLOC_FL_ZERO_RANGE);
}

static const struct {
	u32 type;
	bool device_writes;	/* data, beside the status */
	u8 (*carry_out)(struct virtio_blk *blk, struct request *request);
} requests[] = {
	{ VIRTIO_BLK_T_IN, true, do_read },
	{ VIRTIO_BLK_T_OUT, false, do_write },
	{ VIRTIO_BLK_T_FLUSH, false, do_flush },
	{ VIRTIO_BLK_T_GET_ID, true, do_get_id },
	{ VIRTIO_BLK_T_DISCARD, false, do_discard },
	{ VIRTIO_BLK_T_WRITE_ZEROES, false, do_write_zeroes },
};

/* Returns how many bytes were written to the guest. */
static u32 serve(struct virtio_blk *blk)
{
	u8 status = VIRTIO_BLK_S_UNSUPP;
	struct request request;
	u32 written = STATUS_SIZE;
	size_t i;

	if (!take_apart(blk, &request))
		return 0;
	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		if (requests[i].type != request.header.type)
			continue;
		status = requests[i].carry_out(blk, &request);
		if (requests[i].device_writes && status == VIRTIO_BLK_S_OK)
			written += request.size;
	}
	*request.status = status;
	return written;
}

/* One batch; false if there was nothing to do. Queue lock held. */
static bool serve_batch(struct virtio_blk *blk, struct virtqueue *queue)
{
	unsigned int done;
	u32 written;
	int ret = 0;

	for (done = 0; done < BATCH; done++) {
		ret = virtqueue_pop(queue, &blk->chain);
		if (ret <= 0)
			break;
		written = serve(blk);
		virtqueue_push(queue, blk->chain.head, written);
	}
	if (virtqueue_announce(queue))
		virtio_notify(&blk->device, 0);
	if (ret < 0)
		virtio_needs_reset(&blk->device);
	return done;
}

/* The lock is given up between batches: a guest may want to reset the device. */
static void serve_queue(struct virtio_blk *blk)
{
	struct virtqueue *queue = &blk->device.queues[0];
	bool more;

	do {
		pthread_mutex_lock(&queue->lock);
		more = serve_batch(blk, queue) || virtqueue_rearm(queue);
		pthread_mutex_unlock(&queue->lock);
	} while (more && !__atomic_load_n(&blk->stop, __ATOMIC_ACQUIRE));
}

static void *work(void *opaque)
{
	struct virtio_blk *blk = opaque;
	eventfd_t count;

	while (!__atomic_load_n(&blk->stop, __ATOMIC_ACQUIRE)) {
		if (!eventfd_read(blk->device.kicks[0], &count))
			serve_queue(blk);
	}
	return NULL;
}

static struct virtio_blk *disks[MAX_DISKS];
static unsigned int nr_disks;

static void set_features(struct virtio_blk *blk)
{
	blk->device.features = BIT_ULL(VIRTIO_BLK_F_SEG_MAX) |
			       BIT_ULL(VIRTIO_BLK_F_BLK_SIZE) |
			       BIT_ULL(VIRTIO_BLK_F_FLUSH);
	blk->config.capacity = blk->disk->sectors;
	blk->config.seg_max = MAX_SEGMENTS;
	blk->config.blk_size = SECTOR_SIZE;
	if (blk->disk->read_only)
		blk->device.features |= BIT_ULL(VIRTIO_BLK_F_RO);
	if (!blk->disk->can_punch)
		return;
	blk->device.features |= BIT_ULL(VIRTIO_BLK_F_DISCARD) |
				BIT_ULL(VIRTIO_BLK_F_WRITE_ZEROES);
	blk->config.max_discard_sectors = MAX_DISCARD_SECTORS;
	blk->config.max_discard_seg = MAX_DISCARD_RANGES;
	blk->config.discard_sector_alignment = 1;
	blk->config.max_write_zeroes_sectors = MAX_DISCARD_SECTORS;
	blk->config.max_write_zeroes_seg = MAX_DISCARD_RANGES;
	blk->config.write_zeroes_may_unmap = 1;
}

int virtio_blk_create(struct vm *vm, struct pci_host *host, unsigned int slot,
		      const struct disk *disk)
{
	struct virtio_blk *blk = calloc(1, sizeof(*blk));
	int ret;

	if (!blk)
		return host_error("no memory for a disk");
	blk->disk = disk;
	set_features(blk);
	snprintf(blk->serial, sizeof(blk->serial), "lhv-disk%u", nr_disks);
	blk->device.type = VIRTIO_ID_BLOCK;
	blk->device.class_code = CLASS_STORAGE_OTHER;
	blk->device.config = &blk->config;
	blk->device.config_size = sizeof(blk->config);
	blk->device.nr_queues = 1;
	blk->device.kicks[0] = eventfd(0, EFD_CLOEXEC);
	if (blk->device.kicks[0] < 0)
		return host_error("cannot create an eventfd: %s", strerror(errno));
	virtqueue_init(&blk->device.queues[0], &vm->memory);
	ret = virtio_pci_create(vm, host, slot, &blk->device);
	if (ret)
		return ret;
	ret = pthread_create(&blk->worker, NULL, work, blk);
	if (ret)
		return host_error("cannot start a thread for %s: %s", disk->path,
				  strerror(ret));
	disks[nr_disks++] = blk;
	return 0;
}

void virtio_blk_finish(void)
{
	unsigned int i;

	for (i = 0; i < nr_disks; i++) {
		__atomic_store_n(&disks[i]->stop, true, __ATOMIC_RELEASE);
		eventfd_write(disks[i]->device.kicks[0], 1);
		pthread_join(disks[i]->worker, NULL);
	}
	nr_disks = 0;
}
