// SPDX-License-Identifier: GPL-2.0
/*
 * Local APIC, vectors on their way: requested (IRR), taken into service (ISR),
 * ended (EOI), and which of them the priorities let through.
 *
 * Called by arch-x86/ before each entry and for each interrupt it injects, by
 * ipi.c and the timer for arrivals. May not know where a vector comes from.
 *
 * IRR and TMR may be written by anybody at any time, hence atomically; ISR is
 * the vCPU's own. So that the empty case costs one load, irr_words has a bit for
 * each 32-bit word of IRR that may be set: a bit is set after the word was, and
 * cleared before the word is looked at once more.
 */
#include <linux/atomic.h>

#include "internal.h"
#include "lapic-regs.h"

/* A posted-interrupt descriptor: 256 bits of requests, then ON in bit 256. */
static_assert(sizeof_field(struct lhv_lapic, posted.pir) == 32 &&
	      offsetof(struct lhv_lapic, posted.on) == offsetof(struct lhv_lapic, posted.pir) + 32);

static bool set_request(struct lhv_lapic *apic, u8 vector)
{
	bool fresh = !test_and_set_bit(vector % 32, lapic_word(apic, LAPIC_IRR, vector));

	if (!test_bit(vector / 32, &apic->irr_words))
		set_bit(vector / 32, &apic->irr_words);
	return fresh;
}

static void retire_word(struct lhv_lapic *apic, unsigned int word)
{
	clear_bit(word, &apic->irr_words);
	smp_mb__after_atomic(); /* pairs with set_request()'s atomics */
	if (lapic_get(apic, LAPIC_IRR + word * 16))
		set_bit(word, &apic->irr_words);
}

static bool post(struct lhv_lapic *apic, u8 vector)
{
	bool fresh = !test_and_set_bit(vector, apic->posted.pir);

	if (!test_bit(0, &apic->posted.on))
		set_bit(0, &apic->posted.on);
	return fresh && !lapic_test(apic, LAPIC_IRR, vector);
}

/* The guest does not run, so the page is this thread's alone. */
static void fold_posted(struct lhv_lapic *apic)
{
	unsigned int i;
	u64 bits;

	if (!test_and_clear_bit(0, &apic->posted.on))
		return;
	for (i = 0; i < 4; i++) {
		if (!READ_ONCE(apic->posted.pir[i]))
			continue;
		bits = xchg(&apic->posted.pir[i], 0);
		lapic_or(apic, LAPIC_IRR + i * 32, bits);
		lapic_or(apic, LAPIC_IRR + i * 32 + 16, bits >> 32);
	}
}

/* Posted by one who saw hw_vid when it was about to end. */
static void recall_posted(struct lhv_lapic *apic)
{
	unsigned int vector;

	clear_bit(0, &apic->posted.on);
	smp_mb__after_atomic(); /* pairs with post()'s atomics */
	for (vector = 0; vector < 256; vector++)
		if (test_and_clear_bit(vector, apic->posted.pir))
			set_request(apic, vector);
}

void lapic_priority_rebuild(struct lhv_lapic *apic)
{
	unsigned int word;

	apic->isr_words = 0;
	for (word = 0; word < LAPIC_WORDS; word++) {
		retire_word(apic, word);
		if (lapic_get(apic, LAPIC_ISR + word * 16))
			apic->isr_words |= BIT(word);
	}
	apic->highest_isr = lapic_scan(apic, LAPIC_ISR);
}

/**
 * lhv_lapic_set_hw_vid - hardware begins or ceases to deliver
 * @apic: a local APIC
 * @on: what begins
 *
 * Own thread, guest not running.
 */
void lhv_lapic_set_hw_vid(struct lhv_lapic *apic, bool on)
{
	if (apic->hw_vid == on)
		return;
	WRITE_ONCE(apic->hw_vid, on);
	if (!on)
		lapic_priority_rebuild(apic);
}

bool lapic_request(struct lhv_lapic *apic, u8 vector, bool level, bool own)
{
	bool fresh;

	if (lapic_test(apic, LAPIC_TMR, vector) != level)
		assign_bit(vector % 32, lapic_word(apic, LAPIC_TMR, vector), level);
	if (own)
		return set_request(apic, vector);
	fresh = apic->hw_vid ? post(apic, vector) : set_request(apic, vector);
	/* the hardware may just have taken what it would have coalesced with */
	if (fresh || apic->hw_vid)
		lhv_irq_hook_kick(apic);
	return fresh;
}

bool lapic_unfinished(struct lhv_lapic *apic, u8 vector)
{
	return lapic_test(apic, LAPIC_IRR, vector) || lapic_test(apic, LAPIC_ISR, vector) ||
	       test_bit(vector, apic->posted.pir);
}

/**
 * lhv_lapic_highest_irr - highest vector that is requested
 * @apic: a local APIC
 *
 * With virtual-interrupt delivery this also brings into the page what others
 * have posted; the result is what RVI must be. Own thread, guest not running.
 *
 * Return: the vector, -1 if none.
 */
int lhv_lapic_highest_irr(struct lhv_lapic *apic)
{
	unsigned long words;
	unsigned int word;
	u32 bits;

	if (apic->hw_vid) {
		fold_posted(apic);
		return lapic_scan(apic, LAPIC_IRR);
	}
	if (unlikely(READ_ONCE(apic->posted.on)))
		recall_posted(apic);
	for (words = READ_ONCE(apic->irr_words); words; words &= ~BIT(word)) {
		word = __fls(words);
		bits = lapic_get(apic, LAPIC_IRR + word * 16);
		if (bits)
			return word * 32 + __fls(bits);
		retire_word(apic, word);
	}
	return -1;
}

