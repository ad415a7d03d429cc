// SPDX-License-Identifier: GPL-2.0
/*
 * The 8254 interval timer, and port 61h with the gate and output of its third
 * channel. Channel 0 drives GSI 0.
 *
 * Called by irqchip.c for its ports, state and EOIs, by the VM's timer on
 * expiry. Time comes from the hooks; where GSI 0 leads it may not know. Written
 * from Intel's datasheet of the 8254.
 *
 * A tick that coalesces is kept and sent when the one before it is ended, unless
 * userspace wants it lost (reinjection off): guests count time by ticks.
 */
#include <linux/math64.h>

#include "internal.h"

#define PIT_HZ			1193182
#define NS_PER_SECOND		1000000000ULL
#define CHANNELS		3
#define MODE_UNPROGRAMMED	0xff

/* More lost ticks than these are a VM that was stopped: they stay lost. */
#define PENDING_MAX		1000

/* The bit that toggles with each refresh of dynamic memory, every 15 us. */
#define REFRESH_NS_SHIFT	14

#define SPEAKER_GATE		BIT(0)
#define SPEAKER_DATA		BIT(1)
#define SPEAKER_REFRESH		BIT(4)
#define SPEAKER_OUT		BIT(5)

#define CONTROL_PORT		0x43
#define SPEAKER_PORT		0x61
#define READ_BACK		3	/* where control words have the channel */
#define READ_BACK_NO_COUNT	BIT(5)
#define READ_BACK_NO_STATUS	BIT(4)
#define STATUS_OUT		BIT(7)
#define STATUS_NULL_COUNT	BIT(6)

#define FLAGS (KVM_PIT_FLAGS_HPET_LEGACY | KVM_PIT_FLAGS_SPEAKER_DATA_ON)

/*
 * Which byte of a count comes next: rw_mode, read_state, write_state and
 * count_latched of kvm_pit_channel_state. The first three are the control
 * word's own values.
 */
enum { RW_NONE, RW_LSB, RW_MSB, RW_WORD, RW_WORD_MSB };

struct lhv_pit {
	struct lhv_irqchip *chip;
	bool speaker;
	raw_spinlock_t lock;		/* guards all below */
	struct kvm_pit_state2 state;
	bool null_count[CHANNELS];	/* control word written, no count yet */
	u64 halted_at;			/* gate of channel 2 went low */
	bool reinject;
	/* from here on all begins anew with channel 0 */
	u32 pending;			/* ticks that coalesced */
	u64 period;			/* of channel 0, ns; 0: one-shot */
	u64 expiry;			/* of channel 0; 0: not armed */
};

/* ---- counting ---- */

static u8 mode_of(const struct kvm_pit_channel_state *c)
{
	/* bit 2 of modes 2 and 3 is "don't care" */
	return c->mode == 6 || c->mode == 7 ? c->mode - 4 : c->mode;
}

/* Clock pulses since the count was loaded. */
static u64 elapsed(struct lhv_pit *pit, struct kvm_pit_channel_state *c)
{
	u8 mode = mode_of(c);
	u64 now = c->gate || mode == 1 || mode == 5 ? lhv_irq_hook_now() : pit->halted_at;

	if (now < (u64)c->count_load_time)
		return 0;
	return mul_u64_u32_div(now - c->count_load_time, PIT_HZ, NS_PER_SECOND);
}

/* The counter as it is read. */
static u16 current_count(struct lhv_pit *pit, struct kvm_pit_channel_state *c)
{
	u32 wrap = c->bcd ? 10000 : 0x10000, count;
	u64 passed = elapsed(pit, c);
	u8 mode = mode_of(c);

	/* mode 3 counts by two, and so twice for each period */
	if (mode == 2 || mode == 3)
		count = c->count - (mode - 1) * passed % c->count;
	else
		count = (c->count % wrap + wrap - passed % wrap) % wrap;
	if (!c->bcd)
		return count;
	return count / 1000 % 10 << 12 | count / 100 % 10 << 8 | count / 10 % 10 << 4 | count % 10;
}

/* The OUT pin. */
static bool output(struct lhv_pit *pit, struct kvm_pit_channel_state *c)
{
	u64 passed = elapsed(pit, c);
	u32 count = c->count;

	switch (mode_of(c)) {
	case 0:
		return !pit->null_count[c - pit->state.channels] && passed >= count;
	case 1:
		return passed >= count;
	case 2:
		return !c->gate || passed % count != count - 1;
	case 3:
		return !c->gate || passed % count < (count + 1) / 2;
	case 4:
	case 5:
		return passed != count;
	}
	return false;
}

