/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The VMX instructions. Used inside arch-x86/vmx/ only. Accessors refuse a
 * field of another width when compiling: bits 14:13 of an encoding are its
 * width (SDM, "VMCS Component Field Encoding").
 */
#ifndef LHV_VMX_OPS_H
#define LHV_VMX_OPS_H

#include <linux/build_bug.h>
#include <linux/types.h>
#include <asm/asm.h>

#include "vmcs.h"

#define VMCS_WIDTH_MASK	0x6001
#define VMCS_WIDTH_16	0x0000
#define VMCS_WIDTH_64	0x2000
#define VMCS_WIDTH_32	0x4000
#define VMCS_WIDTH_NAT	0x6000

static __always_inline u64 __vmread(unsigned long field)
{
	u64 value;

	asm volatile("vmread %1, %0" : "=rm" (value) : "r" (field) : "cc");
	return value;
}

void lhv_vmx_vmwrite_failed(unsigned long field, u64 value);

static __always_inline void __vmwrite(unsigned long field, u64 value)
{
	bool failed;

	asm volatile("vmwrite %2, %1" : "=@ccna" (failed)
		     : "r" (field), "rm" (value) : "cc");
	if (unlikely(failed))
		lhv_vmx_vmwrite_failed(field, value);
}

#define vmcs_check_width(field, width)					\
	BUILD_BUG_ON_MSG(__builtin_constant_p(field) &&			\
			 ((field) & VMCS_WIDTH_MASK) != (width),	\
			 "VMCS accessor of the wrong width")

#define vmcs_read16(f)	({ vmcs_check_width(f, VMCS_WIDTH_16); (u16)__vmread(f); })
#define vmcs_read32(f)	({ vmcs_check_width(f, VMCS_WIDTH_32); (u32)__vmread(f); })
#define vmcs_read64(f)	({ vmcs_check_width(f, VMCS_WIDTH_64); __vmread(f); })
#define vmcs_readl(f)	({ vmcs_check_width(f, VMCS_WIDTH_NAT); __vmread(f); })

#define vmcs_write16(f, v)						\
	do { vmcs_check_width(f, VMCS_WIDTH_16); __vmwrite(f, (u16)(v)); } while (0)
#define vmcs_write32(f, v)						\
	do { vmcs_check_width(f, VMCS_WIDTH_32); __vmwrite(f, (u32)(v)); } while (0)
#define vmcs_write64(f, v)						\
	do { vmcs_check_width(f, VMCS_WIDTH_64); __vmwrite(f, v); } while (0)
#define vmcs_writel(f, v)						\
	do { vmcs_check_width(f, VMCS_WIDTH_NAT); __vmwrite(f, v); } while (0)

/* Instructions that take a physical address: true when they failed. */
static inline bool vmx_vmclear(u64 pa)
{
	bool failed;

	asm volatile("vmclear %1" : "=@ccna" (failed) : "m" (pa) : "cc", "memory");
	return failed;
}

static inline bool vmx_vmptrld(u64 pa)
{
	bool failed;

	asm volatile("vmptrld %1" : "=@ccna" (failed) : "m" (pa) : "cc", "memory");
	return failed;
}

/* -EIO when VMXON fails, -EFAULT when it faults (locked out, VMXE clear). */
static inline int vmx_vmxon(u64 pa)
{
	int ret = 0;

	asm volatile("1: vmxon %[pa]\n"
		     "   jna 3f\n"
		     "   jmp 2f\n"
		     "3: movl %[eio], %[ret]\n"
		     "   jmp 2f\n"
		     "4: movl %[efault], %[ret]\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 4b)
		     : [ret] "+r" (ret)
		     : [pa] "m" (pa), [eio] "i" (-EIO), [efault] "i" (-EFAULT)
		     : "cc", "memory");
	return ret;
}

/* The current VMCS, all ones for none. -EFAULT outside VMX operation. */
static inline int vmx_vmptrst(u64 *pa)
{
	int ret = 0;

	asm volatile("1: vmptrst %[pa]\n"
		     "   jmp 2f\n"
		     "3: movl %[efault], %[ret]\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 3b)
		     : [ret] "+r" (ret), [pa] "=m" (*pa)
		     : [efault] "i" (-EFAULT)
		     : "cc", "memory");
	return ret;
}

static inline void vmx_vmxoff(void)
{
	asm volatile("vmxoff" : : : "cc", "memory");
}

static inline void vmx_invept(unsigned long kind, u64 eptp)
{
	struct { u64 eptp, zero; } desc = { eptp, 0 };

	asm volatile("invept %0, %1" : : "m" (desc), "r" (kind) : "cc", "memory");
}

static inline void vmx_invvpid(unsigned long kind, u16 vpid)
{
	struct { u64 vpid, linear; } desc = { vpid, 0 };

	asm volatile("invvpid %0, %1" : : "m" (desc), "r" (kind) : "cc", "memory");
}

#endif /* LHV_VMX_OPS_H */
