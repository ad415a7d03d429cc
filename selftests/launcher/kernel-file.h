/* SPDX-License-Identifier: GPL-2.0 */
/* ELF kernels made on the spot. */
#ifndef SELFTESTS_KERNEL_FILE_H
#define SELFTESTS_KERNEL_FILE_H

#include "launcher.h"

/* A descriptor of a kernel that runs @guest, inherited by children; or -1. */
int kernel_file(const struct guest *guest);

#endif
