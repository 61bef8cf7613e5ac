/* Rows of agent_events and messages: what is told, and proof of life. */
#include "config.h"

#include "data/fracta/pg_read.h"

#include <stdio.h>
#include <string.h>

enum {
    TASK,
    ALIAS,
    DETAIL,
    TIME,
    EVENT_ID,
    COMPONENT,
    CATEGORY,
    RESOURCE,
    ACTION,
    SEVERITY,
    TEXT,
    TOOL,
    PHASE,
    TOKENS_IN,
    TOKENS_OUT,
    EVENT_COLUMNS
};

const char *const pg_event_columns[EVENT_COLUMNS] = {
    [TASK] = "left(e.task, 256)",
    [ALIAS] = "left(e.event, 128)",
    [DETAIL] = "left(e.detail, 2048)",
    [TIME] = "extract(epoch from e.timestamp)",
    [EVENT_ID] = "left(e.event_id, 64)",
    [COMPONENT] = "left(e.component, 64)",
    [CATEGORY] = "left(e.category, 64)",
    [RESOURCE] = "left(e.resource, 300)",
    [ACTION] = "left(e.action, 128)",
    [SEVERITY] = "e.severity",
    [TEXT] = "left(coalesce(e.attrs_json->>'text_preview', "
             "e.attrs_json->>'command', e.attrs_json->>'file_path', "
             "e.attrs_json->>'error'), 2048)",
    [TOOL] = "left(e.attrs_json->>'tool_name', 128)",
    [PHASE] = "left(e.attrs_json->>'phase', 24)",
    [TOKENS_IN] = "left(e.attrs_json->>'input_tokens', 20)",
    [TOKENS_OUT] = "left(e.attrs_json->>'output_tokens', 20)",
};
const int pg_event_column_count = EVENT_COLUMNS;

bool pg_read_event(const struct span *v, int count, struct pg_event *ret)
{
    struct fracta_event *e = &ret->event;
    int64_t in, out;

    if (count != EVENT_COLUMNS)
        return false;
    in = pg_read_int(v[TOKENS_IN]);
    out = pg_read_int(v[TOKENS_OUT]);
    *ret = (struct pg_event){
        .phase = v[PHASE],
        .debug = span_is(v[SEVERITY], "debug"),
        .beat = span_is(v[ACTION], "heartbeat"),
        .event = {.id = v[EVENT_ID],
                  .agent = v[TASK],
                  .component = v[COMPONENT],
                  .category = v[CATEGORY],
                  .action = v[ACTION].n > 0 ? v[ACTION] : v[ALIAS],
                  .severity = v[SEVERITY],
                  .detail = v[DETAIL],
                  .text = v[TEXT],
                  .tool = v[TOOL],
                  .at_ms = pg_read_time(v[TIME]),
                  .tokens = (in > 0 ? in : 0) + (out > 0 ? out : 0),
                  .cost = (double)NAN}};
    /* a job is told of with its task in the resource only */
    if (e->agent.n == 0 && v[RESOURCE].n > 5 &&
        memcmp(v[RESOURCE].p, "task:", 5) == 0)
        e->agent = (struct span){v[RESOURCE].p + 5, v[RESOURCE].n - 5};
    return true;
}

enum { FROM, TO, CONTENT, SENT, MESSAGE_COLUMNS };

const char *const pg_message_columns[MESSAGE_COLUMNS] = {
    [FROM] = "left(e.from_task, 256)",
    [TO] = "left(e.to_task, 256)",
    [CONTENT] = "left(e.content, 1500)",
    [SENT] = "extract(epoch from e.timestamp)",
};
const int pg_message_column_count = MESSAGE_COLUMNS;

bool pg_read_message(const struct span *v, int count,
                     struct thought_facts *ret, char *room, size_t size)
{
    int n;

    if (count != MESSAGE_COLUMNS || v[CONTENT].n == 0)
        return false;
    n = snprintf(room, size, "to %.*s: %.*s", (int)v[TO].n,
                 v[TO].p ? v[TO].p : "", (int)v[CONTENT].n, v[CONTENT].p);
    *ret = (struct thought_facts){
        .agent = v[FROM],
        .text = {room, (size_t)n < size ? (size_t)n : size - 1},
        .at_ms = pg_read_time(v[SENT]),
        .kind = THOUGHT_SAID,
        .cost = (double)NAN,
        .weight = 0.5};
    return true;
}
