// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the 8254 and port 61h.
 */
#include <string.h>

#include "cases.h"
#include "world.h"

#define HZ	1193182ULL

/* Long enough for so many clock pulses, and not for one more. */
static u64 pulses(u64 n)
{
	return (n * 1000000000 + HZ - 1) / HZ;
}

static void with_pit(u32 flags)
{
	world_init(1);
	EXPECT_EQ(lhv_pit_create(&world.chip, flags), 0);
	pic_init(0x20, 0x28);
	out8(0x21, 0xfe);
	out8(0xa1, 0xff);
}

static void program(unsigned int channel, unsigned int mode, u16 count)
{
	out8(0x43, channel << 6 | 0x30 | mode << 1);
	out8(0x40 + channel, count);
	out8(0x40 + channel, count >> 8);
}

static u16 read_latched(unsigned int channel)
{
	u16 low;

	out8(0x43, channel << 6);
	low = in8(0x40 + channel);
	return low | in8(0x40 + channel) << 8;
}

static u8 status(unsigned int channel)
{
	out8(0x43, 0xe0 | 2 << channel);
	return in8(0x40 + channel);
}

static bool ticked(void)
{
	if (!lhv_pic_output(&world.chip))
		return false;
	EXPECT_EQ(lhv_pic_ack(&world.chip), 0x20);
	return true;
}

static void eoi(void)
{
	out8(0x20, 0x20);
}

static void created(void)
{
	struct kvm_pit_state2 s;
	unsigned int i;

	world_init(1);
	EXPECT_EQ(lhv_pit_get(&world.chip, &s), -ENXIO);
	EXPECT_EQ(lhv_pit_set(&world.chip, &s), -ENXIO);
	EXPECT_EQ(lhv_pit_reinject(&world.chip, true), -ENXIO);
	EXPECT_EQ(lhv_pit_create(&world.chip, 0), 0);
	EXPECT_EQ(lhv_pit_create(&world.chip, 0), -EEXIST);
	EXPECT_EQ(lhv_pit_get(&world.chip, &s), 0);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(s.channels[i].count, 0x10000);
		EXPECT_EQ(s.channels[i].mode, 0xff);
		EXPECT_EQ(s.channels[i].gate, i != 2);
	}
	EXPECT_EQ(s.flags, 0);
	/* no timer before it is programmed, no speaker without its flag */
	EXPECT_EQ(world.chip_timer[LHV_CHIP_TIMER_PIT], 0);
	EXPECT(!lhv_irqchip_pio(&world.chip, 0x61, 1, &i, false));
	world_end();
}

static void rate_generator(void)
{
	unsigned int n;

	with_pit(0);
	program(0, 2, 11932);
	world_advance(pulses(1000));
	EXPECT_EQ(read_latched(0), 10932);
	world_advance(pulses(11932) - pulses(1000) - 2);
	EXPECT(!ticked());
	for (n = 0; n < 100; n++) {
		world_advance(11932 * 1000000000ULL / HZ);
		EXPECT(ticked());
		eoi();
		EXPECT(!ticked());
	}
	/* reprogrammed: starts anew */
	world_advance(5000000);
	EXPECT(ticked());
	eoi();
	program(0, 3, 11932);
	world_advance(9900000);
	EXPECT(!ticked());
	world_advance(200000);
	EXPECT(ticked());
	world_end();
}

static void largest_count(void)
{
	with_pit(0);
	program(0, 2, 0);
	world_advance(54925000);
	EXPECT(!ticked());
	world_advance(1000);
	EXPECT(ticked());
	world_end();
}

/* No more than 5000 ticks a second for the host. */
static void shortest_period(void)
{
	unsigned int n = 0, i;

	with_pit(0);
	EXPECT_EQ(lhv_pit_reinject(&world.chip, false), 0);
	program(0, 2, 2);
	for (i = 0; i < 1000; i++) {
		world_advance(10000);
		if (ticked()) {
			n++;
			eoi();
		}
	}
	EXPECT_EQ(n, 50);
	world_end();
}

static void terminal_count(void)
{
	with_pit(0);
	program(0, 0, 1000);
	EXPECT_EQ(status(0) & 0x80, 0);
	world_advance(pulses(999));
	EXPECT_EQ(status(0), 0x30);
	EXPECT_EQ(read_latched(0), 1);
	world_advance(pulses(2));
	EXPECT_EQ(status(0), 0xb0);
	EXPECT(ticked());
	eoi();
	world_advance(100000000);
	EXPECT(!ticked());
	EXPECT_EQ(status(0), 0xb0);
	world_end();
}

