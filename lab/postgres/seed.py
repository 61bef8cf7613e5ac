"""Rows of a fracta fleet of N agents as SQL for psql: seed.py N [RNG].

The first tasks are those the Kubernetes seed has Jobs for (lab/tlab), so the
two tell of the same agents. Every state of every kind is there from 24 on;
some rows are odd on purpose: no times, broken text, unknown words.
"""

import json
import random
import sys

TASKS = [
    "weave-index", "read-harvest-notes", "fix-flaky-loom", "port-garden-map",
    "summarise-week", "audit-memory", "rename-threads", "trim-archive",
    "write-changelog", "probe-morpheus", "triage-inbox", "measure-drift",
]
STREAM = "pair-with-ops"
STATES = ["Running", "Queued", "Idle", "Completed", "Failed", "Running",
          "Stopped", "Running"]
OBJECTIVES = [
    ("obj-loom", "open", "Find out why the loom drops every ninth thread"),
    ("obj-budget", "budget_exhausted", "Halve what the nightly run costs"),
    ("obj-river", "answered", "Which bank does the river leave first?"),
    ("obj-frost", "frozen", "Is the frost of last week in any notes?"),
    ("obj-moss", "disproven", "Moss grows on the north side only"),
    ("obj-tide", "timed_out", "Model the tide from the garden map"),
    ("obj-ash", "exhausted", "List everything the archive says of ash"),
]
SAID = [
    "reading the notes of the third harvest",
    "the index has two entries for one thread; keeping the older",
    "wer hört zu? — 誰かいますか",
    "tests pass on the second try only",
    "looking at the loom's log around 04:00",
    "that file is not what its name says",
]
TOOLS = ["Read", "Grep", "Bash", "Edit", "WebFetch"]


def text(value):
    """A value of COPY's text format."""
    if value is None:
        return "\\N"
    return (str(value).replace("\\", "\\\\").replace("\t", "\\t")
            .replace("\n", "\\n"))


class Table:
    def __init__(self, name, *columns):
        self.head = f"COPY {name} ({', '.join(columns)}) FROM stdin;"
        self.rows = []

    def add(self, *values):
        self.rows.append("\t".join(text(v) for v in values))

    def write(self):
        if self.rows:
            print(self.head)
            print("\n".join(self.rows))
            print("\\.")


