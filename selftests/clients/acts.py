# SPDX-License-Identifier: GPL-2.0
"""What cases do to a guest besides booting it, one function each.

Called by case.py by the name that stands in cases.py, with a Run (case.py), whose
QEMU has just been started. What a guest answers is guest-init's.
"""
import os
import subprocess
import sys
import time

from gdb import Gdb
from qemu import PATIENCE, Failed


def press_keys(run):
    qemu = run.qemu
    qemu.expect("guest: listens to event")
    time.sleep(0.5)
    qemu.qmp("send_key", keys=[{"type": "qcode", "data": "a"}])
    run.finish()


def colours(path):
    """How many different pixels a PPM has, and its size."""
    with open(path, "rb") as f:
        magic, size, _ = f.readline(), f.readline().split(), f.readline()
        pixels = f.read()
    if magic != b"P6\n":
        raise Failed("the screen is no PPM")
    width, height = int(size[0]), int(size[1])
    lit = sum(1 for i in range(0, len(pixels), 3) if any(pixels[i:i + 3]))
    return width, height, lit


def look_at_screen(run):
    """Text that fills the screen lights more of it than what was there."""
    path = os.path.join(run.work, "screen.ppm")
    run.qemu.expect("guest: look at the screen")
    # QEMU draws when it comes to it
    for _ in range(20):
        time.sleep(1)
        run.qemu.qmp("screendump", filename=path)
        width, height, lit = colours(path)
        if lit >= width * height // 20:
            break
    else:
        raise Failed(f"of {width} x {height} pixels {lit} are lit")
    run.note(f"{width} x {height}, {lit} pixels lit")
    run.qemu.say("\n")
    run.finish()


def serve_http(run):
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", "--bind", "10.1.1.1",
         "--directory", "/srv/lhv/tftp", "80"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        run.finish()
    finally:
        server.kill()


def call_vsock(run):
    run.qemu.expect("vsock: listening")
    done = subprocess.run(["/srv/lhv/guest-tool", "call", "3", "1234"],
                          check=False, capture_output=True, text=True,
                          timeout=PATIENCE)
    if done.returncode:
        raise Failed("vsock: " + done.stderr)
    run.finish()


def rounds(qemu, more):
    """Wait until the guest's work has gone on by so many rounds."""
    qemu.expect("work: ")
    start = int(qemu.expect(" rounds").split()[0])
    now = start
    while now < start + more:
        qemu.expect("work: ")
        now = int(qemu.expect("\n").split()[0])
    return now


def end_work(run, qemu):
    qemu.say("\n")
    qemu.expect("work: right")
    run.finish()


def stop_and_cont(run):
    qemu = run.qemu
    rounds(qemu, 2)
    for _ in range(10):
        qemu.qmp("stop")
        time.sleep(0.3)
        qemu.qmp("cont")
        time.sleep(0.3)
    rounds(qemu, 2)
    end_work(run, qemu)


def save_and_load(run):
    """A snapshot into a qcow2 disk, twice gone back to."""
    qemu = run.qemu
    rounds(qemu, 2)
    for line in ("savevm one", "loadvm one"):
        said = qemu.qmp.human(line)
        if said.strip():
            raise Failed(f"{line}: {said}")
    rounds(qemu, 2)
    said = qemu.qmp.human("loadvm one")
    if said.strip():
        raise Failed(f"loadvm: {said}")
    rounds(qemu, 2)
    end_work(run, qemu)


def wait_for_migration(qemu):
    deadline = time.monotonic() + PATIENCE
    while True:
        state = qemu.qmp("query_migrate")
        if state.get("status") == "completed":
            return state
        if state.get("status") in ("failed", "cancelled"):
            raise Failed(f"migration: {state}")
        if time.monotonic() > deadline:
            raise Failed(f"migration does not end: {state}")
        time.sleep(0.1)


def move(run):
    """The guest goes on in another QEMU; the old one is gone afterwards."""
    source = run.qemu
    path = os.path.join(run.work, "migration")
    target = run.start(["-incoming", f"unix:{path}"])
    target.qmp.human("info status")
    source.qmp("migrate", uri=f"unix:{path}")
    state = wait_for_migration(source)
    if os.path.exists(path):
        os.unlink(path)
    source.qmp("quit")
    source.ends()
    run.qemu = target
    return state


def migrate(run):
    rounds(run.qemu, 1)
    state = move(run)
    run.note(f"downtime {state.get('downtime')} ms, "
             f"{state['ram']['transferred'] >> 20} MiB moved")
    rounds(run.qemu, 2)
    end_work(run, run.qemu)


def migrate_20(run):
    """Twenty moves in a row; every page, clock and sleep is looked at meanwhile."""
    longest = 0
    for _ in range(20):
        rounds(run.qemu, 1)
        longest = max(longest, move(run).get("downtime", 0))
    run.note(f"20 moves, the longest downtime {longest} ms")
    rounds(run.qemu, 2)
    end_work(run, run.qemu)