/* ---- channel 0's interrupt ---- */

/* No lock held. The edge that OUT makes is a pulse on the line. */
static void tick(struct lhv_pit *pit)
{
	int ret = lhv_irq_set(pit->chip, 0, 1, LHV_IRQ_SOURCE_PIT);
	unsigned long flags;

	lhv_irq_set(pit->chip, 0, 0, LHV_IRQ_SOURCE_PIT);
	if (ret)
		return;
	raw_spin_lock_irqsave(&pit->lock, flags);
	if (pit->reinject && pit->pending < PENDING_MAX)
		pit->pending++;
	raw_spin_unlock_irqrestore(&pit->lock, flags);
}

void pit_acked(struct lhv_pit *pit)
{
	unsigned long flags;
	bool again;

	if (!READ_ONCE(pit->pending))
		return;
	raw_spin_lock_irqsave(&pit->lock, flags);
	again = pit->pending;
	pit->pending -= again;
	raw_spin_unlock_irqrestore(&pit->lock, flags);
	if (again)
		tick(pit);
}

/* Periods that were missed are ticks that coalesced. */
void pit_timer_expired(struct lhv_irq_timer *timer)
{
	struct lhv_pit *pit = container_of(timer, struct lhv_irqchip,
					   timers[LHV_CHIP_TIMER_PIT])->pit;
	u64 now = lhv_irq_hook_now(), missed;
	unsigned long flags;
	bool due;

	raw_spin_lock_irqsave(&pit->lock, flags);
	due = pit->expiry && now >= pit->expiry;
	if (due && pit->period) {
		missed = (now - pit->expiry) / pit->period;
		if (pit->reinject)
			pit->pending = min_t(u64, pit->pending + missed, PENDING_MAX);
		pit->expiry += (missed + 1) * pit->period;
		lhv_irq_hook_timer_arm(timer, pit->expiry);
	} else if (due) {
		pit->expiry = 0;
	}
	raw_spin_unlock_irqrestore(&pit->lock, flags);
	if (due)
		tick(pit);
}

/*
 * Lock held. The gate of channel 0 is always high, so that modes 1 and 5 are
 * never triggered. With an HPET in its place it makes no interrupts.
 */
static void start_timer(struct lhv_pit *pit)
{
	struct lhv_irq_timer *timer = &pit->chip->timers[LHV_CHIP_TIMER_PIT];
	struct kvm_pit_channel_state *c = &pit->state.channels[0];
	u64 ns = div_u64(c->count * NS_PER_SECOND, PIT_HZ);
	u8 mode = mode_of(c);

	if (pit->expiry)
		lhv_irq_hook_timer_cancel(timer);
	memset_startat(pit, 0, pending);
	if (pit->state.flags & KVM_PIT_FLAGS_HPET_LEGACY || pit->null_count[0])
		return;
	if (mode == 2 || mode == 3)
		pit->period = max(ns, LHV_MIN_TIMER_PERIOD_NS);
	else if (mode != 0 && mode != 4)
		return;
	pit->expiry = lhv_irq_hook_now() + (pit->period ?: ns);
	lhv_irq_hook_timer_arm(timer, pit->expiry);
}

/* ---- ports ---- */

/* Lock held. A count of 0 is the largest there is. */
static void load_count(struct lhv_pit *pit, struct kvm_pit_channel_state *c, u32 count)
{
	u8 mode = mode_of(c);
	u64 now = lhv_irq_hook_now();

	c->count = count ?: 0x10000;
	pit->null_count[c - pit->state.channels] = false;
	if (mode != 1 && mode != 5)
		c->count_load_time = now;
	if (!c->gate)
		pit->halted_at = now;
	if (c == pit->state.channels)
		start_timer(pit);
}

static u32 from_bcd(u16 val)
{
	return (val >> 12) * 1000 + (val >> 8 & 15) * 100 + (val >> 4 & 15) * 10 + (val & 15);
}

static void write_byte(struct lhv_pit *pit, struct kvm_pit_channel_state *c, u8 val)
{
	u16 count = c->write_state == RW_LSB ? val : val << 8;

	switch (c->write_state) {
	case RW_WORD:
		c->write_latch = val;
		c->write_state = RW_WORD_MSB;
		break;
	case RW_WORD_MSB:
		c->write_state = RW_WORD;
		count |= c->write_latch;
		fallthrough;
	case RW_LSB:
	case RW_MSB:
		load_count(pit, c, c->bcd ? from_bcd(count) ?: 10000 : count);
	}
}

