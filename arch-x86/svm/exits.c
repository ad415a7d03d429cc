// SPDX-License-Identifier: GPL-2.0
/*
 * SVM exits: one list (code, name, handler, instruction). Called by run.c
 * through lhv_vendor_ops, in the ring, interrupts on. A handler turns what the
 * VMCB says into a neutral call of arch-x86/ and keeps nothing else.
 */
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <asm/debugreg.h>
#include <asm/trapnr.h>

#include "../guest-debug.h"
#include "../host.h"
#include "../insn.h"
#include "../trace.h"
#include "svm.h"

#define EXIT_INTR	0x60
#define EXIT_CPUID	0x72
#define EXIT_HLT	0x78
#define EXIT_IOIO	0x7b
#define EXIT_MSR	0x7c
#define EXIT_NPF	0x400

static enum lhv_next skip(struct lhv_vcpu *vcpu)
{
	lhv_advance_rip(vcpu, to_svm(vcpu)->insn_len);
	return LHV_RESUME;
}

static enum lhv_next resume(struct lhv_vcpu *vcpu)
{
	return LHV_RESUME;
}

static enum lhv_next exit_intr(struct lhv_vcpu *vcpu)
{
	vcpu->stat.irq_exits++;
	return LHV_RESUME;
}

/* What accesses control registers: MOV, CLTS, LMSW. */
static const struct lhv_svm_insn cr_insns[] = {
	{ .opcode = { 0x0f, 0x20 }, .len = 2, .last_mask = 2, .modrm = true },
	{ .opcode = { 0x0f, 0x06 }, .len = 2 },
	{ .opcode = { 0x0f, 0x01 }, .len = 2, .modrm = true },
	{}
};

/* And MOV of debug registers. */
static const struct lhv_svm_insn dr_insns[] = {
	{ .opcode = { 0x0f, 0x21 }, .len = 2, .last_mask = 2, .modrm = true },
	{}
};

static enum lhv_reg found_reg(const struct lhv_svm_found *found)
{
	return (found->modrm & 7) | (found->rex & 1) << 3;
}

/* With decode assists a MOV tells its register; nothing else does. */
static bool assisted(struct lhv_vcpu *vcpu, enum lhv_reg *reg)
{
	u64 info = svm_control(vcpu)->exit_info_1;

	*reg = info & MOV_INFO_REG;
	return lhv_svm_caps.assists && (info & MOV_INFO_VALID);
}

/* Without LOCK and REX there is no CR8: AMD's other name for it is LOCK MOV CR0. */
static void found_mov(const struct lhv_svm_found *found, struct lhv_cr_access *access)
{
	access->kind = found->last & 2 ? LHV_CR_TO : LHV_CR_FROM;
	access->cr = (found->modrm >> 3 & 7) | (found->rex & 4) << 1;
	if (found->lock && !access->cr)
		access->cr = 8;
	access->reg = found_reg(found);
}

/*
 * What the bytes say comes before what the exit's code says: QEMU's emulation
 * (seen in 10.0) has one code for reads of all control registers.
 */
static enum lhv_next access_cr(struct lhv_vcpu *vcpu, struct lhv_cr_access *access)
{
	struct lhv_svm_found found;
	enum lhv_next next;
	int which;

	if (assisted(vcpu, &access->reg))
		return lhv_exit_cr(vcpu, access);
	which = lhv_svm_find_insn(vcpu, cr_insns, &found, &next);
	/* SMSW exits at any privilege, and its bytes may have become another's. */
	if (which >= 0 && lhv_vendor.get_cpl(vcpu) &&
	    !(which == 2 && (found.modrm & 0x38) == 0x20))
		return lhv_exit_gp(vcpu);
	switch (which) {
	case 0:
		found_mov(&found, access);
		break;
	case 1:
		access->kind = LHV_CR_CLTS;
		break;
	case 2:
		/* LMSW of a register; SMSW and operands in memory are not known. */
		if ((found.modrm & 0xf8) != 0xf0)
			return lhv_emulation_failed(vcpu);
		access->kind = LHV_CR_LMSW;
		access->source = lhv_reg_read(vcpu, found_reg(&found));
		break;
	default:
		return next;
	}
	return lhv_exit_cr(vcpu, access);
}

static enum lhv_next exit_cr(struct lhv_vcpu *vcpu)
{
	u32 code = to_svm(vcpu)->exit_code;
	struct lhv_cr_access access = {
		.kind = code & 0x10 ? LHV_CR_TO : LHV_CR_FROM,
		.cr = code & 0xf,
	};

	return access_cr(vcpu, &access);
}

/* A change of CR0 beyond TS and MP. */
static enum lhv_next exit_cr0_sel(struct lhv_vcpu *vcpu)
{
	struct lhv_cr_access access = { .kind = LHV_CR_TO };

