/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host that the tests of this folder make up: what its processor answers,
 * what lhv printed. Knows nothing of what lhv should make of it.
 */
#ifndef UNIT_SVM_HOST_H
#define UNIT_SVM_HOST_H

#include <linux/cc_platform.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>

#include "../../../arch-x86/svm/svm.h"
#include "../../include/tap.h"

struct host {
	u32 max_leaf, ext_ecx, asids, svm_edx;
	u64 vm_cr, efer;
	unsigned long cr4;
	bool encrypts;
	char said[1024];
};

extern struct host host;
extern const struct tap_case probe_cases[], insn_cases[];

#endif
