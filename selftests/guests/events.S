/* SPDX-License-Identifier: GPL-2.0 */
/* Guests that write where eventfds and coalesced zones are: see events.c. */
#include "guest_asm.h"

	GUEST	events_writes, 64
	mov	$GUEST_MMIO, %esi
	mov	$7, %eax
	mov	%eax, (%rsi)
	mov	%ax, (%rsi)
	mov	$8, %eax
	mov	%eax, (%rsi)
	DONE
	GUEST_END events_writes

	GUEST	events_ports, 64
	mov	$0x510, %edx
	mov	$7, %eax
	out	%eax, %dx
	out	%ax, %dx
	mov	$8, %eax
	out	%eax, %dx
	DONE
	GUEST_END events_ports

	GUEST	events_wait, 64
	movl	$EOI_XAPIC, GUEST_TRAP + TRAP_EOI
	mov	$0xfee00000, %ebp
	movl	$0x1ff, 0xf0(%rbp)
	mov	$0xfec00000, %ebx
	movl	$0x25, (%rbx)
	movl	$0, 0x10(%rbx)
	movl	$0x24, (%rbx)
	mov	GUEST_DATA, %eax
	mov	%eax, 0x10(%rbx)
	STEP
	sti
	hlt
	cli
	STEP
	sti
	hlt
	DONE
	GUEST_END events_wait

	GUEST	events_coalesced, 64
	mov	$GUEST_MMIO, %esi
	movl	$0x11, 0x10(%rsi)
	movl	$0x22, 0x14(%rsi)
	movb	$0x33, 0x18(%rsi)
	DONE
	GUEST_END events_coalesced

	GUEST	events_coalesced_many, 64
	mov	$GUEST_MMIO, %esi
	mov	$400, %ecx
1:	mov	%ecx, 0x10(%rsi)
	dec	%ecx
	jnz	1b
	DONE
	GUEST_END events_coalesced_many
