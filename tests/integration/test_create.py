"""Creating objects: by form, template and editor, on the real API server and
on one that misbehaves."""

import json
import os
import time
import unittest

import kgents
import test_faults
from driver import Case, until
from scripted import Cut
from test_real import HOME_NS, config, kubectl, setUpModule  # noqa: F401

NAMES = iter(range(1000))
NS = f"zz-create-{os.getpid()}"
CALM = 0.4  # a dialog wants to be seen before it is confirmed


def fresh():
    return f"zz-new-{os.getpid()}-{next(NAMES)}"


def setUpModule():  # noqa: F811
    if not os.path.exists(config()):
        raise RuntimeError("no lab in $LAB: use tests/integration/run")
    kubectl("create", "namespace", NS)


def tearDownModule():
    kubectl("delete", "namespace", NS, "--wait=false")


class Forms(Case):
    """Fields of a form in tmux: Tab goes on, Enter does it."""

    def fill(self, screen, key, *texts):
        """Opens a form and types field after field; None leaves one."""
        time.sleep(0.2)
        screen.keys(key)
        screen.wait("Esc  leave it")
        for i, text in enumerate(texts):
            if i:
                screen.keys("Tab")
            if text is not None:
                screen.keys("C-u")
                screen.type(text)
        time.sleep(CALM)


