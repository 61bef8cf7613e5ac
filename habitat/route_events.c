#include "config.h"

#include "habitat/agent.h"
#include "habitat/body.h"
#include "habitat/limits.h"
#include "habitat/proposal.h"
#include "habitat/report.h"

#include "base/when.h"
#include "data/json/cut.h"
#include "data/json/pick.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void events_post(struct request *r, const char *name);

/* One event as fracta's clients send it; unknown attrs are kept as told. */
struct ingest {
    struct span id, time, component, category, resource, action, outcome,
        severity, detail;
    struct buf attrs;
    struct json j;
    bool open; /* inside an event */
};

struct post {
    struct request *request;
    struct habitat *hb;
    const char *name;
    struct ingest one;
    int accepted, dropped, total;
    struct error err;
    char texts[9][LIMIT_TEXT + 1];
};

enum {
    ID,
    TIME,
    COMPONENT,
    CATEGORY,
    RESOURCE,
    ACTION,
    OUTCOME,
    SEVERITY,
    DETAIL,
    ATTR,
    EVENT
};

static const struct pick_rule rules[] = {
    {"events[]", EVENT},
    {"events[].event_id", ID},
    {"events[].time", TIME},
    {"events[].component", COMPONENT},
    {"events[].category", CATEGORY},
    {"events[].resource", RESOURCE},
    {"events[].action", ACTION},
    {"events[].outcome", OUTCOME},
    {"events[].severity", SEVERITY},
    {"events[].detail", DETAIL},
    {"events[].attrs.*", ATTR},
    {NULL, 0}};

static void begin(struct post *p)
{
    struct ingest *g = &p->one;

    *g = (struct ingest){.open = true};
    buf_init(&g->attrs, 16384);
    json_begin(&g->j, &g->attrs);
    json_map(&g->j, NULL);
}

static void end(struct post *p)
{
    struct ingest *g = &p->one;
    struct event e;

    g->open = false;
    json_map_end(&g->j);
    if (!json_end(&g->j))
        buf_clear(&g->attrs);
    e = (struct event){.id = g->id,
                       .agent = span_of(p->name),
                       .component = g->component,
                       .category = g->category,
                       .resource = g->resource,
                       .action = g->action,
                       .outcome = g->outcome,
                       .severity = g->severity,
                       .detail = g->detail,
                       .attrs = {buf_text(&g->attrs), g->attrs.len}};
    if (g->time.n > 0 && !when_parse(g->time.p, g->time.n, &e.at_ms))
        error_set(&p->err, ERR_SYNTAX, "time: RFC 3339 was expected");
    if (g->id.n > 64)
        error_set(&p->err, ERR_SYNTAX, "event_id: longer than 64 bytes");
    if (++p->total > LIMIT_BATCH)
        error_set(&p->err, ERR_LIMIT, "more than %d events", LIMIT_BATCH);
    if (p->err.code == 0 && event_add(p->hb, &e) == 1)
        p->accepted++;
    buf_finish(&g->attrs);
}

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct post *p = arg;
    struct span *slots[] = {&p->one.id,       &p->one.time,
                            &p->one.component, &p->one.category,
                            &p->one.resource, &p->one.action,
                            &p->one.outcome,  &p->one.severity,
                            &p->one.detail};

    if (field == EVENT) {
        if (v->type == PICK_BEGIN && !p->one.open)
            begin(p);
        else if (v->type == PICK_END && p->one.open)
            end(p);
        return;
    }
    if (!p->one.open || v->type == PICK_NULL)
        return;
    if (field == ATTR) {
        char key[65];

        snprintf(key, sizeof key, "%.*s", (int)v->key.n, v->key.p);
        if (v->type == PICK_STRING)
            json_span(&p->one.j, key, v->text);
        else if (v->type == PICK_NUMBER || v->type == PICK_BOOL)
            json_raw(&p->one.j, key, v->text.p, v->text.n);
        return;
    }
    if (v->type != PICK_STRING) {
        error_set(&p->err, ERR_SYNTAX, "%s: text was expected",
                  rules[field + 1].path);
        return;
    }
    snprintf(p->texts[field], LIMIT_TEXT + 1, "%.*s",
             (int)(v->text.n > LIMIT_TEXT ? LIMIT_TEXT : v->text.n),
             v->text.p);
    *slots[field] = span_of(p->texts[field]);
}

#define SMALL 4096 /* bytes: a word or two, no batch */

/* A bucket of LIMIT_EVENTS_PER_S, two seconds deep; a batch may empty it
   below nothing, then the next ones wait. A word is let in a second longer,
   so that one who floods with batches does not silence the others. */