def main():
    count = int(sys.argv[1])
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    cluster = TASKS[:min(len(TASKS), max(4, count // 4))] + [STREAM]
    names = (cluster + [f"obj-loom-d{1 + i % 4}-{i}"
                        for i in range(count)])[:max(count, len(cluster))]

    # times are texts that the server reads: 'now' is its own
    def ago(seconds):
        return f"@-{seconds}"

    agents = Table("seed_agents", "task", "host_type", "resume_token",
                   "status", "last_output", "start_time", "mode",
                   "current_intent", "mission_id", "objective_id")
    missions = Table("seed_missions", "status", "payload", "agent_task",
                     "claimed_by", "claimed_at", "created_at", "completed_at",
                     "error", "priority", "objective_id", "depth",
                     "dedupe_key", "proposed_by")
    events = Table("seed_events", "task", "event", "detail", "timestamp",
                   "event_id", "component", "category", "resource", "action",
                   "outcome", "severity", "mission_id", "objective_id",
                   "attrs_json")
    messages = Table("seed_messages", "from_task", "to_task", "content",
                     "timestamp")
    objectives = Table("seed_objectives", "id", "description", "status",
                       "created_at", "created_by", "mission_count",
                       "finding_count", "outcome", "max_missions")
    proposals = Table("seed_proposals", "objective_id", "parent_mission",
                      "proposed_by", "task", "contract", "priority",
                      "dedupe_key", "rationale", "evidence", "status",
                      "created_at", "reviewed_at", "rejection_note")

    def event(task, action, severity, at, detail=None, component="worker",
              attrs=None, mission=0):
        category = "agent_activity" if "." in action else "agent"
        uid = "%08x-%04x-4%03x-8%03x-%012x" % (
            rng.getrandbits(32), rng.getrandbits(16), rng.getrandbits(12),
            rng.getrandbits(12), rng.getrandbits(48))
        events.add(task, "agent_" + action.replace(".", "_"), detail, at, uid,
                   component, category, "task:" + task, action, None,
                   severity, mission, "",
                   json.dumps(attrs) if attrs is not None else None)

    for i, task in enumerate(names):
        state = STATES[i % len(STATES)]
        direct = i % 5 == 4
        mode = "stream" if task == STREAM else "batch" if direct else "queued"
        mission = 0 if direct else i + 1
        began = rng.randrange(60, 7200)
        start = None if state == "Queued" else ago(began)
        agents.add(task, ["claude", "codex", "opencode"][i % 3],
                   "not-to-be-shown", state,
                   "" if state in ("Running", "Queued") else
                   "all threads renamed" if state == "Completed" else
                   "exit status 1: no such thread",
                   start, mode, rng.choice(SAID) if i % 2 else "",
                   mission, OBJECTIVES[0][0] if direct else "")
        if not direct:
            status = {"Running": "claimed", "Idle": "claimed",
                      "Queued": "pending", "Completed": "completed",
                      "Failed": "failed", "Stopped": "cancelled"}[state]
            missions.add(
                status,
                json.dumps({"task": task, "contract": "do " + task,
                            "model": "sonnet", "host_type": "claude",
                            "staged_credential_refs": ["not-to-be-shown"]}),
                None if status == "pending" else task,
                None if status == "pending" else f"worker-{i % 3}",
                None if status == "pending" else ago(began),
                ago(began + 30),
                ago(rng.randrange(5, 60))
                if status in ("completed", "failed") else None,
                "exit status 1" if status == "failed" else "", i % 4,
                OBJECTIVES[0][0] if i % 3 == 0 else None, i % 5, "", "")
        event(task, "enqueue", "info", ago(began + 30), None, "orchestrator",
              None, mission)
        if state == "Queued":
            continue
        event(task, "lifecycle.started", "info", ago(began), None,
              "agentlifecycle", {"runtime": "claude"}, mission)
        for k in range(rng.randrange(2, 6)):
            at = ago(began - 10 * k - 5)
            tool = rng.choice(TOOLS)
            event(task, "tool.started", "info", at, None, "host_adapter",
                  {"tool_name": tool}, mission)
            event(task, "message.completed", "info", at, None, "host_adapter",
                  {"text_preview": rng.choice(SAID)}, mission)
            event(task, "heartbeat", "debug", at, None, "worker",
                  {"phase": "executing", "uptime_s": 10 * k}, mission)
        event(task, "turn.completed", "info", ago(8), None, "host_adapter",
              {"input_tokens": rng.randrange(900, 90000),
               "output_tokens": rng.randrange(90, 9000),
               "cached_tokens": 10}, mission)
        if state in ("Failed", "Stopped", "Completed"):
            event(task, "lifecycle." + state.lower(),
                  {"Failed": "error", "Stopped": "warn"}.get(state, "info"),
                  ago(5), "exit status 1" if state == "Failed" else None,
                  "agentlifecycle", None, mission)
        if i % 4 == 0:
            messages.add("chessmaster", task,
                         "when done, tell what the index says", ago(20))
    # odd ones
    agents.add("odd-status", "claude", "", "Dreaming", "", None, "", "", 0, "")
    agents.add("odd\x1b[31mname", "", "", "Running", "a\x07b", ago(99999),
               "batch", "", 0, "")
    missions.add("pending", "{}", None, None, None, ago(3), None, "", 9, None,
                 0, "", "")
    missions.add("lost", '{"task": "odd-status"}', "odd-status", None, None,
                 ago(3), None, "", 0, None, 0, "", "")
    events.add("odd-status", "", None, None, None, None, None, None, None,
               None, "info", 0, "", None)
    events.add("", "gateway_ready", "listen :8080", ago(300), None, "gateway",
               "gateway", "gateway:main", "status_change", None, "info", 0,
               "", None)
    for i, (name, status, what) in enumerate(OBJECTIVES):
        objectives.add(name, what, status, ago(7200 - i), "cli", 3 + i, i,
                       "the left one" if status == "answered" else "", 100)
    for i, status in enumerate(["pending", "approved", "rejected", "pending",
                                "dedupe_hit"]):
        proposals.add("obj-loom", 1 + i, names[i % len(names)],
                      f"count-threads-{i}", "count the threads of shed %d" % i,
                      i, f"shed-{i}", "the ninth one is missing there too",
                      '{"findings": ["f-%d"]}' % i if i else None, status,
                      ago(600 + i), ago(60) if status != "pending" else None,
                      "too many already" if status == "rejected" else "")

    print("BEGIN; SET LOCAL client_min_messages = warning;")
    # times are read behind the copy, so that they are by the server's clock
    for t, columns in (("agents", "start_time"),
                       ("missions", "claimed_at created_at completed_at"),
                       ("events", "timestamp"), ("messages", "timestamp"),
                       ("objectives", "created_at"),
                       ("proposals", "created_at reviewed_at")):
        table = "agent_events" if t == "events" else t
        own = {"agents": agents, "missions": missions, "events": events,
               "messages": messages, "objectives": objectives,
               "proposals": proposals}[t]
        names_of = own.head[own.head.index("(") + 1:own.head.index(")")]
        print(f"CREATE TEMP TABLE seed_{t} ON COMMIT DROP AS "
              f"SELECT {names_of} FROM {table} WITH NO DATA;")
        for c in columns.split():
            print(f"ALTER TABLE seed_{t} ALTER {c} TYPE text;")
        own.write()
        picked = ", ".join(
            f"CASE WHEN {c} IS NOT NULL THEN now() - "
            f"make_interval(secs => substr({c}, 3)::float) END"
            if c in columns.split() else c for c in names_of.split(", "))
        print(f"INSERT INTO {table} ({names_of}) SELECT {picked} "
              f"FROM seed_{t} ON CONFLICT DO NOTHING;")
    print("INSERT INTO chessmaster (id, status, last_action) VALUES "
          "(1, 'watching', 'merged weave-index') ON CONFLICT DO NOTHING;")
    print("COMMIT; ANALYZE agents, missions, messages, agent_events;")


if __name__ == "__main__":
    main()
