"""Coding agents and their hooks: what they ask is decided here or by them."""

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
from datetime import datetime

from driver import TERRARIUM, until
from habitat import HabitatCase

HERE = os.path.dirname(os.path.abspath(__file__))
FAKE = os.path.join(HERE, "..", "support", "fake_agent.py")
FIXTURES = os.path.join(HERE, "..", "fixtures", "agents")
SESSION = "5e1f0a52-0001-4000-8000-000000000001"


class HookCase(HabitatCase):
    which = "claude"

    def setUp(self):
        super().setUp()
        self.work = os.path.join(self.home, "made")
        os.mkdir(self.work)

    def input(self, event, **more):
        return json.dumps({
            "session_id": SESSION, "transcript_path": "/dev/null",
            "cwd": self.work, "prompt_id": "p1", "hook_event_name": event,
            **more})

    def hook(self, text, *args, limit=20, **env):
        """One hook from begin to end."""
        return subprocess.run(
            [TERRARIUM, "hook", self.which, *args], input=text, text=True,
            env=self.env(**env), capture_output=True, timeout=limit,
            check=False)

    def begin_hook(self, text, *args, **env):
        p = subprocess.Popen([TERRARIUM, "hook", self.which, *args],
                             env=self.env(**env), text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        self.addCleanup(self.reap, p)
        p.stdin.write(text)
        p.stdin.close()
        p.stdin = None
        return p

    def reap(self, p):
        if p.poll() is None:
            p.kill()
        p.wait()
        p.stdout.close()
        p.stderr.close()

    def proposals(self, status="pending"):
        return self.get("/api/v1/proposals?status=" + status)[1]["proposals"]

    def asked(self):
        return until(self.proposals, 10, "a proposal")[0]

    def nothing(self, done):
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "", ""))

    def bash(self, event="PermissionRequest", command="touch made.txt",
             **more):
        return self.input(event, tool_name="Bash", tool_input={
            "command": command, "description": "make a file"}, **more)

    def report(self, name):
        return self.agent(name).get("reported", {})

    def answer(self, p, decision, **more):
        self.assertEqual(self.decide(p, decision, **more)[0], 200)

    def decision(self, p):
        out, err = p.communicate(timeout=10)
        self.assertEqual((p.returncode, err), (0, ""))
        full = json.loads(out)["hookSpecificOutput"]
        self.assertEqual(full["hookEventName"], "PermissionRequest")
        return full["decision"]