/* Modes 1 and 5 wait for a trigger that channel 0 has not. */
static void untriggered_modes(void)
{
	with_pit(0);
	program(0, 1, 1000);
	world_advance(100000000);
	EXPECT(!ticked());
	EXPECT_EQ(status(0) & 0x80, 0x80);
	program(0, 5, 1000);
	world_advance(100000000);
	EXPECT(!ticked());
	program(0, 4, 1000);
	world_advance(pulses(1001));
	EXPECT(ticked());
	eoi();
	world_advance(100000000);
	EXPECT(!ticked());
	world_end();
}

static void square_wave(void)
{
	with_pit(0);
	program(1, 3, 1001);
	EXPECT_EQ(status(1), 0xb6);
	world_advance(pulses(500));
	EXPECT_EQ(status(1) & 0x80, 0x80);
	world_advance(pulses(501) - pulses(500));
	EXPECT_EQ(status(1) & 0x80, 0);
	world_advance(pulses(1000) - pulses(501));
	EXPECT_EQ(status(1) & 0x80, 0);
	world_advance(pulses(1001) - pulses(1000));
	EXPECT_EQ(status(1) & 0x80, 0x80);
	world_end();
}

static void modes_6_and_7(void)
{
	with_pit(0);
	program(0, 6, 11932);
	EXPECT_EQ(status(0) & 0x3f, 0x3c);
	world_advance(pulses(11932));
	EXPECT(ticked());
	program(1, 7, 1000);
	world_advance(pulses(250));
	EXPECT_EQ(read_latched(1), 500);
	world_end();
}

static void latches(void)
{
	u16 count;

	with_pit(0);
	program(1, 2, 50000);
	world_advance(pulses(1000));
	out8(0x43, 0x40);
	world_advance(pulses(1000));
	/* latched twice: the first one holds */
	out8(0x43, 0x40);
	count = in8(0x41);
	count |= in8(0x41) << 8;
	EXPECT_EQ(count, 49000);
	/* read live, byte by byte */
	count = in8(0x41);
	count |= in8(0x41) << 8;
	EXPECT_EQ(count, 48000);
	/* read-back of all: status first, then the count */
	out8(0x43, 0xce);
	EXPECT_EQ(in8(0x41), 0xb4);
	count = in8(0x41);
	count |= in8(0x41) << 8;
	EXPECT_EQ(count, 48000);
	/* status is latched once, too */
	out8(0x43, 0xe4);
	program(1, 0, 5);
	out8(0x43, 0xe4);
	EXPECT_EQ(in8(0x41) & 0x0e, 0);
	/* control port cannot be read */
	EXPECT_EQ(in8(0x43), 0);
	world_end();
}

static void byte_modes(void)
{
	with_pit(0);
	/* low byte only */
	out8(0x43, 0x54);
	out8(0x41, 100);
	world_advance(pulses(30));
	EXPECT_EQ(in8(0x41), 70);
	EXPECT_EQ(in8(0x41), 70);
	/* high byte only */
	out8(0x43, 0x64);
	out8(0x41, 0x80);
	world_advance(pulses(0x1000));
	EXPECT_EQ(in8(0x41), 0x70);
	out8(0x43, 0x40);
	world_advance(pulses(0x1000));
	EXPECT_EQ(in8(0x41), 0x70);
	EXPECT_EQ(in8(0x41), 0x60);
	/* null count from the control word until the count */
	out8(0x43, 0x74);
	out8(0x41, 1);
	EXPECT_EQ(status(1) & 0x40, 0x40);
	out8(0x41, 1);
	EXPECT_EQ(status(1) & 0x40, 0);
	world_end();
}

static void bcd(void)
{
	with_pit(0);
	out8(0x43, 0x75);
	out8(0x41, 0x00);
	out8(0x41, 0x20);
	world_advance(pulses(1));
	EXPECT_EQ(read_latched(1), 0x1999);
	world_advance(pulses(766) - pulses(1));
	EXPECT_EQ(read_latched(1), 0x1234);
	EXPECT_EQ(status(1) & 1, 1);
	/* 0 is 10000 */
	out8(0x41, 0);
	out8(0x41, 0);
	world_advance(pulses(1));
	EXPECT_EQ(read_latched(1), 0x9999);
	world_end();
}

static void speaker(void)
{
	unsigned int toggles = 0, i;
	u8 last;

	with_pit(KVM_PIT_SPEAKER_DUMMY);
	EXPECT_EQ(in8(0x61) & 0xf, 0);
	out8(0x61, 0xff);
	EXPECT_EQ(in8(0x61) & 0xf, 3);
	out8(0x61, 2);
	EXPECT_EQ(in8(0x61) & 0xf, 2);
	last = in8(0x61);
	for (i = 0; i < 1000; i++) {
		world_advance(1000);
		toggles += (in8(0x61) ^ last) >> 4 & 1;
		last = in8(0x61);
	}
	EXPECT(toggles >= 60 && toggles <= 70);
	world_end();
}

