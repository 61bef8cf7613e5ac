"""The practice fleet: marked everywhere, real enough, and gone at the end."""

import http.client
import json
import os
import re
import signal
import subprocess
import unittest

from driver import TERRARIUM, Screen, until
from habitat import HabitatCase, alive, stream


class Practice(HabitatCase):
    """Its habitat is where the practice says; self.state follows."""

    def env(self, **more):
        env = super().env(**more)
        env["TMPDIR"] = self.home
        if not hasattr(self, "inside"):
            del env["TERRARIUM_HABITAT"]
        return env

    def folders(self):
        return [os.path.join(self.home, n) for n in os.listdir(self.home)
                if n.startswith("terrarium-practice-")]

    def practice(self, *args):
        p = subprocess.Popen([TERRARIUM, "practice", *args], env=self.env(),
                             stdin=subprocess.DEVNULL, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.end, p)
        line = p.stdout.readline()
        found = re.match(r"PRACTICE: (\d+) made-up agents at (\S+)", line)
        self.assertTrue(found, line)
        self.socket = found.group(2)
        self.state = os.path.dirname(os.path.dirname(self.socket))
        self.inside = True
        return p

    def end(self, p):
        if p.poll() is None:
            p.send_signal(signal.SIGTERM)
        p.communicate(timeout=60)

    def processes(self):
        return [a["process"]["pid"] for a in
                self.get("/api/v1/agents")[1]["agents"]]

    def test_it_says_so_everywhere(self):
        p = self.practice("--agents", "7", "--rate", "50")
        self.assertTrue(self.get("/api/v1/habitat")[1]["practice"])
        event, _, data = next(stream(self.socket))
        self.assertEqual((event, data["practice"]), ("hello", True))
        self.assertIn("PRACTICE", self.t("status").stdout)
        self.assertIn("practice         true",
                      self.t("habitat", "status").stdout)
        shot = self.t("snapshot", "--habitat", "--size", "60x20").stdout
        self.assertIn("PRACTICE", shot.splitlines()[0])
        shot = self.t("snapshot", "--habitat", "--format", "json").stdout
        self.assertTrue(json.loads(shot)["practice"])
        agents = self.get("/api/v1/agents")[1]["agents"]
        self.assertEqual(len(agents), 7)
        pids = self.processes()
        p.send_signal(signal.SIGINT)
        self.assertEqual(p.wait(60), 0)
        until(lambda: not any(map(alive, pids)), 5, pids)
        self.assertEqual(self.folders(), [])

    def test_they_work_ask_and_signal(self):
        self.practice("--agents", "12", "--rate", "600")
        until(lambda: self.get("/api/v1/pheromones")[1]["pheromones"], 20,
              "a pheromone")
        until(lambda: self.get("/api/v1/proposals")[1]["proposals"], 20,
              "a proposal")
        p = self.get("/api/v1/proposals?status=pending")[1]["proposals"][0]
        self.assertEqual(self.decide(p)[0], 200)
        until(lambda: "told: approved" in self.output(p["agent"]), 10,
              lambda: self.output(p["agent"]))
        until(lambda: any(a.get("tokens") for a in
                          self.get("/api/v1/agents")[1]["agents"]), 10,
              "tokens")

    def test_faults_and_a_time_limit(self):
        p = self.practice("--agents", "12", "--rate", "500", "--faults",
                          "--seconds", "6")
        until(lambda: "Failed" in [a["status"] for a in
                                   self.get("/api/v1/agents")[1]["agents"]],
              5, "a failure")
        self.assertEqual(p.wait(60), 0)
        self.assertEqual(self.folders(), [])

    def test_usage(self):
        for args in (("--agents", "0"), ("--agents", "x"), ("--rate", "-1"),
                     ("--seconds", ""), ("more",), ("--nonsense",)):
            done = self.t("practice", *args)
            self.assertEqual(done.returncode, 2, args)
        self.assertEqual(self.t("practice-agent", "1", "1", "none").returncode,
                         2)
        self.assertNotIn("practice-agent", self.t("--help").stdout)
        self.assertEqual(self.folders(), [])

    def test_agents_do_not_outlive_it(self):
        p = self.practice("--agents", "4", "--rate", "40")
        pids = self.processes()
        p.kill()
        p.wait(10)
        until(lambda: not any(map(alive, pids)), 15, pids)

    def test_the_next_one_clears_away_what_was_killed(self):
        first = self.practice("--agents", "2")
        killed, daemon = self.state, self.pid()
        first.kill()
        first.wait()
        del self.inside
        second = self.practice("--agents", "2")
        living = self.state
        for folder in (killed, living): # neither is young any more
            os.utime(folder, (1, 1))
        self.assertTrue(os.path.exists(killed)) # it was, then
        del self.inside
        third = self.practice("--agents", "2")
        self.assertFalse(os.path.exists(killed))
        until(lambda: not alive(daemon), 10, "its daemon has ended")
        self.assertTrue(os.path.exists(living)) # somebody is in it
        for p in (third, second):
            self.end(p)
        self.assertEqual(self.folders(), [])

    def test_on_a_terminal(self):
        s = Screen(self, ["practice", "--agents", "5", "--rate", "20"], 100,
                   30)
        self.addCleanup(s.close)
        until(lambda: "PRACTICE" in s.header() and "coder-1" in s.text(), 20,
              s.text)
        folder, = self.folders()
        self.state, self.socket = folder, folder + "/run/habitat.sock"
        self.inside = True
        first = self.pid()
        self.post("/api/v1/habitat/stop")  # the console starts it again

        def again():
            try:
                me = self.get("/api/v1/habitat")[1]
            except (OSError, http.client.HTTPException):
                return False
            return me["pid"] != first and me["practice"]
        until(again, 20, s.text)
        self.assertIn("PRACTICE", s.header())
        s.keys("q")
        until(lambda: "ended with 0" in s.text(), 20, s.text)
        until(lambda: not self.folders(), 5, self.folders)

    def test_an_agent_finds_its_own_habitat(self):
        self.practice("--agents", "1", "--rate", "1")
        env = [f"{k}={v}" for k, v in self.env().items()
               if k != "TERRARIUM_HABITAT"]
        self.sh("talker", f"{TERRARIUM} say found it; sleep 100",
                environ=env)
        until(lambda: "found it" in [e.get("detail") for e in self.get(
            "/api/v1/agents/talker/events")[1]["events"]], 10,
            lambda: self.output("talker"))


if __name__ == "__main__":
    unittest.main()
