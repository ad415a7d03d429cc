/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instruction executor: carries out one instruction that decode.h decoded,
 * over callbacks, so that it knows registers and flags but neither the vCPU
 * nor memory slots nor page tables.
 *
 * Called by the exit handlers of accesses that have no memory behind them
 * and of string I/O. The caller owns struct lhv_emul (one per vCPU, used only
 * by the vCPU's thread), loads the registers into it, and takes them out when
 * the answer says so. TF, interrupt shadow and the delivery of recorded
 * exceptions are the caller's business.
 *
 * An access that only userspace can answer is made in two goes: the callback
 * answers LHV_EMUL_PENDING, lhv_emulate() hands that up with every register
 * untouched, and once userspace has answered, the caller calls lhv_emulate()
 * with the same instruction again. Reads that were completed before come
 * from a cache, writes that were completed before are not handed out again,
 * and the callback is asked once more for exactly the access that it left
 * pending.
 */
#ifndef LHV_ARCH_X86_EMULATE_H
#define LHV_ARCH_X86_EMULATE_H

#include <linux/types.h>

#include "decode.h"

/**
 * enum lhv_emul_result - answers of lhv_emulate() and of the callbacks
 * @LHV_EMUL_DONE:    callback: access made. lhv_emulate(): the instruction is
 *                    complete, gpr, rip and rflags hold the state after it
 * @LHV_EMUL_AGAIN:   lhv_emulate() only: a part of a repeated string
 *                    instruction is done; gpr and rflags say how far (RF is
 *                    set), rip still points at it. Look for interrupts, then
 *                    re-enter the guest or call again
 * @LHV_EMUL_PENDING: userspace has to answer first. Nothing changed, apart
 *                    from completed iterations of a repeated instruction,
 *                    which gpr and rflags already count
 * @LHV_EMUL_FAULT:   the exception in struct lhv_emul.fault is to be
 *                    delivered; rip points at the instruction, gpr and rflags
 *                    are as the processor leaves them for that exception
 * @LHV_EMUL_RETRY:   compare_exchange() only: memory no longer held the old
 *                    value and was left alone
 * @LHV_EMUL_FAIL:    cannot be emulated; for userspace as an emulation
 *                    failure. No register changed by this instruction (by
 *                    this iteration of it)
 */
enum lhv_emul_result {
	LHV_EMUL_DONE = 0,
	LHV_EMUL_AGAIN,
	LHV_EMUL_PENDING,
	LHV_EMUL_FAULT,
	LHV_EMUL_RETRY,
	LHV_EMUL_FAIL,
};

/* Most iterations of a repeated string instruction between two AGAINs. */
#define LHV_EMUL_BATCH		128

/* Most bytes of one string I/O access, so of one pio(). */
#define LHV_EMUL_IO_BYTES	1024

/* Most reads one instruction (one iteration) can make, at 8 bytes a piece. */
#define LHV_EMUL_READS		2

/**
 * struct lhv_emul_segment - a segment register's hidden part
 * @base:  linear address
 * @limit: last valid byte (expand-up), G already applied
 * @ar:    access rights as in the VMCS: type 3:0, S 4, DPL 6:5, P 7, L 13,
 *         D/B 14, G 15, unusable 16
 */
struct lhv_emul_segment {
	u64 base;
	u32 limit;
	u32 ar;
};

/**
 * struct lhv_emul_fault - exception to be delivered
 * @vector:     0..31
 * @has_error:  @error is pushed
 * @error:      error code
 * @address:    for #PF, what goes to CR2; otherwise the linear address that
 *              was tried, or 0
 */
struct lhv_emul_fault {
	u8 vector;
	bool has_error;
	u32 error;
	u64 address;
};

struct lhv_emul;

/**
 * enum lhv_emul_access - what is done to memory
 * @LHV_EMUL_READ:  read it
 * @LHV_EMUL_WRITE: write it
 * @LHV_EMUL_PROBE: find out whether guest paging would let a write through;
 *                  devices are not touched. Asked before an access with side
 *                  effects that a page fault of the write must precede
 */
enum lhv_emul_access {
	LHV_EMUL_READ,
	LHV_EMUL_WRITE,
	LHV_EMUL_PROBE,
};

/**
 * struct lhv_emul_ops - what the executor needs from its caller
 * @segment:  fill in a segment register's hidden part (enum lhv_insn_seg).
 *            Asked only when it matters: in 64-bit mode for FS and GS alone
 * @access:   read to or write from @data @len bytes (1, 2, 4, 8), or probe them
 *            (1..16; @data is not looked at)
 * @compare_exchange: locked read-modify-write: where memory is RAM, replace
 *            @old by @new atomically, or answer RETRY; where it is a device,
 *            write @new. @len is 1, 2, 4, 8
 * @pio_check: may port @port..+@size-1 be used? Asked only where CPL > IOPL
 *            or in virtual-8086 mode. Answer from the TSS's bitmap; DONE
 *            where the exit itself says that the processor checked
 * @pio:      read @count elements of @size bytes (1, 2, 4) from @port if @in,
 *            else write them; @count * @size is at most LHV_EMUL_IO_BYTES
 * @xmm_get:  low 128 bits of guest XMM register @reg, low half first
 * @xmm_set:  set them; bits above 127 stay
 *
 * Addresses are linear, checked against segment limits and for canonicity.
 * The owner translates with the rights of em->cpl, splits accesses that
 * cross a page (outside 64-bit mode addresses wrap at 4 GiB), checks all
 * pages before it touches the first, and records exceptions with
 * lhv_emul_set_fault() before it answers FAULT.
 *
 * access, compare_exchange and pio may answer PENDING; each is then asked again,
 * with the same arguments, on the next lhv_emulate(), unless the caller calls
 * lhv_emul_reset() in between. They may sleep if the caller of lhv_emulate() may.
 */
struct lhv_emul_ops {
	void (*segment)(struct lhv_emul *em, unsigned int seg,
			struct lhv_emul_segment *out);
	int (*access)(struct lhv_emul *em, enum lhv_emul_access what, u64 linear,
		      void *data, unsigned int len);
	int (*compare_exchange)(struct lhv_emul *em, u64 linear, u64 old,
				u64 new, unsigned int len);
	int (*pio_check)(struct lhv_emul *em, u16 port, unsigned int size);
	int (*pio)(struct lhv_emul *em, u16 port, void *data, unsigned int size,
		   unsigned int count, bool in);
	void (*xmm_get)(struct lhv_emul *em, unsigned int reg, u64 val[2]);
	void (*xmm_set)(struct lhv_emul *em, unsigned int reg,
			const u64 val[2]);
};

/**
 * struct lhv_emul_read - a read that was completed before a PENDING
 * @linear: its address
 * @data:   its value, zero-extended
 * @len:    its bytes
 */
struct lhv_emul_read {
	u64 linear;
	u64 data;
	u8 len;
};

/**
 * struct lhv_emul - state of one executor
 * @ops:      callbacks; set by the caller, constant
 * @gpr:      RAX..R15 in the processor's numbering (RSP is 4); the caller's
 *            array, written only when an instruction or iteration completes
 * @rip:      of the instruction, relative to CS; in and out
 * @rflags:   in and out
 * @mode:     of the code segment
 * @real:     CR0.PE is clear: segments are not checked for type. Virtual-8086
 *            mode is seen in @rflags
 * @cpl:      0..3
 * @va_bits:  linear-address width in 64-bit mode, 48 or 57 (CR4.LA57)
 * @fault:    out, valid after LHV_EMUL_FAULT
 *
 * Members below are lhv_emulate()'s own, and survive a PENDING.
 * @reads:     completed reads of this instruction (iteration), in order
 * @nr_reads:  how many of them there are
 * @read_pos:  next one to serve in this go
 * @nr_writes: completed writes of this instruction (iteration)
 * @write_pos: next one in this go
 * @io_count:  string I/O: elements that were handed to the port, 0 = none yet
 * @io_done:   string I/O: elements moved between memory and @io
 * @io_ported: string I/O: the port has delivered its data into @io, or got them
 * @io:        string I/O: elements on their way
 */
struct lhv_emul {
	const struct lhv_emul_ops *ops;
	u64 *gpr;
	u64 rip;
	u64 rflags;
	enum lhv_cpu_mode mode;
	bool real;
	u8 cpl;
	u8 va_bits;
	struct lhv_emul_fault fault;

	struct lhv_emul_read reads[LHV_EMUL_READS];
	u8 nr_reads;
	u8 read_pos;
	u8 nr_writes;
	u8 write_pos;
	u16 io_count;
	u16 io_done;
	bool io_ported;
	u8 io[LHV_EMUL_IO_BYTES];
};

/**
 * lhv_emul_reset() - forget everything about an instruction in flight
 * @em: the executor
 *
 * To be called once before first use, and whenever an instruction that is
 * pending is given up: registers set by userspace, an INIT, an event that is
 * injected instead. A pending access is then not asked for again.
 */
void lhv_emul_reset(struct lhv_emul *em);

/**
 * lhv_emul_set_fault() - record an exception with error code
 * @em:      the executor
 * @vector:  exception vector
 * @error:   error code
 * @address: linear address for #PF, else 0 or what was tried
 *
 * Return: LHV_EMUL_FAULT, to be handed on.
 */
int lhv_emul_set_fault(struct lhv_emul *em, u8 vector, u32 error, u64 address);

/**
 * lhv_emulate() - execute one decoded instruction
 * @em:   the executor, with registers and mode loaded
 * @insn: from lhv_decode(); after LHV_EMUL_PENDING the same one again, with
 *        the registers as they were left
 *
 * A repeated string instruction does at most LHV_EMUL_BATCH iterations
 * (string I/O: LHV_EMUL_IO_BYTES) and answers LHV_EMUL_AGAIN if there are
 * more to do. On completion RIP is advanced and RF cleared.
 *
 * Not modelled, since the processor checks it before the exits that lead
 * here: #AC, CR0.TS and CR4.OSFXSR for XMM moves, data breakpoints.
 *
 * Context: the vCPU's thread; sleeps only if the callbacks do.
 * Return: LHV_EMUL_DONE, _AGAIN, _PENDING, _FAULT or _FAIL.
 */
int lhv_emulate(struct lhv_emul *em, const struct lhv_insn *insn);

#endif /* LHV_ARCH_X86_EMULATE_H */
