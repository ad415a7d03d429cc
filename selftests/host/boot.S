/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The boot sector of an emulated host. Behind it on the disk lies the kernel,
 * unpacked, with its initramfs, boot parameters and page tables; this code
 * asks the BIOS for the memory map, which only it knows, reads the rest to
 * where it belongs, and enters the kernel in long mode. BIOS disk calls and an
 * unpacking kernel cost more instructions than all the rest of a boot.
 *
 * Built by lib/bootimage.py, which lays out disk and memory and defines
 * BOOT_PARAMS, PAGE_TABLES, ENTRY, and EXTENTS: pairs of an address and a
 * number of sectors.
 */
#define E820_MAP	0x8000
#define E820_ENTRY_SIZE	20
#define E820_MAX	128
#define BP_E820_ENTRIES	0x1e8
#define BP_E820_TABLE	0x2d0
#define SMAP		0x534d4150

#define ATA_DATA	0x1f0
#define ATA_COUNT	0x1f2
#define ATA_STATUS	0x1f7
#define ATA_BUSY	0x80
#define ATA_DRQ		0x08
#define ATA_READ	0x20
#define ATA_LBA		0xe0

	.code16
	.globl	_start
_start:
	ljmp	$0, $1f
1:	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$0x7c00, %sp

	movw	$E820_MAP, %di
	xorl	%ebx, %ebx
	xorl	%ebp, %ebp
next_range:
	movl	$0xe820, %eax
	movl	$E820_ENTRY_SIZE, %ecx
	movl	$SMAP, %edx
	int	$0x15
	jc	have_map
	cmpl	$SMAP, %eax
	jne	have_map
	addw	$E820_ENTRY_SIZE, %di
	incw	%bp
	cmpw	$E820_MAX, %bp
	je	have_map
	testl	%ebx, %ebx
	jnz	next_range
have_map:
	cli
	/* The fast A20 gate. */
	inb	$0x92, %al
	orb	$2, %al
	andb	$0xfe, %al
	outb	%al, $0x92

	lgdtl	gdt_pointer
	movl	%cr0, %eax
	orl	$1, %eax			/* PE */
	movl	%eax, %cr0
	ljmpl	$0x08, $protected_mode

	.code32
protected_mode:
	movl	$0x18, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss

	pushl	%ebp
	movl	$1, %ebp			/* the sector to read */
	movl	$extents, %esi
next_extent:
	lodsl
	testl	%eax, %eax
	jz	loaded
	movl	%eax, %edi
	lodsl
	movl	%eax, %ebx			/* sectors left */
next_command:
	movl	$256, %ecx
	cmpl	%ecx, %ebx
	jae	1f
	movl	%ebx, %ecx
1:	subl	%ecx, %ebx
	movw	$ATA_STATUS, %dx
2:	inb	%dx, %al
	testb	$ATA_BUSY, %al
	jnz	2b
	movw	$ATA_COUNT, %dx
	movb	%cl, %al			/* 0 stands for 256 */
	outb	%al, %dx
	movl	%ebp, %eax
	incl	%edx
	outb	%al, %dx
	shrl	$8, %eax
	incl	%edx
	outb	%al, %dx
	shrl	$8, %eax
	incl	%edx
	outb	%al, %dx
	shrl	$8, %eax
	orb	$ATA_LBA, %al
	incl	%edx
	outb	%al, %dx
	incl	%edx
	movb	$ATA_READ, %al
	outb	%al, %dx
	addl	%ecx, %ebp
next_sector:
	movw	$ATA_STATUS, %dx
3:	inb	%dx, %al
	testb	$ATA_DRQ, %al
	jz	3b
	pushl	%ecx
	movl	$128, %ecx
	movw	$ATA_DATA, %dx
	rep insl
	popl	%ecx
	loop	next_sector
	testl	%ebx, %ebx
	jnz	next_command
	jmp	next_extent

loaded:
	popl	%ebp
	movl	$BOOT_PARAMS, %ebx
	movl	%ebp, %eax
	movb	%al, BP_E820_ENTRIES(%ebx)
	movl	$E820_MAP, %esi
	leal	BP_E820_TABLE(%ebx), %edi
	imull	$E820_ENTRY_SIZE, %ebp, %ecx
	rep movsb

	movl	%cr4, %eax
	orl	$0x20, %eax			/* PAE */
	movl	%eax, %cr4
	movl	$PAGE_TABLES, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx		/* EFER */
	rdmsr
	orl	$0x100, %eax			/* LME */
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000000, %eax		/* PG */
	movl	%eax, %cr0
	movl	%ebx, %esi
	ljmpl	$0x10, $ENTRY

	.balign	8
gdt:	.quad	0
	.quad	0x00cf9b000000ffff		/* for this code */
	.quad	0x00af9b000000ffff		/* __BOOT_CS, 64 bit */
	.quad	0x00cf93000000ffff		/* __BOOT_DS */
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt
extents:
	.long	EXTENTS, 0

	.org	510, 0
	.word	0xaa55
