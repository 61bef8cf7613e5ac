"""A real API server (scripts/lab), seeded with a fleet of 24."""

import atexit
import base64
import json
import os
import re
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree

from driver import Case, until

LAB = os.environ.get("LAB", "")
ROOT = os.environ.get("ROOT") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
HOME_NS = "kgents-agents"


def lab(*args, limit=120):
    return subprocess.run(
        [ROOT + "/scripts/lab", "--dir", LAB, *args], check=True,
        capture_output=True, timeout=limit, text=True).stdout


def kubectl(*args, **more):
    return subprocess.run(
        [ROOT + "/scripts/lab", "--dir", LAB, "kubectl", *args], check=True,
        capture_output=True, timeout=60, text=True, **more).stdout


def config(user="admin"):
    return f"{LAB}/{user}.kubeconfig"


def items(kind, *args):
    return json.loads(kubectl("get", kind, "-o", "json", *args))["items"]


def per_namespace(rows, ns):
    count = {}
    for row in rows:
        count[ns(row)] = count.get(ns(row), 0) + 1
    return count


def named(obj):
    return obj["metadata"]["namespace"], obj["metadata"]["name"]


def setUpModule():
    if not os.path.exists(config()):
        raise RuntimeError("no lab in $LAB: use tests/integration/run")


TOP = {"schema": str, "taken": str, "context": str, "namespace": str, "practice": bool,
       "totals": dict, "sources": list, "streams": list, "agents": list, "pheromones": list,
       "proposals": list, "thoughts": list, "missions": list,
       "objectives": list}
AGENT = {"namespace", "name", "origin", "state", "trouble", "degraded", "why",
         "genus", "image", "deploy_mode", "phase", "cognitive_health",
         "condition", "replicas_wanted", "ready", "desired", "restarts",
         "reason", "step", "step_kind", "activity", "events", "tokens",
         "cost_usd", "waiting", "waiting_since", "last_event", "created",
         "deleting_since", "conflict", "runs", "runtime", "objective"}
PHEROMONE = {"namespace", "name", "type", "source", "target", "payload",
             "intensity", "initial", "half_life_s", "ttl_s", "emitted",
             "created", "ends"}
PROPOSAL = {"namespace", "name", "title", "description", "rationale", "change",
            "target_kind", "target", "proposer", "phase", "open", "risk",
            "cost_of_delay", "blocks", "tgent", "approvals", "required",
            "rejections", "decider", "decider_text", "decided", "created",
            "deadline", "obstacle"}
SOURCE = {"name", "state", "answered", "error", "version", "detail",
          "proof_of_life", "latency_ms", "clock_offset_ms", "insecure"}
STREAM = {"kind", "state", "age_s", "rows", "error"}
THOUGHT = {"at", "namespace", "agent", "kind", "text", "tokens", "times"}
STAMP = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"


