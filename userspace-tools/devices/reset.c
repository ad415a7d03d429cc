// SPDX-License-Identifier: GPL-2.0
/*
 * The reset control register at port CF9, which the FADT names as ACPI's reset
 * register too. Facts from Intel's ICH datasheets, "Reset Control Register":
 * bit 1 chooses a hard reset, the rising edge of bit 2 carries it out.
 */
#include "devices.h"
#include "../run/layout.h"
#include "../run/report.h"

#define RESET_CPU	BIT(2)
#define RESET_WRITABLE	0x0e

struct reset {
	struct outcome *outcome;
	u8 value;	/* any vCPU: a byte, and the last one to write wins */
};

static u64 reset_read(void *device, u64 offset, unsigned int size)
{
	struct reset *reset = device;

	return size == 1 ? reset->value : ~0ULL;
}

static void reset_write(void *device, u64 offset, unsigned int size, u64 value)
{
	struct reset *reset = device;

	if (size != 1)
		return;
	if ((value & RESET_CPU) && !(reset->value & RESET_CPU))
		outcome_end(reset->outcome, ENDING_RESET, "port CF9");
	reset->value = value & RESET_WRITABLE;
}

static const struct bus_ops reset_ops = { reset_read, reset_write };

int reset_create(struct vm *vm)
{
	static struct reset reset;

	reset.outcome = &vm->outcome;
	if (bus_add(&vm->ports, PORT_RESET, 1, &reset_ops, &reset))
		return host_error("cannot place the reset register");
	return 0;
}
