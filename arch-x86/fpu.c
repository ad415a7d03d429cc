// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's x87, SSE and extended state: its XSAVE area, its XCR0, XSS and
 * PKRU, their load and save at the edges of the ring, and the ioctls that read
 * and write them. Called by the run loop and module/. It knows neither vendor.
 *
 * Inside the ring the registers are the guest's, between kernel_fpu_begin_mask()
 * and kernel_fpu_end(), where nobody else in the kernel touches them; XCR0 and
 * XSS are the guest's there too. PKRU is not: the host's own accesses to user
 * memory obey it, so it is exchanged around each entry.
 *
 * The area has the standard format. AMX is never in it: the VMM's tiles stay in
 * the registers and the guest's XCR0 keeps them out of its reach.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <asm/asm.h>
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#include <asm/fpu/types.h>
#include <asm/msr-index.h>
#include <asm/processor.h>

#include "hostregs.h"
#include "regs.h"

#define XF_FP		BIT_ULL(0)
#define XF_SSE		BIT_ULL(1)
#define XF_YMM		BIT_ULL(2)
#define XF_AVX512	GENMASK_ULL(7, 5)
#define XF_PKRU		LHV_XCR0_PKRU
#define XF_FPSSE	(XF_FP | XF_SSE)
#define XF_GIVEN	(XF_FPSSE | XF_YMM | XF_AVX512 | XF_PKRU)
#define XF_PKRU_NR	9
#define XF_NR		10

#define XSAVE_BASE	576		/* legacy region and header */
#define FCW_RESET	0x37f
#define MXCSR_RESET	0x1f80
#define MXCSR_OLD_MASK	0xffbf		/* where FXSAVE shows no mask */

/* What the host's processor has, read once at load. */
static struct {
	bool xsave, xsaveopt, xsaves;
	u64 xcr0, xss;			/* the host's own */
	u64 given;			/* components a guest may have */
	u64 rfbm;			/* of those, what the ring loads and saves */
	u32 size;			/* of an area that holds them all */
	u32 mxcsr_mask;
	struct {
		u32 size, offset;
		u32 align;		/* in the compacted format: 64, or 1 */
	} part[XF_NR];
} host __ro_after_init;

/* All of AVX-512 or nothing of it, and only over AVX. */
static u64 coherent_xcr0(u64 xcr0)
{
	if (!(xcr0 & XF_YMM) || (xcr0 & XF_AVX512) != XF_AVX512)
		xcr0 &= ~XF_AVX512;
	return xcr0;
}

/**
 * lhv_fpu_global_init() - learn what the host's FPU is; at load, first of all
 *
 * Return: 0.
 */
int lhv_fpu_global_init(void)
{
	static struct fxregs_state fx __aligned(16);
	u32 ecx, edx;
	int i;

	kernel_fpu_begin_mask(0);
	asm volatile("fxsave64 %0" : "=m" (fx));
	kernel_fpu_end();
	host.mxcsr_mask = fx.mxcsr_mask ?: MXCSR_OLD_MASK;
	host.xsave = boot_cpu_has(X86_FEATURE_XSAVE);
	host.xsaveopt = host.xsave && boot_cpu_has(X86_FEATURE_XSAVEOPT);
	host.xsaves = host.xsave && boot_cpu_has(X86_FEATURE_XSAVES);
	host.given = XF_FPSSE;
	host.size = XSAVE_BASE;
	if (!host.xsave)
		return 0;
	host.xcr0 = lhv_host_xgetbv();
	if (host.xsaves)
		lhv_host_rdmsr_safe(MSR_IA32_XSS, &host.xss);
	host.given = coherent_xcr0(host.xcr0 & XF_GIVEN);
	if (!boot_cpu_has(X86_FEATURE_OSPKE))
		host.given &= ~XF_PKRU;
	host.rfbm = host.given & ~XF_PKRU;
	for (i = 2; i < XF_NR; i++) {
		if (!(host.given & BIT_ULL(i)))
			continue;
		lhv_host_cpuid(0xd, i, &host.part[i].size, &host.part[i].offset, &ecx, &edx);
		host.part[i].align = ecx & BIT(1) ? 64 : 1;
	}
	host.size = lhv_xsave_size_for(host.given, false);
	return 0;
}

/**
 * lhv_supported_xcr0() - the state components a guest may be given
 *
 * Return: a mask of XCR0 bits; 0 where the host has no XSAVE.
 */
u64 lhv_supported_xcr0(void)
{
	return host.xsave ? host.given : 0;
}

/**
 * lhv_xsave_size() - what KVM_GET_XSAVE2 copies, in bytes
 *
 * Return: at least sizeof(struct kvm_xsave).
 */
