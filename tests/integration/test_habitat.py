"""The habitat: its contract, its agents, what survives, who may decide."""

import datetime
import glob
import json
import os
import random
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import unittest

from driver import SLOW, Screen, until
from habitat import DAEMON, HabitatCase, Unix, alive, stream


class Contract(HabitatCase):
    def setUp(self):
        super().setUp()
        self.up()

    def test_health_and_itself(self):
        self.assertEqual(self.get("/healthz"), (200, {"status": "ok"}))
        status, me = self.get("/api/v1/habitat")
        self.assertEqual((status, me["protocol"], me["pid"]),
                         (200, 1, self.pid()))
        self.assertGreater(me["limits"]["agents"], 0)

    def test_unknown_paths_and_methods(self):
        self.assertEqual(self.get("/api/v1/nothing")[0], 404)
        self.assertEqual(self.ask("PUT", "/api/v1/agents")[0], 405)
        for path in ("/api/v1/agents/none", "/api/v1/agents/none/logs",
                     "/api/v1/agents/none/peek", "/api/v1/agents/none/mission",
                     "/api/v1/proposals/none", "/api/v1/objectives/none"):
            status, answer = self.get(path)
            self.assertEqual(status, 404, path)
            self.assertIn("error", answer)
        self.assertEqual(self.delete("/api/v1/pheromones/none")[0], 404)

    def test_bad_bodies(self):
        for body in ("{", "[", '{"task":1}', '{"argv":{"a":1}}', "nonsense"):
            status, answer = self.post("/api/v1/agents", body)
            self.assertEqual(status, 400, body)
            self.assertTrue(answer["error"])
        status, _ = self.post("/api/v1/agents/x/events",
                              json.dumps({"events": [{"detail": 5}]}))
        self.assertEqual(status, 400)
        big = json.dumps({"message": "x" * (2 << 20)})
        self.assertEqual(self.post("/api/v1/agents/x/say", big)[0], 413)
        many = {"events": [{"detail": "x"}] * 1001}
        self.assertEqual(self.post("/api/v1/agents/x/events", many)[0], 413)
        self.assertEqual(self.get("/api/v1/agents/x/events")[1]["events"], [],
                         "a refused batch leaves nothing")

    def test_bad_names(self):
        for name in ("", "../x", ".x", "a/b", "x" * 65, "ä", "-x", "a b"):
            status, answer = self.spawn(name, "true")
            self.assertEqual(status, 400, name)
            self.assertIn("name", answer["error"])

    def test_spawn_refusals(self):
        self.assertEqual(self.spawn("a")[0], 400)
        status, answer = self.spawn("a", "no-such-program")
        self.assertEqual(status, 400)
        self.assertIn("No such file", answer["error"])
        status, answer = self.spawn("a", "true", dir="/no/such/folder")
        self.assertEqual(status, 400)
        self.assertIn("directory", answer["error"])
        self.assertEqual(self.spawn("a", "true", restart="always")[0], 400)
        self.assertEqual(self.get("/api/v1/agents/a")[0], 404,
                         "what was refused leaves no row")
        self.sh("a", "sleep 60")
        status, answer = self.spawn("a", "true")
        self.assertEqual(status, 409)

    def test_what_a_dry_run_tells(self):
        """What a spawn would refuse, without one; of values only names."""
        body = {"task": "x", "argv": ["sh", "-c", "true"], "dir": self.home,
                "environ": ["A=hush", "B=hush"], "env": {"C": "hush"}}
        status, answer = self.post("/api/v1/agents/dry-run", body)
        self.assertEqual(status, 200)
        self.assertNotIn("hush", json.dumps(answer))
        self.assertEqual(answer["command_spec"],
                         {"Command": "sh", "Args": ["-c", "true"],
                          "Env": ["A=", "B=", "C="], "Dir": self.home})
        self.assertEqual(self.get("/api/v1/agents/x")[0], 404)
        self.sh("x", "sleep 60")
        for wrong, status in (({}, 409), ({"task": "../x"}, 400),
                              ({"task": "y", "argv": []}, 400),
                              ({"task": "y", "dir": "here"}, 400),
                              ({"task": "y", "restart": "always"}, 400)):
            want = {**body, **wrong}
            got = self.post("/api/v1/agents/dry-run", want)
            self.assertEqual(got[0], status, wrong)
            self.assertEqual(self.post("/api/v1/agents", want), got)

    def test_contract_is_text_never_a_file(self):
        secret = self.file("secret", "do not read me")
        self.sh("a", "echo $TERRARIUM_CONTRACT", contract=secret)
        self.ended("a")
        self.assertEqual(self.output("a")[-2:][0], secret)

    def test_events_come_back_in_the_spellings_of_fracta(self):
        sent = [{"event_id": f"e{i}", "action": "message.completed",
                 "component": "c", "category": "agent_activity",
                 "severity": "warn", "detail": f"text {i}",
                 "attrs": {"kind": "said", "tokens": i}} for i in range(30)]
        status, answer = self.post("/api/v1/agents/x/events",
                                   {"events": sent})
        self.assertEqual((status, answer["accepted"]), (202, 30))
        last = self.get("/api/v1/agents/x/events?last=5")[1]["events"]
        self.assertEqual([e["id"] for e in last],
                         [f"e{i}" for i in range(25, 30)])
        self.assertEqual(last[0]["detail"], "text 25")
        self.assertEqual(last[0]["attrs"]["tokens"], 25)
        since = self.get("/api/v1/agents/x/events?since=e27&last=9")[1]
        self.assertEqual([e["id"] for e in since["events"]], ["e28", "e29"])
        text = self.get("/api/v1/agents/x/peek?mode=events")[1]["output"]
        self.assertEqual(json.loads(text)[-1]["ID"], "e29")

    def test_a_repeated_post_does_nothing_twice(self):
        body = {"events": [{"event_id": "same", "detail": "once"}]}
        self.post("/api/v1/agents/x/events", body)
        _, again = self.post("/api/v1/agents/x/events", body)
        self.assertEqual(again["new"], 0)
        key = {"Idempotency-Key": "k1"}
        first = self.post("/api/v1/objectives", {"description": "d"},
                          headers=key)
        second = self.post("/api/v1/objectives", {"description": "d"},
                           headers=key)
        self.assertEqual(first, second)
        self.assertEqual(
            len(self.get("/api/v1/objectives")[1]["objectives"]), 1)

    def test_a_name_is_free_when_it_is_forgotten(self):
        """One that speaks again while it is being forgotten fails nobody."""
        got = []

        def speak():
            for _ in range(100):
                got.append(self.post("/api/v1/agents/x/events",
                                     {"events": [{"detail": "y"}]})[0])

        def forget():
            for _ in range(100):
                got.append(self.delete("/api/v1/agents/x")[0])

        threads = [threading.Thread(target=f) for f in (speak, forget) * 2]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertLessEqual(set(got), {200, 202, 404})
        self.assertEqual(self.get("/api/v1/habitat")[1]["failed_commits"], 0)

    def test_objectives(self):
        status, answer = self.post("/api/v1/objectives",
                                   {"id": "o1", "description": "find it",
                                    "max_runtime": "2h"})
        self.assertEqual((status, answer["objective"]["status"]),
                         (201, "open"))
        self.assertEqual(self.post("/api/v1/objectives",
                                   {"id": "o1", "description": "x"})[0], 409)
        self.assertEqual(self.post("/api/v1/objectives", {})[0], 400)
        self.assertEqual(self.get("/api/v1/objectives?status=nonsense")[0],
                         400)
        self.assertEqual(self.post("/api/v1/objectives/o1/unfreeze")[0], 409)
        self.assertEqual(self.post("/api/v1/objectives/o2/unfreeze")[0], 404)

    def test_pheromones(self):
        status, p = self.post("/api/v1/pheromones",
                              {"agent": "a", "type": "WARNING",
                               "intensity": 0.5, "target": "api"})
        self.assertEqual((status, p["half_life_s"]), (201, 600))
        for bad in ({"type": "warning"}, {"intensity": 0}, {"intensity": 2},
                    {"half_life_s": 0}, {"agent": "a/b"}):
            body = {"agent": "a", "type": "WARNING", **bad}
            self.assertEqual(self.post("/api/v1/pheromones", body)[0], 400,
                             bad)
        self.assertEqual(self.delete("/api/v1/pheromones/" + p["id"])[0], 200)
        self.assertEqual(self.get("/api/v1/pheromones")[1]["pheromones"], [])

    def test_risk_is_told_as_factors(self):
        p = self.propose(command="git push --force origin main && ls")
        self.assertEqual([f["why"] for f in p["factors"]],
                         ["rewrites a published branch"])
        self.assertAlmostEqual(p["risk"], 0.75, 2)
        p = self.propose(command="make && sudo rm -rf /x")
        self.assertEqual({f["why"] for f in p["factors"]},
                         {"as another user", "deletes a tree"})
        p = self.propose(risk=0.3)
        self.assertEqual((p["risk"], p["risk_given"]), (0.3, True))
        self.assertEqual(self.post("/api/v1/proposals",
                                   {"agent": "a", "title": "t",
                                    "risk": 1.5})[0], 400)

    def test_a_decision_is_bound_to_what_was_shown(self):
        p = self.propose()
        status, answer = self.decide(p, digest="0" * 32)
        self.assertEqual(status, 409)
        self.assertEqual(self.post(f"/api/v1/proposals/{p['id']}/decision",
                                   {"decision": "approve"})[0], 400)
        self.assertEqual(self.decide(p, decision="maybe")[0], 400)
        status, answer = self.decide(p, reason="fine")
        self.assertEqual(status, 200)
        got = answer["proposal"]
        self.assertEqual((got["status"], got["reason"], got["by"]["pid"],
                          got["by"]["uid"]),
                         ("approved", "fine", os.getpid(), os.getuid()))
        self.assertEqual(self.decide(p, decision="reject")[0], 409)

    def test_a_proposal_expires(self):
        p = self.propose(expires_in=1)
        until(lambda: self.get("/api/v1/proposals/" + p["id"])[1]["proposal"][
            "status"] == "expired", 5, "expired")
        self.assertEqual(self.decide(p)[0], 409)

    def test_retire_a_session(self):
        a, b = self.propose(session="s1"), self.propose(session="s2")
        _, answer = self.post("/api/v1/proposals/retire",
                              {"session": "s1", "reason": "answered there"})
        self.assertEqual(answer["retired"], 1)
        got = self.get("/api/v1/proposals/" + a["id"])[1]["proposal"]
        self.assertEqual((got["status"], got["reason"]),
                         ("withdrawn", "answered there"))
        got = self.get("/api/v1/proposals/" + b["id"])[1]["proposal"]
        self.assertEqual(got["status"], "pending")

    def test_retire_many(self):
        for i in range(70):
            self.propose(title=f"number {i}", session="many")
        _, answer = self.post("/api/v1/proposals/retire", {"session": "many"})
        self.assertEqual(answer["retired"], 70)
        self.assertEqual(
            self.get("/api/v1/proposals?status=pending")[1]["proposals"], [])

    def test_a_flood_of_batches_leaves_room_for_a_word(self):
        many = {"events": [{"detail": "x" * 20}] * 1000}
        got = set()
        for _ in range(200):  # a busy machine sends no flood at first
            got.add(self.post("/api/v1/agents/loud/events", many)[0])
            if 429 in got:
                break
        self.assertTrue(SLOW > 1 or 429 in got, got)
        self.assertEqual(self.post("/api/v1/agents/quiet/events",
                                   {"events": [{"detail": "a word"}]})[0], 202)

    def test_stream_tells_all_and_resumes(self):
        self.post("/api/v1/agents/x/events",
                  {"events": [{"action": "evil\nid: 99", "detail": "a\nb"}]})
        s = stream(self.socket)
        seen, last = [], None
        for event, eid, data in s:
            seen.append(event)
            last = eid or last
            if event == "ready":
                break
        self.assertEqual(seen, ["hello", "agent", "evil_id__99", "ready"])
        s.close()
        self.propose("y", "later")
        events = []
        for event, eid, data in stream(self.socket, f"?since={last}"):
            if event == "ready":
                break
            events.append((event, eid))
        self.assertEqual([e for e, i in events if i], ["proposed"])

    def test_watch_of_one_agent(self):
        c = Unix(self.socket)
        c.request("GET", "/api/v1/agents/x/watch")
        r = c.getresponse()
        self.assertEqual(r.status, 200)
        self.post("/api/v1/agents/y/events", {"events": [{"detail": "no"}]})
        self.post("/api/v1/agents/x/events",
                  {"events": [{"event_id": "u1", "detail": "yes"}]})
        self.assertEqual(r.readline(), b"id: u1\n")
        c.close()

    def test_a_slow_reader_is_dropped_and_may_resume(self):
        c = Unix(self.socket)
        c.request("GET", "/api/v1/events/stream")
        c.getresponse()  # and nothing more is read
        body = {"events": [{"detail": "x" * 2000} for _ in range(500)]}
        for _ in range(12):
            self.assertEqual(self.post("/api/v1/agents/x/events", body)[0],
                             202)
        self.assertEqual(self.get("/healthz")[0], 200)
        end = time.monotonic() + 10
        while c.sock.recv(1 << 20) != b"":
            self.assertLess(time.monotonic(), end, "it is still fed")
        c.close()

    def test_too_many_events_are_refused_and_nothing_else_suffers(self):
        body = json.dumps({"events": [{"detail": "x"}] * 1000})
        got = [self.post("/api/v1/agents/x/events", body)[0]
               for _ in range(70)]
        if SLOW <= 1:  # slower than the limit, there is none to be seen
            self.assertIn(429, got)
        self.assertEqual(self.get("/api/v1/agents")[0], 200)


