#include "config.h"

#include "data/fracta/source.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "data/fracta/act.h"
#include "data/fracta/read.h"
#include "data/fracta/sender.h"
#include "data/json/pick.h"
#include "data/net/http.h"
#include "data/net/sse.h"
#include "data/source_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_FIRST_MS 30
#define RETRY_MAX_MS 3000
#define LAUNCH_EVERY_MS 5000

struct fracta_source {
    struct source base;
    struct http *http;
    struct http_target target;
    struct http_request *stream;
    struct fracta_sender *sender;
    struct sse sse;
    struct fracta_reader *reader;
    uv_timer_t again;
    char socket[108];
    char last[40]; /* id of the last event */
    uint32_t epoch;
    int64_t delay_ms, launched_ms, began_ms;
    uint64_t bad; /* frames that could not be read */
    bool live;    /* "ready" came on this connection */
    bool (*launch)(void *arg, struct error *err);
    void *launch_arg;
    int handles;
};

static void connect_stream(struct fracta_source *s);

static struct origin origin(const struct fracta_source *s)
{
    return (struct origin){.plane = s->base.plane,
                           .stream = store_stream_of(s->base.store,
                                                     s->base.plane),
                           .epoch = s->epoch,
                           .now_ms = clock_wall_ms(),
                           .initial = !s->live};
}

static void streams_are(struct fracta_source *s, enum stream_state state)
{
    store_stream(s->base.store, s->base.plane, KIND_AGENT, state, "");
    store_stream(s->base.store, s->base.plane, KIND_PHEROMONE, state, "");
    store_stream(s->base.store, s->base.plane, KIND_PROPOSAL, state, "");
    store_stream(s->base.store, s->base.plane, KIND_EVENT, state, "");
}

static void proof(struct fracta_source *s)
{
    s->base.plane->proof_ms = clock_wall_ms();
    s->base.plane->retry_ms = 0;
}

static void bad_frame(struct fracta_source *s, const struct error *err)
{
    s->bad++;
    snprintf(s->base.plane->detail, sizeof s->base.plane->detail,
             "%llu unreadable, last: %.60s", (unsigned long long)s->bad,
             err->msg);
    store_plane_changed(s->base.store);
}

static void take_agent(struct fracta_source *s, const struct sse_event *e,
                       bool gone)
{
    struct origin o = origin(s);
    struct run_facts f;
    struct error err;

    if (fracta_read_agent(s->reader, e->data, &f, &err) != 0)
        bad_frame(s, &err);
    else if (gone)
        store_run_gone(s->base.store, s->base.plane, f.ns, f.name);
    else
        store_put_run(s->base.store, &f, &o);
}

static void take_proposal(struct fracta_source *s, const struct sse_event *e)
{
    struct origin o = origin(s);
    struct proposal_facts f;
    struct asked_facts asked;
    struct error err;

    if (fracta_read_proposal(s->reader, e->data, &f, &asked, &err) != 0)
        bad_frame(s, &err);
    else
        store_put_proposal(s->base.store, &f, &o);
}

static void take_pheromone(struct fracta_source *s, const struct sse_event *e,
                           bool gone)
{
    struct origin o = origin(s);
    struct pheromone_facts f;
    struct error err;

    if (fracta_read_pheromone(s->reader, e->data, &f, &err) != 0)
        bad_frame(s, &err);
    else if (gone)
        store_gone(s->base.store, KIND_PHEROMONE, (struct span){"", 0},
                   f.meta.name);
    else
        store_put_pheromone(s->base.store, &f, &o);
}

static void take_event(struct fracta_source *s, const struct sse_event *e)
{
    struct fracta_event ev;
    struct thought_facts t;
    struct error err;

    if (fracta_read_event(s->reader, e->data, &ev, &err) != 0) {
        bad_frame(s, &err);
        return;
    }
    if (e->id.n > 0 && e->id.n < sizeof s->last)
        snprintf(s->last, sizeof s->last, "%.*s", (int)e->id.n, e->id.p);
    /* signals are rows as well, and the store makes a thought of each */
    if (!span_is(ev.category, "pheromone") && fracta_thought(&ev, &t))
        store_thought(s->base.store, &t);
}

