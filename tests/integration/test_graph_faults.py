"""Whatever a graph's server does: said in words, with what to do; the loop never waits for it; and when it is well
again, so is the source."""

import random
import time
import unittest

from scripted_redis import LABELS, Redis
from test_graph import SLOW, Probe, setUpModule  # noqa: F401 - builds the probe

QUERY = "GRAPH.RO_QUERY"
HEAD = "*3\r\n*2\r\n$1\r\nc\r\n$1\r\nc\r\n"


class Case(unittest.TestCase):
    def start(self, *more, password="s3cret-of-it", right=True, faults=None):
        self.redis = Redis(password)
        self.addCleanup(self.redis.close)
        self.redis.faults.update(faults or {})
        self.probe = Probe(self.redis.url, password if right else "not-the-s3cret", *more)
        self.addCleanup(self.check)
        self.addCleanup(self.probe.close)

    def check(self):
        lines = self.probe.lines
        late = [int(x.split()[1]) for x in lines if x.startswith("late ")]
        self.assertLess(max(late, default=0), 400 * SLOW, "the loop stood still")
        self.assertFalse([x for x in lines if "s3cret" in x])

    def wait(self, state, says, seconds=15):
        return self.probe.until(r"^%s\|[^|]*\|[^|]*\|[^|]*%s" % (state, says), seconds)

    def live(self, nodes=5, seconds=40):
        # the next of a back-off may be far: R asks at once
        end = time.monotonic() + seconds * SLOW
        while True:
            self.probe.refresh()
            try:
                return self.probe.until(r"^live\|%d nodes, \d findings\|[^|]*\|\|" % nodes, 2)
            except AssertionError:
                if time.monotonic() > end:
                    raise

    def heals(self, part, fault, state, says, seconds=15):
        """There at once, and after it was well for a while; and then it is well again, with other data."""
        self.start(faults={part: fault})
        self.wait("refused" if state == "refused" else "connecting", says, seconds)
        self.redis.faults.clear()
        self.redis.drop()
        self.live()
        self.redis.faults[part] = fault
        if part == "AUTH":  # it is said at the beginning only
            self.redis.drop()
        self.probe.refresh()
        self.wait(state, says, seconds)
        self.redis.faults.clear()
        self.redis.nodes = 9
        self.redis.drop()
        self.live(9)


