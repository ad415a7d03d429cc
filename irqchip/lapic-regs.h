/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The local APIC's registers as the Intel SDM (chapter "Advanced Programmable
 * Interrupt Controller") lays them out in its page, and the means to get at one.
 * Included by the lapic*.c and ipi.c; knows nothing of how they behave.
 */
#ifndef LHV_LAPIC_REGS_H
#define LHV_LAPIC_REGS_H

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/types.h>

#include "irqchip.h"

#define LAPIC_ID		0x020
#define LAPIC_LVR		0x030
#define LAPIC_TPR		0x080
#define LAPIC_APR		0x090
#define LAPIC_PPR		0x0a0
#define LAPIC_EOI		0x0b0
#define LAPIC_RRD		0x0c0
#define LAPIC_LDR		0x0d0
#define LAPIC_DFR		0x0e0
#define LAPIC_SVR		0x0f0
#define LAPIC_ISR		0x100	/* eight words of 32 bits, 16 bytes apart */
#define LAPIC_TMR		0x180
#define LAPIC_IRR		0x200
#define LAPIC_ESR		0x280
#define LAPIC_ICR		0x300
#define LAPIC_ICR2		0x310	/* xAPIC; in x2APIC mode the ICR has 64 bits */
#define LAPIC_LVTT		0x320
#define LAPIC_LVT_THERMAL	0x330
#define LAPIC_LVT_PERF		0x340
#define LAPIC_LVT_LINT0		0x350
#define LAPIC_LVT_LINT1		0x360
#define LAPIC_LVT_ERROR		0x370
#define LAPIC_TMICT		0x380
#define LAPIC_TMCCT		0x390
#define LAPIC_TDCR		0x3e0
#define LAPIC_SELF_IPI		0x3f0	/* x2APIC */

/* Version 14h of an integrated APIC, six LVT entries, no directed EOI. */
#define LAPIC_VERSION		0x00050014

#define LAPIC_SVR_ENABLE	BIT(8)
#define LAPIC_SVR_BITS		0x3ff
#define LAPIC_SVR_RESET		0xff
#define LAPIC_DFR_FLAT		0xffffffff
#define LAPIC_DFR_CLUSTER	0x0fffffff

#define LAPIC_LVT_VECTOR	0xff
#define LAPIC_LVT_STATUS	BIT(12)
#define LAPIC_LVT_REMOTE_IRR	BIT(14)
#define LAPIC_LVT_MASKED	BIT(16)
#define LAPIC_LVT_MODE(lvt)	(((lvt) >> 8) & 7)

/* Delivery modes, in the LVT, the ICR, the I/O APIC and in messages. */
enum lapic_delivery {
	LAPIC_DM_FIXED, LAPIC_DM_LOWEST, LAPIC_DM_SMI, LAPIC_DM_RESERVED,
	LAPIC_DM_NMI, LAPIC_DM_INIT, LAPIC_DM_SIPI, LAPIC_DM_EXTINT
};

enum lapic_timer_mode {
	LAPIC_TIMER_ONESHOT, LAPIC_TIMER_PERIODIC, LAPIC_TIMER_DEADLINE,
	LAPIC_TIMER_RESERVED
};

#define LAPIC_LVTT_MODE(lvt)	(((lvt) >> 17) & 3)

/* Bits of the ESR. */
enum lapic_error {
	LAPIC_ERR_SEND_VECTOR = 5, LAPIC_ERR_RECEIVE_VECTOR, LAPIC_ERR_REGISTER
};

#define LAPIC_BASE_BSP		BIT_ULL(8)
#define LAPIC_BASE_EXTD		BIT_ULL(10)
#define LAPIC_BASE_EN		BIT_ULL(11)

#define LAPIC_WORDS		8		/* of IRR, ISR, TMR */
#define LAPIC_FIRST_VECTOR	16		/* below: reserved for exceptions */

static inline u32 lapic_get(const struct lhv_lapic *apic, u32 offset)
{
	return READ_ONCE(*(const u32 *)(apic->regs + offset));
}

static inline void lapic_put(struct lhv_lapic *apic, u32 offset, u32 val)
{
	WRITE_ONCE(*(u32 *)(apic->regs + offset), val);
}

/* Only for words that nobody else writes. */
static inline void lapic_or(struct lhv_lapic *apic, u32 offset, u32 bits)
{
	lapic_put(apic, offset, lapic_get(apic, offset) | bits);
}

/*
 * The word of a 256-bit register that holds a vector, for bit operations on
 * vector % 32: 16 bytes apart, so each may be taken for an unsigned long whose
 * upper half is unused.
 */
static inline unsigned long *lapic_word(const struct lhv_lapic *apic, u32 reg,
					unsigned int vector)
{
	return (unsigned long *)(apic->regs + reg + (vector / 32) * 16);
}

static inline bool lapic_test(const struct lhv_lapic *apic, u32 reg,
			      unsigned int vector)
{
	return lapic_get(apic, reg + (vector / 32) * 16) & BIT(vector % 32);
}

/* Only for words that nobody else writes. */
static inline void lapic_assign(struct lhv_lapic *apic, u32 reg,
				unsigned int vector, bool set)
{
	u32 offset = reg + (vector / 32) * 16;
	u32 val = lapic_get(apic, offset) & ~(u32)BIT(vector % 32);

	lapic_put(apic, offset, set ? val | BIT(vector % 32) : val);
}

/* Highest vector of a 256-bit register, -1 for none. */
static inline int lapic_scan(const struct lhv_lapic *apic, u32 reg)
{
	int word;
	u32 bits;

	for (word = LAPIC_WORDS - 1; word >= 0; word--) {
		bits = lapic_get(apic, reg + word * 16);
		if (bits)
			return word * 32 + __fls(bits);
	}
	return -1;
}

static inline u32 lapic_x2_ldr(u32 id)
{
	return ((id >> 4) << 16) | BIT(id & 15);
}

/* ID that the APIC answers to in its present mode. */
static inline u32 lapic_physical_id(const struct lhv_lapic *apic)
{
	u32 id = lapic_get(apic, LAPIC_ID);

	return apic->mode == LHV_APIC_X2APIC ? id : id >> 24;
}

#endif /* LHV_LAPIC_REGS_H */
