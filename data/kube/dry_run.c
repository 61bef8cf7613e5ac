#include "config.h"

#include "data/kube/dry_run.h"

#include "base/xalloc.h"
#include "data/json/pick.h"
#include "data/kube/act_create.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 15000

struct kube_dry_run {
    struct kube_client *client;
    struct kube_call *call;
    struct act_want want;
    source_tried_cb cb;
    void *arg;
};

struct kube_dry_run *kube_dry_run_create(struct kube_client *client)
{
    struct kube_dry_run *d = xcalloc(1, sizeof *d);

    d->client = client;
    return d;
}

enum { CAUSE, FIELD, MESSAGE, REASON, KIND };

static const struct pick_rule rules[] = {
    {"details.causes[]", CAUSE},
    {"details.causes[].field", FIELD},
    {"details.causes[].message", MESSAGE},
    {"reason", REASON},
    {"details.kind", KIND},
    {NULL, 0},
};

struct reading {
    const struct act_want *want;
    struct tried *t;
    char path[128], text[200], reason[40], kind[40];
};

static void take(char *to, size_t size, const struct pick_value *v)
{
    if (v->type == PICK_STRING)
        snprintf(to, size, "%.*s", (int)v->text.n, v->text.p);
}

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct reading *r = arg;
    const char *key;
    char line[24] = "";
    unsigned n;

    switch (field) {
    case FIELD:
        take(r->path, sizeof r->path, v);
        break;
    case MESSAGE:
        take(r->text, sizeof r->text, v);
        break;
    case REASON:
        take(r->reason, sizeof r->reason, v);
        break;
    case KIND:
        take(r->kind, sizeof r->kind, v);
        break;
    default:
        if (v->type == PICK_BEGIN)
            r->path[0] = r->text[0] = '\0';
        if (v->type != PICK_END || r->t->cause_count == TRIED_CAUSES)
            break;
        key = kube_create_key(r->want->act, r->path);
        n = kube_create_line(r->want, r->path);
        if (n > 0)
            snprintf(line, sizeof line, "line %u: ", n);
        snprintf(r->t->causes[r->t->cause_count].key,
                 sizeof r->t->causes[0].key, "%s", key);
        snprintf(r->t->causes[r->t->cause_count++].text,
                 sizeof r->t->causes[0].text, "%s%.60s%s%.100s%s",
                 line, key[0] ? "" : r->path,
                 key[0] || !r->path[0] ? "" : ": ", r->text,
                 strlen(r->text) > 100 ? " …" : "");
    }
}

/* One cause of our own, where the server names no field but means one. */
static void blame(struct tried *t, const char *key, const char *text)
{
    t->cause_count = 1;
    snprintf(t->causes[0].key, sizeof t->causes[0].key, "%s", key);
    snprintf(t->causes[0].text, sizeof t->causes[0].text, "%.199s", text);
}

/* `299 - "text"`, one a line → texts, each once. */
static void read_warnings(const char *s, struct tried *t)
{
    while (*s != '\0' && t->warning_count < TRIED_WARNINGS) {
        char *to = t->warnings[t->warning_count];
        const char *p = strchr(s, '"');
        size_t n = 0, end = strcspn(s, "\n");
        bool known = false;

        if (p == NULL || p >= s + end)
            p = s - 1;
        for (p++; p < s + end && *p != '"' && n + 1 < sizeof t->warnings[0];
             p++) {
            if (*p == '\\' && p + 1 < s + end)
                p++;
            to[n++] = *p;
        }
        to[n] = '\0';
        for (int i = 0; i < t->warning_count; i++)
            known |= strcmp(t->warnings[i], to) == 0;
        t->warning_count += n > 0 && !known;
        s += end + (s[end] == '\n');
    }
}

void kube_dry_run_read(const struct act_want *want,
                       const struct http_answer *answer,
                       const struct error *err, struct tried *ret)
{
    struct reading r = {.want = want, .t = ret};
    struct pick *p;

    *ret = (struct tried){.status = err->code ? 0 : answer->status};
    read_warnings(answer->warning, ret);
    if (kube_explain(answer, err, &ret->error) == 0)
        return;
    if (ret->status == 0)
        return;
    p = pick_create(rules);
    if (answer->body.n > 0 && answer->body.p[0] == '{')
        pick_run(p, answer->body.p, answer->body.n, on_value, &r, NULL);
    pick_destroy(p);
    if (strcmp(r.reason, "AlreadyExists") == 0)
        blame(ret, "name", "that name is taken");
    else if (strcmp(r.reason, "NotFound") == 0 &&
             strcmp(r.kind, "namespaces") == 0)
        blame(ret, "ns", "there is no such namespace");
}

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct kube_dry_run *d = arg;
    struct tried t;

    d->call = NULL;
    kube_dry_run_read(&d->want, answer, err, &t);
    d->cb(&t, d->arg);
}

void kube_dry_run_start(struct kube_dry_run *d, const struct plan *p,
                        source_tried_cb cb, void *arg)
{
    const struct http_calls calls = {.done = on_done, .arg = d};
    char path[sizeof p->path + 16];
    const struct http_want want = {.method = p->method,
                                   .path = path,
                                   .body = p->body,
                                   .first_byte_ms = ANSWER_MS,
                                   .silence_ms = ANSWER_MS};

    kube_dry_run_cancel(d);
    d->want = p->want;
    d->cb = cb;
    d->arg = arg;
    snprintf(path, sizeof path, "%s%sdryRun=All", p->path,
             strchr(p->path, '?') != NULL ? "&" : "?");
    d->call = kube_send(d->client,
                        p->content ? p->content : "application/json", &want,
                        &calls);
}

void kube_dry_run_cancel(struct kube_dry_run *d)
{
    kube_cancel(d->call);
    d->call = NULL;
}

void kube_dry_run_close(struct kube_dry_run *d)
{
    kube_dry_run_cancel(d);
    free(d);
}
