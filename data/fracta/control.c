#include "config.h"

#include "data/fracta/control.h"

#include "base/clock.h"
#include "base/mask.h"
#include "base/xalloc.h"
#include "data/fracta/backoff.h"
#include "data/fracta/control_act.h"
#include "data/fracta/dry_run.h"
#include "data/fracta/mission.h"
#include "data/fracta/output.h"
#include "data/fracta/plain_http.h"
#include "data/fracta/poll.h"
#include "data/fracta/read.h"
#include "data/fracta/sender.h"
#include "data/fracta/watch.h"
#include "data/json/to_yaml.h"
#include "data/source_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEND_MS 90000       /* a spawn waits for a pod to be ready */

struct control {
    struct source base;
    struct http *http;
    struct http_target target;
    struct fracta_sender *sender;
    struct fracta_dry_run *dry_run;
    struct fracta_mission *mission;
    struct fracta_output *output; /* NULL: no page shows one */
    struct source_lines lines;    /* of that page */
    struct fracta_reader *reader;
    struct fracta_reader *events; /* of watches: its own memory */
    struct poll *agents, *objectives;
    struct watch *watches[CONTROL_WATCHES];
    int watch_count;
    char *url, *socket, *ca_pem, *ns, *user_agent;
    struct error refused; /* nothing is asked at all */
    struct origin told_agents, told_objectives;
    uint64_t bad, bad_events, received;
    int64_t delay_ms;
    bool whole; /* its agents were told once since it was reached */
    struct { /* one object as YAML */
        struct http_request *request;
        struct buf body;
        source_fetch_cb cb;
        void *arg;
    } fetch;
    int parts; /* open ones */
    bool closing;
};

static int64_t now_of(const struct control *c)
{
    const struct plane *p = c->base.plane;

    return store_time(c->base.store, p, clock_wall_ms() + p->offset_ms);
}

static void bad_object(struct control *c, const struct error *err)
{
    c->bad++;
    snprintf(c->base.plane->detail, sizeof c->base.plane->detail,
             "%llu unreadable, last: %.60s", (unsigned long long)c->bad,
             err->msg);
    store_plane_changed(c->base.store);
}

static void next_origin(const struct control *c, struct origin *o,
                        bool initial)
{
    o->plane = c->base.plane;
    o->stream = store_stream_of(c->base.store, c->base.plane);
    o->epoch++;
    o->now_ms = now_of(c);
    o->initial = initial;
}

static void on_agents_begin(void *arg)
{
    struct control *c = arg;

    next_origin(c, &c->told_agents, !c->whole);
}

/* Their times are its own clock's. */
static void shift(const struct control *c, struct run_facts *f)
{
    int64_t *times[] = {&f->report_ms, &f->created_ms, &f->started_ms,
                        &f->ended_ms,  &f->beat_ms,    &f->event_ms};

    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        *times[i] = store_time(c->base.store, c->base.plane, *times[i]);
}

/*
 * A habitat that is spoken to as a control plane: its terminals are not this
 * machine's, and no path that it names is opened.
 */
static void take_mode(struct run_facts *f)
{
    if (span_is(f->mode, "pty"))
        f->mode = span_of(RUN_TERMINAL);
    else if (span_is(f->mode, "external"))
        f->mode = span_of("speaks only");
    f->socket = (struct span){NULL, 0};
}

static bool on_agent(struct span json, void *arg)
{
    struct control *c = arg;
    struct run_facts f;
    struct error err;

    if (fracta_read_agent(c->reader, json, &f, &err) != 0) {
        bad_object(c, &err);
        return true; /* the others are well */
    }
    f.ns = span_of(c->ns);
    if (f.genus.n == 0)
        f.genus = f.runtime;
    /* why it failed stands where its result would */
    if (f.reason.n == 0 && !span_is(f.status, "Completed"))
        f.reason = f.output;
    for (size_t i = 0; i < f.reason.n; i++)
        if (f.reason.p[i] == '\n' || i == 200)
            f.reason.n = i;
    shift(c, &f);
    take_mode(&f);
    fracta_mission_put(c->mission, &f);
    store_put_run(c->base.store, &f, &c->told_agents);
    return true;
}

