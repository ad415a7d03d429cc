# SPDX-License-Identifier: GPL-2.0
"""A host whose first serial line is the user's terminal.

Called by run for --interactive. The emulator gets a pty; this file carries
bytes between it and the terminal it was started from, which is raw only while
a command in the host owns it and is restored on every way out. Knows of a
host's life only what session tells.
"""
import os
import pty
import selectors
import sys
import termios
import time
import tty

import session

START = b"@ interactive"
END = b"@ left "
ESCAPE = 0x1d                   # Ctrl-]


class InteractiveHost(session.Host):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.status = None
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        os.set_blocking(self.master, False)
        self.machine.terminal = os.ttyname(self.slave)
        self.saved = None

    # Before and after, the line speaks as it does in every host.

    def open_lines(self):
        return [(self.master, self.take_line),
                (self.fifo("serial1"), self.take_kernel),
                (self.fifo("emulator.log"), self.take_emulator)]

    def host_interactive(self, _words, _line):
        self.bridging = True

    def host_left(self, words, _line):
        self.status = int(words[0])

    bridging = False

    def read(self, fd, lines):
        if fd != self.master:
            super().read(fd, lines)
            return
        try:
            data = os.read(fd, 65536)
        except (BlockingIOError, OSError):
            return
        self.split(lines[fd][0] + data, lines[fd])

    def split(self, data, pending):
        """Lines up to where a command takes the line over, its bytes then."""
        while not self.bridging:
            line, newline, data = data.partition(b"\n")
            if not newline:
                pending[0] = line
                return
            pending[0] = b""
            self.take_line(line.decode(errors="replace").strip("\r"))
            if self.bridging:
                self.take_terminal()
        self.spoke = True
        self.show(data, pending)

    def show(self, data, pending):
        """Pass on what the command wrote, up to the mark of its end."""
        pending[0] = b""
        at = data.find(b"\n" + END)
        if at >= 0 and b"\n" in data[at + 1:]:
            self.write(data[:at])
            self.give_back()
            self.bridging = False
            self.split(data[at + 1:], pending)
            return
        # The mark may come in pieces.
        keep = len(data) - at if at >= 0 else 0
        for n in range(1, len(END) + 1):
            if not keep and data.endswith((b"\n" + END)[:n]):
                keep = n
        self.write(data[:len(data) - keep])
        pending[0] = data[len(data) - keep:]

    @staticmethod
    def write(data):
        while data:
            data = data[os.write(1, data):]

    # The user's terminal

    def take_terminal(self):
        if os.isatty(0):
            self.saved = termios.tcgetattr(0)
            tty.setraw(0)

    def give_back(self):
        if self.saved:
            termios.tcsetattr(0, termios.TCSADRAIN, self.saved)
            self.saved = None

    def listen(self, process, selector, lines):
        self.heard(process)
        try:
            selector.register(0, selectors.EVENT_READ)
        except (PermissionError, ValueError):
            pass                # a file or nothing: no input then
        while True:
            for key, _ in selector.select(0.2):
                if key.fd == 0:
                    if not self.typed(selector):
                        return "ended by the user"
                else:
                    self.read(key.fd, lines)
            now = time.monotonic()
            if self.bridging or self.spoke:
                self.heard(process)
            if process.poll() is not None:
                for fd in lines:
                    self.read(fd, lines)
                return self.end_of_process()
            if self.panic_at and now > self.panic_at + 3:
                return "the host's kernel panicked"
            if not self.bridging and self.silent_too_long(process, now):
                return "the host hangs"

    def typed(self, selector):
        """Carry keystrokes; false for the key that ends the host."""
        if not self.bridging and os.isatty(0):
            # It stays with the terminal until somebody in the host reads.
            time.sleep(0.05)
            return True
        data = os.read(0, 4096)
        if not data:
            selector.unregister(0)
            return True
        if ESCAPE in data and os.isatty(0):
            return False
        if self.bridging:
            try:
                os.write(self.master, data)
            except BlockingIOError:
                pass
        return True

    def run(self):
        try:
            super().run()
        finally:
            self.give_back()
            os.close(self.slave)
            sys.stdout.flush()
