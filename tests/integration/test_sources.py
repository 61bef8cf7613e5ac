"""Several sources on one screen: a real API server, a real PostgreSQL and a
scripted control plane tell of one fleet."""

import json
import os
import signal
import time
import unittest

import pg
from lab_plane import ControlPlane, agent, event, now
from driver import Case, until
from test_faults import certificate
from test_real import config, items, kubectl, setUpModule as lab_is_up
from tls_front import make_ca

STATE = {}
NS = "fracta"


def setUpModule():
    lab_is_up()
    STATE["pg"] = pg.Lab()


def tearDownModule():
    STATE["pg"].end()


class Sources(Case):
    def setUp(self):
        super().setUp()
        self.db = STATE["pg"]
        self.plane = ControlPlane()
        self.addCleanup(self.plane.stop)
        self.password = self.file("pw", self.db.password("fracta") + "\n")
        self.tasks = sorted({p["metadata"]["labels"]["fracta-agent-id"]
                             for p in items("pods", "-n", NS)
                             if "fracta-agent-id" in p["metadata"]["labels"]})
        self.assertTrue(self.tasks)
        self.config()

    def config(self, *without, **more):
        sources = {
            "lab": {"type": "kubernetes", "kubeconfig": config(),
                    "namespace": "'*'"},
            "cp": {"type": "control-plane", "url": self.plane.url},
            "db": {"type": "postgres", "url": self.db.uri,
                   "password": "{file: %s}" % self.password},
            **more}
        lines = ["sources:\n"]
        for name, keys in sources.items():
            if name not in without:
                lines.append(f"  {name}:\n")
                lines += [f"    {k}: {v}\n" for k, v in keys.items()]
        os.makedirs(self.home + "/.config/terrarium", exist_ok=True)
        self.file(".config/terrarium/config.yaml", "".join(lines))

    def sql(self, text):
        return self.db.sql(text)

    def rows(self, *names, status="Running"):
        """The same agents at the control plane and in its tables."""
        self.plane.agents = [agent(n, status) for n in names]
        values = ",".join(f"('{n}','claude','{status}','stream')"
                          for n in names)
        self.sql("TRUNCATE agents, missions, messages, objectives, proposals,"
                 f" agent_events; INSERT INTO agents(task,host_type,status,"
                 f"mode) VALUES {values}")

    def shot(self, *args):
        return self.run_it("snapshot", "--format", "json", "--wait", "15s",
                           *args)


