#include "config.h"

#include "data/kube/tether.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/json/pick.h"
#include "data/kube/exec_status.h"
#include "data/kube/path.h"
#include "data/kube/socket.h"
#include "data/tether/tether_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * look (attach only: the pod's object) → intent in the journal → socket →
 * open → Status on channel 3 → closed. Whatever is under way when it is
 * closed is waited for, so that `closed` is the last.
 */

#define LOOK_MAX (1u << 20)

struct kube_tether {
    struct tether base;
    struct kube_reach *reach;
    struct kube_pod pod;
    char *agent;
    bool attach, terminal, reads;
    struct wire_size size;
    struct kube_call *look;
    struct buf object;
    struct opening *opening;
    bool writing; /* the intent is under way */
    struct kube_socket *socket;
    struct buf typed;
    bool open, closing, ended;
    struct error error;
    uv_timer_t later;
};

/* bash where there is one; these are arguments of exec, no shell is here. */
static const char *const shell[] = {
    "/bin/sh", "-c",
    "command -v bash >/dev/null 2>&1 && exec bash || exec sh", NULL};

static struct kube_tether *of(struct tether *t)
{
    return (struct kube_tether *)t;
}

static void on_later_closed(uv_handle_t *h)
{
    struct kube_tether *t = h->data;
    struct kube_reach *reach = t->reach;

    t->base.calls.closed(&t->error, t->base.calls.arg);
    buf_finish(&t->object);
    buf_finish(&t->typed);
    free(t->agent);
    free(t);
    kube_reach_leave(reach);
}

/* Ends when nothing is under way any more. */
static void finish(struct kube_tether *t)
{
    if (t->look != NULL || t->writing || t->socket != NULL ||
        uv_is_closing((uv_handle_t *)&t->later))
        return;
    if (t->opening != NULL && !t->ended)
        opening_step(t->opening, t->open ? "ended" : "refused", t->error.msg);
    opening_end(t->opening);
    t->opening = NULL;
    t->closing = true;
    uv_close((uv_handle_t *)&t->later, on_later_closed);
}

static void fail(struct kube_tether *t, const struct error *err)
{
    if (!t->closing)
        t->error = *err;
    finish(t);
}

static void send_size(struct kube_tether *t)
{
    char text[64];

    if (t->open && t->terminal)
        kube_socket_send(t->socket, KUBE_RESIZE, text,
                         (size_t)snprintf(text, sizeof text,
                                          "{\"Width\":%u,\"Height\":%u}",
                                          t->size.columns, t->size.rows));
}

static void push_typed(struct kube_tether *t)
{
    size_t at = 0;

    while (t->open && at < t->typed.len) {
        size_t n = t->typed.len - at;

        n = n < WEBSOCKET_SEND - 1 ? n : WEBSOCKET_SEND - 1;
        if (!kube_socket_send(t->socket, KUBE_STDIN, t->typed.ptr + at, n))
            break;
        at += n;
    }
    buf_drop(&t->typed, at);
}

static void on_open(const char *protocol, void *arg)
{
    struct kube_tether *t = arg;

    (void)protocol;
    if (t->closing)
        return;
    t->open = true;
    opening_step(t->opening, "opened", t->pod.name);
    send_size(t);
    t->base.calls.size(t->size, t->base.calls.arg);
    if (!t->closing)
        t->base.calls.typist(t->reads, 0, t->base.calls.arg);
    push_typed(t);
}

/* A line feed alone only goes down on a terminal. */
static void put_lines(struct kube_tether *t, const char *p, size_t n)
{
    while (n > 0 && !t->closing) {
        const char *nl = memchr(p, '\n', n);
        size_t len = nl != NULL ? (size_t)(nl - p) : n;

        if (len > 0)
            t->base.calls.output(p, len, t->base.calls.arg);
        if (nl == NULL)
            return;
        if (!t->closing)
            t->base.calls.output("\r\n", 2, t->base.calls.arg);
        p += len + 1;
        n -= len + 1;
    }
}

