"""A PostgreSQL server of scripts/lab for one module's tests."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = os.environ.get("ROOT") or os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", ".."))
TERRARIUM = os.environ.get("TERRARIUM", "./terrarium")
SLOW = float(os.environ.get("SLOW", "1"))


def tool(name):
    """A program of tests/support, beside the one that is tested."""
    return os.path.join(os.path.dirname(os.path.abspath(TERRARIUM)), "tests",
                        "support", name)


class Lab:
    def __init__(self, log=None):
        self.dir = tempfile.mkdtemp(prefix="terrarium-pg-")
        if log:
            os.environ["PG_LOG"] = log
        self.lab("up", "--postgres", "--no-cluster")
        self.env = dict(os.environ)
        for line in self.lab("env").splitlines():
            for name, value in re.findall(r"(\w+)=(\S+)", line):
                self.env[name] = value
        self.port = int(self.env["PGPORT"])
        self.uri = self.env["TERRARIUM_LAB_POSTGRES"]

    def lab(self, *args, timeout=90):
        args = list(args)
        command = [os.path.join(ROOT, "scripts", "lab")]
        if args[0] in ("up", "down"):
            args[1:1] = ["--dir", self.dir]
        else:
            command += ["--dir", self.dir]
        p = subprocess.run(command + args, capture_output=True, text=True,
                           timeout=timeout * SLOW)
        if p.returncode != 0:
            raise RuntimeError("lab %s: %s" % (args, p.stderr))
        return p.stdout

    def end(self):
        self.lab("down")
        shutil.rmtree(self.dir, ignore_errors=True)

    def sql(self, text, user="fracta", database="fracta"):
        """What a statement gives, unaligned."""
        p = subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database],
            env=dict(self.env, PGUSER=user), input=text, capture_output=True,
            text=True, timeout=60 * SLOW)
        if p.returncode != 0:
            raise RuntimeError(p.stderr)
        return p.stdout.strip()

    def password(self, user):
        with open(os.path.join(self.dir, "pgpass")) as f:
            for line in f:
                parts = line.strip().split(":")
                if parts[3] == user:
                    return parts[4]
        raise KeyError(user)

    def pid(self):
        with open(os.path.join(self.dir, "run", "postgres")) as f:
            return int(f.read().split()[0])

    def signal(self, number):
        """Of the postmaster; it is gone when this returns."""
        pid = self.pid()
        os.kill(pid, number)
        until = time.time() + 30 * SLOW
        while time.time() < until:
            try:
                with open("/proc/%d/stat" % pid) as f:
                    if f.read().rsplit(")", 1)[1].split()[0] == "Z":
                        return
            except FileNotFoundError:
                return
            time.sleep(0.02)
        raise RuntimeError("the server does not end")

    def home(self):
        return self.lab("status").split("socket in ")[1].split()[0]

    def as_owner(self, command):
        """The server's own programs do not run as root."""
        st = os.stat(os.path.join(self.home(), "data"))
        if os.getuid() == 0:
            command = ["setpriv", "--reuid=%d" % st.st_uid,
                       "--regid=%d" % st.st_gid, "--clear-groups"] + command
        return command

    def stop_answering(self):
        os.kill(self.pid(), signal.SIGSTOP)

    def go_on(self):
        os.kill(self.pid(), signal.SIGCONT)

    def storm(self, *args):
        return subprocess.Popen(
            ["python3", os.path.join(ROOT, "lab", "postgres", "storm.py"),
             *map(str, args)], env=self.env, stderr=subprocess.PIPE,
            text=True)
