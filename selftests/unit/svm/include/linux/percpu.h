/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/percpu.h> for the unit tests of this folder. */
#ifndef UNIT_SVM_PERCPU_H
#define UNIT_SVM_PERCPU_H

#define DECLARE_PER_CPU(type, name)	extern __typeof__(type) name

#endif
