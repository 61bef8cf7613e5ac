#!/usr/bin/env python3
"""The lab's control plane and ghost cache.

    serve.py new DIR           a port of its own
    serve.py run DIR           becomes the server: control.py, with the fleet in
                               DIR/plane/fleet.json, and some life in it
    serve.py seed N DIR        a fleet of N, the first by the names that the
                               cluster's seed has; a ghost cache of it, too
    serve.py env DIR           export lines for the shell
    serve.py config DIR        a configuration with all that runs in the lab
"""

import json
import os
import random
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "postgres"))

from control import ControlPlane, agent, event, now  # noqa: E402
from seed import OBJECTIVES, SAID, TASKS, TOOLS  # noqa: E402

STATES = ["Running", "Queued", "Idle", "Completed", "Failed", "Running"]


def place(directory, *names):
    return os.path.join(directory, "plane", *names)


def new(directory):
    os.makedirs(place(directory), exist_ok=True)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with open(place(directory, "port"), "w", encoding="ascii") as f:
        f.write(str(port))


def port(directory):
    with open(place(directory, "port"), encoding="ascii") as f:
        return int(f.read())


def seed(count, directory):
    rng = random.Random(7)
    names = TASKS[:count] + [f"obj-loom-d{i % 4 + 1}-{i}"
                             for i in range(count - len(TASKS))]
    rows = []
    for i, name in enumerate(names):
        state = STATES[i % len(STATES)]
        more = {"mode": "queued" if i % 2 else "stream"}
        if state in ("Running", "Idle"):
            more.update(last_heartbeat_at=now(rng.randrange(10)),
                        last_event_at=now(rng.randrange(300)),
                        last_message_excerpt=rng.choice(SAID))
        if state == "Failed":
            more["last_output"] = "no such branch: feature/" + name
        if not i % 2:
            more["branch"] = "feature/" + name
        rows.append(agent(name, state, **more))
    objectives = [{"id": i, "description": d, "status": s,
                   "created_at": now(7200), "mission_count": n,
                   "finding_count": n // 2, "max_missions": 100,
                   "max_depth": 5, "max_branching": 5}
                  for n, (i, s, d) in enumerate(OBJECTIVES, 3)]
    os.makedirs(place(directory), exist_ok=True)
    fleet = place(directory, "fleet.json")
    with open(fleet + ".new", "w", encoding="utf-8") as f:
        json.dump({"agents": rows, "objectives": objectives}, f)
    os.replace(fleet + ".new", fleet)
    ghost(directory, names)


def ghost(directory, names):
    """As `kgents status` leaves it: layout A."""
    cache = os.path.join(directory, "ghost")
    os.makedirs(cache, exist_ok=True)
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime())
    data = {"health": "healthy", "instance_id": "0badcafe",
            "timestamp": at, "metabolic_pressure": 0.2,
            "agents": [{"name": n, "genus": "B", "status": "running"}
                       for n in names[:8]],
            "pheromone_levels": {"WARNING": 0.4}, "components": []}
    for key, value in (("status", {"data": data, "timestamp": at,
                                   "agentese_path": None, "metadata": {}}),
                       ("meta", {"last_writes": {"status": at},
                                 "last_updated": at})):
        path = os.path.join(cache, key + ".json")
        with open(path + ".new", "w", encoding="utf-8") as f:
            json.dump(value, f, indent=2)
        os.replace(path + ".new", path)


def asked(method, path, headers):
    """Each request is a line of the log."""
    print(json.dumps({"at": now(), "method": method, "path": path,
                      "agent": headers.get("User-Agent")}), flush=True)


def run(directory):
    plane = ControlPlane(port(directory))
    if os.environ.get("LAB_AUDIT") == "1":
        plane.heard = asked
    fleet, seen = place(directory, "fleet.json"), None
    rng = random.Random()
    while True:
        try:
            changed = os.stat(fleet).st_mtime_ns
        except FileNotFoundError:
            changed = None
        if changed is not None and changed != seen:
            with open(fleet, encoding="utf-8") as f:
                told = json.load(f)
            plane.agents, plane.objectives = (told["agents"],
                                              told["objectives"])
            seen = changed
        up = [a for a in plane.agents if a["status"] == "Running"]
        for a in rng.sample(up, min(len(up), 3)):
            a["last_heartbeat_at"] = a["last_event_at"] = now()
            plane.tell(event(a["name"], "tool.started",
                             attrs={"tool_name": rng.choice(TOOLS)})
                       if rng.random() < 0.5 else
                       event(a["name"], "message.completed",
                             attrs={"text_preview": rng.choice(SAID)}))
        for a in up:  # those that beat go on
            a["last_heartbeat_at"] = now()
        for name in list(plane.events):
            del plane.events[name][:-100]
        time.sleep(2)


def env(directory):
    print(f"export TERRARIUM_LAB_PLANE=http://127.0.0.1:{port(directory)}")
    print(f"export XDG_CONFIG_HOME='{directory}/config'")


def config(directory):
    """What `terrarium` needs to see all of it."""
    lines = ["# made by scripts/lab up --all\nsources:"]
    lines.append("  lab:\n    type: kubernetes\n    kubeconfig: "
                 f"{directory}/admin.kubeconfig\n    namespace: '*'")
    lines.append("  cp:\n    type: control-plane\n    url: "
                 f"http://127.0.0.1:{port(directory)}")
    pg = os.environ.get("LAB_PG_PORT")
    if pg:
        lines.append("  tables:\n    type: postgres\n    url: postgresql://"
                     f"fracta@127.0.0.1:{pg}/fracta\n    password: {{file: "
                     f"{directory}/plane/pg-password}}")
    try:
        with open(os.path.join(directory, "graph", "port"),
                  encoding="ascii") as f:
            lines.append("  knowledge:\n    type: graph\n    url: redis://"
                         f"127.0.0.1:{f.read().strip()}\n    password: "
                         f"{{file: {directory}/graph/password}}")
    except FileNotFoundError:
        pass
    lines.append(f"  ghost:\n    type: ghost\n    path: {directory}/ghost")
    os.makedirs(os.path.join(directory, "config", "terrarium"), exist_ok=True)
    os.makedirs(os.path.join(directory, "ghost"), exist_ok=True)
    with open(os.path.join(directory, "config", "terrarium", "config.yaml"),
              "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    with open(os.path.join(directory, "pgpass"), encoding="utf-8") as f:
        for line in f:
            parts = line.strip().split(":")
            if parts[3] == "fracta":
                fd = os.open(place(directory, "pg-password"),
                             os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                os.write(fd, parts[4].encode() + b"\n")
                os.close(fd)


def main(args):
    if args[0] == "seed":
        seed(int(args[1]), args[2])
    else:
        {"new": new, "run": run, "env": env, "config": config}[args[0]](
            args[1])


if __name__ == "__main__":
    main(sys.argv[1:])
