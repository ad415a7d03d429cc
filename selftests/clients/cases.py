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
                 append="", act=None, kernel=None, hosts=("tcg",),
                 limit=60, args=(), crosses=None):
        self.name = name
        self.client = client            # qemu, qemu-bpo, qemu-sid, libvirt
        self.machine = machine          # pc, q35, microvm
        self.irqchip = irqchip          # on, split, None: the machine's own
        self.firmware = firmware        # seabios, ovmf
        self.cpus = cpus
        self.cpu = cpu
        self.memory = memory            # MiB
        self.tasks = tasks
        self.disk = disk                # the guest's name for the first
        self.disks = disks              # virtio, mmio, ide, ahci, debian,
                                        # debian-ahci, debian-mmio, None
        self.devices = list(devices)    # more arguments of QEMU
        self.append = append
        self.act = act                  # a function of acts.py, or none
        # bzimage, as packaged; vmlinux, unpacked, by its PVH entry, in half of
        # the time, but not from OVMF; 686, 686-pae; an ISO's loader: grub,
        # isolinux
        self.kernel = kernel or ("vmlinux" if firmware == "seabios"
                                 else "bzimage")
        self.hosts = hosts              # emulated hosts that run it
        self.limit = limit              # billion cycles, of TCG's
        self.args = list(args)
        self.crosses = crosses          # to-lhv, to-kvm: begins on the other

    def wants(self):
        """What clientroot is to make for it."""
        wants = {"debian"} if "debian" in (self.disks or "") else set()
        return wants | {self.kernel}

    def words(self):
        """How the summary calls it."""
        machine = self.machine + (f"/{self.irqchip}" if self.irqchip else "")
        return f"{self.client:9} {machine:14} {self.name}"


BOTH = ("tcg", "bochs")
NET = ["-netdev", "user,id=n,tftp=/srv/lhv/tftp,restrict=off"]
TAP = ["-netdev", "tap,id=n,ifname=tap0,script=no,downscript=no,vhost=on"]
# What one hypervisor has and the other has not must not be in the guest's CPUID.
PLAIN_CPU = ("qemu64,-svm,-vmx,-kvm-pv-eoi,-kvm-steal-time,-kvm-asyncpf,"
             "-kvm-asyncpf-int,-kvm-pv-unhalt,-kvm-pv-tlb-flush,"
             "-kvm-pv-sched-yield,-kvm-pv-ipi,-kvm-poll-control")
BASIC = "cpus,clock,virtio,disk,write"

