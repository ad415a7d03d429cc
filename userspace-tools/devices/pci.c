// SPDX-License-Identifier: GPL-2.0
/*
 * One PCI function's configuration space. Which bits the guest may change is a
 * mask beside it, which makes BAR sizing and read-only fields the same thing.
 * Called by the host bridge; knows no device.
 */
#include <assert.h>
#include <linux/pci_regs.h>
#include <string.h>
#include "pci.h"
#include "../run/layout.h"

#define FIRST_CAPABILITY	0x40
#define COMMAND_WRITABLE	(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | \
				 PCI_COMMAND_INTX_DISABLE)

u16 pci_get16(const struct pci_function *function, unsigned int offset)
{
	u16 value;

	memcpy(&value, function->config + offset, sizeof(value));
	return value;
}

void pci_set16(struct pci_function *function, unsigned int offset, u16 value)
{
	memcpy(function->config + offset, &value, sizeof(value));
}

u32 pci_get32(const struct pci_function *function, unsigned int offset)
{
	u32 value;

	memcpy(&value, function->config + offset, sizeof(value));
	return value;
}

void pci_set32(struct pci_function *function, unsigned int offset, u32 value)
{
	memcpy(function->config + offset, &value, sizeof(value));
}

void pci_init(struct pci_function *function, const struct pci_identity *identity,
	      struct bus *mmio)
{
	u16 command = COMMAND_WRITABLE;

	memset(function, 0, sizeof(*function));
	function->mmio = mmio;
	function->next_capability = FIRST_CAPABILITY;
	pci_set16(function, PCI_VENDOR_ID, identity->vendor);
	pci_set16(function, PCI_DEVICE_ID, identity->device);
	pci_set32(function, PCI_CLASS_REVISION,
		  identity->class_code << 8 | identity->revision);
	pci_set16(function, PCI_SUBSYSTEM_VENDOR_ID, identity->subsystem_vendor);
	pci_set16(function, PCI_SUBSYSTEM_ID, identity->subsystem);
	memcpy(function->writable + PCI_COMMAND, &command, sizeof(command));
	if (identity->interrupt) {
		function->config[PCI_INTERRUPT_PIN] = 1;
		function->writable[PCI_INTERRUPT_LINE] = 0xff;
	}
}

void pci_add_bar(struct pci_function *function, unsigned int bar, u32 size,
		 const struct bus_ops *ops, void *device)
{
	u32 writable = ~(size - 1);

	function->bars[bar].size = size;
	function->bars[bar].ops = ops;
	function->bars[bar].device = device;
	memcpy(function->writable + PCI_BASE_ADDRESS_0 + 4 * bar, &writable,
	       sizeof(writable));
}

unsigned int pci_add_capability(struct pci_function *function, u8 id,
				unsigned int size)
{
	unsigned int at = function->next_capability;

	assert(at + size <= PCI_CONFIG_SIZE);
	function->config[at + PCI_CAP_LIST_ID] = id;
	if (function->last_capability)
		function->config[function->last_capability + PCI_CAP_LIST_NEXT] = at;
	else
		function->config[PCI_CAPABILITY_LIST] = at;
	pci_set16(function, PCI_STATUS, PCI_STATUS_CAP_LIST);
	function->last_capability = at;
	function->next_capability = align_up(at + size, 4);
	return at;
}

/* Where a BAR should decode by its register and the command; 0: nowhere. */
static u64 wanted_address(const struct pci_function *function, unsigned int bar)
{
	u64 address = pci_get32(function, PCI_BASE_ADDRESS_0 + 4 * bar);
	u32 size = function->bars[bar].size;

	if (!(pci_get16(function, PCI_COMMAND) & PCI_COMMAND_MEMORY))
		return 0;
	address &= PCI_BASE_ADDRESS_MEM_MASK;
	/* While a guest sizes a BAR it holds all ones, which is no address. */
	if (address < GUEST_PCI_WINDOW || address + size > GUEST_PCI_WINDOW_END)
		return 0;
	return address;
}

static void move_bar(struct pci_function *function, unsigned int number)
{
	struct pci_bar *bar = &function->bars[number];
	u64 wanted = wanted_address(function, number);

	if (wanted == bar->address)
		return;
	if (bar->address) {
		bus_remove(function->mmio, bar->address);
		if (function->ops->bar_changed)
			function->ops->bar_changed(function, number,
						   bar->address, false);
		bar->address = 0;
	}
	/* Over another BAR nothing decodes until the guest moves one away. */
	if (!wanted || bus_add(function->mmio, wanted, bar->size, bar->ops,
			       bar->device))
		return;
	bar->address = wanted;
	if (function->ops->bar_changed)
		function->ops->bar_changed(function, number, wanted, true);
}

/* Twice round: a BAR may want the place that a later one is leaving. */
static void move_bars(struct pci_function *function)
{
	unsigned int i;

	for (i = 0; i < 2 * PCI_NR_BARS; i++) {
		if (function->bars[i % PCI_NR_BARS].size)
			move_bar(function, i % PCI_NR_BARS);
	}
}

u64 pci_config_read(struct pci_function *function, unsigned int offset,
		    unsigned int size)
{
	u64 value = 0;

	if (offset + size > PCI_CONFIG_SIZE)
		return ~0ULL;
	if (function->ops->before_read)
		function->ops->before_read(function, offset, size);
	memcpy(&value, function->config + offset, size);
	return value;
}

void pci_config_write(struct pci_function *function, unsigned int offset,
		      unsigned int size, u64 value)
{
	unsigned int i;
	u8 mask;

	if (offset + size > PCI_CONFIG_SIZE)
		return;
	for (i = 0; i < size; i++, value >>= 8) {
		mask = function->writable[offset + i];
		function->config[offset + i] &= ~mask;
		function->config[offset + i] |= value & mask;
	}
	if (offset < PCI_BASE_ADDRESS_5 + 4 && offset + size > PCI_COMMAND)
		move_bars(function);
	if (function->ops->after_write)
		function->ops->after_write(function, offset, size);
}
