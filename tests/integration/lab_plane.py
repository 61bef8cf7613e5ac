"""The scripted control plane of the lab (lab/plane/control.py)."""

import os
import sys

ROOT = os.environ.get("ROOT") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "lab", "plane"))

from control import (ZERO, ControlPlane, agent, event, go_json,  # noqa: E402
                     now)

__all__ = ["ZERO", "ControlPlane", "agent", "event", "go_json", "now"]