u32 lhv_xsave_size(void)
{
	return max_t(u32, sizeof(struct kvm_xsave), host.size);
}

/**
 * lhv_xsave_size_for() - size of an XSAVE area
 * @xfeatures: its components
 * @compacted: in the compacted format, else the standard one
 *
 * Return: bytes, as CPUID leaf 0xd counts them.
 */
u32 lhv_xsave_size_for(u64 xfeatures, bool compacted)
{
	u32 size = XSAVE_BASE;
	int i;

	for (i = 2; i < XF_NR; i++) {
		if (!(xfeatures & host.given & BIT_ULL(i)))
			continue;
		if (compacted)
			size = ALIGN(size, host.part[i].align) + host.part[i].size;
		else
			size = max(size, host.part[i].offset + host.part[i].size);
	}
	return size;
}

/**
 * lhv_fpu_init() - allocate the vCPU's area
 * @vcpu: the vCPU
 *
 * Return: 0 or -ENOMEM. Sleeps.
 */
int lhv_fpu_init(struct lhv_vcpu *vcpu)
{
	/* sizes of a power of two come naturally aligned from kmalloc */
	vcpu->fpu = kzalloc(roundup_pow_of_two(host.size), GFP_KERNEL_ACCOUNT);
	if (!vcpu->fpu)
		return -ENOMEM;
	vcpu->fpu_size = host.size;
	return 0;
}

/**
 * lhv_fpu_free() - undo lhv_fpu_init()
 * @vcpu: the vCPU
 */
void lhv_fpu_free(struct lhv_vcpu *vcpu)
{
	kfree(vcpu->fpu);
	vcpu->fpu = NULL;
}

/**
 * lhv_fpu_reset() - the FPU after power-up; INIT leaves all of it unchanged
 * @vcpu: the vCPU
 *
 * SDM, "Processor State After Reset".
 */
void lhv_fpu_reset(struct lhv_vcpu *vcpu)
{
	struct xregs_state *x = vcpu->fpu;

	memset(x, 0, vcpu->fpu_size);
	x->i387.cwd = FCW_RESET;
	x->i387.mxcsr = MXCSR_RESET;
	if (!host.xsave)
		x->header.xfeatures = XF_FPSSE;
	vcpu->xcr0 = XF_FP;
	vcpu->pkru = 0;
}

/* The end of an asm statement whose instruction, at 1, the area may make fault. */
#define SET_ERR_ON_FAULT	"jmp 2f\n 3: movl $1, %[err]\n 2:\n" _ASM_EXTABLE(1b, 3b)

static int restore_area(const struct xregs_state *x, u64 rfbm)
{
	int err = 0;

	if (host.xsave)
		asm volatile("1: xrstor64 %[x]\n" SET_ERR_ON_FAULT : [err] "+r" (err)
			     : [x] "m" (*x), "a" ((u32)rfbm), "d" ((u32)(rfbm >> 32)) : "memory");
	else
		asm volatile("1: fxrstor64 %[x]\n" SET_ERR_ON_FAULT
			     : [err] "+r" (err) : [x] "m" (x->i387) : "memory");
	return err;
}

static void save_area(struct xregs_state *x, u64 rfbm)
{
	u32 low = rfbm, high = rfbm >> 32;

	if (host.xsaveopt)
		asm volatile("xsaveopt64 %0" : "+m" (*x) : "a" (low), "d" (high) : "memory");
	else if (host.xsave)
		asm volatile("xsave64 %0" : "+m" (*x) : "a" (low), "d" (high) : "memory");
	else
		asm volatile("fxsave64 %0" : "+m" (x->i387) : : "memory");
}

/*
 * AMD's processors before Zen leave the last instruction's and operand's address
 * alone when they restore without an exception pending: the guest would read the
 * host's (X86_BUG_FXSAVE_LEAK).
 */
static void forget_last_fpu_insn(void)
{
	static const int nothing;

	if (boot_cpu_has_bug(X86_BUG_FXSAVE_LEAK))
		asm volatile("fnclex; emms; fildl %0" : : "m" (nothing));
}

/**
 * lhv_fpu_load_guest() - the registers become the guest's
 * @vcpu: the vCPU; the ring begins
 *
 * Preemption and softirqs are off from here to lhv_fpu_save_guest().
 */
