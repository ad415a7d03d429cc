/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupts into the guest: lines of the in-kernel IOAPIC and PIC, and
 * messages (MSI) behind them.
 */
#ifndef LHV_RUN_INTERRUPTS_H
#define LHV_RUN_INTERRUPTS_H

#include <pthread.h>
#include "types.h"

#define MAX_MESSAGES 32

struct message {
	u64 address;
	u32 data;
	bool routed;	/* address and data have been set */
	int event_fd;	/* bound by irqfd; -1: fired by ioctl */
};

struct outcome;

struct interrupts {
	int vm_fd;
	bool have_routing;	/* without it there are no messages */
	bool have_irqfd;
	struct outcome *outcome;
	pthread_mutex_t lock;	/* guards the messages and the route table */
	unsigned int nr_messages;
	struct message messages[MAX_MESSAGES];
};

/**
 * interrupts_init() - Set up the routes of the in-kernel interrupt chips.
 * @interrupts: have_* and outcome filled in by the caller
 * @vm_fd: a VM with its irqchip created
 *
 * Return: 0, or the exit status after one line was printed.
 */
int interrupts_init(struct interrupts *interrupts, int vm_fd);

/**
 * interrupt_line() - Set the level of an input line.
 * @interrupts: the VM's
 * @gsi: 0 to 23
 * @level: asserted or not
 *
 * Any thread; the caller sees to the order of its own calls.
 */
void interrupt_line(struct interrupts *interrupts, unsigned int gsi, bool level);

/**
 * message_alloc() - Reserve a message.
 * @interrupts: the VM's
 *
 * Return: its number, or -ENOSPC, or -EOPNOTSUPP if the VM has none.
 */
int message_alloc(struct interrupts *interrupts);

/**
 * message_route() - Say where a message goes.
 * @interrupts: the VM's
 * @number: from message_alloc()
 * @address: as the guest wrote it
 * @data: as the guest wrote it
 */
void message_route(struct interrupts *interrupts, int number, u64 address,
		   u32 data);

/**
 * message_fire() - Send a message; nothing happens before it was routed.
 * @interrupts: the VM's
 * @number: from message_alloc()
 *
 * Any thread.
 */
void message_fire(struct interrupts *interrupts, int number);

#endif