static void proof(struct control *c, const struct http_answer *answer)
{
    struct plane *p = c->base.plane;
    int64_t now = clock_wall_ms();

    p->proof_ms = now;
    p->retry_ms = 0;
    p->latency_ms = (int32_t)(answer->headers_ms - answer->started_ms);
    if (answer->date_ms > 0 && llabs(answer->date_ms - now - p->offset_ms) >
                                   1500)
        p->offset_ms = answer->date_ms - now; /* whole seconds, cut */
}

static void agents_failed(struct control *c, const struct http_answer *answer,
                          const struct error *err)
{
    struct plane *p = c->base.plane;
    int64_t wait = fracta_backoff(&c->delay_ms, answer);
    bool refused = answer->status == 401 || answer->status == 403 ||
                   err->code == ERR_TLS;

    p->error = *err;
    p->answered = true;
    p->retry_ms = clock_wall_ms() + wait;
    poll_wait(c->agents, wait);
    store_stream(c->base.store, p, KIND_AGENT,
                 c->whole ? STREAM_STALE : STREAM_FAILED, err->msg);
    source_set_state(&c->base, refused    ? PLANE_REFUSED
                               : c->whole ? PLANE_STALE
                                          : PLANE_CONNECTING);
    store_plane_changed(c->base.store);
}

/* What is asked of the agents that are looked at. */
static void kick_looks(struct control *c)
{
    for (int i = 0; i < c->watch_count; i++)
        watch_kick(c->watches[i]);
    fracta_mission_kick(c->mission);
    if (c->output != NULL)
        fracta_output_kick(c->output);
}

/* It is told with the agent's row. */
static void on_mission(void *arg)
{
    poll_kick(((struct control *)arg)->agents);
}

static void on_agents(enum poll_result result,
                      const struct http_answer *answer,
                      const struct error *err, void *arg)
{
    struct control *c = arg;
    struct plane *p = c->base.plane;

    if (result != POLL_WHOLE) {
        agents_failed(c, answer, err);
        return;
    }
    proof(c, answer);
    store_sweep(c->base.store, KIND_AGENT, c->told_agents.stream,
                c->told_agents.epoch);
    if (p->state != PLANE_LIVE) { /* whoever waits need not */
        poll_kick(c->objectives);
        kick_looks(c);
    }
    c->whole = true;
    c->delay_ms = 0;
    p->answered = true;
    error_clear(&p->error);
    store_stream(c->base.store, p, KIND_AGENT, STREAM_LIVE, NULL);
    store_stream(c->base.store, p, KIND_EVENT, STREAM_LIVE, NULL);
    source_set_state(&c->base, PLANE_LIVE);
    store_drop_picture(c->base.store, KIND_AGENT);
}

static void on_objectives_begin(void *arg)
{
    struct control *c = arg;

    next_origin(c, &c->told_objectives, false);
}

static bool on_objective(struct span json, void *arg)
{
    struct control *c = arg;
    struct objective_facts f;
    struct error err;

    if (fracta_read_objective(c->reader, json, &f, &err) != 0) {
        bad_object(c, &err);
        return true;
    }
    f.meta.ns = span_of(c->ns);
    f.meta.created_ms =
        store_time(c->base.store, c->base.plane, f.meta.created_ms);
    store_put_objective(c->base.store, &f, &c->told_objectives);
    return true;
}

static void on_objectives(enum poll_result result,
                          const struct http_answer *answer,
                          const struct error *err, void *arg)
{
    struct control *c = arg;
    struct plane *p = c->base.plane;

    if (result == POLL_WHOLE) {
        proof(c, answer);
        store_sweep(c->base.store, KIND_OBJECTIVE, c->told_objectives.stream,
                    c->told_objectives.epoch);
        store_stream(c->base.store, p, KIND_OBJECTIVE, STREAM_LIVE, NULL);
    } else {
        store_stream(c->base.store, p, KIND_OBJECTIVE,
                     result == POLL_ABSENT ? STREAM_ABSENT
                     : c->whole            ? STREAM_STALE
                                           : STREAM_FAILED,
                     err->msg);
    }
    if (result == POLL_FAILED)
        poll_wait(c->objectives, fracta_backoff(&c->delay_ms, answer));
}

