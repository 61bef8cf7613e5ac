#include "config.h"

#include "data/kube/sender.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/json/pick.h"
#include "data/json/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REVIEW_MAX 65536
#define ANSWER_MS 30000

struct sending {
    struct sending *next;
    struct kube_sender *sender;
    struct kube_call *call;
    char ns[ACT_NAME];
    source_sent_cb cb;
    void *arg;
};

struct kube_sender {
    struct kube_client *client;
    struct kube_rights *rights;
    struct sending *first;
    struct kube_call *review;
    struct buf text; /* of the review */
    bool asked;
    char user[256];
};

struct kube_sender *kube_sender_create(struct kube_client *client,
                                       struct kube_rights *rights,
                                       const char *fallback)
{
    struct kube_sender *s = xcalloc(1, sizeof *s);

    s->client = client;
    s->rights = rights;
    buf_init(&s->text, REVIEW_MAX);
    snprintf(s->user, sizeof s->user, "%s",
             fallback != NULL && fallback[0] ? fallback : "somebody");
    return s;
}

const char *kube_sender_user(const struct kube_sender *s)
{
    return s->user;
}

static bool on_review(const char *p, size_t n, void *arg)
{
    return buf_add(&((struct kube_sender *)arg)->text, p, n);
}

static void on_name(void *arg, int field, const struct pick_value *v)
{
    struct kube_sender *s = arg;

    (void)field;
    if (v->type == PICK_STRING && v->text.n > 0)
        snprintf(s->user, sizeof s->user, "%.*s",
                 (int)(v->text.n < 255 ? v->text.n : 255), v->text.p);
}

static void on_reviewed(const struct http_answer *answer,
                        const struct error *err, void *arg)
{
    static const struct pick_rule rules[] = {{"status.userInfo.username", 0},
                                             {NULL, 0}};
    struct kube_sender *s = arg;
    struct error syntax;
    struct pick *p;

    s->review = NULL;
    if (err->code == 0 && answer->status >= 200 && answer->status < 300) {
        p = pick_create(rules);
        pick_run(p, buf_text(&s->text), s->text.len, on_name, s, &syntax);
        pick_destroy(p);
    } else if (answer->status == 0) {
        s->asked = false; /* no answer: the next time */
    }
    buf_shrink(&s->text, 0);
}

void kube_sender_learn(struct kube_sender *s)
{
    const struct http_calls calls = {NULL, on_review, on_reviewed, s};
    const struct http_want want = {
        .method = "POST",
        .path = "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        .body = "{\"apiVersion\":\"authentication.k8s.io/v1\","
                "\"kind\":\"SelfSubjectReview\"}",
        .first_byte_ms = 10000,
        .silence_ms = 10000};

    if (s->asked)
        return;
    s->asked = true;
    buf_clear(&s->text);
    s->review = kube_send(s->client, "application/json", &want, &calls);
}

static void forget(struct sending *g)
{
    struct sending **at = &g->sender->first;

    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    free(g);
}

static void on_sent(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct sending *g = arg;
    source_sent_cb cb = g->cb;
    void *cb_arg = g->arg;
    struct error told = {0};

    kube_explain(answer, err, &told);
    if (err->code == 0 && answer->status == 403)
        kube_rights_doubt(g->sender->rights, g->ns);
    forget(g);
    cb(err->code != 0 ? 0 : answer->status, &told, cb_arg);
}

void kube_sender_send(struct kube_sender *s, const struct plan *p,
                      source_sent_cb cb, void *arg)
{
    struct sending *g = xcalloc(1, sizeof *g);
    const struct http_calls calls = {.done = on_sent, .arg = g};
    const struct http_want want = {.method = p->method,
                                   .path = p->path,
                                   .body = p->body,
                                   .first_byte_ms = ANSWER_MS,
                                   .silence_ms = ANSWER_MS};

    *g = (struct sending){.sender = s, .cb = cb, .arg = arg};
    snprintf(g->ns, sizeof g->ns, "%s", p->want.ns);
    g->next = s->first;
    s->first = g;
    g->call = kube_send(s->client, p->content ? p->content : "application/json",
                        &want, &calls);
}

void kube_sender_close(struct kube_sender *s)
{
    const struct error gone = {ERR_CUT, "the console ends"};

    kube_cancel(s->review);
    while (s->first != NULL) {
        struct sending *g = s->first;

        s->first = g->next;
        kube_cancel(g->call);
        g->cb(0, &gone, g->arg);
        free(g);
    }
    buf_finish(&s->text);
    free(s);
}
