"""An audit: whatever writers and the server do, each committed row of a
table is delivered once. tests/support/pg_follow prints the ids it got; at
the end they are held against the table."""

import collections
import os
import signal
import subprocess
import tempfile
import time
import unittest

import pg


class Follower:
    def __init__(self, lab, table="agent_events", port=None, **env):
        self.out = tempfile.TemporaryFile("w+")
        self.err = tempfile.TemporaryFile("w+")
        uri = lab.uri.replace(str(lab.port), str(port or lab.port))
        self.p = subprocess.Popen(
            [pg.tool("pg_follow"), uri, table], stdout=self.out,
            stderr=self.err, env=dict(lab.env, **env))

    def lines(self):
        self.out.seek(0)
        return self.out.read().splitlines()

    def said(self):
        self.err.seek(0)
        return self.err.read()

    def ids(self):
        return [int(line.split()[0]) for line in self.lines()]

    def wait_for(self, count, seconds):
        until = time.time() + seconds * pg.SLOW
        while time.time() < until and len(self.lines()) < count:
            time.sleep(0.1)

    def end(self):
        self.p.send_signal(signal.SIGTERM)
        return self.p.wait(20 * pg.SLOW)

    def close(self):
        if self.p.poll() is None:
            self.p.kill()
            self.p.wait()
        self.out.close()
        self.err.close()


# An id taken without an xid, its row written later and committed much later.
HELD = """
SELECT nextval('agent_events_id_seq') AS i \\gset
SELECT pg_sleep(1.5);
BEGIN;
INSERT INTO agent_events (id, task) VALUES (:i, 'held');
SELECT pg_sleep(6);
COMMIT;
"""


