"""Ways into an agent's pod: logs, exec, attach, port-forward."""

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

import channels
import kgents
from driver import SLOW, TERRARIUM, Case, environment, until
from test_faults import Faults
from test_real import LAB, config, kubectl

NS = "tether"


class Command:
    """terrarium port-forward, running."""

    def __init__(self, case, *args):
        self.case = case
        self.process = subprocess.Popen(
            [TERRARIUM, "port-forward", *args], env=environment(case.home),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        case.addCleanup(self.kill)
        self.errors = []
        self.reader = threading.Thread(target=self.read_errors, daemon=True)
        self.reader.start()

    def read_errors(self):
        for line in self.process.stderr:
            self.errors.append(line.decode("utf-8", "replace"))

    def port(self):
        line = self.process.stdout.readline().decode()
        found = re.fullmatch(r"127\.0\.0\.1:(\d+) -> \S+:\d+\n", line)
        self.case.assertTrue(found, line + "".join(self.errors))
        return int(found.group(1))

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        status = self.process.wait(20 * SLOW)
        self.reader.join(5)
        return status

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(20)
        self.process.stdout.close()
        self.process.stderr.close()


def dial(port, host="127.0.0.1"):
    s = socket.create_connection((host, port), timeout=20 * SLOW)
    return s


def drain(s):
    got = b""
    while True:
        some = s.recv(65536)
        if not some:
            return got
        got += some


def health(port):
    """What the pod's /health says. kwok keeps a connection that the pod has
    closed, so it is read by its length."""
    with dial(port) as s:
        s.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        got = b""
        while b"}" not in got:
            some = s.recv(65536)
            if not some:
                break
            got += some
        return got


class Scripted(Faults):
    """What a server may do, which kwok cannot."""

    def world(self, **more):
        api = self.server()
        channels.pod(api, "alpha", "alpha-gent-1", **more)
        return api, self.config(api.url)

    def menu(self, config, *args, **size):
        s = self.console("--no-picture", "--kubeconfig", config, "-A", *args,
                         **size)
        s.wait_header("● live", 20)
        s.wait("alpha")
        s.keys("1", "t")
        s.wait("l +logs")
        return s

    def shell(self, play, choose=None, key="s", **more):
        api, config = self.world(**more)
        opened = channels.serve(api, "attach" if key == "a" else "exec", play,
                                choose)
        s = self.menu(config)
        s.keys(key)
        return s, opened

    def test_v5_is_offered_before_v4_and_exit_3_is_shown(self):
        for choose in ("v5.channel.k8s.io", "v4.channel.k8s.io"):
            with self.subTest(choose):
                seen = []

                def play(ws, request):
                    ws.send(1, b"")  # "connected"
                    ws.send(1, b"ready> ")
                    while True:
                        got = ws.receive()
                        if got is None:
                            return
                        seen.append(got)
                        if got == (0, b"x"):
                            ws.exit(3)
                            return
                s, opened = self.shell(play, choose)
                s.wait("ready>")
                s.type("x")
                s.wait("ended with exit 3")
                request, offered = opened[0]
                self.assertEqual(offered, ["v5.channel.k8s.io",
                                           "v4.channel.k8s.io"])
                self.assertEqual(request.query["tty"], "true")
                self.assertEqual(request.query["container"], "logic")
                self.assertNotIn("stderr", request.query)
                sizes = [json.loads(m) for c, m in seen if c == 4]
                self.assertEqual(sizes[-1], {"Width": 138, "Height": 35})
                s.keys("q")
                s.wait("l +logs")  # back in the menu
                s.close()
                steps = [(x["act"], x["step"]) for x in self.journal()]
                self.assertEqual(steps[-3:], [("exec", "intent"),
                                              ("exec", "opened"),
                                              ("exec", "ended")])

    def test_why_it_cannot_be_opened(self):
        def play(ws, request):
            ws.status(status="Failure", reason="InternalError",
                      message="container not found (\"logic\")")
            ws.close()
        s, _ = self.shell(play)
        s.wait("container not found")

    def test_an_end_without_a_word(self):
        def play(ws, request):
            ws.send(1, b"half a")
        s, _ = self.shell(play)
        s.wait("half a")
        s.wait("the connection was cut")

    def test_hostile_bytes_stay_in_the_grid(self):
        bad = (b"\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b[?1049h\x1b[6n"
               b"\x1bP+q544e\x1b\\\xff\xfe\xc0\x80\x1b[999999999;1H"
               b"\x1b[?2004h\x9b31m\x1b#8\x1b[2J\x1b[1;1H\xe2\x80\xaeafter\r\n")

        def play(ws, request):
            ws.send(1, bad * 20 + b"still here")
            while True:
                got = ws.receive()
                if got is None:
                    return
                if got[0] == 0:  # no answer to its questions comes back
                    ws.send(1, b"GOT " + repr(got[1]).encode())
        s, _ = self.shell(play)
        s.wait("still here")
        time.sleep(0.5)
        text = s.text()
        self.assertNotIn("GOT", text)
        self.assertEqual(s.tmux("display-message", "-p", "#{pane_title}")
                         .strip().find("owned"), -1)
        self.assertRegex(s.header(), "terrarium")
        s.keys("C-]")
        s.wait("l +logs")

    def test_attach_without_a_terminal_only_looks(self):
        def play(ws, request):
            ws.send(1, b"one\ntwo\n")
            ws.send(2, b"three\n")
            while ws.receive() is not None:
                pass
        s, opened = self.shell(play, key="a")
        s.wait("one *│?\n.*two *│?\n.*three")
        s.wait("you look")
        query = opened[0][0].query
        self.assertNotIn("tty", query)
        self.assertNotIn("stdin", query)
        self.assertEqual(query["stderr"], "true")

    def test_read_only_has_the_logs_alone(self):
        api, config = self.world()
        opened = channels.serve(api, "exec", lambda ws, r: None)
        s = self.menu(config, "--read-only")
        s.wait("this console only reads")
        s.keys("s", "a", "f", "Enter")
        time.sleep(0.5)
        self.assertEqual(opened, [])
        self.assertFalse([r for r in api.requests if
                          re.search("/(exec|attach|portforward)", r.path)])
        s.keys("l")
        until(lambda: [r for r in api.requests if r.path.endswith("/log")],
              10, "its log is read")

    def test_no_container_runs(self):
        api, config = self.world(ready=False)
        api.put("pods", "alpha-gent-1", "team",
                labels={"app.kubernetes.io/part-of": "kgents",
                        "app.kubernetes.io/name": "alpha-gent"},
                spec={"containers": [{"name": "logic", "image": "x"}]},
                status={"phase": "Pending"})
        s = self.menu(config)
        s.wait("no container of it runs: alpha-gent-1 is Pending")

    def test_forward_is_cut_midway(self):
        def play(ws, request):
            ws.send(0, b"\x90\x1f")
            ws.send(1, b"\x90\x1f")
            ws.receive()
            ws.send(0, b"part of")
            time.sleep(0.3)  # and then the connection goes
        api, config = self.world()
        opened = channels.serve(api, "portforward", play)
        command = Command(self, "alpha", "0:8080", "--kubeconfig", config)
        with dial(command.port()) as s:
            s.sendall(b"x")
            self.assertEqual(s.recv(100), b"part of")
            with self.assertRaises(ConnectionResetError):
                s.recv(100)
        self.assertEqual(opened[0][1], ["v4.channel.k8s.io"])
        self.assertEqual(opened[0][0].query["ports"], "8080")
        self.assertEqual(command.end(), 0)
        self.assertIn("cut", "".join(command.errors))

    def test_forward_says_what_the_pod_says(self):
        def play(ws, request):
            ws.send(0, b"\x90\x1f")
            ws.send(1, b"\x90\x1f")
            ws.send(1, b"dial tcp 127.0.0.1:8080: connection refused\x1b[31m")
            ws.close()
        api, config = self.world()
        channels.serve(api, "portforward", play)
        command = Command(self, "alpha", ":8080", "--kubeconfig", config)
        with dial(command.port()) as s, self.assertRaises(OSError):
            s.sendall(b"x")
            if not s.recv(1):
                raise OSError
        until(lambda: "connection refused" in "".join(command.errors), 5,
              "the reason")
        self.assertNotIn("\x1b", "".join(command.errors))
        self.assertEqual(command.end(signal.SIGTERM), 0)

    def say(self, s, text):
        s.keys("Escape", "1", "m")
        s.wait("through a port-forward that lasts as long as its answer")
        s.type(text)
        time.sleep(0.4)
        s.keys("Enter")

    def test_what_is_said_where_nobody_listens(self):
        def play(ws, request):
            ws.send(0, b"\x90\x1f")
            ws.send(1, b"\x90\x1f")
            ws.send(1, b"dial tcp 127.0.0.1:8080: connection refused")
            ws.close()
        api, config = self.world()
        channels.serve(api, "portforward", play)
        s = self.menu(config)
        self.say(s, "hello")
        s.wait("refused: port 8080: .*connection refused")
        self.assertEqual(
            [x["step"] for x in self.journal() if x["act"] == "say"],
            ["intent", "refused"])

    def test_what_is_said_and_cut(self):
        def play(ws, request):
            ws.send(0, b"\x90\x1f")
            ws.send(1, b"\x90\x1f")
            ws.receive()
        api, config = self.world()
        channels.serve(api, "portforward", play)
        s = self.menu(config)
        self.say(s, "hello")
        s.wait("unknown: .*it may have been heard")
        time.sleep(3) # and it is not said again
        self.assertEqual(
            [x["step"] for x in self.journal() if x["act"] == "say"],
            ["intent", "unknown, looking"])

    def test_a_client_that_is_slow_holds_the_pod_back(self):
        sent = [0]
        block = bytes(32767)

        def play(ws, request):
            ws.send(0, b"\x90\x1f")
            ws.send(1, b"\x90\x1f")
            ws.handler.connection.settimeout(2 * SLOW)
            try:
                while sent[0] < 64 << 20:
                    ws.send(0, block)
                    sent[0] += len(block)
            except OSError:
                pass
        api, config = self.world()
        channels.serve(api, "portforward", play)
        command = Command(self, "alpha", ":8080", "--kubeconfig", config)
        with dial(command.port()) as s:
            s.recv(1)
            time.sleep(2 * SLOW)
            self.assertLess(sent[0], 32 << 20)
            with open(f"/proc/{command.process.pid}/status",
                      encoding="ascii") as f:
                rss = int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))
            self.assertLess(rss, 200_000 * SLOW)
        self.assertEqual(command.end(), 0)

    def test_the_pod_goes_and_the_next_connection_works(self):
        def play(ws, request):
            ws.send(0, b"\x90\x1f")
            ws.send(1, b"\x90\x1f")
            ws.receive()
            ws.send(0, request.path.split("/")[6].encode())
            ws.close()
        api, config = self.world()
        gone = []

        @api.hook
        def not_found(handler, request):
            if any(f"/pods/{x}/portforward" in request.path for x in gone):
                return handler.status(404, "NotFound", "pods not found")
            return False
        channels.serve(api, "portforward", play)
        command = Command(self, "alpha", ":8080", "--kubeconfig", config)
        port = command.port()

        def ask():
            with dial(port) as s:
                s.sendall(b"x")
                return drain(s)
        self.assertEqual(ask(), b"alpha-gent-1")
        # the server knows before the watch tells
        gone.append("alpha-gent-1")
        threading.Timer(1, lambda: channels.add_pod(
            api, "alpha", "alpha-gent-2")).start()
        self.assertEqual(ask(), b"alpha-gent-2")
        api.delete("pods", "alpha-gent-1")
        self.assertEqual(ask(), b"alpha-gent-2")
        self.assertEqual(command.end(), 0)
        self.assertIn("now to alpha-gent-2", "".join(command.errors))

    def test_a_401_is_asked_again_with_new_credentials(self):
        token = self.file("token", "old")
        api, config = self.secure(f"    tokenFile: {token}\n")
        channels.pod(api, "alpha", "alpha-gent-1")

        @api.hook
        def unauthorized(handler, request):
            if (request.path.endswith("/exec") and
                    handler.headers["Authorization"] != "Bearer new"):
                self.file("token", "new")
                return handler.status(401, "Unauthorized", "Unauthorized")
            return False

        def play(ws, request):
            ws.send(1, b"hello there")
            ws.receive()
        channels.serve(api, "exec", play)
        s = self.menu(config)
        s.keys("s")
        s.wait("hello there", 10)


