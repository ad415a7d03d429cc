# SPDX-License-Identifier: GPL-2.0
"""What the cases of selftests/clients/ need beside the clients: kernel, initramfs
and disks of their guests, laid into a folder that becomes /srv/lhv.

Called by clients. Roots of Debian come from chroot.sh; knows no case.
"""
import os
import re
import shutil
import subprocess

import archive
import bootimage
import guest
from tools import Missing, kernel, tool

HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
CASES = os.path.join(os.path.dirname(HERE), "clients")
MODULES = [
    "virtio_pci", "virtio_mmio", "virtio_blk", "virtio_net", "virtio_rng",
    "ahci", "ata_piix", "sd_mod", "sr_mod", "e1000", "xhci_pci", "usbhid",
    "hid_generic", "evdev", "vmw_vsock_virtio_transport", "crc32c_generic?",
    "ext4"]
# What the guests booted from an ISO are told.
ISO_APPEND = ("console=ttyS0 loglevel=4 mitigations=off panic=-1 "
              "lhv.do=cpus,clock,virtio,debian lhv.cpus=1 lhv.disk=vda")


def guest_tool(folder):
    path = os.path.join(folder, "guest-tool")
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-static", "-pthread",
                    "-o", path, os.path.join(CASES, "guest-tool.c")],
                   check=True)
    return path


def debian_disk(path):
    """A file system with Debian's own init, and a unit that reports on it."""
    root = tool("chroot.sh", "make", "bookworm-for-guests", "systemd-sysv",
                "udev", "kmod", "iproute2")[0]
    units = os.path.join(root, "etc/systemd/system")
    shutil.copy2(os.path.join(CASES, "debian-check"),
                 os.path.join(root, "usr/local/sbin/debian-check"))
    shutil.copyfile(os.path.join(CASES, "debian-check.service"),
                    os.path.join(units, "debian-check.service"))
    wanted = os.path.join(units, "multi-user.target.wants")
    os.makedirs(wanted, exist_ok=True)
    link = os.path.join(wanted, "debian-check.service")
    if not os.path.islink(link):
        os.symlink("../debian-check.service", link)
    archive.data_disk(root, path, "ext4")


def iso(folder, loader):
    """An ISO that starts the guest's kernel: isolinux, or GRUB for both BIOS
    and UEFI."""
    root = tool("chroot.sh", "make", "bookworm-for-images", "isolinux",
                "syslinux-common", "xorriso", "grub-common", "grub-pc-bin",
                "grub-efi-amd64-bin", "mtools")[0]
    tree = os.path.join(root, "tmp", loader)
    shutil.rmtree(tree, ignore_errors=True)
    os.makedirs(os.path.join(tree, "boot/grub"))
    os.makedirs(os.path.join(tree, "isolinux"))
    for name in ("vmlinuz", "initrd"):
        shutil.copyfile(os.path.join(folder, name),
                        os.path.join(tree, "boot", name))
    if loader == "grub":
        with open(os.path.join(tree, "boot/grub/grub.cfg"), "w",
                  encoding="ascii") as f:
            f.write("serial --unit=0 --speed=115200\n"
                    "terminal_output serial console\nset timeout=0\n"
                    f"linux /boot/vmlinuz {ISO_APPEND}\n"
                    "initrd /boot/initrd\nboot\n")
        command = f"grub-mkrescue -o /tmp/{loader}.iso /tmp/{loader}"
    else:
        with open(os.path.join(tree, "isolinux/isolinux.cfg"), "w",
                  encoding="ascii") as f:
            f.write("serial 0 115200\ndefault lhv\nprompt 0\nlabel lhv\n"
                    f" kernel /boot/vmlinuz\n append initrd=/boot/initrd "
                    f"{ISO_APPEND}\n")
        command = (f"cp /usr/lib/ISOLINUX/isolinux.bin "
                   f"/usr/lib/syslinux/modules/bios/ldlinux.c32 "
                   f"/tmp/{loader}/isolinux && xorriso -as mkisofs -quiet "
                   f"-o /tmp/{loader}.iso -b isolinux/isolinux.bin "
                   f"-c isolinux/boot.cat -no-emul-boot -boot-load-size 4 "
                   f"-boot-info-table /tmp/{loader}")
    done = subprocess.run([os.path.join(HERE, "chroot.sh"), "run", root, "sh",
                           "-c", command], check=False, capture_output=True,
                          text=True)
    if done.returncode:
        raise Missing(f"no {loader} ISO: {done.stderr}")
    shutil.copyfile(os.path.join(root, "tmp", f"{loader}.iso"),
                    os.path.join(folder, f"{loader}.iso"))
    shutil.rmtree(tree)


# libvirtd without the rest of a Debian system around it: no cgroups, no logging
# daemon, and the user that libvirt-daemon-system would make.
QEMU_CONF = """user = "root"
group = "root"
dynamic_ownership = 0
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
"""


def configure_libvirt(root):
    folder = os.path.join(root, "etc/libvirt")
    if os.path.isdir(folder):
        with open(os.path.join(folder, "qemu.conf"), "w",
                  encoding="ascii") as f:
            f.write(QEMU_CONF)
        # named by defaults that are read before the configuration
        tool("chroot.sh", "run", root, "sh", "-c",
             "getent passwd libvirt-qemu >/dev/null || { groupadd -r -f libvirt-qemu "
             "&& useradd -r -g libvirt-qemu libvirt-qemu; }")


def kernel_32(folder, flavour):
    """A kernel of Debian's 32-bit port: vmlinuz-FLAVOUR and initrd-FLAVOUR."""
    with open("/etc/os-release", encoding="utf-8") as f:
        suite = re.search(r"^VERSION_CODENAME=(\w+)", f.read(), re.M).group(1)
    fetch = ("fetch.sh", "--suite", f"{suite}:i386")
    meta = tool(*fetch, f"linux-image-{flavour}")[0]
    with open(os.path.join(meta, ".depends"), encoding="utf-8") as f:
        package = re.search(r"linux-image-\S+", f.read()).group(0)
    image = tool(*fetch, package)[0]
    abi = package.removeprefix("linux-image-")
    shutil.copyfile(os.path.join(image, f"boot/vmlinuz-{abi}"),
                    os.path.join(folder, f"vmlinuz-{flavour}"))
    guest.initramfs(
        os.path.join(folder, f"initrd-{flavour}"),
        archive.Modules(image, abi), tool(*fetch, "busybox-static")[0],
        os.path.join(CASES, "guest-init"), MODULES)


def prepare(folder, wants):
    """All of it. wants: which of "debian", "grub", "isolinux" are used."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, "tftp"))
    for name in os.listdir(CASES):
        if name.endswith((".py", ".xml")):
            shutil.copy2(os.path.join(CASES, name), folder)
    abi, image, bzimage = kernel()
    shutil.copyfile(bzimage, os.path.join(folder, "vmlinuz"))
    with open(os.path.join(folder, "vmlinux"), "wb") as f:
        f.write(bootimage.payload(bzimage))
    guest.initramfs(
        os.path.join(folder, "initrd"), archive.Modules(image, abi),
        tool("fetch.sh", "busybox-static")[0],
        os.path.join(CASES, "guest-init"), MODULES,
        [(guest_tool(folder), "bin/guest-tool")])
    guest.known_disk(os.path.join(folder, "tftp"))
    for flavour in ("686", "686-pae"):
        if flavour in wants:
            kernel_32(folder, flavour)
    if "debian" in wants:
        debian_disk(os.path.join(folder, "debian.img"))
    for loader in ("grub", "isolinux"):
        if loader in wants:
            iso(folder, loader)