class Audit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = pg.Lab()

    @classmethod
    def tearDownClass(cls):
        cls.lab.end()

    def follow(self, table="agent_events", **env):
        f = Follower(self.lab, table, **env)
        self.addCleanup(f.close)
        return f

    def held(self):
        return subprocess.Popen(
            ["psql", "-Xq", "-o", "/dev/null"], env=self.lab.env,
            stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def audit(self, follower, table="agent_events"):
        want = [int(i) for i in
                self.lab.sql("SELECT id FROM %s" % table).split()]
        follower.wait_for(len(want), 20)
        time.sleep(0.6)
        code = follower.end()
        got = collections.Counter(follower.ids())
        said = follower.said()
        twice = {i for i, n in got.items() if n > 1}
        self.assertEqual(code, 0, said)
        self.assertEqual(twice, set(), said)
        self.assertEqual(set(want) - set(got), set(), said)
        self.assertEqual(set(got) - set(want), set(), said)
        self.assertIn("given_up 0 resets 0", said)
        return said

    def test_out_of_order(self):
        f = self.follow()
        storm = self.lab.storm(3000, 8, "--writers", 6, "--rollbacks", 20,
                               "--batch", 4, "--long", 6)
        held = self.held()
        held.stdin.write(HELD)
        held.stdin.close()
        self.assertEqual(storm.wait(60 * pg.SLOW), 0)
        held.wait(30 * pg.SLOW)
        storm.stderr.close()
        said = self.audit(f)
        self.assertNotIn("late 0 ", said)  # else nothing was tried
        self.assertEqual(
            self.lab.sql("SELECT count(*) FROM agent_events "
                         "WHERE task = 'held'"), "1")

    def test_server_dies_in_a_storm(self):
        f = self.follow()
        storm = self.lab.storm(1500, 14, "--writers", 5, "--rollbacks", 10,
                               "--batch", 3)
        for number in (signal.SIGKILL, signal.SIGQUIT, signal.SIGINT):
            time.sleep(2.5)
            self.lab.signal(number)
            self.lab.lab("start", "postgres")
        self.assertEqual(storm.wait(90 * pg.SLOW), 0)
        storm.stderr.close()
        said = self.audit(f)
        self.assertGreaterEqual(said.count("down:"), 3)
        self.assertGreater(len(f.ids()), 1500 * 6)  # it did go on

    def standby(self):
        """A copy that follows the server, on a port of its own."""
        home = self.lab.home()
        port = int(subprocess.check_output(
            ["python3", "-c", "import socket; s = socket.socket(); "
             "s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"]))
        bin_dir = os.path.dirname(os.readlink("/proc/%d/exe" %
                                              self.lab.pid()))
        env = dict(self.lab.env, PGUSER="lab", PGHOST=home,
                   PGPASSWORD=self.lab.password("lab"))
        subprocess.run(self.lab.as_owner(
            [os.path.join(bin_dir, "pg_basebackup"), "-D", home + "/standby",
             "-R", "-X", "stream", "-c", "fast"]),
            env=env, cwd=home, check=True, capture_output=True)
        p = subprocess.Popen(self.lab.as_owner(
            [os.path.join(bin_dir, "postgres"), "-D", home + "/standby", "-p",
             str(port), "-k", home, "-c", "listen_addresses=127.0.0.1", "-c",
             "max_connections=200", "-c", "log_min_messages=fatal"]), cwd=home,
            env=env, stderr=subprocess.DEVNULL)

        def end():
            p.send_signal(signal.SIGINT)
            p.wait()
        self.addCleanup(end)
        for _ in range(200):
            r = subprocess.run(["pg_isready", "-q", "-h", "127.0.0.1", "-p",
                                str(port)])
            if r.returncode == 0:
                break
            time.sleep(0.05)
        with open(self.lab.env["PGPASSFILE"], "a") as f:
            f.write("*:%d:*:fracta:%s\n*:%d:*:lab:%s\n" % (
                port, self.lab.password("fracta"), port,
                self.lab.password("lab")))
        return port

    def test_standby_whose_replay_pauses(self):
        """The grace is of the server where ids are handed out."""
        port = self.standby()
        f = self.follow(port=port)

        def replay(what):
            subprocess.run(["psql", "-XAtqc",
                            "SELECT pg_wal_replay_%s()" % what], check=True,
                           env=dict(self.lab.env, PGPORT=str(port),
                                    PGUSER="lab"), stdout=subprocess.DEVNULL)
        storm = self.lab.storm(1500, 12, "--writers", 6, "--rollbacks", 15,
                               "--batch", 4, "--long", 8)
        for _ in range(2):
            time.sleep(1)
            replay("pause")
            time.sleep(4)  # more than the grace
            replay("resume")
        self.assertEqual(storm.wait(60 * pg.SLOW), 0)
        storm.stderr.close()
        self.audit(f)

    def test_a_backend_is_killed(self):
        f = self.follow()
        storm = self.lab.storm(1000, 5, "--rollbacks", 10)
        for _ in range(8):
            time.sleep(0.5)
            self.lab.sql("SELECT pg_terminate_backend(pid) FROM "
                         "pg_stat_activity WHERE application_name = "
                         "'terrarium'", user="lab")
        self.assertEqual(storm.wait(60 * pg.SLOW), 0)
        storm.stderr.close()
        self.audit(f)

    def test_mailbox_is_read(self):
        """Rows of messages go when they are read: a gap is never filled."""
        f = self.follow("messages")
        f.wait_for(0, 1)
        total = 0
        for i in range(40):
            self.lab.sql("INSERT INTO messages (from_task, to_task, content) "
                         "SELECT 'a', 'b', 'c' FROM generate_series(1, 50)")
            total += 50
            f.wait_for(total, 5)
            if i % 2:
                self.lab.sql("DELETE FROM messages WHERE to_task = 'b'")
        code = f.end()
        got = f.ids()
        self.assertEqual(code, 0)
        self.assertEqual(len(got), len(set(got)))
        self.assertEqual(len(got), total)

    def test_another_table_of_that_name(self):
        self.lab.sql("CREATE TABLE other (id bigserial PRIMARY KEY, "
                     "timestamp timestamptz DEFAULT now()); "
                     "INSERT INTO other SELECT FROM generate_series(1, 30)")
        f = self.follow("other")
        f.wait_for(30, 10)
        self.lab.sql("DROP TABLE other; CREATE TABLE other (id bigserial "
                     "PRIMARY KEY, timestamp timestamptz DEFAULT now()); "
                     "INSERT INTO other SELECT FROM generate_series(1, 10)")
        self.lab.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                     "WHERE application_name = 'terrarium'", user="lab")
        f.wait_for(40, 10)
        self.assertEqual(f.end(), 0)
        self.assertEqual(len(f.ids()), 40)
        self.assertIn("resets 1", f.said())


if __name__ == "__main__":
    unittest.main()
