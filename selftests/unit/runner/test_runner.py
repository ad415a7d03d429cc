#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Unit tests of selftests/host/lib: what the runner makes of what it hears.

A runner that calls a failure a success makes every other test worthless, so
each way of failing is played to it here.
"""
import io
import os
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../host/lib"))

import archive          # noqa: E402
import bootimage        # noqa: E402
import emulator         # noqa: E402
import ktap             # noqa: E402
import session          # noqa: E402
import testlist         # noqa: E402


def told(lines, exit_code=0):
    test = ktap.Test("t", "cmd", 1000)
    for line in lines:
        test.line(line)
    test.finish(exit_code, 1)
    return test


class Results(unittest.TestCase):
    def counts(self, test, passed, failed, skipped):
        self.assertEqual((test.passed, test.failed, test.skipped),
                         (passed, failed, skipped))

    def test_exit_status_alone(self):
        self.counts(told([]), 1, 0, 0)
        self.counts(told([], 1), 0, 1, 0)
        self.counts(told([], ktap.KSFT_SKIP), 0, 0, 1)
        self.counts(told([], 139), 0, 1, 0)

    def test_tap_is_counted(self):
        test = told(["1..3", "ok 1 - a", "ok 2 b # SKIP no", "ok 3"])
        self.counts(test, 2, 0, 1)
        self.assertEqual(test.verdict(), "ok")

    def test_one_not_ok_fails(self):
        test = told(["1..2", "ok 1 a", "not ok 2 b"])
        self.assertEqual(test.verdict(), "not ok")
        self.assertEqual(test.failures, ["b"])

    def test_not_ok_with_exit_0_fails(self):
        self.assertEqual(told(["1..1", "not ok 1"], 0).verdict(), "not ok")

    def test_plan_not_kept_fails(self):
        test = told(["1..3", "ok 1", "ok 2"])
        self.counts(test, 2, 1, 0)
        self.assertEqual(test.verdict(), "not ok")

    def test_plan_without_results_fails(self):
        self.assertEqual(told(["1..3"]).verdict(), "not ok")

    def test_exit_status_after_good_results_fails(self):
        self.assertEqual(told(["1..1", "ok 1"], 1).verdict(), "not ok")

    def test_skip_plan(self):
        self.counts(told(["1..0 # SKIP no device"], 4), 0, 0, 1)

    def test_several_programs(self):
        test = told(["1..1", "ok 1", "1..2", "ok 1", "ok 2"])
        self.counts(test, 3, 0, 0)
        self.assertEqual(test.verdict(), "ok")

    def test_text_is_no_result(self):
        test = told(["okay", "  not ok 1 nested", "notok", "all ok 1"])
        self.counts(test, 1, 0, 0)


class FakeEmulator(emulator.Emulator):
    name = "fake"

    def explain_end(self, rundir, log_lines):
        return None

    def relevant(self, log_lines):
        return []


class Host(unittest.TestCase):
    def setUp(self):
        self.tests = [ktap.Test(n, n, 1000) for n in ("a", "b", "c")]
        self.out = io.StringIO()
        self.host = session.Host(
            FakeEmulator(), None, "/nonexistent",
            ktap.Report(self.out, 3), self.tests, 60)

    def play(self, *lines):
        for line in lines:
            if line.startswith("k:"):
                self.host.take_kernel(line[2:])
            else:
                self.host.take_line(line)

    def run_one(self, n, code=0, taint=0, between=()):
        self.play(f"@ start {n}", f"k:[ 1.0] @lhv start {n}", *between,
                  f"k:[ 1.0] @lhv end {n}", f"@ end {n} {code} {taint} 5")
        self.host.finish_test()

    def verdicts(self):
        return [t.verdict() for t in self.tests]

    def test_all_good(self):
        for n in range(3):
            self.run_one(n)
        self.play("@ done")
        self.host.account(None)
        self.assertEqual(self.verdicts(), ["ok"] * 3)

    def test_splat_fails_its_test(self):
        for n in range(3):
            self.run_one(n, between=["k:[ 1.0] WARNING: CPU: 0 PID: 1 at x"]
                         if n == 1 else [])
        self.play("@ done")
        self.host.account(None)
        self.assertEqual(self.verdicts(), ["ok", "not ok", "ok"])
        self.assertIn("kernel warning", self.out.getvalue())

    def test_each_kind_of_splat(self):
        for text in ("kernel BUG at mm/x.c:1!", "BUG: kernel NULL pointer",
                     "general protection fault, probably", "WARNING: at x",
                     "INFO: task x:1 blocked for more than 120 seconds.",
                     "rcu: INFO: rcu_preempt self-detected stall on CPU",
                     "WARNING: possible circular locking dependency detected",
                     "watchdog: BUG: soft lockup - CPU#0 stuck",
                     "unchecked MSR access error: RDMSR from 0x1"):
            self.setUp()
            self.run_one(0, between=["k:[ 1.0] " + text])
            self.assertEqual(self.tests[0].verdict(), "not ok", text)

    def test_kernel_line_runs_behind(self):
        self.play("@ start 0", "k:[ 1.0] @lhv start 0", "@ end 0 0 0 5",
                  "k:[ 1.0] Oops: 0000 [#1]", "k:[ 1.0] @lhv end 0")
        self.host.finish_test()
        self.assertEqual(self.tests[0].verdict(), "not ok")

    def test_taint_fails(self):
        self.run_one(0, taint=1 << 9)
        self.run_one(1, taint=1 << 9)
        self.assertEqual(self.verdicts()[:2], ["not ok", "ok"])

    def test_taint_of_the_boot_does_not(self):
        self.play(f"@ ready {1 << 9}")
        self.run_one(0, taint=1 << 9)
        self.assertEqual(self.tests[0].verdict(), "ok")

    def test_second_boot_is_a_reset(self):
        self.play("@ ready 0", "@ start 0", "@ ready 0")
        self.assertTrue(self.host.reset)

    def test_foreign_module_taint_does_not(self):
        self.run_one(0, taint=1 << 12 | 1 << 13)
        self.assertEqual(self.tests[0].verdict(), "ok")

    def test_death_fails_all_that_follow(self):
        self.run_one(0)
        self.play("@ start 1")
        self.host.account("the host was reset")
        self.assertEqual(self.verdicts(), ["ok", "not ok", "not ok"])
        self.assertIn("not run", self.tests[2].problems[0])

    def test_plan_ended_early_fails(self):
        self.run_one(0)
        self.play("@ done")
        self.host.account(None)
        self.assertEqual(self.verdicts(), ["ok", "not ok", "not ok"])

    def test_timeout_fails(self):
        self.play("@ start 0", "@ timeout 0", "@ end 0 137 0 5")
        self.host.finish_test()
        self.assertIn("timed out", self.tests[0].problems[0])

    def test_slow_only_where_it_is_asked_and_by_its_own_clock(self):
        self.play("@ start 0")
        self.assertFalse(self.host.too_slow(time.monotonic() + 1000))
        self.host.slowest = 0.1         # the limit is 1 G: 10 seconds
        self.run_one(1)
        self.assertFalse(self.host.too_slow(time.monotonic() + 1000))
        self.play("@ start 2")
        self.assertFalse(self.host.too_slow(time.monotonic() + 9))
        self.assertTrue(self.host.too_slow(time.monotonic() + 11))

    def test_a_test_cannot_forge_an_end(self):
        self.play("@ start 0", ">@ end 0 0 0 5", ">@ done")
        self.assertEqual(self.host.current, 0)
        self.assertFalse(self.host.done)


class Images(unittest.TestCase):
    def test_cpio_reads_back(self):
        root = archive.Initramfs()
        root.data("a/b", b"content", 0o755)
        root.symlink("link", "a/b")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.cpio")
            root.write(path)
            with open(path, "rb") as f:
                subprocess.run(["cpio", "-idm", "--quiet",
                                "--no-absolute-filenames", "--nonmatching",
                                "dev/console"], stdin=f, cwd=folder,
                               check=True)
            with open(os.path.join(folder, "link"), "rb") as f:
                self.assertEqual(f.read(), b"content")
            self.assertTrue(os.access(os.path.join(folder, "a/b"), os.X_OK))

    def test_boot_parameters(self):
        header = bytes(range(32))
        image = bootimage.parameters(header, "console=x", 0x6000000, 1234)
        at = bootimage.SETUP_HEADER
        self.assertEqual(image[at:at + 8], header[:8])
        self.assertEqual(bootimage.field(image, 0x218, "I"), 0x6000000)
        self.assertEqual(bootimage.field(image, 0x21c, "I"), 1234)
        line = bootimage.field(image, 0x228, "I") - bootimage.BOOT_PARAMS
        self.assertEqual(image[line:line + 10], b"console=x\0")

    def test_page_tables_map_identity(self):
        image = bootimage.parameters(b"", "", 0, 0)

        def entry(table, index):
            return bootimage.field(
                image, (table & ~0xfff) - bootimage.BOOT_PARAMS + index * 8,
                "Q")

        for address in (0, 0x1234567, 0xdeadbeef):
            table = bootimage.PAGE_TABLES
            for shift in (39, 30):
                table = entry(table, address >> shift & 511)
                self.assertEqual(table & 3, 3)
            leaf = entry(table, address >> 21 & 511)
            self.assertEqual(leaf & 0x83, 0x83)
            self.assertEqual(leaf & ~0x1fffff, address & ~0x1fffff)

    def test_long_command_line_is_refused(self):
        with self.assertRaises(bootimage.BootError):
            bootimage.parameters(b"", "x" * 4096, 0, 0)

    def test_junk_is_no_kernel(self):
        with tempfile.NamedTemporaryFile() as f:
            f.write(b"\0" * 4096)
            f.flush()
            with self.assertRaises(bootimage.BootError):
                bootimage.Kernel(f.name)


class Lists(unittest.TestCase):
    def test_both_runs_on_both(self):
        entries = [testlist.Entry("x", "both", "5", "x --device {device}"),
                   testlist.Entry("y", "lhv", "5", "y {device}")]
        plan = testlist.plan(entries, "bochs")
        self.assertIn("kvm.x@5G:x --device /dev/kvm", plan)
        self.assertIn("lhv.x@5G:x --device /dev/lhv", plan)
        self.assertIn("lhv.y@5G:y /dev/lhv", plan)
        self.assertFalse([p for p in plan if p.startswith("kvm.y")])
        self.assertLess(plan.index("kvm.x@5G:x --device /dev/kvm"),
                        plan.index("lhv.load@5G:insmod /lhv.ko"))

    def test_kvm_is_spared_what_it_cannot(self):
        entries = [testlist.Entry("linux-2-cpus", "both", "5", "x {device}")]
        self.assertFalse([p for p in testlist.plan(entries, "tcg")
                          if p.startswith("kvm.")])
        self.assertTrue([p for p in testlist.plan(entries, "bochs")
                         if p.startswith("kvm.linux")])

    def test_debug_build_comes_last(self):
        entries = [testlist.Entry("z", "debug", "5", "z {device}"),
                   testlist.Entry("y", "lhv", "5", "y {device}")]
        plan = testlist.plan(entries, "bochs")
        self.assertEqual(plan[-3:], ["debug.load@5G:insmod /lhv-debug.ko",
                                     "debug.z@5G:z /dev/lhv",
                                     "debug.unload@5G:rmmod lhv"])
        self.assertFalse([p for p in plan if p.startswith("lhv.z")])
        self.assertFalse(testlist.wants_debug(entries[1:]))

    def test_hosts_behind_a_device(self):
        entries = [testlist.Entry("x", "lhv:bochs,kvm", "5", "x"),
                   testlist.Entry("y", "lhv", "5", "y")]
        names = [e.name for e in testlist.for_host(entries, "tcg")]
        self.assertEqual(names, ["y"])
        names = [e.name for e in testlist.for_host(entries, "bochs")]
        self.assertEqual(names, ["x", "y"])
        self.assertEqual(entries[0].device, "lhv")

    def test_bad_line_is_refused(self):
        with tempfile.NamedTemporaryFile("w") as f:
            f.write("name everywhere 5 command\n")
            f.flush()
            with self.assertRaises(ValueError):
                testlist.read(f.name)


class Tap(unittest.TextTestResult):
    """Results of unittest as TAP."""

    def _line(self, word, test, directive=""):
        name = test.id().partition(".")[2]
        print(f"{word} {self.testsRun} - {name}{directive}", flush=True)

    def addSuccess(self, test):
        self._line("ok", test)

    def addFailure(self, test, err):
        self._tell(test, err)

    def addError(self, test, err):
        self._tell(test, err)

    def _tell(self, test, err):
        super().addFailure(test, err)
        self._line("not ok", test)
        for line in self._exc_info_to_string(err, test).splitlines():
            print(f"# {line}")


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(
        sys.modules[__name__])
    print(f"1..{suite.countTestCases()}")
    with open(os.devnull, "w", encoding="ascii") as null:
        result = Tap(unittest.runner._WritelnDecorator(null), False, 0)
        suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
