// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of the local APIC's registers, modes and state.
 */
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "world.h"

#define GP(call)	EXPECT_EQ((unsigned int)(call), (unsigned int)-EINVAL)

static void reset_values(void)
{
	static const struct {
		u32 offset, val;
	} want[] = {
		{ LAPIC_ID, 0x01000000 }, { LAPIC_LVR, 0x50014 },
		{ LAPIC_TPR, 0 }, { LAPIC_PPR, 0 }, { LAPIC_LDR, 0 },
		{ LAPIC_DFR, 0xffffffff }, { LAPIC_SVR, 0xff },
		{ LAPIC_ESR, 0 }, { LAPIC_ICR, 0 }, { LAPIC_ICR2, 0 },
		{ LAPIC_LVTT, 0x10000 }, { LAPIC_LVT_THERMAL, 0x10000 },
		{ LAPIC_LVT_PERF, 0x10000 }, { LAPIC_LVT_LINT0, 0x10000 },
		{ LAPIC_LVT_LINT1, 0x10000 }, { LAPIC_LVT_ERROR, 0x10000 },
		{ LAPIC_TMICT, 0 }, { LAPIC_TMCCT, 0 }, { LAPIC_TDCR, 0 },
	};
	unsigned int i;

	world_init_reset(2);
	for (i = 0; i < ARRAY_SIZE(want); i++)
		EXPECT_EQ(cpu_read(1, want[i].offset), want[i].val);
	for (i = 0; i < 24; i++)
		EXPECT_EQ(cpu_read(1, LAPIC_ISR + i * 16), 0);
	/* the boot processor is wired to the 8259 */
	EXPECT_EQ(cpu_read(0, LAPIC_LVT_LINT0), 0x700);
	EXPECT(lhv_lapic_accepts_extint(world.cpus[0]));
	EXPECT(!lhv_lapic_accepts_extint(world.cpus[1]));
	EXPECT_EQ(world.cpus[0]->base, 0xfee00900);
	EXPECT_EQ(world.cpus[1]->base, 0xfee00800);
	world_end();
}

/* What remains of all ones, software enabled and not. */
static void writable_bits(void)
{
	static const struct {
		u32 offset, enabled, disabled;
	} want[] = {
		{ LAPIC_ID, 0xff000000, 0xff000000 },
		{ LAPIC_TPR, 0xff, 0xff },
		{ LAPIC_LDR, 0xff000000, 0xff000000 },
		{ LAPIC_LVTT, 0x700ff, 0x700ff },
		{ LAPIC_LVT_THERMAL, 0x107ff, 0x107ff },
		{ LAPIC_LVT_PERF, 0x107ff, 0x107ff },
		{ LAPIC_LVT_LINT0, 0x1a7ff, 0x1a7ff },
		{ LAPIC_LVT_LINT1, 0x1a7ff, 0x1a7ff },
		{ LAPIC_LVT_ERROR, 0x100ff, 0x100ff },
		{ LAPIC_ICR2, 0xff000000, 0xff000000 },
		{ LAPIC_TDCR, 0xb, 0xb },
	};
	unsigned int i;

	world_init(1);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		cpu_write(0, want[i].offset, ~0U);
		EXPECT_EQ(cpu_read(0, want[i].offset), want[i].enabled);
		cpu_write(0, want[i].offset, 0);
		EXPECT_EQ(cpu_read(0, want[i].offset), 0);
	}
	cpu_write(0, LAPIC_DFR, 0);
	EXPECT_EQ(cpu_read(0, LAPIC_DFR), 0x0fffffff);
	cpu_write(0, LAPIC_SVR, 0);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		cpu_write(0, want[i].offset, ~0U);
		EXPECT_EQ(cpu_read(0, want[i].offset), want[i].disabled);
		cpu_write(0, want[i].offset, 0);
	}
	for (i = LAPIC_LVTT; i <= LAPIC_LVT_ERROR; i += 16)
		EXPECT_EQ(cpu_read(0, i), 0x10000);
	world_end();
}

static void read_only_registers(void)
{
	static const u32 regs[] = { LAPIC_LVR, LAPIC_PPR, LAPIC_TMCCT,
		LAPIC_ISR, LAPIC_ISR + 0x70, LAPIC_TMR, LAPIC_TMR + 0x70,
		LAPIC_IRR, LAPIC_IRR + 0x70 };
	unsigned int i;
	u32 before;

	world_init(1);
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		before = cpu_read(0, regs[i]);
		cpu_write(0, regs[i], ~before);
		EXPECT_EQ(cpu_read(0, regs[i]), before);
	}
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

