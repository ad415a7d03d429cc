// SPDX-License-Identifier: GPL-2.0
/*
 * Start a second kernel in place of this one, or make one ready for a crash.
 * Called by selftests/host/second-kernel in an emulated host.
 *
 * usage: start-kernel now|crash KERNEL INITRD ARGUMENTS
 */
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int kernel, initrd, crash;

	if (argc != 5 || (strcmp(argv[1], "now") && strcmp(argv[1], "crash"))) {
		fprintf(stderr, "usage: %s now|crash KERNEL INITRD ARGUMENTS\n", argv[0]);
		return 2;
	}
	crash = !strcmp(argv[1], "crash");
	kernel = open(argv[2], O_RDONLY);
	initrd = open(argv[3], O_RDONLY);
	if (kernel < 0 || initrd < 0) {
		perror(kernel < 0 ? argv[2] : argv[3]);
		return 1;
	}
	if (syscall(SYS_kexec_file_load, kernel, initrd, strlen(argv[4]) + 1, argv[4],
		    crash ? KEXEC_FILE_ON_CRASH : 0)) {
		perror("kexec_file_load");
		return 1;
	}
	if (crash)
		return 0;
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, NULL);
	perror("reboot");
	return 1;
}
