"""The habitat as a client sees it: HTTP over its socket."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
import sys

from driver import TERRARIUM, Case, environment, until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))))
sys.path.append(os.path.join(ROOT, "tests", "unit"))
import schema  # noqa: E402  pylint: disable=wrong-import-position

PROGRAMS = os.path.dirname(os.path.realpath(TERRARIUM))
DAEMON = os.path.join(PROGRAMS, "terrarium-habitat")


def resolved(node, of):
    """A schema with its references put in."""
    if isinstance(node, dict):
        if "$ref" in node:
            return resolved(of[node["$ref"].rsplit("/", 1)[1]], of)
        return {k: resolved(v, of) for k, v in node.items()}
    return [resolved(v, of) for v in node] if isinstance(node, list) else node


with open(os.path.join(ROOT, "docs", "habitat-openapi.json"),
          encoding="utf-8") as f:
    API = json.load(f)
SHAPES = API["components"]["schemas"]
API = resolved(API["paths"], SHAPES)
ROWS = {"agent": "Agent", "agent.gone": "Agent", "proposal": "Proposal",
        "pheromone": "Pheromone", "pheromone.gone": "Gone", "hello": "Hello"}


def undocumented(method, path, status, answer):
    """What of an answer the description does not say."""
    path = path.split("?", 1)[0]
    for pattern, methods in sorted(API.items(), key=lambda p: "{" in p[0]):
        if not re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
            continue
        if method.lower() not in methods:
            return [] if status == 405 else [f"{method} {pattern}: no such"]
        said = methods[method.lower()]["responses"].get(str(status))
        if said is None:
            return [f"{method} {pattern}: {status} is not told of"]
        schema.bad.clear()
        schema.check(answer, said["content"]["application/json"]["schema"],
                     f"{method} {pattern} {status}")
        return list(schema.bad)
    return [] if status == 404 else [f"{path}: not told of"]


class Unix(http.client.HTTPConnection):
    def __init__(self, path, timeout=20):
        super().__init__("habitat", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def described(event, data):
    if event != "ready":
        schema.bad.clear()
        schema.check(data, resolved(SHAPES[ROWS.get(event, "StreamEvent")],
                                    SHAPES), "frame " + event)
        assert not schema.bad, schema.bad


def stream(path, query="", timeout=20):
    """Yields (event, id, data) of the fleet's stream, for ever."""
    c = Unix(path, timeout)
    c.request("GET", "/api/v1/events/stream" + query)
    r = c.getresponse()
    assert r.status == 200, r.status
    event = {}
    try:
        while True:
            line = r.readline().decode().rstrip("\n")
            if line == "":
                if "data" in event:
                    data = json.loads(event["data"])
                    described(event["event"], data)
                    yield event["event"], event.get("id"), data
                event = {}
            elif not line.startswith(":"):
                key, _, value = line.partition(": ")
                event[key] = value
    finally:
        c.close()


class HabitatCase(Case):
    def setUp(self):
        super().setUp()
        self.state = os.path.join(self.home, "h")
        self.socket = os.path.join(self.state, "run", "habitat.sock")
        self.addCleanup(self.end_all)

    def env(self, **more):
        return environment(self.home, **{"TERRARIUM_HABITAT": self.state,
                                         **more})

    def pid(self):
        with open(os.path.join(self.state, "habitat.pid"),
                  encoding="ascii") as f:
            return int(f.read())

    def end_all(self):
        """Ends only what this habitat started: its agents, then itself."""
        try:
            mine = [a for a in self.get("/api/v1/agents")[1]["agents"]
                    if a["mode"] == "pty"]
            for a in mine:
                if a["status"] in ("Running", "Idle"):
                    self.delete("/api/v1/agents/" + a["name"], grace_ms=0)
            end = time.monotonic() + 5
            while (any(alive(a["process"]["holder"]) for a in mine
                       if a["process"]["holder"]) and
                   time.monotonic() < end):
                time.sleep(0.02)
            self.post("/api/v1/habitat/stop")
        except (OSError, ValueError, http.client.HTTPException):
            pass

    def t(self, *args, limit=30, stdin=subprocess.DEVNULL, **env):
        return subprocess.run([TERRARIUM, *args], env=self.env(**env),
                              stdin=stdin, capture_output=True, text=True,
                              check=False, timeout=limit)

    def begin(self, *args, **env):
        return subprocess.Popen([TERRARIUM, *args], env=self.env(**env),
                                stdin=subprocess.DEVNULL, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def up(self):
        done = self.t("habitat", "start")
        self.assertEqual(done.returncode, 0, done.stderr)

    def ask(self, method, path, body=None, headers=None, timeout=20):
        c = Unix(self.socket, timeout)
        try:
            if body is not None and not isinstance(body, (bytes, str)):
                body = json.dumps(body)
            c.request(method, path, body, headers or {})
            r = c.getresponse()
            text = r.read()
            answer = json.loads(text) if text else None
            self.assertEqual(undocumented(method, path, r.status, answer), [])
            return r.status, answer
        finally:
            c.close()

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.ask("POST", path, {} if body is None else body, **more)

    def delete(self, path, **body):
        return self.ask("DELETE", path, body)

    def spawn(self, name, *argv, **more):
        body = {"task": name, "argv": list(argv), "dir": self.home,
                "environ": [f"{k}={v}" for k, v in self.env().items()]}
        body.update(more)
        return self.post("/api/v1/agents", body)

    def sh(self, name, script, **more):
        status, answer = self.spawn(name, "/bin/sh", "-c", script, **more)
        self.assertEqual(status, 201, answer)
        return answer

    def agent(self, name):
        return self.get("/api/v1/agents/" + name)[1]["agent"]

    def ended(self, name, seconds=10):
        return until(lambda: (a := self.agent(name))["status"] not in
                     ("Running", "Idle") and a, seconds, lambda: self.agent(name))

    def output(self, name, lines=1000):
        return self.get(f"/api/v1/agents/{name}/logs?lines={lines}")[1][
            "output"].splitlines()

    def propose(self, agent="asker", title="do it", **more):
        status, answer = self.post("/api/v1/proposals",
                                   {"agent": agent, "title": title, **more})
        self.assertEqual(status, 201, answer)
        return answer["proposal"]

    def decide(self, p, decision="approve", **more):
        body = {"decision": decision, "digest": p["digest"]}
        body.update(more)
        return self.post(f"/api/v1/proposals/{p['id']}/decision", body)

    def kill9(self):
        os.kill(self.pid(), signal.SIGKILL)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
