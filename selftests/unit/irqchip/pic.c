// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the 8259 pair, held against a model that follows the datasheet's
 * words input by input.
 */
#include <string.h>

#include "cases.h"
#include "world.h"

static int line(unsigned int pin, int level)
{
	return lhv_irq_set(&world.chip, pin, level, LHV_IRQ_SOURCE_USER);
}

static void pulse(unsigned int pin)
{
	line(pin, 1);
	line(pin, 0);
}

static int take(void)
{
	return lhv_pic_output(&world.chip) ? lhv_pic_ack(&world.chip) : -1;
}

static u8 isr(u16 port)
{
	out8(port, 0x0b);
	return in8(port);
}

static u8 irr(u16 port)
{
	out8(port, 0x0a);
	return in8(port);
}

static void edge(void)
{
	world_init(1);
	pic_init(0x20, 0x28);
	EXPECT_EQ(line(3, 1), 1);
	EXPECT_EQ(world.pic_rises, 1);
	EXPECT_EQ(irr(0x20), 0x08);
	EXPECT_EQ(line(3, 1), 0);
	EXPECT_EQ(take(), 0x23);
	EXPECT_EQ(irr(0x20), 0);
	EXPECT_EQ(isr(0x20), 0x08);
	EXPECT_EQ(take(), -1);
	/* high is no edge */
	out8(0x20, 0x20);
	EXPECT_EQ(isr(0x20), 0);
	EXPECT_EQ(take(), -1);
	/* a pulse is one, and is kept while another is in service */
	line(3, 0);
	pulse(3);
	EXPECT_EQ(take(), 0x23);
	pulse(3);
	pulse(5);
	EXPECT_EQ(take(), -1);
	pulse(1);
	EXPECT_EQ(take(), 0x21);
	out8(0x20, 0x20);
	EXPECT_EQ(take(), -1);
	out8(0x20, 0x20);
	EXPECT_EQ(take(), 0x23);
	out8(0x20, 0x20);
	EXPECT_EQ(take(), 0x25);
	world_end();
}

static void level(void)
{
	world_init(1);
	pic_init(0x20, 0x28);
	/* timer, keyboard, cascade, RTC and FPU stay edge-triggered */
	out8(0x4d0, 0xff);
	out8(0x4d1, 0xff);
	EXPECT_EQ(in8(0x4d0), 0xf8);
	EXPECT_EQ(in8(0x4d1), 0xde);
	EXPECT_EQ(line(5, 1), 1);
	EXPECT_EQ(line(5, 1), 0);
	EXPECT_EQ(take(), 0x25);
	EXPECT_EQ(irr(0x20), 0x20);
	out8(0x20, 0x20);
	EXPECT_EQ(take(), 0x25);
	line(5, 0);
	out8(0x20, 0x20);
	EXPECT_EQ(take(), -1);
	/* gone before it is taken: spurious */
	line(5, 1);
	EXPECT(lhv_pic_output(&world.chip));
	line(5, 0);
	EXPECT(!lhv_pic_output(&world.chip));
	EXPECT_EQ(lhv_pic_ack(&world.chip), 0x27);
	EXPECT_EQ(isr(0x20), 0);
	/* an input that is high becomes level-triggered */
	out8(0x4d0, 0);
	line(6, 1);
	EXPECT_EQ(take(), 0x26);
	out8(0x20, 0x20);
	EXPECT_EQ(take(), -1);
	out8(0x4d0, 0x40);
	EXPECT_EQ(take(), 0x26);
	world_end();
}

static void cascade(void)
{
	world_init(1);
	pic_init(0x20, 0x70);
	EXPECT_EQ(line(12, 1), 1);
	EXPECT_EQ(irr(0x20), 0x04);
	EXPECT_EQ(irr(0xa0), 0x10);
	EXPECT_EQ(take(), 0x74);
	EXPECT_EQ(isr(0x20), 0x04);
	EXPECT_EQ(isr(0xa0), 0x10);
	EXPECT_EQ(irr(0x20), 0);
	/* a higher one of the slave waits: the master is in service with it */
	pulse(8);
	EXPECT_EQ(take(), -1);
	pulse(1);
	EXPECT_EQ(take(), 0x21);
	out8(0x20, 0x20);
	out8(0xa0, 0x20);
	out8(0x20, 0x20);
	EXPECT_EQ(take(), 0x70);
	out8(0xa0, 0x20);
	out8(0x20, 0x20);
	/* masked in the slave, the master sees nothing */
	out8(0xa1, 0xff);
	EXPECT_EQ(line(9, 1), -1);
	EXPECT_EQ(irr(0x20), 0);
	out8(0xa1, 0);
	EXPECT_EQ(take(), 0x71);
	world_end();
}

