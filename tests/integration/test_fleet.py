"""What is done to agents on the real API server: pause, resume, scale,
restart, delete; with an operator that follows kgents' rules, and without."""

import json
import os
import time
import unittest

import kgents
from driver import Case, until
from kgents_operator import Operator
from test_real import config, kubectl, setUpModule as lab_is_up

NS = f"zz-fleet-{os.getpid()}"
STATE = {}
NUMBERS = iter(range(1000))


def setUpModule():
    lab_is_up()
    kubectl("create", "namespace", NS)
    STATE["operator"] = Operator(config(), NS).start()


def tearDownModule():
    STATE["operator"].stop()
    for kind in ("agents", "proposals"):
        for obj in json.loads(kubectl("get", kind, "-n", NS, "-o",
                                      "json"))["items"]:
            kubectl("patch", kind, obj["metadata"]["name"], "-n", NS,
                    "--type=merge", "-p",
                    json.dumps({"metadata": {"finalizers": None}}))
    kubectl("delete", "namespace", NS, "--wait=false")


class Fleet(Case):
    def agent(self, name, genus="Q", replicas=2):
        kgents.make("Agent", name, NS, {"genus": genus, "replicas": replicas,
                                        "image": "kgents/agent:1"})
        kgents.gone_after(self, "agent", name, NS)
        self.ready(genus.lower() + "-gent", replicas)
        return name

    def deployment(self, name):
        return json.loads(kubectl("get", "deployment", name, "-n", NS, "-o",
                                  "json"))

    def ready(self, name, n):
        def look():
            try:
                d = self.deployment(name)
            except Exception:  # pylint: disable=broad-except
                return False
            return (d["spec"]["replicas"] == n and
                    d.get("status", {}).get("readyReplicas", 0) == n)
        until(look, 30, f"{name} has {n} ready")

    def open(self, name, *args, user="admin"):
        s = self.console("--no-picture", "--kubeconfig", config(user),
                         "-n", NS, *args)
        s.wait_header("● live", 20)
        s.keys("1")
        s.type("/" + name)
        s.keys("Enter")
        s.wait(name, 10)
        time.sleep(0.3)
        return s

    def yes(self, s):
        time.sleep(0.4)
        s.keys("y")

    def test_pause_and_resume_as_many_as_there_were(self):
        self.agent("zz-pauser", "P", 2)
        kubectl("scale", "deployment", "p-gent", "-n", NS, "--replicas=3")
        self.ready("p-gent", 3)
        s = self.open("zz-pauser")
        s.keys("p")
        s.wait("Deployment p-gent in .*: 3 pods to 0")
        s.wait("the Agent goes on wanting 2")
        self.yes(s)
        s.wait("observed", 20)
        self.assertEqual(self.deployment("p-gent")["spec"]["replicas"], 0)
        intent = self.journal()[0]
        self.assertEqual((intent["step"], intent["before"], intent["who"]),
                         ("intent", 3, "admin"))
        self.assertTrue(intent["object"] and intent["version"])
        s.keys("q")
        again = self.open("zz-pauser")  # the journal remembers
        again.keys("p")
        again.wait("0 pods to 3, as many as there were")
        self.yes(again)
        again.wait("observed", 20)
        self.ready("p-gent", 3)

    def test_scale(self):
        self.agent("zz-scaler", "S", 1)
        s = self.open("zz-scaler")
        s.keys("c")
        s.wait("replicas")
        s.type("0")
        s.wait("pause it instead")
        s.keys("BSpace")
        s.type("3")
        s.wait("1 replicas to 3")
        time.sleep(0.4)
        s.keys("Enter")
        s.wait("observed", 20)
        self.ready("s-gent", 3)

    def test_restart(self):
        self.agent("zz-starter", "T", 2)

        def pods():
            return {p["metadata"]["uid"] for p in json.loads(kubectl(
                "get", "pods", "-n", NS, "-l", "kgents.io/genus=T", "-o",
                "json"))["items"] if not p["metadata"].get(
                    "deletionTimestamp")}
        before = pods()
        s = self.open("zz-starter")
        s.keys("x")
        s.wait("new pods take the place of 2")
        time.sleep(1.2)
        self.yes(s)
        s.wait("observed", 30)
        after = pods()
        self.assertEqual(len(after), 2)
        self.assertFalse(before & after)

    def test_who_shares_a_deployment_is_named(self):
        self.agent("zz-first", "B", 1)
        self.agent("zz-second", "B", 1)
        s = self.open("zz-first")
        s.keys("p")
        s.wait("stops another agent too: zz-second")
        s.wait("type")  # high: the name is typed
        s.keys("Escape")
        s.keys("K")
        s.wait("with it goes Deployment b-gent")
        s.wait("zz-second loses their pods")
        time.sleep(0.4)
        s.type("zz-first")
        s.keys("Enter")
        s.wait("observed", 20)
        self.assertEqual(kubectl("get", "agent", "zz-first", "-n", NS,
                                 "--ignore-not-found"), "")

    def test_an_operator_that_is_away(self):
        self.agent("zz-held", "H", 1)
        STATE["operator"].stop()
        self.addCleanup(STATE["operator"].start)
        s = self.open("zz-held")
        s.keys("K")
        s.wait("held by kopf.zalando.org")
        time.sleep(0.4)
        s.type("zz-held")
        s.keys("Enter")
        s.wait("accepted", 10)
        s.keys("J")
        s.wait("being deleted, held by kopf")
        STATE["operator"].start()
        s.wait("observed", 20)

    def test_another_one_of_that_name(self):
        self.agent("zz-twin", "U", 1)
        s = self.open("zz-twin")
        s.keys("K")
        s.wait("Agent zz-twin in")
        kubectl("delete", "agent", "zz-twin", "-n", NS)
        self.agent("zz-twin", "V", 1)
        time.sleep(1)
        s.type("zz-twin")
        s.keys("Enter")
        s.wait("another agent has its name", 10)
        self.assertIn("zz-twin", kubectl("get", "agents", "-n", NS))

    def test_a_viewer_may_do_none_of_it(self):
        self.agent("zz-seen", "W", 1)
        s = self.open("zz-seen", user="viewer")
        s.wait_gone("p pause", 10)
        for key, right in (("p", "patch deployments/scale"),
                           ("c", "patch agents"), ("x", "patch deployments"),
                           ("K", "delete agents")):
            s.keys(key)
            s.wait(f"the right to {right} in {NS} is missing")
        s.keys("?")
        s.wait("the right to delete agents")
        self.assertEqual(self.deployment("w-gent")["spec"]["replicas"], 1)

    def test_the_operator_role_may(self):
        self.agent("zz-ours", "X", 1)
        s = self.open("zz-ours", user="operator")
        s.keys("x")
        s.wait("new pods take the place of 1")
        self.yes(s)
        s.wait("observed", 30)
        s.keys("p")
        s.wait("1 pods to 0")
        self.yes(s)
        s.wait("p pause|observed", 20)
        until(lambda: self.deployment("x-gent")["spec"]["replicas"] == 0, 20,
              "paused")


