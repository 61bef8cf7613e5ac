"""The knowledge graph's source against a real FalkorDB: the lab's."""

import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = os.environ.get("ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.dirname(os.environ.get("TERRARIUM") or "./terrarium")
SLOW = float(os.environ.get("SLOW") or 1)
SERVER = os.path.join(ROOT, "lab/graph/falkordb.py")
sys.path.insert(0, os.path.dirname(SERVER))
import falkordb  # noqa: E402


def setUpModule():
    # not skipped: a server or a program that should be there is
    subprocess.run([SERVER, "install"], check=True, timeout=300, stdout=subprocess.DEVNULL)
    subprocess.run(["make", "-s", "-C", BUILD or ".", "tests/support/graph_probe"], check=True, timeout=300,
                   stdout=subprocess.DEVNULL)


class Graph:
    def __init__(self, *args):
        self.folder = tempfile.TemporaryDirectory(prefix="terrarium-it-graph-")
        self.dir, self.args, self.process = self.folder.name, args, None
        falkordb.new(self.dir)
        self.password = falkordb.read(self.dir, "password")
        self.url = "redis://127.0.0.1:" + falkordb.read(self.dir, "port")

    def start(self):
        self.process = subprocess.Popen([SERVER, "run", self.dir, *self.args], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        falkordb.wait(self.dir, 30)
        return self

    def kill(self, how=signal.SIGKILL):
        if self.process:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process = None

    def client(self):
        return falkordb.connect(self.dir)

    def query(self, text, graph=falkordb.GRAPH):
        c = self.client()
        try:
            return c.ask("GRAPH.QUERY", graph, text)
        finally:
            c.close()

    def close(self):
        self.kill()
        self.folder.cleanup()


class Probe:
    def __init__(self, url, password=None, *more, user=None, graph=falkordb.GRAPH, seconds=120, env=None):
        e = dict(os.environ, LC_ALL="C.UTF-8", **(env or {}))
        for name, value in (("PASSWORD", password), ("USER", user)):
            e.pop("TERRARIUM_GRAPH_" + name, None)
            if value is not None:
                e["TERRARIUM_GRAPH_" + name] = value
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "tests/support/graph_probe"), url, graph, str(seconds), *more],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=e, text=True)
        self.lines, self.queue = [], queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.queue.put(line.rstrip("\n"))
        self.queue.put(None)

    def until(self, pattern, seconds=15):
        """The next line like this; what came before is passed over."""
        end = time.monotonic() + seconds * SLOW
        while True:
            try:
                line = self.queue.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError("no line like %r after %r" % (pattern, self.lines[-4:]))
            if line is None:
                raise AssertionError("it ended: %s %r" % (self.process.stderr.read()[-800:], self.lines[-4:]))
            self.lines.append(line)
            if re.search(pattern, line):
                return line

    def refresh(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def resident_kb(self):
        with open("/proc/%d/status" % self.process.pid) as f:
            return int(re.search(r"VmHWM:\s*(\d+)", f.read()).group(1))

    def close(self):
        self.process.kill()
        self.process.wait()
        for f in (self.process.stdin, self.process.stdout, self.process.stderr):
            f.close()


class Case(unittest.TestCase):
    args = ()

    def setUp(self):
        self.graph = Graph(*self.args)
        self.addCleanup(self.graph.close)

    def probe(self, *args, **more):
        p = Probe(*args, **more)
        self.addCleanup(p.close)
        return p

    def mine(self, *args, **more):
        return self.probe(self.graph.url, self.graph.password, *args, **more)


class Reading(Case):
    def setUp(self):
        super().setUp()
        self.graph.start()

    def test_a_fleet(self):
        falkordb.seed(100, self.graph.dir)
        p = self.mine("look", "Hunt", "id", "hunt-1", "2", "evidence", "obj-loom")
        line = p.until(r"^live\|328 nodes, 100 findings\|FalkorDB \d+\.\d+\.\d+\|\|")
        told = int(re.search(r"thoughts (\d+)", line).group(1))
        self.assertGreater(told, 100)
        p.until(r"look 2 (\d+) .*answer 2 (\d\d)")
        # asked again, nothing is told twice; a new finding is, once
        p.refresh()
        self.graph.query("CREATE (:Finding {summary: 'it\\'s new', _source: 'agent:weave-index', "
                         "_updated_at: '%s'})" % time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        p.refresh()
        # counted first, told by a later query of the round
        p.until(r"^live\|329 nodes, 101 findings.*thoughts %d\|" % (told + 1))
        p.refresh()
        with self.assertRaises(AssertionError):  # a line comes with news only
            p.until(r"thoughts (?!%d\|)" % (told + 1), 2)

    def test_empty(self):
        p = self.mine("look", "Hunt", "id", "x", "1")
        p.until(r"^live\|graph empty\|[^|]*\|\|")
        p.until(r"look 3 ")
        self.graph.query("CREATE (:Topic {name: 'soil'})")
        p.refresh()
        p.until(r"^live\|1 nodes, 0 findings")
        c = self.graph.client()
        c.ask("GRAPH.DELETE", falkordb.GRAPH)
        c.close()
        p.refresh()
        p.until(r"^live\|graph empty\|[^|]*\|\|")

    def test_only_reads(self):
        falkordb.seed(8, self.graph.dir)
        monitor = self.graph.client()
        lines = falkordb.monitor(monitor)
        p = self.mine("look", "Hunt", "id", "hunt-1", "2", "evidence", "obj-loom")
        p.until(r"look 2 .*answer 2")
        p.refresh()
        time.sleep(1)
        monitor.socket.shutdown(2)
        said = [re.search(r'\] "([^"]*)"(?: "([^"]*)")?', line).groups() for line in lines if "] " in line]
        self.assertGreater(len(said), 8)
        for word, second in said:
            self.assertIn(word, ("AUTH", "CLIENT", "INFO", "TIME", "GRAPH.RO_QUERY"), said)
            if word == "CLIENT":
                self.assertEqual(second, "SETNAME")
        self.assertTrue(any("CYPHER v='hunt-1'" in line for line in lines))

    def test_a_write_is_refused_by_the_server_too(self):
        c = self.graph.client()
        self.addCleanup(c.close)
        c.ask("GRAPH.QUERY", falkordb.GRAPH, "CREATE (:Topic {name: 'soil'})")
        with self.assertRaisesRegex(RuntimeError, "only on read-only"):
            c.ask("GRAPH.RO_QUERY", falkordb.GRAPH, "CREATE (:Topic {name: 'rock'})")
        self.assertEqual(c.ask("GRAPH.RO_QUERY", falkordb.GRAPH, "MATCH (n) RETURN count(n)")[1], [[1]])

    def test_what_is_looked_for_stays_a_text(self):
        falkordb.seed(8, self.graph.dir)
        names = ["x' DETACH DELETE n //", "\\", "\\' RETURN 1 //", "'", "\"`$v`\n;", "ünï\\'"]
        for name in names:
            self.graph.query("CREATE (:Topic {name: %s})" % falkordb.literal(name))
            p = self.mine("look", "Topic", "name", name, "1")
            p.until(r"look 2 1 0")
            p.close()
        p = self.mine("look", "Topic) DETACH DELETE c //", "na`me", "x", "1")
        p.until(r"look 3 ")
        self.assertEqual(self.graph.query("MATCH (t:Topic) RETURN count(t)")[1], [[2 + len(names)]])

    def test_odd_properties(self):
        self.graph.query("CREATE (:Finding {summary: [1, 'a', [true]], confidence: 'high', _source: 5, _updated_at: 7}), "
                         "(:Finding {summary: 12, confidence: 1e300, _updated_at: 'soon', _source: 'agent:x'}), "
                         "(:`odd label` {name: point({latitude: 1, longitude: 2}), _updated_at: '2026-11-21T10:00:00Z'}), "
                         "({_updated_at: '2026-11-21T10:00:00Z', _source: 'agent:' + '" + "y" * 5000 + "'})")
        p = self.mine("look", "odd label", "name", "x", "1")
        p.until(r"^live\|4 nodes, 2 findings\|[^|]*\|\|")
        p.until(r"look 3 ")

    def test_without_a_time_is_last(self):
        """Nil is the greatest there: what nobody dated is not the latest."""
        self.graph.query("UNWIND range(1, 150) AS i CREATE (:Finding {summary: 'undated ' + i, objective_id: 'o'})")
        self.graph.query("CREATE (:Finding {summary: 'the dated one', objective_id: 'o', "
                         "_updated_at: '2026-11-21T10:00:00Z'})")
        p = self.mine("evidence", "o", "page", "140", "40", seconds=4)
        p.until(r"answer 2 50")
        p.until(r"the dated one")
        p = self.mine("evidence", "o", "first", seconds=4)
        p.until(r"^first the dated one")

    def test_large(self):
        """100 000 nodes, 4 000 findings of 20 KB, one node with all of them around it."""
        c = self.graph.client()
        self.addCleanup(c.close)
        c.ask("GRAPH.QUERY", falkordb.GRAPH, "CREATE (:Hunt {id: 'hub'})")
        c.ask("GRAPH.QUERY", falkordb.GRAPH, "UNWIND range(1, 100000) AS i CREATE (:Concept {name: 'concept ' + i})")
        c.ask("GRAPH.QUERY", falkordb.GRAPH,
              "CYPHER t='" + "lang " * 4000 + "' MATCH (h:Hunt) UNWIND range(1, 4000) AS i "
              "CREATE (h)-[:INVOLVES]->(:Finding {summary: $t, evidence: $t, confidence: 0.5, "
              "_source: 'agent:weave-index', _updated_at: '2026-11-21T10:00:00Z'})")
        for i in range(300):
            c.ask("GRAPH.QUERY", falkordb.GRAPH, "CREATE (:L%d {a: 1})" % i)
        began = time.monotonic()
        p = self.mine("look", "Hunt", "id", "hub", "2")
        p.until(r"^live\|104 301 nodes, 4 000 findings", 30)
        took = time.monotonic() - began
        p.until(r"look 2 65 64\+", 30)
        print("104 301 nodes: live after %.2f s, %d kB" % (took, p.resident_kb()), file=sys.stderr)
        if SLOW == 1:
            self.assertLess(p.resident_kb(), 40000)

    def test_slow_queries_are_ended(self):
        c = self.graph.client()
        self.addCleanup(c.close)
        c.ask("GRAPH.QUERY", falkordb.GRAPH, "CREATE (:Topic {name: 'soil'})")
        c.ask("GRAPH.CONFIG", "SET", "TIMEOUT_MAX", 1000)  # less than ours
        p = self.mine("look", "Topic", "name", "soil", "1")
        p.until(r"^live\|1 nodes, 0 findings\|[^|]*\|\|")
        p.until(r"look 2 1 0")


class Faults(Case):
    def test_down_at_first(self):
        p = self.mine()
        p.until(r"^connecting\|[^|]*\|[^|]*\|[^|]+")
        self.graph.start()
        falkordb.seed(8, self.graph.dir)
        p.until(r"^live\|\d+ nodes, 8 findings\|[^|]*\|\|")

    def test_killed_and_back_with_other_data(self):
        self.graph.start()
        falkordb.seed(8, self.graph.dir)
        p = self.mine()
        p.until(r"^live\|\d+ nodes, 8 findings")
        for _ in range(3):
            self.graph.kill()
            p.until(r"^stale\|\d+ nodes, |^stale\|graph empty")
            self.graph.start()
            p.until(r"^live\|graph empty\|[^|]*\|\|")
        self.graph.query("CREATE (:Finding {summary: 'x'})")
        p.refresh()
        p.until(r"^live\|1 nodes, 1 findings")

    def test_hangs(self):
        self.graph.start()
        falkordb.seed(8, self.graph.dir)
        p = self.mine()
        p.until(r"^live\|")
        self.graph.process.send_signal(signal.SIGSTOP)
        try:
            p.refresh()
            p.until(r"^stale\|.*no answer", 20)
        finally:
            self.graph.process.send_signal(signal.SIGCONT)
        p.until(r"^live\|[^|]*\|[^|]*\|\|", 40)

    def test_passwords(self):
        self.graph.start()
        p = self.probe(self.graph.url, "not-the-s3cret")
        p.until(r"^refused\|[^|]*\|[^|]*\|user or password is wrong")
        self.assertFalse([line for line in p.lines if "s3cret" in line or self.graph.password in line])
        p = self.probe(self.graph.url)
        p.until(r"^refused\|[^|]*\|[^|]*\|it wants a password")
        # in the URL, as Redis' own tools have it
        p = self.probe(self.graph.url.replace("//", "//:%s@" % self.graph.password))
        p.until(r"^live\|graph empty")

    def test_a_tunnel(self):
        """A Unix socket stands for the address, which leads nowhere."""
        path = self.graph.dir + "/s"
        self.graph.args = ("--unixsocket", path)
        self.graph.start()
        p = self.probe("redis://falkordb.fracta.invalid:6379", self.graph.password,
                       env={"TERRARIUM_GRAPH_SOCKET": path})
        p.until(r"^live\|graph empty\|[^|]*\|\|")
        self.graph.kill()
        p.until(r"^stale\|")
        self.graph.start()
        p.until(r"^live\|graph empty\|[^|]*\|\|")

    def test_rights(self):
        self.graph.start()
        falkordb.seed(8, self.graph.dir)
        c = self.graph.client()
        self.addCleanup(c.close)
        c.ask("ACL", "SETUSER", "reader", "on", ">pw", "~*", "-@all", "+graph.ro_query")
        c.ask("ACL", "SETUSER", "blind", "on", ">pw", "~*", "-@all", "+ping")
        p = self.probe(self.graph.url, "pw", user="reader")
        p.until(r"^live\|\d+ nodes, 8 findings\|\|\|")
        p = self.probe(self.graph.url, "pw", user="blind")
        p.until(r"^refused\|[^|]*\|[^|]*\|not allowed: this user needs GRAPH.RO_QUERY")
        c.ask("ACL", "SETUSER", "blind", "+graph.ro_query")
        p.until(r"^live\|", 30)

    def test_no_graph_there(self):
        self.graph.start()
        c = self.graph.client()
        self.addCleanup(c.close)
        c.ask("SET", falkordb.GRAPH, "a text")
        p = self.mine()
        p.until(r"^refused\|[^|]*\|[^|]*\|.*is no graph there")


if __name__ == "__main__":
    unittest.main()
