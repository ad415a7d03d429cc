// SPDX-License-Identifier: GPL-2.0
/*
 * The feature bits a guest can be given, as tables. Used by cpuid.c and
 * cpuid-supported.c. What is not in a table is not given: VMX, SVM, SMM,
 * MONITOR, the PMU, AMX, CET, Processor Trace, SGX, five-level paging among it.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/kvm_para.h>
#include <linux/stddef.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "arch.h"
#include "cpuid.h"

/* The bit of a feature within its word, which is its bit in the register. */
#define F(name)		BIT(X86_FEATURE_##name & 31)
#define WORD(name)	(X86_FEATURE_##name / 32)
#define KVM_F(name)	BIT(KVM_FEATURE_##name)

#define ROW(_leaf, _index, _reg, _word)	\
	.leaf = _leaf, .index = _index, .reg = LHV_CPUID_##_reg, .word = _word

#define CLFLUSH_SIZE		GENMASK(15, 8)
#define ARAT			BIT(2)	/* the APIC timer never stops */
#define INVARIANT_TSC		BIT(8)

/* Vector extensions of leaf 7.1 EDX, not named by every kernel. */
#define AVX_VNNI_INT8		BIT(4)
#define AVX_NE_CONVERT		BIT(5)
#define PREFETCHITI		BIT(14)

const struct lhv_cpuid_row lhv_cpuid_rows[] = {
	{ ROW(1, 0, EAX, LHV_CPUID_NO_WORD), .give = ~0U },	/* family, model, stepping */
	{ ROW(1, 0, EBX, LHV_CPUID_NO_WORD), .give = CLFLUSH_SIZE },
	{ ROW(1, 0, ECX, WORD(XMM3)),
	  .give = F(XMM3) | F(PCLMULQDQ) | F(SSSE3) | F(FMA) | F(CX16) | F(PCID) | F(XMM4_1) |
		  F(XMM4_2) | F(MOVBE) | F(POPCNT) | F(AES) | F(XSAVE) | F(AVX) | F(F16C) |
		  F(RDRAND),
	  .always = F(X2APIC) | F(HYPERVISOR),
	  .quiet = F(TSC_DEADLINE_TIMER) },
	{ ROW(1, 0, EDX, WORD(FPU)),
	  .give = F(FPU) | F(VME) | F(DE) | F(PSE) | F(TSC) | F(MSR) | F(PAE) | F(CX8) | F(SEP) |
		  F(PGE) | F(CMOV) | F(PSE36) | F(CLFLUSH) | F(MMX) | F(FXSR) | F(XMM) | F(XMM2) |
		  F(SELFSNOOP),
	  .always = F(APIC) | F(MCE) | F(MCA) | F(MTRR) | F(PAT) },
	{ ROW(6, 0, EAX, LHV_CPUID_NO_WORD), .always = ARAT },
	{ ROW(7, 0, EBX, WORD(FSGSBASE)),
	  .give = F(FSGSBASE) | F(BMI1) | F(HLE) | F(AVX2) | F(FDP_EXCPTN_ONLY) | F(SMEP) |
		  F(BMI2) | F(ERMS) | F(INVPCID) | F(RTM) | F(ZERO_FCS_FDS) | F(AVX512F) |
		  F(AVX512DQ) | F(RDSEED) | F(ADX) | F(SMAP) | F(AVX512IFMA) | F(CLFLUSHOPT) |
		  F(CLWB) | F(AVX512CD) | F(SHA_NI) | F(AVX512BW) | F(AVX512VL),
	  .always = F(TSC_ADJUST) },
	{ ROW(7, 0, ECX, WORD(AVX512VBMI)),
	  .give = F(AVX512VBMI) | F(UMIP) | F(PKU) | F(AVX512_VBMI2) | F(GFNI) | F(VAES) |
		  F(VPCLMULQDQ) | F(AVX512_VNNI) | F(AVX512_BITALG) | F(AVX512_VPOPCNTDQ) |
		  F(RDPID) | F(CLDEMOTE) | F(MOVDIRI) | F(MOVDIR64B) },
	{ ROW(7, 0, EDX, WORD(SPEC_CTRL)),
	  .give = F(AVX512_4VNNIW) | F(AVX512_4FMAPS) | F(FSRM) | F(AVX512_VP2INTERSECT) |
		  F(MD_CLEAR) | F(SERIALIZE) | F(TSXLDTRK) | F(AVX512_FP16) | F(SPEC_CTRL) |
		  F(INTEL_STIBP) | F(FLUSH_L1D) | F(SPEC_CTRL_SSBD),
	  .always = F(ARCH_CAPABILITIES) },
	{ ROW(7, 1, EAX, WORD(AVX_VNNI)), .give = F(AVX_VNNI) | F(AVX512_BF16) },
	{ ROW(7, 1, EDX, LHV_CPUID_NO_WORD), .give = AVX_VNNI_INT8 | AVX_NE_CONVERT | PREFETCHITI },
	{ ROW(0xd, 1, EAX, WORD(XSAVEOPT)),
	  .give = F(XSAVEOPT) | F(XSAVEC) | F(XGETBV1) | F(XSAVES) },
	{ ROW(KVM_CPUID_FEATURES, 0, EAX, LHV_CPUID_NO_WORD),
	  .always = KVM_F(CLOCKSOURCE) | KVM_F(CLOCKSOURCE2) | KVM_F(NOP_IO_DELAY) |
		    KVM_F(CLOCKSOURCE_STABLE_BIT) },
	{ ROW(0x80000001, 0, EAX, LHV_CPUID_NO_WORD), .give = ~0U },
	{ ROW(0x80000001, 0, ECX, WORD(LAHF_LM)),
	  .give = F(LAHF_LM) | F(CR8_LEGACY) | F(ABM) | F(SSE4A) | F(MISALIGNSSE) |
		  F(3DNOWPREFETCH) | F(XOP) | F(FMA4) | F(TBM) },
	/* AMD repeats most of leaf 1 here */
	{ ROW(0x80000001, 0, EDX, WORD(SYSCALL)),
	  .give = F(FPU) | F(VME) | F(DE) | F(PSE) | F(TSC) | F(MSR) | F(PAE) | F(MCE) | F(CX8) |
		  F(APIC) | F(SYSCALL) | F(MTRR) | F(PGE) | F(MCA) | F(CMOV) | F(PAT) | F(PSE36) |
		  F(NX) | F(MMXEXT) | F(MMX) | F(FXSR) | F(FXSR_OPT) | F(GBPAGES) | F(RDTSCP) |
		  F(LM) },
	{ ROW(0x80000007, 0, EDX, LHV_CPUID_NO_WORD), .give = INVARIANT_TSC },
	{ ROW(0x80000008, 0, EBX, WORD(CLZERO)),
	  .give = F(CLZERO) | F(XSAVEERPTR) | F(WBNOINVD) | F(AMD_IBPB) | F(AMD_IBRS) |
		  F(AMD_STIBP) | F(AMD_SSBD) },
};

