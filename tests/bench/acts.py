#!/usr/bin/env python3
"""What an act costs on a real API server, beside what the server says itself.

acts.py BINARY LAB_DIR [HALTED]   the lab with audit logging; 1000 agents

Each row: what, the bound, what was measured, beside what. The server's audit
log tells when a request reached it, a bare watch when its event left it.
Nothing here passes or fails: a machine that is busy is slower.
"""
import datetime, http.client, json, os, re, ssl, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

BINARY, LAB = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
HALTED = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
sys.argv = [sys.argv[0], BINARY, LAB]
from bench import Console, percentile, row

CONFIG = os.path.join(LAB, "operator.kubeconfig")  # the admin's requests are not logged
GENERA = "ABCDEFGHIJKLMOPQRSTUVWXZ"
KGENTS, APPS = "/apis/kgents.io/v1/namespaces/", "/apis/apps/v1/namespaces/"
MERGE = "application/merge-patch+json"
RUN = f"bench-{os.getpid()}"  # a lab may be used again


class Api:
    """The administrator, with a connection for each thread."""

    def __init__(self):
        with open(os.path.join(LAB, "admin.kubeconfig"), encoding="ascii") as f:
            text = f.read()
        self.url = urlsplit(re.search(r"server: (\S+)", text)[1])
        self.token = re.search(r"token: (\S+)", text)[1]
        self.tls = ssl.create_default_context()
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE
        self.mine = threading.local()

    def connect(self):
        return http.client.HTTPSConnection(self.url.hostname, self.url.port, context=self.tls, timeout=300)

    def open(self, c, method, path, body, content):
        c.request(method, path, json.dumps(body) if body is not None else None,
                  {"Authorization": "Bearer " + self.token, "Content-Type": content})
        return c.getresponse()

    def call(self, method, path, body=None, content="application/json"):
        if not hasattr(self.mine, "c"):
            self.mine.c = self.connect()
        answer = self.open(self.mine.c, method, path, body, content)
        got = json.loads(answer.read() or b"{}")
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {got.get('message')}")
        return got


API = Api()


class Watch(threading.Thread):
    """A bare reader of one kind: when something of interest arrived."""

    def __init__(self, path, interest):
        super().__init__(daemon=True)
        version = API.call("GET", path)["metadata"]["resourceVersion"]
        self.answer = API.open(API.connect(), "GET", f"{path}?watch=1&resourceVersion={version}", None, "application/json")
        self.interest, self.seen = interest, {}
        self.start()

    def run(self):
        for line in self.answer:
            at = time.time()
            obj = json.loads(line)["object"]
            if self.interest(obj):
                self.seen.setdefault(obj["metadata"]["name"], at)


def proposal(ns, name):
    API.call("POST", KGENTS + ns + "/proposals", {
        "apiVersion": "kgents.io/v1", "kind": "Proposal", "metadata": {"name": name},
        "spec": {"changeType": "CODE_PATCH", "proposer": "bench", "description": "turn " + name,
                 "target": {"kind": "File", "name": "x.c"}}})
    API.call("PATCH", KGENTS + ns + f"/proposals/{name}/status", {"status": {
        "phase": "Reviewing", "approvals": [], "rejections": [],
        "riskAssessment": {"baseRisk": 0.1, "cumulativeRisk": 0.1}}}, MERGE)


