/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What lhv has and KVM has not. Everything else is in <linux/kvm.h>: lhv's
 * nodes speak KVM's interface. Used by the module, by the lhv tool, and by
 * whoever wants to know which of the two answers.
 */
#ifndef _UAPI_LHV_H
#define _UAPI_LHV_H

/* The node that is always there; /dev/kvm too where nobody else has it. */
#define LHV_DEVICE		"/dev/lhv"

/*
 * Capabilities of KVM_CHECK_EXTENSION that are lhv's own: "lh" in the upper
 * half, far from KVM's numbers. KVM answers 0.
 */
#define LHV_CAP(nr)		(0x6c680000u + (nr))

/* Answer: LHV_VERSION of the loaded module. */
#define LHV_CAP_VERSION		LHV_CAP(0)

#define LHV_VERSION		1

#endif /* _UAPI_LHV_H */