/* All rows were told: what was not is gone. */
static void take_ready(struct fracta_source *s)
{
    static const enum kind kinds[] = {KIND_AGENT, KIND_PHEROMONE,
                                      KIND_PROPOSAL};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        store_sweep(s->base.store, kinds[i],
                    store_stream_of(s->base.store, s->base.plane), s->epoch);
        store_drop_picture(s->base.store, kinds[i]);
    }
    s->live = true;
    s->delay_ms = 0;
    s->base.plane->answered = true;
    error_clear(&s->base.plane->error);
    streams_are(s, STREAM_LIVE);
    source_set_state(&s->base, PLANE_LIVE);
    store_plane_changed(s->base.store);
}

enum { PROTOCOL, VERSION_TEXT, PRACTICE };

static void on_hello(void *arg, int field, const struct pick_value *v)
{
    struct fracta_source *s = arg;
    struct plane *p = s->base.plane;
    int64_t n;

    if (field == PRACTICE)
        p->practice = pick_true(v);
    else if (field == VERSION_TEXT && v->type == PICK_STRING)
        snprintf(p->version, sizeof p->version, "%.*s",
                 (int)(v->text.n < 31 ? v->text.n : 31), v->text.p);
    else if (field == PROTOCOL && v->type == PICK_NUMBER &&
             pick_int(v, 0, INT32_MAX, &n) && n != FRACTA_PROTOCOL)
        snprintf(p->detail, sizeof p->detail,
                 "speaks protocol %d, not %d: terrarium habitat restart",
                 (int)n, FRACTA_PROTOCOL);
}

static void take_hello(struct fracta_source *s, const struct sse_event *e)
{
    static const struct pick_rule rules[] = {
        {"protocol", PROTOCOL},
                                             {"version", VERSION_TEXT},
                                             {"practice", PRACTICE},
                                             {NULL, 0}};
    struct pick *p = pick_create(rules);
    struct error err;

    s->base.plane->latency_ms =
        (int32_t)((int64_t)uv_now(s->base.loop) - s->began_ms);
    pick_run(p, e->data.p, e->data.n, on_hello, s, &err);
    pick_destroy(p);
    store_drop_picture(s->base.store, KIND_EVENT);
}

static void on_event(const struct sse_event *e, void *arg)
{
    struct fracta_source *s = arg;

    if (span_is(e->event, "agent") || span_is(e->event, "agent.gone"))
        take_agent(s, e, e->event.n > 5);
    else if (span_is(e->event, "proposal"))
        take_proposal(s, e);
    else if (span_is(e->event, "pheromone") ||
             span_is(e->event, "pheromone.gone"))
        take_pheromone(s, e, e->event.n > 9);
    else if (span_is(e->event, "ready"))
        take_ready(s);
    else if (span_is(e->event, "hello"))
        take_hello(s, e);
    else
        take_event(s, e);
}

static bool on_data(const char *p, size_t n, void *arg)
{
    struct fracta_source *s = arg;

    proof(s);
    sse_feed(&s->sse, p, n);
    return true;
}

static void on_again(uv_timer_t *t)
{
    connect_stream(t->data);
}

static void retry(struct fracta_source *s)
{
    struct plane *p = s->base.plane;
    int64_t delay = s->delay_ms ? s->delay_ms * 2 : RETRY_FIRST_MS;

    delay = delay > RETRY_MAX_MS ? RETRY_MAX_MS : delay;
    s->delay_ms = delay;
    delay += delay * (rand() % 25) / 100;
    p->retry_ms = clock_wall_ms() + delay;
    uv_timer_start(&s->again, on_again, (uint64_t)delay, 0);
}

/* Nobody there: one is started, now and then, if that is wanted. */
static void launch(struct fracta_source *s)
{
    int64_t now = (int64_t)uv_now(s->base.loop);
    struct error err;

    if (s->launch == NULL ||
        (s->launched_ms > 0 && now - s->launched_ms < LAUNCH_EVERY_MS))
        return;
    s->launched_ms = now;
    if (!s->launch(s->launch_arg, &err))
        s->base.plane->error = err;
}

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct fracta_source *s = arg;
    struct plane *p = s->base.plane;

    s->stream = NULL;
    if (err->code != 0)
        p->error = *err;
    else if (answer->status != 200)
        error_set(&p->error, ERR_SERVER, "the habitat answered %d",
                  answer->status);
    else
        error_set(&p->error, ERR_CUT, "the stream ended");
    if (err->code == ERR_CONNECT) {
        snprintf(p->detail, sizeof p->detail, "not up: %s",
                 s->launch ? "being started" : "terrarium habitat start");
        launch(s);
        if (s->launch == NULL)
            p->answered = true;
    }
    if (s->live)
        streams_are(s, STREAM_STALE);
    source_set_state(&s->base, p->proof_ms > 0     ? PLANE_STALE
                               : s->launch != NULL ? PLANE_CONNECTING
                                                   : PLANE_OFF);
    s->live = false;
    store_plane_changed(s->base.store);
    retry(s);
}

