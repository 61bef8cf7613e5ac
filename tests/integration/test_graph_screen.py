"""The knowledge graph as one sees it: the pages that ask it, its settings, TLS, and keys that never wait for it."""

import os
import socket
import time
import unittest

import test_graph
from driver import SLOW, Case
from lab_plane import ControlPlane, agent, now
from scripted_redis import Redis
from tls_front import Front

falkordb, setUpModule = test_graph.falkordb, test_graph.setUpModule
STAMP = "%Y-%m-%dT%H:%M:%SZ"


class Screens(Case):
    def config(self, **sources):
        os.makedirs(self.home + "/.config/terrarium", exist_ok=True)
        self.file(".config/terrarium/config.yaml", "sources:\n" + "".join(
            "  %s:\n" % name + "".join("    %s: %s\n" % (k.replace("_", "-"), v) for k, v in keys.items())
            for name, keys in sources.items()))

    def known(self, url, password, **more):
        return dict(type="graph", url=url, password="{file: %s}" % self.file("pw", password + "\n"), **more)


class Pages(Screens):
    def setUp(self):
        super().setUp()
        self.graph = test_graph.Graph()
        self.addCleanup(self.graph.close)
        self.graph.start()
        self.plane = ControlPlane()
        self.addCleanup(self.plane.stop)
        self.plane.agents = [agent("weave-index"), agent("elsewhere")]
        self.plane.objectives = [
            {"id": "obj-loom", "description": "find out why the loom drops every ninth thread", "status": "open",
             "created_at": now(3600), "mission_count": 7, "finding_count": 1, "max_missions": 10, "max_depth": 5,
             "max_branching": 5},
            {"id": "obj-frost", "description": "is the frost in any notes?", "status": "frozen",
             "created_at": now(60)}]
        self.sources = {"cp": {"type": "control-plane", "url": self.plane.url},
                        "kg": self.known(self.graph.url, self.graph.password)}
        self.config(**self.sources)

    def write(self, title, source="agent:weave-index", label="Finding", more=""):
        self.graph.query("CREATE (:%s {summary: '%s', confidence: 0.83, _status: 'confirmed', _source: '%s', "
                         "_updated_at: '%s' %s})" % (label, title, source, time.strftime(STAMP, time.gmtime()), more))

    def asked(self):
        """What is asked from now on, as it comes."""
        monitor = self.graph.client()
        lines = falkordb.monitor(monitor)
        self.addCleanup(monitor.socket.shutdown, 2)
        return lines

    def count(self, lines, part):
        return sum(part in line for line in list(lines))

    def test_objective(self):
        self.write("nothing of it")
        screen = self.console("--no-picture")
        screen.wait("● kg .*1 nodes, 1 findings", 20)
        lines = self.asked()
        screen.type(":objectives\n")
        screen.wait("obj-loom")
        screen.type(":objective obj-l\t\n")
        screen.wait("find out why the loom drops every ninth thread")
        screen.wait(r"missions +\S+ 7 of 10")
        screen.wait("no evidence yet")
        # asked once, not with each draw or key
        for _ in range(12):
            screen.keys("j")
        time.sleep(2)
        self.assertEqual(self.count(lines, "n.objective_id"), 1, lines)
        # and again when something new was read
        self.write("every ninth thread is wet", more=", objective_id: 'obj-loom'")
        self.write("a hunt of it", "agent:fix-flaky-loom", "Hunt", ", objective: 'obj-loom'")
        self.write("of another", more=", objective_id: 'obj-frost'")
        screen.keys("R")
        line = screen.wait(r"s? *Finding +.83 +every ninth thread is wet +confirmed +weave-index", 20)
        self.assertTrue(line)
        screen.wait(r"Hunt +.83 +a hunt of it +confirmed +fix-flaky-loom")
        self.assertNotIn("of another", screen.text())
        self.assertLessEqual(self.count(lines, "n.objective_id"), 4)
        # nobody looks any more
        screen.keys("Escape")
        screen.wait("what it is, or what came of it")
        time.sleep(1)
        before = self.count(lines, "n.objective_id")
        self.write("too late", more=", objective_id: 'obj-loom'")
        screen.keys("R")
        screen.wait("● kg .*5 nodes", 20)
        time.sleep(1)
        self.assertEqual(self.count(lines, "n.objective_id"), before)

    def test_many(self):
        for i in range(60):
            self.write("number %d of it" % i, more=", hunt: 'obj-loom'")
        screen = self.console("--no-picture", height=80)
        screen.wait("● kg .*60 nodes", 20)
        screen.type(":objective obj-loom\n")
        screen.wait(r"\+ more, older than these 50", 20)

    def test_no_graph(self):
        del self.sources["kg"]
        self.config(**self.sources)
        screen = self.console("--no-picture")
        screen.wait("● cp", 20)
        screen.type(":objective obj-loom\n")
        screen.wait("no source is a knowledge graph")
        # and there it is
        self.write("every ninth thread is wet", more=", objective_id: 'obj-loom'")
        self.config(**self.sources, kg=self.known(self.graph.url, self.graph.password))
        screen.type(":reload\n")
        screen.wait("1 begun")
        screen.wait("every ninth thread is wet", 20)
        # gone again
        self.config(**self.sources)
        screen.type(":reload\n")
        screen.wait("no source is a knowledge graph", 20)

    def test_server_goes_while_its_page_is_open(self):
        self.write("every ninth thread is wet", more=", objective_id: 'obj-loom'")
        screen = self.console("--no-picture")
        screen.wait("● kg .*1 nodes", 20)
        screen.type(":objective obj-loom\n")
        screen.wait("every ninth thread is wet")
        self.graph.kill()
        screen.wait("◐ kg", 20)
        screen.wait("every ninth thread is wet")  # what was read stands
        screen.type(":objective obj-frost\n")
        screen.wait("is it up, and is 'url' right")
        screen.type(":objective obj-loom\n")
        self.graph.start()
        screen.wait("no evidence yet|nothing was ever written", 30)
        self.write("after it", more=", objective_id: 'obj-loom'")
        screen.keys("R")
        screen.wait("after it", 20)

    def test_findings_of_an_agent(self):
        self.write("every ninth thread is wet")
        self.write("not mine", "agent:somebody-else")
        screen = self.console("--no-picture", height=60)
        screen.wait("● kg .*2 nodes", 20)
        lines = self.asked()
        screen.type("/weave-index\n")
        screen.keys("Enter")
        screen.wait("its findings in the knowledge graph")
        screen.wait(r"Finding +.83 +every ninth thread is wet +confirmed")
        self.assertNotIn("not mine", screen.text())
        time.sleep(2)
        self.assertEqual(self.count(lines, "n._source = $about"), 1)
        self.assertIn("about='agent:weave-index'", "".join(lines))
        self.write("the tenth, too")
        screen.keys("R")
        screen.wait(r"Finding +.83 +the tenth, too +confirmed", 20)

    def test_from_evidence_to_what_is_around_it(self):
        self.write("another one", more=", objective_id: 'obj-loom'")
        self.graph.query("CREATE (f:Finding {summary: 'every ninth thread is wet', objective_id: 'obj-loom', "
                         "_source: 'agent:weave-index', _updated_at: '2026-11-21T10:00:00Z'})"
                         "-[:ABOUT]->(:Concept {name: 'the north shed'})")
        screen = self.console("--no-picture", height=60)
        screen.wait("● kg .*3 nodes", 20)
        screen.type(":objective obj-loom\n")
        screen.wait("Finding +every ninth thread is wet")
        self.assertNotIn("the north shed", screen.text())
        screen.keys("BTab")  # the last line of the page, the oldest
        screen.keys("Enter")
        screen.wait(r"ABOUT.* the north shed +Concept")
        screen.wait("▌.*every ninth thread is wet")  # and the list has it
        screen.keys("Escape")
        screen.wait_gone("the north shed")
        screen.wait("▌.*every ninth thread is wet")
        screen.keys("Escape")
        screen.wait("what it is, or what came of it")
        screen.keys("Escape")
        # from an agent's page, too
        screen.type("/weave-index\n")
        screen.keys("Enter")
        screen.wait("its findings in the knowledge graph")
        screen.wait("Finding +every ninth thread is wet")
        screen.keys("BTab")
        screen.keys("Enter")
        screen.wait(r"ABOUT.* the north shed +Concept")

    def test_two_steps(self):
        self.graph.query("CREATE (f:Finding {summary: 'in the middle', _updated_at: '2026-11-21T10:00:00Z'}), "
                         "(f)-[:ABOUT]->(c:Concept {name: 'the first ring'}) "
                         "WITH c UNWIND range(1, 40) AS i CREATE (c)<-[:CITES]-(:Document {title: 'second ' + i})")
        screen = self.console("--no-picture")
        screen.wait("● kg .*42 nodes", 20)
        screen.type(":graph\n")
        screen.wait(r"ABOUT.* the first ring +Concept +\+40")
        screen.keys("+")
        screen.wait("2 steps · 42 nodes")
        screen.wait(r"CITES.* second 1\b")
        screen.wait(r"the first ring +Concept +\+\d+")  # no room for all
        screen.keys("-")
        screen.wait_gone("2 steps")
        screen.wait("2 nodes, 1 edges")


