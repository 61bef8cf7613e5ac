#!/bin/sh
''':'
command -v python3 >/dev/null || exit 77
exec python3 "$0" "$@"
'''
# Every route of the habitat is described in docs/habitat-openapi.json and in
# docs/habitat-api.md, and nothing else is. Answers of a real habitat are held
# against the same description by tests/integration.
import json
import os
import re
import sys

METHODS = {"get", "post", "delete", "put", "patch"}


def read(top, *parts):
    with open(os.path.join(top, *parts), encoding="utf-8") as f:
        return f.read()


def refs(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for v in node.values():
            yield from refs(v)
    elif isinstance(node, list):
        for v in node:
            yield from refs(v)


def limits(top):
    for name, value in re.findall(r"#define (LIMIT_\w+) (\d+)",
                                  read(top, "habitat", "limits.h")):
        yield name, int(value)


def main():
    top = os.environ.get("srcdir", os.path.dirname(os.path.dirname(
        os.path.dirname(os.path.dirname(os.path.abspath(__file__))))))
    served = set(re.findall(r'^    \{"([A-Z]+)", "([^"]+)", \w+\},$',
                            read(top, "habitat", "route.c"), re.M))
    api = json.loads(read(top, "docs", "habitat-openapi.json"))
    text = read(top, "docs", "habitat-api.md")
    told = {(m.upper(), re.sub(r"\{\w+\}", "*", p))
            for p, ops in api["paths"].items() for m in ops if m in METHODS}
    written = {(m, re.sub(r"\{\w+\}", "*", p)) for m, p in
               re.findall(r"^\| `([A-Z]+) ([^` ]+)`", text, re.M)}
    bad = []
    if len(served) < 20:
        bad.append("the table of habitat/route.c was not understood")
    for what, have in (("habitat-openapi.json", told),
                       ("habitat-api.md", written)):
        bad += [f"{what}: lacks {' '.join(r)}" for r in sorted(served - have)]
        bad += [f"{what}: {' '.join(r)} is not served"
                for r in sorted(have - served)]
    used = {r.rsplit("/", 1)[1] for r in refs(api)}
    have = set(api["components"]["schemas"])
    bad += [f"no schema {r}" for r in sorted(used - have)]
    bad += [f"schema {r} is not used" for r in sorted(have - used)
            if r not in ("StreamEvent", "Hello")]
    for path, ops in api["paths"].items():
        for method, op in ops.items():
            named = set(re.findall(r"\{(\w+)\}", path))
            given = {p["name"] for p in op.get("parameters", [])
                     if p["in"] == "path"}
            if named != given:
                bad.append(f"{method} {path}: parameters {given}")
    for name, value in limits(top):
        if str(value) not in text.replace(" ", ""):
            bad.append(f"habitat-api.md: {name}, {value}, is not there")
    for line in bad:
        print(line)
    return 1 if bad else 0


sys.exit(main())
