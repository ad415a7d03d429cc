/* SPDX-License-Identifier: GPL-2.0 */
/* Guests with string port instructions: see strio.c. */
#include "guest_asm.h"

	GUEST	strio_out64, 64
	mov	$GUEST_DATA, %esi
	mov	$100, %ecx
	mov	$0x3f8, %edx
	cld
	rep outsb
	mov	$50, %ecx
	rep outsw
	mov	$25, %ecx
	rep outsl
	outsb
	DONE
	GUEST_END strio_out64

	GUEST	strio_in64, 64
	mov	$GUEST_DATA, %edi
	mov	$100, %ecx
	mov	$0x1f0, %edx
	cld
	rep insb
	mov	$50, %ecx
	rep insw
	mov	$25, %ecx
	rep insl
	insb
	DONE
	GUEST_END strio_in64

/* Two pages and a half, and the second element of each size crosses one. */
	GUEST	strio_in_pages64, 64
	mov	$GUEST_DATA + 0xffe, %edi
	mov	$2500, %ecx
	mov	$0x1f0, %edx
	rep insl
	DONE
	GUEST_END strio_in_pages64

	GUEST	strio_backwards64, 64
	mov	$GUEST_DATA + 20, %edi
	mov	$10, %ecx
	mov	$0x1f0, %edx
	std
	rep insw
	mov	$GUEST_DATA + 20, %esi
	mov	$10, %ecx
	rep outsw
	cld
	DONE
	GUEST_END strio_backwards64

	GUEST	strio_none64, 64
	mov	$0x1234, %esi
	mov	$0x5678, %edi
	xor	%ecx, %ecx
	mov	$0x1f0, %edx
	rep insb
	rep outsb
	DONE
	GUEST_END strio_none64

/* A 32-bit count with rubbish above it, by the address size prefix. */
	GUEST	strio_addr32, 64
	mov	$0x100000003, %rcx
	mov	$0x100000000 + GUEST_DATA, %rsi
	mov	$0x3f8, %edx
	addr32 rep outsb
	DONE
	GUEST_END strio_addr32

	GUEST	strio_real, 16
	mov	$0x2000, %ax
	mov	%ax, %ds
	mov	%ax, %es
	xor	%si, %si
	mov	$0x800, %di
	mov	$5, %cx
	mov	$0x3f8, %dx
	cld
	rep outsb
	mov	$5, %cx
	rep insw
	/* The index wraps at 64 KiB. */
	mov	$0xffff, %di
	mov	$2, %cx
	rep insb
	DONE
	GUEST_END strio_real

	GUEST	strio_segment32, 32
	mov	$4, %ecx
	xor	%esi, %esi
	mov	$0x3f8, %edx
	rep outsb %fs:(%esi), %dx
	DONE
	GUEST_END strio_segment32

/* The destination's page is missing: #PF before the rest is taken. */
	GUEST	strio_fault64, 64
	mov	$0x40000000, %edi
	mov	$4, %ecx
	mov	$0x1f0, %edx
	rep insb
	DONE
	GUEST_END strio_fault64
