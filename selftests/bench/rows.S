/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guests' halves of the benchmark: loops that take the time-stamp counter
 * around one operation and leave the differences at BENCH_SAMPLES. An operation
 * may use RAX, RBX, RCX, RDX and RDI; bench.c knows what each one means.
 */
#include "../guests/guest_asm.h"
#include "bench.h"

	.macro	STAMP reg
	rdtsc
	shl	$32, %rdx
	or	%rax, %rdx
	mov	%rdx, \reg
	.endm

	.macro	ROW name
	GUEST	bench_\name, 64
	mov	$BENCH_SAMPLES, %r13
	mov	$BENCH_COUNT, %r12
1:
	STAMP	%r14
	.endm

	.macro	ROW_END name
	STAMP	%r15
	sub	%r14, %r15
	mov	%r15, (%r13)
	add	$8, %r13
	dec	%r12
	jnz	1b
	DONE
	GUEST_END bench_\name
	.endm

	ROW	empty
	ROW_END	empty

	ROW	cpuid
	xor	%eax, %eax
	cpuid
	ROW_END	cpuid

	ROW	vmcall
	mov	$-1, %rax
	vmcall
	ROW_END	vmcall

	ROW	vmmcall
	mov	$-1, %rax
	vmmcall
	ROW_END	vmmcall

	ROW	rdmsr
	mov	$0x1b, %ecx
	rdmsr
	ROW_END	rdmsr

	ROW	tsc_adjust
	mov	$0x3b, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr
	ROW_END	tsc_adjust

	ROW	write_protect
	mov	%cr0, %rbx
	mov	%rbx, %rax
	xor	$0x10000, %rax
	mov	%rax, %cr0
	mov	%rbx, %cr0
	ROW_END	write_protect

	ROW	port_out
	out	%al, $BENCH_PORT
	ROW_END	port_out

	ROW	mmio_read
	mov	GUEST_MMIO, %eax
	ROW_END	mmio_read

	ROW	mmio_write
	mov	%eax, GUEST_MMIO
	ROW_END	mmio_write

	ROW	pic_read
	in	$0x21, %al
	ROW_END	pic_read

	ROW	pic_write
	mov	$0xff, %al
	out	%al, $0x21
	ROW_END	pic_write

	ROW	event_port
	mov	$BENCH_EVENT_PORT, %edx
	out	%al, %dx
	ROW_END	event_port

	ROW	event_mmio
	mov	%eax, GUEST_MMIO + 0x1000
	ROW_END	event_mmio

	ROW	lapic_read
	mov	$0xfee00000, %ebx
	mov	0x80(%rbx), %eax
	ROW_END	lapic_read

	/* x2APIC, vector 0x40; the stub of lib.S counts it and says EOI. */
	ROW	self_ipi
	mov	$0x83f, %ecx
	mov	$0x40, %eax
	xor	%edx, %edx
	wrmsr
	sti
	nop
	cli
	ROW_END	self_ipi

	/* One write to each of BENCH_COUNT pages that were not touched before. */
	ROW	fault
	mov	%r12, %rdi
	shl	$12, %rdi
	movb	$1, BENCH_PAGES(%rdi)
	ROW_END	fault

	/* The shortest life: one exit. */
	GUEST	bench_done, 64
	DONE
	GUEST_END bench_done
