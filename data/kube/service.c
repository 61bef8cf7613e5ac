#include "config.h"

#include "data/kube/service.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/json/cut.h"
#include "data/json/pick.h"
#include "data/kube/client_priv.h"
#include "data/kube/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PODS_MAX 32
#define PORTS_MAX 16

/* A port of a container, by which a named target is found. */
struct named_port {
    char name[32];
    uint16_t number;
};

struct pod {
    char name[ACT_NAME];
    bool ready, ending;
    struct named_port ports[PORTS_MAX];
    int port_count;
};

struct kube_service {
    struct kube_client *client;
    struct kube_call *call;
    char *ns, *name;
    uint16_t port;
    struct buf body, selector; /* selector: as a query's value */
    char target[32];           /* number or name */
    bool port_known;
    struct pod pods[PODS_MAX];
    int count;
    struct error error; /* of the last question; 0 none */
    int64_t asked_ms;   /* uv_now of the last whole answer; 0 none */
    bool wants_pods;    /* the selector is there, its pods are asked for */
    /* while an object is read */
    char key[64], port_name[32], cond_type[32], cond_status[16];
    int64_t number;
};

static int64_t now_ms(const struct kube_service *s)
{
    return (int64_t)uv_now(http_loop(kube_client_http(s->client)));
}

static void copy(char *to, size_t size, const struct pick_value *v)
{
    snprintf(to, size, "%.*s", (int)(v->text.n < size ? v->text.n : size - 1),
             v->text.p);
}

enum { S_SELECTOR, S_PORT, S_NUMBER, S_TARGET };

static void on_service_value(void *arg, int field, const struct pick_value *v)
{
    struct kube_service *s = arg;
    char key[128], value[128];

    if (field == S_SELECTOR && v->type == PICK_STRING) {
        snprintf(key, sizeof key, "%.*s", (int)v->key.n, v->key.p);
        snprintf(value, sizeof value, "%.*s", (int)v->text.n, v->text.p);
        if (s->selector.len > 0)
            buf_str(&s->selector, "%2C");
        kube_path_query(&s->selector, key);
        buf_str(&s->selector, "%3D");
        kube_path_query(&s->selector, value);
    } else if (field == S_PORT && v->type == PICK_BEGIN) {
        s->number = 0;
        s->port_name[0] = '\0';
    } else if (field == S_PORT && v->type == PICK_END) {
        if (s->number != s->port)
            return;
        s->port_known = true;
        snprintf(s->target, sizeof s->target, "%s", s->port_name);
    } else if (field == S_NUMBER) {
        pick_int(v, 1, 65535, &s->number);
    } else if (field == S_TARGET &&
               (v->type == PICK_NUMBER || v->type == PICK_STRING)) {
        copy(s->port_name, sizeof s->port_name, v);
    }
}

enum { P_NAME, P_DELETED, P_COND, P_TYPE, P_STATUS, P_PORT, P_PORT_NAME,
       P_PORT_NUMBER };

static void on_pod_value(void *arg, int field, const struct pick_value *v)
{
    struct kube_service *s = arg;
    struct pod *p = &s->pods[s->count];
    int64_t n;

    switch (field) {
    case P_NAME:
        if (v->type == PICK_STRING)
            copy(p->name, sizeof p->name, v);
        break;
    case P_DELETED:
        p->ending |= v->type == PICK_STRING;
        break;
    case P_COND:
        if (v->type == PICK_BEGIN)
            s->cond_type[0] = s->cond_status[0] = '\0';
        else if (v->type == PICK_END && strcmp(s->cond_type, "Ready") == 0)
            p->ready = strcmp(s->cond_status, "True") == 0;
        break;
    case P_TYPE:
        copy(s->cond_type, sizeof s->cond_type, v);
        break;
    case P_STATUS:
        copy(s->cond_status, sizeof s->cond_status, v);
        break;
    case P_PORT:
        if (v->type == PICK_BEGIN) {
            s->port_name[0] = '\0';
            s->number = 0;
        } else if (v->type == PICK_END && p->port_count < PORTS_MAX &&
                   s->number > 0) {
            struct named_port *to = &p->ports[p->port_count++];

            snprintf(to->name, sizeof to->name, "%s", s->port_name);
            to->number = (uint16_t)s->number;
        }
        break;
    case P_PORT_NAME:
        copy(s->port_name, sizeof s->port_name, v);
        break;
    case P_PORT_NUMBER:
        if (pick_int(v, 1, 65535, &n))
            s->number = n;
        break;
    default:
        break;
    }
}

static void read_service(struct kube_service *s)
{
    static const struct pick_rule rules[] = {
        {"spec.selector.*", S_SELECTOR},
        {"spec.ports[]", S_PORT},
        {"spec.ports[].port", S_NUMBER},
        {"spec.ports[].targetPort", S_TARGET},
        {NULL, 0}};
    struct pick *p = pick_create(rules);

    buf_clear(&s->selector);
    s->port_known = false;
    pick_run(p, buf_text(&s->body), s->body.len, on_service_value, s,
             &s->error);
    pick_destroy(p);
    if (s->error.code != 0)
        return;
    if (s->selector.len == 0)
        error_set(&s->error, ERR_ABSENT, "service %.80s/%.80s selects no pods",
                  s->ns, s->name);
    else if (!s->port_known)
        error_set(&s->error, ERR_ABSENT, "service %.80s/%.80s has no port %u",
                  s->ns, s->name, s->port);
}