static void special_fully_nested(void)
{
	world_init(1);
	pic_init(0x20, 0x70);
	out8(0x20, 0x11);
	out8(0x21, 0x20);
	out8(0x21, 4);
	out8(0x21, 0x11);
	pulse(12);
	EXPECT_EQ(take(), 0x74);
	pulse(9);
	EXPECT_EQ(take(), 0x71);
	pulse(13);
	EXPECT_EQ(take(), -1);
	pulse(3);
	out8(0xa0, 0x20);
	out8(0xa0, 0x20);
	out8(0x20, 0x20);
	EXPECT_EQ(take(), 0x75);
	world_end();
}

static void spurious(void)
{
	world_init(1);
	pic_init(0x20, 0x70);
	EXPECT_EQ(lhv_pic_ack(&world.chip), 0x27);
	EXPECT_EQ(isr(0x20), 0);
	world_end();
}

static void masks(void)
{
	world_init(1);
	pic_init(0x20, 0x70);
	out8(0x21, 0x08);
	EXPECT_EQ(in8(0x21), 0x08);
	EXPECT_EQ(line(3, 1), -1);
	EXPECT_EQ(take(), -1);
	EXPECT_EQ(irr(0x20), 0x08);
	line(3, 0);
	out8(0x21, 0);
	EXPECT_EQ(take(), 0x23);
	world_end();
}

static void rotation(void)
{
	unsigned int i;

	world_init(1);
	pic_init(0x20, 0x70);
	/* set priority: 3 lowest, so 4 highest */
	out8(0x20, 0xc3);
	pulse(3);
	pulse(5);
	pulse(4);
	EXPECT_EQ(take(), 0x24);
	out8(0x20, 0x20);
	EXPECT_EQ(take(), 0x25);
	/* rotate on specific EOI */
	out8(0x20, 0xe5);
	EXPECT_EQ(take(), 0x23);
	pulse(6);
	EXPECT_EQ(take(), 0x26);
	/* rotate on non-specific EOI: of 6, the higher one now */
	out8(0x20, 0xa0);
	EXPECT_EQ(isr(0x20), 0x08);
	pulse(6);
	EXPECT_EQ(take(), -1);
	out8(0x20, 0x63);
	EXPECT_EQ(take(), 0x26);
	/* EOI of what is not in service does nothing */
	out8(0x20, 0x62);
	EXPECT_EQ(isr(0x20), 0x40);
	out8(0x20, 0x20);
	out8(0x20, 0x20);
	EXPECT_EQ(isr(0x20), 0);
	/* equal devices take turns */
	for (i = 0; i < 16; i++) {
		for (unsigned int pin = 0; pin < 8; pin++)
			if (pin != 2)
				pulse(pin);
		take();
		out8(0x20, 0xa0);
	}
	EXPECT_EQ(irr(0x20) & 0xfb, irr(0x20));
	world_end();
}

static void automatic_eoi(void)
{
	world_init(1);
	out8(0x20, 0x11);
	out8(0x21, 0x20);
	out8(0x21, 4);
	out8(0x21, 3);
	pulse(1);
	EXPECT_EQ(take(), 0x21);
	EXPECT_EQ(isr(0x20), 0);
	pulse(1);
	EXPECT_EQ(take(), 0x21);
	/* with rotation */
	out8(0x20, 0x80);
	pulse(1);
	pulse(3);
	EXPECT_EQ(take(), 0x21);
	pulse(1);
	EXPECT_EQ(take(), 0x23);
	EXPECT_EQ(take(), 0x21);
	out8(0x20, 0x00);
	pulse(5);
	EXPECT_EQ(take(), 0x25);
	pulse(5);
	pulse(3);
	EXPECT_EQ(take(), 0x23);
	world_end();
}

static void special_mask_mode(void)
{
	world_init(1);
	pic_init(0x20, 0x70);
	pulse(1);
	EXPECT_EQ(take(), 0x21);
	pulse(5);
	EXPECT_EQ(take(), -1);
	/* masked in service, it lets lower ones by */
	out8(0x21, 0x02);
	EXPECT_EQ(take(), -1);
	out8(0x20, 0x68);
	EXPECT_EQ(take(), 0x25);
	/* the non-specific EOI does not see the masked one */
	out8(0x20, 0x20);
	EXPECT_EQ(isr(0x20), 0x02);
	out8(0x20, 0x20);
	EXPECT_EQ(isr(0x20), 0x02);
	/* bits without ESMM change nothing */
	out8(0x20, 0x28);
	pulse(6);
	EXPECT_EQ(take(), 0x26);
	out8(0x20, 0x61);
	EXPECT_EQ(isr(0x20), 0x40);
	out8(0x20, 0x48);
	out8(0x21, 0x40);
	pulse(7);
	EXPECT_EQ(take(), -1);
	world_end();
}

