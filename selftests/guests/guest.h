/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test guest: 2 MiB of RAM, a vCPU or two, a mode, some code.
 *
 * Used by the files of guest tests, above vm.h.  guest.c makes it.
 */
#ifndef SELFTESTS_GUESTS_GUEST_H
#define SELFTESTS_GUESTS_GUEST_H

#include "layout.h"
#include "vm.h"

#define CR0_PE		BIT(0)
#define CR0_MP		BIT(1)
#define CR0_EM		BIT(2)
#define CR0_TS		BIT(3)
#define CR0_ET		BIT(4)
#define CR0_NE		BIT(5)
#define CR0_WP		BIT(16)
#define CR0_AM		BIT(18)
#define CR0_NW		BIT(29)
#define CR0_CD		BIT(30)
#define CR0_PG		BIT(31)
#define CR4_PSE		BIT(4)
#define CR4_PAE		BIT(5)
#define CR4_OSFXSR	BIT(9)
#define CR4_OSXMMEXCPT	BIT(10)
#define CR4_OSXSAVE	BIT(18)
#define EFER_SCE	BIT(0)
#define EFER_LME	BIT(8)
#define EFER_LMA	BIT(10)
#define EFER_NX		BIT(11)
#define RFLAGS_FIXED	BIT(1)
#define RFLAGS_IF	BIT(9)

/**
 * enum mode - what state a vCPU starts in
 * @MODE_REAL: real mode, CS at GUEST_CODE, all other segments at 0
 * @MODE_PROT: flat 32-bit protected mode, no paging
 * @MODE_PAGED: the same, 4 MiB pages, identity
 * @MODE_PAE: the same, PAE, 2 MiB pages, identity
 * @MODE_LONG: 64-bit mode, 2 MiB pages, identity
 */
enum mode { MODE_REAL, MODE_PROT, MODE_PAGED, MODE_PAE, MODE_LONG, MODE_COUNT };

/**
 * struct trap - what the exception stubs leave at GUEST_TRAP
 * @vector: the exception
 * @error: its error code, 0 where it has none
 * @rip: where it happened; the stub returns to what is here when resumed
 * @cs: selector there
 * @rflags: flags there
 * @cr2: CR2 in the handler
 * @eoi: one of EOI_*, for interrupt handlers; set by the test
 */
struct trap {
	u64 vector;
	u64 error;
	u64 rip;
	u64 cs;
	u64 rflags;
	u64 cr2;
	u64 eoi;
};

/**
 * struct guest - a VM with RAM and vCPUs
 * @vm: its file descriptor
 * @ram: GUEST_RAM bytes, slot 0, at guest address 0
 * @trap: the trap record in @ram
 * @counts: interrupts taken, by vector, in @ram
 * @v: vCPUs
 */
struct guest {
	int vm;
	u8 *ram;
	volatile struct trap *trap;
	volatile u32 *counts;
	struct vcpu v[2];
};

extern volatile const struct trap *last_trap;

#define DECLARE_GUEST(name) extern const u8 name[], name##_end[]

void guest_memory(struct guest *g);
struct guest guest_new(void);
struct guest guest_new_irqchip(void);
void guest_load_bytes(struct guest *g, u64 gpa, const u8 *from, const u8 *to);
#define guest_load(g, name) \
	guest_load_bytes((g), GUEST_CODE, name, name##_end)
void guest_mode(struct guest *g, struct vcpu *v, enum mode mode);
void guest_start(struct guest *g, struct vcpu *v, enum mode mode, u64 rip);

/* Loads the code of @name and makes the first vCPU ready at its start. */
#define guest_begin(g, name, mode) \
	guest_begin_bytes((g), name, name##_end, (mode))
void guest_begin_bytes(struct guest *g, const u8 *from, const u8 *to,
		       enum mode mode);
void guest_handler(struct guest *g, unsigned int vector, u64 rip);

struct kvm_regs vcpu_regs(const struct vcpu *v);
struct kvm_sregs vcpu_sregs(const struct vcpu *v);
void vcpu_set_regs(const struct vcpu *v, const struct kvm_regs *regs);
void vcpu_set_sregs(const struct vcpu *v, const struct kvm_sregs *sregs);

void *io_data(const struct vcpu *v);
void expect_io(const struct vcpu *v, u16 port, bool out, u8 size);
void run_to_port(const struct vcpu *v, u16 port);
void run_to_done(const struct vcpu *v);
void run_to_step(const struct vcpu *v);
void run_to_trap(struct guest *g, const struct vcpu *v, u32 vector, u32 error);
void skip_trap(struct guest *g, unsigned int insn_length);
void run_to_mmio(const struct vcpu *v, u64 gpa, bool write, u32 len);

#endif
