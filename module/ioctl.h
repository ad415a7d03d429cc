/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How ioctls are dispatched: a table of rows per kind of file descriptor.
 * Direction and size come from the ioctl's number; each row has an act, and a
 * check before it where several acts want the same. Inside module/ only.
 */
#ifndef LHV_IOCTL_H
#define LHV_IOCTL_H

#include <linux/ioctl.h>
#include <linux/kvm.h>
#include <linux/mutex.h>
#include <linux/types.h>

/* The largest argument of fixed size: struct kvm_lapic_state. */
#define LHV_IOCTL_MAX_SIZE	1024

#define LHV_IOCTL_LOCKED	BIT(0)	/* check and act under the object's lock */
#define LHV_IOCTL_PLAIN		BIT(1)	/* nothing is copied */

/*
 * obj is the VM or vCPU (NULL on the device). arg is the kernel's copy of a
 * structure, in LHV_IOCTL_MAX_SIZE bytes of room; where nothing is copied it is
 * the ioctl's third argument as it came, a number or a user pointer.
 */
typedef long lhv_ioctl_fn(void *obj, void *arg);

struct lhv_ioctl {
	unsigned int cmd;
	unsigned int flags;
	unsigned int in, out;		/* bytes copied each way */
	lhv_ioctl_fn *check;		/* changes nothing; NULL: act checks all */
	lhv_ioctl_fn *act;
};

/* A row by the book: sizes and directions are the number's. */
#define LHV_IOCTL(number, flags_, check_, act_) {			\
	.cmd = number, .flags = flags_, .check = check_, .act = act_,	\
}

/* Its structure goes in, whatever the number says. */
#define LHV_IOCTL_IN(number, type, flags_, check_, act_) {		\
	.cmd = number, .flags = flags_, .check = check_, .act = act_,	\
	.in = sizeof(type),						\
}

/* A number, or a pointer to something of variable size: arg as it came. */
#define LHV_IOCTL_RAW(number, flags_, check_, act_) {			\
	.cmd = number, .flags = (flags_) | LHV_IOCTL_PLAIN,		\
	.check = check_, .act = act_,					\
}

/* A check or an act, lhv_vm_name or lhv_vcpu_name, that one expression says. */
#define LHV_ACT(object, name, result)					\
static long lhv_##object##_##name(void *obj, void *arg)			\
{									\
	struct lhv_##object *object = obj;				\
									\
	return result;							\
}

/* Position of a row plus 1, by command number and direction; 0: no such ioctl. */
#define LHV_IOCTL_INDEX_SIZE	(1 << (_IOC_NRBITS + _IOC_DIRBITS))

struct lhv_ioctl_table {
	struct lhv_ioctl *rows;
	unsigned int n;
	u8 index[LHV_IOCTL_INDEX_SIZE];
};

int lhv_ioctl_table_init(struct lhv_ioctl_table *table);
long lhv_ioctl_dispatch(const struct lhv_ioctl_table *table, void *obj, struct mutex *lock,
			const bool *dead, unsigned int cmd, unsigned long arg);

/* A check for arguments that must be 0. */
long lhv_ioctl_no_arg(void *obj, void *arg);

/* The third argument as the user pointer it is. */
static inline void __user *lhv_ioctl_user(void *arg)
{
	return (void __user *)(unsigned long)arg;
}

/* Acts of the device, obj being NULL, and of a vCPU alike. */
long lhv_ioctl_get_cpuid(void *obj, void *arg);
long lhv_ioctl_get_msrs(void *obj, void *arg);

extern struct lhv_ioctl_table lhv_system_ioctls, lhv_vm_ioctls, lhv_vcpu_ioctls;

#endif /* LHV_IOCTL_H */
