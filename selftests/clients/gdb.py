# SPDX-License-Identifier: GPL-2.0
"""A client of QEMU's gdb stub: the few packets of the remote protocol that a
case of selftests/clients/ needs. Knows nothing of QEMU or of cases.
"""
import socket

from qemu import PATIENCE, Failed

RIP = 16        # the number of RIP among x86-64's registers


class Gdb:
    def __init__(self, path, patience=PATIENCE):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience)
        self.socket.connect(path)
        self.buffer = b""
        self.ask("qSupported:hwbreak+;swbreak+;xmlRegisters=i386")
        # x86-64's registers are told only to who has read the description
        self.ask("qXfer:features:read:target.xml:0,fff")

    def _byte(self):
        if not self.buffer:
            self.buffer = self.socket.recv(65536)
            if not self.buffer:
                raise Failed("the gdb stub is closed")
        byte, self.buffer = self.buffer[:1], self.buffer[1:]
        return byte

    def _packet(self):
        while self._byte() != b"$":
            pass
        body = b""
        while (byte := self._byte()) != b"#":
            body += byte
        self._byte()
        self._byte()
        self.socket.sendall(b"+")
        return body.decode("latin-1")

    def send(self, text):
        self.socket.sendall(f"${text}#{sum(text.encode()) & 255:02x}".encode())

    def ask(self, text):
        """The answer; not what is told meanwhile, that the guest has stopped."""
        self.send(text)
        while (packet := self._packet()).startswith("T"):
            pass
        return packet

    def okay(self, text):
        answer = self.ask(text)
        if answer != "OK":
            raise Failed(f"gdb: {text} answers {answer!r}")

    def rip(self):
        """From all registers: 16 of 8 bytes, then RIP."""
        registers = bytes.fromhex(self.ask("g")[:(RIP + 1) * 16])
        return int.from_bytes(registers[RIP * 8:], "little")

    def stopped(self, text):
        """The answer of a packet that runs the guest until it stops."""
        self.send(text)
        answer = self._packet()
        if not answer.startswith(("T05", "S05")):
            raise Failed(f"gdb: {text} ends with {answer!r}")

    def close(self):
        self.socket.close()
