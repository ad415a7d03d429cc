// SPDX-License-Identifier: GPL-2.0
/*
 * The FPU's state as userspace sees it: XSAVE images, the older form, XCR0.
 */
#include <stdlib.h>
#include <string.h>
#include <asm/fpu/types.h>

#include "world.h"

#define IMAGE		4096
#define YMM_OFFSET	576
#define PKRU_OFFSET	2688

static struct lhv_vcpu *new_vcpu(void)
{
	struct lhv_vcpu *vcpu = world_init();

	give_all_cpuid(vcpu);
	return vcpu;
}

static struct xregs_state *new_image(void)
{
	struct xregs_state *x = aligned_alloc(64, IMAGE);

	EXPECT(x);
	memset(x, 0, IMAGE);
	x->i387.cwd = 0x37f;
	x->i387.mxcsr = 0x1f80;
	return x;
}

static struct xregs_state *read_image(struct lhv_vcpu *vcpu)
{
	struct xregs_state *x = new_image();

	EXPECT_EQ(lhv_get_xsave(vcpu, x, IMAGE), 0);
	return x;
}

static void initial_state(void)
{
	struct xregs_state *x = read_image(new_vcpu());

	EXPECT_EQ(x->i387.cwd, 0x37f);
	EXPECT_EQ(x->i387.mxcsr, 0x1f80);
	EXPECT_EQ(x->header.xfeatures & ~BIT_ULL(9), 0);
	EXPECT_EQ(lhv_xsave_size(), 4096);
	EXPECT_EQ(lhv_supported_xcr0(), 0x2e7);
}

static void round_trip(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct xregs_state *set = new_image(), *get;

	memset(set->i387.st_space, 0x11, sizeof(set->i387.st_space));
	memset(set->i387.xmm_space, 0x22, sizeof(set->i387.xmm_space));
	memset((u8 *)set + YMM_OFFSET, 0x33, 256);
	*(u32 *)((u8 *)set + PKRU_OFFSET) = 0x55555554;
	set->header.xfeatures = 0x207;
	EXPECT_EQ(lhv_set_xsave(vcpu, set), 0);
	EXPECT_EQ(vcpu->pkru, 0x55555554);
	get = read_image(vcpu);
	EXPECT_EQ(get->header.xfeatures, 0x207);
	EXPECT(!memcmp(get->i387.st_space, set->i387.st_space, 128));
	EXPECT(!memcmp(get->i387.xmm_space, set->i387.xmm_space, 256));
	EXPECT(!memcmp((u8 *)get + YMM_OFFSET, (u8 *)set + YMM_OFFSET, 256));
	EXPECT_EQ(*(u32 *)((u8 *)get + PKRU_OFFSET), 0x55555554);
}

/* What the header does not have is initial, whatever the bytes say. */
static void absent_components_are_initial(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct xregs_state *set = new_image(), *get;

	memset(set, 0x44, 512);
	memset((u8 *)set + YMM_OFFSET, 0x44, 256);
	set->i387.mxcsr = 0x1fa0;
	vcpu->pkru = 5;
	EXPECT_EQ(lhv_set_xsave(vcpu, set), 0);
	get = read_image(vcpu);
	EXPECT_EQ(get->i387.cwd, 0x37f);
	EXPECT_EQ(get->i387.swd, 0);
	EXPECT_EQ(get->i387.mxcsr, 0x1fa0);
	EXPECT_EQ(get->i387.xmm_space[3], 0);
	EXPECT_EQ(get->i387.st_space[3], 0);
	EXPECT_EQ(((u8 *)get)[YMM_OFFSET], 0);
	EXPECT_EQ(vcpu->pkru, 0);
}

/* XSAVEOPT leaves old bytes where a component is in its initial state. */
static void stale_bytes_do_not_show(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_fpu fpu;

	memset(vcpu->fpu->i387.xmm_space, 0x66, 256);
	memset((u8 *)vcpu->fpu + YMM_OFFSET, 0x66, 256);
	vcpu->fpu->header.xfeatures = 1;
	EXPECT_EQ(((u8 *)read_image(vcpu))[YMM_OFFSET], 0);
	EXPECT_EQ(read_image(vcpu)->i387.xmm_space[0], 0);
	EXPECT_EQ(lhv_get_fpu(vcpu, &fpu), 0);
	EXPECT_EQ(fpu.xmm[0][0], 0);
}

static void refusals(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct xregs_state *x = new_image();
	unsigned int i;

	for (i = 0; i < 64; i++) {
		bool allowed = i < 3 || (i >= 5 && i <= 7) || i == 9;

		x->header.xfeatures = BIT_ULL(i);
		EXPECT_EQ(lhv_set_xsave(vcpu, x), allowed ? 0 : -EINVAL);
	}
	x->header.xfeatures = 3;
	x->header.xcomp_bv = BIT_ULL(63);
	EXPECT_EQ(lhv_set_xsave(vcpu, x), -EINVAL);
	x->header.xcomp_bv = 0;
	for (i = 0; i < 6; i++) {
		x->header.reserved[i] = 1;
		EXPECT_EQ(lhv_set_xsave(vcpu, x), -EINVAL);
		x->header.reserved[i] = 0;
	}
	x->i387.mxcsr = 0x10000;
	EXPECT_EQ(lhv_set_xsave(vcpu, x), -EINVAL);
	x->i387.mxcsr = 0x1f80;
	EXPECT_EQ(lhv_set_xsave(vcpu, x), 0);
}

