"""Deciding on the real API server, as admin, operator and viewer."""

import json
import os
import time
import unittest

import kgents
from driver import Case, until
from test_real import HOME_NS, config, kubectl, setUpModule  # noqa: F401

NAMES = iter(range(1000))


class Decide(Case):
    """Own names, since other tests count what is there."""

    def proposal(self, risk=0.1, phase="Reviewing", tgent=None, seen=True):
        self.seen = seen
        name = f"zz-decide-{os.getpid()}-{next(NAMES)}"
        kgents.proposal(self, name, HOME_NS)
        if seen:
            self.status(name, phase=phase, approvals=[], rejections=[],
                        riskAssessment={"baseRisk": risk,
                                        "cumulativeRisk": risk},
                        **({"tGentValidation": {"result": tgent}}
                           if tgent else {}))
        return name

    def status(self, name, **status):
        kgents.set_status("proposal", name, HOME_NS, **status)

    def get(self, name):
        return kgents.status("proposal", name, HOME_NS)

    def open(self, name, *args, user="admin"):
        screen = self.console("--no-picture", "--kubeconfig", config(user),
                              "-n", HOME_NS, *args)
        screen.wait_header("● live", 20)
        screen.keys("3")
        screen.type("/" + name)
        screen.keys("Enter")
        screen.wait(f"turn {name}", 10)
        if self.seen: # what the operator wrote has come too: no ~
            screen.wait(r"\d\.\d\d ━.*turn z", 10)
        return screen

    def steps(self):
        return [x["step"] for x in self.journal()]

    def test_approve_low(self):
        name = self.proposal()
        s = self.open(name)
        s.keys("a")
        s.wait("sent in")
        s.keys("Enter")
        s.wait("observed", 10)
        approvals = self.get(name)["approvals"]
        self.assertEqual(len(approvals), 1)
        self.assertTrue(approvals[0]["approver"])
        self.assertRegex(approvals[0]["approvedAt"], r"^\d{4}-.*Z$")
        self.assertEqual(self.steps(), ["intent", "accepted", "observed"])

    def test_nobodys_entry_is_lost(self):
        name = self.proposal()
        first = self.open(name)
        first.keys("a")
        first.wait("sent in")
        self.status(name, approvals=[{"approver": "other",
                                      "approvedAt": "2026-01-01T00:00:00Z"}])
        first.keys("Enter")
        first.wait("observed", 10)
        self.assertEqual(len(self.get(name)["approvals"]), 2)

    def test_reject(self):
        name = self.proposal(risk=0.9)
        s = self.open(name)
        s.keys("r")
        s.wait("reason")
        s.type("not now")
        time.sleep(0.4)
        s.keys("Enter")
        s.wait("observed", 10)
        status = self.get(name)
        self.assertEqual((status["phase"], status["rejections"][0]["reason"]),
                         ("Rejected", "not now"))
        self.assertEqual(status["conditions"][0]["reason"], "Rejected")

    def test_what_would_be_lost_is_not_sent(self):
        name = self.proposal(seen=False)
        s = self.open(name)
        s.keys("a")
        s.wait("operator has not seen it")
        self.assertFalse(self.get(name).get("approvals"))

    def test_a_pending_tgent_is_told(self):
        name = self.proposal(risk=0.4, tgent="PENDING")
        s = self.open(name)
        s.keys("a")
        s.wait("t-gent PENDING: the approval is stored, the phase stays")
        time.sleep(0.4)
        s.keys("y")
        s.wait("observed", 10)
        self.assertEqual(self.get(name)["phase"], "Reviewing")

    def test_changed_in_meaning_nothing_is_sent(self):
        name = self.proposal()
        s = self.open(name)
        s.keys("a")
        s.wait("sent in")
        kubectl("patch", "proposal", name, "-n", HOME_NS, "--type=merge",
                "-p", json.dumps({"spec": {"description": "turn " + name +
                                           " and delete the rest"}}))
        s.wait(name + " a", 5)
        s.keys("Enter")
        s.wait("superseded", 10)
        self.assertFalse(self.get(name)["approvals"])

    def test_changed_while_the_dialog_is_open(self):
        name = self.proposal(risk=0.4)
        s = self.open(name)
        s.keys("a")
        s.wait("y  do it")
        self.status(name, riskAssessment={"baseRisk": 0.9,
                                          "cumulativeRisk": 0.92})
        time.sleep(1)
        s.keys("y")
        s.wait("changed while you looked; nothing was sent")
        self.assertFalse(self.get(name).get("approvals"))
        s.wait("to confirm") # it is high now: the name is wanted
        time.sleep(0.4)
        s.keys("y", "Enter")
        self.assertFalse(self.get(name).get("approvals"))
        s.keys("Escape")
        s.wait_gone("changed while you looked")
        self.assertEqual(self.steps(), [])

    def test_changed_in_what_was_not_shown_goes_through(self):
        name = self.proposal(risk=0.4)
        s = self.open(name)
        s.keys("a")
        s.wait("y  do it")
        kubectl("label", "proposal", name, "-n", HOME_NS, "seen=yes")
        time.sleep(1)
        s.keys("y")
        s.wait("observed", 10)
        self.assertEqual(len(self.get(name)["approvals"]), 1)

    def test_of_many_the_others_stand(self):
        """One changes and one goes while the plan of three is looked at."""
        names = [self.proposal(risk=0.1) for _ in range(3)]
        s = self.open(names[0].rsplit("-", 1)[0])
        for name in names:
            s.wait("turn " + name, 10)
        s.keys("*", "a")
        s.wait("3 at once")
        kubectl("delete", "proposal", names[1], "-n", HOME_NS)
        self.status(names[2], riskAssessment={"baseRisk": 0.3,
                                              "cumulativeRisk": 0.31})
        until(lambda: s.text().count("│✓ ") == 2 and
              "│✓ 0.31" in s.text(), 10, "both are seen")
        s.keys("y")
        s.wait("changed while you looked; nothing was sent")
        s.wait(names[2] + "  changed")
        s.wait("1 left out: " + names[1])
        for name in (names[0], names[2]):
            self.assertFalse(self.get(name).get("approvals"))
        time.sleep(0.4)
        s.keys("y")
        s.wait_gone("at once")
        for name in (names[0], names[2]):
            until(lambda name=name: self.get(name).get("approvals"), 10,
                  "both are approved")

    def test_decided_elsewhere_nothing_is_sent(self):
        name = self.proposal()
        s = self.open(name)
        s.keys("a")
        s.wait("sent in")
        self.status(name, phase="Expired")
        time.sleep(1)
        s.keys("Enter")
        s.wait("superseded", 10)
        self.assertFalse(self.get(name)["approvals"])

    def test_a_viewer_is_told_which_right_is_missing(self):
        name = self.proposal()
        s = self.open(name, user="viewer")
        s.wait_gone("a approve", 10)
        s.keys("a")
        s.wait("the right to patch proposals/status in .* is missing", 10)
        s.keys("r")
        time.sleep(0.5)
        self.assertNotIn("reason", s.text())
        self.assertFalse(self.get(name)["approvals"])

    def test_the_operator_role_may(self):
        name = self.proposal()
        s = self.open(name, user="operator")
        s.keys("a")
        s.wait("sent in")
        s.keys("Enter")
        s.wait("observed", 10)
        self.assertEqual(len(self.get(name)["approvals"]), 1)

    def test_read_only_has_no_such_keys(self):
        name = self.proposal()
        s = self.open(name, "--read-only")
        s.keys("a", "r", "s", "K", "m", "p", "t", "u", "Enter")
        time.sleep(0.5)
        self.assertNotIn("sent in", s.text())
        self.assertFalse(self.get(name)["approvals"])
        self.assertFalse(os.path.exists(
            self.home + "/state/terrarium/journal.jsonl"))



if __name__ == "__main__":
    unittest.main()
