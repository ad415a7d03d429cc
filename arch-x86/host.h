/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What of the host's state a guest disturbs on either vendor's processor and
 * the vendors' files have to put right (host.c). Inside arch-x86/ only.
 */
#ifndef LHV_HOST_H
#define LHV_HOST_H

#include <linux/types.h>

struct lhv_vcpu;

void lhv_branch_barrier(void);
void lhv_part_from_last_guest(struct lhv_vcpu *vcpu);

void lhv_deliver_host_mce(void);
u64 lhv_spec_ctrl_enter(struct lhv_vcpu *vcpu);
void lhv_spec_ctrl_exit(struct lhv_vcpu *vcpu, u64 host);
/* In the ring: DR0-DR3 become the guest's; and, at its end, the host's again. */
void lhv_load_guest_dr(struct lhv_vcpu *vcpu);
void lhv_restore_host_dr(struct lhv_vcpu *vcpu);

#endif /* LHV_HOST_H */