class Echo(threading.Thread):
    """Listens on the port to which 9000 of every pod of the lab leads."""

    def __init__(self):
        super().__init__(daemon=True)
        with open(LAB + "/lab.env", encoding="ascii") as f:
            port = int(re.search(r"PORT_TEST=(\d+)", f.read()).group(1))
        self.sock = socket.create_server(("127.0.0.1", port), backlog=64)
        self.most = self.now = 0
        self.lock = threading.Lock()
        self.start()

    def run(self):
        while True:
            try:
                s, _ = self.sock.accept()
            except OSError:
                return
            threading.Thread(target=self.echo, args=(s,), daemon=True).start()

    def echo(self, s):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        with s:
            try:
                while True:
                    some = s.recv(65536)
                    if not some:
                        break
                    s.sendall(some)
            except OSError:
                pass
        with self.lock:
            self.now -= 1

    def close(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()


def deployment(replicas=1):
    labels = {"app.kubernetes.io/part-of": "kgents",
              "app.kubernetes.io/name": "t-gent"}
    return {"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "t-gent", "namespace": NS, "labels": labels},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels}, "spec": {
                         "nodeName": "node-0",
                         "containers": [{"name": "logic", "image": "x"}]}}}}


class Real(Case):
    """Against the lab: a real API server, kwok's pods, local commands."""

    @classmethod
    def setUpClass(cls):
        if not LAB or not os.path.exists(config()):
            raise RuntimeError("no lab in $LAB: use tests/integration/run")
        for what in (
                {"apiVersion": "v1", "kind": "Namespace",
                 "metadata": {"name": NS}},
                {"apiVersion": "kgents.io/v1", "kind": "Agent",
                 "metadata": {"name": "tina", "namespace": NS},
                 "spec": {"genus": "T", "replicas": 1}},
                deployment()):
            kubectl("apply", "-f", "-", input=json.dumps(what))
        kgents.set_status("agent", "tina", NS, phase="Running",
                          deployment="t-gent")
        kubectl("wait", "-n", NS, "--for=condition=Available", "--timeout=40s",
                "deployment/t-gent")

    @classmethod
    def tearDownClass(cls):
        kubectl("delete", "namespace", NS, "--wait=false")

    def menu(self, user="admin", *args, **size):
        s = self.console("--no-picture", "--kubeconfig", config(user), "-n",
                         NS, *args, **size)
        s.wait_header("● live", 20)
        s.wait("tina")
        s.keys("1", "t")
        s.wait("l +logs")
        return s

    def forward(self, *args, user="admin"):
        return Command(self, "tina", *args, "-n", NS, "--kubeconfig",
                       config(user))

    def test_a_shell_echoes_and_follows_the_size(self):
        s = self.menu(width=100, height=30)
        s.keys("s")
        s.wait("you type", 15)
        s.wait(r"[$#] ")
        s.type("echo $((6*7)) from $KGENTS_LAB\n")
        s.wait("42 from 1")
        s.type("stty size\n")
        s.wait(r"\n.?25 98 ")
        s.resize(120, 40)
        time.sleep(0.5)
        s.type("clear; stty size\n")
        s.wait(r"\n.?35 118 ")
        s.type("exit\n")
        s.wait("ended with exit 0")
        s.keys("q")
        s.wait("l +logs")
        intent = [x for x in self.journal() if x["step"] == "intent"]
        self.assertEqual([x["act"] for x in intent], ["exec"])
        self.assertIn("/exec?", intent[0]["path"])
        self.assertEqual(intent[0]["as"], "admin")
        uid = json.loads(kubectl("get", "agent", "tina", "-n", NS, "-o",
                                 "json"))["metadata"]["uid"]
        self.assertEqual(intent[0]["object"], uid.replace("-", ""))

    def test_ctrl_bracket_leaves(self):
        s = self.menu()
        s.keys("s")
        s.wait("you type", 15)
        s.keys("C-]")
        s.wait("l +logs")
        s.keys("Escape", "q")
        s.wait("ended with 0")

    def test_how_it_failed_is_told_whole(self):
        # kwok tells an exit code in words only
        s = self.menu(width=100, height=24)
        s.keys("s")
        s.wait("you type", 15)
        s.type("exit 3\n")
        s.wait("exit status 3")

    def test_a_flood_stops_no_key(self):
        s = self.menu(width=80, height=24)
        s.keys("s")
        s.wait("you type", 15)
        s.type("timeout 8 yes\n") # what is left behind ends by itself
        s.wait(r"│y +│\n│y +│")
        time.sleep(1)
        s.keys("C-]")
        s.wait("l +logs", 3)
        s.keys("Escape")
        s.wait("1 agents", 3)

    def test_a_viewer_is_told_which_right_is_missing(self):
        s = self.menu("viewer")
        s.keys("s")
        s.wait("the right to get pods/exec in tether is missing", 15)

    def test_attach_shows_what_it_prints(self):
        s = self.menu()
        s.keys("a")
        s.wait("you look", 15)

        def printed(): # kwok passes on what comes once it follows the file
            with open(LAB + "/attach.log", "a", encoding="ascii") as f:
                f.write(time.strftime("%Y-%m-%dT%H:%M:%S.000000000Z",
                                      time.gmtime(time.time() + 2)) +
                        " stdout F seen by attach\n")
            time.sleep(0.3)
            return "seen by attach" in s.text()
        until(printed, 15, s.text)

    def test_logs_follow(self):
        name = json.loads(kubectl("get", "pods", "-n", NS, "-o", "json"))[
            "items"][0]["metadata"]["name"]
        s = self.menu()
        s.keys("l")
        s.wait("follows " + name, 15)
        path = f"{LAB}/pods/{NS}/{name}/logic.log"
        for i in range(60):
            with open(path, "a", encoding="utf-8") as f:
                f.write(time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) +
                        f".{i:09d}Z stdout F line-{i:03d} \x1b[31mred\n")
        s.wait("line-059", 15)
        self.assertNotIn("\x1b", s.text())
        s.keys("g")
        s.wait("lines below, G follows")
        self.assertNotIn("line-059", s.text())
        s.keys("G")
        s.wait("line-059")
        s.keys("Escape")
        s.wait("l +logs")

    def test_forward_many_at_once(self):
        echo = Echo()
        self.addCleanup(echo.close)
        command = self.forward(":9000")
        port = command.port()
        data = os.urandom(1 << 20)
        results = []

        def one():
            with dial(port) as s:
                writer = threading.Thread(target=s.sendall, args=(data,))
                writer.start()
                got = b""
                while len(got) < len(data):
                    some = s.recv(65536)
                    if not some:
                        break
                    got += some
                writer.join()
                results.append(hashlib.sha256(got).digest())
        threads = [threading.Thread(target=one) for _ in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join(60 * SLOW)
        self.assertEqual(results, [hashlib.sha256(data).digest()] * 8)
        self.assertGreater(echo.most, 1)
        with dial(port, "::1") as s:
            s.sendall(b"six")
            self.assertEqual(s.recv(10), b"six")
        self.assertEqual(command.end(), 0)
        self.assertEqual(command.errors, [])
        last = self.journal()[-1]
        self.assertEqual((last["act"], last["step"]),
                         ("port-forward", "ended"))
        self.assertIn("9 connections", last["note"])

    def test_forward_listens_on_loopback_only(self):
        command = self.forward(":8080")
        port = command.port()
        with open("/proc/net/tcp", encoding="ascii") as f:
            bound = [line.split()[1] for line in f.readlines()[1:]
                     if line.split()[3] == "0A"]
        self.assertIn(f"0100007F:{port:04X}", bound)
        self.assertNotIn(f"00000000:{port:04X}", bound)
        again = self.run_it("port-forward", "tina", f"{port}:8080", "-n", NS,
                            "--kubeconfig", config())
        self.assertEqual(again.status, 1)
        self.assertIn("address already in use", again.err)
        self.assertEqual(len(again.err.strip().split("\n")), 1)

    def test_forward_goes_on_with_another_pod(self):
        command = self.forward(":8080")
        port = command.port()
        self.assertIn(b"healthy", health(port))
        kubectl("delete", "pod", "-n", NS, "--all", "--grace-period=0",
                "--force", "--wait=true")
        self.assertIn(b"healthy", health(port))
        self.assertEqual(command.end(), 0)
        self.assertIn("now to t-gent-", "".join(command.errors))

    def say(self, text, user="admin"):
        s = self.console("--no-picture", "--kubeconfig", config(user), "-n",
                         NS)
        s.wait_header("● live", 20)
        s.wait("tina")
        s.keys("1", "m")
        s.wait("POST /invoke on port 8080 of a pod of it that is ready")
        s.type(text)
        time.sleep(0.4)
        s.keys("Enter")
        return s

    def test_what_is_said_is_answered(self):
        s = self.say("hello \"there\"")
        s.wait('answered: Echo: hello "there"', 15)
        s.keys("J")
        s.wait('say to tina.*answered: Echo: hello "there"')
        steps = [x["step"] for x in self.journal() if x["act"] == "say"]
        self.assertEqual(steps, ["intent", "accepted", "observed"])
        self.assertEqual([x["act"] for x in self.journal()
                          if x["step"] == "opened"], ["port-forward"])

    def test_what_is_said_is_refused(self):
        s = self.say("sulk")
        s.wait("refused: /invoke answered 409 not now", 15)

    def test_who_may_not_say(self):
        s = self.console("--no-picture", "--kubeconfig", config("viewer"),
                         "-n", NS)
        s.wait_header("● live", 20)
        s.wait("tina")
        s.keys("1")
        until(lambda: s.keys("m") or
              "the right to get pods/portforward in tether is missing"
              in s.text(), 10, "the right")

    def test_forward_of_several_ports(self):
        command = self.forward(":8080", ":8080", ":8080")
        for port in [command.port() for _ in range(3)]:
            self.assertIn(b"healthy", health(port))
        self.assertEqual(command.end(), 0)

    def test_forward_as_a_viewer(self):
        command = self.forward(":8080", user="viewer")
        with dial(command.port()) as s, self.assertRaises(OSError):
            s.sendall(b"x")
            if not s.recv(1):
                raise OSError
        until(lambda: "pods/portforward in tether is missing" in
              "".join(command.errors), 5, "the missing right")

    def test_forward_usage(self):
        for args, word in ((("tina",), "LOCAL:REMOTE"),
                           (("tina", "80:"), "LOCAL:REMOTE"),
                           (("tina", "1:2:3"), "LOCAL:REMOTE"),
                           (("tina", "70000:80"), "LOCAL:REMOTE")):
            done = self.run_it("port-forward", *args, "--kubeconfig",
                               config())
            self.assertEqual(done.status, 2, args)
            self.assertIn(word, done.err)
        done = self.run_it("port-forward", "nobody", ":80", "-n", NS,
                           "--kubeconfig", config())
        self.assertEqual((done.status, done.out), (1, b""))
        self.assertIn("there is no agent 'nobody'", done.err)
        done = self.run_it("port-forward", "tina", ":80", "-n", NS,
                           "--read-only", "--kubeconfig", config())
        self.assertEqual(done.status, 1)
        self.assertIn("read-only", done.err)

    def test_forward_from_the_menu(self):
        s = self.menu()
        s.keys("f")
        s.type(":8080")
        s.keys("Enter")
        port = int(s.wait(r"127\.0\.0\.1:(\d+) → tina:8080 +0 open").group(1))
        self.assertIn(b"healthy", health(port))
        s.wait("1 in all")
        s.keys("Escape")
        self.assertIn(b"healthy", health(port))  # it goes on behind the menu
        s.keys("t", *["Down"] * 6)
        s.wait("x  end this forward")
        s.keys("x")
        s.wait_gone("running forwards")
        with self.assertRaises(OSError):
            dial(port).close()

    def test_tether_of_the_cluster_from_any_terminal(self):
        s = self.console("tether", "tina", "-n", NS, "--kubeconfig", config())
        s.wait("you type", 20)
        s.type("exit\n")
        s.wait("ended with exit 0")
        s.keys("C-]")
        s.wait("ended with 0")


if __name__ == "__main__":
    unittest.main()
