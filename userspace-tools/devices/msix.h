/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MSI-X of a PCI function: its capability, the vector table in a BAR, and
 * messages behind the vectors. Facts from the PCI Local Bus Specification 3.0,
 * "MSI-X Capability and Table Structure".
 */
#ifndef LHV_DEVICES_MSIX_H
#define LHV_DEVICES_MSIX_H

#include <pthread.h>
#include "pci.h"

#define MSIX_MAX_VECTORS	4
#define MSIX_BAR_SIZE		4096U

struct msix_vector {
	u32 words[4];	/* address low and high, data, control: as in the table */
	int message;	/* number for message_fire() */
	bool pending;	/* fired while masked */
};

struct msix {
	pthread_mutex_t lock;	/* guards the rest */
	struct interrupts *interrupts;
	unsigned int capability;	/* offset in configuration space */
	unsigned int nr_vectors;	/* 0: there is no MSI-X */
	bool enabled;
	bool masked;		/* the whole function */
	struct msix_vector vectors[MSIX_MAX_VECTORS];
};

/**
 * msix_add() - Give a function MSI-X, if the hypervisor has messages.
 * @msix: filled in; without messages it stays empty and is never enabled
 * @function: not plugged yet
 * @bar: BAR that holds the table
 * @nr_vectors: at most MSIX_MAX_VECTORS
 * @interrupts: the VM's
 */
void msix_add(struct msix *msix, struct pci_function *function, unsigned int bar,
	      unsigned int nr_vectors, struct interrupts *interrupts);

/**
 * msix_config_written() - Look at the capability again after a write.
 * @msix: of the function
 * @function: whose configuration space was written
 */
void msix_config_written(struct msix *msix, const struct pci_function *function);

/**
 * msix_fire() - Send a vector's message, or note it while it is masked.
 * @msix: of the function
 * @vector: not trusted: a vector that is not there sends nothing
 *
 * Any thread.
 *
 * Return: whether MSI-X is enabled; if not, the caller uses its line.
 */
bool msix_fire(struct msix *msix, unsigned int vector);

/**
 * msix_enabled() - Whether the guest has turned MSI-X on. Any thread.
 * @msix: of the function
 */
bool msix_enabled(struct msix *msix);

#endif
