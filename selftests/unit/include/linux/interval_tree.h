/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/interval_tree.h> for unit tests: a linear search. */
#ifndef UNIT_LINUX_INTERVAL_TREE_H
#define UNIT_LINUX_INTERVAL_TREE_H

#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/rbtree.h>

struct interval_tree_node {
	struct rb_node rb;
	unsigned long start, last;
};

static inline void interval_tree_insert(struct interval_tree_node *node,
					struct rb_root_cached *root)
{
	node->rb.next = root->first;
	node->rb.link = &root->first;
	if (root->first)
		root->first->link = &node->rb.next;
	root->first = &node->rb;
}

static inline void interval_tree_remove(struct interval_tree_node *node,
					struct rb_root_cached *root)
{
	(void)root;
	if (*node->rb.link != &node->rb)
		abort();
	*node->rb.link = node->rb.next;
	if (node->rb.next)
		node->rb.next->link = node->rb.link;
	node->rb.link = NULL;
}

static inline struct interval_tree_node *
interval_tree_search(struct rb_node *rb, unsigned long start, unsigned long last)
{
	struct interval_tree_node *node;

	for (; rb; rb = rb->next) {
		node = container_of(rb, struct interval_tree_node, rb);
		if (node->start <= last && node->last >= start)
			return node;
	}
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
	return interval_tree_search(node->rb.next, start, last);
}

#endif