def namespace(ns):
    API.call("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}})


def reached():
    """When each request that changes a proposal reached the server, by its name."""
    found = {}
    with open(os.path.join(LAB, "log", "audit.log"), encoding="utf-8") as f:
        for line in f:
            e = json.loads(line)
            if e["verb"] == "patch" and e["objectRef"]["resource"] == "proposals":
                at = datetime.datetime.fromisoformat(e["requestReceivedTimestamp"].replace("Z", "+00:00"))
                found.setdefault(e["objectRef"]["name"], at.timestamp())
    return found


def console(*args):
    c = Console("--no-picture", "--no-clock", "--kubeconfig", CONFIG, *args, w=140, h=40)
    c.read(10, until=b"live")
    c.read(1)
    os.write(c.fd, b"3")
    c.read(0.3)
    return c


def single(times=40):
    """One approval at a time: held, released, on the wire, in the lamp."""
    ns = RUN + "-single"
    namespace(ns)
    watch = Watch(KGENTS + ns + "/proposals", lambda o: o.get("status", {}).get("approvals"))
    names, released, lit = [f"{RUN}-one-{i}" for i in range(times)], {}, {}
    proposal(ns, names[0])
    c = console("-n", ns)
    for i, name in enumerate(names):
        os.write(c.fd, b"a")
        c.read(5, until=b"sent in")
        c.read(0.3)
        released[name] = time.time()
        os.write(c.fd, b"\r")
        c.read(5, until=b"observ")
        lit[name] = time.time()
        API.call("DELETE", KGENTS + ns + "/proposals/" + name)
        if i + 1 < times:
            proposal(ns, names[i + 1])
        c.read(1.2)
    c.end()
    time.sleep(1)
    at = reached()
    wire = [(at[n] - released[n]) * 1000 for n in names if n in at]
    lamp = [(lit[n] - watch.seen[n]) * 1000 for n in names if n in watch.seen]
    row(f"released key to the request at the server, p90 of {len(wire)}", "<= 5 ms", f"{percentile(wire, .9):.1f} ms",
        f"median {percentile(wire, .5):.1f}, most {max(wire):.1f}; by the audit log")
    row(f"lamp after the server's event, p90 of {len(lamp)}", "<= 50 ms", f"{percentile(lamp, .9):.1f} ms",
        f"median {percentile(lamp, .5):.1f}, most {max(lamp):.1f}; beside a bare watch")


def bulk(n=200):
    """All of a namespace's proposals approved by one plan."""
    ns = RUN + "-bulk"
    namespace(ns)
    names = [f"{RUN}-bulk-{i}" for i in range(n)]
    with ThreadPoolExecutor(24) as pool:
        list(pool.map(lambda name: proposal(ns, name), names))
    watch = Watch(KGENTS + ns + "/proposals", lambda o: o.get("status", {}).get("approvals"))
    c = console("-n", ns)
    c.read(1)
    os.write(c.fd, b"*")
    c.read(0.5)
    os.write(c.fd, b"a")
    c.read(5, until=b"do it")
    c.read(0.5)
    at = time.time()
    os.write(c.fd, b"y")
    while len(watch.seen) < n and time.time() - at < 30:
        c.read(0.02)
    stored = max(watch.seen.values()) - at if watch.seen else float("inf")
    journal = os.path.join(LAB, "bench-state", "terrarium", "journal.jsonl")
    seen, end = 0, time.time() + 10
    while seen < n and time.time() < end:
        c.read(0.1)
        with open(journal, encoding="utf-8") as f:
            lines = [json.loads(line) for line in f if f'"{RUN}-bulk-' in line and '"observed"' in line]
        seen = len(lines)
    last = max(datetime.datetime.fromisoformat(x["at"].replace("Z", "+00:00")).timestamp() for x in lines) - at if lines else float("inf")
    c.end()
    row(f"{n} approved by one plan, until all are observed", "<= 3 s", f"{last:.2f} s",
        f"{len(watch.seen)} stored after {stored:.2f} s by a bare watch, {seen} observed")


def deployed(i):
    ns, genus = f"{RUN}-halt-{i // len(GENERA)}", GENERA[i % len(GENERA)]
    low = genus.lower() + "-gent"
    labels = {"app.kubernetes.io/name": low, "app.kubernetes.io/part-of": "kgents", "kgents.io/genus": genus}
    agent = API.call("POST", KGENTS + ns + "/agents", {
        "apiVersion": "kgents.io/v1", "kind": "Agent", "metadata": {"name": low},
        "spec": {"genus": genus, "replicas": 1, "image": "kgents/agent:1"}})
    owner = {"apiVersion": "kgents.io/v1", "kind": "Agent", "name": low, "uid": agent["metadata"]["uid"], "controller": True}
    API.call("POST", APPS + ns + "/deployments", {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": low, "labels": labels, "ownerReferences": [owner]},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app.kubernetes.io/name": low}},
                 "template": {"metadata": {"labels": labels},
                              "spec": {"nodeName": f"node-{i % 3}", "terminationGracePeriodSeconds": 1,
                                       "containers": [{"name": "logic", "image": "kgents/agent:1"}]}}}})


def ready(path="/apis/apps/v1/deployments"):
    items = API.call("GET", path)["items"]
    return sum(d["status"].get("readyReplicas", 0) for d in items if d["metadata"]["namespace"].startswith(RUN + "-halt-"))


def halt(n):
    """The whole fleet, stage by stage, each verified."""
    for i in range((n + len(GENERA) - 1) // len(GENERA)):
        namespace(f"{RUN}-halt-{i}")
    with ThreadPoolExecutor(24) as pool:
        list(pool.map(deployed, range(n)))
    end = time.time() + 300
    while ready() < n and time.time() < end:
        time.sleep(1)
    began = ready()
    c = console("-A")
    c.read(5)
    os.write(c.fd, b"H")
    c.read(1)
    os.write(c.fd, b"j")  # from the namespace to the fleet
    c.read(0.3)
    os.write(c.fd, b"\r")
    c.read(2, until=b"confirm")
    c.read(1)
    for word in (b"fleet", b"\r", b"bench"):
        os.write(c.fd, word)
        c.read(0.3)
    at = time.time()
    os.write(c.fd, b"\r")
    over, left = float("inf"), began
    while time.time() - at < 120:
        c.read(0.25)
        left = ready()
        if left == 0:
            over = time.time() - at
            break
    c.read(3)
    journal = os.path.join(LAB, "bench-state", "terrarium", "journal.jsonl")
    with open(journal, encoding="utf-8") as f:
        lines = [json.loads(line) for line in f if f'"ns":"{RUN}-halt-' in line]
    seen = [x for x in lines if x["step"] == "observed"]
    last = max((datetime.datetime.fromisoformat(x["at"].replace("Z", "+00:00")).timestamp() for x in seen), default=float("inf")) - at
    c.end()
    for i in range((n + len(GENERA) - 1) // len(GENERA)):
        API.call("DELETE", f"/api/v1/namespaces/{RUN}-halt-{i}")
    row(f"{n} agents halted and verified, 64 under way", "<= 30 s", f"{last:.1f} s",
        f"{len(seen)} of {began} verified; none ready after {over:.1f} s by a bare list")


if __name__ == "__main__":
    only = os.environ.get("ONLY", "").split(",")
    for name, measure in (("single", single), ("bulk", bulk), ("halt", lambda: halt(HALTED))):
        if only == [""] or name in only:
            measure()
