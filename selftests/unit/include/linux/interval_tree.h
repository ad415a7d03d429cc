/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/interval_tree.h> for unit tests: a linear search. */
#ifndef UNIT_LINUX_INTERVAL_TREE_H
#define UNIT_LINUX_INTERVAL_TREE_H

#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/rbtree.h>

struct interval_tree_node {
	struct interval_tree_node *next, **link;
	unsigned long start, last;
};

static inline void interval_tree_insert(struct interval_tree_node *node,
					struct rb_root_cached *root)
{
	node->next = root->first;
	node->link = &root->first;
	if (root->first)
		root->first->link = &node->next;
	root->first = node;
}

static inline void interval_tree_remove(struct interval_tree_node *node,
					struct rb_root_cached *root)
{
	(void)root;
	if (*node->link != node)
		abort();
	*node->link = node->next;
	if (node->next)
		node->next->link = node->link;
	node->link = NULL;
}

static inline struct interval_tree_node *
interval_tree_search(struct interval_tree_node *node, unsigned long start,
		     unsigned long last)
{
	for (; node; node = node->next)
		if (node->start <= last && node->last >= start)
			return node;
	return NULL;
}

static inline struct interval_tree_node *
interval_tree_iter_first(struct rb_root_cached *root, unsigned long start,
			 unsigned long last)
{
	return interval_tree_search(root->first, start, last);
}

static inline struct interval_tree_node *
interval_tree_iter_next(struct interval_tree_node *node, unsigned long start,
			unsigned long last)
{
	return interval_tree_search(node->next, start, last);
}

#endif