static void on_event(const struct fracta_event *e, void *arg)
{
    struct control *c = arg;
    struct thought_facts t;

    c->received++;
    if (!fracta_thought(e, &t))
        return;
    t.ns = span_of(c->ns);
    t.id = e->id;
    t.at_ms = store_time(c->base.store, c->base.plane, t.at_ms);
    if (t.at_ms == 0)
        t.at_ms = now_of(c);
    store_thought(c->base.store, &t);
}

static void finish_part(void *arg)
{
    struct control *c = arg;
    char *texts[] = {c->url, c->socket, c->ca_pem, c->ns, c->user_agent};

    if (--c->parts > 0 || !c->closing)
        return;
    source_finish(&c->base);
    fracta_reader_destroy(c->reader);
    fracta_reader_destroy(c->events);
    buf_finish(&c->fetch.body);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    free(c);
}

static void start(struct source *base)
{
    struct control *c = (struct control *)base;

    if (c->refused.code != 0)
        return;
    source_set_state(&c->base, PLANE_CONNECTING);
    store_stream(base->store, base->plane, KIND_AGENT, STREAM_LOADING, NULL);
    store_stream(base->store, base->plane, KIND_OBJECTIVE, STREAM_LOADING,
                 NULL);
    poll_kick(c->agents);
}

static void refresh(struct source *base)
{
    struct control *c = (struct control *)base;

    if (c->refused.code != 0)
        return;
    c->delay_ms = 0;
    poll_kick(c->agents);
    poll_kick(c->objectives);
    kick_looks(c);
}

static void hurry(struct source *base, bool on)
{
    struct control *c = (struct control *)base;

    if (c->refused.code == 0) {
        poll_hurry(c->agents, on);
        poll_hurry(c->objectives, on);
    }
    http_hurry(c->http, on);
}

/* Ours, and with a name that can stand in a path. */
static bool watched(const struct control *c, const struct focus *f)
{
    const struct store *st = c->base.store;
    const struct agent *a = store_agent(
        st, store_find(st, KIND_AGENT, span_of(f->ns), span_of(f->name)));

    return a != NULL && agent_run_by(a, c->base.plane) != NULL &&
           fracta_name_ok(f->name);
}

static void focus(struct source *base, const struct focus *agents, int count)
{
    struct control *c = (struct control *)base;
    const struct watch_calls calls = {on_event, finish_part, c};
    struct watch *kept[CONTROL_WATCHES];
    int n = 0;

    if (c->refused.code != 0)
        return;
    for (int i = 0; i < count && n < CONTROL_WATCHES; i++) {
        struct watch *w = NULL;

        if (!watched(c, &agents[i]))
            continue;
        for (int k = 0; k < c->watch_count; k++) {
            if (c->watches[k] != NULL &&
                strcmp(watch_name(c->watches[k]), agents[i].name) == 0) {
                w = c->watches[k];
                c->watches[k] = NULL;
            }
        }
        if (w == NULL) {
            w = watch_open(c->http, &c->target, c->events, agents[i].name,
                           &calls);
            c->parts++;
        }
        kept[n++] = w;
    }
    for (int k = 0; k < c->watch_count; k++) {
        if (c->watches[k] == NULL)
            continue;
        c->bad_events += watch_bad(c->watches[k]);
        watch_close(c->watches[k]);
    }
    memcpy(c->watches, kept, (size_t)n * sizeof *kept);
    c->watch_count = n;
    /* the first that is wanted, if it is ours */
    fracta_mission_look(c->mission, count > 0 && n > 0 &&
                                            strcmp(watch_name(kept[0]),
                                                   agents[0].name) == 0
                                        ? agents[0].name
                                        : "");
}

static void unfollow(struct source *base)
{
    struct control *c = (struct control *)base;

    if (c->output != NULL)
        fracta_output_close(c->output, finish_part, c);
    c->output = NULL;
}

