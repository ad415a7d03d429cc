# SPDX-License-Identifier: GPL-2.0
"""The Linux guest that tests and the demo boot inside an emulated host.

Called by run and clients. Makes a folder for the data disk: the stock kernel as packaged
(vmlinuz) and unpacked (vmlinux), the guest's initramfs, and a disk of known
content with its checksum. guest-init is what runs in it.
"""
import hashlib
import os
import shutil

import archive
import bootimage

MODULES = ["virtio_pci", "virtio_blk", "crc32c_generic?", "ext4"]
DISK_SIZE = 2 << 20


def disk_content():
    """Bytes that repeat nowhere and are the same on every machine."""
    blocks = []
    block = b"lhv"
    while len(blocks) * 64 < DISK_SIZE:
        block = hashlib.sha512(block).digest()
        blocks.append(block)
    return b"".join(blocks)


def initramfs(path, modules, busybox, init, names=MODULES, files=()):
    """names: of modules, for modprobe and in /modules in the order of loading;
    files: pairs of a file and its path in the guest."""
    root = archive.Initramfs()
    archive.add_busybox(root, busybox)
    order = modules.install(root, names)
    for source, target in files:
        root.file(source, target)
    root.data("modules", ("\n".join(order) + "\n").encode())
    root.file(init, "init")
    root.directory("mnt")
    root.write(path)


def prepare(folder, bzimage, modules, busybox, init):
    os.makedirs(folder, exist_ok=True)
    shutil.copyfile(bzimage, os.path.join(folder, "vmlinuz"))
    with open(os.path.join(folder, "vmlinux"), "wb") as f:
        f.write(bootimage.payload(bzimage))
    initramfs(os.path.join(folder, "initrd"), modules, busybox, init)
    return known_disk(folder)


def known_disk(folder):
    """disk.img and disk.sha256; the checksum."""
    content = disk_content()
    with open(os.path.join(folder, "disk.img"), "wb") as f:
        f.write(content)
    checksum = hashlib.sha256(content).hexdigest()
    with open(os.path.join(folder, "disk.sha256"), "w",
              encoding="ascii") as f:
        f.write(checksum + "\n")
    return checksum
