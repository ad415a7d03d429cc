/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's devices, one file each. Who calls: ../run/run.c makes them, the
 * buses call their handlers from vCPU threads, the main loop brings them input
 * and time. They know guest memory, interrupts and the outcome; they do not
 * know vCPUs or the hypervisor's descriptors. Each has one mutex of its own;
 * where two are held, the order is that of the call: device, then queue, then
 * MSI-X, then interrupts.
 */
#ifndef LHV_DEVICES_H
#define LHV_DEVICES_H

#include "../run/vm.h"

struct loop;
struct pci_host;

/*
 * Each *_create() puts its device on the VM's buses; it lives as long as the
 * process. Returns 0, or the exit status after one line was printed.
 */
int serial_create(struct vm *vm, struct loop *loop);
/* The guest has ended: let a vCPU go that waits for the user to read. */
void serial_release(void);
/* The vCPUs have stopped: write out what the guest has printed. */
void serial_finish(void);
int rtc_create(struct vm *vm, struct loop *loop);
int i8042_create(struct vm *vm);
int reset_create(struct vm *vm);
int acpi_pm_create(struct vm *vm);

#endif
