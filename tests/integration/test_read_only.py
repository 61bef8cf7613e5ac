"""What reads only sends nothing else: the API server's own log is the proof.

A user who may do everything presses every key, answers every question and
runs every command that takes a cluster; then the audit log is read.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

import kgents
from driver import TERRARIUM, Case, environment, until
from test_real import HOME_NS, LAB, config, setUpModule  # noqa: F401

LOG = LAB + "/log/audit.log"
READS = {"get", "list", "watch"}
# asking what one may do is a POST that changes nothing
ASKS = {"selfsubjectaccessreviews", "selfsubjectrulesreviews",
        "selfsubjectreviews"}
# every byte that is a key, but those that end it (q, C-c) or begin a sequence
KEYS = [bytes([c]) for c in range(1, 127) if c not in (3, 27, ord("q"))] + \
       [b"\x7f"] + [b"\x1b" + k for k in (
           b"[A", b"[B", b"[C", b"[D", b"[H", b"[F", b"[Z", b"[3~", b"[5~",
           b"[6~", b"OP", b"[15~")]
CTRL_Z = b"\x1a"


class Terminal:
    """terrarium on a pseudo-terminal; what it draws is read and dropped."""

    def __init__(self, case, *args):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(TERRARIUM, [TERRARIUM, *args], environment(case.home))
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 40, 140, 0, 0))
        case.addCleanup(self.end)
        self.read = 0

    def drain(self):
        while select.select([self.fd], [], [], 0)[0]:
            self.read += len(os.read(self.fd, 1 << 16))

    def write(self, data):
        self.drain()
        os.write(self.fd, data)

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def audited(log, from_byte):
    """What terrarium asked as the operator, by the API server's own log."""
    with open(log, encoding="utf-8") as f:
        f.seek(from_byte)
        events = [json.loads(x) for x in f if x.endswith("\n")]
    return [e for e in events if e["user"].get("username") == "operator" and
            e.get("userAgent", "").startswith("terrarium")]


def press(case, terminals, keys):
    """Each from where its way leads; questions are answered yes."""
    for key in keys:
        for way, t in terminals:
            t.write(way + key)
        # a question is not answered sooner than it can be read
        time.sleep(0.45 if b" " < key < b"\x7f" else 0.03)
        for _, t in terminals:
            t.write(b"y\r")
        for _ in range(3):
            time.sleep(0.04) # an escape alone takes 25 ms to be one
            for _, t in terminals:
                t.write(b"\x1b")
        time.sleep(0.04)
        if key == CTRL_Z:
            for _, t in terminals:
                os.kill(t.pid, signal.SIGCONT)
    for _, t in terminals: # all live still
        case.assertEqual(os.waitpid(t.pid, os.WNOHANG), (0, 0))


class ReadOnly(Case):
    def setUp(self):
        super().setUp()
        self.from_byte = os.path.getsize(LOG)
        self.operator = config("operator")

    def requests(self):
        """(verb, resource, uri) of what terrarium sent as the operator since."""
        found = set()
        for e in audited(LOG, self.from_byte):
            ref = e.get("objectRef") or {}
            resource = ref.get("resource", "")
            if ref.get("subresource"):
                resource += "/" + ref["subresource"]
            found.add((e["verb"], resource, e["requestURI"]))
        return found

    def only_read(self, at_least):
        until(lambda: len(self.requests()) >= at_least, 10, "the log")
        time.sleep(0.5)
        for verb, resource, uri in self.requests():
            if verb == "create" and resource in ASKS:
                continue
            self.assertIn(verb, READS, uri)
            self.assertNotIn("exec", resource, uri)
            self.assertNotIn("attach", resource, uri)
            self.assertNotIn("portforward", resource, uri)
            self.assertNotIn("proxy", resource, uri)

    def test_the_log_tells_a_write(self):
        """Else what follows would prove nothing."""
        name = f"zz-seen-{os.getpid()}"
        kgents.proposal(self, name, HOME_NS)
        s = self.console("--no-picture", "--kubeconfig", self.operator,
                         "-n", HOME_NS)
        s.wait_header("● live", 20)
        s.keys("3")
        s.type("/" + name)
        s.keys("Enter")
        s.wait("turn " + name)
        kgents.set_status("proposal", name, HOME_NS, phase="Reviewing",
                          approvals=[], riskAssessment={
                              "baseRisk": 0.1, "cumulativeRisk": 0.1})
        s.wait(r"0\.10 ━.*turn z")
        s.keys("a")
        s.wait("sent in")
        s.keys("Enter")
        s.wait("observed", 10)
        until(lambda: any(x[:2] == ("patch", "proposals/status")
                          for x in self.requests()), 10, "the write")

    def test_every_key_on_every_page(self):
        """And on the wall, which reads only without being told."""
        ways = [b"1", b"2", b"3", b"4",
                b"1\r",    # an agent
                b"3\r",    # a proposal
                b"2\r",    # signals
                b"1t",     # ways into an agent
                b"1\ry", b"i", b"?", b"J", b"H"]
        terminals = [(way, Terminal(
            self, "--no-picture", "--kubeconfig", self.operator, "-n",
            HOME_NS, "--read-only")) for way in ways]
        terminals.append((b"", Terminal(
            self, "wall", "--no-picture", "--kubeconfig", self.operator,
            "-n", HOME_NS)))
        until(lambda: len(self.requests()) > 10, 20, "they read")
        time.sleep(2)
        press(self, terminals, KEYS)
        self.only_read(10)

    def test_the_configuration_says_so_of_a_context(self):
        os.makedirs(self.home + "/.config/terrarium")
        path = self.home + "/.config/terrarium/config.yaml"
        with open(path, "w", encoding="ascii") as f:
            f.write("contexts:\n  lab-operator:\n    read-only: true\n")
        s = self.console("--no-picture", "--kubeconfig", self.operator, "-n",
                         HOME_NS)
        s.wait_header("● live", 20)
        s.wait("read-only")
        s.keys("3", "a")
        s.keys("P")
        time.sleep(1)
        self.assertNotIn("propose", s.text().rstrip().splitlines()[-1])
        s.keys("q")
        done = self.run_it("port-forward", "a-gent-1", ":80", "-n", HOME_NS,
                           "--kubeconfig", self.operator)
        self.assertNotEqual(done.status, 0)
        self.assertIn("read-only", done.err)
        self.only_read(8)
        with open(path, "a", encoding="ascii") as f:
            f.write("    readonly: true\n")
        done = self.run_it("snapshot", "--kubeconfig", self.operator)
        self.assertEqual(done.status, 2)
        self.assertIn("config.yaml:4:5: contexts.lab-operator.readonly: there "
                      "is no such setting, did you mean read-only?", done.err)

    def test_every_command(self):
        for args in (["snapshot", "--wait", "20s"],
                     ["snapshot", "--wait", "20s", "--format", "json"],
                     ["doctor"],
                     ["port-forward", "a-gent-1", ":80", "--read-only"],
                     ["tether", "a-gent-1", "--read-only"]):
            try:
                self.run_it(*args, "-n", HOME_NS, "--kubeconfig",
                            self.operator, limit=20)
            except subprocess.TimeoutExpired:
                self.assertIn(args[0], ("tether",))
        self.only_read(8)


if __name__ == "__main__":
    unittest.main()
