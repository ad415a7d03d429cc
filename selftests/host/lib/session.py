# SPDX-License-Identifier: GPL-2.0
"""One life of a host: starts it, hears it, and says how each test ended.

Called by run. Everything that can go wrong with a host is recognized here: a
splat, a panic, a reset, a hang, an emulator that dies. Knows the two serial
lines (see init.c), no emulator's details and no test's meaning.
"""
import collections
import os
import re
import selectors
import time

# What a kernel prints when something is wrong, and what to call it.
SPLATS = [
    (r"Kernel panic - not syncing", "panic"),
    (r"kernel BUG at|BUG: |Oops: ", "oops"),
    (r"general protection fault|unable to handle", "oops"),
    (r"WARNING: ", "warning"),
    (r"possible (recursive|circular) locking|inconsistent lock state|"
     r"suspicious RCU usage|lock held when returning|bad unlock balance",
     "lockdep"),
    (r"soft lockup|hard LOCKUP", "lock-up"),
    (r"rcu.*(detected stalls|self-detected stall|detected expedited)",
     "RCU stall"),
    (r"INFO: task .* blocked for more than", "blocked task"),
    (r"KASAN: |UBSAN: |KCSAN: |KFENCE: ", "sanitizer"),
    (r"scheduling while atomic|sleeping function called from invalid",
     "sleep in atomic context"),
    (r"refcount_t: |list_(add|del) corruption|Bad page state", "corruption"),
    (r"Module .* is unsafe|unchecked MSR access", "kernel error"),
]
SPLATS = [(re.compile(pattern), name) for pattern, name in SPLATS]

# Taint bits a test must not set: bad page, machine check, died, warned,
# soft lock-up. (Foreign and unsigned modules taint too: that is us.)
TAINTS = {4: "machine check", 5: "bad page", 7: "oops", 9: "warning",
          14: "soft lock-up"}

BOOT_SECONDS = 150
CONTEXT_LINES = 40


