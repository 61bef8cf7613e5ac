"""A fracta fleet's tables as a source (data/fracta/pg_source.h):
tests/support/pg_fleet has a store and the source, and dumps what it holds."""

import json
import os
import signal
import subprocess
import threading
import time
import unittest

import pg
from driver import PATIENCE


class Fleet:
    def __init__(self, lab, target=None, schema="public", user=None, **env):
        e = dict(lab.env, **env)
        if user:
            target = lab.uri.replace("fracta@", user + "@")
        self.p = subprocess.Popen(
            [pg.tool("pg_fleet"), target or lab.uri, schema], env=e,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.lock = threading.Lock()

    def say(self, command):
        with self.lock:
            self.p.stdin.write(command.encode() + b"\n")
            self.p.stdin.flush()
            return self.p.stdout.readline().decode("utf-8", "replace")

    def dump(self):
        return json.loads(self.say("dump"))

    def plane(self):
        return self.dump()["sources"][0]

    def stream(self, kind):
        return next(s for s in self.dump()["streams"] if s["kind"] == kind)

    def agent(self, name):
        return next((a for a in self.dump()["agents"]
                     if a["name"] == name), None)

    def end(self):
        self.p.stdin.close()
        code = self.p.wait(15 * pg.SLOW)
        said = self.p.stderr.read().decode()
        self.p.stdout.close()
        self.p.stderr.close()
        return code, said


def until(check, seconds=8):
    end = time.time() + seconds * pg.SLOW * PATIENCE
    while time.time() < end:
        r = check()
        if r:
            return r
        time.sleep(0.05)
    return check()


class Source(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = pg.Lab(log="all")
        cls.lab.lab("seed", "24", "--postgres")

    @classmethod
    def tearDownClass(cls):
        cls.lab.end()

    def fleet(self, **how):
        f = Fleet(self.lab, **how)

        def end():
            if not f.p.stdin.closed:
                self.assertEqual(f.end(), (0, ""))
        self.addCleanup(end)
        return f

    def live(self, f):
        self.assertTrue(until(lambda: f.plane()["state"] == "live"),
                        f.plane())
        return f

    def test_what_is_there(self):
        f = self.live(self.fleet())
        d = f.dump()
        names = {a["name"] for a in d["agents"]}
        self.assertEqual(len(names), 26)
        self.assertLessEqual({"weave-index", "pair-with-ops", "odd-status"},
                             names)
        self.assertEqual({a["namespace"] for a in d["agents"]}, {"fracta"})
        kinds = {s["kind"]: s for s in d["streams"]}
        for kind, rows in (("agents", 26), ("missions", 22),
                           ("objectives", 7), ("proposals", 5)):
            self.assertEqual((kinds[kind]["state"], kinds[kind]["rows"]),
                             ("live", rows), kinds[kind])
        # its control plane decides them, no person
        self.assertEqual(d["totals"]["open_proposals"], 0)
        plane = f.plane()
        self.assertTrue(plane["version"].startswith("1"), plane)
        self.assertIn("pending, oldest", plane["detail"])
        self.assertLess(abs(plane["clock_offset_ms"]), 500)
        states = {a["name"]: a["state"] for a in d["agents"]}
        self.assertEqual(states["summarise-week"], "failed")
        texts = [t["text"] for t in d["thoughts"]]
        self.assertTrue(any("to weave-index: when done" in t for t in texts))
        self.assertFalse(any("heartbeat" in t for t in texts))
        # what holds credentials is not read
        self.assertNotIn("not-to-be-shown", json.dumps(d))

    def test_changes_come(self):
        f = self.live(self.fleet())
        self.lab.sql("INSERT INTO agents (task, status, start_time) VALUES "
                     "('fresh', 'Running', now())")
        self.assertTrue(until(lambda: f.agent("fresh")))
        self.lab.sql("INSERT INTO agent_events (task, action, severity, "
                     "attrs_json, event_id) SELECT 'fresh', "
                     "'message.completed', 'info', "
                     "'{\"text_preview\": \"only once\"}', "
                     "'11111111-2222-4333-8444-555555555555' "
                     "FROM generate_series(1, 2)")
        self.assertTrue(until(lambda: f.agent("fresh")["step"] ==
                              "only once"))
        # the same event written twice is one thought
        self.assertEqual(sum(t["text"] == "only once"
                             for t in f.dump()["thoughts"]), 1)
        self.lab.sql("UPDATE agents SET status = 'Failed', last_output = "
                     "E'no thread\\nat all' WHERE task = 'fresh'")
        self.assertTrue(until(lambda: f.agent("fresh")["state"] == "failed"))
        self.assertEqual(f.agent("fresh")["reason"], "no thread")
        self.lab.sql("DELETE FROM agents WHERE task = 'fresh'")
        self.assertTrue(until(lambda: f.agent("fresh") is None))

    def test_odd_values(self):
        self.lab.sql(
            "INSERT INTO agents (task, status, start_time) VALUES "
            "('never', 'Running', 'infinity'), ('zero', 'Running', "
            "'0001-01-01 00:00:00+00'), ('', 'Running', NULL); "
            "INSERT INTO missions (payload, status, created_at) VALUES "
            "('[1]', 'pending', '-infinity'), ('\"x\"', 'odd', now()); "
            "INSERT INTO agent_events (task, action, timestamp, attrs_json) "
            "VALUES ('never', 'tool.started', 'infinity', '[]'), "
            "('never', 'x', NULL, '{\"input_tokens\": \"many\"}'), "
            "(repeat('n', 5000), repeat('y', 5000), now(), "
            "'{\"text_preview\": {\"a\": 1}}')")
        f = self.live(self.fleet())
        for name in ("never", "zero"):
            self.assertTrue(until(lambda n=name: f.agent(n)))
        for kind in ("agents", "missions", "events"):
            self.assertEqual(f.stream(kind)["state"], "live")
        self.lab.sql("DELETE FROM agents WHERE task IN ('never', 'zero', "
                     "''); DELETE FROM missions WHERE status = 'odd' OR "
                     "created_at = '-infinity'")

    def test_no_right_on_one_table(self):
        self.lab.sql("REVOKE SELECT ON missions, messages FROM viewer")
        f = self.fleet(user="viewer", PGUSER="viewer")
        self.live(f)
        s = f.stream("missions")
        self.assertEqual(s["state"], "denied")
        self.assertIn("no right to read public.missions", s["error"])
        self.assertEqual(f.stream("agents")["state"], "live")
        self.assertEqual(f.stream("events")["state"], "live")
        self.assertIn("no right to missions", f.plane()["detail"])
        self.lab.sql("GRANT SELECT ON missions, messages TO viewer")
        f.say("refresh")
        self.assertTrue(until(lambda: f.stream("missions")["state"] ==
                              "live"), f.stream("missions"))

    def test_tables_that_are_missing(self):
        self.lab.sql("CREATE SCHEMA \"Odd \"\"one\"; CREATE TABLE "
                     "\"Odd \"\"one\".agents AS SELECT * FROM agents; "
                     "CREATE TABLE \"Odd \"\"one\".agent_events (LIKE "
                     "agent_events INCLUDING ALL)")
        f = self.live(self.fleet(schema='Odd "one'))
        self.assertEqual(f.stream("agents")["state"], "live")
        self.assertEqual(f.stream("missions")["state"], "absent")
        self.assertIn("does not exist", f.stream("missions")["error"])
        self.assertTrue(f.agent("weave-index"))
        self.lab.sql("DROP SCHEMA \"Odd \"\"one\" CASCADE")

    def test_server_goes_and_comes(self):
        f = self.live(self.fleet())
        before = len(f.dump()["agents"])
        self.lab.signal(signal.SIGKILL)
        self.assertTrue(until(lambda: f.plane()["state"] == "stale"))
        self.assertEqual(len(f.dump()["agents"]), before)  # and they age
        self.assertEqual(f.stream("agents")["state"], "stale")
        time.sleep(1)
        self.lab.lab("start", "postgres")
        began = time.time()
        self.assertTrue(until(lambda: f.plane()["state"] == "live"))
        self.assertLess(time.time() - began, 5 * pg.SLOW)
        self.lab.sql("INSERT INTO agent_events (task, action, detail) VALUES "
                     "('weave-index', 'complete', 'after the crash')")
        self.assertTrue(until(lambda: any(
            t["text"] == "after the crash" for t in f.dump()["thoughts"])))

    def test_server_that_hangs(self):
        f = self.live(self.fleet())
        # backends, too: only then nobody answers
        pids = [int(p) for p in self.lab.sql(
            "SELECT pid FROM pg_stat_activity WHERE application_name = "
            "'terrarium'").split()]
        for p in pids:
            os.kill(p, signal.SIGSTOP)
        try:
            # its own limit is 15 s and 2 s more; the dump answers at once
            for _ in range(20):
                began = time.time()
                f.dump()
                self.assertLess(time.time() - began, 0.5 * pg.SLOW)
            self.assertTrue(until(lambda: f.plane()["error"], 25))
        finally:
            for p in pids:
                try:
                    os.kill(p, signal.SIGCONT)
                except ProcessLookupError:
                    pass
        self.live(f)

    def test_down_at_start_and_refused(self):
        f = self.fleet(target="host=127.0.0.1 port=1 user=x")
        self.assertTrue(until(lambda: f.plane()["answered"]))
        self.assertEqual(f.plane()["state"], "connecting")
        g = self.fleet(PGPASSFILE="/nonexistent", PG_FLEET_PASSWORD="wrong1")
        self.assertTrue(until(lambda: g.plane()["state"] == "refused"))
        self.assertNotIn("wrong1", json.dumps(g.dump()))

    def test_other_data(self):
        """The database is made anew: rows of the old one go."""
        f = self.live(self.fleet())
        self.lab.sql("ALTER TABLE agents RENAME TO agents_kept; "
                     "CREATE TABLE agents (LIKE agents_kept INCLUDING ALL); "
                     "INSERT INTO agents (task, status) VALUES "
                     "('alone', 'Running')")
        self.assertTrue(until(lambda: [a["name"] for a in
                                       f.dump()["agents"]] == ["alone"]))
        self.lab.sql("DROP TABLE agents; ALTER TABLE agents_kept RENAME TO "
                     "agents")
        self.assertTrue(until(lambda: f.agent("weave-index")))

    def test_the_wire_is_read_only(self):
        f = self.live(self.fleet())
        time.sleep(1)
        f.say("refresh")
        time.sleep(0.5)
        with open(os.path.join(self.lab.dir, "log", "postgres.log"),
                  errors="replace") as log:
            text = log.read()
        # what the console's role did as terrarium: by the session's pid
        pids = self.lab.sql(
            "SELECT pid FROM pg_stat_activity WHERE application_name = "
            "'terrarium'").split()
        asked = [line.split("execute <unnamed>: ", 1)[1]
                 for line in text.splitlines()
                 if "execute <unnamed>: " in line and
                 any("[%s]" % p in line for p in pids)]
        self.assertGreater(len(asked), 10)
        for sql in asked:
            self.assertRegex(sql, r"^(SELECT|\(SELECT|LISTEN) ")


if __name__ == "__main__":
    unittest.main()
