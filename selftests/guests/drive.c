// SPDX-License-Identifier: GPL-2.0
/*
 * Drives a test guest: registers, and runs up to the exit that must come.
 *
 * See guest.h.
 */
#include "guest.h"

/* Of the guest that was made last, for the notes that go with a failure. */
volatile const struct trap *last_trap;

struct kvm_regs vcpu_regs(const struct vcpu *v)
{
	struct kvm_regs regs;

	EXPECT_OK(ioctl(v->fd, KVM_GET_REGS, &regs));
	return regs;
}

struct kvm_sregs vcpu_sregs(const struct vcpu *v)
{
	struct kvm_sregs sregs;

	EXPECT_OK(ioctl(v->fd, KVM_GET_SREGS, &sregs));
	return sregs;
}

void vcpu_set_regs(const struct vcpu *v, const struct kvm_regs *regs)
{
	EXPECT_OK(ioctl(v->fd, KVM_SET_REGS, regs));
}

void vcpu_set_sregs(const struct vcpu *v, const struct kvm_sregs *sregs)
{
	EXPECT_OK(ioctl(v->fd, KVM_SET_SREGS, sregs));
}

void *io_data(const struct vcpu *v)
{
	return (u8 *)v->run + v->run->io.data_offset;
}

/* Runs up to one port access of this kind. */
void expect_io(const struct vcpu *v, u16 port, bool out, u8 size)
{
	vcpu_run_to(v, KVM_EXIT_IO);
	EXPECT_EQ(v->run->io.port, port);
	EXPECT_EQ(v->run->io.direction, out);
	EXPECT_EQ(v->run->io.size, size);
}

static void note_trap(const struct vcpu *v)
{
	struct kvm_regs regs = vcpu_regs(v);
	struct kvm_sregs sregs = vcpu_sregs(v);

	tap_note("an exception was taken; cr2 %#llx rsp %#llx rcx %#llx",
		 sregs.cr2, regs.rsp, regs.rcx);
	if (last_trap)
		tap_note("vector %llu error %#llx rip %#llx", last_trap->vector,
			 last_trap->error, last_trap->rip);
}

/* Runs up to an OUT of one byte to @port. */
void run_to_port(const struct vcpu *v, u16 port)
{
	vcpu_run_to(v, KVM_EXIT_IO);
	if (v->run->io.port == PORT_TRAP && port != PORT_TRAP)
		note_trap(v);
	EXPECT_EQ(v->run->io.port, port);
	EXPECT_EQ(v->run->io.direction, KVM_EXIT_IO_OUT);
}

void run_to_done(const struct vcpu *v)
{
	run_to_port(v, PORT_DONE);
}

void run_to_step(const struct vcpu *v)
{
	run_to_port(v, PORT_STEP);
}

/* Runs up to an exception that the guest takes through its own IDT. */
void run_to_trap(struct guest *g, const struct vcpu *v, u32 vector, u32 error)
{
	run_to_port(v, PORT_TRAP);
	EXPECT_EQ(g->trap->vector, vector);
	EXPECT_EQ(g->trap->error, error);
}

/* The handler will return behind the instruction. */
void skip_trap(struct guest *g, unsigned int insn_length)
{
	g->trap->rip += insn_length;
}

void run_to_mmio(const struct vcpu *v, u64 gpa, bool write, u32 len)
{
	vcpu_run_to(v, KVM_EXIT_MMIO);
	EXPECT_EQ(v->run->mmio.phys_addr, gpa);
	EXPECT_EQ(v->run->mmio.is_write, write);
	EXPECT_EQ(v->run->mmio.len, len);
}