static void a_guest_without_avx_gets_no_avx_state(void)
{
	struct lhv_vcpu *vcpu = world_init();
	struct xregs_state *x = new_image();
	u32 n;
	struct kvm_cpuid_entry2 *e = all_cpuid(&n);

	entry_of(e, n, 0xd, 0)->eax = 3;
	EXPECT_EQ(lhv_set_cpuid(vcpu, e, n), 0);
	x->header.xfeatures = 7;
	EXPECT_EQ(lhv_set_xsave(vcpu, x), -EINVAL);
	EXPECT_EQ(lhv_set_xcr(vcpu, 0, 7), 1);
	x->header.xfeatures = 3;
	EXPECT_EQ(lhv_set_xsave(vcpu, x), 0);
}

static void older_form(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_fpu set, get;

	memset(&set, 0, sizeof(set));
	memset(set.fpr, 1, sizeof(set.fpr));
	memset(set.xmm, 2, sizeof(set.xmm));
	set.fcw = 0x27f;
	set.fsw = 0x3800;
	set.ftwx = 0xff;
	set.last_opcode = 0x123;
	set.last_ip = 0x1111;
	set.last_dp = 0x2222;
	set.mxcsr = ~0U;
	EXPECT_EQ(lhv_set_fpu(vcpu, &set), 0);
	EXPECT_EQ(lhv_get_fpu(vcpu, &get), 0);
	set.mxcsr = 0;
	EXPECT(!memcmp(&set, &get, sizeof(set)));
	EXPECT_EQ(read_image(vcpu)->i387.mxcsr, 0x1f80);
	EXPECT_EQ(read_image(vcpu)->header.xfeatures & 3, 3);
}

static void xcr0_values(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	u64 value;

	for (value = 0; value < 0x800; value++) {
		bool good = (value & 1) && !(value & ~0x2e7ULL) &&
			    (!(value & 4) || (value & 2)) &&
			    (!(value & 0xe0) || (value & 0xe6) == 0xe6);

		EXPECT_EQ(lhv_set_xcr(vcpu, 0, value), !good);
	}
	EXPECT_EQ(lhv_set_xcr(vcpu, 1, 1), 1);
	EXPECT_EQ(lhv_set_xcr(vcpu, 0, 0x60001), 1);
	EXPECT_EQ(lhv_set_xcr(vcpu, 0, BIT_ULL(63) | 3), 1);
}

static void xcrs(void)
{
	struct lhv_vcpu *vcpu = new_vcpu();
	struct kvm_xcrs x = { .nr_xcrs = 2 };

	x.xcrs[0].xcr = 7;
	x.xcrs[0].value = ~0ULL;
	x.xcrs[1].value = 7;
	EXPECT_EQ(lhv_set_xcrs(vcpu, &x), 0);
	EXPECT_EQ(vcpu->xcr0, 7);
	x.xcrs[1].value = 5;
	EXPECT_EQ(lhv_set_xcrs(vcpu, &x), -EINVAL);
	x.nr_xcrs = KVM_MAX_XCRS + 1;
	EXPECT_EQ(lhv_set_xcrs(vcpu, &x), -EINVAL);
	x.nr_xcrs = 0;
	EXPECT_EQ(lhv_set_xcrs(vcpu, &x), 0);
	x.flags = 1;
	EXPECT_EQ(lhv_set_xcrs(vcpu, &x), -EINVAL);
	EXPECT_EQ(lhv_get_xcrs(vcpu, &x), 0);
	EXPECT_EQ(x.nr_xcrs, 1);
	EXPECT_EQ(x.xcrs[0].value, 7);
}

static void host_without_xsave(void)
{
	struct xregs_state *x = new_image();
	struct lhv_vcpu *vcpu;
	struct kvm_xcrs xcrs;

	world.cpuid_fill = 0;
	vcpu = world_start();
	EXPECT_EQ(lhv_supported_xcr0(), 0);
	EXPECT_EQ(lhv_get_xcrs(vcpu, &xcrs), -EINVAL);
	EXPECT_EQ(lhv_set_xcr(vcpu, 0, 1), 1);
	x->header.xfeatures = 2;
	EXPECT_EQ(lhv_set_xsave(vcpu, x), 0);
	EXPECT_EQ(read_image(vcpu)->header.xfeatures, 3);
	x->header.xfeatures = 4;
	EXPECT_EQ(lhv_set_xsave(vcpu, x), -EINVAL);
}

const struct tap_case fpu_cases[] = {
	CASE(initial_state),
	CASE(round_trip),
	CASE(absent_components_are_initial),
	CASE(stale_bytes_do_not_show),
	CASE(refusals),
	CASE(a_guest_without_avx_gets_no_avx_state),
	CASE(older_form),
	CASE(xcr0_values),
	CASE(xcrs),
	CASE(host_without_xsave),
	{ }
};