class Create(Forms):
    def open(self, *args, user="admin", ns=NS, **more):
        screen = self.console("--no-picture", "--kubeconfig", config(user),
                              "-n", ns, *args, **more)
        screen.wait_header("● live", 20)
        return screen

    def get(self, kind, name, ns=NS):
        return json.loads(kubectl("get", kind, name, "-n", ns, "-o", "json",
                                  "--show-managed-fields"))

    def absent(self, kind, name, ns=NS):
        self.assertEqual(kubectl("get", kind, name, "-n", ns, "-o", "name",
                                 "--ignore-not-found"), "")

    def gone_after(self, kind, name, ns=NS):
        kgents.gone_after(self, kind, name, ns)

    # ---- agents --------------------------------------------------------------

    def operator(self, name, genus):
        """What the operator would make of it, pods by kwok."""
        deployment = f"{genus.lower()}-gent"
        labels = {"app.kubernetes.io/name": deployment,
                  "app.kubernetes.io/part-of": "kgents",
                  "kgents.io/genus": genus}
        kubectl("create", "-f", "-", input=json.dumps({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": deployment, "namespace": NS,
                         "labels": labels},
            "spec": {"replicas": 1,
                     "selector": {"matchLabels": labels},
                     "template": {
                         "metadata": {"labels": labels},
                         "spec": {"nodeName": "node-0",
                                  "tolerations": [{"operator": "Exists"}],
                                  "containers": [{"name": "logic",
                                                  "image": "x"}]}}}}))
        self.gone_after("deployment", deployment)
        kgents.set_status("agent", name, NS, phase="Pending",
                          deployment=deployment)

    def test_spawn_by_form_until_its_pods_are_ready(self):
        name = fresh()
        self.gone_after("agent", name)
        s = self.open()
        self.fill(s, "s", name, None, "Q", "kgents/agent:1", "1", "FULL",
                  "agents.q.main", "250m", "64Mi", "no")
        s.wait("Deployment and Service q-gent, 1 pod of kgents/agent:1")
        s.keys("Enter")
        s.wait("accepted: the operator has not seen it", 10)
        got = self.get("agent", name)
        self.assertEqual(got["spec"]["resources"]["limits"],
                         {"cpu": "250m", "memory": "64Mi"})
        self.assertIs(got["spec"]["symbiont"]["memory"]["enabled"], False)
        self.assertEqual(got["metadata"]["managedFields"][0]["manager"],
                         "terrarium")
        self.operator(name, "Q")
        s.wait("observed", 20)
        self.assertEqual([x["step"] for x in self.journal()],
                         ["intent", "accepted", "observed"])
        s.keys("J")
        s.wait(f"spawn {name} +observed")

    def test_spawn_by_template(self):
        name = fresh()
        self.gone_after("agent", name)
        path = self.file("agent.yaml", f"""apiVersion: kgents.io/v1
kind: Agent
metadata: {{name: {name}, labels: {{team: red}}}}
spec:
  genus: R
  deployMode: DRY_RUN
  config: {{temperature: 0.5}}
""")
        s = self.open()
        self.fill(s, "s", None, *[None] * 9, path)
        s.wait("as the file says")
        s.wait(f"Agent {name} of genus R in {NS}")
        s.keys("Enter")
        s.wait("observed", 10)
        got = self.get("agent", name)
        self.assertEqual(got["metadata"]["labels"], {"team": "red"})
        self.assertEqual(got["spec"]["config"], {"temperature": 0.5})

    def test_a_template_is_refused_at_its_line(self):
        name = fresh()
        path = self.file("agent.yaml", f"""kind: Agent
metadata: {{name: {name}}}
spec:
  genus: R
  replicas: 11
  nonsense: [
""")
        s = self.open()
        self.fill(s, "s", None, *[None] * 9, path)
        s.wait(r"agent\.yaml:\d+: ")
        self.file("agent.yaml", f"""kind: Agent
metadata: {{name: {name}}}
spec:
  genus: R
  replicas: 11
""")
        s.keys("BSpace")
        s.type("l")
        s.wait(f"spawn {name}")
        time.sleep(CALM)
        s.keys("Enter")
        s.wait("line 5: Invalid value: 11", 10)
        self.absent("agent", name)
        self.assertEqual(self.journal(), [])

    def test_what_the_server_refuses_is_told_at_the_field(self):
        name = fresh()
        self.gone_after("agent", name)
        s = self.open()
        self.fill(s, "s", name, None, "q", None, "44")
        s.keys("Enter")
        s.wait('Unsupported value: "q"', 10)
        s.wait("Invalid value: 44")
        self.absent("agent", name)
        self.assertEqual(self.journal(), []) # nothing was sent
        # what was typed is still there; the keys are at the first fault
        s.keys("C-u")
        s.type("Q")
        s.keys("Tab", "Tab", "C-u")
        s.type("2")
        time.sleep(CALM)
        s.keys("Enter")
        s.wait("accepted", 10)
        self.assertEqual(self.get("agent", name)["spec"]["replicas"], 2)

    def test_names_are_checked_here(self):
        s = self.open()
        self.fill(s, "s", "Not/A/Name")
        s.wait("a-z, 0-9, - and . inside")
        s.keys("Enter")
        time.sleep(0.5)
        self.assertIn("a-z, 0-9, - and . inside", s.text())

    def test_a_name_that_is_taken(self):
        name = fresh()
        self.gone_after("agent", name)
        kgents.make("Agent", name, NS, {"genus": "Q"})
        s = self.open()
        self.fill(s, "s", name, None, "Q")
        s.keys("Enter")
        s.wait("that name is taken", 10)

    def test_no_such_namespace(self):
        s = self.open()
        self.fill(s, "s", fresh(), "zz-nowhere", "Q")
        s.keys("Enter")
        s.wait("there is no such namespace", 10)

    def test_quota(self):
        ns = NS + "-quota"
        kubectl("create", "namespace", ns)
        self.addCleanup(kubectl, "delete", "namespace", ns, "--wait=false")
        kubectl("create", "quota", "none", "-n", ns,
                "--hard=count/agents.kgents.io=0")
        until(lambda: "used" in self.get("quota", "none", ns)
              .get("status", {}), 20, "the quota is counted")
        s = self.open(ns=ns)
        name = fresh()
        self.fill(s, "s", name, None, "Q")
        s.keys("Enter")
        s.wait("exceeded quota", 10)
        self.absent("agent", name, ns)

    def test_a_viewer_is_told_which_right_is_missing(self):
        s = self.open(user="viewer", ns=HOME_NS)
        for key, right in (("s", "create agents"), ("d", "create pheromones"),
                           ("P", "create proposals")):
            s.wait_gone("s spawn", 10)
            s.keys(key)
            s.wait(f"the right to {right} in {HOME_NS} is missing", 10)

    def test_read_only_has_no_forms(self):
        s = self.open("--read-only")
        s.keys("s", "d", "P", "K")
        time.sleep(0.5)
        self.assertNotIn("leave it", s.text())
        self.assertEqual(self.journal(), [])

    def test_a_small_screen_shows_every_field(self):
        s = self.open(width=80, height=24)
        self.fill(s, "P", "grow")
        for label in ("target kind", "rationale", "approvers", "T-gent",
                      "object"):
            for _ in range(20):
                if label in s.text():
                    break
                s.keys("Tab")
                time.sleep(0.05)
            self.assertIn(label, s.text())

    # ---- signals ---------------------------------------------------------------

    def signals(self, ns=NS):
        return json.loads(kubectl("get", "pheromones", "-n", ns, "-o",
                                  "json"))["items"]

    def test_deposit_and_wipe(self):
        payload = fresh()
        s = self.open(user="operator", ns=HOME_NS)
        s.keys("2") # no agent is selected there
        self.fill(s, "d", "OPPORTUNITY", None, "zz-" + payload, "", "0.9",
                  "20", "600", payload)
        s.wait("0.90 now, half of it every 20 min")
        s.keys("Enter")
        s.wait("observed", 10)
        got = [x for x in self.signals(HOME_NS)
               if x["spec"].get("payload") == payload]
        self.assertEqual(len(got), 1)
        name = got[0]["metadata"]["name"]
        self.gone_after("pheromone", name, HOME_NS)
        self.assertRegex(got[0]["spec"]["emittedAt"], r"^\d{4}-.*Z$")
        self.assertEqual(got[0]["spec"]["ttl_seconds"], 600)
        self.assertNotIn("target", got[0]["spec"])
        s.keys(*["Left"] * 13)

        def cell(way, mark):
            for _ in range(60): # until what is behind the cell says so
                s.keys("Enter")
                s.wait("signals? ╮")
                if mark in s.text():
                    return
                s.keys("Escape")
                s.wait_gone("signals? ╮")
                s.keys(way)
        cell("Down", f"─ zz-{payload} ─")
        s.keys("Escape")
        s.wait_gone("signals? ╮")
        cell("Right", "OPPORTUNITY · 1 signal ╮")
        self.assertIn(f"─ zz-{payload} ─", s.text())
        s.keys("K")
        s.wait("deleted for all who sense it")
        time.sleep(CALM)
        s.keys("y")
        s.wait(f"wipe {name}.*observed", 10)
        self.absent("pheromone", name, HOME_NS)

    def test_chaos_wants_its_name_and_a_reason(self):
        payload = json.dumps({"action": "network_partition",
                              "namespace": "zz-nowhere"})
        before = len(self.signals())
        s = self.open()
        self.fill(s, "d", "CHAOS", None, "me", "", "", "", "60", payload)
        s.wait("critical")
        s.wait("type “zz-nowhere” to confirm")
        s.keys("Enter")
        time.sleep(0.3)
        self.assertIn("to confirm", s.text())
        s.type("zz-nowhere")
        s.keys("Enter")
        time.sleep(0.3)
        self.assertEqual(len(self.signals()), before)
        s.type("to see it")
        time.sleep(CALM)
        s.keys("Enter")
        s.wait("observed", 10)
        self.assertEqual(len(self.signals()), before + 1)
        self.assertEqual(self.journal()[0]["reason"], "to see it")

    # ---- proposals ---------------------------------------------------------------

    def test_propose_by_form(self):
        name = fresh()
        self.gone_after("proposal", name)
        s = self.open()
        self.fill(s, "P", "turn " + name, "CODE_PATCH", "File", "a/b.c", None,
                  None, "because", "10", "2", "1", "3", "2", "no", "no", name)
        s.wait("2 approvers; the T-gent is not asked")
        s.keys("Enter")
        s.wait("observed", 10)
        spec = self.get("proposal", name)["spec"]
        self.assertEqual(spec["magnitude"],
                         {"linesAdded": 10, "linesRemoved": 2,
                          "filesChanged": 1, "testsAdded": 3})
        self.assertEqual(spec["rationale"], "because")
        self.assertEqual(spec["reviewRequirements"]["requiredApprovers"], 2)

    def editor(self, script):
        """A program that is the editor; it keeps what it was given."""
        path = self.file("editor", "#!/bin/sh\n"
                         f"cp \"$1\" {self.home}/given\n"
                         f"stat -c %a \"$1\" >{self.home}/mode\n"
                         f"echo \"$1\" >{self.home}/path\n"
                         f"test -t 0 && stty -a >{self.home}/stty\n" + script,
                         0o700)
        for var in ("VISUAL", "EDITOR"):
            old = os.environ.get(var)
            self.addCleanup(lambda v=var, o=old: os.environ.__setitem__(v, o)
                            if o is not None else os.environ.pop(v, None))
        os.environ.pop("VISUAL", None)
        os.environ["EDITOR"] = path

    def env(self, **more):
        return super().env(**{k: os.environ[k] for k in ("EDITOR", "VISUAL")
                              if k in os.environ}, **more)

    def read(self, name):
        with open(os.path.join(self.home, name), encoding="utf-8") as f:
            return f.read()

    def test_propose_in_an_editor(self):
        name = fresh()
        self.gone_after("proposal", name)
        # the first time it is no YAML, then refused, then right
        self.editor(f"""
n=$(cat {self.home}/n 2>/dev/null || echo 0)
echo $((n + 1)) >{self.home}/n
case $n in
0) echo "spec: [" >>"$1";;
1) cat >"$1" <<'X'
apiVersion: kgents.io/v1
kind: Proposal
metadata:
  name: {name}
spec:
  description: "grow the loom"
  changeType: CODE_PATCH
  target: {{kind: File, name: loom.c}}
  magnitude:
    linesAdded: -4
  ttlSeconds: 120
X
;;
*) sed -i 's/-4/4/' "$1";;
esac
""")
        s = self.open()
        self.fill(s, "P", "to be written")
        s.keys("C-e")
        s.wait(r"\.yaml:\d+: ", 10)
        self.assertIn('description: "to be written"',
                      self.read("given").replace("'", '"')
                      .replace("description: to be written",
                               'description: "to be written"'))
        self.assertIn("# A Proposal", self.read("given"))
        self.assertEqual(self.read("mode").strip(), "600")
        self.assertRegex(self.read("stty"), r"\bicanon\b")
        s.keys("C-e")
        s.wait("propose “grow the loom”", 10)
        time.sleep(CALM)
        s.keys("Enter")
        s.wait("line 10: Invalid value: -4", 10)
        self.absent("proposal", name)
        s.keys("C-e")
        s.wait_gone("line 10", 10)
        time.sleep(CALM)
        s.keys("Enter")
        s.wait("observed", 10)
        spec = self.get("proposal", name)["spec"]
        self.assertEqual((spec["ttlSeconds"], spec["magnitude"]),
                         (120, {"linesAdded": 4}))
        s.keys("q")
        s.wait("ended with 0")
        self.assertFalse(os.path.exists(self.read("path").strip()))

    def test_an_editor_that_fails_takes_nothing(self):
        self.editor("exit 3\n")
        s = self.open()
        self.fill(s, "P", "grow")
        s.keys("C-e")
        s.wait("the editor ended with 3: nothing was taken", 10)
        self.assertIn("grow", s.text())

    def test_no_editor(self):
        self.editor("")
        os.environ["EDITOR"] = "zz-no-such-editor"
        s = self.open()
        self.fill(s, "P", "grow")
        s.keys("C-e")
        s.wait("cannot run the editor 'zz-no-such-editor'", 10)

    def test_interrupt_is_the_editors(self):
        self.editor("trap 'exit 4' INT; sleep 20 & wait\n")
        s = self.open()
        self.fill(s, "P", "grow")
        s.keys("C-e")
        until(lambda: os.path.exists(self.home + "/stty"), 10, "the editor")
        time.sleep(0.3)
        s.keys("C-c")
        s.wait("ended with 4", 10)
        s.wait("● live")


