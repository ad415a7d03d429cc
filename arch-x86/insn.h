/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What insn.c, pio.c and mmio.c share: one instruction in the hands of the
 * executor on behalf of a vCPU. Inside arch-x86/ only.
 */
#ifndef LHV_INSN_H
#define LHV_INSN_H

#include "decode.h"
#include "emulate.h"
#include "vendor.h"

/* An access of up to 16 bytes lies in at most two pages. */
struct lhv_access_part {
	u64 gpa;
	u8 len;
};

/*
 * Why an instruction is executed here. Its bytes are read after the exit, when
 * another vCPU may have changed them: what it does must be what exited.
 */
struct lhv_emul_exit {
	u64 gva, gpa;			/* LHV_GPA_NONE where not known */
	u32 access;			/* LHV_ACC_READ or _WRITE; 0 for a port */
	u8 io_size;			/* of the port access */
	bool io_in;
};

struct lhv_emul_ctx {
	struct lhv_emul em;
	struct lhv_insn insn;
	struct lhv_vcpu *vcpu;
	struct lhv_walk walk;		/* the processor's state for translations */
	u8 bytes[LHV_INSN_MAX];
	u8 nbytes;
	/*
	 * The exit: by which access, or a port's; that this linear page is this
	 * guest-physical one for it, where there is no memory.
	 */
	struct lhv_emul_exit exit;
	/* the access that is under way, kept while it is pending */
	u8 parts_done;
	u8 data[16];
	u64 again_rip, again_gpa;	/* not what exited: try_again_once() */
	bool page_wanted;		/* pending for a page, not for userspace */
	bool user_answered;		/* userspace has answered the pending part */
};

/* Fetch, decode and execute the instruction at RIP. In the ring. */
enum lhv_next lhv_emulate_at_rip(struct lhv_vcpu *vcpu,
				 const struct lhv_emul_exit *exit);

/* What stands at RIP, for who needs no more than to look at it. */
int lhv_fetch_at_rip(struct lhv_vcpu *vcpu, unsigned int want, const u8 **bytes, bool *is64,
		     enum lhv_next *next);
enum lhv_next lhv_emulation_failed(struct lhv_vcpu *vcpu);

/* mmio.c: one part of an access, and the same for ports in pio.c */
int lhv_access_part(struct lhv_emul_ctx *ctx, const struct lhv_access_part *part,
		    void *data, u32 access);
int lhv_emul_pio(struct lhv_emul *em, u16 port, void *data, unsigned int size,
		 unsigned int count, bool in);
/* mmio.c: the decoder's length, to judge the hardware's hint by */
void lhv_check_len_hint(struct lhv_vcpu *vcpu, u32 decoded);
/* insn.c: a page is not at hand; leave the ring and come back */
int lhv_emul_want_page(struct lhv_emul_ctx *ctx, u64 gpa, u32 access);

#endif /* LHV_INSN_H */