static void take_status(struct kube_tether *t, const char *p, size_t n)
{
    struct tether_end e;
    char note[80] = "";

    if (t->ended)
        return;
    t->ended = true;
    kube_exec_status(p, n, &e);
    if (e.how == TETHER_EXITED)
        snprintf(note, sizeof note, "exit %d", e.code);
    opening_step(t->opening, "ended", note[0] ? note : e.msg);
    t->base.calls.ended(&e, t->base.calls.arg);
}

static void on_message(const char *p, size_t n, void *arg)
{
    struct kube_tether *t = arg;

    if (t->closing || n < 2) /* a channel byte alone is noise */
        return;
    switch (*p) {
    case KUBE_STDOUT:
    case KUBE_STDERR:
        if (t->terminal)
            t->base.calls.output(p + 1, n - 1, t->base.calls.arg);
        else
            put_lines(t, p + 1, n - 1);
        break;
    case KUBE_STATUS:
        take_status(t, p + 1, n - 1);
        break;
    default:
        break;
    }
}

static void on_drained(void *arg)
{
    push_typed(arg);
}

static void on_closed(const struct http_answer *answer,
                      const struct error *err, void *arg)
{
    struct kube_tether *t = arg;
    struct error why;

    t->socket = NULL;
    kube_reach_explain(answer, err, t->pod.ns, &why);
    fail(t, &why);
}

static void make_path(const struct kube_tether *t, struct buf *b)
{
    buf_fmt(b, "/api/v1/namespaces/%s/pods/%s/%s?stdout=true%s%s", t->pod.ns,
            t->pod.name, t->attach ? "attach" : "exec",
            t->reads ? "&stdin=true" : "",
            t->terminal ? "&tty=true" : "&stderr=true");
    if (t->pod.container[0] != '\0')
        buf_fmt(b, "&container=%s", t->pod.container);
    for (int i = 0; !t->attach && shell[i] != NULL; i++) {
        buf_str(b, "&command=");
        kube_path_query(b, shell[i]);
    }
}

/* The intent is durable. */
static void on_intent(const struct error *err, void *arg)
{
    const struct websocket_calls calls = {on_open, on_message, on_drained,
                                          on_closed, arg};
    struct kube_tether *t = arg;
    struct buf path;

    t->writing = false;
    if (t->closing || err->code != 0) {
        fail(t, err);
        return;
    }
    buf_init(&path, 2048);
    make_path(t, &path);
    t->socket = kube_socket_open(t->reach->client, buf_text(&path),
                                 KUBE_EXEC_PROTOCOLS, &calls);
    buf_finish(&path);
}

static void begin(struct kube_tether *t)
{
    char title[400];
    struct opening *opening;
    struct buf path;

    buf_init(&path, 2048);
    make_path(t, &path);
    snprintf(title, sizeof title, "%s of %.180s, container %.80s",
             t->attach ? "the terminal" : "a shell in a pod", t->agent,
             t->pod.container[0] ? t->pod.container : "the only one");
    t->writing = true;
    opening = opening_begin(
        t->reach->journal,
        &(struct opening_want){.act = t->attach ? "attach" : "exec",
                               .ns = t->pod.ns,
                               .name = t->agent,
                               .uid = kube_reach_uid(t->reach, t->pod.ns,
                                                     t->agent),
                               .title = title,
                               .who = t->reach->who,
                               .path = buf_text(&path)},
        on_intent, t);
    buf_finish(&path);
    if (t->closing) /* there was no place for it */
        opening_end(opening);
    else
        t->opening = opening;
}

enum { CONTAINER, NAME, TTY, INPUT };

struct seen {
    const struct kube_tether *t;
    bool this_one, tty, input, has_tty, has_input;
};

static void on_field(void *arg, int field, const struct pick_value *v)
{
    struct seen *s = arg;

    if (field == CONTAINER && v->type == PICK_BEGIN) {
        s->this_one = s->tty = s->input = false;
    } else if (field == NAME) {
        s->this_one = s->t->pod.container[0] == '\0' ||
                      span_is(v->text, s->t->pod.container);
    } else if (field == TTY) {
        s->tty = pick_true(v);
    } else if (field == INPUT) {
        s->input = pick_true(v);
    } else if (field == CONTAINER && v->type == PICK_END && s->this_one) {
        s->has_tty = s->tty;
        s->has_input = s->input;
    }
}