class Keys(Screens):
    def test_no_key_waits(self):
        """It hangs in the middle of every answer: keys do not."""
        redis = Redis()
        self.addCleanup(redis.close)
        redis.faults["GRAPH"] = lambda s: (s.sendall(b"*3\r\n*2\r\n$1"), redis.hang(s))
        self.config(kg=self.known(redis.url, "x"))
        redis.password = "x"
        screen = self.console("--no-picture")
        screen.wait("kg", 20)
        for _ in range(3):
            for line, words in ((":graph\n", "nothing was read of it yet"), (":objectives\n", "objectives"),
                                (":budgets\n", "what may be spent")):
                began = time.monotonic()
                screen.type(line)
                screen.wait(words)
                self.assertLess(time.monotonic() - began, 1.5 * SLOW)
            time.sleep(2)

    def test_down_is_said(self):
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        self.config(kg=self.known("redis://127.0.0.1:%d" % port, "x"))
        screen = self.console("--no-picture", width=160)
        screen.wait(r"◐ kg .*is it up, and is 'url' right\?", 20)


class Encrypted(Screens):
    """The real server behind TLS with a certificate of a CA of our own, for another name than its address."""

    NAME = "falkordb.lab.test"

    def setUp(self):
        super().setUp()
        self.graph = test_graph.Graph()
        self.addCleanup(self.graph.close)
        self.graph.start()
        falkordb.seed(8, self.graph.dir)
        self.front = Front(self.home, int(self.graph.url.rsplit(":", 1)[1]), self.NAME)
        self.addCleanup(self.front.close)
        self.ca, self.heard = self.front.ca, self.front.heard
        self.url = "rediss://127.0.0.1:%d" % self.front.port

    def shot(self, **keys):
        self.heard.clear()
        self.config(kg=self.known(self.url, self.graph.password, **keys))
        shot = self.run_it("snapshot", "--format", "json", "--wait", "8s")
        self.assertNotIn(self.graph.password, shot.text + shot.err)
        return shot.json["sources"][0]

    def refused(self, says, **keys):
        kg = self.shot(**keys)
        self.assertEqual(kg["state"], "refused", kg)
        self.assertRegex(kg["error"], says)
        self.assertEqual(self.heard, [])  # no word before it is known to whom

    def test_its_own_ca_and_name(self):
        kg = self.shot(ca=self.ca, tls_name=self.NAME)
        self.assertEqual(kg["state"], "live", kg)
        self.assertFalse(kg["insecure"])
        self.assertIn("8 findings", kg["detail"])

    def test_without_ca(self):
        self.refused(r"certificate.*see 'ca'", tls_name=self.NAME)

    def test_wrong_ca(self):
        self.refused(r"certificate.*see 'ca'", ca=self.front.another_ca(), tls_name=self.NAME)

    def test_wrong_name(self):
        self.refused("'ca' and 'tls-name'", ca=self.ca)
        self.refused("'ca' and 'tls-name'", ca=self.ca, tls_name="somebody.else.test")

    def test_no_certificates_in_the_file(self):
        self.refused("'ca'", ca=self.file("no.pem", "nothing of the kind\n"), tls_name=self.NAME)

    def test_no_such_file(self):
        kg = self.shot(ca=self.home + "/none.pem", tls_name=self.NAME)
        self.assertEqual(kg["state"], "refused")
        self.assertRegex(kg["error"], "ca .*/none.pem: .*[Nn]o such file")
        os.mkfifo(self.home + "/fifo")  # nobody writes: it does not wait
        kg = self.shot(ca=self.home + "/fifo", tls_name=self.NAME)
        self.assertRegex(kg["error"], "ca .*/fifo: ")

    def test_insecure(self):
        kg = self.shot(insecure="true")
        self.assertEqual((kg["state"], kg["insecure"]), ("live", True))
        screen = self.console("--no-picture", width=80, height=24)
        screen.wait("● kg .* · insecure", 20)

    def test_plain_server(self):
        self.url = self.graph.url.replace("redis:", "rediss:")
        kg = self.shot(ca=self.ca, tls_name=self.NAME)
        self.assertNotEqual(kg["state"], "live")

    def test_config(self):
        self.config(kg=dict(type="graph", url="redis://localhost", ca=self.ca))
        done = self.run_it("config", "check")
        self.assertNotEqual(done.status, 0)
        self.assertRegex(done.text + done.err, "ca, tls-name and insecure are of a url with rediss")
        shown = self.run_it("config", "show")
        self.assertNotIn(self.graph.password, shown.text)


if __name__ == "__main__":
    unittest.main()
