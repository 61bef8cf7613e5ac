"""One connection to PostgreSQL (data/pg/link.h), against a real server and
against scripted ones that lie, hang or pour. tests/support/pg_ask prints
what came of each question."""

import os
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

import pg


def ask(target, *questions, seconds=15, env=None, **more):
    env = dict(env or os.environ)
    env.update({"PG_ASK_" + k.upper(): str(v) for k, v in more.items()})
    p = subprocess.run([pg.tool("pg_ask"), target, *questions], env=env,
                       capture_output=True, text=True, errors="replace",
                       timeout=seconds * pg.SLOW)
    assert "ERROR: " not in p.stderr, p.stderr  # of a sanitizer
    return p.stdout.splitlines()


class Scripted:
    """A server that accepts and does what `behave(connection)` says."""

    def __init__(self, behave):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(8)
        self.port = self.socket.getsockname()[1]
        self.behave = behave
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                c, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(c,), daemon=True).start()

    def one(self, c):
        try:
            self.behave(c)
        except OSError:
            pass
        finally:
            c.close()

    def close(self):
        self.socket.close()

    @property
    def target(self):
        return f"host=127.0.0.1 port={self.port} user=x sslmode=disable"


def message(kind, body):
    return kind + struct.pack("!I", len(body) + 4) + body


def start_up(c):
    n = struct.unpack("!I", c.recv(4))[0]
    c.recv(n - 4)
    c.sendall(message(b"R", struct.pack("!I", 0)) +
              message(b"K", struct.pack("!II", 1, 1)) + message(b"Z", b"I"))


def row(*values):
    body = struct.pack("!H", len(values))
    for v in values:
        body += struct.pack("!I", len(v)) + v
    return message(b"D", body)


def columns(n):
    body = struct.pack("!H", n)
    for i in range(n):
        body += b"c\0" + struct.pack("!IHIhih", 0, 0, 25, -1, -1, 0)
    return message(b"1", b"") + message(b"2", b"") + message(b"T", body)


INFO = [b"on", b"on", b"10s", b"1s", b"1795271527000", b"150001", b"15.1",
        b"1", b"x", b"x", b"f"]


