/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/cache.h> for the unit tests of this folder. */
#ifndef UNIT_STATE_CACHE_H
#define UNIT_STATE_CACHE_H

#define __ro_after_init
#define ____cacheline_aligned

#endif
