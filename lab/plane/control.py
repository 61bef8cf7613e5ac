"""A scripted fracta control plane: answers as its Go server does, with every
oddity that is known of it, records each request, and misbehaves where a test
says so."""

import json
import queue
import re
import ssl
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ZERO = "0001-01-01T00:00:00Z"


def now(ago=0.0):
    at = time.time() - ago
    return (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) +
            f".{int(at % 1 * 1e9):09d}Z")


def go_json(value):
    """As Go writes it: <, > and & escaped, a line's end behind."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for c in "<>&":
        text = text.replace(c, f"\\u{ord(c):04x}")
    return text + "\n"


def agent(name, status="Running", **more):
    row = {"name": name, "status": status, "mode": "stream",
           "unread_messages": 0,
           "start_time": ZERO if status == "Queued" else now(60)}
    row.update(more)
    return row


def event(task, action, detail="", attrs=None, severity="info", **more):
    """As its own struct is written: every key, in Go's spelling."""
    e = {"ID": str(uuid.uuid4()), "Time": now(), "Component": "host_adapter",
         "Category": "agent_activity", "Resource": "task:" + task,
         "Action": action, "Outcome": "", "Severity": severity, "Task": task,
         "MissionID": 0, "ObjectiveID": "", "Detail": detail, "Attrs": attrs}
    e.update(more)
    return e


def snake(e):
    row = {"id": e["ID"], "time": e["Time"], "component": e["Component"],
           "category": e["Category"], "action": e["Action"]}
    for key, of in (("severity", "Severity"), ("detail", "Detail"),
                    ("attrs", "Attrs")):
        if e[of]:
            row[key] = e[of]
    return row