static bool follow(struct source *base, const char *ns, const char *name,
                   const struct source_lines *calls)
{
    struct control *c = (struct control *)base;
    const struct focus of = {ns, name};

    if (c->refused.code != 0 || !watched(c, &of))
        return false;
    unfollow(base);
    c->lines = *calls;
    c->output = fracta_output_open(c->http, &c->target, c->events, name,
                                   calls);
    c->parts++;
    return true;
}

static bool on_fetched(const char *p, size_t n, void *arg)
{
    return buf_add(&((struct control *)arg)->fetch.body, p, n);
}

static void on_fetch_done(const struct http_answer *answer,
                          const struct error *err, void *arg)
{
    struct control *c = arg;
    struct error e = *err;
    struct buf yaml;

    c->fetch.request = NULL;
    buf_init(&yaml, CONTROL_FETCH_MAX * 2);
    if (c->fetch.body.over)
        error_set(&e, ERR_LIMIT, "larger than %u bytes", CONTROL_FETCH_MAX);
    else if (e.code == 0 && answer->status != 200)
        fracta_refusal(answer, &e);
    if (e.code == 0)
        json_to_yaml(buf_text(&c->fetch.body), c->fetch.body.len, NULL, &yaml,
                     &e);
    c->fetch.cb(e.code == 0 ? buf_text(&yaml) : NULL, yaml.len,
                e.code == 0 ? NULL : &e, c->fetch.arg);
    buf_finish(&yaml);
    buf_shrink(&c->fetch.body, 0);
}

static bool fetch(struct source *base, enum kind kind, const char *ns,
                  const char *name, source_fetch_cb cb, void *arg)
{
    struct control *c = (struct control *)base;
    const struct http_calls calls = {
        .data = on_fetched, .done = on_fetch_done, .arg = c};
    const struct focus of = {ns, name};
    char path[200];
    const struct http_want want = {
        .path = path, .silence_ms = 15000, .http1 = true};
    struct error err;

    if (c->refused.code != 0 || strcmp(ns, c->ns) != 0 ||
        !fracta_name_ok(name) ||
        (kind == KIND_AGENT ? !watched(c, &of) : kind != KIND_OBJECTIVE))
        return false;
    http_cancel(c->fetch.request);
    buf_clear(&c->fetch.body);
    c->fetch.body.over = false;
    c->fetch.cb = cb;
    c->fetch.arg = arg;
    snprintf(path, sizeof path, "/api/v1/%s/%s",
             kind == KIND_AGENT ? "agents" : "objectives", name);
    c->fetch.request = http_start(c->http, &c->target, &want, &calls, &err);
    return c->fetch.request != NULL;
}

static int plan(struct source *base, struct plan *p, struct error *err)
{
    struct control *c = (struct control *)base;

    return control_plan(base->store, base->plane, c->ns, p, err);
}

static int send_plan(struct source *base, const struct plan *p,
                     const char *key, source_sent_cb cb, void *arg,
                     struct error *err)
{
    struct control *c = (struct control *)base;

    if (c->refused.code != 0) {
        *err = c->refused;
        return err->code;
    }
    return fracta_sender_send(c->sender, p, key, cb, arg, err);
}

static int try_plan(struct source *base, const struct plan *p,
                    source_tried_cb cb, void *arg, struct error *err)
{
    struct control *c = (struct control *)base;

    if (c->refused.code != 0) {
        *err = c->refused;
        return err->code;
    }
    return fracta_dry_run_start(c->dry_run, p, cb, arg, err);
}

static void untry(struct source *base)
{
    fracta_dry_run_cancel(((struct control *)base)->dry_run);
}

static void close_source(struct source *base)
{
    struct control *c = (struct control *)base;

    c->closing = true;
    if (c->output != NULL) /* the page is there still */
        c->lines.told("its control plane is not among the sources any more",
                      true, c->lines.arg);
    unfollow(base);
    fracta_dry_run_close(c->dry_run);
    fracta_mission_close(c->mission, finish_part, c);
    fracta_sender_close(c->sender);
    http_cancel(c->fetch.request);
    poll_close(c->agents, finish_part, c);
    poll_close(c->objectives, finish_part, c);
    for (int i = 0; i < c->watch_count; i++)
        watch_close(c->watches[i]);
    c->watch_count = 0;
    http_close(c->http, finish_part, c);
}