static void software_disable_masks_lvt(void)
{
	u32 reg;

	world_init(1);
	for (reg = LAPIC_LVTT; reg <= LAPIC_LVT_ERROR; reg += 16)
		cpu_write(0, reg, 0x40);
	cpu_write(0, LAPIC_SVR, 0xff);
	for (reg = LAPIC_LVTT; reg <= LAPIC_LVT_ERROR; reg += 16)
		EXPECT_EQ(cpu_read(0, reg), 0x10040);
	/* and stays so when enabled again, until written */
	cpu_write(0, LAPIC_SVR, 0x1ff);
	EXPECT_EQ(cpu_read(0, LAPIC_LVTT), 0x10040);
	cpu_write(0, LAPIC_LVTT, 0x40);
	EXPECT_EQ(cpu_read(0, LAPIC_LVTT), 0x40);
	world_end();
}

/* A disabled APIC takes no vectors, but NMI, INIT and SIPI. */
static void software_disabled_arrivals(void)
{
	struct lhv_irq_msg msg = { .vector = 0x40, .assert = true };

	world_init_reset(1);
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 0);
	EXPECT_EQ(cpu_take(0), -1);
	EXPECT_EQ(world.cpus[0]->events, 0);
	msg.mode = LAPIC_DM_NMI;
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
	EXPECT_EQ(world.cpus[0]->events, BIT(LHV_APIC_EVENT_NMI));
	msg.mode = LAPIC_DM_INIT;
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
	msg.mode = LAPIC_DM_SIPI;
	msg.vector = 0x9a;
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
	EXPECT_EQ(world.cpus[0]->events, BIT(LHV_APIC_EVENT_NMI) |
		  BIT(LHV_APIC_EVENT_INIT) | BIT(LHV_APIC_EVENT_SIPI));
	EXPECT_EQ(world.cpus[0]->sipi_vector, 0x9a);
	EXPECT_EQ(world.kicks[0], 3);
	world_end();
}

/* What is requested when the APIC is disabled by software stays so. */
static void software_disable_keeps_requests(void)
{
	world_init(1);
	cpu_icr(0, 0, 0x40051);
	cpu_write(0, LAPIC_SVR, 0xff);
	EXPECT_EQ(cpu_take(0), 0x51);
	cpu_eoi(0);
	cpu_icr(0, 0, 0x40052);
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

static void illegal_registers(void)
{
	static const u32 regs[] = { 0, 0x10, 0x40, 0x70, 0x90, 0xc0, 0x290,
		0x2f0, 0x3a0, 0x3d0, 0x3f0, 0x400, 0xff0 };
	unsigned int i;

	world_init(1);
	cpu_write(0, LAPIC_LVT_ERROR, 0xe0);
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		EXPECT_EQ(cpu_read(0, regs[i]), 0);
		EXPECT_EQ(cpu_take(0), 0xe0);
		cpu_eoi(0);
		EXPECT_EQ(cpu_read(0, LAPIC_ESR), 0);
		cpu_write(0, LAPIC_ESR, 0);
		EXPECT_EQ(cpu_read(0, LAPIC_ESR), 0x80);
		cpu_write(0, LAPIC_ESR, 0);
		EXPECT_EQ(cpu_read(0, LAPIC_ESR), 0);
		cpu_write(0, regs[i], ~0U);
		EXPECT_EQ(cpu_take(0), 0xe0);
		cpu_eoi(0);
		cpu_write(0, LAPIC_ESR, 0);
		EXPECT_EQ(cpu_read(0, LAPIC_ESR), 0x80);
		cpu_write(0, LAPIC_ESR, 0);
	}
	/* between the registers there is nothing, not even an error */
	EXPECT_EQ(cpu_read(0, LAPIC_LVR + 4), 0);
	cpu_write(0, LAPIC_TPR + 4, 0xff);
	EXPECT_EQ(cpu_read(0, LAPIC_TPR), 0);
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

static void errors_of_vectors(void)
{
	struct lhv_irq_msg msg = { .vector = 15, .assert = true };

	world_init(1);
	cpu_write(0, LAPIC_LVT_ERROR, 0xe1);
	cpu_icr(0, 0, 0x0f);
	EXPECT_EQ(cpu_take(0), 0xe1);
	cpu_eoi(0);
	cpu_write(0, LAPIC_ESR, 0);
	EXPECT_EQ(cpu_read(0, LAPIC_ESR), BIT(5));
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 0);
	EXPECT_EQ(world.kicks[0], 1);
	EXPECT_EQ(cpu_take(0), 0xe1);
	cpu_eoi(0);
	/* the same error again is none that is new */
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 0);
	EXPECT_EQ(cpu_take(0), -1);
	cpu_write(0, LAPIC_ESR, 0);
	EXPECT_EQ(cpu_read(0, LAPIC_ESR), BIT(6));
	/* the error vector itself illegal: one more error, no interrupt */
	cpu_write(0, LAPIC_ESR, 0);
	cpu_write(0, LAPIC_LVT_ERROR, 3);
	cpu_icr(0, 0, 0x40001);
	EXPECT_EQ(cpu_take(0), -1);
	cpu_write(0, LAPIC_ESR, 0);
	EXPECT_EQ(cpu_read(0, LAPIC_ESR), BIT(5) | BIT(6));
	world_end();
}

