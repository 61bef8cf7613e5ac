#include "config.h"

#include "data/fracta/document.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/fracta/sender.h"

#include <stdio.h>
#include <stdlib.h>

struct document {
    struct http *http;
    const struct http_target *target;
    struct document_want want;
    struct http_request *request;
    uv_timer_t timer;
    struct buf body;
    char path[200];
    int64_t interval_ms, wait_ms; /* wait_ms 0: the interval */
    void (*closed)(void *arg);
    void *closed_arg;
};

static void ask(struct document *d);

static void on_timer(uv_timer_t *t)
{
    ask(t->data);
}

static bool on_data(const char *p, size_t n, void *arg)
{
    return buf_add(&((struct document *)arg)->body, p, n);
}

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct document *d = arg;
    const struct document_want *w = &d->want;
    struct span body = {buf_text(&d->body), d->body.len};
    struct error e = *err;

    d->request = NULL;
    if (d->body.over)
        error_set(&e, ERR_LIMIT, "more than %zu bytes", w->body_max);
    else if (e.code == 0 && answer->status != 200)
        fracta_refusal(answer, &e);
    d->wait_ms = 0;
    if (w->told(body, answer, &e, w->arg))
        d->interval_ms = w->least_ms;
    else
        d->interval_ms += d->interval_ms / 2;
    if (d->interval_ms > w->most_ms)
        d->interval_ms = w->most_ms;
    buf_shrink(&d->body, 64u << 10);
    if (d->path[0] != '\0' && d->request == NULL)
        uv_timer_start(&d->timer, on_timer,
                       (uint64_t)(d->wait_ms > 0 ? d->wait_ms
                                                 : d->interval_ms),
                       0);
}

static void ask(struct document *d)
{
    const struct http_calls calls = {
        .data = on_data, .done = on_done, .arg = d};
    const struct http_want want = {
        .path = d->path, .silence_ms = 15000, .http1 = true};
    struct error err;

    if (d->request != NULL || d->path[0] == '\0')
        return;
    buf_clear(&d->body);
    d->request = http_start(d->http, d->target, &want, &calls, &err);
    if (d->request == NULL)
        uv_timer_start(&d->timer, on_timer, (uint64_t)d->want.most_ms, 0);
}

struct document *document_create(struct http *http,
                                 const struct http_target *target,
                                 const struct document_want *want)
{
    struct document *d = xcalloc(1, sizeof *d);

    d->http = http;
    d->target = target;
    d->want = *want;
    d->interval_ms = want->least_ms;
    buf_init(&d->body, want->body_max);
    uv_timer_init(http_loop(http), &d->timer);
    d->timer.data = d;
    return d;
}

void document_path(struct document *d, const char *path)
{
    http_cancel(d->request);
    d->request = NULL;
    uv_timer_stop(&d->timer);
    d->interval_ms = d->want.least_ms;
    snprintf(d->path, sizeof d->path, "%s", path);
}

void document_kick(struct document *d)
{
    d->interval_ms = d->want.least_ms;
    ask(d);
}

void document_wait(struct document *d, int64_t ms)
{
    d->wait_ms = ms;
}

static void on_timer_closed(uv_handle_t *h)
{
    struct document *d = h->data;
    void (*closed)(void *) = d->closed;
    void *arg = d->closed_arg;

    buf_finish(&d->body);
    free(d);
    closed(arg);
}

void document_close(struct document *d, void (*closed)(void *arg), void *arg)
{
    http_cancel(d->request);
    d->request = NULL;
    d->closed = closed;
    d->closed_arg = arg;
    uv_close((uv_handle_t *)&d->timer, on_timer_closed);
}