class Claude(HookCase):
    def setUp(self):
        super().setUp()
        self.up()

    def test_allow(self):
        p = self.begin_hook(self.bash())
        asked = self.asked()
        self.assertEqual(
            {k: asked.get(k) for k in ("agent", "title", "tool", "input",
                                       "text", "session", "origin")},
            {"agent": "claude-made", "title": "Bash: touch made.txt",
             "tool": "Bash", "input": "touch made.txt", "text": "make a file",
             "session": SESSION + ":p1", "origin": "claude"})
        self.assertIn("deadline_at", asked)
        until(lambda: self.report("claude-made").get("state") == "blocked", 5,
              "it is blocked")
        self.answer(asked, "approve")
        self.assertEqual(self.decision(p), {"behavior": "allow"})
        until(lambda: self.report("claude-made").get("state") == "working", 5,
              "it works")

    def test_deny_with_a_reason(self):
        p = self.begin_hook(self.bash())
        self.answer(self.asked(), "reject", reason='not "now" — ünd\n')
        self.assertEqual(self.decision(p),
                         {"behavior": "deny", "message": 'not "now" — ünd\n'})

    def test_deny_without_one(self):
        p = self.begin_hook(self.bash())
        self.answer(self.asked(), "reject")
        d = self.decision(p)
        self.assertEqual(d["behavior"], "deny")
        self.assertTrue(d["message"])

    def test_risk_is_judged(self):
        self.begin_hook(self.bash(command="sudo rm -rf /srv"))
        asked = self.asked()
        self.assertGreater(asked["risk"], 0.6)
        self.assertTrue(asked["factors"])

    def test_time_over(self):
        done = self.hook(self.bash(), "--timeout", "1s")
        self.nothing(done)
        self.assertEqual(len(self.proposals("expired")), 1)

    def test_withdrawn(self):
        p = self.begin_hook(self.bash())
        self.answer(self.asked(), "withdraw")
        out, err = p.communicate(timeout=10)
        self.assertEqual((p.returncode, out, err), (0, "", ""))

    def test_malformed(self):
        good = self.bash()
        for text in ("", "{", "null", "[]", "7", '"x"', "{}", good[:-1],
                     good + good, "\0", '{"hook_event_name":7}',
                     '{"hook_event_name":"PermissionRequest"}',
                     self.input("PermissionRequest"),
                     self.input("PermissionRequest", tool_name="Bash",
                                tool_input={"command": "x" * 300000}),
                     self.bash(command="x" * (2 << 20)),
                     self.input("ToComeTool"), self.input("Nothing")):
            with self.subTest(text=text[:60]):
                self.nothing(self.hook(text, "--timeout", "2s"))
        self.assertEqual(self.proposals(), [])
        self.assertEqual(self.proposals("expired"), [])

    def test_hostile_texts(self):
        p = self.begin_hook(self.input(
            "PermissionRequest", tool_name="a\u0000\u001b[2J\ud800",
            tool_input={"b": "\u202e\"}", "tool_input": {"command": "no"}}))
        asked = self.asked()
        self.assertIn("\\u202e", asked["input"], "as it was written")
        self.answer(asked, "approve")
        self.assertEqual(self.decision(p), {"behavior": "allow"})

    def test_usage_never_blocks(self):
        for args in ((), ("nobody",), ("claude", "--nothing"),
                     ("claude", "--timeout", "soon")):
            done = self.t("hook", *args)
            self.assertEqual((done.returncode, done.stdout), (1, ""), args)

    def test_answered_at_its_own_dialog(self):
        p = self.begin_hook(self.bash())
        self.asked()
        other = self.begin_hook(self.bash(command="make"))
        until(lambda: len(self.proposals()) == 2, 5, "two wait")
        self.nothing(self.hook(self.bash("PostToolUse", tool_response={
            "stdout": "made", "stderr": ""})))
        out, _ = p.communicate(timeout=5)
        self.assertEqual((p.returncode, out), (0, ""))
        left = self.proposals()
        self.assertEqual([x["input"] for x in left], ["make"],
                         "what runs beside it still waits")
        self.nothing(self.hook(self.input("Stop", last_assistant_message="x")))
        out, _ = other.communicate(timeout=5)
        self.assertEqual((other.returncode, out), (0, ""))
        self.assertEqual(self.proposals(), [])

    def test_a_new_prompt_and_the_end_retire_all(self):
        for event in ("UserPromptSubmit", "SessionEnd"):
            p = self.begin_hook(self.bash())
            self.asked()
            self.nothing(self.hook(self.input(event, prompt_id="p2",
                                              prompt="go on",
                                              reason="other")))
            out, _ = p.communicate(timeout=5)
            self.assertEqual(out, "", event)
        p = self.begin_hook(self.bash())
        asked = self.asked()
        self.nothing(self.hook(self.input("PostToolBatch", prompt_id="p9")))
        self.assertEqual(self.proposals()[0]["id"], asked["id"])

    def test_a_killed_hook_withdraws(self):
        for sig in (signal.SIGTERM, signal.SIGKILL):
            p = self.begin_hook(self.bash())
            self.asked()
            p.send_signal(sig)
            until(lambda: not self.proposals(), 5, "it is withdrawn")
            self.assertEqual(p.communicate()[0], "")

    def test_a_daemon_that_is_started_again(self):
        p = self.begin_hook(self.bash())
        asked = self.asked()
        self.kill9()
        self.up()
        time.sleep(1)
        self.assertEqual(self.proposals()[0]["id"], asked["id"])
        self.answer(self.proposals()[0], "approve")
        self.assertEqual(self.decision(p), {"behavior": "allow"})

    def test_a_daemon_that_stays_away(self):
        p = self.begin_hook(self.bash())
        self.asked()
        self.assertEqual(self.t("habitat", "stop").returncode, 0)
        out, err = p.communicate(timeout=10)
        self.assertEqual((p.returncode, out, err), (0, "", ""))
        self.assertFalse(os.path.exists(self.socket), "nobody started it")

    def test_what_it_does_is_told(self):
        self.nothing(self.hook(self.input("SessionStart", source="startup")))
        self.assertEqual(self.report("claude-made")["state"], "idle")
        self.nothing(self.hook(self.input("UserPromptSubmit",
                                          prompt="make the file")))
        row = self.agent("claude-made")
        self.assertEqual((row["reported"]["state"], row["current_intent"]),
                         ("working", "make the file"))
        self.nothing(self.hook(self.bash("PreToolUse", tool_use_id="t")))
        self.nothing(self.hook(self.bash("PostToolUseFailure",
                                         error="no right")))
        self.nothing(self.hook(self.input(
            "Notification", notification_type="permission_prompt",
            message="Claude needs your permission")))
        self.assertEqual(self.report("claude-made")["state"], "blocked")
        self.nothing(self.hook(self.input("SubagentStart", agent_id="a1",
                                          agent_type="explorer")))
        self.nothing(self.hook(self.input(
            "Stop", last_assistant_message="The file is there.")))
        self.assertEqual(self.report("claude-made")["state"], "done")
        self.nothing(self.hook(self.input("SessionEnd", reason="logout")))
        events = self.get("/api/v1/agents/claude-made/events?last=20")[1]
        self.assertEqual(
            [(e["attrs"].get("kind"), e["detail"]) for e in events["events"]],
            [("decision", "a session begins: startup"),
             ("decision", "make the file"),
             ("call", "Bash: touch made.txt"),
             ("result", "no right"),
             ("thought", "a subagent begins: explorer"),
             ("said", "The file is there."),
             ("decision", "its session ends: logout")])
        self.assertNotIn("reported", self.agent("claude-made"))

    def test_a_question_with_answers_is_left_to_it(self):
        done = self.hook(self.input("PermissionRequest",
                                    tool_name="AskUserQuestion",
                                    tool_input={"questions": []}))
        self.nothing(done)
        self.assertEqual(self.report("claude-made")["kind"], "question")

    def test_a_plan_keeps_its_input(self):
        p = self.begin_hook(self.input(
            "PermissionRequest", tool_name="ExitPlanMode",
            tool_input={"plan": "1. write"}))
        self.answer(self.asked(), "approve")
        self.assertEqual(self.decision(p), {
            "behavior": "allow", "updatedInput": {"plan": "1. write"}})

    def edit(self, tool, path, **more):
        text = self.input("PermissionRequest", tool_name=tool, tool_input={
            "notebook_path" if tool == "NotebookEdit" else "file_path": path,
            **more})
        p = self.begin_hook(text)
        asked = self.asked()
        self.answer(asked, "reject")
        self.assertEqual(self.decision(p)["behavior"], "deny")
        return asked

    def test_edits_are_shown_as_diffs(self):
        path = os.path.join(self.work, "a.c")
        lines = [f"line {i}" for i in range(1, 21)]
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        asked = self.edit("Edit", path, old_string="line 10\nline 11",
                          new_string="line ten\nline 11")
        self.assertEqual((asked["title"], asked["input"], asked["target"]),
                         ("Edit: a.c", path, path))
        self.assertEqual(asked["diff"].splitlines(), [
            "--- " + path, "+++ " + path, "@@ -7,7 +7,7 @@", " line 7",
            " line 8", " line 9", "-line 10", "+line ten", " line 11",
            " line 12", " line 13"])
        asked = self.edit("MultiEdit", path, edits=[
            {"old_string": "line 1\n", "new_string": "one\n"},
            {"old_string": "line 2", "new_string": "x", "replace_all": True}])
        self.assertEqual(asked["diff"].count("\n@@"), 2)
        self.assertIn("+x0\n", asked["diff"])
        asked = self.edit("Write", path, content="all new\n")
        self.assertIn("@@ -1,20 +1,1 @@", asked["diff"])
        asked = self.edit("Write", os.path.join(self.work, "new.c"),
                          content="a\nb")
        self.assertIn("--- /dev/null", asked["diff"])
        self.assertIn("\\ No newline", asked["diff"])
        # what it looks for is not there: the parts that are named
        asked = self.edit("Edit", path, old_string="nowhere",
                          new_string="there")
        self.assertIn("-nowhere\n", asked["diff"])

    def test_a_diff_is_what_diff_would_say(self):
        path = os.path.join(self.work, "long")
        old = [str(i * 7919 % 997) for i in range(700)]
        new = [x for i, x in enumerate(old) if i % 97] + ["end"]
        new[300:300] = ["a", "b"]
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(old) + "\n")
        asked = self.edit("Write", path, content="\n".join(new) + "\n")
        done = subprocess.run(["patch", "-s", "-p0", "-o", "-", path],
                              input=asked["diff"], text=True, cwd="/",
                              capture_output=True, check=False)
        self.assertEqual(done.stdout, "\n".join(new) + "\n", done.stderr)

    def test_a_cell_of_a_notebook(self):
        path = os.path.join(self.work, "n.ipynb")
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"cells": [{"id": "c1", "source": ["x = 1\n", "y\n"]},
                                 {"source": "z\n", "id": "c2"}]}, f)
        asked = self.edit("NotebookEdit", path, cell_id="c1",
                          new_source="x = 2\ny\n")
        self.assertIn("-x = 1\n+x = 2\n y\n", asked["diff"])
        asked = self.edit("NotebookEdit", path, cell_id="c2",
                          edit_mode="delete")
        self.assertIn("-z\n", asked["diff"])

    def test_a_file_that_is_none(self):
        fifo = os.path.join(self.work, "fifo")
        os.mkfifo(fifo)
        for path in (fifo, "/dev/zero", self.work, "/proc/self/mem"):
            asked = self.edit("Write", path, content="x\n")
            self.assertIn("+x\n", asked["diff"])

    def test_a_large_change_is_cut_and_says_so(self):
        path = os.path.join(self.work, "big")
        asked = self.edit("Write", path, content="0123456789\n" * 30000)
        self.assertLess(len(asked["diff"]), 256 << 10)
        self.assertIn("more lines follow that are not shown",
                      asked["diff"].splitlines()[-1])

    def test_names(self):
        for env, args, name in (
                ({"TERRARIUM_AGENT": "inside"}, (), "inside"),
                ({"TERRARIUM_AGENT": "inside"}, ("--as", "me"), "me"),
                ({"CLAUDE_PROJECT_DIR": "/srv/the project.x"}, (),
                 "claude-the-project-x"),
                ({"CLAUDE_PROJECT_DIR": "/"}, (), "claude-5e1f")):
            self.nothing(self.hook(self.input("Stop"), *args, **env))
            self.assertEqual(self.get("/api/v1/agents/" + name)[0], 200, name)

    def test_two_sessions_in_one_folder(self):
        def start(session):
            text = json.loads(self.input("UserPromptSubmit", prompt="x"))
            text["session_id"] = session
            self.nothing(self.hook(json.dumps(text),
                                   CLAUDE_PID=str(os.getpid())))

        start("aaaa-1")
        start("bbbb-2")
        start("aaaa-1")
        names = [a["name"] for a in self.get("/api/v1/agents")[1]["agents"]]
        self.assertEqual(sorted(names), ["claude-made", "claude-made-bbbb"])
        text = json.loads(self.input("SessionEnd"))
        text["session_id"] = "aaaa-1"
        self.nothing(self.hook(json.dumps(text), CLAUDE_PID=str(os.getpid())))
        start("bbbb-2")  # keeps the name it has
        start("cccc-3")
        names = [a["name"] for a in self.get("/api/v1/agents")[1]["agents"]]
        self.assertEqual(sorted(names), ["claude-made", "claude-made-bbbb"])

    def test_a_hook_is_quick(self):
        text = self.bash("PreToolUse")
        took = []
        for _ in range(15):
            begin = time.monotonic()
            self.nothing(self.hook(text))
            took.append(time.monotonic() - begin)
        took.sort()
        print(f"hook: median {took[7] * 1000:.1f} ms", file=sys.stderr)
        self.assertLess(took[7], 0.1)


