"""A fracta control plane, as its server answers, and as it may fail."""

import json
import os
import random
import socket
import time
import unittest

from lab_plane import Control, agent, event, go_json, hang, now
from driver import until


class Reading(Control):
    def test_rows(self):
        self.plane.agents = [
            agent("crawl", "Running", last_heartbeat_at=now(1),
                  last_event_at=now(2), current_tool="Read",
                  last_message_excerpt="looking at <main> & co",
                  branch="feature/crawl"),
            agent("wait", "Queued", mode="queued"),
            agent("broke", "Failed", last_output="no such branch\nmore"),
            agent("fine", "Completed", last_output="42"),
            agent("beat", "Running", last_heartbeat_at=now(300)),
        ]
        self.plane.objectives = [
            {"id": "o1", "description": "find the leak", "status": "open",
             "created_at": now(60), "mission_count": 3, "finding_count": 1,
             "max_missions": 100, "max_depth": 5, "max_branching": 5}]
        shot = self.shot()
        self.assertEqual(shot.status, 1, shot.err)
        self.assertEqual(shot.source["name"], "cp")
        self.assertEqual(shot.source["state"], "live")
        crawl = self.row(shot, "crawl")
        self.assertEqual(crawl["namespace"], "fracta")
        self.assertEqual(crawl["state"], "working")
        self.assertEqual(crawl["step"], "looking at <main> & co")
        self.assertEqual([r["status"] for r in crawl["runs"]], ["Running"])
        wait = self.row(shot, "wait")
        self.assertEqual(wait["state"], "starting")
        self.assertFalse(wait["trouble"])
        self.assertIsNone(wait["created"])  # year 1 is no time
        self.assertEqual(self.row(shot, "broke")["why"], "no such branch")
        self.assertEqual(self.row(shot, "fine")["state"], "done")
        beat = self.row(shot, "beat")
        self.assertEqual(beat["state"], "quiet")
        self.assertIn("no heartbeat", beat["why"])
        self.assertIsNone(beat["tokens"])  # unknown is not 0
        self.assertEqual(shot.json["objectives"][0]["missions"], 3)
        self.assertEqual({r[0] for r in self.plane.requests}, {"GET"})

    def test_oddities(self):
        self.plane.agents = [
            agent("ok"), {"status": "Running"}, 17, None, {"name": 5},
            agent("odd", "Dancing", unread_messages="3", start_time="soon",
                  last_output=None, extra={"deep": [1, 2]}),
            agent("esc\u202e\x1b[31m", "Running")]
        self.plane.objectives = None  # 500, and it says why
        shot = self.shot()
        names = shot.names()
        self.assertIn("ok", names)
        self.assertIn("odd", names)
        self.assertEqual(shot.source["state"], "live")
        streams = {s["kind"]: s for s in shot.json["streams"]}
        self.assertEqual(streams["objectives"]["state"], "absent")
        self.assertIn("no queue", streams["objectives"]["error"])
        text = self.run_it("snapshot", "--wait", "5s").text
        self.assertNotIn("\x1b", text)

    def test_null_list(self):
        self.plane.agents = None
        shot = self.shot()
        self.assertEqual(shot.source["state"], "live")
        self.assertEqual(shot.json["agents"], [])

    def test_gone(self):
        self.plane.agents = [agent("a"), agent("b")]
        screen = self.console()
        screen.wait(r"\ba\b.*")
        screen.wait_header("2 agents")
        self.plane.agents = [agent("b")]
        screen.wait_header("1 agents?", 10)

    def test_other_data(self):
        """Back with another fleet: the old one goes."""
        self.plane.agents = [agent("old")]
        screen = self.console()
        screen.wait("old")
        self.plane.stop()
        screen.wait("refused|cut|reconnect|stale|◐", 15)
        screen.wait("old")  # kept, and aged
        self.plane.agents = [agent("new")]
        self.plane.start()
        screen.wait("new", 10)
        screen.wait_gone("old", 10)

    def test_the_same_is_asked_for_rarely(self):
        """However its bytes come: a change brings the pace back."""
        self.plane.agents = [agent("alpha", last_output="x" * 3000)]

        def pieces(handler):
            body = go_json({"agents": self.plane.agents}).encode()
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            at = 0
            while at < len(body):
                n = random.randrange(1, 2000)
                handler.wfile.write(body[at:at + n])
                handler.wfile.flush()
                time.sleep(0.01)
                at += n
            return True
        self.plane.faults["/api/v1/agents"] = pieces
        screen = self.console()
        screen.wait("alpha")
        time.sleep(13)
        asked = len(self.asked("/api/v1/agents")) - len(
            self.asked("/api/v1/agents/"))
        self.assertLess(asked, 8)

    def test_one_at_a_time(self):
        self.plane.agents = [agent("a")]

        def slow(handler):
            time.sleep(1.5)
            return False
        self.plane.faults["/api/v1/agents"] = slow
        screen = self.console()
        screen.wait("a", 10)
        for _ in range(10):
            screen.keys("R")
            time.sleep(0.1)
        time.sleep(2)
        self.assertEqual(self.plane.most["/api/v1/agents"], 1)