static void base_transitions(void)
{
	/* allowed by the guest: from the row to the column */
	static const bool allowed[3][3] = {
		[LHV_APIC_DISABLED] = { true, true, false },
		[LHV_APIC_XAPIC] = { true, true, true },
		[LHV_APIC_X2APIC] = { true, false, true },
	};
	static const u64 bits[3] = { 0, LAPIC_BASE_EN,
				     LAPIC_BASE_EN | LAPIC_BASE_EXTD };
	struct lhv_lapic *apic;
	unsigned int from, to;
	u64 base;

	world_init(1);
	apic = world.cpus[0];
	for (from = 0; from < 3; from++) {
		for (to = 0; to < 3; to++) {
			base = LHV_APIC_DEFAULT_BASE | bits[from];
			EXPECT_EQ(lhv_lapic_set_base(apic, base, true, 36, true),
				  0);
			EXPECT_EQ(apic->mode, from);
			EXPECT_EQ(cpu_set_mode(0, to) == 0, allowed[from][to]);
			EXPECT_EQ(apic->mode, allowed[from][to] ? to : from);
			EXPECT_EQ(apic->base, LHV_APIC_DEFAULT_BASE |
				  bits[apic->mode]);
		}
	}
	/* x2APIC without enable, for whoever asks */
	base = LHV_APIC_DEFAULT_BASE | LAPIC_BASE_EXTD;
	GP(lhv_lapic_set_base(apic, base, true, 36, true));
	GP(lhv_lapic_set_base(apic, base, false, 36, true));
	world_end();
}

static void base_reserved_bits(void)
{
	struct lhv_lapic *apic;
	unsigned int bit;
	bool reserved;
	u64 base;

	world_init(1);
	apic = world.cpus[0];
	for (bit = 0; bit < 64; bit++) {
		if (bit == 11)
			continue;
		base = LAPIC_BASE_EN | BIT_ULL(bit);
		reserved = bit < 8 || bit == 9 || bit >= 40;
		EXPECT_EQ(lhv_lapic_set_base(apic, base, true, 40, true) != 0,
			  reserved);
		if (!reserved)
			EXPECT_EQ(apic->base, base);
		reserved |= bit == 10;
		EXPECT_EQ(lhv_lapic_set_base(apic, base, true, 40, false) != 0,
			  reserved);
	}
	EXPECT_EQ(lhv_lapic_set_base(apic, ~0xfffULL | LAPIC_BASE_EN, true, 64,
				     false), 0);
	world_end();
}

static void disabled_by_guest(void)
{
	struct lhv_irq_msg msg = { .vector = 0x40, .assert = true };

	world_init(2);
	cpu_icr(0, 0, 0x40051);
	cpu_write(0, LAPIC_LVTT, 0x60);
	cpu_write(0, LAPIC_TMICT, 1000);
	EXPECT_EQ(cpu_set_mode(0, LHV_APIC_DISABLED), 0);
	EXPECT_EQ(cpu_take(0), -1);
	EXPECT(lhv_lapic_accepts_extint(world.cpus[0]));
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), -1);
	world_advance(1000000);
	EXPECT_EQ(cpu_take(0), -1);
	EXPECT_EQ(cpu_set_mode(0, LHV_APIC_XAPIC), 0);
	EXPECT_EQ(cpu_read(0, LAPIC_SVR), 0xff);
	EXPECT_EQ(cpu_read(0, LAPIC_LVTT), 0x10000);
	EXPECT_EQ(cpu_take(0), -1);
	world_end();
}