class ClaudeDown(HookCase):
    def test_nobody_is_there(self):
        for event in ("PermissionRequest", "PreToolUse", "Stop"):
            begin = time.monotonic()
            self.nothing(self.hook(self.bash(event)))
            self.assertLess(time.monotonic() - begin, 1)
        self.assertFalse(os.path.exists(self.socket))

    def test_something_else_is_there(self):
        """A socket that takes all and never answers."""
        os.makedirs(os.path.dirname(self.socket))
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(self.socket)
            s.listen(5)
            self.nothing(self.hook(self.bash("Stop")))


class Session(HookCase):
    """A whole session of an agent with its settings."""

    def setUp(self):
        super().setUp()
        self.up()
        hook = {"hooks": [{"type": "command", "command": TERRARIUM,
                           "args": ["hook", "claude"], "timeout": 600}]}
        self.settings = self.file("settings.json", json.dumps({"hooks": {
            e: [hook] for e in (
                "SessionStart", "UserPromptSubmit", "PreToolUse",
                "PermissionRequest", "PostToolUse", "PostToolBatch", "Stop",
                "SessionEnd")}}))

    def play(self, *args):
        p = subprocess.Popen(
            [sys.executable, FAKE, "hook", self.settings, *args],
            cwd=self.work, env=self.env(), text=True, stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(self.reap, p)
        return p

    def end(self, p):
        out, err = p.communicate(timeout=20)
        self.assertEqual((p.returncode, err), (0, ""))
        return out

    def test_allowed(self):
        p = self.play()
        self.answer(self.asked(), "approve")
        self.assertEqual(self.end(p), "allowed\n")
        self.assertTrue(os.path.exists(os.path.join(self.work, "made.txt")))

    def test_denied(self):
        p = self.play()
        self.answer(self.asked(), "reject", reason="not here")
        self.assertEqual(self.end(p), "denied: not here\n")
        self.assertFalse(os.path.exists(os.path.join(self.work, "made.txt")))

    def test_answered_there_first(self):
        self.assertIn("the hook said: ''", self.end(self.play("--first")))
        self.assertEqual(self.proposals(), [])
        self.assertEqual(len(self.proposals("withdrawn")), 1)

    def test_unread(self):
        self.assertIn("unread: 0 ''", self.end(self.play("--unread")))

    def test_killed(self):
        self.assertEqual(self.end(self.play("--kill", "0.5")),
                         "asks itself\n")
        self.assertEqual(len(self.proposals("withdrawn")), 1)

    def test_inside_an_agent_of_another_folder(self):
        """Its habitat's socket is known to it, whatever else is not."""
        env = [f"{k}={v}" for k, v in self.env().items()
               if k != "TERRARIUM_HABITAT"]
        self.spawn("worker", sys.executable, FAKE, "hook", self.settings,
                   dir=self.work, environ=env)
        asked = self.asked()
        self.answer(asked, "approve")
        self.ended("worker")
        self.assertIn("allowed", self.output("worker"))

    def test_inside_an_agent(self):
        self.spawn("worker", sys.executable, FAKE, "hook", self.settings,
                   dir=self.work)
        asked = self.asked()
        self.assertEqual(asked["agent"], "worker")
        self.answer(asked, "approve")
        self.ended("worker")
        self.assertIn("allowed", self.output("worker"))


class Streams(HookCase):
    """Recorded JSON streams and a dialog, in a terminal of the habitat."""

    def setUp(self):
        super().setUp()
        self.up()

    def play(self, name):
        self.spawn(name, sys.executable, FAKE, "stream",
                   os.path.join(FIXTURES, name + ".jsonl"))
        return self.ended(name)

    def test_counted_once(self):
        for name, tokens, cost in (("claude", 1261, 1.0),
                                   ("codex", 3300, None),
                                   ("opencode", 138, 0.375),
                                   ("gemini", 500, None)):
            row = self.play(name)
            self.assertEqual(row["tokens"], tokens, name)
            if cost is None:
                self.assertNotIn("cost", row)
            else:
                self.assertAlmostEqual(row["cost"], cost)

    def test_typed(self):
        self.play("claude")
        events = self.get("/api/v1/agents/claude/events?last=50")[1]["events"]
        kinds = [(e["attrs"].get("kind"), e["attrs"].get("tool_name"))
                 for e in events if e["category"] == "agent_activity"]
        self.assertIn(("call", "Bash"), kinds)
        self.assertIn(("thought", None), kinds)
        self.assertNotIn("typed by a person", self.output("claude"))

    def test_a_line_longer_than_a_terminal_takes(self):
        line = json.dumps({"type": "assistant", "session_id": "s", "message": {
            "content": [{"type": "text", "text": "x" * 200000}]}})
        path = self.file("long.jsonl", line + "\n")
        self.spawn("long", sys.executable, FAKE, "stream", path)
        self.ended("long")
        self.assertIn("x" * 2048, self.output("long"))

    def test_a_dialog(self):
        self.spawn("tui", sys.executable, FAKE, "tui")
        until(lambda: self.report("tui").get("state") == "blocked", 10,
              "it is blocked")
        self.assertEqual(self.report("tui")["text"],
                         "approve Bash: touch made.txt")
        until(lambda: self.report("tui").get("state") == "done", 10, "done")


class Codex(HookCase):
    which = "codex"

    def setUp(self):
        super().setUp()
        self.up()

    def input(self, event, **more):
        return json.dumps({"session_id": SESSION, "cwd": self.work,
                           "turn_id": "t1", "model": "m",
                           "hook_event_name": event, **more})

    def test_allow_and_deny(self):
        p = self.begin_hook(self.bash())
        asked = self.asked()
        self.assertEqual((asked["agent"], asked["session"], asked["origin"]),
                         ("codex-made", SESSION + ":t1", "codex"))
        self.answer(asked, "approve")
        self.assertEqual(self.decision(p), {"behavior": "allow"})
        p = self.begin_hook(self.bash())
        self.answer(self.asked(), "reject", reason="no")
        self.assertEqual(self.decision(p),
                         {"behavior": "deny", "message": "no"})

    def test_its_answer_has_nothing_that_is_reserved(self):
        p = self.begin_hook(self.input("PermissionRequest",
                                       tool_name="ExitPlanMode",
                                       tool_input={"plan": "x"}))
        self.answer(self.asked(), "approve")
        self.assertEqual(self.decision(p), {"behavior": "allow"})

    def test_it_waits_shorter(self):
        self.begin_hook(self.bash())
        asked = self.asked()
        took = (datetime.fromisoformat(asked["deadline_at"][:-1]) -
                datetime.fromisoformat(asked["created_at"][:-1]))
        self.assertLessEqual(took.total_seconds(), 121)

    def test_a_command_of_words_and_a_patch(self):
        p = self.begin_hook(self.input(
            "PermissionRequest", tool_name="Bash",
            tool_input={"command": ["bash", "-lc", "rm -rf x"]}))
        asked = self.asked()
        self.assertEqual(asked["input"], "bash -lc rm -rf x")
        self.answer(asked, "reject")
        self.decision(p)
        patch = "*** Begin Patch\n*** Update File: a\n+x\n*** End Patch\n"
        self.begin_hook(self.input("PermissionRequest",
                                   tool_name="apply_patch",
                                   tool_input={"command": patch}))
        self.assertEqual(self.asked()["diff"], patch)

    def test_retired(self):
        p = self.begin_hook(self.bash())
        self.asked()
        self.nothing(self.hook(self.bash("PostToolUse", tool_response="ok")))
        self.assertEqual(p.communicate(timeout=5)[0], "")

    def test_notify(self):
        for asked, said in (("hi", "All done."),
                            ("Generate a concise, single-line task title of "
                             "at most 36 characters.\nhi", "Greeting")):
            self.nothing(self.t("hook", "codex", json.dumps({
                "type": "agent-turn-complete", "thread-id": SESSION,
                "turn-id": "t1", "cwd": self.work, "input-messages": [asked],
                "last-assistant-message": said})))
        self.assertEqual(self.output("codex-made"), ["All done."])
        self.assertEqual(self.report("codex-made")["state"], "done")

    def test_down(self):
        self.assertEqual(self.t("habitat", "stop").returncode, 0)
        self.nothing(self.hook(self.bash()))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Opencode)
        self.lock = threading.Condition()
        self.pending, self.replies, self.events = {}, [], []
        self.streams = self.generation = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def ask(self, number, command="touch made.txt", tell=True):
        p = {"id": f"per_{number}", "sessionID": "ses_1", "permission": "bash",
             "patterns": [command], "metadata": {"command": command},
             "always": ["touch *"]}
        self.pending[p["id"]] = p
        if tell:
            self.tell("permission.asked", p)

    def tell(self, kind, properties):
        with self.lock:
            self.events.append({"id": f"evt_{len(self.events)}", "type": kind,
                                "properties": properties})
            self.lock.notify_all()

    def cut(self):
        with self.lock:
            self.generation += 1
            self.lock.notify_all()