static void poll(void)
{
	world_init(1);
	pic_init(0x20, 0x70);
	out8(0x20, 0x0c);
	EXPECT_EQ(in8(0x20) & 0x80, 0);
	pulse(4);
	out8(0x20, 0x0c);
	EXPECT_EQ(in8(0x20), 0x84);
	EXPECT_EQ(isr(0x20), 0x10);
	/* once: the next read is a register again */
	EXPECT_EQ(in8(0x20), 0x10);
	out8(0x20, 0x20);
	/* the slave by itself */
	pulse(10);
	out8(0xa0, 0x0c);
	EXPECT_EQ(in8(0xa0), 0x82);
	EXPECT_EQ(isr(0xa0), 0x04);
	EXPECT_EQ(irr(0x20), 0);
	world_end();
}

static void initialization(void)
{
	world_init(1);
	pic_init(0x20, 0x70);
	out8(0x4d0, 0x20);
	out8(0x20, 0xc3);
	out8(0x20, 0x68);
	out8(0x21, 0xf0);
	line(1, 1);
	line(3, 1);
	EXPECT_EQ(take(), 0x21);
	line(5, 1);
	/* ICW1: mask, service and edges go; levels and high lines stay */
	out8(0x20, 0x11);
	out8(0x21, 0x43);
	out8(0x21, 4);
	out8(0x21, 1);
	EXPECT_EQ(in8(0x21), 0);
	EXPECT_EQ(isr(0x20), 0);
	EXPECT_EQ(irr(0x20), 0x20);
	line(1, 1);
	EXPECT_EQ(irr(0x20), 0x20);
	EXPECT_EQ(take(), 0x45);
	/* without ICW4 its bits are 0 */
	out8(0x20, 0x11);
	out8(0x21, 0x20);
	out8(0x21, 4);
	out8(0x21, 3);
	out8(0x20, 0x10);
	out8(0x21, 0x20);
	out8(0x21, 4);
	out8(0x21, 0x55);
	EXPECT_EQ(in8(0x21), 0x55);
	out8(0x21, 0);
	line(5, 0);
	pulse(6);
	EXPECT_EQ(take(), 0x26);
	EXPECT_EQ(isr(0x20), 0x40);
	world_end();
}

static void eois_are_told(void)
{
	world_init(1);
	world.resamplers = true;
	pic_init(0x20, 0x70);
	memset(world.eois, 0, sizeof(world.eois));
	pulse(5);
	pulse(11);
	EXPECT_EQ(take(), 0x73);
	out8(0xa0, 0x20);
	EXPECT_EQ(world.eois[KVM_IRQCHIP_PIC_SLAVE][3], 1);
	out8(0x20, 0x20);
	EXPECT_EQ(world.eois[KVM_IRQCHIP_PIC_MASTER][2], 1);
	EXPECT_EQ(take(), 0x25);
	EXPECT_EQ(world.eois[KVM_IRQCHIP_PIC_MASTER][5], 0);
	out8(0x20, 0x65);
	EXPECT_EQ(world.eois[KVM_IRQCHIP_PIC_MASTER][5], 1);
	/* ended by initialization */
	pulse(5);
	EXPECT_EQ(take(), 0x25);
	out8(0x20, 0x11);
	EXPECT_EQ(world.eois[KVM_IRQCHIP_PIC_MASTER][5], 2);
	world_end();
}

static void wide_accesses(void)
{
	u8 bytes[4] = { 0x11, 0x30, 0xaa, 0xbb };
	u8 got[4] = { };

	world_init(1);
	/* two ports at once, as a 16-bit OUT does it */
	EXPECT(lhv_irqchip_pio(&world.chip, 0x20, 2, bytes, true));
	out8(0x21, 4);
	out8(0x21, 1);
	pulse(1);
	EXPECT_EQ(take(), 0x31);
	EXPECT(lhv_irqchip_pio(&world.chip, 0x20, 4, got, false));
	EXPECT_EQ(got[2], 0xff);
	EXPECT_EQ(got[3], 0xff);
	EXPECT(!lhv_irqchip_pio(&world.chip, 0x22, 1, got, false));
	EXPECT(!lhv_irqchip_pio(&world.chip, 0x1f, 4, got, false));
	EXPECT(!lhv_irqchip_pio(&world.chip, 0x40, 1, got, false));
	EXPECT(!lhv_irqchip_pio(&world.chip, 0x61, 1, got, false));
	EXPECT(!lhv_irqchip_pio(&world.chip, 0x4d2, 1, got, false));
	world_end();
}

