"""terrarium postgres install-notify|remove-notify|status: triggers that ring,
put there and taken away without a trace."""

import os
import pty
import subprocess
import time
import unittest

import pg
from test_pg_source import Fleet, until


class Notify(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = pg.Lab(log="all")
        cls.lab.lab("seed", "24", "--postgres")

    @classmethod
    def tearDownClass(cls):
        cls.lab.end()

    def run_it(self, *args, code=0, stdin=subprocess.DEVNULL, **env):
        p = subprocess.run([pg.TERRARIUM, "postgres", *args], stdin=stdin,
                           env=dict(self.lab.env, **env),
                           capture_output=True, text=True,
                           timeout=30 * pg.SLOW)
        self.assertEqual(p.returncode, code, p.stdout + p.stderr)
        return p.stdout + p.stderr

    def schema(self):
        text = subprocess.run(["pg_dump", "--schema-only"], env=self.lab.env,
                              capture_output=True, text=True,
                              check=True).stdout
        # \restrict has another word each time
        return [line for line in text.splitlines() if "restrict" not in line]

    def test_put_and_taken_away(self):
        before = self.schema()
        self.assertIn("polled", self.run_it("status"))
        shown = self.run_it("install-notify", "--yes")
        self.assertEqual(self.run_it("status").count(" rings\n"), 6)
        self.assertIn("Nothing to do", self.run_it("install-notify",
                                                   "--yes"))
        # what was shown is what was sent
        with open(os.path.join(self.lab.dir, "log", "postgres.log"),
                  errors="replace") as f:
            sent = [line.split("execute <unnamed>: ", 1)[1].strip()
                    for line in f if "execute <unnamed>: " in line]
        for line in shown.splitlines():
            if line.endswith(";"):
                self.assertIn(line[:-1], sent)
        self.run_it("remove-notify", "--yes")
        self.assertEqual(self.schema(), before)
        self.assertIn("Nothing to do", self.run_it("remove-notify", "--yes"))

    def test_it_asks(self):
        self.assertIn("nobody to ask", self.run_it("install-notify", code=1))
        for answer, code in ((b"n\n", 1), (b"\n", 1), (b"yes\n", 1)):
            ours, its = pty.openpty()
            os.write(ours, answer)
            out = self.run_it("install-notify", stdin=its, code=code)
            self.assertIn("Nothing was sent.", out)
            os.close(ours)
            os.close(its)
        self.assertEqual(self.lab.sql("SELECT count(*) FROM pg_trigger "
                                      "WHERE NOT tgisinternal"), "0")
        ours, its = pty.openpty()
        os.write(ours, b"y\n")
        self.assertIn("Done: it rings.",
                      self.run_it("install-notify", stdin=its))
        os.close(ours)
        os.close(its)
        self.run_it("remove-notify", "--yes")

    def test_what_is_not_ours(self):
        self.lab.sql("CREATE FUNCTION terrarium_ring() RETURNS trigger "
                     "LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE "
                     "TRIGGER terrarium_ring AFTER INSERT ON agents EXECUTE "
                     "FUNCTION terrarium_ring()")
        before = self.schema()
        for verb in ("install-notify", "remove-notify"):
            out = self.run_it(verb, "--yes", code=1)
            self.assertIn("did not make", out)
        self.assertIn("not ours", self.run_it("status"))
        self.assertEqual(self.schema(), before)
        self.lab.sql("DROP FUNCTION terrarium_ring CASCADE")

    def test_all_or_nothing(self):
        """Somebody holds a table: nothing is left behind."""
        before = self.schema()
        holder = subprocess.Popen(["psql", "-Xq"], env=self.lab.env,
                                  stdin=subprocess.PIPE, text=True)
        holder.stdin.write("BEGIN; LOCK TABLE proposals IN ROW EXCLUSIVE "
                           "MODE;\n")
        holder.stdin.flush()
        time.sleep(0.5)
        out = self.run_it("install-notify", "--yes", code=1)
        self.assertIn("nothing was changed: canceling statement due to lock "
                      "timeout", out)
        holder.communicate("ROLLBACK;\n")
        self.assertEqual(self.schema(), before)

    def test_rights(self):
        out = self.run_it("install-notify", "--yes", code=1, PGUSER="viewer")
        self.assertIn("nothing was changed: permission denied for schema "
                      "public", out)

    def test_passwords(self):
        secret = self.lab.password("fracta")
        url = self.lab.uri.replace("fracta@", "fracta:%s@" % secret)
        out = self.run_it("status", "--url", url, code=2)
        self.assertIn("does not belong on a command line", out)
        self.assertNotIn(secret, out)
        out = self.run_it("status", "--url", "password=" + secret, code=2)
        self.assertNotIn(secret, out)
        path = os.path.join(self.lab.dir, "pw")
        with open(path, "w") as f:
            f.write(secret + "\n")
        os.chmod(path, 0o644)
        self.assertIn("open to others", self.run_it(
            "status", "--password-file", path, code=1,
            PGPASSFILE="/nonexistent"))
        os.chmod(path, 0o600)
        self.run_it("status", "--password-file", path,
                    PGPASSFILE="/nonexistent")
        os.unlink(path)

    def test_status_only_reads(self):
        self.run_it("status")
        with open(os.path.join(self.lab.dir, "log", "postgres.log"),
                  errors="replace") as f:
            self.assertIn("pg_trigger", f.read())
        out = self.run_it("status", PGPORT="1", code=1)
        self.assertIn("Connection refused", out)
        self.run_it("frobnicate", code=2)

    def test_the_bell_is_heard(self):
        self.run_it("install-notify", "--yes")
        f = Fleet(self.lab)
        try:
            self.assertTrue(until(lambda: f.plane()["state"] == "live"))
            self.assertIn("rung for", f.say("doctor"))
            time.sleep(1)
            took = []
            for i in range(20):
                began = time.time()
                self.lab.sql("INSERT INTO agent_events (task, action, "
                             "detail) VALUES ('weave-index', 'complete', "
                             "'bell %d')" % i)
                self.assertTrue(until(lambda n=i: any(
                    t["text"] == "bell %d" % n
                    for t in f.dump()["thoughts"])))
                took.append(time.time() - began)
                time.sleep(0.1)
            # psql's own start is in it; unrung it would be up to 500 ms
            self.assertLess(sorted(took)[10], 0.25 * pg.SLOW)
            self.lab.sql("UPDATE agents SET status = 'Idle' WHERE task = "
                         "'weave-index'")
            self.lab.sql("INSERT INTO agents (task, status) VALUES "
                         "('rung', 'Running')")
            self.assertTrue(until(lambda: f.agent("rung"), 2))
        finally:
            self.assertEqual(f.end(), (0, ""))
        self.run_it("remove-notify", "--yes")


if __name__ == "__main__":
    unittest.main()