class Streams(Control):
    def test_events_once(self):
        self.plane.agents = [agent("crawl")]
        for i in range(3):
            self.plane.tell(event("crawl", "message.completed",
                                  attrs={"text_preview": f"past {i}"}))
        screen = self.console()
        screen.wait("past 2", 10)
        self.plane.tell(event("crawl", "tool.started",
                              attrs={"tool_name": "Grep"}))
        screen.wait("Grep", 5)
        # broken frames: a newline in id and action, an empty action, no JSON
        self.plane.raw("crawl", "id: 1\n2\nevent: a\nb\ndata: {\"ID\":\n\n")
        self.plane.raw("crawl", "event: \ndata: nonsense\n\n")
        self.plane.tell(event("crawl", "", detail="no action at all"))
        screen.wait("no action at all", 5)
        self.plane.tell(event("crawl", "message.delta", severity="debug",
                              attrs={"text_preview": "thinking aloud"}))
        screen.wait("thinking aloud", 5)
        # cut, and something happens meanwhile: it is resumed behind the last
        self.plane.drop_streams()
        self.plane.tell(event("crawl", "message.completed",
                              attrs={"text_preview": "while away"}))
        screen.wait("while away", 10)
        screen.keys("4", "+")
        time.sleep(0.5)
        text = screen.text()
        for said in ("past 0", "past 1", "past 2", "while away"):
            self.assertEqual(text.count(said), 1, text)
        since = [r[1] for r in self.plane.requests if "since=" in r[1]]
        self.assertTrue(since)

    def test_watched_only(self):
        """Not more streams than are allowed, however many agents."""
        self.plane.agents = [agent(f"a{i:03}") for i in range(60)]
        screen = self.console()
        screen.wait("a0")
        until(lambda: self.plane.streams, 10, "a stream")
        time.sleep(1)
        self.assertLessEqual(len({t for t, _ in self.plane.streams}), 8)

    def test_hostile_names_are_not_asked_for(self):
        self.plane.agents = [agent("../../x"), agent("a b"), agent("ok")]
        screen = self.console()
        screen.wait("ok")
        until(lambda: any("/ok/" in r[1] for r in self.plane.requests), 10,
              "a stream")
        for _, path, _ in self.plane.requests:
            self.assertNotIn("..", path)
            self.assertNotIn(" ", path)