/* As operating systems measure the TSC: channel 2, mode 0, by its gate. */
static void gate_of_channel_2(void)
{
	with_pit(KVM_PIT_SPEAKER_DUMMY);
	out8(0x61, 1);
	program(2, 0, 11932);
	EXPECT_EQ(in8(0x61) & 0x20, 0);
	world_advance(pulses(11931));
	EXPECT_EQ(in8(0x61) & 0x20, 0);
	world_advance(pulses(2));
	EXPECT_EQ(in8(0x61) & 0x20, 0x20);
	/* closed it stands, open it goes on */
	program(2, 0, 10000);
	world_advance(pulses(4000));
	out8(0x61, 0);
	world_advance(pulses(50000));
	EXPECT_EQ(read_latched(2), 6000);
	EXPECT_EQ(in8(0x61) & 0x20, 0);
	out8(0x61, 1);
	world_advance(pulses(5990));
	EXPECT_EQ(in8(0x61) & 0x20, 0);
	world_advance(pulses(20));
	EXPECT_EQ(in8(0x61) & 0x20, 0x20);
	/* loaded while closed */
	out8(0x61, 0);
	program(2, 0, 777);
	world_advance(pulses(5000));
	EXPECT_EQ(read_latched(2), 777);
	/* mode 2 starts anew at the gate's edge; low, OUT is high */
	program(2, 2, 1000);
	world_advance(pulses(300));
	EXPECT_EQ(in8(0x61) & 0x20, 0x20);
	out8(0x61, 1);
	EXPECT_EQ(read_latched(2), 1000);
	world_advance(pulses(300));
	EXPECT_EQ(read_latched(2), 700);
	/* mode 1 is triggered by it, and again */
	out8(0x61, 0);
	program(2, 1, 1000);
	EXPECT_EQ(in8(0x61) & 0x20, 0x20);
	out8(0x61, 1);
	EXPECT_EQ(in8(0x61) & 0x20, 0);
	world_advance(pulses(900));
	out8(0x61, 0);
	out8(0x61, 1);
	world_advance(pulses(900));
	EXPECT_EQ(in8(0x61) & 0x20, 0);
	world_advance(pulses(200));
	EXPECT_EQ(in8(0x61) & 0x20, 0x20);
	world_end();
}

/* A guest that is late gets the ticks it missed, one at each EOI. */
static void reinjection(void)
{
	unsigned int n;

	with_pit(0);
	program(0, 2, 11932);
	world_advance(105000000);
	for (n = 0; ticked(); n++)
		eoi();
	EXPECT_EQ(n, 10);
	world_advance(10000000);
	EXPECT(ticked());
	/* in service, the next one waits in IRR and a third is kept */
	world_advance(20000000);
	eoi();
	EXPECT(ticked());
	eoi();
	EXPECT(ticked());
	eoi();
	EXPECT(!ticked());
	/* switched off they are lost */
	EXPECT_EQ(lhv_pit_reinject(&world.chip, false), 0);
	world_advance(105000000);
	for (n = 0; ticked(); n++)
		eoi();
	EXPECT_EQ(n, 1);
	/* also those for which the host did not run the timer */
	world.now += 100000000;
	world_advance(20000000);
	for (n = 0; ticked(); n++)
		eoi();
	EXPECT_EQ(n, 1);
	world_end();
}

static void reinjection_by_ioapic(void)
{
	unsigned int n;

	with_pit(0);
	out8(0x21, 0xff);
	ioapic_pin(0, 0x41);
	program(0, 2, 11932);
	world_advance(105000000);
	for (n = 0; cpu_take(0) == 0x41; n++)
		cpu_eoi(0);
	EXPECT_EQ(n, 10);
	world_end();
}

/* Masked everywhere, ticks are not kept: there is no guest that counts. */
static void masked_ticks_are_lost(void)
{
	unsigned int n;

	with_pit(0);
	out8(0x21, 0xff);
	program(0, 2, 11932);
	world_advance(105000000);
	out8(0x21, 0xfe);
	for (n = 0; ticked(); n++)
		eoi();
	EXPECT(n <= 1);
	world_end();
}

