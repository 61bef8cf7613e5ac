"""Runs terrarium: as a snapshot, or live inside tmux."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
import unittest

TERRARIUM = os.path.abspath(os.environ.get("TERRARIUM", "terrarium"))
SLOW = float(os.environ.get("SLOW", "1"))  # stretches every limit
# What is waited for may come late on a machine that does much else at once:
# that is no failure. How fast it comes is measured by tests/bench.
PATIENCE = 3


def environment(home, **more):
    env = {k: v for k, v in os.environ.items()
           if k in ("PATH", "TERMINFO", "TERMINFO_DIRS", "ASAN_OPTIONS",
                    "UBSAN_OPTIONS", "LSAN_OPTIONS", "TERRARIUM_THEMES")}
    env.update(HOME=home, XDG_STATE_HOME=home + "/state", LANG="C.UTF-8",
               LC_ALL="C.UTF-8", TERM="xterm-256color", TZ="UTC", **more)
    return env


def until(check, seconds, what):
    """Polls until check() is true, and returns that."""
    seconds *= SLOW * PATIENCE
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(
                f"after {seconds:.0f} s still not: "
                f"{what() if callable(what) else what}")
        time.sleep(0.05)


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err
        self.text = out.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def source(self):
        return self.json["sources"][0]

    def names(self, what="agents"):
        return [row["name"] for row in self.json[what]]


class Case(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="terrarium-it-")
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)

    def env(self, **more):
        return environment(self.home, **more)

    def file(self, name, text, mode=0o600):
        """Whole at once: somebody may be reading the one before."""
        path = os.path.join(self.home, name)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", delete=False,
                                         dir=os.path.dirname(path)) as f:
            f.write(text)
        os.chmod(f.name, mode)
        os.replace(f.name, path)
        return path

    def journal(self):
        """What was done from here, step by step; [] before anything was."""
        try:
            with open(self.home + "/state/terrarium/journal.jsonl",
                      encoding="utf-8") as f:
                return [json.loads(line) for line in f]
        except FileNotFoundError:
            return []

    def run_it(self, *args, limit=60, **env):
        done = subprocess.run(
            [TERRARIUM, *args], env=environment(self.home, **env),
            stdin=subprocess.DEVNULL, capture_output=True, check=False,
            timeout=limit * SLOW)
        return Result(done.returncode, done.stdout,
                      done.stderr.decode("utf-8", "replace"))

    def snapshot(self, config, *args, wait="20s", format="json"):
        return self.run_it("snapshot", "--kubeconfig", config, "--wait", wait,
                           "--format", format, *args)

    def console(self, *args, width=140, height=40):
        screen = Screen(self, args, width, height)
        self.addCleanup(screen.close)
        return screen


class Screen:
    """terrarium in a tmux of its own, a shell behind it."""

    count = 0

    def __init__(self, case, args, width, height):
        Screen.count += 1
        self.case = case
        self.socket = f"terrarium-it-{os.getpid()}-{Screen.count}"
        config = case.file(f"tmux-{Screen.count}.conf",
                           "set -g status off\nset -s escape-time 10\n"
                           "set -g default-terminal tmux-256color\n"
                           "set -g remain-on-exit on\n")
        self.pid_file = os.path.join(case.home, f"pid-{Screen.count}")
        env = case.env()
        del env["TERM"]
        command = " ".join(
            [f"echo $$ >{shlex.quote(self.pid_file)};", "exec",
             shlex.quote(TERRARIUM), *map(shlex.quote, args)])
        script = (f"stty -a | head -c 4000 >{case.home}/tty-before; "
                  f"sh -c {shlex.quote(command)}; "
                  "printf 'ended with %d.\\n' $?; "
                  f"stty -a | head -c 4000 >{case.home}/tty-after; "
                  "read -r line; printf 'typed <%s>\\n' \"$line\"; sleep 100")
        subprocess.run(
            ["tmux", "-L", self.socket, "-f", config, "new-session", "-d",
             "-x", str(width), "-y", str(height), script],
            env=env, check=True, timeout=20)

    def tmux(self, *args):
        return subprocess.run(["tmux", "-L", self.socket, *args],
                              capture_output=True, timeout=20,
                              check=False).stdout.decode("utf-8", "replace")

    def text(self):
        return self.tmux("capture-pane", "-p")

    def lines(self):
        return self.text().split("\n")

    def header(self):
        return self.lines()[0]

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def wait(self, pattern, seconds=10):
        rx = re.compile(pattern)
        return until(lambda: rx.search(self.text()), seconds,
                     lambda: f"/{pattern}/ on screen:\n{self.text()}")

    def wait_header(self, pattern, seconds=10):
        rx = re.compile(pattern)
        return until(lambda: rx.search(self.header()), seconds,
                     lambda: f"/{pattern}/ in the header:\n{self.text()}")

    def wait_gone(self, pattern, seconds=10):
        rx = re.compile(pattern)
        until(lambda: not rx.search(self.text()), seconds,
              lambda: f"/{pattern}/ gone from screen:\n{self.text()}")

    def pid(self):
        def read():
            try:
                with open(self.pid_file, encoding="ascii") as f:
                    return f.read().strip()
            except FileNotFoundError:
                return None
        return int(until(read, 10, "the console's pid"))

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def close(self):
        subprocess.run(["tmux", "-L", self.socket, "kill-server"],
                       capture_output=True, timeout=20, check=False)
