# SPDX-License-Identifier: GPL-2.0
"""The shell scripts beside this folder, which fetch and find what a machine lacks.

Called by run, clients and clientroot. Knows how they are called and what
kernel.sh's folders have in them; who cannot do without ends the program.
"""
import os
import subprocess

HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


class Missing(Exception):
    """What cannot be had here."""


def tool(name, *arguments):
    """What a script prints, by lines."""
    done = subprocess.run([os.path.join(HERE, name), *arguments], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True)
    if done.returncode:
        raise Missing(f"{name} {' '.join(arguments)} failed")
    return done.stdout.split("\n")[:-1]


def kernel():
    """The kernel of the host: its version, the package's folder, its bzImage."""
    image, abi = tool("kernel.sh", "image")[0], tool("kernel.sh", "abi")[0]
    for path in (f"boot/vmlinuz-{abi}", f"usr/lib/modules/{abi}/vmlinuz"):
        if os.path.exists(os.path.join(image, path)):
            return abi, image, os.path.join(image, path)
    raise Missing(f"no kernel in {image}")
