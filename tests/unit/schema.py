#!/bin/sh
''':'
command -v python3 >/dev/null || exit 77
exec python3 "$0" "$@"
'''
# The dump of the fake fleet keeps to docs/snapshot-schema.json, and the
# schema describes each property. A small part of JSON Schema 2020-12.
import json
import os
import re
import subprocess
import sys

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
}
KNOWN = {
    "$schema", "title", "description", "type", "properties", "required",
    "additionalProperties", "items", "enum", "pattern", "minimum", "maximum",
}
bad = []


def is_type(value, name):
    if name in ("integer", "number"):
        kinds = int if name == "integer" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def check_object(value, schema, at):
    props = schema.get("properties", {})
    for key in schema.get("required", []):
        if key not in value:
            bad.append(f"{at}: lacks {key}")
    for key, v in value.items():
        if key in props:
            check(v, props[key], f"{at}.{key}")
        elif schema.get("additionalProperties") is False:
            bad.append(f"{at}: {key} is not in the schema")


def check(value, schema, at):
    types = schema["type"]
    types = [types] if isinstance(types, str) else types
    if not any(is_type(value, t) for t in types):
        bad.append(f"{at}: {value!r:.60} is not {types}")
        return
    if "enum" in schema and value not in schema["enum"]:
        bad.append(f"{at}: {value!r:.60} is not one of {schema['enum']}")
    if isinstance(value, str) and "pattern" in schema:
        if not re.search(schema["pattern"], value):
            bad.append(f"{at}: {value!r:.60} does not match")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not schema.get("minimum", value) <= value <= schema.get(
                "maximum", value):
            bad.append(f"{at}: {value} is out of bounds")
    if isinstance(value, dict):
        check_object(value, schema, at)
    if isinstance(value, list):
        for i, v in enumerate(value):
            check(v, schema["items"], f"{at}[{i}]")


def check_schema(schema, at):
    """Each property is described, and nothing is left open."""
    for key in schema.keys() - KNOWN:
        bad.append(f"schema {at}: this validator does not know {key}")
    for key in ("description", "type"):
        if not schema.get(key):
            bad.append(f"schema {at}: no {key}")
    if "properties" in schema:
        if schema.get("additionalProperties") is not False:
            bad.append(f"schema {at}: additionalProperties is not false")
        if sorted(schema["required"]) != sorted(schema["properties"]):
            bad.append(f"schema {at}: required is not all")
    for key, s in schema.get("properties", {}).items():
        check_schema(s, f"{at}.{key}")
    if "items" in schema:
        check_schema(schema["items"], f"{at}[]")


def refuses(value, schema, what):
    global bad
    kept, bad = bad, []
    check(value, schema, "$")
    if not bad:
        kept.append(f"the validator takes {what}")
    bad = kept


def main():
    top = os.environ.get("srcdir", os.path.dirname(os.path.dirname(
        os.path.dirname(os.path.abspath(__file__)))))
    with open(os.path.join(top, "docs", "snapshot-schema.json"),
              encoding="utf-8") as f:
        schema = json.load(f)
    text = subprocess.run(["./tests/support/dump_fleet"], check=True,
                          stdout=subprocess.PIPE).stdout.decode("utf-8")
    dump = json.loads(text)
    check_schema(schema, "$")
    check(dump, schema, "$")
    refuses({**dump, "more": 1}, schema, "a property too many")
    refuses({**dump, "taken": None}, schema, "a null that cannot be")
    refuses({k: v for k, v in dump.items() if k != "agents"}, schema,
            "a document without agents")
    for line in bad[:40]:
        print(line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
