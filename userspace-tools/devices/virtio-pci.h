/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtio over PCI, the modern way (VIRTIO 1.1, "Virtio Over PCI Bus"). A device
 * says what it is in a struct virtio_device; the transport does the rest.
 */
#ifndef LHV_DEVICES_VIRTIO_PCI_H
#define LHV_DEVICES_VIRTIO_PCI_H

#include "msix.h"
#include "virtqueue.h"

#define VIRTIO_MAX_QUEUES (MSIX_MAX_VECTORS - 1)

struct virtio_pci;

struct virtio_device {
	u16 type;		/* VIRTIO_ID_* */
	u32 class_code;		/* PCI class */
	u64 features;		/* of the device type */
	const void *config;	/* device configuration, read-only */
	size_t config_size;
	unsigned int nr_queues;
	struct virtqueue queues[VIRTIO_MAX_QUEUES];
	int kicks[VIRTIO_MAX_QUEUES];	/* eventfds: the queue has requests */
	u64 driver_features;	/* valid once a queue is enabled */
	struct virtio_pci *transport;
};

/**
 * virtio_pci_create() - Put a virtio device into a PCI slot.
 * @vm: for its memory, interrupts and doorbells
 * @host: host bridge
 * @slot: 1 to 31
 * @device: type to kicks filled in, queues initialized
 *
 * Return: 0, or the exit status after one line was printed.
 */
int virtio_pci_create(struct vm *vm, struct pci_host *host, unsigned int slot,
		      struct virtio_device *device);

/**
 * virtio_notify() - Interrupt the guest: a queue has used buffers.
 * @device: the device
 * @queue: its number
 *
 * Any thread; may be called with the queue's lock held.
 */
void virtio_notify(struct virtio_device *device, unsigned int queue);

/**
 * virtio_needs_reset() - Tell the guest that a queue is broken.
 * @device: the device
 *
 * Any thread; may be called with the queue's lock held.
 */
void virtio_needs_reset(struct virtio_device *device);

#endif
