#!/usr/bin/env python3
"""Measures how a fleet's tables are followed, prints a table.

postgres.py BINARY [RATE [SECONDS]]   default 5000 rows a second, 20 s

A PostgreSQL server of scripts/lab, in a folder of its own; all is ended.
From a row's own clock, taken when it is written and so before its commit, to
the moment it is handed to the store. Beside it a bare libpq loop, which does
not wait for rows that commit late. Nothing here passes or fails: a machine
that is busy is slower.
"""

import fcntl
import os
import pty
import random
import select
import signal
import string
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

BINARY = os.path.abspath(sys.argv[1])
RATE = float(sys.argv[2]) if len(sys.argv) > 2 else 5000
SECONDS = float(sys.argv[3]) if len(sys.argv) > 3 else 20
os.environ["TERRARIUM"] = BINARY
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(TOP, "tests", "integration"))
import pg  # noqa: E402


def row(what, bound, got, beside=""):
    print(f"{what:<46} {bound:>10} {got:>22}   {beside}", flush=True)


def memory(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(f.read().split("RssAnon:")[1].split()[0])


def spent(pid):
    with open(f"/proc/{pid}/stat") as f:
        parts = f.read().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def terrarium(*args):
    subprocess.run([BINARY, "postgres", *args], env=lab.env, check=True,
                   stdout=subprocess.DEVNULL)


def count():
    return int(lab.sql("SELECT count(*) FROM agent_events"))


def followed(name, *storm, **env):
    """Of one storm: rows written and got, p50, p99, worst (ms), cpu, memory."""
    before = count()
    with tempfile.TemporaryFile("w+") as out:
        p = subprocess.Popen([pg.tool(name), lab.uri], stdout=out,
                             stderr=subprocess.DEVNULL,
                             env=dict(lab.env, PG_FOLLOW_TIMES="1",
                                      PG_FOLLOW_NEW="1", **env))
        time.sleep(1.5)
        lab.storm(RATE, 2, *storm).wait()  # what is allocated once
        time.sleep(1)
        rss, cpu = memory(p.pid), spent(p.pid)
        s = lab.storm(RATE, SECONDS, *storm)
        said = s.communicate()[1]
        time.sleep(6)
        cpu = spent(p.pid) - cpu
        grown = memory(p.pid) - rss
        p.send_signal(signal.SIGTERM)
        p.wait()
        out.seek(0)
        lines = [line.split() for line in out]
    wrote = count() - before
    ids = {line[0] for line in lines}
    late = sorted(float(line[2]) / 1000 for line in lines)
    n = len(late)
    return {"wrote": wrote, "got": len(ids), "twice": n - len(ids),
            "p50": late[n // 2], "p99": late[n * 99 // 100],
            "worst": late[-1], "cpu": cpu / SECONDS * 100, "rss": rss,
            "grown": grown, "said": said.strip()}


def show(what, r, bound="", beside=""):
    row(what + ", p50 / p99 / worst", bound,
        "%.1f / %.1f / %.0f ms" % (r["p50"], r["p99"], r["worst"]), beside)


def lost(what, r):
    row(what + ", written / lost / twice", "0 / 0",
        "%d / %d / %d" % (r["wrote"], r["wrote"] - r["got"], r["twice"]))


class Screen:
    """The console on a terminal; what it draws is read all the time."""

    def __init__(self):
        home = os.path.join(lab.dir, "home")
        os.makedirs(home + "/.config/terrarium", exist_ok=True)
        with open(home + "/.config/terrarium/config.yaml", "w") as f:
            f.write("sources:\n  tables:\n    type: postgres\n"
                    f"    url: {lab.uri}\n")
        self.master, tty = pty.openpty()
        fcntl.ioctl(tty, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 40, 140, 0, 0))
        env = {k: v for k, v in lab.env.items() if not k.startswith("XDG")}
        env.update(HOME=home, TERM="xterm-256color", LANG="C.UTF-8",
                   XDG_RUNTIME_DIR=home)
        self.p = subprocess.Popen([BINARY, "--no-picture"], env=env,
                                  stdin=tty, stdout=tty, stderr=tty,
                                  start_new_session=True)
        os.close(tty)
        self.drawn = b""
        self.over = False
        self.lock = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while not self.over:
            if not select.select([self.master], [], [], 0.2)[0]:
                continue
            try:
                more = os.read(self.master, 65536)
            except OSError:
                return
            with self.lock:
                self.drawn = (self.drawn + more)[-200000:]
                self.lock.notify_all()

    def wait_for(self, text, seconds):
        with self.lock:
            return self.lock.wait_for(lambda: text in self.drawn, seconds)

    def end(self):
        os.write(self.master, b"q")
        try:
            self.p.wait(5)
        except subprocess.TimeoutExpired:
            self.p.kill()
            self.p.wait()
        self.over = True
        time.sleep(0.3)
        os.close(self.master)


def to_screen(count, gap, seed):
    """From a commit's return to its word on the screen, ms; seen of count.

    The words share no letter with what stood there, or curses would send
    only a part of them."""
    rng = random.Random(seed)
    psql = subprocess.Popen(["psql", "-XAtq"], env=lab.env, text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            bufsize=1)
    took = []
    for i in range(count):
        some = string.ascii_uppercase[i % 2::2]
        word = "".join(rng.choice(some) for _ in range(12))
        psql.stdin.write(
            "INSERT INTO agent_events (task, action, detail, event_id) "
            f"VALUES ('weave-index', 'message.completed', '{word}', "
            "gen_random_uuid()::text) RETURNING 1;\n")
        psql.stdin.flush()
        psql.stdout.readline()
        began = time.monotonic()
        if screen.wait_for(word.encode(), 1.5):
            took.append((time.monotonic() - began) * 1000)
        time.sleep(gap * (0.5 + rng.random()))
    psql.stdin.close()
    psql.wait()
    psql.stdout.close()
    return sorted(took)


def show_screen(what, took, count, bound=""):
    row(what + ", p50 / p99", bound,
        "%.0f / %.0f ms" % (took[len(took) // 2], took[len(took) * 99 // 100])
        if took else "none seen", f"{len(took)} of {count} seen")


lab = pg.Lab()
try:
    lab.lab("seed", "24", "--postgres")
    terrarium("install-notify", "--yes")
    ring = {"PG_FOLLOW_LISTEN": "terrarium_agent_events",
            "PG_FOLLOW_POLL": "5000"}
    bare = followed("pg_bare")
    r = followed("pg_follow", **ring)
    print(r["said"])
    show(f"rung for, {RATE:.0f} rows/s", r, "50 ms p99",
         "bare libpq %.1f / %.1f / %.0f ms" % (bare["p50"], bare["p99"],
                                               bare["worst"]))
    lost("rung for", r)
    row("  CPU of a core", "", "%.1f %%" % r["cpu"],
        "bare %.1f %%" % bare["cpu"])
    row("  RssAnon, and grown in the storm", "flat",
        "%d kB, %+d kB" % (r["rss"], r["grown"]),
        "bare %d kB, %+d kB" % (bare["rss"], bare["grown"]))
    screen = Screen()
    time.sleep(4)
    show_screen("commit to screen, now and then", to_screen(100, 0.25, 5), 100,
                "50 ms p99")
    # heartbeats: thoughts would push the word away before it is drawn
    s = lab.storm(RATE, 30, "--beats")
    time.sleep(1)
    show_screen(f"commit to screen, {RATE:.0f} heartbeats/s",
                to_screen(60, 0.3, 6), 60)
    rss, cpu = memory(screen.p.pid), spent(screen.p.pid)
    s.communicate()
    row("  RssAnon, and grown meanwhile", "flat", "%d kB, %+d kB" % (
        rss, memory(screen.p.pid) - rss))
    screen.end()
    hard = ("--rollbacks", "20", "--long", str(SECONDS - 2), "--writers", "8")
    bare = followed("pg_bare", *hard)
    r = followed("pg_follow", *hard, **ring)
    show("out of order, a transaction open all along", r, "",
         "bare libpq loses %d" % (bare["wrote"] - bare["got"]))
    lost("out of order", r)
    row("  RssAnon, and grown in the storm", "flat",
        "%d kB, %+d kB" % (r["rss"], r["grown"]))
    terrarium("remove-notify", "--yes")
    r = followed("pg_follow")
    show("no triggers, asked twice a second", r)
    lost("no triggers", r)

    # the source with its store: what a console would hold
    f = subprocess.Popen([pg.tool("pg_fleet"), lab.uri], env=lab.env,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    time.sleep(3)
    lab.storm(RATE, 3).wait()
    rss, cpu = memory(f.pid), spent(f.pid)
    lab.storm(RATE, SECONDS, "--agents", "5").wait()
    cpu = spent(f.pid) - cpu
    row("source and store, CPU of a core", "",
        "%.1f %%" % (cpu / SECONDS * 100))
    row("  RssAnon, and grown in the storm", "flat",
        "%d kB, %+d kB" % (rss, memory(f.pid) - rss))
    f.stdin.close()
    f.wait()
finally:
    lab.end()
