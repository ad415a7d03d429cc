// SPDX-License-Identifier: GPL-2.0
/*
 * The pair of 8259A interrupt controllers, cascaded as in a PC: the second one's
 * output is the first one's IR2.
 *
 * Called by routing.c for its inputs, by irqchip.c for its ports and state, and
 * by arch-x86/ when a processor takes its interrupt. It may not know which one.
 * Written from Intel's datasheet of the 8259A; the edge/level registers are
 * those of the EISA chip set. The mode bits for the 8080, single and buffered
 * operation, and ICW1's LTIM have no meaning in a PC and are ignored.
 */
#include "internal.h"

#define PORT_SLAVE	0xa0
#define PORT_ELCR	0x4d0

#define INPUTS		8
#define CASCADE		2	/* input of the master that is the slave's output */
#define SPURIOUS	7

#define ICW1		BIT(4)
#define ICW1_NEEDS_ICW4	BIT(0)
#define ICW4_SFNM	BIT(4)
#define ICW4_AEOI	BIT(1)
#define OCW3		BIT(3)
#define OCW3_ESMM	BIT(6)
#define OCW3_SMM	BIT(5)
#define OCW3_POLL	BIT(2)
#define OCW3_READ	BIT(1)
#define OCW3_READ_ISR	BIT(0)

/* kvm_pic_state.init_state: which initialization word comes next. */
enum { INIT_DONE, INIT_ICW2, INIT_ICW3, INIT_ICW4 };

enum { MASTER, SLAVE, CHIPS };

/* Inputs that may be level-triggered: not timer, keyboard, cascade, RTC, FPU. */
static const u8 elcr_masks[CHIPS] = { 0xf8, 0xde };

struct lhv_pic {
	struct lhv_irqchip *chip;
	raw_spinlock_t lock;	/* guards all below; output is also read without */
	struct kvm_pic_state chips[CHIPS];
	unsigned long sources[CHIPS * INPUTS];
	u16 ended;		/* inputs whose service ended: to be told of */
	bool output;
};

/* ---- priorities ---- */

/* 0 is the highest; INPUTS if there is none in the mask. */
static unsigned int priority(const struct kvm_pic_state *s, u8 mask)
{
	unsigned int shift = s->priority_add & 7;

	if (!mask)
		return INPUTS;
	return __ffs((mask >> shift | mask << (INPUTS - shift)) & 0xff);
}

/* The input that may interrupt now, -1 if none. */
static int request(const struct lhv_pic *pic, const struct kvm_pic_state *s)
{
	u8 serving = s->isr;
	unsigned int prio;

	if (s->special_mask)
		serving &= ~s->imr;
	if (s->special_fully_nested_mode && s == &pic->chips[MASTER])
		serving &= ~BIT(CASCADE);
	prio = priority(s, s->irr & ~s->imr);
	if (prio >= priority(s, serving))
		return -1;
	return (prio + s->priority_add) & 7;
}

static void set_bit_to(u8 *byte, u8 bit, bool set)
{
	*byte = set ? *byte | bit : *byte & ~bit;
}

/*
 * What follows from a change; then lets go of the lock and tells those who wait
 * for what happened under it.
 */
static void update_and_unlock(struct lhv_pic *pic, unsigned long flags)
	__releases(&pic->lock)
{
	unsigned long ended = pic->ended;
	bool output, rose;
	unsigned int pin;

	set_bit_to(&pic->chips[MASTER].irr, BIT(CASCADE), request(pic, &pic->chips[SLAVE]) >= 0);
	output = request(pic, &pic->chips[MASTER]) >= 0;
	rose = output && !pic->output;
	WRITE_ONCE(pic->output, output);
	pic->ended = 0;
	raw_spin_unlock_irqrestore(&pic->lock, flags);

	if (rose)
		lhv_irq_hook_pic(pic->chip);
	for_each_set_bit(pin, &ended, CHIPS * INPUTS)
		irqchip_pin_eoi(pic->chip, KVM_IRQCHIP_PIC_MASTER + pin / INPUTS, pin % INPUTS);
}