static bool on_object(const char *p, size_t n, void *arg)
{
    return buf_add(&((struct kube_tether *)arg)->object, p, n);
}

static void on_looked(const struct http_answer *answer,
                      const struct error *err, void *arg)
{
    static const struct pick_rule rules[] = {
        {"spec.containers[]", CONTAINER},
        {"spec.containers[].name", NAME},
        {"spec.containers[].tty", TTY},
        {"spec.containers[].stdin", INPUT},
        {NULL, 0}};
    struct kube_tether *t = arg;
    struct seen seen = {.t = t};
    struct error why;
    struct pick *p;

    t->look = NULL;
    if (kube_reach_explain(answer, err, t->pod.ns, &why) != 0 || t->closing) {
        fail(t, &why);
        return;
    }
    p = pick_create(rules);
    pick_run(p, buf_text(&t->object), t->object.len, on_field, &seen, &why);
    pick_destroy(p);
    buf_shrink(&t->object, 0);
    t->terminal = seen.has_tty;
    t->reads = seen.has_input;
    begin(t);
}

static void look(struct kube_tether *t)
{
    const struct http_calls calls = {NULL, on_object, on_looked, t};
    struct http_want want = {.first_byte_ms = 10000, .silence_ms = 10000};
    char *path = xasprintf("/api/v1/namespaces/%s/pods/%s", t->pod.ns,
                           t->pod.name);

    want.path = path;
    t->look = kube_get(t->reach->client, NULL, NULL, &want, &calls);
    free(path);
}

/* So that nothing is called back before the open function returns. */
static void on_begin(uv_timer_t *timer)
{
    struct kube_tether *t = timer->data;

    if (t->attach)
        look(t);
    else
        begin(t);
}

static void input(struct tether *base, const char *p, size_t n)
{
    struct kube_tether *t = of(base);

    if (t->closing || t->ended || (t->open && !t->reads))
        return;
    buf_add(&t->typed, p, n);
    push_typed(t);
}

static void resize(struct tether *base, struct wire_size size)
{
    struct kube_tether *t = of(base);

    if (t->closing || (size.columns == t->size.columns &&
                       size.rows == t->size.rows))
        return;
    t->size = size;
    send_size(t);
    t->base.calls.size(size, t->base.calls.arg);
}

static void close_it(struct tether *base)
{
    struct kube_tether *t = of(base);

    if (t->closing)
        return;
    if (t->opening != NULL && !t->ended)
        opening_step(t->opening, "ended", t->open ? "detached" : "left");
    t->ended = t->closing = true;
    error_clear(&t->error);
    kube_cancel(t->look);
    t->look = NULL;
    uv_timer_stop(&t->later);
    if (t->socket != NULL)
        kube_socket_close(t->socket);
    else
        finish(t);
}

static const struct tether_impl impl = {
    .input = input, .resize = resize, .close = close_it};

struct tether *kube_tether_open(struct kube_reach *r,
                                const struct kube_tether_want *want,
                                const struct tether_calls *calls,
                                struct error *err)
{
    struct kube_pod pod;
    struct kube_tether *t;

    if (!kube_reach_may(r, err) ||
        kube_pod_of(r->store, want->ns, want->agent, NULL, &pod, err) != 0)
        return NULL;
    t = xcalloc(1, sizeof *t);
    t->base.impl = &impl;
    t->base.calls = *calls;
    t->reach = r;
    t->pod = pod;
    t->agent = xstrdup(want->agent);
    t->attach = want->attach;
    t->terminal = t->reads = true;
    t->size = want->size;
    buf_init(&t->object, LOOK_MAX);
    buf_init(&t->typed, KUBE_TETHER_TYPED);
    uv_timer_init(r->loop, &t->later);
    t->later.data = t;
    uv_timer_start(&t->later, on_begin, 0, 0);
    kube_reach_take(r);
    return &t->base;
}