def dry_run(want):
    """What would run, with all that its server puts in beside it."""
    task = want.get("task") or "dry-run-probe"
    model = want.get("model") or "opus"
    return {
        "resolved_spec": {
            "identity": {"task": task, "contract": "", "base_branch": "main",
                         "objective_id": "", "mission_id": 0},
            "resolution": {"host_type": want.get("host_type") or "claude",
                           "model": model, "mode": "batch",
                           "allowed_tools": ["Read", "Grep", "Bash(git:*)"]},
            "topology": {"mcp_servers": ["gateway"], "backend": "kubernetes",
                         "config_path": "/etc/fracta", "graph_addr": "",
                         "strategy_dir": "", "gateway_url": "http://gw:8080",
                         "config_hash": "ab12"}},
        "capabilities": {"stream": True, "agent_mcp": True,
                         "tool_permissions": True, "resume_token": True},
        "workspace_config": {"Root": "/workspace", "EnvFile": None},
        "mcp_servers": {"gateway": {"type": "http", "url": "http://gw:8080",
                                    "env": {"GATEWAY_KEY": "hush-mcp"},
                                    "headers": {"Authorization":
                                                "Bearer hush-bearer"}}},
        "settings": {"permissions": {"allow": ["Read", "Grep"]}},
        "command_spec": {"Command": "claude",
                         "Args": ["-p", "draw a map of it all",
                                  "--output-format", "json", "--model", model,
                                  "--api-key", "hush-word",
                                  "--auth-token=hush-option"],
                         "Env": ["HOME=/home/a", "API_KEY=hush-env",
                                 "hush-loose"]},
        "payload_preview": {"task": task, "contract": "hush-payload",
                            "mcp_servers": {"x": {"env": {"K": "hush-pay"}}},
                            "staged_credential_refs":
                            {"github": "hush-ref"}}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    counted = None

    def log_message(self, *args):
        pass

    def answer(self, status, body, kind="application/json", **headers):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.over()  # who has read it may ask again at once
        self.end_headers()
        self.wfile.write(body)

    def over(self):
        """This request is not under way any more."""
        with self.server.plane.lock:
            if self.counted:
                self.server.plane.under_way[self.counted] -= 1
            self.counted = None

    def fail(self, status, text):
        self.answer(status, go_json({"error": text}))

    def read(self):
        n = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(n)
        try:
            return json.loads(raw) if raw else {}
        except ValueError:
            return {}

    def handle_one(self, method):
        plane = self.server.plane
        parts = urlsplit(self.path)
        body = self.read()
        with plane.lock:
            plane.requests.append((method, self.path, body))
            if plane.heard:
                plane.heard(method, self.path, self.headers)
            plane.under_way[parts.path] = plane.under_way.get(parts.path,
                                                              0) + 1
            self.counted = parts.path
            plane.most[parts.path] = max(plane.most.get(parts.path, 0),
                                         plane.under_way[parts.path])
        try:
            fault = plane.faults.get(parts.path) or plane.faults.get("*")
            if fault is None or not fault(self):
                self.route(method, parts, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            self.over()

    def do_GET(self):
        self.handle_one("GET")

    def do_POST(self):
        self.handle_one("POST")

    def do_DELETE(self):
        self.handle_one("DELETE")

    def route(self, method, parts, body):
        plane = self.server.plane
        query = {k: v[-1] for k, v in parse_qs(parts.query).items()}
        m = re.fullmatch(r"/api/v1/agents/([^/]+)(?:/(\w+))?", parts.path)
        o = re.fullmatch(r"/api/v1/objectives/([^/]+)(?:/(\w+))?", parts.path)
        if parts.path == "/healthz":
            self.answer(200, go_json({"status": "ok"}))
        elif parts.path == "/readyz" and plane.policy is not None:
            self.answer(200 if plane.ready else 503, "")
        elif parts.path == "/debug/policy" and plane.policy:
            self.answer(200, go_json(plane.policy))
        elif parts.path == "/api/v1/agents" and method == "GET":
            self.answer(200, go_json({"agents": plane.agents}))
        elif parts.path == "/api/v1/agents" and method == "POST":
            plane.spawn(self, body)
        elif parts.path == "/api/v1/objectives" and method == "GET":
            if plane.objectives is None:
                self.fail(500, "objectives: no queue configured")
            else:
                self.answer(200, go_json({"objectives": plane.objectives}))
        elif parts.path == "/api/v1/objectives" and method == "POST":
            plane.open_objective(self, body)
        elif o and method == "POST" and o[2] == "unfreeze":
            plane.unfreeze(self, o[1])
        elif parts.path == "/api/v1/agents/dry-run" and method == "POST" \
                and plane.dry_run is not None:
            self.answer(200, go_json(plane.dry_run(body)))
        elif m and m[2] == "events" and method == "GET":
            self.answer(200, go_json({"events": plane.past(m[1], query)}))
        elif m and m[2] == "logs" and method == "GET":
            plane.logs(self, m[1], int(query.get("lines", 100)))
        elif m and m[2] == "peek" and method == "GET":
            plane.peek(self, m[1], query.get("mode", ""))
        elif m and m[2] == "mission" and method == "GET":
            row = plane.missions.get(m[1])
            if row:
                self.answer(200, go_json({"mission": row}))
            else:
                self.fail(404, f"no mission for agent {m[1]}")
        elif m and m[2] == "watch":
            plane.watch(self, m[1], query.get("since"))
        elif m and method == "POST" and m[2] in ("say", "merge"):
            plane.act(self, m[1], m[2], body)
        elif m and method == "DELETE":
            plane.kill(self, m[1])
        elif m and method == "GET" and not m[2]:
            row = plane.row(m[1])
            if row:
                self.answer(200, go_json({"agent": row}))
            else:
                self.fail(404, f"agent {m[1]} not found")
        elif m:
            self.answer(405, "Method Not Allowed\n", "text/plain",
                        Allow="GET, HEAD")
        else:
            self.answer(404, "404 page not found\n", "text/plain")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass


class ControlPlane:
    def __init__(self, port=0, tls=None):
        """tls: files of a certificate and its key."""
        self.tls = None
        if tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*tls)
        self.lock = threading.Lock()
        self.requests, self.under_way, self.most = [], {}, {}
        self.agents, self.objectives = [], []
        self.events, self.faults, self.streams = {}, {}, []
        self.outputs, self.peeks, self.missions = {}, {}, {}
        self.dry_run = dry_run
        self.after_say = self.heard = None
        self.policy, self.ready = None, True  # of a gateway: {} no tools
        self.port = port
        self.server = None
        self.start()

    def start(self):
        self.server = Server(("127.0.0.1", self.port), Handler)
        self.server.plane = self
        if self.tls:  # a handshake is for the request's own thread
            self.server.socket = self.tls.wrap_socket(
                self.server.socket, server_side=True,
                do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,),
                         daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        for _, q in self.streams:
            q.put(None)

    @property
    def url(self):
        return (f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}")

    def row(self, name):
        return next((a for a in self.agents if a["name"] == name), None)

    def tell(self, e):
        """An event happens: it is in the ring, and streams hear of it."""
        with self.lock:
            self.events.setdefault(e["Task"], []).append(e)
            streams = [q for task, q in self.streams if task == e["Task"]]
        for q in streams:
            q.put(e)

    def past(self, task, query):
        """The ring; since an id: those behind it, in the ring's order. An id
        that it does not know gives nothing, and is no error."""
        rows = self.events.get(task, [])
        last = int(query.get("last", 20))
        if query.get("since"):
            ids = [e["ID"] for e in rows]
            if query["since"] not in ids:
                return []
            rows = rows[ids.index(query["since"]) + 1:][:last]
        return [snake(e) for e in rows[-last:]]

    def logs(self, handler, task, lines):
        """Of the job's pod, or of the process: other agents have none."""
        if task not in self.outputs:
            handler.fail(500, f"no job found for agent {task}")
            return
        rows = self.outputs[task].splitlines(True)[-lines:]
        handler.answer(200, go_json({"output": "".join(rows)}))

    def peek(self, handler, task, mode):
        if mode == "events":
            rows = self.events.get(task, [])[-20:]
            handler.answer(200, go_json(
                {"output": go_json(rows).rstrip("\n")}))
        elif self.peeks.get((task, mode)) is None:
            handler.fail(404, f"no output available for {task}")
        else:
            text = self.peeks[task, mode]
            handler.answer(200, go_json({"output": text[-8192:]}))

    def raw(self, task, text):
        """Bytes on the task's streams, whatever they are."""
        for of, q in self.streams:
            if of == task:
                q.put(text)

    def drop_streams(self):
        with self.lock:
            streams, self.streams = self.streams, []
        for _, q in streams:
            q.put(None)

    def watch(self, handler, task, since):
        q = queue.Queue()
        with self.lock:
            self.streams.append((task, q))
            past = list(self.events.get(task, []))
        ids = [e["ID"] for e in past]
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Cache-Control", "no-cache")
        handler.end_headers()
        handler.wfile.flush()
        handler.close_connection = True
        if since in ids:
            past = past[ids.index(since) + 1:]
        elif since:
            past = []
        for e in past[:1] + past:  # the first comes twice, as it may there
            self.frame(handler, e)
        handler.wfile.write(b"event: snapshot\ndata: "
                            + go_json({"task": task, "status": "Running"})
                            .encode() + b"\n")
        handler.wfile.flush()
        while True:
            e = q.get()
            if e is None:
                return
            if isinstance(e, str):
                handler.wfile.write(e.encode())
                handler.wfile.flush()
            else:
                self.frame(handler, e)

    @staticmethod
    def frame(handler, e):
        # id and action as they are, unescaped
        handler.wfile.write((f"id: {e['ID']}\nevent: {e['Action']}\n"
                             f"data: {go_json(e)}\n").encode())
        handler.wfile.flush()

    def spawn(self, handler, body):
        if self.row(body.get("task", "")):
            handler.fail(500, f"agent {body['task']} already exists")
            return
        self.agents.append(agent(body["task"], "Queued", mode="queued"))
        handler.answer(201, go_json({"agent": body["task"],
                                     "status": "Queued", "mode": "queued",
                                     "mission_id": 7}))

    def act(self, handler, name, what, body):
        row = self.row(name)
        if row is None:
            handler.fail(500, f"agent {name} not found")
        elif what == "say" and row["status"] == "Running":
            handler.fail(500, f"agent {name} is already running")
        elif what == "merge" and row.get("conflict"):
            handler.fail(500, "merge conflict on branch feature/" + name)
        else:
            handler.answer(200, go_json(
                {"status": "dispatched" if what == "say" else "merged",
                 "message": ""}))
            if what == "say" and self.after_say:
                self.after_say(row, body)

    def kill(self, handler, name):
        row = self.row(name)
        if row is None:
            handler.fail(500, f"agent {name} not found")
            return
        self.agents.remove(row)
        handler.answer(200, go_json({"status": "killed", "message": "x"}))

    def open_objective(self, handler, body):
        row = {"id": body.get("id") or uuid.uuid4().hex[:8],
               "description": body["description"], "status": "open",
               "created_at": now(), "mission_count": 0, "finding_count": 0,
               "max_missions": body.get("max_missions", 100), "max_depth": 5,
               "max_branching": 5}
        self.objectives.append(row)
        handler.answer(201, go_json({"objective": row}))

    def unfreeze(self, handler, name):
        for row in self.objectives:
            if row["id"] == name and row["status"] == "frozen":
                row["status"] = "open"
                handler.answer(200, go_json({"objective": row}))
                return
        handler.fail(500, f"objective {name} is not frozen")

    def writes(self):
        return [r for r in self.requests if r[0] != "GET"]
