/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host processor's own CPUID, MSRs and extended registers, read and written
 * the same way on every kernel: what the kernel calls its helpers changes from
 * version to version. For arch-x86/ only; it knows nothing of guests.
 */
#ifndef LHV_HOSTREGS_H
#define LHV_HOSTREGS_H

#include <linux/errno.h>
#include <linux/types.h>
#include <asm/asm.h>

/* For MSRs that the caller knows to be there. */
static inline void lhv_host_wrmsr(u32 index, u64 value)
{
	asm volatile("wrmsr"
		     : : "c" (index), "a" ((u32)value), "d" ((u32)(value >> 32))
		     : "memory");
}

/* 0, or -EIO where the processor has no such MSR; *value is 0 then. */
static inline int lhv_host_rdmsr_safe(u32 index, u64 *value)
{
	u32 low = 0, high = 0;
	int ret = 0;

	asm volatile("1: rdmsr\n"
		     "   jmp 2f\n"
		     "3: movl %[eio], %[ret]\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 3b)
		     : "+a" (low), "+d" (high), [ret] "+r" (ret)
		     : "c" (index), [eio] "i" (-EIO));
	*value = ret ? 0 : (u64)high << 32 | low;
	return ret;
}

/* 0 where the processor has no such MSR. */
static inline u64 lhv_host_rdmsr(u32 index)
{
	u64 value;

	lhv_host_rdmsr_safe(index, &value);
	return value;
}

static inline void lhv_host_cpuid(u32 leaf, u32 index, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	asm volatile("cpuid"
		     : "=a" (*eax), "=b" (*ebx), "=c" (*ecx), "=d" (*edx)
		     : "a" (leaf), "c" (index));
}

/* Past the kernel's shadow of CR4: for who puts it back, interrupts off. */
static inline void lhv_host_write_cr4(unsigned long cr4)
{
	asm volatile("mov %0, %%cr4" : : "r" (cr4) : "memory");
}

static inline u64 lhv_host_xgetbv(void)
{
	u32 low, high;

	asm volatile("xgetbv" : "=a" (low), "=d" (high) : "c" (0));
	return (u64)high << 32 | low;
}

static inline void lhv_host_xsetbv(u64 value)
{
	asm volatile("xsetbv"
		     : : "c" (0), "a" ((u32)value), "d" ((u32)(value >> 32))
		     : "memory");
}

static inline u32 lhv_host_rdpkru(void)
{
	u32 pkru, edx;

	asm volatile("rdpkru" : "=a" (pkru), "=d" (edx) : "c" (0));
	return pkru;
}

static inline void lhv_host_wrpkru(u32 pkru)
{
	asm volatile("wrpkru" : : "a" (pkru), "c" (0), "d" (0) : "memory");
}

#endif /* LHV_HOSTREGS_H */
