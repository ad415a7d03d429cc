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

static enum hrtimer_restart expired(struct hrtimer *hrtimer)
{
	struct lhv_irq_timer *timer = container_of(hrtimer, struct lhv_irq_timer, hrtimer);

	timer->expired(timer);
	return HRTIMER_NORESTART;
}

void lhv_irq_hook_timer_init(struct lhv_irq_timer *timer, enum hrtimer_mode mode,
			     void (*fn)(struct lhv_irq_timer *timer))
{
	timer->mode = mode;
	timer->expired = fn;
	lhv_hrtimer_setup(&timer->hrtimer, expired, CLOCK_MONOTONIC, mode);
}

void lhv_irq_hook_timer_arm(struct lhv_irq_timer *timer, u64 expiry)
{
	hrtimer_start(&timer->hrtimer, ns_to_ktime(expiry), timer->mode);
}

void lhv_irq_hook_timer_cancel(struct lhv_irq_timer *timer)
{
	hrtimer_try_to_cancel(&timer->hrtimer);
}

void lhv_irq_hook_timer_destroy(struct lhv_irq_timer *timer)
{
	hrtimer_cancel(&timer->hrtimer);
}
