// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of the SVM backend in userspace: the groups of cases, and the host
 * that they make up.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host.h"

struct host host;
struct cpuinfo_x86 boot_cpu_data;

void host_said(const char *format, ...)
{
	size_t len = strlen(host.said);
	va_list args;

	va_start(args, format);
	vsnprintf(host.said + len, sizeof(host.said) - len, format, args);
	va_end(args);
}

bool cc_platform_has(enum cc_attr attr)
{
	return host.encrypts;
}

unsigned long __read_cr4(void)
{
	return host.cr4;
}

void lhv_host_cpuid(u32 leaf, u32 index, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	*eax = leaf == 0x80000000 ? host.max_leaf : 0;
	*ebx = leaf == SVM_CPUID_LEAF ? host.asids : 0;
	*ecx = leaf == 0x80000001 ? host.ext_ecx : 0;
	*edx = leaf == SVM_CPUID_LEAF ? host.svm_edx : 0;
}

u64 lhv_host_rdmsr(u32 index)
{
	return index == SVM_MSR_VM_CR ? host.vm_cr : index == MSR_EFER ? host.efer : 0;
}

static const struct tap_group groups[] = {
	{ "probe", probe_cases },
	{ "insn", insn_cases },
	{ }
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, groups);
}
