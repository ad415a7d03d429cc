/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The VMCB as the APM defines it (AMD64 Architecture Programmer's Manual,
 * volume 2, "Secure Virtual Machine" and the appendices on the layout of the
 * VMCB and on intercept exit codes): names, layout and numbers only. Used inside
 * arch-x86/svm/. The kernel's own definitions change their names from version to
 * version, so these are lhv's.
 */
#ifndef LHV_SVM_VMCB_H
#define LHV_SVM_VMCB_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

/* Words of intercepts: what each bit stands for is in the lists below. */
enum vmcb_intercept_word {
	INTERCEPT_CR, INTERCEPT_DR, INTERCEPT_EXCEPTION, INTERCEPT_MISC1,
	INTERCEPT_MISC2, INTERCEPT_MISC3,
	INTERCEPT_WORDS
};

#define INTERCEPT_CR_READ(n)	BIT(n)
#define INTERCEPT_CR_WRITE(n)	BIT(16 + (n))

#define INTERCEPT_INTR		BIT(0)		/* INTERCEPT_MISC1 */
#define INTERCEPT_NMI		BIT(1)
#define INTERCEPT_SMI		BIT(2)
#define INTERCEPT_INIT		BIT(3)
#define INTERCEPT_VINTR		BIT(4)
#define INTERCEPT_CR0_SEL	BIT(5)
#define INTERCEPT_RDPMC		BIT(15)
#define INTERCEPT_CPUID		BIT(18)
#define INTERCEPT_RSM		BIT(19)
#define INTERCEPT_IRET		BIT(20)
#define INTERCEPT_INVD		BIT(22)
#define INTERCEPT_PAUSE		BIT(23)
#define INTERCEPT_HLT		BIT(24)
#define INTERCEPT_INVLPGA	BIT(26)
#define INTERCEPT_IOIO		BIT(27)
#define INTERCEPT_MSR		BIT(28)
#define INTERCEPT_TASK_SWITCH	BIT(29)
#define INTERCEPT_SHUTDOWN	BIT(31)

#define INTERCEPT_VMRUN		BIT(0)		/* INTERCEPT_MISC2 */
#define INTERCEPT_VMMCALL	BIT(1)
#define INTERCEPT_VMLOAD	BIT(2)
#define INTERCEPT_VMSAVE	BIT(3)
#define INTERCEPT_STGI		BIT(4)
#define INTERCEPT_CLGI		BIT(5)
#define INTERCEPT_SKINIT	BIT(6)
#define INTERCEPT_RDTSCP	BIT(7)
#define INTERCEPT_WBINVD	BIT(9)
#define INTERCEPT_MONITOR	BIT(10)
#define INTERCEPT_MWAIT		BIT(11)
#define INTERCEPT_XSETBV	BIT(13)
#define INTERCEPT_RDPRU		BIT(14)

#define INTERCEPT_INVLPGB	BIT(0)		/* INTERCEPT_MISC3 */
#define INTERCEPT_INVLPGB_BAD	BIT(1)
#define INTERCEPT_INVPCID	BIT(2)
#define INTERCEPT_MCOMMIT	BIT(3)
#define INTERCEPT_TLBSYNC	BIT(4)

/* tlb_control */
#define TLB_CONTROL_NONE	0
#define TLB_CONTROL_ALL		1
#define TLB_CONTROL_ASID	3		/* CPUID: FlushByAsid */

/* int_ctl */
#define V_TPR_MASK		0x0f
#define V_IRQ			BIT(8)
#define V_INTR_PRIO_MAX		(0xf << 16)
#define V_IGN_TPR		BIT(20)
#define V_INTR_MASKING		BIT(24)

/* int_state */
#define INT_STATE_SHADOW	BIT_ULL(0)

/* event_inj, exit_int_info */
#define SVM_EVENT_VECTOR		0xffU
#define SVM_EVENT_TYPE_MASK		(7U << 8)
#define SVM_EVENT_TYPE_INTR		(0U << 8)
#define SVM_EVENT_TYPE_NMI		(2U << 8)
#define SVM_EVENT_TYPE_EXCEPTION	(3U << 8)
#define SVM_EVENT_TYPE_SOFT_INT	(4U << 8)
#define SVM_EVENT_HAS_ERROR		BIT(11)
#define SVM_EVENT_VALID		BIT(31)

#define NESTED_CTL_NP		BIT_ULL(0)
#define VIRT_EXT_LBR		BIT_ULL(0)

/* clean: what the processor may keep of the last VMRUN (APM, "VMCB State Caching") */
#define CLEAN_INTERCEPTS	BIT(0)		/* and TSC offset, pause filter */
#define CLEAN_PERM_MAPS		BIT(1)
#define CLEAN_ASID		BIT(2)
#define CLEAN_INTR		BIT(3)		/* V_TPR, V_IRQ */
#define CLEAN_NPT		BIT(4)		/* nested CR3, G_PAT */
#define CLEAN_CR		BIT(5)		/* CR0, CR3, CR4, EFER */
#define CLEAN_DR		BIT(6)
#define CLEAN_DT		BIT(7)		/* GDT, IDT */
#define CLEAN_SEG		BIT(8)		/* CS, DS, SS, ES, CPL */
#define CLEAN_CR2		BIT(9)
#define CLEAN_LBR		BIT(10)
#define CLEAN_ALL		GENMASK(10, 0)

