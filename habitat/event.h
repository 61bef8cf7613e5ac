/*
 * Events: what happened, durable, in order, each with an id of its own.
 *
 * The catalogue is fracta's (component, category, action, …). A thought is
 * category "agent_activity" with its text in `detail` and, in attrs, `kind`
 * (said, thought, call, result, decision, signal, error, dream), `tool_name`,
 * `tokens`, `cost` as far as they are known.
 */
#ifndef HABITAT_EVENT_H
#define HABITAT_EVENT_H

#include "data/json/write.h"
#include "habitat/habitat.h"

struct event {
    int64_t seq; /* set when read */
    struct span id; /* p NULL: one is made */
    int64_t at_ms;  /* 0: now */
    struct span agent, component, category, resource, action, outcome,
        severity, detail;
    struct span attrs; /* a JSON object, or empty */
};

/* The spellings of fracta: SSE and peek, or the list. */
enum event_style { EVENT_PASCAL, EVENT_SNAKE };

/* A new random id; ret holds 37 bytes. */
void event_id(char ret[37]);

/* 1 added, 0 its id was there already, -1 the write failed. */
int event_add(struct habitat *hb, const struct event *e);

/* A short one of the program's own: component "habitat". */
void event_note(struct habitat *hb, const char *agent, const char *category,
                const char *action, const char *severity, const char *kind,
                const char *detail);

void event_json(struct json *j, const char *key, const struct event *e,
                enum event_style style);

/*
 * Walks events in order, at most `limit`: those after `seq`, of one agent or
 * (NULL) of all. With `newest` the last `limit` of them.
 */
typedef void (*event_fn)(const struct event *e, void *arg);
void event_walk(struct habitat *hb, const char *agent, int64_t after,
                int64_t limit, bool newest, event_fn fn, void *arg);
/* seq of an id or of a decimal seq; -1 unknown. */
int64_t event_seq(struct habitat *hb, const char *id);
int64_t event_last_seq(struct habitat *hb);

/* Drops what is older or more than limits.h keeps; now and then by itself. */
void event_prune(struct habitat *hb);

#endif