static void connect_stream(struct fracta_source *s)
{
    const struct http_calls calls = {
        .data = on_data, .done = on_done, .arg = s};
    char path[120];
    struct http_want want = {.path = path,
                             .silence_ms = FRACTA_SILENCE_MS,
                             .http1 = true};
    struct error err;

    if (s->last[0] != '\0')
        snprintf(path, sizeof path, "/api/v1/events/stream?since=%s", s->last);
    else
        snprintf(path, sizeof path, "/api/v1/events/stream?last=500");
    sse_reset(&s->sse);
    s->began_ms = (int64_t)uv_now(s->base.loop);
    s->epoch++;
    s->base.plane->detail[0] = '\0';
    s->stream = http_start(s->http, &s->target, &want, &calls, &err);
    if (s->stream == NULL) {
        s->base.plane->error = err;
        retry(s);
    }
}

static void start(struct source *base)
{
    struct fracta_source *s = (struct fracta_source *)base;

    source_set_state(&s->base, PLANE_CONNECTING);
    streams_are(s, STREAM_LOADING);
    connect_stream(s);
}

static void refresh(struct source *base)
{
    struct fracta_source *s = (struct fracta_source *)base;

    s->delay_ms = 0;
    s->launched_ms = 0;
    if (s->stream == NULL && uv_is_active((uv_handle_t *)&s->again)) {
        uv_timer_stop(&s->again);
        connect_stream(s);
    }
}

static int plan(struct source *base, struct plan *p, struct error *err)
{
    return fracta_plan(base->store, base->plane, p, err);
}

static int send_plan(struct source *base, const struct plan *p,
                     const char *key, source_sent_cb cb, void *arg,
                     struct error *err)
{
    struct fracta_source *s = (struct fracta_source *)base;

    return fracta_sender_send(s->sender, p, key, cb, arg, err);
}

static void handle_closed(struct fracta_source *s)
{
    if (--s->handles > 0)
        return;
    source_finish(&s->base);
    sse_finish(&s->sse);
    fracta_reader_destroy(s->reader);
    free(s);
}

static void on_timer_closed(uv_handle_t *h)
{
    handle_closed(h->data);
}

static void on_http_closed(void *arg)
{
    handle_closed(arg);
}

static void close_source(struct source *base)
{
    struct fracta_source *s = (struct fracta_source *)base;

    fracta_sender_close(s->sender);
    http_cancel(s->stream);
    s->stream = NULL;
    uv_close((uv_handle_t *)&s->again, on_timer_closed);
    http_close(s->http, on_http_closed, s);
}

static void doctor(const struct source *base, source_doctor_fn fn, void *arg)
{
    const struct fracta_source *s = (const struct fracta_source *)base;
    char text[160];

    snprintf(text, sizeof text, "%s, %llu events, %llu dropped, %llu "
             "unreadable", s->socket, (unsigned long long)s->sse.events,
             (unsigned long long)s->sse.dropped, (unsigned long long)s->bad);
    fn(s->live ? FINDING_OK : FINDING_WARN, "habitat", text,
       s->live ? NULL : "terrarium habitat start", arg);
}

static const struct source_impl impl = {.name = "habitat",
                                        .start = start,
                                        .refresh = refresh,
                                        .plan = plan,
                                        .send = send_plan,
                                        .close = close_source,
                                        .doctor = doctor};

struct source *fracta_source_create(uv_loop_t *loop, struct store *store,
                                    const struct fracta_options *options)
{
    struct fracta_source *s = xcalloc(1, sizeof *s);

    source_init(&s->base, &impl, loop, store);
    snprintf(s->socket, sizeof s->socket, "%s", options->socket);
    s->target = (struct http_target){.base = "http://habitat",
                                     .socket = s->socket};
    s->http = http_create(loop, options->user_agent);
    http_allow_writes(s->http, options->writes);
    s->sender = fracta_sender_create(s->http, &s->target, 0);
    s->base.plane->practice = options->practice;
    s->base.plane->rank = RANK_CONTROL;
    sse_init(&s->sse, on_event, s);
    s->reader = fracta_reader_create();
    s->launch = options->launch;
    s->launch_arg = options->launch_arg;
    s->handles = 2;
    uv_timer_init(loop, &s->again);
    s->again.data = s;
    return &s->base;
}
