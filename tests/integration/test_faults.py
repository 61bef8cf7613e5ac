"""A server that misbehaves, on purpose and by script."""

import base64
import gzip
import json
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from driver import TERRARIUM, Case, Result, environment, until
from scripted import KGENTS, Cut, Hang, Server, SilentServer
from tls_front import make_ca

TLS = tempfile.TemporaryDirectory(prefix="terrarium-it-tls-")


def certificate():
    """A self-signed one for 127.0.0.1; made once."""
    cert, key = TLS.name + "/cert.pem", TLS.name + "/key.pem"
    if not os.path.exists(cert):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
             "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
            check=True, capture_output=True, timeout=60)
    return cert, key


def times(n):
    """A counter: true for the first n calls."""
    left, lock = [n], threading.Lock()

    def take():
        with lock:
            left[0] -= 1
            return left[0] >= 0
    return take


class Faults(Case):
    def server(self, tls=None):
        server = Server(tls)
        self.addCleanup(server.close)
        return server

    def config(self, url, user="", ns=None, cluster=""):
        return self.file("config", f"""apiVersion: v1
kind: Config
current-context: scripted
clusters:
- name: scripted
  cluster:
    server: {url}
{cluster}contexts:
- name: scripted
  context:
    cluster: scripted
    user: someone
{f'    namespace: {ns}' if ns else ''}
users:
- name: someone
  user:
{user or '    username: ""'}
""")

    def plain(self, ns=None, fleet=True):
        """A server with three agents, and its kubeconfig."""
        api = self.server()
        if fleet:
            for name in ("alpha", "beta", "gamma"):
                api.agent(name)
        return api, self.config(api.url, ns=ns)

    def secure(self, user):
        cert, key = certificate()
        api = self.server((cert, key))
        api.agent("alpha")
        with open(cert, "rb") as f:
            pem = base64.b64encode(f.read()).decode()
        return api, self.config(
            api.url, user, cluster=f"    certificate-authority-data: {pem}\n")

    def hold(self, api):
        """Quotas never answer: a snapshot then lasts to the end of --wait,
        and shows what was by then."""
        @api.hook
        def quota(handler, request):
            if request.kind == "resourcequotas":
                raise Hang()

    def finding(self, config, what):
        """(status, first line of `doctor` on this)."""
        done = self.run_it("doctor", "--kubeconfig", config, "--wait", "15s")
        found = [line for line in done.text.split("\n") if
                 re.match(rf"(ok|warn|BAD)\s+{re.escape(what)}\s", line)]
        self.assertTrue(found, done.text)
        return done.status, found[0]


class Asking(Faults):
    def test_what_is_asked(self):
        api, config = self.plain()
        api.proposal("p1")
        got = self.snapshot(config)
        self.assertEqual(got.status, 1, got.text)
        self.assertEqual(got.names(), ["alpha", "beta", "gamma"])
        self.assertEqual(got.names("proposals"), ["p1"])
        self.assertEqual(got.source["state"], "live")
        self.assertEqual(got.source["version"], "v1.34.0-scripted")
        self.assertTrue(got.source["answered"])
        for r in api.requests:
            self.assertEqual(r.method, "GET", r)
            self.assertRegex(r.headers["User-Agent"], r"^terrarium/\d")
            self.assertEqual(r.headers["Accept"], "application/json", r)
            self.assertNotIn("Authorization", r.headers)
        lists = api.asked("agents", watch=False)
        self.assertEqual(len(lists), 1, lists)
        self.assertEqual(lists[0].query, {"resourceVersion": "0"})
        watch = api.asked("agents", watch=True)
        self.assertEqual(len(watch), 1, watch)
        self.assertEqual(watch[0].query["resourceVersion"], str(api.version))
        self.assertIn(watch[0].query["allowWatchBookmarks"], ("1", "true"))
        self.assertGreaterEqual(int(watch[0].query["timeoutSeconds"]), 60)
        selectors = {r.query.get("labelSelector")
                     for r in api.asked("pods", watch=False)}
        self.assertEqual(selectors, {"app.kubernetes.io/part-of=kgents",
                                     "fracta-agent-id",
                                     "app=kgents-operator"})

    def test_nothing_waits(self):
        api, config = self.plain()
        got = self.snapshot(config)
        self.assertEqual(got.status, 0, got.text)
        self.assertEqual(got.json["totals"]["open_proposals"], 0)

    def test_check_sets_the_status(self):
        api, config = self.plain()
        api.proposal("p1")
        for expr, status in (("waiting<3", 0), ("waiting<1", 1)):
            got = self.snapshot(config, "--check", expr)
            self.assertEqual(got.status, status, expr)

    def test_namespace(self):
        api, config = self.plain()
        api.agent("elsewhere", ns="other")
        self.assertIn("elsewhere", self.snapshot(config).names())
        api.requests.clear()
        got = self.snapshot(config, "-n", "other")
        self.assertEqual(got.names(), ["elsewhere"])
        self.assertEqual(got.json["namespace"], "other")
        # but for the operator, wherever it runs
        self.assertEqual(
            {r.ns for r in api.requests if r.kind and r.query.get(
                "labelSelector") != "app=kgents-operator"}, {"other"})

    def test_redirects_are_not_followed(self):
        api, config = self.plain()

        @api.hook
        def away(handler, request):
            if request.list and request.kind == "agents":
                return handler.reply(302, "", headers=[
                    ("Location", api.url + "/stolen")])
            return None
        got = self.snapshot(config, wait="2s")
        self.assertEqual(got.names(), [])
        self.assertNotIn("/stolen", [r.path for r in api.requests])