/* What is latched stays until it is read. */
static void latch(struct lhv_pit *pit, struct kvm_pit_channel_state *c, bool count, bool status)
{
	if (count && !c->count_latched) {
		c->latched_count = current_count(pit, c);
		c->count_latched = c->rw_mode;
	}
	if (status && !c->status_latched) {
		c->status = (output(pit, c) ? STATUS_OUT : 0) |
			    (pit->null_count[c - pit->state.channels] ? STATUS_NULL_COUNT : 0) |
			    (c->rw_mode & 3) << 4 | (c->mode & 7) << 1 | (c->bcd & 1);
		c->status_latched = 1;
	}
}

static void program(struct lhv_pit *pit, struct kvm_pit_channel_state *c, u8 val)
{
	c->rw_mode = val >> 4 & 3;
	c->read_state = c->rw_mode;
	c->write_state = c->rw_mode;
	c->mode = val >> 1 & 7;
	c->bcd = val & 1;
	c->count_latched = 0;
	c->status_latched = 0;
	c->count_load_time = 0;
	pit->null_count[c - pit->state.channels] = true;
	if (c == pit->state.channels)
		start_timer(pit);
}

static void write_control(struct lhv_pit *pit, u8 val)
{
	struct kvm_pit_channel_state *c = pit->state.channels;
	unsigned int channel = val >> 6;

	if (channel == READ_BACK) {
		for (channel = 0; channel < CHANNELS; channel++)
			if (val & BIT(channel + 1))
				latch(pit, &c[channel], !(val & READ_BACK_NO_COUNT),
				      !(val & READ_BACK_NO_STATUS));
		return;
	}
	c += array_index_nospec(channel, CHANNELS);
	if (val >> 4 & 3)
		program(pit, c, val);
	else
		latch(pit, c, true, false);
}

static u8 read_byte(struct lhv_pit *pit, struct kvm_pit_channel_state *c)
{
	u8 state = c->count_latched;
	u16 count;

	if (c->status_latched) {
		c->status_latched = 0;
		return c->status;
	}
	if (state) {
		c->count_latched = state == RW_WORD ? RW_MSB : RW_NONE;
		return state == RW_MSB ? c->latched_count >> 8 : c->latched_count;
	}
	count = current_count(pit, c);
	state = c->read_state;
	if (state == RW_WORD)
		c->read_state = RW_WORD_MSB;
	else if (state == RW_WORD_MSB)
		c->read_state = RW_WORD;
	return state == RW_MSB || state == RW_WORD_MSB ? count >> 8 : count;
}

static u8 read_speaker(struct lhv_pit *pit)
{
	struct kvm_pit_channel_state *c = &pit->state.channels[2];

	return (c->gate ? SPEAKER_GATE : 0) |
	       (pit->state.flags & KVM_PIT_FLAGS_SPEAKER_DATA_ON ? SPEAKER_DATA : 0) |
	       (lhv_irq_hook_now() >> REFRESH_NS_SHIFT & 1 ? SPEAKER_REFRESH : 0) |
	       (output(pit, c) ? SPEAKER_OUT : 0);
}

/*
 * A low gate stops the counter in modes 0 and 4, which then goes on, and in 2
 * and 3, which start anew as 1 and 5 do.
 */
static void write_speaker(struct lhv_pit *pit, u8 val)
{
	struct kvm_pit_channel_state *c = &pit->state.channels[2];
	u64 now = lhv_irq_hook_now();
	bool gate = val & SPEAKER_GATE;
	u8 mode = mode_of(c);

	pit->state.flags &= ~KVM_PIT_FLAGS_SPEAKER_DATA_ON;
	if (val & SPEAKER_DATA)
		pit->state.flags |= KVM_PIT_FLAGS_SPEAKER_DATA_ON;
	if (gate == !!c->gate)
		return;
	c->gate = gate;
	if (!gate)
		pit->halted_at = now;
	else if (mode == 0 || mode == 4)
		c->count_load_time += now - pit->halted_at;
	else
		c->count_load_time = now;
}