class Host:
    def __init__(self, emulator, machine, rundir, report, tests, timeout,
                 log=None, verbose=False):
        self.emulator = emulator
        self.machine = machine
        self.rundir = rundir
        self.report = report
        self.tests = tests
        self.deadline = time.monotonic() + timeout
        self.timeout = timeout
        self.log = log
        self.verbose = verbose
        self.kernel_log = collections.deque(maxlen=400)
        self.emulator_log = collections.deque(maxlen=400)
        self.current = None
        self.started = 0
        self.ended = None               # of a test: waits for its kernel log
        self.done = False
        self.ready = False
        self.reset = False
        self.panic_at = None
        self.after_panic = 3    # seconds, for the rest of its words
        self.slowest = None     # G cycles a second, of a test
        self.test_deadline = None
        self.taint = None
        self.splat_lines = 0
        self.marked = set()             # tests whose kernel log is complete
        self.kernel_current = None      # the test, by the kernel's own line

    # Life

    def run(self):
        lines = {}
        with selectors.DefaultSelector() as selector:
            for fd, take in self.open_lines():
                lines[fd] = [b"", take]
                selector.register(fd, selectors.EVENT_READ)
            start = time.monotonic()
            process = self.emulator.start(self.machine, self.rundir)
            try:
                why = self.listen(process, selector, lines)
            finally:
                if process.poll() is None:
                    process.kill()
                process.wait()
        # What was on its way when the process ended.
        for fd in lines:
            self.read(fd, lines)
            os.close(fd)
        self.finish_test()
        self.account(why)
        self.seconds = time.monotonic() - start

    def open_lines(self):
        return [(self.fifo("serial0"), self.take_line),
                (self.fifo("serial1"), self.take_kernel),
                (self.fifo("emulator.log"), self.take_emulator)]

    def fifo(self, name):
        path = os.path.join(self.rundir, name)
        os.mkfifo(path)
        return os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def read(self, fd, lines):
        while True:
            try:
                data = os.read(fd, 65536)
            except BlockingIOError:
                return
            *whole, rest = (lines[fd][0] + data).split(b"\n")
            lines[fd][0] = rest
            for line in whole:
                lines[fd][1](line.decode(errors="replace").strip("\r"))

    def listen(self, process, selector, lines):
        """Until the host is gone or given up; returns why, or None."""
        self.heard(process)
        off_by = None
        while True:
            for key, _ in selector.select(0.2):
                self.read(key.fd, lines)
            now = time.monotonic()
            if self.spoke:
                self.heard(process)
            if self.ended and (self.ended[0] in self.marked or
                               now > self.ended[-1]):
                self.finish_test()
            if process.poll() is not None:
                for fd in lines:
                    self.read(fd, lines)
                return self.end_of_process()
            if self.done:
                off_by = off_by or now + 20
                if now > off_by:
                    return None
            elif self.reset:
                return "the host was reset"
            elif self.panic_at and now > self.panic_at + self.after_panic:
                return "the host's kernel panicked"
            elif now > self.deadline:
                return f"the run's time ({self.timeout} s) is over"
            elif self.too_slow(now):
                return "the test takes too long by the clock on the wall"
            elif self.silent_too_long(process, now):
                return ("the host hangs: it said nothing for "
                        f"{now - self.last_heard:.0f} s")

    def heard(self, process):
        self.spoke = False
        self.last_heard = time.monotonic()
        self.cpu_at_last = cpu_seconds(process.pid)

    def too_slow(self, now):
        return self.test_deadline is not None and now > self.test_deadline

    def silent_too_long(self, process, now):
        limit = self.emulator.patience if self.ready else BOOT_SECONDS
        limit *= max(1, self.machine.cpus)
        if now - self.last_heard < limit:
            return False
        # A machine under load may be slow to give the emulator its turn.
        used = cpu_seconds(process.pid) - self.cpu_at_last
        return used > limit or now - self.last_heard > 4 * limit

    def end_of_process(self):
        if self.done:
            return None
        return (self.emulator.explain_end(self.rundir, self.emulator_log)
                or ("the host's kernel panicked" if self.panic_at else
                    "the host was reset or the emulator ended"))

    def account(self, why):
        """Tell what became of the tests that never ended."""
        if self.done:
            why = why or "the host ended its plan early"
        if why and (not self.done or self.current is not None):
            self.report.note(f"host {self.emulator.name}: {why}")
            self.show_logs()
        if self.current is not None:
            test = self.tests[self.current]
            test.not_run(why)
            self.report.result(test)
            self.started = self.current + 1
            self.current = None
        for test in self.tests[self.started:]:
            test.not_run(f"not run: {why}")
            self.report.result(test)

    def show_logs(self):
        emulator = (self.emulator.relevant(self.emulator_log)
                    or self.emulator.said(self.rundir))
        # A panic has been shown already.
        kernel = [] if self.panic_at else list(self.kernel_log)
        for title, log in (("kernel", kernel), ("emulator", emulator)):
            if log:
                self.report.note(f"the {title} log's last lines:")
                for line in log[-CONTEXT_LINES:]:
                    self.report.note(f"  {line}")

    def save(self, where, line):
        if self.log:
            self.log.write(f"{where}: {line}\n")
            self.log.flush()

    # The host's own line

    def take_line(self, line):
        self.spoke = True
        if line.startswith(">"):
            self.save("test", line[1:])
            if self.current is not None and not self.ended:
                self.tests[self.current].line(line[1:])
                self.report.nested(line[1:])
            return
        if line != "@ alive":
            self.save("host", line)
        words = line.split()
        if len(words) < 2 or words[0] != "@":
            return
        act = getattr(self, "host_" + words[1].replace("-", "_"), None)
        if act:
            act(words[2:], line)

    def host_ready(self, words, _line):
        if self.ready:
            self.reset = True
        self.ready = True
        # What the boot itself did is no test's doing.
        self.taint = int(words[0])

    def host_start(self, words, _line):
        self.finish_test()
        self.current = int(words[0])
        self.started = self.current + 1
        if self.slowest:
            self.test_deadline = (time.monotonic() +
                                  self.tests[self.current].limit / 1000 / self.slowest)
        if self.verbose:
            self.report.note(f"start {self.tests[self.current].name}")

    def host_timeout(self, words, _line):
        test = self.tests[int(words[0])]
        test.problems.append("timed out after %g G cycles"
                             % (test.limit / 1000))

    def host_stuck(self, words, _line):
        test = self.tests[int(words[0])]
        test.problems.append("could not be killed")
        self.show_logs()

    def host_end(self, words, _line):
        number, code, taint, cycles = (int(w) for w in words)
        self.ended = (number, code, taint, cycles, time.monotonic() + 3)

    def host_done(self, _words, _line):
        self.done = True

    def host_note(self, _words, line):
        self.report.note(f"host: {line[2:]}")

    host_module_failed = host_note
    host_data_failed = host_note

    def finish_test(self):
        if not self.ended:
            return
        number, code, taint, cycles, _ = self.ended
        self.ended = None
        self.current = None
        self.test_deadline = None
        test = self.tests[number]
        fresh = taint & ~(self.taint or 0)
        self.taint = taint
        for bit, name in TAINTS.items():
            if fresh >> bit & 1 and not any(name in p for p in test.problems):
                test.problems.append(f"the kernel is tainted: {name}")
        test.finish(code, cycles)
        self.report.result(test)

    # The kernel's line

    def take_kernel(self, line):
        if not line.strip():
            return
        self.save("kernel", line)
        mark = re.search(r"@lhv (start|end|timeout) (\d+)$", line)
        if mark:
            if mark.group(1) == "end":
                self.marked.add(int(mark.group(2)))
            else:
                self.kernel_current = int(mark.group(2))
            return
        self.kernel_log.append(line)
        if self.splat_lines:
            self.splat_lines -= 1
            self.report.note(f"  {line}")
            if "---[ end" in line:
                self.splat_lines = 0
                return
        for pattern, name in SPLATS:
            if pattern.search(line):
                self.splat(name, line)
                break

    def splat(self, name, line):
        text = re.sub(r"^\[[^]]*\]\s*", "", line)
        if not self.splat_lines:
            self.report.note(f"kernel {name}: {text}")
            self.splat_lines = CONTEXT_LINES
        if name == "panic":
            self.panic_at = time.monotonic()
        if self.kernel_current is not None:
            problems = self.tests[self.kernel_current].problems
            if not any(p.startswith(f"kernel {name}") for p in problems):
                problems.append(f"kernel {name}: {text}")

    # The emulator's line

    def take_emulator(self, line):
        self.emulator_log.append(line)


def cpu_seconds(pid):
    """Processor time a process has used, all its threads together."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