class Snapshot(Case):
    def test_numbers_agree(self):
        got = self.snapshot(config(), "-A")
        self.assertEqual(got.status, 1, got.err)
        self.assertEqual(got.source["state"], "live")
        self.assertIsNone(got.source["error"])
        self.assertGreaterEqual(len(got.json["agents"]), 24)
        for kind in ("agents", "pheromones", "proposals"):
            rows = items(kind, "-A")
            shown = got.json[kind]
            if kind == "agents":
                shown = [r for r in shown if r["origin"] == "kgents"]
            self.assertEqual(
                per_namespace(shown, lambda r: r["namespace"]),
                per_namespace(rows, lambda r: r["metadata"]["namespace"]))
            self.assertEqual({(r["namespace"], r["name"]) for r in shown},
                             {named(r) for r in rows})
            self.assertEqual(got.json["totals"][kind], len(got.json[kind]))

    def test_values_agree(self):
        got = self.snapshot(config(), "-n", HOME_NS).json
        real = {named(o): o for o in items("proposals", "-n", HOME_NS)}
        for row in got["proposals"]:
            obj = real[row["namespace"], row["name"]]
            status = obj.get("status", {})
            with self.subTest(row["name"]):
                self.assertEqual(row["phase"], status.get("phase", "New"))
                self.assertEqual(row["proposer"], obj["spec"].get("proposer"))
                self.assertEqual(row["created"],
                                 obj["metadata"]["creationTimestamp"])
                risk = status.get("riskAssessment", {}).get("cumulativeRisk")
                if risk is not None:
                    self.assertEqual(row["risk"]["by"], "operator")
                    self.assertAlmostEqual(row["risk"]["total"], risk, 3)
        real = {named(o): o for o in items("agents", "-n", HOME_NS)}
        for row in got["agents"]:
            obj = real.get((row["namespace"], row["name"]))
            if obj is None or row["origin"] != "kgents":
                continue
            with self.subTest(row["name"]):
                self.assertEqual(row["phase"],
                                 obj.get("status", {}).get("phase"))
                self.assertEqual(row["genus"], obj["spec"].get("genus"))
                self.assertEqual(bool(row["deleting_since"]),
                                 "deletionTimestamp" in obj["metadata"])
        open_ones = [p for p in got["proposals"] if p["open"]]
        self.assertEqual(got["totals"]["open_proposals"], len(open_ones))
        self.assertEqual({p["phase"] for p in open_ones} -
                         {"New", "Pending", "Reviewing"}, set())

    def test_keys_of_json(self):
        got = self.snapshot(config(), "-A").json
        self.assertEqual(set(got), set(TOP))
        for key, kind in TOP.items():
            self.assertIsInstance(got[key], kind, key)
        self.assertEqual(got["schema"], "terrarium.snapshot/1")
        self.assertRegex(got["taken"], STAMP)
        for rows, keys in (("agents", AGENT), ("pheromones", PHEROMONE),
                           ("proposals", PROPOSAL), ("sources", SOURCE), ("streams", STREAM),
                           ("thoughts", THOUGHT)):
            self.assertTrue(got[rows], f"no {rows}")
            for row in got[rows]:
                self.assertEqual(set(row), keys, rows)
        streams = {row["kind"]: row for row in got["streams"]}
        for kind in ("agents", "pheromones", "proposals", "pods", "events"):
            self.assertEqual(streams[kind]["state"], "live", kind)
            self.assertEqual(streams[kind]["age_s"], 0)
        for kind in ("pheromones", "proposals"):
            self.assertEqual(streams[kind]["rows"], len(got[kind]))
        for row in got["agents"]:
            self.assertIn(row["state"], got["totals"])
            self.assertIsInstance(row["trouble"], bool)
            self.assertRegex(row["created"] or "1970-01-01T00:00:00Z", STAMP)
        for row in got["pheromones"]:
            self.assertGreaterEqual(row["intensity"], 0)
        for row in got["proposals"]:
            self.assertIn(row["risk"]["level"],
                          ("low", "medium", "high", "critical"))
        for rows in ("agents", "pheromones", "proposals"):
            names = [(r["namespace"], r["name"]) for r in got[rows]]
            self.assertEqual(names, sorted(names, key=lambda n: (
                n[0].encode(), n[1].encode())))

    def test_viewer_may(self):
        got = self.snapshot(config("viewer"), "-A")
        self.assertEqual(got.status, 1, got.text)
        self.assertEqual(got.source["state"], "live")
        self.assertEqual(set(got.names()),
                         set(self.snapshot(config(), "-A").names()))
        done = self.run_it("doctor", "--kubeconfig", config("viewer"), "-A")
        self.assertEqual(done.status, 0, done.text)
        self.assertNotIn("BAD", done.text)

    def test_operator_is_a_plane(self):
        self.assertEqual([s["name"] for s in
                          self.snapshot(config(), "-A").json["sources"]],
                         ["kubernetes"])
        kubectl("apply", "-f", "-", input=json.dumps({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "kgents-operator-x", "namespace": "default",
                         "labels": {"app": "kgents-operator"}},
            "spec": {"nodeName": "node-0", "containers": [{
                "name": "operator", "image": "kgents/operator:1.4"}]}}))
        self.addCleanup(kubectl, "delete", "pod", "kgents-operator-x", "-n",
                        "default", "--ignore-not-found", "--wait=false",
                        "--force")

        def plane(*args, user="admin"):
            rows = self.snapshot(config(user), *args).json["sources"]
            return next((s for s in rows if s["name"] == "operator"), None)

        until(lambda: (plane("-A") or {}).get("state") == "live", 20,
              lambda: plane("-A"))
        self.assertEqual(plane("-A")["version"], "1.4")
        self.assertEqual(plane("-A")["detail"], "1 of 1 ready · 1.4")
        # wherever it runs, also when another namespace is looked at
        self.assertIsNotNone(plane("-n", HOME_NS, user="viewer"))
        # not permitted: none, and no complaint
        self.assertIsNone(plane("-A", user="nobody-else"))
        kubectl("delete", "pod", "kgents-operator-x", "-n", "default",
                "--force")
        until(lambda: plane("-A") is None, 20, "no plane without pods")

    def test_client_certificate(self):
        got = self.snapshot(config("certificate"))
        self.assertEqual(got.status, 1, got.text)
        self.assertEqual(got.source["state"], "live")

    def test_impersonation(self):
        def acting(user, more=""):
            with open(config(), encoding="utf-8") as f:
                text = f.read()
            as_lines = f"    as: {user}\n{more}"
            changed = re.sub(r"(?m)^(    token: .*\n)", r"\1" + as_lines, text)
            self.assertNotEqual(changed, text)
            return self.file("as", changed)
        got = self.snapshot(acting("viewer"), "-A")
        self.assertEqual(got.source["state"], "live")
        got = self.snapshot(acting("jane"), "-A")
        self.assertEqual(got.status, 3)
        self.assertRegex(got.source["error"], 'forbidden: User "jane"')
        got = self.snapshot(acting(
            "jane", "    as-groups: [system:masters]\n"
            "    as-user-extra:\n      Reason: [\"a b\", c]\n"), "-A")
        self.assertEqual(got.source["state"], "live")
        self.assertEqual(set(got.names()),
                         set(self.snapshot(config(), "-A").names()))

    def test_client_certificate_is_replaced(self):
        with open(config("certificate"), encoding="utf-8") as f:
            text = f.read()
        right = {}
        for what in ("client-certificate", "client-key"):
            found = re.search(what + r"-data: (\S+)", text)
            right[what] = base64.b64decode(found[1]).decode()
            text = text.replace(found[0], f"{what}: {what}.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-days", "2", "-subj", "/CN=stranger", "-keyout",
             self.home + "/client-key.pem", "-out",
             self.home + "/client-certificate.pem"],
            check=True, capture_output=True, timeout=60)
        screen = self.console("--no-picture", "-A", "--kubeconfig",
                              self.file("files", text))
        screen.wait("401|nauthorized", 15)
        for what, pem in right.items():
            self.file(what + ".new", pem)
            os.rename(f"{self.home}/{what}.new", f"{self.home}/{what}.pem")
        time.sleep(2.1)
        screen.type("R")
        screen.wait_header("agents.*live", 15)

    def test_nobody_else_may_not(self):
        for args in ((), ("-A",)):
            got = self.snapshot(config("nobody-else"), *args)
            self.assertEqual(got.status, 3, got.text)
            self.assertEqual(got.source["state"], "refused")
            self.assertRegex(got.source["error"] or "",
                             r'403.*forbidden: User "nobody-else"')
            self.assertEqual(got.json["agents"], [])
        text = self.snapshot(config("nobody-else"), format="text").text
        self.assertIn("403: agents.kgents.io is forbidden", text)

    def test_forms(self):
        text = self.snapshot(config(), "--size", "140x40", format="text")
        lines = text.out.decode("utf-8").split("\n")
        self.assertEqual(lines.pop(), "")
        self.assertEqual(len(lines), 40)
        self.assertIn("24 agents", lines[0])
        ansi = self.snapshot(config(), format="ansi")
        self.assertIn(b"\x1b[", ansi.out)
        self.assertIn("24 agents",
                      re.sub("\x1b\\[[0-9;:]*m", "", ansi.text))
        svg = self.snapshot(config(), format="svg")
        tree = xml.etree.ElementTree.fromstring(svg.out)
        self.assertTrue(tree.tag.endswith("svg"))
        self.assertIn("terrarium", "".join(tree.itertext()))
        for view in ("agents", "pheromones", "proposals", "thoughts", "wall"):
            got = self.snapshot(config(), "--view", view, "--size", "100x30",
                                format="text")
            self.assertEqual(len(got.out.decode("utf-8").split("\n")), 31,
                             view)
        ascii_ = self.snapshot(config(), "--glyphs", "ascii", format="text")
        frame = [line for line in ascii_.text.split("\n") if "agents" in line]
        self.assertTrue(frame[0].isascii(), frame[0])

    def test_check(self):
        for expr, status in (("agents>=24", 0), ("agents<24", 1),
                             ("waiting>0 && trouble>0", 0)):
            got = self.snapshot(config(), "--check", expr)
            self.assertEqual(got.status, status, f"{expr}: {got.err}")


