#!/usr/bin/env python3
"""Measures the bounds with five sources at once, the cluster alone beside it.

whole.py BINARY LAB_DIR [AGENTS]    a lab that is up with --all; default 500
  SOAK=SECONDS   how long the soak is; default 120

Each row: what, the bound, what was measured, and by what it is to be judged.
"""
import os, signal, subprocess, sys, time

import bench
from bench import ENV, LAB, TOP, Console, lab, percentile, row

AGENTS = sys.argv[3] if len(sys.argv) > 3 else "500"
ALONE = ("--kubeconfig", bench.CONFIG, "-A")


def alone(yes):
    """A folder without a configuration, or the lab's, which names all five."""
    ENV["XDG_CONFIG_HOME"] = os.path.join(LAB, "none" if yes else "config")
    return ALONE if yes else ()


def storm(seconds, changes="100", rows="1000"):
    """The cluster's objects change, and rows are written."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": ENV}
    script = os.path.join(TOP, "scripts/lab")
    return [subprocess.Popen([script, "storm", changes, str(seconds), "--same-size"], **quiet),
            subprocess.Popen([script, "storm-pg", rows, str(seconds)], **quiet)]


def first_frame():
    for yes in (True, False):
        times, args = [], alone(yes)
        for _ in range(11):
            c = Console(*args)
            c.read(1, until=b"\x1b")
            times.append(c.first * 1000)
            c.end()
        row("first frame, from exec, " + ("a cluster alone" if yes else "five sources"), "<= 15 ms",
            f"{percentile(times, .5):.1f} ms", f"of 11: {min(times):.1f} to {max(times):.1f}")


def memory_and_rest():
    for yes in (True, False):
        what = "a cluster alone" if yes else "five sources"
        c = Console(*alone(yes), "--no-picture", "--no-clock")
        c.read(12)
        cpu, sent, at = c.cpu(), c.bytes, time.monotonic()
        c.read(20)
        secs = time.monotonic() - at
        row(f"{AGENTS} agents of each kind, {what}: private, peak", "<= 5 MB" if yes else "-", f"{c.peak / 1024:.1f} MB",
            f"resident {c.status('VmRSS') / 1024:.1f} MB")
        row(f"CPU with what it says by itself, {what}", "<= 1 %" if yes else "-", f"{(c.cpu() - cpu) / secs * 100:.2f} %",
            f"{(c.bytes - sent) / secs:.0f} bytes/s")
        c.end()


def steady():
    for yes in (True, False):
        c = Console(*alone(yes), "--no-picture")
        c.read(8)
        storms = storm(22, "100", "100")
        c.read(3)
        cpu, at = c.cpu(), time.monotonic()
        c.read(15)
        row("CPU, 100 changes/s" + (", the cluster alone" if yes else " and 100 rows/s, five sources"), "<= 1 %" if yes else "-",
            f"{(c.cpu() - cpu) / (time.monotonic() - at) * 100:.1f} %")
        for s in storms:
            s.wait()
        c.end()


def keys():
    c = Console(*alone(False), "--no-picture", w=140, h=40)
    c.read(8)

    def press(what, count=120):
        times = []
        for i in range(count):
            times.append(c.key(b"j" if i % 40 < 20 else b"k"))
            c.read(0.05)
        row("key to screen, p99, five sources, " + what, "<= 16 ms", f"{percentile(times, .99):.1f} ms",
            f"median {percentile(times, .5):.1f}")

    storms = storm(15)
    c.read(1.5)
    press("100 changes/s, 1 000 rows/s")
    for s in storms:
        s.wait()
    for name in ("apiserver", "plane", "postgres", "graph"):
        with open(os.path.join(LAB, "run", name)) as f:
            pid = int(f.read().split()[0])
        os.kill(pid, signal.SIGSTOP)
        try:
            press(f"{name} hangs", 60)
        finally:
            os.kill(pid, signal.SIGCONT)
        c.read(3)
    c.end()


def soak():
    secs = int(os.environ.get("SOAK", "120"))
    c = Console(*alone(False), "--no-picture")
    storms = storm(secs + 5, "200", "200")
    c.read(30)
    marks = []
    for _ in range(8):
        c.read((secs - 35) / 8)
        marks.append(c.status("RssAnon") / 1024)
    rise = (sum(marks[4:]) - sum(marks[:4])) / 4 / ((secs - 35) / 2 / 60)
    row(f"soak, 200 changes/s and 200 rows/s, {secs} s: private", "flat", f"{rise:+.2f} MB/min", " ".join(f"{m:.1f}" for m in marks))
    for s in storms:
        s.wait()
    c.end()


def main():
    lab("seed", AGENTS, "--all")
    first_frame()
    memory_and_rest()
    steady()
    keys()
    soak()


if __name__ == "__main__":
    main()
