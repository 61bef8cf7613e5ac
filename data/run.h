/*
 * What one source says of an agent's run: the habitat of a local process, a
 * control plane, its tables in Postgres. Strings are interned in the store's
 * pool, NULL = not said; numbers FACT_NONE or NAN = not said.
 *
 * An agent has a run from each source that speaks of it. They are joined into
 * one (run_join): each field from the source that may be believed most and
 * says it. Believed first are live sources, then those of higher rank
 * (plane.rank), then what was told last; status, its reason, its end and the
 * report belong together and are taken from one.
 */
#ifndef DATA_RUN_H
#define DATA_RUN_H

#include "data/facts.h"
#include "data/plane.h"

/* How an agent says it is. */
#define REPORT_MAP(X)                                                          \
    X(NONE, "")                                                                \
    X(IDLE, "idle")                                                            \
    X(WORKING, "working")                                                      \
    X(DONE, "done")                                                            \
    X(BLOCKED, "blocked")                                                      \
    X(ERROR, "error")
#define REPORT_ENUM(id, name) REPORT_##id,
enum report { REPORT_MAP(REPORT_ENUM) };

struct run {
    struct run *next; /* of the same agent, from another source */
    const struct plane *plane; /* whose words these are; NULL in a joined one */
    const char *status;  /* Running, Idle, Stopped, Completed, Failed, … */
    const char *mode;    /* pty, external, batch, stream, queued */
    const char *command, *dir, *reason, *tool, *title, *intent;
    const char *report_kind, *report_text, *report_by;
    const char *socket;  /* where its terminal is to be had */
    const char *runtime; /* claude, codex, opencode, … */
    const char *mission_status; /* "none": it has none */
    const char *model, *branch, *base, *objective, *phase, *output, *backend;
    enum report report;
    int64_t report_ms, started_ms, ended_ms;
    int64_t beat_ms;  /* its last heartbeat; 0 none */
    int64_t event_ms; /* its last event; 0 none */
    int64_t pid, processes, rss, starts, budget;
    int64_t exit_code, exit_signal;
    int64_t mission, unread;
    double cpu;
    int64_t seen_ms;   /* told last */
    int64_t status_ms; /* this status was first told, or began */
    uint32_t epoch;
    uint8_t stream;
    bool paused;
};

struct run_facts {
    struct span ns; /* where the source's agents are; p NULL: "" */
    struct span name, genus, status, mode, command, dir, reason, tool, title,
        intent, report, report_kind, report_text, report_by, socket, runtime,
        model, branch, base, objective, phase, output, backend,
        mission_status;
    struct span said; /* the last it said, beside event_ms; not kept */
    int64_t report_ms, created_ms, started_ms, ended_ms, beat_ms, event_ms;
    int64_t pid, processes, rss, starts, budget, exit_code, exit_signal;
    int64_t mission, unread;
    int64_t tokens; /* FACT_NONE: not said */
    double cpu, cost;
    bool paused;
};

/* Nobody has said any of its figures; the other fields of an initialiser may
   stand beside it. */
#define RUN_FACTS_NONE                                                         \
    .pid = FACT_NONE, .processes = FACT_NONE, .rss = FACT_NONE,                \
    .starts = FACT_NONE, .budget = FACT_NONE, .exit_code = FACT_NONE,          \
    .exit_signal = FACT_NONE, .mission = FACT_NONE, .unread = FACT_NONE,       \
    .tokens = FACT_NONE, .cpu = (double)NAN, .cost = (double)NAN

/* The mode of an agent at a terminal of another machine: it hears while it
   runs. */
#define RUN_TERMINAL "terminal"

/* How a run stands, from its status. */
enum run_stand {
    RUN_UNKNOWN,
    RUN_QUEUED, /* Queued, Pending: nothing runs yet */
    RUN_UP,     /* Running, Idle */
    RUN_DONE,   /* Completed, Stopped */
    RUN_FAILED,
};
enum run_stand run_stand(const struct run *r);

#endif
