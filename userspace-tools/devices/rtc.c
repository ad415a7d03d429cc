// SPDX-License-Identifier: GPL-2.0
/*
 * The CMOS real-time clock: host time plus what the guest has set, with
 * periodic, alarm and update-ended interrupts. Facts from Motorola's MC146818
 * datasheet; the century byte at 32h is where the FADT points to. Registers
 * are served in vCPU threads, time passes in the main thread.
 */
#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "devices.h"
#include "rtc.h"
#include "../run/layout.h"
#include "../run/loop.h"
#include "../run/report.h"

#define CMOS_SIZE	128
#define NMI_MASK_BIT	0x80

#define SECONDS		0x00
#define SECONDS_ALARM	0x01
#define MINUTES		0x02
#define MINUTES_ALARM	0x03
#define HOURS		0x04
#define HOURS_ALARM	0x05
#define WEEKDAY		0x06
#define DAY		0x07
#define MONTH		0x08
#define YEAR		0x09
#define REG_A		0x0a
#define REG_B		0x0b
#define REG_C		0x0c
#define REG_D		0x0d

#define A_UPDATE		0x80
#define A_DIVIDER_32KHZ		0x20
#define A_RATE			0x0f
#define A_WRITABLE		0x7f
#define B_SET			0x80
#define B_PERIODIC		0x40
#define B_ALARM			0x20
#define B_UPDATE_ENDED		0x10
#define B_BINARY		0x04
#define B_24_HOURS		0x02
#define C_ANY			0x80
#define D_VALID			0x80
#define ALARM_ANY		0xc0	/* both top bits: every value matches */
#define HOURS_PM		0x80

#define NS_PER_SECOND		1000000000LL
#define UPDATE_NS		244000		/* UIP is up this long before */
#define BASE_HZ			32768

struct rtc {
	pthread_mutex_t lock;	/* guards the rest */
	u8 index;
	u8 ram[CMOS_SIZE];	/* registers A to D and the alarm live here too */
	struct tm frozen;	/* the time while register B's SET is on */
	s64 ahead;		/* seconds between the guest's clock and the host's */
	s64 ticked;		/* last second that was announced */
	s64 flagged;		/* last second that register C told about */
	struct interrupts *interrupts;
	struct loop_source timer;
};

static s64 host_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (s64)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static s64 guest_seconds(const struct rtc *rtc)
{
	return host_ns() / NS_PER_SECOND + rtc->ahead;
}

static struct tm guest_time(const struct rtc *rtc)
{
	time_t seconds = guest_seconds(rtc);
	struct tm tm;

	if (rtc->ram[REG_B] & B_SET)
		return rtc->frozen;
	gmtime_r(&seconds, &tm);
	return tm;
}

static u8 encode(const struct rtc *rtc, int value)
{
	return rtc_encode(value, rtc->ram[REG_B] & B_BINARY);
}

static u8 encode_hours(const struct rtc *rtc, int hours)
{
	int twelve = (hours + 11) % 12 + 1;

	if (rtc->ram[REG_B] & B_24_HOURS)
		return encode(rtc, hours);
	return encode(rtc, twelve) | (hours >= 12 ? HOURS_PM : 0);
}

static int decode(const struct rtc *rtc, u8 value)
{
	return rtc_decode(value, rtc->ram[REG_B] & B_BINARY);
}

static int decode_hours(const struct rtc *rtc, u8 value)
{
	if (rtc->ram[REG_B] & B_24_HOURS)
		return decode(rtc, value);
	return decode(rtc, value & ~HOURS_PM) % 12 + (value & HOURS_PM ? 12 : 0);
}

/* Registers that are parts of the time, and where struct tm keeps them. */
static const struct {
	u8 index;
	size_t field;
	int bias;	/* register minus field */
} time_registers[] = {
	{ SECONDS, offsetof(struct tm, tm_sec), 0 },
	{ MINUTES, offsetof(struct tm, tm_min), 0 },
	{ WEEKDAY, offsetof(struct tm, tm_wday), 1 },
	{ DAY, offsetof(struct tm, tm_mday), 0 },
	{ MONTH, offsetof(struct tm, tm_mon), 1 },
};