class Agents(HabitatCase):
    def setUp(self):
        super().setUp()
        self.up()

    def test_a_crash_tells_its_reason(self):
        self.sh("a", "echo one; echo 'cannot open x' >&2; exit 7")
        a = self.ended("a")
        self.assertEqual((a["status"], a["reason"],
                          a["process"]["exit_code"]),
                         ("Failed", "exit 7: cannot open x", 7))
        self.sh("b", "kill -SEGV $$")
        b = self.ended("b")
        self.assertIn("Segmentation", b["reason"])
        self.assertEqual(b["process"]["exit_signal"], signal.SIGSEGV)
        self.sh("c", "echo fine")
        self.assertEqual(self.ended("c")["status"], "Completed")

    def test_kill_reaches_the_whole_tree(self):
        self.sh("a", "sleep 300 & setsid sleep 301 & "
                     "(nohup sleep 302 >/dev/null 2>&1 &) ; "
                     "trap '' TERM; echo ready; while :; do sleep 1; done")
        until(lambda: "ready" in self.output("a"), 5, "ready")
        holder = self.agent("a")["process"]["holder"]
        below = self.tree(holder)
        self.assertGreaterEqual(len(below), 4)
        self.delete("/api/v1/agents/a", grace_ms=300)
        self.ended("a")
        until(lambda: not any(alive(p) for p in below), 5,
              lambda: [p for p in below if alive(p)])
        self.assertEqual(self.agent("a")["status"], "Stopped")
        until(lambda: not alive(holder), 5, "its holder goes")

    @staticmethod
    def tree(pid):
        found, todo = [], [pid]
        while todo:
            at = todo.pop()
            out = subprocess.run(["ps", "-o", "pid=", "--ppid", str(at)],
                                 capture_output=True, text=True, check=False)
            below = [int(x) for x in out.stdout.split()]
            found += below
            todo += below
        return found

    def test_pause_and_resume(self):
        self.sh("a", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done")
        until(lambda: len(self.output("a")) > 3, 5, "output")
        self.assertEqual(self.post("/api/v1/agents/a/pause")[0], 200)
        self.assertTrue(self.agent("a")["paused"])
        time.sleep(0.3)
        before = len(self.output("a"))
        time.sleep(0.4)
        self.assertEqual(len(self.output("a")), before)
        self.post("/api/v1/agents/a/resume")
        until(lambda: len(self.output("a")) > before + 3, 5, "goes on")
        self.post("/api/v1/agents/a/pause")
        self.delete("/api/v1/agents/a", grace_ms=2000)
        self.assertEqual(self.ended("a")["status"], "Stopped")

    def test_restart_on_failure(self):
        mark = os.path.join(self.home, "mark")
        self.sh("a", f"test -e {mark} && exec sleep 60; touch {mark}; exit 1",
                restart="on-failure")
        until(lambda: self.agent("a")["process"]["runs"] == 2, 10,
              lambda: self.agent("a"))
        self.assertEqual(self.agent("a")["status"], "Running")

    def test_say_types(self):
        self.sh("a", "read x; echo got $x; sleep 60")
        time.sleep(0.2)
        self.assertEqual(self.post("/api/v1/agents/a/say",
                                   {"message": "hello"})[0], 200)
        until(lambda: "got hello" in self.output("a"), 5,
              lambda: self.output("a"))
        self.assertEqual(self.post("/api/v1/agents/a/say", {})[0], 400)

    def test_it_says_how_it_is_by_osc_7501(self):
        self.sh("a", r"printf '\033]7501;state=blocked:kind=permission:"
                     r"msg=YXBwcm92ZSBCYXNo\033\\'; sleep 60")
        got = until(lambda: self.agent("a").get("reported"), 5, "a report")
        self.assertEqual((got["state"], got["kind"], got["text"], got["by"]),
                         ("blocked", "permission", "approve Bash",
                          "OSC 7501"))

    def test_a_prompt_that_stands_is_a_question(self):
        self.sh("a", "printf 'Overwrite x? [y/N] '; read x; echo got $x; "
                     "sleep 60")
        got = until(lambda: self.agent("a").get("reported"), 6, "a report")
        self.assertEqual((got["state"], got["kind"], got["text"], got["by"]),
                         ("blocked", "question", "Overwrite x? [y/N] ",
                          "its prompt"))
        self.post("/api/v1/agents/a/say", {"message": "y"})
        until(lambda: "reported" not in self.agent("a"), 5,
              lambda: self.agent("a"))

    def test_a_dialog_on_the_screen_is_a_question(self):
        self.sh("a", r"printf '\033[2J\033[3;3HDo you want to proceed?"
                     r"\033[4;3H> 1. Yes'; sleep 1; printf '\033[2J'; "
                     "sleep 60")
        got = until(lambda: self.agent("a").get("reported"), 6, "a report")
        self.assertEqual((got["state"], got["by"]),
                         ("blocked", "its screen"))
        until(lambda: "reported" not in self.agent("a"), 5,
              lambda: self.agent("a"))

    def test_hostile_output(self):
        program = self.file("hostile", "import os,sys\n"
                            "w=lambda b: os.write(1,b)\n"
                            "w(b'\\x1b[31mred\\x1b[0m\\n')\n"
                            "w(b'a\\x00b\\x07c\\n')\n"
                            "w(b'\\xff\\xfe broken \\xe2\\x80\\xae bidi\\n')\n"
                            "w(b'x'*300000+b'\\n')\n"
                            "w(b'over\\rOVER\\n')\n"
                            "w(b'\\x1b]0;'+b't'*9000+b'\\x07end\\n')\n")
        self.spawn("a", "python3", program)
        self.ended("a")
        lines = self.output("a")
        self.assertIn("red", lines)
        self.assertIn("abc", lines)
        self.assertIn("OVER", lines)
        self.assertIn("end", lines)
        self.assertTrue(all(len(x.encode()) <= 2048 for x in lines))
        self.assertFalse(any("\x1b" in x or "\x00" in x for x in lines))

    def test_a_program_that_addresses_the_cursor(self):
        self.sh("a", r"printf '\033[2J\033[5;3Hon the screen\033[8;1Hsecond'; "
                     "sleep 60")
        until(lambda: any("on the screen" in x for x in self.output("a")), 8,
              lambda: self.output("a"))

    def test_a_flood_slows_no_other(self):
        self.sh("flood", "while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyy; done")
        time.sleep(0.5)
        self.sh("calm", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; "
                        "done")
        began = time.monotonic()
        until(lambda: len(self.output("calm")) >= 6, 10, "calm goes on")
        self.assertLess(time.monotonic() - began, 5 * SLOW)
        passed = [x for x in self.output("flood") if "passed unread" in x]
        self.assertTrue(passed, "what was left out is said")

    def test_speaking_from_inside(self):
        env = {"PATH": os.path.dirname(DAEMON) + ":" + os.environ["PATH"]}
        self.sh("a", "echo is $TERM; terrarium say from inside; terrarium deposit WARNING "
                     "0.5 --target x; exec sleep 60", env=env)
        until(lambda: any("from inside" in x for x in self.output("a")), 8,
              lambda: self.output("a"))
        until(lambda: self.get("/api/v1/pheromones")[1]["pheromones"], 5,
              "the pheromone")
        self.assertIn("is xterm-256color", self.output("a"))

    def test_an_agent_cannot_approve_itself(self):
        p = self.propose("evil", "let me")
        ask = (f"curl -s -o /dev/null -w '%{{http_code}}\\n' --unix-socket "
               f"{self.socket} -X POST http://h/api/v1/proposals/{p['id']}"
               "/decision -d '" + json.dumps(
                   {"decision": "approve", "digest": p["digest"]}) + "'")
        program = self.file("ask.sh", ask + "\n", 0o700)
        double = self.file("double.py", "import os,sys\n"
                           "if os.fork(): os._exit(0)\n"
                           "os.setsid()\n"
                           "if os.fork(): os._exit(0)\n"
                           f"os.execv('/bin/sh', ['sh', '{program}'])\n")
        for name, how in (("direct", f"sh {program}"),
                          ("shell", f"sh -c 'sh -c \"sh {program}\"'"),
                          ("setsid", f"setsid -w sh {program}"),
                          ("nohup", f"nohup sh {program} >{self.home}/o 2>&1; "
                                   f"cat {self.home}/o"),
                          ("env", f"env -i /bin/sh {program}"),
                          ("double", f"python3 {double}; sleep 1")):
            with self.subTest(how=name):
                self.sh(name, how + "; sleep 0.5")
                until(lambda n=name: "403" in self.output(n), 8,
                      lambda n=name: self.output(n))
                self.assertNotIn("200", self.output(name))
        # nor may it start, end or type for agents
        for method, path in (("POST", "/api/v1/agents"),
                             ("DELETE", "/api/v1/agents/evil"),
                             ("POST", "/api/v1/agents/evil/say"),
                             ("POST", "/api/v1/habitat/stop")):
            name = "no" + str(len(path)) + method
            self.sh(name, f"curl -s -o /dev/null -w '%{{http_code}}\\n' "
                          f"--unix-socket {self.socket} -X {method} "
                          f"http://h{path} -d '{{}}'")
            self.ended(name)
            self.assertEqual(self.output(name)[-2], "403", path)
        got = self.get("/api/v1/proposals/" + p["id"])[1]["proposal"]
        self.assertEqual(got["status"], "pending")

    def test_spawn_to_first_line_and_many_agents(self):
        for i in range(20):
            self.sh(f"m{i}", "echo here; exec sleep 60")
        for i in range(20):
            until(lambda i=i: "here" in self.output(f"m{i}"), 5, i)


class Commands(HabitatCase):
    def test_the_daemon_takes_no_arguments(self):
        for args in (["--help"], ["-1"], ["3", "4"], [""]):
            done = subprocess.run([DAEMON, *args], env=self.env(), check=False,
                                  capture_output=True, text=True, timeout=10)
            self.assertEqual(done.returncode, 2)
            self.assertIn("terrarium habitat start", done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)

    def test_usage(self):
        for args in (("say",), ("say", "x"), ("deposit", "--as", "a"),
                     ("propose", "--as", "a"), ("spawn",), ("kill",),
                     ("logs", "a", "b"), ("say", "--nonsense", "x"),
                     ("propose", "--as", "a", "--risk", "2", "t"),
                     ("deposit", "--as", "a", "--half-life", "x", "WARNING"),
                     ("habitat",), ("habitat", "fly"),
                     ("spawn", "--dir", "/none", "--", "true")):
            done = self.t(*args)
            self.assertEqual(done.returncode, 2, args)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertFalse(os.path.exists(self.socket), "nothing was started")

    def test_propose_waits_and_tells_by_its_exit_status(self):
        self.up()
        for decision, status, said in (("approve", 0, "approved: why"),
                                       ("reject", 3, "rejected: why"),
                                       ("withdraw", 5, "withdrawn: why")):
            asking = self.begin("propose", "--as", "a", "--wait", decision)
            p = until(lambda d=decision: next(
                (p for p in self.get("/api/v1/proposals?status=pending")[1][
                    "proposals"] if p["title"] == d), None), 5, decision)
            self.decide(p, decision, reason="why")
            out, _ = asking.communicate(timeout=10)
            self.assertEqual((asking.returncode, out.strip()), (status, said))
        asking = self.begin("propose", "--as", "a", "--wait", "--expires",
                            "1s", "late")
        out, _ = asking.communicate(timeout=10)
        self.assertEqual(asking.returncode, 4)

    def test_who_asks_and_leaves_withdraws(self):
        self.up()
        asking = self.begin("propose", "--as", "a", "--wait", "x")
        p = until(lambda: self.get("/api/v1/proposals?status=pending")[1][
            "proposals"], 5, "it")[0]
        asking.terminate()
        asking.communicate(timeout=10)
        until(lambda: self.get("/api/v1/proposals/" + p["id"])[1]["proposal"][
            "status"] == "withdrawn", 5, "withdrawn")

    def test_a_waiting_proposal_outlives_the_daemon(self):
        self.up()
        asking = self.begin("propose", "--as", "a", "--wait", "x")
        p = until(lambda: self.get("/api/v1/proposals?status=pending")[1][
            "proposals"], 5, "it")[0]
        time.sleep(0.2)
        self.kill9()
        time.sleep(0.3)
        self.t("habitat", "start")
        self.assertEqual(self.decide(p)[0], 200)
        out, err = asking.communicate(timeout=20)
        self.assertEqual((asking.returncode, out.strip()), (0, "approved"),
                         err)

    def test_who_waits_does_not_bring_back_what_was_stopped(self):
        self.up()
        asking = self.begin("propose", "--as", "a", "--wait", "x")
        p = until(lambda: self.get("/api/v1/proposals?status=pending")[1][
            "proposals"], 5, "it")[0]
        time.sleep(0.2)
        self.assertEqual(self.t("habitat", "stop").returncode, 0)
        time.sleep(1)
        self.assertFalse(os.path.exists(self.state + "/habitat.pid"))
        self.assertIsNone(asking.poll())
        self.up()
        self.assertEqual(self.decide(p, "reject", reason="no")[0], 200)
        out, err = asking.communicate(timeout=20)
        self.assertEqual((asking.returncode, out.strip()),
                         (3, "rejected: no"), err)
        self.assertEqual(err.count("the habitat is down"), 1)

    def test_spawn_names_and_environment(self):
        first = self.t("spawn", "--env", "COLOUR=green", "--", "sh", "-c",
                       "echo $COLOUR; exec sleep 60")
        second = self.t("spawn", "--", "sh", "-c", "exec sleep 60")
        self.assertEqual((first.stdout, second.stdout), ("sh\n", "sh-2\n"),
                         first.stderr + second.stderr)
        until(lambda: "green" in self.output("sh"), 5, "its environment")
        done = self.t("status")
        self.assertIn("sh-2", done.stdout)
        self.assertEqual(self.t("kill", "--grace", "1s", "sh").returncode, 0)
        self.ended("sh")
        self.assertIn("green", self.t("logs", "sh").stdout)
        self.assertEqual(self.t("kill", "sh").returncode, 0, "forgotten")
        self.assertEqual(self.get("/api/v1/agents/sh")[0], 404)
        self.assertEqual(self.t("kill", "none").returncode, 1)

    def test_observe(self):
        self.up()
        seeing = self.begin("observe", "--json")
        time.sleep(0.5)
        self.t("say", "--as", "a", "hello")
        line = until(seeing.stdout.readline, 5, "a line")
        while '"Detail"' not in line:
            line = seeing.stdout.readline()
        self.assertEqual(json.loads(line)["data"]["Detail"], "hello")
        seeing.kill()
        seeing.communicate()


class Survival(HabitatCase):
    def test_nothing_answered_is_lost(self):
        """kill -9 at random moments under load; then the books are read."""
        rounds = int(os.environ.get("KILLS", "100"))
        self.up()
        self.sh("counter", "i=0; while :; do i=$((i+1)); echo n$i; "
                           "sleep 0.02; done")
        child = self.agent("counter")["process"]["pid"]
        stop, acked, decided = threading.Event(), [], {}
        lock = threading.Lock()

        def speak(who):
            n = 0
            while not stop.is_set():
                n += 1
                eid = f"{who}-{n}"
                body = {"events": [{"event_id": eid, "detail": eid}]}
                while not stop.is_set():
                    try:
                        status, _ = self.post(f"/api/v1/agents/w{who}/events",
                                              body, timeout=5)
                    except (OSError, ValueError, Exception):
                        time.sleep(0.01)
                        continue
                    if status == 202:
                        with lock:
                            acked.append(eid)
                        break

        def decide():
            n = 0
            while not stop.is_set():
                n += 1
                pid = f"p-{n}"
                try:
                    status, answer = self.post(
                        "/api/v1/proposals",
                        {"id": pid, "agent": "d", "title": pid}, timeout=5)
                    if status not in (200, 201):
                        continue
                    want = random.choice(("approve", "reject"))
                    status, _ = self.decide(answer["proposal"], want)
                    if status == 200:
                        decided[pid] = want
                except Exception:
                    time.sleep(0.01)

        threads = [threading.Thread(target=speak, args=(i,))
                   for i in range(3)] + [threading.Thread(target=decide)]
        for t in threads:
            t.start()
        try:
            for _ in range(rounds):
                time.sleep(random.uniform(0.0, 0.08))
                self.kill9()
                done = self.t("habitat", "start")
                self.assertEqual(done.returncode, 0, done.stderr)
        finally:
            time.sleep(0.5)
            stop.set()
            for t in threads:
                t.join(20)
        self.assertGreater(len(acked), rounds)
        self.assertGreater(len(decided), 5)
        self.assertEqual(self.agent("counter")["process"]["pid"], child,
                         "the agent lives on")
        self.assertTrue(alive(child))
        self.delete("/api/v1/agents/counter", grace_ms=100)
        self.ended("counter")
        self.post("/api/v1/habitat/stop")
        until(lambda: not os.path.exists(self.state + "/habitat.pid"), 10,
              "stopped")
        db = sqlite3.connect(self.state + "/habitat.db")
        kept = [r[0] for r in db.execute("SELECT id FROM events")]
        self.assertEqual(len(kept), len(set(kept)))
        self.assertEqual(set(acked) - set(kept), set(), "accepted and lost")
        status = dict(db.execute("SELECT id, status FROM proposals"))
        want = {"approve": "approved", "reject": "rejected"}
        self.assertEqual({p: status.get(p) for p in decided},
                         {p: want[d] for p, d in decided.items()})
        lines = [r[0] for r in db.execute(
            "SELECT detail FROM events WHERE agent='counter' AND "
            "action='command.output' ORDER BY seq")]
        numbers = [int(x[1:]) for x in lines if x.startswith("n")]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)),
                         "output neither lost nor doubled")

    def test_much_was_printed_while_no_daemon_was_there(self):
        """What the holder kept is more than one read brings."""
        self.up()
        self.sh("talker", "while ! [ -e go ]; do sleep 0.1; done; "
                          f"yes {'x' * 160} | head -n 3000; echo the last; "
                          "touch done; sleep 100")
        child = self.agent("talker")["process"]["pid"]
        self.kill9()
        self.file("go", "")
        until(lambda: os.path.exists(self.home + "/done"), 20, "printed")
        self.up()
        until(lambda: "the last" in self.output("talker"), 10,
              lambda: self.agent("talker"))
        agent = self.agent("talker")
        self.assertEqual((agent["status"], agent["process"]["pid"]),
                         ("Running", child))

    def test_a_second_daemon_and_a_vanished_socket(self):
        self.up()
        first = self.pid()
        done = subprocess.run([DAEMON], env=self.env(), timeout=10,
                              capture_output=True, check=False)
        self.assertEqual((done.returncode, self.pid()), (0, first))
        os.unlink(self.socket)
        done = self.t("say", "--as", "a", "still there")
        self.assertEqual((done.returncode, self.pid()), (0, first),
                         done.stderr)
        shutil.rmtree(os.path.dirname(self.socket))
        done = self.t("say", "--as", "a", "and now")
        self.assertEqual((done.returncode, self.pid()), (0, first),
                         done.stderr)

    def test_what_is_too_old_or_too_much_goes(self):
        self.up()
        self.t("habitat", "stop")
        db = sqlite3.connect(self.state + "/habitat.db")
        columns = ("id, at, agent, component, category, resource, action, "
                   "outcome, severity, detail, attrs")
        now = int(time.time() * 1000)
        db.executemany(
            f"INSERT INTO events({columns}) VALUES(?,?,'a','','','','','',"
            "'info','old','{}')",
            ((f"o{i}", now - 20 * 86400000 + i) for i in range(1000)))
        db.executemany(
            f"INSERT INTO events({columns}) VALUES(?,?,'a','','','','','',"
            "'info','young','{}')",
            ((f"y{i}", now - 86400000 + i) for i in range(200000)))
        db.commit()
        db.close()
        self.t("habitat", "start")
        body = {"events": [{"detail": "new"}] * 1000}
        for _ in range(6):
            until(lambda: self.post("/api/v1/agents/a/events", body)[0] == 202,
                  10, "taken")
        status = self.get("/api/v1/habitat")[1]
        self.assertLessEqual(status["events"], 205000)
        self.assertGreater(status["events"], 195000)
        seen = self.get("/api/v1/agents/a/events?since=0&last=5")[1]["events"]
        self.assertNotIn("old", [e["detail"] for e in seen])

    def test_what_was_paid_is_not_counted_twice(self):
        """A session tells its total each time; the daemon ends in between."""
        self.up()
        lines = self.file("lines", "")

        def result(before, total):
            with open(lines, "a", encoding="ascii") as f:
                f.write(json.dumps({
                    "type": "result", "subtype": "success", "is_error": False,
                    "session_id": "s1", "total_cost_usd": total,
                    "result": "done"}) + "\n")
            return until(lambda: (c := self.agent("coder").get("cost")) !=
                         before and c, 10, "another cost")
        self.sh("coder", f"stty -echo; exec tail -n +1 -f {lines}")
        self.assertAlmostEqual(result(None, 0.5), 0.5)
        self.kill9()
        self.up()
        self.assertAlmostEqual(result(0.5, 0.75), 0.75)

    def test_a_clock_that_jumps(self):
        """A day ahead, then a week back: nothing is refused or stands still."""
        library = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        self.assertTrue(library, "the package faketime is missing")
        clock = self.file("clock", "+0\n")

        def jump(by):
            with open(clock, "w", encoding="ascii") as f:
                f.write(by + "\n")
        done = self.t("habitat", "start", LD_PRELOAD=library[0],
                      FAKETIME_TIMESTAMP_FILE=clock, FAKETIME_NO_CACHE="1",
                      FAKETIME_DONT_FAKE_MONOTONIC="1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.sh("ticks", "while :; do echo tick; sleep 0.1; done",
                environ=[f"{k}={v}" for k, v in self.env().items()
                         if "FAKETIME" not in k and k != "LD_PRELOAD"])
        soon = self.propose(expires_in=3000)
        later = self.propose(title="later", expires_in=30 * 86400)
        ids = []
        for by, hours in (("+0", 0), ("+1d", 24), ("-7d", -168), ("+0", 0)):
            jump(by)
            before = len(self.output("ticks"))
            status, answer = self.post("/api/v1/agents/me/events", {
                "events": [{"detail": "at " + by}]})
            self.assertEqual(status, 202, answer)
            last = self.get("/api/v1/agents/me/events?last=1")[1]["events"][0]
            self.assertEqual(last["detail"], "at " + by)
            ids.append(last["id"])
            at = datetime.datetime.fromisoformat(
                last["time"].replace("Z", "+00:00")).timestamp()
            self.assertAlmostEqual((at - time.time()) / 3600, hours, delta=0.1)
            status, answer = self.post("/api/v1/pheromones", {
                "agent": "me", "type": "WARNING", "intensity": 0.5})
            self.assertEqual(status, 201, answer)
            p = self.propose(title="now " + by, expires_in=3000)
            self.assertEqual(self.decide(p)[0], 200)
            until(lambda before=before: len(self.output("ticks")) >
                  before + 5, 5, lambda by=by: f"{by}: its output goes on: "
                  f"{len(self.output('ticks'))}")
            # what was to be decided within the hour was not, a day later
            self.assertEqual(
                self.get("/api/v1/proposals/" + soon["id"])[1]["proposal"][
                    "status"], "expired" if len(ids) > 1 else "pending")
            self.assertEqual(
                self.get("/api/v1/proposals/" + later["id"])[1]["proposal"][
                    "status"], "pending")
        told = [e["detail"] for e in self.get(
            "/api/v1/agents/me/events?last=100")[1]["events"]]
        self.assertEqual([d for d in told if d.startswith("at ")],
                         ["at +0", "at +1d", "at -7d", "at +0"])
        self.assertEqual(self.decide(soon)[0], 409)
        self.assertEqual(self.decide(later)[0], 200)

    def test_a_stale_socket(self):
        os.makedirs(os.path.dirname(self.socket))
        s = socket.socket(socket.AF_UNIX)
        s.bind(self.socket)
        s.close()
        self.assertEqual(self.t("say", "--as", "a", "x").returncode, 0)

    def test_restart_leaves_agents_alone(self):
        self.up()
        self.sh("a", "exec sleep 60")
        before = self.agent("a")["process"]
        first = self.pid()
        self.assertEqual(self.t("habitat", "restart").returncode, 0)
        self.assertNotEqual(self.pid(), first)
        after = self.agent("a")["process"]
        self.assertEqual((before["pid"], before["holder"]),
                         (after["pid"], after["holder"]))

    def test_a_holder_that_was_killed(self):
        self.up()
        self.sh("a", "exec sleep 60")
        child = self.agent("a")["process"]["pid"]
        os.kill(self.agent("a")["process"]["holder"], signal.SIGKILL)
        self.assertEqual(self.ended("a")["reason"], "its holder was killed")
        if alive(child):
            os.kill(child, signal.SIGKILL)

    def test_a_database_from_the_future(self):
        self.up()
        self.t("habitat", "stop")
        db = sqlite3.connect(self.state + "/habitat.db")
        db.execute("PRAGMA user_version=99")
        db.commit()
        db.close()
        done = self.t("say", "--as", "a", "x")
        self.assertEqual(done.returncode, 1)
        self.assertIn("newer terrarium", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_a_file_that_is_no_database(self):
        os.makedirs(self.state)
        with open(self.state + "/habitat.db", "w", encoding="ascii") as f:
            f.write("nonsense " * 1000)
        done = self.t("say", "--as", "a", "x")
        self.assertEqual(done.returncode, 1)
        self.assertIn("habitat.db", done.stderr)

    @unittest.skipIf(os.getuid() == 0 and not shutil.which("setpriv"),
                     "root may write everywhere")
    def test_a_home_that_cannot_be_written(self):
        os.makedirs(self.state, exist_ok=True)
        bad = os.path.join(self.home, "file")
        with open(bad, "w", encoding="ascii"):
            pass
        done = self.t("say", "--as", "a", "x", TERRARIUM_HABITAT=bad + "/h")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_a_full_disk_refuses_and_recovers(self):
        self.up()
        self.post("/api/v1/agents/a/events",
                  {"events": [{"event_id": "kept", "detail": "kept"}]})
        size = max(os.path.getsize(self.state + "/" + f)
                   for f in ("habitat.db", "habitat.db-wal"))
        pid = self.pid()
        resource.prlimit(pid, resource.RLIMIT_FSIZE,
                         (size + 4096, resource.RLIM_INFINITY))
        big = {"events": [{"detail": "y" * 1900} for _ in range(200)]}
        status, answer = self.post("/api/v1/agents/a/events", big)
        self.assertEqual(status, 507, answer)
        self.assertIn("full", answer["error"])
        self.assertEqual(self.get("/api/v1/agents/a/events")[1]["events"][-1][
            "id"], "kept")
        resource.prlimit(pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        status, answer = self.post("/api/v1/agents/a/events", big)
        self.assertEqual(status, 202, answer)
        self.assertEqual(self.pid(), pid)


class Console(HabitatCase):
    """The first minute: nothing configured, one screen, one decision."""

    def screen(self, *args, width=140, height=40):
        s = Screen(self, args, width, height)
        self.addCleanup(s.close)
        return s

    def test_spawn_and_approve(self):
        s = self.screen()
        s.wait("● live")
        s.keys("s")
        s.wait("command")
        s.type("sh -c 'while :; do echo hello from the loop; sleep 0.2; "
               "done'")
        s.keys("Enter")
        s.type("loop")
        time.sleep(0.4)
        s.keys("Enter")
        s.wait("hello from the loop", 15)
        asking = self.begin("propose", "--as", "script", "--risk", "0.1",
                            "--wait", "push the button")
        s.wait("push the button", 10)
        s.keys("3")
        time.sleep(0.3)
        s.keys("a")
        s.wait("sent in")
        s.keys("Enter")
        s.wait("observed", 10)
        out, _ = asking.communicate(timeout=10)
        self.assertEqual((asking.returncode, out.strip()), (0, "approved"))
        self.assertEqual([x["step"] for x in self.journal()
                          if x["act"] == "approve"],
                         ["intent", "accepted", "observed"])
        mode = os.stat(self.home + "/state/terrarium/journal.jsonl").st_mode
        self.assertEqual(mode & 0o777, 0o600)

    def test_undo_and_friction(self):
        self.up()
        low = self.propose("low", "a small thing", risk=0.1)
        s = self.screen()
        s.wait("a small thing")
        s.keys("3")
        s.keys("a")
        s.wait("sent in")
        s.keys("u")
        s.wait("cancelled")
        time.sleep(0.3)
        got = self.get("/api/v1/proposals/" + low["id"])[1]["proposal"]
        self.assertEqual(got["status"], "pending")
        self.decide(low)
        high = self.propose("careful", "delete it all",
                            command="rm -rf /tmp/none")
        s.wait("delete it all")
        s.keys("k", "k", "k", "k")
        s.keys("a")
        s.wait("type “careful”")
        s.keys("Enter")
        s.type("wrong")
        s.keys("Enter")
        time.sleep(0.5)
        got = self.get("/api/v1/proposals/" + high["id"])[1]["proposal"]
        self.assertEqual(got["status"], "pending")
        s.keys("C-u")
        s.type("careful")
        time.sleep(0.4)
        s.keys("Enter")
        s.wait("observed", 10)
        got = self.get("/api/v1/proposals/" + high["id"])[1]["proposal"]
        self.assertEqual(got["status"], "approved")

    def test_many_at_once(self):
        self.up()
        ps = [self.propose(f"w{i}", f"wish {i}", risk=0.1) for i in range(3)]
        s = self.screen()
        s.wait("wish 2")
        s.keys("3", "Space", "Space", "Space")
        s.keys("a")
        s.wait("approve · 3 at once")
        s.keys("y")  # too early
        s.wait("too early")
        time.sleep(0.4)
        s.keys("y")
        until(lambda: all(
            self.get("/api/v1/proposals/" + p["id"])[1]["proposal"]["status"]
            == "approved" for p in ps), 10, s.text)
        s.keys("J")
        s.wait("receipts")
        until(lambda: s.text().count("observed") >= 3, 5, s.text)

    def test_reject_with_a_reason(self):
        self.up()
        p = self.propose("a", "a wish", risk=0.9)
        s = self.screen()
        s.wait("a wish")
        s.keys("3", "r")
        s.wait("reason")
        s.type("not on friday")
        time.sleep(0.4)
        s.keys("Enter")
        s.wait("observed", 10)
        got = self.get("/api/v1/proposals/" + p["id"])[1]["proposal"]
        self.assertEqual((got["status"], got["reason"]),
                         ("rejected", "not on friday"))

    def test_read_only_neither_starts_nor_acts(self):
        s = self.screen("--read-only")
        s.wait("read-only")
        time.sleep(1)
        self.assertFalse(os.path.exists(self.socket))
        self.up()
        p = self.propose("a", "a wish", risk=0.1)
        s.wait("a wish", 15)
        s.keys("3", "a", "r", "s", "K")
        time.sleep(0.5)
        self.assertNotIn("sent in", s.text())
        got = self.get("/api/v1/proposals/" + p["id"])[1]["proposal"]
        self.assertEqual(got["status"], "pending")

    def test_tether(self):
        self.up()
        self.sh("shell", "stty -echo; while read x; do echo \"<$x>\"; "
                         "stty size; done")
        a = self.screen()
        a.wait("shell")
        a.keys("t")
        a.wait("you type")
        a.type("first")
        a.keys("Enter")
        a.wait("<first>")
        a.wait("35 138")  # its terminal has the page's size
        b = self.screen("tether", "shell", width=100, height=30)
        b.wait("<first>")
        b.wait("you look")
        b.type("lost")
        b.keys("T")
        b.wait("you type")
        a.wait("you look")
        b.type("second")
        b.keys("Enter")
        b.wait("<second>")
        a.wait("<second>")
        self.assertNotIn("lost", b.text())
        b.keys("C-]")
        b.wait("ended with 0")
        self.kill9()  # a tether needs no daemon
        a.keys("T")
        a.wait("you type")
        a.type("third")
        a.keys("Enter")
        a.wait("<third>")
        a.keys("C-]")
        a.wait("1 agents")
        self.t("habitat", "start")
        self.assertEqual(self.agent("shell")["status"], "Running")

    def test_a_command_tells_of_what_waits(self):
        self.up()
        self.propose("early", "was there before")
        told = os.path.join(self.home, "told")
        program = self.file("tell", "#!/bin/sh\nprintf '%s|' \"$@\" >>" +
                            told + "\n", 0o700)
        s = self.screen("--bell", "--notify", program + " 'two words'")
        s.wait("was there before")
        self.propose("late", "a $(new) one; `x`")
        until(lambda: os.path.exists(told), 5, "it was run")
        time.sleep(0.3)
        with open(told, encoding="utf-8") as f:
            self.assertEqual(f.read(), "two words|a $(new) one; `x`|late|")

    def test_presets_and_earlier_commands(self):
        self.up()
        self.sh("older", "echo from an older one; exec sleep 60")
        os.makedirs(self.home + "/.config/terrarium")
        self.file(".config/terrarium/presets",
                  "# mine\nnap  sleep 61\nbad |\n")
        s = self.screen()
        s.wait("presets:3")
        s.wait("older")
        s.keys("s")
        s.wait("command")
        s.keys("Up")
        s.wait("sleep 61")
        time.sleep(0.4)
        s.keys("Enter")
        until(lambda: self.get("/api/v1/agents/nap")[0] == 200, 5, "it runs")
        s.keys("s")
        s.wait("command")
        s.keys("Up", "Up")
        s.wait("from an older one.*from an older one|an older one; exec")

    def test_tether_to_nobody(self):
        s = self.screen("tether", "nobody")
        s.wait("ended with 1")
        s.wait("nobody: there is no such agent")

    def test_the_daemon_comes_and_goes(self):
        s = self.screen()
        s.wait("● live")
        self.t("say", "--as", "a", "before")
        s.wait("before")
        self.kill9()
        s.wait("● live", 15)
        self.t("say", "--as", "a", "after the fall")
        s.wait("after the fall", 10)


if __name__ == "__main__":
    unittest.main()
