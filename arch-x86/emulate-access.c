// SPDX-License-Identifier: GPL-2.0
/*
 * How the executor gets at registers and memory: effective addresses,
 * segmentation (SDM, Protection and 64-bit mode's canonical addresses), and
 * the cache that lets an instruction be started again after userspace has
 * answered one of its accesses. Called by emulate.c and emulate-string.c.
 */
#include <linux/bitops.h>

#include "emulate-internal.h"

/* Access rights, as struct lhv_emul_segment has them. */
#define AR_WRITABLE	BIT(1)	/* data segments */
#define AR_READABLE	BIT(1)	/* code segments */
#define AR_EXPAND_DOWN	BIT(2)	/* data segments */
#define AR_CODE		BIT(3)
#define AR_S		BIT(4)
#define AR_P		BIT(7)
#define AR_UNUSABLE	BIT(16)

u64 lhv_emul_reg(const struct lhv_emul *em, unsigned int reg, unsigned int size, bool high)
{
	u64 value = em->gpr[reg];

	return (high ? value >> 8 : value) & lhv_size_mask(size);
}

void lhv_emul_set_reg(struct lhv_emul *em, unsigned int reg,
		      unsigned int size, bool high, u64 value)
{
	unsigned int shift = high ? 8 : 0;
	u64 mask = lhv_size_mask(size) << shift;

	if (size == 4)
		em->gpr[reg] = (u32)value;
	else
		em->gpr[reg] = (em->gpr[reg] & ~mask) | ((value << shift) & mask);
}

static bool canonical(const struct lhv_emul *em, u64 address)
{
	return (u64)sign_extend64(address, em->va_bits - 1) == address;
}

static bool segment_type_allows(const struct lhv_emul *em, u32 ar, bool write)
{
	if (em->real || em->rflags & LHV_FLAG_VM)
		return true;
	if (ar & AR_UNUSABLE || !(ar & AR_P) || !(ar & AR_S))
		return false;
	if (write)
		return !(ar & AR_CODE) && ar & AR_WRITABLE;
	return !(ar & AR_CODE) || ar & AR_READABLE;
}

static bool within_limit(const struct lhv_emul_segment *s, u64 offset, unsigned int len)
{
	u64 last = offset + len - 1;

	if ((s->ar & (AR_CODE | AR_EXPAND_DOWN)) == AR_EXPAND_DOWN)
		return offset > s->limit && last <= (s->ar & LHV_AR_DB ? 0xffffffff : 0xffff);
	return last <= s->limit;
}

u64 lhv_emul_add(const struct lhv_emul *em, u64 address, u64 n)
{
	return em->mode == LHV_MODE_64 ? address + n : (u32)(address + n);
}

int lhv_emul_linear(struct lhv_emul *em, unsigned int seg, u64 offset,
		    unsigned int len, bool write, u64 *linear)
{
	struct lhv_emul_segment s = { 0 };
	u64 last;
	bool ok;

	if (em->mode != LHV_MODE_64 || seg >= LHV_INSN_FS)
		em->ops->segment(em, seg, &s);
	*linear = lhv_emul_add(em, s.base, offset);
	last = *linear + (len - 1);
	if (em->mode == LHV_MODE_64)
		ok = last >= *linear && canonical(em, *linear) && canonical(em, last);
	else
		ok = segment_type_allows(em, s.ar, write) && within_limit(&s, offset, len);
	if (ok)
		return LHV_EMUL_DONE;
	return lhv_emul_set_fault(em, seg == LHV_INSN_SS ? LHV_VECTOR_SS : LHV_VECTOR_GP,
				  0, *linear);
}

int lhv_emul_operand(struct lhv_emul *em, const struct lhv_insn *insn, u64 bias,
		     bool write, u64 *linear)
{
	const struct lhv_insn_mem *mem = &insn->mem;
	u64 offset = (u64)mem->disp + bias;
	int err;

	if (mem->base != LHV_REG_NONE)
		offset += em->gpr[mem->base];
	if (mem->index != LHV_REG_NONE)
		offset += em->gpr[mem->index] * mem->scale;
	if (mem->rip_relative)
		offset += em->rip + insn->length;
	err = lhv_emul_linear(em, mem->seg, offset & lhv_size_mask(insn->addrsize),
			      insn->memsize, write, linear);
	if (!err && insn->aligned && *linear & (insn->memsize - 1))
		return lhv_emul_set_fault(em, LHV_VECTOR_GP, 0, *linear);
	return err;
}

int lhv_emul_load(struct lhv_emul *em, u64 linear, unsigned int len, u64 *value)
{
	struct lhv_emul_read *r = &em->reads[em->read_pos];
	int err;

	if (em->read_pos >= LHV_EMUL_READS)
		return LHV_EMUL_FAIL;
	if (em->read_pos == em->nr_reads) {
		*r = (struct lhv_emul_read){ .linear = linear, .len = len };
		err = em->ops->access(em, LHV_EMUL_READ, linear, &r->data, len);
		if (err)
			return err;
		em->nr_reads++;
	} else if (r->linear != linear || r->len != len) {
		/* Registers were changed under a pending instruction. */
		return LHV_EMUL_FAIL;
	}
	em->read_pos++;
	*value = r->data;
	return LHV_EMUL_DONE;
}

int lhv_emul_store(struct lhv_emul *em, u64 linear, unsigned int len, u64 value)
{
	int err;

	if (em->write_pos == em->nr_writes) {
		err = em->ops->access(em, LHV_EMUL_WRITE, linear, &value, len);
		if (err)
			return err;
		em->nr_writes++;
	}
	em->write_pos++;
	return LHV_EMUL_DONE;
}

int lhv_emul_set_fault(struct lhv_emul *em, u8 vector, u32 error, u64 address)
{
	em->fault = (struct lhv_emul_fault){
		.vector = vector, .error = error, .address = address,
		/* In real-address mode exceptions push no error code. */
		.has_error = !em->real,
	};
	return LHV_EMUL_FAULT;
}