class Halt(Case):
    """A namespace of its own: three stages, and back as it was."""

    def setUp(self):
        super().setUp()
        self.ns = f"zz-halt-{os.getpid()}-{next(NUMBERS)}"
        kubectl("create", "namespace", self.ns)
        self.addCleanup(kubectl, "delete", "namespace", self.ns,
                        "--wait=false")
        self.operator = Operator(config(), self.ns).start()
        self.addCleanup(self.operator.stop)
        self.wanted = {"omega-gent": 1, "d-gent": 2, "q-gent": 3, "z-gent": 1}
        for name, n in self.wanted.items():
            kgents.make("Agent", "zz-" + name, self.ns,
                        {"genus": name[:-5].upper(), "replicas": n,
                         "image": "kgents/agent:1"})
        until(lambda: self.replicas("readyReplicas") == self.wanted, 30,
              "all are ready")

    def replicas(self, field=None):
        found = json.loads(kubectl("get", "deployments", "-n", self.ns, "-o",
                                   "json"))["items"]
        return {d["metadata"]["name"]: d["status"].get(field, 0) if field
                else d["spec"]["replicas"] for d in found}

    def open(self):
        s = self.console("--no-picture", "--kubeconfig", config(),
                         "-n", self.ns)
        s.wait_header("● live", 20)
        s.keys("1")
        s.wait("zz-omega-gent", 10)
        return s

    def test_in_stages_and_back(self):
        s = self.open()
        s.keys("H")
        s.wait(f"namespace {self.ns}")
        s.keys("Enter")
        s.wait("1. start others: 1 .zz-omega-gent.")
        s.wait("2. write: 1 .zz-d-gent.")
        s.wait("3. the rest: 2")
        time.sleep(0.4)
        s.type(self.ns)
        s.keys("Enter")
        s.type("a drill")
        s.keys("Enter")
        s.wait("2 of 2 stand", 30)
        self.assertEqual(set(self.replicas().values()), {0})
        lines = self.journal()
        intents = [x["name"] for x in lines if x["step"] == "intent"]
        self.assertEqual(intents[:2], ["zz-omega-gent", "zz-d-gent"])
        seen = [(x["name"], x["step"]) for x in lines]
        self.assertLess(seen.index(("zz-omega-gent", "observed")),
                        seen.index(("zz-d-gent", "intent")))
        self.assertEqual(lines[0]["reason"], "a drill")
        s.keys("Enter")  # it may be given back from here too
        s.wait("resume what was stopped from here +4")
        s.keys("Escape")
        s.keys("q")
        again = self.open()  # another console knows what was taken
        again.keys("H")
        again.wait("resume what was stopped from here +4")
        again.keys("j", "j")
        again.keys("Enter")
        again.wait("resume what was halted: 4 agents")
        time.sleep(0.4)
        again.type("4")
        again.keys("Enter")
        again.wait("1 of 1 run[^:]*1 of 1 run", 30)
        until(lambda: self.replicas("readyReplicas") == self.wanted, 30,
              "as many as there were")
        again.keys("Escape", "H")
        again.wait_gone("what was stopped from here +4", 5)
        third = self.open()  # and that it was given back
        third.keys("H")
        third.wait(f"namespace {self.ns}")
        time.sleep(0.5)
        self.assertNotRegex(third.text(), r"what was stopped from here +[1-9]")

    def test_a_viewer_may_not(self):
        s = self.console("--no-picture", "--kubeconfig", config("viewer"),
                         "-n", self.ns)
        s.wait_header("● live", 20)
        s.keys("1")
        s.wait("zz-omega-gent", 10)
        s.wait_gone("p pause", 10)
        s.keys("H")
        s.wait("the right to patch deployments/scale")
        self.assertEqual(self.replicas(), self.wanted)