const unsigned int lhv_cpuid_nr_rows = ARRAY_SIZE(lhv_cpuid_rows);

#define CAP_BITS(_feature, _member, _bits)				\
	{ .feature = _feature, .bits = _bits,				\
	  .offset = offsetof(struct lhv_guest_caps, _member) }
#define CAP(name, member)	CAP_BITS(X86_FEATURE_##name, member, 0)
#define CR4(name, bit)		CAP_BITS(X86_FEATURE_##name, cr4_allowed, X86_CR4_##bit)
#define EFER(name, bit)		CAP_BITS(X86_FEATURE_##name, efer_allowed, EFER_##bit)
#define SPEC(name, bit)		CAP_BITS(X86_FEATURE_##name, spec_ctrl_allowed, SPEC_CTRL_##bit)

const struct lhv_cap_feature lhv_cap_features[] = {
	CAP(RDTSCP, rdtscp), CAP(X2APIC, x2apic), CAP(TSC_DEADLINE_TIMER, tsc_deadline),
	CAP(INVPCID, invpcid), CAP(TSC_ADJUST, tsc_adjust), CAP(XSAVE, xsave),
	CAP(XSAVES, xsaves), CAP(PCID, pcid), CAP(SPEC_CTRL, spec_ctrl), CAP(SPEC_CTRL, pred_cmd),
	CAP(FLUSH_L1D, flush_cmd), CAP(ARCH_CAPABILITIES, arch_capabilities), CAP(PKU, pku),
	CAP(RDPID, rdpid),

	CR4(XSAVE, OSXSAVE), CR4(SMEP, SMEP), CR4(SMAP, SMAP), CR4(FSGSBASE, FSGSBASE),
	CR4(PKU, PKE), CR4(UMIP, UMIP), CR4(PCID, PCIDE),
	EFER(LM, LME), EFER(NX, NX), EFER(FXSR_OPT, FFXSR),
	SPEC(SPEC_CTRL, IBRS), SPEC(INTEL_STIBP, STIBP), SPEC(SPEC_CTRL_SSBD, SSBD),
	/* AMD names them apart, for the same two MSRs */
	CAP(AMD_IBPB, pred_cmd), CAP(AMD_IBRS, spec_ctrl), CAP(AMD_STIBP, spec_ctrl),
	CAP(AMD_SSBD, spec_ctrl), SPEC(AMD_IBRS, IBRS), SPEC(AMD_STIBP, STIBP),
	SPEC(AMD_SSBD, SSBD),
};

const unsigned int lhv_nr_cap_features = ARRAY_SIZE(lhv_cap_features);