static void x2_identity(void)
{
	unsigned int cpu;

	world_init(40);
	for (cpu = 0; cpu < 40; cpu++) {
		EXPECT_EQ(cpu_set_mode(cpu, LHV_APIC_X2APIC), 0);
		EXPECT_EQ(cpu_read(cpu, LAPIC_ID), cpu);
		EXPECT_EQ(cpu_read(cpu, LAPIC_LDR),
			  cpu / 16 << 16 | 1 << cpu % 16);
		/* INIT does not leave the mode */
		lhv_lapic_reset(world.cpus[cpu], false, false);
		EXPECT_EQ(world.cpus[cpu]->mode, LHV_APIC_X2APIC);
		EXPECT_EQ(cpu_read(cpu, LAPIC_ID), cpu);
		EXPECT_EQ(cpu_read(cpu, LAPIC_LDR),
			  cpu / 16 << 16 | 1 << cpu % 16);
		lhv_lapic_reset(world.cpus[cpu], true, false);
		EXPECT_EQ(world.cpus[cpu]->mode, LHV_APIC_XAPIC);
		EXPECT_EQ(cpu_read(cpu, LAPIC_ID), cpu << 24);
	}
	world_end();
}

/* Which MSRs are there, in which direction. */
static void x2_registers(void)
{
	static const char map[] =
		"..ra....b.rw.r.brrrrrrrrrrrrrrrrrrrrrrrrb.......";
	struct lhv_lapic *apic;
	unsigned int msr;
	u64 val;
	bool r, w;

	world_init(1);
	apic = world.cpus[0];
	for (msr = 0x800; msr < 0x900; msr++) {
		GP(lhv_lapic_x2_read(apic, msr, &val));
		GP(lhv_lapic_x2_write(apic, msr, 0));
	}
	EXPECT_EQ(cpu_set_mode(0, LHV_APIC_X2APIC), 0);
	for (msr = 0x800; msr < 0x900; msr++) {
		char kind = msr < 0x800 + sizeof(map) - 1 ? map[msr - 0x800] :
			    '.';

		if (msr == 0x830 || (msr >= 0x832 && msr <= 0x838) ||
		    msr == 0x83e)
			kind = 'b';
		if (msr == 0x839)
			kind = 'r';
		if (msr == 0x83f)
			kind = 'w';
		r = !!strchr("rab", kind);
		w = !!strchr("wb", kind);
		EXPECT_EQ(lhv_lapic_x2_read(apic, msr, &val) == 0, r);
		EXPECT_EQ(lhv_lapic_x2_write(apic, msr, msr == 0x83f ? 0x20 :
					     msr == 0x830 ? 0x40020 : 0) == 0, w);
	}
	world_end();
}

/* Reserved bits, one at a time. */
static void x2_reserved_bits(void)
{
	static const struct {
		u32 msr;
		u64 allowed;
	} regs[] = {
		{ 0x808, 0xff }, { 0x80b, 0 }, { 0x80f, 0x3ff }, { 0x828, 0 },
		{ 0x830, 0xffffffff000cdfffULL }, { 0x832, 0x750ff },
		{ 0x833, 0x157ff }, { 0x834, 0x157ff }, { 0x835, 0x1f7ff },
		{ 0x836, 0x1f7ff }, { 0x837, 0x150ff },
		{ 0x838, 0xffffffff }, { 0x83e, 0xb }, { 0x83f, 0xff },
	};
	struct lhv_lapic *apic;
	unsigned int i, bit;

	world_init(1);
	apic = world.cpus[0];
	EXPECT_EQ(cpu_set_mode(0, LHV_APIC_X2APIC), 0);
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		for (bit = 0; bit < 64; bit++) {
			EXPECT_EQ(lhv_lapic_x2_write(apic, regs[i].msr,
						     BIT_ULL(bit)) == 0,
				  regs[i].allowed >> bit & 1);
			lhv_lapic_timer_fired(apic);
		}
	}
	/* the timer's deadline mode is the guest CPUID's */
	apic->has_tsc_deadline = false;
	GP(lhv_lapic_x2_write(apic, 0x832, BIT(18)));
	world_end();
}

