/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace shim of <linux/rbtree.h> for unit tests: trees that nobody balances. */
#ifndef UNIT_LINUX_RBTREE_H
#define UNIT_LINUX_RBTREE_H

#include <linux/kernel.h>
#include <linux/types.h>

struct rb_node {
	struct rb_node *parent, *rb_left, *rb_right;
};

struct rb_root {
	struct rb_node *rb_node;
};

struct interval_tree_node;

/* See <linux/interval_tree.h>. */
struct rb_root_cached {
	struct interval_tree_node *first;
};

#define RB_ROOT			((struct rb_root){ NULL })
#define RB_ROOT_CACHED		((struct rb_root_cached){ NULL })
#define rb_entry		container_of
#define rb_entry_safe(ptr, type, member) ({				\
	__typeof__(ptr) ptr_ = (ptr);					\
	ptr_ ? rb_entry(ptr_, type, member) : NULL;			\
})
#define rb_insert_color(node, root)	((void)(node), (void)(root))

static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **link)
{
	node->parent = parent;
	node->rb_left = NULL;
	node->rb_right = NULL;
	*link = node;
}

static inline struct rb_node *rb_prev(const struct rb_node *node)
{
	struct rb_node *prev = node->rb_left;

	if (prev) {
		while (prev->rb_right)
			prev = prev->rb_right;
		return prev;
	}
	for (prev = node->parent; prev && node == prev->rb_left; prev = prev->parent)
		node = prev;
	return prev;
}

/* Put another node, or none, where a node's parent has it. */
static inline void rb_unit_replace(struct rb_node *node, struct rb_node *by,
				   struct rb_root *root)
{
	struct rb_node *parent = node->parent;

	if (by)
		by->parent = parent;
	if (!parent)
		root->rb_node = by;
	else if (parent->rb_left == node)
		parent->rb_left = by;
	else
		parent->rb_right = by;
}

/* The one before takes the place of a node that has two below it. */
static inline void rb_erase(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *prev;

	if (!node->rb_left || !node->rb_right) {
		rb_unit_replace(node, node->rb_left ? node->rb_left : node->rb_right, root);
		return;
	}
	prev = rb_prev(node);
	rb_unit_replace(prev, prev->rb_left, root);
	*prev = *node;
	rb_unit_replace(node, prev, root);
	if (prev->rb_left)
		prev->rb_left->parent = prev;
	prev->rb_right->parent = prev;
}

#endif
