// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that does nothing but keep a processor: it tells that it runs, turns
 * interrupts off and spins. Started by selftests/host/neighbours, to see who may
 * come while a hypervisor has a guest; it asks of the hypervisor next to nothing,
 * so that only that is tested. Says "running", ends at SIGTERM with 0, and with 1
 * where the guest does not run.
 *
 * usage: busy-guest DEVICE
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEMORY		0x10000
#define ENTRY		0x1000

static const unsigned char code[] = {
	0xe6, 0x10,		/* out %al, $0x10 */
	0xfa,			/* cli */
	0xeb, 0xfe,		/* jmp . */
};

static volatile sig_atomic_t over;
static struct kvm_run *run;

static void end(int number)
{
	(void)number;
	over = 1;
	/* Or the signal is missed that comes just before KVM_RUN. */
	if (run)
		run->immediate_exit = 1;
}

static int need(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

static void *need_map(size_t size, int flags, int fd)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		need(-1, "mmap");
	return p;
}

/* A vCPU in real mode that is about to execute the code. */
static int make_vcpu(const char *device)
{
	struct kvm_userspace_memory_region memory = { .memory_size = MEMORY };
	struct kvm_regs regs = { .rip = ENTRY, .rflags = 2 };
	struct kvm_sregs sregs;
	int sys, vm, vcpu;
	char *ram;

	ram = need_map(MEMORY, MAP_SHARED | MAP_ANONYMOUS, -1);
	memcpy(ram + ENTRY, code, sizeof(code));
	memory.userspace_addr = (unsigned long)ram;
	sys = need(open(device, O_RDWR | O_CLOEXEC), device);
	vm = need(ioctl(sys, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	need(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &memory),
	     "KVM_SET_USER_MEMORY_REGION");
	vcpu = need(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	run = need_map(need(ioctl(sys, KVM_GET_VCPU_MMAP_SIZE, 0),
			    "KVM_GET_VCPU_MMAP_SIZE"), MAP_SHARED, vcpu);
	need(ioctl(vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	need(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
	need(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
	return vcpu;
}

int main(int argc, char **argv)
{
	int vcpu;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DEVICE\n", argv[0]);
		return 2;
	}
	signal(SIGTERM, end);
	vcpu = make_vcpu(argv[1]);
	while (!over) {
		if (ioctl(vcpu, KVM_RUN, 0) < 0) {
			if (errno == EINTR)
				continue;
			need(-1, "KVM_RUN");
		}
		if (run->exit_reason != KVM_EXIT_IO) {
			fprintf(stderr, "the guest ended: exit %u\n",
				run->exit_reason);
			return 1;
		}
		puts("running");
		fflush(stdout);
	}
	return 0;
}