class Joined(Sources):
    def test_one_row_each(self):
        """Pods, control plane and tables are one row; who else is, is one."""
        self.rows(*self.tasks, "only-told")
        shot = self.shot()
        found = [a for a in shot.json["agents"] if a["namespace"] == NS]
        self.assertEqual(sorted(a["name"] for a in found),
                         sorted(self.tasks + ["only-told"]))
        for a in found:
            self.assertEqual(sorted(r["source"] for r in a["runs"]),
                             ["cp", "db"], a["name"])
            self.assertEqual(a["runtime"], "claude")  # the tables know that
        self.assertEqual({s["name"]: s["state"] for s in shot.json["sources"]
                          if s["name"] in ("kubernetes", "cp", "db")},
                         {"kubernetes": "live", "cp": "live", "db": "live"})
        # the others of the cluster are there as before
        self.assertTrue([a for a in shot.json["agents"]
                         if a["origin"] == "kgents"])

    def test_conflict(self):
        """Its pod runs, its control plane says Failed: both are told."""
        up = [p["metadata"]["labels"]["fracta-agent-id"]
              for p in items("pods", "-n", NS)
              if p["status"].get("phase") == "Running" and
              "fracta-agent-id" in p["metadata"]["labels"]]
        self.assertTrue(up)
        self.rows(up[0], status="Failed")
        self.plane.agents[0]["last_output"] = "no such branch"
        screen = self.console()
        screen.wait_header("live", 15)
        screen.type("/" + up[0])
        screen.keys("Enter")
        # who spoke last is believed: that hangs on how old the lab is
        screen.wait(r"(odd|down) +(cluster|control plane): ", 30)
        screen.keys("e")
        screen.wait("cluster: running · control plane: Failed, and which is "
                    "newer|(cluster|control plane): .* ago .*older", 5)
        screen.wait("› workload|› cp")

    def test_event_once(self):
        """The stream and the table tell of one event."""
        self.rows(self.tasks[0])
        screen = self.console()
        screen.wait_header("live", 15)
        screen.type("/" + self.tasks[0])
        screen.keys("Enter")
        until(lambda: self.plane.streams, 15, lambda: screen.text())
        e = event(self.tasks[0], "message.completed",
                  attrs={"text_preview": "said but once"})
        self.plane.tell(e)
        self.sql("INSERT INTO agent_events(task,event,event_id,component,"
                 "category,action,severity,attrs_json) VALUES "
                 f"('{self.tasks[0]}','x','{e['ID']}','host_adapter',"
                 "'agent_activity','message.completed','info',"
                 "'{\"text_preview\":\"said but once\"}')")
        screen.keys("4", "+")
        screen.wait("said but once", 10)
        time.sleep(2)
        self.assertEqual(screen.text().count("said but once"), 1,
                         screen.text())

    def test_missions(self):
        self.rows(self.tasks[0])
        self.sql("INSERT INTO missions(status,payload,agent_task,claimed_by,"
                 "claimed_at,priority) VALUES "
                 f"('claimed','{{}}','{self.tasks[0]}','w1',"
                 "now() - interval '2 hours',3),"
                 "('pending','{\"task\":\"next-one\"}',NULL,NULL,NULL,9)")
        screen = self.console()
        screen.wait_header("live", 15)
        screen.type(":mis")
        screen.keys("Tab")
        screen.wait(": missions")
        screen.keys("Enter")
        screen.wait(r"1 wait.* 1 run, 1 past their lease", 10)
        screen.wait("claimed +1 +" + self.tasks[0])
        screen.keys("Enter")
        screen.wait("worker +w1", 5)

    def test_wires_are_read_only(self):
        """Seen on the servers: no session that writes, no request but GET."""
        self.rows(*self.tasks)
        screen = self.console("--read-only")
        screen.wait_header("live", 15)
        until(lambda: self.sql("SELECT count(*) FROM pg_stat_activity WHERE "
                               "application_name='terrarium'") != "0", 10,
              "its session")
        for key in "mKMOUkdpsSrxXae*HuF":
            screen.keys(key)
            screen.keys("Escape")
        time.sleep(1)
        self.assertEqual(self.plane.writes(), [])
        said = self.sql("SELECT DISTINCT query FROM pg_stat_activity WHERE "
                        "application_name='terrarium'")
        for query in said.splitlines():
            self.assertRegex(query.strip() or "SELECT",
                             "(?is)^(with|select|show|listen|set|--|[^a-z]|.)")
            self.assertNotRegex(query, r"(?i)\b(insert|update|delete|alter|"
                                       r"create|drop|truncate)\b")


class Ghosts(Case):
    def test_where_its_agents_run(self):
        cache = self.home + "/cache"
        os.makedirs(cache)
        os.makedirs(self.home + "/.config/terrarium")
        at = time.strftime("%Y-%m-%dT%H:%M:%S")
        with open(cache + "/status.json", "w", encoding="utf-8") as f:
            json.dump({"data": {"health": "healthy", "timestamp": at,
                                "agents": [{"name": "weaver", "genus": "B",
                                            "status": "running"}]},
                       "timestamp": at}, f)
        for more, ns in (("", "kgents-agents"),
                         ("    namespace: shed\n", "shed")):
            self.file(".config/terrarium/config.yaml",
                      "sources:\n  last:\n    type: ghost\n    path: "
                      f"{cache}\n{more}")
            shot = self.run_it("snapshot", "--format", "json")
            self.assertEqual([(a["namespace"], a["name"])
                              for a in shot.json["agents"]],
                             [(ns, "weaver")], shot.text)


class Dying(Sources):
    def live(self, screen, *names):
        for name in names:
            screen.wait(rf"● {name}\b", 20)

    def test_each_is_killed_and_comes_back(self):
        """One goes, the others stay live; it comes back, and its rows."""
        self.rows(*self.tasks, "told")
        screen = self.console(width=160)
        self.live(screen, "kubernetes", "cp", "db")
        self.plane.stop()
        screen.wait(r"[◐○✗] cp\b", 20)
        self.live(screen, "kubernetes", "db")
        self.plane.agents.append(agent("while-away"))
        self.plane.start()
        self.live(screen, "cp")
        screen.type("/while-away")
        screen.keys("Enter")
        screen.wait("while-away +", 10)
        self.db.signal(signal.SIGKILL)
        screen.wait(r"[◐○✗] db\b", 20)
        self.live(screen, "kubernetes", "cp")
        self.db.lab("start", "postgres")
        self.live(screen, "db")

    def test_one_hangs(self):
        """A key does not wait for who hangs."""
        self.rows(*self.tasks)
        screen = self.console()
        screen.wait_header("live", 15)
        self.db.stop_answering()
        try:
            time.sleep(3)
            began = time.monotonic()
            screen.keys("?")
            screen.wait("typed|Space|Tab", 2)
            self.assertLess(time.monotonic() - began, 1)
        finally:
            self.db.go_on()

    def test_down_at_start(self):
        self.rows(*self.tasks)
        self.plane.stop()
        self.config(db={"type": "postgres",
                        "url": "postgres://fracta@127.0.0.1:1/fracta"})
        screen = self.console(width=160)
        self.live(screen, "kubernetes")
        screen.wait(r"[◐✗] cp\b")
        screen.wait(r"[◐✗] db\b")
        screen.wait_header(r"\d+ agents")

    def test_wrong_password(self):
        self.rows(*self.tasks)
        self.password = self.file("pw2", "not-it\n")
        self.config()
        shot = self.shot()
        db = next(s for s in shot.json["sources"] if s["name"] == "db")
        self.assertEqual(db["state"], "refused")
        self.assertNotIn("not-it", json.dumps(shot.json))
        self.assertNotIn("not-it", shot.err)


