# SPDX-License-Identifier: GPL-2.0
"""A disk that starts a kernel without a boot loader.

Called by emulator for Bochs. Knows the Linux boot protocol as a boot loader
knows it: the kernel is unpacked here, once, on the fast side, and boot.S only
has to read it in.
"""
import lzma
import os
import shutil
import struct
import subprocess

BOOT_PARAMS = 0x100000
COMMAND_LINE = 0x101000
PAGE_TABLES = 0x102000
BOOT_END = 0x109000
GIGABYTES_MAPPED = 4
CYLINDER = 16 * 63 * 512

SETUP_HEADER = 0x1f1            # in the file and in the boot parameters

# Compressed kernels, by their first bytes.
COMPRESSIONS = {
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x1f\x8b": "gzip",
    b"\x02\x21\x4c\x18": "lz4",
}


class BootError(Exception):
    pass


def field(image, offset, form):
    return struct.unpack_from("<" + form, image, offset)[0]


def unpack(payload):
    """The vmlinux in a kernel's compressed payload."""
    for magic, name in COMPRESSIONS.items():
        if payload.startswith(magic):
            break
    else:
        raise BootError("the kernel is packed in an unknown way")
    if name == "xz":
        # What follows is the size that the kernel's own unpacker reads.
        return lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(payload)
    if not shutil.which(name):
        raise BootError(f"the kernel is packed with {name}, which is missing")
    done = subprocess.run([name, "-dc"], input=payload, capture_output=True,
                          check=False)
    if not done.stdout:
        raise BootError(f"{name}: {done.stderr.decode().strip()}")
    return done.stdout


def payload(path):
    """The vmlinux in a bzImage."""
    with open(path, "rb") as f:
        image = f.read()
    if image[0x202:0x206] != b"HdrS":
        raise BootError(f"{path}: not a bzImage")
    sectors = image[0x1f1] or 4
    start = (sectors + 1) * 512 + field(image, 0x248, "I")
    return unpack(image[start:start + field(image, 0x24c, "I")])


class Kernel:
    """A bzImage, unpacked: its segments as they lie in memory."""

    def __init__(self, path):
        with open(path, "rb") as f:
            image = f.read(1024)
        self.header = image[SETUP_HEADER:0x202 + image[0x201]]
        self._lay_out(payload(path))

    def _lay_out(self, elf):
        if elf[:5] != b"\x7fELF\x02":
            raise BootError("the unpacked kernel is not a 64-bit ELF file")
        self.entry = field(elf, 24, "Q")
        table, size = field(elf, 32, "Q"), field(elf, 54, "H")
        loads = []
        for i in range(field(elf, 56, "H")):
            kind, _, offset, _, where, filesz, memsz = struct.unpack_from(
                "<IIQQQQQ", elf, table + i * size)
            if kind == 1:
                loads.append((where, elf[offset:offset + filesz], memsz))
        self.base = min(where for where, _, _ in loads)
        self.end = max(where + memsz for where, _, memsz in loads)
        last = max(where + len(data) for where, data, _ in loads)
        image = bytearray(last - self.base)
        for where, data, _ in loads:
            image[where - self.base:where - self.base + len(data)] = data
        self.image = bytes(image)


def kernel_image(bzimage, cache):
    """The kernel's memory image as a file, kept from run to run; returns
    the file, its base, end, entry, and the setup header."""
    status = os.stat(bzimage)
    key = f"{os.path.basename(bzimage)}-{status.st_size}-{status.st_mtime_ns}"
    path = os.path.join(cache, key + ".image")
    about = os.path.join(cache, key + ".header")
    if not os.path.exists(about):
        os.makedirs(cache, exist_ok=True)
        kernel = Kernel(bzimage)
        for name, content in (
                (path, kernel.image),
                (about, struct.pack("<QQQ", kernel.base, kernel.end,
                                    kernel.entry) + kernel.header)):
            with open(f"{name}.{os.getpid()}", "wb") as f:
                f.write(content)
            os.replace(f"{name}.{os.getpid()}", name)
    with open(about, "rb") as f:
        content = f.read()
    return (path, *struct.unpack_from("<QQQ", content), content[24:])


def parameters(header, command_line, initramfs_at, initramfs_size):
    """Boot parameters, command line and page tables, for BOOT_PARAMS on."""
    image = bytearray(BOOT_END - BOOT_PARAMS)
    image[SETUP_HEADER:SETUP_HEADER + len(header)] = header
    image[0x210] = 0xff                         # an unregistered loader
    struct.pack_into("<II", image, 0x218, initramfs_at, initramfs_size)
    struct.pack_into("<I", image, 0x228, COMMAND_LINE)
    line = command_line.encode() + b"\0"
    if len(line) > 2048:
        raise BootError("the kernel's command line is too long")
    at = COMMAND_LINE - BOOT_PARAMS
    image[at:at + len(line)] = line
    # Identity mapped by 2 MiB pages: one top page, one below, four below it.
    top = PAGE_TABLES - BOOT_PARAMS
    present_writable, large = 3, 0x80
    struct.pack_into("<Q", image, top, PAGE_TABLES + 0x1000 | present_writable)
    for g in range(GIGABYTES_MAPPED):
        below = PAGE_TABLES + 0x2000 + g * 0x1000
        struct.pack_into("<Q", image, top + 0x1000 + g * 8,
                         below | present_writable)
        for i in range(512):
            struct.pack_into("<Q", image, below - BOOT_PARAMS + i * 8,
                             (g << 30 | i << 21) | present_writable | large)
    return bytes(image)


def boot_sector(source, entry, extents, rundir):
    obj = os.path.join(rundir, "boot.o")
    raw = os.path.join(rundir, "boot.bin")
    pairs = ",".join(f"{at:#x},{sectors}" for at, sectors in extents)
    subprocess.run(["gcc", "-c", "-m32", f"-DBOOT_PARAMS={BOOT_PARAMS:#x}",
                    f"-DPAGE_TABLES={PAGE_TABLES:#x}", f"-DENTRY={entry:#x}",
                    f"-DEXTENTS={pairs}", "-o", obj, source], check=True)
    subprocess.run(["ld", "-m", "elf_i386", "-Ttext", "0x7c00", "--oformat",
                    "binary", "-o", raw, obj], check=True)
    with open(raw, "rb") as f:
        return f.read()


def boot_disk(path, bzimage, initramfs, command_line, memory, cache, rundir):
    """Write the disk; memory is the machine's, in bytes."""
    kernel, base, end, entry, header = kernel_image(bzimage, cache)
    initramfs_at = (end + 0x1ffffff) & ~0x1ffffff
    size = os.path.getsize(initramfs)
    if initramfs_at + size > memory - (64 << 20):
        raise BootError("too little memory for the initramfs")
    low = parameters(header, command_line, initramfs_at, size)
    parts = [(BOOT_PARAMS, low)]
    for at, name in ((base, kernel), (initramfs_at, initramfs)):
        with open(name, "rb") as f:
            parts.append((at, f.read()))
    extents = [(at, (len(data) + 511) // 512) for at, data in parts]
    with open(path, "wb") as f:
        f.write(boot_sector(source(), entry, extents, rundir))
        for _, data in parts:
            f.write(data)
            f.write(b"\0" * (-len(data) % 512))
        f.truncate(f.tell() + -f.tell() % CYLINDER)


def source():
    return os.path.join(os.path.dirname(__file__), "..", "boot.S")