/**
 * lhv_lapic_highest_isr - highest vector in service
 * @apic: a local APIC
 *
 * With virtual-interrupt delivery the result is what SVI must be. Own thread.
 *
 * Return: the vector, -1 if none.
 */
int lhv_lapic_highest_isr(struct lhv_lapic *apic)
{
	return apic->hw_vid ? lapic_scan(apic, LAPIC_ISR) : apic->highest_isr;
}

/**
 * lhv_lapic_ppr - processor priority, from TPR and the vectors in service
 * @apic: a local APIC
 *
 * Own thread.
 *
 * Return: the value of PPR.
 */
u32 lhv_lapic_ppr(struct lhv_lapic *apic)
{
	u32 tpr = lapic_get(apic, LAPIC_TPR) & 0xff;
	int isr = lhv_lapic_highest_isr(apic);

	if (isr < 0 || (tpr & 0xf0) >= (isr & 0xf0))
		return tpr;
	return isr & 0xf0;
}

/**
 * lhv_lapic_pending - the vector that may be taken now
 * @apic: a local APIC
 *
 * Own thread, guest not running. The processor's own reasons not to take
 * it (RFLAGS.IF and the like) are the caller's.
 *
 * Return: the vector, -1 if none.
 */
int lhv_lapic_pending(struct lhv_lapic *apic)
{
	int irr = lhv_lapic_highest_irr(apic);

	if (irr < 0 || apic->mode == LHV_APIC_DISABLED)
		return -1;
	return (irr & 0xf0) > (lhv_lapic_ppr(apic) & 0xf0) ? irr : -1;
}

/**
 * lhv_lapic_ack - take a vector into service
 * @apic: a local APIC
 * @vector: what lhv_lapic_pending() returned
 *
 * Own thread.
 */
void lhv_lapic_ack(struct lhv_lapic *apic, int vector)
{
	if (vector < 0 || vector > 255)
		return;
	clear_bit(vector % 32, lapic_word(apic, LAPIC_IRR, vector));
	if (!lapic_get(apic, LAPIC_IRR + (vector / 32) * 16))
		retire_word(apic, vector / 32);
	lapic_assign(apic, LAPIC_ISR, vector, true);
	apic->isr_words |= BIT(vector / 32);
	apic->highest_isr = max(apic->highest_isr, vector);
}

/* The highest vector in service ends. */
static void leave_service(struct lhv_lapic *apic, unsigned int vector)
{
	unsigned int word = vector / 32;

	lapic_assign(apic, LAPIC_ISR, vector, false);
	if (!lapic_get(apic, LAPIC_ISR + word * 16))
		apic->isr_words &= ~BIT(word);
	apic->highest_isr = -1;
	if (!apic->isr_words || apic->hw_vid)
		return;
	word = __fls(apic->isr_words);
	apic->highest_isr = word * 32 + __fls(lapic_get(apic, LAPIC_ISR + word * 16));
}

/**
 * lhv_lapic_eoi_induced - an EOI that the hardware has carried out
 * @apic: a local APIC
 * @vector: the vector whose service ended
 *
 * Own thread. Raises what still asserts a level-triggered pin.
 */
void lhv_lapic_eoi_induced(struct lhv_lapic *apic, u8 vector)
{
	struct lhv_irqchip *chip = apic->chip;

	if (!test_bit(vector, chip->eoi_vectors) || !chip_present(chip))
		return;
	if (chip->ioapic)
		ioapic_eoi(chip->ioapic, vector);
	else
		split_eoi(apic, vector);
}

/**
 * lhv_lapic_eoi - the guest wrote its EOI register
 * @apic: a local APIC
 *
 * Own thread. Without a vector in service it has no effect.
 */
void lhv_lapic_eoi(struct lhv_lapic *apic)
{
	int vector = lhv_lapic_highest_isr(apic);

	if (vector < 0)
		return;
	leave_service(apic, vector);
	lhv_lapic_eoi_induced(apic, vector);
}

/**
 * lhv_lapic_eoi_exit_bitmap - which EOIs the hardware must not keep to itself
 * @apic: a local APIC with hw_vid
 * @bitmap: filled in, one bit for each vector
 *
 * Own thread; again after lhv_irq_hook_eoi_map_changed().
 */
void lhv_lapic_eoi_exit_bitmap(struct lhv_lapic *apic, u64 bitmap[4])
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		bitmap[i] = READ_ONCE(apic->chip->eoi_vectors[i]);
}

/**
 * lhv_lapic_get_cr8 - task priority as CR8 shows it
 * @apic: a local APIC
 *
 * Return: bits 7:4 of TPR.
 */
u8 lhv_lapic_get_cr8(struct lhv_lapic *apic)
{
	return (lapic_get(apic, LAPIC_TPR) >> 4) & 15;
}

/**
 * lhv_lapic_set_cr8 - set task priority through CR8
 * @apic: a local APIC
 * @cr8: 0 to 15, the caller refuses reserved bits
 *
 * Own thread.
 */
void lhv_lapic_set_cr8(struct lhv_lapic *apic, u8 cr8)
{
	lapic_put(apic, LAPIC_TPR, (cr8 & 15) << 4);
}