class Real(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = pg.Lab()
        cls.lab.sql("CREATE FUNCTION writes() RETURNS int LANGUAGE sql AS "
                    "'INSERT INTO public.messages (from_task, to_task, "
                    "content) VALUES (''a'', ''b'', ''c''); SELECT 1'")

    @classmethod
    def tearDownClass(cls):
        cls.lab.end()

    def ask(self, *questions, **more):
        return ask(self.lab.uri, *questions, env=self.lab.env, **more)

    def test_questions(self):
        out = self.ask("SELECT 1, NULL, ''", "SELECT g FROM "
                       "generate_series(1, 3) g")
        self.assertTrue(out[0].startswith("up 1"), out)
        self.assertEqual(out[1:], ["row 1|NULL|", "done 0 - 1 ", "row 1",
                                   "row 2", "row 3", "done 0 - 3 ",
                                   "closed"])

    def test_session(self):
        self.assertEqual(
            [line for line in self.ask(
                "SHOW default_transaction_read_only", "SHOW lock_timeout",
                "SHOW statement_timeout", "SHOW application_name",
                "SHOW idle_in_transaction_session_timeout")
             if line.startswith("row")],
            ["row on", "row 1s", "row 10s", "row terrarium", "row 10s"])

    def test_writes_are_not_sent(self):
        for sql in ("DELETE FROM public.messages", "SELECT 1; SELECT 2",
                    "SELECT nextval('public.messages_id_seq')",
                    "SET default_transaction_read_only = off"):
            out = self.ask(sql)
            self.assertIn("refused -1012 read-only: this statement is not "
                          "sent", out)

    def test_the_server_refuses_writes_too(self):
        out = self.ask("SELECT public.writes()")
        self.assertIn("done -1012 25006 0 cannot execute INSERT in a "
                      "read-only transaction", out)
        # and their options do not turn it off
        env = dict(self.lab.env,
                   PGOPTIONS="-c default_transaction_read_only=off")
        out = ask(self.lab.uri, "SELECT public.writes()", env=env)
        self.assertTrue(any("25006" in line for line in out), out)
        out = ask(self.lab.uri + "?options=-c%20default_transaction_read_"
                  "only%3Doff", "SELECT public.writes()", env=self.lab.env)
        self.assertTrue(any("25006" in line for line in out), out)
        self.assertEqual(self.lab.sql("SELECT count(*) FROM messages"), "0")

    def test_statement_timeout(self):
        out = self.ask("SELECT count(*) FROM generate_series(1, 2000000000)",
                       "SELECT 2", statement=300)
        self.assertIn("done -1009 57014 0 canceling statement due to "
                      "statement timeout", out)
        self.assertIn("row 2", out)

    def test_our_timeout_cancels(self):
        out = self.ask("SELECT count(*) FROM generate_series(1, 2000000000)",
                       "SELECT 2", timeout=300)
        self.assertIn("done -1009 - 0 no answer within 1 s", out)
        self.assertIn("row 2", out)

    def test_a_server_that_stops(self):
        p = subprocess.Popen(
            [pg.tool("pg_ask"), self.lab.uri, "SELECT 1"],
            env=dict(self.lab.env, PG_ASK_STAY="1500"), text=True,
            stdout=subprocess.PIPE)
        time.sleep(0.5)
        self.lab.signal(signal.SIGINT)
        out = p.communicate(timeout=10)[0]
        self.lab.lab("start", "postgres")
        self.assertIn("down -1010", out)
        self.assertEqual(p.returncode, 0)

    def test_a_server_that_hangs_at_the_door(self):
        self.lab.stop_answering()
        try:
            began = time.time()
            out = self.ask("SELECT 1", connect=700)
            self.assertEqual(out[0], "down -1009 no answer within 0 s while "
                             "connecting")
            self.assertLess(time.time() - began, 5 * pg.SLOW)
            out = self.ask("SELECT 1", give_up=200)
            self.assertEqual(out, ["closed"])
        finally:
            self.lab.go_on()

    def test_bells(self):
        p = subprocess.Popen(
            [pg.tool("pg_ask"), self.lab.uri, "LISTEN one"],
            env=dict(self.lab.env, PG_ASK_STAY="1500"), text=True,
            stdout=subprocess.PIPE)
        time.sleep(0.6)
        self.lab.sql("NOTIFY one, 'x'; NOTIFY two")
        self.assertIn("bell one x\n", p.communicate(timeout=10)[0])

    def test_refused_and_missing(self):
        fine = self.lab.uri
        out = ask(fine.replace("fracta@", "viewer@"), env=dict(
            self.lab.env, PGUSER="", PGPASSFILE="/nonexistent"))
        self.assertTrue(out[0].startswith("down -1002 "), out)
        out = ask(fine, env=dict(self.lab.env, PGPASSFILE="/nonexistent"),
                  password="wrong-hunter2")
        self.assertEqual(out[0], "down -1002 password authentication failed "
                         "for user \"fracta\"")
        out = self.ask("SELECT 1 FROM public.nope",
                       "SELECT * FROM pg_catalog.pg_authid")
        self.assertIn("done -1004 42P01 0 relation \"public.nope\" does not "
                      "exist", out)
        self.assertIn("done -1003 42501 0 permission denied for table "
                      "pg_authid", out)
        out = ask(fine.rsplit("/", 1)[0] + "/nodb", env=self.lab.env)
        self.assertEqual(out[0], "down -1004 database \"nodb\" does not "
                         "exist")
        out = ask(fine + "?sslmode=verify-full", env=self.lab.env)
        self.assertTrue(out[0].startswith("down -1011 "), out)

    def test_password_file_that_is_open(self):
        with tempfile.NamedTemporaryFile("w") as f:
            f.write("*:*:*:*:hunter2\n")
            f.flush()
            os.chmod(f.name, 0o644)
            p = subprocess.run([pg.tool("pg_ask"), self.lab.uri],
                               env=dict(self.lab.env, PGPASSFILE=f.name),
                               capture_output=True, text=True)
        self.assertIn("open to others", p.stdout)
        self.assertEqual(p.stderr, "")

    def test_socket_and_service(self):
        out = ask("", "SELECT 1",
                  env=dict(self.lab.env, PGHOST=self.lab.home()))
        self.assertIn("row 1", out)
        with tempfile.NamedTemporaryFile("w") as f:
            f.write("[fleet]\nhost=127.0.0.1\nport=%d\nuser=fracta\n"
                    "dbname=fracta\n" % self.lab.port)
            f.flush()
            env = {k: v for k, v in self.lab.env.items()
                   if k not in ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE")}
            out = ask("service=fleet", "SELECT current_user",
                      env=dict(env, PGSERVICEFILE=f.name))
            self.assertIn("row fracta", out)

    def test_bounds(self):
        out = self.ask("SELECT g FROM generate_series(1, 100) g", rows=10)
        self.assertEqual(sum(line.startswith("row") for line in out), 10)
        self.assertTrue(any(line.startswith("done -1001") for line in out))
        out = self.ask("SELECT repeat('x', 1000) FROM generate_series(1, "
                       "100)", bytes=5000)
        self.assertTrue(any(line.startswith("done -1001") for line in out))


class Tls(unittest.TestCase):
    """The same server behind a certificate of its own."""

    @classmethod
    def setUpClass(cls):
        cls.lab = pg.Lab()
        data = os.path.join(cls.lab.home(), "data")
        owner = os.stat(data)
        cls.ca = os.path.join(cls.lab.dir, "ca.pem")
        key, cert = (os.path.join(data, "server." + x)
                     for x in ("key", "crt"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
             "/CN=db.example", "-addext", "subjectAltName=DNS:db.example",
             "-keyout", key, "-out", cert], check=True, capture_output=True)
        with open(cert) as a, open(cls.ca, "w") as b:
            b.write(a.read())
        for path in (key, cert):
            os.chmod(path, 0o600)
            os.chown(path, owner.st_uid, owner.st_gid)
        cls.lab.sql("ALTER SYSTEM SET ssl = on", user="lab")
        cls.lab.lab("restart", "postgres")

    @classmethod
    def tearDownClass(cls):
        cls.lab.end()

    def ask(self, mode, *questions, host="", **more):
        return ask(f"{host} port={self.lab.port} user=fracta dbname=fracta "
                   f"sslmode={mode} sslrootcert={self.ca}", *questions,
                   env=self.lab.env, **more)

    def test_modes(self):
        name = "host=db.example hostaddr=127.0.0.1"  # a tunnel's near end
        for mode, host, tls in (("disable", "", 0), ("prefer", "", 1),
                                ("require", "", 1), ("verify-ca", "", 1),
                                ("verify-full", name, 1)):
            out = self.ask(mode, "SELECT 1", host=host)
            self.assertTrue(out[0].endswith(f"tls={tls}"), (mode, out))
            self.assertIn("row 1", out)
        out = self.ask("verify-full")  # it is not called 127.0.0.1
        self.assertTrue(out[0].startswith("down -1011 "), out)
        with open(self.ca, "r+") as f:
            text = f.read()
            f.seek(0)
            f.write(text.replace("A", "B", 3))
        try:
            out = self.ask("verify-ca")
            self.assertTrue(out[0].startswith("down -1011 "), out)
        finally:
            with open(self.ca, "w") as f:
                f.write(text)

    def test_large_rows(self):
        """What TLS has unpacked and libpq not taken is not left lying."""
        out = self.ask("require", "SELECT g, repeat('x', 300000 + g) FROM "
                       "generate_series(1, 60) g", "SELECT 7")
        self.assertIn("done 0 - 60 ", out)
        self.assertIn("row 7", out)

    def test_time_out_and_cancel(self):
        out = self.ask("require", "SELECT count(*) FROM generate_series(1, "
                       "2000000000)", "SELECT 2", timeout=300)
        self.assertIn("done -1009 - 0 no answer within 1 s", out)
        self.assertIn("row 2", out)


class Lying(unittest.TestCase):
    def serve(self, behave):
        s = Scripted(behave)
        self.addCleanup(s.close)
        return s

    def test_strings_that_cannot_be_read(self):
        for text in ("postgres://u:hunter2@x@h/db", "hunter2 foo",
                     "postgres://u:1/hunter2@h/db",
                     "postgres://u:p@h:hunter2/db",
                     "password=hunter2 oops=1"):
            out = ask(text)
            self.assertTrue(out[0].startswith("open -1013 ") or
                            out[0].startswith("down -10"), out)
            self.assertNotIn("hunter2", "".join(out))

    def test_nobody_there(self):
        out = ask("host=127.0.0.1 port=1 user=x password=hunter2")
        self.assertTrue(out[0].startswith("down -1010 "), out)
        self.assertTrue(out[0].endswith("Connection refused"), out)

    def test_garbage(self):
        for junk in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 64,
                     b"E\xff\xff\xff\xff", b"R\0\0\0\x08\0\0\0\x63" * 9,
                     os.urandom(4096)):
            s = self.serve(lambda c, j=junk: (c.recv(999), c.sendall(j)))
            out = ask(s.target, connect=2000)
            self.assertTrue(out[0].startswith("down -10"), out)

    def test_echo_of_the_password(self):
        """A server that says what it was told."""
        def behave(c):
            c.recv(999)
            c.sendall(message(b"R", struct.pack("!I", 3)))
            said = c.recv(999)[5:-1]
            c.sendall(message(b"E", b"SFATAL\0C28P01\0Mno: " + said +
                              b"\0\0"))
        out = ask(self.serve(behave).target, password="hunter2")
        self.assertEqual(out[0], "down -1002 no: *")

    def test_session_that_is_not_read_only(self):
        def behave(c):
            start_up(c)
            c.recv(9999)
            info = list(INFO)
            info[1] = b"off"
            c.sendall(columns(11) + row(*info) +
                      message(b"C", b"SELECT 1\0") + message(b"Z", b"I"))
            c.recv(1)
        out = ask(self.serve(behave).target, "SELECT 1")
        self.assertTrue(out[0].startswith("down -1012 the session is not "
                                          "read-only"), out)

    def test_hangs_in_an_answer(self):
        def behave(c):
            start_up(c)
            c.recv(9999)
            c.sendall(columns(11) + row(*INFO)[:20])
            time.sleep(30)
        out = ask(self.serve(behave).target, "SELECT 1", statement=400)
        self.assertTrue(out[0].startswith("down -1009 "), out)

    def test_pours(self):
        """A row of a gigabyte: it is not waited for."""
        def behave(c):
            start_up(c)
            c.recv(9999)
            c.sendall(columns(11) + row(*INFO) +
                      message(b"C", b"SELECT 1\0") + message(b"Z", b"I"))
            c.recv(9999)
            c.sendall(columns(1) + b"D" +
                      struct.pack("!IHI", (1 << 30) + 10, 1, 1 << 30))
            block = b"x" * (1 << 20)
            for _ in range(1 << 10):
                c.sendall(block)
        out = ask(self.serve(behave).target, "SELECT 1", bytes=1 << 20)
        self.assertTrue(any(line.startswith("down -1001 an answer larger")
                            for line in out), out)

    def test_a_flood_of_bells(self):
        def behave(c):
            start_up(c)
            c.recv(9999)
            c.sendall(columns(11) + row(*INFO) +
                      message(b"C", b"SELECT 1\0") + message(b"Z", b"I"))
            c.recv(9999)
            bell = message(b"A", struct.pack("!I", 7) + b"a\0\0")
            for _ in range(200):
                c.sendall(bell * 500)
            c.sendall(columns(1) + row(b"1") +
                      message(b"C", b"SELECT 1\0") + message(b"Z", b"I"))
            c.recv(1)
        out = ask(self.serve(behave).target, "SELECT 1")
        self.assertEqual(sum(line == "bell a " for line in out), 100000)
        self.assertIn("row 1", out)


if __name__ == "__main__":
    unittest.main()
