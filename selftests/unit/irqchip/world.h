/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The world around the interrupt controllers, as the tests make it: a clock that
 * stands still unless told, timers on it, and a record of what the chips asked
 * of the world. Also what a processor and its guest do with them.
 *
 * Used by every test in this folder; each case has a process and so a world of
 * its own. Knows nothing of what the chips should do.
 */
#ifndef UNIT_IRQCHIP_WORLD_H
#define UNIT_IRQCHIP_WORLD_H

#include "../../../irqchip/irqchip.h"
#include "../../../irqchip/lapic-regs.h"
#include "../../include/tap.h"

#define MAX_CPUS	255
#define TSC_PER_NS	3	/* guest TSC ticks */

struct world {
	struct lhv_irqchip chip;
	struct lhv_lapic *cpus[MAX_CPUS];
	unsigned int nr_cpus;
	u64 now;
	u64 cpu_timer[MAX_CPUS], chip_timer[LHV_CHIP_TIMERS];
	unsigned int arms[LHV_CHIP_TIMERS];
	unsigned int kicks[MAX_CPUS], pic_rises, map_changes, mode_changes;
	bool resamplers;
	/* called by the EOI hook; counts in eois[chip][pin] come by themselves */
	void (*on_eoi)(u32 irqchip, u32 pin);
	unsigned int eois[3][LHV_IOAPIC_PINS];
	unsigned int user_eois[MAX_CPUS];	/* split: how often, and the last vector */
	u8 user_eoi;
};

extern struct world world;

/* A VM with so many vCPUs, irqchip created, APICs enabled by software. */
void world_init(unsigned int nr_cpus);
/* The same without enabling the APICs. */
void world_init_reset(unsigned int nr_cpus);
void world_end(void);
/* Time passes; timers expire in their order. */
void world_advance(u64 ns);

/* What a vCPU's thread does before it enters the guest. */
void cpu_events(unsigned int cpu);
/* Takes the interrupt that is pending; -1 if none. */
int cpu_take(unsigned int cpu);
/* Guest accesses by MMIO or by MSR, as the mode is; they must not fault. */
u32 cpu_read(unsigned int cpu, u32 offset);
void cpu_write(unsigned int cpu, u32 offset, u32 val);
void cpu_icr(unsigned int cpu, u32 dest, u32 low);
void cpu_eoi(unsigned int cpu);
/* IA32_APIC_BASE by the guest; the result of lhv_lapic_set_base(). */
int cpu_set_mode(unsigned int cpu, enum lhv_apic_mode mode);

u8 in8(u16 port);
void out8(u16 port, u8 val);
u32 ioapic_get(u32 index);
void ioapic_put(u32 index, u32 val);
/* A whole redirection entry, upper half first. */
void ioapic_pin(unsigned int pin, u64 rte);
u64 ioapic_rte(unsigned int pin);
/* Usual initialization of both 8259s: vectors, no AEOI, nothing masked. */
void pic_init(u8 master_base, u8 slave_base);

/* The same numbers on every run. */
u32 random32(void);
void random_seed(u32 seed);

#endif
