# SPDX-License-Identifier: GPL-2.0
"""Results: reads what a test prints, writes KTAP, keeps the count.

Called by session. A test that speaks TAP itself is passed through, nested,
and its own results are counted; one that does not counts as one result by its
exit code, with the kernel selftests' meaning of it. Knows no host.
"""
import json
import re

KSFT_SKIP = 4
# What is kept of a test's output; a test that never stops printing is cut.
OUTPUT_LINES = 100000

_RESULT = re.compile(r"^(ok|not ok)\b\s*(\d+)?\s*-?\s*(.*)$")
_PLAN = re.compile(r"^1\.\.(\d+)\s*(#\s*skip\b.*)?$", re.I)
_SKIP = re.compile(r"#\s*skip\b", re.I)
_TODO = re.compile(r"#\s*(todo|xfail)\b", re.I)


class Test:
    """One command that runs in a host, and what came of it."""

    def __init__(self, name, command, limit):
        self.name = name
        self.command = command
        self.limit = limit              # million cycles
        self.passed = self.failed = self.skipped = 0
        self.planned = None
        self.problems = []              # why it failed, beyond its results
        self.exit = None
        self.cycles = None
        self.failures = []
        self.passes = []
        self.output = []

    def line(self, text):
        if len(self.output) < OUTPUT_LINES:
            self.output.append(text)
        plan = _PLAN.match(text)
        if plan:
            # A command may run several programs, each with its own plan.
            self.planned = (self.planned or 0) + int(plan.group(1))
            if plan.group(2):
                self.planned += 1
                self.skipped += 1
            return
        result = _RESULT.match(text)
        if not result:
            return
        name = result.group(3).strip()
        if _SKIP.search(text):
            self.skipped += 1
        elif result.group(1) == "ok":
            self.passed += 1
            self.passes.append(name)
        elif _TODO.search(text):
            self.skipped += 1
        else:
            self.failed += 1
            self.failures.append(name)

    def seen(self):
        return self.passed + self.failed + self.skipped

    def finish(self, exit_code, cycles):
        self.exit = exit_code
        self.cycles = cycles
        if self.planned is not None and self.seen() != self.planned:
            self.problems.append(
                f"planned {self.planned} results, gave {self.seen()}")
        if not self.seen():
            if exit_code == KSFT_SKIP:
                self.skipped = 1
            elif exit_code == 0 and not self.problems:
                self.passed = 1
            else:
                self.failed = 1
        if exit_code not in (0, KSFT_SKIP):
            self.problems.append(
                "killed by signal %d" % (exit_code - 128)
                if exit_code > 128 else f"exit status {exit_code}")
        # Trouble beyond the results is one more failure of its own.
        if self.problems and not self.failed:
            self.failed += 1

    def not_run(self, why):
        self.problems.append(why)
        if not self.failed:
            self.failed += 1

    def verdict(self):
        if self.failed or self.problems:
            return "not ok"
        return "ok"

    def as_dict(self):
        keys = ("name", "command", "passed", "failed", "skipped", "exit",
                "cycles", "problems", "failures", "passes")
        return {key: getattr(self, key) for key in keys}


class Report:
    """The stream that a person, or the kernel's own runner, reads."""

    def __init__(self, out, total):
        self.out = out
        self.number = 0
        self.say("TAP version 13")
        self.say(f"1..{total}")

    def say(self, text):
        print(text, file=self.out, flush=True)

    def note(self, text):
        self.say(f"# {text}")

    def nested(self, text):
        tap = _RESULT.match(text) or _PLAN.match(text) or text[:1] == "#"
        self.say(f"  {text}" if tap
                 else f"  # {text}")

    def result(self, test):
        self.number += 1
        for problem in test.problems:
            self.note(f"{test.name}: {problem}")
        if test.cycles is not None:
            self.note(f"{test.name}: {test.cycles / 1e9:.2f} G cycles")
        skip = " # SKIP" if test.verdict() == "ok" and not test.passed else ""
        self.say(f"{test.verdict()} {self.number} - {test.name}{skip}")


class Raw:
    """Only what the command printed, for use by hand."""

    def __init__(self, out, err):
        self.out = out
        self.err = err

    def note(self, text):
        print(f"# {text}", file=self.err, flush=True)

    def nested(self, text):
        print(text, file=self.out, flush=True)

    def result(self, test):
        for problem in test.problems:
            if not problem.startswith("exit status"):
                self.note(problem)


def save(path, tests, host):
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"host": host, "tests": [t.as_dict() for t in tests]}, f,
                  indent=1)
        f.write("\n")
