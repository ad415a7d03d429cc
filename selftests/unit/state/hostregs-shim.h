/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stands for arch-x86/hostregs.h, whose guard it takes: instructions that
 * userspace may not execute ask the tests' host instead.
 */
#ifndef LHV_HOSTREGS_H
#define LHV_HOSTREGS_H

#include <linux/types.h>

void lhv_host_cpuid(u32 leaf, u32 index, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);
void lhv_host_wrmsr(u32 index, u64 value);
int lhv_host_rdmsr_safe(u32 index, u64 *value);
u64 lhv_host_rdmsr(u32 index);
u64 lhv_host_xgetbv(void);
void lhv_host_xsetbv(u64 value);
u32 lhv_host_rdpkru(void);
void lhv_host_wrpkru(u32 pkru);

#endif