def cross(run):
    """Saved on one hypervisor, gone on with on the other: case.py runs twice."""
    path = "/tmp/crossing"
    if run.stage == "save":
        rounds(run.qemu, 2)
        run.qemu.qmp("stop")
        run.qemu.qmp("migrate", uri=f"exec:cat >{path}")
        wait_for_migration(run.qemu)
        run.qemu.qmp("quit")
        run.qemu.ends()
        run.finished = True
        return
    # it was stopped when it was saved, and is when it has come in
    deadline = time.monotonic() + PATIENCE
    while run.qemu.qmp("query_status")["status"] == "inmigrate":
        if time.monotonic() > deadline:
            raise Failed("the guest does not come in")
        time.sleep(0.1)
    run.qemu.qmp("cont")
    rounds(run.qemu, 2)
    end_work(run, run.qemu)


def reset_often(run):
    qemu = run.qemu
    for _ in range(4):
        qemu.expect("guest: waits")
        qemu.qmp("system_reset")
    # and at times when nobody expects it
    for i in range(10):
        time.sleep(0.2 * i)
        qemu.qmp("system_reset")
    qemu.forget()
    qemu.expect("guest: waits")
    qemu.say("\n")
    run.finish()


def watch_reboots(run):
    for _ in range(3):
        run.qemu.expect("guest: reboots")
    run.qemu.qmp("quit")
    run.qemu.ends()
    run.finished = True


def debug_by_gdb(run):
    """A breakpoint in the debug registers, steps from there, and on."""
    qemu = run.qemu
    qemu.expect("guest: symbol ")
    start = int(qemu.expect(" end").split()[0], 16)
    qemu.expect("guest: waits")
    path = os.path.join(run.work, "gdb")
    qemu.qmp.human(f"gdbserver unix:{path},server=on,wait=off")
    gdb = Gdb(path)
    gdb.okay(f"Z1,{start:x},1")
    qemu.say("\n")              # the guest goes on, and opens something
    gdb.stopped("c")
    if gdb.rip() != start:
        raise Failed(f"stopped at {gdb.rip():#x}, not at {start:#x}")
    gdb.okay(f"z1,{start:x},1")
    seen = {start}
    for _ in range(8):
        gdb.stopped("s")
        if gdb.rip() in seen:
            raise Failed(f"a step does not get away from {gdb.rip():#x}")
        seen.add(gdb.rip())
    gdb.send("D")
    gdb.close()
    run.finish()


# ---- libvirt ----

def virsh(*words, fails=False):
    done = subprocess.run(["virsh", "-c", "qemu:///system", *words],
                          check=False, capture_output=True, text=True,
                          timeout=PATIENCE)
    if bool(done.returncode) != fails:
        raise Failed(f"virsh {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def start_libvirt(run):
    """The daemon, for this case alone."""
    for folder in ("/run/libvirt", "/var/log/libvirt/qemu",
                   "/var/lib/libvirt/qemu", "/var/cache/libvirt/qemu"):
        os.makedirs(folder, exist_ok=True)
    log = open(os.path.join(run.work, "libvirtd.log"), "w+",
               encoding="utf-8", errors="replace")
    daemon = subprocess.Popen(["libvirtd"], stdin=subprocess.DEVNULL,
                              stdout=log, stderr=log)
    run.daemons.append(daemon)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            run.note("; ".join(virsh("version").split("\n")[:4]))
            return
        except Failed as error:
            log.seek(0)
            if daemon.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"{error}; libvirtd: {log.read()[-600:]}") from None
        time.sleep(0.5)


def domain_capabilities(run):
    start_libvirt(run)
    said = virsh("domcapabilities", "--virttype", "kvm", "--machine", "q35")
    for words in ("<domain>kvm</domain>", "<mode name='host-passthrough' "
                  "supported='yes'"):
        if words not in said:
            raise Failed(f"domcapabilities do not have {words}")
    run.finished = True


def domain_state(wanted):
    state = virsh("domstate", "lhv").strip()
    if state != wanted:
        raise Failed(f"the domain is {state}, not {wanted}")


def domain_life(run):
    """Defined, started, paused, saved, restored, and gone."""
    start_libvirt(run)
    virsh("define", "/srv/lhv/domain.xml")
    virsh("start", "lhv")
    run.watch("/tmp/lhv.console")
    rounds(run.qemu, 2)
    virsh("suspend", "lhv")
    domain_state("paused")
    virsh("resume", "lhv")
    domain_state("running")
    rounds(run.qemu, 1)
    virsh("save", "lhv", "/tmp/lhv.saved")
    domain_state("shut off")
    virsh("restore", "/tmp/lhv.saved")
    run.watch("/tmp/lhv.console")
    rounds(run.qemu, 2)
    virsh("destroy", "lhv")
    domain_state("shut off")
    virsh("undefine", "lhv")
    if "work: WRONG" in "".join(q.text for q in run.qemus):
        raise Failed("the guest's work came out wrong")
    run.finished = True


def send_nmi(run):
    qemu = run.qemu
    qemu.expect("guest: waits")
    qemu.qmp("inject_nmi")
    qemu.expect("NMI")
    qemu.expect("Kernel panic")
    qemu.qmp("quit")
    qemu.ends()
    run.finished = True