static void x2_icr_is_64_bits(void)
{
	u64 val;

	world_init(2);
	EXPECT_EQ(cpu_set_mode(0, LHV_APIC_X2APIC), 0);
	EXPECT_EQ(lhv_lapic_x2_write(world.cpus[0], 0x830,
				     0x1234567800000431ULL), 0);
	EXPECT_EQ(lhv_lapic_x2_read(world.cpus[0], 0x830, &val), 0);
	EXPECT_EQ(val, 0x1234567800000431ULL);
	world_end();
}

static void init_keeps_id(void)
{
	world_init(2);
	cpu_write(1, LAPIC_ID, 0x77000000);
	cpu_write(1, LAPIC_LDR, 0x12000000);
	cpu_write(1, LAPIC_TPR, 0x50);
	cpu_icr(1, 0, 0x40033);
	lhv_lapic_reset(world.cpus[1], false, false);
	EXPECT_EQ(cpu_read(1, LAPIC_ID), 0x77000000);
	EXPECT_EQ(cpu_read(1, LAPIC_LDR), 0);
	EXPECT_EQ(cpu_read(1, LAPIC_TPR), 0);
	EXPECT_EQ(cpu_take(1), -1);
	lhv_lapic_reset(world.cpus[1], true, false);
	EXPECT_EQ(cpu_read(1, LAPIC_ID), 0x01000000);
	world_end();
}

static u32 image_get(struct kvm_lapic_state *s, u32 offset)
{
	return *(u32 *)(s->regs + offset);
}

static void image_put(struct kvm_lapic_state *s, u32 offset, u32 val)
{
	*(u32 *)(s->regs + offset) = val;
}

/* A state moves to another vCPU and all goes on there. */
static void state_moves(void)
{
	struct kvm_lapic_state a, b;

	world_init(2);
	cpu_icr(0, 0, 0x40091);
	EXPECT_EQ(cpu_take(0), 0x91);
	cpu_icr(0, 0, 0x40081);
	cpu_icr(0, 0, 0x400a1);
	cpu_write(0, LAPIC_TPR, 0x20);
	cpu_write(0, LAPIC_LDR, 0x04000000);
	lhv_lapic_get_state(world.cpus[0], &a);
	EXPECT_EQ(image_get(&a, LAPIC_ID), 0);
	EXPECT_EQ(image_get(&a, LAPIC_PPR), 0x90);

	image_put(&a, LAPIC_ID, 0x01000000);
	EXPECT_EQ(lhv_lapic_set_state(world.cpus[1], &a), 0);
	lhv_lapic_get_state(world.cpus[1], &b);
	EXPECT(!memcmp(&a, &b, sizeof(a)));
	EXPECT_EQ(cpu_take(1), 0xa1);
	cpu_eoi(1);
	EXPECT_EQ(cpu_take(1), -1);
	cpu_eoi(1);
	EXPECT_EQ(cpu_take(1), 0x81);
	world_end();
}

/* As kvmtool and Firecracker leave it for a guest that has no BIOS. */
static void state_opens_lint0_of_a_disabled_apic(void)
{
	struct kvm_lapic_state s;

	world_init_reset(2);
	EXPECT(!lhv_lapic_accepts_extint(world.cpus[1]));
	lhv_lapic_get_state(world.cpus[1], &s);
	image_put(&s, LAPIC_LVT_LINT0, LAPIC_DM_EXTINT << 8);
	EXPECT_EQ(lhv_lapic_set_state(world.cpus[1], &s), 0);
	EXPECT(lhv_lapic_accepts_extint(world.cpus[1]));
	/* what the guest writes there is masked all the same */
	cpu_write(1, LAPIC_LVT_LINT0, LAPIC_DM_EXTINT << 8);
	EXPECT(!lhv_lapic_accepts_extint(world.cpus[1]));
	world_end();
}