static bool read_time(const struct rtc *rtc, u8 index, u8 *value)
{
	struct tm tm = guest_time(rtc);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(time_registers); i++) {
		if (time_registers[i].index != index)
			continue;
		*value = encode(rtc, time_registers[i].bias +
				*(int *)((char *)&tm + time_registers[i].field));
		return true;
	}
	if (index == HOURS)
		*value = encode_hours(rtc, tm.tm_hour);
	else if (index == YEAR)
		*value = encode(rtc, tm.tm_year % 100);
	else if (index == RTC_CENTURY)
		*value = encode(rtc, (tm.tm_year + 1900) / 100);
	else
		return false;
	return true;
}

/* The guest may write nonsense: timegm() normalizes it, as a counter would. */
static bool write_time(struct rtc *rtc, u8 index, u8 value)
{
	struct tm tm = guest_time(rtc);
	int year = tm.tm_year + 1900;
	bool found = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(time_registers); i++) {
		if (time_registers[i].index != index)
			continue;
		*(int *)((char *)&tm + time_registers[i].field) =
			decode(rtc, value) - time_registers[i].bias;
		found = true;
	}
	if (index == HOURS)
		tm.tm_hour = decode_hours(rtc, value);
	else if (index == YEAR)
		tm.tm_year = year / 100 * 100 + decode(rtc, value) - 1900;
	else if (index == RTC_CENTURY)
		tm.tm_year = decode(rtc, value) * 100 + year % 100 - 1900;
	else if (!found)
		return false;
	if (rtc->ram[REG_B] & B_SET)
		rtc->frozen = tm;
	else
		rtc->ahead = timegm(&tm) - host_ns() / NS_PER_SECOND;
	return true;
}

static void update_line(struct rtc *rtc)
{
	bool was = rtc->ram[REG_C] & C_ANY;
	bool is = rtc->ram[REG_B] & rtc->ram[REG_C] &
		  (B_PERIODIC | B_ALARM | B_UPDATE_ENDED);

	rtc->ram[REG_C] = (rtc->ram[REG_C] & ~C_ANY) | (is ? C_ANY : 0);
	if (is != was)
		interrupt_line(rtc->interrupts, GSI_RTC, is);
}

static s64 period_ns(const struct rtc *rtc)
{
	unsigned int rate = rtc->ram[REG_A] & A_RATE;

	if (!rate)
		return 0;
	if (rate <= 2)	/* these two are slow ones again */
		rate += 7;
	return NS_PER_SECOND * (1LL << (rate - 1)) / BASE_HZ;
}