/* ---- inputs ---- */

static bool set_input(struct kvm_pic_state *s, u8 bit, bool level)
{
	u8 requests = bit & (s->elcr | ~s->last_irr); /* level-triggered, or an edge */
	bool fresh = requests & ~s->irr;

	if (level ? requests : s->elcr & bit)
		set_bit_to(&s->irr, bit, level);
	set_bit_to(&s->last_irr, bit, level);
	return fresh || !level;
}

/* >0 requested, 0 coalesced, <0 masked. Any context. */
int pic_set(struct lhv_pic *pic, unsigned int pin, int level, int source)
{
	struct kvm_pic_state *s = &pic->chips[pin / INPUTS];
	u8 bit = BIT(pin % INPUTS);
	unsigned long flags;
	int ret;

	raw_spin_lock_irqsave(&pic->lock, flags);
	ret = set_input(s, bit, irq_source_level(&pic->sources[pin], source, level));
	if (s->imr & bit)
		ret = -1;
	update_and_unlock(pic, flags);
	return ret;
}

/* ---- into service and out of it ---- */

static void end_service(struct lhv_pic *pic, struct kvm_pic_state *s, u8 inputs)
{
	s->isr &= ~inputs;
	pic->ended |= inputs << (s == &pic->chips[SLAVE] ? INPUTS : 0);
}

/* Lock held. The input that was requested and is now in service, -1 if none. */
static int acknowledge(struct lhv_pic *pic, struct kvm_pic_state *s)
{
	int input = request(pic, s);

	if (input < 0)
		return -1;
	if (!(s->elcr & BIT(input)))
		s->irr &= ~BIT(input);
	s->isr |= BIT(input);
	if (s->auto_eoi)
		end_service(pic, s, BIT(input));
	if (s->auto_eoi && s->rotate_on_auto_eoi)
		s->priority_add = (input + 1) & 7;
	return input;
}

/**
 * lhv_pic_output - the INTR output of the 8259 pair
 * @chip: the VM's chips, present
 *
 * Any context; a snapshot.
 *
 * Return: true while an interrupt is requested.
 */
bool lhv_pic_output(struct lhv_irqchip *chip)
{
	return READ_ONCE(chip->pic->output);
}

/**
 * lhv_pic_ack - a processor takes the 8259's interrupt
 * @chip: the VM's chips, present
 *
 * Any context.
 *
 * Return: the vector, the spurious one if the request has gone meanwhile.
 */
int lhv_pic_ack(struct lhv_irqchip *chip)
{
	struct lhv_pic *pic = chip->pic;
	struct kvm_pic_state *s = &pic->chips[MASTER];
	unsigned long flags;
	u8 vector;
	int input;

	raw_spin_lock_irqsave(&pic->lock, flags);
	input = acknowledge(pic, s);
	if (input == CASCADE) {
		s = &pic->chips[SLAVE];
		input = acknowledge(pic, s);
	}
	vector = s->irq_base + (input < 0 ? SPURIOUS : input);
	update_and_unlock(pic, flags);
	return vector;
}

/* ---- ports ---- */

/* Inputs that are high now must fall before they count as edges again. */
static void write_icw1(struct lhv_pic *pic, struct kvm_pic_state *s, u8 val)
{
	end_service(pic, s, s->isr);
	*s = (struct kvm_pic_state) {
		.last_irr = s->last_irr,
		.irr = s->last_irr & s->elcr,
		.irq_base = s->irq_base,
		.elcr = s->elcr,
		.elcr_mask = s->elcr_mask,
		.init4 = val & ICW1_NEEDS_ICW4,
		.init_state = INIT_ICW2,
	};
}

