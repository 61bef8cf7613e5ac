"""What is asked of a control plane beside its lists: what a spawn would run,
what an agent put out, its mission, its events; and over TLS."""

import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest

from driver import until
from lab_plane import ZERO, Control, agent, event, hang, now

DRY = "/api/v1/agents/dry-run"


def gigabyte(handler, head=b'{"output":"', piece=b"x" * 65536):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    handler.close_connection = True
    handler.wfile.write(head)
    for _ in range(1 << 14):
        handler.wfile.write(piece)
    return True


def mid_answer(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"output": "half of i')
    handler.close_connection = True
    return True


def garbage(handler):
    handler.answer(200, os.urandom(3000))
    return True


def plain(status, text):
    return lambda h: h.answer(status, text + "\n", "text/plain") or True


def fails(status, text):
    return lambda h: h.fail(status, text) or True


class DryRun(Control):
    def spawn(self, screen, *fields):
        screen.keys("s")
        screen.wait("contract")
        time.sleep(0.5)
        for i, text in enumerate(fields):
            if i:
                screen.keys("Tab")
            screen.type(text)
        screen.wait(f"spawn {fields[0]}")
        screen.keys("Enter")

    def spawned(self):
        return [r for r in self.plane.writes() if r[1] == "/api/v1/agents"]

    def test_what_would_run_is_shown_and_nothing_secret(self):
        for width, height in ((140, 40), (80, 24)):
            screen = self.console_on(agent("alpha", "Idle"), width=width,
                                     height=height)
            self.spawn(screen, "map-1", "draw a map")
            screen.wait("Enter sends it")
            text = screen.text()
            flat = re.sub(r"[\s│]+", " ", text)
            for said in ("it would run claude -p 'draw a map of it all'",
                         "--api-key …", "--auth-token=…",
                         "claude, model opus, batch, backend kubernetes",
                         "it may use Read, Grep, Bash(git:*)",
                         "MCP servers: gateway", "environment: HOME, API_KEY;",
                         "staged secrets: github"):
                self.assertIn(said, flat, text)
            self.assertNotIn("hush", text)
            self.assertEqual(self.spawned(), [])
            screen.keys("Escape")
            screen.keys("q")
            time.sleep(0.5)
        self.assertEqual(self.journal(), [])
        kept = subprocess.run(["grep", "-rl", "hush", self.home],
                              capture_output=True, text=True, check=False)
        self.assertEqual(kept.stdout, "")

    def test_what_is_typed_then_is_asked_anew(self):
        screen = self.console_on(agent("alpha", "Idle"))
        self.spawn(screen, "map-1", "draw a map")
        screen.wait("Enter sends it")
        screen.type("s")
        screen.wait_gone("Enter sends it")
        time.sleep(0.5)
        screen.keys("Enter")
        screen.wait("Enter sends it")
        self.assertEqual(self.spawned(), [])
        time.sleep(0.5)
        screen.keys("Enter")
        until(self.spawned, 10, lambda: screen.text())
        self.assertEqual(self.spawned()[0][2]["contract"], "draw a maps")
        self.assertEqual([r[2]["contract"] for r in self.asked(DRY)],
                         ["draw a map", "draw a maps"])

    def test_a_key_before_it_was_read_sends_nothing(self):
        screen = self.console_on(agent("alpha", "Idle"))

        def slow(handler):
            time.sleep(0.4)
            return False
        self.plane.faults[DRY] = slow
        self.spawn(screen, "map-1", "draw a map")
        until(lambda: self.asked(DRY), 5, "asked")
        for _ in range(8):  # while it is asked, and when it has answered
            screen.keys("Enter")
            time.sleep(0.06)
        screen.wait("Enter sends it")
        self.assertEqual(self.spawned(), [])

    def test_a_server_that_cannot_be_asked_is_sent_to_all_the_same(self):
        """An old one, one that fails at it, one whose answer is of no use."""
        for i, (fault, said) in enumerate((
                (plain(405, "Method Not Allowed"), "answered 405: Method Not"),
                (plain(404, "404 page not found"), "404 page not found"),
                (fails(500, "adapter: no such profile"), "no such profile"),
                (plain(502, "bad gateway"), "bad gateway"),
                (garbage, "cannot be read"),
                (lambda h: h.answer(200, "null") or True,
                 "cannot be read|did not say"),
                (lambda h: h.answer(200, '{"command_spec":null,'
                                    '"resolved_spec":[]}') or True,
                 "did not say"),
                (gigabyte, "is more than"))):
            with self.subTest(said):
                screen = self.console_on(agent("alpha", "Idle"))
                self.plane.faults[DRY] = fault
                self.spawn(screen, f"map-{i}", "draw a map")
                screen.wait("Enter sends it all the same", 20)
                self.assertRegex(re.sub(r"[\s│]+", " ", screen.text()), said)
                time.sleep(0.5)
                screen.keys("Enter")
                until(lambda: len(self.spawned()) == i + 1, 10,
                      lambda: screen.text())
                screen.keys("q")

    def test_refused(self):
        screen = self.console_on(agent("alpha", "Idle"))
        for i, (fault, said) in enumerate((
                (plain(401, "who are you"), "who are you"),
                (plain(403, "not you"), "not you"),
                (mid_answer, "nothing was stored"),
                (fails(400, "host_type: no such runtime"),
                 "runtime .*\n.*no such runtime"))):
            self.plane.faults[DRY] = fault
            if i == 0:
                self.spawn(screen, "map-1", "draw a map")
            else:
                time.sleep(0.5)
                screen.keys("Enter")
            screen.wait(said, 10)
            self.assertEqual(self.spawned(), [])

    def hanging(self):
        screen = self.console_on(agent("alpha", "Idle"))
        self.plane.faults[DRY] = hang
        self.spawn(screen, "map-1", "draw a map")
        screen.wait("asking the server")
        return screen

    def test_it_hangs_and_is_taken_back(self):
        screen = self.hanging()
        screen.keys("Escape")
        screen.wait_gone("asking the server", 2)
        screen.keys("Escape")
        screen.wait_gone("contract", 2)
        self.assertEqual(self.spawned(), [])

    def test_its_control_plane_goes_meanwhile(self):
        """The configuration does not name it any more: nobody waits for it."""
        screen = self.hanging()
        self.file(".config/terrarium/config.yaml",
                  f"sources:\n  g:\n    type: ghost\n    path: {self.home}\n")
        os.kill(screen.pid(), signal.SIGHUP)
        screen.wait("not among the sources any", 5)
        screen.keys("Escape")
        screen.keys("Escape")
        screen.wait_gone("contract", 5)
        screen.keys("q")
        screen.wait("ended with 0", 5)
        self.assertEqual(self.spawned(), [])

    def test_read_only(self):
        screen = self.console_on(agent("alpha", "Idle"), args=("--read-only",))
        screen.keys("s")
        time.sleep(1)
        self.config(**{"read-only": "true"})
        other = self.console()
        other.wait("alpha")
        other.keys("s")
        time.sleep(1)
        other.type("map-1")
        other.keys("Tab")
        other.type("draw")
        other.keys("Enter")
        time.sleep(2)
        self.assertEqual(self.plane.writes(), [])


class Output(Control):
    def follow(self, *agents, key="l", **size):
        screen = self.console_on(*agents, **size)
        screen.keys("t")
        screen.wait("what its control plane keeps")
        screen.keys(key)
        screen.wait("· log")
        return screen

    def lines(self, screen, pattern):
        return re.findall(pattern, screen.text())

    def test_its_log_is_followed(self):
        self.plane.outputs["alpha"] = "".join(
            f"[{now(60 - i)}] step {i}\n" for i in range(5))
        screen = self.follow(agent("alpha"))
        screen.wait("follows its log")
        screen.wait(r"\d\d:\d\d:\d\d +step 4")
        for i in range(5, 12):
            self.plane.outputs["alpha"] += f"step {i}\n"
            time.sleep(0.3)
        screen.wait("step 11", 10)
        self.assertEqual(self.lines(screen, r"step (\d+)"),
                         [str(i) for i in range(12)])
        self.assertTrue(self.asked("/alpha/logs?lines=1000"))
        self.assertEqual(self.plane.most["/api/v1/agents/alpha/logs"], 1)
        # only while it is looked at
        screen.keys("Escape")
        screen.wait_gone("· log")
        screen.keys("Escape")
        time.sleep(1)
        n = len(self.asked("/logs"))
        time.sleep(4)
        self.assertEqual(len(self.asked("/logs")), n)

    def test_also_by_who_only_reads(self):
        self.plane.outputs["alpha"] = "fine\n"
        screen = self.follow(agent("alpha"), args=("--read-only",))
        screen.wait("fine")
        self.assertEqual(self.plane.writes(), [])

    def test_a_window_that_slides(self):
        """More lines than one answer has, and a flood between two."""
        self.plane.outputs["alpha"] = "".join(f"w{i}\n" for i in range(3000))
        screen = self.follow(agent("alpha"), height=60)
        screen.wait("w2999")
        self.plane.outputs["alpha"] += "".join(f"w{i}\n"
                                           for i in range(3000, 3030))
        screen.wait("w3029", 15)
        self.assertEqual(self.lines(screen, r"w(\d+)")[-40:],
                         [str(i) for i in range(2990, 3030)])
        self.assertNotIn("not told", screen.text())
        self.plane.outputs["alpha"] += "".join(f"w{i}\n"
                                           for i in range(3030, 9000))
        screen.wait("w8999", 15)
        screen.keys("g")
        for _ in range(60):
            if "came between was not told" in screen.text():
                break
            screen.keys("PageDown")
            time.sleep(0.1)
        screen.wait("came between was not told")

    def test_what_it_has_instead(self):
        """Once in words, and no trouble of the plane's."""
        self.plane.peeks["alpha", "raw"] = "raw one\nraw two\n"
        screen = self.follow(agent("alpha", "Idle"))
        screen.wait("the end of its log file; no log: no job found for")
        screen.wait("raw two")
        self.plane.peeks["alpha", "raw"] += "raw three\n"
        screen.wait("raw three")
        self.assertEqual(self.lines(screen, r"raw (\w+)"),
                         ["one", "two", "three"])
        self.assertEqual(len(self.asked("/alpha/logs")), 1)
        self.assertEqual(self.shot().source["state"], "live")
        # 8 KiB of it: the first line is the end of one
        self.plane.peeks["alpha", "raw"] = "".join(f"raw x{i:05}\n"
                                               for i in range(2000))
        screen.wait("raw x01999", 15)
        self.plane.peeks["alpha", "raw"] += "raw last\n"
        screen.wait("raw last", 15)
        self.assertEqual(self.lines(screen, r"raw x(01999)"), ["01999"])

    def test_its_log_comes_back(self):
        """A way that failed once tells nothing again when it works again."""
        self.plane.outputs["alpha"] = "log 0\nlog 1\nlog 2\n"
        self.plane.peeks["alpha", "raw"] = "raw one\n"
        screen = self.follow(agent("alpha"))
        screen.wait("log 2")
        logs = "/api/v1/agents/alpha/logs"
        self.plane.faults[logs] = plain(502, "bad gateway")
        screen.wait("the end of its log file; no log: .*bad gateway", 15)
        self.plane.faults[logs] = hang  # it is tried again, and says nothing
        n = len(self.asked("/alpha/logs"))
        until(lambda: len(self.asked("/alpha/logs")) > n, 45, "it is tried")
        self.plane.peeks["alpha", "raw"] += "raw two\n"
        screen.wait("raw two", 25)
        del self.plane.faults[logs]
        self.plane.outputs["alpha"] += "log 3\n"
        screen.wait("log 3", 60)
        self.assertEqual(self.lines(screen, r"log (\d)"), list("0123"))

    def test_what_it_said_last(self):
        self.plane.peeks["alpha", ""] = "I am reading"
        screen = self.follow(agent("alpha", "Idle"))
        screen.wait("what it said last")
        screen.wait("I am reading")  # without a line's end
        self.plane.peeks["alpha", ""] = "I am writing"
        screen.wait("I am writing", 15)
        self.assertEqual(self.lines(screen, "I am reading"),
                         ["I am reading"])

    def test_its_events_instead(self):
        """A list as a text, in its server's own spelling."""
        for i in range(3):
            self.plane.tell(event("alpha", "tool.started",
                                  attrs={"tool_name": f"Tool{i}"}))
        screen = self.follow(agent("alpha", "Idle"))
        screen.wait("its last events")
        screen.wait(r"\d\d:\d\d:\d\d +tool.started +Tool2")
        self.plane.tell(event("alpha", "message.completed", detail="two\nlines"))
        screen.wait("message.completed +two lines", 15)
        self.assertEqual(self.lines(screen, r"tool.started +(\w+)"),
                         ["Tool0", "Tool1", "Tool2"])

    def test_nothing_at_all(self):
        self.plane.faults["/api/v1/agents/alpha/peek"] = plain(
            404, "404 page not found")
        screen = self.follow(agent("alpha", "Queued", mode="queued"))
        screen.wait("there is no output of it: no job found for agent alpha")
        self.assertEqual(self.shot().source["state"], "live")
        self.plane.outputs["alpha"] = ""
        screen.wait("nothing was put out yet", 25)

    def test_hostile_lines(self):
        self.plane.outputs["alpha"] = ("\x1b[31mred\x1b[0m\x07\u202e\r\n" +
                                   "x" * 100000 + "\n" + "end\n")
        screen = self.follow(agent("alpha"))
        screen.wait("end")
        self.assertNotIn("\x1b", screen.text())
        self.assertIn("red", screen.text())

    def test_its_server_fails(self):
        """Each way once; it says so, and the list lives."""
        self.plane.outputs["alpha"] = "fine\n"
        screen = self.follow(agent("alpha"))
        screen.wait("fine")
        path = "/api/v1/agents/alpha/logs"
        for fault, said in ((hang, None), (mid_answer, "no answer"),
                            (garbage, "no log"), (gigabyte, "no log"),
                            (plain(401, "who are you"), "who are you"),
                            (fails(500, "pods are forbidden"), "forbidden")):
            with self.subTest(said):
                # the page again, so that its log is what is asked for
                screen.keys("Escape")
                screen.wait("what its control plane keeps")
                self.plane.faults = {path: fault}
                screen.keys("l")
                screen.wait("· log")
                if said:
                    screen.wait(said, 25)
                self.assertEqual(self.shot().source["state"], "live")
                screen.keys("?")
                screen.wait("keys|explain", 2)
                screen.keys("Escape")
                self.plane.faults = {}
        screen.keys("Escape")
        screen.wait("what its control plane keeps")
        screen.keys("l")
        screen.wait("fine")

    def test_its_source_goes(self):
        self.plane.outputs["alpha"] = "fine\n"
        screen = self.follow(agent("alpha"))
        screen.wait("fine")
        self.file(".config/terrarium/config.yaml",
                  "sources:\n  other:\n    type: control-plane\n"
                  "    url: http://127.0.0.1:9\n")
        screen.keys("Escape", "Escape")
        time.sleep(0.3)
        screen.keys("t")
        screen.wait("what its control plane keeps")
        screen.keys("o")
        screen.wait("fine")
        os.kill(screen.pid(), 1)
        screen.wait("is not among the sources any more", 10)
        screen.keys("Escape", "Escape")
        time.sleep(0.5)
        screen.keys("q")
        screen.wait("ended with 0", 10)


class Mission(Control):
    def test_of_the_one_that_is_looked_at(self):
        self.plane.missions["alpha"] = {"mission_id": 41, "agent_task": "alpha",
                                    "status": "claimed",
                                    "objective_id": "loom"}
        screen = self.console_on(agent("alpha"), agent("beta"))
        screen.type("/alpha")
        screen.keys("Enter", "Enter")
        screen.wait(r"mission +41, claimed", 10)
        screen.wait(r"objective +loom")
        self.plane.missions["alpha"]["status"] = "completed"
        screen.wait(r"mission +41, completed", 20)
        self.assertEqual(self.asked("/beta/mission"), [])
        self.assertEqual(self.plane.most["/api/v1/agents/alpha/mission"], 1)

    def test_none_and_not_told(self):
        """A 404 says that there is none; anything else says nothing."""
        screen = self.console_on(agent("alpha"))
        screen.keys("Enter")
        screen.wait(r"mission +none", 10)
        for fault in (fails(500, "no queue configured"), garbage,
                      plain(405, "Method Not Allowed"), gigabyte,
                      plain(403, "no")):
            with self.subTest(fault):
                self.plane.faults["/api/v1/agents/alpha/mission"] = fault
                other = self.console()
                other.wait("alpha")
                other.keys("Enter")
                other.wait(r"mission +–", 10)
                time.sleep(1)
                other.wait(r"mission +–", 10)
                self.assertIn("live", other.header())
                other.keys("q")

    def test_odd_values(self):
        for row in ({"mission_id": 0, "status": None},
                    {"mission_id": "x", "status": 5, "objective_id": []},
                    {"mission_id": -3}, {"mission_id": 1e300}):
            with self.subTest(row):
                self.plane.missions["alpha"] = row
                screen = self.console_on(agent("alpha"))
                screen.keys("Enter")
                screen.wait(r"mission +–", 10)
                screen.keys("q")


class Events(Control):
    def say(self, text, **more):
        e = event("crawl", "message.completed", attrs={"text_preview": text},
                  **more)
        self.plane.tell(e)
        return e

    def zoomed(self, screen):
        screen.keys("4", "+")
        time.sleep(0.5)
        return screen

    def once(self, screen, *words):
        text = screen.text()
        for word in words:
            self.assertEqual(text.count(word), 1, text)

    def test_the_last_then_the_stream(self):
        for i in range(30):
            self.say(f"past-{i:02}.")
        screen = self.zoomed(self.console_on(agent("crawl")))
        screen.wait("past-29", 10)
        self.say("now-1.")
        screen.wait("now-1", 5)
        self.once(screen, "past-00.", "past-29.", "now-1.")
        self.assertEqual(len(self.asked("/crawl/events?last=100")), 1)
        self.assertTrue(self.asked("/crawl/watch?since="))

    def test_since_after_a_stream_that_broke(self):
        self.say("past-1.")
        screen = self.zoomed(self.console_on(agent("crawl")))
        screen.wait("past-1", 10)
        until(lambda: self.plane.streams, 5, "a stream")
        del self.plane.requests[:]
        self.plane.drop_streams()
        last = self.plane.events["crawl"][-1]["ID"]
        for i in range(250):  # more than an answer has
            self.say(f"away-{i:03}.")
        screen.wait("away-249", 15)
        screen.keys("g")
        time.sleep(0.5)
        asked = [r[1] for r in self.asked("/crawl/events")]
        self.assertIn(f"since={last}", asked[0])
        self.assertEqual(len(asked), 3, asked)
        seen = set()
        for _ in range(30):
            seen.update(re.findall(r"away-(\d+)\.", screen.text()))
            screen.keys("PageDown")
            time.sleep(0.05)
        self.assertEqual(len(seen), 250)

    def test_an_id_that_is_not_known_any_more(self):
        """Nothing, and no error: its last ones are asked for again."""
        self.say("past-1.")
        screen = self.zoomed(self.console_on(agent("crawl")))
        screen.wait("past-1", 10)
        until(lambda: self.plane.streams, 5, "a stream")
        self.plane.stop()
        self.plane.events = {}
        self.say("reborn-1.")
        del self.plane.requests[:]
        self.plane.start()
        screen.wait("reborn-1", 15)
        self.say("reborn-2.")
        screen.wait("reborn-2", 10)
        self.once(screen, "past-1.", "reborn-1.", "reborn-2.")
        asked = [r[1] for r in self.asked("/crawl/events")]
        self.assertIn("since=", asked[0])
        self.assertNotIn("since=", asked[1])

    def test_a_server_that_knows_no_since(self):
        """It says the same again and again: it is not asked for ever."""
        for i in range(150):
            self.say(f"same-{i}.")
        rows = [{"id": e["ID"], "time": e["Time"], "action": e["Action"],
                 "detail": "same"} for e in self.plane.events["crawl"][:100]]
        screen = self.console_on(agent("crawl"))
        until(lambda: self.plane.streams, 10, "a stream")
        self.plane.faults["/api/v1/agents/crawl/events"] = (
            lambda h: h.answer(200, json.dumps({"events": rows})) or True)
        del self.plane.requests[:]
        self.plane.drop_streams()
        until(lambda: self.plane.streams, 10, lambda: screen.text())
        time.sleep(1)
        self.assertLess(len(self.asked("/crawl/events")), 6)

    def test_spellings(self):
        """Its own struct's, that of the endpoint, and that of its tables."""
        rows = [{"ID": "e1", "Time": now(), "Action": "message.completed",
                 "Detail": "as-a-struct", "Attrs": None},
                {"id": "e2", "time": now(), "action": "message.completed",
                 "detail": "as-an-answer", "attrs": None},
                {"event_id": "e3", "time": now(), "detail": "as-a-row",
                 "action": "message.completed"},
                {"id": "e4", "time": ZERO, "action": "message.completed",
                 "detail": "without-a-time"},
                {"id": "e2", "time": now(), "action": "message.completed",
                 "detail": "as-an-answer"},
                None, 5, [], {"id": {"a": 1}, "time": 7, "action": None}]
        self.plane.faults["/api/v1/agents/crawl/events"] = (
            lambda h: h.answer(200, json.dumps({"events": rows})) or True)
        screen = self.zoomed(self.console_on(agent("crawl")))
        screen.wait("without-a-time", 10)
        self.once(screen, "as-a-struct", "as-an-answer", "as-a-row",
                  "without-a-time")
        self.assertNotIn("0001", screen.text())

    def test_no_list(self):
        """null, plain text, too much: the stream is read all the same."""
        for i, fault in enumerate((
                lambda h: h.answer(200, '{"events":null}') or True,
                plain(404, "404 page not found"),
                plain(405, "Method Not Allowed"), fails(500, "ring"), garbage,
                lambda h: gigabyte(h, b'{"events":['))):
            with self.subTest(i):
                self.plane.faults["/api/v1/agents/crawl/events"] = fault
                screen = self.zoomed(self.console_on(agent("crawl")))
                until(lambda: self.plane.streams, 15, "a stream")
                self.say(f"live-{i}.")
                screen.wait(f"live-{i}", 10)
                self.assertIn("live", screen.header())
                screen.keys("q")
                screen.close()
                self.plane.drop_streams()

    def test_no_stream(self):
        """A server without one: its events are asked for now and then."""
        self.plane.faults["/api/v1/agents/crawl/watch"] = plain(
            404, "404 page not found")
        screen = self.zoomed(self.console_on(agent("crawl")))
        self.say("polled-1.")
        screen.wait("polled-1", 15)
        self.say("polled-2.")
        screen.wait("polled-2", 20)
        self.once(screen, "polled-1.", "polled-2.")

    def test_a_stream_that_never_ends_a_line(self):
        def flood(handler):
            return gigabyte(handler, b"data: ")
        self.plane.faults["/api/v1/agents/crawl/watch"] = flood
        screen = self.console_on(agent("crawl"))
        until(lambda: self.asked("/watch"), 10, "a stream")
        time.sleep(3)
        began = time.monotonic()
        screen.keys("?")
        screen.wait("keys|explain", 3)
        self.assertLess(time.monotonic() - began, 2)
        with open(f"/proc/{screen.pid()}/status", encoding="ascii") as f:
            rss = int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])
        self.assertLess(rss, 600 << 10, "kB")


