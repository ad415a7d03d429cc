/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PCI functions: configuration space, memory BARs, capabilities; and the host
 * bridge they sit behind. Facts from the PCI Local Bus Specification 3.0.
 */
#ifndef LHV_DEVICES_PCI_H
#define LHV_DEVICES_PCI_H

#include "../run/vm.h"

#define PCI_CONFIG_SIZE	256
#define PCI_NR_BARS	6
#define PCI_NR_SLOTS	32
/* Room that each slot gets in the PCI window when the guest starts. */
#define PCI_SLOT_WINDOW	0x10000U

struct pci_function;

struct pci_function_ops {
	/* The guest reads @size bytes at @offset: refresh config if it lives. */
	void (*before_read)(struct pci_function *function, unsigned int offset,
			    unsigned int size);
	/* The guest has written @size bytes at @offset. */
	void (*after_write)(struct pci_function *function, unsigned int offset,
			    unsigned int size);
	/* A BAR starts (@mapped) or stops decoding @address. */
	void (*bar_changed)(struct pci_function *function, unsigned int bar,
			    u64 address, bool mapped);
};

struct pci_bar {
	u32 size;		/* power of two; 0: not there */
	u64 address;		/* where it decodes now; 0: nowhere */
	const struct bus_ops *ops;
	void *device;
};

/* Guarded by the host bridge's lock once the guest runs. */
struct pci_function {
	u8 config[PCI_CONFIG_SIZE];
	u8 writable[PCI_CONFIG_SIZE];	/* bits that the guest may change */
	struct pci_bar bars[PCI_NR_BARS];
	const struct pci_function_ops *ops;
	struct bus *mmio;
	unsigned int slot;
	unsigned int next_capability;	/* free room in config */
	unsigned int last_capability;	/* link to patch; 0: the header's */
};

struct pci_host {
	pthread_mutex_t lock;	/* guards the functions and the address */
	u32 address;		/* CONFIG_ADDRESS */
	struct pci_function *slots[PCI_NR_SLOTS];
	struct pci_function bridge;	/* the host bridge itself, slot 0 */
};

struct pci_identity {
	u16 vendor;
	u16 device;
	u16 subsystem_vendor;
	u16 subsystem;
	u32 class_code;		/* base, sub, interface: 24 bits */
	u8 revision;
	bool interrupt;		/* uses INTA */
};

/**
 * pci_host_create() - Put a host bridge on the port bus.
 * @host: filled in
 * @vm: its buses
 *
 * Return: 0, or the exit status after one line was printed.
 */
int pci_host_create(struct pci_host *host, struct vm *vm);

/**
 * pci_host_plug() - Put a function into a slot, with BARs placed and decoding.
 * @host: host bridge
 * @slot: 1 to 31
 * @function: set up by pci_init(), capabilities and BARs added
 */
void pci_host_plug(struct pci_host *host, unsigned int slot,
		   struct pci_function *function);

/**
 * pci_init() - Fill in a type 0 header.
 * @function: overwritten
 * @identity: what it says it is
 * @mmio: bus of its BARs
 */
void pci_init(struct pci_function *function, const struct pci_identity *identity,
	      struct bus *mmio);

/**
 * pci_add_bar() - Add a 32-bit memory BAR.
 * @function: not plugged yet
 * @bar: 0 to 5
 * @size: power of two, at least 16
 * @ops: handlers; offsets count from the BAR's start
 * @device: what they get
 */
void pci_add_bar(struct pci_function *function, unsigned int bar, u32 size,
		 const struct bus_ops *ops, void *device);

/**
 * pci_add_capability() - Add a read-only capability.
 * @function: not plugged yet
 * @id: capability identifier
 * @size: bytes with the two of the header; the rest is zero
 *
 * Return: its offset in configuration space.
 */
unsigned int pci_add_capability(struct pci_function *function, u8 id,
				unsigned int size);

u64 pci_config_read(struct pci_function *function, unsigned int offset,
		    unsigned int size);
void pci_config_write(struct pci_function *function, unsigned int offset,
		      unsigned int size, u64 value);

u16 pci_get16(const struct pci_function *function, unsigned int offset);
void pci_set16(struct pci_function *function, unsigned int offset, u16 value);
u32 pci_get32(const struct pci_function *function, unsigned int offset);
void pci_set32(struct pci_function *function, unsigned int offset, u32 value);

#endif
