// SPDX-License-Identifier: GPL-2.0
/*
 * ACPI's fixed power management registers: PM1 event and PM1 control, as the
 * ACPI specification's "PM1 Event Grouping" and "PM1 Control Registers" have
 * them. Their one job is power-off; there are no buttons and no timer, and the
 * FADT says so.
 */
#include <pthread.h>
#include "devices.h"
#include "../run/layout.h"
#include "../run/report.h"

#define CONTROL_SCI_EN		BIT(0)
#define CONTROL_SLEEP_SHIFT	10
#define CONTROL_SLEEP_MASK	7U
#define CONTROL_SLEEP_ENABLE	BIT(13)
#define CONTROL_WRITABLE	0x1c03	/* SLP_EN reads as 0 */

struct acpi_pm {
	struct outcome *outcome;
	pthread_mutex_t lock;	/* guards the registers */
	u16 enable;
	u16 control;
};

/* Status and enable, 2 bytes each: nothing ever sets a status bit. */
static u64 event_read(void *device, u64 offset, unsigned int size)
{
	struct acpi_pm *pm = device;
	u64 both;

	pthread_mutex_lock(&pm->lock);
	both = (u64)pm->enable << 16;
	pthread_mutex_unlock(&pm->lock);
	return offset + size <= 4 ? both >> (offset * 8) : ~0ULL;
}

static void event_write(void *device, u64 offset, unsigned int size, u64 value)
{
	struct acpi_pm *pm = device;

	pthread_mutex_lock(&pm->lock);
	if (offset == 2 && size == 2)
		pm->enable = value;
	else if (offset == 0 && size == 4)
		pm->enable = value >> 16;
	pthread_mutex_unlock(&pm->lock);
}

static const struct bus_ops event_ops = { event_read, event_write };

static u64 control_read(void *device, u64 offset, unsigned int size)
{
	struct acpi_pm *pm = device;
	u64 value;

	pthread_mutex_lock(&pm->lock);
	value = pm->control;
	pthread_mutex_unlock(&pm->lock);
	return offset + size <= 2 ? value >> (offset * 8) : ~0ULL;
}

static void control_write(void *device, u64 offset, unsigned int size, u64 value)
{
	struct acpi_pm *pm = device;

	if (offset || size != 2)
		return;
	pthread_mutex_lock(&pm->lock);
	pm->control = (value & CONTROL_WRITABLE) | CONTROL_SCI_EN;
	pthread_mutex_unlock(&pm->lock);
	if ((value & CONTROL_SLEEP_ENABLE) &&
	    ((value >> CONTROL_SLEEP_SHIFT) & CONTROL_SLEEP_MASK) ==
	    ACPI_SLEEP_TYPE_OFF)
		outcome_end(pm->outcome, ENDING_POWER_OFF, "ACPI");
}

static const struct bus_ops control_ops = { control_read, control_write };

int acpi_pm_create(struct vm *vm)
{
	static struct acpi_pm pm = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.control = CONTROL_SCI_EN,	/* ACPI mode is the only one */
	};

	pm.outcome = &vm->outcome;
	if (bus_add(&vm->ports, PORT_PM1_EVENT, 4, &event_ops, &pm) ||
	    bus_add(&vm->ports, PORT_PM1_CONTROL, 2, &control_ops, &pm))
		return host_error("cannot place the ACPI registers");
	return 0;
}