KEYS = tempfile.TemporaryDirectory(prefix="terrarium-it-plane-tls-")


def certificate(name):
    """Of 127.0.0.1, signed by itself; made once."""
    cert, key = (os.path.join(KEYS.name, f"{name}.{e}") for e in ("crt",
                                                                  "key"))
    if not os.path.exists(cert):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-days", "2", "-subj", f"/CN={name}", "-addext",
             f"subjectAltName={name}", "-keyout", key, "-out", cert],
            check=True, capture_output=True, timeout=60)
    return cert, key


class Tls(Control):
    def setUp(self):
        self.tls = certificate("IP:127.0.0.1")
        super().setUp()
        self.plane.agents = [agent("alpha")]

    def test_its_own_certificate(self):
        self.config(ca=self.tls[0])
        shot = self.shot()
        self.assertEqual(shot.names(), ["alpha"])
        self.assertFalse(shot.source["insecure"])
        self.assertNotIn("insecure", self.run_it("snapshot", "--wait",
                                                 "5s").text)

    def test_refused(self):
        """By nobody's word, by another's, for another name."""
        shot = self.shot(wait="3s")
        self.assertEqual((shot.source["state"], shot.status), ("refused", 3))
        self.assertRegex(shot.source["error"], "(?i)certificate")
        self.config(ca=certificate("IP:127.0.0.2")[0])
        self.assertEqual(self.shot(wait="3s").source["state"], "refused")
        self.config(ca=self.tls[0],
                    url=self.plane.url.replace("127.0.0.1", "localhost"))
        shot = self.shot(wait="3s")
        self.assertEqual(shot.source["state"], "refused")
        self.assertEqual(self.plane.requests, [])

    def test_not_checked_is_marked(self):
        self.config(insecure="true")
        shot = self.shot()
        self.assertEqual(shot.names(), ["alpha"])
        self.assertTrue(shot.source["insecure"])
        screen = self.console()
        screen.wait(r"cp .*insecure.*certificate not checked")
        doctor = self.run_it("doctor")
        self.assertIn("certificate is not checked", doctor.text)

    def test_a_file_that_is_none(self):
        for path, said in ((self.home + "/none.pem", "none.pem"),
                           (self.home, "not a regular file|folder"),
                           (self.file("bad.pem", "nonsense\n"), ".")):
            self.config(ca=path)
            shot = self.shot(wait="3s")
            self.assertEqual(shot.source["state"], "refused", path)
            self.assertRegex(shot.source["error"], said)
            self.assertEqual(self.plane.requests, [])

    def test_settings(self):
        check = lambda: self.run_it("config", "check")
        self.config(url="http://127.0.0.1:1", insecure="true")
        self.assertIn("with https", check().text + check().err)
        self.config(url="https://127.0.0.1:1", socket="/tmp/x")
        self.assertIn("more than one", check().text + check().err)
        self.config(url="https://127.0.0.1:1", insecure="maybe")
        self.assertNotEqual(check().status, 0)
        self.config(url=None, socket="~/x.sock")
        self.assertEqual(check().status, 0, check().err)


if __name__ == "__main__":
    unittest.main()
