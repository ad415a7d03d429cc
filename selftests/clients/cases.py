# SPDX-License-Identifier: GPL-2.0
"""The cases of `make check-clients`: which client, which machine, what is done.

Read by host/clients, which makes a plan of them, and by case.py in the emulated
host, which runs them. A case is a QEMU with some machine and a guest that carries
out tasks (guest-init's), and where it says so something that the case itself does
to it meanwhile (acts.py).
"""


class Case:
    """One line of the table."""

    def __init__(self, name, machine="pc", client="qemu", irqchip=None,
                 firmware="seabios", cpus=1, cpu="host", memory=256,
                 tasks="virtio,disk", disk="vda", disks="virtio", devices=(),
                 append="", act=None, kernel="guest", hosts=("tcg",),
                 limit=60, args=()):
        self.name = name
        self.client = client            # qemu, qemu10, qemunew, libvirt
        self.machine = machine          # pc, q35, microvm
        self.irqchip = irqchip          # on, split, None: the machine's own
        self.firmware = firmware        # seabios, ovmf
        self.cpus = cpus
        self.cpu = cpu
        self.memory = memory            # MiB
        self.tasks = tasks
        self.disk = disk                # the guest's name for the first
        self.disks = disks              # virtio, mmio, ide, ahci, None
        self.devices = list(devices)    # more arguments of QEMU
        self.append = append
        self.act = act                  # a function of acts.py, or none
        self.kernel = kernel            # guest, debian, iso, ...
        self.hosts = hosts              # emulated hosts that run it
        self.limit = limit              # billion cycles, of TCG's
        self.args = list(args)

    def words(self):
        """How the summary calls it."""
        machine = self.machine + (f"/{self.irqchip}" if self.irqchip else "")
        return f"{self.client:8} {machine:14} {self.name}"


BOTH = ("tcg", "bochs")
NET = ["-netdev", "user,id=n,tftp=/srv/lhv/tftp,restrict=off"]
TAP = ["-netdev", "tap,id=n,ifname=tap0,script=no,downscript=no,vhost=on"]
BASIC = "cpus,clock,virtio,disk,write"

CASES = [
    # machines, firmware, interrupt controllers, processors
    Case("pc-seabios", tasks=BASIC, hosts=BOTH),
    Case("pc-split", irqchip="split", tasks=BASIC),
    Case("pc-2-cpus", cpus=2, tasks=BASIC, hosts=BOTH),
    Case("pc-4-cpus", cpus=4, tasks=BASIC),
    Case("pc-8-cpus", cpus=8, tasks="cpus,virtio,disk", limit=90),
    Case("pc-max", cpu="max", tasks="cpus,kvmclock,virtio,disk"),
    Case("pc-model", cpu="EPYC", tasks="cpus,kvmclock,virtio,disk"),
    Case("pc-no-x2apic", cpu="host,-x2apic", cpus=2,
         tasks="cpus,clock,nox2apic,virtio,disk"),
    Case("pc-no-kvmclock", cpu="host,-kvmclock",
         tasks="cpus,clock,virtio,disk"),
    Case("pc-ovmf", firmware="ovmf", tasks=BASIC, hosts=BOTH, limit=90),
    Case("pc-ovmf-2-cpus", firmware="ovmf", cpus=2, tasks=BASIC, hosts=BOTH,
         limit=90),
    Case("q35-seabios", machine="q35", tasks=BASIC, hosts=BOTH),
    Case("q35-2-cpus", machine="q35", cpus=2, tasks=BASIC, hosts=BOTH),
    Case("q35-split", machine="q35", irqchip="split", cpus=2, tasks=BASIC),
    Case("q35-ovmf", machine="q35", firmware="ovmf", tasks=BASIC, hosts=BOTH,
         limit=90),
    Case("q35-ovmf-2-cpus", machine="q35", firmware="ovmf", cpus=2,
         tasks=BASIC, hosts=BOTH, limit=90),
    Case("microvm", machine="microvm", tasks="cpus,clock,mmio,disk,write",
         disks="mmio", hosts=BOTH),
    Case("microvm-2-cpus", machine="microvm", cpus=2,
         tasks="cpus,clock,mmio,disk,write", disks="mmio", hosts=BOTH),
    Case("microvm-on", machine="microvm", irqchip="on",
         tasks="cpus,clock,mmio,disk,write", disks="mmio"),
    # devices
    Case("ide", tasks="ide,disk,write", disk="sda", disks="ide"),
    Case("ahci", machine="q35", tasks="ahci,disk,write", disk="sda",
         disks="ahci"),
    Case("virtio-net", tasks="virtionet,tftp", disks=None,
         devices=NET + ["-device", "virtio-net-pci,netdev=n"]),
    Case("virtio-net-split", machine="q35", irqchip="split",
         tasks="virtionet,tftp", disks=None,
         devices=NET + ["-device", "virtio-net-pci,netdev=n"]),
    Case("e1000", tasks="e1000,tftp", disks=None,
         devices=NET + ["-device", "e1000,netdev=n"]),
    Case("virtio-rng", tasks="rng", disks=None,
         devices=["-device", "virtio-rng-pci"]),
    Case("usb-keyboard", tasks="keyboard", disks=None, act="press_keys",
         devices=["-device", "qemu-xhci", "-device", "usb-kbd"]),
    Case("vga-text", tasks="screen", disks=None, act="look_at_screen",
         devices=["-vga", "std"]),
    Case("vga-graphics", tasks="screen", disks=None, act="look_at_screen",
         append="vga=0x315", devices=["-vga", "std"]),
    Case("vhost-net", tasks="virtionet,http", disks=None, act="serve_http",
         devices=TAP + ["-device", "virtio-net-pci,netdev=n"]),
    Case("vhost-vsock", tasks="vsock", disks=None, act="call_vsock",
         devices=["-device", "vhost-vsock-pci,guest-cid=3"]),
    # what is done to a guest while it works
    Case("stop-cont", cpus=2, tasks="work", disks=None, act="stop_and_cont"),
    Case("savevm", cpus=2, tasks="work", disks=None, act="save_and_load"),
    Case("migration", cpus=2, tasks="work", disks=None, act="migrate",
         hosts=BOTH, limit=90),
    Case("migration-split", machine="q35", irqchip="split", cpus=2,
         tasks="work", disks=None, act="migrate", limit=90),
    Case("reset", tasks="waits", disks=None, act="reset_often", limit=150),
    Case("reboot", tasks="reboot", disks=None, act="watch_reboots",
         limit=90),
    Case("gdb", tasks="waits", disks=None, act="debug_by_gdb",
         append="nokaslr"),
    Case("nmi", tasks="waits", disks=None, act="send_nmi",
         append="unknown_nmi_panic panic=1"),
]


def find(name):
    for case in CASES:
        if case.name == name:
            return case
    raise KeyError(name)
