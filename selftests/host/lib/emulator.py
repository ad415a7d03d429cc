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

import bootimage


class Machine:
    """What a host is made of; the same for every emulator."""

    def __init__(self, kernel, initramfs, cpus, memory, disk=None):
        self.kernel = kernel            # a bzImage
        self.initramfs = initramfs      # a file
        self.cpus = cpus
        self.memory = memory            # MiB
        self.disk = disk                # a raw image, or None
        self.extra_arguments = ""       # for the kernel
        self.terminal = None            # a pty in place of the first line


def _die_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Emulator:
    # Seconds of processor time within which a live host speaks.
    patience = 90
    # Cycles go by while a slow emulator does little; limits are scaled.
    limit_scale = 1
    # What the data disk is called in the host, and the modules that show it.
    disk_name = "/dev/vda"
    disk_modules = ["virtio_pci", "virtio_blk"]
    # Parameters that the stock kernel's modules need there.
    module_parameters = {}
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

    def __init__(self, accel, cpus, program, fair, folders,
                 model=None):
        self.name = accel
        self.program = [program]
        for folder in folders:
            self.program += ["-L", folder]
        if accel == "tcg" and cpus > 1 and not fair:
            # With icount, an old QEMU never gets a second processor up. Without
            # it the time-stamp counter runs with the clock on the wall.
            self.accel = ["-accel", "tcg,thread=single",
                          "-cpu", model or "max"]
            self.limit_scale = 40
        elif accel == "tcg":
            # The time-stamp counter counts instructions; emulated processors
            # take turns, so that nothing depends on the machine's load.
            self.accel = ["-accel", "tcg", "-cpu", model or "max",
                          "-icount", "shift=0,sleep=off"]
        else:
            self.accel = ["-accel", "kvm", "-cpu", model or "host"]

    def start(self, machine, rundir):
        command = [
            *self.program, *self.accel, "-M", "q35", "-nodefaults",
            "-no-reboot", "-display", "none", "-m", str(machine.memory),
            "-smp", str(machine.cpus), "-kernel", machine.kernel,
            "-initrd", machine.initramfs,
            "-append", self.arguments(machine),
            "-chardev", (f"serial,id=s0,path={machine.terminal}"
                         if machine.terminal else "file,id=s0,path=serial0"),
            "-serial", "chardev:s0",
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


class Bochs(Emulator):
    """Bochs, which emulates VMX."""
    name = "bochs"
    patience = 60
    disk_name = "/dev/sdb,/dev/sda"
    disk_modules = ["ata_piix", "sd_mod"]
    # Bochs's timers run at this rate, whatever its processor's CPUID tells;
    # told so, a host's second is as short as its timers make it.
    rate = 100000000
    # Bochs 3.0 wants posted-interrupt descriptors aligned to pages.
    module_parameters = {"kvm_intel": "enable_apicv=0"}
    # The model's processor has them too, Bochs's default for it has not.
    add_features = "pku"
    noise = re.compile(r"Unknown register|VMEXIT: EPT violation|^\s*$|"
                       r"soft power off")

    def __init__(self, folder, model="corei7_skylake_x"):
        self.folder = folder
        self.model = model

    def from_debian(self):
        return os.path.exists(f"{self.folder}/display")

    def arguments(self, machine):
        return (f"{super().arguments(machine)} "
                f"tsc_early_khz={self.rate // 1000}")

    def start(self, machine, rundir):
        boot = os.path.join(rundir, "boot.img")
        bootimage.boot_disk(boot, machine.kernel, machine.initramfs,
                            self.arguments(machine), machine.memory << 20,
                            os.path.join(cache_folder(), "kernel-images"),
                            rundir)
        with open(os.path.join(rundir, "bochsrc"), "w",
                  encoding="ascii") as f:
            f.write(self.config(machine, boot))
        return self.launch([f"{self.folder}/bin/bochs", "-q", "-f", "bochsrc",
                            *self.debugger(rundir)], rundir)

    def debugger(self, rundir):
        """Debian's own binary has one, which wants to be told to go on."""
        if not self.from_debian():
            return []
        with open(os.path.join(rundir, "go-on"), "w", encoding="ascii") as f:
            f.write("c\n")
        return ["-rc", "go-on"]

    @staticmethod
    def disk(name, path):
        cylinders = os.path.getsize(path) // bootimage.CYLINDER
        return (f"ata0-{name}: type=disk, mode=flat, path={path}, "
                f"cylinders={cylinders}, heads=16, spt=63")

    def config(self, machine, boot):
        display = "nogui"
        features = f', add_features="{self.add_features}"'
        if self.from_debian():
            # Its sound driver dies on a machine without a sound card.
            display = ('rfb, options="timeout=0"\nsound: waveoutdrv=dummy, '
                       'waveindrv=dummy, midioutdrv=dummy')
            features = ""
        share = f"{self.folder}/share"
        lines = [
            "config_interface: textconfig",
            f"display_library: {display}",
            f"cpu: model={self.model}, count={machine.cpus}, "
            f"ips={self.rate}, reset_on_triple_fault=0{features}",
            f"memory: guest={machine.memory}, host={machine.memory}",
            f"romimage: file={share}/BIOS-bochs-latest",
            f"vgaromimage: file={share}/vgabios.bin",
            self.disk("master", boot),
            "boot: disk",
            (f"com1: enabled=1, mode=term, dev={machine.terminal}"
             if machine.terminal else
             "com1: enabled=1, mode=file, dev=serial0"),
            "com2: enabled=1, mode=file, dev=serial1",
            "log: emulator.log",
            "panic: action=fatal",
            # Among its errors Bochs tells which check a VM entry failed.
            "error: action=report",
            "info: action=ignore",
            "debug: action=ignore",
            "clock: sync=none",
        ]
        if machine.disk:
            lines.append(self.disk("slave", machine.disk))
        return "\n".join(lines) + "\n"

    def explain_end(self, rundir, log_lines):
        for line in log_lines:
            if "triple fault" in line or "3rd (" in line:
                return f"the host had a triple fault: {line}"
        for line in log_lines:
            if "PANIC" in line and "power off" not in line:
                return f"Bochs stopped: {line}"
        return None

    def relevant(self, log_lines):
        return [line for line in log_lines if not self.noise.search(line)]


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME",
                          os.path.expanduser("~/.cache"))
    return os.environ.get("LHV_CACHE", os.path.join(base, "lhv"))


HOSTS = ("bochs", "kvm", "tcg")