/* Ports 40h to 43h and 61h; false if there is nothing at the port. */
bool pit_access(struct lhv_pit *pit, u16 port, u8 *val, bool write)
{
	struct kvm_pit_channel_state *c;
	unsigned long flags;

	if (!pit || (port == SPEAKER_PORT && !pit->speaker))
		return false;
	c = &pit->state.channels[array_index_nospec(port & 3, CHANNELS)];
	raw_spin_lock_irqsave(&pit->lock, flags);
	if (port == SPEAKER_PORT && write)
		write_speaker(pit, *val);
	else if (port == SPEAKER_PORT)
		*val = read_speaker(pit);
	else if (port == CONTROL_PORT && write)
		write_control(pit, *val);
	else if (port == CONTROL_PORT)
		*val = 0;
	else if (write)
		write_byte(pit, c, *val);
	else
		*val = read_byte(pit, c);
	raw_spin_unlock_irqrestore(&pit->lock, flags);
	return true;
}

/* ---- state ---- */

/**
 * lhv_pit_get - KVM_GET_PIT2
 * @chip: the VM's chips
 * @s: filled in; count_load_time is in ns of this host's monotonic clock
 *
 * Return: 0, or -ENXIO without a PIT.
 */
int lhv_pit_get(struct lhv_irqchip *chip, struct kvm_pit_state2 *s)
{
	struct lhv_pit *pit = chip_pit(chip);
	unsigned long flags;

	if (!pit)
		return -ENXIO;
	raw_spin_lock_irqsave(&pit->lock, flags);
	*s = pit->state;
	raw_spin_unlock_irqrestore(&pit->lock, flags);
	return 0;
}

/**
 * lhv_pit_set - KVM_SET_PIT2
 * @chip: the VM's chips
 * @s: the state; its counts begin anew
 *
 * Return: 0, or -ENXIO without a PIT.
 */
int lhv_pit_set(struct lhv_irqchip *chip, const struct kvm_pit_state2 *s)
{
	struct lhv_pit *pit = chip_pit(chip);
	struct kvm_pit_channel_state *c;
	unsigned int channel;
	unsigned long flags;

	if (!pit)
		return -ENXIO;
	raw_spin_lock_irqsave(&pit->lock, flags);
	pit->state.flags = s->flags & FLAGS;
	/*
	 * What selects a byte or a mode is only ever compared, so that whatever
	 * the image has in it is harmless; a count is kept within what it can be.
	 */
	for (channel = 0; channel < CHANNELS; channel++) {
		c = &pit->state.channels[channel];
		*c = s->channels[channel];
		c->gate = channel < 2 || c->gate;
		load_count(pit, c, min_t(u32, c->count, 0x10000));
		c->count_load_time = lhv_irq_hook_now();
	}
	raw_spin_unlock_irqrestore(&pit->lock, flags);
	return 0;
}

/**
 * lhv_pit_reinject - KVM_REINJECT_CONTROL
 * @chip: the VM's chips
 * @reinject: keep ticks that coalesce
 *
 * Return: 0, or -ENXIO without a PIT.
 */
int lhv_pit_reinject(struct lhv_irqchip *chip, bool reinject)
{
	struct lhv_pit *pit = chip_pit(chip);
	unsigned long flags;

	if (!pit)
		return -ENXIO;
	raw_spin_lock_irqsave(&pit->lock, flags);
	pit->reinject = reinject;
	pit->pending = 0;
	raw_spin_unlock_irqrestore(&pit->lock, flags);
	return 0;
}

/**
 * lhv_pit_create - KVM_CREATE_PIT2
 * @chip: the VM's chips, present
 * @flags: KVM_PIT_SPEAKER_DUMMY: port 61h too
 *
 * The caller serializes creations.
 *
 * Return: 0, -EEXIST, -ENOMEM, or -ENOENT without an irqchip.
 */
int lhv_pit_create(struct lhv_irqchip *chip, u32 flags)
{
	struct kvm_pit_channel_state *c;
	struct lhv_pit *pit;

	if (chip->pit)
		return -EEXIST;
	if (!chip->present)
		return -ENOENT;
	pit = kzalloc(sizeof(*pit), GFP_KERNEL_ACCOUNT);
	if (!pit)
		return -ENOMEM;
	raw_spin_lock_init(&pit->lock);
	pit->chip = chip;
	pit->speaker = flags & KVM_PIT_SPEAKER_DUMMY;
	pit->reinject = true;
	for (c = pit->state.channels; c < pit->state.channels + CHANNELS; c++) {
		c->mode = MODE_UNPROGRAMMED;
		c->gate = c < &pit->state.channels[2];
		load_count(pit, c, 0);
	}
	/* pairs with chip_pit() */
	smp_store_release(&chip->pit, pit);
	lhv_irqchip_update_eoi_map(chip);
	return 0;
}
