/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/llist.h> for unit tests, for one thread. */
#ifndef UNIT_LINUX_LLIST_H
#define UNIT_LINUX_LLIST_H

#include <linux/kernel.h>
#include <linux/types.h>

struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};

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

#define llist_for_each_entry_safe(pos, n, node, member)			\
	for (struct llist_node *at_ = (node), *next_;			\
	     at_ && ((pos) = container_of(at_, __typeof__(*(pos)), member),	\
		     (n) = (pos), next_ = at_->next, (n));		\
	     at_ = next_)

#endif