static void state_x2_format(void)
{
	struct kvm_lapic_state s, again;

	world_init(20);
	EXPECT_EQ(cpu_set_mode(19, LHV_APIC_X2APIC), 0);
	cpu_icr(19, 0xabcdef12, 0x431);
	lhv_lapic_get_state(world.cpus[19], &s);
	EXPECT_EQ(image_get(&s, LAPIC_ID), 19 << 24);
	EXPECT_EQ(image_get(&s, LAPIC_ICR), 0x431);
	EXPECT_EQ(image_get(&s, LAPIC_ICR + 4), 0);
	EXPECT_EQ(image_get(&s, LAPIC_ICR2), 0xabcdef12);
	EXPECT_EQ(lhv_lapic_set_state(world.cpus[19], &s), 0);
	lhv_lapic_get_state(world.cpus[19], &again);
	EXPECT(!memcmp(&s, &again, sizeof(s)));
	/* identity is not the image's to give */
	image_put(&s, LAPIC_ID, 5 << 24);
	image_put(&s, LAPIC_LDR, 0x00050001);
	EXPECT_EQ(lhv_lapic_set_state(world.cpus[19], &s), 0);
	EXPECT_EQ(cpu_read(19, LAPIC_ID), 19);
	EXPECT_EQ(cpu_read(19, LAPIC_LDR), 0x00010008);
	world_end();
}

/* Whatever the image: what is read back can be set and reads the same. */
static void state_random(void)
{
	struct kvm_lapic_state s, once, twice;
	unsigned int i, round;

	for (round = 0; round < 2000; round++) {
		world_init_reset(1);
		if (round & 1)
			EXPECT_EQ(cpu_set_mode(0, LHV_APIC_X2APIC), 0);
		for (i = 0; i < sizeof(s.regs); i += 4)
			image_put(&s, i, random32() & random32());
		EXPECT_EQ(lhv_lapic_set_state(world.cpus[0], &s), 0);
		lhv_lapic_get_state(world.cpus[0], &once);
		EXPECT_EQ(image_get(&once, LAPIC_LVR), LAPIC_VERSION);
		EXPECT_EQ(image_get(&once, LAPIC_TPR),
			  image_get(&s, LAPIC_TPR) & 0xff);
		for (i = 0; i < 24; i++)
			EXPECT_EQ(image_get(&once, LAPIC_ISR + i * 16),
				  image_get(&s, LAPIC_ISR + i * 16));
		EXPECT_EQ(lhv_lapic_set_state(world.cpus[0], &once), 0);
		lhv_lapic_get_state(world.cpus[0], &twice);
		EXPECT(!memcmp(&once, &twice, sizeof(once)));
		for (i = 0; i < 300; i++) {
			world_advance(1 << 20);
			cpu_take(0);
			cpu_eoi(0);
		}
		world_end();
	}
}

static void cr8_is_tpr(void)
{
	unsigned int cr8;

	world_init(1);
	for (cr8 = 0; cr8 < 16; cr8++) {
		lhv_lapic_set_cr8(world.cpus[0], cr8);
		EXPECT_EQ(cpu_read(0, LAPIC_TPR), cr8 << 4);
		cpu_write(0, LAPIC_TPR, cr8 << 4 | 0xf);
		EXPECT_EQ(lhv_lapic_get_cr8(world.cpus[0]), cr8);
	}
	world_end();
}

static void lint0_extint(void)
{
	world_init(1);
	cpu_write(0, LAPIC_LVT_LINT0, 0x700);
	EXPECT(lhv_lapic_accepts_extint(world.cpus[0]));
	cpu_write(0, LAPIC_LVT_LINT0, 0x10700);
	EXPECT(!lhv_lapic_accepts_extint(world.cpus[0]));
	cpu_write(0, LAPIC_LVT_LINT0, 0x400);
	EXPECT(!lhv_lapic_accepts_extint(world.cpus[0]));
	cpu_write(0, LAPIC_LVT_LINT0, 0x40);
	EXPECT(!lhv_lapic_accepts_extint(world.cpus[0]));
	world_end();
}

