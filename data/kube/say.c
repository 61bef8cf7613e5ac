#include "config.h"

#include "data/kube/say.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/json/pick.h"
#include "data/kube/act_say.h"
#include "data/kube/forward.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct say {
    struct say *next;
    struct kube_says *owner; /* NULL: it has gone */
    struct kube_forward *forward;
    struct http_request *request;
    char *path, *body;
    char base[64];
    struct buf reply;
    source_sent_cb cb; /* NULL: told */
    void *arg;
};

struct kube_says {
    struct kube_reach *reach;
    struct http *http;
    struct say *first;
};

struct kube_says *kube_says_create(struct kube_reach *r, struct http *h)
{
    struct kube_says *s = xcalloc(1, sizeof *s);

    *s = (struct kube_says){.reach = r, .http = h};
    return s;
}

static void leave(struct say *m)
{
    struct say **at = m->owner != NULL ? &m->owner->first : NULL;

    while (at != NULL && *at != m)
        at = &(*at)->next;
    if (at != NULL)
        *at = m->next;
    m->owner = NULL;
}

static void free_say(struct say *m)
{
    leave(m);
    buf_finish(&m->reply);
    free(m->path);
    free(m->body);
    free(m);
}

/* Once. The forward goes, and it with it. */
static void tell(struct say *m, int status, const struct error *err)
{
    source_sent_cb cb = m->cb;

    m->cb = NULL;
    http_cancel(m->request);
    m->request = NULL;
    leave(m);
    if (m->forward != NULL)
        kube_forward_close(m->forward);
    if (cb != NULL)
        cb(status, err, m->arg);
}

static bool on_data(const char *p, size_t n, void *arg)
{
    struct say *m = arg;
    size_t room = SAY_REPLY - m->reply.len;

    buf_add(&m->reply, p, n < room ? n : room); /* the rest is not shown */
    return true;
}

struct picked {
    int best; /* the least field seen; 0 none */
    char *ret;
    size_t size;
};

static void on_word(void *arg, int field, const struct pick_value *v)
{
    struct picked *w = arg;

    if (v->type != PICK_STRING || v->text.n == 0 ||
        (w->best != 0 && w->best <= field))
        return;
    w->best = field;
    snprintf(w->ret, w->size, "%.*s", (int)v->text.n, v->text.p);
}

/* The words of an answer: of the keys that agents use, else all of it. */
static void words_of(const char *text, size_t len, char *ret, size_t size)
{
    static const struct pick_rule rules[] = {
        {"result", 1}, {"echo", 2},       {"reply", 3},
        {"error", 4},  {"annotation", 5}, {"message", 6},
        {"detail", 7}, {"status", 8},     {NULL, 0}};
    struct picked w = {0, ret, size};
    struct error syntax;
    struct pick *p = pick_create(rules);

    ret[0] = '\0';
    pick_run(p, text, len, on_word, &w, &syntax);
    pick_destroy(p);
    if (w.best == 0 && len > 0)
        snprintf(ret, size, "%.*s", (int)(len < size ? len : size - 1), text);
}

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct say *m = arg;
    struct error told = {0};
    struct kube_forward_state s;
    char words[400];

    m->request = NULL;
    if (err->code != 0) {
        kube_forward_state(m->forward, &s);
        if (s.refused)
            error_set(&told, ERR_CONNECT, "%s", s.note);
        else
            error_set(&told, ERR_CUT, "%.180s: it may have been heard",
                      s.note[0] != '\0' ? s.note : err->msg);
        tell(m, 0, &told);
        return;
    }
    if (answer->status >= 200 && answer->status < 300) {
        words_of(buf_text(&m->reply), m->reply.len, words, sizeof words);
        snprintf(told.msg, sizeof told.msg, "%.*s", (int)sizeof told.msg - 1,
                 words);
    } else {
        words_of(answer->body.p, answer->body.n, words, sizeof words);
        error_set(&told, ERR_OTHER, "%s answered %d %.200s", m->path,
                  answer->status, words);
    }
    tell(m, answer->status, &told);
}

static void on_listening(void *arg)
{
    static const char *const headers[] = {"Content-Type: application/json",
                                          NULL};
    struct say *m = arg;
    const struct http_calls calls = {NULL, on_data, on_done, m};
    const struct http_target target = {
        .base = m->base, .proxy = "" /* none, whatever there is */};
    const struct http_want want = {.method = "POST",
                                   .path = m->path,
                                   .headers = headers,
                                   .body = m->body,
                                   .first_byte_ms = SAY_ANSWER_MS,
                                   .silence_ms = SAY_ANSWER_MS,
                                   .fresh = true,
                                   .http1 = true};
    struct kube_forward_state s;
    struct error err;

    if (m->owner == NULL)
        return;
    kube_forward_state(m->forward, &s);
    snprintf(m->base, sizeof m->base, "http://127.0.0.1:%u", s.local);
    m->request = http_start(m->owner->http, &target, &want, &calls, &err);
    if (m->request == NULL)
        tell(m, 0, &err);
}

static void on_told(const char *line, void *arg)
{
    (void)line; /* its state has it */
    (void)arg;
}

static void on_closed(const struct error *err, void *arg)
{
    struct say *m = arg;

    m->forward = NULL;
    if (m->cb != NULL)
        tell(m, 0, err);
    free_say(m);
}

int kube_say(struct kube_says *s, const struct plan *p, source_sent_cb cb,
             void *arg, struct error *err)
{
    struct say *m = xcalloc(1, sizeof *m);
    const struct kube_forward_calls calls = {.listening = on_listening,
                                             .told = on_told,
                                             .closed = on_closed,
                                             .arg = m};
    const struct kube_forward_want want = {.ns = p->want.ns,
                                           .agent = p->want.name,
                                           .remote = ACT_SAY_PORT};

    *m = (struct say){.next = s->first,
                      .owner = s,
                      .path = xstrdup(p->path),
                      .body = xstrdup(p->body),
                      .cb = cb,
                      .arg = arg};
    buf_init(&m->reply, SAY_REPLY);
    s->first = m;
    m->forward = kube_forward_open(s->reach, &want, &calls, err);
    if (m->forward != NULL)
        return 0;
    free_say(m);
    return err->code;
}

void kube_says_close(struct kube_says *s)
{
    const struct error gone = {ERR_CUT, "the console ends"};

    while (s->first != NULL)
        tell(s->first, 0, &gone);
    free(s);
}
