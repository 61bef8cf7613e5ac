"""The scripted control plane of the lab (lab/plane/control.py), and a case on
it."""

import os
import sys
import time

from driver import Case

ROOT = os.environ.get("ROOT") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "lab", "plane"))

from control import (ZERO, ControlPlane, agent, dry_run,  # noqa: E402
                     event, go_json, now)

__all__ = ["ZERO", "Control", "ControlPlane", "agent", "dry_run", "event",
           "go_json", "hang", "now"]


def hang(handler):
    """A fault: the request is taken, and that is all."""
    time.sleep(60)
    return True


class Control(Case):
    """Its plane is the only source of the configuration."""

    tls = None

    def setUp(self):
        super().setUp()
        self.plane = ControlPlane(tls=self.tls)
        self.addCleanup(lambda: self.plane.stop())
        self.config()

    def config(self, more="", **keys):
        keys = {"url": self.plane.url, **keys}
        lines = "".join(f"    {k}: {v}\n" for k, v in keys.items() if v)
        folder = self.home + "/.config/terrarium"
        os.makedirs(folder, exist_ok=True)
        self.file(".config/terrarium/config.yaml",
                  "sources:\n  cp:\n    type: control-plane\n" + lines + more)

    def shot(self, *args, wait="5s"):
        return self.run_it("snapshot", "--format", "json", "--wait", wait,
                           *args)

    def row(self, shot, name):
        return next(a for a in shot.json["agents"] if a["name"] == name)

    def asked(self, *words):
        """The requests whose path holds all of the words."""
        return [r for r in list(self.plane.requests)
                if all(w in r[1] for w in words)]

    def console_on(self, *agents, args=(), **size):
        self.plane.agents = list(agents)
        screen = self.console(*args, **size)
        screen.wait(agents[0]["name"])
        return screen