void lhv_fpu_load_guest(struct lhv_vcpu *vcpu)
{
	kernel_fpu_begin_mask(0);
	forget_last_fpu_insn();
	if (unlikely(restore_area(vcpu->fpu, host.rfbm))) {
		lhv_fpu_reset(vcpu);
		restore_area(vcpu->fpu, host.rfbm);
		lhv_vm_kill(vcpu->vm, "the guest's XSAVE area does not load");
	}
	if (host.xsave && vcpu->xcr0 != host.xcr0)
		lhv_host_xsetbv(vcpu->xcr0);
	if (host.xsaves && vcpu->msr_xss != host.xss)
		lhv_host_wrmsr(MSR_IA32_XSS, vcpu->msr_xss);
	vcpu->fpu_loaded = true;
}

/**
 * lhv_fpu_save_guest() - the guest's registers go back into their area
 * @vcpu: the vCPU; the ring ends
 */
void lhv_fpu_save_guest(struct lhv_vcpu *vcpu)
{
	vcpu->fpu_loaded = false;
	if (host.xsaves && vcpu->msr_xss != host.xss)
		lhv_host_wrmsr(MSR_IA32_XSS, host.xss);
	if (host.xsave && vcpu->xcr0 != host.xcr0)
		lhv_host_xsetbv(host.xcr0);
	save_area(vcpu->fpu, host.rfbm);
	kernel_fpu_end();
}

/**
 * lhv_pkru_enter() - PKRU becomes the guest's
 * @vcpu: the vCPU, with interrupts off, just before VM entry
 */
void lhv_pkru_enter(struct lhv_vcpu *vcpu)
{
	vcpu->host_pkru = lhv_host_rdpkru();
	if (vcpu->pkru != vcpu->host_pkru)
		lhv_host_wrpkru(vcpu->pkru);
}

/**
 * lhv_pkru_exit() - PKRU becomes the host's again
 * @vcpu: the vCPU, with interrupts off, just after VM exit
 */
void lhv_pkru_exit(struct lhv_vcpu *vcpu)
{
	vcpu->pkru = lhv_host_rdpkru();
	if (vcpu->pkru != vcpu->host_pkru)
		lhv_host_wrpkru(vcpu->host_pkru);
}

/* Parts that XSAVE left out, being in their initial state, say so in memory. */
static void fill_initial(struct xregs_state *x, u64 have)
{
	if (!(have & XF_FP)) {
		/* all of the x87 part, which the MXCSR lies in the middle of */
		memset(&x->i387, 0, offsetof(struct fxregs_state, mxcsr));
		memset(x->i387.st_space, 0, sizeof(x->i387.st_space));
		x->i387.cwd = FCW_RESET;
	}
	if (!(have & XF_SSE))
		memset(x->i387.xmm_space, 0, sizeof(x->i387.xmm_space));
}

static bool xcr0_is_valid(const struct lhv_vcpu *vcpu, u64 xcr0)
{
	if (!(xcr0 & XF_FP) || (xcr0 & ~(vcpu->caps.xcr0_allowed | XF_FP)))
		return false;
	return (!(xcr0 & XF_YMM) || (xcr0 & XF_SSE)) && coherent_xcr0(xcr0) == xcr0;
}

/**
 * lhv_set_xcr() - XSETBV
 * @vcpu: the vCPU, in the ring or not
 * @index: which register
 * @value: its new value
 *
 * Return: 0, or 1: the guest takes #GP(0).
 */
int lhv_set_xcr(struct lhv_vcpu *vcpu, u32 index, u64 value)
{
	if (index || !host.xsave || !xcr0_is_valid(vcpu, value))
		return 1;
	if (vcpu->fpu_loaded && value != vcpu->xcr0)
		lhv_host_xsetbv(value);
	vcpu->xcr0 = value;
	return 0;
}

/**
 * lhv_get_xcrs() - KVM_GET_XCRS
 * @vcpu: the vCPU
 * @x: the answer
 *
 * Return: 0, or -EINVAL where the host has no XSAVE.
 */
int lhv_get_xcrs(struct lhv_vcpu *vcpu, struct kvm_xcrs *x)
{
	if (!host.xsave)
		return -EINVAL;
	memset(x, 0, sizeof(*x));
	x->nr_xcrs = 1;
	x->xcrs[0].value = vcpu->xcr0;
	return 0;
}

/**
 * lhv_set_xcrs() - KVM_SET_XCRS
 * @vcpu: the vCPU
 * @x: the registers; those but XCR0 are passed over
 *
 * Return: 0 or -EINVAL.
 */
int lhv_set_xcrs(struct lhv_vcpu *vcpu, const struct kvm_xcrs *x)
{
	u32 i;

	if (!host.xsave || x->flags || x->nr_xcrs > KVM_MAX_XCRS)
		return -EINVAL;
	for (i = 0; i < x->nr_xcrs; i++)
		if (!x->xcrs[i].xcr)
			return lhv_set_xcr(vcpu, 0, x->xcrs[i].value) ? -EINVAL : 0;
	return 0;
}

