"""The habitat behind the client of control planes: it has fracta's paths and
shapes, so that what reads the one reads the other. What differs is told."""

import json
import os
import re
import time
import unittest

from driver import until
from habitat import HabitatCase


class Polled(HabitatCase):
    """A real habitat, and a configuration that calls it a control plane."""

    def setUp(self):
        super().setUp()
        self.up()
        os.makedirs(self.home + "/.config/terrarium")
        self.config()

    def config(self, more=""):
        self.file(".config/terrarium/config.yaml",
                  "sources:\n  far:\n    type: control-plane\n"
                  f"    socket: {self.socket}\n    namespace: team\n" + more)

    def console(self, *args, **size):
        """Without $TERRARIUM_HABITAT: it knows the socket only."""
        self.env, kept = super().env, self.env
        self.env = lambda **more: {k: v for k, v in kept(**more).items()
                                   if k != "TERRARIUM_HABITAT"}
        try:
            return super().console(*args, **size)
        finally:
            self.env = kept

    def shot(self):
        return self.run_it("snapshot", "--format", "json", "--wait", "5s")

    def row(self, name):
        return next(a for a in self.shot().json["agents"]
                    if a["name"] == name)

    def selected(self, screen, name):
        screen.type("/" + name)
        screen.keys("Enter")
        screen.wait(r"▌ . " + name)
        time.sleep(0.5)

    def observed(self, screen, act):
        until(lambda: [s for s in self.journal()
                       if s["act"] == act and s["step"] == "observed"], 15,
              lambda: screen.text())


class List(Polled):
    def test_rows(self):
        self.sh("up", "sleep 60")
        self.sh("broke", "echo 'cannot open x' >&2; exit 7")
        self.sh("fine", "exit 0")
        self.ended("broke")
        self.ended("fine")
        self.post("/api/v1/agents/ext/events",
                  {"events": [{"detail": "I only speak", "attrs":
                               {"kind": "said"}}]})
        self.post("/api/v1/objectives", {"id": "o1", "description": "find"})
        shot = self.shot()
        self.assertEqual(shot.source["name"], "far")
        self.assertEqual(shot.source["state"], "live", shot.source)
        self.assertEqual(sorted(shot.names()),
                         ["broke", "ext", "fine", "up"])
        rows = {a["name"]: a for a in shot.json["agents"]}
        self.assertEqual({a["namespace"] for a in rows.values()}, {"team"})
        self.assertEqual([rows[n]["runs"][0]["status"] for n in
                          ("up", "broke", "fine")],
                         ["Running", "Failed", "Completed"])
        self.assertEqual(rows["broke"]["why"], "exit 7: cannot open x")
        self.assertEqual(rows["fine"]["state"], "done")
        self.assertEqual(shot.json["objectives"][0]["name"], "o1")
        # its terminal is another machine's: nothing here is to be opened
        self.assertNotIn(".sock", json.dumps(shot.json["agents"]))

    def test_one_that_goes(self):
        self.sh("soon", "exit 0")
        self.sh("stays", "sleep 60")
        self.ended("soon")
        screen = self.console()
        screen.wait_header("2 agents")
        self.delete("/api/v1/agents/soon")
        screen.wait_header("1 agent ", 10)

    def test_it_comes_and_goes(self):
        self.sh("up", "sleep 60")
        screen = self.console()
        screen.wait_header("1 agent .*live")
        self.kill9()
        screen.wait_header("stale|reconnect|off", 15)
        screen.wait("up")
        self.up()
        screen.wait_header("1 agent .*live", 15)


class Watch(Polled):
    def test_events_once(self):
        self.sh("up", "sleep 60")

        def speak(*words):
            self.post("/api/v1/agents/up/events", {"events": [
                {"event_id": w, "action": "message.completed",
                 "detail": w + ".", "attrs": {"kind": "said"}}
                for w in words]})
        speak("past-1", "past-2")
        screen = self.console()
        screen.keys("4", "+")
        screen.wait("past-2", 10)
        speak("now-1")
        screen.wait("now-1", 5)
        # killed, and something happens before the stream is there again
        self.kill9()
        self.up()
        speak(*(f"away-{i:03}" for i in range(150)))
        screen.wait("away-149", 20)
        screen.keys("g")
        seen = []
        for _ in range(30):
            time.sleep(0.05)
            seen += re.findall(r"away-(\d+)\.", screen.text())
            screen.keys("PageDown")
        self.assertEqual(len(set(seen)), 150)
        text = screen.text()
        self.assertEqual(text.count("away-149."), 1, text)

    def test_an_id_it_does_not_know(self):
        """Empty, and no error: as fracta."""
        self.sh("up", "sleep 60")
        status, answer = self.get("/api/v1/agents/up/events?since=nobody")
        self.assertEqual((status, answer["events"]), (200, []))

    def test_output(self):
        self.sh("up", "i=0; while :; do i=$((i+1)); echo line-$i; "
                      "sleep 0.2; done")
        screen = self.console()
        self.selected(screen, "up")
        screen.keys("t")
        screen.wait("what its control plane keeps of it")
        screen.keys("l")
        screen.wait("follows its log")
        screen.wait("line-20", 15)
        found = [int(n) for n in re.findall(r"line-(\d+)", screen.text())]
        self.assertEqual(found, list(range(found[0], found[-1] + 1)))
        screen.keys("Escape", "Escape")

    def test_peek(self):
        """In each of its modes, as fracta: events are a list as a text, in
        the spelling of its own struct."""
        self.sh("up", "echo hello; sleep 60")
        until(lambda: "hello" in self.output("up"), 5, "output")
        for mode in ("", "?mode=raw"):
            self.assertIn("hello", self.get("/api/v1/agents/up/peek" +
                                            mode)[1]["output"])
        rows = json.loads(self.get("/api/v1/agents/up/peek?mode=events")[1][
            "output"])
        self.assertLessEqual({"ID", "Time", "Component", "Category", "Action",
                              "Severity", "Task", "Detail", "Attrs"},
                             set(rows[0]))

    def test_no_mission(self):
        self.sh("up", "sleep 60")
        screen = self.console()
        self.selected(screen, "up")
        screen.keys("Enter")
        screen.wait(r"mission +none", 10)
        screen.wait(r"mode +terminal")