/* exit_info_1 of a port access */
#define IOIO_IN			BIT(0)
#define IOIO_STRING		BIT(2)
#define IOIO_SIZE_SHIFT		4		/* bits 4, 5, 6: 1, 2, 4 bytes */

/* ... of a nested page fault: its error code */
#define NPF_WRITE		BIT_ULL(1)
#define NPF_RESERVED		BIT_ULL(3)
#define NPF_FETCH		BIT_ULL(4)

/* ... of MOV CRn and MOV DRn, with decode assists */
#define MOV_INFO_VALID		BIT_ULL(63)
#define MOV_INFO_REG		0xf

/* exit_code */
#define EXIT_EXCEPTION		0x40		/* plus the vector */
#define EXIT_SHUTDOWN		0x7f
#define EXIT_INVALID		(~0ULL)

/* Bits of a segment's attributes: those of a descriptor, without the gap. */
#define SEG_ATTR_P		BIT(7)

struct vmcb_segment {
	u16 selector;
	u16 attributes;
	u32 limit;
	u64 base;
};

struct vmcb_control {
	u32 intercepts[INTERCEPT_WORDS];
	u8 reserved_018[0x3c - 0x18];
	u16 pause_filter_threshold;
	u16 pause_filter_count;
	u64 iopm_pa;
	u64 msrpm_pa;
	u64 tsc_offset;
	u32 asid;
	u8 tlb_control;
	u8 reserved_05d[3];
	u32 int_ctl;
	u32 int_vector;
	u64 int_state;
	u64 exit_code;
	u64 exit_info_1;
	u64 exit_info_2;
	u64 exit_int_info;
	u64 nested_ctl;
	u8 reserved_098[0xa8 - 0x98];
	u64 event_inj;
	u64 nested_cr3;
	u64 virt_ext;
	u32 clean;
	u32 reserved_0c4;
	u64 next_rip;
	u8 insn_len;
	u8 insn_bytes[15];
	u8 reserved_0e0[0x400 - 0xe0];
};

struct vmcb_save {
	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u8 reserved_0a0[0xcb - 0xa0];
	u8 cpl;
	u32 reserved_0cc;
	u64 efer;
	u8 reserved_0d8[0x148 - 0xd8];
	u64 cr4, cr3, cr0;
	u64 dr7, dr6;
	u64 rflags, rip;
	u8 reserved_180[0x1d8 - 0x180];
	u64 rsp;
	u8 reserved_1e0[0x1f8 - 0x1e0];
	u64 rax;
	u64 star, lstar, cstar, sfmask;
	u64 kernel_gs_base;
	u64 sysenter_cs, sysenter_esp, sysenter_eip;
	u64 cr2;
	u8 reserved_248[0x268 - 0x248];
	u64 g_pat;
	u64 debugctl;
	u8 reserved_278[0x2e0 - 0x278];
	u64 spec_ctrl;
	u8 reserved_2e8[0xc00 - 0x2e8];
};

struct vmcb {
	struct vmcb_control control;
	struct vmcb_save save;
};

static_assert(sizeof(struct vmcb) == 4096);
static_assert(offsetof(struct vmcb_control, iopm_pa) == 0x40);
static_assert(offsetof(struct vmcb_control, int_ctl) == 0x60);
static_assert(offsetof(struct vmcb_control, exit_code) == 0x70);
static_assert(offsetof(struct vmcb_control, event_inj) == 0xa8);
static_assert(offsetof(struct vmcb_control, clean) == 0xc0);
static_assert(offsetof(struct vmcb_control, insn_len) == 0xd0);
static_assert(offsetof(struct vmcb_save, cpl) == 0xcb);
static_assert(offsetof(struct vmcb_save, efer) == 0xd0);
static_assert(offsetof(struct vmcb_save, cr4) == 0x148);
static_assert(offsetof(struct vmcb_save, rip) == 0x178);
static_assert(offsetof(struct vmcb_save, rsp) == 0x1d8);
static_assert(offsetof(struct vmcb_save, rax) == 0x1f8);
static_assert(offsetof(struct vmcb_save, cr2) == 0x240);
static_assert(offsetof(struct vmcb_save, g_pat) == 0x268);
static_assert(offsetof(struct vmcb_save, spec_ctrl) == 0x2e0);

/* SVM's own MSRs */
#define SVM_MSR_VM_CR		0xc0010114
#define SVM_MSR_HSAVE_PA	0xc0010117
#define VM_CR_SVMDIS		BIT_ULL(4)
#define SVM_MSR_BP_CFG		0xc001102e
#define BP_CFG_SPEC_REDUCE	BIT_ULL(4)

/* CPUID 0x8000000a: EBX is the number of ASIDs, EDX the features */
#define SVM_CPUID_LEAF		0x8000000a
#define SVM_CPUID_NPT		BIT(0)
#define SVM_CPUID_LBR		BIT(1)
#define SVM_CPUID_NRIPS		BIT(3)
#define SVM_CPUID_CLEAN		BIT(5)
#define SVM_CPUID_FLUSH_ASID	BIT(6)
#define SVM_CPUID_ASSISTS	BIT(7)
#define SVM_CPUID_V_SPEC_CTRL	BIT(20)

#endif /* LHV_SVM_VMCB_H */
