"""What is asked of a control plane beside its lists: what a spawn would run,
what an agent put out, its mission, its events; and over TLS."""

import json
import os
import re
import time
import unittest

from driver import until
from lab_plane import ZERO, Control, agent, event, now



def hang(handler):
    time.sleep(60)
    return True


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
        self.assertLess(len(self.asked("/crawl/events")), 25)

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


if __name__ == "__main__":
    unittest.main()
