#include "config.h"

#include "data/kube/reread.h"

#include "base/buf.h"
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct reading *next;
    struct kube_reread *of;
    struct kube_call *call;
    struct buf body;
    char path[700];
    source_reread_cb cb;
    void *arg;
};

struct kube_reread {
    struct kube_client *client;
    struct reading *first;
    void (*put)(const char *path, const char *text, size_t len, void *arg);
    void *arg;
};

struct kube_reread *kube_reread_create(
    struct kube_client *client,
    void (*put)(const char *path, const char *text, size_t len, void *arg),
    void *arg)
{
    struct kube_reread *r = xcalloc(1, sizeof *r);

    r->client = client;
    r->put = put;
    r->arg = arg;
    return r;
}

static bool ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);

    return n >= m && strcmp(s + n - m, end) == 0;
}

bool kube_reread_path(const struct plan *p, char *ret, size_t size)
{
    static const char *const subresources[] = {"/status", "/scale"};
    size_t n = strcspn(p->path, "?");

    if (n + 1 + strlen(p->want.name) >= size)
        return false;
    snprintf(ret, size, "%.*s", (int)n, p->path);
    if (strcmp(p->method, "POST") == 0) {
        if (p->want.name[0] == '\0')
            return false;
        snprintf(ret + n, size - n, "/%s", p->want.name);
        return true;
    }
    for (size_t i = 0; i < sizeof subresources / sizeof *subresources; i++)
        if (ends_in(ret, subresources[i])) {
            ret[n - strlen(subresources[i])] = '\0';
            break;
        }
    return true;
}

static void drop(struct reading *g)
{
    struct reading **at = &g->of->first;

    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    buf_finish(&g->body);
    free(g);
}

static bool on_data(const char *p, size_t n, void *arg)
{
    return buf_add(&((struct reading *)arg)->body, p, n);
}

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct reading *g = arg;
    source_reread_cb cb = g->cb;
    void *cb_arg = g->arg;
    struct error told = {0};
    int found = -1;

    kube_explain(answer, err, &told);
    if (told.code == 0) {
        found = 1;
        g->of->put(g->path, buf_text(&g->body), g->body.len, g->of->arg);
    } else if (err->code == 0 && answer->status == 404) {
        found = 0;
    }
    drop(g);
    cb(found, &told, cb_arg);
}

bool kube_reread_start(struct kube_reread *r, const struct plan *p,
                       source_reread_cb cb, void *arg)
{
    struct reading *g = xcalloc(1, sizeof *g);
    const struct http_calls calls = {NULL, on_data, on_done, g};
    struct http_want want = {.first_byte_ms = 5000, .silence_ms = 5000};

    if (!kube_reread_path(p, g->path, sizeof g->path)) {
        free(g);
        return false;
    }
    g->of = r;
    g->cb = cb;
    g->arg = arg;
    buf_init(&g->body, KUBE_REREAD_MAX);
    g->next = r->first;
    r->first = g;
    want.path = g->path;
    g->call = kube_get(r->client, NULL, NULL, &want, &calls);
    return true;
}

void kube_reread_close(struct kube_reread *r)
{
    while (r->first != NULL) {
        kube_cancel(r->first->call);
        drop(r->first);
    }
    free(r);
}
