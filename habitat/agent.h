/*
 * Agents: processes with a holder, and those outside that only speak.
 *
 * mode    "pty" a process of ours · "external" somebody who spoke here
 * status  Running, Idle, Stopped (killed), Completed (exit 0), Failed
 * Strings are owned, NULL = not said. Rows live as long as the table keeps
 * them; a pointer is valid until the next turn of the loop.
 *
 * A row that changed is marked (agent_changed) and written with the next
 * commit; after a failed one all rows are read again from the database.
 */
#ifndef HABITAT_AGENT_H
#define HABITAT_AGENT_H

#include "data/json/write.h"
#include "habitat/event.h"
#include "habitat/habitat.h"
#include "base/wire.h"

struct link;   /* to a holder: agent_link.c */
struct output; /* agent_output.c */

struct agent {
    struct agent *next;
    struct habitat *hb;
    int64_t id;
    char *name, *genus, *argv, *dir, *mode, *restart, *contract, *status;
    char *reason, *last_output, *intent, *phase, *tool, *title;
    char *report, *report_kind, *report_text, *report_by;
    int64_t report_ms;
    int64_t budget; /* tokens; 0 none */
    int64_t tokens; /* -1 not said */
    double cost;    /* NAN not said */
    int64_t paid_session; /* of which it told a total, as a hash; 0 none */
    double paid;          /* and that */
    bool paused;
    char *boot;
    int64_t holder_pid, holder_start, child, runs;
    int64_t output; /* offset: all before is in events */
    int64_t created_ms, started_ms, ended_ms, last_event_ms;
    int64_t exit_code, exit_signal; /* -1, 0: none */
    struct link *link;
    bool dirty;   /* to be written */
    bool told;    /* false: streams must hear of it */
    bool deleted; /* gone from the database with the next commit */
    bool killed;  /* by us: its end is "Stopped" */
    /* sampled, never stored */
    double cpu;   /* share of one core; NAN unknown */
    uint64_t cpu_ticks;
    int64_t sampled_ms, rss, processes;
    bool foreground; /* its own command reads the terminal */
};

struct spawn_want {
    struct span name, genus, dir, contract, restart;
    const struct span *argv;
    size_t argc;
    const struct span *env; /* KEY=VALUE */
    size_t envc;
    int64_t budget;
    struct wire_size size;
};

/* Loads rows and finds holders again. */
struct agents *agents_open(struct habitat *hb);
void agents_close(struct agents *as);
struct agent *agents_first(const struct agents *as);
struct agent *agent_find(struct habitat *hb, struct span name);
uint32_t agents_live(const struct habitat *hb);
/* [a-zA-Z0-9][a-zA-Z0-9_-]{0,63}, as fracta's */
bool agent_name_ok(struct span name);

/* 0, or the HTTP status with which it would be refused. */
int agent_may_spawn(struct habitat *hb, const struct spawn_want *want,
                    struct error *err);
/* HTTP statuses as errors: 400, 409, 429, 500, 507; 0 and *ret on success. */
int agent_spawn(struct habitat *hb, const struct spawn_want *want,
                struct agent **ret, struct error *err);
/* The row of a name that spoke and is no process of ours; NULL on failure. */
struct agent *agent_external(struct habitat *hb, struct span name);
void agent_changed(struct agent *a);
bool agent_set(char **slot, struct span text);
bool agent_ended(const struct agent *a);
/* An external one, or one whose end was seen: forgets it. */
void agent_delete(struct agent *a);
/* False if it has no holder that answers. */
bool agent_kill(struct agent *a, uint32_t grace_ms);
bool agent_pause(struct agent *a, bool on);
bool agent_type(struct agent *a, struct span bytes);
void agent_socket(const struct agent *a, char *ret, size_t size);

/* An event was added: counts for its agent. */
void agents_note(struct habitat *hb, const struct event *e);
/* Before a commit: rows that changed are written. */
void agents_write(struct habitat *hb);
/* After it: streams are told, holders acknowledged. */
void agents_committed(struct habitat *hb);
/* After a failed one. */
void agents_reload(struct habitat *hb);
/* CPU, memory and processes from the kernel. */
void agents_sample(struct habitat *hb);

void agent_json(struct json *j, const char *key, const struct agent *a);

/* agent_link.c */
int link_spawn(struct agent *a, const struct spawn_want *want,
               struct error *err);
bool link_connect(struct agent *a);
bool link_send(struct agent *a, enum wire_type type, const void *p, size_t n);
void link_ack(struct agent *a);
void link_close(struct agent *a);

/* agent_output.c: what it printed, and how it ended */
struct output *output_create(struct agent *a);
void output_destroy(struct output *o);
void output_resize(struct output *o, struct wire_size size);
void output_feed(struct output *o, const char *p, size_t n);
void output_end(struct output *o); /* a line without an end is one */
/* The last lines, joined, and the last of them; borrowed. */
const char *output_last(const struct output *o);
const char *output_last_line(const struct output *o);

#endif