class Opencode(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def json(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def event(self, e):
        self.wfile.write(b"data: " + json.dumps(e).encode() + b"\n\n")
        self.wfile.flush()

    def do_GET(self):
        s = self.server
        if self.path.startswith("/permission"):
            self.json(list(s.pending.values()))
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        with s.lock:
            at, mine = len(s.events), s.generation
            s.streams += 1
        try:
            self.event({"id": "e", "type": "server.connected",
                        "properties": {}})
            while mine == s.generation:
                with s.lock:
                    s.lock.wait_for(lambda: at < len(s.events) or
                                    mine != s.generation, 1)
                    new, at = s.events[at:], len(s.events)
                for e in new:
                    self.event(e)
        except OSError:
            pass
        self.close_connection = True

    def do_POST(self):
        n = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(n))
        per = self.path.split("/")[2]
        self.server.pending.pop(per, None)
        self.server.replies.append((per, body))
        self.json(True)


class OpencodeHook(HookCase):
    which = "opencode"

    def setUp(self):
        super().setUp()
        self.up()
        self.server = Server()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.addCleanup(self.server.cut)

    def follow(self, *args):
        p = subprocess.Popen(
            [TERRARIUM, "hook", "opencode", "--url", self.server.url, *args],
            cwd=self.work, env=self.env(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.addCleanup(self.reap, p)
        until(lambda: self.server.streams, 10, "it follows")
        return p

    def replied(self):
        return until(lambda: self.server.replies, 10, "a reply")

    def test_allow_and_deny(self):
        self.follow()
        self.server.ask(1)
        asked = self.asked()
        self.assertEqual((asked["agent"], asked["title"], asked["input"]),
                         ("opencode-made", "bash: touch made.txt",
                          "touch made.txt"))
        until(lambda: self.report("opencode-made").get("state") == "blocked",
              5, "it is blocked")
        self.answer(asked, "approve")
        self.assertEqual(self.replied(), [("per_1", {"reply": "once"})])
        until(lambda: self.report("opencode-made").get("state") == "working",
              5, "it works")
        self.server.replies.clear()
        self.server.ask(2)
        self.answer(self.asked(), "reject", reason="not now")
        self.assertEqual(self.replied(), [
            ("per_2", {"reply": "reject", "message": "not now"})])

    def test_several_at_once(self):
        self.follow()
        for i in range(5):
            self.server.ask(i, f"touch {i}")
        all_ = until(lambda: len(p := self.proposals()) == 5 and p, 10, "5")
        for p in all_:
            self.answer(p, "approve")
        until(lambda: len(self.server.replies) == 5, 10, "5 replies")

    def test_answered_there(self):
        self.follow()
        self.server.ask(1)
        self.asked()
        self.server.pending.clear()
        self.server.tell("permission.replied", {
            "sessionID": "ses_1", "requestID": "per_1", "reply": "once"})
        until(lambda: not self.proposals(), 5, "it is withdrawn")
        time.sleep(0.3)
        self.assertEqual(self.server.replies, [])

    def test_pending_before_and_across_a_break(self):
        self.server.ask(1, tell=False)
        self.follow()
        asked = self.asked()
        self.server.cut()
        self.server.pending.clear()
        self.server.ask(2, "make", tell=False)
        until(lambda: [p["input"] for p in self.proposals()] == ["make"], 15,
              lambda: self.proposals())
        self.assertGreater(self.server.streams, 1)
        self.assertEqual(self.get("/api/v1/proposals/" + asked["id"])[1][
            "proposal"]["status"], "withdrawn")

    def test_interrupted(self):
        p = self.follow()
        self.server.ask(1)
        self.asked()
        p.send_signal(signal.SIGINT)
        self.assertEqual(p.wait(10), 0)
        until(lambda: not self.proposals(), 5, "it is withdrawn")
        self.assertEqual(self.server.replies, [])

    def test_expired_and_a_daemon_started_again(self):
        self.follow("--timeout", "1s")
        self.server.ask(1)
        until(lambda: self.proposals("expired"), 10, "it expires")
        time.sleep(0.5)
        self.assertEqual(self.server.replies, [])

    def test_the_daemon_is_killed(self):
        self.follow()
        self.server.ask(1)
        self.asked()
        self.kill9()
        self.up()
        time.sleep(1.5)
        self.answer(self.asked(), "approve")
        self.assertEqual(self.replied(), [("per_1", {"reply": "once"})])

    def test_what_it_does_is_told(self):
        self.follow("--as", "oc")
        self.server.tell("session.status", {"sessionID": "s",
                                            "status": {"type": "busy"}})
        part = {"id": "prt_1", "type": "tool", "tool": "bash", "state": {
            "status": "running", "input": {"command": "ls"}}}
        for _ in range(3):
            self.server.tell("message.part.updated", {"part": part})
        self.server.tell("message.part.updated", {"part": {
            "id": "prt_2", "type": "text", "text": "hello",
            "time": {"start": 1, "end": 2}}})
        self.server.tell("session.status", {"sessionID": "s",
                                            "status": {"type": "idle"}})
        until(lambda: self.get("/api/v1/agents/oc")[0] == 200 and
              self.report("oc").get("state") == "done", 10, "done")
        self.assertEqual(self.output("oc"), ["bash: ls", "hello"])

    def test_usage(self):
        for args in ((), ("--url", "nowhere"), ("--url", "file:///etc/x")):
            self.assertEqual(self.t("hook", "opencode", *args).returncode, 2)


if __name__ == "__main__":
    unittest.main()