def half(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"agents":[{"name":"half","status":"Running"},{"na')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    return True


def gigabyte(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b'{"agents":[')
    row = (json.dumps(agent("big", last_output="x" * 60000)) + ",").encode()
    for _ in range(1 << 14):
        handler.wfile.write(row)
    handler.wfile.write(b"{}]}")
    return True


def one_agent(handler):
    """One that is larger than all that one may be."""
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    handler.wfile.write(b'{"agents":[{"name":"big","last_output":"')
    for _ in range(1 << 14):
        handler.wfile.write(b"x" * 65536)
    return True


def deep(handler):
    handler.answer(200, '{"agents":[' + '{"a":[' * 100000)
    return True


def stops_half_way(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"agents":[{"name":"half","status":"Runn')
    handler.wfile.flush()
    time.sleep(60)
    return True


def elsewhere(handler):
    handler.answer(307, "<a href=/x>Temporary Redirect</a>\n", "text/html",
                   Location="http://127.0.0.1:1/api/v1/agents")
    return True


class Faults(Control):
    def fails(self, fault, pattern, state):
        self.plane.agents = [agent("a")]
        self.plane.faults["*"] = fault
        shot = self.shot(wait="4s")
        self.assertIn(shot.source["state"], state)
        self.assertRegex(json.dumps(shot.source), pattern)
        self.assertEqual(shot.status, 3)
        # and it is well again
        self.plane.faults.clear()
        shot = self.shot()
        self.assertEqual(shot.names(), ["a"])

    def test_down_at_start(self):
        self.plane.agents = [agent("a")]
        self.plane.stop()
        shot = self.shot(wait="3s")
        self.assertEqual(shot.status, 3)
        self.assertEqual(shot.source["state"], "connecting")
        screen = self.console()
        screen.wait("cp", 5)
        self.plane.start()
        screen.wait(r"\ba\b", 10)

    def test_hangs(self):
        self.fails(hang, ".", ("connecting", "stale"))

    def test_unauthorised(self):
        self.fails(lambda h: h.answer(401, "no\n", "text/plain") or True,
                   "401", ("refused",))

    def test_forbidden(self):
        self.fails(lambda h: h.fail(403, "not you") or True, "not you",
                   ("refused",))

    def test_redirected(self):
        """Not followed, wherever it leads."""
        self.fails(elsewhere, "307", ("connecting",))

    def test_no_such_list(self):
        self.fails(lambda h: h.answer(404, "404 page not found\n",
                                      "text/plain") or True,
                   "404 page not found", ("connecting",))
        self.fails(lambda h: h.answer(405, "Method Not Allowed\n",
                                      "text/plain") or True,
                   "Method Not Allowed", ("connecting",))

    def test_one_agent_of_a_gigabyte(self):
        self.fails(one_agent, ".", ("connecting",))

    def test_deep(self):
        self.fails(deep, "deep|nest", ("connecting",))

    def test_stops_half_way(self):
        self.fails(stops_half_way, ".", ("connecting", "stale"))

    def test_each_while_it_runs(self):
        """What was there stays, aged; a key is answered; and it comes back
        with another fleet."""
        self.plane.agents = [agent("fleet-0")]
        screen = self.console()
        screen.wait("fleet-0")
        for i, fault in enumerate((
                hang, half, gigabyte, one_agent, deep, stops_half_way,
                elsewhere, None,
                lambda h: h.answer(401, "no\n", "text/plain") or True,
                lambda h: h.fail(403, "no") or True,
                lambda h: h.fail(500, "database is locked") or True,
                lambda h: h.answer(200, os.urandom(4000)) or True,
                lambda h: h.answer(200, "") or True)):
            with self.subTest(i):
                screen.wait(f"fleet-{i}", 45)
                screen.wait_header("live", 5)
                if fault is None:
                    self.plane.stop()
                else:
                    self.plane.faults["*"] = fault
                screen.keys("R")
                screen.wait_header("stale|refused|◐", 25)
                screen.wait(f"fleet-{i}", 1)
                began = time.monotonic()
                screen.keys("?")
                screen.wait("a page down", 2)
                self.assertLess(time.monotonic() - began, 1)
                screen.keys("Escape")
                self.plane.agents = [agent(f"fleet-{i + 1}")]
                self.plane.objectives = [
                    {"id": f"aim-{i}", "description": "d", "status": "open",
                     "created_at": now()}]
                if fault is None:
                    self.plane.start()
                self.plane.faults.clear()
                screen.keys("R")
                screen.wait(f"fleet-{i + 1}", 45)
                screen.wait_gone(f"fleet-{i}\\b", 10)
        screen.type(":objectives")
        screen.keys("Enter")
        screen.wait("aim-12", 20)
        self.assertNotIn("aim-11", screen.text())

    def test_plain_text_error(self):
        self.fails(lambda h: h.answer(502, "<html>bad gateway</html>",
                                      "text/html") or True,
                   "502", ("connecting",))

    def test_words_of_a_500(self):
        self.fails(lambda h: h.fail(500, "store: database is locked") or True,
                   "database is locked", ("connecting",))

    def test_garbage(self):
        self.fails(lambda h: h.answer(200, os.urandom(4000)) or True, ".",
                   ("connecting",))

    def test_dies_mid_answer(self):
        self.fails(half, ".", ("connecting",))

    def test_a_gigabyte(self):
        self.fails(gigabyte, "more than|ended|slow|bytes",
                   ("connecting",))

    def test_keys_do_not_wait(self):
        """All of it hangs, and a key is answered."""
        self.plane.agents = [agent("a")]
        screen = self.console()
        screen.wait(r"\ba\b")
        self.plane.faults["*"] = hang
        time.sleep(2)
        began = time.monotonic()
        screen.keys("?")
        screen.wait("explain|keys|quit", 2)
        self.assertLess(time.monotonic() - began, 1)

    def test_plain_http_elsewhere(self):
        self.config(url="http://control.example:9090")
        shot = self.shot(wait="2s")
        self.assertEqual(shot.source["state"], "refused")
        self.assertIn("plain-http", json.dumps(shot.source))
        # localhost.example is not this machine, either
        self.config(url="http://127.0.0.1.example:9090")
        self.assertEqual(self.shot(wait="2s").source["state"], "refused")


class Acts(Control):
    def console_on(self, *agents, **more):
        screen = super().console_on(*agents, **more)
        time.sleep(0.5)
        return screen

    def test_say(self):
        """Dispatched is not done: the lamp waits for what it does."""
        heard = []

        def later(row, body):
            heard.append((row, body))
        self.plane.after_say = later
        screen = self.console_on(agent("crawl", "Idle"))
        screen.keys("m")
        screen.wait("say")
        time.sleep(0.5)
        screen.type("look again")
        screen.keys("Enter")
        screen.wait(r"say crawl|y/N|\[y")
        time.sleep(0.5)
        screen.keys("y")
        until(lambda: heard, 10, lambda: screen.text())
        self.assertEqual(heard[0][1], {"message": "look again"})
        screen.wait("dispatched, nothing heard", 10)
        heard[0][0]["status"] = "Running"
        heard[0][0]["last_event_at"] = now()
        screen.wait_gone("nothing heard", 10)
        self.assertEqual([s["step"] for s in self.journal()
                          if s["act"] == "say"][-1], "observed")

    def test_kill(self):
        screen = self.console_on(
            agent("crawl", "Idle", branch="feature/crawl"), agent("other"))
        screen.type("/crawl")
        screen.keys("Enter")
        time.sleep(0.3)
        screen.keys("K")
        screen.wait("feature/crawl")
        time.sleep(0.5)
        screen.type("crawl")
        screen.keys("Enter")
        until(lambda: self.plane.writes(), 10, lambda: screen.text())
        self.assertEqual(self.plane.writes()[0][:2],
                         ("DELETE", "/api/v1/agents/crawl"))
        until(lambda: [s for s in self.journal()
                       if s.get("step") == "observed"], 10,
              lambda: screen.text())

    def form(self, screen, *fields):
        for i, text in enumerate(fields):
            if i:
                screen.keys("Tab")
            if text:
                screen.type(text)
        screen.keys("Enter")
        time.sleep(0.5)

    def test_spawn(self):
        """A form of its own; queued is taken, and then observed."""
        screen = self.console_on(agent("crawl", "Idle"))
        screen.keys("s")
        screen.wait("contract")
        time.sleep(0.5)
        want = {"task": "map-1", "contract": "draw a map",
                "host_type": "codex"}
        self.form(screen, "map-1", "draw a map", "codex")
        screen.wait("Enter sends it")
        self.assertEqual(self.plane.writes(),
                         [("POST", "/api/v1/agents/dry-run", want)])
        time.sleep(0.5)
        screen.keys("Enter")
        until(lambda: len(self.plane.writes()) > 1, 10,
              lambda: screen.text())
        self.assertEqual(self.plane.writes()[1],
                         ("POST", "/api/v1/agents", want))
        until(lambda: [s for s in self.journal()
                       if s.get("step") == "observed"], 10,
              lambda: screen.text())

    def test_refusal_is_told(self):
        self.plane.agents = [agent("crawl", "Idle",
                                   branch="feature/crawl", conflict=True)]
        screen = self.console()
        screen.wait("crawl")
        time.sleep(0.5)
        screen.keys("M")
        screen.wait("feature/crawl into")
        time.sleep(0.5)
        screen.type("crawl")
        screen.keys("Enter")
        screen.wait("merge conflict on branch", 10)

    def test_objective(self):
        """Opened by a form; one that froze goes on."""
        screen = self.console_on(agent("crawl", "Idle"))
        screen.keys("O")
        screen.wait("description")
        time.sleep(0.5)
        self.form(screen, "find the leak")
        screen.wait("open an objective")
        time.sleep(0.5)
        screen.keys("Enter")
        until(lambda: self.plane.objectives, 10, lambda: screen.text())
        self.assertEqual(self.plane.objectives[0]["description"],
                         "find the leak")
        until(lambda: [s for s in self.journal()
                       if s.get("step") == "observed"], 10,
              lambda: screen.text())
        self.plane.objectives[0]["status"] = "frozen"

    def test_read_only(self):
        self.plane.agents = [agent("crawl", "Idle")]
        screen = self.console("--read-only")
        screen.wait("crawl")
        for key in "mKMOUkdpsSrxXae*HuF":
            screen.keys(key)
            screen.keys("Escape")
        time.sleep(1)
        self.assertEqual(self.plane.writes(), [])


if __name__ == "__main__":
    unittest.main()