/* The VM was stopped for long: not all of that comes back. */
static void pending_is_bounded(void)
{
	unsigned int n;

	with_pit(0);
	program(0, 2, 1193);
	world_advance(60000000000ULL);
	for (n = 0; ticked(); n++)
		eoi();
	EXPECT_EQ(n, 1001);
	/* also where the host did not run the timer */
	world.now += 60000000000ULL;
	world_advance(1000000);
	for (n = 0; ticked(); n++)
		eoi();
	EXPECT_EQ(n, 1001);
	world_end();
}

static void hpet_legacy(void)
{
	struct kvm_pit_state2 s;

	with_pit(0);
	program(0, 2, 11932);
	EXPECT_EQ(lhv_pit_get(&world.chip, &s), 0);
	EXPECT_EQ(s.flags, 0);
	s.flags = KVM_PIT_FLAGS_HPET_LEGACY;
	EXPECT_EQ(lhv_pit_set(&world.chip, &s), 0);
	world_advance(100000000);
	EXPECT(!ticked());
	program(0, 2, 5000);
	world_advance(100000000);
	EXPECT(!ticked());
	EXPECT_EQ(lhv_pit_get(&world.chip, &s), 0);
	EXPECT_EQ(s.flags, KVM_PIT_FLAGS_HPET_LEGACY);
	EXPECT_EQ(s.channels[0].count, 5000);
	s.flags = 0;
	EXPECT_EQ(lhv_pit_set(&world.chip, &s), 0);
	world_advance(pulses(5001));
	EXPECT(ticked());
	world_end();
}

static void state(void)
{
	struct kvm_pit_state2 a, b;
	unsigned int i;

	with_pit(KVM_PIT_SPEAKER_DUMMY);
	program(0, 2, 11932);
	program(1, 3, 18);
	out8(0x61, 3);
	out8(0x43, 0xb0);
	out8(0x42, 0x34);
	world_advance(12345678);
	EXPECT_EQ(lhv_pit_get(&world.chip, &a), 0);
	EXPECT_EQ(a.channels[0].mode, 2);
	EXPECT_EQ(a.channels[0].rw_mode, 3);
	EXPECT_EQ(a.channels[2].gate, 1);
	EXPECT_EQ(a.channels[2].write_latch, 0x34);
	EXPECT_EQ(a.flags, KVM_PIT_FLAGS_SPEAKER_DATA_ON);
	world_end();

	with_pit(KVM_PIT_SPEAKER_DUMMY);
	EXPECT_EQ(lhv_pit_set(&world.chip, &a), 0);
	EXPECT_EQ(lhv_pit_get(&world.chip, &b), 0);
	for (i = 0; i < 3; i++) {
		a.channels[i].count_load_time = 0;
		b.channels[i].count_load_time = 0;
	}
	EXPECT(!memcmp(&a, &b, sizeof(a)));
	a.channels[1].count = 0x12345;
	EXPECT_EQ(lhv_pit_set(&world.chip, &a), 0);
	EXPECT_EQ(lhv_pit_get(&world.chip, &b), 0);
	EXPECT_EQ(b.channels[1].count, 0x10000);
	EXPECT_EQ(in8(0x61) & 3, 3);
	out8(0x42, 0x12);
	EXPECT_EQ(read_latched(2), 0x1234);
	world_advance(pulses(11933));
	EXPECT(ticked());
	world_end();
}

/* No image makes it divide by 0, run away or look outside. */
static void state_random(void)
{
	struct kvm_pit_state2 s;
	unsigned int round, i;

	with_pit(KVM_PIT_SPEAKER_DUMMY);
	for (round = 0; round < 5000; round++) {
		for (i = 0; i < sizeof(s); i++)
			((u8 *)&s)[i] = random32() % 3 ? random32() :
					random32() % 8;
		EXPECT_EQ(lhv_pit_set(&world.chip, &s), 0);
		for (i = 0; i < 10; i++) {
			world_advance(random32() % 1000000);
			in8(0x40 + random32() % 4);
			out8(0x40 + random32() % 4, random32());
			in8(0x61);
			out8(0x61, random32());
			if (ticked())
				eoi();
		}
	}
	world_end();
}

const struct tap_case pit_cases[] = {
	CASE(created),
	CASE(rate_generator),
	CASE(largest_count),
	CASE(shortest_period),
	CASE(terminal_count),
	CASE(untriggered_modes),
	CASE(square_wave),
	CASE(modes_6_and_7),
	CASE(latches),
	CASE(byte_modes),
	CASE(bcd),
	CASE(speaker),
	CASE(gate_of_channel_2),
	CASE(reinjection),
	CASE(reinjection_by_ioapic),
	CASE(masked_ticks_are_lost),
	CASE(pending_is_bounded),
	CASE(hpet_legacy),
	CASE(state),
	CASE(state_random),
	{ }
};