static void doctor(const struct source *base, source_doctor_fn fn, void *arg)
{
    const struct control *c = (const struct control *)base;
    const struct plane *p = base->plane;
    char text[320], url[120];

    mask_url(c->url, url, sizeof url);
    if (p->state == PLANE_LIVE)
        snprintf(text, sizeof text,
                 "%s, %d ms, %d of its agents watched, %llu events, %llu "
                 "unreadable",
                 url, (int)p->latency_ms, c->watch_count,
                 (unsigned long long)c->received,
                 (unsigned long long)(c->bad + c->bad_events));
    else
        snprintf(text, sizeof text, "%s: %.180s", url, p->error.msg);
    fn(p->state == PLANE_LIVE ? p->insecure ? FINDING_WARN : FINDING_OK
                              : FINDING_BAD,
       p->name, text,
       p->state == PLANE_LIVE
           ? c->target.insecure
                 ? "its certificate is not checked: anybody may be there"
                 : "it is plain HTTP: whoever is between reads and writes along"
           : "is it up there? fracta serve --control-plane-api-only",
       arg);
}

static const struct source_impl impl = {.name = "control plane",
                                        .start = start,
                                        .refresh = refresh,
                                        .focus = focus,
                                        .fetch = fetch,
                                        .follow = follow,
                                        .unfollow = unfollow,
                                        .plan = plan,
                                        .send = send_plan,
                                        .try_plan = try_plan,
                                        .untry = untry,
                                        .hurry = hurry,
                                        .close = close_source,
                                        .doctor = doctor};

struct source *control_source_create(uv_loop_t *loop, struct store *store,
                                     const struct control_options *o)
{
    struct control *c = xcalloc(1, sizeof *c);
    const struct poll_want agents = {"/api/v1/agents", "agents",
                                     CONTROL_AGENTS_MS, on_agents_begin,
                                     on_agent, on_agents, c};
    const struct poll_want objectives = {
        "/api/v1/objectives", "objectives", CONTROL_OBJECTIVES_MS,
        on_objectives_begin, on_objective, on_objectives, c};

    source_init(&c->base, &impl, loop, store);
    snprintf(c->base.plane->name, sizeof c->base.plane->name, "%s", o->name);
    c->base.plane->rank = RANK_CONTROL;
    c->url = xstrdup(o->url);
    c->socket = xstrdup_or_null(o->socket);
    c->ca_pem = xstrdup_or_null(o->ca_pem);
    c->ns = xstrdup(o->ns);
    c->target = (struct http_target){
        .base = c->url,
        .socket = c->socket,
        .ca_pem = c->ca_pem,
        .insecure = o->insecure && strncmp(c->url, "https://", 8) == 0};
    c->http = http_create(loop, o->user_agent);
    http_allow_writes(c->http, o->writes);
    c->sender = fracta_sender_create(c->http, &c->target, SEND_MS);
    fracta_sender_blunt(c->sender);
    c->dry_run = fracta_dry_run_create(c->http, &c->target);
    c->mission = fracta_mission_create(c->http, &c->target, on_mission, c);
    c->reader = fracta_reader_create();
    c->events = fracta_reader_create();
    buf_init(&c->fetch.body, CONTROL_FETCH_MAX);
    c->agents = poll_create(c->http, &c->target, &agents);
    c->objectives = poll_create(c->http, &c->target, &objectives);
    c->parts = 4;
    if (c->target.insecure) {
        c->base.plane->insecure = true;
        snprintf(c->base.plane->detail, sizeof c->base.plane->detail,
                 "certificate not checked");
    }
    if (c->socket == NULL)
        plain_http_check(c->url, o->plain_http, c->base.plane, &c->refused);
    return &c->base;
}
