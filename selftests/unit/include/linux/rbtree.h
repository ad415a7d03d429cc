/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/rbtree.h> for unit tests: a list stands for a tree. */
#ifndef UNIT_LINUX_RBTREE_H
#define UNIT_LINUX_RBTREE_H

#include <linux/types.h>

struct rb_node {
	struct rb_node *next, **link;
};

struct rb_root_cached {
	struct rb_node *first;
};

#define RB_ROOT_CACHED	((struct rb_root_cached){ NULL })

#endif
