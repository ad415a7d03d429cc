// SPDX-License-Identifier: GPL-2.0
/*
 * A 16550A at COM1. Facts from National Semiconductor's PC16550D datasheet.
 * What is written is sent at once, so the transmitter is always empty and a
 * driver fills all of its FIFO for each interrupt. Port handlers run in vCPU
 * threads, input comes from the main thread.
 */
#include <linux/serial_reg.h>
#include <string.h>
#include "console.h"
#include "devices.h"
#include "../run/layout.h"
#include "../run/report.h"

#define FIFO_SIZE	16
#define NR_REGISTERS	8
#define MCR_WRITABLE	0x1f
#define LCR_BREAK	UART_LCR_SBC
#define IER_WRITABLE	0x0f
#define FCR_WRITABLE	0xc9	/* the two resets clear themselves */
#define IIR_FIFOS_ON	0xc0
#define MSR_CONNECTED	(UART_MSR_CTS | UART_MSR_DSR | UART_MSR_DCD)
#define MSR_DELTAS	0x0f

struct serial {
	pthread_mutex_t lock;	/* guards the registers and the interrupt line */
	u8 interrupt_enable;
	u8 fifo_control;
	u8 line_control;
	u8 modem_control;
	u8 line_errors;		/* overrun, break: cleared by reading LSR */
	u8 modem_deltas;	/* cleared by reading MSR */
	u8 scratch;
	u8 divisor[2];
	u8 fifo[FIFO_SIZE];
	unsigned int fifo_start;
	unsigned int fifo_count;
	bool transmit_empty;	/* not yet reported by IIR */
	bool line;		/* level of the interrupt line */
	int outgoing;		/* byte to send once the lock is free, or -1 */
	struct interrupts *interrupts;
	struct console console;
};

static bool fifos_on(const struct serial *serial)
{
	return serial->fifo_control & UART_FCR_ENABLE_FIFO;
}

static unsigned int fifo_room(const struct serial *serial)
{
	unsigned int size = fifos_on(serial) ? FIFO_SIZE : 1;

	return serial->fifo_count < size ? size - serial->fifo_count : 0;
}

static unsigned int fifo_trigger(const struct serial *serial)
{
	static const u8 triggers[] = { 1, 4, 8, 14 };

	return fifos_on(serial) ? triggers[serial->fifo_control >> 6] : 1;
}

/* In priority order; the code is what IIR reads. */
static u8 interrupt_code(const struct serial *serial)
{
	u8 enabled = serial->interrupt_enable;

	if ((enabled & UART_IER_RLSI) && serial->line_errors)
		return UART_IIR_RLSI;
	if ((enabled & UART_IER_RDI) && serial->fifo_count)
		return serial->fifo_count >= fifo_trigger(serial) ?
		       UART_IIR_RDI : UART_IIR_RX_TIMEOUT;
	if ((enabled & UART_IER_THRI) && serial->transmit_empty)
		return UART_IIR_THRI;
	if ((enabled & UART_IER_MSI) && serial->modem_deltas)
		return UART_IIR_MSI;
	return UART_IIR_NO_INT;
}

/* On a PC, OUT2 connects the chip's interrupt to the line; loopback cuts it. */
static void update_line(struct serial *serial)
{
	bool line = interrupt_code(serial) != UART_IIR_NO_INT &&
		    (serial->modem_control & UART_MCR_OUT2) &&
		    !(serial->modem_control & UART_MCR_LOOP);

	if (line == serial->line)
		return;
	serial->line = line;
	interrupt_line(serial->interrupts, GSI_COM1, line);
}

static void fifo_push(struct serial *serial, u8 byte)
{
	if (!fifo_room(serial)) {
		serial->line_errors |= UART_LSR_OE;
		return;
	}
	serial->fifo[(serial->fifo_start + serial->fifo_count++) % FIFO_SIZE] = byte;
}

