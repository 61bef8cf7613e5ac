#!/usr/bin/env python3
"""A coding agent that thinks nothing, for tests: plays what real ones do.

fake_agent.py hook SETTINGS [--first|--unread|--kill SECONDS] [COMMAND]
    runs the hooks of a settings file (exec form) as Claude Code does around
    one Bash call; prints "allowed", "denied: WHY" or "asks itself"
    --first  a person answers at its own dialog while the hook still runs
    --unread never writes the hook's input
    --kill   ends the hook after so long
fake_agent.py tui [STATE...]
    a full-screen dialog with titles and OSC 7501, one state after another
fake_agent.py stream FILE [PAUSE]
    prints the lines of a recorded JSON stream
"""

import base64
import json
import os
import subprocess
import sys
import time

SESSION = "5e1f0a52-0001-4000-8000-00000000000f"


def base(event, **more):
    return {"session_id": SESSION, "transcript_path": "/dev/null",
            "cwd": os.getcwd(), "prompt_id": "prompt-1",
            "permission_mode": "default", "hook_event_name": event, **more}


class Hooks:
    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            self.hooks = json.load(f)["hooks"]

    def start(self, event):
        for group in self.hooks.get(event, []):
            for h in group["hooks"]:
                yield h, subprocess.Popen(
                    [h["command"], *h.get("args", [])], text=True,
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    env=dict(os.environ, CLAUDE_PID=str(os.getpid())),
                    start_new_session=True)

    def run(self, event, **more):
        """The decision of the hooks of one event, if any."""
        answer = None
        for h, p in self.start(event):
            try:
                out, _ = p.communicate(json.dumps(base(event, **more)),
                                       timeout=h.get("timeout", 600))
            except subprocess.TimeoutExpired:
                p.terminate()
                p.wait()
                continue
            if p.returncode == 0 and out.lstrip().startswith("{"):
                answer = json.loads(out)["hookSpecificOutput"].get("decision")
        return answer


def hook(argv):
    hooks = Hooks(argv[0])
    variant = argv[1] if len(argv) > 1 and argv[1].startswith("--") else ""
    rest = argv[1 + bool(variant):]
    limit = float(rest.pop(0)) if variant == "--kill" else 0
    command = rest[0] if rest else "touch made.txt"
    call = {"tool_name": "Bash",
            "tool_input": {"command": command, "description": "make a file"}}
    hooks.run("SessionStart", source="startup")
    hooks.run("UserPromptSubmit", prompt="make the file")
    hooks.run("PreToolUse", tool_use_id="toolu_1", **call)
    decision = None
    if variant in ("--first", "--unread", "--kill"):
        for _, p in hooks.start("PermissionRequest"):
            if variant == "--unread":
                p.stdin.close()
                print("unread:", p.wait(), repr(p.stdout.read()))
                continue
            p.stdin.write(json.dumps(base("PermissionRequest", **call)))
            p.stdin.close()
            time.sleep(limit or 1)
            if variant == "--kill":
                p.terminate()
                p.wait()
            else:  # the person at the pane said yes
                decision = {"behavior": "allow"}
                hooks.run("PostToolUse", tool_use_id="toolu_1",
                          tool_response={"stdout": "", "stderr": ""}, **call)
                print("the hook said:", repr(p.stdout.read()))
    else:
        decision = hooks.run("PermissionRequest", **call)
    if decision is None:
        print("asks itself", flush=True)
    elif decision["behavior"] == "allow":
        done = subprocess.run(["sh", "-c", command], capture_output=True,
                              text=True, check=False)
        hooks.run("PostToolUse", tool_use_id="toolu_1", tool_response={
            "stdout": done.stdout, "stderr": done.stderr}, **call)
        print("allowed", flush=True)
    else:
        print("denied:", decision.get("message"), flush=True)
    hooks.run("PostToolBatch", tool_calls=[dict(call, tool_use_id="toolu_1")])
    hooks.run("Stop", stop_hook_active=False,
              last_assistant_message="That was all.")
    hooks.run("SessionEnd", reason="other")


def tui(states):
    out = sys.stdout
    out.write("\033[?1049h\033[2J\033[?25l")
    for state in states or ["idle", "working", "blocked", "done"]:
        more = ""
        if state == "blocked":
            text = base64.b64encode(b"approve Bash: touch made.txt").decode()
            more = ":kind=permission:msg=" + text
        out.write(f"\033]7501;state={state}:app=fake{more}\033\\")
        out.write("\033]0;" + ("◐" if state == "working" else "✳")
                  + " Fake\007\033[H\033[2J")
        if state == "blocked":
            out.write("Do you want to proceed?\r\n❯ 1. Yes\r\n  2. No\r\n\r\n"
                      "Esc to cancel · Tab to amend\r\n\007")
        else:
            out.write(f"state {state}\r\n")
        out.flush()
        time.sleep(0.3)
    time.sleep(60)


def stream(argv):
    pause = float(argv[1]) if len(argv) > 1 else 0
    with open(argv[0], encoding="utf-8") as f:
        for line in f:
            print(line, end="", flush=True)
            time.sleep(pause)


if __name__ == "__main__":
    {"hook": hook, "tui": tui, "stream": stream}[sys.argv[1]](sys.argv[2:])