/* Wakes up for the next event that somebody waits for. */
static void set_timer(struct rtc *rtc)
{
	struct itimerspec when = { };
	s64 now = host_ns(), next = 0, period = period_ns(rtc);

	if (rtc->ram[REG_B] & (B_ALARM | B_UPDATE_ENDED))
		next = (now / NS_PER_SECOND + 1) * NS_PER_SECOND;
	if ((rtc->ram[REG_B] & B_PERIODIC) && period &&
	    (!next || (now / period + 1) * period < next))
		next = (now / period + 1) * period;
	when.it_value.tv_sec = next / NS_PER_SECOND;
	when.it_value.tv_nsec = next % NS_PER_SECOND;
	timerfd_settime(rtc->timer.fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static bool alarm_matches(const struct rtc *rtc)
{
	static const struct {
		u8 alarm;
		u8 now;
	} pairs[] = {
		{ SECONDS_ALARM, SECONDS },
		{ MINUTES_ALARM, MINUTES },
		{ HOURS_ALARM, HOURS },
	};
	size_t i;
	u8 now;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		if ((rtc->ram[pairs[i].alarm] & ALARM_ANY) == ALARM_ANY)
			continue;
		read_time(rtc, pairs[i].now, &now);
		if (rtc->ram[pairs[i].alarm] != now)
			return false;
	}
	return true;
}

/* A second has begun. Updates stand still while the guest sets the time. */
static void tick(struct rtc *rtc)
{
	s64 now = guest_seconds(rtc);

	if (now == rtc->ticked || (rtc->ram[REG_B] & B_SET))
		return;
	rtc->ticked = now;
	rtc->ram[REG_C] |= B_UPDATE_ENDED;
	if (alarm_matches(rtc))
		rtc->ram[REG_C] |= B_ALARM;
}

static void on_timer(void *opaque, short events)
{
	struct rtc *rtc = opaque;
	u64 expirations;

	if (read(rtc->timer.fd, &expirations, sizeof(expirations)) < 0)
		return;
	pthread_mutex_lock(&rtc->lock);
	if (rtc->ram[REG_B] & B_PERIODIC)
		rtc->ram[REG_C] |= B_PERIODIC;
	tick(rtc);
	update_line(rtc);
	set_timer(rtc);
	pthread_mutex_unlock(&rtc->lock);
}

static u8 read_a(const struct rtc *rtc)
{
	bool updating = NS_PER_SECOND - host_ns() % NS_PER_SECOND < UPDATE_NS;

	if (rtc->ram[REG_B] & B_SET)
		updating = false;
	return rtc->ram[REG_A] | (updating ? A_UPDATE : 0);
}

static u8 read_c(struct rtc *rtc)
{
	s64 now = guest_seconds(rtc);
	u8 value;

	/* Without a timer running, whoever polls still sees seconds pass. */
	if (now != rtc->flagged && !(rtc->ram[REG_B] & B_SET))
		rtc->ram[REG_C] |= B_UPDATE_ENDED;
	rtc->flagged = now;
	value = rtc->ram[REG_C];
	rtc->ram[REG_C] &= C_ANY;
	update_line(rtc);
	return value;
}

static u8 read_register(struct rtc *rtc)
{
	u8 value;

	if (rtc->index == REG_A)
		return read_a(rtc);
	if (rtc->index == REG_C)
		return read_c(rtc);
	if (read_time(rtc, rtc->index, &value))
		return value;
	return rtc->ram[rtc->index];
}

static void write_b(struct rtc *rtc, u8 value)
{
	struct tm tm = guest_time(rtc);
	bool was_set = rtc->ram[REG_B] & B_SET;

	if (value & B_SET)
		value &= ~B_UPDATE_ENDED;	/* as the datasheet has it */
	rtc->ram[REG_B] = value;
	if ((value & B_SET) && !was_set)
		rtc->frozen = tm;
	if (!(value & B_SET) && was_set)
		rtc->ahead = timegm(&tm) - host_ns() / NS_PER_SECOND;
	rtc->ticked = guest_seconds(rtc);
	update_line(rtc);
	set_timer(rtc);
}

static void write_register(struct rtc *rtc, u8 value)
{
	if (rtc->index == REG_A) {
		rtc->ram[REG_A] = value & A_WRITABLE;
		set_timer(rtc);
	} else if (rtc->index == REG_B) {
		write_b(rtc, value);
	} else if (rtc->index != REG_C && rtc->index != REG_D &&
		   !write_time(rtc, rtc->index, value)) {
		rtc->ram[rtc->index] = value;
	}
}

/* Port 70h selects, 71h is the register; the index reads back as ones. */
static u64 rtc_read(void *device, u64 offset, unsigned int size)
{
	struct rtc *rtc = device;
	u64 value;

	if (offset != 1 || size != 1)
		return ~0ULL;
	pthread_mutex_lock(&rtc->lock);
	value = read_register(rtc);
	pthread_mutex_unlock(&rtc->lock);
	return value;
}

static void rtc_write(void *device, u64 offset, unsigned int size, u64 value)
{
	struct rtc *rtc = device;

	if (size != 1)
		return;
	pthread_mutex_lock(&rtc->lock);
	if (offset)
		write_register(rtc, value);
	else
		rtc->index = value & ~NMI_MASK_BIT;
	pthread_mutex_unlock(&rtc->lock);
}

static const struct bus_ops rtc_ops = { rtc_read, rtc_write };

int rtc_create(struct vm *vm, struct loop *loop)
{
	static struct rtc rtc = { .lock = PTHREAD_MUTEX_INITIALIZER };

	rtc.interrupts = &vm->interrupts;
	rtc.ram[REG_A] = A_DIVIDER_32KHZ | 6;
	rtc.ram[REG_B] = B_24_HOURS;
	rtc.ram[REG_D] = D_VALID;
	rtc.flagged = guest_seconds(&rtc);
	rtc.timer.fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (rtc.timer.fd < 0)
		return host_error("cannot create a timer: %s", strerror(errno));
	rtc.timer.events = POLLIN;
	rtc.timer.handle = on_timer;
	rtc.timer.opaque = &rtc;
	loop_add(loop, &rtc.timer);
	if (bus_add(&vm->ports, PORT_RTC, 2, &rtc_ops, &rtc))
		return host_error("cannot place the clock");
	return 0;
}