static bool on_pod(enum cut_what what, const char *text, size_t len,
                   void *arg)
{
    static const struct pick_rule rules[] = {
        {"metadata.name", P_NAME},
        {"metadata.deletionTimestamp", P_DELETED},
        {"status.conditions[]", P_COND},
        {"status.conditions[].type", P_TYPE},
        {"status.conditions[].status", P_STATUS},
        {"spec.containers[].ports[]", P_PORT},
        {"spec.containers[].ports[].name", P_PORT_NAME},
        {"spec.containers[].ports[].containerPort", P_PORT_NUMBER},
        {NULL, 0}};
    struct kube_service *s = arg;
    struct pick *p;
    struct error err;

    if (what != CUT_ITEM || s->count == PODS_MAX)
        return true;
    s->pods[s->count] = (struct pod){.ready = false};
    p = pick_create(rules);
    if (pick_run(p, text, len, on_pod_value, s, &err) == 0 &&
        kube_path_safe(s->pods[s->count].name, KUBE_PATH_POD))
        s->count++;
    pick_destroy(p);
    return true;
}

static void read_pods(struct kube_service *s)
{
    struct cut cut;

    s->count = 0;
    cut_init(&cut, CUT_LIST, on_pod, s);
    if (cut_feed(&cut, buf_text(&s->body), s->body.len, &s->error) == 0)
        cut_end(&cut, &s->error);
    cut_finish(&cut);
}

static void ask(struct kube_service *s, bool pods);

static bool on_data(const char *p, size_t n, void *arg)
{
    return buf_add(&((struct kube_service *)arg)->body, p, n);
}

static void on_done(const struct http_answer *answer, const struct error *err,
                    void *arg)
{
    struct kube_service *s = arg;

    s->call = NULL;
    kube_explain(answer, err, &s->error);
    if (s->body.over)
        error_set(&s->error, ERR_LIMIT, "more than %u bytes of pods",
                  SERVICE_BODY_MAX);
    if (s->error.code == 0 && !s->wants_pods)
        read_service(s);
    else if (s->error.code == 0)
        read_pods(s);
    if (s->error.code == 0 && !s->wants_pods) {
        ask(s, true);
        return;
    }
    s->asked_ms = now_ms(s);
    buf_shrink(&s->body, 0);
}

static void ask(struct kube_service *s, bool pods)
{
    const struct http_calls calls = {
        .data = on_data, .done = on_done, .arg = s};
    struct http_want want = {.silence_ms = 15000};
    char *path = pods ? xasprintf("/api/v1/namespaces/%s/pods?labelSelector=%s",
                                  s->ns, buf_text(&s->selector))
                      : xasprintf("/api/v1/namespaces/%s/services/%s", s->ns,
                                  s->name);

    s->wants_pods = pods;
    buf_clear(&s->body);
    s->body.over = false;
    error_clear(&s->error);
    want.path = path;
    s->call = kube_get(s->client, NULL, NULL, &want, &calls);
    free(path);
}

struct kube_service *kube_service_create(struct kube_client *c, const char *ns,
                                         const char *name, uint16_t port,
                                         struct error *err)
{
    struct kube_service *s;

    if (!kube_path_safe(ns, KUBE_PATH_NAME) ||
        !kube_path_safe(name, KUBE_PATH_NAME)) {
        error_set(err, ERR_CONFIG, "service %.80s/%.80s: no such name can be",
                  ns, name);
        return NULL;
    }
    s = xcalloc(1, sizeof *s);
    s->client = c;
    s->ns = xstrdup(ns);
    s->name = xstrdup(name);
    s->port = port;
    buf_init(&s->body, SERVICE_BODY_MAX);
    buf_init(&s->selector, 4096);
    return s;
}

void kube_service_destroy(struct kube_service *s)
{
    if (s == NULL)
        return;
    kube_cancel(s->call);
    buf_finish(&s->body);
    buf_finish(&s->selector);
    free(s->ns);
    free(s->name);
    free(s);
}

/* The number of its target port in this pod; 0: it has none such. */
static uint16_t target(const struct kube_service *s, const struct pod *p)
{
    long n = strtol(s->target, NULL, 10);

    if (s->target[0] == '\0')
        return s->port; /* not said: the same */
    if (n > 0 && n <= 65535)
        return (uint16_t)n;
    for (int i = 0; i < p->port_count; i++)
        if (strcmp(p->ports[i].name, s->target) == 0)
            return p->ports[i].number;
    return 0;
}

int kube_service_find(struct kube_service *s, const char *avoid,
                      struct kube_service_pod *ret, struct error *err)
{
    int64_t now = now_ms(s);
    bool old = s->asked_ms == 0 || now - s->asked_ms >= SERVICE_HOLDS_MS;

    if (s->call == NULL && (old || s->error.code != 0 || avoid != NULL) &&
        (s->asked_ms == 0 || now - s->asked_ms >= 500))
        ask(s, false);
    for (int i = 0; i < s->count; i++) {
        const struct pod *p = &s->pods[i];

        if (!p->ready || p->ending || target(s, p) == 0 ||
            (avoid != NULL && strcmp(avoid, p->name) == 0))
            continue;
        snprintf(ret->name, sizeof ret->name, "%s", p->name);
        ret->port = target(s, p);
        return 0;
    }
    if (s->error.code != 0) {
        *err = s->error;
        return err->code;
    }
    if (s->asked_ms == 0)
        return error_set(err, ERR_BUSY, "looking for pods of %.80s/%.80s",
                         s->ns, s->name);
    return error_set(err, ERR_ABSENT, "no pod of service %.80s/%.80s is ready",
                     s->ns, s->name);
}
