#include "config.h"

#include "data/kube/tail.h"

#include "base/when.h"
#include "base/xalloc.h"
#include "data/kube/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kube_tail {
    struct kube_reach *reach;
    struct kube_tail_calls calls;
    struct kube_pod pod;
    char *ns, *agent;
    struct kube_call *call;
    struct kube_lines lines;
    uv_timer_t timer; /* asks again */
    int64_t last_ns;  /* of the last line */
    bool again;       /* lines up to last_ns were there before */
    bool previous, closing;
};

static void __attribute__((format(printf, 3, 4)))
told(struct kube_tail *t, bool bad, const char *fmt, ...)
{
    char text[400];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    t->calls.told(text, bad, t->calls.arg);
}

static bool take(const char *s, size_t n, void *arg)
{
    struct kube_tail *t = arg;
    int64_t at_ns;
    size_t text = kube_line_time(s, n, &at_ns);

    if (text == 0) {
        t->calls.line(0, s, n, t->calls.arg); /* the node's own words */
        return !t->closing;
    }
    if (t->again && at_ns <= t->last_ns)
        return true;
    t->again = false;
    t->last_ns = at_ns;
    t->calls.line(at_ns / 1000000, s + text, n - text, t->calls.arg);
    return !t->closing;
}

static bool on_data(const char *p, size_t n, void *arg)
{
    struct kube_tail *t = arg;

    return kube_lines_add(&t->lines, p, n, take, t);
}

static void on_headers(const struct http_answer *answer, void *arg)
{
    struct kube_tail *t = arg;

    if (answer->status == 200)
        told(t, false, "%s%s", t->previous ? "the run before, of " : "follows ",
             t->pod.name);
}

static void ask(struct kube_tail *t);

static void on_timer(uv_timer_t *timer)
{
    struct kube_tail *t = timer->data;
    struct error err;

    if (kube_pod_with_log(t->reach->store, t->ns, t->agent, &t->pod, &err) ==
        0) {
        ask(t);
        return;
    }
    told(t, true, "%s", err.msg);
    uv_timer_start(&t->timer, on_timer, KUBE_TAIL_RETRY_MS, 0);
}

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct kube_tail *t = arg;
    struct error why;

    t->call = NULL;
    kube_lines_end(&t->lines, take, t);
    kube_reach_explain(answer, err, t->pod.ns, &why);
    if (t->closing)
        return;
    if (why.code != 0)
        told(t, true, "%s", why.msg);
    else if (!t->previous)
        told(t, false, "%s ended; waits for the next run", t->pod.name);
    t->again = t->last_ns > 0;
    if (!t->previous)
        uv_timer_start(&t->timer, on_timer, KUBE_TAIL_RETRY_MS, 0);
}

static void ask(struct kube_tail *t)
{
    const struct http_calls calls = {on_headers, on_data, on_done, t};
    struct http_want want = {.first_byte_ms = t->previous ? 15000 : 60000,
                             .trickle = true};
    char since[64] = "", stamp[24];
    char *path;

    if (t->last_ns > 0) {
        when_format(t->last_ns / 1000000, stamp);
        snprintf(since, sizeof since, "&sinceTime=%s", stamp);
    } else {
        snprintf(since, sizeof since, "&tailLines=%d", KUBE_TAIL_LINES);
    }
    path = xasprintf("/api/v1/namespaces/%s/pods/%s/log?timestamps=true%s%s%s"
                     "%s",
                     t->pod.ns, t->pod.name,
                     t->previous ? "&previous=true" : "&follow=true", since,
                     t->pod.container[0] ? "&container=" : "",
                     t->pod.container);
    want.path = path;
    t->call = kube_get(t->reach->client, "*/*", NULL, &want, &calls);
    free(path);
}

struct kube_tail *kube_tail_open(struct kube_reach *r, const char *ns,
                                 const char *agent, bool previous,
                                 const struct kube_tail_calls *calls,
                                 struct error *err)
{
    struct kube_pod pod;
    struct kube_tail *t;

    if (kube_pod_with_log(r->store, ns, agent, &pod, err) != 0)
        return NULL;
    t = xcalloc(1, sizeof *t);
    t->reach = r;
    t->calls = *calls;
    t->pod = pod;
    t->ns = xstrdup(ns);
    t->agent = xstrdup(agent);
    t->previous = previous;
    kube_lines_init(&t->lines, KUBE_TAIL_LINE);
    uv_timer_init(r->loop, &t->timer);
    t->timer.data = t;
    ask(t);
    return t;
}

static void on_closed(uv_handle_t *h)
{
    struct kube_tail *t = h->data;

    kube_lines_finish(&t->lines);
    free(t->ns);
    free(t->agent);
    free(t);
}

void kube_tail_close(struct kube_tail *t)
{
    if (t == NULL || t->closing)
        return;
    t->closing = true;
    kube_cancel(t->call);
    uv_close((uv_handle_t *)&t->timer, on_closed);
}
