#include "config.h"

#include "data/fracta/poll.h"

#include "base/xalloc.h"
#include "data/fracta/sender.h"
#include "data/json/cut.h"

#include <stdlib.h>
#include <string.h>

struct poll {
    struct http *http;
    const struct http_target *target;
    struct poll_want want;
    struct http_request *request;
    uv_timer_t timer;
    struct cut cut;
    struct error bad;   /* of the answer that is being read */
    uint64_t sum, last; /* of the bytes: this answer's and the one before */
    uint64_t bytes;
    int64_t interval_ms;
    bool hurry, again;
    void (*closed)(void *arg);
    void *closed_arg;
};

static void ask(struct poll *p);

static void on_timer(uv_timer_t *t)
{
    ask(t->data);
}

void poll_wait(struct poll *p, int64_t ms)
{
    uv_timer_start(&p->timer, on_timer, (uint64_t)ms, 0);
}

static bool on_object(enum cut_what what, const char *text, size_t len,
                      void *arg)
{
    struct poll *p = arg;

    return what != CUT_ITEM ||
           p->want.object((struct span){text, len}, p->want.arg);
}

/* The same however the bytes are cut into pieces. */
static uint64_t sum(uint64_t h, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)p[i]) * 0x100000001b3u;
    return h;
}

static bool on_data(const char *bytes, size_t n, void *arg)
{
    struct poll *p = arg;

    if (p->bytes == 0)
        p->want.begin(p->want.arg);
    p->bytes += n;
    p->sum = sum(p->sum, bytes, n);
    if (p->bytes > POLL_BODY_MAX) {
        error_set(&p->bad, ERR_LIMIT, "%s: more than %u bytes", p->want.path,
                  POLL_BODY_MAX);
        return false;
    }
    return cut_feed(&p->cut, bytes, n, &p->bad) == 0;
}

/* Of the refusals only these say that there is no such thing. */
static bool absent(const struct http_answer *answer, const struct error *why)
{
    return answer->status == 404 ||
           (answer->status == 500 &&
            (strstr(why->msg, "not configured") != NULL ||
             strstr(why->msg, "no queue") != NULL));
}

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct poll *p = arg;
    enum poll_result result = POLL_FAILED;
    struct error e = *err;
    const struct poll_want *w = &p->want;

    p->request = NULL;
    if (p->bad.code != 0) {
        e = p->bad;
    } else if (e.code == 0 && answer->status != 200) {
        fracta_refusal(answer, &e);
        if (absent(answer, &e))
            result = POLL_ABSENT;
    } else if (e.code == 0 && cut_end(&p->cut, &e) == 0) {
        if (p->bytes == 0) {
            error_set(&e, ERR_SYNTAX, "%s: an empty answer", w->path);
        } else {
            result = POLL_WHOLE;
            p->interval_ms = p->sum != p->last || p->hurry
                                 ? w->least_ms
                                 : p->interval_ms + p->interval_ms / 2;
            if (p->interval_ms > w->most_ms)
                p->interval_ms = w->most_ms;
            p->last = p->sum;
        }
    }
    if (p->again)
        poll_wait(p, 0);
    else
        poll_wait(p, result == POLL_ABSENT ? POLL_ABSENT_MS : p->interval_ms);
    p->again = false;
    w->done(result, answer, &e, w->arg);
}

static void ask(struct poll *p)
{
    const struct http_calls calls = {
        .data = on_data, .done = on_done, .arg = p};
    const struct http_want want = {
        .path = p->want.path, .silence_ms = 15000, .http1 = true};
    const struct http_answer none = {0};
    struct error err;

    if (p->request != NULL) {
        p->again = true;
        return;
    }
    cut_reset(&p->cut, CUT_LIST);
    error_clear(&p->bad);
    p->sum = 0xcbf29ce484222325u;
    p->bytes = 0;
    p->request = http_start(p->http, p->target, &want, &calls, &err);
    if (p->request == NULL) {
        poll_wait(p, p->want.most_ms);
        p->want.done(POLL_FAILED, &none, &err, p->want.arg);
    }
}

struct poll *poll_create(struct http *http, const struct http_target *target,
                         const struct poll_want *want)
{
    struct poll *p = xcalloc(1, sizeof *p);

    p->http = http;
    p->target = target;
    p->want = *want;
    p->interval_ms = want->least_ms;
    cut_init(&p->cut, CUT_LIST, on_object, p);
    p->cut.list = want->list;
    uv_timer_init(http_loop(http), &p->timer);
    p->timer.data = p;
    return p;
}

void poll_kick(struct poll *p)
{
    p->interval_ms = p->want.least_ms;
    ask(p);
}

void poll_hurry(struct poll *p, bool on)
{
    p->hurry = on;
    if (on)
        poll_kick(p);
}

static void on_timer_closed(uv_handle_t *h)
{
    struct poll *p = h->data;
    void (*closed)(void *) = p->closed;
    void *arg = p->closed_arg;

    cut_finish(&p->cut);
    free(p);
    closed(arg);
}

void poll_close(struct poll *p, void (*closed)(void *arg), void *arg)
{
    http_cancel(p->request);
    p->closed = closed;
    p->closed_arg = arg;
    uv_close((uv_handle_t *)&p->timer, on_timer_closed);
}
