/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/llist.h> for unit tests, for one thread. */
#ifndef UNIT_LINUX_LLIST_H
#define UNIT_LINUX_LLIST_H

#include <linux/types.h>

struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};

#define LLIST_HEAD(name)	struct llist_head name = { NULL }

static inline void init_llist_head(struct llist_head *head)
{
	head->first = NULL;
}

static inline bool __llist_add(struct llist_node *node, struct llist_head *head)
{
	node->next = head->first;
	head->first = node;
	return !node->next;
}

static inline struct llist_node *__llist_del_all(struct llist_head *head)
{
	struct llist_node *first = head->first;

	head->first = NULL;
	return first;
}

#define llist_for_each_safe(pos, n, node)				\
	for ((pos) = (node); (pos) && ((n) = (pos)->next, true); (pos) = (n))

#endif
