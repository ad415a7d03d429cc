// SPDX-License-Identifier: GPL-2.0
/*
 * Dispatch of ioctls: finds the row, copies in, checks, acts, copies out. Called
 * by the file operations of the device, VM and vCPU; the tables are beside it in
 * *-ioctls.c. It knows no ioctl by name.
 */
#include <linux/kvm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "ioctl.h"

static unsigned int lhv_ioctl_hash(unsigned int cmd)
{
	return _IOC_NR(cmd) | _IOC_DIR(cmd) << _IOC_NRBITS;
}

/**
 * lhv_ioctl_table_init() - complete a table: sizes and index
 * @table: the table
 *
 * Context: module load.
 * Return: 0, or -EINVAL where two rows claim one place or a structure is larger
 * than the dispatcher's buffer: the table is wrong, the module must not load.
 */
int __init lhv_ioctl_table_init(struct lhv_ioctl_table *table)
{
	unsigned int i;

	if (WARN_ON(table->n > U8_MAX))
		return -EINVAL;

	for (i = 0; i < table->n; i++) {
		struct lhv_ioctl *row = &table->rows[i];
		u8 *place = &table->index[lhv_ioctl_hash(row->cmd)];

		if (!row->in && !(row->flags & LHV_IOCTL_PLAIN)) {
			row->in = _IOC_DIR(row->cmd) & _IOC_WRITE ? _IOC_SIZE(row->cmd) : 0;
			row->out = _IOC_DIR(row->cmd) & _IOC_READ ? _IOC_SIZE(row->cmd) : 0;
		}
		if (WARN(*place || row->in > LHV_IOCTL_MAX_SIZE || row->out > LHV_IOCTL_MAX_SIZE ||
			 (row->in | row->out) % sizeof(u32) || !row->act, "ioctl %#x\n", row->cmd))
			return -EINVAL;
		*place = i + 1;
	}
	return 0;
}

static long lhv_ioctl_act(const struct lhv_ioctl *row, void *obj, struct mutex *lock,
			  const bool *dead, void *arg)
{
	bool locked = row->flags & LHV_IOCTL_LOCKED;
	long ret = 0;

	if (locked && mutex_lock_killable(lock))
		return -EINTR;
	if (locked && READ_ONCE(*dead))
		ret = -EIO;
	else if (row->check)
		ret = row->check(obj, arg);
	if (!ret)
		ret = row->act(obj, arg);
	if (locked)
		mutex_unlock(lock);
	return ret;
}

/*
 * The usual copies of a variable size cost more than most acts do: a call, a
 * check of the kernel's side that is known to be right here, a string
 * instruction's start. Sizes are multiples of 4.
 */
static __always_inline int lhv_ioctl_copy(u64 *kernel, u64 __user *user, unsigned int size,
					  bool out)
{
	if (!user_access_begin(user, size))
		return -EFAULT;
#pragma GCC unroll 4
	for (; size >= sizeof(u64); size -= sizeof(u64), kernel++, user++) {
		if (out)
			unsafe_put_user(*kernel, user, fault);
		else
			unsafe_get_user(*kernel, user, fault);
	}
	if (size && out)
		unsafe_put_user(*(u32 *)kernel, (u32 __user *)user, fault);
	else if (size)
		unsafe_get_user(*(u32 *)kernel, (u32 __user *)user, fault);
	user_access_end();
	return 0;

fault:
	user_access_end();
	return -EFAULT;
}

/* Apart from the rest because of its stack frame. */
static noinline long lhv_ioctl_copied(const struct lhv_ioctl *row, void *obj, struct mutex *lock,
				      const bool *dead, void __user *user)
{
	u64 copy[LHV_IOCTL_MAX_SIZE / sizeof(u64)] __uninitialized;
	long ret;

	if (!row->in)
		memset64(copy, 0, DIV_ROUND_UP(row->out, sizeof(*copy)));
	else if (lhv_ioctl_copy(copy, user, row->in, false))
		return -EFAULT;
	ret = lhv_ioctl_act(row, obj, lock, dead, copy);
	if (ret >= 0 && row->out && lhv_ioctl_copy(copy, user, row->out, true))
		return -EFAULT;
	return ret;
}

/**
 * lhv_ioctl_dispatch() - one ioctl by its table
 * @table: the file descriptor's table
 * @obj: its VM or vCPU
 * @lock: the object's lock, for rows with LHV_IOCTL_LOCKED; NULL without any
 * @dead: looked at once the lock is held
 * @cmd: the ioctl's number
 * @arg: its argument, not trusted
 *
 * Context: process, no lock held. Userspace is touched outside @lock.
 * Return: what the act returned; -ENOTTY for an unknown number, -EFAULT where
 * the argument cannot be read or written, -EINTR where the caller was killed
 * while it waited for @lock, -EIO where the object is dead.
 */
long lhv_ioctl_dispatch(const struct lhv_ioctl_table *table, void *obj, struct mutex *lock,
			const bool *dead, unsigned int cmd, unsigned long arg)
{
	unsigned int i = table->index[lhv_ioctl_hash(cmd)];
	const struct lhv_ioctl *row;

	if (!i || table->rows[i - 1].cmd != cmd)
		return -ENOTTY;
	row = &table->rows[i - 1];
	if (row->flags & LHV_IOCTL_PLAIN)
		return lhv_ioctl_act(row, obj, lock, dead, (void *)arg);
	return lhv_ioctl_copied(row, obj, lock, dead, (void __user *)arg);
}

/**
 * lhv_ioctl_no_arg() - check of ioctls whose argument must be 0
 * @obj: not looked at
 * @arg: the argument
 *
 * Return: 0 or -EINVAL.
 */
long lhv_ioctl_no_arg(void *obj, void *arg)
{
	return arg ? -EINVAL : 0;
}
