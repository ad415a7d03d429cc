/* SPDX-License-Identifier: GPL-2.0 */
/* Guests that userspace debugs: see debug.c. */
#include "apic_asm.h"

	.globl	debug_step_1, debug_step_2, debug_step_3, debug_step_4, debug_step_5
	GUEST	debug_step, 64
	nop
debug_step_1:
	xor	%eax, %eax
debug_step_2:
	cpuid
debug_step_3:
	out	%al, $0x10
debug_step_4:
	mov	%eax, GUEST_DATA
debug_step_5:
	DONE
	GUEST_END debug_step

	.globl	debug_int3_at, debug_int3_next
	GUEST	debug_int3, 64
	nop
debug_int3_at:
	int3
debug_int3_next:
	DONE
	GUEST_END debug_int3

	.globl	debug_hw_exec, debug_hw_written
	GUEST	debug_hw, 64
	mov	$0x1234, %eax
	mov	%rax, %dr0
	mov	%dr7, %r8
	mov	%dr0, %r9
debug_hw_exec:
	nop
	movl	$1, GUEST_DATA
debug_hw_written:
	nop
	DONE
	GUEST_END debug_hw

	GUEST	debug_blocked, 64
	mov	$0xfee00000, %ebp
	movl	$EOI_XAPIC, GUEST_TRAP + TRAP_EOI
	movl	$0x1ff, 0xf0(%rbp)
	STEP
	sti
	nop
	nop
	nop
	DONE
	GUEST_END debug_blocked

	.globl	debug_halts_1, debug_halts_2, debug_halts_3, debug_halts_4
	GUEST	debug_halts, 64
	hlt
debug_halts_1:
	.byte	0xf1				/* INT1 */
debug_halts_2:
	mov	%ss, %eax
	mov	%eax, %ss
	nop
debug_halts_3:
	sti
	nop
debug_halts_4:
	DONE
	GUEST_END debug_halts

	.globl	debug_gd_at
	GUEST	debug_gd, 64
	nop
debug_gd_at:
	mov	%dr7, %rax
	DONE
	GUEST_END debug_gd

	GUEST	debug_blocked_x2apic, 64
	X2APIC_ON
	STEP
	sti
	nop
	nop
	nop
	DONE
	GUEST_END debug_blocked_x2apic