class Console(Case):
    def live(self, *args, **size):
        screen = self.console("--no-picture", "--kubeconfig", config(), *args,
                              **size)
        screen.wait_header(r"\d\d agents.*● live", 20)
        return screen

    def quit(self, screen):
        screen.type("q")
        screen.wait(r"ended with 0\.", 10)

    def new_agent(self, name):
        kubectl("apply", "-f", "-", input=json.dumps({
            "apiVersion": "kgents.io/v1", "kind": "Agent",
            "metadata": {"name": name, "namespace": HOME_NS},
            "spec": {"genus": "C", "replicas": 1}}))
        self.addCleanup(kubectl, "delete", "agent", name, "-n", HOME_NS,
                        "--ignore-not-found", "--wait=false")

    def test_agents_are_shown(self):
        screen = self.live()
        self.assertIn("24 agents", screen.header())
        self.assertRegex(screen.text(), r"[a-z]+-gent-\d")
        for pane in ("1 agents", "2 pheromones", "3 proposals", "4 thoughts"):
            self.assertIn(pane, screen.text())
        self.quit(screen)

    def test_new_and_gone(self):
        screen = self.live()
        screen.type("/zz-new")
        screen.keys("Enter")
        self.new_agent("zz-new-gent")
        screen.wait(r"zz-new-gent\s", 3)
        kubectl("delete", "agent", "zz-new-gent", "-n", HOME_NS,
                "--wait=false")
        screen.wait_gone(r"zz-new-gent\s", 5)

    def rows(self, screen):
        """Names in the agents pane: which ones fit depends on the order."""
        return set(re.findall(r"^│[▌ ] . (\S+-gent-\d+) ", screen.text(),
                              re.M))

    def test_filter(self):
        screen = self.live()
        until(lambda: len(self.rows(screen)) > 5, 5, "rows")
        screen.type("/f-gent")
        until(lambda: self.rows(screen) == {"f-gent-1"}, 5,
              lambda: "only f-gent-1:\n" + screen.text())
        self.assertIn("24 agents", screen.header())
        screen.keys("Escape")
        until(lambda: len(self.rows(screen)) > 5, 5,
              lambda: "all rows again:\n" + screen.text())
        self.quit(screen)

    def test_help(self):
        screen = self.live()
        screen.type("?")
        screen.wait("focus the next pane", 5)
        screen.keys("Escape")
        screen.wait_gone("focus the next pane", 5)
        self.quit(screen)

    def test_page_and_yaml(self):
        screen = self.live()
        screen.type("/f-gent-1")
        until(lambda: self.rows(screen) == {"f-gent-1"}, 5,
              lambda: "only f-gent-1:\n" + screen.text())
        screen.keys("Enter")
        screen.keys("Enter")
        screen.wait(r"f-gent-1", 5)
        screen.wait_gone("2 pheromones", 5)
        screen.type("y")
        screen.wait("apiVersion:", 5)
        screen.wait(r"kind:\s*\"?Agent", 5)
        screen.keys("Escape")
        screen.keys("Escape")
        screen.wait("2 pheromones", 5)
        self.quit(screen)

    def test_pages_of_other_objects(self):
        screen = self.live("-A")
        screen.type("i")
        screen.wait(r"kind +name", 5)
        for kind, first in (("memor", "Memory"), ("umwelt", "Umwelt"),
                            ("quota", "ResourceQuota"), ("deploy",
                            "Deployment"), ("pod", "Pod"), ("job", "Job")):
            with self.subTest(first):
                screen.type("/kind:" + kind)
                screen.wait(rf"│▌ +{first} ", 5)
                screen.keys("Enter")
                screen.keys("Enter")
                screen.wait("what it belongs to", 5)
                screen.type("y")
                screen.wait(rf"kind:\s*\"?{first}", 5)
                screen.keys("Escape")
                screen.wait(r"kind +name", 5)
                screen.keys("Escape")
        screen.keys("Escape")
        screen.wait("2 pheromones", 5)
        screen.type("2")
        screen.keys("Enter")
        screen.wait(r"\d+ signals?", 5)
        screen.keys("Enter")
        screen.wait("half-life", 5)
        screen.type("y")
        screen.wait(r"kind:\s*\"?Pheromone", 5)
        screen.keys("Escape")
        screen.keys("Escape")
        screen.wait("2 pheromones", 5)
        self.quit(screen)

    def test_decision_card(self):
        screen = self.live()
        screen.type("3")
        screen.keys("Enter")
        screen.wait(r"approvals?, \d rejection", 8)
        screen.wait(r"× velocity", 5)
        screen.keys("Escape")
        screen.wait("4 thoughts", 5)
        self.quit(screen)

    def test_resize(self):
        screen = self.live()
        for width, height in ((80, 24), (60, 16), (200, 50), (20, 5),
                              (140, 40)):
            screen.resize(width, height)
            if width < 60:
                until(lambda: "terrarium" not in screen.header() or
                      len(screen.header()) <= 20, 5, "a small frame")
                continue
            screen.wait(r"agents", 5)
            until(lambda w=width, h=height:
                  len(screen.lines()) >= h and
                  max(map(len, screen.lines())) >= w - 2, 5,
                  lambda: f"a frame of {width}x{height}:\n{screen.text()}")
        self.quit(screen)

    def test_term_leaves_a_sane_tty(self):
        screen = self.live()
        os.kill(screen.pid(), signal.SIGTERM)
        screen.wait(r"ended with 0\.", 10)
        until(lambda: os.path.exists(self.home + "/tty-after"), 5, "stty")
        screen.type("sane?")
        screen.keys("Enter")
        screen.wait(r"typed <sane\?>", 5)
        with open(self.home + "/tty-before", encoding="ascii") as before, \
                open(self.home + "/tty-after", encoding="ascii") as after:
            self.assertEqual(after.read(), before.read())
        self.assertNotIn("1 agents", screen.text(), "still the other screen")
        self.assertEqual(
            screen.tmux("display", "-p", "#{alternate_on} #{cursor_flag} "
                        "#{mouse_any_flag}").strip(), "0 1 0")

    def test_term_while_ending(self):
        for _ in range(5):
            screen = self.live()
            pid = screen.pid()
            screen.type("q")
            try:
                for _ in range(200):
                    os.kill(pid, signal.SIGTERM)
                    time.sleep(0.001)
            except ProcessLookupError:
                pass
            screen.wait(r"ended with \d+\.", 10)
            screen.type("sane?")
            screen.keys("Enter")
            screen.wait(r"typed <q?sane\?>", 15)
            self.assertNotIn("1 agents", screen.text())
            with open(self.home + "/tty-before", encoding="ascii") as before, \
                    open(self.home + "/tty-after", encoding="ascii") as after:
                self.assertEqual(after.read(), before.read())

    def test_wall(self):
        screen = self.console("wall", "--no-picture", "--kubeconfig",
                              config())
        screen.wait(r"wait for a person", 20)
        screen.wait(r"24 agents.*● live", 20)
        screen.type("?/x")
        time.sleep(0.5)
        self.assertIn("wait for a person", screen.text())
        os.kill(screen.pid(), signal.SIGTERM)
        screen.wait(r"ended with 0\.", 10)

    def test_logs_become_thoughts(self):
        screen = self.live()
        storm = subprocess.Popen(
            [ROOT + "/scripts/lab", "--dir", LAB, "storm", "5", "4",
             "--log-rate", "40"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        try:
            screen.type("4+")
            marker = self.mark()
            screen.wait(re.escape(marker), 15)
        finally:
            storm.wait(60)
        rows = [r for r in screen.lines() if re.search(r"\d\d:\d\d:\d\d ", r)]
        self.assertGreater(len(rows), 10)
        self.assertNotRegex(screen.text(), "[\x00-\x09\x0b-\x1f\x7f]")
        self.quit(screen)

    def mark(self):
        """Writes a line of our own into the logs of running agents."""
        text = "integration marker 7261"
        pods = os.listdir(f"{LAB}/pods/{HOME_NS}")
        for pod in pods:
            folder = f"{LAB}/pods/{HOME_NS}/{pod}"
            for name in os.listdir(folder):
                if name.endswith(".previous.log"):
                    continue
                with open(f"{folder}/{name}", "a", encoding="utf-8") as f:
                    now = subprocess.run(
                        ["date", "-u", "+%Y-%m-%dT%H:%M:%S.%NZ"],
                        capture_output=True, text=True, check=True,
                        timeout=10).stdout.strip()
                    f.write(f"{now} stdout F {text}\n")
        return text

    def test_zz_server_goes_and_comes(self):  # last: it disturbs the others
        screen = self.live()
        count = re.search(r"(\d+) agents", screen.header()).group(0)
        until(lambda: len(self.rows(screen)) > 5, 5, "rows")
        atexit.register(lambda: subprocess.run(
            [ROOT + "/scripts/lab", "--dir", LAB, "start", "apiserver"],
            capture_output=True, check=False, timeout=120))
        lab("stop", "apiserver")
        screen.wait_header(r"stale \d+s", 20)
        self.assertIn(count, screen.header())
        self.assertGreater(len(self.rows(screen)), 5)
        lab("start", "apiserver")
        screen.wait_header("● live", 10)
        self.assertIn(count, screen.header())
        self.new_agent("zz-late-gent")
        screen.type("/zz-late")
        screen.wait(r"zz-late-gent\s", 5)
        screen.keys("Escape")
        self.quit(screen)


if __name__ == "__main__":
    unittest.main(verbosity=2)
