/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The cases of the executor's test program, by subject: executor.c (main,
 * restarting, locking), segments.c (segmentation), strings.c (repeats and
 * ports).
 */
#ifndef UNIT_DECODE_EXECUTOR_H
#define UNIT_DECODE_EXECUTOR_H

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };

void test_segments(void);
void test_canonical(void);
void test_stack(void);
void test_wrapping(void);

void test_repeat_batches(void);
void test_repeat_address_sizes(void);
void test_repeat_compare(void);
void test_port_batches(void);
void test_port_rights(void);
void test_port_faults(void);

#endif /* UNIT_DECODE_EXECUTOR_H */