class Acts(Polled):
    def test_say(self):
        """While it runs: it has a terminal, and no turns."""
        self.sh("up", "read x; echo got $x; sleep 60")
        screen = self.console()
        self.selected(screen, "up")
        screen.keys("m")
        screen.wait("say")
        time.sleep(0.5)
        screen.type("hello there")
        screen.wait("typed at its terminal")
        screen.keys("Enter")
        until(lambda: "got hello there" in self.output("up"), 10,
              lambda: screen.text())
        self.observed(screen, "say")

    def test_kill_and_forget(self):
        self.sh("up", "sleep 60")
        screen = self.console()
        self.selected(screen, "up")
        for said, gone in (("TERM to all its processes", False),
                           ("only its row goes", True)):
            screen.keys("K")
            screen.wait(said)
            time.sleep(0.5)
            screen.type("up")
            screen.keys("Enter")
            if gone:
                screen.wait_header("no agents|0 agents", 10)
            else:
                self.assertEqual(self.ended("up")["status"], "Stopped")
                screen.wait("done|stopped", 10)
                self.observed(screen, "kill")
                time.sleep(1)
        self.assertEqual(self.get("/api/v1/agents/up")[0], 404)

    def fill(self, screen, **fields):
        """The form's fields by their place."""
        keys = ("task", "contract", "runtime", "model", "tier", "mode",
                "dispatch", "base", "objective", "command")
        screen.keys("s")
        screen.wait("contract")
        time.sleep(0.5)
        for i, key in enumerate(keys):
            if i:
                screen.keys("Tab")
            if key in fields:
                screen.type(fields[key])

    def test_spawn(self):
        """Asked first: what it needs and fracta does not is told there."""
        self.sh("other", "sleep 60")
        screen = self.console()
        screen.wait("other")
        time.sleep(0.5)
        self.fill(screen, task="map-1", contract="draw a map")
        screen.wait("spawn map-1")
        screen.keys("Enter")
        screen.wait("the command is missing", 10)
        self.assertEqual(self.get("/api/v1/agents/map-1")[0], 404)
        time.sleep(0.5)
        screen.type("sh -c 'echo up; sleep 60'")
        screen.wait("sh -c 'echo up; sleep 60'")
        screen.keys("Enter")
        screen.wait("it would run sh -c 'echo up; sleep 60'", 10)
        screen.wait("pty, backend local")
        screen.wait("environment: PATH")
        self.assertEqual(self.get("/api/v1/agents/map-1")[0], 404)
        time.sleep(0.5)
        screen.keys("Enter")
        until(lambda: self.get("/api/v1/agents/map-1")[0] == 200, 10,
              lambda: screen.text())
        self.observed(screen, "spawn")
        screen.wait("map-1")
        self.assertIn("map-1", self.shot().names())
        until(lambda: "up" in self.output("map-1"), 5, "its output")

    def test_objective(self):
        self.sh("other", "sleep 60")
        screen = self.console()
        screen.wait("other")
        time.sleep(0.5)
        screen.keys("O")
        screen.wait("description")
        time.sleep(0.5)
        screen.type("find the leak")
        screen.keys("Enter")
        screen.wait("open an objective")
        time.sleep(0.5)
        screen.keys("Enter")
        until(lambda: self.get("/api/v1/objectives")[1]["objectives"], 10,
              lambda: screen.text())
        self.observed(screen, "objective")

    def test_merge_it_cannot(self):
        """It has no branches: the key is not there."""
        self.sh("up", "sleep 60")
        screen = self.console()
        self.selected(screen, "up")
        screen.keys("M")
        time.sleep(1)
        self.assertNotIn("into what the project", screen.text())

    def test_read_only(self):
        self.sh("up", "sleep 60")
        before = self.get("/api/v1/agents/up")
        self.config("    read-only: true\n")
        screen = self.console()
        self.selected(screen, "up")
        for key in ("m", "K", "s", "O", "p", "H", "M"):
            screen.keys(key)
            time.sleep(0.2)
            screen.type("up")
            screen.keys("Enter")
            time.sleep(0.2)
            screen.keys("Escape")
        self.assertEqual(self.get("/api/v1/agents/up")[1]["agent"]["status"],
                         before[1]["agent"]["status"])
        self.assertEqual(len(self.get("/api/v1/agents")[1]["agents"]), 1)

    def test_two_ways_to_one_habitat(self):
        """Its own source and the polled one: one agent in two namespaces."""
        self.sh("up", "sleep 60")
        self.file(".config/terrarium/config.yaml",
                  "sources:\n  far:\n    type: control-plane\n"
                  f"    socket: {self.socket}\n  here: {{type: habitat}}\n")
        shot = self.run_it("snapshot", "--format", "json", "--wait", "5s",
                           TERRARIUM_HABITAT=self.state)
        self.assertEqual(sorted((a["namespace"], a["name"])
                                for a in shot.json["agents"]),
                         [("", "up"), ("fracta", "up")])


if __name__ == "__main__":
    unittest.main()
