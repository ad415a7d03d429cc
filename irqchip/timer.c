// SPDX-License-Identifier: GPL-2.0
/*
 * The timers behind the local APICs and the VM's chips: hrtimers on the
 * monotonic clock. Kernel only; unit tests have their own clock.
 *
 * Called through the hooks of irqchip.h. What a timer is for it may not know.
 * Expiry runs in hard interrupt context: it leaves an event for the vCPU's
 * thread, or raises a line.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>

#include "../module/compat.h"
#include "internal.h"

u64 lhv_irq_hook_now(void)
{
	return ktime_get_ns();
}

static enum hrtimer_restart apic_expired(struct hrtimer *timer)
{
	struct lhv_lapic *apic = container_of(timer, struct lhv_lapic, timer);

	set_bit(LHV_APIC_EVENT_TIMER, &apic->events);
	lhv_irq_hook_kick(apic);
	return HRTIMER_NORESTART;
}

void lhv_irq_hook_timer_init(struct lhv_lapic *apic)
{
	lhv_hrtimer_setup(&apic->timer, apic_expired, CLOCK_MONOTONIC,
			  HRTIMER_MODE_ABS_PINNED_HARD);
}

/*
 * Pinned to the CPU whose vCPU arms it: there the expiry itself ends the guest's
 * turn, without another interrupt to tell.
 */
void lhv_irq_hook_timer_arm(struct lhv_lapic *apic, u64 expiry)
{
	hrtimer_start(&apic->timer, ns_to_ktime(expiry), HRTIMER_MODE_ABS_PINNED_HARD);
}

void lhv_irq_hook_timer_cancel(struct lhv_lapic *apic)
{
	hrtimer_try_to_cancel(&apic->timer);
}

void lhv_irq_hook_timer_destroy(struct lhv_lapic *apic)
{
	hrtimer_cancel(&apic->timer);
}

static enum hrtimer_restart chip_expired(struct hrtimer *timer)
{
	struct lhv_chip_hrtimer *own = container_of(timer, struct lhv_chip_hrtimer, hrtimer);

	lhv_irqchip_timer_expired(own->chip, own - own->chip->timers);
	return HRTIMER_NORESTART;
}

void lhv_irq_hook_chip_timer_init(struct lhv_irqchip *chip)
{
	unsigned int i;

	for (i = 0; i < LHV_CHIP_TIMERS; i++) {
		chip->timers[i].chip = chip;
		lhv_hrtimer_setup(&chip->timers[i].hrtimer, chip_expired,
				  CLOCK_MONOTONIC, HRTIMER_MODE_ABS_HARD);
	}
}

void lhv_irq_hook_chip_timer_arm(struct lhv_irqchip *chip, enum lhv_chip_timer which, u64 expiry)
{
	hrtimer_start(&chip->timers[which].hrtimer, ns_to_ktime(expiry), HRTIMER_MODE_ABS_HARD);
}

void lhv_irq_hook_chip_timer_cancel(struct lhv_irqchip *chip, enum lhv_chip_timer which)
{
	hrtimer_try_to_cancel(&chip->timers[which].hrtimer);
}

void lhv_irq_hook_chip_timer_destroy(struct lhv_irqchip *chip)
{
	unsigned int i;

	for (i = 0; i < LHV_CHIP_TIMERS; i++)
		hrtimer_cancel(&chip->timers[i].hrtimer);
}
