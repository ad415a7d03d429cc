/* SPDX-License-Identifier: GPL-2.0 */
/* Interrupts, where there are none: on. A test may say otherwise. */
#ifndef UNIT_LINUX_IRQFLAGS_H
#define UNIT_LINUX_IRQFLAGS_H

#include <stdbool.h>

extern bool unit_irqs_off;

static inline bool irqs_disabled(void)
{
	return unit_irqs_off;
}

#endif /* UNIT_LINUX_IRQFLAGS_H */