class Decide(Case):
    """The table of what an approval does, with an operator."""

    def proposal(self, name, **review):
        kgents.proposal(self, name, NS, reviewRequirements=review)
        until(lambda: self.get(name).get("phase"), 10, "the operator saw it")

    def get(self, name):
        return kgents.status("proposal", name, NS)

    def patch(self, name, **status):
        kgents.set_status("proposal", name, NS, **status)

    def open(self, name):
        s = self.console("--no-picture", "--kubeconfig", config(), "-n", NS)
        s.wait_header("● live", 20)
        s.keys("3")
        s.type("/" + name)
        s.keys("Enter")
        s.wait(f"turn {name}", 10)
        return s

    def approve(self, s):
        s.keys("a")
        s.wait("sent in")
        s.keys("Enter")
        s.wait("observed", 10)

    def test_approved_by_the_operator(self):
        self.proposal("zz-plain", tGentValidation=False)
        s = self.open("zz-plain")
        self.approve(s)
        until(lambda: self.get("zz-plain")["phase"] == "Approved", 5,
              "approved")

    def test_two_are_needed_and_two_consoles(self):
        self.proposal("zz-two", tGentValidation=False, requiredApprovers=2)
        one, two = self.open("zz-two"), self.open("zz-two")
        one.keys("a")
        one.wait("sent in")
        two.keys("a")
        two.wait("sent in")
        one.keys("Enter")
        two.keys("Enter")
        one.wait("observed", 10)
        two.wait("observed", 10)
        self.assertEqual(len(self.get("zz-two")["approvals"]), 2)
        until(lambda: self.get("zz-two")["phase"] == "Approved", 5, "approved")

    def test_override(self):
        self.proposal("zz-over")
        s = self.open("zz-over")
        s.keys("A")
        s.wait("t-gent PENDING is set to SKIPPED, over its head")
        time.sleep(0.4)
        s.type("zz-over")
        s.keys("Enter")
        s.type("tests were run by hand")
        s.keys("Enter")
        s.wait("observed", 10)
        until(lambda: self.get("zz-over")["phase"] == "Approved", 5,
              "approved")
        got = self.get("zz-over")
        self.assertEqual(got["tGentValidation"]["result"], "SKIPPED")
        self.assertEqual(got["approvals"][0]["comment"],
                         "tests were run by hand")

    def test_stuck_after_a_late_pass(self):
        self.proposal("zz-stuck")
        self.patch("zz-stuck", approvals=[{
            "approver": "other", "approvedAt": "2026-01-01T00:00:00Z"}])
        time.sleep(0.5)
        self.patch("zz-stuck", tGentValidation={"result": "PASSED"})
        s = self.open("zz-stuck")
        s.keys("a")
        s.wait("one more makes the operator look again|sent in")
        s.keys("Enter")
        s.wait("observed", 10)
        until(lambda: self.get("zz-stuck")["phase"] == "Approved", 5,
              "approved")

    def test_away_it_is_acted_on_later(self):
        self.proposal("zz-away", tGentValidation=False)
        STATE["operator"].stop()
        self.addCleanup(STATE["operator"].start)
        s = self.open("zz-away")
        self.approve(s)
        self.assertEqual(self.get("zz-away")["phase"], "Reviewing")
        STATE["operator"].start()
        until(lambda: self.get("zz-away")["phase"] == "Approved", 10,
              "approved when it is back")

    def test_being_deleted(self):
        self.proposal("zz-going", tGentValidation=False)
        STATE["operator"].stop()
        self.addCleanup(STATE["operator"].start)
        kubectl("delete", "proposal", "zz-going", "-n", NS, "--wait=false")
        s = self.open("zz-going")
        s.keys("a")
        time.sleep(0.7)
        self.assertNotIn("sent in", s.text())
        self.assertFalse(self.get("zz-going")["approvals"])


if __name__ == "__main__":
    unittest.main()