/* ---- model ---- */

struct model_chip {
	bool irr[8], isr[8], imr[8], level[8], line[8];
	unsigned int lowest;	/* input of lowest priority */
	bool special_mask, aeoi, rotate_aeoi;
};

struct model {
	struct model_chip chip[2];
};

static unsigned int rank(const struct model_chip *c, unsigned int input)
{
	return (input + 7 - c->lowest) % 8;
}

static int model_request(const struct model_chip *c)
{
	int best = -1;
	unsigned int i;

	for (i = 0; i < 8; i++)
		if (c->irr[i] && !c->imr[i] &&
		    (best < 0 || rank(c, i) < rank(c, best)))
			best = i;
	if (best < 0)
		return -1;
	for (i = 0; i < 8; i++) {
		if (!c->isr[i] || (c->special_mask && c->imr[i]))
			continue;
		if (rank(c, i) <= rank(c, best))
			return -1;
	}
	return best;
}

static void model_line(struct model_chip *c, unsigned int input, bool high)
{
	if (c->level[input])
		c->irr[input] = high;
	else if (high && !c->line[input])
		c->irr[input] = true;
	c->line[input] = high;
}

static void model_cascade(struct model *m)
{
	m->chip[0].irr[2] = model_request(&m->chip[1]) >= 0;
}

static void model_ack_one(struct model_chip *c, unsigned int input)
{
	if (!c->level[input])
		c->irr[input] = false;
	if (!c->aeoi)
		c->isr[input] = true;
	else if (c->rotate_aeoi)
		c->lowest = input;
}

static int model_take(struct model *m)
{
	int input = model_request(&m->chip[0]);

	if (input < 0)
		return -1;
	model_ack_one(&m->chip[0], input);
	if (input != 2)
		return 0x20 + input;
	input = model_request(&m->chip[1]);
	model_ack_one(&m->chip[1], input);
	model_cascade(m);
	return 0x28 + input;
}

static void model_eoi(struct model_chip *c, bool specific, unsigned int input,
		      bool rotate)
{
	int best = -1;
	unsigned int i;

	if (!specific) {
		for (i = 0; i < 8; i++)
			if (c->isr[i] && !(c->special_mask && c->imr[i]) &&
			    (best < 0 || rank(c, i) < rank(c, best)))
				best = i;
		if (best < 0)
			return;
		input = best;
	}
	c->isr[input] = false;
	if (rotate)
		c->lowest = input;
}

static u8 byte_of(const bool *bits)
{
	u8 byte = 0;
	unsigned int i;

	for (i = 0; i < 8; i++)
		byte |= bits[i] << i;
	return byte;
}

static void model_command(struct model *m)
{
	unsigned int which = random32() & 1, input = random32() % 8, i;
	struct model_chip *c = &m->chip[which];
	u16 port = which ? 0xa0 : 0x20;
	u8 val = random32();

	switch (random32() % 8) {
	case 0:
		out8(port + 1, val & random32());
		val = in8(port + 1);
		for (i = 0; i < 8; i++)
			c->imr[i] = val >> i & 1;
		break;
	case 1:
		out8(port, 0x60 | input);
		model_eoi(c, true, input, false);
		break;
	case 2:
		out8(port, 0xe0 | input);
		model_eoi(c, true, input, true);
		break;
	case 3:
		out8(port, 0xa0);
		model_eoi(c, false, 0, true);
		break;
	case 4:
		out8(port, 0xc0 | input);
		c->lowest = input;
		break;
	case 5:
		c->special_mask = val & 1;
		out8(port, 0x48 | (val & 1) << 5);
		break;
	default:
		out8(port, 0x20);
		model_eoi(c, false, 0, false);
	}
	model_cascade(m);
}

