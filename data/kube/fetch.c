#include "config.h"

#include "data/kube/fetch.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/json/to_yaml.h"
#include "data/kube/path.h"

#include <stdlib.h>

struct kube_fetch {
    struct kube_client *client;
    struct kube_call *call;
    struct buf body;
    source_fetch_cb cb;
    void *arg;
};

struct kube_fetch *kube_fetch_create(struct kube_client *client)
{
    struct kube_fetch *f = xcalloc(1, sizeof *f);

    f->client = client;
    buf_init(&f->body, KUBE_FETCH_MAX);
    return f;
}

static bool on_data(const char *p, size_t n, void *arg)
{
    return buf_add(&((struct kube_fetch *)arg)->body, p, n);
}

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct kube_fetch *f = arg;
    struct buf yaml;
    struct error e;

    f->call = NULL;
    buf_init(&yaml, KUBE_FETCH_MAX * 2);
    kube_explain(answer, err, &e);
    if (f->body.over)
        error_set(&e, ERR_LIMIT, "object larger than %u bytes",
                  KUBE_FETCH_MAX);
    if (e.code == 0)
        json_to_yaml(buf_text(&f->body), f->body.len, "managedFields", &yaml,
                     &e);
    f->cb(e.code == 0 ? buf_text(&yaml) : NULL, yaml.len,
          e.code == 0 ? NULL : &e, f->arg);
    buf_finish(&yaml);
    buf_shrink(&f->body, 0);
}

bool kube_fetch_start(struct kube_fetch *f, const char *api, enum kind kind,
                      const char *ns, const char *name, source_fetch_cb cb,
                      void *arg)
{
    const struct http_calls calls = {NULL, on_data, on_done, f};
    struct http_want want = {.first_byte_ms = 10000, .silence_ms = 10000};
    char *path;

    kube_cancel(f->call);
    f->call = NULL;
    if (!kube_path_safe(ns, KUBE_PATH_ANY) ||
        !kube_path_safe(name, KUBE_PATH_ANY))
        return false;
    f->cb = cb;
    f->arg = arg;
    buf_clear(&f->body);
    path = xasprintf("%s/namespaces/%s/%s/%s", api, ns, kind_name(kind), name);
    want.path = path;
    f->call = kube_get(f->client, NULL, NULL, &want, &calls);
    free(path);
    return true;
}

void kube_fetch_close(struct kube_fetch *f)
{
    kube_cancel(f->call);
    buf_finish(&f->body);
    free(f);
}
