"""A write and everything that can become of it: the answer is cut at any
point, refused, doubted, late. What is on the screen and in the journal is
true, and nothing is done twice."""

import json
import os
import socket
import time
import unittest
import uuid

from driver import until
from scripted import Cut, Hang
from test_faults import Faults

NAME, NS = "p1", "team"
STATUS = f"/apis/kgents.io/v1/namespaces/{NS}/proposals/{NAME}/status"


class Answers:
    """What the server does with each PATCH, in turn; the last for the rest."""

    def __init__(self, test, *script):
        self.script, self.patches, self.silent = list(script), 0, False
        self.api, self.config = test.plain(ns=NS, fleet=False)
        self.uid = str(uuid.uuid4())
        self.write()
        self.api.hook(self.hook)

    def write(self, silent=False, **status):
        spec = {"description": "title of p1", "proposer": "alpha",
                "changeType": "CODE_PATCH",
                "target": {"kind": "Agent", "name": "beta"}}
        self.now = {"phase": "Reviewing", "approvals": [], "rejections": [],
                    "riskAssessment": {"baseRisk": 0.1,
                                       "cumulativeRisk": 0.1}, **status}
        self.api.put("proposals", NAME, NS, silent=silent, uid=self.uid,
                     spec=spec, status=self.now)

    def do(self, handler, body):
        """Applies the patch, as the API server would."""
        status = dict(self.now)
        for op in json.loads(body):
            if op["op"] == "add" and op["path"] == "/status/approvals/-":
                status["approvals"] = status["approvals"] + [op["value"]]
        self.write(silent=self.silent, **{k: v for k, v in status.items()
                                          if k != "riskAssessment"})

    def hook(self, handler, request):
        if request.method == "POST" and "reviews" in request.path:
            return handler.reply(201, json.dumps({
                "status": {"allowed": True, "incomplete": True,
                           "userInfo": {"username": "me"}}}))
        if request.method != "PATCH" or request.path != STATUS:
            return False
        step = self.script[min(self.patches, len(self.script) - 1)]
        self.patches += 1
        return step(self, handler, request) or True

    def reply(self, handler, code=200):
        obj = self.api.objects["proposals"][NS, NAME]
        return handler.reply(code, json.dumps(obj))


def done(a, handler, request):
    a.do(handler, request.body)
    return a.reply(handler)


def refused(code, reason, message="no", then=None, headers=()):
    def step(a, handler, request):
        if then is not None:
            then(a)
        # the next try has a connection of its own: one that was idle may be
        # reset just then, which is another fault
        return handler.status(code, reason, message,
                              [*headers, ("Connection", "close")])
    return step


def cut_before(a, handler, request):
    raise Cut()


def cut_after(n):
    """Done, and the first n bytes of the answer."""
    def step(a, handler, request):
        a.do(handler, request.body)
        obj = json.dumps(a.api.objects["proposals"][NS, NAME]).encode()
        answer = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                  b"Content-Length: %d\r\n\r\n" % len(obj)) + obj
        handler.wfile.write(answer[:n])
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
        raise Cut()
    return step


