/* SPDX-License-Identifier: GPL-2.0 */
/* What a boot processor needs in memory before its first instruction. */
#ifndef LHV_BOOT_START_H
#define LHV_BOOT_START_H

struct guest_memory;
struct kvm_sregs;
struct kvm_regs;
struct boot_state;

/**
 * start_write_long_mode() - Write a GDT and identity page tables.
 * @memory: guest memory, at least 1 MiB
 *
 * The tables map the first 4 GiB one to one in pages of 2 MiB.
 */
void start_write_long_mode(struct guest_memory *memory);

/**
 * start_registers() - Set up the boot processor's registers.
 * @state: how the kernel wants to be started
 * @sregs: as read from the vCPU; what start-up does not define stays
 * @regs: overwritten
 */
void start_registers(const struct boot_state *state, struct kvm_sregs *sregs,
		     struct kvm_regs *regs);

#endif
