// SPDX-License-Identifier: GPL-2.0
/*
 * Cases of interrupts between two vCPUs: every destination and shorthand.
 */
#include <pthread.h>

#include "guest.h"
#include "guests.h"

DECLARE_GUEST(ipi_receiver);
extern const u8 ipi_receiver_halting[], ipi_sender_x2apic[];

static void *receive(void *arg)
{
	run_to_done(arg);
	return NULL;
}

static void check_pair(const u8 *receiver)
{
	struct kvm_mp_state mp = { .mp_state = KVM_MP_STATE_RUNNABLE };
	struct guest g = guest_new_irqchip();
	pthread_t thread;

	vcpu_create(g.vm, 1, &g.v[1]);
	guest_load(&g, ipi_receiver);
	guest_start(&g, &g.v[0], MODE_LONG,
		    GUEST_CODE + (ipi_sender_x2apic - ipi_receiver));
	guest_start(&g, &g.v[1], MODE_LONG, GUEST_CODE + (receiver - ipi_receiver));
	EXPECT_OK(ioctl(g.v[1].fd, KVM_SET_MP_STATE, &mp));
	EXPECT_EQ(pthread_create(&thread, NULL, receive, &g.v[1]), 0);
	run_to_done(&g.v[0]);
	pthread_join(thread, NULL);
	EXPECT_EQ(g.counts[0x41], 1);
	EXPECT_EQ(g.counts[0x42], 1);
	EXPECT_EQ(g.counts[0x43], 1);
	EXPECT_EQ(g.counts[0x44], 2);
	EXPECT_EQ(g.counts[0x45], 2);
	EXPECT_EQ(g.counts[0x46], 2);
	EXPECT_EQ(g.counts[0x47], 1);
	EXPECT_EQ(g.counts[2], 1);
	EXPECT_EQ(g.counts[0x48], 1);
}

static void to_running_processor(void)
{
	check_pair(ipi_receiver);
}

static void to_halted_processor(void)
{
	check_pair(ipi_receiver_halting);
}

const struct tap_case ipi_cases[] = {
	{ "to_running_processor", to_running_processor },
	{ "to_halted_processor", to_halted_processor },
	{ }
};