class Write(Faults):
    def run_script(self, *script, silent=False):
        a = Answers(self, *script)
        a.silent = silent
        s = self.console("--no-picture", "--kubeconfig", a.config)
        s.wait("1 waiting", 15)
        s.keys("3")
        time.sleep(0.3)
        s.keys("a")
        s.wait("sent in")
        s.keys("Enter")
        return a, s

    def ends(self, a, s, words, patches, last, approvals):
        try:
            s.wait(words, 15)
        except AssertionError as e:
            raise AssertionError(f"{self.journal()}\n{e}") from None
        until(lambda: self.journal()[-1]["step"] == last, 10, last)
        self.assertEqual(a.patches, patches)
        steps = self.journal()
        self.assertEqual(steps[0]["step"], "intent")
        self.assertEqual(len(a.now["approvals"]), approvals)
        return steps

    def test_done(self):
        a, s = self.run_script(done)
        steps = self.ends(a, s, "observed", 1, "observed", 1)
        self.assertEqual(steps[1]["status"], 200)
        self.assertIn("after_ms", steps[2])
        self.assertEqual(steps[0]["request"], "PATCH")
        self.assertEqual(steps[0]["path"], STATUS)

    def test_cut_before_anything_was_done(self):
        a, s = self.run_script(cut_before)
        self.ends(a, s, "the answer was lost, and it was not done", 1,
                  "not done", 0)

    def test_cut_and_somebody_else_did_it(self):
        def other(a, handler, request):
            a.write(approvals=[{"approver": "other",
                                "approvedAt": "2026-01-01T00:00:00Z"}])
            raise Cut()
        a, s = self.run_script(other, done)
        self.ends(a, s, "it was not done", 1, "not done", 1)

    def test_cut_at_every_point_of_the_answer(self):
        for n in (0, 1, 9, 17, 40, 70, 90, 200, 400):
            with self.subTest(bytes=n):
                a, s = self.run_script(cut_after(n))
                self.ends(a, s, "observed", 1, "observed", 1)
                s.close()
                os.unlink(self.home + "/state/terrarium/journal.jsonl")

    def test_cut_and_the_watch_is_silent(self):
        a, s = self.run_script(cut_after(0), silent=True)
        self.ends(a, s, "observed", 1, "observed", 1)  # a GET told

    def test_conflict_and_still_the_same(self):
        a, s = self.run_script(refused(409, "Conflict"), done)
        steps = self.ends(a, s, "observed", 2, "observed", 1)
        self.assertIn("sent again", [x["step"] for x in steps])

    def test_conflict_and_another_meaning(self):
        a, s = self.run_script(refused(
            409, "Conflict", then=lambda a: a.write(silent=True,
                                                    phase="Expired")), done)
        self.ends(a, s, "it is decided already: Expired", 1, "superseded", 0)

    def test_conflict_and_gone(self):
        a, s = self.run_script(refused(
            409, "Conflict", then=lambda a: a.api.delete(
                "proposals", NAME, NS, silent=True)), done)
        self.ends(a, s, "it does not exist any more", 1, "superseded", 0)

    def test_422_without_a_word_is_read_again(self):
        a, s = self.run_script(refused(
            422, "Invalid", "the server rejected our request",
            then=lambda a: a.write(silent=True, phase="Rejected")), done)
        self.ends(a, s, "it is decided already: Rejected", 1, "superseded", 0)

    def test_422_that_stays_is_told(self):
        a, s = self.run_script(refused(
            422, "Invalid", "approvals[0].approver: too long"))
        self.ends(a, s, "approver: too long", 3, "refused", 0)

    def test_403(self):
        a, s = self.run_script(refused(
            403, "Forbidden", 'User "me" cannot patch proposals/status'))
        self.ends(a, s, "cannot patch proposals/status", 1, "refused", 0)

    def test_429_is_waited_for(self):
        busy = refused(429, "TooManyRequests", headers=[("Retry-After", "1")])
        a, s = self.run_script(busy, busy, done)
        self.ends(a, s, "observed", 3, "observed", 1)

    def test_429_for_ever_is_told(self):
        a, s = self.run_script(refused(429, "TooManyRequests", "come later"))
        self.ends(a, s, "refused: 429: come later", 3, "refused", 0)

    def test_500_that_did_it(self):
        def step(a, handler, request):
            a.do(handler, request.body)
            return handler.status(500, "InternalError", "oops")
        a, s = self.run_script(step)
        self.ends(a, s, "observed", 1, "observed", 1)

    def test_500_that_did_not(self):
        a, s = self.run_script(refused(500, "InternalError", "oops"))
        self.ends(a, s, "500: oops: it was not done", 1, "not done", 0)

    def test_slow(self):
        def step(a, handler, request):
            a.do(handler, request.body)
            time.sleep(3)
            return a.reply(handler)
        a, s = self.run_script(step)
        s.wait("sent", 2)
        self.ends(a, s, "observed", 1, "observed", 1)

    def test_the_console_ends_before_the_answer(self):
        def step(a, handler, request):
            a.do(handler, request.body)
            raise Hang()
        a, s = self.run_script(step)
        until(lambda: a.patches == 1, 5, "sent")
        s.keys("q")
        time.sleep(0.7)
        self.assertEqual([x["step"] for x in self.journal()][0], "intent")
        self.assertNotIn("observed", [x["step"] for x in self.journal()])
        self.assertEqual(a.patches, 1)


if __name__ == "__main__":
    unittest.main()
