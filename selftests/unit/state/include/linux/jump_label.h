/* SPDX-License-Identifier: GPL-2.0 */
/* Branches that are patched: plain ones here. */
#ifndef UNIT_LINUX_JUMP_LABEL_H
#define UNIT_LINUX_JUMP_LABEL_H

#include <stdbool.h>

struct static_key_false {
	bool enabled;
};

#define DECLARE_STATIC_KEY_FALSE(name)	extern struct static_key_false name
#define static_branch_unlikely(key)	((key)->enabled)

#endif
