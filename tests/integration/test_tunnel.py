"""Sources behind Services of a cluster: reached through a real API server,
by its port-forward, in the read-only forms too."""

import json
import os
import re
import socket
import threading
import time
import unittest

import pg
import test_graph
import tls_front
from lab_plane import ControlPlane, agent
from driver import Case, until
from test_real import LAB, config, kubectl, setUpModule as lab_is_up

NS = f"zz-tunnel-{os.getpid()}"
STATE = {}


def setUpModule():
    lab_is_up()
    kubectl("create", "namespace", NS)
    STATE["node"] = json.loads(kubectl("get", "nodes", "-o", "json"))[
        "items"][0]["metadata"]["name"]
    STATE["pg"] = pg.Lab()
    test_graph.setUpModule()


def tearDownModule():
    STATE["pg"].end()
    kubectl("delete", "namespace", NS, "--wait=false")


def pod(name, app, port=9000):
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": NS,
                         "labels": {"app": app}},
            "spec": {"nodeName": STATE["node"], "containers": [
                {"name": "main", "image": "x",
                 "ports": [{"name": "main", "containerPort": port}]}]}}


def service(name, app, port, target):
    return {"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": name, "namespace": NS},
            "spec": {"selector": {"app": app},
                     "ports": [{"port": port, "targetPort": target}]}}


def create(obj):
    kubectl("create", "-f", "-", input=json.dumps(obj))


def ready(name):
    kubectl("wait", "--for=condition=Ready", "--timeout=20s", "pod", name,
            "-n", NS)


