"""A scripted API server: speaks as much of Kubernetes as terrarium asks for,
records every request, and misbehaves where a test says so."""

import json
import queue
import re
import socket
import ssl
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KGENTS = "/apis/kgents.io/v1"
KINDS = {  # plural: (api prefix, Kind)
    "agents": (KGENTS, "Agent"),
    "pheromones": (KGENTS, "Pheromone"),
    "proposals": (KGENTS, "Proposal"),
    "memories": (KGENTS, "Memory"),
    "umwelts": (KGENTS, "Umwelt"),
    "agentservers": (KGENTS, "AgentServer"),
    "morpheusgateways": (KGENTS, "MorpheusGateway"),
    "deployments": ("/apis/apps/v1", "Deployment"),
    "pods": ("/api/v1", "Pod"),
    "jobs": ("/apis/batch/v1", "Job"),
    "resourcequotas": ("/api/v1", "ResourceQuota"),
    "events": ("/api/v1", "Event"),
}
KGENTS_KINDS = [k for k, (api, _) in KINDS.items() if api == KGENTS]
COLLECTION = re.compile(
    r"(/api/v1|/apis/[^/]+/v1)(?:/namespaces/([^/]+))?/([a-z]+)(?:/([^/]+))?$")


class Request:
    """One request as it came."""

    def __init__(self, method, target, headers):
        parts = urlsplit(target)
        query = {k: v[-1] for k, v in
                 parse_qs(parts.query, keep_blank_values=True).items()}
        self.at = time.monotonic()
        self.method, self.target, self.path = method, target, parts.path
        self.query, self.headers = query, headers
        self.watch = query.get("watch") in ("1", "true")
        self.ns = self.kind = self.name = None
        m = COLLECTION.match(parts.path)
        if m and m.group(3) in KINDS and KINDS[m.group(3)][0] == m.group(1):
            self.ns, self.kind, self.name = m.group(2), m.group(3), m.group(4)
        self.body = b""
        self.list = bool(self.kind) and not self.watch and not self.name

    def __repr__(self):
        return f"{self.method} {self.target}"


class Listener(ThreadingHTTPServer):
    """Shakes hands in the thread of the connection: one who says nothing
    keeps nobody else waiting."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    tls = None

    def handle_error(self, request, client_address):
        """A client that goes away is nothing; a script's own error is."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def process_request_thread(self, request, client_address):
        if self.tls is not None:
            request.settimeout(30)
            try:
                request = self.tls.wrap_socket(request, server_side=True)
                request.settimeout(None)
            except OSError:
                request.close()
                return
        super().process_request_thread(request, client_address)


class Server:
    """`hooks` are functions of (handler, request), asked in order; one that
    returns something true has answered. A hook may raise Hang or Cut."""

    def __init__(self, tls=None):
        self.objects = {k: {} for k in KINDS}  # (ns, name): object
        self.log = []  # (version, kind, ns, type, object)
        self.version = 1000
        self.served = set(KGENTS_KINDS)
        self.hooks, self.requests = [], []
        self.skew_s = 0
        self.over = False
        self.changed = threading.Condition()
        handler = type("Handler", (Handler,), {"api": self})
        self.http = Listener(("127.0.0.1", 0), handler)
        self.port = self.http.server_address[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        if tls:
            self.http.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.http.tls.load_cert_chain(*tls)
        self.thread = threading.Thread(
            target=self.http.serve_forever, kwargs={"poll_interval": 0.05},
            daemon=True)
        self.thread.start()

    def close(self):
        with self.changed:
            self.over = True
            self.changed.notify_all()
        self.http.shutdown()
        self.http.server_close()

    def put(self, kind, name, ns="team", silent=False, uid=None, **fields):
        """Adds or changes an object; silent: no watch hears of it. All of it
        is said here: who watches may send it at once."""
        with self.changed:
            self.version += 1
            known = (ns, name) in self.objects[kind]
            api, title = KINDS[kind]
            obj = {
                "apiVersion": api.split("/", 2)[2] if api != "/api/v1" else "v1",
                "kind": title,
                "metadata": {
                    "name": name, "namespace": ns,
                    "uid": uid or f"{kind}-{ns}-{name}",
                    "resourceVersion": str(self.version),
                    "creationTimestamp": formatted(time.time() - 600),
                    "labels": fields.pop("labels", {}),
                }, **fields}
            self.objects[kind][ns, name] = obj
            if not silent:
                self.log.append((self.version, kind, ns,
                                 "MODIFIED" if known else "ADDED", obj))
                self.changed.notify_all()
            return obj

    def agent(self, name, ns="team", silent=False, genus="C"):
        return self.put("agents", name, ns, silent,
                        spec={"genus": genus, "replicas": 1})

    def proposal(self, name, ns="team", silent=False):
        return self.put("proposals", name, ns, silent,
                        spec={"description": f"title of {name}",
                              "proposer": "alpha", "changeType": "CODE_PATCH",
                              "target": {"kind": "Agent", "name": "beta"}},
                        status={"phase": "Pending"})

    def delete(self, kind, name, ns="team", silent=False):
        with self.changed:
            self.version += 1
            obj = json.loads(json.dumps(self.objects[kind].pop((ns, name))))
            obj["metadata"]["resourceVersion"] = str(self.version)
            if not silent:
                self.log.append((self.version, kind, ns, "DELETED", obj))
                self.changed.notify_all()

    def select(self, request):
        """(version, objects) of a list request."""
        with self.changed:
            return self.version, [
                o for (ns, _), o in self.objects[request.kind].items()
                if request.ns in (None, ns) and
                matches(o, request.query.get("labelSelector"))]

    def asked(self, kind, watch=None, ns=...):
        return [r for r in list(self.requests)
                if r.kind == kind and not r.name and
                (watch is None or r.watch == watch) and
                (ns is ... or r.ns == ns)]

    def hook(self, fn):
        self.hooks.append(fn)
        return fn


def formatted(t):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))