static bool too_many(struct habitat *hb, bool small)
{
    int64_t now = (int64_t)uv_now(&hb->loop); /* it does not jump */
    double most = 2.0 * LIMIT_EVENTS_PER_S;

    hb->events_room +=
        (double)(now - hb->events_room_ms) / 1000 * LIMIT_EVENTS_PER_S;
    if (hb->events_room_ms == 0 || hb->events_room > most)
        hb->events_room = most;
    hb->events_room_ms = now;
    return hb->events_room < (small ? -LIMIT_EVENTS_PER_S : 1);
}

/* `report`, `intent` and `retire` are beyond fracta: how the agent says it is,
   and which of its questions were answered elsewhere. */
static void note_report(struct request *r, struct agent *a)
{
    struct span state = {NULL, 0}, kind = state, text = state, by = state,
                intent = state;
    int64_t tokens = -1;
    struct retire retire = {.below = false};
    double cost = (double)NAN;
    const struct body_want wants[] = {
        {"report.state", BODY_TEXT, &state}, {"report.kind", BODY_TEXT, &kind},
        {"report.text", BODY_TEXT, &text},   {"report.by", BODY_TEXT, &by},
        {"intent", BODY_TEXT, &intent},      {"tokens", BODY_INT, &tokens},
        {"cost", BODY_DOUBLE, &cost},
        {"retire.session", BODY_TEXT, &retire.session},
        {"retire.reason", BODY_TEXT, &retire.reason},
        {"retire.below", BODY_BOOL, &retire.below},
        {"retire.tool", BODY_TEXT, &retire.tool},
        {"retire.input", BODY_TEXT, &retire.input}};
    static const char *const known[] = {"idle", "working", "done", "blocked",
                                        "error"};
    const char *name = NULL;
    struct error err;

    if (body_read(r, wants, sizeof wants / sizeof *wants, &err) != 0)
        return;
    if (retire.session.n > 0)
        proposals_retire(a->hb, &retire);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (span_is(state, known[i]))
            name = known[i];
    if (name != NULL || span_is(state, "clear")) {
        char who[65];

        snprintf(who, sizeof who, "%.*s", (int)by.n, by.p ? by.p : "");
        report_set(a, name, kind, text, by.n ? who : "itself");
    }
    if (intent.n > 0 && agent_set(&a->intent, intent))
        agent_changed(a);
    if (tokens >= 0) {
        a->tokens = tokens;
        agent_changed(a);
    }
    if (!isnan(cost) && cost >= 0) {
        a->cost = cost;
        agent_changed(a);
    }
}

void events_post(struct request *r, const char *name)
{
    struct habitat *hb = request_habitat(r);
    struct post *p;
    struct pick *pick;
    struct error err;
    struct agent *a;
    bool known;
    struct buf out;
    struct json j;

    if (!agent_name_ok(span_of(name))) {
        request_fail(r, 400, "'%.70s' is no agent's name", name);
        return;
    }
    if (too_many(hb, request_body(r).n <= SMALL)) {
        request_fail(r, 429, "more than %d events a second",
                     LIMIT_EVENTS_PER_S);
        return;
    }
    p = request_keep(r, sizeof *p);
    p->request = r;
    p->hb = hb;
    p->name = name;
    pick = pick_create(rules);
    known = agent_find(hb, span_of(name)) != NULL;
    a = agent_external(hb, span_of(name));
    db_run(&hb->db, "SAVEPOINT batch", "");
    if (pick_run(pick, request_body(r).p, request_body(r).n, on_value, p,
                 &err) != 0)
        p->err = err;
    pick_destroy(pick);
    if (p->one.open) {
        json_end(&p->one.j);
        buf_finish(&p->one.attrs);
    }
    if (p->err.code != 0) { /* all of it or nothing */
        db_run(&hb->db, "ROLLBACK TO batch", "");
        if (!known && a != NULL)
            agent_delete(a);
    }
    db_run(&hb->db, "RELEASE batch", "");
    if (p->err.code != 0) {
        request_fail(r, p->err.code == ERR_LIMIT ? 413 : 400, "%s",
                     p->err.msg);
        return;
    }
    hb->events_room -= p->total;
    if (a != NULL)
        note_report(r, a);
    buf_init(&out, 256);
    json_begin(&j, &out);
    json_map(&j, NULL);
    json_int(&j, "accepted", p->total);
    json_int(&j, "dropped", 0);
    json_int(&j, "new", p->accepted);
    json_map_end(&j);
    json_end(&j);
    request_reply(r, 202, &out);
    buf_finish(&out);
}