static u8 read_receive(struct serial *serial)
{
	u8 byte;

	if (serial->line_control & UART_LCR_DLAB)
		return serial->divisor[0];
	if (!serial->fifo_count)
		return 0;
	byte = serial->fifo[serial->fifo_start];
	serial->fifo_start = (serial->fifo_start + 1) % FIFO_SIZE;
	if (!--serial->fifo_count)
		console_want_input(&serial->console);
	return byte;
}

static u8 read_interrupt_enable(struct serial *serial)
{
	return serial->line_control & UART_LCR_DLAB ? serial->divisor[1] :
						      serial->interrupt_enable;
}

static u8 read_interrupt_code(struct serial *serial)
{
	u8 code = interrupt_code(serial);

	if (code == UART_IIR_THRI)
		serial->transmit_empty = false;
	return code | (fifos_on(serial) ? IIR_FIFOS_ON : 0);
}

static u8 read_line_control(struct serial *serial)
{
	return serial->line_control;
}

static u8 read_modem_control(struct serial *serial)
{
	return serial->modem_control;
}

static u8 read_line_status(struct serial *serial)
{
	u8 status = UART_LSR_THRE | UART_LSR_TEMT | serial->line_errors;

	if (serial->fifo_count)
		status |= UART_LSR_DR;
	serial->line_errors = 0;
	return status;
}

/* In loopback the four outputs are wired to the four inputs. */
static u8 modem_inputs(const struct serial *serial)
{
	u8 control = serial->modem_control;

	if (!(control & UART_MCR_LOOP))
		return MSR_CONNECTED;
	return (control & UART_MCR_RTS ? UART_MSR_CTS : 0) |
	       (control & UART_MCR_DTR ? UART_MSR_DSR : 0) |
	       (control & UART_MCR_OUT1 ? UART_MSR_RI : 0) |
	       (control & UART_MCR_OUT2 ? UART_MSR_DCD : 0);
}

static u8 read_modem_status(struct serial *serial)
{
	u8 status = modem_inputs(serial) | serial->modem_deltas;

	serial->modem_deltas = 0;
	return status;
}

static u8 read_scratch(struct serial *serial)
{
	return serial->scratch;
}

static void write_transmit(struct serial *serial, u8 value)
{
	if (serial->line_control & UART_LCR_DLAB) {
		serial->divisor[0] = value;
		return;
	}
	serial->transmit_empty = true;
	if (serial->modem_control & UART_MCR_LOOP)
		fifo_push(serial, value);
	else
		serial->outgoing = value;
}

static void write_interrupt_enable(struct serial *serial, u8 value)
{
	if (serial->line_control & UART_LCR_DLAB) {
		serial->divisor[1] = value;
		return;
	}
	/* Turning the transmit interrupt on reports an empty transmitter anew. */
	if ((value & UART_IER_THRI) && !(serial->interrupt_enable & UART_IER_THRI))
		serial->transmit_empty = true;
	if (value & ~serial->interrupt_enable & UART_IER_RDI)
		console_want_input(&serial->console);
	serial->interrupt_enable = value & IER_WRITABLE;
}

static void write_fifo_control(struct serial *serial, u8 value)
{
	bool toggled = (value ^ serial->fifo_control) & UART_FCR_ENABLE_FIFO;

	serial->fifo_control = value & UART_FCR_ENABLE_FIFO ?
			       value & FCR_WRITABLE : 0;
	if (toggled || (value & UART_FCR_CLEAR_RCVR)) {
		serial->fifo_count = 0;
		console_want_input(&serial->console);
	}
}

static void write_line_control(struct serial *serial, u8 value)
{
	bool broken = value & ~serial->line_control & LCR_BREAK;

	serial->line_control = value;
	if (broken && (serial->modem_control & UART_MCR_LOOP)) {
		fifo_push(serial, 0);
		serial->line_errors |= UART_LSR_BI;
	}
}

