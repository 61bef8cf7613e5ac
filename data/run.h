/*
 * What a control plane says of one agent's run: the habitat of a local
 * process, later fracta of its own. Strings are interned in the store's pool,
 * NULL = not said; numbers FACT_NONE or NAN = not said.
 */
#ifndef DATA_RUN_H
#define DATA_RUN_H

#include "data/facts.h"

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
    const char *status;  /* Running, Idle, Stopped, Completed, Failed, … */
    const char *mode;    /* pty, external, batch, stream, queued */
    const char *command, *dir, *reason, *tool, *title, *intent;
    const char *report_kind, *report_text, *report_by;
    const char *socket;  /* where its terminal is to be had */
    enum report report;
    int64_t report_ms, started_ms, ended_ms;
    int64_t pid, processes, rss, starts, budget;
    int64_t exit_code, exit_signal;
    double cpu;
    bool paused;
};

struct run_facts {
    struct span name, genus, status, mode, command, dir, reason, tool, title,
        intent, report, report_kind, report_text, report_by, socket;
    int64_t report_ms, created_ms, started_ms, ended_ms;
    int64_t pid, processes, rss, starts, budget, exit_code, exit_signal;
    int64_t tokens; /* FACT_NONE: not said */
    double cpu, cost;
    bool paused;
};

#endif
