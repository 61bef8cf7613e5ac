"""A real Claude Code that asks through its hook, with a stand-in model.

Its package is fetched once, by npm, into $XDG_CACHE_HOME/terrarium.
"""

import json
import os
import platform
import shutil
import subprocess
import unittest

from driver import TERRARIUM, until
from habitat import HabitatCase
from stand_in import StandIn

PACKAGE = "@anthropic-ai/claude-code-linux-x64"
VERSION = "2.1.330"


def fetch():
    """The program; raises SkipTest with the reason when it is not to be had."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    place = os.path.join(cache, "terrarium", "claude-code-" + VERSION)
    program = os.path.join(place, "node_modules", PACKAGE, "claude")
    if os.path.exists(program):
        return program
    if platform.machine() != "x86_64":
        raise unittest.SkipTest("no package for " + platform.machine())
    npm = shutil.which("npm")
    if npm is None:
        raise unittest.SkipTest("Claude Code cannot be fetched: no npm")
    # beside it and renamed, so that what is there is whole
    part = f"{place}.{os.getpid()}"
    os.makedirs(part)
    try:
        done = subprocess.run(
            [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund",
             "--prefix", part, f"{PACKAGE}@{VERSION}"], text=True, cwd=part,
            capture_output=True, timeout=400, check=False)
        if done.returncode == 0:
            os.rename(part, place)
            return program
        why = done.stderr.strip().splitlines()[-1:]
    except subprocess.TimeoutExpired:
        why = "npm took too long"
    except OSError as e:  # somebody else was quicker
        if os.path.exists(program):
            return program
        why = e
    finally:
        shutil.rmtree(part, ignore_errors=True)
    raise unittest.SkipTest(f"Claude Code cannot be fetched: {why}")


class RealClaude(HabitatCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = fetch()

    def setUp(self):
        super().setUp()
        self.up()
        self.work = os.path.join(self.home, "made")
        os.mkdir(self.work)
        self.hook = [{"hooks": [{"type": "command", "command": TERRARIUM,
                                 "args": ["hook", "claude"],
                                 "timeout": 600}]}]
        self.settings = self.file("settings.json", json.dumps({"hooks": {
            e: self.hook for e in (
                "PermissionRequest", "PreToolUse", "PostToolUse",
                "PostToolUseFailure", "PostToolBatch", "Notification",
                "UserPromptSubmit", "Stop", "SessionStart", "SessionEnd")}}))

    def model(self, tool, given):
        m = StandIn(tool, given)
        self.addCleanup(m.close)
        return m

    def settled(self, model):
        return self.env(
            ANTHROPIC_BASE_URL=model.url, ANTHROPIC_API_KEY="sk-fake",
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
            DISABLE_AUTOUPDATER="1",
            CLAUDE_CONFIG_DIR=os.path.join(self.home, "claude"))

    def play(self, model):
        p = subprocess.Popen(
            [self.program, "-p", "make the file", "--settings", self.settings,
             "--output-format", "stream-json", "--verbose"], cwd=self.work,
            env=self.settled(model), text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.reap, p)
        return p

    def reap(self, p):
        if p.poll() is None:
            p.kill()
        p.communicate()

    def asked(self, p):
        def look():
            if p.poll() is not None:
                self.fail(p.communicate())
            return self.get("/api/v1/proposals?status=pending")[1]["proposals"]
        return until(look, 60, "a proposal")[0]

    def end(self, p):
        out, err = p.communicate(timeout=60)
        self.assertEqual(p.returncode, 0, err + out)
        return [json.loads(line) for line in out.splitlines()]

    def test_allowed(self):
        model = self.model("Bash", {"command": "touch made.txt",
                                    "description": "make a file"})
        p = self.play(model)
        asked = self.asked(p)
        self.assertEqual((asked["title"], asked["agent"], asked["text"]),
                         ("Bash: touch made.txt", "claude-made",
                          "make a file"))
        self.assertFalse(os.path.exists(os.path.join(self.work, "made.txt")))
        self.assertEqual(self.decide(asked)[0], 200)
        lines = self.end(p)
        self.assertTrue(os.path.exists(os.path.join(self.work, "made.txt")))
        self.assertEqual(lines[-1]["subtype"], "success")
        said = self.output("claude-made")
        for text in ("make the file", "Bash: touch made.txt", "That was all."):
            self.assertIn(text, said)

    def test_denied(self):
        model = self.model("Bash", {"command": "touch made.txt"})
        p = self.play(model)
        self.assertEqual(self.decide(self.asked(p), "reject",
                                     reason="not in this house")[0], 200)
        self.end(p)
        self.assertFalse(os.path.exists(os.path.join(self.work, "made.txt")))
        self.assertIn("not in this house", json.dumps(model.results))

    def test_an_edit_with_its_diff(self):
        path = os.path.join(self.work, "new.txt")
        model = self.model("Write", {"file_path": path, "content": "hello\n"})
        p = self.play(model)
        asked = self.asked(p)
        self.assertEqual(asked["title"], "Write: new.txt")
        self.assertIn("+hello\n", asked["diff"])
        self.assertEqual(self.decide(asked)[0], 200)
        self.end(p)
        with open(path, encoding="utf-8") as f:
            self.assertEqual(f.read(), "hello\n")

    def test_its_stream_is_read(self):
        """Inside an agent: the same lines as thoughts, tokens and cost."""
        model = self.model("Bash", {"command": "touch made.txt"})
        only = self.file("only.json", json.dumps({"hooks": {
            "PermissionRequest": self.hook}}))
        status, answer = self.spawn(
            "worker", self.program, "-p", "make the file", "--settings", only,
            "--output-format", "stream-json", "--verbose", dir=self.work,
            environ=[f"{k}={v}" for k, v in self.settled(model).items()])
        self.assertEqual(status, 201, answer)
        asked = until(lambda: self.get("/api/v1/proposals?status=pending")[1][
            "proposals"], 60, "a proposal")[0]
        self.assertEqual(asked["agent"], "worker")
        self.assertEqual(self.decide(asked)[0], 200)
        row = self.ended("worker", 60)
        self.assertEqual(row["status"], "Completed", self.output("worker"))
        said = self.output("worker")
        self.assertIn("Bash touch made.txt", said)
        self.assertIn("That was all.", said)
        self.assertEqual(row["tokens"], 30)
        self.assertFalse([x for x in said if x.startswith("{")], said)

    def screen(self, name):
        """Its own screen, in a terminal of the habitat, past its welcome."""
        model = self.model("Bash", {"command": "touch made.txt",
                                    "description": "make a file"})
        env = self.settled(model)
        os.makedirs(env["CLAUDE_CONFIG_DIR"])
        with open(os.path.join(env["CLAUDE_CONFIG_DIR"], ".claude.json"), "w",
                  encoding="utf-8") as f:
            json.dump({"hasCompletedOnboarding": True, "theme": "dark",
                       "customApiKeyResponses": {
                           "approved": [env["ANTHROPIC_API_KEY"][-20:]]},
                       "projects": {self.work: {
                           "hasTrustDialogAccepted": True}}}, f)
        status, answer = self.spawn(
            name, self.program, "--permission-mode", "default", "--settings",
            self.settings, "make the file", dir=self.work,
            environ=[f"{k}={v}" for k, v in env.items()])
        self.assertEqual(status, 201, answer)
        return until(lambda: self.get("/api/v1/proposals?status=pending")[1][
            "proposals"], 60, lambda: self.output(name))[0]

    def made(self, name):
        until(lambda: os.path.exists(os.path.join(self.work, "made.txt")), 30,
              lambda: self.output(name))

    def test_its_dialog_closes_when_allowed_here(self):
        asked = self.screen("seen")
        self.assertEqual(asked["agent"], "seen")
        self.assertEqual(self.decide(asked)[0], 200)
        self.made("seen")
        until(lambda: self.agent("seen").get("reported", {}).get("state") in
              ("done", "idle"), 30, lambda: self.agent("seen"))

    def test_answered_at_its_dialog(self):
        asked = self.screen("typed")
        until(lambda: any("Do you want to proceed" in x
                          for x in self.output("typed")), 30,
              lambda: self.output("typed"))
        self.assertEqual(self.post("/api/v1/agents/typed/say",
                                   {"message": "1"})[0], 200)
        self.made("typed")
        until(lambda: self.get("/api/v1/proposals/" + asked["id"])[1][
            "proposal"]["status"] == "withdrawn", 30, "it is withdrawn")


if __name__ == "__main__":
    unittest.main()