class Relay:
    """What listens where pods' port 9000 ends, and leads on."""

    def __init__(self, to):
        self.to = to
        with open(f"{LAB}/lab.env", encoding="utf-8") as f:
            port = int(re.search(r"PORT_TEST=(\d+)", f.read()).group(1))
        self.server = socket.create_server(("127.0.0.1", port))
        self.count = 0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                near.close()
                continue
            self.count += 1
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=(a, b),
                                 daemon=True).start()

    @staticmethod
    def pump(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.server.shutdown(socket.SHUT_RDWR)  # who waits in accept goes
        self.server.close()


class Tunnel(Case):
    def relay(self, port):
        relay = Relay(port)
        self.addCleanup(relay.close)
        return relay

    def config(self, kind, name, **keys):
        lines = "".join(f"    {k}: {v}\n" for k, v in keys.items())
        os.makedirs(self.home + "/.config/terrarium", exist_ok=True)
        self.file(".config/terrarium/config.yaml",
                  f"sources:\n  lab:\n    type: kubernetes\n    kubeconfig: "
                  f"{config()}\n    namespace: {NS}\n  {name}:\n"
                  f"    type: {kind}\n{lines}")

    def front(self, name, *pods, target="main"):
        for p in pods:
            create(pod(p, name))
            ready(p)
        create(service(name, name, 80, target))
        self.addCleanup(kubectl, "delete", "service", name, "-n", NS)
        for p in pods:
            self.addCleanup(kubectl, "delete", "pod", p, "-n", NS,
                            "--ignore-not-found", "--force",
                            "--grace-period=0")

    def source(self, shot, name):
        return next(s for s in shot.json["sources"] if s["name"] == name)

    def shot(self, *args):
        return self.run_it("snapshot", "--format", "json", "--wait", "15s",
                           *args)


class ControlPlanes(Tunnel):
    def setUp(self):
        super().setUp()
        self.plane = ControlPlane()
        self.addCleanup(self.plane.stop)
        self.plane.agents = [agent("far-away", "Idle")]

    def test_through_a_service(self):
        """A target port by its name; a snapshot only reads, and gets there."""
        relay = self.relay(self.plane.port)
        self.front("cp-a", "cp-a-1")
        self.config("control-plane", "cp", service=f"{NS}/cp-a:80")
        run = self.home + "/run"
        os.mkdir(run, 0o700)
        shot = self.run_it("snapshot", "--format", "json", "--wait", "15s",
                           XDG_RUNTIME_DIR=run)
        self.assertEqual(self.source(shot, "cp")["state"], "live",
                         json.dumps(shot.json["sources"]))
        self.assertIn("far-away", shot.names())
        self.assertGreater(relay.count, 0)
        self.assertEqual(os.listdir(run), [])  # nothing is left of its socket

    def test_its_pod_goes(self):
        """Another is taken, and nobody has to do anything."""
        self.relay(self.plane.port)
        self.front("cp-b", "cp-b-1", "cp-b-2", target=9000)
        self.config("control-plane", "cp", service=f"{NS}/cp-b:80")
        screen = self.console(width=160)
        screen.wait("● cp", 20)
        for name in ("cp-b-1", "cp-b-2"):
            kubectl("delete", "pod", name, "-n", NS, "--force",
                    "--grace-period=0")
            if name == "cp-b-1":
                time.sleep(3)
                screen.wait("● cp", 20)
        create(pod("cp-b-3", "cp-b"))
        self.addCleanup(kubectl, "delete", "pod", "cp-b-3", "-n", NS,
                        "--force", "--grace-period=0")
        ready("cp-b-3")
        self.plane.agents.append(agent("after-it", "Idle"))
        screen.wait("● cp", 30)
        screen.wait("after-it", 15)

    def test_no_such_service(self):
        self.config("control-plane", "cp", service=f"{NS}/nobody:80")
        screen = self.console(width=160)
        screen.wait(r"◐ cp connecting · .*nobody", 20)
        screen.wait("● kubernetes", 20)
        shot = self.shot()
        said = json.dumps(self.source(shot, "cp"))
        self.assertNotIn("far-away", shot.names())
        self.assertEqual(self.source(shot, "cp")["state"], "connecting",
                         said)

    def test_act_through_it(self):
        self.relay(self.plane.port)
        self.front("cp-c", "cp-c-1")
        self.config("control-plane", "cp", service=f"{NS}/cp-c:80")
        screen = self.console()
        screen.wait("far-away", 20)
        time.sleep(0.5)
        screen.keys("K")
        screen.wait("its process or job is ended")
        time.sleep(0.5)
        screen.type("far-away")
        screen.keys("Enter")
        until(lambda: self.plane.writes(), 10, lambda: screen.text())


class Gateways(Tunnel):
    def test_through_a_service(self):
        plane = ControlPlane()  # the scripted one answers as a gateway, too
        self.addCleanup(plane.stop)
        plane.policy = {"catalog_size": 60, "visible_count": 42,
                        "denied_by_policy": 3, "policies": None}
        self.relay(plane.port)
        self.front("gw", "gw-1")
        self.config("gateway", "tools", service=f"{NS}/gw:80")
        shot = self.shot("--read-only")
        told = self.source(shot, "tools")
        self.assertEqual(told["state"], "live", told)
        self.assertEqual(told["detail"], "42 of 60 tools, 3 denied")


class Databases(Tunnel):
    def test_postgres(self):
        db = STATE["pg"]
        db.sql("TRUNCATE agents; INSERT INTO agents(task,host_type,status,"
               "mode) VALUES ('in-a-table','codex','Idle','stream')")
        self.relay(db.port)
        self.front("pg", "pg-1")
        password = self.file("pw", db.password("fracta") + "\n")
        self.config("postgres", "db", service=f"{NS}/pg:80",
                    password="{file: %s}" % password)
        shot = self.shot("--read-only")
        self.assertEqual(self.source(shot, "db")["state"], "live",
                         json.dumps(shot.json["sources"]))
        self.assertIn("in-a-table", shot.names())


class Graphs(Tunnel):
    def setUp(self):
        super().setUp()
        self.graph = test_graph.Graph()
        self.addCleanup(self.graph.close)
        self.graph.start()
        self.password = self.file("pw", self.graph.password + "\n")

    def test_falkordb(self):
        """A snapshot, which only reads, gets there; nothing is left."""
        test_graph.falkordb.seed(8, self.graph.dir)
        relay = self.relay(int(self.graph.url.rsplit(":", 1)[1]))
        self.front("kg-a", "kg-a-1")
        self.config("graph", "kg", service=f"{NS}/kg-a:80",
                    password="{file: %s}" % self.password)
        run = self.home + "/run"
        os.mkdir(run, 0o700)
        shot = self.run_it("snapshot", "--format", "json", "--wait", "15s",
                           XDG_RUNTIME_DIR=run)
        kg = self.source(shot, "kg")
        self.assertEqual(kg["state"], "live", json.dumps(shot.json["sources"]))
        self.assertRegex(kg["detail"], r"\d+ nodes, 8 findings")
        self.assertGreater(relay.count, 0)
        self.assertEqual(os.listdir(run), [])

    def test_pod_and_server_go(self):
        """The pod goes, another is taken; the server goes, and comes back
        with other data."""
        self.relay(int(self.graph.url.rsplit(":", 1)[1]))
        self.front("kg-b", "kg-b-1", "kg-b-2", target=9000)
        self.config("graph", "kg", service=f"{NS}/kg-b:80",
                    password="{file: %s}" % self.password)
        screen = self.console(width=160)
        screen.wait("● kg .*graph empty", 20)
        kubectl("delete", "pod", "kg-b-1", "-n", NS, "--force",
                "--grace-period=0")
        self.graph.query("CREATE (:Finding {summary: 'behind a tunnel'})")
        screen.keys("R")
        screen.wait("● kg .*1 nodes, 1 findings", 30)
        self.graph.kill()
        screen.wait("◐ kg", 20)
        self.graph.start()
        screen.wait("● kg .*graph empty", 30)

    def test_tls(self):
        """By the Service's name, or one that is given; others are refused
        before a word is said."""
        front = tls_front.Front(self.home,
                                int(self.graph.url.rsplit(":", 1)[1]),
                                f"kg-c.{NS}.svc")
        self.addCleanup(front.close)
        self.relay(front.port)
        self.front("kg-c", "kg-c-1")
        keys = {"service": f"{NS}/kg-c:80", "ca": front.ca,
                "password": "{file: %s}" % self.password}
        self.config("graph", "kg", **keys)
        kg = self.source(self.shot(), "kg")
        self.assertEqual((kg["state"], kg["insecure"]), ("live", False), kg)
        self.config("graph", "kg", **keys, url="rediss://elsewhere.test:1")
        front.heard.clear()
        kg = self.source(self.shot(), "kg")
        self.assertEqual(kg["state"], "refused", kg)
        self.assertEqual(front.heard, [])
        keys["tls-name"] = f"kg-c.{NS}.svc"
        self.config("graph", "kg", **keys, url="rediss://elsewhere.test:1")
        self.assertEqual(self.source(self.shot(), "kg")["state"], "live")


if __name__ == "__main__":
    unittest.main()
