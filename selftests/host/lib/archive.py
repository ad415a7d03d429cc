# SPDX-License-Identifier: GPL-2.0
"""What an emulated host finds in its root: the initramfs and the data disk.

Called by run. Knows the cpio format, where dynamic libraries lie, and which
module needs which; does not know what a test is or how a host is started.
"""
import lzma
import os
import re
import stat
import subprocess


class Initramfs:
    """A cpio archive in the "newc" form, built up in memory."""

    def __init__(self):
        self.entries = {}
        for path in ("dev", "proc", "sys", "tmp", "run", "bin", "sbin",
                     "tests", "etc", "host", "root"):
            self.directory(path)
        self.entries["dev/console"] = (stat.S_IFCHR | 0o600, b"", (5, 1))

    def directory(self, path):
        path = path.strip("/")
        if path and path not in self.entries:
            self.directory(os.path.dirname(path))
            self.entries[path] = (stat.S_IFDIR | 0o755, b"", (0, 0))

    def data(self, path, content, mode=0o644):
        path = path.strip("/")
        self.directory(os.path.dirname(path))
        self.entries[path] = (stat.S_IFREG | mode, content, (0, 0))

    def symlink(self, path, target):
        path = path.strip("/")
        self.directory(os.path.dirname(path))
        self.entries[path] = (stat.S_IFLNK | 0o777, target.encode(), (0, 0))

    def file(self, source, path):
        """Add a file, a folder with all in it, or a link's target; with the
        libraries of each dynamically linked program."""
        if os.path.isdir(source):
            for name in sorted(os.listdir(source)):
                self.file(os.path.join(source, name), f"{path}/{name}")
            return
        with open(source, "rb") as f:
            content = f.read()
        mode = 0o755 if os.access(source, os.X_OK) else 0o644
        self.data(path, content, mode)
        if content[:4] == b"\x7fELF" and mode == 0o755:
            for library in libraries(source):
                if library.strip("/") not in self.entries:
                    self.file(library, library)

    def write(self, path):
        with open(path, "wb") as f:
            for number, name in enumerate(sorted(self.entries), 1):
                mode, content, device = self.entries[name]
                self._entry(f, number, name, mode, content, device)
            self._entry(f, 0, "TRAILER!!!", 0, b"", (0, 0))

    @staticmethod
    def _entry(f, number, name, mode, content, device):
        encoded = name.encode() + b"\0"
        fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0,
                  device[0], device[1], len(encoded), 0)
        f.write(b"070701" + b"".join(b"%08X" % x for x in fields) + encoded)
        f.write(b"\0" * (-f.tell() % 4))
        f.write(content)
        f.write(b"\0" * (-f.tell() % 4))


def libraries(program):
    """The files that a dynamically linked program loads, by ldd."""
    shown = subprocess.run(["ldd", program], capture_output=True, text=True,
                           check=False)
    if shown.returncode:
        return []
    return re.findall(r"(?:=> )?(/\S+) \(0x", shown.stdout)


class Modules:
    """The modules of a stock kernel: lhv's hosts load few, named ones."""

    def __init__(self, image, abi):
        for base in ("lib", "usr/lib"):
            self.root = os.path.join(image, base, "modules", abi)
            if os.path.isdir(self.root):
                break
        self.abi = abi
        self.paths = {}
        for folder, _, names in os.walk(os.path.join(self.root, "kernel")):
            for name in names:
                if ".ko" in name:
                    self.paths[self._plain(name)] = os.path.join(folder, name)
        self._loaded = {}
        self.builtin = set()
        listed = os.path.join(self.root, "modules.builtin")
        if os.path.exists(listed):
            with open(listed, encoding="ascii") as f:
                self.builtin = {self._plain(os.path.basename(line.strip()))
                                for line in f}

    @staticmethod
    def _plain(name):
        return name.split(".ko")[0].replace("-", "_")

    def content(self, name):
        if name not in self._loaded:
            with open(self.paths[name], "rb") as f:
                content = f.read()
            if self.paths[name].endswith(".xz"):
                content = lzma.decompress(content)
            self._loaded[name] = content
        return self._loaded[name]

    def needs(self, name):
        found = re.search(rb"\0depends=([^\0]*)\0", self.content(name))
        names = found.group(1).decode().split(",") if found else []
        return [self._plain(n) for n in names if n]

    def closure(self, names):
        """These modules and what they need, in the order of loading. One with
        a question mark is not in every kernel."""
        order = []

        def visit(name):
            optional = name.endswith("?")
            name = self._plain(name.rstrip("?"))
            if name not in self.paths and (optional or name in self.builtin):
                return
            if name not in self.paths:
                raise KeyError(f"the stock kernel has no module {name}")
            if name in order:
                return
            for needed in self.needs(name):
                visit(needed)
            order.append(name)

        for name in names:
            visit(name)
        return order

    def install(self, initramfs, names):
        """Put modules into the initramfs, so that modprobe finds them there;
        returns their paths in the order of loading."""
        order = self.closure(names)
        lines = []
        for name in order:
            initramfs.data(self._where(name), self.content(name))
            deps = [self._where(n) for n in reversed(self.closure([name]))
                    if n != name]
            lines.append(f"{self._where(name)}: {' '.join(deps)}\n")
        initramfs.data(f"lib/modules/{self.abi}/modules.dep",
                       "".join(lines).encode())
        return [self._where(name) for name in order]

    def _where(self, name):
        return f"/lib/modules/{self.abi}/{name}.ko"


def add_busybox(initramfs, package):
    """All of busybox's commands, as links to the one program."""
    for base in ("bin", "usr/bin"):
        program = os.path.join(package, base, "busybox")
        if os.path.exists(program):
            break
    initramfs.file(program, "bin/busybox")
    names = subprocess.run([program, "--list"], capture_output=True,
                           text=True, check=True).stdout.split()
    for name in names:
        if name not in ("busybox", "init", "linuxrc"):
            initramfs.symlink(f"bin/{name}", "busybox")


def data_disk(folder, path, kind="ext2"):
    """A raw disk with a file system that holds a folder. It needs no
    rights: mke2fs copies the folder in by itself."""
    used = sum(os.lstat(os.path.join(d, n)).st_size + 8192
               for d, _, names in os.walk(folder) for n in names)
    size = used + used // 8 + (4 << 20)
    size += -size % (16 * 63 * 512)     # whole cylinders
    with open(path, "wb") as f:
        f.truncate(size)
    env = dict(os.environ, PATH=os.environ["PATH"] + ":/sbin:/usr/sbin")
    subprocess.run(["mke2fs", "-q", "-F", "-t", kind, "-m", "0",
                    "-d", folder, path], check=True, env=env)
