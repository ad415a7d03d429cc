/* SPDX-License-Identifier: GPL-2.0 */
/* Guests that read kvmclock: see clock.c. */
#include "guest_asm.h"

	GUEST	clock_page, 64
	/* System time at GUEST_DATA, enabled; wall clock 256 bytes on. */
	mov	$0x4b564d01, %ecx
	mov	$GUEST_DATA + 1, %eax
	xor	%edx, %edx
	wrmsr
	mov	$0x4b564d00, %ecx
	mov	$GUEST_DATA + 0x100, %eax
	wrmsr
1:	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, %r8
	STEP
	jmp	1b
	GUEST_END clock_page

	GUEST	clock_off, 64
	mov	$0x4b564d01, %ecx
	mov	$GUEST_DATA + 1, %eax
	xor	%edx, %edx
	wrmsr
	STEP
	mov	$0x4b564d01, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
	STEP
	DONE
	GUEST_END clock_off