/* A trap-like exit: the page already holds what was written. */
static void write_trapped(void)
{
	struct lhv_lapic *apic;

	world_init(2);
	apic = world.cpus[0];
	lapic_put(apic, LAPIC_LVT_LINT0, ~0U);
	lhv_lapic_write_trapped(apic, LAPIC_LVT_LINT0);
	EXPECT_EQ(cpu_read(0, LAPIC_LVT_LINT0), 0x1a7ff);
	lapic_put(apic, LAPIC_ICR2, 1 << 24);
	lapic_put(apic, LAPIC_ICR, 0x77);
	lhv_lapic_write_trapped(apic, LAPIC_ICR);
	EXPECT_EQ(cpu_take(1), 0x77);
	lapic_put(apic, LAPIC_SVR, 0xff);
	lhv_lapic_write_trapped(apic, LAPIC_SVR);
	EXPECT(!apic->sw_enabled);
	EXPECT_EQ(cpu_read(0, LAPIC_LVT_LINT0) & 0x10000, 0x10000);
	lapic_put(apic, LAPIC_SVR, 0x1ff);
	lhv_lapic_write_trapped(apic, LAPIC_SVR);
	lapic_put(apic, LAPIC_LVTT, 0x20055);
	lhv_lapic_write_trapped(apic, LAPIC_LVTT);
	lapic_put(apic, LAPIC_TMICT, 500000);
	lhv_lapic_write_trapped(apic, LAPIC_TMICT);
	world_advance(1000000);
	EXPECT_EQ(cpu_take(0), 0x55);
	world_end();
}

/* Virtual-interrupt delivery: others post, the own thread folds. */
static void hardware_delivery(void)
{
	struct lhv_irq_msg msg = { .vector = 0x61, .assert = true };
	struct lhv_lapic *apic;
	u64 bitmap[4];

	world_init(1);
	apic = world.cpus[0];
	apic->hw_vid = true;
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 0);
	EXPECT_EQ(lapic_get(apic, LAPIC_IRR + 0x30), 0);
	EXPECT_EQ(lhv_lapic_highest_irr(apic), 0x61);
	EXPECT_EQ(lapic_get(apic, LAPIC_IRR + 0x30), BIT(1));
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 0);
	EXPECT_EQ(lhv_lapic_highest_isr(apic), -1);
	/* the processor takes it by itself */
	EXPECT_EQ(lhv_lapic_highest_irr(apic), 0x61);
	lapic_put(apic, LAPIC_IRR + 0x30, 0);
	lapic_put(apic, LAPIC_ISR + 0x30, BIT(1));
	EXPECT_EQ(lhv_lapic_highest_irr(apic), -1);
	EXPECT_EQ(lhv_lapic_highest_isr(apic), 0x61);
	EXPECT_EQ(lhv_lapic_ppr(apic), 0x60);
	msg.vector = 0xfe;
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
	msg.vector = 0x10;
	EXPECT_EQ(lhv_irq_deliver(&world.chip, NULL, &msg), 1);
	EXPECT_EQ(lhv_lapic_highest_irr(apic), 0xfe);
	EXPECT(lapic_test(apic, LAPIC_IRR, 0x10));

	ioapic_pin(3, 0x8000 | 0x93);
	lhv_lapic_eoi_exit_bitmap(apic, bitmap);
	EXPECT_EQ(bitmap[0], 0);
	EXPECT_EQ(bitmap[2], BIT_ULL(0x93 - 0x80));
	EXPECT_EQ(lhv_irq_set(&world.chip, 3, 1, 0), 2);
	EXPECT(ioapic_rte(3) & BIT(14));
	EXPECT_EQ(lhv_irq_set(&world.chip, 3, 0, 0), 2);
	lhv_lapic_eoi_induced(apic, 0x93);
	EXPECT(!(ioapic_rte(3) & BIT(14)));
	ioapic_pin(3, 0x8000 | 0x21);
	lhv_lapic_eoi_exit_bitmap(apic, bitmap);
	EXPECT_EQ(bitmap[0], BIT_ULL(0x21));
	EXPECT_EQ(bitmap[2], 0);
	world_end();
}

const struct tap_case lapic_cases[] = {
	CASE(reset_values),
	CASE(writable_bits),
	CASE(read_only_registers),
	CASE(software_disable_masks_lvt),
	CASE(software_disabled_arrivals),
	CASE(software_disable_keeps_requests),
	CASE(illegal_registers),
	CASE(errors_of_vectors),
	CASE(base_transitions),
	CASE(base_reserved_bits),
	CASE(disabled_by_guest),
	CASE(x2_identity),
	CASE(x2_registers),
	CASE(x2_reserved_bits),
	CASE(x2_icr_is_64_bits),
	CASE(init_keeps_id),
	CASE(state_moves),
	CASE(state_opens_lint0_of_a_disabled_apic),
	CASE(state_x2_format),
	CASE(state_random),
	CASE(cr8_is_tpr),
	CASE(lint0_extint),
	CASE(write_trapped),
	CASE(hardware_delivery),
	{ }
};