static void write_ocw2(struct lhv_pic *pic, struct kvm_pic_state *s, u8 val)
{
	bool rotate = val & BIT(7), specific = val & BIT(6), eoi = val & BIT(5);
	unsigned int input = val & 7, prio;

	if (!eoi && !specific) {
		s->rotate_on_auto_eoi = rotate;
		return;
	}
	if (!specific) {
		/* special mask mode hides what is masked from this EOI */
		prio = priority(s, s->special_mask ? s->isr & ~s->imr : s->isr);
		if (prio == INPUTS)
			return;
		input = (prio + s->priority_add) & 7;
	}
	if (eoi && s->isr & BIT(input))
		end_service(pic, s, BIT(input));
	if (rotate)
		s->priority_add = (input + 1) & 7;
}

static void write_ocw3(struct kvm_pic_state *s, u8 val)
{
	if (val & OCW3_POLL)
		s->poll = 1;
	if (val & OCW3_READ)
		s->read_reg_select = val & OCW3_READ_ISR;
	if (val & OCW3_ESMM)
		s->special_mask = !!(val & OCW3_SMM);
}

static void write_data(struct kvm_pic_state *s, u8 val)
{
	switch (s->init_state) {
	case INIT_ICW2:
		s->irq_base = val & 0xf8;
		s->init_state = INIT_ICW3;
		break;
	case INIT_ICW3:
		s->init_state = s->init4 ? INIT_ICW4 : INIT_DONE;
		break;
	case INIT_ICW4:
		s->special_fully_nested_mode = !!(val & ICW4_SFNM);
		s->auto_eoi = !!(val & ICW4_AEOI);
		s->init_state = INIT_DONE;
		break;
	default:
		s->imr = val;
	}
}

static void write_elcr(struct kvm_pic_state *s, u8 val)
{
	u8 became_level = val & s->elcr_mask & ~s->elcr;

	s->elcr = val & s->elcr_mask;
	s->irr = (s->irr & ~became_level) | (s->last_irr & became_level);
}

/* Bit 7 says whether there is an interrupt; it is taken into service. */
static u8 read_poll(struct lhv_pic *pic, struct kvm_pic_state *s)
{
	int input = acknowledge(pic, s);

	s->poll = 0;
	return input < 0 ? 0 : 0x80 | input;
}

/* Ports 20h, 21h, a0h, a1h, 4d0h, 4d1h. */
void pic_access(struct lhv_pic *pic, u16 port, u8 *val, bool write)
{
	bool elcr = port >= PORT_ELCR;
	struct kvm_pic_state *s = &pic->chips[elcr ? port & 1 : port >= PORT_SLAVE];
	unsigned long flags;

	raw_spin_lock_irqsave(&pic->lock, flags);
	if (write && elcr)
		write_elcr(s, *val);
	else if (write && port & 1)
		write_data(s, *val);
	else if (write && *val & ICW1)
		write_icw1(pic, s, *val);
	else if (write && *val & OCW3)
		write_ocw3(s, *val);
	else if (write)
		write_ocw2(pic, s, *val);
	else if (elcr)
		*val = s->elcr;
	else if (s->poll)
		*val = read_poll(pic, s);
	else if (port & 1)
		*val = s->imr;
	else
		*val = s->read_reg_select ? s->isr : s->irr;
	update_and_unlock(pic, flags);
}

/* ---- state ---- */

void pic_get_state(struct lhv_pic *pic, bool slave, struct kvm_pic_state *s)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pic->lock, flags);
	*s = pic->chips[slave];
	update_and_unlock(pic, flags);
}

void pic_set_state(struct lhv_pic *pic, bool slave, const struct kvm_pic_state *s)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pic->lock, flags);
	pic->chips[slave] = *s;
	pic->chips[slave].elcr_mask = elcr_masks[slave];
	update_and_unlock(pic, flags);
}

struct lhv_pic *pic_create(struct lhv_irqchip *chip)
{
	struct lhv_pic *pic = kzalloc(sizeof(*pic), GFP_KERNEL_ACCOUNT);

	if (!pic)
		return NULL;
	raw_spin_lock_init(&pic->lock);
	pic->chip = chip;
	pic->chips[MASTER].elcr_mask = elcr_masks[MASTER];
	pic->chips[SLAVE].elcr_mask = elcr_masks[SLAVE];
	return pic;
}
