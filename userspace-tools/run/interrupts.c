// SPDX-License-Identifier: GPL-2.0
/*
 * GSI routing. GSIs 0 to 23 are the IOAPIC's pins, 0 to 15 the PICs' as well,
 * as on a PC whose ACPI tables declare no override; messages follow from 24.
 * Messages go through irqfd where there is one, else through KVM_IRQ_LINE.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include "interrupts.h"
#include "layout.h"
#include "outcome.h"
#include "report.h"

#define NR_PIC_PINS	16
#define MAX_ROUTES	(GSI_IOAPIC_PINS + NR_PIC_PINS + MAX_MESSAGES)

struct route_table {
	struct kvm_irq_routing header;
	struct kvm_irq_routing_entry entries[MAX_ROUTES];
};

static void add_pin(struct route_table *table, unsigned int gsi,
		    unsigned int chip, unsigned int pin)
{
	struct kvm_irq_routing_entry *entry = &table->entries[table->header.nr++];

	entry->gsi = gsi;
	entry->type = KVM_IRQ_ROUTING_IRQCHIP;
	entry->u.irqchip.irqchip = chip;
	entry->u.irqchip.pin = pin;
}

static void add_message(struct route_table *table, unsigned int gsi,
			const struct message *message)
{
	struct kvm_irq_routing_entry *entry = &table->entries[table->header.nr++];

	entry->gsi = gsi;
	entry->type = KVM_IRQ_ROUTING_MSI;
	entry->u.msi.address_lo = message->address;
	entry->u.msi.address_hi = message->address >> 32;
	entry->u.msi.data = message->data;
}

/* The whole table is replaced: the interface knows no change of one route. */
static int set_routes(struct interrupts *interrupts)
{
	struct route_table table;
	unsigned int i;

	memset(&table, 0, sizeof(table));
	for (i = 0; i < GSI_IOAPIC_PINS; i++) {
		if (i < NR_PIC_PINS)
			add_pin(&table, i, i < 8 ? KVM_IRQCHIP_PIC_MASTER :
						   KVM_IRQCHIP_PIC_SLAVE, i % 8);
		add_pin(&table, i, KVM_IRQCHIP_IOAPIC, i);
	}
	for (i = 0; i < interrupts->nr_messages; i++) {
		if (interrupts->messages[i].routed)
			add_message(&table, GSI_IOAPIC_PINS + i,
				    &interrupts->messages[i]);
	}
	return ioctl(interrupts->vm_fd, KVM_SET_GSI_ROUTING, &table) ? -errno : 0;
}

int interrupts_init(struct interrupts *interrupts, int vm_fd)
{
	int ret;

	interrupts->vm_fd = vm_fd;
	pthread_mutex_init(&interrupts->lock, NULL);
	if (!interrupts->have_routing)
		return 0;
	ret = set_routes(interrupts);
	if (ret)
		return host_error("cannot set interrupt routes: %s", strerror(-ret));
	return 0;
}

void interrupt_line(struct interrupts *interrupts, unsigned int gsi, bool level)
{
	struct kvm_irq_level line = { .irq = gsi, .level = level };

	if (ioctl(interrupts->vm_fd, KVM_IRQ_LINE, &line))
		outcome_end(interrupts->outcome, ENDING_HOST_ERROR,
			    "interrupt line %u: %s", gsi, strerror(errno));
}

static int bind_irqfd(struct interrupts *interrupts, unsigned int gsi)
{
	struct kvm_irqfd irqfd = { .gsi = gsi };
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -1;
	irqfd.fd = fd;
	/* Its own descriptor lives as long as the VM: there is no unbinding. */
	if (ioctl(interrupts->vm_fd, KVM_IRQFD, &irqfd))
		return -1;
	return fd;
}

int message_alloc(struct interrupts *interrupts)
{
	struct message *message;
	int number;

	if (!interrupts->have_routing)
		return -EOPNOTSUPP;
	pthread_mutex_lock(&interrupts->lock);
	number = interrupts->nr_messages;
	if (number == MAX_MESSAGES) {
		pthread_mutex_unlock(&interrupts->lock);
		return -ENOSPC;
	}
	message = &interrupts->messages[number];
	message->event_fd = interrupts->have_irqfd ?
			    bind_irqfd(interrupts, GSI_IOAPIC_PINS + number) : -1;
	interrupts->nr_messages++;
	pthread_mutex_unlock(&interrupts->lock);
	return number;
}

void message_route(struct interrupts *interrupts, int number, u64 address,
		   u32 data)
{
	struct message *message = &interrupts->messages[number];
	struct message old;

	pthread_mutex_lock(&interrupts->lock);
	old = *message;
	message->address = address;
	message->data = data;
	message->routed = true;
	/* What the guest wrote may be no valid message: then it has none. */
	if ((!old.routed || old.address != address || old.data != data) &&
	    set_routes(interrupts)) {
		message->routed = false;
		set_routes(interrupts);
	}
	pthread_mutex_unlock(&interrupts->lock);
}

void message_fire(struct interrupts *interrupts, int number)
{
	struct message *message = &interrupts->messages[number];
	struct kvm_irq_level line = {
		.irq = GSI_IOAPIC_PINS + number,
		.level = 1,
	};

	pthread_mutex_lock(&interrupts->lock);
	if (!message->routed)
		;
	else if (message->event_fd >= 0)
		eventfd_write(message->event_fd, 1);
	else
		ioctl(interrupts->vm_fd, KVM_IRQ_LINE, &line);
	pthread_mutex_unlock(&interrupts->lock);
}
