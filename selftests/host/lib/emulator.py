# SPDX-License-Identifier: GPL-2.0
"""The machines that a host can be: how each is configured and started.

Called by run and session. An emulator is given a Machine (files, sizes) and a
run folder, starts one process there, and can say afterwards what its own log
tells about an end. It knows no tests.
"""
import ctypes
import os
import re
import signal
import subprocess


class Machine:
    """What a host is made of; the same for every emulator."""

    def __init__(self, kernel, initramfs, cpus, memory, disk=None):
        self.kernel = kernel            # a bzImage
        self.initramfs = initramfs      # a file
        self.cpus = cpus
        self.memory = memory            # MiB
        self.disk = disk                # a raw image, or None
        self.extra_arguments = ""       # for the kernel


def _die_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Emulator:
    # Wall-clock seconds of processor time within which a live host speaks.
    patience = 150
    # What the data disk is called in the host, and the modules that show it.
    disk_name = "/dev/vda"
    disk_modules = ["virtio_pci", "virtio_blk"]
    base_arguments = ("console=ttyS1,115200 panic=0 oops=panic "
                      "printk.devkmsg=on loglevel=5 rdinit=/init "
                      "random.trust_cpu=on nokaslr tsc=reliable "
                      "mitigations=off")

    def arguments(self, machine):
        return f"{self.base_arguments} {machine.extra_arguments}".strip()

    def launch(self, command, rundir, **kwargs):
        with open(os.path.join(rundir, "emulator.out"), "wb") as out:
            return subprocess.Popen(
                command, cwd=rundir, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, preexec_fn=_die_with_parent,
                **kwargs)

    def said(self, rundir):
        """The emulator's own last words."""
        try:
            with open(os.path.join(rundir, "emulator.out"),
                      encoding="utf-8", errors="replace") as f:
                return f.read()[-3000:].splitlines()[-20:]
        except OSError:
            return []


class Qemu(Emulator):
    """QEMU: TCG, which emulates SVM, or KVM on real hardware."""

    def __init__(self, accel):
        self.name = accel
        if accel == "tcg":
            # The time-stamp counter counts instructions; emulated processors
            # take turns, so that nothing depends on the machine's load.
            self.accel = ["-accel", "tcg", "-cpu", "max",
                          "-icount", "shift=0,sleep=off"]
        else:
            self.accel = ["-accel", "kvm", "-cpu", "host"]

    def start(self, machine, rundir):
        command = [
            "qemu-system-x86_64", *self.accel, "-M", "q35", "-nodefaults",
            "-no-reboot", "-display", "none", "-m", str(machine.memory),
            "-smp", str(machine.cpus), "-kernel", machine.kernel,
            "-initrd", machine.initramfs,
            "-append", self.arguments(machine),
            "-chardev", "file,id=s0,path=serial0", "-serial", "chardev:s0",
            "-chardev", "file,id=s1,path=serial1", "-serial", "chardev:s1",
            "-d", "cpu_reset", "-D", "reset.log",
        ]
        if machine.disk:
            command += ["-drive", f"file={machine.disk},if=virtio,format=raw,"
                        "readonly=on"]
        return self.launch(command, rundir)

    def explain_end(self, rundir, log_lines):
        try:
            with open(os.path.join(rundir, "reset.log"), encoding="utf-8",
                      errors="replace") as f:
                if "Triple fault" in f.read():
                    return "the host had a triple fault"
        except OSError:
            pass
        return None

    def relevant(self, log_lines):
        return []


EMULATORS = {
    "tcg": lambda: Qemu("tcg"),
    "kvm": lambda: Qemu("kvm"),
}
