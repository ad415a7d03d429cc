// SPDX-License-Identifier: GPL-2.0
/*
 * Every way in which a guest can end, with the exit status and the JSON that
 * tell it.
 */
#include <signal.h>
#include <sys/wait.h>

#include "launcher.h"

GUEST(off);
GUEST(reset_keyboard);
GUEST(reset_cf9);
GUEST(triple_fault);
GUEST(jump_to_mmio);
GUEST(spin);
GUEST(halt);

static void expect_ending(const struct guest *guest, int status,
			  const char *json)
{
	static struct session session;
	int got;

	session_start(&session, guest, false, "1");
	session_end_input(&session);
	session_expect(&session, "R\n");
	got = session_wait(&session);
	EXPECT(WIFEXITED(got));
	EXPECT_EQ(WEXITSTATUS(got), status);
	session_expect_json(&session, json);
}

static void power_off(void)
{
	expect_ending(&off, 0, "\"ending\": \"power-off\"");
}

static void keyboard_reset(void)
{
	expect_ending(&reset_keyboard, 3, "\"ending\": \"reset\"");
}

static void port_cf9(void)
{
	expect_ending(&reset_cf9, 3, "\"ending\": \"reset\"");
}

static void triple(void)
{
	expect_ending(&triple_fault, 4, "\"ending\": \"triple-fault\"");
}

static void code_in_mmio(void)
{
	expect_ending(&jump_to_mmio, 5, "\"ending\": \"internal-error\"");
}

/* A guest that spins with interrupts off must be stopped as well. */
static void expect_killed(const struct guest *guest, int number,
			  const char *cpus)
{
	static struct session session;
	int got;

	session_start(&session, guest, false, cpus);
	session_expect(&session, "R\n");
	EXPECT_OK(kill(session.pid, number));
	got = session_wait(&session);
	EXPECT(WIFSIGNALED(got));
	EXPECT_EQ(WTERMSIG(got), number);
	session_expect_json(&session, "\"ending\": \"signal\"");
}

static void terminated(void)
{
	expect_killed(&spin, SIGTERM, "1");
}

static void interrupted(void)
{
	expect_killed(&spin, SIGINT, "2");
}

static void hung_up_while_halted(void)
{
	expect_killed(&halt, SIGHUP, "4");
}

const struct tap_case ending_cases[] = {
	{ "power_off", power_off },
	{ "keyboard_controller_reset", keyboard_reset },
	{ "port_cf9_reset", port_cf9 },
	{ "triple_fault", triple },
	{ "code_in_mmio", code_in_mmio },
	{ "sigterm_while_spinning", terminated },
	{ "sigint_two_vcpus", interrupted },
	{ "sighup_while_halted_four_vcpus", hung_up_while_halted },
	{ }
};
