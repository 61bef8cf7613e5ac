#include "config.h"

#include "data/fracta/gateway.h"

#include "base/clock.h"
#include "base/mask.h"
#include "base/xalloc.h"
#include "data/fracta/backoff.h"
#include "data/fracta/document.h"
#include "data/fracta/plain_http.h"
#include "data/json/pick.h"
#include "data/net/http.h"
#include "data/source_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What its policy says of one tool server, in words. */
struct served {
    char name[64];
    int denied, allowed; /* patterns; allowed 0: all that is not denied */
};

struct gateway {
    struct source base;
    struct http *http;
    struct http_target target;
    struct document *ready, *policy;
    char *url, *socket, *ca_pem;
    struct error refused; /* nothing is asked at all */
    bool old;             /* it has no /readyz */
    bool whole;           /* it was ready once */
    int64_t delay_ms;
    struct {
        int64_t all, visible, denied, disabled;
        bool told; /* false: it serves no tool servers */
    } tools;
    struct served servers[GATEWAY_SERVERS];
    int server_count;
    int parts;
};

enum { G_ALL, G_VISIBLE, G_DENIED, G_DISABLED, G_SERVER, G_DENY, G_ALLOW };
static const struct pick_rule policy_rules[] = {
    {"catalog_size", G_ALL},
    {"visible_count", G_VISIBLE},
    {"denied_by_policy", G_DENIED},
    {"disabled_by_registry", G_DISABLED},
    {"policies[].server", G_SERVER},
    {"policies[].deny[]", G_DENY},
    {"policies[].allow_only[]", G_ALLOW},
    {NULL, 0}};

static void on_policy_field(void *arg, int field, const struct pick_value *v)
{
    struct gateway *g = arg;
    int64_t *counts[] = {&g->tools.all, &g->tools.visible, &g->tools.denied,
                         &g->tools.disabled};
    struct served *s =
        g->server_count > 0 ? &g->servers[g->server_count - 1] : NULL;

    if (field <= G_DISABLED) {
        pick_int(v, 0, 1 << 30, counts[field]);
    } else if (field == G_SERVER) {
        if (g->server_count < GATEWAY_SERVERS) {
            s = &g->servers[g->server_count++];
            memset(s, 0, sizeof *s);
            snprintf(s->name, sizeof s->name, "%.*s",
                     v->text.n < 63 ? (int)v->text.n : 63, v->text.p);
        }
    } else if (s != NULL && v->type == PICK_STRING) {
        *(field == G_DENY ? &s->denied : &s->allowed) += 1;
    }
}

static void describe(struct gateway *g)
{
    struct plane *p = g->base.plane;
    int n;

    if (!g->tools.told) {
        snprintf(p->detail, sizeof p->detail, "no tool servers");
        return;
    }
    n = snprintf(p->detail, sizeof p->detail, "%lld of %lld tools",
                 (long long)g->tools.visible, (long long)g->tools.all);
    if (g->tools.denied > 0)
        n += snprintf(p->detail + n, sizeof p->detail - (size_t)n,
                      ", %lld denied", (long long)g->tools.denied);
    if (g->tools.disabled > 0)
        snprintf(p->detail + n, sizeof p->detail - (size_t)n,
                 ", %lld switched off", (long long)g->tools.disabled);
}

static void live(struct gateway *g, const struct http_answer *answer)
{
    struct plane *p = g->base.plane;

    p->proof_ms = clock_wall_ms();
    p->retry_ms = 0;
    p->latency_ms = (int32_t)(answer->headers_ms - answer->started_ms);
    error_clear(&p->error);
    g->whole = true;
    g->delay_ms = 0;
    if (p->state != PLANE_LIVE) {
        document_path(g->policy, "/debug/policy");
        document_kick(g->policy);
    }
    source_set_state(&g->base, PLANE_LIVE);
    store_plane_changed(g->base.store);
}

static void failed(struct gateway *g, const struct http_answer *answer,
                   const struct error *err)
{
    struct plane *p = g->base.plane;
    int64_t wait = fracta_backoff(&g->delay_ms, answer);

    document_path(g->policy, "");
    document_wait(g->ready, wait);
    p->error = *err;
    p->answered = true;
    p->retry_ms = clock_wall_ms() + wait;
    source_set_state(&g->base, answer->status == 401 ||
                                       answer->status == 403 ||
                                       err->code == ERR_TLS
                                   ? PLANE_REFUSED
                               : g->whole ? PLANE_STALE
                                          : PLANE_CONNECTING);
    store_plane_changed(g->base.store);
}

static bool on_ready(struct span body, const struct http_answer *answer,
                     const struct error *err, void *arg)
{
    struct gateway *g = arg;
    struct error e = *err;

    (void)body;
    if (answer->status == 404 && !g->old) {
        g->old = true;
        document_path(g->ready, "/healthz");
        document_kick(g->ready);
        return false;
    }
    if (answer->status == 503)
        error_set(&e, ERR_BUSY, "up, and not ready: it looks at its tool "
                                "servers for the first time");
    if (e.code != 0)
        failed(g, answer, &e);
    else
        live(g, answer);
    return false;
}

