// SPDX-License-Identifier: GPL-2.0
/*
 * A PCI host bridge with one bus and configuration mechanism #1: CONFIG_ADDRESS
 * at port CF8, CONFIG_DATA at CFC. It also does what firmware would: places
 * the BARs, turns decoding on, tells each function its interrupt line.
 */
#include <linux/pci_regs.h>
#include <string.h>
#include "devices.h"
#include "pci.h"
#include "../run/layout.h"
#include "../run/report.h"

#define ADDRESS_ENABLE	BIT(31)
#define ADDRESS_VALID	0x80fffffcU

/* The bridge's identity is the one Red Hat gives away for virtual ones. */
static const struct pci_identity bridge_identity = {
	.vendor = 0x1b36,
	.device = 0x0008,
	.class_code = 0x060000,
};

static const struct pci_function_ops bridge_ops;

/* The function that CONFIG_ADDRESS selects: bus 0, function 0, or nothing. */
static struct pci_function *selected(struct pci_host *host)
{
	if (!(host->address & ADDRESS_ENABLE) || (host->address >> 8 & 0xff07))
		return NULL;
	return host->slots[host->address >> 11 & (PCI_NR_SLOTS - 1)];
}

static u64 address_read(void *device, u64 offset, unsigned int size)
{
	struct pci_host *host = device;
	u64 value;

	if (size != 4)
		return ~0ULL;
	pthread_mutex_lock(&host->lock);
	value = host->address;
	pthread_mutex_unlock(&host->lock);
	return value;
}

static void address_write(void *device, u64 offset, unsigned int size, u64 value)
{
	struct pci_host *host = device;

	if (size != 4)
		return;
	pthread_mutex_lock(&host->lock);
	host->address = value & ADDRESS_VALID;
	pthread_mutex_unlock(&host->lock);
}

static const struct bus_ops address_ops = { address_read, address_write };

static u64 data_read(void *device, u64 offset, unsigned int size)
{
	struct pci_host *host = device;
	struct pci_function *function;
	u64 value = ~0ULL;

	if (offset + size > 4)
		return value;
	pthread_mutex_lock(&host->lock);
	function = selected(host);
	if (function)
		value = pci_config_read(function,
					(host->address & 0xfc) + offset, size);
	pthread_mutex_unlock(&host->lock);
	return value;
}

static void data_write(void *device, u64 offset, unsigned int size, u64 value)
{
	struct pci_host *host = device;
	struct pci_function *function;

	if (offset + size > 4)
		return;
	pthread_mutex_lock(&host->lock);
	function = selected(host);
	if (function)
		pci_config_write(function, (host->address & 0xfc) + offset, size,
				 value);
	pthread_mutex_unlock(&host->lock);
}

static const struct bus_ops data_ops = { data_read, data_write };

int pci_host_create(struct pci_host *host, struct vm *vm)
{
	memset(host, 0, sizeof(*host));
	pthread_mutex_init(&host->lock, NULL);
	pci_init(&host->bridge, &bridge_identity, &vm->mmio);
	host->bridge.ops = &bridge_ops;
	host->slots[0] = &host->bridge;
	if (bus_add(&vm->ports, PORT_PCI_ADDRESS, 1, &address_ops, host) ||
	    bus_add(&vm->ports, PORT_PCI_DATA, 4, &data_ops, host))
		return host_error("cannot place the PCI host bridge");
	return 0;
}

void pci_host_plug(struct pci_host *host, unsigned int slot,
		   struct pci_function *function)
{
	u64 address = GUEST_PCI_WINDOW + (u64)slot * PCI_SLOT_WINDOW;
	unsigned int i;

	pthread_mutex_lock(&host->lock);
	function->slot = slot;
	host->slots[slot] = function;
	for (i = 0; i < PCI_NR_BARS; i++) {
		if (!function->bars[i].size)
			continue;
		address = align_up(address, function->bars[i].size);
		pci_config_write(function, PCI_BASE_ADDRESS_0 + 4 * i, 4, address);
		address += function->bars[i].size;
	}
	if (function->config[PCI_INTERRUPT_PIN])
		pci_config_write(function, PCI_INTERRUPT_LINE, 1,
				 GSI_PCI_BASE + (slot - 1) % GSI_PCI_COUNT);
	pci_config_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	pthread_mutex_unlock(&host->lock);
}
