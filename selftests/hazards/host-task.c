// SPDX-License-Identifier: GPL-2.0
/*
 * A task of the host that keeps something in its processor which a hypervisor
 * could lose for it, gives way to others all the time, and looks whether it is
 * still there. Started by selftests/host/hazards beside guests; ends with 0 at
 * SIGTERM, with 1 as soon as something was lost.
 *
 * usage: host-task fpu | tsc
 */
#include <cpuid.h>
#include <sched.h>
#include <setjmp.h>
#include <stdbool.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static volatile sig_atomic_t over;

static void end(int number)
{
	(void)number;
	over = 1;
}

/* ---- registers of the FPU, SSE and AVX ---- */

struct registers {
	uint8_t ymm[16][32];
	uint32_t mxcsr;
	uint16_t fcw;
};

static bool has_avx(void)
{
	unsigned int eax, ebx, ecx, edx;

	return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_OSXSAVE) &&
	       (ecx & bit_AVX);
}

#define EACH(op)							\
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11)	\
	op(12) op(13) op(14) op(15)

#define LOAD_YMM(n)	"vmovdqu " #n "*32(%0), %%ymm" #n "\n"
#define STORE_YMM(n)	"vmovdqu %%ymm" #n ", " #n "*32(%0)\n"
#define LOAD_XMM(n)	"movdqu " #n "*32(%0), %%xmm" #n "\n"
#define STORE_XMM(n)	"movdqu %%xmm" #n ", " #n "*32(%0)\n"
#define YMM(n)		"xmm" #n,
#define SYSCALL		"mov %2, %%eax\nsyscall\n"

/*
 * Load, give way a hundred times, store: in one piece of assembly, for the
 * compiler and the C library use these registers too.
 */
static void keep(struct registers *in, struct registers *out, bool avx)
{
	uint64_t times = 100;

	asm volatile("ldmxcsr %0; fldcw %1" : : "m" (in->mxcsr), "m" (in->fcw));
	if (avx)
		asm volatile(EACH(LOAD_YMM) "1: " SYSCALL "dec %1\njnz 1b\n"
			     "mov %3, %0\n" EACH(STORE_YMM)
			     : "+&r" (in), "+&r" (times)
			     : "i" (24), "r" (out)
			     : "rax", "rcx", "r11", "memory", EACH(YMM) "cc");
	else
		asm volatile(EACH(LOAD_XMM) "1: " SYSCALL "dec %1\njnz 1b\n"
			     "mov %3, %0\n" EACH(STORE_XMM)
			     : "+&r" (in), "+&r" (times)
			     : "i" (24), "r" (out)
			     : "rax", "rcx", "r11", "memory", EACH(YMM) "cc");
	asm volatile("stmxcsr %0; fnstcw %1" : "=m" (out->mxcsr), "=m" (out->fcw));
}

static int fpu(void)
{
	static struct registers in, out;
	size_t size = has_avx() ? 32 : 16;
	unsigned long rounds = 0;
	unsigned int i;

	while (!over) {
		for (i = 0; i < 16; i++)
			memset(in.ymm[i], (int)(rounds * 16 + i + getpid()), size);
		in.mxcsr = 0x1f80 | (rounds % 4) << 13;
		in.fcw = 0x037f ^ (rounds % 4) << 10;
		keep(&in, &out, size == 32);
		if (memcmp(&in, &out, sizeof(in))) {
			printf("# fpu: registers were lost in round %lu\n", rounds);
			return 1;
		}
		rounds++;
	}
	printf("# fpu: %lu rounds of 100 switches\n", rounds);
	return rounds ? 0 : 1;
}

/* ---- CR4.TSD: the kernel writes CR4 when it switches to and from this task ---- */

static sigjmp_buf back;
static volatile sig_atomic_t faults;

static void fault(int number)
{
	(void)number;
	faults++;
	siglongjmp(back, 1);
}

static int tsc(void)
{
	volatile unsigned long rounds = 0;

	signal(SIGSEGV, fault);
	if (prctl(PR_SET_TSC, PR_TSC_SIGSEGV)) {
		perror("# tsc: PR_SET_TSC");
		return 1;
	}
	while (!over) {
		sched_yield();
		if (!sigsetjmp(back, 1)) {
			asm volatile("rdtsc" : : : "eax", "edx");
			break;
		}
		rounds++;
	}
	printf("# tsc: %lu times not allowed\n", rounds);
	return over && rounds && faults ? 0 : 1;
}

int main(int argc, char **argv)
{
	signal(SIGTERM, end);
	/* It is there to be switched to, not to take the guest's time. */
	if (nice(10) == -1)
		perror("# nice");
	if (argc == 2 && !strcmp(argv[1], "fpu"))
		return fpu();
	if (argc == 2 && !strcmp(argv[1], "tsc"))
		return tsc();
	fprintf(stderr, "usage: %s fpu|tsc\n", argv[0]);
	return 2;
}
