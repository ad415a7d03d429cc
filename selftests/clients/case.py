#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run one case of cases.py in an emulated host; the clients' root is /.

usage: case.py NAME [STAGE]

Prints TAP: one line for the case, and what it noted. Called by client, which has
made the host ready; knows how a case becomes a command line, not what the guest
does.
"""
import os
import shutil
import socket
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import acts             # noqa: E402
import cases            # noqa: E402
from qemu import Failed, Qemu, Serial       # noqa: E402

PROGRAM = "/usr/bin/qemu-system-x86_64"
OVMF = "/usr/share/OVMF"


class Run:
    """A case that is being run."""

    def __init__(self, case, stage):
        self.case = case
        self.stage = stage              # save, load: of a case that crosses
        self.work = tempfile.mkdtemp(prefix="case.")
        self.qemus = []
        self.daemons = []
        self.finished = False
        self.qemu = None

    def note(self, text):
        print(f"# {text}", flush=True)

    def start(self, more=()):
        qemu = Qemu(PROGRAM, self.arguments() + list(more), self.work)
        self.qemus.append(qemu)
        return qemu

    def watch(self, path):
        """The serial line of a guest that somebody else has started."""
        end = socket.socket(socket.AF_UNIX)
        end.connect(path)
        self.qemu = Serial("domain", end)
        self.qemus.append(self.qemu)

    def finish(self):
        """The guest says how it went and powers off."""
        self.qemu.expect("guest: end")
        self.qemu.ends()
        self.finished = True

    # ---- the command line ----

    def arguments(self):
        case = self.case
        machine = f"{case.machine},accel=kvm"
        if case.irqchip:
            machine += f",kernel-irqchip={case.irqchip}"
        words = ["-machine", machine, "-cpu", case.cpu,
                 "-smp", str(case.cpus), "-m", str(case.memory)]
        words += self.firmware() + self.kernel() + self.disks()
        return words + case.devices + case.args

    def firmware(self):
        if self.case.firmware != "ovmf":
            return []
        # newer packages have the larger one only
        size = "" if os.path.exists(f"{OVMF}/OVMF_CODE.fd") else "_4M"
        variables = os.path.join(self.work, "vars.fd")
        if not os.path.exists(variables):
            shutil.copyfile(f"{OVMF}/OVMF_VARS{size}.fd", variables)
        drive = "if=pflash,format=raw,unit="
        return ["-drive",
                f"{drive}0,readonly=on,file={OVMF}/OVMF_CODE{size}.fd",
                "-drive", f"{drive}1,file={variables}"]

    def kernel(self):
        case = self.case
        if case.kernel in ("grub", "isolinux"):
            return ["-cdrom", f"{HERE}/{case.kernel}.iso", "-boot", "d"]
        with open(f"{HERE}/tftp/disk.sha256", encoding="ascii") as f:
            checksum = f.read().strip()
        append = (f"console=ttyS0 loglevel=4 mitigations=off panic=-1 "
                  f"lhv.do={case.tasks} lhv.cpus={case.cpus} "
                  f"lhv.disk={case.disk} lhv.sha256={checksum} {case.append}")
        image, initrd = {"bzimage": ("vmlinuz", "initrd"),
                         "vmlinux": ("vmlinux", "initrd")}.get(
                             case.kernel, (f"vmlinuz-{case.kernel}",
                                           f"initrd-{case.kernel}"))
        return ["-kernel", f"{HERE}/{image}", "-initrd", f"{HERE}/{initrd}",
                "-append", append.strip()]

    def disks(self):
        if not self.case.disks:
            return self.snapshot_disk()
        if self.case.disks.startswith("debian"):
            return ["-drive", "if=none,id=d0,format=raw,snapshot=on,"
                    f"file={HERE}/debian.img", "-device",
                    {"debian": "virtio-blk-pci,drive=d0",
                     "debian-mmio": "virtio-blk-device,drive=d0",
                     "debian-ahci": "ide-hd,drive=d0,bus=ide.0"}
                    [self.case.disks]]
        scratch = os.path.join(self.work, "scratch.img")
        with open(scratch, "wb") as f:
            f.truncate(8 << 20)
        words = []
        for number, (path, ro) in enumerate(
                ((f"{HERE}/tftp/disk.img", "on"), (scratch, "off"))):
            words += ["-drive", f"if=none,id=d{number},format=raw,file={path}"
                      f",snapshot={ro}", "-device",
                      {"virtio": "virtio-blk-pci",
                       "mmio": "virtio-blk-device",
                       "ide": "ide-hd", "ahci": "ide-hd"}[self.case.disks] +
                      f",drive=d{number}" +
                      ({"ide": f",bus=ide.0,unit={number}",
                        "ahci": f",bus=ide.{number}"}
                       .get(self.case.disks, ""))]
        return words

    def snapshot_disk(self):
        """Where savevm puts what it saves."""
        if self.case.act != "save_and_load":
            return []
        path = os.path.join(self.work, "snapshot.qcow2")
        if not os.path.exists(path):
            if os.system(f"qemu-img create -q -f qcow2 {path} 1G"):
                raise Failed("no qemu-img")
        return ["-drive", f"if=none,id=s,format=qcow2,file={path}",
                "-device", "virtio-blk-pci,drive=s"]

    # ---- the run ----

    def run(self):
        if self.case.client != "libvirt":
            self.qemu = self.start(["-incoming", "exec:cat /tmp/crossing"]
                                   if self.stage == "load" else [])
        if self.case.act:
            getattr(acts, self.case.act)(self)
        if not self.finished:
            self.finish()
        said = "".join(q.text for q in self.qemus)
        wrong = [line for line in said.split("\n") if line.startswith("not ok")]
        if wrong:
            raise Failed("; ".join(wrong))

    def show(self):
        """After a failure: the end of what was said."""
        for qemu in self.qemus:
            try:
                qemu.silent()
            except OSError:
                pass
            for line in qemu.text.split("\n")[-25:]:
                print(f"# {qemu.name}: {line}")
            if isinstance(qemu, Qemu) and qemu.running():
                self.show_processors(qemu)
            complaints = getattr(qemu, "complaints", str)()
            for line in complaints.split("\n")[-10:]:
                print(f"# {qemu.name} itself: {line}")

    def show_processors(self, qemu):
        """Where a guest is that says nothing."""
        try:
            print("# " + qemu.qmp.human("info registers -a")
                  .replace("\r", "").replace("\n", "\n# "))
        except (Failed, OSError) as error:
            print(f"# no registers: {error}")

    def clean(self):
        for qemu in self.qemus:
            if isinstance(qemu, Qemu):
                qemu.kill()
        for daemon in self.daemons:
            daemon.terminate()
            daemon.wait()
        shutil.rmtree(self.work, ignore_errors=True)


def main():
    case = cases.find(sys.argv[1])
    run = Run(case, sys.argv[2] if len(sys.argv) > 2 else None)
    started = time.monotonic()
    try:
        run.run()
        print(f"ok 1 - {case.name}")
    except Exception as error:          # whatever a case does wrong
        print(f"not ok 1 - {case.name}")
        print(f"# {error}")
        if not isinstance(error, Failed):
            print("# " + traceback.format_exc().replace("\n", "\n# "))
        run.show()
    finally:
        run.clean()
    print(f"# {time.monotonic() - started:.1f} s of the host\n1..1", flush=True)


if __name__ == "__main__":
    main()
