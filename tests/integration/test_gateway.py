"""A fracta gateway, as its server answers, and as it may fail."""

import os
import time
import unittest

from lab_plane import ControlPlane
from driver import Case

POLICY = {"has_registry_store": True, "has_policies": True,
          "catalog_size": 60, "visible_set_built": True, "visible_count": 42,
          "denied_by_policy": 3, "disabled_by_registry": 15, "generation": 9,
          "policies": [{"server": "github", "deny": ["delete*", "merge"]},
                       {"server": "elastic", "allow_only": ["search"],
                        "deny": None}]}


class Gateway(Case):
    def setUp(self):
        super().setUp()
        self.server = ControlPlane()  # the scripted one answers as both
        self.server.policy = POLICY
        self.addCleanup(self.server.stop)
        self.config(self.server.url)

    def config(self, url, more=""):
        os.makedirs(self.home + "/.config/terrarium", exist_ok=True)
        self.file(".config/terrarium/config.yaml",
                  f"sources:\n  tools:\n    type: gateway\n    url: {url}\n"
                  + more)

    def told(self, *args, wait="4s"):
        return self.run_it("snapshot", "--format", "json", "--wait", wait,
                           *args).source

    def test_tools(self):
        told = self.told()
        self.assertEqual(told["state"], "live", told)
        self.assertEqual(told["detail"],
                         "42 of 60 tools, 3 denied, 15 switched off")
        self.assertTrue(all(m == "GET" for m, *_ in self.server.requests))
        said = self.run_it("doctor").text
        self.assertRegex(said, r"github +2 of its tools are denied")
        self.assertRegex(said, r"elastic +only 1 of its tools by name")

    def test_no_tool_servers(self):
        self.server.policy = {}
        told = self.told()
        self.assertEqual((told["state"], told["detail"]),
                         ("live", "no tool servers"))

    def test_an_old_one(self):
        self.server.policy = None  # neither /readyz nor a policy
        self.assertEqual(self.told()["state"], "live")
        asked = [p for _, p, _ in self.server.requests]
        self.assertIn("/healthz", asked)

    def test_not_ready_yet(self):
        self.server.ready = False
        screen = self.console()
        screen.wait("◐ tools connecting · up, and not ready", 10)
        self.server.ready = True
        screen.wait("● tools .*42 of 60 tools", 10)
        self.server.stop()
        screen.wait("◐ tools .*reconnects", 15)
        self.server.start()
        screen.wait("● tools", 10)

    def test_faults(self):
        def garbage(handler):
            return handler.answer(200, os.urandom(4000)) or True

        def gigabyte(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", str(1 << 30))
            handler.end_headers()
            for _ in range(1 << 10):
                handler.wfile.write(b" " * (1 << 20))
            return True

        def hang(handler):
            time.sleep(8)
            return True

        def half(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", "100")
            handler.end_headers()
            handler.wfile.write(b"{\"catalog")
            handler.close_connection = True
            return True

        for path, fault, state, word in (
                ("/debug/policy", garbage, "live", "policy: "),
                ("/debug/policy", gigabyte, "live", "policy: "),
                ("/debug/policy", half, "live", "policy: "),
                ("/readyz", half, "connecting", "."),
                ("/readyz", hang, "connecting", "^$"),  # it is waited for
                ("/readyz", lambda h: h.answer(401, "no") or True, "refused",
                 "401"),
                ("/readyz", lambda h: h.fail(500, "oops") or True,
                 "connecting", "oops")):
            with self.subTest(path=path, fault=fault.__name__):
                self.server.faults = {path: fault}
                told = self.told()
                self.assertEqual(told["state"], state, told)
                self.assertRegex((told["detail"] or "") +
                                 (told["error"] or ""), word)

    def test_down_and_refused(self):
        self.server.stop()
        self.assertEqual(self.told()["state"], "connecting")
        self.config("http://gateway.example:8080")
        told = self.told()
        self.assertEqual(told["state"], "refused")
        self.assertIn("plain-http: true", told["error"])


if __name__ == "__main__":
    unittest.main()
