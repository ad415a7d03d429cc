/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The user's terminal in raw mode while the guest has it, and as it was before
 * on every way out.
 */
#ifndef LHV_RUN_TERMINAL_H
#define LHV_RUN_TERMINAL_H

#include <stdbool.h>

/**
 * terminal_raw() - Put stdin's terminal into raw mode.
 *
 * Does nothing if stdin is no terminal, or if it belongs to another process
 * group (the launcher runs in the background). Restores by itself at exit()
 * and on signals that are the launcher's own fault; others call
 * terminal_restore(). May be called again after that.
 *
 * Return: whether the terminal is raw now.
 */
bool terminal_raw(void);

/**
 * terminal_restore() - Put the terminal back; async-signal-safe, idempotent.
 */
void terminal_restore(void);

#endif
