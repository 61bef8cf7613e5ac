#include "config.h"

#include "data/fracta/sender.h"

#include "base/xalloc.h"
#include "data/json/pick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A write under way. */
struct sending {
    struct fracta_sender *sender;
    struct sending *next;
    struct http_request *request;
    source_sent_cb cb;
    void *arg;
};

struct fracta_sender {
    struct http *http;
    const struct http_target *target;
    int64_t patience_ms;
    bool blunt;
    struct sending *first;
};

struct fracta_sender *fracta_sender_create(struct http *http,
                                           const struct http_target *target,
                                           int64_t patience_ms)
{
    struct fracta_sender *s = xcalloc(1, sizeof *s);

    s->patience_ms = patience_ms;
    s->http = http;
    s->target = target;
    return s;
}

void fracta_sender_blunt(struct fracta_sender *s)
{
    s->blunt = true;
}

static void forget(struct sending *g)
{
    struct sending **at = &g->sender->first;

    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    free(g);
}

void fracta_sender_close(struct fracta_sender *s)
{
    const struct error gone = {ERR_CUT, "the console ends"};

    while (s->first != NULL) { /* their answers are of no use any more */
        struct sending *g = s->first;

        s->first = g->next;
        http_cancel(g->request);
        g->cb(0, &gone, g->arg);
        free(g);
    }
    free(s);
}

static void on_error_text(void *arg, int field, const struct pick_value *v)
{
    struct error *err = arg;

    (void)field;
    if (v->type == PICK_STRING)
        snprintf(err->msg, sizeof err->msg, "%.*s",
                 (int)(v->text.n < 230 ? v->text.n : 230), v->text.p);
}

void fracta_refusal(const struct http_answer *answer, struct error *ret)
{
    static const struct pick_rule rules[] = {{"error", 0}, {NULL, 0}};
    const char *body = answer->body.p != NULL ? answer->body.p : "";
    struct pick *p = pick_create(rules);
    struct error syntax;
    size_t n = 0;

    error_set(ret, ERR_SERVER, "answered %d", answer->status);
    if (pick_run(p, body, answer->body.n, on_error_text, ret, &syntax) != 0 &&
        strncmp(answer->type, "text/plain", 10) == 0) {
        while (n < answer->body.n && n < 200 && body[n] != '\n')
            n++;
        if (n > 0)
            error_set(ret, ERR_SERVER, "answered %d: %.*s", answer->status,
                      (int)n, body);
    }
    pick_destroy(p);
}

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct sending *g = arg;
    source_sent_cb cb = g->cb;
    void *cb_arg = g->arg;
    struct error told = *err;
    int status = err->code != 0 ? 0 : answer->status;

    if (status == 500 && g->sender->blunt && answer->body.n > 0 &&
        answer->body.p[0] == '{')
        status = 400;
    if (err->code == 0 && (answer->status < 200 || answer->status > 299))
        fracta_refusal(answer, &told);
    forget(g);
    cb(status, &told, cb_arg);
}

int fracta_sender_send(struct fracta_sender *s, const struct plan *p,
                       const char *key, source_sent_cb cb, void *arg,
                       struct error *err)
{
    struct sending *g = xcalloc(1, sizeof *g);
    const struct http_calls calls = {.done = on_done, .arg = g};
    char line[80];
    const char *const headers[] = {line, "Content-Type: application/json",
                                   NULL};
    const struct http_want want = {.method = p->method,
                                   .path = p->path,
                                   .headers = headers,
                                   .body = p->body ? p->body : "",
                                   .first_byte_ms = s->patience_ms,
                                   .http1 = true};

    snprintf(line, sizeof line, "Idempotency-Key: %s", key);
    *g = (struct sending){.sender = s, .next = s->first, .cb = cb, .arg = arg};
    s->first = g;
    g->request = http_start(s->http, s->target, &want, &calls, err);
    if (g->request == NULL) {
        forget(g);
        return err->code;
    }
    return 0;
}
