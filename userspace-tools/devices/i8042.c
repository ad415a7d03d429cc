// SPDX-License-Identifier: GPL-2.0
/*
 * A keyboard controller with nothing plugged in. It is there because "pulse
 * the reset line" is how PCs have been reset since the AT. Facts from the
 * 8042's description in IBM's "PC/AT Technical Reference" and the PS/2 one.
 */
#include <pthread.h>
#include "devices.h"
#include "../run/layout.h"
#include "../run/report.h"

#define STATUS_OUTPUT_FULL	0x01
#define STATUS_SYSTEM		0x04
#define STATUS_COMMAND		0x08	/* the last write was a command */
#define STATUS_UNLOCKED		0x10

#define COMMAND_READ_MODE	0x20
#define COMMAND_WRITE_MODE	0x60
#define COMMAND_AUX_DISABLE	0xa7
#define COMMAND_AUX_ENABLE	0xa8
#define COMMAND_AUX_TEST	0xa9
#define COMMAND_SELF_TEST	0xaa
#define COMMAND_KEYBOARD_TEST	0xab
#define COMMAND_DISABLE		0xad
#define COMMAND_ENABLE		0xae
#define COMMAND_READ_OUTPUT	0xd0
#define COMMAND_WRITE_OUTPUT	0xd1
#define COMMAND_PULSE		0xf0	/* low bits: lines not to pulse */

#define MODE_KEYBOARD_DISABLED	0x10
#define MODE_AUX_DISABLED	0x20
#define OUTPUT_NOT_RESET	0x01
#define OUTPUT_A20		0x02
#define TEST_STUCK_LOW		0x01	/* the clock line of an empty socket */

struct i8042 {
	struct outcome *outcome;
	pthread_mutex_t lock;	/* guards the rest */
	u8 status;
	u8 mode;
	u8 output;		/* byte waiting at the data port */
	u8 pending;		/* command that waits for its argument, or 0 */
};

static void answer(struct i8042 *kbc, u8 value)
{
	kbc->output = value;
	kbc->status |= STATUS_OUTPUT_FULL;
}

static void reset_guest(struct i8042 *kbc)
{
	outcome_end(kbc->outcome, ENDING_RESET, "keyboard controller");
}

/* Commands that only answer, change the mode, or wait for an argument. */
static const struct command {
	u8 code;
	bool answers;
	u8 reply;
	u8 mode_set;
	u8 mode_clear;
	bool takes_argument;
} commands[] = {
	{ COMMAND_WRITE_MODE, .takes_argument = true },
	{ COMMAND_WRITE_OUTPUT, .takes_argument = true },
	{ COMMAND_AUX_DISABLE, .mode_set = MODE_AUX_DISABLED },
	{ COMMAND_AUX_ENABLE, .mode_clear = MODE_AUX_DISABLED },
	{ COMMAND_AUX_TEST, .answers = true, .reply = TEST_STUCK_LOW },
	{ COMMAND_SELF_TEST, .answers = true, .reply = 0x55 },
	{ COMMAND_KEYBOARD_TEST, .answers = true, .reply = TEST_STUCK_LOW },
	{ COMMAND_DISABLE, .mode_set = MODE_KEYBOARD_DISABLED },
	{ COMMAND_ENABLE, .mode_clear = MODE_KEYBOARD_DISABLED },
	{ COMMAND_READ_OUTPUT, .answers = true,
	  .reply = OUTPUT_NOT_RESET | OUTPUT_A20 },
};

static void do_command(struct i8042 *kbc, u8 code)
{
	const struct command *command;

	kbc->pending = 0;
	kbc->status |= STATUS_COMMAND;
	if (code >= COMMAND_PULSE && !(code & OUTPUT_NOT_RESET)) {
		reset_guest(kbc);
		return;
	}
	if (code == COMMAND_READ_MODE)
		answer(kbc, kbc->mode);
	for (command = commands; command < commands + ARRAY_SIZE(commands);
	     command++) {
		if (command->code != code)
			continue;
		kbc->mode = (kbc->mode & ~command->mode_clear) | command->mode_set;
		if (command->takes_argument)
			kbc->pending = code;
		if (command->answers)
			answer(kbc, command->reply);
	}
}

/* Without an argument wanted, data goes to a keyboard that is not there. */
static void do_data(struct i8042 *kbc, u8 value)
{
	kbc->status &= ~STATUS_COMMAND;
	if (kbc->pending == COMMAND_WRITE_MODE)
		kbc->mode = value;
	else if (kbc->pending == COMMAND_WRITE_OUTPUT &&
		 !(value & OUTPUT_NOT_RESET))
		reset_guest(kbc);
	kbc->pending = 0;
}

static u64 data_read(void *device, u64 offset, unsigned int size)
{
	struct i8042 *kbc = device;
	u8 value;

	if (size != 1)
		return ~0ULL;
	pthread_mutex_lock(&kbc->lock);
	kbc->status &= ~STATUS_OUTPUT_FULL;
	value = kbc->output;
	pthread_mutex_unlock(&kbc->lock);
	return value;
}

static void data_write(void *device, u64 offset, unsigned int size, u64 value)
{
	struct i8042 *kbc = device;

	if (size != 1)
		return;
	pthread_mutex_lock(&kbc->lock);
	do_data(kbc, value);
	pthread_mutex_unlock(&kbc->lock);
}

static u64 status_read(void *device, u64 offset, unsigned int size)
{
	struct i8042 *kbc = device;
	u8 value;

	if (size != 1)
		return ~0ULL;
	pthread_mutex_lock(&kbc->lock);
	value = kbc->status;
	pthread_mutex_unlock(&kbc->lock);
	return value;
}

static void command_write(void *device, u64 offset, unsigned int size, u64 value)
{
	struct i8042 *kbc = device;

	if (size != 1)
		return;
	pthread_mutex_lock(&kbc->lock);
	do_command(kbc, value);
	pthread_mutex_unlock(&kbc->lock);
}

static const struct bus_ops data_ops = { data_read, data_write };
static const struct bus_ops command_ops = { status_read, command_write };

int i8042_create(struct vm *vm)
{
	static struct i8042 kbc = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.status = STATUS_SYSTEM | STATUS_UNLOCKED,
		.mode = MODE_KEYBOARD_DISABLED | MODE_AUX_DISABLED,
	};

	kbc.outcome = &vm->outcome;
	if (bus_add(&vm->ports, PORT_I8042_DATA, 1, &data_ops, &kbc) ||
	    bus_add(&vm->ports, PORT_I8042_COMMAND, 1, &command_ops, &kbc))
		return host_error("cannot place the keyboard controller");
	return 0;
}
