/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/printk.h>: what is printed is kept for the tests. */
#ifndef UNIT_SVM_PRINTK_H
#define UNIT_SVM_PRINTK_H

#define pr_err(...) host_said(__VA_ARGS__)

__attribute__((format(printf, 1, 2))) void host_said(const char *format, ...);

#endif