CASES = [
    # machines, firmware, interrupt controllers, processors
    Case("pc-seabios", kernel="bzimage", tasks=BASIC, hosts=BOTH),
    Case("pc-split", irqchip="split", tasks=BASIC),
    Case("pc-2-cpus", kernel="bzimage", cpus=2, tasks=BASIC, hosts=BOTH),
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
    Case("q35-seabios", kernel="bzimage", machine="q35", tasks=BASIC, hosts=BOTH),
    Case("q35-2-cpus", kernel="bzimage", machine="q35", cpus=2, tasks=BASIC, hosts=BOTH),
    Case("q35-split", machine="q35", irqchip="split", cpus=2, tasks=BASIC),
    Case("q35-ovmf", machine="q35", firmware="ovmf", tasks=BASIC, hosts=BOTH,
         limit=90),
    Case("q35-ovmf-2-cpus", machine="q35", firmware="ovmf", cpus=2,
         tasks=BASIC, hosts=BOTH, limit=90),
    Case("microvm", kernel="bzimage", machine="microvm", tasks="cpus,clock,mmio,disk,write",
         disks="mmio", hosts=BOTH),
    Case("microvm-2-cpus", machine="microvm", cpus=2,
         tasks="cpus,clock,mmio,disk,write", disks="mmio", hosts=BOTH),
    # no disk: with this irqchip the guest waits for it for ever, on KVM too
    Case("microvm-on", machine="microvm", irqchip="on", tasks="cpus,clock",
         disks=None),
    # Debian's 32-bit kernels, with PAE and without. In a guest of its SVM QEMU's
    # emulation faults early with the former, on KVM too.
    Case("pc-32-bit-pae", kernel="686-pae", cpus=2, tasks=BASIC,
         hosts=("bochs",)),
    Case("q35-32-bit", machine="q35", kernel="686", tasks=BASIC),
    Case("pc-32-bit-split", kernel="686", irqchip="split", tasks=BASIC),
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
    # the screen is told of by the kernel's 16-bit start, which vmlinux has not
    Case("vga-text", kernel="bzimage", tasks="screen", disks=None, act="look_at_screen",
         devices=["-vga", "std"]),
    Case("vga-graphics", kernel="bzimage", tasks="screen", disks=None, act="look_at_screen",
         append="vga=0x315", devices=["-vga", "std"]),
    Case("vhost-net", tasks="virtionet,http", disks=None, act="serve_http",
         devices=TAP + ["-device", "virtio-net-pci,netdev=n"]),
    Case("vhost-vsock", tasks="vsock", disks=None, act="call_vsock",
         devices=["-device", "vhost-vsock-pci,guest-cid=3"]),
    # what is done to a guest while it works
    Case("stop-cont", cpus=2, tasks="work", disks=None, act="stop_and_cont"),
    Case("savevm", cpus=2, tasks="work", disks=None, act="save_and_load"),
    Case("migration", cpus=2, tasks="work", disks=None, act="migrate",
         limit=90),
    # a processor of 100 MHz does not move pages as fast as 32 MiB are written
    Case("migration-vmx", cpus=2, memory=128, tasks="work", disks=None,
         act="migrate", append="lhv.mib=1", hosts=("bochs",), limit=90),
    Case("migration-split", machine="q35", irqchip="split", cpus=2,
         tasks="work", disks=None, act="migrate", limit=90),
    Case("reset", tasks="waits", disks=None, act="reset_often", limit=150),
    Case("reboot", tasks="reboot", disks=None, act="watch_reboots",
         limit=90),
    Case("gdb", tasks="symbol,waits", disks=None, act="debug_by_gdb",
         append="nokaslr"),
    Case("nmi", tasks="waits", disks=None, act="send_nmi",
         append="unknown_nmi_panic panic=1"),
    # Debian as it is: its init, its root on a disk, GRUB and isolinux from an ISO
    Case("debian-pc", kernel="bzimage", tasks="cpus,virtio,debian", disks="debian",
         memory=512, limit=200, hosts=BOTH),
    Case("debian-q35-ovmf", machine="q35", firmware="ovmf", cpus=2,
         tasks="cpus,virtio,debian", disks="debian", memory=512, limit=200),
    Case("debian-microvm", machine="microvm", tasks="cpus,mmio,debian",
         disks="debian-mmio", memory=512, limit=200),
    Case("debian-q35-ahci", machine="q35", tasks="cpus,ahci,debian",
         disk="sda", disks="debian-ahci", memory=512, limit=200),
    Case("debian-isolinux", kernel="isolinux", disks="debian", memory=512,
         limit=200),
    Case("debian-grub", machine="q35", kernel="grub", disks="debian",
         memory=512, limit=200),
    Case("debian-grub-ovmf", machine="q35", firmware="ovmf", kernel="grub",
         disks="debian", memory=512, limit=200),
    # twenty moves; and between the two hypervisors
    Case("migration-20", cpus=2, memory=128, tasks="work", disks=None,
         act="migrate_20", append="lhv.mib=4", limit=400),
    Case("migration-kvm-to-lhv", cpus=2, memory=128, tasks="work", disks=None,
         cpu=PLAIN_CPU, act="cross", crosses="to-lhv", limit=90),
    Case("migration-lhv-to-kvm", cpus=2, memory=128, tasks="work", disks=None,
         cpu=PLAIN_CPU, act="cross", crosses="to-kvm", limit=90),
    # other versions
    Case("bpo-pc", kernel="bzimage", client="qemu-bpo", tasks=BASIC),
    Case("bpo-q35-ovmf-2-cpus", client="qemu-bpo", machine="q35",
         firmware="ovmf", cpus=2, tasks=BASIC, limit=90),
    Case("bpo-microvm", client="qemu-bpo", machine="microvm",
         tasks="cpus,clock,mmio,disk,write", disks="mmio"),
    Case("bpo-migration", client="qemu-bpo", cpus=2, tasks="work", disks=None,
         act="migrate", limit=90),
    Case("sid-pc", kernel="bzimage", client="qemu-sid", tasks=BASIC),
    Case("sid-q35-ovmf-2-cpus", client="qemu-sid", machine="q35",
         firmware="ovmf", cpus=2, tasks=BASIC, limit=90),
    Case("sid-microvm", client="qemu-sid", machine="microvm",
         tasks="cpus,clock,mmio,disk,write", disks="mmio"),
    Case("sid-migration", client="qemu-sid", cpus=2, tasks="work", disks=None,
         act="migrate", limit=90),
    # libvirt
    Case("libvirt-capabilities", client="libvirt", act="domain_capabilities",
         limit=90),
    Case("libvirt-domain", client="libvirt", act="domain_life", limit=200),
]


def find(name):
    for case in CASES:
        if case.name == name:
            return case
    raise KeyError(name)
