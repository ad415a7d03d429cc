/* SPDX-License-Identifier: GPL-2.0 */
/* Where stub.S keeps the registers of native.c's struct state. */
#ifndef UNIT_DECODE_STUB_H
#define UNIT_DECODE_STUB_H

#define STUB_STATE	0x20002000
#define STUB_RFLAGS	128
#define STUB_HOST_RSP	136
#define STUB_XMM	160

#ifndef __ASSEMBLY__
/* Copied to low memory, where absolute 32-bit addresses reach. */
extern const unsigned char stub_start[], stub_insn[], stub_end[];
#endif

#endif /* UNIT_DECODE_STUB_H */
