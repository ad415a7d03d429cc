# SPDX-License-Identifier: GPL-2.0
"""A QEMU process that a case of selftests/clients/ drives: its guest's serial
line, its monitor (QMP), its end.

Used by case.py and cases.py, in an emulated host. Knows how to speak to QEMU,
nothing of what a case wants of it. Time is the emulated host's.
"""
import json
import os
import select
import socket
import subprocess
import time


def emulated_mhz():
    with open("/proc/cpuinfo", encoding="ascii") as f:
        for line in f:
            if line.startswith("cpu MHz"):
                return float(line.split(":")[1])
    return 1000.0


# Seconds of the emulated host to wait for anything: 40 billion instructions.
PATIENCE = 40000 / emulated_mhz()


class Failed(Exception):
    """What a case says when it is not as it should be."""


class Qmp:
    """One connection to a monitor; events are kept for who asks for them."""

    def __init__(self, path, patience=PATIENCE):
        deadline = time.monotonic() + patience
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(path)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise Failed(f"no monitor at {path}") from None
                time.sleep(0.05)
        self.file = self.socket.makefile("rw", encoding="utf-8")
        self.events = []
        self._message(patience)
        self("qmp_capabilities")

    def _message(self, patience):
        self.socket.settimeout(patience)
        try:
            line = self.file.readline()
        except socket.timeout:
            raise Failed("the monitor says nothing") from None
        if not line:
            raise Failed("the monitor is closed")
        return json.loads(line)

    def __call__(self, command, patience=PATIENCE, **arguments):
        if command not in ("qmp_capabilities", "system_reset"):
            command = command.replace("_", "-")
        self.file.write(json.dumps({"execute": command,
                                    "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            message = self._message(patience)
            if "event" in message:
                self.events.append(message)
            elif "error" in message:
                raise Failed(f"{command}: {message['error']['desc']}")
            elif "return" in message:
                return message["return"]

    def human(self, line):
        """A line of the monitor for people; its answer."""
        return self("human_monitor_command", **{"command-line": line})

    def wait(self, name, patience=PATIENCE):
        """The next event of this name."""
        deadline = time.monotonic() + patience
        while True:
            for event in self.events:
                if event["event"] == name:
                    self.events.remove(event)
                    return event
            left = deadline - time.monotonic()
            if left <= 0:
                raise Failed(f"no event {name}")
            self.events.append(self._message(left))


class Serial:
    """A guest's serial line: what it says is kept, and waited for."""

    def __init__(self, name, end):
        self.name = name
        self.serial = end
        self.text = ""
        self.read = 0

    def running(self):
        return True

    def say(self, text):
        """To the guest's serial line."""
        self.serial.sendall(text.encode())

    def _more(self, patience):
        ready, _, _ = select.select([self.serial], [], [], patience)
        if not ready:
            return False
        data = self.serial.recv(65536)
        if not data:
            return False
        self.text += data.decode("utf-8", "replace").replace("\r", "")
        return True

    def expect(self, words, patience=PATIENCE):
        """Wait until the guest has said these words; what it said till then."""
        deadline = time.monotonic() + patience
        while True:
            at = self.text.find(words, self.read)
            if at >= 0:
                said = self.text[self.read:at + len(words)]
                self.read = at + len(words)
                return said
            left = deadline - time.monotonic()
            if left <= 0:
                raise Failed(f"the guest did not say {words!r}")
            if not self._more(min(left, 1)) and not self.running():
                while self._more(0):
                    pass
                if self.text.find(words, self.read) < 0:
                    raise Failed(f"{self.name} ended before {words!r}")

    def forget(self):
        """What has been said so far is not waited for any more."""
        self.silent()
        self.read = len(self.text)

    def silent(self):
        """What the guest has said and nobody has looked at yet."""
        while self._more(0):
            pass
        return self.text[self.read:]


class Qemu(Serial):
    """One QEMU with a guest on ttyS0."""

    number = 0

    def __init__(self, program, arguments, work):
        Qemu.number += 1
        self.work = work
        self._qmp = None
        name = f"qemu{Qemu.number}"
        self.path = os.path.join(work, name + ".qmp")
        ours, theirs = socket.socketpair()
        super().__init__(name, ours)
        self.errors = open(os.path.join(work, name + ".err"), "w+",
                           encoding="utf-8", errors="replace")
        command = [program, "-nodefaults", "-display", "none",
                   "-chardev", f"socket,id=com1,fd={theirs.fileno()}",
                   "-serial", "chardev:com1",
                   "-qmp", f"unix:{self.path},server=on,wait=off",
                   *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.errors,
            stderr=self.errors, pass_fds=[theirs.fileno()])
        theirs.close()

    @property
    def qmp(self):
        if not self._qmp:
            self._qmp = Qmp(self.path)
        return self._qmp

    def running(self):
        return self.process.poll() is None

    def ends(self, patience=PATIENCE):
        """Wait until QEMU has ended by itself, with 0."""
        deadline = time.monotonic() + patience
        while self.running():
            self._more(0.1)
            if time.monotonic() > deadline:
                raise Failed("QEMU does not end")
        if self.process.returncode:
            raise Failed(f"QEMU ended with {self.process.returncode}")

    def complaints(self):
        """What QEMU itself wrote."""
        self.errors.flush()
        self.errors.seek(0)
        return self.errors.read()

    def kill(self):
        if self.running():
            self.process.kill()
        self.process.wait()
        self.serial.close()
