"""Objects of a test's own in the lab, gone when it ends."""

import json

from test_real import kubectl


def make(kind, name, ns, spec):
    kubectl("create", "-f", "-", input=json.dumps({
        "apiVersion": "kgents.io/v1", "kind": kind,
        "metadata": {"name": name, "namespace": ns}, "spec": spec}))


def gone_after(case, kind, name, ns):
    case.addCleanup(kubectl, "delete", kind, name, "-n", ns,
                    "--ignore-not-found", "--wait=false")


def proposal(case, name, ns, **more):
    """Its title on the screen is "turn NAME"."""
    make("Proposal", name, ns, {
        "changeType": "CODE_PATCH", "proposer": "zz-nobody",
        "description": "turn " + name,
        "target": {"kind": "File", "name": "x.c"}, **more})
    gone_after(case, "proposal", name, ns)


def status(kind, name, ns):
    return json.loads(kubectl("get", kind, name, "-n", ns, "-o",
                              "json")).get("status", {})


def set_status(kind, name, ns, **fields):
    kubectl("patch", kind, name, "-n", ns, "--type=merge",
            "--subresource=status", "-p", json.dumps({"status": fields}))
