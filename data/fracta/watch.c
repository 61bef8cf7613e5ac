#include "config.h"

#include "data/fracta/watch.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/json/cut.h"
#include "data/net/sse.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 20 /* of full answers; what is more the stream brings */

enum watch_asks {
    ASK_LAST,  /* its last events */
    ASK_SINCE, /* those since the last id */
    STREAM,
};

struct watch {
    struct http *http;
    const struct http_target *target;
    struct fracta_reader *reader;
    struct watch_calls calls;
    struct http_request *request;
    uv_timer_t again;
    struct sse sse;
    struct cut cut; /* of the answer with its last events */
    char name[72];
    char last[64]; /* id of the newest event */
    char since[64]; /* what was asked for last is since this one */
    uint64_t bad, bytes;
    int64_t delay_ms;
    int told;   /* events of the answer that is being read */
    int rounds; /* full answers in a row */
    enum watch_asks asks;
};

bool fracta_name_ok(const char *name)
{
    size_t n = strlen(name);

    if (n == 0 || n > 64 || !isalnum((unsigned char)name[0]))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '-' &&
            name[i] != '_')
            return false;
    return true;
}

/* Only what can stand in a query as it is. */
static bool id_ok(struct span id)
{
    if (id.n == 0 || id.n >= sizeof ((struct watch *)0)->last)
        return false;
    for (size_t i = 0; i < id.n; i++)
        if (!isalnum((unsigned char)id.p[i]) && id.p[i] != '-')
            return false;
    return true;
}

static void take(struct watch *w, struct span json)
{
    struct fracta_event e;
    struct error err;

    if (fracta_read_event(w->reader, json, &e, &err) != 0) {
        w->bad++;
        return;
    }
    if (id_ok(e.id))
        snprintf(w->last, sizeof w->last, "%.*s", (int)e.id.n, e.id.p);
    e.agent = span_of(w->name); /* the path says whose they are */
    w->calls.event(&e, w->calls.arg);
}

static void on_frame(const struct sse_event *e, void *arg)
{
    if (!span_is(e->event, "snapshot")) /* the list has that */
        take(arg, e->data);
}

static bool on_object(enum cut_what what, const char *text, size_t len,
                      void *arg)
{
    struct watch *w = arg;

    if (what == CUT_ITEM) {
        w->told++;
        take(w, (struct span){text, len});
    }
    return true;
}

static void ask(struct watch *w);

static void on_again(uv_timer_t *t)
{
    ask(t->data);
}

static bool on_data(const char *p, size_t n, void *arg)
{
    struct watch *w = arg;
    struct error err;

    if (w->asks == STREAM) {
        w->delay_ms = 0; /* of a list that is broken off it is not */
        sse_feed(&w->sse, p, n);
        return true;
    }
    w->bytes += n;
    if (w->bytes > WATCH_BODY_MAX)
        return false;
    if (cut_feed(&w->cut, p, n, &err) != 0) {
        w->bad++;
        return false;
    }
    return true;
}

/* What is asked for behind a list that came whole. */
static enum watch_asks after_list(struct watch *w)
{
    if (w->asks == ASK_LAST)
        return STREAM;
    if (w->told == 0) /* no news, or the id is not known there */
        return ASK_LAST;
    if (strcmp(w->since, w->last) == 0)
        return STREAM; /* it told the same: it knows no "since" */
    return w->told < WATCH_LAST || ++w->rounds == ROUNDS ? STREAM : ASK_SINCE;
}

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct watch *w = arg;
    bool well = err->code == 0 && answer->status == 200;

    w->request = NULL;
    if (w->asks == STREAM && err->code == ERR_SILENT) {
        ask(w); /* it lives, and nothing happened */
        return;
    }
    if (w->asks == STREAM) {
        w->asks = w->last[0] != '\0' ? ASK_SINCE : ASK_LAST;
        w->rounds = 0;
    } else if (well) {
        w->asks = after_list(w);
        ask(w);
        return;
    } else if (answer->status != 0) {
        w->asks = STREAM; /* without them, they cannot be had */
    }
    w->delay_ms = w->delay_ms > 0 ? w->delay_ms * 2 : 500;
    if (w->delay_ms > WATCH_RETRY_MAX_MS)
        w->delay_ms = WATCH_RETRY_MAX_MS;
    uv_timer_start(&w->again, on_again,
                   (uint64_t)(w->delay_ms + rand() % 250), 0);
}

static void ask(struct watch *w)
{
    const struct http_calls calls = {
        .data = on_data, .done = on_done, .arg = w};
    char path[200];
    struct http_want want = {.path = path, .http1 = true};
    struct error err;

    if (w->asks != STREAM) {
        memcpy(w->since, w->last, sizeof w->since);
        snprintf(path, sizeof path, "/api/v1/agents/%s/events?last=%d%s%s",
                 w->name, WATCH_LAST,
                 w->asks == ASK_SINCE ? "&since=" : "",
                 w->asks == ASK_SINCE ? w->last : "");
        w->told = 0;
        want.silence_ms = 15000;
        w->bytes = 0;
        cut_reset(&w->cut, CUT_LIST);
    } else {
        snprintf(path, sizeof path, "/api/v1/agents/%s/watch%s%s", w->name,
                 w->last[0] ? "?since=" : "", w->last);
        /* an agent without news sends not even headers at once */
        want.first_byte_ms = want.silence_ms = WATCH_SILENCE_MS;
        want.trickle = true;
        sse_reset(&w->sse);
    }
    w->request = http_start(w->http, w->target, &want, &calls, &err);
    if (w->request == NULL)
        uv_timer_start(&w->again, on_again, WATCH_RETRY_MAX_MS, 0);
}

struct watch *watch_open(struct http *http, const struct http_target *target,
                         struct fracta_reader *reader, const char *name,
                         const struct watch_calls *calls)
{
    struct watch *w = xcalloc(1, sizeof *w);

    w->http = http;
    w->target = target;
    w->reader = reader;
    w->calls = *calls;
    snprintf(w->name, sizeof w->name, "%s", name);
    sse_init(&w->sse, on_frame, w);
    cut_init(&w->cut, CUT_LIST, on_object, w);
    w->cut.list = "events";
    uv_timer_init(http_loop(http), &w->again);
    w->again.data = w;
    ask(w);
    return w;
}

const char *watch_name(const struct watch *w)
{
    return w->name;
}

uint64_t watch_bad(const struct watch *w)
{
    return w->bad;
}

void watch_kick(struct watch *w)
{
    if (w->request == NULL) {
        uv_timer_stop(&w->again);
        w->delay_ms = 0;
        ask(w);
    }
}

static void on_timer_closed(uv_handle_t *h)
{
    struct watch *w = h->data;
    struct watch_calls calls = w->calls;

    sse_finish(&w->sse);
    cut_finish(&w->cut);
    free(w);
    calls.closed(calls.arg);
}

void watch_close(struct watch *w)
{
    http_cancel(w->request);
    uv_close((uv_handle_t *)&w->again, on_timer_closed);
}
