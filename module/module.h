/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What module/ is for: lifetimes. It loads and unloads, follows CPUs on and off,
 * owns the device nodes and the file descriptors of VMs and vCPUs, dispatches
 * their ioctls from tables, and owns what a VM has in the kernel besides its
 * processors, memory and interrupt controllers: the I/O bus, ioeventfds,
 * irqfds, coalesced writes.
 *
 * It may know every other folder by its header (arch-x86/arch.h, mmu/mmu.h,
 * irqchip/irqchip.h); nobody includes this one. What arch-x86/ asks of it stands
 * in arch-x86/upcalls.h.
 *
 * Locks, outermost first:
 *   lhv_vms_lock (mutex)	the list of VMs
 *   lhv_vm.lock (mutex)	what is created once per VM; vCPUs
 *   lhv_vcpu.mutex		every ioctl on a vCPU
 *   lhv_eventfds.mutex		assigning and removing irqfds
 *   lhv_iobuses.lock (mutex)	changes of the bus; its readers are RCU
 *   an eventfd's wait queue lock
 *   lhv_eventfds.lock (irq-safe spinlock)	the list of irqfds
 *   the irqchip's locks
 *   lhv_iobuses.ring_lock (spinlock)	the coalesced ring's producer side
 */
#ifndef LHV_MODULE_H
#define LHV_MODULE_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "../arch-x86/arch.h"
#include "../arch-x86/upcalls.h"

/* Pages of a vCPU's mapping: kvm_run, port data, the coalesced ring. */
enum { LHV_MAP_RUN, LHV_MAP_PIO, LHV_MAP_RING, LHV_MAP_PAGES };

/* ---- iobus.c ---- */
enum lhv_bus {
	LHV_BUS_MMIO,
	LHV_BUS_PIO,
	LHV_BUS_MMIO_ZONES,
	LHV_BUS_PIO_ZONES,
	LHV_NR_BUSES
};

/* An ioeventfd, or a zone of coalesced writes: that has a place and a length. */
struct lhv_bus_entry {
	u64 addr;
	u64 datamatch;
	struct eventfd_ctx *ctx;
	u32 len;		/* 0: any */
	bool any_data;
};

/* Sorted by address; replaced whole, so readers need no lock. */
struct lhv_bus_table {
	struct rcu_head rcu;
	unsigned int n, wildcards;	/* entries; those of length 0 */
	struct lhv_bus_entry e[];
};

struct lhv_iobuses {
	struct lhv_bus_table __rcu *tables[LHV_NR_BUSES];	/* written under lock */
	struct mutex lock;			/* changes of the tables */
	spinlock_t ring_lock;			/* producers of the ring */
	struct page *ring;			/* constant; shared with userspace */
};

int lhv_iobus_init(struct lhv_iobuses *buses);
void lhv_iobus_free(struct lhv_iobuses *buses);
int lhv_bus_change(struct lhv_iobuses *buses, enum lhv_bus bus, const struct lhv_bus_entry *entry,
		   bool add, bool (*match)(const struct lhv_bus_entry *e,
					   const struct lhv_bus_entry *entry));

/* ---- coalesced.c ---- */
bool lhv_coalesced_write(struct lhv_iobuses *buses, bool pio, u64 addr,
			 unsigned int size, const void *data);
int lhv_coalesced_change(struct lhv_vm *vm, const struct kvm_coalesced_mmio_zone *zone, bool add);

/* ---- ioeventfd.c ---- */
int lhv_ioeventfd(struct lhv_vm *vm, const struct kvm_ioeventfd *args);

/* ---- irqfd.c ---- */
struct lhv_eventfds {
	struct mutex mutex;		/* assigning, removing, resamplers */
	spinlock_t lock;		/* lists of irqfds; irq-safe */
	struct list_head irqfds;	/* lock; added to under the mutex too */
	struct list_head hung_up;	/* lock; irqfds that close will end */
	struct work_struct close;
	struct list_head resamplers;	/* mutex; read under RCU */
};

void lhv_eventfds_init(struct lhv_eventfds *fds);
int lhv_irqfd(struct lhv_vm *vm, const struct kvm_irqfd *args);
void lhv_irqfd_release(struct lhv_vm *vm);

/* ---- vm.c, vcpu.c ---- */
/* One VM as this folder holds it. */
struct lhv_machine {
	struct lhv_vm vm;
	struct lhv_iobuses buses;
	struct lhv_eventfds eventfds;
	struct list_head list;		/* lhv_vms_lock */
};

extern struct list_head lhv_vms;
extern struct mutex lhv_vms_lock;

static inline struct lhv_machine *lhv_machine(struct lhv_vm *vm)
{
	return container_of(vm, struct lhv_machine, vm);
}

long lhv_vm_create(void *obj, void *arg);
void lhv_vm_put(struct lhv_vm *vm);
void lhv_vms_stop(void);
int lhv_vcpu_create(struct lhv_vm *vm, u32 id);
void lhv_vcpu_destroy(struct lhv_vcpu *vcpu);

/* ---- caps.c ---- */
long lhv_check_extension(void *obj, void *arg);
int lhv_enable_cap(struct lhv_vm *vm, const struct kvm_enable_cap *cap);

/* ---- cpus.c, stats.c ---- */
int lhv_cpus_init(void);
void lhv_cpus_exit(void);
void lhv_stats_init(void);
void lhv_stats_exit(void);

#endif /* LHV_MODULE_H */