class Switching(Sources):
    def test_namespace(self):
        self.rows(*self.tasks)
        screen = self.console(width=160)
        screen.wait_header("live", 15)
        screen.type(":ns kgents-agents")
        screen.keys("Enter")
        screen.wait_header("kgents-agents", 10)
        screen.wait("[●] kubernetes", 15)
        # the cluster's rows of other namespaces went, what others tell stays
        screen.wait_header(r"\d+ agents")
        screen.type(":ns *")
        screen.keys("Enter")
        screen.wait_header("all namespaces", 10)
        screen.type(":ns")
        screen.keys("Enter")
        screen.wait("ns wants NAMESPACE")
        screen.keys("Escape")
        screen.keys("q")
        screen.wait("ended with 0", 10)

    def test_context(self):
        self.rows(*self.tasks)
        screen = self.console(width=160)
        screen.wait_header("live", 15)
        screen.type(":ctx nowhere")
        screen.keys("Enter")
        screen.wait("nowhere", 5)
        screen.wait("● kubernetes")  # a mistake changes nothing
        screen.type(":ctx ")
        screen.keys("Tab")
        time.sleep(0.3)
        screen.keys("Enter")
        screen.wait_header("lab-admin", 10)
        screen.wait("● kubernetes", 15)

    def test_reload(self):
        """What changed begins or ends; the others are not touched."""
        self.rows(*self.tasks, "told")
        self.config("cp")
        screen = self.console(width=160)
        screen.wait("● db", 15)
        self.assertNotIn(" cp ", screen.lines()[1])
        self.config()
        screen.type(":reload")
        screen.keys("Enter")
        screen.wait("0 sources ended, 1 begun", 5)
        screen.wait("● cp", 10)
        # a mistake is told where it is, and nothing changes
        self.file(".config/terrarium/config.yaml", "sorces:\n")
        os.kill(screen.pid(), signal.SIGHUP)
        screen.wait("config.yaml:1:1: sorces: .*did you mean sources", 5)
        screen.wait("● cp")
        self.config("db")
        os.kill(screen.pid(), signal.SIGHUP)
        screen.wait("1 source ended, 0 begun", 5)
        until(lambda: " db " not in screen.lines()[1], 10,
              lambda: screen.text())
        self.assertEqual(
            self.sql("SELECT count(*) FROM pg_stat_activity WHERE "
                     "application_name='terrarium'"), "0")
        screen.keys("q")
        screen.wait("ended with 0", 10)

    def test_reload_after_a_file_was_mended(self):
        """The configuration is the same, what it names is not."""
        cert, key = certificate()
        plane = ControlPlane(tls=(cert, key))
        self.addCleanup(plane.stop)
        ca = self.home + "/ca.pem"
        self.rows(*self.tasks, "told")
        self.config(cp={"type": "control-plane", "url": plane.url, "ca": ca})
        screen = self.console(width=160)

        def reload(told):
            screen.type(":reload")
            screen.keys("Enter")
            screen.wait(told, 5)
        screen.wait("● db", 15)
        screen.wait("cp refused · ca .*ca.pem", 5)
        with open(make_ca(self.home, "another")[0], encoding="ascii") as f:
            self.file("ca.pem", f.read())
        reload("1 source ended, 1 begun")
        screen.wait("cp .*certificate", 10)
        with open(cert, encoding="ascii") as f:
            self.file("ca.pem", f.read())
        reload("1 source ended, 1 begun")
        screen.wait("● cp", 10)
        reload("0 sources ended, 0 begun")
        self.file("pw", "wrong\n")  # asked for again: the next one fails
        reload("1 source ended, 1 begun")
        screen.wait("db refused", 10)
        self.file("pw", self.db.password("fracta") + "\n")
        reload("1 source ended, 1 begun")
        screen.wait("● db", 10)
        screen.wait("● cp", 10)


if __name__ == "__main__":
    unittest.main()