static void model_init(struct model *m, bool aeoi, u8 elcr)
{
	unsigned int i;

	memset(m, 0, sizeof(*m));
	m->chip[0].lowest = 7;
	m->chip[1].lowest = 7;
	pic_init(0x20, 0x28);
	if (aeoi) {
		out8(0x20, 0x11);
		out8(0x21, 0x20);
		out8(0x21, 4);
		out8(0x21, 3);
		m->chip[0].aeoi = true;
		if (elcr & 1) {
			out8(0x20, 0x80);
			m->chip[0].rotate_aeoi = true;
		}
	}
	out8(0x4d0, elcr);
	out8(0x4d1, elcr);
	for (i = 0; i < 8; i++) {
		m->chip[0].level[i] = in8(0x4d0) >> i & 1;
		m->chip[1].level[i] = in8(0x4d1) >> i & 1;
	}
}

static void against_model(void)
{
	unsigned int round, step, pin;
	struct model m;

	for (round = 0; round < 300; round++) {
		world_init(1);
		model_init(&m, round % 5 == 4, random32());
		for (step = 0; step < 400; step++) {
			switch (random32() % 4) {
			case 0:
			case 1:
				pin = random32() % 16;
				if (pin == 2)
					break;
				model_line(&m.chip[pin / 8], pin % 8,
					   step & 1);
				model_cascade(&m);
				line(pin, step & 1);
				break;
			case 2:
				EXPECT_EQ(take(), model_take(&m));
				break;
			default:
				model_command(&m);
			}
			EXPECT_EQ(irr(0x20), byte_of(m.chip[0].irr));
			EXPECT_EQ(irr(0xa0), byte_of(m.chip[1].irr));
			EXPECT_EQ(isr(0x20), byte_of(m.chip[0].isr));
			EXPECT_EQ(isr(0xa0), byte_of(m.chip[1].isr));
			EXPECT_EQ(lhv_pic_output(&world.chip),
				  model_request(&m.chip[0]) >= 0);
		}
		world_end();
	}
}

static void state(void)
{
	struct kvm_irqchip a = { .chip_id = KVM_IRQCHIP_PIC_MASTER };
	struct kvm_irqchip b = { .chip_id = KVM_IRQCHIP_PIC_SLAVE };
	struct kvm_irqchip c = { .chip_id = 3 };
	unsigned int i, n;

	world_init(1);
	pic_init(0x20, 0x28);
	pulse(3);
	EXPECT_EQ(take(), 0x23);
	pulse(1);
	pulse(9);
	out8(0x21, 0x81);
	EXPECT_EQ(lhv_irqchip_get(&world.chip, &a), 0);
	EXPECT_EQ(lhv_irqchip_get(&world.chip, &b), 0);
	EXPECT_EQ(a.chip.pic.irq_base, 0x20);
	EXPECT_EQ(a.chip.pic.imr, 0x81);
	EXPECT_EQ(a.chip.pic.isr, 0x08);
	EXPECT_EQ(a.chip.pic.irr, 0x06);
	EXPECT_EQ(b.chip.pic.irr, 0x02);
	EXPECT_EQ(b.chip.pic.elcr_mask, 0xde);
	EXPECT_EQ((unsigned int)lhv_irqchip_get(&world.chip, &c),
		  (unsigned int)-EINVAL);
	EXPECT_EQ((unsigned int)lhv_irqchip_set(&world.chip, &c),
		  (unsigned int)-EINVAL);
	world_end();

	world_init(1);
	EXPECT_EQ(lhv_irqchip_set(&world.chip, &b), 0);
	EXPECT_EQ(lhv_irqchip_set(&world.chip, &a), 0);
	EXPECT_EQ(world.pic_rises, 1);
	EXPECT_EQ(take(), 0x21);
	EXPECT_EQ(take(), -1);
	out8(0x20, 0x20);
	EXPECT_EQ(take(), 0x29);
	/* whatever is set, nothing breaks */
	for (n = 0; n < 2000; n++) {
		for (i = 0; i < sizeof(a.chip.pic); i++)
			((u8 *)&a.chip.pic)[i] = random32();
		a.chip_id = n & 1;
		EXPECT_EQ(lhv_irqchip_set(&world.chip, &a), 0);
		for (i = 0; i < 16; i++) {
			line(random32() % 16, random32() & 1);
			take();
			out8(n & 2 ? 0x20 : 0xa1, random32());
			in8(n & 2 ? 0xa0 : 0x20);
		}
	}
	world_end();
}

const struct tap_case pic_cases[] = {
	CASE(edge),
	CASE(level),
	CASE(cascade),
	CASE(special_fully_nested),
	CASE(spurious),
	CASE(masks),
	CASE(rotation),
	CASE(automatic_eoi),
	CASE(special_mask_mode),
	CASE(poll),
	CASE(initialization),
	CASE(eois_are_told),
	CASE(wide_accesses),
	CASE(against_model),
	CASE(state),
	{ }
};