def matches(obj, selector):
    labels = obj["metadata"].get("labels", {})
    for term in (selector or "").split(","):
        key, eq, value = term.partition("=")
        if key and (key not in labels or (eq and labels[key] != value)):
            return False
    return True


class Hang(Exception):
    """Never answers, until the server is closed."""


class Cut(Exception):
    """Closes the connection now."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api = None

    def log_message(self, *args):
        pass

    def version_string(self):
        return "scripted"

    def date_time_string(self, timestamp=None):
        return formatdate((timestamp or time.time()) + self.api.skew_s,
                          usegmt=True)

    def any_method(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        request = Request(self.command, self.path, self.headers)
        request.body = body
        self.api.requests.append(request)
        self.is_chunked = False
        try:
            for hook in list(self.api.hooks):
                if hook(self, request):
                    return
            self.usual(request)
        except Hang:
            with self.api.changed:
                while not self.api.over:
                    self.api.changed.wait(1)
            self.close_connection = True
        except (Cut, OSError):
            self.close_connection = True
            try:
                self.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = any_method

    # ---- answers ------------------------------------------------------------

    def reply(self, status, body, kind="application/json", headers=()):
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        return True

    def status(self, code, reason, message, headers=()):
        return self.reply(code, json.dumps({
            "kind": "Status", "apiVersion": "v1", "metadata": {},
            "status": "Failure", "message": message, "reason": reason,
            "code": code}), headers=headers)

    def forbidden(self, request):
        return self.status(403, "Forbidden",
                           f'{request.kind} is forbidden: User "t" cannot '
                           f'list resource "{request.kind}"')

    def begin_chunks(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.is_chunked = True

    def chunk(self, data):
        data = data if isinstance(data, bytes) else data.encode()
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

    def end_chunks(self):
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()
        return True

    def event(self, kind, obj):
        self.chunk(json.dumps({"type": kind, "object": obj}) + "\n")

    def list_body(self, request):
        version, items = self.api.select(request)
        api, title = KINDS[request.kind]
        return json.dumps({
            "kind": title + "List", "apiVersion": api.lstrip("/"),
            "metadata": {"resourceVersion": str(version)}, "items": items})

    def follow(self, request, seconds=None):
        """A well-behaved watch, already begun."""
        version = int(request.query.get("resourceVersion") or 0)
        end = time.monotonic() + (seconds or 3600)
        while not self.api.over and time.monotonic() < end:
            with self.api.changed:
                news = [e for e in self.api.log if e[0] > version]
                if not news:
                    self.api.changed.wait(0.2)
                    continue
            for number, kind, ns, what, obj in news:
                version = number
                if (kind == request.kind and request.ns in (None, ns) and
                        matches(obj, request.query.get("labelSelector"))):
                    self.event(what, obj)

    def usual(self, request):
        if request.path == "/version":
            return self.reply(200, json.dumps(
                {"major": "1", "minor": "34", "gitVersion": "v1.34.0-scripted"}))
        if request.path == KGENTS:
            if not self.api.served:
                return self.reply(404, "404 page not found\n", "text/plain")
            return self.reply(200, json.dumps({
                "kind": "APIResourceList", "apiVersion": "v1",
                "groupVersion": "kgents.io/v1",
                "resources": [{"name": k, "kind": KINDS[k][1],
                               "namespaced": True, "verbs": ["list", "watch"]}
                              for k in sorted(self.api.served)]}))
        if request.kind in KGENTS_KINDS and request.kind not in self.api.served:
            return self.reply(404, "404 page not found\n", "text/plain")
        if request.list:
            return self.reply(200, self.list_body(request))
        if request.watch:
            self.begin_chunks()
            self.follow(request)
            return self.end_chunks()
        if request.kind and request.name:
            obj = self.api.objects[request.kind].get((request.ns, request.name))
            if obj:
                return self.reply(200, json.dumps(obj))
        return self.status(404, "NotFound", f"{request.path} not found")


class SilentServer:
    """Accepts connections and never says a word."""

    def __init__(self):
        self.sock = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.sock.getsockname()[1]}"
        self.kept = queue.Queue()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                self.kept.put(self.sock.accept()[0])
        except OSError:
            pass

    def close(self):
        self.sock.close()
        while not self.kept.empty():
            self.kept.get().close()