class Versions(Faults):
    def gone_as_status(self, handler, request):
        return handler.status(410, "Expired", "too old resource version")

    def gone_as_event(self, handler, request):
        handler.begin_chunks()
        handler.event("ERROR", {
            "kind": "Status", "apiVersion": "v1", "status": "Failure",
            "message": "too old resource version: 1 (2)",
            "reason": "Expired", "code": 410})
        return handler.end_chunks()

    def relist(self, gone):
        api, config = self.plain()
        self.hold(api)
        first = times(1)

        @api.hook
        def watch(handler, request):
            if request.kind == "agents" and request.watch and first():
                api.delete("agents", "beta", silent=True)
                api.agent("delta", silent=True)
                return gone(handler, request)
            return None
        got = self.snapshot(config, wait="3s")
        self.assertEqual(got.names(), ["alpha", "delta", "gamma"])
        lists = api.asked("agents", watch=False)
        self.assertEqual(len(lists), 2, lists)
        self.assertNotEqual(lists[1].query.get("resourceVersion"), "0",
                            "a list from an old cache again")
        self.assertEqual(
            api.asked("agents", watch=True)[-1].query["resourceVersion"],
            str(api.version))

    def test_410_as_status(self):
        self.relist(self.gone_as_status)

    def test_410_as_event(self):
        self.relist(self.gone_as_event)

    def test_rows_stay_while_the_new_list_fails(self):
        api, config = self.plain()
        self.hold(api)
        first = times(1)

        @api.hook
        def agents(handler, request):
            if request.kind != "agents":
                return None
            if request.watch and first():
                return self.gone_as_status(handler, request)
            if request.list and api.asked("agents", watch=True):
                body = handler.list_body(request)
                handler.begin_chunks()
                handler.chunk(body[:body.index('"beta"')])
                raise Cut()
            return None
        got = self.snapshot(config, wait="3s")
        self.assertEqual(got.names(), ["alpha", "beta", "gamma"])
        self.assertGreater(len(api.asked("agents", watch=False)), 2)
        self.assertNotEqual(got.source["state"], "live")
        self.assertIsNotNone(got.source["error"])

    def test_events_are_taken_and_watches_resumed(self):
        api, config = self.plain()
        self.hold(api)
        first = times(1)

        @api.hook
        def watch(handler, request):
            if request.kind == "agents" and request.watch and first():
                handler.begin_chunks()
                api.agent("delta")
                api.delete("agents", "beta")
                for e in [e for e in api.log if e[0] > int(
                        request.query["resourceVersion"])]:
                    handler.event(e[3], e[4])
                handler.event("BOOKMARK", {
                    "kind": "Agent", "apiVersion": "kgents.io/v1",
                    "metadata": {"resourceVersion": str(api.version + 7)}})
                return handler.end_chunks()
            return None
        got = self.snapshot(config, wait="3s")
        self.assertEqual(got.names(), ["alpha", "delta", "gamma"])
        self.assertEqual(len(api.asked("agents", watch=False)), 1)
        watches = api.asked("agents", watch=True)
        self.assertEqual(len(watches), 2, watches)
        self.assertEqual(watches[1].query["resourceVersion"],
                         str(api.version + 7))

    def test_cut_watch_line(self):
        api, config = self.plain()
        self.hold(api)
        first = times(1)
        last = []

        @api.hook
        def watch(handler, request):
            if request.kind == "agents" and request.watch and first():
                handler.begin_chunks()
                handler.event("ADDED", api.agent("delta"))
                last.append(str(api.version))
                line = json.dumps({"type": "DELETED", "object":
                                   api.objects["agents"]["team", "alpha"]})
                handler.chunk(line[:len(line) // 2])
                time.sleep(0.2)
                raise Cut()
            return None
        got = self.snapshot(config, wait="3s")
        self.assertEqual(got.names(), ["alpha", "beta", "delta", "gamma"])
        self.assertEqual(len(api.asked("agents", watch=False)), 1)
        watches = api.asked("agents", watch=True)
        self.assertEqual(len(watches), 2, watches)
        self.assertEqual(watches[1].query["resourceVersion"], last[0])

    def test_garbage_in_a_watch(self):
        for garbage in ("garbage\n", "}\n", '{"type":"ADDED"}\n',
                        '{"type":"ADDED","object":{"metadata":{}}}\n',
                        '{"type":"ADDED","object":null}\n', "\0\xff\n",
                        '{"type":"WHAT","object":{}}\n', "[1,2]\n"):
            with self.subTest(garbage):
                api, config = self.plain()
                self.hold(api)
                first = times(1)

                @api.hook
                def watch(handler, request):
                    if request.kind == "agents" and request.watch and first():
                        handler.begin_chunks()
                        handler.event("ADDED", api.agent("delta"))
                        handler.chunk(garbage)
                        handler.event("ADDED", api.agent("epsilon"))
                        handler.follow(request)
                    return None
                got = self.snapshot(config, wait="2s")
                self.assertEqual(got.names(), ["alpha", "beta", "delta",
                                               "epsilon", "gamma"])
                self.assertLess(len(api.asked("agents")), 6)
                api.close()

    def test_watch_that_ends_at_once_is_not_hammered(self):
        api, config = self.plain()
        self.hold(api)

        @api.hook
        def watch(handler, request):
            if request.kind == "agents" and request.watch:
                handler.begin_chunks()
                return handler.end_chunks()
            return None
        got = self.snapshot(config, wait="3s")
        self.assertEqual(got.names(), ["alpha", "beta", "gamma"])
        self.assertLess(len(api.asked("agents", watch=True)), 10)


class Lists(Faults):
    def test_cut_list_is_asked_again(self):
        api, config = self.plain()
        first = times(2)

        @api.hook
        def cut(handler, request):
            if request.kind == "agents" and request.list and first():
                body = handler.list_body(request)
                handler.send_response(200)
                handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                handler.wfile.write(body[:len(body) * 2 // 3].encode())
                raise Cut()
            return None
        got = self.snapshot(config)
        self.assertEqual(got.status, 0, got.text)
        self.assertEqual(got.names(), ["alpha", "beta", "gamma"])
        self.assertEqual(len(api.asked("agents", watch=False)), 3)
        self.assertEqual(got.source["state"], "live")

    def test_byte_by_byte(self):
        api, config = self.plain()
        api.agent("zeta", genus="Ψ")

        @api.hook
        def slow(handler, request):
            if request.kind == "agents" and request.list:
                handler.begin_chunks()
                for byte in handler.list_body(request).encode():
                    handler.chunk(bytes([byte]))
                return handler.end_chunks()
            return None
        got = self.snapshot(config)
        self.assertEqual(got.names(), ["alpha", "beta", "gamma", "zeta"])

    def test_bad_object_in_the_middle(self):
        api, config = self.plain()

        @api.hook
        def spoil(handler, request):
            if request.kind == "agents" and request.list:
                body = handler.list_body(request)
                return handler.reply(200, body.replace(
                    '"name": "beta",', '"name": ,').replace(
                    '"beta"', '"b"'))
            return None
        got = self.snapshot(config)
        self.assertEqual(got.names(), ["alpha", "gamma"])
        status, line = self.finding(config, "agents")
        self.assertRegex(line, "^warn .* 1 unreadable")

    def test_control_bytes(self):
        api, config = self.plain()
        api.put("proposals", "evil", spec={
            "description": "a\x1b[2J\x07b\u202ec\u009b31m\r\nd",
            "rationale": "e\x1b]0;f\x07", "target": {"kind": "A\x1bgent",
                                                   "name": "be\x9bta"},
            "proposer": "al\x00pha", "changeType": "CO\x1bDE"},
            status={"phase": "Pending"})

        @api.hook
        def raw(handler, request):  # not even escaped: not JSON
            if request.kind == "agents" and request.list:
                return handler.reply(200, handler.list_body(request).replace(
                    '"uid": "agents-team-beta"', '"uid": "\x1b[2J"').replace(
                    '"uid": "agents-team-gamma"', '"uid": "\udcff"').encode(
                        "utf-8", "surrogateescape"))
            return None
        got = self.snapshot(config)
        self.assertIn("alpha", got.names())
        self.assertEqual(len(got.json["proposals"]), 1, got.text)
        for form in ("text", "ansi", "svg"):
            out = self.snapshot(config, format=form).out.decode("utf-8")
            if form == "ansi":
                out = re.sub(r"\x1b\[[0-9;:]*m", "", out)
            bad = set(re.findall(
                r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", out))
            self.assertEqual(bad, set(), form)

    def odd_object(self, body):
        """One object among others must not blind the whole list."""
        api, config = self.plain()

        @api.hook
        def odd(handler, request):
            if request.kind == "agents" and request.list:
                return handler.reply(200, handler.list_body(request).replace(
                    '"uid": "agents-team-beta"',
                    f'"uid": "b", "annotations": {body}'))
            return None
        got = self.snapshot(config, wait="10s")
        self.assertEqual([n for n in got.names() if n != "beta"],
                         ["alpha", "gamma"], got.source)
        self.assertEqual(got.source["state"], "live")

    # Free-form fields may be nested deeper than the reader follows; the API
    # server lets 10000 levels through. Only that object is passed over.
    def test_deep_object(self):
        self.odd_object('{"a":' * 500 + "1" + "}" * 500)

    def test_list_that_is_no_list(self):
        for body in ("", "[]", "null", "<html>hello</html>",
                     '{"items":[]}', '{"metadata":{"resourceVersion":"1"}'):
            with self.subTest(body):
                api, config = self.plain()
                first = times(1)

                @api.hook
                def wrong(handler, request):
                    if request.kind == "agents" and request.list and first():
                        return handler.reply(200, body)
                    return None
                got = self.snapshot(config)
                self.assertEqual(got.names(), ["alpha", "beta", "gamma"])
                api.close()


class Refusals(Faults):
    def test_429_waits_as_told(self):
        api, config = self.plain()
        first = times(1)

        @api.hook
        def busy(handler, request):
            if request.kind == "agents" and request.list and first():
                return handler.status(429, "TooManyRequests", "slow down",
                                      headers=[("Retry-After", "2")])
            return None
        got = self.snapshot(config)
        self.assertEqual(got.names(), ["alpha", "beta", "gamma"])
        lists = api.asked("agents", watch=False)
        self.assertEqual(len(lists), 2)
        self.assertGreaterEqual(lists[1].at - lists[0].at, 1.95)

    def test_429_on_watch(self):
        api, config = self.plain()
        self.hold(api)
        first = times(1)

        @api.hook
        def busy(handler, request):
            if request.kind == "agents" and request.watch and first():
                return handler.status(429, "TooManyRequests", "slow down",
                                      headers=[("Retry-After", "2")])
            return None
        got = self.snapshot(config, wait="4s")
        self.assertEqual(got.names(), ["alpha", "beta", "gamma"])
        watches = api.asked("agents", watch=True)
        self.assertEqual(len(watches), 2, watches)
        self.assertGreaterEqual(watches[1].at - watches[0].at, 1.95)
        self.assertEqual(len(api.asked("agents", watch=False)), 1)

    def test_500_and_502(self):
        api, config = self.plain()
        first, second = times(1), times(2)

        @api.hook
        def fail(handler, request):
            if request.kind == "agents" and request.list:
                if first():
                    return handler.status(500, "InternalError", "oh no")
                if second():
                    return handler.reply(502, "<html>\n<b>Bad gateway</b>",
                                         "text/html")
            return None
        got = self.snapshot(config)
        self.assertEqual(got.names(), ["alpha", "beta", "gamma"])
        self.assertEqual(got.source["state"], "live")

    def test_500_is_told(self):
        api, config = self.plain()

        @api.hook
        def fail(handler, request):
            if request.kind == "agents" and request.list:
                return handler.status(500, "InternalError", "etcd is on fire")
            return None
        got = self.snapshot(config, wait="2s")
        self.assertIn("etcd is on fire", got.source["error"])
        self.assertFalse(got.source["answered"])

    def test_403_on_one_kind(self):
        api, config = self.plain(ns="team")

        @api.hook
        def forbid(handler, request):
            if request.kind == "proposals":
                return handler.forbidden(request)
            return None
        got = self.snapshot(config)
        self.assertEqual(got.names(), ["alpha", "beta", "gamma"])
        self.assertEqual(got.source["state"], "live")
        self.assertTrue(got.source["answered"])
        self.assertEqual(len(api.asked("proposals")), 1, "asked again soon")
        text = self.snapshot(config, format="text").text
        self.assertIn("403: proposals is forbidden", text)
        status, line = self.finding(config, "proposals")
        self.assertRegex(line, r"^BAD .*403: proposals is forbidden")
        self.assertEqual(status, 1)

    def test_403_on_one_kind_of_all_namespaces(self):
        api, config = self.plain(ns="team")
        api.agent("elsewhere", ns="other")

        @api.hook
        def forbid(handler, request):
            if request.kind == "resourcequotas" and not request.ns:
                return handler.forbidden(request)
            return None
        got = self.snapshot(config, "-A")
        self.assertEqual(got.names(), ["elsewhere", "alpha", "beta", "gamma"],
                         "one refused kind must not hide other namespaces")
        self.assertEqual(got.source["state"], "live")

    def test_403_on_the_operator_is_no_news(self):
        api, config = self.plain(ns="team")

        @api.hook
        def forbid(handler, request):
            selector = request.query.get("labelSelector")
            if selector == "app=kgents-operator" and (
                    everywhere or not request.ns):
                return handler.forbidden(request)
            return None
        for everywhere in (False, True):
            api.requests.clear()
            got = self.snapshot(config, "-n", "team")
            self.assertEqual(got.names(), ["alpha", "beta", "gamma"])
            self.assertEqual(got.status, 0, got.text)
            self.assertEqual([s["name"] for s in got.json["sources"]],
                             ["kubernetes"])
            self.assertEqual(got.source["state"], "live")
            self.assertIsNone(got.source["error"])
            pods = next(s for s in got.json["streams"] if s["kind"] == "pods")
            self.assertEqual(pods["state"], "live")
            self.assertEqual({r.ns for r in api.requests if r.query.get(
                "labelSelector") == "app=kgents-operator"}, {None, "team"})

    def test_403_falls_back_to_the_namespace(self):
        api, config = self.plain(ns="team")
        api.agent("elsewhere", ns="other")

        @api.hook
        def forbid(handler, request):
            if request.kind and not request.ns:
                return handler.forbidden(request)
            return None
        got = self.snapshot(config, "-A")
        self.assertEqual(got.names(), ["alpha", "beta", "gamma"])
        self.assertEqual(got.source["state"], "live")
        self.assertIn("refused", got.source["detail"])
        self.assertIn("team", got.source["detail"])
        self.assertEqual(got.json["namespace"], "team")

    def test_403_before_discovery_answers(self):
        api, config = self.plain(ns="team")

        @api.hook
        def forbid(handler, request):
            if request.path == KGENTS:
                time.sleep(1.5)
            if request.kind and not request.ns:
                return handler.forbidden(request)
            return None
        got = self.snapshot(config, "-A")
        self.assertEqual(got.names(), ["alpha", "beta", "gamma"])
        self.assertEqual(got.status, 0)

    def test_403_everywhere(self):
        api, config = self.plain(ns="team")

        @api.hook
        def forbid(handler, request):
            return handler.forbidden(request) if request.kind else None
        got = self.snapshot(config)
        self.assertEqual(got.status, 3, got.text)
        self.assertEqual(got.source["state"], "refused")
        self.assertIn("403", got.source["error"] or "")

    def test_404_text_means_absent(self):
        api, config = self.plain()
        api.served = set()
        got = self.snapshot(config)
        self.assertEqual(got.status, 0, got.text)
        self.assertEqual(got.source["state"], "live")
        self.assertIsNone(got.source["error"])
        self.assertEqual(api.asked("agents"), [])
        self.assertIn("not installed",
                      self.snapshot(config, format="text").text)
        status, line = self.finding(config, "agents")
        self.assertRegex(line, r"^warn .*not installed")

    def test_nobody_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        got = self.snapshot(self.config(f"http://127.0.0.1:{port}"), wait="2s")
        self.assertEqual(got.status, 3, got.text)
        self.assertFalse(got.source["answered"])
        self.assertRegex(got.source["error"], "(?i)connect|refused")

    def test_control_bytes_of_an_error(self):
        api, config = self.plain(ns="team")

        @api.hook
        def forbid(handler, request):
            if request.kind == "agents":
                return handler.status(403, "Forbidden",
                                      "no\x1b[2J\x07 \u202e\u009b way\r")
            if request.kind == "pheromones":
                return handler.reply(403, b"raw \x1b[2J\xff\x9b way",
                                     "text/plain")
            return None
        outs = [self.snapshot(config, format="text").out,
                self.run_it("doctor", "--kubeconfig", config).out]
        for out in outs:
            text = out.decode("utf-8")
            self.assertIn("way", text)
            self.assertEqual(re.findall(
                r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text), [])

    def test_clock_skew(self):
        api, config = self.plain()
        api.skew_s = 3600
        got = self.snapshot(config)
        self.assertAlmostEqual(got.source["clock_offset_ms"], 3600000,
                               delta=2500)
        status, line = self.finding(config, "clock")
        self.assertRegex(line, r"^warn .*\+3(600|599|601)\.\d s")
        api.skew_s = 0
        self.assertEqual(self.snapshot(config).source["clock_offset_ms"], 0)


class Credentials(Faults):
    def only(self, api, token, on_refusal=None):
        @api.hook
        def check(handler, request):
            if request.headers.get("Authorization") != f"Bearer {token}":
                if on_refusal:
                    on_refusal()
                return handler.status(401, "Unauthorized", "Unauthorized")
            return None

    def plugin(self, lines):
        return self.file("plugin", "#!/bin/sh\n" + lines, 0o700)

    def exec_user(self, command):
        return f"""    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: {command}
      interactiveMode: IfAvailable
"""

    def test_token_file_is_read_again_after_401(self):
        path = self.file("token", "old\n")
        api, config = self.secure(f"    tokenFile: {path}\n")
        self.only(api, "new", lambda: self.file("token", "new\n"))
        got = self.snapshot(config)
        self.assertEqual(got.status, 0, got.text)
        self.assertEqual(got.names(), ["alpha"])
        seen = [r.headers["Authorization"] for r in api.requests]
        self.assertIn("Bearer old", seen)
        self.assertEqual(seen[-1], "Bearer new")

    def test_401_for_ever(self):
        path = self.file("token", "old\n")
        api, config = self.secure(f"    tokenFile: {path}\n")
        self.only(api, "new")
        got = self.snapshot(config, wait="3s")
        self.assertEqual(got.status, 3, got.text)
        self.assertEqual(got.source["state"], "refused")
        self.assertIn("401", got.source["error"])
        self.assertNotIn("old", got.source["error"])
        self.assertLess(len(api.requests), 120, "hammers with bad credentials")

    def test_token_never_over_plain_http(self):
        api = self.server()
        got = self.snapshot(self.config(api.url, "    token: secret\n"),
                            wait="2s")
        self.assertEqual(got.status, 0)
        self.assertEqual([r for r in api.requests
                          if r.headers["Authorization"]], [])
        self.assertNotIn("secret", got.text + got.err)
        status, line = self.finding(self.home + "/config", "configuration")
        self.assertIn("config", line)

    def test_plugin(self):
        command = self.plugin(
            'echo run >>"$0.runs"\n'
            'echo \'{"apiVersion":"client.authentication.k8s.io/v1",'
            '"kind":"ExecCredential","status":{"token":"t1"}}\'\n')
        api, config = self.secure(self.exec_user(command))
        self.only(api, "t1")
        got = self.snapshot(config)
        self.assertEqual(got.status, 0, got.text + got.err)
        self.assertEqual(got.names(), ["alpha"])
        with open(command + ".runs", encoding="ascii") as f:
            self.assertEqual(f.read(), "run\n", "one run for all requests")

    def test_plugin_runs_again_after_401(self):
        command = self.plugin(
            'echo run >>"$0.runs"\n'
            'n=$(wc -l <"$0.runs" | tr -d " ")\n'
            'echo "{\\"apiVersion\\":\\"client.authentication.k8s.io/v1\\",'
            '\\"kind\\":\\"ExecCredential\\",'
            '\\"status\\":{\\"token\\":\\"t$n\\"}}"\n')
        api, config = self.secure(self.exec_user(command))
        self.only(api, "t2")
        got = self.snapshot(config)
        self.assertEqual(got.status, 0, got.text + got.err)
        self.assertEqual(got.names(), ["alpha"])

    def test_plugin_that_fails(self):
        command = self.plugin("echo 'no session: \033[1msign in' >&2\nexit 7\n")
        api, config = self.secure(self.exec_user(command))
        got = self.snapshot(config, wait="3s")
        self.assertEqual(got.status, 3, got.text)
        self.assertEqual(got.source["state"], "refused")
        self.assertIn("no session", got.source["error"])
        self.assertNotIn("\033", got.source["error"])
        self.assertEqual(api.requests, [])

    def test_plugin_that_hangs(self):
        command = self.plugin('echo $$ >"$0.pid"\nexec sleep 300\n')
        api, config = self.secure(self.exec_user(command))
        begun = time.monotonic()
        got = self.snapshot(config, wait="2s")
        self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual(got.status, 3, got.text)
        self.assertFalse(got.source["answered"])
        with open(command + ".pid", encoding="ascii") as f:
            pid = int(f.read())
        until(lambda: not os.path.exists(f"/proc/{pid}"), 3,
              "the plugin's end")

    def test_stranger_certificate(self):
        cert, key = certificate()
        api = self.server((cert, key))
        got = self.snapshot(self.config(api.url, "    token: secret\n"),
                            wait="3s")
        self.assertEqual(got.status, 3)
        self.assertEqual(got.source["state"], "refused")
        self.assertRegex(got.source["error"], "(?i)certificate|SSL")
        self.assertEqual(api.requests, [])


class Forward(threading.Thread):
    """A proxy: forwards plain requests, tunnels CONNECT; remembers both."""

    def __init__(self):
        super().__init__(daemon=True)
        self.asked, self.socket = [], socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.start()

    def close(self):
        self.socket.close()

    def run(self):
        while True:
            try:
                client = self.socket.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,),
                             daemon=True).start()

    def serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            more = client.recv(4096)
            if not more:
                return
            head += more
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        self.asked.append((method, target))
        where = target if method == "CONNECT" else target.split("/")[2]
        host, port = where.rsplit(":", 1)
        server = socket.create_connection((host, int(port)))
        if method == "CONNECT":
            client.sendall(b"HTTP/1.1 200 yes\r\n\r\n")
        else:
            server.sendall(head.replace(b"http://" + where.encode(), b"", 1))
        back = threading.Thread(target=self.pump, args=(client, server),
                                daemon=True)
        with client, server:
            back.start()
            self.pump(server, client)
            back.join()

    def pump(self, a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
        except OSError:
            pass
        for s in a, b:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Ways(Faults):
    """Between here and the server."""

    def proxy(self):
        proxy = Forward()
        self.addCleanup(proxy.close)
        return proxy

    def tls(self):
        cert, key = certificate()
        api = self.server((cert, key))
        api.agent("alpha")
        return api, f"    certificate-authority: {cert}\n"

    def ca_in_a_file(self):
        """ca.pem is for the test to write: with the server's, or another's."""
        api, _ = self.tls()
        texts = []
        for path in certificate()[0], make_ca(self.home, "other")[0]:
            with open(path, encoding="ascii") as f:
                texts.append(f.read())
        return api, self.config(
            api.url, "    token: secret\n",
            cluster="    certificate-authority: ca.pem\n"), *texts

    def test_certificate_files_are_read_again(self):
        api, config, right, wrong = self.ca_in_a_file()
        ca = self.file("ca.pem", wrong)
        screen = self.console("--no-picture", "--kubeconfig", config)
        screen.wait("(?i)certificate", 10)
        self.assertEqual(api.requests, [])
        self.file("ca.new", right)
        os.rename(self.home + "/ca.new", ca)
        screen.wait_header("1 agent .*live", 30)

    def test_a_refusal_that_is_over_is_forgotten(self):
        """By what is live again, not when the kinds are asked for next."""
        api, config, right, wrong = self.ca_in_a_file()
        self.file("ca.pem", right)
        screen = self.console("--no-picture", "--kubeconfig", config)
        screen.wait_header("1 agent .*live", 15)
        self.file("ca.pem", wrong)
        with api.changed:  # every watch ends
            api.over = True
            api.changed.notify_all()
        screen.wait_header("refused", 15)
        api.over = False
        asked = [r.path for r in api.requests].count(KGENTS)
        self.file("ca.pem", right)
        screen.wait_header("1 agent .*live", 15)
        self.assertEqual([r.path for r in api.requests].count(KGENTS), asked)

    def test_proxy_of_the_kubeconfig(self):
        api, ca = self.tls()
        proxy = self.proxy()
        config = self.config(api.url, "    token: secret\n",
                             cluster=ca + f"    proxy-url: {proxy.url}\n")
        got = self.snapshot(config)
        self.assertEqual(got.names(), ["alpha"])
        self.assertEqual(proxy.asked[0],
                         ("CONNECT", api.url.split("/")[2]))

    def test_proxy_of_the_environment(self):
        api, ca = self.tls()
        proxy = self.proxy()
        config = self.config(api.url, "    token: secret\n", cluster=ca)
        args = ("snapshot", "--kubeconfig", config, "--format", "json")
        got = self.run_it(*args, HTTPS_PROXY=proxy.url)
        self.assertEqual(got.names(), ["alpha"])
        self.assertEqual(proxy.asked[0][0], "CONNECT")
        del proxy.asked[:]
        got = self.run_it(*args, HTTPS_PROXY=proxy.url, NO_PROXY="127.0.0.1")
        self.assertEqual(got.names(), ["alpha"])
        self.assertEqual(proxy.asked, [])

    def test_proxy_that_is_not_there(self):
        api, config = self.plain()
        config = self.config(api.url, cluster="    proxy-url: "
                             "http://127.0.0.1:1\n")
        got = self.snapshot(config, wait="2s")
        self.assertEqual(got.status, 3)
        self.assertRegex(got.source["error"], "(?i)connect")
        self.assertEqual(api.requests, [])

    def test_gzip(self):
        api, _ = self.plain()
        # an address that is not taken for this machine's own
        config = self.config(api.url.replace("127.0.0.1", "0.0.0.0"))
        packed = []

        @api.hook
        def pack(handler, request):
            if request.kind != "agents" or request.watch:
                return None
            self.assertIn("gzip", request.headers.get("Accept-Encoding", ""))
            body = gzip.compress(handler.list_body(request).encode())
            packed.append(len(body))
            return handler.reply(200, body,
                                 headers=[("Content-Encoding", "gzip")])
        got = self.snapshot(config)
        self.assertEqual(got.names(), ["alpha", "beta", "gamma"])
        self.assertTrue(packed)

    def test_kubeconfig_from_a_pipe(self):
        _, config = self.plain()
        done = subprocess.run(
            ["bash", "-c", '"$0" snapshot --format json --kubeconfig '
             '<(sleep 0.3; cat "$1")', TERRARIUM, config],
            env=environment(self.home), capture_output=True, timeout=60,
            check=False)
        got = Result(done.returncode, done.stdout, done.stderr.decode())
        self.assertEqual(got.names(), ["alpha", "beta", "gamma"])
        os.mkfifo(self.home + "/nobody")
        done = self.run_it("snapshot", "--kubeconfig", self.home + "/nobody",
                           "--wait", "2s")
        self.assertEqual(done.status, 3)

    def test_right_granted_later(self):
        api, config = self.plain(ns="team")
        api.proposal("late")
        may = []

        @api.hook
        def forbid(handler, request):
            if request.kind == "proposals" and not may:
                return handler.forbidden(request)
            return None
        screen = self.console("--no-picture", "--kubeconfig", config)
        screen.wait_header("3 agents.*live", 15)
        screen.wait("403: proposals is forbidden", 5)
        may.append(True)
        screen.type("R")
        screen.wait_header("1 waiting", 5)
        screen.wait_gone("403: proposals is forbidden", 5)


    def test_403_while_the_server_starts(self):
        """One that begins again refuses all until it knows its rules: what
        was read in all namespaces stays, and is read in all again."""
        api, config = self.plain(ns="team")
        api.agent("elsewhere", ns="other")
        starts = []

        @api.hook
        def forbid(handler, request):
            if starts and request.kind:
                return handler.forbidden(request)
            if not request.watch:
                return None
            handler.begin_chunks() # soon they all ask again
            handler.follow(request, 1.0)
            return handler.end_chunks()
        screen = self.console("--no-picture", "-A", "--kubeconfig", config)
        screen.wait_header("4 agents.*live", 15)
        starts.append(True)
        screen.wait(r"kubernetes refused · 403: \w+ is forbidden", 10)
        screen.wait_header("4 agents")
        time.sleep(1)
        starts.clear()
        screen.wait_header("all namespaces.*4 agents.*live", 10)
        api.agent("new", ns="other")
        screen.wait_header("5 agents.*live", 5)


class Silence(Faults):
    def silent(self):
        server = SilentServer()
        self.addCleanup(server.close)
        return self.config(server.url)

    def test_snapshot_ends_by_wait(self):
        config = self.silent()
        begun = time.monotonic()
        got = self.snapshot(config, wait="2s")
        self.assertLess(time.monotonic() - begun, 8)
        self.assertEqual(got.status, 3, got.text)
        self.assertFalse(got.source["answered"])
        got = self.snapshot(config, wait="1s", format="text")
        self.assertEqual(got.status, 3)
        self.assertIn("had not answered in time: kubernetes", got.text)

    def test_console_takes_keys(self):
        screen = self.console("--no-picture", "--kubeconfig", self.silent())
        screen.wait("1 agents")
        screen.keys("?")
        screen.wait("focus the next pane", 3)
        screen.keys("Escape")
        screen.wait_gone("focus the next pane", 3)
        screen.type("/abc")
        screen.wait("abc", 3)
        screen.keys("Escape")
        screen.type("q")
        screen.wait(r"ended with 0\.", 8)

    def test_console_says_so_and_recovers(self):
        """Connections stay open, but nothing comes any more."""
        api, config = self.plain()
        mute = threading.Event()

        @api.hook
        def hang(handler, request):
            while mute.is_set() and not api.over:
                time.sleep(0.05)
        screen = self.console("--no-picture", "--kubeconfig", config)
        screen.wait_header("3 agents.*live", 15)
        mute.set()
        screen.wait_header(r"stale \d+s", 40)
        self.assertIn("alpha", screen.text())
        mute.clear()
        screen.wait_header("3 agents.*live", 15)


class Live(Faults):
    def test_kinds_come_and_go(self):
        api, config = self.plain()
        api.served = {"agents"}
        api.proposal("late")
        screen = self.console("--no-picture", "--kubeconfig", config)
        screen.wait_header("3 agents.*live", 15)
        screen.wait("not installed", 5)
        self.assertEqual(api.asked("proposals"), [])
        api.served = {"agents", "proposals"}
        screen.type("R")
        screen.wait("title of late|late", 8)
        screen.wait_header("1 waiting", 8)
        api.served = {"proposals"}
        screen.type("R")
        screen.wait_header("0 agents", 8)
        screen.wait_header("1 waiting", 2)
        screen.type("q")
        screen.wait(r"ended with 0\.", 8)

    def test_changes_arrive(self):
        api, config = self.plain()
        screen = self.console("--no-picture", "--kubeconfig", config)
        screen.wait_header("3 agents.*live", 15)
        until(lambda: api.asked("agents", watch=True), 10, "a watch")
        api.agent("delta")
        screen.wait("delta", 5)
        api.delete("agents", "alpha")
        screen.wait_gone("alpha", 5)
        screen.wait_header("3 agents", 5)

    def test_server_goes_and_comes(self):
        api, config = self.plain()
        screen = self.console("--no-picture", "--kubeconfig", config)
        screen.wait_header("3 agents.*live", 15)
        down = threading.Event()
        down.set()

        @api.hook
        def away(handler, request):
            if down.is_set():
                raise Cut()
        begun = len(api.requests)
        with api.changed:  # every watch ends
            api.over = True
            api.changed.notify_all()
        screen.wait_header(r"stale \d+s", 15)
        self.assertIn("alpha", screen.text())
        asked = len(api.requests) - begun
        time.sleep(3)
        self.assertLess(len(api.requests) - begun - asked, 120,
                        "hammers a server that is down")
        api.over = False
        down.clear()
        api.agent("delta")
        screen.wait_header("4 agents.*live", 15)
        self.assertIn("delta", screen.text())

    def test_picture_of_the_last_time(self):
        """Left as soon as it is live, whatever else is still to come."""
        api, config = self.plain()

        @api.hook
        def late(handler, request):
            if request.query.get("labelSelector") == "app=kgents-operator":
                raise Hang()
        screen = self.console("--kubeconfig", config)
        screen.wait_header("3 agents.*live", 15)
        screen.type("q")
        screen.wait(r"ended with 0\.", 8)
        api.hook(lambda handler, request: (_ for _ in ()).throw(Hang()))
        screen = self.console("--kubeconfig", config)
        screen.wait("alpha", 10)
        screen.wait_header("picture", 5)

    def test_only_get(self):
        api, config = self.plain()
        api.proposal("p1")
        screen = self.console("--no-picture", "--kubeconfig", config)
        screen.wait_header("3 agents.*live", 15)
        for keys in ("Enter", "y", "Escape", "Escape", "3", "Enter", "a", "A",
                     "d", "D", "x", "r", "Escape", "s", "p", "w", "C-d", "C-x",
                     "Delete", "Escape", "R", "1", "Enter"):
            screen.keys(keys)
            time.sleep(0.05)
        time.sleep(1)
        odd = [r for r in api.requests if r.method != "GET" and not (
            r.method == "POST" and "review" in r.path)]
        self.assertEqual(odd, [])


class Usage(Faults):
    def test_bad_lines(self):
        for args in (["frobnicate"], ["--frobnicate"], ["-Z"],
                     ["snapshot", "--format", "yaml"],
                     ["snapshot", "--size", "10x10"],
                     ["snapshot", "--size", "140"],
                     ["snapshot", "--view", "nothing"],
                     ["snapshot", "--wait", "soon"],
                     ["snapshot", "--check", "waiting<"],
                     ["snapshot", "--check", "bananas<3"],
                     ["snapshot", "--context"],
                     ["snapshot", "extra"],
                     ["snapshot", "--no-clock"],
                     ["snapshot", "--all-namespaces=yes"],
                     ["--colours", "17"], ["doctor", "--format", "json"]):
            with self.subTest(args):
                got = self.run_it(*args)
                self.assertEqual(got.status, 2, got.err)
                self.assertRegex(got.err, r"^terrarium: .+\n$")
                self.assertEqual(got.out, b"")

    def test_theme_that_is_not_there(self):
        api, config = self.plain()
        got = self.snapshot(config, "--theme", "/nonexistent", format="text")
        self.assertEqual((got.status, got.out), (2, b""))
        self.assertRegex(got.err, "^terrarium: .*/nonexistent")

    def test_good_lines(self):
        for args, begins in ((["--help"], "terrarium - "),
                             (["-h"], "terrarium - "),
                             (["help"], "terrarium - "),
                             (["snapshot", "--help"], "terrarium - "),
                             (["--version"], "terrarium "),
                             (["version"], "terrarium ")):
            with self.subTest(args):
                got = self.run_it(*args)
                self.assertEqual((got.status, got.err), (0, ""))
                self.assertTrue(got.text.startswith(begins), got.text)

    def test_no_terminal(self):
        got = self.run_it("--no-picture")
        self.assertEqual(got.status, 2, got.text)
        self.assertRegex(got.err, "^terrarium: ")

    def test_bad_kubeconfigs(self):
        good = "apiVersion: v1\nkind: Config\ncurrent-context: a\n"
        for text, line in (
                (good + "clusters: {unclosed\n", r"config:\d+"),
                (good + "contexts:\n- name: a\n  context: {cluster: no}\n"
                        "clusters: []\n", r"config:\d+"),
                ("apiVersion: v1\nkind: Config\ncurrent-context: zzz\n"
                 "contexts: []\n", r"config:3"),
                (good + "clusters: 5\n", r"config:4")):
            with self.subTest(text):
                path = self.file("config", text)
                got = self.run_it("snapshot", "--kubeconfig", path, "--wait",
                                  "2s", "--format", "json")
                self.assertEqual(got.status, 3, got.text)
                self.assertRegex(got.err, rf"^terrarium: .*{line}")
                self.assertEqual(got.source["state"], "refused")

    def test_no_kubeconfig(self):
        got = self.run_it("snapshot", "--wait", "2s")
        self.assertEqual(got.status, 3, got.text)
        got = self.run_it("snapshot", "--kubeconfig", self.home + "/none",
                          "--wait", "2s")
        self.assertEqual(got.status, 3, got.text)
        self.assertRegex(got.err, r"^terrarium: .*none")
        got = self.run_it("doctor", "--wait", "2s")
        self.assertEqual(got.status, 3, got.text)

    def test_context_that_is_not_there(self):
        api, config = self.plain()
        got = self.snapshot(config, "--context", "nowhere")
        self.assertEqual(got.status, 3)
        self.assertIn("nowhere", got.err)
        self.assertIn("scripted", got.err)
        self.assertEqual(api.requests, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
