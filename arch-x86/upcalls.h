/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What arch-x86/ asks of the rest of the module; module/ provides it. This way
 * round arch-x86/ need not know module/.
 */
#ifndef LHV_UPCALLS_H
#define LHV_UPCALLS_H

#include "arch.h"

/*
 * The in-kernel I/O bus: ioeventfds, then the irqchip's own windows, then
 * coalesced zones (writes only). 0 when somebody took the access, -EOPNOTSUPP
 * when it is userspace's. Inside the ring: may not sleep. Data is little endian.
 */
int lhv_bus_pio(struct lhv_vcpu *vcpu, u16 port, unsigned int size, void *data,
		bool write);
int lhv_bus_mmio(struct lhv_vcpu *vcpu, u64 gpa, unsigned int size, void *data,
		 bool write);
/* Fast test for one ioeventfd of length 0 (wildcard) at gpa: true when signalled;
 * no instruction needs decoding then.
 */
bool lhv_bus_mmio_wildcard(struct lhv_vcpu *vcpu, u64 gpa);

/* EOI of a level-triggered GSI: resample irqfds. Any context. */
void lhv_eventfds_eoi(struct lhv_vm *vm, u32 irqchip, u32 pin);
bool lhv_eventfds_have_resamplers(struct lhv_vm *vm);

#endif /* LHV_UPCALLS_H */