class Matrix(Case):
    def test_dies_mid_answer(self):
        self.heals(LABELS, lambda s: s.sendall((HEAD + "*1000\r\n*2\r\n$7\r\nCon").encode()), "stale",
                   "ended the connection")

    def test_dies_at_once(self):
        self.heals("AUTH", lambda s: None, "stale", "ended the connection")

    def test_hangs(self):
        self.heals(LABELS, lambda s: self.redis.hang(s), "stale", "no answer for . s", 30)

    def test_hangs_before_it_says_anything(self):
        self.start(faults={"AUTH": lambda s: self.redis.hang(s)})
        self.wait("connecting", "no answer for 8 s", 30)
        self.redis.faults.clear()
        self.live()

    def test_never_ends_a_line(self):
        self.heals(LABELS, lambda s: self.redis.flood(b"+")(s), "stale", "larger than 16 MiB", 30)

    def test_a_gigabyte_is_announced(self):
        self.heals(LABELS, b"$1073741824\r\n", "stale", "larger than 16 MiB.*asked less often")

    def test_a_gigabyte_comes(self):
        self.start(faults={LABELS: lambda s: self.redis.flood((HEAD + "*1\r\n*2\r\n$16000000\r\n").encode())(s)})
        self.wait("connecting", "not the answer of a Redis|larger than 16 MiB", 30)
        time.sleep(1)
        if SLOW == 1:  # sanitizers take their own share
            self.assertLess(self.probe.resident_kb(), 120000)

    def test_an_array_of_many(self):
        for n in ("2147483648", "4294967296", "9223372036854775807", "-2", "99999999999999999999"):
            with self.subTest(n):
                self.start(faults={LABELS: ("*%s\r\n" % n).encode()})
                self.wait("connecting", "not the answer of a Redis|larger than 16 MiB")
                self.redis.faults.clear()
                self.redis.drop()
                self.live()
                self.probe.close()

    def test_deep_nesting(self):
        self.heals(LABELS, b"*1\r\n" * 100000, "stale", "not the answer of a Redis.*'url' another server's")

    def test_garbage(self):
        for seed in range(8):
            with self.subTest(seed):
                noise = random.Random(seed).randbytes(70000)
                self.start(faults={QUERY: lambda s, n=noise: s.sendall(n)})
                self.wait("connecting", "is 'url' another server's|ended the connection|larger than|is it a graph")
                self.redis.faults.clear()
                self.live()
                self.probe.close()

    def test_another_server(self):
        self.heals("AUTH", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "stale",
                   "not the answer of a Redis.*is 'url' another server's")

    def test_an_answer_nobody_asked_for(self):
        self.start(faults={LABELS: b"*0\r\n" * 40})
        self.wait("connecting", "nobody asked for|is 'url' another server's")
        self.redis.faults.clear()
        self.live()

    def test_refuses(self):
        for part, says, want in (
                ("AUTH", b"-WRONGPASS invalid username-password pair or user is disabled.\r\n",
                 "user or password is wrong: see 'user' and 'password'"),
                (QUERY, b"-NOAUTH Authentication required.\r\n", "password"),
                (QUERY, b"-NOPERM User r has no permissions to run the 'graph.ro_query' command\r\n",
                 "needs GRAPH.RO_QUERY"),
                (QUERY, b"-ERR unknown command 'GRAPH.RO_QUERY'\r\n", "without FalkorDB: is the url another's"),
                (QUERY, b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
                 "is no graph there: set 'graph'")):
            with self.subTest(says):
                self.start(faults={part: says})
                self.wait("refused", want)
                self.redis.faults.clear()
                self.redis.drop()
                self.live()
                self.probe.close()

    def test_wrong_password(self):
        self.start(right=False)
        self.wait("refused", "user or password is wrong: see 'user' and 'password'")
        # and it does not hammer at the door, which locks accounts
        before = len(self.redis.commands)
        time.sleep(2)
        self.assertLess(len(self.redis.commands) - before, 6)

    def test_busy(self):
        self.heals(QUERY, b"-LOADING Redis is loading the dataset in memory\r\n", "stale", "LOADING|loading")

    def test_another_shape(self):
        """What is no answer to that question leaves what was there, and is said."""
        self.start()
        self.live()
        for odd in (b":5\r\n", b"*-1\r\n", b"$-1\r\n", b"*3\r\n:1\r\n:2\r\n:3\r\n", b"*0\r\n"):
            self.redis.faults[LABELS] = odd
            self.probe.refresh()
            self.wait("live", ".+")
            self.redis.faults.clear()
            self.live()

    def test_what_a_page_asks_hangs(self):
        """A page's question that is not answered does not end what else is told."""
        self.start("evidence", "obj-1", faults={"$about": b"-ERR Query's mem consumption exceeded capacity\r\n"})
        self.probe.until(r"^live\|5 nodes.*answer 4 0", 20)
        self.redis.faults = {"$about": lambda s: self.redis.hang(s)}
        self.probe.refresh()
        self.wait("stale", "no answer", 30)
        self.redis.faults.clear()
        self.redis.drop()
        self.probe.until(r"^live\|5 nodes.*answer 2 1", 80)  # not soon again

    def test_comes_and_goes(self):
        self.start()
        for nodes in range(6, 12):
            self.live(nodes - 1)
            self.redis.nodes = nodes
            self.redis.drop()
            self.probe.refresh()
        self.live(11)


if __name__ == "__main__":
    unittest.main()