static void write_modem_control(struct serial *serial, u8 value)
{
	u8 before = modem_inputs(serial), changed;

	if (serial->modem_control & ~value & UART_MCR_LOOP)
		console_want_input(&serial->console);
	serial->modem_control = value & MCR_WRITABLE;
	changed = before ^ modem_inputs(serial);
	/* The ring indicator reports its end only. */
	if ((changed & UART_MSR_RI) && !(before & UART_MSR_RI))
		changed &= ~UART_MSR_RI;
	serial->modem_deltas |= (changed >> 4) & MSR_DELTAS;
}

static void write_scratch(struct serial *serial, u8 value)
{
	serial->scratch = value;
}

/* LSR and MSR are read-only here: writing them is for factory tests. */
static void write_nothing(struct serial *serial, u8 value)
{
}

static const struct {
	u8 (*read)(struct serial *serial);
	void (*write)(struct serial *serial, u8 value);
} registers[NR_REGISTERS] = {
	[UART_RX] = { read_receive, write_transmit },
	[UART_IER] = { read_interrupt_enable, write_interrupt_enable },
	[UART_IIR] = { read_interrupt_code, write_fifo_control },
	[UART_LCR] = { read_line_control, write_line_control },
	[UART_MCR] = { read_modem_control, write_modem_control },
	[UART_LSR] = { read_line_status, write_nothing },
	[UART_MSR] = { read_modem_status, write_nothing },
	[UART_SCR] = { read_scratch, write_scratch },
};

/* The chip has an 8-bit bus: of a wider access it sees the first byte. */
static u64 serial_read(void *device, u64 offset, unsigned int size)
{
	struct serial *serial = device;
	u64 value;

	pthread_mutex_lock(&serial->lock);
	value = registers[offset].read(serial) | (~0ULL << 8);
	update_line(serial);
	pthread_mutex_unlock(&serial->lock);
	return size == 1 ? value & 0xff : value;
}

static void serial_write(void *device, u64 offset, unsigned int size, u64 value)
{
	struct serial *serial = device;

	int outgoing;

	pthread_mutex_lock(&serial->lock);
	serial->outgoing = -1;
	registers[offset].write(serial, value);
	update_line(serial);
	outgoing = serial->outgoing;
	pthread_mutex_unlock(&serial->lock);
	if (outgoing >= 0)
		console_put(&serial->console, outgoing);
}

static const struct bus_ops serial_ops = { serial_read, serial_write };

/*
 * Until the guest listens, input waits: a driver that starts up empties the
 * FIFO, and what was piped in would be gone.
 */
static size_t room(void *opaque)
{
	struct serial *serial = opaque;
	size_t n = 0;

	pthread_mutex_lock(&serial->lock);
	if ((serial->interrupt_enable & UART_IER_RDI) &&
	    !(serial->modem_control & UART_MCR_LOOP))
		n = fifo_room(serial);
	pthread_mutex_unlock(&serial->lock);
	return n;
}

static void receive(void *opaque, const u8 *bytes, size_t count)
{
	struct serial *serial = opaque;
	size_t i;

	pthread_mutex_lock(&serial->lock);
	for (i = 0; i < count; i++)
		fifo_push(serial, bytes[i]);
	update_line(serial);
	pthread_mutex_unlock(&serial->lock);
}

static struct serial com1 = { .lock = PTHREAD_MUTEX_INITIALIZER };

int serial_create(struct vm *vm, struct loop *loop)
{
	int ret;

	com1.interrupts = &vm->interrupts;
	com1.console.outcome = &vm->outcome;
	com1.console.room = room;
	com1.console.receive = receive;
	com1.console.opaque = &com1;
	ret = console_create(&com1.console, loop);
	if (ret)
		return ret;
	if (bus_add(&vm->ports, PORT_COM1, NR_REGISTERS, &serial_ops, &com1))
		return host_error("cannot place the serial port");
	return 0;
}

void serial_release(void)
{
	console_release(&com1.console);
}

void serial_finish(void)
{
	console_finish(&com1.console);
}
