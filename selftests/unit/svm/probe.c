// SPDX-License-Identifier: GPL-2.0
/*
 * May lhv load here? Each thing that can be missing gives its errno and one
 * line; where nothing is, what CPUID has is used and no more.
 */
#include <errno.h>
#include <string.h>
#include <asm/processor-flags.h>

#include "host.h"

static int cpu_init_result;
static unsigned int inits, exits;

int lhv_svm_cpu_init(void)
{
	inits++;
	return cpu_init_result;
}

void lhv_svm_cpu_exit(void)
{
	exits++;
}

int lhv_svm_maps_init(void)
{
	return host.said[0] == '!' ? -ENOMEM : 0;
}

void lhv_svm_maps_exit(void) { }
int lhv_svm_cpu_on(void) { return 0; }
void lhv_svm_cpu_off(void) { }
void lhv_svm_emergency_off(void) { }
enum lhv_next lhv_svm_handle_exit(struct lhv_vcpu *vcpu) { return LHV_USER; }
void lhv_svm_fill_vmcb_ops(struct lhv_vendor_ops *ops) { }
void lhv_svm_fill_ring_ops(struct lhv_vendor_ops *ops) { }
void lhv_svm_fill_reg_ops(struct lhv_vendor_ops *ops) { }
void lhv_svm_fill_inject_ops(struct lhv_vendor_ops *ops) { }

static struct lhv_vendor_ops ops;

/* A processor with all that lhv needs, and nothing that it only likes. */
static void plain_host(void)
{
	host = (struct host){
		.max_leaf = 0x8000000a, .ext_ecx = BIT(2), .asids = 16,
		.svm_edx = SVM_CPUID_NPT,
	};
	boot_cpu_data = (struct cpuinfo_x86){};
	inits = 0;
	exits = 0;
}

static void refused(int errno_, const char *line)
{
	char *end;

	EXPECT_EQ(lhv_svm_probe(&ops), errno_);
	EXPECT_EQ(inits, 0);
	if (!line) {
		EXPECT_EQ(host.said[0], 0);
		return;
	}
	EXPECT(strstr(host.said, line));
	end = strchr(host.said, '\n');
	EXPECT(end && !end[1]);
}

static void no_svm(void)
{
	plain_host();
	host.ext_ecx = ~(u32)BIT(2);
	refused(-ENODEV, NULL);
	plain_host();
	host.max_leaf = 0x80000000;
	refused(-ENODEV, NULL);
}

static void firmware_has_it_off(void)
{
	plain_host();
	host.vm_cr = VM_CR_SVMDIS;
	refused(-EOPNOTSUPP, "the firmware has SVM off");
	/* locked on is as good as on */
	plain_host();
	host.vm_cr = BIT_ULL(3);
	EXPECT_EQ(lhv_svm_probe(&ops), 0);
}

static void another_hypervisor(void)
{
	plain_host();
	host.efer = EFER_SVME | EFER_LMA;
	refused(-EBUSY, "another hypervisor has SVM in use");
}

static void memory_is_encrypted(void)
{
	plain_host();
	host.encrypts = true;
	refused(-EOPNOTSUPP, "encrypts its memory");
}

static void no_nested_paging(void)
{
	plain_host();
	host.svm_edx = ~(u32)SVM_CPUID_NPT;
	refused(-EOPNOTSUPP, "lacks nested paging");
	plain_host();
	host.max_leaf = 0x80000009;
	refused(-EOPNOTSUPP, "lacks nested paging");
}

static void no_asid(void)
{
	plain_host();
	host.asids = 1;
	refused(-EOPNOTSUPP, "no ASID");
}

static void memory_runs_out(void)
{
	plain_host();
	cpu_init_result = -ENOMEM;
	EXPECT_EQ(lhv_svm_probe(&ops), -ENOMEM);
	cpu_init_result = 0;
	host.said[0] = '!';
	EXPECT_EQ(lhv_svm_probe(&ops), -ENOMEM);
	EXPECT_EQ(exits, 1);
}

static void nothing_is_needed_but_the_floor(void)
{
	plain_host();
	EXPECT_EQ(lhv_svm_probe(&ops), 0);
	EXPECT_EQ(lhv_svm_caps.nr_asids, 16);
	EXPECT(!lhv_svm_caps.nrips && !lhv_svm_caps.assists);
	EXPECT(!lhv_svm_caps.flush_asid && !lhv_svm_caps.lbr);
	EXPECT_EQ(ops.npt->levels, 4);
	EXPECT_EQ(ops.npt->max_level, 2);
}

static void what_there_is_is_used(void)
{
	plain_host();
	host.svm_edx |= SVM_CPUID_NRIPS | SVM_CPUID_ASSISTS | SVM_CPUID_FLUSH_ASID |
			SVM_CPUID_LBR;
	boot_cpu_data.x86_capability[X86_FEATURE_GBPAGES / 32] = BIT(X86_FEATURE_GBPAGES % 32);
	host.cr4 = X86_CR4_LA57;
	EXPECT_EQ(lhv_svm_probe(&ops), 0);
	EXPECT(lhv_svm_caps.nrips && lhv_svm_caps.assists);
	EXPECT(lhv_svm_caps.flush_asid && lhv_svm_caps.lbr);
	EXPECT_EQ(ops.npt->levels, 5);
	EXPECT_EQ(ops.npt->max_level, 3);
}

#define CASE(fn) { #fn, fn }

const struct tap_case probe_cases[] = {
	CASE(no_svm), CASE(firmware_has_it_off), CASE(another_hypervisor),
	CASE(memory_is_encrypted), CASE(no_nested_paging), CASE(no_asid),
	CASE(memory_runs_out), CASE(nothing_is_needed_but_the_floor),
	CASE(what_there_is_is_used),
	{ }
};