/* Whatever it says of its policy: it is up. */
static bool on_policy(struct span body, const struct http_answer *answer,
                      const struct error *err, void *arg)
{
    struct gateway *g = arg;
    struct plane *p = g->base.plane;
    struct error e = *err;
    struct pick *pick;

    memset(&g->tools, 0, sizeof g->tools);
    g->server_count = 0;
    if (e.code == 0) {
        pick = pick_create(policy_rules);
        g->tools.told = pick_run(pick, body.p, body.n, on_policy_field, g,
                                 &e) == 0;
        pick_destroy(pick);
    } else if (answer->status == 404) {
        error_clear(&e);
    }
    p->answered = true; /* not before: a snapshot waits for its figures */
    if (e.code != 0)
        snprintf(p->detail, sizeof p->detail, "policy: %.80s", e.msg);
    else
        describe(g);
    store_plane_changed(g->base.store);
    return false;
}

static void start(struct source *base)
{
    struct gateway *g = (struct gateway *)base;

    if (g->refused.code != 0)
        return;
    source_set_state(base, PLANE_CONNECTING);
    document_kick(g->ready);
}

static void refresh(struct source *base)
{
    struct gateway *g = (struct gateway *)base;

    if (g->refused.code != 0)
        return;
    g->delay_ms = 0;
    document_kick(g->ready);
    document_kick(g->policy);
}

static void finish_part(void *arg)
{
    struct gateway *g = arg;
    char *texts[] = {g->url, g->socket, g->ca_pem};

    if (--g->parts > 0)
        return;
    source_finish(&g->base);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    free(g);
}

static void close_source(struct source *base)
{
    struct gateway *g = (struct gateway *)base;

    document_close(g->ready, finish_part, g);
    document_close(g->policy, finish_part, g);
    http_close(g->http, finish_part, g);
}

static void doctor(const struct source *base, source_doctor_fn fn, void *arg)
{
    const struct gateway *g = (const struct gateway *)base;
    const struct plane *p = base->plane;
    bool well = p->state == PLANE_LIVE;
    char text[300], url[100];

    mask_url(g->url, url, sizeof url);
    snprintf(text, sizeof text, "%s: %.180s", url,
             well ? p->detail : p->error.msg);
    fn(!well ? FINDING_BAD : p->insecure ? FINDING_WARN : FINDING_OK, p->name,
       text,
       well ? "it is plain HTTP, or not checked: whoever is between reads and "
              "writes along"
            : "is it up there? fracta serve --gateway-mode",
       arg);
    for (int i = 0; well && i < g->server_count; i++) {
        const struct served *s = &g->servers[i];

        if (s->allowed > 0)
            snprintf(text, sizeof text, "only %d of its tools by name, less "
                                        "%d", s->allowed, s->denied);
        else
            snprintf(text, sizeof text, "%d of its tools are denied",
                     s->denied);
        fn(FINDING_OK, s->name, text, "", arg);
    }
}

static const struct source_impl impl = {.name = "gateway",
                                        .start = start,
                                        .refresh = refresh,
                                        .close = close_source,
                                        .doctor = doctor};

struct source *gateway_source_create(uv_loop_t *loop, struct store *store,
                                     const struct gateway_options *o)
{
    struct gateway *g = xcalloc(1, sizeof *g);
    const struct document_want ready = {GATEWAY_READY_MS, GATEWAY_READY_MS,
                                        GATEWAY_WORD_MAX, on_ready, g};
    const struct document_want policy = {GATEWAY_POLICY_MS, GATEWAY_POLICY_MS,
                                         GATEWAY_BODY_MAX, on_policy, g};
    struct plane *p;

    source_init(&g->base, &impl, loop, store);
    p = g->base.plane;
    snprintf(p->name, sizeof p->name, "%s", o->name);
    p->rank = RANK_COPY;
    g->url = xstrdup(o->url);
    g->socket = xstrdup_or_null(o->socket);
    g->ca_pem = xstrdup_or_null(o->ca_pem);
    g->target = (struct http_target){.base = g->url,
                                     .socket = g->socket,
                                     .ca_pem = g->ca_pem,
                                     .insecure = o->insecure};
    p->insecure = o->insecure;
    g->http = http_create(loop, o->user_agent);
    g->ready = document_create(g->http, &g->target, &ready);
    g->policy = document_create(g->http, &g->target, &policy);
    document_path(g->ready, "/readyz");
    g->parts = 3;
    if (g->socket == NULL)
        plain_http_check(g->url, o->plain_http, p, &g->refused);
    return &g->base;
}
