// SPDX-License-Identifier: GPL-2.0
/*
 * The MSI-X vector table. A vector's route is set when it can fire: the guest
 * writes address and data in pieces while the vector is masked.
 */
#include <linux/pci_regs.h>
#include <string.h>
#include "msix.h"

#define TABLE_OFFSET	0
#define PENDING_OFFSET	0x800
#define CAPABILITY_SIZE	12
#define VECTOR_MASKED	1U

enum { WORD_ADDRESS, WORD_ADDRESS_HIGH, WORD_DATA, WORD_CONTROL };

static bool can_fire(const struct msix *msix, const struct msix_vector *vector)
{
	return msix->enabled && !msix->masked &&
	       !(vector->words[WORD_CONTROL] & VECTOR_MASKED);
}

/* Something about masks or the vector has changed. */
static void update_vector(struct msix *msix, struct msix_vector *vector)
{
	if (!can_fire(msix, vector))
		return;
	message_route(msix->interrupts, vector->message,
		      (u64)vector->words[WORD_ADDRESS_HIGH] << 32 |
		      vector->words[WORD_ADDRESS], vector->words[WORD_DATA]);
	if (vector->pending) {
		vector->pending = false;
		message_fire(msix->interrupts, vector->message);
	}
}

static u64 pending_bits(const struct msix *msix)
{
	u64 bits = 0;
	unsigned int i;

	for (i = 0; i < msix->nr_vectors; i++)
		bits |= (u64)msix->vectors[i].pending << i;
	return bits;
}

static u32 read_word(const struct msix *msix, u64 offset)
{
	unsigned int vector = offset / PCI_MSIX_ENTRY_SIZE;

	if (offset >= PENDING_OFFSET)
		return offset < PENDING_OFFSET + 8 ?
		       pending_bits(msix) >> (offset - PENDING_OFFSET) * 8 : 0;
	if (vector >= msix->nr_vectors)
		return 0;
	return msix->vectors[vector].words[offset % PCI_MSIX_ENTRY_SIZE / 4];
}

static void write_word(struct msix *msix, u64 offset, u32 value)
{
	unsigned int vector = offset / PCI_MSIX_ENTRY_SIZE;
	unsigned int word = offset % PCI_MSIX_ENTRY_SIZE / 4;

	if (vector >= msix->nr_vectors)
		return;
	if (word == WORD_CONTROL)
		value &= VECTOR_MASKED;
	msix->vectors[vector].words[word] = value;
	update_vector(msix, &msix->vectors[vector]);
}

/* The specification allows aligned accesses of 4 and 8 bytes. */
static bool allowed(u64 offset, unsigned int size)
{
	return (size == 4 || size == 8) && offset % size == 0 &&
	       offset + size <= MSIX_BAR_SIZE;
}

static u64 table_read(void *device, u64 offset, unsigned int size)
{
	struct msix *msix = device;
	u64 value;

	if (!allowed(offset, size))
		return ~0ULL;
	pthread_mutex_lock(&msix->lock);
	value = read_word(msix, offset);
	if (size == 8)
		value |= (u64)read_word(msix, offset + 4) << 32;
	pthread_mutex_unlock(&msix->lock);
	return value;
}

static void table_write(void *device, u64 offset, unsigned int size, u64 value)
{
	struct msix *msix = device;

	if (!allowed(offset, size))
		return;
	pthread_mutex_lock(&msix->lock);
	write_word(msix, offset, value);
	if (size == 8)
		write_word(msix, offset + 4, value >> 32);
	pthread_mutex_unlock(&msix->lock);
}

static const struct bus_ops table_ops = { table_read, table_write };

void msix_add(struct msix *msix, struct pci_function *function, unsigned int bar,
	      unsigned int nr_vectors, struct interrupts *interrupts)
{
	u16 flags = PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL;
	unsigned int i, at;
	int message;

	memset(msix, 0, sizeof(*msix));
	pthread_mutex_init(&msix->lock, NULL);
	msix->interrupts = interrupts;
	for (i = 0; i < nr_vectors; i++) {
		message = message_alloc(interrupts);
		if (message < 0)
			return;
		msix->vectors[i].message = message;
		msix->vectors[i].words[WORD_CONTROL] = VECTOR_MASKED;
	}
	at = pci_add_capability(function, PCI_CAP_ID_MSIX, CAPABILITY_SIZE);
	pci_set16(function, at + PCI_MSIX_FLAGS, nr_vectors - 1);
	pci_set32(function, at + PCI_MSIX_TABLE, TABLE_OFFSET | bar);
	pci_set32(function, at + PCI_MSIX_PBA, PENDING_OFFSET | bar);
	memcpy(function->writable + at + PCI_MSIX_FLAGS, &flags, sizeof(flags));
	pci_add_bar(function, bar, MSIX_BAR_SIZE, &table_ops, msix);
	msix->capability = at;
	msix->nr_vectors = nr_vectors;
}

void msix_config_written(struct msix *msix, const struct pci_function *function)
{
	unsigned int i;
	u16 flags;

	if (!msix->nr_vectors)
		return;
	flags = pci_get16(function, msix->capability + PCI_MSIX_FLAGS);
	pthread_mutex_lock(&msix->lock);
	msix->enabled = flags & PCI_MSIX_FLAGS_ENABLE;
	msix->masked = flags & PCI_MSIX_FLAGS_MASKALL;
	for (i = 0; i < msix->nr_vectors; i++)
		update_vector(msix, &msix->vectors[i]);
	pthread_mutex_unlock(&msix->lock);
}

bool msix_fire(struct msix *msix, unsigned int vector)
{
	bool enabled;

	pthread_mutex_lock(&msix->lock);
	enabled = msix->enabled;
	if (enabled && vector < msix->nr_vectors) {
		if (can_fire(msix, &msix->vectors[vector]))
			message_fire(msix->interrupts,
				     msix->vectors[vector].message);
		else
			msix->vectors[vector].pending = true;
	}
	pthread_mutex_unlock(&msix->lock);
	return enabled;
}

bool msix_enabled(struct msix *msix)
{
	bool enabled;

	pthread_mutex_lock(&msix->lock);
	enabled = msix->enabled;
	pthread_mutex_unlock(&msix->lock);
	return enabled;
}
