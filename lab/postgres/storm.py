"""storm.py RATE SECONDS [--writers N] [--batch N] [--rollbacks PERCENT]
              [--long SECONDS] [--agents PERCENT] [--beats]

Writes RATE rows of agent_events a second for SECONDS, through psql pipes, by
a schedule that does not wait for the server. Transactions of the writers
overlap and commit in any order; some are rolled back, and with --long one
stays open that long. Says how many were written. PG* variables name the
server; one whose connection breaks is connected again.
"""

import argparse
import random
import subprocess
import sys
import time

ACTIONS = [
    ("tool.started", "info", '{"tool_name": "Read"}'),
    ("tool.completed", "info", '{"tool_name": "Read", "result_bytes": 812}'),
    ("message.completed", "info", '{"text_preview": "counting threads"}'),
    ("heartbeat", "debug", '{"phase": "executing", "uptime_s": 60}'),
    ("message.delta", "debug", '{"text_preview": "cou", "text_bytes": 3}'),
]


class Writer:
    def __init__(self):
        self.psql = None

    def say(self, sql):
        for _ in range(3):
            if self.psql is None:
                self.psql = subprocess.Popen(
                    ["psql", "-X", "-q", "-o", "/dev/null"],
                    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
            try:
                self.psql.stdin.write(sql.encode())
                self.psql.stdin.flush()
                return
            except (BrokenPipeError, OSError):
                self.psql.wait()
                self.psql = None
                time.sleep(0.2)

    def end(self):
        if self.psql is None:
            return
        try:
            self.psql.stdin.close()
        except OSError:
            pass
        self.psql.wait()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("rate", type=float)
    p.add_argument("seconds", type=float)
    p.add_argument("--writers", type=int, default=4)
    p.add_argument("--batch", type=int, default=0,
                   help="rows of a transaction; default: as the rate wants")
    p.add_argument("--rollbacks", type=int, default=0)
    p.add_argument("--long", type=float, default=0)
    p.add_argument("--agents", type=int, default=0,
                   help="percent of transactions that change an agent's row")
    p.add_argument("--beats", action="store_true",
                   help="heartbeats and the like only")
    a = p.parse_args()
    actions = [x for x in ACTIONS if x[1] == "debug"] if a.beats else ACTIONS
    rng = random.Random(2)
    batch = a.batch or max(1, int(a.rate / 400))
    writers = [Writer() for _ in range(a.writers)]
    written = transactions = 0
    began = time.monotonic()
    if a.long > 0:
        extra = Writer()
        writers.append(extra)
        extra.say("BEGIN; INSERT INTO agent_events (task, action, timestamp) "
                  "VALUES ('weave-index', 'tool.started', clock_timestamp()); "
                  f"SELECT pg_sleep({a.long}); COMMIT;\n")
    while True:
        due = (time.monotonic() - began) * a.rate
        if time.monotonic() - began >= a.seconds:
            break
        if written + batch > due:
            time.sleep(min(0.002, (written + batch - due) / a.rate))
            continue
        rows = []
        for _ in range(batch):
            action, severity, attrs = rng.choice(actions)
            task = "weave-index" if rng.random() < 0.1 else (
                "obj-loom-d%d-%d" % (1 + written % 4, rng.randrange(50)))
            rows.append(f"('{task}', '{action}', '{severity}', '{attrs}', "
                        "gen_random_uuid()::text, 'host_adapter', "
                        "clock_timestamp())")
        back = rng.randrange(100) < a.rollbacks
        sql = ("INSERT INTO agent_events (task, action, severity, attrs_json,"
               " event_id, component, timestamp) VALUES "
               + ", ".join(rows) + ";")
        if rng.randrange(100) < a.agents:
            sql += ("UPDATE agents SET current_intent = 'thread %d' WHERE "
                    "task = 'weave-index';" % written)
        if back or ";" in sql[:-1]:
            sql = "BEGIN;" + sql + ("ROLLBACK;" if back else "COMMIT;")
        writers[transactions % a.writers].say(sql + "\n")
        written += batch
        transactions += 1
    for w in writers:
        w.end()
    spent = time.monotonic() - began
    print(f"storm: {written} rows in {transactions} transactions, "
          f"{written / spent:.0f} a second", file=sys.stderr)


main()