	return access_cr(vcpu, &access);
}

/*
 * The guest uses its debug registers: they become its own until the ring ends. Where
 * userspace has its breakpoints in them, or steps, the access is carried out here.
 */
static enum lhv_next exit_dr(struct lhv_vcpu *vcpu)
{
	u32 code = to_svm(vcpu)->exit_code;
	struct lhv_svm_found found;
	enum lhv_next next;
	enum lhv_reg reg;
	u64 val;

	if (!lhv_user_takes_db(vcpu)) {
		lhv_svm_open_dr(vcpu);
		return LHV_RESUME;
	}
	if (lhv_user_detects_dr(vcpu))
		return lhv_exit_db(vcpu, LHV_DR6_BD);
	if (!assisted(vcpu, &reg)) {
		if (lhv_svm_find_insn(vcpu, dr_insns, &found, &next) < 0)
			return next;
		reg = found_reg(&found);
	}
	if (code & 0x10) {
		if (lhv_guest_set_dr(vcpu, code & 7, lhv_reg_read(vcpu, reg)))
			return LHV_RESUME;
	} else {
		if (lhv_guest_get_dr(vcpu, code & 7, &val))
			return LHV_RESUME;
		lhv_reg_write(vcpu, reg, val);
	}
	return skip(vcpu);
}

/* The processor has written DR6; the guest gets it when #DB is delivered. */
static enum lhv_next exit_db(struct lhv_vcpu *vcpu)
{
	struct vmcb_save *save = svm_save(vcpu);
	u64 dr6 = save->dr6 ^ DR6_RESERVED;
	bool own = lhv_svm_step_done(vcpu);

	if (!to_svm(vcpu)->dr_open) {
		save->dr6 = DR6_RESERVED;
		svm_dirty(vcpu, CLEAN_DR);
	}
	set_debugreg(DR6_RESERVED, 6);
	if (own) {
		/* The step is not the guest's, its breakpoints there are. */
		vcpu->dr6 &= ~(u64)DR_STEP;
		dr6 &= DR_TRAP_BITS;
	}
	return own && !dr6 ? LHV_RESUME : lhv_exit_db(vcpu, dr6);
}

static enum lhv_next exit_ac(struct lhv_vcpu *vcpu)
{
	lhv_queue_exception_e(vcpu, X86_TRAP_AC, svm_control(vcpu)->exit_info_1);
	return LHV_RESUME;
}

/* Intel's VMCALL means here what VMMCALL means: guests come from either side. */
static enum lhv_next exit_undefined(struct lhv_vcpu *vcpu)
{
	static const u8 vmcall[] = { 0x0f, 0x01, 0xc1 };
	enum lhv_next next;
	const u8 *bytes;
	bool is64;
	int n = lhv_fetch_at_rip(vcpu, sizeof(vmcall), &bytes, &is64, &next);

	if (n < 0 && next != LHV_RESUME)
		return next;
	if (n < 0 || memcmp(bytes, vmcall, sizeof(vmcall)))
		return lhv_exit_ud(vcpu);
	to_svm(vcpu)->insn_len = sizeof(vmcall);
	return lhv_exit_hypercall(vcpu);
}

static enum lhv_next exit_iret(struct lhv_vcpu *vcpu)
{
	struct lhv_svm *svm = to_svm(vcpu);

	lhv_svm_intercept(vcpu, INTERCEPT_MISC1, INTERCEPT_IRET, false);
	svm->iret_pending = true;
	svm->iret_rip = lhv_reg_read(vcpu, LHV_RIP);
	lhv_self_request(vcpu, LHV_REQ_EVENT);
	return LHV_RESUME;
}

static enum lhv_next exit_io(struct lhv_vcpu *vcpu)
{
	struct vmcb_control *control = svm_control(vcpu);
	u32 info = control->exit_info_1;
	struct lhv_pio pio = {
		.port = info >> 16,
		.size = info >> IOIO_SIZE_SHIFT & 7,
		.in = info & IOIO_IN,
		.string = info & IOIO_STRING,
	};

	/* The next RIP stands here on every processor. */
	to_svm(vcpu)->insn_len = control->exit_info_2 - lhv_reg_read(vcpu, LHV_RIP);
	return lhv_exit_pio(vcpu, &pio);
}

static enum lhv_next exit_msr(struct lhv_vcpu *vcpu)
{
	return svm_control(vcpu)->exit_info_1 ? lhv_exit_wrmsr(vcpu) : lhv_exit_rdmsr(vcpu);
}

/*
 * APM, "#VMEXIT": after an intercepted shutdown the VMCB holds nothing that can
 * be relied on, so the processor starts from its reset state.
 */
