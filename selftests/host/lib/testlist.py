# SPDX-License-Identifier: GPL-2.0
"""The table of tests that run in a host: tests.list.

Called by check and mutants. Turns the table into the list of commands of one
host's life: those for the stock KVM, those for lhv, those for lhv's debug
build, with loading and unloading between. Knows the devices' modules, no test.
"""
import re

VENDOR = {"bochs": "kvm_intel", "kvm": "kvm_intel kvm_amd", "tcg": "kvm_amd"}


DEVICES = ("kvm", "lhv", "both", "debug")

# What the stock KVM cannot do on a host, through no fault of the test: QEMU's
# emulation of SVM delivers an interrupt of EVENTINJ twice now and then, and a
# Linux guest of two processors stops in a lock then. lhv uses V_IRQ.
KVM_CANNOT = {("tcg", "linux-2-cpus")}


class Entry:
    def __init__(self, name, device, limit, command):
        device, _, hosts = device.partition(":")
        self.name = name
        self.device = device            # of DEVICES
        self.hosts = hosts.split(",") if hosts else None    # all
        self.limit = limit              # billion cycles
        self.command = command

    def on(self, device):
        node = "/dev/kvm" if device == "kvm" else "/dev/lhv"
        return (f"{device}.{self.name}@{self.limit}G:"
                + self.command.replace("{device}", node))


def read(path, only=None):
    entries = []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if not line.strip() or line.startswith("#"):
                continue
            fields = line.split(None, 3)
            if len(fields) != 4 or fields[1].split(":")[0] not in DEVICES:
                raise ValueError(f"{path}:{number}: name, device "
                                 f"({', '.join(DEVICES)})[:host,...], limit, "
                                 "command")
            entry = Entry(fields[0], fields[1], fields[2], fields[3].strip())
            if not only or re.search(only, entry.name):
                entries.append(entry)
    return entries


def for_host(entries, host):
    """Those that the host is for."""
    return [e for e in entries if e.hosts is None or host in e.hosts]


def load_kvm(host):
    names = VENDOR[host].split()
    return " || ".join(f"modprobe {name} 2>/dev/null" for name in names)


def plan(entries, host, with_kvm=True):
    commands = []
    on_kvm = [e for e in entries if e.device in ("kvm", "both") and
              (host, e.name) not in KVM_CANNOT]
    if with_kvm and on_kvm:
        commands.append(f"kvm.load@5G:{load_kvm(host)}")
        commands += [e.on("kvm") for e in on_kvm]
        commands.append("kvm.unload@5G:rmmod kvm_intel 2>/dev/null; "
                        "rmmod kvm_amd 2>/dev/null; rmmod kvm")
    if any(e.device in ("lhv", "both") for e in entries):
        commands.append("lhv.load@5G:insmod /lhv.ko")
        commands += [e.on("lhv") for e in entries
                     if e.device in ("lhv", "both")]
        commands.append("lhv.unload@5G:rmmod lhv")
        commands.append("lhv.load-again@5G:insmod /lhv.ko && rmmod lhv && "
                        "insmod /lhv.ko && rmmod lhv")
    if wants_debug(entries):
        commands.append("debug.load@5G:insmod /lhv-debug.ko")
        commands += [e.on("debug") for e in entries if e.device == "debug"]
        commands.append("debug.unload@5G:rmmod lhv")
    return commands


def wants_debug(entries):
    """Is the debug build of the module needed, as /lhv-debug.ko?"""
    return any(e.device == "debug" for e in entries)