class Faulty(test_faults.Faults, Forms):
    """On a server that misbehaves."""

    def begin(self, store=None):
        """A console with a filled form; store: what a create does."""
        api, config = self.plain(ns="team")
        self.posts = []

        @api.hook
        def create(handler, request):
            if request.method != "POST" or not request.kind:
                return False
            self.posts.append(request)
            return store(api, handler, request)
        s = self.console("--no-picture", "--kubeconfig", config)
        s.wait_header("● live", 20)
        s.keys("2")
        self.fill(s, "s", "nova", "team", "Q", "", "", "DRY_RUN")
        s.wait("spawn nova")
        time.sleep(CALM)
        s.keys("Enter")
        return s

    @staticmethod
    def take(api, handler, request):
        body = json.loads(request.body)
        api.put(request.kind, body["metadata"]["name"], request.ns,
                spec=body["spec"])
        return handler.reply(201, request.body)

    @staticmethod
    def dry(request):
        return request.query.get("dryRun") == "All"

    def test_the_same_request_is_tried_first(self):
        def store(api, handler, request):
            if self.dry(request):
                return handler.reply(201, request.body)
            return self.take(api, handler, request)
        s = self.begin(store)
        s.wait("observed", 10)
        first, second = self.posts
        self.assertEqual(first.body, second.body)
        self.assertEqual(first.query, {**second.query, "dryRun": "All"})
        self.assertEqual(second.query, {"fieldManager": "terrarium",
                                        "fieldValidation": "Strict"})

    def test_a_cut_before_it_was_stored(self):
        def store(api, handler, request):
            if self.dry(request):
                return handler.reply(201, request.body)
            raise Cut()
        s = self.begin(store)
        s.wait("unknown, looking|not done", 10)
        s.wait("not done", 15)
        self.assertEqual(len(self.posts), 2) # never blindly repeated

    def test_a_cut_after_it_was_stored(self):
        def store(api, handler, request):
            if self.dry(request):
                return handler.reply(201, request.body)
            self.take(api, handler, request) if False else api.put(
                "agents", "nova", "team", silent=False,
                spec=json.loads(request.body)["spec"])
            raise Cut()
        s = self.begin(store)
        s.wait("observed", 15)
        self.assertEqual(len(self.posts), 2)
        self.assertNotIn("not done", s.text())

    def test_a_cut_dry_run_may_be_repeated(self):
        def store(api, handler, request):
            if len(self.posts) == 1:
                raise Cut()
            if self.dry(request):
                return handler.reply(201, request.body)
            return self.take(api, handler, request)
        s = self.begin(store)
        s.wait("nothing was stored; Enter asks again", 10)
        self.assertEqual(self.journal(), [])
        s.keys("Enter")
        s.wait("observed", 10)

    def test_a_slow_dry_run_is_taken_back(self):
        def store(api, handler, request):
            time.sleep(3)
            return handler.reply(201, request.body)
        s = self.begin(store)
        s.wait("asking the server", 5)
        s.keys("Enter", "x")
        s.keys("Escape")
        s.wait_gone("asking the server", 2)
        s.wait("nova")
        time.sleep(3.5)
        self.assertEqual(len(self.posts), 1)
        self.assertEqual(self.journal(), [])

    def test_a_warning_is_seen_before_it_is_sent(self):
        def store(api, handler, request):
            if self.dry(request):
                return handler.reply(201, request.body, headers=[
                    ("Warning", '299 - "genus Q is deprecated"'),
                    ("Warning", '299 - "second"')])
            return self.take(api, handler, request)
        s = self.begin(store)
        s.wait("the server warns: genus Q is deprecated", 10)
        s.wait("the server warns: second")
        self.assertEqual(len(self.posts), 1)
        time.sleep(CALM)
        s.keys("Enter")
        s.wait("observed", 10)
        self.assertEqual(len(self.posts), 2)

    def test_a_webhook_says_no(self):
        def store(api, handler, request):
            return handler.status(403, "Forbidden", 'admission webhook '
                                  '"zz.example.com" denied the request: no Q')
        s = self.begin(store)
        s.wait(r'webhook "zz\.example\.com" denied the request', 10)
        s.wait("nova")

    def test_a_proxy_answers_with_a_page(self):
        def store(api, handler, request):
            return handler.reply(502, "<html>bad gateway</html>", "text/html")
        s = self.begin(store)
        s.wait("HTTP 502", 10)
        s.wait("nova")

    def test_refused_although_the_dry_run_was_good(self):
        def store(api, handler, request):
            if self.dry(request):
                return handler.reply(201, request.body)
            return handler.status(409, "AlreadyExists",
                                  'agents "nova" already exists')
        s = self.begin(store)
        s.wait("refused: 409: agents", 10)
        self.assertEqual(len(self.posts), 2)


# of test_faults only the helpers are wanted
def load_tests(loader, tests, pattern):
    del tests, pattern
    suite = unittest.TestSuite()
    for case in (Create, Faulty):
        suite.addTests(loader.loadTestsFromTestCase(case))
    return suite


if __name__ == "__main__":
    unittest.main()