static enum lhv_next exit_shutdown(struct lhv_vcpu *vcpu)
{
	svm_control(vcpu)->clean = 0;
	lhv_vcpu_reset(vcpu, true);
	if (vcpu->dr_loaded)
		lhv_load_guest_dr(vcpu);
	return lhv_exit_triple_fault(vcpu);
}

static enum lhv_next exit_npf(struct lhv_vcpu *vcpu)
{
	struct vmcb_control *control = svm_control(vcpu);
	u64 error = control->exit_info_1, gpa = control->exit_info_2;
	u32 access = error & NPF_WRITE ? LHV_ACC_WRITE :
		     error & NPF_FETCH ? LHV_ACC_EXEC : LHV_ACC_READ;

	if (trace_kvm_page_fault_enabled())
		trace_kvm_page_fault(vcpu->id, lhv_reg_read(vcpu, LHV_RIP), gpa, error);
	if (unlikely(error & NPF_RESERVED))
		lhv_vm_kill(vcpu->vm, "reserved bits in the nested page table");
	return lhv_exit_nested_fault(vcpu, LHV_GPA_NONE, gpa, access);
}

static enum lhv_next exit_unexpected(struct lhv_vcpu *vcpu)
{
	u64 data[] = { to_svm(vcpu)->exit_code, vcpu->cpu };

	return lhv_exit_internal_error(vcpu, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON,
				       data, ARRAY_SIZE(data));
}

/* The processor refused the VMCB: no guest code ran. */
static enum lhv_next exit_invalid(struct lhv_vcpu *vcpu)
{
	lhv_svm_explain(vcpu);
	return lhv_exit_fail_entry(vcpu, (u32)EXIT_INVALID);
}

/* Exits whose instruction has a length that somebody needs end in its opcode. */
#define NONE		{}
#define OPCODE(...)	{ .opcode = { __VA_ARGS__ }, .len = sizeof((u8[]){ __VA_ARGS__ }) }
#define OPCODE_MSR	{ .opcode = { 0x0f, 0x30 }, .len = 2, .last_mask = 2 }

#define LHV_SVM_EXITS(X)							\
	X(0x00, READ_CR0, exit_cr, NONE)					\
	X(0x04, READ_CR4, exit_cr, NONE)					\
	X(0x10, WRITE_CR0, exit_cr, NONE)					\
	X(0x14, WRITE_CR4, exit_cr, NONE)					\
	X(0x18, WRITE_CR8, exit_cr, NONE)					\
	X(0x20, READ_DR0, exit_dr, NONE)					\
	X(0x21, READ_DR1, exit_dr, NONE)					\
	X(0x22, READ_DR2, exit_dr, NONE)					\
	X(0x23, READ_DR3, exit_dr, NONE)					\
	X(0x24, READ_DR4, exit_dr, NONE)					\
	X(0x25, READ_DR5, exit_dr, NONE)					\
	X(0x26, READ_DR6, exit_dr, NONE)					\
	X(0x27, READ_DR7, exit_dr, NONE)					\
	X(0x30, WRITE_DR0, exit_dr, NONE)					\
	X(0x31, WRITE_DR1, exit_dr, NONE)					\
	X(0x32, WRITE_DR2, exit_dr, NONE)					\
	X(0x33, WRITE_DR3, exit_dr, NONE)					\
	X(0x34, WRITE_DR4, exit_dr, NONE)					\
	X(0x35, WRITE_DR5, exit_dr, NONE)					\
	X(0x36, WRITE_DR6, exit_dr, NONE)					\
	X(0x37, WRITE_DR7, exit_dr, NONE)					\
	X(0x41, EXCP_DB, exit_db, NONE)						\
	X(0x46, EXCP_UD, exit_undefined, NONE)					\
	X(0x43, EXCP_BP, lhv_exit_bp, NONE)					\
	X(0x51, EXCP_AC, exit_ac, NONE)						\
	X(0x52, EXCP_MC, resume, NONE)						\
	X(0x60, INTR, exit_intr, NONE)						\
	X(0x61, NMI, resume, NONE)						\
	X(0x62, SMI, resume, NONE)						\
	X(0x63, INIT, resume, NONE)						\
	X(0x64, VINTR, lhv_exit_irq_window, NONE)				\
	X(0x65, CR0_SEL_WRITE, exit_cr0_sel, NONE)				\
	X(0x6f, RDPMC, lhv_exit_gp, NONE)					\
	X(0x72, CPUID, lhv_exit_cpuid, OPCODE(0x0f, 0xa2))			\
	X(0x73, RSM, lhv_exit_ud, NONE)						\
	X(0x74, IRET, exit_iret, NONE)						\
	X(0x76, INVD, skip, OPCODE(0x0f, 0x08))					\
	X(0x78, HLT, lhv_exit_hlt, OPCODE(0xf4))				\
	X(0x7a, INVLPGA, lhv_exit_ud, NONE)					\
	X(0x7b, IOIO, exit_io, NONE)						\
	X(0x7c, MSR, exit_msr, OPCODE_MSR)					\
	X(0x7d, TASK_SWITCH, lhv_exit_task_switch, NONE)			\
	X(0x7f, SHUTDOWN, exit_shutdown, NONE)					\
	X(0x80, VMRUN, lhv_exit_ud, NONE)					\
	X(0x81, VMMCALL, lhv_exit_hypercall, OPCODE(0x0f, 0x01, 0xd9))		\
	X(0x82, VMLOAD, lhv_exit_ud, NONE)					\
	X(0x83, VMSAVE, lhv_exit_ud, NONE)					\
	X(0x84, STGI, lhv_exit_ud, NONE)					\
	X(0x85, CLGI, lhv_exit_ud, NONE)					\
	X(0x86, SKINIT, lhv_exit_ud, NONE)					\
	X(0x87, RDTSCP, lhv_exit_ud, NONE)					\
	X(0x89, WBINVD, skip, OPCODE(0x0f, 0x09))				\
	X(0x8a, MONITOR, skip, OPCODE(0x0f, 0x01, 0xc8))			\
	X(0x8b, MWAIT, skip, OPCODE(0x0f, 0x01, 0xc9))				\
	X(0x8d, XSETBV, lhv_exit_xsetbv, OPCODE(0x0f, 0x01, 0xd1))		\
	X(0x8e, RDPRU, lhv_exit_ud, NONE)					\
	X(0xa0, INVLPGB, lhv_exit_ud, NONE)					\
	X(0xa1, INVLPGB_BAD, lhv_exit_ud, NONE)					\
	X(0xa2, INVPCID, lhv_exit_ud, NONE)					\
	X(0xa3, MCOMMIT, lhv_exit_ud, NONE)					\
	X(0xa4, TLBSYNC, lhv_exit_ud, NONE)

