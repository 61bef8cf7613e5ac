"""A small kgents operator for one namespace of the lab, by its facts: what it
reacts to, what it writes, and its traps. It may be stopped and started."""

import datetime
import http.client
import json
import re
import ssl
import threading
import time
from urllib.parse import urlsplit

KGENTS = "/apis/kgents.io/v1/namespaces/"
APPS = "/apis/apps/v1/namespaces/"
MERGE = "application/merge-patch+json"
FINALIZER = "kopf.zalando.org/KopfFinalizerMarker"


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


class Api:
    """One connection to the API server of a kubeconfig that `lab` wrote."""

    def __init__(self, kubeconfig):
        with open(kubeconfig, encoding="utf-8") as f:
            text = f.read()
        self.url = urlsplit(re.search(r"server: (\S+)", text)[1])
        self.token = re.search(r"token: (\S+)", text)[1]
        self.tls = ssl.create_default_context()
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE

    def open(self, method, path, body=None, content="application/json"):
        c = http.client.HTTPSConnection(self.url.hostname, self.url.port,
                                        context=self.tls, timeout=30)
        c.request(method, path, json.dumps(body) if body is not None else None,
                  {"Authorization": "Bearer " + self.token,
                   "Content-Type": content})
        return c, c.getresponse()

    def call(self, method, path, body=None, content="application/json"):
        c, answer = self.open(method, path, body, content)
        try:
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            c.close()


class Operator:
    def __init__(self, kubeconfig, ns):
        self.api, self.ns = Api(kubeconfig), ns
        self.seen = {}  # uid: what was handled last
        self.over = True
        self.streams, self.threads = [], []

    def start(self):
        self.over = False
        for kind, react in (("agents", self.agent),
                            ("proposals", self.proposal)):
            t = threading.Thread(target=self.follow, args=(kind, react),
                                 daemon=True)
            t.start()
            self.threads.append(t)
        return self

    def stop(self):
        self.over = True
        for c in self.streams:
            if c.sock is not None:
                try:
                    c.sock.shutdown(2)
                except OSError:
                    pass
        for t in self.threads:
            t.join(10)
        for c in self.streams:
            c.close()
        self.streams, self.threads = [], []

    def follow(self, kind, react):
        path = KGENTS + self.ns + "/" + kind
        while not self.over:
            try:
                _, answer = self.api.call("GET", path)
                for obj in answer.get("items", []):
                    react(obj)
                version = answer["metadata"]["resourceVersion"]
                c, stream = self.api.open(
                    "GET", f"{path}?watch=1&resourceVersion={version}")
                self.streams.append(c)
                for line in stream:
                    event = json.loads(line)
                    if self.over:
                        break
                    if event["type"] in ("ADDED", "MODIFIED"):
                        react(event["object"])
            except (OSError, ValueError, KeyError, http.client.HTTPException):
                time.sleep(0.1)

    def path(self, kind, obj):
        return f"{KGENTS}{self.ns}/{kind}/{obj['metadata']['name']}"

    def status(self, kind, obj, **status):
        self.api.call("PATCH", self.path(kind, obj) + "/status",
                      {"status": status}, MERGE)

    def finalize(self, kind, obj):
        """True: it is being deleted, and was let go of."""
        meta = obj["metadata"]
        if meta.get("deletionTimestamp"):
            self.api.call("PATCH", self.path(kind, obj),
                          {"metadata": {"finalizers": None}}, MERGE)
            return True
        if FINALIZER not in meta.get("finalizers", []):
            self.api.call("PATCH", self.path(kind, obj),
                          {"metadata": {"finalizers": [FINALIZER]}}, MERGE)
        return False

    def agent(self, obj):
        meta, spec = obj["metadata"], obj["spec"]
        if self.finalize("agents", obj):
            return
        name = spec["genus"].lower() + "-gent"
        wanted = spec.get("replicas", 1)
        before = self.seen.get(meta["uid"])
        if before is None:
            self.seen[meta["uid"]] = wanted
            self.deployment(obj, name, wanted)
            self.status("agents", obj, phase="Pending", deployment=name,
                        observedGeneration=meta["generation"])
        elif before != wanted:
            self.seen[meta["uid"]] = wanted
            scale = f"{APPS}{self.ns}/deployments/{name}/scale"
            # the update handler writes 0, the replicas handler takes it for
            # "not set": from more than one it ends with one
            to = wanted if wanted > 0 else (1 if before > 1 else 0)
            self.api.call("PATCH", scale, {"spec": {"replicas": to}}, MERGE)

    def deployment(self, obj, name, replicas):
        labels = {"app.kubernetes.io/name": name,
                  "app.kubernetes.io/part-of": "kgents",
                  "app.kubernetes.io/managed-by": "agent-operator",
                  "kgents.io/genus": obj["spec"]["genus"]}
        meta = obj["metadata"]
        self.api.call("POST", f"{APPS}{self.ns}/deployments", {
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name, "labels": labels, "ownerReferences": [{
                "apiVersion": "kgents.io/v1", "kind": "Agent",
                "name": meta["name"], "uid": meta["uid"],
                "controller": True, "blockOwnerDeletion": True}]},
            "spec": {"replicas": replicas,
                     "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels},
                                  # the lab has no scheduler
                                  "spec": {"nodeName": "node-0",
                                           "containers": [{
                                      "name": "logic",
                                      "image": obj["spec"].get(
                                          "image", "kgents/agent")}]}}}})

    def proposal(self, obj):
        meta, spec = obj["metadata"], obj["spec"]
        if self.finalize("proposals", obj):
            return
        status = obj.get("status") or {}
        review = spec.get("reviewRequirements", {})
        have = len(status.get("approvals") or [])
        if meta["uid"] not in self.seen and not status.get("riskAssessment"):
            self.seen[meta["uid"]] = 0
            tgent = review.get("tGentValidation", True)
            self.status("proposals", obj, phase="Reviewing", approvals=[],
                        rejections=[], riskAssessment={
                            "baseRisk": 0.1, "cumulativeRisk": 0.11,
                            "riskLevel": "LOW"},
                        tGentValidation={
                            "requested": tgent,
                            "result": "PENDING" if tgent else "SKIPPED"},
                        conditions=[{
                            "type": "Ready", "status": "False",
                            "reason": "AwaitingReview",
                            "lastTransitionTime": now()}])
            return
        before = self.seen.setdefault(meta["uid"], have)
        self.seen[meta["uid"]] = have
        if status.get("phase") == "Reviewing" and have > before and \
                have >= review.get("requiredApprovers", 0) and \
                status.get("tGentValidation", {}).get("result") in (
                    None, "PASSED", "SKIPPED"):
            self.status("proposals", obj, phase="Approved", conditions=[{
                "type": "Ready", "status": "True", "reason": "Approved",
                "message": f"{have} approvals received",
                "lastTransitionTime": now()}])