/**
 * lhv_get_fpu() - KVM_GET_FPU
 * @vcpu: the vCPU
 * @f: the answer
 *
 * Return: 0.
 */
int lhv_get_fpu(struct lhv_vcpu *vcpu, struct kvm_fpu *f)
{
	const struct fxregs_state *fx = &vcpu->fpu->i387;

	fill_initial(vcpu->fpu, vcpu->fpu->header.xfeatures);
	memset(f, 0, sizeof(*f));
	memcpy(f->fpr, fx->st_space, sizeof(f->fpr));
	f->fcw = fx->cwd;
	f->fsw = fx->swd;
	f->ftwx = fx->twd;
	f->last_opcode = fx->fop;
	f->last_ip = fx->rip;
	f->last_dp = fx->rdp;
	memcpy(f->xmm, fx->xmm_space, sizeof(f->xmm));
	return 0;
}

/**
 * lhv_set_fpu() - KVM_SET_FPU
 * @vcpu: the vCPU
 * @f: the state. Its MXCSR is passed over, as KVM does: clients leave it zero
 *
 * Return: 0.
 */
int lhv_set_fpu(struct lhv_vcpu *vcpu, const struct kvm_fpu *f)
{
	struct fxregs_state *fx = &vcpu->fpu->i387;

	memcpy(fx->st_space, f->fpr, sizeof(f->fpr));
	fx->cwd = f->fcw;
	fx->swd = f->fsw;
	fx->twd = f->ftwx;
	fx->fop = f->last_opcode;
	fx->rip = f->last_ip;
	fx->rdp = f->last_dp;
	memcpy(fx->xmm_space, f->xmm, sizeof(f->xmm));
	vcpu->fpu->header.xfeatures |= XF_FPSSE;
	return 0;
}

/**
 * lhv_get_xsave() - KVM_GET_XSAVE and KVM_GET_XSAVE2
 * @vcpu: the vCPU
 * @buf: the answer, zeroed beyond the area
 * @size: of @buf, at least lhv_xsave_size()
 *
 * Return: 0, or -EINVAL where @buf is too small.
 */
int lhv_get_xsave(struct lhv_vcpu *vcpu, void *buf, u32 size)
{
	struct xregs_state *x = buf;
	const void *area = vcpu->fpu;
	u64 have = vcpu->fpu->header.xfeatures & host.given;
	int i;

	if (size < vcpu->fpu_size)
		return -EINVAL;
	memset(buf, 0, size);
	memcpy(&x->i387, &vcpu->fpu->i387, offsetof(struct fxregs_state, sw_reserved));
	fill_initial(x, have);
	for (i = 2; i < XF_NR; i++)
		if (have & BIT_ULL(i))
			memcpy(buf + host.part[i].offset, area + host.part[i].offset,
			       host.part[i].size);
	if (vcpu->pkru_live && (host.given & XF_PKRU)) {
		*(u32 *)(buf + host.part[XF_PKRU_NR].offset) = vcpu->pkru;
		have |= XF_PKRU;
	}
	x->i387.mxcsr_mask = host.mxcsr_mask;
	x->header.xfeatures = have;
	return 0;
}

static bool xsave_is_valid(const struct lhv_vcpu *vcpu, const struct xregs_state *x)
{
	const struct xstate_header *h = &x->header;

	return !(h->xfeatures & ~(vcpu->caps.xcr0_allowed | XF_FPSSE)) && !h->xcomp_bv &&
	       !memchr_inv(h->reserved, 0, sizeof(h->reserved)) &&
	       !(x->i387.mxcsr & ~host.mxcsr_mask);
}

/**
 * lhv_set_xsave() - KVM_SET_XSAVE
 * @vcpu: the vCPU
 * @buf: lhv_xsave_size() bytes in the standard format
 *
 * Return: 0, or -EINVAL for components that the guest may not have, another
 * format, or reserved bits.
 */
int lhv_set_xsave(struct lhv_vcpu *vcpu, const void *buf)
{
	const struct xregs_state *x = buf;
	const u32 *pkru = buf + host.part[XF_PKRU_NR].offset;
	u64 have = x->header.xfeatures;

	if (!xsave_is_valid(vcpu, x))
		return -EINVAL;
	memcpy(vcpu->fpu, buf, vcpu->fpu_size);
	if (host.given & XF_PKRU)
		vcpu->pkru = have & XF_PKRU ? *pkru : 0;
	fill_initial(vcpu->fpu, have);
	vcpu->fpu->header.xfeatures = host.xsave ? have & ~XF_PKRU : XF_FPSSE;
	return 0;
}