#define NR_EXITS 0xa5

static const struct exit {
	enum lhv_next (*handler)(struct lhv_vcpu *vcpu);
	struct lhv_svm_insn insn[2];
} exits[NR_EXITS] = {
#define EXIT(code, name, fn, opcode) [code] = { .handler = fn, .insn = { opcode } },
	LHV_SVM_EXITS(EXIT)
};

/*
 * False with *next where the instruction's length cannot be had now. Without
 * next-RIP save its bytes are looked at.
 */
static bool find_length(struct lhv_vcpu *vcpu, const struct exit *e, enum lhv_next *next)
{
	struct lhv_svm_found found;

	if (lhv_svm_caps.nrips) {
		to_svm(vcpu)->insn_len = svm_control(vcpu)->next_rip - lhv_reg_read(vcpu, LHV_RIP);
		return true;
	}
	return !e->insn[0].len || lhv_svm_find_insn(vcpu, e->insn, &found, next) >= 0;
}

static void trace_exit(struct lhv_vcpu *vcpu, u64 code)
{
	struct vmcb_control *control = svm_control(vcpu);

	trace_kvm_exit(vcpu->id, LHV_TRACE_SVM, code, lhv_reg_read(vcpu, LHV_RIP),
		       control->exit_info_1, control->exit_info_2, control->exit_int_info,
		       control->exit_int_info >> 32);
}

/**
 * lhv_svm_handle_exit() - look the last exit up and handle it
 * @vcpu: in the ring
 */
enum lhv_next lhv_svm_handle_exit(struct lhv_vcpu *vcpu)
{
	u64 code = to_svm(vcpu)->exit_code;
	const struct exit *e;
	enum lhv_next next;

	if (trace_kvm_exit_enabled())
		trace_exit(vcpu, code);
	/* A direct call costs less where indirect branches are fenced. */
	switch (code) {
	case EXIT_NPF:
		return exit_npf(vcpu);
	case EXIT_IOIO:
		return exit_io(vcpu);
	case EXIT_INTR:
		return exit_intr(vcpu);
	case EXIT_INVALID:
		return exit_invalid(vcpu);
	}
	if (unlikely(code >= NR_EXITS))
		return exit_unexpected(vcpu);
	e = &exits[array_index_nospec(code, NR_EXITS)];
	if (unlikely(!e->handler))
		return exit_unexpected(vcpu);
	if (!find_length(vcpu, e, &next))
		return next;
	switch (code) {
	case EXIT_CPUID:
		return lhv_exit_cpuid(vcpu);
	case EXIT_MSR:
		return exit_msr(vcpu);
	case EXIT_HLT:
		return lhv_exit_hlt(vcpu);
	default:
		return e->handler(vcpu);
	}
}
